/**
 * Every expression that the real `terraform console` answered, evaluated here and compared: value, refusal, sensitivity.
 * What differs stands in terraform-console.differences.json with its reason; a new difference fails, and so does one that is gone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Environment, evaluate } from '../../src/evaluate/evaluate.ts';
import type { FileAccess } from '../../src/evaluate/terraform/functions-files.ts';
import { jsonText } from '../../src/evaluate/terraform/json.ts';
import { terraformLanguage } from '../../src/evaluate/terraform/language.ts';
import { textOf } from '../../src/evaluate/terraform/number.ts';
import { failureIn } from '../../src/evaluate/terraform/signature.ts';
import { convert, parseType } from '../../src/evaluate/terraform/types.ts';
import {
  describe as describeValue,
  encode,
  force,
  isKnown,
  object,
  plain,
  reasonOf,
  symbol,
  text,
  unknown,
  type Value,
} from '../../src/evaluate/value.ts';
import type { Expression } from '../../src/parse/expression.ts';
import { parseHcl, parseHclExpression } from '../../src/parse/hcl.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import { Source, span } from '../../src/source/source.ts';

interface Recorded {
  readonly id: string;
  readonly group: string;
  readonly expr: string;
  readonly via?: string;
  readonly files?: Record<string, string | { base64: string }>;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly json?: string;
  readonly sensitive?: boolean;
  readonly display?: string;
}

const recording = fileURLToPath(new URL('../../../shared/oracles/terraform-console.json', import.meta.url));
const differencesFile = fileURLToPath(new URL('terraform-console.differences.json', import.meta.url));

function parse(recorded: Recorded): Expression | undefined {
  const log: Log = [];
  let expression: Expression | undefined;
  if (recorded.via === 'local') {
    const file = parseHcl(new Source('main.tf', `locals {\n  e = ${recorded.expr}\n}\n`), log);
    expression = file.body.blocks[0]?.body.attributes[0]?.value;
  } else expression = parseHclExpression(new Source('console', recorded.expr), log);
  return log.some((diagnostic) => diagnostic.severity === 'error') ? undefined : expression;
}

function filesOf(recorded: Recorded): FileAccess {
  const files = new Map<string, Buffer>();
  for (const [name, content] of Object.entries(recorded.files ?? {}))
    files.set(name, typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.base64, 'base64'));
  const clean = (path: string): string => path.replace(/^(\.\/)+/, '').replace(/^\.$/, '');
  return {
    read: (path) => {
      const bytes = files.get(clean(path));
      if (bytes) return { text: bytes.toString(), bytes };
      const folder = clean(path) === '' || [...files.keys()].some((name) => name.startsWith(`${clean(path)}/`));
      return folder ? { refused: 'it is a folder' } : { refused: 'there is no such file', missing: true };
    },
    list: (folder) => {
      const start = clean(folder) === '' ? '' : `${clean(folder)}/`;
      const found = [...files.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
      return found.length > 0 ? found : { refused: 'there is no such folder', missing: true };
    },
  };
}

function run(recorded: Recorded): Value | undefined {
  const expression = parse(recorded);
  if (!expression) return undefined;
  const at = span(new Source('console', ''), 0, 0);
  const env: Environment = {
    language: terraformLanguage(filesOf(recorded)),
    scope: {
      get: (name) => {
        if (name === 'path')
          return object(new Map(['module', 'root'].map((key) => [key, { value: text('.', at), at }])), at);
        if (name === 'terraform')
          return object(
            new Map([
              ['workspace', { value: text('default', at), at }],
              ['applying', { value: unknown('only known during apply', at), at }],
            ]),
            at,
          );
        return undefined;
      },
    },
    budget: { steps: 0 },
  };
  return force(evaluate(expression, env));
}

function sorted(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(sorted);
  if (data === null || typeof data !== 'object') return data;
  return Object.entries(data)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, sorted(value)]);
}

/** What this tool says that Terraform does not; undefined where they agree. */
function difference(recorded: Recorded): string | undefined {
  const value = run(recorded);
  const refused = !value || failureIn(value);
  if (!recorded.ok) return refused ? undefined : `a value where Terraform refuses: ${shown(value)}`;
  if (refused) return `refused: ${value?.kind === 'unknown' ? value.because : 'parse'}`;
  if ((recorded.sensitive ?? false) !== (value.secret ?? false)) return `sensitive: ${value.secret ?? false}`;
  if (recorded.display === '(known after apply)' || recorded.display === '(ephemeral value)')
    return isKnown(value) ? `known: ${shown(value)}` : undefined;
  if (!isKnown(value)) return `not known: ${shown(value)}`;
  if (value.kind === 'number' && !Number.isFinite(value.value) && value.digits === undefined)
    return textOf(value) === recorded.display ? undefined : textOf(value);
  if (recorded.json !== undefined) return jsonText(value) === recorded.json ? undefined : shown(value);
  const same = JSON.stringify(sorted(plain(value))) === JSON.stringify(sorted(recorded.value));
  return same ? undefined : shown(value);
}

