/**
 * An inventory -> what exists, as a configuration like those of code: each row an ARM resource under its own id, with a body as in a
 * template. All of it is one configuration, for what protects something may lie in another subscription; of a large inventory each of
 * its shares is. What an inventory could not read is told beside the resources, so that the model takes nothing for absent that may
 * only be unseen.
 */
import type { Configuration, Live, Resource } from '../evaluate/resource.ts';
import { text, unknown, type Value } from '../evaluate/value.ts';
import type { AzurePlace } from '../source/source.ts';
import { type Answer, answerOf, over, timeOf } from './answers.ts';
import { bodyOf, Placed, Untold } from './body.ts';
import { Gaps, lies } from './gaps.ts';
import {
  type Fact,
  facts,
  type Inventory,
  type InventoryGap,
  type InventoryHeader,
  type Row,
  scopeId,
} from './inventory.ts';
import { objectOf, regionOf, sizeOf, subscriptionOf, textOf } from './row.ts';
import { placeOfVault, sharesOf } from './shares.ts';

/** One after another, so that only one need be held; `most` as of `sharesOf`. */
export function* liveConfigurations(inventory: Inventory, most?: number): Generator<Configuration> {
  const { header, gaps } = inventory;
  const at: AzurePlace = { resourceId: scopeId(header.scope), path: '' };
  const told = new Map<string, boolean>();
  for (const { rows, all } of sharesOf(inventory, most)) {
    const gathered = new Gathering();
    for (const { from, row } of rows) gathered.take(from, row);
    const around: Live['around'] = all && {
      hasVault: (kind, region) => all.vaults.has(placeOfVault(kind, region)),
      protects: (type) => all.protectedTypes.has(type),
      isTold: (fact, isSure) => {
        const before = told.get(fact);
        told.set(fact, isSure || before === true);
        return before === true || (before === false && !isSure);
      },
    };
    yield {
      name: at.resourceId,
      language: 'live',
      resources: gathered.resources(),
      opaque: [],
      modules: [],
      live: { ...pictureOf(header, gaps, gathered), around },
      at,
    };
  }
}

// Rows

/** Settings of a vault that are read beside it, and where they stand in it; each shows the place where it was told. */
const settings: Readonly<Record<string, (properties: Row, at: (name: string) => AzurePlace) => Row>> = {
  'rest:backupconfig': ({ softDeleteFeatureState, softDeleteRetentionPeriodInDays }, at) => ({
    securitySettings: {
      softDeleteSettings: {
        softDeleteState: placed(softDeleteFeatureState, at('softDeleteFeatureState')),
        softDeleteRetentionPeriodInDays: placed(softDeleteRetentionPeriodInDays, at('softDeleteRetentionPeriodInDays')),
      },
      // Where the vault itself tells them, that counts.
      immutabilitySettings: new Untold('Azure does not tell the immutability of the vault'),
      multiUserAuthorization: new Untold('Azure does not tell whether a Resource Guard is bound'),
    },
  }),
  'rest:backupstorageconfig': ({ storageModelType, storageType, crossRegionRestoreFlag }, at) => ({
    redundancySettings: {
      standardTierStorageRedundancy:
        placed(storageModelType, at('storageModelType')) ?? placed(storageType, at('storageType')),
      crossRegionRestore:
        typeof crossRegionRestoreFlag === 'boolean'
          ? new Placed(crossRegionRestoreFlag ? 'Enabled' : 'Disabled', at('crossRegionRestoreFlag'))
          : new Untold('Azure does not tell whether the other region may restore'),
    },
  }),
};

/** undefined: not told. */
function placed(value: unknown, at: AzurePlace): Placed | undefined {
  return typeof value === 'string' || typeof value === 'number' ? new Placed(value, at) : undefined;
}

/** Rows that are lists, and what they are lists of. */
const listed = new Set([
  'rest:locks',
  'rest:registrations',
  'rest:replicationFabrics',
  'rest:diagnosticSettings',
  'rest:shares',
  'rest:blobContainers',
  'rest:managementPolicies',
  'rest:objectReplicationPolicies',
  'rest:backupResourceGuardProxies',
  'rest:trustedAccessRoleBindings',
]);

