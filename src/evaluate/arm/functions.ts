/**
 * The functions of ARM templates that depend on nothing but their arguments. Bicep has the same ones.
 * Takes values, of which any may be unknown; gives the result, or a name for it where it is only known to be fixed.
 * Functions of the deployment itself (`resourceGroup`, `resourceId`, ...) are in scope.ts, those of a template in template.ts.
 */
import type { Call, Expression } from '../../parse/expression.ts';
import { limits } from '../../source/limits.ts';
import type { Origin, Span } from '../../source/source.ts';
import {
  access,
  type BuiltIn,
  binary,
  choose,
  deterministic,
  distribute,
  type Environment,
  evaluate,
  type Form,
  hiddenBy,
  spreadInto,
  truthOf,
  within,
} from '../evaluate.ts';
import {
  bool,
  canonical,
  equal,
  failure,
  force,
  fromPlain,
  isKnown,
  isNull,
  isScalar,
  isSecret,
  joined,
  type List,
  list,
  type Member,
  memberOf,
  nothing,
  number,
  numberText,
  type Obj,
  object,
  plain,
  reasonOf,
  secret,
  symbol,
  text,
  unknown,
  type Value,
} from '../value.ts';

/** undefined: it cannot be computed, and the call's name stands for its result. */
type Computation = (args: readonly Value[], call: Call, env: Environment) => Value | undefined;

/** Combinations of arguments that are one of several; beyond it the result is unknown. */
const combinations = 64;
/** Characters of one name for a value that is not computed; a name may repeat all names in it. */
const nameLength = 64 * 1024;
/** Characters of all texts in one value. Azure accepts templates of 4 MB. */
const weightLimit = 8 * 1024 * 1024;

// Strings

