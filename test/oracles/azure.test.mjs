/**
 * The fake Azure and the audit that asks it, judged by Microsoft's own tools: every request and every answer against the OpenAPI
 * specifications (oav, where they lie beside the repository), every query of Resource Graph by Kusto's language service.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request as ask } from 'node:https';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { demoTenant, standInCli, startFakeAzure } from '../azure/fake/load.mjs';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const specs = join(root, '../shared/arm-specs');
const hasSpecs = existsSync(join(specs, 'specification'));
if (!hasSpecs)
  console.log('SKIPPED: ../shared/arm-specs is not there, so nothing is judged by the OpenAPI specifications');

/** What recorded answers carry and the specifications do not know. */
const realWorld = new Set([
  'softDeleteRetentionPeriod',
  'sourceSideScanning',
  'IsProtectable',
  'createdWithPolicyType',
  'threatStatus',
  'recoveryPointTierDetails',
  'isCrossRegionRestore',
  'sourceDataStoreType',
]);

const met = new Set();

/** Answers whose specification does not lie here. */
const withoutSpecification =
  /\/replicationFabrics|\/fileServices\/|\/blobServices\/|\/managementPolicies\/|\/objectReplicationPolicies\b|\/trustedAccessRoleBindings\b|\/providers\/Microsoft\.(?:Authorization\/(?:locks|roleAssignments)|Insights\/|Compute\/(?:skus|virtualMachines|disks)|SqlVirtualMachine\/|ManagedIdentity\/)/i;

/** An Azure that shows all, and one that makes the audit ask for what it lacks, page by page. */
const fakes = [];
let fake;
let audit;
let exchanges;

before(async () => {
  const store = demoTenant();
  const audits = [];
  for (const switches of [
    {},
    {
      pageSize: 2,
      withoutVaultSettings: 'graph-and-vault',
      graphLacks: ({ id }) => id.includes('vm-shop-1'),
      subscriptionLimit: 2,
    },
  ]) {
    const one = await startFakeAzure(store, { record: true, switches });
    fakes.push(one);
    audits.push(await runAudit(one, store));
  }
  fake = fakes[0];
  audit = { ...audits[0], requests: fake.exchanges.length };
  await readEverything(store);
  exchanges = fakes.flatMap((one) => one.exchanges);
});
after(async () => {
  for (const one of fakes) await one.close();
});

test('the audit reads the fake tenant', () => {
  assert.ok(audit.requests > 20, `${audit.requests} requests only:\n${audit.output}`);
  for (const { writes } of fakes) assert.deepEqual(writes, []);
  // The second had to be asked more.
  assert.ok(fakes[1].exchanges.some(({ url }) => url.includes('skiptoken')));
  assert.ok(fakes[1].exchanges.some(({ url }) => url.includes('/backupconfig/')));
  assert.ok(fakes[1].exchanges.some(({ url }) => url.includes('/descendants')));
  assert.ok(!audit.output.includes(fake.token), 'the token was printed');
});

test('every request and every answer is as the OpenAPI specifications have it', { skip: !hasSpecs }, async () => {
  const validator = await liveValidator();
  const wrong = [];
  let judged = 0;
  for (const exchange of exchanges) {
    if (withoutSpecification.test(exchange.url)) continue;
    judged++;
    wrong.push(...(await mistakesIn(validator, exchange)));
  }
  assert.deepEqual([...new Set(wrong)], []);
  assert.ok(judged > 150, `${judged} exchanges`);
  // A field that is never met needs no exception.
  assert.deepEqual([...met].sort(), [...realWorld].sort());
});

test('a mistake of ours would be found', { skip: !hasSpecs }, async () => {
  const validator = await liveValidator();
  const item = fake.exchanges.find(({ url }) => url.includes('/backupProtectedItems') && url.includes('rsv-shops'));
  const broken = structuredClone(item);
  broken.responseBody.value[0].properties.lastBackupStatusOfOurs = 'x';
  assert.notDeepEqual(await mistakesIn(validator, broken), []);
  const badVersion = { ...item, url: item.url.replace(/api-version=[\d-]+/, 'api-version=2001-01-01') };
  assert.notDeepEqual(await mistakesIn(validator, badVersion), []);
  const graph = fake.exchanges.find(({ url }) => url.includes('ResourceGraph'));
  const truncated = { ...graph, responseBody: { ...graph.responseBody, resultTruncated: false } };
  assert.notDeepEqual(await mistakesIn(validator, truncated), []);
});

