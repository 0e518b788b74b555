import { describe, expect, test } from 'vitest';
import { templateConfigurations } from '../../src/evaluate/bicep/configurations.ts';
import { bicepReading } from '../../src/evaluate/bicep/reading.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { encode, force, memberOf, type Value } from '../../src/evaluate/value.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { limits } from '../../src/source/limits.ts';
import { Reader } from '../../src/source/reader.ts';
import { isSpan, type Origin } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

interface Result {
  readonly configurations: readonly Configuration[];
  readonly compiled: readonly string[];
  readonly log: readonly Diagnostic[];
}

/** All `.bicep` and `.json` files but parameter files are templates of the run; paths are below /repo. */
function run(texts: Record<string, string>, named: readonly string[] = []): Result {
  const log: Diagnostic[] = [];
  const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [`/repo/${path}`, text]));
  const reader = new Reader(memoryIo(files).files, '/repo', log);
  const paths = Object.keys(files);
  const isParameters = (path: string): boolean => /parameters\.json$|\.bicepparam$/.test(path);
  const isTemplate = (path: string): boolean =>
    /\.bicep$/.test(path) || (/\.json$/.test(path) && files[path]!.includes('$schema'));
  const result = templateConfigurations(
    {
      templates: paths.filter((path) => isTemplate(path) && !isParameters(path)),
      parameterFiles: paths.filter(isParameters),
      namedParameterFiles: named.map((path) => `/repo/${path}`),
      deployed: new Set(),
      bicep: bicepReading,
    },
    reader,
    () => {},
    (configuration) => configuration,
  );
  // A body is evaluated when it is asked for, and what is wrong in it is told then.
  for (const configuration of result.configurations) for (const { body } of configuration.resources) force(body);
  return { ...result, log };
}

/** The resources of one file, by address, without a diagnostic. */
function resources(texts: string | Record<string, string>): Map<string, Resource> {
  const { configurations, log } = run(typeof texts === 'string' ? { 'main.bicep': texts } : texts);
  expect(log).toEqual([]);
  expect(configurations).toHaveLength(1);
  return new Map(configurations[0]!.resources.map((resource) => [resource.address, resource]));
}

function at(value: Value, ...path: string[]): unknown {
  let inner: Value = force(value);
  for (const step of path) {
    if (inner.kind !== 'object') return undefined;
    inner = force(memberOf(inner, step)?.value ?? { kind: 'null', at: inner.at });
  }
  return encode(inner);
}

const vault = (body = ''): string => `resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: 'v'
  location: 'westeurope'
  properties: {
    ${body}
  }
}
`;

/** The value of an expression as a property; `before` stands in front of the resource. */
function value(expression: string, before = '', more: Record<string, string> = {}): unknown {
  const all = resources({ 'main.bicep': `${before}\n${vault(`x: ${expression}`)}`, ...more });
  return at(all.get('v')!.body, 'properties', 'x');
}

const home = '/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}';
const vaultId = `${home}/providers/Microsoft.RecoveryServices/vaults/v`;

function shown(origin: Origin): string {
  if (!isSpan(origin)) return '';
  const { line } = origin.source.position(origin.start);
  return `${origin.source.file}:${line} ${origin.source.text.slice(origin.start, origin.end)}`;
}

describe('expressions', () => {
  test.each([
    ["'a${1}b${true}'", '', 'a1bTrue'],
    ["'{x}${'y'}'", '', '{x}y'],
    ['1 + 2 * 3 - 4 % 3', '', 6],
    ['7 / 2', '', 3],
    ['-p', 'param p int = 3', -3],
    ['-3', '', -3],
    ["'A' == 'a'", '', false],
    ["'A' =~ 'a'", '', true],
    ["'A' !~ 'a'", '', false],
    ['1 != 2', '', true],
    ["'a' < 'b'", '', true],
    ['!p', 'param p bool = false', true],
    ["p ?? 'd'", 'param p string?', 'd'],
    ["p ? 'x' : 'y'", 'param p bool = true', 'x'],
    ["o.?a.b ?? 'none'", 'param o object = {}', 'none'],
    ["o.?a.b ?? 'none'", "param o object = { a: { b: 'c' } }", 'c'],
    ['o!.a', 'param o object? = { a: 1 }', 1],
    ["o['a-b']", "var o = { 'a-b': 2 }", 2],
    ['l[^1]', 'var l = [1, 2, 3]', 3],
    ['l[?7] ?? 0', 'var l = [1, 2, 3]', 0],
    ['{ ...a, c: 3 }', 'var a = { b: 2, c: 1 }', { b: 2, c: 3 }],
    ['[...a, 3]', 'var a = [1, 2]', [1, 2, 3]],
    ['map(a, (n, i) => n + i)', 'var a = [1, 2]', [1, 3]],
    ["toObject(a, n => 'k${n}', n => n * 2)", 'var a = [1, 2]', { k1: 2, k2: 4 }],
    [
      '[for (n, i) in a: { n: n, i: i }]',
      'var a = [5, 6]',
      [
        { n: 5, i: 0 },
        { n: 6, i: 1 },
      ],
    ],
    ['[for n in range(0, 2): [for m in range(0, n + 1): n + m]]', '', [[0], [1, 2]]],
    ["sys.concat('a', az.resourceGroup().name)", '', { $symbol: 'a${resourceGroup().name}' }],
    ["{ 'k${n}': 1 }", 'var n = 2', { k2: 1 }],
    ['nameof(v2.a)', 'var v2 = { a: 1 }', 'a'],
    ["any('x')", '', 'x'],
    ["f('x')", "func f(a string) string => g('${a}!')\nfunc g(a string) string => toUpper(a)", 'X!'],
    ['a', "@allowed(['x', 'y'])\nparam a string", { $oneOf: ['x', 'y'] }],
    ['a', "type t = 'x' | 'y'\nparam a t", { $oneOf: ['x', 'y'] }],
    ['a', 'param a string', { $symbol: "parameters('a')" }],
    ['a ?? 1', 'type t = int?\nparam a t', 1],
    ['base64ToString(base64(a))', "var a = 'x'", 'x'],
    ["resourceGroup('g').id", '', { $symbol: '/subscriptions/${subscription().subscriptionId}/resourceGroups/g' }],
    ["subscription('s').subscriptionId", '', 's'],
    ["'dep-#_namePrefix_#-x'", '', { $symbol: 'dep-${#_namePrefix_#}-x' }],
  ])('%s after "%s"', (expression, before, expected) => {
    expect(value(expression, before)).toEqual(expected);
  });

  test('what is secure stays secret', () => {
    expect(value("'x${p}'", "@secure()\nparam p string = 'hidden'")).toEqual({ $secret: true });
  });

  test('a name that is not there is told once and is not known', () => {
    const { log, configurations } = run({ 'main.bicep': vault('x: nope\n    y: nope') });
    expect(log.map(({ code, at: place }) => `${code} ${shown(place)}`)).toEqual([
      'bicep-undefined-name main.bicep:5 nope',
    ]);
    expect(at(configurations[0]!.resources[0]!.body, 'properties', 'x')).toMatchObject({ $unknown: expect.anything() });
  });

  test('variables in a circle end', () => {
    const { log } = run({ 'main.bicep': `var a = b\nvar b = a\n${vault('x: a')}` });
    expect(log.map(({ code }) => code)).toEqual(['arm-circular-value']);
  });

  test('a long chain of variables ends in a diagnostic, not in the stack', () => {
    const chain = Array.from({ length: 5000 }, (_, i) => `var a${i} = a${i + 1}`).join('\n');
    const { log } = run({ 'main.bicep': `${chain}\nvar a5000 = 1\n${vault('x: a0')}` });
    expect(log.map(({ code }) => code)).toEqual(['arm-too-deep']);
  });
});

