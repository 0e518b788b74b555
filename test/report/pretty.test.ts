import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PrettyOptions, printPretty } from '../../src/report/pretty.ts';
import type { Run } from '../../src/source/run.ts';
import { isSpan } from '../../src/source/source.ts';
import { golden } from '../golden.ts';
import { cleanRun, cleanSummary, fullRun, hostileRun, shortRetention, vaultOff } from './sample.ts';

const plain: PrettyOptions = { color: false, width: 80 };

function withSummary(summary: Partial<Run['summary']>, more: Partial<Run> = {}): Run {
  return { ...cleanRun, ...more, summary: { ...cleanSummary, ...summary } };
}

test.each<[string, Run, PrettyOptions]>([
  ['full', fullRun, plain],
  ['full-color', fullRun, { ...plain, color: true }],
  ['full-verbose', fullRun, { ...plain, verbose: true, width: 120 }],
  ['full-quiet', fullRun, { ...plain, quiet: true }],
  ['full-undetermined', fullRun, { ...plain, showUndetermined: true }],
  ['full-japanese', fullRun, { ...plain, verbose: true, showUndetermined: true, width: 120, language: 'ja' }],
  ['hostile', hostileRun, { ...plain, showUndetermined: true, verbose: true }],
])('%s', (name, run, options) => {
  golden(`test/goldens/report/pretty-${name}.txt`, printPretty(run, options));
});

test('suppressed findings are counted, not printed', () => {
  const text = printPretty(fullRun, plain);
  expect(text).not.toContain('hidden by a comment');
  expect(text).toContain('; 1 suppressed\n');
});

test('what could not be read comes first', () => {
  const text = printPretty(fullRun, plain);
  expect(text.indexOf('hcl-unclosed-block')).toBeLessThan(text.indexOf('vault-soft-delete-off'));
});

test('the way to explanations is told once', () => {
  expect(printPretty(fullRun, plain).match(/azure-backup-lint explain/g)).toHaveLength(1);
  expect(printPretty(cleanRun, plain)).not.toContain('explain');
});

test.each([
  [{ complete: false }, '読み取れた範囲に問題はありませんでした'],
  [{ complete: false, files: 0, resources: 0 }, '何も読み取れなかったため、何も検査していません'],
  [{ files: 0, resources: 0 }, '対応している種類のファイルが見つかりませんでした'],
  [{ resources: 0 }, 'バックアップに関係するリソースがありませんでした'],
  [{}, '問題は見つかりませんでした'],
])('in Japanese a clean summary says as much as in English: %o', (summary, expected) => {
  const text = printPretty(withSummary(summary), { ...plain, language: 'ja' });
  expect(text).toContain(expected);
  // File names and the option to ask for more are all that is not Japanese.
  expect(text).not.toMatch(/No problems|Nothing|Incomplete|could not/);
});

