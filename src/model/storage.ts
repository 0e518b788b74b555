/**
 * Storage accounts and file shares as datasources, with the settings of blobs and files that decide about backup.
 * Takes azurerm blocks or ARM accounts with their `blobServices` and `fileServices` children; facts say what is written, and are
 * unknown where a child may be declared out of sight.
 */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, joined, reasonOf, text, type Value } from '../evaluate/value.ts';
import type { Link } from './belonging.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  listOf,
  mapped,
  numberIn,
  numeric,
  pick,
  region,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { ownName, parseId } from './id.ts';
import type { Surroundings } from './machine.ts';
import { type Facts, named, type Parts } from './retention.ts';

const kinds = spelt('BlobStorage', 'BlockBlobStorage', 'FileStorage', 'Storage', 'StorageV2');
const protocols = spelt('SMB', 'NFS');
const enabled = { enabled: true, disabled: false, true: true, false: false };
const actions = spelt('Allow', 'Deny');
const routing = spelt('MicrosoftRouting', 'InternetRouting');
const copyScopes = spelt('AAD', 'PrivateLink', 'All');
const performances = spelt('Standard', 'Premium');

const parentAccount = (levels: number) => (): Link => ({ levels });
const namedAccount = ({ body }: Resource): Link => ({
  id: pick(body, 'storage_account_id', false),
  name: pick(body, 'storage_account_name', false),
});

export function accountFacts(resource: Resource, around: Surroundings): Facts {
  const facts = resource.type.includes('/') ? armAccount(resource, around) : azurermAccount(resource, around);
  return {
    ...facts,
    containers: withoutServices(
      namesOf(
        resource,
        around,
        [
          ['azurerm_storage_container', namedAccount],
          ['azurerm_storage_data_lake_gen2_filesystem', namedAccount],
          ['microsoft.storage/storageaccounts/blobservices/containers', parentAccount(2)],
        ],
        'blob-containers',
      ),
    ),
    shares: namesOf(
      resource,
      around,
      [
        ['azurerm_storage_share', namedAccount],
        ['microsoft.storage/storageaccounts/fileservices/shares', parentAccount(2)],
      ],
      'file-shares',
    ),
    replicatedContainers: replicated(resource, around),
    heldContainers: underLegalHold(resource, around),
    archiveRules: archiveRules(resource, around),
  };
}

/**
 * Containers that Azure makes and fills for itself hold nothing that anybody would restore: system containers, where diagnostic settings
 * and boot diagnostics write, and where Functions and WebJobs coordinate and keep their keys. The website is somebody's own, as is the root.
 */
const ofServices =
  /^(?:\$(?!(?:web|root)$).*|insights-(?:logs|metrics)-.*|insights-(?:activity|operational)-logs|bootdiagnostics-.*|azure-webjobs-(?:hosts|secrets|eventhub|dashboard))$/i;

function withoutServices({ at, value }: Fact): Fact {
  if (value.kind !== 'list') return { at, value };
  return { at, value: { ...value, items: value.items.filter((name) => !ofServices.test(textOf(force(name)) ?? '')) } };
}

const replicationPolicies = 'microsoft.storage/storageaccounts/objectreplicationpolicies';

/** Containers of the account that an object replication rule copies from or to. */
function replicated(account: Resource, around: Surroundings): Fact {
  const { head } = account;
  const name = force(account.name);
  const found: Value[] = [];
  const isLive = account.language === 'live';
  let open: boolean | string = around.unread('replication', account) ?? false;
  // Azure lists a policy at either end.
  const policies = isLive
    ? around.belonging(account, replicationPolicies, parentAccount(1)).sure
    : around.ofType('azurerm_storage_object_replication', replicationPolicies);
  for (const policy of policies) {
    if (policy.existing) continue;
    const arm = policy.type.includes('/');
    const at = (path: string): Fact | undefined => pick(policy.body, path, arm);
    const rules = filledList(at(arm ? 'properties.rules' : 'rules'));
    const from = at(arm ? 'properties.sourceAccount' : 'source_storage_account_id');
    const to = at(arm ? 'properties.destinationAccount' : 'destination_storage_account_id');
    for (const [end, other, container] of [
      [from, to, arm ? 'sourceContainer' : 'source_container_name'],
      [to, from, arm ? 'destinationContainer' : 'destination_container_name'],
    ] as const) {
      const same = end && isAccount(end.value, account, name, around);
      if (same === false || !end || !rules) continue;
      // Vaulted backup replicates to an account of its own, which nobody sees, by a policy like any other.
      const isOfBackup = isLive && !(other && accountBehind(other.value, around));
      if (
        same === undefined ||
        isOfBackup ||
        policy.presence !== 'present' ||
        policy.many ||
        rules.value.kind !== 'list'
      ) {
        open ||= isOfBackup ? 'an object replication policy may be one of Azure Backup' : true;
        continue;
      }
      open ||= rules.value.open === true;
      for (const rule of rules.value.items) {
        const written = pick(force(rule), container, arm);
        if (written) found.push(written.value);
      }
    }
  }
  return { at: head, value: listOf(head, found, open) };
}

