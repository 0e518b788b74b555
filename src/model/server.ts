/**
 * Servers with a backup agent of their own (MARS, DPM, Azure Backup Server) and the virtual machines that they may be: Azure tells both by
 * the names of their systems alone. Takes the machines and registrations of an audit; says which machine a server is, and which agent
 * a machine has, where the names lead from one to exactly one other.
 */
import type { Live, Resource } from '../evaluate/resource.ts';
import { force, memberOf, text, type Value } from '../evaluate/value.ts';
import type { Item } from './coverage.ts';
import { append, atLeast, computed, type Fact, pick, textOf, undecided, view } from './facts.ts';
import type { Container } from './governance.ts';
import { capabilitiesOf } from './machine.ts';
import type { Entity } from './model.ts';
import { capacityOf } from './size.ts';

/** Servers and machines carry names. */
interface Named {
  /** In lower case, with its domain where it has one. */
  readonly name: string;
  /** The name has its domain; of different domains they are not one. */
  readonly isWhole: boolean;
}

interface Server extends Named {
  readonly container: Container;
  readonly kind: 'mars' | 'dpm' | 'mabs';
}

/** The name as the system says it; else the one in Azure, which may be another. */
interface Machine extends Named {
  readonly entity: Entity;
  readonly isTold: boolean;
}

/** Those of one name without its domain, in their order. */
interface Host<T> {
  readonly all: T[];
  readonly places: Map<T, number>;
  readonly withoutDomain: T[];
  readonly byWholeName: Map<string, T[]>;
}

/** A host name may stand in thousands of domains, so what may carry a name is found without going through all of them. */
export class ByName<T extends Named> {
  readonly #hosts = new Map<string, Host<T>>();

  add(one: T): void {
    const name = hostIn(one.name);
    const host: Host<T> = this.#hosts.get(name) ?? {
      all: [],
      places: new Map(),
      withoutDomain: [],
      byWholeName: new Map(),
    };
    this.#hosts.set(name, host);
    host.places.set(one, host.all.length);
    host.all.push(one);
    if (one.isWhole) append(host.byWholeName, one.name, one);
    else host.withoutDomain.push(one);
  }

  /** What may be the same as the other by their names: the first two of them, for a second one says that it is not certain. */
  firstTwo({ name, isWhole }: Named): T[] {
    const host = this.#hosts.get(hostIn(name));
    if (!host) return [];
    if (!isWhole) return host.all.slice(0, 2);
    const own = host.byWholeName.get(name) ?? [];
    return [...own.slice(0, 2), ...host.withoutDomain.slice(0, 2)]
      .sort((a, b) => host.places.get(a)! - host.places.get(b)!)
      .slice(0, 2);
  }
}

const kinds = new Set<unknown>(['mars', 'dpm', 'mabs']);

/** The container of an item of MARS, as ids have it. */
const agent = /^.*\/protectionContainers\/(?:windows|mabcontainer);[^/]+/i;

export class Servers {
  readonly #machines = new ByName<Machine>();
  readonly #serverOf = new Map<Container, Server>();
  readonly #machineOf = new Map<Resource, Machine>();
  readonly #items: readonly Item[];
  readonly #live: Live;
  #itemsOf: Map<string, Item[]> | undefined;
  #agents: ByName<Server> | undefined;

