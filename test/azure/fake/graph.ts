/** Resource Graph over the row store: POST /providers/Microsoft.ResourceGraph/resources. */
import { createHmac, randomBytes } from 'node:crypto';
import { parseQuery, type Query, valueAt } from './query.ts';
import { groupOf, type Row, subscriptionOf } from './rows.ts';
import { type Selection, type Store, subscriptionsBelow } from './store.ts';
import { allows, reader, type Switches } from './switches.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Request {
  readonly subscriptions?: readonly string[];
  readonly managementGroups?: readonly string[];
  readonly query?: string;
  readonly options?: {
    readonly $top?: number;
    readonly $skip?: number;
    readonly $skipToken?: string;
    readonly resultFormat?: string;
    readonly allowPartialScopes?: boolean;
  };
}

const largestPage = 1000;
const mostSubscriptions = 1000;

/** Types of each table that the fake has rows of. */
const typesOf: Readonly<Record<string, (type: string) => boolean>> = {
  resourcecontainers: (type) => type.startsWith('microsoft.resources/subscriptions'),
  elasticsanresources: (type) => type.startsWith('microsoft.elasticsan/elasticsans/'),
  kubernetesconfigurationresources: (type) => type.startsWith('microsoft.kubernetesconfiguration/'),
  policyresources: (type) => type === 'microsoft.authorization/policyassignments',
  networkresources: (type) => type === 'microsoft.network/effectivesecurityadminrules',
  authorizationresources: (type) => type.startsWith('microsoft.authorization/'),
  recoveryservicesresources: (type) =>
    /^microsoft\.(recoveryservices\/vaults|dataprotection\/backupvaults)\/./.test(type),
};

export class ResourceGraph {
  readonly #store: Store;
  readonly #switches: Switches;
  readonly #now: () => number;
  readonly #key = randomBytes(16);
  readonly #asked: number[] = [];
  /** Filtered rows of the last question: its pages follow each other. */
  #last: { readonly question: string; readonly rows: readonly Row[] } | undefined;

  constructor(store: Store, switches: Switches, now: () => number) {
    this.#store = store;
    this.#switches = switches;
    this.#now = now;
  }

