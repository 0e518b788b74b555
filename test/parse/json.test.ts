import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { memberOf, offsetsOf, parseJson } from '../../src/parse/json.ts';
import type { JsonFile, JsonNode, JsonString } from '../../src/parse/json-tree.ts';
import type { Diagnostic, Log } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { isSpan, type Origin, Source } from '../../src/source/source.ts';

interface Read extends JsonFile {
  readonly source: Source;
  readonly log: Diagnostic[];
}

function read(text: string): Read {
  const source = new Source('t.json', text);
  const log: Log = [];
  return { ...parseJson(source, log), source, log };
}

/** Plain values; objects as maps, so that "__proto__" is a key like any other. */
function plain(node: JsonNode | undefined): unknown {
  switch (node?.kind) {
    case 'object':
      return new Map(node.members.map((member) => [member.key.value, plain(member.value)]));
    case 'array':
      return node.items.map(plain);
    default:
      return node?.value;
  }
}

function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (value === null || typeof value !== 'object') return value;
  return new Map(Object.entries(value).map(([key, each]) => [key, asMaps(each)]));
}

/** Back to JSON text, in which duplicates show. */
function tree(node: JsonNode | undefined): string {
  if (!node) return 'nothing';
  switch (node.kind) {
    case 'object':
      return `{${node.members.map((each) => `${JSON.stringify(each.key.value)}:${tree(each.value)}`).join()}}`;
    case 'array':
      return `[${node.items.map(tree).join()}]`;
    default:
      return JSON.stringify(node.value);
  }
}

/** The text of every node and key, in source order, with the offset where it starts. */
function spans(node: JsonNode | undefined): string[] {
  if (!node) return [];
  const own = `${node.start} ${node.source.text.slice(node.start, node.end)}`;
  if (node.kind === 'array') return [own, ...node.items.flatMap(spans)];
  if (node.kind !== 'object') return [own];
  return [
    own,
    ...node.members.flatMap((member) => {
      expect([member.start, member.end]).toEqual([member.key.start, member.value.end]);
      return [...spans(member.key), ...spans(member.value)];
    }),
  ];
}

function place(origin: Origin): string {
  if (!isSpan(origin)) throw new Error('a parser only knows places in text');
  const { line, column } = origin.source.position(origin.start);
  return `${line}:${column}+${origin.end - origin.start}`;
}

function told(log: readonly Diagnostic[]): string[] {
  return log.map((each) => `${place(each.at)} ${each.code}`);
}

function nodes(node: JsonNode): JsonNode[] {
  if (node.kind === 'object') return [node, ...node.members.flatMap((each) => [each.key, ...nodes(each.value)])];
  return node.kind === 'array' ? [node, ...node.items.flatMap(nodes)] : [node];
}

describe('strict JSON', () => {
  test.each([
    '{}',
    '[]',
    '"text"',
    ' \t\r\n null ',
    '[true,false,null]',
    '[0,-0,1,-1,10,1.5,-1.25,1e3,1E+3,1e-3,-0.0120e5,1e999,12345678901234567890]',
    '{"a":{"b":[{"c":[]},[[]]]},"":0}',
    '["\\"\\\\\\/\\b\\f\\n\\r\\t","\\u0041\\u00e9\\uD83D\\uDE00","\u{1F600}","\\ud83d","\\u2028","\u2028"]',
    '{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3,"toString":4}',
    `[${'"x",'.repeat(1000)}1]`,
    `{${Array.from({ length: 30 }, (_, i) => `"k${i}":${i}`).join()}}`,
  ])('%#: equals JSON.parse', (text) => {
    const { root, log } = read(text);
    expect(log).toEqual([]);
    expect(plain(root)).toEqual(asMaps(JSON.parse(text)));
  });

  test('numbers keep their text', () => {
    const { root } = read('[12345678901234567890, 1.10]');
    expect(root?.kind === 'array' && root.items.map((item) => item.kind === 'number' && item.digits)).toEqual([
      '12345678901234567890',
      '1.10',
    ]);
  });

  test('every node and key has its exact span', () => {
    expect(spans(read('{ "a" : [ 1 ,true ] ,\n"\\u0062":{"c":"d\\n"} , } // end').root)).toEqual([
      '0 { "a" : [ 1 ,true ] ,\n"\\u0062":{"c":"d\\n"} , }',
      '2 "a"',
      '8 [ 1 ,true ]',
      '10 1',
      '13 true',
      '22 "\\u0062"',
      '31 {"c":"d\\n"}',
      '32 "c"',
      '36 "d\\n"',
    ]);
  });
});

