/** Runs for the reporters' tests: an ordinary one, and one in which everything from input tries to act. */
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import type { Finding, RuleInfo, Run, Summary, Undetermined } from '../../src/source/run.ts';
import { Source, type Span, span } from '../../src/source/source.ts';

/** The first place of `text` in a source. */
export function placeOf(source: Source, text: string): Span {
  const start = source.text.indexOf(text);
  if (start === -1) throw new Error(`${source.file} does not contain ${text}`);
  return span(source, start, start + text.length);
}

const mainTf = new Source(
  'estate/main.tf',
  `resource "azurerm_data_protection_backup_vault" "main" {
  name        = "bv-main"
\tsoft_delete = "Off"
}

resource "azurerm_backup_policy_vm" "daily" {
  name      = "日次バックアップ 💾" # 本番
  retention_daily {
    count = 3
  }
}
`,
);
const variablesTf = new Source('estate/variables.tf', 'variable "days" {\n  default = 3\n}\n');
const template = new Source(
  'arm/größe 1#/azuredeploy.json',
  `{"resources":[${'{"type":"Microsoft.Storage/storageAccounts","name":"s"},'.repeat(8)}{"type":"Microsoft.RecoveryServices/vaults/backupPolicies","name":"v/p","properties":{"backupManagementType":"AzureIaasVM"}}]}`,
);
const brokenTf = new Source('estate/broken.tf', 'resource "a" "b" {\r\n  name = "x"\r\n');

export const rules: readonly RuleInfo[] = [
  {
    code: 'policy-retention-short',
    group: 'retention',
    severity: 'warning',
    profile: 'recommended',
    title: 'Daily retention is long enough',
    help: 'Keep daily points for at least 7 days.',
    why: 'Trouble is often seen after days.\nBy then the last good point must still be there: see `retention_daily` <b>.',
    solutions: ['azure-vm'],
    docs: 'https://example.org/rules/policy-retention-short',
  },
  {
    code: 'vault-locally-redundant',
    group: 'vault',
    severity: 'note',
    profile: 'strict',
    title: 'The vault survives the loss of a datacentre',
    help: 'Use zone or geo redundancy.',
    why: 'Locally redundant storage is one building.',
    solutions: ['azure-vm', 'azure-files'],
    docs: 'https://example.org/rules/vault-locally-redundant',
  },
  {
    code: 'vault-soft-delete-off',
    group: 'vault',
    severity: 'error',
    profile: 'recommended',
    title: 'Deleted backups can be brought back',
    help: 'Set soft delete to On or AlwaysOn.',
    why: 'Without it a deleted backup is gone at once.',
    solutions: ['azure-disk', 'azure-blob'],
    docs: 'https://example.org/rules/vault-soft-delete-off',
  },
];

export const vaultOff: Finding = {
  code: 'vault-soft-delete-off',
  severity: 'error',
  message: 'soft delete of azurerm_data_protection_backup_vault.main is "Off"',
  help: 'Set soft_delete to "On" or "AlwaysOn".',
  solutions: ['azure-disk', 'azure-blob'],
  resource: {
    address: 'azurerm_data_protection_backup_vault.main',
    type: 'Microsoft.DataProtection/backupVaults',
    name: 'bv-main',
  },
  at: placeOf(mainTf, '"Off"'),
  related: [],
  fingerprint: '0123456789abcdef',
  docs: 'https://example.org/rules/vault-soft-delete-off',
};

export const shortRetention: Finding = {
  code: 'policy-retention-short',
  severity: 'warning',
  message: 'daily points are kept for 3 days',
  help: 'Keep daily points for at least 7 days.',
  solutions: ['azure-vm'],
  resource: {
    address: 'azurerm_backup_policy_vm.daily',
    type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
    name: '日次バックアップ 💾',
  },
  at: placeOf(mainTf, '💾'),
  related: [
    { at: placeOf(variablesTf, '3'), message: 'the default is written here' },
    { at: placeOf(mainTf, 'count = 3'), message: 'it is used here' },
  ],
  fingerprint: '123456789abcdef0',
  docs: 'https://example.org/rules/policy-retention-short',
};

const wholeBlock: Finding = {
  ...shortRetention,
  at: span(mainTf, mainTf.text.indexOf('retention_daily'), mainTf.text.lastIndexOf('}')),
  related: [],
  fingerprint: '23456789abcdef01',
};

const inMinifiedTemplate: Finding = {
  ...shortRetention,
  resource: { ...shortRetention.resource, address: 'Microsoft.RecoveryServices/vaults/backupPolicies/v/p', name: 'p' },
  at: placeOf(template, '"AzureIaasVM"'),
  related: [],
  fingerprint: '3456789abcdef012',
};

const live: Finding = {
  code: 'vault-locally-redundant',
  severity: 'note',
  message: 'the storage is LocallyRedundant',
  help: 'Use zone or geo redundancy.',
  solutions: ['azure-vm', 'azure-files'],
  resource: {
    address: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
    type: 'Microsoft.RecoveryServices/vaults',
    name: 'v',
  },
  at: {
    resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
    path: '/properties/redundancySettings',
  },
  related: [],
  fingerprint: '456789abcdef0123',
  docs: 'https://example.org/rules/vault-locally-redundant',
};

