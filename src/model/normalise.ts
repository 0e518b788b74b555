/**
 * Resources in any dialect -> the canonical model: vaults, policies, protected items, datasources and what stands around them.
 * Links by id, by name with resource group, and by reference; a link that cannot be followed leaves its side unknown.
 * What needs arithmetic or a look at many resources is computed here, so that a rule stays a comparison.
 */
import type { Configuration, Resource } from '../evaluate/resource.ts';
import {
  canonical,
  describe,
  force,
  isSecret,
  type List,
  memberOf,
  oneOf,
  reasonOf,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import { lockFacts, privateEndpointFacts } from './access.ts';
import { computed, type Fact, listOf, numberIn, pick, region, textOf, undecided, view } from './facts.ts';
import {
  armTypeOf,
  idOfResource,
  idValue,
  keyOf,
  parentId,
  parseId,
  type ResourceId,
  sameId,
  splitName,
} from './id.ts';
import {
  type ItemLinks,
  itemLinks,
  lastName,
  protects,
  selectedDisks,
  serviceDefaultPolicies,
  solutionsOfVault,
} from './item.ts';
import { isMachine, machineFacts, type Surroundings } from './machine.ts';
import type { Entity, Model, RemovedName } from './model.ts';
import { isPolicy, policyFacts } from './policy.ts';
import { providerFacts } from './provider.ts';
import {
  isSettingsChild,
  storageContainerVault,
  type VaultKind,
  vaultFacts,
  vaultTypes,
  withChildren,
  withDefaults,
} from './vault.ts';
import { keyFacts } from './vault-key.ts';

export interface ModelFacts {
  readonly removedNames: readonly RemovedName[];
}

export function normalise(configuration: Configuration, facts: ModelFacts): Model {
  return new Normalisation(configuration, facts).run();
}

interface Item {
  readonly resource: Resource;
  readonly links: ItemLinks;
  /** Last name of the datasource's id, where it is known: ids with different ones are certainly different. */
  readonly sourceName: string | undefined;
}

const idTypes: Readonly<Record<VaultKind, string>> = {
  'recovery-services': 'microsoft.recoveryservices/vaults',
  backup: 'microsoft.dataprotection/backupvaults',
};

/** Datasources whose region is their own `location`. */
const located = new Set([
  'microsoft.compute/virtualmachines',
  'microsoft.compute/disks',
  'microsoft.storage/storageaccounts',
  'microsoft.containerservice/managedclusters',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
]);

class Normalisation {
  readonly #configuration: Configuration;
  readonly #facts: ModelFacts;
  readonly #ids = new Map<Resource, ResourceId | undefined>();
  readonly #byAddress: ReadonlyMap<string, Resource>;
  readonly #around: Surroundings;
  readonly #vaults: Entity[] = [];
  readonly #policies: Entity[] = [];
  readonly #machines: Entity[] = [];
  readonly #items: Item[] = [];
  /** By id, so that a link is found without comparing every pair. */
  readonly #byKey = new Map<string, Entity[]>();
  readonly #attachedByType = new Map<string, Map<string, Resource[]>>();
  readonly #locatedByKey = new Map<string, Resource[]>();
  #other: { readonly because: string | undefined } | undefined;

  constructor(configuration: Configuration, facts: ModelFacts) {
    this.#configuration = configuration;
    this.#facts = facts;
    this.#byAddress = new Map(configuration.resources.map((resource) => [resource.address, resource]));
    const [opaque] = configuration.opaque;
    const byType = new Map<string, Resource[]>();
    for (const resource of configuration.resources) append(byType, resource.type.toLowerCase(), resource);
    this.#around = {
      resources: configuration.resources,
      ofType: (...types) => types.flatMap((type) => byType.get(type) ?? []),
      attachedTo: (machine, ...types) =>
        types.flatMap((type) => {
          const attached = this.#attached(type, byType.get(type) ?? []);
          return [...(attached.get(machine.address) ?? []), ...(attached.get('') ?? [])];
        }),
      at: (address) => this.#byAddress.get(address),
      find: (address) => {
        const resource = this.#byAddress.get(address);
        return resource && this.#idOf(resource);
      },
      idOf: (resource) => this.#idOf(resource),
      hidden: opaque && `${opaque.address} cannot be looked into: ${opaque.because}`,
    };
  }

  run(): Model {
    const { resources } = this.#configuration;
    const entities: Entity[] = [];
    // Vaults first: what lies in them asks which kind they are.
    for (const resource of resources) this.#collectVault(resource);
    for (const resource of resources) this.#collect(resource);
    const items = this.#items.map((item) => this.#itemEntity(item));
    entities.push(...this.#vaults.map((vault) => this.#withCounts(vault)), ...this.#policies, ...items);
    entities.push(...this.#machines.map((machine) => this.#withProtection(machine)));
    for (const resource of resources) {
      const lock = lockFacts(resource, this.#around, this.#policies, items);
      if (lock) entities.push({ subject: 'lock', resource, view: lock });
      const endpoint = privateEndpointFacts(resource, this.#around);
      if (endpoint) entities.push({ subject: 'private-endpoint', resource, view: endpoint });
      const provider = providerFacts(resource, this.#facts.removedNames);
      if (provider) entities.push({ subject: 'provider-config', resource, view: provider });
    }
    entities.push(this.#workspace());
    return { configuration: this.#configuration, entities: entities.filter((entity) => !entity.resource.existing) };
  }

  #idOf(resource: Resource): ResourceId | undefined {
    if (!this.#ids.has(resource)) {
      // Set first, so that a circle of parents ends.
      this.#ids.set(resource, undefined);
      this.#ids.set(resource, idOfResource(resource, this.#around.find));
    }
    return this.#ids.get(resource);
  }

  #collectVault(resource: Resource): void {
    const kind = vaultTypes[resource.type] ?? vaultTypes[resource.type.toLowerCase()];
    if (kind) this.#vaults.push(this.#indexed(this.#vault(resource, kind)));
  }

  #collect(resource: Resource): void {
    if (!resource.existing && located.has(armTypeOf(resource) ?? '')) this.#locate(resource);
    if (isPolicy(resource)) this.#policies.push(this.#indexed(this.#policy(resource)));
    else if (isMachine(resource)) this.#machines.push(this.#indexed(this.#machine(resource)));
    else {
      const links = itemLinks(resource, this.#around);
      if (links) this.#items.push({ resource, links, sourceName: links.sourceId && lastName(links.sourceId) });
    }
  }

  /** Resources of one type by the declared machine that they refer to; under `` those of which that is not clear. */
  #attached(type: string, resources: readonly Resource[]): Map<string, Resource[]> {
    let index = this.#attachedByType.get(type);
    if (index) return index;
    index = new Map();
    for (const resource of resources) {
      const reference = pick(resource.body, 'virtual_machine_id', false);
      const value = reference && force(reference.value);
      const address = value?.kind === 'symbol' && value.of?.path === 'id' ? value.of.address : '';
      append(index, this.#byAddress.get(address)?.existing === false ? address : '', resource);
    }
    this.#attachedByType.set(type, index);
    return index;
  }

  #indexed(entity: Entity): Entity {
    const key = entity.id && keyOf(entity.id);
    if (key !== undefined) append(this.#byKey, key, entity);
    return entity;
  }

  #locate(resource: Resource): void {
    const id = this.#idOf(resource);
    const key = id && keyOf(id);
    if (key !== undefined) append(this.#locatedByKey, key, resource);
  }

  /** What carries the id; what is declared here hides references to it. */
  #linked(subject: Entity['subject'], id: ResourceId | undefined): Entity[] {
    const key = id && keyOf(id);
    const found = (key === undefined ? [] : (this.#byKey.get(key) ?? [])).filter((one) => one.subject === subject);
    const declared = found.filter((one) => !one.resource.existing);
    return declared.length > 0 ? declared : found;
  }

  /**
   * The view behind a link: one of several where several carry the id, and perhaps something else altogether where
   * what is declared here may not exist.
   */
  #behind(found: readonly Entity[], from: Resource, link: Fact | undefined, elsewhere: Value): Value {
    if (found.length === 0) return elsewhere;
    const views = found.map((one) => one.view);
    const certain = isReference(link) || found.some((one) => accompanies(one.resource, from));
    if (certain && views.length === 1) return views[0]!;
    return oneOf(certain ? views : [...views, elsewhere], elsewhere.at);
  }

  #entity(subject: Entity['subject'], resource: Resource, facts: Record<string, Fact | Value | undefined>): Entity {
    const language = text(resource.type.includes('/') ? 'arm' : 'terraform', resource.head);
    // Of what exists elsewhere only what the code says is known.
    const shown = resource.existing ? identityOnly(subject, facts) : facts;
    return {
      subject,
      resource,
      view: view(resource.head, { ...shown, language }, resource.existing),
      id: this.#idOf(resource),
    };
  }

  #vault(resource: Resource, kind: VaultKind): Entity {
    const id = this.#idOf(resource);
    const children = this.#configuration.resources.filter((child) => {
      const type = child.type.toLowerCase();
      if (!isSettingsChild(type) || child.existing) return false;
      const own = this.#idOf(child);
      const parent = own && parentId(own);
      return sameId(parent, id) === true;
    });
    const certain = (child: Resource): boolean => accompanies(child, resource);
    const facts = withDefaults(withChildren(vaultFacts(resource, kind), children, certain), resource, kind);
    return this.#entity('vault', resource, {
      kind: computed(kind, resource.head),
      ...facts,
      ...keyFacts(resource, kind, facts, this.#around),
    });
  }

  #policy(resource: Resource): Entity {
    const id = this.#idOf(resource);
    const vaultId = id && parentId(id);
    const arm = resource.type.includes('/');
    const kind: VaultKind = /dataprotection|data_protection/i.test(resource.type) ? 'backup' : 'recovery-services';
    const vaultName: Fact | undefined = arm
      ? { value: splitName(resource.name)?.[0] ?? resource.name, at: resource.head }
      : ['recovery_vault_name', 'vault_id', 'vault_name', 'data_protection_backup_vault_id']
          .map((name) => pick(resource.body, name, false))
          .find((fact) => fact !== undefined);
    const at = vaultName?.at ?? resource.head;
    return this.#entity('policy', resource, {
      ...policyFacts(resource),
      vaultName,
      vaultKind: { value: text(this.#vaultOfOtherKind(vaultId, kind) ? otherKind(kind) : kind, at), at },
    });
  }

  /** Names are all that many references hold: a vault of the other kind may carry the name that is meant. */
  #vaultOfOtherKind(id: ResourceId | undefined, kind: VaultKind): Entity | undefined {
    if (!id || this.#around.hidden !== undefined) return undefined;
    if (this.#vaultsOf(kind).some((vault) => sameId(vault.id, { ...id, type: idTypes[kind] }) !== false))
      return undefined;
    const [other] = this.#linked('vault', { ...id, type: idTypes[otherKind(kind)] });
    return other;
  }

  #vaultsOf(kind: VaultKind): Entity[] {
    return this.#vaults.filter((vault) => textOf(vault.view.members.get('kind')?.value) === kind);
  }

  #machine(resource: Resource): Entity {
    return this.#entity('datasource', resource, {
      kind: computed('azure-vm', resource.head),
      ...machineFacts(resource, this.#around),
    });
  }

  // Protected items

  #itemEntity(item: Item): Entity {
    const { resource, links } = item;
    const { head } = resource;
    const policyId = links.policy && parseId(links.policy.value, this.#around.find);
    const kind = vaultKindOf(links.vaultId) ?? links.vaultKind;
    const wrong = this.#vaultOfOtherKind(links.vaultId, kind);
    const vaults = wrong ? [wrong] : this.#linked('vault', links.vaultId);
    const elsewhere = links.source?.at ?? head;
    const machine = this.#behind(
      this.#linked('datasource', links.sourceId),
      resource,
      links.source,
      unknown('the machine is declared elsewhere', elsewhere),
    );
    return this.#entity('protected-item', resource, {
      solution: links.solution,
      vaultKind: { value: text(wrong ? otherKind(kind) : kind, links.vaultAt.value.at), at: links.vaultAt.at },
      vaultName: links.vaultAt,
      vaultId: links.vaultId
        ? { value: idValue(links.vaultId, links.vaultAt.value.at), at: links.vaultAt.at }
        : undecided('the vault is not known', links.vaultAt.at),
      vault: this.#behind(
        vaults,
        resource,
        links.vaultAt,
        unknown('the vault is declared elsewhere', links.vaultAt.at),
      ),
      source: links.source,
      sourceType: sourceType(links),
      sourceLocation: links.source && this.#sourceLocation(item, links.source),
      statedLocation: links.statedLocation,
      machine,
      policyReference: links.policy,
      policyVaultId: policyId
        ? this.#policyVault(policyId, links.policy!)
        : links.policy && undecided('the policy is not known', links.policy.at),
      policyVaultName: policyId && vaultName(policyId, links.policy!),
      policy: this.#linkPolicy(policyId, links.policy, resource),
      state: links.state,
      included: links.included,
      excluded: links.excluded,
      luns: links.luns,
      selectedDisks: this.#selectedDisks(machine, links),
      earlierItems: this.#earlierItems(item),
      apiVersion: links.apiVersion,
    });
  }

  #selectedDisks(machine: Value, links: ItemLinks): Fact | undefined {
    if (machine.kind !== 'object') return undecided(reasonOf(machine) ?? 'the machine is not known', machine.at);
    const disks = memberOf(machine, 'disks');
    if (!disks)
      return machine.open ? undecided('the disks of the machine are declared elsewhere', machine.at) : undefined;
    const selected = selectedDisks(disks.value, links);
    return selected && { value: selected, at: disks.at };
  }

  #sourceLocation({ resource, links }: Item, source: Fact): Fact {
    const key = links.sourceId && keyOf(links.sourceId);
    const found = (key !== undefined && this.#locatedByKey.get(key)) || [];
    const facts = found.map((one) => region(pick(one.body, 'location', one.type.includes('/'))));
    const elsewhere = undecided('the datasource is declared elsewhere', source.at);
    if (facts.length === 0) return links.statedLocation ?? elsewhere;
    const certain = isReference(source) || found.some((one) => accompanies(one, resource));
    const values = facts.map((fact) => fact?.value ?? elsewhere.value);
    if (facts.length === 1 && certain) return facts[0] ?? elsewhere;
    return { value: oneOf(certain ? values : [...values, elsewhere.value], source.at), at: source.at };
  }

  /** Active items before this one for the same datasource, where that has no entity of its own to say so. */
  #earlierItems(item: Item): Fact | undefined {
    const { resource, links } = item;
    const { head } = resource;
    const solution = textOf(links.solution.value);
    if (!links.source || solution === undefined || !comparedBySource.has(solution) || !isCertain(item))
      return undefined;
    if (this.#linked('datasource', links.sourceId).some((machine) => !machine.resource.existing)) return undefined;
    const earlier: Value[] = [];
    let open = false;
    let compared = 0;
    for (const other of this.#items) {
      if (other === item) break;
      if (areOtherNames(item.sourceName, other.sourceName)) continue;
      if (textOf(other.links.solution.value) !== solution || !other.links.source) continue;
      // Enough to find every pair of a configuration written by people.
      const same = ++compared > 500 ? undefined : this.#isSameSource(item, other);
      if (same === true && isCertain(other) && this.#areTwo(item, other))
        earlier.push(text(other.resource.address, other.resource.head));
      else if (same !== false) open = true;
    }
    return { value: listOf(head, earlier, open), at: head };
  }

  #isSameSource(a: Item, b: Item): boolean | undefined {
    const same = sameId(a.links.sourceId, b.links.sourceId);
    if (same !== undefined) return same;
    const text = canonical(force(a.links.source!.value), true);
    return text !== undefined && text === canonical(force(b.links.source!.value), true) ? true : undefined;
  }

  /** ARM may deploy one item twice, under one id; that is no second item. */
  #areTwo(a: Item, b: Item): boolean {
    if (!a.resource.type.includes('/')) return true;
    return sameId(this.#idOf(a.resource), this.#idOf(b.resource)) === false;
  }

  #policyVault(policyId: ResourceId, written: Fact): Fact {
    const vault = parentId(policyId);
    return vault
      ? { value: idValue(vault, written.value.at), at: written.at }
      : undecided('the id is no policy id', written.at);
  }

  #linkPolicy(id: ResourceId | undefined, written: Fact | undefined, item: Resource): Value {
    if (!written) return unknown('the item names no policy', item.head);
    return this.#behind(this.#linked('policy', id), item, written, elsewherePolicy(id, written));
  }

  // Facts over many resources

  /** How much a vault holds: what is counted in code is a lower bound. */
  #withCounts(vault: Entity): Entity {
    const counts = new Map<string, number>();
    let all = 0;
    let uncounted: string | undefined;
    const isCounted = (resource: Resource, vaultId: ResourceId | undefined): boolean => {
      const same = sameId(vaultId, vault.id);
      if (same === false || resource.existing) return false;
      if (same === true && !resource.many && resource.presence === 'present') return true;
      // Left out, so that the counts stay lower bounds.
      uncounted ??=
        same === undefined
          ? `${resource.address} may lie in this vault`
          : `it is not known how many of ${resource.address} there are`;
      return false;
    };
    for (const { resource, links } of this.#items) {
      if (!isCounted(resource, links.vaultId)) continue;
      const solution = textOf(links.solution.value) ?? '';
      counts.set(solution, (counts.get(solution) ?? 0) + 1);
      all++;
    }
    const containers = this.#configuration.resources.filter((resource) => {
      const container = storageContainerVault(resource, this.#idOf(resource));
      return container !== undefined && isCounted(resource, container);
    });
    const { head } = vault.resource;
    const items = view(head, {
      all: computed(all, head),
      virtualMachines: computed(counts.get('azure-vm') ?? 0, head),
      fileShares: computed(counts.get('azure-files') ?? 0, head),
      sqlDatabases: computed(counts.get('sql-in-vm') ?? 0, head),
      storageAccounts: computed(containers.length, head),
      complete: uncounted === undefined ? computed(true, head) : undecided(uncounted, head),
    });
    const members = new Map(vault.view.members);
    members.set('items', { value: items, at: head });
    return { ...vault, view: { ...vault.view, members } };
  }

  #withProtection(machine: Entity): Entity {
    const { head } = machine.resource;
    const members = new Map(machine.view.members);
    const { own, doubt } = this.#itemsOf(machine, ['azure-vm']);
    const certain = own.filter(
      (item) =>
        !item.resource.many && (item.resource.presence === 'present' || accompanies(item.resource, machine.resource)),
    );
    const perhaps = doubt ?? (own.length > certain.length ? `it is not known whether an item protects it` : undefined);
    members.set('protection', { value: this.#protection(machine, certain, perhaps), at: head });
    members.set(
      'protected',
      certain.length > 0 ? computed(true, head) : perhaps ? undecided(perhaps, head) : computed(false, head),
    );
    const active = certain.filter((item) => isActive(item));
    const distinct = active.filter((item, i) => active.slice(0, i).every((other) => this.#areTwo(item, other)));
    members.set('activeItems', {
      value: listOf(
        head,
        distinct.map((item) => text(item.resource.address, item.resource.head)),
        own.length > active.length || doubt !== undefined,
      ),
      at: head,
    });
    members.set('databaseProtected', this.#databaseProtected(machine));
    const disks = memberOf(machine.view, 'disks');
    const selections = disks ? active.map((item) => selectedDisks(disks.value, item.links)) : [];
    const selected = union(selections, perhaps !== undefined || own.length > active.length, head);
    if (selected && (selected.items.length > 0 || selected.open || active.length > 0)) {
      members.set('selectedDisks', { value: selected, at: disks?.at ?? head });
      members.set('diskTotals', { value: diskTotals(selected), at: disks?.at ?? head });
    }
    return { ...machine, view: { ...machine.view, members } };
  }

  /** The items of a machine, and why another one may be one too. */
  #itemsOf(machine: Entity, solutions: readonly string[]): { own: Item[]; doubt: string | undefined } {
    const own: Item[] = [];
    let doubt: string | undefined;
    const name = machine.id && lastName(machine.id);
    for (const item of this.#items) {
      if (areOtherNames(name, item.sourceName)) continue;
      const solution = textOf(item.links.solution.value);
      if (solution !== undefined && !solutions.includes(solution)) continue;
      const same = this.#isSource(item, machine);
      if (same === true && solution !== undefined) own.push(item);
      else if (same !== false) doubt ??= `${item.resource.address} may protect it`;
    }
    return { own, doubt };
  }

  #isSource(item: Item, machine: Entity): boolean | undefined {
    const linked = this.#linked('datasource', item.links.sourceId).filter((one) => !one.resource.existing);
    // What is another machine of this configuration is certainly not this one.
    if (linked.length > 0) return linked.some((one) => one.resource === machine.resource);
    if (!item.links.sourceId) return undefined;
    return sameId(item.links.sourceId, machine.id) === false ? false : undefined;
  }

  /** Whether databases on the machine are backed up by themselves. */
  #databaseProtected(machine: Entity): Fact {
    const { head } = machine.resource;
    const { own, doubt } = this.#itemsOf(machine, ['sql-in-vm', 'hana-in-vm', 'ase-in-vm']);
    if (own.some((item) => isCertain(item))) return computed(true, head);
    return doubt || own.length > 0 ? undecided(doubt ?? 'its databases may be protected', head) : computed(false, head);
  }

  /** `item`, `none`, or unknown with what hides the answer (catalogue: whole picture). */
  #protection(machine: Entity, own: readonly Item[], doubt: string | undefined): Value {
    const { head } = machine.resource;
    if (own.length > 0) return text('item', own[0]!.resource.head);
    const declared = this.#items.some(
      ({ resource, links }) =>
        textOf(links.solution.value) === 'azure-vm' &&
        resource.presence === 'present' &&
        !resource.many &&
        !resource.existing,
    );
    const hidden =
      this.#around.hidden ??
      doubt ??
      this.#otherProtection() ??
      (declared ? undefined : 'no virtual machine is protected here, so backups may be declared elsewhere');
    return hidden ? unknown(hidden, head) : text('none', head);
  }

  /** What may protect machines or databases without any item that names them. */
  #otherProtection(): string | undefined {
    this.#other ??= { because: this.#configuration.resources.map(mayProtect).find((because) => because !== undefined) };
    return this.#other.because;
  }

  #workspace(): Entity {
    const configuration = this.#configuration;
    const stand: Resource = {
      address: configuration.name,
      language: configuration.language,
      type: 'workspace',
      name: text(configuration.name, configuration.at),
      presence: 'present',
      existing: false,
      body: view(configuration.at, {}),
      head: configuration.at,
      calls: [],
      scope: { subscription: unknown('a workspace has none', configuration.at) },
    };
    const hidden = this.#around.hidden ?? this.#otherProtection();
    const nodes = new Set(
      this.#machines.filter((machine) => memberOf(machine.view, 'nodeOf')).map((machine) => machine.resource),
    );
    const candidates = configuration.resources.filter(
      (resource) => !resource.existing && backable(resource) && !nodes.has(resource),
    );
    const certain = candidates.filter((resource) => resource.presence === 'present' && !resource.many);
    const items = configuration.resources.filter((resource) => !resource.existing && protects(resource));
    const present = items.filter((resource) => resource.presence === 'present' && !resource.many);
    const { at } = configuration;
    return {
      subject: 'workspace',
      resource: stand,
      view: view(at, {
        datasources: listOf(
          at,
          certain.map((resource) => text(nameOrAddress(resource), resource.head)),
          candidates.length > certain.length,
        ),
        listed: computed(listed(certain.map(nameOrAddress)), at),
        protections: listOf(
          at,
          present.map((resource) => text(resource.address, resource.head)),
          hidden !== undefined || items.length > present.length,
        ),
      }),
    };
  }
}

