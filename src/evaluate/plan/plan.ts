/**
 * `terraform show -json` of a plan (OpenTofu's too) -> the resources that will exist after apply.
 * What a plan does not know yet is unknown, named by the reference that it comes from where the plan's own configuration says so.
 * A value stands where the source beside the plan writes it, else in the JSON.
 */
import type { Log } from '../../source/diagnostic.ts';
import type { Origin, Source } from '../../source/source.ts';
import { forgotten } from '../forgotten.ts';
import {
  type Action,
  backupAction,
  type Change,
  type Configuration,
  type OpaqueModule,
  type Previous,
  type ProviderBlock,
  type Resource,
  type Step,
} from '../resource.ts';
import { ProviderVersions } from '../terraform/provider.ts';
import { memberOf, type Obj, object, symbol, text, unknown } from '../value.ts';
import { type Instance, moduleAddressIn } from './address.ts';
import { type Beside, bodyOf, objectsIn, own, type PlainObject, plainObject } from './body.ts';
import { PlannedConfiguration } from './configuration.ts';
import { type JsonPlace, JsonPlaces } from './place.ts';

export interface DocumentInput {
  readonly source: Source;
  /** The parsed text. */
  readonly root: PlainObject;
  readonly log: Log;
  /** The root module that stands beside the file. */
  readonly beside: { readonly configuration: Configuration; readonly at: ReadonlyMap<string, Resource> } | undefined;
}

/** One instance with what the JSON says of it. */
export interface Entry extends Instance {
  readonly values: unknown;
  readonly sensitive: unknown;
  /** Where the values stand in the JSON. */
  readonly place: JsonPlace;
  /** Where the entry stands. */
  readonly entry: JsonPlace;
  readonly unknown?: unknown;
  readonly change?: {
    readonly actions: readonly string[];
    readonly before: unknown;
    readonly sensitive: unknown;
    readonly place: JsonPlace;
  };
  readonly presence: Resource['presence'];
  /** Unset and unknown look alike. */
  readonly isPartial?: boolean;
}

export function evaluatePlan(input: DocumentInput): Configuration {
  const { root } = input;
  const places = new JsonPlaces(input.source);
  const at = places.at(['format_version']);
  if (!supported(root['format_version'])) {
    input.log.push({
      code: 'plan-version-unknown',
      severity: 'error',
      message: `The plan has format version ${shown(root['format_version'])}; version 1 is read.`,
      help: 'Write it with `terraform show -json` of Terraform 0.14.3 or newer.',
      at,
    });
    return configurationOf(input, 'plan', [], [], at);
  }
  const entries = entriesOf(root, places);
  const planned = new PlannedConfiguration(root, entries);
  const versions = new ProviderVersions();
  for (const { name, version } of planned.constraints())
    versions.addConstraint(name, version, places.at(['configuration', 'provider_config']));
  const context: Context = { input, planned, versions, subscriptions: subscriptionsIn(entries, planned) };
  const resources = entries.filter(isRelevant).map((entry) => resourceOf(entry, context));
  return {
    ...configurationOf(input, 'plan', resources, hidden(input, places), at),
    actions: actionsIn(input, places),
    providers: providersIn(input, planned, places),
    previous: previousIn(context, places),
  };
}

/** With the source beside it the document speaks of the same configuration, at the same place. */
export function configurationOf(
  { source, beside }: DocumentInput,
  language: 'plan' | 'state',
  resources: readonly Resource[],
  opaque: readonly OpaqueModule[],
  at: Origin,
): Configuration {
  return {
    name: beside?.configuration.name ?? source.file,
    language,
    resources,
    opaque,
    modules: [],
    at: beside?.configuration.at ?? at,
  };
}

export function supported(version: unknown): boolean {
  return typeof version === 'string' && /^[01]\.\d+/.test(version);
}

/** A version for a message. */
export function shown(version: unknown): string {
  return (JSON.stringify(version) ?? 'none').slice(0, 40);
}

/** Data sources of other providers link to nothing; the source is read alike. */
export function isRelevant({ mode, type }: Instance): boolean {
  return mode !== 'data' || type.startsWith('azurerm_') || type.startsWith('azapi_');
}

interface Context {
  readonly input: DocumentInput;
  readonly planned: PlannedConfiguration;
  readonly versions: ProviderVersions;
  readonly subscriptions: ReadonlyMap<string, string>;
}

