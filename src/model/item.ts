/** Protected items: what is protected, in which vault, by which policy, in which state, and which disks are chosen. */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, isNull, joined, type List, reasonOf, text, unknown, type Value } from '../evaluate/value.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  listOf,
  lowerCase,
  mapped,
  numeric,
  pick,
  region,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { groupId, ownName, parentId, parseId, type ResourceId, rootId, rootName } from './id.ts';
import type { Surroundings } from './machine.ts';
import { datasourceSolutions, serverService } from './policy.ts';
import { versionAtLeast } from './provider.ts';

export interface ItemLinks {
  readonly solution: Fact;
  /** The datasource's id as written. */
  readonly source: Fact | undefined;
  readonly sourceId: ResourceId | undefined;
  /** The region of the datasource as the item states it. */
  readonly statedLocation?: Fact | undefined;
  readonly apiVersion?: Fact | undefined;
  readonly policy: Fact | undefined;
  /** Where the vault is named. */
  readonly vaultAt: Fact;
  readonly vaultId: ResourceId | undefined;
  readonly vaultKind: 'recovery-services' | 'backup';
  readonly state: Fact;
  readonly included: Fact | undefined;
  readonly excluded: Fact | undefined;
  readonly luns: Fact | undefined;
  /** What only items of some solutions say. */
  readonly scope: ItemScope;
}

/** Which part of its datasource an item covers, and where it keeps snapshots. */
export interface ItemScope {
  /** File share by name. */
  readonly share?: Fact | undefined;
  /** Blob containers or file systems by name. */
  readonly containers?: Fact | undefined;
  /** New containers are taken by themselves. */
  readonly autoProtection?: Fact | undefined;
  /** Volumes of an Elastic SAN by name. */
  readonly volumes?: Fact | undefined;
  /** What of a cluster is backed up. */
  readonly cluster?: Fact | undefined;
  readonly snapshotGroup?: ResourceId | undefined;
  /** Where the snapshot group is written. */
  readonly snapshotAt?: Fact | undefined;
  /** The database that the name of the item says. */
  readonly database?: Fact | undefined;
  /** Single or flexible server. */
  readonly service?: Fact | undefined;
  /** What the names of the container and of the item say. */
  readonly names?: ItemNames | undefined;
  /** Whether a key vault secret to log on with is named (single servers). */
  readonly credential?: Fact | undefined;
  /** `instance`: every database of it. */
  readonly reach?: Fact | undefined;
  /** It takes snapshots of a whole database instance. */
  readonly instanceSnapshot?: Fact | undefined;
  /** Its databases may run on more machines than the one it names: those of an availability group or a replication pair. */
  readonly ofGroup?: boolean | undefined;
}

const states = {
  protected: 'protected',
  irpending: 'protected',
  protectionstopped: 'stopped',
  protectionpaused: 'paused',
  backupssuspended: 'suspended',
  protectionerror: 'protected',
  invalid: 'protected',
  protectionconfigured: 'protected',
  configuringprotection: 'protected',
  updatingprotection: 'protected',
  configuringprotectionfailed: 'protected',
  backupschedulessuspended: 'suspended',
  retentionschedulessuspended: 'suspended',
  softdeleting: 'soft-deleted',
  softdeleted: 'soft-deleted',
};

/** What exists may be in a state that has no meaning here, such as `NotProtected` of an instance, or one of tomorrow. */
function stateIn(written: Fact | undefined, { language, head }: Resource): Fact {
  const state = fallback(mapped(written, states), 'protected', head);
  const word = textOf(state.value);
  return language !== 'live' || word === undefined || knownStates.has(word)
    ? state
    : undecided(`Azure gives the state ${word}, of which it is not known whether it means protection`, state.at);
}

const knownStates: ReadonlySet<string> = new Set(Object.values(states));

