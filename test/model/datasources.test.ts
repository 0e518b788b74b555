/** Datasources in azurerm and in ARM -> one set of facts; what protects them; what stays unknown. */
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import { entitiesIn, named, template, unknown, type View, viewIn } from './views.ts';

async function same(kind: string, hcl: string, resources: readonly object[], parameters: object = {}): Promise<View> {
  const views = await Promise.all([
    viewIn('main.tf', hcl, 'datasource', kind),
    viewIn('main.json', template(resources, parameters), 'datasource', kind),
  ]);
  for (const view of views) for (const fact of ['language', 'protection']) delete view[fact];
  for (const view of views) if (view.account) delete view.account.language;
  expect(views[1]).toEqual(views[0]);
  return views[0];
}

const block = (type: string, name: string, lines: string): string => `resource "${type}" "${name}" {\n${lines}\n}\n`;
const group = 'resource_group_name = "rg"\nlocation = "West Europe"';
const none = { protected: false, items: [] };

describe('the same in azurerm and in ARM', () => {
  test('managed disk', async () => {
    const facts = await same(
      'azure-disk',
      block(
        'azurerm_managed_disk',
        'd',
        `name = "data"\n${group}\nstorage_account_type = "Premium_LRS"\ncreate_option = "Empty"\ndisk_size_gb = 128\nmax_shares = 2\nnetwork_access_policy = "DenyAll"\npublic_network_access_enabled = false`,
      ),
      [
        {
          type: 'Microsoft.Compute/disks',
          name: 'data',
          location: 'westeurope',
          sku: { name: 'premium_lrs' },
          properties: {
            creationData: { createOption: 'Empty' },
            diskSizeGB: 128,
            maxShares: 2,
            networkAccessPolicy: 'DenyAll',
            publicNetworkAccess: 'Disabled',
          },
        },
      ],
    );
    expect(facts).toEqual({
      kind: 'azure-disk',
      name: 'data',
      location: 'westeurope',
      sku: 'Premium_LRS',
      createOption: 'Empty',
      sizeGb: 128,
      shares: 2,
      networkAccess: 'DenyAll',
      publicNetworkAccess: false,
      diskEncryption: false,
      machineBackup: 'not-attached',
      machineEncryption: false,
      users: [],
      vaultInRegion: { kind: 'backup', exists: unknown },
      ...none,
    });
  });

  test('storage account with blobs, containers and shares', async () => {
    const facts = await same(
      'storage-account',
      block(
        'azurerm_storage_account',
        's',
        `name = "sa"\n${group}
        account_tier             = "Standard"
        account_replication_type = "GRS"
        network_rules {
          default_action = "Deny"
          bypass         = ["Logging", "AzureServices"]
        }
        blob_properties {
          versioning_enabled  = true
          change_feed_enabled = true
          delete_retention_policy { days = 35 }
          restore_policy { days = 30 }
        }
        share_properties {
          retention_policy { days = 14 }
        }`,
      ) +
        block('azurerm_storage_container', 'c', 'name = "app"\nstorage_account_id = azurerm_storage_account.s.id') +
        block(
          'azurerm_storage_share',
          'f',
          'name = "home"\nstorage_account_name = azurerm_storage_account.s.name\nquota = 50',
        ),
      [
        {
          type: 'Microsoft.Storage/storageAccounts',
          name: 'sa',
          location: 'westeurope',
          kind: 'StorageV2',
          sku: { name: 'Standard_GRS' },
          properties: { networkAcls: { defaultAction: 'Deny', bypass: 'Logging, AzureServices' } },
        },
        {
          type: 'Microsoft.Storage/storageAccounts/blobServices',
          name: 'sa/default',
          properties: {
            isVersioningEnabled: true,
            changeFeed: { enabled: true },
            deleteRetentionPolicy: { enabled: true, days: 35 },
            restorePolicy: { enabled: true, days: 30 },
          },
        },
        {
          type: 'Microsoft.Storage/storageAccounts/fileServices',
          name: 'sa/default',
          properties: { shareDeleteRetentionPolicy: { enabled: true, days: 14 } },
        },
        { type: 'Microsoft.Storage/storageAccounts/blobServices/containers', name: 'sa/default/app' },
        {
          type: 'Microsoft.Storage/storageAccounts/fileServices/shares',
          name: 'sa/default/home',
          properties: { shareQuota: 50 },
        },
      ],
    );
    expect(facts).toMatchObject({
      accountKind: 'StorageV2',
      sku: 'Standard_GRS',
      hierarchicalNamespace: false,
      networkDefaultAction: 'Deny',
      networkBypass: ['Logging', 'AzureServices'],
      blob: {
        versioning: true,
        changeFeed: true,
        softDelete: { enabled: true, days: 35 },
        restore: { enabled: true, days: 30 },
      },
      files: { softDelete: { enabled: true, days: 14 } },
      containers: ['app'],
      shares: ['home'],
      ...none,
    });
  });

  test('file share', async () => {
    const facts = await same(
      'azure-files',
      block(
        'azurerm_storage_account',
        's',
        `name = "sa"\n${group}\naccount_tier = "Standard"\naccount_replication_type = "LRS"`,
      ) +
        block(
          'azurerm_storage_share',
          'f',
          'name = "home"\nstorage_account_id = azurerm_storage_account.s.id\nquota = 50\nenabled_protocol = "NFS"',
        ),
      [
        {
          type: 'Microsoft.Storage/storageAccounts',
          name: 'sa',
          location: 'westeurope',
          kind: 'StorageV2',
          sku: { name: 'Standard_LRS' },
        },
        {
          type: 'Microsoft.Storage/storageAccounts/fileServices/shares',
          name: 'sa/default/home',
          properties: { shareQuota: 50, enabledProtocols: 'nfs' },
        },
      ],
    );
    expect(facts).toMatchObject({
      name: 'home',
      accountName: 'sa',
      location: 'westeurope',
      protocol: 'NFS',
      quotaGb: 50,
      account: { kind: 'storage-account', sku: 'Standard_LRS' },
      ...none,
    });
  });

  test('PostgreSQL flexible server', async () => {
    const facts = await same(
      'postgresql',
      block(
        'azurerm_postgresql_flexible_server',
        'p',
        `name = "pg"\n${group}\nversion = "16"\nsku_name = "GP_Standard_D4s_v3"\nstorage_mb = 131072\nbackup_retention_days = 14\ngeo_redundant_backup_enabled = true\ncreate_mode = "Replica"\nhigh_availability {\n mode = "ZoneRedundant"\n}`,
      ),
      [
        {
          type: 'Microsoft.DBforPostgreSQL/flexibleServers',
          name: 'pg',
          location: 'westeurope',
          sku: { name: 'Standard_D4s_v3', tier: 'GeneralPurpose' },
          properties: {
            version: '16',
            createMode: 'Replica',
            storage: { storageSizeGB: 128 },
            backup: { backupRetentionDays: 14, geoRedundantBackup: 'Enabled' },
            highAvailability: { mode: 'ZoneRedundant' },
            network: { publicNetworkAccess: 'Enabled' },
          },
        },
      ],
    );
    expect(facts).toMatchObject({
      service: 'flexible',
      tier: 'GeneralPurpose',
      storageGb: 128,
      nativeBackupDays: 14,
      geoRedundantBackup: true,
      highAvailability: 'ZoneRedundant',
      replica: true,
    });
  });

  test('MySQL flexible server', async () => {
    const facts = await same(
      'mysql',
      block(
        'azurerm_mysql_flexible_server',
        'm',
        `name = "my"\n${group}\nversion = "8.0.21"\nsku_name = "B_Standard_B1ms"\nstorage {\n size_gb = 64\n}`,
      ),
      [
        {
          type: 'Microsoft.DBforMySQL/flexibleServers',
          name: 'my',
          location: 'West Europe',
          sku: { name: 'Standard_B1ms', tier: 'Burstable' },
          properties: { version: '8.0.21', storage: { storageSizeGB: 64 }, backup: { backupRetentionDays: 7 } },
        },
      ],
    );
    expect(facts).toMatchObject({ tier: 'Burstable', storageGb: 64, geoRedundantBackup: false, replica: false });
  });

  test('AKS cluster with extension, node pool and trusted access', async () => {
    const vault = '/subscriptions/s/resourceGroups/g/providers/Microsoft.DataProtection/backupVaults/v';
    const facts = await same(
      'aks',
      block(
        'azurerm_kubernetes_cluster',
        'k',
        `name = "aks"\n${group}\nnode_resource_group = "aks-nodes"\noidc_issuer_enabled = true\nidentity {\n type = "SystemAssigned"\n}\ndefault_node_pool {\n name = "sys"\n vm_size = "Standard_D4s_v5"\n}`,
      ) +
        block(
          'azurerm_kubernetes_cluster_node_pool',
          'w',
          'name = "win"\nkubernetes_cluster_id = azurerm_kubernetes_cluster.k.id\nvm_size = "Standard_D4s_v5"\nos_type = "Windows"',
        ) +
        block(
          'azurerm_kubernetes_cluster_extension',
          'e',
          'name = "backup"\ncluster_id = azurerm_kubernetes_cluster.k.id\nextension_type = "Microsoft.DataProtection.Kubernetes"\nconfiguration_settings = {\n "configuration.backupStorageLocation.bucket" = "bucket"\n}',
        ) +
        block(
          'azurerm_kubernetes_cluster_trusted_access_role_binding',
          't',
          `name = "b"\nkubernetes_cluster_id = azurerm_kubernetes_cluster.k.id\nsource_resource_id = "${vault}"\nroles = ["Microsoft.DataProtection/backupVaults/backup-operator"]`,
        ),
      [
        {
          type: 'Microsoft.ContainerService/managedClusters',
          name: 'aks',
          location: 'westeurope',
          identity: { type: 'SystemAssigned' },
          properties: {
            nodeResourceGroup: 'aks-nodes',
            oidcIssuerProfile: { enabled: true },
            agentPoolProfiles: [{ name: 'sys', vmSize: 'Standard_D4s_v5', osType: 'Linux' }],
          },
        },
        {
          type: 'Microsoft.ContainerService/managedClusters/agentPools',
          name: 'aks/win',
          properties: { vmSize: 'Standard_D4s_v5', osType: 'Windows' },
        },
        {
          type: 'Microsoft.KubernetesConfiguration/extensions',
          name: 'backup',
          scope: "[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]",
          properties: {
            extensionType: 'microsoft.dataprotection.kubernetes',
            configurationSettings: { 'configuration.backupStorageLocation.bucket': 'bucket' },
          },
        },
        {
          type: 'Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings',
          name: 'aks/b',
          properties: { sourceResourceId: vault, roles: ['Microsoft.DataProtection/backupVaults/backup-operator'] },
        },
      ],
    );
    expect(facts).toMatchObject({
      nodeGroup: 'aks-nodes',
      identity: 'SystemAssigned',
      private: false,
      nodePools: [
        { name: 'sys', size: 'Standard_D4s_v5', os: 'Linux' },
        { name: 'win', size: 'Standard_D4s_v5', os: 'Windows' },
      ],
      backupExtension: { container: 'bucket' },
      trustedVaults: [vault],
    });
  });

  test('Cosmos DB account', async () => {
    const facts = await same(
      'cosmos-db',
      block(
        'azurerm_cosmosdb_account',
        'c',
        `name = "cos"\n${group}\nkind = "GlobalDocumentDB"\ncapabilities {\n name = "EnableServerless"\n}\nbackup {\n type = "Continuous"\n tier = "Continuous7Days"\n}\ngeo_location {\n location = "North Europe"\n failover_priority = 1\n}\ngeo_location {\n location = "West Europe"\n failover_priority = 0\n}`,
      ),
      [
        {
          type: 'Microsoft.DocumentDB/databaseAccounts',
          name: 'cos',
          location: 'West Europe',
          kind: 'GlobalDocumentDB',
          properties: {
            capabilities: [{ name: 'EnableServerless' }],
            backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous7Days' } },
            locations: [
              { locationName: 'North Europe', failoverPriority: 1 },
              { locationName: 'West Europe', failoverPriority: 0 },
            ],
          },
        },
      ],
    );
    expect(facts).toMatchObject({
      api: 'nosql',
      backupMode: 'Continuous',
      continuousTier: 'Continuous7Days',
      writeRegion: 'westeurope',
    });
  });

  test('Elastic SAN volume', async () => {
    const [hcl, arm] = await Promise.all([
      viewIn(
        'main.tf',
        block('azurerm_elastic_san', 's', `name = "san"\n${group}\nbase_size_in_tib = 1`) +
          block('azurerm_elastic_san_volume_group', 'g', 'name = "vg"\nelastic_san_id = azurerm_elastic_san.s.id') +
          block(
            'azurerm_elastic_san_volume',
            'v',
            'name = "vol"\nvolume_group_id = azurerm_elastic_san_volume_group.g.id\nsize_in_gib = 100',
          ),
        'datasource',
      ),
      viewIn(
        'main.json',
        template([
          { type: 'Microsoft.ElasticSan/elasticSans', name: 'san', location: 'westeurope' },
          { type: 'Microsoft.ElasticSan/elasticSans/volumegroups', name: 'san/vg' },
          {
            type: 'Microsoft.ElasticSan/elasticSans/volumegroups/volumes',
            name: 'san/vg/vol',
            properties: { sizeGiB: 100 },
          },
        ]),
        'datasource',
      ),
    ]);
    for (const view of [hcl, arm]) {
      expect(view).toMatchObject({ kind: 'elastic-san', name: 'vol', location: 'westeurope', sizeGb: 100 });
      expect(view.volumeGroup.$symbol).toMatch(/volumegroups\/san\/vg$/);
    }
  });

  test('SQL virtual machine with automated backup', async () => {
    const [hcl, arm] = await Promise.all([
      viewIn(
        'main.tf',
        block('azurerm_windows_virtual_machine', 'w', `name = "vm"\n${group}\nsize = "Standard_D4s_v5"`) +
          block(
            'azurerm_mssql_virtual_machine',
            'q',
            'virtual_machine_id = azurerm_windows_virtual_machine.w.id\nsql_license_type = "PAYG"\nauto_backup {\n retention_period_in_days = 7\n}',
          ),
        'datasource',
        'sql-in-vm',
      ),
      viewIn(
        'main.json',
        template([
          { type: 'Microsoft.Compute/virtualMachines', name: 'vm', location: 'westeurope' },
          {
            type: 'Microsoft.SqlVirtualMachine/sqlVirtualMachines',
            name: 'vm',
            properties: {
              virtualMachineResourceId: "[resourceId('Microsoft.Compute/virtualMachines', 'vm')]",
              sqlServerLicenseType: 'PAYG',
              autoBackupSettings: { enable: true, retentionPeriod: 7 },
            },
          },
        ]),
        'datasource',
        'sql-in-vm',
      ),
    ]);
    for (const view of [hcl, arm]) {
      expect(view).toMatchObject({
        license: 'PAYG',
        automatedBackup: { enabled: true, days: 7 },
        machine: { kind: 'azure-vm', name: 'vm', database: 'sql' },
        // azurerm has no resource for databases: what is not here may be elsewhere.
        protection: unknown,
        protected: false,
      });
    }
  });
});