function resourceOf(entry: Entry, { input, planned, versions, subscriptions }: Context): Resource {
  const { address, type } = entry;
  const { source, head, beside } = besideOf(entry, input);
  const isNew = entry.change?.actions.includes('create') ?? false;
  const body = bodyOf({
    type,
    values: entry.values,
    unknown: entry.unknown,
    sensitive: entry.sensitive,
    place: entry.place,
    unknownPlace: entry.change && !beside ? entry.entry.child('change').child('after_unknown') : undefined,
    head,
    beside,
    named: (path) =>
      path.step === 'name' && !path.above
        ? {
            ...symbol(`${address}.name`, 'it is known only after apply', head, { address, path: 'name' }),
            present: true,
          }
        : planned.referenced(entry, path, head),
    isWritten: (path) => planned.isWritten(entry, path),
    existed: !isNew,
    isPartial: entry.isPartial,
  });
  const provider = planned.providerOf(entry) ?? type.split('_')[0]!;
  const spelt = provider.slice(provider.lastIndexOf(':') + 1);
  const known = subscriptionIn(body) ?? subscriptions.get(provider);
  return instanceWith(entry, body, head, source, {
    language: 'plan',
    presence: entry.presence,
    scope: {
      subscription:
        known === undefined
          ? (source?.scope.subscription ??
            symbol(`subscription(${provider})`, `the subscription of the provider ${spelt} is not in the plan`, head))
          : text(known, head),
      resourceGroup: memberOf(body, 'resource_group_name')?.value,
    },
    provider: source?.provider ?? versions.get(spelt.split('.')[0]!),
    configuredBy: planned.providerBlockOf(provider)?.address,
    change: changeOf(entry, head),
  });
}

export function besideOf(
  { address, entry }: Pick<Entry, 'address' | 'entry'>,
  input: DocumentInput,
  missing: string = 'address',
): { source: Resource | undefined; head: Origin; beside: Beside | undefined } {
  const source = input.beside?.at.get(address);
  const head: Origin = source?.head ?? entry.child(missing);
  return { source, head, beside: source && { resource: source, head } };
}

/**
 * What plans and states say alike of a resource, with what only one of them says.
 * Entries and resources are spelt out, since objects made by spreading take kilobytes each.
 */
export function instanceWith(
  { address, mode, type }: Instance,
  body: Obj,
  head: Origin,
  source: Resource | undefined,
  {
    language,
    presence,
    scope,
    provider,
    configuredBy,
    change,
  }: Pick<Resource, 'language' | 'presence' | 'scope' | 'provider' | 'configuredBy' | 'change'>,
): Resource {
  return {
    address,
    language,
    type,
    name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', head),
    presence,
    existing: mode === 'data',
    body,
    head,
    calls: source?.calls ?? [],
    scope,
    provider,
    configuredBy,
    change,
  };
}

function changeOf({ change, type }: Entry, head: Origin): Change | undefined {
  if (!change) return undefined;
  const { actions, before, sensitive, place } = change;
  let body: Obj | undefined;
  return {
    actions,
    before: () => {
      if (!plainObject(before)) return undefined;
      body ??= bodyOf({ type, values: before, unknown: undefined, sensitive, place, head, beside: undefined });
      return body;
    },
  };
}

/** Every id names its subscription. */
export function subscriptionIn(body: Obj): string | undefined {
  const id = memberOf(body, 'id')?.value;
  return id?.kind === 'string' ? /^\/subscriptions\/([^/]+)(?:\/|$)/i.exec(id.value)?.[1] : undefined;
}

/**
 * The subscriptions of providers, by their key: as configured, else as what they manage already tells.
 * Only what has a region and a group of its own lies, or is looked for, in the provider's own subscription for certain.
 */
function subscriptionsIn(entries: readonly Entry[], planned: PlannedConfiguration): Map<string, string> {
  const found = new Map<string, string>();
  const asked = new Set<string>();
  for (const entry of entries) {
    const provider = planned.providerOf(entry);
    if (provider === undefined || found.has(provider)) continue;
    if (!asked.has(provider)) {
      asked.add(provider);
      const configured = planned.subscriptionOf(provider);
      if (configured !== undefined) found.set(provider, configured);
    }
    const told = found.has(provider) ? undefined : subscriptionOfProvider(entry);
    if (told !== undefined) found.set(provider, told);
  }
  return found;
}

function subscriptionOfProvider({ mode, type, values }: Entry): string | undefined {
  const word = (name: string): string | undefined => {
    const value = own(values, name);
    return typeof value === 'string' ? value : undefined;
  };
  if (mode === 'data' && type === 'azurerm_client_config') return word('subscription_id');
  const group = word('resource_group_name');
  if (!type.startsWith('azurerm_') || group === undefined || word('location') === undefined) return undefined;
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(word('id') ?? '');
  return match && match[2]!.toLowerCase() === group.toLowerCase() ? match[1] : undefined;
}

