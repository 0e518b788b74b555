/** What later calls need to know of the rows that came: which vaults there are, what each protects, and whose identities work on it. */
import { managementOf, type Row, vaultOf } from './inventory.ts';
import { objectOf, regionOf, sizeOf, textOf } from './row.ts';

export interface Vault {
  /** As Azure wrote it. */
  readonly id: string;
  readonly subscription: string;
  readonly group: string;
  readonly name: string;
  readonly kind: 'recovery-services' | 'backup';
  /** What the row of Resource Graph tells. */
  readonly row: Row;
  /** Items that Resource Graph has of it, by management type in lower case. */
  readonly items: Map<string, { active: number; deleted: number }>;
}

/** Sizes that the machines of a region have. */
export interface SizesInUse {
  /** One with such machines: what a size has is the same in all. */
  readonly subscription: string;
  /** In lower case. */
  readonly names: Set<string>;
}

const vaultTypes: Readonly<Record<string, Vault['kind']>> = {
  'microsoft.recoveryservices/vaults': 'recovery-services',
  'microsoft.dataprotection/backupvaults': 'backup',
};

/** An identity, and where it works on what is protected. */
export interface Worker {
  /** In lower case, both. */
  readonly principal: string;
  readonly subscription: string;
}

export class Tally {
  readonly #vaults = new Map<string, Vault>();
  readonly #subscriptions = new Set<string>();
  #hasClusters = false;
  #hasElasticSans = false;
  readonly #storageAccounts: { id: string; kind: string }[] = [];
  readonly #items: string[] = [];
  readonly #sizes = new Map<string, SizesInUse>();
  /** Subscriptions in which a Backup vault works for its instances, and in which the backup of a cluster works, by id in lower case. */
  readonly #reach = new Map<string, Set<string>>();
  /** Identities by the id of what has them, in lower case; those of an extension by that of its cluster. */
  readonly #identities = new Map<string, Set<string>>();
  readonly #deep: boolean;

  /** `deep`: ids of items and storage accounts are kept as well. */
  constructor(deep: boolean) {
    this.#deep = deep;
  }

