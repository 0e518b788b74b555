import { describe, expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { matches } from '../src/source/glob.ts';
import { fixtures, lintWith } from './fixture.ts';
import { memoryIo } from './memory.ts';

const vault = `resource "azurerm_data_protection_backup_vault" "v" {
  name                = "bv-main"
  resource_group_name = "rg"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant"
  soft_delete         = "Off"
}
`;
const machine = `resource "azurerm_linux_virtual_machine" "m" {
  name                = "vm-lab-1"
  resource_group_name = "rg-lab"
  location            = "westeurope"
  size                = "Standard_D2s_v5"
  admin_username      = "azure"
  network_interface_ids = []
  tags = { tier = "stateless" }
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Standard_LRS"
  }
}
resource "azurerm_linux_virtual_machine" "n" {
  name                = "vm-main"
  resource_group_name = "rg"
  location            = "westeurope"
  size                = "Standard_D2s_v5"
  admin_username      = "azure"
  network_interface_ids = []
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Standard_LRS"
  }
}
resource "azurerm_backup_protected_vm" "n" {
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  source_vm_id        = azurerm_linux_virtual_machine.n.id
  backup_policy_id    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/rsv/backupPolicies/p"
}
`;

interface Result {
  readonly code: number;
  readonly err: string;
  /** Codes and severities with their files. */
  readonly findings: readonly string[];
  readonly undetermined: readonly string[];
}

async function run(config: string, files: Record<string, string>, args: readonly string[] = []): Promise<Result> {
  const disk = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/repo/${path}`, text]));
  const io = memoryIo({ '/repo/.git/HEAD': '', '/repo/azure-backup-lint.yaml': config, ...disk });
  const code = await main(['lint', '-f', 'json', '--show-undetermined', ...args], '0', io);
  const report = io.out.text === '' ? { findings: [], undetermined: [] } : JSON.parse(io.out.text);
  type Found = { code: string; severity: string; location: { file: string }; suppressed?: object };
  return {
    code,
    err: io.err.text,
    findings: (report.findings as Found[]).map(
      (one) => `${one.location.file} ${one.severity} ${one.code}${one.suppressed ? ' suppressed' : ''}`,
    ),
    undetermined: (report.undetermined as Found[]).map((one) => one.code),
  };
}

describe('mistakes are wrong usage, told with their place', () => {
  test.each([
    ['profil: strict', '1:1: there is no key "profil" in the file; did you mean "profile"?'],
    ['profile: lax', '1:10: "profile" is one of recommended, strict.'],
    [
      'rules:\n  vault-soft-delete-of: off',
      '2:25: There is no rule "vault-soft-delete-of". Did you mean "vault-soft-delete-off"?',
    ],
    ['rules: { vault-soft-delete-off: maybe }', '"rules.vault-soft-delete-off" is one of off, note, warning, error.'],
    ['exclude: "a"', '"exclude" must be a list.'],
    ['suppressions: [{ reason: x }]', '"suppressions.0" needs "code".'],
    ['suppressions: [{ code: vault-soft-delete-off, until: 2027-02-31 }]', 'this is no date of the calendar.'],
    ['suppressions: [{ code: vault-soft-delete-off, until: soon }]', 'YYYY-MM-DD'],
    ['exempt: [{ match: { nam: x } }]', 'there is no key "nam" in "exempt.0.match"; did you mean "name"?'],
    ['profile: [', '1:11: '],
    ['a: &a [*a]', ''],
  ])('%s', async (config, message) => {
    const { code, err } = await run(config, { 'main.tf': vault });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('azure-backup-lint.yaml');
  });

  test('a file that --config names and that is not there', async () => {
    const { code, err } = await run('', { 'main.tf': vault }, ['--config', 'gone.yaml']);
    expect([code, err]).toEqual([2, 'error: --config: the file gone.yaml cannot be read.\n']);
  });
});

describe('levels', () => {
  test('a rule is switched off, or counts more or less', async () => {
    expect((await run('rules: { vault-soft-delete-off: off }', { 'main.tf': vault })).findings).toEqual([]);
    const note = await run('rules: { vault-soft-delete-off: note }', { 'main.tf': vault });
    expect([note.code, note.findings]).toEqual([0, ['main.tf note vault-soft-delete-off']]);
  });

  test('an option beats the file', async () => {
    const { findings } = await run('rules: { vault-soft-delete-off: off }', { 'main.tf': vault }, [
      '--severity',
      'vault-soft-delete-off=warning',
    ]);
    expect(findings).toEqual(['main.tf warning vault-soft-delete-off']);
  });

  test('failOn', async () => {
    expect((await run('failOn: never', { 'main.tf': vault })).code).toBe(0);
    expect((await run('failOn: never', { 'main.tf': vault }, ['--fail-on', 'error'])).code).toBe(1);
  });

  test('overrides hold for their files, the last one wins', async () => {
    const config = `rules: { vault-soft-delete-off: warning }
overrides:
  - { paths: ["dev/**"], rules: { vault-soft-delete-off: off } }
  - { paths: ["dev/b/**"], rules: { vault-soft-delete-off: note } }
`;
    const { findings } = await run(config, {
      'prod/main.tf': vault,
      'dev/a/main.tf': vault,
      'dev/b/main.tf': vault,
    });
    expect(findings).toEqual([
      'dev/b/main.tf note vault-soft-delete-off',
      'prod/main.tf warning vault-soft-delete-off',
    ]);
  });
});

describe('objectives', () => {
  const files = { 'main.tf': `${vault}${machine}` };
  const codes = async (config: string, args: readonly string[] = []): Promise<readonly string[]> =>
    (await run(config, files, args)).findings.filter((one) => one.includes('objective-'));
  const local = 'objectives: [{ name: lab, match: { kind: vault }, redundancy: local }]';
  const differs = ['main.tf error objective-redundancy-differs'];

  test('to write one is to ask for the rules that judge it, whatever the profile', async () => {
    expect(await codes('{}')).toEqual([]);
    expect(await codes('profile: strict')).toEqual([]);
    expect(await codes('objectives: []')).toEqual([]);
    expect(await codes(local)).toEqual(differs);
    expect(await codes(`${local}\nprofile: strict`)).toEqual(differs);
  });

  test('to mark disks as backed up by hand is to ask for the rule about their snapshots', async () => {
    const code = 'objective-snapshot-missing-or-old';
    const marked = fixtures().find((one) => one.code === code && one.name === 'fail.inventory.jsonl')!;
    const found = async (fixture: typeof marked): Promise<number> =>
      (await lintWith({}, fixture)).findings.filter((finding) => finding.code === code).length;
    expect(await found(marked)).toBe(3);
    expect(await found({ ...marked, config: undefined })).toBe(0);
  });

  test('a rule that is switched off stays off', async () => {
    expect(await codes(`${local}\nrules: { objective-redundancy-differs: off }`)).toEqual([]);
    expect(await codes(local, ['--skip', 'objective-redundancy-differs'])).toEqual([]);
    expect(await codes(`${local}\nrules: { objective-redundancy-differs: note }`)).toEqual([
      'main.tf note objective-redundancy-differs',
    ]);
  });

  test('the first that matches decides, and what is asked of an item is asked of its vault', async () => {
    const vaultAnd = `objectives:
  - { name: machines, match: { kind: azure-vm, tag: { tier: gold } }, redundancy: geo }
  - { name: vaults, match: { kind: vault, name: "rsv-*" }, redundancy: local }
`;
    const rsv = `resource "azurerm_recovery_services_vault" "v" {
  name                = "rsv-main"
  resource_group_name = "rg"
  location            = "westeurope"
  sku                 = "Standard"
  storage_mode_type   = "LocallyRedundant"
}
`;
    const linked = machine.replace(
      'recovery_vault_name = "rsv"',
      'recovery_vault_name = azurerm_recovery_services_vault.v.name',
    );
    const gold = linked.replace('name                = "vm-main"', 'tags = { tier = "gold" }\n  name = "vm-main"');
    const unknown = linked.replace('name                = "vm-main"', 'tags = var.tags\n  name = "vm-main"');
    expect((await run(vaultAnd, { 'main.tf': rsv + linked })).findings).not.toContain(differs[0]);
    expect((await run(vaultAnd, { 'main.tf': rsv + gold })).findings).toContain(differs[0]);
    const open = await run(vaultAnd, { 'main.tf': `${rsv}${unknown}variable "tags" {}\n` });
    expect(open.findings).not.toContain(differs[0]);
    expect(open.undetermined).toContain('objective-redundancy-differs');
  });
});

test('what is excluded is not linted, named or not', async () => {
  const files = { 'main.tf': vault, 'examples/a/main.tf': vault };
  expect((await run('exclude: ["examples/**"]', files)).findings).toEqual(['main.tf error vault-soft-delete-off']);
  expect((await run('exclude: ["examples/**"]', files, ['examples/a/main.tf'])).findings).toEqual([]);
});

test('variables and variable files', async () => {
  const code = vault.replace('"Off"', 'var.mode') + 'variable "mode" {}\n';
  expect((await run('terraform: { variables: { mode: "Off" } }', { 'main.tf': code })).findings).toHaveLength(1);
  const files = { 'main.tf': code, 'env/prod.tfvars': 'mode = "Off"\n' };
  expect((await run('terraform: { varFiles: [env/prod.tfvars] }', files)).findings).toHaveLength(1);
  const { code: status, err } = await run('terraform: { varFiles: [gone.tfvars] }', files);
  expect([status, err]).toEqual([2, 'error: azure-backup-lint.yaml: the file gone.tfvars cannot be read.\n']);
});

describe('suppressions', () => {
  const suppressed = async (entry: string): Promise<readonly string[]> =>
    (await run(`suppressions: [{ code: vault-soft-delete-off, ${entry} }]`, { 'env/main.tf': vault })).findings;

  test('by code, resource and path', async () => {
    const hidden = ['env/main.tf error vault-soft-delete-off suppressed'];
    expect(await suppressed('reason: lab')).toEqual(hidden);
    expect(await suppressed('reason: lab, resource: "bv-*"')).toEqual(hidden);
    expect(await suppressed('reason: lab, resource: "azurerm_data_protection_backup_vault.*"')).toEqual(hidden);
    expect(await suppressed('reason: lab, path: "env/**"')).toEqual(hidden);
    expect(await suppressed('reason: lab, path: "*.tf"')).toEqual(['env/main.tf error vault-soft-delete-off']);
    expect(await suppressed('reason: lab, resource: "rsv-*"')).toEqual(['env/main.tf error vault-soft-delete-off']);
  });

  test('a missing reason is a finding, a passed date too, and then nothing is hidden', async () => {
    expect(await suppressed('resource: "bv-*"')).toEqual([
      'azure-backup-lint.yaml warning suppression-without-reason',
      'env/main.tf error vault-soft-delete-off suppressed',
    ]);
    const expired = await suppressed('reason: lab, until: 2020-01-31');
    expect(expired.map((one) => one.replace(/ (?:error|warning|note) /, ' '))).toEqual([
      'azure-backup-lint.yaml suppression-expired',
      'env/main.tf vault-soft-delete-off',
    ]);
  });
});

describe('what needs no backup', () => {
  const codes = async (config: string): Promise<readonly string[]> =>
    (await run(config, { 'main.tf': machine })).findings;
  const unprotected = ['main.tf warning vm-unprotected'];

  test('by kind, name, group and tag', async () => {
    expect(await codes('{}')).toEqual(unprotected);
    expect(await codes('exempt: [{ match: { kind: azure-vm, tag: { tier: stateless } }, reason: x }]')).toEqual([]);
    expect(await codes('exempt: [{ match: { name: "vm-lab-*" } }]')).toEqual([]);
    expect(await codes('backup: { managedElsewhere: [{ match: { resourceGroup: rg-lab } }] }')).toEqual([]);
    expect(await codes('exempt: [{ match: { name: "vm-lab-*", tag: { tier: db } } }]')).toEqual(unprotected);
    expect(await codes('exempt: [{ match: { name: "vm-*" }, until: 2020-01-31 }]')).toEqual(unprotected);
  });

  test('declaredHere: false silences coverage', async () => {
    expect(await codes('backup: { declaredHere: false }')).toEqual([]);
  });

  test('a tag that is not known decides nothing', async () => {
    const text = `${machine.replace('tags = { tier = "stateless" }', 'tags = { tier = var.tier }')}variable "tier" {}\n`;
    const config = 'exempt: [{ match: { tag: { tier: stateless } } }]';
    const { findings, undetermined } = await run(config, { 'main.tf': text });
    expect(findings).toEqual([]);
    expect(undetermined).toContain('vm-unprotected');
  });
});

test('patterns', () => {
  expect(matches('a*c', 'abbc', '/')).toBe(true);
  expect(matches('a*c', 'ab/c', '/')).toBe(false);
  expect(matches('a**c', 'ab/c', '/')).toBe(true);
  expect(matches('**/c', 'c', '/')).toBe(true);
  expect(matches('**/c', 'a/b/c', '/')).toBe(true);
  expect(matches('**/c', 'ac', '/')).toBe(false);
  expect(matches('env/**', 'env/a/b.tf', '/')).toBe(true);
  expect(matches('a?c', 'abc', '/')).toBe(true);
  expect(matches('a?c', 'a/c', '/')).toBe(false);
  expect(matches('a.c', 'abc', '/')).toBe(false);
  // Backtracking would take ages.
  expect(matches(`${'a*'.repeat(100)}b`, 'a'.repeat(1000), '/')).toBe(false);
});