/** What this apply invokes beside its changes (Terraform 1.14); what is deferred may be invoked. */
function actionsIn({ root, beside }: DocumentInput, places: JsonPlaces): Action[] {
  const found: Action[] = [];
  const collect = (one: PlainObject | undefined, entry: JsonPlace, runs: true | undefined): void => {
    const [address, type] = [own(one, 'address'), own(one, 'type')];
    if (!one || typeof address !== 'string' || type !== backupAction) return;
    const source = beside?.configuration.actions?.find((action) => action.address === address);
    const head = source?.head ?? entry.child('address');
    const trigger = own(plainObject(one['lifecycle_action_trigger']), 'triggering_resource_address');
    found.push({
      address,
      type,
      presence: 'present',
      body: bodyOf({
        type,
        values: one['config_values'],
        unknown: one['config_unknown'],
        sensitive: one['config_sensitive'],
        place: entry.child('config_values'),
        head,
        beside: source && { resource: source, head },
        isPartial: !plainObject(one['config_values']),
      }),
      head,
      calls: source?.calls ?? [],
      triggers: [{ at: entry, resource: typeof trigger === 'string' ? trigger : '', runs }],
    });
  };
  const now = places.root.child('action_invocations');
  for (const [i, one] of objectsIn(root['action_invocations'])) collect(one, now.child(i), true);
  const later = places.root.child('deferred_action_invocations');
  for (const [i, one] of objectsIn(root['deferred_action_invocations']))
    collect(plainObject(one['action_invocation']), later.child(i).child('action_invocation'), undefined);
  return found;
}

/** A plan that says of itself that it lacks something, so that more of anything may exist. */
function hidden({ root, log }: DocumentInput, places: JsonPlaces): OpaqueModule[] {
  const leaving = forgottenIn(root, places);
  const isErrored = root['errored'] === true;
  if (!isErrored && root['complete'] !== false) return leaving;
  const at = places.at([isErrored ? 'errored' : 'complete']);
  log.push({
    code: 'plan-incomplete',
    severity: isErrored ? 'error' : 'note',
    message: isErrored
      ? 'Planning ended in an error, so the plan lacks what comes after it.'
      : 'The plan covers only a part of the configuration, so what it lacks is not judged.',
    help: 'Plan the whole configuration, without `-target`.',
    at,
  });
  const because = isErrored ? 'planning ended in an error' : 'it covers only a part of the configuration';
  return [...leaving, { source: '', at, address: 'the plan', because, arguments: object(new Map(), at), told: true }];
}

/** What leaves the state stays in Azure, where it may go on protecting what is declared here. */
function forgottenIn(root: PlainObject, places: JsonPlaces): OpaqueModule[] {
  const found: OpaqueModule[] = [];
  const changes = places.root.child('resource_changes');
  for (const [i, one] of objectsIn(root['resource_changes'])) {
    const actions = plainObject(one['change'])?.['actions'];
    if (!Array.isArray(actions) || !actions.includes('forget')) continue;
    const entry = changed(one, changes.child(i), 'present');
    if (!entry) continue;
    const at = entry.entry.child('address');
    found.push(...forgotten(entry.address, entry.type, 'it leaves the state and stays in Azure', at));
  }
  return found;
}

/** Provider blocks of azurerm, with the constants that are written in them. */
function providersIn({ beside }: DocumentInput, planned: PlannedConfiguration, places: JsonPlaces): ProviderBlock[] {
  const all = places.at(['configuration', 'provider_config']);
  return planned.providerBlocks('azurerm').flatMap(({ key, address, expressions }) => {
    if (expressions === undefined) return [];
    const source = beside?.configuration.providers?.find((block) => block.address === address);
    const entry = all.child(key);
    const head: Origin = source?.head ?? entry;
    return [
      {
        address,
        head,
        calls: source?.calls ?? [],
        body: () => {
          const { value, unknown: marks } = planned.constants(expressions);
          return bodyOf({
            type: 'azurerm',
            values: value,
            unknown: marks,
            sensitive: undefined,
            place: entry.child('expressions'),
            head,
            beside: source && { resource: { body: source.body() }, head },
          });
        },
      },
    ];
  });
}

// What was before

