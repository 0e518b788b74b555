/** Recovery Services vaults and Backup vaults: one set of facts from azurerm attributes, ARM bodies and ARM singleton children. */
import type { Resource } from '../evaluate/resource.ts';
import { force, isNull, isScalar, reasonOf, unknown, type Value } from '../evaluate/value.ts';
import { sameOrigin } from '../source/source.ts';
import {
  type Fact,
  fallback,
  filledList,
  filledText,
  listOf,
  mapped,
  numeric,
  pick,
  region,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { type FindId, parseId, type ResourceId, rootId } from './id.ts';
import { versionAtLeast } from './provider.ts';

export type VaultKind = 'recovery-services' | 'backup';

export const vaultTypes: Readonly<Record<string, VaultKind>> = {
  azurerm_recovery_services_vault: 'recovery-services',
  azurerm_data_protection_backup_vault: 'backup',
  'microsoft.recoveryservices/vaults': 'recovery-services',
  'microsoft.dataprotection/backupvaults': 'backup',
};

const stores = spelt('ArchiveStore', 'OperationalStore', 'SnapshotStore', 'VaultStore');
const redundancy = spelt('GeoRedundant', 'LocallyRedundant', 'ZoneRedundant');
const immutability = spelt('Disabled', 'Unlocked', 'Locked');
/** Whether recovery points may be restored into other subscriptions. */
const elsewhereStates = spelt('Enabled', 'Disabled', 'PermanentlyDisabled');
const enabled = { enabled: true, disabled: false, true: true, false: false };
/** Every spelling of the three states of soft delete. */
const softDelete = {
  enabled: 'on',
  on: 'on',
  true: 'on',
  disabled: 'off',
  off: 'off',
  false: 'off',
  alwayson: 'always-on',
};

type Facts = Record<string, Fact | Value | undefined>;

/** The facts that the vault's own declaration holds. */
export function vaultFacts(resource: Resource, kind: VaultKind): Facts {
  if (resource.type.includes('/')) return kind === 'backup' ? armBackupVault(resource) : armRecoveryVault(resource);
  return kind === 'backup' ? azurermBackupVault(resource) : azurermRecoveryVault(resource);
}

function azurermRecoveryVault(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const encryption = at('encryption[0]');
  return {
    name: at('name'),
    location: region(at('location')),
    redundancy: fallback(mapped(at('storage_mode_type'), redundancy), 'GeoRedundant', head),
    crossRegionRestore: fallback(at('cross_region_restore_enabled'), false, head),
    softDelete: view(head, { state: azurermSoftDelete(resource) }),
    immutability:
      mapped(at('immutability'), immutability) ??
      undecided('immutability is not written, and azurerm then leaves it as it is', head),
    jobAlerts: fallback(at('monitoring[0].alerts_for_all_job_failures_enabled'), true, head),
    publicNetworkAccess: fallback(at('public_network_access_enabled'), true, head),
    crossSubscriptionRestore: notInAzurerm(head),
    identity: azurermIdentity(resource),
    encryption:
      encryption &&
      keyed(encryption, encryption, {
        key: at('encryption[0].key_id'),
        usesSystemIdentity: fallback(at('encryption[0].use_system_assigned_identity'), true, encryption.at),
        userIdentity: at('encryption[0].user_assigned_identity_id'),
        infrastructure: at('encryption[0].infrastructure_encryption_enabled'),
      }),
  };
}

/** azurerm 5 has no soft_delete_enabled: what is written there says nothing, and the service keeps soft delete on. */
function azurermSoftDelete({ body, head, provider }: Resource): Fact {
  const gone = provider !== undefined && versionAtLeast(provider, [5, 0, 0]) === true;
  const written = gone ? undefined : pick(body, 'soft_delete_enabled', false);
  return fallback(mapped(written, softDelete), 'on', head);
}

function azurermBackupVault(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  return {
    name: at('name'),
    location: region(at('location')),
    redundancy: mapped(at('redundancy'), redundancy),
    store: mapped(at('datastore_type'), stores),
    crossRegionRestore: fallback(at('cross_region_restore_enabled'), false, head),
    crossRegionRestoreWritten: isAsWritten(resource) ? at('cross_region_restore_enabled') : undefined,
    softDelete: view(head, {
      state: fallback(mapped(at('soft_delete'), softDelete), 'on', head),
      days: fallback(numeric(at('retention_duration_in_days')), 14, head),
    }),
    immutability: fallback(mapped(at('immutability'), immutability), 'Disabled', head),
    crossSubscriptionRestore: notInAzurerm(head),
    identity: azurermIdentity(resource),
  };
}

function notInAzurerm(head: Fact['at']): Fact {
  return undecided('azurerm does not set whether other subscriptions may restore', head);
}

/** What exists is told with every value that the service gives, whether somebody wrote it or not. */
function isAsWritten({ language, change }: Resource): boolean {
  return language === 'terraform' || (change?.actions.includes('create') ?? false);
}

function azurermIdentity(resource: Resource): Fact | undefined {
  const identity = pick(resource.body, 'identity[0]', false);
  return (
    identity && {
      at: identity.at,
      value: identityView(
        identity.at,
        pick(resource.body, 'identity[0].type', false),
        filledList(pick(resource.body, 'identity[0].identity_ids', false)),
      ),
    }
  );
}

function identityView(at: Fact['at'], type: Fact | undefined, userIds: Fact | undefined): Value {
  return view(at, {
    system: mapped(squeezed(type), systemAssigned),
    user: mapped(squeezed(type), userAssigned),
    userIds,
  });
}

/** `SystemAssigned, UserAssigned` is written with and without the blank. */
function squeezed(fact: Fact | undefined): Fact | undefined {
  if (fact?.value.kind !== 'string') return fact;
  return { ...fact, value: { ...fact.value, value: fact.value.value.replaceAll(' ', '') } };
}

const systemAssigned = { systemassigned: true, 'systemassigned,userassigned': true, userassigned: false, none: false };
const userAssigned = { systemassigned: false, 'systemassigned,userassigned': true, userassigned: true, none: false };

function armRecoveryVault(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, true);
  const encryption = at('properties.encryption');
  return {
    name: at('name') ?? { value: resource.name, at: head },
    location: region(at('location')),
    redundancy: mapped(at('properties.redundancySettings.standardTierStorageRedundancy'), redundancy),
    crossRegionRestore: mapped(at('properties.redundancySettings.crossRegionRestore'), enabled),
    softDelete: view(head, {
      state: mapped(at('properties.securitySettings.softDeleteSettings.softDeleteState'), softDelete),
      days: numeric(at('properties.securitySettings.softDeleteSettings.softDeleteRetentionPeriodInDays')),
    }),
    immutability: fallback(
      mapped(at('properties.securitySettings.immutabilitySettings.state'), immutability),
      'Disabled',
      head,
    ),
    jobAlerts: fallback(
      mapped(at('properties.monitoringSettings.azureMonitorAlertSettings.alertsForAllJobFailures'), enabled),
      true,
      head,
    ),
    publicNetworkAccess: fallback(mapped(at('properties.publicNetworkAccess'), enabled), true, head),
    crossSubscriptionRestore: fallback(
      mapped(
        at('properties.restoreSettings.crossSubscriptionRestoreSettings.crossSubscriptionRestoreState'),
        elsewhereStates,
      ),
      'Enabled',
      head,
    ),
    identity: armIdentity(resource),
    encryption:
      encryption &&
      keyed(encryption, filledText(at('properties.encryption.keyVaultProperties.keyUri')), {
        key: at('properties.encryption.keyVaultProperties.keyUri'),
        usesSystemIdentity: mapped(at('properties.encryption.kekIdentity.useSystemAssignedIdentity'), enabled),
        userIdentity: filledText(at('properties.encryption.kekIdentity.userAssignedIdentity')),
        infrastructure: fallback(
          mapped(at('properties.encryption.infrastructureEncryption'), enabled),
          false,
          encryption.at,
        ),
      }),
  };
}

