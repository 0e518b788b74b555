/** Vaults of both kinds in azurerm and ARM -> one set of facts; children, defaults, identities, keys and counts. */
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import type { Entity, Subject } from '../../src/model/model.ts';
import { isSpan } from '../../src/source/source.ts';
import { modelsOf } from '../fixture.ts';

type Facts = Record<string, unknown>;

async function entities(subject: Subject, name: string, text: string): Promise<Entity[]> {
  const [model] = await modelsOf({ name, text });
  return model!.entities.filter((entity) => entity.subject === subject);
}

async function factsIn(subject: Subject, name: string, text: string): Promise<Facts> {
  const found = await entities(subject, name, text);
  expect(found).toHaveLength(1);
  return encode(found[0]!.view) as Facts;
}

function terraform(body = '', more = '', type = 'azurerm_recovery_services_vault', name = 'rsv-main'): string {
  return `${more}
resource "${type}" "main" {
  name                = "${name}"
  resource_group_name = "rg-backup"
  location            = "West Europe"
${body}
}
`;
}

const backupVault = (body = '', more = ''): string =>
  terraform(`  redundancy = "ZoneRedundant"\n${body}`, more, 'azurerm_data_protection_backup_vault', 'bv-main');

function template(resources: readonly object[], parameters: object = {}): string {
  return JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters,
    resources,
  });
}

function arm(properties: object = {}, more: object = {}): object {
  return {
    type: 'Microsoft.RecoveryServices/vaults',
    apiVersion: '2024-04-01',
    name: 'rsv-main',
    location: 'westeurope',
    properties,
    ...more,
  };
}

function armBackupVault(properties: object = {}, more: object = {}): object {
  return {
    ...arm({ storageSettings: [{ datastoreType: 'VaultStore', type: 'zoneRedundant' }], ...properties }, more),
    type: 'Microsoft.DataProtection/backupVaults',
    name: 'bv-main',
  };
}

function child(type: string, name: string, properties: object): object {
  return { type: `Microsoft.RecoveryServices/vaults/${type}`, apiVersion: '2024-04-01', name, properties };
}

const vaultOf = (text: string): Promise<Facts> =>
  factsIn('vault', text.startsWith('{') ? 'main.json' : 'main.tf', text);
const nothing = {
  all: 0,
  virtualMachines: 0,
  fileShares: 0,
  sqlDatabases: 0,
  storageAccounts: 0,
  solutions: [],
  vaulted: [],
  complete: true,
};

describe('both languages give the same facts', () => {
  const { language: _language, ...recovery } = {
    language: '',
    kind: 'recovery-services',
    name: 'rsv-main',
    location: 'westeurope',
    redundancy: 'GeoRedundant',
    crossRegionRestore: true,
    softDelete: { state: 'on', written: 'on' },
    secondPlace: {},
    immutability: 'Unlocked',
    jobAlerts: false,
    publicNetworkAccess: false,
    items: nothing,
    policies: { count: 0, complete: true },
  };

  test('a Recovery Services vault', async () => {
    const written = await vaultOf(
      terraform(`
  storage_mode_type             = "GeoRedundant"
  cross_region_restore_enabled  = true
  soft_delete_enabled           = true
  immutability                  = "Unlocked"
  public_network_access_enabled = false
  monitoring {
    alerts_for_all_job_failures_enabled = false
  }
`),
    );
    expect(written).toMatchObject({ ...recovery, language: 'terraform' });
    const inArm = await vaultOf(
      template([
        arm({
          redundancySettings: { standardTierStorageRedundancy: 'georedundant', crossRegionRestore: 'Enabled' },
          securitySettings: {
            softDeleteSettings: { softDeleteState: 'Enabled' },
            immutabilitySettings: { state: 'unlocked' },
          },
          publicNetworkAccess: 'Disabled',
          monitoringSettings: { azureMonitorAlertSettings: { alertsForAllJobFailures: 'Disabled' } },
        }),
      ]),
    );
    expect(inArm).toMatchObject({ ...recovery, language: 'arm' });
  });

  test('a Backup vault', async () => {
    const facts = {
      kind: 'backup',
      name: 'bv-main',
      location: 'westeurope',
      redundancy: 'ZoneRedundant',
      crossRegionRestore: false,
      softDelete: { state: 'always-on', days: 30, written: 'always-on' },
      immutability: 'Locked',
      items: nothing,
      policies: { count: 0, complete: true },
    };
    const written = await vaultOf(
      backupVault('  soft_delete = "AlwaysOn"\n  retention_duration_in_days = "30"\n  immutability = "Locked"'),
    );
    expect(written).toMatchObject({ ...facts, language: 'terraform' });
    const inArm = await vaultOf(
      template([
        armBackupVault({
          securitySettings: {
            softDeleteSettings: { state: 'AlwaysOn', retentionDurationInDays: '30' },
            immutabilitySettings: { state: 'Locked' },
          },
        }),
      ]),
    );
    // azurerm has no setting for the alerts.
    expect(inArm).toMatchObject({ ...facts, language: 'arm', jobAlerts: true });
  });
});

