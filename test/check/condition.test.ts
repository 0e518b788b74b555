/** Conditions in three values: every keyword on what is known, unknown, absent, partly known and one of several. */
import { describe, expect, test } from 'vitest';
import { type Condition, judge } from '../../src/check/condition.ts';
import {
  fromPlain,
  joined,
  type Member,
  type Obj,
  oneOf,
  symbol,
  unknown,
  type Value,
} from '../../src/evaluate/value.ts';
import { Source, span } from '../../src/source/source.ts';

const at = span(new Source('x.tf', ''), 0, 0);
const U = unknown('not known', at);
const S = symbol('var.x', 'variable "x" has no value', at);
const T = (...parts: (string | Value)[]): Value => joined(parts, at);
const either = (...data: unknown[]): Value =>
  oneOf(
    data.map((one) => fromPlain(one, at)),
    at,
  );
const open = (...items: unknown[]): Value => ({ kind: 'list', items: items.map(value), open: true, at });

function value(data: unknown): Value {
  if (typeof data === 'object' && data !== null && 'kind' in data) return data as Value;
  if (Array.isArray(data)) return { kind: 'list', items: data.map(value), at };
  if (typeof data === 'object' && data !== null) return view(data as Record<string, unknown>);
  return fromPlain(data, at);
}

function view(facts: Record<string, unknown>, isOpen = false): Obj {
  const members = new Map<string, Member>();
  for (const [key, data] of Object.entries(facts)) members.set(key, { value: value(data), at });
  return { kind: 'object', members, at, ...(isOpen && { open: true }) };
}

const x = (condition: Condition): Condition => ({ properties: { x: condition } });
const verdict = (condition: Condition, facts: Record<string, unknown>): string => judge(condition, view(facts)).verdict;

