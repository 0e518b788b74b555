/**
 * What other configurations of the same run may protect: a machine in Terraform, its item in an ARM template.
 * Takes all models of a run; gives them with `none` turned into "not known" where the missing item may be one of another
 * configuration. Ids are compared only to tell them apart: what names are known by name only means nothing beyond their own.
 */
import { dirname } from 'node:path';
import { force, memberOf, type Obj, type Value } from '../evaluate/value.ts';
import { isSpan } from '../source/source.ts';
import { append, atLeast, listOf, textOf, undecided } from './facts.ts';
import { type ResourceId, sameId } from './id.ts';
import { lastName } from './item.ts';
import type { DistantItem, Entity, Model } from './model.ts';
import { doubtedRegion } from './region-vault.ts';

export function withElsewhere(models: readonly Model[]): Model[] {
  if (models.length < 2) return [...models];
  const items = new DistantItems(models);
  return models.map((model) => {
    const others = (solutions: readonly string[], id: ResourceId | undefined): string | undefined =>
      items.find(model, solutions, id);
    const entities = model.entities.map((entity) =>
      entity.subject === 'datasource'
        ? withUsersElsewhere(
            doubted(entity, others, () => vaultsBeside(models, model)),
            models,
            model,
          )
        : entity.subject === 'vault'
          ? withHeldElsewhere(entity, models, model)
          : withVaultElsewhere(
              withUsesElsewhere(entity, (solution) => items.ofSolution(model, solution)),
              models,
              model,
            ),
    );
    const changed = new Map(
      entities.flatMap((entity, i) => (entity === model.entities[i] ? [] : [[model.entities[i]!.view, entity.view]])),
    );
    for (const [i, entity] of entities.entries())
      if (entity.subject === 'snapshot') entities[i] = relinked(entity, changed);
    const covered = entities.find(
      (entity, i) => entity !== model.entities[i] && countsForWorkspace.has(textIn(entity, 'kind') ?? ''),
    );
    return {
      ...model,
      entities: covered
        ? entities.map((entity) => (entity.subject === 'workspace' ? opened(entity) : entity))
        : entities,
    };
  });
}

/** Why an item of another configuration may protect what carries the id. */
type Others = (solutions: readonly string[], id: ResourceId | undefined) => string | undefined;

/** Kinds that make a configuration worth asking about backup. */
const countsForWorkspace = new Set(['azure-vm', 'azure-files', 'postgresql', 'mysql']);

const databases = ['sql-in-vm', 'hana-in-vm', 'ase-in-vm'];

/** Enough to tell every pair apart that people write; beyond it nothing is told apart. */
const mostCompared = 1000;

/** What one configuration may protect beyond itself. */
interface Reach {
  readonly model: Model;
  readonly named: ReadonlyMap<string, DistantItem[]>;
  /** The name of their datasource is not known. */
  readonly unnamed: readonly DistantItem[];
  /** A policy assignment, which may protect anything. */
  readonly assigning: string | undefined;
}

function reachOf(model: Model): Reach {
  const named = new Map<string, DistantItem[]>();
  const unnamed: DistantItem[] = [];
  for (const item of model.distant) {
    const name = item.sourceId && lastName(item.sourceId);
    if (name === undefined) unnamed.push(item);
    else append(named, name, item);
  }
  const assigning = assigningIn(model);
  return { model, named, unnamed, assigning: assigning?.resource.address };
}

class DistantItems {
  readonly #reaches: readonly Reach[];

  constructor(models: readonly Model[]) {
    this.#reaches = models
      .map(reachOf)
      .filter(({ model, assigning }) => model.distant.length > 0 || assigning !== undefined);
  }

  /** An item of another configuration that is of the solution, or may be. */
  ofSolution(model: Model, solution: string): string | undefined {
    for (const { model: other } of this.#reaches) {
      if (other === model || isSameEstate(other, model)) continue;
      const item = other.distant.find((one) => one.solution === undefined || one.solution === solution);
      if (item) return `${item.address} of ${other.configuration.name}`;
    }
    return undefined;
  }

