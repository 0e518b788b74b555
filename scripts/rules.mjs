/**
 * rules/ -> src/check/rules.generated.ts: every rule checked against its schema, limits put in, ready to be parsed at one go.
 * Also the examples for `explain`, from the fixtures. Run by `npm run build`; CI checks that the files are fresh.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { inventoryExcerpt } from './inventory-excerpt.mjs';
import { planExcerpt } from './plan-excerpt.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Every rule file, as paths from the repository root. */
export function ruleFiles() {
  const groups = readdirSync(join(root, 'rules/checks'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return groups
    .flatMap(({ name }) => readdirSync(join(root, 'rules/checks', name)).map((file) => `rules/checks/${name}/${file}`))
    .filter((path) => path.endsWith('.json'))
    .sort();
}

export function compileRules() {
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { regex: isRegex } });
  const validate = ajv.compile(read('rules/schema/rule.schema.json'));
  const limits = readLimits();
  const problems = [];
  const rules = [];
  for (const path of ruleFiles()) {
    const rule = read(path);
    if (!validate(rule))
      problems.push(
        ...validate.errors.map(
          (error) => `${path}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`,
        ),
      );
    else {
      problems.push(...inconsistencies(path, rule));
      const { $schema: _schema, not: _not, facts: _facts, doubts: _doubts, ...kept } = rule;
      rules.push(withLimits({ ...kept, texts: withoutLookAlikes(kept.texts) }, limits, path, problems));
    }
  }
  if (problems.length > 0) throw new Error(`Rules are not right:\n${problems.join('\n')}`);
  return rules.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Look-alikes stand in the pages alone. */
function withoutLookAlikes(texts) {
  return Object.fromEntries(Object.entries(texts).map(([language, { not: _not, ...kept }]) => [language, kept]));
}

function isRegex(text) {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Own rules may leave these out. */
const complete = ['group', 'profile', 'confidence', 'inputs', 'solutions', 'sources'];

/** What a schema cannot say: names that must agree, and what rules of the catalogue have. */
function inconsistencies(path, rule) {
  const problems = complete.filter((key) => !rule[key]?.length).map((key) => `${path}: ${key} is missing`);
  if (!rule.inputs.includes('live') && Object.values(rule.texts).some(({ live }) => live))
    problems.push(`${path}: it has texts for an audit, which never asks it`);
  const parts = path.split('/');
  if (parts.at(-1) !== `${rule.code}.json`)
    problems.push(`${path}: the file must be named after the code ${rule.code}`);
  if (parts.at(-2) !== rule.group) problems.push(`${path}: the folder must be named after the group ${rule.group}`);
  if (rule.confidence === 'contested' && rule.severity === 'error')
    problems.push(`${path}: a contested fact is no error`);
  if (['contested', 'field-report', 'inference'].includes(rule.confidence) && !rule.doubts)
    problems.push(`${path}: its doubts are not said`);
  const ids = rule.checks.map((check) => check.id);
  if (new Set(ids).size < ids.length) problems.push(`${path}: two checks have one id`);
  for (const [language, texts] of Object.entries(rule.texts)) {
    for (const id of ids) if (!texts.messages[id]) problems.push(`${path}: no ${language} message for the check ${id}`);
    const { messages, helps, live } = texts;
    for (const id of [messages, helps, live?.messages, live?.helps].flatMap((own) => Object.keys(own ?? {})))
      if (!ids.includes(id)) problems.push(`${path}: the ${language} text ${id} belongs to no check`);
    for (const related of rule.checks.flatMap((check) => check.related ?? []))
      if (!texts.related?.[related.message])
        problems.push(`${path}: no ${language} text for the related place ${related.message}`);
  }
  return problems;
}

/** What public modules make, as rules/modules says; each file checked against its schema. */
export function compileModules() {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(read('rules/schema/modules.schema.json'));
  const modules = [];
  for (const file of readdirSync(join(root, 'rules/modules')).sort()) {
    const data = read(`rules/modules/${file}`);
    if (!validate(data))
      throw new Error(
        `rules/modules/${file} is not right:\n${validate.errors.map((error) => `${error.instancePath}: ${error.message}`).join('\n')}`,
      );
    for (const { sources, checked, makes, silent } of data.modules) modules.push({ sources, checked, makes, silent });
  }
  return modules;
}

/** What the program says beside the texts of rules: [English, other] by language; each file of rules/texts is of one language. */
export function compileSentences() {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(read('rules/schema/texts.schema.json'));
  const result = {};
  for (const file of readdirSync(join(root, 'rules/texts')).sort()) {
    const data = read(`rules/texts/${file}`);
    if (!validate(data))
      throw new Error(
        `rules/texts/${file} is not right:\n${validate.errors.map((error) => `${error.instancePath}: ${error.message}`).join('\n')}`,
      );
    const language = file.split('.').at(-2);
    result[language] = [...(result[language] ?? []), ...data.texts.map((text) => [text.en, text[language]])];
  }
  return result;
}

/** The matrix: one file a solution, each checked against its schema; vault.json has limits alone. */
export function compileSolutions() {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const schema = read('rules/schema/solution.schema.json');
  const validate = ajv.compile(schema);
  const validateLimits = ajv.compile({ ...schema.$defs.limits, $defs: schema.$defs });
  const allLimits = readLimits();
  const problems = [];
  const solutions = [];
  for (const file of readdirSync(join(root, 'rules/solutions')).sort()) {
    const path = `rules/solutions/${file}`;
    const { $schema: _schema, $comment: _comment, limits, ...written } = read(path);
    const solution = { ...withLimits(written, allLimits, path, problems), limits };
    if (file !== `${solution.id}.json`) problems.push(`${file}: the file must be named after the id ${solution.id}`);
    const check = solution.id === 'vault' ? validateLimits : validate;
    if (!check(solution.id === 'vault' ? solution.limits : solution))
      problems.push(...check.errors.map((error) => `${path}${error.instancePath}: ${error.message}`));
    else if (solution.id !== 'vault') solutions.push(solution);
  }
  if (problems.length > 0) throw new Error(`Solutions are not right:\n${problems.join('\n')}`);
  return solutions.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || (a.id < b.id ? -1 : 1));
}

/** As people look for them: machines and what runs in them, storage, managed services, what is outside of Azure. */
const order = [
  'azure-vm',
  'azure-disk',
  'sql-in-vm',
  'hana-in-vm',
  'ase-in-vm',
  'azure-files',
  'azure-blob',
  'adls',
  'postgresql',
  'mysql',
  'aks',
  'cosmos-db',
  'elastic-san',
  'mars',
  'dpm-mabs',
  'disk-snapshot',
];

function readLimits() {
  const limits = {};
  for (const file of readdirSync(join(root, 'rules/solutions'))) {
    const solution = read(`rules/solutions/${file}`);
    limits[solution.id] = solution.limits;
  }
  return limits;
}

/** Every limit by the name that `$limit` gives it. */
function limitsByName() {
  const found = {};
  const add = (data, name) => {
    if (typeof data !== 'object' || data === null) return;
    if (data.value !== undefined && data.source) found[name.slice(1)] = data.value;
    else for (const [key, inner] of Object.entries(data)) add(inner, `${name}/${key}`);
  };
  add(readLimits(), '');
  return found;
}

function withLimits(value, limits, path, problems) {
  if (Array.isArray(value)) return value.map((item) => withLimits(item, limits, path, problems));
  if (typeof value === 'string')
    return value.replaceAll(/\{limit:([^}]+)\}/g, (_whole, name) => {
      const limit = lookUp(limits, name, path, problems);
      return Array.isArray(limit) ? limit.join(', ') : String(limit);
    });
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$limit === 'string') {
    const limit = lookUp(limits, value.$limit, path, problems);
    return value.percent === undefined ? limit : (limit * value.percent) / 100;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withLimits(item, limits, path, problems)]),
  );
}