describe('what Azure tolerates', () => {
  test.each<[string, string, string]>([
    ['line comments', '// a\n{"a": 1 // b\n, // c\r\n"b": 2}// d', '{"a":1,"b":2}'],
    ['block comments', '/* a */{/**/"a"/*\n*/:/* " */1/* } */,/***/"b":/*/*/2}/* x */', '{"a":1,"b":2}'],
    ['marks of comments in strings', '["// no", "/* no */"]', '["// no","/* no */"]'],
    ['raw line breaks in strings', '{"a":"x\ny\r\nz"\n,"b" : "[\n]"}', '{"a":"x\\ny\\r\\nz","b":"[\\n]"}'],
    ['raw line breaks before a comment', '["x\n" /* y */, "z\n"// y\n]', '["x\\n","z\\n"]'],
    ['raw tabs in strings', '["\t"]', '["\\t"]'],
    ['trailing commas', '{"a":[1,2,],"b":{"c":1 , },}', '{"a":[1,2],"b":{"c":1}}'],
  ])('%s', (_, text, expected) => {
    const { root, log } = read(text);
    expect(tree(root)).toBe(expected);
    expect(told(log)).toEqual([]);
  });

  test('a duplicate key is a warning at the later one, and the last one counts', () => {
    const { root, log } = read('{"a": 1,\n "b": 2,\n "\\u0061": 3, "A": 4}');
    expect(told(log)).toEqual(['3:2+8 json-duplicate-key']);
    expect(log[0]?.severity).toBe('warning');
    expect(log[0]?.related?.map((each) => place(each.at))).toEqual(['1:2+3']);
    expect(plain(root)).toEqual(
      new Map([
        ['a', 3],
        ['b', 2],
        ['A', 4],
      ]),
    );
  });

  test('duplicates are found in large objects too, and "__proto__" is no duplicate of anything', () => {
    const keys = Array.from({ length: 12 }, (_, i) => `"k${i}":0`);
    expect(told(read(`{${keys.join()},\n"k0":1,\n"k11":1,\n"k0":2,\n"__proto__":1}`).log)).toEqual([
      '2:1+4 json-duplicate-key',
      '3:1+5 json-duplicate-key',
      '4:1+4 json-duplicate-key',
    ]);
    expect(read('{"a":1,"__proto__":2,"constructor":3}').log).toEqual([]);
  });

  test('a third duplicate points at the second', () => {
    const [, last] = read('{"a":1,"a":2,"a":3}').log;
    expect(last?.related?.map((each) => place(each.at))).toEqual(['1:8+3']);
  });
});

describe('comments', () => {
  test('those that mention the tool are kept, with spans that cover their marks', () => {
    const { comments, source } = read(
      [
        '// azure-backup-lint:ignore a',
        '{ // nothing of ours',
        '  /* Azure-Backup-Lint:ignore b\n     reason="x" */ "a": "// azure-backup-lint:no",\r',
        '  "b": [ // AZURE-BACKUP-LINT:ignore c\r',
        '  ]}',
        '//azure-backup-lint:ignore-file',
      ].join('\n'),
    );
    expect(comments.map((each) => [each.text, source.text.slice(each.start, each.end)])).toEqual([
      [' azure-backup-lint:ignore a', '// azure-backup-lint:ignore a'],
      [' Azure-Backup-Lint:ignore b\n     reason="x" ', '/* Azure-Backup-Lint:ignore b\n     reason="x" */'],
      [' AZURE-BACKUP-LINT:ignore c', '// AZURE-BACKUP-LINT:ignore c'],
      ['azure-backup-lint:ignore-file', '//azure-backup-lint:ignore-file'],
    ]);
  });

  test('a string with a line break does not make its neighbour comments count twice', () => {
    expect(read('["x\n" // azure-backup-lint:ignore a\n]').comments).toHaveLength(1);
  });
});

describe('nothing to read', () => {
  test.each(['', ' \r\n\t', '// only a comment', '/* only\na comment */ '])('%j', (text) => {
    const { root, log } = read(text);
    expect(root).toBeUndefined();
    expect(log).toEqual([]);
  });
});

