import { expect, test } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { excerpt } from '../../src/report/excerpt.ts';
import { Source, span } from '../../src/source/source.ts';
import { placeOf } from './sample.ts';

/** The printed text under the underline, found by columns. */
function underlined(found: NonNullable<ReturnType<typeof excerpt>>): string {
  let column = 0;
  let text = '';
  for (const character of found.text) {
    if (column >= found.indent && column < found.indent + found.length) text += character;
    column += columnsOf(character);
  }
  return text;
}

test.each([
  ['plain', 'a = "b" # c\n', '"b"'],
  ['after tabs', '\t\ta\t= "b"', '"b"'],
  ['after wide characters', '名前 = "日本" # 💾 "x"', '"x"'],
  ['wide itself', 'name = "日本"', '"日本"'],
  ['combining marks', 'e\u0301e\u0301 = "b"', '"b"'],
  ['CRLF', 'x\r\na = "b"\r\ny', '"b"'],
  ['end of file', 'a = b', 'b'],
])('the underline stands under the span: %s', (_, text, wanted) => {
  const source = new Source('a.tf', text);
  const found = excerpt(placeOf(source, wanted), 60)!;
  expect(underlined(found)).toBe(wanted);
  expect(found.until).toBeUndefined();
});

test('escapes before and in the span are counted as printed', () => {
  const source = new Source('a.tf', '\u202e\u001b = "b\u200b" ##vso[x]');
  const found = excerpt(placeOf(source, '"b\u200b"'), 60)!;
  expect(underlined(found)).toBe('"b\\u200b"');
  expect(found.text).toBe('\\u202e\\u001b = "b\\u200b" \\u0023#vso[x]');
});

test('an empty span has an underline of one, also at the end of a line and of the text', () => {
  const source = new Source('a.tf', 'ab\ncd');
  expect(excerpt(span(source, 1, 1), 60)).toMatchObject({ line: 1, indent: 1, length: 1 });
  expect(excerpt(span(source, 2, 2), 60)).toMatchObject({ line: 1, indent: 2, length: 1 });
  expect(excerpt(span(source, 5, 5), 60)).toMatchObject({ line: 2, indent: 2, length: 1 });
  expect(excerpt(span(source, 99, 120), 60)).toMatchObject({ line: 2, indent: 2, length: 1 });
});

test('a span over several lines is underlined on its first, without blanks at the end', () => {
  const source = new Source('a.tf', 'a {  \r\n  b\n}\n');
  expect(excerpt(span(source, 0, source.text.indexOf('}') + 1), 60)).toEqual({
    line: 1,
    text: 'a {  ',
    indent: 0,
    length: 3,
    until: 3,
  });
});

test('a line break at the end of a span does not make it one of several lines', () => {
  const source = new Source('a.tf', 'a = b\nc\n');
  expect(excerpt(span(source, 4, 6), 60)).toMatchObject({ indent: 4, length: 1 });
  expect(excerpt(span(source, 4, 6), 60)).not.toHaveProperty('until');
});

test('a blank line shows nothing', () => {
  expect(excerpt(span(new Source('a.tf', 'a\n  \nb'), 3, 3), 60)).toBeUndefined();
  expect(excerpt(span(new Source('a.tf', ''), 0, 0), 60)).toBeUndefined();
});

test.each([
  ['at the start', 0],
  ['in the middle', 120],
  ['at the end', 240],
])('a long line is cut around the span: %s', (_, at) => {
  const source = new Source('a.tf', `${'x'.repeat(at)}SPAN${'y'.repeat(240 - at)}`);
  const found = excerpt(placeOf(source, 'SPAN'), 60)!;
  expect(columnsOf(found.text)).toBeGreaterThan(57);
  expect(columnsOf(found.text)).toBeLessThanOrEqual(60);
  expect(underlined(found)).toBe('SPAN');
  expect(found.text.startsWith('…')).toBe(at > 0);
  expect(found.text.endsWith('…')).toBe(at < 240);
});

test.each([
  ['"name" : "vm"', '"vm"', '…"name" : "vm"…'],
  ['"vm"', '"vm"', '…"vm"…'],
  ['"id":"[resourceId(\'x\')]"', '"[resourceId(\'x\')]"', '…"id":"[resourceId(\'x\')]"…'],
  ['"values":{"pin":"1234"}', '{"pin":"1234"}', '…"values":{…'],
  ['"values":["1234"]', '"values":["1234"]', '…"values":[…'],
])('of a machine-made line only the place and its key are shown: %s', (text, wanted, expected) => {
  const padding = '"q":"S3cret",'.repeat(30);
  const source = new Source('plan.json', `{${padding}${text},${padding}}`);
  expect(excerpt(placeOf(source, wanted), 60)!.text).toBe(expected);
});

test('a secret on the line is hidden, and the underline still fits', () => {
  const source = new Source('a.json', '{"adminPassword": "p\\"w S3cret", "name": "vm"}');
  const found = excerpt(placeOf(source, '"vm"'), 60)!;
  expect(found.text).toBe('{"adminPassword": (hidden), "name": "vm"}');
  expect(underlined(found)).toBe('"vm"');
  const inside = excerpt(placeOf(source, 'S3cret'), 60)!;
  expect(underlined(inside)).toBe('(hidden)');
});

test('a span wider than the line shows its beginning', () => {
  const source = new Source('a.tf', `${'日'.repeat(30)}"${'本'.repeat(100)}"`);
  const found = excerpt(placeOf(source, `"${'本'.repeat(100)}"`), 61)!;
  expect(columnsOf(found.text)).toBeLessThanOrEqual(61);
  expect(underlined(found)).toMatch(/^"本+$/);
  expect(found.text).toMatch(/^….*…$/);
});

test('a line that just fits is not cut', () => {
  const text = 'x'.repeat(56) + 'SPAN';
  expect(excerpt(placeOf(new Source('a.tf', `${text}\nnext`), 'SPAN'), 60)!.text).toBe(text);
  expect(excerpt(placeOf(new Source('a.tf', `SPAN${'x'.repeat(116)}\nnext`), 'SPAN'), 60)!.text).toMatch(/^SPANx+…$/);
});

test('a huge line is not torn inside a character', () => {
  const source = new Source('plan.json', `"${'👍'.repeat(2_000_000)}"SPAN${'👍'.repeat(2_000_000)}"`);
  const found = excerpt(placeOf(source, 'SPAN'), 60)!;
  expect(underlined(found)).toBe('SPAN');
  expect(found.text).not.toMatch(/\\ud83d|\\udc4d/);
});
