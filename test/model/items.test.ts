/** Protected items: what they are linked to, however it is written, and what stays unknown. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { readModels } from '../../src/lint.ts';
import type { Entity } from '../../src/model/model.ts';
import { memoryIo } from '../memory.ts';

/* biome-ignore lint/suspicious/noExplicitAny: views are open-ended JSON */
type View = any;

async function entitiesOf(files: Record<string, string>): Promise<Entity[]> {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const { models } = await readModels(settleOptions([], {}, catalogue(), io), io);
  return models.flatMap((model) => [...model.entities]);
}

function viewOf(entities: readonly Entity[], subject: string, address?: string): View {
  const found = entities.find(
    (entity) => entity.subject === subject && (!address || entity.resource.address === address),
  );
  return found && encode(found.view);
}

async function item(files: string | Record<string, string>, address?: string): Promise<View> {
  return viewOf(await entitiesOf(typeof files === 'string' ? { 'main.tf': files } : files), 'protected-item', address);
}

const subscription = '00000000-0000-0000-0000-000000000000';
const provider = `
provider "azurerm" {
  subscription_id = "${subscription}"
  features {}
}
`;
const vault = `
resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
  location            = "West Europe"
  sku                 = "Standard"
}
`;
const policy = `
resource "azurerm_backup_policy_vm" "daily" {
  name                = "daily"
  resource_group_name = "rg-backup"
  recovery_vault_name = azurerm_recovery_services_vault.main.name
  policy_type         = "V2"
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
  location            = "northeurope"
  size                = "Standard_D4s_v5"
}
`;
const protectedBy = (lines: Record<string, string>): string => `
resource "azurerm_backup_protected_vm" "app" {
${Object.entries({
  resource_group_name: '"rg-backup"',
  recovery_vault_name: 'azurerm_recovery_services_vault.main.name',
  source_vm_id: 'azurerm_linux_virtual_machine.app.id',
  backup_policy_id: 'azurerm_backup_policy_vm.daily.id',
  ...lines,
})
  .map(([name, value]) => `  ${name} = ${value}`)
  .join('\n')}
}
`;

const links = (view: View): unknown => ({
  vault: view.vault.name,
  machine: view.machine.name,
  policy: view.policy.name,
});
const all = { vault: 'rsv-main', machine: 'vm-app', policy: 'daily' };

