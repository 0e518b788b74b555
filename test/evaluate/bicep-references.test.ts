/** Where a module reference leads: rules of the compiler (its parsers of references, its cache), kept without its network. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleReference, moduleReferences } from '../../src/evaluate/bicep/references.ts';
import { nodeIo } from '../../src/io.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import { Reader } from '../../src/source/reader.ts';
import { memoryIo } from '../memory.ts';

const cache = '/home/dev/.bicep';
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const subscription = '0a1b2c3d-0000-4000-8000-00000000ABCD';

function references(files: Record<string, string>, home: string | undefined = '/home/dev') {
  const log: Log = [];
  const disk = { ...memoryIo(files).files, home };
  const reader = new Reader(disk, '/repo', log);
  const all = moduleReferences(reader);
  return { log, reader, resolve: (text: string, directory = '/repo/app') => all.resolve(text, directory) };
}

/** The config as JSON, in the folder of the file that refers. */
const withConfig = (config: object, files: Record<string, string> = {}) =>
  references({ '/repo/app/bicepconfig.json': JSON.stringify(config), ...files });

const because = (reference: ModuleReference): string => (reference.kind === 'opaque' ? reference.because : '');

describe('local files', () => {
  const files = {
    '/repo/app/modules/vault.bicep': '',
    '/repo/app/arm.json': '',
    '/repo/app/arm.jsonc': '',
    '/repo/app/arm.arm': '',
    '/repo/shared/main.bicep': '',
    '/outside/main.bicep': '',
  };

  test.each([
    ['./modules/vault.bicep', '/repo/app/modules/vault.bicep'],
    ['modules/vault.bicep', '/repo/app/modules/vault.bicep'],
    ['../shared/main.bicep', '/repo/shared/main.bicep'],
    ['arm.json', '/repo/app/arm.json'],
    ['arm.jsonc', '/repo/app/arm.jsonc'],
    ['arm.arm', '/repo/app/arm.arm'],
  ])('%s', (text, path) => {
    expect(references(files).resolve(text)).toEqual({ kind: 'file', path });
  });

  test.each([
    ['', 'the path is empty'],
    ['/repo/app/arm.json', 'the path is absolute; write it relative to this file'],
    ['C:/app/arm.json', 'the path is absolute; write it relative to this file'],
    ['.\\modules\\vault.bicep', 'the path has a backslash; write "/" instead'],
    ['./modules/*.bicep', 'the path has the character *, which is not allowed in one'],
    ['./modules/va\tult.bicep', 'the path has a control character'],
    ['./modules/vault.bicep ', 'the path ends in a space or a dot'],
    ['..', 'the path ends in a space or a dot'],
  ])('%j is refused as the compiler does', (text, reason) => {
    expect(references(files).resolve(text)).toEqual({ kind: 'opaque', because: reason, invalid: true });
  });

  test('what is not there is missing, and a name in another case is offered', () => {
    const { resolve, log } = references(files);
    expect(resolve('./modules/disk.bicep')).toEqual({
      kind: 'opaque',
      because: 'there is no file app/modules/disk.bicep',
      missing: true,
    });
    expect(resolve('./modules/Vault.bicep')).toEqual({
      kind: 'opaque',
      because: 'there is no file app/modules/Vault.bicep, but there is "vault.bicep": case counts',
      missing: true,
    });
    expect(resolve('./modules')).toMatchObject({ because: 'app/modules is a folder', missing: true });
    expect(resolve('./nowhere/at/all.bicep')).toMatchObject({ missing: true });
    expect(log).toEqual([]);
  });

  test('a path that leaves the repository is not looked into, and is no mistake', () => {
    expect(references(files).resolve('../../outside/main.bicep')).toEqual({
      kind: 'opaque',
      because: 'the path leaves the repository',
    });
  });
});