describe('keywords', () => {
  test.each<[Condition, unknown, string]>([
    [{ const: 'a' }, 'a', 'true'],
    [{ const: 'a' }, 'b', 'false'],
    [{ const: 'a' }, U, 'unknown'],
    [{ const: 'a' }, S, 'unknown'],
    [{ const: 'a' }, either('a', 'b'), 'unknown'],
    [{ const: 'a' }, either('b', 'c'), 'false'],
    [{ const: 'abc' }, T('ab', S), 'unknown'],
    [{ const: 'abc' }, T('x', S), 'false'],
    [{ const: true }, false, 'false'],
    [{ enum: ['a', 'b'] }, 'b', 'true'],
    [{ enum: ['a', 'b'] }, 'c', 'false'],
    [{ enum: ['a', 'b'] }, either('a', 'b'), 'true'],
    [{ enum: ['a', 'b'] }, either('a', 'c'), 'unknown'],
    [{ enum: ['a', 'b'] }, U, 'unknown'],
    [{ minimum: 5 }, 5, 'true'],
    [{ minimum: 5 }, 4, 'false'],
    [{ minimum: 5 }, either(5, 9), 'true'],
    [{ minimum: 5 }, either(1, 2), 'false'],
    [{ minimum: 5 }, either(1, 9), 'unknown'],
    [{ minimum: 5 }, 'text', 'true'],
    [{ maximum: 5 }, 6, 'false'],
    [{ exclusiveMinimum: 5 }, 5, 'false'],
    [{ exclusiveMaximum: 5 }, 4, 'true'],
    [{ multipleOf: 4 }, 12, 'true'],
    [{ multipleOf: 4 }, 15, 'false'],
    [{ multipleOf: 4 }, U, 'unknown'],
    [{ minLength: 3 }, 'ab', 'false'],
    [{ minLength: 3 }, T('abc', S), 'true'],
    [{ minLength: 3 }, T('a', S), 'unknown'],
    [{ maxLength: 3 }, T('abcd', S), 'false'],
    [{ maxLength: 3 }, T('ab', S), 'unknown'],
    [{ pattern: '^[a-z]+$' }, 'abc', 'true'],
    [{ pattern: '^[a-z]+$' }, 'ABC', 'false'],
    [{ pattern: '^[a-z]+$' }, T('a', S), 'unknown'],
    [{ pattern: '^[a-z][a-z0-9-]*$' }, T('a1', S), 'unknown'],
    [{ pattern: '^[a-z][a-z0-9-]*$' }, T('1a', S), 'false'],
    [{ pattern: '^[a-z][a-z0-9-]*$' }, T(S, '1a'), 'unknown'],
    [{ pattern: '^[a-z][a-z0-9-]*$' }, T(S, '_a'), 'false'],
    [{ pattern: '^[a-z][a-z0-9-]*$' }, T('a', S, 'A'), 'false'],
    [{ pattern: '^[a-z0-9-]*$' }, T('1', S), 'unknown'],
    [{ pattern: '^[a-z0-9-]*$' }, T('_', S), 'false'],
    [{ pattern: '[^.]$' }, T('a.', S), 'unknown'],
    [{ differsFrom: '' }, T('a', S), 'true'],
    [{ differsFrom: 'ab' }, T('a', S, 'b'), 'unknown'],
    [{ differsFrom: 'ab' }, T('ab', S, 'b'), 'true'],
    [{ type: 'integer' }, 3, 'true'],
    [{ type: 'integer' }, 3.5, 'false'],
    [{ type: 'string' }, T('a', S), 'true'],
    [{ type: 'string' }, U, 'unknown'],
    [{ items: { minimum: 2 } }, [2, 3], 'true'],
    [{ items: { minimum: 2 } }, [1, U], 'false'],
    [{ items: { minimum: 2 } }, [2, U], 'unknown'],
    [{ items: { minimum: 2 } }, open(2), 'unknown'],
    [{ items: { minimum: 2 } }, open(1), 'false'],
    [{ contains: { const: 1 } }, [2, 1], 'true'],
    [{ contains: { const: 1 } }, [2, 3], 'false'],
    [{ contains: { const: 1 } }, [2, U], 'unknown'],
    [{ contains: { const: 1 } }, open(2), 'unknown'],
    [{ contains: { const: 1 } }, open(1), 'true'],
    [{ contains: { const: 1 } }, [], 'false'],
    [{ minItems: 2 }, [1], 'false'],
    [{ minItems: 2 }, open(1), 'unknown'],
    [{ minItems: 2 }, open(1, 2), 'true'],
    [{ maxItems: 1 }, open(1, 2), 'false'],
    [{ maxItems: 1 }, open(1), 'unknown'],
    [{ not: { const: 'a' } }, 'a', 'false'],
    [{ not: { const: 'a' } }, U, 'unknown'],
    [{ anyOf: [{ const: 'a' }, { const: 'b' }] }, 'b', 'true'],
    [{ anyOf: [{ const: 'a' }, { minLength: 1 }] }, T('x', S), 'true'],
    [{ anyOf: [{ const: 'a' }, { const: 'b' }] }, U, 'unknown'],
    [{ allOf: [{ minLength: 1 }, { const: 'b' }] }, 'a', 'false'],
    [{ if: { const: 'a' }, then: { const: 'a' }, else: { const: 'b' } }, 'c', 'false'],
    [{ if: { const: 'a' }, then: { const: 'b' } }, 'a', 'false'],
    [{ if: { const: 'a' }, then: { type: 'string' }, else: { type: 'string' } }, T('x', S), 'true'],
    [{ if: { const: 'a' }, then: { const: 'b' } }, U, 'unknown'],
  ])('%j on %#', (condition, data, expected) => {
    expect(verdict(x(condition), { x: data })).toBe(expected);
  });

  test.each<[Condition, Record<string, unknown>, string]>([
    [{ required: ['x'] }, { x: 1 }, 'true'],
    [{ required: ['x'] }, {}, 'false'],
    [{ required: ['x'] }, { x: U }, 'unknown'],
    [{ required: ['x'] }, { x: S }, 'unknown'],
    [{ required: ['x'] }, { x: { ...S, present: true } }, 'true'],
    [{ required: ['x'] }, { x: T('a', S) }, 'true'],
    [{ required: ['x'] }, { x: either('a', null) }, 'unknown'],
    // What is absent satisfies whatever is asked of it.
    [x({ const: 1 }), {}, 'true'],
    [x({ properties: { y: { const: 1 } } }), { x: { y: 2 } }, 'false'],
    [x({ properties: { y: { const: 1 } } }), { x: U }, 'unknown'],
    // Two paths compared.
    [x({ const: { $data: '/y' } }), { x: 'a', y: 'a' }, 'true'],
    [x({ const: { $data: '/y' } }), { x: 'a', y: 'b' }, 'false'],
    [x({ const: { $data: '/y' } }), { x: S, y: S }, 'true'],
    [x({ const: { $data: '/y' } }), { x: 'a', y: U }, 'unknown'],
    [x({ const: { $data: '/y' } }), { x: 'a' }, 'true'],
    [x({ differsFrom: { $data: '/y' } }), { x: 'a', y: 'a' }, 'false'],
    [x({ maximum: { $data: '/y/z' } }), { x: 5, y: { z: 4 } }, 'false'],
    [x({ maximum: { $data: '/y/z' } }), { x: 5, y: { z: U } }, 'unknown'],
    [x({ maximum: { $data: '/y/z' } }), { x: 5, y: {} }, 'true'],
    [x({ enum: { $data: '/y' } }), { x: 'a', y: ['a', 'b'] }, 'true'],
    [x({ enum: { $data: '/y' } }), { x: 'c', y: open('a', 'b') }, 'unknown'],
    [x({ subsetOf: { $data: '/y' } }), { x: ['a'], y: ['a', 'b'] }, 'true'],
    [x({ subsetOf: { $data: '/y' } }), { x: ['a', 'c'], y: ['a', 'b'] }, 'false'],
    [x({ subsetOf: { $data: '/y' } }), { x: open('c'), y: ['a', 'b'] }, 'false'],
    [x({ subsetOf: { $data: '/y' } }), { x: ['a', U], y: ['a'] }, 'unknown'],
    [x({ disjointWith: { $data: '/y' } }), { x: ['a'], y: ['b'] }, 'true'],
    [x({ disjointWith: { $data: '/y' } }), { x: ['a'], y: ['a'] }, 'false'],
    [x({ disjointWith: { $data: '/y' } }), { x: ['a'], y: open('b') }, 'unknown'],
  ])('%j on %j', (condition, facts, expected) => {
    expect(verdict(condition, facts)).toBe(expected);
  });

  test('an open view may hold more', () => {
    expect(judge({ required: ['x'] }, view({}, true)).verdict).toBe('unknown');
    expect(judge(x({ const: 1 }), view({}, true)).verdict).toBe('unknown');
  });
});

describe('what decided', () => {
  test('the path of the wrong value comes first', () => {
    const condition = { properties: { a: { properties: { b: { items: { maximum: 5 } } } } } };
    expect(judge(condition, view({ a: { b: [1, 9] } })).decided[0]!.path).toBe('/a/b/1');
  });

  test('a missing property is named', () => {
    expect(judge({ properties: { a: { required: ['b'] } } }, view({ a: {} })).decided[0]).toEqual({
      path: '/a/b',
      value: undefined,
    });
  });

  test('the reason of what is unknown is kept', () => {
    expect(judge(x({ const: 1 }), view({ x: S })).because).toEqual(['variable "x" has no value']);
  });

  test.each<[Condition]>([[{ items: { maximum: 5 } }], [{ contains: { const: 9 } }], [{ maxItems: 2 }]])(
    'a list says why it may hold more, and else which one it is: %j',
    (condition) => {
      const told = { ...open(1), because: 'it was not read' };
      expect(judge(x(condition), view({ x: told })).because).toEqual(['it was not read']);
      expect(judge(x(condition), view({ x: open(1) })).because).toEqual(['x may hold more']);
    },
  );
});