describe('resources', () => {
  test('a child has its parent’s name before its own', () => {
    const all = resources(`${vault()}
resource p 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = {
  parent: v
  name: 'p'
}
resource q 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = {
  name: '\${v.name}/\${p.name}2'
}
`);
    expect(encode(all.get('p')!.name)).toBe('v/p');
    expect(encode(all.get('q')!.name)).toBe('v/p2');
  });

  test('nested children take type, version, name, condition and loop of what is around them', () => {
    const all = resources(`param on bool
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for n in ['a', 'b']: if (on) {
  name: n
  resource p 'backupPolicies' = {
    name: 'p'
  }
}]
`);
    expect([...all.keys()]).toEqual(['v[0]', 'v[1]', 'v[0]::p', 'v[1]::p']);
    const child = all.get('v[1]::p')!;
    expect(child).toMatchObject({
      type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
      apiVersion: '2024-04-01',
      presence: 'maybe',
      language: 'bicep',
    });
    expect(encode(child.name)).toBe('b/p');
  });

  test('parent does not take the condition', () => {
    const all = resources(`param on bool
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = if (on) {
  name: 'v'
}
resource p 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = {
  parent: v
  name: 'p'
}
`);
    expect(all.get('v')!.presence).toBe('maybe');
    expect(all.get('p')!.presence).toBe('present');
  });

  test('members of a resource: id, name, type, apiVersion, what is written and what Azure adds', () => {
    const x = (expression: string): unknown =>
      at(
        resources(`${vault('y: 5')}
resource s 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: 's'
  properties: { x: ${expression} }
}
`).get('s')!.body,
        'properties',
        'x',
      );
    expect(x('v.id')).toEqual({ $symbol: vaultId });
    expect(x('v.name')).toBe('v');
    expect(x('v.type')).toBe('Microsoft.RecoveryServices/vaults');
    expect(x('v.apiVersion')).toBe('2024-04-01');
    expect(x('v.properties.y')).toBe(5);
    expect(x('v.location')).toBe('westeurope');
    expect(x('v.properties.state')).toEqual({ $symbol: 'reference(v).properties.state' });
    expect(x('v.listKeys().key')).toEqual({ $secret: true });
  });

  test('a turn of a loop is asked for by number and by name', () => {
    const all = resources(`param names array
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for n in ['a', 'b']: {
  name: n
}]
resource w 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for n in names: {
  name: n
}]
resource p 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = [for i in range(0, 2): {
  parent: v[i]
  name: 'p'
  properties: { id: v[1 - i].id, first: w[0].name, all: map(v, each => each.name) }
}]
`);
    expect(encode(all.get('p[1]')!.name)).toBe('b/p');
    expect(at(all.get('p[1]')!.body, 'properties', 'id')).toEqual({ $symbol: vaultId.replace(/v$/, 'a') });
    expect(at(all.get('p[0]')!.body, 'properties', 'first')).toEqual({ $symbol: "parameters('names')[0]" });
    expect(at(all.get('p[0]')!.body, 'properties', 'all')).toEqual(['a', 'b']);
    expect(all.get('w[*]')).toMatchObject({ presence: 'maybe', many: true });
  });

  test('a safe member of what may not be deployed is null where it is not', () => {
    const of = (on: string): unknown =>
      at(
        resources(`param on bool${on}
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = if (on) {
  name: 'v'
  properties: { y: 1 }
}
resource s 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: 's'
  properties: { x: v.?properties.y ?? 'none' }
}
`).get('s')!.body,
        'properties',
        'x',
      );
    expect(of(' = true')).toBe(1);
    expect(of(' = false')).toBe('none');
    expect(of('')).toEqual({ $oneOf: [1, 'none'] });
  });

  test('scope: another group, and a resource that is extended', () => {
    const all = resources(`${vault()}
resource other 'Microsoft.Compute/virtualMachines@2024-03-01' existing = {
  name: 'vm'
  scope: resourceGroup('s', 'g')
}
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'l'
  scope: v
  properties: { level: 'ReadOnly', id: other.id, own: lockOfGroup.id }
}
resource lockOfGroup 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'l'
  scope: resourceGroup()
  properties: { level: 'ReadOnly' }
}
`);
    expect(all.get('other')).toMatchObject({ existing: true });
    expect(encode(all.get('other')!.scope.resourceGroup!)).toBe('g');
    expect(encode(all.get('lock')!.extends!)).toEqual({ $symbol: vaultId });
    expect(at(all.get('lock')!.body, 'properties', 'id')).toBe(
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm',
    );
    expect(all.get('lockOfGroup')!.extends).toBeUndefined();
    expect(at(all.get('lock')!.body, 'properties', 'own')).toEqual({
      $symbol: `${home}/providers/Microsoft.Authorization/locks/l`,
    });
  });

  test('the ids of other scopes', () => {
    const id = (scope: string, type: string): unknown =>
      at(
        resources(`targetScope = '${scope}'
resource a '${type}' = {
  name: 'a'
}
resource b 'Microsoft.Authorization/policyDefinitions@2024-05-01' = {
  name: 'b'
  properties: { x: a.id }
}
`).get('b')!.body,
        'properties',
        'x',
      );
    const policy = 'Microsoft.Authorization/policyAssignments@2024-05-01';
    expect(id('subscription', 'Microsoft.Resources/resourceGroups@2024-03-01')).toEqual({
      $symbol: '/subscriptions/${subscription().subscriptionId}/providers/Microsoft.Resources/resourceGroups/a',
    });
    expect(id('managementGroup', policy)).toEqual({
      $symbol:
        '/providers/Microsoft.Management/managementGroups/${managementGroup().name}/providers/Microsoft.Authorization/policyAssignments/a',
    });
    expect(id('tenant', policy)).toBe('/providers/Microsoft.Authorization/policyAssignments/a');
  });

  test('what an extension declares is not Azure’s', () => {
    const all = resources(`extension microsoftGraphV1
resource g 'Microsoft.Graph/groups@v1.0' = {
  uniqueName: 'g'
}
${vault('x: g.id')}`);
    expect([...all.keys()]).toEqual(['v']);
    expect(at(all.get('v')!.body, 'properties', 'x')).toEqual({ $symbol: 'g.id' });
  });

  test('a deployment that is written as a resource is looked into', () => {
    const all = resources(`param days int = 5
resource d 'Microsoft.Resources/deployments@2024-03-01' = {
  name: 'd'
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      resources: [
        {
          type: 'Microsoft.RecoveryServices/vaults'
          apiVersion: '2024-04-01'
          name: 'inner'
          properties: { days: days, text: '[parameters(\\'days\\')]' }
        }
      ]
    }
  }
}
`);
    const inner = [...all.values()].find((one) => encode(one.name) === 'inner')!;
    expect(at(inner.body, 'properties')).toEqual({ days: 5, text: 5 });
  });

  test('a finding about something missing stands on the declaration', () => {
    const all = resources(`@description('x')\n${vault()}`);
    expect(shown(all.get('v')!.head)).toBe("main.bicep:2 resource v 'Microsoft.RecoveryServices/vaults@2024-04-01'");
  });

  test('loops beyond the limit are told and stand for any number', () => {
    const { log, configurations } = run({
      'main.bicep': `resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for i in range(0, ${limits.armCopies + 1}): {\n  name: 'v\${i}'\n}]\n`,
    });
    expect(log.map(({ code }) => code)).toEqual(['arm-too-many-copies']);
    expect(configurations[0]!.resources.map(({ address, many }) => [address, many])).toEqual([['v[*]', true]]);
  });
});