/** Whether a reference, an id or a bare name means the account; its name is unique in all of Azure. */
function isAccount(reference: Value, account: Resource, name: Value, around: Surroundings): boolean | undefined {
  const value = force(reference);
  const named = value.kind === 'symbol' && value.of?.path === 'id' ? around.at(value.of.address) : undefined;
  if (named && !named.existing) return named === account;
  const id = parseId(value, around.find);
  const last = id?.type === 'microsoft.storage/storageaccounts' ? id.names[0]! : value;
  return equal(force(last), name, true);
}

/** The account that a reference means, where it is declared, or seen by an audit. */
function accountBehind(reference: Value, around: Surroundings): Resource | undefined {
  const value = force(reference);
  const id = parseId(value, around.find);
  if (id?.type === 'microsoft.storage/storageaccounts') return around.withId(id);
  const name = textOf(value)?.toLowerCase();
  return name === undefined ? undefined : around.accountNamed(name);
}

/** Rules of the lifecycle that move blobs to the archive tier: after how many days, and of which prefixes. */
function archiveRules(account: Resource, around: Surroundings): Fact {
  const { head } = account;
  const found: Value[] = [];
  let open: boolean | string = around.unread('lifecycle', account) ?? false;
  for (const [type, link, path] of [
    ['azurerm_storage_management_policy', namedAccount, 'rule'],
    ['microsoft.storage/storageaccounts/managementpolicies', parentAccount(1), 'properties.policy.rules'],
  ] as const) {
    const { sure, perhaps } = around.belonging(account, type, link);
    open ||= perhaps.length > 0;
    for (const policy of sure) {
      const arm = type.includes('/');
      const rules = filledList(pick(policy.body, path, arm));
      if (!rules) continue;
      if (policy.presence !== 'present' || policy.many || rules.value.kind !== 'list') {
        open ||= true;
        continue;
      }
      open ||= rules.value.open === true;
      for (const rule of rules.value.items) {
        const one = archiveRule(force(rule), arm);
        if (one) found.push(one);
      }
    }
  }
  return { at: head, value: listOf(head, found, open) };
}

const archiveConditions = [
  ['modification', 'Modification'],
  ['creation', 'Creation'],
  ['last_access_time', 'LastAccessTime'],
] as const;

function archiveRule(rule: Value, arm: boolean): Value | undefined {
  const at = (path: string): Fact | undefined => pick(rule, path, arm);
  const on = mapped(at('enabled'), enabled);
  if (on?.value.kind === 'bool' && !on.value.value) return undefined;
  for (const [azurerm, own] of archiveConditions) {
    const days = numeric(
      at(
        arm
          ? `definition.actions.baseBlob.tierToArchive.daysAfter${own}GreaterThan`
          : `actions[0].base_blob[0].tier_to_archive_after_days_since_${azurerm}_greater_than`,
      ),
    );
    const amount = numberIn(days?.value);
    // A plan shows what is not written as -1.
    if (!days || (amount !== undefined && amount < 0)) continue;
    return view(rule.at, {
      days: on && on.value.kind !== 'bool' ? undecided('it is not known whether the rule is on', on.at) : days,
      prefixes: filledList(at(arm ? 'definition.filters.prefixMatch' : 'filters[0].prefix_match')),
    });
  }
  return rule.kind === 'object' ? undefined : view(rule.at, {}, reasonOf(rule) ?? 'the rule is not known');
}

/** After how many days blobs that an item covers go to the archive tier: of every rule that is for one of its containers. */
export function archiveDays(account: Value, containers: Fact | undefined): Fact | undefined {
  const rules = pick(account, 'archiveRules', false);
  if (!rules) return undefined;
  if (rules.value.kind !== 'list')
    return undecided(reasonOf(rules.value) ?? 'the rules of the lifecycle are not known', rules.at);
  const { at } = rules;
  let open: boolean | string = rules.value.open === true && (rules.value.because ?? true);
  const found: Value[] = [];
  for (const rule of rules.value.items) {
    const days = pick(rule, 'days', false);
    const reaches = reachesContainers(pick(rule, 'prefixes', false), containers);
    if (reaches === false) continue;
    if (reaches && numberIn(days?.value) !== undefined) found.push(days!.value);
    else open ||= true;
  }
  return { at, value: listOf(at, found, open) };
}