const hidden: Finding = {
  ...vaultOff,
  message: 'hidden by a comment',
  fingerprint: '56789abcdef01234',
  suppressed: { reason: 'a lab, see [ticket](https://example.org/1)', until: '2027-01-31' },
};

const undecided: Undetermined = {
  code: 'vault-soft-delete-off',
  resource: {
    address: 'azurerm_data_protection_backup_vault.other',
    type: 'Microsoft.DataProtection/backupVaults',
    name: 'other',
  },
  at: placeOf(variablesTf, 'variable "days" {'),
  because: 'var.soft_delete has no value; a tfvars file would settle it',
};

const unclosed: Diagnostic = {
  code: 'hcl-unclosed-block',
  severity: 'error',
  message: 'this block has no closing brace',
  help: 'Add } after the last line of the block.',
  at: span(brokenTf, 17, 18),
  related: [{ at: span(brokenTf, 0, 8), message: 'the block starts here' }],
};

const missingModule: Diagnostic = {
  code: 'module-not-on-disk',
  severity: 'note',
  message: 'the module Azure/vault/azurerm is not on disk, so nothing in it was judged',
  help: 'Run terraform init.',
  at: placeOf(mainTf, '"azurerm_backup_policy_vm"'),
};

export const cleanSummary: Summary = {
  errors: 0,
  warnings: 0,
  notes: 0,
  suppressed: 0,
  undetermined: 0,
  files: 14,
  resources: 63,
  complete: true,
};

export const cleanRun: Run = {
  tool: { name: 'azure-backup-lint', version: '1.2.3' },
  summary: cleanSummary,
  findings: [],
  undetermined: [],
  diagnostics: [],
  rules,
};

export const fullRun: Run = {
  ...cleanRun,
  summary: {
    errors: 1,
    warnings: 3,
    notes: 1,
    suppressed: 1,
    undetermined: 1,
    files: 4,
    resources: 21,
    complete: false,
  },
  findings: [live, inMinifiedTemplate, vaultOff, hidden, shortRetention, wholeBlock],
  undetermined: [undecided],
  diagnostics: [unclosed, missingModule],
};

/** More than a page of a forge takes: the errors last, so that order has to be made. */
export const manyRun: Run = {
  ...cleanRun,
  summary: { ...cleanSummary, errors: 12, warnings: 11, notes: 30 },
  findings: [
    ...Array.from({ length: 30 }, (_, i): Finding => ({ ...live, severity: 'note', message: `note ${i}` })),
    ...Array.from({ length: 11 }, (_, i): Finding => ({ ...shortRetention, message: `warning ${i}` })),
    ...Array.from({ length: 12 }, (_, i): Finding => ({ ...vaultOff, message: `error ${i}` })),
  ],
};

/** What no format may pass on. */
export const HOSTILE =
  'a\u001b[31mred\u009b0m \u202eevil\u2066 z\u200bw\u200d\ufeff \u{e0041}\ud800 ##vso[task.complete result=Succeeded] ' +
  '##[error]x ##teamcity[x] [a](javascript:alert(1)) {0} <img src=x onerror=alert(1)> @octocat #12 GH-3 o/r#4 ' +
  'https://evil.example www.evil.example a@evil.example deadbeefcafe :boom: ![i](x) |c| `d` ``e "f" $g$ %0A%0D%3A;]]>&amp;\uffff \r\n::error::boom\n\t::warning::x\u2028\u0000';

const hostileFile = new Source(`::error file=x::${HOSTILE.replace(/[/]/g, '')}.tf`, `::error::first\n  ${HOSTILE}\n`);
const hostileResource = { address: `::${HOSTILE}`, type: HOSTILE, name: HOSTILE };
const hostileFinding: Finding = {
  ...vaultOff,
  message: HOSTILE,
  help: HOSTILE,
  resource: hostileResource,
  at: placeOf(hostileFile, 'evil'),
  related: [
    { at: placeOf(hostileFile, '::error::first'), message: `::add-mask::${HOSTILE}` },
    { at: { resourceId: `::${HOSTILE}`, path: HOSTILE }, message: HOSTILE },
  ],
};

export const hostileRun: Run = {
  ...cleanRun,
  summary: { ...cleanSummary, errors: 2, suppressed: 1, undetermined: 1, complete: false },
  findings: [
    hostileFinding,
    { ...hostileFinding, at: { resourceId: `::${HOSTILE}`, path: HOSTILE } },
    { ...hostileFinding, suppressed: { reason: HOSTILE } },
  ],
  undetermined: [{ code: 'vault-soft-delete-off', resource: hostileResource, at: hostileFinding.at, because: HOSTILE }],
  diagnostics: [
    { code: 'hcl-syntax', severity: 'error', message: `::error::${HOSTILE}`, help: HOSTILE, at: hostileFinding.at },
    { code: 'odd', severity: 'note', message: HOSTILE, at: { resourceId: '', path: HOSTILE } },
  ],
  rules: [
    ...rules,
    { ...rules[0]!, code: 'zz-own', title: HOSTILE, why: HOSTILE, help: HOSTILE, docs: 'javascript:alert(1)' },
  ],
};