test('every query is Kusto', () => {
  const queries = new Set(
    exchanges.filter(({ url }) => url.includes('ResourceGraph')).map(({ requestBody }) => requestBody.query),
  );
  assert.ok(queries.size >= 7, `${queries.size} queries`);
  const diagnose = kusto();
  for (const query of queries) assert.deepEqual(diagnose(query), [], query);
  assert.notDeepEqual(diagnose("resources | where tpye =~ 'x' | project id"), []);
  assert.notDeepEqual(diagnose("resources | wher type =~ 'x'"), []);
});

let validators;
function liveValidator() {
  validators ??= newValidator();
  return validators;
}

async function newValidator() {
  const quiet = hush();
  try {
    require('oav/dist/lib/util/logging.js').log.consoleLogLevel = 'off';
    const { LiveValidator } = require('oav');
    const validator = new LiveValidator(
      {
        directory: specs,
        swaggerPathsPattern: ['specification/**/*.json'],
        excludedSwaggerPathsPattern: ['**/common-types/**', '**/common-types.json'],
        checkUnderFileRoot: false,
        loadValidatorInBackground: false,
        git: { shouldClone: false },
      },
      undefined,
      () => {},
    );
    await validator.initialize();
    return validator;
  } finally {
    quiet();
  }
}

async function mistakesIn(
  validator,
  { method, url, requestHeaders, requestBody, status, responseHeaders, responseBody },
) {
  const quiet = hush();
  let result;
  try {
    result = await validator.validateLiveRequestResponse({
      liveRequest: {
        method,
        url: inSpecification(url),
        headers: { ...requestHeaders, 'content-type': 'application/json' },
        ...(requestBody === undefined ? {} : { body: structuredClone(requestBody) }),
      },
      liveResponse: { statusCode: String(status), headers: responseHeaders, body: structuredClone(responseBody) },
    });
  } finally {
    quiet();
  }
  const where = `${method} ${new URL(url).pathname.replace(/.*\/providers\//, '')}`;
  const { requestValidationResult: asked, responseValidationResult: answered } = result;
  const errors = [...asked.errors, ...answered.errors].filter(({ code, message }) => {
    const field = code === 'OBJECT_ADDITIONAL_PROPERTIES' ? /: (\w+)$/.exec(message)?.[1] : undefined;
    if (!realWorld.has(field)) return true;
    met.add(field);
    return false;
  });
  if (errors.length === 0 && asked.runtimeException) errors.push(asked.runtimeException);
  if (errors.length === 0 && answered.runtimeException) errors.push(answered.runtimeException);
  return errors.map(
    ({ code, message, pathsInPayload }) => `${where} ${status}: ${code} ${message} ${pathsInPayload ?? ''}`,
  );
}

/** The rights of a caller are specified for a resource group alone; Azure tells them for what is above it in the same shape. */
function inSpecification(url) {
  return url.replace(
    /^(https:\/\/[^/]+)\/.*?(\/providers\/Microsoft\.Authorization\/permissions)/,
    '$1/subscriptions/0/resourcegroups/any$2',
  );
}

/** oav and its packages talk to the console. */
function hush() {
  const { log, warn, error, info } = console;
  const nothing = () => {};
  Object.assign(console, { log: nothing, warn: nothing, error: nothing, info: nothing });
  return () => Object.assign(console, { log, warn, error, info });
}

/** A script that is no module: it puts `Kusto` into the global scope. */
function kusto() {
  const folder = dirname(require.resolve('@kusto/language-service-next/package.json'));
  for (const name of ['bridge.min.js', 'Kusto.Language.Bridge.min.js'])
    vm.runInThisContext(readFileSync(join(folder, name), 'utf8'), { filename: name });
  const K = globalThis.Kusto.Language;
  const S = K.Symbols;
  const types = { text: S.ScalarTypes.String, dynamic: S.ScalarTypes.Dynamic };
  const columns = [
    ...['id', 'name', 'type', 'tenantId', 'kind', 'location', 'resourceGroup', 'subscriptionId', 'managedBy'].map(
      (name) => [name, types.text],
    ),
    ...['sku', 'plan', 'properties', 'tags', 'identity', 'zones', 'extendedLocation'].map((name) => [
      name,
      types.dynamic,
    ]),
  ];
  // Type.$ctor4: a table from column symbols. The constructor from a text stops at `kind`.
  const tables = [
    'resources',
    'recoveryservicesresources',
    'resourcecontainers',
    'authorizationresources',
    'elasticsanresources',
    'kubernetesconfigurationresources',
    'networkresources',
    'policyresources',
  ].map(
    (name) =>
      new S.TableSymbol.$ctor4(
        name,
        columns.map(([column, type]) => new S.ColumnSymbol(column, type)),
      ),
  );
  const state = K.GlobalState.Default.WithDatabase(new S.DatabaseSymbol.ctor('arg', tables));
  return (query) => {
    const found = K.KustoCode.ParseAndAnalyze(query, state).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, i) => found.getItem(i).Message);
  };
}

