/**
 * What the program says beside the texts of rules: every sentence of src/ is there in Japanese, no translation is left over, and
 * runs in Japanese over the fixtures, over broken files and over the corpus show no English sentence.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compileSentences } from '../scripts/rules.mjs';
import { sentences } from '../scripts/texts.mjs';
import { catalogue, speak } from '../src/catalogue.ts';
import { phrasesOf } from '../src/check/phrases.ts';
import { settleOptions } from '../src/config.ts';
import { nodeIo } from '../src/io.ts';
import { lint } from '../src/lint.ts';
import { main } from '../src/main.ts';
import { parseBicep } from '../src/parse/bicep.ts';
import { parseHcl } from '../src/parse/hcl.ts';
import { parseJson } from '../src/parse/json.ts';
import { columnsOf } from '../src/report/columns.ts';
import { inLanguage, translator } from '../src/report/translation.ts';
import type { Log } from '../src/source/diagnostic.ts';
import type { Run } from '../src/source/run.ts';
import { Source } from '../src/source/source.ts';
import { fixtureIo, fixtures, fixturesFolder, optionsIn } from './fixture.ts';
import { memoryIo } from './memory.ts';
import { random } from './random.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Text {
  readonly en: string;
  readonly ja: string;
}

const files = readdirSync(join(root, 'rules/texts')).map((name) => ({
  name,
  texts: (JSON.parse(readFileSync(join(root, 'rules/texts', name), 'utf8')) as { texts: Text[] }).texts,
}));
const allTexts = files.flatMap(({ texts }) => texts);

describe('the translations', () => {
  const said = sentences();

  test('sentences are found in each of the forms that code has for them', () => {
    const forms = [
      'this comment is never closed', // a literal
      'the default of variable "{0}"', // a template
      '{0} is not looked into ({1}), {2}.', // several holes
      'it is a folder', // a value in a table
      'version 4', // a branch beside another
      'versions of the module differ in it', // a reason in data
    ];
    expect(forms.filter((form) => !said.has(form))).toEqual([]);
    expect(said.get('{0} is not looked into ({1}), {2}.')).toEqual([expect.stringMatching(/^src\/left-out\.ts:\d+$/)]);
  });

  test('every sentence has one (node scripts/texts.mjs prints those without)', () => {
    const translated = new Set(allTexts.map(({ en }) => en));
    expect([...said].filter(([en]) => !translated.has(en)).map(([en, [place]]) => `${place} ${en}`)).toEqual([]);
  });

  test('none is left of a sentence that nobody says any more', () => {
    const own = files.filter(({ name }) => !/^(?:frames|libraries)\./.test(name));
    expect(own.flatMap(({ texts }) => texts.map(({ en }) => en)).filter((en) => !said.has(en))).toEqual([]);
  });

  test('none is left of a sentence that no library says any more', () => {
    const code = ['commander/lib', 'yaml/dist', 're2js/build/index.cjs']
      .flatMap((path) => sourcesIn(join(root, 'node_modules', path)))
      .join('\n')
      .toLowerCase();
    const { texts } = files.find(({ name }) => name.startsWith('libraries.'))!;
    const longestPiece = (en: string): string =>
      en
        .split(/\{\d+\}|[\n[\]():.,']| for /)
        .map((piece) => piece.trim())
        .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '')
        .toLowerCase();
    expect(texts.filter(({ en }) => !code.includes(longestPiece(en))).map(({ en }) => en)).toEqual([]);
  });

  test('each sentence has only one', () => {
    const seen = new Set<string>();
    expect(allTexts.map(({ en }) => en).filter((en) => seen.size === seen.add(en).size)).toEqual([]);
  });

  test('holes are the same on both sides, and numbered in order', () => {
    const holes = (text: string): string[] => text.match(/\{\d+\}/g) ?? [];
    const wrong = allTexts.filter(({ en, ja }) => {
      const numbered = holes(en).map((_, i) => `{${i}}`);
      return holes(en).join() !== numbered.join() || [...new Set(holes(ja))].sort().join() !== numbered.sort().join();
    });
    expect(wrong).toEqual([]);
  });

  test('each is Japanese', () => {
    const words = /(?!the\b)\b[a-z]{2,}/i;
    const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;
    expect(allTexts.filter(({ en, ja }) => words.test(en.replace(/\{\d+\}/g, '')) && !japanese.test(ja))).toEqual([]);
  });

  test('the Japanese is set as everywhere: no full-width letters, spaces around code and inside of katakana alone', () => {
    const wrong = [
      /[\uff01-\uff5e]/,
      /[\u3040-\u30ff\u4e00-\u9fff][a-z]|[a-z][\u3040-\u30ff\u4e00-\u9fff]/i,
      /[\u3041-\u3096] [\u3041-\u30ff\u4e00-\u9fff]|[\u3041-\u30ff\u4e00-\u9fff] [\u3041-\u3096]/,
    ];
    expect(allTexts.filter(({ ja }) => wrong.some((one) => one.test(ja)))).toEqual([]);
  });
});

function sourcesIn(path: string): string[] {
  if (/\.c?js$/.test(path)) return [readFileSync(path, 'utf8')];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(path, name), 'utf8'));
}

const say = translator(compileSentences()['ja']!);

/** Two words, or one that only sentences have; what is quoted is no sentence. */
function isEnglish(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g, '');
  return /(?<![\w./-])(?:[a-z]{2,} [a-z]{2,}|the|is|are|not|of|which|may|was|expected|found|needs)(?![\w./-])/i.test(
    bare,
  );
}

