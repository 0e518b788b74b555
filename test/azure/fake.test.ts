/** The fake Azure answers as Azure does, and each of its switches does what it says. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import {
  assignmentsQuery,
  deepQueries,
  elasticSanQuery,
  extensionsQuery,
  keyVaultsQuery,
  networkQueries,
  subscriptionsQuery,
  sweep,
} from '../../src/azure/queries.ts';
import { ask, askGraph } from './fake/ask.ts';
import {
  backupReader,
  contoso,
  demoTenant,
  type FakeAzure,
  type FakeOptions,
  type Switches,
  scaledTenant,
  standInCli,
  startFakeAzure,
} from './fake/index.ts';
import type { Store } from './fake/store.ts';

const vaults =
  "resources | where type =~ 'microsoft.recoveryservices/vaults' | project id, name, type, properties | order by id asc";
const machines =
  "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, size = properties.hardwareProfile.vmSize | order by id asc";
const items =
  "recoveryservicesresources | where type in~ ('microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems') | project id, type, properties | order by id asc";
const shopVault = `/subscriptions/${contoso.shops}/resourceGroups/rg-shops-backup/providers/Microsoft.RecoveryServices/vaults/rsv-shops`;
const branchVault = `/subscriptions/${contoso.branches}/resourceGroups/rg-branches/providers/Microsoft.RecoveryServices/vaults/rsv-branches`;
const backupVersion = 'api-version=2023-06-01';

const running: FakeAzure[] = [];
afterEach(async () => {
  for (const fake of running.splice(0)) await fake.close();
});

async function start(
  switches: Switches = {},
  options: FakeOptions = {},
  store: Store = demoTenant(),
): Promise<FakeAzure> {
  const fake = await startFakeAzure(store, { switches, ...options });
  running.push(fake);
  return fake;
}

/** Every row of a query, and how many requests it took. */
async function rowsOf(fake: FakeAzure, query: string, scope: Record<string, unknown> = {}) {
  const rows: Record<string, unknown>[] = [];
  let token: string | undefined;
  let requests = 0;
  do {
    const { body, status } = await askGraph(fake, query, { ...scope, options: token ? { $skipToken: token } : {} });
    if (status !== 200) throw new Error(JSON.stringify(body));
    rows.push(...body.data);
    token = body.$skipToken;
    requests++;
  } while (token);
  return { rows, requests };
}

