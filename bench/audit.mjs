/**
 * The audit of a large tenant on the fake Azure: requests against what they should be, time, peak memory, and whether ten
 * times the tenant costs ten times as much. The fake runs in this process, the audit in its own.
 * Bounds: requests within 10 % of the reckoning, 1.5 GB, ten times the tenant at most 13 times the CPU.
 *
 *   node bench/audit.mjs [S,V,N,D]      subscriptions, vaults, items, datasources; 1000,2000,50000,300000
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scaledTenant, standInCli, startFakeAzure } from '../test/azure/fake/load.mjs';

const program = process.env.PROGRAM ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const [S, V, N, D] = (process.argv[2] ?? '1000,2000,50000,300000').split(',').map(Number);

const sizes = [0.1, 1].map((part) => ({
  subscriptions: Math.ceil(S * part),
  vaults: Math.ceil(V * part),
  items: Math.ceil(N * part),
  datasources: Math.ceil(D * part),
}));

let failed = false;
const results = [];
for (const size of sizes) {
  const result = await audit(size);
  results.push(result);
  const { graph, rest, seconds, cpu, memory, status } = result;
  const reckoned = reckon(size);
  const off = Math.abs(graph + rest - reckoned) / reckoned;
  const ok = off <= 0.1 && memory < 1.5e9 && (status === 0 || status === 1);
  failed ||= !ok;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${size.subscriptions} subscriptions, ${size.vaults} vaults, ${size.items} items, ${size.datasources} datasources: ` +
      `${graph} + ${rest} requests (reckoned ${reckoned}), ${seconds.toFixed(1)} s, CPU ${cpu.toFixed(1)} s, ${Math.round(memory / 1e6)} MB, exit code ${status}`,
  );
}
const growth = results[1].cpu / results[0].cpu;
if (growth > 13) failed = true;
console.log(`${growth > 13 ? 'FAIL' : 'ok  '} ten times the tenant costs ${growth.toFixed(1)} times the CPU`);
process.exitCode = failed ? 1 : 0;

/** A page of a thousand rows for each query, one call for each vault, one for what may be read. What identities may do comes on top. */
function reckon({ subscriptions, vaults, items, datasources }) {
  const pages = (rows) => Math.max(1, Math.ceil(rows / 1000));
  const kinds = [0.5, 0.4, 0.1].map((part) => datasources * part);
  // No machine of it has an extension that is asked for, and that is asked too.
  const rows = [subscriptions, vaults, vaults * 3, items, ...kinds, 0];
  return rows.reduce((sum, one) => sum + pages(one), 0) + vaults + 1;
}

async function audit(size) {
  const store = scaledTenant(size);
  const fake = await startFakeAzure(store);
  const az = standInCli(fake.token, store.tenantId);
  const script = join(az.folder, 'measure.mjs');
  writeFileSync(
    script,
    `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('\\n' + JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 }) + '\\n');
});
await import(${JSON.stringify(program)});
`,
  );
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [script, 'audit', '--management-group', 'scale', '--endpoint', fake.origin, '--timeout', '1800', '-f', 'json'],
    { env: az.environment(fake.certificate.cert), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - started) / 1000;
  rmSync(script);
  az.remove();
  await fake.close();
  const last = errors.trim().split('\n').at(-1);
  if (!last.startsWith('{')) throw new Error(errors);
  if (status > 1) console.error(errors.slice(0, 2000));
  return {
    ...JSON.parse(last),
    graph: fake.counts.get('graph') ?? 0,
    rest: fake.counts.get('rest') ?? 0,
    seconds,
    status,
  };
}
