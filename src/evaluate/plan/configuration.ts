/**
 * The `configuration` part of a plan: which provider a resource has, what is written, and what its unknown values refer to.
 * It holds the names that an expression uses and not the expression, so a name is given only where no other expression makes sense:
 * an attribute that takes the id of a policy, and one reference to a policy. Locals are not in it, and no dynamic blocks.
 */
import { limits } from '../../source/limits.ts';
import type { Origin } from '../../source/source.ts';
import { list, symbol, type Value } from '../value.ts';
import {
  type Instance,
  indexOf,
  keyOfIndex,
  type ModuleStep,
  moduleAddressOf,
  moduleSteps,
  qualified,
} from './address.ts';
import { objectsIn, own, type Path, type PlainObject, plainObject } from './body.ts';

/** What an attribute takes: a kind of resource, and what of it. */
interface Expected {
  readonly types: RegExp;
  /** The same kind where azapi declares it, by the type of ARM. */
  readonly arm?: RegExp;
  readonly paths: readonly string[];
  readonly isList?: boolean;
}

type Kind = Omit<Expected, 'paths'>;

const policies: Kind = {
  types: /^azurerm_(?:backup|data_protection_backup)_policy_/,
  arm: /^microsoft\.(?:recoveryservices\/vaults|dataprotection\/backupvaults)\/backuppolicies$/,
};
const vaults: Kind = {
  types: /^azurerm_(?:recovery_services_vault|data_protection_backup_vault)$/,
  arm: /^microsoft\.(?:recoveryservices\/vaults|dataprotection\/backupvaults)$/,
};
const accounts: Kind = { types: /^azurerm_storage_account$/, arm: /^microsoft\.storage\/storageaccounts$/ };
const disks: Kind = { types: /^azurerm_managed_disk$/, arm: /^microsoft\.compute\/disks$/ };
/** What a disk or a snapshot may be a copy of. */
const copied: Kind = {
  types: /^azurerm_(?:managed_disk|snapshot)$/,
  arm: /^microsoft\.compute\/(?:disks|snapshots)$/,
};
const machines: Kind = {
  types: /^azurerm_(?:(?:linux|windows)_)?virtual_machine$/,
  arm: /^microsoft\.compute\/virtualmachines$/,
};
const clusters: Kind = {
  types: /^azurerm_kubernetes_(?:automatic_)?cluster$/,
  arm: /^microsoft\.containerservice\/managedclusters$/,
};
const servers: Kind = {
  types: /^azurerm_(?:postgresql|mysql)_flexible_server$/,
  arm: /^microsoft\.dbfor(?:postgresql|mysql)\/flexibleservers$/,
};
const cosmosAccounts: Kind = {
  types: /^azurerm_cosmosdb_account$/,
  arm: /^microsoft\.documentdb\/databaseaccounts$/,
};
const volumeGroups: Kind = {
  types: /^azurerm_elastic_san_volume_group$/,
  arm: /^microsoft\.elasticsan\/elasticsans\/volumegroups$/,
};
const sans: Kind = { types: /^azurerm_elastic_san$/, arm: /^microsoft\.elasticsan\/elasticsans$/ };
const guards: Kind = {
  types: /^azurerm_data_protection_resource_guard$/,
  arm: /^microsoft\.dataprotection\/resourceguards$/,
};
const identities: Kind = {
  types: /^azurerm_user_assigned_identity$/,
  arm: /^microsoft\.managedidentity\/userassignedidentities$/,
};
const groups: Kind = { types: /^azurerm_resource_group$/, arm: /^microsoft\.resources\/resourcegroups$/ };
const cards: Kind = { types: /^azurerm_network_interface$/, arm: /^microsoft\.network\/networkinterfaces$/ };
const subnets: Kind = { types: /^azurerm_subnet$/, arm: /^microsoft\.network\/virtualnetworks\/subnets$/ };
const securityGroups: Kind = {
  types: /^azurerm_network_security_group$/,
  arm: /^microsoft\.network\/networksecuritygroups$/,
};
const routeTables: Kind = { types: /^azurerm_route_table$/, arm: /^microsoft\.network\/routetables$/ };
const keys: Kind = { types: /^azurerm_key_vault_key$/ };
const id = ['id'];
const name = ['name'];

