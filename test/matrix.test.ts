/** The solution matrix: its data is complete and sourced, and every format of `matrix` says it in both languages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { compileSolutions } from '../scripts/rules.mjs';
import { catalogue } from '../src/catalogue.ts';
import { main } from '../src/main.ts';
import { loadSolutions, wrapped } from '../src/matrix.ts';
import { columnsOf } from '../src/report/columns.ts';
import { fixturesFolder } from './fixture.ts';
import { memoryIo } from './memory.ts';

const root = join(fixturesFolder, '..');
const folder = join(root, 'rules/solutions');
type Json = Readonly<Record<string, unknown>>;
const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;
const files = readdirSync(folder).filter((file) => file !== 'vault.json');
const solutions = await loadSolutions();
const languages = ['en', 'ja'] as const;
const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

async function matrix(...args: string[]) {
  const io = memoryIo({});
  const code = await main(['matrix', ...args], '1.2.3', io);
  return { code, out: io.out.text, err: io.err.text };
}

/** Every object in it, with its way. */
function* objects(value: unknown, at = ''): Generator<[string, Json]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Json];
  for (const [key, inner] of Object.entries(value)) yield* objects(inner, `${at}/${key}`);
}

describe('data', () => {
  test('compiled solutions are fresh', () => {
    expect(solutions).toEqual(JSON.parse(JSON.stringify(compileSolutions())));
  });

  test('every solution that a rule or the configuration names is there', () => {
    const config = JSON.stringify(read(join(root, 'rules/schema/config.schema.json')));
    const ids = solutions.map(({ id }) => id);
    const named = new Set(catalogue().flatMap((rule) => rule.solutions));
    named.delete('vault');
    expect([...named].filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !config.includes(`"${id}"`))).toEqual([]);
    expect([...ids].sort()).toEqual(files.map((file) => file.replace('.json', '')).sort());
  });

  test.each(files)('%s: every fact has a source', (file) => {
    const missing = [...objects(read(join(folder, file)))].filter(([at, object]) => {
      const isLimit = at.startsWith('/limits');
      if (isLimit) return 'value' in object && typeof object['source'] !== 'string';
      const isFact = 'value' in object || ('en' in object && !/\/(?:title|topic|part|taken)$/.test(at));
      // The cells of a workload share the sources of the workload.
      if (!isFact || /^\/workloads\/\d+\/\w+$/.test(at)) return false;
      return !Array.isArray(object['sources']) || object['sources'].length === 0;
    });
    expect(missing.map(([at]) => at)).toEqual([]);
  });

  test.each(files)('%s: what is said in one language is said in the other', (file) => {
    for (const [at, object] of objects(read(join(folder, file)))) {
      expect('en' in object, at).toBe('ja' in object);
      if (!('en' in object)) continue;
      // A name or a number is the same in both; a sentence of several plain words is not.
      const words = String(object['en']).match(/\b[a-z]{3,}\b/g) ?? [];
      if (words.length > 1) expect(object['ja'], at).toMatch(japanese);
    }
  });

  test('the schema refuses a fact without a source, or in one language', () => {
    const validate = new Ajv2020({ strict: false }).compile(read(join(root, 'rules/schema/solution.schema.json')));
    for (const file of files) {
      const whole = read(join(folder, file));
      expect(validate(whole), `${file}: ${JSON.stringify(validate.errors)}`).toBe(true);
      for (const [at, object] of objects(whole))
        for (const member of ['sources', 'source', 'ja', 'en']) {
          if (!(member in object)) continue;
          const { [member]: lost, ...kept } = object;
          const copy = structuredClone(whole);
          const keys = at.split('/').slice(1);
          const parent = keys.slice(0, -1).reduce((inner: unknown, key) => (inner as Json)[key], copy);
          (parent as Record<string, unknown>)[keys.at(-1)!] = kept;
          expect(validate(copy), `${file}${at} without ${member} ${JSON.stringify(lost)}`).toBe(false);
        }
    }
  });

  test('a limit that rules read stands once: the matrix refers to it', () => {
    const written = read(join(folder, 'azure-vm.json'))['tiers'] as { retention: unknown }[];
    expect(written[0]!.retention).toEqual({
      minimum: 'P{limit:azure-vm/instantRestoreDays/minimum}D',
      maximum: 'P{limit:azure-vm/instantRestoreDays/enhancedMaximum}D',
    });
    const machine = solutions.find(({ id }) => id === 'azure-vm')!;
    expect(machine.tiers.map(({ retention }) => retention)).toEqual([
      { minimum: 'P1D', maximum: 'P30D' },
      { minimum: 'P7D', maximum: 'P99Y' },
      { maximum: 'P99Y' },
    ]);
    expect(solutions.find(({ id }) => id === 'azure-disk')!.tiers[0]!.retention!.points).toBe(450);
    expect(JSON.stringify(solutions)).not.toMatch(/\{limit:|"\$limit"/);
  });

  /** A list of intervals cannot be referred to; the shortest must be the best RPO, or it was changed in one place alone. */
  test.each([
    ['azure-vm', 0, ['hourly', 'intervals']],
    ['azure-files', 0, undefined],
    ['azure-disk', 0, ['intervals']],
    ['azure-disk', 1, ['intervalsOfFastDisks']],
    ['azure-blob', 1, ['intervals']],
    ['adls', 0, ['intervals']],
    ['aks', 0, ['intervals']],
    ['elastic-san', 0, ['intervals']],
    ['postgresql', 0, ['interval']],
  ] as const)('%s, RPO %i is the shortest interval that rules allow', (id, at, steps) => {
    const way = steps ?? ['hourly', 'intervals'];
    // azurerm asks the same hours of shares as of machines.
    const limits = read(join(folder, `${steps ? id : 'azure-vm'}.json`))['limits'] as Json;
    const { value } = way.reduce((inner, step) => inner[step] as Json, limits);
    const hours = Math.min(...[value as number | number[]].flat());
    const solution = solutions.find((candidate) => candidate.id === id)!;
    expect(solution.rpo[at]!.value).toBe(hours < 24 ? `PT${hours}H` : `P${hours / 24}D`);
  });
});

