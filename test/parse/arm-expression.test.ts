import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { armExpressionOf, parseArmString } from '../../src/parse/arm-expression.ts';
import type { Expression } from '../../src/parse/expression.ts';
import { parseJson } from '../../src/parse/json.ts';
import type { JsonNode } from '../../src/parse/json-tree.ts';
import type { Diagnostic, Log } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { isSpan, type Origin, Source } from '../../src/source/source.ts';

/** Reads a JSON text that must be sound; the log then holds only what the expressions gave. */
function read(json: string): { expression: Expression; log: Diagnostic[]; source: Source } {
  const source = new Source('t.json', json);
  const log: Log = [];
  const { root } = parseJson(source, log);
  expect(log.filter((each) => each.severity === 'error')).toEqual([]);
  return { expression: armExpressionOf(root!, log), log, source };
}

/** One expression as a template's author writes it, made a JSON string as the template holds it. */
function written(expression: string) {
  return read(JSON.stringify(expression));
}

/** Canonical text: calls in lower case, access as ['key'], lambdas as (a, b) => body. */
function tree(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      if (node.digits !== undefined) return `${node.digits}!`;
      return typeof node.value === 'string' ? `'${node.value}'` : String(node.value);
    case 'access':
      return `${tree(node.of)}[${tree(node.key)}]`;
    case 'call':
      return `${node.name}(${node.args.map(tree).join(', ')})`;
    case 'lambda':
      return `((${node.parameters.join(', ')}) => ${tree(node.body)})`;
    case 'list':
      return `[${node.items.map((item) => tree(item.value)).join(', ')}]`;
    case 'object':
      return `{${node.entries.map((entry) => `${tree(entry.key!)}: ${tree(entry.value)}`).join(', ')}}`;
    case 'broken':
      return 'broken';
    default:
      throw new Error(`ARM has no ${node.kind}`);
  }
}

/** Every node with the text it was written as. */
function texts(node: Expression): string[] {
  const own = `${node.kind} ${node.source.text.slice(node.start, node.end)}`;
  switch (node.kind) {
    case 'access':
      return [own, ...texts(node.of), ...texts(node.key)];
    case 'call':
      return [
        own,
        `name ${node.nameSpan.source.text.slice(node.nameSpan.start, node.nameSpan.end)}`,
        ...node.args.flatMap(texts),
      ];
    case 'lambda':
      return [own, ...texts(node.body)];
    case 'list':
      return [own, ...node.items.flatMap((item) => texts(item.value))];
    case 'object':
      return [own, ...node.entries.flatMap((entry) => [...texts(entry.key!), ...texts(entry.value)])];
    default:
      return [own];
  }
}

function place(origin: Origin): string {
  if (!isSpan(origin)) throw new Error('a parser only knows places in text');
  const { line, column } = origin.source.position(origin.start);
  return `${line}:${column} ${origin.source.text.slice(origin.start, origin.end)}`;
}

describe('strings that are no expression', () => {
  test.each([
    ['', "''"],
    ['plain', "'plain'"],
    ['[', "'['"],
    [']', "']'"],
    ['[half', "'[half'"],
    ['half]', "'half]'"],
    [' [x()]', "' [x()]'"],
    ['[x()] ', "'[x()] '"],
    ['[[x()]', "'[x()]'"],
    ['[[[x]]', "'[[x]]'"],
    ['[[half', "'[[half'"],
    ["it''s", "'it''s'"],
  ])('%j', (text, expected) => {
    const { expression, log, source } = written(text);
    expect(log).toEqual([]);
    expect(tree(expression)).toBe(expected);
    expect([expression.start, expression.end]).toEqual([0, source.text.length]);
  });
});