const strings: Record<string, Computation> = {
  toLower: ([a], call) => cased(a, call, 'toLower'),
  toUpper: ([a], call) => cased(a, call, 'toUpper'),
  trim: ([a], call) => (a && isScalar(a) ? text(textOf(a).trim(), call) : undefined),
  substring: ([a, from, count], call) => {
    const start = from === undefined ? 0 : integer(from);
    const length = count === undefined ? undefined : integer(count);
    if (a?.kind !== 'string' || start === undefined || (count && length === undefined)) return undefined;
    const end = length === undefined ? a.value.length : start + length;
    if (start < 0 || end < start || end > a.value.length)
      return failure('substring() reaches beyond the end of the text', call);
    return text(a.value.slice(start, end), call);
  },
  replace: ([a, from, to], call) => {
    if (a?.kind !== 'string' || from?.kind !== 'string' || to?.kind !== 'string' || from.value === '') return undefined;
    const count = a.value.split(from.value).length - 1;
    if (a.value.length + count * to.value.length > limits.stringLength)
      return unknown('the text is longer than this tool builds', call);
    return text(
      a.value.replaceAll(from.value, () => to.value),
      call,
    );
  },
  split: ([a, by], call) => {
    const separators = separatorsOf(by);
    if (!separators || !a) return undefined;
    if (a.kind === 'string') {
      const pieces = a.value.split(separators);
      if (pieces.length > limits.rangeItems) return unknown('the list has more items than this tool builds', call);
      return list(
        pieces.map((piece) => text(piece, call)),
        call,
      );
    }
    const segments = by?.kind === 'string' && by.value === '/' ? segmentsOf(a, call) : undefined;
    if (segments) return list(segments, call);
    const named =
      a.kind === 'template' && by?.kind === 'string' && by.value === '/' ? byName(call, [a, by]) : undefined;
    return named?.kind === 'symbol' ? { ...named, cut: { of: a } } : named;
  },
  join: ([of, by], call) => {
    if (of?.kind !== 'list' || of.open || (by && by.kind !== 'string')) return undefined;
    const parts: (string | Value)[] = [];
    for (const [i, item] of of.items.map(force).entries()) {
      if (i > 0) parts.push(by?.value ?? '');
      const part = inText(item);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return joined(parts, call);
  },
  format: (args, call) => formatted(args, call),
  padLeft: ([a, total, fill], call) => {
    const length = total && integer(total);
    if (!a || !isScalar(a) || length === undefined || (fill && fill.kind !== 'string')) return undefined;
    if (length > limits.stringLength) return unknown('the text is longer than this tool builds', call);
    return text(textOf(a).padStart(length, fill?.value ?? ' '), call);
  },
  // Azure finds a text in a text without regard to case, except in contains() and replace().
  indexOf: ([a, b], call) => found(a, b, call, (of, item) => of.indexOf(item)),
  lastIndexOf: ([a, b], call) => found(a, b, call, (of, item) => of.lastIndexOf(item)),
  startsWith: ([a, b], call) => affixed(a, b, call, false),
  endsWith: ([a, b], call) => affixed(a, b, call, true),
  string: ([a], call) => {
    if (!a) return undefined;
    if (a.kind === 'string') return a;
    if (isScalar(a)) return text(textOf(a), call);
    if (a.kind === 'template') return a;
    return (a.kind === 'list' || a.kind === 'object') && isKnown(a) ? text(JSON.stringify(plain(a)), call) : undefined;
  },
  base64: ([a], call) => (a?.kind === 'string' ? text(Buffer.from(a.value).toString('base64'), call) : undefined),
  base64ToString: ([a], call) => (a?.kind === 'string' ? text(decoded(a.value), call) : undefined),
  base64ToJson: ([a], call) => (a?.kind === 'string' ? parsed(decoded(a.value), a, call) : undefined),
  dataUri: ([a], call) =>
    a?.kind === 'string'
      ? text(`data:text/plain;charset=utf8;base64,${Buffer.from(a.value).toString('base64')}`, call)
      : undefined,
  uriComponent: ([a], call) => coded(a, call, encodeURIComponent),
  uriComponentToString: ([a], call) => coded(a, call, decodeURIComponent),
  uri: ([base, relative], call) => uriOf(base, relative, call),
  json: ([a], call) => (a?.kind === 'string' ? parsed(a.value, a, call) : undefined),
};

function cased(a: Value | undefined, call: Call, name: 'toLower' | 'toUpper'): Value | undefined {
  const change = (value: string): string => (name === 'toLower' ? value.toLowerCase() : value.toUpperCase());
  if (a && isScalar(a)) return text(change(textOf(a)), call);
  if (a?.kind !== 'template') return undefined;
  // The holes are changed one by one, so that the known beginning and end stay known.
  return joined(
    a.parts.map((part) => {
      if (typeof part === 'string') return change(part);
      const hole = canonical(part);
      if (hole === undefined) return unknown(reasonOf(part) ?? 'it is not known', part.at);
      const result = symbol(`${name}(${hole})`, reasonOf(part) ?? 'it is not known', part.at);
      return part.secret ? secret(result) : result;
    }),
    call,
  );
}

function coded(a: Value | undefined, call: Call, change: (value: string) => string): Value | undefined {
  if (a?.kind !== 'string') return undefined;
  try {
    return text(change(a.value), call);
  } catch {
    return failure('the text cannot be encoded or decoded', call);
  }
}

/** A scalar as Azure puts it into a text: `True`, not `true` (PSRule.Rules.Azure issue 793). */
function textOf(value: Value): string {
  if (value.kind === 'bool') return value.value ? 'True' : 'False';
  if (value.kind === 'number') return numberText(value);
  return value.kind === 'string' ? value.value : '';
}

/** A value as a part of a text. */
function inText(value: Value): string | Value | undefined {
  if (isNull(value)) return '';
  if (isScalar(value)) return textOf(value);
  if (value.kind !== 'list' && value.kind !== 'object') return value;
  return isKnown(value) ? JSON.stringify(plain(value)) : undefined;
}

function integer(value: Value): number | undefined {
  return value.kind === 'number' && Number.isInteger(value.value) ? value.value : undefined;
}

function separatorsOf(by: Value | undefined): RegExp | string | undefined {
  if (by?.kind === 'string') return by.value;
  if (by?.kind !== 'list' || by.open || by.items.length === 0) return undefined;
  const separators: string[] = [];
  for (const item of by.items.map(force)) {
    if (item.kind !== 'string' || item.value === '') return undefined;
    separators.push(item.value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  }
  return new RegExp(separators.join('|'));
}

/** The segments of an id with holes. A hole in an id is a name, and no name holds a slash; elsewhere a hole may. */
function segmentsOf(value: Value, at: Span): Value[] | undefined {
  if (value.kind !== 'template') return undefined;
  const [first] = value.parts;
  if (typeof first !== 'string' || !/^\/(subscriptions|providers)\//i.test(first)) return undefined;
  return slashSegments(value, at);
}

/** Splits at the slashes that are known. */
export function slashSegments(value: Value, at: Origin): Value[] {
  if (value.kind === 'string' && value.value.includes('/'))
    return value.value.split('/').map((piece) => ({ ...text(piece, value.at), via: value.via, secret: value.secret }));
  if (value.kind !== 'template') return [value];
  const segments: (string | Value)[][] = [[]];
  for (const part of value.parts) {
    if (typeof part !== 'string') {
      segments.at(-1)!.push(part);
      continue;
    }
    for (const [i, piece] of part.split('/').entries())
      if (i === 0) segments.at(-1)!.push(piece);
      else segments.push([piece]);
  }
  return segments.map((parts) => {
    const shown = parts.filter((part) => part !== '');
    const [only] = shown;
    return shown.length === 1 && only !== undefined && typeof only !== 'string' ? only : joined(shown, at);
  });
}

function found(
  a: Value | undefined,
  b: Value | undefined,
  call: Call,
  find: (of: string, item: string) => number,
): Value | undefined {
  if (a?.kind === 'list' && b) {
    if (a.open) return undefined;
    const equals = a.items.map((item) => equal(force(item), b));
    if (equals.includes(undefined)) return undefined;
    return number(call.name.toLowerCase() === 'indexof' ? equals.indexOf(true) : equals.lastIndexOf(true), call);
  }
  if (a?.kind !== 'string' || b?.kind !== 'string') return undefined;
  return number(find(a.value.toLowerCase(), b.value.toLowerCase()), call);
}

function affixed(a: Value | undefined, b: Value | undefined, call: Call, last: boolean): Value | undefined {
  if (!a || b?.kind !== 'string') return undefined;
  const affix = b.value.toLowerCase();
  if (a.kind === 'string') {
    const of = a.value.toLowerCase();
    return bool(last ? of.endsWith(affix) : of.startsWith(affix), call);
  }
  if (a.kind !== 'template') return undefined;
  const part = last ? a.parts.at(-1) : a.parts[0];
  const known = typeof part === 'string' ? part.toLowerCase() : '';
  const length = Math.min(known.length, affix.length);
  const same = last
    ? known.slice(known.length - length) === affix.slice(affix.length - length)
    : known.slice(0, length) === affix.slice(0, length);
  if (!same) return bool(false, call);
  return known.length >= affix.length ? bool(true, call) : undefined;
}

/** `{0}`, `{0,5}`, `{0:D2}`, and doubled braces, as .NET reads them. */
function formatted(args: readonly Value[], call: Call): Value | undefined {
  const [pattern, ...values] = args;
  if (pattern?.kind !== 'string') return undefined;
  const parts: (string | Value)[] = [];
  let from = 0;
  for (const match of pattern.value.matchAll(/\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}/g)) {
    parts.push(pattern.value.slice(from, match.index));
    from = match.index + match[0].length;
    const [whole, index, width, shape] = match;
    if (index === undefined) {
      parts.push(whole[0]!);
      continue;
    }
    const value = values[Number(index)];
    if (!value) return failure(`format() has no argument for ${whole}`, call);
    const part = inText(value);
    if (part === undefined) return undefined;
    if (typeof part === 'string') {
      const shaped = shape ? shapedNumber(value, shape) : part;
      if (shaped === undefined) return undefined;
      const length = Number(width ?? 0);
      if (Math.abs(length) > limits.stringLength) return unknown('the text is longer than this tool builds', call);
      parts.push(length < 0 ? shaped.padEnd(-length) : shaped.padStart(length));
      continue;
    }
    if (!shape && !width) {
      parts.push(part);
      continue;
    }
    const hole = canonical(part);
    const because = reasonOf(part) ?? 'it is not known';
    parts.push(
      hiddenBy(
        [part],
        hole === undefined ? unknown(because, call) : symbol(`format("${whole}",${hole})`, because, call),
      ),
    );
  }
  parts.push(pattern.value.slice(from));
  return joined(parts, call);
}

function shapedNumber(value: Value, shape: string): string | undefined {
  if (value.kind !== 'number') return value.kind === 'string' ? value.value : undefined;
  const match = /^([DdXxNn])(\d{0,2})$|^(0+)$/.exec(shape);
  const whole = Number.isSafeInteger(value.value);
  if (!match || !whole) return undefined;
  const sign = value.value < 0 ? '-' : '';
  const digits = String(Math.abs(value.value));
  const [, letter, count, zeros] = match;
  if (zeros) return sign + digits.padStart(zeros.length, '0');
  switch (letter!.toUpperCase()) {
    case 'D':
      return sign + digits.padStart(Number(count), '0');
    case 'X': {
      if (sign) return undefined;
      const hex = value.value.toString(16).padStart(Number(count), '0');
      return letter === 'X' ? hex.toUpperCase() : hex;
    }
    default: {
      const places = count === '' ? 2 : Number(count);
      const grouped = sign + digits.replace(/\B(?=(\d{3})+$)/g, ',');
      return places === 0 ? grouped : `${grouped}.${'0'.repeat(places)}`;
    }
  }
}

function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}

/** The value that a JSON text holds; its place is the text's. */
function parsed(source: string, from: Value, call: Call): Value {
  let depth = 0;
  let deepest = 0;
  for (const match of source.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/g)) {
    if (match[0] === '[' || match[0] === '{') deepest = Math.max(deepest, ++depth);
    else if (match[0] === ']' || match[0] === '}') depth--;
  }
  if (deepest > limits.nesting) return unknown('the text is nested deeper than this tool reads', call);
  try {
    // Azure accepts comments, also in what it is given as a text.
    const plain = source.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
    return { ...fromPlain(JSON.parse(plain), from.at), via: from.via };
  } catch {
    return failure('the text is no JSON', call);
  }
}

