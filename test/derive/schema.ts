/**
 * What the schemas of providers say of each attribute, as far as the fixtures use them: enough to give a plan or a state the shape
 * that Terraform gives it. azurerm.json was read out of hashicorp/terraform-provider-azurerm at v4.81.0 (5782a75), internal/services,
 * with every switch of 5.0 off; a resource that is pinned to another version gets that shape all the same.
 *
 * An attribute is `MODE TYPE [sensitive] [write-only] [= DEFAULT]`, the mode of `r`equired, `o`ptional and `c`omputed; a block, and
 * an attribute that is a list of objects, has that under `$` and its own attributes beside it.
 */
import { readFileSync } from 'node:fs';

export interface Attribute {
  readonly isOptional: boolean;
  readonly isComputed: boolean;
  readonly isSensitive: boolean;
  readonly isWriteOnly: boolean;
  readonly type: string;
  /** Of the elements of a list, set or map. */
  readonly of: string | undefined;
  readonly default: unknown;
  /** What stands in each object of it. */
  readonly inner: Schema | undefined;
}

export type Schema = ReadonlyMap<string, Attribute>;

interface Written {
  readonly [name: string]: string | Written;
}

const lifeCycle = { $: 'r list', data_store_type: 'r string', duration: 'r string' } as const;

/** Of azurerm after v5.2.0, by commits 7ab2dbc and e037d0b of 2026. */
const instanceToCome = {
  backup_policy_id: 'r string',
  location: 'r string',
  name: 'r string',
  protection_state: 'c string',
  vault_id: 'r string',
} as const;
const policyToCome = {
  backup_repeating_time_intervals: 'r list(string)',
  default_retention_rule: { $: 'r list', life_cycle: lifeCycle },
  name: 'r string',
  retention_rule: {
    $: 'o list',
    criteria: {
      $: 'r list',
      absolute_criteria: 'o string',
      days_of_week: 'o set(string)',
      months_of_year: 'o set(string)',
      scheduled_backup_times: 'o set(string)',
      weeks_of_month: 'o set(string)',
    },
    life_cycle: lifeCycle,
    name: 'r string',
    priority: 'r int',
  },
  time_zone: 'o string',
  vault_id: 'r string',
} as const;

const azapiCommon = {
  ignore_casing: 'o bool = false',
  ignore_missing_property: 'o bool = true',
  locks: 'o list(string)',
  output: 'c any',
  response_export_values: 'o any',
  retry: 'o any',
  sensitive_body: 'o any write-only',
} as const;

const byHand: Written = {
  azurerm_data_protection_backup_instance_cosmosdb_database_account: {
    ...instanceToCome,
    cosmosdb_account_id: 'r string',
  },
  azurerm_data_protection_backup_instance_elastic_san_volume_group: {
    ...instanceToCome,
    elastic_san_volume_group_id: 'r string',
    snapshot_resource_group_name: 'r string',
    volume_name: 'r string',
  },
  azurerm_data_protection_backup_policy_cosmosdb_database_account: policyToCome,
  azurerm_data_protection_backup_policy_elastic_san_volume_group: policyToCome,
  azapi_resource: {
    ...azapiCommon,
    body: 'o any',
    identity: {
      $: 'o list',
      identity_ids: 'o list(string)',
      principal_id: 'c string',
      tenant_id: 'c string',
      type: 'r string',
    },
    location: 'oc string',
    name: 'oc string',
    parent_id: 'oc string',
    replace_triggers_external_values: 'o any',
    schema_validation_enabled: 'o bool = true',
    tags: 'oc map(string)',
    type: 'r string',
  },
  azapi_resource_action: {
    ...azapiCommon,
    action: 'o string',
    body: 'o any',
    method: 'o string = "POST"',
    resource_id: 'o string',
    type: 'r string',
    when: 'o string = "apply"',
  },
  azapi_update_resource: {
    ...azapiCommon,
    body: 'o any',
    name: 'oc string',
    parent_id: 'oc string',
    resource_id: 'oc string',
    type: 'r string',
  },
  random_string: {
    keepers: 'o map(string)',
    length: 'r int',
    lower: 'o bool = true',
    min_lower: 'o int = 0',
    min_numeric: 'o int = 0',
    min_special: 'o int = 0',
    min_upper: 'o int = 0',
    number: 'o bool = true',
    numeric: 'o bool = true',
    override_special: 'o string',
    result: 'c string',
    special: 'o bool = true',
    upper: 'o bool = true',
  },
  terraform_data: { input: 'o any', output: 'c any', triggers_replace: 'o any' },
  time_sleep: { create_duration: 'o string', destroy_duration: 'o string', triggers: 'o map(string)' },
};

const written: Written = {
  ...(JSON.parse(readFileSync(new URL('azurerm.json', import.meta.url), 'utf8')) as Written),
  ...byHand,
};
const read = new Map<string, Schema>();

/** Without `id`, which everything has. */
export function schemaOf(type: string): Schema {
  let schema = read.get(type);
  if (!schema) {
    const found = written[type];
    if (typeof found !== 'object') throw new Error(`no schema of ${type}: add it to azurerm.json`);
    schema = new Map(Object.entries(found).map(([name, attribute]) => [name, attributeOf(attribute)]));
    // Every resource of azurerm may be told how long it may take.
    if (type.startsWith('azurerm_')) schema = new Map([...schema, ['timeouts', attributeOf('o any')]]);
    read.set(type, schema);
  }
  return schema;
}

export function hasSchema(type: string): boolean {
  return Object.hasOwn(written, type);
}

function attributeOf(from: string | Written): Attribute {
  const { $: head, ...inner } = typeof from === 'string' ? { $: from } : from;
  const match = /^(r|o|c|oc) (\w+)(?:\((\w+)\))?( sensitive)?( write-only)?(?: = (.*))?$/.exec(String(head));
  if (!match) throw new Error(`not understood: ${String(head)}`);
  const [, mode, type, of, sensitive, writeOnly, value] = match;
  return {
    isOptional: mode!.includes('o'),
    isComputed: mode!.includes('c'),
    isSensitive: sensitive !== undefined,
    isWriteOnly: writeOnly !== undefined,
    type: type!,
    of,
    default: value === undefined ? undefined : JSON.parse(value),
    inner:
      typeof from === 'string'
        ? undefined
        : new Map(Object.entries(inner).map(([name, attribute]) => [name, attributeOf(attribute)])),
  };
}
