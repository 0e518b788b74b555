/** Resource Guards, registrations, snapshots and policy assignments in azurerm and in ARM. */
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import { entitiesIn, template, unknown, type View, viewIn } from './views.ts';

const both = async (subject: string, hcl: string, resources: readonly object[]): Promise<View[]> => {
  const views = await Promise.all([viewIn('main.tf', hcl, subject), viewIn('main.json', template(resources), subject)]);
  for (const view of views) delete view.language;
  return views;
};

const vaultOf = (name: string): string => `
resource "azurerm_recovery_services_vault" "${name}" {
  name                = "${name}"
  resource_group_name = "rg"
  location            = "westeurope"
  sku                 = "Standard"
}
`;

describe('Resource Guard', () => {
  const guard = `
resource "azurerm_data_protection_resource_guard" "g" {
  name                = "guard"
  resource_group_name = "rg-security"
  location            = "West Europe"
  vault_critical_operation_exclusion_list = ["Microsoft.RecoveryServices/vaults/backupconfig/delete"]
}
`;
  const armGuard = {
    type: 'Microsoft.DataProtection/resourceGuards',
    name: 'guard',
    location: 'westeurope',
    properties: { vaultCriticalOperationExclusionList: ['Microsoft.RecoveryServices/vaults/backupconfig/delete'] },
  };

  test('its facts', async () => {
    const [hcl, arm] = await both('resource-guard', guard, [armGuard]);
    for (const view of [hcl, arm]) delete view.subscription;
    expect(arm).toEqual(hcl);
    expect(hcl).toEqual({
      name: 'guard',
      location: 'westeurope',
      excluded: ['Microsoft.RecoveryServices/vaults/backupconfig/delete'],
      vaults: [],
    });
  });

  test('a vault shows the guard that it is bound to', async () => {
    const [hcl, arm] = await both(
      'vault',
      `${vaultOf('v')}${guard}
resource "azurerm_recovery_services_vault_resource_guard_association" "a" {
  vault_id          = azurerm_recovery_services_vault.v.id
  resource_guard_id = azurerm_data_protection_resource_guard.g.id
}
`,
      [
        { type: 'Microsoft.RecoveryServices/vaults', name: 'v', location: 'westeurope' },
        armGuard,
        {
          type: 'Microsoft.RecoveryServices/vaults/backupResourceGuardProxies',
          name: 'v/VaultProxy',
          properties: { resourceGuardResourceId: "[resourceId('Microsoft.DataProtection/resourceGuards','guard')]" },
        },
      ],
    );
    for (const view of [hcl, arm])
      expect(view.resourceGuard.guard).toMatchObject({ name: 'guard', location: 'westeurope' });
  });

  test('another vault has none, and a vault that is not known leaves it open', async () => {
    const text = (id: string): string => `variable "vault" {}${vaultOf('v')}
resource "azurerm_recovery_services_vault_resource_guard_association" "a" {
  vault_id          = ${id}
  resource_guard_id = "x"
}
`;
    const other = `${text('azurerm_recovery_services_vault.w.id')}${vaultOf('w')}`;
    const views = (await entitiesIn('main.tf', other))
      .filter((entity) => entity.subject === 'vault')
      .map((entity) => encode(entity.view) as View);
    expect(views.map((view) => 'resourceGuard' in view)).toEqual([false, true]);
    expect((await viewIn('main.tf', text('var.vault'), 'vault')).resourceGuard).toEqual(unknown);
  });
});

describe('registrations', () => {
  test('a storage account with a vault', async () => {
    const [hcl, arm] = await both(
      'container',
      `${vaultOf('v')}
resource "azurerm_backup_container_storage_account" "c" {
  resource_group_name = "rg"
  recovery_vault_name = azurerm_recovery_services_vault.v.name
  storage_account_id  = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sa"
}
`,
      [
        { type: 'Microsoft.RecoveryServices/vaults', name: 'v', location: 'westeurope' },
        {
          type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers',
          name: 'v/Azure/storagecontainer;Storage;rg;sa',
          properties: {
            backupManagementType: 'AzureStorage',
            containerType: 'StorageContainer',
            sourceResourceId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sa',
          },
        },
      ],
    );
    for (const view of [hcl, arm])
      expect(view).toMatchObject({
        kind: 'storage-account',
        vaultName: 'v',
        sourceId: '/s/rg/microsoft.storage/storageaccounts/sa',
        vault: { name: 'v' },
        earlierVaults: [],
      });
  });

  test('the same account with two vaults', async () => {
    const register = (name: string): string => `${vaultOf(name)}
resource "azurerm_backup_container_storage_account" "${name}" {
  resource_group_name = "rg"
  recovery_vault_name = azurerm_recovery_services_vault.${name}.name
  storage_account_id  = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sa"
}
`;
    const views = (await entitiesIn('main.tf', register('v') + register('w')))
      .filter((entity) => entity.subject === 'container')
      .map((entity) => encode(entity.view) as View);
    expect(views.map((view) => view.earlierVaults)).toEqual([[], ['azurerm_backup_container_storage_account.v']]);
  });
});

test('a snapshot of a disk', async () => {
  const source = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d';
  const [hcl, arm] = await both(
    'snapshot',
    `
resource "azurerm_snapshot" "s" {
  name                = "snap"
  resource_group_name = "rg"
  location            = "West Europe"
  create_option       = "Copy"
  source_resource_id  = "${source}"
}
`,
    [
      {
        type: 'Microsoft.Compute/snapshots',
        name: 'snap',
        location: 'westeurope',
        properties: {
          creationData: { createOption: 'Copy', sourceResourceId: source },
          networkAccessPolicy: 'AllowAll',
          publicNetworkAccess: 'Enabled',
        },
      },
    ],
  );
  for (const view of [hcl, arm]) delete view.subscription;
  expect(arm).toEqual(hcl);
  expect(hcl).toMatchObject({
    name: 'snap',
    incremental: false,
    sourceType: 'microsoft.compute/disks',
    sourceSubscription: 's',
    source,
  });
});

