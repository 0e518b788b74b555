/** What a provider block says of destroying, and which block configures an item. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { readModels } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';
import { unknown, type View } from './views.ts';

async function destroyIn(files: Readonly<Record<string, string>>): Promise<Record<string, View>> {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const { models } = await readModels(settleOptions([], {}, catalogue(), io), io);
  const entities = models.flatMap((model) => [...model.entities]);
  const found = entities.flatMap(({ subject, resource, view }): [string, View][] => {
    const { destroy } = encode(view) as View;
    return subject === 'provider-config' && destroy !== undefined ? [[resource.address, destroy]] : [];
  });
  return Object.fromEntries(found);
}

const item = (name: string, more = ''): string => `resource "azurerm_backup_protected_vm" "${name}" {
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  source_vm_id        = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${name}"
  backup_policy_id    = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/rsv/backupPolicies/p"
  ${more}
}
`;
const keeping = (alias: string): string => `provider "azurerm" {
  ${alias}
  features {
    recovery_service {
      vm_backup_stop_protection_and_retain_data_on_destroy = true
    }
  }
}
`;

describe('provider blocks', () => {
  it('say nothing where nothing is written, and have the items that use them', async () => {
    const found = await destroyIn({
      'main.tf': `provider "azurerm" {
  features {}
}
${keeping('alias = "kept"')}${item('plain')}${item('other', 'provider = azurerm.kept')}`,
    });
    expect(found).toEqual({
      'provider.azurerm': {
        purgesVault: false,
        stopsProtection: false,
        suspendsProtection: false,
        machineItems: ['azurerm_backup_protected_vm.plain'],
      },
      'provider.azurerm.kept': {
        purgesVault: false,
        stopsProtection: true,
        suspendsProtection: false,
        machineItems: ['azurerm_backup_protected_vm.other'],
      },
    });
  });

  it('are passed to modules by themselves, or under another name', async () => {
    const found = await destroyIn({
      'main.tf': `provider "azurerm" {
  features {}
}
${keeping('alias = "kept"')}module "own" {
  source = "./backup"
}
module "passed" {
  source    = "./backup"
  providers = { azurerm = azurerm.kept }
}
`,
      'backup/main.tf': item('vm'),
    });
    expect(found['provider.azurerm'].machineItems).toEqual(['module.own.azurerm_backup_protected_vm.vm']);
    expect(found['provider.azurerm.kept'].machineItems).toEqual(['module.passed.azurerm_backup_protected_vm.vm']);
  });

  it('are not known where they stand outside of the code', async () => {
    const found = await destroyIn({ 'main.tf': item('vm') });
    expect(found).toMatchObject({
      'azurerm_backup_protected_vm.vm': { stopsProtection: unknown, suspendsProtection: unknown },
    });
    expect(found['azurerm_backup_protected_vm.vm'].purgesVault).toBeUndefined();
  });

  it('may be written in JSON', async () => {
    const text = {
      provider: {
        azurerm: { features: { recovery_service: { purge_protected_items_from_vault_on_destroy: true } } },
      },
    };
    expect((await destroyIn({ 'main.tf.json': JSON.stringify(text) }))['provider.azurerm'].purgesVault).toBe(true);
  });
});

describe('provider blocks of a plan', () => {
  const plan = (providers: object): string =>
    JSON.stringify({
      format_version: '1.2',
      resource_changes: [],
      configuration: { provider_config: providers, root_module: {} },
    });
  const purge = (expression: object): object => ({
    name: 'azurerm',
    expressions: { features: [{ recovery_service: [{ purge_protected_items_from_vault_on_destroy: expression }] }] },
  });

  it('hold their constants; of an expression only the names are there', async () => {
    const found = await destroyIn({
      'plan.json': plan({
        azurerm: purge({ constant_value: true }),
        'azurerm.named': { alias: 'named', ...purge({ references: ['var.purge'] }) },
        'module.m:azurerm': { module_address: 'module.m', name: 'azurerm', expressions: { features: [{}] } },
        random: { name: 'random' },
      }),
    });
    expect(Object.fromEntries(Object.entries(found).map(([name, { purgesVault }]) => [name, purgesVault]))).toEqual({
      'provider.azurerm': true,
      'provider.azurerm.named': unknown,
      'module.m.provider.azurerm': false,
    });
  });

  it('are none where only a version is told', async () => {
    expect(
      await destroyIn({ 'plan.json': plan({ azurerm: { name: 'azurerm', version_constraint: '~> 4.0' } }) }),
    ).toEqual({});
  });
});