/** What may protect what it does not name: policy assignments, Automanage, intents, templates that are not looked into. */
function mayProtect(resource: Resource): string | undefined {
  const type = resource.type.toLowerCase();
  const { address } = resource;
  if (
    /^azurerm_(.*_)?policy_assignment$/.test(type) ||
    type === 'microsoft.authorization/policyassignments' ||
    type.endsWith('/backupprotectionintent')
  )
    return `${address} may protect it`;
  if (type.includes('automanage')) return `Automanage (${address}) may protect it`;
  if (
    type.endsWith('_template_deployment') ||
    type === 'microsoft.resources/deploymentscripts' ||
    type.startsWith('azurerm_resource_deployment_script_') ||
    scriptRunners.has(type)
  )
    return `${address} is not looked into and may protect it`;
  return type.startsWith('azapi_') && !isHarmlessPatch(resource) ? `${address} may protect it` : undefined;
}

/** What people hang scripts on (`az backup protection enable-for-vm`) or requests to any interface. */
const scriptRunners = new Set([
  'null_resource',
  'terraform_data',
  'shell_script',
  'restapi_object',
  'ansible_playbook',
]);

/** azapi resources of providers that have nothing to do with backup. */
function isHarmlessPatch(resource: Resource): boolean {
  const type = textOf(pick(resource.body, 'type', false)?.value)?.toLowerCase();
  return type !== undefined && /^microsoft\.(compute|network|storage|keyvault|managedidentity|insights)\//.test(type);
}

