/**
 * The way out of a machine's subnet as network security groups allow it: which of the Azure services that a database backup talks to
 * are certainly out of reach. Takes a machine, items of its databases and what stands around it; rules are weighed by priority, as the
 * platform does. Routes may lead the traffic round the groups, so with a route table nothing is told, nor with a gateway in what an
 * audit read. Where a backup succeeds there is a way, whatever the groups seem to say.
 */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, reasonOf, text, type Value } from '../evaluate/value.ts';
import type { Link } from './belonging.ts';
import { computed, type Fact, filledList, listOf, numberIn, pick, textOf, undecided, view } from './facts.ts';
import { reachesAzure } from './health.ts';
import { parentId, parseId } from './id.ts';
import { resourceOf, type Surroundings } from './machine.ts';
import { accompanies } from './presence.ts';

/** Service tags that every database backup needs, and the one more of snapshots of HANA instances. */
const neededTags = ['AzureBackup', 'Storage', 'AzureActiveDirectory'];
const snapshotTag = 'AzureResourceManager';

/** `denied`: tags that the subnet certainly keeps the machine from, each at the rule that does; open where more may be. */
export function outboundFact(
  machine: Resource,
  items: readonly Resource[],
  snapshots: boolean,
  around: Surroundings,
): Fact {
  const { head, language } = machine;
  if (language === 'live') {
    const reaches = reachesAzure(items);
    if (typeof reaches === 'string') return undecided(reaches, head);
    if (reaches)
      return { at: head, value: view(head, { denied: listOf(head, [], false), listed: computed('', head) }) };
  }
  const ways = waysOut(machine, around);
  if (typeof ways === 'string') return undecided(ways, head);
  const denied: Value[] = [];
  let open = false;
  for (const tag of snapshots ? [...neededTags, snapshotTag] : neededTags) {
    const answers = ways.map((rules) => decide(rules, tag));
    const [first] = answers;
    if (answers.every((answer) => answer.is === 'denied') && first?.is === 'denied') {
      const { at, via } = first.by;
      denied.push({ ...text(tag, at), via });
    } else if (answers.some((answer) => answer.is !== 'allowed')) open = true;
  }
  if (open && denied.length === 0) return undecided('it is not known what the subnet lets through', head);
  return {
    at: head,
    value: view(head, {
      denied: listOf(head, denied, open),
      listed: computed(denied.map((tag) => textOf(tag)).join(', '), head),
    }),
  };
}

/** The rules of the subnet of each interface; a text tells why they are not known. */
function waysOut(machine: Resource, around: Surroundings): Rule[][] | string {
  const isLive = machine.language === 'live';
  const hidden = isLive ? around.unread('networks', machine) : around.hidden;
  if (hidden !== undefined) return hidden;
  const manager = isLive
    ? managedBy(machine, around)
    : around.resources.find(({ type }) => /network_?managers?(?:_|\/|$)/i.test(type));
  if (manager) return `${manager.address} may have rules of its own`;
  const arm = machine.type.includes('/');
  const list = pick(machine.body, arm ? 'properties.networkProfile.networkInterfaces' : 'network_interface_ids', arm);
  if (list?.value.kind !== 'list' || list.value.open || list.value.items.length === 0)
    return 'the network interfaces of the machine are not known';
  const ways: Rule[][] = [];
  for (const item of list.value.items) {
    const reference = arm ? pick(item, 'id', true) : { value: force(item), at: item.at };
    const card = reference && resourceOf(reference, around, (type) => type === 'microsoft.network/networkinterfaces');
    if (!card)
      return isLive
        ? 'the network interface is not among those that were read'
        : 'the network interface is declared elsewhere';
    const rules = rulesOfCard(card, machine, around);
    if (typeof rules === 'string') return rules;
    ways.push(rules);
  }
  return ways;
}

