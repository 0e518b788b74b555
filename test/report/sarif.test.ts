import { expect, test } from 'vitest';
import { printSarif } from '../../src/report/sarif.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Finding } from '../../src/source/run.ts';
import { Source, span } from '../../src/source/source.ts';
import { golden } from '../golden.ts';
import { cleanRun, fullRun, hostileRun, rules, vaultOff } from './sample.ts';

// biome-ignore lint/suspicious/noExplicitAny: a parsed log; the assertions say what is in it.
type Parsed = any;

const words = wordsOf('en');

function sarifOf(findings: readonly Finding[]) {
  return JSON.parse(printSarif({ ...cleanRun, findings }, words)).runs[0];
}

function messageOf(message: string): string {
  return sarifOf([{ ...vaultOff, message }]).results[0].message.text;
}

test('golden', () => {
  golden('test/goldens/report/full.sarif', printSarif(fullRun, words));
});

test('every rule is described, and results point at theirs', () => {
  const run = JSON.parse(printSarif(fullRun, words)).runs[0];
  const described = run.tool.driver.rules;
  expect(described.map((rule: Parsed) => rule.id)).toEqual(rules.map((rule) => rule.code));
  for (const result of run.results) expect(described[result.ruleIndex].id).toBe(result.ruleId);
  expect(described.map((rule: Parsed) => rule.defaultConfiguration.level)).toEqual(['warning', 'note', 'error']);
});

test('a result of a rule that is not described has no index', () => {
  expect(sarifOf([{ ...vaultOff, code: 'unheard-of' }]).results[0]).not.toHaveProperty('ruleIndex');
});

test('places have ends, URIs are relative and percent-encoded', () => {
  const { results } = JSON.parse(printSarif(fullRun, words)).runs[0];
  expect(results[2].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'estate/main.tf', uriBaseId: '%SRCROOT%' },
    region: { startLine: 3, startColumn: 16, endLine: 3, endColumn: 21 },
  });
  expect(results[2].locations[0].logicalLocations).toEqual([
    { fullyQualifiedName: 'azurerm_data_protection_backup_vault.main', kind: 'resource' },
  ]);
  expect(results[1].locations[0].physicalLocation.artifactLocation.uri).toBe(
    'arm/gr%C3%B6%C3%9Fe%201%23/azuredeploy.json',
  );
  expect(results[4].relatedLocations.map((related: Parsed) => [related.id, related.message.text])).toEqual([
    [0, 'the default is written here'],
    [1, 'it is used here'],
  ]);
});

test('a live resource has no file', () => {
  const [location] = JSON.parse(printSarif(fullRun, words)).runs[0].results[0].locations;
  expect(location).not.toHaveProperty('physicalLocation');
  expect(location.logicalLocations[1].fullyQualifiedName).toMatch(/vaults\/v\/properties\/redundancySettings$/);
});

test('an empty span is an insertion point', () => {
  const { region } = sarifOf([{ ...vaultOff, at: span(new Source('a.tf', 'ab'), 1, 1) }]).results[0].locations[0]
    .physicalLocation;
  expect(region).toEqual({ startLine: 1, startColumn: 2, endLine: 1, endColumn: 2 });
});

test('all results carry suppressions, empty where the finding counts', () => {
  const { results } = JSON.parse(printSarif(fullRun, words)).runs[0];
  expect(results.map((result: Parsed) => result.suppressions.length)).toEqual([0, 0, 0, 1, 0, 0]);
  expect(results[3].suppressions[0]).toEqual({
    kind: 'inSource',
    justification: 'a lab, see \\[ticket\\](https://example.org/1)',
    properties: { until: '2027-01-31' },
  });
});

test('an incomplete run says so and why', () => {
  expect(sarifOf([]).invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  const run = JSON.parse(printSarif(fullRun, words)).runs[0];
  const [invocation] = run.invocations;
  expect(invocation.executionSuccessful).toBe(false);
  const [unclosed] = invocation.toolExecutionNotifications;
  expect(unclosed.level).toBe('error');
  expect(unclosed.message.text).toBe('this block has no closing brace. Add } after the last line of the block.');
  expect(unclosed.descriptor).toEqual({ id: 'hcl-unclosed-block' });
});

test('no link and no argument can be made from input, and other text stays readable', () => {
  expect(messageOf('see [a](javascript:x) in vms[2]')).toBe('see \\[a\\](javascript:x) in vms\\[2\\]');
  expect(messageOf('a \\[b](c)')).toBe('a \\\\\\[b\\](c)');
  expect(messageOf('vms[2] and ${var.a}')).toBe('vms[2] and ${var.a}');
  expect(messageOf('${x} {0}')).toBe('${{x}} {{0}}');
});

test('a rule of the user cannot put a link or HTML into the help', () => {
  const run = JSON.parse(printSarif(hostileRun, words)).runs[0];
  const rule = run.tool.driver.rules.at(-1);
  expect(rule.helpUri).toMatch(/^https:/);
  expect(rule.help.markdown).not.toContain('<img');
  expect(rule.help.markdown).not.toMatch(/(?<!\\)\]\(javascript/);
  expect(rule.help.markdown).toContain(`](${rule.helpUri})`);
});

test('input cannot act', () => {
  const text = printSarif(hostileRun, words);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
  expect(text).not.toMatch(/##\w*\[/);
  expect(text).not.toMatch(/^\s*::/m);
  const { results, invocations } = JSON.parse(text).runs[0];
  const shown = [
    ...results.map((result: Parsed) => result.message.text),
    ...results.flatMap((result: Parsed) => result.relatedLocations.map((related: Parsed) => related.message.text)),
    ...invocations[0].toolExecutionNotifications.map((notification: Parsed) => notification.message.text),
  ];
  expect(shown).toHaveLength(3 + 6 + 2);
  for (const message of shown) {
    // Viewers show the parsed text, so it has to be harmless too.
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
    expect(message).not.toMatch(/##\w*\[|^\s*::|(?<!\\)\[[^\]]*\]\(|(?<!\{)\{0\}/);
  }
});

test('no times and no absolute paths; the same run gives the same bytes', () => {
  const text = printSarif(fullRun, words);
  expect(text).not.toMatch(/TimeUtc|file:\/\//);
  expect(printSarif({ ...fullRun, findings: [...fullRun.findings] }, words)).toBe(text);
});
