var r=require("node:module"),e;function a(t){return e??=(0,r.createRequire)(__filename)("./regex.cjs").RE2JS,e.compile(t)}module.exports={a};
