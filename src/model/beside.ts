/**
 * What an item leaves out or contradicts beside it: containers of its account that it does not list, the databases of an instance of
 * which it takes snapshots, the other vault of an availability group.
 */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, memberOf, reasonOf, text, type Value } from '../evaluate/value.ts';
import { type Item, isCertain } from './coverage.ts';
import { append, atLeast, type Fact, textOf, undecided } from './facts.ts';
import { keyOf, type ResourceId, sameId, subscriptionOf } from './id.ts';

/** Names of containers of the account that are missing from the list. */
export function unselectedContainers(account: Fact | undefined, list: Fact | undefined): Fact | undefined {
  if (!list) return undefined;
  const { at } = list;
  const view = account && force(account.value);
  const declared = view?.kind === 'object' ? memberOf(view, 'containers') : undefined;
  const names = declared && force(declared.value);
  if (names?.kind !== 'list') return undecided('the account is declared elsewhere', at);
  const missing: Value[] = [];
  let doubt = names.open ? (names.because ?? 'the account may have more containers') : undefined;
  for (const name of names.items) {
    const found = holds(list.value, name);
    if (found === false) missing.push(name);
    else if (found === undefined) doubt ??= reasonOf(list.value) ?? 'the list may hold more';
  }
  return atLeast(at, missing, doubt);
}

function holds(list: Value, wanted: Value): boolean | undefined {
  if (list.kind !== 'list') return undefined;
  const answers = list.items.map((item) => equal(item, wanted, true));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) || list.open ? undefined : false;
}

/** How the policy behind an item is found. */
export type PolicyOf = (item: Item) => Value;

/**
 * Policies of the databases of an instance of which the item takes snapshots. Open where more may exist; `hidden`: why that is so
 * of all items. Without any database that is certainly protected here, that may be done elsewhere.
 */
export function companionPolicies(
  own: Item,
  items: readonly Item[],
  hidden: string | undefined,
  policyOf: PolicyOf,
): Fact | undefined {
  const { scope, solution } = own.links;
  if (!scope.instanceSnapshot || textOf(solution.value) !== 'hana-in-vm') return undefined;
  const { head } = own.resource;
  const found: Value[] = [];
  let doubt = hidden;
  const isLive = own.resource.language === 'live';
  // An audit sees all that protects.
  let declared = isLive;
  for (const other of items) {
    const kind = textOf(other.links.solution.value);
    // Of what exists, machine and vault are of one subscription.
    if (isLive && !isNear(own, other)) continue;
    if (other === own || other.links.scope.instanceSnapshot || (kind !== undefined && kind !== 'hana-in-vm')) continue;
    const certain = kind !== undefined && isCertain(other);
    declared ||= certain;
    const same = isSameInstance(own, other);
    if (same === false) continue;
    if (same && certain) found.push(policyOf(other));
    else doubt ??= `${other.resource.address} may protect a database of the instance`;
  }
  if (!declared) doubt ??= 'no HANA database is protected here, so that may be done elsewhere';
  return atLeast(head, found, doubt);
}

function isNear(a: Item, b: Item): boolean {
  const [one, other] = [a, b].map(({ links }) => subscriptionOf(links.vaultId));
  return one === undefined || other === undefined || one === other;
}

/** On the same machine, and of the same system where the names of both say it. */
function isSameInstance(a: Item, b: Item): boolean | undefined {
  const machine = sameId(a.links.sourceId, b.links.sourceId);
  if (machine === false && !b.links.scope.ofGroup) return false;
  const [left, right] = [a, b].map(({ links }) => {
    const database = links.scope.database?.value;
    return database?.kind === 'object' ? textOf(memberOf(database, 'instance')?.value)?.toLowerCase() : undefined;
  });
  if (left === undefined || right === undefined) return undefined;
  return left === right ? (machine === true ? true : undefined) : false;
}

interface Grouped {
  readonly item: Item;
  readonly order: number;
  /** Name of the container that stands for the group, if it is one. */
  readonly group: Value | undefined;
  readonly vault: string | undefined;
}

/** What may be databases of availability groups, found by the names of their containers. */
export class Groups {
  readonly #all: Grouped[] = [];
  readonly #byItem = new Map<Item, Grouped>();
  readonly #named = new Map<string, Grouped[]>();
  readonly #unnamed: Grouped[] = [];

