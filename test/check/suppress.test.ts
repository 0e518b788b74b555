/** Suppressions: where they may stand, how they are written, when they end, and what they hide. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { lint } from '../../src/lint.ts';
import type { Run } from '../../src/source/run.ts';
import { linesOf } from '../fixture.ts';
import { memoryIo } from '../memory.ts';

const off = 'vault-job-alerts-off';
const expired = 'suppression-expired';
const reasonless = 'suppression-without-reason';

async function run(files: Readonly<Record<string, string>>, today = '2026-06-15', inline = true): Promise<Run> {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])), {
    today,
  });
  const flags = { only: [off, expired, reasonless], inlineSuppressions: inline };
  return lint(settleOptions([], flags, catalogue(), io), io, '0.0.0');
}

/** A vault without alerts for failed jobs: the finding is at "false". */
function vault(
  comments: { above?: string; before?: string; same?: string; far?: string; first?: string } = {},
): string {
  return [
    comments.first ?? '',
    comments.far ?? '',
    '',
    comments.above ?? '',
    'resource "azurerm_recovery_services_vault" "main" {',
    '  name                = "rsv-main"',
    '  resource_group_name = "rg-backup"',
    '  location            = "westeurope"',
    '  sku                 = "Standard"',
    '',
    '  monitoring {',
    `    ${comments.before ?? ''}`,
    `    alerts_for_all_job_failures_enabled = false ${comments.same ?? ''}`,
    '  }',
    '}',
    '',
  ].join('\n');
}

const ignore = `azure-backup-lint:ignore ${off} reason="alerts come from Grafana"`;

function hidden(result: Run): string[] {
  return result.findings.filter((finding) => finding.suppressed).map((finding) => finding.code);
}

function shown(result: Run): string[] {
  return result.findings.filter((finding) => !finding.suppressed).map((finding) => finding.code);
}

function told(result: Run): string[] {
  return result.diagnostics.map((diagnostic) => diagnostic.code);
}

describe('place in Terraform', () => {
  test.each([
    ['the line before the finding', { before: `# ${ignore}` }],
    ['the same line', { same: `# ${ignore}` }],
    ['the line before the head of the resource', { above: `# ${ignore}` }],
    ['a // comment', { before: `// ${ignore}` }],
    ['a block comment', { before: `/* ${ignore} */` }],
    ['a block comment of several lines', { above: `/*\n${ignore}\nGrafana knows better.\n*/` }],
    ['any letter case of the mark', { before: `# Azure-Backup-Lint: IGNORE ${off} reason=Grafana` }],
  ])('%s', async (_name, comments) => {
    const result = await run({ 'main.tf': vault(comments) });
    expect(told(result)).toEqual([]);
    expect(hidden(result)).toEqual([off]);
    expect(shown(result)).toEqual([]);
  });

  test.each([
    ['two lines before', { far: `# ${ignore}` }],
    ['another rule', { before: `# azure-backup-lint:ignore vault-soft-delete-off reason=other` }],
  ])('%s hides nothing', async (_name, comments) => {
    expect(shown(await run({ 'main.tf': vault(comments) }))).toEqual([off]);
  });

  test('at a related place: the call of the module whose variable decides', async () => {
    const result = await run({
      'main.tf': `module "vault" {\n  source = "./vault"\n  # ${ignore}\n  alerts = false\n}\n`,
      'vault/main.tf': `variable "alerts" {\n  type = bool\n}\n${vault().replace('= false', '= var.alerts')}`,
    });
    expect(hidden(result)).toEqual([off]);
    expect(shown(result)).toEqual([]);
  });

  test('at a related place: the use of a variable whose default decides', async () => {
    const result = await run({
      'main.tf': `variable "alerts" {\n  default = false\n}\n${vault({ before: `# ${ignore}` }).replace('= false', '= var.alerts')}`,
    });
    expect(hidden(result)).toEqual([off]);
    expect(result.findings[0]!.at).not.toEqual(result.findings[0]!.head);
  });

  test('two suppressions of one place work each for its own code', async () => {
    const text = vault({ above: `# ${ignore}`, before: `# azure-backup-lint:ignore ${reasonless} reason=none` });
    expect(shown(await run({ 'main.tf': text }))).toEqual([]);
  });

  test('is not looked for when inline suppressions are off', async () => {
    const text = vault({ before: `# azure-backup-lint:ignore ${off}` });
    expect(shown(await run({ 'main.tf': text }, '2026-06-15', false))).toEqual([off]);
  });
});

describe('ignore-file', () => {
  test('before the first statement hides every code of the file', async () => {
    const text = vault({ first: '# azure-backup-lint:ignore-file reason="a sample"' });
    expect(shown(await run({ 'main.tf': text }))).toEqual([]);
  });

  test('with codes hides those alone', async () => {
    const text = vault({ first: '# azure-backup-lint:ignore-file vault-soft-delete-off reason="a sample"' });
    expect(shown(await run({ 'main.tf': text }))).toEqual([off]);
  });

  test('does not reach other files', async () => {
    const second = vault().replaceAll('main', 'second');
    const result = await run({
      'a.tf': vault({ first: '# azure-backup-lint:ignore-file reason="a sample"' }),
      'b.tf': second,
    });
    expect(hidden(result)).toEqual([off]);
    expect(shown(result)).toEqual([off]);
  });

  test('after the first statement cannot be read', async () => {
    const result = await run({ 'main.tf': vault({ before: '# azure-backup-lint:ignore-file reason="too late"' }) });
    expect(told(result)).toEqual(['suppression-unreadable']);
    expect(shown(result)).toEqual([off]);
  });
});

