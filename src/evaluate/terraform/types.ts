/**
 * Terraform's types: read from a `type` argument, found from values, unified, and values converted to them.
 * A conversion keeps `at` and `via` of everything it converts; what is not known passes through as it is.
 */
import type { Expression } from '../../parse/expression.ts';
import { byCodePoint } from '../evaluate.ts';
import {
  canonical,
  choiceOf,
  equal,
  failure,
  force,
  isHuge,
  isKnown,
  isSecret,
  type List,
  type Member,
  nothing,
  type Obj,
  object,
  oneOf,
  secret,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { compareNumbers, parseNumber, textOf } from './number.ts';

export type TypeConstraint =
  | { readonly kind: 'string' | 'number' | 'bool' }
  /** `hidden`: the type of something that is not known, so nothing may be concluded from it. */
  | { readonly kind: 'any'; readonly hidden?: boolean }
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: TypeConstraint }
  | { readonly kind: 'object'; readonly attributes: ReadonlyMap<string, AttributeType> }
  | { readonly kind: 'tuple'; readonly items: readonly TypeConstraint[] };

export interface AttributeType {
  readonly type: TypeConstraint;
  readonly optional?: boolean;
  readonly default?: Expression | undefined;
}

export const anyType: TypeConstraint = { kind: 'any' };
export const stringType: TypeConstraint = { kind: 'string' };
export const numberType: TypeConstraint = { kind: 'number' };
export const boolType: TypeConstraint = { kind: 'bool' };
export const listOf = (element: TypeConstraint): TypeConstraint => ({ kind: 'list', element });
export const setOf = (element: TypeConstraint): TypeConstraint => ({ kind: 'set', element });
export const mapOf = (element: TypeConstraint): TypeConstraint => ({ kind: 'map', element });
const hiddenType: TypeConstraint = { kind: 'any', hidden: true };

// Reading

/** What is not a type reads as `any`: a wrong type argument is not this tool's to report. */
export function parseType(expression: Expression): TypeConstraint {
  if (expression.kind === 'name') return namedType(expression.name);
  // Before Terraform 0.12 types were quoted, and "list" and "map" were of strings.
  if (expression.kind === 'literal' && typeof expression.value === 'string') {
    if (expression.value === 'list') return listOf(stringType);
    if (expression.value === 'map') return mapOf(stringType);
    return namedType(expression.value);
  }
  if (expression.kind === 'template' && expression.parts.length === 1 && typeof expression.parts[0] === 'string')
    return parseType({ ...expression, kind: 'literal', value: expression.parts[0] });
  if (expression.kind !== 'call') return anyType;
  const [first] = expression.args;
  if (!first) return anyType;
  switch (expression.name) {
    case 'list':
    case 'set':
    case 'map':
      return { kind: expression.name, element: parseType(first) };
    case 'tuple':
      return first.kind === 'list'
        ? { kind: 'tuple', items: first.items.map((item) => parseType(item.value)) }
        : anyType;
    case 'object':
      return first.kind === 'object' ? parseObjectType(first) : anyType;
    // Only an attribute may be optional; elsewhere the wrapped type says enough.
    case 'optional':
      return parseType(first);
    default:
      return anyType;
  }
}

function namedType(name: string): TypeConstraint {
  if (name === 'string' || name === 'number' || name === 'bool') return { kind: name };
  if (name === 'list' || name === 'set' || name === 'map') return { kind: name, element: anyType };
  return anyType;
}

function parseObjectType(expression: Extract<Expression, { kind: 'object' }>): TypeConstraint {
  const attributes = new Map<string, AttributeType>();
  for (const { key, value } of expression.entries) {
    const name = key?.kind === 'literal' ? String(key.value) : key?.kind === 'name' ? key.name : undefined;
    if (name === undefined) continue;
    const [type, otherwise] = value.kind === 'call' && value.name === 'optional' ? value.args : [];
    attributes.set(
      name,
      type ? { type: parseType(type), optional: true, default: otherwise } : { type: parseType(value) },
    );
  }
  return { kind: 'object', attributes };
}

// Finding

