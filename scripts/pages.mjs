/**
 * A page per rule in docs/rules, from its data, its fixtures and the program's own output on them (the goldens); and its
 * Japanese twin in docs/ja/rules, for which the bundle is run, since goldens are English. A page per solution in
 * docs/solutions and docs/ja/solutions is what `matrix` prints, with the rules that look at it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileRules, compileSolutions, examples, ruleFiles } from './rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inputs = {
  terraform: ['tf', 'hcl'],
  arm: ['json', 'json'],
  plan: ['plan.json', ''],
  live: ['inventory.jsonl', 'jsonc'],
};

/** Per language: its folder, the way to the other one, and what the pages say beside the texts of the rules. */
const languages = {
  en: {
    folder: 'docs/rules',
    other: ['日本語', '../ja/rules'],
    names: { terraform: 'Terraform', arm: 'ARM template', plan: 'Terraform plan', live: 'Live Azure' },
    index: 'Rules',
    generated: 'Generated from `rules/` by `npm run build`.',
    columns: ['rule', 'severity', 'profile', 'finds'],
    title: (title) => `${title}.`,
    about: (rule) =>
      `**${rule.severity}**, profile ${rule.profile}. Solutions: ${solutionLinks(rule)}. Inputs: ${rule.inputs.join(', ')}. Evidence: ${rule.confidence}.`,
    why: 'Why',
    help: 'What to do',
    live: 'In an audit',
    not: 'Not reported',
    doubts: 'What is not certain',
    inference: 'our inference',
    config: 'Configuration',
    given: 'The examples are judged under this azure-backup-lint.yaml:',
    bad: 'Reported:',
    excerpt: (file) => `In short, what ${file} changes; places are those of the whole plan.`,
    recorded: (file) => `In short, one of the things that are reported in ${file}.`,
    declared: 'Declared in Terraform:',
    good: 'Right:',
    sources: 'Sources',
  },
  ja: {
    folder: 'docs/ja/rules',
    other: ['English', '../../rules'],
    names: { terraform: 'Terraform', arm: 'ARM テンプレート', plan: 'Terraform プラン', live: '実際の Azure' },
    index: 'ルール',
    generated: '`npm run build` により `rules/` から生成されています。',
    columns: ['ルール', '重大度', 'プロファイル', '検出する内容'],
    title: (title) => `${title}。`,
    about: (rule) =>
      `**${rule.severity}**、プロファイル: ${rule.profile}。対象ソリューション: ${solutionLinks(rule)}。入力: ${rule.inputs.join(', ')}。根拠: ${rule.confidence}。`,
    why: '理由',
    help: '対処',
    live: '監査 (audit) の場合',
    not: '報告しないもの',
    doubts: '確かでない点',
    inference: '推定',
    config: '構成',
    given: '以下の例は、次の azure-backup-lint.yaml を使用して判定しています:',
    bad: '報告される例:',
    excerpt: (file) => `以下は ${file} が変更する内容の抜粋です。位置はプラン全体のものです。`,
    recorded: (file) => `以下は ${file} で報告されるものの 1 つの抜粋です。`,
    declared: 'Terraform での宣言:',
    good: '正しい例:',
    sources: '出典',
  },
};

/** Texts by path from the repository root. */
export async function pages() {
  const shown = examples();
  const rules = compileRules();
  const written = Object.fromEntries(
    ruleFiles().map((path) => [
      path.split('/').at(-1).replace('.json', ''),
      JSON.parse(readFileSync(join(root, path), 'utf8')),
    ]),
  );
  const result = {};
  for (const [language, words] of Object.entries(languages)) {
    result[`${words.folder}/README.md`] = index(rules, language, words);
    for (const rule of rules) {
      const own = written[rule.code];
      const beside = {
        look: language === 'en' ? own.not : own.texts[language]?.not,
        doubts: (own.doubts ?? []).map(
          (doubt) =>
            `${doubt[language]} (${doubt.sources.map((source) => (source === 'inference' ? words.inference : source)).join('; ')})`,
        ),
      };
      result[`${words.folder}/${rule.code}.md`] = await page(rule, beside, shown[rule.code] ?? {}, language, words);
    }
  }
  return { ...result, ...(await solutionPages(rules)) };
}

