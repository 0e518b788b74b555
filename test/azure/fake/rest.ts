/** The reads of Azure Resource Manager over the row store. Anything else is not found. */
import type { Reply } from './graph.ts';
import { noisyId } from './graph.ts';
import { expanded, type Row, subscriptionOf, vaultOf } from './rows.ts';
import { type Store, subscriptionsBelow } from './store.ts';
import { allows, type Rights, reader, type Switches } from './switches.ts';

/** Per action and subscription in an hour, where no switch says less; recordings show 150 to 2,000. */
const generousBudget = 2000;

const recovery = 'Microsoft.RecoveryServices/vaults';
const backup = 'Microsoft.DataProtection/backupVaults';
const containers = `${recovery}/backupFabrics/protectionContainers`;

/** api-versions whose specifications the answers were made after. */
const versions: Readonly<Record<string, readonly string[]>> = {
  'microsoft.recoveryservices': ['2023-06-01', '2024-04-01'],
  'microsoft.dataprotection': ['2024-04-01'],
  'microsoft.authorization': ['2022-04-01', '2020-05-01', '2016-09-01'],
  'microsoft.management': ['2021-04-01'],
  'microsoft.resourcegraph': ['2021-03-01', '2022-10-01'],
  'microsoft.storage': ['2023-05-01'],
  'microsoft.compute': ['2021-07-01', '2023-10-02', '2024-07-01'],
  'microsoft.sqlvirtualmachine': ['2023-10-01'],
  'microsoft.managedidentity': ['2023-01-31'],
};

interface List {
  /** Below the vault, lower case. */
  readonly path: string;
  readonly type: string;
  readonly action: string;
}

const recoveryLists: readonly List[] = [
  { path: 'backupprotectioncontainers', type: containers, action: 'backupProtectionContainers' },
  { path: 'replicationfabrics', type: `${recovery}/replicationFabrics`, action: 'replicationFabrics' },
  { path: 'backupengines', type: `${recovery}/backupEngines`, action: 'backupEngines' },
  { path: 'backupprotecteditems', type: `${containers}/protectedItems`, action: 'backupProtectedItems' },
  { path: 'backupprotectionintents', type: `${recovery}/backupProtectionIntent`, action: 'backupProtectionIntents' },
  { path: 'backupprotectableitems', type: `${containers}/protectableItems`, action: 'backupProtectableItems' },
  { path: 'backuppolicies', type: `${recovery}/backupPolicies`, action: 'backupPolicies' },
  { path: 'backupjobs', type: `${recovery}/backupJobs`, action: 'backupJobs' },
  {
    path: 'backupresourceguardproxies',
    type: `${recovery}/backupResourceGuardProxies`,
    action: 'backupResourceGuardProxies',
  },
];

const backupLists: readonly List[] = [
  { path: 'backupinstances', type: `${backup}/backupInstances`, action: 'backupInstances' },
  { path: 'deletedbackupinstances', type: `${backup}/deletedBackupInstances`, action: 'deletedBackupInstances' },
  { path: 'backuppolicies', type: `${backup}/backupPolicies`, action: 'backupPolicies' },
  { path: 'backupjobs', type: `${backup}/backupJobs`, action: 'backupJobs' },
  {
    path: 'backupresourceguardproxies',
    type: `${backup}/backupResourceGuardProxies`,
    action: 'backupResourceGuardProxies',
  },
];

/** Below a storage account, in lower case. */
const accountLists: Readonly<Record<string, string>> = {
  'fileservices/default/shares': 'Microsoft.Storage/storageAccounts/fileServices/shares',
  'blobservices/default/containers': 'Microsoft.Storage/storageAccounts/blobServices/containers',
  objectreplicationpolicies: 'Microsoft.Storage/storageAccounts/objectReplicationPolicies',
};

const extensionTypes: readonly string[] = [
  'Microsoft.Authorization/locks',
  'Microsoft.Authorization/roleAssignments',
  'Microsoft.Insights/diagnosticSettings',
];

const notInSpecification: Readonly<Record<string, readonly string[]>> = {
  [`${containers}/protectedItems`]: ['softDeleteRetentionPeriod', 'sourceSideScanning'],
  [`${containers}/protectableItems`]: ['IsProtectable'],
  [`${containers}/protectedItems/recoveryPoints`]: [
    'createdWithPolicyType',
    'threatStatus',
    'recoveryPointTierDetails',
  ],
  [`${backup}/backupJobs`]: ['isCrossRegionRestore', 'sourceDataStoreType'],
};

