var x=require("./part-3DT5XSCP.cjs");function w(e,n,i){let o=n.commands.map(s=>g(s,i)),r=n.commands.find(s=>s.name()==="lint").name();switch(e){case"bash":return j(n.name(),o,r);case"zsh":return R(n.name(),o,r);case"fish":return M(n.name(),o,r);case"powershell":return P(n.name(),o,r)}}function g(e,n){let i=e.registeredArguments[0],o=e.commands.map($=>$.name()),r=i?.argChoices??(i?.name()==="CODE"?n.codes:o),s={long:"--help",short:"-h",text:"display help for command",takesValue:!1,isRepeated:!1,values:[]};return{name:e.name(),text:e.description(),options:[...e.options.filter(({hidden:$})=>!$).map($=>v($,n)),s],values:r}}function v(e,{codes:n,formats:i}){let{flags:o,long:r,short:s,description:$,required:a,parseArg:t,argChoices:l}=e,m=l??(o.includes("<CODE")?n:o.includes("<NAME[=FILE]>")?i:[]);return{long:r,short:s,text:$,takesValue:a,isRepeated:t!==void 0&&!l,values:m}}function j(e,n,i){let o=e.replaceAll("-","_"),r=n.flatMap(a=>a.options.filter(({takesValue:t})=>t).map(({long:t,short:l,values:m})=>`    ${[t,...l?[l]:[]].map(c=>`"${a.name} ${c}"`).join("|")}) ${m.length>0?`words='${m.join(" ")}'`:"return"} ;;`)),s=n.map(({name:a,options:t})=>{let l=t.flatMap(({long:m,short:c})=>[m,...c?[c]:[]]);return`      ${a}) words='${l.join(" ")}' ;;`}),$=n.filter(({values:a})=>a.length>0).map(({name:a,values:t})=>`      ${a}) words='${t.join(" ")}' ;;`);return`# Completion for bash: source <(${e} completion bash)
_${o}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=${i} first='' words='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
    ${n.map(a=>a.name).join("|")}) command=$word first=$word ;;
    esac
    break
  done
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  [[ $current == '=' ]] && current='' previous=\${COMP_WORDS[COMP_CWORD - 1]}
  case "$command $previous" in
${r.join(`
`)}
  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
${s.join(`
`)}
    esac
  elif [[ -z $words ]]; then
    case $first in
      '') ((COMP_CWORD == 1)) && words='${n.map(a=>a.name).join(" ")}' ;;
${$.join(`
`)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${o} ${e}
`}function R(e,n,i){let o=`_${e.replaceAll("-","_")}`,r=t=>t.replaceAll(/[\\[\]:]/g,"\\$&"),s=({options:t,values:l})=>[...t.flatMap(({long:m,short:c,text:d,takesValue:u,isRepeated:p,values:h})=>{let _=u?h.length>0?`:value:(${h.join(" ")})`:":file:_files":"";return[m,...c?[c]:[]].map(O=>C(`${p?"*":""}${O}${u&&O===m?"=":""}[${r(d)}]${_}`))}),C(l.length>0?`1:value:(${l.join(" ")})`:"*:file:_files")],$=n.map(t=>`    ${t.name})
      _arguments -S ${s(t).join(` \\
        `)}
      ;;`),a=n.map(t=>C(`${t.name}:${t.text.replaceAll(":","\\:")}`));return`#compdef ${e}
# Completion for zsh: source <(${e} completion zsh), or this as the file _${e} in a folder of $fpath
${o}() {
  local command=${i}
  local -a commands=(
    ${a.join(`
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
${$.join(`
`)}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then ${o} "$@"; else compdef ${o} ${e}; fi
`}function M(e,n,i){let o=n.filter(s=>s.name!==i).map(s=>s.name),r=[`# Completion for fish: ${e} completion fish > ~/.config/fish/completions/${e}.fish`];for(let s of n){r.push(`complete -c ${e} -n __fish_use_subcommand -a ${s.name} -d ${f(s.text)}`);let $=s.name===i?`not __fish_seen_subcommand_from ${o.join(" ")}`:`__fish_seen_subcommand_from ${s.name}`,a=`complete -c ${e} -n ${f($)}`;s.values.length>0&&r.push(`${a} -f -a ${f(s.values.join(" "))}`);for(let{long:t,short:l,text:m,takesValue:c,values:d}of s.options){let u=`-l ${t.slice(2)}${l?` -s ${l.slice(1)}`:""}`,p=c?d.length>0?` -x -a ${f(d.join(" "))}`:" -r -F":"";r.push(`${a} ${u}${p} -d ${f(m)}`)}}return`${r.join(`
`)}
`}function P(e,n,i){let o=$=>`'${$.replaceAll("'","''")}'`,r=$=>`@(${$.map(o).join(", ")})`,s=n.map(({name:$,text:a,options:t,values:l})=>{let m=t.flatMap(({long:c,short:d,text:u,takesValue:p,values:h})=>[c,...d?[d]:[]].map(_=>`      ${o(_)} = @{ Text = ${o(u)}; TakesValue = $${p}; Values = ${r(h)} }`));return`    ${o($)} = @{ Text = ${o(a)}; Values = ${r(l)}; Options = [ordered]@{
${m.join(`
`)}
    } }`});return`# Completion for PowerShell: ${e} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${o(e)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${s.join(`
`)}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $given = if ($words.Count -gt 1 -and $commands.Contains($words[1])) { $words[1] } else { $null }
  $command = $commands[$(if ($given) { $given } else { ${o(i)} })]
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
`}function C(e){return`'${e.replaceAll("'","'\\''")}'`}function f(e){return`'${e.replaceAll(/[\\']/g,"\\$&")}'`}module.exports={completionScript:w};
