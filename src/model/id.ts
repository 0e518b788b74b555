/**
 * Resource ids as structure: subscription, resource group, type and names, each a value that may be known by name only.
 * Every spelling of a resource group's id folds into one (languages notes 2.4). Comparison is without letter case and in
 * three values: ids that hold an unknown part are neither equal nor different.
 */

import type { Resource } from '../evaluate/resource.ts';
import {
  canonical,
  equal,
  force,
  isNull,
  joined,
  memberOf,
  reasonOf,
  type Sym,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';

export interface ResourceId {
  readonly subscription: Value | undefined;
  readonly resourceGroup: Value | undefined;
  /** Lower case, e.g. `microsoft.recoveryservices/vaults/backuppolicies`; `` for a resource group or subscription itself. */
  readonly type: string;
  readonly names: readonly Value[];
}

/** Finds the id of a resource by its address in the configuration. */
export type FindId = (address: string) => ResourceId | undefined;

/** The id that a value spells; undefined where it cannot be read. */
export function parseId(value: Value, find: FindId): ResourceId | undefined {
  const segments = segmentsOf(force(value), find);
  return segments && fromSegments(segments);
}

type Segment = Value | ResourceId;

function isId(segment: Segment): segment is ResourceId {
  return 'names' in segment;
}

/** The path cut at slashes; a reference to another resource's id stands for all of its segments. */
function segmentsOf(value: Value, find: FindId): Segment[] | undefined {
  // Nearly all ids of an audit, plan or state.
  if (value.kind === 'string') return wordsIn(value.value).map((word) => text(word, value.at));
  const parts = value.kind === 'template' ? value.parts : [value];
  const segments: Segment[] = [];
  let current: (string | Value)[] = [];
  const flush = (): void => {
    const [only] = current;
    // A name that stands alone is itself, not a text with a hole: it must equal the same name elsewhere.
    if (current.length === 1 && typeof only === 'object') segments.push(only);
    else if (current.length > 0) segments.push(joined(current, value.at));
    current = [];
  };
  for (const part of parts) {
    if (typeof part === 'string') {
      const pieces = part.split('/');
      for (const [i, piece] of pieces.entries()) {
        if (i > 0) flush();
        if (piece !== '') current.push(piece);
      }
      continue;
    }
    // An output of a module that is not on disk stands for what it names, where that is known.
    const output = part.kind === 'symbol' && part.of ? find(outputName(part.of)) : undefined;
    if (part.kind === 'symbol' && part.of && (output || part.of.path === 'id')) {
      const id = output ?? find(part.of.address);
      if (!id || segments.length > 0 || current.length > 0) return undefined;
      segments.push(id);
      continue;
    }
    if (part.kind !== 'symbol') return undefined;
    current.push(subscriptionBehind(part, find) ?? part);
  }
  flush();
  return segments;
}

function wordsIn(path: string): string[] {
  return path.split('/').filter((word) => word !== '');
}

/** How an output of a module is found. */
export function outputName({ address, path }: { readonly address: string; readonly path: string }): string {
  return `${address}.${path}`;
}

/** Data sources name the subscription that a provider works in. */
function subscriptionBehind({ of }: Sym, find: FindId): Value | undefined {
  const id = of?.path === 'subscription_id' ? find(of.address) : undefined;
  return id?.type === '' && id.resourceGroup === undefined ? id.subscription : undefined;
}

function fromSegments(segments: readonly Segment[]): ResourceId | undefined {
  let rest = [...segments];
  let subscription: Value | undefined;
  let resourceGroup: Value | undefined;
  let types: string[] = [];
  let names: Value[] = [];
  const [first] = rest;
  if (first && isId(first)) {
    ({ subscription, resourceGroup } = first);
    types = first.type === '' ? [] : first.type.split('/');
    names = [...first.names];
    rest = rest.slice(1);
    if (rest.length === 0) return first;
  }
  const words = rest.filter((segment): segment is Value => !isId(segment));
  if (words.length !== rest.length) return undefined;
  let i = 0;
  const word = (at: number): string | undefined => {
    const value = words[at];
    return value?.kind === 'string' ? value.value.toLowerCase() : undefined;
  };
  if (word(i) === 'subscriptions') {
    subscription = words[i + 1];
    i += 2;
  }
  if (word(i) === 'resourcegroups') {
    resourceGroup = words[i + 1];
    i += 2;
  }
  while (i < words.length) {
    if (word(i) === 'providers') {
      const provider = word(i + 1);
      if (provider === undefined) return undefined;
      // Another spelling of a resource group.
      const groupAt =
        word(i + 2) === 'resourcegroups'
          ? i + 3
          : word(i + 2) === 'subscriptions' && word(i + 3) === 'resourcegroups'
            ? i + 4
            : 0;
      if (provider === 'microsoft.resources' && groupAt > 0) {
        resourceGroup = words[groupAt];
        i = groupAt + 1;
        continue;
      }
      // An extension resource: its own type and names are what counts.
      types = [provider];
      names = [];
      i += 2;
      continue;
    }
    const type = word(i);
    const name = words[i + 1];
    if (type === undefined || !name || types.length === 0) return undefined;
    types.push(type);
    names.push(name);
    i += 2;
  }
  return { subscription, resourceGroup, type: types.join('/'), names };
}

/** Equal, different, or undefined where it cannot be told. */
export function sameId(a: ResourceId | undefined, b: ResourceId | undefined): boolean | undefined {
  if (!a || !b) return undefined;
  if (a.type !== b.type || a.names.length !== b.names.length) return false;
  let answer: boolean | undefined = true;
  // The last name differs most often, and very many ids are compared.
  for (let i = a.names.length - 1; i >= -2; i--) {
    const left = i === -1 ? a.resourceGroup : i === -2 ? a.subscription : a.names[i];
    const right = i === -1 ? b.resourceGroup : i === -2 ? b.subscription : b.names[i];
    const same = left && right ? equal(left, right, true) : left === right ? true : undefined;
    if (same === false) return false;
    if (same === undefined) answer = undefined;
  }
  return answer;
}

/** The id without its last type segment and name: the vault of a policy. */
export function parentId(id: ResourceId): ResourceId | undefined {
  const types = id.type.split('/');
  if (types.length < 3) return undefined;
  return { ...id, type: types.slice(0, -1).join('/'), names: id.names.slice(0, -1) };
}

/** The first of the id's resources: the vault of anything in it. */
export function rootId(id: ResourceId): ResourceId {
  return { ...id, type: id.type.split('/').slice(0, 2).join('/'), names: id.names.slice(0, 1) };
}

/** The subscription, in lower case; undefined where it is not known. */
export function subscriptionOf(id: ResourceId | undefined): string | undefined {
  const known = id?.subscription && force(id.subscription);
  return known?.kind === 'string' ? known.value.toLowerCase() : undefined;
}

/** Text by which equal ids are found; undefined where a part is not known even by name. */
export function keyOf(id: ResourceId): string | undefined {
  const parts = [id.subscription, id.resourceGroup, ...id.names].map((part) => (part ? canonical(part, true) : '-'));
  return parts.includes(undefined) ? undefined : `${id.type}:${parts.join('/')}`;
}

/** The id as a value, lower case, so that a condition can compare two of them. */
export function idValue(id: ResourceId, at: Origin): Value {
  const lower = (value: Value | undefined): string | Value => {
    if (!value) return unknown('its subscription or resource group is not written', at);
    if (value.kind === 'string') return value.value.toLowerCase();
    return value;
  };
  const parts: (string | Value)[] = ['/', lower(id.subscription), '/', lower(id.resourceGroup), '/', id.type];
  for (const name of id.names) parts.push('/', lower(name));
  return joined(parts, at);
}

/** ARM types of azurerm resources, and where the names of their parents stand. */
interface AzurermType {
  readonly type: string;
  /** Attributes that name the parents, outermost first. */
  readonly parents?: readonly string[];
  /** An attribute that holds the parent's whole id. */
  readonly parentId?: string;
}

const azurermTypes: Readonly<Record<string, AzurermType>> = {
  azurerm_recovery_services_vault: { type: 'Microsoft.RecoveryServices/vaults' },
  azurerm_data_protection_backup_vault: { type: 'Microsoft.DataProtection/backupVaults' },
  azurerm_backup_policy_vm: {
    type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    parents: ['recovery_vault_name'],
  },
  azurerm_backup_policy_file_share: {
    type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    parents: ['recovery_vault_name'],
  },
  azurerm_backup_policy_vm_workload: {
    type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    parents: ['recovery_vault_name'],
  },
  azurerm_data_protection_backup_policy_disk: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_data_protection_backup_policy_blob_storage: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_data_protection_backup_policy_data_lake_storage: backupVaultPolicy({
    parentId: 'data_protection_backup_vault_id',
  }),
  azurerm_data_protection_backup_policy_kubernetes_cluster: backupVaultPolicy({ parents: ['vault_name'] }),
  azurerm_data_protection_backup_policy_postgresql: backupVaultPolicy({ parents: ['vault_name'] }),
  azurerm_data_protection_backup_policy_postgresql_flexible_server: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_data_protection_backup_policy_mysql_flexible_server: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_data_protection_backup_policy_elastic_san_volume_group: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_data_protection_backup_policy_cosmosdb_database_account: backupVaultPolicy({ parentId: 'vault_id' }),
  azurerm_virtual_machine: { type: 'Microsoft.Compute/virtualMachines' },
  azurerm_linux_virtual_machine: { type: 'Microsoft.Compute/virtualMachines' },
  azurerm_windows_virtual_machine: { type: 'Microsoft.Compute/virtualMachines' },
  azurerm_virtual_machine_scale_set: { type: 'Microsoft.Compute/virtualMachineScaleSets' },
  azurerm_linux_virtual_machine_scale_set: { type: 'Microsoft.Compute/virtualMachineScaleSets' },
  azurerm_windows_virtual_machine_scale_set: { type: 'Microsoft.Compute/virtualMachineScaleSets' },
  azurerm_orchestrated_virtual_machine_scale_set: { type: 'Microsoft.Compute/virtualMachineScaleSets' },
  azurerm_managed_disk: { type: 'Microsoft.Compute/disks' },
  azurerm_snapshot: { type: 'Microsoft.Compute/snapshots' },
  azurerm_storage_account: { type: 'Microsoft.Storage/storageAccounts' },
  azurerm_key_vault: { type: 'Microsoft.KeyVault/vaults' },
  azurerm_key_vault_key: { type: 'Microsoft.KeyVault/vaults/keys', parentId: 'key_vault_id' },
  azurerm_user_assigned_identity: { type: 'Microsoft.ManagedIdentity/userAssignedIdentities' },
  azurerm_private_endpoint: { type: 'Microsoft.Network/privateEndpoints' },
  azurerm_network_interface: { type: 'Microsoft.Network/networkInterfaces' },
  azurerm_network_security_group: { type: 'Microsoft.Network/networkSecurityGroups' },
  azurerm_network_security_rule: {
    type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    parents: ['network_security_group_name'],
  },
  azurerm_virtual_network: { type: 'Microsoft.Network/virtualNetworks' },
  azurerm_subnet: { type: 'Microsoft.Network/virtualNetworks/subnets', parents: ['virtual_network_name'] },
  azurerm_mssql_virtual_machine: { type: 'Microsoft.SqlVirtualMachine/sqlVirtualMachines' },
  azurerm_kubernetes_cluster: { type: 'Microsoft.ContainerService/managedClusters' },
  azurerm_kubernetes_automatic_cluster: { type: 'Microsoft.ContainerService/managedClusters' },
  azurerm_postgresql_flexible_server: { type: 'Microsoft.DBforPostgreSQL/flexibleServers' },
  azurerm_mysql_flexible_server: { type: 'Microsoft.DBforMySQL/flexibleServers' },
  azurerm_postgresql_server: { type: 'Microsoft.DBforPostgreSQL/servers' },
  azurerm_cosmosdb_account: { type: 'Microsoft.DocumentDB/databaseAccounts' },
  azurerm_elastic_san: { type: 'Microsoft.ElasticSan/elasticSans' },
  azurerm_elastic_san_volume_group: {
    type: 'Microsoft.ElasticSan/elasticSans/volumeGroups',
    parentId: 'elastic_san_id',
  },
  azurerm_elastic_san_volume: {
    type: 'Microsoft.ElasticSan/elasticSans/volumeGroups/volumes',
    parentId: 'volume_group_id',
  },
  azurerm_data_protection_resource_guard: { type: 'Microsoft.DataProtection/resourceGuards' },
};

function backupVaultPolicy(link: Omit<AzurermType, 'type'>): AzurermType {
  return { type: 'Microsoft.DataProtection/backupVaults/backupPolicies', ...link };
}

/** The ARM type of a resource in lower case; undefined for one that is no Azure resource of interest. */
export function armTypeOf(resource: Resource): string | undefined {
  if (resource.type.includes('/')) return resource.type.toLowerCase();
  return azurermTypes[resource.type]?.type.toLowerCase();
}

/** The id that a resource has, as a plan or state knows it, or will have. */
export function idOfResource(resource: Resource, find: FindId): ResourceId | undefined {
  if (resource.language === 'live') return resource.id && parseId(resource.id, find);
  const existing = existingId(resource, find);
  if (existing) return existing;
  const { subscription, resourceGroup } = resource.scope;
  if (resource.type === 'azurerm_resource_group')
    return { subscription, resourceGroup: resource.name, type: '', names: [] };
  if (/^(?:azurerm_subscription|(?:azurerm|azapi)_client_config)$/.test(resource.type)) {
    const named = memberOf(resource.body, 'subscription_id')?.value;
    const own = named && !isNull(force(named)) ? force(named) : subscription;
    return { subscription: own, resourceGroup: undefined, type: '', names: [] };
  }
  const type = armTypeOf(resource);
  if (type === undefined) return undefined;
  if (resource.terraformType !== undefined) return azapiId(resource, type, find);
  if (resource.type.includes('/')) {
    const names = splitName(resource.name);
    // As many names as type segments after the provider, else the name is only partly known.
    return names?.length === type.split('/').length - 1 ? { subscription, resourceGroup, type, names } : undefined;
  }
  const entry = azurermTypes[resource.type]!;
  if (entry.parentId) {
    const parent = resource.body.members.get(entry.parentId)?.value;
    const id = parent && parseId(parent, find);
    return id && { ...id, type, names: [...id.names, resource.name] };
  }
  const parents = (entry.parents ?? []).map((attribute) => resource.body.members.get(attribute)?.value);
  if (parents.includes(undefined)) return undefined;
  return { subscription, resourceGroup, type, names: [...(parents as Value[]), resource.name] };
}

function existingId(resource: Resource, find: FindId): ResourceId | undefined {
  if (resource.language !== 'plan' && resource.language !== 'state') return undefined;
  const written = memberOf(resource.body, 'id')?.value;
  const id = written?.kind === 'string' ? parseId(written, find) : undefined;
  if (id?.subscription?.kind !== 'string') return undefined;
  // Some resources keep another address as their id: keys the one of their data plane, old file shares a link.
  const type = resource.type === 'azurerm_resource_group' ? '' : armTypeOf(resource);
  return id.type === type && (type !== '' || id.resourceGroup) ? id : undefined;
}

/** The id as written, or that of the parent with the resource's own type and name. */
function azapiId(resource: Resource, type: string, find: FindId): ResourceId | undefined {
  const { id, parent, name } = resource;
  if (id) return parseId(id, find);
  const isGroup = type === 'microsoft.resources/resourcegroups';
  if (!parent) {
    const { subscription } = resource.scope;
    return isGroup ? { subscription, resourceGroup: name, type: '', names: [] } : undefined;
  }
  const owner = parseId(parent, find);
  if (!owner) return undefined;
  if (isGroup) return owner.type === '' ? { ...owner, resourceGroup: name } : undefined;
  const types = type.split('/');
  const { subscription, resourceGroup } = owner;
  // A resource of its own in a group or another scope, or one that extends another resource.
  if (types.length === 2) return { subscription, resourceGroup, type, names: [name] };
  return types.slice(0, -1).join('/') === owner.type ? { ...owner, type, names: [...owner.names, name] } : undefined;
}

/** The vault or other resource that the name of a child begins with, and where that is written. */
export function rootName(resource: Resource, id: ResourceId | undefined): { value: Value; at: Origin } {
  const { head, name } = resource;
  if (resource.terraformType === undefined)
    return { value: splitName(name)?.[0] ?? name, at: resource.namedAt ?? head };
  const written = resource.id ?? resource.parent;
  const at = written?.at ?? head;
  return { value: id?.names[0] ?? unknown((written && reasonOf(written)) ?? 'its parent is not known', at), at };
}

/** The last name of a resource's own; undefined where the name is not known well enough to be cut. */
export function ownName(resource: Resource): Value | undefined {
  return resource.terraformType === undefined ? splitName(resource.name)?.at(-1) : resource.name;
}

/** Ids of the resources of one configuration, each found once; links by reference go through their addresses. */
export class Ids {
  readonly #byAddress: ReadonlyMap<string, Resource>;
  readonly #known = new Map<Resource, ResourceId | undefined>();
  readonly #outputs: ReadonlyMap<string, string>;
  readonly find: FindId = (address) => {
    const resource = this.#byAddress.get(this.#outputs.get(address) ?? address);
    return resource && this.of(resource);
  };

  /** `outputs`: addresses of resources by the outputs of modules that name them. */
  constructor(resources: readonly Resource[], outputs: ReadonlyMap<string, string> = new Map()) {
    this.#byAddress = new Map(resources.map((resource) => [resource.address, resource]));
    this.#outputs = outputs;
  }

  at(address: string): Resource | undefined {
    return this.#byAddress.get(address);
  }

  of(resource: Resource): ResourceId | undefined {
    if (!this.#known.has(resource)) {
      // Set first, so that a circle of parents ends.
      this.#known.set(resource, undefined);
      this.#known.set(resource, idOfResource(resource, this.find));
    }
    return this.#known.get(resource);
  }
}

/** A slash name cut into its parts; undefined where a part is not known even by name. */
export function splitName(name: Value): Value[] | undefined {
  const value = force(name);
  const segments = segmentsOf(value, () => undefined);
  return segments?.filter((segment): segment is Value => !isId(segment));
}

/** An id that is known in all of its parts, as a text in lower case. */
export function plainId({ subscription, resourceGroup, type, names }: ResourceId): string | undefined {
  let id = '';
  const add = (type: string, name: Value | undefined): boolean => {
    const word = name && force(name);
    if (word?.kind !== 'string') return false;
    id += `/${type}/${word.value.toLowerCase()}`;
    return true;
  };
  if (subscription && !add('subscriptions', subscription)) return undefined;
  if (resourceGroup && !add('resourcegroups', resourceGroup)) return undefined;
  if (type === '') return id;
  const [provider, ...types] = type.split('/');
  id += `/providers/${provider}`;
  return types.every((one, i) => add(one, names[i])) ? id : undefined;
}

/** A resource group by name, for scopes. */
export function groupId(subscription: Value | undefined, name: Value | undefined): ResourceId {
  return { subscription, resourceGroup: name, type: '', names: [] };
}
