/**
 * Plain JSON of a plan or state -> a body of values, each with its place: where the source beside it writes it, else in the JSON.
 * What the plan marks as unknown or sensitive stays so; what nobody wrote and only the provider fills in is left out, as in the source.
 */
import { limits } from '../../source/limits.ts';
import type { Origin } from '../../source/source.ts';
import type { Resource } from '../resource.ts';
import {
  force,
  isKnown,
  isScalar,
  list,
  type Member,
  memberOf,
  nothing,
  type Obj,
  object,
  secret,
  unknown,
  type Value,
} from '../value.ts';
import { isComputed, isUnset, mayHoldSecret } from './attributes.ts';
import type { JsonPlace } from './place.ts';

export type PlainObject = { readonly [key: string]: unknown };

export function plainObject(value: unknown): PlainObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainObject) : undefined;
}

/** A member of JSON's own, whatever its name: `constructor` and `__proto__` are names like others. */
export function own(value: unknown, key: string): unknown {
  const found = plainObject(value);
  return found && Object.hasOwn(found, key) ? found[key] : undefined;
}

/** The objects of a list, each with its index. */
export function* objectsIn(value: unknown): Generator<[number, PlainObject]> {
  if (!Array.isArray(value)) return;
  for (let i = 0; i < value.length; i++) {
    const one = plainObject(value[i]);
    if (one) yield [i, one];
  }
}

/** The same resource, or action, in the source beside the file. */
export interface Beside {
  readonly resource: Pick<Resource, 'body'>;
  readonly head: Origin;
}

/** What the body of one resource is made of. */
export interface Content {
  readonly type: string;
  readonly values: unknown;
  /** Shaped like the values, with `true` where something is known only after apply. */
  readonly unknown: unknown;
  /** Shaped like the values, with `true` where something is secret. */
  readonly sensitive: unknown;
  readonly place: JsonPlace;
  /** Where the marks of what is unknown stand, which the values lack. */
  readonly unknownPlace?: JsonPlace | undefined;
  /** Where what is missing stands. */
  readonly head: Origin;
  readonly beside: Beside | undefined;
  /** What an unknown value at a path refers to, by name. */
  readonly named?: (path: Path) => Value | undefined;
  /** Whether the configuration writes the attribute at a path; undefined where that cannot be told. */
  readonly isWritten?: (path: Path) => boolean | undefined;
  /** It was there before, so that what nobody writes may be what it had. */
  readonly existed?: boolean | undefined;
  /** Unset and unknown look alike. */
  readonly isPartial?: boolean | undefined;
}

/** Steps below the body, the last one first. */
export interface Path {
  readonly step: string | number;
  readonly above: Path | undefined;
  /** Of an item: how many there are. */
  readonly of?: number;
}

export function stepsOf(path: Path): (string | number)[] {
  const steps: (string | number)[] = [];
  for (let at: Path | undefined = path; at; at = at.above) steps.unshift(at.step);
  return steps;
}

export function bodyOf(content: Content): Obj {
  const { beside, head } = content;
  const conversion = new Conversion(content);
  const written = beside && { value: beside.resource.body, at: beside.head };
  const body = conversion.object(plainObject(content.values) ?? {}, content.unknown, content.sensitive, {
    place: content.place,
    path: undefined,
    level: 0,
    written,
  });
  return { ...body, at: head };
}

interface Step {
  readonly place: JsonPlace;
  readonly path: Path | undefined;
  readonly level: number;
  /** The same value in the source, where it is written there, and the place of its property. */
  readonly written: { readonly value: Value; readonly at: Origin } | undefined;
}

/** An object with its marks. */
interface Marked {
  readonly data: PlainObject;
  readonly unknowns: unknown;
  readonly sensitive: unknown;
}

/**
 * The members of an object, each converted when it is asked for: rules look at few attributes of few types, and all of them as values
 * with places would cost many times the size of the file.
 */
class Members implements ReadonlyMap<string, Member>, Marked, Step {
  readonly conversion: Conversion;
  // There are very many, so they are what they are made of rather than hold it.
  readonly data: PlainObject;
  readonly unknowns: unknown;
  readonly sensitive: unknown;
  readonly place: JsonPlace;
  readonly path: Path | undefined;
  readonly level: number;
  readonly written: Step['written'];
  #made: Map<string, Member | undefined> | undefined;
  #all: ReadonlyMap<string, Member> | undefined;

  constructor(conversion: Conversion, { data, unknowns, sensitive }: Marked, { place, path, level, written }: Step) {
    this.conversion = conversion;
    this.data = data;
    this.unknowns = unknowns;
    this.sensitive = sensitive;
    this.place = place;
    this.path = path;
    this.level = level;
    this.written = written;
  }

