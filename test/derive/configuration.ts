/** The `configuration` part of a plan: what is written, as constants and as the names that expressions use. */
import { join } from 'node:path';
import type { TerraformModule } from '../../src/evaluate/terraform/module.ts';
import type { Expression, ListText } from '../../src/parse/expression.ts';
import type { Block, Body } from '../../src/parse/hcl-tree.ts';

type Json = Record<string, unknown>;

/** Of a root module; `types` are those of all resources, with or without a provider block. */
export function configurationOf(
  modules: readonly TerraformModule[],
  root: TerraformModule,
  types: readonly string[],
): Json {
  return { provider_config: providersOf(modules, root, types), root_module: moduleOf(modules, root, new Map()) };
}

/** The variables that have a value. */
export function variablesOf(root: TerraformModule): Json {
  const values: Json = {};
  for (const [name, { body }] of root.variables) {
    const value = attributeOf(body, 'default');
    if (value) values[name] = { value: constantOf(value) };
  }
  return values;
}

export function fullNameOf(provider: string): string {
  if (provider === 'terraform') return 'terraform.io/builtin/terraform';
  return `registry.terraform.io/${provider === 'azapi' ? 'azure' : 'hashicorp'}/${provider}`;
}

function providersOf(modules: readonly TerraformModule[], root: TerraformModule, types: readonly string[]): Json {
  const versions = new Map<string, unknown>();
  for (const { required } of modules)
    for (const { name, value } of required) {
      const version = value.kind === 'object' ? value.entries.find(({ key }) => nameOf(key) === 'version') : undefined;
      if (version && !versions.has(name)) versions.set(name, constantOf(version.value));
    }
  const provider = (name: string): Json => ({
    name,
    full_name: fullNameOf(name),
    ...(versions.has(name) && { version_constraint: versions.get(name) }),
  });
  const found: Json = {};
  for (const type of types) {
    const name = type.split('_')[0]!;
    found[name] ??= provider(name);
  }
  for (const { labels, body } of root.providers) {
    const name = labels[0]!.text;
    const alias = attributeOf(body, 'alias');
    const key = alias ? `${name}.${String(constantOf(alias))}` : name;
    found[key] = {
      ...provider(name),
      ...(alias && { alias: constantOf(alias) }),
      expressions: expressionsOf(body, new Set(['alias'])),
    };
  }
  return found;
}

/** `providers` are what the call passes, by the names inside. */
function moduleOf(
  modules: readonly TerraformModule[],
  module: TerraformModule,
  providers: ReadonlyMap<string, string>,
): Json {
  const outputs: Json = {};
  for (const [name, { body }] of module.outputs)
    outputs[name] = { expression: expressionOf(attributeOf(body, 'value')!) };
  const calls: Json = {};
  for (const [name, { body }] of module.calls) {
    const source = String(constantOf(attributeOf(body, 'source')!));
    const child = modules.find(({ folder }) => folder === join(module.folder, source));
    const passed = attributeOf(body, 'providers');
    const inner = new Map(
      (passed?.kind === 'object' ? passed.entries : []).map(({ key, value }) => [
        nameOf(key),
        providers.get(nameOf(value)) ?? nameOf(value),
      ]),
    );
    calls[name] = {
      source,
      expressions: expressionsOf(body, new Set(['source', 'version', 'providers', 'count', 'for_each', 'depends_on'])),
      ...expansionOf(body),
      ...(child && { module: moduleOf(modules, child, inner.size > 0 ? inner : providers) }),
    };
  }
  const resources = [...module.resources, ...module.data].map(([address, { type: kind, labels, body }]) => {
    const [type, name] = labels.map((label) => label.text) as [string, string];
    const chosen = attributeOf(body, 'provider');
    const provider = chosen ? nameOf(chosen) : type.split('_')[0]!;
    const skipped = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner', 'connection']);
    return {
      address: kind === 'data' ? `data.${address}` : address,
      mode: kind === 'data' ? 'data' : 'managed',
      type,
      name,
      provider_config_key: providers.get(provider) ?? provider,
      expressions: expressionsOf(body, skipped),
      schema_version: 0,
      ...expansionOf(body),
    };
  });
  return {
    ...(module.outputs.size > 0 && { outputs }),
    ...(resources.length > 0 && { resources }),
    ...(module.calls.size > 0 && { module_calls: calls }),
    ...(module.variables.size > 0 && {
      variables: Object.fromEntries([...module.variables.keys()].map((name) => [name, {}])),
    }),
  };
}

