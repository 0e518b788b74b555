/** The rules: the built-in ones, parsed once, and the user's own; listed and explained. */

import { bodyText } from './check/bodies.generated.ts';
import { type Doubt, docsOf, docsOfSolution, type Examples, type Rule, type RuleTexts } from './check/rule.ts';
import { ruleData } from './check/rules.generated.ts';
import type { Language } from './config.ts';
import type { KnownModule } from './model/known-modules.ts';
import type { RemovedName } from './model/model.ts';
import { harmlessJson, printable, printableLines } from './report/printable.ts';
import type { RuleFolder } from './rule-folder.ts';
import type { Io } from './source/io.ts';
import type { RuleInfo } from './source/run.ts';
import { UsageError, unknownCode } from './usage.ts';

type Body = Pick<Rule, 'when' | 'checks' | 'sources' | 'texts'>;
type Entry = Omit<Rule, keyof Body>;

interface Index {
  readonly rules: readonly Entry[];
  readonly removedNames: readonly RemovedName[];
}

let index: Index | undefined;

function builtIn(): Index {
  index ??= JSON.parse(ruleData) as Index;
  return index;
}

/** A rule of which only what decides whether it is asked is there at once. */
class BuiltInRule implements Rule {
  readonly code!: string;
  readonly group!: string;
  readonly severity!: Rule['severity'];
  readonly profile!: Rule['profile'];
  readonly confidence!: string;
  readonly solutions!: readonly string[];
  readonly inputs!: readonly string[];
  readonly subjects!: Rule['subjects'];
  readonly #place: number;
  #body: Body | undefined;

  constructor(entry: Entry, place: number) {
    Object.assign(this, entry);
    this.#place = place;
  }

  get body(): Body {
    this.#body ??= JSON.parse(bodyText(this.#place)) as Body;
    return this.#body;
  }

  // The rest of a rule has the names of its body.
  get checks(): Rule['checks'] {
    return this.body.checks;
  }
  get sources(): Rule['sources'] {
    return this.body.sources;
  }
  get texts(): Rule['texts'] {
    return this.body.texts;
  }
  get when(): Exclude<Rule['when'], undefined> {
    return this.body.when!;
  }
}

let rules: readonly Rule[] | undefined;
let modules: readonly KnownModule[] | undefined;

export function catalogue(): readonly Rule[] {
  rules ??= builtIn().rules.map((entry, i) => new BuiltInRule(entry, i));
  return rules;
}

