/** What an inventory becomes: letter case, other names, "never", several answers of one thing, and what was not read. */
import { describe, expect, test } from 'vitest';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import type { InventoryGap, InventoryHeader, InventoryRow, Row } from '../../src/azure/inventory.ts';
import { encode, memberOf } from '../../src/evaluate/value.ts';
import { pick } from '../../src/model/facts.ts';
import type { Entity } from '../../src/model/model.ts';
import { normalise } from '../../src/model/normalise.ts';

const own = '11111111-1111-1111-1111-111111111111';
const other = '22222222-2222-2222-2222-222222222222';
const group = `/subscriptions/${own}/resourceGroups/rg`;
const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/rsv`;
const backupVault = `${group}/providers/Microsoft.DataProtection/backupVaults/bv`;
const machine = `${group}/providers/Microsoft.Compute/virtualMachines/web`;
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/db`;
const item = `${vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;iaasvmcontainerv2;rg;web/protectedItems/VM;iaasvmcontainerv2;rg;web`;

const subscriptions: InventoryHeader = {
  version: 1,
  cloud: 'AzureCloud',
  scope: { subscriptions: [own] },
  readAt: '2026-03-01T06:00:00Z',
  deep: false,
};
const managementGroup: InventoryHeader = { ...subscriptions, scope: { managementGroup: 'contoso' } };

const row = (id: string, properties: unknown = {}, more: Row = {}): InventoryRow => ({
  from: 'graph:any',
  row: { id, type: 'x', location: 'westeurope', properties, ...more },
});
const protectedMachine = (properties: Row = {}): InventoryRow =>
  row(item, {
    protectedItemType: 'Microsoft.Compute/virtualMachines',
    backupManagementType: 'AzureIaasVM',
    sourceResourceId: machine,
    protectionState: 'Protected',
    ...properties,
  });
const gap = (unread: string, scope: string): InventoryGap => ({
  unread,
  scope,
  because: 'Azure did not answer in time',
  code: 'timeout',
});

function entitiesOf(
  rows: readonly InventoryRow[],
  gaps: readonly InventoryGap[] = [],
  header = subscriptions,
): readonly Entity[] {
  const [configuration] = liveConfigurations({ header, rows, gaps });
  return normalise(configuration!, { removedNames: [] }).entities;
}

function fact(entities: readonly Entity[], id: string, path: string): unknown {
  const entity = entities.find(({ resource }) => resource.address === id);
  expect(entity, id).toBeDefined();
  const found = pick(entity!.view, path, false);
  return found && encode(found.value);
}

const isUnknown = expect.objectContaining({ $unknown: expect.any(String) });

describe('what protects a machine', () => {
  const of = (gaps: readonly InventoryGap[], header = subscriptions, rows: readonly InventoryRow[] = []): unknown =>
    fact(entitiesOf([row(machine), ...rows], gaps, header), machine, 'protection');

  test('nothing, where all was read', () => expect(of([])).toBe('none'));
  test('an item, whatever the case of its letters', () =>
    expect(of([], subscriptions, [protectedMachine({ sourceResourceId: machine.toUpperCase() })])).toBe('item'));
  test('an item that names it in other words', () =>
    expect(
      of([], subscriptions, [
        protectedMachine({ sourceResourceId: undefined, dataSourceInfo: { resourceID: machine } }),
      ]),
    ).toBe('item'));

  test.each([
    gap('items', `/subscriptions/${own}`),
    gap('items', vault),
    gap('counts', vault),
    gap('everything', `/subscriptions/${own}`),
    gap('everything', '/providers/Microsoft.Management/managementGroups/contoso'),
    gap('items', `/subscriptions/${other}, /subscriptions/${own}`),
    gap('subscriptions', '/providers/Microsoft.Management/managementGroups/contoso'),
  ])('not known: $unread of $scope', (one) => expect(of([one])).toEqual(isUnknown));

  test.each([gap('items', `/subscriptions/${other}`), gap('policies', vault), gap('jobs', vault)])(
    'nothing: $unread of $scope is beside the point',
    (one) => expect(of([one])).toBe('none'),
  );
});

