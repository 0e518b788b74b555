/** azapi resources, patches and actions -> the same model as azurerm and ARM, with every value at its place. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode, force } from '../../src/evaluate/value.ts';
import { inspect } from '../../src/inspect.ts';
import { nodeIo } from '../../src/io.ts';
import { readModels } from '../../src/lint.ts';
import { pick } from '../../src/model/facts.ts';
import type { Entity, Subject } from '../../src/model/model.ts';
import { isSpan } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-backup';
const itemType = 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems@2024-04-01';
const container = 'backupFabrics/Azure/protectionContainers/IaasVMContainer;iaasvmcontainerv2;rg-app;vm-app';

async function entities(subject: Subject, text: string, name = 'main.tf'): Promise<Entity[]> {
  const io = memoryIo({ [`/repo/${name}`]: text });
  const { models } = await readModels(settleOptions([], {}, catalogue(), io), io);
  return models.flatMap((model) => model.entities).filter((entity) => entity.subject === subject);
}

async function facts(subject: Subject, text: string, name?: string): Promise<Record<string, unknown>[]> {
  return (await entities(subject, text, name)).map((entity) => encode(entity.view) as Record<string, unknown>);
}

/** The text at the place of the literal behind a fact. */
function written(entity: Entity, path: string): string | undefined {
  const fact = pick(entity.view, path, false);
  const at = fact && force(fact.value).at;
  return at && isSpan(at) ? at.source.text.slice(at.start, at.end) : undefined;
}

const vault = (more = ''): string => `
resource "azapi_resource" "vault" {
  type      = "Microsoft.RecoveryServices/vaults@2024-04-01"
  name      = "rsv-main"
  parent_id = "${group}"
  location  = "West Europe"
${more}
}
`;

const azurermVault = `
resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
}
`;

const azurermPolicy = `
resource "azurerm_backup_policy_vm" "daily" {
  name                = "daily"
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
  backup {
    frequency = "Daily"
    time      = "23:00"
  }
  retention_daily {
    count = 30
  }
}
`;

const machine = `
resource "azurerm_linux_virtual_machine" "app" {
  name                = "vm-app"
  resource_group_name = "rg-app"
  location            = "westeurope"
  size                = "Standard_D2s_v5"
}
`;

