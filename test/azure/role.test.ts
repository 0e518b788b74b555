/** The roles of docs/audit.md: what the audit asks for, no more and no less. `npm run update` writes them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Arm } from '../../src/azure/arm.ts';
import { actionsOfRole, probe } from '../../src/azure/probe.ts';
import { golden } from '../golden.ts';
import { demoTenant, type FakeAzure, startFakeAzure } from './fake/index.ts';
import { surveyFake } from './fake/survey.ts';

const running: FakeAzure[] = [];
afterAll(async () => {
  for (const fake of running) await fake.close();
});

/** Of someone who has these actions and no others. */
function armOf(actions: readonly string[]): Arm {
  return {
    async *pages() {
      yield [{ actions, notActions: [] }];
    },
  } as unknown as Arm;
}

describe.each([
  ['audit-role.json', 'Backup audit', false],
  ['audit-deep-role.json', 'Backup audit deep', true],
] as const)('%s', (file, name, deep) => {
  const actions = actionsOfRole(deep);

  test('is what the code asks for', () => {
    const role = {
      Name: name,
      IsCustom: true,
      Description: `What azure-backup-lint audit${deep ? ' --deep' : ''} reads. It can change nothing, and reads neither data nor keys.`,
      Actions: actions,
      NotActions: [],
      DataActions: [],
      NotDataActions: [],
      AssignableScopes: ['/providers/Microsoft.Management/managementGroups/GROUP-ID'],
    };
    // As the formatter has it.
    const text = JSON.stringify(role, undefined, 2).replace(/\[\s+("[^"]*")\s+\]/, '[$1]');
    golden(`docs/${file}`, `${text}\n`);
    expect(actions.filter((action) => !action.endsWith('/read'))).toEqual([]);
  });

  test('stands in the page', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');
    expect(page).toContain(`(${file})`);
    expect(page).toContain('--role "Backup audit"');
  });

  test('is enough', async () => {
    expect(await probe(armOf(actions), '/subscriptions/a', '/subscriptions/a', deep)).toEqual([]);
    for (const withoutVaultSettings of [undefined, 'graph-and-vault'] as const) {
      const fake = await startFakeAzure(demoTenant(), {
        switches: { rights: () => ({ actions }), ...(withoutVaultSettings && { withoutVaultSettings }) },
      });
      running.push(fake);
      const { inventory } = await surveyFake(fake, { managementGroup: 'contoso' }, { deep });
      expect(inventory.gaps).toEqual([]);
    }
  });

  test('without one of them something is missing', async () => {
    const told = await Promise.all(
      actions.map(async (action) => {
        const others = actions.filter((one) => one !== action);
        return (await probe(armOf(others), '/subscriptions/a', '/subscriptions/a', deep)).length > 0 ? [] : [action];
      }),
    );
    // Azure itself tells of these.
    expect(told.flat()).toEqual([
      'Microsoft.Authorization/permissions/read',
      'Microsoft.Management/managementGroups/descendants/read',
      'Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/read',
      'Microsoft.RecoveryServices/vaults/backupconfig/read',
      'Microsoft.RecoveryServices/vaults/backupstorageconfig/read',
      'Microsoft.ResourceGraph/resources/read',
      'Microsoft.Resources/subscriptions/read',
    ]);
  });
});