  get(key: string): Member | undefined {
    if (this.#all) return this.#all.get(key);
    if (this.#made?.has(key)) return this.#made.get(key);
    const { data, unknowns, level } = this;
    // What is wholly unknown may be left out of the values.
    if (!Object.hasOwn(data, key) && !hasUnknown(own(unknowns, key), level)) return undefined;
    const member = this.conversion.member(key, this, this);
    // What is plain or empty is made anew at less than it costs to keep.
    if (own(unknowns, key) !== undefined || isFilled(own(data, key))) {
      this.#made ??= new Map();
      this.#made.set(key, member);
    }
    return member;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get size(): number {
    return this.#whole().size;
  }

  keys(): MapIterator<string> {
    return this.#whole().keys();
  }

  values(): MapIterator<Member> {
    return this.#whole().values();
  }

  entries(): MapIterator<[string, Member]> {
    return this.#whole().entries();
  }

  [Symbol.iterator](): MapIterator<[string, Member]> {
    return this.entries();
  }

  forEach(each: (member: Member, key: string, map: ReadonlyMap<string, Member>) => void): void {
    for (const [key, member] of this) each(member, key, this);
  }

  #whole(): ReadonlyMap<string, Member> {
    if (!this.#all) {
      const { data, unknowns } = this;
      const all = new Map<string, Member>();
      for (const key of new Set([...Object.keys(data), ...Object.keys(plainObject(unknowns) ?? {})])) {
        const member = this.get(key);
        if (member) all.set(key, member);
      }
      this.#all = all;
    }
    return this.#all;
  }
}

class Conversion {
  readonly #content: Content;
  /** One for all that is null: it counts as absent, and what is absent stands at the head. */
  #nothing: Member | undefined;

  constructor(content: Content) {
    this.#content = content;
  }

  get #absent(): Member {
    this.#nothing ??= { value: nothing(this.#content.head), at: this.#content.head };
    return this.#nothing;
  }

  object(data: PlainObject, unknowns: unknown, sensitive: unknown, step: Step): Obj {
    const members = new Members(this, { data, unknowns, sensitive }, step);
    const whole = object(members, this.#at(step, undefined));
    return this.#content.isPartial ? { ...whole, open: true } : whole;
  }

  member(key: string, { data, unknowns, sensitive }: Marked, step: Step): Member | undefined {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    return this.#member(key, value, own(unknowns, key), partOf(sensitive, key), step);
  }

  #member(key: string, data: unknown, mark: unknown, sensitive: unknown, step: Step): Member | undefined {
    const { type, isPartial } = this.#content;
    const isAbsent =
      data === null || data === undefined || (isUnset(type, key, data) && !this.#isZeroWritten(key, data, step));
    // Where unset and unknown look alike, what is null says nothing.
    if (isAbsent && !hasUnknown(mark, step.level)) return isPartial ? undefined : this.#absent;
    const around = step.written && force(step.written.value);
    const same = around?.kind === 'object' ? memberOf(around, key) : undefined;
    const path: Path = { step: key, above: step.path };
    const inner: Step = {
      place: this.#placeOf(step.place.child(key), mark, path),
      path,
      level: step.level + 1,
      written: same && { value: same.value, at: same.at },
    };
    if (mark === true && this.#isLeftToProvider(inner, around)) return undefined;
    const hides = sensitive === true || mayHoldSecret(type, key);
    const value = this.#value(data, mark, hides || sensitive, inner);
    return { value, at: step.written ? (same?.at ?? this.#content.head) : inner.place };
  }

  #isZeroWritten(key: string, data: unknown, step: Step): boolean {
    return data === 0 && this.#content.isWritten?.({ step: key, above: step.path }) === true;
  }

  #value(data: unknown, unknowns: unknown, sensitive: unknown, step: Step): Value {
    const value = this.#plain(data, unknowns, sensitive, step);
    return sensitive === true ? secret(value) : value;
  }

  #plain(data: unknown, unknowns: unknown, sensitive: unknown, step: Step): Value {
    if (step.level > limits.nesting) return unknown('it is nested too deeply to be read', this.#content.head);
    if (unknowns === true) return this.#unknown(step);
    switch (typeof data) {
      case 'string':
      case 'number':
      case 'boolean':
        return this.#scalar(data, step);
      default: {
        // An object or list whose parts are all unknown may be missing from the values.
        if (Array.isArray(data) || (!data && Array.isArray(unknowns)))
          return this.#list(Array.isArray(data) ? data : [], unknowns, sensitive, step);
        if (data || hasUnknown(unknowns, step.level))
          return this.object((data ?? {}) as PlainObject, unknowns, sensitive, step);
        return this.#content.isPartial ? unknown('the plan does not say', this.#content.head) : this.#absent.value;
      }
    }
  }

  #scalar(data: string | number | boolean, step: Step): Value {
    const written = step.written && force(step.written.value);
    const isLiteral = written !== undefined && isScalar(written) && looksAlike(written.value, data);
    const at = this.#at(step, isLiteral ? written : undefined);
    const via = isLiteral ? written.via : undefined;
    if (typeof data === 'string') return { kind: 'string', value: data, at, via };
    if (typeof data === 'boolean') return { kind: 'bool', value: data, at, via };
    if (Number.isSafeInteger(data) || !Number.isInteger(data)) return { kind: 'number', value: data, at, via };
    const digits = step.place.text();
    return { kind: 'number', value: data, at, via, digits: /^-?\d+$/.test(digits) ? digits : undefined };
  }

  #list(data: readonly unknown[], unknowns: unknown, sensitive: unknown, step: Step): Value {
    const marks = Array.isArray(unknowns) ? unknowns : [];
    const written = step.written && force(step.written.value);
    const same = written?.kind === 'list' ? written.items : undefined;
    const count = Math.max(data.length, marks.length);
    // Made as long as it will be: one that grows takes room for seventeen.
    const items = Array.from({ length: count }, (_, i) => {
      const item = data[i];
      // Sets come in an order of their own.
      const other =
        same &&
        (typeof item === 'object' || item === undefined
          ? same[i]
          : same.find((one) => {
              const value = force(one);
              return isScalar(value) && looksAlike(value.value, item as string);
            }));
      const path: Path = { step: i, above: step.path, of: count };
      return this.#value(item, marks[i], partOf(sensitive, i), {
        place: this.#placeOf(step.place.child(i), marks[i], path),
        path,
        level: step.level + 1,
        written: other
          ? { value: other, at: other.at }
          : step.written && { value: step.written.value, at: step.written.at },
      });
    });
    const whole = list(items, this.#at(step, written?.kind === 'list' ? written : undefined), 'list');
    return written?.kind === 'list' && written.via ? { ...whole, via: written.via } : whole;
  }