describe('defaults', () => {
  test('of a Recovery Services vault stand at its head', async () => {
    for (const [name, text] of [
      ['main.tf', terraform()],
      ['main.json', template([arm()])],
    ] as const) {
      const [vault] = await entities('vault', name, text);
      const facts = encode(vault!.view) as Facts;
      expect(facts).toMatchObject({
        redundancy: 'GeoRedundant',
        crossRegionRestore: false,
        softDelete: { state: 'on' },
        jobAlerts: true,
        publicNetworkAccess: true,
      });
      expect(facts).not.toHaveProperty('identity');
      expect(facts).not.toHaveProperty('encryption');
      expect(vault!.view.members.get('redundancy')!.at).toEqual(vault!.resource.head);
    }
  });

  test('immutability left out is Disabled in ARM and not known in azurerm', async () => {
    expect(await vaultOf(template([arm()]))).toMatchObject({ immutability: 'Disabled' });
    expect(await vaultOf(terraform())).toMatchObject({ immutability: { $unknown: expect.any(String) } });
  });

  test('a value that is not known takes no default', async () => {
    const facts = await vaultOf(terraform('  storage_mode_type = var.redundancy', 'variable "redundancy" {}\n'));
    expect(facts['redundancy']).not.toBe('GeoRedundant');
    expect(facts['redundancy']).toEqual({ $symbol: expect.any(String) });
  });

  test('soft_delete_enabled says nothing under azurerm 5', async () => {
    const pinned = (version: string): string =>
      `terraform {\n  required_providers {\n    azurerm = { source = "hashicorp/azurerm", version = "${version}" }\n  }\n}\n`;
    const body = '  soft_delete_enabled = false';
    expect(await vaultOf(terraform(body, pinned('~> 5.0')))).toMatchObject({ softDelete: { state: 'on' } });
    expect(await vaultOf(terraform(body, pinned('~> 4.0')))).toMatchObject({ softDelete: { state: 'off' } });
    expect(await vaultOf(terraform(body))).toMatchObject({ softDelete: { state: 'off' } });
  });
});

describe('singleton children', () => {
  test('fill what the vault leaves out', async () => {
    const facts = await vaultOf(
      template([
        arm(),
        child('backupstorageconfig', 'rsv-main/vaultstorageconfig', {
          storageModelType: 'LocallyRedundant',
          crossRegionRestoreFlag: false,
        }),
        child('backupconfig', 'rsv-main/vaultconfig', {
          softDeleteFeatureState: 'Disabled',
          softDeleteRetentionPeriodInDays: 20,
        }),
        child('backupEncryptionConfigs', 'rsv-main/backupResourceEncryptionConfig', {
          encryptionAtRestType: 'CustomerManaged',
          keyUri: 'https://kv.vault.azure.net/keys/k',
          useSystemAssignedIdentity: true,
        }),
      ]),
    );
    expect(facts).toMatchObject({
      redundancy: 'LocallyRedundant',
      crossRegionRestore: false,
      softDelete: { state: 'off', days: 20 },
      encryption: { key: 'https://kv.vault.azure.net/keys/k', usesSystemIdentity: true },
    });
  });

  test('do not overrule what the vault itself says', async () => {
    const facts = await vaultOf(
      template([
        arm({
          redundancySettings: { standardTierStorageRedundancy: 'ZoneRedundant' },
          securitySettings: { softDeleteSettings: { softDeleteState: 'AlwaysON' } },
        }),
        child('backupstorageconfig', 'rsv-main/vaultstorageconfig', { storageModelType: 'LocallyRedundant' }),
        child('backupconfig', 'rsv-main/vaultconfig', { softDeleteFeatureState: 'Disabled' }),
      ]),
    );
    expect(facts).toMatchObject({ redundancy: 'ZoneRedundant', softDelete: { state: 'always-on' } });
  });

  test('of another vault do not count, and platform keys are no encryption', async () => {
    const facts = await vaultOf(
      template([
        arm(),
        child('backupstorageconfig', 'rsv-other/vaultstorageconfig', { storageModelType: 'LocallyRedundant' }),
        child('backupEncryptionConfigs', 'rsv-main/backupResourceEncryptionConfig', {
          encryptionAtRestType: 'MicrosoftManaged',
        }),
      ]),
    );
    expect(facts).toMatchObject({ redundancy: 'GeoRedundant' });
    expect(facts).not.toHaveProperty('encryption');
  });
});

