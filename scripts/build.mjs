/** Generates what is generated and bundles the program into dist/, which is committed so that a hook runs from a clone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { pages } from './pages.mjs';
import { bodyLines, generated } from './rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const [path, text] of Object.entries(generated())) {
  const file = join(root, path);
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // The first build.
  }
  if (before !== text) writeFileSync(file, text);
}

// While rules are written, the program need not be bundled.
if (process.argv.includes('--rules')) process.exit(0);

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// A build that fails leaves the last one.
const outdir = `node_modules/.dist-${process.pid}`;
mkdirSync(join(root, outdir));
process.on('exit', () => rmSync(join(root, outdir), { recursive: true, force: true }));
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};
/** Folders of the packages that are bundled. */
const bundled = new Set();
async function bundle(options) {
  const result = await build(options);
  for (const input of Object.keys(result.metafile.inputs)) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder) bundled.add(folder);
  }
  return result;
}
/** Data that is seldom needed is loaded on demand, from files of their own. */
const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve(
      { filter: /(?:examples|texts|sentences|matrix|limits|config-schema|rule-schema)\.generated\.m?[jt]s$/ },
      ({ kind, path }) =>
        kind === 'dynamic-import'
          ? { path: `./${/([\w-]+)\.generated/.exec(path)[1]}.cjs`, external: true }
          : undefined,
    );
  },
};
/** A file of data is read much faster than a source of its size is. */
const dataFile = {
  name: 'data-file',
  setup({ onLoad }) {
    onLoad({ filter: /bodies\.generated\.ts$/ }, () => ({
      loader: 'js',
      resolveDir: root,
      contents:
        "import { readFileSync } from 'node:fs'; import { dirname, join } from 'node:path';" +
        'let bytes, ends;' +
        'export function bodyText(i) {' +
        "  if (!bytes) { bytes = readFileSync(join(dirname(import.meta.url), 'rules.txt')); ends = [-1];" +
        '    for (let at = 0; (at = bytes.indexOf(10, at)) !== -1; at++) ends.push(at); ends.push(bytes.length); }' +
        "  const line = i < 0 ? ends.length - 1 + i : i; return bytes.toString('utf8', ends[line] + 1, ends[line + 1]); }",
    }));
  },
};
/** commander needs it for commands that are programs of their own, which there are none. */
const withoutProcesses = {
  name: 'without-processes',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};
const esm = {
  ...shared,
  format: 'esm',
  outdir,
  define: { __VERSION__: JSON.stringify(version) },
};
// The first file answers `--version` alone; the library is a door to the same program.
await bundle({ ...esm, entryPoints: { cli: 'src/cli.ts', library: 'src/library.ts' } });
for (const name of ['library', 'public']) {
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(join(root, `src/${name}.ts`), 'utf8'), {
    fileName: `${name}.ts`,
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true },
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, { getNewLine: () => '\n' }));
  writeFileSync(join(root, outdir, `${name}.d.ts`), outputText.replaceAll("'./public.ts'", "'./public.js'"));
}
/**
 * In parts, so that a run reads only what it needs. Parts are made as ES modules, which alone can be split, and then turned into
 * CommonJS, which starts sooner.
 */
const { outputFiles } = await bundle({
  ...shared,
  entryPoints: { main: 'src/main.ts' },
  outdir,
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[hash]',
  write: false,
  define: {
    'import.meta.url': '__filename',
    __VERSION__: JSON.stringify(version),
    __REGEX__: '"./regex.cjs"',
    __YAML__: '"./yaml.cjs"',
  },
  plugins: [onDemand, dataFile, withoutProcesses],
});
for (const { path, text } of outputFiles) {
  const { code } = await transform(bound(text), {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
  });
  writeFileSync(path.replace(/\.js$/, '.cjs'), code);
}
/** The GitHub Action runs the same program. */
const sameProgram = {
  name: 'same-program',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './main.cjs', external: true }));
  },
};
await bundle({
  ...shared,
  entryPoints: { action: 'src/action-start.ts' },
  outdir,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': '__filename', __VERSION__: JSON.stringify(version) },
  plugins: [sameProgram],
});
writeFileSync(join(root, outdir, 'rules.txt'), bodyLines().join('\n'));
await bundle({
  ...shared,
  entryPoints: {
    examples: 'src/check/examples.generated.ts',
    texts: 'src/check/texts.generated.ts',
    sentences: 'src/sentences.generated.ts',
    matrix: 'src/check/matrix.generated.ts',
    limits: 'src/check/limits.generated.ts',
    'config-schema': 'src/config-schema.generated.mjs',
    'rule-schema': 'src/rule-schema.generated.mjs',
    regex: 're2js',
    yaml: 'yaml',
  },
  outdir,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});

writeFileSync(join(root, outdir, 'THIRD-PARTY-NOTICES.txt'), notices());
rmSync(join(root, 'dist'), { recursive: true, force: true });
renameSync(join(root, outdir), join(root, 'dist'));
for (const folder of ['docs/rules', 'docs/ja/rules', 'docs/solutions', 'docs/ja/solutions']) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
}
for (const [path, text] of Object.entries(await pages())) writeFileSync(join(root, path), text);
mkdirSync(join(root, 'man'), { recursive: true });
writeFileSync(
  join(root, 'man/azure-backup-lint.1'),
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'man']),
);
const { picture } = await import('./picture.mjs');
writeFileSync(join(root, 'docs/picture.svg'), picture());

/**
 * A part whose names from other parts are constants of its own: the engine calls them as such, where those of an ES module turned
 * into CommonJS are looked up by two functions at each use. Parts are never in a circle, since a module shares its part only with
 * those that the same entries reach, and no module of ours assigns what it exports.
 */
function bound(part) {
  return part
    .replaceAll(/(["'])\.\/((?:part-[A-Z0-9]+|[\w-]+-[A-Z0-9]{8}))\.js\1/g, '"./$2.cjs"')
    .replaceAll(
      /\bimport\{([\w$, ]+)\}from("\.\/[\w-]+\.cjs");/g,
      (_, names, from) => `const{${renamed(names, false)}}=require(${from});`,
    )
    .replace(/\bexport\{([\w$, ]+)\};\s*$/, (_, names) => `module.exports={${renamed(names, true)}};`);
}

/** `a as b` of a list of imports -> `a:b`, of exports -> `b:a`. */
function renamed(names, isExport) {
  const pairs = names.split(',').map((each) => each.trim().split(' as '));
  return pairs.map(([from, to = from]) => (isExport ? `${to}:${from}` : `${from}:${to}`)).join(',');
}

/** The licences of what is bundled, which ask to go with it. */
function notices() {
  const packages = [...bundled].map((folder) => {
    const { name, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(entry));
    if (!license && !file) throw new Error(`${name} does not say its licence.`);
    const text = file
      ? readFileSync(join(root, folder, file), 'utf8')
          .replaceAll('\r\n', '\n')
          .trim()
      : '';
    return { name, text: `${name}: ${license}\n\n${text}`.trim() };
  });
  const unique = new Map(packages.map(({ name, text }) => [name, text]));
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `azure-backup-lint contains these packages.\n\n${sorted.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
