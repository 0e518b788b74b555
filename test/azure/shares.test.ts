/** A large inventory is judged share by share: what hangs together stays together, and the verdicts are those of the whole. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import type { Inventory, InventoryRow, Row } from '../../src/azure/inventory.ts';
import { sharesOf } from '../../src/azure/shares.ts';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { judgeLive } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';
import { demoTenant, type FakeAzure, scaledTenant, startFakeAzure } from './fake/index.ts';
import { surveyFake } from './fake/survey.ts';

const [a, b, c] = [1, 2, 3].map((i) => `${i}`.repeat(8) + '-1111-4111-8111-111111111111') as [string, string, string];
const at = (subscription: string, rest: string): string =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/${rest}`;
const row = (id: string, properties: Row = {}, more: Row = {}): InventoryRow => ({
  from: 'graph:any',
  row: { id, name: id.split('/').at(-1), type: 'x', location: 'westeurope', properties, ...more },
});
const machine = (subscription: string): InventoryRow => row(at(subscription, 'Microsoft.Compute/virtualMachines/vm'));
const vault = (subscription: string, properties: Row = {}, more: Row = {}): InventoryRow =>
  row(at(subscription, 'Microsoft.RecoveryServices/vaults/rsv'), properties, more);
const instance = (subscription: string, source: string): InventoryRow =>
  row(at(subscription, 'Microsoft.DataProtection/backupVaults/bv/backupInstances/i'), {
    dataSourceInfo: { resourceID: source },
  });
const disk = (subscription: string, properties: Row = {}): InventoryRow =>
  row(at(subscription, 'Microsoft.Compute/disks/d'), properties);

const inventoryOf = (rows: readonly InventoryRow[]): Inventory => ({
  header: {
    version: 1,
    cloud: 'AzureCloud',
    scope: { managementGroup: 'contoso' },
    readAt: '2026-03-01T06:00:00Z',
    deep: false,
  },
  rows,
  gaps: [],
});

/** Subscriptions of each share, by the first letter of each. */
function sharesIn(rows: readonly InventoryRow[], most = 1): string[] {
  return [...sharesOf(inventoryOf(rows), most)].map(({ rows: own }) =>
    [...new Set([...own].map(({ row: { id } }) => /^\/subscriptions\/(.)/.exec(String(id))?.[1] ?? '-'))]
      .sort()
      .join(''),
  );
}

