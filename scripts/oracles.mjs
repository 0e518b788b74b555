/** `npm run test:oracles`: judges that we did not write look at the built program's output. Installs them where that is due. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}test/oracles/`;

if (!existsSync(`${root}dist/cli.js`)) {
  console.error('dist/cli.js is missing; run `npm run build` first.');
  process.exit(1);
}
if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'], folder);
const tests = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'));
run(process.execPath, ['--test', ...tests.sort().map((name) => `test/oracles/${name}`)], root);

/** npm notes in node_modules what it installed; packages for other systems are in our lockfile only. */
function isInstalled() {
  const installed = `${folder}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(`${folder}package-lock.json`);
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, { version, optional, os, cpu }]) => {
    if (path === '') return true;
    if (present[path] && existsSync(folder + path)) return present[path].version === version;
    const isForOthers = (os && !os.includes(process.platform)) || (cpu && !cpu.includes(process.arch));
    return optional === true && isForOthers === true;
  });
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

function run(command, args, cwd) {
  // On Windows npm is a script, which only a shell starts.
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
