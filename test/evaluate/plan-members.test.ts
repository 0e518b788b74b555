/**
 * The members of a body out of a plan or state, which are converted when they are asked for: they must be those of a map that was
 * made at once, in whatever order they are asked for, and what nobody asks for must not be touched.
 */
import { describe, expect, it } from 'vitest';
import { bodyOf, type Content } from '../../src/evaluate/plan/body.ts';
import { JsonPlaces } from '../../src/evaluate/plan/place.ts';
import { encode, isNull, type Member, type Obj, type Value } from '../../src/evaluate/value.ts';
import { limits } from '../../src/source/limits.ts';
import { isSpan, type Origin, Source } from '../../src/source/source.ts';
import { random } from '../random.ts';

type Parts = Partial<Omit<Content, 'values' | 'unknown' | 'place' | 'head'>>;

/** The body of a text, as of a state; marks make it one of a plan. */
function body(text: string, marks?: unknown, parts: Parts = {}): Obj {
  const { root } = new JsonPlaces(new Source('plan.json', text));
  const content = { type: 'azurerm_test', sensitive: undefined, beside: undefined, ...parts };
  return bodyOf({ ...content, values: JSON.parse(text), unknown: marks, place: root, head: root });
}

function objectIn(member: Member | undefined): Obj {
  if (member?.value.kind !== 'object') throw new Error(`not an object, but ${member?.value.kind}`);
  return member.value;
}

function written(origin: Origin): string {
  return isSpan(origin) ? origin.source.text.slice(origin.start, origin.end) : '';
}

