/**
 * The one row store that Resource Graph and REST answers come from, and the management groups above it. Two makes of it exist:
 * rows that were listed (`storeOf`), and rows computed from their number when they are asked for (scale.ts).
 */
import { type Row, subscriptionOf, vaultOf } from './rows.ts';

export interface Subscription {
  readonly id: string;
  readonly displayName: string;
}

export interface ManagementGroup {
  readonly name: string;
  readonly displayName: string;
  readonly parent?: string;
  readonly subscriptions: readonly string[];
}

/** Rows of some types in some subscriptions, ordered by id. */
export interface Selection {
  readonly total: number;
  rows(from: number, count: number): Row[];
}

export interface Store {
  readonly tenantId: string;
  readonly subscriptions: readonly Subscription[];
  readonly managementGroups: readonly ManagementGroup[];
  /** `types` in lower case. */
  select(types: readonly string[], subscriptions: readonly string[]): Selection;
  /** By id, in any case. */
  get(id: string): Row | undefined;
  /** Rows of a type below a resource, a resource group or a subscription. */
  below(scope: string, type: string): Row[];
  /** Protected items of a Recovery Services vault by management type. */
  itemCounts(vault: string): ReadonlyMap<string, number>;
}

export const itemType = 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems';

export function storeOf(
  tenantId: string,
  subscriptions: readonly Subscription[],
  managementGroups: readonly ManagementGroup[],
  rows: readonly Row[],
): Store {
  const byId = new Map<string, Row>();
  const byType = new Map<string, Row[]>();
  for (const row of rows) {
    const id = row.id.toLowerCase();
    if (byId.has(id)) throw new Error(`two rows with the id ${row.id}`);
    byId.set(id, row);
    const type = row.type.toLowerCase();
    const list = byType.get(type);
    if (list) list.push(row);
    else byType.set(type, [row]);
  }
  return {
    tenantId,
    subscriptions,
    managementGroups,
    select(types, wanted) {
      const inside = new Set(wanted);
      const selected = types
        .flatMap((type) => byType.get(type) ?? [])
        .filter((row) => !row.restOnly && inside.has(subscriptionOf(row.id)))
        .sort(byIdAscending);
      return { total: selected.length, rows: (from, count) => selected.slice(from, from + count) };
    },
    get: (id) => byId.get(id.toLowerCase()),
    below(scope, type) {
      const prefix = `${scope.toLowerCase()}/`;
      return (byType.get(type.toLowerCase()) ?? [])
        .filter((row) => row.id.toLowerCase().startsWith(prefix))
        .sort(byIdAscending);
    },
    itemCounts(vault) {
      const counts = new Map<string, number>();
      for (const row of byType.get(itemType) ?? [])
        if (vaultOf(row.id).toLowerCase() === vault.toLowerCase()) {
          const management = row.properties['backupManagementType'] as string;
          counts.set(management, (counts.get(management) ?? 0) + 1);
        }
      return counts;
    },
  };
}

function byIdAscending(a: Row, b: Row): number {
  const [x, y] = [a.id.toLowerCase(), b.id.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Subscriptions in a management group and in the groups below it; undefined for a group that does not exist. */
export function subscriptionsBelow(store: Store, group: string): string[] | undefined {
  const start = store.managementGroups.find(({ name }) => name.toLowerCase() === group.toLowerCase());
  if (!start) return undefined;
  const found: string[] = [];
  const visit = (one: ManagementGroup): void => {
    found.push(...one.subscriptions);
    for (const child of store.managementGroups) if (child.parent === one.name) visit(child);
  };
  visit(start);
  return found;
}
