/** A page per rule in docs/rules, from its data, its fixtures and the program's own output on them (the goldens). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileRules, examples, ruleFiles } from './rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const languages = { terraform: ['Terraform', 'hcl'], arm: ['ARM template', 'json'] };

/** Texts by path from the repository root. */
export function pages() {
  const shown = examples();
  const rules = compileRules();
  const written = Object.fromEntries(
    ruleFiles().map((path) => [
      path.split('/').at(-1).replace('.json', ''),
      JSON.parse(readFileSync(join(root, path), 'utf8')),
    ]),
  );
  const result = { 'docs/rules/README.md': index(rules) };
  for (const rule of rules)
    result[`docs/rules/${rule.code}.md`] = page(rule, written[rule.code], shown[rule.code] ?? {});
  return result;
}

function index(rules) {
  const groups = [...new Set(rules.map((rule) => rule.group))].sort();
  const lines = ['# Rules', '', 'Generated from `rules/` by `npm run build`.'];
  for (const group of groups) {
    lines.push('', `## ${group}`, '', '| rule | severity | profile | finds |', '|---|---|---|---|');
    for (const rule of rules)
      if (rule.group === group)
        lines.push(
          `| [${rule.code}](${rule.code}.md) | ${rule.severity} | ${rule.profile} | ${cell(rule.texts.en.title)} |`,
        );
  }
  return `${lines.join('\n')}\n`;
}

function page(rule, written, shown) {
  const texts = rule.texts.en;
  const lines = [
    `# ${rule.code}`,
    '',
    `${texts.title}.`,
    '',
    `**${rule.severity}**, profile ${rule.profile}. Solutions: ${rule.solutions.join(', ')}. Inputs: ${rule.inputs.join(', ')}. Evidence: ${rule.confidence}.`,
    '',
    '## Why',
    '',
    texts.why,
    '',
    '## What to do',
    '',
    texts.help,
  ];
  for (const help of Object.values(texts.helps ?? {})) lines.push('', help);
  if (written.not) lines.push('', '## Not reported', '', written.not);
  for (const [language, [name, fence]] of Object.entries(languages)) {
    const example = shown[language];
    if (!example) continue;
    lines.push('', `## ${name}`);
    if (example.bad) lines.push('', 'Reported:', '', `\`\`\`${fence}`, example.bad.trimEnd(), '```');
    const output = join(root, 'fixtures', rule.code, `fail.${fence === 'hcl' ? 'tf' : 'json'}.out`);
    if (existsSync(output)) lines.push('', '```', readFileSync(output, 'utf8').trimEnd(), '```');
    if (example.good) lines.push('', 'Right:', '', `\`\`\`${fence}`, example.good.trimEnd(), '```');
  }
  lines.push('', '## Sources', '', ...rule.sources.map((source) => `- ${source}`));
  return `${lines.join('\n')}\n`;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