describe('modules', () => {
  const child = `param name string
param days int = 7
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: name
  properties: { days: days }
}
output id string = v.id
@secure()
output key string = 'k'
`;

  test('parameters go in, outputs come out, each with its way', () => {
    const all = resources({
      'main.bicep': `param first int = 30
module m 'mods/child.bicep' = [for n in ['a', 'b']: {
  params: { name: n, days: first }
}]
${vault('x: m[1].outputs.id\n    y: m[0].outputs.key\n    z: m[0].?outputs.?none')}`,
      'mods/child.bicep': child,
    });
    expect([...all.keys()]).toEqual(['m[0].v', 'm[1].v', 'v']);
    expect(at(all.get('v')!.body, 'properties', 'x')).toEqual({ $symbol: vaultId.replace(/v$/, 'b') });
    expect(at(all.get('v')!.body, 'properties', 'y')).toEqual({ $secret: true });
    const properties = force(memberOf(all.get('m[0].v')!.body, 'properties')!.value);
    const days = force(memberOf(properties as Extract<Value, { kind: 'object' }>, 'days')!.value);
    const way: string[] = [];
    for (let step = days.via; step; step = step.next) way.push(`${shown(step.at)} | ${step.what}`);
    expect([shown(days.at), ...way]).toEqual([
      'main.bicep:1 30',
      'main.bicep:3 first | passed to the module "m" here',
      'main.bicep:1 first | the default of parameter "first"',
    ]);
    expect(all.get('m[0].v')!.calls.map((call) => `${shown(call.at)} | ${call.what}`)).toEqual([
      'main.bicep:2 module m \'mods/child.bicep\' | the module "m"',
    ]);
  });

  test('a module in another scope', () => {
    const all = resources({
      'main.bicep': `targetScope = 'subscription'
resource g 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'g'
  location: 'westeurope'
}
module m 'child.bicep' = {
  name: 'named'
  scope: g
  params: { name: deployment().name }
}
module n 'child.bicep' = {
  scope: resourceGroup('s2', 'h')
  params: { name: m.name }
}
`,
      'child.bicep': child,
    });
    expect(encode(all.get('m.v')!.scope.resourceGroup!)).toBe('g');
    expect(encode(all.get('n.v')!.scope.subscription)).toBe('s2');
    expect(encode(all.get('n.v')!.name)).toBe('named');
  });

  test('a condition is passed on', () => {
    const all = resources({
      'main.bicep': "param on bool\nmodule m 'child.bicep' = if (on) {\n  params: { name: 'x' }\n}\n",
      'child.bicep': child,
    });
    expect(all.get('m.v')).toMatchObject({ presence: 'maybe' });
  });

  test('a template in JSON is a module too', () => {
    const all = resources({
      'main.bicep': `module m 'child.json' = {\n  params: { name: 'x' }\n}\n${vault('x: m.outputs.o')}`,
      'child.json': JSON.stringify({
        parameters: { name: { type: 'string' } },
        resources: [
          { type: 'Microsoft.RecoveryServices/vaults', apiVersion: '2024-04-01', name: "[parameters('name')]" },
        ],
        outputs: { o: { type: 'string', value: "[parameters('name')]" } },
      }),
    });
    expect([...all.keys()]).toEqual(['m.Microsoft.RecoveryServices/vaults/x', 'v']);
    expect(all.get('m.Microsoft.RecoveryServices/vaults/x')!.language).toBe('arm');
    expect(at(all.get('v')!.body, 'properties', 'x')).toBe('x');
  });

  test('one that is not there is an error, one that is not restored is opaque', () => {
    const { log, configurations } = run({
      'main.bicep': `module a 'gone.bicep' = {\n}
module b 'br/public:avm/res/recovery-services/vault:0.9.0' = {\n  params: { name: 'x' }\n}
module c 'nope:x' = {\n}
${vault('x: b.outputs.id')}`,
    });
    expect(log.map(({ code }) => code).sort()).toEqual(['bicep-module-invalid', 'bicep-module-missing']);
    const [configuration] = configurations;
    expect(configuration!.opaque.map(({ address, told }) => [address, told])).toEqual([
      ['a', true],
      ['b', undefined],
      ['c', true],
    ]);
    expect(encode(configuration!.opaque[1]!.arguments)).toEqual({ name: 'x' });
    expect(at(configuration!.resources[0]!.body, 'properties', 'x')).toEqual({
      $symbol: 'reference(b).outputs.id.value',
    });
  });

  test('modules in a circle end', () => {
    const { configurations } = run({
      'a.bicep': "module b 'b.bicep' = {\n}\n",
      'b.bicep': "module a 'a.bicep' = {\n}\n",
    });
    expect(configurations.map(({ name }) => name)).toEqual(['a.bicep', 'b.bicep']);
    expect(configurations[0]!.opaque[0]!.because).toMatch(/circle/);
  });
});