/**
 * The base up to its last slash, then the relative part, as Azure joins them: a leading slash does not lead to the root.
 * A base that is not known keeps its name, so that the path that follows it stays known.
 */
function uriOf(base: Value | undefined, relative: Value | undefined, call: Call): Value | undefined {
  if (!base || (relative?.kind !== 'string' && relative?.kind !== 'template')) return undefined;
  const [first, ...rest] = relative.kind === 'string' ? [relative.value] : relative.parts;
  const tail = [typeof first === 'string' ? first.replace(/^\//, '') : first!, ...rest];
  if (base.kind !== 'string') {
    const name = canonical(base);
    const because = reasonOf(base) ?? 'it is not known';
    return joined(
      [name === undefined ? unknown(because, base.at) : symbol(`uri(${name})`, because, base.at), ...tail],
      call,
    );
  }
  const folder = /^[a-z]+:\/\/[^/]*$/i.test(base.value)
    ? `${base.value}/`
    : base.value.slice(0, base.value.lastIndexOf('/') + 1);
  const whole = joined([folder, ...tail], call);
  if (whole.kind !== 'string') return whole;
  try {
    return text(new URL(whole.value).href, call);
  } catch {
    return failure('this is no address', call);
  }
}

// Numbers and truth

const numbers: Record<string, Computation> = {
  add: ([a, b], call, env) => a && b && binary('+', a, b, call, env),
  sub: ([a, b], call, env) => a && b && binary('-', a, b, call, env),
  mul: ([a, b], call, env) => a && b && binary('*', a, b, call, env),
  div: ([a, b], call, env) => whole(a, b, '/', call, env),
  mod: ([a, b], call, env) => whole(a, b, '%', call, env),
  min: (args, call) => extreme(args, call, Math.min),
  max: (args, call) => extreme(args, call, Math.max),
  int: ([a], call) => {
    if (a?.kind === 'number') return Number.isInteger(a.value) ? a : number(Math.trunc(a.value), call);
    if (a?.kind !== 'string') return undefined;
    return /^\s*[+-]?\d+\s*$/.test(a.value) ? number(Number(a.value), call) : failure('this is no whole number', call);
  },
  float: ([a], call) => {
    if (a?.kind === 'number') return a;
    if (a?.kind !== 'string') return undefined;
    return /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(a.value)
      ? number(Number(a.value), call)
      : failure('this is no number', call);
  },
  bool: ([a], call) => {
    if (a?.kind === 'bool') return a;
    if (a?.kind === 'number') return bool(a.value !== 0, call);
    const word = a?.kind === 'string' ? a.value.toLowerCase() : undefined;
    if (word === 'true' || word === '1') return bool(true, call);
    if (word === 'false' || word === '0') return bool(false, call);
    return word === undefined ? undefined : failure('this is neither true nor false', call);
  },
  less: ([a, b], call, env) => ordered('<', a, b, call, env),
  lessOrEquals: ([a, b], call, env) => ordered('<=', a, b, call, env),
  greater: ([a, b], call, env) => ordered('>', a, b, call, env),
  greaterOrEquals: ([a, b], call, env) => ordered('>=', a, b, call, env),
  equals: ([a, b], call, env) => a && b && binary('==', a, b, call, env),
  not: ([a], call) => {
    if (!a) return undefined;
    const truth = truthOf(a);
    if (truth !== undefined) return bool(!truth, call);
    if (a.kind === 'symbol') return { ...symbol(`!${a.text}`, a.because, call), present: true };
    return a.kind === 'template' ? undefined : failure('not() needs true or false', call);
  },
  true: (_, call) => bool(true, call),
  false: (_, call) => bool(false, call),
  null: (_, call) => nothing(call),
};

function whole(
  a: Value | undefined,
  b: Value | undefined,
  operator: string,
  call: Call,
  env: Environment,
): Value | undefined {
  if (!a || !b) return undefined;
  const result = binary(operator, a, b, call, env);
  return result.kind === 'number' ? number(Math.trunc(result.value), call) : result;
}

function ordered(
  operator: string,
  a: Value | undefined,
  b: Value | undefined,
  call: Call,
  env: Environment,
): Value | undefined {
  if (!a || !b) return undefined;
  if (a.kind !== 'string' || b.kind !== 'string') return binary(operator, a, b, call, env);
  const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  return binary(operator, number(order, call), number(0, call), call, env);
}

function extreme(args: readonly Value[], call: Call, pick: (...of: number[]) => number): Value | undefined {
  const [first] = args;
  const of = args.length === 1 && first?.kind === 'list' && !first.open ? first.items.map(force) : args;
  const values: number[] = [];
  for (const value of of) {
    const known = integer(value);
    if (known === undefined) return undefined;
    values.push(known);
  }
  return values.length === 0
    ? undefined
    : number(
        values.reduce((a, b) => pick(a, b)),
        call,
      );
}

// Lists and objects

const collections: Record<string, Computation> = {
  array: ([a], call) => {
    if (!a) return undefined;
    if (a.kind === 'list') return a;
    return a.kind === 'symbol' ? undefined : list([a], call);
  },
  length: ([a], call) => {
    switch (a?.kind) {
      case 'string':
        return number(a.value.length, call);
      case 'list':
        return a.open ? unknown('the list may hold more', call) : number(a.items.length, call);
      case 'object':
        return a.open || anyMaybe(a) ? unknown('the object may hold more', call) : number(a.members.size, call);
      case 'null':
        return failure('null has no length', call);
      default:
        return undefined;
    }
  },
  empty: ([a], call) => {
    switch (a?.kind) {
      case 'null':
        return bool(true, call);
      case 'string':
        return bool(a.value === '', call);
      case 'template':
        return a.parts.some((part) => typeof part === 'string') ? bool(false, call) : undefined;
      case 'list':
        if (a.items.length > 0) return bool(false, call);
        return a.open ? unknown('the list may hold more', call) : bool(true, call);
      case 'object':
        if ([...a.members.values()].some((member) => !member.maybe)) return bool(false, call);
        return a.open || a.members.size > 0 ? unknown('the object may hold more', call) : bool(true, call);
      default:
        return undefined;
    }
  },
  contains: ([of, item], call) => containing(of, item, call),
  first: ([a], call) => {
    if (a?.kind === 'string') return text(a.value.slice(0, 1), call);
    if (a?.kind !== 'list') return undefined;
    const [item] = a.items;
    if (item) return a.secret ? secret(item) : item;
    return a.open ? unknown('the list may hold more', call) : nothing(call);
  },
  last: ([a], call) => {
    if (a?.kind === 'string') return text(a.value.slice(-1), call);
    if (a?.kind !== 'list') return undefined;
    if (a.open) return unknown('the list may hold more', call);
    const item = a.items.at(-1);
    return item ? (a.secret ? secret(item) : item) : nothing(call);
  },
  take: ([a, count], call) => {
    const n = count && integer(count);
    if (n === undefined) return undefined;
    if (a?.kind === 'string') return text(a.value.slice(0, Math.max(0, n)), call);
    if (a?.kind === 'template' && typeof a.parts[0] === 'string' && a.parts[0].length >= n)
      return text(a.parts[0].slice(0, Math.max(0, n)), call);
    if (a?.kind !== 'list') return undefined;
    return { ...list(a.items.slice(0, Math.max(0, n)), call), open: a.open && a.items.length < n ? true : undefined };
  },
  skip: ([a, count], call) => {
    const n = count && integer(count);
    if (n === undefined) return undefined;
    if (a?.kind === 'string') return text(a.value.slice(Math.max(0, n)), call);
    if (a?.kind !== 'list') return undefined;
    return { ...list(a.items.slice(Math.max(0, n)), call), open: a.open };
  },
  indexFromEnd: ([a, index], call) => fromEnd(a, index, call, false),
  tryIndexFromEnd: ([a, index], call) => fromEnd(a, index, call, true),
  range: ([from, count], call) => {
    const start = from && integer(from);
    const n = count && integer(count);
    if (start === undefined || n === undefined) return undefined;
    if (n < 0) return failure('range() needs a count of 0 or more', call);
    if (n > limits.rangeItems) return unknown('the range is longer than this tool builds', call);
    return list(
      Array.from({ length: n }, (_, i) => number(start + i, call)),
      call,
    );
  },
  flatten: ([of], call) => {
    if (of?.kind !== 'list') return undefined;
    const inner = of.items.map(force);
    return joinedLists(inner.length === 0 ? [list([], call)] : inner, call, of.open);
  },
  distinct: ([of], call) => (of?.kind === 'list' && !of.open ? distinct(of.items, call) : undefined),
  concat: (args, call) => {
    if (args.some((arg) => arg.kind === 'list')) return joinedLists(args, call);
    const parts: (string | Value)[] = [];
    for (const arg of args) {
      if (arg.kind === 'object' || arg.kind === 'null') return failure(`${arg.kind} is neither text nor list`, call);
      parts.push(isScalar(arg) ? textOf(arg) : arg);
    }
    return joined(parts, call);
  },
  createArray: (args, call) => list(args, call),
  createObject: (args, call) => {
    const members = new Map<string, Member>();
    let open = false;
    for (let i = 0; i + 1 < args.length; i += 2) {
      const key = args[i]!;
      const value = args[i + 1]!;
      if (isScalar(key)) members.set(textOf(key), { value, at: call.args[i + 1] ?? call });
      else open = true;
    }
    return { ...object(members, call), ...(open && { open }) };
  },
  union: (args, call) => union(args, call),
  intersection: (args, call) => intersection(args, call),
  shallowMerge: ([of], call) => {
    if (of?.kind !== 'list' || of.open) return undefined;
    const members = new Map<string, Member>();
    let open = false;
    for (const item of of.items.map(force)) open = spreadInto(members, item) || open;
    return { ...object(members, call), ...(open && { open }) };
  },
  items: ([of], call) => {
    if (of?.kind !== 'object') return undefined;
    if (of.open || anyMaybe(of)) return { ...list([], call), open: true };
    return list(
      sortedKeys(of).map((key) => {
        const member = of.members.get(key)!;
        const pair = new Map<string, Member>([
          ['key', { value: text(key, member.at), at: member.at }],
          ['value', member],
        ]);
        return object(pair, member.at);
      }),
      call,
    );
  },
  objectKeys: ([of], call) => {
    if (of?.kind !== 'object') return undefined;
    if (of.open || anyMaybe(of)) return { ...list([], call), open: true };
    return list(
      sortedKeys(of).map((key) => text(key, of.members.get(key)!.at)),
      call,
    );
  },
  cidrSubnet: ([network, size, index], call) => subnet(network, size, index, call),
};

function anyMaybe(of: Obj): boolean {
  for (const member of of.members.values()) if (member.maybe) return true;
  return false;
}

/** Azure orders keys without regard to case. */
function sortedKeys(of: Obj): string[] {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...of.members.keys()].sort((a, b) => order(a.toUpperCase(), b.toUpperCase()) || order(a, b));
}

function containing(of: Value | undefined, item: Value | undefined, call: Call): Value | undefined {
  if (!of || !item) return undefined;
  switch (of.kind) {
    case 'object': {
      if (!isScalar(item)) return undefined;
      const member = memberOf(of, textOf(item), true);
      if (member) return member.maybe ? unknown('the member may be left out', call) : bool(true, call);
      return of.open ? unknown('the object may hold more', call) : bool(false, call);
    }
    case 'list': {
      let undecided: string | undefined = of.open ? 'the list may hold more' : undefined;
      for (const candidate of of.items.map(force)) {
        const same = equal(candidate, item);
        if (same) return bool(true, call);
        if (same === undefined) undecided ??= reasonOf(candidate) ?? reasonOf(item) ?? 'it is not known';
      }
      if (undecided === undefined) return bool(false, call);
      return of.open ? unknown(undecided, call) : undefined;
    }
    case 'string':
      return isScalar(item) ? bool(of.value.includes(textOf(item)), call) : undefined;
    case 'template':
      return isScalar(item) && of.parts.some((part) => typeof part === 'string' && part.includes(textOf(item)))
        ? bool(true, call)
        : undefined;
    case 'null':
      return failure('null contains nothing', call);
    default:
      return undefined;
  }
}

function fromEnd(a: Value | undefined, index: Value | undefined, call: Call, safe: boolean): Value | undefined {
  const n = index && integer(index);
  if (a?.kind !== 'list' || n === undefined) return safe && a?.kind === 'null' ? nothing(call) : undefined;
  if (a.open) return unknown('the list may hold more', call);
  const item = n >= 1 ? a.items[a.items.length - n] : undefined;
  if (item) return a.secret ? secret(item) : item;
  return safe ? nothing(call) : failure(`the list has no item ${n} from its end`, call);
}

/** One list of all. What follows a list that may hold more has no known place, so it is left to "may hold more". */
function joinedLists(of: readonly Value[], at: Span, open?: boolean): Value {
  const items: Value[] = [];
  for (const part of of) {
    if (part.kind !== 'list') {
      if (part.kind === 'symbol' || part.kind === 'unknown' || part.kind === 'one-of')
        return { ...list(items, at), open: true };
      return failure('a list cannot be joined with something else', at);
    }
    for (const item of part.items) items.push(part.secret ? secret(item) : item);
    if (part.open) return { ...list(items, at), open: true };
    if (items.length > limits.rangeItems) return unknown('the list has more items than this tool builds', at);
  }
  return open ? { ...list(items, at), open } : list(items, at);
}

function distinct(items: readonly Value[], at: Span): Value | undefined {
  const seen = new Set<string>();
  const kept: Value[] = [];
  for (const item of items.map(force)) {
    const name = canonical(item);
    if (name === undefined) return undefined;
    if (seen.has(name)) continue;
    seen.add(name);
    kept.push(item);
  }
  return list(kept, at);
}

function union(args: readonly Value[], call: Call): Value | undefined {
  if (args.some((arg) => arg.kind === 'list')) {
    const all = joinedLists(
      args.filter((arg) => !isNull(arg)),
      call,
    );
    if (all.kind !== 'list') return all;
    const unique = distinct(all.items, call);
    if (unique?.kind !== 'list') return { ...list([], call), open: true };
    return all.open ? { ...unique, open: true } : unique;
  }
  if (!args.some((arg) => arg.kind === 'object')) return undefined;
  let merged: Obj = object(new Map(), call);
  for (const arg of args) {
    if (arg.kind === 'object') merged = merge(merged, arg, call);
    else if (!isNull(arg)) {
      const members = new Map<string, Member>();
      for (const [key, member] of merged.members) members.set(key, { ...member, maybe: true });
      merged = { ...merged, members, open: true };
    }
  }
  return merged;
}

/** Objects in both are merged member by member; of all else the later one wins. */
function merge(a: Obj, b: Obj, at: Span): Obj {
  const members = new Map<string, Member>();
  const keys = new Map<string, string>();
  for (const [key, member] of a.members) {
    keys.set(key.toLowerCase(), key);
    members.set(key, b.open && !memberOf(b, key, true) ? { ...member, maybe: true } : member);
  }
  for (const [key, member] of b.members) {
    const known = keys.get(key.toLowerCase());
    const before = known === undefined ? undefined : members.get(known);
    const left = before && force(before.value);
    const right = force(member.value);
    if (!before || known === undefined) members.set(key, member);
    else if (left?.kind === 'object' && right.kind === 'object' && !member.maybe)
      members.set(known, { value: merge(left, right, at), at: member.at, maybe: before.maybe });
    else if (member.maybe || (left?.kind === 'object' && !isScalar(right) && !isNull(right)))
      members.set(known, { value: unknown(reasonOf(right) ?? 'it may be replaced', at), at: member.at });
    else members.set(known, member);
  }
  return { ...object(members, at), open: a.open || b.open, secret: a.secret || b.secret };
}

function intersection(args: readonly Value[], call: Call): Value | undefined {
  const [first, ...rest] = args;
  if (!first || !args.every(isKnown)) return undefined;
  if (first.kind === 'list') {
    let { items } = first;
    for (const other of rest) {
      if (other.kind !== 'list') return undefined;
      items = items.filter((item) => other.items.some((candidate) => equal(item, candidate) === true));
    }
    return list(items, call);
  }
  if (first.kind !== 'object') return undefined;
  const members = new Map(first.members);
  for (const other of rest) {
    if (other.kind !== 'object') return undefined;
    for (const [key, member] of members) {
      const same = memberOf(other, key, true);
      if (!same || equal(member.value, same.value) !== true) members.delete(key);
    }
  }
  return object(members, call);
}

/** IPv4 only; the rest keeps its name. */
function subnet(
  network: Value | undefined,
  size: Value | undefined,
  index: Value | undefined,
  call: Call,
): Value | undefined {
  const match = network?.kind === 'string' ? /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(network.value) : null;
  const bits = size && integer(size);
  const n = index && integer(index);
  if (!match || bits === undefined || n === undefined) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || prefix > 32 || bits < prefix || bits > 32 || n < 0 || n >= 2 ** (bits - prefix))
    return failure('there is no such subnet', call);
  const step = 2 ** (32 - bits);
  const range = 2 ** (32 - prefix);
  const address = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / range) * range + n * step;
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return text(`${octets.join('.')}/${bits}`, call);
}