describe('identity', () => {
  test.each([
    ['SystemAssigned', true, false],
    ['UserAssigned', false, true],
    ['SystemAssigned, UserAssigned', true, true],
    ['systemassigned,userassigned', true, true],
    ['None', false, false],
  ])('%s', async (type, system, user) => {
    expect(await vaultOf(template([arm({}, { identity: { type } })]))).toMatchObject({ identity: { system, user } });
    if (type !== 'None')
      expect(await vaultOf(terraform(`  identity {\n    type = "${type}"\n  }`))).toMatchObject({
        identity: { system, user },
      });
  });

  const id = (name: string): string =>
    `/subscriptions/0000/resourceGroups/rg-backup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const encrypted = (user: string): object => ({
    encryption: {
      keyVaultProperties: { keyUri: 'https://kv.vault.azure.net/keys/k' },
      kekIdentity: { userAssignedIdentity: user },
    },
  });
  const identity = (...ids: string[]): object => ({
    identity: { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(ids.map((each) => [each, {}])) },
  });

  test('the one for the key is attached, whatever its letter case', async () => {
    const facts = await vaultOf(template([arm(encrypted(id('one').toUpperCase()), identity(id('zero'), id('one')))]));
    expect(facts['userIdentityAttached']).toBe(true);
  });

  test('the one for the key is not attached', async () => {
    expect(await vaultOf(template([arm(encrypted(id('two')), identity(id('one')))]))).toMatchObject({
      userIdentityAttached: false,
    });
    expect(
      await vaultOf(template([arm(encrypted(id('two')), { identity: { type: 'SystemAssigned' } })])),
    ).toMatchObject({ userIdentityAttached: false });
  });

  test('an identity that is not known may be the one', async () => {
    const facts = await vaultOf(
      template([arm(encrypted(id('two')), identity("[parameters('identity')]"))], { identity: { type: 'string' } }),
    );
    expect(facts['userIdentityAttached']).toEqual({ $unknown: expect.any(String) });
  });

  test('in azurerm the reference is followed', async () => {
    const identities = ['one', 'two']
      .map(
        (name) =>
          `resource "azurerm_user_assigned_identity" "${name}" {\n  name = "id-${name}"\n  resource_group_name = "rg"\n  location = "westeurope"\n}\n`,
      )
      .join('');
    const body = (used: string): string => `
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.one.id]
  }
  encryption {
    key_id                            = "https://kv.vault.azure.net/keys/k"
    infrastructure_encryption_enabled = false
    use_system_assigned_identity      = false
    user_assigned_identity_id         = azurerm_user_assigned_identity.${used}.id
  }
`;
    expect((await vaultOf(terraform(body('one'), identities)))['userIdentityAttached']).toBe(true);
    expect((await vaultOf(terraform(body('two'), identities)))['userIdentityAttached']).toBe(false);
  });
});

describe('the key', () => {
  const azurermKey = `
resource "azurerm_key_vault" "keys" {
  name                          = "kv-keys"
  resource_group_name           = "rg-backup"
  location                      = "North Europe"
  purge_protection_enabled      = true
  public_network_access_enabled = false
  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
  }
}

