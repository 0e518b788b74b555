/** What later calls need to know of the rows that came: which vaults there are, what each protects, and whose identities work on it. */
import { Sources } from './absences.ts';
import { managementOf, type Row, vaultOf } from './inventory.ts';
import { keyVaultOf, objectOf, regionOf, sizeOf, subscriptionOf, textOf } from './row.ts';

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
  /** Of a Backup vault: ids of its instances as Azure wrote them, by those in lower case, without deleted ones. */
  readonly instances: Map<string, string>;
}

/** Sizes that the machines of a region have. */
export interface SizesInUse {
  /** Those with such machines, by id in lower case: what a size has is the same in all. */
  readonly subscriptions: Set<string>;
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

const itemLists: ReadonlySet<string> = new Set(['graph:items', 'rest:backupProtectedItems', 'rest:backupInstances']);

const targets: ReadonlySet<string> = new Set([
  'microsoft.compute/virtualmachines',
  'microsoft.storage/storageaccounts',
]);

export class Tally {
  readonly #vaults = new Map<string, Vault>();
  readonly #subscriptions = new Set<string>();
  #hasClusters = false;
  #hasElasticSans = false;
  #namesKeyVaults = false;
  #hasTargets = false;
  readonly #withoutBackups = new Set<string>();
  readonly #storageAccounts: { readonly id: string; readonly kind: string; readonly isOfPages: boolean }[] = [];
  readonly #sqlMachines: string[] = [];
  /** What backs up the blobs of an account, by the id of that; both in lower case. */
  readonly #blobBackups = new Map<string, string>();
  readonly #items = new Set<string>();
  readonly #sizes = new Map<string, SizesInUse>();
  /** Subscriptions in which a Backup vault works for its instances, and in which the backup of a cluster works, by id in lower case. */
  readonly #reach = new Map<string, Set<string>>();
  /** As Azure wrote them, by those in lower case. */
  readonly #snapshotIdentities = new Map<string, string>();
  /** Identities by the id of what has them, in lower case; those of an extension by that of its cluster. */
  readonly #identities = new Map<string, Set<string>>();
  readonly #deep: boolean;

  readonly sources = new Sources();

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

