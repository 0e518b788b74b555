/**
 * Which roles the identities have that work on what is protected: those of Backup vaults, of clusters and of their backup extensions,
 * and those that policies name for snapshots of database instances; and which vaults a cluster lets in. Roles are asked of each
 * subscription in which one works, for only that tells of groups that an identity is in as well, and of roles that are assigned above
 * (https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest).
 */
import type { Arm } from './arm.ts';
import { Failure } from './failure.ts';
import type { Row } from './inventory.ts';
import type { Reading } from './reading.ts';
import { objectOf } from './row.ts';
import type { Tally, Worker } from './tally.ts';

const assignments = '/providers/Microsoft.Authorization/roleAssignments';
const bindings = '/trustedAccessRoleBindings';

export async function readRoles(reading: Reading, tally: Tally): Promise<void> {
  const itself = (id: string): string => id;
  await reading.each('identities', tally.snapshotIdentities, itself, async (id) => {
    const body = await identityAt(id, reading.arm);
    // A policy may outlive its identity, of which then no roles are known, today and every other day.
    if (!body) return;
    const { principalId } = objectOf(body['properties']);
    const row: Row = { id, name: body['name'], type: body['type'], properties: { principalId } };
    reading.recording.add('rest:userAssignedIdentities', [row]);
    tally.take('rest:userAssignedIdentities', [row]);
  });
  const { workers, protectedClusters } = tally;
  const scopeOf = ({ subscription }: Worker): string => `/subscriptions/${subscription}`;
  await reading.each('access', workers, scopeOf, (worker) => {
    const query = { $filter: `assignedTo('${worker.principal}')` };
    const more = { principalId: worker.principal };
    return reading.list('rest:roleAssignments', scopeOf(worker), assignments, '2022-04-01', query, more);
  });
  await reading.each('trusted-access', protectedClusters, itself, (cluster) =>
    reading.list('rest:trustedAccessRoleBindings', cluster, bindings, '2024-02-01'),
  );
}

/** undefined: it does not exist. */
async function identityAt(id: string, arm: Arm): Promise<Row | undefined> {
  try {
    return (await arm.get(id, '2023-01-31')).body;
  } catch (error) {
    if (error instanceof Failure && error.isAbsence) return undefined;
    throw error;
  }
}