export function typeOf(value: Value): TypeConstraint {
  if (isHuge(value)) return hiddenType;
  switch (value.kind) {
    case 'string':
    case 'template':
      return stringType;
    case 'number':
    case 'bool':
      return { kind: value.kind };
    case 'null':
      return anyType;
    case 'list':
      if (value.as === 'list' || value.as === 'set')
        return { kind: value.as, element: unify(value.items.map(typeOf)) ?? hiddenType };
      return value.open ? listOf(hiddenType) : { kind: 'tuple', items: value.items.map(typeOf) };
    case 'object': {
      const members = [...value.members];
      if (value.as === 'map') return mapOf(unify(members.map(([, member]) => typeOf(member.value))) ?? hiddenType);
      if (value.open || members.some(([, member]) => member.maybe)) return hiddenType;
      return {
        kind: 'object',
        attributes: new Map(members.map(([key, member]) => [key, { type: typeOf(member.value) }])),
      };
    }
    case 'one-of':
      return unify(value.values.map(typeOf)) ?? hiddenType;
    case 'lazy':
      return typeOf(value.force());
    default:
      return hiddenType;
  }
}

/** The type that all of these convert to; undefined where there is none. */
export function unify(types: readonly TypeConstraint[]): TypeConstraint | undefined {
  const told = types.filter((type) => type.kind !== 'any');
  const hidden = told.length < types.length && types.some((type) => type.kind === 'any' && type.hidden);
  const [first] = told;
  if (!first) return hidden ? hiddenType : anyType;
  const kinds = new Set(told.map((type) => type.kind));
  if ([...kinds].every(isPrimitive)) {
    if (kinds.has('string')) return stringType;
    if (kinds.size > 1) return hidden ? hiddenType : undefined;
    // What is hidden may turn out to be a string, which would make strings of all.
    return hidden ? hiddenType : first;
  }
  if (hidden) return hiddenType;
  if ([...kinds].every((kind) => kind === 'object' || kind === 'map')) return unifyObjects(told, kinds);
  if ([...kinds].every((kind) => kind === 'list' || kind === 'set' || kind === 'tuple')) return unifyLists(told, kinds);
  return undefined;
}

function isPrimitive(kind: TypeConstraint['kind']): boolean {
  return kind === 'string' || kind === 'number' || kind === 'bool';
}

function unifyObjects(types: readonly TypeConstraint[], kinds: ReadonlySet<string>): TypeConstraint | undefined {
  const [first] = types;
  const sameKeys = types.every(
    (type) =>
      first?.kind === 'object' &&
      type.kind === 'object' &&
      type.attributes.size === first.attributes.size &&
      [...type.attributes.keys()].every((key) => first.attributes.has(key)),
  );
  if (first?.kind === 'object' && sameKeys) {
    const attributes = new Map<string, AttributeType>();
    for (const key of first.attributes.keys()) {
      const type = unify(types.map((other) => (other.kind === 'object' ? other.attributes.get(key)!.type : anyType)));
      if (!type) return undefined;
      attributes.set(key, { type });
    }
    return { kind: 'object', attributes };
  }
  const elements = types.flatMap((type) =>
    type.kind === 'object'
      ? [...type.attributes.values()].map((attribute) => attribute.type)
      : type.kind === 'map'
        ? [type.element]
        : [],
  );
  if (!kinds.has('map') && elements.length === 0) return mapOf(anyType);
  const element = unify(elements);
  return element && mapOf(element);
}

function unifyLists(types: readonly TypeConstraint[], kinds: ReadonlySet<string>): TypeConstraint | undefined {
  const [first] = types;
  if (
    first?.kind === 'tuple' &&
    types.every((type) => type.kind === 'tuple' && type.items.length === first.items.length)
  ) {
    const items: TypeConstraint[] = [];
    for (const i of first.items.keys()) {
      const item = unify(types.map((type) => (type.kind === 'tuple' ? type.items[i]! : anyType)));
      if (!item) return undefined;
      items.push(item);
    }
    return { kind: 'tuple', items };
  }
  const element = unify(
    types.flatMap((type) => (type.kind === 'tuple' ? type.items : 'element' in type ? [type.element] : [])),
  );
  return element && { kind: kinds.has('set') ? 'set' : 'list', element };
}

/** Whether values of both types may be equal; `any` (the type of null, and of what is empty) fits everything. */
export function sameType(a: TypeConstraint, b: TypeConstraint): boolean {
  if (a.kind === 'any' || b.kind === 'any') return true;
  if (a.kind !== b.kind) return false;
  if ('element' in a && 'element' in b) return sameType(a.element, b.element);
  if (a.kind === 'tuple' && b.kind === 'tuple')
    return a.items.length === b.items.length && a.items.every((item, i) => sameType(item, b.items[i]!));
  if (a.kind === 'object' && b.kind === 'object')
    return (
      a.attributes.size === b.attributes.size &&
      [...a.attributes].every(([key, { type }]) => {
        const other = b.attributes.get(key);
        return other !== undefined && sameType(type, other.type);
      })
    );
  return true;
}

