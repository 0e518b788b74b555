/** The built-in rules: parsed once, listed and explained. */
import { docsOf, type Rule, type RuleTexts } from './check/rule.ts';
import { ruleData } from './check/rules.generated.ts';
import { type Language, UsageError, unknownCode } from './config.ts';
import type { KnownModule } from './model/known-modules.ts';
import type { RemovedName } from './model/model.ts';
import type { RuleInfo } from './source/run.ts';

interface BuiltIn {
  readonly rules: readonly Rule[];
  readonly removedNames: readonly RemovedName[];
  readonly modules: readonly KnownModule[];
}

let parsed: BuiltIn | undefined;

function builtIn(): BuiltIn {
  parsed ??= JSON.parse(ruleData) as BuiltIn;
  return parsed;
}

export function catalogue(): readonly Rule[] {
  return builtIn().rules;
}

/** Loads the texts of that language; what it lacks stays English. */
export async function speak(language: Language): Promise<void> {
  if (language === 'en') return;
  const { textData } = await import('./check/texts.generated.ts');
  const texts = (JSON.parse(textData) as Record<string, Record<string, RuleTexts>>)[language] ?? {};
  const data = builtIn();
  const rules = data.rules.map((rule) => {
    const own = texts[rule.code];
    return own ? { ...rule, texts: { ...rule.texts, [language]: own } } : rule;
  });
  parsed = { ...data, rules };
}

export function removedNames(): readonly RemovedName[] {
  return builtIn().removedNames;
}

export function knownModules(): readonly KnownModule[] {
  return builtIn().modules;
}

export function ruleInfos(language: Language): RuleInfo[] {
  return catalogue().map((rule) => {
    const texts = textsOf(rule, language);
    return {
      code: rule.code,
      group: rule.group,
      severity: rule.severity,
      profile: rule.profile,
      title: texts.title,
      help: texts.help,
      why: texts.why,
      solutions: rule.solutions,
      docs: docsOf(rule.code),
    };
  });
}

function textsOf(rule: Rule, language: Language): RuleTexts {
  return rule.texts[language] ?? rule.texts['en']!;
}

export function listRules(format: string, language: Language): string {
  if (format === 'json') {
    const rules = catalogue().map((rule) => ({
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
      docs: docsOf(rule.code),
    }));
    return `${JSON.stringify({ rules }, undefined, 2)}\n`;
  }
  const width = Math.max(...catalogue().map((rule) => rule.code.length));
  const lines: string[] = [];
  let group = '';
  const sorted = [...catalogue()].sort((a, b) => (a.group === b.group ? 0 : a.group < b.group ? -1 : 1));
  for (const rule of sorted) {
    if (rule.group !== group) {
      group = rule.group;
      lines.push(lines.length === 0 ? group : `\n${group}`);
    }
    lines.push(
      `  ${rule.code.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.profile.padEnd(11)}  ${textsOf(rule, language).title}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const languageNames: Readonly<Record<string, string>> = { terraform: 'Terraform', bicep: 'Bicep', arm: 'ARM template' };

const headings: Readonly<
  Record<Language, Record<'why' | 'help' | 'reported' | 'right' | 'solutions' | 'sources', string>>
> = {
  en: {
    why: 'Why',
    help: 'What to do',
    reported: 'Reported in {name}',
    right: 'Right in {name}',
    solutions: 'Solutions',
    sources: 'Sources',
  },
  ja: {
    why: '理由',
    help: '対処',
    reported: '報告される例 ({name})',
    right: '正しい例 ({name})',
    solutions: '対象ソリューション',
    sources: '出典',
  },
};

export async function explain(code: string, language: Language): Promise<string> {
  const rule = catalogue().find((candidate) => candidate.code === code);
  if (!rule) throw new UsageError(unknownCode(code, catalogue()));
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
  const { exampleData } = await import('./check/examples.generated.ts');
  const examples =
    (JSON.parse(exampleData) as Record<string, Record<string, { bad?: string; good?: string }>>)[code] ?? {};
  for (const [spoken, { bad, good }] of Object.entries(examples)) {
    const name = languageNames[spoken] ?? spoken;
    if (bad) lines.push('', says.reported.replace('{name}', name), indented(bad));
    if (good) lines.push('', says.right.replace('{name}', name), indented(good));
  }
  lines.push(
    '',
    says.solutions,
    indented(rule.solutions.join(', ')),
    '',
    says.sources,
    indented(rule.sources.join('\n')),
    '',
    docsOf(code),
  );
  return `${lines.join('\n')}\n`;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
