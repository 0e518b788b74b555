import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseBicep } from '../../src/parse/bicep.ts';
import type { BicepFile, Declaration, Decorator, Resource, Type } from '../../src/parse/bicep-tree.ts';
import type { Expression, ObjectText } from '../../src/parse/expression.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { isSpan, Source } from '../../src/source/source.ts';
import { random } from '../random.ts';

// ------------------------------------------------------------------ rendering

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
      return list(
        e.heredoc ? 'lines' : 'text',
        e.parts.map((part) => (typeof part === 'string' ? JSON.stringify(part) : render(part))),
      );
    case 'access': {
      const head = `at${e.safe ? '?' : ''}${e.fromEnd ? '^' : ''}${e.nested ? '::' : ''}`;
      return list(head, [render(e.of), render(e.key)]);
    }
    case 'call':
      return list(e.of ? `.${e.name}` : e.name, [...(e.of ? [render(e.of)] : []), ...e.args.map(render)]);
    case 'operation':
      return list(e.operator, e.operands.map(render));
    case 'conditional':
      return list('if', [render(e.condition), render(e.then), render(e.otherwise)]);
    case 'list':
      return `[${e.items.map((item) => (item.spread ? '...' : '') + render(item.value)).join(' ')}]`;
    case 'object':
      return `{${e.entries.map((entry) => (entry.key ? `${render(entry.key)}:` : '...') + render(entry.value)).join(' ')}}`;
    case 'for': {
      const names = e.keyName === undefined ? e.valueName : `${e.valueName},${e.keyName}`;
      return list('for', [names, render(e.of), render(e.value)]);
    }
    case 'lambda':
      return list('=>', [`(${e.parameters.join(' ')})`, render(e.body)]);
    case 'splat':
      throw new Error('Bicep has no splats');
  }
}

function list(head: string, rest: string[]): string {
  return `(${[head, ...rest].join(' ')})`;
}

function renderType(t: Type): string {
  switch (t.kind) {
    case 'broken':
      return 'BROKEN';
    case 'namedType':
      return t.name;
    case 'literalType':
      return render(t.value);
    case 'arrayType':
      return `${renderType(t.of)}[]`;
    case 'nullableType':
      return `${renderType(t.of)}?`;
    case 'nonNullType':
      return `${renderType(t.of)}!`;
    case 'unionType':
      return list('|', t.members.map(renderType));
    case 'objectType':
      return `{${t.properties
        .map((p) => `${marks(p.decorators)}${p.key ? render(p.key) : '*'}:${renderType(p.type)}`)
        .join(' ')}}`;
    case 'tupleType':
      return `[${t.items.map((item) => marks(item.decorators) + renderType(item.type)).join(' ')}]`;
    case 'typeAccess':
      return list(t.all ?? 'at', [renderType(t.of), ...(t.key ? [render(t.key)] : [])]);
    case 'appliedType':
      return `${t.of ? `${renderType(t.of)}.` : ''}${t.name}<${t.args.map(renderType).join(' ')}>`;
    case 'resourceType':
      return list('resource', t.type ? [render(t.type)] : []);
  }
}

function marks(decorators: readonly Decorator[]): string {
  return decorators.map((decorator) => `@${render(decorator.expression)} `).join('');
}

