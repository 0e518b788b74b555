/**
 * What items protect and Resource Graph does not list: it may be gone, or Resource Graph may lag behind. So Azure is asked for each by
 * itself. What is there after all is recorded as a row like those of Resource Graph, and what Azure does not know as absent.
 */
import { Failure } from './failure.ts';
import { Gaps } from './gaps.ts';
import type { Fact, Row } from './inventory.ts';
import type { Reading } from './reading.ts';
import { objectOf, subscriptionOf, textOf } from './row.ts';

/** By type of datasource: what lists it, and the api-version by which one is asked for. */
const readable: Readonly<Record<string, { readonly fact: Fact; readonly apiVersion: string }>> = {
  'microsoft.compute/virtualmachines': { fact: 'virtualMachines', apiVersion: '2024-07-01' },
  'microsoft.compute/disks': { fact: 'disks', apiVersion: '2023-10-02' },
  'microsoft.storage/storageaccounts': { fact: 'datasources', apiVersion: '2023-05-01' },
  'microsoft.dbforpostgresql/flexibleservers': { fact: 'datasources', apiVersion: '2024-08-01' },
  'microsoft.dbforpostgresql/servers': { fact: 'datasources', apiVersion: '2017-12-01' },
  'microsoft.dbformysql/flexibleservers': { fact: 'datasources', apiVersion: '2023-12-30' },
  'microsoft.containerservice/managedclusters': { fact: 'datasources', apiVersion: '2024-02-01' },
  'microsoft.documentdb/databaseaccounts': { fact: 'datasources', apiVersion: '2024-05-15' },
  'microsoft.elasticsan/elasticsans/volumegroups': { fact: 'elasticSan', apiVersion: '2023-01-01' },
};

/** What items protect, and whether Resource Graph lists it. */
export class Sources {
  /** By id in lower case. */
  readonly #isListed = new Map<string, boolean>();

  /** An item, whoever told of it. */
  takeItem(row: Row): void {
    const { sourceResourceId, virtualMachineId, dataSourceInfo, isScheduledForDeferredDelete } = objectOf(
      row['properties'],
    );
    if (isScheduledForDeferredDelete === true) return;
    const written = [sourceResourceId, virtualMachineId, objectOf(dataSourceInfo)['resourceID']].map(textOf);
    const id = readableIn(written.find((one) => one !== '') ?? '');
    if (id !== undefined && !this.#isListed.has(id)) this.#isListed.set(id, false);
  }

  takeListed(row: Row): void {
    const id = textOf(row['id']).toLowerCase();
    if (this.#isListed.has(id)) this.#isListed.set(id, true);
  }

  /** Ids in lower case, in their order. */
  get unlisted(): readonly string[] {
    return [...this.#isListed.keys()].filter((id) => !this.#isListed.get(id)).sort();
  }
}

/** It, or what it lies in, such as the server of a database. */
function readableIn(id: string): string | undefined {
  const segments = id.toLowerCase().split('/');
  for (let length = segments.length; length > 0; length--) {
    const own = segments.slice(0, length).join('/');
    if (typeOf(own) in readable) return own;
  }
  return undefined;
}

function typeOf(id: string): string {
  const [, provider = '', rest = ''] = /\/providers\/([^/]+)\/(.+)$/.exec(id) ?? [];
  return [provider, ...rest.split('/').filter((_, i) => i % 2 === 0)].join('/');
}

/** `subscriptions`: ids in lower case of those that are read; what lies in others is no part of the audit. */
export async function readAbsences(
  reading: Reading,
  sources: Sources,
  subscriptions: ReadonlySet<string>,
): Promise<void> {
  const { recording } = reading;
  const gaps = new Gaps(recording.inventory().gaps);
  // Where lists could not be read, nearly everything would be asked for.
  const unlisted = sources.unlisted.filter(
    (id) => subscriptions.has(subscriptionOf(id) ?? '') && !gaps.find(readable[typeOf(id)]!.fact, id),
  );
  // Told once for a subscription, whatever number of them could not be asked for.
  const scopeOf = (id: string): string => `/subscriptions/${subscriptionOf(id)}`;
  await reading.each('absences', unlisted, scopeOf, async (id) => {
    try {
      await reading.one('rest:datasource', id, readable[typeOf(id)]!.apiVersion);
    } catch (error) {
      if (!(error instanceof Failure && error.isAbsence)) throw error;
      recording.add('rest:absence', [{ owner: id, error: error.error }]);
    }
  });
}