const itemSolutions: Readonly<Record<string, string>> = {
  'microsoft.compute/virtualmachines': 'azure-vm',
  azureiaasvmprotecteditem: 'azure-vm',
  'microsoft.classiccompute/virtualmachines': 'azure-vm',
  azurefileshareprotecteditem: 'azure-files',
  azurevmworkloadsqldatabase: 'sql-in-vm',
  azurevmworkloadsqldatabaseprotecteditem: 'sql-in-vm',
  azurevmworkloadsqlinstance: 'sql-in-vm',
  azurevmworkloadsaphanadatabase: 'hana-in-vm',
  azurevmworkloadsaphanadbinstance: 'hana-in-vm',
  azurevmworkloadsapasedatabase: 'ase-in-vm',
  dpmprotecteditem: 'dpm-mabs',
  mabfilefolderprotecteditem: 'mars',
};

/** What belongs in a Backup vault may still be declared as an item of the other kind. */
const armItemSolutions = { ...datasourceSolutions, ...itemSolutions };

const azurermInstances: Readonly<Record<string, string>> = {
  azurerm_data_protection_backup_instance_disk: 'azure-disk',
  azurerm_data_protection_backup_instance_blob_storage: 'azure-blob',
  azurerm_data_protection_backup_instance_data_lake_storage: 'adls',
  azurerm_data_protection_backup_instance_postgresql: 'postgresql',
  azurerm_data_protection_backup_instance_postgresql_flexible_server: 'postgresql',
  azurerm_data_protection_backup_instance_mysql_flexible_server: 'mysql',
  azurerm_data_protection_backup_instance_kubernetes_cluster: 'aks',
  azurerm_data_protection_backup_instance_elastic_san_volume_group: 'elastic-san',
  azurerm_data_protection_backup_instance_cosmosdb_database_account: 'cosmos-db',
};

/** What azurerm sends for items of Recovery Services vaults: the protecteditems client that it vendors (v3.55.0 to v5.2.0). */
const azurermApiVersion = '2023-02-01';
/** That of 3.x before; the earliest send an older one still. */
const azurermApiVersionBefore = '2021-12-01';

const armItem = 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems';
const armInstance = 'microsoft.dataprotection/backupvaults/backupinstances';

export function itemLinks(resource: Resource, around: Surroundings): ItemLinks | undefined {
  const type = resource.type.toLowerCase();
  if (type === 'azurerm_backup_protected_vm') return azurermItem(resource, 'azure-vm', 'source_vm_id', around);
  if (type === 'azurerm_backup_protected_file_share')
    return azurermItem(resource, 'azure-files', 'source_storage_account_id', around);
  if (type in azurermInstances) return azurermInstance(resource, azurermInstances[type]!, around);
  if (type === armItem) return armProtectedItem(resource, around);
  return type === armInstance ? armBackupInstance(resource, around) : undefined;
}

/** Whether anything of the configuration protects anything, of whichever solution. */
export function protects(resource: Pick<Resource, 'type'>): boolean {
  const type = resource.type.toLowerCase();
  return (
    type.startsWith('azurerm_backup_protected_') ||
    type in azurermInstances ||
    type === armItem ||
    type === armInstance ||
    type.endsWith('/backupprotectionintent')
  );
}

function azurermItem(resource: Resource, solution: string, sourceAttribute: string, around: Surroundings): ItemLinks {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const vault = at('recovery_vault_name') ?? undecided('the vault is not written', head);
  const group = at('resource_group_name');
  const source = emptyIsAbsent(at(sourceAttribute));
  const included = numbers(filledList(at('include_disk_luns')));
  const excluded = numbers(filledList(at('exclude_disk_luns')));
  return {
    solution: computed(solution, head),
    source,
    sourceId: source && parseId(source.value, around.find),
    apiVersion: computed(apiVersionOf(resource), head),
    policy: emptyIsAbsent(at('backup_policy_id')),
    vaultAt: vault,
    vaultId: {
      subscription: resource.scope.subscription,
      resourceGroup: group?.value,
      type: 'microsoft.recoveryservices/vaults',
      names: [vault.value],
    },
    vaultKind: 'recovery-services',
    state: fallback(mapped(at('protection_state'), states), 'protected', head),
    included,
    excluded,
    luns: included ?? excluded,
    scope: { share: at('source_file_share_name') },
  };
}

