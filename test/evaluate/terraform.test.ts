/** Terraform configurations from a few lines in memory: what they declare, what stays open and where every value was written. */
import { describe, expect, it } from 'vitest';
import { settleOptions } from '../../src/config.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { terraformConfigurations } from '../../src/evaluate/terraform/roots.ts';
import {
  canonical,
  encode,
  force,
  isKnown,
  isSecret,
  memberOf,
  plain,
  reasonOf,
  type Value,
} from '../../src/evaluate/value.ts';
import { readModels } from '../../src/lint.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import { Reader } from '../../src/source/reader.ts';
import { isSpan, type Origin } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

interface Run {
  readonly configurations: readonly Configuration[];
  readonly log: Log;
  /** Of the first configuration. */
  readonly resources: readonly Resource[];
  readonly one: (address: string) => Resource;
  /** What stands at a path such as `a.b[0]` of a resource, as `inspect` prints it. */
  readonly at: (address: string, path: string) => unknown;
}

interface Inputs {
  readonly folders?: readonly string[];
  readonly variableFiles?: readonly string[];
  readonly variables?: readonly string[];
}

/** Files by path below `/repo`, or one text as `main.tf`. */
function run(given: string | Record<string, string>, inputs: Inputs = {}): Run {
  const files = typeof given === 'string' ? { 'main.tf': given } : given;
  const log: Log = [];
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const reader = new Reader(io.files, '/repo', log);
  const absolute = (paths: readonly string[]): string[] =>
    paths.map((path) => (path === '.' ? '/repo' : `/repo/${path}`));
  const { configurations } = terraformConfigurations(
    {
      folders: absolute(inputs.folders ?? ['.']),
      variableFiles: absolute(inputs.variableFiles ?? []),
      variables: inputs.variables ?? [],
    },
    reader,
    () => {},
  );
  const resources = configurations[0]?.resources ?? [];
  const one = (address: string): Resource => {
    const found = resources.filter((resource) => resource.address === address);
    if (found.length !== 1) throw new Error(`${found.length} of ${address} among ${addresses(resources).join(' ')}`);
    return found[0]!;
  };
  return { configurations, log, resources, one, at: (address, path) => encode(valueAt(one(address), path)) };
}

function valueAt(resource: Resource, path: string): Value {
  let value: Value = resource.body;
  for (const step of path.replaceAll('[', '.[').split('.')) {
    value = force(value);
    const next: Value | undefined =
      value.kind === 'object'
        ? memberOf(value, step)?.value
        : value.kind === 'list'
          ? value.items[Number(step.slice(1, -1))]
          : undefined;
    if (!next) throw new Error(`nothing at ${step} of ${path}`);
    value = next;
  }
  return force(value);
}

function addresses(resources: readonly Resource[]): string[] {
  return resources.map((resource) => resource.address).sort();
}

function shown(at: Origin): string {
  return isSpan(at) ? `${at.source.file}:${at.source.text.slice(at.start, at.end)}` : '';
}

function codes(log: Log): string[] {
  return log.map((diagnostic) => diagnostic.code);
}

const unknownOf = (because: string): unknown => ({ $unknown: expect.stringContaining(because) });
const open = expect.objectContaining({ $unknown: expect.anything() });

/** The value that an attribute of one resource takes. */
function nameOf(expression: string, around = '', inputs?: Inputs): unknown {
  return run(`resource "azurerm_x" "x" {\n  name = ${expression}\n}\n${around}`, inputs).at('azurerm_x.x', 'name');
}

describe('variables', () => {
  it.each<[string, string, string, unknown]>([
    ['default', 'type = string\ndefault = 1', 'var.v', '1'],
    ['no default', '', 'var.v', { $symbol: 'var.v' }],
    ['null default', 'default = null', 'var.v', null],
    ['null default where null is refused', 'default = null\nnullable = false', 'var.v', null],
    [
      'optional attributes',
      'type = object({a = optional(number, 7), b = optional(string)})\ndefault = {}',
      'var.v',
      { a: 7, b: null },
    ],
    ['a default that does not fit', 'type = number\ndefault = "x"', 'var.v', unknownOf('number')],
    ['ephemeral', 'default = "x"\nephemeral = true', 'var.v', { $secret: true }],
    ['sensitive', 'default = "hunter2"\nsensitive = true', '"a-${var.v}"', { $secret: true }],
    ['sensitive members', 'default = {a = "hunter2"}\nsensitive = true', 'var.v.a', { $secret: true }],
  ])('%s', (_what, body, expression, expected) =>
    expect(nameOf(expression, `variable "v" {\n${body}\n}`)).toEqual(expected),
  );

  const ranks = [
    'default',
    'terraform.tfvars',
    'terraform.tfvars.json',
    'a.auto.tfvars.json',
    'b.auto.tfvars',
    'first file',
    'second file',
    'option',
  ];
  it.each(ranks.map((name, rank) => [name, rank] as const))('%s beats all that is weaker', (name, rank) => {
    const given = (limit: string): boolean => ranks.indexOf(limit) <= rank;
    const files: Record<string, string> = {
      'main.tf': 'variable "v" {\n  default = "default"\n}\nresource "azurerm_x" "x" {\n  name = var.v\n}\n',
      'first.tfvars': 'v = "first file"',
      'second.json': '{"v": "second file"}',
    };
    for (const file of ranks.slice(1, 5))
      if (given(file)) files[file] = file.endsWith('.json') ? `{"v": "${file}"}` : `v = "${file}"`;
    const variableFiles = [
      ...(given('first file') ? ['first.tfvars'] : []),
      ...(given('second file') ? ['second.json'] : []),
    ];
    const result = run(files, { variableFiles, variables: given('option') ? ['v=option'] : [] });
    expect(result.at('azurerm_x.x', 'name')).toBe(name);
    expect(result.log).toEqual([]);
  });

  it.each<[string, string, unknown]>([
    ['type = string', '[1]', '[1]'],
    ['type = "string"', '[1]', '[1]'],
    ['', 'true', 'true'],
    ['type = any', '[1, "a=b"]', [1, 'a=b']],
    ['type = list(string)', '[1]', ['1']],
    ['type = number', '5', 5],
    ['type = object({a = string})', '{a = upper("x")}', { a: 'X' }],
  ])('an option for a variable with %s takes %s', (type, text, expected) =>
    expect(nameOf('var.v', `variable "v" {\n${type}\n}`, { variables: [`v=${text}`] })).toEqual(expected),
  );

  it('tells once that the value of an option cannot be read', () => {
    const result = run(
      {
        'a/main.tf': 'variable "v" {\n type = any\n}\nresource "azurerm_x" "x" {\n name = var.v\n}',
        'b/main.tf': 'variable "v" {\n type = any\n}\nresource "azurerm_x" "x" {\n name = var.v\n}',
      },
      { folders: ['a', 'b'], variables: ['v=[1'] },
    );
    expect(result.log).toHaveLength(1);
    expect(result.log[0]).toMatchObject({ severity: 'error', at: { source: { file: '--var v' } } });
    expect(result.configurations.map(({ resources }) => encode(valueAt(resources[0]!, 'name')))).toEqual([open, open]);
  });

  it('reads a variable file once, however many roots there are', () => {
    const file = 'variable "v" {}\nresource "azurerm_x" "x" {\n  name = var.v\n}\n';
    const result = run(
      { 'a/main.tf': file, 'b/main.tf': file, 'x.tfvars': 'v = "x"\nw = = 1\n' },
      { folders: ['a', 'b'], variableFiles: ['x.tfvars'] },
    );
    expect(result.log).toHaveLength(1);
    expect(result.configurations.map(({ resources }) => encode(resources[0]!.name))).toEqual(['x', 'x']);
  });

  it('takes the default for null only where null is refused', () => {
    const inputs = { variables: ['v=null', 'w=null'] };
    const around =
      'variable "v" {\n type = number\n default = 1\n}\nvariable "w" {\n type = number\n default = 2\n nullable = false\n}';
    expect(nameOf('[var.v, var.w]', around, inputs)).toEqual([null, 2]);
  });

  it('refuses a variable that nothing declares', () => expect(nameOf('try(var.nope, "other")')).toBe('other'));
});