function shown(value: Value): string {
  return jsonText({ ...value, secret: undefined }) ?? value.kind;
}

describe('terraform console', () => {
  const present = existsSync(recording);
  if (!present) console.log('skipped: ../shared/oracles/terraform-console.json is not here');
  it.skipIf(!present)('agrees but for the listed differences', () => {
    const { expressions } = JSON.parse(readFileSync(recording, 'utf8')) as { expressions: Recorded[] };
    const listed = JSON.parse(readFileSync(differencesFile, 'utf8')) as Record<string, string>;
    // Variables and locals of main.tf need a whole module, which another test evaluates.
    const compared = expressions.filter((recorded) => recorded.group !== 'context');
    const unexpected: string[] = [];
    const gone: string[] = [];
    let agreeing = 0;
    for (const recorded of compared) {
      const found = difference(recorded);
      if (found === undefined) agreeing++;
      if (found !== undefined && !(recorded.id in listed))
        unexpected.push(
          `${recorded.id} ${recorded.group}: ${recorded.expr} -> ${found}; Terraform: ${answer(recorded)}`,
        );
      if (found === undefined && recorded.id in listed) gone.push(recorded.id);
    }
    const left = expressions.length - compared.length;
    console.log(`terraform console: ${agreeing} of ${compared.length} agree; ${left} need a module and are skipped`);
    expect(unexpected).toEqual([]);
    expect(gone).toEqual([]);
  });
});

describe('the table of functions', () => {
  const signatures = fileURLToPath(new URL('../../../shared/oracles/terraform-functions.json', import.meta.url));
  if (!existsSync(signatures)) console.log('skipped: ../shared/oracles/terraform-functions.json is not here');
  it.skipIf(!existsSync(signatures))('has every function of Terraform', () => {
    const { functions, forms } = terraformLanguage({ read: () => ({ refused: 'not here' }) });
    const recorded = JSON.parse(readFileSync(signatures, 'utf8')) as Record<string, unknown>;
    const inner = (recorded['functions'] ?? recorded) as Record<string, unknown>;
    const names = Object.keys((inner['function_signatures'] ?? inner) as object);
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !functions.has(name) && !forms.has(name))).toEqual([]);
  });
});

/** `u` and `v` are not known, `s` and `t` are known by name only, `id` is a name that is certainly not null. */
function withUnknowns(expr: string): Value {
  const source = new Source('main.tf', expr);
  const log: Log = [];
  const expression = parseHclExpression(source, log);
  expect(log).toEqual([]);
  const at = span(source, 0, 0);
  const names = new Map<string, Value>([
    ['u', unknown('u is not known', at)],
    ['v', unknown('v is not known', at)],
    ['s', symbol('s', 's is a name', at)],
    ['t', symbol('t', 't is a name', at)],
    ['id', { ...symbol('id', 'id is a name', at), present: true }],
  ]);
  return force(
    evaluate(expression, {
      language: terraformLanguage({ read: () => ({ refused: 'not here' }) }),
      scope: { get: (name) => names.get(name) },
      budget: { steps: 0 },
    }),
  );
}