describe('Terraform', () => {
  test('by reference', async () => {
    const view = await item(vault + policy + machine + protectedBy({}));
    expect(links(view)).toEqual(all);
    expect(view.policy.type).toBe('V2');
    expect(view.vault.location).toBe('westeurope');
    expect(view.sourceLocation).toBe('northeurope');
    expect(view.vaultKind).toBe('recovery-services');
  });

  test('by ids that are written out, in any letter case', async () => {
    const view = await item(
      provider +
        vault +
        policy +
        machine +
        protectedBy({
          source_vm_id: `"/Subscriptions/${subscription}/resourcegroups/RG-App/providers/microsoft.compute/virtualMachines/VM-App"`,
          backup_policy_id: `"/subscriptions/${subscription}/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/RSV-main/backupPolicies/Daily"`,
        }),
    );
    expect(links(view)).toEqual(all);
    expect(view.policyVaultId).toBe(view.vaultId);
  });

  test('an id of a subscription that is not known links to nothing', async () => {
    const view = await item(
      vault +
        policy +
        machine +
        protectedBy({
          source_vm_id: `"/subscriptions/${subscription}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-app"`,
        }),
    );
    expect(view.machine).toHaveProperty('$unknown');
  });

  test('a vault by name and resource group', async () => {
    const named = await item(vault + policy + machine + protectedBy({ recovery_vault_name: '"RSV-MAIN"' }));
    expect(named.vault.name).toBe('rsv-main');
    const other = await item(vault + policy + machine + protectedBy({ resource_group_name: '"rg-other"' }));
    expect(other.vault).toHaveProperty('$open');
  });

  test('across modules', async () => {
    const entities = await entitiesOf({
      'main.tf': `${vault}
module "vm" {
  source = "./vm"
  name   = "vm-app"
}
module "protection" {
  source = "./protection"
  vm_id  = module.vm.id
  vault  = { name = azurerm_recovery_services_vault.main.name, group = "rg-backup" }
}
`,
      'vm/main.tf': `
variable "name" { type = string }
${machine.replace('"vm-app"', 'var.name')}
output "id" { value = azurerm_linux_virtual_machine.app.id }
`,
      'protection/main.tf': `
variable "vm_id" { type = string }
variable "vault" { type = object({ name = string, group = string }) }
${policy.replace('azurerm_recovery_services_vault.main.name', 'var.vault.name').replace('"rg-backup"', 'var.vault.group')}
${protectedBy({ resource_group_name: 'var.vault.group', recovery_vault_name: 'var.vault.name', source_vm_id: 'var.vm_id' })}
`,
    });
    expect(links(viewOf(entities, 'protected-item'))).toEqual(all);
    expect(viewOf(entities, 'datasource').protection).toBe('item');
  });

  test.each([
    ['DefaultPolicy', { solution: 'azure-vm', type: 'V1' }],
    ['EnhancedPolicy', { solution: 'azure-vm', type: 'V2' }],
    ['HourlyLogBackup', { solution: 'sql-in-vm' }],
  ])('the service has the policy %s in every vault', async (name, facts) => {
    const id = `"\${azurerm_recovery_services_vault.main.id}/backupPolicies/${name}"`;
    const view = await item(vault + machine + protectedBy({ backup_policy_id: id }));
    expect(view.policy).toMatchObject(facts);
    expect(view.policyVaultId).toEqual(view.vaultId);
  });

  test('of any other policy only the vault is told by its id', async () => {
    const id = '"${azurerm_recovery_services_vault.main.id}/backupPolicies/weekly"';
    const view = await item(vault + machine + protectedBy({ backup_policy_id: id }));
    expect(view.policy.vaultKind).toBe('recovery-services');
    expect(view.policy.solution).toHaveProperty('$oneOf');
    expect(view.policy.type).toBeUndefined();
    expect(view.policy.$open).toBeDefined();
  });

  test('data sources tell where a policy lies, not what it is', async () => {
    const view = await item(`${vault}${machine}
data "azurerm_backup_policy_vm" "daily" {
  name                = "daily"
  resource_group_name = "rg-backup"
  recovery_vault_name = "rsv-main"
}
${protectedBy({ backup_policy_id: 'data.azurerm_backup_policy_vm.daily.id' })}`);
    expect(view.policyVaultId).toEqual(view.vaultId);
    expect(view.policy.solution).toHaveProperty('$oneOf');
    expect(view.policy.$open).toBeDefined();
  });

  test('what is declared hides a data source of the same id', async () => {
    const view = await item(`
data "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
}
${vault}${policy}${machine}${protectedBy({})}`);
    expect(view.vault.location).toBe('westeurope');
  });

  test('a data source alone has no region', async () => {
    const view = await item(`
data "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
}
${machine}${protectedBy({ recovery_vault_name: 'data.azurerm_recovery_services_vault.main.name', backup_policy_id: '"${data.azurerm_recovery_services_vault.main.id}/backupPolicies/EnhancedPolicy"' })}`);
    expect(view.vault.name).toBe('rsv-main');
    expect(view.vault.location).toBeUndefined();
    expect(view.vault.$open).toBeDefined();
  });

  test('every spelling of a resource group', async () => {
    const group = `
data "azurerm_subscription" "current" {}
resource "azurerm_resource_group" "app" {
  name     = "rg-app"
  location = "northeurope"
}
`;
    for (const id of [
      '"${azurerm_resource_group.app.id}/providers/Microsoft.Compute/virtualMachines/vm-app"',
      '"${data.azurerm_subscription.current.id}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-app"',
      `"/subscriptions/${subscription}/providers/Microsoft.Resources/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-app"`,
    ]) {
      const view = await item(provider + group + vault + policy + machine + protectedBy({ source_vm_id: id }));
      expect(view.machine.name).toBe('vm-app');
    }
  });

  test('a vault that exists under another condition than the item is perhaps another one', async () => {
    const count = '\n  count = var.create ? 1 : 0\n';
    const conditional = vault.replace('{\n', `{${count}`);
    const variable = 'variable "create" { type = bool }\n';
    const literal = { recovery_vault_name: '"rsv-main"', backup_policy_id: '"/x"' };
    const apart = await item(variable + conditional + machine + protectedBy(literal));
    expect(apart.vault).toHaveProperty('$oneOf');
    const together = await item(
      variable + conditional + machine + protectedBy({ ...literal, count: 'var.create ? 1 : 0' }),
    );
    expect(together.vault.name).toBe('rsv-main');
  });

  test('a Backup vault by the name of the item', async () => {
    const view = await item(`
resource "azurerm_data_protection_backup_vault" "archive" {
  name                = "bv-archive"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant"
}
${machine}${protectedBy({ recovery_vault_name: 'azurerm_data_protection_backup_vault.archive.name', backup_policy_id: '"/x"' })}`);
    expect(view.vaultKind).toBe('backup');
    expect(view.vault.name).toBe('bv-archive');
  });

  test.each([
    ['none', {}, [0, 1]],
    ['excluded', { exclude_disk_luns: '[1]' }, [0]],
    ['included', { include_disk_luns: '[1]' }, [1]],
    ['an empty list', { include_disk_luns: '[]' }, [0, 1]],
    ['numbers as strings', { exclude_disk_luns: '["0"]' }, [1]],
    [
      'not known',
      { exclude_disk_luns: 'var.luns' },
      [{ $unknown: 'variable "luns" has no default and no value was given' }],
    ],
  ])('selected disks: %s', async (_name, lines, expected) => {
    const disks = [0, 1]
      .map(
        (lun) => `
resource "azurerm_virtual_machine_data_disk_attachment" "d${lun}" {
  managed_disk_id    = "/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Compute/disks/d${lun}"
  virtual_machine_id = azurerm_linux_virtual_machine.app.id
  lun                = ${lun}
  caching            = "None"
}`,
      )
      .join('\n');
    const view = await item(
      `variable "luns" { type = set(number) }${vault}${policy}${machine}${disks}${protectedBy(lines)}`,
    );
    expect(view.selectedDisks.map((disk: View) => disk.lun ?? disk)).toEqual(expected);
  });
});