resource "azurerm_key_vault_key" "vault" {
  name         = "vault-key"
  key_vault_id = azurerm_key_vault.keys.id
  key_type     = "RSA-HSM"
  key_size     = 3072
}
`;
  const armKey = [
    {
      type: 'Microsoft.KeyVault/vaults',
      apiVersion: '2023-07-01',
      name: 'kv-keys',
      location: 'northeurope',
      properties: {
        enablePurgeProtection: true,
        publicNetworkAccess: 'disabled',
        networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' },
      },
    },
    {
      type: 'Microsoft.KeyVault/vaults/keys',
      apiVersion: '2023-07-01',
      name: 'kv-keys/vault-key',
      properties: { kty: 'RSA-HSM' },
    },
  ];
  const material = {
    keyType: 'RSA',
    keyVault: { location: 'northeurope', purgeProtection: true, publicNetworkAccess: false, firewallOpen: false },
  };
  const azurerm = (key: string): string =>
    terraform(`  encryption {\n    key_id = ${key}\n    infrastructure_encryption_enabled = false\n  }`, azurermKey);
  const inArm = (keyUri: string): string =>
    template([...armKey, arm({ encryption: { keyVaultProperties: { keyUri } } })]);

  test.each([
    azurerm('azurerm_key_vault_key.vault.id'),
    azurerm('azurerm_key_vault_key.vault.versionless_id'),
    azurerm('"https://kv-keys.vault.azure.net/keys/vault-key/0123456789"'),
    inArm("[reference(resourceId('Microsoft.KeyVault/vaults/keys', 'kv-keys', 'vault-key')).keyUriWithVersion]"),
    inArm("[reference(resourceId('Microsoft.KeyVault/vaults/keys', 'kv-keys', 'vault-key')).keyUri]"),
    inArm('https://KV-KEYS.vault.azure.net/keys/vault-key'),
  ])('is found by any name: %#', async (text) => {
    expect(await vaultOf(text)).toMatchObject(material);
  });

  test.each([
    azurerm('"https://kv-elsewhere.vault.azure.net/keys/vault-key"'),
    azurerm('"https://kv-keys.managedhsm.azure.net/keys/vault-key"'),
  ])('that is declared elsewhere is not known: %#', async (text) => {
    const unknown = { $unknown: expect.any(String) };
    expect(await vaultOf(text)).toMatchObject({ keyType: unknown, keyVault: unknown });
  });

  test.each([
    azurerm('"https://kv-keys.vault.azure.net/keys/another"'),
    inArm('https://kv-keys.vault.usgovcloudapi.net/keys/another'),
  ])('of which the key vault alone is declared: %#', async (text) => {
    const { keyVault } = material;
    expect(await vaultOf(text)).toMatchObject({ keyType: { $unknown: 'the key is declared elsewhere' }, keyVault });
  });

  test('azurerm sets the key of a Backup vault in a resource of its own', async () => {
    const link = `
resource "azurerm_data_protection_backup_vault_customer_managed_key" "main" {
  data_protection_backup_vault_id = azurerm_data_protection_backup_vault.main.id
  key_vault_key_id                = azurerm_key_vault_key.vault.id
}
`;
    expect(await vaultOf(backupVault('', azurermKey + link))).toMatchObject({ separateKey: true, ...material });
    const other = link.replace(
      'azurerm_data_protection_backup_vault.main.id',
      '"/subscriptions/0/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/bv-other"',
    );
    expect(await vaultOf(backupVault('', azurermKey + other))).not.toHaveProperty('separateKey');
  });

  test('settings of a Backup vault that are disabled are no encryption', async () => {
    const settings = (state: string): object => ({
      securitySettings: { encryptionSettings: { state, kekIdentity: { identityType: 'SystemAssigned' } } },
    });
    expect(await vaultOf(template([armBackupVault(settings('Disabled'))]))).not.toHaveProperty('encryption');
    expect(await vaultOf(template([armBackupVault(settings('Enabled'))]))).toMatchObject({
      encryption: { usesSystemIdentity: true },
    });
  });
});

describe('counts', () => {
  const item = (address: string, count: string, vault = 'azurerm_recovery_services_vault.main.name'): string => `
resource "azurerm_backup_protected_vm" "${address}" {
  count               = ${count}
  resource_group_name = "rg-backup"
  recovery_vault_name = ${vault}
  source_vm_id        = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-\${count.index}"
}
`;

  test('what lies in the vault, registrations of storage accounts apart', async () => {
    const container = `
