/**
 * The reading side of the audit against a fake Azure that misbehaves: whatever happens, what could be read is kept, what could not
 * is told as a gap, and neither the token nor who asked turns up in it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InventoryGap, Scope } from '../../src/azure/inventory.ts';
import {
  backupReader,
  contoso,
  demoTenant,
  type FakeAzure,
  type Switches,
  scaledTenant,
  startFakeAzure,
} from './fake/index.ts';
import { principal } from './fake/rest.ts';
import { sqlSecret } from './fake/rows.ts';
import { type Surveyed, surveyFake } from './fake/survey.ts';

const running: FakeAzure[] = [];
const warnings: string[] = [];
const warned = ({ message }: Error): void => void warnings.push(message);
beforeAll(() => void process.on('warning', warned));
afterAll(async () => {
  for (const fake of running) await fake.close();
  process.off('warning', warned);
  // Such as too many listeners.
  expect(warnings).toEqual([]);
});

const workloads: Scope = { subscriptions: [contoso.shops, contoso.branches] };

async function read(
  switches: Switches,
  scope: Scope = workloads,
  options: { readonly deep?: boolean; readonly seconds?: number } = {},
): Promise<Surveyed & { readonly fake: FakeAzure }> {
  const fake = await startFakeAzure(demoTenant(), { switches });
  running.push(fake);
  const surveyed = await surveyFake(fake, scope, options);
  const told = [...surveyed.lines, JSON.stringify(surveyed.inventory.gaps)].join('\n');
  expect(told.includes(fake.token)).toBe(false);
  expect(told.includes(principal)).toBe(false);
  expect(told.includes(sqlSecret)).toBe(false);
  expect(fake.writes).toEqual([]);
  expect(surveyed.listening).toBe(0);
  return { ...surveyed, fake };
}

const brief = ({ unread, code, scope }: InventoryGap): string => `${unread} ${code} ${scope.split('/').at(-1)}`;
const gapsOf = ({ inventory }: Surveyed): string[] => [...new Set(inventory.gaps.map(brief))].sort();
const idsOf = ({ rows }: Surveyed, from: string): string[] =>
  rows
    .filter((one) => one.from === from)
    .map(({ row }) => String(row['id']).split('/').at(-1)!)
    .sort();
/** Columns that say which row it is. */
const usual = { id: 1, name: 1, type: 1, location: 1, resourceGroup: 1, subscriptionId: 1 };
const vaults = ['pe-rsv-shops', 'rsv-branches', 'rsv-shops'];

