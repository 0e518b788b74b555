/**
 * Start-up, as ratios to a bare `node -e 0` measured in pairs within this run, so that a slow or noisy machine does not matter.
 * Bounds: `--version` 1.3, one small file 2.0 (medians).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[2] ?? 25);
/** A Terraform file is linted with its whole folder, so it gets one of its own. */
const folder = mkdtempSync(join(tmpdir(), 'azure-backup-lint-'));
for (const name of ['fail.tf', 'fail.json'])
  copyFileSync(join(root, 'fixtures/vault-soft-delete-off', name), join(folder, name));
const cases = [
  ['--version', ['dist/cli.js', '--version'], 1.3],
  ['lint one Terraform file', ['dist/cli.js', 'lint', join(folder, 'fail.tf'), '--fail-on', 'never'], 2],
  ['lint one ARM template', ['dist/cli.js', 'lint', join(folder, 'fail.json'), '--fail-on', 'never'], 2],
];

function milliseconds(args) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

let failed = false;
for (const [name, args, bound] of cases) {
  const ratios = [];
  let [own, bare] = [0, 0];
  for (let i = 0; i < rounds; i++) {
    const base = milliseconds(['-e', '0']);
    const time = milliseconds(args);
    ratios.push(time / base);
    own += time;
    bare += base;
  }
  const ratio = median(ratios);
  failed ||= ratio > bound;
  console.log(
    `${name.padEnd(26)} ${ratio.toFixed(2)} x node -e 0  (bound ${bound}; ${(own / rounds).toFixed(0)} ms against ${(bare / rounds).toFixed(0)} ms)`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = failed ? 1 : 0;