resource "azurerm_backup_container_storage_account" "files" {
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
  storage_account_id  = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stfiles"
}
`;
    const facts = await vaultOf(terraform('', item('some', '3') + item('others', '2', '"rsv-other"') + container));
    expect(facts['items']).toMatchObject({ all: 3, virtualMachines: 3, storageAccounts: 1, vaulted: ['azure-vm'] });
  });

  test('an unknown number or an unknown vault leaves the counts lower bounds', async () => {
    const more = 'variable "n" {\n  type = number\n}\nvariable "vault" {\n  type = string\n}\n';
    for (const other of [item('others', 'var.n'), item('others', '1', 'var.vault')]) {
      const facts = await vaultOf(terraform('', more + item('some', '3') + other));
      expect(facts['items']).toMatchObject({
        all: 3,
        virtualMachines: 3,
        complete: { $unknown: expect.stringContaining('azurerm_backup_protected_vm.others') },
      });
    }
  });
});

describe('what azurerm versions lack', () => {
  const pinned = 'terraform {\n  required_providers {\n    azurerm = "~> 5.0"\n  }\n}\n';

  test('a name in a block, with its place', async () => {
    const text = `${pinned}
resource "azurerm_mssql_virtual_machine" "sql" {
  auto_backup {
    encryption_enabled = null
  }
}
`;
    const [entity] = await entities('provider-config', 'main.tf', text);
    expect(encode(entity!.view)).toMatchObject({
      removedName: { removed: true, name: 'auto_backup.encryption_enabled', since: '5.0.0' },
    });
    const { at } = entity!.view.members.get('removedName')!;
    expect(isSpan(at) && at.source.position(at.start).line).toBe(9);
  });

  test('a name that is not used is no fact', async () => {
    expect(
      await factsIn('provider-config', 'main.tf', `${pinned}resource "azurerm_backup_policy_vm" "p" {}\n`),
    ).toEqual({
      type: 'azurerm_backup_policy_vm',
    });
  });

  test('ARM has no provider', async () => {
    expect(await entities('provider-config', 'main.json', template([arm()]))).toEqual([]);
  });
});

describe('diagnostic settings', () => {
  const setting = (logs: string): string => `
variable "category" {
  type = string
}
variable "enabled" {
  type = bool
}
resource "azurerm_monitor_diagnostic_setting" "main" {
  name                       = "backup"
  target_resource_id         = azurerm_recovery_services_vault.main.id
  log_analytics_workspace_id = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log"
${logs}
}
resource "azurerm_backup_protected_vm" "one" {
  resource_group_name = "rg-backup"
  recovery_vault_name = azurerm_recovery_services_vault.main.name
  source_vm_id        = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
}
`;
  const address = 'azurerm_monitor_diagnostic_setting.main';

  test.each([
    ['a category of backup', 'enabled_log {\n category = "AddonAzureBackupJobs"\n}', [address]],
    ['a group', 'enabled_log {\n category_group = "audit"\n}', [address]],
    ['the older block', 'log {\n category = "AzureBackupReport"\n enabled = true\n}', [address]],
    [
      'one of several',
      'enabled_log {\n category = "AzureSiteRecoveryJobs"\n}\nenabled_log {\n category = "CoreAzureBackup"\n}',
      [address],
    ],
    ['a category that is off', 'log {\n category = "AzureBackupReport"\n enabled = false\n}', []],
    ['metrics alone', 'enabled_metric {\n category = "Health"\n}', []],
    ['Site Recovery alone', 'enabled_log {\n category = "AzureSiteRecoveryJobs"\n}', []],
  ])('%s', async (_what, logs, expected) => {
    expect((await vaultOf(terraform('', setting(logs))))['diagnostics']).toEqual(expected);
  });

  test.each([
    ['an unknown category', 'enabled_log {\n category = var.category\n}'],
    ['a category that may be off', 'log {\n category = "AzureBackupReport"\n enabled = var.enabled\n}'],
    [
      'blocks that are not known',
      'dynamic "enabled_log" {\n for_each = toset([var.category])\n content {\n category = enabled_log.value\n }\n}',
    ],
  ])('%s leaves it open', async (_what, logs) => {
    expect((await vaultOf(terraform('', setting(logs))))['diagnostics']).not.toEqual([]);
    expect((await vaultOf(terraform('', setting(logs))))['diagnostics']).not.toEqual([address]);
  });
});
