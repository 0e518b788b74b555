/** What Azure makes of a template's resource: what its answers have beside the body, under other names, or in rows of their own. */
import { guid } from '../azure/fake/rows.ts';
import { type Deployed, has, hole, type Json, principalOf, tenant } from './template.ts';

/** As REST answers. */
export interface Told {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly owner: string;
  readonly properties: unknown;
  readonly [column: string]: unknown;
}

export function answersOf(one: Deployed, all: readonly Deployed[]): Told[] {
  const { id, name, type, owner, body } = one;
  const columns = ['location', 'tags', 'sku', 'kind', 'zones', 'plan', 'managedBy'];
  const told: Told = {
    id,
    name,
    type,
    owner,
    ...Object.fromEntries(columns.flatMap((column) => (body[column] === undefined ? [] : [[column, body[column]]]))),
    ...(typeof body['location'] === 'string' && { location: body['location'].toLowerCase().replaceAll(' ', '') }),
    ...(body['identity'] !== undefined && { identity: identityOf(one, all) }),
    properties: body['properties'] ?? {},
  };
  const made = services[type.toLowerCase()];
  return made ? made(told, one, all) : [told];
}

type Answer = (told: Told, one: Deployed, all: readonly Deployed[]) => Told[];

/** With the properties that the template writes laid over those that the service adds. */
function withDefaults(defaults: (one: Deployed, all: readonly Deployed[]) => Json): Answer {
  return (told, one, all) => [{ ...told, properties: over(defaults(one, all), told.properties) }];
}

function over(first: unknown, later: unknown): unknown {
  if (!isPlain(first) || !isPlain(later)) return later ?? first;
  const result: Json = { ...first };
  for (const [name, value] of Object.entries(later)) result[name] = over(first[name], value);
  return result;
}

