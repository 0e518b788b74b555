/**
 * The value domain shared by every language: what is known, what is known only by name, and what is not known and why.
 * Every value knows where it was written (`at`) and, if it came through calls or defaults, how it got here (`via`).
 * Nothing unknown is ever guessed: equal canonical text means equal value, anything else stays undecided.
 */
import { limits } from '../source/limits.ts';
import type { Origin, Source, Span } from '../source/source.ts';

export type Value = Null | Bool | Num | Str | List | Obj | Sym | Template | OneOf | Unknown | Lazy;

/** A step on the way of a value: a module call, a default, a parameter file; the nearest to the use comes first. */
export interface Via {
  readonly at: Origin;
  readonly what: string;
  readonly next?: Via | undefined;
}

interface Common {
  /** The literal that wrote the value, or the expression that computed it from several. */
  readonly at: Origin;
  readonly via?: Via | undefined;
  /** Must never be printed. Spreads through every operation. */
  readonly secret?: boolean | undefined;
  /** Of a text that jsonencode() made: what it spells, each part with its own place. */
  readonly encodes?: Value | undefined;
}

export interface Null extends Common {
  readonly kind: 'null';
}
export interface Bool extends Common {
  readonly kind: 'bool';
  readonly value: boolean;
}
export interface Num extends Common {
  readonly kind: 'number';
  readonly value: number;
  /** As written, where a double would lose digits. */
  readonly digits?: string | undefined;
}
export interface Str extends Common {
  readonly kind: 'string';
  readonly value: string;
  /** The whole text of that file. */
  readonly file?: Source | undefined;
  /** The file that was filled in to make it. */
  readonly written?: Source | undefined;
}
export interface List extends Common {
  readonly kind: 'list';
  readonly items: readonly Value[];
  /** More items may exist. */
  readonly open?: boolean | undefined;
  /** Why, where that is known. */
  readonly because?: string | undefined;
  /** HCL tells them apart; elsewhere every list is a tuple. */
  readonly as?: 'tuple' | 'list' | 'set' | undefined;
}
export interface Member {
  readonly value: Value;
  /** The expression of the member: the property's place. */
  readonly at: Origin;
  /** The member may be absent or overridden. */
  readonly maybe?: boolean | undefined;
}
export interface Obj extends Common {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Member>;
  /** More members may exist. */
  readonly open?: boolean | undefined;
  /** Why they may. */
  readonly because?: string | undefined;
  readonly as?: 'object' | 'map' | undefined;
}
/** Deterministic but not computable here: equal text is equal value. */
export interface Sym extends Common {
  readonly kind: 'symbol';
  readonly text: string;
  /** Why it is known by name only, with the input that would settle it. */
  readonly because: string;
  /** Not null, whatever it is: an id, a computed name. */
  readonly present?: boolean | undefined;
  /** The resource that it names, and the attribute of it. */
  readonly of?: { readonly address: string; readonly path: string } | undefined;
  /** What `split(x, '/')` gives of an x whose slashes are not all known: x, and with an index one piece of it. */
  readonly cut?: { readonly of: Value; readonly index?: number } | undefined;
}
/** A string with holes. No two texts stand side by side; a hole is never a known scalar. */
export interface Template extends Common {
  readonly kind: 'template';
  readonly parts: readonly (string | Value)[];
  readonly written?: Source | undefined;
}
/** One of several, by a condition that is not known. */
export interface OneOf extends Common {
  readonly kind: 'one-of';
  readonly values: readonly Value[];
  /** Of two values: canonical text of the condition whose truth means the first. Never of a secret. */
  readonly condition?: string | undefined;
}
export interface Unknown extends Common {
  readonly kind: 'unknown';
  readonly because: string;
  /** The expression is an error, not merely undecided: `try` and `can` go on to the next. */
  readonly failed?: boolean | undefined;
}
/** Something looked up member by member: a namespace, a resource, a module call. `force` gives it whole. */
export interface Lazy extends Common {
  readonly kind: 'lazy';
  readonly get: (key: Value, at: Span) => Value;
  readonly force: () => Value;
}