  constructor(machines: readonly Entity[], containers: readonly Container[], items: readonly Item[], live: Live) {
    this.#items = items;
    this.#live = live;
    for (const container of containers) {
      const { kind, friendlyName } = container.facts as { readonly kind: Fact; readonly friendlyName?: Fact };
      const word = textOf(kind.value);
      const name = textOf(friendlyName?.value)?.toLowerCase();
      if (!kinds.has(word) || name === undefined) continue;
      this.#serverOf.set(container, { container, kind: word as Server['kind'], name, isWhole: name.includes('.') });
    }
    // Without servers no machine needs a name.
    if (this.#serverOf.size === 0) return;
    for (const entity of machines) {
      const machine = asMachine(entity);
      if (!machine) continue;
      this.#machineOf.set(entity.resource, machine);
      this.#machines.add(machine);
    }
  }

  /** What the MARS agent on a machine backs up; absent where no agent carries its name. */
  agentOf({ resource }: Entity): Record<string, Fact | undefined> {
    const { head } = resource;
    const unread = this.#live.unread('on-premises', '');
    const found = this.#machineOf.get(resource);
    const [server, another] = found ? this.#agentsByName().firstTwo(found) : [];
    if (!found || !server) return { marsAgent: unread === undefined ? undefined : undecided(unread, head) };
    const doubt =
      unread ??
      this.#live.unread('virtualMachines', '') ??
      (another ? 'several servers with the MARS agent carry its name' : this.#doubtOf(server, found));
    if (doubt !== undefined) return { marsAgent: undecided(doubt, head) };
    const at = server.container.resource.head;
    return {
      marsAgent: {
        at: head,
        value: view(head, {
          name: server.container.facts['friendlyName'],
          server: computed(server.container.resource.address, at),
        }),
      },
      backedUpByAgent: computed(true, head),
    };
  }

  /** Of a DPM or MABS server: the machine of Azure that it runs on, and what it backs up though it lies on that side. */
  machineOf(container: Container): Record<string, Fact | undefined> {
    const { head } = container.resource;
    const own = this.#serverOf.get(container);
    const kind = textOf((container.facts['kind'] as Fact).value);
    if (kind !== 'dpm' && kind !== 'mabs') return {};
    if (!own) return allUndecided('Azure does not tell the name of the server', head);
    const [machine] = this.#machines.firstTwo(own);
    const doubt =
      this.#live.unread('virtualMachines', '') ??
      (machine ? this.#doubtOf(own, machine) : 'no virtual machine of the audit carries its name');
    if (doubt !== undefined) return allUndecided(doubt, head);
    const hosted = this.#itemsIn(own).filter(
      ({ resource }) => textOf(pick(resource.body, 'properties.workloadType', true)?.value)?.toLowerCase() === 'vm',
    );
    return {
      machine: { at: head, value: machine!.entity.view },
      ...capacityOf(
        memberOf(machine!.entity.view, 'size'),
        capabilitiesOf(machine!.entity.resource),
        this.#live.unread('sizes', machine!.entity.resource.address.toLowerCase()),
      ),
      hyperVItems: atLeast(
        head,
        hosted.map(({ resource }) => text(resource.address, resource.head)),
        this.#live.unread('on-premises', vaultIn(container.resource.address)),
      ),
    };
  }

  /** Servers with the MARS agent that back something up; what is registered with several vaults counts once. */
  #agentsByName(): ByName<Server> {
    if (this.#agents) return this.#agents;
    this.#agents = new ByName();
    const names = new Set<string>();
    for (const server of this.#serverOf.values()) {
      if (server.kind !== 'mars' || names.has(server.name) || this.#itemsIn(server).length === 0) continue;
      names.add(server.name);
      this.#agents.add(server);
    }
    return this.#agents;
  }

  /** Why the server may be another machine than this one. */
  #doubtOf(server: Server, machine: Machine): string | undefined {
    if (this.#machines.firstTwo(server).length > 1) return `several virtual machines carry the name ${server.name}`;
    return machine.isTold ? undefined : 'Azure does not tell the name that the system of the machine has';
  }

  /** Of MARS by the container in their ids, of DPM and MABS by the server that they name. */
  #itemsIn({ container: { resource }, kind, name }: Server): readonly Item[] {
    if (!this.#itemsOf) {
      this.#itemsOf = new Map();
      for (const item of this.#items) {
        const { address, body } = item.resource;
        const engine = textOf(pick(body, 'properties.backupEngineName', true)?.value)?.toLowerCase();
        const container = agent.exec(address)?.[0].toLowerCase();
        const key = engine === undefined ? container : `${vaultIn(address)} ${engine}`;
        if (key !== undefined) append(this.#itemsOf, key, item);
      }
    }
    const { address } = resource;
    const key = kind === 'mars' ? address.toLowerCase() : `${vaultIn(address)} ${name}`;
    return (this.#itemsOf.get(key) ?? []).filter(({ links }) => textOf(links.state.value) === 'protected');
  }
}

function vaultIn(address: string): string {
  return /^.*?\/vaults\/[^/]+/i.exec(address)?.[0].toLowerCase() ?? '';
}

function allUndecided(because: string, head: Fact['at']): Record<string, Fact> {
  const open = undecided(because, head);
  return { machine: open, cores: open, memoryGb: open, hyperVItems: open };
}

/** The name without its domain. */
function hostIn(name: string): string {
  return name.split('.', 1)[0]!;
}

/** The agents run on Windows alone. */
function asMachine(entity: Entity): Machine | undefined {
  const { resource, view: facts } = entity;
  const os: Value | undefined = memberOf(facts, 'os')?.value;
  if (os && textOf(force(os)) === 'linux') return undefined;
  for (const path of ['extended.instanceView.computerName', 'instanceView.computerName', 'osProfile.computerName']) {
    const told = textOf(pick(resource.body, `properties.${path}`, true)?.value);
    if (told !== undefined && told !== '')
      return { entity, name: told.toLowerCase(), isWhole: told.includes('.'), isTold: true };
  }
  const name = textOf(force(resource.name));
  return name === undefined ? undefined : { entity, name: name.toLowerCase(), isWhole: false, isTold: false };
}
