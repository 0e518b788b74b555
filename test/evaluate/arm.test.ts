import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateTemplate, scopeOf } from '../../src/evaluate/arm/template.ts';
import { templateConfigurations } from '../../src/evaluate/bicep/configurations.ts';
import { Templates } from '../../src/evaluate/bicep/templates.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { canonical, encode, type Value } from '../../src/evaluate/value.ts';
import { memberOf, parseJson } from '../../src/parse/json.ts';
import type { JsonNode } from '../../src/parse/json-tree.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import type { Files } from '../../src/source/io.ts';
import { limits } from '../../src/source/limits.ts';
import { Reader } from '../../src/source/reader.ts';
import { isSpan, type Origin, type Source, span } from '../../src/source/source.ts';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

function disk(texts: Record<string, string>): Files {
  return {
    info: (path) =>
      texts[path] === undefined ? undefined : { kind: 'file', size: Buffer.byteLength(texts[path] ?? '') },
    read: (path) => Buffer.from(texts[path] ?? ''),
    list: () => [],
    realPath: (path) => (texts[path] !== undefined || path === '/repo' ? path : undefined),
  };
}

interface Result extends Configuration {
  readonly log: Log;
  readonly source: Source;
}

/** A template as text, so that places can be asserted. */
function evaluateText(template: string, parameters?: string, files: Record<string, string> = {}): Result {
  const log: Log = [];
  const given = parameters === undefined ? {} : { '/repo/app/main.parameters.json': parameters };
  const reader = new Reader(disk({ ...files, ...given, '/repo/app/main.json': template }), '/repo', log);
  const result = templateConfigurations(
    {
      templates: ['/repo/app/main.json'],
      parameterFiles: Object.keys(given),
      namedParameterFiles: [],
      deployed: new Set(),
      bicep: undefined,
    },
    reader,
    () => {},
    (configuration) => configuration,
  );
  const source = reader.read('/repo/app/main.json')!;
  return { ...result.configurations[0]!, log, source };
}

function run(template: object, values?: Record<string, unknown>, files: Record<string, string> = {}): Result {
  const parameters =
    values &&
    JSON.stringify({
      parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
    });
  return evaluateText(JSON.stringify({ $schema: schema, ...template }, null, 1), parameters, files);
}

const vault = (more: object = {}) => ({
  type: 'Microsoft.RecoveryServices/vaults',
  apiVersion: '2024-04-01',
  name: 'v',
  ...more,
});

/** The value of one expression, evaluated as a property; `more` goes into the template. */
function value(expression: unknown, more: object = {}, values?: Record<string, unknown>): unknown {
  const result = run({ resources: [vault({ properties: { x: expression } })], ...more }, values);
  return property(result.resources[0], 'properties', 'x');
}

function at(of: Value | undefined, ...path: string[]): Value | undefined {
  let current = of;
  for (const key of path)
    current =
      current?.kind === 'object'
        ? current.members.get(key)?.value
        : current?.kind === 'list'
          ? current.items[Number(key)]
          : undefined;
  return current;
}

function property(resource: Resource | undefined, ...path: string[]): unknown {
  const found = at(resource?.body, ...path);
  return found === undefined ? undefined : encode(found);
}

function place(origin: Origin | undefined): string {
  if (!origin || !isSpan(origin)) return '';
  const { line, column } = origin.source.position(origin.start);
  return `${origin.source.file}:${line}:${column} ${origin.source.text.slice(origin.start, origin.end)}`;
}

const codes = (log: Log): string[] => log.map((each) => each.code);
const group = '/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}';