describe('a vault', () => {
  const settings = `properties = { redundancySettings = { standardTierStorageRedundancy = "ZoneRedundant" } }`;

  test.each([
    ['an object', `body = { ${settings} }`],
    ['jsonencode of an object', `body = jsonencode({ ${settings} })`],
  ])('with a body that is %s keeps the place of every value', async (_, body) => {
    const [entity] = await entities('vault', vault(`  ${body}`));
    expect(encode(entity!.view)).toMatchObject({
      kind: 'recovery-services',
      name: 'rsv-main',
      location: 'westeurope',
      redundancy: 'ZoneRedundant',
      softDelete: { state: 'on' },
      language: 'arm',
    });
    expect(written(entity!, 'redundancy')).toBe('"ZoneRedundant"');
    expect(written(entity!, 'name')).toBe('"rsv-main"');
  });

  test('a body that went through a local as JSON text is the same', async () => {
    const [entity] = await entities(
      'vault',
      `locals {\n  body = jsonencode({ ${settings} })\n}\n${vault('  body = local.body')}`,
    );
    expect(written(entity!, 'redundancy')).toBe('"ZoneRedundant"');
  });

  test('a body that is plain JSON text stands where the text does', async () => {
    const [entity] = await entities(
      'vault',
      vault(String.raw`  body = "{\"properties\":{\"publicNetworkAccess\":\"Disabled\"}}"`),
    );
    expect(encode(entity!.view)).toMatchObject({ publicNetworkAccess: false });
    expect(written(entity!, 'publicNetworkAccess')).toMatch(/^"\{/);
  });

  test('what is not known inside of jsonencode leaves the rest known', async () => {
    const [view] = await facts(
      'vault',
      `variable "access" {}\n${vault(`  body = jsonencode({ properties = {
        publicNetworkAccess = var.access
        redundancySettings  = { standardTierStorageRedundancy = "LocallyRedundant" }
      } })`)}`,
    );
    expect(view).toMatchObject({ redundancy: 'LocallyRedundant', publicNetworkAccess: { $symbol: 'var.access' } });
  });

  test('a body that is not known leaves everything open', async () => {
    const [view] = await facts('vault', `variable "body" {}\n${vault('  body = var.body')}`);
    expect(view).toMatchObject({
      name: 'rsv-main',
      location: 'westeurope',
      redundancy: { $unknown: expect.any(String) },
    });
  });

  test('a body that is one of two holds one of two values', async () => {
    const one = (name: string): string =>
      `{ properties = { redundancySettings = { standardTierStorageRedundancy = "${name}" } } }`;
    const [view] = await facts(
      'vault',
      `variable "zone" {}\n${vault(`  body = var.zone ? ${one('ZoneRedundant')} : ${one('LocallyRedundant')}`)}`,
    );
    expect(view).toMatchObject({ redundancy: { $oneOf: ['ZoneRedundant', 'LocallyRedundant'] } });
  });

  test('its identity block is that of ARM, references included', async () => {
    const [view] = await facts(
      'vault',
      `resource "azurerm_user_assigned_identity" "a" {\n  name = "a"\n}\n${vault(`  identity {
    type         = "SystemAssigned, UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.a.id]
  }`)}`,
    );
    expect(view).toMatchObject({
      identity: { system: true, user: true, userIds: [{ $symbol: 'azurerm_user_assigned_identity.a.id' }] },
    });
  });

  test('sensitive_body is part of the body and stays secret', async () => {
    const [view] = await facts(
      'vault',
      vault(`  body = { properties = { publicNetworkAccess = "Enabled" } }
  sensitive_body = { properties = { redundancySettings = { standardTierStorageRedundancy = "GeoRedundant" } } }`),
    );
    expect(view).toMatchObject({ publicNetworkAccess: true, redundancy: { $secret: true } });
  });
});

describe('links', () => {
  const item = (parent: string, policy: string): string => `
resource "azapi_resource" "item" {
  type      = "${itemType}"
  name      = "VM;iaasvmcontainerv2;rg-app;vm-app"
  parent_id = "${parent}/${container}"
  body = {
    properties = {
      protectedItemType = "Microsoft.Compute/virtualMachines"
      policyId          = ${policy}
      sourceResourceId  = azurerm_linux_virtual_machine.app.id
    }
  }
}
`;
  const policy = (parent: string): string => `
resource "azapi_resource" "policy" {
  type      = "Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01"
  name      = "daily"
  parent_id = ${parent}
  body = { properties = { backupManagementType = "AzureIaasVM", policyType = "V2" } }
}
`;

  const azapiId = '${azapi_resource.vault.id}';
  const azurermId = '${azurerm_recovery_services_vault.main.id}';
  test.each([
    ['of azapi by reference', vault(), azapiId, 'azapi_resource.vault.id'],
    ['of azurerm by reference', azurermVault, azurermId, 'azurerm_recovery_services_vault.main.id'],
    [
      'by a literal id',
      vault(),
      `${group}/providers/Microsoft.RecoveryServices/vaults/rsv-main`,
      `"${group}/providers/microsoft.recoveryservices/vaults/RSV-main"`,
    ],
  ])('to a vault %s are followed', async (_, declared, inText, expression) => {
    const text = declared + machine + policy(expression) + item(inText, 'azapi_resource.policy.id');
    const [view] = await facts('protected-item', text);
    expect(view).toMatchObject({
      solution: 'azure-vm',
      state: 'protected',
      vault: { name: 'rsv-main', kind: 'recovery-services' },
      policy: { name: 'daily', type: 'V2', vaultName: expect.stringMatching(/^rsv-main$/i) },
      machine: { name: 'vm-app' },
      apiVersion: '2024-04-01',
    });
    const [protectedMachine] = await facts('datasource', text);
    expect(protectedMachine).toMatchObject({ protected: true, protection: 'item' });
    const [counted] = await facts('vault', text);
    expect(counted).toMatchObject({ items: { all: 1, virtualMachines: 1, complete: true } });
  });

  test('through the subscription of a client config meet those of azurerm', async () => {
    const text = `data "azapi_client_config" "current" {}
${vault().replace(group, '/subscriptions/${data.azapi_client_config.current.subscription_id}/resourceGroups/rg-backup')}
${azurermPolicy}${machine}
resource "azurerm_backup_protected_vm" "app" {
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
  source_vm_id        = azurerm_linux_virtual_machine.app.id
  backup_policy_id    = azurerm_backup_policy_vm.daily.id
}`;
    const [view] = await facts('protected-item', text);
    expect(view).toMatchObject({ vault: { name: 'rsv-main', language: 'arm' } });
  });

  test('a subscription that only azurerm writes is not taken for that of azapi', async () => {
    const text = `provider "azurerm" {\n  subscription_id = "11111111-0000-0000-0000-000000000000"\n}
data "azapi_client_config" "current" {}
${vault().replace(group, '/subscriptions/${data.azapi_client_config.current.subscription_id}/resourceGroups/rg-backup')}
${azurermPolicy}
resource "azurerm_backup_protected_vm" "app" {
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
}`;
    const [view] = await facts('protected-item', text);
    expect(view).toMatchObject({ vault: { $open: { $unknown: 'the vault is declared elsewhere' } } });
  });

  test('a parent that is not known leaves the vault unknown', async () => {
    const text = `variable "vault_id" {}\n${vault()}${machine}${item('${var.vault_id}', '"x"')}`;
    const [view] = await facts('protected-item', text);
    expect(view).toMatchObject({
      vault: { $unknown: expect.any(String) },
      vaultName: { $unknown: expect.any(String) },
    });
    const [counted] = await facts('vault', text);
    expect(counted).toMatchObject({
      items: { all: 0, complete: { $unknown: 'azapi_resource.item may lie in this vault' } },
    });
  });
});

describe('a patch', () => {
  const patch = (id: string, body: string, type = 'Microsoft.RecoveryServices/vaults'): string => `
resource "azapi_update_resource" "patch" {
  type        = "${type}@2024-04-01"
  resource_id = ${id}
  body        = ${body}
}
`;
  const redundancy = (value: string): string =>
    `{ properties = { redundancySettings = { standardTierStorageRedundancy = "${value}" } } }`;

  test('wins over what the vault itself says, at its own place', async () => {
    const text = vault(
      `  body = { properties = { publicNetworkAccess = "Disabled", redundancySettings = { standardTierStorageRedundancy = "GeoRedundant", crossRegionRestore = "Enabled" } } }`,
    );
    const found = await entities('vault', text + patch('azapi_resource.vault.id', redundancy('ZoneRedundant')));
    expect(found).toHaveLength(1);
    expect(encode(found[0]!.view)).toMatchObject({
      redundancy: 'ZoneRedundant',
      crossRegionRestore: true,
      publicNetworkAccess: false,
    });
    expect(written(found[0]!, 'redundancy')).toBe('"ZoneRedundant"');
  });

  test('wins over azurerm, and leaves alone what it does not write', async () => {
    const text = azurermVault.replace('sku ', 'public_network_access_enabled = false\n  sku ');
    const found = await entities(
      'vault',
      text + patch('azurerm_recovery_services_vault.main.id', redundancy('ZoneRedundant')),
    );
    expect(found).toHaveLength(1);
    expect(encode(found[0]!.view)).toMatchObject({
      redundancy: 'ZoneRedundant',
      publicNetworkAccess: false,
      jobAlerts: true,
    });
    expect(written(found[0]!, 'redundancy')).toBe('"ZoneRedundant"');
  });

  test('of a policy of azurerm changes its retention', async () => {
    const text =
      azurermVault +
      azurermPolicy +
      patch(
        'azurerm_backup_policy_vm.daily.id',
        '{ properties = { retentionPolicy = { dailySchedule = { retentionDuration = { count = 90, durationType = "Days" } } } } }',
        'Microsoft.RecoveryServices/vaults/backupPolicies',
      );
    const found = await facts('policy', text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      solution: 'azure-vm',
      type: 'V1',
      schedule: { frequency: 'Daily' },
      retention: { daily: { count: 90 } },
    });
  });

  test('of an item of azurerm is told by vault, group and machine', async () => {
    const text = `${azurermVault}${azurermPolicy}${machine}
resource "azurerm_backup_protected_vm" "app" {
  resource_group_name = "rg-backup"
  recovery_vault_name = azurerm_recovery_services_vault.main.name
  source_vm_id        = azurerm_linux_virtual_machine.app.id
  backup_policy_id    = azurerm_backup_policy_vm.daily.id
}
${patch(
  `"\${azurerm_recovery_services_vault.main.id}/${container}/protectedItems/VM;iaasvmcontainerv2;rg-app;vm-app"`,
  '{ properties = { protectionState = "ProtectionStopped" } }',
  itemType.split('@')[0],
)}`;
    const found = await facts('protected-item', text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ state: 'stopped', policy: { name: 'daily' } });
    expect(await facts('vault', text)).toMatchObject([{ items: { all: 1 } }]);
  });

  test('that may not be made leaves both values possible', async () => {
    const text = `variable "patched" {}\n${vault(`  body = ${redundancy('GeoRedundant')}`)}
${patch('azapi_resource.vault.id', redundancy('ZoneRedundant')).replace('{\n', '{\n  count = var.patched ? 1 : 0\n')}`;
    expect(await facts('vault', text)).toMatchObject([{ redundancy: { $oneOf: ['GeoRedundant', 'ZoneRedundant'] } }]);
  });

  test('of another declared vault changes nothing here', async () => {
    const text = `${vault(`  body = ${redundancy('GeoRedundant')}`)}
${vault(`  body = ${redundancy('GeoRedundant')}`)
  .replace('"vault"', '"other"')
  .replace('rsv-main', 'rsv-other')}
${patch('azapi_resource.other.id', redundancy('ZoneRedundant'))}`;
    expect(await facts('vault', text)).toMatchObject([
      { name: 'rsv-main', redundancy: 'GeoRedundant' },
      { name: 'rsv-other', redundancy: 'ZoneRedundant' },
    ]);
  });

  test('of a vault that is declared elsewhere tells what it writes and nothing else', async () => {
    const id = `"${group}/providers/Microsoft.RecoveryServices/vaults/rsv-far"`;
    expect(await facts('vault', patch(id, redundancy('ZoneRedundant')))).toMatchObject([
      { name: 'rsv-far', redundancy: 'ZoneRedundant', publicNetworkAccess: { $unknown: expect.any(String) } },
    ]);
  });

  test('of a singleton child is a child of its vault, whichever language declares that', async () => {
    const text = `${vault()}
resource "azapi_update_resource" "settings" {
  type      = "Microsoft.RecoveryServices/vaults/backupconfig@2024-04-01"
  name      = "vaultconfig"
  parent_id = azapi_resource.vault.id
  body      = { properties = { softDeleteFeatureState = "AlwaysON", softDeleteRetentionPeriodInDays = 30 } }
}`;
    expect(await facts('vault', text)).toMatchObject([{ softDelete: { state: 'always-on', days: 30 } }]);
  });

  test('of a singleton child wins over the default of an azurerm vault, not over what that writes', async () => {
    const text = (more: string): string => `
resource "azurerm_recovery_services_vault" "vault" {
  name                = "rsv-main"
  location            = "westeurope"
  resource_group_name = "rg-main"
  sku                 = "Standard"
  ${more}
}
resource "azapi_update_resource" "settings" {
  type      = "Microsoft.RecoveryServices/vaults/backupconfig@2024-04-01"
  name      = "vaultconfig"
  parent_id = azurerm_recovery_services_vault.vault.id
  body      = { properties = { softDeleteFeatureState = "Disabled" } }
}`;
    expect(await facts('vault', text(''))).toMatchObject([{ softDelete: { state: 'off' } }]);
    expect(await facts('vault', text('soft_delete_enabled = true'))).toMatchObject([{ softDelete: { state: 'on' } }]);
  });
});

