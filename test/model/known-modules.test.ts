/** Calls of public modules that are not on disk: what they make as far as the call says it, and what they still hide. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { lint, readModels } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';

interface Seen {
  readonly subject: string;
  readonly address: string;
  readonly view: Record<string, unknown>;
}

async function model(code: string): Promise<Seen[]> {
  const io = memoryIo({ '/repo/main.tf': code });
  const { models, reader } = await readModels(settleOptions(['/repo'], {}, catalogue(), io), io);
  expect(reader.log.filter(({ severity }) => severity === 'error')).toEqual([]);
  return models[0]!.entities.map(({ subject, resource, view }) => ({
    subject,
    address: resource.address,
    view: encode(view) as Record<string, unknown>,
  }));
}

async function findings(code: string, only: string): Promise<string[]> {
  const io = memoryIo({ '/repo/main.tf': code });
  const run = await lint(settleOptions(['/repo'], { only: [only] }, catalogue(), io), io, '0');
  return run.findings.map(({ resource, at }) => {
    const line = 'source' in at ? at.source.text.slice(at.start, at.end) : '';
    return `${resource.address}: ${line}`;
  });
}

const of = (entities: readonly Seen[], subject: string): Seen[] => entities.filter((one) => one.subject === subject);

const vault = (more: string): string => `module "vault" {
  source              = "Azure/avm-res-recoveryservices-vault/azurerm"
  version             = "1.2.0"
  name                = "vault"
  location            = "West Europe"
  resource_group_name = "rg"
  sku                 = "Standard"
${more}}
`;

const machine = (name: string): string => `resource "azurerm_linux_virtual_machine" "${name}" {
  name                = "${name}"
  location            = "westeurope"
  resource_group_name = "rg"
  size                = "Standard_B2s"
}
`;

/** Proves that backups are declared here at all. */
const protectedElsewhere = `${machine('other')}resource "azurerm_backup_protected_vm" "other" {
  resource_group_name = "rg"
  recovery_vault_name = "v"
  source_vm_id        = azurerm_linux_virtual_machine.other.id
  backup_policy_id    = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupPolicies/p"
}
`;