function renderDeclaration(d: Declaration): string {
  const head = `${marks(d.decorators)}${d.incomplete ? 'INCOMPLETE ' : ''}`;
  switch (d.kind) {
    case 'targetScope':
      return `${head}targetScope ${render(d.value)}`;
    case 'metadata':
    case 'assert':
      return `${head}${d.kind} ${d.name.name} ${render(d.value)}`;
    case 'parameter':
    case 'variable':
    case 'output': {
      const type = d.type ? `: ${renderType(d.type)}` : '';
      return `${head}${d.kind} ${d.name.name}${type}${d.value ? ` = ${render(d.value)}` : ''}`;
    }
    case 'type':
      return `${head}type ${d.name.name} ${renderType(d.type)}`;
    case 'function': {
      const parameters = d.parameters.map((p) => `${p.name.name}: ${renderType(p.type)}`).join(', ');
      return `${head}func ${d.name.name}(${parameters}): ${renderType(d.result)} = ${render(d.body)}`;
    }
    case 'resource':
    case 'module': {
      const first = render(d.kind === 'resource' ? d.type : d.path);
      const existing = d.kind === 'resource' && d.existing ? ' existing' : '';
      const index = d.loop?.indexName === undefined ? '' : `,${d.loop.indexName}`;
      const loop = d.loop ? ` for ${d.loop.itemName}${index} in ${render(d.loop.of)}` : '';
      const condition = d.condition ? ` if ${render(d.condition)}` : '';
      const inner =
        d.kind === 'resource' && d.resources.length > 0 ? ` <${d.resources.map(renderDeclaration).join('; ')}>` : '';
      return `${head}${d.kind} ${d.name.name} ${first}${existing}${loop}${condition} ${render(d.body)}${inner}`;
    }
    case 'import': {
      const symbols = d.symbols.map((s) =>
        s.exported === s.name.name ? s.exported : `${s.exported} as ${s.name.name}`,
      );
      return `${head}import ${d.all ? `* as ${d.all.name}` : symbols.join(', ')} from ${render(d.path)}`;
    }
    case 'using':
      return `${head}using ${d.path ? render(d.path) : 'none'}${d.with ? ` with ${render(d.with)}` : ''}`;
    case 'extends':
      return `${head}extends ${render(d.path)}`;
    case 'extension':
      return `${head}extension ${render(d.specification)}${d.with ? ` with ${render(d.with)}` : ''}${d.alias ? ` as ${d.alias.name}` : ''}`;
    case 'extensionConfig':
      return `${head}extensionConfig ${d.name.name} ${render(d.with)}`;
    case 'test':
      return `${head}test ${d.name.name} ${render(d.path)} ${render(d.value)}`;
  }
}

function parse(text: string, name = 'main.bicep'): BicepFile & { log: Diagnostic[]; source: Source } {
  const log: Diagnostic[] = [];
  const source = new Source(name, text);
  return { ...parseBicep(source, log), log, source };
}

/** Line, column and code. */
function told({ code, at }: Diagnostic): string {
  if (!isSpan(at)) throw new Error('a parse error has a place in a text');
  const { line, column } = at.source.position(at.start);
  return `${line}:${column} ${code}`;
}

function declarations(text: string, name?: string): string[] {
  const file = parse(text, name);
  expect(file.log.map(told), text).toEqual([]);
  return file.declarations.map(renderDeclaration);
}

function value(text: string): string {
  const [declaration] = declarations(`var x = ${text}`);
  return declaration!.replace('variable x = ', '');
}

function errors(text: string, name?: string): string[] {
  return parse(text, name).log.map(told);
}

// ---------------------------------------------------------------- expressions

