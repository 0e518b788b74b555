/**
 * `npm run mutate [CODE...]`: changes what rules and the matrix say, one thing at a time, and lists the changes that nothing notices.
 * A rule's fixtures must notice each change of its conditions (and of a limit that it reads: every rule that reads it, for itself);
 * the page of a solution must show each change of what the matrix only shows. What is written in mutate-rules.explained.json survives
 * for a reason. Ends with 1 where something survives without a reason, or a reason explains nothing any more.
 *
 * Fixtures are evaluated once; a changed rule is then only judged again on their models. What counts as noticed is what
 * test/views.test.ts compares (the checks that fail for a view), and test/fixtures.test.ts: places, messages and related places of findings, and for unknown.* whether the rule cannot tell.
 * The texts of rules keep the numbers that are right: that a message prints another number proves nothing about the comparison.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { mutantsOfData, mutantsOfRule, vocabularyOf } from './mutants.mjs';
import { compileRules, compileSolutions, ruleFiles } from './rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const explained = JSON.parse(readFileSync(join(root, 'scripts/mutate-rules.explained.json'), 'utf8'));

/** The matrix is read from here instead of its generated file, so that it can be shown with a change. */
const changingMatrix = {
  name: 'changing-matrix',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /matrix\.generated\.ts$|^shown-matrix$/ }, () => ({ path: 'matrix', namespace: 'shown' }));
    onLoad({ filter: /.*/, namespace: 'shown' }, () => ({
      contents:
        'export let matrixData = ""; export const show = (solutions) => { matrixData = JSON.stringify(solutions); };',
    }));
  },
};

const totals = { mutants: 0 };
const program = await load();
const allRules = compileRules();
const codes = new Set(allRules.map(({ code }) => code));
const rules = allRules.filter(({ code }) => wanted.length === 0 || wanted.includes(code));
const missing = wanted.filter((code) => !rules.some((rule) => rule.code === code));
if (missing.length > 0) {
  console.error(`There is no rule ${missing.join(', ')}.`);
  process.exit(2);
}
const survivors = [...(await ofRules()), ...(wanted.length === 0 ? await ofMatrix() : [])];
process.exitCode = report(survivors);

/** Changes of rules that their own fixtures do not notice. */
async function ofRules() {
  const written = new Map(
    ruleFiles().map((path) => {
      const rule = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return [rule.code, rule];
    }),
  );
  const all = new Map(program.fixtures().map((fixture) => [`${fixture.code}/${fixture.name}`, fixture]));
  const cases = program.viewCases();
  const survived = [];
  for (const rule of rules) {
    const own = [...all.values()].filter(({ code }) => code === rule.code);
    const runs = [];
    for (const fixture of own) runs.push(await runOf(fixture));
    for (const path of silentAbout(rule.code)) runs.push(await runOf({ ...all.get(path), kind: 'pass' }));
    for (const run of runs) run.expected = outcome(run, rule);
    const views = cases
      .filter(({ code }) => code === rule.code)
      .map((one) => ({ ...one, expected: `${program.failing(rule, one.view)}` }));
    const languages = new Set(own.map(({ language }) => language));
    for (const { mutant, rule: changed } of mutantsOfRule(rule, written.get(rule.code), languages)) {
      totals.mutants++;
      if (views.some((one) => `${program.failing(changed, one.view)}` !== one.expected)) continue;
      const at = runs.findIndex((run) => outcome(run, changed) !== run.expected);
      if (at === -1) survived.push({ of: rule.code, mutant });
      // The fixture that notices this will often notice the next.
      else if (at > 0) runs.unshift(...runs.splice(at, 1));
    }
  }
  return survived;
}

/** Fixtures of other rules that test/look-alikes.test.ts shows the rule: `CODE/NAME`. */
function silentAbout(code) {
  const path = join(root, 'fixtures', code, 'look-alikes.json');
  if (!existsSync(path)) return [];
  const places = Object.values(JSON.parse(readFileSync(path, 'utf8'))).filter(Array.isArray);
  return new Set(places.flat().filter((name) => name.includes('/')));
}

/** A fixture up to its models; a recording of an audit has no comments. */
async function runOf(fixture) {
  const io = program.fixtureIo(fixture);
  const options = await program.optionsIn(io);
  const isLive = fixture.language === 'live';
  const { models, files } = isLive
    ? { models: await program.modelsOf(fixture), files: [] }
    : await program.readModels(options, io);
  const suppressions = files.flatMap((file) => program.suppressionsIn(file, codes, []));
  return {
    kind: fixture.kind,
    targets: [...models.flatMap(({ entities }) => entities), ...program.suppressionTargets(suppressions, io.today)],
    isWaived: (target) => target.resource.language !== undefined && program.isWaived(options.waivers, target, io.today),
  };
}

/** What the test of a fixture compares. */
function outcome({ kind, targets, isWaived }, rule) {
  const { findings, undetermined } = program.check(targets, [{ rule, severity: rule.severity }], 'en', isWaived);
  return `${kind === 'unknown' && undetermined.length > 0}\n${program.render(findings)}`;
}

/** Changes of the matrix that no page of a solution shows. */
async function ofMatrix() {
  const solutions = compileSolutions();
  const vocabulary = vocabularyOf(solutions);
  const survived = [];
  const page = async (solution) => {
    program.show([solution]);
    try {
      return await program.showMatrix('markdown', 'en', solution.id);
    } catch (error) {
      // A word that has no name cannot be shown at all.
      return String(error);
    }
  };
  for (const solution of solutions) {
    const expected = await page(solution);
    for (const { mutant, solution: changed } of mutantsOfData(solution, vocabulary)) {
      totals.mutants++;
      if ((await page(changed)) === expected) survived.push({ of: solution.id, mutant });
    }
  }
  return survived;
}

/** In the name of a mutant a `*` stands for anything. */
function explains(pattern, mutant) {
  const literal = pattern.split('*').map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's').test(mutant);
}

/** The program and the fixtures of its tests, from source. */
async function load() {
  const outfile = join(tmpdir(), `mutate-rules-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: `
        export { check } from './src/check/check.ts';
        export { suppressionsIn, suppressionTargets } from './src/check/suppress.ts';
        export { readModels } from './src/lint.ts';
        export { showMatrix } from './src/matrix.ts';
        export { isWaived } from './src/model/waiver.ts';
        export { fixtureIo, fixtures, modelsOf, optionsIn, render } from './test/fixture.ts';
        export { failing, viewCases } from './test/views.ts';
        export { show } from 'shown-matrix';`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'test/fixture.ts')).href),
    },
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(process.argv[1]);" },
    plugins: [changingMatrix],
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return loaded;
}

function report(found) {
  const reasons = explained.flatMap(({ mutants }) =>
    Object.entries(mutants).flatMap(([of, patterns]) => patterns.map((pattern) => ({ of, pattern, uses: 0 }))),
  );
  let unexplained = 0;
  for (const { of, mutant } of found) {
    const reason = reasons.find((one) => one.of === of && explains(one.pattern, mutant));
    if (reason) reason.uses++;
    else {
      unexplained++;
      console.log(`${of}: ${mutant}`);
    }
  }
  const idle = reasons.filter(({ of, uses }) => uses === 0 && (wanted.length === 0 || wanted.includes(of)));
  for (const { of, pattern } of idle) console.log(`explained, but noticed now: ${of}: ${pattern}`);
  console.log(
    `${totals.mutants} mutants, ${totals.mutants - found.length} noticed, ` +
      `${found.length - unexplained} explained, ${unexplained} not`,
  );
  return unexplained + idle.length > 0 ? 1 : 0;
}