/** Rules of Azure Virtual Network Manager that hold in a network of the subscription, in which all networks of the machine lie. */
function managedBy({ scope }: Resource, around: Surroundings): Resource | undefined {
  return around
    .ofType('microsoft.network/effectivesecurityadminrules')
    .find((rules) => equal(rules.scope.subscription, scope.subscription, true) !== false);
}

function rulesOfCard(card: Resource, machine: Resource, around: Surroundings): Rule[] | string {
  const arm = card.type.includes('/');
  const path = arm ? 'properties.ipConfigurations[0].properties.subnet.id' : 'ip_configuration[0].subnet_id';
  const reference = pick(card.body, path, arm);
  const subnet = reference && subnetAt(reference, around);
  if (!subnet) return 'the subnet is declared elsewhere';
  if (typeof subnet === 'string') return subnet;
  if (subnet.routes) return subnet.routes;
  if (!subnet.group) return [];
  const group = resourceOf(subnet.group, around, (type) => type === 'microsoft.network/networksecuritygroups');
  if (!group) return 'the network security group is declared elsewhere';
  // Only what is there wherever the machine is says anything of it.
  if (![card, group, ...subnet.by].every((one) => accompanies(one, machine)))
    return 'it is not known whether the network security group is there';
  return rulesOf(group, subnet.prefixes, around);
}

interface Subnet {
  /** What must be there for the subnet to be as it is told. */
  readonly by: readonly Resource[];
  readonly group: Fact | undefined;
  /** Why routes may lead the traffic elsewhere. */
  readonly routes: string | undefined;
  readonly prefixes: readonly Value[];
}

const ofSubnet = ({ body }: Resource): Link => ({ id: pick(body, 'subnet_id', false) });

function subnetAt(reference: Fact, around: Surroundings): Subnet | string | undefined {
  const own = resourceOf(reference, around, (type) => type === 'microsoft.network/virtualnetworks/subnets');
  if (own?.type.includes('/')) return armSubnet(own, own.body, around);
  if (own) return azurermSubnet(own, around);
  const id = parseId(reference.value, around.find);
  const network = id && parentId(id);
  const owner = network && around.withId(network);
  if (!id || !owner?.type.includes('/')) return undefined;
  const inline = pick(owner.body, 'properties.subnets', true);
  if (inline?.value.kind !== 'list') return undefined;
  const name = id.names.at(-1);
  const found = inline.value.items.find((item) => {
    const written = pick(item, 'name', true);
    return written && name && equal(written.value, name, true) === true;
  });
  return found && armSubnet(owner, found, around);
}

function armSubnet(owner: Resource, body: Value, _around: Surroundings): Subnet | string {
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const group = at('networkSecurityGroup');
  const id = group && pick(group.value, 'id', true);
  if (group && !id) return reasonOf(group.value) ?? 'the network security group of the subnet is not known';
  return {
    by: [owner],
    group: id,
    routes: at('routeTable')
      ? 'a route table may lead the traffic elsewhere'
      : owner.language === 'live'
        ? gatewayOf(owner)
        : undefined,
    prefixes: [at('addressPrefix'), at('addressPrefixes')].flatMap(valuesIn),
  };
}

/** Gateways and route servers bring routes along, their own and those of the network that they stand in. */
function gatewayOf({ body }: Resource): string | undefined {
  const membersOf = (name: string): readonly Value[] | undefined => {
    const list = pick(body, `properties.${name}`, true)?.value;
    return list?.kind === 'list' && !list.open ? list.items : undefined;
  };
  const peerings = membersOf('virtualNetworkPeerings');
  if (!peerings) return 'it is not known with which networks the network is joined';
  const isLed = peerings.some((peering) => {
    const remote = pick(peering, 'properties.useRemoteGateways', true)?.value;
    // That of a virtual hub.
    const isHub = /^remotevnettohubpeering/i.test(textOf(pick(peering, 'name', true)?.value) ?? '');
    return isHub || (remote && !(remote.kind === 'bool' && !remote.value));
  });
  const hasGateway = (membersOf('subnets') ?? []).some((subnet) =>
    /^(?:gatewaysubnet|routeserversubnet)$/i.test(textOf(pick(subnet, 'name', true)?.value) ?? ''),
  );
  return isLed || hasGateway ? 'a gateway may lead the traffic elsewhere' : undefined;
}