describe('Resource Graph', () => {
  test('answers pages that follow each other, in order, each row once', async () => {
    const all = (await rowsOf(await start(), machines)).rows;
    const paged = await rowsOf(await start({ pageSize: 2 }), machines);
    expect(paged.rows).toEqual(all);
    expect(paged.requests).toBe(Math.ceil(all.length / 2));
    const ids = all.map(({ id }) => String(id).toLowerCase());
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(all[0]).toEqual({ id: expect.stringContaining('vm-erp-app'), size: 'Standard_D4s_v5' });
  });

  test('refuses a skip token that it has not given for this query', async () => {
    const fake = await start({ pageSize: 2 });
    const { body } = await askGraph(fake, machines);
    const token = body.$skipToken as string;
    const refused = async (query: string, $skipToken: string): Promise<void> => {
      const answer = await askGraph(fake, query, { options: { $skipToken } });
      expect([answer.status, answer.body.error.details[0].code]).toEqual([400, 'InvalidSkipToken']);
    };
    await refused(machines, `${token.slice(0, -6)}AAAA==`);
    await refused(machines, 'nonsense');
    await refused(items, token);
    const forged = JSON.parse(Buffer.from(token, 'base64').toString());
    await refused(machines, Buffer.from(JSON.stringify({ ...forged, o: 4 })).toString('base64'));
  });

  test('stops without a token where the id is not among the columns', async () => {
    const fake = await start({ pageSize: 2 });
    const { body } = await askGraph(
      fake,
      "resources | where type =~ 'microsoft.compute/virtualmachines' | project name",
    );
    expect([body.resultTruncated, body.count, body.$skipToken]).toEqual(['true', 2, undefined]);
    expect(body.totalRecords).toBeGreaterThan(2);
  });

  test.each([
    'resources | join kind=inner (resources) on id',
    "resources | where name startswith 'x'",
    "resource | where type =~ 'microsoft.compute/disks'",
    "resources | where type =~ 'microsoft.compute/disks' | summarize count()",
    "resources | where type =~ 'microsoft.compute/disks' | order by name desc",
  ])('refuses what is not in its grammar: %s', async (query) => {
    const { status, body } = await askGraph(await start(), query);
    expect([status, body.error.details[0].code]).toEqual([400, 'InvalidQuery']);
  });

  test('understands every query of the audit and finds rows for it', async () => {
    const fake = await start();
    for (const query of [
      subscriptionsQuery,
      ...sweep,
      elasticSanQuery,
      extensionsQuery,
      keyVaultsQuery,
      assignmentsQuery,
      ...networkQueries,
      ...deepQueries,
    ]) {
      const { rows } = await rowsOf(fake, query.text);
      expect(rows.length, query.from).toBeGreaterThan(0);
    }
  });

  test('looks at a time against its own clock', async () => {
    const jobs =
      "recoveryservicesresources | where type =~ 'microsoft.recoveryservices/vaults/backupjobs' | where todatetime(properties.startTime) >= ago(1d) | project id | order by id asc";
    const today = (await rowsOf(await start(), jobs)).rows.length;
    const old = (await rowsOf(await start(), jobs.replace('ago(1d)', 'ago(7d)'))).rows.length;
    expect(today).toBeGreaterThan(0);
    expect(old).toBeGreaterThan(today);
  });

  test('asks for subscriptions or a management group, and says where it stopped', async () => {
    const one = await rowsOf(await start(), vaults, { subscriptions: [contoso.erp.toUpperCase()] });
    expect(one.rows.map(({ name }) => name)).toEqual(['rsv-erp']);
    const workloads = await rowsOf(await start(), vaults, { managementGroups: ['contoso-workloads'] });
    expect(workloads.rows.map(({ name }) => name)).toEqual([
      'rsv-erp',
      'rsv-shops',
      'rsv-branches',
      'rsv-recovery',
      'rsv-spare',
    ]);
    const fake = await start({ subscriptionLimit: 2 });
    const { headers, body } = await askGraph(fake, vaults);
    expect([headers['x-ms-tenant-subscription-limit-hit'], body.count]).toEqual(['true', 1]);
    expect((await askGraph(fake, vaults, { managementGroups: ['nobody'] })).status).toBe(403);
    expect((await askGraph(fake, vaults, { managementGroups: ['contoso'], subscriptions: [contoso.erp] })).status).toBe(
      400,
    );
    expect((await askGraph(fake, vaults, { options: { $top: 1001 } })).status).toBe(400);
  });

  test('counts its quota down and refuses at the end of it', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const fake = await start({ quota: { limit: 2, windowMs: 5000 } }, { now: () => now });
    const left = [];
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await askGraph(fake, vaults);
      left.push([status, headers['x-ms-user-quota-remaining'], headers['retry-after']]);
    }
    expect(left).toEqual([
      [200, '1', undefined],
      [200, '0', undefined],
      [429, '0', '5'],
    ]);
    now += 5000;
    expect((await askGraph(fake, vaults)).status).toBe(200);
  });
});

