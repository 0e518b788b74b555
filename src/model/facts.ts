/**
 * Reading facts out of resource bodies.
 * A fact is a value with the place of the property that holds it. Absent (undefined) and unknown are different things:
 * only what is known to be absent may take a default.
 */
import {
  force,
  isNull,
  type List,
  type Member,
  memberOf,
  type Obj,
  oneOf,
  openList,
  reasonOf,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { membersOf } from './row.ts';

export interface Fact {
  readonly value: Value;
  readonly at: Origin;
}

/**
 * The fact at a path such as `properties.sku.name` or `identity[0].type`; null, `{}` on the way and absence are the same.
 * With `fold` names compare without letter case, as ARM does.
 */
export function pick(of: Value, path: string, fold: boolean): Fact | undefined {
  let fact: Fact = { value: of, at: of.at };
  for (const step of stepsOf(path)) {
    const next = take(fact, step, fold);
    if (!next) return undefined;
    fact = next;
  }
  const value = force(fact.value);
  if (isNull(value)) return undefined;
  return value === fact.value ? fact : { value, at: fact.at };
}

const steps = new Map<string, readonly string[]>();

/** Paths are written in this program, so they are few; each is split once. */
function stepsOf(path: string): readonly string[] {
  let found = steps.get(path);
  if (!found) {
    found = path.replaceAll('[', '.[').split('.');
    steps.set(path, found);
  }
  return found;
}

function take(from: Fact, step: string, fold: boolean): Fact | undefined {
  const value = force(from.value);
  switch (value.kind) {
    case 'null':
    case 'bool':
    case 'number':
    case 'string':
      return undefined;
    case 'object': {
      // In JSON syntax a block that is not known as one is an object.
      if (step === '[0]') return { value, at: from.at };
      const member = memberOf(value, step, fold);
      if (!member) return value.open ? missing(value, from.at) : undefined;
      if (!member.maybe) return member;
      return { value: unknown(reasonOf(member.value) ?? 'it may be left out or replaced', member.at), at: member.at };
    }
    case 'list': {
      const item = value.items[Number(step.slice(1, -1))];
      if (item) return { value: item, at: item.at };
      return value.open ? missing(value, from.at) : undefined;
    }
    case 'one-of': {
      const found = value.values.map((candidate) => take({ value: candidate, at: from.at }, step, fold));
      const present = found.filter((fact) => fact !== undefined && !isNull(force(fact.value)));
      if (present.length === 0) return undefined;
      if (present.length < found.length)
        return { value: unknown(reasonOf(value) ?? 'it may be left out', from.at), at: from.at };
      return {
        value: oneOf(
          present.map((fact) => fact!.value),
          from.at,
        ),
        at: from.at,
      };
    }
    default:
      return missing(value, from.at);
  }
}

function missing(value: Value, at: Origin): Fact {
  return { value: { ...unknown(reasonOf(value) ?? 'it is not known', value.at), secret: value.secret }, at };
}

/** The string translated by a table of lower-case words; a word that is not in it stays as written, and an empty text says nothing. */
export function mapped(fact: Fact | undefined, table: Readonly<Record<string, string | boolean>>): Fact | undefined {
  return fact && { ...fact, value: translate(fact.value, table) };
}

function translate(value: Value, table: Readonly<Record<string, string | boolean>>): Value {
  if (value.kind === 'one-of')
    return oneOf(
      value.values.map((candidate) => translate(candidate, table)),
      value.at,
    );
  if (value.kind === 'list') return { ...value, items: value.items.map((item) => translate(force(item), table)) };
  if (value.kind === 'bool') {
    const word = table[String(value.value)];
    return word === undefined ? value : plainLike(value, word);
  }
  if (value.kind !== 'string') return value;
  const word = table[value.value.toLowerCase()];
  if (word !== undefined) return plainLike(value, word);
  return value.value === '' ? unknown('an empty text is no choice', value.at) : value;
}

function plainLike(value: Value, word: string | boolean): Value {
  const { at, via, secret } = value;
  return typeof word === 'boolean'
    ? { kind: 'bool', value: word, at, via, secret }
    : { kind: 'string', value: word, at, via, secret };
}

/** A table that only settles letter case. */
export function spelt(...words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word.toLowerCase(), word]));
}