describe('expressions', () => {
  test.each([
    ["[parameters('vaultName')]", "parameters('vaultName')"],
    ['[Concat(  )]', 'concat()'],
    ["[\n  RESOURCEID ( 'A/b' ,\r\n\tvariables('x') )\n]", "resourceid('A/b', variables('x'))"],
    ["['text']", "'text'"],
    ["['it''s ''quoted''']", "'it's 'quoted''"],
    ["['']", "''"],
    ["['''']", "'''"],
    ['[\'[not] (a) bracket, "at all"\']', '\'[not] (a) bracket, "at all"\''],
    ["['two\nlines']", "'two\nlines'"],
    ['[5]', '5'],
    ['[-5]', '-5'],
    ['[add(1.5, -0)]', 'add(1.5, 0)'],
    ['[f(12345678901234567890)]', 'f(12345678901234567890!)'],
    ['[if(true(), null(), False())]', 'if(true(), null(), false())'],
    ['[resourceGroup().Location]', "resourcegroup()['Location']"],
    ["[f().a.b[0]['c'].d]", "f()['a']['b'][0]['c']['d']"],
    ["[f() . a\n[ g( 'x' ) ] . b]", "f()['a'][g('x')]['b']"],
    ["['abc'[0]]", "'abc'[0]"],
    ['[f(a().b, c()[d().e])]', "f(a()['b'], c()[d()['e']])"],
    ["[variables('a')[variables('b')[variables('c')]]]", "variables('a')[variables('b')[variables('c')]]"],
    ["[Contoso.uniqueName(parameters('p')).x]", "contoso.uniquename(parameters('p'))['x']"],
    ["[variables('$fxv#0')]", "variables('$fxv#0')"],
    ['[f().été]', "f()['été']"],
    ["[lambda('x', add(lambdaVariables('x'), 1))]", "((x) => add(lambdavariables('x'), 1))"],
    [
      "[reduce(p(), 0, Lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]",
      "reduce(p(), 0, ((a, b) => add(lambdavariables('a'), lambdavariables('b'))))",
    ],
    ['[lambda(1)]', '(() => 1)'],
    ['[lambda(f(), 1)]', 'lambda(f(), 1)'],
    ['[lambda()]', 'lambda()'],
  ])('%j', (text, expected) => {
    const { expression, log } = written(text);
    expect(log).toEqual([]);
    expect(tree(expression)).toBe(expected);
  });

  test('every node has its exact span', () => {
    expect(texts(read(`"[ Concat( 'a''b' , f().x [ 0 ] , -1 ) ]"`).expression)).toEqual([
      "call Concat( 'a''b' , f().x [ 0 ] , -1 )",
      'name Concat',
      "literal 'a''b'",
      'access f().x [ 0 ]',
      'access f().x',
      'call f()',
      'name f',
      'literal x',
      'literal 0',
      'literal -1',
    ]);
  });

  test('spans are places in the file through JSON escapes', () => {
    expect(
      texts(
        read(
          String.raw`"\u005bconc\u0061t(\"\"[0]\n"`.replace(
            '\\"\\"[0]\\n',
            String.raw`'\"\\',\n\tns\u002ef('\ud83d\ude00').\u0078)]`,
          ),
        ).expression,
      ),
    ).toEqual([
      String.raw`call conc\u0061t('\"\\',\n\tns\u002ef('\ud83d\ude00').\u0078)`,
      String.raw`name conc\u0061t`,
      String.raw`literal '\"\\'`,
      String.raw`access ns\u002ef('\ud83d\ude00').\u0078`,
      String.raw`call ns\u002ef('\ud83d\ude00')`,
      String.raw`name ns\u002ef`,
      String.raw`literal '\ud83d\ude00'`,
      String.raw`literal \u0078`,
    ]);
  });

  test('a string after a raw line break counts from its own line', () => {
    const { expression, source } = read(`"[f(\n  'a')]"`);
    expect(expression.kind === 'call' && source.position(expression.args[0]!.start)).toEqual({ line: 2, column: 3 });
  });
});

