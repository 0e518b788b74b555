/**
 * Markdown for comments on pull requests and for job summaries: one sentence, tables by severity, what to do folded away.
 * Whatever comes from input is written so that no forge makes a mention, a reference, a link, an image or HTML of it. What does
 * not fit into the size that such a place takes is left out, the least severe first, and counted.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Finding, Run } from '../source/run.ts';
import { asSentence, entriesOf, severities, unsaidAddress } from './entries.ts';
import { placeText, webAddress } from './location.ts';
import { printable, withoutLeadingColons } from './printable.ts';
import { incompleteLines, verdictText } from './summary.ts';
import type { Words } from './words.ts';

/** Of a job summary of GitHub, which takes 1 MiB; a comment takes 65,536 characters. */
const summaryBytes = 1_000_000;

/** Of one text in a table; whoever needs more finds it in the other formats. */
const longest = 600;

/** Related places of one finding. */
const mostRelated = 5;

export function printMarkdown(run: Run, words: Words, limit = summaryBytes): string {
  const { unread, findings, remarks } = entriesOf(run);
  const report = new Report(limit, words);
  report.always(`### ${run.tool.name}`);
  const [incomplete] = incompleteLines(run, words);
  if (incomplete !== undefined) report.always(markdownText(incomplete));
  report.always(markdownText(verdictText(run, words)));
  report.table(`#### ${words.unread}`, [words.place, words.problem], unread, (entry) => [
    codeSpan(placeText(entry.at)),
    problemText(entry, words),
  ]);
  for (const severity of severities) {
    const group = findings.filter((finding) => finding.severity === severity);
    report.table(
      `#### ${words.counted(severity, group.length)}`,
      [words.place, words.rule, words.problem],
      group,
      (finding) => [codeSpan(placeText(finding.at)), ruleLink(finding), problemText(finding, words)],
    );
  }
  report.folded(words.whatToDo, helpItems(findings, run), false);
  report.folded(
    words.remarks,
    remarks.map((entry) => `${codeSpan(placeText(entry.at))} ${entry.severity}: ${proseText(sentences(entry))}`),
  );
  report.folded(
    words.undecided,
    run.undetermined.map(
      ({ at, code, resource, because }) =>
        `${codeSpan(placeText(at))} ${codeSpan(code)} ${codeSpan(resource.address)}: ${proseText(because)}`,
    ),
  );
  const { undetermined, suppressed } = run.summary;
  const extras = [];
  if (undetermined > 0) extras.push(words.undetermined(undetermined, run.undetermined.length > 0));
  if (suppressed > 0) extras.push(words.suppressed(suppressed));
  if (extras.length > 0) report.always(proseText(extras.join(words.joint)));
  return withoutLeadingColons(report.text());
}

/** For the sentences behind the tables. */
const spare = 2_000;

/** Paragraphs up to a size, parted by blank lines. */
class Report {
  readonly #parts: string[] = [];
  readonly #limit: number;
  readonly #words: Words;
  #bytes = 0;
  #left = 0;

  constructor(limit: number, words: Words) {
    this.#limit = limit - spare;
    this.#words = words;
  }

  /** A sentence of the report itself. */
  always(text: string): void {
    this.#parts.push(text);
    this.#bytes += Buffer.byteLength(text) + 2;
  }

  table<T>(heading: string, columns: readonly string[], entries: readonly T[], row: (entry: T) => string[]): void {
    const head = `${heading}\n\n${rowText(columns)}\n|${'---|'.repeat(columns.length)}`;
    this.#list(head, '', entries, (entry) => rowText(row(entry)));
  }

  /** A list that opens when it is clicked. */
  folded(summary: string, items: readonly string[], isCounted = true): void {
    this.#list(`<details><summary>${summary}</summary>\n`, '\n</details>', items, (item) => `- ${item}`, isCounted);
  }

  text(): string {
    const left = this.#left > 0 ? [proseText(this.#words.notShown(this.#left))] : [];
    return `${[...this.#parts, ...left].join('\n\n')}\n`;
  }

