/** Databases that back up by themselves, as datasources: PostgreSQL and MySQL servers, Cosmos DB accounts, SQL virtual machines. */
import type { Resource } from '../evaluate/resource.ts';
import { force, reasonOf, type Value } from '../evaluate/value.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  mapped,
  numberIn,
  numeric,
  pick,
  region,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { type Facts, named } from './retention.ts';

const enabled = { enabled: true, disabled: false, true: true, false: false };
const tiers = { b: 'Burstable', gp: 'GeneralPurpose', mo: 'MemoryOptimized' };
const tierNames = { ...spelt('Burstable', 'GeneralPurpose', 'MemoryOptimized'), businesscritical: 'MemoryOptimized' };
const availability = spelt('Disabled', 'SameZone', 'ZoneRedundant');

/** Flexible servers, and single servers as they were until 2025. */
export function serverFacts(resource: Resource): Facts {
  const { body, head, type } = resource;
  const arm = type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const isSingle = type === 'azurerm_postgresql_server' || type.toLowerCase() === 'microsoft.dbforpostgresql/servers';
  const sku = at(arm ? 'sku.name' : 'sku_name');
  const delegated = at(arm ? 'properties.network.delegatedSubnetResourceId' : 'delegated_subnet_id');
  return {
    service: computed(isSingle ? 'single' : 'flexible', head),
    ...named(resource),
    location: region(at('location')),
    version: at(arm ? 'properties.version' : 'version'),
    sku: arm ? sku : sku && plainSku(sku),
    tier: arm ? mapped(at('sku.tier'), tierNames) : sku && tierOfSku(sku),
    storageGb: arm
      ? numeric(at('properties.storage.storageSizeGB'))
      : (gigabytes(at('storage_mb')) ?? numeric(at('storage[0].size_gb'))),
    nativeBackupDays:
      numeric(
        at(
          arm
            ? isSingle
              ? 'properties.storageProfile.backupRetentionDays'
              : 'properties.backup.backupRetentionDays'
            : 'backup_retention_days',
        ),
      ) ?? defaultDays(at(arm ? 'properties.createMode' : 'create_mode'), head),
    geoRedundantBackup: fallback(
      mapped(
        at(
          arm
            ? isSingle
              ? 'properties.storageProfile.geoRedundantBackup'
              : 'properties.backup.geoRedundantBackup'
            : 'geo_redundant_backup_enabled',
        ),
        enabled,
      ),
      false,
      head,
    ),
    highAvailability: fallback(
      mapped(at(arm ? 'properties.highAvailability.mode' : 'high_availability[0].mode'), availability),
      'Disabled',
      head,
    ),
    replica: replica(
      at(arm ? 'properties.createMode' : 'create_mode'),
      at(arm ? 'properties.replicationRole' : 'replication_role'),
      head,
    ),
    publicNetworkAccess: mapped(
      arm
        ? at('properties.network.publicNetworkAccess')
        : (at('public_network_access') ?? at('public_network_access_enabled') ?? openByDefault(resource, delegated)),
      enabled,
    ),
    delegatedSubnet: delegated,
  };
}

/** The service keeps seven days; a server made from another one may take over what that has. */
function defaultDays(mode: Fact | undefined, head: Fact['at']): Fact {
  const made = textOf(mode?.value)?.toLowerCase();
  return !mode || made === 'default' || made === 'create'
    ? computed(7, head)
    : undecided('the server may take over the retention of its source', mode.at);
}

/** azurerm's default for PostgreSQL. Before 3.105 the service decided of a flexible server, and closed one in a subnet of its own. */
function openByDefault({ type, head }: Resource, delegated: Fact | undefined): Fact | undefined {
  return type.startsWith('azurerm_postgresql_') && !delegated ? computed(true, head) : undefined;
}

/** azurerm puts the tier before the size: `GP_Standard_D4s_v3`. */
function tierOfSku(sku: Fact): Fact {
  const written = textOf(sku.value);
  if (written === undefined) return undecided(reasonOf(sku.value) ?? 'the size is not known', sku.at);
  const tier = tiers[written.split('_')[0]?.toLowerCase() as keyof typeof tiers];
  return tier ? computed(tier, sku.at) : undecided('the size names no tier', sku.at);
}

function plainSku(sku: Fact): Fact {
  return sku.value.kind === 'string'
    ? { ...sku, value: { ...sku.value, value: sku.value.value.replace(/^[A-Za-z]{1,2}_/, '') } }
    : sku;
}

function gigabytes(megabytes: Fact | undefined): Fact | undefined {
  const fact = numeric(megabytes);
  const amount = numberIn(fact?.value);
  return amount === undefined || !fact
    ? fact
    : { at: fact.at, value: { ...fact.value, kind: 'number', value: amount / 1024 } as Value };
}

/** A read replica by the way it is made or by its role; a role of `None` makes it a server of its own again. */
function replica(mode: Fact | undefined, role: Fact | undefined, head: Fact['at']): Fact {
  const word = textOf(role?.value)?.toLowerCase();
  if (word !== undefined) return { at: role!.at, value: computed(/replica/.test(word), role!.at).value };
  const made = textOf(mode?.value)?.toLowerCase();
  if (role) return undecided('its role is not known', role.at);
  if (made !== undefined) return computed(made === 'replica', mode!.at);
  return mode ? undecided('it is not known how it is made', mode.at) : computed(false, head);
}