/** What `$filter` calls it, and where it stands. */
const filterNames: Readonly<Record<string, string>> = {
  backupmanagementtype: 'backupManagementType',
  itemtype: 'workloadType',
  workloadtype: 'workloadType',
  policyname: 'policyName',
  friendlyname: 'friendlyName',
  status: 'registrationStatus',
};

const managementNames: Readonly<Record<string, string>> = {
  AzureIaasVM: 'Azure Virtual Machine',
  MAB: 'Azure Backup Agent',
  DPM: 'DPM',
  AzureBackupServer: 'Azure Backup Server',
  AzureStorage: 'Azure Storage (Azure Files)',
  AzureWorkload: 'SQL in Azure VM',
};

/** `capabilities` of sizes; real answers have hundreds of them, and of disks and snapshots as well. */
const sizes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Standard_D2s_v5: { vCPUs: '2', MemoryGB: '8', PremiumIO: 'True' },
  Standard_D4s_v5: { vCPUs: '4', MemoryGB: '16', PremiumIO: 'True' },
  Standard_D4ds_v5: { vCPUs: '4', MemoryGB: '16', PremiumIO: 'True' },
  Standard_L8s_v3: { vCPUs: '8', MemoryGB: '64', PremiumIO: 'True' },
  Standard_M64s_v2: { vCPUs: '64', MemoryGB: '1024', PremiumIO: 'True' },
};

function sizesIn(region: string): object[] {
  const of = (resourceType: string, name: string, capabilities: Readonly<Record<string, string>>): object => ({
    resourceType,
    name,
    tier: 'Standard',
    locations: [region],
    locationInfo: [{ location: region, zones: ['1', '2', '3'], zoneDetails: [] }],
    capabilities: Object.entries(capabilities).map(([key, value]) => ({ name: key, value })),
    restrictions: [],
  });
  return [
    of('disks', 'Premium_LRS', { MaxSizeGiB: '4' }),
    ...Object.entries(sizes).map(([name, own]) =>
      of('virtualMachines', name, { ...own, MaxResourceVolumeMB: '0', OSVhdSizeMB: '1047552' }),
    ),
  ];
}

export class ResourceManager {
  readonly #store: Store;
  readonly #switches: Switches;
  readonly #spent = new Map<string, number>();
  /** Of the action that was asked last, as its header says. */
  #left: number | undefined;

  constructor(store: Store, switches: Switches) {
    this.#store = store;
    this.#switches = switches;
  }