describe('the members of a body', () => {
  it('are those of the JSON, each at its place', () => {
    const { members } = body('{"name": "a", "count": 2, "on": true, "list": [1], "object": {"b": "c"}}');
    expect([...members.keys()]).toEqual(['name', 'count', 'on', 'list', 'object']);
    expect(members.size).toBe(5);
    expect([...members.values()].map(({ value }) => encode(value))).toEqual(['a', 2, true, [1], { b: 'c' }]);
    expect([...members.values()].map(({ at }) => written(at))).toEqual(['"a"', '2', 'true', '[1]', '{"b": "c"}']);
    const each: string[] = [];
    members.forEach((member, key, map) => {
      expect(map).toBe(members);
      each.push(`${key} ${written(member.at)}`);
    });
    expect(each).toEqual([...members.entries()].map(([key, { at }]) => `${key} ${written(at)}`));
    expect([...members]).toEqual([...members.entries()]);
  });

  it('are found by their own names only', () => {
    const { members } = body('{"name": "a"}', { name: false });
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Name', '']) {
      expect(members.get(name), name).toBeUndefined();
      expect(members.has(name), name).toBe(false);
    }
    const odd = body('{"constructor": 1, "__proto__": 2, "": 3}', { toString: true }).members;
    expect(encode(odd.get('constructor')!.value)).toBe(1);
    expect(encode(odd.get('__proto__')!.value)).toBe(2);
    expect([...odd.keys()]).toEqual(['constructor', '__proto__', '', 'toString']);
  });

  it('hold what is only marked as unknown, and nothing that a mark merely goes through', () => {
    const marks = {
      id: true,
      block: [{ key: true }],
      none: {},
      empty: [],
      no: false,
      deep: { a: [false, { b: false }] },
    };
    const { members } = body('{"name": "a"}', marks);
    expect([...members.keys()]).toEqual(['name', 'id', 'block']);
    expect(members.get('id')!.value.kind).toBe('unknown');
    expect(encode(members.get('block')!.value)).toEqual([{ key: { $unknown: 'it is known only after apply' } }]);
    for (const name of ['none', 'empty', 'no', 'deep']) expect(members.get(name), name).toBeUndefined();
  });

  it('are unknown where a mark says so, whatever the values say', () => {
    const { members } = body('{"a": null, "b": "old", "c": {"d": 1, "e": 2}}', { a: true, b: true, c: { e: true } });
    expect(members.get('a')!.value.kind).toBe('unknown');
    expect(members.get('b')!.value.kind).toBe('unknown');
    expect(encode(members.get('c')!.value)).toEqual({ d: 1, e: { $unknown: 'it is known only after apply' } });
  });

  it('are null where nothing is set', () => {
    const { members } = body('{"a": null, "name": ""}');
    expect(isNull(members.get('a')!.value)).toBe(true);
    // azurerm keeps what is not set as the zero of its type.
    expect(isNull(members.get('name')!.value)).toBe(true);
    expect(members.size).toBe(2);
  });

  it('lack what the plan does not tell, where unset and unknown look alike', () => {
    const whole = body('{"a": null, "b": 1}', undefined, { isPartial: true });
    expect(whole.open).toBe(true);
    expect([...whole.members.keys()]).toEqual(['b']);
    expect(whole.members.get('a')).toBeUndefined();
  });

  it('lack what is left to the provider, before and after they were all asked for', () => {
    const parts: Parts = { type: 'azurerm_recovery_services_vault', isWritten: () => false };
    const { members } = body('{"name": "a"}', { immutability: true, id: true }, parts);
    const check = (): void => {
      expect(members.get('immutability')).toBeUndefined();
      expect(members.has('immutability')).toBe(false);
      expect(members.get('id')?.value.kind).toBe('unknown');
    };
    check();
    expect([...members.keys()]).toEqual(['name', 'id']);
    check();
  });

  it('are secret by name, by mark, and inside of what is', () => {
    const text = '{"admin_password": "a", "tags": {"b": "c"}, "list": [{"d": "e"}]}';
    const { members } = body(text, undefined, { sensitive: { tags: true, list: [{ d: true }] } });
    expect(encode(members.get('admin_password')!.value)).toEqual({ $secret: true });
    expect(encode(members.get('tags')!.value)).toEqual({ $secret: true });
    expect(objectIn(members.get('tags')).members.get('b')!.value.secret).toBe(true);
    expect(encode(members.get('list')!.value)).toEqual([{ d: { $secret: true } }]);
  });

  it('stay the same objects, so that they can be told from equal ones', () => {
    const { members } = body('{"disks": [{"lun": 0}, {"lun": 0}], "os": {"size": 1}}');
    const disks = members.get('disks')!.value;
    const os = members.get('os')!.value;
    expect(members.get('disks')!.value).toBe(disks);
    expect([...members.values()].map(({ value }) => value)).toEqual([disks, os]);
    expect([...members.values()][0]!.value).toBe(disks);
    expect(members.get('os')!.value).toBe(os);
    expect(disks.kind === 'list' && disks.items[0] !== disks.items[1]).toBe(true);
  });

  it('end at the level that is read, also in marks', () => {
    const deep = 50_000;
    const nest = (inner: unknown): unknown => {
      let at = inner;
      for (let i = 0; i < deep; i++) at = { a: at };
      return at;
    };
    const { root } = new JsonPlaces(new Source('plan.json', '{}'));
    const from = { type: 't', sensitive: undefined, beside: undefined, place: root, head: root };
    for (const content of [
      { ...from, values: nest(1), unknown: undefined },
      { ...from, values: {}, unknown: nest(true) },
      { ...from, values: nest(1), unknown: nest(true) },
    ]) {
      let value: Value = bodyOf(content);
      let levels = 0;
      for (; value.kind === 'object'; levels++) value = value.members.get('a')!.value;
      expect(value.kind).toBe('unknown');
      expect(levels).toBe(limits.nesting + 1);
    }
  });
});