describe('locals', () => {
  it('are evaluated in any order and in any file', () => {
    const result = run({
      'a.tf': 'resource "azurerm_x" "x" {\n  name = local.b\n}\nlocals {\n  b = "${local.a}!"\n}\n',
      'b.tf': 'locals {\n  a = "x"\n}\n',
    });
    expect(result.at('azurerm_x.x', 'name')).toBe('x!');
  });

  it('end a circle in unknown, which is told once', () => {
    const result = run(
      'locals {\n  a = local.b\n  b = [local.a]\n}\nresource "azurerm_x" "x" {\n  name = local.a\n}\nresource "azurerm_x" "y" {\n  name = local.b\n}\n',
    );
    expect(result.log).toMatchObject([{ code: 'terraform-cycle', severity: 'warning' }]);
    expect(isKnown(result.one('azurerm_x.x').body)).toBe(false);
  });

  it.each([
    ['a count that needs its own resource', 'resource "azurerm_x" "x" {\n  count = length(azurerm_x.x)\n}\n'],
    ['a count that needs its own module', 'module "m" {\n  source = "./m"\n  count = length(module.m)\n}\n'],
  ])('%s is a circle too', (_what, text) =>
    expect(codes(run({ 'main.tf': text, 'm/main.tf': '' }).log)).toEqual(['terraform-cycle']),
  );

  it('resources that refer to each other end', () => {
    const result = run(
      'resource "azurerm_x" "x" {\n  name = azurerm_x.y.name\n}\nresource "azurerm_x" "y" {\n  name = azurerm_x.x.name\n}\n',
    );
    expect(isKnown(result.one('azurerm_x.x').body)).toBe(false);
  });
});

describe('count', () => {
  it.each<[string, string[]]>([
    ['2', ['azurerm_x.x[0]', 'azurerm_x.x[1]']],
    ['"1"', ['azurerm_x.x[0]']],
    ['0', []],
    ['length(["a"])', ['azurerm_x.x[0]']],
  ])('%s', (count, expected) => {
    const { resources } = run(`resource "azurerm_x" "x" {\n  count = ${count}\n  name = "n\${count.index}"\n}\n`);
    expect(addresses(resources)).toEqual(expected);
    expect(resources.every(({ presence, many }) => presence === 'present' && !many)).toBe(true);
    expect(resources.map(({ name }) => encode(name))).toEqual(expected.map((_, i) => `n${i}`));
  });

  it('that is not known stands for an unknown number', () => {
    const { one } = run(
      'variable "n" {}\nresource "azurerm_x" "x" {\n  count = var.n\n  name = "n${count.index}"\n}\n',
    );
    expect(one('azurerm_x.x[*]')).toMatchObject({ presence: 'maybe', many: true, guard: '(var.n>0)' });
    expect(encode(one('azurerm_x.x[*]').name)).toEqual({ $symbol: 'n${count.index(var.n)}' });
  });

  it('of a condition names the condition, and its opposite', () => {
    const { one } = run(
      `variable "c" {}
       locals {
         n = var.c ? 2 : 1
       }
       resource "azurerm_x" "yes" {
         count = var.c ? 1 : 0
       }
       resource "azurerm_x" "no" {
         count = var.c ? 0 : 1
       }
       resource "azurerm_x" "not" {
         count = !var.c ? 1 : 0
       }
       resource "azurerm_x" "notnot" {
         count = !var.c ? 0 : 1
       }
       resource "azurerm_x" "length" {
         count = length(var.c ? ["a"] : [])
       }
       resource "azurerm_x" "some" {
         count = local.n
       }`,
    );
    expect(one('azurerm_x.yes[0]')).toMatchObject({ presence: 'maybe', guard: 'var.c', many: undefined });
    expect(one('azurerm_x.no[0]').guard).toBe('!var.c');
    expect(one('azurerm_x.not[0]').guard).toBe('!var.c');
    expect(one('azurerm_x.notnot[0]').guard).toBe('var.c');
    expect(one('azurerm_x.length[0]').guard).toBe('var.c');
    expect(one('azurerm_x.some[0]').presence).toBe('present');
    expect(one('azurerm_x.some[1]')).toMatchObject({ presence: 'maybe', guard: 'var.c' });
  });

  it.each(['-1', '1.5', 'true', 'null', 'timestamp()'])('%s is no number of instances', (count) => {
    const { resources } = run(`resource "azurerm_x" "x" {\n  count = ${count}\n}\n`);
    expect(resources).toMatchObject([{ address: 'azurerm_x.x[*]', presence: 'maybe' }]);
  });

  it('shows no secret that is no number', () => {
    const { resources } = run(
      'variable "s" {\n  default = "hunter2"\n  sensitive = true\n}\nresource "azurerm_x" "x" {\n  count = var.s\n}\n',
    );
    expect(resources).toMatchObject([{ presence: 'maybe', guard: 'count(azurerm_x.x)' }]);
  });

  it('shows no secret in the condition', () => {
    const { resources } = run(
      'variable "s" {\n  sensitive = true\n}\nresource "azurerm_x" "x" {\n  count = var.s == "hunter2" ? 1 : 0\n}\n',
    );
    expect(resources).toMatchObject([{ presence: 'maybe', guard: 'count(azurerm_x.x)' }]);
  });
});

describe('for_each', () => {
  const each = (value: string, around = ''): Run =>
    run(`resource "azurerm_x" "x" {\n  for_each = ${value}\n  name = each.key\n  v = each.value\n}\n${around}`);

  it.each<[string, Record<string, unknown>]>([
    ['{a = 1, "b.c" = 2}', { a: 1, 'b.c': 2 }],
    ['toset(["b", "a", "b"])', { a: 'a', b: 'b' }],
    ['{for n in ["x", "y"] : n => upper(n)}', { x: 'X', y: 'Y' }],
    ['{}', {}],
    ['{"q\\"" = 1}', { 'q"': 1 }],
  ])('%s', (value, expected) => {
    const { resources } = each(value);
    const found = resources.map((resource) => [
      resource.address,
      encode(resource.name),
      encode(valueAt(resource, 'v')),
    ]);
    expect(found).toEqual(
      Object.entries(expected).map(([key, item]) => [`azurerm_x.x[${JSON.stringify(key)}]`, key, item]),
    );
    expect(resources.every(({ presence }) => presence === 'present')).toBe(true);
  });

  it('over what is not known stands for an unknown number', () => {
    const { one } = each('var.v', 'variable "v" {}\n');
    expect(one('azurerm_x.x[*]')).toMatchObject({ presence: 'maybe', many: true, guard: 'for_each(var.v)' });
    expect(encode(one('azurerm_x.x[*]').name)).toEqual({ $symbol: 'each.key(var.v)' });
    expect(encode(valueAt(one('azurerm_x.x[*]'), 'v'))).toEqual({ $symbol: 'each.value(var.v)' });
  });

  it('over a set of names that are not known has the name for value', () => {
    const { one } = each('toset([azurerm_y.y.id, "k"])', 'resource "azurerm_y" "y" {}\n');
    expect(one('azurerm_x.x["k"]').presence).toBe('present');
    const rest = one('azurerm_x.x[*]');
    expect(encode(valueAt(rest, 'v'))).toEqual(encode(rest.name));
  });

  it('over what is partly known has the known instances and a rest', () => {
    const { one } = each('merge(var.v, {k = 1})', 'variable "v" {}\n');
    expect(one('azurerm_x.x["k"]')).toMatchObject({ presence: 'present' });
    expect(one('azurerm_x.x[*]')).toMatchObject({ presence: 'maybe', many: true });
  });

  it('of a condition names the condition for what only one side has', () => {
    const { one, at } = each('var.c ? {a = 1, b = 2} : {b = 3, d = 4}', 'variable "c" {}\n');
    expect(one('azurerm_x.x["a"]')).toMatchObject({ presence: 'maybe', guard: 'var.c' });
    expect(one('azurerm_x.x["b"]')).toMatchObject({ presence: 'present', guard: undefined });
    expect(one('azurerm_x.x["d"]')).toMatchObject({ presence: 'maybe', guard: '!var.c' });
    expect(at('azurerm_x.x["b"]', 'v')).toEqual({ $oneOf: [2, 3] });
  });

  it('over members that may be left out makes them uncertain', () => {
    const { one } = each('{for k, v in {a = 1, b = var.b} : k => v if k == "a" || v == 1}', 'variable "b" {}\n');
    expect(one('azurerm_x.x["a"]').presence).toBe('present');
    expect(one('azurerm_x.x[*]').presence).toBe('maybe');
  });

  it('over another resource goes with its instances, also where their number is not known', () => {
    const { one, at } = run(
      `variable "v" {}
       resource "azurerm_y" "known" {
         for_each = {a = 1}
         name     = "n"
       }
       resource "azurerm_x" "known" {
         for_each = azurerm_y.known
         name     = each.value.name
         id       = each.value.id
       }
       resource "azurerm_y" "open" {
         for_each = var.v
         name     = each.value.name
       }
       resource "azurerm_x" "open" {
         for_each = azurerm_y.open
         key      = each.key
         id       = each.value.id
         other    = azurerm_y.open[each.key].id
         name     = azurerm_y.open[each.key].name
       }`,
    );
    expect(encode(one('azurerm_x.known["a"]').name)).toBe('n');
    expect(at('azurerm_x.known["a"]', 'id')).toEqual({ $symbol: 'azurerm_y.known["a"].id' });
    expect(at('azurerm_x.open[*]', 'key')).toEqual({ $symbol: 'each.key(var.v)' });
    expect(encode(one('azurerm_x.open[*]').name)).toEqual({ $symbol: 'each.value(var.v).name' });
    for (const path of ['id', 'other'])
      expect(valueAt(one('azurerm_x.open[*]'), path)).toMatchObject({
        kind: 'symbol',
        of: { address: 'azurerm_y.open[*]', path: 'id' },
      });
  });
});

