/**
 * Suppressions written in the code: found in comments and ARM metadata, applied to findings.
 * One works at the finding's place, at a related place of it, and at the head of its subject: on the same line or the line before.
 * `ignore-file` before the first statement works for the whole file.
 */

import { bool, type Member, type Obj, text } from '../evaluate/value.ts';
import type { Directive } from '../parse/bicep-tree.ts';
import type { Comment } from '../parse/comment.ts';
import type { Log } from '../source/diagnostic.ts';
import type { Finding, Suppressed } from '../source/run.ts';
import { isSpan, type Origin, type Source, type Span } from '../source/source.ts';
import type { Target } from './check.ts';

export interface Suppression {
  readonly at: Span;
  /** The lines it works on; a whole file without. */
  readonly lines: readonly [number, number] | undefined;
  /** Empty: every code (only for a whole file). */
  readonly codes: readonly string[];
  readonly reason?: string | undefined;
  readonly until?: string | undefined;
  /** Of the configuration: what it hides wherever that is written. */
  readonly matches?: ((finding: Finding) => boolean) | undefined;
}

/** Where suppressions may be written in one file. */
export interface SuppressionSource {
  readonly source: Source;
  readonly comments: readonly Comment[];
  /** Offset of the first statement; `ignore-file` must stand before it. */
  readonly firstStatement: number;
  /** Bicep: `#disable-next-line CODE`, which has no reason; codes of the compiler are its own business. */
  readonly directives?: readonly Directive[];
  /** ARM: texts of `metadata.azureBackupLint` with the resource they belong to (the whole file without). */
  readonly metadata?: readonly { readonly text: string; readonly at: Span; readonly resource?: Span | undefined }[];
}

const shape = /^\s*azure-backup-lint:\s*(ignore-file|ignore)(?![\w-])([^\n]*)/i;

/** Reads every suppression of a file; one that cannot be read hides nothing and is told. */
export function suppressionsIn(file: SuppressionSource, knownCodes: ReadonlySet<string>, log: Log): Suppression[] {
  const found: Suppression[] = [];
  for (const comment of file.comments) {
    const match = shape.exec(comment.text);
    if (!match) {
      unreadable(log, comment, 'After "azure-backup-lint:" comes "ignore CODE" or "ignore-file".');
      continue;
    }
    const whole = match[1]!.toLowerCase() === 'ignore-file';
    if (whole && comment.start > file.firstStatement) {
      unreadable(log, comment, '"ignore-file" works only before the first statement of the file.');
      continue;
    }
    const rest = readWords(match[2]!, comment, knownCodes, log, whole);
    if (!rest) continue;
    const line = file.source.position(comment.start).line;
    const last = file.source.position(comment.end).line;
    found.push({ at: comment, lines: whole ? undefined : [line, last + 1], ...rest });
  }
  for (const directive of file.directives ?? []) {
    const codes = directive.codes.map(({ code }) => code).filter((code) => knownCodes.has(code));
    if (directive.name !== 'disable-next-line' || codes.length === 0) continue;
    const { line } = file.source.position(directive.start);
    found.push({ at: directive, lines: [line + 1, line + 1], codes });
  }
  for (const { text: words, at, resource } of file.metadata ?? []) {
    const match = /^\s*(?:azure-backup-lint:\s*)?(ignore-file|ignore)(?![\w-])([^\n]*)/i.exec(words);
    const whole = match?.[1]?.toLowerCase() === 'ignore-file';
    if (!match || whole !== (resource === undefined)) {
      unreadable(
        log,
        at,
        resource ? 'Here stands "ignore CODE reason=...".' : 'Here stands "ignore-file CODE reason=...".',
      );
      continue;
    }
    const rest = readWords(match[2]!, at, knownCodes, log, whole);
    if (!rest) continue;
    const lines =
      resource && ([file.source.position(resource.start).line, file.source.position(resource.end).line] as const);
    found.push({ at, lines, ...rest });
  }
  return found;
}