describe('imports', () => {
  const library = `@export()
var days = more + 5
var more = 20
@export()
func named(a string) string => '\${a}-\${tail(a)}'
func tail(a string) string => toLower(a)
@export()
type tier = 'GeoRedundant' | 'LocallyRedundant'
@export()
type optional = string?
@export()
@secure()
type hidden = string
`;

  test('variables, functions and types of another file', () => {
    const before = `import { days as d, named, tier, optional, hidden } from 'lib.bicep'
import * as lib from 'lib.bicep'
param t tier
param u lib.tier
param o optional
param h hidden = 'x'
`;
    const of = (expression: string): unknown => value(expression, before, { 'lib.bicep': library });
    expect(of('d')).toBe(25);
    expect(of('lib.days')).toBe(25);
    expect(of("named('A')")).toBe('A-a');
    expect(of("lib.named('A')")).toBe('A-a');
    expect(of('t')).toEqual({ $oneOf: ['GeoRedundant', 'LocallyRedundant'] });
    expect(of('u')).toEqual({ $oneOf: ['GeoRedundant', 'LocallyRedundant'] });
    expect(of("o ?? 'none'")).toBe('none');
    expect(of('h')).toEqual({ $secret: true });
  });

  test('a file that only exports is judged nowhere else', () => {
    const { configurations } = run({
      'main.bicep': `import { days } from 'lib.bicep'\n${vault('x: days')}`,
      'lib.bicep': library,
    });
    expect(configurations.map(({ name }) => name)).toEqual(['main.bicep']);
  });

  test('what cannot be imported is not known', () => {
    expect(value('days', "import { days } from 'br/public:avm/utl/types/avm-common-types:0.5.1'")).toMatchObject({
      $unknown: expect.stringContaining('bicep restore'),
    });
  });
});

describe('files', () => {
  test('texts, JSON and paths into it', () => {
    const files = { 'data.json': '{ "a": { "b": [1, "[x]"] } }', 'text.txt': 'hello' };
    expect(value("loadTextContent('text.txt')", '', files)).toBe('hello');
    expect(value("loadFileAsBase64('text.txt')", '', files)).toBe('aGVsbG8=');
    expect(value("loadJsonContent('data.json').a.b[1]", '', files)).toBe('[x]');
    expect(value("loadJsonContent('data.json', '$.a.b[0]')", '', files)).toBe(1);
    expect(value("loadYamlContent('data.yaml').a[1].b", '', { 'data.yaml': 'a:\n  - 1\n  - b: true\n' })).toBe(true);
    expect(value("loadYamlContent('data.yaml')", '', { 'data.yaml': 'a: yes\n' })).toMatchObject({
      $unknown: expect.anything(),
    });
    expect(value('loadJsonContent(p).a.b[0]', "var p = 'data.json'", files)).toBe(1);
  });

  test('a value of a loaded file has its place there', () => {
    const all = resources({ 'main.bicep': vault("x: loadJsonContent('data.json').a"), 'data.json': '{\n  "a": 5\n}' });
    const properties = force(memberOf(all.get('v')!.body, 'properties')!.value);
    const x = force(memberOf(properties as Extract<Value, { kind: 'object' }>, 'x')!.value);
    expect(shown(x.at)).toBe('data.json:2 5');
  });

  test('nothing outside of the repository is read, and no environment', () => {
    expect(value("loadTextContent('../../etc/passwd')")).toMatchObject({ $unknown: expect.anything() });
    expect(value("loadTextContent('/etc/passwd')")).toMatchObject({ $unknown: expect.anything() });
  });

  test('a missing file is told once', () => {
    const { log } = run({ 'main.bicep': `var a = loadTextContent('gone.txt')\n${vault('x: a\n    y: a')}` });
    expect(log.map(({ code, at: place }) => `${code} ${shown(place)}`)).toEqual([
      "bicep-file-missing main.bicep:1 'gone.txt'",
    ]);
  });
});

