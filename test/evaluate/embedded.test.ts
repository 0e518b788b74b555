/** ARM templates that azurerm deploys: their resources, parameters, scopes and places, and what stays opaque. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { encode, force, type Value } from '../../src/evaluate/value.ts';
import { lint, readModels } from '../../src/lint.ts';
import { pick } from '../../src/model/facts.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { isSpan } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

interface Read {
  readonly configuration: Configuration;
  readonly log: readonly Diagnostic[];
  readonly models: Awaited<ReturnType<typeof readModels>>['models'];
}

async function read(text: string, files: Record<string, string> = {}, name = 'main.tf'): Promise<Read> {
  const more = Object.fromEntries(Object.entries(files).map(([path, content]) => [`/repo/${path}`, content]));
  const io = memoryIo({ [`/repo/${name}`]: text, ...more });
  const path = name.endsWith('.tf') ? '.' : name;
  const { configurations, models, reader } = await readModels(settleOptions([path], {}, catalogue(), io), io);
  return { configuration: configurations[0]!, log: reader.log, models };
}

function inner({ configuration }: Read): Resource[] {
  return configuration.resources.filter(({ language }) => language === 'arm');
}

/** File and text at the place of a value. */
function place(value: Value | undefined): string | undefined {
  const at = value && force(value).at;
  return at && isSpan(at) ? `${at.source.file}: ${at.source.text.slice(at.start, at.end)}` : undefined;
}

const property = (resource: Resource, path: string): Value | undefined => pick(resource.body, path, true)?.value;

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const template = (properties: object = {}, parameters: object = {}): object => ({
  $schema: schema,
  contentVersion: '1.0.0.0',
  parameters,
  resources: [
    {
      type: 'Microsoft.RecoveryServices/vaults',
      apiVersion: '2024-04-01',
      name: 'rsv-main',
      location: '[resourceGroup().location]',
      properties,
    },
  ],
});

const deployment = (more: string, type = 'azurerm_resource_group_template_deployment'): string => `
resource "${type}" "d" {
  name                = "backup"
  resource_group_name = "rg-backup"
  deployment_mode     = "Incremental"
${more}
}
`;

