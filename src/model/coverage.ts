/**
 * Who protects what: datasources joined with the items that certainly protect them, and what hides the answer.
 * Takes entities and items as normalise collected them; gives each datasource with its protection. `none` is said only in a
 * whole picture: something of that kind is protected here, and nothing that cannot be looked into may protect more.
 */
import type { Live, Resource } from '../evaluate/resource.ts';
import { equal, force, type List, memberOf, text, unknown, type Value } from '../evaluate/value.ts';
import type { Family } from './datasource.ts';
import { append, atLeast, computed, type Fact, listOf, numberIn, pick, textOf, undecided, view } from './facts.ts';
import { mayProtect } from './hiding.ts';
import { plainId, type ResourceId, sameId, subscriptionOf } from './id.ts';
import { type ItemLinks, lastName, selectedDisks, solutionsOfVault } from './item.ts';
import type { Surroundings } from './machine.ts';
import { databaseOfSolution } from './machine-database.ts';
import type { Entity } from './model.ts';
import { outboundFact } from './network.ts';
import { datasourceSolutions } from './policy.ts';
import { accompanies } from './presence.ts';
import { packed } from './row.ts';
import { backupEndpoints } from './vault-surroundings.ts';

export interface Item {
  readonly resource: Resource;
  readonly links: ItemLinks;
  /** Last name of the datasource's id, where it is known: ids with different ones are certainly different. */
  readonly sourceName: string | undefined;
}

/** A datasource that is no machine, and whose id an item of it names: of a share the account, of a volume its group. */
export interface Source {
  readonly entity: Entity;
  readonly family: Family;
  readonly owner: Resource | undefined;
  readonly ownerId: ResourceId | undefined;
}

/** What the links of the model lead to. */
export interface Linked {
  readonly around: Surroundings;
  /** Machines behind an id. */
  readonly machinesOf: (id: ResourceId | undefined) => readonly Entity[];
  /** Vaults behind an id. */
  readonly vaultsOf: (id: ResourceId | undefined) => readonly Entity[];
  /** What may protect anything and is not seen. */
  readonly unseen: string | undefined;
  /** The configuration file says that what is declared here is all there is. */
  readonly declaredHere: boolean;
  /** Of an audit: what it could not read. */
  readonly live: Live | undefined;
}

export class Coverage {
  readonly #items: readonly Item[];
  /** Auto-protection of databases. */
  readonly #intents: readonly Item[];
  readonly #linked: Linked;
  #solutionsHere: ReadonlySet<string> | undefined;
  #ofGroups: readonly Item[] | undefined;
  /** Addresses of what Azure Backup keeps of machines, by the ids of those in lower case. */
  #restorePoints: ReadonlyMap<string, string> | undefined;
  #itemIndex:
    | { readonly named: ReadonlyMap<string, number[]>; readonly unnamed: ReadonlyMap<string, number[]> }
    | undefined;
  #other: { readonly because: string | undefined } | undefined;

  constructor(items: readonly Item[], intents: readonly Item[], linked: Linked) {
    this.#items = items;
    this.#intents = intents;
    this.#linked = linked;
  }

  /** What may protect things of this configuration and is not seen in it. */
  get hidden(): string | undefined {
    return this.#linked.unseen ?? this.#linked.live?.unread('items', '') ?? this.#otherProtection();
  }

