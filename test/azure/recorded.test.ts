/**
 * What Azure really answered (test recordings of Azure/azure-cli, in the shared examples) goes through the model without loss: every
 * field that a rule uses is looked at where a recording carries it. What else recordings carry, and nothing looks at, is listed in
 * recorded.unread.txt, to be read by a person when it changes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import type { InventoryRow, Row } from '../../src/azure/inventory.ts';
import type { Resource } from '../../src/evaluate/resource.ts';
import { force, type Member, memberOf, type Obj, type Value } from '../../src/evaluate/value.ts';
import type { Entity } from '../../src/model/model.ts';
import { normalise } from '../../src/model/normalise.ts';
import { isSpan } from '../../src/source/source.ts';
import { golden } from '../golden.ts';

const folder = fileURLToPath(new URL('../../../shared/arm-examples/recorded', import.meta.url));
const present = existsSync(folder);
if (!present) console.warn('The shared examples are not there: recorded answers of Azure are not normalised.');

/** Fields that rules use, as the shared notes on live data (2.2) and the catalogue name them. */
const used: Readonly<Record<string, readonly string[]>> = {
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems': [
    'protectedItemType',
    'sourceResourceId',
    'policyId',
    'protectionState',
    'isScheduledForDeferredDelete',
    'lastBackupStatus',
    'lastBackupTime',
    'lastRecoveryPoint',
    'lastBackupErrorDetail/code',
    'protectedItemHealthStatus',
    'extendedProperties/diskExclusionProperties/diskLunList',
    'extendedProperties/diskExclusionProperties/isInclusionList',
  ],
  'microsoft.dataprotection/backupvaults/backupinstances': [
    'dataSourceInfo/resourceID',
    'dataSourceInfo/datasourceType',
    'dataSourceInfo/resourceLocation',
    'policyInfo/policyId',
    'policyInfo/policyParameters/dataStoreParametersList/*/resourceGroupId',
    'policyInfo/policyParameters/backupDatasourceParametersList/*/objectType',
    'policyInfo/policyParameters/backupDatasourceParametersList/*/snapshotVolumes',
    'policyInfo/policyParameters/backupDatasourceParametersList/*/containersList/*',
    'currentProtectionState',
    'datasourceAuthCredentials/secretStoreResource/uri',
    'backupInstanceExtendedProperties/recoveryPointInfo/latestRecoveryPointInPrimaryRegion',
  ],
  'microsoft.recoveryservices/vaults': [
    'securitySettings/softDeleteSettings/softDeleteState',
    'securitySettings/softDeleteSettings/softDeleteRetentionPeriodInDays',
    'securitySettings/immutabilitySettings/state',
    'securitySettings/multiUserAuthorization',
    'redundancySettings/standardTierStorageRedundancy',
    'redundancySettings/crossRegionRestore',
    'publicNetworkAccess',
    'monitoringSettings/azureMonitorAlertSettings/alertsForAllJobFailures',
    'restoreSettings/crossSubscriptionRestoreSettings/crossSubscriptionRestoreState',
    'encryption/keyVaultProperties/keyUri',
    'encryption/kekIdentity/userAssignedIdentity',
    'encryption/infrastructureEncryption',
  ],
  'microsoft.dataprotection/backupvaults': [
    'storageSettings/*/datastoreType',
    'storageSettings/*/type',
    'securitySettings/softDeleteSettings/state',
    'securitySettings/softDeleteSettings/retentionDurationInDays',
    'securitySettings/immutabilitySettings/state',
    'featureSettings/crossRegionRestoreSettings/state',
    'featureSettings/crossSubscriptionRestoreSettings/state',
    'isVaultProtectedByResourceGuard',
    'monitoringSettings/azureMonitorAlertSettings/alertsForAllJobFailures',
  ],
  'microsoft.recoveryservices/vaults/backuppolicies': [
    'backupManagementType',
    'workLoadType',
    'policyType',
    'timeZone',
    'instantRpRetentionRangeInDays',
    'schedulePolicy/scheduleRunFrequency',
    'schedulePolicy/scheduleRunTimes/*',
    'schedulePolicy/hourlySchedule/interval',
    'retentionPolicy/dailySchedule/retentionDuration/count',
    'retentionPolicy/weeklySchedule/retentionDuration/count',
    'subProtectionPolicy/*/policyType',
    'subProtectionPolicy/*/schedulePolicy/scheduleRunFrequency',
    'subProtectionPolicy/*/schedulePolicy/scheduleFrequencyInMins',
    'subProtectionPolicy/*/retentionPolicy/retentionDuration/count',
  ],
  'microsoft.dataprotection/backupvaults/backuppolicies': [
    'datasourceTypes/*',
    'policyRules/*/name',
    'policyRules/*/isDefault',
    'policyRules/*/lifecycles/*/deleteAfter/duration',
    'policyRules/*/trigger/schedule/repeatingTimeIntervals/*',
    'policyRules/*/dataStore/dataStoreType',
  ],
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers': [
    'containerType',
    'sourceResourceId',
    'registrationStatus',
  ],
  'microsoft.recoveryservices/vaults/backupengines': ['backupEngineType', 'registrationStatus'],
  'microsoft.dataprotection/resourceguards': ['vaultCriticalOperationExclusionList/*'],
};