function apiVersionOf({ provider }: Resource): string {
  return provider && versionAtLeast(provider, [3, 55, 0]) === false ? azurermApiVersionBefore : azurermApiVersion;
}

function azurermInstance(resource: Resource, solution: string, around: Surroundings): ItemLinks {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const vault = at('vault_id') ?? at('data_protection_backup_vault_id') ?? undecided('the vault is not written', head);
  const source =
    at('disk_id') ??
    at('storage_account_id') ??
    at('server_id') ??
    at('database_id') ??
    at('kubernetes_cluster_id') ??
    at('elastic_san_volume_group_id') ??
    at('cosmosdb_account_id');
  return {
    solution: computed(solution, head),
    source,
    sourceId: source && parseId(source.value, around.find),
    statedLocation: region(at('location')),
    policy: at('backup_policy_id') ?? at('backup_policy_data_lake_storage_id'),
    vaultAt: vault,
    vaultId: parseId(vault.value, around.find),
    vaultKind: 'backup',
    // Nobody writes it: what the provider tells of an item that exists.
    state: fallback(mapped(at('protection_state'), states), 'protected', head),
    included: undefined,
    excluded: undefined,
    luns: undefined,
    scope: azurermScope(resource),
  };
}

function azurermScope(resource: Resource): ItemScope {
  const { body, scope } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const group = at('snapshot_resource_group_name');
  const volume = at('volume_name');
  const parameters = at('backup_datasource_parameters[0]');
  const of = (name: string): Fact | undefined => at(`backup_datasource_parameters[0].${name}`);
  return {
    containers: filledList(at('storage_account_container_names') ?? at('storage_container_names')),
    volumes: volume && { at: volume.at, value: listOf(volume.at, [volume.value]) },
    snapshotAt: group,
    snapshotGroup: group && groupId(at('snapshot_subscription_id')?.value ?? scope.subscription, group.value),
    service: serverService(resource, undefined),
    credential: written(at('database_credential_key_vault_secret_id')),
    cluster:
      parameters &&
      clusterScope(parameters, {
        volumeSnapshots: fallback(mapped(of('volume_snapshot_enabled'), flags), false, parameters.at),
        clusterResources: fallback(mapped(of('cluster_scoped_resources_enabled'), flags), false, parameters.at),
        includedNamespaces: filledList(of('included_namespaces')),
        excludedNamespaces: filledList(of('excluded_namespaces')),
        includedTypes: filledList(of('included_resource_types')),
        excludedTypes: filledList(of('excluded_resource_types')),
        labels: filledList(of('label_selectors')),
      }),
  };
}

/** That a secret is named, not which one. */
function written(secret: Fact | undefined): Fact | undefined {
  return secret && (secret.value.kind === 'unknown' ? secret : computed(true, secret.at));
}

const flags = { true: true, false: false };

/** Parameters that may be missing altogether are unknown, not there. */
function clusterScope(written: Fact, facts: Record<string, Fact | undefined>): Fact {
  if (written.value.kind !== 'object')
    return undecided(reasonOf(written.value) ?? 'the parameters are not known', written.at);
  return { at: written.at, value: view(written.at, facts) };
}

