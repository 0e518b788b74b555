import { describe, expect, test } from 'vitest';
import type { Expression } from '../../src/parse/expression.ts';
import { parseHcl, parseHclExpression, parseHclTemplate } from '../../src/parse/hcl.ts';
import type { Body, HclFile } from '../../src/parse/hcl-tree.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { isSpan, Source } from '../../src/source/source.ts';

/** An expression as an s-expression: strings quoted, names bare, operators and node kinds first. */
function render(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return e.digits ?? JSON.stringify(e.value);
    case 'name':
      return e.name;
    case 'broken':
      return 'BROKEN';
    case 'template':
      return list(e.heredoc ? 'heredoc' : 'text', e.parts.map(renderPart));
    case 'access':
      return list('at', [render(e.of), render(e.key)]);
    case 'splat':
      return list(e.full ? '[*]' : '.*', [render(e.of), render(e.each)]);
    case 'call':
      return list(e.name, [...e.args.map(render), ...(e.spread ? ['...'] : [])]);
    case 'operation':
      return list(e.operator, e.operands.map(render));
    case 'conditional':
      return list('if', [render(e.condition), render(e.then), render(e.otherwise)]);
    case 'list':
      return `[${e.items.map((item) => render(item.value)).join(' ')}]`;
    case 'object':
      return `{${e.entries.map((entry) => `${render(entry.key!)}:${render(entry.value)}`).join(' ')}}`;
    case 'for': {
      const names = e.keyName === undefined ? e.valueName : `${e.keyName},${e.valueName}`;
      const rest = [
        ...(e.key ? [`${render(e.key)}=>`] : []),
        render(e.value) + (e.grouped ? '...' : ''),
        ...(e.condition ? ['if', render(e.condition)] : []),
      ];
      return list(e.text ? 'for-text' : 'for', [names, render(e.of), ...rest]);
    }
    case 'lambda':
      throw new Error('HCL has no lambdas');
  }
}

function renderPart(part: string | Expression): string {
  return typeof part === 'string' ? JSON.stringify(part) : render(part);
}

function list(head: string, rest: string[]): string {
  return `(${[head, ...rest].join(' ')})`;
}

function expression(text: string): { value: Expression; log: Diagnostic[] } {
  const log: Diagnostic[] = [];
  return { value: parseHclExpression(new Source('x.tf', text), log), log };
}

function file(text: string): HclFile & { log: Diagnostic[] } {
  const log: Diagnostic[] = [];
  return { ...parseHcl(new Source('x.tf', text), log), log };
}

/** The value of `x` in a file, where line breaks count. */
function valueOfX(text: string): string {
  const { body, log } = file(text);
  expect(log.map(told)).toEqual([]);
  return render(body.attributes.find((attribute) => attribute.name === 'x')!.value);
}

/** `line:column code`, from the start of the place. */
function told(diagnostic: Diagnostic): string {
  if (!isSpan(diagnostic.at)) throw new Error('a parse error has a place in a text');
  const { line, column } = diagnostic.at.source.position(diagnostic.at.start);
  return `${line}:${column} ${diagnostic.code}`;
}

/** Types, labels and attribute names of a body. */
function outline(body: Body): string {
  const attributes = body.attributes.map((attribute) => attribute.name);
  const blocks = body.blocks.map(
    (block) => `${[block.type, ...block.labels.map((label) => label.text)].join(' ')} {${outline(block.body)}}`,
  );
  return [...attributes, ...blocks].join(', ');
}

