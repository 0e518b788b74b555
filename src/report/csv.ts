/**
 * CSV (RFC 4180, CRLF) with a header: findings, what could not be read and, where asked for, what could not be decided.
 * Spreadsheets take a cell that begins with certain signs for a formula; such a cell gets an apostrophe in front.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import type { ResourceName, Run } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { entriesOf } from './entries.ts';
import { regionOf } from './location.ts';
import { printable } from './printable.ts';

/** Their names are part of the format and the same in every language. */
const columns = [
  'kind',
  'file',
  'startLine',
  'startColumn',
  'endLine',
  'endColumn',
  'severity',
  'code',
  'message',
  'help',
  'address',
  'type',
  'name',
  'fingerprint',
  'docs',
] as const;

type Row = Partial<Record<(typeof columns)[number], string | number>>;

export function printCsv(run: Run): string {
  const { unread, findings } = entriesOf(run);
  const rows: Row[] = [
    ...unread.map((diagnostic) => ({ kind: 'unread', ...place(diagnostic.at), ...told(diagnostic) })),
    ...findings.map((finding) => ({
      kind: 'finding',
      ...place(finding.at),
      ...told(finding),
      ...named(finding.resource),
      fingerprint: finding.fingerprint,
      docs: finding.docs,
    })),
    ...run.undetermined.map(({ at, code, because, resource }) => ({
      kind: 'undetermined',
      ...place(at),
      code,
      message: because,
      ...named(resource),
    })),
  ];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function told({ severity, code, message, help }: Diagnostic): Row {
  return { severity, code, message, help: help ?? '' };
}

/** A live resource has its id and the property instead of a file. */
function place(at: Origin): Row {
  return isSpan(at) ? { file: at.source.file, ...regionOf(at) } : { file: at.resourceId + at.path };
}

function named({ address, type, name }: ResourceName): Row {
  return { address, type, name };
}

/** Also the full-width twins of the signs, and behind blanks, which some programs leave out. */
const formula = /^\s*[=+\-@＝＋－＠]/;

/** Where a semicolon or a tab separates cells, those in a text would begin new ones. */
const needsQuotes = /[",;\t\r\n]|^\s|\s$/;

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = printable(value);
  const safe = formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
