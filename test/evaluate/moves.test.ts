/** `moved` blocks by the addresses that they name, however many there are. */
import { expect, test } from 'vitest';
import { Moves } from '../../src/evaluate/moves.ts';

const moves = [
  { from: 'module.a', to: 'module.b' },
  { from: 'x.v', to: 'x.w' },
  { from: 'module.a["k.l"].x.v', to: 'x.w' },
];

test.each([
  ['module.a', ['module.b']],
  ['module.a[0].x.y', ['module.b[0].x.y']],
  ['module.a["k.l"].x.v[1]', ['module.b["k.l"].x.v[1]', 'x.w[1]']],
  ['module.ab.x.v', []],
  ['module.c.x.v', []],
])('%s is moved to %j', (address, expected) => {
  const found = new Moves(moves, 'from').naming(address);
  expect(found.map(({ move, rest }) => move.to + rest)).toEqual(expected);
});

test('the other way round', () => {
  const found = new Moves(moves, 'to').naming('x.w[1]');
  expect(found.map(({ move, rest }) => move.from + rest)).toEqual(['x.v[1]', 'module.a["k.l"].x.v[1]']);
});
