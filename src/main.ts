/** The command line: options and commands, read by commander. Exit codes: 0 clean, 1 findings, 2 wrong usage, 3 incomplete. */
import { join, relative } from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import type { AuditFlags } from './audit.ts';
import type { Baseline } from './baseline.ts';
import { catalogue, explain, listRules, speak, withOwnRules } from './catalogue.ts';
import type { Shell } from './completion.ts';
import {
  type Flags,
  formatNames,
  type Language,
  languageOf,
  type Options,
  ruleFolders,
  settleOptions,
} from './config.ts';
import { configurationIn, readConfiguration } from './config-file.ts';
import { inspect } from './inspect.ts';
import { nodeIo } from './io.ts';
import { lint, readModels } from './lint.ts';
import { tellUnread, writeReports } from './output.ts';
import { columnsOf } from './report/columns.ts';
import { printableLines } from './report/printable.ts';
import { inLanguage, type Say } from './report/translation.ts';
import { sayingIn } from './sentences.ts';
import type { Io, Output } from './source/io.ts';
import { messageOf } from './source/reader.ts';
import type { Run } from './source/run.ts';
import { UsageError } from './usage.ts';

export async function main(args: readonly string[], version: string, given?: Io): Promise<number> {
  try {
    return await run(args, version, given ?? nodeIo());
  } catch (error) {
    return tellFault(error, given?.err);
  }
}

/** A fault of ours is no finding of the user's. Gives the exit code. */
export function tellFault(error: unknown, err: Pick<Output, 'write'> = process.stderr): number {
  err.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 3;
}