describe('what hangs together', () => {
  test.each<[string, InventoryRow[], string[]]>([
    ['nothing', [machine(a), machine(b), machine(c)], ['1', '2', '3']],
    [
      'an item and what it protects',
      [instance(a, at(c, 'Microsoft.Compute/disks/d')), machine(b), disk(c)],
      ['13', '2'],
    ],
    ['two items of one thing that nobody sees', [instance(a, at(c, 'x/y/z')), instance(b, at(c, 'x/y/z'))], ['12']],
    [
      'a snapshot and its disk',
      [
        row(at(a, 'Microsoft.Compute/snapshots/s'), {
          creationData: { sourceResourceId: at(b, 'Microsoft.Compute/disks/d') },
        }),
        disk(b),
      ],
      ['12'],
    ],
    [
      'properties that came as a text',
      [
        row(
          at(a, 'Microsoft.Compute/snapshots/s'),
          {},
          { properties: JSON.stringify({ of: at(b, 'Microsoft.Compute/disks/d') }) },
        ),
        disk(b),
      ],
      ['12'],
    ],
    [
      'no networks and images',
      [
        row(at(a, 'Microsoft.Compute/virtualMachines/v'), { image: at(c, 'Microsoft.Compute/galleries/g/images/i') }),
        row(at(b, 'Microsoft.Compute/virtualMachines/v'), { image: at(c, 'Microsoft.Compute/galleries/g/images/i') }),
        machine(c),
      ],
      ['1', '2', '3'],
    ],
    [
      'a vault, and an endpoint of it in a network of another subscription',
      [
        vault(a),
        row(at(b, 'Microsoft.Network/privateEndpoints/pe'), {
          privateLinkServiceConnections: [
            { properties: { privateLinkServiceId: at(a, 'Microsoft.RecoveryServices/vaults/rsv') } },
          ],
        }),
        machine(b),
      ],
      ['12', '2'],
    ],
    [
      'a server with an agent, and the machines that carry its name',
      [
        row(at(a, 'Microsoft.RecoveryServices/vaults/rsv/backupFabrics/Azure/protectionContainers/Windows;FILES.x')),
        row(at(b, 'Microsoft.Compute/virtualMachines/v'), { osProfile: { computerName: 'files' } }),
        machine(c),
      ],
      ['12', '3'],
    ],
    [
      'a backup server, and the machine whose system tells its name',
      [
        row(at(c, 'Microsoft.Compute/virtualMachines/v'), { extended: { instanceView: { computerName: 'mabs.x' } } }),
        row(at(a, 'Microsoft.RecoveryServices/vaults/rsv/backupEngines/MABS.x')),
        machine(b),
      ],
      ['13', '2'],
    ],
    ['no machines that share a name without any server', [machine(a), machine(b)], ['1', '2']],
    [
      'a vault, and a role of its identity',
      [
        vault(a, {}, { identity: { principalId: 'P1' } }),
        row(at(b, 'Microsoft.Authorization/roleAssignments/r'), { principalId: 'p1' }),
        row('/providers/Microsoft.Management/managementGroups/g/providers/Microsoft.Authorization/roleAssignments/r', {
          principalId: 'p1',
        }),
        machine(c),
      ],
      ['-12', '3'],
    ],
    [
      'what names an account by its address',
      [
        row(at(a, 'Microsoft.SqlVirtualMachine/sqlVirtualMachines/s'), {
          autoBackupSettings: { storageAccountUrl: 'https://Store1.blob.core.windows.net/' },
        }),
        machine(b),
        row(at(c, 'Microsoft.Storage/storageAccounts/store1')),
      ],
      ['13', '2'],
    ],
    [
      'the two ends of a replication, by names or ids',
      [
        row(
          `${at(a, 'Microsoft.Storage/storageAccounts/store1')}/objectReplicationPolicies`,
          {},
          {
            value: [
              { properties: { sourceAccount: 'Store1', destinationAccount: 'store2' } },
              {
                properties: {
                  sourceAccount: 'store1',
                  destinationAccount: at(c, 'Microsoft.Storage/storageAccounts/s'),
                },
              },
            ],
          },
        ),
        row(at(b, 'Microsoft.Storage/storageAccounts/store2')),
        machine(c),
      ],
      ['123'],
    ],
    [
      'databases of an availability group',
      [a, b].map((one) =>
        row(
          at(
            one,
            'Microsoft.RecoveryServices/vaults/v/backupFabrics/Azure/protectionContainers/SQLAGWorkLoadContainer;ag1/protectedItems/d',
          ),
        ),
      ),
      ['12'],
    ],
    [
      'a vault, and the key vault that the address of its key names',
      [
        vault(a, { encryption: { keyVaultProperties: { keyUri: 'https://Keys.vault.azure.net/keys/k' } } }),
        row(at(b, 'Microsoft.KeyVault/vaults/other')),
        row(at(c, 'Microsoft.KeyVault/vaults/keys')),
      ],
      ['13', '2'],
    ],
    [
      'a policy, and the identity that it takes snapshots with',
      [
        row(at(a, 'Microsoft.RecoveryServices/vaults/rsv/backupPolicies/p'), {
          subProtectionPolicy: [
            {
              snapshotBackupAdditionalDetails: {
                userAssignedManagedIdentityDetails: {
                  identityArmId: at(c, 'Microsoft.ManagedIdentity/userAssignedIdentities/ID'),
                },
              },
            },
          ],
        }),
        machine(b),
        row(at(c, 'Microsoft.ManagedIdentity/userAssignedIdentities/id')),
      ],
      ['13', '2'],
    ],
    [
      'no assignments of Azure Policy',
      [`/subscriptions/${a}`, '/providers/Microsoft.Management/managementGroups/g']
        .map((scope) =>
          row(
            `${scope}/providers/Microsoft.Authorization/policyAssignments/p`,
            {},
            {
              parameters: {
                backupPolicyId: { value: at(b, 'Microsoft.RecoveryServices/vaults/rsv/backupPolicies/p') },
              },
            },
          ),
        )
        .concat(vault(b)),
      ['1', '-', '2'],
    ],
    ['everything, where something may protect anything', [instance(a, ''), machine(b), machine(c)], ['123']],
  ])('%s', (_name, rows, expected) => {
    expect(sharesIn(rows)).toEqual(expected);
  });

  test('shares are filled, and no row is lost or told twice', () => {
    const rows = [a, b, c].flatMap((one) => [machine(one), disk(one)]);
    expect(sharesIn(rows, 6)).toEqual(['123']);
    expect(sharesIn(rows, 5)).toEqual(['12', '3']);
    const long = { ...row(at(b, 'x/lists/l')), row: { id: at(b, 'x/lists/l'), value: [{}, {}, {}] } };
    expect(sharesIn([machine(a), long, machine(c)], 4)).toEqual(['12', '3']);
    const told = [...sharesOf(inventoryOf(rows), 2)].flatMap(({ rows: own }) => [...own]);
    expect(told).toHaveLength(rows.length);
    expect(new Set(told.map(({ row: { id } }) => id)).size).toBe(rows.length);
  });
});