function armBackupVault(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, true);
  return {
    name: at('name') ?? { value: resource.name, at: head },
    location: region(at('location')),
    redundancy: mapped(at('properties.storageSettings[0].type'), redundancy),
    store: mapped(at('properties.storageSettings[0].datastoreType'), stores),
    crossRegionRestore: fallback(
      mapped(at('properties.featureSettings.crossRegionRestoreSettings.state'), enabled),
      false,
      head,
    ),
    softDelete: view(head, {
      state: fallback(mapped(at('properties.securitySettings.softDeleteSettings.state'), softDelete), 'on', head),
      days: numeric(at('properties.securitySettings.softDeleteSettings.retentionDurationInDays')),
    }),
    immutability: fallback(
      mapped(at('properties.securitySettings.immutabilitySettings.state'), immutability),
      'Disabled',
      head,
    ),
    jobAlerts: fallback(
      mapped(at('properties.monitoringSettings.azureMonitorAlertSettings.alertsForAllJobFailures'), enabled),
      true,
      head,
    ),
    crossSubscriptionRestore: fallback(
      mapped(at('properties.featureSettings.crossSubscriptionRestoreSettings.state'), elsewhereStates),
      'Enabled',
      head,
    ),
    identity: armIdentity(resource),
    encryption: armBackupVaultEncryption(resource),
  };
}

