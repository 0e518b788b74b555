/**
 * A large inventory -> shares of it that are judged one after another, so that the model of one alone is held. A share has whole
 * subscriptions, and with each all others that anything in it may have to do with; so a share tells as much of what lies in it as all
 * of them together would. What hangs together by more than ids (identities, names of groups and accounts) hangs together here as well.
 */
import { type Inventory, type InventoryRow, type Row, Rows } from './inventory.ts';
import { keyVaultOf, objectOf, regionOf, spelt, subscriptionOf, textOf } from './row.ts';

/** So many rows take some 12 MB as a model; with more at a time the collector of garbage has more to carry along. */
const mostRows = 1000;

export interface Share {
  readonly rows: Iterable<InventoryRow>;
  /** Of all shares together; undefined where there is but one. */
  readonly all: All | undefined;
}

/** What the verdicts in a share ask of the others. */
export interface All {
  /** Where vaults lie. */
  readonly vaults: ReadonlySet<string>;
  /** Types of datasource, in lower case, of which vaults protect one that may lie in another subscription. */
  readonly protectedTypes: ReadonlySet<string>;
}

/** `most`: rows of a share, unless what hangs together has more. */
export function* sharesOf({ rows }: Inventory, most = mostRows): Generator<Share> {
  const few = startOf(rows, most);
  if (few) {
    yield { rows: few, all: undefined };
    return;
  }
  const ties = new Ties();
  for (const { row } of rows) ties.take(row);
  if (ties.isOne) {
    yield { rows, all: undefined };
    return;
  }
  const shareOf = ties.packed(most);
  const shares: Rows[] = [];
  const everywhere: InventoryRow[] = [];
  for (const entry of rows) {
    if (entry.from === 'graph:subscriptions' || entry.from === 'rest:skus') everywhere.push(entry);
    else {
      const share = shareOf.get(ties.homeOf(entry.row)) ?? 0;
      shares[share] ??= new Rows();
      shares[share].add(entry.from, entry.row);
    }
  }
  for (const [i, share] of shares.entries()) {
    if (!share) continue;
    share.close();
    delete shares[i];
    yield { rows: chained(everywhere, share), all: ties };
  }
}

/** All of them, where they are few. */
function startOf(rows: Iterable<InventoryRow>, most: number): InventoryRow[] | undefined {
  const found: InventoryRow[] = [];
  let weight = 0;
  for (const entry of rows) {
    weight += weightOf(entry.row);
    if (weight > most) return undefined;
    found.push(entry);
  }
  return found;
}

/** A list counts as much as rows of what it lists. */
function weightOf({ value }: Row): number {
  return Array.isArray(value) ? Math.max(1, value.length) : 1;
}

function* chained<T>(...lists: readonly Iterable<T>[]): Generator<T> {
  for (const list of lists) yield* list;
}

/** What the set of vaults calls one. */
export function placeOfVault(kind: string, region: string): string {
  return `${kind} ${region}`;
}

const vault = /\/providers\/microsoft\.(?:(recoveryservices)\/vaults|dataprotection\/backupvaults)\/[^/]+$/;
const endpoint = /\/providers\/microsoft\.network\/privateendpoints\/[^/]+$/;
const assignment = /\/providers\/microsoft\.authorization\/roleassignments\/[^/]+$/;
const account = /\/providers\/microsoft\.storage\/storageaccounts\/([^/]+)$/;
const policyAssignment = /\/providers\/microsoft\.authorization\/policyassignments\/[^/]+$/;
const userIdentity = /\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/]+$/;
const keyVault = /\/providers\/microsoft\.keyvault\/vaults\/([^/]+)$/;
const instance = /\/(?:deleted)?backupinstances\/[^/]+$/;
const share = /\/protecteditems\/azurefileshare;[^/]+$/;

const machine = /\/providers\/microsoft\.compute\/virtualmachines\/([^/]+)$/;
/** Servers with an agent of their own, which nothing but its name ties to the machine that one may be. */
const server = /\/(?:protectioncontainers\/(?:windows|mabcontainer);|backupengines\/)([^/]+)$/;

/** What protects: all that it names may matter, also where nothing is there. */
const protecting = /\/(?:protectioncontainers|(?:deleted)?backupinstances|backupprotectionintent)\//;

