/** Facts about names, subscriptions, regions and counts that rules of placement and of the matrix look at. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { lint } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';
import { entitiesIn, named, template, unknown, type View, viewIn } from './views.ts';

const itemType = 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems';
const machineId = '/subscriptions/s1/resourceGroups/RG-App/providers/Microsoft.Compute/virtualMachines/VM-App';

const item = (name: string, properties: object = {}): string =>
  template(
    [
      {
        type: itemType,
        name,
        properties: {
          protectedItemType: 'Microsoft.Compute/virtualMachines',
          sourceResourceId: machineId,
          ...properties,
        },
      },
    ],
    { group: { type: 'string' } },
  );

describe('names of an item', () => {
  it('are cut into kind, group and name, without letter case', async () => {
    const view = await viewIn(
      'a.json',
      item('v/Azure/IaasVMContainer;iaasvmcontainerv2;RG-App;VM-App/VM;iaasvmcontainerv2;rg-app;vm-app'),
      'protected-item',
    );
    expect(view.names).toEqual({
      container: { kind: 'iaasvmcontainer', group: 'rg-app', name: 'vm-app' },
      item: { kind: 'vm', group: 'rg-app', name: 'vm-app' },
    });
    expect(view.sourceNames).toEqual({ name: 'vm-app', group: 'rg-app', together: 12 });
  });

  it('are known as far as their parts are', async () => {
    const view = await viewIn(
      'a.json',
      item(
        "[format('v/Azure/iaasvmcontainer;iaasvmcontainerv2;{0};vm-app/vm;iaasvmcontainerv2;{0};vm-app', parameters('group'))]",
      ),
      'protected-item',
    );
    expect(view.names.container).toEqual({ kind: 'iaasvmcontainer', group: named, name: 'vm-app' });
  });

  it('tell nothing where they are not built that way', async () => {
    const view = await viewIn('a.json', item('v/Azure/iaasvmcontainer;x/vm;y'), 'protected-item');
    expect(view.names.container).toEqual({ kind: 'iaasvmcontainer', group: unknown, name: unknown });
    const group = await viewIn('a.json', item('v/Azure/SQLAGWorkLoadContainer;0/SQLDataBase;i;d;e'), 'protected-item');
    expect(group.names).toEqual({ container: { kind: 'sqlagworkloadcontainer' }, item: { kind: 'sqldatabase' } });
  });
});

describe('the system of a machine', () => {
  const machine = (properties: object, parameters: object = {}): string =>
    template(
      [{ type: 'Microsoft.Compute/virtualMachines', name: 'vm', location: 'westeurope', properties }],
      parameters,
    );
  const image = (publisher: string, offer: string): object => ({
    storageProfile: { imageReference: { publisher, offer }, osDisk: {} },
  });
  const system = async (text: string): Promise<View> => (await viewIn('a.json', text, 'datasource')).os;

  it('is told by the OS disk, the settings or the image', async () => {
    expect(await system(machine({ storageProfile: { osDisk: { osType: 'Windows' } } }))).toBe('windows');
    expect(await system(machine({ osProfile: { linuxConfiguration: { ssh: {} } } }))).toBe('linux');
    expect(await system(machine(image('Canonical', 'ubuntu')))).toBe('linux');
    expect(await system(machine(image('MicrosoftSQLServer', 'SQL2017-WS2016')))).toBe('windows');
    expect(await system(machine(image('MicrosoftSQLServer', 'sql2019-ubuntu2004')))).toBe('linux');
  });

  it('is not known where nothing tells, or settings may be null', async () => {
    expect(await system(machine(image('contoso', 'appliance')))).toEqual(unknown);
    const perhaps = { osProfile: { linuxConfiguration: "[if(parameters('linux'), createObject('a', 'b'), null())]" } };
    expect(await system(machine(perhaps, { linux: { type: 'bool' } }))).toEqual(unknown);
  });
});

describe('the snapshot group of an instance', () => {
  const instance = (stores: unknown): string =>
    template(
      [
        {
          type: 'Microsoft.DataProtection/backupVaults/backupInstances',
          name: 'v/d',
          properties: {
            dataSourceInfo: { datasourceType: 'Microsoft.Compute/disks', resourceID: 'x' },
            policyInfo: { policyParameters: { dataStoreParametersList: stores } },
          },
        },
      ],
      { stores: { type: 'array' } },
    );
  const group = async (stores: unknown): Promise<View> =>
    (await viewIn('a.json', instance(stores), 'protected-item')).snapshotGroupName;

  it('is looked for in every store', async () => {
    const own = { resourceGroupId: '/subscriptions/S/resourceGroups/RG-Snap' };
    expect(await group([own])).toBe('rg-snap');
    expect(await group([{ dataStoreType: 'VaultStore' }, own])).toBe('rg-snap');
    expect(await group([{ dataStoreType: 'VaultStore' }])).toBeUndefined();
    expect(await group("[parameters('stores')]")).toEqual(unknown);
  });
});

describe('what a plan adds to a vault', () => {
  const address = (type: string, name: string): object => ({
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_name: 'registry.terraform.io/hashicorp/azurerm',
  });
  const change = (type: string, name: string, actions: string[], after: object): object => ({
    ...address(type, name),
    change: {
      actions,
      before: actions.includes('create') ? null : after,
      after,
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  });
  const vault = { name: 'v', resource_group_name: 'rg', location: 'westeurope', sku: 'Standard' };
  const protectedVm = (n: number): object => ({
    resource_group_name: 'rg',
    recovery_vault_name: 'v',
    source_vm_id: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm${n}`,
    backup_policy_id:
      '/subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupPolicies/p',
  });
  const plan = (changes: object[]): string =>
    JSON.stringify({
      format_version: '1.2',
      terraform_version: '1.9.0',
      planned_values: { root_module: { resources: [] } },
      resource_changes: changes,
      configuration: { provider_config: { azurerm: { name: 'azurerm' } }, root_module: {} },
    });
  const fleet = (count: number, actions: string[]): object[] => [
    change('azurerm_recovery_services_vault', 'v', ['no-op'], vault),
    ...Array.from({ length: count }, (_, n) => change('azurerm_backup_protected_vm', `i${n}`, actions, protectedVm(n))),
  ];

  it('counts what is made, not what stays', async () => {
    const made = (await entitiesIn('plan.json', plan(fleet(3, ['create'])))).find(
      ({ subject }) => subject === 'vault',
    )!;
    expect((encode(made.view) as View).added).toEqual({ virtualMachines: 3, policies: 0 });
    const kept = (await entitiesIn('plan.json', plan(fleet(3, ['no-op'])))).find(({ subject }) => subject === 'vault')!;
    expect((encode(kept.view) as View).added).toEqual({ virtualMachines: 0, policies: 0 });
  });

  it('is too much for one day above 250 machines', async () => {
    const messages = async (count: number): Promise<string[]> => {
      const io = memoryIo({ '/repo/plan.json': plan(fleet(count, ['create'])) });
      const run = await lint(settleOptions(['/repo'], { only: ['vault-limit-near'] }, catalogue(), io), io, '0');
      return run.findings.map(({ message }) => message);
    };
    expect(await messages(250)).toEqual([]);
    expect(await messages(251)).toEqual([expect.stringContaining('protects 251 more virtual machines')]);
  });
});

describe('a region without a vault', () => {
  const machine = (label: string, location: string): string => `resource "azurerm_linux_virtual_machine" "${label}" {
  name                = "${label}"
  location            = "${location}"
  resource_group_name = "rg"
  size                = "Standard_B2s"
}
`;
  const vault = (location: string): string => `resource "azurerm_recovery_services_vault" "v" {
  name                = "v"
  location            = "${location}"
  resource_group_name = "rg"
  sku                 = "Standard"
}
`;
  const root = `${vault('westeurope')}${machine('a', 'westeurope')}${machine('b', 'northeurope')}${machine('c', 'northeurope')}
resource "azurerm_backup_protected_vm" "a" {
  resource_group_name = "rg"
  recovery_vault_name = "v"
  source_vm_id        = azurerm_linux_virtual_machine.a.id
  backup_policy_id    = "\${azurerm_recovery_services_vault.v.id}/backupPolicies/p"
}
`;
  const verdicts = async (files: Record<string, string>): Promise<{ findings: string[]; open: string[] }> => {
    const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
    const flags = { only: ['region-without-vault'], showUndetermined: true };
    const run = await lint(settleOptions(['/repo'], flags, catalogue(), io), io, '0');
    return {
      findings: run.findings.map(({ resource }) => resource.address),
      open: run.undetermined.map(({ resource }) => resource.address),
    };
  };

  it('is told once', async () => {
    expect((await verdicts({ 'a/main.tf': root })).findings).toEqual(['azurerm_linux_virtual_machine.b']);
  });

  it('is not told where a vault that is used is declared elsewhere', async () => {
    const text = root.replace(vault('westeurope'), '').replaceAll('${azurerm_recovery_services_vault.v.id}', '/x');
    const { findings, open } = await verdicts({ 'a/main.tf': text });
    expect(findings).toEqual([]);
    expect(open).toContain('azurerm_linux_virtual_machine.b');
  });

  it('is not told where another configuration of the run has a vault there, or may have', async () => {
    for (const location of ['North Europe', '${var.region}']) {
      const files = { 'a/main.tf': root, 'b/main.tf': `variable "region" {}\n${vault(location)}` };
      expect((await verdicts(files)).findings).toEqual([]);
    }
    const far = { 'a/main.tf': root, 'b/main.tf': vault('uksouth') };
    expect((await verdicts(far)).findings).toEqual(['azurerm_linux_virtual_machine.b']);
  });
});
