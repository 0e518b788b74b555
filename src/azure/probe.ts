/**
 * May whoever asks read what an audit needs? Resource Graph leaves out without a word what one may not read, so that without this a
 * missing right would look like a datasource that does not exist. Takes the rights that Azure lists for the caller, and says which
 * facts are missing where, and what grants them.
 */
import type { Arm } from './arm.ts';
import type { Failure } from './failure.ts';
import { type Fact, facts, type InventoryGap, type Row } from './inventory.ts';

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
  access: ['Microsoft.Authorization/roleAssignments/read'],
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
  'blob-settings': ['Microsoft.Storage/storageAccounts/blobServices/read'],
  locks: ['Microsoft.Authorization/locks/read'],
  sizes: ['Microsoft.Compute/skus/read'],
  diagnostics: ['Microsoft.Insights/diagnosticSettings/read'],
};

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
    return lacking.length === 0 ? [] : [{ fact: fact as Fact, lacking }];
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
    because: `the right to read ${facts[fact]} is missing (${lacking.join(', ')}), and Azure leaves such resources out without a word`,
    code: 'forbidden',
    remedy: grant(grantAt),
  }));
}

/** Reader has every right that is needed; Backup Reader, which sounds as if it had, cannot see datasources. */
export function grant(scope: string): string {
  return `az role assignment create --assignee OBJECT-ID --role Reader --scope ${scope}`;
}

/** Where Azure does not tell what one may do, it does not count as allowed. */
export function unknownRights(failure: Failure, scope: string, grantAt: string): InventoryGap {
  const isHidden = failure.status === 403 || failure.status === 404;
  return {
    unread: 'everything',
    scope,
    because: isHidden
      ? 'it does not exist in this tenant, or whoever asks may not see it'
      : failure.isFinal
        ? failure.message
        : `it is not known what may be read there: ${failure.message}`,
    code: isHidden ? 'forbidden' : failure.code,
    ...(isHidden ? { remedy: grant(grantAt) } : failure.remedy === undefined ? {} : { remedy: failure.remedy }),
  };
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