/** Whether a rule is for any of the containers; without prefixes for all blobs, and without a list of containers all are covered. */
function reachesContainers(prefixes: Fact | undefined, containers: Fact | undefined): boolean | undefined {
  if (!prefixes || !containers) return true;
  if (prefixes.value.kind !== 'list' || containers.value.kind !== 'list') return undefined;
  const names = containers.value.items.map((item) => textOf(force(item)));
  const answers = prefixes.value.items.flatMap((prefix) => {
    const written = textOf(force(prefix));
    if (written === undefined) return [undefined];
    const [start = '', ...rest] = written.split('/');
    return names.map((name) => name && (rest.length > 0 ? name === start : name.startsWith(start)));
  });
  if (answers.includes(true)) return true;
  const settled = !prefixes.value.open && !containers.value.open && answers.every((answer) => answer === false);
  return settled ? false : undefined;
}

/** Containers of which a plan, a state or the service says that they are under legal hold; code cannot declare one. */
function underLegalHold(account: Resource, around: Surroundings): Fact {
  const { head } = account;
  const found: Value[] = [];
  let open: boolean | string = around.unread('blob-containers', account) ?? false;
  for (const [type, link, path] of [
    ['azurerm_storage_container', namedAccount, 'has_legal_hold'],
    ['microsoft.storage/storageaccounts/blobservices/containers', parentAccount(2), 'properties.hasLegalHold'],
  ] as const) {
    const { sure, perhaps } = around.belonging(account, type, link);
    for (const [containers, certain] of [
      [sure, true],
      [perhaps, false],
    ] as const)
      for (const one of containers) {
        const held = mapped(pick(one.body, path, type.includes('/')), enabled)?.value;
        if (!held || (held.kind === 'bool' && !held.value)) continue;
        if (certain && held.kind === 'bool' && one.presence === 'present' && !one.many)
          found.push(force(ownName(one) ?? one.name));
        else open ||= true;
      }
  }
  return { at: head, value: listOf(head, found, open) };
}

function azurermAccount(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const tier = at('account_tier');
  const replication = at('account_replication_type');
  // `V2` of provisioned file shares: StandardV2_LRS.
  const billing = at('provisioned_billing_model_version');
  const retention = (path: string): Fact | undefined => {
    const block = at(`${path}[0]`);
    return block && policyView(block, computed(true, block.at), fallback(numeric(at(`${path}[0].days`)), 7, block.at));
  };
  const restore = at('blob_properties[0].restore_policy[0]');
  return {
    ...named(resource),
    location: region(at('location')),
    accountKind: fallback(mapped(at('account_kind'), kinds), 'StorageV2', head),
    sku: tier &&
      replication && {
        at: replication.at,
        value: joined([tier.value, billing?.value ?? '', '_', replication.value], replication.at),
      },
    performance: mapped(tier, performances),
    hierarchicalNamespace: fallback(mapped(at('is_hns_enabled'), enabled), false, head),
    nfsV3: fallback(mapped(at('nfsv3_enabled'), enabled), false, head),
    sftp: fallback(mapped(at('sftp_enabled'), enabled), false, head),
    sharedKeyAccess: fallback(mapped(at('shared_access_key_enabled'), enabled), true, head),
    publicNetworkAccess: fallback(mapped(at('public_network_access_enabled'), enabled), true, head),
    networkDefaultAction: mapped(networkRule(resource, around, 'default_action'), actions),
    networkBypass: filledList(networkRule(resource, around, 'bypass')),
    routing: mapped(at('routing[0].choice'), routing),
    copyScope: mapped(at('allowed_copy_scope'), copyScopes),
    blob: settings(resource, around, 'microsoft.storage/storageaccounts/blobservices', blobSettings, {
      versioning: mapped(at('blob_properties[0].versioning_enabled'), enabled),
      changeFeed: mapped(at('blob_properties[0].change_feed_enabled'), enabled),
      changeFeedDays: numeric(at('blob_properties[0].change_feed_retention_in_days')),
      softDelete: retention('blob_properties[0].delete_retention_policy'),
      containerSoftDelete: retention('blob_properties[0].container_delete_retention_policy'),
      restore:
        restore &&
        policyView(restore, computed(true, restore.at), numeric(at('blob_properties[0].restore_policy[0].days'))),
    }),
    files: settings(resource, around, 'microsoft.storage/storageaccounts/fileservices', fileSettings, {
      softDelete: retention('share_properties[0].retention_policy'),
    }),
    tags: at('tags'),
  };
}

