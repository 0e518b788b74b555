/**
 * A baseline: findings that are known, so that only new ones count. Read, held against a run, written.
 * Findings are told apart by their fingerprints, which hold neither file nor line, so a baseline survives whatever moves them; what
 * Terraform's `moved` blocks rename is followed. It only ever shrinks by itself: what no longer occurs is told, never replaced.
 */
import { dirname, relative, resolve, sep } from 'node:path';
import type { Options } from './config.ts';
import { Moves, mostMoves } from './evaluate/moves.ts';
import { parseJson } from './parse/json.ts';
import type { JsonNode, JsonObject } from './parse/json-tree.ts';
import { harmlessJson } from './report/printable.ts';
import type { Diagnostic, Log } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { isInside, messageOf } from './source/reader.ts';
import type { Finding, Run, Undetermined } from './source/run.ts';
import { Source, type Span } from './source/source.ts';
import { UsageError } from './usage.ts';

/** How many findings of one kind are known. */
interface Entry {
  readonly fingerprint: string;
  readonly code: string;
  readonly address: string;
  readonly count: number;
}

/** What else a run knows that decides whether an entry is gone. */
export interface Picture {
  readonly undetermined: readonly Undetermined[];
  /** As Terraform's `moved` blocks say. */
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** Codes of all rules that are on. */
  readonly judged: ReadonlySet<string>;
  /** Absolute; undefined: the run tells only of a part of what it read. */
  readonly paths: readonly string[] | undefined;
}

const largest = 64 * 1024 * 1024;

/** Entries that a note names. */
const named = 3;

export class Baseline {
  /** What a run did not decide, so that it stays: the rule is off, or a value is not known. */
  open: Entry[] = [];
  readonly #source: Source;
  /** What it was recorded of, absolute; undefined: it does not say. */
  readonly paths: readonly string[] | undefined;
  readonly #entries: readonly (Entry & { readonly at: Span })[];