// What only the deployment knows

const runtime: Record<string, Computation> = {
  guid: () => undefined,
  uniqueString: () => undefined,
  dateTimeAdd: () => undefined,
  utcNow: (_, call) => unknown('the time of the deployment is not known', call),
  newGuid: (_, call) => unknown('newGuid() is new in every deployment', call),
  pickZones: (_, call) => unknown('the zones of a region are not known', call),
  fail: (_, call) => failure('fail() stops the deployment here', call),
};

/** `listKeys` and its kin give secrets. */
function listed(args: readonly Value[], call: Call): Value {
  return secret(byName(call, args, 'it is read from the resource when the template is deployed'));
}

// The table

const documented: ReadonlyMap<string, string> = new Map(
  [strings, numbers, collections, runtime]
    .flatMap((part) => Object.keys(part))
    .map((name) => [name.toLowerCase(), name]),
);

/** A name for the result of a call that is not computed: equal arguments give an equal result. */
export function byName(call: Call, args: readonly Value[], because?: string): Value {
  const name = documented.get(call.name.toLowerCase()) ?? call.name;
  let weight = 0;
  for (const arg of args) weight += weigh(arg);
  const reason = because ?? args.map(reasonOf).find(Boolean) ?? `${name}() is known only when it is deployed`;
  if (weight > nameLength) return hiddenBy(args, unknown(reason, call));
  const result = deterministic({ ...call, name }, args, reason);
  return result.kind === 'symbol' ? { ...result, present: true } : result;
}