describe('what protects something in a Backup vault, which may lie in any subscription', () => {
  const instance = row(`${backupVault}/backupInstances/other`, {
    dataSourceInfo: { datasourceType: 'Microsoft.DBforPostgreSQL/flexibleServers', resourceID: `${server}2` },
    currentProtectionState: 'ProtectionConfigured',
  });
  const of = (gaps: readonly InventoryGap[], header = subscriptions, rows: readonly InventoryRow[] = []): unknown =>
    fact(entitiesOf([row(server), ...rows], gaps, header), server, 'protection');

  test('not known, where nothing of its kind is protected in the subscriptions', () =>
    expect(of([])).toEqual(isUnknown));
  test('nothing, where others of its kind are', () => expect(of([], subscriptions, [instance])).toBe('none'));
  test('nothing, where all subscriptions were read', () => expect(of([], managementGroup)).toBe('none'));
  test('not known, where a vault of another subscription was not', () =>
    expect(of([gap('items', `/subscriptions/${other}`)], managementGroup, [instance])).toEqual(isUnknown));
});

describe('of a row without properties nothing is known but that it is there', () => {
  const policy = `${vault}/backupPolicies/daily`;
  const of = (id: string, path: string, properties: unknown): unknown =>
    fact(entitiesOf([row(vault), row(policy, properties), row(item, properties), row(machine, properties)]), id, path);

  test.each([null, '{"cut', []])('%j', (properties) => {
    for (const [id, path] of [
      [policy, 'solution'],
      [policy, 'type'],
      [policy, 'retention'],
      [item, 'solution'],
      [item, 'state'],
      [item, 'cluster'],
      [machine, 'securityType'],
    ] as const)
      expect(of(id, path, properties), `${id} ${path}`).toEqual(isUnknown);
  });

  test('what is told of it elsewhere does not make it known', () =>
    expect(
      fact(
        entitiesOf([
          row(vault, null),
          {
            from: 'rest:backupconfig',
            row: {
              id: `${vault}/backupconfig/vaultconfig`,
              vaultId: vault,
              properties: { softDeleteFeatureState: 'Enabled' },
            },
          },
        ]),
        vault,
        'encryption',
      ),
    ).toEqual(isUnknown));
});

describe('a vault', () => {
  const of = (path: string, properties: Row, more: readonly InventoryRow[] = []): unknown =>
    fact(entitiesOf([row(vault, properties), ...more]), vault, path);

  test('what its row lacks is not off', () => {
    for (const path of [
      'softDelete.state',
      'immutability',
      'redundancy',
      'crossRegionRestore',
      'jobAlerts',
      'publicNetworkAccess',
      'resourceGuard',
    ])
      expect(of(path, {}), path).toEqual(isUnknown);
  });
  test('settings read beside it count, and say nothing of others', () => {
    const beside = {
      from: 'rest:backupconfig',
      row: {
        id: `${vault}/backupconfig/vaultconfig`,
        vaultId: vault,
        properties: { softDeleteFeatureState: 'AlwaysON' },
      },
    };
    expect(of('softDelete.state', {}, [beside])).toBe('always-on');
    expect(of('immutability', {}, [beside])).toEqual(isUnknown);
  });
  test('immutability that is null is off where security settings are told', () =>
    expect(
      of('immutability', {
        securitySettings: { softDeleteSettings: { softDeleteState: 'Enabled' }, immutabilitySettings: null },
      }),
    ).toBe('Disabled'));
  test('private endpoints are all known where all subscriptions were read, and none without them', () => {
    const endpoints = (header: InventoryHeader, gaps: readonly InventoryGap[] = []): unknown =>
      fact(entitiesOf([row(vault)], gaps, header), vault, 'privateEndpoints');
    expect(endpoints(managementGroup)).toEqual([]);
    for (const unread of [
      endpoints(subscriptions),
      endpoints(managementGroup, [gap('private-endpoints', `/subscriptions/${other}`)]),
      endpoints(managementGroup, [gap('vaults', `/subscriptions/${other}`)]),
    ])
      expect(unread).not.toEqual([]);
  });
  test('properties as a text', () =>
    expect(
      fact(
        entitiesOf([
          row(vault, JSON.stringify({ redundancySettings: { standardTierStorageRedundancy: 'LocallyRedundant' } })),
        ]),
        vault,
        'redundancy',
      ),
    ).toBe('LocallyRedundant'));
  test('that a guard is bound, or none', () => {
    const told = (multiUserAuthorization: string): Row => ({ securitySettings: { multiUserAuthorization } });
    expect(of('resourceGuard', told('Disabled'))).toBeUndefined();
    expect(of('resourceGuard', told('Enabled'))).toEqual(isUnknown);
  });
});

