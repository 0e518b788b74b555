/** Terraform's JSON syntax gives the tree of the native one, with places in the JSON. */
import { describe, expect, it } from 'vitest';
import type { Expression } from '../../src/parse/expression.ts';
import { parseHcl } from '../../src/parse/hcl.ts';
import { type IsNestedBlock, parseHclJson } from '../../src/parse/hcl-json.ts';
import type { Block, Body } from '../../src/parse/hcl-tree.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { isSpan, Source, type Span } from '../../src/source/source.ts';

const isNestedBlock: IsNestedBlock = (_owner, name) => name === 'disk' || name === 'features';

function read(json: string): { body: Body; log: Diagnostic[] } {
  const log: Diagnostic[] = [];
  return { body: parseHclJson(new Source('t.tf.json', json), log, isNestedBlock).body, log };
}

/** Without places: what both syntaxes must agree in. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  const places = new Set(['source', 'start', 'end', 'head', 'nameSpan']);
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !places.has(key))
      .map(([key, value]) => [key, bare(value)]),
  );
}

function written({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

describe('JSON and native syntax', () => {
  it.each<[string, unknown, string]>([
    [
      'a resource',
      { resource: { t: { n: { a: 1, b: true, c: null, d: [1, 'x'], e: { k: 'v' } } } } },
      'resource "t" "n" {\n  a = 1\n  b = true\n  c = null\n  d = [1, "x"]\n  e = { "k" = "v" }\n}\n',
    ],
    [
      'templates, in keys too',
      { locals: { a: 'x${var.a}', b: '${var.a}', c: { 'k${1}': '%{ if true }y%{ endif }' }, d: '$${no}' } },
      'locals {\n  a = "x${var.a}"\n  b = "${var.a}"\n  c = { "k${1}" = "%{ if true }y%{ endif }" }\n  d = "$${no}"\n}\n',
    ],
    [
      'bare references',
      {
        resource: {
          t: {
            n: {
              provider: 'azurerm.dr',
              depends_on: ['a.b', 'module.c'],
              lifecycle: { ignore_changes: ['tags["x"]'], prevent_destroy: true },
            },
          },
        },
      },
      'resource "t" "n" {\n  provider = azurerm.dr\n  depends_on = [a.b, module.c]\n  lifecycle {\n    ignore_changes = [tags["x"]]\n    prevent_destroy = true\n  }\n}\n',
    ],
    [
      'all changes ignored',
      { resource: { t: { n: { lifecycle: { ignore_changes: 'all' } } } } },
      'resource "t" "n" {\n  lifecycle {\n    ignore_changes = all\n  }\n}\n',
    ],
    [
      'a module with providers',
      { module: { m: { source: './m', providers: { azurerm: 'azurerm.dr', 'azurerm.x': 'azurerm.y' } } } },
      // The keys of an object in native syntax are texts unless they are more than a name.
      'module "m" {\n  source = "./m"\n  providers = { (azurerm) = azurerm.dr, azurerm.x = azurerm.y }\n}\n',
    ],
    [
      'a variable, whose default is a constant',
      { variable: { v: { type: 'map(object({ a = optional(number, 1) }))', default: '%{', description: '${' } } },
      'variable "v" {\n  type = map(object({ a = optional(number, 1) }))\n  default = "%%{"\n  description = "$${"\n}\n',
    ],
    [
      'nested blocks that the schema knows, and dynamic ones',
      {
        resource: {
          t: {
            n: {
              disk: [{ lun: 1, disk: { x: 2 } }, { lun: 2 }],
              dynamic: { disk: { for_each: '${var.d}', iterator: 'one', content: { lun: '${one.value}' } } },
            },
          },
        },
      },
      'resource "t" "n" {\n  disk {\n    lun = 1\n    disk {\n      x = 2\n    }\n  }\n  disk {\n    lun = 2\n  }\n  dynamic "disk" {\n    for_each = "${var.d}"\n    iterator = one\n    content {\n      lun = "${one.value}"\n    }\n  }\n}\n',
    ],
    [
      'providers and terraform',
      {
        provider: { azurerm: [{ features: {} }, { alias: 'dr', features: {} }] },
        terraform: { required_providers: { azurerm: { source: 'hashicorp/azurerm', version: '~> 4.0' } } },
      },
      'provider "azurerm" {\n  features {\n  }\n}\nprovider "azurerm" {\n  alias = "dr"\n  features {\n  }\n}\nterraform {\n  required_providers {\n    azurerm = { "source" = "hashicorp/azurerm", "version" = "~> 4.0" }\n  }\n}\n',
    ],
    [
      'provisioners, actions and the rest',
      {
        resource: { t: { n: { provisioner: [{ 'local-exec': { command: 'az' } }, { file: {} }] } } },
        action: { a: { b: { config: { x: 1 } } } },
        moved: [{ from: 't.a', to: 't.b' }],
        removed: { from: 't.c' },
      },
      'resource "t" "n" {\n  provisioner "local-exec" {\n    command = "az"\n  }\n  provisioner "file" {\n  }\n}\naction "a" "b" {\n  config {\n    x = 1\n  }\n}\nmoved {\n  from = t.a\n  to = t.b\n}\nremoved {\n  from = t.c\n}\n',
    ],
  ])('say the same: %s', (_what, json, native) => {
    const { body, log } = read(JSON.stringify(json));
    const nativeLog: Diagnostic[] = [];
    const expected = parseHcl(new Source('t.tf', native), nativeLog);
    expect(nativeLog).toEqual([]);
    expect(log).toEqual([]);
    expect(bare(body)).toEqual(bare(expected.body));
  });
});

describe('labels and bodies', () => {
  const labels = ({ blocks }: Body): string[] =>
    blocks.map((block) => [block.type, ...block.labels.map(({ text }) => text)].join(' '));

  it('may be objects or arrays at every level, and repeated', () => {
    const { body, log } = read(
      '[{"resource": [{"t": {"a": {}}}, {"t": [{"b": [{"x": 1}]}]}], "resource": {"u": {"c": {}}, "u": {"d": {}}}},' +
        '{"resource": {}}, {"output": {"o": {"value": 1}}}]',
    );
    expect(labels(body)).toEqual(['resource t a', 'resource t b', 'resource u c', 'resource u d', 'output o']);
    expect(log).toEqual([]);
  });

  it('give several blocks where a label holds an array', () => {
    const { body } = read('{"provider": {"p": [{"alias": "a"}, {"alias": "b"}]}}');
    expect(labels(body)).toEqual(['provider p', 'provider p']);
  });

  it('hold comments under "//"', () => {
    const { body, log } = read('{"//": "x", "resource": {"//": ["y"], "t": {"a": {"//": 1, "v": {"//": "kept"}}}}}');
    expect(labels(body)).toEqual(['resource t a']);
    const [attribute, ...more] = body.blocks[0]!.body.attributes;
    expect(more).toEqual([]);
    expect(bare(attribute!.value)).toMatchObject({ entries: [{ key: { value: '//' }, value: { value: 'kept' } }] });
    expect(log).toEqual([]);
  });

  it('take the last of two values for one argument, and say so', () => {
    const { body, log } = read('{"locals": {"a": 1, "a": 2}}');
    expect(bare(body.blocks[0]!.body.attributes)).toMatchObject([{ name: 'a', value: { value: 2 } }]);
    expect(log.map(({ code }) => code)).toEqual(['json-duplicate-key']);
  });

  it.each(['{"resource": {"t": {"a": "text"}}}', '{"resource": 1}', '"text"', '{"resource": {"t": {"a": [true]}}}'])(
    'that are no objects are told: %s',
    (json) => {
      const { body, log } = read(json);
      expect(body.blocks).toEqual([]);
      expect(log.map(({ code, severity }) => [code, severity])).toEqual([['hcl-json-block', 'error']]);
    },
  );

  it('that are null are no blocks', () => {
    const { body, log } = read('{"resource": null, "locals": null}');
    expect([body.blocks, log]).toEqual([[], []]);
  });

  it.each(['', '{', '[', '{"resource": {"t": {"n": {"a": "${"}}}}'])('of broken files are told: %s', (json) => {
    expect(read(json).log.some(({ severity }) => severity === 'error')).toBe(true);
  });
});

describe('places', () => {
  const json = '{"resource": {"t": {"n": {"name": "x\\u0041${var.one}\\n${var.two}", "plain": "y", "z": "${w.v}"}}}}';
  const { body } = read(json);
  const block = body.blocks[0] as Block;
  const value = (name: string): Expression => block.body.attributes.find((one) => one.name === name)!.value;

  it('of a block are its labels, its body, and its name as head', () => {
    expect(block.labels.map(written)).toEqual(['"t"', '"n"']);
    expect(written(block.body)).toBe(json.slice(json.indexOf('{"name"'), -3));
    expect(written(block.head)).toBe('"x\\u0041${var.one}\\n${var.two}"');
    expect(written(read('{"locals": {"a": 1}}').body.blocks[0]!.head)).toBe('"locals"');
    expect(written(read('{"module": {"m": {"name": "x"}}}').body.blocks[0]!.head)).toBe('"m"');
  });

  it('of texts hold the quotes, of holes what is in them', () => {
    expect(written(value('plain'))).toBe('"y"');
    expect(written(value('z'))).toBe('"${w.v}"');
    const whole = value('z') as Extract<Expression, { kind: 'template' }>;
    expect(written(whole.parts[0] as Span)).toBe('w.v');
  });

  it('go through escapes', () => {
    const template = value('name') as Extract<Expression, { kind: 'template' }>;
    const holes = template.parts.filter((part) => typeof part !== 'string');
    expect(template.parts[0]).toBe('xA');
    expect(holes.map((hole) => written(hole as Span))).toEqual(['var.one', 'var.two']);
    const { source } = block;
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null || node instanceof Source) return;
      if ('source' in node) expect(node.source).toBe(source);
      for (const inner of Object.values(node)) walk(inner);
    };
    walk(template);
  });

  it('of errors in a template go through them too', () => {
    const text = '{"locals": {"a": "\\t\\t${var.}"}}';
    const { log } = read(text);
    expect(log).toHaveLength(1);
    const { at } = log[0]!;
    expect(isSpan(at) && at.start).toBe(text.indexOf('}"}}'));
  });
});

it('depth ends in a diagnostic', () => {
  const deep = '{"a":'.repeat(100_000);
  expect(read(deep).log.some(({ severity }) => severity === 'error')).toBe(true);
  const holes = `{"locals": {"a": "${'${['.repeat(50_000)}"}}`;
  expect(read(holes).log.some(({ severity }) => severity === 'error')).toBe(true);
});

it('many templates cost no more than their text', () => {
  const members = Array.from({ length: 40_000 }, (_, i) => `"a${i}": "\${var.v${i}}"`);
  const { body } = read(`{"locals": {${members.join(', ')}}}`);
  expect(body.blocks[0]!.body.attributes).toHaveLength(40_000);
});