const expectations: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ['backup_policy_id', { ...policies, paths: id }],
  ['backup_policy_data_lake_storage_id', { ...policies, paths: id }],
  ['vault_id', { ...vaults, paths: id }],
  ['recovery_vault_id', { ...vaults, paths: id }],
  ['data_protection_backup_vault_id', { ...vaults, paths: id }],
  ['private_connection_resource_id', { ...vaults, paths: id }],
  ['resource_guard_id', { ...guards, paths: id }],
  ['source_vm_id', { ...machines, paths: id }],
  ['virtual_machine_id', { ...machines, paths: id }],
  ['disk_id', { ...disks, paths: id }],
  ['managed_disk_id', { ...disks, paths: id }],
  ['os_managed_disk_id', { ...disks, paths: id }],
  ['source_uri', { ...copied, paths: id }],
  ['storage_account_id', { ...accounts, paths: id }],
  ['source_storage_account_id', { ...accounts, paths: id }],
  ['storage_blob_endpoint', { types: accounts.types, paths: ['primary_blob_endpoint'] }],
  ['cluster_id', { ...clusters, paths: id }],
  ['kubernetes_cluster_id', { ...clusters, paths: id }],
  ['server_id', { ...servers, paths: id }],
  ['cosmosdb_account_id', { ...cosmosAccounts, paths: id }],
  ['elastic_san_id', { ...sans, paths: id }],
  ['elastic_san_volume_group_id', { ...volumeGroups, paths: id }],
  ['network_interface_ids', { ...cards, paths: id, isList: true }],
  ['subnet_id', { ...subnets, paths: id }],
  ['network_security_group_id', { ...securityGroups, paths: id }],
  ['route_table_id', { ...routeTables, paths: id }],
  ['key_vault_id', { types: /^azurerm_key_vault$/, paths: id }],
  ['key_id', { ...keys, paths: ['id', 'versionless_id'] }],
  ['key_vault_key_id', { ...keys, paths: ['id', 'versionless_id'] }],
  ['user_assigned_identity_id', { ...identities, paths: id }],
  ['identity_ids', { ...identities, paths: id, isList: true }],
  [
    'principal_id',
    {
      types: /^azurerm_/,
      paths: [
        'principal_id',
        'identity[0].principal_id',
        'aks_assigned_identity[0].principal_id',
        'kubelet_identity[0].object_id',
      ],
    },
  ],
  ['recovery_vault_name', { types: /^azurerm_recovery_services_vault$/, paths: name }],
  ['vault_name', { ...vaults, paths: name }],
  // The group that a cluster makes for its nodes holds their disks.
  [
    'resource_group_name',
    { types: /^azurerm_(?:resource_group|kubernetes_cluster)$/, paths: ['name', 'node_resource_group'] },
  ],
]);

/** What only some types take. */
const expectationsOf: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ['azurerm_managed_disk.source_resource_id', { ...copied, paths: id }],
  ['azurerm_snapshot.source_resource_id', { ...copied, paths: id }],
  ['azurerm_kubernetes_cluster_trusted_access_role_binding.source_resource_id', { ...vaults, paths: id }],
  ['azurerm_elastic_san_volume.volume_group_id', { ...volumeGroups, paths: id }],
]);

/** What bodies of azapi take, by the names of ARM. */
const inBodies: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ['identityArmId', { ...identities, paths: id }],
  ['policyId', { ...policies, paths: id }],
  [
    'sourceResourceId',
    {
      types: /^azurerm_(?:(?:(?:linux|windows)_)?virtual_machine|storage_account)$/,
      arm: /^microsoft\.(?:compute\/virtualmachines|storage\/storageaccounts)$/,
      paths: id,
    },
  ],
  ['virtualMachineResourceId', { ...machines, paths: id }],
]);

/** What azapi changes, and what lies in it, by the type of ARM. */
const owners: ReadonlyMap<string, RegExp> = new Map<string, RegExp>([
  ['microsoft.recoveryservices/vaults', /^azurerm_recovery_services_vault$/],
  ['microsoft.dataprotection/backupvaults', /^azurerm_data_protection_backup_vault$/],
  ['microsoft.compute/disks', disks.types],
  ['microsoft.compute/virtualmachines', machines.types],
  ['microsoft.containerservice/managedclusters', clusters.types],
  ['microsoft.storage/storageaccounts', accounts.types],
]);

/** Where an expression stands: a module instance, and the key of what it belongs to. */
interface Scope {
  readonly module: readonly ModuleStep[];
  readonly index: string | number | undefined;
  /** How many there are of what it belongs to. */
  readonly siblings: number;
}