describe('extensions of a machine', () => {
  const ofSql: Row = {
    storageProfile: { imageReference: { publisher: 'MicrosoftSQLServer', offer: 'sql2022-ws2022' } },
  };
  const extension = (columns: Row): InventoryRow => ({
    from: 'graph:machineExtensions',
    row: {
      id: `${machine.toUpperCase()}/extensions/one`,
      type: 'microsoft.compute/virtualmachines/extensions',
      provisioningState: 'Succeeded',
      automatedBackup: null,
      encryptionOperation: null,
      volumeType: null,
      ...columns,
    },
  });
  const of = (path: string, rows: readonly InventoryRow[], gaps: readonly InventoryGap[] = []): unknown =>
    fact(entitiesOf([row(machine, ofSql), ...rows], gaps), machine, path);
  const agent = { publisher: 'Microsoft.SqlServer.Management', extensionType: 'SqlIaaSAgent' };
  const ade = { publisher: 'Microsoft.Azure.Security', extensionType: 'AzureDiskEncryption' };
  const registration = row(`${group}/providers/Microsoft.SqlVirtualMachine/sqlVirtualMachines/web`, {
    virtualMachineResourceId: machine,
  });

  test('there are none where all were read, whatever the image may come with', () => {
    const facts = ['sqlExtension', 'automatedBackup', 'diskEncryption'].map((path) => of(path, []));
    expect(facts).toEqual([false, false, false]);
  });

  test.each(['machineExtensions', 'datasources'])('not known, where %s were not read', (unread) => {
    for (const path of ['sqlExtension', 'automatedBackup'])
      expect(of(path, [], [gap(unread, `/subscriptions/${own}`)]), path).toEqual(isUnknown);
  });

  test('that of SQL Server is there; its settings tell Automated Backup, or nothing does', () => {
    expect(of('sqlExtension', [extension(agent)])).toBe(true);
    expect(of('automatedBackup', [extension(agent)])).toEqual(isUnknown);
    expect(of('automatedBackup', [extension({ ...agent, automatedBackup: true })])).toBe(true);
    expect(of('automatedBackup', [extension({ ...agent, automatedBackup: false })])).toBe(false);
    const failed = { ...agent, automatedBackup: true, provisioningState: 'Failed' };
    expect(of('automatedBackup', [extension(failed)])).toEqual(isUnknown);
  });

  test('a registration does not tell whether Automated Backup is on', () => {
    expect(of('sqlExtension', [registration])).toBe(true);
    expect(of('automatedBackup', [registration])).toEqual(isUnknown);
    expect(of('automatedBackup', [registration, extension({ ...agent, automatedBackup: false })])).toEqual(isUnknown);
    expect(of('automatedBackup', [registration, extension({ ...agent, automatedBackup: true })])).toBe(true);
  });

  test('that of Azure Disk Encryption stays on a machine that no longer encrypts', () => {
    const encrypting = (encryptionOperation: unknown) => extension({ ...ade, encryptionOperation, volumeType: 'All' });
    expect(of('diskEncryption', [encrypting('EnableEncryption')])).toBe(true);
    expect(of('diskEncryption', [encrypting('DisableEncryption')])).toEqual(isUnknown);
    expect(of('diskEncryption', [encrypting(null)])).toEqual(isUnknown);
  });

  test('of a kind that is not told', () => {
    const untold = extension({ publisher: null, extensionType: null });
    expect(of('sqlExtension', [untold])).toEqual(isUnknown);
    expect(of('automatedBackup', [untold])).toEqual(isUnknown);
  });
});

