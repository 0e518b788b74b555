/**
 * azurerm's defaults (schemas of v2.99.0, v3.117.1, v4.81.0, v5.2.0): what is not written is what the provider sends, and is not
 * known where the provider leaves it to the service. A plan without its source says the same as the source.
 */
import { describe, expect, test } from 'vitest';
import { unknown, type View, viewIn } from './views.ts';

const pinned = (version: string): string =>
  `terraform {\n  required_providers {\n    azurerm = {\n      source = "hashicorp/azurerm"\n      version = "${version}"\n    }\n  }\n}\n`;
const block = (type: string, lines: string): string => `resource "${type}" "x" {\n${lines}\n}\n`;
const group = 'name = "x"\nresource_group_name = "rg"\nlocation = "westeurope"';

type Json = Record<string, unknown>;

/** A plan that makes one resource; what is unknown is written nowhere, unless `written` says so. */
function plan(type: string, after: Json, afterUnknown: Json, written: Json): string {
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: [
      {
        address: `${type}.x`,
        mode: 'managed',
        type,
        name: 'x',
        provider_name: 'registry.terraform.io/hashicorp/azurerm',
        change: { actions: ['create'], before: null, after, after_unknown: afterUnknown, after_sensitive: {} },
      },
    ],
    configuration: {
      root_module: { resources: [{ address: `${type}.x`, mode: 'managed', type, name: 'x', expressions: written }] },
    },
  });
}

function state(type: string, values: Json): string {
  return JSON.stringify({
    format_version: '1.0',
    terraform_version: '1.11.4',
    values: {
      root_module: {
        resources: [
          {
            address: `${type}.x`,
            mode: 'managed',
            type,
            name: 'x',
            provider_name: 'registry.terraform.io/hashicorp/azurerm',
            values,
          },
        ],
      },
    },
  });
}

describe('what azurerm sends where nothing is written', () => {
  test('time zones, soft delete days, access to disks, backups of MySQL', async () => {
    const at = (type: string): string =>
      block(type, 'name = "x"\nrecovery_vault_name = "v"\nresource_group_name = "rg"');
    for (const type of ['azurerm_backup_policy_vm', 'azurerm_backup_policy_file_share'])
      expect(await viewIn('main.tf', at(type), 'policy')).toMatchObject({ timeZone: 'UTC' });
    expect(
      await viewIn('main.tf', block('azurerm_data_protection_backup_vault', `${group}\nsoft_delete = "On"`), 'vault'),
    ).toMatchObject({ softDelete: { state: 'on', days: 14 } });
    expect(await viewIn('main.tf', block('azurerm_managed_disk', group), 'datasource')).toMatchObject({
      networkAccess: 'AllowAll',
      publicNetworkAccess: true,
    });
    expect(await viewIn('main.tf', block('azurerm_snapshot', group), 'snapshot')).toMatchObject({
      networkAccess: 'AllowAll',
      publicNetworkAccess: true,
    });
    expect(await viewIn('main.tf', block('azurerm_mysql_flexible_server', group), 'datasource')).toMatchObject({
      nativeBackupDays: 7,
    });
  });

  test('the SKU of an account is put together', async () => {
    const account = (lines: string): Promise<View> =>
      viewIn(
        'main.tf',
        block(
          'azurerm_storage_account',
          `${group}\naccount_tier = "Premium"\naccount_replication_type = "ZRS"\n${lines}`,
        ),
        'datasource',
      );
    expect(await account('')).toMatchObject({ sku: 'Premium_ZRS' });
    expect(await account('provisioned_billing_model_version = "V2"')).toMatchObject({ sku: 'PremiumV2_ZRS' });
  });

  test('a PostgreSQL server is open, unless it lies in a subnet', async () => {
    const server = (lines: string): Promise<View> =>
      viewIn('main.tf', block('azurerm_postgresql_flexible_server', `${group}\n${lines}`), 'datasource');
    expect(await server('')).toMatchObject({ publicNetworkAccess: true });
    expect(await server('delegated_subnet_id = "s"')).not.toHaveProperty('publicNetworkAccess');
    expect(await server('public_network_access_enabled = false')).toMatchObject({ publicNetworkAccess: false });
  });

  test.each([
    ['~> 5.0', true],
    ['~> 4.80', unknown],
    ['>= 3.0', unknown],
  ])('the OIDC issuer of a cluster with azurerm %s', async (version, expected) => {
    const cluster = (lines: string): Promise<View> =>
      viewIn('main.tf', pinned(version) + block('azurerm_kubernetes_cluster', `${group}\n${lines}`), 'datasource');
    expect((await cluster('')).oidcIssuer).toEqual(expected);
    expect((await cluster('oidc_issuer_enabled = false')).oidcIssuer).toBe(false);
  });

  test('rules of a data lake policy are numbered as they stand', async () => {
    const rule = (name: string): string => `retention_rule {\nname = "${name}"\nduration = "P1M"\n}\n`;
    const text = block(
      'azurerm_data_protection_backup_policy_data_lake_storage',
      `name = "x"\ndata_protection_backup_vault_id = "v"\ndefault_retention_duration = "P7D"\n${rule('b')}${rule('a')}`,
    );
    const { tags } = await viewIn('main.tf', text, 'policy');
    expect(tags.map(({ name, priority }: View) => [name, priority])).toEqual([
      ['Default', 99],
      ['b', 1],
      ['a', 2],
    ]);
  });

  test.each([
    ['= 3.40.0', '2021-12-01'],
    ['~> 3.100', '2023-02-01'],
    ['>= 3.0', '2023-02-01'],
  ])('items of azurerm %s are sent with API %s', async (version, expected) => {
    const text =
      pinned(version) + block('azurerm_backup_protected_vm', 'recovery_vault_name = "v"\nresource_group_name = "rg"');
    expect(await viewIn('main.tf', text, 'protected-item')).toMatchObject({ apiVersion: expected });
  });
});