  find(model: Model, solutions: readonly string[], id: ResourceId | undefined): string | undefined {
    const name = id && lastName(id);
    let compared = 0;
    const mayBe = ({ solution, sourceId }: DistantItem): boolean =>
      (solution === undefined || solutions.includes(solution)) &&
      (++compared > mostCompared || sameId(sourceId, id) !== false);
    for (const { model: other, named, unnamed, assigning } of this.#reaches) {
      if (other === model || isSameEstate(other, model)) continue;
      const alike = name === undefined ? other.distant : named.get(name);
      const address = (alike?.find(mayBe) ?? unnamed.find(mayBe))?.address ?? assigning;
      if (address !== undefined) return `${address} of ${other.configuration.name} may protect it`;
    }
    return undefined;
  }
}

const terraform = ['terraform', 'plan', 'state'];

/** A plan or state and the source beside it show the same things. */
function isSameEstate({ configuration: a }: Model, { configuration: b }: Model): boolean {
  if (!terraform.includes(a.language) || !terraform.includes(b.language)) return false;
  if (a.language === 'terraform' && b.language === 'terraform') return false;
  return isSpan(a.at) && isSpan(b.at) && dirname(a.at.source.file) === dirname(b.at.source.file);
}

/** Vaults of the other configurations, but for those that show the same estate. */
function vaultsBeside(models: readonly Model[], model: Model): Entity[] {
  return models.flatMap((other) =>
    other === model || isSameEstate(other, model) ? [] : other.entities.filter(({ subject }) => subject === 'vault'),
  );
}

/** A datasource that nothing here protects, where another configuration may. */
function doubted(entity: Entity, others: Others, vaults: () => readonly Entity[]): Entity {
  const own = doubtedProtection(entity, others);
  if (!memberOf(own.view, 'vaultInRegion')) return own;
  return doubtedRegion(own, vaults(), others(entity.protectedBy ?? [], entity.protectedAs ?? entity.id));
}

function doubtedProtection(entity: Entity, others: Others): Entity {
  const kind = textIn(entity, 'kind');
  if (kind === undefined) return entity;
  const members = new Map(entity.view.members);
  const { head } = entity.resource;
  const set = (name: string, because: string): void => void members.set(name, undecided(because, head));
  const because =
    textIn(entity, 'protection') === 'item'
      ? undefined
      : others(entity.protectedBy ?? [], entity.protectedAs ?? entity.id);
  if (because !== undefined) {
    if (textIn(entity, 'protection') === 'none') set('protection', because);
    if (isFalse(entity, 'protected')) set('protected', because);
    for (const name of ['activeItems', 'items']) {
      const of = memberOf(entity.view, name);
      const value = of && force(of.value);
      if (value?.kind === 'list') members.set(name, { value: listOf(value.at, value.items, true), at: of!.at });
    }
  }
  const database = kind === 'azure-vm' ? others(databases, entity.id) : undefined;
  if (database !== undefined) {
    if (isFalse(entity, 'databaseProtected')) set('databaseProtected', database);
    if (textIn(entity, 'databaseProtection') === 'none') set('databaseProtection', database);
    if (isFalse(entity, 'databaseBackupShown')) set('databaseBackupShown', database);
    if (isFalse(entity, 'automatedBackup')) set('automatedBackup', database);
    const known = valueIn(entity, 'protectedDatabases');
    // Of a machine that nothing here calls a database machine no more is said.
    if (known?.kind === 'list' && memberOf(entity.view, 'database'))
      members.set('protectedDatabases', atLeast(known.at, known.items, database));
  }
  return because === undefined && database === undefined ? entity : { ...entity, view: { ...entity.view, members } };
}

/** What nothing here uses or accompanies, an item of another configuration may. */
function withUsesElsewhere(entity: Entity, itemOf: (solution: string) => string | undefined): Entity {
  const name = { policy: 'users', 'protected-item': 'companionPolicies' }[entity.subject as string];
  const known = name === undefined ? undefined : valueIn(entity, name);
  if (name === undefined || known?.kind !== 'list' || known.items.length > 0) return entity;
  const item = itemOf(textIn(entity, 'solution') ?? '');
  if (item === undefined) return entity;
  const because = name === 'users' ? `${item} may use it` : `${item} may protect a database of the instance`;
  const members = new Map(entity.view.members);
  members.set(name, undecided(because, known.at));
  return { ...entity, view: { ...entity.view, members } };
}

