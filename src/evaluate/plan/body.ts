/**
 * Plain JSON of a plan or state -> a body of values, each with its place: where the source beside it writes it, else in the JSON.
 * What the plan marks as unknown or sensitive stays so.
 */
import type { Origin } from '../../source/source.ts';
import type { Resource } from '../resource.ts';
import { force, list, type Member, memberOf, nothing, object, secret, unknown, type Value } from '../value.ts';
import type { JsonPlaces } from './place.ts';

export type PlainObject = { readonly [key: string]: unknown };

export function plainObject(value: unknown): PlainObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainObject) : undefined;
}

/** The same resource in the source beside the file. */
export interface Beside {
  readonly resource: Resource;
  readonly head: Origin;
}

export interface Placing {
  readonly places: JsonPlaces;
  readonly path: readonly (string | number)[];
  readonly beside: Beside | undefined;
  /** What an unknown attribute of the resource refers to, by name. */
  readonly named: (attribute: string) => Value | undefined;
}

export function placed(after: PlainObject, unknowns: unknown, sensitive: unknown, placing: Placing): Value {
  const { beside } = placing;
  return convert(after, unknowns, sensitive, {
    ...placing,
    level: 0,
    written: beside && { value: beside.resource.body, at: beside.head },
  });
}

interface Step extends Placing {
  readonly level: number;
  /** The same value in the source, where it is written there. */
  readonly written: { readonly value: Value; readonly at: Origin } | undefined;
}

function convert(data: unknown, unknowns: unknown, sensitive: unknown, step: Step): Value {
  const at = placeOf(step);
  const value = convertPlain(data, unknowns, sensitive, step, at);
  return sensitive === true ? secret(value) : value;
}

/** What the source does not write stands at the head of its resource; without a source, in the JSON. */
function placeOf({ beside, written, places, path }: Step): Origin {
  if (!beside) return places.at(path);
  return written ? force(written.value).at : beside.head;
}

function convertPlain(data: unknown, unknowns: unknown, sensitive: unknown, step: Step, at: Origin): Value {
  if (unknowns === true) return unknown('it is known only after apply', at);
  if (data === null || data === undefined) {
    // An object whose parts are all unknown is not in `after` at all.
    if (!hasUnknown(unknowns)) return nothing(at);
    if (Array.isArray(unknowns)) return convertList([], unknowns, sensitive, step, at);
    return convertObject({}, unknowns, sensitive, step, at);
  }
  switch (typeof data) {
    case 'string':
      return { kind: 'string', value: data, at, via: viaOf(step) };
    case 'number':
      return { kind: 'number', value: data, at, via: viaOf(step) };
    case 'boolean':
      return { kind: 'bool', value: data, at, via: viaOf(step) };
    default:
      return Array.isArray(data)
        ? convertList(data, unknowns, sensitive, step, at)
        : convertObject(data as PlainObject, unknowns, sensitive, step, at);
  }
}

function viaOf({ written }: Step): Value['via'] {
  return written ? force(written.value).via : undefined;
}

function hasUnknown(unknowns: unknown): boolean {
  if (unknowns === true) return true;
  if (Array.isArray(unknowns)) return unknowns.some(hasUnknown);
  const inner = plainObject(unknowns);
  return inner ? Object.values(inner).some(hasUnknown) : false;
}

function convertList(data: readonly unknown[], unknowns: unknown, sensitive: unknown, step: Step, at: Origin): Value {
  const marks = Array.isArray(unknowns) ? unknowns : [];
  const secrets = Array.isArray(sensitive) ? sensitive : [];
  const written = step.written && force(step.written.value);
  const items = Array.from({ length: Math.max(data.length, marks.length) }, (_, i) => {
    const same = written?.kind === 'list' ? written.items[i] : undefined;
    return convert(data[i], marks[i], secrets[i], {
      ...step,
      level: step.level + 1,
      path: [...step.path, i],
      written: same && { value: same, at: same.at },
    });
  });
  return list(items, at, 'list');
}

function convertObject(data: PlainObject, unknowns: unknown, sensitive: unknown, step: Step, at: Origin): Value {
  const marks = plainObject(unknowns) ?? {};
  const secrets = plainObject(sensitive) ?? {};
  const written = step.written && force(step.written.value);
  const members = new Map<string, Member>();
  for (const key of new Set([...Object.keys(data), ...Object.keys(marks)])) {
    const mark = marks[key];
    if (!(key in data) && !hasUnknown(mark)) continue;
    const same = written?.kind === 'object' ? memberOf(written, key) : undefined;
    const inner: Step = {
      ...step,
      level: step.level + 1,
      path: [...step.path, key],
      written: same && { value: same.value, at: same.at },
    };
    const named = step.level === 0 && mark === true ? step.named(key) : undefined;
    const value = named ? { ...named, at: placeOf(inner) } : convert(data[key], mark, secrets[key], inner);
    members.set(key, { value, at: step.beside ? (same?.at ?? step.beside.head) : step.places.at(inner.path) });
  }
  return object(members, at);
}