async function run(args: readonly string[], version: string, io: Io): Promise<number> {
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

/** What the library calls. */
export const library = (): Promise<typeof import('./library-run.ts')> => import('./library-run.ts');

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
      // `[options]` and `[command]`.
      styleOptionText: say,
      styleSubcommandText: say,
      styleArgumentText: say,
      displayWidth: (text) => columnsOf(text),
    })
    .exitOverride();
  const inputs = (command: Command): Command =>
    command
      .argument('[PATH...]', 'files and folders (default: the working directory)')
      .option('--var-file <FILE>', 'Terraform variable file; may be given several times', collect)
      .option('--var <K=V>', 'Terraform variable; may be given several times', collect)
      .option('--parameters <FILE>', 'ARM parameter file instead of those beside the template', collect)
      .option('--stdin', 'read one file from standard input')
      .option('--stdin-filename <NAME>', 'its name, which decides its kind');
  const ruled = (command: Command): Command =>
    command
      .option('--config <FILE>', 'configuration (default: azure-backup-lint.yaml here or above)')
      .option('--rules <DIR>', 'folder of own rules; may be given several times', collect);
  const configured = (command: Command): Command =>
    ruled(command).option('--verbose', 'tell what is read and left out');
  const choosing = (command: Command): Command =>
    configured(command)
      .addOption(
        new Option('--profile <NAME>', 'which rules are on (default: recommended)').choices(['recommended', 'strict']),
      )
      .option('--only <CODE>', 'only this rule; may be given several times', collect)
      .option('--skip <CODE>', 'without this rule; may be given several times', collect)
      .option('--severity <CODE=LEVEL>', 'error, warning, note or off; may be given several times', collect)
      .addOption(langOption());
  const judging = (command: Command): Command =>
    choosing(inputs(command)).option('--no-inline-suppressions', 'count what comments in the code suppress');
  const reporting = (command: Command): Command =>
    command
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
      .option('--baseline <FILE>', 'findings that are known; only new ones count')
      .option('--show-undetermined', 'list what could not be decided, and why')
      .option('--no-color', 'no colour (also the variable NO_COLOR)')
      .option('--quiet', 'findings only');
  reporting(judging(program.command('lint', { isDefault: true }).description('lint files and folders (the default)')))
    .option('--changed-since <REF>', 'only what concerns files changed since a git revision, and what the change does')
    .option('--new-since <REF>', 'only findings that a git revision does not have, and what the change since then does')
    .option('--ignore-unknown', 'leave out files that are named and of no kind that is linted, for hooks')
    .action(async (paths: string[], flags: Flags) => {
      await speak(languageOf(flags.lang, io));
      const options = await settle(paths, flags, io);
      const known = options.baseline === undefined ? undefined : await baselineOf(options.baseline, io);
      const run = inLanguage(await lint(options, io, version, known), say);
      const written = await writeReports(run, options, io, say);
      done(exitCode(written, options.failOn));
    });
  configured(inputs(program.command('inspect').description('what the linter sees: evaluated resources and the model')))
    .option('--inventory <FILE>', 'look into a recording of an audit instead')
    .addOption(new Option('-f, --format <NAME>', 'the format of the output').choices(['json']).default('json'))
    .action(async (paths: string[], { format: _format, inventory, ...flags }: InspectFlags) => {
      const options = await settle(paths, flags as Flags, io);
      if (inventory !== undefined && paths.length > 0)
        throw new UsageError('--inventory looks into a recording; leave the paths out.');
      const { pieces, complete } = await inspect(options, io, inventory);
      for (const piece of pieces) io.out.write(piece);
      done(complete ? 0 : 3);
    });
  reporting(choosing(program.command('audit').description('read subscriptions in Azure, or a recording of them')))
    .option('--subscription <ID>', 'a subscription to read; several times, or several with commas', collect)
    .option('--management-group <ID>', 'a management group to read, with all that is in it')
    .addOption(
      new Option('--cloud <NAME>', 'the cloud (default: AzureCloud)').choices([
        'AzureCloud',
        'AzureUSGovernment',
        'AzureChinaCloud',
      ]),
    )
    .option('--timeout <SECONDS>', 'after which what is not read stays unread (default: 600)')
    .option(
      '--deep',
      'also what takes many more calls: recovery points, jobs, file shares, blob containers, locks and other settings, sizes of machines, and databases that are found and not protected',
    )
    .option('--save-inventory <FILE>', 'record what is read, as JSON lines')
    .option('--inventory <FILE>', 'take what was recorded, without network')
    .option('--compare <PATH>', 'files to compare with what exists; may be given several times', collect)
    .addOption(new Option('--endpoint <URL>', 'another origin of Azure Resource Manager').hideHelp())
    .action(async (flags: AuditFlags) => {
      await speak(languageOf(flags.lang, io));
      const options = await settle([], flags, io);
      const known = options.baseline === undefined ? undefined : await baselineOf(options.baseline, io);
      const { audit } = await import('./audit.ts');
      const run = inLanguage(await audit(flags, options, io, version, say, known), say);
      const written = await writeReports(run, options, io, say);
      done(exitCode(written, options.failOn));
    });
  judging(program.command('baseline').description('record the findings of today, so that only new ones count'))
    .option('--baseline <FILE>', 'where they are written (default: what the configuration names)')
    .option('--prune', 'only take out what no longer occurs')
    .action(async (paths: string[], flags: Flags & { prune?: boolean }) => {
      const options = await settle(paths, flags, io);
      const { recordBaseline } = await import('./baseline.ts');
      const { run, message } = await recordBaseline(options, flags.prune ?? false, io, (known) =>
        lint(options, io, version, known),
      );
      io.out.write(`${printableLines(say(message))}\n`);
      tellUnread(inLanguage(run, say), io);
      done(run.summary.complete ? 0 : 3);
    });
  program
    .command('init')
    .description('write a configuration that fits the files here; one that exists stays')
    .addOption(langOption())
    .action(async () => {
      const existing = configurationIn(io);
      if (existing !== undefined)
        throw new UsageError(`The configuration ${relative(io.cwd, existing)} is there already, and stays as it is.`);
      const { configurationName, configurationText, lookAt } = await import('./init.ts');
      const { inputs, models } = await readModels(settleOptions([], {}, catalogue(), io), io, 'models alone');
      const found = lookAt(inputs, models, new Set(catalogue().flatMap((rule) => rule.solutions)), io);
      try {
        io.writeFile(join(io.cwd, configurationName), configurationText(found, say));
      } catch (error) {
        throw new UsageError(`${configurationName} cannot be written: ${messageOf(error)}.`);
      }
      io.out.write(`${say(`${configurationName} is written; its comments say what else can be set.`)}\n`);
    });
  program
    .command('matrix')
    .description('what each solution protects, how far, and how it is restored')
    .argument('[SOLUTION]', 'one solution in full, such as azure-vm')
    .addOption(
      new Option('-f, --format <NAME>', 'the format of the output')
        .choices(['pretty', 'markdown', 'json', 'csv'])
        .default('pretty'),
    )
    .addOption(langOption())
    .action(async (solution: string | undefined, { format, lang }: { format: string; lang?: string }) => {
      const { showMatrix } = await import('./matrix.ts');
      io.out.write(await showMatrix(format, languageOf(lang, io), solution));
    });
  const rules = ruled(program.command('rules').description('the catalogue, and own rules'))
    .addOption(
      new Option('-f, --format <NAME>', 'the format of the output').choices(['pretty', 'json']).default('pretty'),
    )
    .addOption(langOption())
    // What stands behind a command of its own is that one's.
    .enablePositionalOptions()
    .helpCommand(false)
    .action(async ({ format, lang, ...flags }: Flags & { format: string }) => {
      await speak(languageOf(lang, io));
      const rules = await withOwnRules(ruleFolders(flags, await readConfiguration(flags.config, io), io), io);
      io.out.write(listRules(rules, format, languageOf(lang, io)));
    });
  rules
    .command('test')
    .description('try own rules on their fixtures: DIR/fixtures/CODE/fail.tf, pass.tf, unknown.tf and others')
    .argument('<DIR...>', 'folders of own rules')
    .addOption(langOption())
    .action(async (folders: string[]) => {
      const { testOwnRules } = await import('./own-rules-test.ts');
      const { lines, passes } = await testOwnRules(folders, catalogue(), io, say);
      io.out.write(`${printableLines(lines.join('\n'))}\n`);
      done(passes ? 0 : 1);
    });
  ruled(program.command('explain').description('one rule: why, examples, fix, sources'))
    .argument('<CODE>', 'the code of the rule')
    .addOption(langOption())
    .action(async (code: string, { lang, ...flags }: Flags) => {
      await speak(languageOf(lang, io));
      const folders = ruleFolders(flags, await readConfiguration(flags.config, io), io);
      const rules = await withOwnRules(folders, io);
      const ownExamples = async () => (await import('./own-rules.ts')).examplesOf(code, folders, io);
      io.out.write(await explain(rules, code, languageOf(lang, io), ownExamples));
    });
  program
    .command('completion')
    .description('a script that completes commands, options and rules in a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.ts');
      const codes = catalogue().map((rule) => rule.code);
      io.out.write(completionScript(shell, program, { codes, formats: formatNames }));
    });
  program
    .command('man')
    .description('the manual page, for man -l -')
    .action(async () => {
      const { manualPage } = await import('./manual.ts');
      io.out.write(manualPage(program, version));
    });
  return program;
}

/** Options of the command line, with the configuration and the user's own rules. */
async function settle(paths: readonly string[], flags: Flags, io: Io): Promise<Options> {
  const file = await readConfiguration(flags.config, io);
  return settleOptions(paths, flags, await withOwnRules(ruleFolders(flags, file, io), io), io, file);
}

async function baselineOf(path: string, io: Io): Promise<Baseline> {
  return (await import('./baseline.ts')).readBaseline(path, io);
}

function langOption(): Option {
  return new Option(
    '--lang <LANGUAGE>',
    'of messages: en or ja (default: what LC_ALL, LC_MESSAGES or LANG says)',
  ).choices(['en', 'ja']);
}

type InspectFlags = Flags & { readonly format?: string; readonly inventory?: string };

const levels = ['note', 'warning', 'error'];

function exitCode(run: Run, failOn: string): number {
  const threshold = levels.indexOf(failOn);
  const failing = run.findings.some(
    (finding) => !finding.suppressed && threshold !== -1 && levels.indexOf(finding.severity) >= threshold,
  );
  if (failing) return 1;
  return run.summary.complete ? 0 : 3;
}
