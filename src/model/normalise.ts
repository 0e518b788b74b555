/**
 * Resources in any dialect -> the canonical model: vaults, policies, protected items, datasources and what stands around them.
 * Links by id, by name with resource group, and by reference; a link that cannot be followed leaves its side unknown.
 * What needs arithmetic or a look at many resources is computed here, so that a rule stays a comparison.
 */
import type { Configuration, Live, Previous, Resource } from '../evaluate/resource.ts';
import {
  canonical,
  equal,
  force,
  type List,
  type Member,
  memberOf,
  type Obj,
  oneOf,
  reasonOf,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { lockFacts, privateEndpointFacts } from './access.ts';
import { armShaped, hiddenBehind } from './arm-shaped.ts';
import { Belonging } from './belonging.ts';
import { companionPolicies, Groups, PolicyUses, unselectedContainers } from './beside.ts';
import { changesIn, concernsBackup, mayChange, type Side } from './change.ts';
import { areTwo, asItem, Coverage, type Item, isCertain, type Source } from './coverage.ts';
import { type Family, familyOf } from './datasource.ts';
import { type Demands, toldDatabase } from './demand.ts';
import { discoveredFacts, isDiscovered, vaultOfDiscovered } from './discovered.ts';
import { DiskUses, isSnapshot, snapshotFacts } from './disk.ts';
import {
  append,
  atLeast,
  computed,
  type Fact,
  listOf,
  lowerCase,
  numberIn,
  pick,
  region,
  textOf,
  undecided,
  view,
} from './facts.ts';
import {
  assignmentFacts,
  type Container,
  containerOf,
  Grants,
  guardFacts,
  guardOf,
  isAssignment,
  isGuard,
  solutionOfContainer,
} from './governance.ts';
import {
  datasourceExists,
  diskHealth,
  itemHealth,
  type Snapshots,
  serverHealth,
  snapshotHealth,
  snapshotsOf,
} from './health.ts';
import { runsAnything } from './hiding.ts';
import {
  armTypeOf,
  groupId,
  Ids,
  idValue,
  keyOf,
  parentId,
  parseId,
  plainId,
  type ResourceId,
  rootId,
  rootName,
  sameId,
} from './id.ts';
import {
  type ItemLinks,
  type ItemNames,
  intentLinks,
  itemLinks,
  lastName,
  selectedDisks,
  serviceDefaultPolicies,
  solutionsOfVault,
} from './item.ts';
import { accountName, Keepers } from './keepers.ts';
import { type KnownModule, knownModules, withNames } from './known-modules.ts';
import { isMachine, machineFacts, type Surroundings } from './machine.ts';
import { MachineBackups, SnapshotLinks } from './machine-backup.ts';
import { automatedBackup, registeredDatabase, sqlExtension } from './machine-database.ts';
import type { Entity, Model, RemovedName } from './model.ts';
import { overlaid, overlaidLinks, withPatches } from './patch.ts';
import { permissionFacts, snapshotOwner, snapshotRoles } from './permissions.ts';
import { isPolicy, policyFacts, policySolution, retiredService } from './policy.ts';
import { accompanies } from './presence.ts';
import { providerBlocks, providerFacts, retainedOnDestroy } from './provider.ts';
import { withRegions } from './region-vault.ts';
import { Bindings } from './registration.ts';
import { Requests } from './requests.ts';
import { packed } from './row.ts';
import { Servers } from './server.ts';
import { snapshotScopes } from './snapshot-scopes.ts';
import { accountOf, archiveDays, softDeleteMargin } from './storage.ts';
import { vaultTierOf } from './tier.ts';
import {
  isSettingsChild,
  siteRecoveryVault,
  storageContainerVault,
  type VaultKind,
  vaultFacts,
  vaultTypes,
  withChildren,
  withDefaults,
} from './vault.ts';
import { keyFacts } from './vault-key.ts';
import { vaultSurroundings } from './vault-surroundings.ts';
import { workspaceOf } from './workspace.ts';

export interface ModelFacts {
  readonly removedNames: readonly RemovedName[];
  readonly modules?: readonly KnownModule[];
  /** What runs in machines, as the configuration says. */
  readonly workloads?: Demands['workloads'];
  /** It says that what is declared here is all that protects anything. */
  readonly declaredHere?: boolean;
  readonly unusedAfter?: Demands['unusedAfter'];
}

export function normalise(configuration: Configuration, facts: ModelFacts): Model {
  return new Normalisation(configuration, facts).run();
}

const idTypes: Readonly<Record<VaultKind, string>> = {
  'recovery-services': 'microsoft.recoveryservices/vaults',
  backup: 'microsoft.dataprotection/backupvaults',
};

/** Datasources whose region is their own `location`. */
const located = new Set([
  'microsoft.compute/virtualmachines',
  'microsoft.compute/disks',
  'microsoft.storage/storageaccounts',
  'microsoft.containerservice/managedclusters',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
]);

class Normalisation {
  readonly #configuration: Configuration;
  /** Those of azapi in the shape of ARM, with their patches. */
  readonly #resources: readonly Resource[];
  readonly #facts: ModelFacts;
  readonly #ids: Ids;
  readonly #around: Surroundings;
  readonly #vaults: Entity[] = [];
  readonly #policies: Entity[] = [];
  readonly #machines: Entity[] = [];
  readonly #items: Item[] = [];
  readonly #intents: Item[] = [];
  readonly #sources: Source[] = [];
  readonly #guards: Entity[] = [];
  readonly #containers: Container[] = [];
  readonly #accountNames = new Map<string, Resource[]>();
  readonly #byResource = new Map<Resource, Entity>();
  readonly #byView = new Map<Value, Resource>();
  #uses: DiskUses | undefined;
  #bound: Bindings | undefined;
  #coverage: Coverage | undefined;
  #policyUses: PolicyUses | undefined;
  #groups: Groups | undefined;
  #sourceIndex: Map<string, Source[]> | undefined;
  #keepers: Keepers | undefined;
  #grants: Grants | undefined;
  #snapshotGroups: Set<string> | undefined;
  #agents: Map<string, Container[]> | undefined;
  #snapshots: Snapshots | undefined;
  /** What a vault asks for, found once for all vaults. */
  #settings: readonly Resource[] | undefined;
  #storageContainers: readonly { readonly resource: Resource; readonly of: ResourceId }[] | undefined;
  #replicated: readonly { resource: Resource; vaultId: ResourceId | undefined }[] | undefined;
  /** By id, so that a link is found without comparing every pair. */
  readonly #byKey = new Map<string, Entity[]>();
  readonly #attachedByType = new Map<string, Map<string, Resource[]>>();
  readonly #locatedByKey = new Map<string, Resource[]>();
  #byOwnId: Map<string, Resource> | undefined;
  /** What may protect anything and is not seen. Modules that are known not to are no part of it, though they hide other things. */
  readonly #unseen: string | undefined;

  constructor(configuration: Configuration, facts: ModelFacts) {
    this.#configuration = configuration;
    this.#facts = facts;
    const known = knownModules(configuration, facts.modules ?? []);
    const written = configuration.resources.map((resource) => armShaped(withNames(resource, known)));
    this.#resources = withPatches([...written, ...known.resources]);
    this.#ids = new Ids(this.#resources, known.outputs);
    const [opaque] = configuration.opaque;
    const [hiding] = known.hiding;
    const unread = this.#resources.map(hiddenBehind).find((because) => because !== undefined);
    this.#unseen = hiding ? `${hiding.address} cannot be looked into: ${hiding.because}` : unread;
    const { live } = configuration;
    const hidden = live
      ? 'an audit does not read everything that stands around backup'
      : opaque
        ? `${opaque.address} cannot be looked into: ${opaque.because}`
        : unread;
    const byType = new Map<string, Resource[]>();
    for (const resource of this.#resources) append(byType, resource.type.toLowerCase(), resource);
    const belonging = new Belonging({
      ofType: (...types) => types.flatMap((type) => byType.get(type) ?? []),
      at: (address) => this.#ids.at(address),
      find: this.#ids.find,
      idOf: (resource) => this.#idOf(resource),
    });
    for (const resource of this.#resources) {
      if (resource.existing || armTypeOf(resource) !== 'microsoft.storage/storageaccounts') continue;
      const name = textOf(force(resource.name))?.toLowerCase();
      if (name !== undefined) append(this.#accountNames, name, resource);
    }
    this.#around = {
      resources: this.#resources,
      ofType: (...types) => types.flatMap((type) => byType.get(type) ?? []),
      attachedTo: (machine, ...types) =>
        types.flatMap((type) => {
          const attached = this.#attached(type, byType.get(type) ?? []);
          return [...(attached.get(machine.address) ?? []), ...(attached.get('') ?? [])];
        }),
      at: (address) => this.#ids.at(address),
      find: this.#ids.find,
      idOf: (resource) => this.#idOf(resource),
      withId: (id) => this.#withId(id),
      belonging: (owner, type, link) => belonging.of(owner, type, link),
      accountNamed: (name) => {
        const found = this.#accountNames.get(name) ?? [];
        return found.length === 1 ? found[0] : undefined;
      },
      diskUsers: (disk) => this.#diskUses().of(disk),
      hidden,
      unread: (what, owner) =>
        !live ? hidden : what === 'private-endpoints' ? unreadEndpoints(live) : this.#unreadOf(what, this.#idOf(owner)),
    };
  }

  #gather(): Coverage {
    // Vaults first: what lies in them asks which kind they are.
    for (const resource of this.#resources) this.#collectVault(resource);
    for (const resource of this.#resources) this.#collect(resource);
    this.#patchItems();
    this.#stopItems();
    const coverage = new Coverage(this.#items, this.#intents, {
      around: this.#around,
      machinesOf: (id) => this.#machinesOf(id),
      vaultsOf: (id) => this.#linked('vault', id),
      unseen: this.#unseen,
      declaredHere: this.#facts.declaredHere ?? false,
      live: this.#configuration.live,
    });
    this.#coverage = coverage;
    return coverage;
  }

  run(): Model {
    const resources = this.#resources;
    const entities: Entity[] = [];
    const coverage = this.#gather();
    const items = this.#items.map((item) => this.#itemEntity(item));
    const intents = this.#intents.map((intent) => this.#itemEntity(intent));
    entities.push(
      ...this.#vaults.map((vault) => this.#withGuard(this.#withCounts(vault, items))),
      ...this.#policies.map((policy) => this.#withUses(policy)),
      ...items,
    );
    entities.push(...intents);
    const servers = this.#serversAmong(this.#machines);
    const machines = this.#machines.map((machine) => withFacts(coverage.machine(machine), servers?.agentOf(machine)));
    const disks = new MachineBackups(machines, this.#around);
    const sources = this.#sources.map((source) => this.#withSurroundings(source, disks.of(coverage.source(source))));
    entities.push(
      ...withRegions([...machines, ...sources], this.#vaults, this.#vaultsElsewhere(), this.#configuration.live),
    );
    const snapshots = new SnapshotLinks(sources, this.#around);
    entities.push(...this.#guards.map((guard) => this.#withGuarded(guard)));
    for (const container of this.#containers) entities.push(this.#containerEntity(container, servers));
    for (const resource of resources) {
      const lock = lockFacts(resource, this.#around, this.#policies, items);
      if (lock) entities.push({ subject: 'lock', resource, view: lock });
      const endpoint = privateEndpointFacts(resource, this.#around);
      if (endpoint) entities.push({ subject: 'private-endpoint', resource, view: endpoint });
      if (isSnapshot(resource))
        entities.push({
          ...this.#entity('snapshot', resource, {
            ...snapshotFacts(resource, this.#around),
            ...snapshots.of(resource),
            ...this.#snapshotHealth(resource),
          }),
          protects: snapshots.diskOf(resource)?.resource,
        });
      if (isAssignment(resource))
        entities.push(this.#entity('policy-assignment', resource, assignmentFacts(resource, this.#around)));
      const provider = providerFacts(
        resource,
        this.#facts.removedNames,
        isPolicy(resource) ? this.#byResource.get(resource)?.view : undefined,
      );
      if (provider) entities.push({ subject: 'provider-config', resource, view: provider });
    }
    entities.push(...this.#discovered());
    entities.push(workspaceOf(this.#configuration, resources, this.#machines, coverage.hidden));
    entities.push(...providerBlocks(this.#configuration, resources));
    const { previous, providers = [], actions = [] } = this.#configuration;
    if (previous && (actions.length > 0 || mayChange(previous)))
      entities.push(
        ...changesIn(previous, this.#before(previous), this.#side(items), (item) => retainedOnDestroy(item, providers)),
      );
    const { name, language, at } = this.#configuration;
    return {
      configuration: { name, language, at },
      entities: entities.filter((entity) => !entity.resource.existing),
      unseen: this.#unseen,
      distant: [
        ...[...this.#items, ...this.#intents]
          .filter(({ links }) => isOfMachines(links) || !this.#isDeclared(links))
          .map(({ resource: { address }, links }) => ({
            address,
            solution: textOf(links.solution.value),
            sourceId: isOfMachines(links) ? undefined : links.sourceId,
          })),
        // SQL Server that may back itself up, in a machine of another configuration.
        ...this.#sources
          .filter(({ owner, entity }) => !owner && entity.view.members.has('automatedBackup'))
          .map(({ entity, ownerId }) => ({
            address: entity.resource.address,
            solution: 'sql-in-vm',
            sourceId: ownerId,
          })),
      ],
      held: [...this.#items, ...this.#intents]
        .map(({ resource, links: { vaultId } }) => ({ address: resource.address, vaultId }))
        .concat(this.#containers.map(({ resource: { address }, vaultId }) => ({ address, vaultId })))
        .filter(({ vaultId }) => !this.#linked('vault', vaultId).some((vault) => !vault.resource.existing)),
      attached: this.#attachments(),
    };
  }

  /** Databases that an audit read of. */
  #discovered(): Entity[] {
    const { live } = this.#configuration;
    if (!live) return [];
    const items = new Set(this.#items.map(({ resource }) => resource.address.toLowerCase()));
    return this.#resources.filter(isDiscovered).map((resource) => {
      const vault = vaultOfDiscovered(resource);
      const unread = live.unread('items', vault) ?? live.unread('intents', vault);
      return this.#entity('datasource', resource, discoveredFacts(resource, { items, intents: this.#intents, unread }));
    });
  }

  #snapshotHealth(snapshot: Resource): Record<string, Fact | Value | undefined> {
    const { live } = this.#configuration;
    if (!live) return {};
    // Groups that items keep snapshots in.
    this.#snapshotGroups ??= new Set(
      this.#items.flatMap(({ links: { scope } }) => (scope.snapshotGroup && plainId(scope.snapshotGroup)) ?? []),
    );
    const group = plainId(groupId(snapshot.scope.subscription, snapshot.scope.resourceGroup));
    return snapshotHealth(
      snapshot,
      this.#snapshotSource(snapshot),
      group !== undefined && this.#snapshotGroups.has(group),
      (id) => this.#withId(id) !== undefined,
      live,
      this.#facts.unusedAfter,
    );
  }

  /** Of one that exists. */
  #snapshotSource({ body }: Resource): ResourceId | undefined {
    const source = pick(body, 'properties.creationData.sourceResourceId', true);
    return source && parseId(source.value, this.#around.find);
  }

  /** Of templates, of which there may be thousands, they are read at once, so that nothing holds the rest of them. */
  #attachments(): Model['attached'] {
    if (!/^(?:arm|bicep)$/.test(this.#configuration.language)) return () => this.#diskUses().distant();
    const attached = this.#resources.some(isMachine) ? this.#diskUses().distant() : [];
    return () => attached;
  }

  #diskUses(): DiskUses {
    this.#uses ??= new DiskUses(this.#around, this.#resources.filter(isMachine));
    return this.#uses;
  }

  /** What was, normalised like what will be, as far as a change of it can matter. */
  #before(previous: Previous): Side {
    const resources = previous.resources((type, address) => concernsBackup(type) || previous.steps.has(address));
    const { name, language, at } = this.#configuration;
    const { actions } = previous;
    const before = new Normalisation({ name, language, at, resources, actions, opaque: [], modules: [] }, this.#facts);
    before.#gather();
    return before.#side();
  }

  /** `made`: entities of the items, where they are made already. */
  #side(made: readonly Entity[] = []): Side {
    const entities = new Map(this.#items.map((item, i) => [item, made[i]]));
    return {
      vaults: this.#vaults.map((vault) => this.#withGuard(vault)),
      policies: this.#policies,
      machines: this.#machines,
      guards: this.#guards,
      items: this.#items,
      itemEntity: (item) => {
        const entity = entities.get(item) ?? this.#itemEntity(item);
        entities.set(item, entity);
        return entity;
      },
      sources: this.#sources,
      containers: this.#containers,
      around: this.#around,
    };
  }

  /** Whether the datasource of an item is declared here. */
  #isDeclared({ source, sourceId }: ItemLinks): boolean {
    const value = source && force(source.value);
    const named = value?.kind === 'symbol' && value.of?.path === 'id' ? this.#ids.at(value.of.address) : undefined;
    const found = named ?? (sourceId && this.#withId(sourceId));
    return found !== undefined && !found.existing && !found.isPatch;
  }

  /** Of an audit: why things of a kind may be missing in or around what has the id. */
  #unreadOf(what: string, id: ResourceId | undefined): string | undefined {
    return this.#configuration.live?.unread(what, (id && plainId(id)) ?? '');
  }

  #idOf(resource: Resource): ResourceId | undefined {
    return this.#ids.of(resource);
  }

  #collectVault(resource: Resource): void {
    const kind = vaultTypes[resource.type] ?? vaultTypes[resource.type.toLowerCase()];
    if (kind) this.#vaults.push(this.#indexed(this.#vault(resource, kind)));
  }

  #collect(resource: Resource): void {
    if (!resource.existing && located.has(armTypeOf(resource) ?? '')) this.#locate(resource);
    if (isPolicy(resource)) this.#policies.push(this.#indexed(this.#policy(resource)));
    else if (isMachine(resource)) this.#machines.push(this.#indexed(this.#machine(resource)));
    else if (isGuard(resource))
      this.#guards.push(this.#indexed(this.#entity('resource-guard', resource, guardFacts(resource))));
    else {
      const family = familyOf(resource);
      if (family) this.#sources.push(this.#source(resource, family));
      const container = containerOf(resource, this.#around);
      if (container) this.#containers.push(container);
      const links = itemLinks(resource, this.#around);
      if (links) this.#items.push(asItem(resource, links));
      const intent = intentLinks(resource, this.#around);
      if (intent) this.#intents.push(asItem(resource, intent));
    }
  }

  #source(resource: Resource, family: Family): Source {
    let facts = family.facts(resource, this.#around);
    for (const { by, certain } of azurermPatches(resource))
      facts = overlaid(facts, family.facts(by, this.#around), by.head, certain);
    const entity = this.#indexed(
      this.#entity('datasource', resource, {
        kind: computed(family.kind, resource.head),
        ...facts,
        ...(family.kind === 'azure-disk' && this.#diskHealth(resource)),
      }),
    );
    return { entity, family, ...this.#ownerOf(resource, family, entity) };
  }

  #diskHealth(disk: Resource): Record<string, Fact | Value | undefined> {
    const { live } = this.#configuration;
    if (!live) return {};
    this.#snapshots ??= snapshotsOf(
      this.#resources.filter(isSnapshot),
      (snapshot) => this.#snapshotSource(snapshot),
      (id) => this.#withId(id) !== undefined,
    );
    return diskHealth(disk, this.#idOf(disk), this.#snapshots, live, this.#facts.unusedAfter);
  }

  /** What an item of the datasource names as its source. */
  #ownerOf(resource: Resource, family: Family, { id }: Entity): Pick<Source, 'owner' | 'ownerId'> {
    const referred = (fact: Fact | undefined): Pick<Source, 'owner' | 'ownerId'> => {
      const value = fact && force(fact.value);
      const named = value?.kind === 'symbol' && value.of?.path === 'id' ? this.#around.at(value.of.address) : undefined;
      const owner = named && !named.existing ? named : undefined;
      return { owner, ownerId: owner ? this.#idOf(owner) : fact && parseId(fact.value, this.#around.find) };
    };
    const arm = resource.type.includes('/');
    if (family.kind === 'azure-files') {
      const owner = accountOf(resource, this.#around);
      const written = arm ? undefined : referred(pick(resource.body, 'storage_account_id', false)).ownerId;
      return { owner, ownerId: owner ? this.#idOf(owner) : arm ? id && rootId(id) : written };
    }
    if (family.kind === 'elastic-san')
      return arm || !id
        ? { owner: undefined, ownerId: id && parentId(id) }
        : referred(pick(resource.body, 'volume_group_id', false));
    if (family.kind === 'sql-in-vm')
      return referred(pick(resource.body, arm ? 'properties.virtualMachineResourceId' : 'virtual_machine_id', arm));
    return { owner: resource, ownerId: id };
  }

  #withId(id: ResourceId): Resource | undefined {
    if (!this.#byOwnId) {
      this.#byOwnId = new Map();
      for (const resource of this.#resources) {
        const own = resource.existing ? undefined : this.#idOf(resource);
        const key = own && keyOf(own);
        if (key !== undefined && !this.#byOwnId.has(key)) this.#byOwnId.set(key, resource);
      }
    }
    const key = keyOf(id);
    return key === undefined ? undefined : this.#byOwnId.get(key);
  }

  /** Resources of one type by the declared machine that they refer to; under `` those of which that is not clear. */
  #attached(type: string, resources: readonly Resource[]): Map<string, Resource[]> {
    let index = this.#attachedByType.get(type);
    if (index) return index;
    index = new Map();
    for (const resource of resources) {
      const reference = pick(resource.body, 'virtual_machine_id', false);
      const value = reference && force(reference.value);
      const address = value?.kind === 'symbol' && value.of?.path === 'id' ? value.of.address : '';
      const id = value?.kind === 'string' ? parseId(value, this.#ids.find) : undefined;
      const machine = id ? this.#withId(id) : this.#ids.at(address);
      append(index, machine?.existing === false ? machine.address : '', resource);
    }
    this.#attachedByType.set(type, index);
    return index;
  }

  /** An item of azurerm has no id in code; a patch of it is told by vault, group and machine. */
  #patchItems(): void {
    const patches = this.#items.filter(({ resource }) => resource.isPatch);
    const parts = new Set<Item>();
    for (const patch of patches) {
      const by = patch.resource.patches?.[0]?.by;
      const written = by && itemLinks(by, this.#around);
      if (!written) continue;
      for (const [i, item] of this.#items.entries()) {
        if (item.resource.type.includes('/') || item.resource.existing) continue;
        const { vaultId, sourceId } = item.links;
        const source = written.sourceId && sourceId && { ...written.sourceId, subscription: sourceId.subscription };
        const same = [sameId(written.vaultId, vaultId), sameId(source, sourceId)];
        if (same.includes(false)) continue;
        const certain = !same.includes(undefined) && accompanies(by, item.resource);
        this.#items[i] = { ...item, links: overlaidLinks(item.links, written, by, certain) };
        if (certain) parts.add(patch);
      }
    }
    for (const part of parts) this.#items.splice(this.#items.indexOf(part), 1);
  }

  /** An action may stop what its declaration protects. */
  #stopItems(): void {
    const { actions = [], resources } = this.#configuration;
    const requests = new Requests(actions, resources, this.#around);
    if (!requests.any) return;
    for (const [i, item] of this.#items.entries()) {
      const state = requests.stateOf(item.resource, item.links);
      if (state) this.#items[i] = { ...item, links: { ...item.links, state } };
    }
  }

  #indexed(entity: Entity): Entity {
    this.#byResource.set(entity.resource, entity);
    this.#byView.set(entity.view, entity.resource);
    const key = entity.id && keyOf(entity.id);
    if (key !== undefined) append(this.#byKey, key, entity);
    return entity;
  }

  #locate(resource: Resource): void {
    const id = this.#idOf(resource);
    const key = id && keyOf(id);
    if (key !== undefined) append(this.#locatedByKey, key, resource);
  }

  /** What carries the id; what is declared here hides references to it. */
  #linked(subject: Entity['subject'], id: ResourceId | undefined): Entity[] {
    const key = id && keyOf(id);
    const found = (key === undefined ? [] : (this.#byKey.get(key) ?? [])).filter((one) => one.subject === subject);
    const declared = found.filter((one) => !one.resource.existing);
    return declared.length > 0 ? declared : found;
  }

  /**
   * The view behind a link: one of several where several carry the id, and perhaps something else altogether where
   * what is declared here may not exist.
   */
  #behind(found: readonly Entity[], from: Resource, link: Fact | undefined, elsewhere: Value): Value {
    if (found.length === 0) return elsewhere;
    const views = found.map((one) => one.view);
    const certain = isReference(link) || found.some((one) => accompanies(one.resource, from));
    if (certain && views.length === 1) return views[0]!;
    return oneOf(certain ? views : [...views, elsewhere], elsewhere.at);
  }

  #entity(subject: Entity['subject'], resource: Resource, facts: Record<string, Fact | Value | undefined>): Entity {
    const language = languageOf(resource, resource.head);
    // Of what exists elsewhere only what the code says is known.
    const shown = resource.existing ? identityOnly(subject, facts) : facts;
    return {
      subject,
      resource,
      view: view(resource.head, { ...shown, language }, resource.existing ? declaredElsewhere[subject] : undefined),
      id: this.#idOf(resource),
    };
  }

  #vault(resource: Resource, kind: VaultKind): Entity {
    const id = this.#idOf(resource);
    this.#settings ??= this.#resources.filter((child) => !child.existing && isSettingsChild(child.type.toLowerCase()));
    const children = this.#settings.filter((child) => {
      const own = this.#idOf(child);
      const parent = own && parentId(own);
      return sameId(parent, id) === true;
    });
    const certain = (child: Resource): boolean => accompanies(child, resource);
    let own = vaultFacts(resource, kind);
    for (const { by, certain } of azurermPatches(resource))
      own = overlaid(own, { ...vaultFacts(by, kind), name: undefined }, by.head, certain);
    if (resource.patches?.some(({ by }) => setsKey(by))) own = { ...own, encryption: setAfterwards(own['encryption']) };
    const facts = withDefaults(withChildren(own, children, certain, resource.head), resource, kind);
    return this.#entity('vault', resource, {
      kind: computed(kind, resource.head),
      ...facts,
      ...keyFacts(resource, kind, facts, this.#around),
    });
  }

  #policy(resource: Resource): Entity {
    const id = this.#idOf(resource);
    const vaultId = id && parentId(id);
    const arm = resource.type.includes('/');
    const kind: VaultKind = /dataprotection|data_protection/i.test(resource.type) ? 'backup' : 'recovery-services';
    const vaultName: Fact | undefined = arm
      ? rootName(resource, id)
      : ['recovery_vault_name', 'vault_id', 'vault_name', 'data_protection_backup_vault_id']
          .map((name) => pick(resource.body, name, false))
          .find((fact) => fact !== undefined);
    const at = vaultName?.at ?? resource.head;
    // azurerm takes any id where it asks for the vault's.
    const named = !arm && vaultName ? vaultKindOf(parseId(vaultName.value, this.#around.find)) : undefined;
    let facts = policyFacts(resource);
    for (const patch of resource.patches ?? []) {
      const solution = policySolution(resource);
      facts = overlaid(
        facts,
        { ...policyFacts(patch.by, solution), solution: undefined },
        patch.by.head,
        patch.certain,
      );
    }
    const full = facts['snapshotFull'];
    const details = full && ('kind' in full ? full : full.value);
    const identity = details?.kind === 'object' ? pick(details, 'snapshot.identity', false) : undefined;
    const wrong = named ? undefined : this.#vaultOfOtherKind(vaultId, kind);
    const entity = this.#entity('policy', resource, {
      ...facts,
      snapshotRoles: identity && snapshotRoles(resource, identity, { around: this.#around, grants: this.#allGrants() }),
      vaultName,
      vaultKind: { value: text(named ?? (wrong ? otherKind(kind) : kind), at), at },
    });
    return {
      ...ofItsKind(entity, facts['solution'] as Fact),
      otherVault: wrong && otherVault(resource, vaultId, kind, wrong),
    };
  }

  /** Names are all that many references hold: a vault of the other kind may carry the name that is meant. */
  #vaultOfOtherKind(id: ResourceId | undefined, kind: VaultKind): Entity | undefined {
    if (!id || this.#around.hidden !== undefined) return undefined;
    if (this.#vaultsOf(kind).some((vault) => sameId(vault.id, { ...id, type: idTypes[kind] }) !== false))
      return undefined;
    const [other] = this.#linked('vault', { ...id, type: idTypes[otherKind(kind)] });
    return other;
  }

  #vaultsOf(kind: VaultKind): Entity[] {
    return this.#vaults.filter((vault) => textOf(vault.view.members.get('kind')?.value) === kind);
  }

  #machine(resource: Resource): Entity {
    const facts = machineFacts(resource, this.#around);
    const database = this.#databaseOn(resource, facts);
    return this.#entity('datasource', resource, {
      kind: computed('azure-vm', resource.head),
      ...facts,
      database,
      automatedBackup: database && automatedBackup(resource, this.#around),
      sqlExtension: sqlExtension(resource, this.#around),
    });
  }

  /** As the templates tell, else as the configuration does. */
  #databaseOn(resource: Resource, facts: Readonly<Record<string, Fact | Value | undefined>>): Fact | undefined {
    const written = asFact(facts['database']);
    if (written && textOf(written.value) !== undefined) return written;
    const registered = registeredDatabase(resource, this.#around);
    const { workloads = [] } = this.#facts;
    if (registered || workloads.length === 0) return registered ?? written;
    const { name, location } = facts;
    const machine = this.#entity('datasource', resource, { kind: computed('azure-vm', resource.head), name, location });
    return toldDatabase(workloads, machine) ?? written;
  }

  /** Machines behind an id: what else lies in the model under it is no machine. */
  #machinesOf(id: ResourceId | undefined): Entity[] {
    return this.#linked('datasource', id).filter((one) => isMachine(one.resource));
  }

  // Protected items

  #itemEntity(item: Item): Entity {
    const { resource, links } = item;
    const { head } = resource;
    const policyId = links.policy && parseId(links.policy.value, this.#around.find);
    const kind = vaultKindOf(links.vaultId) ?? links.vaultKind;
    // An id that is written says which kind is meant.
    const written = vaultKindOf(parseId(links.vaultAt.value, this.#around.find));
    const wrong = written ? undefined : this.#vaultOfOtherKind(links.vaultId, kind);
    const vaults = wrong ? [wrong] : this.#linked('vault', links.vaultId);
    const elsewhere = links.source?.at ?? head;
    const machine = this.#behind(
      this.#machinesOf(links.sourceId),
      resource,
      links.source,
      unknown('the machine is declared elsewhere', elsewhere),
    );
    const policy = this.#linkPolicy(policyId, links.policy, resource);
    const scope = this.#scopeFacts(item, vaults);
    const solution = textOf(links.solution.value);
    const account = solution === 'azure-blob' ? asFact(scope['datasource']) : undefined;
    const lake = solution === 'adls' ? asFact(scope['datasource']) : account;
    const vault = this.#behind(
      vaults,
      resource,
      links.vaultAt,
      elsewhereVault(links.vaultId, resource, links.vaultAt.at),
    );
    const datasource = asFact(scope['datasource'])?.value ?? machine;
    const entity = this.#entity('protected-item', resource, {
      solution: links.solution,
      vaultKind: { value: text(wrong ? otherKind(kind) : kind, links.vaultAt.value.at), at: links.vaultAt.at },
      vaultName: links.vaultAt,
      vaultId: links.vaultId
        ? { value: idValue(links.vaultId, links.vaultAt.value.at), at: links.vaultAt.at }
        : undecided('the vault is not known', links.vaultAt.at),
      vault,
      source: links.source,
      sourceType: sourceType(links),
      sourceLocation: links.source && this.#sourceLocation(item, links.source),
      statedLocation: links.statedLocation,
      machine,
      policyReference: links.policy,
      policyVaultId: policyId
        ? this.#policyVault(policyId, links.policy!)
        : links.policy && undecided('the policy is not known', links.policy.at),
      policyVaultName: policyId && vaultName(policyId, links.policy!),
      policy,
      state: links.state,
      included: links.included,
      excluded: links.excluded,
      luns: links.luns,
      selectedDisks: this.#selectedDisks(machine, links),
      earlierItems: this.#earlierItems(item),
      earlierVaults: registering.has(textOf(links.solution.value) ?? '')
        ? this.#bindings().earlierVaults(resource)
        : undefined,
      apiVersion: links.apiVersion,
      vaultTier: vaultTierOf(textOf(links.solution.value), policy, head),
      ...scope,
      softDeleteMargin: account && softDeleteMargin(account.value, policy),
      archiveDays: lake && archiveDays(lake.value, asFact(scope['containers'])),
      ...this.#health(item, policy),
    });
    return {
      ...ofItsKind(entity, links.solution),
      id: entity.id ?? instanceId(resource, links.vaultId),
      sourceId: links.sourceId,
      protects: this.#byView.get(datasource),
      heldBy: this.#byView.get(vault),
      otherVault: wrong && otherVault(resource, links.vaultId, kind, wrong),
    };
  }

  /** What an audit tells of how an item does. */
  #health(item: Item, policy: Value): Record<string, Fact | Value | undefined> {
    const { live } = this.#configuration;
    if (!live) return {};
    const { resource, links } = item;
    const account = this.#sourcesOf(links.sourceId).find(({ family }) => family.kind === 'storage-account');
    const exists = datasourceExists(
      item,
      (id) => this.#withId(id) !== undefined,
      account && memberOf(account.entity.view, 'shares')?.value,
      live,
    );
    return {
      // Auto-protection makes items, which have backups; it has none.
      ...(links.scope.reach === undefined && itemHealth(resource, links, policy, live)),
      datasourceExists: exists,
      // Only where that is certain: what else is said of an item does not wait for it.
      datasourceGone: exists?.value.kind === 'bool' && !exists.value.value ? computed(true, exists.at) : undefined,
    };
  }

  /** What only items of some solutions have; the datasource is what is declared here, or unknown. */
  #scopeFacts(item: Item, vaults: readonly Entity[]): Record<string, Fact | Value | undefined> {
    const { resource, links } = item;
    const { scope, sourceId, source } = links;
    const { head } = resource;
    const at = scope.snapshotAt?.at ?? head;
    const snapshots = scope.snapshotGroup;
    const group = sourceId && groupId(sourceId.subscription, sourceId.resourceGroup);
    const datasource = source && this.#datasourceBehind(links, resource, source);
    return {
      reach: scope.reach,
      share: scope.share,
      containers: scope.containers,
      autoProtection: scope.autoProtection,
      volumes: scope.volumes,
      cluster: scope.cluster,
      database: scope.database,
      service: scope.service,
      retired: retiredService(resource, scope.service),
      credential: scope.credential,
      names: scope.names && { at: scope.names.at, value: namesView(scope.names) },
      sourceNames: sourceNames(links),
      snapshotGroup: snapshots
        ? { value: idValue(snapshots, at), at }
        : scope.snapshotAt && undecided('the snapshot group is not known', at),
      snapshotGroupName: snapshots?.resourceGroup
        ? { value: lowerCase(snapshots.resourceGroup), at }
        : scope.snapshotAt && undecided('the snapshot group is not known', at),
      snapshotSubscription: snapshots?.subscription
        ? { value: lowerCase(snapshots.subscription), at }
        : scope.snapshotAt && undecided('the snapshot group is not known', at),
      sourceGroup: source && {
        value: group ? idValue(group, source.value.at) : unread(source, 'the datasource is not known'),
        at: source.at,
      },
      sourceSubscription: source && {
        value: sourceId?.subscription
          ? lowerCase(sourceId.subscription)
          : unread(source, 'the subscription of the datasource is not written'),
        at: source.at,
      },
      vaultSubscription: {
        value: links.vaultId?.subscription
          ? lowerCase(links.vaultId.subscription)
          : unread(links.vaultAt, 'the subscription of the vault is not known'),
        at: links.vaultAt.at,
      },
      datasource,
      instanceSnapshot: scope.instanceSnapshot,
      unselectedContainers: unselectedContainers(datasource, scope.containers),
      companionPolicies: companionPolicies(item, this.#items, this.#coverage?.hidden, this.#policyOf),
      otherGroupPolicies: scope.ofGroup ? this.#otherGroupPolicies(item) : undefined,
      account: source && this.#accountOfShare(links, resource, source),
      ...permissionFacts(item, vaults, datasource && force(datasource.value), {
        around: this.#around,
        grants: this.#allGrants(),
        containers: this.#containers,
      }),
    };
  }

  readonly #policyOf = ({ resource, links }: Item): Value =>
    this.#linkPolicy(links.policy && parseId(links.policy.value, this.#around.find), links.policy, resource);

  /** By the name of the container that stands for an availability group. */
  #otherGroupPolicies(item: Item): Fact | undefined {
    this.#groups ??= new Groups(this.#items, ({ resource }) => this.#idOf(resource)?.names.at(-2));
    return this.#groups.otherPolicies(item, this.#policyOf);
  }

  /** The items and intents that use a policy; where nothing of its solution is protected here, that may be done elsewhere. */
  #withUses(policy: Entity): Entity {
    const uses = [...this.#items, ...this.#intents];
    this.#policyUses ??= new PolicyUses(
      uses.map((item) => ({
        item,
        policyId: item.links.policy && parseId(item.links.policy.value, this.#around.find),
      })),
    );
    const solution = textOf(memberOf(policy.view, 'solution')?.value);
    const protectedHere = solution !== undefined && this.#coverage!.protectsHere(solution);
    const hidden = this.#configuration.live
      ? this.#unreadUsersOf(policy)
      : (this.#coverage!.hidden ??
        (protectedHere ? undefined : 'nothing of that kind is protected here, so its items may be declared elsewhere'));
    const members = new Map(policy.view.members);
    const users = this.#policyUses.of(policy.id, policy.resource, hidden);
    members.set('users', users);
    if (members.has('snapshotRoles')) members.set('snapshotScopes', this.#snapshotScopes(policy));
    return { ...policy, view: { ...policy.view, members } };
  }

  #snapshotScopes({ id, resource, view: facts }: Entity): Fact {
    const around = this.#around;
    const identity = pick(facts, 'snapshotFull.snapshot.identity', false);
    const solution = textOf(pick(facts, 'solution', false)?.value);
    return snapshotScopes(
      { resource, solution, at: identity?.at ?? resource.head },
      snapshotOwner(identity, around),
      this.#policyUses!.itemsOf(id),
      { around, grants: this.#allGrants() },
    );
  }

  /** Of a live policy: why items that use it may not be seen. */
  #unreadUsersOf({ id, resource }: Entity): string | undefined {
    const vault = id && parentId(id);
    for (const what of ['items', 'intents', 'on-premises']) {
      const because = this.#unreadOf(what, vault);
      if (because !== undefined) return because;
    }
    const count = numberIn(pick(resource.body, 'properties.protectedItemsCount', true)?.value);
    return count !== undefined && count > 0 ? 'Azure counts items that use it' : undefined;
  }

  #allGrants(): Grants {
    const { live } = this.#configuration;
    this.#grants ??= new Grants(
      this.#around,
      live &&
        ((principal, subscription) => live.unread('access', `/subscriptions/${subscription}/identities/${principal}`)),
    );
    return this.#grants;
  }

  /** The datasource that is no machine: an account's share or a group's volume by name, anything else by its id. */
  #datasourceBehind(links: ItemLinks, from: Resource, source: Fact): Fact | undefined {
    const solution = textOf(links.solution.value);
    const at = source.at;
    const elsewhere = unknown('the datasource is declared elsewhere', at);
    const candidates = this.#sources.length === 0 ? [] : this.#sourcesOf(links.sourceId);
    const fitting = candidates.filter(({ family }) => solution !== undefined && family.solutions.includes(solution));
    const { share, volumes } = links.scope;
    const part = share
      ? [share.value]
      : volumes?.value.kind === 'list' && !volumes.value.open
        ? volumes.value.items
        : undefined;
    const found = fitting.filter(({ family, entity }) => {
      if (family.kind !== 'azure-files' && family.kind !== 'elastic-san') return true;
      const name = memberOf(entity.view, 'name')?.value;
      return part?.length === 1 && name !== undefined && equal(part[0]!, name, true) === true;
    });
    if (solution === undefined || isMachineSolution(solution)) return undefined;
    const entities = found.map(({ entity }) => entity);
    return { at, value: this.#behind(entities, from, links.source, elsewhere) };
  }

  /** The storage account of a file share, which is what its item names as the source. */
  #accountOfShare(links: ItemLinks, from: Resource, source: Fact): Fact | undefined {
    if (textOf(links.solution.value) !== 'azure-files') return undefined;
    const accounts = this.#sourcesOf(links.sourceId).filter(({ family }) => family.kind === 'storage-account');
    const elsewhere = unknown('the account is declared elsewhere', source.at);
    const entities = accounts.map(({ entity }) => entity);
    return { at: source.at, value: this.#behind(entities, from, source, elsewhere) };
  }

  /** The one storage account that a value names: by reference, or by a name that nothing else in Azure has. */
  #accountNamed(written: Fact | undefined, from: Resource): Fact | undefined {
    if (!written) return undefined;
    const elsewhere = undecided('the storage account is declared elsewhere', written.at);
    const name = accountName(force(written.value));
    const found = this.#sources.filter(({ entity: { resource }, family }) => {
      if (family.kind !== 'storage-account') return false;
      if (name?.kind === 'symbol' && name.of && this.#around.at(name.of.address) === resource) return true;
      return name !== undefined && equal(name, force(resource.name), true) === true;
    });
    const [only] = found;
    if (!only || found.length > 1 || !accompanies(only.entity.resource, from)) return elsewhere;
    return { at: written.at, value: only.entity.view };
  }

  #sourcesOf(ownerId: ResourceId | undefined): readonly Source[] {
    const key = ownerId && keyOf(ownerId);
    if (key === undefined) return [];
    if (!this.#sourceIndex) {
      this.#sourceIndex = new Map();
      for (const source of this.#sources) {
        const own = source.ownerId && keyOf(source.ownerId);
        if (own !== undefined && !source.entity.resource.existing) append(this.#sourceIndex, own, source);
      }
    }
    return this.#sourceIndex.get(key) ?? [];
  }

  #selectedDisks(machine: Value, links: ItemLinks): Fact | undefined {
    if (machine.kind !== 'object') return undecided(reasonOf(machine) ?? 'the machine is not known', machine.at);
    const disks = memberOf(machine, 'disks');
    if (!disks)
      return machine.open ? undecided('the disks of the machine are declared elsewhere', machine.at) : undefined;
    const selected = selectedDisks(disks.value, links);
    return selected && { value: selected, at: disks.at };
  }

  #sourceLocation({ resource, links }: Item, source: Fact): Fact {
    const key = links.sourceId && keyOf(links.sourceId);
    const found = (key !== undefined && this.#locatedByKey.get(key)) || [];
    const facts = found.map((one) => region(pick(one.body, 'location', one.type.includes('/'))));
    const elsewhere = undecided('the datasource is declared elsewhere', source.at);
    if (facts.length === 0) return links.statedLocation ?? elsewhere;
    const certain = isReference(source) || found.some((one) => accompanies(one, resource));
    const values = facts.map((fact) => fact?.value ?? elsewhere.value);
    if (facts.length === 1 && certain) return facts[0] ?? elsewhere;
    return { value: oneOf(certain ? values : [...values, elsewhere.value], source.at), at: source.at };
  }

  /** Active items before this one for the same datasource, where that has no entity of its own to say so. */
  #earlierItems(item: Item): Fact | undefined {
    const { resource, links } = item;
    const { head } = resource;
    const solution = textOf(links.solution.value);
    if (!links.source || solution === undefined || !comparedBySource.has(solution) || !isCertain(item))
      return undefined;
    if (this.#machinesOf(links.sourceId).some((machine) => !machine.resource.existing)) return undefined;
    const earlier: Value[] = [];
    let open: boolean | string = false;
    let compared = 0;
    for (const other of this.#items) {
      if (other === item) break;
      if (areOtherNames(item.sourceName, other.sourceName)) continue;
      if (textOf(other.links.solution.value) !== solution || !other.links.source) continue;
      // Enough to find every pair of a configuration written by people.
      const same = ++compared > 500 ? undefined : this.#isSameSource(item, other);
      if (same === true && isCertain(other) && areTwo(item, other, this.#around))
        earlier.push(text(other.resource.address, other.resource.head));
      else if (same !== false) open ||= `${other.resource.address} may protect the same`;
    }
    return { value: listOf(head, earlier, open), at: head };
  }

  #isSameSource(a: Item, b: Item): boolean | undefined {
    const same = sameId(a.links.sourceId, b.links.sourceId);
    if (same !== undefined) return same;
    const text = canonical(force(a.links.source!.value), true);
    return text !== undefined && text === canonical(force(b.links.source!.value), true) ? true : undefined;
  }

  #policyVault(policyId: ResourceId, written: Fact): Fact {
    const vault = parentId(policyId);
    return vault
      ? { value: idValue(vault, written.value.at), at: written.at }
      : undecided('the id is no policy id', written.at);
  }

  #linkPolicy(id: ResourceId | undefined, written: Fact | undefined, item: Resource): Value {
    if (!written) return unknown('the item names no policy', item.head);
    const found = this.#linked('policy', id);
    const elsewhere = elsewherePolicy(id, written, item);
    const [existing] = found;
    // Of one that exists already its id tells as much as if it were written out.
    if (existing?.resource.existing && elsewhere.kind === 'object')
      return { ...existing.view, members: new Map([...elsewhere.members, ...existing.view.members]) };
    return this.#behind(found, item, written, elsewhere);
  }

  // Facts over many resources

  /** How much a vault holds: what is counted in code is a lower bound. */
  #withCounts(vault: Entity, entities: readonly Entity[]): Entity {
    const counts = new Map<string, number>();
    let all = 0;
    let uncounted = this.#unreadOf('items', vault.id) ?? this.#unreadOf('on-premises', vault.id);
    const isCounted = (resource: Resource, vaultId: ResourceId | undefined): boolean => {
      const same = sameId(vaultId, vault.id);
      if (same === false || resource.existing) return false;
      if (same === true && !resource.many && !resource.isPatch && resource.presence === 'present') return true;
      // Left out, so that the counts stay lower bounds.
      uncounted ??=
        same === undefined
          ? `${resource.address} may lie in this vault`
          : `it is not known how many of ${resource.address} there are`;
      return false;
    };
    const vaulted = new Set<string>();
    let tierDoubt: string | undefined;
    for (const [i, { resource, links }] of this.#items.entries()) {
      if (!isCounted(resource, links.vaultId)) continue;
      const solution = textOf(links.solution.value) ?? '';
      counts.set(solution, (counts.get(solution) ?? 0) + 1);
      all++;
      const tier = memberOf(entities[i]!.view, 'vaultTier')?.value;
      if (tier?.kind !== 'bool') tierDoubt ??= `it is not known where ${resource.address} keeps its backups`;
      else if (tier.value) vaulted.add(solution);
    }
    this.#storageContainers ??= this.#resources.flatMap((resource) => {
      const of = storageContainerVault(resource, this.#idOf(resource));
      return of === undefined ? [] : [{ resource, of }];
    });
    const containers = this.#storageContainers.filter(({ resource, of }) => isCounted(resource, of));
    const servers = this.#containers.filter(({ resource, vaultId, facts: { kind } }) => {
      const word = textOf((kind as Fact).value);
      if (word !== undefined && word !== 'mabs') return false;
      if (!isCounted(resource, vaultId)) return false;
      if (word === undefined) uncounted ??= `it is not known what ${resource.address} registers`;
      return word !== undefined;
    });
    const { head } = vault.resource;
    const isRecovery = textOf(memberOf(vault.view, 'kind')?.value) === 'recovery-services';
    const unlisted = isRecovery ? this.#unreadOf('registrations', vault.id) : undefined;
    const solutions = this.#solutionsIn(counts, isCounted, head, () => uncounted);
    const items = view(head, {
      all: computed(all, head),
      virtualMachines: computed(counts.get('azure-vm') ?? 0, head),
      fileShares: computed(counts.get('azure-files') ?? 0, head),
      sqlDatabases: computed(counts.get('sql-in-vm') ?? 0, head),
      storageAccounts: unlisted === undefined ? computed(containers.length, head) : undecided(unlisted, head),
      mabsServers: computed(servers.length, head),
      vaulted: listOf(
        head,
        [...vaulted].map((solution) => text(solution, head)),
        uncounted ?? tierDoubt,
      ),
      solutions,
      complete: uncounted === undefined ? computed(true, head) : undecided(uncounted, head),
    });
    const policies = this.#policiesIn(vault);
    const members = new Map(vault.view.members);
    members.set('items', { value: items, at: head });
    members.set('policies', { value: policies, at: head });
    members.set('holds', this.#heldIn(vault, policies));
    if (this.#keptBySiteRecovery().some(({ vaultId }) => sameId(vaultId, vault.id) === true))
      members.set('replicates', computed(true, head));
    if (vault.resource.language === 'plan') members.set('added', { value: this.#addedTo(vault), at: head });
    for (const [name, fact] of Object.entries(
      vaultSurroundings(vault, all > 0 || solutions.items.length > 0, this.#around),
    ))
      members.set(name, fact);
    return { ...vault, view: { ...vault.view, members } };
  }

  /**
   * What lies in a vault: items, intents, registrations and what Site Recovery keeps there. Open where more may: agents register
   * with a Recovery Services vault from outside, which only its policies for other things make unlikely.
   */
  #heldIn(vault: Entity, policies: Obj): Fact {
    const { head } = vault.resource;
    const { live } = this.#configuration;
    if (!this.#facts.declaredHere && !live) return undecided('what it protects may be declared elsewhere', head);
    const found: Value[] = [];
    let doubt = live
      ? (this.#unreadOf('items', vault.id) ?? this.#unreadOf('on-premises', vault.id))
      : this.#coverage!.hidden;
    const count = pick(policies, 'count', false)?.value;
    if (textOf(memberOf(vault.view, 'kind')?.value) === 'recovery-services' && (live || numberIn(count) === 0))
      doubt ??= live
        ? (this.#unreadOf('registrations', vault.id) ?? this.#unreadOf('site-recovery', vault.id))
        : 'agents and Site Recovery use vaults without any code that shows it';
    const held = [
      ...[...this.#items, ...this.#intents].map(({ resource, links }) => [resource, links.vaultId] as const),
      ...this.#containers.map(({ resource, vaultId }) => [resource, vaultId] as const),
      ...this.#keptBySiteRecovery().map(({ resource, vaultId }) => [resource, vaultId] as const),
    ];
    for (const [resource, vaultId] of held) {
      const same = sameId(vaultId, vault.id);
      if (same === false || resource.existing) continue;
      if (same && !resource.isPatch && accompanies(resource, vault.resource))
        found.push(text(resource.address, resource.head));
      else doubt ??= `${resource.address} may lie in this vault`;
    }
    return atLeast(head, found, doubt);
  }

  #keptBySiteRecovery(): readonly { resource: Resource; vaultId: ResourceId | undefined }[] {
    this.#replicated ??= this.#around.resources.flatMap((resource) => {
      const kept = siteRecoveryVault(resource, this.#idOf(resource), this.#around.find);
      return kept ? [{ resource, vaultId: kept.id }] : [];
    });
    return this.#replicated;
  }

  /** Solutions that certainly use a vault: by an item, an intent or a registered machine. */
  #solutionsIn(
    counts: ReadonlyMap<string, number>,
    isCounted: (resource: Resource, vaultId: ResourceId | undefined) => boolean,
    head: Origin,
    whyOpen: () => string | undefined,
  ): List {
    const found = new Set(counts.keys());
    for (const { resource, links } of this.#intents)
      if (isCounted(resource, links.vaultId)) found.add(textOf(links.solution.value) ?? '');
    for (const { resource, vaultId, facts } of this.#containers)
      if (isCounted(resource, vaultId)) found.add(solutionOfContainer(facts) ?? '');
    const known = [...found].filter((solution) => solution !== '');
    return listOf(
      head,
      known.map((solution) => text(solution, head)),
      whyOpen() ?? known.length < found.size,
    );
  }

  /** Kinds of vault that something here lies in and that are declared elsewhere, with what lies in them. */
  #vaultsElsewhere(): ReadonlyMap<VaultKind, string> {
    const found = new Map<VaultKind, string>();
    const add = (resource: Resource, kind: VaultKind, id: ResourceId | undefined): void => {
      if (!this.#linked('vault', id).some((vault) => !vault.resource.existing))
        found.set(kind, found.get(kind) ?? resource.address);
    };
    for (const { resource, links } of [...this.#items, ...this.#intents])
      add(resource, vaultKindOf(links.vaultId) ?? links.vaultKind, links.vaultId);
    for (const { resource, id } of this.#policies) {
      const kind = /dataprotection|data_protection/i.test(resource.type) ? 'backup' : 'recovery-services';
      add(resource, kind, id && parentId(id));
    }
    return found;
  }

  /** How many policies a vault has: a lower bound, as of items. */
  #policiesIn(vault: Entity): Obj {
    const { head } = vault.resource;
    let doubt: string | undefined;
    let count = 0;
    for (const { resource, id } of this.#policies) {
      const same = sameId(id && parentId(id), vault.id);
      if (same === false || resource.existing) continue;
      if (same === true && isOne(resource)) count++;
      else doubt ??= `it is not known how many policies ${resource.address} adds to this vault`;
    }
    return view(head, {
      count: computed(count, head),
      complete: doubt === undefined ? computed(true, head) : undecided(doubt, head),
    });
  }

  /** What a plan newly makes in a vault. */
  #addedTo(vault: Entity): Value {
    const { head } = vault.resource;
    const isNew = (resource: Resource, vaultId: ResourceId | undefined): boolean =>
      resource.change?.actions.join() === 'create' && isOne(resource) && sameId(vaultId, vault.id) === true;
    const machines = this.#items.filter(
      ({ resource, links }) => textOf(links.solution.value) === 'azure-vm' && isNew(resource, links.vaultId),
    );
    const policies = this.#policies.filter(({ resource, id }) => isNew(resource, id && parentId(id)));
    return view(head, {
      virtualMachines: computed(machines.length, head),
      policies: computed(policies.length, head),
    });
  }

  /** With what the datasource lies in: the account of a share, the machine of a SQL registration. */
  #withSurroundings({ family, owner, ownerId }: Source, entity: Entity): Entity {
    const { head } = entity.resource;
    const declared = owner && this.#byResource.get(owner);
    const members = new Map(entity.view.members);
    const set = (name: string, value: Value): void => void members.set(name, { value, at: head });
    if (family.kind === 'storage-account') {
      set('shareItems', this.#shareItems(entity));
      this.#keepers ??= new Keepers(this.#sources, this.#around);
      set('holdsBackupsOf', this.#keepers.of(entity.resource));
    } else if (family.kind === 'azure-files')
      set('account', declared?.view ?? unknown('the account is declared elsewhere', head));
    else if (family.kind === 'sql-in-vm') {
      const machine = declared ?? this.#machinesOf(ownerId)[0];
      set('machine', machine?.view ?? unknown('the machine is declared elsewhere', head));
      const backup = memberOf(entity.view, 'automatedBackup');
      if (backup) members.set('automatedBackup', this.#withAccount(backup, 'storage', entity.resource));
    } else if (family.kind === 'aks') {
      const extension = memberOf(entity.view, 'backupExtension');
      if (!extension) return entity;
      members.set('backupExtension', this.#withAccount(extension, 'account', entity.resource));
    } else return entity;
    return { ...entity, view: { ...entity.view, members: packed(members) } };
  }

  /** A part of a view with the view of the account that one of its facts names. */
  #withAccount(part: Member, fact: string, from: Resource): Member {
    const value = force(part.value);
    if (value.kind !== 'object') return part;
    const account = this.#accountNamed(memberOf(value, fact), from);
    if (!account) return part;
    return { ...part, value: { ...value, members: new Map([...value.members, ['storageAccount', account]]) } };
  }

  /** Items that certainly protect a share of an account now. */
  #shareItems({ resource, id }: Entity): List {
    const found: Value[] = [];
    let open: string | undefined;
    const own = id && lastName(id);
    for (const item of this.#items) {
      if (textOf(item.links.solution.value) !== 'azure-files' || areOtherNames(item.sourceName, own)) continue;
      const value = item.links.source && force(item.links.source.value);
      const named = value?.kind === 'symbol' && value.of?.path === 'id' ? this.#around.at(value.of.address) : undefined;
      const same = named && !named.existing ? named === resource : sameId(item.links.sourceId, id);
      if (same === false) continue;
      const certain = accompanies(item.resource, resource) && textOf(item.links.state.value) === 'protected';
      if (same && certain) found.push(text(item.resource.address, item.resource.head));
      else open ??= `${item.resource.address} may protect it`;
    }
    return listOf(resource.head, found, open);
  }

  // What stands around

  /** Why a guard may be bound to a vault where no association is seen. */
  #guardElsewhere({ type, head, body, language }: Resource): Fact | undefined {
    if (language === 'live') return boundGuard(body, head);
    const script = this.#around.resources.find(runsAnything);
    const because =
      this.#around.hidden ??
      (script && `${script.address} runs commands and may bind a guard`) ??
      (type === 'azurerm_data_protection_backup_vault' ? 'azurerm cannot bind a guard to a Backup vault' : undefined);
    return because === undefined ? undefined : undecided(because, head);
  }

  #withGuard(vault: Entity): Entity {
    const guard = guardOf(vault.resource, this.#around) ?? this.#guardElsewhere(vault.resource);
    if (!guard) return vault;
    const id = parseId(guard.value, this.#around.find);
    const found = this.#linked('resource-guard', id);
    const elsewhere = unknown(reasonOf(force(guard.value)) ?? 'the guard is declared elsewhere', guard.at);
    const members = new Map(vault.view.members);
    const value =
      guard.value.kind === 'unknown'
        ? guard.value
        : view(guard.at, {
            reference: guard,
            guard: { at: guard.at, value: this.#behind(found, vault.resource, guard, elsewhere) },
          });
    members.set('resourceGuard', { value, at: guard.at });
    return { ...vault, view: { ...vault.view, members } };
  }

  /** What binds accounts, machines and pairs of nodes to vaults: registrations first, then items of what is registered. */
  #bindings(): Bindings {
    if (this.#bound) return this.#bound;
    const containers = this.#containers.filter(({ resource, facts }) => {
      const kind = facts['kind'];
      const name = kind && 'value' in kind && typeof kind.value === 'object' ? textOf(kind.value) : undefined;
      return !resource.existing && (name === undefined || registered.has(name));
    });
    const items = this.#items.filter(
      ({ resource, links }) => !resource.existing && registering.has(textOf(links.solution.value) ?? ''),
    );
    this.#bound = new Bindings([
      ...containers.map(({ resource, vaultId, sourceId, nodeIds, facts }) => ({
        resource,
        vaultId,
        of: textOf((facts['kind'] as Fact).value) === 'storage-account' ? ('account' as const) : ('machine' as const),
        // A pair is told by its nodes.
        sourceIds: sourceId || nodeIds.length === 0 ? [sourceId, ...nodeIds] : nodeIds,
        certain: isThereOnce(resource) && textOf((facts['kind'] as Fact).value) !== undefined,
      })),
      ...items.map((item) => ({
        resource: item.resource,
        vaultId: item.links.vaultId,
        of: textOf(item.links.solution.value) === 'azure-files' ? ('account' as const) : ('machine' as const),
        sourceIds: [item.links.sourceId],
        certain: isCertain(item),
      })),
    ]);
    return this.#bound;
  }

  /** With the vaults that it guards, as far as they are declared here. */
  #withGuarded(guard: Entity): Entity {
    const { head } = guard.resource;
    const guarded: Value[] = [];
    let open: string | undefined;
    for (const { resource, view: facts, id: vaultId } of this.#vaults) {
      const written = guardOf(resource, this.#around);
      if (!written || resource.existing) continue;
      const named = parseId(written.value, this.#around.find);
      const found = this.#linked('resource-guard', named);
      const certain = isReference(written) || accompanies(guard.resource, resource);
      if (found.length === 1 && found[0] === guard && certain)
        guarded.push(
          view(resource.head, {
            name: facts.members.get('name'),
            location: facts.members.get('location'),
            subscription: { value: force(vaultId?.subscription ?? resource.scope.subscription), at: resource.head },
            language: facts.members.get('language'),
          }),
        );
      else if (found.includes(guard) || (found.length === 0 && sameId(named, guard.id) !== false))
        open ??= 'it is not known which vaults are bound to it';
    }
    const members = new Map(guard.view.members);
    members.set('vaults', { value: listOf(head, guarded, open ?? this.#around.hidden), at: head });
    return { ...guard, view: { ...guard.view, members } };
  }

  /** Other servers with the agent in the same vault that carry the same name; of MARS alone. */
  #sameName({ resource, vaultId, facts }: Container): Fact | undefined {
    const nameOf = (of: Container['facts']): string | undefined =>
      textOf(asFact(of['friendlyName'])?.value)?.toLowerCase();
    if (textOf((facts['kind'] as Fact).value) !== 'mars') return undefined;
    if (!this.#agents) {
      this.#agents = new Map();
      for (const one of this.#containers) {
        const key = one.vaultId && plainId(one.vaultId);
        if (textOf((one.facts['kind'] as Fact).value) === 'mars' && key !== undefined)
          append(this.#agents, `${key} ${nameOf(one.facts)}`, one);
      }
    }
    const vault = (vaultId && plainId(vaultId)) ?? '';
    const name = nameOf(facts);
    const { head } = resource;
    if (name === undefined) return undecided('Azure does not tell the name of the server', head);
    const others = (this.#agents.get(`${vault} ${name}`) ?? []).filter((one) => one.resource !== resource);
    return atLeast(
      head,
      others.map((one) => text(one.resource.address, one.resource.head)),
      this.#unreadOf('on-premises', vaultId),
    );
  }

  /** Of an audit; what runs an agent is told by name. */
  #serversAmong(machines: readonly Entity[]): Servers | undefined {
    const { live } = this.#configuration;
    return live && new Servers(machines, this.#containers, this.#items, live);
  }

  #containerEntity(container: Container, servers: Servers | undefined): Entity {
    const { resource, facts, vaultId } = container;
    const { live } = this.#configuration;
    return this.#entity('container', resource, {
      ...facts,
      ...(live && serverHealth(resource, textOf((facts['kind'] as Fact).value), live)),
      sameName: live && this.#sameName(container),
      ...servers?.machineOf(container),
      vault: this.#behind(
        this.#linked('vault', vaultId),
        resource,
        facts['vaultName'] as Fact,
        unknown('the vault is declared elsewhere', resource.head),
      ),
      earlierVaults: this.#bindings().earlierVaults(resource),
    });
  }
}

function withFacts(entity: Entity, facts: Readonly<Record<string, Fact | undefined>> = {}): Entity {
  const added = Object.entries(facts).filter((fact): fact is [string, Fact] => fact[1] !== undefined);
  if (added.length === 0) return entity;
  return { ...entity, view: { ...entity.view, members: packed(new Map([...entity.view.members, ...added])) } };
}

/** What a vault itself tells of its guard: that there is one, not which. */
function boundGuard(body: Obj, head: Origin): Fact | undefined {
  const told =
    pick(body, 'properties.securitySettings.multiUserAuthorization', true) ??
    pick(body, 'properties.isVaultProtectedByResourceGuard', true);
  const word = told?.value.kind === 'bool' ? String(told.value.value) : textOf(told?.value)?.toLowerCase();
  if (told && (word === 'disabled' || word === 'false')) return undefined;
  return undecided(
    word === 'enabled' || word === 'true'
      ? 'a Resource Guard is bound, and Azure does not tell which'
      : 'Azure does not tell whether a Resource Guard is bound',
    told?.at ?? head,
  );
}

/** Which facts a policy or an item has depends on what it is for: where that is not known, it may have any. */
function ofItsKind(entity: Entity, { value }: Fact): Entity {
  if (textOf(value) !== undefined) return entity;
  return {
    ...entity,
    view: { ...entity.view, open: true, because: reasonOf(value) ?? 'it is not known what it is for' },
  };
}

/** Endpoints of a vault may lie in any subscription. */
function unreadEndpoints(live: Live): string | undefined {
  return (
    live.unread('private-endpoints', '') ??
    live.unread('vaults', '') ??
    (live.isPart ? 'private endpoints of other subscriptions may lead to the vault' : undefined)
  );
}

/** Certainly there, and once. */
function isOne({ many, isPatch, existing, presence }: Resource): boolean {
  return !many && !isPatch && !existing && presence === 'present';
}

/** Solutions whose datasource is a machine, which the fact `machine` shows. */
function isMachineSolution(solution: string): boolean {
  return ['azure-vm', 'sql-in-vm', 'hana-in-vm', 'ase-in-vm', 'mars', 'dpm-mabs'].includes(solution);
}

/** Registrations that tie their source to one vault; a group's databases may need one per region. */
const registered = new Set(['storage-account', 'machine-workload', 'hana-replication']);
/** Solutions whose datasource lies in something that is registered. */
const registering = new Set(['azure-files', 'sql-in-vm', 'hana-in-vm', 'ase-in-vm']);

/** Databases of a group run on machines that their item does not name. */
function isOfMachines({ scope, solution }: ItemLinks): boolean {
  return scope.ofGroup === true && ['sql-in-vm', 'hana-in-vm', 'ase-in-vm'].includes(textOf(solution.value) ?? '');
}

function isThereOnce({ presence, many }: Resource): boolean {
  return presence === 'present' && !many;
}

/** Solutions whose datasource is told by its id alone (of an Elastic SAN the volumes count too). */
const comparedBySource = new Set(['azure-vm', 'azure-disk', 'azure-blob', 'adls']);

/** A reference of Terraform to the resource itself: what is referred to exists. */
function isReference(link: Fact | undefined): boolean {
  const value = link && force(link.value);
  return value?.kind === 'symbol' && value.of?.path === 'id';
}

function asFact(of: Fact | Value | undefined): Fact | undefined {
  return of && 'kind' in of ? { value: of, at: of.at } : of;
}

/** Patches that are not part of the body. */
function azurermPatches(resource: Resource): NonNullable<Resource['patches']> {
  return resource.type.includes('/') ? [] : (resource.patches ?? []);
}

/** Whether a patch sets the key of a vault, which then was made without it. */
function setsKey(patch: Resource): boolean {
  return ['properties.encryption', 'properties.securitySettings.encryptionSettings'].some((path) =>
    pick(patch.body, path, true),
  );
}

function setAfterwards(encryption: Fact | Value | undefined): Fact | Value | undefined {
  if (!encryption || 'kind' in encryption || encryption.value.kind !== 'object') return encryption;
  const { value, at } = encryption;
  return { at, value: { ...value, members: new Map([...value.members, ['afterwards', computed(true, at)]]) } };
}

function areOtherNames(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** The vault that a name may mean as well; undefined where the reference is one to the vault of the other kind. */
function otherVault(
  { waitsFor, dependsOn }: Resource,
  vaultId: ResourceId | undefined,
  kind: VaultKind,
  { resource: { address } }: Entity,
): ResourceId | undefined {
  const isBound = waitsFor?.(address) || dependsOn?.includes(address);
  return vaultId && !isBound ? { ...vaultId, type: idTypes[kind] } : undefined;
}

function otherKind(kind: VaultKind): VaultKind {
  return kind === 'backup' ? 'recovery-services' : 'backup';
}

function vaultKindOf(id: ResourceId | undefined): VaultKind | undefined {
  if (id?.type === idTypes.backup) return 'backup';
  return id?.type === idTypes['recovery-services'] ? 'recovery-services' : undefined;
}

/** The ARM type of the datasource; a known text that is no id at all is `none`. */
function sourceType({ source, sourceId }: ItemLinks): Fact | undefined {
  if (!source) return undefined;
  const at = source.value.at;
  if (sourceId) return { value: text(sourceId.type === '' ? 'resource group' : sourceId.type, at), at: source.at };
  if (source.value.kind === 'string') return { value: text('none', at), at: source.at };
  return undecided(reasonOf(source.value) ?? 'the datasource is not known', source.at);
}

/** What a reference that cannot be followed leaves unknown. */
function unread(reference: Fact, because: string): Value {
  return unknown(reasonOf(force(reference.value)) ?? because, reference.at);
}

function namesView({ at, container, item }: ItemNames): Value {
  return view(at, {
    container: view(at, { ...container }),
    item: view(at, { ...item }),
  });
}

/** Of an item of azurerm that says its own name, as those of Backup vaults do. */
function instanceId({ body }: Resource, vault: ResourceId | undefined): ResourceId | undefined {
  const name = pick(body, 'name', false)?.value;
  if (!name || vault?.type !== 'microsoft.dataprotection/backupvaults') return undefined;
  return { ...vault, type: `${vault.type}/backupinstances`, names: [...vault.names, name] };
}

/** Name and resource group of the datasource itself (of a share its account), lower case, and how long they are together. */
function sourceNames({ source, sourceId }: ItemLinks): Fact | undefined {
  if (!source) return undefined;
  const [first] = sourceId?.names ?? [];
  const group = sourceId?.resourceGroup;
  if (!first || !group || sourceId?.type.split('/').length !== 2)
    return undecided(reasonOf(source.value) ?? 'the datasource is not known', source.at);
  const [name, groupName] = [lowerCase(first), lowerCase(group)];
  const lengths = [textOf(name)?.length, textOf(groupName)?.length];
  const together = lengths.reduce<number | undefined>(
    (sum, length) => (sum === undefined || length === undefined ? undefined : sum + length),
    0,
  );
  return {
    at: source.at,
    value: view(source.at, {
      name: { at: source.at, value: name },
      group: { at: source.at, value: groupName },
      together:
        together === undefined
          ? undecided(reasonOf(name) ?? reasonOf(groupName) ?? 'its name is not known', source.at)
          : computed(together, source.at),
    }),
  };
}

/** What the id of a policy says of it where it is not declared here. */
function elsewherePolicy(id: ResourceId | undefined, written: Fact, item: Resource): Value {
  const vaultId = id && parentId(id);
  const kind = vaultKindOf(vaultId);
  if (!kind) return unknown(reasonOf(force(written.value)) ?? 'the policy is declared elsewhere', written.at);
  const name = id && lastName(id);
  const { at } = written.value;
  const known = kind === 'recovery-services' && name !== undefined ? serviceDefaultPolicies[name] : undefined;
  return view(
    written.at,
    {
      vaultKind: computed(kind, at),
      solution: known
        ? computed(known.solution, at)
        : oneOf(
            solutionsOfVault[kind].map((solution) => text(solution, at)),
            at,
          ),
      ...(known?.type && { type: computed(known.type, at) }),
      name: name !== undefined ? computed(name, at) : id?.names.at(-1),
      language: languageOf(item, at),
    },
    declaredElsewhere.policy,
  );
}

/** Why nothing more is known of what exists already. */
const declaredElsewhere: Readonly<Record<Entity['subject'], string>> = {
  vault: 'the vault is declared elsewhere',
  policy: 'the policy is declared elsewhere',
  'protected-item': 'the protected item is declared elsewhere',
  datasource: 'the datasource is declared elsewhere',
  lock: 'the lock is declared elsewhere',
  'private-endpoint': 'the private endpoint is declared elsewhere',
  snapshot: 'the snapshot is declared elsewhere',
  container: 'the container is declared elsewhere',
  'resource-guard': 'the resource guard is declared elsewhere',
  'policy-assignment': 'the policy assignment is declared elsewhere',
  'provider-config': 'the provider block is declared elsewhere',
  change: 'the change is declared elsewhere',
  workspace: 'the workspace is declared elsewhere',
};

/** What the id of a vault tells that nothing here declares. */
function elsewhereVault(id: ResourceId | undefined, item: Resource, at: Origin): Value {
  const kind = vaultKindOf(id);
  const name = id?.names.at(-1);
  if (!kind || !name) return unknown(declaredElsewhere.vault, at);
  return view(at, { kind: computed(kind, at), name, language: languageOf(item, at) }, declaredElsewhere.vault);
}

function languageOf({ type }: Resource, at: Origin): Value {
  return text(type.includes('/') ? 'arm' : 'terraform', at);
}

/** What a link to something that exists elsewhere may still say of it. */
function identityOnly(
  subject: Entity['subject'],
  facts: Record<string, Fact | Value | undefined>,
): Record<string, Fact | Value | undefined> {
  const { kind, name, solution, vaultKind } = facts;
  // A policy's type alone does not prove what it was made for.
  return subject === 'policy' ? { name, vaultKind } : { kind, name, solution };
}

function vaultName(policyId: ResourceId, written: Fact): Fact | undefined {
  const name = parentId(policyId)?.names.at(-1);
  return name && { value: name, at: written.at };
}
