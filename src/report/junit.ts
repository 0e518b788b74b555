/**
 * JUnit's XML, which every CI system can show: each finding a failed test, what could not be read an error, what could not be
 * decided a skipped test. A run without any has one test that passed, so that it is seen to have taken place.
 * Checked against the schema of Jenkins by test/oracles/.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Finding, Run } from '../source/run.ts';
import { entriesOf } from './entries.ts';
import { inputOf, placeText } from './location.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { closingLines, incompleteLines, verdictText } from './summary.ts';
import type { Words } from './words.ts';

export function printJunit(run: Run, words: Words): string {
  const { unread, findings, remarks } = entriesOf(run);
  const name = run.tool.name;
  const cases = new Cases(name);
  for (const entry of unread)
    cases.add(entry.code, inputOf(entry.at), resultOf('error', entry.severity, entry.message, bodyOf(entry, words)));
  for (const entry of findings)
    cases.add(entry.code, nameOf(entry), resultOf('failure', entry.severity, entry.message, bodyOf(entry, words)));
  for (const { code, at, resource, because } of run.undetermined)
    cases.add(code, nameOf({ resource, at }), [`      <skipped message="${attribute(because)}"/>`]);
  const [incomplete] = incompleteLines(run, words);
  if (unread.length + findings.length === 0)
    cases.add(
      '',
      verdictText(run, words),
      incomplete === undefined ? [] : resultOf('error', 'error', incomplete, [incomplete]),
    );
  const counts = `failures="${findings.length}" errors="${cases.errors}"`;
  const said = [
    ...remarks.map((entry) => `${placeText(entry.at)} ${entry.severity} ${entry.code}: ${bodyText(entry, words)}`),
    ...closingLines(run, words, run.undetermined.length > 0),
  ];
  return withoutLeadingColons(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="${attribute(name)}" tests="${cases.number}" ${counts}>`,
      `  <testsuite name="${attribute(name)}" tests="${cases.number}" ${counts} skipped="${run.undetermined.length}">`,
      ...cases.lines,
      `    <system-out>${said.map(content).join('\n')}</system-out>`,
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  );
}

/** Tests are told apart, also from one run to the next, by class and name; so equal names are numbered. */
class Cases {
  readonly lines: string[] = [];
  number = 0;
  errors = 0;
  readonly #tool: string;
  readonly #seen = new Map<string, number>();

  constructor(tool: string) {
    this.#tool = tool;
  }

  add(code: string, name: string, inside: readonly string[]): void {
    this.number++;
    if (inside[0]?.trimStart().startsWith('<error ')) this.errors++;
    const key = `${code}\0${name}`;
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    const group = code === '' ? this.#tool : `${this.#tool}.${code}`;
    const names = `classname="${attribute(group)}" name="${attribute(times === 1 ? name : `${name} #${times}`)}"`;
    if (inside.length === 0) this.lines.push(`    <testcase ${names}/>`);
    else this.lines.push(`    <testcase ${names}>`, ...inside, '    </testcase>');
  }
}

function nameOf({ resource, at }: Pick<Finding, 'resource' | 'at'>): string {
  const input = inputOf(at);
  return resource.address === input ? input : `${resource.address} (${input})`;
}

function resultOf(element: 'error' | 'failure', type: string, message: string, body: readonly string[]): string[] {
  const open = `      <${element} type="${type}" message="${attribute(message)}">`;
  return [`${open}${body.map(content).join('\n')}</${element}>`];
}

function bodyOf(entry: Diagnostic | Finding, words: Words): string[] {
  const { docs } = entry as Partial<Finding>;
  return [
    `${placeText(entry.at)} ${entry.severity} ${entry.code}: ${entry.message}`,
    ...(entry.related ?? []).map(({ at, message }) => `${placeText(at)} ${message}`),
    ...(entry.help ? [`${words.help} ${entry.help}`] : []),
    ...(docs ? [`${words.docs} ${docs}`] : []),
  ];
}

function bodyText({ message, help }: Diagnostic, words: Words): string {
  return help ? `${message} ${words.help} ${help}` : message;
}

/** One line of text. What XML 1.0 cannot hold, not even escaped, is none of what `printable` leaves. */
function content(text: string): string {
  return printable(text).replace(/[&<>]/g, (sign) => entities[sign]!);
}

function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