describe('modules of a registry', () => {
  test.each([
    ['a tag', 'br:contoso.azurecr.io/bicep/vault:v1', 'br/contoso.azurecr.io/bicep$vault/v1$'],
    ['a host in capitals', 'br:Contoso.azurecr.IO/vault:1.0', 'br/contoso.azurecr.io/vault/1.0$'],
    ['a host with a port', 'br:localhost:5000/a/b/c:1', 'br/localhost$5000/a$b$c/1$'],
    ['an address as host', 'br:[2001:DB8::1]:5000/a:1', 'br/[2001$db8$$1]$5000/a/1$'],
    ['a tag with capitals', 'br:contoso.azurecr.io/vault:v1-Beta', 'br/contoso.azurecr.io/vault/v1-Beta$8'],
    ['a tag that begins with one', 'br:contoso.azurecr.io/vault:RC_x', 'br/contoso.azurecr.io/vault/RC_x$3'],
    [
      'a long tag, whose mask does not fit 64 bits',
      `br:contoso.azurecr.io/vault:A${'b'.repeat(63)}C`,
      `br/contoso.azurecr.io/vault/A${'b'.repeat(63)}C$10000000000000001`,
    ],
    ['a digest', `br:contoso.azurecr.io/vault@${digest}`, `br/contoso.azurecr.io/vault/${digest.replace(':', '#')}`],
    [
      'the public registry',
      'br/public:avm/res/recovery-services/vault:0.9.1',
      'br/mcr.microsoft.com/bicep$avm$res$recovery-services$vault/0.9.1$',
    ],
  ])('%s', (_what, text, folder) => {
    const path = `${cache}/${folder}/main.json`;
    expect(references({ [path]: '{}' }).resolve(text)).toMatchObject({ kind: 'file', path, restored: true });
  });

  test('it is named with its aliases resolved, whether it is on disk or not', () => {
    const registry = { host: 'mcr.microsoft.com', repository: 'bicep/avm/res/recovery-services/vault', tag: '0.9.1' };
    const { resolve, log } = references({});
    expect(resolve('br/public:avm/res/recovery-services/vault:0.9.1')).toEqual({
      kind: 'opaque',
      because: 'it is not on disk; `bicep restore` would fetch it',
      registry,
    });
    expect(resolve('br:MCR.microsoft.com/bicep/avm/res/recovery-services/vault:0.9.1')).toMatchObject({ registry });
    expect(resolve(`br:contoso.azurecr.io/vault@${digest}`)).toMatchObject({ registry: { tag: digest } });
    // One note per reference is the caller's, so nothing is told here.
    expect(log).toEqual([]);
  });

  test('another version on disk is another module', () => {
    const files = { [`${cache}/br/mcr.microsoft.com/bicep$avm$res$x$y/1.0.0$/main.json`]: '{}' };
    expect(references(files).resolve('br/public:avm/res/x/y:1.0.0').kind).toBe('file');
    expect(references(files).resolve('br/public:avm/res/x/y:1.0.1').kind).toBe('opaque');
  });

  test.each([
    ['no registry', 'br:', 'a module of a registry is written "br:registry/path:tag"'],
    ['no path', 'br:contoso.azurecr.io', 'a module of a registry is written "br:registry/path:tag"'],
    ['no tag', 'br:contoso.azurecr.io/vault', 'ends without a tag'],
    ['an empty tag', 'br:contoso.azurecr.io/vault:', 'ends without a tag'],
    ['a wrong tag', 'br:contoso.azurecr.io/vault:$', '"$" is no tag'],
    ['a tag that climbs', 'br:contoso.azurecr.io/vault:..', '".." is no tag'],
    ['too long a tag', `br:contoso.azurecr.io/vault:${'1'.repeat(129)}`, 'is no tag'],
    ['a path that climbs', 'br:contoso.azurecr.io/../vault:1', '".." is no part of a path'],
    ['a path in capitals', 'br:contoso.azurecr.io/Vault:1', '"Vault" is no part of a path'],
    ['an empty part', 'br:contoso.azurecr.io//vault:1', '"" is no part of a path'],
    ['too long a path', `br:contoso.azurecr.io/${'a'.repeat(256)}:1`, 'longer than 255 characters'],
    ['a host that climbs', 'br:../vault:1', '".." is no name of a registry'],
    ['too short a digest', 'br:contoso.azurecr.io/vault@sha256:0123', '"sha256:0123" is no digest'],
    ['a digest in capitals', `br:contoso.azurecr.io/vault@${digest.toUpperCase()}`, 'is no digest'],
    ['another kind', 'npm:vault', '"npm:" is no kind of module'],
    ['a kind in capitals', 'BR:contoso.azurecr.io/vault:1', '"BR:" is no kind of module'],
    ['a colon in a path', './a:b.bicep', '".:" is no kind of module'],
    ['a wrong alias', 'br/my.alias:vault:1', '"my.alias" is no name of an alias'],
    ['an unknown alias', 'br/mine:vault:1', 'no bicepconfig.json says which registry the alias "mine" is'],
  ])('%s is invalid', (_what, text, reason) => {
    const reference = references({}).resolve(text);
    expect(reference).toMatchObject({ kind: 'opaque', invalid: true });
    expect(because(reference)).toContain(reason);
  });

  test('a reason stays short, whatever was written', () => {
    for (const text of [`${'x'.repeat(1e6)}:y`, `br:${'h'.repeat(1e6)}/x:1`, `br:h/${'a.'.repeat(5e5)}:1`])
      expect(because(references({}).resolve(text)).length).toBeLessThan(250);
  });
});