function index(rules, language, words) {
  const groups = [...new Set(rules.map((rule) => rule.group))].sort();
  const [name, folder] = words.other;
  const lines = [`# ${words.index}`, '', `[${name}](${folder}/README.md)`, '', words.generated];
  for (const group of groups) {
    lines.push('', `## ${group}`, '', `| ${words.columns.join(' | ')} |`, '|---|---|---|---|');
    for (const rule of rules)
      if (rule.group === group)
        lines.push(
          `| [${rule.code}](${rule.code}.md) | ${rule.severity} | ${rule.profile} | ${cell(textsOf(rule, language).title)} |`,
        );
  }
  return `${lines.join('\n')}\n`;
}

async function page(rule, { look, doubts }, shown, language, words) {
  const texts = textsOf(rule, language);
  const [name, folder] = words.other;
  const lines = [
    `# ${rule.code}`,
    '',
    `[${name}](${folder}/${rule.code}.md)`,
    '',
    words.title(texts.title),
    '',
    words.about(rule),
    '',
    `## ${words.why}`,
    '',
    texts.why,
    '',
    `## ${words.help}`,
    '',
    texts.help,
  ];
  for (const help of Object.values(texts.helps ?? {})) lines.push('', help);
  const live = [texts.live?.help, ...Object.values(texts.live?.helps ?? {})].filter((help) => help !== undefined);
  if (live.length > 0) lines.push('', `## ${words.live}`, ...live.flatMap((help) => ['', help]));
  if (look) lines.push('', `## ${words.not}`, '', look);
  if (doubts.length > 0) lines.push('', `## ${words.doubts}`, '', ...doubts.map((doubt) => `- ${doubt}`));
  if (shown.config) lines.push('', `## ${words.config}`, '', words.given, '', '```yaml', shown.config.trimEnd(), '```');
  for (const [input, [extension, fence]] of Object.entries(inputs)) {
    const example = shown[input];
    if (!example) continue;
    lines.push('', `## ${words.names[input]}`);
    const excerpt = { plan: words.excerpt, live: words.recorded }[input];
    if (excerpt) {
      const up = words.folder
        .split('/')
        .map(() => '..')
        .join('/');
      lines.push('', excerpt(`[fail.${extension}](${up}/fixtures/${rule.code}/fail.${extension})`));
    }
    if (example.declared) lines.push('', words.declared, '', '```hcl', example.declared.trimEnd(), '```');
    if (example.situation) lines.push('', example.situation[language]);
    if (example.bad) {
      lines.push('', words.bad, '', `\`\`\`${fence}`, example.bad.trimEnd(), '```');
      const whole = excerpt && readFileSync(join(root, 'fixtures', rule.code, `fail.${extension}`), 'utf8');
      const output =
        input === 'live'
          ? await auditOf(rule, whole, example.bad, language, shown.config)
          : await outputOf(rule, `fail.${extension}`, whole ?? example.bad, language, shown.config);
      if (output) lines.push('', '```', output.trimEnd(), '```');
    }
    if (example.good) lines.push('', words.good, '', `\`\`\`${fence}`, example.good.trimEnd(), '```');
  }
  lines.push('', `## ${words.sources}`, '', ...rule.sources.map((source) => `- ${source}`));
  return `${lines.join('\n')}\n`;
}

/** A vault is no solution with a page of its own. */
function solutionLinks({ solutions }) {
  return solutions.map((id) => (id === 'vault' ? id : `[${id}](../solutions/${id}.md)`)).join(', ');
}

/** Per language, for the pages of solutions. */
const solutionWords = {
  en: {
    folder: 'docs/solutions',
    other: ['日本語', '../ja/solutions'],
    index: 'Solutions',
    generated: 'Generated from `rules/solutions` by `npm run build`; `azure-backup-lint matrix` prints the same.',
    pages: 'In full',
    rules: 'Rules',
    columns: ['rule', 'severity', 'finds'],
  },
  ja: {
    folder: 'docs/ja/solutions',
    other: ['English', '../../solutions'],
    index: 'ソリューション',
    generated:
      '`npm run build` により `rules/solutions` から生成されています。`azure-backup-lint matrix` でも表示できます。',
    pages: '詳細',
    rules: '関連するルール',
    columns: ['ルール', '重大度', '検出する内容'],
  },
};