  constructor(items: readonly Item[], containerOf: (item: Item) => Value | undefined) {
    for (const item of items) {
      const one = groupedItem(item, containerOf(item), this.#all.length);
      if (!one) continue;
      this.#all.push(one);
      this.#byItem.set(item, one);
      const name = textOf(one.group)?.toLowerCase();
      if (name === undefined) this.#unnamed.push(one);
      else append(this.#named, name, one);
    }
  }

  /** Policies of databases of the same group that items before this one protect in another vault; undefined where it has no group. */
  otherPolicies(item: Item, policyOf: PolicyOf): Fact | undefined {
    const own = this.#byItem.get(item);
    if (!own) return undefined;
    const found: Value[] = [];
    let doubt: string | undefined;
    for (const other of this.#before(own)) {
      if (own.vault !== undefined && own.vault === other.vault) continue;
      const sameVault = sameId(item.links.vaultId, other.item.links.vaultId);
      const same = own.group && other.group && equal(own.group, other.group, true);
      if (sameVault === true || same === false) continue;
      if (same && sameVault === false && [item, other.item].every(isCertainOfDatabase))
        found.push(policyOf(other.item));
      else doubt ??= `${other.item.resource.address} may protect the same group`;
    }
    return atLeast(item.resource.head, found, doubt);
  }

  /** Those before it that may be of the same group. */
  *#before(own: Grouped): Generator<Grouped> {
    const name = textOf(own.group)?.toLowerCase();
    for (const list of name === undefined ? [this.#all] : [this.#named.get(name) ?? [], this.#unnamed])
      for (const one of list) {
        if (one.order >= own.order) break;
        yield one;
      }
  }
}

/** undefined: it certainly is no database of a group. */
function groupedItem(item: Item, container: Value | undefined, order: number): Grouped | undefined {
  const { scope, solution, vaultId } = item.links;
  const kind = textOf(solution.value);
  if (!scope.ofGroup || (kind !== undefined && kind !== 'sql-in-vm')) return undefined;
  const vault = vaultId && keyOf(vaultId);
  const name = container && force(container);
  const start = name?.kind === 'template' ? name.parts[0] : textOf(name);
  if (typeof start !== 'string') return { item, order, group: undefined, vault };
  return /^sqlagworkloadcontainer;/i.test(start) ? { item, order, group: name, vault } : undefined;
}

function isCertainOfDatabase(item: Item): boolean {
  return isCertain(item) && textOf(item.links.solution.value) !== undefined;
}

/** An item or intent, and the policy that it names. */
export interface Use {
  readonly item: Item;
  readonly policyId: ResourceId | undefined;
}

/** Which items and intents use which policy; what names none uses none. */
export class PolicyUses {
  readonly #byKey = new Map<string, Use[]>();
  readonly #unclear: Use[] = [];
  readonly #all: readonly Use[];

  constructor(uses: readonly Use[]) {
    this.#all = uses.filter(({ item }) => item.links.policy !== undefined && !item.resource.existing);
    for (const use of this.#all) {
      const key = use.policyId && keyOf(use.policyId);
      if (key === undefined) this.#unclear.push(use);
      else append(this.#byKey, key, use);
    }
  }

  /** Open where one more may use it. */
  of(id: ResourceId | undefined, policy: Resource, hidden: string | undefined): Fact {
    const { head } = policy;
    const key = id && keyOf(id);
    const own = (key === undefined ? undefined : this.#byKey.get(key)) ?? [];
    const sure = own.filter(({ item }) => item.resource.presence === 'present' && !item.resource.many);
    const items = sure.map(({ item }) => text(item.resource.address, item.resource.head));
    const perhaps = own.length > sure.length ? own[0] : sure.length === 0 ? this.#perhaps(id) : undefined;
    const doubt = hidden ?? (perhaps && `${perhaps.item.resource.address} may use it`);
    return atLeast(head, items, doubt ?? (policy.many ? 'it is not known how many of it there are' : undefined));
  }

  /** The items and intents that certainly name it. */
  itemsOf(id: ResourceId | undefined): readonly Item[] {
    const key = id && keyOf(id);
    return ((key === undefined ? undefined : this.#byKey.get(key)) ?? []).map(({ item }) => item);
  }

  #perhaps(id: ResourceId | undefined): Use | undefined {
    const mayUse = (use: Use): boolean => sameId(use.policyId, id) !== false;
    return this.#unclear.find(mayUse) ?? (this.#all.length > mostCompared ? this.#all[0] : this.#all.find(mayUse));
  }
}

/** Enough for configurations that people write; beyond it nothing is told apart. */
const mostCompared = 2000;
