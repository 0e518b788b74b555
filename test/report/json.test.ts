import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { printJson } from '../../src/report/json.ts';
import { golden } from '../golden.ts';
import { cleanRun, fullRun, HOSTILE, hostileRun } from './sample.ts';

const schema = JSON.parse(readFileSync(new URL('../../rules/schema/output.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

// biome-ignore lint/suspicious/noExplicitAny: parsed output; the schema says what is in it.
type Parsed = any;

function problems(value: unknown): unknown[] {
  validate(value);
  return validate.errors ?? [];
}

test('golden', () => {
  golden('test/goldens/report/full.json', printJson(fullRun));
});

test.each([
  ['clean', cleanRun],
  ['full', fullRun],
  ['hostile', hostileRun],
])('the published schema holds: %s', (_, run) => {
  expect(problems(JSON.parse(printJson(run)))).toEqual([]);
});

test('the published schema refuses what is not ours', () => {
  const change = (edit: (output: Parsed) => void) => {
    const output = JSON.parse(printJson(fullRun));
    edit(output);
    return problems(output);
  };
  expect(change(() => {})).toEqual([]);
  expect(change((o) => delete o.summary.complete)).not.toEqual([]);
  expect(change((o) => delete o.findings[0].fingerprint)).not.toEqual([]);
  expect(change((o) => (o.findings[0].severity = 'info'))).not.toEqual([]);
  expect(change((o) => (o.findings[0].location = {}))).not.toEqual([]);
  expect(change((o) => (o.findings[1].location.startLine = 0))).not.toEqual([]);
  expect(change((o) => (o.findings[1].location.file = '/etc/x'))).not.toEqual([]);
  expect(change((o) => (o.version = 2))).not.toEqual([]);
  expect(change((o) => (o.addition = true))).toEqual([]);
});

test('members stand in the order of the contract', () => {
  const output = JSON.parse(printJson(fullRun));
  expect(Object.keys(output)).toEqual(['version', 'tool', 'summary', 'findings', 'undetermined', 'diagnostics']);
  expect(Object.keys(output.summary)).toEqual([
    'errors',
    'warnings',
    'notes',
    'suppressed',
    'undetermined',
    'files',
    'resources',
    'complete',
  ]);
  const members = [
    'code',
    'severity',
    'message',
    'help',
    'solutions',
    'resource',
    'location',
    'related',
    'fingerprint',
    'docs',
  ];
  const suppressed = output.findings.filter((finding: object) => 'suppressed' in finding);
  const counted = output.findings.filter((finding: object) => !('suppressed' in finding));
  expect(suppressed).toHaveLength(1);
  expect(counted).toHaveLength(5);
  for (const finding of counted) expect(Object.keys(finding)).toEqual(members);
  for (const finding of suppressed) expect(Object.keys(finding)).toEqual([...members, 'suppressed']);
  expect(Object.keys(output.undetermined[0])).toEqual(['code', 'resource', 'location', 'because']);
});

test('positions are 1-based, in UTF-16 units, with an exclusive end', () => {
  const { findings } = JSON.parse(printJson(fullRun));
  expect(findings[2].location).toEqual({
    file: 'estate/main.tf',
    startLine: 3,
    startColumn: 16,
    endLine: 3,
    endColumn: 21,
  });
  // 💾 is two units.
  expect(findings[4].location).toMatchObject({ startLine: 7, startColumn: 25, endLine: 7, endColumn: 27 });
  expect(findings[0].location).toEqual({
    resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
    path: '/properties/redundancySettings',
  });
});

test('values are exact, bytes are harmless', () => {
  const text = printJson(hostileRun);
  const [finding] = JSON.parse(text).findings;
  expect(finding.message).toBe(HOSTILE);
  expect(finding.resource.name).toBe(HOSTILE);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
  expect(text).not.toMatch(/##\w*\[/);
  expect(text).not.toMatch(/^\s*::/m);
});

test('a suppression without reason or date has neither member', () => {
  const run = { ...fullRun, findings: fullRun.findings.map((finding) => ({ ...finding, suppressed: {} })) };
  const output = JSON.parse(printJson(run));
  expect(output.findings[0].suppressed).toEqual({});
  expect(problems(output)).toEqual([]);
});

test('the same run gives the same bytes', () => {
  expect(printJson({ ...fullRun, findings: [...fullRun.findings] })).toBe(printJson(fullRun));
});
