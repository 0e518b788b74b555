/** The command line: options and commands, read by commander. Exit codes: 0 clean, 1 findings, 2 wrong usage, 3 incomplete. */
import { Command, CommanderError, Option } from 'commander';
import { catalogue, explain, listRules, speak } from './catalogue.ts';
import { type Flags, formatNames, type Language, languageOf, settleOptions } from './config.ts';
import { readConfiguration } from './config-file.ts';
import { inspect } from './inspect.ts';
import { nodeIo } from './io.ts';
import { lint } from './lint.ts';
import { writeReports } from './output.ts';
import { printableLines } from './report/printable.ts';
import { inLanguage, type Say } from './report/translation.ts';
import { sayingIn } from './sentences.ts';
import type { Io } from './source/io.ts';
import type { Run } from './source/run.ts';
import { UsageError } from './usage.ts';

export async function main(args: readonly string[], version: string, io: Io = nodeIo()): Promise<number> {
  let code = 0;
  const say = await sayingIn(languageIn(args, io));
  const program = buildProgram(version, io, say, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      io.err.write(`error: ${printableLines(say(error.message))}\n`);
      return 2;
    }
    throw error;
  }
}

/** Of help and of what is wrong with the arguments, which are told before those are read. */
function languageIn(args: readonly string[], io: Io): Language {
  const given = args.findLastIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  return languageOf(args[given] === '--lang' ? args[given + 1] : args[given]?.slice('--lang='.length), io);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function buildProgram(version: string, io: Io, say: Say, done: (code: number) => void): Command {
  const program = new Command('azure-backup-lint')
    .description('Proves before deployment that an Azure estate can be restored.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      outputError: (text, write) => write(say(text)),
    })
    .configureHelp({
      styleTitle: say,
      styleCommandDescription: say,
      styleSubcommandDescription: say,
      styleArgumentDescription: say,
      styleOptionDescription: say,
    })
    .exitOverride();
  const inputs = (command: Command): Command =>
    command
      .argument('[PATH...]', 'files and folders (default: the working directory)')
      .option('--var-file <FILE>', 'Terraform variable file; may be given several times', collect)
      .option('--var <K=V>', 'Terraform variable; may be given several times', collect)
      .option('--parameters <FILE>', 'ARM parameter file instead of those beside the template', collect)
      .option('--stdin', 'read one file from standard input')
      .option('--stdin-filename <NAME>', 'its name, which decides its kind')
      .option('--config <FILE>', 'configuration (default: azure-backup-lint.yaml here or above)')
      .option('--verbose', 'tell what is read and left out');
  inputs(program.command('lint', { isDefault: true }).description('lint files and folders (the default)'))
    .option(
      '-f, --format <NAME[=FILE]>',
      `${formatNames.join(', ')}; with =FILE into that file; may be given several times`,
      collect,
    )
    .addOption(
      new Option('--fail-on <LEVEL>', 'exit 1 from this level on (default: error)').choices([
        'error',
        'warning',
        'note',
        'never',
      ]),
    )
    .addOption(
      new Option('--profile <NAME>', 'which rules are on (default: recommended)').choices(['recommended', 'strict']),
    )
    .option('--only <CODE>', 'only this rule; may be given several times', collect)
    .option('--skip <CODE>', 'without this rule; may be given several times', collect)
    .option('--severity <CODE=LEVEL>', 'error, warning, note or off; may be given several times', collect)
    .option('--no-inline-suppressions', 'count what comments in the code suppress')
    .option('--show-undetermined', 'list what could not be decided, and why')
    .addOption(langOption())
    .option('--no-color', 'no colour (also the variable NO_COLOR)')
    .option('--quiet', 'findings only')
    .action(async (paths: string[], flags: Flags) => {
      await speak(languageOf(flags.lang, io));
      const options = settleOptions(paths, flags, catalogue(), io, await readConfiguration(flags.config, io));
      const run = inLanguage(await lint(options, io, version), say);
      const written = await writeReports(run, options, io, say);
      done(exitCode(written, options.failOn));
    });
  inputs(program.command('inspect').description('what the linter sees: evaluated resources and the model'))
    .addOption(new Option('-f, --format <NAME>', 'format').choices(['json']).default('json'))
    .action(async (paths: string[], { format: _format, ...flags }: Flags & { format?: string }) => {
      const options = settleOptions(paths, flags as Flags, catalogue(), io, await readConfiguration(flags.config, io));
      const { pieces, complete } = await inspect(options, io);
      for (const piece of pieces) io.out.write(piece);
      done(complete ? 0 : 3);
    });
  program
    .command('matrix')
    .description('what each solution protects, how far, and how it is restored')
    .argument('[SOLUTION]', 'one solution in full, such as azure-vm')
    .addOption(
      new Option('-f, --format <NAME>', 'format').choices(['pretty', 'markdown', 'json', 'csv']).default('pretty'),
    )
    .addOption(langOption())
    .action(async (solution: string | undefined, { format, lang }: { format: string; lang?: string }) => {
      const { showMatrix } = await import('./matrix.ts');
      io.out.write(await showMatrix(format, languageOf(lang, io), solution));
    });
  program
    .command('rules')
    .description('the catalogue')
    .addOption(new Option('-f, --format <NAME>', 'format').choices(['pretty', 'json']).default('pretty'))
    .addOption(langOption())
    .action(async ({ format, lang }: { format: string; lang?: string }) => {
      await speak(languageOf(lang, io));
      io.out.write(listRules(format, languageOf(lang, io)));
    });
  program
    .command('explain')
    .description('one rule: why, examples, fix, sources')
    .argument('<CODE>', 'the code of the rule')
    .addOption(langOption())
    .action(async (code: string, { lang }: { lang?: string }) => {
      await speak(languageOf(lang, io));
      io.out.write(await explain(code, languageOf(lang, io)));
    });
  return program;
}

function langOption(): Option {
  return new Option(
    '--lang <LANGUAGE>',
    'of messages: en or ja (default: what LC_ALL, LC_MESSAGES or LANG says)',
  ).choices(['en', 'ja']);
}

const levels = ['note', 'warning', 'error'];

function exitCode(run: Run, failOn: string): number {
  const threshold = levels.indexOf(failOn);
  const failing = run.findings.some(
    (finding) => !finding.suppressed && threshold !== -1 && levels.indexOf(finding.severity) >= threshold,
  );
  if (failing) return 1;
  return run.summary.complete ? 0 : 3;
}
