/** The one way to the disk: what lies outside the repository is not read, whatever a path says. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeIo } from '../../src/io.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { Reader, repositoryRoot, withFile } from '../../src/source/reader.ts';
import { memoryIo } from '../memory.ts';

const disk = nodeIo().files;

describe('on a real disk', () => {
  let base = '';
  let root = '';

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'azure-backup-lint-'));
    root = join(base, 'repo');
    mkdirSync(join(root, '.git'), { recursive: true });
    mkdirSync(join(root, 'infra/modules'), { recursive: true });
    mkdirSync(join(base, 'outside'));
    writeFileSync(join(base, 'outside/secret.txt'), 'secret');
    writeFileSync(join(root, 'shared.txt'), 'shared');
    symlinkSync(join(base, 'outside'), join(root, 'infra/link'));
    symlinkSync(join(root, 'infra/modules'), join(root, 'infra/inside'));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const reader = (): Reader => new Reader(disk, root, []);
  const from = (): string => join(root, 'infra');

  test('the root is the nearest folder with .git', () => {
    expect(repositoryRoot(disk, from())).toBe(root);
    expect(repositoryRoot(disk, join(base, 'outside'))).not.toBe(root);
  });

  test('a path may climb inside the repository, also through a link that stays in it', () => {
    expect(reader().resolve(from(), '../shared.txt')).toEqual({ path: join(root, 'shared.txt') });
    expect(reader().resolve(from(), './inside')).toEqual({ path: join(root, 'infra/inside') });
    expect(reader().resolve(from(), './missing')).toBeUndefined();
  });

  test.each([
    ['climbs out', '../../outside/secret.txt', 'the path leaves the repository'],
    ['follows a link out', './link/secret.txt', 'a link on the path leaves the repository'],
    ['is absolute', '/etc/hostname', 'only relative paths inside the repository are read'],
    ['starts with a drive', 'C:\\windows\\win.ini', 'only relative paths inside the repository are read'],
    ['names a server', '\\\\server\\share', 'only relative paths inside the repository are read'],
    ['names a home folder', '~/.azure/azureProfile.json', 'only relative paths inside the repository are read'],
    ['holds NUL', 'a\0b', 'the path holds a NUL character'],
  ])('a path that %s is refused', (_what, path, refused) => {
    expect(reader().resolve(from(), path)).toEqual({ refused });
  });

  test('a folder whose name begins like the root is outside', () => {
    mkdirSync(join(base, 'repo-evil'), { recursive: true });
    expect(reader().resolve(from(), '../../repo-evil')).toEqual({ refused: 'the path leaves the repository' });
  });

  test('what the user names may be read, wherever it lies', () => {
    const one = reader();
    expect(one.contains(join(base, 'outside'))).toBe(false);
    one.admit(join(base, 'outside'));
    expect(one.contains(join(base, 'outside'))).toBe(true);
    expect(one.resolve(join(base, 'outside'), '../repo/shared.txt')).toEqual({
      refused: 'the path leaves the repository',
    });
  });
});

describe('a Bicep module cache', () => {
  let base = '';
  let root = '';
  let cache = '';

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'azure-backup-lint-'));
    root = join(base, 'repo');
    cache = join(base, 'home/.bicep');
    for (const name of ['good', 'other', 'renamed', 'folder/main.json', 'inside'])
      mkdirSync(join(cache, name), { recursive: true });
    mkdirSync(join(root, '.git'), { recursive: true });
    mkdirSync(join(base, 'outside'));
    writeFileSync(join(cache, 'good/main.json'), '{}');
    writeFileSync(join(cache, 'other/secrets.json'), '{}');
    writeFileSync(join(base, 'outside/main.json'), '{}');
    symlinkSync(join(cache, 'other/secrets.json'), join(cache, 'renamed/main.json'));
    symlinkSync(join(cache, 'good/main.json'), join(cache, 'inside/main.json'));
    symlinkSync(join(base, 'outside'), join(cache, 'out'));
    symlinkSync(cache, join(base, 'linked'));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const restored = (folder: string, from = cache) => new Reader(disk, root, []).restored(from, folder);
  const leaves = { refused: 'a link on the path leaves the Bicep module cache' };

  test('its templates may be read, also where the cache itself or one of them is a link within it', () => {
    expect(restored('good')).toEqual({ path: join(cache, 'good/main.json') });
    expect(restored('inside')).toEqual({ path: join(cache, 'inside/main.json') });
    expect(restored('good', join(base, 'linked'))).toEqual({ path: join(base, 'linked/good/main.json') });
  });

  test('nothing else is', () => {
    expect(restored('other')).toBeUndefined();
    expect(restored('nowhere')).toBeUndefined();
    expect(restored('good', join(base, 'no-cache'))).toBeUndefined();
    expect(restored('out')).toEqual(leaves);
    expect(restored('renamed')).toEqual(leaves);
    expect(restored('folder')).toEqual({ refused: 'it is no regular file' });
    expect(restored('../../outside')).toEqual({ refused: 'the path leaves the Bicep module cache' });
    expect(restored(join(base, 'outside'))).toEqual({ refused: 'the path leaves the Bicep module cache' });
    expect(restored('good', 'home/.bicep')).toEqual({ refused: 'the path leaves the Bicep module cache' });
  });

  test('it opens no folder to paths in code, and its files are shown without the place of the cache', () => {
    const reader = new Reader(disk, root, []);
    reader.restored(cache, 'good');
    expect(reader.contains(join(cache, 'good'))).toBe(false);
    expect(reader.resolve(join(cache, 'good'), './main.json')).toEqual({ refused: 'the path leaves the repository' });
    expect(reader.read(join(cache, 'good/main.json'))?.file).toBe('.bicep/good/main.json');
    expect(reader.display(join(root, 'main.bicep'))).toBe('main.bicep');
  });

  test('the home folder comes with the disk, also below what came from standard input', () => {
    expect(disk.home === undefined || isAbsolute(disk.home)).toBe(true);
    expect(withFile({ ...disk, home: base }, join(root, 'main.bicep'), new Uint8Array()).home).toBe(base);
  });
});

describe('reading', () => {
  const reading = (files: Record<string, string | Uint8Array>, maximum?: number) => {
    const log: Log = [];
    const reader = new Reader(memoryIo(files).files, '/repo', log);
    const sources = Object.keys(files).map((path) => reader.read(path, maximum));
    return { log, sources, reader };
  };

  test('a byte order mark is no part of the text', () => {
    const { sources, log } = reading({ '/repo/a.tf': '\ufeffx = 1' });
    expect(sources[0]!.text).toBe('x = 1');
    expect(log).toEqual([]);
  });

  test('what is no UTF-8 is told at its place', () => {
    const { sources, log } = reading({ '/repo/a.tf': Uint8Array.from([0x61, 0x0a, 0x62, 0xff, 0x63]) });
    expect(sources[0]).toBeUndefined();
    expect(log).toMatchObject([{ code: 'file-not-utf8', severity: 'error', at: { start: 3, end: 4 } }]);
  });

  test('a file over the limit, and a run over its limit of files', () => {
    expect(reading({ '/repo/a.tf': 'x'.repeat(11) }, 10).log).toMatchObject([{ code: 'file-too-large' }]);
    const many = Object.fromEntries(Array.from({ length: limits.filesPerRun + 1 }, (_, i) => [`/repo/${i}.tf`, '']));
    expect(reading(many).log).toMatchObject([{ code: 'run-too-large' }]);
  });

  test('a file is read once and told once', () => {
    const { reader, log } = reading({});
    reader.read('/repo/missing.tf');
    reader.read('/repo/missing.tf');
    expect(log).toMatchObject([{ code: 'file-missing', at: { start: 0 } }]);
    expect(reader.count).toBe(0);
  });
});