describe('references', () => {
  const others = `resource "azurerm_y" "one" {
      name = "n"
      none = null
      block {
        a = "x"
      }
      block {}
    }
    resource "azurerm_y" "two" {
      count = 2
      name  = "n\${count.index}"
    }
    resource "azurerm_y" "named" {
      for_each = {a = 1, b = 2}
      name     = "n-\${each.key}"
    }
    resource "azurerm_y" "maybe" {
      count = var.c ? 1 : 0
      name  = "m"
    }
    resource "azurerm_y" "open" {
      for_each = var.o
      name     = "o"
    }
    data "azurerm_z" "d" {
      name = "dn"
    }
    variable "c" {}
    variable "o" {}
    variable "k" {}`;
  it.each<[string, unknown]>([
    ['azurerm_y.one.name', 'n'],
    ['azurerm_y.one.id', { $symbol: 'azurerm_y.one.id' }],
    ['azurerm_y.one.none', { $symbol: 'azurerm_y.one.none' }],
    ['azurerm_y.one.block[0].a', 'x'],
    ['azurerm_y.one.block[1].a', { $symbol: 'azurerm_y.one.block[1].a' }],
    ['azurerm_y.one.computed[0].a', { $symbol: 'azurerm_y.one.computed[0].a' }],
    ['azurerm_y.two[1].name', 'n1'],
    ['azurerm_y.two["1"].name', 'n1'],
    ['azurerm_y.two[*].name', ['n0', 'n1']],
    ['azurerm_y.two.*.id', [{ $symbol: 'azurerm_y.two[0].id' }, { $symbol: 'azurerm_y.two[1].id' }]],
    ['length(azurerm_y.two)', 2],
    ['try(azurerm_y.two[2].id, "none")', 'none'],
    ['azurerm_y.named["b"].name', 'n-b'],
    ['keys(azurerm_y.named)', ['a', 'b']],
    ['values(azurerm_y.named)[*].name', ['n-a', 'n-b']],
    ['{for k, v in azurerm_y.named : k => v.name}', { a: 'n-a', b: 'n-b' }],
    ['azurerm_y.named[var.c ? "a" : "b"].name', { $oneOf: ['n-a', 'n-b'] }],
    ['azurerm_y.named[var.k].id', { $symbol: 'azurerm_y.named[var.k].id' }],
    ['azurerm_y.maybe[0].name', 'm'],
    ['azurerm_y.maybe[*].name', { $oneOf: [['m'], []] }],
    ['one(azurerm_y.maybe[*].id)', { $oneOf: [{ $symbol: 'azurerm_y.maybe[0].id' }, null] }],
    ['length(azurerm_y.maybe)', { $oneOf: [1, 0] }],
    ['azurerm_y.open["a"].id', { $symbol: 'azurerm_y.open["a"].id' }],
    ['azurerm_y.open', { $open: open }],
    ['[for v in azurerm_y.open : v.name]', [open]],
    ['azurerm_y.one[*].name', ['n']],
    ['data.azurerm_z.d.name', 'dn'],
    ['data.azurerm_z.d.id', { $symbol: 'data.azurerm_z.d.id' }],
    ['"${azurerm_y.one.id}/x"', { $symbol: '${azurerm_y.one.id}/x' }],
    ['try(azurerm_y.nope.id, "none")', 'none'],
    ['terraform.workspace', { $symbol: 'terraform.workspace' }],
    ['path.module', '.'],
    ['try(each.key, count.index, "none")', 'none'],
  ])('%s', (expression, expected) => expect(nameOf(expression, others)).toEqual(expected));

  it.each([
    ['azurerm_y.one.id', 'azurerm_y.one', 'id'],
    ['azurerm_y.two[1].id', 'azurerm_y.two[1]', 'id'],
    ['azurerm_y.named[var.k].id', 'azurerm_y.named[*]', 'id'],
    ['azurerm_y.open["a"].id', 'azurerm_y.open[*]', 'id'],
    ['azurerm_y.one.computed[0].a', 'azurerm_y.one', 'computed[0].a'],
    ['azurerm_y.one.block[1].a', 'azurerm_y.one', 'block[1].a'],
    ['data.azurerm_z.d.id', 'data.azurerm_z.d', 'id'],
    ['one(azurerm_y.two[*]).id', undefined, undefined],
  ])('%s says what it names', (expression, address, path) => {
    const { one } = run(`resource "azurerm_x" "x" {\n  name = ${expression}\n}\n${others}`);
    const value = valueAt(one('azurerm_x.x'), 'name');
    expect(value.kind === 'symbol' ? value.of : undefined).toEqual(address && { address, path });
  });

  it('the whole of a resource is what is written and what is computed', () => {
    expect(nameOf('azurerm_y.two[0]', others)).toEqual({
      name: 'n0',
      id: { $symbol: 'azurerm_y.two[0].id' },
      $open: open,
    });
  });
});

describe('data sources', () => {
  it('are existing things with an open rest', () => {
    const { one } = run('data "azurerm_y" "d" {\n  name = "n"\n  count = 1\n}\ndata "http" "h" {\n  url = "x"\n}\n');
    expect(one('data.azurerm_y.d[0]')).toMatchObject({ existing: true, type: 'azurerm_y', presence: 'present' });
  });

  it('of other providers are only referred to', () => {
    const text = 'data "http" "h" {\n  url = "x"\n}\n';
    expect(run(text).resources).toEqual([]);
    expect(nameOf('data.http.h.body', text)).toEqual({ $symbol: 'data.http.h.body' });
  });
});

