/** What is asked, when, and what a gap says: rights, scopes, vaults of every kind. */
import { describe, expect, test } from 'vitest';
import type { Arm } from '../../src/azure/arm.ts';
import type { Row, Scope } from '../../src/azure/inventory.ts';
import { probe } from '../../src/azure/probe.ts';
import { datasourcesQuery, deepQueries, elasticSanQuery, extensionsQuery, sweep } from '../../src/azure/queries.ts';
import {
  type Asked,
  graphBody,
  group,
  healthy,
  itemRow,
  queryIn,
  type Respond,
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
    const queries = [...sweep, elasticSanQuery, extensionsQuery, ...deepQueries];
    const types = queries.flatMap(({ text }) => text.match(/(?<=')microsoft\.[a-z./]+(?=')/g) ?? []);
    expect(types.length).toBeGreaterThan(20);
    // Azure has no right for what a container holds: what a vault may list is asked of the vault too.
    const own = types.filter((type) => !type.endsWith('/protectableitems'));
    expect(own.filter((type) => !missing.includes(`${type}/read`))).toEqual([]);
  });

  test('a right that is missing is a gap, since its rows vanish without a word', async () => {
    const { gaps } = await surveyed(withRights(['*/read'], ['Microsoft.Compute/*/read']));
    expect(gaps.map(({ unread }) => unread)).toEqual(['virtualMachines', 'machineExtensions', 'disks']);
    expect(gaps[0]).toEqual({
      unread: 'virtualMachines',
      scope,
      code: 'forbidden',
      because:
        'the right to read virtual machines is missing (Microsoft.Compute/virtualMachines/read), and Azure leaves such resources out without a word',
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
        because: 'it does not exist in this tenant, or whoever asks may not see it',
      }),
    ]);
    expect(counts['graph:items']).toBe(1);
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
    const { gaps, azure } = await surveyed(
      inGroup(many, ({ body }) =>
        body !== '' && queryIn(body) === 'subscriptions'
          ? { headers: { 'x-ms-tenant-subscription-limit-hit': 'true' }, body: graphBody([subscriptionRow]) }
          : undefined,
      ),
      { scope: group },
    );
    expect(gaps).toEqual([]);
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

  test('of the other kind needs no call of its own', async () => {
    const id = `${vaultId.replace('RecoveryServices/vaults', 'DataProtection/backupVaults')}`;
    const { azure, gaps } = await surveyed(
      healthy({ graph: { vaults: [{ id, type: 'microsoft.dataprotection/backupvaults', properties: {} }] } }),
    );
    expect(gaps).toEqual([]);
    expect(azure.asked.filter(({ method }) => method === 'GET').length).toBe(1);
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
