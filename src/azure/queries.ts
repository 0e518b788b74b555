/**
 * What Resource Graph is asked. Each is a table, conditions, columns and an order, so that paging works (it needs the id) and nothing is
 * joined there: what belongs together is found here, where there are no limits on joins.
 */
import type { Fact } from './inventory.ts';

export interface Query {
  /** What is missing where it cannot be answered. */
  readonly fact: Fact;
  /** Name of its rows in the inventory. */
  readonly from: string;
  readonly text: string;
}

const common = ['id', 'name', 'type', 'location', 'resourceGroup', 'subscriptionId'];

function query(
  fact: Fact,
  from: string,
  { table, types, where = [], columns }: { table: string; types: string[]; where?: string[]; columns: string[] },
): Query {
  const condition =
    types.length === 1 ? `type =~ '${types[0]}'` : `type in~ (${types.map((type) => `'${type}'`).join(', ')})`;
  const text = [
    table,
    ...[condition, ...where].map((one) => `where ${one}`),
    `project ${columns.join(', ')}`,
    'order by id asc',
  ].join(' | ');
  return { fact, from, text };
}

export const subscriptionsQuery = query('subscriptions', 'graph:subscriptions', {
  table: 'resourcecontainers',
  types: ['microsoft.resources/subscriptions'],
  columns: ['id', 'name', 'type', 'subscriptionId', 'tenantId', 'tags', 'properties'],
});

/** Private endpoints stand beside the vaults, which are judged by them. */
export const vaultsQuery = query('vaults', 'graph:vaults', {
  table: 'resources',
  types: [
    'microsoft.recoveryservices/vaults',
    'microsoft.dataprotection/backupvaults',
    'microsoft.dataprotection/resourceguards',
    'microsoft.network/privateendpoints',
  ],
  columns: [...common, 'tags', 'sku', 'identity', 'properties'],
});

export const itemsQuery = query('items', 'graph:items', {
  table: 'recoveryservicesresources',
  types: [
    'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems',
    'microsoft.dataprotection/backupvaults/backupinstances',
    'microsoft.dataprotection/backupvaults/deletedbackupinstances',
  ],
  columns: [...common, 'properties'],
});

export const datasourcesQuery = query('datasources', 'graph:datasources', {
  table: 'resources',
  types: [
    'microsoft.storage/storageaccounts',
    'microsoft.sqlvirtualmachine/sqlvirtualmachines',
    'microsoft.dbforpostgresql/flexibleservers',
    'microsoft.dbforpostgresql/servers',
    'microsoft.dbformysql/flexibleservers',
    'microsoft.containerservice/managedclusters',
    'microsoft.documentdb/databaseaccounts',
    'microsoft.elasticsan/elasticsans',
  ],
  columns: [...common, 'kind', 'tags', 'sku', 'zones', 'identity', 'properties'],
});

/** In the order in which they are asked. */
export const sweep: readonly Query[] = [
  vaultsQuery,
  query('policies', 'graph:policies', {
    table: 'recoveryservicesresources',
    types: ['microsoft.recoveryservices/vaults/backuppolicies', 'microsoft.dataprotection/backupvaults/backuppolicies'],
    columns: [...common, 'properties'],
  }),
  itemsQuery,
  query('virtualMachines', 'graph:virtualMachines', {
    table: 'resources',
    types: ['microsoft.compute/virtualmachines'],
    columns: [...common, 'tags', 'zones', 'plan', 'identity', 'properties'],
  }),
  // Of their settings alone what is judged: the rest may name keys.
  query('machineExtensions', 'graph:machineExtensions', {
    table: 'resources',
    types: ['microsoft.compute/virtualmachines/extensions'],
    where: ["tostring(properties.type) in~ ('SqlIaaSAgent', 'AzureDiskEncryption', 'AzureDiskEncryptionForLinux')"],
    columns: [
      ...common,
      'publisher = properties.publisher',
      'extensionType = properties.type',
      'provisioningState = properties.provisioningState',
      'automatedBackup = properties.settings.AutoBackupSettings.Enable',
      'encryptionOperation = properties.settings.EncryptionOperation',
      'volumeType = properties.settings.VolumeType',
    ],
  }),
  query('disks', 'graph:disks', {
    table: 'resources',
    types: ['microsoft.compute/disks', 'microsoft.compute/snapshots'],
    columns: [...common, 'tags', 'sku', 'zones', 'managedBy', 'properties'],
  }),
  datasourcesQuery,
];

/** Asked where there are sets of volumes. */
export const elasticSanQuery = query('elasticSan', 'graph:elasticSan', {
  table: 'elasticsanresources',
  types: ['microsoft.elasticsan/elasticsans/volumegroups', 'microsoft.elasticsan/elasticsans/volumegroups/volumes'],
  columns: [...common, 'properties'],
});

/** Asked where there are clusters. */
export const extensionsQuery = query('extensions', 'graph:extensions', {
  table: 'kubernetesconfigurationresources',
  types: ['microsoft.kubernetesconfiguration/extensions'],
  columns: [...common, 'properties'],
});

/** Asked with --deep. Azure keeps jobs for two weeks here. */
export const deepQueries: readonly Query[] = [
  query('jobs', 'graph:jobs', {
    table: 'recoveryservicesresources',
    types: ['microsoft.recoveryservices/vaults/backupjobs', 'microsoft.dataprotection/backupvaults/backupjobs'],
    where: ['todatetime(properties.startTime) >= ago(7d)'],
    columns: ['id', 'name', 'type', 'resourceGroup', 'subscriptionId', 'properties'],
  }),
  query('protectable', 'graph:protectable', {
    table: 'recoveryservicesresources',
    types: ['microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protectableitems'],
    columns: ['id', 'name', 'type', 'resourceGroup', 'subscriptionId', 'properties'],
  }),
];
