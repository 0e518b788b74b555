/** What is asked, when, and what a gap says: rights, scopes, vaults of every kind. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Arm } from '../../src/azure/arm.ts';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import { type Inventory, type Row, readInventory, type Scope } from '../../src/azure/inventory.ts';
import { probe } from '../../src/azure/probe.ts';
import {
  assignmentsQuery,
  backupDefinitions,
  datasourcesQuery,
  deepQueries,
  elasticSanQuery,
  extensionsQuery,
  keyVaultsQuery,
  networkQueries,
  sweep,
} from '../../src/azure/queries.ts';
import { told } from '../../src/azure/unread.ts';
import { encode } from '../../src/evaluate/value.ts';
import { pick } from '../../src/model/facts.ts';
import { normalise } from '../../src/model/normalise.ts';
import {
  type Asked,
  graphBody,
  group,
  healthy,
  itemRow,
  queryIn,
  type Respond,
  type Surveyed,
  subscription,
  subscriptionRow,
  surveyed,
  vaultId,
  vaultRow,
} from './answers.ts';

const scope = `/subscriptions/${subscription}`;
const tenant = { graph: { vaults: [vaultRow], items: [itemRow('a')] }, counts: { AzureIaasVM: 1 } };

/** Paths after the vault, with the filter, of what was asked of it. */
function ofVault(asked: readonly Asked[]): string[] {
  return asked.flatMap(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (!isOfVault(pathname)) return [];
    const filter = searchParams.get('$filter');
    return [`${pathname.slice(vaultId.length) || '/'}${filter === null ? '' : ` ${filter}`}`];
  });
}

/** Microsoft's client writes `/Subscriptions`. */
function isOfVault(path: string): boolean {
  return path.toLowerCase().startsWith(vaultId.toLowerCase());
}

function withRights(actions: readonly string[], notActions: readonly string[] = []): Respond {
  const usual = healthy(tenant);
  return (asked, n) =>
    asked.url.includes('/permissions?') ? { body: { value: [{ actions, notActions }] } } : usual(asked, n);
}

describe('rights', () => {
  test('every type that Resource Graph is asked for is among those that are looked for', async () => {
    const one = { actions: ['Microsoft.Authorization/locks/read'], notActions: [] };
    const arm = {
      async *pages() {
        yield [one];
      },
    } as unknown as Arm;
    const missing = (await probe(arm, scope, scope, true)).map(({ because }) => because.toLowerCase()).join();
    const queries = [
      ...sweep,
      elasticSanQuery,
      extensionsQuery,
      keyVaultsQuery,
      assignmentsQuery,
      ...networkQueries,
      ...deepQueries,
    ];
    const types = queries.flatMap(({ text }) => text.match(/(?<=')microsoft\.[a-z./]+(?=')/g) ?? []);
    expect(types.length).toBeGreaterThan(20);
    // Azure has no right for what a container holds: what a vault may list is asked of the vault too. Nor for rules that hold in a
    // network: there all of a provider is asked for.
    const own = types.filter((type) => !/\/(?:protectableitems|effectivesecurityadminrules)$/.test(type));
    expect(missing).toContain('microsoft.network/*/read');
    // No operation of the provider has these names, so that all of it is asked for.
    const nameless = ['microsoft.dataprotection/resourceguards', 'microsoft.dataprotection/backupvaults/backupjobs'];
    expect(missing).toContain('microsoft.dataprotection/*/read');
    expect(own.filter((type) => !missing.includes(`${type}/read`))).toEqual(nameless);
  });

  test('a right that is missing is a gap, since its rows vanish without a word', async () => {
    const { gaps } = await surveyed(withRights(['*/read'], ['Microsoft.Compute/*/read']));
    expect(gaps.map(({ unread }) => unread)).toEqual([
      'virtualMachines',
      'restorePoints',
      'machineExtensions',
      'disks',
    ]);
    expect(gaps[0]).toEqual({
      unread: 'virtualMachines',
      scope,
      code: 'forbidden',
      because:
        'rights are missing (Microsoft.Compute/virtualMachines/read), and Azure leaves out without a word what may not be read',
      rights: ['Microsoft.Compute/virtualMachines/read'],
      remedy: `az role assignment create --assignee OBJECT-ID --role Reader --scope ${scope}`,
    });
  });

  test('what one role takes away another gives', async () => {
    const usual = healthy(tenant);
    const value = [
      { actions: ['*'], notActions: ['Microsoft.Compute/*'] },
      { actions: ['microsoft.compute/*/READ'], notActions: [] },
    ];
    const { gaps } = await surveyed((asked, n) =>
      asked.url.includes('/permissions?') ? { body: { value } } : usual(asked, n),
    );
    expect(gaps).toEqual([]);
  });

  test('with no right at all nothing else is asked of the subscription', async () => {
    const { gaps, azure } = await surveyed(withRights([]));
    expect(gaps).toEqual([expect.objectContaining({ unread: 'everything', scope, code: 'forbidden' })]);
    expect(azure.asked.length).toBe(1);
  });

  test('rights that --deep needs are asked of --deep alone', async () => {
    const rights = withRights(['*/read'], ['Microsoft.Authorization/locks/read']);
    expect((await surveyed(rights)).gaps).toEqual([]);
    expect((await surveyed(rights, { deep: true })).gaps).toContainEqual(
      expect.objectContaining({ unread: 'locks', scope }),
    );
  });

  test('one subscription of several that cannot be read does not hide the others', async () => {
    const other = '00000000-0000-4000-8000-00000000000b';
    const usual = healthy(tenant);
    const { gaps, counts } = await surveyed(
      (asked, n) =>
        asked.url.includes(`${other}/providers`)
          ? { status: 404, body: { error: { code: 'SubscriptionNotFound', message: '' } } }
          : usual(asked, n),
      { scope: { subscriptions: [other, subscription] } },
    );
    expect(gaps).toEqual([
      expect.objectContaining({
        unread: 'everything',
        scope: `/subscriptions/${other}`,
        code: 'forbidden',
        because: 'the subscription does not exist in this tenant, or whoever asks may not see it',
        remedy: expect.stringContaining('az account list'),
      }),
    ]);
    expect(counts['graph:items']).toBe(1);
  });

  test('of a management group that nobody knows one thing is told, and nothing else is asked', async () => {
    const { gaps, azure } = await surveyed(
      () => ({ status: 403, body: { error: { code: 'AuthorizationFailed', message: '' } } }),
      { scope: { managementGroup: 'nope' } },
    );
    expect(told(gaps)).toEqual([
      {
        code: 'azure-forbidden',
        severity: 'error',
        message:
          'Resources of any kind could not be read: the management group does not exist in this tenant, or whoever asks may not see it.',
        help: expect.stringMatching(/`az account management-group list`.*displayName.* az role assignment create /),
        at: { resourceId: '/providers/Microsoft.Management/managementGroups/nope', path: '' },
      },
    ]);
    // Rights, subscriptions, and what is in the group.
    expect(azure.asked.length).toBe(3);
  });

  test('one of another tenant does not end the audit', async () => {
    const other = '00000000-0000-4000-8000-00000000000b';
    const usual = healthy(tenant);
    const { gaps, counts } = await surveyed(
      (asked, n) =>
        asked.url.includes(`${other}/providers`)
          ? {
              status: 401,
              body: { error: { code: 'InvalidAuthenticationTokenTenant', message: 'The access token is …' } },
            }
          : usual(asked, n),
      { scope: { subscriptions: [other, subscription] } },
    );
    expect(gaps).toEqual([
      expect.objectContaining({
        unread: 'everything',
        scope: `/subscriptions/${other}`,
        because: expect.stringContaining('another tenant'),
        remedy: expect.stringContaining('az login --tenant'),
      }),
    ]);
    expect(counts['graph:items']).toBe(1);
  });

  test('a subscription that Resource Graph does not list is told', async () => {
    const { gaps } = await surveyed(healthy({ ...tenant, graph: { ...tenant.graph, subscriptions: [] } }));
    expect(gaps).toEqual([expect.objectContaining({ unread: 'everything', scope, code: 'forbidden' })]);
  });
});

