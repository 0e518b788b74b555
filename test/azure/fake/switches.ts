/** What the fake can be told to do otherwise than a healthy Azure that shows everything. */
import type { Properties, Row } from './rows.ts';

export interface Rights {
  /** With `*`, as role definitions write them. */
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
}

export type Answer =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'throttled-seconds'
  | 'throttled-date'
  | 'throttled-text'
  | 'throttled-hour'
  | 'throttled-bare'
  | 'error-500'
  | 'error-503'
  | 'reset'
  | 'hang'
  | 'slow'
  | 'html'
  | 'truncated'
  | 'foreign-next-link'
  | 'looping';

export interface Fault {
  /** Against `GET /path?query`, for Resource Graph `POST /path?query` and the query; absent: every request. */
  readonly on?: RegExp;
  readonly answer: Answer;
  /** How often; absent: always. */
  readonly times?: number;
  /** So many matching requests are answered well first. */
  readonly after?: number;
}

export interface Switches {
  /** Rows in a page, of Resource Graph and REST alike. */
  readonly pageSize?: number;
  /** Resource Graph's quota per principal. Not set: the headers speak of 15 in 5 s and nothing is refused. */
  readonly quota?: { readonly limit: number; readonly windowMs: number };
  /** Requests of one action in one subscription, until 429. */
  readonly budget?: number;
  readonly faults?: readonly Fault[];
  /** By subscription; undefined or absent: Reader. No actions at all: the subscription cannot be seen. */
  readonly rights?: (subscription: string) => Rights | undefined;
  /** Subscriptions of a management group that one query looks at (10,000 in Azure). */
  readonly subscriptionLimit?: number;
  /** Resource Graph lags behind: rows that it has not got, and what it still says of others. */
  readonly graphLacks?: (row: Row) => boolean;
  readonly graphSays?: (row: Row) => Properties | undefined;
  /** Vault rows of Resource Graph, or those and the answer for one vault, lack security and redundancy settings. */
  readonly withoutVaultSettings?: 'graph' | 'graph-and-vault';
  /** Items whose kind is newer than the SDK. */
  readonly newKind?: (row: Row) => boolean;
  /** Fields that recordings carry and the specifications do not; on unless false. */
  readonly extraFields?: boolean;
  /** Ids and types in other letters, as one finds them. */
  readonly letterCase?: 'noisy';
  readonly propertiesAsText?: boolean;
  /** The service's clock against ours. */
  readonly clockSkewSeconds?: number;
  /** What 'slow' waits. */
  readonly slowMs?: number;
}

export const reader: Rights = { actions: ['*/read'] };

/** Built-in role, as far as it matters here: what it lacks is live.md's point, every datasource among it. */
export const backupReader: Rights = {
  actions: [
    'Microsoft.Authorization/*/read',
    'Microsoft.RecoveryServices/Vaults/read',
    'Microsoft.RecoveryServices/Vaults/backupConfig/read',
    'Microsoft.RecoveryServices/Vaults/backupEngines/read',
    'Microsoft.RecoveryServices/Vaults/backupFabrics/backupProtectionIntent/read',
    'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/read',
    'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/read',
    'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/read',
    'Microsoft.RecoveryServices/Vaults/backupJobs/read',
    'Microsoft.RecoveryServices/Vaults/backupPolicies/read',
    'Microsoft.RecoveryServices/Vaults/backupProtectedItems/read',
    'Microsoft.RecoveryServices/Vaults/backupProtectionContainers/read',
    'Microsoft.RecoveryServices/Vaults/backupProtectionIntents/read',
    'Microsoft.RecoveryServices/Vaults/backupStorageConfig/read',
    'Microsoft.RecoveryServices/Vaults/backupUsageSummaries/read',
    'Microsoft.DataProtection/backupVaults/read',
    'Microsoft.DataProtection/backupVaults/backupInstances/read',
    'Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read',
    'Microsoft.DataProtection/backupVaults/backupPolicies/read',
    'Microsoft.DataProtection/backupVaults/deletedBackupInstances/read',
    'Microsoft.Resources/subscriptions/read',
    'Microsoft.Resources/subscriptions/resourceGroups/read',
  ],
};

export function allows(rights: Rights, action: string): boolean {
  const among = (patterns: readonly string[]): boolean => patterns.some((pattern) => matches(pattern, action));
  return among(rights.actions) && !among(rights.notActions ?? []);
}

function matches(pattern: string, action: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 'i').test(action);
}