export const nothing = (at: Origin): Null => ({ kind: 'null', at });
export const bool = (value: boolean, at: Origin): Bool => ({ kind: 'bool', value, at });
export const number = (value: number, at: Origin): Num => ({ kind: 'number', value, at });
export const text = (value: string, at: Origin): Str => ({ kind: 'string', value, at });
/**
 * A text as somebody wrote it. What a pipeline fills in before it is deployed (`#{vaultName}#` of the replace-tokens tasks,
 * `#_namePrefix_#` of the Azure Verified Modules) is known by its name alone.
 */
export function written(value: string, at: Origin): Str | Sym | Template {
  if (!value.includes('#')) return text(value, at);
  const parts = value.split(/(#\{[\w.-]{1,80}\}#|#_\w{1,80}_#)/);
  if (parts.length === 1) return text(value, at);
  const filled = parts.map((part, i) =>
    i % 2 === 0 ? part : { ...symbol(part, `a pipeline replaces ${part}`, at), present: true },
  );
  return joined(filled, at) as Str | Sym | Template;
}

export const list = (items: readonly Value[], at: Origin, as: List['as'] = 'tuple'): List => ({
  kind: 'list',
  items,
  at,
  as,
});
export const object = (members: ReadonlyMap<string, Member>, at: Origin, as: Obj['as'] = 'object'): Obj => ({
  kind: 'object',
  members,
  at,
  as,
});
export const unknown = (because: string, at: Origin): Unknown => ({ kind: 'unknown', because, at });
/** An evaluation error: unknown to a rule, a refusal to `try` and `can`. */
export const failure = (because: string, at: Origin): Unknown => ({ kind: 'unknown', because, at, failed: true });
export const symbol = (name: string, because: string, at: Origin, of?: Sym['of']): Sym => ({
  kind: 'symbol',
  text: name,
  because,
  at,
  of,
});

export function withVia<V extends Value>(value: V, at: Origin, what: string): V {
  return { ...value, via: { at, what, next: value.via } };
}

export function secret<V extends Value>(value: V): V {
  return value.secret ? value : { ...value, secret: true };
}

/** The value with a place of its own: it was computed here. */
export function moved<V extends Value>(value: V, at: Origin): V {
  return { ...value, at, via: undefined };
}

export function force(value: Value): Value {
  if (value.kind !== 'lazy') return value;
  const whole = value.force();
  const reached = value.via ? { ...whole, via: value.via } : whole;
  return value.secret ? secret(reached) : reached;
}

export function isNull(value: Value): boolean {
  return value.kind === 'null';
}

export function isScalar(value: Value): value is Str | Num | Bool {
  return value.kind === 'string' || value.kind === 'number' || value.kind === 'bool';
}

// Size. Parts of a value may be shared (`b = [a, a]`, `c = [b, b]`, ...), so a walk that does not remember takes exponential time.

interface Size {
  readonly weight: number;
  readonly height: number;
}

const endless: Size = { weight: Number.POSITIVE_INFINITY, height: 0 };
/** Below this weight a walk costs less than remembering what it found. */
const memorable = 64;
const sizes = new WeakMap<Value, Size>();
/** Levels that are being measured now, also by measurings that the evaluation of a part has started. */
let levels = 0;
/** Nodes of the values that are remembered. */
let remembered = 0;
/** Levels of what was measured last: most values are small, and a pair for each would cost more than measuring them. */
let lastHeight = 0;

/**
 * How many nodes a walk through the value would meet, long texts counting as several.
 * Infinity where it is nested too deeply to be walked at all, or holds itself.
 */
export function weightOf(value: Value): number {
  lastHeight = 0;
  switch (value.kind) {
    case 'string':
      return 1 + (value.value.length >> 4);
    case 'symbol':
      return 1 + (value.text.length >> 4);
    case 'list':
    case 'object':
    case 'template':
    case 'one-of':
    case 'lazy':
      break;
    default:
      return 1;
  }
  const before = sizes.get(value);
  if (before) {
    lastHeight = before.height;
    return before.weight;
  }
  if (levels >= limits.valueLevels) return Number.POSITIVE_INFINITY;
  const outermost = levels === 0;
  levels++;
  const weight = weightOfParts(value, outermost);
  levels--;
  return weight;
}

/** How many nodes of a large value are no part of values that were measured before: what was made since. */
export function freshNodesOf(value: Value): number {
  const before = remembered;
  weightOf(value);
  return remembered - before;
}

function weightOfParts(value: List | Obj | Template | OneOf | Lazy, outermost: boolean): number {
  let weight = 1;
  let height = 0;
  let fresh = 1;
  /** Whether the walk may go on. */
  const add = (part: Value | string): boolean => {
    if (typeof part === 'string') weight += part.length >> 4;
    else {
      const size = weightOf(part);
      weight += size;
      if (size < memorable) fresh += size;
      if (lastHeight >= height) height = lastHeight + 1;
    }
    return weight !== Number.POSITIVE_INFINITY && height <= limits.valueLevels;
  };
  if (!everyPart(value, add)) {
    // Inside of another value the levels above may be to blame; then it is measured again when it stands alone.
    if (outermost) sizes.set(value, endless);
    lastHeight = 0;
    return Number.POSITIVE_INFINITY;
  }
  if (weight >= memorable) {
    sizes.set(value, { weight, height });
    remembered += fresh;
  }
  lastHeight = height;
  return weight;
}

/** Whether a walk through the value would take too long; whoever walks asks first. */
export function isHuge(value: Value): boolean {
  return weightOf(value) > limits.valueNodes;
}

/** Whether all parts of the value are so; stops at the first that is not. */
function everyPart(value: Value, is: (part: Value | string) => boolean): boolean {
  switch (value.kind) {
    case 'list':
      for (const item of value.items) if (!is(item)) return false;
      return true;
    case 'object':
      for (const member of value.members.values()) if (!is(member.value)) return false;
      return true;
    case 'template':
      for (const part of value.parts) if (!is(part)) return false;
      return true;
    case 'one-of':
      for (const candidate of value.values) if (!is(candidate)) return false;
      return true;
    case 'lazy':
      return is(value.force());
    default:
      return true;
  }
}

function recall<V extends Value, T>(memory: WeakMap<Value, T>, value: V, compute: (value: V) => T): T {
  if (weightOf(value) < memorable) return compute(value);
  let result = memory.get(value);
  if (result === undefined) {
    result = compute(value);
    memory.set(value, result);
  }
  return result;
}

const known = new WeakMap<Value, boolean>();

/** Whether the value, all the way down, is known; what is too large to be walked counts as not known. */
export function isKnown(value: Value): boolean {
  switch (value.kind) {
    case 'null':
    case 'bool':
    case 'number':
    case 'string':
      return true;
    case 'list':
    case 'object':
    case 'lazy':
      return recall(known, value, isWhollyKnown);
    default:
      return false;
  }
}

function isWhollyKnown(value: List | Obj | Lazy): boolean {
  if (isHuge(value)) return false;
  if (value.kind === 'lazy') return isKnown(value.force());
  if (value.open) return false;
  if (value.kind === 'list') return value.items.every(isKnown);
  for (const member of value.members.values()) if (member.maybe || !isKnown(member.value)) return false;
  return true;
}

const hidden = new WeakMap<Value, boolean>();

/** Whether any part of the value is secret; what is nested too deeply to be looked at counts as secret. */
export function isSecret(value: Value): boolean {
  if (value.secret) return true;
  switch (value.kind) {
    case 'list':
    case 'object':
    case 'template':
    case 'one-of':
    case 'lazy':
      return recall(hidden, value, hasSecretPart);
    default:
      return false;
  }
}

function hasSecretPart(value: Value): boolean {
  return (
    weightOf(value) === Number.POSITIVE_INFINITY ||
    !everyPart(value, (part) => typeof part === 'string' || !isSecret(part))
  );
}

/** Of a list, where nothing tells why. */
export const openList = 'the list may hold more';

const reasons = new WeakMap<Value, { readonly reason: string | undefined }>();

/** The first unknown inside a value, for messages. */
export function reasonOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'unknown':
    case 'symbol':
      return value.because;
    case 'one-of':
      return 'it depends on a condition that is not known';
    case 'template':
    case 'list':
    case 'object':
    case 'lazy':
      return recall(reasons, value, firstReason).reason;
    default:
      return undefined;
  }
}