function azurermSubnet(subnet: Resource, around: Surroundings): Subnet | string {
  const routes = around.belonging(subnet, 'azurerm_subnet_route_table_association', ofSubnet);
  const groups = around.belonging(subnet, 'azurerm_subnet_network_security_group_association', ofSubnet);
  const [association] = groups.sure;
  if (groups.perhaps[0] || groups.sure.length > 1) return 'it is not known which network security group the subnet has';
  const group = association && pick(association.body, 'network_security_group_id', false);
  if (association && !group) return 'the network security group of the subnet is not known';
  const table = routes.sure[0] ?? routes.perhaps[0];
  return {
    by: association ? [subnet, association] : [subnet],
    group,
    routes: table && `${table.address} may lead the traffic elsewhere`,
    prefixes: valuesIn(pick(subnet.body, 'address_prefixes', false)),
  };
}

function valuesIn(fact: Fact | undefined): readonly Value[] {
  if (!fact) return [];
  return fact.value.kind === 'list' ? fact.value.items.map(force) : [fact.value];
}

// Rules

interface Rule {
  /** undefined: not known, so it may come first. */
  readonly priority: number | undefined;
  readonly access: Fact | undefined;
  /** Whether it certainly exists. */
  readonly certain: boolean;
  readonly matches: (tag: string) => boolean | undefined;
}

const groupRule = (): Link => ({ levels: 1 });

function rulesOf(group: Resource, subnet: readonly Value[], around: Surroundings): Rule[] {
  const arm = group.type.includes('/');
  const inline = pick(group.body, arm ? 'properties.securityRules' : 'security_rule', arm);
  const rules: Rule[] = [];
  if (inline?.value.kind === 'list') {
    for (const item of inline.value.items) rules.push(ruleIn(item, arm, true, subnet));
    if (inline.value.open) rules.push(anyRule);
  } else if (inline) rules.push(anyRule);
  for (const type of ['azurerm_network_security_rule', 'microsoft.network/networksecuritygroups/securityrules']) {
    const { sure, perhaps } = around.belonging(group, type, groupRule);
    for (const one of sure) {
      const rule = ruleIn(one.body, type.includes('/'), accompanies(one, group), subnet);
      rules.push(one.many ? { ...anyRule, access: rule.access } : rule);
    }
    if (perhaps.length > 0) rules.push(anyRule);
  }
  return rules.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
}

/** One of which nothing is known. */
const anyRule: Rule = { priority: undefined, access: undefined, certain: false, matches: () => undefined };

function ruleIn(body: Value, arm: boolean, certain: boolean, subnet: readonly Value[]): Rule {
  const at = (name: string): Fact | undefined =>
    arm ? pick(body, `properties.${name}`, true) : pick(body, snakeCase(name), false);
  const either = (name: string): readonly Value[] | undefined => {
    const all = [at(name), at(pluralOf(name))].filter((fact) => fact !== undefined);
    if (all.some(({ value }) => value.kind === 'list' && value.open)) return undefined;
    return all.length === 0 ? undefined : all.flatMap(valuesIn);
  };
  const direction = at('direction');
  // A state has an empty list where nothing is written.
  const toGroups = filledList(
    at(arm ? 'destinationApplicationSecurityGroups' : 'destinationApplicationSecurityGroupIds'),
  );
  const own = all([
    holds(direction && [direction.value], (word) => word.toLowerCase() === 'outbound'),
    holds([at('protocol')?.value].flatMap(present), (word) => ['*', 'tcp'].includes(word.toLowerCase())),
    any(either('destinationPortRange'), hasHttps),
    any(either('sourcePortRange'), (range) => range === '*' || undefined),
    any(either('sourceAddressPrefix'), (prefix, value) => covers(prefix, value, subnet)),
    toGroups === undefined,
  ]);
  const targets = either('destinationAddressPrefix');
  return {
    priority: numberIn(at('priority')?.value),
    access: at('access'),
    certain,
    matches: (tag) => all([own, any(targets, (prefix) => reaches(prefix, tag))]),
  };
}

