/**
 * `terraform show -json` of a plan (OpenTofu's too) -> the resources that will exist after apply.
 * What a plan does not know yet is unknown, named by the reference that it comes from where the plan's own configuration says so.
 * A value stands where the source beside the plan writes it, else in the JSON.
 */
import type { Log } from '../../source/diagnostic.ts';
import type { Origin, Source } from '../../source/source.ts';
import type { Configuration, Resource } from '../resource.ts';
import { ProviderVersions } from '../terraform/provider.ts';
import { memberOf, type Obj, symbol, text, unknown, type Value } from '../value.ts';
import { type Beside, type PlainObject, placed, plainObject } from './body.ts';
import { PlannedConfiguration } from './configuration.ts';
import { JsonPlaces } from './place.ts';

export interface PlanInput {
  readonly source: Source;
  /** The parsed text. */
  readonly root: PlainObject;
  readonly log: Log;
  /** For people: the file. */
  readonly name: string;
  /** The root module that stands beside the file, by address. */
  readonly beside: ReadonlyMap<string, Resource>;
}

interface Change {
  readonly address: string;
  readonly moduleAddress: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index: string | number | undefined;
  readonly actions: readonly string[];
  readonly after: unknown;
  readonly unknown: unknown;
  readonly sensitive: unknown;
  /** Where `after` stands in the JSON. */
  readonly path: readonly (string | number)[];
  /** Where the entry stands. */
  readonly entry: readonly (string | number)[];
}

export function evaluatePlan(input: PlanInput): Configuration {
  const { root, name } = input;
  const places = new JsonPlaces(input.source);
  const at = places.at(['format_version']);
  if (!supported(root['format_version'])) {
    input.log.push({
      code: 'plan-version-unknown',
      severity: 'error',
      message: `The plan has format version ${String(root['format_version'])}; version 1 is read.`,
      help: 'Write it with `terraform show -json` of Terraform 0.14.3 or newer.',
      at,
    });
    return { name, language: 'plan', resources: [], opaque: [], modules: [], at };
  }
  const planned = new PlannedConfiguration(plainObject(root['configuration']));
  const versions = new ProviderVersions();
  for (const { name: provider, version } of planned.providers())
    versions.addConstraint(provider, version, places.at(['configuration', 'provider_config']));
  const subscriptions = subscriptionsIn(root, planned);
  const resources: Resource[] = [];
  for (const change of changesOf(root)) {
    const resource = resourceOf(change, { input, places, planned, versions, subscriptions });
    if (resource) resources.push(resource);
  }
  return { name, language: 'plan', resources, opaque: [], modules: [], at };
}

export function supported(version: unknown): boolean {
  return typeof version === 'string' && /^[01]\.\d+/.test(version);
}

interface Context {
  readonly input: PlanInput;
  readonly places: JsonPlaces;
  readonly planned: PlannedConfiguration;
  readonly versions: ProviderVersions;
  readonly subscriptions: ReadonlyMap<string, string>;
}

function resourceOf(
  change: Change,
  { input, places, planned, versions, subscriptions }: Context,
): Resource | undefined {
  const { actions } = change;
  // What goes is no resource of the outcome.
  if (actions.length > 0 && actions.every((action) => action === 'delete' || action === 'forget')) return undefined;
  const after = plainObject(change.after);
  if (!after && change.after !== undefined && change.after !== null) return undefined;
  const source = input.beside.get(change.address);
  const head: Origin = source?.head ?? places.at([...change.entry, 'address']);
  const beside: Beside | undefined = source && { resource: source, head };
  const named = (attribute: string): Value | undefined => planned.referenced(change, attribute, head);
  const body = placed(after ?? {}, change.unknown, change.sensitive, {
    places,
    path: change.path,
    beside,
    named,
  }) as Obj;
  const provider = planned.providerOf(change) ?? change.type.split('_')[0]!;
  const [providerName = provider] = provider.split('.');
  return {
    address: change.address,
    language: 'plan',
    type: change.type,
    name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', head),
    presence: 'present',
    existing: change.mode === 'data',
    body,
    head,
    calls: source?.calls ?? [],
    scope: {
      subscription: subscriptionValue(provider, subscriptions, head),
      resourceGroup: memberOf(body, 'resource_group_name')?.value,
    },
    provider: versions.get(providerName),
  };
}