describe('the firewall of a storage account', () => {
  const account = block('azurerm_storage_account', group);
  const rules = (lines: string): string =>
    `resource "azurerm_storage_account_network_rules" "r" {\n${lines}\nstorage_account_id = azurerm_storage_account.x.id\ndefault_action = "Deny"\nbypass = ["None"]\n}\n`;

  test('is told by a resource of its own too', async () => {
    expect(await viewIn('main.tf', account + rules(''), 'datasource')).toMatchObject({
      networkDefaultAction: 'Deny',
      networkBypass: ['None'],
    });
  });
  test('is not there without either', async () => {
    expect(await viewIn('main.tf', account, 'datasource')).not.toHaveProperty('networkDefaultAction');
  });
  test('is not known where the resource may not be', async () => {
    const text = `variable "v" {}\n${account}${rules('count = var.v ? 1 : 0')}`;
    expect((await viewIn('main.tf', text, 'datasource')).networkDefaultAction).toEqual(unknown);
  });
});

describe('a plan that stands alone', () => {
  const base = { name: 'x', resource_group_name: 'rg', location: 'westeurope' };
  const written = { name: { constant_value: 'x' } };

  test('leaves out what the provider fills in', async () => {
    const type = 'azurerm_mysql_flexible_server';
    const hidden = {
      replication_role: true,
      public_network_access: true,
      public_network_access_enabled: true,
      version: true,
    };
    const view = await viewIn('plan.json', plan(type, base, hidden, written), 'datasource');
    expect(view.replica).toBe(false);
    for (const fact of ['version', 'publicNetworkAccess']) expect(view).not.toHaveProperty(fact);
  });

  test('reads the access to MySQL that is written, not the answer that is to come', async () => {
    const type = 'azurerm_mysql_flexible_server';
    const after = { ...base, public_network_access: 'Disabled' };
    const view = await viewIn(
      'plan.json',
      plan(type, after, { public_network_access_enabled: true }, written),
      'datasource',
    );
    expect(view.publicNetworkAccess).toBe(false);
  });

  test('keeps what somebody wrote and nobody knows', async () => {
    const type = 'azurerm_mysql_flexible_server';
    const more = { ...written, replication_role: { references: ['var.role'] } };
    const view = await viewIn('plan.json', plan(type, base, { replication_role: true }, more), 'datasource');
    expect(view.replica).toEqual(unknown);
  });

  test('has one of the two names of a retention in azurerm 3', async () => {
    const type = 'azurerm_data_protection_backup_policy_blob_storage';
    const after = { name: 'x', vault_id: 'v', vault_default_retention_duration: 'P30D' };
    const hidden = { operational_default_retention_duration: true, retention_duration: true };
    const view = await viewIn('plan.json', plan(type, after, hidden, written), 'policy');
    expect(view).not.toHaveProperty('operational');
    expect(view.vaulted).toMatchObject({ keptDays: 30 });
  });

  test('finds the role of an assignment by the id that is written', async () => {
    const role = '/providers/Microsoft.Authorization/roleDefinitions/3e5e47e6-65f7-47ef-90b5-e5dd4d455f24';
    const vault = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/v';
    const disk = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d';
    const change = (type: string, after: Json, afterUnknown: Json): Json => ({
      address: `${type}.x`,
      mode: 'managed',
      type,
      name: 'x',
      provider_name: 'registry.terraform.io/hashicorp/azurerm',
      change: { actions: ['create'], before: null, after, after_unknown: afterUnknown, after_sensitive: {} },
    });
    const text = JSON.stringify({
      format_version: '1.2',
      terraform_version: '1.11.4',
      resource_changes: [
        change(
          'azurerm_data_protection_backup_vault',
          { ...base, name: 'v', identity: [{ type: 'SystemAssigned' }] },
          { identity: [{ principal_id: true }] },
        ),
        change(
          'azurerm_data_protection_backup_instance_disk',
          {
            name: 'x',
            disk_id: disk,
            location: 'westeurope',
            backup_policy_id: `${vault}/backupPolicies/p`,
          },
          { protection_state: true, vault_id: true },
        ),
        change(
          'azurerm_role_assignment',
          { scope: disk, role_definition_id: role },
          { role_definition_name: true, principal_id: true, name: true },
        ),
      ],
      configuration: {
        root_module: {
          resources: [
            {
              address: 'azurerm_data_protection_backup_vault.x',
              mode: 'managed',
              type: 'azurerm_data_protection_backup_vault',
              name: 'x',
              expressions: {},
            },
            {
              address: 'azurerm_data_protection_backup_instance_disk.x',
              mode: 'managed',
              type: 'azurerm_data_protection_backup_instance_disk',
              name: 'x',
              expressions: { vault_id: { references: ['azurerm_data_protection_backup_vault.x.id'] } },
            },
            {
              address: 'azurerm_role_assignment.x',
              mode: 'managed',
              type: 'azurerm_role_assignment',
              name: 'x',
              expressions: {
                role_definition_id: { constant_value: role },
                principal_id: {
                  references: [
                    'azurerm_data_protection_backup_vault.x.identity[0].principal_id',
                    'azurerm_data_protection_backup_vault.x.identity[0]',
                    'azurerm_data_protection_backup_vault.x.identity',
                    'azurerm_data_protection_backup_vault.x',
                  ],
                },
              },
            },
          ],
        },
      },
    });
    const view = await viewIn('plan.json', text, 'protected-item');
    expect(view.state).toBe('protected');
    expect(view.vaultRoles).toMatchObject([{ role: 'Disk Backup Reader', on: ['source'] }]);
  });
});

