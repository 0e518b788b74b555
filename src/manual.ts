/** The manual page in roff, made from the commands themselves: what `--help` says, and what is the same for all of them. */
import type { Command, Option } from 'commander';

export function manualPage(program: Command, version: string): string {
  const name = program.name();
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  const lines = [
    `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`${name} ${version}`)} "User Commands"`,
    '.SH NAME',
    // `man -k` looks for this line as it is.
    `${name} \\- lint Azure Backup in Terraform, Bicep and ARM templates`,
    '.SH SYNOPSIS',
    ...commands.flatMap((command, i) => [...(i > 0 ? ['.br'] : []), synopsis(name, command)]),
    '.SH DESCRIPTION',
    text(program.description()),
    '.SH COMMANDS',
  ];
  const told = new Set<string>();
  for (const command of commands) {
    lines.push(`.SS ${quoted(pathOf(command))}`, text(command.description()));
    const shown = command.options.filter(({ hidden }) => !hidden);
    const own = shown.filter(({ flags, description }) => !told.has(`${flags}\0${description}`));
    for (const argument of command.registeredArguments)
      if (argument.description) lines.push('.TP', `.I ${text(argument.name())}`, text(withChoices(argument)));
    for (const option of own) {
      told.add(`${option.flags}\0${option.description}`);
      lines.push('.TP', `.B ${text(option.flags)}`, text(withChoices(option)));
    }
    if (own.length < shown.length)
      lines.push('.PP', text('Options that it shares with the commands above are told there.'));
  }
  lines.push(
    '.SH EXIT STATUS',
    ...statuses.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH FILES',
    '.TP',
    '.I azure-backup-lint.yaml',
    text('The configuration, searched from the working directory up to the root of the repository.'),
    '.SH ENVIRONMENT',
    '.TP',
    '.B NO_COLOR',
    text('No colour.'),
    '.TP',
    '.B LC_ALL, LC_MESSAGES, LANG',
    text('The language of messages, where --lang does not say it.'),
    '.SH EXAMPLES',
    ...examples.flatMap(([command, meaning]) => ['.TP', `.B ${text(command)}`, text(meaning)]),
  );
  return `${lines.join('\n')}\n`;
}

const statuses = [
  ['0', 'Everything was read, and nothing was found at or above --fail-on.'],
  ['1', 'Findings at or above --fail-on.'],
  ['2', 'Wrong usage or configuration; nothing was linted.'],
  ['3', 'Something could not be read, or a report could not be written.'],
] as const;

const examples = [
  ['azure-backup-lint', 'lint the working directory'],
  ['azure-backup-lint infra -f github -f sarif=lint.sarif', 'two reports of one run'],
  ['azure-backup-lint baseline --baseline known.json', 'from now on only new findings count'],
  ['azure-backup-lint explain vault-soft-delete-off', 'why, with examples'],
] as const;

/** With the command that it belongs to: `rules test`. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

function synopsis(name: string, command: Command): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required
      ? `<${argument.name()}${argument.variadic ? '...' : ''}>`
      : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
  );
  const options = command.options.length > 0 ? ['[OPTION...]'] : [];
  return `.B ${text([name, pathOf(command), ...options, ...words].join(' '))}`;
}

function withChoices({ description, argChoices }: Pick<Option, 'description' | 'argChoices'>): string {
  const isTold = argChoices?.every((choice) => description.includes(choice)) ?? true;
  return isTold ? description : `${description}: ${argChoices!.join(', ')}`;
}

/** A line of text in which nothing is a request; a hyphen is written so that it can be copied. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '""')}"`;
}