function armBackupVaultEncryption({ body }: Resource): Fact | undefined {
  const settings = pick(body, 'properties.securitySettings.encryptionSettings', true);
  if (!settings) return undefined;
  const of = (path: string): Fact | undefined => pick(settings.value, path, true);
  const state = of('state');
  // Disabled settings may still name a key.
  if (state && textOf(state.value) === undefined) return { at: settings.at, value: state.value };
  if (textOf(state?.value)?.toLowerCase() === 'disabled') return undefined;
  // Enabled settings without a key still mean one.
  return keyed(settings, state ?? filledText(of('keyVaultProperties.keyUri')), {
    key: of('keyVaultProperties.keyUri'),
    usesSystemIdentity: mapped(of('kekIdentity.identityType'), systemAssigned),
    userIdentity: filledText(of('kekIdentity.identityId')),
    infrastructure: fallback(mapped(of('infrastructureEncryption'), enabled), false, settings.at),
  });
}

/** Encryption with a key of one's own: without a key none at all, and unknown where the block or the key may be missing. */
function keyed(block: Fact, key: Fact | undefined, facts: Facts): Fact | undefined {
  if (!key) return undefined;
  const open = [block, key].find(({ value }) => value.kind === 'unknown' || mayLack(value));
  if (open) return undecided(reasonOf(open.value) ?? 'it is not known whether a key is set', open.at);
  return { at: block.at, value: view(block.at, facts) };
}

function mayLack(value: Value): boolean {
  return value.kind === 'one-of' && value.values.some((candidate) => isNull(force(candidate)));
}

function armIdentity(resource: Resource): Fact | undefined {
  const identity = pick(resource.body, 'identity', true);
  if (!identity) return undefined;
  const users = pick(resource.body, 'identity.userAssignedIdentities', true);
  const ids = users && force(users.value);
  const userIds: Fact | undefined =
    ids?.kind === 'object'
      ? {
          at: users!.at,
          value: listOf(
            users!.at,
            [...ids.members].map(
              ([id, member]) => ({ kind: 'string', value: id.toLowerCase(), at: member.at }) as Value,
            ),
            // An expression that is not known is no member with a name, but leaves the object open.
            ids.open,
          ),
        }
      : ids?.kind === 'list'
        ? filledList({ value: ids, at: users!.at })
        : users && undecided('the identities are not known', users.at);
  return { at: identity.at, value: identityView(identity.at, pick(resource.body, 'identity.type', true), userIds) };
}

/** Children that hold settings of their vault. */
export function isSettingsChild(type: string): boolean {
  return /\/(?:backupconfig|backupstorageconfig|backupencryptionconfigs)$/i.test(type);
}