describe('the table', () => {
  test.each(languages)('pretty, %s: every solution, no line above 100 columns', async (lang) => {
    const { code, out } = await matrix('--lang', lang);
    expect(code).toBe(0);
    for (const line of out.split('\n')) expect(columnsOf(line), line).toBeLessThanOrEqual(100);
    // The first of the blocks between two rules is the head.
    expect(out.split(/\n─+\n/)).toHaveLength(solutions.length + 1);
  });

  test('pretty: what a cell holds', async () => {
    const { out } = await matrix();
    const machine = out.split(/\n─+\n/)[1]!.split('\n');
    expect(machine[0]).toMatch(/^Azure VM +Recovery Microsoft\. +snapshot +application 4 hours +99 years +new VM$/);
    expect(machine[1]).toMatch(/^ +Services Compute\/ +vault +file system +disks$/);
  });

  test.each(languages)('csv, %s: RFC 4180, a row for each solution', async (lang) => {
    const rows = parseCsv((await matrix('-f', 'csv', '--lang', lang)).out);
    expect(rows.map((row) => row.length)).toEqual(rows.map(() => 9));
    expect(rows.slice(1).map((row) => row[0])).toEqual(solutions.map(({ id }) => id));
    expect(rows.slice(1).map((row) => row[1])).toEqual(solutions.map(({ title }) => title[lang]));
    for (const cell of rows.flat()) {
      expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      expect(cell).not.toBe('');
    }
    const machine = rows.find(([id]) => id === 'azure-vm')!;
    if (lang === 'en')
      expect(machine[8]).toBe('new VM, disks, replace VM, files, cross region, cross zone, cross subscription');
  });

  test('what has a kind is called by its name in Japanese', async () => {
    const rows = parseCsv((await matrix('-f', 'csv', '--lang', 'ja')).out).slice(1);
    for (const row of rows)
      for (const cell of [4, 5, 6, 8].flatMap((at) => row[at]!.split('、'))) expect(cell, row[0]).toMatch(japanese);
  });

  test.each(languages)('markdown, %s: rows of eight cells', async (lang) => {
    const lines = (await matrix('-f', 'markdown', '--lang', lang)).out.trimEnd().split('\n');
    expect(lines).toHaveLength(solutions.length + 2);
    for (const line of lines) {
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(9);
      expect(line).not.toContain('<');
    }
  });

  test.each(languages)('json, %s: everything, texts in one language', async (lang) => {
    const { version, solutions: printed } = JSON.parse((await matrix('-f', 'json', '--lang', lang)).out) as {
      version: number;
      solutions: { id: string; title: string; restores: { value: string; text: string; sources: string[] }[] }[];
    };
    expect(version).toBe(1);
    expect(printed.map(({ id, title }) => [id, title])).toEqual(solutions.map(({ id, title }) => [id, title[lang]]));
    for (const [at, object] of objects(printed)) expect(Object.keys(object), at).not.toContain('en');
    for (const [at, { id, restores }] of printed.entries())
      expect(restores, id).toEqual(
        solutions[at]!.restores.map(({ en, ja, ...rest }) => ({ ...rest, text: { en, ja }[lang] })),
      );
  });
});