function armProtectedItem(resource: Resource, around: Surroundings): ItemLinks {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const id = around.idOf(resource);
  const kind = at('protectedItemType');
  const deferred = at('isScheduledForDeferredDelete');
  const state =
    deferred && deferred.value.kind !== 'bool'
      ? undecided('it is not known whether the item is soft-deleted', deferred.at)
      : deferred?.value.kind === 'bool' && deferred.value.value
        ? { at: deferred.at, value: text('soft-deleted', deferred.value.at) }
        : stateIn(at('protectionState'), resource);
  const inclusion = at('extendedProperties.diskExclusionProperties.isInclusionList');
  const written = at('extendedProperties.diskExclusionProperties.diskLunList');
  const luns = numbers(filledList(written));
  const isInclusion = inclusion?.value.kind === 'bool' ? inclusion.value.value : inclusion ? undefined : false;
  // An inclusion list without disks: the tools use it for "the OS disk only", the documents for "all disks".
  const emptied = !luns && written && isInclusion !== false;
  const which = (wanted: boolean): Fact | undefined => {
    if (emptied && wanted) return undecided('an empty inclusion list may mean no disks or all', written.at);
    return luns && whichOf(luns, wanted);
  };
  const whichOf = (luns: Fact, wanted: boolean): Fact | undefined =>
    isInclusion === undefined
      ? undecided('it is not known whether the disks are included or excluded', luns.at)
      : isInclusion === wanted
        ? luns
        : undefined;
  const source = emptyIsAbsent(at('sourceResourceId'));
  return {
    solution: mapped(kind, armItemSolutions) ?? undecided('the type of the protected item is not written', head),
    source: source ?? sourceInName(resource),
    sourceId: source ? parseId(source.value, around.find) : idInName(resource),
    apiVersion: pick(body, 'apiVersion', true),
    policy: emptyIsAbsent(at('policyId')),
    vaultAt: rootName(resource, id),
    vaultId: id ? rootId(id) : undefined,
    vaultKind: 'recovery-services',
    state,
    included: which(true),
    excluded: which(false),
    luns,
    scope: {
      share: shareOf(resource),
      database: databaseOf(resource),
      names: itemNames(resource, id),
      instanceSnapshot:
        kind && instanceTypes.has(textOf(kind.value)?.toLowerCase() ?? '') ? computed(true, kind.at) : undefined,
      ofGroup: !isOfOneMachine(id?.names.at(-2)),
    },
  };
}

const instanceTypes = new Set(['azurevmworkloadsqlinstance', 'azurevmworkloadsaphanadbinstance']);

/** By the name of its container: `VMAppContainer;Compute;<group>;<machine>`, the others stand for groups of machines. */
function isOfOneMachine(container: Value | undefined): boolean {
  const name = container && force(container);
  const start = name?.kind === 'template' ? name.parts[0] : textOf(name);
  return typeof start === 'string' && /^(?:vmappcontainer|iaasvmcontainer|storagecontainer);/i.test(start);
}

/** Parts of the item's own name, cut at semicolons: three at most, for a database may hold any letter. */
function partsOfName(resource: Resource): string[] | undefined {
  const name = textOf(force(ownName(resource) ?? resource.name));
  const match = name === undefined ? null : /^([^;]*);([^;]*)(?:;(.*))?$/s.exec(name);
  return match ? match.slice(1).filter((part) => part !== undefined) : undefined;
}

/** The share by its friendly name or in the name of the item, where the service puts a hash. */
function shareOf(resource: Resource): Fact | undefined {
  const { body, head } = resource;
  const kind = textOf(pick(body, 'properties.protectedItemType', true)?.value)?.toLowerCase();
  if (kind !== 'azurefileshareprotecteditem') return undefined;
  const friendly = pick(body, 'properties.friendlyName', true);
  if (friendly) return friendly;
  const name = force(ownName(resource) ?? resource.name);
  if (name.kind === 'template' && /^azurefileshare;$/i.test(String(name.parts[0])) && name.parts.length === 2)
    return { at: head, value: name.parts[1] as Value };
  const [first, share] = partsOfName(resource) ?? [];
  if (first?.toLowerCase() !== 'azurefileshare' || !share || /^[0-9a-f]{64}$/i.test(share))
    return undecided('the name of the item does not say which share it protects', head);
  return computed(share, force(resource.name).at);
}

/** `SQLDataBase;<instance>;<database>` and its likes. */
function databaseOf(resource: Resource): Fact | undefined {
  const parts = partsOfName(resource);
  const [kind, instance, database] = parts ?? [];
  if (!/^(?:sqldatabase|saphanadatabase|saphanadbinstance|sapasedatabase)$/i.test(kind ?? '') || !instance)
    return undefined;
  const { head } = resource;
  return {
    at: head,
    value: view(head, {
      instance: text(instance, head),
      name: database === undefined ? undefined : text(database, head),
    }),
  };
}