describe.concurrent('the audit', () => {
  test('reads everything of a healthy Azure, by subscriptions or by group', async () => {
    const one = await read({}, { managementGroup: 'contoso' }, { deep: true });
    expect(gapsOf(one)).toEqual([]);
    expect(idsOf(one, 'rest:sqlVirtualMachines')).toEqual(['vm-sql-1']);
    const shops = await read({});
    expect(gapsOf(shops)).toEqual([]);
    expect(idsOf(shops, 'graph:vaults')).toEqual(vaults);
    expect(idsOf(shops, 'rest:backupEngines')).toEqual(['DPM01.CONTOSO.EXAMPLE', 'MABS01.CONTOSO.EXAMPLE']);
  });

  test('reads the same from pages of two', async () => {
    const [all, paged] = [await read({}), await read({ pageSize: 2 })];
    expect(gapsOf(paged)).toEqual([]);
    const sorted = ({ rows }: Surveyed): string[] =>
      rows.map((one) => JSON.stringify([one.from, one.row['id']])).sort();
    expect(sorted(paged)).toEqual(sorted(all));
  });

  test.each(['throttled-seconds', 'throttled-date', 'throttled-text', 'error-500', 'error-503', 'reset'] as const)(
    'tries again after %s, with Resource Graph and with a vault',
    async (answer) => {
      const surveyed = await read({
        faults: [
          { on: /protecteditems/, answer, times: 1 },
          { on: /backupUsageSummaries/, answer, times: 1 },
        ],
      });
      expect(gapsOf(surveyed)).toEqual([]);
      expect(idsOf(surveyed, 'graph:vaults')).toEqual(vaults);
    },
  );

  test('does not wait for an hour', async () => {
    const surveyed = await read({ faults: [{ on: /rsv-shops\/backupUsageSummaries/, answer: 'throttled-hour' }] });
    expect(gapsOf(surveyed)).toEqual(expect.arrayContaining(['counts throttled rsv-shops']));
    expect(surveyed.fake.counts.get('backupUsageSummaries')).toBe(2);
    expect(idsOf(surveyed, 'graph:items').length).toBe(9);
  });

  test.each([
    ['error-500', 'unavailable'],
    ['truncated', 'unavailable'],
    ['html', 'refused'],
    ['not-found', 'unavailable'],
    ['forbidden', 'forbidden'],
    ['looping', 'incomplete'],
  ] as const)('misses one list where it always gets %s, and reads the rest', async (answer, code) => {
    const surveyed = await read({ faults: [{ on: /rsv-branches\/backupEngines/, answer }] });
    expect(gapsOf(surveyed)).toEqual([`on-premises ${code} rsv-branches`]);
    expect(idsOf(surveyed, 'graph:vaults')).toEqual(vaults);
    expect(idsOf(surveyed, 'rest:backupProtectionIntents').length).toBe(1);
  });

  test('follows no link to another machine', async () => {
    const surveyed = await read({ faults: [{ on: /rsv-branches\/backupEngines/, answer: 'foreign-next-link' }] });
    expect(gapsOf(surveyed)).toEqual(['on-premises refused rsv-branches']);
  });

  test('notices that Resource Graph goes in circles', async () => {
    const surveyed = await read({ faults: [{ on: /compute\/virtualmachines'/, answer: 'looping' }] });
    expect(gapsOf(surveyed)).toEqual(
      [`virtualMachines incomplete ${contoso.branches}`, `virtualMachines incomplete ${contoso.shops}`].sort(),
    );
  });

  test.each(['unauthorized', 'html'] as const)(
    'tells that nothing could be read where everything is %s',
    async (answer) => {
      const surveyed = await read({ faults: [{ answer }] });
      expect(surveyed.rows).toEqual([]);
      expect(surveyed.inventory.gaps.some(({ unread }) => unread === 'everything')).toBe(true);
    },
  );

  test('ends with its time, and keeps what it has', async () => {
    const surveyed = await read({ faults: [{ on: /compute\/virtualmachines/, answer: 'hang' }] }, workloads, {
      seconds: 2,
    });
    expect(gapsOf(surveyed)).toEqual(expect.arrayContaining([`virtualMachines timeout ${contoso.shops}`]));
    expect(idsOf(surveyed, 'graph:vaults')).toEqual(vaults);
    expect(idsOf(surveyed, 'graph:virtualMachines')).toEqual([]);
  });

  test('names the role that is missing: Backup Reader sees no datasource', async () => {
    const surveyed = await read({ rights: () => backupReader });
    expect(gapsOf(surveyed)).toEqual(
      expect.arrayContaining([`virtualMachines forbidden ${contoso.shops}`, `datasources forbidden ${contoso.shops}`]),
    );
    expect(surveyed.inventory.gaps.every(({ remedy }) => remedy?.includes('--role Reader'))).toBe(true);
    expect(idsOf(surveyed, 'graph:items').length).toBe(9);
  });

  test('reads one subscription where the other cannot be seen', async () => {
    const surveyed = await read({ rights: (id) => (id === contoso.shops ? { actions: [] } : undefined) });
    expect(gapsOf(surveyed)).toEqual([`everything forbidden ${contoso.shops}`]);
    expect(idsOf(surveyed, 'graph:vaults')).toEqual(['rsv-branches']);
    const group = await read(
      { rights: (id) => (id === contoso.shops ? { actions: [] } : undefined) },
      { managementGroup: 'contoso' },
    );
    expect(gapsOf(group)).toContain(`everything forbidden ${contoso.shops}`);
  });

  test('of the settings of extensions reads what is judged alone', async () => {
    const { rows } = await read({});
    const told = rows.filter(({ from }) => from === 'graph:machineExtensions').map(({ row }) => row);
    expect(told.map(({ name }) => name)).toEqual(['SqlIaasExtension']);
    expect(told.flatMap((row) => Object.keys(row).filter((key) => !(key in usual))).sort()).toEqual(
      [
        'publisher',
        'extensionType',
        'provisioningState',
        'automatedBackup',
        'encryptionOperation',
        'volumeType',
      ].sort(),
    );
  });

  test('lists the items of a vault that Resource Graph has not got yet', async () => {
    const surveyed = await read({ graphLacks: ({ name }) => name === 'VM;iaasvmcontainerv2;rg-shops;vm-shop-1' });
    expect(gapsOf(surveyed)).toEqual([]);
    const known = [...idsOf(surveyed, 'graph:items'), ...idsOf(surveyed, 'rest:backupProtectedItems')];
    expect(known.filter((name) => name.endsWith('vm-shop-1')).length).toBe(1);
    expect(known.filter((name) => name.endsWith('vm-shop-2')).length).toBe(1);
  });

  test('asks for a machine that Resource Graph has not got yet', async () => {
    const surveyed = await read({ graphLacks: ({ id }) => id.endsWith('/vm-shop-1') });
    expect(gapsOf(surveyed)).toEqual([]);
    expect(idsOf(surveyed, 'rest:datasource')).toEqual(['vm-shop-1']);
    expect(idsOf(surveyed, 'rest:absence')).toEqual([]);
  });

  test('asks a vault for settings that its row lacks', async () => {
    const surveyed = await read({ withoutVaultSettings: 'graph' });
    expect(gapsOf(surveyed)).toEqual([]);
    expect(idsOf(surveyed, 'rest:vault')).toEqual(['rsv-branches', 'rsv-shops']);
    const both = await read({ withoutVaultSettings: 'graph-and-vault' });
    expect(gapsOf(both)).toEqual([]);
    expect(both.rows.some(({ row }) => JSON.stringify(row).includes('softDeleteFeatureState'))).toBe(true);
  });

  test('keeps to the quota of Resource Graph and to the budget of a subscription', async () => {
    expect(gapsOf(await read({ quota: { limit: 4, windowMs: 1000 } }))).toEqual([]);
    const spent = await read({ budget: 1 });
    expect(spent.inventory.gaps.every(({ code }) => code === 'throttled')).toBe(true);
    expect(idsOf(spent, 'graph:items').length).toBe(9);
  });

  test('reads a management group that is larger than one query', async () => {
    const surveyed = await read({ subscriptionLimit: 2 }, { managementGroup: 'contoso' });
    expect(gapsOf(surveyed)).toEqual([]);
    expect(idsOf(surveyed, 'graph:vaults')).toContain('bv-data');
  });

  test('understands ids in any letters, properties as text, items of tomorrow, another clock', async () => {
    const surveyed = await read({
      letterCase: 'noisy',
      propertiesAsText: true,
      newKind: ({ id }) => id.includes('vm-shop-1'),
      clockSkewSeconds: -7200,
    });
    expect(gapsOf(surveyed)).toEqual([]);
    expect(idsOf(surveyed, 'graph:items').length).toBe(9);
    expect(Date.now() - Date.parse(surveyed.inventory.header.readAt)).toBeGreaterThan(7_000_000);
  });
});

test('asks as often as it has to, and no more', async () => {
  const size = { subscriptions: 40, vaults: 60, items: 900, datasources: 2500 };
  const rowsInPage = 100;
  const fake = await startFakeAzure(scaledTenant(size), { switches: { pageSize: rowsInPage } });
  running.push(fake);
  const surveyed = await surveyFake(fake, { managementGroup: 'scale' });
  expect(gapsOf(surveyed)).toEqual([]);
  const pages = (rows: number): number => Math.max(1, Math.ceil(rows / rowsInPage));
  const count = (from: string): number => surveyed.rows.filter((one) => one.from === from).length;
  const sweeps = [
    'subscriptions',
    'vaults',
    'policies',
    'items',
    'virtualMachines',
    'machineExtensions',
    'disks',
    'datasources',
  ];
  const expected = sweeps.reduce((sum, name) => sum + pages(count(`graph:${name}`)), 0);
  expect(sweeps.slice(3).reduce((sum, name) => sum + count(`graph:${name}`), 0)).toBe(size.items + size.datasources);
  expect(count('rest:backupUsageSummaries')).toBe(size.vaults - size.vaults / 10);
  // Each vault is asked once what it protects.
  const reckoned = expected + size.vaults;
  const asked = fake.counts.get('graph')! + fake.counts.get('rest')!;
  // Beside those: what may be read, which subscriptions there are, what roles the identities of vaults have.
  expect((asked - reckoned) / reckoned).toBeLessThan(0.1);
});
