/**
 * JSON in the texts of other languages: what it spells, each part with the place where it was written.
 * Takes a text value: the result of jsonencode(), the content of a file, a heredoc or any other text. Only where the text
 * cannot be found letter by letter do its parts stand where the text as a whole does.
 */
import { parseJson } from '../parse/json.ts';
import type { JsonNode } from '../parse/json-tree.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { isSpan, type Origin, Source, type Span, span } from '../source/source.ts';
import {
  bool,
  canonical,
  force,
  list,
  type Member,
  nothing,
  number,
  object,
  reasonOf,
  type Str,
  secret,
  text,
  unknown,
  type Value,
} from './value.ts';

/** Where a span of the parsed text was written. */
export type Place = (at: Span) => Origin;

export interface ParsedText {
  readonly root: JsonNode;
  readonly place: Place;
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
  if (value.kind !== 'string') return unknown(reasonOf(value) ?? 'it is no text', value.at);
  const parsed = parseText(value);
  return parsed ? plainValue(parsed.root, parsed.place) : unknown('the text is no JSON', value.at);
}

/** The tree of a JSON text; undefined where it is none. */
export function parseText(value: Str): ParsedText | undefined {
  const log: Diagnostic[] = [];
  const { at } = value;
  // Diagnostics are told apart by file and offset.
  const name = isSpan(at) ? `${at.source.file} from ${at.start}` : at.resourceId;
  const source = value.file?.text === value.value ? value.file : new Source(name, value.value);
  const { root } = parseJson(source, log);
  if (!root || log.some(({ severity }) => severity === 'error')) return undefined;
  return { root, place: source === value.file ? (at) => at : placeIn(value, source), log };
}

/** The text of a heredoc stands in its source as it is, but for the indentation of its lines. */
function placeIn({ value, at }: Str, own: Source): Place {
  const starts = isSpan(at) ? linesOf(value, at) : undefined;
  return (inner) => {
    if (inner.source !== own) return inner;
    if (!starts || !isSpan(at)) return at;
    const offset = (of: number): number => {
      const { line, column } = own.position(of);
      return starts[line - 1]! + column - 1;
    };
    return span(at.source, offset(inner.start), offset(inner.end));
  };
}

/** Offsets where the lines of the text begin in the source; undefined where one is not found there as it is. */
function linesOf(value: string, at: Span): number[] | undefined {
  const { source, start, end } = at;
  let from = source.text.indexOf('\n', start) + 1;
  if (from === 0 || !source.text.startsWith('<<', start)) return undefined;
  const starts: number[] = [];
  const lines = value.split('\n');
  for (const [i, line] of lines.entries()) {
    // After the last line break nothing of the text is left.
    if (i === lines.length - 1 && line === '') {
      starts.push(from);
      break;
    }
    const feed = source.text.indexOf('\n', from);
    if (feed === -1 || feed >= end) return undefined;
    const written = source.text.slice(from, feed).replace(/\r$/, '');
    const bare = line.replace(/\r$/, '');
    if (!written.endsWith(bare) || written.slice(0, written.length - bare.length).trim() !== '') return undefined;
    starts.push(from + written.length - bare.length);
    from = feed + 1;
  }
  return starts;
}

/** JSON without expressions in it. */
export function plainValue(node: JsonNode, place: Place = (at) => at): Value {
  const at = place(node);
  switch (node.kind) {
    case 'string':
      return text(node.value, at);
    case 'number':
      return number(node.value, at);
    case 'word':
      return node.value === null ? nothing(at) : bool(node.value, at);
    case 'array':
      return list(
        node.items.map((item) => plainValue(item, place)),
        at,
      );
    case 'object': {
      const members = new Map<string, Member>();
      for (const { key, value } of node.members)
        members.set(key.value, { value: plainValue(value, place), at: place(value) });
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
