/** The user's own rules: read, checked, judged like those of the catalogue, and tried on their own fixtures. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { judge } from '../src/check/condition.ts';
import type { Value } from '../src/evaluate/value.ts';
import { main } from '../src/main.ts';
import { readOwnRules } from '../src/own-rules.ts';
import { Source } from '../src/source/source.ts';
import { memoryIo } from './memory.ts';

/** The worked example of the docs: its files by name, and what it says that is printed. */
const { exampleFiles, examplePrints } = exampleIn(
  readFileSync(new URL('../docs/own-rules.md', import.meta.url), 'utf8'),
);

function exampleIn(text: string): { exampleFiles: Record<string, string>; examplePrints: string } {
  const blocks = [...text.matchAll(/^`(backup-rules\/[^`]+)`[^\n]*\n\n```\w+\n((?:.*\n)*?)```$/gm)];
  return {
    exampleFiles: Object.fromEntries(blocks.map(([, name, code]) => [`/repo/${name}`, code!])),
    examplePrints: /^\$ azure-backup-lint rules test backup-rules\n((?:.*\n)*?)```$/m.exec(text)![1]!,
  };
}

const rulePath = '/repo/backup-rules/acme-vault-named.json';
const example = JSON.parse(exampleFiles[rulePath]!) as Example;

interface Example {
  code: string;
  severity: string;
  solutions?: string[];
  checks: { id: string; when?: unknown; require: unknown; related?: unknown[] }[];
  texts: Record<string, { messages: Record<string, string>; why: string; help: string; title: string }>;
}

function vault(name: string, comment = ''): string {
  return `resource "azurerm_recovery_services_vault" "main" {
  name                = ${name} ${comment}
  location            = "westeurope"
  resource_group_name = "rg"
  sku                 = "Standard"
}
`;
}

async function run(args: readonly string[], files: Readonly<Record<string, string>>) {
  const io = memoryIo(files);
  const code = await main(args, '0.0.0', io);
  return { code, out: io.out.text, err: io.err.text };
}

function changed(change: (rule: Example) => void): string {
  const rule = structuredClone(example);
  change(rule);
  return JSON.stringify(rule, undefined, 2);
}

describe('the example of the docs', () => {
  test('prints what the docs say', async () => {
    expect(Object.keys(exampleFiles)).toHaveLength(4);
    expect(await run(['rules', 'test', 'backup-rules'], exampleFiles)).toEqual({
      code: 0,
      out: examplePrints,
      err: '',
    });
  });

  test('is listed and explained, without a page', async () => {
    const list = await run(['rules', '--rules', 'backup-rules'], exampleFiles);
    expect(list.out).toMatch(/^own\n {2}acme-vault-named +warning {2}recommended {2}A vault is not named/m);
    const json = JSON.parse((await run(['rules', '-f', 'json', '--rules', 'backup-rules'], exampleFiles)).out);
    expect(json.rules).toHaveLength(catalogue().length + 1);
    expect(json.rules.find(({ code }: { code: string }) => code === example.code)).toEqual({
      code: example.code,
      severity: 'warning',
      profile: 'recommended',
      group: 'own',
      solutions: [],
      inputs: ['terraform', 'plan', 'state', 'bicep', 'arm', 'live'],
      title: example.texts['en']!.title,
      help: example.texts['en']!.help,
      confidence: 'documented',
      sources: [],
    });
    const told = await run(['explain', example.code, '--rules', 'backup-rules'], exampleFiles);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain(`Why\n  ${example.texts['en']!.why}`);
    expect(told.out).not.toContain('http');
    expect(told.out).toContain('\nReported in Terraform\n  resource "azurerm_recovery_services_vault" "main" {\n');
    expect(told.out).toContain('\nRight in Bicep\n  resource vault ');
    expect(told.out).not.toContain('expect:');
  });

  test('is explained with its doubts', async () => {
    const text = JSON.stringify({
      ...(JSON.parse(exampleFiles[rulePath]!) as object),
      doubts: [{ en: 'It may be older.', ja: '古い可能性があります。', sources: ['inference', 'our wiki'] }],
    });
    const told = await run(['explain', example.code, '--rules', 'backup-rules'], { ...exampleFiles, [rulePath]: text });
    expect(told.out).toContain('\nWhat is not certain\n  It may be older. (our inference; our wiki)\n');
  });

  test('is unknown where its folder is not named', async () => {
    const { code, err } = await run(['explain', example.code], exampleFiles);
    expect(code).toBe(2);
    expect(err).toContain(`There is no rule "${example.code}".`);
  });
});

