/**
 * What the Terraform fixtures say is said by their plans and states too: the same findings, at the same attributes. Goldens show
 * the places.
 * What differs stands in derived.differences.json, each with its reason: a plan names what an expression uses and not what it
 * makes of it, a state has no order and no comments. A new difference fails, and so does one that is gone.
 */
import { describe, expect, test } from 'vitest';
import { parseJson } from '../src/parse/json.ts';
import type { JsonNode } from '../src/parse/json-tree.ts';
import type { Finding, Run } from '../src/source/run.ts';
import { isSpan, Source } from '../src/source/source.ts';
import { type Derived, derivedFrom, differences } from './derive/derived.ts';
import { type Fixture, fixtures, lintWith } from './fixture.ts';
import { golden } from './golden.ts';

const terraform = fixtures().filter(({ language }) => language === 'terraform');
const listed = new Map(
  differences.flatMap(({ tells, where }) => where.map((one): [string, typeof tells] => [one, tells])),
);

describe.each([...new Set(terraform.map(({ code }) => code))])('%s', (code) => {
  test('as plan and as state', async () => {
    const wrong: string[] = [];
    let places = '';
    for (const fixture of terraform.filter((one) => one.code === code)) {
      const twin = await judged(fixture, fixture.name, fixture.text);
      for (const derived of derivedFrom(fixture)) {
        const { input, text } = derived;
        const run = await judged(fixture, `fixture.${input}.json`, text);
        const where = `${code}/${fixture.name} ${input}`;
        expect(
          run.diagnostics.filter(({ severity }) => severity !== 'note'),
          where,
        ).toEqual([]);
        const found = howItDiffers(fixture, input, twin, run);
        const root = run.findings.length > 0 ? parseJson(new Source('fixture.json', text), []).root : undefined;
        if (root) for (const one of misplaced(root, text, twin.findings, run.findings)) wrong.push(`${where}: ${one}`);
        if (found?.tells !== listed.get(where))
          wrong.push(found ? `${where} tells ${found.tells}: ${found.what}` : `${where} does not differ`);
        if (root) places += `${fixture.name} ${input}\n${placesOf(derived, root, run.findings, found?.tells)}`;
      }
    }
    expect(wrong).toEqual([]);
    if (places !== '') golden(`fixtures/${code}/places.txt`, places);
  }, 180_000);
});

test('every difference is that of a fixture', () => {
  const all = new Set(terraform.flatMap(({ code, name }) => [`${code}/${name} plan`, `${code}/${name} state`]));
  const where = differences.flatMap((one) => one.where);
  expect(where.filter((one) => !all.has(one))).toEqual([]);
  expect(new Set(where).size).toBe(where.length);
});

async function judged(fixture: Fixture, name: string, text: string): Promise<Run> {
  return lintWith({ only: [fixture.code], showUndetermined: true }, { ...fixture, name, text });
}

/** undefined: it does not. */
function howItDiffers(
  { code, kind }: Fixture,
  input: Derived['input'],
  twin: Run,
  run: Run,
): { readonly tells: 'less' | 'other'; readonly what: string } | undefined {
  const [source, document] = [twin, run].map(({ findings }) => findings.map(said)) as [string[], string[]];
  const missing = without(source, document);
  const more = without(document, source);
  if (more.length > 0) return { tells: 'other', what: more.join('; ') };
  if (missing.length > 0) return { tells: 'less', what: missing.join('; ') };
  // Silence must come from the rule not knowing, not from its not looking.
  const isUndetermined = run.undetermined.some((entry) => entry.code === code);
  return input === 'plan' && kind === 'unknown' && !isUndetermined
    ? { tells: 'other', what: 'it is silent as if all were known' }
    : undefined;
}

/** A workspace is named after its files. */
function said({ resource, message }: Finding): string {
  return `${resource.type === 'workspace' ? 'workspace' : resource.address}: ${message}`;
}

function without(all: readonly string[], some: readonly string[]): string[] {
  const rest = [...all];
  for (const one of some) if (rest.includes(one)) rest.splice(rest.indexOf(one), 1);
  return rest;
}

/** Findings that the source places at an attribute and the document elsewhere. A default has a place in the document only. */
function misplaced(root: JsonNode, text: string, source: readonly Finding[], document: readonly Finding[]): string[] {
  const rest = [...source];
  return document.flatMap((finding) => {
    const i = rest.findIndex((one) => said(one) === said(finding));
    const twin = i < 0 ? undefined : rest.splice(i, 1)[0]!.at;
    if (!twin || !isSpan(twin) || !isSpan(finding.at)) return [];
    const line = twin.source.text.split('\n')[twin.source.position(twin.start).line - 1]!;
    const attribute = /^\s*"?([\w.$-]+)"?\s*(?:=|\{)/.exec(line)?.[1];
    // Of a variable.
    if (attribute === undefined || attribute === 'default') return [];
    const { start, end } = finding.at;
    // In a body that is a text of JSON the text is all that has a place.
    const isThere = wayTo(root, start).includes(attribute) || text.slice(start, end).includes(attribute);
    return isThere ? [] : [`${said(finding)} is not at ${attribute}`];
  });
}

/** A line per finding: the resource, the way to the place in it and what stands there; messages only where the source has others. */
function placesOf(
  { document, text }: Derived,
  root: JsonNode,
  findings: readonly Finding[],
  tells: string | undefined,
): string {
  const lines = findings.map((finding) => {
    if (!isSpan(finding.at)) return `  ${finding.at.resourceId}`;
    const { start, end } = finding.at;
    const message = tells === 'other' ? `\n    ${finding.message}` : '';
    return `  ${spelt(wayTo(root, start), document)} = ${shortened(text.slice(start, end))}${message}`;
  });
  return `${lines.join('\n')}\n`;
}

function wayTo(root: JsonNode, start: number): (string | number)[] {
  const way: (string | number)[] = [];
  for (let node = root; node.start < start; ) {
    const parts: readonly (readonly [string | number, JsonNode])[] =
      node.kind === 'object'
        ? node.members.map(({ key, value }) => [key.value, value] as const)
        : node.kind === 'array'
          ? node.items.map((item, i) => [i, item] as const)
          : [];
    const found = parts.find(([, part]) => part.start <= start && start < part.end);
    if (!found) break;
    way.push(found[0]);
    node = found[1];
  }
  return way;
}

/** An entry of a list of resources by its address. */
function spelt(way: readonly (string | number)[], document: unknown): string {
  let at = document;
  let text = '';
  for (const step of way) {
    at = (at as Readonly<Record<string, unknown>>)[step];
    const { address, type, name } = (at ?? {}) as Readonly<Record<string, unknown>>;
    const own = address ?? (type && name ? `${String(type)}.${String(name)}` : undefined);
    if (typeof step === 'number' && own !== undefined) text = `${String(own)} `;
    else text += typeof step === 'number' ? `[${step}]` : (/[ .]$|^$/.test(text) ? '' : '.') + step;
  }
  return text.trim();
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
