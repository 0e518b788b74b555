import { expect, test } from 'vitest';
import { formatNames } from '../../src/config.ts';
import { main } from '../../src/main.ts';
import { secretsIn, withoutSecrets } from '../../src/report/secrets.ts';
import { memoryIo } from '../memory.ts';

test.each([
  ['admin_password = "S3cret"', ['"S3cret"']],
  ["adminPassword: 'S3cret'", ["'S3cret'"]],
  ['{"administratorLoginPassword":{"value":"S3cret"},"a":"b"}', ['"S3cret"']],
  ['{"client_secret":"a\\"S3cret","b":1}', ['"a\\"S3cret"']],
  ['"password": "no end of S3cret', ['"no end of S3cret']],
  ["param adminPassword string = 'S3cret'", ["'S3cret'"]],
  ['variable "db_token" { default = "S3cret" }', ['"S3cret"']],
  ['primary_access_key = S3cret, b = 1', ['S3cret']],
  ['url = "https://x.blob.core.windows.net/c?sv=1&sig=S3cret%3D&se=2"', ['S3cret%3D']],
  ['cs = "Server=x;Password=S3cret;AccountKey=S3==;"', ['S3cret', 'S3==']],
  ['connectionString = "Server=x;Password=S3cret"', ['"Server=x;Password=S3cret"']],
  ['"{\\"adminPassword\\": \\"S3cret\\"}"', ['\\"S3cret\\"']],
  ['"x": {"type": "secureString", "defaultValue": "S3cret"}', ['"S3cret"']],
  ['"x": {"defaultValue": "S3cret", "type": "secureString"}', ['"S3cret"']],
  ['"adminPassword": {"type": "string", "defaultValue": "S3cret"}', ['"S3cret"']],
  ['admin_password = var.admin_password', []],
  ['secretEnabled: true, soft_delete = "Off"', []],
  ['name = "key", key_vault_key_id = "x", retention_daily = 7', []],
])('%s', (text, expected) => {
  expect(secretsIn(text).map(({ start, end }) => text.slice(start, end))).toEqual(expected);
});

test('a text is told without its secrets, also where one of them is very long', () => {
  expect(withoutSecrets('x;AccountKey=S3cret;b')).toBe('x;AccountKey=(hidden);b');
  expect(withoutSecrets(`password = "${'S'.repeat(600)}"`)).not.toContain('SSS');
  expect(withoutSecrets('y'.repeat(200_000))).toHaveLength(200_000);
});

/** Secrets in every way that the program meets them: as values, as defaults, in what decides a finding, in broken input. */
const secretive: Readonly<Record<string, string>> = {
  '/repo/main.tf': `
resource "azurerm_recovery_services_vault" "v" {
  name                = var.name
  soft_delete_enabled = false # password = "S3cret"
}
variable "name" {
  sensitive = true
  default   = "S3cret_!"
}
resource "azurerm_backup_policy_vm" "p" {
  name     = "p"
  timezone = var.key
}
variable "key" {
  sensitive = true
}
`,
  '/repo/terraform.tfvars': 'key = "S3cret"\n',
  '/repo/broken/main.tf': 'resource "azurerm_linux_virtual_machine" "vm" {\n  admin_password = "S3cret\n',
  '/repo/main.bicep': `@secure()
param key string = 'S3cret_!'
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: key
  location: 'westeurope'
  sku: { name: 'RS0', tier: 'Standard' }
  properties: { securitySettings: { softDeleteSettings: { softDeleteState: 'Disabled' } } }
}
`,
};

test.each(formatNames)('no secret stands in a report as %s', async (format) => {
  for (const language of ['en', 'ja']) {
    const io = memoryIo(secretive);
    const args = ['--profile', 'strict', '--show-undetermined', '--lang', language, '--fail-on', 'never'];
    expect(await main([...args, '-f', format], '0', io)).toBe(3);
    expect(io.out.text).toContain('vault-or-policy-name-invalid');
    expect(io.out.text + io.err.text).not.toContain('S3cret');
  }
});
