/**
 * Which resources belong to another one: children of ARM by their own ids, resources of azurerm by the id or the name they carry.
 * Takes all resources of some types; finds those of an owner without looking at every pair. What cannot be told apart is given
 * as `perhaps`, so that nobody takes it for absent.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, type Value } from '../evaluate/value.ts';
import type { Fact } from './facts.ts';
import { append, textOf } from './facts.ts';
import { type FindId, parentId, parseId, type ResourceId, sameId } from './id.ts';

/** How a resource says whose it is. */
export interface Link {
  /** The owner's id. */
  readonly id?: Fact | undefined;
  /** The owner's name, where that is unique in all of Azure (storage accounts). */
  readonly name?: Fact | undefined;
  /** The owner is the parent in the resource's own id, or that many levels above. */
  readonly levels?: number | undefined;
}

export interface Belongings {
  readonly sure: readonly Resource[];
  readonly perhaps: readonly Resource[];
}

interface Entry {
  readonly resource: Resource;
  readonly id: ResourceId | undefined;
}

interface Index {
  readonly byAddress: Map<string, Resource[]>;
  readonly byName: Map<string, Entry[]>;
  /** Their owner's name is not known. */
  readonly unnamed: Entry[];
  readonly all: Entry[];
}

export interface Finding {
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  readonly at: (address: string) => Resource | undefined;
  readonly find: FindId;
  readonly idOf: (resource: Resource) => ResourceId | undefined;
}

export class Belonging {
  readonly #from: Finding;
  readonly #indexes = new Map<string, Index>();

  constructor(from: Finding) {
    this.#from = from;
  }

  /** The resources of one type that belong to the owner; `link` must be the same for the type at every call. */
  of(owner: Resource, type: string, link: (resource: Resource) => Link): Belongings {
    let index = this.#indexes.get(type);
    if (!index) {
      index = this.#index(type, link);
      this.#indexes.set(type, index);
    }
    const sure = [...(index.byAddress.get(owner.address) ?? [])];
    const perhaps: Resource[] = [];
    const id = this.#from.idOf(owner);
    const name = textOf(id?.names.at(-1) ?? force(owner.name))?.toLowerCase();
    const candidates = name === undefined ? index.all : [...(index.byName.get(name) ?? []), ...index.unnamed];
    for (const entry of candidates) {
      const same = isOwner(entry.id, id);
      if (same === true) sure.push(entry.resource);
      else if (same === undefined) perhaps.push(entry.resource);
    }
    return { sure, perhaps };
  }

  #index(type: string, link: (resource: Resource) => Link): Index {
    const index: Index = { byAddress: new Map(), byName: new Map(), unnamed: [], all: [] };
    for (const resource of this.#from.ofType(type)) {
      if (resource.existing) continue;
      const { id, name, levels } = link(resource);
      const address = declaredAddress(id, this.#from) ?? declaredAddress(name, this.#from);
      if (address !== undefined) {
        append(index.byAddress, address, resource);
        continue;
      }
      const entry: Entry = { resource, id: this.#ownerId(resource, id, name, levels) };
      index.all.push(entry);
      const last = textOf(entry.id && force(entry.id.names.at(-1) ?? resource.name))?.toLowerCase();
      if (last === undefined) index.unnamed.push(entry);
      else append(index.byName, last, entry);
    }
    return index;
  }

  #ownerId(
    resource: Resource,
    id: Fact | undefined,
    name: Fact | undefined,
    levels: number | undefined,
  ): ResourceId | undefined {
    if (id) return parseId(id.value, this.#from.find);
    if (name) return globalName(name.value);
    let own = this.#from.idOf(resource);
    for (let i = 0; i < (levels ?? 1) && own; i++) own = parentId(own);
    return own;
  }
}

/** An id that says no more than a name that nothing else in Azure has. */
function globalName(name: Value): ResourceId {
  return { subscription: undefined, resourceGroup: undefined, type: '', names: [force(name)] };
}

function isOwner(named: ResourceId | undefined, owner: ResourceId | undefined): boolean | undefined {
  if (!named || !owner) return undefined;
  if (named.type !== '') return sameId(named, owner);
  return sameId(named, globalName(owner.names.at(-1) ?? named.names[0]!));
}

/** The address of the declared resource whose id or name a reference takes. */
function declaredAddress(reference: Fact | undefined, from: Finding): string | undefined {
  const value = reference && force(reference.value);
  if (value?.kind !== 'symbol' || !value.of || !/^(?:id|name|\.?id)$/.test(value.of.path)) return undefined;
  const found = from.at(value.of.address);
  return found && !found.existing ? found.address : undefined;
}