describe('a run', () => {
  const files = { [rulePath]: exampleFiles[rulePath]!, '/repo/main.tf': vault('"backup-main"') };
  const json = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const { code, out, err } = await run(['-f', 'json', ...args], { ...files, ...more });
    return { code, err, findings: out === '' ? [] : (JSON.parse(out).findings as Record<string, unknown>[]) };
  };

  test('reports like the catalogue does, at the value, and has no page', async () => {
    const { code, findings } = await json(['--rules', 'backup-rules']);
    const [finding] = findings.filter((one) => one['code'] === example.code);
    expect(code).toBe(0);
    expect(finding).toMatchObject({
      severity: 'warning',
      message: 'The vault is called backup-main, but names of vaults begin with rsv- or bvault-.',
      resource: { address: 'azurerm_recovery_services_vault.main' },
      location: { file: 'main.tf', startLine: 2, startColumn: 25 },
    });
    expect(finding).not.toHaveProperty('docs');
  });

  test.each([
    [['--only', example.code], 1],
    [['--skip', example.code], 0],
    [['--severity', `${example.code}=off`], 0],
  ])('%s', async (args, count) => {
    const { findings } = await json(['--rules', 'backup-rules', ...args]);
    expect(findings.filter((one) => one['code'] === example.code)).toHaveLength(count);
    if (args[0] === '--only') expect(findings).toHaveLength(1);
  });

  test('the configuration names folders from its own, and sets levels and suppressions', async () => {
    const config = (text: string) => ({ '/repo/azure-backup-lint.yaml': `ruleDirectories: [backup-rules]\n${text}` });
    const only = ['--only', example.code];
    const raised = await json(only, config(`rules: { ${example.code}: error }`));
    expect(raised).toMatchObject({ code: 1, findings: [{ code: example.code, severity: 'error' }] });
    const hidden = await json(only, config(`suppressions: [{ code: ${example.code}, reason: old }]`));
    expect(hidden).toMatchObject({ code: 0, findings: [{ suppressed: { reason: 'old' } }] });
    const wrong = await json([], config('rules: { acme-vault-name: error }'));
    expect(wrong.err).toContain('Did you mean "acme-vault-named"?');
    // What else reads the configuration knows the codes too.
    expect((await run(['inspect'], { ...files, ...config(`rules: { ${example.code}: off }`) })).code).toBe(0);
    const missing = await json([], { '/repo/azure-backup-lint.yaml': 'ruleDirectories: [elsewhere]' });
    expect(missing).toMatchObject({
      code: 2,
      err: 'error: azure-backup-lint.yaml: there is no folder elsewhere.\n',
    });
  });

  test('a comment suppresses it', async () => {
    const comment = `# azure-backup-lint:ignore ${example.code} reason="named long ago"`;
    const { findings } = await json(['--rules', 'backup-rules'], { '/repo/main.tf': vault('"backup-main"', comment) });
    expect(findings.filter((one) => one['code'] === example.code)).toMatchObject([
      { suppressed: { reason: 'named long ago' } },
    ]);
  });

  test('fixtures of the rules are not linted with the rest, unless they are named', async () => {
    const filesOf = ({ findings }: Awaited<ReturnType<typeof json>>) =>
      findings.map((one) => (one['location'] as { file: string }).file);
    const only = ['--rules', 'backup-rules', '--only', example.code];
    expect(filesOf(await json(only, exampleFiles))).toEqual(['main.tf']);
    const fixture = 'backup-rules/fixtures/acme-vault-named/fail.tf';
    expect(filesOf(await json([fixture, ...only], exampleFiles))).toEqual([fixture]);
  });

  test('texts in Japanese are used where the rule has them', async () => {
    const ja = { ...example.texts['en']!, messages: { prefix: 'コンテナー {value}' } };
    const args = ['--rules', 'backup-rules', '--only', example.code, '--lang', 'ja'];
    expect((await json(args)).findings).toMatchObject([{ message: expect.stringMatching(/^The vault is called/) }]);
    const translated = changed((rule) => {
      rule.texts['ja'] = ja;
    });
    expect((await json(args, { [rulePath]: translated })).findings).toMatchObject([
      { message: 'コンテナー backup-main' },
    ]);
  });

  test('SARIF describes the rule without an address', async () => {
    const { out } = await run(['-f', 'sarif', '--rules', 'backup-rules'], files);
    const { rules } = JSON.parse(out).runs[0].tool.driver;
    const own = rules.find(({ id }: { id: string }) => id === example.code);
    expect(own).not.toHaveProperty('helpUri');
    expect(own.help.text).toBe(`${example.texts['en']!.why}\n\n${example.texts['en']!.help}`);
  });

  test('limits of the matrix are put in', async () => {
    const limited = changed((rule) => {
      rule.checks[0]!.require = { properties: { name: { maxLength: { $limit: 'azure-vm/dataDisks' } } } };
      rule.texts['en']!.messages = { prefix: 'At most {limit:azure-vm/dataDisks}.' };
    });
    const { findings } = await json(['--rules', 'backup-rules', '--only', example.code], {
      [rulePath]: limited,
      '/repo/main.tf': vault(`"${'a'.repeat(40)}"`),
    });
    expect(findings).toMatchObject([{ message: 'At most 32.' }]);
  });
});