/** What exists before the apply, and what the apply does to it; undefined where nothing exists or nothing happens. */
function previousIn(context: Context, places: JsonPlaces): Previous | undefined {
  const { root } = context.input;
  const steps = stepsIn(root);
  const isStill = steps.size === 0 && !objectsIn(root['action_invocations']).next().value;
  if (isStill || entriesBefore(root, places).next().done) return undefined;
  const hidden =
    root['errored'] === true
      ? 'planning ended in an error'
      : plainObject(root['prior_state'])
        ? undefined
        : 'the plan has no prior state';
  return {
    steps,
    hidden,
    resources: (wanted) => {
      const found: Resource[] = [];
      for (const entry of entriesBefore(root, places))
        if (isRelevant(entry) && wanted(entry.type, entry.address)) found.push(resourceBefore(entry, context));
      return found;
    },
  };
}

/** What happens to each address; what stays as it is, is left out. */
function stepsIn(root: PlainObject): Map<string, Step> {
  const steps = new Map<string, Step>();
  const add = (one: PlainObject | undefined, isCertain: boolean): void => {
    if (!one || one['deposed'] !== undefined || one['mode'] === 'data') return;
    const [address, type] = [own(one, 'address'), own(one, 'type')];
    const actions = own(one['change'], 'actions');
    if (typeof address !== 'string' || typeof type !== 'string' || !Array.isArray(actions)) return;
    const action = actionOf(actions);
    if (action === undefined || steps.has(address)) return;
    const createsFirst = action === 'replace' ? actions[0] === 'create' : undefined;
    steps.set(address, { action: isCertain ? action : undefined, type, createsFirst });
  };
  for (const [, one] of objectsIn(root['resource_changes'])) add(one, true);
  for (const [, one] of objectsIn(root['deferred_changes'])) add(plainObject(one['resource_change']), false);
  return steps;
}

function actionOf(actions: readonly unknown[]): Step['action'] {
  // With `destroy = false` the old one of a replacement stays in Azure.
  if (actions.includes('forget')) return 'forget';
  if (actions.includes('delete')) return actions.includes('create') ? 'replace' : 'delete';
  if (actions.includes('create')) return 'create';
  return actions.includes('update') ? 'update' : undefined;
}

/** Every instance that exists, once: as the changes tell it, and what the prior state has beside them. */
function* entriesBefore(root: PlainObject, places: JsonPlaces): Generator<Entry> {
  const seen = new Set<string>();
  const changes: [string, string][] = [
    ['resource_changes', ''],
    ['deferred_changes', 'resource_change'],
  ];
  for (const [list, inner] of changes) {
    const all = places.root.child(list);
    for (const [i, item] of objectsIn(root[list])) {
      const one = inner === '' ? item : plainObject(item[inner]);
      const change = plainObject(one?.['change']);
      const entry = inner === '' ? all.child(i) : all.child(i).child(inner);
      if (!one || !change || one['deposed'] !== undefined) continue;
      const instance = instanceOf(one);
      // Before a move it had another address.
      for (const address of [instance.address, own(one, 'previous_address')])
        if (typeof address === 'string') seen.add(address);
      if (instance.mode === 'data' || !plainObject(change['before'])) continue;
      yield existing(
        instance,
        change['before'],
        change['before_sensitive'],
        entry.child('change').child('before'),
        entry,
      );
    }
  }
  for (const entry of entriesUnder(root, places, ['prior_state', 'values'], () => true))
    if (!seen.has(entry.address)) yield entry;
}

function existing(
  { address, moduleAddress, mode, type, name, index }: Instance,
  values: unknown,
  sensitive: unknown,
  place: JsonPlace,
  entry: JsonPlace,
): Entry {
  return { address, moduleAddress, mode, type, name, index, values, sensitive, place, entry, presence: 'present' };
}

function resourceBefore(entry: Entry, { input, planned, versions, subscriptions }: Context): Resource {
  const { type, values, sensitive, place } = entry;
  const { source, head } = besideOf(entry, input);
  const body = bodyOf({ type, values, unknown: undefined, sensitive, place, head, beside: undefined });
  const provider = planned.providerOf(entry);
  const known = subscriptionIn(body) ?? (provider === undefined ? undefined : subscriptions.get(provider));
  return instanceWith(entry, body, head, source, {
    language: 'plan',
    presence: 'present',
    scope: {
      subscription:
        known === undefined
          ? unknown('the prior state does not say in which subscription it is', head)
          : text(known, head),
      resourceGroup: memberOf(body, 'resource_group_name')?.value,
    },
    provider: source?.provider ?? versions.get(type.split('_')[0]!),
    configuredBy: provider === undefined ? undefined : planned.providerBlockOf(provider)?.address,
    change: undefined,
  });
}

