/**
 * `npm test`: everything that must hold, in the order that tells most in least time. Ends with one line of totals.
 * Generated files and the bundle must be fresh: they are built again and compared with what was there.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const totals = { passed: 0, failed: 0, skipped: 0 };

step('generated files are fresh', () => {
  const before = snapshot();
  const result = run('node', ['scripts/build.mjs']);
  const after = snapshot();
  const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  if (stale.length > 0) console.error(`Out of date, run \`npm run build\` and commit: ${stale.join(', ')}`);
  return result.ok && stale.length === 0;
});
step('types', () => run('npx', ['tsc', '--noEmit']).ok);
step('lint and format', () => run('npx', ['biome', 'check', '.']).ok);
suite('tests', 'npx', ['vitest', 'run'], /^totals: (\d+) passed, (\d+) failed, (\d+) skipped/m);
suite('oracles', 'node', ['scripts/oracles.mjs'], undefined);
step('the main job', () => {
  const { status, output } = run('node', ['dist/cli.js', 'lint', 'fixtures/estate'], true);
  // The estate has mistakes, so it must not pass.
  return status === 1 && /\d+ errors/.test(output);
});

console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

function step(name, check) {
  console.log(`\n== ${name}`);
  const ok = check();
  totals[ok ? 'passed' : 'failed']++;
  if (!ok) console.error(`FAILED: ${name}`);
}

/** A runner that counts its own tests; without counts it is one test. */
function suite(name, command, args, counts) {
  console.log(`\n== ${name}`);
  const { ok, output } = run(command, args, true);
  const match = counts ? counts.exec(output) : nodeCounts(output);
  if (match) {
    totals.passed += Number(match[1]);
    totals.failed += Number(match[2]);
    totals.skipped += Number(match[3]);
    if (!ok && Number(match[2]) === 0) totals.failed++;
  } else totals[ok ? 'passed' : 'failed']++;
  if (!ok) console.error(`FAILED: ${name}`);
}

function nodeCounts(output) {
  const of = (word) => /\d+/.exec(new RegExp(`^[#ℹ] ${word} (\\d+)`, 'm').exec(output)?.[0] ?? '')?.[0];
  return of('pass') === undefined ? undefined : ['', of('pass'), of('fail'), of('skipped')];
}

function run(command, args, show = false) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
  });
  const output = `${result.stdout}${result.stderr}`;
  if (show || result.status !== 0) process.stdout.write(output);
  return { ok: result.status === 0, status: result.status, output };
}

/** Content of everything that the build writes, by path. */
function snapshot() {
  const files = new Map();
  const add = (folder, wanted) => {
    try {
      for (const name of readdirSync(root + folder))
        if (wanted(name)) files.set(`${folder}/${name}`, readFileSync(`${root}${folder}/${name}`, 'utf8'));
    } catch {
      // Not there before the first build.
    }
  };
  add('dist', () => true);
  add('src', (name) => name.includes('.generated.'));
  add('src/check', (name) => name.endsWith('.generated.ts'));
  add('docs/rules', () => true);
  add('docs/ja/rules', () => true);
  add('docs/solutions', () => true);
  add('docs/ja/solutions', () => true);
  add('docs', (name) => name.endsWith('.svg'));
  add('man', () => true);
  return files;
}
