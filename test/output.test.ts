/** Which report goes where, in every format, and what happens when one cannot be written. */
import { describe, expect, test } from 'vitest';
import { formatNames } from '../src/config.ts';
import { main } from '../src/main.ts';
import { memoryIo } from './memory.ts';

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
const broken = 'resource "a" "b" {\n';

/** Files that cannot be written have names that begin with `no`. */
async function run(args: readonly string[], files: Readonly<Record<string, string>>) {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const writeFile = (path: string, text: string): void => {
    if (path.startsWith('/repo/no')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    io.writeFile(path, text);
  };
  const code = await main(args, '1.2.3', { ...io, writeFile });
  return { code, out: io.out.text, err: io.err.text, written: io.written };
}

test.each(formatNames)('%s: findings, a clean run and one that could not be read', async (format) => {
  const found = await run(['-f', format], { 'main.tf': bad });
  expect(found.code).toBe(1);
  expect(found.out).toContain('vault-soft-delete-off');
  expect(found.out).toContain('Soft delete of the vault is off');
  const clean = await run(['-f', format], { 'main.tf': good });
  expect(clean.code).toBe(0);
  expect(clean.out).not.toContain('Soft delete of the vault is off');
  const unread = await run(['-f', format], { 'main.tf': good, 'broken/main.tf': broken });
  expect(unread.code).toBe(3);
  expect(unread.out).toContain('broken/main.tf');
});

test.each(['junit', 'github', 'azure-pipelines', 'markdown', 'csv', 'gitlab'])('%s in Japanese', async (format) => {
  const { out } = await run(['-f', format, '--lang', 'ja'], { 'main.tf': bad });
  expect(out).toContain('コンテナーの論理的な削除が');
  expect(out).not.toContain('Soft delete of the vault');
});

describe('several formats in one run', () => {
  test('one to standard output, others to files', async () => {
    const { code, out, err, written } = await run(
      [
        '-f',
        'github',
        '-f',
        'junit=out/junit.xml',
        '-f',
        'gitlab=gl.json',
        '-f',
        'sarif=out/a.sarif',
        '-f',
        'csv=a.csv',
      ],
      { 'main.tf': bad },
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^::error file=main\.tf,line=7,/);
    expect(err).toBe('');
    expect([...written.keys()]).toEqual(['/repo/out/junit.xml', '/repo/gl.json', '/repo/out/a.sarif', '/repo/a.csv']);
    expect(written.get('/repo/out/junit.xml')).toMatch(/^<\?xml /);
    expect(JSON.parse(written.get('/repo/gl.json')!)).toHaveLength(1);
  });

  test('files alone leave standard output empty', async () => {
    const { out, written } = await run(['-f', 'markdown=a.md', '-f', 'pretty=a.txt'], { 'main.tf': bad });
    expect(out).toBe('');
    expect(written.get('/repo/a.md')).toContain('### azure-backup-lint');
    expect(written.get('/repo/a.txt')).toContain('main.tf:7:25 error');
  });

  test.each([
    ['two on standard output', ['-f', 'json', '-f', 'pretty'], 'standard output'],
    ['the same twice on standard output', ['-f', 'json', '-f', 'json'], 'standard output'],
    [
      'two in one file',
      ['-f', 'json=a.txt', '-f', 'sarif=./a.txt'],
      'json and sarif are both to be written to ./a.txt',
    ],
    ['a file without a name', ['-f', 'json='], '--format json= needs the name of a file'],
    ['an unknown format', ['-f', 'xml=a.xml'], 'The format "xml" does not exist'],
  ])('wrong usage: %s', async (_, args, message) => {
    const { code, out, err, written } = await run(args, { 'main.tf': bad });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(written.size).toBe(0);
  });
});

describe('a report that cannot be written', () => {
  test('is told on standard error, and the run is incomplete', async () => {
    const { code, err } = await run(['-f', 'sarif=no/a.sarif'], { 'main.tf': good });
    expect(code).toBe(3);
    expect(err).toBe('error: no/a.sarif: The report cannot be written: permission denied.\n');
  });

  test('does not hide a finding', async () => {
    expect((await run(['-f', 'sarif=no/a.sarif'], { 'main.tf': bad })).code).toBe(1);
  });

  test.each(['json', 'pretty', 'github'])('the others say so, wherever they stand in the order: %s', async (format) => {
    for (const order of [
      ['-f', format, '-f', 'json=a.json', '-f', 'sarif=no.sarif', '-f', 'json=b.json'],
      ['-f', 'sarif=no.sarif', '-f', 'json=b.json', '-f', 'json=a.json', '-f', format],
    ]) {
      const { code, out, written } = await run(order, { 'main.tf': good });
      expect(code).toBe(3);
      expect(out).toContain('no.sarif');
      for (const name of ['a.json', 'b.json'])
        expect(JSON.parse(written.get(`/repo/${name}`)!)).toMatchObject({
          summary: { complete: false },
          diagnostics: [{ code: 'report-not-written', location: { file: 'no.sarif' } }],
        });
    }
  });
});

describe('standard error', () => {
  test('tells users of programs what could not be read, others see it in the report', async () => {
    const files = { 'main.tf': good, 'broken.tf': broken };
    expect((await run(['-f', 'json'], files)).err).toMatch(/^broken\.tf:2:1: /);
    expect((await run(['-f', 'json=a.json'], files)).err).toMatch(/^broken\.tf:2:1: /);
    expect((await run(['-f', 'github'], files)).err).toBe('');
  });

  test('passes on nothing that could act', async () => {
    const name = '::error file=x::\u001b[31m##vso[task.complete result=Succeeded]\n::error::x.tf';
    const { code, err } = await run(['-f', 'json', '.'], { [name]: broken });
    expect(code).toBe(3);
    expect(err).toContain('\\u003a:error file=x');
    expect(err.trimEnd()).not.toMatch(/\u001b|##vso\[|\n|^::/);
  });

  test('also not from the configuration', async () => {
    const { code, err } = await run([], {
      'azure-backup-lint.yaml': '"\\n::error::x\\u001b[31m##vso[task.complete]": 1\n',
      'main.tf': good,
    });
    expect(code).toBe(2);
    expect(err).not.toMatch(/\u001b|##vso\[|^::/m);
  });
});
