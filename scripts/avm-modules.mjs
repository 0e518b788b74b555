/**
 * Which public Azure Verified Modules for Bicep protect nothing -> rules/modules/bicep-harmless.json.
 * Takes a git folder of Azure/bicep-registry-modules with its tags. Looks at the compiled template of every published version, which
 * holds the modules that it deploys, those of the registry too. A module is listed with the versions up to the newest one,
 * counted back from it, in which no resource belongs to a backup service, may protect what it does not name, or is worth protecting.
 *
 *   node scripts/avm-modules.mjs <folder>
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = process.argv[2];
if (!repository) {
  console.error('usage: node scripts/avm-modules.mjs <git folder of Azure/bicep-registry-modules>');
  process.exit(2);
}

/** Namespaces or types, and all types below them. */
const excluded = [
  // Backup itself.
  'microsoft.recoveryservices',
  'microsoft.dataprotection',
  // What may protect things that it does not name, or runs what this repository does not hold.
  'microsoft.authorization/policyassignments',
  'microsoft.policyinsights/remediations',
  'microsoft.automanage',
  'microsoft.blueprint',
  'microsoft.automation/automationaccounts/runbooks',
  'microsoft.resources/deploymentscripts',
  'microsoft.resources/deploymentstacks',
  'microsoft.solutions/applications',
  // Datasources.
  'microsoft.compute/virtualmachines',
  'microsoft.compute/virtualmachinescalesets',
  'microsoft.compute/disks',
  'microsoft.storage/storageaccounts',
  'microsoft.dbforpostgresql',
  'microsoft.dbformysql',
  'microsoft.containerservice/managedclusters',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.elasticsan',
  'microsoft.sqlvirtualmachine',
  'microsoft.devtestlab/labs',
];

const git = (...args) => {
  const { status, stdout, stderr } = spawnSync('git', ['--git-dir', repository, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
};

const byNumber = (a, b) => {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
};

/** Versions by module. */
const published = new Map();
for (const tag of git('tag').split('\n')) {
  const [, module, version] = /^(avm\/(?:res|ptn|utl)\/.+)\/(\d+\.\d+\.\d+)$/.exec(tag) ?? [];
  if (!module) continue;
  if (!published.has(module)) published.set(module, []);
  published.get(module).push(version);
}

/** Why a compiled template is not harmless; undefined where it is. */
function faultOf(template) {
  const waiting = [template];
  while (waiting.length > 0) {
    const { resources = [], variables = {} } = waiting.pop();
    for (const resource of Array.isArray(resources) ? resources : Object.values(resources)) {
      if (resource.existing) continue;
      const type = String(resource.type ?? '')
        .split('@')[0]
        .toLowerCase();
      if (type === '' || type.startsWith('[')) return 'a type that is an expression';
      if (excluded.some((part) => type === part || type.startsWith(`${part}/`))) return type;
      if (resource.resources) waiting.push({ resources: resource.resources, variables });
      if (type !== 'microsoft.resources/deployments') continue;
      const written = resource.properties?.template;
      // A file that the compiler took in whole.
      const inner = variables[/^\[variables\('([^']+)'\)\]$/.exec(written)?.[1]] ?? written;
      if (typeof inner !== 'object' || inner === null) return 'a template that is not in it';
      waiting.push(inner);
    }
  }
  return undefined;
}

/** The blobs of many objects in one process, in order; undefined where there is none. */
async function* blobs(names) {
  const child = spawn('git', ['--git-dir', repository, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${names.join('\n')}\n`);
  let held = Buffer.alloc(0);
  const chunks = child.stdout[Symbol.asyncIterator]();
  const more = async () => {
    const { value, done } = await chunks.next();
    if (done) throw new Error('git ended too early');
    held = Buffer.concat([held, value]);
  };
  for (const _ of names) {
    while (!held.includes(10)) await more();
    const end = held.indexOf(10);
    const head = held.subarray(0, end).toString();
    held = held.subarray(end + 1);
    if (head.endsWith(' missing')) {
      yield undefined;
      continue;
    }
    const size = Number(head.split(' ').at(-1));
    const parts = [];
    let length = 0;
    while (held.length < size + 1 - length) {
      parts.push(held);
      length += held.length;
      held = Buffer.alloc(0);
      await more();
    }
    parts.push(held.subarray(0, size - length));
    held = held.subarray(size + 1 - length);
    yield Buffer.concat(parts).toString('utf8');
  }
}

const names = [...published].flatMap(([module, versions]) =>
  versions.map((version) => ({ module, version, object: `${module}/${version}:${module}/main.json` })),
);
const faults = new Map();
let at = 0;
for await (const text of blobs(names.map(({ object }) => `refs/tags/${object}`))) {
  const { module, version } = names[at++];
  const fault = text === undefined ? 'no compiled template' : faultOf(JSON.parse(text.replace(/^\uFEFF/, '')));
  if (fault !== undefined) faults.set(`${module}:${version}`, fault);
}

const modules = [];
for (const [module, versions] of [...published].sort(([a], [b]) => (a < b ? -1 : 1))) {
  versions.sort(byNumber);
  const last = versions.at(-1);
  const lastFault = versions.findLastIndex((version) => faults.has(`${module}:${version}`));
  if (process.argv.includes('--why') && lastFault >= 0)
    console.error(module, versions[lastFault], faults.get(`${module}:${versions[lastFault]}`), `of ${last}`);
  const harmless = versions.slice(lastFault + 1);
  if (harmless.length > 0) modules.push({ module, from: harmless[0], to: last, count: harmless.length });
}

const commit = git('rev-parse', 'HEAD').trim().slice(0, 10);
const address = (module) => `br:mcr.microsoft.com/bicep/${module}`;
/** A resource module deploys the resource in its name and what extends it, in whatever version; a pattern may do more in the next one. */
const isForAll = ({ module, from }) => module.startsWith('avm/ptn/') === false && from === published.get(module)[0];
const always = modules.filter(isForAll);
const text = {
  $schema: '../schema/modules.schema.json',
  about:
    'Public Azure Verified Modules for Bicep that protect nothing and make nothing that is worth protecting: a call of one hides nothing. Made by scripts/avm-modules.mjs.',
  modules: [
    {
      sources: always.map(({ module }) => address(module)),
      makes: [],
      versions: 'A resource module (avm/res) deploys the resource in its name and what extends it, avm/utl nothing.',
      evidence: [
        `Azure/bicep-registry-modules ${commit}: the compiled templates at all ${always.reduce((sum, { count }) => sum + count, 0)} tags of these modules, nested modules included`,
      ],
    },
    ...modules
      .filter((one) => !isForAll(one))
      .map(({ module, from, to, count }) => ({
        sources: [address(module)],
        makes: [],
        checked: { from, to },
        evidence: [
          `Azure/bicep-registry-modules ${commit}: the compiled template at ${count === 1 ? 'the tag' : `all ${count} tags`} of that range, nested modules included`,
        ],
      })),
  ],
};
writeFileSync(
  fileURLToPath(new URL('../rules/modules/bicep-harmless.json', import.meta.url)),
  `${JSON.stringify(text, null, 2)}\n`,
);
console.log(`${modules.length} of ${published.size} modules, ${names.length} versions`);
