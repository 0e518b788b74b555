/** What every format has to keep. */
import { expect, test } from 'vitest';
import { formatNames } from '../../src/config.ts';
import { golden } from '../golden.ts';
import { formats } from './formats.ts';
import { cleanRun, cleanSummary, fullRun, HOSTILE, hostileRun, manyRun } from './sample.ts';

const each = Object.entries(formats);

test('every format that can be asked for is tried here', () => {
  expect(Object.keys(formats)).toEqual([...formatNames]);
});

const files: Readonly<Record<string, string>> = {
  junit: 'junit.xml',
  github: 'github.txt',
  'azure-pipelines': 'azure-pipelines.txt',
  gitlab: 'gitlab.json',
  markdown: 'markdown.md',
  csv: 'csv.csv',
};

/** The others have goldens with their own tests. */
test.each(Object.entries(files))('golden: %s', (name, file) => {
  golden(`test/goldens/report/full-${file}`, formats[name]!(fullRun));
  golden(`test/goldens/report/hostile-${file}`, formats[name]!(hostileRun));
  golden(`test/goldens/report/full-japanese-${file}`, formats[name]!(fullRun, 'ja'));
});

test.each(each)('%s: nothing from input is passed on that could act', (name, print) => {
  for (const language of ['en', 'ja']) {
    const text = print(hostileRun, language);
    expect(text.replaceAll(/\r?\n/g, '')).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
    );
    const lines = text.split('\n');
    const strange = lines.filter((line) => {
      const own =
        name === 'github'
          ? /^::(?:error|warning|notice) (?:\w+=[^:,]*,?)+::/.exec(line)
          : name === 'azure-pipelines'
            ? /^##vso\[task\.logissue (?:\w+=[^;\]]*;)+\]/.exec(line)
            : null;
      const rest = own ? line.slice(own[0].length) : line;
      return /##\w*\[/.test(rest) || (!own && /^\s*::/.test(rest));
    });
    expect(strange).toEqual([]);
  }
});

test.each(each)('%s: what is suppressed is not told', (name, print) => {
  const text = print(fullRun);
  if (name === 'json' || name === 'sarif') expect(text).toContain('hidden by a comment');
  else expect(text).not.toContain('hidden by a comment');
});

test.each(each)('%s: what could not be read is told', (_, print) => {
  expect(print(fullRun)).toContain('this block has no closing brace');
  expect(print({ ...fullRun, findings: [] })).toContain('this block has no closing brace');
});

test.each(each)('%s: an incomplete run of which nothing more is known is no clean one', (name, print) => {
  const run = { ...cleanRun, summary: { ...cleanSummary, complete: false } };
  // Lists of findings alone have no word for it; the exit status does.
  if (name === 'gitlab' || name === 'csv') return;
  expect(print(run)).not.toBe(print(cleanRun));
  expect(print(run)).not.toContain('No problems found');
});

test.each(each)('%s: places, codes and messages of all findings', (_, print) => {
  const text = print(manyRun);
  for (let i = 0; i < 12; i++) expect(text).toContain(`error ${i}`);
  for (let i = 0; i < 30; i++) expect(text).toContain(`note ${i}`);
  expect(text).toContain('estate/main.tf');
  expect(text).toContain('policy-retention-short');
});

test.each(each)('%s: the same run gives the same bytes, without times and absolute paths', (_, print) => {
  const text = print({ ...fullRun, findings: [...fullRun.findings], diagnostics: [...fullRun.diagnostics] });
  expect(text).toBe(print(fullRun));
  expect(text).not.toMatch(/\d\d:\d\d:\d\d|timestamp/);
  expect(text).not.toContain(process.cwd());
});

test.each(['junit', 'github', 'azure-pipelines', 'markdown'])('%s speaks Japanese of itself', (name) => {
  const text = formats[name]!(fullRun, 'ja');
  expect(text).toContain('不完全: 1 個の入力を読み取れなかった');
  expect(text).toContain('error 1 件');
  expect(text).not.toMatch(/help:|docs:|could not be|Incomplete/);
});

test.each(['json', 'gitlab', 'csv'])('%s says nothing of itself', (name) => {
  expect(formats[name]!(fullRun, 'ja')).toBe(formats[name]!(fullRun, 'en'));
});

test('sarif speaks Japanese where it adds to rules, and keeps its keys', () => {
  const text = formats['sarif']!(fullRun, 'ja');
  expect(text).toContain('**対処方法:**');
  const keysOf = (log: string): string =>
    JSON.stringify(JSON.parse(log), (key, value) => (/^(?:text|markdown)$/.test(key) ? '' : value));
  expect(keysOf(text)).toBe(keysOf(formats['sarif']!(fullRun, 'en')));
});

test('the sample is as hostile as it says', () => {
  expect(HOSTILE).toMatch(/\p{Cc}/u);
  expect(HOSTILE).toMatch(/##\w*\[/);
  expect(HOSTILE).toMatch(/^\s*::/m);
});