async function solutionPages(rules) {
  const result = {};
  for (const [language, words] of Object.entries(solutionWords)) {
    const [name, folder] = words.other;
    const print = (...args) => run({}, ['matrix', ...args, '--format', 'markdown', '--lang', language]);
    const links = [];
    for (const { id, title } of compileSolutions()) {
      const [heading, ...rest] = (await print(id)).trimEnd().split('\n');
      const lines = [heading, '', `[${name}](${folder}/${id}.md)`, ...rest];
      const own = rules.filter((rule) => rule.solutions.includes(id));
      if (own.length > 0) {
        lines.push('', `## ${words.rules}`, '', `| ${words.columns.join(' | ')} |`, '|---|---|---|');
        for (const rule of own)
          lines.push(
            `| [${rule.code}](../rules/${rule.code}.md) | ${rule.severity} | ${cell(textsOf(rule, language).title)} |`,
          );
      }
      result[`${words.folder}/${id}.md`] = `${lines.join('\n')}\n`;
      links.push(`- [${title[language]}](${id}.md)`);
    }
    const table = (await print()).trimEnd();
    const head = [`# ${words.index}`, '', `[${name}](${folder}/README.md)`, '', words.generated];
    result[`${words.folder}/README.md`] = `${[...head, '', table, '', `## ${words.pages}`, '', ...links].join('\n')}\n`;
  }
  return result;
}

/** English where there is no translation yet. */
function textsOf(rule, language) {
  return rule.texts[language] ?? rule.texts.en;
}

async function outputOf(rule, name, text, language, config) {
  if (language !== 'en')
    return run({ [name]: text, ...(config && { 'azure-backup-lint.yaml': config }) }, [
      '--only',
      rule.code,
      '--lang',
      language,
      '--quiet',
    ]);
  const golden = join(root, 'fixtures', rule.code, `${name}.out`);
  return existsSync(golden) ? readFileSync(golden, 'utf8') : '';
}

/** What an audit of the recording says of what the example shows; nothing where it is set against code as well. */
async function auditOf({ code }, recording, example, language, config) {
  const { name } = JSON.parse(example.replace(/^\/\/.*/, ''));
  const files = { 'recorded.jsonl': recording, ...(config && { 'azure-backup-lint.yaml': config }) };
  const args = ['audit', '--inventory', 'recorded.jsonl', '--only', code, '--format', 'json', '--lang', language];
  const { findings } = JSON.parse(await run(files, args));
  const own = findings.find(({ location }) => location.resourceId?.endsWith(`/${name}`));
  return own ? `${own.severity} ${code}: ${own.message}\n  help: ${own.help}` : '';
}

/** What the bundle prints on a disk that holds nothing but these files. */
async function run(texts, args) {
  const { main } = createRequire(import.meta.url)('../dist/main.cjs');
  const textOf = (path) => texts[path.replace(/^\/repo\//, '')];
  let out = '';
  await main(args, '0.0.0', {
    files: {
      info: (path) => {
        const text = textOf(path);
        if (text !== undefined) return { kind: 'file', size: Buffer.byteLength(text) };
        return path === '/repo' ? { kind: 'directory', size: 0 } : undefined;
      },
      read: (path) => Buffer.from(textOf(path)),
      list: (path) => (path === '/repo' ? Object.keys(texts).map((name) => ({ name, kind: 'file' })) : []),
      realPath: (path) => (textOf(path) !== undefined || path === '/repo' ? path : undefined),
    },
    cwd: '/repo',
    out: { write: (piece) => (out += piece), isTerminal: false, columns: 100 },
    err: { write: () => {}, isTerminal: false, columns: 100 },
    stdin: async () => Buffer.alloc(0),
    // The day of the fixtures, as in the tests.
    today: '2026-06-15',
    noColor: true,
    writeFile: () => {},
    now: () => 0,
  });
  return out;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