class Gathering {
  /** By id in lower case, in their order. */
  readonly #answers = new Map<string, Answer>();
  readonly #settings = new Map<string, Row>();
  readonly #points = new Map<string, Row>();
  readonly #jobs = new Map<string, Row>();
  /** What sizes of machines have, by their names in lower case, and those by region. */
  readonly #sizes = new Map<string, Map<string, Row>>();
  /** Ids in lower case of what each list was read of. */
  readonly read = new Map<string, Set<string>>();
  /** Lists of which the start was read, each with the id of what it is of. */
  readonly cut = new Set<string>();
  /** In lower case. */
  readonly subscriptions = new Set<string>();
  readonly tenants = new Set<string>();

  take(from: string, row: Row): void {
    const id = textOf(row['id']).toLowerCase();
    if (from === 'graph:subscriptions') {
      this.subscriptions.add(textOf(row['subscriptionId']).toLowerCase());
      this.tenants.add(textOf(row['tenantId']).toLowerCase());
      return;
    }
    if (from === 'rest:skus') {
      this.#sizes.set(regionOf(row), new Map(rowsIn(row).map((one) => [textOf(one['name']).toLowerCase(), one])));
      return;
    }
    if (from === 'rest:recoveryPoints') {
      this.#points.set(textOf(row['owner']).toLowerCase(), summaryOf(rowsIn(row), textOf(row['id'])));
      return;
    }
    if (from === 'rest:roleAssignments') {
      const { subscription, rows } = rolesIn(row);
      this.#wasRead(from, workerAt(subscription, textOf(row['principalId'])));
      for (const one of rows) this.#add(one);
      return;
    }
    if (from === 'rest:absence') {
      this.#wasRead(from, textOf(row['owner']).toLowerCase());
      return;
    }
    if (listed.has(from)) {
      const owner = textOf(row['owner'] ?? row['vaultId']).toLowerCase();
      if (row['more'] === true) this.cut.add(`${from}\n${owner}`);
      else this.#wasRead(from, owner);
      for (const one of rowsIn(row)) this.#add(one);
      return;
    }
    const setting = settings[from];
    if (setting) {
      const vault = textOf(row['vaultId']).toLowerCase();
      const at = (name: string): AzurePlace => ({
        resourceId: textOf(row['id']) || vault,
        path: `/properties/${name}`,
      });
      this.#settings.set(vault, over(this.#settings.get(vault) ?? {}, setting(objectOf(row['properties']), at)));
    } else if (/\/backupjobs\/[^/]+$/.test(id)) this.#takeJob(objectOf(row['properties']));
    else this.#add(row);
  }

  #wasRead(list: string, of: string): void {
    const known = this.read.get(list);
    if (known) known.add(of);
    else this.read.set(list, new Set([of]));
  }

  #add(row: Row): void {
    const answer = answerOf(row);
    if (!answer || !isWanted(answer)) return;
    const key = answer.modelId.toLowerCase();
    const before = this.#answers.get(key);
    this.#answers.set(key, before ? { ...before, body: over(before.body, answer.body) } : intentOf(answer));
  }

  /** The last that ended of each backup instance; items of Recovery Services vaults tell of theirs themselves. */
  #takeJob(job: Row): void {
    const item = textOf(job['backupInstanceId']).toLowerCase();
    const end = timeOf(job['endTime']);
    if (item === '' || end === undefined || !/backup/i.test(textOf(job['operationCategory']))) return;
    const before = this.#jobs.get(item);
    if (before && String(before['endTime']) >= end) return;
    this.#jobs.set(item, { status: job['status'], endTime: end });
  }

  resources(): Resource[] {
    const found: Resource[] = [];
    for (const [key, answer] of this.#answers) {
      const setting = this.#settings.get(key);
      const points = this.#points.get(key);
      const lastJob = this.#jobs.get(key);
      const size =
        this.#sizes.size === 0 ? undefined : this.#sizes.get(regionOf(answer.body))?.get(sizeOf(answer.body));
      let { body } = answer;
      if (size && /^microsoft\.compute\/virtualmachines$/i.test(answer.type))
        body = {
          ...body,
          properties: { ...objectOf(body['properties']), sizeCapabilities: capabilitiesOf(size, answer.id) },
        };
      // Of a resource of which nothing is told a part would pass for all of it.
      if ((setting || points || lastJob) && isTold(body)) {
        const own = objectOf(body['properties']);
        const properties = setting ? over(own, setting) : own;
        body = {
          ...body,
          properties: {
            ...properties,
            // What was listed says more than the item.
            ...(points && { recoveryPoints: listedOver(objectOf(properties['recoveryPoints']), points) }),
            ...(lastJob && { lastJob }),
          },
        };
      }
      found.push(resourceOf({ ...answer, body }));
    }
    return found;
  }
}

