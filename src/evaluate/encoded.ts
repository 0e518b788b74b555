/**
 * JSON in the texts of other languages: what it spells, each part with the place where it was written.
 * Takes a text value: the result of jsonencode(), the content of a file, a heredoc or any other text, also with holes inside
 * of its strings. Only where the text cannot be found line by line do its parts stand where the text as a whole does.
 */
import { parseJson } from '../parse/json.ts';
import type { JsonNode, JsonString } from '../parse/json-tree.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { isSpan, type Origin, Source, type Span, span } from '../source/source.ts';
import {
  bool,
  canonical,
  force,
  joined,
  list,
  type Member,
  nothing,
  number,
  object,
  reasonOf,
  type Str,
  secret,
  type Template,
  text,
  unknown,
  type Value,
} from './value.ts';

/** Where a span of the parsed text was written. */
export type Place = (at: Span) => Origin;

export interface ParsedText {
  readonly root: JsonNode;
  readonly place: Place;
  /** What a string of it says: with holes where the text has some. */
  readonly says: (node: JsonString) => Value;
  /** What the JSON parser had to say, at its own places. */
  readonly log: readonly Diagnostic[];
}

/** The value that a text spells; unknown where the text is not known, or is no JSON. */
export function spelt(value: Value): Value {
  const of = force(value);
  const result = speltPlainly(of);
  return of.secret ? secret(result) : result;
}

function speltPlainly(value: Value): Value {
  if (value.encodes) return force(value.encodes);
  if (value.kind !== 'string' && value.kind !== 'template')
    return unknown(reasonOf(value) ?? 'it is no text', value.at);
  const parsed = parseText(value);
  if (parsed) return plainValue(parsed.root, parsed);
  return unknown((value.kind === 'template' && reasonOf(value)) || 'the text is no JSON', value.at);
}

/** The tree of a JSON text; undefined where it is none, or where a hole may be more than a part of a string. */
export function parseText(value: Str | Template): ParsedText | undefined {
  const log: Diagnostic[] = [];
  const { at } = value;
  const marked = value.kind === 'string' ? { text: value.value, holes: [], mark: '' } : markedText(value);
  if (!marked) return undefined;
  // Diagnostics are told apart by file and offset.
  const name = isSpan(at) ? `${at.source.file} from ${at.start}` : at.resourceId;
  const file = value.kind === 'string' && value.file?.text === value.value ? value.file : undefined;
  const source = file ?? new Source(name, marked.text);
  const { root } = parseJson(source, log);
  if (!root || log.some(({ severity }) => severity === 'error')) return undefined;
  const place: Place = file ? (span) => span : placeIn(value, source);
  if (marked.holes.length > 0 && holesIn(root, marked.mark) !== marked.holes.length) return undefined;
  return { root, place, log, says: (node) => said(node, marked, place(node)) };
}

// Holes

interface MarkedText {
  readonly text: string;
  /** In the text each is its number between two marks. */
  readonly holes: readonly Value[];
  readonly mark: string;
}

/** The first letter of the private use area that the text does not use itself marks its holes. */
function markedText({ parts }: Template): MarkedText | undefined {
  const isFree = (mark: string): boolean => parts.every((part) => typeof part !== 'string' || !part.includes(mark));
  const mark = Array.from({ length: 16 }, (_, i) => String.fromCharCode(0xe000 + i)).find(isFree);
  if (mark === undefined) return undefined;
  const holes: Value[] = [];
  const text = parts.map((part) => (typeof part === 'string' ? part : mark + (holes.push(part) - 1) + mark));
  return { text: text.join(''), holes, mark };
}

/** How many holes stand in the strings of a tree, not counting keys. */
function holesIn(root: JsonNode, mark: string): number {
  let marks = 0;
  const stack = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'string') marks += node.value.split(mark).length - 1;
    else if (node.kind === 'array') stack.push(...node.items);
    else if (node.kind === 'object') for (const { value } of node.members) stack.push(value);
  }
  return marks / 2;
}

function said(node: JsonString, { holes, mark }: MarkedText, at: Origin): Value {
  if (holes.length === 0 || !node.value.includes(mark)) return text(node.value, at);
  const parts = node.value.split(mark).map((part, i) => (i % 2 === 0 ? part : holes[Number(part)]!));
  const [before, only, after] = parts;
  return parts.length === 3 && before === '' && after === '' ? (only as Value) : joined(parts, at);
}

// Places