/** Every read that the fake answers, whether the audit asks it or not. */
async function readEverything(store) {
  const rsv = 'api-version=2023-06-01';
  const bv = 'api-version=2024-04-01';
  const list = ['/subscriptions?api-version=2022-12-01'];
  list.push('/providers/Microsoft.Management/managementGroups/contoso?api-version=2021-04-01');
  list.push('/providers/Microsoft.Management/managementGroups/contoso/descendants?api-version=2021-04-01');
  list.push('/providers/Microsoft.Management/managementGroups/contoso/subscriptions?api-version=2021-04-01');
  for (const { id } of store.subscriptions) {
    const at = `/subscriptions/${id}`;
    list.push(`${at}?api-version=2022-12-01`);
    list.push(`${at}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`);
    list.push(`${at}/providers/Microsoft.RecoveryServices/vaults?api-version=2024-04-01`);
    list.push(`${at}/providers/Microsoft.DataProtection/backupVaults?${bv}`);
    list.push(`${at}/providers/Microsoft.DataProtection/resourceGuards?${bv}`);
    for (const vault of store.below(at, 'Microsoft.RecoveryServices/vaults')) {
      list.push(`${vault.id}?api-version=2024-04-01`);
      for (const name of [
        'backupProtectionContainers',
        'backupEngines',
        'backupProtectedItems',
        'backupProtectionIntents',
        'backupProtectableItems',
        'backupPolicies',
        'backupJobs',
        'backupResourceGuardProxies',
        'backupconfig/vaultconfig',
        'backupstorageconfig/vaultstorageconfig',
        'backupEncryptionConfigs/backupResourceEncryptionConfig',
      ])
        list.push(`${vault.id}/${name}?${rsv}`);
      for (const kind of ['BackupProtectedItemCountSummary', 'BackupProtectionContainerCountSummary'])
        list.push(`${vault.id}/backupUsageSummaries?${rsv}&$filter=${encodeURIComponent(`type eq '${kind}'`)}`);
      for (const item of store.below(
        vault.id,
        'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
      )) {
        list.push(`${item.id.split('/').map(encodeURIComponent).join('/')}?${rsv}`);
        if (item.properties.lastRecoveryPoint)
          list.push(`${item.id.split('/').map(encodeURIComponent).join('/')}/recoveryPoints?${rsv}`);
      }
      for (const policy of store.below(vault.id, 'Microsoft.RecoveryServices/vaults/backupPolicies'))
        list.push(`${policy.id}?${rsv}`);
    }
    for (const vault of store.below(at, 'Microsoft.DataProtection/backupVaults')) {
      list.push(`${vault.id}?${bv}`);
      for (const name of [
        'backupInstances',
        'deletedBackupInstances',
        'backupPolicies',
        'backupJobs',
        'backupResourceGuardProxies',
      ])
        list.push(`${vault.id}/${name}?${bv}`);
      for (const instance of store.below(vault.id, 'Microsoft.DataProtection/backupVaults/backupInstances')) {
        list.push(`${instance.id}?${bv}`);
        list.push(`${instance.id}/recoveryPoints?${bv}`);
      }
    }
  }
  for (const path of list) await get(path);
}

function get(path) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${fake.token}`, accept: 'application/json' };
    ask(new URL(path, fake.origin), { headers, ca: fake.certificate.cert }, (response) => {
      response.resume();
      response.on('end', resolve);
      if (response.statusCode !== 200) console.log(`${response.statusCode} for ${path}`);
    })
      .on('error', reject)
      .end();
  });
}

function runAudit(one, store) {
  const az = standInCli(one.token, store.tenantId);
  const args = ['audit', '--management-group', 'contoso', '--deep', '--endpoint', one.origin, '--fail-on', 'never'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], {
      cwd: root,
      env: az.environment(one.certificate.cert),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('close', (status) => {
      az.remove();
      resolve({ status, output });
    });
  });
}