/** They stand where the size is written. */
function capabilitiesOf({ capabilities }: Row, resourceId: string): Row {
  const at: AzurePlace = { resourceId, path: '/properties/hardwareProfile/vmSize' };
  const told = new Map(
    (Array.isArray(capabilities) ? capabilities : []).map((one) => {
      const { name, value } = objectOf(one);
      return [textOf(name), textOf(value)];
    }),
  );
  const amount = (...names: readonly string[]): Placed | undefined => {
    const written = names.map((name) => told.get(name)).find((value) => value !== undefined && value !== '');
    const number = Number(written ?? Number.NaN);
    return Number.isNaN(number) ? undefined : new Placed(number, at);
  };
  const premium = told.get('PremiumIO')?.toLowerCase();
  return {
    cores: amount('vCPUsAvailable', 'vCPUs'),
    memoryGb: amount('MemoryGB'),
    premiumStorage: premium === 'true' || premium === 'false' ? new Placed(premium === 'true', at) : undefined,
  };
}

function isTold({ properties }: Row): boolean {
  return !(properties instanceof Untold);
}

function listedOver({ everyMinutes, newest, none }: Row, points: Row): Row {
  const { newest: listed, none: empty } = points;
  return {
    everyMinutes,
    ...points,
    newest: listed ?? (empty ? undefined : newest),
    none: listed ? undefined : (empty ?? none),
  };
}

/** Where the model asks for the roles of an identity in a subscription. */
function workerAt(subscription: string, principal: string): string {
  return `/subscriptions/${subscription}/identities/${principal}`.toLowerCase();
}

/**
 * Roles of one identity, as if they were assigned to itself and no higher than to the subscription that was asked: there they hold,
 * whatever group has them, and at whatever scope above.
 */