describe('an action', () => {
  const action = (more: string): string => `${azurermVault}${machine}${azurermPolicy}
resource "azapi_resource_action" "app" {
  type        = "${itemType}"
  resource_id = "\${azurerm_recovery_services_vault.main.id}/${container}/protectedItems/VM;iaasvmcontainerv2;rg-app;vm-app"
  body = { properties = {
    protectedItemType = "Microsoft.Compute/virtualMachines"
    policyId          = azurerm_backup_policy_vm.daily.id
    sourceResourceId  = azurerm_linux_virtual_machine.app.id
  } }
${more}
}
`;

  test('that sends a PUT protects', async () => {
    expect(await facts('datasource', action('  method = "PUT"'))).toMatchObject([{ protected: true }]);
  });

  test.each([
    '',
    '  method = "POST"',
    '  method = "DELETE"\n  when = "destroy"',
    '  method = "PUT"\n  when = "destroy"',
  ])('protects nothing with %j', async (more) => {
    expect(await facts('datasource', action(more))).toMatchObject([{ protected: false }]);
    expect(await facts('protected-item', action(more))).toEqual([]);
  });

  test('whose method is not known may protect', async () => {
    const text = `variable "method" {}\n${action('  method = var.method')}`;
    expect(await facts('datasource', text)).toMatchObject([{ protected: { $unknown: expect.any(String) } }]);
  });

  test('whose path leads below its resource is what that path names', async () => {
    const text = `${azurermVault}
resource "azapi_resource_action" "policy" {
  type        = "Microsoft.RecoveryServices/vaults@2024-04-01"
  resource_id = azurerm_recovery_services_vault.main.id
  action      = "backupPolicies/daily"
  method      = "PUT"
  body        = { properties = { backupManagementType = "AzureIaasVM" } }
}`;
    expect(await facts('policy', text)).toMatchObject([{ name: 'daily', solution: 'azure-vm', vaultName: 'rsv-main' }]);
  });
});