  #list<T>(head: string, foot: string, entries: readonly T[], line: (entry: T) => string, isCounted = true): void {
    const lines = [head];
    let bytes = Buffer.byteLength(head) + Buffer.byteLength(foot) + 3;
    for (const entry of entries) {
      const text = line(entry);
      const more = Buffer.byteLength(text) + 1;
      if (this.#bytes + bytes + more > this.#limit) break;
      lines.push(text);
      bytes += more;
    }
    if (isCounted) this.#left += entries.length - (lines.length - 1);
    if (lines.length === 1) return;
    this.#parts.push([...lines, ...(foot === '' ? [] : [foot])].join('\n'));
    this.#bytes += bytes;
  }
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function ruleLink({ code, docs }: Pick<Finding, 'code' | 'docs'>): string {
  const name = codeSpan(code);
  return docs === '' ? name : `[${name}](${webAddress(docs)})`;
}

function problemText(entry: Diagnostic | Finding, words: Words): string {
  const isFinding = 'resource' in entry;
  const lines = [proseText(isFinding ? entry.message : sentences(entry))];
  const address = unsaidAddress(entry);
  if (address !== undefined) lines.push(`${words.resource} ${codeSpan(address)}`);
  const related = entry.related ?? [];
  for (const { at, message } of related.slice(0, mostRelated))
    lines.push(`${codeSpan(placeText(at))} ${proseText(message)}`);
  if (related.length > mostRelated) lines.push('…');
  return lines.join('<br>');
}

function sentences({ message, help }: Diagnostic): string {
  return help ? `${asSentence(message)} ${help}` : message;
}

/** One item for each rule, with each of its texts once. */
function helpItems(findings: readonly Finding[], run: Run): string[] {
  const titles = new Map(run.rules.map((rule) => [rule.code, rule.title]));
  const byRule = new Map<string, Finding[]>();
  for (const severity of severities)
    for (const finding of findings.filter((one) => one.severity === severity)) {
      const group = byRule.get(finding.code);
      if (group) group.push(finding);
      else byRule.set(finding.code, [finding]);
    }
  return [...byRule.values()].map((group) => {
    const helps = [...new Set(group.map(({ help }) => help).filter((help) => help !== ''))];
    const title = titles.get(group[0]!.code);
    const head = `${ruleLink(group[0]!)}${title === undefined ? '' : `: ${proseText(title)}`}`;
    return [head, ...helps.map((help) => `  - ${proseText(help)}`)].join('\n');
  });
}

/** Text from a rule or from input, with names in `code`. */
function proseText(text: string): string {
  return shortened(text)
    .split(/`([^`]+)`/)
    .map((part, i) => (i % 2 === 1 ? codeSpan(part) : markdownText(part)))
    .join('');
}

/**
 * Words stay words. Everything else that is printed in ASCII (names, paths, addresses, signs) stands as code, in which nothing acts:
 * escaped signs still make mentions, references and links, since forges look for those in the finished page.
 */
function markdownText(text: string): string {
  return printable(text).replace(/[\x21-\x7e]+/g, (piece) => {
    if (isWord.test(piece)) return piece;
    const [, before, name, after] = (isCall.test(piece) ? besideCall : beside).exec(piece)!;
    return before! + codeSpan(name!) + after!;
  });
}

/** Also a number, or signs of a sentence alone. Seven letters from a to f could be a commit. */
const isWord = /^["'(]*(?:(?![a-f]{7})[A-Za-z]+(?:['/-][A-Za-z]+)*|\d{1,6}(?:[.,]\d{1,6})*%?)?[)"'.,;:!?]*$/;

/** What belongs to the sentence around a name; the end of a call belongs to the name. */
const beside = /^(["'(]*)(.*?)([)"'.,;:!?]*)$/;
const besideCall = /^(["']*)(.*?)(["'.,;:!?]*)$/;
const isCall = /\w\(/;

/**
 * Code that also holds inside of a table. A bar would end the cell and a backtick the code, so they stand outside; so do the signs
 * of HTML and of links, lest a reader that knows no code makes something of them.
 */
function codeSpan(text: string): string {
  return printable(shortened(text))
    .split(/([|`<>]|\](?=\())/)
    .map((part) => outside.get(part) ?? (part === '' ? '' : /^ +$/.test(part) ? part : `\`${part}\``))
    .join('');
}

const outside: ReadonlyMap<string, string> = new Map([
  ['|', '\\|'],
  ['`', '&grave;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  [']', '\\]'],
]);

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
}