describe('what nobody asks for', () => {
  /** Values that count how often each is read. */
  function counted(values: Record<string, unknown>): { values: Record<string, unknown>; reads: Map<string, number> } {
    const reads = new Map<string, number>();
    const all: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(values))
      Object.defineProperty(all, key, {
        enumerable: true,
        get: () => {
          reads.set(key, (reads.get(key) ?? 0) + 1);
          return value;
        },
      });
    return { values: all, reads };
  }

  function bodyFrom(values: unknown): Obj {
    const { root } = new JsonPlaces(new Source('plan.json', '{}'));
    return bodyOf({
      type: 't',
      values,
      unknown: undefined,
      sensitive: undefined,
      place: root,
      head: root,
      beside: undefined,
    });
  }

  it('is not touched', () => {
    const inner = counted({ x: 1, y: 2 });
    const outer = counted({ a: 1, b: inner.values, c: [3] });
    const { members } = bodyFrom(outer.values);
    expect([...outer.reads.keys()]).toEqual([]);
    members.get('a');
    expect([...outer.reads.keys()]).toEqual(['a']);
    const b = objectIn(members.get('b'));
    expect([...outer.reads.keys()]).toEqual(['a', 'b']);
    expect([...inner.reads.keys()]).toEqual([]);
    b.members.get('y');
    expect([...inner.reads.keys()]).toEqual(['y']);
  });

  it('is read twice at most, however often it is asked for', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, i % 2 ? i : { i }]));
    const { values, reads } = counted(many);
    const { members } = bodyFrom(values);
    expect(members.size).toBe(500);
    const once = new Map(reads);
    expect(Math.max(...once.values())).toBeLessThanOrEqual(2);
    // From then on everything is there.
    for (const key of Object.keys(many)) members.get(key);
    expect([...members.keys()]).toHaveLength(500);
    expect(reads).toEqual(once);
  });
});

describe('the order in which members are asked for', () => {
  it.each(Array.from({ length: 200 }, (_, i) => i))('changes nothing (seed %i)', (seed) => {
    const next = random(seed);
    const below = (count: number): number => Math.floor(next() * count);
    const names = ['a', 'b', 'c', 'name', 'admin_password', 'disk_size_gb', '__proto__'];
    const tree = (depth: number, leaf: () => unknown): unknown => {
      const kind = depth === 0 ? 0 : below(4);
      if (kind <= 1) return leaf();
      if (kind === 2) return Array.from({ length: below(3) }, () => tree(depth - 1, leaf));
      const result: Record<string, unknown> = {};
      for (let i = below(5); i > 0; i--)
        Object.defineProperty(result, names[below(names.length)]!, {
          value: tree(depth - 1, leaf),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return result;
    };
    const values = { top: tree(4, () => [null, '', 'text', 0, 7, true][below(6)]), ...(tree(2, () => 'x') as object) };
    const marks = { top: tree(4, () => below(2) === 0), other: tree(2, () => below(2) === 0) };
    const sensitive = { top: tree(3, () => below(4) === 0) };
    const text = JSON.stringify(values);
    const make = (): Obj => body(text, marks, { sensitive });

    const whole = make();
    const expected = shape(whole);
    const asked = make();
    const keys = [...new Set([...Object.keys(values), ...Object.keys(marks), ...names])].sort(() => next() - 0.5);
    for (const key of [...keys, ...keys]) {
      expect(asked.members.has(key)).toBe(whole.members.has(key));
      const [one, other] = [asked.members.get(key), whole.members.get(key)];
      expect(one && [shape(one.value), written(one.at)]).toEqual(other && [shape(other.value), written(other.at)]);
    }
    expect(shape(asked)).toEqual(expected);
  });

  /** A value with the places of all its parts. */
  function shape(value: Value): unknown {
    const at = [written(value.at), value.secret === true];
    if (value.kind === 'object')
      return [
        value.kind,
        at,
        [...value.members].map(([key, member]) => [key, written(member.at), shape(member.value)]),
      ];
    if (value.kind === 'list') return [value.kind, at, value.items.map(shape)];
    return [value.kind, at, encode({ ...value, secret: false })];
  }
});