function firstReason(value: Value): { readonly reason: string | undefined } {
  if (isHuge(value)) return { reason: 'it is too large' };
  let reason: string | undefined;
  everyPart(value, (part) => {
    reason = typeof part === 'string' ? undefined : reasonOf(part);
    return !reason;
  });
  if (reason) return { reason };
  if (value.kind === 'template') return { reason: 'a part of it is not known' };
  if (value.kind === 'list' && value.open) return { reason: value.because ?? openList };
  const isOpen = value.kind === 'object' && value.open;
  return { reason: isOpen ? (value.because ?? 'the object may hold more') : undefined };
}

/**
 * Text that is equal exactly where the values are known to be equal; undefined where equality cannot be told.
 * With `fold` letter case does not count, as in ARM ids and names.
 */
export function canonical(value: Value, fold = false): string | undefined {
  return isHuge(value) ? undefined : spelt(value, fold);
}

/** Of a value that is not huge, as its parts are not either. */
function spelt(value: Value, fold: boolean): string | undefined {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'bool':
    case 'number':
      return String(value.kind === 'number' && value.digits ? value.digits : value.value);
    case 'string':
      return JSON.stringify(fold ? value.value.toLowerCase() : value.value);
    case 'symbol':
      return value.text;
    case 'template': {
      const parts: string[] = [];
      for (const part of value.parts) {
        const text = typeof part === 'string' ? JSON.stringify(fold ? part.toLowerCase() : part) : spelt(part, fold);
        if (text === undefined) return undefined;
        parts.push(text);
      }
      return '`' + parts.join('+') + '`';
    }
    case 'list': {
      if (value.open) return undefined;
      const items: string[] = [];
      for (const item of value.items) {
        const text = spelt(item, fold);
        if (text === undefined) return undefined;
        items.push(text);
      }
      if (value.as === 'set') items.sort();
      return '[' + items.join(',') + ']';
    }
    case 'object': {
      if (value.open) return undefined;
      const members: string[] = [];
      for (const [key, member] of value.members) {
        const text = member.maybe ? undefined : spelt(member.value, fold);
        if (text === undefined) return undefined;
        members.push(JSON.stringify(fold ? key.toLowerCase() : key) + ':' + text);
      }
      return '{' + members.sort().join(',') + '}';
    }
    case 'lazy':
      return spelt(value.force(), fold);
    default:
      return undefined;
  }
}