/** A line of the text in its source: so many letters from its start, and before its end, stand there as they are. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly head: number;
  readonly tail: number;
  readonly length: number;
}

/** The lines of a heredoc or template file stand in the source as they are, but for indentation and interpolations. */
function placeIn(value: Str | Template, own: Source): Place {
  const { at, written } = value;
  const from = written ?? (isSpan(at) ? at.source : undefined);
  const lines = from && linesOf(own.text, from, written || !isSpan(at) ? undefined : at);
  return (inner) => {
    if (inner.source !== own) return inner;
    if (!lines) return at;
    const offset = (of: number, isEnd: boolean): number => {
      const { line, column } = own.position(of);
      const { start, end, head, tail, length } = lines[line - 1]!;
      if (column - 1 <= head) return start + column - 1;
      const left = length - column + 1;
      return left <= tail ? end - left : isEnd ? end - tail : start + head;
    };
    return span(from, offset(inner.start, false), offset(inner.end, true));
  };
}

/** Where the lines of the text are in a heredoc, or in a whole file; undefined where one is not found there. */
function linesOf(value: string, source: Source, heredoc: Span | undefined): Line[] | undefined {
  const found: Line[] = [];
  let from = 0;
  if (heredoc) {
    if (!source.text.startsWith('<<', heredoc.start)) return undefined;
    from = source.text.indexOf('\n', heredoc.start) + 1;
    if (from === 0) return undefined;
  }
  const limit = heredoc?.end ?? source.text.length;
  const lines = value.split('\n');
  for (const [i, line] of lines.entries()) {
    // After the last line break nothing of the text is left.
    if (i === lines.length - 1 && line === '') {
      found.push({ start: from, end: from, head: 0, tail: 0, length: 0 });
      break;
    }
    const next = source.text.indexOf('\n', from);
    const feed = next === -1 && !heredoc && i === lines.length - 1 ? limit : next;
    if (feed === -1 || feed >= limit + (heredoc ? 0 : 1)) return undefined;
    const one = lineOf(line.replace(/\r$/, ''), source.text.slice(from, feed).replace(/\r$/, ''), from);
    if (!one) return undefined;
    found.push(one);
    from = feed + 1;
  }
  return found;
}

function lineOf(line: string, written: string, from: number): Line | undefined {
  const { length } = line;
  const end = from + written.length;
  if (written.endsWith(line) && written.slice(0, written.length - length).trim() === '')
    return { start: end - length, end, head: length, tail: length, length };
  const indentation = written.search(/\S|$/) - line.search(/\S|$/);
  if (indentation < 0 || !written.includes('${')) return undefined;
  const rest = written.slice(indentation);
  const shorter = Math.min(length, rest.length);
  let head = 0;
  while (head < shorter && line[head] === rest[head]) head++;
  let tail = 0;
  while (tail < shorter - head && line[length - 1 - tail] === rest[rest.length - 1 - tail]) tail++;
  return { start: from + indentation, end, head, tail, length };
}

/** JSON without expressions in it. */
function plainValue(node: JsonNode, parsed: ParsedText): Value {
  const at = parsed.place(node);
  switch (node.kind) {
    case 'string':
      return parsed.says(node);
    case 'number':
      return number(node.value, at);
    case 'word':
      return node.value === null ? nothing(at) : bool(node.value, at);
    case 'array':
      return list(
        node.items.map((item) => plainValue(item, parsed)),
        at,
      );
    case 'object': {
      const members = new Map<string, Member>();
      for (const { key, value } of node.members)
        members.set(key.value, { value: plainValue(value, parsed), at: parsed.place(value) });
      return object(members, at);
    }
  }
}

/**
 * The tree that a value would have as JSON. What JSON cannot say, for it is not known, becomes what `hole` gives for it.
 * undefined: the value as a whole, or which members it has, is not known.
 */
export function treeOf(value: Value, hole: (of: Value) => string): JsonNode | undefined {
  const of = force(value);
  const { at } = of;
  if (!isSpan(at)) return undefined;
  const { source, start, end } = at;
  const place = { source, start, end };
  switch (of.kind) {
    case 'null':
      return { kind: 'word', value: null, ...place };
    case 'bool':
      return { kind: 'word', value: of.value, ...place };
    case 'number':
      return { kind: 'number', value: of.value, digits: canonical(of) ?? String(of.value), ...place };
    case 'string':
      return { kind: 'string', value: of.value, ...place };
    case 'list': {
      if (of.open) return { kind: 'string', value: hole(of), ...place };
      const items: JsonNode[] = [];
      for (const item of of.items) {
        const node = treeOf(item, hole);
        if (!node) return undefined;
        items.push(node);
      }
      return { kind: 'array', items, ...place };
    }
    case 'object': {
      if (of.open || [...of.members.values()].some(({ maybe }) => maybe))
        return { kind: 'string', value: hole(of), ...place };
      const members = [];
      for (const [name, member] of of.members) {
        const node = treeOf(member.value, hole);
        if (!node) return undefined;
        members.push({ key: { kind: 'string', value: name, ...place } as const, value: node, ...place });
      }
      return { kind: 'object', members, ...place };
    }
    default:
      return { kind: 'string', value: hole(of), ...place };
  }
}
