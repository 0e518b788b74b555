import { describe, expect, test } from 'vitest';
import { ByName } from '../../src/model/server.ts';
import { random } from '../random.ts';

interface Carrier {
  readonly name: string;
  readonly isWhole: boolean;
}

function carrier(name: string): Carrier {
  return { name, isWhole: name.includes('.') };
}

function byName<T extends Carrier>(carriers: readonly T[]): ByName<T> {
  const found = new ByName<T>();
  for (const one of carriers) found.add(one);
  return found;
}

/** As it is said: with both domains the names are equal, else the hosts are. */
function mayBe(a: Carrier, b: Carrier): boolean {
  return a.isWhole && b.isWhole ? a.name === b.name : a.name.split('.')[0] === b.name.split('.')[0];
}

describe('what may carry a name', () => {
  test('is what a look at every pair finds, in its order', () => {
    const next = random(7);
    const pick = (words: readonly string[]): string => words[Math.floor(next() * words.length)]!;
    for (let round = 0; round < 300; round++) {
      const some = (): Carrier[] =>
        Array.from({ length: Math.floor(next() * 9) }, () => carrier(pick(['web', 'sql']) + pick(['', '.a', '.b.c'])));
      const carriers = some();
      const found = byName(carriers);
      for (const other of some())
        expect(found.firstTwo(other)).toEqual(carriers.filter((one) => mayBe(one, other)).slice(0, 2));
    }
  });

  test('of one host in many domains is found without a look at all of them', () => {
    const looks = (count: number): number => {
      let total = 0;
      const counted = (name: string): Carrier => ({
        get name(): string {
          total++;
          return name;
        },
        isWhole: name.includes('.'),
      });
      const names = Array.from({ length: count }, (_, i) => `web.domain${i}.example`);
      const found = byName([...names, ...names.map(() => 'web')].map(counted));
      for (const name of names) expect(found.firstTwo(counted(name)).map((one) => one.name)).toEqual([name, 'web']);
      expect(found.firstTwo(counted('web')).length).toBe(2);
      return total;
    };
    // Ten times as many take ten times the looks, not a hundred times.
    expect(looks(2000)).toBeLessThan(11 * looks(200));
  });
});