/** A stopped item may carry an empty policy id. */
function emptyIsAbsent(fact: Fact | undefined): Fact | undefined {
  return textOf(fact?.value) === '' ? undefined : fact;
}

/** Without sourceResourceId the item's name still says what it protects. */
function sourceInName(resource: Resource): Fact {
  return undecided('the item names its datasource only in its own name', resource.head);
}

/** `VM;iaasvmcontainerv2;<group>;<machine>`: group and machine, but no subscription. */
function idInName(resource: Resource): ResourceId | undefined {
  const name = textOf(force(ownName(resource) ?? resource.name));
  const [vm, container, group, machine] = name?.split(';') ?? [];
  if (vm?.toLowerCase() !== 'vm' || !group || !machine) return undefined;
  const { head } = resource;
  const classic = container?.toLowerCase() === 'iaasvmcontainer';
  return {
    subscription: unknown('the name of the item holds no subscription', head),
    resourceGroup: text(group, head),
    type: classic ? 'microsoft.classiccompute/virtualmachines' : 'microsoft.compute/virtualmachines',
    names: [text(machine, head)],
  };
}

/** LUNs written as strings are numbers too. */
function numbers(fact: Fact | undefined): Fact | undefined {
  if (fact?.value.kind !== 'list') return fact;
  const items = fact.value.items.map((item) => numeric({ value: force(item), at: item.at })!.value);
  return { ...fact, value: { ...fact.value, items } };
}

/**
 * The data disks of a machine that the item certainly backs up; open where a LUN or the selection is not known.
 * Without a selection it is all of them. The OS disk is always in.
 */
export function selectedDisks(disks: Value, { included, excluded }: ItemLinks): List | undefined {
  const all = force(disks);
  if (all.kind !== 'list') return undefined;
  let open = all.because ?? all.open ?? false;
  const selected = all.items.filter((item) => {
    if (!included && !excluded) return true;
    const lun = pick(item, 'lun', false)?.value;
    // Both lists at once are refused, so neither counts.
    const taken =
      !lun || (included && excluded)
        ? undefined
        : included
          ? holds(included.value, lun)
          : not(holds(excluded!.value, lun));
    if (taken === undefined)
      open ||=
        [included?.value, excluded?.value, lun].map((one) => one && reasonOf(one)).find((reason) => reason) ??
        'it is not known whether the disks are included or excluded';
    return taken === true;
  });
  return listOf(all.at, selected, open);
}

function not(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

function holds(list: Value, wanted: Value): boolean | undefined {
  if (list.kind !== 'list') return undefined;
  const answers = list.items.map((item) => equal(item, wanted));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) || list.open ? undefined : false;
}

function armBackupInstance(resource: Resource, around: Surroundings): ItemLinks {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const id = around.idOf(resource);
  const source = at('dataSourceInfo.resourceID');
  return {
    solution:
      mapped(at('dataSourceInfo.datasourceType'), datasourceSolutions) ??
      undecided('the datasource type is not written', head),
    source,
    sourceId: source && parseId(source.value, around.find),
    statedLocation: region(at('dataSourceInfo.resourceLocation')),
    policy: at('policyInfo.policyId'),
    vaultAt: rootName(resource, id),
    vaultId: id ? parentId(id) : undefined,
    vaultKind: 'backup',
    state: stateIn(at('currentProtectionState'), resource),
    included: undefined,
    excluded: undefined,
    luns: undefined,
    scope: armScope(resource, around),
  };
}