export function attributeOf(body: Body, name: string): Expression | undefined {
  return body.attributes.find((attribute) => attribute.name === name)?.value;
}

function expansionOf(body: Body): Json {
  const [count, each] = [attributeOf(body, 'count'), attributeOf(body, 'for_each')];
  return {
    ...(count && { count_expression: expressionOf(count) }),
    ...(each && { for_each_expression: expressionOf(each) }),
  };
}

/** Terraform shows no dynamic blocks. */
function expressionsOf(body: Body, skipped: ReadonlySet<string>): Json {
  const found: Json = {};
  for (const { name, value } of body.attributes) if (!skipped.has(name)) found[name] = expressionOf(value);
  const blocks = new Map<string, Block[]>();
  for (const block of body.blocks)
    if (!skipped.has(block.type) && block.type !== 'dynamic')
      blocks.set(block.type, [...(blocks.get(block.type) ?? []), block]);
  for (const [type, all] of blocks) found[type] = all.map((block) => expressionsOf(block.body, new Set()));
  return found;
}

function expressionOf(expression: Expression): Json {
  const references = referencesIn(expression, new Set());
  if (references.length > 0) return { references };
  const value = constantOf(expression);
  return value === undefined || value === null ? {} : { constant_value: value };
}

/** undefined: it is none. */
function constantOf(expression: Expression): unknown {
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
      const entries = expression.entries.map(({ key, value }) => [key && constantOf(key), constantOf(value)]);
      return entries.some((entry) => entry.includes(undefined)) ? undefined : Object.fromEntries(entries);
    }
    default:
      return undefined;
  }
}

/** A key, or `azurerm.alias`. */
function nameOf(expression: Expression | undefined): string {
  if (expression?.kind === 'literal') return String(expression.value);
  if (expression?.kind === 'name') return expression.name;
  return expression?.kind === 'access' ? `${nameOf(expression.of)}.${nameOf(expression.key)}` : '';
}

/** Whole references, each followed by its prefixes down to what is declared. Names of loops are none. */
function referencesIn(expression: Expression | string | undefined, loops: ReadonlySet<string>): string[] {
  if (expression === undefined || typeof expression === 'string') return [];
  const inside = (...parts: readonly (Expression | string | undefined)[]): string[] =>
    parts.flatMap((part) => referencesIn(part, loops));
  switch (expression.kind) {
    case 'access': {
      const chain: (string | number)[] = [];
      const others: string[] = [];
      let at: Expression = expression;
      for (; at.kind === 'access'; at = at.of) {
        const key = at.key.kind === 'literal' ? at.key.value : undefined;
        if (typeof key === 'string' || typeof key === 'number') chain.unshift(key);
        else {
          // What comes after a key that is computed is not told.
          chain.length = 0;
          others.push(...inside(at.key));
        }
      }
      if (at.kind !== 'name') return [...others, ...inside(at)];
      return loops.has(at.name) ? others : [...prefixes(at.name, chain), ...others];
    }
    case 'splat':
      return inside(expression.of);
    case 'template':
      return inside(...expression.parts);
    case 'list':
      return inside(...(expression as ListText).items.map((item) => item.value));
    case 'object':
      return expression.entries.flatMap(({ key, value }) => inside(key, value));
    case 'call':
      return inside(...expression.args);
    case 'operation':
      return inside(...expression.operands);
    case 'conditional':
      return inside(expression.condition, expression.then, expression.otherwise);
    case 'for': {
      const inner = new Set([...loops, expression.valueName, ...(expression.keyName ? [expression.keyName] : [])]);
      return [
        ...inside(expression.of),
        ...[expression.key, expression.value, expression.condition].flatMap((part) => referencesIn(part, inner)),
      ];
    }
    default:
      return [];
  }
}

/** `a.b.c`, `a.b`: a resource or module ends at its name and key, a variable at its name. */
function prefixes(first: string, chain: readonly (string | number)[]): string[] {
  const spelt = [first];
  for (const step of chain) {
    const key = typeof step === 'number' ? `[${step}]` : /^\w[\w-]*$/.test(step) ? `.${step}` : `["${step}"]`;
    spelt.push(spelt.at(-1) + key);
  }
  const least = first === 'data' ? 3 : 2;
  return spelt.slice(Math.min(least, spelt.length) - 1).reverse();
}