describe('a management group', () => {
  const group: Scope = { managementGroup: 'mg' };
  const id = '/providers/Microsoft.Management/managementGroups/mg';
  const child = (name: string): Row => ({ id: `/subscriptions/${name}`, name, type: '/subscriptions' });
  const hidden = '00000000-0000-4000-8000-00000000000c';

  function inGroup(
    children: readonly Row[],
    more: (asked: Asked) => ReturnType<Respond> | undefined = () => undefined,
  ): Respond {
    const usual = healthy({ rest: { descendants: { value: children } } });
    return (asked, n) => more(asked) ?? usual(asked, n);
  }

  test('is asked as one, and its rights hold for all of it', async () => {
    const { gaps, azure } = await surveyed(inGroup([child(subscription)]), { scope: group });
    expect(gaps).toEqual([]);
    const bodies = azure.asked.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body));
    expect(bodies.every((body) => body.managementGroups[0] === 'mg' && body.subscriptions === undefined)).toBe(true);
    // Rights of the group, its subscriptions twice, the sweep.
    expect(azure.asked.length).toBe(1 + 2 + 7);
  });

  test('what of it is hidden is told', async () => {
    const { gaps } = await surveyed(inGroup([child(subscription), child(hidden)]), { scope: group });
    expect(gaps).toEqual([
      expect.objectContaining({ unread: 'everything', scope: `/subscriptions/${hidden}`, code: 'forbidden' }),
    ]);
  });

  test('without rights on it those on its subscriptions count', async () => {
    const { gaps, azure } = await surveyed(
      inGroup([child(subscription)], ({ url }) =>
        url.includes(`${id}/providers/Microsoft.Authorization`)
          ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: '' } } }
          : undefined,
      ),
      { scope: group },
    );
    expect(gaps).toEqual([]);
    expect(
      azure.asked.some(({ url }) => url.includes(`${subscription}/providers/Microsoft.Authorization/permissions`)),
    ).toBe(true);
  });

  test('where Azure looks into a part of it alone, it is asked in batches', async () => {
    const many = Array.from({ length: 650 }, (_, i) => child(`00000000-0000-4000-8000-${String(i).padStart(12, '0')}`));
    const rows = (ids: readonly string[]): Row[] =>
      ids.map((one) => ({ ...subscriptionRow, id: `/subscriptions/${one}`, subscriptionId: one }));
    const { gaps, azure } = await surveyed(
      inGroup(many, ({ body }) => {
        if (body === '' || queryIn(body) !== 'subscriptions') return undefined;
        const { subscriptions } = JSON.parse(body) as { subscriptions?: string[] };
        return subscriptions
          ? { body: graphBody(rows(subscriptions.filter((one) => !one.endsWith('7')))) }
          : { headers: { 'x-ms-tenant-subscription-limit-hit': 'true' }, body: graphBody([subscriptionRow]) };
      }),
      { scope: group },
    );
    // Beyond those that the group told, too, what is hidden is told.
    expect(gaps).toHaveLength(65);
    expect(gaps[64]).toMatchObject({ unread: 'everything', scope: many[647]!['id'], code: 'forbidden' });
    const sizes = azure.asked
      .filter(({ body }) => body !== '' && queryIn(body) === 'vaults')
      .map(({ body }) => JSON.parse(body).subscriptions.length);
    expect(sizes).toEqual([300, 300, 50]);
  });

  test('and where the rest of it cannot be named, it is told', async () => {
    const { gaps } = await surveyed(
      inGroup([], ({ body, url }) =>
        url.includes('/descendants')
          ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: '' } } }
          : body !== '' && queryIn(body) === 'subscriptions'
            ? { headers: { 'x-ms-tenant-subscription-limit-hit': 'true' }, body: graphBody([subscriptionRow]) }
            : undefined,
      ),
      { scope: group },
    );
    expect(gaps.map(({ unread, scope: at, code }) => ({ unread, at, code }))).toEqual([
      { unread: 'subscriptions', at: id, code: 'forbidden' },
      { unread: 'everything', at: id, code: 'incomplete' },
    ]);
  });
});