/** What holds where nothing is written; the place is the head of the resource. */
export function fallback(fact: Fact | undefined, value: string | number | boolean, at: Origin): Fact {
  if (fact) return fact;
  if (typeof value === 'string') return { value: text(value, at), at };
  if (typeof value === 'number') return { value: { kind: 'number', value, at }, at };
  return { value: { kind: 'bool', value, at }, at };
}

/** A known string as it is, letter case included; undefined for anything else. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? value.value : undefined;
}

export function numberIn(value: Value | undefined): number | undefined {
  if (value?.kind === 'number') return value.value;
  // ARM takes numbers written as strings.
  if (value?.kind === 'string' && /^\d+(\.\d+)?$/.test(value.value)) return Number(value.value);
  return undefined;
}

/** Numbers written as strings become numbers. */
export function numeric(fact: Fact | undefined): Fact | undefined {
  return fact && { ...fact, value: toNumber(fact.value) };
}

function toNumber(value: Value): Value {
  if (value.kind === 'one-of') return oneOf(value.values.map(toNumber), value.at);
  if (value.kind !== 'string') return value;
  const amount = numberIn(value);
  return amount === undefined ? value : { ...value, kind: 'number', value: amount };
}

/** A list that is known to be empty says nothing, like an absent one; one that may be empty is unknown, not there. */
export function filledList(fact: Fact | undefined): Fact | undefined {
  if (!fact) return undefined;
  const { value } = fact;
  // A parameter that is certainly given may be given as an empty list; its name still tells equal ones.
  if (value.kind === 'symbol') return value.present ? { ...fact, value: { ...value, present: undefined } } : fact;
  if (value.kind !== 'list' || value.items.length > 0) return fact;
  return value.open ? undecided(reasonOf(value) ?? openList, fact.at) : undefined;
}

/** An empty text says nothing, like an absent one: tools and parameters leave `""` where there is none. */
export function filledText(fact: Fact | undefined): Fact | undefined {
  if (!fact) return undefined;
  const { value } = fact;
  if (value.kind === 'one-of' && value.values.some((candidate) => textOf(force(candidate)) === ''))
    return undecided('it may be empty', fact.at);
  return textOf(value) === '' ? undefined : fact;
}

/** Names of Azure compare without letter case. */
export function lowerCase(of: Value): Value {
  const value = force(of);
  if (value.kind === 'string') return { ...value, value: value.value.toLowerCase() };
  return value.kind === 'one-of' ? oneOf(value.values.map(lowerCase), value.at) : value;
}

/** Regions compare without letter case and blanks. */
export function region(fact: Fact | undefined): Fact | undefined {
  return fact && { ...fact, value: regionValue(fact.value) };
}

function regionValue(value: Value): Value {
  if (value.kind === 'string') return { ...value, value: value.value.toLowerCase().replaceAll(' ', '') };
  if (value.kind === 'one-of') return oneOf(value.values.map(regionValue), value.at);
  return value;
}

/** An object of facts; absent ones are left out, so that `required` can ask for them. `openBecause`: why it may hold more. */
export function view(at: Origin, facts: Readonly<Record<string, Fact | Value | undefined>>, openBecause?: string): Obj {
  const names = Object.keys(facts).filter((name) => facts[name] !== undefined);
  const members = membersOf(
    names,
    names.map((name): Member => {
      const fact = facts[name]!;
      return 'kind' in fact ? { value: fact, at: fact.at } : fact;
    }),
  );
  return {
    kind: 'object',
    members,
    at,
    as: 'object',
    ...(openBecause !== undefined && { open: true, because: openBecause }),
  };
}

/** `open`: more may exist, or why that is so. */
export function listOf(at: Origin, items: readonly Value[], open: boolean | string = false): List {
  const because = typeof open === 'string' ? { because: open } : {};
  return { kind: 'list', items, at, as: 'list', ...(open !== false && { open: true, ...because }) };
}

/** A list that may hold more; `doubt` says why, and is all there is to say of an empty one. */
export function atLeast(at: Origin, items: readonly Value[], doubt: string | undefined): Fact {
  if (doubt !== undefined && items.length === 0) return undecided(doubt, at);
  return { at, value: listOf(at, items, doubt) };
}

/** A fact of our own, computed from others: it stands where they are written. */
export function computed(value: string | number | boolean, at: Origin): Fact {
  return fallback(undefined, value, at);
}

/** A fact that cannot be told, and why. */
export function undecided(because: string, at: Origin): Fact {
  return { value: unknown(because, at), at };
}

export function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