function isPlain(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function of(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (at as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    value,
  );
}

function identityOf({ id, body }: Deployed, all: readonly Deployed[]): unknown {
  const identity = body['identity'];
  if (!isPlain(identity) || has(identity)) return identity;
  const type = String(identity['type']);
  // A key that is an expression is no name in the template.
  const named = isPlain(identity['userAssignedIdentities']) ? Object.keys(identity['userAssignedIdentities']) : [];
  const users =
    named.length > 0 || !/UserAssigned/i.test(type)
      ? named
      : all.filter((other) => /\/userassignedidentities$/i.test(other.type)).map((other) => other.id);
  return {
    type,
    ...(/SystemAssigned/i.test(type) && { principalId: principalOf(id), tenantId: tenant }),
    ...(users.length > 0 && {
      userAssignedIdentities: Object.fromEntries(
        users.map((user) => [user, { principalId: principalOf(user), clientId: guid(`client of ${user}`) }]),
      ),
    }),
  };
}

const children = (all: readonly Deployed[], { id }: Deployed, type: RegExp): Deployed[] =>
  all.filter((other) => type.test(other.type) && other.id.toLowerCase().startsWith(`${id.toLowerCase()}/`));

const services: Readonly<Record<string, Answer>> = {
  'microsoft.recoveryservices/vaults': (told, one, all) => {
    const [config, storage, key, guard] = [
      'backupconfig',
      'backupstorageconfig',
      'backupencryptionconfigs',
      'backupresourceguardproxies',
    ].map((type) => children(all, one, new RegExp(`/${type}$`, 'i'))[0]);
    const alerts = { alertsForAllJobFailures: 'Enabled' };
    const keyed = key && isPlain(key.body['properties']) ? key.body['properties'] : undefined;
    return [
      {
        ...told,
        properties: over(
          {
            provisioningState: 'Succeeded',
            monitoringSettings: { azureMonitorAlertSettings: alerts },
            // What is set in a child is told there.
            ...(!config && {
              securitySettings: {
                softDeleteSettings: { softDeleteState: 'Enabled', softDeleteRetentionPeriodInDays: 14 },
                immutabilitySettings: { state: 'Disabled' },
                // Where that is not told, the survey lists the guards.
                ...(!guard && { multiUserAuthorization: 'Disabled' }),
              },
            }),
            ...(!storage && {
              redundancySettings: { standardTierStorageRedundancy: 'GeoRedundant', crossRegionRestore: 'Disabled' },
            }),
            ...(keyed && {
              encryption: {
                keyVaultProperties: { keyUri: keyed['keyUri'] },
                kekIdentity: {
                  useSystemAssignedIdentity: keyed['useSystemAssignedIdentity'],
                  userAssignedIdentity: keyed['userAssignedIdentity'],
                },
                infrastructureEncryption: keyed['infrastructureEncryptionState'] ?? 'Disabled',
              },
            }),
            publicNetworkAccess: 'Enabled',
            restoreSettings: { crossSubscriptionRestoreSettings: { crossSubscriptionRestoreState: 'Enabled' } },
          },
          told.properties,
        ),
      },
    ];
  },
  'microsoft.dataprotection/backupvaults': withDefaults((one, all) => ({
    provisioningState: 'Succeeded',
    isVaultProtectedByResourceGuard: children(all, one, /\/backupresourceguardproxies$/i).length > 0,
    monitoringSettings: { azureMonitorAlertSettings: { alertsForAllJobFailures: 'Enabled' } },
    securitySettings: {
      softDeleteSettings: { state: 'On', retentionDurationInDays: 14 },
      immutabilitySettings: { state: 'Disabled' },
    },
  })),
  'microsoft.recoveryservices/vaults/backuppolicies': withDefaults(() => ({ protectedItemsCount: 0 })),
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems': (told, one) => {
    const written = isPlain(told.properties) ? told.properties : {};
    const [management, workload] = kinds[String(written['protectedItemType']).toLowerCase()] ?? [];
    const source = written['sourceResourceId'];
    return [
      {
        ...told,
        properties: {
          ...(management !== undefined && { backupManagementType: management, workloadType: workload }),
          containerName: one.owner
            .split('/')
            .at(-1)!
            .replace(/^IaasVMContainer;/i, ''),
          protectionState: 'Protected',
          protectionStatus: 'Healthy',
          // Of databases a backup that succeeds would prove more than a template says.
          lastBackupStatus: management === 'AzureWorkload' ? 'IRPending' : 'Completed',
          lastBackupTime: '2026-06-15T02:10:00Z',
          lastRecoveryPoint: '2026-06-15T02:00:00Z',
          ...(management === 'AzureIaasVM' && { extendedProperties: { linuxVmApplicationName: '' } }),
          ...(typeof source === 'string' && { dataSourceInfo: { resourceID: source, objectType: 'Datasource' } }),
          ...(typeof written['policyId'] === 'string' && { policyInfo: { policyId: written['policyId'] } }),
          ...(isPlain(told.properties) ? told.properties : {}),
        },
      },
    ];
  },
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers': (told) => {
    const written = isPlain(told.properties) ? told.properties : {};
    const management = String(written['backupManagementType']);
    const registered = { registrationStatus: 'Registered', healthStatus: 'Healthy', ...written };
    if (/^mab$/i.test(management)) return [{ ...told, properties: registered }];
    if (/^azure(?:storage|workload)$/i.test(management)) return [{ ...told, properties: inquired(registered) }];
    if (!/^(?:dpm|azurebackupserver)$/i.test(management)) return [];
    const vault = told.id.slice(0, told.id.toLowerCase().indexOf('/backupfabrics/'));
    const name = String(written['friendlyName']).toUpperCase();
    return [
      {
        id: `${vault}/backupEngines/${name}`,
        name,
        type: 'Microsoft.RecoveryServices/vaults/backupEngines',
        owner: vault,
        properties: {
          ...registered,
          backupEngineType: /^dpm$/i.test(management) ? 'DpmBackupEngine' : 'AzureBackupServerEngine',
        },
      },
    ];
  },
  'microsoft.dataprotection/backupvaults/backupinstances': withDefaults(() => ({
    currentProtectionState: 'ProtectionConfigured',
    protectionStatus: { status: 'ProtectionConfigured' },
    provisioningState: 'Succeeded',
    backupInstanceExtendedProperties: {
      recoveryPointInfo: { latestRecoveryPointInPrimaryRegion: '2026-06-15T02:00:00.0000000Z' },
    },
  })),
  'microsoft.recoveryservices/vaults/backupfabrics/backupprotectionintent': (told) => {
    const written = isPlain(told.properties) ? told.properties : {};
    return [{ ...told, properties: { backupManagementType: 'AzureWorkload', ...written } }];
  },
  'microsoft.compute/virtualmachines': (told, one, all) => {
    const storage = of(told.properties, 'storageProfile');
    if (!isPlain(storage) || has(storage)) return [told];
    const made: Told[] = [];
    const disk = (entry: unknown, name: string): unknown => {
      if (!isPlain(entry) || entry['vhd'] || of(entry, 'managedDisk', 'id')) return entry;
      const group = one.id.slice(0, one.id.toLowerCase().indexOf('/providers/'));
      const id = `${group}/providers/Microsoft.Compute/disks/${name}`;
      const sku = of(entry, 'managedDisk', 'storageAccountType') ?? 'Standard_LRS';
      if (of(entry, 'diffDiskSettings', 'option') === undefined)
        made.push({
          id,
          name,
          type: 'Microsoft.Compute/disks',
          owner: group,
          location: told['location'],
          sku: { name: sku },
          managedBy: one.id,
          properties: {
            creationData: { createOption: entry['createOption'] },
            diskState: 'Attached',
            diskSizeGB: entry['diskSizeGB'] ?? 128,
            ...encryptionBy(one, all),
          },
        });
      return { ...entry, name, managedDisk: { storageAccountType: sku, ...(entry['managedDisk'] as Json), id } };
    };
    const data = storage['dataDisks'];
    return [
      {
        ...told,
        properties: {
          ...(told.properties as Json),
          storageProfile: {
            ...storage,
            ...(storage['osDisk'] !== undefined && { osDisk: disk(storage['osDisk'], `${one.name}_OsDisk_1`) }),
            ...(Array.isArray(data) && {
              dataDisks: data.map((entry, i) => disk(entry, `${one.name}_DataDisk_${String(of(entry, 'lun') ?? i)}`)),
            }),
          },
        },
      },
      ...made,
    ];
  },
  'microsoft.compute/disks': (told, { id }, all) => {
    const users = all.filter(
      (other) =>
        /\/virtualmachines$/i.test(other.type) &&
        !has(other.body['properties']) &&
        JSON.stringify(of(other.body, 'properties', 'storageProfile') ?? '')
          .toLowerCase()
          .includes(`"${id.toLowerCase()}"`),
    );
    return [
      {
        ...told,
        ...(users[0] && { managedBy: users[0].id }),
        properties: over(
          {
            diskState: users[0] ? 'Attached' : 'Unattached',
            networkAccessPolicy: 'AllowAll',
            publicNetworkAccess: 'Enabled',
            ...(users[0] && encryptionBy(users[0], all)),
          },
          told.properties,
        ),
      },
    ];
  },
  'microsoft.storage/storageaccounts': withDefaults(({ name }) => ({
    provisioningState: 'Succeeded',
    primaryEndpoints: {
      blob: `https://${name}.blob.core.windows.net/`,
      file: `https://${name}.file.core.windows.net/`,
    },
    networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules: [], defaultAction: 'Allow' },
    supportsHttpsTrafficOnly: true,
  })),
  'microsoft.network/virtualnetworks': withMembers('subnets', { virtualNetworkPeerings: [] }),
  'microsoft.network/networksecuritygroups': withMembers('securityRules', {}),
  'microsoft.keyvault/vaults': withDefaults(({ name }) => ({
    vaultUri: `https://${name}.vault.azure.net/`,
    provisioningState: 'Succeeded',
    enableSoftDelete: true,
    publicNetworkAccess: 'Enabled',
  })),
  'microsoft.storage/storageaccounts/blobservices/containers': withDefaults(() => ({ hasLegalHold: false })),
  'microsoft.managedidentity/userassignedidentities': withDefaults(({ id }) => ({
    tenantId: tenant,
    principalId: principalOf(id),
  })),
  'microsoft.authorization/roleassignments': withDefaults(({ owner }) => ({ scope: owner })),
  'microsoft.compute/snapshots': withDefaults(() => ({ incremental: false, provisioningState: 'Succeeded' })),
  'microsoft.containerservice/managedclusters': withDefaults(({ body }) => ({
    provisioningState: 'Succeeded',
    ...(body['identity'] !== undefined && { servicePrincipalProfile: { clientId: 'msi' } }),
    networkProfile: { networkPlugin: 'azure', outboundType: 'loadBalancer' },
  })),
  'microsoft.dbforpostgresql/flexibleservers': databaseServer('Primary', 'AsyncReplica'),
  'microsoft.dbformysql/flexibleservers': databaseServer('None', 'Replica'),
  'microsoft.documentdb/databaseaccounts': withDefaults(() => ({
    provisioningState: 'Succeeded',
    capabilities: [],
    backupPolicy: {
      type: 'Periodic',
      periodicModeProperties: {
        backupIntervalInMinutes: 240,
        backupRetentionIntervalInHours: 8,
        backupStorageRedundancy: 'Geo',
      },
    },
  })),
  'microsoft.compute/virtualmachines/extensions': withDefaults(() => ({ provisioningState: 'Succeeded' })),
  'microsoft.sqlvirtualmachine/sqlvirtualmachines': withDefaults(() => ({
    provisioningState: 'Succeeded',
    autoBackupSettings: { enable: false },
  })),
  'microsoft.kubernetesconfiguration/extensions': withDefaults(({ id }) => ({
    provisioningState: 'Succeeded',
    aksAssignedIdentity: { type: 'SystemAssigned', principalId: principalOf(`${id} extension`) },
  })),
};