describe('a vault', () => {
  test('that has what Resource Graph says is asked once', async () => {
    const { azure } = await surveyed(healthy(tenant));
    expect(ofVault(azure.asked)).toEqual(["/backupUsageSummaries type eq 'BackupProtectedItemCountSummary'"]);
  });

  test.each([
    ['more', [itemRow('a')], 2],
    ['fewer', [itemRow('a'), itemRow('gone')], 1],
  ])('that has %s is asked itself, and its answer counts', async (_, items, count) => {
    const value = Array.from({ length: count }, (_, i) => itemRow(`true${i}`));
    const { gaps, inventory } = await surveyed(
      healthy({
        graph: { vaults: [vaultRow], items },
        counts: { AzureIaasVM: count },
        rest: { backupprotecteditems: { value } },
      }),
    );
    expect(gaps).toEqual([]);
    const names = [...inventory.rows].filter(({ from }) => /items/i.test(from)).map(({ row }) => row['name']);
    expect(names).toEqual(value.map((row) => row['name']));
  });

  test.each([1, 2])('may count what is softly deleted or not (%i)', async (count) => {
    const items = [itemRow('a'), itemRow('b', { isScheduledForDeferredDelete: true })];
    const { azure, gaps } = await surveyed(
      healthy({ graph: { vaults: [vaultRow], items }, counts: { AzureIaasVM: count } }),
    );
    expect(gaps).toEqual([]);
    expect(ofVault(azure.asked).length).toBe(1);
  });

  test('with servers on premises is asked for them', async () => {
    const { azure, gaps, counts } = await surveyed(
      healthy({
        graph: { vaults: [vaultRow] },
        counts: { MAB: 2, AzureBackupServer: 1 },
        rest: {
          backupprotectioncontainers: { value: [{ id: `${vaultId}/c` }] },
          backupengines: { value: [{ id: `${vaultId}/e` }] },
          backupprotecteditems: {
            value: [
              {
                id: `${vaultId}/i`,
                properties: {
                  protectedItemType: 'MabFileFolderProtectedItem',
                  lastRecoveryPoint: '2026-11-01T00:00:00Z',
                  fieldOfTomorrow: 1,
                },
              },
            ],
          },
        },
      }),
    );
    expect(gaps).toEqual([]);
    expect(ofVault(azure.asked).slice(1)).toEqual([
      "/backupProtectionContainers backupManagementType eq 'MAB'",
      '/backupEngines',
      "/backupProtectedItems backupManagementType eq 'MAB'",
      "/backupProtectedItems backupManagementType eq 'AzureBackupServer'",
    ]);
    expect(counts).toMatchObject({
      'rest:backupProtectionContainers': 1,
      'rest:backupEngines': 1,
      'rest:backupProtectedItems': 2,
    });
  });

  test('rows are as Azure answered, not as the client makes them', async () => {
    const properties = {
      protectedItemType: 'MabFileFolderProtectedItem',
      deferredDeleteSyncTimeInUTC: 5,
      lastRecoveryPoint: '2026-11-01T00:00:00Z',
      fieldOfTomorrow: { a: 1 },
    };
    const { inventory } = await surveyed(
      healthy({
        graph: { vaults: [vaultRow] },
        counts: { MAB: 1 },
        rest: {
          backupprotectioncontainers: { value: [] },
          backupprotecteditems: { value: [{ id: `${vaultId}/i`, properties }] },
        },
      }),
    );
    const item = [...inventory.rows].find(({ from }) => from === 'rest:backupProtectedItems');
    expect(item?.row['properties']).toEqual(properties);
  });

  test('that counts something of a new kind is asked for servers too', async () => {
    const { azure } = await surveyed(healthy({ graph: { vaults: [vaultRow] }, counts: { Quantum: 1 } }));
    expect(ofVault(azure.asked)).toContain("/backupProtectionContainers backupManagementType eq 'MAB'");
  });

  test('with databases is asked for auto-protection, and with --deep for databases that are not protected', async () => {
    const rows = {
      graph: { vaults: [vaultRow], items: [itemRow('db', { backupManagementType: 'AzureWorkload' })] },
      counts: { AzureWorkload: 1 },
      rest: { backupprotectionintents: { value: [] }, backupprotectableitems: { value: [] } },
    };
    const shallow = ofVault((await surveyed(healthy(rows))).azure.asked);
    expect(shallow.slice(1)).toEqual(["/backupProtectionIntents backupManagementType eq 'AzureWorkload'"]);
    const deep = ofVault((await surveyed(healthy(rows), { deep: true })).azure.asked);
    expect(deep).toContain(
      "/backupProtectableItems backupManagementType eq 'AzureWorkload' and workloadType eq 'SAPHanaDatabase'",
    );
  });

  test('with --deep what the sizes of machines have is asked once for a region, and what nobody needs is left', async () => {
    const machine = (name: string, location: string, vmSize: string): Row => ({
      id: `${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
      name,
      type: 'microsoft.compute/virtualmachines',
      location,
      subscriptionId: subscription,
      properties: { hardwareProfile: { vmSize } },
    });
    const size = (name: string, resourceType = 'virtualMachines') => ({
      name,
      resourceType,
      locations: ['westeurope'],
      capabilities: [
        { name: 'vCPUs', value: '4' },
        { name: 'MaxDataDiskCount', value: '8' },
      ],
    });
    const rows = {
      graph: {
        virtualMachines: [
          machine('a', 'westeurope', 'Standard_D4s_v5'),
          machine('b', 'West Europe', 'standard_d4s_v5'),
          machine('c', 'northeurope', 'Standard_D4s_v5'),
        ],
      },
      rest: { skus: { value: [size('Standard_D4s_v5'), size('Standard_D8s_v5'), size('Standard_D4s_v5', 'disks')] } },
    };
    const asking = ({ url }: Asked): string[] =>
      url.includes('/skus?') ? [new URL(url).searchParams.get('$filter') ?? ''] : [];
    const shallow = await surveyed(healthy(rows));
    expect(shallow.azure.asked.flatMap(asking)).toEqual([]);
    const { azure, gaps, inventory } = await surveyed(healthy(rows), { deep: true });
    expect(azure.asked.flatMap(asking).sort()).toEqual(["location eq 'northeurope'", "location eq 'westeurope'"]);
    expect(gaps.filter(({ unread }) => unread === 'sizes')).toEqual([]);
    const [first] = [...inventory.rows].filter(({ from }) => from === 'rest:skus');
    expect(first?.row['value']).toEqual([{ name: 'Standard_D4s_v5', capabilities: [{ name: 'vCPUs', value: '4' }] }]);
  });

  test('what a size has that could not be asked of one subscription is unknown in all that have it', async () => {
    const other = '00000000-0000-4000-8000-00000000000b';
    const machineIn = (own: string): Row => ({
      id: `/subscriptions/${own}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${own.slice(-1)}`,
      name: own.slice(-1),
      type: 'microsoft.compute/virtualmachines',
      location: 'westeurope',
      subscriptionId: own,
      properties: { hardwareProfile: { vmSize: 'Standard_G1' } },
    });
    const machines = [machineIn(other), machineIn(subscription)];
    const subscriptions = [other, subscription].map((id) => ({
      ...subscriptionRow,
      id: `/subscriptions/${id}`,
      subscriptionId: id,
    }));
    const usual = healthy({ graph: { subscriptions, virtualMachines: machines } });
    const { azure, gaps, inventory } = await surveyed(
      (asked, n) =>
        asked.url.includes('/skus?')
          ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: '' } } }
          : usual(asked, n),
      { deep: true, scope: { subscriptions: [other, subscription] } },
    );
    expect(azure.asked.filter(({ url }) => url.includes('/skus?')).length).toBe(1);
    expect(gaps.filter(({ unread }) => unread === 'sizes').map(({ scope: where }) => where)).toEqual([
      scope,
      `/subscriptions/${other}`,
    ]);
    const views = [...liveConfigurations(inventory)]
      .flatMap((configuration) => normalise(configuration, { removedNames: [] }).entities)
      .filter(({ resource }) => machines.some(({ id }) => id === resource.address));
    expect(views.map(({ view }) => encode(pick(view, 'singleCore', false)!.value))).toEqual(
      machines.map(() => ({
        $unknown: 'capabilities of virtual machine sizes could not be read: Azure does not allow it',
      })),
    );
  });

  test('with --deep is asked what is registered with it, and the list is one row', async () => {
    const container = {
      id: `${vaultId}/backupFabrics/Azure/protectionContainers/VMAppContainer;Compute;rg;sql`,
      properties: {
        containerType: 'VMAppContainer',
        registrationStatus: 'Registered',
        extendedInfo: {
          hostServerName: 'sql',
          inquiryInfo: {
            errorDetail: { message: 'for ann@contoso.example' },
            inquiryDetails: [{ type: 'SQL', itemCount: 3, inquiryValidation: { status: 'Success' } }],
          },
        },
      },
    };
    const rows = { ...tenant, rest: { backupprotectioncontainers: { value: [container] } } };
    expect(ofVault((await surveyed(healthy(rows))).azure.asked).join()).not.toContain('Containers');
    const { azure, gaps, inventory, lines } = await surveyed(healthy(rows), { deep: true });
    expect(gaps.filter(({ unread }) => unread === 'registrations')).toEqual([]);
    expect(ofVault(azure.asked).filter((path) => path.startsWith('/backupProtectionContainers'))).toEqual([
      "/backupProtectionContainers backupManagementType eq 'AzureStorage' and status eq 'Registered'",
      "/backupProtectionContainers backupManagementType eq 'AzureWorkload' and status eq 'Registered'",
    ]);
    const read = [...inventory.rows].filter(({ from }) => from === 'rest:registrations');
    expect(read.map(({ row }) => row['vaultId'])).toEqual([vaultId]);
    expect(lines.join()).toContain('"inquiryDetails":[{"type":"SQL","itemCount":3}]');
    expect(lines.join()).not.toContain('ann@');

    const unread = await surveyed(healthy(tenant), { deep: true });
    expect(unread.gaps).toContainEqual(expect.objectContaining({ unread: 'registrations', scope: vaultId }));
  });

  test('without an item is asked with --deep what else it has: servers, and what Site Recovery keeps', async () => {
    const rest = {
      backupprotectioncontainers: { value: [] },
      backupengines: { value: [] },
      replicationfabrics: { value: [{ id: `${vaultId}/replicationFabrics/f`, name: 'f', properties: { x: 1 } }] },
    };
    const paths = async (rows: object, deep: boolean) => {
      const read = await surveyed(healthy({ rest, ...rows }), { deep });
      const asked = ofVault(read.azure.asked).filter((path) => /MAB|Engines|replicationFabrics/.test(path));
      return { ...read, paths: asked };
    };
    const empty = { graph: { vaults: [vaultRow] } };
    expect((await paths(empty, false)).paths).toEqual([]);
    expect((await paths(tenant, true)).paths).toEqual([]);
    const read = await paths(empty, true);
    expect(read.paths).toEqual([
      "/backupProtectionContainers backupManagementType eq 'MAB'",
      '/backupEngines',
      '/replicationFabrics',
    ]);
    const [list] = [...read.inventory.rows].filter(({ from }) => from === 'rest:replicationFabrics');
    expect(list?.row).toMatchObject({ vaultId, value: [{ name: 'f', properties: {} }] });
    const unread = await paths({ ...empty, rest: { ...rest, replicationfabrics: {} } }, true);
    expect(unread.gaps).toContainEqual(expect.objectContaining({ unread: 'site-recovery', scope: vaultId }));
  });

  test('with --deep Automated Backup is asked of each registered SQL Server, and its secrets are left out', async () => {
    const id = `${group}/providers/Microsoft.SqlVirtualMachine/sqlVirtualMachines/sql`;
    const type = 'microsoft.sqlvirtualmachine/sqlvirtualmachines';
    const machine = `${group}/providers/Microsoft.Compute/virtualMachines/sql`;
    const signed = 'https://stsql.blob.core.windows.net/?sv=2024-11-04&sig=c2lnbmF0dXJl';
    const autoBackupSettings = {
      enable: true,
      retentionPeriod: 30,
      storageAccountUrl: signed,
      storageAccessKey: 'a2V5LW9mLWFjY291bnQ=',
      password: 'pass-of-certificate',
      key2: 'under another name',
    };
    const told = { virtualMachineResourceId: machine, autoBackupSettings, wsfcDomainCredentials: { x: 'of-domain' } };
    const rows = {
      graph: { datasources: [{ id, name: 'sql', type, properties: { virtualMachineResourceId: machine } }] },
      rest: { sql: { id, name: 'sql', type, properties: told } },
    };
    expect((await surveyed(healthy(rows))).counts['rest:sqlVirtualMachines']).toBeUndefined();
    const { azure, gaps, inventory, lines } = await surveyed(healthy(rows), { deep: true });
    expect(gaps).toEqual([]);
    const asked = azure.asked.filter(({ url }) => new URL(url).pathname === id);
    expect(asked.map(({ url }) => new URL(url).searchParams.get('$expand'))).toEqual(['*']);
    const read = [...inventory.rows].find(({ from }) => from === 'rest:sqlVirtualMachines');
    expect(read?.row['properties']).toEqual({
      virtualMachineResourceId: machine,
      autoBackupSettings: {
        enable: true,
        retentionPeriod: 30,
        storageAccountUrl: 'https://stsql.blob.core.windows.net/',
      },
    });
    expect(lines.join()).not.toMatch(/a2V5|pass-of|another name|of-domain|sig=/);

    const unread = await surveyed(healthy({ ...rows, rest: {} }), { deep: true });
    expect(unread.gaps).toEqual([expect.objectContaining({ unread: 'automated-backup', scope: id })]);
  });

  test('whose row tells nothing of its settings is asked for them, step by step', async () => {
    const bare = { ...vaultRow, properties: { provisioningState: 'Succeeded' } };
    const rows = (rest: Record<string, unknown>) => healthy({ graph: { vaults: [bare] }, rest });
    const whole = await surveyed(rows({ rsv: { ...vaultRow, properties: vaultRow['properties'] } }));
    expect(ofVault(whole.azure.asked).slice(1)).toEqual(['/']);
    expect(whole.counts).toMatchObject({ 'rest:vault': 1 });
    expect(whole.counts['graph:vaults']).toBeUndefined();

    const nothing = await surveyed(
      rows({
        rsv: bare,
        vaultconfig: { properties: { softDeleteFeatureState: 'Enabled' } },
        vaultstorageconfig: { properties: { storageModelType: 'GeoRedundant' } },
        backupresourceguardproxies: { value: [] },
      }),
    );
    expect(nothing.gaps).toEqual([]);
    expect(ofVault(nothing.azure.asked).slice(1)).toEqual([
      '/',
      '/backupconfig/vaultconfig',
      '/backupstorageconfig/vaultstorageconfig',
      '/backupResourceGuardProxies',
    ]);
    expect(nothing.counts).toMatchObject({
      'rest:backupconfig': 1,
      'rest:backupstorageconfig': 1,
      'rest:backupResourceGuardProxies': 1,
    });
  });

  test('that was deleted meanwhile is told', async () => {
    const usual = healthy(tenant);
    const { gaps } = await surveyed((asked, n) =>
      isOfVault(new URL(asked.url).pathname)
        ? { status: 404, body: { error: { code: 'ResourceNotFound', message: '' } } }
        : usual(asked, n),
    );
    expect(gaps[0]).toMatchObject({ unread: 'counts', scope: vaultId, code: 'unavailable' });
  });

  describe('of the other kind', () => {
    const id = vaultId.replace('RecoveryServices/vaults', 'DataProtection/backupVaults');
    const instance = (name: string): Row => ({
      id: `${id}/backupInstances/${name}`,
      name,
      type: 'microsoft.dataprotection/backupvaults/backupinstances',
      properties: {
        dataSourceInfo: { resourceID: `${group}/providers/Microsoft.Compute/disks/${name}` },
        backupInstanceExtendedProperties: {},
      },
    });
    const graph = {
      vaults: [{ id, type: 'microsoft.dataprotection/backupvaults', properties: {} }],
      items: [instance('a'), instance('b')],
      disks: ['a', 'b', 'c'].map((name) => ({ id: `${group}/providers/Microsoft.Compute/disks/${name}` })),
    };
    const instances = (inventory: Inventory): string[] =>
      [...inventory.rows]
        .filter(({ row }) => String(row['id']).includes('/backupInstances/'))
        .map(({ from, row }) => `${from} ${row['name']}`);

    test('is asked for its instances, once', async () => {
      const { azure, gaps, inventory } = await surveyed(healthy({ graph }));
      expect(gaps).toEqual([]);
      expect(azure.asked.filter(({ method }) => method === 'GET').map(({ url }) => new URL(url).pathname)).toEqual([
        expect.stringContaining('/permissions'),
        `${id}/backupInstances`,
      ]);
      expect(instances(inventory)).toEqual(['graph:items a', 'graph:items b']);
    });

    test('that Resource Graph has not yet, or still has, counts as its list says', async () => {
      const rest = { backupinstances: { value: [instance('c'), { ...instance('B'), type: 'other' }] } };
      const { gaps, inventory, lines } = await surveyed(healthy({ graph, rest }));
      expect(gaps).toEqual([]);
      expect(instances(inventory)).toEqual(['graph:items b', 'rest:backupInstances c']);
      const replayed = readInventory('x', [Buffer.from(lines.join('\n'))], []);
      expect(instances(replayed!)).toEqual(instances(inventory));
    });

    test('that is there no more is not asked for its recovery points', async () => {
      const rest = { backupinstances: { value: [instance('b')] }, recoverypoints: { value: [] } };
      const { azure } = await surveyed(healthy({ graph, rest }), { deep: true });
      const asked = azure.asked.map(({ url }) => new URL(url).pathname).filter((path) => path.endsWith('Points'));
      expect(asked).toEqual([`${id}/backupInstances/b/recoveryPoints`]);
    });

    test('whose list cannot be read whole may have more of them', async () => {
      const usual = healthy({ graph });
      const next = `https://management.azure.com${id}/backupInstances?api-version=2024-04-01&$skiptoken=2`;
      const { gaps, inventory } = await surveyed((asked, n) =>
        !asked.url.includes('/backupInstances?')
          ? usual(asked, n)
          : asked.url.includes('skiptoken')
            ? { status: 400, body: { error: { code: 'Bad' } } }
            : { body: { value: [instance('c')], nextLink: next } },
      );
      expect(gaps).toEqual([expect.objectContaining({ unread: 'items', scope: id })]);
      expect(instances(inventory)).toEqual(['graph:items a', 'graph:items b']);
    });
  });
});

