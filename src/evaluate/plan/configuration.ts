/** The `configuration` part of a plan: which provider a resource has, and what its unknown attributes refer to. */
import type { Origin } from '../../source/source.ts';
import { symbol, type Value } from '../value.ts';
import { type PlainObject, plainObject } from './body.ts';

/** What names an instance: its module path with keys, and its own key. */
export interface Instance {
  readonly address: string;
  readonly moduleAddress: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index: string | number | undefined;
}

export class PlannedConfiguration {
  readonly #root: PlainObject | undefined;
  readonly #providerConfig: PlainObject;
  readonly #resources = new Map<string, PlainObject | undefined>();

  constructor(configuration: PlainObject | undefined) {
    this.#root = plainObject(configuration?.['root_module']);
    this.#providerConfig = plainObject(configuration?.['provider_config']) ?? {};
  }

  /** Version constraints by provider name. */
  providers(): { name: string; version: string }[] {
    return Object.values(this.#providerConfig).flatMap((entry) => {
      const provider = plainObject(entry);
      const { name, version_constraint: version } = provider ?? {};
      return typeof name === 'string' && typeof version === 'string' ? [{ name, version }] : [];
    });
  }

  /** Subscriptions that provider blocks write as a plain text, by "name" or "name.alias". */
  subscriptions(): [string, string][] {
    return Object.entries(this.#providerConfig).flatMap(([key, entry]): [string, string][] => {
      const expression = plainObject(plainObject(plainObject(entry)?.['expressions'])?.['subscription_id']);
      const value = expression?.['constant_value'];
      return typeof value === 'string' ? [[spelt(key), value]] : [];
    });
  }

  /** The provider of a resource as "name" or "name.alias". */
  providerOf(instance: Instance): string | undefined {
    const key = this.#resource(instance)?.['provider_config_key'];
    return typeof key === 'string' ? spelt(key) : undefined;
  }

  /** The one thing that an attribute's expression refers to, as a name; undefined where it is more than a plain reference to an id. */
  referenced(instance: Instance, attribute: string, at: Origin): Value | undefined {
    const expression = plainObject(plainObject(this.#resource(instance)?.['expressions'])?.[attribute]);
    return this.#follow(expression, instance.moduleAddress, instance.index, at, 0);
  }

  #follow(
    expression: PlainObject | undefined,
    moduleAddress: string,
    index: Instance['index'],
    at: Origin,
    depth: number,
  ): Value | undefined {
    const references = expression?.['references'];
    if (!Array.isArray(references) || depth > 16) return undefined;
    const roots = withoutPrefixes(references.filter((reference): reference is string => typeof reference === 'string'));
    // each.key and count.index say which instance; anything else beside the reference makes it an expression of several.
    const own = roots.filter((reference) => !/^(each|count)\./.test(reference));
    if (own.length !== 1) return undefined;
    const [reference] = own;
    const parts = reference!.split('.');
    if (parts[0] === 'var') return this.#variable(parts[1]!, moduleAddress, at, depth);
    if (parts[0] === 'module') return this.#output(reference!, moduleAddress, at, depth);
    if (parts[0] === 'local' || parts[0] === 'path' || parts[0] === 'terraform') return undefined;
    const match = /^((?:data\.)?[^.[]+\.[^.[]+(?:\[[^\]]*\])?)\.id$/.exec(reference!);
    if (!match) return undefined;
    let address = match[1]!;
    // A counted target without its key: the expression takes the instance by the resource's own key.
    if (!address.endsWith(']') && this.#isExpanded(address, moduleAddress)) {
      if (index === undefined || roots.length === own.length) return undefined;
      address += `[${JSON.stringify(index)}]`;
    }
    const full = moduleAddress === '' ? address : `${moduleAddress}.${address}`;
    return {
      ...symbol(`${full}.id`, 'it is known only after apply', at, { address: full, path: 'id' }),
      present: true,
    };
  }

  #variable(name: string, moduleAddress: string, at: Origin, depth: number): Value | undefined {
    const call = callOf(moduleAddress);
    if (!call) return undefined;
    const parent = this.#module(call.parent);
    const expression = plainObject(
      plainObject(plainObject(plainObject(parent?.['module_calls'])?.[call.name])?.['expressions'])?.[name],
    );
    return this.#follow(expression, call.parent, call.index, at, depth + 1);
  }

  #output(reference: string, moduleAddress: string, at: Origin, depth: number): Value | undefined {
    const match = /^module\.([^.[]+)(\[[^\]]*\])?\.([^.[]+)$/.exec(reference);
    if (!match) return undefined;
    const [, name, key = '', output] = match;
    const child = moduleAddress === '' ? `module.${name}${key}` : `${moduleAddress}.module.${name}${key}`;
    const expression = plainObject(
      plainObject(plainObject(this.#module(child)?.['outputs'])?.[output!])?.['expression'],
    );
    return this.#follow(expression, child, undefined, at, depth + 1);
  }

  #isExpanded(address: string, moduleAddress: string): boolean {
    const [mode, type, name] = address.startsWith('data.')
      ? ['data', ...address.split('.').slice(1)]
      : ['managed', ...address.split('.')];
    const resource = this.#resource({
      address,
      moduleAddress,
      mode: mode!,
      type: type!,
      name: name!,
      index: undefined,
    });
    return resource?.['count_expression'] !== undefined || resource?.['for_each_expression'] !== undefined;
  }

  #resource({ moduleAddress, mode, type, name }: Instance): PlainObject | undefined {
    const path = moduleAddress.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, '');
    const key = `${path}|${mode}|${type}|${name}`;
    if (!this.#resources.has(key)) {
      const list = this.#module(moduleAddress)?.['resources'];
      const found = (Array.isArray(list) ? list : []).find((entry) => {
        const one = plainObject(entry);
        return one?.['mode'] === mode && one['type'] === type && one['name'] === name;
      });
      this.#resources.set(key, plainObject(found));
    }
    return this.#resources.get(key);
  }

  /** The configuration of a module by its address; keys do not matter. */
  #module(address: string): PlainObject | undefined {
    let module = this.#root;
    for (const name of moduleNames(address))
      module = plainObject(plainObject(plainObject(module?.['module_calls'])?.[name])?.['module']);
    return module;
  }
}

/** In a child module a provider is written `module.m:azurerm.alias`. */
function spelt(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1);
}

/** References come with each of their prefixes; the whole ones are what counts. */
function withoutPrefixes(references: readonly string[]): string[] {
  const unique = [...new Set(references)];
  return unique.filter(
    (one) => !unique.some((other) => other !== one && (other.startsWith(`${one}.`) || other.startsWith(`${one}[`))),
  );
}

const moduleStep = /module\.([^.[]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?/g;

function moduleNames(address: string): string[] {
  return [...address.matchAll(moduleStep)].map((match) => match[1]!);
}

/** The call that made a module instance. */
function callOf(address: string): { parent: string; name: string; index: string | number | undefined } | undefined {
  const steps = [...address.matchAll(moduleStep)];
  const last = steps.at(-1);
  if (!last) return undefined;
  const parent = address.slice(0, last.index).replace(/\.$/, '');
  return {
    parent,
    name: last[1]!,
    index: last[2] === undefined ? undefined : (JSON.parse(last[2]) as string | number),
  };
}