/** Equality in three values: undefined where it cannot be told. Never converts between types. */
export function equal(a: Value, b: Value, fold = false): boolean | undefined {
  a = force(a);
  b = force(b);
  if (isHuge(a) || isHuge(b)) return undefined;
  if (a.kind === 'string' && b.kind === 'string')
    return a.value === b.value || (fold && a.value.toLowerCase() === b.value.toLowerCase());
  if (a.kind === 'one-of' || b.kind === 'one-of') return equalOneOf(a, b, fold);
  const textA = canonical(a, fold);
  const textB = canonical(b, fold);
  if (textA !== undefined && textA === textB) return true;
  if (isKnown(a) && isKnown(b)) return false;
  if (a.kind === 'unknown' || b.kind === 'unknown' || a.kind === 'symbol' || b.kind === 'symbol') {
    const other = a.kind === 'symbol' ? b : a;
    const named = a.kind === 'symbol' ? a : b;
    return named.kind === 'symbol' && named.present && other.kind === 'null' ? false : undefined;
  }
  if (a.kind === 'template' || b.kind === 'template') return differentTemplates(a, b, fold) ? false : undefined;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'list' && b.kind === 'list') return equalLists(a, b, fold);
  if (a.kind === 'object' && b.kind === 'object') return equalObjects(a, b, fold);
  return undefined;
}

