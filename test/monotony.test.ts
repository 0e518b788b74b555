/**
 * Unknown is monotone: forgetting what is known can turn a verdict into "cannot tell", never turn it round.
 * On the views of every fixture under every rule, with sets of values forgotten at random (seeded), and on whole inputs with
 * every parameter, variable and default forgotten.
 */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { judgeCheck } from '../src/check/check.ts';
import { judge } from '../src/check/condition.ts';
import type { Rule } from '../src/check/rule.ts';
import { suppressionsIn, suppressionTargets } from '../src/check/suppress.ts';
import { force, type Member, type Obj, unknown, type Value } from '../src/evaluate/value.ts';
import { readModels } from '../src/lint.ts';
import { parseBicep } from '../src/parse/bicep.ts';
import { Source } from '../src/source/source.ts';
import { derivedFrom, templatesOfLiveRules } from './derive/derived.ts';
import { factOf, inventoryOf } from './derive/inventory.ts';
import { type Fixture, fixtureIo, fixtures, lintWith, modelsOf, optionsIn } from './fixture.ts';
import { random } from './random.ts';

/** `pass`, `fail` or `unknown` per check of a rule. */
function verdicts(rule: Rule, view: Obj): string[] {
  const applies = rule.when ? judge(rule.when, view) : undefined;
  return rule.checks.map((one) => (applies?.verdict === 'false' ? 'true' : judgeCheck(one, applies, view).verdict));
}

/** The value with some of its parts forgotten: leaves, whole branches, and the closedness of lists and objects. */
function forget(value: Value, next: () => number, share: number): Value {
  const found = force(value);
  if (next() < share) return unknown('forgotten', found.at);
  if (found.kind === 'object') {
    const members = new Map<string, Member>();
    for (const [key, member] of found.members)
      members.set(key, { ...member, value: forget(member.value, next, share) });
    return { ...found, members };
  }
  if (found.kind === 'list')
    return {
      ...found,
      items: found.items.map((item) => forget(item, next, share)),
      ...(next() < share && { open: true }),
    };
  if (found.kind === 'one-of') return { ...found, values: found.values.map((one) => force(one)) };
  return found;
}

function seedOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
}

async function targetsOf(fixture: Fixture) {
  if (fixture.language === 'live') return (await modelsOf(fixture)).flatMap((model) => model.entities);
  const io = fixtureIo(fixture);
  const { models, files } = await readModels(await optionsIn(io), io);
  const known = new Set(catalogue().map((rule) => rule.code));
  const suppressions = files.flatMap((file) => suppressionsIn(file, known, []));
  return [...models.flatMap((model) => model.entities), ...suppressionTargets(suppressions, io.today)];
}

const all = fixtures();

describe('forgetting values of a subject', () => {
  test.each(all.map((fixture) => [`${fixture.code}/${fixture.name}`, fixture] as const))(
    '%s',
    async (name, fixture) => {
      const next = random(seedOf(name));
      for (const target of (await targetsOf(fixture)).slice(0, 40)) {
        const rules = catalogue().filter((rule) => rule.subjects.includes(target.subject as never));
        const before = rules.map((rule) => verdicts(rule, target.view));
        for (const share of [0.05, 0.2, 0.5])
          for (let round = 0; round < 4; round++) {
            const view = forget(target.view, next, share);
            if (view.kind !== 'object') continue;
            for (const [i, rule] of rules.entries()) {
              const after = verdicts(rule, view);
              for (const [check, verdict] of after.entries())
                if (verdict !== 'unknown')
                  expect(`${rule.code} ${rule.checks[check]!.id} ${verdict}`).toBe(
                    `${rule.code} ${rule.checks[check]!.id} ${before[i]![check]}`,
                  );
            }
          }
      }
    },
  );
});

/** The same text with every input forgotten: no default, no allowed values, no given value. */
function withoutInputs(fixture: Fixture): string {
  // The inputs of a plan are settled.
  if (fixture.language === 'plan') return fixture.text;
  if (fixture.language === 'arm') {
    const template = JSON.parse(fixture.text) as { parameters?: Record<string, Record<string, unknown>> };
    for (const parameter of Object.values(template.parameters ?? {})) {
      delete parameter['defaultValue'];
      delete parameter['allowedValues'];
    }
    return JSON.stringify(template);
  }
  if (fixture.language === 'bicep') return withoutParameters(fixture.text);
  // Only the defaults of variables stand on such a line in the fixtures; blocks of several lines are cut by their braces.
  return fixture.text.replace(
    /(variable\s+"[^"]+"\s*\{)([\s\S]*?)(\n\})/g,
    (_whole, head: string, body: string, end: string) => head + body.replace(/\n\s*default\s*=[\s\S]*$/, '') + end,
  );
}

/** Bicep: each parameter keeps its name and a type that says nothing of its value; one that may be null is null by default. */
function withoutParameters(text: string): string {
  const cuts: { start: number; end: number; instead: string }[] = [];
  for (const declaration of parseBicep(new Source('main.bicep', text), []).declarations) {
    if (declaration.kind !== 'parameter') continue;
    for (const { expression, start, end } of declaration.decorators)
      if (expression.kind === 'call' && /^(sys\.)?allowed$/.test(expression.name))
        cuts.push({ start, end, instead: '@metadata({})' });
    const { name, type, end } = declaration;
    const isSimple = type?.kind === 'namedType' && /^(string|int|bool|object|array)$/.test(type.name);
    cuts.push({ start: name.end, end, instead: isSimple ? ` ${type.name}` : ' object' });
  }
  return cuts
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end, instead }) => rest.slice(0, start) + instead + rest.slice(end), text);
}