describe('the Recovery Services vault of Azure Verified Modules', () => {
  it('has the defaults of the module', async () => {
    const [one, ...more] = of(await model(vault('')), 'vault');
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      address: 'module.vault.azapi_resource.this',
      view: {
        kind: 'recovery-services',
        name: 'vault',
        location: 'westeurope',
        redundancy: 'GeoRedundant',
        crossRegionRestore: true,
        immutability: 'Unlocked',
        softDelete: { state: 'on' },
        publicNetworkAccess: true,
        jobAlerts: true,
      },
    });
    expect(one!.view['identity']).toMatchObject({ system: { $unknown: expect.anything() } });
  });

  it.each([
    ['soft_delete_enabled = "AlwaysOn"', { softDelete: { state: 'always-on' } }],
    ['soft_delete_enabled = false', { softDelete: { state: 'off' } }],
    ['cross_region_restore_enabled = false', { crossRegionRestore: false }],
    ['immutability = "Locked"', { immutability: 'Locked' }],
    ['storage_mode_type = "ZoneRedundant"', { redundancy: 'ZoneRedundant' }],
    ['storage_mode_type = var.mode\n}\nvariable "mode" {', { redundancy: { $symbol: 'var.mode' } }],
  ])('takes %s', async (more, expected) => {
    expect(of(await model(vault(`  ${more}\n`)), 'vault')[0]!.view).toMatchObject(expected);
  });

  it('is judged at the argument that is wrong, or at the call', async () => {
    expect(await findings(vault('  soft_delete_enabled = "Disabled"\n'), 'vault-soft-delete-off')).toEqual([
      'module.vault.azapi_resource.this: "Disabled"',
    ]);
    expect(await findings(vault(''), 'vault-soft-delete-off')).toEqual([]);
    const rule = 'vault-cross-region-restore-needs-geo-redundancy';
    expect(await findings(vault('  storage_mode_type = "LocallyRedundant"\n'), rule)).toHaveLength(1);
    expect(await findings(vault('  storage_mode_type = var.m\n}\nvariable "m" {\n'), rule)).toEqual([]);
  });

  const items = (more = ''): string =>
    vault(`  vm_backup_policy = {
    daily = {
      name            = "daily"
      timezone        = "UTC"
      policy_type     = "V2"
      frequency       = "Daily"
      retention_daily = 30
      backup          = { time = "23:00" }
    }
  }
  backup_protected_vm = {
    a = {
      source_vm_id          = azurerm_linux_virtual_machine.a.id
      vm_backup_policy_name = "daily"
    }
  }
${more}`) + machine('a');

  it('holds its policies and items, which link to each other and to machines', async () => {
    const entities = await model(items());
    expect(of(entities, 'policy')).toMatchObject([
      {
        address: 'module.vault.module.recovery_services_vault_vm_policy["daily"]',
        view: {
          solution: 'azure-vm',
          name: 'daily',
          type: 'V2',
          schedule: { frequency: 'Daily', times: ['23:00'] },
          retention: { daily: { count: 30 } },
        },
      },
    ]);
    const [item] = of(entities, 'protected-item');
    expect(item).toMatchObject({
      address: 'module.vault.module.backup_protected_vm["a"]',
      view: { state: 'protected', vault: { name: 'vault' }, policy: { name: 'daily' }, machine: { name: 'a' } },
    });
    expect(of(entities, 'datasource')[0]!.view).toMatchObject({ name: 'a', protected: true, protection: 'item' });
  });

  it('takes of a policy what belongs to its frequency', async () => {
    const policy = (frequency: string, type = 'V2'): string =>
      vault(`  vm_backup_policy = {
    p = {
      name            = "p"
      timezone        = "UTC"
      policy_type     = "${type}"
      frequency       = "${frequency}"
      retention_daily = 7
      backup          = { time = "22:00", hour_interval = 6, hour_duration = 12, weekdays = ["Sunday"] }
      retention_weekly = { count = 7, weekdays = ["Sunday"] }
    }
  }
`);
    for (const frequency of ['Weekly', 'Daily', 'Hourly'])
      for (const code of [
        'policy-hourly-settings-invalid',
        'policy-retention-tier-mismatch',
        'policy-body-contradicts-kind',
      ])
        expect(await findings(policy(frequency), code)).toEqual([]);
    const scheduleOf = async (frequency: string, type?: string): Promise<unknown> =>
      of(await model(policy(frequency, type)), 'policy')[0]!.view['schedule'];
    expect(await scheduleOf('Weekly')).toMatchObject({ frequency: 'Weekly' });
    expect(await scheduleOf('Hourly')).toMatchObject({ frequency: 'Hourly', interval: 6, window: 12 });
    expect(await scheduleOf('Hourly', 'V1')).toMatchObject({ frequency: { $unknown: expect.any(String) } });
  });

  it('hides nothing where its items are known, and something where they are not', async () => {
    const unprotected = 'vm-unprotected';
    const more = machine('b');
    expect(await findings(items() + more, unprotected)).toEqual([
      expect.stringContaining('azurerm_linux_virtual_machine.b'),
    ]);
    const replicated = '  site_recovery_replicated_vm = { x = {} }\n';
    expect(await findings(items(replicated) + more, unprotected)).toEqual([]);
    const unknown = vault('  backup_protected_vm = var.items\n}\nvariable "items" {\n') + protectedElsewhere + more;
    expect(await findings(unknown, unprotected)).toEqual([]);
  });

  it('holds shares and their policies', async () => {
    const entities = await model(
      vault(`  file_share_backup_policy = {
    f = {
      name            = "files"
      timezone        = "UTC"
      frequency       = "Hourly"
      retention_daily = 30
      backup          = { time = "22:00", hourly = { interval = 4, start_time = "08:00", window_duration = 12 } }
    }
  }
  backup_protected_file_share = {
    s = {
      source_storage_account_id     = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a"
      source_file_share_name        = "share"
      backup_file_share_policy_name = "files"
    }
    t = {
      source_storage_account_id     = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/b"
      source_file_share_name        = "share"
      backup_file_share_policy_name = "files"
      disable_registration          = true
    }
  }
`),
    );
    const policy = { solution: 'azure-files', name: 'files', tier: 'snapshot' };
    expect(of(entities, 'policy')).toMatchObject([
      {
        view: {
          ...policy,
          schedule: { frequency: 'Hourly', times: ['08:00'], interval: 4, window: 12 },
          retention: { daily: { count: 30 } },
        },
      },
    ]);
    expect(of(entities, 'policy')[0]!.view['schedule']).not.toHaveProperty('timesBeside');
    expect(of(entities, 'protected-item').map(({ view }) => view)).toMatchObject([
      { solution: 'azure-files', share: 'share', vault: { name: 'vault' }, policy, state: 'protected' },
      { solution: 'azure-files', share: 'share', vault: { name: 'vault' }, policy, state: 'protected' },
    ]);
    expect(of(entities, 'container').map(({ address }) => address)).toEqual([
      'module.vault.module.backup_protected_file_share.azurerm_backup_container_storage_account["s"]',
    ]);
  });

  const workload = (frequency: string): string =>
    vault(`  workload_backup_policy = {
    sql = {
      name             = "sql"
      workload_type    = "SQLDataBase"
      backup_frequency = ${frequency}
      settings         = { time_zone = "UTC", compression_enabled = true }
      protection_policy = {
        full         = { policy_type = "Full", retention_daily_count = 30, backup = { time = "22:00", weekdays = ["Sunday"] }, retention_weekly = { count = 9, weekdays = ["Sunday"] } }
        differential = { policy_type = "Differential", retention_daily_count = 8, backup = { time = "22:00", weekdays = ["Monday"] } }
        log          = { policy_type = "Log", retention_daily_count = 15, backup = { frequency_in_minutes = 60 } }
        other        = { policy_type = "Incremental", retention_daily_count = 15 }
      }
    }
  }
`);

  it.each([
    [
      '"Weekly"',
      {
        subPolicies: ['Full', 'Differential', 'Log'],
        full: { schedule: { frequency: 'Weekly', weekdays: ['Sunday'] }, retention: { weekly: { count: 9 } } },
        differential: { schedule: { weekdays: ['Monday'] }, keptDays: 8 },
      },
    ],
    [
      '"Daily"',
      {
        subPolicies: ['Full', 'Log'],
        full: { schedule: { frequency: 'Daily', times: ['22:00'] }, retention: { daily: { count: 30 } } },
      },
    ],
  ])('holds workload policies that run %s', async (frequency, expected) => {
    const [one] = of(await model(workload(frequency)), 'policy');
    expect(one!.view).toMatchObject({
      solution: 'sql-in-vm',
      name: 'sql',
      timeZone: 'UTC',
      compression: true,
      log: { schedule: { everyMinutes: 60 }, keptDays: 15 },
      ...expected,
    });
  });

  it('has workload policies with open ends where it is not known how often they run', async () => {
    const [one] = of(await model(`${workload('var.f')}variable "f" {}\n`), 'policy');
    expect(one!.view).toMatchObject({ name: 'sql', full: { schedule: { frequency: { $symbol: 'var.f' } } } });
    expect(one!.view['differential']).not.toMatchObject({ keptDays: 8 });
  });

  it.each([
    ['version = "1.2.0"', 1],
    ['version = "0.1.0"', 1],
    ['version = "~> 1.0"', 1],
    ['version = ">= 0.3.0"', 1],
    ['', 1],
    ['version = "1.3.0"', 0],
    ['version = "~> 2.0"', 0],
    ['version = "> 1.2.0"', 0],
  ])('is known where the call says %s: %i', async (version, count) => {
    const code = vault('').replace(/version .*/, version);
    expect(of(await model(code), 'vault')).toHaveLength(count);
    const rest = machine('b') + protectedElsewhere;
    expect(await findings(code + rest, 'vm-unprotected')).toHaveLength(count);
  });

  it.each([
    ['v1.2.0', 1],
    ['v9.0.0', 0],
    ['main', 1],
  ])('is known at the tag %s: %i', async (tag, count) => {
    const source = `git::https://github.com/Azure/terraform-azurerm-avm-res-recoveryservices-vault.git?ref=${tag}`;
    const code = vault('')
      .replace(/source .*/, `source = "${source}"`)
      .replace(/version .*\n/, '');
    expect(of(await model(code), 'vault')).toHaveLength(count);
  });

  it('is found by the output that is its name, and its policies by theirs', async () => {
    const code = `${items()}resource "azurerm_backup_protected_vm" "i" {
  resource_group_name = "rg"
  recovery_vault_name = module.vault.resource.name
  source_vm_id        = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/m"
  backup_policy_id    = module.vault.recovery_services_vault_vm_policy["daily"].resource_id
}
`;
    const item = of(await model(code), 'protected-item').find(({ address }) => address.endsWith('.i'));
    expect(item!.view).toMatchObject({ vaultName: 'vault', vault: { name: 'vault' }, policy: { name: 'daily' } });
    const other = code.replace('module.vault.resource.name', 'module.vault.resource.location');
    const open = of(await model(other), 'protected-item').find(({ address }) => address.endsWith('.i'));
    expect(open!.view['vault']).toMatchObject({ $open: { $unknown: 'the vault is declared elsewhere' } });
  });

  it('is found by the output that is its id', async () => {
    const code = `${vault('')}resource "azurerm_backup_protected_vm" "i" {
  resource_group_name = "rg"
  recovery_vault_name = "vault"
  source_vm_id        = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/m"
  backup_policy_id    = "\${module.vault.resource_id}/backupPolicies/p"
}
`;
    const [item] = of(await model(code), 'protected-item');
    expect(item!.view).toMatchObject({ policyVaultName: 'vault', vault: { name: 'vault' } });
    expect(await findings(code, 'item-policy-in-another-vault')).toEqual([]);
    const other = code.replace('recovery_vault_name = "vault"', 'recovery_vault_name = "other"');
    expect(await findings(other, 'item-policy-in-another-vault')).toHaveLength(1);
  });

  it.each([
    'registry.terraform.io/Azure/avm-res-recoveryservices-vault/azurerm',
    'azure/avm-res-recoveryservices-vault/azurerm',
    'git::https://github.com/Azure/terraform-azurerm-avm-res-recoveryservices-vault.git?ref=v1.2.0',
    'github.com/Azure/terraform-azurerm-avm-res-recoveryservices-vault',
    'git@github.com:Azure/terraform-azurerm-avm-res-recoveryservices-vault.git',
  ])('is known as %s', async (source) => {
    const code = vault('')
      .replace(/source .*/, `source = "${source}"`)
      .replace(/version .*\n/, '');
    expect(of(await model(code), 'vault')).toHaveLength(1);
  });

  it.each([
    'Azure/avm-res-recoveryservices-vault/azurerm//modules/x',
    'someone/avm-res-recoveryservices-vault/azurerm',
    'git::https://example.org/Azure/terraform-azurerm-avm-res-recoveryservices-vault.git',
  ])('is not %s', async (source) => {
    const code = vault('').replace(/source .*/, `source = "${source}"`);
    expect(of(await model(code), 'vault')).toEqual([]);
  });

  it('may or may not exist, like its call', async () => {
    const perhaps = vault('  count = var.make ? 1 : 0\n}\nvariable "make" {\n  type = bool\n');
    const io = memoryIo({ '/repo/main.tf': perhaps });
    const { models } = await readModels(settleOptions(['/repo'], {}, catalogue(), io), io);
    const made = models[0]!.entities.find(({ subject }) => subject === 'vault')!;
    expect(made.resource).toMatchObject({ address: 'module.vault[0].azapi_resource.this', presence: 'maybe' });
    expect(of(await model(vault('  for_each = toset(["x", "y"])\n')), 'vault').map(({ address }) => address)).toEqual([
      'module.vault["x"].azapi_resource.this',
      'module.vault["y"].azapi_resource.this',
    ]);
  });

  it('lies in the subscription of the provider that is passed', async () => {
    const code = `provider "azurerm" {
  alias           = "dr"
  subscription_id = "dr-subscription"
  features {}
}
${vault('  providers = { azurerm = azurerm.dr }\n')}`;
    const io = memoryIo({ '/repo/main.tf': code });
    const { models } = await readModels(settleOptions(['/repo'], {}, catalogue(), io), io);
    const made = models[0]!.entities.find(({ subject }) => subject === 'vault')!;
    expect(encode(made.resource.scope.subscription)).toBe('dr-subscription');
  });
});