describe('parameter files', () => {
  const main = `param days int
param name string = 'v'
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: name
  properties: { days: days }
}
`;
  const days = ({ configurations }: Result): unknown[] =>
    configurations.map(({ resources: [resource] }) => at(resource!.body, 'properties', 'days'));

  test('the template is judged once per file', () => {
    const result = run({
      'main.bicep': main,
      'a.bicepparam': "using 'main.bicep'\nvar base2 = 10\nparam days = base2 * 3\n",
      'b.bicepparam': "using './main.bicep'\nparam days = 7\n",
    });
    expect(result.log).toEqual([]);
    expect(days(result)).toEqual([30, 7]);
  });

  test('JSON works too', () => {
    const result = run({
      'main.bicep': main,
      'main.parameters.json': '{ "parameters": { "days": { "value": 9 }, "name": { "value": "GEN-UNIQUE" } } }',
    });
    expect(days(result)).toEqual([9]);
    expect(encode(result.configurations[0]!.resources[0]!.name)).toEqual({ $symbol: "parameters('name')" });
  });

  test('a file extends another', () => {
    const result = run({
      'main.bicep': main,
      'all.bicepparam': "using none\nparam days = 3\nparam name = 'n'\n",
      'a.bicepparam': "using 'main.bicep'\nextends 'all.bicepparam'\nparam name = '${base.name}-a'\n",
    });
    expect(days(result)).toContain(3);
    expect(result.configurations.map(({ resources: [resource] }) => encode(resource!.name))).toContain('n-a');
  });

  test('the environment is never read: its default is one candidate', () => {
    const result = run({
      'main.bicep': main,
      'a.bicepparam': "using 'main.bicep'\nparam days = int(readEnvironmentVariable('DAYS', '5'))\n",
    });
    expect(JSON.stringify(days(result))).toContain('5');
    expect(days(result)).not.toEqual([5]);
  });

  test('one that uses what is not there is told', () => {
    const { log } = run({ 'a.bicepparam': "using 'gone.bicep'\nparam days = 1\n" });
    expect(log.map(({ code }) => code)).toEqual(['bicep-template-missing']);
  });
});

describe('compiled templates', () => {
  const compiled = JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    metadata: { _generator: { name: 'bicep', version: '0.30.0' } },
    parameters: { days: { type: 'int' } },
    resources: [],
  });

  test('what was compiled from the Bicep file beside it is that file', () => {
    const result = run({ 'main.bicep': vault(), 'main.json': compiled });
    expect(result.configurations.map(({ name }) => name)).toEqual(['main.bicep']);
    expect(result.compiled).toEqual(['main.json']);
    const quickstart = run({ 'main.bicep': vault(), 'azuredeploy.json': compiled });
    expect(quickstart.configurations.map(({ name }) => name)).toEqual(['main.bicep']);
  });

  test('its parameter files belong to the Bicep file', () => {
    const result = run({
      'main.bicep': `param days int\n${vault('days: days')}`,
      'azuredeploy.json': compiled,
      'azuredeploy.parameters.json': '{ "parameters": { "days": { "value": 4 } } }',
    });
    expect(result.configurations.map(({ resources: [one] }) => at(one!.body, 'properties', 'days'))).toEqual([4]);
  });

  test('another template stays', () => {
    const written = compiled.replace('_generator', 'other');
    expect(run({ 'main.bicep': vault(), 'main.json': written }).configurations).toHaveLength(2);
    expect(run({ 'other.bicep': vault(), 'main.json': compiled }).configurations).toHaveLength(2);
  });
});

/** Texts of every value that anybody may print. */
function printed({ configurations }: Result): string {
  const resources = configurations.flatMap((one) => one.resources);
  return JSON.stringify(
    resources.map(({ address, name, guard, body }) => [address, guard, encode(name), encode(body)]),
  );
}

function codes({ log }: Result): string[] {
  return [...new Set(log.map(({ code }) => code))].sort();
}

describe('what is secret is not printed', () => {
  test.each([
    ['{ ...o }', "@secure()\nparam o object = { a: 'hidden' }"],
    ["[...split(s, 'x')]", "@secure()\nparam s string = 'hidden'"],
    ["toObject(split(s, ','), each => each)", "@secure()\nparam s string = 'hidden,2'"],
    ["groupBy(split(s, ','), each => each)", "@secure()\nparam s string = 'hidden,2'"],
    ['o', "type t = { @secure()\n  a: string }\nparam o t = { a: 'hidden' }"],
    ['o', "@secure()\ntype s = string\ntype t = { a: s? }\nparam o t[] = [{ a: 'hidden' }]"],
    ['o', "param o [string, { *: { @secure()\n  a: string } }] = ['x', { k: { a: 'hidden' } }]"],
    ['p', "type t = { @secure()\n  a: string }\nparam p t.a = 'hidden'"],
    [
      'o',
      "type t = { next: t?, also: t?, key: k? }\n@secure()\ntype k = string\nparam o t = { next: { also: { key: 'hidden' } } }",
    ],
    ['p', "type t = string\n@secure()\nparam p t = 'hidden'"],
    [
      '{ ...o }.b',
      "type t = { @secure()\n  a: string\n  b: string }\nparam o t = { a: 'hidden', b: o2 }\n@secure()\nparam o2 string = 'hidden'",
    ],
  ])('%s after "%s"', (expression, before) => {
    const result = run({ 'main.bicep': `${before}\n${vault(`x: ${expression}`)}` });
    expect(codes(result)).toEqual([]);
    expect(printed(result)).toContain('$secret');
    expect(printed(result)).not.toContain('hidden');
  });

  test('only the part that is secure', () => {
    const before = "type t = { @secure()\n  a: string\n  b: string }\nparam o t = { a: 'hidden', b: 'shown' }";
    expect(value('o.b', before)).toBe('shown');
    expect(value('o', before)).toEqual({ a: { $secret: true }, b: 'shown' });
  });

  test('nor in the name of a condition', () => {
    const result = run({
      'main.bicep': `@secure()\nparam s string = 'hidden'\nparam p string\n${vault().replace('= {', '= if (p == s) {')}`,
    });
    expect(result.configurations[0]!.resources[0]).toMatchObject({ presence: 'maybe', guard: undefined });
  });
});