describe('what protects a datasource', () => {
  const vault = block(
    'azurerm_data_protection_backup_vault',
    'v',
    `name = "bv"\n${group}\ndatastore_type = "VaultStore"\nredundancy = "LocallyRedundant"\nidentity {\n type = "SystemAssigned"\n}`,
  );
  const disk = (name: string): string =>
    block(
      'azurerm_managed_disk',
      name,
      `name = "${name}"\n${group}\nstorage_account_type = "Premium_LRS"\ncreate_option = "Empty"`,
    );
  const instance = (lines: string): string =>
    block(
      'azurerm_data_protection_backup_instance_disk',
      'i',
      `name = "i"\nlocation = "westeurope"\nvault_id = azurerm_data_protection_backup_vault.v.id\nsnapshot_resource_group_name = "rg-snap"\nbackup_policy_id = "x"\n${lines}`,
    );
  const kinds = async (text: string, kind: string, name = 'main.tf'): Promise<Record<string, View>> =>
    Object.fromEntries(
      (await entitiesIn(name, text))
        .map((entity) => encode(entity.view) as View)
        .filter((view) => view.kind === kind)
        .map((view) => [view.name, view]),
    );

  test('a disk by its instance; the other one has none', async () => {
    const found = await kinds(
      vault + disk('one') + disk('two') + instance('disk_id = azurerm_managed_disk.one.id'),
      'azure-disk',
    );
    expect(found['one']).toMatchObject({
      protection: 'item',
      protected: true,
      items: ['azurerm_data_protection_backup_instance_disk.i'],
    });
    expect(found['two']).toMatchObject({ protection: 'none', protected: false, items: [] });
  });

  test('without any item of the kind, and with an unknown source, it cannot be told', async () => {
    expect((await kinds(vault + disk('one'), 'azure-disk'))['one'].protection).toEqual(unknown);
    const open = await kinds(
      `variable "disk" {}\n${vault}${disk('one')}${instance('disk_id = var.disk')}`,
      'azure-disk',
    );
    expect(open['one']).toMatchObject({ protection: unknown, protected: unknown, items: [unknown] });
  });

  test('the item shows its datasource, snapshot group and the roles of its vault', async () => {
    const view = await viewIn(
      'main.tf',
      `${vault}${disk('one')}${instance('disk_id = azurerm_managed_disk.one.id')}
      resource "azurerm_role_assignment" "r" {
        scope                = azurerm_managed_disk.one.id
        role_definition_name = "Disk Backup Reader"
        principal_id         = azurerm_data_protection_backup_vault.v.identity[0].principal_id
      }
      resource "azurerm_role_assignment" "other" {
        scope                = azurerm_managed_disk.one.id
        role_definition_name = "Reader"
        principal_id         = "11111111-1111-1111-1111-111111111111"
      }`,
      'protected-item',
    );
    expect(view.datasource).toMatchObject({ kind: 'azure-disk', name: 'one' });
    expect(view.machine).toEqual(unknown);
    expect(view.snapshotGroup.$symbol).toMatch(/\/rg-snap\/?$/);
    expect(view.vaultRoles[0]).toEqual({ role: 'Disk Backup Reader', on: ['source'], awaited: false });
    // Whose the written GUID is cannot be told.
    expect(view.vaultRoles[1]).toEqual(unknown);
  });

  test('the same roles in ARM', async () => {
    const view = await viewIn(
      'main.json',
      template([
        {
          type: 'Microsoft.DataProtection/backupVaults',
          name: 'bv',
          location: 'westeurope',
          identity: { type: 'SystemAssigned' },
        },
        { type: 'Microsoft.Compute/disks', name: 'one', location: 'westeurope' },
        {
          type: 'Microsoft.DataProtection/backupVaults/backupInstances',
          name: 'bv/i',
          properties: {
            dataSourceInfo: {
              datasourceType: 'Microsoft.Compute/disks',
              resourceID: "[resourceId('Microsoft.Compute/disks','one')]",
            },
            policyInfo: {
              policyId: "[resourceId('Microsoft.DataProtection/backupVaults/backupPolicies','bv','p')]",
              policyParameters: {
                dataStoreParametersList: [
                  {
                    objectType: 'AzureOperationalStoreParameters',
                    resourceGroupId: "[subscriptionResourceId('Microsoft.Resources/resourceGroups','rg-snap')]",
                  },
                ],
              },
            },
          },
        },
        {
          type: 'Microsoft.Authorization/roleAssignments',
          name: 'x',
          scope: "[resourceId('Microsoft.Compute/disks','one')]",
          properties: {
            roleDefinitionId:
              "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions','3e5e47e6-65f7-47ef-90b5-e5dd4d455f24')]",
            principalId:
              "[reference(resourceId('Microsoft.DataProtection/backupVaults','bv'),'2024-04-01','Full').identity.principalId]",
          },
        },
      ]),
      'protected-item',
    );
    expect(view.vaultRoles).toEqual([{ role: 'Disk Backup Reader', on: ['source'], awaited: false }]);
    expect(view.datasource).toMatchObject({ kind: 'azure-disk', name: 'one' });
  });

  const account = block(
    'azurerm_storage_account',
    's',
    `name = "sa"\n${group}\naccount_tier = "Standard"\naccount_replication_type = "LRS"`,
  );
  const share = (name: string): string =>
    block(
      'azurerm_storage_share',
      name,
      `name = "${name}"\nstorage_account_id = azurerm_storage_account.s.id\nquota = 5`,
    );
  const protectedShare = (name: string): string =>
    block(
      'azurerm_backup_protected_file_share',
      'p',
      `resource_group_name = "rg"\nrecovery_vault_name = "v"\nsource_storage_account_id = azurerm_storage_account.s.id\nsource_file_share_name = ${name}\nbackup_policy_id = "x"`,
    );

  test('a share by the account and its name', async () => {
    const text = account + share('home') + share('other');
    const found = await kinds(text + protectedShare('"home"'), 'azure-files');
    expect(found['home'].protection).toBe('item');
    expect(found['other'].protection).toBe('none');
    const item = await viewIn('main.tf', text + protectedShare('azurerm_storage_share.home.name'), 'protected-item');
    expect(item.datasource).toMatchObject({ kind: 'azure-files', name: 'home' });
    const open = await kinds(`variable "share" {}\n${text}${protectedShare('var.share')}`, 'azure-files');
    expect(open['home'].protection).toEqual(unknown);
    // Files do not protect the blobs of the account.
    expect((await kinds(text + protectedShare('"home"'), 'storage-account'))['sa'].protected).toBe(false);
  });

  test('a share in ARM by its name in the item, unless that is a hash', async () => {
    const of = async (item: string): Promise<View> =>
      (
        await kinds(
          template([
            { type: 'Microsoft.Storage/storageAccounts', name: 'sa', location: 'westeurope' },
            { type: 'Microsoft.Storage/storageAccounts/fileServices/shares', name: 'sa/default/home' },
            {
              type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
              name: `v/Azure/storagecontainer;Storage;rg;sa/${item}`,
              properties: {
                protectedItemType: 'AzureFileShareProtectedItem',
                sourceResourceId: "[resourceId('Microsoft.Storage/storageAccounts','sa')]",
                policyId: "[resourceId('Microsoft.RecoveryServices/vaults/backupPolicies','v','p')]",
              },
            },
          ]),
          'azure-files',
          'main.json',
        )
      )['home'];
    expect((await of('AzureFileShare;home')).protection).toBe('item');
    expect((await of('AzureFileShare;other')).protection).toBe('none');
    expect((await of(`AzureFileShare;${'0a'.repeat(32)}`)).protection).toEqual(unknown);
  });

  test('of an Elastic SAN only the named volume', async () => {
    const text =
      vault +
      block(
        'azurerm_elastic_san_volume_group',
        'g',
        'name = "vg"\nelastic_san_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ElasticSan/elasticSans/san"',
      ) +
      ['a', 'b']
        .map((name) =>
          block(
            'azurerm_elastic_san_volume',
            name,
            `name = "${name}"\nvolume_group_id = azurerm_elastic_san_volume_group.g.id\nsize_in_gib = 1`,
          ),
        )
        .join('') +
      block(
        'azurerm_data_protection_backup_instance_elastic_san_volume_group',
        'i',
        'name = "i"\nlocation = "westeurope"\nvault_id = azurerm_data_protection_backup_vault.v.id\nelastic_san_volume_group_id = azurerm_elastic_san_volume_group.g.id\nvolume_name = "a"\nsnapshot_resource_group_name = "rg"\nbackup_policy_id = "x"',
      );
    const found = await kinds(text, 'elastic-san');
    expect(found['a'].protection).toBe('item');
    expect(found['b'].protection).toBe('none');
  });

  test('a cluster instance says what it takes', async () => {
    const hcl = await viewIn(
      'main.tf',
      block(
        'azurerm_data_protection_backup_instance_kubernetes_cluster',
        'i',
        'name = "i"\nlocation = "westeurope"\nvault_id = "x"\nkubernetes_cluster_id = "y"\nsnapshot_resource_group_name = "rg"\nbackup_policy_id = "x"\nbackup_datasource_parameters {\n excluded_namespaces = ["kube-system"]\n volume_snapshot_enabled = true\n}',
      ),
      'protected-item',
    );
    const arm = await viewIn(
      'main.json',
      template([
        {
          type: 'Microsoft.DataProtection/backupVaults/backupInstances',
          name: 'bv/i',
          properties: {
            dataSourceInfo: { datasourceType: 'Microsoft.ContainerService/managedClusters', resourceID: 'y' },
            policyInfo: {
              policyParameters: {
                backupDatasourceParametersList: [
                  {
                    objectType: 'KubernetesClusterBackupDatasourceParameters',
                    snapshotVolumes: true,
                    includeClusterScopeResources: false,
                    excludedNamespaces: ['kube-system'],
                    includedNamespaces: null,
                  },
                ],
              },
            },
          },
        },
      ]),
      'protected-item',
    );
    expect(hcl.cluster).toEqual({
      volumeSnapshots: true,
      clusterResources: false,
      excludedNamespaces: ['kube-system'],
    });
    expect(arm.cluster).toEqual(hcl.cluster);
  });

  test('containers of a blob instance', async () => {
    const hcl = await viewIn(
      'main.tf',
      block(
        'azurerm_data_protection_backup_instance_blob_storage',
        'i',
        'name = "i"\nlocation = "westeurope"\nvault_id = "x"\nstorage_account_id = "y"\nbackup_policy_id = "x"\nstorage_account_container_names = ["a", "b"]',
      ),
      'protected-item',
    );
    expect(hcl.containers).toEqual(['a', 'b']);
  });

  test('an intent is an item for every database; the machine itself stays as it was', async () => {
    const entities = await entitiesIn(
      'main.json',
      template([
        { type: 'Microsoft.Compute/virtualMachines', name: 'vm', location: 'westeurope' },
        {
          type: 'Microsoft.RecoveryServices/vaults/backupFabrics/backupProtectionIntent',
          name: 'v/Azure/9c8b',
          properties: {
            protectionIntentItemType: 'AzureWorkloadSQLAutoProtectionIntent',
            workloadItemType: 'SQLInstance',
            sourceResourceId: "[resourceId('Microsoft.Compute/virtualMachines','vm')]",
            policyId: "[resourceId('Microsoft.RecoveryServices/vaults/backupPolicies','v','p')]",
          },
        },
      ]),
    );
    const views = entities.map((entity) => [entity.subject, encode(entity.view)] as [string, View]);
    const item = views.find(([subject]) => subject === 'protected-item')![1];
    expect(item).toMatchObject({
      solution: 'sql-in-vm',
      reach: 'instance',
      state: 'protected',
      machine: { name: 'vm' },
    });
    const machine = views.find(([subject]) => subject === 'datasource')![1];
    expect(machine).toMatchObject({
      databaseProtected: true,
      protectedDatabases: ['sql-in-vm'],
      protection: unknown,
    });
  });
});

