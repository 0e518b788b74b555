/**
 * Terraform's functions over lists, sets, maps and objects.
 * What they pass through is the very same value, so that it keeps its place; what they compute stands at the call.
 */
import { limits } from '../../source/limits.ts';
import { type BuiltIn, byCodePoint, deterministic, mayBeNull, spreadInto } from '../evaluate.ts';
import {
  bool,
  canonical,
  equal,
  failure,
  isKnown,
  isScalar,
  isSecret,
  type List,
  list,
  type Member,
  nothing,
  number,
  type Obj,
  object,
  oneOf,
  reasonOf,
  secret,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { characters } from './characters.ts';
import { integerOf } from './number.ts';
import { type Definition, define } from './signature.ts';
import {
  anyType,
  boolType,
  convert,
  isFailure,
  listOf,
  mapOf,
  numberType,
  setItems,
  setOf,
  setSize,
  stringType,
  type TypeConstraint,
  typeOf,
  unify,
} from './types.ts';

type Apply = Definition['apply'];
type At = Value['at'];

/** A function that looks at members itself; marks stay where they are. */
const over = (takes: readonly TypeConstraint[], apply: Apply, more: Partial<Definition> = {}): BuiltIn =>
  define({ takes, partly: true, marksMembers: true, apply, ...more });

const undecided = (args: readonly Value[], call: Parameters<Apply>[1]): Value =>
  deterministic(call, args, `what ${call.name}() looks at is not known`);

function isHidden(value: Value): boolean {
  return value.kind === 'unknown' || value.kind === 'symbol' || value.kind === 'one-of';
}

export const collectionFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['length', over([anyType], length)],
  ['contains', over([anyType, anyType], contains, { marksMembers: false })],
  ['index', over([anyType, anyType], indexOf, { marksMembers: false })],
  ['coalesce', over([], coalesce, { rest: anyType, nullable: true, marksMembers: false })],
  ['coalescelist', over([], coalesceList, { rest: anyType, nullable: true })],
  ['merge', over([], merge, { rest: anyType, nullable: true })],
  ['keys', over([anyType], keys)],
  ['values', over([anyType], values)],
  ['lookup', over([anyType, stringType], lookup, { rest: anyType, nullable: true })],
  ['element', over([anyType, numberType], element)],
  ['concat', over([], concat, { rest: anyType })],
  ['flatten', over([anyType], flatten)],
  ['one', over([anyType], one)],
  ['reverse', over([anyType], reverse)],
  ['slice', over([anyType, numberType, numberType], slice)],
  ['chunklist', over([listOf(anyType), numberType], chunkList)],
  ['compact', over([listOf(stringType)], compact)],
  ['distinct', over([listOf(anyType)], distinct)],
  ['zipmap', over([listOf(stringType), anyType], zipMap)],
  ['alltrue', over([listOf(boolType)], (args, call) => quantified(args, call, false), { marksMembers: false })],
  ['anytrue', over([listOf(boolType)], (args, call) => quantified(args, call, true), { marksMembers: false })],
  ['setunion', over([setOf(anyType)], setUnion, { rest: setOf(anyType), marksMembers: false })],
  ['setintersection', over([setOf(anyType)], setIntersection, { rest: setOf(anyType), marksMembers: false })],
  ['setsubtract', over([setOf(anyType), setOf(anyType)], setSubtract, { marksMembers: false })],
  ['setproduct', over([], setProduct, { rest: anyType })],
  ['matchkeys', over([listOf(anyType), listOf(anyType), listOf(anyType)], matchKeys)],
  ['transpose', define({ takes: [mapOf(listOf(stringType))], apply: transpose })],
  ['tolist', over([listOf(anyType)], ([value]) => value!, { nullable: true })],
  ['toset', over([setOf(anyType)], ([value]) => value!, { nullable: true })],
  ['tomap', over([mapOf(anyType)], ([value]) => value!, { nullable: true })],
  ['ephemeralasnull', ([value], call) => value ?? failure('ephemeralasnull() takes one argument', call)],
  ['sensitive', ([value], call) => (value ? secret(value) : failure('sensitive() takes one argument', call))],
  [
    'nonsensitive',
    ([value], call) => (value ? { ...value, secret: undefined } : failure('nonsensitive() takes one argument', call)),
  ],
  [
    'issensitive',
    ([value], call) => (value ? bool(value.secret === true, call) : failure('issensitive() takes one argument', call)),
  ],
];

