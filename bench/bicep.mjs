/**
 * Bicep: how fast it is parsed, and how fast a whole folder is read, evaluated and judged: its Bicep, and the templates that were
 * compiled from it, which are left out beside it and so are linted in a folder of their own.
 * Bounds, on one core of a machine that parses JSON at 100 MB/s or more: 10 MB/s for the parser alone, 3 MB/s for all text.
 * Both are measured against JSON.parse in the same run, so that a slow machine does not fail them.
 *
 *   node bench/bicep.mjs [FOLDER]
 *
 * FOLDER holds Bicep files; without it the shared corpus is taken, and where that is not there nothing is measured.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, '../shared/corpus/bicep'));
if (!existsSync(folder)) {
  console.log(`bicep: ${folder} is not there, so nothing is measured`);
  process.exit(0);
}
const program = process.env.PROGRAM ?? join(root, 'dist/cli.js');
const { parseBicep, Source } = await parser();

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.bicep'))
  .map(({ parentPath, name }) => new Source(name, readFileSync(join(parentPath, name), 'utf8').replace(/^\uFEFF/, '')));
const megabytes = files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0) / 1e6;

const json = JSON.stringify(files.map((file) => file.text.split(/\s+/)));
const jsonRate = json.length / 1e6 / best(5, () => JSON.parse(json));
const parseRate =
  megabytes /
  best(5, () => {
    for (const file of files) parseBicep(file, []);
  });

const base = run(root, ['--version']);
const linting = ['lint', '.', '--fail-on', 'never', '-f', 'json'];
const whole = run(folder, linting);
const wholeSeconds = whole.seconds - base.seconds;
const apart = mkdtempSync(join(tmpdir(), 'azure-backup-lint-'));
let compiledMegabytes = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.json$/.test(entry.name) || !existsSync(path.replace(/\.json$/, '.bicep'))) continue;
  const copy = join(apart, relative(folder, path));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(path, copy);
  compiledMegabytes += statSync(path).size / 1e6;
}
const compiled = compiledMegabytes > 0 ? run(apart, linting) : undefined;
rmSync(apart, { recursive: true });
const compiledSeconds = compiled ? compiled.seconds - base.seconds : 0;
const wholeRate = (megabytes + compiledMegabytes) / (wholeSeconds + compiledSeconds);

console.log(`${files.length} Bicep files, ${megabytes.toFixed(1)} MB; JSON.parse here: ${jsonRate.toFixed(0)} MB/s`);
console.log(`parsed at ${parseRate.toFixed(1)} MB/s (bound 10)`);
console.log(`linted at ${wholeRate.toFixed(1)} MB/s (bound 3)`);
tell('the folder', megabytes, 'Bicep', wholeSeconds, whole);
if (compiled) tell('what was compiled from it', compiledMegabytes, 'JSON', compiledSeconds, compiled);
const slow = Math.min(1, jsonRate / 100);
process.exitCode = parseRate < 10 * slow || wholeRate < 3 * slow ? 1 : 0;

function tell(what, size, language, seconds, { megabytes: memory, files: count, resources }) {
  console.log(
    `  ${what}: ${size.toFixed(1)} MB of ${language} in ${seconds.toFixed(1)} s of CPU (${(size / seconds).toFixed(1)} MB/s), ` +
      `${memory.toFixed(0)} MB at most, ${count} files, ${resources} resources`,
  );
}

/** Seconds of the fastest round. */
function best(rounds, work) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

function run(cwd, args) {
  const script = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('\\n' + JSON.stringify([(userCPUTime + systemCPUTime) / 1e6, maxRSS / 1024]));
});
process.argv.splice(1, 0, 'cli');
await import(${JSON.stringify(program)});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const [seconds, memory] = JSON.parse(stderr.trim().split('\n').at(-1));
  const summary = stdout.startsWith('{') ? JSON.parse(stdout).summary : {};
  return { seconds, megabytes: memory, files: summary.files, resources: summary.resources };
}

/** The parser as it is bundled. */
async function parser() {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { parseBicep } from './src/parse/bicep.ts'; export { Source } from './src/source/source.ts';",
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