describe('template specs', () => {
  const path = `${cache}/ts/${subscription.toLowerCase()}/rg-specs/vaultspec/v1.0/main.json`;

  test('the folder is in lower case', () => {
    expect(references({ [path]: '{}' }).resolve(`ts:${subscription}/RG-Specs/vaultSpec:V1.0`)).toEqual({
      kind: 'file',
      path,
      restored: true,
    });
  });

  test('an alias stands for subscription and resource group', () => {
    const config = {
      moduleAliases: { ts: { specs: { subscription, resourceGroup: 'rg-specs' }, half: { subscription } } },
    };
    const { resolve } = withConfig(config, { [path]: '{}' });
    expect(resolve('ts/specs:vaultSpec:v1.0')).toMatchObject({ kind: 'file', path });
    expect(resolve('ts/half:vaultSpec:v1.0')).toMatchObject({ kind: 'opaque', invalid: true });
    expect(resolve('ts/specs:vaultSpec:v2.0')).toEqual({
      kind: 'opaque',
      because: 'it is not on disk; `bicep restore` would fetch it',
    });
  });

  test.each([
    ['ts:vaultSpec:v1', 'is written "ts:subscription/resourceGroup/name:version"'],
    [`ts:${subscription}/rg/vaultSpec`, 'is written'],
    [`ts:${subscription}/rg/more/vaultSpec:v1`, 'is written'],
    ['ts:my-subscription/rg/vaultSpec:v1', '"my-subscription" is no id of a subscription'],
    [`ts:${subscription}/rg./vaultSpec:v1`, '"rg." is no name of a resource group'],
    [`ts:${subscription}/../vaultSpec:v1`, '".." is no name of a resource group'],
    [`ts:${subscription}/rg/..:v1`, '".." is no name of a template spec'],
    [`ts:${subscription}/rg/vaultSpec:`, '"" is no version of a template spec'],
    [`ts:${subscription}/rg/vaultSpec:${'1'.repeat(91)}`, 'is no version of a template spec'],
  ])('%s is invalid', (text, reason) => {
    const reference = references({}).resolve(text);
    expect(reference).toMatchObject({ kind: 'opaque', invalid: true });
    expect(because(reference)).toContain(reason);
  });
});

