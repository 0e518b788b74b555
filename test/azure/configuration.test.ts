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
const tenant = '99999999-9999-9999-9999-999999999999';
/** The root of a tenant is called like it. */
const wholeTenant: InventoryHeader = { ...subscriptions, scope: { managementGroup: tenant } };

const row = (id: string, properties: unknown = {}, more: Row = {}): InventoryRow => ({
  from: 'graph:any',
  row: { id, type: 'x', location: 'westeurope', properties, ...more },
});
const subscriptionRow: InventoryRow = {
  from: 'graph:subscriptions',
  row: { id: `/subscriptions/${own}`, subscriptionId: own, tenantId: tenant },
};
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

describe('what protects a machine, which may lie in another subscription than its vault', () => {
  const points = (name: string, source = machine): InventoryRow =>
    row(`${group}/providers/Microsoft.Compute/restorePointCollections/${name}`, { source: { id: source } });
  const of = (rows: readonly InventoryRow[], gaps: readonly InventoryGap[] = []): unknown =>
    fact(entitiesOf([row(machine), ...rows], gaps), machine, 'protection');

  test('not known, where Azure Backup keeps restore points of it, and no item is seen', () =>
    expect(of([points('AzureBackup_web_1', machine.toUpperCase())])).toEqual(isUnknown));
  test('nothing, where the restore points are of somebody else or of another machine', () =>
    expect(of([points('web'), points('AzureBackup_other_1', `${machine}2`)])).toBe('none'));
  test('an item that is seen, with or without them', () => {
    expect(of([protectedMachine(), points('AzureBackup_web_1')])).toBe('item');
    const [far] = [protectedMachine()].map(({ from, row: { id, ...rest } }) => ({
      from,
      row: { id: String(id).replace(own, other), ...rest },
    }));
    expect(of([far!])).toBe('item');
  });
  test('not known, where restore points may not be read', () => {
    expect(of([], [gap('restorePoints', `/subscriptions/${own}`)])).toEqual(isUnknown);
    expect(of([protectedMachine()], [gap('restorePoints', `/subscriptions/${own}`)])).toBe('item');
  });
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
  test('nothing, where the whole tenant was read', () => expect(of([], wholeTenant, [subscriptionRow])).toBe('none'));
  test('not known, where vaults of another management group may protect it', () => {
    expect(of([], managementGroup, [subscriptionRow])).toEqual(isUnknown);
    expect(of([], managementGroup, [subscriptionRow, instance])).toBe('none');
    expect(of([], wholeTenant)).toEqual(isUnknown);
  });
  test('not known, where a vault of another subscription was not', () =>
    expect(of([gap('items', `/subscriptions/${other}`)], wholeTenant, [subscriptionRow, instance])).toEqual(isUnknown));
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
  test('private endpoints are all known where the whole tenant was read, and none without them', () => {
    const endpoints = (header: InventoryHeader, gaps: readonly InventoryGap[] = []): unknown =>
      fact(entitiesOf([subscriptionRow, row(vault)], gaps, header), vault, 'privateEndpoints');
    expect(endpoints(wholeTenant)).toEqual([]);
    for (const unread of [
      endpoints(subscriptions),
      endpoints(managementGroup),
      endpoints(wholeTenant, [gap('private-endpoints', `/subscriptions/${other}`)]),
      endpoints(wholeTenant, [gap('vaults', `/subscriptions/${other}`)]),
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

describe('what is registered with a vault', () => {
  const deep: InventoryHeader = { ...subscriptions, deep: true };
  const sqlMachine = `${group}/providers/Microsoft.Compute/virtualMachines/sql`;
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/st`;
  const registrations = (...value: readonly Row[]): InventoryRow => ({
    from: 'rest:registrations',
    row: { id: `${vault}/backupProtectionContainers`, vaultId: vault.toUpperCase(), value },
  });
  const registration = (name: string, properties: Row): Row => ({
    id: `${vault}/backupFabrics/Azure/protectionContainers/${name}`,
    properties: { registrationStatus: 'Registered', healthStatus: 'Healthy', ...properties },
  });
  const ofMachine = (inquiryDetails: readonly Row[], more: Row = {}): Row =>
    registration('VMAppContainer;Compute;rg;sql', {
      containerType: 'VMAppContainer',
      sourceResourceId: sqlMachine,
      extendedInfo: { inquiryInfo: { inquiryDetails } },
      ...more,
    });
  const ofAccount = (more: Row = {}): Row =>
    registration('StorageContainer;Storage;rg;st', {
      containerType: 'StorageContainer',
      sourceResourceId: account,
      ...more,
    });
  const of = (id: string, path: string, rows: readonly InventoryRow[], gaps: readonly InventoryGap[] = []): unknown =>
    fact(entitiesOf([row(vault), row(sqlMachine), row(account), ...rows], gaps, deep), id, path);

  test('is counted where it was listed, and else not known', () => {
    expect(of(vault, 'items.storageAccounts', [registrations(ofAccount())])).toBe(1);
    expect(of(vault, 'items.storageAccounts', [registrations()])).toBe(0);
    expect(of(vault, 'items.storageAccounts', [])).toEqual(isUnknown);
    expect(of(vault, 'items.storageAccounts', [], [gap('registrations', vault)])).toEqual(isUnknown);
    const early = entitiesOf([row(vault), row(account)]);
    expect(fact(early, vault, 'items.storageAccounts')).toEqual(isUnknown);
  });

  test('tells which database a machine runs, where one was found', () => {
    const database = (...details: readonly Row[]): unknown =>
      of(sqlMachine, 'database', [registrations(ofMachine(details))]);
    expect(database({ type: 'SQL', itemCount: 3 })).toBe('sql');
    expect(database({ type: 'SAPHana', itemCount: 1 }, { type: 'SQL', itemCount: 0 })).toBe('hana');
    expect(database({ type: 'SAPHana', itemCount: 1 }, { type: 'SQL', itemCount: 2 })).toBeUndefined();
    expect(database({ type: 'SQL', itemCount: 0 })).toBeUndefined();
    expect(database({ type: 'Tomorrow', itemCount: 1 })).toBeUndefined();
    expect(database()).toBeUndefined();
  });

  test('tells nothing any more of what was deleted, whoever has its name now', () => {
    const gone = { healthStatus: 'Deleted' };
    expect(
      of(sqlMachine, 'database', [registrations(ofMachine([{ type: 'SQL', itemCount: 3 }], gone))]),
    ).toBeUndefined();
    const solutions = [registrations(ofMachine([{ type: 'SQL', itemCount: 3 }], gone))];
    expect(of(vault, 'items.solutions', solutions)).toEqual([isUnknown]);
    expect(of(vault, 'items.storageAccounts', [registrations(ofAccount(gone))])).toBe(0);
    expect(of(vault, 'items.complete', [registrations(ofAccount(gone))])).toEqual(isUnknown);
  });
});

describe('what a vault holds', () => {
  const deep: InventoryHeader = { ...subscriptions, deep: true };
  const list = (from: string, ...value: readonly Row[]): InventoryRow => ({
    from,
    row: { id: `${vault}/x`, vaultId: vault, value },
  });
  const registrations = list('rest:registrations');
  const fabrics = list('rest:replicationFabrics');
  const of = (
    rows: readonly InventoryRow[],
    header: InventoryHeader = deep,
    gaps: readonly InventoryGap[] = [],
  ): unknown => fact(entitiesOf([row(vault), ...rows], gaps, header), vault, 'holds');

  test('nothing, where all of it was read', () => expect(of([registrations, fabrics])).toEqual([]));

  test('what Site Recovery keeps, and what is registered', () => {
    const fabric = {
      id: `${vault}/replicationFabrics/f`,
      type: 'Microsoft.RecoveryServices/vaults/replicationFabrics',
    };
    expect(of([registrations, list('rest:replicationFabrics', fabric)])).toEqual([fabric.id]);
    const container = {
      id: `${vault}/backupFabrics/Azure/protectionContainers/StorageContainer;Storage;rg;st`,
      properties: { containerType: 'StorageContainer' },
    };
    expect(of([list('rest:registrations', container), fabrics])).toEqual([container.id]);
    const gone = { ...container, properties: { ...container.properties, healthStatus: 'Deleted' } };
    expect(of([list('rest:registrations', gone), fabrics])).toEqual(isUnknown);
  });

  test('not known, where one of them was not read, as without --deep', () => {
    expect(of([registrations])).toEqual(isUnknown);
    expect(of([fabrics])).toEqual(isUnknown);
    expect(of([])).toEqual(isUnknown);
    expect(of([registrations, fabrics], subscriptions)).toEqual(isUnknown);
    expect(of([registrations], deep, [gap('site-recovery', vault)])).toEqual(isUnknown);
    expect(of([registrations, fabrics], deep, [gap('items', vault)])).toEqual(isUnknown);
  });
});

describe('the identity that a policy takes snapshots with', () => {
  const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-snap`;
  const policy = `${vault}/backupPolicies/snapshots`;
  const principalId = '0b1ec700-1d00-4000-8000-000000000051';
  const snapshots = row(policy, {
    backupManagementType: 'AzureWorkload',
    workLoadType: 'SQLDataBase',
    subProtectionPolicy: [
      {
        policyType: 'SnapshotFull',
        snapshotBackupAdditionalDetails: { userAssignedManagedIdentityDetails: { identityArmId: identity } },
      },
    ],
  });
  const known = { from: 'rest:userAssignedIdentities', row: { id: identity, properties: { principalId } } };
  const roles = (...ids: readonly string[]): InventoryRow => ({
    from: 'rest:roleAssignments',
    row: {
      id: `/subscriptions/${own}/providers/Microsoft.Authorization/roleAssignments`,
      owner: `/subscriptions/${own}`,
      principalId,
      value: ids.map((id) => ({
        id: `${group}/providers/Microsoft.Authorization/roleAssignments/${id}`,
        name: id,
        properties: {
          scope: group,
          principalId,
          roleDefinitionId: `/subscriptions/${own}/providers/Microsoft.Authorization/roleDefinitions/${id}`,
        },
      })),
    },
  });
  const of = (...rows: readonly InventoryRow[]): unknown =>
    fact(entitiesOf([row(vault), snapshots, ...rows]), policy, 'snapshotRoles');
  const needed = 'afc680e2-a938-412d-b213-9a49efa7fb83';
  const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

  test('has the roles that were read of it', () => {
    expect(of(known, roles(needed))).toEqual(['Azure Backup Snapshot Contributor']);
    expect(of(known, roles())).toEqual([]);
  });

  test('may have others: where they were not read, where it is not known, with a role that allows more', () => {
    expect(of(known)).toEqual([isUnknown]);
    expect(of(roles(needed))).toEqual(isUnknown);
    expect(of()).toEqual(isUnknown);
    expect(of(known, roles(owner))).toEqual(['Owner', isUnknown]);
    expect(of(known, roles('11111111-0000-4000-8000-000000000000'))).toEqual([isUnknown]);
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

  test('a read of its own tells it, and one that fails does not', () => {
    const read = (autoBackupSettings: unknown): InventoryRow => ({
      from: 'rest:sqlVirtualMachines',
      row: { ...registration.row, properties: { virtualMachineResourceId: machine, autoBackupSettings } },
    });
    expect(of('automatedBackup', [registration, read({ enable: true })])).toBe(true);
    expect(of('automatedBackup', [registration, read({ enable: false })])).toBe(false);
    expect(of('automatedBackup', [registration, read(undefined)])).toEqual(isUnknown);
    expect(of('automatedBackup', [registration, read({})])).toEqual(isUnknown);
    const unread = gap('automated-backup', registration.row['id'] as string);
    expect(of('automatedBackup', [registration], [unread])).toEqual(isUnknown);
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
  test('what it protects is gone only where Azure said so itself', () => {
    const absence: InventoryRow = { from: 'rest:absence', row: { owner: machine, error: 'ResourceNotFound' } };
    const exists = (rows: readonly InventoryRow[], gaps: readonly InventoryGap[] = []): unknown =>
      fact(entitiesOf([protectedMachine(), ...rows], gaps), item, 'datasourceExists');
    expect(exists([absence])).toBe(false);
    // As in a recording of an earlier version.
    expect(exists([])).toEqual(isUnknown);
    expect(exists([{ ...absence, row: { ...absence.row, owner: `${machine}2` } }])).toEqual(isUnknown);
    expect(exists([], [gap('absences', `/subscriptions/${own}`)])).toEqual(isUnknown);
    expect(exists([absence], [gap('absences', `/subscriptions/${own}`)])).toBe(false);
    expect(exists([{ from: 'rest:datasource', row: { id: machine, properties: {} } }])).toBe(true);
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
  // The items that it makes have backups, points and states.
  const facts = ['state', 'health', 'recoveryPoint', 'lastFull', 'missingNodes'];
  const own = `${vault}/backupFabrics/Azure/backupProtectionIntent/1`;
  expect(facts.map((name) => fact(entities, own, name))).toEqual(['protected', ...facts.slice(1).map(() => undefined)]);
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

describe('what is read of blobs with --deep', () => {
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/stdata`;
  const copy = `${group}/providers/Microsoft.Storage/storageAccounts/stcopy`;
  const deep = { ...subscriptions, deep: true };
  const open = expect.arrayContaining([isUnknown]);
  const list = (from: string, path: string, value: readonly Row[], more: Row = {}): InventoryRow => ({
    from,
    row: { id: `${account}/${path}`, owner: account, value, ...more },
  });
  const containers = (names: readonly string[], more: Row = {}): InventoryRow =>
    list(
      'rest:blobContainers',
      'blobServices/default/containers',
      names.map((name) => ({
        id: `${account}/blobServices/default/containers/${name}`,
        name,
        properties: { hasLegalHold: name === 'held' },
      })),
      more,
    );
  const lifecycle = (value: readonly Row[]): InventoryRow =>
    list('rest:managementPolicies', 'managementPolicies', value);
  const policy = (rules: unknown): Row => ({
    id: `${account}/managementPolicies/default`,
    properties: { policy: { rules } },
  });
  const replication = (...properties: readonly Row[]): InventoryRow =>
    list(
      'rest:objectReplicationPolicies',
      'objectReplicationPolicies',
      properties.map((one, i) => ({ id: `${account}/objectReplicationPolicies/${i}`, properties: one })),
    );
  const of = (
    path: string,
    rows: readonly InventoryRow[],
    header = deep,
    gaps: readonly InventoryGap[] = [],
  ): unknown => fact(entitiesOf([row(account, {}, { name: 'stdata' }), ...rows], gaps, header), account, path);

  test.each(['containers', 'heldContainers', 'archiveRules', 'replicatedContainers'])(
    '%s are not known without it, nor from an earlier recording',
    (path) => {
      expect(of(path, [], subscriptions)).toEqual(open);
      expect(of(path, [])).toEqual(open);
      const all = ['blob-containers', 'lifecycle', 'replication'].map((one) => gap(one, account));
      expect(of(path, [], deep, all)).toEqual(open);
      expect(of(path, [containers([]), lifecycle([]), replication()])).toEqual([]);
    },
  );

  test('containers are those that were listed, without those of services', () => {
    const names = ['$logs', '$web', 'azure-webjobs-hosts', 'held', 'insights-logs-audit', 'webjobs'];
    expect(of('containers', [containers(names)])).toEqual(['$web', 'held', 'webjobs']);
    expect(of('heldContainers', [containers(names)])).toEqual(['held']);
    expect(of('containers', [containers(names, { more: true })])).toEqual(['$web', 'held', 'webjobs', isUnknown]);
    expect(of('heldContainers', [containers([], { more: true })])).toEqual(open);
  });

  test('what the lifecycle archives', () => {
    const definition = { actions: { baseBlob: { tierToArchive: { daysAfterModificationGreaterThan: 90 } } } };
    const rules = [
      { name: 'a', enabled: true, definition },
      { name: 'b', enabled: true, definition: { actions: { baseBlob: {} } } },
    ];
    expect(of('archiveRules', [lifecycle([policy(rules)])])).toEqual([{ days: 90 }]);
    expect(of('archiveRules', [lifecycle([policy(undefined)])])).toEqual(open);
  });

  test('what is replicated, where the other account is seen: Azure Backup replicates as well', () => {
    const rules = [{ sourceContainer: 'a', destinationContainer: 'b' }];
    const between = (sourceAccount: string | undefined, destinationAccount: string | undefined): unknown =>
      of('replicatedContainers', [
        row(copy, {}, { name: 'stcopy' }),
        replication({ sourceAccount, destinationAccount, rules }),
      ]);
    expect(between('stdata', 'stcopy')).toEqual(['a']);
    expect(between('STCOPY', 'stdata')).toEqual(['b']);
    expect(between(account, copy.toUpperCase())).toEqual(['a']);
    expect(between('stdata', 'msbackupdata')).toEqual(open);
    expect(between('stdata', `${group}/providers/Microsoft.Storage/storageAccounts/other`)).toEqual(open);
    expect(between('stdata', undefined)).toEqual(open);
    expect(between(undefined, 'stcopy')).toEqual(open);
    expect(
      of('replicatedContainers', [replication({ sourceAccount: 'stdata', destinationAccount: 'stdata' })]),
    ).toEqual(open);
  });
});
