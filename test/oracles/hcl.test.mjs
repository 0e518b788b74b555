/**
 * HashiCorp's own HCL parser, compiled to WebAssembly (@cdktf/hcl2json), beside ours: which files are HCL and which are not.
 * On every file of the corpus, and on seeded mutants of one character, where it refuses much and we must refuse it too.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const corpus = join(root, '../shared/corpus');
const skip = existsSync(corpus) ? false : 'the corpus ../shared/corpus is not here';
if (skip) console.log(`skipped: ${skip}`);

/** Mutants that are judged; the numbers to hold are those of about as many. */
const mutantCount = 3000;
/** Files above this size are not mutated: the judge reads a megabyte a second. */
const mutatedBytes = 4000;

const scratch = mkdtempSync(join(tmpdir(), 'azure-backup-lint-hcl-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

let parseOurs;
let parseTheirs;

before(async () => {
  const esbuild = createRequire(join(root, 'package.json'))('esbuild');
  const outfile = join(scratch, 'hcl.mjs');
  const contents = `export { parseHcl } from './src/parse/hcl.ts'; export { Source } from './src/source/source.ts';`;
  await esbuild.build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const { parseHcl, Source } = await import(pathToFileURL(outfile).href);
  parseOurs = (text) => {
    const log = [];
    parseHcl(new Source('f.tf', text), log);
    return !log.some(({ severity }) => severity === 'error');
  };
  const { parse } = createRequire(import.meta.url)('@cdktf/hcl2json');
  parseTheirs = async (text) => {
    try {
      await parse('f.tf', text);
      return true;
    } catch {
      return false;
    }
  };
});

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (/\.(tf|tfvars)$/.test(entry.name)) yield path;
  }
}

/** Texts without the byte order mark, which the linter's reader takes off. */
const texts = () => [...filesBelow(corpus)].map((path) => readFileSync(path, 'utf8').replace(/^\ufeff/, ''));

/** Numbers between 0 and 1, the same ones every time (mulberry32). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = [
  '"',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '=',
  ',',
  '.',
  '\n',
  ' ',
  '$',
  '%',
  '#',
  '/',
  '*',
  '<',
  '-',
  '?',
  ':',
  'a',
  '0',
  '\\',
  '~',
  '!',
  '&',
  '|',
];

function mutant(text, random) {
  const at = Math.floor(random() * text.length);
  const letter = letters[Math.floor(random() * letters.length)];
  const kind = random();
  if (kind < 1 / 3) return text.slice(0, at) + text.slice(at + 1);
  return text.slice(0, at) + letter + text.slice(kind < 2 / 3 ? at : at + 1);
}

test('what is HCL and what is not, on the corpus', { skip }, async () => {
  const all = texts();
  assert.ok(all.length > 300, `only ${all.length} files`);
  const differing = [];
  for (const text of all) if (parseOurs(text) !== (await parseTheirs(text))) differing.push(text.slice(0, 200));
  assert.deepEqual(differing, []);
  console.log(`${all.length} files, all judged alike`);
});

test('what is HCL and what is not, on mutants of one character', { skip }, async () => {
  const random = seeded(20261126);
  const small = texts().filter((text) => text.length > 0 && text.length <= mutatedBytes);
  let refused = 0;
  const lenient = [];
  const strict = [];
  for (let i = 0; i < mutantCount; i++) {
    const text = mutant(small[Math.floor(random() * small.length)], random);
    const [ours, theirs] = [parseOurs(text), await parseTheirs(text)];
    if (!theirs) refused++;
    if (ours && !theirs) lenient.push(text);
    if (!ours && theirs) strict.push(text);
  }
  assert.ok(refused > mutantCount / 10, `only ${refused} mutants are refused`);
  console.log(`${mutantCount} mutants, ${refused} refused, ${lenient.length} accepted by us alone`);
  assert.deepEqual(strict, [], 'what we refuse is refused');
  assert.ok(
    lenient.length <= mutantCount * 0.002,
    `we accept what is refused:\n${lenient.slice(0, 5).join('\n---\n')}`,
  );
});