describe('expressions', () => {
  const table: [string, string][] = [
    // Literals
    ['1', '1'],
    ['00012', '12'],
    ['1.5e+2', '150'],
    ['1E3', '1000'],
    ['9007199254740993', '9007199254740993'],
    ['3.14159265358979323846', '3.14159265358979323846'],
    ['0.1', '0.1'],
    ['100000000000000000000000', '1e+23'],
    ['1e400', '1e400'],
    ['1.0000000000000000000000', '1'],
    ['true', 'true'],
    ['null', 'null'],
    ['"a"', '"a"'],
    ['""', '""'],
    [String.raw`"\n\r\t\"\\\u00e9\U0001F600"`, JSON.stringify('\n\r\t"\\é😀')],
    ['"e\u0301"', JSON.stringify('é')],
    [String.raw`"e\u0301"`, JSON.stringify('é')],
    ['"日本語"', '"日本語"'],
    // Names, access, index
    ['a.b.c', '(at (at a "b") "c")'],
    ['a-b', 'a-b'],
    ['été.œ', '(at été "œ")'],
    ['a["b"]', '(at a "b")'],
    ['a[b.c]', '(at a (at b "c"))'],
    ['a[0].b', '(at (at a 0) "b")'],
    ['a.0', '(at a 0)'],
    ['a.0.b.1', '(at (at (at a 0) "b") 1)'],
    ['(a).b', '(at a "b")'],
    ['[1, 2][0]', '(at [1 2] 0)'],
    ['f(a).b', '(at (f a) "b")'],
    ['true.a', '(at true "a")'],
    // Splats
    ['a[*]', '([*] a *)'],
    ['a[*].b[0].c', '([*] a (at (at (at * "b") 0) "c"))'],
    ['a.*', '(.* a *)'],
    ['a.*.b.c', '(.* a (at (at * "b") "c"))'],
    ['a.*.b.0', '(.* a (at (at * "b") 0))'],
    ['a.*.b[0].c', '(at (at (.* a (at * "b")) 0) "c")'],
    ['a[*].b[*].c', '([*] a ([*] (at * "b") (at * "c")))'],
    ['a[*].*.b', '([*] a (.* * (at * "b")))'],
    ['a.*.b[*].c', '([*] (.* a (at * "b")) (at * "c"))'],
    ['-a[*].b', '(- ([*] a (at * "b")))'],
    // Operators
    ['a - b - c', '(- a b c)'],
    ['a + b - c', '(- (+ a b) c)'],
    ['a - (b - c)', '(- a (- b c))'],
    ['(a - b) - c', '(- (- a b) c)'],
    ['a + b * c % d', '(+ a (% (* b c) d))'],
    ['a || b && c || d', '(|| a (&& b c) d)'],
    ['a == b && c != d', '(&& (== a b) (!= c d))'],
    ['a == b == c', '(== (== a b) c)'],
    ['a < b == c >= d', '(== (< a b) (>= c d))'],
    ['a + 1 > b', '(> (+ a 1) b)'],
    ['-a + b', '(+ (- a) b)'],
    ['-a.b', '(- (at a "b"))'],
    ['!a && b', '(&& (! a) b)'],
    ['!!a', '(! (! a))'],
    ['- -1', '(- (- 1))'],
    ['a -1', '(- a 1)'],
    ['a ? b : c ? d : e', '(if a b (if c d e))'],
    ['a ? b ? c : d : e', '(if a (if b c d) e)'],
    ['a || b ? c : d', '(if (|| a b) c d)'],
    // Calls
    ['f()', '(f)'],
    ['f(a, "b",)', '(f a "b")'],
    ['f(a, b...)', '(f a b ...)'],
    ['f (a)', '(f a)'],
    ['provider::azapi::parse(a)', '(provider::azapi::parse a)'],
    // Collections
    ['[]', '[]'],
    ['[1, [2], ]', '[1 [2]]'],
    ['{}', '{}'],
    ['{a = 1, "b" : 2, c = 3,}', '{"a":1 "b":2 "c":3}'],
    ['{\n\n  a = 1\n  b = 2,\n\n  c = 3 }', '{"a":1 "b":2 "c":3}'],
    ['{(a) = 1, (a.b) = 2}', '{a:1 (at a "b"):2}'],
    ['{null = 1, true = 2, if = 3, in: 4}', '{"null":1 "true":2 "if":3 "in":4}'],
    ['{"${a}b" = 1, 1.5 = 2, f(a) = 3}', '{(text a "b"):1 1.5:2 (f a):3}'],
    ['{azurerm.main = azurerm.other}', '{(at azurerm "main"):(at azurerm "other")}'],
    ['{"e\u0301" = 1, e\u0301 = 2}', '{"é":1 "é":2}'],
    ['{a = {b = [{c = 1}]}}', '{"a":{"b":[{"c":1}]}}'],
    // For
    ['[for x in y : x.z]', '(for x y (at x "z"))'],
    ['[for i, x in y : i if x > 1]', '(for i,x y i if (> x 1))'],
    ['{for k, v in m : k => v}', '(for k,v m k=> v)'],
    ['{for v in m : v.k => v... if v.on}', '(for v m (at v "k")=> v... if (at v "on"))'],
    ['{\nfor k, v in {\n a = 1\n} : k =>\n v\n}', '(for k,v {"a":1} k=> v)'],
    ['[for x in a ? b : c : x ? 1 : 2]', '(for x (if a b c) (if x 1 2))'],
    ['[fork, forx]', '[fork forx]'],
    // Templates
    ['"${a}"', '(text a)'],
    ['"a${b}c"', '(text "a" b "c")'],
    ['"${a}${b}"', '(text a b)'],
    ['"${"a${"b"}"}"', '(text (text "a" "b"))'],
    ['"${{a = 1}}"', '(text {"a":1})'],
    ['"${f(\n a\n)}"', '(text (f a))'],
    ['"$${a}"', '"${a}"'],
    ['"%%{if}"', '"%{if}"'],
    ['"$$"', '"$$"'],
    ['"$$$${1}"', '"$$${1}"'],
    ['"100% $5 %d"', '"100% $5 %d"'],
    ['"a  ${~ b ~}  c"', '(text "a" b "c")'],
    [String.raw`"a \n ${'${~'} b ~} \n c"`, '(text "a" b "c")'],
    ['"  ${~ a ~}  "', '(text "" a "")'],
    ['"a\u00a0\ufeff${~ b}"', '(text "a\u00a0\ufeff" b)'],
    ['"a\u0085${~ b}"', '(text "a" b)'],
    ['"%{ if a }b%{ endif }"', '(text "" (if a "b" ""))'],
    ['"%{if a}b%{else}c${d}%{endif}e"', '(text (if a "b" (text "c" d)) "e")'],
    ['"%{ if a }${b}%{ endif }"', '(text "" (if a (text "" b) ""))'],
    ['"x %{~ if a ~} b %{~ endif ~} y"', '(text "x" (if a "b" "") "y")'],
    ['"%{ for x in y }${x},%{ endfor }"', '(text "" (for-text x y (text x ",")))'],
    [
      '"%{ for i, x in y }%{ if x }a%{ else }b%{ endif }%{ endfor }"',
      '(text "" (for-text i,x y (text "" (if x "a" "b"))))',
    ],
    // Comments
    ['a # b', 'a'],
    ['a /* b */ + /* c\n */ d // e', '(+ a d)'],
    ['"a # b // c /* d"', '"a # b // c /* d"'],
  ];
  test.each(table)('%s', (text, expected) => {
    const { value, log } = expression(text);
    expect(log.map(told)).toEqual([]);
    expect(render(value)).toBe(expected);
  });

  test('spans cover what is written, without parentheses around it', () => {
    const text = 'f( (a + b) * c, "d", <<E\nx\nE\n, [ 1 ].k)';
    const { value } = expression(text);
    if (value.kind !== 'call') throw new Error('a call is expected');
    const cut = (e: { start: number; end: number }) => text.slice(e.start, e.end);
    expect(cut(value)).toBe(text);
    expect(cut(value.nameSpan)).toBe('f');
    expect(value.args.map(cut)).toEqual(['(a + b) * c', '"d"', '<<E\nx\nE', '[ 1 ].k']);
    const product = value.args[0]!;
    if (product.kind !== 'operation') throw new Error('a product is expected');
    expect(product.operands.map(cut)).toEqual(['a + b', 'c']);
  });

  test('a stretch of a source keeps its offsets', () => {
    const source = new Source('x', 'xx a.b yy');
    const log: Diagnostic[] = [];
    const value = parseHclExpression(source, log, 3, 6);
    expect(log).toEqual([]);
    expect([render(value), value.start, value.end]).toEqual(['(at a "b")', 3, 6]);
    parseHclExpression(source, log, 3, 9);
    expect(log.map(told)).toEqual(['1:8 hcl-extra-characters']);
  });

  test('a number keeps its digits only where a double loses some', () => {
    expect(expression('123456789012345678901').value).toMatchObject({ digits: '123456789012345678901' });
    expect(expression('0.30000000000000004').value).not.toHaveProperty('digits');
    expect(expression('1e22').value).not.toHaveProperty('digits');
    expect(expression('123450000000000000000000').value).not.toHaveProperty('digits');
  });

  const wrong: [string, string][] = [
    ['', '1:1 hcl-expression'],
    ['[,]', '1:2 hcl-expression'],
    ['[1,,2]', '1:4 hcl-expression'],
    ['[1 2]', '1:4 hcl-missing-bracket'],
    ['[\n  1\n  2\n]', '3:3 hcl-missing-bracket'],
    ['[1', '1:3 hcl-unclosed-bracket'],
    ['(1', '1:3 hcl-unclosed-bracket'],
    ['1)', '1:2 hcl-extra-characters'],
    ['1_000', '1:2 hcl-extra-characters'],
    ['0x1F', '1:2 hcl-extra-characters'],
    ['1.2.3', '1:1 hcl-number'],
    ['.5', '1:1 hcl-expression'],
    ['5.', '1:3 hcl-attribute-name'],
    ['a.', '1:3 hcl-attribute-name'],
    ['a."b"', '1:3 hcl-attribute-name'],
    ['a.0.1', '1:3 hcl-legacy-index'],
    ['a.*.0.1', '1:5 hcl-legacy-index'],
    ['a.*.*', '1:5 hcl-nested-splat'],
    ['a ? b', '1:6 hcl-conditional'],
    ['{a = 1 b = 2}', '1:8 hcl-missing-bracket'],
    ['{a}', '1:3 hcl-object'],
    ['{\n  a\n  = 1\n}', '2:4 hcl-object'],
    ['{\n  a =\n  1\n}', '2:3 hcl-missing-value'],
    ['{a = 1,, b = 2}', '1:8 hcl-expression'],
    ['{for = 1}', '1:6 hcl-for'],
    ['[for x of [1] : x]', '1:8 hcl-for'],
    ['[for x in [1] x]', '1:15 hcl-for'],
    ['[for x in y : x => x]', '1:15 hcl-for'],
    ['[for x in y : x...]', '1:16 hcl-for'],
    ['{for x in y : x}', '1:16 hcl-for'],
    ['::f(a)', '1:1 hcl-expression'],
    ['a::b', '1:5 hcl-function-name'],
    ['f(a..., b)', '1:7 hcl-missing-bracket'],
    ['a & b', '1:3 hcl-character'],
    ["'a'", '1:1 hcl-single-quote'],
    ['`a`', '1:1 hcl-character'],
    ['“a”', '1:1 hcl-character'],
    ['a /* b', '1:3 hcl-unclosed-comment'],
    ['\u0000', '1:1 hcl-control-character'],
    ['"a', '1:1 hcl-unclosed-string'],
    ['"a\nb"', '1:1 hcl-unclosed-string'],
    ['"a\\', '1:1 hcl-unclosed-string'],
    [String.raw`"a\x41"`, '1:3 hcl-escape'],
    [String.raw`"\0"`, '1:2 hcl-escape'],
    [String.raw`"\/"`, '1:2 hcl-escape'],
    [String.raw`"\${a}"`, '1:2 hcl-escape'],
    [String.raw`"\u12"`, '1:2 hcl-escape'],
    [String.raw`"\U0001F60"`, '1:2 hcl-escape'],
    [String.raw`"\ud83d"`, '1:2 hcl-escape'],
    [String.raw`"\U00110000"`, '1:2 hcl-escape'],
    ['"${}"', '1:4 hcl-expression'],
    ['"${a"', '1:5 hcl-template'],
    ['"${a:b}"', '1:5 hcl-template'],
    ['"%{ elseif a }"', '1:5 hcl-template'],
    ['"%{ if a }b"', '1:2 hcl-unclosed-directive'],
    ['"%{ endif }"', '1:2 hcl-unbalanced-directive'],
    ['"%{ if a }b%{ endfor }"', '1:12 hcl-unbalanced-directive'],
    ['"%{ if a }%{ else }%{ else }%{ endif }"', '1:20 hcl-unbalanced-directive'],
    ['"%{ for x in y }%{ else }%{ endfor }"', '1:17 hcl-unbalanced-directive'],
    ['<< E\na\nE', '1:1 hcl-heredoc-marker'],
    ['<<E\na', '1:1 hcl-unclosed-heredoc'],
    ['{a = 1 ~}', '1:8 hcl-missing-bracket'],
  ];
  test.each(wrong)('%j is one error', (text, expected) => {
    const { log } = expression(text);
    expect(log.map(told)).toEqual([expected]);
    expect(log[0]!.severity).toBe('error');
  });

  test('an error in an expression makes it broken, a wrong escape does not', () => {
    expect(expression('[1, 2').value.kind).toBe('broken');
    expect(render(expression(String.raw`"a\qb"`).value)).toBe('"aqb"');
    expect(render(expression('a.0.1').value)).toBe('(at (at a 0) 1)');
  });
});