describe('modules that make a machine', () => {
  const avm = (more: string): string => `module "vm" {
  source              = "Azure/avm-res-compute-virtualmachine/azurerm"
  name                = "made"
  location            = "westeurope"
  resource_group_name = "rg"
${more}}
`;
  const rsv = `resource "azurerm_recovery_services_vault" "v" {
  name                = "vault"
  location            = "westeurope"
  resource_group_name = "vaults"
  sku                 = "Standard"
}
resource "azurerm_backup_policy_vm" "p" {
  name                = "p"
  resource_group_name = "vaults"
  recovery_vault_name = azurerm_recovery_services_vault.v.name
  backup {
    frequency = "Daily"
    time      = "23:00"
  }
  retention_daily {
    count = 10
  }
}
`;
  const configured = (id: string): string => `  azure_backup_configurations = {
    daily = {
      recovery_vault_resource_id = ${id}
      backup_policy_resource_id  = azurerm_backup_policy_vm.p.id
    }
  }
`;

  it.each([
    ['by reference', 'azurerm_recovery_services_vault.v.id'],
    ['written out', '"/subscriptions/s/resourceGroups/vaults/providers/Microsoft.RecoveryServices/vaults/vault"'],
  ])('protect it in the vault that is named %s', async (_what, id) => {
    const entities = await model(rsv + avm(configured(id)));
    expect(of(entities, 'datasource')).toMatchObject([
      {
        address: 'module.vm.azurerm_virtual_machine.this',
        view: { name: 'made', location: 'westeurope', protected: true, protection: 'item' },
      },
    ]);
    const [item] = of(entities, 'protected-item');
    expect(item).toMatchObject({
      address: 'module.vm.module.backup["daily"]',
      view: { machine: { name: 'made' }, policy: { name: 'p' }, state: 'protected' },
    });
    if (_what === 'by reference') expect(item!.view['vault']).toMatchObject({ name: 'vault' });
  });

  it('leave it unprotected where the call says nothing of backup', async () => {
    expect(await findings(avm('') + protectedElsewhere, 'vm-unprotected')).toEqual([
      'module.vm.azurerm_virtual_machine.this: module "vm" {',
    ]);
    expect(
      await findings(
        avm('') +
          protectedElsewhere +
          avm('').replace('"vm"', '"x"').replace('compute-virtualmachine', 'compute-other'),
        'vm-unprotected',
      ),
    ).toEqual([]);
    const unknown = avm('  azure_backup_configurations = var.b\n}\nvariable "b" {\n');
    expect(await findings(unknown + protectedElsewhere, 'vm-unprotected')).toEqual([]);
  });

  it.each([
    ['of their own', '"Canonical"', 1],
    ["of a service's nodes", '"AzureDatabricks"', 0],
    ['that is not known', 'var.publisher', 0],
  ])('run an image %s', async (_what, publisher, count) => {
    const image = `  source_image_reference = {
    publisher = ${publisher}
  }
`;
    const variable = 'variable "publisher" {\n  type = string\n}\n';
    expect(await findings(avm(image) + variable + protectedElsewhere, 'vm-unprotected')).toHaveLength(count);
  });

  it('can be protected beside it, through its output', async () => {
    const code = `${rsv}${avm('')}resource "azurerm_backup_protected_vm" "i" {
  resource_group_name = "vaults"
  recovery_vault_name = azurerm_recovery_services_vault.v.name
  source_vm_id        = module.vm.resource_id
  backup_policy_id    = azurerm_backup_policy_vm.p.id
}
`;
    expect(of(await model(code), 'datasource')[0]!.view).toMatchObject({ protected: true });
    expect(await findings(code + protectedElsewhere, 'vm-unprotected')).toEqual([]);
  });

  it.each([
    ['claranet/linux-vm/azurerm', 'backup_policy_id = azurerm_backup_policy_vm.p.id', true],
    ['claranet/windows-vm/azurerm', 'backup_policy = { id = azurerm_backup_policy_vm.p.id }', true],
    ['claranet/linux-vm/azurerm', 'backup_policy_id = null', false],
    ['claranet/linux-vm/azurerm', '', false],
  ])('%s with %s', async (source, more, isProtected) => {
    const code = `${rsv}module "vm" {
  source              = "${source}"
  custom_name         = "made"
  location            = "westeurope"
  resource_group_name = "rg"
  ${more}
}
`;
    const entities = await model(code);
    expect(of(entities, 'datasource')[0]!.view).toMatchObject({ name: 'made', protected: isProtected });
    expect(of(entities, 'protected-item').map(({ view }) => view['vault'])).toMatchObject(
      isProtected ? [{ name: 'vault' }] : [],
    );
  });

  it('hide what they do where it is not known whether a policy is given', async () => {
    const code = `module "vm" {
  source           = "claranet/linux-vm/azurerm"
  backup_policy_id = var.p
}
variable "p" {}
${machine('b')}${protectedElsewhere}`;
    expect(await findings(code, 'vm-unprotected')).toEqual([]);
  });
});