describe('with --deep, of storage accounts', () => {
  const accountRow = (
    name: string,
    kind: string,
    sku = kind === 'FileStorage' ? 'Premium_LRS' : 'Standard_LRS',
  ): Row => ({
    id: `${group}/providers/Microsoft.Storage/storageAccounts/${name}`,
    name,
    type: 'microsoft.storage/storageaccounts',
    kind,
    sku: { name: sku },
    subscriptionId: subscription,
  });
  const instanceOf = (name: string, datasourceType: string): Row => ({
    id: `${group}/providers/Microsoft.DataProtection/backupVaults/bv/backupInstances/${name}`,
    type: 'microsoft.dataprotection/backupvaults/backupinstances',
    subscriptionId: subscription,
    properties: {
      dataSourceInfo: { resourceID: String(accountRow(name, '')['id']).toUpperCase(), datasourceType },
    },
  });
  const graph = {
    items: [
      instanceOf('blobs', 'Microsoft.Storage/storageAccounts/blobServices'),
      instanceOf('lake', 'Microsoft.Storage/storageAccounts/adlsBlobServices'),
    ],
    datasources: [
      accountRow('blobs', 'StorageV2'),
      accountRow('lake', 'StorageV2'),
      accountRow('alone', 'StorageV2'),
      accountRow('files', 'FileStorage'),
      accountRow('pages', 'StorageV2', 'Premium_ZRS'),
    ],
  };
  /** `answers`: by what stands behind the account, in lower case. */
  const deep = (answers: Readonly<Record<string, unknown>>) => {
    const usual = healthy({ graph });
    return surveyed(
      (asked, n) => {
        const path = /\/storageaccounts\/[^/]+\/(.+)$/.exec(new URL(asked.url).pathname.toLowerCase())?.[1];
        const body = path && answers[path];
        return body ? { body, ...('error' in (body as object) && { status: 404 }) } : usual(asked, n);
      },
      { deep: true },
    );
  };
  const none = { error: { code: 'ManagementPolicyNotFound', message: 'No ManagementPolicy found for account' } };
  const containers = 'blobservices/default/containers';
  const lifecycle = 'managementpolicies/default';
  const replication = 'objectreplicationpolicies';
  const rowOf = ({ inventory }: Surveyed, from: string, name: string): Row | undefined =>
    [...inventory.rows].find((one) => one.from === from && String(one.row['owner']).endsWith(`/${name}`))?.row;

  test('containers are asked of those with blobs, the rest of those that are protected', async () => {
    const { azure } = await deep({});
    const asked = (path: string): string[] =>
      azure.asked.flatMap(({ url }) => {
        const [, name = '', own = ''] = /\/storageAccounts\/([^/]+)\/(.+)$/.exec(new URL(url).pathname) ?? [];
        return own.toLowerCase() === path ? [name] : [];
      });
    expect(asked(containers)).toEqual(['blobs', 'lake', 'alone', 'pages']);
    // Premium page blobs lie in accounts without files.
    for (const path of ['fileservices/default', 'fileservices/default/shares'])
      expect(asked(path)).toEqual(['blobs', 'lake', 'alone', 'files']);
    expect(asked(lifecycle)).toEqual(['blobs', 'lake']);
    expect(asked(replication)).toEqual(['blobs']);
    const shallow = await surveyed(healthy({ graph }));
    expect(shallow.azure.asked.filter(({ url }) => /storageAccounts/.test(url))).toEqual([]);
  });

  test('of a container its name and legal hold are kept, and none that was deleted', async () => {
    const value = [
      { name: 'a', etag: 'x', properties: { hasLegalHold: false, publicAccess: 'None', metadata: { owner: 'x' } } },
      { name: 'b', properties: { deleted: true } },
      { name: '$web', properties: { hasLegalHold: true } },
    ];
    const read = rowOf(await deep({ [containers]: { value } }), 'rest:blobContainers', 'alone')!;
    expect(read).toEqual({
      owner: graph.datasources[2]!['id'],
      id: `${graph.datasources[2]!['id']}/blobServices/default/containers`,
      value: [
        { id: `${read['id']}/a`, name: 'a', properties: { hasLegalHold: false } },
        { id: `${read['id']}/$web`, name: '$web', properties: { hasLegalHold: true } },
      ],
    });
  });

  test('a thousand containers are enough', async () => {
    const named = (n: number): Row[] => Array.from({ length: n }, (_, i) => ({ name: `c${i}`, properties: {} }));
    const lengthOf = async (n: number) => {
      const { value, more } = rowOf(await deep({ [containers]: { value: named(n) } }), 'rest:blobContainers', 'alone')!;
      return [(value as Row[]).length, more];
    };
    expect(await lengthOf(1000)).toEqual([1000, undefined]);
    expect(await lengthOf(1001)).toEqual([1000, true]);
  });

  test('a lifecycle is read, or there certainly is none', async () => {
    const rules = [
      {
        name: 'delete',
        enabled: true,
        definition: { actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 9 } } } },
      },
      {
        name: 'archive',
        enabled: false,
        type: 'Lifecycle',
        definition: {
          filters: { blobTypes: ['blockBlob'], prefixMatch: ['old/'] },
          actions: { baseBlob: { tierToArchive: { daysAfterModificationGreaterThan: 90 } } },
        },
      },
    ];
    // Azure gives the id of something else.
    const policy = { id: '/subscriptions/x', name: 'DefaultManagementPolicy', properties: { policy: { rules } } };
    const one = await deep({ [lifecycle]: policy });
    const read = rowOf(one, 'rest:managementPolicies', 'lake')!;
    expect(read['value']).toEqual([
      {
        id: `${read['owner']}/managementPolicies/default`,
        name: 'default',
        properties: {
          policy: {
            rules: [
              { name: 'delete', enabled: true, definition: { filters: {}, actions: { baseBlob: {} } } },
              {
                name: 'archive',
                enabled: false,
                definition: {
                  filters: { prefixMatch: ['old/'] },
                  actions: { baseBlob: { tierToArchive: { daysAfterModificationGreaterThan: 90 } } },
                },
              },
            ],
          },
        },
      },
    ]);
    const empty = await deep({ [lifecycle]: none });
    expect(rowOf(empty, 'rest:managementPolicies', 'lake')!['value']).toEqual([]);
    expect(empty.gaps.map(({ unread }) => unread)).not.toContain('lifecycle');
    // That the account is not found tells nothing of its rules.
    const gone = await deep({});
    expect(rowOf(gone, 'rest:managementPolicies', 'lake')).toBeUndefined();
    expect(gone.gaps.map(({ unread }) => unread)).toContain('lifecycle');
  });

  test('replication without ids, as Azure has listed it', async () => {
    const ends = { sourceContainer: 'a', destinationContainer: 'b' };
    const properties = {
      policyId: '5f2c',
      sourceAccount: 'blobs',
      destinationAccount: 'copy',
      rules: [{ ruleId: '1', ...ends, filters: {} }],
    };
    const read = rowOf(
      await deep({ [replication]: { value: [{ properties }] } }),
      'rest:objectReplicationPolicies',
      'blobs',
    )!;
    expect(read['value']).toEqual([
      {
        id: `${read['owner']}/objectReplicationPolicies/5f2c`,
        name: '5f2c',
        properties: { sourceAccount: 'blobs', destinationAccount: 'copy', rules: [ends] },
      },
    ]);
  });
});

