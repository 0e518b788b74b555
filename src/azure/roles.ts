/**
 * Which roles the identities have that work on what is protected: those of Backup vaults, of clusters and of their backup extensions;
 * and which vaults a cluster lets in. Roles are asked of each subscription in which one works, for only that tells of groups that an
 * identity is in as well, and of roles that are assigned above
 * (https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest).
 */
import type { Arm } from './arm.ts';
import { facts, type Recording, type Row } from './inventory.ts';
import { inLanes } from './lanes.ts';
import type { Attempt, Progress } from './reading.ts';
import type { Tally } from './tally.ts';

const apiVersion = '2022-04-01';
const clusterApiVersion = '2024-02-01';

export async function readRoles(
  arm: Arm,
  recording: Recording,
  tally: Tally,
  attempt: Attempt,
  progress: Progress,
  lanes: number,
): Promise<void> {
  const { workers } = tally;
  let done = 0;
  await inLanes(lanes, workers, async ({ principal, subscription }) => {
    const scope = `/subscriptions/${subscription}`;
    await attempt('access', scope, async () => {
      const id = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
      const value: Row[] = [];
      for await (const rows of arm.pages(id, apiVersion, { $filter: `assignedTo('${principal}')` }))
        value.push(...rows);
      recording.add('rest:roleAssignments', [{ id, principalId: principal, value }]);
    });
    progress(facts.access, ++done, workers.length);
  });
  await inLanes(lanes, tally.protectedClusters, (cluster) =>
    attempt('trusted-access', cluster, async () => {
      const id = `${cluster}/trustedAccessRoleBindings`;
      const value: Row[] = [];
      for await (const rows of arm.pages(id, clusterApiVersion)) value.push(...rows);
      recording.add('rest:trustedAccessRoleBindings', [{ id, owner: cluster, value }]);
    }),
  );
}
