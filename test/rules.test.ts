/** The catalogue as a whole: every rule has its fixtures, every golden an owner, every code is used once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileRules, ruleFiles } from '../scripts/rules.mjs';
import { catalogue, speak } from '../src/catalogue.ts';
import { conditionKeywords } from '../src/check/condition.ts';
import { type Rule, saidOf } from '../src/check/rule.ts';
import { differences, inventoryDifferences } from './derive/derived.ts';
import { type Fixture, fixtures, fixturesFolder } from './fixture.ts';

const root = join(fixturesFolder, '..');

test('compiled rules are fresh', async () => {
  await speak('ja');
  expect(catalogue()).toEqual(JSON.parse(JSON.stringify(compileRules())));
});

test('the schema offers exactly the keywords that the evaluator knows', () => {
  const schema = JSON.parse(readFileSync(join(root, 'rules/schema/rule.schema.json'), 'utf8'));
  expect(Object.keys(schema.$defs.condition.properties).sort()).toEqual([...conditionKeywords].sort());
});

test('every code is unique', () => {
  const codes = ruleFiles().map((path: string) => path.split('/').at(-1));
  expect(new Set(codes).size).toBe(codes.length);
});

describe('every rule speaks Japanese as completely as English', () => {
  const written = ruleFiles().map((path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as WrittenRule);

  test.each(written.map((rule) => [rule.code, rule] as const))('%s', (_code, { texts: { en, ja } }) => {
    expect(Object.keys(ja ?? {})).not.toEqual([]);
    // Placeholders tell which facts a message shows; their order is the language's own.
    expect(placeholdersOf(ja!)).toEqual(placeholdersOf(en));
    for (const [key, text] of Object.entries(textsIn(ja!))) {
      expect(text, key).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u);
      expect(text, key).not.toBe(textsIn(en)[key]);
    }
  });

  test('look-alikes too, for the pages', () => {
    const missing = written.filter(({ not, texts }) => not !== undefined && texts.ja?.['not'] === undefined);
    expect(missing.map((rule) => rule.code)).toEqual([]);
  });
});

describe('an audit speaks of what exists, not of code', () => {
  const aboutFiles = new Set([
    'item-policy-differs-from-declared',
    'suppression-expired',
    'suppression-without-reason',
  ]);
  /** Their conditions ask for Terraform. */
  const ofTerraform = new Set(['days-azurerm', 'window-multiple', 'log-azurerm', 'written']);
  const code = {
    en: /\bcode\b|\bdeclar|\bwrite (?!accelerator)|\bwritten\b|azurerm|azapi|\b[a-z]+_[a-z_]+\b|\btemplates?\b|\bdeploy/i,
    ja: /コード(?!ウェア)|宣言|記述|azurerm|azapi|\b[a-z]+_[a-z_]+\b|テンプレート|デプロイ/,
  };
  const asked = (compileRules() as Rule[]).filter(
    ({ code: own, inputs }) => inputs.includes('live') && !aboutFiles.has(own),
  );

  test.each(asked.map((rule) => [rule.code, rule] as const))('%s', (_code, { checks, texts }) => {
    for (const [language, pattern] of Object.entries(code))
      for (const { id } of checks.filter((check) => !ofTerraform.has(check.id))) {
        const said = saidOf(texts[language]!, id, true);
        // What stands between braces is a fact and its way.
        for (const text of [said.message, said.help]) expect(text.replace(/\{[^}]*\}/g, '')).not.toMatch(pattern);
      }
  });
});

interface WrittenRule {
  readonly code: string;
  readonly not?: string;
  readonly texts: { readonly en: WrittenTexts; readonly ja?: WrittenTexts };
}

interface WrittenTexts {
  readonly [key: string]: string | WrittenTexts;
}

/** By their way, such as `messages/off`; without the look-alikes, which in English stand elsewhere. */
function textsIn({ not: _not, ...texts }: WrittenTexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[key, value]]
        : Object.entries(textsIn(value)).map(([id, text]) => [`${key}/${id}`, text]),
    ),
  );
}

function placeholdersOf(texts: WrittenTexts): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(textsIn(texts)).map(([key, text]) => [key, [...new Set(text.match(/\{[^}]*\}/g))].sort()]),
  );
}