describe('a template', () => {
  const content = JSON.stringify(template({ publicNetworkAccess: 'Disabled' }), undefined, 2);

  test('in a heredoc keeps the place of every value in the Terraform file', async () => {
    const result = await read(deployment(`  template_content = <<EOT\n${content}\nEOT`));
    const [vault] = inner(result);
    expect(vault).toMatchObject({
      address: 'azurerm_resource_group_template_deployment.d.Microsoft.RecoveryServices/vaults/rsv-main',
      type: 'Microsoft.RecoveryServices/vaults',
      apiVersion: '2024-04-01',
      presence: 'present',
    });
    expect(encode(vault!.scope.resourceGroup!)).toBe('rg-backup');
    expect(place(property(vault!, 'properties.publicNetworkAccess'))).toBe('main.tf: "Disabled"');
    expect(result.log).toEqual([]);
    expect(result.configuration.opaque).toEqual([]);
  });

  test('in an indented heredoc keeps it as well', async () => {
    const indented = content.replaceAll(/^/gm, '      ');
    const [vault] = inner(await read(deployment(`  template_content = <<-EOT\n${indented}\n  EOT`)));
    expect(place(property(vault!, 'properties.publicNetworkAccess'))).toBe('main.tf: "Disabled"');
    expect(place(vault!.name)).toBe('main.tf: "rsv-main"');
  });

  test('in a file keeps it in that file', async () => {
    const files = { 'templates/vault.json': content };
    const result = await read(deployment(`  template_content = file("\${path.module}/templates/vault.json")`), files);
    const [vault] = inner(result);
    expect(place(property(vault!, 'properties.publicNetworkAccess'))).toBe('templates/vault.json: "Disabled"');
  });

  test('that jsonencode makes keeps it in the expression, with what Terraform knows by name only', async () => {
    const result = await read(`
resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv-main"
  resource_group_name = "rg-backup"
}
${deployment(`  template_content = jsonencode({
    "$schema" = "${schema}"
    parameters = { days = { type = "int", defaultValue = 30 } }
    resources = [{
      type       = "Microsoft.RecoveryServices/vaults/backupPolicies"
      apiVersion = "2024-04-01"
      name       = "\${azurerm_recovery_services_vault.main.name}/daily"
      tags       = { vault = azurerm_recovery_services_vault.main.id }
      properties = {
        backupManagementType = "AzureIaasVM"
        retentionPolicy = { dailySchedule = { retentionDuration = { count = "[parameters('days')]", durationType = "Days" } } }
      }
    }]
  })`)}`);
    const [policy] = inner(result);
    expect(encode(policy!.name)).toBe('rsv-main/daily');
    expect(encode(property(policy!, 'tags.vault')!)).toEqual({ $symbol: 'azurerm_recovery_services_vault.main.id' });
    expect(place(property(policy!, 'properties.retentionPolicy.dailySchedule.retentionDuration.count'))).toBe(
      'main.tf: 30',
    );
    // It lies in the vault that azurerm declares.
    const views = result.models[0]!.entities.filter(({ subject }) => subject === 'policy').map(({ view }) =>
      encode(view),
    );
    expect(views).toMatchObject([{ name: 'daily', vaultName: 'rsv-main', retention: { daily: { count: 30 } } }]);
    expect(result.log).toEqual([]);
  });

  test('in a text with escapes stands where the text does', async () => {
    const [vault] = inner(
      await read(
        deployment(
          `  template_content = ${JSON.stringify(JSON.stringify(template({ publicNetworkAccess: "[concat('Dis', 'abled')]" })))}`,
        ),
      ),
    );
    const value = property(vault!, 'properties.publicNetworkAccess');
    expect(encode(value!)).toBe('Disabled');
    expect(place(value)).toMatch(/^main\.tf: "\{/);
    expect(place(vault!.body)).toMatch(/^main\.tf: "\{/);
  });

  test('with templates nested in it gives their resources too', async () => {
    const nested = {
      $schema: schema,
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2021-04-01',
          name: 'inner',
          properties: { mode: 'Incremental', template: template() },
        },
      ],
    };
    const result = await read(deployment(`  template_content = <<EOT\n${JSON.stringify(nested)}\nEOT`));
    expect(inner(result).map(({ address }) => address)).toEqual([
      'azurerm_resource_group_template_deployment.d.inner.Microsoft.RecoveryServices/vaults/rsv-main',
    ]);
  });

  test('that may not be deployed makes resources that may not be there', async () => {
    const text = deployment(`  count = var.deploy ? 1 : 0\n  template_content = <<EOT\n${content}\nEOT`);
    const [vault] = inner(await read(`variable "deploy" {}\n${text}`));
    expect(vault).toMatchObject({ presence: 'maybe', guard: 'var.deploy' });
  });

  test('that is secret gives secret values', async () => {
    const text = `variable "t" {\n  sensitive = true\n  default = <<EOT\n${content}\nEOT\n}\n${deployment('  template_content = var.t')}`;
    const [vault] = inner(await read(text));
    expect(encode(property(vault!, 'properties.publicNetworkAccess')!)).toEqual({ $secret: true });
  });
});

