import { expect, test } from 'vitest';
import { secretsIn, withoutSecrets } from '../../src/report/secrets.ts';

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