/** Names of products in two words of which the second is a small one. */
const names =
  /SQL Server|Recovery Services|Azure (?:Files|Backup|Policy)|Site Recovery|Elastic SAN|Resource Guard|Premium Storage|JSON Lines/g;

/** English sentences of a run in Japanese; those of rules are in `rules.test.ts`. */
function leftIn(run: Run): string[] {
  const { findings, undetermined, diagnostics } = inLanguage(run, say);
  return [
    ...findings.flatMap(({ related }) => related.map(({ message }) => message)),
    ...undetermined.map(({ because }) => because),
    ...diagnostics.flatMap(({ message, help = '', related = [] }) => [
      message,
      help,
      ...related.map((one) => one.message),
    ]),
  ].filter((text) => isEnglish(text.replace(names, '')));
}

const everything = { profile: 'strict', lang: 'ja', showUndetermined: true, verbose: true };

test('the sentences of a run would be seen if they were English', () => {
  expect(isEnglish('it is not known whether {0} is deployed')).toBe(true);
  expect(isEnglish('the "a"')).toBe(true);
  expect(isEnglish('"a b" が main.tf と azurerm_x.y に')).toBe(false);
});

/** Longer than others: everything is judged, and listed. */
const minutes = 3 * 60_000;

test(
  'the fixtures in which something is unknown, each alone',
  async () => {
    await speak('ja');
    const left = new Set<string>();
    for (const fixture of fixtures()) {
      if (fixture.kind !== 'unknown') continue;
      const io = fixtureIo(fixture);
      for (const text of leftIn(await lint(await optionsIn(io, everything), io, '0'))) left.add(text);
    }
    expect([...left]).toEqual([]);
  },
  minutes,
);

const corpus = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
const present = existsSync(corpus);
if (!present) console.warn('The shared corpus is not there: real files are not linted in Japanese.');

async function leftUnder(folder: string, path: string): Promise<string[]> {
  await speak('ja');
  const io = { ...nodeIo(), cwd: folder };
  return [...new Set(leftIn(await lint(settleOptions([path], everything, catalogue(), io), io, '0')))];
}

test.each(['estate', 'estates'])(
  'the fixtures of %s in one run',
  async (folder) => {
    expect(await leftUnder(fixturesFolder, folder)).toEqual([]);
  },
  minutes,
);

