/** What the library gives to programs: results as data, wrong usage as texts, files that are nowhere on the disk. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, test } from 'vitest';
import { inspectPaths, lintPaths } from '../src/library-run.ts';
import { main } from '../src/main.ts';
import type { LintOptions, LintResult } from '../src/public.ts';
import { memoryIo } from './memory.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'library-')));
afterAll(() => rmSync(folder, { recursive: true }));

const vault = (softDelete: boolean, name = '"rsv-main"'): string => `resource "azurerm_recovery_services_vault" "main" {
  name                = ${name}
  location            = "westeurope"
  resource_group_name = "rg"
  sku                 = "Standard"
  soft_delete_enabled = ${softDelete}
}
`;

async function linted(options: LintOptions, paths: readonly string[] = []): Promise<LintResult> {
  const answer = await lintPaths(paths, { cwd: folder, ...options }, '1.2.3');
  if ('wrong' in answer) throw new Error(answer.wrong);
  return answer.result;
}

async function wrong(options: LintOptions): Promise<string | undefined> {
  const answer = await lintPaths([], { cwd: folder, ...options }, '1.2.3');
  return 'wrong' in answer ? answer.wrong : undefined;
}

const only = ['vault-soft-delete-off'];

test('gives what -f json prints', async () => {
  const io = memoryIo({ '/repo/main.tf': vault(false) });
  await main(['-f', 'json'], '1.2.3', io);
  const result = await linted({ files: { 'main.tf': vault(false) } });
  expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(io.out.text));
  expect(result.findings.map(({ code }) => code)).toContain('vault-soft-delete-off');
  const schema = JSON.parse(readFileSync(new URL('../rules/schema/output.schema.json', import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ strict: false });
  expect(ajv.validate(schema, result), ajv.errorsText()).toBe(true);
});

test.each<[unknown, unknown, string]>([
  [[], null, 'The second argument is an object of options.'],
  [[], ['a'], 'The second argument is an object of options.'],
  [null, {}, 'The first argument is a path or a list of paths.'],
  [[1], {}, 'The first argument is a path or a list of paths.'],
  [[], { cwd: 5 }, '"cwd" is a text.'],
  [[], { config: null }, '"config" is a text.'],
  [[], { severity: 'error' }, '"severity" is an object.'],
  [[], { files: null }, '"files" is an object.'],
  [[], { files: { a: 1 } }, '"files" has texts by path.'],
])('who has no types is told what is wrong: %j, %j', async (paths, options, said) => {
  const answers = [
    await lintPaths(paths as string[], options as LintOptions, '1.2.3'),
    await inspectPaths(paths as string[], options as LintOptions),
  ];
  expect(answers).toEqual([{ wrong: said }, { wrong: said }]);
});

test('texts stand for what is on the disk, and for what is not', async () => {
  writeFileSync(join(folder, 'main.tf'), vault(false));
  writeFileSync(join(folder, 'variables.tf'), 'variable "name" {}\n');
  expect((await linted({ only })).findings).toHaveLength(1);
  expect((await linted({ only, files: { 'main.tf': vault(true) } })).findings).toEqual([]);
  // The other file of the folder is still the one on the disk.
  const both = await linted({ only, files: { 'main.tf': vault(false, 'var.name') }, variables: { name: 'rsv-b' } });
  expect(both).toMatchObject({ summary: { files: 2 }, findings: [{ resource: { name: 'rsv-b' } }] });
  const elsewhere = { 'new/deep/main.tf': vault(false), [join(folder, 'new/other.tf')]: '' };
  expect((await linted({ only, files: elsewhere }, ['new'])).findings).toMatchObject([
    { location: { file: 'new/deep/main.tf', startLine: 6 } },
  ]);
  const nowhere = await linted({ only, cwd: join(folder, 'not/there'), files: { 'main.tf': vault(false) } });
  expect(nowhere.findings).toHaveLength(1);
});

test('a module that is a text is found from another one', async () => {
  const files = {
    'root/main.tf': 'module "backup" {\n  source = "../part"\n  on     = false\n}\n',
    'part/main.tf': `variable "on" {}\n${vault(true).replace('= true', '= var.on')}`,
  };
  expect((await linted({ only, cwd: join(folder, 'x'), files }, ['root'])).findings).toMatchObject([
    { resource: { address: 'module.backup.azurerm_recovery_services_vault.main' } },
  ]);
});

test('options mean what they mean on the command line', async () => {
  const files = { 'main.tf': `# azure-backup-lint:ignore vault-soft-delete-off reason="lab"\n${vault(false)}` };
  const levels = async (options: LintOptions) =>
    (await linted({ files, ...options })).findings
      .filter(({ code }) => code === only[0])
      .map(({ severity, suppressed }) => (suppressed ? `suppressed: ${suppressed.reason}` : severity));
  const file = (text: string): LintOptions => ({
    files: { 'main.tf': vault(false), 'azure-backup-lint.yaml': text },
  });
  expect(await levels({ files: { 'main.tf': vault(false) } })).toEqual(['error']);
  expect(await levels({ severity: { 'vault-soft-delete-off': 'note' }, files: { 'main.tf': vault(false) } })).toEqual([
    'note',
  ]);
  expect(await levels({ skip: only, files: { 'main.tf': vault(false) } })).toEqual([]);
  const off = file('rules: { vault-soft-delete-off: off }');
  expect(await levels(off)).toEqual([]);
  expect(await levels({ ...off, config: false })).toEqual(['error']);
  const japanese = await linted({ ...file(''), only, language: 'ja' });
  expect(japanese.findings[0]!.message).toMatch(/[\u3040-\u30ff]/);
  const open = `variable "on" {}\n${vault(true).replace('= true', '= var.on')}`;
  expect(await linted({ only, files: { 'main.tf': open } })).toMatchObject({
    summary: { undetermined: 1 },
    undetermined: [],
  });
  expect((await linted({ only, showUndetermined: true, files: { 'main.tf': open } })).undetermined).toHaveLength(1);
});

test('a text that is not saved is a change of what git has', async () => {
  const cwd = join(folder, 'repository');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'main.tf'), vault(true));
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false', 'commit', '-q', '-m', 'one'],
  ])
    expect(spawnSync('git', args, { cwd }).status).toBe(0);
  for (const since of [{ newSince: 'HEAD' }, { changedSince: 'HEAD' }]) {
    const given = { cwd, only, ...since };
    expect((await linted({ ...given, files: { 'main.tf': vault(false) } })).summary.errors).toBe(1);
    expect((await linted({ ...given, files: { 'new/main.tf': vault(false) } })).summary.errors).toBe(1);
    expect((await linted({ ...given, files: { 'main.tf': vault(true) } })).summary.errors).toBe(0);
    const dangers = { ...given, only: ['change-weakens-vault-security'], files: { 'main.tf': vault(false) } };
    expect((await linted(dangers)).findings.map(({ code }) => code)).toEqual(['change-weakens-vault-security']);
  }
});

test('what could not be read is told in the result', async () => {
  const result = await linted({ files: { 'main.tf': 'resource {' } });
  expect(result.summary.complete).toBe(false);
  expect(result.diagnostics.map(({ severity }) => severity)).toContain('error');
});

test('wrong usage comes as a text', async () => {
  expect(await wrong({ only: ['vault-soft-delete-of'] })).toBe(
    '--only: There is no rule "vault-soft-delete-of". Did you mean "vault-soft-delete-off"?',
  );
  expect(await wrong({ profil: 'strict' } as LintOptions)).toBe('There is no option "profil"; did you mean "profile"?');
  expect(await wrong({ profile: 'loud' as 'strict' })).toBe('"profile" is one of recommended, strict.');
  expect(await wrong({ rules: 'rules' as unknown as [] })).toBe('"rules" is a list of texts.');
  expect(await wrong({ only: [1] as unknown as [] })).toBe('"only" is a list of texts.');
  expect(await wrong({ files: { a: undefined as unknown as string } })).toBe('"files" has texts by path.');
  expect(await wrong({ language: 'de' as 'ja' })).toBe('"language" is one of en, ja.');
  expect(await wrong({ files: { 'azure-backup-lint.yaml': 'profil: strict' } })).toMatch(
    /:1:1: there is no key "profil"/,
  );
  expect(await wrong({ rules: ['none'] })).toBe('--rules: there is no folder none.');
});

test('inspect gives resources and the model', async () => {
  const answer = await inspectPaths(['.'], { cwd: join(folder, 'y'), files: { 'main.tf': vault(false) } });
  expect(answer).toMatchObject({
    result: {
      version: 1,
      resources: [{ address: 'azurerm_recovery_services_vault.main', language: 'terraform', presence: 'present' }],
      model: { vaults: [{ address: 'azurerm_recovery_services_vault.main', softDelete: { state: 'off' } }] },
    },
  });
});