  /**
   * Of an audit: why something may be protected by one of the solutions without being seen. Databases in machines lie in the subscription
   * of their vault, and machines have restore points in their own; any other vault may lie in any, and those outside of the audit are told by
   * what is protected inside.
   */
  #unreadFor(id: ResourceId | undefined, solutions: readonly string[]): string | undefined {
    const { live } = this.#linked;
    if (!live) return undefined;
    const near = solutions.every(
      (solution) => solution !== 'azure-files' && solutionsOfVault['recovery-services'].includes(solution),
    );
    const subscription = id?.subscription && textOf(force(id.subscription))?.toLowerCase();
    const place = near && subscription !== undefined ? `/subscriptions/${subscription}` : '';
    const databases = solutions.some((solution) => databaseSolutions.includes(solution));
    const because = live.unread('items', place) ?? (databases ? live.unread('intents', place) : undefined);
    if (because !== undefined || near) return because;
    const around = Object.entries({ ...datasourceSolutions, azurefileshare: 'azure-files' })
      .filter(([type]) => live.around?.protects(type))
      .map(([, solution]) => solution);
    return live.isPart && !solutions.some((solution) => this.protectsHere(solution) || around.includes(solution))
      ? 'nothing of that kind is protected here, and vaults of other subscriptions may protect it'
      : undefined;
  }

  /** Why backups may be declared where nobody has looked, where nothing of a kind is protected here. */
  #elsewhere(declared: boolean, because: string): string | undefined {
    return declared || this.#linked.live ? undefined : because;
  }

  /** Whether an item or intent of a solution certainly exists here, or all there is must be. */
  protectsHere(solution: string): boolean {
    return this.#linked.declaredHere || this.#declaredSolutions().has(solution);
  }

  machine(machine: Entity): Entity {
    const { head } = machine.resource;
    const members = new Map(machine.view.members);
    const { own, doubt: hidden } = this.#itemsOf(machine, ['azure-vm']);
    const doubt = hidden ?? (own.length === 0 ? this.#restorable(machine) : undefined);
    const certain = own.filter(
      (item) =>
        !item.resource.many && (item.resource.presence === 'present' || accompanies(item.resource, machine.resource)),
    );
    const perhaps = doubt ?? (own.length > certain.length ? `it is not known whether an item protects it` : undefined);
    members.set('protection', { value: this.#protection(machine, certain, perhaps), at: head });
    members.set(
      'protected',
      certain.length > 0 ? computed(true, head) : perhaps ? undecided(perhaps, head) : computed(false, head),
    );
    const active = certain.filter((item) => isActive(item));
    const unsure =
      own.filter(mayBeActive).length > active.length
        ? (perhaps ?? 'it is not known whether it is backed up now')
        : undefined;
    const distinct = active.filter((item, i) =>
      active.slice(0, i).every((other) => areTwo(item, other, this.#linked.around)),
    );
    members.set('activeItems', {
      value: listOf(
        head,
        distinct.map((item) => text(item.resource.address, item.resource.head)),
        doubt ?? unsure ?? false,
      ),
      at: head,
    });
    for (const [name, fact] of Object.entries(this.#databaseFacts(machine))) if (fact) members.set(name, fact);
    const disks = memberOf(machine.view, 'disks');
    const selections = disks ? active.map((item) => selectedDisks(disks.value, item.links)) : [];
    const selected = union(selections, doubt ?? unsure ?? false, head);
    if (selected && (selected.items.length > 0 || selected.open || active.length > 0)) {
      members.set('selectedDisks', { value: selected, at: disks?.at ?? head });
      members.set('diskTotals', { value: diskTotals(selected), at: disks?.at ?? head });
    }
    return { ...machine, view: { ...machine.view, members: packed(members) }, protectedBy: ['azure-vm'] };
  }

  /**
   * Of an audit: why a machine of which no item is seen may have one in a vault of another subscription. Azure Backup keeps restore points
   * of each machine in the machine's own (https://learn.microsoft.com/azure/azure-resource-manager/management/move-limitations/virtual-machines-move-limitations).
   */
  #restorable({ id }: Entity): string | undefined {
    const { live, around } = this.#linked;
    if (!live) return undefined;
    if (!this.#restorePoints) {
      const found = around
        .ofType('microsoft.compute/restorepointcollections')
        .filter(({ name }) => /^azurebackup_/i.test(textOf(force(name)) ?? ''))
        .map(({ address, body }): [string, string] => [
          textOf(pick(body, 'properties.source.id', true)?.value)?.toLowerCase() ?? '',
          address,
        ]);
      this.#restorePoints = new Map(found);
    }
    const plain = (id && plainId(id)) ?? '';
    const kept = this.#restorePoints.get(plain);
    return kept === undefined
      ? live.unread('restorePoints', plain)
      : `Azure Backup keeps restore points of it in ${kept}, so a vault that is not seen may protect it`;
  }

  /** The items of a machine, and why another one may be one too. */
  #itemsOf(machine: Entity, solutions: readonly string[]): { own: Item[]; doubt: string | undefined } {
    const own: Item[] = [];
    let doubt = this.#unreadFor(machine.id, solutions);
    const name = machine.id && lastName(machine.id);
    for (const item of this.#itemsNamed(name, solutions)) {
      const solution = textOf(item.links.solution.value);
      if (solution !== undefined && !solutions.includes(solution)) continue;
      const same = this.#isSource(item, machine);
      if (same === true && solution !== undefined) own.push(item);
      else if (same !== false) doubt ??= `${item.resource.address} may protect it`;
    }
    return { own, doubt };
  }

  /** The same of the databases on it, with auto-protection; of a group of machines an item names one. */
  #databaseItemsOf(machine: Entity, solutions: readonly string[]): { own: Item[]; doubt: string | undefined } {
    const { own, doubt } = this.#itemsOf(machine, solutions);
    let more = doubt;
    for (const item of [...this.#intents, ...this.#groupItems()]) {
      const solution = textOf(item.links.solution.value);
      if (solution !== undefined && !solutions.includes(solution)) continue;
      const same = this.#isSource(item, machine);
      if (item.links.scope.ofGroup) {
        if (same !== true && !this.#isFar(item, machine.id))
          more ??= `${item.resource.address} may protect databases of it`;
      } else if (same === true && solution !== undefined) own.push(item);
      else if (same !== false) more ??= `${item.resource.address} may protect it`;
    }
    return { own, doubt: more };
  }

  #groupItems(): readonly Item[] {
    this.#ofGroups ??= this.#items.filter(
      ({ links }) => links.scope.ofGroup && isDatabaseSolution(links.solution.value),
    );
    return this.#ofGroups;
  }

  /** Items whose source may carry the name, in their order; without a name those alone that may be of the solutions. */
  #itemsNamed(name: string | undefined, solutions: readonly string[]): readonly Item[] {
    if (name === undefined) return this.#items;
    if (!this.#itemIndex) {
      const named = new Map<string, number[]>();
      // Folders of thousands of servers on premises are such items.
      const unnamed = new Map<string, number[]>();
      for (const [i, { sourceName, links }] of this.#items.entries())
        if (sourceName !== undefined) append(named, sourceName, i);
        else append(unnamed, textOf(links.solution.value) ?? '', i);
      this.#itemIndex = { named, unnamed };
    }
    const { named, unnamed } = this.#itemIndex;
    const found = [...(named.get(name) ?? []), ...['', ...solutions].flatMap((one) => unnamed.get(one) ?? [])];
    return found.sort((a, b) => a - b).map((i) => this.#items[i]!);
  }

  /** A datasource that is no machine, with what protects it. */
  source({ entity, family, owner, ownerId }: Source): Entity {
    const { resource, view: facts } = entity;
    const { head } = resource;
    const own: Item[] = [];
    let doubt = this.#unreadFor(ownerId, family.solutions);
    const intents = family.kind === 'sql-in-vm' ? this.#intents : [];
    for (const item of [...this.#itemsNamed(ownerId && lastName(ownerId), family.solutions), ...intents]) {
      const solution = textOf(item.links.solution.value);
      if (solution !== undefined && !family.solutions.includes(solution)) continue;
      const same = this.#covers(item, entity, owner, ownerId);
      if (same === true && solution !== undefined) own.push(item);
      else if (same !== false) doubt ??= `${item.resource.address} may protect it`;
    }
    const certain = own.filter(
      (item) => !item.resource.many && (item.resource.presence === 'present' || accompanies(item.resource, resource)),
    );
    doubt ??= own.length > certain.length ? 'it is not known whether an item protects it' : this.hidden;
    const members = new Map(facts.members);
    const protection = this.#sourceProtection(family, certain, doubt, head);
    members.set('protection', { value: protection, at: head });
    members.set(
      'protected',
      certain.length > 0 ? computed(true, head) : doubt ? undecided(doubt, head) : computed(false, head),
    );
    const active = certain.filter(isActive);
    members.set('items', {
      value: listOf(
        head,
        active.map((item) => text(item.resource.address, item.resource.head)),
        doubt ??
          (own.filter(mayBeActive).length > active.length
            ? 'it is not known whether it is backed up now'
            : // azurerm has no items for databases, so they often stand out of sight.
              family.kind === 'sql-in-vm' && protection.kind === 'unknown' && protection.because),
      ),
      at: head,
    });
    return {
      ...entity,
      view: { ...facts, members: packed(members) },
      protectedBy: family.solutions,
      protectedAs: ownerId,
    };
  }

  /** Whether an item is one of the datasource: by reference or id, and of a share or volume by name too. */
  #covers(
    item: Item,
    entity: Entity,
    owner: Resource | undefined,
    ownerId: ResourceId | undefined,
  ): boolean | undefined {
    const { scope, sourceId, source } = item.links;
    const value = source && force(source.value);
    const named =
      value?.kind === 'symbol' && value.of?.path === 'id' ? this.#linked.around.at(value.of.address) : undefined;
    let same = named && !named.existing && owner ? named === owner : sameId(sourceId, ownerId);
    if (same === false || (same === undefined && this.#isFar(item, ownerId))) return false;
    const kind = textOf(memberOf(entity.view, 'kind')?.value);
    const parts =
      kind === 'azure-files'
        ? scope.share && [scope.share.value]
        : kind === 'elastic-san'
          ? itemsOf(scope.volumes)
          : null;
    if (parts === null) return same;
    const name = memberOf(entity.view, 'name')?.value;
    if (!parts || !name) return undefined;
    const answers = parts.map((part) => equal(part, name, true));
    if (answers.every((answer) => answer === false))
      return kind === 'elastic-san' && scope.volumes?.value.kind === 'list' && scope.volumes.value.open
        ? undefined
        : false;
    if (!answers.includes(true)) same = undefined;
    return same;
  }

  /** As of machines: `none` only in a whole picture, which something of that kind that is protected here makes. */
  #sourceProtection(family: Family, own: readonly Item[], doubt: string | undefined, head: Fact['at']): Value {
    if (own.length > 0) return text('item', own[0]!.resource.head);
    const declared = family.solutions.some((solution) => this.protectsHere(solution));
    const hidden =
      this.#linked.unseen ??
      doubt ??
      this.#elsewhere(declared, 'nothing of that kind is protected here, so backups may be declared elsewhere');
    return hidden ? unknown(hidden, head) : text('none', head);
  }

  /** Solutions of which an item certainly exists here. */
  #declaredSolutions(): ReadonlySet<string> {
    this.#solutionsHere ??= new Set(
      [...this.#items, ...this.#intents]
        .filter(({ resource }) => resource.presence === 'present' && !resource.many && !resource.existing)
        .map(({ links }) => textOf(links.solution.value) ?? ''),
    );
    return this.#solutionsHere;
  }

  #isSource(item: Item, machine: Entity): boolean | undefined {
    const linked = this.#linked.machinesOf(item.links.sourceId).filter((one) => !one.resource.existing);
    // What is another machine of this configuration is certainly not this one.
    if (linked.length > 0) return linked.some((one) => one.resource === machine.resource);
    const same = item.links.sourceId && sameId(item.links.sourceId, machine.id);
    return same === false || this.#isFar(item, machine.id) ? false : undefined;
  }

  /** Of what exists: whether an item of databases lies in a vault of another subscription, and so protects nothing there. */
  #isFar({ links: { vaultId, solution } }: Item, id: ResourceId | undefined): boolean {
    if (!this.#linked.live || vaultId?.type !== 'microsoft.recoveryservices/vaults') return false;
    if (['azure-vm', 'azure-files'].includes(textOf(solution.value) ?? '')) return false;
    const [of, own] = [vaultId, id].map(subscriptionOf);
    return of !== undefined && own !== undefined && of !== own;
  }

  /** Whether databases on the machine are backed up by themselves, of which kinds, and how far that can be told. */
  #databaseFacts(machine: Entity): Record<string, Fact | undefined> {
    const { head } = machine.resource;
    const { own, doubt } = this.#databaseItemsOf(machine, databaseSolutions);
    const active = own.filter(isCertain);
    const perhaps = doubt ?? (own.length > active.length ? 'its databases may be protected' : undefined);
    const solutions = new Set(active.map(({ links }) => textOf(links.solution.value)!));
    return {
      databaseProtected:
        active.length > 0 ? computed(true, head) : perhaps ? undecided(perhaps, head) : computed(false, head),
      protectedDatabases: atLeast(
        head,
        [...solutions].map((solution) => text(solution, head)),
        // Another one of a kind that is there adds nothing.
        doubt ??
          (own.some((item) => !isCertain(item) && !solutions.has(textOf(item.links.solution.value)!))
            ? 'its databases may be protected'
            : undefined),
      ),
      ...this.#databaseProtection(machine),
      ...(active.length > 0 && this.#wayToVault(machine, active)),
    };
  }

  /** How a machine whose databases are protected reaches Azure Backup. */
  #wayToVault(machine: Entity, items: readonly Item[]): Record<string, Fact> {
    const { around, vaultsOf } = this.#linked;
    const { head } = machine.resource;
    const snapshots = items.some(
      ({ links }) => links.scope.instanceSnapshot && textOf(links.solution.value) === 'hana-in-vm',
    );
    const vaults = new Set(
      items.map(({ links }) => {
        const [vault, other] = vaultsOf(links.vaultId);
        return other || vault?.resource.existing ? undefined : vault;
      }),
    );
    const endpoints = [...vaults].map((vault) => vault && backupEndpoints(vault, true, around));
    return {
      outbound: outboundFact(
        machine.resource,
        items.map(({ resource }) => resource),
        snapshots,
        around,
      ),
      vaultEndpoints: atLeast(
        head,
        endpoints.flatMap((list) => list?.items ?? []),
        endpoints.some((list) => list === undefined || list.open) ? 'its vault may have a private endpoint' : undefined,
      ),
    };
  }

  /** Of the database that the machine is known to run; `none` and `not-shown` only in a whole picture. */
  #databaseProtection(machine: Entity): Record<string, Fact | undefined> {
    const { head } = machine.resource;
    const database = memberOf(machine.view, 'database');
    const name = database && textOf(force(database.value));
    const solution = databaseSolutions.find((one) => databaseOfSolution[one] === name);
    if (solution === undefined)
      return { databaseProtection: database && undecided('the database is not known', database.at) };
    const { own, doubt } = this.#databaseItemsOf(machine, [solution]);
    const certain = own.filter(
      ({ resource }) => !resource.many && (resource.presence === 'present' || accompanies(resource, machine.resource)),
    );
    if (certain.length > 0) return { databaseProtection: { value: text('item', certain[0]!.resource.head), at: head } };
    const hidden =
      this.#linked.unseen ??
      doubt ??
      (own.length > 0 ? 'it is not known whether an item protects its databases' : undefined) ??
      this.#otherProtection();
    if (hidden !== undefined) {
      const unknown = undecided(hidden, head);
      return { databaseProtection: unknown, databaseBackupShown: unknown };
    }
    const here = this.#declaredSolutions();
    if (this.protectsHere(solution) || this.#linked.live)
      return { databaseProtection: { value: text('none', head), at: head } };
    const elsewhere = undecided(
      'no database of that kind is protected here, so its backup may be declared elsewhere',
      head,
    );
    const automated = memberOf(machine.view, 'automatedBackup');
    const shown =
      here.size > 0
        ? (automated ?? computed(false, head))
        : this.#items.length > 0
          ? undecided('it is not known whether backups are declared here', head)
          : undefined;
    return { databaseProtection: elsewhere, databaseBackupShown: shown };
  }

  /** `item`, `none`, or unknown with what hides the answer (catalogue: whole picture). */
  #protection(machine: Entity, own: readonly Item[], doubt: string | undefined): Value {
    const { head } = machine.resource;
    if (own.length > 0) return text('item', own[0]!.resource.head);
    const declared =
      this.#linked.declaredHere ||
      this.#items.some(
        ({ resource, links }) =>
          textOf(links.solution.value) === 'azure-vm' &&
          resource.presence === 'present' &&
          !resource.many &&
          !resource.existing,
      );
    const hidden =
      this.#linked.unseen ??
      doubt ??
      this.#otherProtection() ??
      this.#elsewhere(declared, 'no virtual machine is protected here, so backups may be declared elsewhere');
    return hidden ? unknown(hidden, head) : text('none', head);
  }

  /** What may protect machines or databases without any item that names them. */
  #otherProtection(): string | undefined {
    const { around } = this.#linked;
    this.#other ??= {
      because: around.resources.map((one) => mayProtect(one, around)).find((because) => because !== undefined),
    };
    return this.#other.because;
  }
}