function equalOneOf(a: Value, b: Value, fold: boolean): boolean | undefined {
  let all: boolean | undefined;
  let first = true;
  for (const left of a.kind === 'one-of' ? a.values : [a])
    for (const right of b.kind === 'one-of' ? b.values : [b]) {
      const same = equal(left, right, fold);
      if (same === undefined || (!first && same !== all)) return undefined;
      all = same;
      first = false;
    }
  // Two choices by one condition may be equal pair by pair though every pair of known members says no only by chance.
  return all;
}

/** A known beginning or end that differs decides, whatever the holes hold. */
function differentTemplates(a: Value, b: Value, fold: boolean): boolean {
  const ends = (value: Value, last: boolean): string | undefined => {
    if (value.kind === 'string') return value.value;
    if (value.kind !== 'template') return undefined;
    const part = last ? value.parts.at(-1) : value.parts[0];
    return typeof part === 'string' ? part : '';
  };
  if (isShorter(a, b, fold) || isShorter(b, a, fold)) return true;
  for (const last of [false, true]) {
    let left = ends(a, last);
    let right = ends(b, last);
    if (left === undefined || right === undefined)
      return a.kind !== b.kind && isScalar(a) !== isScalar(b) && !mayBeText(a, b);
    if (fold) {
      left = left.toLowerCase();
      right = right.toLowerCase();
    }
    const length = Math.min(left.length, right.length);
    if (
      last
        ? left.slice(left.length - length) !== right.slice(right.length - length)
        : left.slice(0, length) !== right.slice(0, length)
    )
      return true;
  }
  return false;
}

/** A text that is shorter than what is known of the other is not it. */
function isShorter(a: Value, b: Value, fold: boolean): boolean {
  if (a.kind !== 'string' || b.kind !== 'template') return false;
  const lengthOf = (of: string): number => (fold ? of.toLowerCase() : of).length;
  return lengthOf(a.value) < b.parts.reduce((sum, part) => sum + (typeof part === 'string' ? lengthOf(part) : 0), 0);
}

function mayBeText(a: Value, b: Value): boolean {
  return [a, b].every((value) => ['string', 'template', 'symbol', 'unknown'].includes(value.kind));
}

function equalLists(a: List, b: List, fold: boolean): boolean | undefined {
  if (a.as === 'set' || b.as === 'set') return undefined;
  if (!a.open && !b.open && a.items.length !== b.items.length) return false;
  let all: boolean | undefined = !a.open && !b.open ? true : undefined;
  for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
    const same = equal(a.items[i]!, b.items[i]!, fold);
    if (same === false) return false;
    if (same === undefined) all = undefined;
  }
  return all;
}

function equalObjects(a: Obj, b: Obj, fold: boolean): boolean | undefined {
  let all: boolean | undefined = !a.open && !b.open ? true : undefined;
  for (const [left, right] of [
    [a, b],
    [b, a],
  ] as const)
    for (const [key, member] of left.members) {
      const other = memberOf(right, key, fold);
      if (!other) {
        if (!right.open && !member.maybe) return false;
        all = undefined;
        continue;
      }
      const same = member.maybe || other.maybe ? undefined : equal(member.value, other.value, fold);
      if (same === false) return false;
      if (same === undefined) all = undefined;
    }
  return all;
}