describe('what azapi hides', () => {
  const protectedOne = `${azurermVault}${azurermPolicy}${machine}${machine.replace('"app"', '"other"').replace('vm-app', 'vm-other')}
resource "azurerm_backup_protected_vm" "app" {
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
  source_vm_id        = azurerm_linux_virtual_machine.app.id
  backup_policy_id    = azurerm_backup_policy_vm.daily.id
}
`;
  const unprotected = async (more: string): Promise<unknown> =>
    (await facts('datasource', protectedOne + more)).find(({ name }) => name === 'vm-other')?.['protection'];

  test.each([
    [
      'a workspace',
      'resource "azapi_resource" "x" {\n  type = "Microsoft.OperationalInsights/workspaces@2023-09-01"\n  name = "x"\n}',
    ],
    ['a patch of a disk', 'resource "azapi_update_resource" "x" {\n  type = "Microsoft.Compute/disks@2023-10-02"\n}'],
    [
      'an action that posts',
      'resource "azapi_resource_action" "x" {\n  type = "Microsoft.Foo/bars@2023-10-02"\n  action = "start"\n}',
    ],
    ['the data plane', 'resource "azapi_data_plane_resource" "x" {\n  type = "Microsoft.KeyVault/vaults/keys@7.4"\n}'],
    ['a data source', 'data "azapi_client_config" "x" {}'],
  ])('is nothing for %s', async (_, more) => {
    expect(await unprotected(more)).toBe('none');
  });

  test.each([
    [
      'a type that is not known',
      'variable "t" {}\nresource "azapi_resource" "x" {\n  type = var.t\n}',
      /azapi_resource\.x may be anything/,
    ],
    [
      'a deployment',
      'resource "azapi_resource" "x" {\n  type = "Microsoft.Resources/deployments@2021-04-01"\n}',
      /azapi_resource\.x cannot be looked into/,
    ],
    [
      'a deployment stack',
      'resource "azapi_resource" "x" {\n  type = "Microsoft.Resources/deploymentStacks@2024-03-01"\n}',
      /azapi_resource\.x is not looked into/,
    ],
    [
      'an intent to protect',
      'resource "azapi_resource" "x" {\n  type = "Microsoft.RecoveryServices/vaults/backupFabrics/backupProtectionIntent@2023-02-01"\n}',
      /azapi_resource\.x may protect it/,
    ],
    [
      'a policy assignment',
      'resource "azapi_resource" "x" {\n  type = "Microsoft.Authorization/policyAssignments@2023-04-01"\n}',
      /azapi_resource\.x may protect it/,
    ],
    [
      'an item of which the machine is not known',
      `variable "id" {}\nresource "azapi_resource" "x" {\n  type = "${itemType}"\n  body = { properties = { sourceResourceId = var.id } }\n}`,
      /azapi_resource\.x may protect it/,
    ],
  ])('is everything for %s', async (_, more, because) => {
    expect(await unprotected(more)).toMatchObject({ $unknown: expect.stringMatching(because) });
  });
});

