/** `npm run new-rule CODE [GROUP]`: the files of a new rule, to be filled in. Nothing else needs an edit. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [code, group = 'vault-security'] = process.argv.slice(2);
if (!code || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code)) {
  console.error('Usage: npm run new-rule CODE [GROUP], with a code like vault-soft-delete-off');
  process.exit(2);
}

const rule = {
  $schema: '../../schema/rule.schema.json',
  code,
  group,
  severity: 'warning',
  profile: 'recommended',
  confidence: 'documented',
  solutions: ['vault'],
  inputs: ['terraform', 'bicep', 'arm'],
  subjects: ['vault'],
  checks: [{ id: 'main', require: { required: ['location'] } }],
  not: 'Which look-alikes are right and stay silent.',
  facts: [],
  sources: ['https://learn.microsoft.com/azure/backup/'],
  texts: {
    en: {
      title: 'What is found, in a few words',
      messages: { main: 'What is wrong, with the value that was seen: {value}.' },
      help: 'What to write instead.',
      why: 'What happens if nothing changes.',
    },
    ja: {
      title: '見つかった問題を短く書きます',
      messages: { main: '何が問題かを、実際の値とともに書きます: {value}。' },
      help: '代わりに何を書けばよいかを書きます。',
      why: 'そのままにすると何が起きるかを書きます。',
      not: '報告しない、よく似た正しい構成を書きます。',
    },
  },
};
const template = `${JSON.stringify({ $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#', contentVersion: '1.0.0.0', resources: [] }, undefined, 2)}\n`;
const files = {
  [`rules/checks/${group}/${code}.json`]: `${JSON.stringify(rule, undefined, 2)}\n`,
  // Each phrase of `not`: the fixtures that show it, or why none can.
  [`fixtures/${code}/look-alikes.json`]: `${JSON.stringify({ [rule.not.slice(0, -1)]: ['pass'] }, undefined, 2)}\n`,
  [`fixtures/${code}/fail.tf`]: `# The wrong value stands on a line marked by hand.\n# expect: ${code}\n`,
  [`fixtures/${code}/pass.tf`]: '# The look-alikes.\n',
  [`fixtures/${code}/unknown.tf`]: '# The deciding value is a variable without default.\n',
  [`fixtures/${code}/fail.bicep`]: `// The wrong value stands on a line marked by hand.\n// expect: ${code}\n`,
  [`fixtures/${code}/pass.bicep`]: '// The look-alikes.\n',
  [`fixtures/${code}/unknown.bicep`]: '// The deciding value is a parameter without default.\n',
  [`fixtures/${code}/fail.json`]: template,
  [`fixtures/${code}/pass.json`]: template,
  [`fixtures/${code}/unknown.json`]: template,
};
for (const [path, text] of Object.entries(files)) {
  const file = join(root, path);
  if (existsSync(file)) {
    console.error(`${path} exists already; nothing was overwritten.`);
    process.exit(2);
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
console.log('\nFill them in, then: npm run update, read the goldens in the diff, npm test.');
