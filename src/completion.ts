/**
 * Scripts that complete commands, options, their values and codes of rules, made from the commands themselves, so that they know
 * what `--help` knows. Whatever has no list of values is a file, which shells complete by themselves.
 */
import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

interface Described {
  readonly name: string;
  readonly text: string;
  readonly options: readonly DescribedOption[];
  /** Of the first argument; empty: files. */
  readonly values: readonly string[];
}

interface DescribedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly text: string;
  readonly takesValue: boolean;
  readonly isRepeated: boolean;
  /** What may stand there; empty: a file or free text. */
  readonly values: readonly string[];
}

/** What stands behind names in the help: codes of rules, and formats. */
export interface Known {
  readonly codes: readonly string[];
  readonly formats: readonly string[];
}

export function completionScript(shell: Shell, program: Command, known: Known): string {
  const commands = program.commands.map((command) => described(command, known));
  const fallback = program.commands.find((command) => command.name() === 'lint')!.name();
  switch (shell) {
    case 'bash':
      return bash(program.name(), commands, fallback);
    case 'zsh':
      return zsh(program.name(), commands, fallback);
    case 'fish':
      return fish(program.name(), commands, fallback);
    case 'powershell':
      return powershell(program.name(), commands, fallback);
  }
}

function described(command: Command, known: Known): Described {
  const argument = command.registeredArguments[0];
  const own = command.commands.map((one) => one.name());
  const values = argument?.argChoices ?? (argument?.name() === 'CODE' ? known.codes : own);
  const help: DescribedOption = {
    ...{ long: '--help', short: '-h', text: 'display help for command', takesValue: false, isRepeated: false },
    values: [],
  };
  return {
    name: command.name(),
    text: command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map((option) => describedOption(option, known)), help],
    values,
  };
}

function describedOption(option: Option, { codes, formats }: Known): DescribedOption {
  const { flags, long, short, description, required, parseArg, argChoices } = option;
  const values = argChoices ?? (flags.includes('<CODE') ? codes : flags.includes('<NAME[=FILE]>') ? formats : []);
  const takesValue = required;
  return {
    long: long!,
    short,
    text: description,
    takesValue,
    isRepeated: parseArg !== undefined && !argChoices,
    values,
  };
}

/** `=` parts words in bash. */
function bash(name: string, commands: readonly Described[], fallback: string): string {
  const id = name.replaceAll('-', '_');
  const valued = commands.flatMap((command) =>
    command.options
      .filter(({ takesValue }) => takesValue)
      .map(({ long, short, values }) => {
        const names = [long, ...(short ? [short] : [])].map((one) => `"${command.name} ${one}"`).join('|');
        return `    ${names}) ${values.length > 0 ? `words='${values.join(' ')}'` : 'return'} ;;`;
      }),
  );
  const optioned = commands.map(({ name: command, options }) => {
    const words = options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]);
    return `      ${command}) words='${words.join(' ')}' ;;`;
  });
  const given = commands
    .filter(({ values }) => values.length > 0)
    .map(({ name: command, values }) => `      ${command}) words='${values.join(' ')}' ;;`);
  return `# Completion for bash: source <(${name} completion bash)
_${id}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=${fallback} first='' words='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
    ${commands.map((command) => command.name).join('|')}) command=$word first=$word ;;
    esac
    break
  done
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  [[ $current == '=' ]] && current='' previous=\${COMP_WORDS[COMP_CWORD - 1]}
  case "$command $previous" in
${valued.join('\n')}
  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
${optioned.join('\n')}
    esac
  elif [[ -z $words ]]; then
    case $first in
      '') ((COMP_CWORD == 1)) && words='${commands.map((command) => command.name).join(' ')}' ;;
${given.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${id} ${name}
`;
}

function zsh(name: string, commands: readonly Described[], fallback: string): string {
  const id = `_${name.replaceAll('-', '_')}`;
  const inBrackets = (text: string): string => text.replaceAll(/[\\[\]:]/g, '\\$&');
  const specs = ({ options, values }: Described): string[] => [
    ...options.flatMap(({ long, short, text, takesValue, isRepeated, values: choices }) => {
      const value = !takesValue ? '' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':file:_files';
      return [long, ...(short ? [short] : [])].map((one) => {
        const sign = takesValue && one === long ? '=' : '';
        return single(`${isRepeated ? '*' : ''}${one}${sign}[${inBrackets(text)}]${value}`);
      });
    }),
    single(values.length > 0 ? `1:value:(${values.join(' ')})` : '*:file:_files'),
  ];
  const cases = commands.map(
    (command) => `    ${command.name})\n      _arguments -S ${specs(command).join(' \\\n        ')}\n      ;;`,
  );
  const listed = commands.map((command) => single(`${command.name}:${command.text.replaceAll(':', '\\:')}`));
  return `#compdef ${name}
# Completion for zsh: source <(${name} completion zsh), or this as the file _${name} in a folder of $fpath
${id}() {
  local command=${fallback}
  local -a commands=(
    ${listed.join('\n    ')}
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
${cases.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then ${id} "$@"; else compdef ${id} ${name}; fi
`;
}

function fish(name: string, commands: readonly Described[], fallback: string): string {
  const others = commands.filter((command) => command.name !== fallback).map((command) => command.name);
  const lines = [`# Completion for fish: ${name} completion fish > ~/.config/fish/completions/${name}.fish`];
  for (const command of commands) {
    lines.push(`complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${fished(command.text)}`);
    const isMeant =
      command.name === fallback
        ? `not __fish_seen_subcommand_from ${others.join(' ')}`
        : `__fish_seen_subcommand_from ${command.name}`;
    const start = `complete -c ${name} -n ${fished(isMeant)}`;
    if (command.values.length > 0) lines.push(`${start} -f -a ${fished(command.values.join(' '))}`);
    for (const { long, short, text, takesValue, values } of command.options) {
      const names = `-l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ''}`;
      const value = !takesValue ? '' : values.length > 0 ? ` -x -a ${fished(values.join(' '))}` : ' -r -F';
      lines.push(`${start} ${names}${value} -d ${fished(text)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function powershell(name: string, commands: readonly Described[], fallback: string): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const list = (values: readonly string[]): string => `@(${values.map(quoted).join(', ')})`;
  const tables = commands.map(({ name: command, text, options, values }) => {
    const rows = options.flatMap(({ long, short, text: meaning, takesValue, values: choices }) =>
      [long, ...(short ? [short] : [])].map(
        (one) =>
          `      ${quoted(one)} = @{ Text = ${quoted(meaning)}; TakesValue = $${takesValue}; Values = ${list(choices)} }`,
      ),
    );
    return `    ${quoted(command)} = @{ Text = ${quoted(text)}; Values = ${list(values)}; Options = [ordered]@{\n${rows.join('\n')}\n    } }`;
  });
  return `# Completion for PowerShell: ${name} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${quoted(name)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${tables.join('\n')}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $given = if ($words.Count -gt 1 -and $commands.Contains($words[1])) { $words[1] } else { $null }
  $command = $commands[$(if ($given) { $given } else { ${quoted(fallback)} })]
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
`;
}

function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fished(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