describe('blocks', () => {
  it('are lists, in order, and leave out what is for Terraform itself', () => {
    const { one } = run(
      `resource "azurerm_x" "x" {
        provider   = azurerm.a
        depends_on = [azurerm_x.y]
        a {
          n = 1
          b {
            n = 2
          }
          lifecycle {
            provider = 4
          }
        }
        a {
          count = 3
        }
        lifecycle {
          prevent_destroy = true
        }
        provisioner "local-exec" {
          command = "x"
        }
      }`,
    );
    expect(encode(one('azurerm_x.x').body)).toEqual({
      a: [{ n: 1, b: [{ n: 2 }], lifecycle: [{ provider: 4 }] }, { count: 3 }],
    });
  });

  const dynamic = (forEach: string, content = 'n = a.value', more = ''): unknown =>
    run(
      `resource "azurerm_x" "x" {
        a {
          n = "first"
        }
        dynamic "a" {
          for_each = ${forEach}
          ${more}
          content {
            ${content}
          }
        }
      }
      variable "v" {}`,
    ).at('azurerm_x.x', 'a');

  it.each<[string, string, string, unknown]>([
    ['["x", "y"]', 'n = a.value', '', [{ n: 'first' }, { n: 'x' }, { n: 'y' }]],
    ['{k = "x"}', 'n = "${a.key}${a.value}"', '', [{ n: 'first' }, { n: 'kx' }]],
    ['toset(["x"])', 'n = a.key', '', [{ n: 'first' }, { n: 'x' }]],
    ['["x"]', 'n = it.value', 'iterator = it', [{ n: 'first' }, { n: 'x' }]],
    ['[]', 'n = a.value', '', [{ n: 'first' }]],
    ['null', 'n = a.value', '', [{ n: 'first' }]],
    ['var.v', 'n = a.value', '', [{ n: 'first' }, open]],
    ['var.v ? [1] : []', 'n = a.value', '', [{ n: 'first' }, open]],
    ['var.v ? [] : null', 'n = a.value', '', [{ n: 'first' }]],
    ['concat(["x"], var.v)', 'n = a.value', '', [{ n: 'first' }, { n: 'x' }, open]],
    [
      '["x"]',
      'dynamic "b" {\n for_each = [1, 2]\n content {\n n = "${a.value}${b.value}"\n }\n}',
      '',
      [{ n: 'first' }, { b: [{ n: 'x1' }, { n: 'x2' }] }],
    ],
  ])('dynamic over %s with %s', (forEach, content, more, expected) =>
    expect(dynamic(forEach, content, more)).toEqual(expected),
  );

  it('whose number is not known may be no block at all', () => {
    const result = run(
      'resource "azurerm_x" "x" {\n  dynamic "a" {\n    for_each = var.v\n    content {}\n  }\n}\nvariable "v" {}\n',
    );
    expect(result.at('azurerm_x.x', 'a')).toEqual([open]);
  });

  it('a dynamic block without content leaves the rest open', () => {
    const result = run('resource "azurerm_x" "x" {\n  dynamic "a" {\n    for_each = [1]\n  }\n}\n');
    expect(encode(result.one('azurerm_x.x').body)).toEqual({ $open: open });
  });
});

describe('modules', () => {
  const vault = `variable "name" {}
    variable "list" {
      type    = list(string)
      default = ["d"]
    }
    variable "must" {
      default  = "must"
      nullable = false
    }
    resource "azurerm_x" "v" {
      count = length(var.list)
      name  = "\${var.name}-\${var.list[count.index]}"
      must  = var.must
    }
    output "id" {
      value = azurerm_x.v[0].id
    }
    output "name" {
      value = var.name
    }
    output "password" {
      value     = "hunter2"
      sensitive = true
    }`;

  it('give addresses, arguments, outputs and the way to them', () => {
    const { one, at, log, configurations } = run({
      'main.tf': `module "outer" {
          source = "./outer"
          name   = "n"
        }
        resource "azurerm_y" "y" {
          id       = module.outer.id
          name     = module.outer.name
          password = module.outer.password
          none     = try(module.outer.nope, "none")
        }`,
      'outer/main.tf': `variable "name" {}
        module "inner" {
          source = "../inner"
          name   = upper(var.name)
          list   = ["a", "b"]
          must   = null
        }
        output "id" { value = module.inner.id }
        output "name" { value = module.inner.name }
        output "password" { value = module.inner.password }`,
      'inner/main.tf': vault,
    });
    expect(log).toEqual([]);
    expect(addresses(configurations[0]!.resources)).toEqual([
      'azurerm_y.y',
      'module.outer.module.inner.azurerm_x.v[0]',
      'module.outer.module.inner.azurerm_x.v[1]',
    ]);
    const inner = one('module.outer.module.inner.azurerm_x.v[1]');
    expect(encode(inner.name)).toBe('N-b');
    expect(encode(valueAt(inner, 'must'))).toBe('must');
    expect(inner.calls.map((call) => call.what)).toEqual([
      'module "inner" is called here',
      'module "outer" is called here',
    ]);
    expect(valueAt(one('azurerm_y.y'), 'id')).toMatchObject({
      of: { address: 'module.outer.module.inner.azurerm_x.v[0]', path: 'id' },
    });
    expect(at('azurerm_y.y', 'name')).toBe('N');
    expect(at('azurerm_y.y', 'password')).toEqual({ $secret: true });
    expect(at('azurerm_y.y', 'none')).toBe('none');
    expect(configurations[0]!.modules.map(({ source, resolved }) => [source, resolved])).toEqual([
      ['./outer', true],
      ['../inner', true],
    ]);
  });

  it('multiply by count and for_each', () => {
    const { resources, at } = run({
      'main.tf': `module "n" {
          source = "./m"
          count  = 2
          name   = "n\${count.index}"
        }
        module "e" {
          source   = "./m"
          for_each = {a = "x", b = "y"}
          name     = "\${each.key}\${each.value}"
        }
        resource "azurerm_y" "y" {
          counted = module.n[*].name
          each    = {for k, m in module.e : k => m.name}
          second  = module.n[1].id
        }`,
      'm/main.tf': vault,
    });
    expect(addresses(resources)).toEqual([
      'azurerm_y.y',
      'module.e["a"].azurerm_x.v[0]',
      'module.e["b"].azurerm_x.v[0]',
      'module.n[0].azurerm_x.v[0]',
      'module.n[1].azurerm_x.v[0]',
    ]);
    expect(at('azurerm_y.y', 'counted')).toEqual(['n0', 'n1']);
    expect(at('azurerm_y.y', 'each')).toEqual({ a: 'ax', b: 'by' });
    expect(at('azurerm_y.y', 'second')).toEqual({ $symbol: 'module.n[1].azurerm_x.v[0].id' });
  });

  it('pass on the condition under which they are called', () => {
    const { one } = run({
      'main.tf':
        'variable "c" {}\nmodule "m" {\n  source = "./m"\n  count = var.c ? 1 : 0\n  on = true\n}\nmodule "o" {\n  source = "./m"\n  for_each = var.c\n  on = var.c == 1\n}\n',
      'm/main.tf': 'variable "on" {}\nresource "azurerm_x" "x" {\n  count = var.on ? 1 : 0\n}\n',
    });
    expect(one('module.m[0].azurerm_x.x[0]')).toMatchObject({ presence: 'maybe', guard: 'var.c' });
    expect(one('module.o[*].azurerm_x.x[0]')).toMatchObject({
      presence: 'maybe',
      many: true,
      guard: 'for_each(var.c)&&(var.c==1)',
    });
  });

  it('get no default where the argument is given but not known', () => {
    const { at } = run({
      'main.tf': 'variable "v" {}\nmodule "m" {\n  source = "./m"\n  v = var.v\n}\nmodule "n" {\n  source = "./m"\n}\n',
      'm/main.tf':
        'variable "v" {\n  default = "d"\n}\nvariable "w" {}\nresource "azurerm_x" "x" {\n  v = var.v\n  w = var.w\n}\n',
    });
    expect(at('module.m.azurerm_x.x', 'v')).toEqual({ $symbol: 'var.v' });
    expect(at('module.n.azurerm_x.x', 'v')).toBe('d');
    expect(at('module.n.azurerm_x.x', 'w')).toEqual(unknownOf('gives no value for variable "w"'));
  });

  it('take a whole resource as an argument and still know what it names', () => {
    const { one, at } = run({
      'main.tf':
        'resource "azurerm_y" "y" {\n  name = "n"\n}\nmodule "m" {\n  source = "./m"\n  v = azurerm_y.y\n  s = azurerm_y.y\n  t = azurerm_y.y\n}\n',
      'm/main.tf': `variable "v" {}
        variable "s" {
          sensitive = true
        }
        variable "t" {
          type = object({ name = string })
        }
        resource "azurerm_x" "x" {
          name   = var.v.name
          other  = var.v.principal_id
          hidden = var.s
          within = [var.s]
          typed  = var.t
        }`,
    });
    const found = one('module.m.azurerm_x.x');
    expect(encode(found.name)).toBe('n');
    expect(found.name.via?.what).toBe('passed to module "m" here');
    expect(at('module.m.azurerm_x.x', 'hidden')).toEqual({ $secret: true });
    expect(at('module.m.azurerm_x.x', 'within')).toEqual([{ $secret: true }]);
    expect(valueAt(found, 'typed').via?.what).toBe('passed to module "m" here');
    expect(valueAt(found, 'other')).toMatchObject({
      kind: 'symbol',
      of: { address: 'azurerm_y.y', path: 'principal_id' },
    });
  });

  it.each<[string, string, string, string, string[]]>([
    ['a registry', 'source = "Azure/vault/azurerm"\n  version = "1.0.0"', 'Azure/vault/azurerm', 'not on disk', []],
    ['a repository', 'source = "git::https://x/y.git"', 'git::https://x/y.git', 'not on disk', []],
    ['a folder that is missing', 'source = "./nope"', './nope', 'does not exist', ['module-missing']],
    ['a folder outside of the repository', 'source = "../x"', '../x', 'leaves the repository', []],
    ['a folder without Terraform', 'source = "./empty"', './empty', 'no Terraform file', []],
    ['a source that is computed', 'source = "./${"m"}"', '', 'not a plain text', []],
    ['itself', 'source = "./self"', './self', 'calls itself', ['module-cycle']],
  ])('%s is not looked into, but its arguments are kept', (_what, source, name, because, told) => {
    const { configurations, log, at } = run({
      'main.tf': `module "m" {
          ${source}
          v = upper("x")
        }
        resource "azurerm_y" "y" {
          id   = module.m.id
          same = module.m.id == module.m.id
        }`,
      'empty/README.md': '',
      'self/main.tf':
        'module "again" {\n  source = "../self"\n  v = upper("x")\n}\noutput "id" {\n  value = module.again.id\n}\n',
    });
    const [opaque] = configurations[0]!.opaque;
    expect(opaque).toMatchObject({
      source: name === './self' ? '../self' : name,
      because: expect.stringContaining(because),
    });
    expect(encode(opaque!.arguments)).toEqual({ v: 'X' });
    expect(configurations[0]!.opaque).toHaveLength(1);
    expect(codes(log)).toEqual(told);
    expect(at('azurerm_y.y', 'id')).toMatchObject({ $symbol: expect.stringMatching(/^module\.m\..*id$/) });
    expect(at('azurerm_y.y', 'same')).toBe(true);
    expect(configurations[0]!.modules.filter(({ resolved }) => !resolved)).toHaveLength(name === './self' ? 0 : 1);
  });

  it('that cannot be looked into may take their own outputs as arguments', () => {
    const { configurations, log } = run(
      'module "m" {\n  source = "a/b/c"\n  v = local.v\n}\nlocals {\n  v = module.m.first\n}\n',
    );
    expect(encode(configurations[0]!.opaque[0]!.arguments)).toEqual({ v: { $symbol: 'module.m.first' } });
    expect(log).toEqual([]);
  });

  it('know their folders', () => {
    const { at } = run({
      'main.tf': 'module "m" {\n  source = "./a/m/"\n}\n',
      'a/m/main.tf':
        'resource "azurerm_x" "x" {\n  module = path.module\n  root = path.root\n  text = file("${path.module}/t.txt")\n  none = fileexists("t.txt")\n  set = fileset(path.module, "**/*.txt")\n  out = file("../../etc/passwd")\n  ws = terraform.workspace\n}\n',
      'a/m/t.txt': 'T',
      'a/m/d/u.txt': 'U',
    });
    const x = 'module.m.azurerm_x.x';
    expect(at(x, 'module')).toBe('a/m');
    expect(at(x, 'root')).toBe('.');
    expect(at(x, 'text')).toBe('T');
    expect(at(x, 'none')).toBe(false);
    expect(at(x, 'set')).toEqual(['d/u.txt', 't.txt']);
    expect(at(x, 'ws')).toEqual({ $symbol: 'terraform.workspace' });
    expect(at(x, 'out')).toEqual(unknownOf('leaves the repository'));
  });
});

