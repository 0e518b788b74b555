/** Terraform states: `terraform show -json` of a state, and the raw file of version 4. Everything in them is known. */
import type { Configuration, Resource } from '../resource.ts';
import { memberOf, symbol, text, unknown } from '../value.ts';
import { keyOfIndex, qualified } from './address.ts';
import { bodyOf, objectsIn, own, type PlainObject, plainObject } from './body.ts';
import { JsonPlaces } from './place.ts';
import {
  besideOf,
  configurationOf,
  type DocumentInput,
  type Entry,
  entriesUnder,
  instanceWith,
  isRelevant,
  shown,
  subscriptionIn,
  supported,
} from './plan.ts';

interface StateEntry extends Entry {
  /** Raw states name it: `provider["registry.terraform.io/hashicorp/azurerm"].alias`. */
  readonly provider?: string;
}

export function evaluateState(input: DocumentInput): Configuration {
  const { root } = input;
  const places = new JsonPlaces(input.source);
  const isRaw = root['version'] !== undefined && root['format_version'] === undefined;
  const at = places.at([isRaw ? 'version' : 'format_version']);
  if (isRaw ? root['version'] !== 4 : !supported(root['format_version'])) {
    const version = isRaw ? root['version'] : root['format_version'];
    input.log.push({
      code: 'state-version-unknown',
      severity: 'error',
      message: `The state has version ${shown(version)}; ${isRaw ? 'version 4' : 'format version 1'} is read.`,
      help: 'Write it anew with a current Terraform.',
      at,
    });
    return configurationOf(input, 'state', [], [], at);
  }
  const resources: Resource[] = [];
  const seen = new Set<string>();
  for (const entry of isRaw ? rawEntries(root, places) : entriesUnder(root, places, ['values'], () => true)) {
    if (entry.address === '' || seen.has(entry.address) || !isRelevant(entry)) continue;
    seen.add(entry.address);
    resources.push(resourceOf(entry, input, isRaw));
  }
  return configurationOf(input, 'state', resources, [], at);
}

function resourceOf(entry: StateEntry, input: DocumentInput, isRaw: boolean): Resource {
  const { type } = entry;
  // Raw states have no address.
  const { source, head, beside } = besideOf(entry, input, isRaw ? 'name' : 'address');
  const body = bodyOf({
    type,
    values: entry.values,
    unknown: undefined,
    sensitive: entry.sensitive,
    place: entry.place,
    head,
    beside,
  });
  const known = subscriptionIn(body);
  const because = 'the state does not say in which subscription it is';
  return instanceWith(entry, body, head, source, {
    language: 'state',
    presence: 'present',
    scope: {
      subscription:
        known !== undefined
          ? text(known, head)
          : entry.provider === undefined
            ? unknown(because, head)
            : symbol(`subscription(${entry.provider})`, because, head),
      resourceGroup: memberOf(body, 'resource_group_name')?.value,
    },
    // A state does not say which version wrote it.
    provider: { name: type.split('_')[0]! },
    configuredBy: undefined,
    change: undefined,
  });
}

function* rawEntries(root: PlainObject, places: JsonPlaces): Generator<StateEntry> {
  const resources = places.root.child('resources');
  for (const [i, resource] of objectsIn(root['resources'])) {
    const word = (key: string): string => {
      const value = own(resource, key);
      return typeof value === 'string' ? value : '';
    };
    const [moduleAddress, mode, type, name, provider] = ['module', 'mode', 'type', 'name', 'provider'].map(word) as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (type === '' || name === '') continue;
    const base = `${mode === 'data' ? 'data.' : ''}${type}.${name}`;
    const entry = resources.child(i);
    const instances = entry.child('instances');
    for (const [j, instance] of objectsIn(own(resource, 'instances'))) {
      // An object that waits to be deleted, beside the one that replaced it.
      if (instance['deposed'] !== undefined) continue;
      const key = own(instance, 'index_key');
      yield {
        address: qualified(moduleAddress, base + keyOfIndex(key)),
        moduleAddress,
        mode: mode || 'managed',
        type,
        name,
        index: typeof key === 'string' || typeof key === 'number' ? key : undefined,
        values: own(instance, 'attributes'),
        sensitive: sensitiveOf(own(instance, 'sensitive_attributes')),
        place: instances.child(j).child('attributes'),
        entry,
        presence: 'present',
        ...(provider !== '' && { provider }),
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
      const key = stepOf(step);
      // What cannot be followed hides all that is there.
      const next = i + 1 < path.length && stepOf(path[i + 1]) !== undefined;
      if (key === undefined || at[key] === true) break;
      if (!next) {
        at[key] = true;
        break;
      }
      at[key] ??= Object.create(null);
      at = at[key] as Record<string, unknown>;
    }
  }
  return root;
}

/** `{"type": "get_attr", "value": "a"}` or `{"type": "index", "value": {"value": 0, "type": "number"}}`. */
function stepOf(step: unknown): string | undefined {
  const value = own(step, 'value');
  const key = plainObject(value) ? own(value, 'value') : value;
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}
