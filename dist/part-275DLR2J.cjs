var a="[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]",s="[\\u007f-\\u009f\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]",u="#(?=#\\w*\\[)",_=new RegExp(`${a}|${u}`,"gu"),c=new RegExp(`${s}|${u}`,"gu"),h=new RegExp(`(${a}|${u})|[^]`,"gu");function g(e){return d(e.replace(_,$))}function C(e){return e.split(/\r\n|\r|\n/).map(g).join(`
`)}function d(e){return e.replace(/^((?:[^\S\n]|\u001b\[[\d;]*m)*):(?=:)/gm,"$1\\u003a")}function m(e){let t=[];for(let r of e.matchAll(h)){let[n,l]=r;t.push({text:l===void 0?n:$(l),units:n.length})}return t}function S(e){return JSON.stringify(e,null,2).replace(c,y)+`
`}var b=65536;function*A(e){let t="";for(let r of f(e,""))t+=r.replace(c,y),!(t.length<b)&&(yield t,t="");yield`${t}
`}function*f(e,t){let r=`${t}  `,n=!0,l=i=>{let o=n;return n=!1,`${o?i:","}
${r}`};if(e instanceof Map){for(let[i,o]of e)yield`${l("{")}${JSON.stringify(i)}: `,yield*f(o,r);yield n?"{}":`
${t}}`}else if(x(e)){for(let i of e)yield l("["),yield*f(i,r);yield n?"[]":`
${t}]`}else yield JSON.stringify(e,null,2).replaceAll(`
`,`
${t}`)}function x(e){return typeof e=="object"&&e!==null&&!Array.isArray(e)&&Symbol.iterator in e}function N(e){return e.replace(/[\\`*_{}[\]()#|~!]/g,"\\$&").replace(/[<>&]/g,t=>v[t])}function P(e){return e.split(/(`[^`\n<>&]+`)/).map((t,r)=>r%2===1?t:N(t)).join("")}var v={"<":"&lt;",">":"&gt;","&":"&amp;"},w={"\n":"\\n","\r":"\\r","	":"\\t"};function $(e){let t=w[e];if(t!==void 0)return t;let r=e.codePointAt(0);return r>65535?`\\U${p(r,8)}`:`\\u${p(r,4)}`}function y(e){return Array.from({length:e.length},(t,r)=>`\\u${p(e.charCodeAt(r),4)}`).join("")}function p(e,t){return e.toString(16).padStart(t,"0")}module.exports={a:g,b:C,c:d,d:m,e:S,f:A,g:P};