describe('heredocs', () => {
  const table: [string, string, string][] = [
    ['plain', '<<E\n  a\nb\nE\n', JSON.stringify('  a\nb\n')],
    ['empty', '<<E\nE\n', '""'],
    ['indented marker', '<<E\n a\n  E  \n', '" a\\n"'],
    ['marker with more on the line is text', '<<E\nE x\nEE\nE\n', JSON.stringify('E x\nEE\n')],
    ['no escapes but two', '<<E\n\\n "a" $${b} %%{c} $ %\nE\n', JSON.stringify('\\n "a" ${b} %{c} $ %\n')],
    ['holes', '<<E\na ${b} c\n${d}\nE\n', '(heredoc "a " b " c\\n" d "\\n")'],
    ['a hole is not unwrapped', '<<E\n${a}\nE\n', '(heredoc a "\\n")'],
    ['a marker behind a hole is text', '<<E\n${a}E\nE\n', '(heredoc a "E\\n")'],
    ['nested', '<<A\na ${<<B\nb\nB\n} c\nA\n', '(heredoc "a " "b\\n" " c\\n")'],
    ['Unicode marker', '<<É-1\na\nÉ-1\n', '"a\\n"'],
    ['dedent', '<<-E\n    a\n      b\n   E\n', JSON.stringify('a\n  b\n')],
    ['dedent: the marker does not count', '<<-E\n    a\nE\n', '"a\\n"'],
    ['dedent: a tab is one character', '<<-E\n\ta\n\t  b\n\tE\n', JSON.stringify('a\n  b\n')],
    ['dedent: blank lines neither count nor change', '<<-E\n  a\n\n \n  b\nE\n', JSON.stringify('a\n\n \nb\n')],
    ['dedent: a hole at the margin counts as no space', '<<-E\n  a\n${b}\nE\n', '(heredoc "  a\\n" b "\\n")'],
    ['dedent with holes', '<<-E\n  a ${b}\n    ${c}\nE\n', '(heredoc "a " b "\\n  " c "\\n")'],
    [
      'dedent: a line whose break was trimmed away stays',
      '<<-E\n    list:\n    %{~ for x in y ~}\n    - ${x}\n    %{~ endfor ~}\n    end\n    E\n',
      '(heredoc "    list:\\n" (for-text x y (text "    - " x "\\n")) "    end\\n")',
    ],
    ['trim stops at one line break', '<<E\na   \n  ${~ b ~}  \n  c\nE\n', '(heredoc "a   \\n" b "  c\\n")'],
    ['trim takes the line break before', '<<E\na\n${~ b ~}\nE\n', '(heredoc "a" b "")'],
    ['CRLF', '<<E\r\na\r\n  b\r\nE\r\n', JSON.stringify('a\r\n  b\r\n')],
    ['CRLF dedent', '<<-E\r\n  a\r\n\r\n  b\r\n  E\r\n', JSON.stringify('a\r\n\r\nb\r\n')],
    ['NFC', '<<E\ne\u0301\nE\n', '"é\\n"'],
  ];
  test.each(table)('%s', (_, text, expected) => {
    expect(valueOfX(`x = ${text}y = 1\n`)).toBe(expected);
  });

  test('inside brackets', () => {
    expect(valueOfX('x = f(<<A\none\nA\n, [<<B\ntwo\nB\n])\n')).toBe('(f "one\\n" ["two\\n"])');
  });

  test('the closing marker of a file needs a line break, that of an expression does not', () => {
    expect(file('x = <<E\na\nE').log.map(told)).toEqual(['1:5 hcl-unclosed-heredoc']);
    expect(expression('<<E\na\nE').log).toEqual([]);
  });

  test('an unclosed one names the line that spoils it, and what follows is read', () => {
    const { body, log } = file('a {\n  x = f(<<EOT\n    text\n  EOT)\n  y = 1\n}\nb {}\n');
    expect(log.map(told)).toEqual(['2:9 hcl-unclosed-heredoc']);
    expect(log[0]!.related).toHaveLength(1);
    expect(outline(body)).toBe('a {x, y}, b {}');
    const lost = file('a {\n  x = <<EOT\n    text\n}\nb "c" {\n  y = 1\n}\n');
    expect(lost.log.map(told)).toEqual(['2:7 hcl-unclosed-heredoc']);
    expect(outline(lost.body)).toBe('a {x}, b c {y}');
  });

  test('a marker in quotes is told, and its text is not read as code', () => {
    const { body, log } = file('x = <<"EOT"\n  some text, here\n  } more\nEOT\ny = 1\n');
    expect(log.map(told)).toEqual(['1:5 hcl-heredoc-marker']);
    expect(outline(body)).toBe('x, y');
  });
});