describe('ARM', () => {
  const template = (resources: unknown[], parameters: Record<string, unknown> = {}): Record<string, string> => ({
    'azuredeploy.json': JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters,
      resources,
    }),
  });
  const nested = (resourceGroup: string, resources: unknown[]): unknown => ({
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2022-09-01',
    name: `in-${resourceGroup}`,
    resourceGroup,
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'inner' },
      template: {
        $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
        contentVersion: '1.0.0.0',
        resources,
      },
    },
  });
  const armVault = {
    type: 'Microsoft.RecoveryServices/vaults',
    apiVersion: '2024-04-01',
    name: 'rsv-main',
    location: 'westeurope',
    properties: {},
  };
  const armPolicy = (policyType: string, extra = {}): unknown => ({
    type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    apiVersion: '2024-04-01',
    name: 'rsv-main/daily',
    properties: { backupManagementType: 'AzureIaasVM', policyType },
    ...extra,
  });
  const armMachine = {
    type: 'Microsoft.Compute/virtualMachines',
    apiVersion: '2024-07-01',
    name: 'vm-app',
    location: 'northeurope',
    properties: {},
  };
  const armItem = (properties: Record<string, unknown>, extra = {}): unknown => ({
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
    apiVersion: '2024-04-01',
    name: 'rsv-main/Azure/iaasvmcontainer;iaasvmcontainerv2;rg-app;vm-app/vm;iaasvmcontainerv2;rg-app;vm-app',
    properties: {
      protectedItemType: 'Microsoft.Compute/virtualMachines',
      policyId: "[resourceId('Microsoft.RecoveryServices/vaults/backupPolicies', 'rsv-main', 'daily')]",
      sourceResourceId: "[resourceId('rg-app', 'Microsoft.Compute/virtualMachines', 'vm-app')]",
      ...properties,
    },
    ...extra,
  });

  test('machine and vault in nested deployments to groups of their own', async () => {
    const entities = await entitiesOf(
      template([nested('rg-app', [armMachine]), nested('rg-backup', [armVault, armPolicy('V2'), armItem({})])]),
    );
    const view = viewOf(entities, 'protected-item');
    expect(links(view)).toEqual(all);
    expect(view.policy.type).toBe('V2');
    expect(view.sourceLocation).toBe('northeurope');
    expect(viewOf(entities, 'datasource').protection).toBe('item');
  });

  test('a machine of the same name in another group is another one', async () => {
    const entities = await entitiesOf(
      template([
        nested('rg-app', [armMachine]),
        nested('rg-web', [armMachine]),
        nested('rg-backup', [armVault, armPolicy('V2'), armItem({})]),
      ]),
    );
    const protections = entities
      .filter((entity) => entity.subject === 'datasource')
      .map((entity) => (encode(entity.view) as View).protection);
    expect(protections).toEqual(['item', 'none']);
  });

  test('a policy by every spelling of its group', async () => {
    const group = "subscriptionResourceId('Microsoft.Resources/resourceGroups', 'rg-backup')";
    const view = await item(
      template([
        nested('rg-backup', [
          armVault,
          armPolicy('V2'),
          armItem({
            policyId: `[concat(${group}, '/providers/Microsoft.RecoveryServices/vaults/rsv-main/backupPolicies/daily')]`,
          }),
        ]),
      ]),
    );
    expect(view.policy.type).toBe('V2');
  });

  test('a policy that may not be deployed is perhaps another one', async () => {
    const parameters = { create: { type: 'bool' } };
    const condition = { condition: "[parameters('create')]" };
    const apart = await item(template([armVault, armPolicy('V1', condition), armItem({})], parameters));
    expect(apart.policy).toHaveProperty('$oneOf');
    const together = await item(template([armVault, armPolicy('V1', condition), armItem({}, condition)], parameters));
    expect(together.policy.type).toBe('V1');
  });

  test('one of two policies under one name', async () => {
    const parameters = { enhanced: { type: 'bool' } };
    const view = await item(
      template(
        [
          armVault,
          armPolicy('V2', { condition: "[parameters('enhanced')]" }),
          armPolicy('V1', { condition: "[not(parameters('enhanced'))]" }),
          armItem({}),
        ],
        parameters,
      ),
    );
    expect(view.policy.$oneOf.map((one: View) => one.type).slice(0, 2)).toEqual(['V2', 'V1']);
  });

  test('without sourceResourceId the name tells group and machine, and so a doubt', async () => {
    const named = { ...(armItem({}) as { properties: object }) };
    named.properties = { protectedItemType: 'Microsoft.Compute/virtualMachines' };
    const entities = await entitiesOf(template([nested('rg-app', [armMachine]), nested('rg-backup', [named])]));
    expect(viewOf(entities, 'protected-item').sourceType).toBe('microsoft.compute/virtualmachines');
    expect(viewOf(entities, 'datasource').protection).toHaveProperty('$unknown');
    const other = await entitiesOf(template([nested('rg-web', [armMachine]), nested('rg-backup', [named])]));
    expect(viewOf(other, 'datasource').protection).toBe('none');
  });

  test('an item that is deployed twice is one', async () => {
    const entities = await entitiesOf(
      template([nested('rg-app', [armMachine]), nested('rg-backup', [armItem({}), armItem({})])]),
    );
    expect(viewOf(entities, 'datasource').activeItems).toHaveLength(1);
  });

  test.each([
    [{ protectionState: 'ProtectionStopped' }, 'stopped'],
    [{ protectionState: 'IRPending' }, 'protected'],
    [{ isScheduledForDeferredDelete: true }, 'soft-deleted'],
    [{ isScheduledForDeferredDelete: false }, 'protected'],
  ])('the state of %j', async (properties, state) => {
    expect((await item(template([armItem(properties)]))).state).toBe(state);
  });
});
