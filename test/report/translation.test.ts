/** How finished sentences are looked up: holes, sentences inside of sentences, names that look like sentences. */
import { expect, test } from 'vitest';
import { inEnglish, inLanguage, translator } from '../../src/report/translation.ts';
import type { Run } from '../../src/source/run.ts';
import { Source, span } from '../../src/source/source.ts';

const say = translator([
  ['the list is not known', 'リストが不明です'],
  ['the list', 'リスト'],
  ['"{0}" is not read: {1}', '"{0}" は読み取られません: {1}'],
  ['{0} of {1}', '{1} の {0}'],
  ['expected {0}', '{0} が必要です'],
  ['expected a name of a property', 'プロパティの名前が必要です'],
  ['{0}, found {1}', '{0}。ここにあるのは {1} です'],
  ['the end', '末尾'],
  ['{0}, found {', '{0}。ここにあるのは { です'],
  ['variable', '変数'],
  ['the {0} "{1}" is not known', '{0} "{1}" が不明です'],
  ['{0} has no value', '{0} に値がありません'],
  ['{0} could not be read{1}: {2}.', '{0} を読み取れませんでした{1}: {2}。'],
  [', here and in {0} more', ' (ほか {0} か所)'],
  ['it answers with status {0}{1}', '状態 {0} です{1}'],
  ['disks, and what uses them', 'ディスクとその利用者'],
  ['what is protected', '保護された項目'],
  ['extensions of machines', '拡張機能'],
]);

test.each([
  ['the list is not known', 'リストが不明です'],
  ['a sentence that nobody has translated', 'a sentence that nobody has translated'],
  ['', ''],
  // Holes may change places, and hold sentences.
  ['"a.tf" is not read: the list is not known', '"a.tf" は読み取られません: リストが不明です'],
  ['vault of rg-app', 'rg-app の vault'],
  ['the name of a tag of rg-app', 'the name of a tag of rg-app'],
  ['expected "the name of a tag"', '"the name of a tag" が必要です'],
  ['module.a["x y"].b of the list', 'リストの module.a["x y"].b'],
  ['  the list of rg-app\n', '  rg-app のリスト\n'],
  ['expected variable, found {', 'variable が必要です。ここにあるのは { です'],
  // A word alone is a name too, where it has no article.
  ['the variable "variable" is not known', '変数 "variable" が不明です'],
  ['variable has no value', 'variable に値がありません'],
  // Holes may be empty, and stand side by side.
  ['x could not be read: y.', 'x を読み取れませんでした: y。'],
  ['x could not be read, here and in 3 more: the list.', 'x を読み取れませんでした (ほか 3 か所): リスト。'],
  ['it answers with status 404', '状態 404 です'],
  ['it answers with status 503 (busy)', '状態 503 です (busy)'],
  ['the  "" is not known', ' "" が不明です'],
  // Lists, also at the beginning of a sentence.
  [
    'Disks, and what uses them, what is protected could not be read: y.',
    'ディスクとその利用者、保護された項目を読み取れませんでした: y。',
  ],
  ['Extensions of machines could not be read: y.', '拡張機能を読み取れませんでした: y。'],
  [
    'Extensions of machines, what is protected could not be read: y.',
    '拡張機能、保護された項目を読み取れませんでした: y。',
  ],
  ['what is protected, x could not be read: y.', 'what is protected, x を読み取れませんでした: y。'],
  // What is quoted is a name, whatever it looks like.
  ['"the list" is not read: x', '"the list" は読み取られません: x'],
  // Several patterns match: the one that leaves least of the sentence is meant, not the longest.
  ['expected a name of a property, found {', 'プロパティの名前が必要です。ここにあるのは { です'],
  // Spaces stand between Japanese and code, not inside of Japanese.
  ['expected x, found the end', 'x が必要です。ここにあるのは末尾です'],
  // Signs of patterns in what was read.
  ['"$& {0}" is not read: $1', '"$& {0}" は読み取られません: $1'],
  ['"\u00a0" is not read: \u00a0', '"\u00a0" は読み取られません: \u00a0'],
])('%s', (english, japanese) => {
  expect(say(english)).toBe(japanese);
});

test('what looks like sentences without end takes no time without end', () => {
  let tried = 0;
  const counting = translator([
    ['{0} of {1}', '{1} の {0}'],
    ['{0}: {1}', '{0}: {1}'],
    ['{0}, found {1}', '{0}、{1}'],
    ['{0} is {1}', '{0} は {1}'],
  ]);
  for (const part of ['a of b: c, found d is ', ': ', 'x, found y of z: '])
    for (let length = part.length; length <= 4000; length += 397, tried++)
      expect(counting(part.repeat(Math.ceil(length / part.length)).slice(0, length)).length).toBeGreaterThan(0);
  expect(tried).toBe(33);
});

test('a sentence is the same whatever was asked before', () => {
  const entries = [
    ['{0} of {1}', '{1} の {0}'],
    ['{0}: {1}', '{0}: {1}'],
    ['the list', 'リスト'],
  ] as const;
  const used = translator(entries);
  used('a of b: '.repeat(400));
  for (const sentence of ['b of the list', 'a of b: the list', 'the list: a of b: '])
    expect(used(sentence), sentence).toBe(translator(entries)(sentence));
});

test('a run: diagnostics, reasons and places beside; the words of rules and names stay', () => {
  const source = new Source('main.tf', 'x');
  const at = span(source, 0, 1);
  const resource = { address: 'the list', type: 'a', name: 'the list' };
  const run: Run = {
    tool: { name: 'azure-backup-lint', version: '0' },
    summary: {
      errors: 1,
      warnings: 0,
      notes: 0,
      suppressed: 0,
      undetermined: 1,
      files: 1,
      resources: 1,
      complete: false,
    },
    findings: [
      {
        code: 'c',
        severity: 'error',
        message: 'the list',
        help: 'the list',
        solutions: [],
        resource,
        at,
        related: [{ at, message: 'the list' }],
        fingerprint: 'f',
        docs: 'd',
      },
    ],
    undetermined: [{ code: 'c', resource, at, because: 'the list is not known' }],
    diagnostics: [
      {
        code: 'd',
        severity: 'error',
        message: 'expected x',
        help: 'the end',
        at,
        related: [{ at, message: 'the end' }],
      },
      { code: 'e', severity: 'note', message: 'the end', at },
    ],
    rules: [],
  };
  const told = inLanguage(run, say);
  expect(told.findings[0]).toEqual({ ...run.findings[0], related: [{ at, message: 'リスト' }] });
  expect(told.undetermined).toEqual([{ ...run.undetermined[0], because: 'リストが不明です' }]);
  expect(told.diagnostics).toEqual([
    { ...run.diagnostics[0], message: 'x が必要です', help: '末尾', related: [{ at, message: '末尾' }] },
    { ...run.diagnostics[1], message: '末尾' },
  ]);
  expect(inLanguage(run, inEnglish)).toBe(run);
});
