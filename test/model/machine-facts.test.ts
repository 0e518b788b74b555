/** What a machine's size, image and settings tell about backup, and containers under legal hold. */
import { describe, expect, test } from 'vitest';
import { entitiesIn, template, unknown, type View, viewIn } from './views.ts';

async function machine(vmSize: string, image: object = {}): Promise<View> {
  const resources = [
    {
      type: 'Microsoft.Compute/virtualMachines',
      name: 'vm',
      location: 'westeurope',
      properties: { hardwareProfile: { vmSize }, storageProfile: { imageReference: image, osDisk: {} } },
    },
  ];
  return viewIn('main.json', template(resources), 'datasource', 'azure-vm');
}

describe('the name of a size', () => {
  test.each([
    ['Standard_B1s', true],
    ['Standard_DS1_v2', true],
    ['Basic_A0', true],
    ['Standard_DS11_v2', false],
    ['Standard_D2s_v5', false],
    ['Standard_G1', unknown],
    ['#{size}#', unknown],
  ])('%s: one core %s', async (size, expected) => {
    expect((await machine(size)).singleCore).toEqual(expected);
  });

  test.each([
    ['Standard_D4_v5', false, false],
    ['Standard_D4s_v5', true, false],
    ['Standard_DS3_v2', true, false],
    ['Standard_GS5', true, false],
    ['Standard_M64', true, false],
    ['Standard_M8_v2', false, false],
    ['Standard_D4ds_v6', true, true],
    ['Standard_DC4es_v6', true, true],
    ['Standard_D4ads_v6', true, false],
    ['Standard_F8als_v7', true, true],
    ['Standard_D4ps_v6', true, unknown],
    ['Standard_E8bds_v5', true, unknown],
    ['Standard_NC24ads_A100_v4', true, false],
    ['Standard_M48s_v6', true, unknown],
    ['huge', unknown, unknown],
  ])('%s: premium storage %s, too new %s', async (size, premium, tooNew) => {
    const { premiumStorage, tooNewForCrashConsistent } = await machine(size);
    expect([premiumStorage, tooNewForCrashConsistent]).toEqual([premium, tooNew]);
  });
});

describe('the release of an image', () => {
  test.each([
    ['MicrosoftWindowsServer', 'WindowsServer', '2012-R2-Datacenter', 'Windows Server 2012 R2'],
    ['MicrosoftWindowsServer', 'WindowsServer', '2012-Datacenter-gensecond', 'Windows Server 2012'],
    ['MicrosoftWindowsServer', 'WindowsServer', '2022-datacenter-azure-edition', 'Windows Server 2022'],
    ['MicrosoftSQLServer', 'SQL2014SP3-WS2012R2', 'Standard', 'Windows Server 2012 R2'],
    ['MicrosoftSQLServer', 'sql2022-ws2022', 'standard-gen2', 'Windows Server 2022'],
    ['MicrosoftSQLServer', 'sql2019-sles12sp5', 'standard', unknown],
    ['SUSE', 'sles-sap-15-sp5', 'gen2', 'SLES 15 SP5'],
    ['suse', 'sles-15', 'gen2', 'SLES 15 SP0'],
    ['SUSE', 'SLES-SAP', '12-SP4', 'SLES 12 SP4'],
    ['RedHat', 'RHEL-SAP-HA', '86sapha-gen2', 'RHEL 8.6'],
    ['RedHat', 'RHEL', '8.10', 'RHEL 8.10'],
    ['RedHat', 'RHEL', '810-gen2', 'RHEL 8.10'],
    ['RedHat', 'RHEL', '9_4', 'RHEL 9.4'],
    ['RedHat', 'RHEL', '8-lvm-gen2', unknown],
    ['RedHat', 'RHEL', '7.3.2017090723', unknown],
    ['Canonical', 'ubuntu-24_04-lts', 'server', unknown],
  ])('%s %s %s is %s', async (publisher, offer, sku, expected) => {
    expect((await machine('Standard_D2s_v5', { publisher, offer, sku })).release).toEqual(expected);
  });

  test('an image of one’s own does not tell', async () => {
    expect((await machine('Standard_D2s_v5', { id: '/subscriptions/s/x' })).release).toEqual(unknown);
  });
});

describe('legal hold', () => {
  const vault =
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/bv';
  const declared = (held: boolean): string =>
    template([
      { type: 'Microsoft.Storage/storageAccounts', name: 'sa', kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
      {
        type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
        name: 'sa/default/orders',
        properties: { hasLegalHold: held },
      },
    ]);

  test.each([
    [true, ['orders']],
    [false, []],
  ])('as the service tells it: %s', async (held, expected) => {
    expect((await viewIn('main.json', declared(held), 'datasource', 'storage-account')).heldContainers).toEqual(
      expected,
    );
  });

  test('code of azurerm declares none', async () => {
    const text = `
      resource "azurerm_storage_account" "sa" {
        name                     = "sa"
        resource_group_name      = "rg"
        location                 = "westeurope"
        account_tier             = "Standard"
        account_replication_type = "LRS"
      }
      resource "azurerm_storage_container" "orders" {
        name               = "orders"
        storage_account_id = azurerm_storage_account.sa.id
      }
      resource "azurerm_data_protection_backup_instance_blob_storage" "sa" {
        name                            = "sa"
        vault_id                        = "${vault}"
        location                        = "westeurope"
        storage_account_id              = azurerm_storage_account.sa.id
        backup_policy_id                = "${vault}/backupPolicies/daily"
        storage_account_container_names = ["orders"]
      }`;
    expect((await viewIn('main.tf', text, 'datasource', 'storage-account')).heldContainers).toEqual([]);
    expect((await entitiesIn('main.tf', text)).map(({ subject }) => subject)).toContain('protected-item');
  });
});