function length(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  switch (of!.kind) {
    case 'string':
      return number(characters(of!.value).length, call);
    case 'list': {
      const size = of!.as === 'set' ? setSize(of!) : of!.open ? undefined : of!.items.length;
      return size === undefined ? undecided(args, call) : number(size, call);
    }
    case 'object': {
      const open = of!.open || [...of!.members.values()].some((member) => member.maybe);
      return open ? undecided(args, call) : number(of!.members.size, call);
    }
    case 'number':
    case 'bool':
      return failure('length() is for strings and collections', call);
    default:
      return undecided(args, call);
  }
}

function contains(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, wanted] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list') return failure('contains() looks into a list or a set', call);
  let sure = !of!.open;
  for (const item of of!.items) {
    const same = equal(item, wanted!);
    if (same) return bool(true, call);
    if (same === undefined) sure = false;
  }
  return sure ? bool(false, call) : undecided(args, call);
}

function indexOf(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, wanted] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list' || of!.as === 'set') return failure('index() looks into a list', call);
  for (const [i, item] of of!.items.entries()) {
    const same = equal(item, wanted!);
    if (same === undefined) return undecided(args, call);
    if (same) return number(i, call);
  }
  return of!.open ? undecided(args, call) : failure('index(): the item is not in the list', call);
}

/** The first that is neither null nor "", as the type that all arguments share. */
function coalesce(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const type = unify(args.map(typeOf));
  if (!type || args.length === 0) return failure('the arguments of coalesce() are not of one type', call);
  const candidates: Value[] = [];
  for (const argument of args) {
    const value = convert(argument, type, () => argument);
    if (isFailure(value)) return value;
    if (value.kind === 'null' || (value.kind === 'string' && value.value === '')) continue;
    candidates.push(value);
    if (!mayBeEmpty(value)) break;
  }
  return candidates.length === 0
    ? failure('coalesce(): all arguments are null or empty', call)
    : oneOf(candidates, call);
}

/** Whether it may turn out as null or "". A resource's own id or name is neither. */
function mayBeEmpty(value: Value): boolean {
  if (value.kind === 'template') return !value.parts.some((part) => typeof part === 'string');
  if (value.kind === 'one-of') return value.values.some(mayBeEmpty);
  if (value.kind === 'string') return value.value === '';
  return mayBeNull(value);
}

function coalesceList(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const candidates: Value[] = [];
  for (const value of args) {
    if (isHidden(value)) {
      candidates.push(value);
      continue;
    }
    if (value.kind !== 'list' || value.as === 'set') return failure('coalescelist() takes lists', call);
    if (value.items.length === 0 && !value.open) continue;
    candidates.push(value);
    if (value.items.length > 0) break;
  }
  return candidates.length === 0 ? failure('coalescelist(): all lists are empty', call) : oneOf(candidates, call);
}

function merge(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const members = new Map<string, Member>();
  let open = false;
  const maps = args.filter((value) => value.kind !== 'null');
  for (const value of maps) {
    if (value.kind !== 'object' && !isHidden(value)) return failure('merge() takes maps and objects', call);
    open = spreadInto(members, value) || open;
  }
  const type =
    maps.length > 0 && maps.every((value) => value.kind === 'object' && value.as === 'map') && unify(maps.map(typeOf));
  return { ...object(members, call, type ? 'map' : 'object'), ...(open && { open }) };
}

function sortedMembers(of: Obj): [string, Member][] {
  return [...of.members].sort(([a], [b]) => byCodePoint(a, b));
}

function keys(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'object') return failure('keys() takes a map or an object', call);
  const members = sortedMembers(of!);
  const sure = members.filter(([, member]) => !member.maybe);
  const names = list(
    sure.map(([key, member]) => text(key, member.at)),
    call,
    of!.as === 'map' ? 'list' : 'tuple',
  );
  return of!.open || sure.length < members.length ? { ...names, open: true } : names;
}

