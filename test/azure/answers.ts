/** Azure in memory: answers each request as a test says, and keeps what was asked. Sign-in is a token that may show up nowhere. */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { clouds } from '../../src/azure/clouds.ts';
import { type Inventory, type InventoryGap, Recording, type Row, type Scope } from '../../src/azure/inventory.ts';
import { Stop } from '../../src/azure/stop.ts';
import { survey } from '../../src/azure/survey.ts';

export const token = 'eyJ0b2tlbg.c2VjcmV0LXRva2Vu.c2lnbmF0dXJl';
export const subscription = '00000000-0000-4000-8000-00000000000a';
export const group = `/subscriptions/${subscription}/resourceGroups/rg`;
export const vaultId = `${group}/providers/Microsoft.RecoveryServices/vaults/rsv`;

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON. */
  readonly body?: unknown;
}

export type Asked = Pick<PipelineRequest, 'method' | 'url'> & { readonly body: string };

/** An answer, a broken connection, or none at all: one that heeds the end of the audit, or one that does not. */
export type Respond = (asked: Asked, count: number) => Answer | 'reset' | 'hang' | 'deaf';

export class Azure implements HttpClient {
  readonly asked: Asked[] = [];
  readonly #respond: Respond;

  constructor(respond: Respond) {
    this.#respond = respond;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const asked = { method: request.method, url: request.url, body: String(request.body ?? '') };
    this.asked.push(asked);
    const answer = this.#respond(asked, this.asked.length);
    if (answer === 'reset') throw new RestError('socket hang up', { code: 'ECONNRESET', request });
    if (answer === 'deaf') return new Promise(() => {});
    if (answer === 'hang')
      return new Promise((_, reject) => {
        const abort = (): void => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
        if (request.abortSignal?.aborted) abort();
        else request.abortSignal?.addEventListener('abort', abort);
      });
    const { status = 200, headers = {}, body = {} } = answer;
    return {
      request,
      status,
      headers: createHttpHeaders({ 'content-type': 'application/json; charset=utf-8', ...headers }),
      bodyAsText: typeof body === 'string' ? body : JSON.stringify(body),
    };
  }
}

export const vaultRow: Row = {
  id: vaultId,
  name: 'rsv',
  type: 'microsoft.recoveryservices/vaults',
  location: 'westeurope',
  resourceGroup: 'rg',
  subscriptionId: subscription,
  identity: null,
  properties: {
    securitySettings: {
      softDeleteSettings: { softDeleteState: 'Enabled', softDeleteRetentionPeriodInDays: 14 },
      multiUserAuthorization: 'Disabled',
    },
    redundancySettings: { standardTierStorageRedundancy: 'GeoRedundant', crossRegionRestore: 'Disabled' },
  },
};

export function itemRow(name: string, properties: Row = {}): Row {
  return {
    id: `${vaultId}/backupFabrics/Azure/protectionContainers/iaasvmcontainer;iaasvmcontainerv2;rg;${name}/protectedItems/vm;iaasvmcontainerv2;rg;${name}`,
    name: `vm;iaasvmcontainerv2;rg;${name}`,
    type: 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems',
    subscriptionId: subscription,
    properties: { backupManagementType: 'AzureIaasVM', protectionState: 'Protected', ...properties },
  };
}