describe('the Backup vault of Azure Verified Modules', () => {
  const backupVault = (more: string): string => `module "bv" {
  source              = "Azure/avm-res-dataprotection-backupvault/azurerm"
  name                = "bv"
  location            = "westeurope"
  resource_group_name = "rg"
  datastore_type      = "VaultStore"
  redundancy          = "LocallyRedundant"
${more}}
`;

  it('has its facts', async () => {
    expect(of(await model(backupVault('  soft_delete = "Off"\n')), 'vault')).toMatchObject([
      {
        view: {
          kind: 'backup',
          name: 'bv',
          redundancy: 'LocallyRedundant',
          crossRegionRestore: false,
          softDelete: { state: 'off', days: 14 },
          immutability: 'Disabled',
        },
      },
    ]);
  });

  it('asks for cross-region restore where it is geo-redundant only', async () => {
    const asked = '  version = "2.0.8"\n  cross_region_restore_enabled = true\n';
    const local = backupVault(asked);
    expect(await findings(local, 'vault-cross-region-restore-needs-geo-redundancy')).toEqual([]);
    const geo = local.replace('LocallyRedundant', 'GeoRedundant');
    expect(of(await model(geo), 'vault')).toMatchObject([{ view: { crossRegionRestore: true } }]);
    const misplaced = geo.replace('2.0.8', '1.2.0');
    expect(of(await model(misplaced), 'vault')).toMatchObject([
      { view: { crossRegionRestore: { $unknown: expect.any(String) } } },
    ]);
  });

  it('leaves open what differs between the versions of the module', async () => {
    const [one] = of(await model(backupVault('')), 'vault');
    expect(one!.view['softDelete']).toMatchObject({
      state: { $unknown: expect.stringContaining('version') },
      days: 14,
    });
    expect(await findings(backupVault(''), 'vault-soft-delete-off')).toEqual([]);
  });

  it.each([
    ['1.2.0', { state: 'off' }],
    ['~> 1.0', { state: 'off' }],
    ['2.0.8', { state: 'always-on' }],
    ['>= 2.0', { state: 'always-on' }],
    ['>= 1.0', { state: { $unknown: expect.anything() } }],
  ])('has the default of version %s', async (version, softDelete) => {
    const [one] = of(await model(backupVault(`  version = "${version}"\n`)), 'vault');
    expect(one!.view['softDelete']).toMatchObject(softDelete);
  });

  it('is found by the output that is its name', async () => {
    const code = `${backupVault('')}resource "azurerm_data_protection_backup_policy_postgresql" "p" {
  name                = "p"
  resource_group_name = "rg"
  vault_name          = module.vault.backup_vault_name
}
resource "azurerm_data_protection_backup_instance_disk" "i" {
  name             = "i"
  vault_id         = module.vault.backup_vault_id
  disk_id          = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d"
  backup_policy_id = azurerm_data_protection_backup_policy_postgresql.p.id
}
`.replaceAll('module.vault', 'module.bv');
    const [item] = of(await model(code.replace('module "vault"', 'module "bv"')), 'protected-item');
    expect(item!.view).toMatchObject({ policyVaultName: 'bv', vault: { name: 'bv' } });
  });

  it('hides what its instances protect', async () => {
    const rest = machine('b') + protectedElsewhere;
    expect(await findings(backupVault('') + rest, 'vm-unprotected')).toHaveLength(1);
    expect(await findings(backupVault('  backup_instances = { x = {} }\n') + rest, 'vm-unprotected')).toEqual([]);
    expect(await findings(backupVault('  backup_instances = {}\n') + rest, 'vm-unprotected')).toHaveLength(1);
  });
});