describe('ARM', () => {
  function template(parts: { head?: string; root?: string; resource?: string; before?: string } = {}): string {
    return `${parts.head ?? ''}{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  ${parts.root ?? ''}
  "resources": [
    {
      "type": "Microsoft.RecoveryServices/vaults",
      "apiVersion": "2024-04-01",
      "name": "rsv-main",
      "location": "westeurope",
      ${parts.resource ?? ''}
      "properties": {
        "monitoringSettings": {
          "azureMonitorAlertSettings": {
            ${parts.before ?? ''}
            "alertsForAllJobFailures": "Disabled"
          }
        }
      }
    }
  ]
}
`;
  }

  test.each([
    ['a comment', { before: `// ${ignore}` }],
    ['a comment at the head of the file', { head: '/* azure-backup-lint:ignore-file reason="a sample" */\n' }],
    [
      'metadata of the resource',
      { resource: `"metadata": { "azureBackupLint": "ignore ${off} reason='alerts come from Grafana'" },` },
    ],
    [
      'a list in metadata',
      {
        resource: `"metadata": { "azureBackupLint": ["ignore vault-soft-delete-off reason=x", "ignore ${off} reason=y"] },`,
      },
    ],
    [
      'metadata of the template',
      { root: `"metadata": { "azureBackupLint": "ignore-file ${off} reason='a sample'" },` },
    ],
  ])('%s', async (_name, parts) => {
    const result = await run({ 'main.json': template(parts) });
    expect(told(result)).toEqual([]);
    expect(hidden(result)).toEqual([off]);
    expect(shown(result)).toEqual([]);
  });

  test.each([
    ['ignore-file in a resource', { resource: `"metadata": { "azureBackupLint": "ignore-file ${off} reason=x" },` }],
    ['ignore in the template', { root: `"metadata": { "azureBackupLint": "ignore ${off} reason=x" },` }],
    ['anything else', { resource: '"metadata": { "azureBackupLint": "please be quiet" },' }],
  ])('%s cannot be read', async (_name, parts) => {
    const result = await run({ 'main.json': template(parts) });
    expect(told(result)).toEqual(['suppression-unreadable']);
    expect(shown(result)).toEqual([off]);
  });
});

describe('words', () => {
  test('several codes, reason and date come out as they are written', async () => {
    const comment = `# azure-backup-lint:ignore vault-soft-delete-off, ${off} reason="a, b = c" until=2026-12-31`;
    const result = await run({ 'main.tf': vault({ before: comment }) });
    expect(result.findings.map((finding) => finding.suppressed)).toEqual([{ reason: 'a, b = c', until: '2026-12-31' }]);
  });

  test('a code that does not exist is told, and the others work', async () => {
    const comment = `# azure-backup-lint:ignore vault-job-alerts, ${off} reason=x`;
    const result = await run({ 'main.tf': vault({ before: comment }) });
    expect(told(result)).toEqual(['suppression-unknown-code']);
    expect(result.diagnostics[0]!.message).toContain('"vault-job-alerts"');
    expect(hidden(result)).toEqual([off]);
  });

  test.each([
    'azure-backup-lint:ignore',
    'azure-backup-lint: please',
    'azure-backup-lint:ignore-line vault-job-alerts-off',
    'azure-backup-lint:ignore vault-job-alerts-off because of Grafana',
    'azure-backup-lint:ignore vault-job-alerts-off reason="never closed',
    'azure-backup-lint:ignore vault-job-alerts-off reason=x until=2026-02-30',
    'azure-backup-lint:ignore vault-job-alerts-off reason=x until=tomorrow',
    'azure-backup-lint:ignore vault-job-alerts-off reason=x owner=me',
  ])('%s cannot be read', async (comment) => {
    const result = await run({ 'main.tf': vault({ before: `# ${comment}` }) });
    expect(told(result)).toEqual(['suppression-unreadable']);
    expect(result.diagnostics[0]!.severity).toBe('warning');
    expect(shown(result)).toEqual([off]);
  });

  test('many unclosed quotes are read in one go', async () => {
    const comment = `# azure-backup-lint:ignore ${off}${' a="'.repeat(5000)} !`;
    expect(told(await run({ 'main.tf': vault({ before: comment }) }))).toEqual(['suppression-unreadable']);
  });

  test('a missing or empty reason is a finding, and the suppression still hides', async () => {
    for (const reason of ['', ' reason=""']) {
      const result = await run({ 'main.tf': vault({ before: `# azure-backup-lint:ignore ${off}${reason}` }) });
      expect(hidden(result)).toEqual([off]);
      expect(shown(result)).toEqual([reasonless]);
      expect(linesOf(result.findings.filter((finding) => !finding.suppressed))).toEqual([`12 ${reasonless}`]);
    }
  });

  test('nothing hides the finding about a suppression', async () => {
    const text = vault({
      first: '# azure-backup-lint:ignore-file reason="a sample"',
      before: `# azure-backup-lint:ignore ${off}`,
    });
    expect(shown(await run({ 'main.tf': text }))).toEqual([reasonless]);
  });
});

describe('until', () => {
  const text = vault({ before: `# ${ignore} until=2026-06-15` });

  test.each(['2026-06-14', '2026-06-15'])('holds on %s', async (today) => {
    const result = await run({ 'main.tf': text }, today);
    expect(hidden(result)).toEqual([off]);
    expect(shown(result)).toEqual([]);
  });

  test('is over on the next day', async () => {
    const result = await run({ 'main.tf': text }, '2026-06-16');
    expect(hidden(result)).toEqual([]);
    expect(shown(result).sort()).toEqual([expired, off]);
  });
});