function values(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'object') return failure('values() takes a map or an object', call);
  const members = sortedMembers(of!);
  const sure = members.filter(([, member]) => !member.maybe);
  const items = list(
    sure.map(([, member]) => member.value),
    call,
    of!.as === 'map' ? 'list' : 'tuple',
  );
  return of!.open || sure.length < members.length ? { ...items, open: true } : items;
}

function lookup(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, key, fallback] = args;
  if (args.length > 3) return failure('lookup() takes two or three arguments', call);
  if (of!.kind === 'null' || key!.kind === 'null') return failure('lookup() cannot look up null', call);
  if (isHidden(of!)) return fallback ? unknown(reasonOf(of!) ?? 'the map is not known', call) : undecided(args, call);
  if (of!.kind !== 'object') return failure('lookup() takes a map', call);
  let otherwise = fallback;
  if (otherwise && of!.as === 'map') {
    const type = typeOf(of!);
    otherwise = convert(otherwise, 'element' in type ? type.element : anyType, () => nothing(call));
    if (isFailure(otherwise)) return failure('lookup(): the default is not of the type of the map', call);
  }
  if (key!.kind !== 'string') {
    const every = [...of!.members.values()].map((member) => member.value);
    if (of!.open || every.length > limits.candidates) return unknown(reasonOf(key!) ?? 'the key is not known', call);
    return oneOf([...every, otherwise ?? unknown(reasonOf(key!) ?? 'the key is not known', call)], call);
  }
  const found = of!.members.get(key!.value);
  if (found && !found.maybe) return found.value;
  const missing = otherwise ?? failure(`lookup(): the map has no "${key!.value}"`, call);
  if (found) return isFailure(missing) ? found.value : oneOf([found.value, missing], call);
  if (!of!.open) return missing;
  const because = 'the map is only partly known';
  return otherwise ? oneOf([otherwise, unknown(because, call)], call) : unknown(because, call);
}

function element(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, index] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list' || of!.as === 'set') return failure('element() takes a list', call);
  if (of!.items.length === 0) return of!.open ? undecided(args, call) : failure('element() of an empty list', call);
  if (index!.kind !== 'number')
    return of!.open ? unknown(reasonOf(index!) ?? 'the index is not known', call) : oneOf(of!.items, call);
  const position = integerOf(index!);
  if (position === undefined || position < 0n) return failure('element() needs a whole number from 0 up', call);
  if (of!.open && position >= BigInt(of!.items.length)) return unknown('the list may hold more', call);
  return of!.items[Number(position % BigInt(of!.items.length))]!;
}

function concat(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  if (args.length === 0) return failure('concat() takes lists', call);
  const items: Value[] = [];
  let open = false;
  let typed = true;
  for (const value of args) {
    if (isHidden(value)) {
      open = true;
      continue;
    }
    if (value.kind !== 'list' || value.as === 'set') return failure('concat() takes lists', call);
    items.push(...value.items);
    open ||= value.open ?? false;
    typed &&= value.as === 'list';
  }
  const joinedList = list(items, call, typed && unify(items.map(typeOf)) ? 'list' : 'tuple');
  return open ? { ...joinedList, open } : joinedList;
}

function flatten(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list') return failure('flatten() takes a list', call);
  const items: Value[] = [];
  let open = false;
  let hidden = false;
  const add = (from: List): void => {
    open ||= from.open ?? false;
    hidden ||= from.secret ?? false;
    for (const item of from.items) {
      if (item.kind === 'list') add(item);
      // What is not known may be a list itself; an id or a choice of scalars is none.
      else if (isHidden(item) && !isOneMember(item)) open = true;
      else items.push(item);
    }
  };
  add(of!);
  const flat: List = open ? { ...list(items, call), open } : list(items, call);
  return hidden ? secret(flat) : flat;
}

function isOneMember(value: Value): boolean {
  if (value.kind === 'symbol') return value.present === true;
  return value.kind === 'one-of' && value.values.every((item) => isScalar(item) || isOneMember(item));
}

function one(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list') return failure('one() takes a list or a set', call);
  const [first] = of!.items;
  const size = of!.as === 'set' ? setSize(of!) : of!.items.length;
  if (of!.open || size === undefined) return unknown('it is not known how many items there are', call);
  if (size > 1) return failure('one(): the list has more than one item', call);
  return first ?? nothing(call);
}

