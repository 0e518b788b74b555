/**
 * The report for people at a terminal.
 * First what could not be read, then the findings with the line they stand on, then remarks on the run, at the end one
 * summary that never sounds cleaner than the run was.
 */
import type { Diagnostic, Related } from '../source/diagnostic.ts';
import type { Finding, ResourceName, Run, Undetermined } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { excerpt } from './excerpt.ts';
import { inputOf, placeText } from './location.ts';
import { type Paint, paints } from './paint.ts';
import { printable, withoutLeadingColons } from './printable.ts';

export interface PrettyOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Also the resource, the solutions and the page of every finding. */
  readonly verbose?: boolean;
  /** Findings and what could not be read, without remarks, hints and summary. */
  readonly quiet?: boolean;
  readonly showUndetermined?: boolean;
}

export function printPretty(run: Run, options: PrettyOptions): string {
  const paint = paints(options.color);
  const findings = run.findings.filter((finding) => !finding.suppressed);
  const unread = run.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const remarks = run.diagnostics.filter(
    ({ severity }) => severity === 'warning' || (severity === 'note' && !options.quiet),
  );

  const parts = [
    ...section('Could not be read', unread, (diagnostic) => diagnosticText(diagnostic, options, paint), paint),
    ...findings.map((finding) => findingText(finding, options, paint)),
    ...section('Remarks on this run', remarks, (diagnostic) => diagnosticText(diagnostic, options, paint), paint),
  ];
  if (options.showUndetermined) {
    parts.push(...section('Could not be decided', run.undetermined, (entry) => undeterminedText(entry, paint), paint));
  }
  const closing = options.quiet ? incompleteText(run, paint) : closingText(run, findings.length, options, paint);
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
  const { address } = finding.resource;
  const named = finding.message.includes(address) || (!isSpan(finding.at) && finding.at.resourceId === address);
  if (options.verbose || !named) about.push(labelled('in', resourceText(finding.resource, options), paint));
  about.push(...finding.related.map((related) => relatedText(related, paint)));
  if (finding.help !== '') about.push(labelled('help:', printable(finding.help), paint));
  if (options.verbose) {
    if (finding.solutions.length > 0)
      about.push(labelled('solutions:', finding.solutions.map(printable).join(', '), paint));
    if (finding.docs !== '') about.push(labelled('docs:', printable(finding.docs), paint));
  }
  return entryText(finding, about, options, paint);
}

function diagnosticText(diagnostic: Diagnostic, options: PrettyOptions, paint: Paint): string {
  const about = (diagnostic.related ?? []).map((related) => relatedText(related, paint));
  if (diagnostic.help) about.push(labelled('help:', printable(diagnostic.help), paint));
  return entryText(diagnostic, about, options, paint);
}

function entryText(
  entry: Pick<Finding, 'code' | 'severity' | 'message' | 'at' | 'isSecret'>,
  about: readonly string[],
  options: PrettyOptions,
  paint: Paint,
): string {
  const mark = paint[entry.severity];
  const head = `${paint.bold(placeText(entry.at))} ${mark(entry.severity)} ${mark(printable(entry.code))}: ${printable(entry.message)}`;
  return [head, ...(entry.isSecret ? [] : excerptLines(entry.at, mark, options, paint)), ...about].join('\n') + '\n';
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
  const until = found.until === undefined ? '' : ` to line ${found.until}`;
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

function undeterminedText(entry: Undetermined, paint: Paint): string {
  const head = `${paint.bold(placeText(entry.at))} ${printable(entry.code)}: ${printable(entry.resource.address)}`;
  return `${head}\n  ${paint.bold('because:')} ${printable(entry.because)}\n`;
}

function closingText(run: Run, findings: number, options: PrettyOptions, paint: Paint): string[] {
  const lines = incompleteText(run, paint);
  const { summary } = run;
  const extras = [];
  if (summary.undetermined > 0) {
    const hint = options.showUndetermined ? '' : ' (--show-undetermined lists them)';
    extras.push(`${count(summary.undetermined, 'check')} could not be decided${hint}`);
  }
  if (summary.suppressed > 0) extras.push(`${summary.suppressed} suppressed`);
  lines.push([verdictText(run, findings, paint), ...extras].join('; '));
  if (findings > 0) lines.push(paint.dim('Run `azure-backup-lint explain CODE` for why and examples.'));
  return lines;
}

function verdictText(run: Run, findings: number, paint: Paint): string {
  const { errors, warnings, notes, files, resources, complete } = run.summary;
  const seen = `${count(files, 'file')} (${count(resources, 'resource')})`;
  if (findings > 0) {
    const counts = [
      errors > 0 ? paint.error(count(errors, 'error')) : '',
      warnings > 0 ? paint.warning(count(warnings, 'warning')) : '',
      notes > 0 ? paint.note(count(notes, 'note')) : '',
    ];
    return `${counts.filter(Boolean).join(', ')} in ${seen}`;
  }
  if (!complete) return `No problems in what could be read: ${seen}`;
  if (files === 0 && resources === 0) return 'Nothing was checked: no file of a known kind was found';
  if (resources === 0) return `Nothing was checked: no resource that matters for backup in ${count(files, 'file')}`;
  return `${paint.good('No problems found')} in ${seen}`;
}

/** Also told when quiet: an incomplete run never looks clean. */
function incompleteText(run: Run, paint: Paint): string[] {
  if (run.summary.complete) return [];
  const unread = run.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const inputs = new Set(unread.map((diagnostic) => inputOf(diagnostic.at))).size;
  const what = inputs === 0 ? 'something' : count(inputs, 'input');
  return [paint.error(`Incomplete: ${what} could not be read, so problems there are not in this report.`)];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