function nameOrAddress(resource: Resource): string {
  const name = force(resource.name);
  return (name.kind === 'string' || name.kind === 'template') && !isSecret(name) ? describe(name) : resource.address;
}

/** The first names of a list that may be long: messages cut what is longer than a line. */
function listed(names: readonly string[]): string {
  let text = '';
  for (const [i, name] of names.entries()) {
    const longer = i === 0 ? name : `${text}, ${name}`;
    if (i > 0 && longer.length > 60) return `${text} and ${names.length - i} more`;
    text = longer;
  }
  return text;
}

/** What makes a configuration worth asking about backup; storage accounts alone are no reason. */
function backable(resource: Resource): boolean {
  const type = armTypeOf(resource) ?? resource.type;
  const arm = resource.type.includes('/');
  const protocol = pick(resource.body, arm ? 'properties.enabledProtocols' : 'enabled_protocol', arm);
  // Shares with NFS cannot be protected.
  if (textOf(protocol?.value)?.toLowerCase() === 'nfs') return false;
  return [
    'microsoft.compute/virtualmachines',
    'azurerm_storage_share',
    'microsoft.storage/storageaccounts/fileservices/shares',
    'azurerm_postgresql_flexible_server',
    'microsoft.dbforpostgresql/flexibleservers',
    'azurerm_mysql_flexible_server',
    'microsoft.dbformysql/flexibleservers',
  ].includes(type.toLowerCase());
}

