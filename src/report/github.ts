/**
 * Workflow commands of GitHub Actions: annotations beside the code.
 * Each problem is a command, the most severe first, since GitHub shows only the first of each kind. Where there are more of a kind, those
 * of one rule in one file share a command, which lists them; in the log all of them stand. The summary at the end is plain text.
 */
import type { Severity } from '../source/diagnostic.ts';
import type { Finding, Run, Undetermined } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { mostSevereFirst, severities, unsaidAddress } from './entries.ts';
import { placeText, regionOf } from './location.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { closingLines } from './summary.ts';
import type { Words } from './words.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** Annotations of one kind that GitHub keeps of a step. */
const kept = 10;

/** Problems that share a command; more make another one. */
const mostShared = 50;

type Entry = ReturnType<typeof mostSevereFirst>[number];

export function printGithub(run: Run, words: Words): string {
  const groups = severities.flatMap((severity) =>
    grouped(mostSevereFirst(run).filter((entry) => entry.severity === severity)),
  );
  const left = severities
    .map((severity) => groups.filter(([first]) => first!.severity === severity).length - kept)
    .reduce((sum, more) => sum + Math.max(0, more), 0);
  const plain = [
    ...run.undetermined.map((entry) => undeterminedText(entry, words)),
    ...closingLines(run, words, run.undetermined.length > 0),
    ...(left > 0 ? [words.notAnnotated(left, kept)] : []),
  ].map(withoutLeadingColons);
  return [...groups.map((group) => commandOf(group, words)), ...plain].map((line) => `${line}\n`).join('');
}

/** Of one severity. What is alike stands where its first one stood. */
function grouped(entries: readonly Entry[]): Entry[][] {
  if (entries.length <= kept) return entries.map((entry) => [entry]);
  const groups: Entry[][] = [];
  const open = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.code} ${isSpan(entry.at) ? entry.at.source.file : ''}`;
    const group = open.get(key);
    if (group && group.length < mostShared) group.push(entry);
    else {
      const started = [entry];
      open.set(key, started);
      groups.push(started);
    }
  }
  return groups;
}

function commandOf([first, ...others]: readonly Entry[], words: Words): string {
  const { at, code, severity } = first!;
  const properties = [...placeOf(at), ['title', `azure-backup-lint (${printable(code)})`]];
  const written = properties.map(([name, value]) => `${name}=${escapedProperty(value!)}`).join(',');
  const alike = others.map((entry) => `${placeText(entry.at)} ${printable(entry.message)}`);
  const lines = [messageOf(first!, words), ...(alike.length > 0 ? [words.alike(alike.length), ...alike] : [])];
  return `::${commands[severity]} ${written}::${escapedData(lines.join('\n'))}`;
}

/** A live resource has no file; its id stands in the message. */
function placeOf(at: Origin): string[][] {
  if (!isSpan(at)) return [];
  const { startLine, startColumn, endLine, endColumn } = regionOf(at);
  return [
    ['file', printable(at.source.file)],
    ['line', String(startLine)],
    ['col', String(startColumn)],
    ['endLine', String(endLine)],
    ['endColumn', String(endColumn)],
  ];
}

function messageOf(entry: Parameters<typeof unsaidAddress>[0], words: Words): string {
  const lines = [printable(entry.message)];
  const address = unsaidAddress(entry);
  if (!isSpan(entry.at)) lines.push(`${words.resource} ${placeText(entry.at)}`);
  else if (address !== undefined) lines.push(`${words.resource} ${printable(address)}`);
  for (const { at, message } of entry.related ?? []) lines.push(`${placeText(at)} ${printable(message)}`);
  if (entry.help) lines.push(`${words.help} ${printable(entry.help)}`);
  const { docs } = entry as Partial<Finding>;
  if (docs) lines.push(`${words.docs} ${printable(docs)}`);
  return lines.join('\n');
}

function undeterminedText({ at, code, resource, because }: Undetermined, words: Words): string {
  return `${placeText(at)} ${printable(code)}: ${printable(resource.address)} ${words.because} ${printable(because)}`;
}

/** Of a workflow command. */
export function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
