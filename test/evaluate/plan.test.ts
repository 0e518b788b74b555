/**
 * Plans and states: what exists after apply, what stays unknown or secret, what unknown ids refer to, and where everything stands.
 * The recordings of the real Terraform are read whole: a plan must give the values of its `expected.json`, a state those of its plan.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { type Flags, settleOptions } from '../../src/config.ts';
import { JsonPlaces } from '../../src/evaluate/plan/place.ts';
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { encode, force, memberOf, numberText, type Value } from '../../src/evaluate/value.ts';
import { inspect } from '../../src/inspect.ts';
import { lint, readModels } from '../../src/lint.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import type { Run } from '../../src/source/run.ts';
import { isSpan, type Origin, Source } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

const file = '/repo/plan.json';

type Json = Record<string, unknown>;

async function read(
  files: Readonly<Record<string, string>>,
  paths: readonly string[] = [],
): Promise<{ configurations: Configuration[]; log: Diagnostic[] }> {
  const io = memoryIo(files);
  const { configurations, reader } = await readModels(settleOptions(paths, {}, catalogue(), io), io);
  return { configurations, log: reader.log };
}

async function documentOf(document: unknown): Promise<{ configuration: Configuration; log: Diagnostic[] }> {
  const { configurations, log } = await read({ [file]: JSON.stringify(document, null, 2) });
  return { configuration: configurations[0]!, log };
}

async function lintFiles(
  files: Readonly<Record<string, string>>,
  flags: Flags = {},
  paths: string[] = [],
): Promise<Run> {
  const io = memoryIo(files);
  return lint(settleOptions(paths, flags, catalogue(), io), io, '0.0.0');
}

async function resourcesOf(document: unknown): Promise<Resource[]> {
  return [...(await documentOf(document)).configuration.resources];
}

interface ChangeParts {
  readonly actions?: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly unknown?: unknown;
  readonly sensitive?: unknown;
}

function change(address: string, parts: ChangeParts, more: Json = {}): Json {
  const own = address.replace(/^(?:module\.[^.[]+(?:\[[^\]]*\])?\.)*/, '');
  const [, data, type, name, key] = /^(data\.)?([^.]+)\.([^.[]+)(?:\[(.*)\])?$/.exec(own)!;
  return {
    address,
    ...(own !== address && { module_address: address.slice(0, -own.length - 1) }),
    mode: data ? 'data' : 'managed',
    type,
    name,
    ...(key !== undefined && { index: JSON.parse(key) }),
    provider_name: 'registry.terraform.io/hashicorp/azurerm',
    change: {
      actions: parts.actions ?? ['create'],
      before: parts.before ?? null,
      after: parts.after ?? null,
      after_unknown: parts.unknown ?? {},
      before_sensitive: false,
      after_sensitive: parts.sensitive ?? {},
    },
    ...more,
  };
}

function plan(changes: readonly Json[], more: Json = {}): Json {
  return { format_version: '1.2', terraform_version: '1.11.4', resource_changes: changes, ...more };
}

function valueAt(resource: Resource | undefined, ...path: (string | number)[]): unknown {
  let value: Value | undefined = resource?.body;
  for (const step of path) {
    value = value && force(value);
    if (value?.kind === 'object') value = memberOf(value, String(step))?.value;
    else value = value?.kind === 'list' ? value.items[Number(step)] : undefined;
  }
  return value && encode(value);
}

function placeOf(at: Origin): string {
  if (!isSpan(at)) return at.resourceId;
  const [start, end] = [at.source.position(at.start), at.source.position(at.end)];
  return `${at.source.file}:${start.line}:${start.column}-${end.line}:${end.column} ${at.source.text.slice(at.start, at.end)}`;
}

const afterApply = { $unknown: 'it is known only after apply' };

