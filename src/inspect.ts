/** What the linter sees: evaluated resources and the canonical model, with what stayed unknown and why. */
import type { Options } from './config.ts';
import { mayHoldSecret } from './evaluate/plan/attributes.ts';
import type { Configuration, Resource } from './evaluate/resource.ts';
import { encode, force, type Member, memberOf, type Value } from './evaluate/value.ts';
import { liveModels, readModels } from './lint.ts';
import { armShaped } from './model/arm-shaped.ts';
import { armTypeOf } from './model/id.ts';
import type { Entity, Model } from './model/model.ts';
import { locationOf } from './report/location.ts';
import { harmlessJsonPieces } from './report/printable.ts';
import { withoutSecrets } from './report/secrets.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { compareOrigins } from './source/source.ts';

/** Its output may be longer than a string can be, so it comes in pieces. `inventory`: a recording of an audit to look into instead. */
export async function inspect(
  options: Options,
  io: Io,
  inventory?: string,
): Promise<{ pieces: Iterable<string>; complete: boolean }> {
  const { log, configurations, models } =
    inventory === undefined ? await readCode(options, io) : await readRecording(inventory, options, io);
  const resources = configurations
    .flatMap((configuration) => configuration.resources)
    .sort((a, b) => compareOrigins(a.head, b.head) || (a.address < b.address ? -1 : 1));
  const modules = configurations
    .flatMap((configuration) => configuration.modules)
    .sort((a, b) => compareOrigins(a.at, b.at))
    .map((module) => ({ source: module.source, resolved: module.resolved, location: locationOf(module.at) }));
  const diagnostics = [...log]
    .sort((a, b) => compareOrigins(a.at, b.at))
    .map((diagnostic) => ({
      severity: diagnostic.severity,
      code: diagnostic.code,
      message: diagnostic.message,
      location: locationOf(diagnostic.at),
    }));
  const whole = new Map<string, unknown>([
    ['version', 1],
    ['resources', each(resources, shown)],
    ['model', modelOf(models)],
    ['modules', modules],
    ['diagnostics', diagnostics],
  ]);
  return {
    pieces: harmlessJsonPieces(whole),
    complete: !log.some((diagnostic) => diagnostic.severity === 'error'),
  };
}

interface Read {
  readonly log: readonly Diagnostic[];
  readonly configurations: readonly Configuration[];
  readonly models: readonly Model[];
}

async function readCode(options: Options, io: Io): Promise<Read> {
  const { reader, configurations, models } = await readModels(options, io);
  return { log: reader.log, configurations, models };
}

/** What could not be read of Azure goes to the log. */
async function readRecording(name: string, options: Options, io: Io): Promise<Read> {
  const [{ replay }, { liveConfigurations }, { told }] = await Promise.all([
    import('./replay.ts'),
    import('./azure/configuration.ts'),
    import('./azure/unread.ts'),
  ]);
  const log: Diagnostic[] = [];
  const inventory = replay(name, io, log);
  if (inventory) log.push(...told(inventory.gaps));
  const configurations = inventory ? [...liveConfigurations(inventory)] : [];
  return { log, configurations, models: [...liveModels(configurations, options)] };
}

/** One at a time, when it is asked for. */
function* each<T>(of: Iterable<T>, make: (one: T) => unknown): Generator<unknown> {
  for (const one of of) yield make(one);
}

function shown(resource: Resource): unknown {
  const seen = armShaped(resource);
  return {
    address: resource.address,
    language: resource.language,
    type: armTypeText(seen.type, armTypeOf(seen)),
    ...(!resource.type.includes('/') && { terraformType: resource.type }),
    ...(seen.apiVersion !== undefined && { apiVersion: seen.apiVersion }),
    name: encode(force(resource.name)),
    presence: resource.presence,
    existing: resource.existing,
    location: locationOf(resource.head),
    body: discreet(encode(resource.body), resource.type),
  };
}

/** Without what is known to hold a secret by its name, and without secrets inside of texts. Encoded values are of bounded depth. */
function discreet(value: unknown, type: string): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (Array.isArray(value)) return value.map((item) => discreet(item, type));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const hides = inner !== null && typeof inner !== 'boolean' && (mayHoldSecret(type, key) || isPassed(type, key));
    return [key, hides && !isMarked(inner) ? { $secret: true } : discreet(inner, type)];
  });
  return Object.fromEntries(entries);
}

/** What goes into a template and comes out of it; which of it is secret is written in the template alone. */
function isPassed(type: string, key: string): boolean {
  return /_template_deployment$/.test(type) && /^(?:parameters|output)_(?:content|body)$/.test(key);
}

/** Of what is not known there is nothing to hide. */
function isMarked(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('$unknown' in value || '$secret' in value);
}

/** The ARM type in its own spelling where the resource has it, else the azurerm type. */
function armTypeText(written: string, folded: string | undefined): string {
  if (written.includes('/')) return written;
  return folded ?? written;
}

const lists: Readonly<Record<string, string>> = {
  vault: 'vaults',
  policy: 'policies',
  'protected-item': 'protectedItems',
  datasource: 'datasources',
  lock: 'locks',
  'private-endpoint': 'privateEndpoints',
  snapshot: 'snapshots',
  container: 'containers',
  'resource-guard': 'resourceGuards',
  'policy-assignment': 'policyAssignments',
  'provider-config': 'providerConfigs',
  change: 'changes',
  workspace: 'workspaces',
};

function modelOf(models: readonly Model[]): Map<string, unknown> {
  const found = new Map(Object.values(lists).map((name): [string, { entity: Entity; model: Model }[]] => [name, []]));
  for (const model of models)
    for (const entity of model.entities) found.get(lists[entity.subject]!)!.push({ entity, model });
  return new Map(
    [...found].map(([name, list]) => [
      name,
      each(list, ({ entity, model }) => ({ address: entity.resource.address, ...factsOf(entity, model) })),
    ]),
  );
}

/** The facts of an entity; what it is joined with is named by its address instead of being repeated. */
function factsOf(entity: Entity, model: Model): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [name, member] of entity.view.members) facts[name] = joinedAddress(member, model) ?? encode(member.value);
  return facts;
}

function joinedAddress(member: Member, model: Model): unknown {
  const value: Value = force(member.value);
  if (value.kind !== 'object' || !memberOf(value, 'language')) return undefined;
  // Instances of one block share their place; what they are joined with is the one of the same name.
  const candidates = model.entities.filter((candidate) => candidate.view.at === value.at);
  const name = memberOf(value, 'name');
  const other = candidates.find(({ view }) => memberOf(view, 'name') === name) ?? candidates[0];
  return other && { address: other.resource.address };
}
