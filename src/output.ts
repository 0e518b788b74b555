/** Prints a run in the formats that were asked for: to standard output, or each to its file. */
import { resolve } from 'node:path';
import type { Options } from './config.ts';
import { printJson } from './report/json.ts';
import { printPretty } from './report/pretty.ts';
import { printSarif } from './report/sarif.ts';
import type { Io } from './source/io.ts';
import { messageOf } from './source/reader.ts';
import type { Run } from './source/run.ts';
import { Source } from './source/source.ts';

/** Gives the run back, incomplete where a report could not be written. */
export function writeReports(run: Run, options: Options, io: Io): Run {
  let result = run;
  for (const { name, file } of options.formats) {
    const text = render(name, result, options, io, file !== undefined);
    if (file === undefined) {
      io.out.write(text);
      continue;
    }
    try {
      io.writeFile(resolve(io.cwd, file), text);
    } catch (error) {
      const message = `The report cannot be written: ${messageOf(error)}.`;
      io.err.write(`error: ${file}: ${message}\n`);
      const at = { source: new Source(file, ''), start: 0, end: 0 };
      result = {
        ...result,
        summary: { ...result.summary, complete: false },
        diagnostics: [...result.diagnostics, { code: 'report-not-written', severity: 'error', message, at }],
      };
    }
  }
  // Pretty shows them itself; the formats for programs leave people without.
  if (!options.formats.some((format) => format.name === 'pretty' && format.file === undefined))
    for (const diagnostic of result.diagnostics) {
      if (diagnostic.severity !== 'error') continue;
      const { source, start } = diagnostic.at as { source?: Source; start: number };
      const { line, column } = source?.position(start) ?? { line: 1, column: 1 };
      io.err.write(`${source?.file ?? ''}:${line}:${column}: ${diagnostic.message}\n`);
    }
  return result;
}

function render(name: string, run: Run, options: Options, io: Io, toFile: boolean): string {
  switch (name) {
    case 'json':
      return printJson(run);
    case 'sarif':
      return printSarif(run);
    default:
      return printPretty(run, {
        color: options.color && !toFile,
        width: toFile ? 100 : io.out.columns,
        verbose: options.verbose,
        quiet: options.quiet,
        showUndetermined: options.showUndetermined,
        language: options.language,
      });
  }
}