/** Each combination of arguments that are one of several. */
function combined(args: readonly Value[], call: Call, apply: (args: readonly Value[]) => Value): Value {
  const i = args.findIndex((arg) => arg.kind === 'one-of');
  if (i === -1) return apply(args);
  return distribute(args[i]!, call, (candidate) => {
    const rest = [...args];
    rest[i] = force(candidate);
    return combined(rest, call, apply);
  });
}

/** These take a value that is not known and say what they still can of the whole. */
const tolerant = new Set(['format', 'concat', 'createArray', 'createObject', 'union', 'flatten', 'shallowMerge']);
/** These hold a choice as it is. */
const holding = new Set(['createArray', 'createObject']);

function evaluated(name: string, compute: Computation): BuiltIn {
  return (args, call, env) => {
    for (const arg of args) env.budget.steps += sizeOf(arg);
    const apply = (of: readonly Value[]): Value => {
      const missing = tolerant.has(name) ? undefined : of.find((arg) => arg.kind === 'unknown');
      if (missing) return missing;
      const result = compute(of, call, env);
      if (result) return result;
      return byName(call, of);
    };
    let product = 1;
    for (const arg of args) product *= arg.kind === 'one-of' ? arg.values.length : 1;
    const result =
      holding.has(name) || (product > combinations && tolerant.has(name))
        ? apply(args)
        : product > combinations
          ? unknown('it depends on too many conditions', call)
          : combined(args, call, apply);
    env.budget.steps += sizeOf(result);
    return bounded(result, call);
  };
}