/** A short name for messages. */
export function typeName(type: TypeConstraint): string {
  if (type.kind === 'any') return 'anything';
  return 'element' in type && type.element.kind !== 'any' ? `${type.kind} of ${typeName(type.element)}` : type.kind;
}

// Converting

/** The value as the type asks; a failure where it cannot be. `evaluateDefault` gives the values of optional(T, default). */
export function convert(value: Value, type: TypeConstraint, evaluateDefault: (e: Expression) => Value): Value {
  switch (value.kind) {
    case 'null':
    case 'unknown':
    case 'symbol':
      return value;
    case 'lazy':
      return type.kind === 'any' ? value : convert(force(value), type, evaluateDefault);
    case 'one-of': {
      if (type.kind === 'any') return value;
      const converted = value.values.map((candidate) => convert(candidate, type, evaluateDefault));
      const fitting = converted.filter((candidate) => !isFailure(candidate));
      if (fitting.length === 0) return converted[0]!;
      if (fitting.every((candidate, i) => candidate === value.values[i])) return value;
      return keepMarks(choiceOf(value, fitting, value.at), value);
    }
  }
  if (isHuge(value)) return keepMarks(unknown('it is too large', value.at), value);
  switch (type.kind) {
    case 'any':
      return value;
    case 'string':
    case 'number':
    case 'bool':
      return convertScalar(value, type.kind);
    case 'list':
    case 'set':
      return value.kind === 'list' ? convertList(value, type, evaluateDefault) : refusal(value, type);
    case 'tuple':
      return value.kind === 'list' ? convertTuple(value, type, evaluateDefault) : refusal(value, type);
    case 'map':
      return value.kind === 'object' ? convertMap(value, type, evaluateDefault) : refusal(value, type);
    case 'object':
      return value.kind === 'object' ? convertObject(value, type, evaluateDefault) : refusal(value, type);
  }
}

export function isFailure(value: Value): boolean {
  return value.kind === 'unknown' && value.failed === true;
}

function refusal(value: Value, type: TypeConstraint): Value {
  return failure(`${typeName(type)} is needed, and this is ${typeName(typeOf(value))}`, value.at);
}

function keepMarks<V extends Value>(converted: V, from: Value): V {
  const kept = from.via ? { ...converted, via: from.via } : converted;
  return from.secret ? secret(kept) : kept;
}

function convertScalar(value: Value, to: 'string' | 'number' | 'bool'): Value {
  if (value.kind === to) return value;
  if (value.kind === 'template' && to === 'string') return value;
  // A number or a bool written with holes: what it will be is not known.
  if (value.kind === 'template') return keepMarks(unknown('it is a text that is only partly known', value.at), value);
  let converted: Value | undefined;
  if (to === 'string' && value.kind === 'number') converted = text(textOf(value), value.at);
  else if (to === 'string' && value.kind === 'bool') converted = text(String(value.value), value.at);
  else if (to === 'number' && value.kind === 'string') converted = parseNumber(value.value, value.at);
  else if (to === 'bool' && value.kind === 'string') {
    if (value.value === 'true' || value.value === '1') converted = { kind: 'bool', value: true, at: value.at };
    if (value.value === 'false' || value.value === '0') converted = { kind: 'bool', value: false, at: value.at };
  }
  return converted ? keepMarks(converted, value) : refusal(value, { kind: to });
}

/** Elements of one collection are of one type; with `any` it is the one that all of them convert to. */
function elementType(values: readonly Value[], type: TypeConstraint): TypeConstraint | undefined {
  if (type.kind !== 'any') return type;
  const types = values.map(typeOf);
  // In Terraform a bare null has a type in common with scalars, but not with objects.
  if (values.some((value) => value.kind === 'null') && types.some((found) => found.kind === 'object')) return undefined;
  return unify(types);
}

function convertList(
  value: List,
  type: Extract<TypeConstraint, { element: TypeConstraint }>,
  evaluateDefault: (e: Expression) => Value,
): Value {
  const element = elementType(value.items, type.element);
  if (!element) return failure('the elements are not of one type', value.at);
  const items: Value[] = [];
  for (const item of value.items) {
    const converted = convert(item, element, evaluateDefault);
    if (isFailure(converted) && !isFailure(item)) return converted;
    items.push(converted);
  }
  const as = type.kind === 'set' ? 'set' : 'list';
  const list: List = { ...value, items: as === 'set' ? setItems(items) : items, as };
  // A set has no places for the marks of its members.
  return as === 'set' && items.some(isSecret) ? secret(list) : list;
}