  constructor(source: Source, folder: string) {
    this.#source = source;
    const root = this.#root();
    const version = member(root, 'version');
    if (version?.kind !== 'number' || version.value !== 1)
      throw this.#wrong(version ?? root, 'this is no baseline of version 1, the only one that there is.');
    const paths = member(root, 'paths');
    this.paths =
      paths === undefined
        ? undefined
        : this.#items(paths).map((item) => {
            if (item.kind !== 'string') throw this.#wrong(item, '"paths" is a list of texts.');
            return resolve(folder, item.value);
          });
    const findings = member(root, 'findings');
    if (!findings) throw this.#wrong(root, 'a baseline has a list of "findings".');
    this.#entries = this.#items(findings).map((item) => this.#entry(item));
  }

  #root(): JsonObject {
    const log: Log = [];
    const { root } = parseJson(this.#source, log);
    const problem = log.find(({ severity }) => severity === 'error');
    if (problem) throw this.#wrong(problem.at as Span, problem.message);
    if (root?.kind !== 'object')
      throw this.#wrong(root, 'this is no baseline; "azure-backup-lint baseline --baseline FILE" writes one.');
    return root;
  }

  #items(list: JsonNode): readonly JsonNode[] {
    if (list.kind !== 'array') throw this.#wrong(list, 'here stands a list.');
    return list.items;
  }

  #entry(item: JsonNode): Entry & { readonly at: Span } {
    const told = (name: string): string => {
      const value = item.kind === 'object' ? member(item, name) : undefined;
      if (value?.kind !== 'string')
        throw this.#wrong(value ?? item, 'a finding of a baseline has the texts "fingerprint", "code" and "address".');
      return value.value;
    };
    const entry = { fingerprint: told('fingerprint'), code: told('code'), address: told('address') };
    const count = item.kind === 'object' ? member(item, 'count') : undefined;
    if (count?.kind !== 'number' || !Number.isSafeInteger(count.value) || count.value < 1)
      throw this.#wrong(count ?? item, 'a finding of a baseline has a "count" of 1 or more.');
    return { ...entry, count: count.value, at: item };
  }

  #wrong(at: Span | undefined, message: string): UsageError {
    const { line, column } = this.#source.position(at?.start ?? 0);
    return new UsageError(`${this.#source.file}:${line}:${column}: ${message}`);
  }

  /** Whether a run of these paths, absolute, sees all that this baseline was recorded of. */
  covers(paths: readonly string[]): boolean {
    return this.paths?.every((known) => paths.some((path) => isInside(path, known))) ?? true;
  }

  /** Where it was recorded, as it is typed in a folder. */
  pathsFrom(folder: string): string {
    return (this.paths ?? []).map((path) => slashed(relative(folder, path)) || '.').join(' ');
  }

  /**
   * Marks findings that are known, as many as are known. Nothing in a baseline tells copies apart, so of those the first ones given are
   * marked: how many count is right, and runs of the same files agree on which. What no longer occurs is told in one note.
   */
  mark(findings: readonly Finding[], picture: Picture, log: Diagnostic[]): Finding[] {
    const left = new Map<string, number>();
    for (const { fingerprint, count } of this.#entries) left.set(fingerprint, (left.get(fingerprint) ?? 0) + count);
    const taken = (fingerprint: string): boolean => {
      const number = left.get(fingerprint) ?? 0;
      if (number > 0) left.set(fingerprint, number - 1);
      return number > 0;
    };
    const known = findings.map((finding) => !finding.suppressed && taken(finding.fingerprint));
    const former = this.#formerEntries(picture.moved);
    const marked = findings.map((finding, i): Finding => {
      const isKnown = known[i] || (!finding.suppressed && former(finding).some((fingerprint) => taken(fingerprint)));
      return isKnown ? { ...finding, suppressed: { baseline: true } } : finding;
    });
    const undecided = new Set(picture.undetermined.map(({ code, resource }) => keyOf(code, resource.address)));
    const gone: (Entry & { readonly at: Span })[] = [];
    this.open = [];
    for (const entry of this.#entries) {
      const count = Math.min(entry.count, left.get(entry.fingerprint) ?? 0);
      if (count === 0) continue;
      left.set(entry.fingerprint, left.get(entry.fingerprint)! - count);
      const isOpen = !picture.judged.has(entry.code) || undecided.has(keyOf(entry.code, entry.address));
      if (isOpen) this.open.push({ ...entry, count });
      else gone.push(entry);
    }
    if (gone.length > 0 && picture.paths && this.covers(picture.paths)) log.push(this.#note(gone));
    return marked;
  }

  /** Fingerprints of entries that tell of the same under an address that it had before. */
  #formerEntries(moved: Picture['moved']): (finding: Finding) => string[] {
    if (moved.length === 0) return () => [];
    const byPlace = new Map<string, string[]>();
    for (const { fingerprint, code, address } of this.#entries) {
      const key = keyOf(code, address);
      byPlace.set(key, [...(byPlace.get(key) ?? []), fingerprint]);
    }
    const moves = new Moves(moved, 'to');
    return ({ code, resource }) =>
      formerAddresses(resource.address, moves).flatMap((address) => byPlace.get(keyOf(code, address)) ?? []);
  }

  #note(gone: readonly (Entry & { readonly at: Span })[]): Diagnostic {
    const names = gone.slice(0, named).map(({ code, address }) => `${code} (${address})`);
    const more = gone.length > named ? ', ...' : '';
    return {
      code: 'baseline-entry-gone',
      severity: 'note',
      message:
        gone.length === 1
          ? `This finding of the baseline no longer occurs, or not as often: ${names[0]}.`
          : `${gone.length} findings of the baseline no longer occur, or not as often: ${names.join(', ')}${more}.`,
      help: '"azure-backup-lint baseline --prune" takes out of it what no longer occurs, and adds nothing.',
      at: gone[0]!.at,
    };
  }
}

/** Of findings of another run. */
export function baselineOf({ findings }: Run): Baseline {
  const counted = findings.filter(({ suppressed }) => !suppressed);
  return new Baseline(new Source('', printBaseline(counted, [], [], '/').text), '/');
}