test('no colour codes unless asked for', () => {
  expect(printPretty(fullRun, plain)).not.toContain('\u001b');
  const colored = printPretty(fullRun, { ...plain, color: true });
  expect(colored.replace(/\u001b\[[\d;]*m/g, '')).toBe(printPretty(fullRun, plain));
  expect(colored).not.toBe(printPretty(fullRun, plain));
});

test.each<[string, Run, string]>([
  ['all clear', cleanRun, 'No problems found in 14 files (63 resources)\n'],
  [
    'one of each',
    withSummary({ errors: 1, warnings: 1, files: 1, resources: 1 }, { findings: [vaultOff, shortRetention] }),
    '\n1 error, 1 warning in 1 file (1 resource)\n',
  ],
  [
    'undecided',
    withSummary({ undetermined: 3, suppressed: 2 }),
    'No problems found in 14 files (63 resources); 3 checks could not be decided (--show-undetermined lists them); 2 suppressed\n',
  ],
  [
    'no resource',
    withSummary({ resources: 0 }),
    'Nothing was checked: no resource that matters for backup in 14 files\n',
  ],
  ['no file', withSummary({ resources: 0, files: 0 }), 'Nothing was checked: no file of a known kind was found\n'],
  [
    'nothing read',
    withSummary({ complete: false, files: 0, resources: 0 }),
    'could not be read, so problems there are not in this report.\nNothing could be read, so nothing was checked\n',
  ],
  [
    'incomplete without a place',
    withSummary({ complete: false }),
    'Incomplete: something could not be read, so problems there are not in this report.\nNo problems in what could be read: 14 files (63 resources)\n',
  ],
])('summary: %s', (_, run, expected) => {
  expect(printPretty(run, plain)).toContain(expected);
});

test('an incomplete run never looks clean, also when quiet', () => {
  const run = withSummary({ complete: false }, { diagnostics: fullRun.diagnostics });
  for (const quiet of [false, true]) {
    const text = printPretty(run, { ...plain, quiet });
    expect(text).toContain('hcl-unclosed-block');
    expect(text).toContain('Incomplete: 1 input could not be read');
    expect(text).not.toContain('No problems found');
  }
});

test('several errors in one file are one input', () => {
  const [unclosed] = fullRun.diagnostics;
  const other = { ...unclosed!, at: vaultOff.at };
  const diagnostics = [unclosed!, { ...unclosed!, code: 'hcl-other' }, other];
  const run = withSummary({ complete: false }, { diagnostics });
  expect(printPretty(run, plain)).toContain('Incomplete: 2 inputs could not be read');
  // What could not be read in Azure is no number of inputs.
  const live = { ...unclosed!, at: { resourceId: '/subscriptions/s', path: '' } };
  expect(printPretty({ ...run, diagnostics: [...diagnostics, live] }, plain)).toContain(
    'Incomplete: something could not be read',
  );
});

test('quiet says nothing where there is nothing wrong', () => {
  expect(printPretty(cleanRun, { ...plain, quiet: true })).toBe('');
});

test('the undetermined are listed with the reason only when asked for', () => {
  expect(printPretty(fullRun, plain)).not.toContain('var.soft_delete');
  const listed = printPretty(fullRun, { ...plain, showUndetermined: true });
  expect(listed).toContain('because: var.soft_delete has no value');
  expect(listed).not.toContain('--show-undetermined');
});

test.each([0, Number.NaN, 1, 80, Number.POSITIVE_INFINITY])('a width of %d gives lines that can be read', (width) => {
  const excerpts = printPretty(fullRun, { color: false, width })
    .split('\n')
    .filter((line) => /^ +\d+ \|/.test(line));
  expect(excerpts).toHaveLength(6);
  for (const line of excerpts) expect(line.length).toBeLessThanOrEqual(240);
});

test.each([
  ['plain', plain],
  ['color', { ...plain, color: true }],
])('input cannot act: %s', (_, options) => {
  const text = printPretty(hostileRun, { ...options, verbose: true, showUndetermined: true });
  const seen = text.replace(/\u001b\[(?:0|1|2|1;3\d)m/g, '').replaceAll('\n', '');
  expect(seen).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
  expect(text).not.toMatch(/##\w*\[/);
  expect(text.replace(/\u001b\[[\d;]*m/g, '')).not.toMatch(/^\s*::/m);
});

/** What the problem matcher makes of a report: `file line code` of each problem. */
function matched(report: string): string[] {
  const { problemMatcher } = JSON.parse(
    readFileSync(new URL('../../problem-matcher.json', import.meta.url), 'utf8'),
  ) as {
    problemMatcher: { pattern: [Record<string, number> & { regexp: string }] }[];
  };
  return report.split('\n').flatMap((line) =>
    problemMatcher.flatMap(({ pattern: [pattern] }) => {
      const match = new RegExp(pattern.regexp).exec(line);
      return match ? [['file', 'line', 'code'].map((name) => match[Number(pattern[name])]).join(' ')] : [];
    }),
  );
}

test('the problem matcher takes no place from a message or from the code that is shown', () => {
  const report = 'main.tf:2:3 error a-b: it is "x:7:7 error c-d: y"\n  2 | # x:7:7 error c-d: y\n';
  expect(matched(report)).toEqual(['main.tf 2 a-b']);
});

test('the problem matcher finds each problem of the report, with its place', () => {
  const found = matched(printPretty(fullRun, { color: false, width: 80 }));
  const told = [...fullRun.diagnostics, ...fullRun.findings.filter(({ suppressed }) => !suppressed)].flatMap(
    ({ at, code }) => (isSpan(at) ? [`${at.source.file} ${at.source.position(at.start).line} ${code}`] : []),
  );
  expect(found.toSorted()).toEqual(told.toSorted());
});