describe('expressions', () => {
  test.each([
    ["[concat('a', 'b', 1)]", 'ab1'],
    ['[concat(createArray(1), createArray(2, 3))]', [1, 2, 3]],
    ["[format('{0}-{1:D3}-{{x}}', 'a', 7)]", 'a-007-{x}'],
    ["[format('{0}', true())]", 'True'],
    ["[if(equals('a', 'A'), 'same', 'different')]", 'different'],
    ['[and(true(), not(false()), or(false(), true()))]', true],
    ["[coalesce(null(), 'x')]", 'x'],
    ["[toLower(concat('A', toUpper('b')))]", 'ab'],
    ["[split('a/b;c', createArray('/', ';'))]", ['a', 'b', 'c']],
    ["[join(createArray('a', 'b'), '-')]", 'a-b'],
    ["[replace(trim(' a-a '), 'a', '$&')]", '$&-$&'],
    ["[substring('backup', 1, 3)]", 'ack'],
    ["[padLeft(7, 3, '0')]", '007'],
    ["[indexOf('abCd', 'C')]", 2],
    ["[indexOf('abcd', 'X')]", -1],
    ["[startsWith('Backup', 'back')]", true],
    ["[endsWith('Backup', 'UPX')]", false],
    ["[contains('Backup', 'back')]", false],
    ["[contains(createObject('Key', 1), 'key')]", true],
    ["[contains(createArray('a', 'b'), 'b')]", true],
    ['[length(createArray(1, 2))]', 2],
    ['[empty(createObject())]', true],
    ["[first(createArray('a', 'b'))]", 'a'],
    ["[last('abc')]", 'c'],
    ['[take(createArray(1, 2, 3), 2)]', [1, 2]],
    ["[skip('abc', 1)]", 'bc'],
    ['[range(3, 3)]', [3, 4, 5]],
    ['[div(7, 2)]', 3],
    ['[mod(add(mul(2, 3), sub(4, 1)), 5)]', 4],
    ['[max(createArray(3, 9, 4))]', 9],
    ["[greaterOrEquals('b', 'a')]", true],
    ["[int('42')]", 42],
    ["[bool('1')]", true],
    ["[string(createObject('a', createArray(1)))]", '{"a":[1]}'],
    ['[json(\'{"a": [1, null]}\').a[0]]', 1],
    ["[base64ToString(base64('äöü'))]", 'äöü'],
    ["[uri('https://x.org/a/main.json', '/b/c.json')]", 'https://x.org/a/b/c.json'],
    ["[uriComponent('a b/')]", 'a%20b%2F'],
    [
      "[union(createObject('A', createObject('x', 1, 'y', 1)), createObject('a', createObject('y', 2)))]",
      { A: { x: 1, y: 2 } },
    ],
    ['[union(createArray(1, 2), createArray(2, 3))]', [1, 2, 3]],
    [
      "[shallowMerge(createArray(createObject('a', createObject('x', 1)), createObject('a', createObject('y', 2))))]",
      { a: { y: 2 } },
    ],
    ['[intersection(createArray(1, 2, 3), createArray(3, 1))]', [1, 3]],
    ['[flatten(createArray(createArray(1), createArray(2, 3)))]', [1, 2, 3]],
    [
      "[items(createObject('b', 2, 'A', 1))]",
      [
        { key: 'A', value: 1 },
        { key: 'b', value: 2 },
      ],
    ],
    ["[objectKeys(createObject('b', 2, 'a', 1))]", ['a', 'b']],
    ["[map(range(0, 3), lambda('i', add(lambdaVariables('i'), 1)))]", [1, 2, 3]],
    ["[filter(range(0, 5), lambda('i', greater(lambdaVariables('i'), 2)))]", [3, 4]],
    ["[reduce(range(1, 4), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]", 10],
    ["[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]", [1, 2, 3]],
    [
      "[toObject(createArray('a', 'b'), lambda('k', lambdaVariables('k')), lambda('k', toUpper(lambdaVariables('k'))))]",
      { a: 'A', b: 'B' },
    ],
    [
      "[groupBy(createArray('aa', 'b', 'ac'), lambda('k', first(lambdaVariables('k'))))]",
      { a: ['aa', 'ac'], b: ['b'] },
    ],
    ["[mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1)))]", { a: 2 }],
    ["[tryGet(createObject('a', createObject('b', 5)), 'a', 'b')]", 5],
    ["[tryGet(createObject('a', 1), 'x', 'y')]", null],
    ['[tryGet(createArray(1), 4)]', null],
    ['[indexFromEnd(createArray(1, 2, 3), 1)]', 3],
    ["[createObject('A', 1).a]", 1],
    ["[cidrSubnet('10.0.0.0/16', 24, 5)]", '10.0.5.0/24'],
    ['[[literal]', '[literal]'],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('what the deployment settles has a name, in the documented spelling', () => {
    expect(value('[ResourceGroup().LOCATION]')).toEqual({ $symbol: 'resourceGroup().location' });
    expect(value('[uniqueString(resourceGroup().id)]')).toEqual({
      $symbol:
        'uniqueString(`"/subscriptions/"+subscription().subscriptionId+"/resourceGroups/"+resourceGroup().name`)',
    });
    expect(value('[environment().suffixes.storage]')).toEqual({ $symbol: 'environment().suffixes.storage' });
    expect(value('[subscription().id]')).toEqual({ $symbol: '/subscriptions/${subscription().subscriptionId}' });
    expect(value("[someNewFunction('a')]")).toEqual({ $symbol: 'somenewfunction("a")' });
    expect(value("[equals(uniqueString('a'), uniqueString('a'))]")).toBe(true);
  });

  test('what is new in each deployment is unknown', () => {
    expect(value('[newGuid()]')).toEqual({ $unknown: expect.stringContaining('newGuid') });
    expect(value('[equals(utcNow(), utcNow())]')).toHaveProperty('$unknown');
  });

  test('a parameter that the deployment settles is the same wherever it is used, and no other is', () => {
    const string = (defaultValue: string) => ({ type: 'string', defaultValue });
    const parameters = {
      time: string("[utcNow('yyyyMM')]"),
      one: string('[newGuid()]'),
      other: string('[newGuid()]'),
      several: string("[concat('vm-', newGuid())]"),
      maybe: { ...string('[newGuid()]'), nullable: true },
    };
    const judged = (text: string) =>
      property(run({ parameters, resources: [vault({ sku: text })] }).resources[0], 'sku');
    expect(judged("[parameters('time')]")).toEqual({ $symbol: "parameters('time')" });
    expect(judged("[equals(parameters('time'), parameters('time'))]")).toBe(true);
    expect(judged("[equals(parameters('several'), concat(parameters('several'), ''))]")).toBe(true);
    expect(judged("[equals(parameters('one'), parameters('other'))]")).toHaveProperty('$symbol');
    expect(judged("[equals(parameters('one'), null())]")).toBe(false);
    expect(judged("[equals(parameters('maybe'), null())]")).toHaveProperty('$unknown');
  });

  test('list functions and secure parameters are secret, through every operation', () => {
    expect(value("[listKeys('x', '2023-01-01').keys[0].value]")).toEqual({ $secret: true });
    const parameters = { p: { type: 'secureString', defaultValue: 'hush' } };
    expect(value("[concat('a', toUpper(parameters('p')))]", { parameters })).toEqual({ $secret: true });
  });

  test('an unknown condition keeps both branches, one that fails is not deployed', () => {
    const parameters = { p: { type: 'bool' } };
    expect(value("[if(parameters('p'), 'a', 'b')]", { parameters })).toEqual({ $oneOf: ['a', 'b'] });
    expect(value("[if(parameters('p'), 'a', 'a')]", { parameters })).toBe('a');
    expect(value("[if(parameters('p'), 'a', fail('no'))]", { parameters })).toBe('a');
    expect(value("[and(parameters('p'), false())]", { parameters })).toBe(false);
    expect(value("[coalesce(parameters('p'), 'x')]", { parameters })).toEqual({ $symbol: "parameters('p')" });
  });

  test('a union with something unknown leaves earlier members uncertain and later ones certain', () => {
    const parameters = { p: { type: 'object' } };
    const result = value("[union(createObject('a', 1), parameters('p'), createObject('b', 2))]", { parameters });
    expect(result).toMatchObject({ a: { $oneOf: [1, { $unknown: expect.any(String) }] }, b: 2, $open: {} });
  });

  test('an id can be taken apart, another text with holes cannot', () => {
    const parameters = { p: { type: 'string' } };
    const id = "resourceId('Microsoft.RecoveryServices/vaults', parameters('p'))";
    expect(value(`[last(split(${id}, '/'))]`, { parameters })).toEqual({ $symbol: "parameters('p')" });
    expect(value(`[split(${id}, '/')[4]]`, { parameters })).toEqual({ $symbol: 'resourceGroup().name' });
    expect(value("[split(concat(parameters('p'), '/b'), '/')[1]]", { parameters })).toHaveProperty('$symbol');
  });

  test('elements pass through with the place where they were written', () => {
    const result = evaluateText(`{ "$schema": "${schema}",
  "variables": { "all": [ { "sku": "first" }, { "sku": "second" } ] },
  "resources": [ { "type": "Microsoft.RecoveryServices/vaults", "name": "v",
    "sku": "[last(map(variables('all'), lambda('x', lambdaVariables('x').sku)))]",
    "kind": "[if(true(), 'here', 'there')]" } ] }`);
    const [resource] = result.resources;
    expect(place(at(resource?.body, 'sku')?.at)).toBe('app/main.json:2:56 "second"');
    expect(place(resource?.body.members.get('sku')?.at)).toMatch(/^app\/main\.json:4:12 "\[last/);
    expect(place(at(resource?.body, 'kind')?.at)).toBe("app/main.json:5:26 'here'");
  });

  test('an expression that cannot be read is told once, and the rest goes on', () => {
    const result = run({
      resources: [vault({ copy: { name: 'c', count: 3 }, properties: { bad: '[concat(]', good: 1 } })],
    });
    expect(codes(result.log)).toEqual(['arm-bad-expression']);
    expect(result.resources).toHaveLength(3);
    expect(property(result.resources[2], 'properties')).toEqual({ bad: { $unknown: expect.any(String) }, good: 1 });
  });

  test('an expression as a key', () => {
    expect(value({ "[concat('a', 'b')]": 1, '[newGuid()]': 2 })).toMatchObject({ ab: 1, $open: {} });
  });
});

describe('ids', () => {
  test.each([
    ["[resourceId('Microsoft.A/b', 'x')]", `${group}/providers/Microsoft.A/b/x`],
    ["[resourceId('Microsoft.A/b/c', 'x', 'y')]", `${group}/providers/Microsoft.A/b/x/c/y`],
    ["[resourceId('Microsoft.A/b/c', 'x/y')]", `${group}/providers/Microsoft.A/b/x/c/y`],
    [
      "[resourceId('other', 'Microsoft.A/b', 'x')]",
      '/subscriptions/${subscription().subscriptionId}/resourceGroups/other/providers/Microsoft.A/b/x',
    ],
    [
      "[resourceId(subscription().subscriptionId, resourceGroup().name, 'Microsoft.A/b', 'x')]",
      `${group}/providers/Microsoft.A/b/x`,
    ],
    [
      "[subscriptionResourceId('Microsoft.A/b', 'x')]",
      '/subscriptions/${subscription().subscriptionId}/providers/Microsoft.A/b/x',
    ],
    [
      "[extensionResourceId(resourceId('Microsoft.A/b', 'x'), 'Microsoft.C/d', 'y')]",
      `${group}/providers/Microsoft.A/b/x/providers/Microsoft.C/d/y`,
    ],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual({ $symbol: expected });
  });

  test('a known id is a text', () => {
    expect(value("[resourceId('11111111-1111-1111-1111-111111111111', 'g', 'Microsoft.A/b', 'x')]")).toBe(
      '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/Microsoft.A/b/x',
    );
    expect(value("[tenantResourceId('Microsoft.A/b', 'x')]")).toBe('/providers/Microsoft.A/b/x');
  });

  test('names that do not pair with the type make no id', () => {
    expect(value("[resourceId('Microsoft.A/b/c', 'x')]")).toEqual({ $symbol: 'resourceId("Microsoft.A/b/c","x")' });
  });

  test('the id of the group is what resourceId() begins with', () => {
    const same = "[equals(concat(resourceGroup().id, '/providers/Microsoft.A/b/x'), resourceId('Microsoft.A/b', 'x'))]";
    expect(value(same)).toBe(true);
  });

  test('the schema decides what resourceId() gives', () => {
    const text = JSON.stringify({
      $schema: schema.replace('deployment', 'subscriptionDeployment'),
      resources: [vault({ properties: { x: "[resourceId('Microsoft.A/b', 'x')]" } })],
    });
    const { resources } = evaluateText(text);
    expect(property(resources[0], 'properties', 'x')).toEqual({
      $symbol: '/subscriptions/${subscription().subscriptionId}/providers/Microsoft.A/b/x',
    });
    expect(resources[0]?.scope.resourceGroup).toBeUndefined();
  });
});

describe('parameters and variables', () => {
  const template = `{ "$schema": "${schema}",
  "parameters": {
    "sku": { "type": "string",
      "defaultValue": "Standard" } },
  "variables": { "s": "[parameters('SKU')]" },
  "resources": [ { "type": "Microsoft.RecoveryServices/vaults", "name": "v", "sku": "[variables('S')]" } ] }`;

  test('a default carries its place and the step', () => {
    const sku = at(evaluateText(template).resources[0]?.body, 'sku');
    expect(sku).toMatchObject({ kind: 'string', value: 'Standard', via: { what: 'the default of parameter "sku"' } });
    expect(place(sku?.at)).toBe('app/main.json:4:23 "Standard"');
    expect(place(sku?.via?.at)).toBe('app/main.json:3:5 "sku"');
  });

  test('a value of the parameter file wins and is no expression', () => {
    const file = `{ "parameters": {
  "Sku": { "value": "[x]" } } }`;
    const sku = at(evaluateText(template, file).resources[0]?.body, 'sku');
    expect(sku).toMatchObject({ kind: 'string', value: '[x]' });
    expect(place(sku?.at)).toBe('app/main.parameters.json:2:21 "[x]"');
  });

  test('a key vault reference is secret, a placeholder keeps the name, null is no value', () => {
    const file = (text: string) => `{ "parameters": { "sku": ${text} } }`;
    const sku = (text: string) => property(evaluateText(template, file(text)).resources[0], 'sku');
    expect(sku('{ "reference": { "keyVault": {} } }')).toEqual({ $secret: true });
    expect(sku('{ "value": "GEN-UNIQUE-8" }')).toEqual({ $symbol: "parameters('sku')" });
    expect(sku('{ "value": "GENERIC-8" }')).toBe('GENERIC-8');
    expect(sku('{ "value": null }')).toBe('Standard');
  });

  test('without a default: allowed values, null where nullable, else a name', () => {
    const parameters = {
      a: { type: 'string', allowedValues: ['x', 'y'] },
      n: { $ref: '#/definitions/t' },
      p: { type: 'string' },
    };
    const definitions = { t: { type: 'string', nullable: true } };
    const more = { parameters, definitions };
    expect(value("[parameters('a')]", more)).toEqual({ $oneOf: ['x', 'y'] });
    expect(value("[concat(parameters('a'), '1')]", more)).toEqual({ $oneOf: ['x1', 'y1'] });
    expect(value("[parameters('n')]", more)).toBeNull();
    expect(value("[parameters('p')]", more)).toEqual({ $symbol: "parameters('p')" });
    const because = run({ ...more, resources: [vault({ properties: { x: "[parameters('p')]" } })] }).resources[0];
    expect(at(because?.body, 'properties', 'x')).toMatchObject({
      because: 'parameter "p" has no default and no value was given',
      present: true,
    });
  });

  test('a circle is told and unknown', () => {
    const result = run({
      variables: { a: "[variables('b')]", b: "[variables('a')]" },
      resources: [vault({ properties: { x: "[variables('a')]", y: 1 } })],
    });
    expect(codes(result.log)).toEqual(['arm-circular-value']);
    expect(property(result.resources[0], 'properties')).toEqual({ x: { $unknown: expect.any(String) }, y: 1 });
  });

  test('what is not declared is told where it is used', () => {
    const result = run({ resources: [vault({ properties: { x: "[parameters('nope')]", y: "[variables('nor')]" } })] });
    expect(codes(result.log)).toEqual(['arm-undefined-parameter', 'arm-undefined-variable']);
    expect(place(result.log[0]?.at)).toMatch(/parameters\('nope'\)/);
  });

  test('copy in variables and in objects', () => {
    const variables = {
      copy: [{ name: 'names', count: 2, input: "[concat('n', copyIndex('names', 1))]" }],
      inside: { copy: [{ name: 'list', count: "[length(variables('names'))]", input: { i: "[copyIndex('list')]" } }] },
    };
    expect(value("[variables('names')]", { variables })).toEqual(['n1', 'n2']);
    expect(value("[variables('inside')]", { variables })).toEqual({ list: [{ i: 0 }, { i: 1 }] });
    const parameters = { p: { type: 'int' } };
    const open = { copy: [{ name: 'list', count: "[parameters('p')]", input: 1 }] };
    expect(value(open, { parameters })).toEqual({ list: [{ $unknown: expect.any(String) }] });
  });

  test('user functions see their parameters and nothing else', () => {
    const functions = [
      {
        namespace: 'My',
        members: {
          Name: { parameters: [{ name: 'p' }], output: { value: "[concat(parameters('p'), '!')]" } },
          outside: { output: { value: "[parameters('secretly')]" } },
        },
      },
    ];
    const parameters = { secretly: { type: 'string', defaultValue: 'x' } };
    expect(value("[my.name('a')]", { functions, parameters })).toBe('a!');
    expect(value('[my.outside()]', { functions, parameters })).toHaveProperty('$unknown');
  });
});

describe('resources', () => {
  test('address, type, name, head, scope and body', () => {
    const result = evaluateText(`{ "$schema": "${schema}", "resources": [
  { "type": "Microsoft.RecoveryServices/vaults", "apiVersion": "2024-04-01",
    "name": "[concat('v', 1)]", "location": "west", "comments": "x", "condition": true, "dependsOn": ["a"] } ] }`);
    const [resource] = result.resources;
    expect(resource).toMatchObject({
      address: 'Microsoft.RecoveryServices/vaults/v1',
      language: 'arm',
      type: 'Microsoft.RecoveryServices/vaults',
      apiVersion: '2024-04-01',
      presence: 'present',
      existing: false,
      dependsOn: ['"a"'],
    });
    expect(place(resource?.head)).toBe(`app/main.json:3:13 "[concat('v', 1)]"`);
    expect(resource && canonical(resource.name)).toBe('"v1"');
    expect([...(resource?.body.members.keys() ?? [])]).toEqual(['type', 'apiVersion', 'name', 'location']);
    expect(resource?.scope.resourceGroup).toMatchObject({ text: 'resourceGroup().name' });
    expect(resource?.scope.subscription).toMatchObject({ text: 'subscription().subscriptionId' });
    expect(place(result.at)).toMatch(/^app\/main\.json:1:14/);
  });

  test('symbolic names, existing ones included; extensions outside of Azure are left out', () => {
    const result = run({
      languageVersion: '2.0',
      resources: {
        old: vault({ existing: true, resourceGroup: 'other' }),
        new: vault({ name: 'w' }),
        graph: { extension: 'microsoftGraph', type: 'Microsoft.Graph/groups@v1.0', properties: {} },
      },
    });
    expect(result.resources.map((each) => [each.address, each.existing])).toEqual([
      ['old', true],
      ['new', false],
    ]);
    expect(result.resources[0]?.scope.resourceGroup).toMatchObject({ value: 'other' });
    expect(result.log).toEqual([]);
  });

  test('conditions', () => {
    const parameters = { p: { type: 'bool' } };
    const result = run({
      parameters,
      resources: [
        vault({ name: 'no', condition: "[equals('a', 'b')]" }),
        vault({ name: 'maybe', condition: "[parameters('p')]" }),
        vault({ name: 'not', condition: "[not(parameters('p'))]" }),
      ],
    });
    expect(result.resources.map(({ address, presence, guard }) => [address, presence, guard])).toEqual([
      ['Microsoft.RecoveryServices/vaults/maybe', 'maybe', "parameters('p')"],
      ['Microsoft.RecoveryServices/vaults/not', 'maybe', "!parameters('p')"],
    ]);
  });

  test('nested children take type, name, condition and loop from the parent', () => {
    const child = { type: 'backupPolicies', name: "[concat('p', copyIndex())]", condition: "[parameters('q')]" };
    const result = run({
      parameters: { p: { type: 'bool' }, q: { type: 'bool' } },
      resources: [
        vault({
          name: "[concat('v', copyIndex())]",
          copy: { name: 'vs', count: 2 },
          condition: "[parameters('p')]",
          resources: [child],
        }),
      ],
    });
    const children = result.resources.filter((each) => each.type.endsWith('/backupPolicies'));
    expect(children.map((each) => [each.type, canonical(each.name), each.guard])).toEqual([
      ['Microsoft.RecoveryServices/vaults/backupPolicies', '"v0/p0"', "(parameters('p')&&parameters('q'))"],
      ['Microsoft.RecoveryServices/vaults/backupPolicies', '"v1/p1"', "(parameters('p')&&parameters('q'))"],
    ]);
    expect(result.resources[0]?.body.members.has('resources')).toBe(false);
  });

  test('a loop that is counted gives instances, one that is not gives one that stands for all', () => {
    const result = run({
      languageVersion: '2.0',
      parameters: { n: { type: 'int' }, some: { type: 'int', allowedValues: [1, 2] } },
      resources: {
        vs: vault({ name: "[format('v{0}', copyIndex('VS', 1))]", copy: { name: 'vs', count: 2 } }),
        ws: vault({ name: "[format('w{0}', copyIndex())]", copy: { name: 'ws', count: "[parameters('n')]" } }),
        ss: vault({ name: "[format('s{0}', copyIndex())]", copy: { name: 'ss', count: "[parameters('some')]" } }),
        none: vault({ copy: { name: 'none', count: 0 } }),
      },
    });
    expect(
      result.resources.map(({ address, name, presence, many }) => [address, encode(name), presence, many ?? false]),
    ).toEqual([
      ['vs[0]', 'v1', 'present', false],
      ['vs[1]', 'v2', 'present', false],
      ['ws[*]', { $symbol: "w${copyIndex('ws')}" }, 'maybe', true],
      ['ss[0]', 's0', 'present', false],
      ['ss[1]', 's1', 'maybe', false],
    ]);
  });

  test('more copies than Azure allows are one', () => {
    const result = run({ resources: [vault({ copy: { name: 'c', count: 801 } })] });
    expect(result.resources).toMatchObject([{ presence: 'maybe', many: true }]);
    expect(codes(result.log)).toEqual(['arm-too-many-copies']);
    expect(run({ resources: [vault({ copy: { name: 'c', count: 800 } })] }).resources).toHaveLength(800);
  });

  test('equal addresses are told apart', () => {
    const result = run({ resources: [vault(), vault()] });
    expect(result.resources.map((each) => each.address)).toEqual([
      'Microsoft.RecoveryServices/vaults/v',
      'Microsoft.RecoveryServices/vaults/v#2',
    ]);
  });

  test('an extension names what it extends', () => {
    const scope = "[resourceId('Microsoft.RecoveryServices/vaults', 'v')]";
    const [resource] = run({
      resources: [{ type: 'Microsoft.Insights/diagnosticSettings', name: 'd', scope }],
    }).resources;
    expect(resource?.extends && encode(resource.extends)).toEqual({
      $symbol: `${group}/providers/Microsoft.RecoveryServices/vaults/v`,
    });
  });

  test('what is missing or unreadable is told, and the rest goes on', () => {
    const result = run({ resources: [{ name: 'x' }, { type: 'Microsoft.A/b' }, 'text', vault()] });
    expect(codes(result.log)).toEqual([
      'arm-resource-unreadable',
      'arm-resource-without-type',
      'arm-resource-without-name',
    ]);
    expect(result.resources.map((each) => each.type)).toEqual(['Microsoft.A/b', 'Microsoft.RecoveryServices/vaults']);
  });

  test('properties may be an expression', () => {
    const result = run({
      variables: { all: { publicNetworkAccess: 'Disabled' } },
      resources: [vault({ properties: "[variables('all')]" })],
    });
    expect(property(result.resources[0], 'properties')).toEqual({ publicNetworkAccess: 'Disabled' });
  });
});

describe('reference()', () => {
  test('gives what is configured, and names for the rest', () => {
    const properties = { encryption: { mode: 'On' } };
    const result = run({
      resources: [
        vault({ properties, identity: { type: 'SystemAssigned' } }),
        vault({
          name: 'w',
          properties: {
            mode: "[reference(resourceId('Microsoft.RecoveryServices/VAULTS', 'v')).Encryption.mode]",
            state: "[reference('Microsoft.RecoveryServices/vaults/v').provisioningState]",
            who: "[reference('v', '2024-04-01', 'Full').identity.principalId]",
            kind: "[reference('v', '2024-04-01', 'full').identity.type]",
            other: "[reference(resourceId('Microsoft.A/b', 'x')).c]",
          },
        }),
      ],
    });
    const address = 'Microsoft.RecoveryServices/vaults/v';
    expect(property(result.resources[1], 'properties')).toEqual({
      mode: 'On',
      state: { $symbol: `reference(${address}).properties.provisioningState` },
      who: { $symbol: `reference(${address}).identity.principalId` },
      kind: 'SystemAssigned',
      other: { $symbol: expect.stringMatching(/^reference\(.*\)\.c$/) },
    });
    expect(at(result.resources[1]?.body, 'properties', 'who')).toMatchObject({
      of: { address, path: '.identity.principalId' },
    });
  });

  test('by symbolic name with index; an existing one is known by name only', () => {
    const result = run({
      languageVersion: '2.0',
      resources: {
        vs: vault({
          name: "[format('v{0}', copyIndex())]",
          copy: { name: 'vs', count: 2 },
          properties: { i: '[copyIndex()]' },
        }),
        old: vault({ existing: true, name: 'old' }),
        w: vault({
          name: 'w',
          properties: { i: "[reference(format('vs[{0}]', 1)).i]", o: "[reference('old').i]" },
        }),
      },
    });
    expect(property(result.resources.at(-1), 'properties')).toEqual({
      i: 1,
      o: { $symbol: 'reference(old).properties.i' },
    });
  });

  test('a circle ends', () => {
    const result = run({
      languageVersion: '2.0',
      resources: {
        a: vault({ name: 'a', properties: { x: "[reference('b').x]" } }),
        b: vault({ name: 'b', properties: { x: "[reference('a').x]" } }),
      },
    });
    expect(result.resources).toHaveLength(2);
    expect(property(result.resources[0], 'properties', 'x')).toHaveProperty('$symbol');
  });
});

describe('nested deployments', () => {
  const nested = (template: object, more: object = {}, scope?: 'inner' | 'outer') => ({
    type: 'Microsoft.Resources/deployments',
    name: 'mod',
    ...more,
    properties: {
      mode: 'Incremental',
      ...(scope && { expressionEvaluationOptions: { scope } }),
      ...(more as { properties?: object }).properties,
      template: { $schema: schema, ...template },
    },
  });
  const passed = (p: unknown) => ({ properties: { parameters: { p } } });

  test('inner scope: own parameters, evaluated where they are passed', () => {
    const result = run({
      variables: { x: 'outer' },
      resources: [
        nested(
          {
            parameters: {
              p: { type: 'string' },
              q: { type: 'string', defaultValue: "[concat(parameters('p'), '-q')]" },
            },
            variables: { x: 'inner' },
            resources: [
              vault({ properties: { p: "[parameters('p')]", q: "[parameters('q')]", x: "[variables('x')]" } }),
            ],
          },
          passed({ value: "[variables('x')]" }),
          'inner',
        ),
      ],
    });
    const [resource] = result.resources;
    expect(property(resource, 'properties')).toEqual({ p: 'outer', q: 'outer-q', x: 'inner' });
    expect(resource?.address).toBe('mod.Microsoft.RecoveryServices/vaults/v');
    expect(resource?.calls.map((call) => [place(call.at), call.what])).toEqual([
      [expect.stringMatching(/"mod"$/), 'the nested deployment "mod"'],
    ]);
    const p = at(resource?.body, 'properties', 'p');
    expect(place(p?.at)).toMatch(/"outer"$/);
    expect(p?.via?.what).toBe('passed to the nested deployment "mod" here');
  });

  test('outer scope is the default: the inner sections are dead', () => {
    const result = run({
      parameters: { p: { type: 'string', defaultValue: 'outer' } },
      resources: [
        nested(
          {
            parameters: { p: { type: 'string', defaultValue: 'inner' } },
            resources: [vault({ sku: "[parameters('p')]" })],
          },
          { resourceGroup: 'other' },
        ),
      ],
    });
    expect(property(result.resources[0], 'sku')).toBe('outer');
  });

  test('another group: inner expressions see it, outer ones do not, the resource lies in it either way', () => {
    const x = { id: '[resourceGroup().id]', at: '[resourceGroup().location]' };
    const template = { resources: [vault({ properties: x })] };
    const result = run({
      resources: [
        nested(template, { name: 'i', resourceGroup: 'other' }, 'inner'),
        nested(template, { name: 'o', resourceGroup: 'other', subscriptionId: 'S' }, 'outer'),
      ],
    });
    const [inner, outer] = result.resources;
    expect(property(inner, 'properties', 'id')).toEqual({
      $symbol: '/subscriptions/${subscription().subscriptionId}/resourceGroups/other',
    });
    expect(property(inner, 'properties', 'at')).toEqual({ $symbol: expect.stringMatching(/other.*\)\.location$/) });
    expect(property(outer, 'properties', 'at')).toEqual({ $symbol: 'resourceGroup().location' });
    expect(outer?.scope).toMatchObject({ subscription: { value: 'S' }, resourceGroup: { value: 'other' } });
  });

  test('outputs come back with their places', () => {
    const result = run({
      languageVersion: '2.0',
      resources: {
        mod: nested(
          { outputs: { Sku: { type: 'string', value: 'RS0' } }, resources: [] },
          { name: 'deployed' },
          'inner',
        ),
        v: vault({
          properties: {
            a: "[reference('mod').outputs.sku.value]",
            b: "[reference(resourceId('Microsoft.Resources/deployments', 'deployed')).outputs.sku.value]",
            c: "[listOutputsWithSecureValues('mod', '2025-04-01').sku]",
          },
        }),
      },
    });
    expect(property(result.resources[0], 'properties')).toEqual({ a: 'RS0', b: 'RS0', c: { $secret: true } });
    expect(place(at(result.resources[0]?.body, 'properties', 'a')?.at)).toMatch(/"RS0"$/);
  });

  test('a value that is handed on by reference() makes no false circle', () => {
    const result = run({
      resources: [
        nested(
          { outputs: { id: { value: "[resourceId('Microsoft.A/b', 'x')]" } }, resources: [] },
          { name: 'first' },
          'inner',
        ),
        nested(
          { parameters: { p: {} }, resources: [vault({ name: "[last(split(parameters('p'), '/'))]" })] },
          {
            name: 'second',
            ...passed({
              value: "[reference(resourceId('Microsoft.Resources/deployments', 'first')).outputs.id.value]",
            }),
          },
          'inner',
        ),
      ],
    });
    expect(result.log).toEqual([]);
    expect(result.resources.map((each) => canonical(each.name))).toEqual(['"x"']);
  });

  test('condition and loop of the deployment hold for what is in it', () => {
    const result = run({
      parameters: { p: { type: 'bool' } },
      resources: [
        nested(
          { parameters: { p: {} }, resources: [vault({ name: "[parameters('p')]" })] },
          {
            name: "[concat('m', copyIndex())]",
            condition: "[parameters('p')]",
            copy: { name: 'c', count: 2 },
            ...passed({ value: '[copyIndex()]' }),
          },
          'inner',
        ),
      ],
    });
    expect(result.resources.map((each) => [each.address, each.guard])).toEqual([
      ['m0.Microsoft.RecoveryServices/vaults/0', "parameters('p')"],
      ['m1.Microsoft.RecoveryServices/vaults/1', "parameters('p')"],
    ]);
  });

  test('an argument that is a choice, null or a key vault reference', () => {
    const template = {
      parameters: { p: { type: 'string', defaultValue: 'd' } },
      resources: [vault({ sku: "[parameters('p')]" })],
    };
    const sku = (p: unknown) =>
      property(
        run({ parameters: { c: { type: 'bool' } }, resources: [nested(template, passed(p), 'inner')] }).resources[0],
        'sku',
      );
    expect(sku("[if(parameters('c'), createObject('value', 'a'), createObject('value', null()))]")).toEqual({
      $oneOf: ['a', 'd'],
    });
    expect(sku({ value: '[null()]' })).toBe('d');
    expect(sku({ reference: { keyVault: { id: 'x' }, secretName: 's' } })).toEqual({ $secret: true });
    expect(sku({ value: '[newGuid()]' })).toHaveProperty('$unknown');
  });
});

describe('linked templates', () => {
  const link = (templateLink: object, more: object = {}) => ({
    type: 'Microsoft.Resources/deployments',
    name: 'mod',
    properties: { mode: 'Incremental', templateLink, ...more },
  });
  const child = JSON.stringify({
    $schema: schema,
    parameters: { p: { type: 'string' } },
    resources: [vault({ sku: "[parameters('p')]" })],
  });
  const parameters = { parameters: { p: { value: 'RS0' } } };

  test('relativePath is read and evaluated on its own', () => {
    const result = run({ resources: [link({ relativePath: 'nested/child.json' }, parameters)] }, undefined, {
      '/repo/app/nested/child.json': child,
    });
    expect(property(result.resources[0], 'sku')).toBe('RS0');
    expect(place(result.resources[0]?.head)).toMatch(/^app\/nested\/child\.json:1:/);
    expect(result.modules).toMatchObject([{ source: 'nested/child.json', resolved: true }]);
    expect(result.log).toEqual([]);
  });

  describe('of a whole run', () => {
    const main = '/repo/app/main.json';
    const nested = '/repo/app/nested/child.json';
    const names = (texts: Record<string, string>, templates: string[], found: string[] = []): string[] =>
      templateConfigurations(
        { templates, parameterFiles: found, namedParameterFiles: [], deployed: new Set(), bicep: undefined },
        new Reader(disk({ ...texts }), '/repo', []),
        () => {},
        (one) => one.name,
      ).configurations;
    const linking = (relativePath: string, more: object = {}): string =>
      JSON.stringify({ $schema: schema, resources: [{ ...link({ relativePath }, parameters), ...more }] });

    test('what another template links is judged there alone', () => {
      const texts = { [main]: linking('nested/child.json'), [nested]: child };
      expect(names(texts, [main, nested])).toEqual(['app/main.json']);
      expect(names(texts, [nested])).toEqual(['app/nested/child.json']);
    });

    test('with a parameter file of its own it is judged by itself too', () => {
      const own = '/repo/app/nested/child.parameters.json';
      const texts = { [main]: linking('nested/child.json'), [nested]: child, [own]: '{ "parameters": {} }' };
      expect(names(texts, [main, nested], [own])).toEqual(['app/main.json', 'app/nested/child.json']);
    });

    test('a link that is never followed counts for nothing', () => {
      const texts = { [main]: linking('nested/child.json', { condition: false }), [nested]: child };
      expect(names(texts, [main, nested])).toEqual(['app/main.json', 'app/nested/child.json']);
    });

    test('of two templates that link each other both are judged', () => {
      const texts = { [main]: linking('nested/child.json'), [nested]: linking('../main.json') };
      expect(names(texts, [main, nested])).toEqual(['app/main.json', 'app/nested/child.json']);
    });
  });

  test.each([
    ['the deployment', "[uri(deployment().properties.templateLink.uri, 'nested/child.json')]"],
    ['a parameter', "[concat(parameters('base'), '/nested/child.json', parameters('token'))]"],
    ['an address that names the folder', "[uri('https://x.org/repo/main/app/', '/nested/child.json?sig=1')]"],
  ])('an address below %s leads to the local file', (_, uri) => {
    const result = run(
      {
        parameters: { base: { type: 'string' }, token: { type: 'securestring' } },
        resources: [link({ uri }, parameters)],
      },
      undefined,
      { '/repo/app/nested/child.json': child },
    );
    expect(result.resources).toHaveLength(1);
    expect(result.opaque).toEqual([]);
  });

  test('another address is opaque, with its arguments, and one note', () => {
    const uri = 'https://x.org/elsewhere/nested/child.json?sig=secret';
    const result = run({ resources: [link({ uri }, parameters)] }, undefined, { '/repo/app/nested/child.json': child });
    expect(result.resources).toEqual([]);
    expect(result.opaque).toMatchObject([
      { address: 'mod', source: 'https://x.org/elsewhere/nested/child.json', because: expect.any(String) },
    ]);
    expect(result.opaque[0] && encode(result.opaque[0].arguments)).toEqual({ p: 'RS0' });
    expect(result.modules).toMatchObject([{ resolved: false }]);
    expect(result.log).toMatchObject([{ code: 'arm-linked-template-unknown', severity: 'note' }]);
    expect(JSON.stringify(result.log.map((each) => each.message))).not.toContain('secret');
  });

  test('a file that is missing is an error, one outside of the repository is refused', () => {
    const missing = run({ resources: [link({ relativePath: 'gone.json' })] });
    expect(missing.log).toMatchObject([{ code: 'arm-linked-template-missing', severity: 'error' }]);
    const refused = run({ resources: [link({ relativePath: '../../etc/x.json' })] });
    expect(refused.log).toMatchObject([
      { severity: 'note', message: expect.stringContaining('leaves the repository') },
    ]);
    expect(refused.opaque).toHaveLength(1);
  });

  test('templates that link to each other end', () => {
    const again = JSON.stringify({ $schema: schema, resources: [vault(), link({ relativePath: 'main.json' })] });
    const result = run({ resources: [link({ relativePath: 'b.json' })] }, undefined, {
      '/repo/app/b.json': again,
      '/repo/app/main.json': again,
    });
    expect(result.resources).toHaveLength(1);
    expect(result.opaque).toMatchObject([{ because: expect.stringContaining('circle') }]);
  });
});

describe('hostile templates', () => {
  test('a long chain of variables is cut', () => {
    const variables: Record<string, string> = { v0: 'end' };
    for (let i = 1; i <= 5000; i++)
      variables[`v${i}`] = `[map(range(0, 1), lambda('x', concat(variables('v${i - 1}'))))]`;
    const result = run({ variables, resources: [vault({ properties: { x: "[variables('v5000')]", y: 1 } })] });
    expect(codes(result.log)).toEqual(['arm-too-deep']);
    expect(property(result.resources[0], 'properties', 'y')).toBe(1);
  });

  test.each([
    ['names', "[guid(variables('v#'), variables('v#'))]"],
    ['texts', "[concat(variables('v#'), variables('v#'))]"],
    ['lists', "[createArray(variables('v#'), variables('v#'))]"],
    ['conditions', "[and(equals(variables('v#'), parameters('p')), equals(parameters('p'), variables('v#')))]"],
  ])('doubling %s ends in unknown', (_, expression) => {
    const variables: Record<string, string> = { v0: "[uniqueString('a')]" };
    for (let i = 1; i <= 60; i++) variables[`v${i}`] = expression.replaceAll('#', String(i - 1));
    const result = run({
      parameters: { p: { type: 'string' } },
      variables,
      resources: [vault({ properties: { x: "[variables('v60')]", y: "[length(variables('v60'))]" } })],
    });
    expect(result.resources).toHaveLength(1);
    expect(JSON.stringify(encode(result.resources[0]!.body)).length).toBeLessThan(100_000);
  });

  test('values do not grow deeper than the limit', () => {
    const deep = "[reduce(range(0, 9000), createArray(), lambda('a', 'b', createArray(lambdaVariables('a'))))]";
    let depth = 0;
    for (let inner = value(deep); Array.isArray(inner); inner = inner[0]) depth++;
    expect(depth).toBeLessThanOrEqual(limits.nesting);
    expect(value("[json(concat(padLeft('', 9000, '['), padLeft('', 9000, ']')))]")).toHaveProperty('$unknown');
  });

  test('loops in loops run out of steps, which is told', () => {
    const inner = "map(range(0, 10000), lambda('y', 1))";
    const result = run({ resources: [vault({ properties: { x: `[map(range(0, 10000), lambda('x', ${inner}))]` } })] });
    expect(result.resources).toHaveLength(1);
    expect(codes(result.log)).toEqual(['arm-too-much-work']);
    const copies = run({
      resources: Array.from({ length: 30 }, (_, i) => vault({ name: `v${i}`, copy: { name: 'c', count: 800 } })),
    });
    expect(copies.resources).toHaveLength(20_000);
    expect(codes(copies.log)).toEqual(['arm-too-many-resources']);
  });

  test('names of objects are names only', () => {
    expect(value("[createObject('a', 1).constructor]")).toHaveProperty('$unknown');
    expect(value("[contains(json('{\"__proto__\": 1}'), '__proto__')]")).toBe(true);
  });

  test.each(['', '[]', '{', '{"resources": 5}', '{"resources": [[], null, 1]}'])('%j does not stop it', (text) => {
    expect(evaluateText(text).resources).toEqual([]);
  });
});

// Real templates

const corpus = resolve(import.meta.dirname, '../../../shared/corpus');
const there = existsSync(corpus);
if (!there) console.log('Skipped: the corpus of real templates is not beside the repository.');

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return jsonFiles(path);
    return entry.name.endsWith('.json') ? [path] : [];
  });
}