describe('arguments that are not known', () => {
  it.each<[string, unknown]>([
    ['contains(["a", u], "a")', true],
    ['alltrue([false, u])', false],
    ['anytrue([u, true])', true],
    ['startswith("abc-${u}", "abc")', true],
    ['startswith("abc-${u}", "abd")', false],
    ['endswith("${u}-abc", "abc")', true],
    ['keys({a = u})', ['a']],
    ['length([u, "b"])', 2],
    ['length(toset([u]))', 1],
    ['length(sort([u, "b"]))', 2],
    ['coalesce("first", u)', 'first'],
    ['length(u ? ["a"] : ["b"])', 1],
    ['merge({a = 1}, {a = 2, b = u}).a', 2],
    ['merge(s, {a = 2}).a', 2],
    ['lookup({a = 1, b = u}, "a", 0)', 1],
    ['element(["a", u], 2)', 'a'],
    ['concat(u, ["a"])', ['a', { $unknown: 'the list may hold more' }]],
    ['flatten([["a"], u])', ['a', { $unknown: 'the list may hold more' }]],
    ['flatten([["a"], [id]])', ['a', { $symbol: 'id' }]],
    ['toset([for x in u : x])', [{ $unknown: 'the list may hold more' }]],
    ['values({b = s, a = 1})', [1, { $symbol: 's' }]],
    ['zipmap(["a", "b"], [s, 1])', { a: { $symbol: 's' }, b: 1 }],
    ['compact(["a", "", null, id])', ['a', { $symbol: 'id' }]],
    ['compact(["a", s])', ['a', { $unknown: 'the list may hold more' }]],
    ['join("-", ["a", s])', { $symbol: 'a-${s}' }],
    ['format("%s-%s", "a", s)', { $symbol: 'a-${s}' }],
    ['lower("RG-${s}")', { $symbol: 'rg-${lower("s")}'.replaceAll('"', '') }],
    ['jsonencode({a = s, b = 1})', { $symbol: '{"a":${jsonencode(s)},"b":1}' }],
    ['coalesce(id, "x")', { $symbol: 'id' }],
    ['coalesce(s, "x")', { $oneOf: [{ $symbol: 's' }, 'x'] }],
    ['upper(u ? "a" : "b")', { $oneOf: ['A', 'B'] }],
    ['lookup({a = "x"}, u, "d")', { $oneOf: ['x', 'd'] }],
    ['sha256(s)', { $symbol: 'sha256(s)' }],
    ['sha256(s) == sha256(s)', true],
    ['try(s, "x")', { $symbol: 's' }],
    ['try({}.a, s)', { $symbol: 's' }],
    ['try(u, "x")', { $oneOf: [{ $unknown: 'u is not known' }, 'x'] }],
    ['replace(s, "a", "b")', { $symbol: 'replace(s,"a","b")' }],
  ])('%s', (expr, expected) => expect(encode(withUnknowns(expr))).toEqual(expected));

  it.each([
    'length(toset([u, v]))',
    'length(toset([s, t]))',
    'distinct([s, t])',
    'length(u)',
    'strcontains("abc-${u}", "abc")',
    'u == u',
    'contains(["a", u], "b")',
    'index([u, "a"], "a")',
    'timestamp()',
    'uuid()',
    'bcrypt("a")',
    'merge({a = 1}, u).a',
    'file("x")',
    'one([for x in u : x])',
    'startswith("ab${u}", "abc")',
    'can(u)',
    'lookup(u, "a", "d")',
    'tonumber("1${u}")',
  ])('%s stays open', (expr) => {
    const value = withUnknowns(expr);
    expect(isKnown(value)).toBe(false);
    expect(failureIn(value)).toBeUndefined();
  });
});

describe('places', () => {
  // Each expression passes on one literal "x"; the value must stand there and nowhere else.
  it.each([
    'element(["a", "x"], 1)',
    'lookup({a = "x"}, "a", "d")',
    'lookup({}, "a", "x")',
    'coalesce(null, "", "x")',
    'coalescelist([], ["x"])[0]',
    'merge({a = 1}, {a = "x"}).a',
    'try({}.b, "x")',
    'concat(["a"], ["x"])[1]',
    'flatten([["a"], [["x"]]])[1]',
    'one(["x"])',
    'one(toset(["x"]))',
    'values({b = "x", a = 1})[1]',
    'zipmap(["k"], ["x"]).k',
    'reverse(["x", "a"])[1]',
    'slice(["a", "x"], 1, 2)[0]',
    'tolist(["a", "x"])[1]',
    'tomap({a = "x"}).a',
    'distinct(["a", "x", "a"])[1]',
    'compact(["", "x"])[0]',
    'chunklist(["a", "x"], 1)[1][0]',
    'setproduct(["a"], ["x"])[0][1]',
    'tostring("x")',
    'nonsensitive(sensitive("x"))',
    'true ? {a = "x"}.a : "b"',
    '(true ? {a = "x"} : {b = "y"}).a',
  ])('%s', (expr) => {
    const value = withUnknowns(expr);
    expect(plain(value)).toBe('x');
    const at = value.at as { start: number; end: number };
    expect(expr.slice(at.start, at.end)).toBe('"x"');
  });

  it('stands at the call where it was computed', () => {
    const value = withUnknowns('[upper("x")][0]');
    const at = value.at as { start: number; end: number };
    expect('[upper("x")][0]'.slice(at.start, at.end)).toBe('upper("x")');
  });
});