describe('expressions', () => {
  test.each([
    ['1 + 2 + 3 * 4', '(+ 1 2 (* 3 4))'],
    ['a - b + c', '(+ (- a b) c)'],
    ['a || b && c == d', '(|| a (&& b (== c d)))'],
    ['a ?? b || c', '(?? a (|| b c))'],
    ['a ?? b ?? c', '(?? a b c)'],
    ['a =~ b != c', '(!= (=~ a b) c)'],
    ['a !~ b', '(!~ a b)'],
    ['a < b == c >= d', '(== (< a b) (>= c d))'],
    ['-1', '(- 1)'],
    ['!a.b', '(! (at a "b"))'],
    ['a / b % c', '(% (/ a b) c)'],
    ['a ? b : c ? d : e', '(if a b (if c d e))'],
    ['a ?? b ? c : d', '(if (?? a b) c d)'],
    ['a ? b ? c : d : e', '(if a (if b c d) e)'],
    ['(a || b) && c', '(&& (|| a b) c)'],
    ['(\n  a\n)', 'a'],
    ['a.b.?c[0][?1][^2][?^3]', '(at?^ (at^ (at? (at (at? (at a "b") "c") 0) 1) 2) 3)'],
    ["a['b'].c(1, 2)", '(.c (at a "b") 1 2)'],
    ['a::b::c.id', '(at (at:: (at:: a "b") "c") "id")'],
    ['a!.b', '(at (assert a) "b")'],
    ['a! == b', '(== (assert a) b)'],
    ['sys.concat(az.subscription().id)', '(sys.concat (at (az.subscription) "id"))'],
    ['f()', '(f)'],
    ['f(\n)', '(f)'],
    ['f(\n  1,\n\n  2 // why\n)', '(f 1 2)'],
    ['map(a, x => x.y)', '(map a (=> (x) (at x "y")))'],
    ['reduce(a, 0, (x, y) => x + y)', '(reduce a 0 (=> (x y) (+ x y)))'],
    ['f(() => 1)', '(f (=> () 1))'],
    ['map(a, x =>\n  {\n  y: x\n})', '(map a (=> (x) {"y":x}))'],
    ['[]', '[]'],
    ['[ 1, 2 ]', '[1 2]'],
    ['[1, ]', '[1]'],
    ['[\n  1\n\n  // two\n  2\n]', '[1 2]'],
    ['[ ...a, 1 ]', '[...a 1]'],
    ['{}', '{}'],
    ["{ a: 1, 'b-c': 2, '${d}': 3, ...e }", '{"a":1 "b-c":2 (text d):3 ...e}'],
    ['{\n  for: 1\n  resource: 2\n  if: 3\n}', '{"for":1 "resource":2 "if":3}'],
    ['[for a in b: a]', '(for a b a)'],
    ['[for (a, i) in range(0, 3): {\n n: i\n}]', '(for a,i (range 0 3) {"n":i})'],
    ['[\n  for a in b: a\n]', '(for a b a)'],
    ['a\n  ? b\n  : c', '(if a b c)'],
    ['a // first\n  /* then */ ? b\n\n  : c', '(if a b c)'],
    ['true', 'true'],
    ['null', 'null'],
    ['9007199254740993', '9007199254740993'],
    ['18446744073709551615', '18446744073709551615'],
  ])('%j', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('a file may declare what the built-in namespaces are called', () => {
    expect(declarations("resource az 'a@1' = {}\nvar x = az.listKeys()\nvar y = sys.concat()").slice(1)).toEqual([
      'variable x = (.listKeys az)',
      'variable y = (sys.concat)',
    ]);
  });
});

describe('strings', () => {
  test.each([
    ["''", '""'],
    ["'a'", '"a"'],
    [String.raw`'\n\r\t\\\'\$\u{1F600}'`, JSON.stringify("\n\r\t\\'$\u{1F600}")],
    [String.raw`'\${a}'`, '"${a}"'],
    ["'$'", '"$"'],
    ["'$a {b}'", '"$a {b}"'],
    ["'${a}'", '(text a)'],
    ["'a${b}c${d}'", '(text "a" b "c" d)'],
    ["'${'${a}b'}'", '(text (text a "b"))'],
    ["'${f('}')}'", '(text (f "}"))'],
    ["'${map(a, x => { b: x })}'", '(text (map a (=> (x) {"b":x})))'],
    ["'//'", '"//"'],
    ["''''''", '""'],
    ["'''a'''", '"a"'],
    ["'''\na\n'''", '"a\\n"'],
    ["'''\r\na'''", '"a"'],
    ["'''\n\na'''", '"\\na"'],
    [String.raw`'''${'${a}'}\n'''`, '"${a}\\\\n"'],
    ["''''a'''''", "\"'a''\""],
    ["$'''a${b}c'''", '(lines "a" b "c")'],
    ["$'''\n${b}\n'''", '(lines b "\\n")'],
    ["$$'''${a}$${b}$$${c}'''", '(lines "${a}" b "$" c)'],
    ["$'''a'''", '"a"'],
    ["$'''${'${a}'}'''", '(lines (text a))'],
  ])('%j', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test.each([
    ["'a", '1:9 bicep-unclosed-string'],
    [String.raw`'a\'`, '1:9 bicep-unclosed-string'],
    ["'a${b", '1:14 bicep-hole'],
    ["'a${b\n}'", '1:14 bicep-hole'],
    ["'${a b}'", '1:14 bicep-hole'],
    ["'${}'", '1:12 bicep-expression'],
    ["'${[1]}'", '1:12 bicep-hole'],
    [String.raw`'a\q'`, '1:11 bicep-escape'],
    [String.raw`'\u{110000}'`, '1:10 bicep-escape'],
    ["'''a", '1:9 bicep-unclosed-string'],
    ["'''''", '1:9 bicep-unclosed-string'],
    ['"a"', '1:9 bicep-double-quote'],
  ])('error in %j', (text, expected) => {
    expect(errors(`var x = ${text}`)).toContain(expected);
    expect(errors(`var x = ${text}`)).toHaveLength(text.endsWith("\n}'") ? 2 : 1);
  });
});

// --------------------------------------------------------------- declarations

describe('declarations', () => {
  test.each([
    ["targetScope = 'subscription'", 'targetScope "subscription"'],
    ["metadata name = 'x'", 'metadata name "x"'],
    ['param a string', 'parameter a: string'],
    ["param a string = 'x'", 'parameter a: string = "x"'],
    ["@sys.description('x')\n@secure()\nparam a string", '@(sys.description "x") @(secure) parameter a: string'],
    ["@allowed([\n  'a'\n])\n\n// why\nparam a string", '@(allowed ["a"]) parameter a: string'],
    ["param a\n  | 'b'\n  | 'c'\n", 'parameter a: (| "b" "c")'],
    ["param a resource 'x@1'", 'parameter a: (resource "x@1")'],
    ['param resource string', 'parameter resource: string'],
    ['var a string = b', 'variable a: string = b'],
    ['var a string[]? = b', 'variable a: string[]? = b'],
    ["output a string = 'x'", 'output a: string = "x"'],
    ['output a resource = b', 'output a: (resource) = b'],
    [
      '@export()\ntype t = {\n  a: int\n  @minLength(1)\n  b: string?\n  *: bool\n}',
      '@(export) type t {"a":int @(minLength 1) "b":string? *:bool}',
    ],
    ['type t = [int, @secure()\nstring]', 'type t [int @(secure) string]'],
    ["type t = ('a' | -1 | true | null)[]", 'type t (| "a" (- 1) true null)[]'],
    ["type t = | 'a' | 'b'", 'type t (| "a" "b")'],
    [
      "type t = resourceInput<'a@1'>.properties.b[*].c!",
      'type t (at (items (at (at resourceInput<"a@1"> "properties") "b")) "c")!',
    ],
    ["type t = sys.resourceOutput<'a@1'>.*", 'type t (properties sys.resourceOutput<"a@1">)'],
    ['type t = a[0]', 'type t (at a 0)'],
    ['func f(a string, b int?) string => a', 'func f(a: string, b: int?): string = a'],
    ['func f(\n  a string\n) string =>\n  a', 'func f(a: string): string = a'],
    ["import {a, b as c, 'd-e' as f} from 'x.bicep'", 'import a, b as c, d-e as f from "x.bicep"'],
    ["import {\n  a\n  b\n} from 'x'", 'import a, b from "x"'],
    ["import * as ns from 'x'", 'import * as ns from "x"'],
    ["import 'az@1.0' with {\n  a: 1\n} as b", 'extension "az@1.0" with {"a":1} as b'],
    ['extension kubernetes with { a: 1 } as k', 'extension kubernetes with {"a":1} as k'],
    ["extension 'br:a/b:1'", 'extension "br:a/b:1"'],
    ['assert a = b == c', 'assert a (== b c)'],
    ["test a 'b.bicep' = {}", 'test a "b.bicep" {}'],
    ["resource a 'b@1' = {\n  name: 'c'\n}", 'resource a "b@1" {"name":"c"}'],
    ["resource a 'b@1' existing = { name: 'c' }", 'resource a "b@1" existing {"name":"c"}'],
    ["resource a 'b@1' = if (c) {}", 'resource a "b@1" if c {}'],
    ["resource a 'b@1' = \n  if (c) {}", 'resource a "b@1" if c {}'],
    ["resource a 'b@1' = [for c in d: {}]", 'resource a "b@1" for c in d {}'],
    ["resource a 'b@1' = [\n  for (c, i) in d: if (i > 0) {\n  }\n]", 'resource a "b@1" for c,i in d if (> i 0) {}'],
    [
      "resource a 'b@1' = {\n  @batchSize(1)\n  resource c 'd' = [for e in f: {\n    resource g 'h' existing = {}\n  }]\n  resource: 1\n}",
      'resource a "b@1" {"resource":1} <@(batchSize 1) resource c "d" for e in f {} <resource g "h" existing {}>>',
    ],
    ["resource a 'b@1' = {\nresource c 'd' = {\n}\n}", 'resource a "b@1" {} <resource c "d" {}>'],
    [
      "module a 'b.bicep' = [for c in d: if (e) {\n  params: { f: c }\n}]",
      'module a "b.bicep" for c in d if e {"params":{"f":c}}',
    ],
  ])('%j', (text, expected) => {
    expect(declarations(text)).toEqual([expected]);
    expect(declarations(text.replaceAll('\n', '\r\n'))).toEqual([expected]);
  });

  test.each([
    ["using 'main.bicep'", 'using "main.bicep"'],
    ['using none', 'using none'],
    ["using 'a' with { b: 1 }", 'using "a" with {"b":1}'],
    ["extends 'base.bicepparam'", 'extends "base.bicepparam"'],
    ["param a = readEnvironmentVariable('X')", 'parameter a = (readEnvironmentVariable "X")'],
    ['param a = base.b', 'parameter a = (at base "b")'],
    ['extensionConfig k with { a: 1 }', 'extensionConfig k {"a":1}'],
    ['var a = 1', 'variable a = 1'],
  ])('parameter file: %j', (text, expected) => {
    expect(declarations(text, 'main.bicepparam')).toEqual([expected]);
  });

  test('directives and comments about the tool keep their places', () => {
    const text =
      '#disable-next-line no-unused-params BCP037 // why\nparam a string\n// Azure-Backup-Lint: ignore x\nvar b = [ /* azure-backup-lint: y */\n  #restore-diagnostics BCP1\n]\n// other';
    const { comments, directives, log } = parse(text);
    expect(log).toEqual([]);
    expect(comments.map((comment) => comment.text)).toEqual(['Azure-Backup-Lint: ignore x', 'azure-backup-lint: y']);
    expect(comments.map(({ start, end }) => text.slice(start, end))[1]).toBe('/* azure-backup-lint: y */');
    expect(
      directives.map(({ name, codes, start, end }) => [name, codes.map((c) => c.code), text.slice(start, end)]),
    ).toEqual([
      ['disable-next-line', ['no-unused-params', 'BCP037'], '#disable-next-line no-unused-params BCP037'],
      ['restore-diagnostics', ['BCP1'], '#restore-diagnostics BCP1'],
    ]);
  });

  test('nodes are the places of their text', () => {
    const text =
      "@secure()\nparam p string = 'a${b.c}' // x\n\nresource r 't@1' = [for i in l: if (!c) {\n  a: f(1)[0]\n}]\n";
    const { declarations: all } = parse(text);
    const [parameter, resource] = all;
    const of = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    if (parameter?.kind !== 'parameter' || resource?.kind !== 'resource') throw new Error('two declarations');
    expect(of(parameter)).toBe("param p string = 'a${b.c}'");
    expect(of(parameter.decorators[0]!)).toBe('@secure()');
    expect(of(parameter.type!)).toBe('string');
    expect(of(parameter.value!)).toBe("'a${b.c}'");
    expect(parameter.value?.kind === 'template' && of(parameter.value.parts[1] as Expression)).toBe('b.c');
    expect(of(resource.name)).toBe('r');
    expect(of(resource.type)).toBe("'t@1'");
    expect(of(resource.loop!)).toBe('[for i in l: if (!c) {\n  a: f(1)[0]\n}]');
    expect(of(resource.condition!)).toBe('!c');
    expect(of(resource.body)).toBe('{\n  a: f(1)[0]\n}');
    expect(of((resource.body as ObjectText).entries[0]!.value)).toBe('f(1)[0]');
  });
});

// ----------------------------------------------------------- errors, recovery

describe('errors', () => {
  test.each([
    ['var x = a +\n  b', '1:12 bicep-expression'],
    ['var x = a\n  + b', '2:3 bicep-declaration'],
    ['var x = a ?\n  b : c', '1:12 bicep-expression'],
    ['var x = a ? b', '1:14 bicep-conditional'],
    ['var x = !!a', '1:9 bicep-unary'],
    ['var x = --1', '1:9 bicep-unary'],
    ['var x = +1', '1:9 bicep-expression'],
    ['var x = 1.5', '1:9 bicep-number'],
    ['var x = 18446744073709551616', '1:9 bicep-number'],
    ['var x = [\n  1,\n  2\n]', '2:4 bicep-comma-newline'],
    ['var x = [1 2]', '1:12 bicep-separator'],
    ['var x = f(1 2)', '1:13 bicep-separator'],
    ['var x = f(\n  1\n  2\n)', '2:4 bicep-separator'],
    ['var x = f(1,)', '1:12 bicep-trailing-comma'],
    ['var x = {\n  a = 1\n}', '2:5 bicep-property'],
    ['var x = {\n  a:\n  b: 1\n}', '2:3 bicep-missing-value'],
    ['var x = {\n  1: 1\n}', '2:3 bicep-property'],
    ['var x = ()', '1:9 bicep-parentheses'],
    ['var x = (1, 2)', '1:9 bicep-parentheses'],
    ['var x = a[]', '1:10 bicep-index'],
    ['var x = a.?b()', '1:12 bicep-safe-call'],
    ['var x =', '1:8 bicep-missing-value'],
    ['var x 1', '1:8 bicep-assignment'],
    ['var x = (1 + 2', '1:9 bicep-unclosed-bracket'],
    ['var x = 1 /* a', '1:11 bicep-unclosed-comment'],
    ['var x = 1; ', '1:10 bicep-character'],
    ['var x = 1 var y = 2', '1:11 bicep-missing-newline'],
    ['param a', '1:7 bicep-type'],
    ['variable x = 1', '1:1 bicep-declaration'],
    ["using 'a'", '1:1 bicep-declaration'],
    ['@secure()', '1:1 bicep-missing-declaration'],
    ['@secure() param a string', '1:11 bicep-decorator'],
    ["resource 'a@1' = {}", '1:10 bicep-name'],
    ["resource a 'a@1' {}", '1:18 bicep-assignment'],
    ['resource a = {}', '1:12 bicep-text'],
    ["resource a 'a@1' =\n{}", '1:19 bicep-body'],
    ['#disable-next-line\nvar a = 1', '1:1 bicep-directive'],
    ['var x = [for a b: c]', '1:16 bicep-for'],
    [`var ${'x'.repeat(256)} = 1`, '1:5 bicep-name'],
  ])('%j', (text, expected) => {
    expect(errors(text)[0]).toBe(expected);
  });

  test('messages say what to write instead', () => {
    const [problem] = parse('var x = [\n  1,\n  2\n]').log;
    expect(problem?.help).toContain('Remove the comma');
    expect(parse('var x = {\n a: (1 2)\n}').log[0]?.related?.[0]?.message).toBe('( is opened here');
  });
});

describe('recovery', () => {
  test('a bad property does not hide the others', () => {
    const file = parse(
      "resource a 'b@1' = {\n  x: 1 +\n  y: f(1, *, 3)\n  z: [1, +, 2]\n  n: {\n    m: )\n    k: 1\n  }\n}\nvar v = 1",
    );
    expect(file.log.map(told)).toEqual([
      '2:9 bicep-expression',
      '3:11 bicep-expression',
      '4:10 bicep-expression',
      '6:8 bicep-expression',
    ]);
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'resource a "b@1" {"x":BROKEN "y":(f 1 BROKEN 3) "z":[1 BROKEN 2] "n":{"m":BROKEN "k":1}}',
      'variable v = 1',
    ]);
  });

  test('a bracket that is not closed ends at the next declaration', () => {
    const file = parse(
      "resource a 'b@1' = {\n  x: {\n    y: 1\n}\n\n@secure()\nparam p string\nresource c 'd@1' = {\n  z: 1\n}\n",
    );
    expect(file.log.map(told)).toEqual(['1:20 bicep-unclosed-bracket']);
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'INCOMPLETE resource a "b@1" {"x":{"y":1}}',
      '@(secure) parameter p: string',
      'resource c "d@1" {"z":1}',
    ]);
  });

  test('a resource after one that is not closed is none of its children', () => {
    const file = parse("resource a 'b@1' = {\n  x: 1\n\nresource c 'd@1' = {\n  z: 1\n}\n");
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'INCOMPLETE resource a "b@1" {"x":1}',
      'resource c "d@1" {"z":1}',
    ]);
    expect(file.log.map(told)).toEqual(['1:20 bicep-unclosed-bracket']);
  });

  test('a broken declaration is read over as a whole', () => {
    const file = parse('var a = (1 2\n  , 3\n)\nvar b = 1\nwhat = {\n  c: 1\n}\nvar d = 2');
    expect(file.log.map(told)).toEqual(['1:12 bicep-missing-bracket', '5:1 bicep-declaration']);
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'INCOMPLETE variable a = BROKEN',
      'variable b = 1',
      'variable d = 2',
    ]);
  });

  test('an error in a condition or a missing word keeps the body', () => {
    const file = parse(
      "resource a 'b@1' = if (c ==) {\n  x: 1\n}\nmodule m = {\n  y: 1\n}\nresource r 'b@1' = [for i in l: if {\n  z: 1\n}]",
    );
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'resource a "b@1" if BROKEN {"x":1}',
      'module m BROKEN {"y":1}',
      'resource r "b@1" for i in l if BROKEN {"z":1}',
    ]);
    expect(file.log.map(told)).toEqual(['1:28 bicep-expression', '4:10 bicep-text', '7:36 bicep-condition']);
  });

  test('an error in a string stays in its line', () => {
    const file = parse("var a = {\n  b: 'c${d +}e'\n  f: 'g\n  h: f('i, 1)\n  j: 1\n}");
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'variable a = {"b":(text "c" BROKEN "e") "f":BROKEN "h":BROKEN "j":1}',
    ]);
  });

  test('types recover, too', () => {
    const file = parse("type t = {\n  a: )\n  b: 'x' |\n  c: int\n}\ntype u = [int, +, bool]\nparam p (\nvar v = 1");
    expect(file.declarations.map(renderDeclaration)).toEqual([
      'type t {"a":BROKEN "b":BROKEN "c":int}',
      'type u [int BROKEN bool]',
      'INCOMPLETE parameter p: BROKEN',
      'variable v = 1',
    ]);
  });
});