  answer(url: URL): Reply {
    const path = decodeURIComponent(url.pathname).replace(/\/+$/, '');
    const lower = path.toLowerCase();
    const version = url.searchParams.get('api-version');
    if (version === null)
      return failure(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required.');
    const provider = /.*\/providers\/([^/]+)/.exec(lower)?.[1];
    const accepted = provider ? versions[provider] : undefined;
    if (accepted && !accepted.includes(version))
      return failure(
        400,
        'InvalidResourceType',
        `The resource type could not be found in the namespace '${provider}' for api version '${version}'.`,
      );
    if (lower === '/subscriptions') {
      const reply = this.#page(url, this.#readableSubscriptions());
      // The specification of this one list demands a link, also where there is no next page.
      return { ...reply, body: { nextLink: '', ...(reply.body as object) } };
    }
    const groupRights =
      /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)\/providers\/microsoft\.authorization\/permissions$/.exec(
        lower,
      );
    if (groupRights) {
      // Rights at a group hold in every subscription below it.
      const below = subscriptionsBelow(this.#store, groupRights[1]!) ?? [];
      const all = below.map((id) => this.#rights(id));
      if (all.length === 0 || all.some(({ actions }) => actions.length === 0))
        return forbidden('Microsoft.Authorization/permissions/read', path);
      const common =
        all.find(({ actions }) => !actions.includes('*/read')) ?? all.find((one) => one.notActions) ?? all[0]!;
      return this.#page(url, [permission(common)]);
    }
    const group =
      /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)(\/descendants|\/subscriptions)?$/.exec(lower);
    if (group) return this.#managementGroup(url, group[1]!, group[2] ?? '');

    const subscription = /^\/subscriptions\/([^/]+)/.exec(lower)?.[1];
    if (subscription === undefined) return notFound(path);
    const rights = this.#rights(subscription);
    if (!this.#store.subscriptions.some(({ id }) => id === subscription))
      return failure(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
    const may = (action: string): boolean => allows(rights, action);

    const rest = lower.slice(`/subscriptions/${subscription}`.length);
    if (rest === '')
      return may('Microsoft.Resources/subscriptions/read')
        ? { status: 200, body: this.#subscription(subscription) }
        : forbidden('Microsoft.Resources/subscriptions/read', path);
    if (/^(\/resourcegroups\/[^/]+)?\/providers\/microsoft\.authorization\/permissions$/.test(rest))
      return rights.actions.length === 0
        ? forbidden('Microsoft.Authorization/permissions/read', path)
        : this.#page(url, [permission(rights)]);

    const vaults =
      /^(\/resourcegroups\/[^/]+)?\/providers\/(microsoft\.recoveryservices\/vaults|microsoft\.dataprotection\/(?:backupvaults|resourceguards))$/.exec(
        rest,
      );
    if (vaults) {
      const type = [recovery, backup, 'Microsoft.DataProtection/resourceGuards'].find(
        (one) => one.toLowerCase() === vaults[2],
      )!;
      if (!may(`${type}/read`)) return forbidden(`${type}/read`, path);
      const rows = this.#store.below(`/subscriptions/${subscription}${vaults[1] ?? ''}`, type);
      return this.#page(
        url,
        rows.map((row) => this.#resource(row, 'list')),
      );
    }

    if (rest === '/providers/microsoft.compute/skus') {
      if (!may('Microsoft.Compute/skus/read')) return forbidden('Microsoft.Compute/skus/read', path);
      const [, region = ''] = /^location eq '([^']+)'$/.exec(url.searchParams.get('$filter') ?? '') ?? [];
      return this.#page(url, sizesIn(region));
    }

    const extension =
      /^(.*)\/providers\/(microsoft\.authorization\/(?:locks|roleassignments)|microsoft\.insights\/diagnosticsettings)$/.exec(
        lower,
      );
    const extensionType = extensionTypes.find((type) => type.toLowerCase() === extension?.[2]);
    if (extension && extensionType) {
      if (!may(`${extensionType}/read`)) return forbidden(`${extensionType}/read`, path);
      const [, principal] = /^assignedto\('([^']+)'\)$/i.exec(url.searchParams.get('$filter') ?? '') ?? [];
      const rows = principal
        ? this.#rolesOf(principal.toLowerCase(), extension[1]!)
        : this.#store.below(extension[1]!, extensionType);
      return this.#page(
        url,
        rows.map((row) => this.#resource(row, 'list')),
      );
    }

    const vaultId = vaultOf(path);
    const vault = vaultId ? this.#store.get(vaultId) : undefined;
    if (vaultId && !vault) return notFound(vaultId);
    if (vault) return this.#inVault(url, vault, lower.slice(vaultId.length + 1), path, may);

    const bindings = /^(.*\/managedclusters\/[^/]+)\/trustedaccessrolebindings$/.exec(lower);
    if (bindings) {
      const type = 'Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings';
      if (!may(`${type}/read`)) return forbidden(`${type}/read`, path);
      if (!this.#store.get(bindings[1]!)) return notFound(path);
      return this.#page(
        url,
        this.#store.below(bindings[1]!, type).map((row) => this.#resource(row, 'list')),
      );
    }

    const [, account = '', ofAccount = ''] =
      /^(.*\/providers\/microsoft\.storage\/storageaccounts\/[^/]+)\/(.+)$/.exec(lower) ?? [];
    const accountType = accountLists[ofAccount];
    if (accountType !== undefined) {
      const action = `${accountType}/read`;
      if (!may(action)) return forbidden(action, path);
      if (!this.#store.get(account)) return notFound(path);
      return this.#page(
        url,
        this.#store.below(account, accountType).map((row) => this.#resource(row, 'list')),
      );
    }
    if (ofAccount === 'managementpolicies/default' && this.#store.get(account) && !this.#store.get(path)) {
      const action = 'Microsoft.Storage/storageAccounts/managementPolicies/read';
      return may(action)
        ? failure(404, 'ManagementPolicyNotFound', `No ManagementPolicy found for account ${account.split('/').at(-1)}`)
        : forbidden(action, path);
    }
    const row = this.#store.get(path);
    if (!row) return notFound(path);
    if (!may(`${row.type}/read`)) return forbidden(`${row.type}/read`, path);
    const body = this.#resource(row, 'one');
    if (url.searchParams.get('$expand') === '*') return { status: 200, body };
    const shown = Object.entries(row.properties).filter(([name]) => !expanded.includes(name));
    return { status: 200, body: { ...body, properties: Object.fromEntries(shown) } };
  }

  /** What an identity has in a subscription: there, below, and in the management groups above; by itself or as a member of a group. */
  #rolesOf(principal: string, subscription: string): Row[] {
    const type = 'Microsoft.Authorization/roleAssignments';
    const above = this.#store.managementGroups
      .filter(({ name }) => subscriptionsBelow(this.#store, name)?.includes(subscriptionOf(subscription)))
      .map(({ name }) => `/providers/Microsoft.Management/managementGroups/${name}`);
    return [...above, subscription]
      .flatMap((scope) => this.#store.below(scope, type))
      .filter(({ properties, members = [] }) =>
        [properties['principalId'], ...members].some((one) => String(one).toLowerCase() === principal),
      );
  }

  #inVault(url: URL, vault: Row, below: string, path: string, may: (action: string) => boolean): Reply {
    const isRecovery = vault.type === recovery;
    const ask = (segment: string, body: () => Reply): Reply => {
      const action = segment === '' ? `${vault.type}/read` : `${vault.type}/${segment}/read`;
      if (!may(action)) return forbidden(action, path);
      return this.#spend(subscriptionOf(vault.id), action) ?? body();
    };
    if (below === '') return ask('', () => ({ status: 200, body: this.#resource(vault, 'one') }));
    const list = (isRecovery ? recoveryLists : backupLists).find((one) => one.path === below);
    if (list)
      return ask(list.action, () => {
        const rows = this.#filtered(url, this.#store.below(vault.id, list.type));
        return 'status' in rows
          ? rows
          : this.#page(
              url,
              rows.map((row) => this.#resource(row, 'list')),
            );
      });
    if (isRecovery) {
      const p = vault.properties as Record<string, Record<string, Record<string, unknown>>>;
      const softDelete = p['securitySettings']!['softDeleteSettings']!;
      if (below === 'backupusagesummaries')
        return ask('backupUsageSummaries', () => {
          const kind = /type eq '(\w+)'/i.exec(url.searchParams.get('$filter') ?? '')?.[1]?.toLowerCase();
          const counts =
            kind === 'backupprotectioncontainercountsummary' || kind === 'backupprotectioncontainerscountsummary'
              ? this.#containerCounts(vault)
              : this.#store.itemCounts(vault.id);
          return {
            status: 200,
            body: {
              value: [...counts].map(([value, currentValue]) => ({
                unit: 'Count',
                currentValue,
                limit: -1,
                name: { value, localizedValue: managementNames[value] ?? value },
              })),
            },
          };
        });
      if (below === 'backupconfig/vaultconfig')
        return ask('backupconfig', () => ({
          status: 200,
          body: child(vault, 'backupconfig', 'vaultconfig', {
            enhancedSecurityState: softDelete['enhancedSecurityState'],
            softDeleteFeatureState: softDelete['softDeleteState'],
            softDeleteRetentionPeriodInDays: softDelete['softDeleteRetentionPeriodInDays'],
            isSoftDeleteFeatureStateEditable: softDelete['softDeleteState'] !== 'AlwaysON',
          }),
        }));
      if (below === 'backupstorageconfig/vaultstorageconfig')
        return ask('backupstorageconfig', () => ({
          status: 200,
          body: child(vault, 'backupstorageconfig', 'vaultstorageconfig', {
            storageModelType: p['redundancySettings']!['standardTierStorageRedundancy'],
            storageType: p['redundancySettings']!['standardTierStorageRedundancy'],
            storageTypeState: this.#store.itemCounts(vault.id).size > 0 ? 'Locked' : 'Unlocked',
            crossRegionRestoreFlag: (p['redundancySettings']!['crossRegionRestore'] as unknown) === 'Enabled',
            dedupState: 'Disabled',
            xcoolState: 'Disabled',
          }),
        }));
      if (below === 'backupencryptionconfigs/backupresourceencryptionconfig')
        return ask('backupEncryptionConfigs', () => ({
          status: 200,
          body: child(vault, 'backupEncryptionConfigs', 'backupResourceEncryptionConfig', {
            useSystemAssignedIdentity: true,
            encryptionAtRestType: p['encryption'] ? 'CustomerManaged' : 'MicrosoftManaged',
            lastUpdateStatus: p['encryption'] ? 'Succeeded' : 'NotEnabled',
            infrastructureEncryptionState: 'Disabled',
            ...(p['encryption'] ? { keyUri: p['encryption']['keyVaultProperties']!['keyUri'] } : {}),
          }),
        }));
    }
    const points = /^(.*)\/recoverypoints$/.exec(below);
    if (points) {
      const item = this.#store.get(`${vault.id}/${points[1]}`);
      const segment = isRecovery ? 'backupFabrics/protectionContainers/protectedItems' : 'backupInstances';
      return ask(`${segment}/recoveryPoints`, () =>
        item
          ? this.#page(
              url,
              this.#store.below(item.id, `${item.type}/recoveryPoints`).map((row) => this.#resource(row, 'list')),
            )
          : notFound(path),
      );
    }
    const row = this.#store.get(path);
    if (!row) return notFound(path);
    return ask(row.type.slice(vault.type.length + 1), () => ({ status: 200, body: this.#resource(row, 'one') }));
  }

  /** Requests of one action in one subscription are counted; the header of the answer says how many are left. */
  takeRemaining(): number | undefined {
    const left = this.#left;
    this.#left = undefined;
    return left;
  }

  #spend(subscription: string, action: string): Reply | undefined {
    const budget = this.#switches.budget ?? generousBudget;
    const key = `${subscription} ${action}`.toLowerCase();
    const spent = (this.#spent.get(key) ?? 0) + 1;
    this.#left = Math.max(0, budget - spent);
    if (spent > budget)
      return failure(
        429,
        'ResourceRequestsThrottled',
        `Number of requests for action '${action}' exceeded the limit of '${budget}' for time interval '01:00:00'. Please try again after '324' seconds.`,
      );
    this.#spent.set(key, spent);
    return undefined;
  }

  #rights(subscription: string): Rights {
    return this.#switches.rights?.(subscription) ?? reader;
  }

  #readableSubscriptions(): unknown[] {
    return this.#store.subscriptions
      .filter(({ id }) => this.#rights(id).actions.length > 0)
      .map(({ id }) => this.#subscription(id));
  }

  #subscription(id: string): unknown {
    return {
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      tenantId: this.#store.tenantId,
      displayName: this.#store.subscriptions.find((one) => one.id === id)!.displayName,
      state: 'Enabled',
      subscriptionPolicies: {
        locationPlacementId: 'Public_2014-09-01',
        quotaId: 'EnterpriseAgreement_2014-09-01',
        spendingLimit: 'Off',
      },
      authorizationSource: 'RoleBased',
      managedByTenants: [],
    };
  }

  #managementGroup(url: URL, name: string, what: string): Reply {
    const below = subscriptionsBelow(this.#store, name);
    const groups = this.#store.managementGroups;
    const group = groups.find((one) => one.name.toLowerCase() === name);
    const id = (of: string): string => `/providers/Microsoft.Management/managementGroups/${of}`;
    if (!group || !below) return forbidden('Microsoft.Management/managementGroups/read', id(name));
    const subscriptions = below.map((one) => ({
      id: `/subscriptions/${one}`,
      type: '/subscriptions',
      name: one,
      properties: {
        displayName: this.#store.subscriptions.find((known) => known.id === one)?.displayName,
        parent: { id: id(groups.find((holder) => holder.subscriptions.includes(one))!.name) },
      },
    }));
    if (what === '/descendants') {
      const children = groups.filter(
        (one) =>
          one.parent !== undefined &&
          subscriptionsBelow(this.#store, one.name)!.every((s) => below.includes(s)) &&
          one !== group,
      );
      return this.#page(url, [
        ...children.map((one) => ({
          id: id(one.name),
          type: 'Microsoft.Management/managementGroups',
          name: one.name,
          properties: { displayName: one.displayName, parent: { id: id(one.parent!) } },
        })),
        ...subscriptions,
      ]);
    }
    if (what === '/subscriptions')
      return this.#page(
        url,
        subscriptions.map(({ id: subscription, name: own, properties }) => ({
          id: `${id(group.name)}${subscription}`,
          type: 'Microsoft.Management/managementGroups/subscriptions',
          name: own,
          properties: { ...properties, tenant: this.#store.tenantId, state: 'Active' },
        })),
      );
    return {
      status: 200,
      body: {
        id: id(group.name),
        type: 'Microsoft.Management/managementGroups',
        name: group.name,
        properties: {
          tenantId: this.#store.tenantId,
          displayName: group.displayName,
          details: { version: 1, updatedTime: '2024-01-01T00:00:00.0000000Z', updatedBy: this.#store.tenantId },
        },
      },
    };
  }

  #containerCounts(vault: Row): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const row of this.#store.below(vault.id, containers)) {
      const management = row.properties['backupManagementType'] as string;
      counts.set(management, (counts.get(management) ?? 0) + 1);
    }
    return counts;
  }

  #filtered(url: URL, rows: Row[]): Row[] | Reply {
    const filter = url.searchParams.get('$filter');
    if (!filter) return rows;
    let left = rows;
    for (const part of filter.split(/ and /i)) {
      const match = /^\s*(\w+) eq '([^']*)'\s*$/i.exec(part);
      const name = match ? filterNames[match[1]!.toLowerCase()] : undefined;
      if (!match || !name) return failure(400, 'BMSUserErrorInvalidInput', `The filter '${filter}' is not understood.`);
      const wanted = match[2]!.toLowerCase();
      left = left.filter((row) => {
        const value = String(row.properties[name] ?? '').toLowerCase();
        // Protectable databases call their workload by its family.
        return value === wanted || (name === 'workloadType' && value !== '' && `${value}database` === wanted);
      });
    }
    return left;
  }

  /** A page of values, with a link to the next one on this same server. */
  #page(url: URL, values: readonly unknown[]): Reply {
    const from = Number(url.searchParams.get('$skiptoken') ?? url.searchParams.get('$skipToken') ?? 0);
    if (!Number.isInteger(from) || from < 0) return failure(400, 'InvalidSkipToken', 'The skip token is not valid.');
    const size = this.#switches.pageSize ?? 200;
    const value = values.slice(from, from + size);
    if (from + size >= values.length) return { status: 200, body: { value } };
    const next = new URL(url);
    next.searchParams.delete('$skipToken');
    next.searchParams.set('$skiptoken', String(from + size));
    return { status: 200, body: { value, nextLink: next.href } };
  }

