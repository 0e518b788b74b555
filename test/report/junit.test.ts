import { expect, test } from 'vitest';
import { printJunit } from '../../src/report/junit.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Run } from '../../src/source/run.ts';
import { cleanRun, cleanSummary, fullRun, hostileRun, manyRun, vaultOff } from './sample.ts';

const print = (run: Run): string => printJunit(run, wordsOf('en'));
const count = (text: string, sign: string): number => text.split(sign).length - 1;

test('a clean run has one test that passed', () => {
  const text = print(cleanRun);
  expect(text).toContain('<testsuite name="azure-backup-lint" tests="1" failures="0" errors="0" skipped="0">');
  expect(text).toContain(
    '<testcase classname="azure-backup-lint" name="No problems found in 14 files (63 resources)"/>',
  );
});

test('a failure for each finding that counts, an error for what could not be read, and the numbers say so', () => {
  const text = print(fullRun);
  expect(count(text, '<testsuite ')).toBe(1);
  expect(text).toContain('<testsuite name="azure-backup-lint" tests="7" failures="5" errors="1" skipped="1">');
  expect(count(text, '<testcase ')).toBe(7);
  expect(count(text, '<failure ')).toBe(5);
  expect(count(text, '<error ')).toBe(1);
  expect(count(text, '<skipped ')).toBe(1);
  expect(count(print(manyRun), '<failure ')).toBe(53);
});

test('a run that is incomplete without a place has an error', () => {
  const text = print({ ...cleanRun, summary: { ...cleanSummary, complete: false } });
  expect(text).toContain('tests="1" failures="0" errors="1"');
  expect(text).toContain('<error type="error" message="Incomplete: something could not be read');
});

test('no two tests have the same name', () => {
  for (const run of [fullRun, manyRun]) {
    const names = print(run).match(/<testcase [^>]*>/g)!;
    expect(new Set(names).size).toBe(names.length);
  }
  expect(print({ ...cleanRun, findings: [vaultOff, vaultOff] })).toContain('(estate/main.tf) #2"');
});

test('the body tells all, in order', () => {
  expect(print(fullRun)).toContain(
    '<failure type="warning" message="daily points are kept for 3 days">estate/main.tf:7:25 warning policy-retention-short: daily points are kept for 3 days\n' +
      'estate/variables.tf:2:13 the default is written here\n' +
      'estate/main.tf:9:5 it is used here\n' +
      'help: Keep daily points for at least 7 days.\n' +
      'docs: https://example.org/rules/policy-retention-short</failure>',
  );
});

test('signs of XML are escaped, what XML cannot hold is written out', () => {
  const text = print({ ...cleanRun, findings: [{ ...vaultOff, message: '<b> & "c" ]]> \u0001\ufffe\uffff\ud800' }] });
  expect(text).toContain('message="&lt;b&gt; &amp; &quot;c&quot; ]]&gt; \\u0001\\ufffe\\uffff\\ud800"');
  expect(print(hostileRun)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
});