/** The member of that name; with `fold` without letter case (the last one wins, as in ARM). */
export function memberOf(of: Obj, key: string, fold = false): Member | undefined {
  const exact = of.members.get(key);
  if (exact || !fold) return exact;
  const folded = key.toLowerCase();
  let found: string | undefined;
  // By names alone: a member may be made when it is asked for.
  for (const name of of.members.keys()) if (name.length === key.length && name.toLowerCase() === folded) found = name;
  return found === undefined ? undefined : of.members.get(found);
}

/** A choice between values by a condition that is not known; equal candidates are one. */
export function oneOf(values: readonly Value[], at: Origin): Value {
  const candidates: Value[] = [];
  const seen = new Set<string>();
  const add = (value: Value): void => {
    if (value.kind === 'one-of') {
      for (const candidate of value.values) add(candidate);
      return;
    }
    const text = canonical(value);
    if (text !== undefined) {
      if (seen.has(text)) return;
      seen.add(text);
    }
    candidates.push(value);
  };
  for (const value of values) add(value);
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > limits.candidates) return unknown('it may be one of many values', at);
  return { kind: 'one-of', values: candidates, at, secret: candidates.some(isSecret) || undefined };
}

/** What became of each value of a choice; the condition stays where the results still stand for the same two. */
export function choiceOf(from: OneOf, results: readonly Value[], at: Origin): Value {
  const choice = oneOf(results, at);
  const kept = from.condition !== undefined && results.length === 2 && results.every((one) => one.kind !== 'one-of');
  return kept && choice.kind === 'one-of' ? { ...choice, condition: from.condition } : choice;
}

/** Joins texts and values into one string, as an interpolation does. Null, lists and objects are the caller's to refuse. */
export function joined(parts: readonly (string | Value)[], at: Origin): Value {
  const flat: (string | Value)[] = [];
  let hidden = false;
  let length = 0;
  const add = (part: string | Value): void => {
    if (typeof part !== 'string') {
      hidden ||= isSecret(part);
      if (part.kind === 'template') {
        for (const inner of part.parts) add(inner);
        return;
      }
      if (!isScalar(part)) {
        flat.push(part);
        return;
      }
      part = part.kind === 'number' ? numberText(part) : String(part.value);
    }
    if (part === '') return;
    length += part.length;
    if (typeof flat.at(-1) === 'string') flat[flat.length - 1] += part as never;
    else flat.push(part);
  };
  for (const part of parts) add(part);
  if (length > limits.stringLength || flat.length > limits.rangeItems)
    return unknown('the text is longer than this tool builds', at);
  // Each choice doubles the texts, so those that are too many for one value are not multiplied out.
  const texts = flat.reduce<number>(
    (product, part) => product * (typeof part !== 'string' && part.kind === 'one-of' ? part.values.length : 1),
    1,
  );
  const choice = flat.findIndex((part) => typeof part !== 'string' && part.kind === 'one-of');
  if (choice !== -1 && texts <= limits.candidates) {
    const candidates = (flat[choice] as OneOf).values;
    if (candidates.every(isScalar))
      return oneOf(
        candidates.map((candidate) => joined([...flat.slice(0, choice), candidate, ...flat.slice(choice + 1)], at)),
        at,
      );
  }
  const result: Value =
    flat.length === 0
      ? text('', at)
      : flat.length === 1 && typeof flat[0] === 'string'
        ? text(flat[0], at)
        : { kind: 'template', parts: flat, at };
  return hidden ? secret(result) : result;
}

/** As Terraform and ARM print a number: never with an exponent. */
export function numberText(value: Num): string {
  if (value.digits) return value.digits;
  const plain = String(value.value);
  if (!plain.includes('e')) return plain;
  return Number.isInteger(value.value) ? BigInt(value.value).toString() : value.value.toFixed(20).replace(/0+$/, '');
}