describe('providers', () => {
  const child = `resource "azurerm_x" "default" {}
    resource "azurerm_x" "other" {
      provider = azurerm.other
    }`;
  const subscriptions = (main: string, more: Record<string, string> = {}): Record<string, unknown> => {
    const { resources } = run({ 'main.tf': main, 'm/main.tf': child, ...more });
    return Object.fromEntries(resources.map(({ address, scope }) => [address, encode(scope.subscription)]));
  };
  const configured = `provider "azurerm" {
      subscription_id = "s1"
    }
    provider "azurerm" {
      alias           = "b"
      subscription_id = var.s
    }
    variable "s" {
      default = "s2"
    }`;

  it('decide the subscription, alias by alias', () => {
    expect(
      subscriptions(`${configured}
        resource "azurerm_x" "a" {}
        resource "azurerm_x" "b" {
          provider = azurerm.b
        }
        resource "azurerm_x" "old" {
          provider = "azurerm.b"
        }
        resource "azapi_resource" "c" {}`),
    ).toEqual({
      'azurerm_x.a': 's1',
      'azurerm_x.b': 's2',
      'azurerm_x.old': 's2',
      'azapi_resource.c': { $symbol: 'subscription(azapi)' },
    });
  });

  it('pass to modules by name, or as `providers` says', () => {
    const found = subscriptions(`${configured}
      module "plain" {
        source = "./m"
      }
      module "given" {
        source    = "./m"
        providers = { azurerm = azurerm.b, azurerm.other = azurerm }
      }`);
    expect(found).toEqual({
      'module.plain.azurerm_x.default': 's1',
      // An alias does not pass by itself, so this is some other subscription, not that of the default.
      'module.plain.azurerm_x.other': { $symbol: 'module.plain.subscription(azurerm.other)' },
      'module.given.azurerm_x.default': 's2',
      'module.given.azurerm_x.other': 's1',
    });
  });

  it('without a subscription are equal to themselves', () => {
    const found = subscriptions(
      'resource "azurerm_x" "a" {}\nresource "azurerm_x" "b" {}\nmodule "m" {\n  source = "./m"\n}\n',
    );
    expect(found['azurerm_x.a']).toEqual(found['azurerm_x.b']);
    expect(found['azurerm_x.a']).toEqual(found['module.m.azurerm_x.default']);
    expect(found['azurerm_x.a']).not.toEqual(found['module.m.azurerm_x.other']);
  });
});