/** With the user's own, in the order of their codes. */
export async function withOwnRules(folders: readonly RuleFolder[], io: Io): Promise<readonly Rule[]> {
  if (folders.length === 0) return catalogue();
  const { readOwnRules } = await import('./own-rules.ts');
  const own = await readOwnRules(folders, catalogue(), io);
  return [...catalogue(), ...own.map(({ rule }) => rule)].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Loads the texts of that language; what it lacks stays English. */
export async function speak(language: Language): Promise<void> {
  if (language === 'en') return;
  const { textData } = await import('./check/texts.generated.ts');
  const translated = (JSON.parse(textData) as Record<string, Record<string, RuleTexts>>)[language] ?? {};
  rules = catalogue().map((rule): Rule => {
    const { code, group, severity, profile, confidence, solutions, inputs, subjects, checks, sources, when } = rule;
    const own = translated[code];
    const known = { code, group, severity, profile, confidence, solutions, inputs, subjects, checks, sources };
    return { ...known, ...(when && { when }), texts: own ? { ...rule.texts, [language]: own } : rule.texts };
  });
}

export function removedNames(): readonly RemovedName[] {
  return builtIn().removedNames;
}

export function knownModules(): readonly KnownModule[] {
  modules ??= JSON.parse(bodyText(-1)) as KnownModule[];
  return modules;
}

/** `isLive`: of an audit. */
export function ruleInfos(rules: readonly Rule[], language: Language, isLive = false): RuleInfo[] {
  return rules.map((rule) => {
    const texts = textsOf(rule, language);
    return {
      code: rule.code,
      group: rule.group,
      severity: rule.severity,
      profile: rule.profile,
      title: texts.title,
      help: (isLive && texts.live?.help) || texts.help,
      why: texts.why,
      solutions: rule.solutions,
      docs: docsOf(rule, language),
    };
  });
}

function textsOf(rule: Rule, language: Language): RuleTexts {
  return rule.texts[language] ?? rule.texts['en']!;
}

export function listRules(rules: readonly Rule[], format: string, language: Language): string {
  if (format === 'json') {
    const listed = rules.map((rule) => ({
      code: rule.code,
      severity: rule.severity,
      profile: rule.profile,
      group: rule.group,
      solutions: rule.solutions,
      inputs: rule.inputs,
      title: textsOf(rule, language).title,
      help: textsOf(rule, language).help,
      confidence: rule.confidence,
      sources: rule.sources,
      ...(!rule.isOwn && { docs: docsOf(rule, language) }),
    }));
    return harmlessJson({ rules: listed });
  }
  const width = Math.max(...rules.map((rule) => rule.code.length));
  const lines: string[] = [];
  let group = '';
  const sorted = [...rules].sort((a, b) => (a.group === b.group ? 0 : a.group < b.group ? -1 : 1));
  for (const rule of sorted) {
    if (rule.group !== group) {
      group = rule.group;
      lines.push(lines.length === 0 ? group : `\n${group}`);
    }
    lines.push(
      `  ${rule.code.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.profile.padEnd(11)}  ${printable(textsOf(rule, language).title)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const languageNames: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    terraform: 'Terraform',
    bicep: 'Bicep',
    arm: 'ARM template',
    plan: 'a Terraform plan',
    live: 'live Azure, in short',
  },
  ja: {
    terraform: 'Terraform',
    bicep: 'Bicep',
    arm: 'ARM テンプレート',
    plan: 'Terraform プラン',
    live: '実際の Azure、抜粋',
  },
};

const headings: Readonly<
  Record<
    Language,
    Record<
      | 'why'
      | 'help'
      | 'live'
      | 'doubts'
      | 'inference'
      | 'config'
      | 'declared'
      | 'reported'
      | 'right'
      | 'solutions'
      | 'sources',
      string
    >
  >
> = {
  en: {
    why: 'Why',
    help: 'What to do',
    live: 'In an audit',
    doubts: 'What is not certain',
    inference: 'our inference',
    config: 'With this azure-backup-lint.yaml',
    declared: 'Declared in Terraform',
    reported: 'Reported in {name}',
    right: 'Right in {name}',
    solutions: 'Solutions',
    sources: 'Sources',
  },
  ja: {
    why: '理由',
    help: '対処',
    live: '監査 (audit) の場合',
    doubts: '確かでない点',
    inference: '推定',
    config: '次の azure-backup-lint.yaml を使用する場合',
    declared: 'Terraform での宣言',
    reported: '報告される例 ({name})',
    right: '正しい例 ({name})',
    solutions: '対象ソリューション',
    sources: '出典',
  },
};

async function builtInExamples(code: string): Promise<Examples> {
  const { exampleData } = await import('./check/examples.generated.ts');
  return (JSON.parse(exampleData) as Record<string, Examples>)[code] ?? {};
}

/** `ownExamples`: those of the user's own rules. */
export async function explain(
  rules: readonly Rule[],
  code: string,
  language: Language,
  ownExamples: () => Promise<Examples>,
): Promise<string> {
  const rule = rules.find((candidate) => candidate.code === code);
  if (!rule) throw new UsageError(unknownCode(code, rules));
  const texts = textsOf(rule, language);
  const says = headings[language];
  const lines = [
    `${rule.code}  (${rule.severity}, ${rule.profile})`,
    texts.title,
    '',
    says.why,
    indented(texts.why),
    '',
    says.help,
    indented(texts.help),
  ];
  if (texts.live?.help) lines.push('', says.live, indented(texts.live.help));
  const {
    config,
    doubts = rule.doubts ?? [],
    ...examples
  } = rule.isOwn ? await ownExamples() : await builtInExamples(code);
  if (doubts.length > 0) lines.push('', says.doubts, ...doubts.map((doubt) => indented(told(doubt, language))));
  if (config) lines.push('', says.config, indented(config));
  for (const [spoken, { bad, good, situation, declared } = {}] of Object.entries(examples)) {
    if (declared) lines.push('', says.declared, indented(declared));
    const name = languageNames[language][spoken] ?? spoken;
    const shown = [situation?.[language], bad].filter((part) => part !== undefined);
    if (shown.length > 0) lines.push('', says.reported.replace('{name}', name), ...shown.map(indented));
    if (good) lines.push('', says.right.replace('{name}', name), indented(good));
  }
  const { solutions, sources } = rule;
  if (solutions.length > 0)
    lines.push('', says.solutions, indented(solutions.map((id) => solutionLine(id, language)).join('\n')));
  if (sources.length > 0) lines.push('', says.sources, indented(sources.join('\n')));
  if (!rule.isOwn) lines.push('', docsOf(rule, language));
  const text = `${lines.join('\n')}\n`;
  return rule.isOwn ? printableLines(text) : text;
}

/** With what it rests on. */
function told(doubt: Doubt, language: Language): string {
  const sources = doubt.sources.map((source) => (source === 'inference' ? headings[language].inference : source));
  return `${doubt[language]} (${sources.join('; ')})`;
}

/** A vault is no solution with a page of its own. */
function solutionLine(id: string, language: Language): string {
  return id === 'vault' ? id : `${id}: ${docsOfSolution(id, language)}`;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
