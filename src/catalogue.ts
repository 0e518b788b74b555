/** The built-in rules: parsed once, listed and explained. */
import { docsOf, type Rule } from './check/rule.ts';
import { ruleData } from './check/rules.generated.ts';
import { UsageError, unknownCode } from './config.ts';
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

export function removedNames(): readonly RemovedName[] {
  return builtIn().removedNames;
}

export function knownModules(): readonly KnownModule[] {
  return builtIn().modules;
}

export function ruleInfos(language: string): RuleInfo[] {
  return catalogue().map((rule) => {
    const texts = rule.texts[language] ?? rule.texts['en']!;
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

export function listRules(format: string): string {
  if (format === 'json') {
    const rules = catalogue().map((rule) => ({
      code: rule.code,
      severity: rule.severity,
      profile: rule.profile,
      group: rule.group,
      solutions: rule.solutions,
      inputs: rule.inputs,
      title: rule.texts['en']!.title,
      help: rule.texts['en']!.help,
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
      `  ${rule.code.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.profile.padEnd(11)}  ${rule.texts['en']!.title}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const languageNames: Readonly<Record<string, string>> = { terraform: 'Terraform', arm: 'ARM template' };

export async function explain(code: string): Promise<string> {
  const rule = catalogue().find((candidate) => candidate.code === code);
  if (!rule) throw new UsageError(unknownCode(code, catalogue()));
  const texts = rule.texts['en']!;
  const lines = [
    `${rule.code}  (${rule.severity}, ${rule.profile})`,
    texts.title,
    '',
    'Why',
    indented(texts.why),
    '',
    'What to do',
    indented(texts.help),
  ];
  const { exampleData } = await import('./check/examples.generated.ts');
  const examples =
    (JSON.parse(exampleData) as Record<string, Record<string, { bad?: string; good?: string }>>)[code] ?? {};
  for (const [language, { bad, good }] of Object.entries(examples)) {
    const name = languageNames[language] ?? language;
    if (bad) lines.push('', `Reported in ${name}`, indented(bad));
    if (good) lines.push('', `Right in ${name}`, indented(good));
  }
  lines.push(
    '',
    'Solutions',
    indented(rule.solutions.join(', ')),
    '',
    'Sources',
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
