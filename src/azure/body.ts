/**
 * A row as Azure answered -> a body of the value domain, each value at its place in the row. Values are made when they are asked for,
 * and kept: an inventory may hold hundreds of thousands of rows, and of most of them a few properties are looked at, again and again.
 */
import { bool, type Member, nothing, number, type Obj, object, text, unknown, type Value } from '../evaluate/value.ts';
import type { AzurePlace } from '../source/source.ts';
import type { Row } from './inventory.ts';

/** Stands in a row where Azure did not tell something, so that its absence says nothing. */
export class Untold {
  readonly because: string;

  constructor(because: string) {
    this.because = because;
  }
}

/** Stands where the model looks, and shows where Azure told it. */
export class Placed {
  readonly value: string | number | boolean;
  readonly at: AzurePlace;

  constructor(value: string | number | boolean, at: AzurePlace) {
    this.value = value;
    this.at = at;
  }
}

export function bodyOf(row: Row, resourceId: string): Obj {
  const at = { resourceId, path: '' };
  return object(new Members(row, at), at);
}

function asValue(data: unknown, at: AzurePlace): Value {
  if (data === null || data === undefined) return nothing(at);
  if (typeof data === 'boolean') return bool(data, at);
  if (typeof data === 'number') return number(data, at);
  if (typeof data === 'string') return text(data, at);
  if (data instanceof Untold) return unknown(data.because, at);
  if (data instanceof Placed) return asValue(data.value, data.at);
  if (Array.isArray(data))
    return { kind: 'list', items: data.map((item, i) => asValue(item, below(at, String(i)))), at, as: 'tuple' };
  return object(new Members(data as Row, at), at);
}

function below({ resourceId, path }: AzurePlace, name: string): AzurePlace {
  const step = /[~/]/.test(name) ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
  return { resourceId, path: `${path}/${step}` };
}

class Members implements ReadonlyMap<string, Member> {
  readonly #row: Row;
  readonly #at: AzurePlace;
  /** Objects alone, which are asked for with each of what they hold: `properties` twenty times. */
  #made: Map<string, Member> | undefined;

  constructor(row: Row, at: AzurePlace) {
    this.#row = row;
    this.#at = at;
  }

  get size(): number {
    return Object.keys(this.#row).length;
  }

  get(name: string): Member | undefined {
    const before = this.#made?.get(name);
    if (before || !this.has(name)) return before;
    const data = this.#row[name];
    const at = data instanceof Placed ? data.at : below(this.#at, name);
    const member = { value: asValue(data, at), at };
    if (member.value.kind === 'object') {
      this.#made ??= new Map();
      this.#made.set(name, member);
    }
    return member;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#row, name);
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#row).values();
  }

  values(): MapIterator<Member> {
    return this.#all()
      .map(([, member]) => member)
      .values();
  }

  entries(): MapIterator<[string, Member]> {
    return this.#all().values();
  }

  [Symbol.iterator](): MapIterator<[string, Member]> {
    return this.entries();
  }

  forEach(each: (member: Member, name: string, map: ReadonlyMap<string, Member>) => void): void {
    for (const [name, member] of this) each(member, name, this);
  }

  #all(): [string, Member][] {
    return Object.keys(this.#row).map((name): [string, Member] => [name, this.get(name)!]);
  }
}