/** A rule of the firewall, in the account or in the resource of its own that azurerm has for it. */
function networkRule(account: Resource, around: Surroundings, name: string): Fact | undefined {
  const { sure, perhaps } = around.belonging(account, 'azurerm_storage_account_network_rules', namedAccount);
  const [own] = sure;
  // It is applied after the account, of which a plan does not know its rules and a state still has the old ones.
  if (own && own.presence === 'present' && !own.many) return pick(own.body, name, false);
  if (filledList(pick(account.body, 'network_rules', false)))
    return pick(account.body, `network_rules[0].${name}`, false);
  const doubt = own ?? perhaps[0];
  const hidden = doubt ? `${doubt.address} may set it` : around.hidden;
  return hidden === undefined ? undefined : undecided(hidden, account.head);
}

function armAccount(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, true);
  const bypass = at('properties.networkAcls.bypass');
  return {
    ...named(resource),
    location: region(at('location')),
    accountKind: mapped(at('kind'), kinds),
    sku: at('sku.name'),
    performance: performanceOf(at('sku.name')),
    hierarchicalNamespace: fallback(mapped(at('properties.isHnsEnabled'), enabled), false, head),
    nfsV3: fallback(mapped(at('properties.isNfsV3Enabled'), enabled), false, head),
    sftp: fallback(mapped(at('properties.isSftpEnabled'), enabled), false, head),
    sharedKeyAccess: fallback(mapped(at('properties.allowSharedKeyAccess'), enabled), true, head),
    publicNetworkAccess: fallback(
      mapped(at('properties.publicNetworkAccess'), { ...enabled, securedbyperimeter: false }),
      true,
      head,
    ),
    networkDefaultAction: mapped(at('properties.networkAcls.defaultAction'), actions),
    networkBypass: bypass && words(bypass),
    routing: mapped(at('properties.routingPreference.routingChoice'), routing),
    copyScope: mapped(at('properties.allowedCopyScope'), copyScopes),
    blob: settings(resource, around, 'microsoft.storage/storageaccounts/blobservices', blobSettings, {}),
    files: settings(resource, around, 'microsoft.storage/storageaccounts/fileservices', fileSettings, {}),
    tags: at('tags'),
  };
}

/** `Standard_LRS`, `PremiumV2_ZRS`: the first word, without the billing model. */
function performanceOf(sku: Fact | undefined): Fact | undefined {
  if (!sku) return undefined;
  const word = /^(Standard|Premium)/i.exec(textOf(sku.value) ?? '')?.[1];
  if (word === undefined) return undecided(reasonOf(sku.value) ?? 'the SKU is not known', sku.at);
  return mapped({ at: sku.at, value: { ...sku.value, value: word } as Value }, performances);
}

/** `Logging, AzureServices` is one text in ARM and a list in azurerm. */
function words(written: Fact): Fact {
  const value = textOf(written.value);
  if (value === undefined) return undecided(reasonOf(written.value) ?? 'it is not known', written.at);
  const items = value
    .split(',')
    .map((one) => ({ ...text(one.trim(), written.value.at), secret: written.value.secret }));
  return { at: written.at, value: listOf(written.at, items) };
}

type Reading = (at: (path: string) => Fact | undefined) => Parts;

const blobSettings: Reading = (at) => ({
  versioning: mapped(at('isVersioningEnabled'), enabled),
  changeFeed: mapped(at('changeFeed.enabled'), enabled),
  changeFeedDays: numeric(at('changeFeed.retentionInDays')),
  softDelete: armPolicy(at, 'deleteRetentionPolicy'),
  containerSoftDelete: armPolicy(at, 'containerDeleteRetentionPolicy'),
  restore: armPolicy(at, 'restorePolicy'),
});

const fileSettings: Reading = (at) => ({ softDelete: armPolicy(at, 'shareDeleteRetentionPolicy') });

function armPolicy(at: (path: string) => Fact | undefined, name: string): Fact | undefined {
  const block = at(name);
  return (
    block &&
    policyView(block, fallback(mapped(at(`${name}.enabled`), enabled), false, block.at), numeric(at(`${name}.days`)))
  );
}

