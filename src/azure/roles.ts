/**
 * Which roles the identities have that work on what is protected: those of Backup vaults, of clusters and of their backup extensions;
 * and which vaults a cluster lets in. Roles are asked of each subscription in which one works, for only that tells of groups that an
 * identity is in as well, and of roles that are assigned above
 * (https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest).
 */
import type { Reading } from './reading.ts';
import type { Tally, Worker } from './tally.ts';

const assignments = '/providers/Microsoft.Authorization/roleAssignments';
const bindings = '/trustedAccessRoleBindings';

export async function readRoles(reading: Reading, { workers, protectedClusters }: Tally): Promise<void> {
  const scopeOf = ({ subscription }: Worker): string => `/subscriptions/${subscription}`;
  await reading.each('access', workers, scopeOf, (worker) => {
    const query = { $filter: `assignedTo('${worker.principal}')` };
    const more = { principalId: worker.principal };
    return reading.list('rest:roleAssignments', scopeOf(worker), assignments, '2022-04-01', query, more);
  });
  const itself = (id: string): string => id;
  await reading.each('trusted-access', protectedClusters, itself, (cluster) =>
    reading.list('rest:trustedAccessRoleBindings', cluster, bindings, '2024-02-01'),
  );
}