/** What names a storage account by its name or address. */
const naming = /\/providers\/microsoft\.(?:sqlvirtualmachine|kubernetesconfiguration)\//;

/** Names accounts too, or has their ids. */
const replication = /\/providers\/microsoft\.storage\/storageaccounts\/[^/]+\/objectreplicationpolicies$/;

/** Of other things, what of another subscription the model follows an id to. Networks lie where their machines do. */
const followed =
  /\/providers\/microsoft\.(?:compute\/(?:virtualmachines|disks|snapshots)|storage\/storageaccounts|containerservice\/managedclusters|(?:dbforpostgresql|dbformysql)\/\w+|documentdb\/databaseaccounts|elasticsan\/elasticsans|recoveryservices\/vaults|dataprotection\/(?:backupvaults|resourceguards))\//;

const subscriptionIn = /\/subscriptions\/([0-9a-f-]{36})(?![^/])/g;

class Ties implements All {
  /** By subscription, or by a name that several may share: one that hangs together with it. */
  readonly #next = new Map<string, string>();
  /** Rows of each subscription, in their order. */
  readonly #sizes = new Map<string, number>();
  readonly #named = new Set<string>();
  /** Subscriptions of machines by the names of their systems without domains; a set for the few names that several have. */
  readonly #hosts = new Map<string, string | Set<string>>();
  readonly #servers: (readonly [host: string, own: string])[] = [];
  readonly vaults = new Set<string>();
  readonly protectedTypes = new Set<string>();
  /** Something may protect anything. */
  isOne = false;

  take(row: Row): void {
    const id = textOf(row['id']).toLowerCase();
    const own = this.homeOf(row);
    this.#sizes.set(own, (this.#sizes.get(own) ?? 0) + weightOf(row));
    const kind = vault.exec(id);
    if (kind) this.vaults.add(placeOfVault(kind[1] ? 'recovery-services' : 'backup', regionOf(row)));
    if (userIdentity.test(id)) this.#tie(own, id);
    const keys = kind ? keyVaultOf(row) : keyVault.exec(id)?.[1];
    if (keys !== undefined) this.#tie(own, `keyvault:${keys}`);
    const properties = objectOf(spelt(row['properties']));
    if (instance.test(id)) {
      const { resourceID, datasourceType } = objectOf(properties['dataSourceInfo']);
      if (textOf(resourceID) === '') this.isOne = true;
      this.protectedTypes.add(textOf(datasourceType).toLowerCase());
    }
    // As their items call them.
    if (share.test(id)) this.protectedTypes.add('azurefileshare');
    const name = account.exec(id)?.[1];
    if (name !== undefined) this.#tie(own, `account:${name}`);
    this.#takeHosts(id, own, properties);
    const group = /\/(sqlagworkloadcontainer;[^/]+)/.exec(id)?.[1];
    if (group !== undefined) this.#tie(own, group);
    // An endpoint names its network, and is judged with its vault; an assignment is judged alone.
    if (endpoint.test(id) || policyAssignment.test(id)) return;
    const { id: _, properties: __, ...rest } = row;
    this.#follow(rest, '', id, own);
    this.#follow(properties, '', id, own);
  }

