/** Completion in real shells, where they are installed, and the manual page in a real formatter. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatNames } from '../src/config.ts';
import { main } from '../src/main.ts';
import { memoryIo } from './memory.ts';

async function output(...args: string[]): Promise<string> {
  const io = memoryIo({});
  expect(await main(args, '1.2.3', io)).toBe(0);
  expect(io.err.text).toBe('');
  return io.out.text;
}

const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const missing = ['bash', 'fish', 'zsh', 'groff'].filter((program) => !isThere(program));
if (missing.length > 0) console.warn(`Not tried, since they are not installed: ${missing.join(', ')}`);

const scratch = mkdtempSync(join(tmpdir(), 'azure-backup-lint-completion-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function save(name: string, text: string): string {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

function shell(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: scratch });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** Line that is typed, with what it is completed to. */
const lines: readonly [string, readonly string[]][] = [
  ['azure-backup-lint ba', ['baseline']],
  ['azure-backup-lint --prof', ['--profile']],
  ['azure-backup-lint lint --profile ', ['recommended', 'strict']],
  ['azure-backup-lint -f git', ['github', 'gitlab']],
  ['azure-backup-lint lint --format ', formatNames],
  ['azure-backup-lint matrix --format ', ['csv', 'json', 'markdown', 'pretty']],
  ['azure-backup-lint baseline --pru', ['--prune']],
  ['azure-backup-lint lint --pru', []],
  ['azure-backup-lint explain vault-soft-delete-of', ['vault-soft-delete-off']],
  ['azure-backup-lint lint --only vault-soft-delete-of', ['vault-soft-delete-off']],
  ['azure-backup-lint completion ', ['bash', 'fish', 'powershell', 'zsh']],
];

describe.skipIf(!isThere('bash'))('bash', () => {
  test.each(lines)('%s', async (line, expected) => {
    const script = save('bash.sh', await output('completion', 'bash'));
    const words = line.split(' ').map((word) => `'${word}'`);
    const run = `source ${script}; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _azure_backup_lint; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = shell('bash', '--norc', '-c', run).split('\n').filter(Boolean);
    expect(found.sort()).toEqual([...expected].sort());
  });

  test('a value behind an equals sign, which bash takes for a word', async () => {
    const script = save('bash.sh', await output('completion', 'bash'));
    const run = `source ${script}; COMP_WORDS=(azure-backup-lint lint --format = js); COMP_CWORD=4; _azure_backup_lint; echo "\${COMPREPLY[@]}"`;
    expect(shell('bash', '--norc', '-c', run)).toBe('json\n');
  });
});

describe.skipIf(!isThere('fish'))('fish', () => {
  test.each(lines)('%s', async (line, expected) => {
    const script = save('fish.fish', await output('completion', 'fish'));
    const found = shell('fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`)
      .split('\n')
      .map((one) => one.split('\t')[0]!)
      .filter((one) => one !== '' && !one.startsWith('fish.') && !one.startsWith('bash.'));
    expect(found.sort()).toEqual([...expected].sort());
  });
});

describe.skipIf(!isThere('zsh'))('zsh', () => {
  test('the script is one', async () => {
    shell('zsh', '-f', '-n', save('zsh.zsh', await output('completion', 'zsh')));
  });
});

test('PowerShell: a table of every command, quotes doubled', async () => {
  const script = await output('completion', 'powershell');
  for (const name of ['lint', 'baseline', 'explain']) expect(script).toContain(`    '${name}' = @{ Text = '`);
  expect(script).toContain("'--profile' = @{ Text = 'which rules are on (default: recommended)'; TakesValue = $true;");
  // Braces in pairs, and no quote left open on a line.
  expect(script.split('{').length).toBe(script.split('}').length);
  for (const line of script.split('\n')) expect(line.replaceAll(/"[^"]*"/g, '').split("'").length % 2).toBe(1);
});

test('a shell that is not known is wrong usage', async () => {
  const io = memoryIo({});
  expect(await main(['completion', 'tcsh'], '1.2.3', io)).toBe(2);
  expect(io.out.text).toBe('');
});

test('the manual page tells every option of every command', async () => {
  const page = await output('man');
  const help = await output('lint', '--help');
  const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name!);
  expect(options.length).toBeGreaterThan(15);
  for (const name of options.filter((one) => one !== '--help')) expect(page).toContain(name.replaceAll('-', '\\-'));
  for (const code of [0, 1, 2, 3]) expect(page).toContain(`\n.B ${code}\n`);
});

test.skipIf(!isThere('groff'))('a formatter has nothing to say about the manual page', async () => {
  const file = save('page.1', await output('man'));
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tascii', file], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  // Bold is a letter printed over itself.
  expect(stdout.replaceAll(/.\u0008/g, '')).toContain('EXIT STATUS');
});
