import { expect, test } from 'vitest';
import { printGitlab } from '../../src/report/gitlab.ts';
import type { Run } from '../../src/source/run.ts';
import type { Origin } from '../../src/source/source.ts';
import { cleanRun, fullRun, HOSTILE, hostileRun, manyRun, vaultOff } from './sample.ts';

interface Issue {
  readonly check_name: string;
  readonly description: string;
  readonly categories: readonly string[];
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number; readonly end: number } };
}

const issuesOf = (run: Run): Issue[] => JSON.parse(printGitlab(run));

test('a clean run is an empty list', () => {
  expect(issuesOf(cleanRun)).toEqual([]);
});

test('what could not be read, then findings, each with severity and lines', () => {
  expect(issuesOf(fullRun).map(({ check_name, severity, location }) => [check_name, severity, location.lines])).toEqual(
    [
      ['hcl-unclosed-block', 'critical', { begin: 1, end: 1 }],
      ['vault-locally-redundant', 'info', { begin: 1, end: 1 }],
      ['policy-retention-short', 'minor', { begin: 1, end: 1 }],
      ['vault-soft-delete-off', 'major', { begin: 3, end: 3 }],
      ['policy-retention-short', 'minor', { begin: 7, end: 7 }],
      ['policy-retention-short', 'minor', { begin: 8, end: 10 }],
    ],
  );
});

test('fingerprints are those of the findings, and no two are equal', () => {
  const issues = issuesOf({ ...cleanRun, findings: [vaultOff, vaultOff, vaultOff] });
  expect(issues.map(({ fingerprint }) => fingerprint)).toEqual([
    vaultOff.fingerprint,
    `${vaultOff.fingerprint}-2`,
    `${vaultOff.fingerprint}-3`,
  ]);
  for (const run of [fullRun, manyRun, hostileRun]) {
    const all = issuesOf(run).map(({ fingerprint }) => fingerprint);
    expect(new Set(all).size).toBe(all.length);
  }
});

test('the fingerprint of what could not be read does not move with its line', () => {
  const [unclosed] = fullRun.diagnostics;
  const fingerprintAt = (start: number) =>
    issuesOf({ ...cleanRun, diagnostics: [{ ...unclosed!, at: { ...unclosed!.at, start } as Origin }] })[0]!
      .fingerprint;
  expect(fingerprintAt(0)).toBe(fingerprintAt(25));
});

test('who may change a backup is a question of security', () => {
  const rules = cleanRun.rules.map((rule) => ({ ...rule, group: 'vault-security' }));
  expect(issuesOf({ ...cleanRun, rules, findings: [vaultOff] })[0]!.categories).toEqual(['Security']);
  expect(issuesOf({ ...cleanRun, findings: [vaultOff] })[0]!.categories).toEqual(['Bug Risk']);
});

test('paths are exact, so that they open; descriptions can be shown', () => {
  const [, issue] = issuesOf(hostileRun);
  expect(issue!.location.path).toBe(`::error file=x::${HOSTILE.replace(/[/]/g, '')}.tf`);
  expect(issue!.description).not.toMatch(/\p{Cc}|##\w*\[/u);
});