describe('REST', () => {
  test('answers from the same rows as Resource Graph', async () => {
    const fake = await start();
    const graph = (await rowsOf(fake, items)).rows.map(({ id }) => id);
    const rest: unknown[] = [];
    for (const { id } of (await rowsOf(fake, vaults)).rows) {
      const { body } = await ask(fake, `${id}/backupProtectedItems?${backupVersion}`);
      rest.push(...body.value.map((row: { id: string }) => row.id));
      const { body: usage } = await ask(
        fake,
        `${id}/backupUsageSummaries?${backupVersion}&$filter=${encodeURIComponent("type eq 'BackupProtectedItemCountSummary'")}`,
      );
      const counted = usage.value.reduce((sum: number, one: { currentValue: number }) => sum + one.currentValue, 0);
      expect(counted).toBe(body.value.length);
    }
    expect(rest).toEqual(expect.arrayContaining(graph));
    // Items of agents and servers are known to REST alone.
    expect(rest.length - graph.length).toBe(5);
  });

  test('pages its lists on its own origin', async () => {
    const fake = await start({ pageSize: 2 });
    const found: string[] = [];
    let url: string | undefined = `${shopVault}/backupProtectedItems?${backupVersion}`;
    let pages = 0;
    while (url) {
      const { body } = await ask(fake, url);
      found.push(...body.value.map((row: { id: string }) => row.id));
      url = body.nextLink;
      if (url) expect(url.startsWith(fake.origin)).toBe(true);
      pages++;
    }
    expect(new Set(found).size).toBe(9);
    expect(pages).toBe(5);
  });

  test('filters', async () => {
    const fake = await start();
    const count = async (list: string, filter: string): Promise<number> => {
      const { body, status } = await ask(fake, `${list}?${backupVersion}&$filter=${encodeURIComponent(filter)}`);
      return status === 200 ? body.value.length : -status;
    };
    expect(await count(`${branchVault}/backupProtectedItems`, "backupManagementType eq 'MAB'")).toBe(3);
    expect(await count(`${branchVault}/backupProtectedItems`, "backupManagementType eq 'DPM'")).toBe(1);
    expect(
      await count(
        `${shopVault}/backupProtectableItems`,
        "backupManagementType eq 'AzureWorkload' and workloadType eq 'SQLDataBase'",
      ),
    ).toBe(3);
    expect(await count(`${shopVault}/backupProtectedItems`, 'contains(name)')).toBe(-400);
  });

  test('wants an api-version that it has the specification of', async () => {
    const fake = await start();
    expect((await ask(fake, shopVault)).body.error.code).toBe('MissingApiVersionParameter');
    expect((await ask(fake, `${shopVault}?api-version=1999-01-01`)).status).toBe(400);
    expect((await ask(fake, `${shopVault}?api-version=2024-04-01`)).body.sku).toEqual({ name: 'Standard' });
    expect((await ask(fake, `${shopVault}-gone?api-version=2024-04-01`)).body.error.code).toBe('ResourceNotFound');
  });

  test('never lists the security settings that it shows for one vault', async () => {
    const fake = await start();
    const { body } = await ask(
      fake,
      `/subscriptions/${contoso.shops}/providers/Microsoft.RecoveryServices/vaults?api-version=2024-04-01`,
    );
    expect(body.value[0].properties).not.toHaveProperty('securitySettings');
    const one = await ask(fake, `${body.value[0].id}?api-version=2024-04-01`);
    expect(one.body.properties.securitySettings.softDeleteSettings.softDeleteState).toBe('Enabled');
  });

  test('counts a budget for each action and subscription', async () => {
    const fake = await start({ budget: 2 });
    const asked = [];
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await ask(fake, `${shopVault}/backupEngines?${backupVersion}`);
      asked.push([status, headers['x-ms-ratelimit-remaining-subscription-resource-requests']]);
    }
    expect(asked).toEqual([
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ]);
    expect((await ask(fake, `${branchVault}/backupEngines?${backupVersion}`)).status).toBe(200);
    expect((await ask(fake, `${shopVault}/backupJobs?${backupVersion}`)).status).toBe(200);
  });

  test('takes no write, and remembers that one was tried', async () => {
    const fake = await start();
    const { status } = await ask(fake, `${shopVault}?api-version=2024-04-01`, { method: 'DELETE' });
    expect(status).toBe(405);
    expect(fake.writes).toEqual([`DELETE ${shopVault}`]);
    expect((await ask(fake, `${shopVault}?api-version=2024-04-01`)).status).toBe(200);
  });
});