describe('a template text with holes', () => {
  const names = `variable "name" {}\nvariable "secret" {\n  sensitive = true\n}\n`;
  const vault = (name: string, more = ''): string => `{
  "$schema": "${schema}",
  "resources": [
    {
      "type": "Microsoft.RecoveryServices/vaults",
      "apiVersion": "2024-04-01",
      "name": "${name}",
      "tags": { ${more} },
      "properties": { "publicNetworkAccess": "Disabled" }
    }
  ]
}`;
  const heredoc = (text: string): string => `${names}${deployment(`  template_content = <<EOT\n${text}\nEOT`)}`;

  test('in a heredoc keeps them, and the place of everything', async () => {
    const result = await read(heredoc(vault('rsv-${var.name}-x', '"whole": "${var.name}", "a": "b"')));
    const [one] = inner(result);
    expect(encode(one!.name)).toEqual({ $symbol: 'rsv-${var.name}-x' });
    expect(place(one!.name)).toBe('main.tf: "rsv-${var.name}-x"');
    expect(encode(property(one!, 'tags.whole')!)).toEqual({ $symbol: 'var.name' });
    expect(place(property(one!, 'tags.a'))).toBe('main.tf: "b"');
    expect(place(property(one!, 'properties.publicNetworkAccess'))).toBe('main.tf: "Disabled"');
    expect(result.log).toEqual([]);
    expect(result.configuration.opaque).toEqual([]);
  });

  test('in an indented heredoc keeps the places as well, also beside what was filled in', async () => {
    const text = vault('rsv-${local.known}', '"of": "${var.name}", "own": "x"').replaceAll(/^/gm, '      ');
    const more = 'locals {\n  known = "main"\n}\n';
    const result = await read(`${more}${names}${deployment(`  template_content = <<-EOT\n${text}\n  EOT`)}`);
    const [one] = inner(result);
    expect(encode(one!.name)).toBe('rsv-main');
    expect(place(one!.name)).toBe('main.tf: "rsv-${local.known}"');
    expect(place(property(one!, 'tags.own'))).toBe('main.tf: "x"');
  });

  test('in a template file stands in that file', async () => {
    const content =
      '  template_content = templatefile("${path.module}/t/vault.json.tftpl", { name = var.name, kind = "k" })';
    const files = { 't/vault.json.tftpl': vault('rsv-${name}', '"kind": "${kind}"') };
    const result = await read(names + deployment(content), files);
    const [one] = inner(result);
    expect(encode(one!.name)).toEqual({ $symbol: 'rsv-${var.name}' });
    expect(place(one!.name)).toBe('t/vault.json.tftpl: "rsv-${name}"');
    expect(encode(property(one!, 'tags.kind')!)).toBe('k');
    expect(place(property(one!, 'properties.publicNetworkAccess'))).toBe('t/vault.json.tftpl: "Disabled"');
  });

  test('in a template file whose lines are made by directives stands at the call', async () => {
    const content = '  template_content = templatefile("t.json", { name = var.name, tags = ["a", "b"] })';
    const lines = '\n%{ for tag in tags ~}\n"${tag}": "x",\n%{ endfor ~}\n"c": "x"';
    const [one] = inner(await read(names + deployment(content), { 't.json': vault('rsv-${name}', lines) }));
    expect(encode(property(one!, 'tags')!)).toEqual({ a: 'x', b: 'x', c: 'x' });
    expect(place(property(one!, 'tags.b'))).toMatch(/^main\.tf: templatefile/);
  });

  test('never takes a hole for an expression of ARM', async () => {
    const result = await read(heredoc(vault("[concat('rsv-', '${var.name}')]", '"known": "[toUpper(\'x\')]"')));
    const [one] = inner(result);
    expect(encode(one!.name)).toEqual({ $unknown: 'an expression is put together with values of Terraform' });
    expect(encode(property(one!, 'tags.known')!)).toBe('X');
  });

  test('does not show a secret', async () => {
    const result = await read(heredoc(vault('rsv-main', '"s": "a-${var.secret}"')));
    expect(encode(property(inner(result)[0]!, 'tags.s')!)).toEqual({ $secret: true });
  });

  test.each([
    ['outside of a string', vault('rsv-main', '"days": ${var.name}')],
    ['as the name of a member', vault('rsv-main', '"${var.name}": "x"')],
    ['after a backslash', vault('rsv-main\\${var.name}')],
    ['in a comment', vault('rsv-main', '/* ${var.name} */')],
    ['in a text that is no JSON', '{ "name": "${var.name}"'],
  ])('is opaque with a hole %s', async (_, text) => {
    const result = await read(heredoc(text));
    expect(inner(result)).toEqual([]);
    expect(result.configuration.opaque).toMatchObject([
      { address: 'azurerm_resource_group_template_deployment.d', because: expect.stringContaining('"name"') },
    ]);
  });

  test('that depends on a condition keeps what does not, and the choice', async () => {
    const choice = '${var.name ? "GeoRedundant" : "LocallyRedundant"}';
    const result = await read(heredoc(vault('rsv-main', `"kind": "${choice}", "same": "x-${'${var.name}'}"`)));
    const [one] = inner(result);
    expect(encode(property(one!, 'tags.kind')!)).toEqual({ $oneOf: ['GeoRedundant', 'LocallyRedundant'] });
    expect(encode(property(one!, 'tags.same')!)).toEqual({ $symbol: 'x-${var.name}' });
    expect(encode(one!.name)).toBe('rsv-main');
    expect(place(property(one!, 'properties.publicNetworkAccess'))).toBe('main.tf: "Disabled"');
  });

  test('in a template file that depends on a condition stands in that file', async () => {
    const content = '  template_content = templatefile("v.json.tftpl", { kind = var.name ? "a" : "[b]" })';
    const [one] = inner(
      await read(names + deployment(content), { 'v.json.tftpl': vault('rsv-main', '"k": "${kind}"') }),
    );
    // The second would be an expression of ARM.
    expect(encode(property(one!, 'tags.k')!)).toHaveProperty('$unknown');
    expect(place(property(one!, 'properties.publicNetworkAccess'))).toBe('v.json.tftpl: "Disabled"');
  });

  test('whose resources depend on a condition may hold more', async () => {
    const text = vault('rsv-main').replace(
      '"resources": [',
      '"resources": [ %{ if var.name } { "type": "A/b" }, %{ endif }',
    );
    const result = await read(heredoc(text));
    expect(inner(result)).toEqual([]);
    expect(result.configuration.opaque).toMatchObject([
      { because: 'which resources it has is not known: it depends on a condition that is not known' },
    ]);
  });

  test('passed as parameters gives them', async () => {
    const content = JSON.stringify(
      template({ publicNetworkAccess: "[parameters('access')]" }, { access: { type: 'string' } }),
    );
    const passed = '{ "access": { "value": "${var.name}-x" } }';
    const text = deployment(
      `  template_content = <<EOT\n${content}\nEOT\n  parameters_content = <<EOT\n${passed}\nEOT`,
    );
    const [one] = inner(await read(names + text));
    expect(encode(property(one!, 'properties.publicNetworkAccess')!)).toEqual({ $symbol: '${var.name}-x' });
  });
});

