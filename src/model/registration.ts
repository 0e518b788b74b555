/**
 * One source in two vaults: registrations and items of the same storage account, machine or pair of nodes.
 * Takes all of them, registrations first; tells of each which ones before it name the same source and another vault.
 */
import type { Resource } from '../evaluate/resource.ts';
import { text, type Value } from '../evaluate/value.ts';
import { append, atLeast, type Fact, listOf } from './facts.ts';
import { keyOf, type ResourceId, sameId } from './id.ts';
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

interface Placed extends Binding {
  readonly order: number;
  readonly vault: string | undefined;
  /** All of its kind before it, and itself, certainly name one vault. */
  readonly isOneVault: boolean;
}

export class Bindings {
  readonly #all: Placed[] = [];
  readonly #byResource = new Map<Resource, Placed>();
  readonly #named = new Map<string, Placed[]>();
  readonly #unnamed: Placed[] = [];

  constructor(bindings: readonly Binding[]) {
    const last = new Map<Binding['of'], Placed>();
    for (const [order, binding] of bindings.entries()) {
      const vault = binding.vaultId && keyOf(binding.vaultId);
      const before = last.get(binding.of);
      const isOneVault = vault !== undefined && (!before || (before.isOneVault && before.vault === vault));
      const placed: Placed = { ...binding, order, vault, isOneVault };
      last.set(binding.of, placed);
      this.#all.push(placed);
      this.#byResource.set(binding.resource, placed);
      for (const id of binding.sourceIds) {
        const name = id && lastName(id);
        if (name !== undefined) append(this.#named, name, placed);
        else if (this.#unnamed.at(-1) !== placed) this.#unnamed.push(placed);
      }
    }
  }

  /** Those before it that bind its source to another vault; nothing where one before it says the same of the source as it does. */
  earlierVaults(resource: Resource): Fact | undefined {
    const own = this.#byResource.get(resource);
    if (!own) return undefined;
    const { head } = resource;
    const found: Value[] = [];
    let doubt: string | undefined;
    let compared = 0;
    for (const other of own.isOneVault ? [] : this.#before(own)) {
      if (other.of !== own.of) continue;
      const same = ++compared > mostCompared ? undefined : areSame(own, other);
      // Beyond that nothing more is found, and one doubt is enough.
      if (compared > mostCompared && doubt !== undefined) break;
      const isOne = own.vault !== undefined && own.vault === other.vault;
      const sameVault = isOne || sameId(own.vaultId, other.vaultId);
      if (same === true && sameVault === true && other.certain) return { at: head, value: listOf(head, []) };
      if (same === false || sameVault === true) continue;
      if (same && sameVault === false && other.certain && own.certain)
        found.push(text(other.resource.address, other.resource.head));
      else doubt ??= `${other.resource.address} may bind the same to another vault`;
    }
    return atLeast(head, found, doubt);
  }

  /** Those before it that may have a source in common with it. */
  *#before({ sourceIds, order }: Placed): Generator<Placed> {
    const names = sourceIds.map((id) => id && lastName(id));
    const isOpen = names.includes(undefined);
    const alike = new Set(isOpen ? [] : names.flatMap((name) => this.#named.get(name!) ?? []));
    for (const one of alike) if (one.order < order) yield one;
    for (const one of isOpen ? this.#all : this.#unnamed) {
      if (one.order >= order) return;
      if (!alike.has(one)) yield one;
    }
  }
}

/** Whether they have a source in common. */
function areSame(a: Binding, b: Binding): boolean | undefined {
  const answers = a.sourceIds.flatMap((id) => b.sourceIds.map((other) => sameId(id, other)));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}