describe('an item', () => {
  const of = (path: string, properties: Row, more: readonly InventoryRow[] = []): unknown =>
    fact(entitiesOf([row(machine), protectedMachine(properties), ...more]), item, path);

  test('a missing state is not known', () => expect(of('state', { protectionState: undefined })).toEqual(isUnknown));
  test('softly deleted and suspended', () => {
    expect(of('state', { protectionState: 'ProtectionStopped', isScheduledForDeferredDelete: true })).toBe(
      'soft-deleted',
    );
    expect(of('state', { protectionState: 'ProtectionStopped', currentProtectionState: 'BackupsSuspended' })).toBe(
      'suspended',
    );
  });
  test.each(['2001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'])('%s is no date', (lastBackupTime) => {
    expect(of('recoveryPoint.newest', { lastBackupTime, lastBackupStatus: '' })).toBeUndefined();
    expect(of('recoveryPoint.tooOld', { lastBackupTime, lastBackupStatus: '' })).toBe(false);
  });
  test('a later answer of the same item adds to the first', () => {
    const later = row(item.toLowerCase(), { lastRecoveryPoint: '2026-03-01T02:00:00Z', protectionState: null });
    const entities = entitiesOf([row(machine), protectedMachine(), later]);
    expect(entities.filter(({ subject }) => subject === 'protected-item')).toHaveLength(1);
    expect(fact(entities, item, 'recoveryPoint.newest')).toBe('2026-03-01T02:00:00.000Z');
    expect(fact(entities, item, 'state')).toBe('protected');
  });
  test('which disks it takes is not known where the answer leaves that out', () => {
    expect(of('included', {})).toEqual(isUnknown);
    expect(of('included', { extendedProperties: { linuxVmApplicationName: '' } })).toBeUndefined();
  });
  test('a deleted instance is an item that is softly deleted', () => {
    const id = `${backupVault}/deletedBackupInstances/disk-1`;
    const entities = entitiesOf([
      row(id, {
        dataSourceInfo: {
          datasourceType: 'Microsoft.Compute/disks',
          resourceID: `${group}/providers/Microsoft.Compute/disks/d`,
        },
      }),
    ]);
    expect(fact(entities, id, 'state')).toBe('soft-deleted');
    expect(fact(entities, id, 'solution')).toBe('azure-disk');
  });
  test('what it protects is gone only where all of its kind were read', () => {
    const exists = (gaps: readonly InventoryGap[]): unknown =>
      fact(entitiesOf([protectedMachine()], gaps), item, 'datasourceExists');
    expect(exists([])).toBe(false);
    expect(exists([gap('virtualMachines', `/subscriptions/${own}`)])).toEqual(isUnknown);
  });
  test('every fact has its place in what Azure answered', () => {
    const { view } = entitiesOf([row(machine), protectedMachine()]).find(
      ({ subject }) => subject === 'protected-item',
    )!;
    expect(memberOf(view, 'state')!.at).toEqual({ resourceId: item, path: '/properties/protectionState' });
  });
});

test('auto-protection: of databases it counts for its machine, of machines it says nothing', () => {
  const intent = (management: string, source: string): InventoryRow =>
    row(`${vault}/backupFabrics/Azure/backupProtectionIntent/1`, {
      protectionIntentItemType: 'RecoveryServiceVaultItem',
      backupManagementType: management,
      sourceResourceId: source,
    });
  const container = `${vault}/backupFabrics/Azure/protectionContainers/Compute;rg;web`;
  const entities = entitiesOf([row(machine), intent('AzureWorkload', container)]);
  expect(fact(entities, machine, 'databaseProtected')).toBe(true);
  expect(fact(entities, machine, 'protection')).toBe('none');
  expect(fact(entitiesOf([row(machine), intent('AzureIaasVM', machine)]), machine, 'protection')).toBe('none');
});

test('servers on premises are registrations', () => {
  const engine = `${vault}/backupEngines/MABS01`;
  const entities = entitiesOf([row(engine, { backupEngineType: 'AzureBackupServerEngine', dpmVersion: '14.0.42.0' })]);
  expect(fact(entities, engine, 'kind')).toBe('mabs');
  expect(fact(entities, engine, 'serverRecalled')).toBe(true);
});

test('what only --deep reads is not known without it', () => {
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/st`;
  const shares = {
    from: 'rest:shares',
    row: {
      id: `${account}/fileServices/default/shares`,
      owner: account,
      value: [{ id: `${account}/fileServices/default/shares/a`, properties: {} }],
    },
  };
  const deep = { ...subscriptions, deep: true };
  const open = expect.arrayContaining([isUnknown]);
  expect(fact(entitiesOf([row(account)]), account, 'shares')).toEqual(open);
  expect(fact(entitiesOf([row(account)], [], deep), account, 'shares')).toEqual(open);
  expect(fact(entitiesOf([row(account), shares], [], deep), account, 'shares')).toEqual(['a']);
});