describe('the same in other inputs', () => {
  const id = `${group}/providers/Microsoft.RecoveryServices/vaults/rsv-main`;
  const values = {
    type: 'Microsoft.RecoveryServices/vaults@2024-04-01',
    name: 'rsv-main',
    parent_id: group,
    location: 'westeurope',
  };
  const body = { properties: { redundancySettings: { standardTierStorageRedundancy: 'ZoneRedundant' } } };

  test('a plan', async () => {
    const plan = {
      format_version: '1.2',
      resource_changes: [
        {
          address: 'azapi_resource.vault',
          mode: 'managed',
          type: 'azapi_resource',
          name: 'vault',
          change: { actions: ['create'], after: { ...values, body }, after_unknown: { id: true }, after_sensitive: {} },
        },
      ],
    };
    expect(await facts('vault', JSON.stringify(plan), 'plan.json')).toMatchObject([
      { name: 'rsv-main', redundancy: 'ZoneRedundant', language: 'arm' },
    ]);
  });

  test('a raw state, where a body of any type stands beside its type', async () => {
    const state = {
      version: 4,
      terraform_version: '1.9.0',
      serial: 1,
      lineage: 'x',
      resources: [
        {
          mode: 'managed',
          type: 'azapi_resource',
          name: 'vault',
          provider: 'provider["registry.terraform.io/azure/azapi"]',
          instances: [{ attributes: { ...values, id, body: { value: body, type: ['object', {}] } } }],
        },
      ],
    };
    expect(await facts('vault', JSON.stringify(state), 'terraform.tfstate')).toMatchObject([
      { name: 'rsv-main', redundancy: 'ZoneRedundant' },
    ]);
  });
});

