/**
 * The bundled GitHub Action, as it is committed: run by GitHub's own @github/local-action, which reads action.yml and calls `run`, and
 * once more by Node 24, on which a runner starts it, with real GITHUB_* files. And the program itself on Node 22 and 24.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const room = realpathSync(mkdtempSync(join(tmpdir(), 'action-')));
after(() => rmSync(room, { recursive: true, force: true }));
const workspace = join(room, 'workspace');

const vault = (name, softDelete = false) => `resource "azurerm_recovery_services_vault" "main" {
  name                = "${name}"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = ${softDelete}
}
`;
const inputs = { options: '--only=vault-soft-delete-off', sarif: 'lint.sarif' };

function lay(files) {
  rmSync(workspace, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  for (const name of ['output', 'summary']) writeFileSync(join(room, name), '');
}

const read = (name) => readFileSync(join(room, name), 'utf8');

/** A runner sets nothing else of its own that we read. */
const given = (more) => ({
  GITHUB_WORKSPACE: workspace,
  GITHUB_OUTPUT: join(room, 'output'),
  GITHUB_STEP_SUMMARY: join(room, 'summary'),
  RUNNER_TEMP: room,
  ...Object.fromEntries(
    Object.entries({ ...inputs, ...more }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  ),
});

function runOn(node, more = {}) {
  const { status, stdout, stderr } = spawnSync(join(modules, node, 'bin/node'), [join(root, 'dist/action.cjs')], {
    cwd: room,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...given({ paths: '.', ...more }) },
  });
  return { status, out: stdout, err: stderr };
}

function runLocally(more = {}) {
  const lines = Object.entries(given(more)).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  writeFileSync(join(room, '.env'), lines.join(''));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(modules, '@github/local-action/bin/local-action.js'), 'run', root, 'dist/action.cjs', join(room, '.env')],
    // It starts tsx by its name, which npm finds from here.
    {
      cwd: dirname(modules),
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: [dirname(process.execPath), join(modules, '.bin'), process.env.PATH].join(delimiter),
      },
    },
  );
  const [, told] = stdout.split(/Running Action\n=+\n/);
  assert.ok(told !== undefined, stdout + stderr);
  return told.split(/=+\n\s+Action Outputs\n/)[0].trim();
}

const scenarios = {
  findings: [{ 'main.tf': vault('rsv') }, 1, 'findings', /^::error file=main\.tf,line=6,col=25,.*Soft delete/m],
  nothing: [{ 'main.tf': vault('rsv', true) }, 0, 'clean', /^No problems found in 1 file/m],
  'broken input': [{ 'main.tf': 'resource "a" {\n' }, 3, 'incomplete', /^::error file=main\.tf,.*hcl-unclosed-block/m],
};

for (const [name, [files, code, result, said]] of Object.entries(scenarios))
  test(`a repository with ${name}`, () => {
    lay(files);
    const locally = runLocally();
    assert.match(locally, said);
    const outputs = read('output');
    assert.match(outputs, new RegExp(`^exit-code=${code}\\nresult=${result}\\n`));
    const summary = read('summary');
    assert.match(summary, /^### azure-backup-lint\n/);
    lay(files);
    const { status, out, err } = runOn('node24');
    assert.equal(status, code);
    assert.equal(out.trim(), locally);
    assert.doesNotMatch(err, /flag|deprecat|warn/i);
    assert.equal(read('output'), outputs);
    assert.equal(read('summary'), summary);
  });

test('names of resources and files cannot command the runner', () => {
  const hostile = 'a\\n::set-env name=NODE_OPTIONS::--require=./evil.js\\n##[command]x\\r\\n::stop-commands::t';
  lay({
    'main.tf': vault(hostile),
    '::add-mask::x/b,line=1::c.tf': vault('%0A::error::x'),
    'c\n::warning::.tf': 'resource "a" {\n',
  });
  const { out, err } = runOn('node24', { options: '--show-undetermined', paths: '.\nnot\u2028there' });
  const commands = out.split(/[\r\n\u2028]+/).filter((line) => /^\s*(?:::|##\[)/.test(line));
  assert.ok(commands.length > 0);
  for (const command of commands)
    assert.match(
      command,
      /^::(?:error|warning|notice) (?:file=[^:,]*,line=\d+,col=\d+,endLine=\d+,endColumn=\d+,)?title=azure-backup-lint \([a-z0-9-]+\)::/,
    );
  for (const line of err.split(/[\r\n\u2028]+/)) assert.doesNotMatch(line, /^\s*(?:::|##\[)/);
});

for (const node of ['node22', 'node24'])
  test(`the program on ${node}`, () => {
    const run = (args, executable) =>
      spawnSync(executable, [join(root, 'dist/cli.js'), ...args], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
    const executable = join(modules, node, 'bin/node');
    assert.equal(run(['--version'], executable).status, 0);
    for (const args of [
      ['lint', 'fixtures/estate', 'fixtures/vm-unprotected', '--fail-on', 'never', '--profile', 'strict', '-f', 'json'],
      ['inspect', 'fixtures/estate'],
      ['matrix', '--lang', 'ja'],
      ['explain', 'vm-unprotected'],
    ]) {
      const [theirs, ours] = [run(args, executable), run(args, process.execPath)];
      assert.equal(theirs.stderr, ours.stderr);
      assert.equal(theirs.stdout, ours.stdout);
      assert.equal(theirs.status, ours.status);
    }
  });
