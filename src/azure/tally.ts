/** What later calls need to know of the rows that came: which vaults there are, what each protects, and whose identities they have. */
import { managementOf, type Row, vaultOf } from './inventory.ts';

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

const vaultTypes: Readonly<Record<string, Vault['kind']>> = {
  'microsoft.recoveryservices/vaults': 'recovery-services',
  'microsoft.dataprotection/backupvaults': 'backup',
};

export class Tally {
  readonly #vaults = new Map<string, Vault>();
  readonly #subscriptions = new Set<string>();
  #hasClusters = false;
  #hasElasticSans = false;
  readonly #storageAccounts: { id: string; kind: string }[] = [];
  readonly #items: string[] = [];
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

  /** Ids of items and instances. */
  get items(): readonly string[] {
    return this.#items;
  }

  /** Of the identities that vaults have. */
  get principals(): readonly string[] {
    const ids = new Set<string>();
    for (const { row } of this.#vaults.values()) {
      const { principalId, userAssignedIdentities } = objectOf(row['identity']);
      for (const id of [
        principalId,
        ...Object.values(objectOf(userAssignedIdentities)).map((one) => objectOf(one)['principalId']),
      ])
        if (typeof id === 'string' && /^[0-9a-f-]{36}$/i.test(id)) ids.add(id.toLowerCase());
    }
    return [...ids].sort();
  }

  take(from: string, rows: readonly Row[]): void {
    for (const row of rows) {
      const id = textOf(row['id']);
      const type = textOf(row['type']).toLowerCase();
      if (from === 'graph:subscriptions') this.#subscriptions.add(textOf(row['subscriptionId']).toLowerCase());
      else if (from === 'graph:vaults') this.#takeVault(id, type, row);
      else if (from === 'graph:items') this.#takeItem(id, type, row);
      else if (from === 'graph:datasources') {
        if (type === 'microsoft.containerservice/managedclusters') this.#hasClusters = true;
        if (type === 'microsoft.elasticsan/elasticsans') this.#hasElasticSans = true;
        if (this.#deep && type === 'microsoft.storage/storageaccounts')
          this.#storageAccounts.push({ id, kind: textOf(row['kind']).toLowerCase() });
      }
    }
  }

  #takeVault(id: string, type: string, row: Row): void {
    const kind = vaultTypes[type];
    const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/[^/]+\/[^/]+\/([^/]+)$/i.exec(id);
    if (!kind || !match) return;
    const [, subscription = '', group = '', name = ''] = match;
    this.#vaults.set(id.toLowerCase(), { id, subscription, group, name, kind, row, items: new Map() });
  }

  #takeItem(id: string, type: string, row: Row): void {
    const isDeletedInstance = type.endsWith('/deletedbackupinstances');
    if (this.#deep && !isDeletedInstance) this.#items.push(id);
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
}

export function objectOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