describe('spreads', () => {
  test('what follows a list that is not known has no known place', () => {
    expect(value('[...l, 1]', 'param l array')).toEqual([{ $unknown: expect.anything() }]);
    expect(value('[1, ...l, 2][0]', 'param l array')).toBe(1);
    expect(value('[...l, 1][0]', 'param l array')).toMatchObject({ $unknown: expect.anything() });
  });

  test('what follows an object that is not known stays, what stands before may be replaced', () => {
    expect(value('{ ...o, a: 1 }.a', 'param o object')).toBe(1);
    expect(value('{ a: 1, ...o }.a', 'param o object')).toMatchObject({ $oneOf: [1, expect.anything()] });
    expect(value('[...a, 3, 4, ...a, 5]', 'var a = [1, 2]')).toEqual([1, 2, 3, 4, 1, 2, 5]);
    expect(value("{ a: 1, ...b, 'x${1}': 2, ...{ c: 5 } }", 'var b = { c: 3, a: 4 }')).toEqual({ a: 4, c: 5, x1: 2 });
  });
});

describe('types', () => {
  test('what an array is allowed are items of it', () => {
    expect(value('a', "@allowed(['x'])\nparam a array")).toEqual({ $symbol: "parameters('a')" });
    expect(value('a', "type t = string[]\n@allowed(['x'])\nparam a t")).toEqual({ $symbol: "parameters('a')" });
  });

  test('a member of a type, and a type that may be null further up', () => {
    expect(value('a', "type t = { k: 'x' | 'y' }\nparam a t.k")).toEqual({ $oneOf: ['x', 'y'] });
    expect(value('a', "type t = ('x' | 'y')[]\nparam a t[*]")).toEqual({ $oneOf: ['x', 'y'] });
    expect(value("a ?? 'none'", 'type t = u?\ntype u = string\nparam a t')).toBe('none');
  });

  test('types in a circle end', () => {
    expect(value('a', 'type t = u\ntype u = t\nparam a t')).toEqual({ $symbol: "parameters('a')" });
    expect(value('a', 'type t = { next: t? }\nparam a t = { next: { next: null } }')).toEqual({ next: { next: null } });
  });
});

describe('circles', () => {
  test.each([
    [
      'parents',
      `resource a 'Microsoft.RecoveryServices/vaults@2024-04-01' = {\n  parent: b\n  name: 'a'\n}
resource b 'Microsoft.RecoveryServices/vaults@2024-04-01' = {\n  parent: a\n  name: 'b'\n  properties: { id: a.id }\n}\n`,
    ],
    [
      'scopes',
      `resource a 'Microsoft.Authorization/locks@2020-05-01' = {\n  scope: b\n  name: 'a'\n}
resource b 'Microsoft.Authorization/locks@2020-05-01' = {\n  scope: a\n  name: 'b'\n  properties: { id: a.id }\n}\n`,
    ],
    [
      'a resource that is its own parent and scope',
      `resource a 'Microsoft.Authorization/locks@2020-05-01' = {\n  parent: a\n  scope: a\n  name: 'a'\n}
resource b 'Microsoft.Authorization/locks@2020-05-01' = {\n  parent: a\n  name: b.name\n}\n`,
    ],
    [
      'conditions and loops',
      `resource a 'Microsoft.RecoveryServices/vaults@2024-04-01' = if (b.properties.x) {\n  name: 'a'\n  properties: { x: true }\n}
resource b 'Microsoft.RecoveryServices/vaults@2024-04-01' = if (a.properties.x) {\n  name: 'b'\n  properties: { x: a.properties.x }\n}
resource c 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for x in d: {\n  name: 'c'\n}]
resource d 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for x in c: {\n  name: 'd'\n}]\n`,
    ],
  ])('%s', (_, text) => {
    const { configurations } = run({ 'main.bicep': text });
    expect(configurations[0]!.resources.map(({ address }) => address)).toEqual(['a', 'b']);
    for (const resource of configurations[0]!.resources) expect(resource.presence).toMatch(/present|maybe/);
  });

  test.each(['a', 'a::b', 'a::b::c'])('a parent that is written in it: %s', (parent) => {
    const { configurations } = run({
      'main.bicep': `resource a 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  resource b 'backupPolicies' = {
    name: 'b'
    resource c 'x' = {
      name: 'c'
    }
  }
  parent: ${parent}
  name: 'a'
}
`,
    });
    // Asking for any of it ends.
    for (const { name, scope, extends: on } of configurations[0]!.resources)
      expect([name, scope.resourceGroup, on].map((one) => one && encode(force(one)))).toHaveLength(3);
    expect(configurations[0]!.resources).toHaveLength(3);
  });

  test('imports', () => {
    const { log, configurations } = run({
      'main.bicep': `import { x } from 'a.bicep'\n${vault('x: x')}`,
      'a.bicep': "import { y } from 'b.bicep'\n@export()\nvar x = y\n",
      'b.bicep': "import * as a from 'a.bicep'\n@export()\nvar y = a.x\n",
    });
    expect(log.map(({ code }) => code)).toEqual(['arm-circular-value']);
    expect(at(configurations[0]!.resources[0]!.body, 'properties', 'x')).toMatchObject({ $unknown: expect.anything() });
  });

  test('parameter files: what they would give is not known', () => {
    const { log, configurations } = run({
      'main.bicep': `param days int = 5\n${vault('x: days')}`,
      'a.bicepparam': "using 'main.bicep'\nextends 'b.bicepparam'\n",
      'b.bicepparam': "using none\nextends 'a.bicepparam'\n",
    });
    expect(log.map(({ code, at: place }) => `${code} ${shown(place)}`)).toEqual([
      "bicep-extends-circle b.bicepparam:2 'a.bicepparam'",
    ]);
    expect(at(configurations[0]!.resources[0]!.body, 'properties', 'x')).toMatchObject({ $unknown: expect.anything() });
  });
});