describe('errors', () => {
  test.each<[text: string, expected: string[], recovered: string]>([
    // Commas and colons
    ['{"a": 1\n "b": 2}', ['1:8+0 json-missing-comma'], '{"a":1,"b":2}'],
    ['{"a": {} // x\n "b": 2}', ['1:9+0 json-missing-comma'], '{"a":{},"b":2}'],
    ['[1 2 "x"{}[]]', ['1:3+0', '1:5+0', '1:9+0', '1:11+0'].map((at) => `${at} json-missing-comma`), '[1,2,"x",{},[]]'],
    ['{"a": 1; "b": 2}', ['1:8+1 json-unexpected-character'], '{"a":1,"b":2}'],
    ['[1,,2]', ['1:4+1 json-extra-comma'], '[1,2]'],
    ['{,"a":1}', ['1:2+1 json-extra-comma'], '{"a":1}'],
    ['{"a" 1, "b": 2}', ['1:5+0 json-missing-colon'], '{"a":1,"b":2}'],
    ['{"a" = 1, "b": 2}', ['1:6+1 json-missing-colon'], '{"a":1,"b":2}'],
    ['{"a", "b": 2}', ['1:5+0 json-missing-colon'], '{"b":2}'],
    ['{"a"}', ['1:5+0 json-missing-colon'], '{}'],
    ['{"a": , "b": 2}', ['1:6+0 json-missing-value'], '{"b":2}'],
    ['{"b": 2, "a":\n}', ['1:14+0 json-missing-value'], '{"b":2}'],
    ['{: 1, "b": 2}', ['1:2+1 json-missing-key'], '{"b":2}'],
    ['{ 5: 1, {"x": 1}, "b": 2}', ['1:3+1 json-missing-key', '1:9+1 json-missing-key'], '{"b":2}'],
    // The rest of JSON5
    ["{'a': 'it\\'s', \"b\": 2}", ['1:2+3 json-single-quotes', '1:7+7 json-single-quotes'], '{"a":"it\'s","b":2}'],
    ["['a\n, 1]", ['1:2+2 json-single-quotes'], '["a",1]'],
    ['{a: 1, $b-c.d: 2}', ['1:2+1 json-unquoted-key', '1:8+6 json-unquoted-key'], '{"a":1,"$b-c.d":2}'],
    ['[NaN, Infinity, undefined, 1]', ['1:2+3', '1:7+8', '1:17+9'].map((at) => `${at} json-bad-word`), '[1]'],
    ['[True, NULL, fAlse]', ['1:2+4', '1:8+4', '1:14+5'].map((at) => `${at} json-bad-word`), '[true,null,false]'],
    ['{"a": some text, "b": 2}', ['1:7+4 json-bad-word'], '{"b":2}'],
    ['{"a": parameters(\'x\'),\n"b": 2}', ['1:7+10 json-bad-word'], '{"b":2}'],
    [
      '[+1, .5, 5., 007, 0x10, 1_000, -, 1.2.3, -x, 9]',
      ['1:2+2', '1:6+2', '1:10+2', '1:14+3', '1:19+4', '1:25+5', '1:32+1', '1:35+5', '1:42+2'].map(
        (at) => `${at} json-bad-number`,
      ),
      '[1,0.5,5,7,16,9]',
    ],
    ['{ # x " y\n "a": 1}', ['1:3+7 json-unexpected-character'], '{"a":1}'],
    ['{\u00a0"a":\u200b1}', ['1:2+1', '1:7+1'].map((at) => `${at} json-unexpected-character`), '{"a":1}'],
    ['[1, \u{1F600}, 2]', ['1:5+2 json-unexpected-character'], '[1,2]'],
    ['[/, 1]', ['1:2+1 json-unexpected-character'], '[1]'],
    // Strings
    [
      '{a": 1,\n "b": x-y", "c": [true", 2]}',
      ['1:2+2 json-unquoted-key', '2:7+4 json-bad-word', '2:19+5 json-bad-word'],
      '{"a":1,"c":[2]}',
    ],
    [
      '["\\q", "\\u12G4", "\\\'"]',
      ['1:3+2', '1:9+2', '1:19+2'].map((at) => `${at} json-bad-escape`),
      '["q","u12G4","\'"]',
    ],
    ['{"a": "x,\n "b": 2}', ['1:7+2 json-unclosed-string'], '{"a":"x","b":2}'],
    [
      '{"a": "x\n, "b": ["y]\n, "z"]}',
      ['1:7+2 json-unclosed-string', '2:9+3 json-unclosed-string'],
      '{"a":"x","b":["y]","z"]}',
    ],
    ['{"a: 1,\n "b": 2}', ['1:2+5 json-unclosed-string'], '{"b":2}'],
    ['{"a": "x}', ['1:7+3 json-unclosed-string'], '{"a":"x}"}'],
    ['["x\\', ['1:2+3 json-unclosed-string'].concat('1:4+1 json-bad-escape').sort().reverse(), '["x"]'],
    // Brackets
    ['{"a": [1, 2}', ['1:12+0 json-unclosed-bracket'], '{"a":[1,2]}'],
    ['[{"a": 1, [2]', ['1:11+1 json-missing-key', '1:14+0 json-unclosed-bracket'], '[{"a":1}]'],
    ['[{"a": 1]', ['1:9+0 json-unclosed-bracket'], '[{"a":1}]'],
    ['{"a": [1, {"b": 2}', ['1:19+0 json-unclosed-bracket'], '{"a":[1,{"b":2}]}'],
    ['{"a":\n\n', ['1:6+0 json-unclosed-bracket'], '{}'],
    ['[1}', ['1:3+1 json-stray-bracket'], '[1]'],
    ['[1}, 2]', ['1:3+1 json-stray-bracket'], '[1,2]'],
    ['{"a": 1}}', ['1:9+1 json-after-end'], '{"a":1}'],
    ['{"a": 1}\n {"b": 1}', ['2:2+1 json-after-end'], '{"a":1}'],
    ['1 2', ['1:3+1 json-after-end'], '1'],
    // Frames around the document
    ['so: {"a": 1}', ['1:1+2 json-bad-word'], '{"a":1}'],
    [']', ['1:1+1 json-unexpected-character'], 'nothing'],
    ['{"a": 1 /* }', ['1:9+2 json-unclosed-comment'], '{"a":1}'],
  ])('%j', (text, expected, recovered) => {
    const { root, log } = read(text);
    expect({ told: told(log).sort(), tree: tree(root) }).toEqual({ told: expected.toSorted(), tree: recovered });
    for (const each of log) {
      expect(each.severity).toBe('error');
      expect(each.help).toBeTruthy();
    }
  });

  test('an unclosed bracket names the one that is open', () => {
    const [error] = read('{\n "a": [1, 2}').log;
    expect(error?.message).toBe('"}" follows, but a "[" is still open');
    expect(error?.related?.map((each) => place(each.at))).toEqual(['2:7+1']);
  });

  test('no message shows a value, which may be a secret', () => {
    const { log } = read('{"p": hunter2, "q": \'hunter2\', "r": "hunter2\n, "s": 0hunter2, "t": "\\hunter2"}');
    expect(log.length).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(log.map(({ message, help }) => [message, help]))).not.toContain('hunter');
  });

  test('after 20 errors no more is told, but reading goes on; warnings have a count of their own', () => {
    const broken = read(`[${'nope,'.repeat(1000)}7]`);
    expect(broken.log).toHaveLength(20);
    expect(tree(broken.root)).toBe('[7]');
    const doubled = read(`{${'"a":1,'.repeat(1000)}"b":}`);
    expect(doubled.log.filter((each) => each.severity === 'warning')).toHaveLength(20);
    expect(doubled.log.filter((each) => each.severity === 'error')).toHaveLength(1);
  });
});

