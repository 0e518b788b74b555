/**
 * Backup policies: which solution, and for Azure VM the schedule, instant restore, retention per tier and archive tiering
 * in one vocabulary for azurerm and ARM. Weekdays and months are English names with a capital, counts are in the tier's own unit.
 */
import type { Resource } from '../evaluate/resource.ts';
import { text, type Value } from '../evaluate/value.ts';
import { backupVaultPolicy } from './backup-vault-policy.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  filledText,
  listOf,
  mapped,
  numeric,
  pick,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { filesPolicy } from './files-policy.ts';
import { versionAtLeast } from './provider.ts';
import {
  archiveModes,
  armRetention,
  azurermRetention,
  clockTimes,
  type Facts,
  filledObject,
  frequencies,
  meaningful,
  named,
  part,
  weekdays,
} from './retention.ts';
import { gap, undecidedGap, weeklyRuns } from './schedule.ts';
import { workloadPolicy } from './workload-policy.ts';

const policyTypes = spelt('V1', 'V2');
export interface PolicyKind {
  readonly solution: string;
  readonly vaultKind: 'recovery-services' | 'backup';
}

const azurermPolicies: Readonly<Record<string, PolicyKind>> = {
  azurerm_backup_policy_vm: { solution: 'azure-vm', vaultKind: 'recovery-services' },
  azurerm_backup_policy_file_share: { solution: 'azure-files', vaultKind: 'recovery-services' },
  azurerm_backup_policy_vm_workload: { solution: 'database-in-vm', vaultKind: 'recovery-services' },
  azurerm_data_protection_backup_policy_disk: { solution: 'azure-disk', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_blob_storage: { solution: 'azure-blob', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_data_lake_storage: { solution: 'adls', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_kubernetes_cluster: { solution: 'aks', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_postgresql: { solution: 'postgresql', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_postgresql_flexible_server: { solution: 'postgresql', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_mysql_flexible_server: { solution: 'mysql', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_elastic_san_volume_group: { solution: 'elastic-san', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_cosmosdb_database_account: { solution: 'cosmos-db', vaultKind: 'backup' },
};

const armPolicyTypes: Readonly<Record<string, 'recovery-services' | 'backup'>> = {
  'microsoft.recoveryservices/vaults/backuppolicies': 'recovery-services',
  'microsoft.dataprotection/backupvaults/backuppolicies': 'backup',
};

const managementTypes: Readonly<Record<string, string>> = {
  azureiaasvm: 'azure-vm',
  azurestorage: 'azure-files',
  mab: 'mars',
  // Neither has a kind of policy in ARM; a template that declares one all the same is told so.
  dpm: 'dpm-mabs',
  azurebackupserver: 'dpm-mabs',
};

const workloads: Readonly<Record<string, string>> = {
  sqldatabase: 'sql-in-vm',
  saphanadatabase: 'hana-in-vm',
  saphanadbinstance: 'hana-in-vm',
  sapasedatabase: 'ase-in-vm',
};

export function isPolicy(resource: Pick<Resource, 'type'>): boolean {
  return resource.type in azurermPolicies || resource.type.toLowerCase() in armPolicyTypes;
}

/** Which solution a policy is made for, as a value: unknown where its kind is not known. */
export function policySolution(resource: Resource): Fact {
  const { body, head } = resource;
  const azurerm = azurermPolicies[resource.type];
  if (azurerm) {
    if (azurerm.solution !== 'database-in-vm') return { value: text(azurerm.solution, head), at: head };
    return mapped(pick(body, 'workload_type', false), workloads) ?? undecided('the workload type is not written', head);
  }
  const workload = mapped(pick(body, 'properties.workLoadType', true), workloads);
  const kind = pick(body, 'properties.backupManagementType', true);
  if (textOf(kind?.value)?.toLowerCase() === 'azureworkload')
    return workload ?? undecided('the workload type is not written', head);
  if (kind) return mapped(kind, managementTypes)!;
  const datasource = pick(body, 'properties.datasourceTypes[0]', true);
  return mapped(datasource, datasourceSolutions) ?? undecided('the kind of the policy is not written', head);
}

/** Solutions of a Backup vault by the datasource type that its policies and instances name. */
export const datasourceSolutions: Readonly<Record<string, string>> = {
  'microsoft.compute/disks': 'azure-disk',
  'microsoft.storage/storageaccounts/blobservices': 'azure-blob',
  'microsoft.storage/storageaccounts/adlsblobservices': 'adls',
  'microsoft.dbforpostgresql/servers/databases': 'postgresql',
  'microsoft.dbforpostgresql/flexibleservers': 'postgresql',
  'microsoft.dbformysql/flexibleservers': 'mysql',
  'microsoft.containerservice/managedclusters': 'aks',
  'microsoft.documentdb/databaseaccounts': 'cosmos-db',
  'microsoft.elasticsan/elasticsans/volumegroups': 'elastic-san',
  'microsoft.compute/virtualmachines': 'azure-vm',
};

/**
 * Everything a rule asks of a policy: its solution decides where that stands.
 * A patch need not say which solution it is for: then it is that of the policy, `known`.
 */
export function policyFacts(resource: Resource, known?: Fact): Facts {
  const solution = known ?? policySolution(resource);
  return {
    solution,
    retired: retiredService(
      resource,
      serverService(resource, pick(resource.body, 'properties.datasourceTypes[0]', true)),
    ),
    ...factsOf(resource, textOf(solution.value)),
  };
}

const services = {
  'microsoft.dbforpostgresql/servers/databases': 'single',
  'microsoft.dbforpostgresql/flexibleservers': 'flexible',
  'microsoft.dbformysql/flexibleservers': 'flexible',
};
const azurermServices: Readonly<Record<string, string>> = {
  postgresql: 'single',
  postgresql_flexible_server: 'flexible',
  mysql_flexible_server: 'flexible',
};

/** Which service of PostgreSQL or MySQL a policy or instance is for; absent for everything else. */
export function serverService(resource: Resource, datasourceType: Fact | undefined): Fact | undefined {
  const { head, type } = resource;
  const azurerm = azurermServices[type.replace(/^azurerm_data_protection_backup_(?:policy|instance)_/, '')];
  if (azurerm) return computed(azurerm, head);
  const found = type.includes('/') ? mapped(datasourceType, services) : undefined;
  const word = textOf(found?.value);
  return word === undefined || word === 'single' || word === 'flexible' ? found : undefined;
}

/** True of a service that has ended. An azurerm that no longer has the resource is told by itself. */
export function retiredService({ provider, type }: Resource, service: Fact | undefined): Fact | undefined {
  if (!service || textOf(service.value) === 'flexible') return undefined;
  if (!type.includes('/') && provider && versionAtLeast(provider, [5, 0, 0]) === true) return undefined;
  return textOf(service.value) === 'single'
    ? { at: service.at, value: { kind: 'bool', value: true, at: service.value.at, via: service.value.via } }
    : service;
}

function factsOf(resource: Resource, solution: string | undefined): Facts {
  const { type } = resource;
  if (type === 'azurerm_backup_policy_vm') return withGap(azurermVmPolicy(resource));
  if (type === 'azurerm_backup_policy_file_share') return filesPolicy(resource);
  if (type === 'azurerm_backup_policy_vm_workload') return workloadPolicy(resource);
  if (type in azurermPolicies) return backupVaultPolicy(resource);
  if (solution === 'azure-vm') return withGap(armVmPolicy(resource));
  if (solution === 'azure-files') return filesPolicy(resource);
  const management = textOf(pick(resource.body, 'properties.backupManagementType', true)?.value)?.toLowerCase();
  if (management === 'azureworkload' || (solution && Object.values(workloads).includes(solution)))
    return workloadPolicy(resource);
  // Under a vault of the other kind a body is still read as what it is.
  return armPolicyTypes[type.toLowerCase()] === 'backup' || pick(resource.body, 'properties.policyRules', true)
    ? backupVaultPolicy(resource)
    : named(resource);
}

/** With the longest time between two of its runs. */
function withGap(facts: Facts): Facts {
  const schedule = facts['schedule'];
  if (!schedule) return facts;
  const value = 'kind' in schedule ? schedule : schedule.value;
  const runs = value.kind === 'object' ? weeklyRuns(Object.fromEntries(value.members)) : undefined;
  const { at } = schedule;
  return { ...facts, ...(runs ? gap(runs, at) : undecidedGap('the schedule is not known', at)) };
}

function azurermVmPolicy(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const time = at('backup[0].time');
  return {
    ...named(resource),
    type: fallback(mapped(at('policy_type'), policyTypes), 'V1', head),
    typeWritten: at('policy_type'),
    timeZone: fallback(at('timezone'), 'UTC', head),
    consistency: at('consistency_type'),
    schedule: part(at('backup[0]'), {
      frequency: mapped(at('backup[0].frequency'), frequencies),
      times: time && { at: time.at, value: listOf(time.at, [time.value]) },
      weekdays: mapped(filledList(at('backup[0].weekdays')), weekdays),
      interval: numeric(at('backup[0].hour_interval')),
      window: numeric(at('backup[0].hour_duration')),
    }),
    instantRestore: view(head, {
      days: numeric(at('instant_restore_retention_days')),
      group: instantRestoreGroup(
        at('instant_restore_resource_group[0]'),
        filledText(at('instant_restore_resource_group[0].prefix')),
        filledText(at('instant_restore_resource_group[0].suffix')),
      ),
    }),
    retention: azurermRetention(body, head),
    archive: part(at('tiering_policy[0].archived_restore_point[0]'), {
      mode: mapped(at('tiering_policy[0].archived_restore_point[0].mode'), archiveModes),
      after: numeric(at('tiering_policy[0].archived_restore_point[0].duration')),
      unit: at('tiering_policy[0].archived_restore_point[0].duration_type'),
    }),
  };
}

function armVmPolicy(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const type = fallback(mapped(at('policyType'), policyTypes), 'V1', head);
  const scheduleClass = mapped(at('schedulePolicy.schedulePolicyType'), {
    simpleschedulepolicy: 'V1',
    simpleschedulepolicyv2: 'V2',
  });
  const archive = 'tieringPolicy.ArchivedRP';
  const noArchive = textOf(at(`${archive}.tieringMode`)?.value)?.toLowerCase() === 'donottier';
  return {
    ...named(resource),
    type,
    typeWritten: at('policyType'),
    scheduleClass,
    timeZone: at('timeZone'),
    consistency: at('snapshotConsistencyType'),
    schedule: armSchedule(resource, type, scheduleClass),
    instantRestore: view(head, {
      days: numeric(at('instantRpRetentionRangeInDays')),
      group: instantRestoreGroup(
        filledObject(at('instantRPDetails')),
        filledText(at('instantRPDetails.azureBackupRGNamePrefix')),
        filledText(at('instantRPDetails.azureBackupRGNameSuffix')),
      ),
    }),
    retention: armRetention(at('retentionPolicy'), head),
    archive: noArchive
      ? undefined
      : part(filledObject(at(archive)), {
          mode: mapped(at(`${archive}.tieringMode`), archiveModes),
          after: meaningful(numeric(at(`${archive}.duration`))),
          unit: meaningful(at(`${archive}.durationType`)),
        }),
  };
}

const frequencyBlocks: Readonly<Record<string, string>> = {
  Hourly: 'hourlySchedule',
  Daily: 'dailySchedule',
  Weekly: 'weeklySchedule',
};

/** V1 has one set of fields for every frequency, V2 a block for each. */
function armSchedule(resource: Resource, type: Fact, scheduleClass: Fact | undefined): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(resource.body, `properties.schedulePolicy${path}`, true);
  const frequency = mapped(at('.scheduleRunFrequency'), frequencies);
  const often = textOf(frequency?.value);
  const own = often === undefined ? undefined : frequencyBlocks[often];
  const field = (name: string): Fact | undefined => {
    if (scheduleClass && textOf(scheduleClass.value) === undefined)
      return undecided('the schedule class is not known', scheduleClass.at);
    const plain = at(`.${name}`);
    if (textOf(scheduleClass?.value) === 'V1' && textOf(type.value) === 'V1') return plain;
    if (frequency && often === undefined) return undecided('the frequency is not known', frequency.at);
    const inBlock = own === undefined ? undefined : at(`.${own}.${name}`);
    if (textOf(scheduleClass?.value) === 'V2' && textOf(type.value) === 'V2') return inBlock;
    // Which class is meant is open: that they disagree is a mistake of its own.
    return inBlock ?? plain;
  };
  const start = at('.hourlySchedule.scheduleWindowStartTime');
  const facts = {
    frequency,
    times: clockTimes(
      often === 'Hourly'
        ? start && { at: start.at, value: listOf(start.at, [start.value]) }
        : filledList(field('scheduleRunTimes')),
    ),
    timesBeside: timesBeside(at, frequency),
    weekdays: mapped(filledList(field('scheduleRunDays')), weekdays),
    interval: numeric(at('.hourlySchedule.interval')),
    window: numeric(at('.hourlySchedule.scheduleWindowDuration')),
  };
  // A class alone is no schedule.
  return Object.values(facts).some(Boolean) ? part(at(''), facts) : undefined;
}

/** Run times of a daily or weekly schedule in a policy that runs hourly. */
function timesBeside(at: (path: string) => Fact | undefined, frequency: Fact | undefined): Fact | undefined {
  const often = textOf(frequency?.value);
  if (!frequency || (often !== undefined && often !== 'Hourly')) return undefined;
  const found = ['', '.dailySchedule', '.weeklySchedule']
    .map((block) => filledList(at(`${block}.scheduleRunTimes`)))
    .find(Boolean);
  return found && often === undefined ? undecided('the frequency is not known', frequency.at) : clockTimes(found);
}

function instantRestoreGroup(
  written: Fact | undefined,
  prefix: Fact | undefined,
  suffix: Fact | undefined,
): Fact | undefined {
  if (!prefix) return undefined;
  const text = (fact: Fact | undefined): string | undefined => (fact ? textOf(fact.value) : '');
  const [first, last] = [text(prefix), text(suffix)];
  return part(written && { ...written, at: prefix.at }, {
    prefix,
    suffix,
    // The service puts a number between prefix and suffix; one digit is the least.
    shortestName:
      first === undefined || last === undefined
        ? undecided('the name of the group is not known', prefix.at)
        : { at: prefix.at, value: { ...prefix.value, kind: 'string', value: `${first}1${last}` } as Value },
  });
}
