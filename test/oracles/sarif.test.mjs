/**
 * Microsoft's SARIF validator on what the built program writes: the schema, the rules of the format, and what the code
 * scanning of GitHub and of Azure DevOps ask for. `npm run test:oracles` runs it; it needs `npm run build` before.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/cli.js');
const config = fileURLToPath(new URL('multitool.xml', import.meta.url));
/** The package gives the path of its program for this system. */
const multitool = createRequire(import.meta.url)('@microsoft/sarif-multitool');

/** What the validator calls an error and we leave as it is, with the reason. */
const accepted = new Map([
  ['GHAzDO1014', 'automationDetails is the category of an upload; whoever publishes the log names it'],
]);

const scratch = mkdtempSync(join(tmpdir(), 'azure-backup-lint-oracles-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function writeSarif(name, paths, cwd) {
  const file = join(scratch, `${name}.sarif`);
  const run = spawnSync(process.execPath, [cli, 'lint', ...paths, '-f', `sarif=${file}`, '--fail-on', 'never'], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(run.error, undefined);
  return { file, status: run.status, log: JSON.parse(readFileSync(file, 'utf8')) };
}

/** The validator's findings, as "level rule: message". */
function validate(file) {
  const output = `${file}.validated`;
  const run = spawnSync(
    multitool,
    [
      'validate',
      file,
      ...['--output', output, '--log', 'ForceOverwrite', '--config', config],
      ...['--rule-kind', 'Sarif;Ghas;Ado', '--level', 'Error;Warning;Note'],
    ],
    { encoding: 'utf8' },
  );
  assert.equal(run.error, undefined);
  assert.equal(run.status, 0, run.stdout + run.stderr);
  const [{ tool, results, invocations }] = JSON.parse(readFileSync(output, 'utf8').replace(/^\ufeff/, '')).runs;
  assert.notEqual(invocations?.[0]?.executionSuccessful, false, 'the validator ran to its end');
  return results.map(({ ruleId, ruleIndex, level = 'warning', message }) => {
    const template = tool.driver.rules[ruleIndex].messageStrings[message.id].text;
    const text = template.replace(/\{(\d+)\}/g, (_, index) => message.arguments[index]);
    return { ruleId, level, text: `${level} ${ruleId}: ${text}` };
  });
}

function assertValid(file) {
  const found = validate(file);
  const refused = found.filter(({ ruleId, level }) => level !== 'note' && !accepted.has(ruleId));
  assert.deepEqual(
    refused.map(({ text }) => text),
    [],
  );
}

test('the validator itself finds what is wrong', () => {
  const file = join(scratch, 'wrong.sarif');
  const result = {
    ruleId: 'a',
    ruleIndex: 7,
    message: {},
    locations: [{ physicalLocation: { region: { startLine: 0 } } }],
  };
  writeFileSync(
    file,
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [result] }] }),
  );
  const errors = validate(file).filter(({ level }) => level === 'error');
  assert.notDeepEqual(errors, []);
});

test('the example estate', () => {
  const { file, status, log } = writeSarif('estate', ['fixtures/estate'], root);
  assert.ok(status === 0 || status === 3, `exit status ${status}`);
  const [run] = log.runs;
  assert.notDeepEqual(run.results, []);
  assert.equal(run.invocations[0].executionSuccessful, status === 0);
  assertValid(file);
});

test('a folder with broken and hostile input', () => {
  const folder = join(scratch, 'broken');
  mkdirSync(join(folder, 'a b#ü'), { recursive: true });
  writeFileSync(join(folder, 'unclosed.tf'), 'resource "azurerm_recovery_services_vault" "v" {\n  name = "x"\n');
  writeFileSync(join(folder, 'empty.tf'), '');
  writeFileSync(
    join(folder, 'a b#ü', '[x](y) %41.tf'),
    'resource "azurerm_recovery_services_vault" "v" {\n  name = "[a](javascript:x) {0} \u202e ##vso[x]"\n' +
      '  soft_delete_enabled = false\n  storage_mode_type = "LocallyRedundant"\n  sku = "Standard"\n}\n',
  );
  writeFileSync(
    join(folder, 'broken.json'),
    '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [',
  );
  const { file, status, log } = writeSarif('broken', ['.'], folder);
  assert.equal(status, 3);
  const [invocation] = log.runs[0].invocations;
  assert.equal(invocation.executionSuccessful, false);
  const unread = invocation.toolExecutionNotifications.filter(({ level }) => level === 'error');
  const files = new Set(unread.map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri));
  assert.deepEqual([...files].sort(), ['broken.json', 'unclosed.tf']);
  assertValid(file);
});

test('a path that does not exist', () => {
  const { file, status, log } = writeSarif('missing', ['no such folder'], scratch);
  assert.equal(status, 3);
  assert.equal(log.runs[0].invocations[0].executionSuccessful, false);
  assertValid(file);
});