  /** Ids in lower case of subscriptions in which the last backup of a database in a machine did not succeed. */
  get withoutBackups(): readonly string[] {
    return [...this.#withoutBackups].filter((id) => this.#subscriptions.has(id)).sort();
  }

  /** There is what assignments of Azure Policy set up backups for. */
  get hasTargets(): boolean {
    return this.#hasTargets;
  }

  /** A vault has a key of its owner. */
  get namesKeyVaults(): boolean {
    return this.#namesKeyVaults;
  }

  /** Those that have the service, by their kind. */
  storageAccounts(service: 'files' | 'blobs'): readonly string[] {
    const without = service === 'files' ? ['blobstorage', 'blockblobstorage'] : ['filestorage'];
    return this.#storageAccounts
      .filter(({ kind, isOfPages }) => !without.includes(kind) && !(service === 'files' && isOfPages))
      .map(({ id }) => id);
  }

  /** Those with blobs that a Backup vault protects; `type`: of datasource, in lower case. */
  protectedAccounts(type?: string): readonly string[] {
    return this.storageAccounts('blobs').filter((id) => {
      const own = this.#blobBackups.get(id.toLowerCase());
      return own !== undefined && (type === undefined || own === type);
    });
  }

  /** Ids of what registers SQL Server in machines. */
  get sqlMachines(): readonly string[] {
    return this.#sqlMachines;
  }

  /** Of machines, by their region. */
  get sizes(): ReadonlyMap<string, SizesInUse> {
    return this.#sizes;
  }

  /** Ids of items and instances. */
  get items(): readonly string[] {
    return [...this.#items];
  }

  /** An instance that is not there any more. */
  drop(id: string): void {
    this.#items.delete(id);
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

  /** Ids of the identities that policies name for snapshots, where they can be read. */
  get snapshotIdentities(): readonly string[] {
    const ids = [...this.#snapshotIdentities.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return ids.map(([, id]) => id).filter((id) => this.#subscriptions.has(subscriptionOf(id) ?? ''));
  }

  /** Ids in lower case of clusters that Backup vaults protect. */
  get protectedClusters(): readonly string[] {
    const isRead = (id: string): boolean => this.#subscriptions.has(subscriptionOf(id) ?? '');
    return [...this.#reach.keys()].filter((id) => id.includes('/managedclusters/') && isRead(id)).sort();
  }

  take(from: string, rows: readonly Row[]): void {
    for (const row of rows) {
      const id = textOf(row['id']);
      const type = textOf(row['type']).toLowerCase();
      if (itemLists.has(from)) this.sources.takeItem(row);
      else this.sources.takeListed(row);
      if (targets.has(type)) this.#hasTargets = true;
      if (from === 'graph:subscriptions') this.#subscriptions.add(textOf(row['subscriptionId']).toLowerCase());
      else if (from === 'graph:vaults') this.#takeVault(id, type, row);
      else if (from === 'graph:items' || from === 'rest:backupInstances') this.#takeItem(id, type, row);
      else if (from === 'graph:policies') this.#takePolicy(id, row);
      else if (from === 'rest:userAssignedIdentities') this.#takeIdentity(id, row['properties']);
      else if (from === 'graph:virtualMachines') this.#takeSize(row);
      else if (from === 'graph:datasources') {
        if (type === 'microsoft.containerservice/managedclusters') {
          this.#hasClusters = true;
          this.#takeIdentity(id, row['identity']);
        }
        if (type === 'microsoft.elasticsan/elasticsans') this.#hasElasticSans = true;
        if (this.#deep && type === 'microsoft.sqlvirtualmachine/sqlvirtualmachines') this.#sqlMachines.push(id);
        if (this.#deep && type === 'microsoft.storage/storageaccounts') {
          const kind = textOf(row['kind']).toLowerCase();
          // A premium account for general purposes has page blobs alone, and refuses to tell of files.
          const isOfPages = /^storage(?:v2)?$/.test(kind) && /^premium_/i.test(textOf(objectOf(row['sku'])['name']));
          this.#storageAccounts.push({ id, kind, isOfPages });
        }
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
    if (keyVaultOf(row) !== undefined) this.#namesKeyVaults = true;
    const [, subscription = '', group = '', name = ''] = match;
    // Recovery Services vaults work with rights of their service, and one with several identities with any of them.
    const { userAssignedIdentities } = objectOf(row['identity']);
    if (kind === 'backup' && Object.keys(objectOf(userAssignedIdentities)).length === 0)
      this.#takeIdentity(id, row['identity']);
    this.#vaults.set(id.toLowerCase(), {
      id,
      subscription,
      group,
      name,
      kind,
      row,
      items: new Map(),
      instances: new Map(),
    });
  }

  /** What it takes snapshots of lies in the subscription of its vault. */
  #takePolicy(id: string, row: Row): void {
    const { subProtectionPolicy } = objectOf(row['properties']);
    for (const part of Array.isArray(subProtectionPolicy) ? subProtectionPolicy : []) {
      const { userAssignedManagedIdentityDetails } = objectOf(objectOf(part)['snapshotBackupAdditionalDetails']);
      const identity = textOf(objectOf(userAssignedManagedIdentityDetails)['identityArmId']);
      const subscription = subscriptionOf(id);
      if (!/\/userAssignedIdentities\/[^/]+$/i.test(identity) || subscription === undefined) continue;
      const key = identity.toLowerCase();
      this.#snapshotIdentities.set(key, identity);
      this.#reach.set(key, (this.#reach.get(key) ?? new Set()).add(subscription));
    }
  }

  #takeSize(row: Row): void {
    const region = regionOf(row);
    const size = sizeOf(row);
    const subscription = textOf(row['subscriptionId']).toLowerCase();
    if (!this.#deep || region === '' || size === '' || subscription === '') return;
    const known = this.#sizes.get(region);
    if (known) {
      known.names.add(size);
      known.subscriptions.add(subscription);
    } else this.#sizes.set(region, { subscriptions: new Set([subscription]), names: new Set([size]) });
  }

  #takeItem(id: string, type: string, row: Row): void {
    const isDeletedInstance = type.endsWith('/deletedbackupinstances');
    if (this.#deep && !isDeletedInstance) this.#items.add(id);
    if (type === 'microsoft.dataprotection/backupvaults/backupinstances') this.#takeInstance(id, row);
    const vault = this.#vaults.get(vaultOf(id.toLowerCase()));
    if (vault?.kind !== 'recovery-services') return;
    const management = managementOf(row);
    this.#takeOutcome(management, vault.subscription, objectOf(row['properties']));
    const count = vault.items.get(management) ?? { active: 0, deleted: 0 };
    const isDeleted = objectOf(row['properties'])['isScheduledForDeferredDelete'] === true;
    vault.items.set(management, {
      active: count.active + (isDeleted ? 0 : 1),
      deleted: count.deleted + (isDeleted ? 1 : 0),
    });
  }

  #takeOutcome(
    management: string,
    subscription: string,
    { isScheduledForDeferredDelete, lastBackupStatus }: Row,
  ): void {
    const succeeded = /^(?:completed|completedwithwarnings|healthy)$/i.test(textOf(lastBackupStatus));
    if (management === 'azureworkload' && isScheduledForDeferredDelete !== true && !succeeded)
      this.#withoutBackups.add(subscription.toLowerCase());
  }

  #takeInstance(id: string, row: Row): void {
    const vault = vaultOf(id.toLowerCase());
    this.#vaults.get(vault)?.instances.set(id.toLowerCase(), id);
    const { dataSourceInfo, policyInfo } = objectOf(row['properties']);
    const { resourceID, datasourceType } = objectOf(dataSourceInfo);
    const source = textOf(resourceID).toLowerCase();
    if (this.#deep && /\/providers\/microsoft\.storage\/storageaccounts\/[^/]+$/.test(source))
      this.#blobBackups.set(source, textOf(datasourceType).toLowerCase());
    const stores = objectOf(objectOf(policyInfo)['policyParameters'])['dataStoreParametersList'];
    const groups = Array.isArray(stores) ? stores.map((one) => textOf(objectOf(one)['resourceGroupId'])) : [];
    const isCluster = /\/providers\/microsoft\.containerservice\/managedclusters\/[^/]+$/.test(source);
    for (const owner of isCluster ? [vault, source] : [vault]) {
      const reach = this.#reach.get(owner) ?? new Set();
      this.#reach.set(owner, reach);
      for (const place of [source, ...groups]) {
        const subscription = subscriptionOf(place);
        if (subscription !== undefined) reach.add(subscription);
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