/** Every instance that will exist, once. */
function entriesOf(root: PlainObject, places: JsonPlaces): Entry[] {
  const entries = new Map<string, Entry>();
  const gone = new Set<string>();
  const add = (entry: Entry): void => {
    if (entry.address !== '' && !entries.has(entry.address) && !gone.has(entry.address))
      entries.set(entry.address, entry);
  };
  const changes = places.root.child('resource_changes');
  for (const [i, one] of objectsIn(root['resource_changes'])) {
    const entry = changed(one, changes.child(i), 'present');
    if (!entry) continue;
    if (isGone(entry)) gone.add(entry.address);
    else add(entry);
  }
  // What waits for something else to be applied: it will come, but it is not known how much of it.
  const deferred = places.root.child('deferred_changes');
  for (const [i, one] of objectsIn(root['deferred_changes'])) {
    const entry = changed(plainObject(one['resource_change']), deferred.child(i).child('resource_change'), 'maybe');
    if (entry && !isGone(entry)) add(entry);
  }
  const has = Array.isArray(root['resource_changes']);
  // What a plan with targets leaves alone stands only among the planned values; without changes they are all there is.
  for (const entry of entriesUnder(root, places, ['planned_values'], ({ mode }) => mode !== 'data'))
    add(has ? entry : { ...entry, isPartial: true });
  // Data sources that were read while planning.
  for (const entry of entriesUnder(root, places, ['prior_state', 'values'], ({ mode }) => mode === 'data')) add(entry);
  return [...entries.values()];
}

/** What goes is no resource of the outcome. */
function isGone({ change }: Entry): boolean {
  const { actions } = change!;
  return actions.length > 0 && actions.every((action) => action === 'delete' || action === 'forget');
}

function changed(one: PlainObject | undefined, entry: JsonPlace, presence: Entry['presence']): Entry | undefined {
  const change = plainObject(one?.['change']);
  // An object that waits to be deleted, beside the one that replaced it.
  if (!one || !change || one['deposed'] !== undefined) return undefined;
  const actions = change['actions'];
  const place = entry.child('change');
  const type = own(change['after'], 'type');
  // Nothing at all is said of what will be.
  const isHidden = change['after_unknown'] === true || !plainObject(change['after']);
  const { address, moduleAddress, mode, type: ofType, name, index } = instanceOf(one);
  return {
    address,
    moduleAddress,
    mode,
    type: ofType,
    name,
    index,
    armType: typeof type === 'string' ? type.split('@')[0] : undefined,
    values: isHidden ? undefined : change['after'],
    unknown: isHidden ? undefined : change['after_unknown'],
    isPartial: isHidden,
    sensitive: change['after_sensitive'],
    place: place.child('after'),
    entry,
    presence,
    change: {
      actions: Array.isArray(actions) ? actions.filter((action): action is string => typeof action === 'string') : [],
      before: change['before'],
      sensitive: change['before_sensitive'],
      place: place.child('before'),
    },
  };
}

/** The resources of a `root_module`, child modules included. */
export function* entriesUnder(
  root: PlainObject,
  places: JsonPlaces,
  path: readonly string[],
  isWanted: (instance: Instance) => boolean,
): Generator<Entry> {
  let module: unknown = root;
  for (const step of [...path, 'root_module']) module = own(module, step);
  const stack = [{ module, place: places.at([...path, 'root_module']) }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const resources = top.place.child('resources');
    for (const [i, one] of objectsIn(own(top.module, 'resources'))) {
      const instance = instanceOf(one);
      if (!isWanted(instance) || one['deposed_key'] !== undefined) continue;
      const entry = resources.child(i);
      const { address, moduleAddress, mode, type, name, index } = instance;
      yield {
        address,
        moduleAddress,
        mode,
        type,
        name,
        index,
        values: one['values'],
        sensitive: one['sensitive_values'],
        place: entry.child('values'),
        entry,
        presence: 'present',
      };
    }
    const children = top.place.child('child_modules');
    const inner = [...objectsIn(own(top.module, 'child_modules'))];
    for (const [i, child] of inner.reverse()) stack.push({ module: child, place: children.child(i) });
  }
}

function instanceOf(one: PlainObject): Instance {
  const word = (key: string): string => {
    const value = own(one, key);
    return typeof value === 'string' ? value : '';
  };
  const index = own(one, 'index');
  const address = word('address');
  return {
    address,
    moduleAddress: moduleAddressIn(address),
    mode: word('mode') || 'managed',
    type: word('type'),
    name: word('name'),
    index: typeof index === 'string' || typeof index === 'number' ? index : undefined,
  };
}
