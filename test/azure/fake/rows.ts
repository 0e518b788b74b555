/**
 * Builders of rows in the shapes that Azure answers with: one function for each kind of resource, with what is usual as
 * default. The field names are those of the OpenAPI specifications and of recorded answers, fields that recordings carry and
 * the specifications do not know among them (`softDeleteRetentionPeriod`, `sourceSideScanning`, `createdWithPolicyType` and so on).
 */
import { createHash } from 'node:crypto';

export type Properties = Readonly<Record<string, unknown>>;

/** One resource. REST and Resource Graph answers are both made from it. */
export interface Row {
  readonly id: string;
  readonly name: string;
  /** As REST writes it; Resource Graph writes it in lower case. */
  readonly type: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly sku?: Properties;
  readonly kind?: string;
  readonly identity?: Properties;
  readonly zones?: readonly string[];
  readonly managedBy?: string;
  readonly properties: Properties;
  /** What only the row of Resource Graph carries, laid over `properties`. */
  readonly graphProperties?: Properties;
  /** Resource Graph does not know this kind (containers, engines, intents). */
  readonly restOnly?: true;
  /** Of the role of a group: the identities in it. */
  readonly members?: readonly string[];
}

export interface Place {
  readonly subscription: string;
  readonly group: string;
  readonly location: string;
}

export interface Common {
  readonly tags?: Readonly<Record<string, string>>;
  readonly zones?: readonly string[];
}

export const subscriptionOf = (id: string): string => /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';
export const groupOf = (id: string): string => /\/resourcegroups\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';
/** Recovery Services or Backup vault that a child belongs to. */
export const vaultOf = (id: string): string =>
  /^.*?\/(?:microsoft\.recoveryservices\/vaults|microsoft\.dataprotection\/backupvaults)\/[^/]+/i.exec(id)?.[0] ?? '';

const armOrigin = 'https://management.azure.com';
/** What .NET writes for "never". */
const never = '2001-01-01T00:00:00Z';
const neverInBackupVault = '0001-01-01T00:00:00.0000000Z';
const noSpan = '-10675199.02:48:05.4775808';

const stamp = (at: Date): string => at.toISOString().replace('Z', '0000Z');
const plain = (at: Date): string => at.toISOString().replace(/\.\d+/, '');

