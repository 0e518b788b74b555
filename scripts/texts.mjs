/**
 * Every English sentence that people can see and src/ makes, read from its syntax: what rules/texts/ must have in other languages.
 * A sentence is a literal, a template or a sum of them; what is put in is a hole, numbered in order: `the default of "{0}"`.
 * test/texts.test.ts compares them; run as a program it prints those without translation, ready to be filled in.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files whose texts have languages of their own, or are data; those of the reports stand in report/words.ts. */
const apart = [
  'matrix.ts', // names columns and values by language
  'check/phrases.ts',
  'model/roles.ts', // names of Azure roles, as Azure writes them
  'catalogue.ts', // headings by language
  'evaluate/terraform/provisioners.ts', // names of commands
  'model/policy-definitions.ts', // names of definitions, as Azure writes them
  'completion.ts', // scripts for shells
  'manual.ts', // the manual page, which is English
  'azure/queries.ts', // queries of Resource Graph
];

/** Literals with spaces that nobody reads as a sentence. */
const noSentence = [
  // Products.
  'Windows Server {0}{1}',
  'SLES {0}{1}',
  'RHEL {0}.{1}',
  // Frames and names inside of the program.
  'error: {0}\n',
  'error: {0}: {1}\n',
  'a value of terraform ',
  '{0} from {1}',
  '--var {0}',
  '{0} kubelet',
  'azure-backup-lint/{0}',
  'models alone',
  'rules test',
  'az role assignment create --assignee OBJECT-ID --role Reader --scope {0}',
  'not JSON',
  '::error title=azure-backup-lint::{0}\n',
  // Lines of a configuration that is written.
  'profile: recommended',
  'failOn: error',
  '{0}terraform: { varFiles: {1} }',
  // Facts that rules put into their messages: check/phrases.ts translates them there.
  'every rule',
  'suppression of {0}',
  'resource group',
  '{0} and {1} more',
];

/** Calls that compare or look up; their arguments are not shown. */
const silentCalls =
  /^(?:includes|startsWith|endsWith|indexOf|lastIndexOf|split|has|get|set|test|exec|replaceAll|replace|match|is)$/;

/** English sentence -> places in src/ that say it, and in data from which it comes. */
export function sentences() {
  const found = new Map();
  const add = (text, place) => found.set(text, [...(found.get(text) ?? []), place]);
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.ts') && !/\.generated\./.test(file) && !apart.includes(file) && !file.startsWith('report/'),
    )
    .sort();
  for (const file of files)
    for (const { text, line } of sentencesIn(file, readFileSync(join(root, 'src', file), 'utf8')))
      add(text, `src/${file}:${line}`);
  for (const file of readdirSync(join(root, 'rules/modules')).sort())
    for (const text of reasonsIn(JSON.parse(readFileSync(join(root, 'rules/modules', file), 'utf8'))))
      add(text, `rules/modules/${file}`);
  return found;
}

/** Why a module does not tell a value. */
function reasonsIn(data) {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) =>
    key === 'unknown' && typeof value === 'string' ? [value] : reasonsIn(value),
  );
}

function sentencesIn(file, code) {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (isSilent(node)) return;
    const text = patternOf(node);
    if (text !== undefined && (isSentence(text) || (isWord(text) && besideSentence(node))))
      found.push({ text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    if (text !== undefined && ts.isBinaryExpression(node)) {
      for (const operand of operandsOf(node)) if (patternOf(operand) === undefined) visit(operand);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isSilent(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isCaseClause(node.parent ?? node) && node.parent.expression === node) return true;
  if (ts.isNewExpression(node) && /^(?:Syntax)?Error$/.test(node.expression.getText())) return true;
  if (!node.parent) return false;
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && /^(?:[!=]==?|[<>]=?|in)$/.test(parent.operatorToken.getText()))
    return ts.isStringLiteral(node);
  if (ts.isCallExpression(parent) && parent.expression !== node && ts.isPropertyAccessExpression(parent.expression))
    return silentCalls.test(parent.expression.name.text) && ts.isStringLiteralLike(node);
  if (ts.isElementAccessExpression(parent)) return parent.argumentExpression === node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}

function patternOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }, i) => `{${i}}${literal.text}`).join('');
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const parts = operandsOf(node).map(patternOf);
  if (parts.every((part) => part === undefined)) return undefined;
  let hole = 0;
  return parts
    .map((part) => (part === undefined ? `{${hole++}}` : part.replaceAll(/\{\d+\}/g, () => `{${hole++}}`)))
    .join('');
}

function operandsOf(node) {
  if (ts.isParenthesizedExpression(node)) return operandsOf(node.expression);
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken
    ? [...operandsOf(node.left), ...operandsOf(node.right)]
    : [node];
}

/** Two words, or a word beside a hole. */
function isSentence(text) {
  // Options, comments of YAML, commands, filters of Azure.
  if (/^(?:(?:-\w, )?--[\w-]+ <[^>]+>$|# |azure-backup-lint [\w-]+ |\w+ eq ')/.test(text) || noSentence.includes(text))
    return false;
  return (
    /[a-z]{2,}[,;:]? .*[a-z]{2,}/is.test(text.replace(/\{\d+\}/g, '{}')) ||
    /[a-z]+[,;:]? [a-z]|[a-z]{2,}[.,;:]?\)? [{"<]|[}"] [a-z]{2,}/i.test(text)
  );
}

function isWord(text) {
  return /^[a-z]{3,}(?: \d+)?$/.test(text);
}

/** The other branch of a choice is a sentence. */
function besideSentence(node) {
  const { parent } = node;
  if (!parent || !ts.isConditionalExpression(parent) || parent.condition === node) return false;
  const other = patternOf(parent.whenTrue === node ? parent.whenFalse : parent.whenTrue);
  return other !== undefined && isSentence(other);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compileSentences } = await import('./rules.mjs');
  for (const [language, entries] of Object.entries(compileSentences())) {
    const translated = new Set(entries.map(([en]) => en));
    for (const [en, [place]] of sentences())
      if (!translated.has(en)) console.log(`{ "en": ${JSON.stringify(en)}, "${language}": "" },  ${place}`);
  }
}