  #placeOf(place: JsonPlace, mark: unknown, path: Path): JsonPlace {
    const { unknownPlace } = this.#content;
    if (mark !== true || !unknownPlace) return place;
    return stepsOf(path).reduce<JsonPlace>((found, step) => found.child(step), unknownPlace);
  }

  /** Known only after apply: what the source says of it, or the name of what it refers to. */
  #unknown(step: Step): Value {
    const written = step.written && force(step.written.value);
    if (written && written.kind !== 'unknown' && !isKnown(written)) return written;
    const at = this.#at(step, undefined);
    const named = step.written ? undefined : step.path && this.#content.named?.(step.path);
    return named ? { ...named, at } : unknown('it is known only after apply', at);
  }

  /**
   * What the source does not write stands at the head of its resource, what it computes at the property;
   * without a source it stands in the JSON.
   */
  #at(step: Step, literal: Value | undefined): Origin {
    if (!this.#content.beside) return step.place;
    return literal?.at ?? step.written?.at ?? this.#content.head;
  }

  /** Nobody wrote it, so that the provider will choose: in the source it is absent. */
  #isLeftToProvider(step: Step, around: Value | undefined): boolean {
    if (this.#content.beside) return around?.kind === 'object' && !around.open && !step.written;
    const path = stepsOf(step.path!);
    const { type, existed, isWritten } = this.#content;
    return !existed && isComputed(type, path) && isWritten?.(step.path!) === false;
  }
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : plainObject(value) !== undefined;
}

/** Providers bring some values into a form of their own: regions lose blanks and capitals. */
function looksAlike(a: string | number | boolean, b: string | number | boolean): boolean {
  if (a === b) return true;
  const folded = (value: string | number | boolean): string => String(value).toLowerCase().replaceAll(' ', '');
  return typeof b === 'string' && folded(a) === folded(b);
}

function hasUnknown(unknowns: unknown, level: number): boolean {
  if (unknowns === true) return true;
  if (typeof unknowns !== 'object' || unknowns === null) return false;
  // Too deep to be looked at is too deep to be read.
  if (level > limits.nesting) return true;
  const inner = Array.isArray(unknowns) ? unknowns : Object.values(unknowns);
  return inner.some((one) => hasUnknown(one, level + 1));
}

/** The marks of a part; what is secret as a whole is so in every part. */
function partOf(marks: unknown, key: string | number): unknown {
  if (marks === true) return true;
  if (Array.isArray(marks)) return marks[Number(key)];
  return own(marks, String(key));
}