describe.skipIf(!present)('the corpus', () => {
  test.each(['terraform', 'bicep', 'arm', 'plan'])(
    '%s',
    async (folder) => {
      expect(await leftUnder(corpus, folder)).toEqual([]);
    },
    minutes,
  );
});

test('broken files: what parsers say of fixtures with a token too much, too little or elsewhere', () => {
  const next = random(6);
  const among = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const signs = [
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '"',
    "'",
    ',',
    ':',
    '=',
    '${',
    '%{',
    '?',
    '==',
    '.',
    '::',
    '=>',
    '\n',
    '@',
  ];
  // Words of comments would be names.
  const texts = fixtures()
    .filter(({ text }) => text.length < 4_000)
    .map(({ name, text }) => ({ name, text: text.replace(/(?:#|\/\/) .*$/gm, '') }));
  const left = new Map<string, string>();
  let told = 0;
  for (let i = 0; i < 3_000; i++) {
    const { name, text } = among(texts);
    const tokens = [...text.matchAll(/"[^"\n]*"|'[^'\n]*'|[\w.$-]+|\S|\n/g)];
    const token = among(tokens);
    const put = among(['', among(signs), among(tokens)[0], token[0] + token[0], token[0] + among(signs)]);
    const log: Log = [];
    const source = new Source(name, text.slice(0, token.index) + put + text.slice(token.index + token[0].length));
    (name.endsWith('.tf') ? parseHcl : name.endsWith('.bicep') ? parseBicep : parseJson)(source, log);
    told += log.length;
    for (const { message, help = '', related = [] } of log)
      for (const sentence of [message, help, ...related.map((one) => one.message)])
        if (isEnglish(withoutExamples(say(sentence)))) left.set(sentence, say(sentence));
  }
  expect(told).toBeGreaterThan(2_000);
  expect(Object.fromEntries(left)).toEqual({});
});

/** Lists in code, and declarations that end a sentence. */
function withoutExamples(text: string): string {
  return text.replace(/\[[^\]]*\]|: (?:param|output) .*$/g, '');
}

test('facts that rules put into their messages', () => {
  const { fact } = phrasesOf('ja');
  const said = ['every rule', 'a, b and 3 more', '1 day', '90 minutes', 'West Europe'];
  expect(said.map((text) => fact(text, 'string'))).toEqual([
    'すべてのルール',
    'a, b ほか 3 件',
    '1 日',
    '90 分',
    'West Europe',
  ]);
  expect(fact('1 or unknown', 'one-of')).toBe('1 または不明');
});

test('in an audit nothing is declared elsewhere', () => {
  const because = [
    'the machine is declared elsewhere',
    'extensions may be declared elsewhere',
    'the list may hold more',
  ];
  expect(because.map(phrasesOf('en', true).reason)).toEqual([
    'the machine is no part of what was read',
    'extensions may exist outside of what was read',
    'the list may hold more',
  ]);
  expect(because.map(phrasesOf('ja', true).reason).filter((text) => /declared/.test(text))).toEqual([]);
  expect(because.map(phrasesOf('en').reason)).toEqual(because);
});

test('SARIF: what it adds to the texts of rules', async () => {
  const io = memoryIo({ '/repo/main.tf': 'resource "a" "b" {\n' });
  await main(['--lang', 'ja', '-f', 'sarif'], '0.0.0', io);
  const [run] = (JSON.parse(io.out.text) as { runs: { tool: { driver: { rules: { help: object }[] } } }[] }).runs;
  const { rules } = run!.tool.driver;
  expect(rules.length).toBeGreaterThan(100);
  for (const { help } of rules) {
    expect(help).toEqual({
      text: expect.stringContaining('\n\n詳細: http'),
      markdown: expect.stringMatching(/\*\*対処方法:\*\*/),
    });
    expect(help).toEqual({ text: expect.any(String), markdown: expect.stringContaining('[このルールの詳細](http') });
  }
  expect(io.out.text).not.toMatch(/What to do|More about|The root of/);
});

test('a report that cannot be written', async () => {
  const io = memoryIo({ '/repo/main.tf': '' });
  const writeFile = (): void => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  };
  expect(await main(['--lang', 'ja', '-f', 'pretty', '-f', 'json=out.json'], '0.0.0', { ...io, writeFile })).toBe(3);
  const problem = 'レポートを書き込めません: アクセスが拒否されました。';
  expect(io.err.text).toBe(`error: out.json: ${problem}\n`);
  expect(io.out.text).toContain(problem);
});

describe('the command line', () => {
  async function run(...args: string[]) {
    const io = memoryIo({ '/repo/main.tf': '' });
    const code = await main([...args, '--lang', 'ja'], '0.0.0', io);
    return { code, out: io.out.text, err: io.err.text };
  }

  const commands = ['lint', 'inspect', 'audit', 'baseline', 'init', 'matrix', 'rules', 'explain', 'completion', 'man'];

  test.each([[], ...commands.map((command) => [command]), ['rules', 'test']].map((command) => [command]))(
    'help %s',
    async (command) => {
      const { code, out } = await run(...command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`使用方法: ${['azure-backup-lint', ...command].join(' ')}`);
      const english = out
        .split('\n')
        .filter((line) => !/^使用方法:/.test(line))
        .filter((line) => isEnglish(line.replace(names, '')));
      expect(english).toEqual([]);
      expect(out).not.toMatch(/^[A-Z]\w+:/m);
      // Japanese letters take two columns.
      const columns = out.split('\n').flatMap((line) => {
        const head = /^ {2}\S.*? {2,}(?=\S)/.exec(line);
        return head ? [columnsOf(head[0])] : [];
      });
      expect(new Set(columns).size).toBe(1);
    },
  );

  test.each([
    'rules: { vault-soft-delete-of: error }',
    'profil: strict',
    'profile: strong',
    'rules: []',
    'failOn: 1',
    'exclude: [1]',
    'exclude: text',
    'backup: { declaredHere: maybe }',
    'suppressions: [{ code: vault-soft-delete-off, reason: x, until: 2026-02-30 }]',
    'suppressions: [{}]',
    'objectives: [{ name: gold, rpo: daily }]',
    'objectives: [{ name: gold, security: { softDeleteDays: 1 } }]',
    'a: b: c',
    'rules: [',
    'profile: "strict',
    'profile: strict\nprofile: strict',
    '\tprofile: strict',
    'profile: *nowhere',
    '- a\nb: c',
    'profile: @strict',
    'profile: strict\n---\nprofile: strict',
    'a: &a [x]\nb: &a &b c',
    '? {a: b',
    'profile: {strict, : }',
  ])('a wrong configuration: %s', async (text) => {
    const io = memoryIo({ '/repo/main.tf': '', '/repo/azure-backup-lint.yaml': text });
    expect(await main(['--lang', 'ja'], '0.0.0', io)).toBe(2);
    expect(io.out.text).toBe('');
    expect(io.err.text).toMatch(/^error: .*[\u3040-\u30ff]/);
    const message = io.err.text.replace(/^error: (?:\S+: )?/, '').replace(/[A-Za-z-]+(?:, [A-Za-z-]+)+/g, '');
    expect(isEnglish(message) ? io.err.text : '').toBe('');
  });

  test.each([
    [['--nope']],
    [['--quite']],
    [['nope', '--only']],
    [['--only', 'vault-soft-delete-of']],
    [['--fail-on', 'always']],
    [['--format', 'html=']],
    [['--stdin']],
    [['--var', 'x']],
    [['--severity', 'x']],
    [['--config', 'gone.yaml']],
    [['explain']],
    [['explain', 'a', 'b']],
    [['explain', 'nope']],
    [['matrix', 'nope']],
    [['rules', '-f', 'nope']],
  ])('wrong usage: %s', async (args) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: .*[\u3040-\u30ff]/);
    expect(isEnglish(err.replace(/^error: /, ''))).toBe(false);
  });
});