describe('template files', () => {
  function template(text: string): [string, string[]] {
    const log: Diagnostic[] = [];
    const value = parseHclTemplate(new Source('x.tpl', text), log);
    return [render(value), log.map(told)];
  }

  test.each([
    ['', '""'],
    ['a "b" \\n\n', JSON.stringify('a "b" \\n\n')],
    ['${a}', '(text a)'],
    ['${a}\n', '(text a "\\n")'],
    [
      '#!/bin/sh\necho $${A} $HOME ${b}\n',
      JSON.stringify('#!/bin/sh\necho ${A} $HOME ').replace(/.*/, '(text $& b "\\n")'),
    ],
    ['%{ for x in y ~}\n- ${x}\n%{ endfor ~}\nend', '(text (for-text x y (text "- " x "\\n")) "end")'],
    ['a $', '"a $"'],
  ])('%j', (text, expected) => {
    expect(template(text)).toEqual([expected, []]);
  });

  test('errors', () => {
    expect(template('a\n${b')).toEqual(['BROKEN', ['2:4 hcl-template']]);
    expect(template('a\n%{ if b }')).toEqual(['BROKEN', ['2:1 hcl-unclosed-directive']]);
  });
});

describe('bodies', () => {
  test('attributes, blocks and labels', () => {
    const { body, log } = file(`
a = 1
b "c" d "e f" {
  g = 2 # comment
  h {}
  h { i = 3 } // comment
  j { # comment
  }
}
k {
}`);
    expect(log).toEqual([]);
    expect(outline(body)).toBe('a, b c d e f {g, h {}, h {i}, j {}}, k {}');
  });

  test('spans', () => {
    const text = 'a = 1 # c\nb "c" d {\n  e = [\n    1,\n  ]\n}\n';
    const { body, log } = file(text);
    expect(log).toEqual([]);
    const cut = (s: { start: number; end: number }) => text.slice(s.start, s.end);
    const block = body.blocks[0]!;
    expect(cut(body)).toBe(text);
    expect(cut(body.attributes[0]!)).toBe('a = 1');
    expect(cut(body.attributes[0]!.nameSpan)).toBe('a');
    expect(cut(block.head)).toBe('b "c" d {');
    expect(block.labels.map(cut)).toEqual(['"c"', 'd']);
    expect(cut(block.body)).toBe('\n  e = [\n    1,\n  ]\n');
    expect(cut(block)).toBe(text.slice(10, -1));
    expect(cut(block.body.attributes[0]!)).toBe('e = [\n    1,\n  ]');
  });

  test.each(['', '\n\n', '# only a comment', '/* a */', '\r\n'])('%j is an empty file', (text) => {
    const { body, log } = file(text);
    expect(log).toEqual([]);
    expect(outline(body)).toBe('');
  });

  test('CRLF is a line break', () => {
    const { body, log } = file('a = 1\r\nb {\r\n  c = {\r\n    d = 1 # e\r\n    f = 2\r\n  }\r\n}\r\n');
    expect(log).toEqual([]);
    expect(outline(body)).toBe('a, b {c}');
  });

  test('escapes in labels', () => {
    const { body, log } = file('a "\\u0062\\"$${c}" {}');
    expect(log).toEqual([]);
    expect(body.blocks[0]!.labels[0]!.text).toBe('b"${c}');
  });

  test('comments that mention the tool are kept, once and without their markers', () => {
    const text = [
      '# azure-backup-lint:ignore a reason="x"  ',
      '// Azure-Backup-Lint:ignore b\r',
      'a = { # azure-backup-lint:ignore c',
      '  b /* azure-backup-lint:ignore d',
      '  */ . c = 1 # nothing',
      '}',
      's = "# azure-backup-lint:ignore not"',
    ].join('\n');
    const { comments, log } = file(text);
    expect(log).toEqual([]);
    expect(comments.map((comment) => comment.text)).toEqual([
      'azure-backup-lint:ignore a reason="x"',
      'Azure-Backup-Lint:ignore b',
      'azure-backup-lint:ignore c',
      'azure-backup-lint:ignore d',
    ]);
    expect(comments.map((comment) => text.slice(comment.start, comment.end))).toEqual([
      '# azure-backup-lint:ignore a reason="x"  ',
      '// Azure-Backup-Lint:ignore b',
      '# azure-backup-lint:ignore c',
      '/* azure-backup-lint:ignore d\n  */',
    ]);
  });
});

