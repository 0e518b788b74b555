/**
 * Text that was read, and places in it.
 * A place is a pair of UTF-16 offsets (end exclusive) or, for a live resource, a JSON pointer into its body;
 * lines and columns are counted only when something is printed.
 */

/** One text file, decoded, without a leading byte order mark (columns start after it). */
export class Source {
  /** Path for people: forward slashes, relative to the repository root or the working directory. */
  readonly file: string;
  readonly text: string;
  /** The revision that it was read from; without one it is the file as it is now. */
  readonly revision: string | undefined;
  #lineStarts: Uint32Array | undefined;

  constructor(file: string, text: string, revision?: string) {
    this.file = file;
    this.text = text;
    this.revision = revision;
  }

  /** 1-based line and column (UTF-16 units) of an offset; offsets beyond the text count as its end. */
  position(offset: number): Position {
    const starts = this.#starts();
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - starts[low]! + 1 };
  }

  /** The text of a 1-based line, without its line break. */
  line(number: number): string {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    const end = starts[number] ?? this.text.length;
    return this.text.slice(start, end).replace(/[\r\n]+$/, '');
  }

  #starts(): Uint32Array {
    if (!this.#lineStarts) {
      const { text } = this;
      // Counted first: of a large text a list that grows would leave more memory behind than the text takes.
      let lines = 1;
      for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) lines++;
      const starts = new Uint32Array(lines);
      let line = 1;
      for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts[line++] = i + 1;
      this.#lineStarts = starts;
    }
    return this.#lineStarts;
  }
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a source. Syntax nodes are spans themselves, so that a value can point at the node that wrote it. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place in a live resource, which has no text. */
export interface AzurePlace {
  readonly resourceId: string;
  /** JSON pointer into the body. */
  readonly path: string;
}

/** Where something was written. */
export type Origin = Span | AzurePlace;

export function isSpan(origin: Origin): origin is Span {
  return 'source' in origin;
}

export function span(source: Source, start: number, end: number): Span {
  return { source, start, end };
}

export function sameOrigin(a: Origin, b: Origin): boolean {
  if (isSpan(a)) return isSpan(b) && a.source === b.source && a.start === b.start && a.end === b.end;
  return !isSpan(b) && a.resourceId === b.resourceId && a.path === b.path;
}

/** Orders places by file, then line and column, so that output never depends on the order of the work. */
export function compareOrigins(a: Origin, b: Origin): number {
  const fileA = isSpan(a) ? a.source.file : a.resourceId;
  const fileB = isSpan(b) ? b.source.file : b.resourceId;
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  if (isSpan(a) && isSpan(b)) return a.start - b.start || a.end - b.end;
  const pathA = isSpan(a) ? '' : a.path;
  const pathB = isSpan(b) ? '' : b.path;
  return pathA < pathB ? -1 : pathA > pathB ? 1 : 0;
}
