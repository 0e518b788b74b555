/** YAML as Terraform reads it. What is expected here is what go-cty-yaml, Terraform's own library, gives for each text. */
import { describe, expect, test } from 'vitest';
import { decodeJson, jsonText } from '../../src/evaluate/terraform/json.ts';
import { decodeYaml } from '../../src/evaluate/terraform/yaml.ts';
import { yamlDocument } from '../../src/evaluate/terraform/yaml-text.ts';
import { isHuge, type Value } from '../../src/evaluate/value.ts';
import { limits } from '../../src/source/limits.ts';
import { Source, span } from '../../src/source/source.ts';

const at = span(new Source('main.tf', 'x'), 0, 1);
const decoded = (yaml: string): Value => decodeYaml(yaml, at);
/** `refused`: an error to `try` and `can`; `unknown`: this tool cannot tell. */
const verdict = (yaml: string): string => {
  const value = decoded(yaml);
  return value.kind === 'unknown' ? (value.failed ? 'refused' : 'unknown') : value.kind;
};

describe('a text that Terraform reads', () => {
  test.each([
    ['a: yes\nb: Off\nc: y\nd: nO\ne: TRUE\nf: tRUE', '{"a":true,"b":false,"c":true,"d":"nO","e":true,"f":"tRUE"}'],
    ["- ~\n- Null\n- nULL\n-\n- ''", '[null,null,"nULL",null,""]'],
    [
      '[010, 0o17, 0x1F, 0xG, 0b11, 1_000, -0x1, 1., .5, +1, 1e3, -0, 1E-2, 12345678901234567890.5]',
      '[10,15,31,"0xG","0b11","1_000","-0x1",1,0.5,1,1000,-0,0.01,12345678901234567890.5]',
    ],
    [
      '- !!int 1_000\n- !!float "1"\n- !!str 1\n- !!bool yes\n- !!null x\n- !!binary YQ==\n- !!timestamp 2020-1-2',
      '[1000,"1","1",true,null,"YQ==","2020-01-02T00:00:00Z"]',
    ],
    [
      '- 2020-1-2\n- 2020-01-01 10:00:00.5\n- 2020-01-01t1:2:3+05:30\n- 2020-02-30\n- 2020-01-01T10:00:00\n- 2020-01-01T10:00:00+24:60\n- 2020-01-01T10:00:00-00:00\n- 12:30',
      '["2020-01-02T00:00:00Z","2020-01-01T10:00:00Z","2020-01-01T01:02:03+05:30","2020-02-30","2020-01-01T10:00:00","2020-01-01T10:00:00+25:00","2020-01-01T10:00:00Z","12:30"]',
    ],
    [
      'a: |\n  1\nb: |-\n  1\nc: >-\n  yes\nd: |-\n  2020-01-01\ne: |+\n  x\n\n',
      '{"a":"1\\n","b":"1","c":"true","d":"2020-01-01T00:00:00Z","e":"x\\n\\n"}',
    ],
    ['a: |-\n  ~', '{"a":null}'],
    ['a: |\n  no end', '{"a":"no end"}'],
    ['base: &b {x: 1, y: 2}\nmine:\n  y: 3\n  <<: *b\n  x: 4', '{"base":{"true":2,"x":1},"mine":{"true":2,"x":4}}'],
    ['"<<": {a: 1}', '{"a":1}'],
    ['1: a\ntrue: b\n1.50: c\nyes: d\n2020-01-01: e', '{"1":"a","1.5":"c","2020-01-01T00:00:00Z":"e","true":"d"}'],
    ['a: &x 1\nb: &x 2\nc: *x', '{"a":1,"b":2,"c":2}'],
    ['a: 1\na: 2', '{"a":2}'],
    ['---', 'null'],
    ['---\na: 1\n...\n', '{"a":1}'],
    ["a: 'it''s' # c", '{"a":"it\'s"}'],
    ['a: "tab\\tq\\u00e9\\x41\\\n  joined"', '{"a":"tab\\tq\u00e9Ajoined"}'],
    ['a: one\n  two\n\n  three', '{"a":"one two\\nthree"}'],
    ['{"a":{"b":[1,2]}}', '{"a":{"b":[1,2]}}'],
    ['a:1', '"a:1"'],
    ['url: http://x:80/y#z', '{"url":"http://x:80/y#z"}'],
    ['a:\r\n  - x\r\n  - y\r\n', '{"a":["x",true]}'],
    ['e\u0301: e\u0301', '{"\u00e9":"\u00e9"}'],
  ])('%j', (yaml, json) => {
    const text = jsonText(decoded(yaml), false)!;
    expect(JSON.parse(text)).toEqual(JSON.parse(json));
    // Digits that a double would lose.
    for (const digits of json.match(/\d{17,}/g) ?? []) expect(text).toContain(digits);
  });
});