describe('limits', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  test('the deepest that is read', () => {
    const { root, log } = read(deep(limits.nesting));
    expect(log).toEqual([]);
    expect(tree(root)).toBe(deep(limits.nesting));
  });

  test.each([limits.nesting + 1, 10_000, 1_000_000])('%i brackets: one error, the rest is skipped', (levels) => {
    const { root, log } = read(deep(levels));
    expect(told(log)).toEqual([`1:${limits.nesting + 1}+1 json-too-deep`]);
    expect(tree(root)).toBe(deep(limits.nesting));
  });

  test('brackets that never close', () => {
    expect(told(read('['.repeat(10_000)).log)).toEqual([`1:${limits.nesting + 1}+1 json-too-deep`]);
    expect(told(read('{"a":'.repeat(10_000)).log)).toEqual([`1:${limits.nesting * 5 + 1}+1 json-too-deep`]);
  });

  test('what stands beside the skipped part is read; brackets in its strings and comments do not count', () => {
    const skipped = `{"x": "]}" /* ] azure-backup-lint:x */, "y": [1, {}]}`;
    const { root, log, comments } = read(`{"a": ${'['.repeat(199)}1, ${skipped}, 2${']'.repeat(199)}, "b": 3}`);
    expect(told(log)).toEqual(['1:209+1 json-too-deep']);
    expect(tree(root)).toBe(`{"a":${'['.repeat(199)}1,2${']'.repeat(199)},"b":3}`);
    expect(comments).toHaveLength(1);
  });

  test.each([
    ['quotes', '"\n'.repeat(500_000)],
    ['unclosed strings', '{"a": "x,\n'.repeat(100_000)],
    ['escapes', `["${'\\n'.repeat(500_000)}"]`],
    ['escaped quotes', '"\\"\n'.repeat(300_000)],
    ['slashes', '/'.repeat(500_000)],
    ['open comments', `[${'/*'.repeat(500_000)}`],
    ['commas', `[${','.repeat(500_000)}`],
    ['closing brackets', `[${'}'.repeat(500_000)}`],
    ['backslashes', '\\'.repeat(500_000)],
    ['NUL', '\0'.repeat(500_000)],
    ['one string', `["${'x'.repeat(4_000_000)}"]`],
    ['one line of duplicates', `{${'"a":1,'.repeat(300_000)}}`],
    ['words', 'a '.repeat(500_000)],
  ])('large and hostile: %s', (_, text) => {
    expect(read(text).log.length).toBeLessThanOrEqual(40);
  });

  test('any cut of a document, and any deletion of one character, gives a tree', () => {
    const text = '{"a": [1, -2.5e3, "x\\u0041\\n", {"b": true}], /* c */ "d": null, // e\n "f": {}}';
    for (let at = 0; at < text.length; at++) {
      for (const broken of [text.slice(0, at), text.slice(at), text.slice(0, at) + text.slice(at + 1)]) {
        const { root, source } = read(broken);
        for (const node of root ? nodes(root) : []) {
          expect(node.start).toBeLessThan(node.end);
          expect(node.end).toBeLessThanOrEqual(source.text.length);
        }
      }
    }
  });
});