/** A block that may be missing is unknown, not there. */
function policyView(block: Fact, on: Fact, days: Fact | undefined): Fact {
  if (block.value.kind !== 'object') return undecided(reasonOf(block.value) ?? 'it is not known', block.at);
  return { at: block.at, value: view(block.at, { enabled: on, days }) };
}

/** The settings as the account writes them, and over them what a child of it does. */
function settings(account: Resource, around: Surroundings, type: string, read: Reading, own: Parts): Fact {
  const { head } = account;
  const { sure, perhaps } = around.belonging(account, type, parentAccount(1));
  const [child] = sure;
  if (child && child.presence === 'present' && !child.many) {
    const at = (path: string): Fact | undefined => pick(child.body, `properties.${path}`, true);
    const written = Object.fromEntries(Object.entries(read(at)).filter(([, fact]) => fact !== undefined));
    return { at: child.head, value: view(child.head, { ...own, ...written }) };
  }
  const doubt = child ?? perhaps[0];
  const hidden = doubt ? `${doubt.address} may set it` : account.type.includes('/') ? around.hidden : undefined;
  return hidden ? undecided(hidden, head) : { at: head, value: view(head, own) };
}

/** Names of what is declared in the account; more may exist where something cannot be seen. */
function namesOf(
  account: Resource,
  around: Surroundings,
  types: readonly (readonly [string, (resource: Resource) => Link])[],
  what: string,
): Fact {
  const { head } = account;
  const names: Value[] = [];
  let open: boolean | string = around.unread(what, account) ?? false;
  for (const [type, link] of types) {
    const { sure, perhaps } = around.belonging(account, type, link);
    open ||= perhaps.length > 0;
    for (const one of sure) {
      if (one.presence === 'present' && !one.many) names.push(force(ownName(one) ?? one.name));
      else open ||= true;
    }
  }
  return { at: head, value: listOf(head, names, open) };
}

// File shares

/** The account of a share, by reference, id or its name, which nothing else in Azure has. */
export function accountOf(share: Resource, around: Surroundings): Resource | undefined {
  if (share.type.includes('/')) {
    const id = around.idOf(share);
    const name = id && textOf(id.names[0])?.toLowerCase();
    return name === undefined ? undefined : around.accountNamed(name);
  }
  const { id, name } = namedAccount(share);
  const value = force((id ?? name)?.value ?? share.name);
  if (value.kind === 'symbol' && value.of && /^(?:id|name)$/.test(value.of.path)) {
    const found = around.at(value.of.address);
    return found && !found.existing ? found : undefined;
  }
  const written = textOf(name?.value) ?? textOf(value)?.split('/').at(-1);
  return written === undefined || !(id ?? name) ? undefined : around.accountNamed(written.toLowerCase());
}

export function shareFacts(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const account = accountOf(resource, around);
  const { id, name } = arm ? {} : namedAccount(resource);
  const accountName: Fact | undefined = account
    ? { value: force(account.name), at: (id ?? name)?.at ?? head }
    : arm
      ? { value: around.idOf(resource)?.names[0] ?? undecided('the account is not known', head).value, at: head }
      : (name ?? (id && undecided('the account is declared elsewhere', id.at)));
  return {
    ...named(resource),
    accountName,
    location: account
      ? region(pick(account.body, 'location', account.type.includes('/')))
      : undecided('the account is declared elsewhere', (id ?? name)?.at ?? head),
    protocol: fallback(mapped(at(arm ? 'properties.enabledProtocols' : 'enabled_protocol'), protocols), 'SMB', head),
    quotaGb: numeric(at(arm ? 'properties.shareQuota' : 'quota')),
    accessTier: at(arm ? 'properties.accessTier' : 'access_tier'),
  };
}

/** By how many days blob soft delete outlasts what an operational policy keeps; it stands where the days are written. */
export function softDeleteMargin(account: Value, policy: Value): Fact | undefined {
  const days = pick(account, 'blob.softDelete.days', false);
  const kept = pick(policy, 'operational.keptDays', false);
  if (!days || !kept) return undefined;
  const [outer, inner] = [numberIn(days.value), numberIn(kept.value)];
  if (outer === undefined || inner === undefined)
    return undecided(reasonOf(days.value) ?? reasonOf(kept.value) ?? 'the days are not known', days.at);
  return { at: days.at, value: { ...computed(outer - inner, days.value.at).value, via: days.value.via } };
}
