import { expect, test } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { relativeUri } from '../../src/report/location.ts';
import {
  escapeMarkdown,
  escapeMarkdownProse,
  harmlessJson,
  printable,
  printableLines,
  printablePieces,
  withoutLeadingColons,
} from '../../src/report/printable.ts';
import { HOSTILE } from './sample.ts';

test.each([
  ['\u001b[31m', '\\u001b[31m'],
  ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['\u202eevil', '\\u202eevil'],
  ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
  ['\u0085\u2028', '\\u0085\\u2028'],
  ['\ud800!', '\\ud800!'],
  ['\u{e0041}', '\\U000e0041'],
  ['\uffff\u{1fffe}', '\\uffff\\U0001fffe'],
  ['##vso[task.complete]', '\\u0023#vso[task.complete]'],
  ['##[error]', '\\u0023#[error]'],
  ['###[error]', '#\\u0023#[error]'],
  ['::error::x', '\\u003a:error::x'],
  ['  ::error::x', '  \\u003a:error::x'],
  ['日本語 é 💾 # ## vault::policy', '日本語 é 💾 # ## vault::policy'],
])('%j is printed as %s', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('lines stay lines, and none may start with ::', () => {
  expect(printableLines('a\r\n::error::b\n\u0007c')).toBe('a\n\\u003a:error::b\n\\u0007c');
});

test('colour codes do not hide a leading ::', () => {
  expect(withoutLeadingColons('x\n\u001b[1m::12:3')).toBe('x\n\u001b[1m\\u003a:12:3');
});

test('pieces say the same as the whole and add up to its length', () => {
  const pieces = printablePieces(HOSTILE);
  expect(pieces.map((piece) => piece.text).join('')).toBe(printable(HOSTILE));
  expect(pieces.reduce((sum, piece) => sum + piece.units, 0)).toBe(HOSTILE.length);
});

test('JSON keeps every value and holds nothing that acts', () => {
  const text = harmlessJson({ value: HOSTILE });
  expect(JSON.parse(text)).toEqual({ value: HOSTILE });
  expect(text).toContain('\\u0023#vso[');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
});

test('Markdown loses its meaning, in the texts of rules all but code spans', () => {
  const text = 'a `b_c` [x](javascript:y) <b> *z* `<i>`';
  expect(escapeMarkdownProse(text)).toBe('a `b_c` \\[x\\]\\(javascript:y\\) &lt;b&gt; \\*z\\* \\`&lt;i&gt;\\`');
  expect(escapeMarkdown('`b` & <c>')).toBe('\\`b\\` &amp; &lt;c&gt;');
});

test.each([
  ['a b/c#d?.tf', 'a%20b/c%23d%3F.tf'],
  ['größe/日本.tf', 'gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC.tf'],
  ['http:/x', 'http%3A/x'],
  ['50%.tf\ud800', '50%25.tf%EF%BF%BD'],
  ['../up.tf', '../up.tf'],
])('the URI of %s', (path, expected) => {
  expect(relativeUri(path)).toBe(expected);
});

test.each([
  ['abc', 3],
  ['日本', 4],
  ['ｶﾅ', 2],
  ['Ａ', 2],
  ['한글', 4],
  ['e\u0301', 1],
  ['💾', 2],
  ['👍🏽', 2],
  ['🇯🇵', 2],
  ['…', 1],
])('%s takes %i columns', (text, expected) => {
  expect(columnsOf(text)).toBe(expected);
});
