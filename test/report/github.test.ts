import { expect, test } from 'vitest';
import { printGithub } from '../../src/report/github.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Finding, Run } from '../../src/source/run.ts';
import { Source, span } from '../../src/source/source.ts';
import { cleanRun, fullRun, manyRun, shortRetention, vaultOff } from './sample.ts';

const print = (run: Run, language?: string): string[] => printGithub(run, wordsOf(language)).trimEnd().split('\n');

function commandOf(finding: Finding): string {
  return print({ ...cleanRun, findings: [finding] })[0]!;
}

test('a clean run says so in the log and annotates nothing', () => {
  expect(print(cleanRun)).toEqual(['No problems found in 14 files (63 resources)']);
});

test('lines and columns are those of JSON, the title names the rule', () => {
  expect(commandOf(vaultOff)).toBe(
    '::error file=estate/main.tf,line=3,col=16,endLine=3,endColumn=21,title=azure-backup-lint (vault-soft-delete-off)::' +
      'soft delete of azurerm_data_protection_backup_vault.main is "Off"%0A' +
      'help: Set soft_delete to "On" or "AlwaysOn".%0Adocs: https://example.org/rules/vault-soft-delete-off',
  );
});

test('the message names the resource where nothing else does, and related places', () => {
  expect(commandOf(shortRetention).split('%0A').slice(1, 4)).toEqual([
    'in azurerm_backup_policy_vm.daily',
    'estate/variables.tf:2:13 the default is written here',
    'estate/main.tf:9:5 it is used here',
  ]);
});

test('a live resource has no file', () => {
  const line = print(fullRun).find((one) => one.includes('vault-locally-redundant'))!;
  expect(line).toMatch(/^::notice title=/);
  expect(line).toContain('in /subscriptions/s/resourceGroups/g/');
});

test('signs of commands are escaped in names and messages', () => {
  const source = new Source('a,b:c%2C.tf', 'x');
  const line = commandOf({ ...vaultOff, message: '100% %0A::x', at: span(source, 0, 1) });
  expect(line).toMatch(/^::error file=a%2Cb%3Ac%252C\.tf,line=1,/);
  expect(line).toContain('::100%25 %250A::x%0A');
});

test('what is most severe comes first, what could not be read before it all', () => {
  const codes = print(fullRun)
    .map((line) => /^::(\w+) .*title=azure-backup-lint \(([\w-]+)\)/.exec(line))
    .filter((match) => match !== null)
    .map(([, kind, code]) => `${kind} ${code}`);
  expect(codes).toEqual([
    'error hcl-unclosed-block',
    'error vault-soft-delete-off',
    'warning policy-retention-short',
    'warning policy-retention-short',
    'warning policy-retention-short',
    'notice vault-locally-redundant',
    'notice module-not-on-disk',
  ]);
});

test('more of a kind than GitHub shows: those of one rule in one file share a command, in which each is told', () => {
  const lines = print(manyRun).filter((line) => line.startsWith('::'));
  expect(lines).toHaveLength(3);
  const [first, , last] = lines.map((line) => line.split('%0A'));
  expect(first![0]).toMatch(/^::error file=estate\/main\.tf,line=3,.*::error 0$/);
  expect(first!.slice(-12)).toEqual([
    '11 more of the same rule:',
    ...Array.from({ length: 11 }, (_, i) => `estate/main.tf:3:16 error ${i + 1}`),
  ]);
  expect(last!.at(-1)).toMatch(/^\/subscriptions\/.* note 29$/);
  expect(print(manyRun).at(-1)).not.toContain('GitHub');
  const ten = { ...manyRun, findings: manyRun.findings.filter(({ message }) => /^\w+ \d$/.test(message)) };
  expect(print(ten).filter((line) => line.startsWith('::'))).toHaveLength(30);
});

test('a command holds no more than fifty', () => {
  const findings = Array.from({ length: 101 }, (_, i): Finding => ({ ...vaultOff, message: `error ${i}` }));
  const commands = print({ ...cleanRun, findings }).filter((line) => line.startsWith('::'));
  expect(commands).toHaveLength(3);
  expect(commands.join('%0A').match(/error \d+(?=%0A|$)/g)).toHaveLength(101);
});

test('the last line says how many GitHub does not annotate', () => {
  const findings = manyRun.findings.map((finding, i): Finding => ({ ...finding, code: `rule-${i}` }));
  const lines = print({ ...manyRun, findings });
  expect(lines.at(-1)).toBe(
    'GitHub shows the first 10 errors, 10 warnings and 10 notices of a step as annotations; 23 more stand only in this log.',
  );
  expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(53);
  expect(lines[0]).toContain('::error 0%0A');
  expect(print({ ...manyRun, findings }, 'ja').at(-1)).toContain('残りの 23 件');
});