// Cosmos DB

const modes = spelt('Periodic', 'Continuous');
/** Capabilities that make the account speak another interface than NoSQL. */
const interfaces: Readonly<Record<string, string>> = {
  enablecassandra: 'cassandra',
  enablegremlin: 'gremlin',
  enabletable: 'table',
  enablemongo: 'mongodb',
};

export function cosmosFacts(resource: Resource): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  return {
    ...named(resource),
    location: region(at('location')),
    api: cosmosInterface(at('kind'), at(arm ? 'properties.capabilities' : 'capabilities'), head),
    backupMode: fallback(mapped(at(arm ? 'properties.backupPolicy.type' : 'backup[0].type'), modes), 'Periodic', head),
    continuousTier: at(arm ? 'properties.backupPolicy.continuousModeProperties.tier' : 'backup[0].tier'),
    multiWrite: fallback(
      mapped(
        arm
          ? at('properties.enableMultipleWriteLocations')
          : (at('multiple_write_locations_enabled') ?? at('enable_multiple_write_locations')),
        enabled,
      ),
      false,
      head,
    ),
    writeRegion: writeRegion(at(arm ? 'properties.locations' : 'geo_location'), arm),
    publicNetworkAccess: fallback(
      mapped(at(arm ? 'properties.publicNetworkAccess' : 'public_network_access_enabled'), {
        ...enabled,
        securedbyperimeter: false,
      }),
      true,
      head,
    ),
  };
}

function cosmosInterface(kind: Fact | undefined, capabilities: Fact | undefined, head: Fact['at']): Fact {
  const word = kind ? textOf(kind.value)?.toLowerCase() : 'globaldocumentdb';
  if (word === undefined) return undecided('the kind of the account is not known', kind!.at);
  if (word === 'mongodb') return computed('mongodb', kind!.at);
  const list = filledList(capabilities);
  if (!list) return computed(word === 'parse' ? 'parse' : 'nosql', kind?.at ?? head);
  if (list.value.kind !== 'list') return undecided(reasonOf(list.value) ?? 'the capabilities are not known', list.at);
  let open = list.value.open === true;
  for (const item of list.value.items) {
    const name = textOf(pick(item, 'name', true)?.value)?.toLowerCase();
    const found = name === undefined ? undefined : interfaces[name];
    if (found) return computed(found, item.at);
    open ||= name === undefined;
  }
  return open ? undecided('the capabilities are not known', list.at) : computed('nosql', kind?.at ?? head);
}

/** The region with failover priority 0. */
function writeRegion(locations: Fact | undefined, arm: boolean): Fact | undefined {
  const list = filledList(locations);
  if (!list) return undefined;
  if (list.value.kind !== 'list') return undecided(reasonOf(list.value) ?? 'the regions are not known', list.at);
  let open = list.value.open === true;
  for (const item of list.value.items) {
    const one = force(item);
    const priority = numeric(pick(one, arm ? 'failoverPriority' : 'failover_priority', arm));
    const order = numberIn(priority?.value);
    const isOnly = !priority && list.value.items.length === 1;
    if (order === 0 || isOnly) return region(pick(one, arm ? 'locationName' : 'location', arm));
    open ||= priority !== undefined && order === undefined;
  }
  return open ? undecided('the failover priorities are not known', list.at) : undefined;
}

// SQL virtual machines

/** An automatic schedule sets the frequency itself. */
function logMinutes(written: Fact | undefined, schedule: Fact | undefined): Fact | undefined {
  const kind = textOf(schedule?.value)?.toLowerCase();
  if (!written || kind === 'automated') return undefined;
  return schedule && kind === undefined ? undecided('the kind of the schedule is not known', schedule.at) : written;
}

/** The registration of SQL Server in a machine, with SQL's own automated backup. */
export function sqlMachineFacts(resource: Resource): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const block = at(arm ? 'properties.autoBackupSettings' : 'auto_backup[0]');
  const on = arm
    ? fallback(mapped(at('properties.autoBackupSettings.enable'), enabled), false, block?.at ?? head)
    : block && computed(true, block.at);
  const of = (azurerm: string, own: string): Fact | undefined =>
    at(arm ? `properties.autoBackupSettings.${own}` : `auto_backup[0].${azurerm}`);
  return {
    ...(arm && named(resource)),
    machineReference: at(arm ? 'properties.virtualMachineResourceId' : 'virtual_machine_id'),
    license: at(arm ? 'properties.sqlServerLicenseType' : 'sql_license_type'),
    group: at(arm ? 'properties.sqlVirtualMachineGroupResourceId' : 'sql_virtual_machine_group_id'),
    automatedBackup: block && {
      at: block.at,
      value:
        block.value.kind === 'object'
          ? view(block.at, {
              enabled: on,
              days: numeric(of('retention_period_in_days', 'retentionPeriod')),
              logMinutes: logMinutes(
                numeric(of('manual_schedule[0].log_backup_frequency_in_minutes', 'logBackupFrequency')),
                arm ? at('properties.autoBackupSettings.backupScheduleType') : undefined,
              ),
              systemDatabases: mapped(of('system_databases_backup_enabled', 'backupSystemDbs'), enabled),
              storage: of('storage_blob_endpoint', 'storageAccountUrl'),
            })
          : undecided(reasonOf(block.value) ?? 'it is not known', block.at).value,
    },
  };
}