describe('errors in files', () => {
  const good = 'next "block" {\n  z = 1\n}\n';
  const after = 'next block {z}';

  const table: [string, string, string[], string][] = [
    ['no value', 'a {\n  b =\n  c = 1\n}\n', ['2:3 hcl-missing-value'], 'a {b, c}'],
    ['no equals sign', 'a {\n  b 1\n  c = 1\n}\n', ['2:3 hcl-argument'], 'a {c}'],
    ['a colon', 'a {\n  b: 1\n  c = 1\n}\n', ['2:4 hcl-argument'], 'a {c}'],
    ['two on a line', 'a {\n  b = 1 c = 2\n}\n', ['2:9 hcl-missing-newline'], 'a {b, c}'],
    ['rubbish after a value', 'a {\n  b = 1 2\n  c = 1\n}\n', ['2:9 hcl-missing-newline'], 'a {b, c}'],
    [
      'a comma',
      'a {\n  b = 1,\n  c = 1,\n}\n',
      ['2:8 hcl-comma-after-argument', '3:8 hcl-comma-after-argument'],
      'a {b, c}',
    ],
    ['twice', 'a {\n  b = 1\n  b = 2\n}\n', ['3:3 hcl-duplicate-argument'], 'a {b}'],
    ['quoted name', 'a {\n  "b" = 1\n  c = 1\n}\n', ['2:3 hcl-quoted-name'], 'a {c}'],
    ['brace on the line of an argument', 'a {\n  b = 1 }\n', ['2:9 hcl-brace-after-argument'], 'a {b}'],
    ['one-line block left open', 'a { b = 1\n  c = 2\n}\n', ['1:10 hcl-one-line-block'], 'a {b, c}'],
    ['one-line block with two', 'a { b = 1, c = 2 }\n', ['1:10 hcl-comma-after-argument'], 'a {b, c}'],
    [
      'one-line block in one',
      'a { b { c = 1 } }\n',
      ['1:5 hcl-one-line-block', '1:17 hcl-missing-newline'],
      'a {b {c}}',
    ],
    ['brace on the next line', 'a "b"\n{\n  c = 1\n}\n', ['2:1 hcl-brace-on-next-line'], 'a b {c}'],
    ['block with an equals sign', 'a "b" = {\n  c = 1\n}\n', ['1:7 hcl-block-head'], ''],
    ['label with a template', 'a "b${c}" {\n  d = 1\n}\n', ['1:5 hcl-label-template'], 'a b${c} {d}'],
    ['unclosed label', 'a "b {\n  c = 1\n}\n', ['1:3 hcl-unclosed-string'], ''],
    ['two blocks on a line', 'a {} b {}\n', ['1:6 hcl-missing-newline'], 'a {}, b {}'],
    ['a brace too many', 'a {\n}\n}\n', ['3:1 hcl-extra-brace'], 'a {}'],
    ['unclosed string', 'a {\n  b = "c\n  d = 1\n}\n', ['2:7 hcl-unclosed-string'], 'a {b, d}'],
    ['unclosed hole', 'a {\n  b = "${c"\n  d = 1\n}\n', ['2:11 hcl-template'], 'a {b, d}'],
    ['unclosed list', 'a {\n  b = [1, 2\n  d = 1\n}\n', ['3:3 hcl-missing-bracket'], 'a {b, d}'],
    ['unclosed call', 'a {\n  b = f(1,\n  d = 1\n}\n', ['3:5 hcl-missing-bracket'], 'a {b, d}'],
    [
      'error deep in a value',
      'a {\n  b = {\n    c = [{ d = 1 e = 2 }]\n    f = 1\n  }\n  g = 1\n}\n',
      ['3:18 hcl-missing-bracket'],
      'a {b, g}',
    ],
    ['single quotes', "a {\n  b = 'c { ['\n  d = 1\n}\n", ['2:7 hcl-single-quote'], 'a {b, d}'],
    ['a semicolon', 'a {\n  b = 1;\n  c = 2\n}\n', ['2:8 hcl-character'], 'a {b, c}'],
    ['NUL', 'a {\n  \u0000\n  c = 2\n}\n', ['2:3 hcl-control-character'], 'a {c}'],
    [
      'operator at the end of a line',
      'a {\n  b = c &&\n    d\n  e = 1\n}\n',
      ['2:11 hcl-expression', '3:5 hcl-argument'],
      'a {b, e}',
    ],
    ['CRLF', 'a {\r\n  b = "c\r\n  d = 1\r\n}\r\n', ['2:7 hcl-unclosed-string'], 'a {b, d}'],
  ];
  test.each(table)('%s', (_, text, errors, expected) => {
    const { body, log } = file(text + good);
    expect(log.map(told)).toEqual(errors);
    expect(outline(body)).toBe([expected, after].filter((part) => part !== '').join(', '));
  });

  test('the value of an attribute with an error is broken, not a part of it', () => {
    const { body } = file('a = [1, 2 3]\nb = 1\n');
    expect(body.attributes.map((attribute) => render(attribute.value))).toEqual(['BROKEN', '1']);
  });

  test('an unclosed block names itself and where it was opened, and does not swallow the next ones', () => {
    const { body, log } = file(`first "a" {\n  b {\n    c = 1\n  }\n\n${good}${good}`);
    expect(log).toHaveLength(1);
    const [error] = log;
    expect(error!.code).toBe('hcl-unclosed-block');
    expect(error!.message).toContain('first "a"');
    const places = error!.related!.map(({ at }) => isSpan(at) && at.source.position(at.start));
    expect(places).toEqual([
      { line: 1, column: 1 },
      { line: 6, column: 1 },
    ]);
    expect(outline(body)).toBe(`first a {b {c}}, ${after}, ${after}`);
  });

  test('after twenty errors one more says that the rest is not shown', () => {
    const { body, log } = file("a { b = 'c' }\n".repeat(100) + good);
    expect(log).toHaveLength(21);
    expect(log.slice(0, 20).every(({ code }) => code === 'hcl-single-quote')).toBe(true);
    expect(log[20]!.code).toBe('hcl-too-many-errors');
    expect(outline(body).endsWith(after)).toBe(true);
  });

  test('messages say what to write instead', () => {
    const help = (text: string) => file(text).log[0]?.help ?? '';
    expect(file("a = 'b'").log[0]!.message).toBe('HCL strings use double quotes');
    expect(help('a = b & c')).toContain('&&');
    expect(help('a = "\\d"')).toContain('\\\\');
    expect(help('a = "\\${b}"')).toContain('$${');
    expect(help('a = x.0.1')).toContain('[0][1]');
  });
});

