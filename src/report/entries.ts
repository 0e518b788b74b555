/** What a run has to tell, sorted by what it asks of the reader: formats with one list of problems share this. */
import type { Diagnostic, Severity } from '../source/diagnostic.ts';
import type { Finding, Run } from '../source/run.ts';
import { isSpan } from '../source/source.ts';

export interface Entries {
  /** What could not be read. */
  readonly unread: readonly Diagnostic[];
  /** Findings that count. */
  readonly findings: readonly Finding[];
  /** The rest of what is said about the run. */
  readonly remarks: readonly Diagnostic[];
}

export function entriesOf(run: Run): Entries {
  return {
    unread: run.diagnostics.filter(({ severity }) => severity === 'error'),
    findings: run.findings.filter((finding) => !finding.suppressed),
    remarks: run.diagnostics.filter(({ severity }) => severity !== 'error'),
  };
}

export const severities = ['error', 'warning', 'note'] as const satisfies readonly Severity[];

/** The most severe first; what could not be read before it all, and findings before remarks of their severity. */
export function mostSevereFirst(run: Run): (Diagnostic | Finding)[] {
  const { unread, findings, remarks } = entriesOf(run);
  return [
    ...unread,
    ...severities.flatMap((severity) => [...findings, ...remarks].filter((entry) => entry.severity === severity)),
  ];
}

/** The address of the resource, where neither the message nor the place says it. */
export function unsaidAddress(entry: Diagnostic | Finding): string | undefined {
  if (!('resource' in entry)) return undefined;
  const { address } = entry.resource;
  if (entry.message.includes(address)) return undefined;
  return !isSpan(entry.at) && entry.at.resourceId === address ? undefined : address;
}

export function asSentence(text: string): string {
  return /[.!?。！？]$/.test(text) ? text : `${text}.`;
}