/** What work with a value costs, in steps of the evaluation. */
function sizeOf(value: Value): number {
  if (value.kind === 'list') return value.items.length;
  if (value.kind === 'object') return value.members.size;
  if (value.kind === 'string') return value.value.length >> 6;
  return value.kind === 'symbol' ? value.text.length >> 6 : 0;
}

interface Measure {
  readonly height: number;
  readonly weight: number;
}

/** Below this weight measuring again costs less than remembering. */
const memorable = 256;
const measured = new WeakMap<Value, Measure>();
/** Levels of what was measured last: most values are small, and a pair for each would cost more than measuring them. */
let lastHeight = 0;

/** Characters of a value; its levels are in `lastHeight`. */
function weigh(value: Value): number {
  lastHeight = 0;
  switch (value.kind) {
    case 'string':
      return value.value.length;
    case 'symbol':
      return value.text.length;
    case 'list':
    case 'object':
    case 'template':
    case 'one-of':
      break;
    default:
      return 8;
  }
  const before = measured.get(value);
  if (before) {
    lastHeight = before.height;
    return before.weight;
  }
  let weight = 8;
  let height = 0;
  if (value.kind === 'object')
    for (const [key, member] of value.members) {
      weight += weigh(member.value) + key.length;
      if (lastHeight >= height) height = lastHeight + 1;
    }
  else
    for (const part of value.kind === 'list' ? value.items : value.kind === 'one-of' ? value.values : value.parts)
      if (typeof part === 'string') weight += part.length;
      else {
        weight += weigh(part) + 1;
        if (lastHeight >= height) height = lastHeight + 1;
      }
  if (weight >= memorable) measured.set(value, { height, weight });
  lastHeight = height;
  return weight;
}