describe('verdicts', () => {
  const fakes: FakeAzure[] = [];
  const inventories = new Map<string, Inventory>();
  beforeAll(async () => {
    const [demo, scaled] = [
      await startFakeAzure(demoTenant()),
      await startFakeAzure(scaledTenant({ subscriptions: 6, vaults: 9, items: 60, datasources: 300 })),
    ];
    fakes.push(demo, scaled);
    inventories.set('demo', (await surveyFake(demo, undefined, { deep: true })).inventory);
    inventories.set('scaled', (await surveyFake(scaled, { managementGroup: 'scale' })).inventory);
  });
  afterAll(async () => {
    for (const fake of fakes) await fake.close();
  });

  const judged = async (inventory: Inventory, most: number | undefined) => {
    const io = memoryIo({});
    const options = settleOptions([], { showUndetermined: true, profile: 'strict' }, catalogue(), io, undefined);
    return judgeLive(liveConfigurations(inventory, most), options, io, '0.0.0', []);
  };

  test.each(['demo', 'scaled'])('of the %s tenant are the same in shares', async (name) => {
    const inventory = inventories.get(name)!;
    expect([...sharesOf(inventory, 1)].length).toBeGreaterThan(2);
    const whole = await judged(inventory, undefined);
    expect(whole.findings.length).toBeGreaterThan(5);
    expect(await judged(inventory, 1)).toEqual(whole);
  });

  const listed = (inventory: Inventory, subscriptions: readonly string[]): Inventory => ({
    ...inventory,
    header: { ...inventory.header, scope: { subscriptions } },
  });

  test.each(['demo', 'scaled'])('of subscriptions of the %s tenant that were listed, too', async (name) => {
    const whole = inventories.get(name)!;
    const ids = [...whole.rows]
      .filter(({ from }) => from === 'graph:subscriptions')
      .map(({ row: { subscriptionId } }) => String(subscriptionId));
    const inventory = listed(whole, ids);
    expect([...sharesOf(inventory, 1)].length).toBeGreaterThan(2);
    expect(await judged(inventory, 1)).toEqual(await judged(inventory, undefined));
  });

  test('what is protected in one of them tells that what is not in another has no backup', async () => {
    const protectedDisk = row(at(a, 'Microsoft.DataProtection/backupVaults/bv/backupInstances/i'), {
      dataSourceInfo: { resourceID: at(a, 'Microsoft.Compute/disks/d'), datasourceType: 'Microsoft.Compute/disks' },
    });
    const unattached = disk(b, { diskState: 'Unattached' });
    const told = async (rows: readonly InventoryRow[]) =>
      (await judged(listed(inventoryOf(rows), [a, b]), 1)).findings
        .filter(({ code }) => code === 'disk-unprotected')
        .map(({ resource }) => resource.address);
    expect(await told([disk(a), protectedDisk, unattached])).toEqual([unattached.row['id']]);
    expect(await told([disk(a), unattached])).toEqual([]);
  });

  test('a region without a vault is told once, and not where another share has one', async () => {
    const told = async (rows: readonly InventoryRow[]) =>
      (await judged(inventoryOf(rows), 1)).findings.filter(({ code }) => code === 'region-without-vault');
    expect(await told([machine(a), machine(b), machine(c)])).toHaveLength(1);
    expect(await told([machine(a), machine(b), vault(c)])).toHaveLength(0);
  });
});