// --------------------------------------------------------------------- limits

describe('limits', () => {
  const deep = 10_000;
  test.each([
    ['lists', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['objects', `${'{a:'.repeat(deep)}1${'}'.repeat(deep)}`],
    ['parentheses', `${'('.repeat(deep)}1${')'.repeat(deep)}`],
    ['calls', `${'f('.repeat(deep)}1${')'.repeat(deep)}`],
    ['indexes', `${'a['.repeat(deep)}1${']'.repeat(deep)}`],
    ['access', `a${'.b'.repeat(deep)}`],
    ['assertions', `a${'!'.repeat(deep)}`],
    ['conditionals', `${'a ? b : '.repeat(deep)}c`],
    ['lambdas', `${'x => '.repeat(deep)}x`],
    ['operators', `${'a ?? (b + '.repeat(deep)}c${')'.repeat(deep)}`],
    ['strings', `${"'${".repeat(deep)}a${"}'".repeat(deep)}`],
    ['loops', `${'[for a in b: '.repeat(deep)}a${']'.repeat(deep)}`],
  ])('10,000 nested %s are one diagnostic', (_, text) => {
    const file = parse(`var x = ${text}\nvar y = 1`);
    expect(file.log.map((problem) => problem.code)).toEqual(['bicep-too-deep']);
    expect(renderDeclaration(file.declarations.at(-1)!)).toBe('variable y = 1');
  });

  test.each([
    ['types', `type t = ${'{a:'.repeat(deep)}int${'}'.repeat(deep)}`],
    ['array types', `type t = int${'[]'.repeat(deep)}`],
    ['type arguments', `type t = ${'a<'.repeat(deep)}int${'>'.repeat(deep)}`],
    ['resources', `resource r 'a@1' = {${"\n resource r 'a' = {".repeat(deep)}${'\n}'.repeat(deep)}\n}`],
  ])('10,000 nested %s are one diagnostic', (_, text) => {
    const file = parse(`${text}\nvar y = 1`);
    expect(file.log.map((problem) => problem.code)).toEqual(['bicep-too-deep']);
    expect(renderDeclaration(file.declarations.at(-1)!)).toBe('variable y = 1');
  });

  test('what is just allowed is read', () => {
    const depth = limits.nesting - 10;
    expect(value(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toBe(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  });

  test('many operands of one operator are no depth', () => {
    expect(value(Array(10_000).fill('a').join(' ?? '))).toMatch(/^\(\?\? a a a/);
  });

  test.each([
    ['open brackets', '['],
    ['closing brackets', ')'],
    ['mixed brackets', '{('],
    ['crossed brackets', '([)]'],
    ['quotes', "'a"],
    ['open holes', "'${"],
    ['dollars', '$'],
    ['dollars and quotes', "$'''${"],
    ['comment openers', '/*'],
    ['hashes', '\n# '],
    ['commas', ','],
    ['at signs', '@'],
    ['at signs on lines', '@\n'],
    ['errors', 'a ) [1 2] '],
    ['errors on lines', '*\n'],
    ['unclosed brackets on lines', 'var a = (1 2\n'],
    ['lone names', 'var x = az.f('],
  ])('1 MB of %s end', (_, piece) => {
    const { log } = parse(`var x = ${piece.repeat(Math.ceil((1024 * 1024) / piece.length))}`);
    expect(log.length).toBeGreaterThan(0);
    expect(log.length).toBeLessThanOrEqual(21);
  });

  test('a line of 4 MB is read', () => {
    const file = parse(`var x = [${'1, '.repeat(1_400_000)}1]\nvar y = '${'a'.repeat(4_000_000)}'`);
    expect(file.log).toEqual([]);
    expect(file.declarations).toHaveLength(2);
  });

  test('no more than 20 errors are told', () => {
    const { log } = parse('*\n'.repeat(100));
    expect(log).toHaveLength(21);
    expect(log.at(-1)?.code).toBe('bicep-too-many-errors');
  });
});

// ----------------------------------------------------------- any text, corpus

test('any text gives a tree and places inside of it', () => {
  const pieces =
    "var x = |param p string|resource r 'a@1' = |module m 'b' = |type t = |func f(a int) int => |import {a} from 'x'|using none|\n|\n|\r\n| |  |{|}|[|]|(|)|'|'''|$'''|${|'a'|'${a}'|a|b: |1|:|::|,|.|.?|...|?|??|!|==|=>|=|+|-|*|/|%|<|>|^|@|@d()|if (a) |[for a in b: |//|/*|*/|#disable-next-line x|\\|\"|;|é|\ud800|\u0000|existing|true|null|for |in |as |with ".split(
      /(?<!\|)\|(?!\|)/,
    );
  const next = random(7);
  let clean = 0;
  for (let n = 0; n < 20_000; n++) {
    const count = Math.floor(next() * 30);
    const text = Array.from({ length: count }, () => pieces[Math.floor(next() * pieces.length)]).join('');
    const file = parse(text, n % 4 === 0 ? 'x.bicepparam' : 'x.bicep');
    if (file.log.length === 0) clean++;
    for (const { at } of file.log) {
      if (!isSpan(at)) throw new Error('a parse error has a place in a text');
      expect(at.start >= 0 && at.start <= at.end && at.end <= text.length, JSON.stringify(text)).toBe(true);
    }
    checkSpans(file.declarations, text);
  }
  expect(clean).toBeGreaterThan(100);
});

/** Every node lies in the text, the right way round. */
function checkSpans(node: unknown, text: string): void {
  if (Array.isArray(node)) {
    for (const item of node) checkSpans(item, text);
  } else if (typeof node === 'object' && node !== null && !(node instanceof Source)) {
    const { start, end } = node as { start?: number; end?: number };
    if (start !== undefined && end !== undefined && !(start >= 0 && start <= end && end <= text.length))
      throw new Error(`${JSON.stringify(text)}: ${start}-${end} of ${Object.keys(node)}`);
    for (const child of Object.values(node)) checkSpans(child, text);
  }
}

describe('corpus', () => {
  const corpus = fileURLToPath(new URL('../../../shared/corpus/bicep', import.meta.url));
  const present = existsSync(corpus);
  if (!present) console.warn('skipped: the corpus of Bicep files is not beside the repository');

  test.skipIf(!present)('every file is read without an error', () => {
    const wrong: string[] = [];
    let files = 0;
    let resources = 0;
    for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
      const path = join(corpus, name);
      if (!/\.bicep(?:param)?$/.test(name) || !statSync(path).isFile()) continue;
      const file = parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''), name);
      files++;
      resources += file.declarations.filter((d): d is Resource => d.kind === 'resource').length;
      for (const problem of file.log) wrong.push(`${name}:${told(problem)}`);
    }
    expect(wrong).toEqual([]);
    expect(files).toBeGreaterThan(100);
    expect(resources).toBeGreaterThan(200);
  });
});

test('a value with more behind it on its line is not known', () => {
  const log: Diagnostic[] = [];
  const text = "resource v 'a@b' = {\n  name: 'r'sv-x'\n  other: 'x'\n}\nvar l = ['a' 'b'\n'c']\n";
  const [resource, variable] = parseBicep(new Source('main.bicep', text), log).declarations;
  const { body } = resource as Resource;
  const values = body.kind === 'object' ? body.entries.map((entry) => render(entry.value)) : [];
  expect([values[0], values.at(-1)]).toEqual(['BROKEN', '"x"']);
  expect(variable?.kind === 'variable' && render(variable.value)).toBe('[BROKEN "b" "c"]');
  expect(log.length).toBeGreaterThan(0);
});