describe('places', () => {
  const files = {
    'main.tf': `variable "a" {
  default = "in default"
}
variable "b" {}
variable "c" {}
variable "o" {
  default = { k = "in object" }
}
locals {
  l = "in local"
}
module "m" {
  source = "./m"
  passed = "in call"
  var    = var.b
  object = var.o
  local  = local.l
}
resource "azurerm_x" "x" {
  a        = var.a
  b        = var.b
  c        = var.c
  own      = "own"
  computed = "\${var.a}!"
}
`,
    'terraform.tfvars': 'b = "in tfvars"\n',
    'm/main.tf': `variable "passed" {}
variable "var" {}
variable "object" {}
variable "local" {}
variable "kept" {
  default = "in child"
}
variable "typed" {
  type    = object({ n = optional(string, "in type") })
  default = {}
}
resource "azurerm_x" "x" {
  passed = var.passed
  var    = var.var
  object = var.object.k
  local  = var.local
  kept   = var.kept
  typed  = var.typed.n
}
`,
  };
  it.each<[string, string, string, string[]]>([
    ['azurerm_x.x', 'a', 'main.tf:"in default"', ['the default of variable "a"']],
    ['azurerm_x.x', 'b', 'terraform.tfvars:"in tfvars"', ['set in terraform.tfvars']],
    ['azurerm_x.x', 'c', '--var c:given', ['given by --var']],
    ['azurerm_x.x', 'own', 'main.tf:"own"', []],
    ['azurerm_x.x', 'computed', 'main.tf:"${var.a}!"', []],
    ['module.m.azurerm_x.x', 'passed', 'main.tf:"in call"', ['passed to module "m" here']],
    [
      'module.m.azurerm_x.x',
      'var',
      'terraform.tfvars:"in tfvars"',
      ['passed to module "m" here', 'set in terraform.tfvars'],
    ],
    [
      'module.m.azurerm_x.x',
      'object',
      'main.tf:"in object"',
      ['passed to module "m" here', 'the default of variable "o"'],
    ],
    ['module.m.azurerm_x.x', 'local', 'main.tf:"in local"', ['passed to module "m" here']],
    ['module.m.azurerm_x.x', 'kept', 'm/main.tf:"in child"', ['the default of variable "kept"']],
    ['module.m.azurerm_x.x', 'typed', 'm/main.tf:"in type"', ['the default of variable "typed"']],
  ])('%s.%s', (address, path, place, way) => {
    const { one } = run(files, { variables: ['c=given'] });
    const value = valueAt(one(address), path);
    expect(shown(value.at)).toBe(place);
    const steps: string[] = [];
    for (let step = value.via; step; step = step.next) steps.push(step.what);
    expect(steps).toEqual(way);
  });

  it('the property stands where the resource writes it', () => {
    const { one } = run(files, { variables: ['c=given'] });
    expect(shown(memberOf(one('azurerm_x.x').body, 'a')!.at)).toBe('main.tf:var.a');
    expect(shown(one('azurerm_x.x').head)).toBe('main.tf:resource "azurerm_x" "x" {');
  });
});

describe('secrets', () => {
  it('are never printed, whatever is done with them', () => {
    const { resources } = run({
      'main.tf': `variable "s" {
          default   = "hunter2"
          sensitive = true
        }
        locals {
          o = { a = var.s, list = [var.s] }
        }
        module "m" {
          source = "./m"
          s      = var.s
          o      = local.o
        }
        resource "azurerm_x" "x" {
          for_each = toset(["k"])
          plain    = var.s
          text     = "a\${var.s}"
          upper    = upper(var.s)
          json     = jsonencode(local.o)
          cond     = var.s == "hunter2" ? "yes" : "no"
          whole    = jsonencode([module.m])
          hash     = sha256("\${var.s}\${azurerm_x.y.id}")
          dynamic "b" {
            for_each = local.o.list
            content {
              v = b.value
            }
          }
        }
        resource "azurerm_x" "y" {
          v = azurerm_x.x["k"].text
          w = module.m.o
        }`,
      'm/main.tf':
        'variable "s" {}\nvariable "o" {}\nresource "azurerm_x" "z" {\n  v = "${var.s}${var.o.a}"\n}\noutput "o" {\n  value = var.s\n}\n',
    });
    expect(resources).toHaveLength(3);
    for (const { body } of resources) {
      const text = JSON.stringify(encode(body));
      expect(text.toLowerCase()).not.toContain('hunter2');
      expect(text).not.toContain('"yes"');
      expect(isSecret(body)).toBe(true);
    }
  });
});

describe('override files', () => {
  it('replace arguments by name, blocks by type and locals by name', () => {
    const { one, log, at } = run({
      'main.tf': `locals {
          a = "base"
          b = "base"
        }
        variable "v" {
          type    = string
          default = "base"
        }
        resource "azurerm_x" "x" {
          a     = local.a
          b     = local.b
          kept  = "base"
          over  = "base"
          v     = var.v
          count = 1
          block {
            n = 1
          }
          block {
            n = 2
          }
          other {
            n = 3
          }
        }
        provider "azurerm" {
          alias           = "b"
          subscription_id = "b"
        }
        provider "azurerm" {
          subscription_id = "base"
        }`,
      'override.tf':
        'locals {\n  a = "first"\n}\nresource "azurerm_x" "x" {\n  over = "first"\n  for_each = {k = 1}\n  block {\n    n = 4\n  }\n}\n',
      'z_override.tf':
        'locals {\n  a = "second"\n}\nvariable "v" {\n  default = 5\n}\nresource "azurerm_x" "x" {\n  over = "second"\n}\nprovider "azurerm" {\n  subscription_id = "over"\n}\n',
    });
    expect(log).toEqual([]);
    const address = 'azurerm_x.x["k"]';
    expect(encode(one(address).body)).toEqual({
      a: 'second',
      b: 'base',
      kept: 'base',
      over: 'second',
      v: '5',
      block: [{ n: 4 }],
      other: [{ n: 3 }],
    });
    expect(encode(one(address).scope.subscription)).toBe('over');
    expect(at(address, 'over')).toBe('second');
    expect(shown(valueAt(one(address), 'over').at)).toBe('z_override.tf:"second"');
  });

  it('with dynamic blocks replace those written out, and the other way round', () => {
    const { at } = run({
      'main.tf':
        'resource "azurerm_x" "x" {\n  a {\n    n = 1\n  }\n  dynamic "b" {\n    for_each = [1]\n    content {}\n  }\n}\n',
      'override.tf':
        'resource "azurerm_x" "x" {\n  dynamic "a" {\n    for_each = [2]\n    content {\n      n = a.value\n    }\n  }\n  b {\n    n = 3\n  }\n}\n',
    });
    expect(at('azurerm_x.x', 'a')).toEqual([{ n: 2 }]);
    expect(at('azurerm_x.x', 'b')).toEqual([{ n: 3 }]);
  });
});

describe('files that are not read', () => {
  it.each(['b.tf', 'b.tf.json', 'b.tofu', 'b.tofu.json'])('a broken %s may declare anything', (name) => {
    const { configurations, at } = run({
      'main.tf':
        'resource "azurerm_x" "x" {\n  a = try(local.there, "none")\n  b = azurerm_y.there.id\n  c = try(var.there, "none")\n  d = module.m.there\n}\nmodule "m" {\n  source = "./m"\n}\n',
      [name]: '{ = 1',
      'm/main.tf': '',
      [`m/${name}`]: '{ = 1',
    });
    const { opaque } = configurations[0]!;
    expect(opaque.map(({ address }) => address)).toEqual([
      expect.stringMatching(new RegExp(`(^| )${name}$`)),
      expect.stringMatching(new RegExp(`(^| )m/${name}$`)),
    ]);
    for (const path of ['b', 'd']) expect(at('azurerm_x.x', path)).toEqual(unknownOf('is not read'));
    // It may be declared, so the other choice is not taken for granted.
    for (const path of ['a', 'c']) expect(at('azurerm_x.x', path)).toEqual({ $oneOf: [open, 'none'] });
  });

  it('a file with errors may declare what is missing', () => {
    const { configurations, log } = run({
      'main.tf': 'resource "azurerm_x" "x" {}\nresource "azurerm_y" "y" {\n  a = = 1\n}\n',
    });
    expect(log.some(({ severity }) => severity === 'error')).toBe(true);
    expect(configurations[0]!.opaque).toMatchObject([{ address: 'a part of main.tf', told: true }]);
  });

  it.each(['.hidden.tf', 'main.tf~', '#main.tf#', '.x.tf.json', 'x.tftest.hcl'])(
    '%s is no part of the module',
    (name) => {
      const { configurations, resources } = run({ 'main.tf': '', [name]: 'resource "azurerm_x" "x" {}\n' });
      expect(resources).toEqual([]);
      expect(configurations[0]!.opaque).toEqual([]);
    },
  );
});