function lookUp(limits, name, path, problems) {
  const found = name.split('/').reduce((at, step) => at?.[step], limits);
  if (found?.value === undefined || !found.source)
    problems.push(`${path}: there is no limit ${name} with a value and a source`);
  return found?.value;
}

/** Examples per rule and language for `explain`, from the fixtures. */
export function examples() {
  const result = {};
  for (const path of ruleFiles()) {
    const code = path.split('/').at(-1).replace('.json', '');
    const folder = join(root, 'fixtures', code);
    if (!existsSync(folder)) continue;
    const entry = {};
    const config = join(folder, 'azure-backup-lint.yaml');
    for (const [language, extension] of [
      ['terraform', 'tf'],
      ['bicep', 'bicep'],
      ['arm', 'json'],
    ])
      for (const [kind, name] of [
        ['bad', 'fail'],
        ['good', 'pass'],
      ]) {
        const file = join(folder, `${name}.${extension}`);
        if (existsSync(file))
          entry[language] = {
            ...entry[language],
            [kind]: readFileSync(file, 'utf8').replaceAll(/[ \t]*(?:#|\/\/) expect: .*$/gm, ''),
          };
      }
    // Code alone says nothing of what it changes.
    if (read(path).subjects.every((subject) => subject === 'change'))
      for (const [kind, name] of [
        ['bad', 'fail'],
        ['good', 'pass'],
      ]) {
        const file = join(folder, `${name}.plan.json`);
        if (existsSync(file))
          entry.plan = { ...entry.plan, [kind]: planExcerpt(JSON.parse(readFileSync(file, 'utf8'))) };
      }
    if (read(path).inputs.every((input) => input === 'live')) Object.assign(entry, liveExamples(folder));
    // What decides may stand in the configuration that the fixtures are judged under.
    if (existsSync(config)) entry.config = readFileSync(config, 'utf8');
    const { doubts } = read(path);
    if (doubts) entry.doubts = doubts;
    result[code] = entry;
  }
  return result;
}

/** Rows of recordings, with the code that they are set against; situation.json says what they show only together. */
function liveExamples(folder) {
  const textOf = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined);
  const [bad, good] = ['fail', 'pass'].map((kind) => textOf(`${kind}.inventory.jsonl`));
  const declared = textOf('declared.fail.tf');
  const situation = textOf('situation.json');
  return {
    live: {
      ...(declared && { declared }),
      ...(situation && { situation: JSON.parse(situation) }),
      ...inventoryExcerpt(bad, good, textOf('expected.txt')),
    },
  };
}

/** A schema of what users write as a function, so that no compiler of schemas is needed at run time. */
function compileSchema(name) {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    verbose: true,
    validateFormats: false,
    code: { source: true, esm: true, lines: true },
  });
  const validate = ajv.compile({ ...read(`rules/schema/${name}.schema.json`), $id: name });
  const code = (standaloneCode.default ?? standaloneCode)(ajv, validate)
    .replace(/^"use strict";/, '')
    .replace(
      /const (\w+) = require\("([^"]+)"\)\.default;/g,
      "import $1Module from '$2.js';\nconst $1 = $1Module.default ?? $1Module;",
    );
  return `${header}${code.trimEnd()}\n`;
}