describe('expressions that cannot be read', () => {
  // The place is that of the JSON string, whose opening quote is column 1.
  test.each<[text: string, at: string, message: RegExp]>([
    ['[]', '1:3 ]', /expression is missing/],
    ['[  ]', '1:5 ]', /expression is missing/],
    ["[concat('a']", '1:13 ]', /"\)" is missing/],
    ["[concat('a', f('b')]", '1:21 ]', /"\)" is missing/],
    ["[concat('a' 'b')]", "1:14 '", /comma is missing/],
    ["[concat('a' f())]", '1:14 f', /comma is missing/],
    ['[concat(,)]', '1:10 ,', /expression is missing/],
    ["[concat('a',)]", '1:14 )', /expression is missing/],
    ["[concat('a)]", "1:10 '", /closing quote/],
    ["[f()['a]", "1:7 '", /closing quote/],
    ['[f()[0]', '1:8 ]', /"\]" is missing/],
    ['[f()[]]', '1:7 ]', /expression is missing/],
    ['[f().]', '1:7 ]', /property name is missing/],
    ["[f().'a']", "1:7 '", /property name is missing/],
    ['[f().0]', '1:7 0', /property name is missing/],
    ['[f())]', '1:6 )', /no place/],
    ['[f()]-[g()]', '1:6 ]', /ends at this bracket/],
    ['[f() g()]', '1:7 g', /no place/],
    ['[name]', '1:3 name', /neither a function call nor a text/],
    ['[f(name)]', '1:5 name', /neither a function call nor a text/],
    ['[a.b.c()]', '1:3 a.b', /neither a function call nor a text/],
    ['[f(1 + 2)]', '1:7 +', /no operators/],
    ['[!f()]', '1:3 !', /no operators/],
    ['[1, 2]', '1:4 ,', /no place/],
    ['[-]', '1:3 -', /no number/],
    ['[1.]', '1:3 1.', /no number/],
    ['[12ab]', '1:3 12ab', /no number/],
    ['[5.a]', '1:3 5.a', /no number/],
    ['[{}]', '1:3 {', /no place/],
    ['[\u{1F600}]', '1:3 \u{1F600}', /no place/],
  ])('%j', (text, at, message) => {
    const { expression, log, source } = written(text);
    expect(tree(expression)).toBe('broken');
    expect([expression.start, expression.end]).toEqual([0, source.text.length]);
    expect(log.map((each) => [each.code, each.severity, place(each.at)])).toEqual([
      ['arm-bad-expression', 'warning', at],
    ]);
    expect(log[0]?.message).toMatch(message);
    expect(log[0]?.help).toBeTruthy();
  });

  test('double quotes, and the place of an error after escapes', () => {
    const [error] = read('{"a": 1,\n "b": "[concat(\\"x\\")]"}').log;
    expect(error && place(error.at)).toBe('2:16 \\"');
    expect(error?.message).toMatch(/single quotes/);
  });

  test('a bracket that is not closed is shown', () => {
    const [error] = written("[f(g('b')]").log;
    expect(error?.related?.map((each) => place(each.at))).toEqual(['1:4 (']);
  });

  test('one broken expression leaves the others alone', () => {
    const { expression, log } = read(`{"a": "[f(]", "b": ["[g()]", "[h(]"]}`);
    expect(tree(expression)).toBe("{'a': broken, 'b': [g(), broken]}");
    expect(log.map((each) => place(each.at))).toEqual(['1:11 ]', '1:34 ]']);
  });
});

describe('any JSON', () => {
  test('values', () => {
    expect(tree(read('[1, -1.5, 1e3, "a", "[f()]", true, null, {}, []]').expression)).toBe(
      "[1, -1.5, 1000, 'a', f(), true, null, {}, []]",
    );
  });

  test.each<[json: string, value: number, digits: string | undefined]>([
    ['9007199254740991', 9007199254740991, undefined],
    ['9007199254740993', 9007199254740992, '9007199254740993'],
    ['100000000000000000000', 1e20, undefined],
    ['0.1', 0.1, undefined],
    ['0.10000000000000000000', 0.1, undefined],
    ['0.12345678901234567891', 0.12345678901234568, '0.12345678901234567891'],
    ['-1.50e3', -1500, undefined],
    ['1e999', Number.POSITIVE_INFINITY, '1e999'],
    ['1e-999', 0, '1e-999'],
    ['0e5', 0, undefined],
  ])('%s keeps its digits where a double loses them', (json, value, digits) => {
    const { expression } = read(json);
    expect(expression).toMatchObject({ kind: 'literal', value });
    expect(expression.kind === 'literal' && expression.digits).toBe(digits);
  });

  test('keys are expressions too, and of duplicates the last one counts', () => {
    const { expression, log } = read(`{"a": 1, "[variables('k')]": 2, "[[x]": 3, "a": 4, "A": 5, "__proto__": 6}`);
    expect(tree(expression)).toBe("{variables('k'): 2, '[x]': 3, 'a': 4, 'A': 5, '__proto__': 6}");
    expect(log.map((each) => each.code)).toEqual(['json-duplicate-key']);
  });

  test('spans', () => {
    expect(texts(read(`{"a": [1, "[f()]"],\n "b": null}`).expression)).toEqual([
      `object {"a": [1, "[f()]"],\n "b": null}`,
      'literal "a"',
      'list [1, "[f()]"]',
      'literal 1',
      'call f()',
      'name f',
      'literal "b"',
      'literal null',
    ]);
  });
});