describe('resources that stand behind a value of Terraform', () => {
  const known = '{ type = "Microsoft.Network/virtualNetworks", apiVersion = "2024-01-01", name = "v" }';
  const nested = (resources: string): string =>
    `[{ type = "Microsoft.Resources/deployments", apiVersion = "2024-01-01", name = "n", properties = { template = { resources = ${resources} } } }]`;

  test.each([
    ['all of them', 'var.x', 0],
    ['one of them', `[var.x, ${known}]`, 1],
    ['a type', `[{ type = var.x, name = "x" }, ${known}]`, 1],
    ['by symbolic name', `{ a = var.x, b = ${known} }`, 1],
    ['below another', '[merge({ resources = var.x }, { type = "Microsoft.Network/virtualNetworks", name = "v" })]', 1],
    ['in a nested template', nested(`[var.x, ${known}]`), 1],
  ])('hide what they may be: %s', async (_, resources, count) => {
    const content = `jsonencode({ "$schema" = "${schema}", resources = ${resources} })`;
    const result = await read(`variable "x" {}\n${deployment(`  template_content = ${content}`)}`);
    expect(inner(result)).toHaveLength(count);
    expect(result.configuration.opaque).toMatchObject([
      {
        address: 'azurerm_resource_group_template_deployment.d',
        because: 'which resources it has is not known: variable "x" has no default and no value was given',
      },
    ]);
    expect(result.log.map(({ code }) => code)).toEqual(['module-not-read']);
  });

  test('parameters that are not known leave the whole template open', async () => {
    const content = `jsonencode({ "$schema" = "${schema}", parameters = var.x, resources = [${known}] })`;
    const result = await read(`variable "x" {}\n${deployment(`  template_content = ${content}`)}`);
    expect(inner(result)).toEqual([]);
    expect(result.configuration.opaque).toMatchObject([
      { because: expect.stringMatching(/^its parameters are not known/) },
    ]);
  });
});