/** Wrong rules: nothing is linted, and the first mistake is told where it stands. */
describe('a rule that is wrong', () => {
  const require = (one: unknown) => (rule: Example) => {
    rule.checks[0]!.require = one;
  };
  const name = (one: unknown) => require({ properties: { name: one } });
  const nested = (keyword: string, levels: number): unknown =>
    levels === 0 ? { const: 1 } : { [keyword]: nested(keyword, levels - 1) };

  test.each<[string, (rule: Example) => void, string | RegExp]>([
    [
      'a keyword',
      require({ propertys: {} }),
      ':12:9: there is no key "propertys" in "checks.0.require"; did you mean "properties"?',
    ],
    ['a severity', (rule) => (rule.severity = 'warn'), ':4:15: "severity" is one of error, warning, note.'],
    [
      'a code of one word',
      (rule) => (rule.code = 'constructor'),
      /:3:11: "code" is not written as it is read: Two words/,
    ],
    [
      'a code that is taken',
      (rule) => (rule.code = 'vault-soft-delete-off'),
      ':3:11: the code "vault-soft-delete-off" is already that of a rule of azure-backup-lint; choose another one.',
    ],
    [
      'a solution',
      (rule) => (rule.solutions = ['azure-vms']),
      /:\d+:5: There is no solution "azure-vms". Did you mean "azure-vm"\?/,
    ],
    ['no text', (rule) => (rule.texts = {}), /"texts" needs "en"/],
    [
      'a message without check',
      (rule) => (rule.texts['en']!.messages = { prefixx: 'a' }),
      /: there is no check "prefixx"; did you mean "prefix"\?/,
    ],
    [
      'a message for audits without check',
      (rule) => Object.assign(rule.texts['en']!, { live: { messages: { prefixx: 'a' } } }),
      /: there is no check "prefixx"; did you mean "prefix"\?/,
    ],
    ['a check without message', (rule) => (rule.checks[0]!.id = 'constructor'), /there is no check "prefix"/],
    [
      'a related place without text',
      (rule) => (rule.checks[0]!.related = [{ path: '/name', message: 'toString' }]),
      /there is no text "toString" in "texts.en.related"/,
    ],
    [
      'look-around',
      name({ pattern: '(?<=a)b' }),
      /:14:24: this is no regular expression of RE2, which has no look-around/,
    ],
    ['a back-reference', name({ pattern: '(a+)\\1' }), /no back-references/],
    ['a long pattern', name({ pattern: 'a'.repeat(501) }), /at most 500 characters/],
    ['a pattern that repeats', name({ pattern: '((a{99}b{99}){5}|c{999}){9}' }), /RE2|repeats too much/],
    ['a number in quotes', name({ minimum: '5' }), /"checks.0.require.properties.name.minimum" must be a number/],
    ['a limit', name({ minimum: { $limit: 'azure-vm/dataDisk' } }), /did you mean "azure-vm\/dataDisks"\?/],
    ['a limit of another kind', name({ minimum: { $limit: 'adls/intervals' } }), /"minimum" takes a number/],
    ['deep conditions', require(nested('not', 30)), /at most 24 levels deep/],
    ['lists in lists', require(nested('items', 4)), /at most 3 lists in each other/],
    [
      'large conditions',
      require({ allOf: Array.from({ length: 1001 }, () => ({ const: 1 })) }),
      /at most 1000 keywords/,
    ],
    ['a large file', (rule) => (rule.texts['en']!.why = 'a'.repeat(70_000)), /a rule has at most 65536 bytes/],
  ])('%s', async (_name, change, message) => {
    const files = { [rulePath]: changed(change), '/repo/main.tf': vault('"a"') };
    for (const args of [
      ['--rules', 'backup-rules'],
      ['rules', 'test', 'backup-rules'],
    ]) {
      const { code, out, err } = await run(args, files);
      expect(err).toMatch(message instanceof RegExp ? message : new RegExp(`^error: .*${escaped(message)}\n$`));
      expect(err).toMatch(/^error: backup-rules\/acme-vault-named\.json/);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    }
  });

  test('broken JSON, a folder without rules, and none', async () => {
    const broken = await run(['--rules', 'backup-rules'], { [rulePath]: '{ "code": "acme-a" "severity": 1 }' });
    expect(broken.err).toMatch(/^error: backup-rules\/acme-vault-named\.json:1:19: /);
    const empty = await run(['--rules', 'backup-rules'], { '/repo/backup-rules/read.me': '' });
    expect(empty.err).toBe('error: --rules: in backup-rules is no rule; a rule is a file CODE.json.\n');
    expect((await run(['--rules', 'x'], {})).err).toBe('error: --rules: there is no folder x.\n');
  });

  test('two files with one code', async () => {
    const { err } = await run(['--rules', 'backup-rules'], {
      ...exampleFiles,
      '/repo/backup-rules/two.json': changed(() => {}),
    });
    expect(err).toMatch(
      /^error: backup-rules\/two\.json:3:11: .* already that of backup-rules\/acme-vault-named\.json/,
    );
  });

  test('a link that leads elsewhere', async () => {
    const io = memoryIo(exampleFiles);
    const realPath = (path: string): string => (path.endsWith('.json') ? '/etc/secrets.json' : path);
    const code = await main(['--rules', 'backup-rules'], '0', { ...io, files: { ...io.files, realPath } });
    expect({ code, err: io.err.text }).toEqual({
      code: 2,
      err: 'error: backup-rules/acme-vault-named.json: this link leads out of the folder of rules, so it is not read.\n',
    });
  });

  test('too many', async () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`/repo/r/acme-${i}.json`, '{}']));
    expect((await run(['--rules', 'r'], many)).err).toBe('error: There are 201 own rules, and at most 200 are read.\n');
  });

  test('names that objects have of themselves are names like others', async () => {
    const strange = exampleFiles[rulePath]!.replace('"name": {', '"__proto__": {');
    expect(strange).not.toBe(exampleFiles[rulePath]);
    const { code, out } = await run(['--rules', 'backup-rules', '--only', example.code], {
      [rulePath]: strange,
      '/repo/main.tf': vault('"a"'),
    });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('No problems found') });
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test('patterns are matched by RE2, which JavaScript would not finish, and long texts are left open', async () => {
  const text = changed((rule) => {
    rule.checks[0]!.require = { properties: { name: { pattern: '^(a+)+$' } } };
  });
  const [own] = await readOwnRules([{ path: '/repo/r', named: '--rules' }], [], memoryIo({ '/repo/r/a.json': text }));
  const at = { source: new Source('a', ''), start: 0, end: 0 };
  const verdict = (value: string): string => {
    const member = { value: { kind: 'string', value, at } as Value, at };
    return judge(own!.rule.checks[0]!.require, { kind: 'object', members: new Map([['name', member]]), at } as never)
      .verdict;
  };
  expect(verdict('a'.repeat(5_000))).toBe('true');
  expect(verdict(`${'a'.repeat(5_000)}!`)).toBe('false');
  expect(verdict('a'.repeat(20_000))).toBe('unknown');
});