describe('limits: each ends in a diagnostic', () => {
  const lines = (count: number, of: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => of(i)).join('\n');
  const doubled = (one: string, next: (name: string) => string): string =>
    `var a0 = ${one}\n${lines(60, (i) => `var a${i + 1} = ${next(`a${i}`)}`)}\n${vault('x: a60')}`;
  const named = (i: number, name: string, x: string): string =>
    `resource r${i} 'Microsoft.RecoveryServices/vaults@2024-04-01' = {\n  name: ${name}\n  properties: { x: ${x} }\n}`;

  test.each<[string, string, string]>([
    [
      'a chain of texts',
      `${lines(5000, (i) => `var a${i} = '\${a${i + 1}}x'`)}\nvar a5000 = 1\n${vault('x: a0')}`,
      'arm-too-deep',
    ],
    ['a function that calls itself', `func f(a int) int => f(a + 1)\n${vault('x: f(1)')}`, 'arm-too-deep'],
    [
      'functions that call the next one twice',
      `${lines(40, (i) => `func f${i}(a int) int => f${i + 1}(a) + f${i + 1}(a)`)}\nfunc f40(a int) int => a\n${vault('x: f0(1)')}`,
      'arm-too-much-work',
    ],
    ['loops in loops', vault('x: [for i in range(0, 9000): map(range(0, 9000), j => i * j)]'), 'arm-too-much-work'],
    ['a sum that grows', vault('x: reduce(range(0, 9000), [], (all, each) => [...all, each])'), 'arm-too-much-work'],
    [
      'properties that lead from one resource to the next',
      `${lines(2000, (i) => named(i, `'v${i}'`, `r${i + 1}.properties.x`))}\n${named(2000, "'z'", '1')}\n`,
      'arm-too-deep',
    ],
    [
      'names that lead from one resource to the next',
      `${lines(2000, (i) => named(i, `'\${r${i + 1}.name}x'`, '1'))}\n${named(2000, "'z'", '1')}\n`,
      'arm-too-deep',
    ],
    [
      'scopes that lead from one resource to the next',
      `${lines(2000, (i) => `resource r${i} 'Microsoft.Authorization/locks@2020-05-01' = {\n  name: 'l'\n  scope: r${i + 1}\n}`)}\n${named(2000, "'z'", '1')}\n`,
      'arm-too-deep',
    ],
    [
      'children in loops in loops',
      "resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for i in range(0, 800): {\n  name: 'v${i}'\n  resource p 'backupPolicies' = [for j in range(0, 800): {\n    name: 'p${j}'\n  }]\n}]\n",
      'arm-too-many-resources',
    ],
  ])('%s', (_, text, code) => {
    expect(codes(run({ 'main.bicep': text }))).toEqual([code]);
  });

  test.each([
    ['texts that double', doubled("'0123456789'", (a) => `'\${${a}}\${${a}}'`)],
    ['spreads that double', doubled('[1, 2, 3]', (a) => `[...${a}, ...${a}]`)],
    ['lists of lists that double', doubled('[1, 2, 3]', (a) => `[${a}, ${a}]`)],
    ['objects that double', doubled('{ a: 1 }', (a) => `{ ...${a}, b: ${a}, c: ${a} }`)],
    [
      'names that double',
      `${lines(60, (i) => named(i, `'\${r${i + 1}.name}\${r${i + 1}.name}'`, `r${i + 1}.name`))}\n${named(60, "'z'", '1')}\n`,
    ],
    ['a range without end', vault('x: range(0, 1000000000)')],
    ['a text without end', vault("x: padLeft('x', 1000000000)")],
  ])('%s: what is too large is not known', (_, text) => {
    const { log, configurations } = run({ 'main.bicep': text });
    expect(log).toEqual([]);
    expect(JSON.stringify(encode(configurations[0]!.resources[0]!.body))).toMatch(/\$unknown|unknown\}/);
  });

  test('ever more modules', () => {
    const files = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`m${i}.bicep`, lines(5, (j) => `module m${j} 'm${i + 1}.bicep' = {\n}`)]),
    );
    expect(codes(run({ ...files, 'm14.bicep': vault() }))).toEqual(['arm-too-many-deployments']);
  });

  test('parents without end: the last ones are known', () => {
    const { configurations } = run({
      'main.bicep': `${lines(300, (i) => `resource r${i} 'Microsoft.X/a@2024-04-01' = {\n  name: 'a'\n  parent: r${i + 1}\n}`)}\n${named(300, "'z'", '1')}\n`,
    });
    const names = configurations[0]!.resources.map(({ name }) => encode(name));
    expect(names.at(-2)).toBe('z/a');
    expect(JSON.stringify(names[0])).toContain('unknown');
  });
});

describe('files with syntax errors', () => {
  const open = { $open: { $unknown: expect.anything() } };

  test('nothing is missing for certain, what is written counts', () => {
    const { log, configurations } = run({
      'main.bicep': `${vault('a: 1\n    b: [1]\n    loc')}var x = y\n`,
    });
    expect(log.map(({ code }) => code)).toEqual(['bicep-property']);
    const [configuration] = configurations;
    expect(configuration!.resources[0]!.body.open).toBe(true);
    expect(at(configuration!.resources[0]!.body, 'properties')).toMatchObject({
      a: 1,
      b: [1, { $unknown: expect.anything() }],
      ...open,
    });
    expect(configuration!.opaque).toMatchObject([{ because: 'it has a syntax error', told: true }]);
  });

  test('a resource that is cut off is one without a name', () => {
    const { log, configurations } = run({
      'main.bicep': `resource w 'Microsoft.RecoveryServices/vaults@2024-04-01' =\n${vault('a: 1')}`,
    });
    expect(log.map(({ code }) => code)).toEqual(['bicep-body']);
    expect(configurations[0]!.resources.map(({ address }) => address)).toEqual(['w', 'v']);
  });

  test('what a module is given may be lost', () => {
    const { configurations } = run({
      'main.bicep': "module m 'm.bicep' = {\n  params: {\n    a: 1\n    b \n  }\n}\nmodule n 'm.bicep' = {\n  par\n}\n",
      'm.bicep': `param a int = 5\nparam b int = 5\nparam c int = 5\n${vault('a: a\n    b: b\n    c: c')}`,
    });
    const unknown = { $unknown: expect.anything() };
    const [m, n] = configurations[0]!.resources;
    expect(at(m!.body, 'properties')).toEqual({ a: 1, b: unknown, c: unknown });
    expect(at(n!.body, 'properties')).toEqual({ a: unknown, b: unknown, c: unknown });
  });

  test.each([
    ['main.bicepparam', "using 'main.bicep'\nparam\n"],
    ['main.parameters.json', '{ "parameters": { "b": { "value": 1 }, '],
  ])('so may what %s gives', (file, text) => {
    const { configurations } = run({ 'main.bicep': `param a int = 5\n${vault('a: a')}`, [file]: text });
    expect(at(configurations[0]!.resources[0]!.body, 'properties', 'a')).toEqual({ $unknown: expect.anything() });
  });
});

