var C=Object.defineProperty;var v=Object.getOwnPropertyDescriptor;var j=Object.getOwnPropertyNames;var R=Object.prototype.hasOwnProperty;var M=(e,o)=>{for(var $ in o)C(e,$,{get:o[$],enumerable:!0})},P=(e,o,$,n)=>{if(o&&typeof o=="object"||typeof o=="function")for(let s of j(o))!R.call(e,s)&&s!==$&&C(e,s,{get:()=>o[s],enumerable:!(n=v(o,s))||n.enumerable});return e};var x=e=>P(C({},"__esModule",{value:!0}),e);var V={};M(V,{completionScript:()=>g});module.exports=x(V);var T=require("./part-3DT5XSCP.cjs");function g(e,o,$){let n=o.commands.map(t=>E(t,$)),s=o.commands.find(t=>t.name()==="lint").name();switch(e){case"bash":return A(o.name(),n,s);case"zsh":return W(o.name(),n,s);case"fish":return k(o.name(),n,s);case"powershell":return D(o.name(),n,s)}}function E(e,o){let $=e.registeredArguments[0],n=e.commands.map(i=>i.name()),s=$?.argChoices??($?.name()==="CODE"?o.codes:n),t={long:"--help",short:"-h",text:"display help for command",takesValue:!1,isRepeated:!1,values:[]};return{name:e.name(),text:e.description(),options:[...e.options.filter(({hidden:i})=>!i).map(i=>b(i,o)),t],values:s}}function b(e,{codes:o,formats:$}){let{flags:n,long:s,short:t,description:i,required:r,parseArg:a,argChoices:l}=e,m=l??(n.includes("<CODE")?o:n.includes("<NAME[=FILE]>")?$:[]);return{long:s,short:t,text:i,takesValue:r,isRepeated:a!==void 0&&!l,values:m}}function A(e,o,$){let n=e.replaceAll("-","_"),s=o.flatMap(r=>r.options.filter(({takesValue:a})=>a).map(({long:a,short:l,values:m})=>`    ${[a,...l?[l]:[]].map(c=>`"${r.name} ${c}"`).join("|")}) ${m.length>0?`words='${m.join(" ")}'`:"return"} ;;`)),t=o.map(({name:r,options:a})=>{let l=a.flatMap(({long:m,short:c})=>[m,...c?[c]:[]]);return`      ${r}) words='${l.join(" ")}' ;;`}),i=o.filter(({values:r})=>r.length>0).map(({name:r,values:a})=>`      ${r}) words='${a.join(" ")}' ;;`);return`# Completion for bash: source <(${e} completion bash)
_${n}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=${$} first='' words='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
    ${o.map(r=>r.name).join("|")}) command=$word first=$word ;;
    esac
    break
  done
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  [[ $current == '=' ]] && current='' previous=\${COMP_WORDS[COMP_CWORD - 1]}
  case "$command $previous" in
${s.join(`
`)}
  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
${t.join(`
`)}
    esac
  elif [[ -z $words ]]; then
    case $first in
      '') ((COMP_CWORD == 1)) && words='${o.map(r=>r.name).join(" ")}' ;;
${i.join(`
`)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${n} ${e}
`}function W(e,o,$){let n=`_${e.replaceAll("-","_")}`,s=a=>a.replaceAll(/[\\[\]:]/g,"\\$&"),t=({options:a,values:l})=>[...a.flatMap(({long:m,short:c,text:d,takesValue:u,isRepeated:p,values:h})=>{let _=u?h.length>0?`:value:(${h.join(" ")})`:":file:_files":"";return[m,...c?[c]:[]].map(w=>O(`${p?"*":""}${w}${u&&w===m?"=":""}[${s(d)}]${_}`))}),O(l.length>0?`1:value:(${l.join(" ")})`:"*:file:_files")],i=o.map(a=>`    ${a.name})
      _arguments -S ${t(a).join(` \\
        `)}
      ;;`),r=o.map(a=>O(`${a.name}:${a.text.replaceAll(":","\\:")}`));return`#compdef ${e}
# Completion for zsh: source <(${e} completion zsh), or this as the file _${e} in a folder of $fpath
${n}() {
  local command=${$}
  local -a commands=(
    ${r.join(`
    `)}
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    _files
    return
  fi
  if [[ -n $words[2] && -n \${commands[(r)$words[2]:*]} ]]; then
    command=$words[2]
    words=("$words[1]" "\${(@)words[3,-1]}")
    ((CURRENT--))
  fi
  case $command in
${i.join(`
`)}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then ${n} "$@"; else compdef ${n} ${e}; fi
`}function k(e,o,$){let n=o.filter(t=>t.name!==$).map(t=>t.name),s=[`# Completion for fish: ${e} completion fish > ~/.config/fish/completions/${e}.fish`];for(let t of o){s.push(`complete -c ${e} -n __fish_use_subcommand -a ${t.name} -d ${f(t.text)}`);let i=t.name===$?`not __fish_seen_subcommand_from ${n.join(" ")}`:`__fish_seen_subcommand_from ${t.name}`,r=`complete -c ${e} -n ${f(i)}`;t.values.length>0&&s.push(`${r} -f -a ${f(t.values.join(" "))}`);for(let{long:a,short:l,text:m,takesValue:c,values:d}of t.options){let u=`-l ${a.slice(2)}${l?` -s ${l.slice(1)}`:""}`,p=c?d.length>0?` -x -a ${f(d.join(" "))}`:" -r -F":"";s.push(`${r} ${u}${p} -d ${f(m)}`)}}return`${s.join(`
`)}
`}function D(e,o,$){let n=i=>`'${i.replaceAll("'","''")}'`,s=i=>`@(${i.map(n).join(", ")})`,t=o.map(({name:i,text:r,options:a,values:l})=>{let m=a.flatMap(({long:c,short:d,text:u,takesValue:p,values:h})=>[c,...d?[d]:[]].map(_=>`      ${n(_)} = @{ Text = ${n(u)}; TakesValue = $${p}; Values = ${s(h)} }`));return`    ${n(i)} = @{ Text = ${n(r)}; Values = ${s(l)}; Options = [ordered]@{
${m.join(`
`)}
    } }`});return`# Completion for PowerShell: ${e} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${n(e)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${t.join(`
`)}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $given = if ($words.Count -gt 1 -and $commands.Contains($words[1])) { $words[1] } else { $null }
  $command = $commands[$(if ($given) { $given } else { ${n($)} })]
  $previous = $words[-1]
  $found = [ordered]@{}
  if ($words.Count -gt 1 -and $command.Options.Contains($previous) -and $command.Options[$previous].TakesValue) {
    $command.Options[$previous].Values | ForEach-Object { $found[$_] = $_ }
  } elseif ($wordToComplete -like '-*') {
    $command.Options.Keys | ForEach-Object { $found[$_] = $command.Options[$_].Text }
  } elseif (-not $given -and $words.Count -eq 1) {
    $commands.Keys | ForEach-Object { $found[$_] = $commands[$_].Text }
  } else {
    $command.Values | ForEach-Object { $found[$_] = $_ }
  }
  $found.Keys | Where-Object { $_ -clike "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $found[$_])
  }
}
`}function O(e){return`'${e.replaceAll("'","'\\''")}'`}function f(e){return`'${e.replaceAll(/[\\']/g,"\\$&")}'`}0&&(module.exports={completionScript});