test('a single block in JSON syntax is a block', async () => {
  const account = {
    name: 'c',
    resource_group_name: 'rg',
    location: 'westeurope',
    geo_location: { location: 'North Europe', failover_priority: 0 },
    capabilities: { name: 'EnableTable' },
  };
  const text = JSON.stringify({ resource: { azurerm_cosmosdb_account: { c: account } } });
  const view = await viewIn('main.tf.json', text, 'datasource', 'cosmos-db');
  expect(view).toMatchObject({ api: 'table', writeRegion: 'northeurope' });
});

test('a state tells when protection of an instance was stopped', async () => {
  const values = { name: 'x', protection_state: 'ProtectionStopped' };
  const type = 'azurerm_data_protection_backup_instance_disk';
  expect(await viewIn('state.json', state(type, values), 'protected-item')).toMatchObject({ state: 'stopped' });
  expect(
    await viewIn('state.json', state(type, { ...values, protection_state: 'ProtectionConfigured' }), 'protected-item'),
  ).toMatchObject({ state: 'protected' });
});

describe('an automatic cluster', () => {
  const type = 'azurerm_kubernetes_automatic_cluster';
  test('is a cluster whose nodes are not seen', async () => {
    const view = await viewIn('main.tf', block(type, group), 'datasource', 'aks');
    expect(view).toMatchObject({ private: false, oidcIssuer: unknown });
    expect(view.nodePools).toEqual([unknown]);
  });
  test('is private where its block says so', async () => {
    const view = await viewIn('main.tf', block(type, `${group}\nprivate_cluster {}`), 'datasource', 'aks');
    expect(view.private).toBe(true);
  });
});