describe('limits', () => {
  const calls = (levels: number) => `[${'f('.repeat(levels)}${')'.repeat(levels)}]`;
  const codes = (text: string) => written(text).log.map((each) => [each.code, each.severity]);
  const tooDeep = [['arm-expression-too-deep', 'error']];

  test.each<[string, string, string]>([
    ['calls', calls(limits.nesting), calls(limits.nesting + 1)],
    ['access', `[f()${'.a'.repeat(limits.nesting - 1)}]`, `[f()${'.a'.repeat(limits.nesting)}]`],
    ['indexes', `[f()${'[0]'.repeat(limits.nesting - 1)}]`, `[f()${'[0]'.repeat(limits.nesting)}]`],
    [
      'both',
      `[${'f('.repeat(100)}g()${'.a'.repeat(limits.nesting - 101)}${')'.repeat(100)}]`,
      `[${'f('.repeat(100)}g()${'.a'.repeat(limits.nesting - 100)}${')'.repeat(100)}]`,
    ],
  ])('nesting of %s', (_, deepest, over) => {
    expect(codes(deepest)).toEqual([]);
    expect(codes(over)).toEqual(tooDeep);
    expect(tree(written(over).expression)).toBe('broken');
  });

  test.each<[string, string]>([
    ['calls', calls(100_000)],
    ['open calls', `[${'f('.repeat(100_000)}]`],
    ['indexes in indexes', `[${'f()['.repeat(100_000)}0${']'.repeat(100_000)}]`],
    ['access', `[f()${'.a'.repeat(100_000)}]`],
  ])('hostile: %s', (_, text) => {
    expect(codes(text)).toEqual([['arm-expression-too-long', 'warning'], ...tooDeep]);
  });

  test('a long expression is told and still read', () => {
    const filled = (length: number) => `['${'x'.repeat(length - 4)}']`;
    expect(codes(filled(24_576))).toEqual([]);
    const { expression, log, source } = written(filled(24_577));
    expect(log.map((each) => [each.code, each.severity])).toEqual([['arm-expression-too-long', 'warning']]);
    expect(log[0]?.at).toMatchObject({ start: 0, end: source.text.length });
    expect(expression.kind).toBe('literal');
  });

  test('a long text is no long expression', () => {
    expect(codes('x'.repeat(100_000))).toEqual([]);
  });

  test('a long flat expression, and one of many quotes', () => {
    expect(tree(written(`[f(${'0,'.repeat(10_000)}0)]`).expression)).toContain('0, 0)');
    expect(written(`['${"''".repeat(12_000)}']`).expression).toMatchObject({ value: "'".repeat(12_000) });
  });
});

test('any cut of an expression, and any deletion of one character, is read or told', () => {
  const text = "concat('a''b', f(-1.5)[g().x].y, lambda('x', ns.h()))";
  for (let at = 0; at < text.length; at++) {
    for (const cut of [text.slice(0, at), text.slice(at), text.slice(0, at) + text.slice(at + 1)]) {
      const { expression, log } = written(`[${cut}]`);
      const escaped = cut.startsWith('[');
      expect(
        log.map((each) => each.code),
        cut,
      ).toEqual(expression.kind === 'broken' ? ['arm-bad-expression'] : []);
      if (escaped) expect(expression.kind, cut).toBe('literal');
    }
  }
});

describe('corpus', () => {
  const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
  const missing = !existsSync(corpus);
  if (missing) console.warn('skipped: the corpus is not beside the repository (../shared/corpus)');

  function strings(node: JsonNode, found: JsonNode[] = []): JsonNode[] {
    if (node.kind === 'string') found.push(node);
    else if (node.kind === 'array') for (const item of node.items) strings(item, found);
    else if (node.kind === 'object') for (const { key, value } of node.members) strings(value, strings(key, found));
    return found;
  }

  test.skipIf(missing)('every string of every template is a text or a sound expression', () => {
    const log: Log = [];
    let templates = 0;
    let expressions = 0;
    for (const folder of ['arm', 'bicep']) {
      for (const name of readdirSync(join(corpus, folder), { recursive: true, encoding: 'utf8' }).sort()) {
        if (!name.endsWith('.json')) continue;
        const text = readFileSync(join(corpus, folder, name), 'utf8').replace(/^\ufeff/, '');
        if (!/"\$schema"\s*:\s*"[^"]*deploymentTemplate\.json/i.test(text)) continue;
        templates++;
        const { root } = parseJson(new Source(`${folder}/${name}`, text), []);
        for (const node of strings(root!)) {
          if (node.kind !== 'string') continue;
          const expression = parseArmString(node, log);
          if (expression.kind === 'literal' && expression.start === node.start) continue;
          expressions++;
          // Nothing but white space may stand between the brackets and the expression.
          const outside = text.slice(node.start, expression.start) + text.slice(expression.end, node.end);
          expect(outside.replace(/\s|\\[nrt]/g, ''), `${folder}/${name}`).toBe('"[]"');
        }
        armExpressionOf(root!, log);
      }
    }
    expect(log.map((each) => `${each.code} ${isSpan(each.at) && each.at.source.file} ${place(each.at)}`)).toEqual([]);
    expect(templates).toBeGreaterThan(50);
    expect(expressions).toBeGreaterThan(1000);
    console.info(`corpus: ${expressions} expressions in ${templates} templates`);
  });
});