function subscriptionValue(provider: string, subscriptions: ReadonlyMap<string, string>, at: Origin): Value {
  const known = subscriptions.get(provider);
  return known === undefined
    ? symbol(`subscription(${provider})`, `the subscription of provider ${provider} is not in the plan`, at)
    : text(known, at);
}

/** A provider's subscription: as configured, else read off the ids of what it manages already. */
function subscriptionsIn(root: PlainObject, planned: PlannedConfiguration): Map<string, string> {
  const found = new Map(planned.subscriptions());
  for (const change of changesOf(root)) {
    const provider = planned.providerOf(change);
    const id = plainObject(change.after)?.['id'];
    if (provider === undefined || found.has(provider) || typeof id !== 'string') continue;
    const match = /^\/subscriptions\/([^/]+)\//i.exec(id);
    if (match) found.set(provider, match[1]!);
  }
  return found;
}

/** `resource_changes`, else (older tools) the planned values, where unknown and unset look alike. */
function* changesOf(root: PlainObject): Generator<Change> {
  const changes = root['resource_changes'];
  if (Array.isArray(changes)) {
    for (const [i, entry] of changes.entries()) {
      const one = plainObject(entry);
      const change = plainObject(one?.['change']);
      if (!one || !change || one['deposed'] !== undefined) continue;
      const entryPath = ['resource_changes', i];
      yield {
        ...identity(one),
        actions: Array.isArray(change['actions']) ? change['actions'].map(String) : [],
        after: change['after'],
        unknown: change['after_unknown'],
        sensitive: change['after_sensitive'],
        path: [...entryPath, 'change', 'after'],
        entry: entryPath,
      };
    }
  }
  // Data sources that were read while planning stand only there.
  const prior = plainObject(plainObject(plainObject(root['prior_state'])?.['values'])?.['root_module']);
  if (prior) yield* valuesOf(prior, ['prior_state', 'values', 'root_module'], (mode) => mode === 'data');
}

/** Resources of `values.root_module`, child modules included. */
export function* valuesOf(
  module: PlainObject,
  path: readonly (string | number)[],
  wanted: (mode: string) => boolean,
): Generator<Change> {
  const stack: { module: PlainObject; path: readonly (string | number)[] }[] = [{ module, path }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const resources = top.module['resources'];
    if (Array.isArray(resources))
      for (const [i, entry] of resources.entries()) {
        const one = plainObject(entry);
        if (!one || !wanted(String(one['mode']))) continue;
        const entryPath = [...top.path, 'resources', i];
        yield {
          ...identity(one),
          moduleAddress: typeof top.module['address'] === 'string' ? top.module['address'] : '',
          actions: [],
          after: one['values'],
          unknown: undefined,
          sensitive: one['sensitive_values'],
          path: [...entryPath, 'values'],
          entry: entryPath,
        };
      }
    const children = top.module['child_modules'];
    if (Array.isArray(children))
      for (const [i, child] of [...children.entries()].reverse()) {
        const inner = plainObject(child);
        if (inner) stack.push({ module: inner, path: [...top.path, 'child_modules', i] });
      }
  }
}

function identity(entry: PlainObject): Pick<Change, 'address' | 'moduleAddress' | 'mode' | 'type' | 'name' | 'index'> {
  const word = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  const index = entry['index'];
  return {
    address: word('address'),
    moduleAddress: word('module_address'),
    mode: word('mode') || 'managed',
    type: word('type'),
    name: word('name'),
    index: typeof index === 'string' || typeof index === 'number' ? index : undefined,
  };
}
