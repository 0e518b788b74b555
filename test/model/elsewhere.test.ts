/** Items of one configuration and datasources of another: what is declared elsewhere in the same run is not called missing. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { lint } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';
import { template } from './views.ts';

async function verdicts(files: Record<string, string>, only: string): Promise<{ findings: string[]; open: string[] }> {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const flags = { only: [only], showUndetermined: true };
  const run = await lint(settleOptions(['/repo'], flags, catalogue(), io), io, '0');
  expect(run.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return {
    findings: run.findings.map(({ resource }) => resource.address).sort(),
    open: run.undetermined.map(({ resource }) => resource.address).sort(),
  };
}

const machine = (label: string, name = label): string => `resource "azurerm_linux_virtual_machine" "${label}" {
  name                = "${name}"
  location            = "westeurope"
  resource_group_name = "rg"
  size                = "Standard_B2s"
}
`;

const item = (source: string): string => `resource "azurerm_backup_protected_vm" "i" {
  resource_group_name = "rg"
  recovery_vault_name = "v"
  source_vm_id        = ${source}
  backup_policy_id    = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupPolicies/p"
}
`;

const armItem = (sourceResourceId: string): string =>
  template(
    [
      {
        type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
        name: "[format('v/Azure/iaasvmcontainer;iaasvmcontainerv2;rg;{0}/vm;iaasvmcontainerv2;rg;{0}', 'x')]",
        properties: { protectedItemType: 'Microsoft.Compute/virtualMachines', sourceResourceId },
      },
    ],
    { machine: { type: 'string' } },
  );

const named = (name: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${name}`;

describe('a machine in Terraform and its item in a template', () => {
  it('are not told apart where the item names its machine by a parameter', async () => {
    const files = { 'main.tf': machine('a'), 'backup.json': armItem("[parameters('machine')]") };
    expect(await verdicts(files, 'workspace-without-backup')).toEqual({ findings: [], open: ['.'] });
  });

  it('are not told apart where the names are the same', async () => {
    const files = { 'main.tf': machine('a', 'web'), 'backup.json': armItem(named('WEB')) };
    expect(await verdicts(files, 'workspace-without-backup')).toEqual({ findings: [], open: ['.'] });
  });

  it('are two where the names differ', async () => {
    const files = { 'main.tf': machine('a'), 'backup.json': armItem(named('b')) };
    expect((await verdicts(files, 'workspace-without-backup')).findings).toEqual(['.']);
  });
});

describe('a machine in a template and its item in Terraform', () => {
  const arm = template([
    { type: 'Microsoft.Compute/virtualMachines', name: 'web', location: 'westeurope', properties: {} },
  ]);

  it('are not told apart where the item names its machine by a variable', async () => {
    const files = { 'main.tf': `variable "id" {}\n${item('var.id')}`, 'machine.json': arm };
    expect(await verdicts(files, 'workspace-without-backup')).toEqual({ findings: [], open: ['machine.json'] });
  });

  it('are two where the item protects what is declared beside it', async () => {
    const files = { 'main.tf': machine('web') + item('azurerm_linux_virtual_machine.web.id'), 'machine.json': arm };
    expect((await verdicts(files, 'workspace-without-backup')).findings).toEqual(['machine.json']);
  });
});

describe('a machine without an item beside one that has it', () => {
  const root = machine('a') + machine('b') + item('azurerm_linux_virtual_machine.a.id');
  const bare = 'azurerm_linux_virtual_machine.b';

  it('is unprotected', async () => {
    const other = { 'other/main.tf': machine('c') + item('azurerm_linux_virtual_machine.c.id') };
    expect((await verdicts({ 'main.tf': root, ...other }, 'vm-unprotected')).findings).toEqual([bare]);
  });

  it('is perhaps protected where another root module has an item of an unknown machine', async () => {
    const other = { 'other/main.tf': `variable "id" {}\n${item('var.id')}` };
    const { findings, open } = await verdicts({ 'main.tf': root, ...other }, 'vm-unprotected');
    expect(findings).toEqual([]);
    expect(open).toContain(bare);
  });

  it('is perhaps protected by an assignment of another root module', async () => {
    const other = `resource "azurerm_subscription_policy_assignment" "p" {
  name                 = "p"
  subscription_id      = "/subscriptions/s"
  policy_definition_id = var.definition
}
variable "definition" {}
`;
    const files = { 'main.tf': root, 'other/main.tf': other };
    expect((await verdicts(files, 'vm-unprotected')).findings).toEqual([]);
    const off = other.replace('  name ', '  enforce = false\n  name ');
    expect((await verdicts({ ...files, 'other/main.tf': off }, 'vm-unprotected')).findings).toEqual([bare]);
  });
});

describe('databases of a machine', () => {
  const sql = {
    imageReference: { publisher: 'MicrosoftSQLServer', offer: 'sql2022-ws2022', sku: 'web', version: 'latest' },
  };
  const vm = (name: string): object => ({
    type: 'Microsoft.Compute/virtualMachines',
    name,
    location: 'westeurope',
    properties: { storageProfile: sql },
  });
  const database = (container: string, source: string): object => ({
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
    name: `v/Azure/${container}/SQLDataBase;mssqlserver;orders`,
    properties: { protectedItemType: 'AzureVmWorkloadSQLDatabase', sourceResourceId: source },
  });
  const declared = (name: string): string => `[resourceId('Microsoft.Compute/virtualMachines', '${name}')]`;
  const machines = template([vm('a'), vm('b'), database('VMAppContainer;Compute;rg;a', declared('a'))]);
  const code = 'sql-vm-without-sql-backup';
  const address = 'Microsoft.Compute/virtualMachines/b';

  it('are unprotected where nothing may protect them', async () => {
    expect(await verdicts({ 'machines.json': machines }, code)).toEqual({ findings: [address], open: [] });
  });

  it.each([
    ['an item of the machine', database('VMAppContainer;Compute;rg;b', named('b'))],
    ['an item of an availability group', database('SQLAGWorkLoadContainer;7f0e', named('c'))],
    [
      'Automated Backup',
      {
        type: 'Microsoft.SqlVirtualMachine/sqlVirtualMachines',
        name: 'b',
        location: 'westeurope',
        properties: { virtualMachineResourceId: named('b'), autoBackupSettings: { enable: true } },
      },
    ],
  ])('may be protected by %s in another template', async (_what, resource) => {
    const files = { 'machines.json': machines, 'backup.json': template([resource]) };
    expect((await verdicts(files, code)).findings).toEqual([]);
  });

  it('are not protected by an item of another machine', async () => {
    const files = {
      'machines.json': machines,
      'backup.json': template([database('VMAppContainer;Compute;rg;c', named('c'))]),
    };
    expect((await verdicts(files, code)).findings).toEqual([address]);
  });
});

describe('a policy that nothing beside it uses', () => {
  const policies = `resource "azurerm_backup_policy_vm" "p" {
  name                = "p"
  resource_group_name = "rg"
  recovery_vault_name = "v"
}
`;
  const own = `${policies}${machine('a')}${item('azurerm_linux_virtual_machine.a.id').replace('backupPolicies/p', 'backupPolicies/q')}`;

  it('is unused where no other configuration protects anything of its kind', async () => {
    const { findings } = await verdicts({ 'main.tf': own }, 'policy-protects-nothing');
    expect(findings).toEqual(['azurerm_backup_policy_vm.p']);
  });

  it('may be used in another configuration', async () => {
    const files = { 'main.tf': own, 'backup.json': armItem(named('b')) };
    expect((await verdicts(files, 'policy-protects-nothing')).findings).toEqual([]);
  });
});

describe('a disk that no machine beside it uses', () => {
  const disks = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks';
  const disk = (label: string): string => `resource "azurerm_managed_disk" "${label}" {
  name                 = "disk-${label}"
  resource_group_name  = "rg"
  location             = "westeurope"
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 128
}
`;
  const own = `${disk('kept')}${disk('data')}resource "azurerm_data_protection_backup_instance_disk" "kept" {
  name                         = "kept"
  location                     = "westeurope"
  vault_id                     = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/v"
  backup_policy_id             = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/v/backupPolicies/p"
  disk_id                      = azurerm_managed_disk.kept.id
  snapshot_resource_group_name = "rg-snapshots"
}
`;
  const attached = (id: string): string => `${machine('a')}resource "azurerm_virtual_machine_data_disk_attachment" "a" {
  managed_disk_id    = ${id}
  virtual_machine_id = azurerm_linux_virtual_machine.a.id
  lun                = 0
  caching            = "None"
}
`;
  const code = 'disk-unprotected';
  const bare = 'azurerm_managed_disk.data';

  it.each([
    ['by its name', attached(`"${disks}/DISK-DATA"`)],
    ['by a variable', `variable "id" {}\n${attached('var.id')}`],
    [
      'in a template',
      template([
        {
          type: 'Microsoft.Compute/virtualMachines',
          name: 'a',
          location: 'westeurope',
          properties: { storageProfile: { dataDisks: [{ lun: 0, managedDisk: { id: `${disks}/disk-data` } }] } },
        },
      ]),
    ],
  ])('may be attached in another configuration, %s', async (_how, other) => {
    const files = { 'main.tf': own, [other.startsWith('{') ? 'vm/main.json' : 'vm/main.tf']: other };
    const { findings, open } = await verdicts(files, code);
    expect(findings).toEqual([]);
    expect(open).toContain(bare);
  });

  it('is bare where another configuration attaches other disks', async () => {
    const files = { 'main.tf': own, 'vm/main.tf': attached(`"${disks}/disk-other"`) };
    expect((await verdicts(files, code)).findings).toEqual([bare]);
  });
});

describe('a vault that is named by its name alone', () => {
  const backupVault = `resource "azurerm_data_protection_backup_vault" "b" {
  name                = "v"
  resource_group_name = "rg"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "LocallyRedundant"
}
`;
  const servicesVault = (group: string): string => `resource "azurerm_recovery_services_vault" "r" {
  name                = "v"
  resource_group_name = "${group}"
  location            = "westeurope"
  sku                 = "Standard"
}
`;
  const policy = (vault: string): string => `resource "azurerm_backup_policy_vm" "p" {
  name                = "p"
  resource_group_name = "rg"
  recovery_vault_name = ${vault}
  backup {
    frequency = "Daily"
    time      = "23:00"
  }
  retention_daily {
    count = 10
  }
}
`;
  const own =
    backupVault +
    policy('"v"') +
    item('"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/x"');
  const both = ['azurerm_backup_policy_vm.p', 'azurerm_backup_protected_vm.i'];
  const code = 'datasource-needs-recovery-services-vault';

  it('is that of the other kind which is declared beside it', async () => {
    expect(await verdicts({ 'a/main.tf': own }, code)).toEqual({ findings: both, open: [] });
  });

  it('may be that of another configuration', async () => {
    const files = { 'a/main.tf': own, 'b/main.tf': servicesVault('rg') };
    expect(await verdicts(files, code)).toEqual({ findings: [], open: both });
  });

  it('may be one that another configuration uses', async () => {
    const files = { 'a/main.tf': own, 'b/main.tf': item('var.id') + 'variable "id" {}\n' };
    expect((await verdicts(files, code)).findings).toEqual([]);
  });

  it('is no other in another group', async () => {
    const files = { 'a/main.tf': own, 'b/main.tf': servicesVault('rg-other') };
    expect(await verdicts(files, code)).toEqual({ findings: both, open: [] });
  });

  it('is the one that it refers to, whatever another configuration has', async () => {
    const referring = policy('azurerm_data_protection_backup_vault.b.name');
    const files = { 'a/main.tf': backupVault + referring, 'b/main.tf': servicesVault('rg') };
    expect(await verdicts(files, code)).toEqual({ findings: ['azurerm_backup_policy_vm.p'], open: [] });
  });

  it('is told in templates as well', async () => {
    const child = (vault: string, dependsOn: readonly string[] = []): Record<string, unknown> => ({
      type: 'Microsoft.DataProtection/backupVaults/backupInstances',
      name: `${vault}/disk`,
      dependsOn,
      properties: {
        dataSourceInfo: {
          datasourceType: 'Microsoft.Compute/disks',
          resourceID: "[resourceId('Microsoft.Compute/disks', 'd')]",
        },
      },
    });
    const services = { type: 'Microsoft.RecoveryServices/vaults', name: 'v', location: 'westeurope', properties: {} };
    const right = { type: 'Microsoft.DataProtection/backupVaults', name: 'v', location: 'westeurope', properties: {} };
    const needs = 'datasource-needs-backup-vault';
    const alone = { 'a.json': template([services, child('v')]) };
    expect((await verdicts(alone, needs)).findings).toHaveLength(1);
    expect(await verdicts({ ...alone, 'b.json': template([right]) }, needs)).toMatchObject({ findings: [] });
    const bound = template([services, child('v', ["[resourceId('Microsoft.RecoveryServices/vaults', 'v')]"])]);
    expect((await verdicts({ 'a.json': bound, 'b.json': template([right]) }, needs)).findings).toHaveLength(1);
  });
});