function armScope(resource: Resource, around: Surroundings): ItemScope {
  const { body } = resource;
  const parameters = (path: string): Fact | undefined =>
    pick(body, `properties.policyInfo.policyParameters.${path}`, true);
  const group = operationalGroup(parameters('dataStoreParametersList'));
  const first = 'backupDatasourceParametersList[0]';
  const of = (name: string): Fact | undefined => parameters(`${first}.${name}`);
  const block = parameters(first);
  const kind = textOf(of('objectType')?.value)?.toLowerCase();
  const groupFound = group && parseId(group.value, around.find);
  return {
    containers: filledList(of('containersList')),
    autoProtection: mapped(of('autoProtectionSettings.enabled'), flags),
    volumes: filledList(of('resourceSelectors')),
    snapshotAt: group,
    snapshotGroup: groupFound?.type === '' ? groupFound : undefined,
    service: serverService(resource, pick(body, 'properties.dataSourceInfo.datasourceType', true)),
    credential: written(pick(body, 'properties.datasourceAuthCredentials.secretStoreResource.uri', true)),
    cluster:
      block && kind?.startsWith('kubernetes')
        ? clusterScope(block, {
            volumeSnapshots: mapped(of('snapshotVolumes'), flags),
            clusterResources: mapped(of('includeClusterScopeResources'), flags),
            includedNamespaces: filledList(of('includedNamespaces')),
            excludedNamespaces: filledList(of('excludedNamespaces')),
            includedTypes: filledList(of('includedResourceTypes')),
            excludedTypes: filledList(of('excludedResourceTypes')),
            labels: filledList(of('labelSelectors')),
            volumeTypes: filledList(of('includedVolumeTypes')),
          })
        : undefined,
  };
}

/** The group of the operational store, wherever it stands among the stores. */
function operationalGroup(stores: Fact | undefined): Fact | undefined {
  if (!stores) return undefined;
  if (stores.value.kind !== 'list')
    return undecided(reasonOf(stores.value) ?? 'the parameters of the stores are not known', stores.at);
  for (const item of stores.value.items) {
    const group = pick(item, 'resourceGroupId', true);
    if (group) return group;
  }
  return stores.value.open ? undecided('there may be more stores', stores.at) : undefined;
}

/** `<kind>;<type>;<group>;<name>` of container and item (arm.md 4.1), each part as far as it is known. */
export interface ItemNames {
  readonly at: Fact['at'];
  readonly container: NameParts;
  readonly item: NameParts;
}

interface NameParts {
  /** Lower case. */
  readonly kind: Fact;
  readonly group: Fact | undefined;
  readonly name: Fact | undefined;
}

/** Kinds whose names go on with a resource group and the name of a resource. */
const placedKinds = new Set(['iaasvmcontainer', 'vm', 'storagecontainer', 'vmappcontainer']);

/** Unknown where the id is; absent where it is that of no item. */
function itemNames({ name }: Resource, id: ResourceId | undefined): ItemNames | undefined {
  const { at } = force(name);
  if (!id) {
    const unread = unknownParts(force(name), at);
    return { at, container: unread, item: unread };
  }
  const [container, item] = id.names.slice(2);
  if (!container || !item || id.names.length !== 4) return undefined;
  return { at, container: nameParts(force(container), at), item: nameParts(force(item), at) };
}

function nameParts(name: Value, at: Fact['at']): NameParts {
  const parts = cutAtSemicolons(name);
  const kind = textOf(parts?.[0])?.toLowerCase();
  if (!parts || kind === undefined) return unknownParts(name, at);
  const open = undecided('the name is not built as names of this kind are', at);
  const placed = placedKinds.has(kind);
  const fits = placed && parts.length === 4;
  return {
    kind: { at, value: text(kind, at) },
    group: !placed ? undefined : fits ? { at, value: lowerCase(parts[2]!) } : open,
    name: !placed ? undefined : fits ? { at, value: lowerCase(parts[3]!) } : open,
  };
}

function unknownParts(name: Value, at: Fact['at']): NameParts {
  const open = undecided(reasonOf(name) ?? 'the name is only partly known', at);
  return { kind: open, group: open, name: open };
}