/** The value, unless it has grown beyond what later stages may walk over. */
export function bounded(value: Value, at: Span): Value {
  const weight = weigh(value);
  if (lastHeight > limits.nesting) return unknown('the value is nested deeper than this tool follows', at);
  if (weight > weightLimit || (value.kind === 'symbol' && weight > nameLength))
    return hiddenBy([value], unknown('the value is larger than this tool follows', at));
  return value;
}

/** A few functions in front of those that every template has; a table is made for each template that is deployed. */
class FunctionTable extends Map<string, BuiltIn> {
  override get(name: string): BuiltIn {
    return super.get(name) ?? common.get(name) ?? (name.startsWith('list') ? listed : called);
  }
}

const called: BuiltIn = (args, call) => bounded(byName(call, args), call);

/** By lower-case name. A function that is not in it gives a name, one that begins with `list` a secret. */
export function functionsWith(...more: readonly ReadonlyMap<string, BuiltIn>[]): ReadonlyMap<string, BuiltIn> {
  const table = new FunctionTable();
  for (const part of more) for (const [name, apply] of part) table.set(name.toLowerCase(), apply);
  return table;
}

class FormTable extends Map<string, Form> {
  override get(name: string): Form | undefined {
    return super.get(name) ?? forms.get(name);
  }
}

/** The forms of every template, and a few more. */
export function formsWith(more: ReadonlyMap<string, Form>): ReadonlyMap<string, Form> {
  return more.size === 0 ? forms : new FormTable(more);
}

const common: ReadonlyMap<string, BuiltIn> = new Map(
  [strings, numbers, collections, runtime]
    .flatMap((part) => Object.entries(part))
    .map(([name, compute]) => [name.toLowerCase(), evaluated(name, compute)]),
);

// Forms: they decide what they evaluate

/** By lower-case name. */
export const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['if', (call, env) => conditional(call, env)],
  ['and', (call, env) => operation('&&', call, env)],
  ['or', (call, env) => operation('||', call, env)],
  ['coalesce', (call, env) => operation('??', call, env)],
  ['tryget', (call, env) => tryGet(call, env)],
  ['map', (call, env) => overList(call, env, map)],
  ['filter', (call, env) => overList(call, env, filter)],
  ['reduce', (call, env) => overList(call, env, reduce)],
  ['sort', (call, env) => overList(call, env, sort)],
  ['toobject', (call, env) => overList(call, env, toObject)],
  ['groupby', (call, env) => overList(call, env, groupBy)],
  ['mapvalues', (call, env) => mapValues(call, env)],
  [
    'lambdavariables',
    (call, env) => {
      const name = call.args[0] && force(evaluate(call.args[0], env));
      return (
        (name?.kind === 'string' ? env.scope.get(name.value, call) : undefined) ??
        failure('lambdaVariables() names no variable of a lambda', call)
      );
    },
  ],
]);

function conditional(call: Call, env: Environment): Value {
  const [condition, then, otherwise] = call.args;
  if (!condition || !then || !otherwise) return failure('if() needs three arguments', call);
  return choose(
    force(evaluate(condition, env)),
    () => evaluate(then, env),
    () => evaluate(otherwise, env),
    call,
  );
}

function operation(operator: string, call: Call, env: Environment): Value {
  const { source, start, end } = call;
  if (call.args.length === 0) return failure(`${call.name}() needs arguments`, call);
  if (call.args.length === 1) return evaluate(call.args[0]!, env);
  const operands = chained(call);
  return bounded(evaluate({ kind: 'operation', operator, operands, source, start, end }, env), call);
}

/** `and(and(a, b), c)` is one chain, as Bicep writes it; equal conditions have equal names. */
function chained(call: Call): readonly Expression[] {
  const isNested = (arg: Expression): arg is Call =>
    arg.kind === 'call' && arg.name === call.name && arg.args.length > 1;
  return call.args.some(isNested) ? call.args.flatMap((arg) => (isNested(arg) ? chained(arg) : [arg])) : call.args;
}

function tryGet(call: Call, env: Environment): Value {
  const [first, ...keys] = call.args;
  if (!first) return failure('tryGet() needs arguments', call);
  let value = evaluate(first, env);
  for (const expression of keys) {
    const key = force(evaluate(expression, env));
    value = reach(value, key, call, env);
    if (isNull(value)) break;
  }
  return value;
}

