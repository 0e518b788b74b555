/**
 * GitLab's Code Quality report, which is Code Climate's list of issues: findings, and what could not be read.
 * GitLab tells what is new in a merge request by the fingerprint alone and shows one issue of each, so it is made unique.
 */
import { createHash } from 'node:crypto';
import type { Severity } from '../source/diagnostic.ts';
import type { Run } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { entriesOf } from './entries.ts';
import { inputOf, regionOf } from './location.ts';
import { harmlessJson, printable } from './printable.ts';

/** `critical` is what could not be read. */
const levels: Readonly<Record<Severity, string>> = { error: 'major', warning: 'minor', note: 'info' };

export function printGitlab(run: Run): string {
  const { unread, findings } = entriesOf(run);
  const groups = new Map(run.rules.map((rule) => [rule.code, rule.group]));
  const seen = new Map<string, number>();
  const unique = (fingerprint: string): string => {
    const number = (seen.get(fingerprint) ?? 0) + 1;
    seen.set(fingerprint, number);
    return number === 1 ? fingerprint : `${fingerprint}-${number}`;
  };
  return harmlessJson([
    ...unread.map(({ code, message, at }) => ({
      type: 'issue',
      check_name: code,
      description: printable(message),
      categories: ['Bug Risk'],
      severity: 'critical',
      fingerprint: unique(hash(code, inputOf(at), message)),
      location: location(at),
    })),
    ...findings.map(({ code, message, severity, fingerprint, at }) => ({
      type: 'issue',
      check_name: code,
      description: printable(message),
      categories: [categoryOf(groups.get(code))],
      severity: levels[severity],
      fingerprint: unique(fingerprint),
      location: location(at),
    })),
  ]);
}

/** Who may reach or change a backup is a question of security, the rest one of what is lost. */
function categoryOf(group: string | undefined): string {
  return group === 'vault-security' || group === 'access' ? 'Security' : 'Bug Risk';
}

/** Every issue needs a line of a file; a live resource has its id instead. */
function location(at: Origin) {
  if (!isSpan(at)) return { path: at.resourceId, lines: { begin: 1, end: 1 } };
  const { startLine, endLine, endColumn } = regionOf(at);
  // An end in the first column of a line is the break before it.
  return {
    path: at.source.file,
    lines: { begin: startLine, end: Math.max(startLine, endColumn === 1 ? endLine - 1 : endLine) },
  };
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