/** `path`: absolute. What cannot be read is wrong usage. */
export function readBaseline(path: string, io: Io): Baseline {
  const shown = slashed(relative(io.cwd, path)) || path;
  const info = io.files.info(path);
  if (info?.kind !== 'file')
    throw new UsageError(`The baseline ${shown} cannot be read; "azure-backup-lint baseline" writes it.`);
  if (info.size > largest) throw new UsageError(`${shown}: a baseline is no larger than 64 MB.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(io.files.read(path));
  } catch (error) {
    const because = error instanceof TypeError ? 'it is not encoded in UTF-8' : messageOf(error);
    throw new UsageError(`${shown} cannot be read: ${because}.`);
  }
  return new Baseline(new Source(shown, text), dirname(path));
}

/** The findings that count, to be written to `path`; `open` entries are kept. `paths`: absolute, what was linted. */
function printBaseline(
  findings: readonly Finding[],
  open: readonly Entry[],
  paths: readonly string[],
  path: string,
): { readonly text: string; readonly count: number } {
  const entries = new Map<string, Entry>();
  const add = ({ fingerprint, code, address, count }: Entry): void => {
    const before = entries.get(fingerprint);
    entries.set(
      fingerprint,
      before ? { ...before, count: before.count + count } : { fingerprint, code, address, count },
    );
  };
  for (const { fingerprint, code, resource } of findings)
    add({ fingerprint, code, address: resource.address, count: 1 });
  for (const entry of open) add(entry);
  const sorted = [...entries.values()].sort(
    (a, b) => order(a.code, b.code) || order(a.address, b.address) || order(a.fingerprint, b.fingerprint),
  );
  const from = dirname(path);
  const shown = [...new Set(paths.map((one) => slashed(relative(from, one)) || '.'))].sort();
  return {
    text: harmlessJson({ version: 1, paths: shown, findings: sorted }),
    count: sorted.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Writes the file that the options name. `prune`: what stands in it stays, but for what no longer occurs. */
export async function recordBaseline(
  { baseline: path, paths: given, changedSince, newSince, stdinName }: Options,
  prune: boolean,
  io: Io,
  lint: (known: Baseline | undefined) => Promise<Run>,
): Promise<{ readonly run: Run; readonly message: string }> {
  if (path === undefined)
    throw new UsageError(
      'baseline needs --baseline FILE, or the key "baseline" in the configuration: where the findings are written.',
    );
  if (changedSince !== undefined || newSince !== undefined || stdinName !== undefined)
    throw new UsageError('A baseline is recorded of files as they are, without --stdin.');
  const paths = given.map((one) => resolve(io.cwd, one));
  // What stands there and is no baseline is somebody's work.
  const before = prune || io.files.info(path) ? readBaseline(path, io) : undefined;
  const known = prune ? before : undefined;
  if (known && !known.covers(paths))
    throw new UsageError(
      `This baseline was recorded of ${known.pathsFrom(io.cwd)}; --prune needs the same paths, else it would take out what was not looked at.`,
    );
  const run = await lint(known);
  const shown = slashed(relative(io.cwd, path)) || path;
  if (known && !run.summary.complete)
    return { run, message: `Something could not be read, so ${shown} stays as it is.` };
  const findings = run.findings.filter(({ suppressed }) => (known ? suppressed?.baseline : !suppressed));
  const { text, count } = printBaseline(findings, known?.open ?? [], known?.paths ?? paths, path);
  try {
    io.writeFile(path, text);
  } catch (error) {
    throw new UsageError(`The baseline ${shown} cannot be written: ${messageOf(error)}.`);
  }
  return { run, message: known ? `Findings left in ${shown}: ${count}` : `Findings recorded in ${shown}: ${count}` };
}

/** Of an address, those that it had before, the latest first. */
function formerAddresses(address: string, moves: Moves): string[] {
  const found = new Set([address]);
  for (const one of found)
    for (const { move, rest } of moves.naming(one)) if (found.size <= mostMoves) found.add(move.from + rest);
  return [...found].slice(1);
}

/** As in fingerprints: instances by number are one. */
function keyOf(code: string, address: string): string {
  return `${code}\0${address.replaceAll(/\[\d+\]/g, '[]')}`;
}

function member(node: JsonObject, name: string): JsonNode | undefined {
  return node.members.findLast(({ key }) => key.value === name)?.value;
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