export interface Rows {
  /** By the name of the query: `vaults`, `items`, ... */
  readonly graph?: Readonly<Record<string, readonly Row[]>>;
  /** Counts of items by management type. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Lists and objects by the last part of their path, in lower case. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** Whoever asks may read everything, and there is one subscription. */
export function healthy({ graph = {}, counts = {}, rest = {} }: Rows = {}): Respond {
  return ({ method, url, body }) => {
    const { pathname } = new URL(url);
    if (method === 'POST') {
      const rows = graph[queryIn(body)] ?? (queryIn(body) === 'subscriptions' ? [subscriptionRow] : []);
      return { body: graphBody(rows) };
    }
    const last = pathname.split('/').at(-1)!.toLowerCase();
    if (last === 'permissions') return { body: { value: [{ actions: ['*/read'], notActions: [] }] } };
    if (last === 'backupusagesummaries')
      return {
        body: {
          value: Object.entries(counts).map(([value, currentValue]) => ({
            name: { value },
            currentValue,
            unit: 'Count',
          })),
        },
      };
    if (last in rest) return { body: rest[last] };
    // What Resource Graph has of a Backup vault is all that it has.
    if (last === 'backupinstances') {
      const owner = `${pathname.toLowerCase()}/`;
      return { body: { value: (graph['items'] ?? []).filter(({ id }) => String(id).toLowerCase().startsWith(owner)) } };
    }
    return { status: 404, body: { error: { code: 'ResourceNotFound', message: `nothing at ${pathname}` } } };
  };
}

export const subscriptionRow: Row = {
  id: `/subscriptions/${subscription}`,
  name: 'production',
  type: 'microsoft.resources/subscriptions',
  subscriptionId: subscription,
};

export function graphBody(rows: readonly Row[], more: Row = {}): Row {
  return { totalRecords: rows.length, count: rows.length, resultTruncated: 'false', data: rows, ...more };
}

/** What a query to Resource Graph is about. */
export function queryIn(body: string): string {
  const { query } = JSON.parse(body) as { query: string };
  const types: readonly (readonly [string, string])[] = [
    ['resources/subscriptions', 'subscriptions'],
    ['/protecteditems', 'items'],
    ['/backuppolicies', 'policies'],
    ['policyassignments', 'policyAssignments'],
    ['keyvault/vaults', 'keyVaults'],
    ['networksecuritygroups', 'networks'],
    ['securityadminrules', 'adminRules'],
    ["vaults'", 'vaults'],
    ['virtualmachines/extensions', 'machineExtensions'],
    ['compute/virtualmachines', 'virtualMachines'],
    ['compute/disks', 'disks'],
    ['storage/storageaccounts', 'datasources'],
    ['volumegroups', 'elasticSan'],
    ['extensions', 'extensions'],
    ['backupjobs', 'jobs'],
    ['protectableitems', 'protectable'],
  ];
  return types.find(([type]) => query.includes(type))?.[1] ?? query;
}

export interface Surveyed {
  readonly inventory: Inventory;
  readonly gaps: readonly InventoryGap[];
  /** How often each kind of row came. */
  readonly counts: Readonly<Record<string, number>>;
  readonly azure: Azure;
  readonly lines: readonly string[];
}

export interface Conditions {
  readonly scope?: Scope;
  readonly deep?: boolean;
  readonly seconds?: number;
  /** Called as the audit goes on. */
  readonly progress?: (stop: Stop, reading: string) => void;
}

export async function surveyed(respond: Respond, conditions: Conditions = {}): Promise<Surveyed> {
  const { scope = { subscriptions: [subscription] }, deep = false, seconds = 30, progress } = conditions;
  const azure = new Azure(respond);
  const stop = new Stop(seconds);
  const lines: string[] = [];
  try {
    const recording = await survey(
      {
        cloud: clouds.AzureCloud,
        credential: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
        stop,
        version: 'test',
        httpClient: azure,
        retryDelay: 1,
      },
      scope,
      deep,
      (readAt) =>
        new Recording({ version: 1, cloud: 'AzureCloud', scope, readAt: readAt.toISOString(), deep }, (line) =>
          lines.push(line),
        ),
      progress && ((reading) => progress(stop, reading)),
    );
    const inventory = recording.inventory();
    const counts: Record<string, number> = {};
    for (const { from } of inventory.rows) counts[from] = (counts[from] ?? 0) + 1;
    return { inventory, gaps: inventory.gaps, counts, azure, lines };
  } finally {
    stop.over();
  }
}