describe('what a plan leaves behind', () => {
  it('drops what is deleted or forgotten, keeps the rest once', async () => {
    const resources = await resourcesOf(
      plan([
        change('azurerm_a.created', { after: { name: 'c' } }),
        change('azurerm_a.kept', { actions: ['no-op'], before: { name: 'k' }, after: { name: 'k' } }),
        change('azurerm_a.replaced', { actions: ['delete', 'create'], before: { name: 'o' }, after: { name: 'n' } }),
        change('azurerm_a.replaced', { actions: ['delete'], before: { name: 'p' } }, { deposed: '00000000' }),
        change('azurerm_a.gone', { actions: ['delete'], before: { name: 'g' } }),
        change('azurerm_a.forgotten', { actions: ['forget'], before: { name: 'f' } }),
        change('data.azurerm_b.later', { actions: ['read'], after: { name: 'd' } }),
        change('data.random_b.other', { actions: ['read'], after: { name: 'd' } }),
      ]),
    );
    expect(resources.map(({ address, existing }) => [address, existing])).toEqual([
      ['azurerm_a.created', false],
      ['azurerm_a.kept', false],
      ['azurerm_a.replaced', false],
      ['data.azurerm_b.later', true],
    ]);
    expect(valueAt(resources[2], 'name')).toBe('n');
    expect(resources.map(({ change }) => change?.actions.join())).toEqual(['create', 'no-op', 'delete,create', 'read']);
    expect(resources.map(({ change }) => encode(change!.before() ?? resources[0]!.body))).toEqual([
      { name: 'c' },
      { name: 'k' },
      { name: 'o' },
      { name: 'c' },
    ]);
  });

  it('takes data sources from the prior state, and what has no change from the planned values', async () => {
    const resources = await resourcesOf(
      plan([change('azurerm_a.x', { after: { name: 'x' } })], {
        planned_values: {
          root_module: {
            resources: [
              { address: 'azurerm_a.x', mode: 'managed', type: 'azurerm_a', name: 'x', values: { name: 'other' } },
              {
                address: 'azurerm_a.untouched',
                mode: 'managed',
                type: 'azurerm_a',
                name: 'untouched',
                values: { name: 'u' },
              },
            ],
            child_modules: [
              {
                address: 'module.m["k"]',
                resources: [
                  {
                    address: 'module.m["k"].azurerm_a.y[0]',
                    mode: 'managed',
                    type: 'azurerm_a',
                    name: 'y',
                    index: 0,
                    values: { name: 'y' },
                  },
                ],
              },
            ],
          },
        },
        prior_state: {
          values: {
            root_module: {
              resources: [
                { address: 'data.azurerm_b.d', mode: 'data', type: 'azurerm_b', name: 'd', values: { name: 'd' } },
                { address: 'azurerm_a.old', mode: 'managed', type: 'azurerm_a', name: 'old', values: { name: 'old' } },
              ],
            },
          },
        },
      }),
    );
    expect(resources.map((resource) => [resource.address, valueAt(resource, 'name')])).toEqual([
      ['azurerm_a.x', 'x'],
      ['azurerm_a.untouched', 'u'],
      ['module.m["k"].azurerm_a.y[0]', 'y'],
      ['data.azurerm_b.d', 'd'],
    ]);
  });

  it('does not take a deleted thing back from the planned values', async () => {
    const values = { address: 'azurerm_a.x', mode: 'managed', type: 'azurerm_a', name: 'x', values: {} };
    const resources = await resourcesOf(
      plan([change('azurerm_a.x', { actions: ['delete'], before: {} })], {
        planned_values: { root_module: { resources: [values] } },
      }),
    );
    expect(resources).toEqual([]);
  });

  it('knows of planned values alone neither what is unset nor what is missing', async () => {
    const [resource] = await resourcesOf({
      format_version: '0.1',
      planned_values: {
        root_module: {
          resources: [
            {
              address: 'azurerm_a.x',
              mode: 'managed',
              type: 'azurerm_a',
              name: 'x',
              values: { name: 'x', tags: null },
            },
          ],
        },
      },
    });
    expect(encode(resource!.body)).toEqual({ name: 'x', $open: { $unknown: 'the object may hold more' } });
  });

  it('holds deferred changes as what may come', async () => {
    const { configuration, log } = await documentOf(
      plan([], {
        complete: false,
        deferred_changes: [
          { reason: 'provider_config_unknown', resource_change: change('azurerm_a.x', { after: { name: 'x' } }) },
        ],
      }),
    );
    expect(configuration.resources.map(({ address, presence }) => [address, presence])).toEqual([
      ['azurerm_a.x', 'maybe'],
    ]);
    expect(log.map(({ code, severity }) => [code, severity])).toEqual([['plan-incomplete', 'note']]);
    expect(configuration.opaque).toHaveLength(1);
  });

  it('hides what leaves the state and stays in Azure', async () => {
    const { configuration } = await documentOf(
      plan([change('azurerm_backup_protected_vm.i', { actions: ['forget'], before: { id: 'x' }, after: null })]),
    );
    expect(configuration.resources).toEqual([]);
    expect(configuration.opaque.map(({ address }) => address)).toEqual(['azurerm_backup_protected_vm.i']);
  });

  it('says nothing of what it does not show', async () => {
    const { configuration } = await documentOf(plan([change('azurerm_a.x', { after: { name: null }, unknown: true })]));
    expect(encode(configuration.resources[0]!.body)).toEqual({ $open: { $unknown: 'the object may hold more' } });
  });

  it('is incomplete where planning ended in an error', async () => {
    const run = await lintFiles({ [file]: JSON.stringify(plan([], { errored: true })) });
    expect(run.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['plan-incomplete', 'error']]);
    expect(run.summary.complete).toBe(false);
  });
});

describe('values', () => {
  it('are unknown at every depth where the plan marks them', async () => {
    const [resource] = await resourcesOf(
      plan([
        change('azurerm_a.x', {
          after: { name: 'x', list: ['a', null, 'c'], block: [{ a: 1 }], nothing: null },
          unknown: { id: true, list: [false, true, false], block: [{ b: true }], lost: { inner: [true] }, empty: {} },
        }),
      ]),
    );
    expect(encode(resource!.body)).toEqual({
      name: 'x',
      list: ['a', afterApply, 'c'],
      block: [{ a: 1, b: afterApply }],
      nothing: null,
      id: afterApply,
      lost: { inner: [afterApply] },
    });
  });

  it('never show a secret, wherever it stands', async () => {
    const secret = 'S3cr3t-text';
    const document = plan([
      change('azurerm_linux_virtual_machine.vm', {
        actions: ['update'],
        before: { name: 'vm', admin_password: secret },
        after: {
          name: 'vm',
          admin_password: secret,
          tags: { token: secret },
          whole: { a: secret },
          list: [{ a: secret }],
        },
        sensitive: { whole: true, list: [{ a: true }] },
      }),
      change('random_password.p', { after: { result: secret }, sensitive: {} }),
    ]);
    const io = memoryIo({ [file]: JSON.stringify(document) });
    const { pieces } = await inspect(settleOptions([], {}, catalogue(), io), io);
    const text = [...pieces].join('');
    expect(text).not.toContain(secret);
    // Five in bodies, and the tag once more in the model.
    expect(text.split('$secret').length - 1).toBe(6);
    const [machine] = await resourcesOf(document);
    expect(valueAt(machine, 'whole', 'a')).toEqual({ $secret: true });
    expect(encode(machine!.change!.before()!)).toEqual({ name: 'vm', admin_password: { $secret: true } });
  });

  it('count as not set where azurerm keeps the zero of the type, but for numbers that mean something', async () => {
    const [policy, attachment, other] = await resourcesOf(
      plan([
        change('azurerm_backup_policy_vm.p', {
          after: { backup: [{ hour_interval: 0, time: '23:00' }], timezone: '' },
        }),
        change('azurerm_virtual_machine_data_disk_attachment.a', { after: { lun: 0 } }),
        change('terraform_data.t', { after: { input: { count: 0, text: '' } } }),
      ]),
    );
    expect(encode(policy!.body)).toEqual({ backup: [{ hour_interval: null, time: '23:00' }], timezone: null });
    expect(valueAt(attachment, 'lun')).toBe(0);
    expect(valueAt(other, 'input')).toEqual({ count: 0, text: '' });
  });

  it('are absent where nobody wrote them and the provider will choose', async () => {
    const vault = (expressions: Json, more: ChangeParts = {}): Json =>
      plan(
        [
          change('azurerm_recovery_services_vault.v', {
            after: { name: 'v' },
            unknown: { id: true, immutability: true, encryption: true },
            ...more,
          }),
        ],
        {
          configuration: {
            root_module: {
              resources: [{ mode: 'managed', type: 'azurerm_recovery_services_vault', name: 'v', expressions }],
            },
          },
        },
      );
    const [left] = await resourcesOf(vault({ name: { constant_value: 'v' } }));
    // A block may come from a dynamic one, which the configuration does not show.
    expect(encode(left!.body)).toEqual({ name: 'v', id: afterApply, encryption: afterApply });
    const [written] = await resourcesOf(vault({ immutability: { references: ['var.x'] } }));
    expect(valueAt(written, 'immutability')).toEqual(afterApply);
    const [updated] = await resourcesOf(vault({}, { actions: ['update'], before: { name: 'v' } }));
    expect(valueAt(updated, 'immutability')).toEqual(afterApply);
  });

  it('keep a 0 that is written, where a 0 of the provider says nothing', async () => {
    const days = async (expressions: Json): Promise<unknown> => {
      const [policy] = await resourcesOf(
        planned([change('azurerm_backup_policy_file_share.p', { after: { snapshot_retention_in_days: 0 } })], {
          resources: [declared('azurerm_backup_policy_file_share', 'p', expressions)],
        }),
      );
      return valueAt(policy, 'snapshot_retention_in_days');
    };
    expect(await days({ snapshot_retention_in_days: { constant_value: 0 } })).toBe(0);
    expect(await days({})).toBe(null);
  });
});

