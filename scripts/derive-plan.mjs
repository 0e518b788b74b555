/**
 * Writes the plan and the state of an estate in fixtures/estates from its source: what `terraform show -json` would say before and
 * after a first apply, as far as our own evaluation and the schemas below go. The files are committed and read by eye against
 * real recordings; the script is there to make more of them.
 *
 *   node scripts/derive-plan.mjs [NAME...]
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const estates = join(root, 'fixtures/estates');
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Per type: the id's ARM type, defaults of the schema, what the provider computes (with what it becomes), blocks that may be left
 * out, and per block the same again. `zero` is what the state of azurerm keeps where nothing is set.
 */
const tier = { days: null, include_last_days: false, weekdays: null, weeks: null };
const tierZero = { days: [], weekdays: [], weeks: [] };
const diskOfMachine = {
  defaults: {
    diff_disk_settings: [],
    disk_encryption_set_id: null,
    secure_vm_disk_encryption_set_id: null,
    security_encryption_type: null,
    write_accelerator_enabled: false,
  },
  computed: { disk_size_gb: 30, id: '(disk)', name: '(disk)' },
  zero: { disk_encryption_set_id: '', secure_vm_disk_encryption_set_id: '', security_encryption_type: '' },
};
const machine = {
  arm: 'Microsoft.Compute/virtualMachines',
  defaults: {
    allow_extension_operations: true,
    availability_set_id: null,
    custom_data: null,
    extensions_time_budget: 'PT1H30M',
    license_type: null,
    priority: 'Regular',
    provision_vm_agent: true,
    secure_boot_enabled: null,
    source_image_id: null,
    tags: null,
    timeouts: null,
    virtual_machine_scale_set_id: null,
    vtpm_enabled: null,
    zone: null,
  },
  computed: {
    computer_name: '(name)',
    os_managed_disk_id: '(diskId)',
    private_ip_address: '10.0.0.4',
    virtual_machine_id: 'guid',
  },
  blocks: ['additional_capabilities', 'boot_diagnostics', 'identity', 'plan', 'source_image_reference'],
  nested: { os_disk: diskOfMachine },
  zero: {
    availability_set_id: '',
    license_type: '',
    secure_boot_enabled: false,
    source_image_id: '',
    virtual_machine_scale_set_id: '',
    vtpm_enabled: false,
    zone: '',
  },
  sensitive: ['admin_password', 'custom_data'],
};
const schemas = {
  azurerm_resource_group: {
    group: true,
    defaults: { managed_by: null, tags: null, timeouts: null },
    zero: { managed_by: '' },
  },
  azurerm_recovery_services_vault: {
    arm: 'Microsoft.RecoveryServices/vaults',
    defaults: {
      classic_vmware_replication_enabled: null,
      cross_region_restore_enabled: false,
      public_network_access_enabled: true,
      soft_delete_enabled: true,
      storage_mode_type: 'GeoRedundant',
      tags: null,
      timeouts: null,
    },
    computed: { immutability: 'Disabled' },
    blocks: ['encryption', 'identity', 'monitoring'],
    nested: {
      encryption: { defaults: { use_system_assigned_identity: true, user_assigned_identity_id: null } },
      identity: { defaults: { identity_ids: null }, computed: { principal_id: 'guid', tenant_id: 'guid' } },
      monitoring: {
        defaults: { alerts_for_all_job_failures_enabled: true, alerts_for_critical_operation_failures_enabled: true },
      },
    },
    zero: { classic_vmware_replication_enabled: false },
  },
  azurerm_data_protection_backup_vault: {
    arm: 'Microsoft.DataProtection/backupVaults',
    defaults: {
      cross_region_restore_enabled: null,
      immutability: 'Disabled',
      retention_duration_in_days: 14,
      soft_delete: 'On',
      tags: null,
      timeouts: null,
    },
    blocks: ['identity'],
    nested: { identity: { defaults: { identity_ids: null }, computed: { principal_id: 'guid', tenant_id: 'guid' } } },
    zero: { cross_region_restore_enabled: false },
  },
  azurerm_backup_policy_vm: {
    arm: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    parent: 'recovery_vault_name',
    defaults: { consistency_type: null, policy_type: 'V1', timezone: 'UTC', timeouts: null },
    computed: { instant_restore_retention_days: 2 },
    blocks: [
      'instant_restore_resource_group',
      'retention_daily',
      'retention_monthly',
      'retention_weekly',
      'retention_yearly',
      'tiering_policy',
    ],
    nested: {
      backup: {
        defaults: { hour_duration: null, hour_interval: null, weekdays: null },
        zero: { hour_duration: 0, hour_interval: 0, weekdays: [] },
      },
      retention_monthly: { defaults: tier, zero: tierZero },
      retention_yearly: { defaults: tier, zero: tierZero },
      instant_restore_resource_group: { defaults: { suffix: null }, zero: { suffix: '' } },
      archived_restore_point: {
        defaults: { duration: null, duration_type: null },
        zero: { duration: 0, duration_type: '' },
      },
    },
    zero: { consistency_type: '' },
  },
  azurerm_backup_protected_vm: {
    arm: '(item)',
    defaults: { backup_policy_id: null, exclude_disk_luns: null, include_disk_luns: null, timeouts: null },
    computed: { protection_state: 'Protected', source_vm_id: '' },
    zero: { backup_policy_id: '', exclude_disk_luns: [], include_disk_luns: [] },
  },
  azurerm_linux_virtual_machine: machine,
  azurerm_windows_virtual_machine: machine,
  azurerm_managed_disk: {
    arm: 'Microsoft.Compute/disks',
    defaults: {
      edge_zone: null,
      hyper_v_generation: null,
      network_access_policy: null,
      os_type: null,
      public_network_access_enabled: true,
      source_resource_id: null,
      tags: null,
      timeouts: null,
      zone: null,
    },
    computed: {
      disk_iops_read_only: 0,
      disk_iops_read_write: 500,
      disk_mbps_read_only: 0,
      disk_mbps_read_write: 60,
      disk_size_gb: 32,
      max_shares: 0,
      source_uri: '',
      tier: 'P10',
    },
    blocks: ['encryption_settings'],
    zero: { edge_zone: '', hyper_v_generation: '', os_type: '', source_resource_id: '', zone: '' },
  },
  azurerm_virtual_machine_data_disk_attachment: {
    arm: '(attachment)',
    defaults: { create_option: 'Attach', timeouts: null, write_accelerator_enabled: false },
  },
  azurerm_user_assigned_identity: {
    arm: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    defaults: { tags: null, timeouts: null },
    computed: { client_id: 'guid', principal_id: 'guid', tenant_id: 'guid' },
  },
  azurerm_private_endpoint: {
    arm: 'Microsoft.Network/privateEndpoints',
    defaults: { custom_network_interface_name: null, tags: null, timeouts: null },
    computed: { custom_dns_configs: [], network_interface: [], private_dns_zone_configs: [] },
    blocks: ['ip_configuration', 'private_dns_zone_group'],
    nested: {
      private_service_connection: {
        defaults: { private_connection_resource_alias: null, request_message: null },
        computed: { private_ip_address: '10.0.0.5' },
      },
    },
  },
  azurerm_management_lock: { arm: '(lock)', defaults: { notes: null, timeouts: null }, zero: { notes: '' } },
  azapi_update_resource: {
    arm: '(target)',
    defaults: {
      ignore_casing: false,
      ignore_missing_property: true,
      locks: null,
      response_export_values: null,
      timeouts: null,
    },
    computed: { name: '(lastOfId)', output: {}, parent_id: '(parentOfId)' },
  },
  random_string: {
    arm: '(result)',
    defaults: { keepers: null, lower: true, numeric: true, special: true, upper: true },
    computed: { result: 'a1b2' },
  },
};
const sets = new Set(['days', 'weekdays', 'weeks', 'months', 'include_disk_luns', 'exclude_disk_luns', 'identity_ids']);

