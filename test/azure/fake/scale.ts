/**
 * A tenant of any size whose rows are made when they are asked for: S subscriptions, V Recovery Services and Backup vaults,
 * N protected items and D datasources (machines, disks, storage accounts), spread evenly. The list of rows is never held:
 * in each subscription the rows of a type are numbered, and their ids ascend with the number.
 */
import * as r from './rows.ts';
import { type Row, subscriptionOf } from './rows.ts';
import { itemType, type ManagementGroup, type Selection, type Store } from './store.ts';

export interface Size {
  readonly subscriptions: number;
  readonly vaults: number;
  readonly items: number;
  readonly datasources: number;
  readonly policiesPerVault?: number;
}

/** One vault in this many is a Backup vault. */
const backupVaultEvery = 10;

/** Disk Backup Reader and Disk Snapshot Contributor. */
const rolesOfVault = ['3e5e47e6-65f7-47ef-90b5-e5dd4d455f24', '7efff54f-a5b4-42b5-a1c5-5411624893ce'] as const;

export function scaledTenant(size: Size, now: Date = new Date()): Store & { readonly size: Size } {
  const policies = size.policiesPerVault ?? 3;
  const pad = (n: number, width = 6): string => String(n).padStart(width, '0');
  const subscriptionId = (s: number): string => `5ca1e000-0000-4000-8000-${pad(s, 12)}`;
  const place = (s: number): r.Place => ({ subscription: subscriptionId(s), group: 'rg', location: 'westeurope' });
  /** [from, to) of `total` things that belong to part `i` of `parts`. */
  const share = (total: number, parts: number, i: number): readonly [number, number] => [
    Math.floor((total * i) / parts),
    Math.floor((total * (i + 1)) / parts),
  ];
  const lastNight = new Date(now.getTime() - 9 * 3_600_000);

  const isBackupVault = (v: number): boolean => v % backupVaultEvery === backupVaultEvery - 1;
  const vaultPlace = (v: number): number => Math.floor(((v + 1) * size.subscriptions - 1) / size.vaults);
  /** Items of one vault are asked for one after the other. */
  let last: { readonly v: number; readonly row: Row } | undefined;
  const vault = (v: number): Row => {
    if (last?.v !== v) last = { v, row: newVault(v) };
    return last.row;
  };
  const newVault = (v: number): Row =>
    isBackupVault(v)
      ? r.backupVault(place(vaultPlace(v)), `bv-${pad(v)}`)
      : r.recoveryServicesVault(place(vaultPlace(v)), `rsv-${pad(v)}`);
  const vmOf = (s: number, d: number): Row => r.virtualMachine(place(s), `vm-${pad(d)}`)[0];
  const diskOf = (s: number, d: number): Row => r.disk(place(s), `disk-${pad(d)}`, { sizeGB: 128 });

  const types: readonly {
    readonly type: string;
    of(s: number): readonly [number, number];
    make(s: number, n: number): Row;
  }[] = [
    {
      type: 'microsoft.authorization/roleassignments',
      of: (s) => vaultsOf(s, true).map((n) => n * rolesOfVault.length) as unknown as readonly [number, number],
      make: (s, n) => {
        const number = backupVaultNumber(Math.floor(n / rolesOfVault.length));
        const { principalId } = vault(number).identity as { principalId: string };
        const scope = `/subscriptions/${subscriptionId(s)}/resourceGroups/rg`;
        return r.roleAssignment(scope, principalId, rolesOfVault[n % rolesOfVault.length]!);
      },
    },
    // Ordered as their ids are: by lower-case provider, then by the rest.
    {
      type: 'microsoft.compute/disks',
      of: (s) => kinds(s).disks,
      make: diskOf,
    },
    { type: 'microsoft.compute/virtualmachines', of: (s) => kinds(s).machines, make: vmOf },
    {
      type: 'microsoft.dataprotection/backupvaults',
      of: (s) => vaultsOf(s, true),
      make: (_, n) => vault(backupVaultNumber(n)),
    },
    {
      type: 'microsoft.dataprotection/backupvaults/backupinstances',
      of: (s) => itemsOf(s, true),
      make: (_, n) => instanceOf(n),
    },
    {
      type: 'microsoft.dataprotection/backupvaults/backuppolicies',
      of: (s) => vaultsOf(s, true).map((n) => n * policies) as unknown as readonly [number, number],
      make: (_, n) =>
        r.instancePolicy(vault(backupVaultNumber(Math.floor(n / policies))), `policy-${n % policies}`, 'disk'),
    },
    {
      type: 'microsoft.recoveryservices/vaults',
      of: (s) => vaultsOf(s, false),
      make: (_, n) => vault(recoveryVaultNumber(n)),
    },
    { type: itemType, of: (s) => itemsOf(s, false), make: (_, n) => vmItemOf(n) },
    {
      type: 'microsoft.recoveryservices/vaults/backuppolicies',
      of: (s) => vaultsOf(s, false).map((n) => n * policies) as unknown as readonly [number, number],
      make: (_, n) => r.vmPolicy(vault(recoveryVaultNumber(Math.floor(n / policies))), `policy-${n % policies}`),
    },
    {
      type: 'microsoft.storage/storageaccounts',
      of: (s) => kinds(s).accounts,
      make: (s, d) => r.storageAccount(place(s), `st${pad(d, 9)}`),
    },
  ];

  /** Half machines, two fifths disks, the rest storage accounts. Numbers run through the tenant. */
  function kinds(s: number) {
    const [from, to] = share(size.datasources, size.subscriptions, s);
    const machines = from + Math.ceil((to - from) / 2);
    const disks = machines + Math.floor(((to - from) * 2) / 5);
    return { machines: [from, machines], disks: [machines, disks], accounts: [disks, to] } as const;
  }

  // Vault numbers: every tenth is a Backup vault, so the n-th of either kind is found by arithmetic.
  const backupVaultNumber = (n: number): number => n * backupVaultEvery + backupVaultEvery - 1;
  const recoveryVaultNumber = (n: number): number =>
    Math.floor(n / (backupVaultEvery - 1)) * backupVaultEvery + (n % (backupVaultEvery - 1));
  const countBefore = (v: number, backup: boolean): number =>
    backup ? Math.floor(v / backupVaultEvery) : v - Math.floor(v / backupVaultEvery);
  function vaultsOf(s: number, backup: boolean): readonly [number, number] {
    const [from, to] = share(size.vaults, size.subscriptions, s);
    return [countBefore(from, backup), countBefore(to, backup)];
  }

  // Items: vault v holds items share(items, vaults, v); numbered through all vaults of one kind.
  const itemRange = (v: number): readonly [number, number] => share(size.items, size.vaults, v);
  /** Start of each vault's items in the numbering of its kind. */
  const starts = { true: [0], false: [0] };
  for (let v = 0; v < size.vaults; v++) {
    const [from, to] = itemRange(v);
    const list = starts[`${isBackupVault(v)}`];
    list.push(list.at(-1)! + to - from);
  }
  function itemsOf(s: number, backup: boolean): readonly [number, number] {
    const [from, to] = vaultsOf(s, backup);
    const list = starts[`${backup}`];
    return [list[from]!, list[to]!];
  }
  /** Vault (by number of its kind) that holds item n of its kind. */
  function holderOf(n: number, backup: boolean): number {
    const list = starts[`${backup}`];
    let [low, high] = [0, list.length - 1];
    while (low < high - 1) {
      const middle = (low + high) >> 1;
      if (list[middle]! <= n) low = middle;
      else high = middle;
    }
    return low;
  }
  function vmItemOf(n: number): Row {
    const number = holderOf(n, false);
    const v = recoveryVaultNumber(number);
    const s = vaultPlace(v);
    const [from, to] = kinds(s).machines;
    // More items than machines: what they protected is gone.
    const d = from + (n - itemsOf(s, false)[0]);
    const vm = d < to ? vmOf(s, d) : r.virtualMachine(place(s), `vm-${pad(900_000 + n)}`)[0];
    const policy = r.vmPolicy(vault(v), 'policy-0');
    return r.vmItem(vault(v), vm, policy, { lastBackup: lastNight, lastPoint: lastNight });
  }
  function instanceOf(n: number): Row {
    const number = holderOf(n, true);
    const v = backupVaultNumber(number);
    const s = vaultPlace(v);
    const [from, to] = kinds(s).disks;
    const d = from + (n - itemsOf(s, true)[0]);
    const disk = d < to ? diskOf(s, d) : r.disk(place(s), `disk-${pad(900_000 + n)}`);
    return r.backupInstance(vault(v), 'disk', disk, r.instancePolicy(vault(v), 'policy-0', 'disk'), {
      lastPoint: lastNight,
    });
  }

  const subscriptions = Array.from({ length: size.subscriptions }, (_, s) => ({
    id: subscriptionId(s),
    displayName: `landing-zone-${pad(s, 4)}`,
  }));
  const managementGroups: readonly ManagementGroup[] = [
    { name: 'scale', displayName: 'Scale', subscriptions: subscriptions.map(({ id }) => id) },
  ];
  const numberOf = (id: string): number => {
    const s = Number(id.slice(-12));
    return subscriptionId(s) === id && s < size.subscriptions ? s : -1;
  };
  const tenantId = r.guid('scale tenant');

  return {
    size,
    tenantId,
    subscriptions,
    managementGroups,
    select(wanted, inside): Selection {
      const numbers = inside
        .map(numberOf)
        .filter((s) => s >= 0)
        .sort((a, b) => a - b);
      if (wanted.includes('microsoft.resources/subscriptions'))
        return {
          total: numbers.length,
          rows: (from, count) =>
            numbers
              .slice(from, from + count)
              .map((s) => r.subscription(subscriptionId(s), subscriptions[s]!.displayName, tenantId, ['scale'])),
        };
      const chosen = types.filter(({ type }) => wanted.includes(type));
      // Runs of rows with one type in one subscription; a few thousand numbers, not the rows.
      const runs: {
        readonly start: number;
        readonly s: number;
        readonly from: number;
        readonly kind: (typeof types)[number];
      }[] = [];
      let total = 0;
      for (const s of numbers)
        for (const kind of chosen) {
          const [from, to] = kind.of(s);
          if (to > from) {
            runs.push({ start: total, s, from, kind });
            total += to - from;
          }
        }
      return {
        total,
        rows(from, count) {
          const found: Row[] = [];
          let i = runs.findLastIndex((run) => run.start <= from);
          for (let n = from; n < Math.min(total, from + count); n++) {
            while (i + 1 < runs.length && runs[i + 1]!.start <= n) i++;
            const run = runs[i]!;
            found.push(run.kind.make(run.s, run.from + n - run.start));
          }
          return found;
        },
      };
    },
    get(id) {
      const s = numberOf(subscriptionOf(id));
      if (s < 0) return undefined;
      const match = /\/(rsv|bv)-(\d+)$/i.exec(id);
      if (match) return sameId(vault(Number(match[2])), id);
      return undefined;
    },
    below(scope, type) {
      const s = numberOf(subscriptionOf(scope));
      const kind = types.find((one) => one.type === type.toLowerCase());
      if (s < 0 || !kind) return [];
      const [from, to] = kind.of(s);
      const rows = Array.from({ length: to - from }, (_, n) => kind.make(s, from + n));
      const prefix = `${scope.toLowerCase()}/`;
      return rows.filter((row) => row.id.toLowerCase().startsWith(prefix));
    },
    itemCounts(id) {
      const match = /\/rsv-(\d+)$/i.exec(id);
      if (!match) return new Map();
      const [from, to] = itemRange(Number(match[1]));
      return new Map(to > from ? [['AzureIaasVM', to - from]] : []);
    },
  };
}

function sameId(row: Row, id: string): Row | undefined {
  return row.id.toLowerCase() === id.toLowerCase() ? row : undefined;
}