describe('bicepconfig.json', () => {
  const alias = (registry: string, modulePath?: string) => ({
    moduleAliases: { br: { mine: { registry, ...(modulePath !== undefined && { modulePath }) } } },
  });
  const named = (reference: ModuleReference) =>
    reference.registry && `${reference.registry.host}/${reference.registry.repository}`;

  test('it may have comments and a trailing comma; a path of modules is optional', () => {
    const { resolve, log } = references({
      '/repo/bicepconfig.json': `{
        // our registry
        "moduleAliases": { "br": { "mine": { "registry": "a.azurecr.io" }, /* deep */ "deep": { "registry": "a.azurecr.io", "modulePath": "x/y" } } },
      }`,
    });
    expect(named(resolve('br/mine:vault:1'))).toBe('a.azurecr.io/vault');
    expect(named(resolve('br/deep:vault:1'))).toBe('a.azurecr.io/x/y/vault');
    expect(log).toEqual([]);
  });

  test('the nearest one decides alone; one outside the repository does not', () => {
    const { resolve } = references({
      '/bicepconfig.json': JSON.stringify(alias('outside.azurecr.io')),
      '/repo/infra/bicepconfig.json': JSON.stringify(alias('near.azurecr.io')),
      '/repo/infra/deep/er/bicepconfig.json': '{}',
    });
    expect(named(resolve('br/mine:vault:1', '/repo/infra/deep'))).toBe('near.azurecr.io/vault');
    expect(resolve('br/mine:vault:1', '/repo/infra/deep/er/still')).toMatchObject({ invalid: true });
    expect(resolve('br/mine:vault:1', '/repo/other')).toMatchObject({ invalid: true });
    expect(resolve('br/mine:vault:1', '/')).toMatchObject({ invalid: true });
  });

  test('the built-in alias may be changed, member by member; the case of names counts', () => {
    expect(
      named(withConfig({ moduleAliases: { br: { public: { registry: 'mirror.io' } } } }).resolve('br/public:x/y:1')),
    ).toBe('mirror.io/bicep/x/y');
    expect(withConfig(alias('a.azurecr.io')).resolve('br/Mine:vault:1')).toMatchObject({ invalid: true });
    expect(withConfig({ moduleAliases: null }).resolve('br/public:x/y:1')).toMatchObject({
      registry: { host: 'mcr.microsoft.com' },
    });
    expect(withConfig({}).resolve('br/__proto__:x/y:1')).toMatchObject({ invalid: true });
  });

  test('what is extended counts where the nearer one is silent', () => {
    const { resolve, log } = references({
      '/repo/app/bicepconfig.json': JSON.stringify({
        extends: '../config/base.json',
        moduleAliases: { br: { mine: { modulePath: 'near' }, near: { registry: 'near.azurecr.io' } } },
      }),
      '/repo/config/base.json': JSON.stringify({ extends: './root.json', ...alias('base.azurecr.io', 'base') }),
      '/repo/config/root.json': JSON.stringify({
        moduleAliases: { br: { mine: { registry: 'root.azurecr.io' }, root: { registry: 'root.azurecr.io' } } },
      }),
    });
    expect(named(resolve('br/mine:vault:1'))).toBe('base.azurecr.io/near/vault');
    expect(named(resolve('br/near:vault:1'))).toBe('near.azurecr.io/vault');
    expect(named(resolve('br/root:vault:1'))).toBe('root.azurecr.io/vault');
    expect(log).toEqual([]);
  });

  test('a circle is told once, whoever meets it, and what was read counts', () => {
    const { resolve, log } = references({
      '/repo/a/bicepconfig.json': JSON.stringify({ extends: '../b/bicepconfig.json', ...alias('a.azurecr.io') }),
      '/repo/b/bicepconfig.json': JSON.stringify({ extends: '../a/bicepconfig.json' }),
      '/repo/self/bicepconfig.json': JSON.stringify({ extends: './bicepconfig.json' }),
    });
    expect(named(resolve('br/mine:vault:1', '/repo/a'))).toBe('a.azurecr.io/vault');
    expect(named(resolve('br/mine:vault:1', '/repo/b'))).toBe('a.azurecr.io/vault');
    expect(named(resolve('br/mine:vault:1', '/repo/b/below'))).toBe('a.azurecr.io/vault');
    expect(log).toMatchObject([
      { code: 'bicepconfig-extends-circle', severity: 'error', at: { source: { file: 'b/bicepconfig.json' } } },
    ]);
    resolve('br/mine:vault:1', '/repo/self');
    expect(log).toHaveLength(2);
  });

  const chain = (length: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        i === 0 ? '/repo/app/bicepconfig.json' : `/repo/app/${i}.json`,
        JSON.stringify(i === length - 1 ? alias('last.azurecr.io') : { extends: `${i + 1}.json` }),
      ]),
    );

  test('a chain has at most 64 files, as in the compiler', () => {
    const fits = references(chain(64));
    expect(named(fits.resolve('br/mine:vault:1'))).toBe('last.azurecr.io/vault');
    expect(fits.log).toEqual([]);
    const tooDeep = references(chain(65));
    expect(tooDeep.resolve('br/mine:vault:1')).toMatchObject({ invalid: true });
    expect(tooDeep.log).toMatchObject([{ code: 'bicepconfig-extends-too-deep', severity: 'error' }]);
  });

  test('what cannot be extended is told at its place', () => {
    const missing = withConfig({ extends: './nowhere.json', ...alias('a.azurecr.io') });
    expect(named(missing.resolve('br/mine:vault:1'))).toBe('a.azurecr.io/vault');
    missing.resolve('br/mine:vault:2');
    expect(missing.log).toMatchObject([
      { code: 'bicepconfig-extends-missing', severity: 'error', at: { start: 11, end: 27 } },
    ]);
    for (const path of ['/etc/base.json', '../../outside/base.json', 'C:/base.json']) {
      const refused = withConfig({ extends: path }, { '/outside/base.json': '{}' });
      refused.resolve('br/mine:vault:1');
      expect(refused.log).toMatchObject([{ code: 'bicepconfig-extends-refused', severity: 'note' }]);
    }
  });

  test('a broken one is told once, by the parser, and what can be read counts', () => {
    const { resolve, log } = references({
      '/repo/app/bicepconfig.json': '{ "moduleAliases": { "br": { "mine": { "registry": "a.azurecr.io" } } }, "x": }',
    });
    expect(named(resolve('br/mine:vault:1'))).toBe('a.azurecr.io/vault');
    resolve('br/mine:vault:1', '/repo/app/below');
    expect(log).toHaveLength(1);
    const shared = references({
      '/repo/base.json': '{ "x": }',
      '/repo/a/bicepconfig.json': '{ "extends": "../base.json" }',
      '/repo/b/bicepconfig.json': '{ "extends": "../base.json" }',
    });
    for (const folder of ['/repo/a', '/repo/b']) shared.resolve('br/public:x/y:1', folder);
    expect(shared.log).toHaveLength(1);
    const deep = references({ '/repo/bicepconfig.json': `${'['.repeat(1e5)}` });
    expect(deep.resolve('br/public:x/y:1')).toMatchObject({ registry: { host: 'mcr.microsoft.com' } });
    expect(deep.log.length).toBeGreaterThan(0);
  });

  test('it is not read where it decides nothing', () => {
    const { resolve, log } = references({ '/repo/app/bicepconfig.json': '{', '/repo/app/a.bicep': '' });
    expect(resolve('./a.bicep').kind).toBe('file');
    expect(log).toEqual([]);
  });
});

