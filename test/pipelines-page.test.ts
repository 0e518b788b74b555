/** docs/pipelines.md as its readers use it: what it says to write is valid, and its command lines do in a shell what is said of them. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/pipelines.md'), 'utf8');
const room = realpathSync(mkdtempSync(join(tmpdir(), 'pipelines-')));
afterAll(() => rmSync(room, { recursive: true, force: true }));
let folder = room;
let count = 0;

const vault = (softDelete: boolean): string => `resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = ${softDelete}
}
`;

/** `npx azure-backup-lint` is this program. */
const bin = join(room, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'dist/cli.js')}" "$@"\n`);
chmodSync(join(bin, 'npx'), 0o755);

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      LC_ALL: 'C',
    },
  });
  return { status, out: stdout + stderr };
}

function git(...args: string[]) {
  return run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false', ...args]);
}

function commit(name: string, text: string) {
  writeFileSync(join(folder, name), text);
  git('add', '-A');
  return git('commit', '-q', '-m', 'one');
}

/** The YAML of a section. */
function yamlOf(section: string): unknown[] {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  return [...text.split('\n## ')[0]!.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml]) => parse(yaml!));
}

beforeEach(() => {
  folder = join(room, String(++count));
  mkdirSync(folder);
  git('init', '-q', '-b', 'main');
});

test('the plain hook stops what is wrong, whatever it is called, and nothing else', () => {
  const line = /^\| `\.git\/hooks\/pre-commit` \| `(.*)` \|$/m.exec(page)?.[1]?.replaceAll('\\|', '|');
  const hook = join(folder, '.git/hooks/pre-commit');
  mkdirSync(join(folder, '.git/hooks'), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n${line}\n`);
  chmodSync(hook, 0o755);
  expect(commit('a b.tf', vault(false))).toMatchObject({
    status: 1,
    out: expect.stringMatching(/a b\.tf:6:25 error vault-soft-delete-off/),
  });
  expect(commit('a b.tf', vault(true))).toMatchObject({ status: 0 });
  expect(commit('README.md', 'words')).toMatchObject({ status: 0 });
  expect(commit('--format=csv.tf', vault(false).replace('"main"', '"b"'))).toMatchObject({
    status: 1,
    out: expect.stringContaining('--format=csv.tf:6:25 error'),
  });
  git('rm', '-q', '-f', '--', '--format=csv.tf');
  git('rm', '-q', '--', 'a b.tf');
  expect(git('commit', '-q', '-m', 'gone')).toMatchObject({ status: 0 });
});

test('Azure Pipelines: the issue, and the file that the next task publishes', () => {
  const [steps] = yamlOf('Azure Pipelines') as [[{ script: string }, { inputs: { testResultsFiles: string } }]];
  const staged = (text: string): string =>
    text.replaceAll('$(Build.ArtifactStagingDirectory)', join(folder, 'staging'));
  writeFileSync(join(folder, 'main.tf'), vault(false));
  const { status, out } = run('sh', ['-c', staged(steps[0].script)]);
  expect(status).toBe(1);
  expect(out).toContain('##vso[task.logissue type=error;sourcepath=main.tf;linenumber=6;');
  expect(readFileSync(staged(steps[1].inputs.testResultsFiles), 'utf8')).toContain('vault-soft-delete-off');
});

test('GitLab: the report that the job gives', () => {
  const [{ 'backup-lint': job }] = yamlOf('GitLab') as [
    { 'backup-lint': { script: string; artifacts: { reports: { codequality: string } } } },
  ];
  writeFileSync(join(folder, 'main.tf'), vault(false));
  expect(run('sh', ['-c', job.script])).toMatchObject({ status: 1, out: expect.stringContaining('main.tf:6:25') });
  const report = JSON.parse(readFileSync(join(folder, job.artifacts.reports.codequality), 'utf8'));
  expect(report).toMatchObject([{ check_name: 'vault-soft-delete-off', location: { path: 'main.tf' } }]);
});

test('GitHub: what the workflow gives the action are inputs that it has', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as { inputs: object };
  const steps = yamlOf('GitHub Actions').flatMap((part) => stepsIn(part));
  const own = steps.filter(({ uses }) => uses?.startsWith('azure-backup-lint/'));
  expect(own).not.toEqual([]);
  for (const step of own) expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with!)));
});

test('pre-commit: the hooks that the configuration names', () => {
  const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as { id: string }[];
  const [{ repos }] = yamlOf('Before a commit') as [{ repos: { hooks: { id: string }[] }[] }];
  expect(repos[0]!.hooks.map(({ id }) => id)).toEqual(hooks.map(({ id }) => id));
});

interface Step {
  readonly uses?: string;
  readonly with?: object;
}

/** Wherever they are in a workflow. */
function stepsIn(part: unknown): Step[] {
  if (Array.isArray(part)) return part.flatMap(stepsIn);
  if (typeof part !== 'object' || part === null) return [];
  return 'uses' in part ? [part as Step] : Object.values(part).flatMap(stepsIn);
}