/** A plan whose instances and configuration are given apart. */
function planned(changes: readonly Json[], root: Json, more: Json = {}): Json {
  return plan(changes, { configuration: { provider_config: {}, root_module: root, ...more } });
}

function declared(type: string, name: string, expressions: Json, more: Json = {}): Json {
  return {
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_config_key: 'azurerm',
    expressions,
    ...more,
  };
}

const policyOf = (address: string, more: ChangeParts = {}): Json =>
  change(address, {
    after: { name: 'p', recovery_vault_name: 'v', resource_group_name: 'g' },
    unknown: { id: true },
    ...more,
  });
const itemOf = (address: string): Json =>
  change(address, {
    after: { recovery_vault_name: 'v', resource_group_name: 'g' },
    unknown: { id: true, backup_policy_id: true },
  });
const [policyType, itemType] = ['azurerm_backup_policy_vm', 'azurerm_backup_protected_vm'];

/** The names of the policies that the items of a plan refer to. */
async function policiesIn(document: unknown): Promise<unknown[]> {
  const resources = await resourcesOf(document);
  return resources.filter(({ type }) => type === itemType).map((item) => valueAt(item, 'backup_policy_id'));
}

describe('what unknown values refer to', () => {
  const direct = (
    references: string[],
    changes: Json[] = [policyOf(`${policyType}.p`), itemOf(`${itemType}.i`)],
  ): Json =>
    planned(changes, {
      resources: [
        declared(policyType, 'p', {}),
        declared('azurerm_recovery_services_vault', 'v', {}),
        declared(itemType, 'i', { backup_policy_id: { references } }),
      ],
    });

  it('is the resource that alone is named', async () => {
    expect(await policiesIn(direct([`${policyType}.p.id`, `${policyType}.p`]))).toEqual([
      { $symbol: `${policyType}.p.id` },
    ]);
  });

  it('stays unknown where the expression may be more than the reference', async () => {
    for (const references of [
      // "${vault.id}/backupPolicies/Default"
      ['azurerm_recovery_services_vault.v.id', 'azurerm_recovery_services_vault.v'],
      [`${policyType}.p.id`, `${policyType}.p`, 'var.suffix'],
      [`${policyType}.p.id`, `${policyType}.p`, `${policyType}.q.id`, `${policyType}.q`],
      [`${policyType}.p.name`, `${policyType}.p`],
      ['local.policy'],
      [`${policyType}.missing.id`, `${policyType}.missing`],
      ['each.value.policy', 'each.value'],
    ])
      expect(await policiesIn(direct(references)), references.join()).toEqual([afterApply]);
  });

  it('follows keys: written ones, the same as its own, and the only one there is', async () => {
    const keyed = (references: string[], policies: string[], items: string[]): Json =>
      planned(
        [
          ...policies.map((key) => policyOf(`${policyType}.p[${key}]`)),
          ...items.map((key) => itemOf(`${itemType}.i[${key}]`)),
        ],
        {
          resources: [
            declared(policyType, 'p', {}, { for_each_expression: {} }),
            declared(itemType, 'i', { backup_policy_id: { references } }, { for_each_expression: {} }),
          ],
        },
      );
    const symbol = (key: string) => ({ $symbol: `${policyType}.p[${key}].id` });
    const whole = `${policyType}.p`;
    expect(
      await policiesIn(keyed([`${whole}["b"].id`, `${whole}["b"]`, whole], ['"a"', '"b"'], ['"a"', '"x"'])),
    ).toEqual([symbol('"b"'), symbol('"b"')]);
    expect(await policiesIn(keyed([whole, 'each.key'], ['"a"', '"b"'], ['"a"', '"b"', '"c"']))).toEqual([
      symbol('"a"'),
      symbol('"b"'),
      afterApply,
    ]);
    expect(await policiesIn(keyed([whole, 'count.index'], ['0', '1'], ['0', '1']))).toEqual([symbol('0'), symbol('1')]);
    // Two items for each policy: the index may be anything.
    expect(await policiesIn(keyed([whole, 'count.index'], ['0', '1'], ['0', '1', '2', '3']))).toEqual([
      afterApply,
      afterApply,
      afterApply,
      afterApply,
    ]);
    expect(await policiesIn(keyed([whole], ['0'], ['0', '1']))).toEqual([symbol('0'), symbol('0')]);
    expect(await policiesIn(keyed([whole], ['0', '1'], ['0']))).toEqual([afterApply]);
  });

  it('follows variables and outputs through modules, with the keys of their calls', async () => {
    const changes = ['"a"', '"b"'].flatMap((key) => [
      policyOf(`module.policies[${key}].${policyType}.p`),
      itemOf(`module.items[${key}].module.inner.${itemType}.i`),
    ]);
    const document = planned(changes, {
      resources: [],
      module_calls: {
        policies: {
          for_each_expression: {},
          module: {
            resources: [declared(policyType, 'p', {})],
            outputs: { id: { expression: { references: [`${policyType}.p.id`, `${policyType}.p`] } } },
          },
        },
        items: {
          for_each_expression: {},
          expressions: { policy: { references: ['module.policies', 'each.key'] }, other: { constant_value: 1 } },
          module: {
            variables: { policy: {} },
            module_calls: {
              inner: {
                expressions: { policy_id: { references: ['var.policy'] } },
                module: {
                  resources: [declared(itemType, 'i', { backup_policy_id: { references: ['var.policy_id'] } })],
                },
              },
            },
          },
        },
      },
    });
    // `module.policies[each.key].id` is told as the module alone, which may be any of its outputs.
    expect(await policiesIn(document)).toEqual([afterApply, afterApply]);
    const named = JSON.parse(
      JSON.stringify(document).replace(
        '"module.policies","each.key"',
        '"module.policies[\\"b\\"].id","module.policies[\\"b\\"]"',
      ),
    );
    expect(await policiesIn(named)).toEqual([
      { $symbol: `module.policies["b"].${policyType}.p.id` },
      { $symbol: `module.policies["b"].${policyType}.p.id` },
    ]);
  });

  it('finds references in blocks that stand once, and in lists', async () => {
    const vault = 'azurerm_recovery_services_vault';
    const identity = 'azurerm_user_assigned_identity';
    const [endpoint, holder] = (
      await resourcesOf(
        planned(
          [
            change('azurerm_private_endpoint.e', {
              after: { private_service_connection: [{ name: 'c' }], ip_configuration: [{ name: 'a' }, { name: 'b' }] },
              unknown: { private_service_connection: [{ private_connection_resource_id: true }] },
            }),
            change(`${vault}.holder`, {
              after: { identity: [{ identity_ids: [null] }] },
              unknown: { identity: [{ identity_ids: [true] }] },
            }),
            change(`${vault}.v`, { after: {}, unknown: { id: true } }),
            change(`${identity}.u`, { after: {}, unknown: { id: true } }),
          ],
          {
            resources: [
              declared('azurerm_private_endpoint', 'e', {
                private_service_connection: [
                  { private_connection_resource_id: { references: [`${vault}.v.id`, `${vault}.v`] } },
                ],
              }),
              declared(vault, 'holder', {
                identity: [{ identity_ids: { references: [`${identity}.u.id`, `${identity}.u`] } }],
              }),
            ],
          },
        ),
      )
    ).values();
    expect(valueAt(endpoint, 'private_service_connection', 0, 'private_connection_resource_id')).toEqual({
      $symbol: `${vault}.v.id`,
    });
    expect(valueAt(holder, 'identity', 0, 'identity_ids')).toEqual([{ $symbol: `${identity}.u.id` }]);
  });

  it('is what another resource has under another name', async () => {
    const account = 'azurerm_storage_account';
    const container = 'azurerm_backup_container_storage_account';
    const share = 'azurerm_backup_protected_file_share';
    const resources = await resourcesOf(
      planned(
        [
          change(`${account}.a`, { after: {}, unknown: { id: true } }),
          change(`${container}.c`, { after: {}, unknown: { id: true, storage_account_id: true } }),
          change(`${share}.s`, { after: {}, unknown: { source_storage_account_id: true } }),
        ],
        {
          resources: [
            declared(account, 'a', {}),
            declared(container, 'c', { storage_account_id: { references: [`${account}.a.id`, `${account}.a`] } }),
            declared(share, 's', {
              source_storage_account_id: { references: [`${container}.c.storage_account_id`, `${container}.c`] },
            }),
          ],
        },
      ),
    );
    expect(valueAt(resources[2], 'source_storage_account_id')).toEqual({ $symbol: `${account}.a.id` });
  });

  it('is the one resource of its kind that the body of azapi names', async () => {
    const machine = 'azurerm_windows_virtual_machine';
    const source = async (...references: string[]): Promise<unknown> => {
      const resources = await resourcesOf(
        planned(
          [
            ...['m', 'other'].map((name) => change(`${machine}.${name}`, { after: { name }, unknown: { id: true } })),
            change(`${policyType}.p`, { after: { name: 'p' }, unknown: { id: true } }),
            change('azapi_resource.policy', {
              after: { type: 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' },
              unknown: { id: true },
            }),
            change('azapi_resource.i', {
              after: {
                type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems@2024-04-01',
                body: { properties: {} },
              },
              unknown: { body: { properties: { sourceResourceId: true } } },
            }),
          ],
          {
            resources: [
              ...['m', 'other'].map((name) => declared(machine, name, {})),
              declared(policyType, 'p', {}),
              declared('azapi_resource', 'policy', {}),
              declared('azapi_resource', 'i', { body: { references } }),
            ],
          },
        ),
      );
      return valueAt(resources.at(-1), 'body', 'properties', 'sourceResourceId');
    };
    const own = [`${machine}.m.id`, `${machine}.m`];
    const named = { $symbol: `${machine}.m.id` };
    expect(await source(...own, `${policyType}.p.id`, `${policyType}.p`)).toEqual(named);
    expect(await source(...own, 'azapi_resource.policy.id', 'azapi_resource.policy')).toEqual(named);
    expect(await source(...own, `${machine}.other.name`, `${machine}.other`)).toEqual(named);
    for (const more of [
      [`${machine}.other.id`, `${machine}.other`],
      ['var.machine'],
      ['local.machine'],
      ['module.m.id', 'module.m'],
      ['azapi_resource.elsewhere.id', 'azapi_resource.elsewhere'],
    ])
      expect(await source(...own, ...more), more.join()).toEqual(afterApply);
    expect(await source(`${policyType}.p.id`, `${policyType}.p`)).toEqual(afterApply);
  });

  it('ends where variables and outputs go in a circle', async () => {
    const document = planned([itemOf(`module.m.${itemType}.i`)], {
      module_calls: {
        m: {
          expressions: { x: { references: ['module.m.x', 'module.m'] } },
          module: {
            outputs: { x: { expression: { references: ['var.x'] } } },
            resources: [declared(itemType, 'i', { backup_policy_id: { references: ['var.x'] } })],
          },
        },
      },
    });
    expect(await policiesIn(document)).toEqual([afterApply]);
  });
});

describe('subscriptions and versions', () => {
  const one = '11111111-1111-1111-1111-111111111111';
  const two = '22222222-2222-2222-2222-222222222222';
  const three = '33333333-3333-3333-3333-333333333333';
  const vaultType = 'azurerm_recovery_services_vault';
  const vaultIn = (subscription: string): Json => ({
    id: `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v`,
    name: 'v',
    location: 'westeurope',
    resource_group_name: 'G',
  });

  it('come from the provider of each resource', async () => {
    const resources = await resourcesOf(
      planned(
        [
          change(`${vaultType}.a`, { after: { name: 'a' } }),
          change(`${vaultType}.b`, { after: { name: 'b' } }),
          change(`module.m.${vaultType}.c`, { after: { name: 'c' } }),
          change(`${vaultType}.d`, { after: { name: 'd' } }),
          change(`${vaultType}.e`, { after: { name: 'e' } }),
          change(`${vaultType}.old`, { actions: ['no-op'], before: vaultIn(three), after: vaultIn(three) }),
        ],
        {
          resources: [
            declared(vaultType, 'a', {}),
            declared(vaultType, 'b', {}, { provider_config_key: 'azurerm.second' }),
            declared(vaultType, 'd', {}, { provider_config_key: 'azurerm.third' }),
            declared(vaultType, 'old', {}, { provider_config_key: 'azurerm.third' }),
            declared(vaultType, 'e', {}, { provider_config_key: 'azurerm.fourth' }),
          ],
          module_calls: {
            m: { module: { resources: [declared(vaultType, 'c', {}, { provider_config_key: 'module.m:azurerm' })] } },
          },
        },
        {
          provider_config: {
            azurerm: {
              name: 'azurerm',
              version_constraint: '~> 4.80',
              expressions: { subscription_id: { constant_value: one } },
            },
            'azurerm.second': {
              name: 'azurerm',
              alias: 'second',
              expressions: { subscription_id: { references: ['var.second'] } },
            },
            'azurerm.third': { name: 'azurerm', alias: 'third', expressions: { features: [{}] } },
          },
        },
      ),
    );
    expect(resources.map(({ scope }) => encode(scope.subscription))).toEqual([
      one,
      { $symbol: 'subscription(azurerm.second)' },
      one,
      three,
      { $symbol: 'subscription(azurerm.fourth)' },
      three,
    ]);
    expect(resources[0]!.provider).toMatchObject({ name: 'azurerm', atLeast: [4, 80, 0], below: [5, 0, 0] });
  });

  it('may be the value of a variable', async () => {
    const document = planned(
      [change(`${vaultType}.a`, { after: { name: 'a' } })],
      {
        resources: [declared(vaultType, 'a', {})],
      },
      {
        provider_config: { azurerm: { name: 'azurerm', expressions: { subscription_id: { references: ['var.s'] } } } },
      },
    );
    const [resource] = await resourcesOf({ ...document, variables: { s: { value: two } } });
    expect(encode(resource!.scope.subscription)).toBe(two);
  });
});

describe('states', () => {
  const shown = (resources: Json[], more: Json = {}): Json => ({
    format_version: '1.0',
    terraform_version: '1.11.4',
    values: { root_module: { resources, ...more } },
  });

  it('of show -json hold their resources, modules and secrets', async () => {
    const { configuration } = await documentOf(
      shown(
        [
          {
            address: 'azurerm_a.x',
            mode: 'managed',
            type: 'azurerm_a',
            name: 'x',
            values: { name: 'x', s: 'hide' },
            sensitive_values: { s: true },
          },
          {
            address: 'azurerm_a.x',
            mode: 'managed',
            type: 'azurerm_a',
            name: 'x',
            deposed_key: '0',
            values: { name: 'old' },
          },
        ],
        {
          child_modules: [
            {
              address: 'module.m[0]',
              child_modules: [
                {
                  address: 'module.m[0].module.n',
                  resources: [
                    {
                      address: 'module.m[0].module.n.azurerm_a.y',
                      mode: 'managed',
                      type: 'azurerm_a',
                      name: 'y',
                      values: {},
                    },
                  ],
                },
              ],
            },
          ],
        },
      ),
    );
    expect(configuration.language).toBe('state');
    expect(configuration.resources.map(({ address }) => address)).toEqual([
      'azurerm_a.x',
      'module.m[0].module.n.azurerm_a.y',
    ]);
    expect(encode(configuration.resources[0]!.body)).toEqual({ name: 'x', s: { $secret: true } });
  });

  it('of version 4 are read as they are on disk', async () => {
    const id =
      '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
    const state = {
      version: 4,
      terraform_version: '1.11.4',
      serial: 3,
      lineage: 'x',
      resources: [
        {
          module: 'module.a["k"]',
          mode: 'managed',
          type: 'azurerm_recovery_services_vault',
          name: 'v',
          provider: 'provider["registry.terraform.io/hashicorp/azurerm"]',
          instances: [
            { index_key: 'one', attributes: { id, name: 'v' }, sensitive_attributes: [] },
            { index_key: 'one', deposed: '00', attributes: { name: 'old' } },
            {
              index_key: 2,
              attributes: { name: 'w', deep: [{ x: 'hide', y: 'show' }], odd: { z: 'hide' }, admin_password: 'hide' },
              sensitive_attributes: [
                [
                  { type: 'get_attr', value: 'deep' },
                  { type: 'index', value: { value: 0, type: 'number' } },
                  { type: 'get_attr', value: 'x' },
                ],
                [{ type: 'get_attr', value: 'odd' }, { type: 'new-kind' }],
              ],
            },
          ],
        },
        { mode: 'data', type: 'azurerm_b', name: 'd', instances: [{ attributes: { name: 'd' } }] },
      ],
    };
    const { configurations } = await read({ '/repo/terraform.tfstate': JSON.stringify(state) });
    const { resources } = configurations[0]!;
    expect(resources.map(({ address }) => address)).toEqual([
      'module.a["k"].azurerm_recovery_services_vault.v["one"]',
      'module.a["k"].azurerm_recovery_services_vault.v[2]',
      'data.azurerm_b.d',
    ]);
    expect(encode(resources[0]!.scope.subscription)).toBe('11111111-1111-1111-1111-111111111111');
    expect(encode(resources[1]!.body)).toEqual({
      name: 'w',
      deep: [{ x: { $secret: true }, y: 'show' }],
      odd: { $secret: true },
      admin_password: { $secret: true },
    });
    expect(resources[0]!.provider).toEqual({ name: 'azurerm' });
  });
});

describe('what cannot be read', () => {
  const told = async (text: string, name = file): Promise<string[]> => {
    const { log } = await read({ [name]: text });
    return log.map(({ code, severity, at }) => `${severity} ${code} ${placeOf(at).split(' ')[0]}`);
  };

  it('is a version of another major', async () => {
    for (const version of ['2.0', '10.1', 1, null, '1'])
      expect(
        await told(JSON.stringify({ format_version: version, resource_changes: [] })),
        String(version),
      ).toHaveLength(1);
    expect(await told('{"format_version":"2.0","resource_changes":[]}')).toEqual([
      'error plan-version-unknown plan.json:1:19-1:24',
    ]);
    expect(await told('{"version":3,"lineage":"x","serial":1}', '/repo/terraform.tfstate')).toEqual([
      'error state-version-unknown terraform.tfstate:1:12-1:13',
    ]);
    for (const version of ['0.1', '1.0', '1.99'])
      expect(await told(JSON.stringify({ format_version: version, resource_changes: [] }))).toEqual([]);
  });

  it('is JSON that is broken, told where it breaks', async () => {
    const good = '{"format_version": "1.2",\n "resource_changes": [],\n ';
    expect(await told(`${good}"x": }`)).toEqual(['error plan-unreadable plan.json:3:7-3:8']);
    expect(await told(`${good}"x": 1`)).toEqual(['error plan-unreadable plan.json:3:8-3:8']);
    expect(await told(`${good}"x": bad}`)).toEqual(['error plan-unreadable plan.json:3:7-3:8']);
  });

  it('is no reason to fail: nesting without end', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const objects = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    for (const value of [deep, objects]) {
      const document = JSON.stringify(
        plan([change('azurerm_a.x', { after: { name: 'x', odd: 'HERE' }, unknown: { odd: 'THERE' } })]),
      );
      const { configurations, log } = await read({
        [file]: document.replace('"HERE"', value).replace('"THERE"', value),
      });
      expect(log).toEqual([]);
      expect(valueAt(configurations[0]!.resources[0], 'name')).toBe('x');
    }
  });

  it('is no reason to fail: names of objects and numbers without bounds', async () => {
    const document = JSON.stringify(
      plan([change('azurerm_a.x', { after: { big: 'BIG', huge: 'HUGE', small: 'SMALL' } })]),
    )
      .replace('"BIG"', '12345678901234567890')
      .replace('"HUGE"', '1e999')
      .replace('"SMALL"', '{"__proto__": {"a": 1}, "constructor": null, "toString": 1}');
    const { configurations } = await read({ [file]: document });
    const { body } = configurations[0]!.resources[0]!;
    const big = force(memberOf(body, 'big')!.value);
    expect(big.kind === 'number' && numberText(big)).toBe('12345678901234567890');
    const small = force(memberOf(body, 'small')!.value);
    expect(small.kind === 'object' && [...small.members.keys()]).toEqual(['__proto__', 'constructor', 'toString']);
    expect(encode(memberOf(body, 'huge')!.value)).toBe('Infinity');
  });

  it.each([
    ['resource_changes', 1],
    [
      'resource_changes',
      [null, 1, [], {}, { address: 1 }, { address: 'a', change: 1 }, { address: 'constructor', change: {} }],
    ],
    ['planned_values', { root_module: { resources: 1, child_modules: [null, { resources: [{}] }] } }],
    ['prior_state', { values: { root_module: null } }],
    ['configuration', { provider_config: [1], root_module: { resources: {}, module_calls: 3 } }],
    ['deferred_changes', [null, {}, { resource_change: 1 }]],
  ])('is no reason to fail: %s of another shape', async (key, value) => {
    const { log } = await documentOf({
      ...plan([change('azurerm_backup_protected_vm.x', { after: {}, unknown: { backup_policy_id: true } })]),
      [key]: value,
    });
    expect(log).toEqual([]);
  });
});

