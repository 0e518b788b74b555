import { expect, test } from 'vitest';
import { printAzurePipelines } from '../../src/report/azure-pipelines.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Finding, Run } from '../../src/source/run.ts';
import { Source, span } from '../../src/source/source.ts';
import { cleanRun, fullRun, shortRetention, vaultOff } from './sample.ts';

const print = (run: Run): string[] => printAzurePipelines(run, wordsOf('en')).trimEnd().split('\n');

function lineOf(finding: Finding): string {
  return print({ ...cleanRun, findings: [finding] })[0]!;
}

test('a clean run says so in the log and reports no issue', () => {
  expect(print(cleanRun)).toEqual(['No problems found in 14 files (63 resources)']);
});

test('errors and warnings are issues with their place', () => {
  expect(lineOf(vaultOff)).toBe(
    '##vso[task.logissue type=error;sourcepath=estate/main.tf;linenumber=3;columnnumber=16;code=vault-soft-delete-off;]' +
      'soft delete of azurerm_data_protection_backup_vault.main is "Off". Set soft_delete to "On" or "AlwaysOn".',
  );
  expect(lineOf(shortRetention)).toMatch(
    /^##vso\[task\.logissue type=warning;.*\(in azurerm_backup_policy_vm\.daily\)\. /,
  );
  const sentence = lineOf({ ...shortRetention, message: 'It is short.' });
  expect(sentence).toMatch(/\]It is short \(in azurerm_backup_policy_vm\.daily\)\. Keep/);
});

test('a note is a plain line', () => {
  const notes = print(fullRun).filter((line) => / note [\w-]+: /.test(line));
  expect(notes.map((line) => line.replace(/:.*/, ''))).toEqual([
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v /properties/redundancySettings note vault-locally-redundant',
    'estate/main.tf',
  ]);
  for (const note of notes) expect(note).not.toContain('##');
});

test('an issue of a live resource names it in the message', () => {
  const [live] = fullRun.findings;
  expect(lineOf({ ...live!, severity: 'error' })).toMatch(
    /^##vso\[task\.logissue type=error;code=vault-locally-redundant;\]the storage is .* \(in \/subscriptions\/s\//,
  );
});

test('signs of commands are escaped in names and messages', () => {
  const line = lineOf({
    ...vaultOff,
    message: '100% of azurerm_data_protection_backup_vault.main;]',
    at: span(new Source('a;b]%3B.tf', 'x'), 0, 1),
  });
  expect(line).toContain('sourcepath=a%3Bb%5D%AZP253B.tf;');
  expect(line).toContain(';]100%AZP25 of azurerm_data_protection_backup_vault.main;]. Set');
});

test('the result of the task is left to the exit status', () => {
  expect(print(fullRun).join('\n')).not.toContain('task.complete');
});