test('a lock hangs on the scope that is its parent', async () => {
  const lock = (parent: string): string => `
resource "azapi_resource" "lock" {
  type      = "Microsoft.Authorization/locks@2020-05-01"
  name      = "keep"
  parent_id = ${parent}
  body      = { properties = { level = "CanNotDelete" } }
}
`;
  const snapshots = '"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/AzureBackupRG_westeurope_1"';
  expect(await facts('lock', lock(snapshots))).toMatchObject([{ level: 'CanNotDelete', reaches: 'restore-points' }]);
  expect(await facts('lock', vault() + lock('azapi_resource.vault.id'))).toMatchObject([{ reaches: 'other' }]);
});

test('parents in a circle and values nested without end are survived', async () => {
  const circle = ['a', 'b']
    .map(
      (name) =>
        `resource "azapi_resource" "${name}" {\n  type = "Microsoft.X/y@1"\n  name = "x"\n  parent_id = azapi_resource.${name === 'a' ? 'b' : 'a'}.id\n}\n`,
    )
    .join('');
  const levels = Array.from(
    { length: 600 },
    (_, i) => `  l${i} = { properties = ${i === 0 ? '{}' : `local.l${i - 1}`} }\n`,
  );
  const deep = vault('  body = local.l599\n  sensitive_body = local.l599');
  const text = `${circle}locals {\n${levels.join('')}}\n${deep}
resource "azapi_update_resource" "patch" {
  type        = "Microsoft.RecoveryServices/vaults@2024-04-01"
  resource_id = azapi_resource.vault.id
  body        = local.l599
}`;
  expect(await facts('vault', text)).toMatchObject([{ name: 'rsv-main' }]);
});