/** The vault that a storage account is registered in; undefined for everything that is no such registration. */
export function storageContainerVault(resource: Resource, id: ResourceId | undefined): ResourceId | undefined {
  const { body, scope, type } = resource;
  if (type === 'azurerm_backup_container_storage_account') {
    const name = pick(body, 'recovery_vault_name', false);
    return {
      subscription: scope.subscription,
      resourceGroup: pick(body, 'resource_group_name', false)?.value,
      type: 'microsoft.recoveryservices/vaults',
      names: [name?.value ?? unknown('the vault is not written', resource.head)],
    };
  }
  if (type.toLowerCase() !== 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers') return undefined;
  const kind = textOf(pick(body, 'properties.containerType', true)?.value)?.toLowerCase();
  return kind === 'storagecontainer' && id ? rootId(id) : undefined;
}

/** The vault that Site Recovery keeps something in; undefined for everything else. */
export function siteRecoveryVault(
  { body, scope, type, head }: Resource,
  own: ResourceId | undefined,
  find: FindId,
): { readonly id: ResourceId | undefined } | undefined {
  // Whom to alert is said of a vault, and keeps nothing in it.
  if (/^microsoft\.recoveryservices\/vaults\/replication(?!alertsettings|vaultsettings)/i.test(type))
    return { id: own && rootId(own) };
  if (!type.startsWith('azurerm_site_recovery_')) return undefined;
  const whole = ['recovery_vault_id', 'recovery_services_vault_id']
    .map((name) => pick(body, name, false))
    .find((fact) => fact !== undefined);
  if (whole) return { id: parseId(whole.value, find) };
  const name = pick(body, 'recovery_vault_name', false);
  return {
    id: {
      subscription: scope.subscription,
      resourceGroup: pick(body, 'resource_group_name', false)?.value,
      type: 'microsoft.recoveryservices/vaults',
      names: [name?.value ?? unknown('the vault is not written', head)],
    },
  };
}

/**
 * Soft delete and redundancy may also be written in the vault's singleton children (arm.md 2.2). Where only the child speaks,
 * it counts; where both do, the vault's own body is kept (vault-settings-in-two-places reports the conflict).
 * What a child says that may not be deployed is not known.
 */
export function withChildren(
  facts: Facts,
  children: readonly Resource[],
  certain: (child: Resource) => boolean,
  head: Fact['at'],
): Facts {
  const result = { ...facts };
  const secondPlace: Record<string, Fact | undefined> = {};
  /** What the vault itself writes already; a child that may not be deployed may not write it. */
  const again = (name: string, own: Fact | Value | undefined, child: Fact | undefined): void => {
    const first = own && ('kind' in own ? { value: own, at: own.at } : own);
    if (!child || !first || sameOrigin(first.at, head)) return;
    const open = [first, child].find(({ value }) => !isScalar(force(value)));
    secondPlace[name] ??= open
      ? undecided(reasonOf(open.value) ?? 'it is not known whether it is written', child.at)
      : child;
  };
  for (const child of children) {
    const said = (fact: Fact | undefined): Fact | undefined =>
      fact && !certain(child) ? undecided(`it is not known whether ${child.address} is deployed`, fact.at) : fact;
    const at = (path: string): Fact | undefined => pick(child.body, path, true);
    const type = child.type.toLowerCase();
    if (type.endsWith('/backupstorageconfig')) {
      const storage = said(mapped(at('properties.storageModelType') ?? at('properties.storageType'), redundancy));
      const restore = said(mapped(at('properties.crossRegionRestoreFlag'), enabled));
      again('redundancy', facts['redundancy'], storage);
      again('crossRegionRestore', facts['crossRegionRestore'], restore);
      result['redundancy'] ??= storage;
      result['crossRegionRestore'] ??= restore;
    }
    if (type.endsWith('/backupconfig')) {
      const own = result['softDelete'] as Extract<Value, { kind: 'object' }>;
      const before = own.members.get('state');
      const feature = said(mapped(at('properties.softDeleteFeatureState'), softDelete));
      again('softDelete', (facts['softDelete'] as typeof own).members.get('state'), feature);
      // The default of an azurerm vault is written by nobody.
      const state = (before && !sameOrigin(before.at, own.at) ? before : undefined) ?? feature ?? before;
      const days = own.members.get('days') ?? said(numeric(at('properties.softDeleteRetentionPeriodInDays')));
      result['softDelete'] = view(own.at, { state, days });
    }
    if (type.endsWith('/backupencryptionconfigs')) result['encryption'] ??= said(childEncryption(child));
  }
  result['secondPlace'] = view(head, secondPlace);
  return result;
}

/** The key as the child `backupEncryptionConfigs` sets it. */
function childEncryption({ body, head }: Resource): Fact | undefined {
  const of = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const type = of('encryptionAtRestType');
  if (type && textOf(type.value) === undefined) return { at: type.at, value: type.value };
  if (textOf(type?.value)?.toLowerCase() !== 'customermanaged') return undefined;
  return {
    at: head,
    value: view(head, {
      key: of('keyUri'),
      usesSystemIdentity: mapped(of('useSystemAssignedIdentity'), enabled),
      userIdentity: of('userAssignedIdentity'),
      infrastructure: fallback(mapped(of('infrastructureEncryptionState'), enabled), false, head),
    }),
  };
}

/** The service's defaults for what neither the vault nor a child says. */
export function withDefaults(facts: Facts, resource: Resource, kind: VaultKind): Facts {
  const result = { ...facts };
  const { head } = resource;
  if (kind === 'recovery-services') result['redundancy'] ??= fallback(undefined, 'GeoRedundant', head);
  result['crossRegionRestore'] ??= fallback(undefined, false, head);
  const soft = result['softDelete'] as Extract<Value, { kind: 'object' }>;
  const state = soft.members.get('state') ?? fallback(undefined, 'on', head);
  result['softDelete'] = view(soft.at, {
    state,
    days: soft.members.get('days'),
    // What stands at the head is a default.
    written: sameOrigin(state.at, head) ? undecided('soft delete is not written', head) : state,
  });
  return result;
}