describe.each(languages)('one in full, %s', (lang) => {
  test.each(solutions.map((solution) => [solution.id, solution] as const))('%s', async (id, solution) => {
    const pretty = (await matrix(id, '--lang', lang)).out;
    for (const line of pretty.split(/\n\n(?:Sources|出典)\n/)[0]!.split('\n'))
      expect(columnsOf(line), line).toBeLessThanOrEqual(100);
    const markdown = (await matrix(id, '--lang', lang, '-f', 'markdown')).out;
    const sources = new Set<string>();
    for (const [, object] of objects({ ...solution, limits: {} }))
      for (const source of (object['sources'] ?? []) as string[]) sources.add(source);
    for (const source of sources) {
      expect(pretty).toContain(`] ${source}\n`);
      if (source.startsWith('https://')) expect(markdown).toContain(`<${source}>`);
    }
    const told = withoutBreaks(pretty);
    for (const fact of [...solution.restores, ...solution.exclusions, ...solution.tiers, ...solution.rpo]) {
      expect(told).toContain(withoutBreaks(fact[lang]));
      expect(withoutBreaks(markdown.replaceAll('\\', ''))).toContain(withoutBreaks(fact[lang]));
    }
    // Each reference leads to a source.
    for (const [, number] of markdown.matchAll(/\(#source-(\d+)\)/g))
      expect(markdown).toContain(`${number}. <a id="source-${number}">`);
    // Nothing of the data opens a tag of HTML.
    expect(markdown.replaceAll(/`[^`\n]*`|<a id="source-\d+"><\/a>|<https:[^>\n]*>|\\</g, '')).not.toContain('<');
  });
});

test('json and csv of one solution hold that one', async () => {
  const { solutions: printed } = JSON.parse((await matrix('aks', '-f', 'json')).out) as { solutions: { id: string }[] };
  expect(printed.map(({ id }) => id)).toEqual(['aks']);
  expect(parseCsv((await matrix('aks', '-f', 'csv')).out).map(([id]) => id)).toEqual(['id', 'aks']);
});

test('a restore says which settings of the vault it needs', async () => {
  expect(withoutBreaks((await matrix('azure-vm')).out)).toContain(
    withoutBreaks(
      'cannot replace an existing VM. The vault needs: geo-redundant storage, cross-region restore enabled.',
    ),
  );
});

test('DPM and MABS tell the restores of each workload', async () => {
  const { out } = await matrix('dpm-mabs');
  for (const workload of ['Hyper-V VM', 'VMware VM', 'SQL Server', 'SharePoint', 'Bare metal (BMR)'])
    expect(out).toMatch(
      new RegExp(`\\n {2}- ${workload.replaceAll(/[()]/g, '\\$&')} \\[\\d+\\].*\\n {4}- original location: `),
    );
});

test('a solution that does not exist is wrong usage, and the nearest is named', async () => {
  const { code, out, err } = await matrix('azure-vms');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('There is no solution "azure-vms". Did you mean "azure-vm"?');
  expect((await matrix('something-else-entirely')).err).toContain('There are azure-vm,');
  expect((await matrix('-f', 'sarif')).code).toBe(2);
});

describe('wrapping', () => {
  test.each([
    ['Microsoft.Storage/storageAccounts', 17, ['Microsoft.', 'Storage/', 'storageAccounts']],
    ['from MARS 2.0.9251.0 on', 12, ['from MARS', '2.0.9251.0', 'on']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['データベース、ログ', 14, ['データベース、', 'ログ']],
    ['バックアップ', 8, ['バック', 'アップ']],
    ['', 5, ['']],
  ])('%s', (text, width, lines) => {
    expect(wrapped(text, width)).toEqual(lines);
  });

  test('loses nothing and keeps to the width, whatever the text', () => {
    for (const { restores, exclusions, tiers } of solutions)
      for (const fact of [...restores, ...exclusions, ...tiers])
        for (const lang of languages)
          for (const width of [2, 7, 20, 60]) {
            const lines = wrapped(fact[lang], width);
            expect(withoutBreaks(lines.join(''))).toBe(withoutBreaks(fact[lang]));
            if (width > 2) for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
          }
  });
});

function withoutBreaks(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/** Strict: every record ends in CRLF, quotes stand around a whole cell. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const match = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    row.push(found[1]?.replaceAll('""', '"') ?? found[2]!);
    at = match.lastIndex;
    if (found[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) throw new Error('the last record does not end');
  return rows;
}