describe('standard input', () => {
  const read = async (files: Record<string, string>, stdin: string, stdinFilename: string) => {
    const io = memoryIo(files, { stdin });
    return readModels(settleOptions([], { stdin: true, stdinFilename }, [], io), io);
  };
  const around = { '/repo/infra/variables.tf': 'variable "v" {\n  default = "from the folder"\n}\n' };

  it.each([
    ['takes the place of a file', { ...around, '/repo/infra/main.tf': 'resource "azurerm_x" "old" {}\n' }],
    ['is a new file of its folder', around],
  ])('%s', async (_what, files) => {
    const { configurations, reader } = await read(
      files,
      'resource "azurerm_x" "x" {\n  name = var.v\n}\n',
      'infra/main.tf',
    );
    expect(configurations.map(({ name }) => name)).toEqual(['infra']);
    expect(configurations[0]!.resources.map(({ address, name }) => [address, encode(name)])).toEqual([
      ['azurerm_x.x', 'from the folder'],
    ]);
    expect(reader.log).toEqual([]);
  });
});

describe('root modules', () => {
  const roots = (files: Record<string, string>, folders: readonly string[]): string[] =>
    run(files, { folders }).configurations.map(({ name }) => name);
  const calls = (...sources: string[]): string =>
    sources.map((source, i) => `module "m${i}" {\n  source = "${source}"\n}\n`).join('');

  it('are what nothing calls', () =>
    expect(
      roots({ 'a/main.tf': calls('../b/', './c'), 'a/c/main.tf': '', 'b/main.tf': '', 'd/main.tf': '' }, [
        'a',
        'a/c',
        'b',
        'd',
      ]),
    ).toEqual(['a', 'd']));
  it('a module that is named alone is one', () =>
    expect(roots({ 'a/main.tf': calls('../b'), 'b/main.tf': '' }, ['b'])).toEqual(['b']));
  it('a module that is only reached through a folder that was not named is none', () =>
    expect(roots({ 'a/main.tf': calls('../b'), 'b/main.tf': calls('../c'), 'c/main.tf': '' }, ['a', 'c'])).toEqual([
      'a',
    ]));
  it('modules that call each other, and nothing else does, all are', () =>
    expect(roots({ 'a/main.tf': calls('../b'), 'b/main.tf': calls('../a') }, ['a', 'b'])).toEqual(['a', 'b']));
  it('a module that calls itself is one, and what it calls is none', () =>
    expect(roots({ 'a/main.tf': calls('../a', '../b'), 'b/main.tf': '' }, ['a', 'b'])).toEqual(['a']));
  it('a module that calls nothing but itself is one', () =>
    expect(roots({ 'a/main.tf': calls('../a') }, ['a'])).toEqual(['a']));

  it('share what is told about a module that both call', () => {
    const { log } = run(
      { 'a/main.tf': calls('../c'), 'b/main.tf': calls('../c'), 'c/main.tf': 'module "m" {\n  source = "./nope"\n}\n' },
      { folders: ['a', 'b', 'c'] },
    );
    expect(codes(log)).toEqual(['module-missing']);
  });

  it('take the variable files of their own folder alone', () => {
    const result = run(
      {
        'a/main.tf': 'module "m" {\n  source = "../b"\n}\n',
        'b/main.tf': 'variable "v" {\n  default = "d"\n}\nresource "azurerm_x" "x" {\n  name = var.v\n}\n',
        'b/terraform.tfvars': 'v = "file"\n',
      },
      { folders: ['a', 'b'] },
    );
    expect(result.at('module.m.azurerm_x.x', 'name')).toBe('d');
  });
});

describe('limits', () => {
  it.each([
    ['count = 1000000000', 'azurerm_x.x[4999]'],
    ['for_each = toset([for p in setproduct(range(100), range(60)) : "${p[0]}-${p[1]}"])', 'azurerm_x.x["0-0"]'],
  ])('%s: the first instances and one for the rest', (expansion, one) => {
    const { resources, log } = run(`resource "azurerm_x" "x" {\n  ${expansion}\n}\n`);
    expect(codes(log)).toEqual(['too-many-instances']);
    expect(resources).toHaveLength(5001);
    expect(resources.some(({ address }) => address === one)).toBe(true);
    expect(resources.at(-1)).toMatchObject({ address: 'azurerm_x.x[*]', presence: 'maybe', many: true });
  });

  it('instances of a configuration', () => {
    const text = Array.from({ length: 6 }, (_, i) => `resource "azurerm_x" "x${i}" {\n  count = 5000\n}\n`).join('');
    const { resources, log } = run(text);
    expect(new Set(codes(log))).toEqual(new Set(['too-many-instances']));
    expect(resources.filter(({ many }) => !many)).toHaveLength(20_000);
  });

  it('module calls, and what they multiply to', () => {
    const { log, configurations, resources } = run({
      'main.tf': 'module "a" {\n  source = "./a"\n  count = 1500\n}\nresource "azurerm_x" "x" {}\n',
      'a/main.tf': 'module "b" {\n  source = "../b"\n  count = 1500\n}\n',
      'b/main.tf': 'resource "azurerm_y" "y" {}\n',
    });
    expect(new Set(codes(log))).toEqual(new Set(['too-many-modules', 'too-many-instances']));
    expect(configurations[0]!.opaque.length).toBeLessThanOrEqual(20_000);
    expect(addresses(resources)).toContain('azurerm_x.x');
  });

  it('modules in modules', () => {
    const files: Record<string, string> = { 'main.tf': 'module "m" {\n  source = "./m0"\n}\n' };
    for (let i = 0; i < 30; i++)
      files[`m${i}/main.tf`] = `module "m" {\n  source = "../m${i + 1}"\n}\nresource "azurerm_x" "x" {}\n`;
    files['m30/main.tf'] = '';
    const { log, resources, configurations } = run(files);
    expect(codes(log)).toEqual(['module-too-deep']);
    expect(resources).toHaveLength(16);
    expect(configurations[0]!.opaque).toMatchObject([{ because: 'modules are nested too deeply' }]);
  });
});