function isActive(item: Item): boolean {
  return textOf(item.links.state.value) === 'protected';
}

/** An active item that exists for certain, once. */
function isCertain(item: Item): boolean {
  return item.resource.presence === 'present' && !item.resource.many && isActive(item);
}

/** Solutions whose datasource is told by its id alone (of an Elastic SAN the volumes count too). */
const comparedBySource = new Set(['azure-vm', 'azure-disk', 'azure-blob', 'adls']);

/** A reference of Terraform to the resource itself: what is referred to exists. */
function isReference(link: Fact | undefined): boolean {
  const value = link && force(link.value);
  return value?.kind === 'symbol' && value.of?.path === 'id';
}

/** Whether a resource exists wherever another one does: always, or under no condition that the other lacks. */
function accompanies(resource: Resource, other: Resource): boolean {
  if (resource.many) return false;
  if (resource.presence === 'present') return true;
  const given = new Set(other.guard?.split('&&'));
  return resource.guard?.split('&&').every((part) => given.has(part)) ?? false;
}

function areOtherNames(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function otherKind(kind: VaultKind): VaultKind {
  return kind === 'backup' ? 'recovery-services' : 'backup';
}

function vaultKindOf(id: ResourceId | undefined): VaultKind | undefined {
  if (id?.type === idTypes.backup) return 'backup';
  return id?.type === idTypes['recovery-services'] ? 'recovery-services' : undefined;
}

/** The ARM type of the datasource; a known text that is no id at all is `none`. */
function sourceType({ source, sourceId }: ItemLinks): Fact | undefined {
  if (!source) return undefined;
  const at = source.value.at;
  if (sourceId) return { value: text(sourceId.type === '' ? 'resource group' : sourceId.type, at), at: source.at };
  if (source.value.kind === 'string') return { value: text('none', at), at: source.at };
  return undecided(reasonOf(source.value) ?? 'the datasource is not known', source.at);
}

/** What the id of a policy says of it where it is not declared here. */
function elsewherePolicy(id: ResourceId | undefined, written: Fact): Value {
  const vaultId = id && parentId(id);
  const kind = vaultKindOf(vaultId);
  if (!kind) return unknown(reasonOf(force(written.value)) ?? 'the policy is declared elsewhere', written.at);
  const name = id && lastName(id);
  const { at } = written.value;
  const known = kind === 'recovery-services' && name !== undefined ? serviceDefaultPolicies[name] : undefined;
  return view(
    written.at,
    {
      vaultKind: computed(kind, at),
      solution: known
        ? computed(known.solution, at)
        : oneOf(
            solutionsOfVault[kind].map((solution) => text(solution, at)),
            at,
          ),
      ...(known?.type && { type: computed(known.type, at) }),
      ...(name !== undefined && { name: computed(name, at) }),
    },
    true,
  );
}

/** What a link to something that exists elsewhere may still say of it. */
function identityOnly(
  subject: Entity['subject'],
  facts: Record<string, Fact | Value | undefined>,
): Record<string, Fact | Value | undefined> {
  const { kind, name, solution, vaultKind } = facts;
  // A policy's type alone does not prove what it was made for.
  return subject === 'policy' ? { name, vaultKind } : { kind, name, solution };
}

function vaultName(policyId: ResourceId, written: Fact): Fact | undefined {
  const name = parentId(policyId)?.names.at(-1);
  return name && { value: name, at: written.at };
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The disks that any of the items backs up. */
function union(selections: readonly (List | undefined)[], open: boolean, at: Value['at']): List | undefined {
  const items = new Set<Value>();
  let more = open;
  for (const selection of selections) {
    for (const disk of selection?.items ?? []) items.add(disk);
    more ||= selection === undefined || selection.open === true;
  }
  return listOf(selections.find((selection) => selection)?.at ?? at, [...items], more);
}

function diskTotals(disks: List): Value {
  const sizes = disks.items.map((disk) => numberIn(pick(disk, 'sizeGb', false)?.value));
  const { at } = disks;
  const sum = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  return view(at, {
    count: computed(disks.items.length, at),
    atLeastGb: computed(sum, at),
    sizeGb:
      disks.open || sizes.includes(undefined) ? undecided('the size of a disk is not known', at) : computed(sum, at),
  });
}