const databaseSolutions = ['sql-in-vm', 'hana-in-vm', 'ase-in-vm'];

/** One whose kind is not known counts too. */
function isDatabaseSolution(solution: Value): boolean {
  const known = textOf(solution);
  return known === undefined || databaseSolutions.includes(known);
}

export function asItem(resource: Resource, links: ItemLinks): Item {
  return { resource, links, sourceName: links.sourceId && lastName(links.sourceId) };
}

function isActive(item: Item): boolean {
  return textOf(item.links.state.value) === 'protected';
}

function mayBeActive(item: Item): boolean {
  return isActive(item) || textOf(item.links.state.value) === undefined;
}

/** An active item that exists for certain, once. */
export function isCertain(item: Item): boolean {
  return item.resource.presence === 'present' && !item.resource.many && isActive(item);
}

/** ARM may deploy one item twice, under one id; that is no second item. */
export function areTwo(a: Item, b: Item, { idOf }: Pick<Surroundings, 'idOf'>): boolean {
  if (!a.resource.type.includes('/')) return true;
  return sameId(idOf(a.resource), idOf(b.resource)) === false;
}

/** Items of a list of names; undefined where none is written. */
function itemsOf(list: Fact | undefined): readonly Value[] | undefined {
  return list?.value.kind === 'list' ? list.value.items : undefined;
}

/** The disks that any of the items backs up. */
function union(selections: readonly (List | undefined)[], open: boolean | string, at: Value['at']): List | undefined {
  const items = new Set<Value>();
  let more = open;
  for (const selection of selections) {
    for (const disk of selection?.items ?? []) items.add(disk);
    more ||= selection === undefined || (selection.because ?? selection.open === true);
  }
  return listOf(selections.find((selection) => selection)?.at ?? at, [...items], more);
}

function diskTotals(disks: List): Value {
  const sizes = disks.items.map((disk) => numberIn(pick(disk, 'sizeGb', false)?.value));
  const { at } = disks;
  const sum = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  return view(at, {
    count: computed(disks.items.length, at),
    atLeastGb: computed(sum, at),
    sizeGb:
      disks.open || sizes.includes(undefined) ? undecided('the size of a disk is not known', at) : computed(sum, at),
  });
}