describe('what is said of other files', () => {
  test('a name that is not exported', () => {
    const { log } = run({
      'main.bicep': `import { gone } from 'lib.bicep'\nimport * as lib from 'lib.bicep'\n${vault('a: gone\n    b: lib.lost')}`,
      'lib.bicep': '@export()\nvar other = 1\n',
    });
    expect(log.map(({ code, at: place, message }) => `${code} ${shown(place)} | ${message}`)).toEqual([
      'bicep-import-missing main.bicep:7 gone | there is no variable "gone" in lib.bicep',
      'bicep-import-missing main.bicep:8 lib.lost | there is no variable "lost" in lib.bicep',
    ]);
  });

  test('variables, functions and types of a compiled template', () => {
    const lib = {
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      definitions: { tier: { type: 'string', allowedValues: ['x', 'y'] } },
      functions: [
        {
          namespace: '__bicep',
          members: {
            named: {
              parameters: [{ name: 'a', type: 'string' }],
              output: { type: 'string', value: "[__bicep.tail(parameters('a'))]" },
            },
            tail: {
              parameters: [{ name: 'a', type: 'string' }],
              output: { type: 'string', value: "[format('{0}-z', parameters('a'))]" },
            },
          },
        },
      ],
      variables: { days: '[add(1, 2)]' },
      resources: [],
    };
    const of = (expression: string): unknown =>
      at(
        run({
          'main.bicep': `import { days, named, tier } from 'lib.json'\nimport * as lib from 'lib.json'\nparam p tier\n${vault(`x: ${expression}`)}`,
          'lib.json': JSON.stringify(lib),
        }).configurations[0]!.resources[0]!.body,
        'properties',
        'x',
      );
    expect(of('days')).toBe(3);
    expect(of("named('A')")).toBe('A-z');
    expect(of("lib.named('B')")).toBe('B-z');
    expect(of('p')).toEqual({ $oneOf: ['x', 'y'] });
  });

  test('a parameter file that extends what is not there', () => {
    const { log, configurations } = run({
      'main.bicep': `param days int = 5\n${vault('x: days')}`,
      'a.bicepparam': "using 'main.bicep'\nextends 'gone.bicepparam'\n",
    });
    expect(log.map(({ code }) => code)).toEqual(['bicep-extends-missing']);
    expect(at(configurations[0]!.resources[0]!.body, 'properties', 'x')).toEqual({ $unknown: expect.anything() });
  });
});

describe('members of a body that are none of a resource', () => {
  test('they change neither type nor presence', () => {
    const all = resources(`resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: 'v'
  type: 'Microsoft.X/y'
  condition: false
  copy: { name: 'c', count: 3 }
  resources: [{ type: 'backupPolicies', name: 'p' }]
  existing: true
}
`);
    expect([...all.values()].map(({ type, presence, existing }) => [type, presence, existing])).toEqual([
      ['Microsoft.RecoveryServices/vaults', 'present', false],
    ]);
  });
});

describe('files that are loaded', () => {
  test('of one with a syntax error nothing is known', () => {
    const { log, configurations } = run({
      'main.bicep': vault("x: loadJsonContent('bad.json').b\n    y: contains(loadJsonContent('bad.json'), 'c')"),
      'bad.json': '{ "a": 1, "b": 2, ',
    });
    expect(log.map(({ code }) => code)).toEqual(['json-unclosed-bracket']);
    const properties = at(configurations[0]!.resources[0]!.body, 'properties');
    expect(properties).toEqual({ x: { $unknown: expect.anything() }, y: { $unknown: expect.anything() } });
  });

  test.each([
    ['1:', 'x'],
    ['1_', 'x'],
    ['1 ', 'x'],
    ['2020-01-01', 'x'],
  ])('what looks like an odd number of YAML for long ends: "%s..."', (part, end) => {
    const text = `a: ${part.repeat(100_000)}${end}`;
    expect(value("loadYamlContent('data.yaml')", '', { 'data.yaml': text })).toMatchObject({
      $unknown: expect.anything(),
    });
  });

  test('one that is loaded in every turn of a loop', () => {
    const files = {
      'data.json': JSON.stringify({ a: Array.from({ length: 60_000 }, (_, i) => ({ n: i })) }),
      'data.yaml': '- a\n'.repeat(20_000),
    };
    const turns = '[for i in range(0, 700): [FILE[i], FILE[i + 1]]]';
    expect(value(`${turns.replaceAll('FILE', "loadJsonContent('data.json').a")}[600][1].n`, '', files)).toBe(601);
    expect(value(`${turns.replaceAll('FILE', "loadYamlContent('data.yaml')")}[600][1]`, '', files)).toBe('a');
  });
});

describe('experimental', () => {
  test('"this" is the resource as it stands in Azure', () => {
    expect(value("this.exists() ? this.existingResource().?properties.y ?? 'n' : 'n'")).not.toBe('x');
  });
});

describe('a loop over one of several lists', () => {
  test('a turn has the items of those lists that are long enough for it', () => {
    const all = resources(`param one bool
resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for n in (one ? ['a'] : ['b', 'c']): {
  name: n
}]
`);
    expect([...all.values()].map(({ address, presence, name }) => [address, presence, encode(name)])).toEqual([
      ['v[0]', 'present', { $oneOf: ['a', 'b'] }],
      ['v[1]', 'maybe', 'c'],
    ]);
  });

  test('names of nested resources are found among those of the parent’s turn', () => {
    const all = resources(`resource v 'Microsoft.RecoveryServices/vaults@2024-04-01' = [for i in range(0, 2): {
  name: 'v\${i}'
  resource p 'backupPolicies' = {
    name: 'p\${i}'
  }
}]
${vault('x: v[0]::p.name\n    y: v[1]::p.id').replaceAll(' v ', ' w ')}`);
    expect(at(all.get('w')!.body, 'properties', 'x')).toBe('p0');
    expect(at(all.get('w')!.body, 'properties', 'y')).toEqual({
      $symbol: `${home}/providers/Microsoft.RecoveryServices/vaults/v1/backupPolicies/p1`,
    });
  });
});