test('users of a disk: by attachment, and open where an attachment is not known', async () => {
  const text = (id: string): string =>
    `variable "disk" {}\n${block('azurerm_linux_virtual_machine', 'm', `name = "vm"\n${group}\nsize = "Standard_D2s_v5"`)}${block('azurerm_managed_disk', 'd', `name = "d"\n${group}\ncreate_option = "Empty"`)}${block('azurerm_virtual_machine_data_disk_attachment', 'a', `managed_disk_id = ${id}\nvirtual_machine_id = azurerm_linux_virtual_machine.m.id\nlun = 0`)}`;
  expect((await viewIn('main.tf', text('azurerm_managed_disk.d.id'), 'datasource', 'azure-disk')).users).toEqual([
    'azurerm_linux_virtual_machine.m',
  ]);
  expect((await viewIn('main.tf', text('var.disk'), 'datasource', 'azure-disk')).users).toEqual([unknown]);
});

test('unknown parts stay unknown', async () => {
  const view = await viewIn(
    'main.tf',
    `variable "x" {}\n${block('azurerm_storage_account', 's', `name = "sa"\n${group}\naccount_tier = var.x\naccount_replication_type = "LRS"\nis_hns_enabled = var.x\nblob_properties {\n versioning_enabled = var.x\n}`)}`,
    'datasource',
  );
  expect(view).toMatchObject({ sku: named, hierarchicalNamespace: named, blob: { versioning: named } });
});