function readWords(
  words: string,
  at: Span,
  knownCodes: ReadonlySet<string>,
  log: Log,
  whole: boolean,
): Pick<Suppression, 'codes' | 'reason' | 'until'> | undefined {
  const match =
    /^\s*([A-Za-z0-9-]+(?:\s*,\s*[A-Za-z0-9-]+)*)?(?=\s|$)((?:\s+[a-z]+=(?:"[^"]*"|'[^']*'|[^\s"']\S*))*)\s*(?:--.*|\*\/)?$/.exec(
      words,
    );
  const codes = match?.[1]?.split(',').map((code) => code.trim()) ?? [];
  if (!match || (codes.length === 0 && !whole)) {
    unreadable(log, at, 'It is written: ignore CODE[,CODE] reason="..." [until=YYYY-MM-DD].');
    return undefined;
  }
  for (const code of codes)
    if (!knownCodes.has(code))
      log.push({
        code: 'suppression-unknown-code',
        severity: 'warning',
        message: `A suppression names the rule "${code}", which does not exist.`,
        help: 'Correct the code, or remove the comment.',
        at,
      });
  let reason: string | undefined;
  let until: string | undefined;
  for (const [, name, value] of (match[2] ?? '').matchAll(/([a-z]+)=("[^"]*"|'[^']*'|[^\s"']\S*)/g)) {
    const plain = value!.replace(/^["']|["']$/g, '').trim();
    if (name === 'reason' && plain !== '') reason = plain;
    else if (name === 'until') {
      if (!isDate(plain)) {
        unreadable(log, at, `"${plain}" is no date; it is written YYYY-MM-DD.`);
        return undefined;
      }
      until = plain;
    } else if (name !== 'reason') {
      unreadable(log, at, `"${name}" is not known; after the code come reason="..." and until=YYYY-MM-DD.`);
      return undefined;
    }
  }
  return { codes, reason, until };
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function unreadable(log: Log, at: Span, help: string): void {
  log.push({
    code: 'suppression-unreadable',
    severity: 'warning',
    message: 'This suppression cannot be read, so it hides nothing.',
    help,
    at,
  });
}

/** Suppressions as something that rules judge: a missing reason and a passed date are findings themselves. */
export function suppressionTargets(suppressions: readonly Suppression[], today: string): Target[] {
  return suppressions.map((suppression) => {
    const { at } = suppression;
    const members = new Map<string, Member>();
    const put = (name: string, value: string | undefined): void => {
      if (value !== undefined) members.set(name, { value: text(value, at), at });
    };
    const codes = suppression.codes.length === 0 ? 'every rule' : suppression.codes.join(', ');
    put('codes', codes);
    put('reason', suppression.reason);
    put('until', suppression.until);
    members.set('expired', { value: bool(isExpired(suppression, today), at), at });
    const view: Obj = { kind: 'object', members, at };
    const resource = {
      address: `suppression of ${codes}`,
      type: 'suppression',
      name: text(codes, at),
      head: at,
      calls: [],
    };
    return { subject: 'suppression', resource, view };
  });
}

function isExpired(suppression: Suppression, today: string): boolean {
  return suppression.until !== undefined && suppression.until < today;
}

/** Marks what is hidden. */
export function applySuppressions(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  today: string,
): Finding[] {
  const live = suppressions.filter((suppression) => !isExpired(suppression, today));
  if (live.length === 0) return [...findings];
  return findings.map((finding) => {
    // A suppression cannot hide the finding about itself.
    if (finding.resource.type === 'suppression') return finding;
    const places = [finding.at, ...finding.related.map((related) => related.at), finding.head];
    const hit = live.find(
      (suppression) =>
        (suppression.codes.length === 0 || suppression.codes.includes(finding.code)) &&
        (suppression.matches
          ? suppression.matches(finding)
          : places.some((place) => place && covers(suppression, place))),
    );
    if (!hit) return finding;
    const suppressed: Suppressed = {
      ...(hit.reason !== undefined && { reason: hit.reason }),
      ...(hit.until !== undefined && { until: hit.until }),
    };
    return { ...finding, suppressed };
  });
}

function covers(suppression: Suppression, place: Origin): boolean {
  // Terraform reads files by itself, so a file may be two sources.
  if (!isSpan(place) || place.source.revision !== undefined || place.source.file !== suppression.at.source.file)
    return false;
  if (!suppression.lines) return true;
  const { line } = place.source.position(place.start);
  return line >= suppression.lines[0] && line <= suppression.lines[1];
}
