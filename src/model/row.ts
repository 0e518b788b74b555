/**
 * The members of a view as a map in a third of its room: a large plan has thousands of views with the same few names, so the names
 * are held once for all of them. Names are found by looking through them, which takes no longer while they are few.
 */
import type { Member } from '../evaluate/value.ts';

/** With more names than this a view has a map of its own; those that this program names have fewer. */
const few = 48;

/** Lists of names by their text. */
const shared = new Map<string, readonly string[]>();

export function membersOf(names: readonly string[], members: readonly Member[]): ReadonlyMap<string, Member> {
  if (names.length > few) return new Map(names.map((name, i) => [name, members[i]!]));
  const text = JSON.stringify(names);
  const known = shared.get(text) ?? names;
  shared.set(text, known);
  return new Row(known, members);
}

/** A map that is whole, in that room. */
export function packed(members: ReadonlyMap<string, Member>): ReadonlyMap<string, Member> {
  return membersOf([...members.keys()], [...members.values()]);
}

class Row implements ReadonlyMap<string, Member> {
  readonly #names: readonly string[];
  readonly #members: readonly Member[];

  constructor(names: readonly string[], members: readonly Member[]) {
    this.#names = names;
    this.#members = members;
  }

  get size(): number {
    return this.#names.length;
  }

  get(name: string): Member | undefined {
    const i = this.#names.indexOf(name);
    return i === -1 ? undefined : this.#members[i];
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  keys(): MapIterator<string> {
    return this.#names.values();
  }

  values(): MapIterator<Member> {
    return this.#members.values();
  }

  entries(): MapIterator<[string, Member]> {
    return this.#names.map((name, i): [string, Member] => [name, this.#members[i]!]).values();
  }

  [Symbol.iterator](): MapIterator<[string, Member]> {
    return this.entries();
  }

  forEach(each: (member: Member, name: string, map: ReadonlyMap<string, Member>) => void): void {
    for (const [name, member] of this) each(member, name, this);
  }
}
