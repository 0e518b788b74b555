/**
 * Requests beside the declarations that stop the protection of an item, take it up again or delete the item: actions of
 * Terraform (1.14) and of azapi. Takes a configuration and an item; gives the state that the item ends in. What is only perhaps
 * sent, or perhaps to this item, leaves the state unknown; so does a stop beside a resumption, for which comes last is not known.
 */
import type { Action, Resource } from '../evaluate/resource.ts';
import { force, joined, text, type Value } from '../evaluate/value.ts';
import { type Fact, pick, textOf, undecided } from './facts.ts';
import { parseId, type ResourceId, rootId, sameId } from './id.ts';
import { type ItemLinks, lastName } from './item.ts';
import type { Surroundings } from './machine.ts';

type Effect = 'stopped' | 'suspended' | 'resumed' | 'deleted' | 'unknown';

interface Request {
  readonly address: string;
  readonly effect: Effect;
  readonly target: Value | undefined;
  readonly targetId: ResourceId | undefined;
  /** It is sent for certain. */
  readonly certain: boolean;
  /** What says so. */
  readonly at: Fact;
}

const instance = 'microsoft.dataprotection/backupvaults/backupinstances';
const protectedItem = 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems';

export class Requests {
  readonly #around: Surroundings;
  readonly #all: readonly Request[];

  constructor(actions: readonly Action[], resources: readonly Resource[], around: Surroundings) {
    this.#around = around;
    this.#all = [
      ...actions.map((action) => fromAction(action, around)),
      ...resources.map((resource) => fromAzapi(resource, around)),
    ].filter((request) => request !== undefined);
  }

  get any(): boolean {
    return this.#all.length > 0;
  }

  /** The state that the requests leave an item in; undefined where none concerns it. */
  stateOf(item: Resource, links: ItemLinks): Fact | undefined {
    let stop: Request | undefined;
    let resumption: Request | undefined;
    let doubt: Request | undefined;
    for (const request of this.#all) {
      const same = this.#concerns(request, item, links);
      if (same === false) continue;
      if (request.effect === 'resumed') resumption ??= request;
      else if (same && request.certain && (request.effect === 'stopped' || request.effect === 'suspended'))
        stop ??= request;
      else doubt ??= request;
    }
    if (stop && !resumption) return { at: stop.at.at, value: text(stop.effect, stop.at.value.at) };
    const isProtected = textOf(links.state.value) === 'protected';
    const telling = stop ?? (isProtected ? doubt : (resumption ?? undefined));
    if (!telling) return undefined;
    return undecided(doubtOf(telling), telling.at.at);
  }

  #concerns({ target, targetId }: Request, item: Resource, links: ItemLinks): boolean | undefined {
    const value = target && force(target);
    const named = value?.kind === 'symbol' && value.of?.path === 'id' ? this.#around.at(value.of.address) : undefined;
    if (named && !named.existing) return named === item;
    const own = this.#around.idOf(item) ?? azurermId(item, links);
    if (own || !targetId) return sameId(targetId, own);
    // An item of azurerm in a Recovery Services vault has its id from its vault and its machine.
    if (targetId.type !== protectedItem || sameId(rootId(targetId), links.vaultId) === false) return false;
    const machine = lastName(targetId)?.split(';').at(-1);
    const source = links.sourceId && lastName(links.sourceId);
    const isFar = machine !== undefined && source !== undefined && machine !== source;
    return isFar && textOf(links.solution.value) === 'azure-vm' ? false : undefined;
  }
}

function doubtOf({ address, effect }: Request): string {
  switch (effect) {
    case 'suspended':
      return `${address} may suspend it`;
    case 'resumed':
      return `${address} may resume it`;
    case 'deleted':
      return `${address} may delete it`;
    default:
      return `${address} may stop it`;
  }
}

function azurermId({ type, name }: Resource, { vaultId }: ItemLinks): ResourceId | undefined {
  if (!vaultId || !type.startsWith('azurerm_data_protection_backup_instance_')) return undefined;
  return { ...vaultId, type: instance, names: [...vaultId.names, name] };
}

const effects: Readonly<Record<string, Effect>> = {
  stop_protection: 'stopped',
  suspend_backups: 'suspended',
  resume_protection: 'resumed',
  resume_backups: 'resumed',
};

function fromAction(action: Action, around: Surroundings): Request | undefined {
  const { address, triggers, presence, body, head } = action;
  // What nothing triggers is there for people to run by hand.
  if (triggers.every(({ runs }) => runs === false)) return undefined;
  const target = pick(body, 'backup_instance_id', false)?.value;
  const does = pick(body, 'protect_action', false) ?? undecided('what the action does is not written', head);
  const word = textOf(does.value);
  return {
    address,
    effect: (word === undefined ? undefined : effects[word]) ?? 'unknown',
    target,
    targetId: target && parseId(target, around.find),
    certain: presence === 'present' && triggers.some(({ runs }) => runs === true),
    at: does,
  };
}

/** Operations of a backup instance, by the last segment of their path. */
const operations: Readonly<Record<string, Effect>> = {
  stopprotection: 'stopped',
  suspendbackups: 'suspended',
  resumeprotection: 'resumed',
  resumebackups: 'resumed',
};

/** POST and DELETE; what PUT and PATCH make or change is a resource of its own. */
function fromAzapi(resource: Resource, around: Surroundings): Request | undefined {
  if (resource.type !== 'azapi_resource_action' || resource.existing) return undefined;
  const { body, head, address } = resource;
  const word = (name: string, fallback: string): string | undefined => {
    const fact = pick(body, name, false);
    return fact ? textOf(fact.value)?.toLowerCase() : fallback;
  };
  const method = word('method', 'post');
  const when = word('when', 'apply');
  if (when === 'destroy' || (method !== undefined && method !== 'post' && method !== 'delete')) return undefined;
  const base = pick(body, 'resource_id', false)?.value;
  const type = word('type', '')?.replace(/@.*$/, '');
  const path = word('action', '');
  const written = pick(body, 'action', false);
  const segments = path?.split('/').filter((segment) => segment !== '');
  const below = segments?.slice(0, segments.length - (segments.length % 2)) ?? [];
  const operation = segments && segments.length % 2 === 1 ? segments.at(-1)! : undefined;
  const effect = effectOf(method, segments === undefined, operation);
  const whole = type && [type, ...below.filter((_, i) => i % 2 === 0)].join('/');
  if (!effect || (whole !== undefined && whole !== '' && whole !== instance && whole !== protectedItem))
    return undefined;
  const target = base && below.length > 0 ? joined([base, `/${below.join('/')}`], base.at) : base;
  return {
    address,
    effect,
    target,
    targetId: target && parseId(target, around.find),
    certain: when === 'apply' && method === 'post' && resource.presence === 'present' && !resource.many,
    at: written ?? pick(body, 'method', false) ?? { at: head, value: text('', head) },
  };
}

function effectOf(method: string | undefined, isOpen: boolean, operation: string | undefined): Effect | undefined {
  if (isOpen) return 'unknown';
  const stops = operation === undefined ? undefined : operations[operation];
  if (method === 'delete') return operation === undefined ? 'deleted' : undefined;
  if (method === undefined) return stops ?? (operation === undefined ? 'deleted' : undefined);
  return stops;
}