  #takeHosts(id: string, own: string, properties: Row): void {
    const agent = server.exec(id)?.[1];
    if (agent !== undefined) this.#servers.push([hostIn(agent), own]);
    const name = machine.exec(id)?.[1];
    if (name === undefined) return;
    // As the model looks for it.
    const told = [objectOf(properties['extended'])['instanceView'], properties['instanceView'], properties['osProfile']]
      .map((of) => textOf(objectOf(of)['computerName']))
      .find((one) => one !== '');
    const host = hostIn((told ?? name).toLowerCase());
    const before = this.#hosts.get(host);
    if (before === undefined) this.#hosts.set(host, own);
    else if (typeof before !== 'string') before.add(own);
    else if (before !== own) this.#hosts.set(host, new Set([before, own]));
  }

  /** `name`: that of the property which has the value. */
  #follow(value: unknown, name: string, id: string, own: string): void {
    if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value)) for (const item of value) this.#follow(item, name, id, own);
      else for (const [key, item] of Object.entries(value)) this.#follow(item, key, id, own);
      return;
    }
    if (typeof value !== 'string' || value === '') return;
    if (name === 'principalId' && (vault.test(id) || assignment.test(id))) this.#tie(own, identity(value));
    if (/storageaccount/i.test(name) && naming.test(id)) this.#tie(own, `account:${accountIn(value)}`);
    // What takes snapshots for a policy.
    if (name === 'identityArmId') this.#tie(own, value.toLowerCase());
    if (!value.includes('/')) {
      if (replication.test(id) && /^(?:source|destination)account$/i.test(name))
        this.#tie(own, `account:${accountIn(value)}`);
      return;
    }
    const text = value.toLowerCase();
    if (!text.includes('/subscriptions/')) return;
    const isProtecting = protecting.test(id);
    if (!isProtecting && !followed.test(text)) return;
    for (const [, other] of text.matchAll(subscriptionIn))
      if (other === own) continue;
      else if (isProtecting) this.#tie(own, other!);
      else this.#named.add(`${own}\n${other}`);
  }

  /** The subscription that a row is judged with; what lies in none goes with whom it gives a role. */
  homeOf(row: Row): string {
    const id = textOf(row['id']).toLowerCase();
    const properties = endpoint.test(id) || assignment.test(id) ? objectOf(spelt(row['properties'])) : {};
    // Networks are often kept apart from the vaults whose endpoints lie in them.
    for (const place of [...vaultsNamedIn(properties), id, row['owner'], row['vaultId']]) {
      const found = subscriptionOf(textOf(place));
      if (found !== undefined) return found;
    }
    const principal = textOf(properties['principalId']);
    return principal === '' ? '' : identity(principal);
  }

  /** The number of the share of each subscription. */
  packed(most: number): ReadonlyMap<string, number> {
    for (const pair of this.#named) {
      const [own, other] = pair.split('\n') as [string, string];
      if (this.#sizes.has(other)) this.#tie(own, other);
    }
    for (const [host, own] of this.#servers) {
      const found = this.#hosts.get(host);
      if (found === undefined) continue;
      const others = typeof found === 'string' ? [found] : [...found];
      for (const other of others) this.#tie(own, other);
      // They hang together now, so that the next server of the name needs one of them alone.
      this.#hosts.set(host, others[0]!);
    }
    const parts = new Map<string, { subscriptions: string[]; rows: number }>();
    for (const [subscription, rows] of this.#sizes) {
      const root = this.#rootOf(subscription);
      const part = parts.get(root) ?? { subscriptions: [], rows: 0 };
      part.subscriptions.push(subscription);
      part.rows += rows;
      parts.set(root, part);
    }
    const shares = new Map<string, number>();
    let share = 0;
    let filled = 0;
    for (const { subscriptions, rows } of parts.values()) {
      if (filled > 0 && filled + rows > most) {
        share++;
        filled = 0;
      }
      filled += rows;
      for (const subscription of subscriptions) shares.set(subscription, share);
    }
    return shares;
  }

  #rootOf(name: string): string {
    let root = name;
    for (let next = this.#next.get(root); next !== undefined; next = this.#next.get(root)) root = next;
    // The way is shorter next time.
    for (let at = name; at !== root; ) {
      const next = this.#next.get(at)!;
      this.#next.set(at, root);
      at = next;
    }
    return root;
  }

  #tie(a: string, b: string): void {
    const [one, other] = [this.#rootOf(a), this.#rootOf(b)];
    if (one !== other) this.#next.set(one, other);
  }
}

/** The name without its domain. */
function hostIn(name: string): string {
  return name.split('.', 1)[0]!;
}

function identity(principal: string): string {
  return `identity:${principal.toLowerCase()}`;
}

function accountIn(value: string): string {
  return value
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\..*$/s, '');
}

function vaultsNamedIn(properties: Row): string[] {
  const { privateLinkServiceConnections, manualPrivateLinkServiceConnections } = properties;
  return [privateLinkServiceConnections, manualPrivateLinkServiceConnections]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((one) => textOf(objectOf(objectOf(one)['properties'])['privateLinkServiceId']))
    .filter((id) => vault.test(id.toLowerCase()));
}
