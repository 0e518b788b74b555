/**
 * What storage accounts have for blobs besides settings: containers, and where blobs are backed up, the rules that move and replicate
 * them. Takes a call for each account; records of each what is asked for.
 */
import type { Arm } from './arm.ts';
import { Failure } from './failure.ts';
import type { Row } from './inventory.ts';
import type { Reading } from './reading.ts';
import { objectOf, textOf } from './row.ts';
import type { Tally } from './tally.ts';

const apiVersion = '2023-05-01';
const blobService = 'microsoft.storage/storageaccounts/blobservices';

/** An account may have millions. Backup takes a thousand at most, and the first tell whether there are any. */
const mostContainers = 1000;

export async function readBlobs(reading: Reading, tally: Tally): Promise<void> {
  const { arm, recording } = reading;
  const itself = (id: string): string => id;
  await reading.each('blob-containers', tally.storageAccounts('blobs'), itself, async (owner) => {
    recording.add('rest:blobContainers', [{ owner, ...(await containersOf(arm, owner)) }]);
  });
  await reading.each('lifecycle', tally.protectedAccounts(), itself, async (owner) => {
    recording.add('rest:managementPolicies', [{ owner, ...(await lifecycleOf(arm, owner)) }]);
  });
  // A data lake takes no object replication.
  await reading.each('replication', tally.protectedAccounts(blobService), itself, async (owner) => {
    recording.add('rest:objectReplicationPolicies', [{ owner, ...(await replicationOf(arm, owner)) }]);
  });
}

/** A list, and whether there is more than it has. */
interface Listed {
  readonly id: string;
  readonly value: readonly Row[];
  readonly more?: true;
}

async function containersOf(arm: Arm, account: string): Promise<Listed> {
  const id = `${account}/blobServices/default/containers`;
  const value: Row[] = [];
  for await (const rows of arm.pages(id, apiVersion)) {
    for (const { name, properties } of rows) {
      const { deleted, hasLegalHold } = objectOf(properties);
      if (deleted !== true) value.push({ id: `${id}/${textOf(name)}`, name, properties: { hasLegalHold } });
    }
    if (value.length > mostContainers) return { id, value: value.slice(0, mostContainers), more: true };
  }
  return { id, value };
}

/** The one policy of an account, or none. */
async function lifecycleOf(arm: Arm, account: string): Promise<Listed> {
  const list = `${account}/managementPolicies`;
  // What Azure answers calls it otherwise.
  const id = `${list}/default`;
  try {
    const { body } = await arm.get(id, apiVersion);
    const rules = listIn(objectOf(objectOf(body['properties'])['policy'])['rules']);
    return { id: list, value: [{ id, name: 'default', properties: { policy: { rules: rules?.map(archivingOf) } } }] };
  } catch (error) {
    if (error instanceof Failure && error.error?.toLowerCase() === 'managementpolicynotfound')
      return { id: list, value: [] };
    throw error;
  }
}

/** Of a rule what moves blobs to the archive tier, and which. */
function archivingOf({ name, enabled, definition }: Row): Row {
  const { actions, filters } = objectOf(definition);
  const { tierToArchive } = objectOf(objectOf(actions)['baseBlob']);
  const { prefixMatch } = objectOf(filters);
  return { name, enabled, definition: { filters: { prefixMatch }, actions: { baseBlob: { tierToArchive } } } };
}

async function replicationOf(arm: Arm, account: string): Promise<Listed> {
  const id = `${account}/objectReplicationPolicies`;
  const value: Row[] = [];
  for await (const rows of arm.pages(id, apiVersion))
    for (const { name, properties } of rows) {
      const { policyId, sourceAccount, destinationAccount, rules } = objectOf(properties);
      // Lists may leave out ids and names (azure-rest-api-specs issue 11376).
      const own = [name, policyId].map(textOf).find((one) => one !== '') ?? String(value.length);
      const ends = listIn(rules)?.map(({ sourceContainer, destinationContainer }) => ({
        sourceContainer,
        destinationContainer,
      }));
      value.push({ id: `${id}/${own}`, name: own, properties: { sourceAccount, destinationAccount, rules: ends } });
    }
  return { id, value };
}

/** undefined: it was not told. */
function listIn(value: unknown): readonly Row[] | undefined {
  return Array.isArray(value) ? value.map(objectOf) : undefined;
}
