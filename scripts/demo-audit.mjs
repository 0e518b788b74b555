/**
 * `npm run demo:audit`: the audit as a user runs it, against a made-up tenant. Starts the fake Azure of the tests on the loopback
 * address, signs in through a stand-in `az`, runs the built program with the real SDKs in a process of its own, and prints what it
 * prints. Nothing leaves the machine.
 *
 * Arguments go to `audit`; without --subscription or --management-group the whole tenant is audited. `--fake NAME` puts
 * something in its way (see `ways`), `--fake-scale S,V,N,D` makes a tenant of S subscriptions, V vaults, N items and D datasources
 * instead, and `--fake-serve` only starts the fake and tells how to ask it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  backupReader,
  contoso,
  demoTenant,
  scaledTenant,
  standInCli,
  startFakeAzure,
} from '../test/azure/fake/load.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = `${root}dist/cli.js`;

const ways = {
  'backup-reader': { rights: () => backupReader },
  'one-subscription-hidden': { rights: (id) => (id === contoso.shops ? { actions: [] } : undefined) },
  throttled: { faults: [{ on: /backupUsageSummaries/, answer: 'throttled-seconds', times: 3 }] },
  'throttled-for-an-hour': { faults: [{ on: /backupUsageSummaries/, answer: 'throttled-hour' }] },
  'captive-portal': { faults: [{ answer: 'html' }] },
  'signed-out': {},
  stale: { graphLacks: ({ id }) => id.includes('vm-shop-1') },
};

const args = process.argv.slice(2);
const way = take('--fake', true);
const scale = take('--fake-scale', true)?.split(',').map(Number);
const serve = take('--fake-serve', false);
if (way !== undefined && !(way in ways)) fail(`--fake knows ${Object.keys(ways).join(', ')}`);
if (scale && !(scale.length === 4 && scale.every((one) => one > 0)))
  fail('--fake-scale wants S,V,N,D, such as 50,120,3000,15000');
if (!existsSync(cli)) fail('dist/cli.js is missing; run `npm run build` first.');

const store = scale
  ? scaledTenant({ subscriptions: scale[0], vaults: scale[1], items: scale[2], datasources: scale[3] })
  : demoTenant();
const fake = await startFakeAzure(store, { switches: way ? ways[way] : {} });
const az = standInCli(fake.token, store.tenantId, way === 'signed-out' ? 'no' : 'yes');
const environment = az.environment(fake.certificate.cert);
const scoped = args.some((one) => /^--(?:subscription|management-group|inventory)\b/.test(one));
const command = [
  'audit',
  ...(scoped ? [] : ['--management-group', scale ? 'scale' : 'contoso']),
  '--endpoint',
  fake.origin,
  ...args,
];

if (serve) {
  const { PATH, NODE_EXTRA_CA_CERTS } = environment;
  console.error(`A fake Azure answers at ${fake.origin} until Ctrl-C. Ask it with

  export PATH='${PATH}' NODE_EXTRA_CA_CERTS='${NODE_EXTRA_CA_CERTS}' AZURE_TOKEN_CREDENTIALS=AzureCliCredential
  node ${cli} ${command.join(' ')}
`);
  process.on('SIGINT', end);
} else {
  console.error(`$ azure-backup-lint ${command.join(' ')}\n`);
  const child = spawn(process.execPath, [cli, ...command], { stdio: 'inherit', env: environment });
  // Ctrl-C is the audit's to answer: it keeps what it has read.
  process.on('SIGINT', () => {});
  child.on('close', async (status) => {
    process.exitCode = status ?? 3;
    console.error(
      `\n(exit code ${process.exitCode}; ${fake.counts.get('graph') ?? 0} requests to Resource Graph, ${fake.counts.get('rest') ?? 0} others)`,
    );
    await end();
  });
}

async function end() {
  az.remove();
  await fake.close();
}

function take(name, hasValue) {
  const at = args.indexOf(name);
  if (at < 0) return undefined;
  const [, value] = args.splice(at, hasValue ? 2 : 1);
  return hasValue ? (value ?? '') : true;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