/** What is not there is null; what is known by name only may be null. */
function reach(of: Value, key: Value, call: Call, env: Environment): Value {
  if (of.kind === 'one-of') return distribute(of, call, (candidate) => reach(candidate, key, call, env));
  if (of.kind === 'symbol') {
    const name = canonical(key);
    if (name === undefined) return unknown(reasonOf(key) ?? of.because, call);
    return { ...bounded(symbol(`tryGet(${of.text},${name})`, of.because, call), call), secret: of.secret };
  }
  return access(of, key, call, env, true);
}

// Lambdas

function apply(lambda: Expression | undefined, args: readonly Value[], env: Environment, call: Call): Value {
  if (lambda?.kind !== 'lambda') return failure(`${call.name}() needs a lambda`, call);
  const names = new Map<string, Value>();
  for (const [i, name] of lambda.parameters.entries()) if (args[i]) names.set(name, args[i]);
  return force(evaluate(lambda.body, within(env, names)));
}

type OverList = (of: List, call: Call, env: Environment) => Value;

function overList(call: Call, env: Environment, run: OverList): Value {
  const [first] = call.args;
  if (!first) return failure(`${call.name}() needs arguments`, call);
  const of = force(evaluate(first, env));
  if (of.kind === 'unknown' && of.failed) return of;
  return bounded(
    distribute(of, call, (candidate) => {
      const items = force(candidate);
      if (items.kind === 'list') {
        env.budget.steps += items.items.length;
        return run(items.secret ? { ...items, items: items.items.map(secret) } : items, call, env);
      }
      if (isScalar(items) || items.kind === 'null' || items.kind === 'object')
        return failure(`${call.name}() needs a list`, call);
      const because = reasonOf(items) ?? 'the list is not known';
      if (run === map || run === filter) return hiddenBy([items], { ...list([], call), open: true });
      if (run === toObject || run === groupBy) return hiddenBy([items], { ...object(new Map(), call), open: true });
      return hiddenBy([items], unknown(because, call));
    }),
    call,
  );
}

function map(of: List, call: Call, env: Environment): Value {
  const items: Value[] = [];
  for (const [i, item] of of.items.entries()) {
    const result = apply(call.args[1], [item, number(i, call)], env, call);
    if (result.kind === 'unknown' && result.failed) return result;
    items.push(result);
  }
  return { ...list(items, call), open: of.open, secret: of.secret };
}

/** What follows an item that may be left out has no known place, so it is left to "may hold more". */
function filter(of: List, call: Call, env: Environment): Value {
  const items: Value[] = [];
  for (const [i, item] of of.items.entries()) {
    const result = apply(call.args[1], [item, number(i, call)], env, call);
    if (result.kind === 'unknown' && result.failed) return result;
    const truth = truthOf(result);
    if (truth === undefined) return { ...list(items, call), open: true };
    if (truth) items.push(item);
  }
  return { ...list(items, call), open: of.open };
}

function reduce(of: List, call: Call, env: Environment): Value {
  if (of.open) return unknown('the list may hold more', call);
  let result: Value = call.args[1] ? force(evaluate(call.args[1], env)) : nothing(call);
  for (const [i, item] of of.items.entries()) {
    result = bounded(apply(call.args[2], [result, item, number(i, call)], env, call), call);
    if (result.kind === 'unknown' && result.failed) return result;
  }
  return result;
}

function sort(of: List, call: Call, env: Environment): Value {
  if (of.open) return { ...list([], call), open: true };
  let stuck: Value | undefined;
  const before = (a: Value, b: Value): boolean => {
    if (stuck) return false;
    const result = apply(call.args[1], [a, b], env, call);
    const truth = truthOf(result);
    if (truth === undefined) stuck = result;
    return truth ?? false;
  };
  const items = [...of.items].sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
  return stuck ? unknown(reasonOf(stuck) ?? 'the order is not known', call) : list(items, call);
}

function toObject(of: List, call: Call, env: Environment): Value {
  const members = new Map<string, Member>();
  let open = of.open ?? false;
  let hidden = false;
  for (const [i, item] of of.items.entries()) {
    const key = apply(call.args[1], [item, number(i, call)], env, call);
    if (key.kind === 'unknown' && key.failed) return key;
    hidden ||= isSecret(key);
    const value = call.args[2] ? apply(call.args[2], [item, number(i, call)], env, call) : item;
    if (isScalar(key)) members.set(textOf(key), { value, at: value.at });
    else open = true;
  }
  return { ...object(members, call), ...(open && { open }), ...(hidden && { secret: true }) };
}

function groupBy(of: List, call: Call, env: Environment): Value {
  const groups = new Map<string, Value[]>();
  let hidden = false;
  for (const [i, item] of of.items.entries()) {
    const key = apply(call.args[1], [item, number(i, call)], env, call);
    if (key.kind === 'unknown' && key.failed) return key;
    hidden ||= isSecret(key);
    if (!isScalar(key)) return { ...object(new Map(), call), open: true };
    const group = groups.get(textOf(key));
    if (group) group.push(item);
    else groups.set(textOf(key), [item]);
  }
  const members = new Map<string, Member>();
  for (const [key, items] of groups)
    members.set(key, { value: { ...list(items, call), open: of.open }, at: items[0]!.at });
  return { ...object(members, call), open: of.open, ...(hidden && { secret: true }) };
}

function mapValues(call: Call, env: Environment): Value {
  const of = call.args[0] ? force(evaluate(call.args[0], env)) : nothing(call);
  if (of.kind === 'unknown') return of;
  return bounded(
    distribute(of, call, (candidate) => {
      const from = force(candidate);
      if (from.kind !== 'object') return unknown(reasonOf(from) ?? 'mapValues() needs an object', call);
      env.budget.steps += from.members.size;
      const members = new Map<string, Member>();
      for (const [key, member] of from.members)
        members.set(key, { ...member, value: apply(call.args[1], [member.value], env, call) });
      return { ...object(members, call), open: from.open, secret: from.secret };
    }),
    call,
  );
}