/** A name cut at its semicolons; a hole in it that may hold one makes every part unknown. */
function cutAtSemicolons(name: Value): Value[] | undefined {
  const parts = name.kind === 'template' ? name.parts : name.kind === 'string' ? [name.value] : undefined;
  if (!parts) return undefined;
  const found: Value[] = [];
  let current: (string | Value)[] = [];
  const flush = (): void => {
    const [only] = current;
    found.push(current.length === 1 && typeof only === 'object' ? only : joined(current, name.at));
    current = [];
  };
  for (const part of parts) {
    if (typeof part !== 'string') {
      current.push(part);
      continue;
    }
    for (const [i, piece] of part.split(';').entries()) {
      if (i > 0) flush();
      if (piece !== '') current.push(piece);
    }
  }
  flush();
  return found;
}

const workloadIntents: Readonly<Record<string, string>> = {
  azureworkloadsqlautoprotectionintent: 'sql-in-vm',
  azureworkloadautoprotectionintent: '',
  azureworkloadcontainerautoprotectionintent: '',
};
const intentSolutions: Readonly<Record<string, string>> = {
  sqlinstance: 'sql-in-vm',
  sqldatabase: 'sql-in-vm',
  saphanasystem: 'hana-in-vm',
  saphanadatabase: 'hana-in-vm',
  saphanadbinstance: 'hana-in-vm',
  sapasesystem: 'ase-in-vm',
  sapasedatabase: 'ase-in-vm',
};

/**
 * Auto-protection of every database of an instance (arm.md 4.4): an item of its own kind, which names machine, container or
 * instance; which databases it takes only the service knows.
 */
export function intentLinks(resource: Resource, around: Surroundings): ItemLinks | undefined {
  if (!/^microsoft\.recoveryservices\/vaults\/(?:backupfabrics\/)?backupprotectionintent$/i.test(resource.type))
    return undefined;
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const kind = textOf(at('protectionIntentItemType')?.value)?.toLowerCase();
  const known = kind === undefined ? undefined : workloadIntents[kind];
  if (known === undefined) return undefined;
  const id = around.idOf(resource);
  const source = emptyIsAbsent(at('sourceResourceId'));
  const sourceId = source && parseId(source.value, around.find);
  return {
    solution:
      mapped(at('workloadItemType'), intentSolutions) ??
      (known === '' ? undecided('the workload of the intent is not written', head) : computed(known, head)),
    source,
    // It may name the container of the machine instead.
    sourceId: sourceId?.type.endsWith('/protectioncontainers') ? undefined : sourceId,
    policy: emptyIsAbsent(at('policyId')),
    vaultAt: rootName(resource, id),
    vaultId: id ? rootId(id) : undefined,
    vaultKind: 'recovery-services',
    // `NotProtected` does not mean that the intent is off.
    state: computed('protected', head),
    included: undefined,
    excluded: undefined,
    luns: undefined,
    scope: { reach: computed('instance', head) },
  };
}

/** Policies that every Recovery Services vault has without declaring them (arm.md 3.3). */
export const serviceDefaultPolicies: Readonly<Record<string, { readonly solution: string; readonly type?: string }>> = {
  defaultpolicy: { solution: 'azure-vm', type: 'V1' },
  enhancedpolicy: { solution: 'azure-vm', type: 'V2' },
  hourlylogbackup: { solution: 'sql-in-vm' },
};

/** The last name of an id, when it is a plain text. */
export function lastName(id: ResourceId): string | undefined {
  const value: Value | undefined = id.names.at(-1);
  const found = value && force(value);
  return found && !isNull(found) ? textOf(found)?.toLowerCase() : undefined;
}

/** What each kind of vault can hold. */
export const solutionsOfVault: Readonly<Record<'recovery-services' | 'backup', readonly string[]>> = {
  'recovery-services': ['azure-vm', 'azure-files', 'sql-in-vm', 'hana-in-vm', 'ase-in-vm', 'mars', 'dpm-mabs'],
  backup: ['azure-disk', 'azure-blob', 'adls', 'postgresql', 'mysql', 'aks', 'cosmos-db', 'elastic-san'],
};