/** A vault that is named by name alone may be one of another configuration, where that has one of the kind that is needed. */
function withVaultElsewhere(entity: Entity, models: readonly Model[], model: Model): Entity {
  const { otherVault, view } = entity;
  if (!otherVault) return entity;
  for (const other of models) {
    if (other === model || isSameEstate(other, model)) continue;
    const vaults = other.entities.filter(({ subject }) => subject === 'vault');
    const one =
      vaults.find(({ id }) => sameId(id, otherVault) !== false)?.resource ??
      other.held.find(({ vaultId }) => sameId(vaultId, otherVault) !== false);
    if (!one) continue;
    const members = new Map(view.members);
    const because = `${one.address} of ${other.configuration.name} may be or use the vault that is meant`;
    for (const name of ['vaultKind', 'vault']) {
      const known = members.get(name);
      if (known) members.set(name, undecided(because, known.at));
    }
    return { ...entity, view: { ...view, members } };
  }
  return entity;
}

/** In a vault where nothing here lies something of another configuration may. */
function withHeldElsewhere(vault: Entity, models: readonly Model[], model: Model): Entity {
  const known = valueIn(vault, 'holds');
  if (known?.kind !== 'list' || known.items.length > 0) return vault;
  for (const other of models) {
    if (other === model || isSameEstate(other, model)) continue;
    const one = other.held.find(({ vaultId }) => sameId(vaultId, vault.id) !== false);
    if (!one) continue;
    const members = new Map(vault.view.members);
    members.set('holds', undecided(`${one.address} of ${other.configuration.name} may lie in this vault`, known.at));
    return { ...vault, view: { ...vault.view, members } };
  }
  return vault;
}

/** A disk that no machine here uses, where another configuration may attach it to one. */
function withUsersElsewhere(disk: Entity, models: readonly Model[], model: Model): Entity {
  if (textIn(disk, 'machineBackup') !== 'not-attached') return disk;
  const name = disk.id && lastName(disk.id);
  for (const other of models) {
    if (other === model || isSameEstate(other, model)) continue;
    const one = other.attached().find(({ diskId }) => {
      const own = diskId && lastName(diskId);
      return name === undefined || own === undefined || (own === name && sameId(diskId, disk.id) !== false);
    });
    if (!one) continue;
    const { head } = disk.resource;
    const members = new Map(disk.view.members);
    const because = `${one.address} of ${other.configuration.name} may attach it to a machine`;
    members.set('machineBackup', undecided(because, head));
    members.set('users', { at: head, value: listOf(head, [], true) });
    return { ...disk, view: { ...disk.view, members } };
  }
  return disk;
}

/** A snapshot with what is now known of its disk. */
function relinked(snapshot: Entity, changed: ReadonlyMap<Obj, Obj>): Entity {
  const disk = memberOf(snapshot.view, 'disk');
  const view = disk?.value.kind === 'object' ? changed.get(disk.value) : undefined;
  if (!disk || !view) return snapshot;
  const members = new Map(snapshot.view.members);
  members.set('disk', { ...disk, value: view });
  return { ...snapshot, view: { ...snapshot.view, members } };
}

function opened(workspace: Entity): Entity {
  const of = memberOf(workspace.view, 'protections');
  const value = of && force(of.value);
  if (value?.kind !== 'list') return workspace;
  const members = new Map(workspace.view.members);
  members.set('protections', { value: listOf(value.at, value.items, true), at: of!.at });
  return { ...workspace, view: { ...workspace.view, members } };
}

function valueIn(entity: Entity, name: string): Value | undefined {
  const member = memberOf(entity.view, name);
  return member && force(member.value);
}

function textIn(entity: Entity, name: string): string | undefined {
  return textOf(valueIn(entity, name));
}

/** A policy assignment, which may protect anything. */
export function assigningIn({ entities }: Model): Entity | undefined {
  return entities.find((entity) => entity.subject === 'policy-assignment' && !isFalse(entity, 'acts'));
}

function isFalse(entity: Entity, name: string): boolean {
  const value = valueIn(entity, name);
  return value?.kind === 'bool' && !value.value;
}
