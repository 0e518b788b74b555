/**
 * Logging commands of Azure Pipelines: errors and warnings as issues of the run, notes as plain lines.
 * The result of the task is left to the exit status, so that `--fail-on` and `continueOnError` mean what they say.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Finding, Run } from '../source/run.ts';
import { isSpan } from '../source/source.ts';
import { asSentence, mostSevereFirst, unsaidAddress } from './entries.ts';
import { placeText } from './location.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { closingLines } from './summary.ts';
import type { Words } from './words.ts';

export function printAzurePipelines(run: Run, words: Words): string {
  const lines = [
    ...mostSevereFirst(run).map((entry) => (entry.severity === 'note' ? plainLine(entry, words) : issue(entry, words))),
    ...run.undetermined.map(
      ({ at, code, resource, because }) =>
        `${placeText(at)} ${printable(code)}: ${printable(resource.address)} ${words.because} ${printable(because)}`,
    ),
    ...closingLines(run, words, run.undetermined.length > 0),
  ];
  return withoutLeadingColons(lines.map((line) => `${line}\n`).join(''));
}

function issue(entry: Diagnostic | Finding, words: Words): string {
  const { at, severity, code } = entry;
  const properties = [['type', severity]];
  if (isSpan(at)) {
    const { line, column } = at.source.position(at.start);
    properties.push(
      ['sourcepath', printable(at.source.file)],
      ['linenumber', String(line)],
      ['columnnumber', String(column)],
    );
  }
  properties.push(['code', printable(code)]);
  const written = properties.map(([name, value]) => `${name}=${escapedProperty(value!)};`).join('');
  return `##vso[task.logissue ${written}]${escapedData(messageOf(entry, words))}`;
}

function plainLine(entry: Diagnostic | Finding, words: Words): string {
  return `${placeText(entry.at)} ${entry.severity} ${printable(entry.code)}: ${messageOf(entry, words)}`;
}

/** On one line: the list of issues shows no more. */
function messageOf(entry: Diagnostic | Finding, words: Words): string {
  const address = isSpan(entry.at) ? unsaidAddress(entry) : entry.severity === 'note' ? undefined : placeText(entry.at);
  const own = printable(entry.message);
  const message =
    address === undefined ? own : `${own.replace(/[.。]$/, '')} (${words.resource} ${printable(address)})`;
  return entry.help ? `${asSentence(message)} ${printable(entry.help)}` : message;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(']', '%5D').replaceAll(';', '%3B');
}