/** A provider block as a plan shows it. */
export interface PlannedProvider {
  /** Among `provider_config`. */
  readonly key: string;
  readonly address: string;
  readonly module: readonly ModuleStep[];
  /** undefined: nothing is written, as where no block stands. */
  readonly expressions: unknown;
}

export class PlannedConfiguration {
  readonly #root: PlainObject | undefined;
  readonly #providers: PlainObject;
  readonly #variables: PlainObject;
  /** Keys of instances, by address without key. */
  readonly #keys: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #resources = new Map<string, ReadonlyMap<string, PlainObject>>();
  /** What azapi declares, by address. */
  readonly #armTypes = new Map<string, string>();
  /** By address without key. */
  readonly #armTypesByBase = new Map<string, string>();

  constructor(plan: PlainObject, instances: Iterable<Instance>) {
    const configuration = plainObject(plan['configuration']);
    this.#root = plainObject(configuration?.['root_module']);
    this.#providers = plainObject(configuration?.['provider_config']) ?? {};
    this.#variables = plainObject(plan['variables']) ?? {};
    const all = new Map<string, Set<string>>();
    const add = (address: string, key: string): void => {
      const found = all.get(address);
      if (found) found.add(key);
      else all.set(address, new Set([key]));
    };
    for (const instance of instances) {
      add(baseOf(instance), keyOfIndex(instance.index));
      if (instance.armType !== undefined) {
        this.#armTypes.set(instance.address, instance.armType.toLowerCase());
        this.#armTypesByBase.set(baseOf(instance), instance.armType.toLowerCase());
      }
      const steps = moduleSteps(instance.moduleAddress);
      steps.forEach((step, i) => {
        add(qualified(moduleAddressOf(steps.slice(0, i)), `module.${step.name}`), step.key);
      });
    }
    this.#keys = all;
  }

