/** The members of a view: a map like any other, whether its names are few or many. */
import { describe, expect, it } from 'vitest';
import { type Member, text } from '../../src/evaluate/value.ts';
import { membersOf } from '../../src/model/row.ts';
import { Source, span } from '../../src/source/source.ts';

const at = span(new Source('a.tf', ''), 0, 0);
const member = (word: string): Member => ({ value: text(word, at), at });

describe('the members of a view', () => {
  it.each([0, 1, 20, 1000])('are those of a map (%i names)', (count) => {
    const names = Array.from({ length: count }, (_, i) => `name${i}`);
    const members = names.map(member);
    const map = new Map(names.map((name, i) => [name, members[i]!]));
    const row = membersOf(names, members);
    expect(row.size).toBe(map.size);
    expect([...row.keys()]).toEqual([...map.keys()]);
    expect([...row.values()]).toEqual([...map.values()]);
    expect([...row]).toEqual([...map]);
    expect(new Map(row)).toEqual(map);
    for (const name of [...names, 'name', '', 'size', '-1', 'constructor', '__proto__']) {
      expect(row.get(name), name).toBe(map.get(name));
      expect(row.has(name), name).toBe(map.has(name));
    }
    const each: unknown[] = [];
    row.forEach((value, name, all) => {
      each.push([name, value, all === row]);
    });
    expect(each).toEqual([...map].map(([name, value]) => [name, value, true]));
  });

  it('are their own, though others have the same names', () => {
    const [a, b] = [
      membersOf(['x', 'y'], [member('1'), member('2')]),
      membersOf(['x', 'y'], [member('3'), member('4')]),
    ];
    expect([a, b].map((row) => [...row.values()].map(({ value }) => value.kind === 'string' && value.value))).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it.each([
    [['a b'], ['a', 'b']],
    [
      ['a,b', 'c'],
      ['a', 'b,c'],
    ],
    [['a","b'], ['a', 'b']],
    [
      ['a\0b', 'c'],
      ['a', 'b\0c'],
    ],
  ])('are not mistaken for those with names that look alike in a row: %j and %j', (one, other) => {
    for (const names of [one, other]) expect([...membersOf(names, names.map(member)).keys()]).toEqual(names);
  });
});
