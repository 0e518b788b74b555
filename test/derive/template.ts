/**
 * A template as it is deployed -> its resources with their ids and bodies, every expression settled. What only the deployment knows
 * (subscription, group, ids of identities) is something; what a parameter would give is something too, or `hole` where that is asked
 * for: whatever holds one is not known to whoever reads the template.
 */
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import { force, type Obj, type Value } from '../../src/evaluate/value.ts';
import { guid } from '../azure/fake/rows.ts';

export type Json = Record<string, unknown>;

export const subscription = '11111111-1111-1111-1111-111111111111';
/** Where the deployment goes. */
const home = { group: 'rg-home', location: 'westeurope' };
export const tenant = '33333333-3333-3333-3333-333333333333';

/** Stands for what nobody knows before the deployment. */
export const hole = Symbol('not known');

export interface Deployed {
  readonly id: string;
  readonly type: string;
  /** The last name of it. */
  readonly name: string;
  /** Of what it lies in or extends. */
  readonly owner: string;
  readonly body: Json;
}

export interface Deployment {
  readonly deployed: readonly Deployed[];
  /** Which may be deployed or not. */
  readonly perhaps: readonly Deployed[];
  /** What is there before. */
  readonly existing: readonly Deployed[];
  /** Types of what has no name yet, or any number of names; empty for anything. */
  readonly nameless: readonly string[];
  /** By what the template calls it. */
  readonly ids: ReadonlyMap<string, string>;
}

/** `withHoles`: what parameters give is not known. */
export function deploymentOf({ resources, opaque }: Configuration, withHoles: boolean): Deployment {
  const settle = new Settling(resources, withHoles);
  const deployed: Deployed[] = [];
  const perhaps: Deployed[] = [];
  const existing: Deployed[] = [];
  const nameless = opaque.map(() => '');
  for (const resource of resources) {
    const id = settle.id(resource);
    if (id === undefined || resource.many) nameless.push(resource.type);
    else {
      const into = resource.existing ? existing : resource.presence === 'maybe' ? perhaps : deployed;
      const body = settle.body(resource.body);
      into.push({ id, type: typeIn(id), name: id.slice(id.lastIndexOf('/') + 1), owner: ownerOf(id), body });
    }
  }
  return { deployed, perhaps, existing, nameless, ids: settle.ids };
}

/** `Microsoft.X/ys/zs` of the last provider in the id. */
export function typeIn(id: string): string {
  const [provider, ...steps] = id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length).split('/');
  return [provider, ...steps.filter((_, i) => i % 2 === 0)].join('/');
}

export function ownerOf(id: string): string {
  const shorter = id.split('/').slice(0, -2);
  return shorter.at(-2)?.toLowerCase() === 'providers' ? shorter.slice(0, -2).join('/') : shorter.join('/');
}

/** Of an identity that Azure makes. */
export function principalOf(id: string): string {
  return guid(`principal of ${id.toLowerCase()}`);
}

export function has(value: unknown): boolean {
  if (value === hole) return true;
  if (Array.isArray(value)) return value.some(has);
  return typeof value === 'object' && value !== null && Object.values(value).some(has);
}

class Settling {
  readonly ids = new Map<string, string>();
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #withHoles: boolean;

  constructor(resources: readonly Resource[], withHoles: boolean) {
    this.#resources = new Map(resources.map((resource) => [resource.address, resource]));
    this.#withHoles = withHoles;
  }

  /** undefined: not known. */
  id(resource: Resource): string | undefined {
    const known = this.ids.get(resource.address);
    if (known !== undefined) return known;
    const name = this.#text(resource.name);
    const prefix = this.#prefixOf(resource);
    if (name === hole || prefix === hole) return undefined;
    const names = name.split('/');
    const [provider, ...types] = resource.type.split('/');
    let id = `${prefix}/providers/${provider}`;
    for (const type of types) {
      // `Microsoft.X/ys/providers/locks`: the name has the namespace of what extends.
      id += `/${type}/${names.shift() ?? ''}`;
    }
    this.ids.set(resource.address, id);
    return id;
  }