const realFiles: Files = {
  info: (path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    return info && { kind: info.isFile() ? 'file' : info.isDirectory() ? 'directory' : 'other', size: info.size };
  },
  read: (path) => readFileSync(path),
  list: () => [],
  realPath: (path) => (existsSync(path) ? realpathSync(path) : undefined),
};

/** Every entry of `resources`, at any depth, that is no deployment and that no condition or loop can leave out. */
function declared(template: JsonNode | undefined): JsonNode[] {
  const resources = memberOf(template, 'resources')?.value;
  const entries =
    resources?.kind === 'array'
      ? resources.items
      : resources?.kind === 'object'
        ? resources.members.map((each) => each.value)
        : [];
  return entries.flatMap((entry) => {
    if (memberOf(entry, 'condition') || memberOf(entry, 'copy')) return [];
    const type = memberOf(entry, 'type')?.value;
    const deployment = type?.kind === 'string' && /resources\/deployments$/i.test(type.value);
    const inside = declared(memberOf(memberOf(entry, 'properties')?.value, 'template')?.value);
    return [...(deployment ? [] : [entry]), ...declared(entry), ...inside];
  });
}

test.skipIf(!there)('every resource of the corpus is there, or a condition or loop leaves it out', () => {
  let templates = 0;
  let entries = 0;
  for (const path of [...jsonFiles(join(corpus, 'arm')), ...jsonFiles(join(corpus, 'bicep'))]) {
    const log: Log = [];
    const reader = new Reader(realFiles, corpus, log);
    const source = reader.read(path);
    const file = source && parseJson(source, log);
    if (!source || !file?.root || scopeOf(file.root) === undefined) continue;
    templates++;
    const result = evaluateTemplate(file.root, span(source, 0, 1), {
      files: new Templates(reader, undefined),
      reader,
      log,
      name: source.file,
      path,
    });
    expect(log.filter((each) => each.severity === 'error')).toEqual([]);
    const heads = new Set(result.resources.map((each) => place(each.head)));
    const addresses = result.resources.map((each) => each.address);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const resource of result.resources) {
      expect(resource.type).toMatch(/^[A-Za-z]+(\.[A-Za-z]+)*\/./);
      expect(resource.name.kind).not.toBe('null');
      encode(resource.body);
    }
    for (const entry of declared(file.root)) {
      const head = memberOf(entry, 'name')?.value;
      entries++;
      expect(heads, `${source.file}: ${head && place(head)}`).toContain(head && place(head));
    }
  }
  expect(templates).toBeGreaterThan(100);
  expect(entries).toBeGreaterThan(300);
});