const corpus = fileURLToPath(new URL('../../../shared/corpus/terraform', import.meta.url));
const isThere = existsSync(corpus);
if (!isThere) console.warn('The shared corpus is not there: the Azure Verified Modules are not looked at.');

describe.skipIf(!isThere)('the Azure Verified Modules', () => {
  const example = async (path: string, subject: Subject): Promise<Record<string, unknown>[]> => {
    const io = { ...nodeIo(), cwd: corpus };
    const { models } = await readModels(settleOptions([path], {}, catalogue(), io), io);
    return models
      .flatMap((model) => model.entities)
      .filter((entity) => entity.subject === subject)
      .map((entity) => encode(entity.view) as Record<string, unknown>);
  };

  test('give the vault and the policies of an example', async () => {
    const path = 'avm-res-recoveryservices-vault/examples/04-vault-backup-policies';
    expect(await example(path, 'vault')).toMatchObject([
      {
        redundancy: 'GeoRedundant',
        crossRegionRestore: false,
        immutability: 'Unlocked',
        identity: { system: true, user: true },
      },
    ]);
    const policies = await example(path, 'policy');
    expect(policies.map(({ solution }) => solution)).toEqual([
      'azure-vm',
      'azure-files',
      'azure-files',
      'hana-in-vm',
      'sql-in-vm',
    ]);
    expect(policies[0]).toMatchObject({
      name: 'pol-rsv-vm-vault-001',
      type: 'V2',
      schedule: { frequency: 'Weekly', times: ['22:00'], weekdays: ['Tuesday', 'Saturday'] },
      instantRestore: { days: 5 },
      retention: {
        weekly: { count: 7 },
        monthly: { count: 5, days: [3, 10, 20] },
        yearly: { count: 5, months: ['January', 'June'] },
      },
    });
  });

  test('link the items of azurerm to the vault of azapi', async () => {
    const path = 'avm-res-recoveryservices-vault/examples/05-protected-back-fs-vm';
    expect(await example(path, 'protected-item')).toMatchObject([
      {
        solution: 'azure-vm',
        vault: { kind: 'recovery-services', location: 'westus3' },
        policy: { name: 'EnhancedPolicy' },
      },
      {
        solution: 'azure-files',
        vault: { kind: 'recovery-services' },
        policy: { name: 'pol-rsv-fileshare-vault-005', solution: 'azure-files' },
      },
    ]);
  });

  test('link the instances of a Backup vault to its policies', async () => {
    const path = 'avm-res-dataprotection-backupvault/examples/flexible_backup';
    expect(await example(path, 'protected-item')).toMatchObject([
      {
        solution: 'azure-disk',
        vault: { redundancy: 'LocallyRedundant' },
        sourceLocation: 'centralus',
        state: 'protected',
      },
      { solution: 'azure-disk', vault: { kind: 'backup' }, policy: { solution: 'azure-disk', vaultKind: 'backup' } },
    ]);
  });

  test('set the key of a Backup vault in a patch', async () => {
    expect(await example('avm-res-dataprotection-backupvault/examples/cmk', 'vault')).toMatchObject([
      {
        encryption: { usesSystemIdentity: true, afterwards: true },
        keyType: 'RSA',
        keyVault: { purgeProtection: true },
      },
    ]);
  });
});

test('inspect shows the ARM type, and the body as it is written', async () => {
  const io = memoryIo({ '/repo/main.tf': vault('  body = { properties = {} }') });
  const { pieces } = await inspect(settleOptions([], {}, catalogue(), io), io);
  const text = [...pieces].join('');
  expect(JSON.parse(text).resources).toMatchObject([
    {
      address: 'azapi_resource.vault',
      language: 'terraform',
      type: 'Microsoft.RecoveryServices/vaults',
      terraformType: 'azapi_resource',
      apiVersion: '2024-04-01',
      name: 'rsv-main',
      body: { type: 'Microsoft.RecoveryServices/vaults@2024-04-01', parent_id: group, body: { properties: {} } },
    },
  ]);
});