describe('places', () => {
  it('are found for every path of a text', () => {
    const text = ' {\n "a" : [ 1 , {"b\\"": "x,]}" , "c":[]} ], "d": null , "a": {"__proto__": true}\n}';
    const places = new JsonPlaces(new Source('x', text));
    const at = (...path: (string | number)[]): string => places.at(path).text();
    expect(at('a', '__proto__')).toBe('true');
    expect(at('d')).toBe('null');
    // What is not there stands where it would be.
    expect(at('d', 'x')).toBe('null');
    expect(at('none')).toBe(text.trim());
    const list = new JsonPlaces(new Source('x', '[ 1 ,{"b\\"": "x,]}" , "c":[]} , [[]] ]'));
    expect([list.at([0]), list.at([1, 'b"']), list.at([1, 'c']), list.at([2, 0])].map((place) => place.text())).toEqual(
      ['1', '"x,]}"', '[]', '[]'],
    );
  });

  const vault = (more: Json): Json =>
    plan([
      change('azurerm_data_protection_backup_vault.v', {
        after: { name: 'v', redundancy: 'LocallyRedundant', ...more },
        unknown: { id: true },
      }),
    ]);

  it('are the mark of what is known only after apply', async () => {
    const [item] = await resourcesOf(
      plan([
        change('azurerm_backup_protected_vm.i', {
          after: { include_disk_luns: [1, null] },
          unknown: { source_vm_id: true, include_disk_luns: [false, true] },
        }),
      ]),
    );
    const at = (...path: (string | number)[]): string => {
      let value: Value = item!.body;
      for (const step of path) {
        value = force(value);
        value = value.kind === 'list' ? value.items[Number(step)]! : memberOf(value as never, String(step))!.value;
      }
      return placeOf(force(value).at);
    };
    expect(at('source_vm_id')).toMatch(/ true$/);
    expect(at('include_disk_luns', 1)).toMatch(/ true$/);
    expect(at('include_disk_luns', 0)).toMatch(/ 1$/);
  });

  it('are the value in the JSON, and the address where something is missing', async () => {
    const document = JSON.stringify(vault({ soft_delete: 'Off' }), null, 2);
    const run = await lintFiles({ [file]: document }, { only: ['vault-soft-delete-off'] });
    expect(run.findings.map(({ at }) => placeOf(at))).toEqual(['plan.json:19:26-19:31 "Off"']);
    const [item] = (
      await lintFiles(
        {
          [file]: JSON.stringify(
            plan([
              change('azurerm_backup_protected_vm.i', {
                after: {
                  resource_group_name: 'g',
                  recovery_vault_name: 'v',
                  backup_policy_id: null,
                  source_vm_id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m',
                },
              }),
            ]),
            null,
            2,
          ),
        },
        { only: ['azurerm-field-combination-refused'] },
      )
    ).findings;
    expect(placeOf(item!.at)).toBe('plan.json:6:18-6:49 "azurerm_backup_protected_vm.i"');
  });

  const source = `variable "off" {
  default = "Off"
}

resource "azurerm_data_protection_backup_vault" "v" {
  name        = "v"
  redundancy  = "LocallyRedundant"
  soft_delete = var.off
}
`;

  it('are those of the source beside the plan, and equal findings are told once', async () => {
    const files = { '/repo/main.tf': source, [file]: JSON.stringify(vault({ soft_delete: 'Off' })) };
    const flags = { only: ['vault-soft-delete-off'] };
    const both = await lintFiles(files, flags);
    expect(both.findings.map(({ at }) => placeOf(at))).toEqual(['main.tf:2:13-2:18 "Off"']);
    // Named alone, it still points into the source.
    const alone = await lintFiles(files, flags, ['plan.json']);
    expect(alone.findings.map(({ at, message }) => [placeOf(at), message])).toEqual(
      both.findings.map(({ at, message }) => [placeOf(at), message]),
    );
  });

  it('are the property in the source where its literal says something else', async () => {
    const files = {
      '/repo/main.tf': source.replace('"Off"', '"On"'),
      [file]: JSON.stringify(vault({ soft_delete: 'Off' })),
    };
    const run = await lintFiles(files, { only: ['vault-soft-delete-off'] });
    expect(run.findings.map(({ at }) => placeOf(at))).toEqual(['main.tf:8:17-8:24 var.off']);
  });

  it('let suppressions in the source count', async () => {
    const suppressed = source.replace(
      '  soft_delete',
      '  # azure-backup-lint:ignore vault-soft-delete-off reason="lab"\n  soft_delete',
    );
    const files = { '/repo/main.tf': suppressed, [file]: JSON.stringify(vault({ soft_delete: 'Off' })) };
    const run = await lintFiles(files, { only: ['vault-soft-delete-off'] }, ['plan.json']);
    expect(run.findings.map((finding) => finding.suppressed?.reason)).toEqual(['lab']);
  });

  it('take names of unknown ids from the source, whatever its expressions are', async () => {
    const main = `
resource "azurerm_recovery_services_vault" "v" {
  name = "v"
}
resource "azurerm_backup_protected_vm" "i" {
  recovery_vault_name = "v"
  backup_policy_id    = "\${azurerm_recovery_services_vault.v.id}/backupPolicies/DefaultPolicy"
}
`;
    const document = plan([
      change('azurerm_recovery_services_vault.v', { after: { name: 'v' }, unknown: { id: true } }),
      itemOf('azurerm_backup_protected_vm.i'),
    ]);
    const { configurations } = await read({ '/repo/main.tf': main, [file]: JSON.stringify(document) });
    const item = configurations[1]!.resources.find(({ type }) => type === 'azurerm_backup_protected_vm');
    expect(valueAt(item, 'backup_policy_id')).toEqual({
      $symbol: '${azurerm_recovery_services_vault.v.id}/backupPolicies/DefaultPolicy',
    });
  });
});

