/**
 * Whether Resource Graph, which may lag behind, has the instances of a Backup vault: one list of them. Those that it has not are
 * recorded like its rows, and of those that are no more it is recorded that they are not there.
 */

import type { Arm } from './arm.ts';
import { notThere, type Recording, type Row } from './inventory.ts';
import { textOf } from './row.ts';
import type { Tally, Vault } from './tally.ts';

export async function readInstances(
  { id, instances }: Vault,
  arm: Arm,
  recording: Recording,
  tally: Tally,
): Promise<void> {
  const listed = new Set<string>();
  const missing: Row[] = [];
  for await (const rows of arm.pages(`${id}/backupInstances`, '2024-04-01'))
    for (const row of rows) {
      const own = textOf(row['id']).toLowerCase();
      listed.add(own);
      if (!instances.has(own)) missing.push(row);
    }
  // Half a list would make the other half vanish, so nothing is recorded before its end.
  recording.add('rest:backupInstances', missing);
  tally.take('rest:backupInstances', missing);
  for (const [own, written] of instances) {
    if (listed.has(own)) continue;
    recording.add(notThere, [{ id: written }]);
    tally.drop(written);
  }
}