describe('memberOf', () => {
  test('the case of the key does not count, and the last duplicate does', () => {
    const { root } = read('{"Type": 1, "type": 2, "__proto__": 3, "TYPE": {"a": 1}}');
    expect(memberOf(root, 'type')?.key.value).toBe('TYPE');
    expect(memberOf(root, '__PROTO__')?.value).toMatchObject({ value: 3 });
    expect(memberOf(root, 'toString')).toBeUndefined();
    expect(memberOf(read('[1]').root, 'length')).toBeUndefined();
    expect(memberOf(undefined, 'a')).toBeUndefined();
  });
});

describe('offsetsOf', () => {
  const offsets = (node: JsonNode | undefined) => {
    const { value } = node as JsonString;
    const offset = offsetsOf(node as JsonString);
    return Array.from({ length: value.length + 1 }, (_, i) => offset(i));
  };
  test.each<[string, number[]]>([
    ['"abc"', [1, 2, 3, 4]],
    [' ""', [2]],
    ['"a\\nb\\u0041c"', [1, 2, 4, 5, 11, 12]],
    ['"\\ud83d\\ude00\u{1F600}"', [1, 7, 13, 14, 15]],
    ['"\\q\\u1"', [1, 3, 5, 6]],
    ['"a\\nb', [1, 2, 4, 5]],
    ["'a\\'b'", [1, 2, 4, 5]],
  ])('%s', (text, expected) => {
    expect(offsets(read(text).root)).toEqual(expected);
  });
  test('a key without quotes', () => {
    const { root } = read('{ab: 1}');
    expect(root?.kind === 'object' && offsets(root.members[0]?.key)).toEqual([1, 2, 3]);
  });
});

describe('corpus', () => {
  const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
  const missing = !existsSync(corpus);
  if (missing) console.warn('skipped: the corpus is not beside the repository (../shared/corpus)');

  test.skipIf(missing)('every file parses without error, to what JSON.parse gives', () => {
    let compared = 0;
    let tolerated = 0;
    for (const folder of ['arm', 'bicep', 'plan']) {
      for (const name of readdirSync(join(corpus, folder), { recursive: true, encoding: 'utf8' }).sort()) {
        if (!name.endsWith('.json')) continue;
        const path = join(corpus, folder, name);
        const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
        const { root, log } = read(text);
        const errors = told(log.filter((each) => each.severity === 'error'));
        expect(errors, relative(corpus, path)).toEqual([]);
        expect(root, relative(corpus, path)).toBeDefined();
        let expected: unknown;
        try {
          expected = asMaps(JSON.parse(text));
        } catch {
          tolerated++;
          continue;
        }
        expect(plain(root), relative(corpus, path)).toEqual(expected);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
    console.info(`corpus: ${compared} files equal JSON.parse, ${tolerated} that only Azure tolerates`);
  });
});