function reverse(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list') return failure('reverse() takes a list', call);
  return { ...of!, items: [...of!.items].reverse(), at: call, via: undefined, as: of!.as === 'set' ? 'list' : of!.as };
}

function slice(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, from, to] = args;
  if (isHidden(of!)) return undecided(args, call);
  if (of!.kind !== 'list' || of!.as === 'set') return failure('slice() takes a list', call);
  if (from!.kind !== 'number' || to!.kind !== 'number') return undecided(args, call);
  const start = integerOf(from!);
  const end = integerOf(to!);
  if (start === undefined || end === undefined || start < 0n || start > end)
    return failure('slice() needs a start and an end from 0 up', call);
  if (end > BigInt(of!.items.length))
    return of!.open ? unknown('the list may hold more', call) : failure('slice(): the list ends before', call);
  return { ...list(of!.items.slice(Number(start), Number(end)), call, of!.as) };
}

function chunkList(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, size] = args;
  if (of!.kind !== 'list' || of!.open || size!.kind !== 'number') return undecided(args, call);
  const count = integerOf(size!);
  if (count === undefined || count < 0n) return failure('chunklist() needs a whole number', call);
  const chunks: Value[] = [];
  const step = count === 0n ? Math.max(1, of!.items.length) : Number(count);
  for (let i = 0; i < of!.items.length; i += step) chunks.push(list(of!.items.slice(i, i + step), call, 'list'));
  return list(chunks, call, 'list');
}

function compact(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (of!.kind !== 'list') return undecided(args, call);
  const full = of!.items.filter((item) => item.kind !== 'null' && !(item.kind === 'string' && item.value === ''));
  const sure = full.filter((item) => !mayBeEmpty(item));
  const open = of!.open || sure.length < full.length;
  return { ...list(sure, call, 'list'), ...(open && { open }) };
}

function distinct(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of] = args;
  if (of!.kind !== 'list' || of!.open) return undecided(args, call);
  const seen = new Set<string>();
  const items: Value[] = [];
  for (const item of of!.items) {
    const name = canonical(item);
    if (name === undefined) return undecided(args, call);
    if (!seen.has(name)) items.push(item);
    seen.add(name);
  }
  // Different names are different values only where both are known.
  if (items.length > 1 && !items.every(isKnown)) return undecided(args, call);
  return list(items, call, 'list');
}

function zipMap(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [names, of] = args;
  if (isHidden(names!) || isHidden(of!)) return undecided(args, call);
  if (names!.kind !== 'list' || of!.kind !== 'list') return failure('zipmap() takes two lists', call);
  if (names!.open || of!.open) return { ...object(new Map(), call), open: true };
  if (names!.items.length !== of!.items.length) return failure('zipmap(): the lists are not of one length', call);
  const members = new Map<string, Member>();
  let open = false;
  // A key has no place for a mark, so the whole is marked.
  const hidden = names!.items.some(isSecret);
  for (const [i, name] of names!.items.entries()) {
    const value = of!.items[i]!;
    if (name.kind === 'null') return failure('zipmap(): a key is null', call);
    if (name.kind === 'string') members.set(name.value, { value, at: value.at });
    else open = true;
  }
  const zipped = object(members, call, of!.as === 'list' ? 'map' : 'object');
  return { ...zipped, ...(open && { open }), ...(hidden && { secret: true }) };
}

/** anytrue (`decides` true) and alltrue (`decides` false): one such member decides, null counts as false. */
function quantified(args: readonly Value[], call: Parameters<Apply>[1], decides: boolean): Value {
  const [of] = args;
  if (of!.kind !== 'list') return undecided(args, call);
  let sure = !of!.open;
  for (const item of of!.items) {
    const truth = item.kind === 'null' ? false : item.kind === 'bool' ? item.value : undefined;
    if (truth === decides) return bool(decides, call);
    if (truth === undefined) sure = false;
  }
  return sure ? bool(!decides, call) : undecided(args, call);
}

// Sets