function convertTuple(
  value: List,
  type: Extract<TypeConstraint, { kind: 'tuple' }>,
  evaluateDefault: (e: Expression) => Value,
): Value {
  if (value.open) return value;
  if (value.as === 'set' || value.items.length !== type.items.length)
    return failure(`a tuple of ${type.items.length} is needed`, value.at);
  const items: Value[] = [];
  for (const [i, item] of value.items.entries()) {
    const converted = convert(item, type.items[i]!, evaluateDefault);
    if (isFailure(converted) && !isFailure(item)) return converted;
    items.push(converted);
  }
  return { ...value, items, as: 'tuple' };
}

function convertMap(
  value: Obj,
  type: Extract<TypeConstraint, { element: TypeConstraint }>,
  evaluateDefault: (e: Expression) => Value,
): Value {
  const element = elementType(
    [...value.members.values()].map((member) => member.value),
    type.element,
  );
  if (!element) return failure('the elements are not of one type', value.at);
  const members = new Map<string, Member>();
  for (const [key, member] of value.members) {
    const converted = convert(member.value, element, evaluateDefault);
    if (isFailure(converted) && !isFailure(member.value)) return converted;
    members.set(key, converted === member.value ? member : { ...member, value: converted });
  }
  return { ...value, members, as: 'map' };
}

function convertObject(
  value: Obj,
  type: Extract<TypeConstraint, { kind: 'object' }>,
  evaluateDefault: (e: Expression) => Value,
): Value {
  const members = new Map<string, Member>();
  for (const [key, attribute] of type.attributes) {
    const member = value.members.get(key);
    const absent = (): Value => {
      const otherwise = attribute.default ? evaluateDefault(attribute.default) : nothing(value.at);
      return convert(otherwise, attribute.type, evaluateDefault);
    };
    if (!member) {
      if (value.open) {
        members.set(key, { value: unknown('the object is only partly known', value.at), at: value.at, maybe: true });
        continue;
      }
      if (!attribute.optional) return failure(`the attribute "${key}" is required`, value.at);
      const filled = absent();
      if (isFailure(filled)) return filled;
      members.set(key, { value: filled, at: attribute.default ? filled.at : value.at });
      continue;
    }
    let converted: Value;
    if (member.value.kind === 'null' && attribute.default) converted = absent();
    else if (member.maybe && attribute.optional)
      converted = oneOf([convert(member.value, attribute.type, evaluateDefault), absent()], member.value.at);
    else converted = convert(member.value, attribute.type, evaluateDefault);
    if (isFailure(converted) && !isFailure(member.value)) return converted;
    if (converted === member.value) members.set(key, member);
    else members.set(key, { at: converted.at === member.value.at ? member.at : converted.at, value: converted });
  }
  const { open: _, ...rest } = object(members, value.at);
  return keepMarks(rest, value);
}

// Sets

/** Without what is there already, in Terraform's order: by value, null last. Unknown members stay at the end. */
export function setItems(items: readonly Value[]): Value[] {
  const seen = new Set<string>();
  const kept: Value[] = [];
  for (const item of items) {
    const name = canonical(item);
    if (name !== undefined) {
      if (seen.has(name)) continue;
      seen.add(name);
    }
    kept.push(item);
  }
  const known = kept.filter(isKnown).sort(compareMembers);
  return [...known, ...kept.filter((item) => !isKnown(item))];
}

function compareMembers(a: Value, b: Value): number {
  if (a.kind === 'null' || b.kind === 'null') return a.kind === b.kind ? 0 : a.kind === 'null' ? 1 : -1;
  if (a.kind === 'number' && b.kind === 'number') return compareNumbers(a, b);
  if (a.kind === 'bool' && b.kind === 'bool') return Number(a.value) - Number(b.value);
  if (a.kind === 'string' && b.kind === 'string') return byCodePoint(a.value, b.value);
  return byCodePoint(canonical(a) ?? '', canonical(b) ?? '');
}

/** How many different members a set has; undefined where two of them may be equal. */
export function setSize(set: List): number | undefined {
  if (set.open) return undefined;
  // Known members were made different when the set was built; only the others may still be equal to something.
  const unsure = set.items.filter((item) => !isKnown(item));
  if (unsure.length * set.items.length > 100_000) return undefined;
  for (const item of unsure)
    for (const other of set.items) if (item !== other && equal(item, other) !== false) return undefined;
  return set.items.length;
}
