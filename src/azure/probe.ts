/**
 * May whoever asks read what an audit needs? Resource Graph leaves out without a word what one may not read, so that without this a
 * missing right would look like a datasource that does not exist. Takes the rights that Azure lists for the caller, and says which
 * facts are missing where, and what grants them.
 */
import type { Arm } from './arm.ts';
import type { Failure } from './failure.ts';
import type { Fact, InventoryGap, Row } from './inventory.ts';

/** What reading each fact takes. */
const needed: Readonly<Partial<Record<Fact, readonly string[]>>> = {
  vaults: ['Microsoft.RecoveryServices/vaults/read', 'Microsoft.DataProtection/backupVaults/read'],
  'resource-guards': ['Microsoft.DataProtection/resourceGuards/read'],
  'private-endpoints': ['Microsoft.Network/privateEndpoints/read'],
  policies: [
    'Microsoft.RecoveryServices/vaults/backupPolicies/read',
    'Microsoft.DataProtection/backupVaults/backupPolicies/read',
  ],
  items: [
    'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/read',
    'Microsoft.RecoveryServices/vaults/backupProtectedItems/read',
    'Microsoft.DataProtection/backupVaults/backupInstances/read',
    'Microsoft.DataProtection/backupVaults/deletedBackupInstances/read',
  ],
  counts: ['Microsoft.RecoveryServices/vaults/backupUsageSummaries/read'],
  'on-premises': [
    'Microsoft.RecoveryServices/vaults/backupProtectionContainers/read',
    'Microsoft.RecoveryServices/vaults/backupEngines/read',
  ],
  intents: ['Microsoft.RecoveryServices/vaults/backupProtectionIntents/read'],
  virtualMachines: ['Microsoft.Compute/virtualMachines/read'],
  restorePoints: ['Microsoft.Compute/restorePointCollections/read'],
  machineExtensions: ['Microsoft.Compute/virtualMachines/extensions/read'],
  disks: ['Microsoft.Compute/disks/read', 'Microsoft.Compute/snapshots/read'],
  datasources: [
    'Microsoft.Storage/storageAccounts/read',
    'Microsoft.SqlVirtualMachine/sqlVirtualMachines/read',
    'Microsoft.DBforPostgreSQL/flexibleServers/read',
    'Microsoft.DBforPostgreSQL/servers/read',
    'Microsoft.DBforMySQL/flexibleServers/read',
    'Microsoft.ContainerService/managedClusters/read',
    'Microsoft.DocumentDB/databaseAccounts/read',
    'Microsoft.ElasticSan/elasticSans/read',
  ],
  elasticSan: [
    'Microsoft.ElasticSan/elasticSans/volumeGroups/read',
    'Microsoft.ElasticSan/elasticSans/volumeGroups/volumes/read',
  ],
  extensions: ['Microsoft.KubernetesConfiguration/extensions/read'],
  keyVaults: ['Microsoft.KeyVault/vaults/read'],
  networks: [
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/networkSecurityGroups/read',
    // No operation has the name of the rules of network managers that hold in a network.
    'Microsoft.Network/*/read',
  ],
  policyAssignments: ['Microsoft.Authorization/policyAssignments/read'],
  access: ['Microsoft.Authorization/roleAssignments/read'],
  identities: ['Microsoft.ManagedIdentity/userAssignedIdentities/read'],
  'trusted-access': ['Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings/read'],
};

const neededDeep: Readonly<Partial<Record<Fact, readonly string[]>>> = {
  jobs: ['Microsoft.RecoveryServices/vaults/backupJobs/read', 'Microsoft.DataProtection/backupVaults/backupJobs/read'],
  protectable: ['Microsoft.RecoveryServices/vaults/backupProtectableItems/read'],
  'recovery-points': [
    'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/read',
    'Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read',
  ],
  'file-shares': ['Microsoft.Storage/storageAccounts/fileServices/shares/read'],
  'file-settings': ['Microsoft.Storage/storageAccounts/fileServices/read'],
  'blob-settings': ['Microsoft.Storage/storageAccounts/blobServices/read'],
  'blob-containers': ['Microsoft.Storage/storageAccounts/blobServices/containers/read'],
  lifecycle: ['Microsoft.Storage/storageAccounts/managementPolicies/read'],
  replication: ['Microsoft.Storage/storageAccounts/objectReplicationPolicies/read'],
  registrations: ['Microsoft.RecoveryServices/vaults/backupProtectionContainers/read'],
  'site-recovery': ['Microsoft.RecoveryServices/vaults/replicationFabrics/read'],
  locks: ['Microsoft.Authorization/locks/read'],
  sizes: ['Microsoft.Compute/skus/read'],
  diagnostics: ['Microsoft.Insights/diagnosticSettings/read'],
};

/**
 * What is read and not looked for: without the first four nothing is read at all, and Azure refuses the others with a word, in the few
 * vaults in which they are asked for.
 */
const asked: readonly string[] = [
  'Microsoft.Authorization/permissions/read',
  'Microsoft.Management/managementGroups/descendants/read',
  'Microsoft.ResourceGraph/resources/read',
  'Microsoft.Resources/subscriptions/read',
  'Microsoft.RecoveryServices/vaults/backupconfig/read',
  'Microsoft.RecoveryServices/vaults/backupstorageconfig/read',
  'Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/read',
];