describe('rules about the provider', () => {
  const vaultChange = (parts: ChangeParts, version?: string): Json =>
    planned(
      [change('azurerm_recovery_services_vault.v', parts)],
      { resources: [declared('azurerm_recovery_services_vault', 'v', {})] },
      {
        provider_config: { azurerm: { name: 'azurerm', ...(version && { version_constraint: version }) } },
      },
    );
  const codes = async (document: Json): Promise<string[]> => {
    const run = await lintFiles(
      { [file]: JSON.stringify(document) },
      { only: ['azurerm-soft-delete-enabled-removed'], showUndetermined: true },
    );
    return [...run.findings.map(() => 'finding'), ...run.undetermined.map(() => 'undetermined')];
  };
  const [on, off] = [
    { name: 'v', soft_delete_enabled: true },
    { name: 'v', soft_delete_enabled: false },
  ];

  it('refuse a plan that makes a vault without soft delete, or turns it off', async () => {
    expect(await codes(vaultChange({ after: off }, '4.80.0'))).toEqual(['finding']);
    expect(await codes(vaultChange({ actions: ['update'], before: on, after: off }, '4.80.0'))).toEqual(['finding']);
    expect(await codes(vaultChange({ after: off }, '~> 4.0'))).toEqual(['undetermined']);
    expect(await codes(vaultChange({ after: off }))).toEqual(['undetermined']);
  });

  it('let everything else pass', async () => {
    expect(await codes(vaultChange({ after: on }, '4.80.0'))).toEqual([]);
    expect(await codes(vaultChange({ after: off }, '4.70.0'))).toEqual([]);
    expect(await codes(vaultChange({ actions: ['no-op'], before: off, after: off }, '4.80.0'))).toEqual([]);
    expect(await codes(vaultChange({ actions: ['update'], before: off, after: off }, '4.80.0'))).toEqual([]);
    expect(await codes(vaultChange({ after: { name: 'v', soft_delete_enabled: null } }, '5.1.0'))).toEqual([]);
  });

  it('ask for both ids only where the item is created', async () => {
    const item = (actions: string[], before: unknown): Promise<Run> =>
      lintFiles(
        {
          [file]: JSON.stringify(
            plan([
              change('azurerm_backup_protected_vm.i', {
                actions,
                before,
                after: { recovery_vault_name: 'v', backup_policy_id: null, source_vm_id: null },
              }),
            ]),
          ),
        },
        { only: ['azurerm-field-combination-refused'] },
      );
    expect((await item(['create'], null)).findings).toHaveLength(2);
    expect((await item(['no-op'], { recovery_vault_name: 'v' })).findings).toEqual([]);
  });

  it('are not asked of states', async () => {
    const state = {
      format_version: '1.0',
      terraform_version: '1.11.4',
      values: {
        root_module: {
          resources: [
            {
              address: 'azurerm_data_protection_backup_vault.v',
              mode: 'managed',
              type: 'azurerm_data_protection_backup_vault',
              name: 'v',
              values: { name: 'v', soft_delete: 'Off', retention_duration_in_days: 30 },
            },
          ],
        },
      },
    };
    const only = ['azurerm-setting-silently-ignored', 'vault-soft-delete-off'];
    const run = await lintFiles({ [file]: JSON.stringify(state) }, { only });
    expect(run.findings.map(({ code }) => code)).toEqual(['vault-soft-delete-off']);
  });
});