test('a policy assignment', async () => {
  const definition = '/providers/Microsoft.Authorization/policyDefinitions/09CE66BC-1220-4153-8104-e3f51c936913';
  const [hcl, arm] = await both(
    'policy-assignment',
    `
resource "azurerm_subscription_policy_assignment" "p" {
  name                 = "backup"
  subscription_id      = "/subscriptions/s"
  policy_definition_id = "${definition}"
  enforce              = false
  location             = "West Europe"
  identity {
    type = "SystemAssigned"
  }
  parameters = jsonencode({ exclusionTagName = { value = "backup" } })
}
`,
    [
      {
        type: 'Microsoft.Authorization/policyAssignments',
        name: 'backup',
        location: 'westeurope',
        identity: { type: 'SystemAssigned' },
        properties: {
          policyDefinitionId: definition,
          enforcementMode: 'DoNotEnforce',
          parameters: { exclusionTagName: { value: 'backup' } },
        },
      },
    ],
  );
  const facts = {
    name: 'backup',
    definitionId: '09ce66bc-1220-4153-8104-e3f51c936913',
    enforced: false,
    parameters: { exclusionTagName: 'backup' },
    identity: 'SystemAssigned',
    location: 'westeurope',
  };
  expect(hcl).toMatchObject({ ...facts, level: 'subscription' });
  expect(arm).toMatchObject({ ...facts, level: 'resource-group' });
});

describe('an assignment sets nothing up', () => {
  const azurerm = (id: string, rest = ''): string => `
resource "azurerm_subscription_policy_assignment" "p" {
  name                 = "p"
  subscription_id      = "/subscriptions/s"
  policy_definition_id = ${id}
  ${rest}
}
variable "v" {}
`;
  const definition = (rule: string, rest = ''): string => `
resource "azurerm_policy_definition" "d" {
  name         = "d"
  display_name = "d"
  policy_type  = "Custom"
  mode         = "All"
  policy_rule  = ${rule}
  ${rest}
}
`;
  const effect = (of: string): string =>
    `jsonencode({ if = { field = "type", equals = var.v }, then = { effect = ${of} } })`;
  const parameters = (of: string): string => `parameters = jsonencode({ kind = ${of} })`;
  const asked = '"[parameters(\'kind\')]"';
  const own = 'azurerm_policy_definition.d.id';
  const builtIn = (name: string): string => `"/providers/Microsoft.Authorization/policyDefinitions/${name}"`;
  test.each<[string, string, false | undefined]>([
    ['of a built-in definition about locations', azurerm(builtIn('e56962a6-4747-49cd-b67b-bf8b01975c4c')), false],
    ['of an unknown built-in definition', azurerm(builtIn('00000000-0000-0000-0000-000000000000')), undefined],
    ['of one that denies', azurerm(own) + definition(effect('"Deny"')), false],
    [
      'of one that denies, with holes in its text',
      azurerm(own) +
        definition(
          '<<EOF\n{ "if": { "field": "location", "equals": "${var.v}" }, "then": { "effect": "deny" } }\nEOF\n',
        ),
      false,
    ],
    ['of one that modifies', azurerm(own) + definition(effect('"modify"')), undefined],
    ['of one that deploys', azurerm(own) + definition(effect('"deployIfNotExists"')), undefined],
    ['of one whose effect is not known', azurerm(own) + definition(effect('var.v')), undefined],
    ['of one whose rule is not known', azurerm(own) + definition('var.v'), undefined],
    [
      'whose effect is by default an audit',
      azurerm(own) + definition(effect(asked), parameters('{ type = "String", defaultValue = "Audit" }')),
      false,
    ],
    [
      'whose effect is by default to deploy',
      azurerm(own) + definition(effect(asked), parameters('{ type = "String", defaultValue = "DeployIfNotExists" }')),
      undefined,
    ],
    [
      'whose effect is given',
      azurerm(own, parameters('{ value = "Disabled" }')) +
        definition(effect(asked), parameters('{ type = "String", defaultValue = "DeployIfNotExists" }')),
      false,
    ],
    [
      'whose effect is given and not known',
      azurerm(own, parameters('{ value = var.v }')) +
        definition(effect(asked), parameters('{ type = "String", defaultValue = "Audit" }')),
      undefined,
    ],
    [
      'whose effect is not known, but can only be a judgement',
      azurerm(own, parameters('{ value = var.v }')) +
        definition(effect(asked), parameters('{ type = "String", allowedValues = ["Audit", "Deny"] }')),
      false,
    ],
  ])('%s: %#', async (_, text, acts) => {
    expect((await viewIn('main.tf', text, 'policy-assignment')).acts).toBe(acts);
  });

  test('in a template', async () => {
    const assigned = (effect: string): string =>
      template([
        {
          type: 'Microsoft.Authorization/policyDefinitions',
          name: 'd',
          properties: { mode: 'All', policyRule: { if: {}, then: { effect } } },
        },
        {
          type: 'Microsoft.Authorization/policyAssignments',
          name: 'p',
          properties: {
            policyDefinitionId: "[subscriptionResourceId('Microsoft.Authorization/policyDefinitions', 'd')]",
          },
        },
      ]);
    expect((await viewIn('main.json', assigned('audit'), 'policy-assignment')).acts).toBe(false);
    expect((await viewIn('main.json', assigned('modify'), 'policy-assignment')).acts).toBe(undefined);
  });
});