describe('limits', () => {
  const deep = 10_000;
  const range = (count: number) => Array.from({ length: count }, (_, n) => n);
  const nested: [string, string][] = [
    ['lists', 'x = ' + '['.repeat(deep) + ']'.repeat(deep)],
    ['unclosed lists', 'x = ' + '['.repeat(deep)],
    ['parentheses', 'x = ' + '('.repeat(deep) + '1' + ')'.repeat(deep)],
    ['objects', 'x = ' + '{a='.repeat(deep) + '1' + '}'.repeat(deep)],
    ['calls', 'x = ' + 'f('.repeat(deep) + ')'.repeat(deep)],
    ['indexes', 'x = ' + 'a['.repeat(deep) + '0' + ']'.repeat(deep)],
    ['templates', 'x = ' + '"${'.repeat(deep) + '1' + '}"'.repeat(deep)],
    ['directives', 'x = "' + '%{if a}'.repeat(deep) + '%{endif}'.repeat(deep) + '"'],
    [
      'heredocs',
      'x = ' +
        range(deep)
          .map((n) => `<<E${n}\n${'${'}`)
          .join('') +
        '1' +
        range(deep)
          .map((n) => `}\nE${deep - 1 - n}\n`)
          .join(''),
    ],
    ['for expressions', 'x = ' + '[for a in '.repeat(deep) + 'b' + ': a]'.repeat(deep)],
    ['conditionals', 'x = ' + 'a ? b : '.repeat(deep) + 'c'],
    ['unary operators', 'x = ' + '!'.repeat(deep) + 'a'],
    ['alternating operators', 'x = a' + ' + b - c'.repeat(50_000)],
    ['comparisons', 'x = a' + ' == b'.repeat(deep)],
    ['accesses', 'x = a' + '.b'.repeat(deep)],
    ['splats', 'x = a' + '[*]'.repeat(deep)],
    ['blocks', 'x {\n'.repeat(deep) + '}\n'.repeat(deep)],
    ['unclosed blocks', 'x {\n'.repeat(deep)],
  ];
  test.each(nested)('%s nested too deep are one error with a place', (what, text) => {
    const { body, log } = file(`${text}\nb {}\n`);
    expect(log.map(({ code }) => code)).toEqual(['hcl-too-deep']);
    const { at } = log[0]!;
    expect(isSpan(at) && at.start < text.length && at.end > at.start).toBe(true);
    if (!what.startsWith('unclosed')) expect(outline(body).endsWith('b {}')).toBe(true);
  });

  test('what is nested less is fine', () => {
    const near = limits.nesting - 5;
    for (const text of [
      '['.repeat(near) + ']'.repeat(near),
      '('.repeat(near) + '1' + ')'.repeat(near),
      'a' + '.b'.repeat(near),
    ])
      expect(expression(text).log).toEqual([]);
  });

  test('chains of one operator are flat, whatever their length', () => {
    const { value, log } = expression('a' + ' + b'.repeat(100_000));
    expect(log).toEqual([]);
    expect(value.kind === 'operation' && value.operands.length).toBe(100_001);
  });

  test('high chains inside brackets add up', () => {
    const text = '('.repeat(100) + 'a' + ' + 1 - 1)'.repeat(100);
    expect(expression(text).log.map(({ code }) => code)).toEqual(['hcl-too-deep']);
  });

  test('a line of 4 MB is read', () => {
    const { body, log } = file(`x = [${'"0123456789", '.repeat(290_000)}]\ny = "${'a'.repeat(4_000_000)}"\n`);
    expect(log).toEqual([]);
    const [x, y] = body.attributes.map((attribute) => attribute.value);
    expect(x!.kind === 'list' && x!.items.length).toBe(290_000);
    expect(y!.kind === 'literal' && (y!.value as string).length).toBe(4_000_000);
  });
});

