/** One mistake, one finding: what the catalogue settles where two rules could speak about one thing ("When two rules could speak"). */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { fixtures, lintWith } from './fixture.ts';

/** A rule, and those that are silent about what it reports. */
const precedence: readonly (readonly [string, readonly string[]])[] = [
  [
    'datasource-needs-recovery-services-vault',
    ['item-policy-of-another-solution', 'item-policy-in-another-vault', 'item-vault-region-mismatch'],
  ],
  [
    'datasource-needs-backup-vault',
    ['item-policy-of-another-solution', 'item-policy-in-another-vault', 'item-vault-region-mismatch'],
  ],
  [
    'policy-without-schedule',
    ['policy-without-retention', 'policy-retention-tier-mismatch', 'policy-weekly-days-differ'],
  ],
  ['policy-without-retention', ['policy-retention-tier-mismatch', 'backup-vault-policy-rules-inconsistent']],
  ['policy-more-than-one-full-a-week', ['policy-interval-not-offered']],
  ['policy-interval-not-offered', ['policy-more-than-one-full-a-week', 'policy-interval-malformed']],
  [
    'workload-snapshot-policy-out-of-range',
    ['policy-without-retention', 'policy-retention-tier-mismatch', 'workload-policy-sub-policies-invalid'],
  ],
  ['backup-vault-policy-rules-inconsistent', ['policy-without-retention']],
  ['azurerm-backup-name-removed', ['postgresql-single-server-leftover', 'azurerm-soft-delete-enabled-removed']],
  ['azurerm-soft-delete-enabled-removed', ['vault-soft-delete-off', 'azurerm-backup-name-removed']],
  ['backup-vault-identity-missing', ['vault-identity-role-missing']],
  ['change-shortens-retention', ['change-shortens-retention-on-immutable-vault']],
  ['change-shortens-retention-on-immutable-vault', ['change-shortens-retention']],
  ['vm-disks-need-enhanced-policy', ['vm-shared-disk-not-excluded']],
  ['vault-soft-delete-off', ['vault-soft-delete-not-always-on']],
  ['database-vm-backup-not-visible', ['sql-vm-without-sql-backup', 'hana-vm-without-hana-backup']],
  ['sql-vm-without-vm-backup', ['vm-unprotected']],
  ['hana-vm-without-vm-backup', ['vm-unprotected']],
  ['vm-policy-instant-restore-out-of-range', ['vm-policy-instant-restore-equals-retention']],
  [
    'item-protection-stopped',
    [
      'vm-unprotected',
      'disk-unprotected',
      'blob-account-unprotected',
      'file-share-unprotected',
      'datasource-unprotected',
    ],
  ],
];

const all = fixtures();
const codes = new Set(catalogue().map(({ code }) => code));

test('the rules exist', () => {
  expect(precedence.flat(2).filter((code) => !codes.has(code))).toEqual([]);
});

describe.each(precedence)('where %s speaks', (code, silent) => {
  test.each(all.filter((fixture) => fixture.code === code && fixture.kind === 'fail'))(
    'no other does: $name',
    async (fixture) => {
      const { findings } = await lintWith({ only: [code, ...silent] }, fixture);
      const told = new Set(findings.filter((one) => one.code === code).map(({ resource }) => resource.address));
      expect(told.size).toBeGreaterThan(0);
      const again = findings.filter((one) => one.code !== code && told.has(one.resource.address));
      expect(again.map((one) => `${one.code} ${one.resource.address}`)).toEqual([]);
    },
  );
});
