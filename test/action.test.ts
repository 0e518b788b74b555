/** The GitHub Action on real repositories: what it prints, the job summary and the outputs. test/oracles runs the bundle. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runAction } from '../src/action.ts';
import { nodeIo } from '../src/io.ts';
import { golden } from './golden.ts';
import { MemoryOutput } from './memory.ts';

const room = realpathSync(mkdtempSync(join(tmpdir(), 'action-')));
afterAll(() => rmSync(room, { recursive: true, force: true }));
let count = 0;

const vault = (name: string, softDelete: boolean): string => `resource "azurerm_recovery_services_vault" "${name}" {
  name                = "rsv-${name}"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = ${softDelete}
}
`;
const inputs = { options: '--only=vault-soft-delete-off' };

class Workspace {
  readonly #room = join(room, String(++count));
  readonly root = join(this.#room, 'repository');

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(this.root, { recursive: true });
    this.git('init', '-q', '-b', 'main');
    this.commit(files);
  }

  commit(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', 'one');
    return this.git('rev-parse', 'HEAD');
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: this.root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  async run(given: Readonly<Record<string, string>>, event?: object, more: Readonly<Record<string, string>> = {}) {
    const [out, err] = [new MemoryOutput(), new MemoryOutput()];
    const path = (name: string): string => join(this.#room, name);
    for (const name of ['output', 'summary.md']) writeFileSync(path(name), '');
    if (event) writeFileSync(path('event.json'), JSON.stringify(event));
    const env = {
      GITHUB_WORKSPACE: this.root,
      GITHUB_OUTPUT: path('output'),
      GITHUB_STEP_SUMMARY: path('summary.md'),
      RUNNER_TEMP: this.#room,
      ...(event && { GITHUB_EVENT_PATH: path('event.json') }),
      ...Object.fromEntries(
        Object.entries({ paths: '.', ...given }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      ...more,
    };
    const code = await runAction(env, '1.2.3', { ...nodeIo(), out, err, cwd: '/', locale: 'en' });
    const outputs = Object.fromEntries(
      readFileSync(path('output'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('=') as [string, string]),
    );
    return { code, out: out.text, err: err.text, outputs, summary: readFileSync(path('summary.md'), 'utf8') };
  }
}

const pullRequest = (sha: string, head?: string): object => ({ pull_request: { base: { sha }, head: { sha: head } } });

describe('a push', () => {
  test('everything counts', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false), 'other/main.tf': vault('b', true) });
    const { code, out, outputs, summary } = await workspace.run(
      { ...inputs, sarif: 'out/lint.sarif' },
      { before: '0'.repeat(40) },
    );
    golden('test/goldens/action/findings.txt', out);
    golden('test/goldens/action/findings.md', summary);
    expect(code).toBe(1);
    expect(outputs).toEqual({
      'exit-code': '1',
      result: 'findings',
      findings: '1',
      errors: '1',
      warnings: '0',
      notes: '0',
      undetermined: '0',
      sarif: 'out/lint.sarif',
    });
    expect(JSON.parse(readFileSync(join(workspace.root, 'out/lint.sarif'), 'utf8'))).toHaveProperty('runs');
    // A report of another run, in a place where none can be written, is not given out as this one's.
    const failed = await workspace.run({ ...inputs, sarif: 'out/lint.sarif/b' });
    expect(failed.outputs).toMatchObject({ 'exit-code': expect.stringMatching(/[13]/), findings: expect.any(String) });
    expect(failed.outputs).not.toHaveProperty('sarif');
  });

  test('nothing is wrong', async () => {
    const { code, out, outputs, summary } = await new Workspace({ 'main.tf': vault('a', true) }).run(inputs);
    golden('test/goldens/action/clean.txt', out);
    golden('test/goldens/action/clean.md', summary);
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ result: 'clean', findings: '0' });
  });

  test('what cannot be read is never clean', async () => {
    const { code, out, outputs, summary } = await new Workspace({ 'main.tf': 'resource "a" {\n' }).run(inputs);
    golden('test/goldens/action/broken.txt', out);
    golden('test/goldens/action/broken.md', summary);
    expect(code).toBe(3);
    expect(outputs).toMatchObject({ result: 'incomplete', 'exit-code': '3' });
  });

  test('it is held against what was there before, where that is asked for', async () => {
    const workspace = new Workspace({ 'a.tf': vault('a', false) });
    const before = workspace.git('rev-parse', 'HEAD');
    workspace.commit({ 'b.tf': vault('b', false) });
    const { out } = await workspace.run({ ...inputs, report: 'changed-files' }, { before });
    expect(out).toContain('file=b.tf,');
    expect(out).not.toContain('file=a.tf,');
  });
});

describe('a pull request', () => {
  test('only what it introduces counts', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false) });
    const base = workspace.git('rev-parse', 'HEAD');
    workspace.commit({ 'main.tf': `# moved down\n${vault('a', false)}${vault('b', false)}` });
    const { code, out, outputs } = await workspace.run(inputs, pullRequest(base));
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ findings: '1' });
    expect(out).toContain('azurerm_recovery_services_vault.b');
    expect(out).not.toContain('azurerm_recovery_services_vault.a');
  });

  test('one that introduces nothing passes, and everything is told where that is asked for', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false) });
    const base = workspace.git('rev-parse', 'HEAD');
    workspace.commit({ 'README.md': 'words' });
    expect(await workspace.run(inputs, pullRequest(base))).toMatchObject({ code: 0, outputs: { result: 'clean' } });
    expect(await workspace.run({ ...inputs, report: 'everything' }, pullRequest(base))).toMatchObject({ code: 1 });
  });

  test('a merge queue is one too', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false) });
    const base_sha = workspace.git('rev-parse', 'HEAD');
    workspace.commit({ 'README.md': 'words' });
    expect(await workspace.run(inputs, { merge_group: { base_sha } })).toMatchObject({ code: 0 });
  });

  test('in a clone as actions/checkout makes it with fetch-depth 2', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false) });
    const base = workspace.git('rev-parse', 'HEAD');
    workspace.git('checkout', '-q', '-b', 'change');
    workspace.commit({ 'b.tf': vault('b', false) });
    workspace.git('checkout', '-q', 'main');
    workspace.git('merge', '-q', '--no-ff', '-m', 'merge', 'change');
    const origin = `file://${workspace.root}`;
    const clone = new Workspace({});
    rmSync(clone.root, { recursive: true });
    mkdirSync(clone.root);
    clone.git('clone', '-q', '--depth', '2', origin, '.');
    const { out, code } = await clone.run(inputs, pullRequest(base));
    expect(code).toBe(1);
    expect(out).toContain('file=b.tf,');
    expect(out).not.toContain('file=main.tf,');
    // The event may be older than the base that GitHub has merged into.
    const head = workspace.git('rev-parse', 'change');
    expect(await clone.run(inputs, pullRequest('1'.repeat(40), head))).toMatchObject({ code: 1 });
    clone.git('checkout', '-q', 'HEAD^2');
    expect(await clone.run(inputs, pullRequest('1'.repeat(40), head))).toMatchObject({ code: 2 });
  });

  test('what the base has got since the event is not the change', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', true) });
    const base = workspace.git('rev-parse', 'HEAD');
    workspace.git('checkout', '-q', '-b', 'change');
    const head = workspace.commit({ 'b.tf': vault('b', false) });
    workspace.git('checkout', '-q', 'main');
    workspace.commit({ 'c.tf': vault('c', false) });
    workspace.git('merge', '-q', '--no-ff', '-m', 'merge', 'change');
    const { out } = await workspace.run(inputs, pullRequest(base, head));
    expect(out.match(/file=[^,]*/g)).toEqual(['file=b.tf']);
  });

  test('its head alone, without the base: the commit before it is no base', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', true) });
    workspace.commit({ 'b.tf': vault('b', false) });
    const head = workspace.commit({ 'README.md': 'words' });
    const ref = { GITHUB_REF: 'refs/pull/7/merge' };
    expect(await workspace.run(inputs, pullRequest('1'.repeat(40), head), ref)).toMatchObject({ code: 2 });
  });

  test('a base that is not in the clone is told, with what to write', async () => {
    const workspace = new Workspace({ 'main.tf': vault('a', false) });
    const { code, out, outputs } = await workspace.run(inputs, pullRequest('1'.repeat(40)));
    expect(code).toBe(2);
    expect(out).toMatch(/^::error title=azure-backup-lint::The base of the change, 111111111111, .*"fetch-depth: 2"/);
    expect(outputs).toEqual({ 'exit-code': '2', result: 'wrong-usage' });
  });
});

