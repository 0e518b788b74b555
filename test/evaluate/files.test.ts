/** Which files make a module: JSON syntax, OpenTofu, override files, and modules that `terraform init` has put on disk. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { terraformConfigurations } from '../../src/evaluate/terraform/roots.ts';
import { encode, force } from '../../src/evaluate/value.ts';
import { lint } from '../../src/lint.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { Reader } from '../../src/source/reader.ts';
import { isSpan, type Origin } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

function run(files: Record<string, string>) {
  const log: Diagnostic[] = [];
  const disk = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/repo/${path}`, text]));
  const reader = new Reader(memoryIo(disk).files, '/repo', log);
  const inputs = { folders: ['/repo'], variableFiles: [], variables: [] };
  const { configurations } = terraformConfigurations(inputs, reader, () => {});
  const configuration = configurations[0]!;
  const at = (address: string, key: string): unknown => {
    const member = configuration.resources.find((one) => one.address === address)?.body.members.get(key);
    return member && encode(force(member.value));
  };
  return { configuration, addresses: configuration.resources.map(({ address }) => address), at, log };
}

const x = (value: string): string => `resource "azurerm_x" "x" {\n  v = "${value}"\n}\n`;
const jsonX = (value: string): string => JSON.stringify({ resource: { azurerm_x: { x: { v: value } } } });

describe('the files of a module', () => {
  it('are native and JSON syntax of Terraform and OpenTofu together', () => {
    const { addresses, at, log } = run({
      'a.tf': 'variable "name" {\n  default = "n"\n}\nresource "azurerm_a" "a" {}\n',
      'b.tf.json': JSON.stringify({
        resource: { azurerm_b: { b: { v: '${var.name}-b', other: '${azurerm_c.c.w}' } } },
      }),
      'c.tofu': 'resource "azurerm_c" "c" {\n  w = "c"\n}\n',
      'd.tofu.json': JSON.stringify({ resource: { azurerm_d: { d: {} } } }),
    });
    expect(addresses).toEqual(['azurerm_a.a', 'azurerm_b.b', 'azurerm_c.c', 'azurerm_d.d']);
    expect(at('azurerm_b.b', 'v')).toBe('n-b');
    expect(at('azurerm_b.b', 'other')).toBe('c');
    expect(log).toEqual([]);
  });

  it.each([
    ['x.tofu', { 'x.tf': x('tf'), 'x.tofu': x('tofu') }, 'tofu'],
    ['x.tofu.json', { 'x.tf.json': jsonX('tf'), 'x.tofu.json': jsonX('tofu') }, 'tofu'],
    // The first of two declarations stands; neither file hides the other.
    ['x.tofu beside x.tf.json', { 'x.tf.json': jsonX('json'), 'x.tofu': x('tofu') }, 'json'],
  ])('of which %s hides its like', (_what, files, expected) => {
    const { at, configuration } = run(files as unknown as Record<string, string>);
    expect(at('azurerm_x.x', 'v')).toBe(expected);
    expect(configuration.opaque).toEqual([]);
  });

  it('are overridden by any of the four extensions, in the order of names', () => {
    const files: Record<string, string> = { 'main.tf': x('main') };
    const names = ['a_override.tf.json', 'b_override.tofu', 'c_override.tofu.json', 'override.tf'];
    for (const name of names) {
      files[name] = name.endsWith('json') ? jsonX(name) : x(name);
      expect(run(files).at('azurerm_x.x', 'v')).toBe(name);
    }
    expect(run(files).addresses).toEqual(['azurerm_x.x']);
  });
});

describe('JSON syntax in a configuration', () => {
  it('gives lists for the blocks of azurerm, and objects for its maps', () => {
    const body = {
      name: 'p',
      backup: { frequency: 'Daily', time: '23:00' },
      retention_weekly: [{ count: 7, weekdays: ['Sunday'] }],
      tiering_policy: { archived_restore_point: { mode: 'TierRecommended' } },
      tags: { a: 'b' },
    };
    const { at } = run({ 'main.tf.json': JSON.stringify({ resource: { azurerm_backup_policy_vm: { p: body } } }) });
    const address = 'azurerm_backup_policy_vm.p';
    expect(at(address, 'backup')).toEqual([{ frequency: 'Daily', time: '23:00' }]);
    expect(at(address, 'retention_weekly')).toEqual([{ count: 7, weekdays: ['Sunday'] }]);
    expect(at(address, 'tiering_policy')).toEqual([{ archived_restore_point: [{ mode: 'TierRecommended' }] }]);
    expect(at(address, 'tags')).toEqual({ a: 'b' });
  });

  it('knows count, for_each, dynamic, provider aliases and module calls', () => {
    const { addresses, at, configuration, log } = run({
      'main.tf.json': JSON.stringify({
        provider: { azurerm: [{ features: {} }, { alias: 'dr', subscription_id: 'other', features: {} }] },
        variable: { names: { type: 'set(string)', default: ['a', '${b}'] } },
        locals: { two: 2 },
        module: { m: { source: './m', providers: { azurerm: 'azurerm.dr' }, size: '${local.two}' } },
        resource: {
          azurerm_x: {
            many: { for_each: '${var.names}', v: 'is ${each.key}' },
            two: {
              count: '${local.two}',
              provider: 'azurerm.dr',
              depends_on: ['azurerm_x.many'],
              lifecycle: { ignore_changes: 'all' },
              dynamic: { disk: { for_each: [1, 2], iterator: 'one', content: { lun: '${one.value}' } } },
            },
          },
        },
      }),
      'm/main.tf': 'variable "size" {}\nresource "azurerm_y" "y" {\n  size = var.size\n}\n',
    });
    expect(log).toEqual([]);
    expect(addresses).toEqual([
      // A default is a constant, whatever it looks like.
      'azurerm_x.many["${b}"]',
      'azurerm_x.many["a"]',
      'azurerm_x.two[0]',
      'azurerm_x.two[1]',
      'module.m.azurerm_y.y',
    ]);
    expect(at('azurerm_x.many["a"]', 'v')).toBe('is a');
    expect(at('azurerm_x.two[0]', 'disk')).toEqual([{ lun: 1 }, { lun: 2 }]);
    expect(at('module.m.azurerm_y.y', 'size')).toBe(2);
    for (const address of ['azurerm_x.two[0]', 'module.m.azurerm_y.y']) {
      const resource = configuration.resources.find((one) => one.address === address)!;
      expect(encode(resource.scope.subscription)).toBe('other');
    }
  });

  it('is linted like native syntax, at its own places', async () => {
    const io = memoryIo({
      '/repo/main.tf.json': `{"resource": {"azurerm_recovery_services_vault": {"v": {
  "name": "vault",
  "location": "westeurope",
  "resource_group_name": "rg",
  "sku": "Standard",
  "soft_delete_enabled": false
}}}}`,
    });
    const { findings } = await lint(
      settleOptions(['/repo'], { only: ['vault-soft-delete-off'] }, catalogue(), io),
      io,
      '0',
    );
    expect(findings.map((finding) => [finding.code, shown(finding.at)])).toEqual([
      ['vault-soft-delete-off', 'main.tf.json:false'],
    ]);
  });
});

function shown(at: Origin): string {
  return isSpan(at) ? `${at.source.file}:${at.source.text.slice(at.start, at.end)}` : at.resourceId;
}

describe('modules on disk', () => {
  const manifest = (...modules: object[]): Record<string, string> => ({
    '.terraform/modules/modules.json': JSON.stringify({ Modules: [{ Key: '', Source: '', Dir: '.' }, ...modules] }),
  });
  const call = (source: string, more = ''): string => `module "m" {\n  source = "${source}"\n${more}}\n`;
  const registry = 'registry.terraform.io/Azure/naming/azurerm';

  it.each([
    ['from a registry', 'Azure/naming/azurerm', registry],
    ['from a named registry', 'app.example.io/org/x/azurerm//modules/y', 'app.example.io/org/x/azurerm//modules/y'],
    ['from git', 'git::https://example.org/m.git?ref=v1', 'git::https://example.org/m.git?ref=v1'],
  ])('%s are read through modules.json', (_what, source, recorded) => {
    const { addresses, configuration } = run({
      'main.tf': call(source),
      ...manifest({ Key: 'm', Source: recorded, Version: '1.2.3', Dir: '.terraform/modules/m' }),
      '.terraform/modules/m/main.tf': x('there'),
    });
    expect(addresses).toEqual(['module.m.azurerm_x.x']);
    expect(configuration.modules).toMatchObject([{ source, resolved: true }]);
    expect(configuration.opaque).toEqual([]);
  });

  it('are found for calls in modules by the names of all calls, without keys', () => {
    const { addresses } = run({
      'main.tf': call('./local', '  count = 2\n'),
      'local/main.tf': 'module "inner" {\n  source = "Azure/naming/azurerm"\n}\n',
      ...manifest(
        { Key: 'm', Source: './local', Dir: 'local' },
        { Key: 'm.inner', Source: registry, Dir: '.terraform/modules/m.inner' },
      ),
      '.terraform/modules/m.inner/main.tf': `${x('there')}module "deep" {\n  source = "./deep"\n}\n`,
      '.terraform/modules/m.inner/deep/main.tf': x('deep'),
    });
    expect(addresses).toEqual([
      'module.m[0].module.inner.azurerm_x.x',
      'module.m[0].module.inner.module.deep.azurerm_x.x',
      'module.m[1].module.inner.azurerm_x.x',
      'module.m[1].module.inner.module.deep.azurerm_x.x',
    ]);
  });

  it.each([
    ['the record is of another source', { Source: 'registry.terraform.io/Azure/other/azurerm' }, 'another source'],
    ['the record is of another version', { Version: '2.0.0' }, 'another source or version'],
    ['its folder is gone', { Dir: '.terraform/modules/gone' }, 'not on disk'],
    ['its folder lies outside', { Dir: '../outside' }, 'leaves the repository'],
    ['its folder is absolute', { Dir: '/repo/.terraform/modules/m' }, 'only relative paths'],
    ['it is another call', { Key: 'other' }, 'not on disk'],
  ])('stay opaque where %s', (_what, change, because) => {
    const { addresses, configuration } = run({
      'main.tf': call('Azure/naming/azurerm', '  version = "~> 1.2"\n'),
      ...manifest({ Key: 'm', Source: registry, Version: '1.2.3', Dir: '.terraform/modules/m', ...change }),
      '.terraform/modules/m/main.tf': x('there'),
      '../outside/main.tf': x('outside'),
    });
    expect(addresses).toEqual([]);
    expect(configuration.opaque).toMatchObject([{ address: 'module.m', because: expect.stringContaining(because) }]);
  });

  it('take findings to the call, with the place inside beside it', async () => {
    const io = memoryIo({
      '/repo/main.tf': call('Azure/naming/azurerm'),
      '/repo/.terraform/modules/modules.json': manifest({ Key: 'm', Source: registry, Dir: '.terraform/modules/m' })[
        '.terraform/modules/modules.json'
      ]!,
      '/repo/.terraform/modules/m/main.tf':
        'resource "azurerm_recovery_services_vault" "v" {\n  name = "vault"\n  location = "westeurope"\n  resource_group_name = "rg"\n  sku = "Standard"\n  soft_delete_enabled = false\n}\n',
    });
    const { findings } = await lint(
      settleOptions(['/repo'], { only: ['vault-soft-delete-off'] }, catalogue(), io),
      io,
      '0',
    );
    expect(findings).toHaveLength(1);
    expect(shown(findings[0]!.at)).toBe('main.tf:module "m" {');
    expect(findings[0]!.related.map(({ at }) => shown(at))).toEqual(['.terraform/modules/m/main.tf:false']);
  });

  it('that lie in the code are no business of the record', () => {
    const { addresses } = run({ 'main.tf': call('./m'), 'm/main.tf': x('there') });
    expect(addresses).toEqual(['module.m.azurerm_x.x']);
  });
});

describe('blocks that make no resource', () => {
  it('moved, import, removed and check are read over', () => {
    const { addresses, log, configuration } = run({
      'main.tf': `${x('v')}moved {
  from = azurerm_x.old
  to   = azurerm_x.x
}
import {
  to = azurerm_x.x
  id = "/subscriptions/s"
}
removed {
  from = azurerm_x.gone
  lifecycle {
    destroy = false
  }
}
check "health" {
  data "azurerm_y" "y" {}
  assert {
    condition     = data.azurerm_y.y.ok
    error_message = "no"
  }
}
`,
    });
    expect(addresses).toEqual(['azurerm_x.x']);
    expect(log).toEqual([]);
    expect(configuration.opaque).toEqual([]);
  });

  const removed = (from: string, lifecycle = 'destroy = false'): string =>
    `removed {\n  from = ${from}\n  lifecycle {\n    ${lifecycle}\n  }\n}\n`;
  const item = 'azurerm_backup_protected_vm.gone';

  it.each([
    ['an item', removed(item), [item]],
    [
      'an instance of a Backup vault',
      removed('azurerm_data_protection_backup_instance_disk.d'),
      ['azurerm_data_protection_backup_instance_disk.d'],
    ],
    ['what azapi made', removed('azapi_resource.any'), ['azapi_resource.any']],
    [
      'a template',
      removed('azurerm_resource_group_template_deployment.t'),
      ['azurerm_resource_group_template_deployment.t'],
    ],
    [
      'an assignment of a policy',
      removed('azurerm_resource_group_policy_assignment.p'),
      ['azurerm_resource_group_policy_assignment.p'],
    ],
    ['a module', removed('module.old'), ['module.old']],
    ['a module in a module', removed('module.a.module.b'), ['module.a.module.b']],
    ['an item in a module', removed(`module.old.${item}`), [`module.old.${item}`]],
    ['an address that cannot be read', removed(`module.old["a"].${item}`), [`module.old.a.${item}`]],
    ['an item, where nothing says that it is destroyed', `removed {\n  from = ${item}\n}\n`, [item]],
    ['an item, by a value that is no literal', removed(item, 'destroy = var.x'), [item]],
    ['an item that is destroyed', removed(item, 'destroy = true'), []],
    ['a module that is destroyed', removed('module.old', 'destroy = true'), []],
    ['a policy', removed('azurerm_backup_policy_vm.p'), []],
    ['a vault', removed('azurerm_recovery_services_vault.v'), []],
    ['a machine in a module', removed('module.old.azurerm_linux_virtual_machine.m'), []],
  ])('removed: what may go on protecting is not looked into: %s', (_what, code, addresses) => {
    const { configuration } = run({ 'main.tf': x('v') + code });
    expect(configuration.opaque.map(({ address }) => address)).toEqual(addresses);
  });

  it('removed: in JSON and in a called module', () => {
    const { configuration } = run({
      'main.tf.json': JSON.stringify({
        module: { m: { source: './m', for_each: '${toset(["a", "b"])}' } },
        removed: [
          { from: item, lifecycle: { destroy: false } },
          { from: 'azapi_resource.x', lifecycle: { destroy: true } },
        ],
      }),
      'm/main.tf': x('there') + removed(item),
    });
    expect(configuration.opaque.map(({ address }) => address)).toEqual([item, `module.m["a"].${item}`]);
  });

  const protect = 'azurerm_data_protection_backup_instance_protect';
  const action = (more = ''): string =>
    `action "${protect}" "stop" {\n${more}  config {\n    backup_instance_id = azurerm_x.x.id\n    protect_action     = "stop_protection"\n  }\n}\naction "azurerm_virtual_machine_power" "off" {\n  config {}\n}\n`;
  const trigger = (more = ''): string =>
    `variable "unknown" {}\nresource "terraform_data" "t" {\n  lifecycle {\n    action_trigger {\n      events  = [after_create]\n      actions = [action.${protect}.stop]\n${more}    }\n  }\n}\n`;

  it.each([
    ['nothing', '', []],
    ['a resource', trigger(), [true]],
    ['a condition that holds', trigger('condition = true\n'), [true]],
    ['a condition that does not hold', trigger('condition = false\n'), [false]],
    ['a condition that is not known', trigger('condition = var.unknown\n'), [undefined]],
  ])('an action on backup is kept, triggered by %s', (_what, code, runs) => {
    const { configuration } = run({ 'main.tf': x('v') + action() + code });
    expect(configuration.actions).toHaveLength(1);
    const [one] = configuration.actions!;
    expect(one).toMatchObject({ address: `action.${protect}.stop`, type: protect, presence: 'present' });
    expect(encode(one!.body)).toMatchObject({ protect_action: 'stop_protection' });
    expect(one!.triggers.map((found) => found.runs)).toEqual(runs);
  });

  it.each([
    ['an instance of it', `actions = [action.${protect}.stop[0]]`],
    ['several actions', `actions = [action.azurerm_virtual_machine_power.off, action.${protect}.stop]`],
  ])('an action with count is triggered through %s', (_what, actions) => {
    const code = trigger().replace(/actions = .*/, actions);
    const { configuration } = run({ 'main.tf': x('v') + action('  count = 1\n') + code });
    expect(configuration.actions).toMatchObject([{ address: `action.${protect}.stop[0]`, triggers: [{ runs: true }] }]);
  });

  it('a provisioner makes a resource one that runs commands', () => {
    const { configuration } = run({
      'main.tf':
        'resource "null_resource" "a" {}\nresource "azurerm_x" "b" {\n  provisioner "local-exec" {\n    command = "az"\n  }\n}\nresource "azurerm_x" "c" {\n  provisioner "file" {}\n}\n',
      'd.tf.json': JSON.stringify({
        resource: { azurerm_x: { d: { provisioner: [{ 'remote-exec': { inline: ['x'] } }] } } },
      }),
    });
    const runs = configuration.resources.map(({ address, runsCommands }) => [address, runsCommands]);
    expect(Object.fromEntries(runs)).toEqual({
      'null_resource.a': false,
      'azurerm_x.b': true,
      'azurerm_x.c': false,
      'azurerm_x.d': true,
    });
  });

  const local = (command: string, more = ''): string =>
    `provisioner "local-exec" {\n    command = ${command}\n${more}  }`;
  const remote = (inline: string, more = ''): string =>
    `provisioner "remote-exec" {\n    inline = ${inline}\n${more}  }`;
  const runsIn = (provisioner: string): boolean | undefined =>
    run({
      'main.tf': `variable "unknown" {}\nvariable "hidden" {\n  sensitive = true\n  default = "ls"\n}\nresource "azurerm_y" "y" {}\nresource "azurerm_x" "x" {\n  ${provisioner}\n}\n`,
    }).configuration.resources.find(({ address }) => address === 'azurerm_x.x')?.runsCommands;

  it.each([
    [
      'packages',
      remote('["sudo apt-get update -y", "sudo DEBIAN_FRONTEND=noninteractive apt-get install -y nginx=1.2 curl"]'),
    ],
    ['a line that goes on', local('"apt-get install -y \\\\\\n nginx"')],
    ['waiting', local('"while ! nc -z host 22; do sleep 5; done"')],
    ['a condition', remote('["if [ -f /tmp/x ]; then rm /tmp/x; fi && mkdir -p /data"]')],
    ['an address that a resource computes', local('"echo ${azurerm_y.y.public_ip_address} >> hosts.txt"')],
    ['a download', remote('["curl -fsSL https://example.com/x.tgz -o x.tgz", "tar xzf x.tgz"]')],
    ['the shell', local('"echo x"', 'interpreter = ["/bin/bash", "-c"]\n')],
    ['a comment', remote('["# nothing", ""]')],
    ['a file', 'provisioner "file" {\n    source = "x"\n  }'],
  ])('a provisioner is harmless with %s', (_what, provisioner) => {
    expect(runsIn(provisioner)).toBe(false);
  });

  it.each([
    ['the command of Azure', local('"az backup protection enable-for-vm"')],
    ['it behind others', local('"echo x && az login"')],
    ['it in another command', local('"echo $(az account show)"')],
    ['it quoted for another shell', local(`"echo 'az login' >> x"`)],
    ['a path to it', local('"/usr/bin/az login"')],
    ['a file that is run', remote('["./setup"]')],
    ['a path that is run', remote('["/opt/setup"]')],
    ['a download that is run', remote('["curl -s https://example.com/x | bash"]')],
    ['a request', local('"curl -s -XPUT https://example.com"')],
    ['a request to Azure', local('"curl https://management.azure.com/x"')],
    ['an interpreter', local('"print(1)"', 'interpreter = ["python3", "-c"]\n')],
    ['an interpreter that is not known', local('"ls"', 'interpreter = var.unknown\n')],
    ['a program that is not known', local('"make deploy"')],
    ['a package from a file', remote('["dpkg -i /tmp/x", "apt-get install -y /tmp/x"]')],
    ['a timer', remote('["cp x /etc/cron.d/x"]')],
    ['a text that is not known', local('var.unknown')],
    ['a hole that may be a command', local('"echo ${var.unknown}"')],
    ['a hole that is the program', local('"${azurerm_y.y.name} x"')],
    ['a secret', local('"echo ${var.hidden}"')],
    ['a list that is not known', remote('var.unknown')],
    ['a script', 'provisioner "remote-exec" {\n    script = "x"\n  }'],
    ['another path for programs', local('"PATH=/opt/x ls"')],
    ['nothing that can be read', 'provisioner "local-exec" {}'],
    ['another kind', 'provisioner "chef" {}'],
  ])('a provisioner may do anything with %s', (_what, provisioner) => {
    expect(runsIn(provisioner)).toBe(true);
  });
});
