/**
 * The line of a source that a place stands on, cut to a width, and where to underline it.
 * Takes a span and the columns there are; gives text that is safe to print and the underline in terminal columns.
 * Logs are read by many, so values that look like secrets are hidden, and of a machine-made line only the place itself
 * is shown: a minified plan has everything on one line, with passwords under any key.
 */
import type { Span } from '../source/source.ts';
import { columnsOf } from './columns.ts';
import { printablePieces } from './printable.ts';
import { secretsIn } from './secrets.ts';

export interface Excerpt {
  readonly line: number;
  readonly text: string;
  /** Columns before the underline, and its length (at least 1). */
  readonly indent: number;
  readonly length: number;
  /** The line on which the span ends, where that is another one. */
  readonly until?: number;
}

const CUT = '…';
const TAB = '    ';
const HIDDEN = '(hidden)';

/** UTF-16 units of the longest line that is taken for written by hand. A plan's line has megabytes; nothing reads it all. */
const LONGEST_BY_HAND = 300;

/** undefined: the line is blank, there is nothing to see. */
export function excerpt(span: Span, width: number): Excerpt | undefined {
  const { source } = span;
  const text = source.text;
  const start = Math.max(0, Math.min(span.start, text.length));
  const end = Math.max(start, Math.min(span.end, text.length));
  const { line, column } = source.position(start);
  const lastLine = source.position(Math.max(start, end - 1)).line;

  const lineStart = start - (column - 1);
  const [from, to] = stretch(text, lineStart, start, end, width);
  const shown = text.slice(from, to).replace(/\r$/, '');
  if (shown.trim() === '') return undefined;

  const cells = cellsOf(shown, from);
  const contentEnd = from + shown.trimEnd().length;
  const lineEnd = from + shown.length;
  const underlineEnd = lastLine > line ? Math.max(start, contentEnd) : Math.min(end, Math.max(start, lineEnd));
  const first = indexWhere(cells, (cell) => cell.end > start);
  const last = Math.max(
    first,
    indexWhere(cells, (cell) => cell.start >= underlineEnd),
  );
  const cutBefore = from > lineStart;
  const cutAfter = to < text.length && text[to] !== '\n';
  const [left, right] = visibleRange(cells, first, last, width, cutBefore, cutAfter);

  const prefix = left > 0 || cutBefore ? CUT : '';
  const suffix = right < cells.length || cutAfter ? CUT : '';
  const visible = cells.slice(left, right);
  return {
    line,
    text: prefix + visible.map((cell) => cell.text).join('') + suffix,
    indent: prefix.length + total(cells.slice(left, first)),
    length: Math.max(1, total(cells.slice(first, Math.min(last, right)))),
    ...(lastLine > line && { until: lastLine }),
  };
}

/** The part of the line that may be shown: all of it, or on a machine-made line the span and the key in front of it. */
function stretch(text: string, lineStart: number, start: number, end: number, width: number): [number, number] {
  const head = text.slice(lineStart, lineStart + LONGEST_BY_HAND + 1);
  const lineBreak = head.indexOf('\n');
  if (lineBreak !== -1) return [lineStart, lineStart + lineBreak];
  if (head.length <= LONGEST_BY_HAND) return [lineStart, text.length];
  const before = text.slice(Math.max(lineStart, start - width), start);
  const key = /(?:"[^"\\]+"|[\w.-]+)[^\S\n]*[:=][^\S\n]*$/.exec(before);
  // Twice the width is enough: where characters take no column, half of the units still fill the line.
  const to = betweenPairs(text, Math.min(Math.max(end, start + 1), start + 2 * width));
  const rest = text.slice(start, to).split('\n', 1)[0]!;
  // Of an object or a list only the opening bracket.
  const flat = /^(?:"(?:[^"\\]|\\.)*"?|[^"{[])*[{[]?/.exec(rest)![0];
  return [start - (key?.[0].length ?? 0), start + flat.length];
}

interface Cell {
  readonly text: string;
  /** Of the source. */
  readonly start: number;
  readonly end: number;
  readonly columns: number;
}

/** One cell for each character, and one for each value that is hidden. */
function cellsOf(text: string, from: number): Cell[] {
  const cells: Cell[] = [];
  const add = (cell: string, start: number, units: number) =>
    cells.push({
      text: cell,
      start: from + start,
      end: from + start + units,
      columns: columnsOf(cell, cells.at(-1)?.text),
    });
  let at = 0;
  for (const secret of [...secretsIn(text), { start: text.length, end: text.length }]) {
    for (const piece of printablePieces(text.slice(at, secret.start))) {
      add(piece.units === 1 && piece.text === '\\t' ? TAB : piece.text, at, piece.units);
      at += piece.units;
    }
    if (secret.end > secret.start) add(HIDDEN, at, secret.end - secret.start);
    at = secret.end;
  }
  return cells;
}

/**
 * The cells from `left` to before `right` that fit: the span (its beginning, if it is too wide), then what stands around
 * it, in equal parts as far as there is something on both sides.
 */
function visibleRange(
  cells: readonly Cell[],
  first: number,
  last: number,
  width: number,
  cutBefore: boolean,
  cutAfter: boolean,
): [number, number] {
  if (!cutBefore && !cutAfter && total(cells) <= width) return [0, cells.length];
  let left = first;
  let right = first;
  let room = width - 2 * CUT.length;
  const take = (index: number): boolean => {
    const columns = cells[index]?.columns ?? Number.POSITIVE_INFINITY;
    if (columns > room) return false;
    room -= columns;
    return true;
  };
  while (right < last && take(right)) right++;
  if (right < last) return [left, right];
  let grows = true;
  while (grows) {
    grows = false;
    if (left > 0 && take(left - 1)) {
      left--;
      grows = true;
    }
    if (right < cells.length && take(right)) {
      right++;
      grows = true;
    }
  }
  return [left, right];
}

function indexWhere(cells: readonly Cell[], test: (cell: Cell) => boolean): number {
  const index = cells.findIndex(test);
  return index === -1 ? cells.length : index;
}

function total(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.columns, 0);
}

/** Moves an offset out of the middle of a surrogate pair. */
function betweenPairs(text: string, offset: number): number {
  return /^[\udc00-\udfff]/.test(text.slice(offset, offset + 1)) ? offset + 1 : offset;
}