// Recordings

interface Expected {
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly deleted?: Readonly<Record<string, unknown>>;
}

/** Where our value and the recorded one differ, by path. */
function* differences(path: string, ours: Value | undefined, theirs: unknown): Generator<string> {
  const value = ours && force(ours);
  if (value?.secret) {
    // Shown to nobody, but it must be right.
    yield* differences(path, { ...value, secret: undefined }, theirs);
    return;
  }
  if (theirs !== null && typeof theirs === 'object' && '$unknown' in theirs) {
    if (value?.kind !== 'unknown' && value?.kind !== 'symbol') yield `${path} is known here`;
  } else if (Array.isArray(theirs)) {
    if (value?.kind !== 'list' || value.items.length !== theirs.length) yield `${path} is no such list`;
    else for (const [i, item] of theirs.entries()) yield* differences(`${path}[${i}]`, value.items[i], item);
  } else if (theirs !== null && typeof theirs === 'object') {
    if (value?.kind !== 'object') yield `${path} is no object`;
    else
      for (const key of new Set([...value.members.keys(), ...Object.keys(theirs)]))
        yield* differences(`${path}.${key}`, memberOf(value, key)?.value, (theirs as Json)[key] ?? null);
  } else if (theirs === null || theirs === undefined) {
    if (value && value.kind !== 'null') yield `${path} is not null here`;
  } else if (value?.kind === 'number') {
    if (Number(numberText(value)) !== theirs) yield `${path} is ${numberText(value)}`;
  } else if (!((value?.kind === 'string' || value?.kind === 'bool') && value.value === theirs))
    yield `${path} is ${value ? JSON.stringify(encode(value)) : 'missing'}`;
}