  #resource(row: Row, as: 'one' | 'list'): Record<string, unknown> {
    const { extraFields, withoutVaultSettings, newKind, letterCase } = this.#switches;
    const properties: Record<string, unknown> = { ...row.properties };
    // The list operation never carries them; 3 of 117 recorded answers for one vault lack them too.
    if (row.type === recovery && (as === 'list' || withoutVaultSettings === 'graph-and-vault'))
      for (const name of ['securitySettings', 'redundancySettings', 'backupStorageVersion']) delete properties[name];
    if (extraFields === false) for (const name of notInSpecification[row.type] ?? []) delete properties[name];
    if (newKind?.(row)) properties['protectedItemType'] = 'AzureThingOfTomorrowProtectedItem';
    return {
      id: letterCase === 'noisy' ? noisyId(row.id) : row.id,
      name: row.name,
      type: row.type,
      ...(row.location === undefined || row.type.split('/').length > 2 ? {} : { location: row.location }),
      ...(row.tags ? { tags: row.tags } : {}),
      ...(row.sku ? { sku: row.sku } : {}),
      ...(row.kind ? { kind: row.kind } : {}),
      ...(row.identity ? { identity: row.identity } : {}),
      ...(row.zones ? { zones: row.zones } : {}),
      ...(row.managedBy ? { managedBy: row.managedBy } : {}),
      properties,
    };
  }
}

function child(vault: Row, segment: string, name: string, properties: Record<string, unknown>): unknown {
  return { id: `${vault.id}/${segment}/${name}`, name, type: `${vault.type}/${segment}`, properties };
}

function permission(rights: Rights): unknown {
  return { actions: rights.actions, notActions: rights.notActions ?? [], dataActions: [], notDataActions: [] };
}

function notFound(id: string): Reply {
  return failure(
    404,
    'ResourceNotFound',
    `The Resource '${id.replace(/.*\/providers\//i, '')}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function forbidden(action: string, scope: string): Reply {
  return failure(
    403,
    'AuthorizationFailed',
    `The client 'auditor@contoso.example' with object id '${principal}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** Must not turn up in anything that a user shows around. */
export const principal = '0b1ec700-1d00-4000-8000-0000000000ff';

export function failure(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}
