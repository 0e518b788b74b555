/** Known findings: what counts, what is told to be gone, what survives, and what is no baseline. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { memoryIo } from './memory.ts';

const vault = (
  label: string,
  softDelete = '"Off"',
): string => `resource "azurerm_data_protection_backup_vault" "${label}" {
  name                = "bv-${label.replaceAll('_', '-')}"
  resource_group_name = "rg"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant"
  soft_delete         = ${softDelete}
}
`;

type Files = Readonly<Record<string, string>>;

async function run(args: readonly string[], files: Files, broken = {}) {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])), {
    broken,
  });
  const code = await main(args, '1.2.3', io);
  return { code, out: io.out.text, err: io.err.text, written: io.written };
}

interface Report {
  findings: { code: string; resource: { address: string }; suppressed?: { baseline?: boolean } }[];
  summary: { errors: number; suppressed: number };
  diagnostics: { code: string; severity: string; message: string; location: { file: string; startLine: number } }[];
}

async function lint(args: readonly string[], files: Files): Promise<Report & { exit: number }> {
  const { code, out } = await run(['lint', ...args, '--baseline', 'known.json', '-f', 'json'], files);
  return { ...(JSON.parse(out) as Report), exit: code };
}

async function record(files: Files, args: readonly string[] = []): Promise<string> {
  const { code, written, err } = await run(['baseline', ...args, '--baseline', 'known.json'], files);
  expect([code, err]).toEqual([0, '']);
  return written.get('/repo/known.json')!;
}

const goneIn = ({ diagnostics }: Report) => diagnostics.filter(({ code }) => code === 'baseline-entry-gone');

test('what is recorded is what the schema says, sorted, without files and lines', async () => {
  const text = await record({ 'b.tf': vault('b'), 'a.tf': `\n\n${vault('a')}` });
  const data = JSON.parse(text);
  const schema = JSON.parse(readFileSync(new URL('../rules/schema/baseline.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: false }).compile(schema);
  expect(validate(data), JSON.stringify(validate.errors)).toBe(true);
  expect(data.version).toBe(1);
  expect(data.findings).toEqual(
    ['a', 'b'].map((label) => ({
      fingerprint: expect.stringMatching(/^[\da-f]{16,}$/),
      code: 'vault-soft-delete-off',
      address: `azurerm_data_protection_backup_vault.${label}`,
      count: 1,
    })),
  );
  expect(text).not.toContain('.tf');
  expect(text).toBe(await record({ 'c/b.tf': vault('b'), 'c/a.tf': vault('a') }));
});

describe('a run with a baseline', () => {
  test('known findings do not count and stay in JSON, marked; new ones count', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const same = await lint([], { 'main.tf': vault('a'), 'known.json': known });
    expect(same.exit).toBe(0);
    expect(same.summary).toMatchObject({ errors: 0, suppressed: 1 });
    expect(same.findings[0]!.suppressed).toEqual({ baseline: true });
    const more = await lint([], { 'main.tf': vault('a') + vault('b'), 'known.json': known });
    expect(more.exit).toBe(1);
    expect(more.findings.filter(({ suppressed }) => !suppressed).map(({ resource }) => resource.address)).toEqual([
      'azurerm_data_protection_backup_vault.b',
    ]);
  });

  test('as many as are known, no more', async () => {
    const known = await record({ 'x/main.tf': vault('a'), 'y/main.tf': vault('a') });
    expect(JSON.parse(known).findings).toMatchObject([{ count: 2 }]);
    const three = await lint([], { ...folders('x', 'y', 'z'), 'known.json': known });
    expect(three.summary).toMatchObject({ errors: 1, suppressed: 2 });
    expect(goneIn(three)).toEqual([]);
    const one = await lint([], { ...folders('x'), 'known.json': known });
    expect(one.summary).toMatchObject({ errors: 0, suppressed: 1 });
    expect(goneIn(one)).toHaveLength(1);
  });

  test('it survives another file, other lines and instances by number', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const elsewhere = { 'modules/v/vault.tf': `\n# new\n\n${vault('a')}`, 'known.json': known };
    expect((await lint([], elsewhere)).summary).toMatchObject({ errors: 0, suppressed: 1 });
  });

  test('what a moved block renames is followed, also in several steps and for modules', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const moved = (from: string, to: string): string =>
      `moved {\n  from = azurerm_data_protection_backup_vault.${from}\n  to   = azurerm_data_protection_backup_vault.${to}\n}\n`;
    const steps = moved('a', 'b') + moved('b', 'c');
    const renamed = await lint([], { 'main.tf': steps + vault('c'), 'known.json': known });
    expect(renamed.summary).toMatchObject({ errors: 0, suppressed: 1 });
    expect(goneIn(renamed)).toEqual([]);
    // Without the block it is another vault.
    const other = await lint([], { 'main.tf': vault('c'), 'known.json': known });
    expect(other.summary).toMatchObject({ errors: 1, suppressed: 0 });
    expect(goneIn(other)).toHaveLength(1);
    const inModule = {
      'main.tf': 'module "m" {\n  source = "./m"\n}\n',
      'm/main.tf': vault('a'),
    };
    const before = await record(inModule);
    const after = {
      'main.tf': 'module "n" {\n  source = "./m"\n}\nmoved {\n  from = module.m\n  to   = module.n\n}\n',
      'm/main.tf': vault('a'),
      'known.json': before,
    };
    expect((await lint([], after)).summary.errors).toBe(0);
  });

  test('what no longer occurs is told, with its place, and fails nothing', async () => {
    const known = await record({ 'main.tf': vault('a') + vault('b') });
    const fixed = await lint([], { 'main.tf': vault('a') + vault('b', '"On"'), 'known.json': known });
    expect(fixed.exit).toBe(0);
    expect(goneIn(fixed)).toMatchObject([{ severity: 'note', location: { file: 'known.json' } }]);
    expect(goneIn(fixed)[0]!.message).toContain('azurerm_data_protection_backup_vault.b');
  });

  test('what a run does not look at, or cannot decide, is not gone', async () => {
    const files = { 'x/main.tf': vault('a'), 'y/main.tf': vault('b') };
    const known = await record(files);
    const all = { ...files, 'known.json': known };
    expect(goneIn(await lint(['x'], all))).toEqual([]);
    expect(goneIn(await lint(['x/main.tf'], all))).toEqual([]);
    expect(goneIn(await lint(['--skip', 'vault-soft-delete-off'], all))).toEqual([]);
    const unknown = `variable "s" {}\n${vault('b', 'var.s')}`;
    expect(goneIn(await lint([], { ...all, 'y/main.tf': unknown }))).toEqual([]);
    expect(goneIn(await lint([], { ...all, 'y/main.tf': vault('b', '"On"') }))).toHaveLength(1);
  });

  test('the configuration may name it, an option is stronger', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const files = {
      'main.tf': vault('a'),
      'conf/known.json': known,
      'azure-backup-lint.yaml': 'baseline: conf/known.json\n',
    };
    expect((await run(['lint'], files)).code).toBe(0);
    const empty = JSON.stringify({ version: 1, findings: [] });
    expect((await run(['lint', '--baseline', 'none.json'], { ...files, 'none.json': empty })).code).toBe(1);
    expect((await run(['baseline'], files)).written.get('/repo/conf/known.json')).toContain('"count": 1');
  });

  test('SARIF tells that it is not the code that hides it', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const files = { 'main.tf': vault('a'), 'known.json': known };
    const { out } = await run(['lint', '--baseline', 'known.json', '-f', 'sarif'], files);
    expect(JSON.parse(out).runs[0].results[0].suppressions).toEqual([{ kind: 'external' }]);
  });
});

describe('--prune', () => {
  test('takes out what is gone, adds nothing, and follows what was renamed', async () => {
    const known = await record({ 'main.tf': vault('a') + vault('b') + vault('c') });
    const moved =
      'moved {\n  from = azurerm_data_protection_backup_vault.c\n  to   = azurerm_data_protection_backup_vault.d\n}\n';
    const now = {
      'main.tf': `${moved}${vault('a')}${vault('b', '"On"')}${vault('d')}${vault('new')}`,
      'known.json': known,
    };
    const pruned = await record(now, ['--prune']);
    const addresses = JSON.parse(pruned).findings.map(({ address }: { address: string }) => address.split('.')[1]);
    expect(addresses).toEqual(['a', 'd']);
    const after = await lint([], { ...now, 'known.json': pruned });
    expect(after.summary).toMatchObject({ errors: 1, suppressed: 2 });
    expect(goneIn(after)).toEqual([]);
  });

  test('keeps what could not be judged', async () => {
    const known = await record({ 'main.tf': vault('a') });
    const files = { 'main.tf': `variable "s" {}\n${vault('a', 'var.s')}`, 'known.json': known };
    expect(await record(files, ['--prune'])).toBe(known);
    expect(await record({ 'main.tf': vault('a'), 'known.json': known }, ['--prune', '--only', 'vm-unprotected'])).toBe(
      known,
    );
  });

  test('needs the paths that it was recorded of, and a run that is complete', async () => {
    const files = { 'x/main.tf': vault('a'), 'y/main.tf': vault('b') };
    const all = { ...files, 'known.json': await record(files) };
    const part = await run(['baseline', 'x', '--prune', '--baseline', 'known.json'], all);
    expect([part.code, part.written.size]).toEqual([2, 0]);
    expect(part.err).toContain('needs the same paths');
    const broken = await run(['baseline', '--prune', '--baseline', 'known.json'], { ...all, 'y/main.tf': 'x {' });
    expect([broken.code, broken.written.size]).toEqual([3, 0]);
    expect(broken.err).toContain('y/main.tf:1:');
  });
});

describe('wrong usage', () => {
  test('no file is named', async () => {
    const { code, err, out } = await run(['baseline'], { 'main.tf': vault('a') });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('--baseline FILE');
  });

  test('what is no baseline is never written over', async () => {
    const { code, written } = await run(['baseline', '--baseline', 'main.tf'], { 'main.tf': vault('a') });
    expect([code, written.size]).toEqual([2, 0]);
  });

  test.each([
    ['is not there', undefined, 'known.json cannot be read'],
    ['is no JSON', '{"version": 1,', 'known.json:1:'],
    ['is a list', '[]', 'this is no baseline'],
    ['is of another version', '{"version": 2, "findings": []}', 'known.json:1:13: this is no baseline of version 1'],
    ['has no findings', '{"version": 1}', '"findings"'],
    ['has something else in it', '{"version": 1, "findings": {}}', 'here stands a list'],
    ['has an entry without code', '{"version": 1, "findings": [{"fingerprint": "x"}]}', 'known.json:1:29:'],
    ['has no count', '{"version": 1, "findings": [{"fingerprint": "x", "code": "y", "address": "z"}]}', '"count"'],
    [
      'counts to nothing',
      '{"version": 1, "findings": [{"fingerprint": "x", "code": "y", "address": "z", "count": 0}]}',
      '"count" of 1 or more',
    ],
  ])('a baseline that %s', async (_, text, said) => {
    const files = { 'main.tf': vault('a'), ...(text !== undefined && { 'known.json': text }) };
    const { code, out, err } = await run(['lint', '--baseline', 'known.json'], files);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});

test('an incomplete run records what it saw and does not end like a complete one', async () => {
  const { code, written, err } = await run(['baseline', '--baseline', 'known.json'], {
    'x/main.tf': vault('a'),
    'y/main.tf': 'resource {',
  });
  expect(code).toBe(3);
  expect(written.get('/repo/known.json')).toContain('vault-soft-delete-off');
  expect(err).toContain('y/main.tf');
});

function folders(...names: string[]): Files {
  return Object.fromEntries(names.map((name) => [`${name}/main.tf`, vault('a')]));
}