function rolesIn(list: Row): { readonly subscription: string; readonly rows: readonly Row[] } {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(textOf(list['id']))?.[1] ?? '';
  const own = `/subscriptions/${subscription}`;
  const rows = rowsIn(list).map((one): Row => {
    const properties = objectOf(one['properties']);
    const scope = textOf(properties['scope']);
    const isInside = lies(scope.toLowerCase(), own.toLowerCase());
    const isOwn = textOf(properties['principalId']).toLowerCase() === textOf(list['principalId']).toLowerCase();
    // Several identities may be in the group that has a role.
    const name = isOwn ? textOf(one['name']) : `${textOf(one['name'])};${textOf(list['principalId'])}`;
    return {
      ...one,
      id: `${isInside ? scope : own}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      properties: { ...properties, principalId: list['principalId'] },
    };
  });
  return { subscription, rows };
}

function rowsIn(row: Row): readonly Row[] {
  const { value } = row;
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** Intents for machines say nothing that items do not say; one of a workload protects its databases. */
function isWanted({ type, body }: Answer): boolean {
  if (!/\/backupprotectionintent$/i.test(type)) return true;
  return !isTold(body) || /^azureworkload$/i.test(textOf(objectOf(body['properties'])['backupManagementType']));
}

const container = /\/protectioncontainers\/(?:vmappcontainer;)?compute;([^;/]+);([^;/]+)$/i;

/** The service calls an intent by another name than the one that makes it, and names the container of the machine. */
function intentOf(answer: Answer): Answer {
  if (!/\/backupprotectionintent$/i.test(answer.type) || !isTold(answer.body)) return answer;
  const properties = objectOf(answer.body['properties']);
  const kind = textOf(properties['protectionIntentItemType']);
  const [, group, machine] = container.exec(textOf(properties['sourceResourceId'])) ?? [];
  const subscription = /^\/subscriptions\/[^/]+/i.exec(answer.id)?.[0];
  return {
    ...answer,
    body: {
      ...answer.body,
      properties: {
        ...properties,
        // Of workloads only SQL Server has it (az backup protection auto-enable-for-azurewl).
        protectionIntentItemType: /^recoveryservicevaultitem$/i.test(kind)
          ? 'AzureWorkloadSQLAutoProtectionIntent'
          : kind,
        // Machine and vault are of one subscription.
        ...(group &&
          machine &&
          subscription && {
            sourceResourceId: `${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${machine}`,
          }),
      },
    },
  };
}

/** What the recovery points of an item tell together. `list`: where they were listed. */
function summaryOf(rows: readonly Row[], list: string): Row {
  const points: { readonly time: string; readonly id: string; readonly isFull: boolean }[] = [];
  for (const { id, properties } of rows) {
    const point = objectOf(properties);
    const time = timeOf(point['recoveryPointTime'] ?? point['recoveryPointTimeInUTC']);
    if (time === undefined) continue;
    points.push({ time, id: textOf(id) || list, isFull: /^full$/i.test(textOf(point['type'])) });
  }
  if (rows.length === 0) return { none: new Placed(true, { resourceId: list, path: '' }) };
  points.sort((a, b) => (a.time < b.time ? -1 : 1));
  const shown = (point: (typeof points)[number] | undefined): Placed | undefined =>
    point && new Placed(point.time, { resourceId: point.id, path: '' });
  const gaps = points.slice(1).map(({ time }, i) => (Date.parse(time) - Date.parse(points[i]!.time)) / 60_000);
  gaps.sort((a, b) => a - b);
  return {
    newest: shown(points.at(-1)),
    newestFull: shown(points.findLast(({ isFull }) => isFull)),
    // Enough to call it usual.
    ...(gaps.length >= 4 && { usualMinutes: Math.ceil(gaps[gaps.length >> 1]!) }),
  };
}

function resourceOf({ id, modelId, type, name, extends: extended, body }: Answer): Resource {
  const at: AzurePlace = { resourceId: id, path: '' };
  const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(id) ?? [];
  return {
    address: id,
    language: 'live',
    type,
    name: text(name, at),
    presence: isGone(type, body) ? 'maybe' : 'present',
    existing: false,
    body: bodyOf(body, id),
    head: at,
    calls: [],
    scope: {
      subscription: subscription === undefined ? unknown('it lies in no subscription', at) : text(subscription, at),
      resourceGroup: group === undefined ? undefined : text(group, at),
    },
    id: text(modelId, at),
    extends: extended === undefined ? undefined : (text(extended, at) as Value),
  };
}

/** A registration stays when the machine or account is deleted, and tells nothing of another that got its name. */
function isGone(type: string, { properties }: Row): boolean {
  return /\/protectioncontainers$/i.test(type) && /^deleted$/i.test(textOf(objectOf(properties)['healthStatus']));
}

// What was not read

/** What only --deep reads, and the list that tells that it was read of something. */
const deepFacts: Readonly<Partial<Record<Fact, string>>> = {
  jobs: '',
  protectable: '',
  'recovery-points': '',
  'file-shares': 'rest:shares',
  'file-settings': '',
  'blob-settings': '',
  'blob-containers': 'rest:blobContainers',
  lifecycle: 'rest:managementPolicies',
  replication: 'rest:objectReplicationPolicies',
  'automated-backup': '',
  registrations: 'rest:registrations',
  'site-recovery': 'rest:replicationFabrics',
  locks: '',
  sizes: '',
  diagnostics: 'rest:diagnosticSettings',
};

/** What is read of some things, and the list that tells of which. */
const listedFacts: Readonly<Partial<Record<Fact, string>>> = {
  absences: 'rest:absence',
  access: 'rest:roleAssignments',
  'trusted-access': 'rest:trustedAccessRoleBindings',
};

function pictureOf(
  { scope, deep, readAt }: InventoryHeader,
  gaps: readonly InventoryGap[],
  { subscriptions, tenants, read, cut }: Gathering,
): Live {
  const hidden = new Gaps(gaps);
  const known = 'subscriptions' in scope ? new Set(scope.subscriptions.map((id) => id.toLowerCase())) : subscriptions;
  return {
    readAt: Date.parse(readAt),
    // The root of a tenant is called like it; beside any other group there may be vaults in others.
    isPart: !('managementGroup' in scope && tenants.has(scope.managementGroup.toLowerCase())),
    unread: (what, place) => {
      const own = subscriptionOf(place);
      if (own !== undefined && known.size > 0 && !known.has(own)) return 'its subscription is no part of the audit';
      const deepList = deepFacts[what as Fact];
      if (deepList !== undefined && !deep) return `${facts[what as Fact]} are read with --deep alone`;
      const list = deepList ?? listedFacts[what as Fact];
      if (list && read.get(list)?.has(place)) return undefined;
      if (list && cut.has(`${list}\n${place}`)) return 'there are more of them than an audit reads';
      const gap = hidden.find(what, place);
      if (gap) return `${facts[gap.unread as Fact] ?? gap.unread} could not be read: ${gap.because}`;
      return list ? `${facts[what as Fact]} were not read of it` : undefined;
    },
  };
}
