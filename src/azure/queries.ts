/**
 * What Resource Graph is asked. Each is a table, conditions, columns and an order, so that paging works (it needs the id) and nothing is
 * joined there: what belongs together is found here, where there are no limits on joins.
 */
import type { Fact, Row } from './inventory.ts';
import { smallNetwork } from './networks.ts';

export interface Query {
  /** What is missing where it cannot be answered. */
  readonly fact: Fact;
  /** Name of its rows in the inventory. */
  readonly from: string;
  readonly text: string;
  /** What of a row is kept, where that is not all. */
  readonly kept?: (row: Row) => Row;
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
  // A vault of another subscription leaves restore points beside the machine.
  query('virtualMachines', 'graph:virtualMachines', {
    table: 'resources',
    types: ['microsoft.compute/virtualmachines', 'microsoft.compute/restorepointcollections'],
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

/** Asked where a vault has a key of its owner. Of key vaults what decides whether such a key works, and nobody's rights on them. */
export const keyVaultsQuery = query('keyVaults', 'graph:keyVaults', {
  table: 'resources',
  types: ['microsoft.keyvault/vaults'],
  columns: [
    ...common,
    'vaultUri = properties.vaultUri',
    'enablePurgeProtection = properties.enablePurgeProtection',
    'publicNetworkAccess = properties.publicNetworkAccess',
    'defaultAction = properties.networkAcls.defaultAction',
  ],
});

/**
 * Asked where backups of databases in machines do not succeed, and in the subscriptions of those alone: networks lie in that of their
 * machines. Of route tables it is enough that a subnet names one.
 */
export const networkQueries: readonly Query[] = [
  {
    ...query('networks', 'graph:networks', {
      table: 'resources',
      types: [
        'microsoft.network/networkinterfaces',
        'microsoft.network/virtualnetworks',
        'microsoft.network/networksecuritygroups',
      ],
      columns: [
        ...common,
        'ipConfigurations = properties.ipConfigurations',
        'subnets = properties.subnets',
        'peerings = properties.virtualNetworkPeerings',
        'securityRules = properties.securityRules',
      ],
    }),
    kept: smallNetwork,
  },
  // Rules of a network manager go before those of security groups. That there are some is enough.
  query('networks', 'graph:adminRules', {
    table: 'networkresources',
    types: ['microsoft.network/effectivesecurityadminrules'],
    columns: ['id', 'name', 'type', 'resourceGroup', 'subscriptionId'],
  }),
];

/** Built-in definitions of Azure Policy that set up backups, as rules/solutions have them of machines and file shares. */
export const backupDefinitions: readonly string[] = [
  '09ce66bc-1220-4153-8104-e3f51c936913',
  '345fa903-145c-4fe1-8bcd-93ec2adccde8',
  '98d0b9f8-fd90-49c9-88e2-d3baf3b0dd86',
  '83644c87-93dd-49fe-bf9f-6aff8fd0834e',
  'd8659d5a-a3bd-444d-98ea-570bceb568cf',
  'e159e079-0ddd-4905-97c9-79a8fca6d880',
  '9e47cad9-bcdb-42dd-8c9b-a81e15ca2842',
  'f32ca068-2ada-4705-b5b5-84ce89422846',
];

const definitionPath = '/providers/Microsoft.Authorization/policyDefinitions/';

/** Asked where there is what they are for. Those of groups above what is asked do not show. */
export const assignmentsQuery = query('policyAssignments', 'graph:policyAssignments', {
  table: 'policyresources',
  types: ['microsoft.authorization/policyassignments'],
  where: [
    `tostring(properties.policyDefinitionId) in~ (${backupDefinitions.map((name) => `'${definitionPath}${name}'`).join(', ')})`,
  ],
  columns: [
    ...common,
    'identityType = identity.type',
    'policyDefinitionId = properties.policyDefinitionId',
    'enforcementMode = properties.enforcementMode',
    'parameters = properties.parameters',
    'overrides = properties.overrides',
  ],
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