describe('what an item protects and no list has', () => {
  const machine = `${group}/providers/Microsoft.Compute/virtualMachines/a`;
  const lagging = { ...tenant, graph: { ...tenant.graph, items: [itemRow('a', { sourceResourceId: machine })] } };
  const machines = (asked: readonly Asked[]): string[] =>
    asked.filter(({ url, method }) => method === 'GET' && /virtualmachines\/a\?/i.test(url)).map(({ url }) => url);

  test('is asked for by itself, and not found', async () => {
    const { azure, gaps, inventory } = await surveyed(healthy(lagging));
    expect(machines(azure.asked)).toHaveLength(1);
    expect(gaps).toEqual([]);
    expect([...inventory.rows]).toContainEqual({
      from: 'rest:absence',
      row: { owner: machine.toLowerCase(), error: 'ResourceNotFound' },
    });
  });

  test('is there after all', async () => {
    const { gaps, inventory } = await surveyed(
      healthy({ ...lagging, rest: { a: { id: machine, name: 'a', properties: { vmId: '1' } } } }),
    );
    expect(gaps).toEqual([]);
    expect([...inventory.rows]).toContainEqual({
      from: 'rest:datasource',
      row: { id: machine.toLowerCase(), name: 'a', properties: { vmId: '1' } },
    });
  });

  test.each([
    [403, 'AuthorizationFailed'],
    [404, 'InvalidResourceType'],
    [404, undefined],
    [500, 'ResourceNotFound'],
  ])('may be there where Azure answers %i (%s)', async (status, code) => {
    const usual = healthy(lagging);
    const { gaps, inventory } = await surveyed((asked, n) =>
      machines([asked]).length > 0 ? { status, body: { error: { code, message: '' } } } : usual(asked, n),
    );
    expect(gaps).toEqual([expect.objectContaining({ unread: 'absences', scope })]);
    expect([...inventory.rows].map(({ from }) => from)).not.toContain('rest:absence');
  });

  test('is not asked for where a list has it, whatever its letters', async () => {
    const graph = { ...lagging.graph, virtualMachines: [{ id: machine.toUpperCase() }] };
    const { azure } = await surveyed(healthy({ ...lagging, graph }));
    expect(machines(azure.asked)).toEqual([]);
  });

  test('is not asked for where its list could not be read, which would be nearly everything', async () => {
    const usual = healthy(lagging);
    const { azure, gaps } = await surveyed((asked, n) =>
      asked.method === 'POST' && queryIn(asked.body) === 'virtualMachines'
        ? { status: 400, body: { error: { code: 'Bad', message: '' } } }
        : usual(asked, n),
    );
    expect(machines(azure.asked)).toEqual([]);
    expect(gaps.map(({ unread }) => unread)).toEqual(['virtualMachines']);
  });

  test('is not asked for in a subscription that is not read, nor for what is softly deleted', async () => {
    const asked = async (properties: Row): Promise<number> => {
      const graph = { ...tenant.graph, items: [itemRow('a', properties)] };
      return machines((await surveyed(healthy({ ...tenant, graph }))).azure.asked).length;
    };
    expect(await asked({ sourceResourceId: machine })).toBe(1);
    expect(await asked({ sourceResourceId: machine.replace(subscription, 'f'.repeat(8)) })).toBe(0);
    expect(await asked({ sourceResourceId: machine, isScheduledForDeferredDelete: true })).toBe(0);
    // A stopped item of what is gone is none that somebody stopped.
    expect(await asked({ sourceResourceId: machine, protectionState: 'ProtectionStopped' })).toBe(1);
  });

  test('is asked for too where only its vault has the item', async () => {
    const id = itemRow('b')['id'];
    const usual = healthy({
      ...tenant,
      counts: { AzureIaasVM: 2 },
      rest: {
        backupprotecteditems: { value: [{ id, properties: { ...(lagging.graph.items[0]!['properties'] as Row) } }] },
      },
    });
    expect(machines((await surveyed(usual)).azure.asked)).toHaveLength(1);
  });

  test('is read by what it lies in', async () => {
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/servers/s`;
    const graph = { ...tenant.graph, items: [itemRow('a', { sourceResourceId: `${server}/databases/d` })] };
    const { inventory } = await surveyed(healthy({ ...tenant, graph }));
    expect([...inventory.rows]).toContainEqual({
      from: 'rest:absence',
      row: { owner: server.toLowerCase(), error: 'ResourceNotFound' },
    });
  });
});

describe('what only some tenants have is asked there', () => {
  const datasource = (type: string): Row => ({ id: `${scope}/x/${type}`, type });

  test.each([
    ['microsoft.containerservice/managedclusters', 'extensions'],
    ['microsoft.elasticsan/elasticsans', 'elasticSan'],
  ])('%s: %s', async (type, name) => {
    const asks = async (rows: readonly Row[]): Promise<boolean> => {
      const { azure } = await surveyed(healthy({ graph: { datasources: rows } }));
      return azure.asked.some(({ body }) => body !== '' && queryIn(body) === name);
    };
    expect(await asks([datasource(type)])).toBe(true);
    expect(await asks([datasource('microsoft.storage/storageaccounts')])).toBe(false);
  });

  const keyVault = { keyVaultProperties: { keyUri: 'https://kv.vault.azure.cn/keys/k' } };

  test.each<[string, Row, boolean]>([
    ['a Recovery Services vault with a key', { encryption: keyVault }, true],
    [
      'a Backup vault with a key',
      { securitySettings: { encryptionSettings: { state: 'Enabled', ...keyVault } } },
      true,
    ],
    ['a vault without one', { encryption: { keyVaultProperties: { keyUri: '' } } }, false],
    [
      'a key in a hardware module',
      { encryption: { keyVaultProperties: { keyUri: 'https://h.managedhsm.azure.net/keys/k' } } },
      false,
    ],
  ])('key vaults: %s', async (_, properties, isAsked) => {
    for (const told of [properties, JSON.stringify(properties)]) {
      const { azure, gaps } = await surveyed(
        healthy({ graph: { vaults: [{ ...vaultRow, properties: told }] }, rest: { rsv: vaultRow } }),
      );
      expect(gaps).toEqual([]);
      expect(azure.asked.some(({ body }) => body !== '' && queryIn(body) === 'keyVaults')).toBe(isAsked);
    }
  });

  test('key vaults that may not be read are told', async () => {
    const usual = healthy({
      graph: { vaults: [{ ...vaultRow, properties: { ...(vaultRow['properties'] as Row), encryption: keyVault } }] },
    });
    const { gaps } = await surveyed((asked, n) =>
      asked.body !== '' && queryIn(asked.body) === 'keyVaults'
        ? { status: 403, body: { error: { code: 'AccessDenied', message: '' } } }
        : usual(asked, n),
    );
    expect(gaps).toEqual([expect.objectContaining({ unread: 'keyVaults', scope, code: 'forbidden' })]);
  });

  test.each<[string, Readonly<Record<string, readonly Row[]>>, boolean]>([
    ['machines', { virtualMachines: [datasource('microsoft.compute/virtualmachines')] }, true],
    ['storage accounts', { datasources: [datasource('microsoft.storage/storageaccounts')] }, true],
    ['others', { datasources: [datasource('microsoft.documentdb/databaseaccounts')] }, false],
  ])('assignments of Azure Policy for backup: %s', async (_, graph, isAsked) => {
    const { azure } = await surveyed(healthy({ graph }));
    expect(azure.asked.filter(({ body }) => body !== '' && queryIn(body) === 'policyAssignments').length).toBe(
      isAsked ? 1 : 0,
    );
  });

  test('of those that set up backups, as the rules know them', () => {
    const known = ['azure-vm', 'azure-files'].flatMap((solution): string[] => {
      const file = new URL(`../../rules/solutions/${solution}.json`, import.meta.url);
      return JSON.parse(readFileSync(file, 'utf8')).limits.policyDefinitions.value;
    });
    expect([...backupDefinitions].sort()).toEqual(known.sort());
  });

  describe('networks, where backups of databases do not succeed', () => {
    const database = (lastBackupStatus: string | undefined, more: Row = {}): Row =>
      itemRow('db', { backupManagementType: 'AzureWorkload', lastBackupStatus, ...more });
    const graph = (item: Row, networks: readonly Row[] = []) => ({
      graph: { vaults: [vaultRow], items: [item], networks },
      counts: { AzureWorkload: 1 },
      rest: { backupprotectionintents: { value: [] } },
    });
    const isAbout = ({ body }: Asked): boolean => body !== '' && /networks|adminRules/.test(queryIn(body));

    test.each<[string, Row, boolean]>([
      ['failed', database('Unhealthy'), true],
      ['has not run yet', database('IRPending'), true],
      ['is not told', database(undefined), true],
      ['succeeded', database('Healthy'), false],
      ['was deleted', database('Unhealthy', { isScheduledForDeferredDelete: true }), false],
      ['of a machine', itemRow('vm', { lastBackupStatus: 'Failed' }), false],
    ])('the last backup %s', async (_, item, isAsked) => {
      const { azure } = await surveyed(healthy(graph(item)));
      expect(azure.asked.filter(isAbout).length).toBe(isAsked ? 2 : 0);
    });

    test('in their subscriptions alone, also of a management group', async () => {
      const other = { ...subscriptionRow, id: '/subscriptions/other', subscriptionId: 'other' };
      const rows = graph(database('Unhealthy'));
      const { azure } = await surveyed(
        healthy({
          ...rows,
          graph: { ...rows.graph, subscriptions: [subscriptionRow, other] },
          rest: { ...rows.rest, descendants: { value: [] } },
        }),
        { scope: { managementGroup: 'mg' } },
      );
      expect(azure.asked.filter(isAbout).map(({ body }) => JSON.parse(body).subscriptions)).toEqual([
        [subscription],
        [subscription],
      ]);
    });

    test('with what decides alone', async () => {
      const network = `${group}/providers/Microsoft.Network/virtualNetworks/v`;
      const ipConfigurations = [
        {
          name: 'c',
          properties: { privateIPAddress: '10.0.0.4', subnet: { id: `${network}/subnets/s`, properties: {} } },
        },
      ];
      const rows: Row[] = [
        { id: 'card', ipConfigurations, subnets: null },
        {
          id: 'network',
          subnets: JSON.stringify([
            {
              name: 's',
              etag: 'W/1',
              properties: { addressPrefix: '10.0.0.0/24', ipConfigurations, routeTable: { id: 'r' } },
            },
          ]),
          peerings: [{ name: 'p', properties: { useRemoteGateways: true, remoteVirtualNetwork: { id: network } } }],
        },
        {
          id: 'group',
          securityRules: [
            { id: 'x', name: 'r', properties: { description: 'by ann@contoso.com', access: 'Deny', priority: 1 } },
          ],
        },
      ];
      const { inventory } = await surveyed(healthy(graph(database('Unhealthy'), rows)));
      expect([...inventory.rows].filter(({ from }) => from === 'graph:networks').map(({ row }) => row)).toEqual([
        { id: 'card', ipConfigurations: [{ name: 'c', properties: { subnet: { id: `${network}/subnets/s` } } }] },
        {
          id: 'network',
          subnets: [{ name: 's', properties: { addressPrefix: '10.0.0.0/24', routeTable: { id: 'r' } } }],
          peerings: [{ name: 'p', properties: { useRemoteGateways: true } }],
        },
        { id: 'group', securityRules: [{ name: 'r', properties: { access: 'Deny', priority: 1 } }] },
      ]);
    });

    test('that may not be read are told', async () => {
      const usual = healthy(graph(database('Unhealthy')));
      const { gaps } = await surveyed((asked, n) =>
        isAbout(asked) ? { status: 403, body: { error: { code: 'AccessDenied', message: '' } } } : usual(asked, n),
      );
      expect(gaps).toEqual([expect.objectContaining({ unread: 'networks', scope, code: 'forbidden' })]);
    });
  });

  describe('roles, of identities that work on what is protected', () => {
    const [ofVault, ofCluster, ofExtension, unused] = [1, 2, 3, 4].map(
      (n) => `${n}1111111-1111-4111-8111-111111111111`,
    );
    const backupVault = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/bv`;
    const clusterId = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`;
    const withIdentity = (id: string, type: string, principalId: string | undefined): Row => ({
      id,
      type,
      identity: { type: 'SystemAssigned', principalId },
    });
    const instance = (source: string): Row => ({
      id: `${backupVault}/backupInstances/i`,
      type: 'microsoft.dataprotection/backupvaults/backupinstances',
      properties: { dataSourceInfo: { resourceID: source } },
    });
    const graph = (source: string) => ({
      vaults: [
        withIdentity(backupVault, 'microsoft.dataprotection/backupvaults', ofVault),
        withIdentity(`${backupVault}2`, 'microsoft.dataprotection/backupvaults', unused),
      ],
      items: [instance(source)],
      datasources: [withIdentity(clusterId, 'microsoft.containerservice/managedclusters', ofCluster)],
      extensions: [
        {
          id: `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/backup`,
          type: 'microsoft.kubernetesconfiguration/extensions',
          properties: {
            extensionType: 'Microsoft.DataProtection.Kubernetes',
            aksAssignedIdentity: { principalId: ofExtension },
          },
        },
      ],
    });
    const askedOf = async (source: string): Promise<(string | null)[]> => {
      const { azure } = await surveyed(healthy({ graph: graph(source), rest: { roleassignments: { value: [] } } }));
      return azure.asked
        .map(({ url }) => new URL(url))
        .filter(
          ({ pathname }) =>
            pathname === `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments`,
        )
        .map(({ searchParams }) => searchParams.get('$filter'));
    };

    test('the vault where the datasource lies, and a cluster with its extension', async () => {
      const disk = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Compute/disks/d`;
      expect(await askedOf(disk)).toEqual([`assignedTo('${ofVault}')`]);
      expect(await askedOf(clusterId)).toEqual([ofVault, ofCluster, ofExtension].map((id) => `assignedTo('${id}')`));
    });

    test('which vaults a protected cluster lets in', async () => {
      const rest = { roleassignments: { value: [] }, trustedaccessrolebindings: { value: [] } };
      const { counts, gaps } = await surveyed(healthy({ graph: graph(clusterId), rest }));
      expect(counts['rest:trustedAccessRoleBindings']).toBe(1);
      expect(gaps).toEqual([]);
    });

    test('those that a policy names for snapshots', async () => {
      const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-snap`;
      const principalId = '0b1ec700-1d00-4000-8000-000000000051';
      const policy = (identityArmId: string): Row => ({
        id: `${vaultId}/backupPolicies/snapshots`,
        type: 'microsoft.recoveryservices/vaults/backuppolicies',
        properties: {
          subProtectionPolicy: [
            {
              policyType: 'SnapshotFull',
              snapshotBackupAdditionalDetails: { userAssignedManagedIdentityDetails: { identityArmId } },
            },
          ],
        },
      });
      const asked = async (named: string, rest: Record<string, unknown>) => {
        const read = await surveyed(healthy({ graph: { vaults: [vaultRow], policies: [policy(named)] }, rest }));
        const paths = read.azure.asked.map(({ url }) => new URL(url)).filter(({ pathname }) => !isOfVault(pathname));
        const own = paths.filter(({ pathname }) => /id-snap$|\/roleAssignments$/.test(pathname));
        return { ...read, own: own.map(({ pathname, searchParams }) => searchParams.get('$filter') ?? pathname) };
      };
      const rest = {
        'id-snap': { id: identity, properties: { principalId, clientId: 'x' } },
        roleassignments: { value: [] },
      };
      const all = await asked(identity, rest);
      expect(all.own).toEqual([identity, `assignedTo('${principalId}')`]);
      expect(all.gaps).toEqual([]);
      expect(all.counts).toMatchObject({ 'rest:userAssignedIdentities': 1, 'rest:roleAssignments': 1 });
      // A policy may outlive its identity, which is no reason to call every audit incomplete.
      const gone = await asked(identity, {});
      expect(gone.own).toEqual([identity]);
      expect(gone.gaps).toEqual([]);
      const usual = healthy({ graph: { vaults: [vaultRow], policies: [policy(identity)] }, rest });
      const refused = await surveyed((one, n) =>
        one.url.includes('id-snap?')
          ? { status: 404, body: { error: { code: 'InvalidResourceType' } } }
          : usual(one, n),
      );
      expect(refused.gaps).toEqual([expect.objectContaining({ unread: 'identities', scope: identity })]);
      const elsewhere = await asked(identity.replace(subscription, '00000000-0000-4000-8000-00000000000b'), rest);
      expect(elsewhere.own).toEqual([]);
    });

    test('not where nothing else is read', async () => {
      expect(await askedOf('/subscriptions/another/resourceGroups/rg/providers/Microsoft.Compute/disks/d')).toEqual([]);
    });

    test('what cannot be read is told', async () => {
      const { gaps } = await surveyed(healthy({ graph: graph(clusterId) }));
      expect(gaps).toEqual([
        expect.objectContaining({ unread: 'access', scope: `/subscriptions/${subscription}` }),
        expect.objectContaining({ unread: 'trusted-access', scope: clusterId.toLowerCase() }),
      ]);
    });
  });
});

test('properties that come as a text are read', async () => {
  const { inventory } = await surveyed(
    healthy({
      ...tenant,
      graph: { vaults: [{ ...vaultRow, properties: JSON.stringify(vaultRow['properties']) }], items: [itemRow('a')] },
    }),
  );
  const vault = [...inventory.rows].find(({ from }) => from === 'graph:vaults');
  expect(vault?.row['properties']).toEqual(vaultRow['properties']);
});

test('every query can be paged, and each datasource that rules know is in one', () => {
  for (const { text } of sweep) {
    expect(text).toMatch(/\| project id, [^|]*\| order by id asc$/);
    expect(text).toMatch(/^[a-z]+ \| where type (?:=~|in~) /);
  }
  for (const type of ['flexibleservers', 'managedclusters', 'databaseaccounts', 'elasticsans', 'sqlvirtualmachines'])
    expect(datasourcesQuery.text).toContain(type);
});
