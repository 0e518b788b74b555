/**
 * The package as npm packs it, installed from its tarball alone into an empty folder: nothing needless in it, and the command, the
 * library, the types, the schemas and the manual page work from there.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const room = realpathSync(mkdtempSync(join(tmpdir(), 'package-')));
after(() => rmSync(room, { recursive: true, force: true }));
const home = join(room, 'project/node_modules/azure-backup-lint');

function run(command, args, cwd = join(room, 'project')) {
  // On Windows npm and what it installs are scripts, which only a shell starts.
  const shell = process.platform === 'win32' && command !== process.execPath;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell });
  assert.equal(error, undefined);
  return { status, out: stdout, err: stderr };
}

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(room, 'project', name)), { recursive: true });
    writeFileSync(join(room, 'project', name), text);
  }
}

let packed;
before(() => {
  const pack = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', room], root);
  assert.equal(pack.status, 0, pack.err);
  [packed] = JSON.parse(pack.out);
  write({
    'package.json': '{ "type": "module", "private": true }',
    'infra/main.tf': `resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = false
}
`,
  });
  // Offline: whatever it needed beside itself would be missing.
  const args = ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', join(room, packed.filename)];
  const install = run('npm', args);
  assert.equal(install.status, 0, install.err);
});

test('holds the program, types, schemas, rules and manual, and nothing else', () => {
  const files = packed.files.map(({ path }) => path);
  const expected =
    /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|problem-matcher\.json|man\/[\w-]+\.1|dist\/(?:[\w-]+\.cjs|cli\.js|library\.js|(?:library|public)\.d\.ts|rules\.txt|THIRD-PARTY-NOTICES\.txt)|rules\/checks\/[\w-]+\/[\w-]+\.json|rules\/schema\/(?:baseline|config|output|rule)\.schema\.json)$/;
  assert.deepEqual(
    files.filter((path) => !expected.test(path)),
    [],
  );
  assert.ok(!files.includes('dist/action.cjs'));
  for (const name of ['dist/cli.js', 'dist/library.js', 'dist/library.d.ts', 'dist/rules.txt', 'LICENSE', 'README.md'])
    assert.ok(files.includes(name), name);
  assert.ok(packed.size < 2_000_000, `${packed.size} bytes`);
  assert.deepEqual(
    readdirSync(join(room, 'project/node_modules')).filter((name) => !name.startsWith('.')),
    ['azure-backup-lint'],
  );
});

test('the command runs', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bin = (...args) => run('npx', ['--offline', 'azure-backup-lint', ...args]);
  assert.deepEqual(bin('--version'), { status: 0, out: `${version}\n`, err: '' });
  const { status, out } = bin('infra', '-f', 'json');
  assert.equal(status, 1);
  const result = JSON.parse(out);
  assert.ok(result.findings.some(({ code }) => code === 'vault-soft-delete-off'));
  assert.ok(existsSync(join(home, 'rules/schema/output.schema.json')));
  // What is loaded from files of their own.
  for (const [args, text] of [
    [['explain', 'vault-soft-delete-off', '--lang', 'ja'], /コンテナー/],
    [['matrix', 'azure-vm'], /azure-vm|Azure VM/],
    [['infra', '-f', 'sarif', '--fail-on', 'never'], /"2\.1\.0"/],
    [['completion', 'bash'], /complete -o default/],
  ])
    assert.match(bin(...args).out, text);
  const matcher = JSON.parse(readFileSync(join(home, 'problem-matcher.json'), 'utf8'));
  assert.ok(matcher.problemMatcher.length > 0);
  assert.ok(existsSync(join(home, 'man/azure-backup-lint.1')));
});

test('every rule of the package can be a template for own rules', () => {
  const rule = JSON.parse(readFileSync(join(home, 'rules/checks/vault-security/vault-soft-delete-off.json'), 'utf8'));
  write({ 'rules/acme-soft-delete.json': JSON.stringify({ ...rule, code: 'acme-soft-delete' }) });
  const { status, out, err } = run('npx', [
    '--offline',
    'azure-backup-lint',
    'infra',
    '--rules',
    'rules',
    '-f',
    'json',
  ]);
  assert.equal(err, '');
  assert.equal(status, 1);
  assert.ok(JSON.parse(out).findings.some(({ code }) => code === 'acme-soft-delete'));
});

test('the library runs as its page says', () => {
  const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
  write({ 'example.js': /```js\n([\s\S]*?)```/.exec(page)[1] });
  const { status, out, err } = run(process.execPath, ['example.js']);
  assert.deepEqual({ status, err }, { status: 0, err: '' });
  assert.match(out, /^infra\/main\.tf:6 error vault-soft-delete-off: .+$/m);
  assert.doesNotMatch(out, /could not be read/);
});

test('wrong usage is an error of its own kind', () => {
  write({
    'wrong.js': `import { lint, UsageError } from 'azure-backup-lint';
const error = await lint('infra', { only: ['x-y'] }).catch((error) => error);
console.log(error instanceof UsageError, error.name, error.message);
`,
  });
  assert.match(run(process.execPath, ['wrong.js']).out, /^true UsageError --only: There is no rule "x-y"/);
});

test('types are found, and are those of the results', () => {
  const code = (kind) => `import { inspect, lint, type Finding, type LintOptions } from 'azure-backup-lint';
const options: LintOptions = { profile: 'strict', files: { 'main.tf': '' }, severity: { 'vault-soft-delete-off': 'off' } };
const { findings, summary } = await lint(['infra'], options);
const places: string[] = findings.map(({ location }: Finding) => ('file' in location ? location.file : location.resourceId));
const complete: boolean = summary.complete;
const { resources } = await inspect('infra', { config: false });
${kind === 'right' ? '' : '// @ts-expect-error'}
await lint('infra', { profile: '${kind === 'right' ? 'strict' : 'loud'}' });
console.log(places, complete, resources[0]?.address);
`;
  write({
    'right.ts': code('right'),
    'wrong.ts': code('wrong'),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        ...{ module: 'NodeNext', target: 'ES2022', strict: true, noEmit: true, skipLibCheck: false, types: [] },
        ...{ exactOptionalPropertyTypes: true, lib: ['ES2023', 'DOM'] },
      },
      include: ['*.ts'],
    }),
  });
  const { status, out } = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  assert.equal(status, 0, out);
});
