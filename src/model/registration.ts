/**
 * One source in two vaults: registrations and items of the same storage account, machine or pair of nodes.
 * Takes all of them, registrations first; tells of each which ones before it name the same source and another vault.
 */
import type { Resource } from '../evaluate/resource.ts';
import { text, type Value } from '../evaluate/value.ts';
import { append, atLeast, type Fact, listOf } from './facts.ts';
import { type ResourceId, sameId } from './id.ts';
import { lastName } from './item.ts';

/** What binds a source to a vault. */
export interface Binding {
  readonly resource: Resource;
  readonly vaultId: ResourceId | undefined;
  readonly of: 'account' | 'machine';
  /** Of a replication pair one per node; undefined where it is not known. */
  readonly sourceIds: readonly (ResourceId | undefined)[];
  /** It binds for certain: it exists, once, and is of a kind that does. */
  readonly certain: boolean;
}

/** Enough to find every pair of a configuration written by people. */
const mostCompared = 500;

export class Bindings {
  readonly #order = new Map<Resource, number>();
  readonly #bindings = new Map<Resource, Binding>();
  readonly #named = new Map<string, Binding[]>();
  readonly #unnamed: Binding[] = [];

  constructor(bindings: readonly Binding[]) {
    for (const [i, binding] of bindings.entries()) {
      this.#order.set(binding.resource, i);
      this.#bindings.set(binding.resource, binding);
      for (const id of binding.sourceIds) {
        const name = id && lastName(id);
        if (name === undefined) this.#unnamed.push(binding);
        else append(this.#named, name, binding);
      }
    }
  }

  /** Those before it that bind its source to another vault; nothing where one before it says the same of the source as it does. */
  earlierVaults(resource: Resource): Fact | undefined {
    const own = this.#bindings.get(resource);
    if (!own) return undefined;
    const { head } = resource;
    const found: Value[] = [];
    let doubt: string | undefined;
    let compared = 0;
    const place = this.#order.get(resource)!;
    for (const other of this.#like(own)) {
      if (other.of !== own.of || this.#order.get(other.resource)! >= place) continue;
      const same = ++compared > mostCompared ? undefined : areSame(own, other);
      const sameVault = sameId(own.vaultId, other.vaultId);
      if (same === true && sameVault === true && other.certain) return { at: head, value: listOf(head, []) };
      if (same === false || sameVault === true) continue;
      if (same && sameVault === false && other.certain && own.certain)
        found.push(text(other.resource.address, other.resource.head));
      else doubt ??= `${other.resource.address} may bind the same to another vault`;
    }
    return atLeast(head, found, doubt);
  }

  #like({ sourceIds }: Binding): ReadonlySet<Binding> {
    const names = sourceIds.map((id) => id && lastName(id));
    const alike = names.includes(undefined)
      ? [...this.#named.values()].flat()
      : names.flatMap((name) => this.#named.get(name!) ?? []);
    return new Set([...alike, ...this.#unnamed]);
  }
}

/** Whether they have a source in common. */
function areSame(a: Binding, b: Binding): boolean | undefined {
  const answers = a.sourceIds.flatMap((id) => b.sourceIds.map((other) => sameId(id, other)));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}
