/** ARM templates that azurerm deploys: their resources, parameters, scopes and places, and what stays opaque. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { encode, force, type Value } from '../../src/evaluate/value.ts';
import { readModels } from '../../src/lint.ts';
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