describe('a template file of a whole run', () => {
  const file = 'templates/vault.json';
  const plain = JSON.stringify(
    template(
      { publicNetworkAccess: "[parameters('access')]" },
      { access: { type: 'string', defaultValue: 'Enabled' } },
    ),
  );
  const content = `  template_content = file("\${path.module}/${file}")
  parameters_content = jsonencode({ access = { value = "Disabled" } })`;
  const names = async (main: string, files: Record<string, string>): Promise<string[]> =>
    (await read(main, files)).models.map(({ configuration }) => configuration.name);

  test('is judged where it is deployed alone', async () => {
    const result = await read(deployment(content), { [file]: plain });
    expect(result.models.map(({ configuration }) => configuration.name)).toEqual(['.']);
    expect(inner(result).map((one) => encode(property(one, 'properties.publicNetworkAccess')!))).toEqual(['Disabled']);
  });

  test('is judged by itself too with a parameter file of its own', async () => {
    const own = {
      'templates/vault.parameters.json':
        '{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", "parameters": { "access": { "value": "Enabled" } } }',
    };
    expect(await names(deployment(content), { [file]: plain, ...own })).toEqual(['.', file]);
  });

  test('is judged by itself where nothing deploys it', async () => {
    expect(await names(deployment(content), { [file]: plain, 'other.json': plain })).toEqual(['.', 'other.json']);
    const read = `locals {\n  t = file("${file}")\n}\noutput "t" {\n  value = local.t\n}\n`;
    expect(await names(read, { [file]: plain })).toEqual(['.', file]);
    expect(await names(deployment(`  count = 0\n${content}`), { [file]: plain })).toEqual(['.', file]);
  });

  test('that is filled in is no template by itself, even where the result cannot be read', async () => {
    const main = `variable "x" {}\n${deployment(`  template_content = templatefile("${file}", { x = var.x })`)}`;
    const holed = `{ "$schema": "${schema}", "resources": [], "outputs": \${x} }`;
    const result = await read(main, { [file]: holed });
    expect(result.models.map(({ configuration }) => configuration.name)).toEqual(['.']);
    expect(result.configuration.opaque).toHaveLength(1);
    expect(result.log.map(({ code }) => code)).toEqual(['module-not-read']);
  });

  test('that is no JSON is told', async () => {
    const { log } = await read(deployment(content), { [file]: `{ "$schema": "${schema}", "resources": [ }` });
    expect(log.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  });

  test('with a mistake is told once, however often it is deployed', async () => {
    const files = { [file]: JSON.stringify(template({ x: "[parameters('missing')]" })) };
    const { log } = await read(deployment(content) + deployment(content).replace('"d"', '"e"'), files);
    expect(log.map(({ code }) => code)).toEqual(['arm-undefined-parameter']);
  });

  test('keeps the suppressions that are written in it', async () => {
    const bad = template({
      redundancySettings: { standardTierStorageRedundancy: 'LocallyRedundant', crossRegionRestore: 'Enabled' },
    });
    const commented = JSON.stringify(bad, undefined, 2).replace(
      /^.*crossRegionRestore/m,
      '// azure-backup-lint:ignore vault-cross-region-restore-needs-geo-redundancy reason="x"\n$&',
    );
    const io = memoryIo({ '/repo/main.tf': deployment(content), [`/repo/${file}`]: commented });
    const { findings } = await lint(settleOptions(['.'], {}, catalogue(), io), io, '0');
    expect(findings.map(({ code, suppressed }) => [code, suppressed?.reason])).toEqual([
      ['vault-cross-region-restore-needs-geo-redundancy', 'x'],
    ]);
  });
});

describe('parameters', () => {
  const content = JSON.stringify(
    template(
      { publicNetworkAccess: "[parameters('access')]" },
      { access: { type: 'string', defaultValue: 'Enabled' } },
    ),
  );
  const heredoc = `  template_content = <<EOT\n${content}\nEOT\n`;
  const access = async (more: string, before = '', type?: string, body = heredoc): Promise<unknown> => {
    const [vault] = inner(await read(before + deployment(body + more, type)));
    return encode(property(vault!, 'properties.publicNetworkAccess')!);
  };

  test('are passed as they are written', async () => {
    const text = deployment(`${heredoc}  parameters_content = jsonencode({ access = { value = "Disabled" } })`);
    const [vault] = inner(await read(text));
    const value = property(vault!, 'properties.publicNetworkAccess');
    expect(encode(value!)).toBe('Disabled');
    expect(place(value)).toBe('main.tf: "Disabled"');
  });

  test('that are not passed take their default', async () => {
    expect(await access('  parameters_content = jsonencode({})')).toBe('Enabled');
    expect(await access('')).toBe('Enabled');
  });

  test('keep the name of what Terraform does not know', async () => {
    expect(
      await access('  parameters_content = jsonencode({ access = { value = var.access } })', 'variable "access" {}\n'),
    ).toEqual({ $symbol: 'var.access' });
  });

  test('that are not known as a whole never fall back to the default', async () => {
    expect(await access('  parameters_content = var.all', 'variable "all" {}\n')).toEqual({
      $unknown: expect.any(String),
    });
  });

  test('from a key vault are secret', async () => {
    expect(
      await access('  parameters_content = jsonencode({ access = { reference = { secretName = "x" } } })'),
    ).toEqual({
      $secret: true,
    });
  });

  test('of the old resource are a map', async () => {
    const old = heredoc.replace('template_content', 'template_body');
    expect(await access('  parameters = { access = "Disabled" }', '', 'azurerm_template_deployment', old)).toBe(
      'Disabled',
    );
  });
});

test.each([
  ['azurerm_subscription_template_deployment', '/subscriptions/s1/providers/Microsoft.X/y/z'],
  ['azurerm_tenant_template_deployment', '/providers/Microsoft.X/y/z'],
  [
    'azurerm_management_group_template_deployment',
    '/providers/Microsoft.Management/managementGroups/mg1/providers/Microsoft.X/y/z',
  ],
])('%s is deployed to its own scope', async (type, id) => {
  const function_ = {
    azurerm_subscription_template_deployment: 'subscriptionResourceId',
    azurerm_tenant_template_deployment: 'tenantResourceId',
  }[type];
  const call = `[${function_ ?? 'managementGroupResourceId'}('Microsoft.X/y', 'z')]`;
  const content = JSON.stringify({
    $schema: schema,
    resources: [
      {
        type: 'Microsoft.Authorization/policyAssignments',
        apiVersion: '2023-04-01',
        name: 'a',
        properties: { id: call },
      },
    ],
  });
  const text = `provider "azurerm" {\n  subscription_id = "s1"\n}
resource "${type}" "d" {
  name                = "d"
  location            = "westeurope"
  management_group_id = "/providers/Microsoft.Management/managementGroups/mg1"
  template_content    = <<EOT
${content}
EOT
}`;
  const [assignment] = inner(await read(text));
  expect(encode(property(assignment!, 'properties.id')!)).toBe(id);
});

describe('what cannot be read', () => {
  test.each([
    [
      'a template spec',
      'template_spec_version_id = "/subscriptions/s/x"',
      'it deploys a template spec, which is not on disk',
    ],
    ['a variable without value', 'template_content = var.t', 'variable "t" has no default and no value was given'],
    ['a text that is no JSON', 'template_content = "{"', 'its template is no JSON object'],
    ['nothing at all', '', 'its template is not written here'],
  ])('is opaque: %s', async (_, more, because) => {
    const result = await read(`variable "t" {}\n${deployment(`  ${more}`)}`);
    expect(result.configuration.opaque).toMatchObject([
      { address: 'azurerm_resource_group_template_deployment.d', because },
    ]);
    expect(inner(result)).toEqual([]);
    expect(result.log).toMatchObject([{ code: 'module-not-read', severity: 'note' }]);
  });

  test('a link out of the template is opaque on its own', async () => {
    const linked = {
      $schema: schema,
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2021-04-01',
          name: 'far',
          properties: { mode: 'Incremental', templateLink: { uri: 'https://example.com/x.json' } },
        },
        template(),
      ],
    };
    const result = await read(deployment(`  template_content = <<EOT\n${JSON.stringify(linked)}\nEOT`));
    expect(result.configuration.opaque).toMatchObject([
      { address: 'azurerm_resource_group_template_deployment.d.far' },
    ]);
  });

  test('a mistake in the template is told at its place in the Terraform file', async () => {
    const content = JSON.stringify(template({ publicNetworkAccess: "[parameters('missing')]" }), undefined, 2);
    const { log } = await read(deployment(`  template_content = <<EOT\n${content}\nEOT`));
    expect(log).toMatchObject([{ code: 'arm-undefined-parameter' }]);
    const [{ at }] = log as [Diagnostic];
    expect(isSpan(at) && at.source.file).toBe('main.tf');
    expect(isSpan(at) && at.source.text.slice(at.start, at.end)).toContain("parameters('missing')");
  });
});

