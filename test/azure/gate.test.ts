/** An audit cannot write: no request leaves but a GET, or a POST to the paths that are named, and none to another host. */
import { createHttpHeaders, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { Arm } from '../../src/azure/arm.ts';
import { clouds, withEndpoint } from '../../src/azure/clouds.ts';
import { Gate, resourceGraphPath } from '../../src/azure/gate.ts';
import { Stop } from '../../src/azure/stop.ts';
import { Azure, healthy, itemRow, surveyed, token, vaultRow } from './answers.ts';

const origin = clouds.AzureCloud.arm;

function gate(): { azure: Azure; send: (method: HttpMethods, url: string) => Promise<number> } {
  const azure = new Azure(() => ({ body: {} }));
  const guarded = new Gate(origin, azure, () => 60);
  const send = async (method: HttpMethods, url: string): Promise<number> =>
    (await guarded.sendRequest(createPipelineRequest({ method, url, headers: createHttpHeaders() }))).status;
  return { azure, send };
}

describe('of all methods', () => {
  const methods: HttpMethods[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'];
  const paths = [resourceGraphPath, '/subscriptions/x', '/subscriptions/x/providers/y/vaults/v/backup'];

  test('only reads pass', async () => {
    const passed: string[] = [];
    for (const method of methods)
      for (const path of paths) {
        const { azure, send } = gate();
        await send(method, `${origin}${path}?api-version=1`).then(
          () => passed.push(`${method} ${path}`),
          (error) => expect(error).toMatchObject({ code: 'NOT_A_READ' }),
        );
        expect(azure.asked.length).toBe(passed.includes(`${method} ${path}`) ? 1 : 0);
      }
    expect(passed.sort()).toEqual([...paths.map((path) => `GET ${path}`), `POST ${resourceGraphPath}`].sort());
  });

  test.each([
    `${origin}${resourceGraphPath}/../../subscriptions/x`,
    `${origin}${resourceGraphPath}History`,
    `${origin}/subscriptions/x${resourceGraphPath}`,
    `${origin}//providers/Microsoft.ResourceGraph/resources`,
  ])('a POST that only looks like a read is none: %s', async (url) => {
    const { azure, send } = gate();
    await expect(send('POST', url)).rejects.toMatchObject({ code: 'NOT_A_READ' });
    expect(azure.asked).toEqual([]);
  });
});

test.each([
  'https://evil.example/',
  'http://management.azure.com/',
  'https://management.azure.com.evil.example/',
  'https://management.azure.com:444/',
])('nothing is sent to %s', async (url) => {
  const { azure, send } = gate();
  await expect(send('GET', url)).rejects.toMatchObject({ code: 'FOREIGN_ORIGIN' });
  expect(azure.asked).toEqual([]);
});

test('the client of Microsoft cannot write either', async () => {
  const azure = new Azure(() => ({ body: {} }));
  const stop = new Stop(30);
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const arm = new Arm({
    cloud: clouds.AzureCloud,
    credential,
    stop,
    version: 'test',
    httpClient: azure,
    retryDelay: 1,
  });
  const writes = [
    arm.objectOf('s', (client, options) => client.protectedItems.delete('v', 'g', 'Azure', 'c', 'i', options)),
    arm.objectOf('s', (client, options) =>
      client.protectedItems.createOrUpdate('v', 'g', 'Azure', 'c', 'i', {}, options),
    ),
    arm.objectOf('s', (client, options) => client.backups.trigger('v', 'g', 'Azure', 'c', 'i', {}, options)),
    arm.objectOf('s', (client, options) => client.backupResourceVaultConfigs.update('v', 'g', {}, options)),
  ];
  for (const write of writes)
    await expect(write).rejects.toMatchObject({ code: 'refused', message: /an audit only reads/ });
  stop.over();
  expect(azure.asked).toEqual([]);
});

test('a whole audit, deep as well, asks nothing but reads', async () => {
  const { azure, gaps } = await surveyed(
    healthy({
      graph: {
        vaults: [{ ...vaultRow, properties: {} }],
        items: [itemRow('a'), itemRow('db', { backupManagementType: 'AzureWorkload' })],
        datasources: [
          {
            id: '/subscriptions/x/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a',
            type: 'microsoft.storage/storageaccounts',
            kind: 'StorageV2',
          },
        ],
      },
      counts: { AzureIaasVM: 3, MAB: 1, DPM: 1, AzureWorkload: 1 },
    }),
    { deep: true },
  );
  const asked = new Set(
    azure.asked.map(({ method, url }) => `${method} ${method === 'POST' ? new URL(url).pathname : ''}`),
  );
  expect([...asked].sort()).toEqual(['GET ', `POST ${resourceGraphPath}`]);
  // The kinds of reading that were tried: a vault without settings has them all.
  expect(new Set(gaps.map(({ unread }) => unread))).toEqual(
    new Set([
      'items',
      'on-premises',
      'intents',
      'protectable',
      'vault-security',
      'vault-redundancy',
      'registrations',
      'locks',
      'diagnostics',
      'file-shares',
      'file-settings',
      'blob-settings',
      'blob-containers',
      'recovery-points',
    ]),
  );
});

test('another origin is taken where it is one', () => {
  const cloud = clouds.AzureChinaCloud;
  expect(withEndpoint(cloud, 'https://127.0.0.1:8443/')).toEqual({ ...cloud, arm: 'https://127.0.0.1:8443' });
  for (const wrong of ['http://127.0.0.1', 'https://host/path', 'https://user:pw@host', 'https://host/?a', 'host', ''])
    expect(withEndpoint(cloud, wrong)).toBeUndefined();
});