test('a text with holes is compared letter by letter', () => {
  const at = { source: new Source('a', ''), start: 0, end: 0 };
  const hole: Value = { kind: 'unknown', because: 'it is not known', at };
  const verdict = (...parts: (string | Value)[]): string => {
    const member = { value: { kind: 'template', parts, at } as unknown as Value, at };
    return judge({ properties: { name: { pattern: '^[A-Za-z][A-Za-z0-9-]*$' } } }, {
      kind: 'object',
      members: new Map([['name', member]]),
      at,
    } as never).verdict;
  };
  expect(verdict('rsv-', hole)).toBe('unknown');
  expect(verdict('1rsv', hole)).toBe('false');
  expect(verdict(hole, '1')).toBe('unknown');
  // Both classes match each letter, so that there are two ways for each of sixty.
  expect(verdict(hole, `${'a'.repeat(60)}_`)).toBe('false');
  expect(verdict(`${'a'.repeat(60)}_`, hole)).toBe('false');
});

describe('rules test', () => {
  const fixture = (name: string): string => `/repo/backup-rules/fixtures/acme-vault-named/${name}`;
  const tried = (files: Readonly<Record<string, string>>, rule = exampleFiles[rulePath]!) =>
    run(['rules', 'test', 'backup-rules'], { [rulePath]: rule, ...files });
  const right = { [fixture('fail.tf')]: exampleFiles[fixture('fail.tf')]!, [fixture('pass.tf')]: vault('"rsv-a"') };

  test.each<[string, Record<string, string>, string]>([
    ['no fixtures', {}, 'acme-vault-named: there is no fixture fail.tf, fail.bicep or fail.json that shows it.'],
    ['a mark is missing', { [fixture('fail.tf')]: vault('"b"') }, 'fail.tf: line 2 is reported, but it is not marked'],
    [
      'a mark too much',
      { [fixture('fail.tf')]: vault('"b"', '# expect: acme-vault-named').replace('{', '{ # expect: acme-vault-named') },
      'fail.tf: line 1 is marked, but it is not reported.',
    ],
    [
      'fail passes',
      { [fixture('fail.tf')]: vault('"rsv-b"', '# expect: acme-vault-named') },
      'fail.tf: line 2 is marked, but it is not reported.',
    ],
    ['pass fails', { [fixture('pass.tf')]: vault('"b"') }, 'pass.tf: line 2 is reported, but it is not marked'],
    [
      'pass is undetermined',
      { [fixture('pass.tf')]: `variable "n" {}\n${vault('var.n')}` },
      'pass.tf: it is undetermined, because ',
    ],
    [
      'unknown is known',
      { [fixture('unknown.tf')]: vault('"rsv-b"') },
      'unknown.tf: it is to be undetermined, and it is not.',
    ],
    ['no subject', { [fixture('fail.tf')]: '' }, 'fail.tf: nothing in it is a subject of the rule (vault).'],
    ['broken', { [fixture('pass.tf')]: 'resource {' }, 'pass.tf: '],
    [
      'fixtures of no rule',
      { '/repo/backup-rules/fixtures/acme-vault-name/fail.tf': '' },
      'fixtures/acme-vault-name: There is no own rule "acme-vault-name". Did you mean "acme-vault-named"?',
    ],
  ])('%s', async (_name, files, line) => {
    const { code, out, err } = await tried(Object.keys(files).length === 0 ? {} : { ...right, ...files });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(`  ${line}`);
    expect(out).toMatch(/problems: [1-9]\d*\.\n$/);
  });

  test('a rule of live data alone needs no fixtures', async () => {
    const rule = exampleFiles[rulePath]!.replace('"severity"', '"inputs": ["live"], "severity"');
    expect(await tried({}, rule)).toMatchObject({ code: 0, out: expect.stringMatching(/^ok {4}acme-vault-named\n/) });
  });

  test('what only an audit sees is tried on recordings', async () => {
    const rule = changed((one) => {
      Object.assign(one, { inputs: ['live'], subjects: ['protected-item'] });
      const health = { properties: { lastBackup: { not: { const: 'failed' } } } };
      one.checks = [{ id: 'prefix', require: { properties: { health } } }];
    });
    const recording = (lastBackupStatus: unknown, ...more: unknown[]): string => {
      const of = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers';
      const vaultId = `${of}/Microsoft.RecoveryServices/vaults/rsv`;
      const item = {
        id: `${vaultId}/backupFabrics/Azure/protectionContainers/c/protectedItems/i`,
        type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
        properties: {
          protectedItemType: 'Microsoft.Compute/virtualMachines',
          sourceResourceId: `${of}/Microsoft.Compute/virtualMachines/web`,
          protectionState: 'Protected',
          lastBackupStatus,
        },
      };
      const scope = { subscriptions: ['11111111-1111-1111-1111-111111111111'] };
      return [
        { version: 1, cloud: 'AzureCloud', scope, readAt: '2026-03-01T06:00:00Z', deep: false },
        { from: 'graph:items', row: item },
        ...more,
        { end: true, rows: 1 },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
    };
    const of = (kind: string): string => fixture(`${kind}.inventory.jsonl`);
    const right = { [of('fail')]: recording('Failed'), [of('pass.one')]: recording('Completed') };
    expect(await tried({ ...right, [of('unknown')]: recording(undefined) }, rule)).toEqual({
      code: 0,
      err: '',
      out: 'ok    acme-vault-named (fail.inventory.jsonl, pass.one.inventory.jsonl, unknown.inventory.jsonl)\n\nRules: 1, fixtures: 3, problems: 0.\n',
    });
    const wrong = {
      [of('fail')]: recording('Completed'),
      [of('pass')]: recording('Failed'),
      [of('unknown')]: recording('Completed'),
      [of('unknown.broken')]: `${recording(undefined)}{`,
      // Of another kind, and so no fixture.
      [fixture('fail.jsonl')]: '',
    };
    const { code, out } = await tried(wrong, rule);
    expect(code).toBe(1);
    expect(out.split('\n').slice(1, 5)).toEqual([
      '  fail.inventory.jsonl: nothing is reported.',
      expect.stringMatching(/^ {2}pass\.inventory\.jsonl: \/subscriptions\/.*\/i is reported\.$/),
      '  unknown.broken.inventory.jsonl: Nothing is expected after the line that ends a recording.',
      '  unknown.inventory.jsonl: it is to be undetermined, and it is not.',
    ]);
    const typing = rule.replace('"lastBackup"', '"lastBackups"');
    expect((await tried(right, typing)).out).toContain('there is no fact "lastBackups"; did you mean "lastBackup"?');
  });

  test('a part of a fail fixture may be unknown', async () => {
    const both = `variable "n" {}\n${exampleFiles[fixture('fail.tf')]}${vault('var.n').replace('"main"', '"other"')}`;
    expect(await tried({ ...right, [fixture('fail.tf')]: both })).toMatchObject({ code: 0 });
  });

  test('names the fact that was meant', async () => {
    const rule = exampleFiles[rulePath]!.replace('"name": {', '"nane": {');
    const { code, out } = await tried(right, rule);
    expect(code).toBe(1);
    expect(out).toContain('FAIL  acme-vault-named\n');
    expect(out).toContain('  fail.tf: there is no fact "nane"; did you mean "name"?\n');
  });

  test('JSON needs no marks; a fixture has its own configuration, and sees nothing beside it', async () => {
    const arm = JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      resources: [
        {
          type: 'Microsoft.RecoveryServices/vaults',
          apiVersion: '2024-04-01',
          name: 'b',
          location: 'westeurope',
          properties: {},
        },
      ],
    });
    const files = {
      ...right,
      [fixture('fail.json')]: arm,
      [fixture('pass.hidden.tf')]: vault('"b"'),
      [fixture('pass.hidden.azure-backup-lint.yaml')]: 'suppressions: [{ code: acme-vault-named, reason: old }]',
    };
    expect(await tried(files)).toEqual({
      code: 0,
      err: '',
      out: 'ok    acme-vault-named (fail.json, fail.tf, pass.hidden.tf, pass.tf)\n\nRules: 1, fixtures: 4, problems: 0.\n',
    });
  });
});
