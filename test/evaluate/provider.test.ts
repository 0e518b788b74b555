/** Which azurerm versions a configuration allows, and what that says about a version that removed something. */
import { expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import type { Provider } from '../../src/evaluate/resource.ts';
import { readModels } from '../../src/lint.ts';
import { versionAtLeast } from '../../src/model/provider.ts';
import { memoryIo } from '../memory.ts';

const vault = 'resource "azurerm_recovery_services_vault" "main" {\n  name = "rsv-main"\n}\n';

function required(version: string): string {
  return `terraform {\n  required_providers {\n    azurerm = {\n      source  = "hashicorp/azurerm"\n      version = "${version}"\n    }\n  }\n}\n`;
}

function locked(version: string): string {
  return `provider "registry.terraform.io/hashicorp/azurerm" {\n  version     = "${version}"\n  constraints = ">= 3.0.0"\n  hashes      = ["h1:x"]\n}\n`;
}

async function providerOf(files: Readonly<Record<string, string>>): Promise<Provider> {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const { configurations } = await readModels(settleOptions([], {}, catalogue(), io), io);
  return configurations[0]!.resources.find((resource) => resource.type.startsWith('azurerm_'))!.provider!;
}

/** Whether the version that is used has reached 3.1.2, and 5.0.0. */
test.each([
  ['3.1.2', true, false],
  ['= 3.1.2', true, false],
  ['=3.1.1', false, false],
  ['5.0.0', true, true],
  ['>= 3.1.2', true, undefined],
  ['>= 5.0', true, true],
  ['>= 5', true, true],
  ['> 4.99.9', true, undefined],
  ['> 5.0.0', true, true],
  ['< 5.0.0', undefined, false],
  ['<= 5.0.0', undefined, undefined],
  ['<= 4.81.0', undefined, false],
  ['< 3.1.2', false, false],
  ['~> 3', undefined, false],
  ['~> 3.0', undefined, false],
  ['~> 3.2', true, false],
  ['~> 3.1.2', true, false],
  ['~> 3.0.9', false, false],
  ['~> 4.0', true, false],
  ['~> 5.1', true, true],
  ['>= 3.100.0, < 5.0.0', true, false],
  ['>= 4.0, < 6.0', true, undefined],
  ['>= 5.0, != 5.0.1, < 6.0', true, true],
  ['!= 5.0.0', undefined, undefined],
  // A pre-release may have what its release removed, or not.
  ['= 5.0.0-beta1', true, undefined],
  ['>= 5.0.0-beta1', true, undefined],
  ['> 5.0.0-beta1', true, undefined],
  ['< 5.0.0-beta1', undefined, false],
  ['= 5.1.0-beta1', true, true],
  ['not a version', undefined, undefined],
] as const)('%s', async (constraint, three, five) => {
  const provider = await providerOf({ 'main.tf': required(constraint) + vault });
  expect(versionAtLeast(provider, [3, 1, 2])).toBe(three);
  expect(versionAtLeast(provider, [5, 0, 0])).toBe(five);
});

test('nothing pins the version', async () => {
  const provider = await providerOf({ 'main.tf': vault });
  expect(versionAtLeast(provider, [5, 0, 0])).toBeUndefined();
  expect(versionAtLeast(provider, [0, 0, 1])).toBeUndefined();
});

test('the lock file beats the constraints', async () => {
  const provider = await providerOf({
    'main.tf': required('>= 3.0') + vault,
    '.terraform.lock.hcl': locked('5.2.0'),
  });
  expect(versionAtLeast(provider, [5, 0, 0])).toBe(true);
  expect(versionAtLeast(provider, [5, 2, 1])).toBe(false);
});

test('a locked pre-release leaves its own release open', async () => {
  const provider = await providerOf({ 'main.tf': vault, '.terraform.lock.hcl': locked('5.0.0-beta1') });
  expect(versionAtLeast(provider, [4, 81, 0])).toBe(true);
  expect(versionAtLeast(provider, [5, 0, 0])).toBeUndefined();
  expect(versionAtLeast(provider, [5, 1, 0])).toBe(false);
});

test('a lock file for another provider says nothing', async () => {
  const provider = await providerOf({
    'main.tf': vault,
    '.terraform.lock.hcl': locked('5.2.0').replace('hashicorp/azurerm', 'hashicorp/azuread'),
  });
  expect(versionAtLeast(provider, [5, 0, 0])).toBeUndefined();
});

test('the version in a provider block counts', async () => {
  const provider = await providerOf({
    'main.tf': `provider "azurerm" {\n  version = "~> 2.0"\n  features {}\n}\n${vault}`,
  });
  expect(versionAtLeast(provider, [3, 0, 0])).toBe(false);
});

test('the old short form of required_providers counts', async () => {
  const provider = await providerOf({
    'main.tf': `terraform {\n  required_providers {\n    azurerm = "~> 2.0"\n  }\n}\n${vault}`,
  });
  expect(versionAtLeast(provider, [3, 0, 0])).toBe(false);
});

test('constraints of a module and of its caller hold together', async () => {
  const provider = await providerOf({
    'main.tf': `${required('>= 4.0')}module "vault" {\n  source = "./vault"\n}\n`,
    'vault/main.tf': required('< 5.0') + vault,
  });
  expect(versionAtLeast(provider, [4, 0, 0])).toBe(true);
  expect(versionAtLeast(provider, [5, 0, 0])).toBe(false);
});
