/** Prints a run in the formats that were asked for: one to standard output, others each to a file. Formats are loaded on demand. */
import { resolve } from 'node:path';
import type { Options } from './config.ts';
import { placeText } from './report/location.ts';
import { printable } from './report/printable.ts';
import { inEnglish, type Say } from './report/translation.ts';
import { wordsOf } from './report/words.ts';
import type { Io } from './source/io.ts';
import { messageOf } from './source/reader.ts';
import type { Run } from './source/run.ts';
import { Source } from './source/source.ts';

type Target = Options['formats'][number];

/** Gives the run back, incomplete where a report could not be written. Folders that a file stands in are made. */
export async function writeReports(run: Run, options: Options, io: Io, say: Say = inEnglish): Promise<Run> {
  const toFiles = options.formats.filter(({ file }) => file !== undefined);
  const failed = new Set<Target>();
  let result = run;
  // A report says that another one is missing, so those before it are written again.
  for (let before = -1; before !== failed.size; ) {
    before = failed.size;
    for (const target of toFiles) {
      if (failed.has(target)) continue;
      const problem = write(target.file!, await render(target, result, options, io), io);
      if (problem === undefined) continue;
      failed.add(target);
      const message = say(problem);
      io.err.write(`error: ${printable(target.file!)}: ${message}\n`);
      result = withoutReport(result, target.file!, message);
    }
  }
  const shown = options.formats.find(({ file }) => file === undefined);
  if (shown) io.out.write(await render(shown, result, options, io));
  // Of reports it was told above.
  if (!shown || !forPeople.has(shown.name)) tellUnread(run, io);
  return result;
}

/** Why a file cannot be written. */
function write(file: string, text: string, io: Io): string | undefined {
  try {
    io.writeFile(resolve(io.cwd, file), text);
    return undefined;
  } catch (error) {
    return `The report cannot be written: ${messageOf(error)}.`;
  }
}

function withoutReport(run: Run, file: string, message: string): Run {
  const at = { source: new Source(file, ''), start: 0, end: 0 };
  return {
    ...run,
    summary: { ...run.summary, complete: false },
    diagnostics: [...run.diagnostics, { code: 'report-not-written', severity: 'error', message, at }],
  };
}

/** They show what could not be read where people look; the formats for programs leave people without. */
const forPeople: ReadonlySet<string> = new Set(['pretty', 'github', 'azure-pipelines', 'markdown']);

/** On standard error. */
export function tellUnread({ diagnostics }: Pick<Run, 'diagnostics'>, io: Io): void {
  for (const { severity, at, message } of diagnostics)
    if (severity === 'error') io.err.write(`${placeText(at)}: ${printable(message)}\n`);
}

async function render({ name, file }: Target, run: Run, options: Options, io: Io): Promise<string> {
  const words = wordsOf(options.language);
  switch (name) {
    case 'json':
      return (await import('./report/json.ts')).printJson(run);
    case 'sarif':
      return (await import('./report/sarif.ts')).printSarif(run, words);
    case 'junit':
      return (await import('./report/junit.ts')).printJunit(run, words);
    case 'github':
      return (await import('./report/github.ts')).printGithub(run, words);
    case 'azure-pipelines':
      return (await import('./report/azure-pipelines.ts')).printAzurePipelines(run, words);
    case 'gitlab':
      return (await import('./report/gitlab.ts')).printGitlab(run);
    case 'markdown':
      return (await import('./report/markdown.ts')).printMarkdown(run, words);
    case 'csv':
      return (await import('./report/csv.ts')).printCsv(run);
    default:
      return (await import('./report/pretty.ts')).printPretty(run, {
        color: options.color && file === undefined,
        width: file === undefined ? io.out.columns : 100,
        verbose: options.verbose,
        quiet: options.quiet,
        showUndetermined: options.showUndetermined,
        language: options.language,
      });
  }
}