  #prefixOf({ extends: extended, scope, type }: Resource): string | typeof hole {
    if (extended) {
      const text = this.#text(extended);
      return text === '/' ? '' : text;
    }
    const own = this.#text(scope.subscription);
    const group = scope.resourceGroup && this.#text(scope.resourceGroup);
    if (own === hole || group === hole) return hole;
    const isGroup = type.toLowerCase() === 'microsoft.resources/resourcegroups';
    return `/subscriptions/${own}${group === undefined || isGroup ? '' : `/resourceGroups/${group}`}`;
  }

  body({ members }: Obj): Json {
    return Object.fromEntries(
      [...members].flatMap(([name, { value, maybe }]) => {
        const settled = maybe && this.#withHoles ? hole : this.#settled(value);
        return settled === undefined ? [] : [[name, settled]];
      }),
    );
  }

  #settled(lazy: Value): unknown {
    const value = force(lazy);
    switch (value.kind) {
      case 'null':
        return null;
      case 'bool':
      case 'number':
      case 'string':
        return value.value;
      case 'list':
        return value.open && this.#withHoles ? hole : value.items.map((item) => this.#settled(item));
      case 'object':
        return value.open && this.#withHoles ? hole : this.body(value);
      case 'one-of':
        return this.#withHoles ? hole : this.#settled(value.values[0]!);
      default:
        return this.#text(value);
    }
  }

  #text(lazy: Value): string | typeof hole {
    const value = force(lazy);
    switch (value.kind) {
      case 'string':
        return value.value;
      case 'bool':
      case 'number':
        return String(value.value);
      case 'template': {
        const parts = value.parts.map((part) => (typeof part === 'string' ? part : this.#text(part)));
        return parts.includes(hole) ? hole : parts.join('');
      }
      case 'symbol':
        return this.#named(value.text, value.of);
      default:
        return this.#withHoles ? hole : 'given';
    }
  }

  #named(text: string, of: { readonly address: string; readonly path: string } | undefined): string | typeof hole {
    const fixed: Readonly<Record<string, string>> = {
      'subscription().subscriptionId': subscription,
      'subscription().tenantId': tenant,
      'resourceGroup().name': home.group,
      'resourceGroup().location': home.location,
    };
    if (fixed[text] !== undefined) return fixed[text];
    if (this.#withHoles && /\b(?:parameters|copyIndex)\(/.test(text)) return hole;
    if (of) {
      const resource = this.#resources.get(of.address);
      const id = resource && this.id(resource);
      if (id === undefined) return hole;
      if (/aksAssignedIdentity/.test(of.path)) return principalOf(`${id} extension`);
      if (/principalId$/.test(of.path)) return principalOf(id);
      if (/keyUri$/.test(of.path)) return keyUri(id.split('/').at(-3)!, id.split('/').at(-1)!);
      if (/primaryEndpoints\.blob$/.test(of.path)) return `https://${id.split('/').at(-1)}.blob.core.windows.net/`;
    }
    if (/^guid\(/.test(text)) return guid(text);
    // Somebody gave it.
    if (/parameters\('keyUri'\)/.test(text)) return keyUri('kv-given', 'given');
    const [, given] = /parameters\('(\w+)Id'\)/.exec(text) ?? [];
    const id = given && givenIds[given];
    if (id !== undefined) return /^last\(split\(/.test(text) ? id.split('/').at(-1)! : id;
    return 'given';
  }
}

function keyUri(vault: string, key: string): string {
  return `https://${vault}.vault.azure.net/keys/${key}/${'0123456789abcdef'.repeat(2)}`;
}

const elsewhere = `/subscriptions/${subscription}/resourceGroups/rg-elsewhere/providers`;
/** Of parameters that name something, by the first part of their name. */
const givenIds: Readonly<Record<string, string>> = {
  machine: `${elsewhere}/Microsoft.Compute/virtualMachines/vm-given`,
  disk: `${elsewhere}/Microsoft.Compute/disks/disk-given`,
  dataAccount: `${elsewhere}/Microsoft.Storage/storageAccounts/stgivendata`,
  mediaAccount: `${elsewhere}/Microsoft.Storage/storageAccounts/stgivenmedia`,
  policy: `${elsewhere}/Microsoft.RecoveryServices/vaults/rsv-given/backupPolicies/given`,
};