function pluralOf(name: string): string {
  return name.endsWith('x') ? `${name}es` : `${name}s`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** Traffic goes by the first rule that it matches; where none does, the platform lets it out. */
function decide(rules: readonly Rule[], tag: string): { is: 'denied'; by: Value } | { is: 'allowed' | 'unknown' } {
  const before: (boolean | undefined)[] = [];
  let last: { allows: boolean | undefined; by: Value | undefined } = { allows: true, by: undefined };
  for (const rule of rules) {
    const matches = rule.matches(tag);
    if (matches === false) continue;
    const word = textOf(rule.access?.value)?.toLowerCase();
    const allows = word === 'allow' ? true : word === 'deny' ? false : undefined;
    if (matches && rule.certain && rule.priority !== undefined) {
      last = { allows, by: rule.access?.value };
      break;
    }
    before.push(allows);
  }
  if (last.allows === undefined || before.some((one) => one !== last.allows)) return { is: 'unknown' };
  return last.allows || !last.by ? { is: 'allowed' } : { is: 'denied', by: last.by };
}

function all(answers: readonly (boolean | undefined)[]): boolean | undefined {
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** Whether one of some texts fits; undefined where that is not known, as where nothing is written. */
function any(
  values: readonly Value[] | undefined,
  fits: (word: string, value: Value) => boolean | undefined,
): boolean | undefined {
  if (!values) return undefined;
  const answers = values.map((value) => {
    const word = wordOf(value);
    return word === undefined ? undefined : fits(word, value);
  });
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

function holds(values: readonly Value[] | undefined, fits: (word: string) => boolean): boolean | undefined {
  return values && values.length > 0 ? any(values, fits) : undefined;
}

/** Ports may be written as numbers. */
function wordOf(value: Value): string | undefined {
  const number = value.kind === 'number' ? numberIn(value) : undefined;
  return textOf(value) ?? (number === undefined ? undefined : String(number));
}

function hasHttps(range: string): boolean | undefined {
  if (range === '*') return true;
  const match = /^(\d+)(?:-(\d+))?$/.exec(range.trim());
  if (!match) return undefined;
  const from = Number(match[1]);
  return from <= 443 && 443 <= Number(match[2] ?? from);
}

/** Whether a source takes in the machine: everything, its network, or the very prefix of its subnet. */
function covers(prefix: string, value: Value, subnet: readonly Value[]): boolean | undefined {
  if (['*', '0.0.0.0/0', 'virtualnetwork'].includes(prefix.toLowerCase())) return true;
  if (/^(?:internet|azureloadbalancer)$/i.test(prefix)) return false;
  return subnet.some((one) => equal(one, value) === true) || undefined;
}

/** Whether a destination takes in the addresses of a service tag. Internet has those of Azure too, AzureCloud has all of them. */
function reaches(prefix: string, tag: string): boolean | undefined {
  const word = prefix.toLowerCase();
  if (['*', '0.0.0.0/0', 'internet', 'azurecloud', tag.toLowerCase()].includes(word)) return true;
  // The part of it that lies in one region.
  if (word.startsWith('azurecloud.') || word.startsWith(`${tag.toLowerCase()}.`)) return undefined;
  if (/^[a-z]/.test(word)) return false;
  // Private addresses and those of the platform.
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|168\.63\.129\.16)/.test(word) ? false : undefined;
}
