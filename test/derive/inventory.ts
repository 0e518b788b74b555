/**
 * The recording that an audit would make of what a template deploys: the rows that the queries of the survey ask for, with the columns
 * that they ask for, and the lists that it reads one by one, as Azure answers them.
 *
 * They come from our own evaluation of the template and from what is known of answers (test/azure/fake, real recordings), so they are
 * no independent oracle of Azure. What they show is that reading an inventory and linking what is in it agrees with reading the template.
 *
 * What is declared elsewhere is there, and nothing is told of it. What a template leaves open is, in an audit, what Azure did not tell
 * or what could not be read: `untold` leaves the properties out of a row, `unread` the row altogether, with a gap that says so.
 */
import { type Fact, Recording, type Row } from '../../src/azure/inventory.ts';
import {
  assignmentsQuery,
  elasticSanQuery,
  extensionsQuery,
  keyVaultsQuery,
  networkQueries,
  type Query,
  sweep,
} from '../../src/azure/queries.ts';
import { Tally } from '../../src/azure/tally.ts';
import type { Configuration } from '../../src/evaluate/resource.ts';
import { valueAt } from '../azure/fake/query.ts';
import { answersOf, servicePolicies, type Told } from './service.ts';
import { deploymentOf, has, hole, type Json, ownerOf, subscription, typeIn } from './template.ts';

export type Missing = 'nothing' | 'untold' | 'unread';

export interface Recorded {
  readonly text: string;
  /** Of what the template calls by an address. */
  readonly ids: ReadonlyMap<string, string>;
}

/** All of it is read: the group at its root is called like it. */
const tenant = '99999999-9999-9999-9999-999999999999';

/** When Azure was read: the day of the tests. */
const readAt = '2026-06-15T06:00:00Z';

/** undefined: of what an audit reads nothing is missing in that way. */
export function inventoryOf(configuration: Configuration, missing: Missing): Recorded | undefined {
  const { deployed, perhaps, existing, nameless, ids } = deploymentOf(configuration, missing !== 'nothing');
  const all = deployed.flatMap((one) => answersOf(one, [...deployed, ...perhaps]));
  const told = all.filter((one) => isRead(one, missing));
  if (missing === 'untold' && !told.some((one) => has(one.properties) && factOf(one.type) !== undefined))
    return undefined;
  const lines: string[] = [];
  const recording = new Recording(
    { version: 1, cloud: 'AzureCloud', scope: { managementGroup: tenant }, readAt, deep: true },
    (line) => lines.push(line),
  );
  const unread = [
    ...[...all.filter((one) => !told.includes(one)), ...perhaps].map(({ id, type }) => ({ type, id })),
    ...nameless.map((type) => ({ type, id: '' })),
    // Then it is what may stand elsewhere that is not known.
  ];
  if (missing === 'unread' && unread.length === 0) unread.push({ type: '', id: '' });
  for (const { type, id } of unread)
    recording.miss({
      unread: (isRegistration({ id, type }) ? 'registrations' : factOf(type)) ?? 'everything',
      scope: `/subscriptions/${subscriptionIn(id) || subscription}`,
      because: 'the right to read it is missing',
      code: 'forbidden',
    });
  const read = new Reading([...told, ...elsewhere(told, [...all, ...perhaps], existing)], unread);
  for (const [from, rows] of read.lists()) recording.add(from, rows);
  recording.end();
  return { text: `${lines.join('\n')}\n`, ids };
}

/** Whether Azure answers with it at all. */
function isRead({ properties, ...columns }: Told, missing: Missing): boolean {
  // Roles are asked for by what stands in their properties.
  const isAskedFor = missing === 'untold' && !/\/roleassignments$/i.test(columns.type);
  return !has(columns) && (isAskedFor || !has(properties));
}

