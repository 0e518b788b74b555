/** Terraform states: `terraform show -json` of a state, and the raw file of version 4. Everything in them is known. */
import type { Log } from '../../source/diagnostic.ts';
import type { Origin, Source } from '../../source/source.ts';
import type { Configuration, Resource } from '../resource.ts';
import { memberOf, type Obj, symbol, text, unknown, type Value } from '../value.ts';
import { type PlainObject, placed, plainObject } from './body.ts';
import { JsonPlaces } from './place.ts';
import { supported, valuesOf } from './plan.ts';

export interface StateInput {
  readonly source: Source;
  readonly root: PlainObject;
  readonly log: Log;
  readonly name: string;
  /** The root module that stands beside the file, by address. */
  readonly beside: ReadonlyMap<string, Resource>;
}

interface Instance {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly provider: string | undefined;
  readonly values: unknown;
  readonly sensitive: unknown;
  readonly path: readonly (string | number)[];
  readonly entry: readonly (string | number)[];
}

export function evaluateState(input: StateInput): Configuration {
  const { root, name } = input;
  const places = new JsonPlaces(input.source);
  const raw = root['version'] !== undefined && root['format_version'] === undefined;
  const at = places.at([raw ? 'version' : 'format_version']);
  if (raw ? root['version'] !== 4 : !supported(root['format_version'])) {
    input.log.push({
      code: 'state-version-unknown',
      severity: 'error',
      message: `The state has version ${String(root['version'] ?? root['format_version'])}; version 4, or 1 of \`terraform show -json\`, is read.`,
      help: 'Write it anew with a current Terraform.',
      at,
    });
    return { name, language: 'state', resources: [], opaque: [], modules: [], at };
  }
  const instances = raw ? rawInstances(root) : shownInstances(root);
  const resources = [...instances].map((instance) => resourceOf(instance, input, places));
  return { name, language: 'state', resources, opaque: [], modules: [], at };
}

function resourceOf(instance: Instance, input: StateInput, places: JsonPlaces): Resource {
  const source = input.beside.get(instance.address);
  const head: Origin = source?.head ?? places.at(instance.entry);
  const body = placed(plainObject(instance.values) ?? {}, undefined, instance.sensitive, {
    places,
    path: instance.path,
    beside: source && { resource: source, head },
    named: () => undefined,
  }) as Obj;
  return {
    address: instance.address,
    language: 'state',
    type: instance.type,
    name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', head),
    presence: 'present',
    existing: instance.mode === 'data',
    body,
    head,
    calls: source?.calls ?? [],
    scope: { subscription: subscriptionOf(body, head), resourceGroup: memberOf(body, 'resource_group_name')?.value },
    provider: { name: instance.type.split('_')[0]! },
  };
}

/** Every id names its subscription. */
function subscriptionOf(body: Obj, at: Origin): Value {
  const id = memberOf(body, 'id')?.value;
  const match = id?.kind === 'string' ? /^\/subscriptions\/([^/]+)(?:\/|$)/i.exec(id.value) : undefined;
  return match
    ? text(match[1]!, at)
    : symbol('subscription(state)', 'the state does not say in which subscription it is', at);
}

function* shownInstances(root: PlainObject): Generator<Instance> {
  const module = plainObject(plainObject(root['values'])?.['root_module']);
  if (!module) return;
  for (const { address, mode, type, after, sensitive, path, entry } of valuesOf(
    module,
    ['values', 'root_module'],
    () => true,
  ))
    yield { address, mode, type, provider: undefined, values: after, sensitive, path, entry: [...entry, 'address'] };
}

function* rawInstances(root: PlainObject): Generator<Instance> {
  const resources = root['resources'];
  if (!Array.isArray(resources)) return;
  for (const [i, entry] of resources.entries()) {
    const resource = plainObject(entry);
    const instances = resource?.['instances'];
    if (!resource || !Array.isArray(instances)) continue;
    const { module, mode, type, name, provider } = resource;
    const base = `${mode === 'data' ? 'data.' : ''}${String(type)}.${String(name)}`;
    for (const [j, one] of instances.entries()) {
      const instance = plainObject(one);
      if (!instance || instance['deposed'] !== undefined) continue;
      const key = instance['index_key'];
      const own = key === undefined ? base : `${base}[${JSON.stringify(key)}]`;
      const path = ['resources', i, 'instances', j, 'attributes'];
      yield {
        address: typeof module === 'string' ? `${module}.${own}` : own,
        mode: String(mode),
        type: String(type),
        provider: typeof provider === 'string' ? provider : undefined,
        values: instance['attributes'],
        sensitive: sensitiveOf(instance['sensitive_attributes']),
        path,
        entry: ['resources', i, 'name'],
      };
    }
  }
}

/** Paths of steps -> the nested marks that `terraform show -json` writes. */
function sensitiveOf(paths: unknown): unknown {
  if (!Array.isArray(paths)) return undefined;
  const root: Record<string, unknown> = Object.create(null);
  for (const path of paths) {
    if (!Array.isArray(path)) continue;
    let at = root;
    for (const [i, step] of path.entries()) {
      const { value } = plainObject(step) ?? {};
      const key = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
      if (key === undefined) break;
      if (i === path.length - 1) at[key] = true;
      else {
        if (typeof at[key] !== 'object' || at[key] === null) at[key] = Object.create(null);
        at = at[key] as Record<string, unknown>;
      }
    }
  }
  return root;
}