describe('a text that Terraform refuses', () => {
  test.each([
    ['!!bool maybe'],
    ['!!int abc'],
    ['!!set {a, b}'],
    ['!mine 1'],
    ['<<: 1'],
    ['~: a'],
    ['? [a]\n: b'],
    ['*a : 1'],
    ['a: &a [*a]'],
    ['a: *b'],
    ['&k key: 1\nb: *k'],
    [''],
    ['# only a comment'],
    ['a: 1\n---\nb: 2'],
    ['a: ['],
    ['a: {b: 1'],
    ['a: b: c'],
    ['.NaN'],
    ['a: !!merge <<'],
  ])('%j', (yaml) => {
    expect(verdict(yaml)).toBe('refused');
  });
});

test('infinity is a number', () => {
  expect(decoded('.inf')).toMatchObject({ kind: 'number', value: Number.POSITIVE_INFINITY });
  expect(decoded('- -.INF')).toMatchObject({ items: [{ value: Number.NEGATIVE_INFINITY }] });
});

describe('where the versions of YAML or of Terraform differ the value is unknown', () => {
  test.each([
    ['a directive', '%YAML 1.2\n---\na'],
    ['a line break of the older version', 'a: x\u2028y'],
    ['a lone return', 'a: 1\rb: 2'],
    ['a byte order mark', '\ufeffa: 1'],
    ['a question mark in brackets', '[what?, b]'],
    ['a colon before a bracket', '{a:}'],
    ['a text in brackets that begins with a colon', '[:a]'],
    ['an escaped slash', '"a\\/b"'],
    ['a pair of surrogates', '"\\ud83d\\ude00"'],
    ['the name of an anchor', 'a: &x.y 1'],
    ['the name of an anchor of a key', '&x.y a: 1'],
    ['a tab after a dash', '-\ta'],
    ['a tab that indents', 'a: |\n  x\n\ty'],
    ['a comment without a blank', 'a: "x"#c'],
    ['a block at the very left', '|\nx'],
    ['a quote that ends in an escaped one', "'a''"],
    ['a tag without a name', '!\n- a'],
    ['a merged sequence', '<<: [{a: 1}]'],
    ['a key that is infinite', '.inf: 1'],
  ])('%s', (_, yaml) => {
    expect(verdict(yaml)).toBe('unknown');
  });
});

describe('hostile texts end', () => {
  const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    laughs.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  const keys = Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join(', ');

  test.each([
    ['aliases of aliases', laughs.join('\n')],
    ['merges of a large mapping', `- &m {${keys}}\n${'- {<<: *m}\n'.repeat(1000)}`],
    ['brackets', '['.repeat(limits.yamlLength)],
    ['closed brackets', `${'['.repeat(2_000)}${']'.repeat(2_000)}`],
    ['dashes', '- '.repeat(5_000)],
    ['more than is read', `- ${'a'.repeat(limits.yamlLength)}`],
  ])('%s', (_, yaml) => {
    const value = decoded(yaml);
    expect(isHuge(value)).toBe(false);
    expect(value.kind).toBe('unknown');
  });

  test('aliases without harm are values', () => {
    expect(verdict(laughs.slice(0, 4).join('\n'))).toBe('object');
  });
});

describe('what yamlencode() writes', () => {
  test.each([
    [
      '{"a":["x\\ny",{"b":"p\\n\\nq\\n"}],"c":"\\n lead","d":"end\\n\\n","e":"blank \\nbreak","f":"tab\\tbell\\u0007 \\u2028 \u00e9 \ud83d\ude00"}',
      '"a":\n- |-\n  x\n  y\n- "b": |\n    p\n\n    q\n"c": |2-\n\n   lead\n"d": |+\n  end\n\n"e": "blank \\nbreak"\n"f": "tab\\tbell\\a \\L é \\U0001F600"\n',
    ],
    [
      '["a\\nb",[],{},[["x"],{"k":null,"z":[true,1.5,1e21]}]]',
      '- |-\n  a\n  b\n- []\n- {}\n- - - "x"\n  - "k": null\n    "z":\n    - true\n    - 1.5\n    - 1000000000000000000000\n',
    ],
    ['"a\\nb"', '|-\n  a\n  b\n'],
    ['{"":""}', '"": ""\n'],
    [
      '"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"',
      '"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"\n',
    ],
  ])('%s', (json, yaml) => {
    expect(yamlDocument(decodeJson(json, at))).toBe(yaml);
  });

  test.each([
    ['a text that is folded', JSON.stringify('word '.repeat(20))],
    ['a key that is folded apart', JSON.stringify({ ['k'.repeat(129)]: 1 })],
    ['a key of several lines', '{"a\\nb": 1}'],
    ['a byte order mark', '"\\ufeffa"'],
  ])('is left open for %s', (_, json) => {
    expect(yamlDocument(decodeJson(json, at))).toBeUndefined();
  });
});

test('every value stands where the text is decoded', () => {
  expect(decoded('a: [1]')).toMatchObject({ at, members: new Map([['a', expect.objectContaining({ at })]]) });
});