/** The sets with members of one type; undefined where some are not known or have no type in common. */
function unifiedSets(args: readonly Value[], call: At): List[] | Value {
  const type = unify(args.map(typeOf));
  if (!type) return failure('the sets are not of one type', call);
  const sets: List[] = [];
  for (const argument of args) {
    const set = convert(argument, type, () => argument);
    if (set.kind !== 'list') return set;
    sets.push(set);
  }
  return sets;
}

function setUnion(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const known = args.filter((value) => value.kind === 'list');
  if (known.length === 0) return undecided(args, call);
  const sets = unifiedSets(known, call);
  if (!Array.isArray(sets)) return sets as Value;
  const open = known.length < args.length || sets.some((set) => set.open);
  return { ...list(setItems(sets.flatMap((set) => set.items)), call, 'set'), ...(open && { open }) };
}

function setIntersection(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  if (!args.every(isKnown)) return undecided(args, call);
  const sets = unifiedSets(args, call);
  if (!Array.isArray(sets)) return sets as Value;
  const [first, ...others] = sets as List[];
  const names = others.map((set) => new Set(set.items.map((item) => canonical(item))));
  return list(
    first!.items.filter((item) => names.every((set) => set.has(canonical(item)))),
    call,
    'set',
  );
}

function setSubtract(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  if (!args.every(isKnown)) return undecided(args, call);
  const sets = unifiedSets(args, call);
  if (!Array.isArray(sets)) return sets as Value;
  const [first, second] = sets as List[];
  const names = new Set(second!.items.map((item) => canonical(item)));
  return list(
    first!.items.filter((item) => !names.has(canonical(item))),
    call,
    'set',
  );
}

function setProduct(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  if (args.length < 2) return failure('setproduct() takes two lists or sets or more', call);
  let size = 1;
  const lists: List[] = [];
  for (const value of args) {
    if (isHidden(value)) return undecided(args, call);
    if (value.kind !== 'list') return failure('setproduct() takes lists and sets', call);
    if (value.open) return undecided(args, call);
    const typed = convert(value, value.as === 'set' ? setOf(anyType) : listOf(anyType), () => value);
    if (typed.kind !== 'list') return typed;
    lists.push(typed);
    size *= typed.items.length;
  }
  if (size > limits.rangeItems) return unknown('the product has more members than this tool builds', call);
  let rows: Value[][] = [[]];
  for (const each of lists) rows = rows.flatMap((row) => each.items.map((item) => [...row, item]));
  const items = rows.map((row) => list(row, call));
  return list(items, call, lists.some((each) => each.as === 'set') ? 'set' : 'list');
}

// Maps of lists

function matchKeys(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const [of, names, wanted] = args;
  if (of!.kind !== 'list' || !isKnown(names!) || !isKnown(wanted!)) return undecided(args, call);
  const type = unify([typeOf(names!), typeOf(wanted!)]);
  if (!type) return failure('matchkeys(): the keys are not of one type', call);
  const keyList = convert(names!, type, () => names!);
  const search = convert(wanted!, type, () => wanted!);
  if (keyList.kind !== 'list' || search.kind !== 'list') return failure('matchkeys() takes lists', call);
  if (keyList.items.length !== of!.items.length) return failure('matchkeys(): the lists are not of one length', call);
  const found = new Set(search.items.map((item) => canonical(item)));
  return list(
    of!.items.filter((_, i) => found.has(canonical(keyList.items[i]!))),
    call,
    'list',
  );
}

function transpose(args: readonly Value[], call: Parameters<Apply>[1]): Value {
  const groups = new Map<string, string[]>();
  for (const [key, member] of (args[0] as Obj).members) {
    if (member.value.kind !== 'list') return failure('transpose() takes a map of lists', call);
    for (const item of member.value.items) {
      if (item.kind !== 'string') return failure('transpose(): a member is null', call);
      groups.set(item.value, [...(groups.get(item.value) ?? []), key]);
    }
  }
  const members = new Map<string, Member>();
  for (const [key, names] of [...groups].sort(([a], [b]) => byCodePoint(a, b))) {
    const sorted = names.sort(byCodePoint).map((name) => text(name, call));
    members.set(key, { value: list(sorted, call, 'list'), at: call });
  }
  return object(members, call, 'map');
}