interface Recorded {
  readonly file: string;
  readonly rows: readonly InventoryRow[];
}

function recordings(): Recorded[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json') && !file.startsWith('errors'))
    .sort()
    .map((file) => {
      const { body } = (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { response: { body: Row } }).response;
      const list = (body['value'] ?? body['data'] ?? [body]) as Row[];
      const name = /(\w+)_(?:list|get|post)/.exec(file.split('/').at(-1) ?? '')?.[1] ?? 'other';
      // Recovery points come in one row per item.
      const rows = /recoveryPoints/.test(name)
        ? []
        : list.filter((row) => typeof row?.['id'] === 'string').map((row) => ({ from: `rest:${name}`, row }));
      return { file, rows };
    });
}

const subscription = '00000000-0000-0000-0000-000000000000';

function resourcesOf(rows: readonly InventoryRow[]) {
  const header = {
    version: 1,
    cloud: 'AzureCloud',
    scope: { subscriptions: [subscription] },
    readAt: '2024-06-27T00:00:00Z',
    deep: false,
  } as const;
  return [...liveConfigurations({ header, rows, gaps: [] })][0]!;
}

/** The body with every value that is looked at noted. */
function watched(value: Value, path: string, seen: Set<string>): Value {
  const found = force(value);
  if (found.kind === 'object') {
    const members = new Map<string, Member>();
    for (const [name, member] of found.members) {
      const at = !isSpan(member.at) && member.at.path !== '' ? member.at.path : `${path}/${name}`;
      members.set(name, {
        at: member.at,
        get value() {
          seen.add(at);
          return watched(member.value, at, seen);
        },
      });
    }
    return { ...found, members };
  }
  if (found.kind === 'list') {
    const items = found.items.map((item, i) => ({ item, at: `${path}/${i}` }));
    return {
      ...found,
      get items() {
        return items.map(({ item, at }) => {
          seen.add(at);
          return watched(item, at, seen);
        });
      },
    };
  }
  return found;
}

function leavesIn(value: unknown, path: string): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesIn(item, `${path}/${i}`));
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, one]) => leavesIn(one, `${path}/${key}`));
  return [path];
}

const general = (path: string): string => path.replaceAll(/\/\d+(?=\/|$)/g, '/*');

describe.skipIf(!present)('recorded answers', () => {
  const all = present ? recordings() : [];
  const unread = new Map<string, Set<string>>();
  const read = new Map<string, Set<string>>();

  test.each(all.filter(({ rows }) => rows.length > 0).map((one) => [one.file, one] as const))(
    '%s',
    (_file, { rows }) => {
      const configuration = resourcesOf(rows);
      const seen = new Map<string, Set<string>>();
      const resources = configuration.resources.map((resource): Resource => {
        const own = new Set<string>();
        seen.set(resource.address, own);
        return { ...resource, body: watched(resource.body, '', own) as Obj };
      });
      const { entities } = normalise({ ...configuration, resources }, { removedNames: [] });
      const known = new Set(entities.map(({ resource }) => resource.address));
      for (const { type, address } of resources) {
        const row = rows.find((one) => one.row['id'] === address)?.row;
        if (!row || !known.has(address)) continue;
        const name = type.toLowerCase();
        for (const leaf of leavesIn(row['properties'], '/properties')) {
          const wasSeen = seen.get(address)!.has(leaf);
          const list = (wasSeen ? read : unread).get(name) ?? new Set();
          (wasSeen ? read : unread).set(name, list.add(general(leaf).slice('/properties/'.length)));
        }
      }
      // Every item is one, with what it is of, where and in which state.
      for (const { resource, view } of itemsIn(entities))
        for (const fact of ['solution', 'vaultName', 'state', 'sourceType'])
          expect(force(memberOf(view, fact)!.value).kind, `${fact} of ${resource.address}`).toBe('string');
    },
  );

  test('nothing that a rule uses is dropped', () => {
    const dropped = [...unread].flatMap(([type, paths]) =>
      [...paths]
        .filter((path) => used[type]?.includes(path) && !read.get(type)?.has(path))
        .map((path) => `${type} ${path}`),
    );
    expect(dropped).toEqual([]);
  });

  test('what nothing looks at is known', () => {
    const lines = [...unread].flatMap(([type, paths]) =>
      [...paths].filter((path) => !read.get(type)?.has(path)).map((path) => `${type} ${path}\n`),
    );
    golden('test/azure/recorded.unread.txt', lines.sort().join(''));
  });
});

function itemsIn(entities: readonly Entity[]): Entity[] {
  return entities.filter(({ subject, view }) => subject === 'protected-item' && memberOf(view, 'reach') === undefined);
}