/** Whether the part at a path such as `input.a[0]` is a secret, or something around it. */
function isHidden(resource: Resource, path: string): boolean {
  let value: Value | undefined = resource.body;
  for (const match of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[]+)/g)) {
    const step = match[1] ?? match[3];
    if (value?.kind === 'object') value = memberOf(value, step ?? match[2]!)?.value;
    else value = value?.kind === 'list' ? value.items[Number(match[2])] : undefined;
    value &&= force(value);
    if (value?.secret) return true;
  }
  return false;
}

/** A set is in the order of its members, of which one was unknown. */
const reordered = /^terraform_data\.b\.input\.setunion\[0\]/;

describe('recordings of the real Terraform', () => {
  const folder = fileURLToPath(new URL('../../../shared/oracles/terraform-configs', import.meta.url));
  const present = existsSync(folder);
  if (!present) console.warn('skipped: ../shared/oracles/terraform-configs is not here');
  const names = present ? readdirSync(folder).sort() : ['none'];
  const textOf = (name: string, of: string): string => readFileSync(join(folder, name, of), 'utf8');
  const built = (resources: readonly Resource[]): Resource[] =>
    resources.filter(({ type, existing }) => type === 'terraform_data' && !existing);

  it.skipIf(!present).each(names)('the plan of %s', async (name) => {
    const expected = JSON.parse(textOf(name, 'expected.json')) as Expected;
    const { configurations, log } = await read({ [file]: textOf(name, 'plan.json') });
    expect(log).toEqual([]);
    const resources = built(configurations[0]!.resources);
    const wanted = Object.entries(expected.resources);
    expect(resources.map(({ address }) => address).sort()).toEqual(wanted.map(([address]) => address).sort());
    for (const address of Object.keys(expected.deleted ?? {}))
      expect(resources.map((resource) => resource.address)).not.toContain(address);
    const found: string[] = [];
    for (const [address, theirs] of wanted) {
      const resource = resources.find((candidate) => candidate.address === address)!;
      expect(resource.change!.actions).toEqual(theirs['actions']);
      for (const key of ['input', 'triggers_replace'])
        found.push(...differences(`${address}.${key}`, memberOf(resource.body, key)?.value, theirs[key]));
      for (const path of (theirs['sensitive'] ?? []) as string[])
        if (!isHidden(resource, path)) found.push(`${address}.${path} is shown`);
    }
    expect(found).toEqual([]);
  });

  it.skipIf(!present).each(names)('the state of %s has what was planned', async (name) => {
    const expected = JSON.parse(textOf(name, 'expected.json')) as Expected;
    const { configurations, log } = await read({ [file]: textOf(name, 'state.json') });
    expect(log).toEqual([]);
    // Nothing is left where everything was destroyed or nothing declared.
    const resources = built(configurations[0]?.resources ?? []);
    expect(resources.map(({ address }) => address).sort()).toEqual(Object.keys(expected.resources).sort());
    const found: string[] = [];
    for (const resource of resources) {
      const theirs = expected.resources[resource.address]!;
      // What was unknown at plan is known now.
      for (const key of ['input', 'triggers_replace'])
        for (const difference of differences(
          `${resource.address}.${key}`,
          memberOf(resource.body, key)?.value,
          theirs[key],
        ))
          if (!difference.endsWith('is known here') && !reordered.test(difference)) found.push(difference);
      for (const path of (theirs['sensitive'] ?? []) as string[])
        if (!isHidden(resource, path)) found.push(`${resource.address}.${path} is shown`);
    }
    expect(found).toEqual([]);
  });
});

describe('plans of the corpus', () => {
  const folder = fileURLToPath(new URL('../../../shared/corpus/plan', import.meta.url));
  const present = existsSync(folder);
  if (!present) console.warn('skipped: ../shared/corpus/plan is not here');
  const names = present
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
    : ['none'];

  it.skipIf(!present).each(names)('%s gives every resource, and nothing to complain of', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const raw = JSON.parse(text) as { resource_changes: { address: string }[] };
    const { configurations, log } = await read({ [file]: text });
    expect(log).toEqual([]);
    const addresses = configurations[0]!.resources.map(({ address }) => address);
    expect(addresses).toEqual(raw.resource_changes.map(({ address }) => address));
    const run = await lintFiles({ [file]: text });
    expect(run.findings).toEqual([]);
  });
});