describe('types', () => {
  const expressionOf = (of: string): Expression => parseHclExpression(new Source('variables.tf', of), []);
  const converted = (value: string, type: string): Value =>
    convert(withUnknowns(value), parseType(expressionOf(type)), (expression) =>
      evaluate(expression, {
        language: terraformLanguage({ read: () => ({ refused: 'not here' }) }),
        scope: { get: () => undefined },
        budget: { steps: 0 },
      }),
    );

  it.each<[string, string, unknown]>([
    ['1', 'string', '1'],
    ['"1"', '"string"', '1'],
    ['[1, "a"]', 'list(any)', ['1', 'a']],
    ['[1, 2]', '"list"', ['1', '2']],
    ['["b", "a", "b"]', 'set(string)', ['a', 'b']],
    ['{a = 1, z = "dropped"}', 'object({a = string, b = optional(number)})', { a: '1', b: null }],
    ['{}', 'object({a = optional(object({e = optional(bool, true)}), {})})', { a: { e: true } }],
    ['{a = null}', 'object({a = optional(string, "d")})', { a: 'd' }],
    ['{k = {}}', 'map(object({c = optional(list(string), ["x"])}))', { k: { c: ['x'] } }],
    ['["1", 2]', 'tuple([number, string])', [1, '2']],
    ['{a = [1]}', 'whatever', { a: [1] }],
    ['s', 'list(string)', { $symbol: 's' }],
    ['u ? 1 : 2', 'string', { $oneOf: ['1', '2'] }],
    ['null', 'object({a = string})', null],
    ['{a = s}', 'map(string)', { a: { $symbol: 's' } }],
  ])('%s as %s', (value, type, expected) => expect(encode(converted(value, type))).toEqual(expected));

  it.each([
    ['"a"', 'number'],
    ['[1]', 'map(string)'],
    ['{}', 'object({a = string})'],
    ['[1, true]', 'list(any)'],
    ['["a"]', 'tuple([string, string])'],
    ['"yes"', 'bool'],
  ])('%s is no %s', (value, type) => expect(converted(value, type)).toMatchObject({ kind: 'unknown', failed: true }));

  it('keeps places and the way a value came', () => {
    const via = { at: span(new Source('main.tf', ''), 0, 0), what: 'the module call' };
    const written = 'object({a = string, b = optional(string, "d")})';
    const type = parseType(expressionOf(written));
    const given = { ...withUnknowns('{a = 1}'), via };
    const value = convert(given, type, (expression) => evaluateLiteral(expression));
    expect(value).toMatchObject({ kind: 'object', via });
    if (value.kind !== 'object') return;
    expect(value.members.get('a')!.value.at).toMatchObject({ start: 5, end: 6 });
    // The default stands where the type wrote it.
    expect(value.members.get('b')!.at).toMatchObject({ start: written.indexOf('"d"') });
  });
});

function evaluateLiteral(expression: Expression): Value {
  return expression.kind === 'literal' ? text(String(expression.value), expression) : unknown('no literal', expression);
}

describe('secrets', () => {
  it.each([
    'regex(sensitive("hunter2("), "a")',
    'uuidv5(sensitive("hunter2"), "a")',
    'cidrhost("10.0.0.0/8", sensitive("hunter2"))',
    'zipmap([sensitive("hunter2")], [1])',
    'base64gzip(sensitive("hunter2"))',
    '[for x in sensitive(["hunter2"]) : x][0]',
    'format("%s-%s", sensitive("hunter2"), s)',
    '{for x in sensitive(["hunter2"]) : x => s}',
  ])('%s shows nothing', (expr) => {
    const value = withUnknowns(expr);
    expect(JSON.stringify(encode(value))).not.toContain('hunter2');
    expect(describeValue(value)).not.toContain('hunter2');
    expect(reasonOf(value) ?? '').not.toContain('hunter2');
  });
});

describe('hostile input', () => {
  it.each([
    ['range(0, 1000000000)', true],
    ['format("%1000000000d", 1)', false],
    ['replace(format("%100000d", 1), " ", format("%100000d", 1))', false],
    ['regexall("(a*)*b", format("%20000d", 1))', false],
    ['1e100000 * 2', false],
    ['jsondecode(replace(format("%1000d", 1), " ", "["))', false],
    ['indent(1000000000, "a\\nb")', false],
  ])('%s ends without a value', (expr, failed) => {
    const value = withUnknowns(expr);
    expect(value.kind).toBe('unknown');
    expect(failureIn(value) !== undefined).toBe(failed);
  });

  it('bounds repeated squaring', () => {
    let expr = '1e3000';
    for (let i = 0; i < 12; i++) expr = `[for x in [${expr}] : x * x][0]`;
    expect(withUnknowns(expr).kind).toBe('unknown');
  });
});

function answer(recorded: Recorded): string {
  return recorded.ok ? (recorded.json ?? JSON.stringify(recorded.value) ?? 'unknown') : 'refused';
}