/** Texts in other languages than English, by language and code: loaded when they are asked for. */
function translations(rules) {
  const result = {};
  for (const { code, texts } of rules)
    for (const [language, own] of Object.entries(texts))
      if (language !== 'en') result[language] = { ...result[language], [code]: own };
  return result;
}

const header = '/** Generated by `npm run build` from rules/ and fixtures/; do not edit. */\n';

/** What decides whether a rule is asked at all. */
function indexOf(rules) {
  return rules.map(({ code, group, severity, profile, inputs, subjects, solutions, confidence }) => ({
    code,
    group,
    severity,
    profile,
    inputs,
    subjects,
    solutions,
    confidence,
  }));
}

/** The rest of each rule, in the order of the index, and what public modules make: a line each, parsed when it is asked for. */
export function bodyLines() {
  const bodies = compileRules().map(({ when, checks, sources, texts }) => ({
    when,
    checks,
    sources,
    texts: { en: texts.en },
  }));
  return [...bodies, compileModules()].map((body) => JSON.stringify(body));
}

/** Generated sources by path. JSON.parse of a text is faster to start than an object literal of its size. */
export function generated() {
  const rules = compileRules();
  const names = read('rules/azurerm/removed-names.json').names;
  const literal = (data) =>
    JSON.stringify(JSON.stringify(data)).replaceAll("'", "\\'").replace(/^"|"$/g, "'").replaceAll('\\"', '"');
  const wrap = (name, data) => `${header}export const ${name}: string =\n  ${literal(data)};\n`;
  return {
    'src/check/rules.generated.ts': wrap('ruleData', { rules: indexOf(rules), removedNames: names }),
    'src/check/bodies.generated.ts': `${header}const lines: readonly string[] = [\n  ${bodyLines()
      .map((line) => JSON.stringify(line))
      .join(
        ',\n  ',
      )},\n];\n/** Rules in the order of their index, then what public modules make. */\nexport const bodyText = (i: number): string => lines.at(i)!;\n`,
    'src/config-schema.generated.mjs': compileSchema('config'),
    'src/rule-schema.generated.mjs': compileSchema('rule'),
    'src/check/limits.generated.ts': wrap('limitData', limitsByName()),
    'src/check/texts.generated.ts': wrap('textData', translations(rules)),
    'src/sentences.generated.ts': wrap('sentenceData', compileSentences()),
    'src/check/examples.generated.ts': wrap('exampleData', examples()),
    'src/check/matrix.generated.ts': wrap('matrixData', compileSolutions()),
  };
}
