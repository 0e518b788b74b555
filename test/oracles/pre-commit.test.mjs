/**
 * The hooks of .pre-commit-hooks.yaml under the real pre-commit: it installs them from a clone of this repository, without a build
 * step, and they fail, pass and skip as a user sees it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const room = realpathSync(mkdtempSync(join(tmpdir(), 'pre-commit-')));
after(() => rmSync(room, { recursive: true, force: true }));

const present = spawnSync('pre-commit', ['--version']).status === 0;
if (!present) console.log('pre-commit is not installed here: the hooks are not tried');

const vault = (softDelete) => `resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = ${softDelete}
}
`;
const config = (rev) => `repos:
  - repo: file://${join(room, 'hooks')}
    rev: ${rev}
    hooks:
      - id: azure-backup-lint
        args: [--only=vault-soft-delete-off]
      - id: azure-backup-lint-all
        args: [--only=vault-soft-delete-off]
        stages: [push]
`;

test('hooks', { skip: !present }, async (t) => {
  const repository = join(room, 'repository');
  const run = (command, args, cwd = repository) => {
    const env = { ...process.env, PRE_COMMIT_HOME: join(room, 'home'), PRE_COMMIT_COLOR: 'never' };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
    return { status, out: stdout + stderr };
  };
  const git = (cwd, ...args) => {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
    const { status, out } = run('git', [...identity, ...args], cwd);
    assert.equal(status, 0, out);
    return out.trim();
  };
  const write = (files) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, name)), { recursive: true });
      writeFileSync(join(repository, name), text);
    }
    git(repository, 'add', '-A');
  };
  const rev = hooks(git);
  mkdirSync(repository);
  git(repository, 'init', '-q', '-b', 'main');
  write({ '.pre-commit-config.yaml': config(rev) });
  git(repository, 'commit', '-q', '-m', 'config');
  const installed = run('pre-commit', ['install', '--install-hooks', '-t', 'pre-commit', '-t', 'pre-push']);
  assert.equal(installed.status, 0, installed.out);
  const commit = () => run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-m', 'change']);

  await t.test('a finding in a changed file stops the commit', () => {
    write({ 'infra/main.tf': vault(false), 'package.json': '{}', 'README.md': 'words' });
    const { status, out } = commit();
    assert.equal(status, 1, out);
    assert.match(out, /infra\/main\.tf:6:25 error vault-soft-delete-off/);
  });

  await t.test('what is right is committed, whatever else is changed with it', () => {
    write({ 'infra/main.tf': vault(true) });
    const { status, out } = commit();
    assert.equal(status, 0, out);
    assert.match(out, /azure-backup-lint\.+Passed/);
  });

  await t.test('a finding in a file that is not changed is not told', () => {
    git(repository, 'config', 'core.hooksPath', '/dev/null');
    write({ 'infra/old.tf': vault(false).replace('"main"', '"old"') });
    git(repository, 'commit', '-q', '-m', 'without hooks');
    git(repository, 'config', '--unset', 'core.hooksPath');
    write({ 'infra/main.tf': `${vault(true)}# more\n` });
    const { status, out } = commit();
    assert.equal(status, 0, out);
  });

  await t.test('nothing of ours is changed: it is skipped', () => {
    write({ 'README.md': 'more words' });
    const { status, out } = commit();
    assert.equal(status, 0, out);
    assert.match(out, /azure-backup-lint\.+\(no files to check\)Skipped/);
  });

  await t.test('what cannot be read stops the commit', () => {
    write({ 'infra/main.tf': 'resource "a" {\n' });
    const { status, out } = commit();
    assert.equal(status, 1, out);
    assert.match(out, /hcl-unclosed-block/);
    write({ 'infra/main.tf': vault(true) });
  });

  await t.test('a file whose name looks like an option is a file', () => {
    write({ '.pre-commit-config.yaml': config(rev).replace(/ +args: .*/, ''), '--format=csv.tf': vault(false) });
    const { status, out } = commit();
    assert.equal(status, 1, out);
    assert.match(out, /--format=csv\.tf:6:25 error vault-soft-delete-off/);
    git(repository, 'rm', '-q', '-f', '--', '--format=csv.tf');
    write({ '.pre-commit-config.yaml': config(rev) });
  });

  await t.test('before a push everything counts', () => {
    const bare = join(room, 'bare.git');
    git(room, 'init', '-q', '--bare', bare);
    git(repository, 'remote', 'add', 'origin', bare);
    const { status, out } = run('git', ['push', 'origin', 'main']);
    assert.equal(status, 1, out);
    assert.match(out, /infra\/old\.tf:6:25 error vault-soft-delete-off/);
  });
});

/** A repository with what a clone of this one holds once all is committed; its revision. */
function hooks(git) {
  const folder = join(room, 'hooks');
  const files = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  // Fixtures and tests are the bulk, and nothing of the program.
  for (const file of files.filter((name) => existsSync(join(root, name)) && !/^(?:fixtures|test|docs)\//.test(name)))
    cpSync(join(root, file), join(folder, file), { force: true, recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'all');
  return git(folder, 'rev-parse', 'HEAD');
}