test('a plan gives the resources of its templates too', async () => {
  const plan = {
    format_version: '1.2',
    resource_changes: [
      {
        address: 'azurerm_resource_group_template_deployment.d',
        mode: 'managed',
        type: 'azurerm_resource_group_template_deployment',
        name: 'd',
        change: {
          actions: ['create'],
          after: {
            name: 'backup',
            resource_group_name: 'rg-backup',
            template_content: JSON.stringify(
              template({ publicNetworkAccess: "[parameters('a')]" }, { a: { type: 'string' } }),
            ),
            parameters_content: JSON.stringify({ a: { value: 'Disabled' } }),
          },
          after_unknown: { id: true },
        },
      },
    ],
  };
  const result = await read(JSON.stringify(plan), {}, 'plan.json');
  const vault = result.configuration.resources.find(({ type }) => type === 'Microsoft.RecoveryServices/vaults');
  expect(vault?.address).toBe(
    'azurerm_resource_group_template_deployment.d.Microsoft.RecoveryServices/vaults/rsv-main',
  );
  expect(encode(property(vault!, 'properties.publicNetworkAccess')!)).toBe('Disabled');
  expect(place(vault!.name)).toMatch(/^plan\.json: /);
});

describe('templates that azapi deploys', () => {
  const group = 'resource "azurerm_resource_group" "g" {\n  name     = "rg-own"\n  location = "westeurope"\n}\n';
  const azapi = (body: string, parent = 'azurerm_resource_group.g.id'): string =>
    `${group}variable "open" {}\nresource "azapi_resource" "d" {\n  type      = "Microsoft.Resources/deployments@2022-09-01"\n  name      = "backup"\n  parent_id = ${parent}\n  body      = ${body}\n}\n`;
  const content = `{
    properties = {
      mode       = "Incremental"
      parameters = { vault = { value = "rsv-azapi" } }
      template = {
        "$schema"      = "${schema}"
        contentVersion = "1.0.0.0"
        parameters     = { vault = { type = "string" } }
        resources = [{
          type       = "Microsoft.RecoveryServices/vaults"
          apiVersion = "2024-04-01"
          name       = "[parameters('vault')]"
          location   = "[resourceGroup().location]"
          properties = { publicNetworkAccess = "Disabled" }
        }]
      }
    }
  }`;

  test.each([
    ['an object', content],
    ['a text', `jsonencode(${content})`],
  ])('are read from %s', async (_, body) => {
    const found = await read(azapi(body));
    const [vault, ...more] = inner(found);
    expect(more).toEqual([]);
    expect(vault!.address.startsWith('azapi_resource.d')).toBe(true);
    expect(encode(force(vault!.name))).toBe('rsv-azapi');
    expect(encode(force(vault!.scope.resourceGroup!))).toBe('rg-own');
    expect(place(property(vault!, 'properties.publicNetworkAccess'))).toBe('main.tf: "Disabled"');
    expect(found.configuration.opaque).toEqual([]);
  });

  test.each([
    ['"/subscriptions/s/resourceGroups/written"', 'written', 's'],
    ['"/subscriptions/${var.open}/resourceGroups/rg-${var.open}"', { $template: expect.anything() }, undefined],
    ['var.open', { $unknown: expect.anything() }, undefined],
  ])('go to %s', async (parent, name, subscription) => {
    const [vault] = inner(await read(azapi(content, parent)));
    const found = encode(force(vault!.scope.resourceGroup!));
    if (typeof name === 'string') expect(found).toBe(name);
    else expect(found).not.toBe('rg-own');
    if (subscription) expect(encode(force(vault!.scope.subscription))).toBe(subscription);
  });

  test.each([
    ['a body that is not known', 'var.open'],
    ['a template that is not known', '{ properties = { template = var.open } }'],
    ['a linked template', '{ properties = { templateLink = { uri = "https://example.org/t.json" } } }'],
  ])('are opaque with %s', async (_, body) => {
    const found = await read(azapi(body));
    expect(inner(found)).toEqual([]);
    expect(found.configuration.opaque.map(({ address }) => address)).toEqual(['azapi_resource.d']);
  });
});
