/** Kinds in the configuration are the solutions of the catalogue: a storage account is one for blobs, or a data lake. */
import { expect, test } from 'vitest';
import { isWaived } from '../../src/model/waiver.ts';
import { entitiesIn } from './views.ts';

const account = (more: string): string => `variable "lake" {
  type = bool
}
resource "azurerm_storage_account" "data" {
  name                     = "stdata"
  resource_group_name      = "rg"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  ${more}
}
`;

test.each([
  ['', 'azure-blob', true],
  ['', 'adls', false],
  ['is_hns_enabled = true', 'azure-blob', false],
  ['is_hns_enabled = true', 'adls', true],
  ['is_hns_enabled = var.lake', 'adls', undefined],
  ['', 'azure-vm', false],
])('an account with "%s" as %s', async (more, kind, expected) => {
  const entities = await entitiesIn('main.tf', account(more));
  const entity = entities.find(({ subject }) => subject === 'datasource');
  expect(isWaived([{ match: { kind } }], entity!, '2026-06-15')).toBe(expected);
});