test('parameters of Bicep lose what says their value', () => {
  const text = `@allowed(['x', 'y'])
@description('kept')
param a string = 'x' // kept
param b { c: int }? = {
  c: 1
}
var d = a
`;
  expect(withoutParameters(text)).toBe(`@metadata({})
@description('kept')
param a string // kept
param b object
var d = a
`);
});

describe('forgetting every input', () => {
  const withInputs = all.filter((fixture) => /"parameters"|variable "|^param /m.test(fixture.text));
  test.each(withInputs.map((fixture) => [`${fixture.code}/${fixture.name}`, fixture] as const))(
    '%s',
    async (_name, fixture) => {
      const before = await lintWith({}, fixture);
      const after = await lintWith({}, { ...fixture, text: withoutInputs(fixture) });
      const name = (finding: { code: string; resource: { address: string }; message: string }): string =>
        `${finding.code} ${finding.resource.address.replace(/\[[^\]]*\]/g, '')} ${finding.message}`;
      const known = new Set(before.findings.map(name));
      expect(after.findings.map(name).filter((finding) => !known.has(finding))).toEqual([]);
    },
  );
});

type Json = Record<string, unknown>;

/** A plan in which some values come from variables that are known only after apply. */
function withForgotten(text: string, next: () => number, share: number): string {
  const plan = JSON.parse(text) as {
    resource_changes?: { address: string; change: { after: Json; after_unknown: Json } }[];
    configuration: { root_module: { resources?: { address: string; expressions: Json }[] } };
  };
  const written = new Map(plan.configuration.root_module.resources?.map((one) => [one.address, one.expressions]));
  for (const { address, change } of plan.resource_changes ?? [])
    forgetIn(change.after, change.after_unknown, written.get(address.replace(/\[[^\]]*\]$/, '')) ?? {}, next, share);
  return JSON.stringify(plan);
}

function forgetIn(after: Json, marks: Json, written: Json, next: () => number, share: number): void {
  for (const [name, value] of Object.entries(after)) {
    const expressions = written[name];
    if (Array.isArray(value) && Array.isArray(expressions) && value.length === expressions.length)
      for (const [i, block] of value.entries())
        forgetIn(block as Json, (marks[name] as Json[])[i]!, expressions[i] as Json, next, share);
    // What a resource is called, and what it is, tells which one it is.
    else if (value !== null && !/^(?:type|name)$/.test(name) && next() < share) {
      delete after[name];
      marks[name] = true;
      if (expressions !== undefined) written[name] = { references: ['var.given'] };
    }
  }
}

describe('forgetting values of a plan', () => {
  const plans = all.flatMap((fixture) =>
    fixture.language === 'terraform' && fixture.name === 'fail.tf' ? derivedFrom(fixture) : [],
  );
  test.each(
    plans
      .filter(({ input }) => input === 'plan')
      .map(({ fixture, text }) => [`${fixture.code}/${fixture.name}`, fixture, text] as const),
  )('%s', async (name, fixture, text) => {
    const found = async (plan: string): Promise<string[]> => {
      const { findings } = await lintWith({}, { ...fixture, name: 'fixture.plan.json', text: plan });
      return findings.map(({ code, resource }) => `${code} ${resource.address}`);
    };
    const next = random(seedOf(name));
    const known = new Set(await found(text));
    expect((await found(withForgotten(text, next, 0.3))).filter((one) => !known.has(one))).toEqual([]);
  });
});

interface Line {
  readonly from?: string;
  readonly row?: Json & { readonly id: string; readonly type?: string };
  readonly end?: true;
}

/** A recording in which Azure told less: of some rows nothing but that they are there, and some were not read. */
function withUnread(text: string, next: () => number, share: number): string {
  const lines: object[] = [];
  let rows = 0;
  for (const line of text
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one) as Line)) {
    const { from, row, end } = line;
    const unread = row?.type === undefined ? undefined : factOf(row.type);
    if (end) lines.push({ end, rows });
    else if (!row || unread === undefined || next() >= share) {
      if (row) rows++;
      lines.push(line);
    } else if (next() < 0.5) {
      rows++;
      lines.push({ from, row: { ...row, properties: null } });
    } else
      lines.push({
        unread,
        scope: /^\/subscriptions\/[^/]+/.exec(row.id)![0],
        because: 'forgotten',
        code: 'forbidden',
      });
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

describe('forgetting rows of an audit', () => {
  const templates = templatesOfLiveRules().filter(({ name }) => name === 'fail.json');
  test.each(templates.map((fixture) => [`${fixture.code}/${fixture.name}`, fixture] as const))(
    '%s',
    async (name, fixture) => {
      const io = fixtureIo(fixture);
      const { configurations } = await readModels(await optionsIn(io), io);
      const { text } = inventoryOf(configurations[0]!, 'nothing')!;
      const found = async (recording: string): Promise<string[]> => {
        const { findings } = await lintWith({}, { ...fixture, name: 'fixture.inventory.jsonl', text: recording });
        // Of items of a machine that was not read the later one speaks.
        return findings.map(({ code, resource }) =>
          code === 'datasource-protected-twice' ? code : `${code} ${resource.address}`,
        );
      };
      const next = random(seedOf(name));
      const known = new Set(await found(text));
      for (let round = 0; round < 2; round++)
        expect((await found(withUnread(text, next, 0.3))).filter((one) => !known.has(one))).toEqual([]);
    },
  );
});
