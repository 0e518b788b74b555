/**
 * Bicep files against the templates that the official compiler made of them: both give the same resources.
 *
 *   node test/bicep-pairs.mjs FOLDER [--unknown] [--only PART] [--verbose]
 *
 * FOLDER holds clones (any depth). Nothing of them is committed; get them with `git clone https://github.com/Azure/bicep`,
 * `git clone https://github.com/Azure/bicep-registry-modules` and `git clone https://github.com/Azure/azure-quickstart-templates`.
 * Modules of a registry are taken out of the compiled template. Every parameter has its default; with --unknown none is known, so
 * that no condition is decided. What is known to differ stands in bicep-pairs.stale.json, each with its reason.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const args = process.argv.slice(2);
const folder = args.find((arg) => !arg.startsWith('--') && args[args.indexOf(arg) - 1] !== '--only');
if (!folder) {
  console.error('usage: node test/bicep-pairs.mjs FOLDER [--unknown] [--only PART] [--verbose]');
  process.exit(2);
}
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : '';
const unknownParameters = args.includes('--unknown');
const verbose = args.includes('--verbose');
const here = dirname(fileURLToPath(import.meta.url));
const stale = JSON.parse(readFileSync(join(here, 'bicep-pairs.stale.json'), 'utf8'));
const root = resolve(folder);
const temporary = mkdtempSync(join(tmpdir(), 'bicep-pairs-'));
const { compareResources, harvestModules, leavesOutExisting, readBicep, readTemplate } = await program();

const groups = new Map();
const differing = [];
const known = [];

try {
  for (const pair of pairs()) compare(pair);
} finally {
  rmSync(temporary, { recursive: true });
}

for (const { name, reason, differences } of known)
  console.log(`known to differ: ${name} (${differences.length}): ${reason}`);
for (const { name, differences, notes } of differing) {
  console.log(`\n${name}: ${differences.length} differences`);
  for (const note of notes.slice(0, 3)) console.log(`  note: ${note}`);
  for (const { resource, path, left, right } of differences.slice(0, verbose ? 100 : 5))
    console.log(`  ${resource} ${path}\n    bicep: ${left}\n    json:  ${right}`);
}
console.log();
for (const [group, total] of groups)
  console.log(
    `${group}: ${total.equalPairs} of ${total.pairs} pairs equal (${total.known} more known to differ), ` +
      `${total.equal} of ${total.resources} resources; backup: ${total.backupEqual} of ${total.backup}`,
  );
process.exitCode = differing.length === 0 && groups.size > 0 ? 0 : 1;

/** A template that a compiler wrote, beside the Bicep file of the same name or as a quickstart's azuredeploy.json. */
function* pairs() {
  const baseline = /\/baselines(?:_bicepparam)?\/.*\/[^/]+\.[a-zA-Z-]+\.bicep$/;
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = name.replaceAll('\\', '/');
    if (!file.endsWith('.bicep') || !file.includes(only) || baseline.test(`/${file}`)) continue;
    if (/\/Invalid[^/]*\//.test(`/${file}`)) continue;
    const bicep = join(root, name);
    if (!statSync(bicep).isFile()) continue;
    const stem = basename(bicep, '.bicep');
    const deployed = `${stem.replace(/(^|\.)main$/, '$1azuredeploy')}.json`;
    for (const other of new Set([`${stem}.json`, `${stem}.symbolicnames.json`, deployed])) {
      const arm = join(dirname(bicep), other);
      if (!existsSync(arm)) continue;
      const json = parsed(arm);
      if (json?.metadata?._generator?.name === 'bicep') yield { bicep, arm, json, name: `${file} ${other}`, other };
    }
  }
}

function parsed(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function compare({ bicep, arm, json, name, other }) {
  const home = mkdtempSync(join(temporary, 'home-'));
  const options = { root, home, unknownParameters };
  const group = `${/^[^/]*/.exec(name)[0]}${/symbolicnames/.test(other) ? ' (symbolic names)' : ''}`;
  if (!groups.has(group))
    groups.set(group, { pairs: 0, equalPairs: 0, known: 0, resources: 0, equal: 0, backup: 0, backupEqual: 0 });
  const total = groups.get(group);
  const missing = harvestModules({ bicep, arm }, home, root);
  let result;
  let notes = missing.map((reference) => `no template for ${reference}`);
  try {
    const left = readBicep({ bicep, arm }, options);
    const right = readTemplate({ arm }, options);
    result = compareResources(left.configuration, right.configuration, { existingOptional: leavesOutExisting(json) });
    notes = [...notes, ...left.log.map(({ code, message }) => `${code}: ${message}`)];
  } catch (error) {
    const text = String(error?.stack ?? error).slice(0, 500);
    const crash = { resource: 'crash', path: '', left: text, right: '' };
    result = { resources: 0, equal: 0, backup: { resources: 0, equal: 0 }, differences: [crash] };
  }
  rmSync(home, { recursive: true });
  const { resources, equal, backup, differences } = result;
  const listed = Object.entries(stale).find(([path]) => name.endsWith(path))?.[1];
  // Where places are named, a difference elsewhere is not known.
  const explained = ({ resource, path }) =>
    !listed?.at || listed.at.some((place) => `${resource.split(' ')[0]} ${path}`.startsWith(place));
  total.pairs++;
  total.resources += resources;
  total.equal += equal;
  total.backup += backup.resources;
  total.backupEqual += backup.equal;
  if (differences.length === 0) total.equalPairs++;
  else if (listed && differences.every(explained)) {
    total.known++;
    known.push({ name, reason: listed.because, differences });
  } else differing.push({ name, differences, notes });
}

/** The program is TypeScript; it is bundled into a file of its own, whose places are those of the sources. */
async function program() {
  const contents = ['resources-equal', 'bicep-pair'].map((module) => `export * from './${module}.ts';`).join('\n');
  const outfile = join(temporary, 'program.mjs');
  await build({
    stdin: { contents, resolveDir: here, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}
