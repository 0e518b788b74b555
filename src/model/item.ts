/** Protected items: what is protected, in which vault, by which policy, in which state, and which disks are chosen. */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, isNull, type List, text, unknown, type Value } from '../evaluate/value.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  listOf,
  mapped,
  numeric,
  pick,
  region,
  textOf,
  undecided,
} from './facts.ts';
import { parentId, parseId, type ResourceId, rootId, splitName } from './id.ts';
import type { Surroundings } from './machine.ts';
import { datasourceSolutions } from './policy.ts';

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

const azurermInstances: Readonly<Record<string, string>> = {
  azurerm_data_protection_backup_instance_disk: 'azure-disk',
  azurerm_data_protection_backup_instance_blob_storage: 'azure-blob',
  azurerm_data_protection_backup_instance_data_lake_storage: 'adls',
  azurerm_data_protection_backup_instance_postgresql: 'postgresql',
  azurerm_data_protection_backup_instance_postgresql_flexible_server: 'postgresql',
  azurerm_data_protection_backup_instance_mysql_flexible_server: 'mysql',
  azurerm_data_protection_backup_instance_kubernetes_cluster: 'aks',
};

/**
 * What azurerm sends for items of Recovery Services vaults, whatever its own version: the protecteditems client that is
 * vendored in hashicorp/terraform-provider-azurerm v5.2.0.
 */
const azurermApiVersion = '2023-02-01';

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
export function protects(resource: Resource): boolean {
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
    apiVersion: computed(azurermApiVersion, head),
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
  };
}

function azurermInstance(resource: Resource, solution: string, around: Surroundings): ItemLinks {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const vault = at('vault_id') ?? at('data_protection_backup_vault_id') ?? undecided('the vault is not written', head);
  const source =
    at('disk_id') ?? at('storage_account_id') ?? at('server_id') ?? at('database_id') ?? at('kubernetes_cluster_id');
  return {
    solution: computed(solution, head),
    source,
    sourceId: source && parseId(source.value, around.find),
    statedLocation: region(at('location')),
    policy: at('backup_policy_id') ?? at('backup_policy_data_lake_storage_id'),
    vaultAt: vault,
    vaultId: parseId(vault.value, around.find),
    vaultKind: 'backup',
    state: computed('protected', head),
    included: undefined,
    excluded: undefined,
    luns: undefined,
  };
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
        : fallback(mapped(at('protectionState'), states), 'protected', head);
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
    solution: mapped(kind, itemSolutions) ?? undecided('the type of the protected item is not written', head),
    source: source ?? sourceInName(resource),
    sourceId: source ? parseId(source.value, around.find) : idInName(resource),
    apiVersion: pick(body, 'apiVersion', true),
    policy: emptyIsAbsent(at('policyId')),
    vaultAt: { value: splitName(resource.name)?.[0] ?? resource.name, at: head },
    vaultId: id ? rootId(id) : undefined,
    vaultKind: 'recovery-services',
    state,
    included: which(true),
    excluded: which(false),
    luns,
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
  const name = textOf(force(splitName(resource.name)?.at(-1) ?? resource.name));
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
  let open = all.open ?? false;
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
    open ||= taken === undefined;
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
    vaultAt: { value: splitName(resource.name)?.[0] ?? resource.name, at: head },
    vaultId: id ? parentId(id) : undefined,
    vaultKind: 'backup',
    state: fallback(mapped(at('currentProtectionState'), states), 'protected', head),
    included: undefined,
    excluded: undefined,
    luns: undefined,
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