describe('hostile input', () => {
  /** `l0` refers to `l1`, and so on; the last is "x". */
  const chain = (length: number, step: (next: string) => string, last = '"x"'): string => {
    const lines = Array.from({ length }, (_, i) => `  l${i} = ${step(`local.l${i + 1}`)}\n`);
    return `locals {\n${lines.join('')}  l${length} = ${last}\n}\nresource "azurerm_x" "x" {\n  name = local.l0\n}\nresource "azurerm_x" "y" {}\nvariable "u" {}\n`;
  };
  /** Everything that walks a value. */
  const walk = ({ body }: Resource): unknown => {
    canonical(body);
    plain(body);
    reasonOf(body);
    isSecret(body);
    isKnown(body);
    return encode(body);
  };

  it.each<[string, (next: string) => string]>([
    ['names', (next) => next],
    ['texts', (next) => `"\${${next}}a"`],
    ['calls', (next) => `upper(lower(${next}))`],
    ['lists', (next) => `[${next}]`],
    ['try', (next) => `try(coalesce(${next}, "a"), "b")`],
    ['loops', (next) => `[for x in [${next}] : x][0]`],
    ['nested lists', (next) => `${'['.repeat(150)}${next}${']'.repeat(150)}`],
  ])('a chain of 5000 locals through %s ends in a diagnostic', (_what, step) => {
    const { log, one } = run(chain(5000, step));
    expect(log).toMatchObject([{ code: 'terraform-too-much-work', severity: 'error' }]);
    expect(isKnown(one('azurerm_x.x').body)).toBe(false);
    walk(one('azurerm_x.x'));
  });

  it('a chain of 50 locals is no problem', () => {
    const { log, at } = run(chain(50, (next) => `"\${lower(${next})}"`));
    expect(log).toEqual([]);
    expect(at('azurerm_x.x', 'name')).toBe('x');
  });

  it('a value that grows deep step by step is not walked', () => {
    const used = Array.from(
      { length: 120 },
      (_, i) => `resource "azurerm_x" "z${i}" {\n  name = local.l${5000 - i * 40}\n}\n`,
    );
    const { resources } = run(chain(5000, (next) => `[${next}]`) + used.join(''));
    expect(resources.map(walk)).toContainEqual({ $unknown: 'too large to print' });
  });

  it.each<[string, string]>([
    [
      'resources',
      Array.from(
        { length: 3000 },
        (_, i) => `resource "azurerm_x" "r${i}" {\n  name = azurerm_x.r${i + 1}.name\n}\n`,
      ).join(''),
    ],
    [
      'whole resources',
      Array.from(
        { length: 3000 },
        (_, i) => `resource "azurerm_x" "r${i}" {\n  name = [azurerm_x.r${i + 1}]\n}\n`,
      ).join(''),
    ],
    [
      'for_each',
      `${Array.from({ length: 1000 }, (_, i) => `resource "azurerm_x" "r${i}" {\n  for_each = azurerm_x.r${i + 1}\n}\n`).join('')}resource "azurerm_x" "r1000" {\n  for_each = {a = 1}\n}\n`,
    ],
    [
      'nested blocks',
      Array.from(
        { length: 200 },
        (_, i) =>
          `resource "azurerm_x" "r${i}" {\n${'b {\n'.repeat(150)}name = azurerm_x.r${i + 1}.b[0].b\n${'}\n'.repeat(150)}}\n`,
      ).join(''),
    ],
    [
      'a circle of lists',
      'resource "azurerm_x" "r" {\n  x = [azurerm_x.s]\n}\nresource "azurerm_x" "s" {\n  x = [azurerm_x.r]\n}\n',
    ],
  ])('a chain through %s ends', (_what, text) => {
    const { resources } = run(text);
    expect(resources.length).toBeGreaterThan(1);
    expect(resources.some(({ body, presence }) => !isKnown(body) || presence === 'maybe')).toBe(true);
    for (const resource of resources.slice(0, 20)) walk(resource);
  });

  it.each([
    ['names', 'module.m$.o', 'string'],
    ['whole modules', '[module.m$]', 'any'],
  ])('a chain of module calls through %s ends', (_what, argument, type) => {
    const calls = Array.from(
      { length: 1000 },
      (_, i) => `module "m${i}" {\n  source = "./m"\n  x = ${argument.replace('$', String(i + 1))}\n}\n`,
    );
    const { resources } = run({
      'main.tf': `${calls.join('')}module "m1000" {\n  source = "./m"\n  x = "a"\n}\n`,
      'm/main.tf': `variable "x" {\n  type = ${type}\n}\noutput "o" {\n  value = var.x\n}\nresource "azurerm_x" "r" {\n  name = [var.x]\n}\n`,
    });
    expect(resources).toHaveLength(1001);
    expect(isKnown(resources[0]!.body)).toBe(false);
    walk(resources[0]!);
  });

  it('a module that gets itself ends', () => {
    const { resources } = run({
      'main.tf': 'module "m" {\n  source = "./m"\n  x = [module.m]\n}\n',
      'm/main.tf':
        'variable "x" {}\noutput "o" {\n  value = var.x\n}\nresource "azurerm_x" "r" {\n  name = [var.x]\n}\n',
    });
    expect(resources.map(walk)).toHaveLength(1);
  });

  it.each<[string, (next: string) => string]>([
    ['lists', (next) => `[${next}, ${next}]`],
    ['objects', (next) => `{a = ${next}, b = ${next}}`],
    ['merged objects', (next) => `merge({a = ${next}}, {b = ${next}})`],
    ['flattened lists', (next) => `flatten([[${next}], [${next}]])`],
    ['texts', (next) => `"\${${next}}\${${next}}"`],
    ['JSON', (next) => `jsonencode([${next}, ${next}])`],
    ['choices', (next) => `var.u ? [${next}] : [[${next}]]`],
    ['names', (next) => `sha256("\${${next}}\${${next}}\${azurerm_x.y.id}")`],
    ['converted lists', (next) => `tolist([${next}, ${next}])`],
    ['comparisons', (next) => `${next} == [${next}] ? [${next}, ${next}] : [${next}, ${next}]`],
  ])('%s that double forty times', (_what, step) => {
    const { one } = run(chain(40, step));
    walk(one('azurerm_x.x'));
    expect(isKnown(one('azurerm_x.x').body)).toBe(false);
  });

  it.each(['[$, $]', '{a = $, b = $}'])('what shares too much to be printed: %s', (step) => {
    const { one } = run(chain(40, (next) => step.replaceAll('$', next)));
    expect(encode(valueAt(one('azurerm_x.x'), 'name'))).toEqual({ $unknown: 'too large to print' });
    expect(canonical(one('azurerm_x.x').body)).toBeUndefined();
    expect(plain(one('azurerm_x.x').body)).toBeUndefined();
  });

  it('what shares too much is not converted', () => {
    const type = `${'list('.repeat(40)}string${')'.repeat(40)}`;
    const { one } = run({
      'main.tf': `${chain(40, (next) => `[${next}, ${next}]`)}module "m" {\n  source = "./m"\n  v = local.l0\n}\n`,
      'm/main.tf': `variable "v" {\n  type = ${type}\n}\nresource "azurerm_x" "x" {\n  name = var.v\n}\n`,
    });
    expect(encode(one('module.m.azurerm_x.x').name)).toEqual({ $unknown: 'it is too large' });
  });

  it('a secret is seen in a value that shares too much', () => {
    const { one } = run(chain(40, (next) => `[${next}, ${next}]`, 'sensitive("hunter2")'));
    expect(isSecret(one('azurerm_x.x').body)).toBe(true);
  });

  it('a text with too many holes is not built', () => {
    const { at } = run(chain(40, (next) => `"\${${next}}\${${next}}"`, 'azurerm_x.y.id'));
    expect(JSON.stringify(at('azurerm_x.x', 'name')).length).toBeLessThan(1_000_000);
  });

  it('a conditional does not look for the type of a value that shares too much', () => {
    const text = chain(40, (next) => `[${next}, ${next}]`).replace('local.l0', 'true ? local.l0 : null');
    expect(isKnown(run(text).one('azurerm_x.x').body)).toBe(false);
  });

  it('a text of many choices is not multiplied out', () => {
    const { at } = run(
      `variable "u" {}\nlocals {\n  c = var.u ? "a" : "b"\n}\nresource "azurerm_x" "x" {\n  name = "${'${local.c}'.repeat(40)}"\n}\n`,
    );
    expect(at('azurerm_x.x', 'name')).toHaveProperty('$symbol');
  });

  it('dynamic blocks in dynamic blocks run out of steps, which leaves the body open', () => {
    const nested = `dynamic "x" {\n  for_each = local.r\n  content {\n`;
    const { one, log } = run(
      `resource "azurerm_x" "x" {\n${nested.repeat(5)}${'}\n}\n'.repeat(5)}}\nlocals {\n  r = range(1000)\n}\n`,
    );
    expect(isKnown(one('azurerm_x.x').body)).toBe(false);
    expect(codes(log)).toEqual(['terraform-too-much-work']);
  });

  it('work with a large value is bounded, and told', () => {
    const many = Array.from(
      { length: 1000 },
      (_, i) => `resource "azurerm_x" "z${i}" {\n  name = tolist(local.l0)\n}\n`,
    );
    const { log } = run(chain(14, (next) => `[${next}, ${next}]`) + many.join(''));
    expect(log).toMatchObject([{ code: 'terraform-too-much-work', message: expect.stringContaining('steps') }]);
  });
});