/** The same name gives the same GUID, so that two runs answer alike. */
export function guid(of: string): string {
  const hex = createHash('sha1').update(of).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function resource(
  place: Place,
  type: string,
  name: string,
  properties: Properties,
  more: Partial<Omit<Row, 'id' | 'name' | 'type' | 'properties'>> = {},
): Row {
  const id = `/subscriptions/${place.subscription}/resourceGroups/${place.group}/providers/${path(type, name)}`;
  return { id, name: name.split('/').at(-1)!, type, location: place.location, ...more, properties };
}

/** `A.B/cs/ds` and `x/y` -> `A.B/cs/x/ds/y`. */
function path(type: string, name: string): string {
  const [provider, ...types] = type.split('/');
  const names = name.split('/');
  return [provider, ...types.flatMap((segment, i) => [segment, names[i]!])].join('/');
}

// --- Vaults ---

export interface VaultOptions extends Common {
  readonly softDelete?: 'Enabled' | 'Disabled' | 'AlwaysON';
  readonly softDeleteDays?: number;
  readonly immutability?: 'Disabled' | 'Unlocked' | 'Locked';
  readonly guarded?: boolean;
  readonly redundancy?: 'GeoRedundant' | 'ZoneRedundant' | 'LocallyRedundant';
  readonly crossRegionRestore?: boolean;
  readonly publicAccess?: boolean;
  readonly alerts?: boolean;
  readonly keyUri?: string;
}

export function recoveryServicesVault(place: Place, name: string, o: VaultOptions = {}): Row {
  const onOff = (on: boolean): string => (on ? 'Enabled' : 'Disabled');
  const softDelete = o.softDelete ?? 'Enabled';
  const immutability = o.immutability ?? 'Disabled';
  const alerts = onOff(o.alerts ?? true);
  return resource(
    place,
    'Microsoft.RecoveryServices/vaults',
    name,
    {
      provisioningState: 'Succeeded',
      privateEndpointStateForBackup: 'None',
      privateEndpointStateForSiteRecovery: 'None',
      ...(o.keyUri
        ? {
            encryption: {
              keyVaultProperties: { keyUri: o.keyUri },
              kekIdentity: { useSystemAssignedIdentity: true },
              infrastructureEncryption: 'Disabled',
            },
          }
        : {}),
      monitoringSettings: {
        azureMonitorAlertSettings: {
          alertsForAllJobFailures: alerts,
          alertsForAllReplicationIssues: alerts,
          alertsForAllFailoverIssues: alerts,
        },
        classicAlertSettings: {
          alertsForCriticalOperations: 'Disabled',
          emailNotificationsForSiteRecovery: 'Disabled',
        },
      },
      backupStorageVersion: 'V2',
      securitySettings: {
        immutabilitySettings: immutability === 'Disabled' ? null : { state: immutability },
        softDeleteSettings: {
          softDeleteRetentionPeriodInDays: o.softDeleteDays ?? 14,
          softDeleteState: softDelete,
          enhancedSecurityState: softDelete,
        },
        multiUserAuthorization: onOff(o.guarded ?? false),
      },
      redundancySettings: {
        standardTierStorageRedundancy: o.redundancy ?? 'GeoRedundant',
        crossRegionRestore: onOff(o.crossRegionRestore ?? false),
      },
      secureScore: immutability === 'Locked' ? 'Adequate' : 'None',
      bcdrSecurityLevel: o.crossRegionRestore ? 'Good' : 'Poor',
      publicNetworkAccess: onOff(o.publicAccess ?? true),
      restoreSettings: { crossSubscriptionRestoreSettings: { crossSubscriptionRestoreState: 'Enabled' } },
    },
    {
      sku: { name: 'Standard' },
      identity: { type: 'SystemAssigned', principalId: guid(`identity ${name}`), tenantId: guid('tenant') },
      ...common(o),
    },
  );
}

export interface BackupVaultOptions extends Common {
  readonly softDelete?: 'On' | 'Off' | 'AlwaysOn';
  readonly softDeleteDays?: number;
  readonly immutability?: 'Disabled' | 'Unlocked' | 'Locked';
  readonly guarded?: boolean;
  readonly redundancy?: 'GeoRedundant' | 'ZoneRedundant' | 'LocallyRedundant';
  readonly crossRegionRestore?: boolean;
}

export function backupVault(place: Place, name: string, o: BackupVaultOptions = {}): Row {
  return resource(
    place,
    'Microsoft.DataProtection/backupVaults',
    name,
    {
      provisioningState: 'Succeeded',
      storageSettings: [{ datastoreType: 'VaultStore', type: o.redundancy ?? 'GeoRedundant' }],
      isVaultProtectedByResourceGuard: o.guarded ?? false,
      monitoringSettings: { azureMonitorAlertSettings: { alertsForAllJobFailures: 'Enabled' } },
      securitySettings: {
        softDeleteSettings: { state: o.softDelete ?? 'On', retentionDurationInDays: o.softDeleteDays ?? 14 },
        ...(o.immutability ? { immutabilitySettings: { state: o.immutability } } : {}),
      },
      ...(o.crossRegionRestore ? { featureSettings: { crossRegionRestoreSettings: { state: 'Enabled' } } } : {}),
      secureScore: 'Minimum',
      bcdrSecurityLevel: o.crossRegionRestore ? 'Good' : 'Poor',
      replicatedRegions: [],
    },
    {
      identity: { type: 'SystemAssigned', principalId: guid(`identity ${name}`), tenantId: guid('tenant') },
      ...common(o),
    },
  );
}

export function resourceGuard(place: Place, name: string, excluded: readonly string[] = []): Row {
  const operations = [
    ['Microsoft.RecoveryServices/vaults/backupconfig/write', 'disableSoftDeleteRequests'],
    ['Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/delete', 'deleteResourceGuardProxyRequests'],
    ['Microsoft.RecoveryServices/vaults/backupPolicies/write', 'updateProtectionPolicyRequests'],
    [
      'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete',
      'deleteProtectedItemRequests',
    ],
    ['Microsoft.DataProtection/backupVaults/backupInstances/delete', 'deleteBackupInstanceRequests'],
  ] as const;
  return resource(place, 'Microsoft.DataProtection/resourceGuards', name, {
    provisioningState: 'Succeeded',
    resourceGuardOperations: operations
      .filter(([operation]) => !excluded.includes(operation))
      .map(([vaultCriticalOperation, request]) => ({
        vaultCriticalOperation,
        requestResourceType: `Microsoft.DataProtection/resourceGuards/${request}`,
      })),
    vaultCriticalOperationExclusionList: excluded,
    description: 'Second pair of eyes for the backups',
  });
}

export function keyVault(place: Place, name: string): Row {
  return resource(place, 'Microsoft.KeyVault/vaults', name, {
    sku: { family: 'A', name: 'premium' },
    tenantId: guid('tenant'),
    accessPolicies: [],
    enabledForDeployment: false,
    enableSoftDelete: true,
    softDeleteRetentionInDays: 90,
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
    vaultUri: `https://${name}.vault.azure.net/`,
    provisioningState: 'Succeeded',
    publicNetworkAccess: 'Enabled',
  });
}

/** Of Azure Policy, to a subscription or a group. */
export function policyAssignment(
  scope: string,
  name: string,
  definition: string,
  enforced: boolean,
  parameters: Properties,
): Row {
  return {
    id: `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`,
    name,
    type: 'Microsoft.Authorization/policyAssignments',
    location: 'westeurope',
    identity: { type: 'SystemAssigned', principalId: guid(`identity ${name}`), tenantId: guid('tenant') },
    properties: {
      displayName: name,
      policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${definition}`,
      scope,
      notScopes: [],
      enforcementMode: enforced ? 'Default' : 'DoNotEnforce',
      parameters,
    },
  };
}

/** The link from a vault to its guard. */
export function guardProxy(vault: Row, guard: Row): Row {
  return {
    id: `${vault.id}/backupResourceGuardProxies/VaultProxy`,
    name: 'VaultProxy',
    type: `${vault.type}/backupResourceGuardProxies`,
    restOnly: true,
    properties: {
      resourceGuardResourceId: guard.id,
      resourceGuardOperationDetails: [
        {
          vaultCriticalOperation: 'Microsoft.RecoveryServices/vaults/backupconfig/write',
          defaultResourceRequest: `${guard.id}/disableSoftDeleteRequests/default`,
        },
      ],
    },
  };
}

// --- Policies ---

const days = (count: number): Properties => ({ count, durationType: 'Days' });
const at22: readonly string[] = ['2024-01-01T22:00:00Z'];

interface PolicyOptions {
  readonly retentionDays?: number;
  readonly enhanced?: boolean;
  readonly instantDays?: number;
  readonly weeks?: number;
  readonly years?: number;
  readonly items?: number;
}

function policy(vault: Row, name: string, properties: Properties): Row {
  return { id: `${vault.id}/backupPolicies/${name}`, name, type: `${vault.type}/backupPolicies`, properties };
}

function longTerm(o: PolicyOptions): Properties {
  return {
    retentionPolicyType: 'LongTermRetentionPolicy',
    dailySchedule: { retentionTimes: at22, retentionDuration: days(o.retentionDays ?? 30) },
    ...(o.weeks
      ? {
          weeklySchedule: {
            daysOfTheWeek: ['Sunday'],
            retentionTimes: at22,
            retentionDuration: { count: o.weeks, durationType: 'Weeks' },
          },
        }
      : {}),
    ...(o.years
      ? {
          yearlySchedule: {
            retentionScheduleFormatType: 'Weekly',
            monthsOfYear: ['January'],
            retentionScheduleWeekly: { daysOfTheWeek: ['Sunday'], weeksOfTheMonth: ['First'] },
            retentionTimes: at22,
            retentionDuration: { count: o.years, durationType: 'Years' },
          },
        }
      : {}),
  };
}

export function vmPolicy(vault: Row, name: string, o: PolicyOptions = {}): Row {
  return policy(vault, name, {
    backupManagementType: 'AzureIaasVM',
    ...(o.enhanced ? { policyType: 'V2' } : {}),
    instantRPDetails: {},
    schedulePolicy: o.enhanced
      ? {
          schedulePolicyType: 'SimpleSchedulePolicyV2',
          scheduleRunFrequency: 'Daily',
          dailySchedule: { scheduleRunTimes: at22 },
        }
      : {
          schedulePolicyType: 'SimpleSchedulePolicy',
          scheduleRunFrequency: 'Daily',
          scheduleRunTimes: at22,
          scheduleWeeklyFrequency: 0,
        },
    retentionPolicy: longTerm(o),
    instantRpRetentionRangeInDays: o.instantDays ?? (o.enhanced ? 7 : 2),
    timeZone: 'W. Europe Standard Time',
    protectedItemsCount: o.items ?? 0,
  });
}

export function workloadPolicy(
  vault: Row,
  name: string,
  workload: 'SQLDataBase' | 'SAPHanaDatabase',
  o: PolicyOptions & { readonly logMinutes?: number } = {},
): Row {
  return policy(vault, name, {
    backupManagementType: 'AzureWorkload',
    workLoadType: workload,
    settings: { timeZone: 'UTC', issqlcompression: false, isCompression: false },
    subProtectionPolicy: [
      {
        policyType: 'Full',
        schedulePolicy: {
          schedulePolicyType: 'SimpleSchedulePolicy',
          scheduleRunFrequency: 'Daily',
          scheduleRunTimes: at22,
          scheduleWeeklyFrequency: 0,
        },
        retentionPolicy: longTerm(o),
      },
      {
        policyType: 'Log',
        schedulePolicy: { schedulePolicyType: 'LogSchedulePolicy', scheduleFrequencyInMins: o.logMinutes ?? 60 },
        retentionPolicy: { retentionPolicyType: 'SimpleRetentionPolicy', retentionDuration: days(15) },
      },
    ],
    protectedItemsCount: o.items ?? 0,
  });
}

/** Of a HANA instance; the identity takes the snapshots. */
export function snapshotPolicy(vault: Row, name: string, identity: Row): Row {
  return policy(vault, name, {
    backupManagementType: 'AzureWorkload',
    workLoadType: 'SAPHanaDBInstance',
    settings: { timeZone: 'UTC', issqlcompression: false, isCompression: false },
    subProtectionPolicy: [
      {
        policyType: 'SnapshotFull',
        schedulePolicy: {
          schedulePolicyType: 'SimpleSchedulePolicy',
          scheduleRunFrequency: 'Daily',
          scheduleRunTimes: at22,
          scheduleWeeklyFrequency: 0,
        },
        snapshotBackupAdditionalDetails: {
          instantRpRetentionRangeInDays: 5,
          instantRPDetails: '',
          userAssignedManagedIdentityDetails: { identityArmId: identity.id, identityName: identity.name },
        },
      },
    ],
    protectedItemsCount: 0,
  });
}

export function userIdentity(place: Place, name: string): Row {
  return resource(place, 'Microsoft.ManagedIdentity/userAssignedIdentities', name, {
    tenantId: guid('tenant'),
    principalId: guid(`principal of ${name}`),
    clientId: guid(`client of ${name}`),
  });
}

export function filesPolicy(vault: Row, name: string, o: PolicyOptions = {}): Row {
  return policy(vault, name, {
    backupManagementType: 'AzureStorage',
    workLoadType: 'AzureFileShare',
    schedulePolicy: {
      schedulePolicyType: 'SimpleSchedulePolicy',
      scheduleRunFrequency: 'Daily',
      scheduleRunTimes: at22,
      scheduleWeeklyFrequency: 0,
    },
    retentionPolicy: longTerm(o),
    timeZone: 'UTC',
    protectedItemsCount: o.items ?? 0,
  });
}

export type InstanceKind = 'disk' | 'blob' | 'postgresql' | 'mysql' | 'aks';

const instanceTypes: Readonly<Record<InstanceKind, readonly [datasource: string, resource: string]>> = {
  disk: ['Microsoft.Compute/disks', 'Microsoft.Compute/disks'],
  blob: ['Microsoft.Storage/storageAccounts/blobServices', 'Microsoft.Storage/storageAccounts'],
  postgresql: ['Microsoft.DBforPostgreSQL/flexibleServers', 'Microsoft.DBforPostgreSQL/flexibleServers'],
  mysql: ['Microsoft.DBforMySQL/flexibleServers', 'Microsoft.DBforMySQL/flexibleServers'],
  aks: ['Microsoft.ContainerService/managedClusters', 'Microsoft.ContainerService/managedClusters'],
};

/** Operational store for disks, blobs and clusters, vault store for databases. */
export function instancePolicy(
  vault: Row,
  name: string,
  kind: InstanceKind,
  o: { readonly keep?: string; readonly every?: string } = {},
): Row {
  const store = kind === 'postgresql' || kind === 'mysql' ? 'VaultStore' : 'OperationalStore';
  const dataStore = { dataStoreType: store, objectType: 'DataStoreInfoBase' };
  const retention = {
    lifecycles: [
      { deleteAfter: { objectType: 'AbsoluteDeleteOption', duration: o.keep ?? 'P30D' }, sourceDataStore: dataStore },
    ],
    isDefault: true,
    name: 'Default',
    objectType: 'AzureRetentionRule',
  };
  const trigger = {
    backupParameters: {
      backupType: store === 'VaultStore' ? 'Full' : 'Incremental',
      objectType: 'AzureBackupParams',
    },
    trigger: {
      schedule: { repeatingTimeIntervals: [`R/2024-01-07T22:00:00+00:00/${o.every ?? 'P1D'}`] },
      taggingCriteria: [{ tagInfo: { tagName: 'Default', id: 'Default_' }, taggingPriority: 99, isDefault: true }],
      objectType: 'ScheduleBasedTriggerContext',
    },
    dataStore,
    name: 'Backup',
    objectType: 'AzureBackupRule',
  };
  return policy(vault, name, {
    // Operational blob backup is continuous: it has a retention and no schedule.
    policyRules: kind === 'blob' ? [retention] : [trigger, retention],
    datasourceTypes: [instanceTypes[kind][0]],
    objectType: 'BackupPolicy',
  });
}

// --- Items of Recovery Services vaults ---

export interface Protection {
  readonly state?: 'Protected' | 'IRPending' | 'ProtectionStopped' | 'ProtectionError' | 'BackupsSuspended';
  readonly lastBackup?: Date;
  readonly lastPoint?: Date;
  readonly oldestPoint?: Date;
  readonly failed?: { readonly code: string; readonly message: string };
  readonly purgedAt?: Date;
}

/** In the words of one kind of item: the four of them differ. */
interface Words {
  readonly ok: string;
  readonly bad: string;
}

function item(
  vault: Row,
  container: string,
  name: string,
  protection: Protection,
  policy: Row | undefined,
  datasource: { readonly id: string; readonly type: string; readonly location: string | undefined } | undefined,
  words: Words,
  properties: Properties,
): Row {
  const id = `${vault.id}/backupFabrics/Azure/protectionContainers/${container}/protectedItems/${name}`;
  const state = protection.state ?? 'Protected';
  const deleted = protection.purgedAt !== undefined;
  return {
    id,
    name,
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
    properties: {
      protectionState: deleted ? 'ProtectionStopped' : state,
      lastBackupStatus: protection.lastBackup === undefined ? '' : protection.failed ? words.bad : words.ok,
      ...properties,
      containerName: container.replace(/^IaasVMContainer;/, ''),
      ...(datasource ? { sourceResourceId: datasource.id } : {}),
      // Stopped items answer with empty strings.
      ...(policy ? { policyId: policy.id, policyName: policy.name } : { policyId: '', policyName: '' }),
      ...(protection.lastPoint ? { lastRecoveryPoint: stamp(protection.lastPoint) } : {}),
      vaultId: armOrigin + vault.id,
      ...(deleted
        ? {
            isScheduledForDeferredDelete: true,
            deferredDeleteTimeInUTC: stamp(new Date(protection.purgedAt.getTime() - 14 * 86_400_000)),
            deferredDeleteTimeRemaining: '13.23:59:42.8600000',
            isDeferredDeleteScheduleUpcoming: false,
          }
        : {}),
      isArchiveEnabled: false,
      softDeleteRetentionPeriod: deleted ? 14 : 0,
    },
    graphProperties: {
      currentProtectionState: deleted ? 'SoftDeleted' : graphState(state),
      ...(datasource
        ? {
            dataSourceInfo: {
              resourceID: datasource.id,
              datasourceType: datasource.type,
              resourceLocation: datasource.location ?? '',
              objectType: 'Datasource',
            },
          }
        : {}),
      ...(policy ? { policyInfo: { name: policy.name, policyId: policy.id } } : {}),
    },
  };
}

function graphState(state: string): string {
  if (state === 'Protected') return 'ProtectionConfigured';
  return state === 'IRPending' ? 'ConfiguringProtection' : state;
}

const datasourceOf = (row: Row, type = row.type) => ({ id: row.id, type, location: row.location });

export function vmItem(vault: Row, vm: Row, policy: Row | undefined, protection: Protection = {}): Row {
  const key = `iaasvmcontainerv2;${groupOf(vm.id)};${vm.name.toLowerCase()}`;
  const bad = protection.failed !== undefined;
  return item(
    vault,
    `IaasVMContainer;${key}`,
    `VM;${key}`,
    protection,
    policy,
    datasourceOf(vm),
    { ok: 'Completed', bad: 'Failed' },
    {
      friendlyName: vm.name,
      virtualMachineId: vm.id,
      protectionStatus: bad ? 'Unhealthy' : 'Healthy',
      healthStatus: bad ? 'ActionRequired' : 'Passed',
      healthDetails: [
        bad
          ? { code: 400_001, title: protection.failed.code, message: protection.failed.message, recommendations: [] }
          : {
              code: 400_239,
              title: 'IaasVmHealthGreenDefault',
              message: 'Backup pre-check status of this virtual machine is OK.',
              recommendations: [],
            },
      ],
      lastBackupTime: protection.lastBackup ? stamp(protection.lastBackup) : never,
      protectedItemDataId: String(BigInt(`0x${guid(vm.id).slice(0, 8)}`)),
      sourceSideScanning: 0,
      ...(protection.oldestPoint
        ? { extendedInfo: { oldestRecoveryPoint: stamp(protection.oldestPoint), policyInconsistent: false } }
        : {}),
      protectedItemType: 'Microsoft.Compute/virtualMachines',
      backupManagementType: 'AzureIaasVM',
      workloadType: 'VM',
    },
  );
}

export function databaseItem(
  vault: Row,
  vm: Row,
  workload: 'SQL' | 'SAPHana',
  parent: string,
  database: string,
  policy: Row | undefined,
  protection: Protection = {},
): Row {
  const type = workload === 'SQL' ? 'SQLDataBase' : 'SAPHanaDatabase';
  const bad = protection.failed !== undefined;
  return item(
    vault,
    workloadContainerName(vm),
    `${type};${parent.toLowerCase()};${database.toLowerCase()}`,
    protection,
    policy,
    datasourceOf(vm, type),
    { ok: 'Healthy', bad: 'Unhealthy' },
    {
      friendlyName: database,
      serverName: vm.name,
      parentName: parent,
      parentType: workload === 'SQL' ? 'AzureVmWorkloadSQLInstance' : 'AzureVmWorkloadSAPHanaSystem',
      protectionStatus: bad ? 'Unhealthy' : 'Healthy',
      ...(protection.lastBackup ? { lastBackupTime: stamp(protection.lastBackup) } : {}),
      ...(bad ? { lastBackupErrorDetail: protection.failed } : {}),
      protectedItemDataSourceId: String(BigInt(`0x${guid(vm.id + database).slice(0, 8)}`)),
      protectedItemHealthStatus: bad ? 'NotReachable' : 'Healthy',
      ...(protection.oldestPoint
        ? {
            extendedInfo: {
              oldestRecoveryPoint: stamp(protection.oldestPoint),
              recoveryPointCount: 9,
              policyState: 'Consistent',
              ...(workload === 'SQL' ? { recoveryModel: 'FULL' } : {}),
            },
          }
        : {}),
      protectedItemType: workload === 'SQL' ? 'AzureVmWorkloadSQLDatabase' : 'AzureVmWorkloadSAPHanaDatabase',
      backupManagementType: 'AzureWorkload',
      workloadType: type,
    },
  );
}

const workloadContainerName = (vm: Row): string => `VMAppContainer;compute;${groupOf(vm.id)};${vm.name.toLowerCase()}`;
const storageContainerName = (account: Row): string =>
  `StorageContainer;storage;${groupOf(account.id)};${account.name}`;

export function fileShareItem(
  vault: Row,
  account: Row,
  share: string,
  policy: Row | undefined,
  protection: Protection = {},
): Row {
  return item(
    vault,
    storageContainerName(account),
    `AzureFileShare;${createHash('sha256').update(`${account.name}/${share}`).digest('hex')}`,
    protection,
    policy,
    { ...datasourceOf(account, 'Microsoft.Storage/storageAccounts/fileServices/shares') },
    { ok: 'Completed', bad: 'Failed' },
    {
      friendlyName: share,
      protectionStatus: protection.failed ? 'Unhealthy' : 'Healthy',
      ...(protection.lastBackup ? { lastBackupTime: stamp(protection.lastBackup) } : {}),
      protectedItemType: 'AzureFileShareProtectedItem',
      backupManagementType: 'AzureStorage',
      workloadType: 'AzureFileShare',
    },
  );
}

/** MARS agent: files, folders or the system state of a server. Resource Graph has no proof of these, so REST only. */
export function marsItem(vault: Row, server: string, what: string, number: number, protection: Protection = {}): Row {
  const workload = what === 'System State' ? 'SystemState' : 'FileFolder';
  return {
    id: `${vault.id}/backupFabrics/Azure/protectionContainers/Windows;${server}/protectedItems/${workload};${number}`,
    name: `${workload};${number}`,
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
    restOnly: true,
    properties: {
      protectedItemType: 'MabFileFolderProtectedItem',
      backupManagementType: 'MAB',
      workloadType: workload,
      containerName: `Windows;${server}`,
      friendlyName: what,
      computerName: server.toUpperCase(),
      lastBackupStatus: protection.failed ? 'Failed' : 'Completed',
      ...(protection.lastBackup ? { lastBackupTime: plain(protection.lastBackup) } : {}),
      protectionState: protection.state ?? 'Protected',
      policyName: 'branch-office',
      isScheduledForDeferredDelete: false,
      extendedInfo: {
        ...(protection.lastBackup ? { lastRefreshedAt: plain(protection.lastBackup) } : {}),
        ...(protection.oldestPoint ? { oldestRecoveryPoint: plain(protection.oldestPoint) } : {}),
        recoveryPointCount: 42,
      },
    },
  };
}

/** A DPM or MABS server's data source. */
export function serverItem(
  vault: Row,
  engine: Row,
  workload: 'SQLDB' | 'VM' | 'FileFolder' | 'Exchange',
  name: string,
  number: number,
  protection: Protection = {},
): Row {
  const management = engine.properties['backupManagementType'] as string;
  const container = `${management === 'DPM' ? 'DPMContainer' : 'AzureBackupServerContainer'};${engine.name.toLowerCase()}`;
  return {
    id: `${vault.id}/backupFabrics/Azure/protectionContainers/${container}/protectedItems/${workload};${number}`,
    name: `${workload};${number}`,
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
    restOnly: true,
    properties: {
      protectedItemType: 'DPMProtectedItem',
      backupManagementType: management,
      workloadType: workload,
      containerName: container,
      friendlyName: name,
      backupEngineName: engine.name,
      protectionState: protection.state ?? 'Protected',
      extendedInfo: {
        protected: (protection.state ?? 'Protected') === 'Protected',
        isPresentOnCloud: true,
        lastBackupStatus: protection.failed ? 'Failed' : 'Completed',
        ...(protection.lastBackup ? { lastRefreshedAt: plain(protection.lastBackup) } : {}),
        ...(protection.oldestPoint ? { oldestRecoveryPoint: plain(protection.oldestPoint) } : {}),
        recoveryPointCount: 30,
        ...(protection.lastPoint ? { onPremiseLatestRecoveryPoint: plain(protection.lastPoint) } : {}),
        onPremiseRecoveryPointCount: 12,
        isCollocated: false,
        protectionGroupName: `PG-${workload}`,
        diskStorageUsedInBytes: '10737418240',
        totalDiskStorageSizeInBytes: '107374182400',
      },
    },
  };
}

// --- What only REST knows ---

const containerType = 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers';

function container(vault: Row, name: string, properties: Properties): Row {
  const id = `${vault.id}/backupFabrics/Azure/protectionContainers/${name}`;
  return { id, name, type: containerType, restOnly: true, properties };
}

export function marsContainer(vault: Row, server: string, items: number): Row {
  return container(vault, `Windows;${server}`, {
    friendlyName: server.toUpperCase(),
    backupManagementType: 'MAB',
    registrationStatus: 'Registered',
    healthStatus: '',
    containerType: 'Windows',
    protectableObjectType: 'MABWindowsContainer',
    canReRegister: true,
    containerId: 236_473,
    protectedItemCount: items,
    agentVersion: '2.0.9262.0',
    containerHealthState: 'Healthy',
    mabContainerHealthDetails: [],
  });
}

export function workloadContainer(vault: Row, vm: Row, reachable = true): Row {
  return container(vault, workloadContainerName(vm), {
    sourceResourceId: vm.id,
    lastUpdatedTime: '2024-01-29T02:07:33.8061626Z',
    friendlyName: vm.name,
    backupManagementType: 'AzureWorkload',
    registrationStatus: 'Registered',
    healthStatus: reachable ? 'Healthy' : 'Unhealthy',
    containerType: 'VMAppContainer',
    protectableObjectType: 'VMAppContainer',
  });
}

export function storageContainer(vault: Row, account: Row, items: number): Row {
  return container(vault, storageContainerName(account), {
    sourceResourceId: account.id,
    protectedItemCount: items,
    acquireStorageAccountLock: 'Acquire',
    friendlyName: account.name,
    backupManagementType: 'AzureStorage',
    registrationStatus: 'Registered',
    healthStatus: 'Healthy',
    containerType: 'StorageContainer',
    protectableObjectType: 'StorageContainer',
  });
}

/** Under it Site Recovery keeps what it replicates. */
export function fabric(vault: Row, region: string): Row {
  const name = `asr-a2a-default-${region}`;
  return {
    id: `${vault.id}/replicationFabrics/${name}`,
    name,
    type: 'Microsoft.RecoveryServices/vaults/replicationFabrics',
    restOnly: true,
    properties: {
      friendlyName: name,
      internalIdentifier: guid(name),
      health: 'Normal',
      customDetails: { instanceType: 'Azure', location: region },
    },
  };
}

export function backupEngine(vault: Row, kind: 'DPM' | 'AzureBackupServer', server: string, items: number): Row {
  const name = server.toUpperCase();
  return {
    id: `${vault.id}/backupEngines/${name}`,
    name,
    type: 'Microsoft.RecoveryServices/vaults/backupEngines',
    restOnly: true,
    properties: {
      backupEngineType: kind === 'DPM' ? 'DpmBackupEngine' : 'AzureBackupServerEngine',
      backupManagementType: kind,
      friendlyName: name,
      registrationStatus: 'Registered',
      backupEngineState: 'Active',
      healthStatus: 'Healthy',
      canReRegister: true,
      backupEngineId: '236345',
      dpmVersion: kind === 'DPM' ? '10.22.148.0' : '14.0.30.0',
      isDpmUpgradeAvailable: kind !== 'DPM',
      azureBackupAgentVersion: '2.0.9262.0',
      isAzureBackupAgentUpgradeAvailable: false,
      extendedInfo: {
        protectedItemsCount: items,
        protectedServersCount: 2,
        diskCount: 2,
        availableDiskSpace: 50,
        usedDiskSpace: 20,
        azureProtectedInstances: 2,
      },
    },
  };
}

/** Auto-protection of an instance: databases that appear later are protected by themselves. */
export function autoProtection(vault: Row, vm: Row, instance: string, policy: Row): Row {
  const name = guid(`intent ${vm.id} ${instance}`);
  const parent = `${vault.id}/backupFabrics/Azure/protectionContainers/${workloadContainerName(vm)}`;
  return {
    id: `${vault.id}/backupFabrics/Azure/backupProtectionIntent/${name}`,
    name,
    type: 'Microsoft.RecoveryServices/vaults/backupProtectionIntent',
    restOnly: true,
    properties: {
      protectionIntentItemType: 'RecoveryServiceVaultItem',
      backupManagementType: 'AzureWorkload',
      sourceResourceId: parent,
      itemId: `${parent}/protectableItems/${instance}`,
      policyId: policy.id,
      protectionState: 'NotProtected',
    },
  };
}

/** A database, an instance or a share that a vault has found on a registered server. */
export function protectable(
  vault: Row,
  source: Row,
  kind: 'SQLInstance' | 'SQLDataBase' | 'SAPHanaSystem' | 'SAPHanaDatabase' | 'AzureFileShare',
  parent: string,
  name: string,
  state: { readonly protected?: boolean; readonly auto?: boolean } = {},
): Row {
  const share = kind === 'AzureFileShare';
  const inContainer = (share ? storageContainerName(source) : workloadContainerName(source)).toLowerCase();
  const key = share
    ? `azurefileshare;${createHash('sha256').update(`${source.name}/${name}`).digest('hex')}`
    : kind === 'SQLInstance' || kind === 'SAPHanaSystem'
      ? `${kind};${name}`.toLowerCase()
      : `${kind};${parent};${name}`.toLowerCase();
  const isParent = kind === 'SQLInstance' || kind === 'SAPHanaSystem';
  return {
    id: `${vault.id}/backupFabrics/Azure/protectionContainers/${inContainer}/protectableItems/${key}`,
    name: key,
    type: `${containerType}/protectableItems`,
    properties: {
      ...(share
        ? {
            parentContainerFabricId: source.id,
            parentContainerFriendlyName: source.name,
            azureFileShareType: 'XSMB',
            backupManagementType: 'AzureStorage',
            workloadType: 'AzureFileShare',
          }
        : {
            parentName: parent,
            serverName: source.name,
            isAutoProtectable: isParent,
            isAutoProtected: state.auto ?? false,
            subinquireditemcount: isParent ? 4 : 0,
            subprotectableitemcount: isParent ? 1 : 0,
            prebackupvalidation: { status: 'Success', code: 'Success' },
            IsProtectable: !isParent,
            backupManagementType: 'AzureWorkload',
            workloadType: kind.startsWith('SQL') ? 'SQL' : 'SAPHana',
          }),
      protectableItemType: kind,
      friendlyName: name,
      protectionState: state.protected ? 'Protected' : 'NotProtected',
    },
  };
}

/** When the last recovery point of an item or instance was made, as its row tells. */
export function lastPointOf({ properties, graphProperties }: Row): Date | undefined {
  const extended = graphProperties?.['backupInstanceExtendedProperties'] as
    | { readonly recoveryPointInfo: { readonly latestRecoveryPointInPrimaryRegion: string } }
    | undefined;
  const told = properties['lastRecoveryPoint'] ?? extended?.recoveryPointInfo.latestRecoveryPointInPrimaryRegion;
  return typeof told === 'string' && told !== neverInBackupVault ? new Date(told) : undefined;
}

export function recoveryPoint(item: Row, at: Date, number: number): Row {
  const name = String(324_026_863_136_000 + number);
  return {
    id: `${item.id}/recoveryPoints/${name}`,
    name,
    type: `${item.type}/recoveryPoints`,
    restOnly: true,
    properties: pointProperties(item, at, name),
  };
}

function pointProperties(item: Row, at: Date, name: string): Properties {
  if (item.type.endsWith('/backupInstances'))
    return {
      objectType: 'AzureBackupDiscreteRecoveryPoint',
      recoveryPointId: name,
      recoveryPointTime: stamp(at),
      recoveryPointType: 'Incremental',
      friendlyName: name,
      recoveryPointDataStoresDetails: [
        { id: guid(name), type: 'OperationalStore', creationTime: stamp(at), visible: true, state: 'COMMITTED' },
      ],
      retentionTagName: 'default',
      retentionTagVersion: '638549851148186422',
      policyName: 'policy',
    };
  const workload = item.properties['workloadType'];
  if (workload === 'SQLDataBase' || workload === 'SAPHanaDatabase')
    return {
      objectType: workload === 'SQLDataBase' ? 'AzureWorkloadSQLRecoveryPoint' : 'AzureWorkloadSAPHanaRecoveryPoint',
      recoveryPointTimeInUTC: stamp(at),
      type: 'Full',
      recoveryPointTierDetails: [{ type: 'HardenedRP', status: 'Valid' }],
    };
  if (workload === 'AzureFileShare')
    return {
      objectType: 'AzureFileShareRecoveryPoint',
      recoveryPointType: 'FileSystemConsistent',
      recoveryPointTime: stamp(at),
      recoveryPointSizeInGB: 12,
      recoveryPointTierDetails: [{ type: 'InstantRP', status: 'Valid' }],
    };
  return {
    objectType: 'IaasVMRecoveryPoint',
    recoveryPointType: 'AppConsistent',
    recoveryPointTime: stamp(at),
    recoveryPointAdditionalInfo: '',
    sourceVMStorageType: 'PremiumVMOnPartialPremiumStorage',
    isSourceVMEncrypted: false,
    isInstantIlrSessionActive: false,
    isManagedVirtualMachine: true,
    virtualMachineSize: 'Standard_D4s_v5',
    originalStorageAccountOption: false,
    createdWithPolicyType: 'V1',
    threatStatus: 0,
    osType: 'Windows',
    recoveryPointTierDetails: [
      { type: 'InstantRP', status: 'Valid' },
      { type: 'HardenedRP', status: 'Valid' },
    ],
  };
}

// --- Backup instances ---

export interface InstanceOptions {
  readonly state?:
    | 'ProtectionConfigured'
    | 'ProtectionStopped'
    | 'BackupsSuspended'
    | 'ConfiguringProtection'
    | 'ProtectionError';
  readonly lastPoint?: Date;
  readonly oldestPoint?: Date;
  readonly snapshotGroup?: string;
  readonly containers?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly deletedAt?: Date;
}

export function backupInstance(
  vault: Row,
  kind: InstanceKind,
  datasource: Row,
  policy: Row,
  o: InstanceOptions = {},
): Row {
  const deleted = o.deletedAt !== undefined;
  const name = `${datasource.name}-${datasource.name}-${guid(`instance ${datasource.id}`)}`;
  const [datasourceType, resourceType] = instanceTypes[kind];
  const state = deleted ? 'SoftDeleted' : (o.state ?? 'ProtectionConfigured');
  const about = (objectType: string): Properties => ({
    resourceID: datasource.id,
    resourceUri: datasource.id,
    datasourceType,
    resourceName: datasource.name,
    resourceType,
    resourceLocation: datasource.location ?? '',
    objectType,
  });
  const parameters = {
    ...(kind === 'disk' || kind === 'aks'
      ? {
          dataStoreParametersList: [
            {
              dataStoreType: 'OperationalStore',
              objectType: 'AzureOperationalStoreParameters',
              resourceGroupId: o.snapshotGroup ?? datasource.id.replace(/\/providers\/.*/, ''),
            },
          ],
        }
      : {}),
    ...(kind === 'blob' && o.containers
      ? {
          backupDatasourceParametersList: [
            { objectType: 'BlobBackupDatasourceParameters', containersList: o.containers },
          ],
        }
      : {}),
    ...(kind === 'aks'
      ? {
          backupDatasourceParametersList: [
            {
              objectType: 'KubernetesClusterBackupDatasourceParameters',
              includeClusterScopeResources: true,
              snapshotVolumes: true,
            },
          ],
        }
      : {}),
  };
  const error = o.error ? { protectionErrorDetails: { ...o.error, isUserError: true } } : {};
  return {
    id: `${vault.id}/${deleted ? 'deletedBackupInstances' : 'backupInstances'}/${name}`,
    name,
    type: `${vault.type}/${deleted ? 'deletedBackupInstances' : 'backupInstances'}`,
    ...(vault.location === undefined ? {} : { location: vault.location }),
    properties: {
      friendlyName: datasource.name,
      dataSourceInfo: about('Datasource'),
      ...(kind === 'aks' || kind === 'disk' ? { dataSourceSetInfo: about('DatasourceSet') } : {}),
      policyInfo: {
        policyId: policy.id,
        ...(Object.keys(parameters).length > 0 ? { policyParameters: parameters } : {}),
      },
      protectionStatus: { status: state },
      currentProtectionState: state,
      ...error,
      ...(deleted
        ? {
            deletionInfo: {
              deletionTime: stamp(o.deletedAt),
              billingEndDate: stamp(o.deletedAt),
              scheduledPurgeTime: stamp(new Date(o.deletedAt.getTime() + 14 * 86_400_000)),
              deleteActivityID: guid(`delete ${name}`),
            },
          }
        : {}),
      provisioningState: 'Succeeded',
      objectType: deleted ? 'DeletedBackupInstance' : 'BackupInstance',
    },
    graphProperties: {
      resourceGuardOperationRequests: null,
      protectionStatus: { errorDetails: null, status: state },
      ...(o.error ? {} : { protectionErrorDetails: null }),
      backupInstanceExtendedProperties: {
        allowedOperations: ['BackupNow', 'Restore', 'ChangePolicy', 'StopBackup', 'Delete'],
        protectionStateInSecondaryRegion: 'NotProtected',
        protectedPrimaryRegion: vault.location ?? '',
        vaultId: vault.id,
        protectedSecondaryRegion: '',
        dataSourceExtendedInfo: { dataSourceId: datasource.name },
        policyExtendedInfo: {
          configuredRPGenerationFrequencyInSecondaryRegion: noSpan,
          configuredMaximumRetentionInSecondaryRegion: noSpan,
          configuredRPGenerationFrequency: '1.00:00:00',
          configuredMaximumRetention: '30.00:00:00',
        },
        recoveryPointInfo: {
          oldestRecoveryPointInSecondaryRegion: neverInBackupVault,
          latestRecoveryPointInSecondaryRegion: neverInBackupVault,
          latestRecoveryPointInPrimaryRegion: o.lastPoint ? stamp(o.lastPoint) : neverInBackupVault,
          oldestRecoveryPointInPrimaryRegion: o.oldestPoint ? stamp(o.oldestPoint) : neverInBackupVault,
        },
      },
    },
  };
}

// --- Jobs ---

export function vaultJob(item: Row, start: Date, status: 'Completed' | 'Failed'): Row {
  const vault = vaultOf(item.id);
  const name = guid(`job ${item.id} ${start.toISOString()}`);
  const workload = item.properties['backupManagementType'] === 'AzureWorkload';
  return {
    id: `${vault}/backupJobs/${name}`,
    name,
    type: 'Microsoft.RecoveryServices/vaults/backupJobs',
    properties: {
      jobType: workload ? 'AzureWorkloadJob' : 'AzureIaaSVMJob',
      duration: 'PT41M16.2122671S',
      ...(workload
        ? { workloadType: item.properties['workloadType'] }
        : { containerName: item.properties['containerName'], virtualMachineVersion: 'Compute' }),
      entityFriendlyName: item.properties['friendlyName'],
      backupManagementType: item.properties['backupManagementType'],
      operation: 'Backup',
      status,
      startTime: stamp(start),
      endTime: stamp(new Date(start.getTime() + 41 * 60_000)),
      activityId: guid(name),
    },
  };
}

export function instanceJob(vault: Row, instance: Row, start: Date, status: 'Completed' | 'Failed'): Row {
  const name = guid(`job ${instance.id} ${start.toISOString()}`);
  const about = instance.properties['dataSourceInfo'] as Record<string, string>;
  const used = instance.properties['policyInfo'] as Record<string, string>;
  return {
    id: `${vault.id}/backupJobs/${name}`,
    name,
    type: 'Microsoft.DataProtection/backupVaults/backupJobs',
    properties: {
      activityID: guid(name),
      backupInstanceFriendlyName: instance.properties['friendlyName'],
      backupInstanceId: instance.id,
      dataSourceId: about['resourceID'],
      dataSourceLocation: about['resourceLocation'],
      dataSourceName: about['resourceName'],
      dataSourceType: about['datasourceType'],
      duration: '00:03:13.7413207',
      endTime: stamp(new Date(start.getTime() + 3 * 60_000)),
      isUserTriggered: false,
      operation: 'Backup',
      operationCategory: 'Backup',
      policyId: used['policyId'],
      policyName: used['policyId']!.split('/').at(-1),
      progressEnabled: false,
      sourceResourceGroup: groupOf(about['resourceID']!),
      sourceSubscriptionID: subscriptionOf(about['resourceID']!),
      startTime: stamp(start),
      status,
      subscriptionId: subscriptionOf(vault.id),
      supportedActions: [],
      vaultName: vault.name,
      isCrossRegionRestore: null,
      sourceDataStoreType: 'OperationalStore',
    },
  };
}

// --- Datasources and what stands around them ---

export interface VmOptions extends Common {
  readonly size?: string;
  readonly os?: 'Windows' | 'Linux';
  readonly image?: Properties;
  readonly dataDisks?: readonly Row[];
  readonly security?: Properties;
  /** Its network interface. */
  readonly card?: Row;
}

/** The machine and its operating system's disk. */
export function virtualMachine(place: Place, name: string, o: VmOptions = {}): readonly [vm: Row, osDisk: Row] {
  const os = o.os ?? 'Windows';
  const osDisk = disk(place, `${name}-os`, { sizeGB: 127, os });
  const vm = resource(
    place,
    'Microsoft.Compute/virtualMachines',
    name,
    {
      provisioningState: 'Succeeded',
      vmId: guid(`vm ${name}`),
      hardwareProfile: { vmSize: o.size ?? 'Standard_D4s_v5' },
      storageProfile: {
        imageReference: o.image ?? {
          publisher: os === 'Windows' ? 'MicrosoftWindowsServer' : 'Canonical',
          offer: os === 'Windows' ? 'WindowsServer' : 'ubuntu-24_04-lts',
          sku: os === 'Windows' ? '2022-datacenter-g2' : 'server',
          version: 'latest',
        },
        osDisk: {
          osType: os,
          name: osDisk.name,
          createOption: 'FromImage',
          caching: 'ReadWrite',
          managedDisk: { storageAccountType: 'Premium_LRS', id: osDisk.id },
          deleteOption: 'Detach',
          diskSizeGB: 127,
        },
        dataDisks: (o.dataDisks ?? []).map((data, lun) => ({
          lun,
          name: data.name,
          createOption: 'Attach',
          caching: 'None',
          managedDisk: { storageAccountType: 'Premium_LRS', id: data.id },
          diskSizeGB: data.properties['diskSizeGB'],
        })),
      },
      ...(o.security ? { securityProfile: o.security } : {}),
      osProfile: { computerName: name, adminUsername: 'operations', secrets: [], allowExtensionOperations: true },
      ...(o.card ? { networkProfile: { networkInterfaces: [{ id: o.card.id, properties: { primary: true } }] } } : {}),
    },
    common(o),
  );
  return [vm, attached(osDisk, vm)];
}

/** A subnet from which nothing goes out to the internet but to some service tags, and a network interface in it. */
export function network(place: Place, name: string, allowed: readonly string[]): readonly [card: Row, ...Row[]] {
  const rule = (own: string, priority: number, access: string, to: string): Properties => ({
    name: own,
    properties: {
      provisioningState: 'Succeeded',
      description: 'As the network team wants it',
      protocol: '*',
      sourcePortRange: '*',
      destinationPortRange: '443',
      sourceAddressPrefix: '*',
      destinationAddressPrefix: to,
      access,
      priority,
      direction: 'Outbound',
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
    },
  });
  const group = resource(place, 'Microsoft.Network/networkSecurityGroups', `nsg-${name}`, {
    provisioningState: 'Succeeded',
    securityRules: [
      ...allowed.map((tag, i) => rule(`Allow${tag}`, 100 + i, 'Allow', tag)),
      rule('DenyInternet', 4000, 'Deny', 'Internet'),
    ],
    defaultSecurityRules: [],
  });
  const cardName = `nic-${name}`;
  const cardId = `/subscriptions/${place.subscription}/resourceGroups/${place.group}/providers/Microsoft.Network/networkInterfaces/${cardName}`;
  const whole = resource(place, 'Microsoft.Network/virtualNetworks', `vnet-${name}`, {
    provisioningState: 'Succeeded',
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    subnets: [
      {
        name: 'data',
        properties: {
          provisioningState: 'Succeeded',
          addressPrefix: '10.0.1.0/24',
          networkSecurityGroup: { id: group.id },
          ipConfigurations: [{ id: `${cardId}/ipConfigurations/main` }],
        },
      },
    ],
    virtualNetworkPeerings: [],
    enableDdosProtection: false,
  });
  const card = resource(place, 'Microsoft.Network/networkInterfaces', cardName, {
    provisioningState: 'Succeeded',
    ipConfigurations: [
      {
        name: 'main',
        properties: {
          provisioningState: 'Succeeded',
          privateIPAddress: '10.0.1.4',
          privateIPAllocationMethod: 'Dynamic',
          subnet: { id: `${whole.id}/subnets/data` },
          primary: true,
        },
      },
    ],
    macAddress: '00-0D-3A-00-00-01',
  });
  return [card, whole, group];
}

/** That rules of a network manager hold in a network. */
export function adminRules(network: Row): Row {
  return {
    id: `${network.id}/providers/Microsoft.Network/effectiveSecurityAdminRules/default`,
    name: 'default',
    type: 'Microsoft.Network/effectiveSecurityAdminRules',
    properties: { effectiveSecurityAdminConfigurations: [] },
  };
}

export function attached(disk: Row, vm: Row): Row {
  return { ...disk, managedBy: vm.id, properties: { ...disk.properties, diskState: 'Attached' } };
}

export function disk(
  place: Place,
  name: string,
  o: Common & {
    readonly sizeGB?: number;
    readonly os?: string;
    readonly sku?: string;
  } = {},
): Row {
  return resource(
    place,
    'Microsoft.Compute/disks',
    name,
    {
      provisioningState: 'Succeeded',
      ...(o.os ? { osType: o.os } : {}),
      creationData: { createOption: 'Empty' },
      diskSizeGB: o.sizeGB ?? 128,
      diskState: 'Unattached',
      timeCreated: '2024-01-15T08:30:00.0000000+00:00',
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
    },
    {
      sku: { name: o.sku ?? 'Premium_LRS', tier: 'Premium' },
      ...common(o),
    },
  );
}

/** What Azure Backup keeps of a machine beside it. */
export function restorePoints(place: Place, vm: Row): Row {
  return resource(
    { ...place, group: `AzureBackupRG_${place.location}_1` },
    'Microsoft.Compute/restorePointCollections',
    `AzureBackup_${vm.name}_${BigInt(`0x${guid(`points ${vm.id}`).slice(0, 8)}`)}`,
    { provisioningState: 'Succeeded', source: { id: vm.id, location: place.location } },
  );
}

export function snapshot(place: Place, name: string, of: Row): Row {
  return resource(
    place,
    'Microsoft.Compute/snapshots',
    name,
    {
      provisioningState: 'Succeeded',
      creationData: { createOption: 'Copy', sourceResourceId: of.id },
      diskSizeGB: of.properties['diskSizeGB'],
      incremental: true,
      timeCreated: '2024-02-01T08:30:00.0000000+00:00',
    },
    { sku: { name: 'Standard_LRS', tier: 'Standard' } },
  );
}

export function storageAccount(
  place: Place,
  name: string,
  o: Common & { readonly kind?: string; readonly sku?: string } = {},
): Row {
  return resource(
    place,
    'Microsoft.Storage/storageAccounts',
    name,
    {
      provisioningState: 'Succeeded',
      minimumTlsVersion: 'TLS1_2',
      allowBlobPublicAccess: false,
      isHnsEnabled: false,
      networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules: [], defaultAction: 'Allow' },
      supportsHttpsTrafficOnly: true,
      primaryLocation: place.location,
      statusOfPrimary: 'available',
      creationTime: '2024-01-11T08:16:51.9224376Z',
    },
    { kind: o.kind ?? 'StorageV2', sku: { name: o.sku ?? 'Standard_ZRS', tier: 'Standard' }, ...common(o) },
  );
}

export function fileShare(account: Row, name: string): Row {
  return {
    id: `${account.id}/fileServices/default/shares/${name}`,
    name,
    type: 'Microsoft.Storage/storageAccounts/fileServices/shares',
    restOnly: true,
    properties: {
      accessTier: 'TransactionOptimized',
      lastModifiedTime: '2024-01-14T08:20:47.0000000Z',
      shareQuota: 1024,
      enabledProtocols: 'SMB',
    },
  };
}

/** What `$expand=*` adds to a registration of SQL Server. */
export const expanded = ['autoBackupSettings', 'autoPatchingSettings', 'keyVaultCredentialSettings'];

export function sqlVirtualMachine(place: Place, vm: Row): Row {
  const row = resource(place, 'Microsoft.SqlVirtualMachine/sqlVirtualMachines', vm.name, {
    virtualMachineResourceId: vm.id,
    provisioningState: 'Succeeded',
    sqlServerLicenseType: 'PAYG',
    sqlImageSku: 'Enterprise',
    sqlImageOffer: 'SQL2022-WS2022',
    sqlManagement: 'Full',
    osType: 'Windows',
    autoBackupSettings: { enable: false, enableEncryption: false, storageAccountUrl: '', storageAccessKey: sqlSecret },
    autoPatchingSettings: { enable: false },
    keyVaultCredentialSettings: { enable: false, servicePrincipalSecret: sqlSecret },
  });
  return { ...row, graphProperties: Object.fromEntries(expanded.map((name) => [name, undefined])) };
}

/** Azure gives no secret back; this one may be in no recording. */
export const sqlSecret = 'c3RvcmFnZS1rZXktb2Ytc3Fs';

/** On a machine, what works in it; `settings` as whoever installed it wrote them. */
export function machineExtension(
  vm: Row,
  name: string,
  publisher: string,
  type: string,
  settings: Properties = {},
): Row {
  return {
    id: `${vm.id}/extensions/${name}`,
    name,
    type: 'Microsoft.Compute/virtualMachines/extensions',
    ...(vm.location === undefined ? {} : { location: vm.location }),
    properties: {
      autoUpgradeMinorVersion: true,
      provisioningState: 'Succeeded',
      publisher,
      type,
      typeHandlerVersion: '2.0',
      settings,
    },
  };
}

export function flexibleServer(
  place: Place,
  engine: 'PostgreSQL' | 'MySQL',
  name: string,
  o: Common & { readonly days?: number; readonly geo?: boolean } = {},
): Row {
  return resource(
    place,
    `Microsoft.DBfor${engine}/flexibleServers`,
    name,
    {
      version: engine === 'PostgreSQL' ? '16' : '8.0.21',
      state: 'Ready',
      fullyQualifiedDomainName: `${name}.${engine === 'PostgreSQL' ? 'postgres' : 'mysql'}.database.azure.com`,
      administratorLogin: 'operations',
      storage: { storageSizeGB: 128 },
      backup: { backupRetentionDays: o.days ?? 7, geoRedundantBackup: o.geo ? 'Enabled' : 'Disabled' },
      network: { publicNetworkAccess: 'Disabled' },
      highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
    },
    { sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' }, ...common(o) },
  );
}

export function kubernetesCluster(place: Place, name: string, o: Common = {}): Row {
  return resource(
    place,
    'Microsoft.ContainerService/managedClusters',
    name,
    {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.30',
      dnsPrefix: name,
      nodeResourceGroup: `MC_${place.group}_${name}`,
      storageProfile: { diskCSIDriver: { enabled: true }, snapshotController: { enabled: true } },
      agentPoolProfiles: [{ name: 'system', count: 3, vmSize: 'Standard_D4s_v5', mode: 'System', osType: 'Linux' }],
    },
    {
      sku: { name: 'Base', tier: 'Standard' },
      identity: { type: 'SystemAssigned', principalId: guid(`identity ${name}`), tenantId: guid('tenant') },
      ...common(o),
    },
  );
}

/** What backs up a cluster from the inside. */
export function backupExtension(cluster: Row): Row {
  const name = 'azure-aks-backup';
  return {
    id: `${cluster.id}/providers/Microsoft.KubernetesConfiguration/extensions/${name}`,
    name,
    type: 'Microsoft.KubernetesConfiguration/extensions',
    properties: {
      extensionType: 'microsoft.dataprotection.kubernetes',
      autoUpgradeMinorVersion: true,
      releaseTrain: 'stable',
      provisioningState: 'Succeeded',
      currentVersion: '0.0.3016',
      isSystemExtension: false,
      aksAssignedIdentity: { type: 'SystemAssigned', principalId: guid(`extension ${cluster.id}`) },
    },
  };
}

export function fileService(account: Row, softDeleteDays: number | undefined): Row {
  return {
    id: `${account.id}/fileServices/default`,
    name: 'default',
    type: 'Microsoft.Storage/storageAccounts/fileServices',
    restOnly: true,
    properties: {
      protocolSettings: { smb: {} },
      cors: { corsRules: [] },
      shareDeleteRetentionPolicy: {
        enabled: softDeleteDays !== undefined,
        days: softDeleteDays ?? 0,
      },
    },
  };
}

export function blobService(account: Row, softDeleteDays: number | undefined): Row {
  return {
    id: `${account.id}/blobServices/default`,
    name: 'default',
    type: 'Microsoft.Storage/storageAccounts/blobServices',
    restOnly: true,
    properties: {
      deleteRetentionPolicy:
        softDeleteDays === undefined ? { enabled: false } : { enabled: true, days: softDeleteDays },
      containerDeleteRetentionPolicy: {
        enabled: softDeleteDays !== undefined,
        ...(softDeleteDays ? { days: softDeleteDays } : {}),
      },
      isVersioningEnabled: softDeleteDays !== undefined,
      changeFeed: { enabled: softDeleteDays !== undefined },
    },
  };
}

export function blobContainer(account: Row, name: string, o: { readonly held?: boolean } = {}): Row {
  return {
    id: `${account.id}/blobServices/default/containers/${name}`,
    name,
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    restOnly: true,
    properties: {
      deleted: false,
      remainingRetentionDays: 0,
      defaultEncryptionScope: '$account-encryption-key',
      denyEncryptionScopeOverride: false,
      publicAccess: 'None',
      leaseStatus: 'Unlocked',
      leaseState: 'Available',
      lastModifiedTime: '2024-01-14T08:20:47.0000000Z',
      hasImmutabilityPolicy: false,
      hasLegalHold: o.held ?? false,
    },
  };
}

/** Of an account that has no policy nothing is found. */
export function lifecyclePolicy(account: Row, archiveDays: number, prefixMatch: readonly string[]): Row {
  return {
    id: `${account.id}/managementPolicies/default`,
    name: 'DefaultManagementPolicy',
    type: 'Microsoft.Storage/storageAccounts/managementPolicies',
    restOnly: true,
    properties: {
      lastModifiedTime: '2024-02-08T03:01:55.7168089Z',
      policy: {
        rules: [
          {
            enabled: true,
            name: 'archive',
            type: 'Lifecycle',
            definition: {
              actions: {
                baseBlob: {
                  tierToCool: { daysAfterModificationGreaterThan: 7 },
                  tierToArchive: { daysAfterModificationGreaterThan: archiveDays },
                },
              },
              filters: { blobTypes: ['blockBlob'], prefixMatch },
            },
          },
        ],
      },
    },
  };
}

/** To an account that may be anywhere. */
export function replicationPolicy(account: Row, destinationAccount: string, containers: readonly string[]): Row {
  const policyId = guid(`replication of ${account.id} to ${destinationAccount}`);
  return {
    id: `${account.id}/objectReplicationPolicies/${policyId}`,
    name: policyId,
    type: 'Microsoft.Storage/storageAccounts/objectReplicationPolicies',
    restOnly: true,
    properties: {
      policyId,
      enabledTime: '2024-02-08T03:01:55.7168089Z',
      sourceAccount: account.name,
      destinationAccount,
      rules: containers.map((name) => ({
        ruleId: guid(`rule ${policyId} ${name}`),
        sourceContainer: name,
        destinationContainer: `${name}-copy`,
        filters: { minCreationTime: '1601-01-01T00:00:00Z' },
      })),
    },
  };
}

export function diagnosticSetting(of: Row, workspace: string): Row {
  const name = 'to-workspace';
  return {
    id: `${of.id}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
    name,
    type: 'Microsoft.Insights/diagnosticSettings',
    restOnly: true,
    properties: {
      workspaceId: workspace,
      logAnalyticsDestinationType: 'Dedicated',
      logs: ['CoreAzureBackup', 'AddonAzureBackupJobs', 'AddonAzureBackupPolicy', 'AddonAzureBackupAlerts'].map(
        (category) => ({ category, enabled: true, retentionPolicy: { enabled: false, days: 0 } }),
      ),
      metrics: [],
    },
  };
}

export function cosmosAccount(place: Place, name: string, continuous: boolean): Row {
  return resource(
    place,
    'Microsoft.DocumentDB/databaseAccounts',
    name,
    {
      provisioningState: 'Succeeded',
      databaseAccountOfferType: 'Standard',
      backupPolicy: continuous
        ? { type: 'Continuous', continuousModeProperties: { tier: 'Continuous7Days' } }
        : {
            type: 'Periodic',
            periodicModeProperties: {
              backupIntervalInMinutes: 240,
              backupRetentionIntervalInHours: 8,
              backupStorageRedundancy: 'Geo',
            },
          },
      locations: [{ locationName: place.location, failoverPriority: 0, isZoneRedundant: false }],
    },
    { kind: 'GlobalDocumentDB' },
  );
}

export function elasticSan(place: Place, name: string, group: string): readonly [san: Row, group: Row, volume: Row] {
  const san = resource(place, 'Microsoft.ElasticSan/elasticSans', name, {
    provisioningState: 'Succeeded',
    baseSizeTiB: 1,
    extendedCapacitySizeTiB: 0,
    totalVolumeSizeGiB: 500,
    volumeGroupCount: 1,
    sku: { name: 'Premium_LRS', tier: 'Premium' },
  });
  const volumes = resource(place, 'Microsoft.ElasticSan/elasticSans/volumeGroups', `${name}/${group}`, {
    provisioningState: 'Succeeded',
    protocolType: 'Iscsi',
    encryption: 'EncryptionAtRestWithPlatformKey',
  });
  const volume = resource(place, 'Microsoft.ElasticSan/elasticSans/volumeGroups/volumes', `${name}/${group}/data`, {
    provisioningState: 'Succeeded',
    volumeId: guid(`volume ${name}`),
    sizeGiB: 500,
    creationData: { createSource: 'None' },
  });
  return [san, volumes, volume];
}

export function lock(of: Row, level: 'CanNotDelete' | 'ReadOnly'): Row {
  const name = `keep-${of.name}`;
  return {
    id: `${of.id}/providers/Microsoft.Authorization/locks/${name}`,
    name,
    type: 'Microsoft.Authorization/locks',
    restOnly: true,
    properties: { level, notes: 'backups live here' },
  };
}

/** `members`: the principal is a group, and these are in it. */
export function roleAssignment(scope: string, principalId: string, role: string, members?: readonly string[]): Row {
  const name = guid(`assignment ${scope} ${principalId} ${role}`);
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      scope,
      principalId,
      principalType: members ? 'Group' : 'ServicePrincipal',
      roleDefinitionId: `${subscriptionOf(scope) === '' ? '' : `/subscriptions/${subscriptionOf(scope)}`}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      createdOn: '2024-01-02T09:00:00.0000000Z',
    },
    ...(members && { members }),
  };
}

export function trustedAccess(cluster: Row, vault: Row): Row {
  const name = `backup-${vault.name}`;
  return {
    id: `${cluster.id}/trustedAccessRoleBindings/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings',
    restOnly: true,
    properties: {
      provisioningState: 'Succeeded',
      sourceResourceId: vault.id,
      roles: ['Microsoft.DataProtection/backupVaults/backup-operator'],
    },
  };
}

export function privateEndpoint(place: Place, name: string, to: Row): Row {
  return resource(place, 'Microsoft.Network/privateEndpoints', name, {
    provisioningState: 'Succeeded',
    privateLinkServiceConnections: [
      {
        name,
        properties: {
          provisioningState: 'Succeeded',
          privateLinkServiceId: to.id,
          groupIds: ['AzureBackup'],
          privateLinkServiceConnectionState: { status: 'Approved', description: '' },
        },
      },
    ],
  });
}

export function subscription(id: string, displayName: string, tenantId: string, ancestors: readonly string[]): Row {
  return {
    id: `/subscriptions/${id}`,
    name: displayName,
    type: 'Microsoft.Resources/subscriptions',
    properties: {
      state: 'Enabled',
      subscriptionPolicies: {
        locationPlacementId: 'Public_2014-09-01',
        quotaId: 'EnterpriseAgreement_2014-09-01',
        spendingLimit: 'Off',
      },
      managementGroupAncestorsChain: ancestors.map((name) => ({ name, displayName: name })),
      tenantId,
    },
  };
}

function common(o: Common): Common {
  return { ...(o.tags ? { tags: o.tags } : {}), ...(o.zones ? { zones: o.zones } : {}) };
}