/** A plain JavaScript value; undefined where any part is not known. Objects come without prototype. */
export function plain(value: Value): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'bool':
    case 'number':
    case 'string':
      return value.value;
    case 'list':
      return isKnown(value) ? value.items.map(plain) : undefined;
    case 'object': {
      if (!isKnown(value)) return undefined;
      const result: Record<string, unknown> = Object.create(null);
      for (const [key, member] of value.members) result[key] = plain(member.value);
      return result;
    }
    case 'lazy':
      return plain(value.force());
    default:
      return undefined;
  }
}

/** A value from plain data that was written at one place (decoded JSON, a constant of ours). */
export function fromPlain(data: unknown, at: Origin): Value {
  if (data === null || data === undefined) return nothing(at);
  if (typeof data === 'boolean') return bool(data, at);
  if (typeof data === 'number') return number(data, at);
  if (typeof data === 'string') return text(data, at);
  if (Array.isArray(data))
    return list(
      data.map((item) => fromPlain(item, at)),
      at,
    );
  const members = new Map<string, Member>();
  for (const [key, item] of Object.entries(data as Record<string, unknown>))
    members.set(key, { value: fromPlain(item, at), at });
  return object(members, at);
}

/** What `inspect` prints: plain JSON, with a marked object for all that is not known. */
export function encode(value: Value): unknown {
  if (value.secret) return { $secret: true };
  if (isHuge(value)) return { $unknown: 'too large to print' };
  switch (value.kind) {
    case 'unknown':
      return { $unknown: value.because };
    case 'symbol':
      return { $symbol: value.text };
    case 'template':
      return { $symbol: displayTemplate(value) };
    case 'one-of':
      return { $oneOf: value.values.map(encode) };
    case 'list': {
      const items = value.items.map(encode);
      if (value.open) items.push({ $unknown: value.because ?? openList });
      return items;
    }
    case 'object': {
      const result: Record<string, unknown> = {};
      for (const [key, member] of value.members) {
        const encoded = encode(member.value);
        Object.defineProperty(result, key, {
          value: member.maybe ? { $oneOf: [encoded, { $unknown: 'it may be left out or replaced' }] } : encoded,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      if (value.open) result['$open'] = { $unknown: value.because ?? 'the object may hold more' };
      return result;
    }
    case 'lazy':
      return encode(value.force());
    case 'null':
      return null;
    case 'number':
      return Number.isFinite(value.value) ? value.value : String(value.value);
    default:
      return value.value;
  }
}

function displayTemplate(value: Template): string {
  return value.parts
    .map((part) => (typeof part === 'string' ? part : '${' + (part.secret ? 'secret' : describe(part)) + '}'))
    .join('');
}

/** Of an id of Azure the end tells what it is of. */
function shortened(text: string): string {
  if (text.length <= 80) return text;
  if (!/^\/subscriptions\//i.test(text)) return text.slice(0, 77) + '...';
  const cut = text.indexOf('/', text.length - 77);
  return `...${text.slice(cut === -1 ? text.length - 77 : cut)}`;
}

/** A short text of a value for a message; a secret shows nothing of itself. */
export function describe(value: Value): string {
  if (isSecret(value)) return '(secret)';
  if (isHuge(value)) return 'a value that is too large to print';
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(value.value);
    case 'number':
      return numberText(value);
    case 'string':
      return shortened(value.value);
    case 'symbol':
      return value.text;
    case 'template':
      return displayTemplate(value);
    case 'one-of':
      return value.values.map(describe).join(' or ');
    case 'list':
      return value.items.map(describe).join(', ') + (value.open ? ', ...' : '');
    case 'unknown':
      return 'unknown';
    case 'lazy':
      return describe(value.force());
    default:
      return JSON.stringify(encode(value));
  }
}