test('pieces of HCL in any order never throw, and every place lies in the text', () => {
  const pieces = [
    ...[
      'a',
      'b',
      'for',
      'in',
      'if',
      '1',
      '0.1',
      '"',
      '"a"',
      '"${',
      '"%{',
      '${',
      '%{ if',
      '%{ endif }',
      '}',
      '~}',
      '{',
      '(',
      ')',
    ],
    ...[
      '[',
      ']',
      ',',
      '.',
      ':',
      '::',
      '=',
      '=>',
      '?',
      '...',
      '!',
      '-',
      '+',
      '==',
      '<',
      '<<E\n',
      '<<-E\n',
      '\nE\n',
      '\n',
      '\r\n',
    ],
    ...[
      '#',
      '//',
      '/*',
      '*/',
      '*',
      '\\',
      "'",
      '\u0000',
      '\ud800',
      'é',
      ' ',
      '  ',
      ' = ',
      'a "b" {\n',
      '}\n',
      '$',
      '%',
      '&&',
      ';',
    ],
  ];
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  let clean = 0;
  for (let n = 0; n < 5_000; n++) {
    const text = Array.from({ length: next(40) }, () => pieces[next(pieces.length)]).join('');
    const { body, log } = file(text);
    if (log.length === 0) clean++;
    for (const { at } of log) {
      if (!isSpan(at)) throw new Error('a parse error has a place in a text');
      expect(at.start >= 0 && at.start <= at.end && at.end <= text.length, JSON.stringify(text)).toBe(true);
    }
    checkSpans(body, 0, text.length, text);
    const templateLog: Diagnostic[] = [];
    parseHclTemplate(new Source('x', text), templateLog);
    parseHclExpression(new Source('x', text), templateLog);
  }
  expect(clean).toBeGreaterThan(50);
});

function checkSpans(body: Body, from: number, to: number, text: string): void {
  for (const { start, end, value, nameSpan } of body.attributes) {
    const inside = from <= start && start <= nameSpan.end && value.start <= value.end && value.end <= end && end <= to;
    expect(inside, JSON.stringify(text)).toBe(true);
  }
  for (const block of body.blocks) {
    const { start, end, head } = block;
    const inside = from <= start && head.end <= block.body.start && block.body.start <= block.body.end && end <= to;
    expect(inside && block.body.end <= end, JSON.stringify(text)).toBe(true);
    checkSpans(block.body, block.body.start, block.body.end, text);
  }
}