/** What a machine was registered for is told by what was found on it. */
function inquired({ workloadType, extendedInfo, ...registered }: Json): Json {
  if (workloadType === undefined || has(workloadType)) return { ...registered, workloadType, extendedInfo };
  const type = /^SAPHana/i.test(String(workloadType))
    ? 'SAPHana'
    : /^SAPAse/i.test(String(workloadType))
      ? 'SAPAse'
      : 'SQL';
  const inquiryInfo = { status: 'Success', inquiryDetails: [{ type, itemCount: 2 }] };
  return { ...registered, extendedInfo: { ...(extendedInfo as Json | undefined), inquiryInfo } };
}

/** What a template may write as resources of their own is told with what has them. */
function withMembers(name: string, defaults: Json): Answer {
  return (told, one, all) => {
    if (!isPlain(told.properties) || has(told.properties)) return [told];
    const own = told.properties[name] ?? [];
    const more = children(all, one, new RegExp(`/${name}$`, 'i')).map(({ id, name: member, body }) => ({
      id,
      name: member,
      properties: body['properties'] ?? {},
    }));
    const members = Array.isArray(own) ? [...own, ...more] : own;
    return [{ ...told, properties: { ...defaults, ...told.properties, [name]: members } }];
  };
}

/** What a server was made from is told by its role, and what it took over from there by its settings. */
function databaseServer(alone: string, replica: string): Answer {
  return (told) => {
    if (!isPlain(told.properties)) return [told];
    const { createMode = 'Default', ...written } = told.properties;
    const isReplica = /replica$/i.test(String(createMode));
    const isNew = /^(?:default|create)$/i.test(String(createMode));
    const replicationRole = has(createMode) ? hole : isReplica ? replica : alone;
    const backup = isNew ? { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' } : isReplica ? undefined : hole;
    return [{ ...told, properties: over({ state: 'Ready', replicationRole, backup }, written) }];
  };
}

/** Azure Disk Encryption of a machine shows in its disks. */
function encryptionBy(machine: Deployed, all: readonly Deployed[]): Json {
  const extensions = children(all, machine, /\/virtualmachines\/extensions$/i);
  return extensions.some(({ body }) => /^AzureDiskEncryption/i.test(String(of(body, 'properties', 'type'))))
    ? { encryptionSettingsCollection: { enabled: true, encryptionSettingsVersion: '1.1' } }
    : {};
}

/** Policies that every Recovery Services vault has without anybody writing them, by their names in lower case. */
export const servicePolicies: Readonly<Record<string, Json>> = {
  defaultpolicy: { backupManagementType: 'AzureIaasVM', policyType: 'V1', ...daily('SimpleSchedulePolicy') },
  enhancedpolicy: { backupManagementType: 'AzureIaasVM', policyType: 'V2', ...daily('SimpleSchedulePolicyV2') },
  hourlylogbackup: {
    backupManagementType: 'AzureWorkload',
    workLoadType: 'SQLDataBase',
    subProtectionPolicy: [
      { policyType: 'Full', ...daily('SimpleSchedulePolicy') },
      {
        policyType: 'Log',
        schedulePolicy: { schedulePolicyType: 'LogSchedulePolicy', scheduleFrequencyInMins: 60 },
        retentionPolicy: {
          retentionPolicyType: 'SimpleRetentionPolicy',
          retentionDuration: { count: 30, durationType: 'Days' },
        },
      },
    ],
  },
};

function daily(schedulePolicyType: string): Json {
  const time = '2026-01-01T22:00:00Z';
  const isNew = schedulePolicyType.endsWith('V2');
  return {
    schedulePolicy: {
      schedulePolicyType,
      scheduleRunFrequency: 'Daily',
      ...(isNew ? { dailySchedule: { scheduleRunTimes: [time] } } : { scheduleRunTimes: [time] }),
    },
    retentionPolicy: {
      retentionPolicyType: 'LongTermRetentionPolicy',
      dailySchedule: { retentionTimes: [time], retentionDuration: { count: 30, durationType: 'Days' } },
    },
    instantRpRetentionRangeInDays: isNew ? 7 : 2,
    timeZone: 'UTC',
  };
}

/** Management and workload type by the kind of item. */
const kinds: Readonly<Record<string, readonly [string, string]>> = {
  'microsoft.compute/virtualmachines': ['AzureIaasVM', 'VM'],
  azurefileshareprotecteditem: ['AzureStorage', 'AzureFileShare'],
  azurevmworkloadsqldatabase: ['AzureWorkload', 'SQLDataBase'],
  azurevmworkloadsqlinstance: ['AzureWorkload', 'SQLInstance'],
  azurevmworkloadsaphanadatabase: ['AzureWorkload', 'SAPHanaDatabase'],
  azurevmworkloadsaphanadbinstance: ['AzureWorkload', 'SAPHanaDBInstance'],
  azurevmworkloadsapasedatabase: ['AzureWorkload', 'SAPAseDatabase'],
  mabfilefolderprotecteditem: ['MAB', 'FileFolder'],
  dpmprotecteditem: ['DPM', 'Client'],
};