/**
 * Resource Graph goes by the type of what it shows. Where a provider has no operation of that name, which a role could not name either,
 * all that can be read of the provider grants it (learn.microsoft.com/azure/role-based-access-control/permissions/security).
 */
const grantedAs: Readonly<Record<string, string>> = {
  'Microsoft.DataProtection/resourceGuards/read': 'Microsoft.DataProtection/*/read',
  'Microsoft.DataProtection/backupVaults/backupJobs/read': 'Microsoft.DataProtection/*/read',
};

/** The actions of a role with which an audit reads everything and that can do nothing else. */
export function actionsOfRole(deep: boolean): readonly string[] {
  const actions = new Set(
    [...asked, ...Object.values({ ...needed, ...(deep ? neededDeep : {}) }).flat()].map((one) => grantedAs[one] ?? one),
  );
  const wide = [...actions].filter((one) => one.includes('*'));
  const isCovered = (one: string): boolean => wide.some((other) => other !== one && patternOf(other).test(one));
  return [...actions].filter((one) => !isCovered(one)).sort();
}

const apiVersion = '2022-04-01';

/**
 * `scope`: id of a subscription or a management group; `grantAt`: where a role would best be assigned. Gives what is missing there;
 * throws a Failure where Azure does not tell.
 */
export async function probe(arm: Arm, scope: string, grantAt: string, deep: boolean): Promise<readonly InventoryGap[]> {
  const permissions: Permission[] = [];
  for await (const rows of arm.pages(`${scope}/providers/Microsoft.Authorization/permissions`, apiVersion))
    permissions.push(...rows.map(permissionIn));
  const all = { ...needed, ...(deep ? neededDeep : {}) };
  const missing = Object.entries(all).flatMap(([fact, actions]) => {
    const lacking = actions.filter((action) => !permissions.some((one) => allows(one, action)));
    return lacking.length === 0
      ? []
      : [{ fact: fact as Fact, lacking: [...new Set(lacking.map((one) => grantedAs[one] ?? one))] }];
  });
  if (missing.length === Object.keys(all).length)
    return [
      {
        unread: 'everything',
        scope,
        because: 'whoever asks has no right to read anything of an audit there',
        code: 'forbidden',
        remedy: grant(grantAt),
      },
    ];
  return missing.map(({ fact, lacking }) => ({
    unread: fact,
    scope,
    because: withoutRights(lacking),
    rights: lacking,
    code: 'forbidden',
    remedy: grant(grantAt),
  }));
}

/** Why nothing may be concluded from what Azure answers without these rights. */
export function withoutRights(rights: readonly string[]): string {
  return `rights are missing (${rights.join(', ')}), and Azure leaves out without a word what may not be read`;
}

/** Reader has every right that is needed; Backup Reader, which sounds as if it had, cannot see datasources. */
export function grant(scope: string): string {
  return `az role assignment create --assignee OBJECT-ID --role Reader --scope ${scope}`;
}

/** Where Azure does not tell what one may do, it does not count as allowed. */
export function unknownRights(failure: Failure, scope: string, grantAt: string): InventoryGap {
  // Azure answers 403 of a management group that does not exist.
  const isHidden = failure.status === 403 || failure.status === 404;
  const isGroup = /\/managementGroups\//i.test(scope);
  return {
    unread: 'everything',
    scope,
    because: isHidden
      ? isGroup
        ? 'the management group does not exist in this tenant, or whoever asks may not see it'
        : 'the subscription does not exist in this tenant, or whoever asks may not see it'
      : failure.isFinal
        ? failure.message
        : `it is not known what may be read there: ${failure.message}`,
    code: isHidden ? 'forbidden' : failure.code,
    ...(isHidden
      ? { remedy: seeAndGrant(isGroup, grantAt) }
      : failure.remedy === undefined
        ? {}
        : { remedy: failure.remedy }),
  };
}

/** Whoever mistypes an id needs no role. */
function seeAndGrant(isGroup: boolean, grantAt: string): string {
  return isGroup
    ? `See whether the id is right: \`az account management-group list\` shows it as name, which is not the displayName. Where it is, run ${grant(grantAt)}`
    : `See with \`az account list --all\` whether id and tenant are right. Where they are, run ${grant(grantAt)}`;
}

interface Permission {
  readonly actions: readonly RegExp[];
  readonly notActions: readonly RegExp[];
}

function permissionIn(row: Row): Permission {
  const patterns = (value: unknown): RegExp[] =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string').map(patternOf) : [];
  return { actions: patterns(row['actions']), notActions: patterns(row['notActions']) };
}

/** `Microsoft.Compute/*` with a star for anything, also in the middle. */
function patternOf(action: string): RegExp {
  const pieces = action.split('*').map((piece) => piece.replaceAll(/[.+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${pieces.join('.*')}$`, 'i');
}

/** What one role takes away, another may give. */
function allows({ actions, notActions }: Permission, action: string): boolean {
  return actions.some((one) => one.test(action)) && !notActions.some((one) => one.test(action));
}