  /** In the order of their ids. */
  get vaults(): readonly Vault[] {
    return [...this.#vaults.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Ids in lower case, of those that Azure listed. */
  get subscriptions(): ReadonlySet<string> {
    return this.#subscriptions;
  }

  get hasClusters(): boolean {
    return this.#hasClusters;
  }

  get hasElasticSans(): boolean {
    return this.#hasElasticSans;
  }

  /** Those that have the service, by their kind. */
  storageAccounts(service: 'files' | 'blobs'): readonly string[] {
    const without = service === 'files' ? ['blobstorage', 'blockblobstorage'] : ['filestorage'];
    return this.#storageAccounts.filter(({ kind }) => !without.includes(kind)).map(({ id }) => id);
  }

  /** Of machines, by their region. */
  get sizes(): ReadonlyMap<string, SizesInUse> {
    return this.#sizes;
  }

  /** Ids of items and instances. */
  get items(): readonly string[] {
    return this.#items;
  }

  /** Where an identity works in a subscription of which nothing is read, there is nothing to judge either. */
  get workers(): readonly Worker[] {
    const found = new Map<string, Worker>();
    for (const [id, subscriptions] of this.#reach)
      for (const principal of this.#identities.get(id) ?? [])
        for (const subscription of subscriptions)
          if (this.#subscriptions.has(subscription))
            found.set(`${principal}\n${subscription}`, { principal, subscription });
    return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, worker]) => worker);
  }

  /** Ids in lower case of clusters that Backup vaults protect. */
  get protectedClusters(): readonly string[] {
    const isRead = (id: string): boolean => this.#subscriptions.has(/^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? '');
    return [...this.#reach.keys()].filter((id) => id.includes('/managedclusters/') && isRead(id)).sort();
  }

  take(from: string, rows: readonly Row[]): void {
    for (const row of rows) {
      const id = textOf(row['id']);
      const type = textOf(row['type']).toLowerCase();
      if (from === 'graph:subscriptions') this.#subscriptions.add(textOf(row['subscriptionId']).toLowerCase());
      else if (from === 'graph:vaults') this.#takeVault(id, type, row);
      else if (from === 'graph:items') this.#takeItem(id, type, row);
      else if (from === 'graph:virtualMachines') this.#takeSize(row);
      else if (from === 'graph:datasources') {
        if (type === 'microsoft.containerservice/managedclusters') {
          this.#hasClusters = true;
          this.#takeIdentity(id, row['identity']);
        }
        if (type === 'microsoft.elasticsan/elasticsans') this.#hasElasticSans = true;
        if (this.#deep && type === 'microsoft.storage/storageaccounts')
          this.#storageAccounts.push({ id, kind: textOf(row['kind']).toLowerCase() });
      } else if (from === 'graph:extensions') {
        const { extensionType, aksAssignedIdentity } = objectOf(row['properties']);
        const cluster = id.replace(/\/providers\/microsoft\.kubernetesconfiguration\/.*$/i, '');
        if (/^microsoft\.dataprotection\.kubernetes$/i.test(textOf(extensionType)))
          this.#takeIdentity(cluster, aksAssignedIdentity);
      }
    }
  }

  #takeVault(id: string, type: string, row: Row): void {
    const kind = vaultTypes[type];
    const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/[^/]+\/[^/]+\/([^/]+)$/i.exec(id);
    if (!kind || !match) return;
    const [, subscription = '', group = '', name = ''] = match;
    // Recovery Services vaults work with rights of their service, and one with several identities with any of them.
    const { userAssignedIdentities } = objectOf(row['identity']);
    if (kind === 'backup' && Object.keys(objectOf(userAssignedIdentities)).length === 0)
      this.#takeIdentity(id, row['identity']);
    this.#vaults.set(id.toLowerCase(), { id, subscription, group, name, kind, row, items: new Map() });
  }

  #takeSize(row: Row): void {
    const region = regionOf(row);
    const size = sizeOf(row);
    const subscription = textOf(row['subscriptionId']).toLowerCase();
    if (!this.#deep || region === '' || size === '' || subscription === '') return;
    const known = this.#sizes.get(region);
    if (known) known.names.add(size);
    else this.#sizes.set(region, { subscription, names: new Set([size]) });
  }

  #takeItem(id: string, type: string, row: Row): void {
    const isDeletedInstance = type.endsWith('/deletedbackupinstances');
    if (this.#deep && !isDeletedInstance) this.#items.push(id);
    if (type === 'microsoft.dataprotection/backupvaults/backupinstances')
      this.#takeInstance(vaultOf(id.toLowerCase()), objectOf(row['properties']));
    const vault = this.#vaults.get(vaultOf(id.toLowerCase()));
    if (vault?.kind !== 'recovery-services') return;
    const management = managementOf(row);
    const count = vault.items.get(management) ?? { active: 0, deleted: 0 };
    const isDeleted = objectOf(row['properties'])['isScheduledForDeferredDelete'] === true;
    vault.items.set(management, {
      active: count.active + (isDeleted ? 0 : 1),
      deleted: count.deleted + (isDeleted ? 1 : 0),
    });
  }

  #takeInstance(vault: string, { dataSourceInfo, policyInfo }: Row): void {
    const source = textOf(objectOf(dataSourceInfo)['resourceID']).toLowerCase();
    const stores = objectOf(objectOf(policyInfo)['policyParameters'])['dataStoreParametersList'];
    const groups = Array.isArray(stores) ? stores.map((one) => textOf(objectOf(one)['resourceGroupId'])) : [];
    const isCluster = /\/providers\/microsoft\.containerservice\/managedclusters\/[^/]+$/.test(source);
    for (const owner of isCluster ? [vault, source] : [vault]) {
      const reach = this.#reach.get(owner) ?? new Set();
      this.#reach.set(owner, reach);
      for (const place of [source, ...groups]) {
        const subscription = /^\/subscriptions\/([^/]+)/i.exec(place)?.[1];
        if (subscription !== undefined) reach.add(subscription.toLowerCase());
      }
    }
  }

  #takeIdentity(id: string, identity: unknown): void {
    const { principalId, userAssignedIdentities } = objectOf(identity);
    const others = Object.values(objectOf(userAssignedIdentities)).map((one) => objectOf(one)['principalId']);
    const principals = this.#identities.get(id.toLowerCase()) ?? new Set();
    this.#identities.set(id.toLowerCase(), principals);
    for (const one of [principalId, ...others])
      if (typeof one === 'string' && /^[0-9a-f-]{36}$/i.test(one)) principals.add(one.toLowerCase());
  }
}