  /** Version constraints by provider name. */
  constraints(): { name: string; version: string }[] {
    return Object.values(this.#providers).flatMap((provider) => {
      const [name, version] = [own(provider, 'name'), own(provider, 'version_constraint')];
      return typeof name === 'string' && typeof version === 'string' ? [{ name, version }] : [];
    });
  }

  /** The key of the provider of a resource: `azurerm`, `azurerm.alias`, `module.m:azurerm`. */
  providerOf(instance: Instance): string | undefined {
    const key = own(this.#resource(instance), 'provider_config_key');
    return typeof key === 'string' ? key : undefined;
  }

  /** The subscription that a provider block names, where the plan knows it; a module without such a block has its caller's. */
  subscriptionOf(provider: string): string | undefined {
    const block = this.providerBlockOf(provider);
    const text = block && this.#constant(own(block.expressions, 'subscription_id'), block.module, 0);
    return typeof text === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : undefined;
  }

  /** The provider block that a key leads to; undefined where the plan shows none. */
  providerBlockOf(provider: string): PlannedProvider | undefined {
    const [provided = '', path = ''] = provider.split(':').reverse();
    for (
      let steps = path === '' ? [] : path.split('.').filter((step) => step !== 'module');
      ;
      steps = steps.slice(0, -1)
    ) {
      const module = steps.map((name): ModuleStep => ({ name, key: '' }));
      const below = steps.map((name) => `module.${name}`).join('.');
      const key = steps.length === 0 ? provided : `${below}:${provided}`;
      const block = own(this.#providers, key);
      if (block !== undefined)
        return {
          key,
          address: qualified(below, `provider.${provided}`),
          module,
          expressions: own(block, 'expressions'),
        };
      if (steps.length === 0) return undefined;
    }
  }

  /** Every provider block of one provider. */
  providerBlocks(name: string): PlannedProvider[] {
    return Object.keys(this.#providers)
      .filter((key) => own(own(this.#providers, key), 'name') === name)
      .flatMap((key) => this.providerBlockOf(key) ?? []);
  }

  /** The constants of an expression tree, and `true` in the marks for everything else: an expression of names may be any of them. */
  constants(expression: unknown, level = 0): { readonly value: unknown; readonly unknown: unknown } {
    if (level > limits.nesting) return { value: undefined, unknown: true };
    if (isExpression(expression)) {
      const value = expression['constant_value'];
      return { value, unknown: value === undefined };
    }
    if (Array.isArray(expression)) {
      const items = expression.map((item) => this.constants(item, level + 1));
      return { value: items.map((item) => item.value), unknown: items.map((item) => item.unknown) };
    }
    const parts = Object.entries(plainObject(expression) ?? {}).map(
      ([name, part]) => [name, this.constants(part, level + 1)] as const,
    );
    return {
      value: Object.fromEntries(parts.map(([name, part]) => [name, part.value])),
      unknown: Object.fromEntries(parts.map(([name, part]) => [name, part.unknown])),
    };
  }

  /** Whether an attribute is written; undefined where that cannot be told. */
  isWritten(instance: Instance, path: Path): boolean | undefined {
    const found = this.#expressionAt(instance, path);
    if (!found) return undefined;
    const { expression } = found;
    if (expression === undefined || own(expression, 'constant_value') === null) return false;
    // Without a constant and without references it may be `null` or a call without arguments.
    const isTold = own(expression, 'constant_value') !== undefined || own(expression, 'references') !== undefined;
    return isTold || undefined;
  }

  /** The one thing that a value can only be, by name. */
  referenced(instance: Instance, path: Path, at: Origin): Value | undefined {
    const attribute = nameIn(path);
    const expected =
      attribute === undefined
        ? undefined
        : (azapiExpected(instance, attribute, path) ??
          expectationsOf.get(`${instance.type}.${attribute}`) ??
          expectations.get(attribute));
    const found = expected && this.#expressionAt(instance, path);
    if (!found?.expression) return undefined;
    const expression = isInBody(instance, path)
      ? this.#onlyOfKind(found.expression, expected!, instance.moduleAddress)
      : found.expression;
    if (!expression) return undefined;
    const scope: Scope = {
      module: moduleSteps(instance.moduleAddress),
      index: instance.index,
      siblings: this.#keys.get(baseOf(instance))?.size ?? 0,
    };
    const value = this.#follow(expression, attribute!, expected!, scope, at, 0);
    // The whole list is unknown, or its one item.
    return value && expected!.isList && typeof path.step === 'string' ? list([value], at, 'list') : value;
  }

  /**
   * A plan shows the names in a body all together. What takes the id of a machine is that of the one machine among them, where all
   * others are resources of other kinds: out of their ids nobody makes one.
   */
  #onlyOfKind(expression: PlainObject, expected: Expected, moduleAddress: string): PlainObject | undefined {
    const references = own(expression, 'references');
    if (!Array.isArray(references)) return undefined;
    const found: string[] = [];
    const keys: string[] = [];
    for (const root of withoutPrefixes(references.filter((one): one is string => typeof one === 'string'))) {
      if (root === 'each.key' || root === 'count.index') {
        keys.push(root);
        continue;
      }
      const match = /^(([a-z]+_\w+)\.[^.[]+)(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.(.+)$/s.exec(root);
      // What a variable or a local stands for is not known.
      if (!match) return undefined;
      const [, base, type, path] = match;
      const armType = this.#armTypesByBase.get(qualified(moduleAddress, base!));
      if (type!.startsWith('azapi_') && armType === undefined) return undefined;
      const isExpected = armType === undefined ? expected.types.test(type!) : expected.arm?.test(armType);
      if (isExpected && expected.paths.includes(path!)) found.push(root);
    }
    return found.length === 1 ? { references: [...found, ...keys] } : undefined;
  }

  /** The expression at a path of a resource; its own undefined where nothing is written there. */
  #expressionAt(instance: Instance, path: Path): { expression: PlainObject | undefined } | undefined {
    let node: unknown = own(this.#resource(instance), 'expressions');
    const steps: Path[] = [];
    for (let step: Path | undefined = path; step; step = step.above) steps.unshift(step);
    // A body is one expression, whatever is in it.
    if (isInBody(instance, path)) steps.splice(1);
    for (const [i, { step, of }] of steps.entries()) {
      if (typeof step === 'number') {
        // Blocks of which some are dynamic, and sets, do not correspond by their number.
        if (step !== 0 || of !== 1) return undefined;
        if (!Array.isArray(node))
          return i === steps.length - 1 && isExpression(node) ? { expression: node } : undefined;
        if (node.length !== 1) return undefined;
        [node] = node;
        continue;
      }
      if (!plainObject(node) || isExpression(node)) return undefined;
      node = own(node, step);
      if (node === undefined) return i === steps.length - 1 ? { expression: undefined } : undefined;
    }
    const expression = plainObject(node);
    return expression && { expression };
  }

  #follow(
    expression: PlainObject,
    attribute: string,
    expected: Expected,
    scope: Scope,
    at: Origin,
    depth: number,
  ): Value | undefined {
    const references = own(expression, 'references');
    if (!Array.isArray(references) || depth > 16) return undefined;
    const roots = withoutPrefixes(references.filter((reference): reference is string => typeof reference === 'string'));
    // The key says which instance; anything else beside the reference makes it an expression of several.
    const [reference, ...others] = roots.filter((root) => root !== 'each.key' && root !== 'count.index');
    if (reference === undefined || others.length > 0) return undefined;
    const byKey = roots.length > 1;
    const [first, second = ''] = reference.split('.');
    switch (first) {
      case 'var':
        return this.#variable(second, attribute, expected, scope, at, depth);
      case 'module':
        return this.#output(reference, attribute, expected, scope, byKey, at, depth);
      case 'local':
      case 'path':
      case 'terraform':
      case 'each':
      case 'count':
      case 'self':
        return undefined;
    }
    const match = /^((?:data\.)?([^.[]+)\.[^.[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.(.+))?$/s.exec(reference);
    if (!match) return undefined;
    const [, base, type, written, part] = match;
    const target = base!.startsWith('data.') ? base!.split('.')[1]! : type!;
    const module = moduleAddressOf(scope.module);
    const key = this.#keyOf(qualified(module, base!), written, scope, byKey);
    if (key === undefined) return undefined;
    const address = qualified(module, `${base}${key}`);
    const path = part ?? expected.paths[0]!;
    const armType = target.startsWith('azapi_') ? this.#armTypes.get(address) : undefined;
    const isExpected = armType === undefined ? expected.types.test(target) : expected.arm?.test(armType);
    if (!isExpected || !expected.paths.includes(path)) {
      // `azurerm_recovery_services_vault.v.resource_group_name`: what that one has, be it under another name.
      const isSame = part !== undefined && (part === attribute || expectations.get(part)?.types === expected.types);
      return isSame && part !== 'name' ? this.#sameOf(base!, key, part, expected, scope, at, depth) : undefined;
    }
    const value = symbol(`${address}.${path}`, 'it is known only after apply', at, { address, path });
    return { ...value, present: true };
  }

  #sameOf(
    base: string,
    key: string,
    attribute: string,
    expected: Expected,
    scope: Scope,
    at: Origin,
    depth: number,
  ): Value | undefined {
    const [mode, type, label] = base.startsWith('data.') ? base.split('.') : ['managed', ...base.split('.')];
    const moduleAddress = moduleAddressOf(scope.module);
    const other: Instance = {
      address: qualified(moduleAddress, base + key),
      moduleAddress,
      mode: mode!,
      type: type!,
      name: label!,
      index: indexOf(key),
    };
    const expression = plainObject(own(own(this.#resource(other), 'expressions'), attribute));
    const siblings = this.#keys.get(qualified(moduleAddress, base))?.size ?? 0;
    return (
      expression &&
      this.#follow(expression, attribute, expected, { ...scope, index: other.index, siblings }, at, depth + 1)
    );
  }

  /** Which instance is meant: the one that is written, the only one, or the one with the same key. */
  #keyOf(address: string, written: string | undefined, scope: Scope, byKey: boolean): string | undefined {
    const instances = this.#keys.get(address);
    if (!instances) return undefined;
    if (written !== undefined) return instances.has(written) ? written : undefined;
    if (byKey) {
      const own = keyOfIndex(scope.index);
      // Another number of them, and the index may be computed.
      const isSame = typeof scope.index === 'string' || instances.size === scope.siblings;
      if (own !== '' && instances.has(own) && isSame) return own;
      if (instances.size > 1) return undefined;
    }
    const [only] = instances;
    return instances.size === 1 ? only : undefined;
  }

  #variable(
    variable: string,
    attribute: string,
    expected: Expected,
    scope: Scope,
    at: Origin,
    depth: number,
  ): Value | undefined {
    const call = scope.module.at(-1);
    if (!call) return undefined;
    const parent = scope.module.slice(0, -1);
    const expression = plainObject(own(own(this.#callOf(parent, call.name), 'expressions'), variable));
    const siblings = this.#keys.get(qualified(moduleAddressOf(parent), `module.${call.name}`))?.size ?? 0;
    return (
      expression &&
      this.#follow(
        expression,
        attribute,
        expected,
        { module: parent, index: indexOf(call.key), siblings },
        at,
        depth + 1,
      )
    );
  }

  #output(
    reference: string,
    attribute: string,
    expected: Expected,
    scope: Scope,
    byKey: boolean,
    at: Origin,
    depth: number,
  ): Value | undefined {
    const match = /^module\.([^.[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.([^.[]+)$/s.exec(reference);
    if (!match) return undefined;
    const [, called, written, output] = match;
    const key = this.#keyOf(qualified(moduleAddressOf(scope.module), `module.${called}`), written, scope, byKey);
    if (key === undefined) return undefined;
    const module = [...scope.module, { name: called!, key }];
    const expression = plainObject(own(own(own(this.#module(module), 'outputs'), output!), 'expression'));
    return (
      expression &&
      this.#follow(expression, attribute, expected, { module, index: undefined, siblings: 0 }, at, depth + 1)
    );
  }

  /** The text that an expression is for certain: a constant, or a variable with a value. */
  #constant(expression: unknown, module: readonly ModuleStep[], depth: number): string | undefined {
    const value = own(expression, 'constant_value');
    if (typeof value === 'string') return value;
    const references = own(expression, 'references');
    if (!Array.isArray(references) || references.length !== 1 || depth > 16) return undefined;
    const variable = /^var\.([^.[]+)$/.exec(String(references[0]))?.[1];
    if (variable === undefined) return undefined;
    const call = module.at(-1);
    if (!call) {
      const given = own(own(this.#variables, variable), 'value');
      return typeof given === 'string' ? given : undefined;
    }
    const parent = module.slice(0, -1);
    return this.#constant(own(own(this.#callOf(parent, call.name), 'expressions'), variable), parent, depth + 1);
  }

  #resource({ moduleAddress, mode, type, name }: Instance): PlainObject | undefined {
    const steps = moduleSteps(moduleAddress);
    const path = steps.map((step) => step.name).join('.');
    let resources = this.#resources.get(path);
    if (!resources) {
      const found = new Map<string, PlainObject>();
      for (const [, one] of objectsIn(own(this.#module(steps), 'resources')))
        found.set(`${String(one['mode'])}.${String(one['type'])}.${String(one['name'])}`, one);
      resources = found;
      this.#resources.set(path, resources);
    }
    return resources.get(`${mode}.${type}.${name}`);
  }

  #callOf(module: readonly ModuleStep[], call: string): unknown {
    return own(own(this.#module(module), 'module_calls'), call);
  }

  /** The configuration of a module; keys do not matter. */
  #module(steps: readonly ModuleStep[]): unknown {
    let module: unknown = this.#root;
    for (const { name } of steps) module = own(own(own(module, 'module_calls'), name), 'module');
    return module;
  }
}

/** What lies in what is told by the type: the parent of a policy is a vault, that of a vault a group. */
function azapiExpected(instance: Instance, attribute: string, path: Path): Expected | undefined {
  const { type, armType } = instance;
  if (!type.startsWith('azapi_') || armType === undefined) return undefined;
  if (isInBody(instance, path)) return inBodies.get(attribute);
  const lower = armType.toLowerCase();
  if (attribute === 'resource_id') return ownerOf(lower);
  if (attribute !== 'parent_id') return undefined;
  const parent = lower.slice(0, lower.lastIndexOf('/'));
  return parent.includes('/') ? ownerOf(parent) : { ...groups, paths: id };
}

function ownerOf(armType: string): Expected {
  const exactly = new RegExp(`^${armType.replace(/[^\w/]/g, '\\$&')}$`);
  return { types: owners.get(armType) ?? never, arm: exactly, paths: id };
}

const never = /(?!)/;

function isInBody({ type }: Instance, path: Path): boolean {
  let first = path;
  while (first.above) first = first.above;
  return first.step === 'body' && first !== path && type.startsWith('azapi_');
}

function baseOf({ moduleAddress, mode, type, name }: Instance): string {
  return qualified(moduleAddress, `${mode === 'data' ? 'data.' : ''}${type}.${name}`);
}

/** The attribute that a path ends in; an item of a list belongs to its attribute. */
function nameIn({ step, above }: Path): string | undefined {
  if (typeof step === 'string') return step;
  return above && typeof above.step === 'string' ? above.step : undefined;
}

function isExpression(node: unknown): node is PlainObject {
  return Array.isArray(own(node, 'references')) || own(node, 'constant_value') !== undefined;
}

/** References come with each of their prefixes; the whole ones are what counts. */
function withoutPrefixes(references: readonly string[]): string[] {
  const unique = [...new Set(references)];
  // More than a person writes in one expression of a plain reference.
  if (unique.length > 32) return unique;
  return unique.filter(
    (one) => !unique.some((other) => other !== one && (other.startsWith(`${one}.`) || other.startsWith(`${one}[`))),
  );
}
