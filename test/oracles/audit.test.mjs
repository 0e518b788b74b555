/**
 * The built program audits the fake Azure in a process of its own, with Microsoft's real sign-in (through a stand-in `az`) and
 * SDK: what a user sees and which exit code comes back. Neither the token nor who asked may turn up in anything it writes.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backupReader, contoso, demoTenant, principal, standInCli, startFakeAzure } from '../azure/fake/load.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const store = demoTenant();
const ends = [];
after(async () => {
  for (const end of ends) await end();
});

/** Each way: what is wrong, the exit code, and what must be told. */
const ways = {
  'nothing is wrong': { code: 0 },
  'nobody is signed in': { signedIn: 'no', code: 3, told: /az login/ },
  'the federated assertion has expired': { signedIn: 'assertion-expired', code: 3, told: /AADSTS700024|assertion/ },
  'the role is Backup Reader': { switches: { rights: () => backupReader }, code: 3, told: /--role Reader/ },
  'one subscription cannot be seen': {
    switches: { rights: (id) => (id === contoso.shops ? { actions: [] } : undefined) },
    code: 3,
    told: new RegExp(contoso.shops),
  },
  'a proxy answers with a page': { switches: { faults: [{ answer: 'html' }] }, code: 3, told: /proxy|web page/ },
  'the token is refused': { switches: { faults: [{ answer: 'unauthorized' }] }, code: 3, told: /could not be read/ },
  'Azure wants an hour': {
    switches: { faults: [{ on: /rsv-shops\/backupUsageSummaries/, answer: 'throttled-hour' }] },
    code: 3,
    told: /3600/,
  },
  'Azure does not answer': {
    switches: { faults: [{ on: /compute\/virtualmachines/, answer: 'hang' }] },
    args: ['--timeout', '4'],
    code: 3,
    told: /[Vv]irtual machines/,
  },
};

/** Far above what any takes; what waits for its end by itself does not end in it. */
const timeout = 60_000;

const mistakes = [
  'item-protection-failing SAPHanaDatabase;p01;p01',
  'item-recovery-point-too-old SAPHanaDatabase;p01;p01',
  'item-protection-failing VM;iaasvmcontainerv2;rg-shops;vm-shop-3',
  'item-recovery-point-too-old VM;iaasvmcontainerv2;rg-shops;vm-shop-3',
  'item-protection-stopped VM;iaasvmcontainerv2;rg-shops;vm-shop-4',
  'item-protection-stopped VM;iaasvmcontainerv2;rg-shops;vm-shop-5',
  'item-protection-stopped SQLDataBase;mssqlserver;archive',
  'vm-unprotected vm-shop-6',
  'sql-vm-without-vm-backup vm-sql-1',
  'vault-job-alerts-off rsv-branches',
  'vault-soft-delete-off rsv-branches',
  'item-protection-stopped VM;2002',
  'item-protection-failing SystemState;1002',
  'item-protection-stopped aks-shop-',
  'item-protection-stopped disk-scratch-',
  'item-protection-failing psql-warehouse-',
  'item-recovery-point-too-old psql-warehouse-',
  'item-protection-stopped disk-old-',
  'vm-unprotected vm-play',
];

const well = [
  'p01;systemdb',
  'vm-hana-1',
  'vm-erp-app',
  'vm-shop-1',
  'vm-shop-2',
  'mssqlserver;orders',
  'AzureFileShare;',
  'disk-lake',
  'stcontosoimages',
  'rsv-erp',
  'SQLDB;2001',
  'FileFolder;1001',
];

describe('an audit', { concurrency: 2 }, () => {
  for (const [name, { switches, signedIn, args = [], code, told }] of Object.entries(ways))
    test(name, { timeout }, async () => {
      const { run, fake } = await start(switches, signedIn);
      const { status, out, err } = await run(['--management-group', 'contoso', ...args]);
      assert.equal(status, code, out + err);
      if (told) assert.match(out + err, told);
      assert.doesNotMatch(err, /Warning|\n +at /);
      assert.deepEqual(fake.writes, []);
    });

  test('finds the mistakes of the tenant, and none in what is well', { timeout }, async () => {
    const { run } = await start();
    const { out } = await run(['--management-group', 'contoso', '--deep', '-f', 'json']);
    const found = JSON.parse(out).findings.map(({ code, resource }) => `${code} ${resource.address.split('/').at(-1)}`);
    for (const mistake of mistakes)
      assert.ok(
        found.some((one) => one.startsWith(mistake)),
        `${mistake}\n${found.join('\n')}`,
      );
    for (const name of well)
      assert.deepEqual(
        found.filter((one) => one.includes(name)),
        [],
      );
  });

  test('replays what it recorded, without a network', { timeout }, async () => {
    const { run, az } = await start();
    const file = join(az.folder, 'inventory.jsonl');
    const live = await run(['--management-group', 'contoso', '--save-inventory', file, '-f', 'json']);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(JSON.parse(lines[0]).version, 1);
    assert.deepEqual(JSON.parse(lines.at(-1)), { end: true, rows: lines.length - 2 });
    const replayed = await run(['--inventory', file, '-f', 'json'], { offline: true });
    assert.deepEqual([replayed.status, replayed.out], [live.status, live.out]);
    secret(readFileSync(file, 'utf8'), live.token);
  });

  test('keeps what it has read when it is interrupted', { skip: process.platform === 'win32', timeout }, async () => {
    const { run, az, fake } = await start({ faults: [{ on: /compute\/virtualmachines/, answer: 'hang' }] });
    const file = join(az.folder, 'inventory.jsonl');
    const { status, err } = await run(['--management-group', 'contoso', '--save-inventory', file], {
      // The fourth question is the one that is never answered.
      until: () => fake.counts.get('graph') >= 5,
    });
    assert.equal(status, 3, err);
    const lines = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
    assert.ok(lines.some(({ from }) => from === 'graph:items'));
    assert.ok(lines.some(({ unread, code }) => unread === 'virtualMachines' && code === 'interrupted'));
    const replayed = await run(['--inventory', file], { offline: true });
    assert.equal(replayed.status, 3);
  });
});

test('the demo runs', { timeout }, async () => {
  const child = spawn(process.execPath, [join(root, 'scripts/demo-audit.mjs'), '--fail-on', 'never'], { cwd: root });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  const status = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(status, 0, text);
  assert.match(text, /exit code 0; \d+ requests to Resource Graph, \d+ others/);
});

async function start(switches = {}, signedIn = 'yes') {
  const fake = await startFakeAzure(store, { switches });
  const az = standInCli(fake.token, store.tenantId, signedIn);
  ends.push(async () => {
    az.remove();
    await fake.close();
  });
  const run = async (args, { offline = false, until } = {}) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'dist/cli.js'),
        'audit',
        ...(offline ? [] : ['--endpoint', fake.origin]),
        '--fail-on',
        'never',
        ...args,
      ],
      { cwd: root, env: offline ? { PATH: '' } : az.environment(fake.certificate.cert) },
    );
    const texts = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      texts.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      texts.err += chunk;
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    if (until) {
      while (!until() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
    }
    const status = await closed;
    secret(texts.out + texts.err, fake.token);
    return { status, ...texts, token: fake.token };
  };
  return { fake, az, run };
}

function secret(text, token) {
  assert.ok(!text.includes(token), 'the token was written');
  assert.ok(!text.includes(token.split('.')[2]), 'the signature of the token was written');
  assert.ok(!text.includes(principal), 'the one who asked was written');
}
