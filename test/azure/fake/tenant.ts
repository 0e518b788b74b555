/**
 * Contoso, a tenant to try the audit on: six subscriptions of a retailer that does most things well, with the mistakes one
 * finds. Every kind of item stands in it; each mistake is named where it is made. Ages are counted back from `now`.
 */
import * as r from './rows.ts';
import { type Store, storeOf } from './store.ts';

export const contoso = {
  tenant: 'c0405000-7e4a-4c0e-9a10-0000000000aa',
  management: 'c0405000-0001-4000-8000-000000000001',
  erp: 'c0405000-0002-4000-8000-000000000002',
  shops: 'c0405000-0003-4000-8000-000000000003',
  branches: 'c0405000-0004-4000-8000-000000000004',
  data: 'c0405000-0005-4000-8000-000000000005',
  sandbox: 'c0405000-0006-4000-8000-000000000006',
} as const;

export function demoTenant(now: Date = new Date()): Store {
  const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
  const lastNight = { lastBackup: ago(9), lastPoint: ago(9), oldestPoint: ago(24 * 30) };
  const rows: r.Row[] = [];
  const add = <T extends r.Row>(...more: readonly T[]): T => {
    rows.push(...more);
    return more[0]!;
  };
  const place = (subscription: string, group: string, location = 'westeurope'): r.Place => ({
    subscription,
    group,
    location,
  });

  // Platform: the resource guard and the key vault stand apart from the vaults that they are for.
  const security = place(contoso.management, 'rg-backup-security');
  const guard = add(r.resourceGuard(security, 'guard-contoso'));
  add(r.keyVault(security, 'kv-contoso-backup'));
  const hub = r.network(place(contoso.management, 'rg-network'), 'hub', []);
  add(...hub, r.adminRules(hub[1]!));

  // ERP: HANA on a locked vault; one tenant database forgotten, one whose log chain is broken.
  const erp = place(contoso.erp, 'rg-erp');
  const erpVault = add(
    r.recoveryServicesVault(place(contoso.erp, 'rg-erp-backup'), 'rsv-erp', {
      softDelete: 'AlwaysON',
      softDeleteDays: 30,
      immutability: 'Locked',
      guarded: true,
      crossRegionRestore: true,
      keyUri: 'https://kv-contoso-backup.vault.azure.net/keys/erp',
      tags: { costCenter: '4711', criticality: 'high' },
    }),
  );
  add(r.guardProxy(erpVault, guard));
  add(r.lock(erpVault, 'CanNotDelete'));
  add(
    r.diagnosticSetting(
      erpVault,
      `/subscriptions/${contoso.management}/resourceGroups/rg-log/providers/Microsoft.OperationalInsights/workspaces/log`,
    ),
  );
  const hanaPolicy = add(
    r.workloadPolicy(erpVault, 'hana-daily', 'SAPHanaDatabase', {
      retentionDays: 35,
      weeks: 12,
      years: 7,
      logMinutes: 15,
      items: 2,
    }),
  );
  const erpVmPolicy = add(
    r.vmPolicy(erpVault, 'vm-enhanced', { enhanced: true, retentionDays: 35, weeks: 12, items: 2 }),
  );
  const keeper = add(r.userIdentity(erp, 'id-hana-snapshots'));
  add(r.snapshotPolicy(erpVault, 'hana-snapshots', keeper));
  // Disk Backup Reader; nobody thought of Disk Snapshot Contributor.
  const erpGroup = `/subscriptions/${erp.subscription}/resourceGroups/${erp.group}`;
  const reads = '3e5e47e6-65f7-47ef-90b5-e5dd4d455f24';
  add(r.roleAssignment(erpGroup, keeper.properties['principalId'] as string, reads));
  // Nothing goes out but to what a backup needs.
  const card = add(...r.network(erp, 'hana', ['AzureBackup', 'Storage', 'AzureActiveDirectory']));
  const hana = add(
    ...r.virtualMachine(erp, 'vm-hana-1', {
      card,
      os: 'Linux',
      size: 'Standard_M64s_v2',
      zones: ['1'],
      tags: { app: 'erp' },
    }),
  );
  const application = add(...r.virtualMachine(erp, 'vm-erp-app', { os: 'Linux', zones: ['2'], tags: { app: 'erp' } }));
  add(r.workloadContainer(erpVault, hana));
  const systemDb = add(r.databaseItem(erpVault, hana, 'SAPHana', 'P01', 'SYSTEMDB', hanaPolicy, lastNight));
  add(
    r.databaseItem(erpVault, hana, 'SAPHana', 'P01', 'P01', hanaPolicy, {
      ...lastNight,
      lastBackup: ago(62),
      lastPoint: ago(62),
      failed: { code: 'UserErrorHANALogBackupChainBroken', message: 'The log chain of the database is broken.' },
    }),
  );
  add(r.protectable(erpVault, hana, 'SAPHanaSystem', 'P01', 'P01'));
  add(r.protectable(erpVault, hana, 'SAPHanaDatabase', 'P01', 'SYSTEMDB', { protected: true }));
  add(r.protectable(erpVault, hana, 'SAPHanaDatabase', 'P01', 'P01', { protected: true }));
  add(r.protectable(erpVault, hana, 'SAPHanaDatabase', 'P01', 'BW1')); // Found, never protected.
  add(r.vmItem(erpVault, hana, erpVmPolicy, lastNight), r.vmItem(erpVault, application, erpVmPolicy, lastNight));

  // Shops: virtual machines, SQL Server, file shares. Stopped, soft-deleted, stale and unprotected machines.
  const shops = place(contoso.shops, 'rg-shops');
  const shopVault = add(
    r.recoveryServicesVault(place(contoso.shops, 'rg-shops-backup'), 'rsv-shops', { tags: { costCenter: '0815' } }),
  );
  const vmPolicy = add(r.vmPolicy(shopVault, 'DefaultPolicy', { retentionDays: 30, items: 4 }));
  // What is not tagged gets a backup; tags without one have a value, and those are nobody's.
  add(
    r.policyAssignment(
      `/subscriptions/${contoso.shops}`,
      'backup-machines',
      '09ce66bc-1220-4153-8104-e3f51c936913',
      true,
      {
        vaultLocation: { value: 'westeurope' },
        backupPolicyId: { value: vmPolicy.id },
        exclusionTagName: { value: 'app' },
        exclusionTagValue: { value: ['shop'] },
      },
    ),
    r.policyAssignment(`/subscriptions/${contoso.shops}`, 'locations', 'e56962a6-4747-49cd-b67b-bf8b01975c4c', true, {
      listOfAllowedLocations: { value: ['westeurope'] },
    }),
  );
  const shortPolicy = add(r.vmPolicy(shopVault, 'seven-days', { retentionDays: 7 }));
  const sqlPolicy = add(r.workloadPolicy(shopVault, 'HourlyLogBackup', 'SQLDataBase', { items: 2 }));
  const sharePolicy = add(r.filesPolicy(shopVault, 'shares-daily', { items: 1 }));
  const frontends = [1, 2, 3, 4, 5, 6].map((n) =>
    add(...r.virtualMachine(shops, `vm-shop-${n}`, { zones: [String(1 + (n % 3))], tags: { app: 'shop' } })),
  );
  const healthy = add(r.vmItem(shopVault, frontends[0]!, vmPolicy, lastNight));
  add(r.restorePoints(shops, frontends[0]!));
  add(r.vmItem(shopVault, frontends[1]!, shortPolicy, lastNight));
  add(
    r.vmItem(shopVault, frontends[2]!, vmPolicy, {
      lastBackup: ago(24 * 19), // Stale: fails since nearly three weeks.
      lastPoint: ago(24 * 19),
      failed: { code: 'UserErrorVmNotInDesirableState', message: 'The VM is not in a state that allows backups.' },
    }),
  );
  add(
    r.vmItem(shopVault, frontends[3]!, undefined, {
      ...lastNight,
      state: 'ProtectionStopped',
      lastBackup: ago(24 * 90),
      lastPoint: ago(24 * 90),
    }),
  );
  add(
    r.vmItem(shopVault, frontends[4]!, undefined, {
      lastBackup: ago(24 * 6),
      lastPoint: ago(24 * 6),
      purgedAt: ago(-24 * 8),
    }),
  );
  // frontends[5] was never protected.
  const [crashVm, crashDisk] = r.virtualMachine(shops, 'vm-shop-queue', { size: 'Standard_L8s_v3', os: 'Linux' });
  add(crashVm, crashDisk);
  add(r.vmItem(shopVault, crashVm, vmPolicy, { state: 'IRPending' }));
  const sqlData = r.disk(shops, 'vm-sql-1-data', { sizeGB: 1024 });
  const [sqlVm, sqlOs] = r.virtualMachine(shops, 'vm-sql-1', { dataDisks: [sqlData], tags: { app: 'shop' } });
  add(sqlVm, sqlOs, r.attached(sqlData, sqlVm));
  add(r.sqlVirtualMachine(shops, sqlVm));
  add(
    r.machineExtension(sqlVm, 'SqlIaasExtension', 'Microsoft.SqlServer.Management', 'SqlIaaSAgent', {
      SqlManagement: { IsEnabled: true },
      DeploymentTokenSettings: { DeploymentToken: 1 },
      // Settings are no protected settings: whoever wrote a key into them finds it in what Azure answers.
      AutoBackupSettings: { Enable: false, StorageAccessKey: r.sqlSecret },
      KeyVaultCredentialSettings: { ServicePrincipalSecret: r.sqlSecret },
    }),
    // Nothing about backup hangs on it, so nobody asks for it.
    r.machineExtension(sqlVm, 'AzureMonitorWindowsAgent', 'Microsoft.Azure.Monitor', 'AzureMonitorWindowsAgent', {
      authentication: { key: r.sqlSecret },
    }),
  );
  add(r.workloadContainer(shopVault, sqlVm));
  const orders = add(r.databaseItem(shopVault, sqlVm, 'SQL', 'MSSQLSERVER', 'orders', sqlPolicy, lastNight));
  add(
    r.databaseItem(shopVault, sqlVm, 'SQL', 'MSSQLSERVER', 'archive', undefined, {
      ...lastNight,
      state: 'ProtectionStopped',
      lastBackup: ago(24 * 40),
      lastPoint: ago(24 * 40),
    }),
  );
  add(r.autoProtection(shopVault, sqlVm, 'MSSQLSERVER', sqlPolicy));
  add(r.protectable(shopVault, sqlVm, 'SQLInstance', 'MSSQLSERVER', 'MSSQLSERVER', { auto: true }));
  add(r.protectable(shopVault, sqlVm, 'SQLDataBase', 'MSSQLSERVER', 'orders', { protected: true }));
  add(r.protectable(shopVault, sqlVm, 'SQLDataBase', 'MSSQLSERVER', 'loyalty')); // Found, never protected.
  const shopFiles = add(r.storageAccount(shops, 'stcontososhops'));
  add(r.fileShare(shopFiles, 'receipts'), r.fileShare(shopFiles, 'catalogue'));
  add(r.blobContainer(shopFiles, 'azure-webjobs-hosts')); // Of a function, and nothing that one would restore.
  add(r.storageContainer(shopVault, shopFiles, 1));
  add(r.fileShareItem(shopVault, shopFiles, 'receipts', sharePolicy, { lastBackup: ago(9), lastPoint: ago(9) }));
  add(r.protectable(shopVault, shopFiles, 'AzureFileShare', '', 'catalogue'));
  add(
    r.vaultJob(healthy, ago(9), 'Completed'),
    r.vaultJob(healthy, ago(33), 'Failed'),
    r.vaultJob(orders, ago(10), 'Completed'),
  );
  add(r.privateEndpoint(shops, 'pe-rsv-shops', shopVault));

  // Branches: servers in the shops' back rooms. The MARS agent, DPM and Azure Backup Server, on a vault that can be emptied.
  const branchVault = add(
    r.recoveryServicesVault(place(contoso.branches, 'rg-branches', 'northeurope'), 'rsv-branches', {
      softDelete: 'Disabled',
      redundancy: 'LocallyRedundant',
      alerts: false,
    }),
  );
  add(
    r.marsContainer(branchVault, 'mars01.contoso.example', 2),
    r.marsContainer(branchVault, 'mars02.contoso.example', 1),
  );
  add(r.marsItem(branchVault, 'mars01.contoso.example', 'C:\\', 1001, lastNight));
  add(
    r.marsItem(branchVault, 'mars01.contoso.example', 'System State', 1002, {
      lastBackup: ago(24 * 12),
      failed: { code: 'x', message: 'x' },
    }),
  );
  add(
    r.marsItem(branchVault, 'mars02.contoso.example', 'D:\\Documents', 1003, {
      lastBackup: ago(24 * 60), // Silent.
      oldestPoint: ago(24 * 150),
    }),
  );
  const dpm = add(r.backupEngine(branchVault, 'DPM', 'dpm01.contoso.example', 1));
  const mabs = add(r.backupEngine(branchVault, 'AzureBackupServer', 'mabs01.contoso.example', 1));
  add(r.serverItem(branchVault, dpm, 'SQLDB', 'payroll', 2001, lastNight));
  add(r.serverItem(branchVault, mabs, 'VM', 'till-server', 2002, { ...lastNight, state: 'ProtectionStopped' }));

  // Data: a Backup vault with disks, blobs, databases and a cluster.
  const data = place(contoso.data, 'rg-data');
  const dataVault = add(
    r.backupVault(place(contoso.data, 'rg-data-backup'), 'bv-data', {
      redundancy: 'ZoneRedundant',
      immutability: 'Unlocked',
    }),
  );
  const policies = {
    disk: add(r.instancePolicy(dataVault, 'disks', 'disk', { every: 'PT4H', keep: 'P7D' })),
    blob: add(r.instancePolicy(dataVault, 'blobs', 'blob')),
    postgresql: add(r.instancePolicy(dataVault, 'postgres', 'postgresql', { every: 'P1W', keep: 'P3M' })),
    aks: add(r.instancePolicy(dataVault, 'clusters', 'aks', { keep: 'P7D' })),
  };
  const [lake, scratch] = [
    add(r.disk(data, 'disk-lake', { sizeGB: 512 })),
    add(r.disk(data, 'disk-scratch', { sizeGB: 64 })),
  ];
  const old = add(r.disk(data, 'disk-old', { sizeGB: 32 }));
  const fresh = { lastPoint: ago(3), oldestPoint: ago(24 * 7) };
  const lakeInstance = add(r.backupInstance(dataVault, 'disk', lake, policies.disk, fresh));
  add(
    r.backupInstance(dataVault, 'disk', scratch, policies.disk, {
      ...fresh,
      state: 'BackupsSuspended',
      lastPoint: ago(24 * 14),
    }),
  );
  add(r.backupInstance(dataVault, 'disk', old, policies.disk, { deletedAt: ago(24 * 5) }));
  add(r.snapshot(data, 'snap-lake-manual', lake));
  const images = add(r.storageAccount(data, 'stcontosoimages'));
  // Invoices move to the archive tier before the backup of them ends. Azure Backup replicates to an account of its own.
  add(
    r.blobContainer(images, 'products'),
    r.blobContainer(images, 'invoices'),
    r.lifecyclePolicy(images, 20, ['invoices/']),
    r.replicationPolicy(images, 'msbackup0weu0dp3', ['products', 'invoices']),
  );
  const exported = add(r.storageAccount(data, 'stcontosoexports', { sku: 'Standard_LRS' })); // Nothing protects its blobs.
  add(r.blobContainer(exported, '$logs'), r.blobContainer(exported, 'nightly'));
  add(
    r.backupInstance(dataVault, 'blob', images, policies.blob, {
      containers: ['products', 'invoices'],
      lastPoint: ago(1),
    }),
  );
  const warehouse = add(r.flexibleServer(data, 'PostgreSQL', 'psql-warehouse', { days: 35 }));
  add(r.flexibleServer(data, 'MySQL', 'mysql-forum'));
  add(
    r.backupInstance(dataVault, 'postgresql', warehouse, policies.postgresql, {
      state: 'ProtectionError',
      lastPoint: ago(24 * 20),
      oldestPoint: ago(24 * 90),
      error: { code: 'UserErrorMissingPermissions', message: 'The vault has no right to back up the server.' },
    }),
  );
  const cluster = add(r.kubernetesCluster(data, 'aks-shop'));
  add(r.backupExtension(cluster));
  add(r.trustedAccess(cluster, dataVault));
  add(
    r.backupInstance(dataVault, 'aks', cluster, policies.aks, { state: 'ProtectionStopped', lastPoint: ago(24 * 30) }),
  );
  add(r.instanceJob(dataVault, lakeInstance, ago(3), 'Completed'));
  add(r.cosmosAccount(data, 'cosmos-basket', false));
  add(...r.elasticSan(data, 'san-analytics', 'volumes'));
  const identity = dataVault.identity!['principalId'] as string;
  const group = `/subscriptions/${data.subscription}/resourceGroups/${data.group}`;
  add(r.roleAssignment(lake.id, identity, '3e5e47e6-65f7-47ef-90b5-e5dd4d455f24')); // Disk Backup Reader.
  add(r.roleAssignment(group, identity, '7efff54f-a5b4-42b5-a1c5-5411624893ce')); // Disk Snapshot Contributor.
  add(r.roleAssignment(group, identity, 'acdd72a7-3385-48ef-bd42-f606fba81ae7')); // Reader.
  // Storage Account Backup Contributor, to a group of which the identity is a member.
  const workloads = '/providers/Microsoft.Management/managementGroups/contoso-workloads';
  const keepers = r.guid('group of backup vaults');
  add(r.roleAssignment(workloads, keepers, 'e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1', [identity]));

  // One vault that nobody uses, and one that Site Recovery does.
  add(r.recoveryServicesVault(data, 'rsv-spare'));
  const recovery = add(r.recoveryServicesVault(data, 'rsv-recovery'));
  add(r.fabric(recovery, data.location));

  // Sandbox: nothing is backed up and nobody asked for it.
  const sandbox = place(contoso.sandbox, 'rg-play', 'swedencentral');
  add(...r.virtualMachine(sandbox, 'vm-play', { tags: { environment: 'sandbox' } }));
  add(r.storageAccount(sandbox, 'stcontosoplay'));

  add(r.vaultJob(systemDb, ago(8), 'Completed'));
  for (const account of rows.filter(({ type }) => type === 'Microsoft.Storage/storageAccounts')) {
    add(r.blobService(account, account === images ? 36 : undefined));
    add(r.fileService(account, account === images ? undefined : 7));
  }
  for (const row of [...rows]) {
    const last = r.lastPointOf(row);
    if (last)
      for (let night = 0; night < 3; night++)
        add(r.recoveryPoint(row, new Date(last.getTime() - night * 24 * 3_600_000), night));
  }
  const subscriptions = [
    { id: contoso.management, displayName: 'contoso-platform-management' },
    { id: contoso.erp, displayName: 'contoso-erp-prod' },
    { id: contoso.shops, displayName: 'contoso-shops-prod' },
    { id: contoso.branches, displayName: 'contoso-branches' },
    { id: contoso.data, displayName: 'contoso-data-prod' },
    { id: contoso.sandbox, displayName: 'contoso-sandbox' },
  ];
  const managementGroups = [
    { name: 'contoso', displayName: 'Contoso', subscriptions: [] },
    { name: 'contoso-platform', displayName: 'Platform', parent: 'contoso', subscriptions: [contoso.management] },
    {
      name: 'contoso-workloads',
      displayName: 'Workloads',
      parent: 'contoso',
      subscriptions: [contoso.erp, contoso.shops, contoso.branches, contoso.data],
    },
    { name: 'contoso-sandboxes', displayName: 'Sandboxes', parent: 'contoso', subscriptions: [contoso.sandbox] },
  ];
  for (const { id, displayName } of subscriptions) {
    const group = managementGroups.find((one) => (one.subscriptions as readonly string[]).includes(id))!;
    add(r.subscription(id, displayName, contoso.tenant, [group.name, 'contoso']));
  }
  return storeOf(contoso.tenant, subscriptions, managementGroups, rows);
}