describe('fixtures', () => {
  const all = fixtures();
  /** Rules about the code around the resources have no unknown value: a comment is there or not. */
  const withoutUnknown = new Set(['suppression-expired', 'suppression-without-reason']);
  /** Where a rule has inputs whose answer is always the same: code and language, with the reason. */
  const onlyPasses = new Map([
    ['policy-run-times-invalid in bicep', 'as in arm'],
    ['policy-run-times-invalid in arm', 'the service takes any minute, only azurerm asks for the full or half hour'],
  ]);

  const onlyBeside =
    'comments stand in the source, which a plan or a state has beside it or not, and an audit has none';

  /**
   * What no plan or state shows, and no audit; what they say instead, and why, stands in derived.differences.json and
   * derived.inventory.json.
   */
  const notShown = new Map<string, { readonly missing: readonly string[]; readonly because: string }>([
    [
      'azurerm-soft-delete-enabled-removed',
      { missing: ['fail in plan', 'unknown in plan'], because: 'azurerm makes no plan of what it refuses' },
    ],
    ['disk-from-fresh-ultra-snapshot', { missing: ['fail in state'], because: 'in a state no snapshot is fresh' }],
    [
      'item-before-its-roles',
      { missing: ['fail in plan', 'fail in state'], because: 'only the source tells in which order it is applied' },
    ],
    ['suppression-expired', { missing: ['fail in plan', 'fail in state', 'fail in live'], because: onlyBeside }],
    ['suppression-without-reason', { missing: ['fail in plan', 'fail in state', 'fail in live'], because: onlyBeside }],
    [
      'backup-vault-identity-missing',
      { missing: ['unknown in live'], because: 'every answer tells of a vault which identity it has' },
    ],
    ['item-name-and-group-too-long', { missing: ['unknown in live'], because: 'what exists has a name' }],
  ]);

  const differing = new Set(differences.flatMap(({ where }) => where));
  const inAudit = new Map(
    inventoryDifferences.flatMap(({ tells, where }) => where.map((one) => [one, tells] as const)),
  );

  /** Terraform's fixtures are plans and states too, those of ARM recordings of an audit, where these say the same. */
  function isIn(language: string, { code, name, kind, language: own }: Fixture): boolean {
    if (own === language) return true;
    if (language === 'live' && own === 'arm') {
      const tells = inAudit.get(`${code}/${name}`);
      return tells === undefined || (tells === 'other' && kind === 'fail');
    }
    return own === 'terraform' && /^(?:plan|state)$/.test(language) && !differing.has(`${code}/${name} ${language}`);
  }

  /** Code alone says nothing of what it changes: until two revisions of it can be compared, only a plan shows that. */
  const needsRevision = new Map(
    catalogue()
      .filter((rule) => rule.subjects.every((subject) => subject === 'change'))
      .map((rule) => [rule.code, 'what was before stands in a plan, or in a base revision of the code']),
  );

  test.each(catalogue().map((rule) => [rule.code, rule] as const))(
    '%s has a fail, a pass and an unknown in each language',
    (code, rule) => {
      const missing: string[] = [];
      for (const language of ['terraform', 'bicep', 'arm', 'plan', 'state', 'live'] as const) {
        if (!rule.inputs.includes(language)) continue;
        if (language !== 'plan' && needsRevision.has(code)) continue;
        for (const kind of ['fail', 'pass', 'unknown'] as const) {
          // Everything in a state is known.
          if (kind === 'unknown' && (withoutUnknown.has(code) || language === 'state')) continue;
          if (kind !== 'pass' && onlyPasses.has(`${code} in ${language}`)) continue;
          if (!all.some((fixture) => fixture.kind === kind && fixture.code === code && isIn(language, fixture)))
            missing.push(`${kind} in ${language}`);
        }
      }
      expect(missing).toEqual(notShown.get(code)?.missing ?? []);
    },
  );

  test('what no fixture shows is of rules that there are', () => {
    const codes = new Set(catalogue().map((rule) => rule.code));
    expect([...notShown.keys()].filter((code) => !codes.has(code))).toEqual([]);
  });

  test('every golden has an owner', () => {
    const orphans: string[] = [];
    for (const { code } of all)
      for (const name of readdirSync(join(fixturesFolder, code)))
        if (name.endsWith('.out') && !existsSync(join(fixturesFolder, code, name.slice(0, -4))))
          orphans.push(`${code}/${name}`);
    expect(orphans).toEqual([]);
  });
});

describe('against the shared catalogue', () => {
  const path = join(root, '../shared/catalog.json');
  const present = existsSync(path);
  if (!present) console.warn('The shared catalogue is not there: severities and profiles are not compared.');
  interface Entry {
    code: string;
    group: string;
    severity: string;
    profile: string;
    confidence: string;
    solutions: string[];
    inputs: string[];
    facts: string[];
    sources: string[];
  }

  test.skipIf(!present)('codes, severities, profiles, solutions, inputs and sources agree', () => {
    const entries = new Map((JSON.parse(readFileSync(path, 'utf8')) as Entry[]).map((entry) => [entry.code, entry]));
    for (const rule of catalogue()) {
      const entry = entries.get(rule.code);
      expect(entry, rule.code).toBeDefined();
      const { code, group, severity, profile, confidence, solutions, inputs, sources } = rule;
      const expected = {
        code: entry!.code,
        group: entry!.group,
        severity: entry!.severity,
        profile: entry!.profile,
        confidence: entry!.confidence,
        solutions: entry!.solutions,
        inputs: entry!.inputs,
      };
      expect({ code, group, severity, profile, confidence, solutions, inputs }).toEqual(expected);
      // A rule may know more than its entry, and says where from.
      expect(sources.slice(0, entry!.sources.length), code).toEqual(entry!.sources);
    }
  });
});
