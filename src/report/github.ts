/**
 * Workflow commands of GitHub Actions: annotations beside the code.
 * Each problem is a command, the most severe first, since GitHub shows only the first of each kind; in the log all of them stand.
 * The summary at the end is plain text.
 */
import type { Severity } from '../source/diagnostic.ts';
import type { Finding, Run, Undetermined } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { mostSevereFirst, unsaidAddress } from './entries.ts';
import { placeText, regionOf } from './location.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { closingLines } from './summary.ts';
import type { Words } from './words.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** Annotations of one kind that GitHub keeps of a step. */
const kept = 10;

export function printGithub(run: Run, words: Words): string {
  const entries = mostSevereFirst(run);
  const left = Object.keys(commands)
    .map((severity) => entries.filter((entry) => entry.severity === severity).length - kept)
    .reduce((sum, more) => sum + Math.max(0, more), 0);
  const plain = [
    ...run.undetermined.map((entry) => undeterminedText(entry, words)),
    ...closingLines(run, words, run.undetermined.length > 0),
    ...(left > 0 ? [words.notAnnotated(left, kept)] : []),
  ].map(withoutLeadingColons);
  return [...entries.map((entry) => commandOf(entry, words)), ...plain].map((line) => `${line}\n`).join('');
}

function commandOf(entry: ReturnType<typeof mostSevereFirst>[number], words: Words): string {
  const properties = [...placeOf(entry.at), ['title', `azure-backup-lint (${printable(entry.code)})`]];
  const written = properties.map(([name, value]) => `${name}=${escapedProperty(value!)}`).join(',');
  return `::${commands[entry.severity]} ${written}::${escapedData(messageOf(entry, words))}`;
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

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
