/** The outside of the program: commands, options, exit codes, what goes to which stream. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { main } from '../src/main.ts';
import { type MemoryOptions, memoryIo } from './memory.ts';

const bad = `resource "azurerm_data_protection_backup_vault" "v" {
  name                = "bv"
  resource_group_name = "rg"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant"
  soft_delete         = "Off"
}
`;
const good = bad.replace('"Off"', '"On"');
const template = (softDelete: string): string =>
  JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { state: { type: 'string', defaultValue: softDelete } },
    resources: [
      {
        type: 'Microsoft.DataProtection/backupVaults',
        apiVersion: '2024-04-01',
        name: 'bv',
        location: 'westeurope',
        properties: {
          storageSettings: [{ datastoreType: 'VaultStore', type: 'GeoRedundant' }],
          securitySettings: { softDeleteSettings: { state: "[parameters('state')]" } },
        },
      },
    ],
  });

type Files = Readonly<Record<string, string | Uint8Array>>;

async function run(args: readonly string[], files: Files, options?: MemoryOptions) {
  const io = memoryIo(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])),
    options,
  );
  const code = await main(args, '1.2.3', io);
  return { code, out: io.out.text, err: io.err.text, written: io.written };
}

const json = (out: string) =>
  JSON.parse(out) as {
    summary: { errors: number; suppressed: number; files: number; complete: boolean };
    findings: {
      code: string;
      message: string;
      severity: string;
      location: { file: string; startLine: number };
      suppressed?: { reason: string };
    }[];
    diagnostics: { severity: string; message: string; code?: string; location: { file: string; startLine: number } }[];
    undetermined: { code: string }[];
  };

test.each([
  ['main.tofu', bad],
  [
    'main.tf.json',
    JSON.stringify({ resource: { azurerm_recovery_services_vault: { v: { name: 'v', soft_delete_enabled: false } } } }),
  ],
])('a folder with nothing but %s is linted', async (name, text) => {
  const { code, out } = await run(['lint', '.', '-f', 'json'], { [name]: text });
  expect(code).toBe(1);
  const { findings, diagnostics } = json(out);
  expect(findings.map(({ code, location }) => [code, location.file])).toContainEqual(['vault-soft-delete-off', name]);
  expect(diagnostics).toEqual([]);
});

describe('exit status', () => {
  test('0: everything was read, nothing to say', async () => {
    const { code, out } = await run([], { 'main.tf': good });
    expect(code).toBe(0);
    expect(out).toContain('No problems');
  });

  test('1: a finding at or above --fail-on', async () => {
    expect((await run([], { 'main.tf': bad })).code).toBe(1);
    expect((await run(['lint', '.'], { 'main.tf': bad })).code).toBe(1);
    expect((await run(['--fail-on', 'never'], { 'main.tf': bad })).code).toBe(0);
    expect((await run(['--severity', 'vault-soft-delete-off=warning'], { 'main.tf': bad })).code).toBe(0);
    expect(
      (await run(['--severity', 'vault-soft-delete-off=warning', '--fail-on', 'warning'], { 'main.tf': bad })).code,
    ).toBe(1);
  });

  test.each([
    ['an unknown option', ['--bogus']],
    ['an unknown format', ['-f', 'xml']],
    ['an unknown level', ['--fail-on', 'sometimes']],
    ['an unknown code', ['--only', 'vault-soft-delete-of']],
    ['an unknown code in --severity', ['--severity', 'nothing=error']],
    ['a severity without level', ['--severity', 'vault-soft-delete-off']],
    ['--stdin without a name', ['--stdin']],
    ['a variable file that is not there', ['--var-file', 'missing.tfvars']],
    ['a parameter file that is not there', ['--parameters', 'missing.json']],
    ['a variable without value', ['--var', 'name']],
    ['explain of an unknown code', ['explain', 'nonsense']],
  ])('2: %s; standard output is empty', async (_what, args) => {
    const { code, out, err } = await run(args, { 'main.tf': bad });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });

  test('2 names the nearest code', async () => {
    expect((await run(['--skip', 'vault-soft-delete-of'], { 'main.tf': bad })).err).toContain(
      'Did you mean "vault-soft-delete-off"?',
    );
  });

  test('3: something could not be read, and the rest is linted', async () => {
    const { code, out } = await run(['-f', 'json', 'good.json', 'missing', 'notes.txt'], {
      'good.json': template('On'),
      'notes.txt': 'x',
    });
    expect(code).toBe(3);
    const result = json(out);
    expect(result.summary.complete).toBe(false);
    expect(result.summary.files).toBe(1);
    expect(result.diagnostics.map((diagnostic) => diagnostic.location.file).sort()).toEqual(['missing', 'notes.txt']);
  });

  test('1 beats 3', async () => {
    const { code } = await run(['bad.json', 'missing'], { 'bad.json': template('Off') });
    expect(code).toBe(1);
  });
});

describe('broken input', () => {
  const deep = '['.repeat(10_000);
  test.each<[string, string, string | Uint8Array, string]>([
    ['a truncated Terraform file', 'main.tf', bad.slice(0, 120), 'hcl-'],
    ['a truncated template', 'broken.json', template('On').slice(0, 300), 'json-'],
    ['Latin-1 in Terraform', 'main.tf', Uint8Array.from([0x23, 0x20, 0xe9, 0x0a]), 'file-not-utf8'],
    ['UTF-16', 'main.tf', Uint8Array.from([0xff, 0xfe, 0x23, 0x00]), 'file-not-utf8'],
    ['10,000 brackets in Terraform', 'main.tf', `locals {\n  a = ${deep}\n}\n`, 'hcl-too-deep'],
    [
      '10,000 brackets in a template',
      'deep.json',
      `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","a":${deep}`,
      'json-too-deep',
    ],
    [
      '10,000 brackets in an expression',
      'deep.json',
      template(`[${'concat('.repeat(10_000)}`).replace("[parameters('state')]", `[${'concat('.repeat(9_000)}]`),
      'arm-expression-too-deep',
    ],
    ['a Terraform file over the limit', 'main.tf', `# ${'x'.repeat(5 * 1024 * 1024)}\n`, 'file-too-large'],
    [
      'a template over the limit',
      'big.json',
      `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","a":"${'x'.repeat(17 * 1024 * 1024)}"}`,
      'file-too-large',
    ],
  ])('%s: a located diagnostic, exit 3, the other file is linted', async (_what, name, text, expected) => {
    const folder = name.endsWith('.tf') ? 'broken/' : '';
    const { code, out } = await run(['-f', 'json', '--fail-on', 'never', folder + name, 'other/main.tf'], {
      [folder + name]: text,
      'other/main.tf': bad,
    });
    const result = json(out);
    expect(code).toBe(3);
    const told = result.diagnostics.filter(
      (diagnostic) => diagnostic.severity === 'error' && diagnostic.location.file === folder + name,
    );
    expect(told.some((diagnostic) => diagnostic.code?.startsWith(expected))).toBe(true);
    for (const diagnostic of told) expect(diagnostic.location.startLine).toBeGreaterThan(0);
    expect(result.findings.map((finding) => finding.location.file)).toEqual(['other/main.tf']);
  });

  test('a file that cannot be opened', async () => {
    const { code, out } = await run(
      ['-f', 'json', '--fail-on', 'never'],
      { 'main.tf': bad, 'secret.tf': '' },
      { broken: { '/repo/secret.tf': 'EACCES' } },
    );
    expect(code).toBe(3);
    const result = json(out);
    expect(result.diagnostics).toMatchObject([
      {
        code: 'file-unreadable',
        location: { file: 'secret.tf' },
        message: 'The file cannot be read: permission denied.',
      },
    ]);
    expect(result.findings).toHaveLength(1);
  });

  test('a folder that cannot be listed', async () => {
    const { code, out } = await run(
      ['-f', 'json', '--fail-on', 'never'],
      { 'main.tf': bad, 'locked/main.tf': bad },
      { broken: { '/repo/locked': 'EACCES' } },
    );
    expect(code).toBe(3);
    expect(json(out).findings.map((finding) => finding.location.file)).toEqual(['main.tf']);
  });

  test.each<[string, string | Uint8Array]>([
    ['a byte order mark', `\ufeff${bad}`],
    ['CRLF', bad.replaceAll('\n', '\r\n')],
  ])('%s is no error and moves nothing', async (_what, text) => {
    const { code, out } = await run(['-f', 'json'], { 'main.tf': text });
    expect(code).toBe(1);
    expect(json(out)).toMatchObject({
      diagnostics: [],
      findings: [{ location: { startLine: 7, startColumn: 25, endColumn: 30 } }],
    });
  });

  test.each<[string, string, string]>([
    ['an empty Terraform file', 'main.tf', ''],
    ['an empty JSON file', 'empty.json', ''],
    ['4 MB on one line of Terraform', 'main.tf', `locals { a = "${'x'.repeat(4 * 1024 * 1024)}" }\n`],
    ['4 MB on one line of a template', 'wide.json', template('On').replace('"bv"', `"${'x'.repeat(4 * 1024 * 1024)}"`)],
  ])('%s is no error', async (_what, name, text) => {
    const { out } = await run(['-f', 'json', '--only', 'vault-soft-delete-off'], { [name]: text });
    expect(json(out)).toMatchObject({ diagnostics: [], summary: { complete: true } });
  });
});

describe('paths', () => {
  test('a file reached twice is linted once', async () => {
    const { out } = await run(['-f', 'json', '--fail-on', 'never', 'main.tf', '.', './main.tf'], { 'main.tf': bad });
    expect(json(out)).toMatchObject({ summary: { files: 1, errors: 1 } });
  });

  test('what is missing is told once, however many configurations and instances meet it', async () => {
    const link = (templateLink: object) => ({
      ...JSON.parse(template('On')),
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2022-09-01',
          name: 'linked',
          properties: { mode: 'Incremental', templateLink },
        },
      ],
    });
    const { out } = await run(['-f', 'json', '.'], {
      'main.tf': 'module "a" {\n  source = "./gone"\n}\n',
      'main.bicep': `param p string
resource vault 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: p
  location: 'westeurope'
  tags: { note: loadTextContent('gone.txt') }
}
`,
      'a.bicepparam': "using 'main.bicep'\nparam p = 'a'\n",
      'b.bicepparam': "using 'main.bicep'\nparam p = 'b'\n",
      'linked.json': JSON.stringify(link({ uri: 'https://example.invalid/linked.json' })),
    });
    expect(json(out).diagnostics.map(({ code, location }) => `${location.file} ${code}`)).toEqual([
      'linked.json arm-linked-template-unknown',
      'main.bicep bicep-file-missing',
      'main.tf module-missing',
    ]);
  });

  test('a message speaks of what an instance stands for as the code does', async () => {
    const { out } = await run(['-f', 'json', '--only', 'item-only-operational-tier', 'main.tf'], {
      'main.tf': `variable "policies" {}
resource "azurerm_data_protection_backup_vault" "v" {
  name                = "bv"
  resource_group_name = "rg"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant"
}
resource "azurerm_data_protection_backup_policy_blob_storage" "p" {
  for_each                               = var.policies
  name                                   = "$\{each.key}-$\{each.value.name}"
  vault_id                               = azurerm_data_protection_backup_vault.v.id
  operational_default_retention_duration = "P30D"
}
resource "azurerm_data_protection_backup_instance_blob_storage" "i" {
  for_each           = var.policies
  name               = each.key
  location           = "westeurope"
  vault_id           = azurerm_data_protection_backup_vault.v.id
  storage_account_id = each.value.account
  backup_policy_id   = azurerm_data_protection_backup_policy_blob_storage.p[each.key].id
}
`,
    });
    expect(json(out).findings.map(({ message }) => message)).toEqual([
      'The policy ${each.key}-${each.value.name} keeps recovery points in the operational tier only, and nothing in the vault.',
    ]);
  });

  test('hidden folders, node_modules and ignored files are left out, JSON that is no template silently', async () => {
    const { code, out } = await run(['-f', 'json'], {
      '.gitignore': 'generated/\n*.local.json\n',
      'generated/main.tf': bad,
      'a.local.json': template('Off'),
      '.hidden/main.tf': bad,
      '.terraform/modules/x/main.tf': bad,
      'node_modules/x/main.tf': bad,
      'package.json': '{ "name": "x" }',
      'broken-but-no-template.json': '{',
    });
    expect(code).toBe(0);
    expect(json(out)).toMatchObject({ findings: [], diagnostics: [], summary: { files: 0 } });
  });

  test('naming one file reports on that file alone', async () => {
    const files = { 'a.tf': bad, 'b.tf': bad.replace('"v"', '"w"').replace('"bv"', '"bw"') };
    const { out } = await run(['-f', 'json', '--fail-on', 'never', 'b.tf'], files);
    expect(json(out).findings.map((finding) => finding.location.file)).toEqual(['b.tf']);
  });

  test('--stdin with its name', async () => {
    const { code, out } = await run(
      ['-f', 'json', '--stdin', '--stdin-filename', 'infra/vault.json'],
      {},
      { stdin: template('Off') },
    );
    expect(code).toBe(1);
    expect(json(out).findings[0]!.location.file).toBe('infra/vault.json');
  });

  test('-- ends the options', async () => {
    const { code } = await run(['lint', '--', '--odd/main.tf'], { '--odd/main.tf': bad });
    expect(code).toBe(1);
  });
});

describe('options', () => {
  test('--only, --skip and --severity', async () => {
    const codes = async (...args: string[]) =>
      json((await run(['-f', 'json', '--fail-on', 'never', ...args], { 'main.tf': bad })).out).findings;
    expect(await codes('--only', 'vault-soft-delete-off')).toHaveLength(1);
    expect(await codes('--skip', 'vault-soft-delete-off')).toHaveLength(0);
    expect(await codes('--severity', 'vault-soft-delete-off=off')).toHaveLength(0);
    expect(await codes('--severity', 'vault-soft-delete-off=note')).toMatchObject([{ severity: 'note' }]);
  });

  test('--show-undetermined lists what the summary always counts', async () => {
    const text = bad.replace('"Off"', 'var.state').concat('variable "state" {}\n');
    const counted = json((await run(['-f', 'json'], { 'main.tf': text })).out);
    expect(counted).toMatchObject({ undetermined: [], summary: { undetermined: 1 } });
    expect(
      json((await run(['-f', 'json', '--show-undetermined'], { 'main.tf': text })).out).undetermined,
    ).toMatchObject([
      { code: 'vault-soft-delete-off', because: 'variable "state" has no default and no value was given' },
    ]);
  });

  test('--var, --var-file and terraform.tfvars settle a variable, the later one stronger', async () => {
    const files = {
      'main.tf': bad.replace('"Off"', 'var.state').concat('variable "state" {\n  type = string\n}\n'),
      'terraform.tfvars': 'state = "On"\n',
      'other.tfvars': 'state = "Off"\n',
    };
    expect((await run([], files)).code).toBe(0);
    expect((await run(['--var-file', 'other.tfvars'], files)).code).toBe(1);
    expect((await run(['--var-file', 'other.tfvars', '--var', 'state=AlwaysOn'], files)).code).toBe(0);
  });

  test('a parameter file beside the template counts, --parameters replaces it', async () => {
    const parameters = (state: string): string =>
      JSON.stringify({
        $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#',
        contentVersion: '1.0.0.0',
        parameters: { state: { value: state } },
      });
    const files = {
      'vault.json': template('On'),
      'vault.parameters.json': parameters('Off'),
      'good.json': parameters('On'),
    };
    const found = await run(['-f', 'json', '.'], files);
    expect(json(found.out).findings.map((finding) => finding.location.file)).toEqual(['vault.parameters.json']);
    expect((await run(['vault.json', '--parameters', 'good.json'], files)).code).toBe(0);
  });

  test('several formats in one run, some into files', async () => {
    const { out, written } = await run(
      ['-f', 'pretty', '-f', 'sarif=out/a.sarif', '-f', 'json=a.json', '--fail-on', 'never'],
      { 'main.tf': bad },
    );
    expect(out).toContain('vault-soft-delete-off');
    expect([...written.keys()]).toEqual(['/repo/out/a.sarif', '/repo/a.json']);
    expect(JSON.parse(written.get('/repo/out/a.sarif')!)).toMatchObject({ version: '2.1.0' });
  });

  test('suppressed findings stay in JSON, marked, and fail nothing', async () => {
    const text = bad.replace(
      '  soft_delete ',
      '  # azure-backup-lint:ignore vault-soft-delete-off reason="lab"\n  soft_delete ',
    );
    const { code, out } = await run(['-f', 'json'], { 'main.tf': text });
    expect(code).toBe(0);
    expect(json(out)).toMatchObject({
      summary: { errors: 0, suppressed: 1 },
      findings: [{ suppressed: { reason: 'lab' } }],
    });
    expect((await run(['--no-inline-suppressions'], { 'main.tf': text })).code).toBe(1);
  });

  test('the environment and colours do not reach a pipe', async () => {
    const { out } = await run([], { 'main.tf': bad });
    expect(out).not.toContain('\u001b');
  });
});

describe('other commands', () => {
  test('--version and --help', async () => {
    expect(await run(['--version'], {})).toMatchObject({ code: 0, out: '1.2.3\n' });
    const help = await run(['--help'], {});
    expect(help.code).toBe(0);
    for (const command of ['lint', 'inspect', 'rules', 'explain']) expect(help.out).toContain(command);
  });

  test('rules lists the catalogue', async () => {
    expect((await run(['rules'], {})).out).toContain('vault-soft-delete-off');
    const { rules } = JSON.parse((await run(['rules', '-f', 'json'], {})).out) as { rules: Record<string, unknown>[] };
    expect(rules.find((rule) => rule['code'] === 'vault-soft-delete-off')).toMatchObject({
      severity: 'error',
      profile: 'recommended',
      group: 'vault-security',
      solutions: ['vault'],
      inputs: expect.arrayContaining(['terraform', 'arm']),
      title: expect.any(String),
    });
  });

  test('explain shows why, examples per language, fix and sources', async () => {
    const { code, out } = await run(['explain', 'vault-soft-delete-off'], {});
    expect(code).toBe(0);
    for (const part of [
      'Why',
      'What to do',
      'Reported in Terraform',
      'Right in Terraform',
      'Reported in ARM template',
      'Sources',
      'soft_delete',
    ])
      expect(out).toContain(part);
    expect(out).not.toContain('expect:');
  });

  test('explain says what is not certain, and on what that rests', async () => {
    const { out } = await run(['explain', 'datasource-needs-backup-vault'], {});
    expect(out).toMatch(
      /\n\nWhat is not certain\n {2}A vault may be named by its name alone\..* \(our inference\)\n\n/,
    );
    const japanese = await run(['explain', 'datasource-needs-backup-vault', '--lang', 'ja'], {});
    expect(japanese.out).toMatch(/\n\n確かでない点\n {2}コンテナーは名前だけで.* \(推定\)\n\n/);
    expect((await run(['explain', 'backup-server-silent'], {})).out).not.toContain('What is not certain');
  });

  test('explain of what only an audit sees shows a row in short, with the situation that rows show only together', async () => {
    const { out } = await run(['explain', 'backup-server-silent'], {});
    expect(out).toMatch(/\nReported in live Azure, in short\n {2}\/\/ read at 2026-03-01T06:00:00Z\n {2}\{\n/);
    const [bad, good] = [...out.matchAll(/"refreshedAt": "(.*)"/g)].map(([, time]) => time);
    expect(bad! < good!).toBe(true);
    const gone = await run(['explain', 'item-datasource-gone', '--lang', 'ja'], {});
    expect(gone.out).toContain('\n報告される例 (実際の Azure、抜粋)\n  項目が保護する仮想マシンが一覧になく');
    // Right is the same thing where what decided differs, and here that is another row.
    expect(gone.out).not.toContain('正しい例');
    const differs = await run(['explain', 'item-policy-differs-from-declared'], {});
    expect(differs.out).toMatch(/\nDeclared in Terraform\n {2}resource "azurerm_backup_policy_vm"/);
  });

  test('explain has an example of every rule', async () => {
    const without: string[] = [];
    for (const { code } of catalogue())
      if (!(await run(['explain', code], {})).out.includes('\nReported in ')) without.push(code);
    expect(without).toEqual([]);
  });

  test('explain of a rule about changes shows what a plan changes, and links the pages of its solutions', async () => {
    const { out } = await run(['explain', 'change-shortens-retention'], {});
    expect(out).toMatch(/Reported in a Terraform plan\n(?:.*\n)*? +~ count = 30 -> 14\n/);
    expect(out).toContain('Right in a Terraform plan');
    expect(out).toMatch(/Solutions\n {2}azure-vm: .*\/docs\/solutions\/azure-vm\.md\n/);
    const japanese = await run(['explain', 'change-shortens-retention', '--lang', 'ja'], {});
    expect(japanese.out).toContain('/docs/ja/solutions/azure-vm.md');
  });

  test('inspect shows resources, model and what stayed unknown', async () => {
    const text = `${bad.replace('"Off"', 'var.state')}variable "state" {}\nvariable "key" {\n  sensitive = true\n  default   = "hunter2"\n}\nresource "azurerm_key_vault_secret" "s" {\n  name  = "s"\n  value = var.key\n}\n`;
    const { code, out } = await run(['inspect'], { 'main.tf': text });
    expect(code).toBe(0);
    expect(out).not.toContain('hunter2');
    const result = JSON.parse(out);
    expect(result).toMatchObject({ version: 1, modules: [], diagnostics: [] });
    expect(result.resources[0]).toMatchObject({
      address: 'azurerm_data_protection_backup_vault.v',
      language: 'terraform',
      terraformType: 'azurerm_data_protection_backup_vault',
      name: 'bv',
      presence: 'present',
      existing: false,
      location: { file: 'main.tf', startLine: 1, startColumn: 1, endLine: 1, endColumn: 54 },
      body: { soft_delete: { $symbol: 'var.state' }, redundancy: 'GeoRedundant' },
    });
    expect(result.resources[1].body.value).toEqual({ $secret: true });
    expect(result.model.vaults).toMatchObject([
      {
        address: 'azurerm_data_protection_backup_vault.v',
        kind: 'backup',
        softDelete: { state: { $symbol: 'var.state' } },
      },
    ]);
  });

  test('inspect looks into a recording of an audit', async () => {
    const id = '/subscriptions/11111111-1111-1111-1111-111111111111';
    const row = { id: `${id}/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/rsv`, properties: {} };
    const lines = [
      {
        version: 1,
        cloud: 'AzureCloud',
        scope: { subscriptions: [id.split('/').at(-1)] },
        readAt: '2026-03-01T06:00:00Z',
        deep: false,
      },
      { from: 'graph:vaults', row: { ...row, name: 'rsv', type: 'Microsoft.RecoveryServices/vaults', location: 'w' } },
    ].map((line) => JSON.stringify(line));
    const files = { 'audit.jsonl': `${lines.join('\n')}\n`, 'main.tf': bad };
    const { code, out } = await run(['inspect', '--inventory', 'audit.jsonl'], files);
    expect(code).toBe(3);
    const { resources, model, diagnostics } = JSON.parse(out);
    expect(resources).toMatchObject([
      { address: row.id, language: 'live', location: { resourceId: row.id, path: '' } },
    ]);
    expect(model.vaults).toMatchObject([{ address: row.id, kind: 'recovery-services', name: 'rsv' }]);
    // It was cut.
    expect(diagnostics).toMatchObject([{ code: 'azure-interrupted', location: { resourceId: id } }]);
    for (const [more, said] of [
      [['main.tf'], 'leave the paths out'],
      [['--inventory', 'none.jsonl'], 'none.jsonl cannot be read'],
    ] as const) {
      const wrong = await run(['inspect', '--inventory', 'audit.jsonl', ...more], files);
      expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining(said) });
    }
  });

  test('inspect shows no secret that a name tells', async () => {
    const text = `
resource "azurerm_linux_virtual_machine" "vm" {
  name           = "vm1"
  admin_password = "S3cret"
}
resource "azapi_resource" "r" {
  type           = "Microsoft.RecoveryServices/vaults@2024-10-01"
  name           = "rsv-main"
  body           = { properties = { adminPassword = "S3cret", text = "a;AccountKey=S3cret;" } }
  sensitive_body = { properties = { some = "S3cret" } }
}
resource "azurerm_resource_group_template_deployment" "d" {
  name               = "d"
  template_content   = jsonencode({ resources = [], parameters = { p = { type = "securestring", defaultValue = "S3cret" } } })
  parameters_content = jsonencode({ p = { value = "S3cret" } })
}
`;
    const { code, out } = await run(['inspect'], { 'main.tf': text });
    expect(code).toBe(0);
    expect(out).toContain('vm1');
    expect(out).not.toContain('S3cret');
  });

  test('a secret that decides a finding is not shown with its line', async () => {
    const text = `
resource "azurerm_recovery_services_vault" "v" {
  name = var.name
}
variable "name" {
  sensitive = true
  default   = "S3cret_!"
}
`;
    const { out } = await run(['--only', 'vault-or-policy-name-invalid'], { 'main.tf': text });
    expect(out).toContain('vault-or-policy-name-invalid');
    expect(out).not.toContain('S3cret');
  });

  test('what a syntax error may have swallowed is not missing', async () => {
    const text = 'resource "azurerm_backup_policy_vm" "p" {\n  name = "daily"\n  backup {\n    time = "23:10"\n';
    const { code, out } = await run(['-f', 'json'], { 'main.tf': text });
    const codes = (JSON.parse(out) as { findings: { code: string }[] }).findings.map((finding) => finding.code);
    expect(codes).toEqual(['policy-run-times-invalid']);
    expect(code).toBe(1);
  });

  test('inspect of something that cannot be read ends with 3', async () => {
    expect((await run(['inspect', 'missing'], {})).code).toBe(3);
  });
});

describe('the language', () => {
  const japanese = 'コンテナーの論理的な削除が off のため、削除したバックアップはすぐに失われます。';
  const english = 'Soft delete of the vault is off, so a deleted backup is gone at once.';
  const files = { 'main.tf': bad };

  test('--lang ja: findings and what the report says of itself, severities and codes stay', async () => {
    const { code, out } = await run(['--lang', 'ja'], files);
    expect(code).toBe(1);
    expect(out).toContain(`error vault-soft-delete-off: ${japanese}`);
    expect(out).toContain('  対処: ');
    expect(out).toContain('1 ファイル (1 リソース): error 1 件\n');
    expect(out).toContain('理由と例は `azure-backup-lint explain CODE` で確認できます。');
    expect(out).not.toContain('help:');
    expect(out).not.toContain('Soft delete');
  });

  test('--lang ja: a run that was not complete never sounds clean', async () => {
    const { code, out } = await run(['--lang', 'ja'], { 'main.tf': good, 'broken.tf': 'resource "a" "b" {\n' });
    expect(code).toBe(3);
    expect(out).toContain('読み取れなかったもの:');
    expect(out).toContain('不完全: 1 個の入力を読み取れなかったため');
    expect(out).not.toContain('問題は見つかりませんでした');
  });

  test('--lang ja: what is beside the value that decided', async () => {
    const text = `${bad.replace('"Off"', 'local.state')}locals {\n  state = "Off"\n}\n`;
    expect((await run(['--lang', 'ja'], { 'main.tf': text })).out).toContain('main.tf:7:25  ここで使用');
    expect((await run([], { 'main.tf': text })).out).toContain('main.tf:7:25  used here');
  });

  test('--lang ja: JSON and SARIF keep their keys, their texts follow', async () => {
    const [inEnglish, inJapanese] = await Promise.all(
      ['en', 'ja'].map(async (lang) => JSON.parse((await run(['--lang', lang, '-f', 'json'], files)).out)),
    );
    expect(inJapanese.findings[0]).toMatchObject({
      message: japanese,
      docs: expect.stringContaining('/docs/ja/rules/vault-soft-delete-off.md'),
    });
    expect(Object.keys(inJapanese.findings[0])).toEqual(Object.keys(inEnglish.findings[0]));
    expect(inJapanese.findings[0].fingerprint).toBe(inEnglish.findings[0].fingerprint);
    expect(inJapanese.summary).toEqual(inEnglish.summary);
    const sarif = JSON.parse((await run(['--lang', 'ja', '-f', 'sarif'], files)).out);
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'vault-soft-delete-off', level: 'error' });
    expect(sarif.runs[0].results[0].message.text).toContain(japanese);
  });

  test('rules and explain', async () => {
    expect((await run(['rules', '--lang', 'ja'], {})).out).toContain('コンテナーの論理的な削除がオフになっています');
    const { out } = await run(['explain', 'vault-soft-delete-off', '--lang', 'ja'], {});
    for (const part of [
      '理由',
      '対処',
      '報告される例 (Terraform)',
      '正しい例 (ARM テンプレート)',
      '出典',
      '/docs/ja/rules/',
    ])
      expect(out).toContain(part);
    expect(out).not.toContain('What to do');
  });

  test.each([
    ['ja_JP.UTF-8', japanese],
    ['ja', japanese],
    ['ja_JP', japanese],
    ['en_US.UTF-8', english],
    ['C', english],
    ['de_DE.UTF-8', english],
    // Javanese and the like only begin alike.
    ['jav_ID.UTF-8', english],
    ['', english],
    [undefined, english],
  ])('of the user, %s', async (locale, message) => {
    expect((await run([], files, { ...(locale !== undefined && { locale }) })).out).toContain(message);
  });

  test("--lang is stronger than the user's, and only what there is can be asked for", async () => {
    expect((await run(['--lang', 'en'], files, { locale: 'ja_JP.UTF-8' })).out).toContain(english);
    expect((await run(['--lang', 'ja'], files, { locale: 'en_US.UTF-8' })).out).toContain(japanese);
    expect(await run(['--lang', 'de'], files)).toMatchObject({ code: 2, out: '' });
  });
});

describe('a terminal', () => {
  const terminal = (milliseconds: number) => {
    const io = memoryIo({ '/repo/a/main.tf': bad, '/repo/b/main.tf': good });
    let clock = 0;
    const now = (): number => {
      clock += milliseconds;
      return clock;
    };
    return {
      ...io,
      now,
      err: Object.assign(io.err, { isTerminal: true }),
      out: Object.assign(io.out, { isTerminal: true }),
    };
  };

  test('a run of more than a second shows on standard error what is read, and wipes it', async () => {
    const io = terminal(2000);
    await main(['--fail-on', 'never'], '0', io);
    expect(io.err.text).toContain('reading a');
    expect(io.err.text.endsWith('\r\u001b[K')).toBe(true);
    const quick = terminal(1);
    await main(['--fail-on', 'never'], '0', quick);
    expect(quick.err.text).toBe('');
  });

  test('has colour, unless NO_COLOR or --no-color says otherwise', async () => {
    const output = async (args: readonly string[], noColor = false) => {
      const io = { ...terminal(1), noColor };
      await main(['--fail-on', 'never', ...args], '0', io);
      return io.out.text;
    };
    expect(await output([])).toContain('\u001b[');
    expect(await output(['--no-color'])).not.toContain('\u001b[');
    expect(await output([], true)).not.toContain('\u001b[');
  });
});

test('a name that is not known whole is told as it is written', async () => {
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    parameters: { prefix: { type: 'string' } },
    resources: [
      {
        type: 'Microsoft.DataProtection/backupVaults',
        apiVersion: '2024-04-01',
        name: "[concat(parameters('prefix'), '.vault')]",
        location: 'westeurope',
        properties: { securitySettings: { softDeleteSettings: { state: 'Off' } }, storageSettings: [] },
      },
    ],
  };
  const { out } = await run(['--only', 'vault-soft-delete-off', '-f', 'json'], { 'a.json': JSON.stringify(template) });
  const [finding] = (JSON.parse(out) as { findings: { resource: { name: string; address: string } }[] }).findings;
  expect(finding!.resource.address).toBe(`Microsoft.DataProtection/backupVaults/${finding!.resource.name}`);
  expect(finding!.resource.name).toContain("parameters('prefix')");
});

test('a fault of ours is told with its place and ends in 3', async () => {
  const io = memoryIo({ '/repo/main.tf': bad });
  const files = {
    ...io.files,
    info: () => {
      throw new TypeError('we are wrong');
    },
  };
  expect(await main(['main.tf'], '1.2.3', { ...io, files })).toBe(3);
  expect(io.out.text).toBe('');
  expect(io.err.text).toMatch(/^TypeError: we are wrong\n +at .*cli\.test\.ts/);
});

test('what a function makes the name of is told by its symbol', async () => {
  const account =
    "resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n  name: 'st${uniqueString(resourceGroup().id)}'\n  location: 'westeurope'\n  kind: 'FileStorage'\n  sku: { name: 'Premium_LRS' }\n}\n";
  const share =
    "resource files 'Microsoft.Storage/storageAccounts/fileServices@2023-05-01' = {\n  parent: account\n  name: 'default'\n}\nresource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' = {\n  parent: files\n  name: 'data'\n}\n";
  const { out } = await run(['--only', 'workspace-without-backup', '-f', 'json'], { 'a.bicep': account + share });
  expect(JSON.parse(out)).toMatchObject({
    findings: [{ message: expect.stringContaining('could protect (share)') }],
  });
});

test('--ignore-unknown leaves out what hooks name beside our files', async () => {
  const files = { 'main.tf': bad, 'package.json': '{}', 'README.md': '' };
  expect(await run(['main.tf', 'package.json', 'README.md'], files)).toMatchObject({ code: 1 });
  expect((await run(['main.tf', 'package.json', 'README.md'], files)).out).toContain('file-kind-unknown');
  const { code, out } = await run(['--ignore-unknown', 'main.tf', 'package.json', 'README.md'], files);
  expect(code).toBe(1);
  expect(out).not.toContain('file-kind-unknown');
  expect(await run(['--ignore-unknown', 'package.json'], files)).toMatchObject({ code: 0 });
  expect(await run(['--ignore-unknown', 'gone.tf'], files)).toMatchObject({ code: 3 });
});