  answer(request: Request): Reply {
    const refused = this.#takeQuota();
    if (refused) return refused;
    const options = request.options ?? {};
    const top = options.$top ?? 100;
    if (!Number.isInteger(top) || top < 1 || top > largestPage) return invalid(`$top ${top} is not from 1 to 1000`);
    if ((options.resultFormat ?? 'objectArray') !== 'objectArray') return invalid('resultFormat is not known here');
    if (typeof request.query !== 'string') return invalid('query is missing');
    const query = parseQuery(request.query);
    if (typeof query === 'string') return invalid(query);
    if (query.types.length === 0) return invalid('the fake wants a type');
    if (request.subscriptions && request.managementGroups)
      return invalid('subscriptions and managementGroups together');
    const wrongTable = query.types.find((type) => tableOf(type) !== query.table);
    // Not an error in Azure either: such a query finds nothing.
    const types = wrongTable ? query.types.filter((type) => tableOf(type) === query.table) : query.types;

    let scope: readonly string[];
    let limited = false;
    if (request.managementGroups) {
      const below = request.managementGroups.map((group) => subscriptionsBelow(this.#store, group));
      const missing = request.managementGroups.find((_, i) => below[i] === undefined);
      if (missing !== undefined) return forbidden(`management group ${missing}`);
      const all = below.flatMap((list) => list ?? []);
      const most = this.#switches.subscriptionLimit ?? 10_000;
      limited = all.length > most;
      scope = all.slice(0, most);
    } else {
      if ((request.subscriptions?.length ?? 0) > mostSubscriptions) return invalid('more than 1000 subscriptions');
      scope = request.subscriptions?.map((id) => id.toLowerCase()) ?? this.#store.subscriptions.map(({ id }) => id);
    }
    const known = new Set(this.#store.subscriptions.map(({ id }) => id));
    const readable = scope.filter((id) => known.has(id) && this.#rights(id).actions.length > 0);
    // Rows that may not be read are left out silently; nothing readable at all is an error.
    if (readable.length === 0) return forbidden('the listed subscriptions');

    const question = JSON.stringify([request.query, scope]);
    let from = options.$skip ?? 0;
    if (options.$skipToken !== undefined) {
      const offset = this.#readToken(options.$skipToken, question);
      if (offset === undefined) return error(400, 'BadRequest', 'InvalidSkipToken', 'The skip token is not valid.');
      from = offset;
    }
    const selection = this.#select(query, types, readable, question);
    const size = Math.min(top, this.#switches.pageSize ?? largestPage);
    const rows = selection.rows(from, size);
    const withId = !query.columns || query.columns.some(({ name }) => name === 'id');
    const rest = selection.total - from - rows.length;
    return {
      status: 200,
      headers: {
        'x-ms-resource-graph-request-duration': '0:00:00:00.0578580',
        ...(limited ? { 'x-ms-tenant-subscription-limit-hit': 'true' } : {}),
      },
      body: {
        totalRecords: selection.total,
        count: rows.length,
        data: rows.map((row) => this.#project(row, query)),
        facets: [],
        // Without ids there is no way on, and Azure says so with a text.
        resultTruncated: rest > 0 && !withId ? 'true' : 'false',
        ...(rest > 0 && withId ? { $skipToken: this.#writeToken(from + rows.length, question) } : {}),
      },
    };
  }

  /** After each answer, and after a refused one too. */
  quotaHeaders(): Record<string, string> {
    const { quota } = this.#switches;
    const left = quota ? Math.max(0, quota.limit - this.#asked.length) : 14;
    const resets = quota ? Math.ceil(this.#waitMs() / 1000) : 5;
    return {
      'x-ms-user-quota-remaining': String(left),
      'x-ms-user-quota-resets-after': new Date(resets * 1000).toISOString().slice(11, 19),
      'x-ms-ratelimit-remaining-tenant-resource-requests': String(left),
    };
  }

  #waitMs(): number {
    const first = this.#asked[0];
    return first === undefined ? 0 : Math.max(0, first + this.#switches.quota!.windowMs - this.#now());
  }

  #takeQuota(): Reply | undefined {
    const { quota } = this.#switches;
    if (!quota) return undefined;
    while (this.#asked.length > 0 && this.#asked[0]! <= this.#now() - quota.windowMs) this.#asked.shift();
    if (this.#asked.length < quota.limit) {
      this.#asked.push(this.#now());
      return undefined;
    }
    const reply = error(
      429,
      'RateLimiting',
      'RateLimiting',
      'Client application has been throttled and should not continue to make requests at this time.',
    );
    return { ...reply, headers: { 'retry-after': String(Math.max(1, Math.ceil(this.#waitMs() / 1000))) } };
  }

  #rights(subscription: string) {
    return this.#switches.rights?.(subscription) ?? reader;
  }

  #select(query: Query, types: readonly string[], subscriptions: readonly string[], question: string): Selection {
    const { rights, graphLacks } = this.#switches;
    const all = this.#store.select(types, subscriptions);
    if (!rights && !graphLacks && query.since.length === 0 && query.equals.length === 0) return all;
    if (this.#last?.question !== question) {
      const visible = all.rows(0, all.total).filter((row) => {
        if (graphLacks?.(row)) return false;
        if (!allows(this.#rights(subscriptionOf(row.id)), `${row.type}/read`)) return false;
        const seen = this.#row(row);
        return (
          query.since.every(({ path, milliseconds }) => {
            const at = Date.parse(String(valueAt(seen, path)));
            return at >= this.#now() - milliseconds;
          }) && query.equals.every(({ path, values }) => values.includes(String(valueAt(seen, path)).toLowerCase()))
        );
      });
      this.#last = { question, rows: visible };
    }
    const { rows } = this.#last;
    return { total: rows.length, rows: (from, count) => rows.slice(from, from + count) };
  }

  #project(row: Row, query: Query): Record<string, unknown> {
    const full: Record<string, unknown> = this.#row(row);
    for (const { name, path } of query.extended) full[name] = valueAt(full, path);
    if (!query.columns) return full;
    return Object.fromEntries(query.columns.map(({ name, path }) => [name, valueAt(full, path)]));
  }

  #row(row: Row): Record<string, unknown> {
    const { graphSays, withoutVaultSettings, newKind, letterCase, propertiesAsText } = this.#switches;
    let properties: Record<string, unknown> = { ...row.properties, ...row.graphProperties, ...graphSays?.(row) };
    if (withoutVaultSettings && row.type === 'Microsoft.RecoveryServices/vaults')
      for (const name of ['securitySettings', 'redundancySettings', 'backupStorageVersion']) delete properties[name];
    if (newKind?.(row)) properties['protectedItemType'] = 'AzureThingOfTomorrowProtectedItem';
    let id = row.id;
    if (letterCase === 'noisy') {
      id = noisyId(id, 1);
      properties = noisyValue(properties) as Record<string, unknown>;
    }
    return {
      id,
      name: row.name,
      type: row.type.toLowerCase(),
      tenantId: this.#store.tenantId,
      kind: row.kind ?? '',
      location: row.location ?? '',
      resourceGroup: groupOf(row.id),
      subscriptionId: subscriptionOf(row.id),
      managedBy: row.managedBy ?? '',
      sku: row.sku ?? null,
      plan: null,
      properties: propertiesAsText ? JSON.stringify(properties) : properties,
      tags: row.tags ?? null,
      identity: row.identity ?? null,
      zones: row.zones ?? null,
      extendedLocation: null,
    };
  }

  #writeToken(offset: number, question: string): string {
    return Buffer.from(JSON.stringify({ o: offset, m: this.#sign(offset, question) })).toString('base64');
  }

  #readToken(token: string, question: string): number | undefined {
    try {
      const { o, m } = JSON.parse(Buffer.from(token, 'base64').toString());
      return Number.isInteger(o) && m === this.#sign(o, question) ? o : undefined;
    } catch {
      return undefined;
    }
  }

  #sign(offset: number, question: string): string {
    return createHmac('sha256', this.#key).update(`${offset} ${question}`).digest('base64url').slice(0, 20);
  }
}

function tableOf(type: string): string {
  return Object.entries(typesOf).find(([, holds]) => holds(type))?.[0] ?? 'resources';
}

function invalid(message: string): Reply {
  return error(400, 'BadRequest', 'InvalidQuery', `Query is invalid: ${message}.`);
}

function forbidden(what: string): Reply {
  return error(403, 'AccessDenied', 'AccessDenied', `Access is denied to ${what}.`);
}

function error(status: number, code: string, detail: string, message: string): Reply {
  return {
    status,
    body: {
      error: {
        code,
        message: 'Please provide below info when asking for support: timestamp, correlationId.',
        details: [{ code: detail, message }],
      },
    },
  };
}

/** The spellings that recordings show, chosen by the text itself so that they stay the same. */
export function noisyId(id: string, salt = 0): string {
  if (!/^(https:\/\/[^/]+)?\/subscriptions\//i.test(id)) return id;
  let sum = salt;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) % 9973;
  if (sum % 4 === 0) return id.toLowerCase();
  if (sum % 4 === 1)
    return id.replace('/resourceGroups/', '/resourcegroups/').replace('/backupVaults/', '/BackupVaults/');
  if (sum % 4 === 2)
    return id.replace('/subscriptions/', '/Subscriptions/').replace('Microsoft.Storage', 'Microsoft.storage');
  return id;
}

function noisyValue(value: unknown): unknown {
  if (typeof value === 'string') return noisyId(value);
  if (Array.isArray(value)) return value.map(noisyValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, noisyValue(inner)]));
}