const program = await load();

async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'derive-plan-'));
  const outfile = join(folder, 'program.mjs');
  await build({
    stdin: {
      contents: `
        export { terraformConfigurations } from './src/evaluate/terraform/roots.ts';
        export { force, memberOf, numberText } from './src/evaluate/value.ts';
        export { Reader } from './src/source/reader.ts';
        export { nodeIo } from './src/io.ts';`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    define: {
      __REGEX__: JSON.stringify(join(root, 'dist/regex.cjs')),
      __YAML__: JSON.stringify(join(root, 'dist/yaml.cjs')),
    },
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return loaded;
}

function derive(name) {
  const folder = join(estates, name);
  const log = [];
  const reader = new program.Reader(program.nodeIo().files, folder, log);
  const { configurations, modules } = program.terraformConfigurations(
    { folders: [folder], variableFiles: [], variables: [] },
    reader,
    () => {},
  );
  if (log.length > 0) throw new Error(`${name}: ${log.map((one) => one.message).join('; ')}`);
  const estate = new Estate(configurations[0].resources, [...modules], folder);
  const write = (file, content) => writeFileSync(join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
  write('plan.json', estate.plan());
  write('state.json', estate.state());
  console.log(`${name}: ${estate.resources.length} resources`);
}

class Estate {
  constructor(resources, modules, folder) {
    this.resources = resources;
    this.modules = modules;
    this.root = modules.find((module) => module.folder === folder);
    this.byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  }

  plan() {
    const managed = this.resources.filter((resource) => !resource.existing);
    const shown = new Map(managed.map((resource) => [resource, this.planned(resource)]));
    const data = this.resources.filter((resource) => resource.existing);
    return {
      format_version: '1.2',
      terraform_version: '1.11.4',
      variables: this.variables(),
      planned_values: {
        root_module: moduleTree(managed, (resource) => ({
          values: shown.get(resource).values,
          sensitive_values: shown.get(resource).sensitive,
        })),
      },
      resource_changes: managed.map((resource) => ({
        ...identity(resource, true),
        change: {
          actions: ['create'],
          before: null,
          after: shown.get(resource).values,
          after_unknown: shown.get(resource).unknown,
          before_sensitive: false,
          after_sensitive: shown.get(resource).sensitive,
        },
      })),
      ...(data.length > 0 && {
        prior_state: {
          format_version: '1.0',
          terraform_version: '1.11.4',
          values: {
            root_module: moduleTree(data, (resource) => ({ values: this.stated(resource), sensitive_values: {} })),
          },
        },
      }),
      configuration: {
        provider_config: this.providerConfig(),
        root_module: this.moduleConfiguration(this.root),
      },
      timestamp: '2000-01-01T00:00:00Z',
      applyable: true,
      complete: true,
      errored: false,
    };
  }

  state() {
    return {
      format_version: '1.0',
      terraform_version: '1.11.4',
      values: {
        root_module: moduleTree(this.resources, (resource) => ({
          values: this.stated(resource),
          sensitive_values: this.planned(resource).sensitive,
        })),
      },
    };
  }

  // Values

  planned(resource) {
    const schema = schemaOf(resource.type);
    const result = this.plannedBlock(resource.body, schema);
    result.unknown.id = true;
    return { ...result, sensitive: { ...result.sensitive, ...marked(schema.sensitive ?? [], result.values) } };
  }

  plannedBlock(body, schema) {
    const values = {};
    const unknown = {};
    const sensitive = {};
    for (const [key, member] of body.members) {
      const nested = schema.nested?.[key] ?? {};
      const one = this.plannedValue(program.force(member.value), key, nested, schema.nested ?? {});
      if (one.secret) sensitive[key] = true;
      else if (holds(one.sensitive)) sensitive[key] = one.sensitive;
      if (one.unknown === true) unknown[key] = true;
      else {
        values[key] = one.value;
        if (holds(one.unknown)) unknown[key] = one.unknown;
      }
    }
    fill(values, unknown, schema, body);
    return { values: ordered(values), unknown: ordered(unknown), sensitive };
  }

  plannedValue(value, key, schema, all) {
    const secret = value.secret === true;
    switch (value.kind) {
      case 'list': {
        const items = value.items.map((item) => this.plannedValue(program.force(item), key, schema, all));
        const sorted = sets.has(key) && items.every((item) => item.unknown !== true);
        const list = sorted ? [...items].sort((a, b) => order(a.value, b.value)) : items;
        return {
          secret,
          value: list.map((item) => (item.unknown === true ? null : item.value)),
          unknown:
            list.some((item) => holds(item.unknown)) || items.some((item) => typeof item.value === 'object')
              ? list.map((item) => item.unknown ?? false)
              : undefined,
          sensitive: list.map((item) => item.sensitive ?? false),
        };
      }
      case 'object': {
        const isBlock = Object.keys(schema).length > 0 || [...value.members.keys()].some((name) => name in all);
        const block = this.plannedBlock(value, isBlock ? { ...schema, nested: all } : {});
        return { secret, value: block.values, unknown: block.unknown, sensitive: block.sensitive };
      }
      case 'null':
        return { secret, value: null };
      case 'bool':
      case 'number':
        return { secret, value: value.value };
      case 'string':
        return { secret, value: key === 'location' ? region(value.value) : value.value };
      default: {
        const known = this.knownReference(value);
        return known === undefined ? { secret, unknown: true } : { secret, value: known };
      }
    }
  }

  /** Data sources are read while planning. */
  knownReference(value) {
    if (value.kind === 'symbol' && value.of) {
      const target = this.byAddress.get(value.of.address);
      return target?.existing ? this.attribute(target, value.of.path) : undefined;
    }
    if (value.kind !== 'template') return undefined;
    const parts = value.parts.map((part) => (typeof part === 'string' ? part : this.knownReference(part)));
    return parts.includes(undefined) ? undefined : parts.join('');
  }

  stated(resource) {
    const schema = schemaOf(resource.type);
    const values = this.statedBlock(resource.body, schema, resource);
    const isVault = resource.existing && resource.type === 'azurerm_recovery_services_vault';
    return ordered({ ...values, ...(isVault && { location: 'westeurope', sku: 'Standard' }), id: this.id(resource) });
  }

  statedBlock(body, schema, resource) {
    const values = {};
    for (const [key, member] of body.members) {
      const value = this.settled(program.force(member.value), key, schema.nested ?? {}, resource);
      values[key] = value;
    }
    const unknown = {};
    if (!resource.existing) fill(values, unknown, schema, body);
    for (const key of Object.keys(unknown)) values[key] = this.chosen(schema.computed[key], resource);
    for (const [key, zero] of Object.entries(schema.zero ?? {})) values[key] ??= zero;
    return ordered(values);
  }

  chosen(value, resource) {
    if (value === '(name)') return this.text(resource.name);
    if (value === '(disk)') return `${this.text(resource.name)}_disk1`;
    if (value === '(diskId)')
      return this.id(resource).replace(/virtualMachines\/.*$/, `disks/${this.text(resource.name)}_disk1`);
    if (value === 'guid') return nobody;
    const id = value === '(lastOfId)' || value === '(parentOfId)' ? this.id(resource).split('/') : undefined;
    if (value === '(lastOfId)') return id.at(-1);
    return value === '(parentOfId)' ? id.slice(0, -4).join('/') : value;
  }

  settled(value, key, all, resource) {
    switch (value.kind) {
      case 'list': {
        const items = value.items.map((item) => this.settled(program.force(item), key, all, resource));
        return sets.has(key) ? items.sort(order) : items;
      }
      case 'object':
        return this.statedBlock(
          value,
          key in all || holdsAny(value, all) ? { ...all[key], nested: all } : {},
          resource,
        );
      case 'null':
        return null;
      case 'bool':
      case 'number':
        return value.value;
      default:
        return key === 'location' ? region(this.text(value)) : this.text(value);
    }
  }

  /** Every name that only apply settles. */
  text(value) {
    const found = program.force(value);
    switch (found.kind) {
      case 'string':
        return found.value;
      case 'number':
        return program.numberText(found);
      case 'template':
        return found.parts.map((part) => (typeof part === 'string' ? part : this.text(part))).join('');
      case 'symbol': {
        if (!found.of) return `(${found.text})`;
        const target = this.byAddress.get(found.of.address);
        // Providers without an interest for us have no resource here.
        return target ? String(this.attribute(target, found.of.path)) : 'a1b2';
      }
      default:
        throw new Error(`a value is ${found.kind}: ${found.because ?? ''}`);
    }
  }

  attribute(resource, path) {
    if (path === 'id') return this.id(resource);
    const member = program.memberOf(resource.body, path);
    if (member) return this.text(member.value);
    return this.chosen(schemaOf(resource.type).computed?.[path] ?? `(${path})`, resource);
  }

  subscription(resource) {
    const { subscription } = resource.scope;
    return subscription.kind === 'string' ? subscription.value : nobody;
  }

  id(resource) {
    const { type, body } = resource;
    const of = (name) => {
      const member = program.memberOf(body, name);
      return member ? this.text(member.value) : '';
    };
    const schema = schemaOf(type);
    const base = `/subscriptions/${this.subscription(resource)}/resourceGroups`;
    const name = of('name');
    if (schema.group) return `${base}/${name}`;
    const group = `${base}/${of('resource_group_name')}`;
    switch (schema.arm) {
      case '(item)': {
        const source = of('source_vm_id').split('/');
        const machine = `${source[4]};${source.at(-1)}`;
        const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/${of('recovery_vault_name')}`;
        return `${vault}/backupFabrics/Azure/protectionContainers/iaasvmcontainer;iaasvmcontainerv2;${machine}/protectedItems/VM;iaasvmcontainerv2;${machine}`;
      }
      case '(attachment)':
        return `${of('virtual_machine_id')}/dataDisks/${of('managed_disk_id').split('/').at(-1)}`;
      case '(lock)':
        return `${of('scope')}/providers/Microsoft.Authorization/locks/${name}`;
      case '(target)':
        return of('resource_id');
      case '(result)':
        return 'a1b2';
    }
    if (!schema.parent) return `${group}/providers/${schema.arm}/${name}`;
    const [provider, parent, child] = schema.arm.split('/');
    return `${group}/providers/${provider}/${parent}/${of(schema.parent)}/${child}/${name}`;
  }

  // Configuration

  variables() {
    const values = {};
    for (const [name, block] of this.root.variables) {
      const value = block.body.attributes.find((attribute) => attribute.name === 'default')?.value;
      if (value) values[name] = { value: constantOf(value) };
    }
    return values;
  }

  providerConfig() {
    const found = {};
    const constraints = new Map();
    for (const module of this.modules)
      for (const { name, value } of module.required) {
        const version = value.entries?.find((entry) => entry.key.value === 'version')?.value.value;
        if (version && !constraints.has(name)) constraints.set(name, version);
      }
    for (const { type } of this.resources) {
      const name = type.split('_')[0];
      found[name] ??= this.provider(name, constraints);
    }
    for (const block of this.root.providers) {
      const name = block.labels[0].text;
      const alias = block.body.attributes.find((attribute) => attribute.name === 'alias')?.value.value;
      found[alias ? `${name}.${alias}` : name] = {
        ...this.provider(name, constraints),
        ...(alias && { alias }),
        expressions: expressionsOf(block.body, new Set(['alias'])),
      };
    }
    return found;
  }

  provider(name, constraints) {
    const owner = { azapi: 'azure' }[name] ?? 'hashicorp';
    const version = constraints.get(name);
    return {
      name,
      full_name: `registry.terraform.io/${owner}/${name}`,
      ...(version && { version_constraint: version }),
    };
  }

  /** `providers` are what the call passes, by the names inside. */
  moduleConfiguration(module, providers = new Map()) {
    const outputs = {};
    for (const [name, block] of module.outputs) {
      const value = block.body.attributes.find((attribute) => attribute.name === 'value');
      outputs[name] = { expression: expressionOf(value.value) };
    }
    const calls = {};
    for (const [name, block] of module.calls) {
      const source = block.body.attributes.find((attribute) => attribute.name === 'source').value.value;
      const child = this.modules.find((other) => other.folder === join(module.folder, source));
      const passed = block.body.attributes.find((attribute) => attribute.name === 'providers')?.value.entries ?? [];
      const inner = new Map(
        passed.map(({ key, value }) => [written(key), providers.get(written(value)) ?? written(value)]),
      );
      calls[name] = {
        source,
        expressions: expressionsOf(block.body, new Set(['source', 'providers', 'count', 'for_each', 'depends_on'])),
        ...expansionOf(block.body),
        module: this.moduleConfiguration(child, inner.size > 0 ? inner : providers),
      };
    }
    const variables = {};
    for (const name of module.variables.keys()) variables[name] = {};
    const resources = [...module.resources, ...module.data].map(([address, block]) => {
      const [type, name] = block.labels.map((label) => label.text);
      const isData = block.type === 'data';
      const chosen = block.body.attributes.find((attribute) => attribute.name === 'provider')?.value;
      const provider = chosen ? written(chosen) : type.split('_')[0];
      const skipped = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'dynamic']);
      return {
        address: isData ? `data.${address}` : address,
        mode: isData ? 'data' : 'managed',
        type,
        name,
        provider_config_key: providers.get(provider) ?? provider,
        expressions: expressionsOf(block.body, skipped),
        schema_version: 0,
        ...expansionOf(block.body),
      };
    });
    return {
      ...(Object.keys(outputs).length > 0 && { outputs }),
      ...(resources.length > 0 && { resources }),
      ...(Object.keys(calls).length > 0 && { module_calls: calls }),
      ...(Object.keys(variables).length > 0 && { variables }),
    };
  }
}

function schemaOf(type) {
  const schema = schemas[type];
  if (!schema) throw new Error(`no schema of ${type}`);
  return schema;
}

function holdsAny(value, all) {
  return [...value.members.keys()].some((name) => name in all);
}

/** What the schema adds to what is written: defaults, what the provider will compute, and blocks that are not there. */
function fill(values, unknown, schema, body) {
  for (const [key, value] of Object.entries(schema.defaults ?? {}))
    if (values[key] === undefined && unknown[key] === undefined) values[key] = value;
  for (const key of Object.keys(schema.computed ?? {}))
    if (!body.members.has(key) || values[key] === null) {
      delete values[key];
      unknown[key] = true;
    }
  for (const key of schema.blocks ?? []) if (values[key] === undefined && unknown[key] === undefined) values[key] = [];
}

function holds(marks) {
  if (marks === undefined || marks === false) return false;
  if (Array.isArray(marks)) return marks.length > 0;
  return marks === true || Object.keys(marks).length > 0;
}

function marked(names, values) {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, true]));
}

function order(a, b) {
  if (typeof a === 'number') return a - b;
  return a < b ? -1 : a > b ? 1 : 0;
}

function ordered(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => order(a, b)));
}

function region(name) {
  return name.toLowerCase().replaceAll(' ', '');
}

function partsOf(address) {
  const match = /^((?:module\.[^.[]+(?:\[[^\]]*\])?\.)*)(data\.)?([^.]+)\.([^.[]+)(?:\[(.*)\])?$/.exec(address);
  const [, module, data, type, name, key] = match;
  return { module: module.slice(0, -1), mode: data ? 'data' : 'managed', type, name, key };
}

function identity({ address }, isChange) {
  const { module, mode, type, name, key } = partsOf(address);
  const provider = type.split('_')[0];
  return {
    address,
    ...(isChange && module !== '' && { module_address: module }),
    mode,
    type,
    name,
    ...(key !== undefined && { index: JSON.parse(key) }),
    provider_name: `registry.terraform.io/${provider === 'azapi' ? 'azure' : 'hashicorp'}/${provider}`,
  };
}

function moduleTree(resources, more) {
  const tree = { resources: [], child_modules: [] };
  const modules = new Map([['', tree]]);
  const at = (address) => {
    if (modules.has(address)) return modules.get(address);
    const steps = address.match(/module\.[^.[]+(?:\[[^\]]*\])?/g);
    const own = { resources: [], address, child_modules: [] };
    modules.set(address, own);
    at(steps.slice(0, -1).join('.')).child_modules.push(own);
    return own;
  };
  for (const resource of resources)
    at(partsOf(resource.address).module).resources.push({
      ...identity(resource, false),
      schema_version: 0,
      ...more(resource),
    });
  const tidy = ({ resources: own, address, child_modules: children }) => ({
    ...(own.length > 0 && { resources: own }),
    ...(address && { address }),
    ...(children.length > 0 && { child_modules: children.map(tidy) }),
  });
  return tidy(tree);
}

// Expressions, as `configuration` has them

function expansionOf(body) {
  const of = (name) => body.attributes.find((attribute) => attribute.name === name)?.value;
  const [count, each] = [of('count'), of('for_each')];
  return {
    ...(count && { count_expression: expressionOf(count) }),
    ...(each && { for_each_expression: expressionOf(each) }),
  };
}

function expressionsOf(body, skipped) {
  const found = {};
  for (const { name, value } of body.attributes) if (!skipped.has(name)) found[name] = expressionOf(value);
  for (const block of body.blocks)
    if (!skipped.has(block.type)) {
      found[block.type] ??= [];
      found[block.type].push(expressionsOf(block.body, new Set(['dynamic'])));
    }
  return found;
}

function expressionOf(expression) {
  const references = referencesIn(expression, new Set());
  if (references.length > 0) return { references };
  const value = constantOf(expression);
  return value === undefined || value === null ? {} : { constant_value: value };
}

function constantOf(expression) {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return expression.parts.every((part) => typeof part === 'string') ? expression.parts.join('') : undefined;
    case 'list': {
      const items = expression.items.map((item) => constantOf(item.value));
      return items.includes(undefined) ? undefined : items;
    }
    case 'object': {
      const entries = expression.entries.map(({ key, value }) => [constantOf(key), constantOf(value)]);
      return entries.some((entry) => entry.includes(undefined)) ? undefined : Object.fromEntries(entries);
    }
    default:
      return undefined;
  }
}

function written(expression) {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'name' ? expression.name : `${expression.of.name}.${expression.key.value}`;
}

/** Whole references, each followed by its prefixes down to what is declared. Names of loops are none. */
function referencesIn(expression, loops) {
  if (!expression || typeof expression === 'string') return [];
  const inside = (...parts) => parts.flatMap((part) => referencesIn(part, loops));
  switch (expression.kind) {
    case 'name':
      return [];
    case 'access': {
      const chain = [];
      const others = [];
      let at = expression;
      for (; at.kind === 'access'; at = at.of) {
        if (at.key.kind === 'literal') chain.unshift(at.key.value);
        else {
          // What comes after a key that is computed is not told.
          chain.length = 0;
          others.push(...referencesIn(at.key, loops));
        }
      }
      if (at.kind !== 'name') return [...others, ...referencesIn(at, loops)];
      return loops.has(at.name) ? others : [...prefixes(at.name, chain), ...others];
    }
    case 'splat':
      return inside(expression.of);
    case 'template':
      return inside(...expression.parts);
    case 'list':
      return inside(...expression.items.map((item) => item.value));
    case 'object':
      return expression.entries.flatMap(({ key, value }) => inside(key, value));
    case 'call':
      return inside(...expression.args);
    case 'operation':
      return inside(...expression.operands);
    case 'conditional':
      return inside(expression.condition, expression.then, expression.otherwise);
    case 'for': {
      const inner = new Set([...loops, expression.keyName, expression.valueName]);
      return [
        ...referencesIn(expression.of, loops),
        ...[expression.key, expression.value, expression.condition].flatMap((part) => referencesIn(part, inner)),
      ];
    }
    default:
      return [];
  }
}

/** `a.b.c`, `a.b`: a resource or module ends at its name and key, a variable at its name. */
function prefixes(first, chain) {
  const spelt = [first];
  for (const step of chain) {
    const key = typeof step === 'number' ? `[${step}]` : /^\w[\w-]*$/.test(step) ? `.${step}` : `["${step}"]`;
    spelt.push(spelt.at(-1) + key);
  }
  const least = first === 'data' ? 3 : 2;
  return spelt.slice(Math.min(least, spelt.length) - 1).reverse();
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : readdirSync(estates).sort()) derive(name);
