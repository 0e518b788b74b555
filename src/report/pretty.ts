/**
 * The report for people at a terminal.
 * First what could not be read, then the findings with the line they stand on, then remarks on the run, at the end one
 * summary that never sounds cleaner than the run was.
 */
import type { Diagnostic, Related } from '../source/diagnostic.ts';
import type { Finding, ResourceName, Run, Undetermined } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { unsaidAddress } from './entries.ts';
import { excerpt } from './excerpt.ts';
import { placeText } from './location.ts';
import { type Paint, paints } from './paint.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { closingLines, incompleteLines } from './summary.ts';
import { type Words, wordsOf } from './words.ts';

export interface PrettyOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Also the resource, the solutions and the page of every finding. */
  readonly verbose?: boolean;
  /** Findings and what could not be read, without remarks, hints and summary. */
  readonly quiet?: boolean;
  readonly showUndetermined?: boolean;
  /** English where it is left out. */
  readonly language?: string;
}

export function printPretty(run: Run, options: PrettyOptions): string {
  const paint = paints(options.color);
  const words = wordsOf(options.language);
  const findings = run.findings.filter((finding) => !finding.suppressed);
  const unread = run.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const remarks = run.diagnostics.filter(
    ({ severity }) => severity === 'warning' || (severity === 'note' && !options.quiet),
  );

  const parts = [
    ...section(words.unread, unread, (diagnostic) => diagnosticText(diagnostic, options, paint), paint),
    ...findings.map((finding) => findingText(finding, options, paint)),
    ...section(words.remarks, remarks, (diagnostic) => diagnosticText(diagnostic, options, paint), paint),
  ];
  if (options.showUndetermined) {
    parts.push(...section(words.undecided, run.undetermined, (entry) => undeterminedText(entry, words, paint), paint));
  }
  const closing = options.quiet
    ? incompleteLines(run, words, paint)
    : closingLines(run, words, options.showUndetermined ?? false, paint);
  if (!options.quiet && findings.length > 0) closing.push(paint.dim(words.explain));
  if (closing.length > 0) parts.push(closing.join('\n') + '\n');
  return withoutLeadingColons(parts.join('\n'));
}

/** Entries under a heading; nothing where there are none. */
function section<T>(title: string, entries: readonly T[], text: (entry: T) => string, paint: Paint): string[] {
  if (entries.length === 0) return [];
  const [first, ...others] = entries.map(text);
  return [`${paint.bold(`${title}:`)}\n\n${first}`, ...others];
}

function findingText(finding: Finding, options: PrettyOptions, paint: Paint): string {
  const about = [];
  const words = wordsOf(options.language);
  if (options.verbose || unsaidAddress(finding) !== undefined)
    about.push(labelled(words.resource, resourceText(finding.resource, options), paint));
  about.push(...finding.related.map((related) => relatedText(related, paint)));
  if (finding.help !== '') about.push(labelled(words.help, printable(finding.help), paint));
  if (options.verbose) {
    if (finding.solutions.length > 0)
      about.push(labelled(words.solutions, finding.solutions.map(printable).join(', '), paint));
    if (finding.docs !== '') about.push(labelled(words.docs, printable(finding.docs), paint));
  }
  return entryText(finding, about, options, paint);
}

function diagnosticText(diagnostic: Diagnostic, options: PrettyOptions, paint: Paint): string {
  const about = (diagnostic.related ?? []).map((related) => relatedText(related, paint));
  if (diagnostic.help) about.push(labelled(wordsOf(options.language).help, printable(diagnostic.help), paint));
  return entryText(diagnostic, about, options, paint);
}

function entryText(
  entry: Pick<Finding, 'code' | 'severity' | 'message' | 'at' | 'isSecret'>,
  about: readonly string[],
  options: PrettyOptions,
  paint: Paint,
): string {
  const mark = paint[entry.severity];
  const place = paint.bold(placeText(entry.at));
  const said = `${mark(entry.severity)} ${mark(printable(entry.code))}: ${printable(entry.message)}`;
  // The id of a live resource fills a line or two, behind which nobody finds what is said of it.
  const head = isSpan(entry.at) ? [`${place} ${said}`] : [said, `  ${place}`];
  return [...head, ...(entry.isSecret ? [] : excerptLines(entry.at, mark, options, paint)), ...about].join('\n') + '\n';
}

/** Below 40 columns nothing is readable; beyond 240 lines are hard to follow. */
const NARROWEST = 40;
const WIDEST = 240;

function excerptLines(at: Origin, mark: (text: string) => string, options: PrettyOptions, paint: Paint): string[] {
  if (!isSpan(at)) return [];
  const number = String(at.source.position(at.start).line);
  const gutter = 2 + number.length + ' | '.length;
  const width = Math.max(NARROWEST, Math.min(options.width || 80, WIDEST));
  const found = excerpt(at, width - gutter);
  if (!found) return [];
  const empty = ' '.repeat(2 + number.length);
  const until = found.until === undefined ? '' : ` ${wordsOf(options.language).untilLine(found.until)}`;
  return [
    `${paint.dim(`  ${number} |`)} ${found.text}`,
    `${paint.dim(`${empty} |`)} ${' '.repeat(found.indent)}${mark('^'.repeat(found.length) + until)}`,
  ];
}

function relatedText(related: Related, paint: Paint): string {
  return `  ${paint.dim(placeText(related.at))}  ${printable(related.message)}`;
}

function labelled(label: string, text: string, paint: Paint): string {
  return `  ${paint.bold(label)} ${text}`;
}

function resourceText({ address, type, name }: ResourceName, options: PrettyOptions): string {
  if (!options.verbose) return printable(address);
  return `${printable(address)} (${printable(type)}, "${printable(name)}")`;
}

function undeterminedText(entry: Undetermined, words: Words, paint: Paint): string {
  const place = paint.bold(placeText(entry.at));
  const code = printable(entry.code);
  const head = isSpan(entry.at) ? `${place} ${code}: ${printable(entry.resource.address)}` : `${code}: ${place}`;
  return `${head}\n  ${paint.bold(words.because)} ${printable(entry.because)}\n`;
}