describe('modules that protect nothing', () => {
  const call = (source: string): string => `module "m" {\n  source = "${source}"\n}\n`;

  it.each([
    'Azure/naming/azurerm',
    'Azure/avm-res-network-virtualnetwork/azurerm',
    'Azure/avm-res-network-virtualnetwork/azurerm//modules/subnet',
    'Azure/avm-utl-regions/azurerm',
    'hashicorp/subnets/cidr',
    'Azure/network/azurerm',
  ])('hide no machine: %s', async (source) => {
    expect(await findings(call(source) + machine('b') + protectedElsewhere, 'vm-unprotected')).toHaveLength(1);
  });

  it.each([
    'Azure/compute/azurerm',
    'Azure/avm-res-compute-disk/azurerm',
    'Azure/avm-res-network-x/y/azurerm',
    'someone/naming/azurerm',
    'git::https://example.org/naming.git',
    'app.example.io/Azure/naming/azurerm',
  ])('are not %s', async (source) => {
    expect(await findings(call(source) + machine('b') + protectedElsewhere, 'vm-unprotected')).toEqual([]);
  });
});

describe('the note about a module', () => {
  it.each([
    ['Azure/avm-res-recoveryservices-vault/azurerm', 'so only what its call says of backup is judged'],
    ['Azure/naming/azurerm', 'but it is known to protect nothing'],
    ['someone/something/azurerm', 'so what it declares is not judged'],
  ])('says what is judged of %s', async (source, expected) => {
    const io = memoryIo({ '/repo/main.tf': `module "m" {\n  source = "${source}"\n}\n` });
    const { diagnostics } = await lint(settleOptions(['/repo'], {}, catalogue(), io), io, '0');
    expect(diagnostics).toMatchObject([{ severity: 'note', message: expect.stringContaining(expected) }]);
  });
});