describe('the cache', () => {
  const text = 'br:contoso.azurecr.io/vault:1';
  const below = 'br/contoso.azurecr.io/vault/1$/main.json';

  test.each([
    ['/srv/cache', '/srv/cache'],
    ['/srv/x/../cache', '/srv/cache'],
    ['~/elsewhere', '/home/dev/elsewhere'],
    ['~', '/home/dev'],
    ['  ', '/home/dev/.bicep'],
  ])('cacheRootDirectory %j', (cacheRootDirectory, root) => {
    const { resolve } = withConfig({ cacheRootDirectory }, { [`${root}/${below}`]: '{}' });
    expect(resolve(text)).toMatchObject({ kind: 'file', path: `${root}/${below}` });
  });

  test.each([
    ['.bicep', 'not absolute'],
    ['~dev/.bicep', 'not absolute'],
    ['//server/share', 'a network share'],
    ['\\\\server\\share', 'a network share'],
  ])('cacheRootDirectory %j is not followed', (cacheRootDirectory, reason) => {
    const reference = withConfig({ cacheRootDirectory }, { [`${cache}/${below}`]: '{}' }).resolve(text);
    expect(because(reference)).toContain(reason);
    expect(reference).not.toHaveProperty('invalid');
  });

  test('without a home folder nothing is found, unless the configuration names a folder', () => {
    const none = (files: Record<string, string>) => {
      const reader = new Reader(memoryIo(files).files, '/repo', []);
      return moduleReferences(reader).resolve(text, '/repo');
    };
    expect(because(none({ [`${cache}/${below}`]: '{}' }))).toContain('the home folder is not known');
    expect(
      none({ [`/srv/${below}`]: '{}', '/repo/bicepconfig.json': JSON.stringify({ cacheRootDirectory: '/srv' }) }).kind,
    ).toBe('file');
    expect(because(references({}, 'relative').resolve(text))).toContain('the home folder is not known');
  });

  test('a restored module is shown alike wherever the cache lies', () => {
    const { resolve, reader } = references({ [`${cache}/${below}`]: '{}' });
    const reference = resolve(text);
    if (reference.kind !== 'file') throw new Error(reference.because);
    expect(reader.read(reference.path)?.file).toBe(`.bicep/${below}`);
  });

  describe('on a real disk', () => {
    let base = '';
    beforeAll(() => {
      base = mkdtempSync(join(tmpdir(), 'azure-backup-lint-'));
      for (const folder of ['repo/.git', 'home/.bicep/br/r.io/good/1$', 'home/.bicep/br/r.io/stolen/1$', 'secrets'])
        mkdirSync(join(base, folder), { recursive: true });
      writeFileSync(join(base, 'home/.bicep/br/r.io/good/1$/main.json'), '{}');
      writeFileSync(join(base, 'secrets/main.json'), '{}');
      symlinkSync(join(base, 'secrets/main.json'), join(base, 'home/.bicep/br/r.io/stolen/1$/main.json'));
      symlinkSync(join(base, 'home/.bicep'), join(base, 'linked-cache'));
      symlinkSync(join(base, 'secrets/main.json'), join(base, 'repo/bicepconfig.json'));
    });
    afterAll(() => rmSync(base, { recursive: true, force: true }));

    const resolve = (text: string, log: Log = []): ModuleReference => {
      const { info, read, list, realPath } = nodeIo().files;
      const reader = new Reader({ info, read, list, realPath, home: join(base, 'home') }, join(base, 'repo'), log);
      return moduleReferences(reader).resolve(text, join(base, 'repo/app'));
    };

    test('a template is found, a link out of the cache is not followed', () => {
      expect(resolve('br:r.io/good:1')).toMatchObject({ kind: 'file' });
      expect(resolve('br:r.io/stolen:1')).toMatchObject({
        kind: 'opaque',
        because: 'a link on the path leaves the Bicep module cache',
      });
    });

    test('a configuration that a link takes from outside the repository is not read', () => {
      const log: Log = [];
      resolve('br:r.io/good:1', log);
      expect(log).toMatchObject([{ code: 'bicepconfig-refused', severity: 'note' }]);
    });
  });
});
