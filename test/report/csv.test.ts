import { expect, test } from 'vitest';
import { printCsv } from '../../src/report/csv.ts';
import type { Finding } from '../../src/source/run.ts';
import { cleanRun, fullRun, vaultOff } from './sample.ts';

const HEADER =
  'kind,file,startLine,startColumn,endLine,endColumn,severity,code,message,help,address,type,name,fingerprint,docs';

function lineOf(finding: Partial<Finding>): string {
  return printCsv({ ...cleanRun, findings: [{ ...vaultOff, help: '', ...finding }] }).split('\r\n')[1]!;
}

test('a clean run has the header alone', () => {
  expect(printCsv(cleanRun)).toBe(`${HEADER}\r\n`);
});

test('one row for each finding and each thing that could not be read or decided', () => {
  const lines = printCsv(fullRun).split('\r\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => line.split(',')[0])).toEqual([
    'kind',
    'unread',
    ...Array.from({ length: 5 }, () => 'finding'),
    'undetermined',
  ]);
});

test('cells are quoted where they have to be', () => {
  expect(lineOf({ message: 'a, "b"' })).toContain(',"a, ""b""",');
  expect(lineOf({ message: 'a;b' })).toContain(',"a;b",');
  expect(lineOf({ message: 'a b' })).toContain(',a b,');
});

test.each(['=1+1', '+1', '-1', '@x', ' =1', '＝1', '\u00a0=1'])('no cell is a formula: %j', (message) => {
  expect(lineOf({ message })).toContain(`,'${message},`);
});

test.each(['\t=1', '\r=1', '\n=1'])('tabs and returns are written out: %j', (message) => {
  const line = lineOf({ message });
  expect(line).toContain(message.includes('\t') ? ',\\t=1,' : message.includes('\r') ? ',\\r=1,' : ',\\n=1,');
});

test('numbers stay numbers', () => {
  expect(lineOf({})).toMatch(/^finding,estate\/main\.tf,3,16,3,21,error,/);
});