describe('provisioners', () => {
  it.each([
    ['resource "terraform_data" "t" {}\n', 1],
    ['resource "null_resource" "t" {\n  triggers = {}\n}\n', 1],
    ['resource "terraform_data" "t" {\n  provisioner "local-exec" {\n    command = "az"\n  }\n}\n', 0],
    [
      'resource "azurerm_resource_group" "t" {\n  name = "g"\n  provisioner "local-exec" {\n    command = "az"\n  }\n}\n',
      0,
    ],
  ])('decide whether something may protect a machine: %s', async (code, count) => {
    expect(await findings(code + machine('b') + protectedElsewhere, 'vm-unprotected')).toHaveLength(count);
  });
});

describe('Azure Verified Modules for Bicep', () => {
  const read = async (files: Readonly<Record<string, string>>): Promise<Seen[]> => {
    const io = memoryIo(files);
    const { models, reader } = await readModels(settleOptions(['/repo'], {}, catalogue(), io), io);
    expect(reader.log.filter(({ severity }) => severity === 'error')).toEqual([]);
    return models[0]!.entities.map(({ subject, resource, view }) => ({
      subject,
      address: `${resource.address}${resource.presence === 'maybe' ? '?' : ''}`,
      view: encode(view) as Record<string, unknown>,
    }));
  };
  const bicep = (code: string): Promise<Seen[]> => read({ '/repo/main.bicep': code });
  const unprotected = async (code: string): Promise<string[]> => {
    const io = memoryIo({ '/repo/main.bicep': code });
    const run = await lint(settleOptions(['/repo'], { only: ['vm-unprotected'] }, catalogue(), io), io, '0');
    return run.findings.map(({ resource }) => resource.address);
  };

  const call = (symbol: string, reference: string, params: string, more = ''): string =>
    `module ${symbol} '${reference}' = {\n${more}  params: {\n${params}  }\n}\n`;
  const vaultAt = (tag: string, params = '', more = ''): string =>
    call('vault', `br/public:avm/res/recovery-services/vault${tag}`, `    name: 'v'\n${params}`, more);
  const vmAt = (tag: string, symbol: string, params = '', more = ''): string =>
    call(symbol, `br/public:avm/res/compute/virtual-machine${tag}`, `    name: '${symbol}'\n${params}`, more);
  const daily = `    backupPolicies: [
      {
        name: 'daily'
        properties: {
          backupManagementType: 'AzureIaasVM'
          schedulePolicy: {
            schedulePolicyType: 'SimpleSchedulePolicy'
            scheduleRunFrequency: 'Daily'
            scheduleRunTimes: ['2024-01-01T23:00:00Z']
          }
        }
      }
    ]
`;
  const itemOf = (symbol: string): string => `    protectedItems: [
      {
        name: 'VM;iaasvmcontainerv2;rg;${symbol}'
        protectionContainerName: 'IaasVMContainer;iaasvmcontainerv2;rg;${symbol}'
        protectedItemType: 'Microsoft.Compute/virtualMachines'
        policyName: 'daily'
        sourceResourceId: ${symbol}.outputs.resourceId
      }
    ]
`;

  it('link what one makes to what another is given of its outputs', async () => {
    const entities = await bicep(
      vaultAt(':0.9.1', daily + itemOf('a'), `  scope: resourceGroup('vaults')\n`) +
        vmAt(':0.12.0', 'a') +
        vmAt(
          ':0.12.0',
          'b',
          `    backupVaultName: vault.outputs.name
    backupVaultResourceGroup: vault.outputs.resourceGroupName
    backupPolicyName: 'daily'
`,
        ),
    );
    expect(of(entities, 'protected-item')).toMatchObject([
      {
        address: 'vault.rsv_backupFabric_protectionContainer_protectedItems[0].protectedItem',
        view: { machine: { name: 'a' }, vault: { name: 'v' }, policy: { name: 'daily' }, state: 'protected' },
      },
      {
        address: 'b.vm_backup.protectedItem',
        view: { machine: { name: 'b' }, vault: { name: 'v' }, policy: { name: 'daily' }, state: 'protected' },
      },
    ]);
    expect(of(entities, 'datasource').map(({ address, view }) => [address, view['protection']])).toEqual([
      ['a.vm', 'item'],
      ['b.vm', 'item'],
    ]);
    expect(of(entities, 'vault')[0]!.view['items']).toMatchObject({ virtualMachines: 2, complete: true });
  });

  it('are found by resources that are named by their outputs', async () => {
    const entities = await bicep(`${vaultAt(':0.9.1', daily)}${vmAt(':0.12.0', 'a')}
resource there 'Microsoft.RecoveryServices/vaults@2024-04-01' existing = {
  name: vault.outputs.name
}
resource weekly 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = {
  parent: there
  name: 'weekly'
  properties: { backupManagementType: 'AzureIaasVM' }
}
resource item 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems@2025-02-01' = {
  name: '\${vault.outputs.name}/Azure/iaasvmcontainer;iaasvmcontainerv2;rg;a/vm;iaasvmcontainerv2;rg;a'
  properties: {
    protectedItemType: 'Microsoft.Compute/virtualMachines'
    policyId: resourceId('Microsoft.RecoveryServices/vaults/backupPolicies', vault.outputs.name, 'daily')
    sourceResourceId: a.outputs.resourceId
  }
}
`);
    expect(of(entities, 'policy').map(({ view }) => [view['name'], view['vaultName']])).toEqual([
      ['weekly', 'v'],
      ['daily', 'v'],
    ]);
    expect(of(entities, 'protected-item')).toMatchObject([
      {
        view: {
          vaultName: 'v',
          vault: { redundancy: 'GeoRedundant' },
          policy: { name: 'daily' },
          machine: { name: 'a' },
        },
      },
    ]);
  });

  it('are known through aliases, and by no other name', async () => {
    const config = JSON.stringify({
      moduleAliases: { br: { ours: { registry: 'mcr.microsoft.com', modulePath: 'bicep/avm/res' } } },
    });
    const at = (reference: string): Promise<Seen[]> =>
      read({
        '/repo/main.bicep': call('vault', reference, `    name: 'v'\n`),
        '/repo/bicepconfig.json': config,
      });
    for (const known of [
      'br/public:avm/res/recovery-services/vault:0.9.1',
      'br:mcr.microsoft.com/bicep/avm/res/recovery-services/vault:0.9.1',
      'br:MCR.microsoft.com/bicep/avm/res/recovery-services/vault:0.9.1',
      'br/ours:recovery-services/vault:0.9.1',
    ])
      expect(of(await at(known), 'vault'), known).toHaveLength(1);
    for (const other of [
      'br:example.azurecr.io/bicep/avm/res/recovery-services/vault:0.9.1',
      'br/public:avm/res/recovery-services/vaults:0.9.1',
      'br/public:avm/res/recovery-services/vault:latest',
      `br/public:avm/res/recovery-services/vault@sha256:${'0'.repeat(64)}`,
      'br/public:avm/res/recovery-services/vault:99.0.0',
    ])
      expect(of(await at(other), 'vault'), other).toEqual([]);
  });

  it.each([
    [':0.6.1', `    securitySettings: { softDeleteSettings: { softDeleteState: 'Disabled' } }\n`, 'off'],
    [':0.8.1', `    securitySettings: { softDeleteSettings: { softDeleteState: 'Disabled' } }\n`, 'off'],
    [':0.9.0', `    securitySettings: { softDeleteSettings: { softDeleteState: 'Disabled' } }\n`, 'on'],
    [':0.9.0', `    softDeleteSettings: { softDeleteState: 'Disabled' }\n`, 'off'],
    [':0.11.1', `    backupConfig: { softDeleteFeatureState: 'Disabled' }\n`, 'off'],
    [':0.13.0', `    backupConfig: { softDeleteFeatureState: 'Disabled' }\n`, 'off'],
  ])('read soft delete as %s takes it: %s', async (tag, params, state) => {
    expect(of(await bicep(vaultAt(tag, params)), 'vault')[0]!.view['softDelete']).toMatchObject({ state });
  });

  it.each([
    [':0.8.1', `    redundancySettings: { standardTierStorageRedundancy: 'GeoRedundant' }\n`, 'GeoRedundant'],
    [':0.13.0', `    redundancySettings: { standardTierStorageRedundancy: 'ZoneRedundant' }\n`, 'ZoneRedundant'],
    [':0.9.2', `    backupStorageConfig: { storageModelType: 'LocallyRedundant' }\n`, 'LocallyRedundant'],
  ])('read redundancy as %s takes it: %s', async (tag, params, redundancy) => {
    expect(of(await bicep(vaultAt(tag, params)), 'vault')[0]!.view).toMatchObject({ redundancy });
  });

  it('make what their calls make: loops and conditions', async () => {
    const loop = vaultAt(':0.9.1').replace(`' = {`, `' = [for i in range(0, 2): {`).replace(/\}\n$/, '}]\n');
    expect(of(await bicep(loop), 'vault').map(({ address }) => address)).toEqual(['vault[0].rsv', 'vault[1].rsv']);
    const perhaps = `param make bool\n${vaultAt(':0.9.1').replace(`' = {`, `' = if (make) {`)}`;
    expect(of(await bicep(perhaps), 'vault').map(({ address }) => address)).toEqual(['vault.rsv?']);
    const never = vaultAt(':0.9.1').replace(`' = {`, `' = if (false) {`);
    expect(of(await bicep(never), 'vault')).toEqual([]);
  });

  it.each([
    ['', []],
    [`    backupVaultName: ''\n`, []],
    [`    backupVaultName: null\n`, []],
    [`    backupVaultName: 'v'\n`, ['a.vm_backup.protectedItem']],
    ['    backupVaultName: name\n', ['a.vm_backup.protectedItem?']],
  ])('protect a machine where the name of the vault is not empty: %s', async (params, items) => {
    const entities = await bicep(`param name string\n${vmAt(':0.22.2', 'a', params)}`);
    expect(of(entities, 'protected-item').map(({ address }) => address)).toEqual(items);
  });

  const protectedOne = vaultAt(':0.9.1', daily + itemOf('a')) + vmAt(':0.12.0', 'a') + vmAt(':0.12.0', 'b');

  it('hide nothing that their calls say, and all that these leave open', async () => {
    expect(await unprotected(protectedOne)).toEqual(['b.vm']);
    const other = (reference: string, params = ''): string => protectedOne + call('other', reference, params);
    expect(await unprotected(other('br/public:avm/res/network/virtual-network:0.5.1'))).toEqual(['b.vm']);
    expect(await unprotected(other('br/public:avm/ptn/network/hub-networking:0.1.0'))).toEqual(['b.vm']);
    expect(await unprotected(other('br/public:avm/res/storage/storage-account:0.14.0', `name: 's'\n`))).toEqual([
      'b.vm',
    ]);
    for (const [reference, params] of [
      // Creates policy assignments; was never looked into; may protect what it is told of.
      ['br/public:avm/ptn/alz/empty:0.3.0', ''],
      ['br/public:avm/ptn/network/hub-networking:99.0.0', ''],
      ['br/public:avm/res/recovery-services/vault:0.5.1', `name: 'old'\nprotectionContainers: containers\n`],
      ['br/public:avm/res/recovery-services/vault:0.9.1', `name: 'new'\nprotectedItems: containers\n`],
      ['br/public:avm/res/compute/virtual-machine:0.9.0', `name: 'c'\nconfigurationProfile: '/profiles/x'\n`],
    ] as const)
      expect(await unprotected(`param containers array\n${other(reference, params)}`), reference).toEqual([]);
  });

  it('hide what they do where their parameters are one value', async () => {
    const whole = `param all object\nmodule more 'br/public:avm/res/recovery-services/vault:0.9.1' = {\n  params: all\n}\n`;
    expect(await unprotected(protectedOne + whole)).toEqual([]);
  });

  it('stand where their call says what is wrong', async () => {
    const io = memoryIo({ '/repo/main.bicep': protectedOne });
    const run = await lint(settleOptions(['/repo'], { only: ['vm-unprotected'] }, catalogue(), io), io, '0');
    expect(run.findings.map(({ at }) => ('source' in at ? at.source.text.slice(at.start, at.end) : ''))).toEqual([
      `module b 'br/public:avm/res/compute/virtual-machine:0.12.0'`,
    ]);
    const [note] = run.diagnostics.filter(({ code }) => code === 'module-not-read');
    expect(note!.message).toContain('so only what its call says of backup is judged');
  });

  it('hold what a Backup vault protects', async () => {
    const entities = await bicep(
      call(
        'vault',
        'br/public:avm/res/data-protection/backup-vault:0.12.0',
        `    name: 'bv'
    type: 'LocallyRedundant'
    backupInstances: [
      {
        name: 'blobs'
        dataSourceInfo: {
          datasourceType: 'Microsoft.Storage/storageAccounts/blobServices'
          resourceID: account.outputs.resourceId
          resourceType: 'Microsoft.Storage/storageAccounts'
        }
        policyInfo: { policyName: 'blobs', policyParameters: {} }
      }
    ]
    backupPolicies: [
      {
        name: 'blobs'
        properties: {
          objectType: 'BackupPolicy'
          datasourceTypes: ['Microsoft.Storage/storageAccounts/blobServices']
          policyRules: []
        }
      }
    ]
`,
      ) + call('account', 'br/public:avm/res/storage/storage-account:0.14.0', `    name: 'account'\n`),
    );
    expect(of(entities, 'vault')).toMatchObject([
      { address: 'vault.backupVault', view: { kind: 'backup', name: 'bv', redundancy: 'LocallyRedundant' } },
    ]);
    expect(of(entities, 'protected-item')).toMatchObject([
      {
        address: 'vault.backupVault_backupInstances[0].backupInstance',
        view: { solution: 'azure-blob', vault: { name: 'bv' }, policy: { name: 'blobs' } },
      },
    ]);
    expect(of(entities, 'datasource')).toMatchObject([
      { address: 'account.storageAccount', view: { name: 'account', accountKind: 'StorageV2', protection: 'item' } },
    ]);
  });
});
