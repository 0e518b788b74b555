/**
 * The Bicep parser against public repositories: every valid .bicep and .bicepparam file parses without an error; in a clone
 * of Azure/bicep also the places of all tokens equal the compiler's baselines, and its files with syntax errors give
 * located diagnostics.
 *
 *   node test/bicep-repositories.mjs FOLDER
 *
 * FOLDER holds clones (any depth). Nothing of them is committed; get them with
 * `git clone https://github.com/Azure/bicep` and `git clone https://github.com/Azure/bicep-registry-modules`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node test/bicep-repositories.mjs FOLDER');
  process.exit(2);
}
const { lexBicep, parseBicep, Source, Token } = await program();

/** Files beside a sample that the compiler's tests write: main.tokens.bicep, main.pprint.bicep, ... */
const baseline = /\/baselines(?:_bicepparam)?\/.*\/[^/]+\.[a-zA-Z-]+\.bicep(?:param)?$/;
/** Deliberate errors. */
const notValid = /\/(?:Invalid[^/]*|bad|fail)(?:\/|\.bicep)/i;
/** What the decompiler writes where it knows no type; it is a question to the reader, not Bicep. */
const placeholder = '/* TODO: fill in correct type */';
/** The codes that the compiler's parser and lexer give, as opposed to its type checker. */
const syntaxCodes = new Set(
  (
    '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 64 68 87 96 97 103 117 118 123 133 136 140 162 167 ' +
    '201 202 236 237 238 243 249 257 266 279 300 305 317 322 325 344 346 347 354 355 356 375 404 436'
  )
    .split(' ')
    .map((code) => `BCP${code.padStart(3, '0')}`),
);

const count = { valid: 0, characters: 0, milliseconds: 0, tokenFiles: 0, tokens: 0, invalid: 0, lines: 0, agreed: 0 };
const wrong = [];

for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
  const path = join(folder, name);
  const file = name.replaceAll('\\', '/');
  if (!/\.bicep(?:param)?$/.test(file) || baseline.test(file) || !statSync(path).isFile()) continue;
  const source = new Source(file, read(path));
  const beside = (kind) => join(dirname(path), `${basename(path, '.bicep')}.${kind}.bicep`);
  if (existsSync(beside('tokens'))) tokens(source, read(beside('tokens')), /(?:^|\/)Invalid/.test(file));
  if (/(?:^|\/)Invalid/.test(file) && existsSync(beside('diagnostics'))) invalid(source, read(beside('diagnostics')));
  else if (!notValid.test(`/${file}`) && !source.text.includes(placeholder)) valid(source);
}

const rate = count.milliseconds === 0 ? 0 : count.characters / 1000 / count.milliseconds;
console.log(`valid files: ${count.valid}, ${(count.characters / 1e6).toFixed(1)} MB, ${rate.toFixed(1)} MB/s`);
console.log(`token baselines: ${count.tokens} tokens in ${count.tokenFiles} files`);
console.log(
  `files with errors: ${count.invalid}; of ${count.lines} lines with a syntax error of the compiler we tell ${count.agreed}`,
);
for (const line of wrong.slice(0, 50)) console.error(line);
console.log(wrong.length === 0 ? 'all agree' : `${wrong.length} differences`);
process.exitCode = wrong.length === 0 && count.valid > 0 ? 0 : 1;

function valid(source) {
  const log = [];
  const before = performance.now();
  parseBicep(source, log);
  count.milliseconds += performance.now() - before;
  count.valid++;
  count.characters += source.text.length;
  for (const diagnostic of log) wrong.push(told(source, diagnostic));
}

/** Lines of a baseline: the text, and behind every line `//@[start:end) Kind |text|` for the tokens that start on it. */
function tokens(source, text, withErrors) {
  const expected = [];
  let line = 0;
  for (const row of text.split(/\r?\n/)) {
    const match = /^\/\/@\[(\d+):(\d+)\) (\w+) \|/.exec(row);
    if (!match) line++;
    else
      expected.push({
        line,
        column: Number(match[1]) + 1,
        length: Number(match[2]) - Number(match[1]),
        kind: match[3],
      });
  }
  const { kinds, starts, ends, count: found } = lexBicep(source);
  const ours = [];
  for (let i = 0; i < found; i++) {
    const { line: at, column } = source.position(starts[i]);
    ours.push({ line: at, column, length: ends[i] - starts[i], newline: kinds[i] === Token.newline });
  }
  // A run of blank lines with comments is one token of ours and several of the compiler's.
  const theirs = expected.filter(({ kind }, i) => kind !== 'NewLine' || expected[i - 1]?.kind !== 'NewLine');
  count.tokenFiles++;
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const a = ours[i];
    const b = theirs[i];
    const same =
      a &&
      b &&
      a.line === b.line &&
      a.column === b.column &&
      a.newline === (b.kind === 'NewLine') &&
      (a.newline || a.length === b.length);
    if (same) continue;
    if (!withErrors)
      wrong.push(`${source.file}: token ${i} ${JSON.stringify(a)}, the compiler has ${JSON.stringify(b)}`);
    return;
  }
  count.tokens += expected.length;
}

function invalid(source, text) {
  const expected = new Set();
  let line = 0;
  for (const row of text.split(/\r?\n/)) {
    const match = /^\/\/@\[\d+:\d+\) \[(BCP\d+) \(Error\)\]/.exec(row);
    if (match) {
      if (syntaxCodes.has(match[1])) expected.add(line);
    } else if (!row.startsWith('//@[')) line++;
  }
  const log = [];
  parseBicep(source, log);
  count.invalid++;
  if (expected.size > 0 !== log.length > 0) {
    wrong.push(`${source.file}: the compiler has syntax errors on ${expected.size} lines, we tell ${log.length}`);
    for (const diagnostic of log.slice(0, 3)) wrong.push(told(source, diagnostic));
  }
  const last = log.find((diagnostic) => diagnostic.code === 'bicep-too-many-errors')?.at.start ?? source.text.length;
  const end = source.position(last).line;
  const ours = new Set(log.map((diagnostic) => source.position(diagnostic.at.start).line));
  for (const { code, at } of log)
    if (at.start > at.end || at.end > source.text.length) wrong.push(`${source.file}: ${code} has no place`);
  for (const at of expected) {
    if (at > end) continue;
    count.lines++;
    if (ours.has(at)) count.agreed++;
    else if (process.env.VERBOSE) console.log(`${source.file}:${at} only the compiler: ${source.line(at)}`);
  }
  if (process.env.VERBOSE)
    for (const diagnostic of log)
      if (!expected.has(source.position(diagnostic.at.start).line)) console.log(`only we: ${told(source, diagnostic)}`);
}

function told(source, { code, message, at }) {
  const { line, column } = source.position(at.start);
  return `${source.file}:${line}:${column} ${code}: ${message} | ${source.line(line).trim().slice(0, 80)}`;
}

function read(path) {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}

/** The parser is TypeScript; it is bundled in memory. */
async function program() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const contents = ['source/source', 'parse/bicep-lexer', 'parse/bicep']
    .map((module) => `export * from './src/${module}.ts';`)
    .join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