describe('an audit', () => {
  const recording = readFileSync(
    new URL('../fixtures/item-recovery-point-too-old/fail.inventory.jsonl', import.meta.url),
    'utf8',
  );

  test('of what was recorded: findings without a place in files', async () => {
    const workspace = new Workspace({ 'live.jsonl': recording, 'main.tf': vault('a', false) });
    const { code, out, outputs, summary } = await workspace.run({
      inventory: 'live.jsonl',
      'fail-on': 'warning',
      options: '--only=item-recovery-point-too-old',
    });
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ result: 'findings', errors: '0' });
    expect(out).toMatch(
      /^::warning title=azure-backup-lint \(item-recovery-point-too-old\)::The newest recovery point/m,
    );
    expect(out).not.toContain('file=');
    expect(summary).toContain('item-recovery-point-too-old');
  });

  test('needs what to read to make sense together', async () => {
    const { code, out } = await new Workspace({ 'live.jsonl': recording }).run({
      inventory: 'live.jsonl',
      subscriptions: 'a',
    });
    expect(code).toBe(2);
    expect(out).toMatch(/^::error title=azure-backup-lint::.*--subscription/m);
  });
});

describe('inputs', () => {
  test('paths, formats and options stand one on each line; a path may begin with a dash', async () => {
    const workspace = new Workspace({
      '-a/main.tf': vault('a', false),
      'b c/main.tf': vault('b', false),
      'd.tf': vault('d', false),
    });
    const { out } = await workspace.run({ ...inputs, paths: '-a\n  b c\n', formats: 'junit=junit.xml\ncsv=out.csv' });
    expect(out.match(/file=[^,]*/g)).toEqual(['file=-a/main.tf', 'file=b c/main.tf']);
    expect(existsSync(join(workspace.root, 'junit.xml')) && existsSync(join(workspace.root, 'out.csv'))).toBe(true);
  });

  test('working directory, fail-on, language, without annotations and summary', async () => {
    const workspace = new Workspace({ 'infra/main.tf': vault('a', false) });
    const { code, out, summary } = await workspace.run({
      ...inputs,
      'working-directory': 'infra',
      'fail-on': 'never',
      lang: 'ja',
      annotations: 'false',
      summary: 'false',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^infra\/main.tf:6:25 error vault-soft-delete-off: .*コンテナー/);
    expect(summary).toBe('');
  });

  test.each([
    [{ report: 'all' }, 'The input "report" is one of auto, introduced, changed-files, everything, not "all".'],
    [{ annotations: 'yes' }, 'The input "annotations" is true or false, not "yes".'],
    [{ report: 'introduced' }, 'this event has no base'],
    [{ 'fail-on': 'eror' }, "argument 'eror' is invalid"],
    [{ options: '--only=no-such-rule' }, 'There is no rule "no-such-rule"'],
    [{ config: 'none.yaml' }, 'none.yaml'],
  ])('%j is told as an annotation', async (given, message) => {
    const { code, out, outputs } = await new Workspace({}).run(given);
    expect(code).toBe(2);
    expect(out).toMatch(/^::error title=azure-backup-lint::/);
    expect(out).toContain(message);
    expect(outputs).toMatchObject({ result: 'wrong-usage' });
  });

  test('an input cannot command the runner', async () => {
    const { out, err } = await new Workspace({}).run({ report: 'x\n::set-env name=A::b\n%0A::stop-commands::t' });
    for (const line of `${out}${err}`.split('\n').slice(1)) expect(line).not.toMatch(/^\s*::|##\[/);
  });
});
