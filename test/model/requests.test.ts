/** Requests that stop protection beside its declaration: actions of Terraform in source and plan, actions of azapi. */
import { describe, expect, it } from 'vitest';
import { type View, viewIn } from './views.ts';

const code = `resource "azurerm_data_protection_backup_vault" "v" {
  name                = "v"
  resource_group_name = "rg"
  location            = "westeurope"
}
resource "azurerm_managed_disk" "d" {
  name                = "d"
  resource_group_name = "rg"
}
resource "azurerm_data_protection_backup_instance_disk" "i" {
  name             = "i"
  vault_id         = azurerm_data_protection_backup_vault.v.id
  disk_id          = azurerm_managed_disk.d.id
  backup_policy_id = var.policy
}
variable "policy" {}
variable "open" {}
`;
const type = 'azurerm_data_protection_backup_instance_protect';
const unknown = { $unknown: expect.any(String) };

async function state(more: string): Promise<View> {
  return (await viewIn('main.tf', code + more, 'protected-item')).state;
}

const action = (name: string, does: string, of = 'azurerm_data_protection_backup_instance_disk.i.id'): string =>
  `action "${type}" "${name}" {\n  config {\n    backup_instance_id = ${of}\n    protect_action = ${does}\n  }\n}\n`;
const trigger = (...names: string[]): string =>
  `resource "terraform_data" "t" {\n  lifecycle {\n    action_trigger {\n      events = [after_create]\n      actions = [${names
    .map((name) => `action.${type}.${name}`)
    .join(', ')}]\n    }\n  }\n}\n`;

describe('actions of Terraform', () => {
  it.each([
    ['stops', action('a', '"stop_protection"') + trigger('a'), 'stopped'],
    ['suspends', action('a', '"suspend_backups"') + trigger('a'), 'suspended'],
    ['resumes', action('a', '"resume_backups"') + trigger('a'), 'protected'],
    ['is triggered by nothing', action('a', '"stop_protection"'), 'protected'],
    ['does what is not known', action('a', 'var.open') + trigger('a'), unknown],
    ['stops what is not known', action('a', '"stop_protection"', 'var.open') + trigger('a'), unknown],
    ['stops something else', action('a', '"stop_protection"', 'azurerm_managed_disk.d.id') + trigger('a'), 'protected'],
    [
      'resumes what another one stops',
      action('a', '"stop_protection"') + action('b', '"resume_protection"') + trigger('a', 'b'),
      unknown,
    ],
    ['perhaps exists', action('a', '"stop_protection"').replace('{', '{\n  count = var.open') + trigger('a'), unknown],
  ])('one that %s', async (_what, more, expected) => {
    expect(await state(more)).toEqual(expected);
  });
});

describe('actions that a plan invokes', () => {
  const item = 'azurerm_data_protection_backup_instance_disk.i';
  const id = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.DataProtection';
  const invocation = (does: string, more: object = {}): object => ({
    address: `action.${type}.a`,
    type,
    name: 'a',
    provider_name: 'registry.terraform.io/hashicorp/azurerm',
    config_values: { backup_instance_id: `${id}/backupVaults/v/backupInstances/i`, protect_action: does },
    lifecycle_action_trigger: {
      triggering_resource_address: 'terraform_data.t',
      action_trigger_event: 'AfterCreate',
      action_trigger_block_index: 0,
      actions_list_index: 0,
    },
    ...more,
  });
  const plan = async (more: object): Promise<View> => {
    const values = { name: 'i', vault_id: `${id}/backupVaults/v`, disk_id: '/subscriptions/s', id: null };
    const text = JSON.stringify({
      format_version: '1.2',
      resource_changes: [
        {
          address: item,
          mode: 'managed',
          type: 'azurerm_data_protection_backup_instance_disk',
          name: 'i',
          change: { actions: ['create'], before: null, after: values, after_unknown: {} },
        },
      ],
      ...more,
    });
    return (await viewIn('plan.json', text, 'protected-item')).state;
  };

  it('stop for certain', async () => {
    expect(await plan({})).toBe('protected');
    expect(await plan({ action_invocations: [invocation('stop_protection')] })).toBe('stopped');
    expect(await plan({ action_invocations: [invocation('resume_protection')] })).toBe('protected');
  });

  it('stop something else', async () => {
    const config_values = { backup_instance_id: `${id}/backupVaults/v/backupInstances/j`, protect_action: 'x' };
    expect(await plan({ action_invocations: [invocation('', { config_values })] })).toBe('protected');
  });

  it('are not known to stop it where the instance is not known yet', async () => {
    const config_values = { protect_action: 'stop_protection' };
    const open = invocation('', { config_values, config_unknown: { backup_instance_id: true } });
    expect(await plan({ action_invocations: [open] })).toEqual(unknown);
  });

  it('are not known to run where they are deferred', async () => {
    const deferred = { reason: 'deferred_prereq', action_invocation: invocation('stop_protection') };
    expect(await plan({ deferred_action_invocations: [deferred] })).toEqual(unknown);
  });
});

describe('actions of azapi', () => {
  const azapi = (more: string, of = 'azurerm_data_protection_backup_instance_disk.i.id'): string =>
    `resource "azapi_resource_action" "a" {\n  type = "Microsoft.DataProtection/backupVaults/backupInstances@2024-04-01"\n  resource_id = ${of}\n${more}}\n`;

  it.each([
    ['stopProtection', 'action = "stopProtection"\n', 'stopped'],
    ['suspendBackups', 'action = "suspendBackups"\nmethod = "POST"\n', 'suspended'],
    ['another operation', 'action = "backup"\n', 'protected'],
    ['a path that is not known', 'action = var.open\n', unknown],
    ['a method that is not known', 'action = "stopProtection"\nmethod = var.open\n', unknown],
    ['DELETE', 'method = "DELETE"\n', unknown],
    ['DELETE at its own end', 'method = "DELETE"\nwhen = "destroy"\n', 'protected'],
    ['stopProtection perhaps', 'action = "stopProtection"\ncount = var.open ? 1 : 0\n', unknown],
  ])('%s', async (_what, more, expected) => {
    expect(await state(azapi(more))).toEqual(expected);
  });

  it('below the vault', async () => {
    const below = (name: string): string =>
      `resource "azapi_resource_action" "a" {\n  type = "Microsoft.DataProtection/backupVaults@2024-04-01"\n  resource_id = azurerm_data_protection_backup_vault.v.id\n  action = "backupInstances/${name}/stopProtection"\n}\n`;
    expect(await state(below('i'))).toBe('stopped');
    expect(await state(below('j'))).toBe('protected');
  });

  it('an item of a Recovery Services vault that is deleted is not known', async () => {
    const machine = (name: string): string => `resource "azurerm_backup_protected_vm" "i" {
  resource_group_name = "rg"
  recovery_vault_name = "v"
  source_vm_id        = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
}
resource "azapi_resource_action" "a" {
  type        = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems@2024-04-01"
  resource_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupFabrics/Azure/protectionContainers/iaasvmcontainer;iaasvmcontainerv2;rg;${name}/protectedItems/vm;iaasvmcontainerv2;rg;${name}"
  method      = "DELETE"
}
`;
    const of = async (name: string): Promise<View> => (await viewIn('main.tf', machine(name), 'protected-item')).state;
    expect(await of('web')).toEqual(unknown);
    expect(await of('other')).toBe('protected');
  });
});
