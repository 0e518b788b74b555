/** What the stages of a run have found -> its result: diagnostics sorted and told once, findings counted. */
import { ruleInfos } from './catalogue.ts';
import type { Options } from './config.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Finding, Run, Undetermined } from './source/run.ts';
import { compareOrigins } from './source/source.ts';

export function sumUp(
  result: {
    readonly findings: readonly Finding[];
    readonly undetermined: readonly Undetermined[];
    readonly diagnostics: readonly Diagnostic[];
    readonly files: number;
    readonly resources: number;
  },
  options: Options,
  version: string,
): Run {
  const counted = result.findings.filter((finding) => !finding.suppressed);
  const count = (severity: string): number => counted.filter((finding) => finding.severity === severity).length;
  const diagnostics = inOrder(result.diagnostics);
  return {
    tool: { name: 'azure-backup-lint', version },
    summary: {
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      suppressed: result.findings.length - counted.length,
      undetermined: result.undetermined.length,
      files: result.files,
      resources: result.resources,
      complete: !diagnostics.some((diagnostic) => diagnostic.severity === 'error'),
    },
    findings: result.findings,
    undetermined: options.showUndetermined ? result.undetermined : [],
    diagnostics,
    rules: ruleInfos(options.catalogue, options.language),
  };
}

/** A file that is part of several configurations is read for each of them. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics]
    .sort(
      (a, b) =>
        compareOrigins(a.at, b.at) || (a.code < b.code ? -1 : a.code > b.code ? 1 : a.message < b.message ? -1 : 1),
    )
    .filter((one, i, all) => {
      const before = all[i - 1];
      const isEqual = before?.code === one.code && before.message === one.message;
      return !isEqual || compareOrigins(before.at, one.at) !== 0;
    });
}
