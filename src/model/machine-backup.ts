/**
 * What the backup of machines does with managed disks: takes them, leaves them out, or does not exist; and which disk a snapshot is of.
 * Takes machines with their items, and disks; gives each disk the fact `machineBackup`, and each snapshot its disk.
 */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, memberOf, type Obj, text, type Value } from '../evaluate/value.ts';
import { heldBy } from './disk.ts';
import { computed, type Fact, pick, textOf, undecided } from './facts.ts';
import { keyOf, parseId, type ResourceId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { packed } from './row.ts';

type Answer = 'taken' | 'left-out' | 'machine-without-backup' | { readonly because: string };

export class MachineBackups {
  readonly #machines: ReadonlyMap<string, Obj>;
  /** A volume of a cluster is a disk that no machine of the code uses. */
  readonly #hasClusters: boolean;

  constructor(machines: readonly Entity[], around: Surroundings) {
    this.#machines = new Map(machines.map((machine) => [machine.resource.address, machine.view]));
    this.#hasClusters = around.resources.some(({ type }) => clusters.test(type));
  }

  /** The entity itself where it is no disk. */
  of(disk: Entity): Entity {
    if (textOf(memberOf(disk.view, 'kind')?.value) !== 'azure-disk') return disk;
    const members = new Map(disk.view.members);
    members.set('machineBackup', this.#fact(disk));
    return { ...disk, view: { ...disk.view, members: packed(members) } };
  }

  #fact({ view, resource }: Entity): Fact {
    const { head } = resource;
    const group = resource.scope.resourceGroup && textOf(force(resource.scope.resourceGroup));
    if (group?.toLowerCase().startsWith('mc_')) return undecided('it may be a volume of a cluster', head);
    const users = pick(view, 'users', false)?.value;
    if (users?.kind !== 'list') return undecided('it is not known which machines use it', head);
    const answers = users.items.map((user) => this.#answer(view, this.#machines.get(textOf(force(user)) ?? '')));
    if (answers.includes('taken')) return { value: text('taken', head), at: head };
    const doubt = answers.find((answer) => typeof answer === 'object');
    if (doubt) return undecided(doubt.because, head);
    if (users.open) return undecided('it is not known which machines use it', head);
    if (answers.includes('left-out')) return { value: text('left-out', head), at: head };
    if (answers.length > 0) return { value: text('machine-without-backup', head), at: head };
    const holder = this.#hasClusters ? 'a cluster may use it' : heldBy(resource);
    return holder === undefined ? { value: text('not-attached', head), at: head } : undecided(holder, head);
  }

  #answer(disk: Obj, machine: Obj | undefined): Answer {
    if (!machine) return { because: 'a machine that uses it is not known' };
    const at = (path: string): Value | undefined => pick(machine, path, false)?.value;
    const protection = textOf(at('protection'));
    if (protection === 'none') return 'machine-without-backup';
    if (protection === undefined) return { because: 'it is not known whether a machine that uses it is backed up' };
    const active = at('activeItems');
    if (active?.kind !== 'list' || (active.items.length === 0 && active.open))
      return { because: 'it is not known whether a machine that uses it is backed up' };
    if (active.items.length === 0) return 'machine-without-backup';
    const name = pick(disk, 'name', false)?.value;
    const isIt = (one: Value | undefined): boolean | undefined => {
      const other = one && pick(one, 'name', false)?.value;
      return other && name ? equal(other, name, true) : undefined;
    };
    const osDisk = at('osDisk');
    if (osDisk && isIt(osDisk) === true) return 'taken';
    const all = at('disks');
    const selected = at('selectedDisks');
    const own = all?.kind === 'list' ? all.items.filter((one) => isIt(one) === true) : [];
    if (own.length !== 1 || selected?.kind !== 'list') return { because: 'it is not known which disks are selected' };
    if (selected.items.includes(own[0]!)) return isShared(disk) ? 'left-out' : 'taken';
    if (selected.open) return { because: 'it is not known which disks are selected' };
    return databasesMayCover(machine)
      ? { because: 'the backup of the databases on the machine may cover it' }
      : 'left-out';
  }
}

const clusters = /^azurerm_kubernetes_|^microsoft\.containerservice\/managedclusters|^kubernetes_|^helm_/i;

/** Machine backup leaves shared disks out or fails. */
function isShared(disk: Obj): boolean {
  const shares = pick(disk, 'shares', false)?.value;
  return shares?.kind === 'number' && shares.value > 1;
}

/** Disks of a database may be left out where the database is backed up by itself. */
function databasesMayCover(machine: Obj): boolean {
  const isProtected = pick(machine, 'databaseProtected', false)?.value;
  if (isProtected?.kind !== 'bool' || isProtected.value) return true;
  return (
    memberOf(machine, 'database') !== undefined && textOf(pick(machine, 'databaseProtection', false)?.value) !== 'none'
  );
}

/** The disk behind a snapshot, with what backs it up, and whether another disk is made from the snapshot. */
export class SnapshotLinks {
  readonly #around: Surroundings;
  readonly #disks = new Map<string, Entity>();
  /** Of what disks are made, by key; those of which that is not clear beside. */
  readonly #origins = new Set<string>();
  readonly #unclear: (ResourceId | undefined)[] = [];

  constructor(sources: readonly Entity[], around: Surroundings) {
    this.#around = around;
    for (const disk of sources) {
      if (textOf(memberOf(disk.view, 'kind')?.value) !== 'azure-disk' || disk.resource.existing) continue;
      const key = disk.id && keyOf(disk.id);
      if (key !== undefined) this.#disks.set(key, disk);
      const source = memberOf(disk.view, 'source');
      if (!source) continue;
      const from = parseId(source.value, around.find);
      const origin = from && keyOf(from);
      if (origin === undefined) this.#unclear.push(from);
      else this.#origins.add(origin);
    }
  }

  diskOf({ body, type }: Resource): Entity | undefined {
    const arm = type.includes('/');
    const source = pick(body, arm ? 'properties.creationData.sourceResourceId' : 'source_resource_id', arm);
    const from = source && parseId(source.value, this.#around.find);
    const key = from && keyOf(from);
    return key === undefined ? undefined : this.#disks.get(key);
  }

  of(snapshot: Resource): Record<string, Fact | undefined> {
    const { head, body, type } = snapshot;
    const arm = type.includes('/');
    const own = this.#around.idOf(snapshot);
    const source = pick(body, arm ? 'properties.creationData.sourceResourceId' : 'source_resource_id', arm);
    const disk = this.diskOf(snapshot);
    const ownKey = own && keyOf(own);
    const isOrigin = ownKey !== undefined && this.#origins.has(ownKey);
    const mayBe = ownKey === undefined || this.#unclear.some((one) => sameId(one, own) !== false);
    return {
      disk:
        source && (disk ? { at: source.at, value: disk.view } : undecided('the disk is declared elsewhere', source.at)),
      copied: isOrigin
        ? computed(true, head)
        : mayBe && (this.#unclear.length > 0 || this.#origins.size > 0)
          ? undecided('a disk may be made from it', head)
          : computed(false, head),
    };
  }
}