/** What the answers name and the template does not declare. */
function elsewhere(
  told: readonly Told[],
  declared: readonly Pick<Told, 'id'>[],
  existing: readonly Pick<Told, 'id'>[],
): Told[] {
  const known = new Set(declared.map(({ id }) => id.toLowerCase()));
  const found = new Map<string, Told>();
  const add = (text: unknown): void => {
    const id = typeof text === 'string' && isId.test(text) ? text : '';
    const type = id && typeIn(id);
    if (known.has(id.toLowerCase()) || !queries.some((query) => typesIn(query).includes(type.toLowerCase()))) return;
    const name = id.split('/').at(-1)!;
    const isPolicy = /^microsoft\.recoveryservices\/vaults\/backuppolicies$/i.test(type);
    const properties = (isPolicy && servicePolicies[name.toLowerCase()]) || hole;
    found.set(id.toLowerCase(), { id, name, type, owner: ownerOf(id), properties });
  };
  for (const { id, owner, properties } of told) {
    // The other end of a replication is an account somewhere.
    if (/\/objectreplicationpolicies\//i.test(id))
      for (const end of ['sourceAccount', 'destinationAccount'])
        add(owner.replace(/[^/]+$/, String((properties as Json)[end])));
    add(/^.*?\/(?:Microsoft\.RecoveryServices\/vaults|Microsoft\.DataProtection\/backupVaults)\/[^/]+/i.exec(id)?.[0]);
    visit(properties, add);
  }
  for (const { id } of existing) add(id);
  return [...found.values()];
}

const isId = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+(?:\/[^/]+\/[^/]+)+$/i;

function visit(value: unknown, take: (text: unknown) => void): void {
  if (typeof value !== 'object' || value === null) take(value);
  else for (const inner of Object.values(value)) visit(inner, take);
}

const queries: readonly Query[] = [
  ...sweep,
  elasticSanQuery,
  extensionsQuery,
  keyVaultsQuery,
  assignmentsQuery,
  ...networkQueries,
];

/** In lower case. */
function typesIn({ text }: Query): string[] {
  return [.../ type (?:=~|in~) ([^|]+)/.exec(text)![1]!.matchAll(/'([^']+)'/g)].map(([, type]) => type!);
}

type Wanted = (one: Told) => boolean;

/** Of a query for some kinds of a type; what does not tell its kind may be of one. */
function isOfKind({ text }: Query): Wanted {
  const [, name = '', list] = / tostring\(properties\.(\w+)\) in~ ([^|]+)/.exec(text) ?? [];
  return ({ properties }) => {
    const kind = (properties as Json | undefined)?.[name];
    return list === undefined || typeof kind !== 'string' || list.toLowerCase().includes(`'${kind.toLowerCase()}'`);
  };
}

/** Of what has no id it is not known where it lies. */
type Unread = Pick<Told, 'id' | 'type'>;

/** What is read, in the order of the survey. */
class Reading {
  readonly #rows: readonly Told[];
  readonly #unread: readonly Unread[];
  readonly #tally = new Tally(true);
  readonly #lists: [string, readonly Row[]][] = [];

  constructor(rows: readonly Told[], unread: readonly Unread[]) {
    this.#rows = rows;
    this.#unread = unread;
  }

  get subscriptions(): ReadonlySet<string> {
    return new Set([subscription, ...this.#rows.map(({ id }) => subscriptionIn(id)).filter((id) => id !== '')]);
  }

  lists(): readonly (readonly [string, readonly Row[]])[] {
    const subscriptions = [...this.subscriptions].map((id) => ({
      id: `/subscriptions/${id}`,
      name: id,
      type: 'microsoft.resources/subscriptions',
      subscriptionId: id,
      tenantId: tenant,
    }));
    this.#lists.push(['graph:subscriptions', subscriptions]);
    this.#tally.take('graph:subscriptions', subscriptions);
    for (const query of sweep) this.#ask(query, isOfKind(query));
    if (this.#tally.hasElasticSans) this.#ask(elasticSanQuery);
    if (this.#tally.hasClusters) this.#ask(extensionsQuery);
    if (this.#tally.namesKeyVaults) this.#ask(keyVaultsQuery);
    // What they are for stands elsewhere in the tenant.
    this.#ask(assignmentsQuery, isOfKind(assignmentsQuery));
    if (this.#tally.withoutBackups.length > 0) for (const query of networkQueries) this.#ask(query);
    for (const id of this.#tally.snapshotIdentities) {
      const found = this.#rows.filter((one) => one.id.toLowerCase() === id.toLowerCase()).map(restRow);
      this.#lists.push(['rest:userAssignedIdentities', found]);
      this.#tally.take('rest:userAssignedIdentities', found);
    }
    for (const { principal, subscription: own } of this.#tally.workers)
      this.#listRoles(principal, `/subscriptions/${own}`);
    for (const id of this.#tally.protectedClusters)
      this.#list('rest:trustedAccessRoleBindings', id, '/trustedAccessRoleBindings', /\/trustedaccessrolebindings$/i);
    for (const { id, kind } of this.#tally.vaults) if (kind === 'recovery-services') this.#readVault(id);
    this.#readDeep();
    return this.#lists;
  }

  #ask(query: Query, wanted: Wanted = () => true): void {
    const columns = / project ([^|]+) \|/.exec(query.text)![1]!.split(', ');
    const types = typesIn(query);
    const found = this.#rows
      .filter((one) => types.includes(one.type.toLowerCase()) && wanted(one))
      .sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1))
      .map((one) => graphRow(one, columns))
      .map(query.kept ?? ((row) => row));
    this.#lists.push([query.from, found]);
    this.#tally.take(query.from, found);
  }

  #listRoles(principal: string, scope: string): void {
    if (this.#isOpen || this.#isUnread(scope, /\/roleassignments$/i)) return;
    const value = this.#rows.filter((one) => {
      const { principalId } = (one.properties ?? {}) as Json;
      return (
        /\/roleassignments$/i.test(one.type) && isIn(one, scope) && String(principalId).toLowerCase() === principal
      );
    });
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
    this.#lists.push(['rest:roleAssignments', [{ id, principalId: principal, value: value.map(restRow) }]]);
  }

  /** What Resource Graph does not have of it. */
  #readVault(vault: string): void {
    const add = (from: string, type: RegExp, shaped: (one: Told) => Row = restRow): void => {
      const found = this.#rows.filter((one) => type.test(one.type) && isIn(one, vault) && !isRegistration(one));
      if (found.length > 0) this.#lists.push([from, found.map(shaped)]);
    };
    const ofVault = (one: Told): Row => ({ ...restRow(one), vaultId: vault });
    add('rest:backupProtectionContainers', /\/protectioncontainers$/i);
    add('rest:backupEngines', /\/backupengines$/i);
    add('rest:backupProtectionIntents', /\/backupprotectionintent$/i);
    add('rest:backupconfig', /\/backupconfig$/i, ofVault);
    add('rest:backupstorageconfig', /\/backupstorageconfig$/i, ofVault);
    if (!this.#unread.some((one) => isRegistration(one) && (one.id === '' || isIn(one, vault)))) {
      const value = this.#rows.filter((one) => isRegistration(one) && isIn(one, vault)).map(restRow);
      this.#lists.push(['rest:registrations', [{ id: `${vault}/backupProtectionContainers`, vaultId: vault, value }]]);
    }
    if (!this.#unread.some((one) => /\/replicationfabrics(?:\/|$)/i.test(one.type))) {
      const value = this.#rows
        .filter((one) => /\/replicationfabrics$/i.test(one.type) && isIn(one, vault))
        .map(restRow);
      this.#lists.push(['rest:replicationFabrics', [{ id: `${vault}/replicationFabrics`, vaultId: vault, value }]]);
    }
    const guards = /\/backupresourceguardproxies$/i;
    if (this.#rows.some((one) => guards.test(one.type) && isIn(one, vault)))
      this.#list('rest:backupResourceGuardProxies', vault, '/backupResourceGuardProxies', guards);
  }

  #readDeep(): void {
    for (const id of this.subscriptions)
      this.#list('rest:locks', `/subscriptions/${id}`, '/providers/Microsoft.Authorization/locks', /\/locks$/i);
    for (const { id } of this.#isOpen ? [] : this.#tally.vaults)
      this.#list(
        'rest:diagnosticSettings',
        id,
        '/providers/Microsoft.Insights/diagnosticSettings',
        /\/diagnosticsettings$/i,
      );
    for (const id of this.#tally.sqlMachines)
      this.#lists.push(['rest:sqlVirtualMachines', this.#rows.filter((one) => one.id === id).map(restRow)]);
    for (const id of this.#tally.storageAccounts('files')) {
      const own = this.#rows.find((one) => /\/fileservices$/i.test(one.type) && isIn(one, id));
      const without = { id: `${id}/fileServices/default`, name: 'default', properties: {} };
      if (!this.#isUnread(id, /\/fileservices$/i))
        this.#lists.push(['rest:fileServices', [own ? restRow(own) : without]]);
      this.#list('rest:shares', id, '/fileServices/default/shares', /\/fileservices\/shares$/i);
    }
    for (const id of this.#tally.storageAccounts('blobs')) {
      const own = this.#rows.find((one) => /\/blobservices$/i.test(one.type) && isIn(one, id));
      const without = { id: `${id}/blobServices/default`, name: 'default', properties: {} };
      if (!this.#isUnread(id, /\/blobservices$/i))
        this.#lists.push(['rest:blobServices', [own ? restRow(own) : without]]);
      this.#list('rest:blobContainers', id, '/blobServices/default/containers', /\/blobservices\/containers$/i);
    }
    for (const id of this.#tally.protectedAccounts()) {
      this.#list('rest:managementPolicies', id, '/managementPolicies', /\/managementpolicies$/i);
      this.#list('rest:objectReplicationPolicies', id, '/objectReplicationPolicies', /\/objectreplicationpolicies$/i);
    }
  }

  #list(from: string, owner: string, path: string, type: RegExp): void {
    if (this.#isUnread(owner, type)) return;
    const value = this.#rows.filter((one) => type.test(one.type) && isIn(one, owner)).map(restRow);
    this.#lists.push([from, [{ id: `${owner}${path}`, owner, value }]]);
  }

  /** Then nothing tells what else stands around what is there. */
  get #isOpen(): boolean {
    return this.#unread.some(({ type }) => type === '');
  }

  /** Then Azure answers nothing. */
  #isUnread(owner: string, type: RegExp): boolean {
    return this.#unread.some((one) => type.test(one.type) && (one.id === '' || isIn(one, owner)));
  }
}

/** Of a storage account or a machine, which --deep lists; agents are registered as well. */
function isRegistration({ id, type }: Unread): boolean {
  return /\/protectioncontainers$/i.test(type) && !/\/(?:windows|mabcontainer);[^/]*$/i.test(id);
}

function isIn({ id }: Unread, place: string): boolean {
  return id.toLowerCase().startsWith(`${place.toLowerCase()}/`);
}

/** Types are in lower case there, and null stands where there is nothing. */
function graphRow(one: Told, columns: readonly string[]): Row {
  const all: Json = {
    ...one,
    type: one.type.toLowerCase(),
    resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(one.id)?.[1]?.toLowerCase(),
    subscriptionId: subscriptionIn(one.id),
    properties: inGraph(toldOf(one)),
  };
  return Object.fromEntries(
    columns.map((column) => {
      const [name, path] = column.split(' = ') as [string, string?];
      return [name, valueAt(all, (path ?? name).split('.'))];
    }),
  );
}

/** Automated Backup is told where a read of its own asks for it. */
function inGraph(properties: unknown): unknown {
  const { autoBackupSettings: _, ...rest } = (properties ?? {}) as Json;
  return properties && rest;
}

function restRow(one: Told): Row {
  const { owner: _, properties: __, ...rest } = one;
  const properties = toldOf(one);
  return { ...rest, ...(properties !== undefined && { properties }) };
}

function toldOf({ properties }: Told): unknown {
  return has(properties) ? undefined : properties;
}

function subscriptionIn(id: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';
}

/** What an audit misses where it cannot read things of the type; undefined for what it never reads. */
export function factOf(type: string): Fact | undefined {
  const lower = type.toLowerCase();
  const query = queries.find((one) => typesIn(one).includes(lower));
  return query?.fact ?? others.find(([pattern]) => pattern.test(lower))?.[1];
}

const others: readonly (readonly [RegExp, Fact])[] = [
  [/\/roleassignments$/, 'access'],
  [/\/trustedaccessrolebindings$/, 'trusted-access'],
  [/\/userassignedidentities$/, 'identities'],
  [/\/vaults\/replicationfabrics(?:\/|$)/, 'site-recovery'],
  [/\/locks$/, 'locks'],
  [/\/diagnosticsettings$/, 'diagnostics'],
  [/\/fileservices$/, 'file-settings'],
  [/\/fileservices\/shares$/, 'file-shares'],
  [/\/blobservices$/, 'blob-settings'],
  [/\/blobservices\/containers$/, 'blob-containers'],
  [/\/managementpolicies$/, 'lifecycle'],
  [/\/objectreplicationpolicies$/, 'replication'],
  [/\/backupprotectionintent$/, 'intents'],
  [/\/(?:protectioncontainers|backupengines)$/, 'on-premises'],
  [/\/(?:backupconfig|backupencryptionconfigs|backupresourceguardproxies)$/, 'vault-security'],
  [/\/backupstorageconfig$/, 'vault-redundancy'],
];