describe('rights', () => {
  test('a token that is not its own is refused', async () => {
    const answer = await ask(await start(), `${shopVault}?api-version=2024-04-01`, { token: 'other' });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
  });

  test('what may not be read vanishes from Resource Graph and is refused by REST', async () => {
    const fake = await start({ rights: (id) => (id === contoso.shops ? backupReader : undefined) });
    const seen = (await rowsOf(fake, machines)).rows.map(({ id }) => String(id));
    expect(seen.some((id) => id.includes(contoso.erp))).toBe(true);
    expect(seen.some((id) => id.includes(contoso.shops))).toBe(false);
    expect((await rowsOf(fake, vaults)).rows.map(({ name }) => name)).toContain('rsv-shops');
    const refused = await ask(fake, `${shopVault}/backupProtectableItems?${backupVersion}`);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'AuthorizationFailed']);
    expect(refused.body.error.message).toContain('Microsoft.RecoveryServices/vaults/backupProtectableItems/read');
    const rights = await ask(
      fake,
      `/subscriptions/${contoso.shops}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
    );
    expect(rights.body.value[0].actions).toContain('Microsoft.RecoveryServices/Vaults/read');
    expect(rights.body.value[0].actions).not.toContain('*/read');
  });

  test('one action that is taken away', async () => {
    const fake = await start({
      rights: () => ({ actions: ['*/read'], notActions: ['Microsoft.RecoveryServices/vaults/backupEngines/read'] }),
    });
    expect((await ask(fake, `${shopVault}/backupEngines?${backupVersion}`)).status).toBe(403);
    expect((await ask(fake, `${shopVault}/backupJobs?${backupVersion}`)).status).toBe(200);
  });

  test('a subscription that cannot be seen: silence while others can, an error when it is alone', async () => {
    const fake = await start({ rights: (id) => (id === contoso.shops ? { actions: [] } : undefined) });
    expect(
      (await rowsOf(fake, vaults, { subscriptions: [contoso.shops, contoso.erp] })).rows.map(({ name }) => name),
    ).toEqual(['rsv-erp']);
    expect((await askGraph(fake, vaults, { subscriptions: [contoso.shops] })).status).toBe(403);
    expect((await ask(fake, `${shopVault}?api-version=2024-04-01`)).status).toBe(403);
    const { body } = await ask(fake, '/subscriptions?api-version=2022-12-01');
    expect(body.value.map(({ subscriptionId }: { subscriptionId: string }) => subscriptionId)).not.toContain(
      contoso.shops,
    );
  });
});

describe('faults', () => {
  const one = `${shopVault}?api-version=2024-04-01`;
  const list = `${shopVault}/backupJobs?${backupVersion}`;

  test.each([
    ['unauthorized', 401, undefined],
    ['forbidden', 403, undefined],
    ['not-found', 404, undefined],
    ['throttled-seconds', 429, '1'],
    ['throttled-date', 429, expect.stringContaining('GMT')],
    ['throttled-text', 429, undefined],
    ['throttled-hour', 429, '3600'],
    ['throttled-bare', 429, undefined],
    ['error-500', 500, undefined],
    ['error-503', 503, '1'],
    ['html', 200, undefined],
    ['truncated', 200, undefined],
  ] as const)('%s', async (answer, status, retryAfter) => {
    const fake = await start({ faults: [{ on: /GET .*rsv-shops\?/, answer, times: 1 }] });
    const first = await ask(fake, one);
    expect([first.status, first.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(/again after/.test(first.text)).toBe(answer === 'throttled-text');
    if (answer === 'html') expect(first.headers['content-type']).toBe('text/html');
    if (answer === 'truncated') expect(first.body).toBeUndefined();
    // Only so often, and only there.
    expect((await ask(fake, one)).status).toBe(200);
    expect((await ask(fake, list)).status).toBe(200);
  });

  test('reset and hang', async () => {
    await expect(ask(await start({ faults: [{ answer: 'reset' }] }), one)).rejects.toThrow(/socket|ECONNRESET/);
    const hanging = await start({ faults: [{ answer: 'hang' }] });
    const asked = ask(hanging, one).then(
      () => 'answered',
      () => 'closed',
    );
    await hanging.close();
    running.splice(running.indexOf(hanging), 1);
    expect(await asked).toBe('closed');
  });

  test('slow, and after some good answers', async () => {
    const fake = await start({ slowMs: 1, faults: [{ answer: 'slow' }] });
    expect((await ask(fake, one)).status).toBe(200);
    const later = await start({ faults: [{ answer: 'not-found', after: 1 }] });
    expect([(await ask(later, one)).status, (await ask(later, one)).status]).toEqual([200, 404]);
  });

  test('links astray', async () => {
    const foreign = await ask(await start({ faults: [{ answer: 'foreign-next-link' }] }), list);
    expect(foreign.body.nextLink).toMatch(/^https:\/\/elsewhere\.example\//);
    const looping = await start({ faults: [{ answer: 'looping' }] });
    expect((await ask(looping, list)).body.nextLink).toBe(`${looping.origin}${list}`);
    expect((await askGraph(looping, vaults)).body.$skipToken).toBe((await askGraph(looping, vaults)).body.$skipToken);
  });
});

describe('a tenant as one finds it', () => {
  test('Resource Graph behind REST', async () => {
    const fake = await start({
      graphLacks: (row) => row.name === 'VM;iaasvmcontainerv2;rg-shops;vm-shop-1',
      graphSays: (row) =>
        row.name === 'VM;iaasvmcontainerv2;rg-shops;vm-shop-2' ? { protectionState: 'IRPending' } : undefined,
    });
    const { rows } = await rowsOf(fake, items, { subscriptions: [contoso.shops] });
    expect(rows.some(({ id }) => String(id).endsWith('vm-shop-1'))).toBe(false);
    const stale = rows.find(({ id }) => String(id).endsWith('vm-shop-2')) as {
      id: string;
      properties: Record<string, unknown>;
    };
    expect(stale.properties['protectionState']).toBe('IRPending');
    const now = await ask(fake, `${stale.id}?${backupVersion}`);
    expect(now.body.properties.protectionState).toBe('Protected');
  });

  test('vault rows without settings', async () => {
    const graph = await start({ withoutVaultSettings: 'graph' });
    expect((await askGraph(graph, vaults)).body.data[0].properties).not.toHaveProperty('securitySettings');
    expect((await ask(graph, `${shopVault}?api-version=2024-04-01`)).body.properties).toHaveProperty(
      'securitySettings',
    );
    const both = await start({ withoutVaultSettings: 'graph-and-vault' });
    expect((await ask(both, `${shopVault}?api-version=2024-04-01`)).body.properties).not.toHaveProperty(
      'securitySettings',
    );
    const config = await ask(both, `${shopVault}/backupconfig/vaultconfig?${backupVersion}`);
    expect(config.body.properties.softDeleteFeatureState).toBe('Enabled');
  });

  test('kinds of tomorrow, other letters, properties as text, fields of the real world, another clock', async () => {
    const fake = await start({
      newKind: (row) => row.id.includes('vm-shop-1'),
      letterCase: 'noisy',
      propertiesAsText: true,
      extraFields: false,
      clockSkewSeconds: 3600,
    });
    const { body, headers } = await askGraph(fake, items, { subscriptions: [contoso.shops] });
    const properties = body.data.map((row: { properties: string }) => JSON.parse(row.properties));
    expect(properties.map((one: Record<string, string>) => one['protectedItemType'])).toContain(
      'AzureThingOfTomorrowProtectedItem',
    );
    const plain = (await rowsOf(await start(), items, { subscriptions: [contoso.shops] })).rows;
    const ids = body.data.map((row: { id: string }) => row.id);
    expect(ids).not.toEqual(plain.map(({ id }) => id));
    expect(ids.map((id: string) => id.toLowerCase())).toEqual(plain.map(({ id }) => String(id).toLowerCase()));
    expect(Date.parse(headers['date']!) - Date.now()).toBeGreaterThan(3_500_000);
    const rest = await ask(fake, `${shopVault}/backupProtectedItems?${backupVersion}`);
    expect(rest.body.value[0].properties).not.toHaveProperty('softDeleteRetentionPeriod');
    // A projection reaches into the text too.
    const sizes = await rowsOf(fake, machines);
    expect(sizes.rows.every(({ size }) => typeof size === 'string')).toBe(true);
  });
});

describe('a tenant of any size', () => {
  const size = { subscriptions: 7, vaults: 23, items: 411, datasources: 1003 };
  const store = scaledTenant(size);

  test('has as many rows as it was told, each with its own id, in order', async () => {
    const fake = await start({ pageSize: 100 }, {}, store);
    const scope = { managementGroups: ['scale'] };
    const all = async (query: string) =>
      (await rowsOf(fake, query, scope)).rows.map(({ id }) => String(id).toLowerCase());
    const named = Object.fromEntries(sweep.map((query) => [query.from, query.text]));
    expect((await all(named['graph:vaults']!)).length).toBe(size.vaults);
    expect((await all(named['graph:policies']!)).length).toBe(size.vaults * 3);
    const protectedItems = await all(named['graph:items']!);
    expect(protectedItems.length).toBe(size.items);
    const datasources = [
      ...(await all(named['graph:virtualMachines']!)),
      ...(await all(named['graph:disks']!)),
      ...(await all(named['graph:datasources']!)),
    ];
    expect(datasources.length).toBe(size.datasources);
    expect(new Set([...protectedItems, ...datasources]).size).toBe(size.items + size.datasources);
    for (const ids of [protectedItems, await all(named['graph:virtualMachines']!)])
      expect(ids).toEqual([...ids].sort());
    expect((await all(subscriptionsQuery.text)).length).toBe(size.subscriptions);
  });

  test('holds items in the vaults that count them, and policies that exist', async () => {
    const fake = await start({}, {}, store);
    const { rows } = await rowsOf(fake, sweep.find(({ from }) => from === 'graph:items')!.text, {
      managementGroups: ['scale'],
    });
    const vaultRows = await rowsOf(fake, vaults, { managementGroups: ['scale'] });
    for (const { id } of vaultRows.rows) {
      const inside = rows.filter((row) => String(row['id']).startsWith(`${id}/`)).length;
      expect(store.itemCounts(String(id)).get('AzureIaasVM')).toBe(inside);
      expect((await ask(fake, `${id}?api-version=2024-04-01`)).status).toBe(200);
    }
    const policies = new Set(
      (
        await rowsOf(fake, sweep.find(({ from }) => from === 'graph:policies')!.text, { managementGroups: ['scale'] })
      ).rows.map(({ id }) => id),
    );
    for (const row of rows) {
      const properties = row['properties'] as { policyId?: string; policyInfo?: { policyId: string } };
      expect(policies.has(properties.policyId ?? properties.policyInfo?.policyId)).toBe(true);
    }
  });
});

test.skipIf(process.platform === 'win32')('@azure/identity signs in through the stand-in az', async () => {
  const store = demoTenant();
  const fake = await start({}, {}, store);
  const script = `import { DefaultAzureCredential } from '@azure/identity';
    const got = await new DefaultAzureCredential().getToken('https://management.azure.com/.default').catch((error) => error);
    console.log(JSON.stringify({ token: got.token, message: got.message }));`;
  const signIn = (signedIn: 'yes' | 'no') => {
    const az = standInCli(fake.token, store.tenantId, signedIn);
    try {
      const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        env: az.environment(fake.certificate.cert),
      });
      return JSON.parse(child.stdout) as { token?: string; message?: string };
    } finally {
      az.remove();
    }
  };
  expect(signIn('yes').token).toBe(fake.token);
  expect(signIn('no').message).toMatch(/az login/);
});
