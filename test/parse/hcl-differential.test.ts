/**
 * Our HCL parser against hcl2-parser, which embeds HashiCorp's own (HCL 2.10): on the corpus, and on mutants of it.
 * hcl2-parser gives values: literals as they are, any other expression as "${source}", and no messages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import HCL from 'hcl2-parser';
import { describe, expect, test } from 'vitest';
import type { Expression } from '../../src/parse/expression.ts';
import { parseHcl } from '../../src/parse/hcl.ts';
import type { Body } from '../../src/parse/hcl-tree.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import { Source } from '../../src/source/source.ts';

const corpus = join(import.meta.dirname, '../../../shared/corpus/terraform');
const present = existsSync(corpus);
if (!present)
  console.warn('SKIPPED: no corpus at ../shared/corpus/terraform, so the HCL parser is not compared with hcl2-parser');

const texts: { file: string; text: string }[] = present
  ? (readdirSync(corpus, { recursive: true }) as string[])
      .filter((file) => /\.(tf|tfvars)$/.test(file))
      .sort()
      .map((file) => ({ file, text: readFileSync(join(corpus, file), 'utf8').replace(/^\ufeff/, '') }))
  : [];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** undefined: rejected. `broken`: hcl2-parser itself failed, so it says nothing about the text. */
function ask(text: string): Json | undefined | 'broken' {
  try {
    return (HCL.parseToObject(text) as [Json, unknown])[0] ?? undefined;
  } catch {
    return 'broken';
  }
}

function parse(text: string): { body: Body; log: Diagnostic[] } {
  const log: Diagnostic[] = [];
  return { body: parseHcl(new Source('x.tf', text), log).body, log };
}

/** Sources are compared without white space and parentheses, for our spans leave parentheses out. */
function bare(text: string): string {
  return text.replace(/[\s()]+/g, '');
}

function written(e: Expression): string {
  return e.source.text.slice(e.start, e.end);
}

function parenthesised(e: Expression): boolean {
  return /\(\s*$/.test(e.source.text.slice(0, e.start)) && /^\s*\)/.test(e.source.text.slice(e.end));
}

/** A part of a template as hcl2-parser writes it: constants melt into the text, conditionals become directives. */
function part(e: string | Expression): string {
  if (typeof e === 'string') return e;
  if (parenthesised(e)) return `\${${written(e)}}`;
  switch (e.kind) {
    case 'literal':
      return e.digits ?? String(e.value);
    case 'template':
      return e.parts.map(part).join('');
    case 'conditional': {
      const otherwise = part(e.otherwise);
      return `%{if ${written(e.condition)}}${part(e.then)}${otherwise === '' ? '' : `%{else}${otherwise}`}%{endif}`;
    }
    case 'for': {
      if (!e.text) return `\${${written(e)}}`;
      const names = e.keyName === undefined ? e.valueName : `${e.keyName}, ${e.valueName}`;
      return `%{for ${names} in ${written(e.of)}}${part(e.value)}%{endfor}`;
    }
    default:
      return `\${${written(e)}}`;
  }
}

function objectKey(key: Expression | undefined): string {
  if (!key) return '';
  if (key.kind === 'literal' || key.kind === 'template') return part(key);
  // A reference without parentheses is a key by its text, as in `providers = { azurerm.other = ... }`.
  return key.kind === 'access' && !parenthesised(key) ? written(key) : `\${${written(key)}}`;
}

function compareValue(path: string, e: Expression, theirs: Json | undefined, differences: string[]): void {
  const differs = () => differences.push(`${path}: ${written(e)} is ${JSON.stringify(theirs)}`);
  if (theirs === undefined) {
    differs();
    return;
  }
  // Tolerated: a negated constant is a literal there and an operation here.
  if (e.kind === 'operation' && e.operands.length === 1 && typeof theirs !== 'string') {
    const operand = e.operands[0];
    const value = operand?.kind === 'literal' ? operand.value : undefined;
    if (theirs !== (e.operator === '-' ? -Number(value) : !value)) differs();
    return;
  }
  switch (e.kind) {
    case 'literal':
      if (parenthesised(e) ? bare(String(theirs)) !== `\${${bare(written(e))}}` : theirs !== e.value) differs();
      return;
    case 'template': {
      // `"${1}"` is 1, not "1".
      const hole = e.parts.length === 1 ? e.parts[0] : undefined;
      if (typeof hole === 'object' && hole.kind === 'literal') compareValue(path, hole, theirs, differences);
      else if (theirs !== part(e)) differs();
      return;
    }
    case 'list':
      if (parenthesised(e)) break;
      if (!Array.isArray(theirs) || theirs.length !== e.items.length) {
        differs();
        return;
      }
      e.items.forEach((item, i) => {
        compareValue(`${path}[${i}]`, item.value, theirs[i], differences);
      });
      return;
    case 'object': {
      if (parenthesised(e)) break;
      if (theirs === null || typeof theirs !== 'object' || Array.isArray(theirs)) {
        differs();
        return;
      }
      const byKey = new Map(Object.entries(theirs).map(([key, value]) => [bare(key), value]));
      const ours = new Map(e.entries.map((entry) => [bare(objectKey(entry.key)), entry.value]));
      if (ours.size !== byKey.size) differs();
      for (const [key, value] of ours) compareValue(`${path}.${key}`, value, byKey.get(key), differences);
      return;
    }
  }
  if (bare(String(theirs)) !== bare(`\${${written(e)}}`)) differs();
}

function compareBody(path: string, body: Body, theirs: Json | undefined, differences: string[]): void {
  if (theirs === null || typeof theirs !== 'object' || Array.isArray(theirs)) {
    differences.push(`${path}: a block here, ${JSON.stringify(theirs)} there`);
    return;
  }
  const left = { ...theirs };
  for (const attribute of body.attributes) {
    compareValue(`${path}.${attribute.name}`, attribute.value, left[attribute.name], differences);
    delete left[attribute.name];
  }
  // Tolerated: hcl2-parser loses blocks when some of one type have labels and others have none or fewer.
  const labelCounts = new Map<string, number>();
  for (const { type, labels } of body.blocks) {
    if ((labelCounts.get(type) ?? labels.length) !== labels.length) return;
    labelCounts.set(type, labels.length);
  }
  // Blocks of one type and labels are a list, the labels are keys above it.
  const places = new Map<string, Body[]>();
  for (const block of body.blocks) {
    const key = JSON.stringify([block.type, ...block.labels.map((label) => label.text)]);
    places.set(key, [...(places.get(key) ?? []), block.body]);
  }
  let leaves = 0;
  for (const [key, bodies] of places) {
    const names = JSON.parse(key) as string[];
    let there: Json | undefined = left;
    for (const name of names)
      there = there && typeof there === 'object' && !Array.isArray(there) ? there[name] : undefined;
    if (!Array.isArray(there) || there.length !== bodies.length) {
      differences.push(`${path}: ${names.join(' ')} occurs ${bodies.length} times here`);
      continue;
    }
    leaves++;
    bodies.forEach((inner, i) => {
      compareBody(`${path}.${names.join('.')}[${i}]`, inner, (there as Json[])[i], differences);
    });
  }
  const theirLeaves = Object.values(left).reduce((sum: number, value) => sum + countLists(value), 0);
  if (theirLeaves !== leaves) differences.push(`${path}: ${leaves} kinds of blocks here, ${theirLeaves} there`);
}

function countLists(value: Json): number {
  if (Array.isArray(value)) return 1;
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + countLists(inner), 0);
}

/** How many mutants: the environment may ask for more, to search rather than to guard. */
const mutants = Number(process.env['HCL_MUTANTS'] ?? 500);

/** A small generator with a seed (mulberry32): the same mutants on every machine. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const alphabet = [...'{}[]()"=,.:?!-+*/%$~<>&|#\\\n x1\'', '${', '%{', '<<', '=>', '...', ' = ', '\r\n'];

function mutate(text: string, pick: (below: number) => number): string {
  const at = pick(text.length);
  const character = alphabet[pick(alphabet.length)]!;
  switch (pick(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    default:
      return text.slice(0, at) + character + text.slice(at + 1);
  }
}

test('random templates, heredocs and splats are judged alike and have the same text', { timeout: 120_000 }, () => {
  const inner = [
    ...[
      'a',
      ' ',
      '  ',
      '\t',
      '$',
      '%',
      '$$',
      '$${',
      '%%{',
      '}',
      '~',
      '\\n',
      '\\"',
      '\\\\',
      '${x}',
      '${~ x}',
      '${x ~}',
      '${~ x ~}',
    ],
    ...[
      '${1}',
      '${x[*].a}',
      '${x.*.b.0}',
      '${"b"}',
      '%{ if x }',
      '%{~ if x ~}',
      '%{ else }',
      '%{ endif }',
      '%{ endif ~}',
    ],
    ...['%{ for k, v in x ~}', '%{ for v in x }', '%{ endfor ~}', '%{~ endfor }', '\u00a0', 'é', '#', '//'],
  ];
  const lines = [...inner, '\n', '\n', '\n    ', '\n  ', '\n\t', '\n', '\r\n', ' E', '\n  \n'];
  const pick = random(42);
  const differences: string[] = [];
  let accepted = 0;
  let judged = 0;
  for (let n = 0; n < mutants * 2; n++) {
    const heredoc = pick(2) === 1;
    const pieces = Array.from(
      { length: 1 + pick(9) },
      () => (heredoc ? lines : inner)[pick((heredoc ? lines : inner).length)],
    );
    const content = pieces.join('');
    const text = heredoc ? `x = <<${pick(3) ? '-' : ''}E\n${content}\n  E\n` : `x = "${content}"\n`;
    // Tolerated: the scanner of HCL glues a lone $ or % to the CR behind it, so that `~` spares that CR.
    if (/[$%]\r\n/.test(text)) continue;
    const theirs = ask(text);
    if (theirs === 'broken') continue;
    judged++;
    const { body, log } = parse(text);
    if ((theirs !== undefined) !== (log.length === 0)) {
      differences.push(`${JSON.stringify(text)}: ${log[0]?.code ?? 'accepted'} here`);
      continue;
    }
    if (theirs === undefined) continue;
    accepted++;
    compareBody(JSON.stringify(text), body, theirs, differences);
  }
  expect(differences).toEqual([]);
  expect(judged).toBeGreaterThan(mutants);
  expect(accepted).toBeGreaterThan(mutants / 4);
});

describe.skipIf(!present)('against hcl2-parser', () => {
  test('every file of the corpus is accepted by both and has the same structure', { timeout: 120_000 }, () => {
    expect(texts.length).toBeGreaterThan(300);
    const differences: string[] = [];
    let compared = 0;
    for (const { file, text } of texts) {
      const theirs = ask(text);
      const { body, log } = parse(text);
      if (theirs === 'broken') continue;
      if (theirs === undefined) {
        // HCL 2.10 had no functions with a namespace.
        if (log.length === 0 && !/::/.test(text)) differences.push(`${file}: rejected there only`);
        continue;
      }
      if (log.length > 0) differences.push(`${file}: rejected here only: ${log[0]!.code} ${log[0]!.message}`);
      compared++;
      compareBody(file, body, theirs, differences);
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(texts.length * 0.97);
  });

  test('mutants of one character are never rejected here only, and at least 99.8 % are judged alike', {
    timeout: 120_000,
  }, () => {
    // Functions with a namespace are unknown to HCL 2.10, so a file with one is no start.
    const small = texts.filter(({ text }) => text.length > 80 && text.length < 1500 && !text.includes('::'));
    const pick = random(20_260_101);
    let alike = 0;
    let judged = 0;
    const rejectedHere: string[] = [];
    const acceptedHere: string[] = [];
    const differences: string[] = [];
    for (let n = 0; n < mutants; n++) {
      const { file, text } = small[pick(small.length)]!;
      const mutant = mutate(text, pick);
      const theirs = ask(mutant);
      if (theirs === 'broken') continue;
      judged++;
      const { body, log } = parse(mutant);
      if ((theirs !== undefined) === (log.length === 0)) alike++;
      else if (theirs === undefined) acceptedHere.push(`${file}: ${JSON.stringify(mutant)}`);
      else rejectedHere.push(`${file}: ${log[0]!.code} ${log[0]!.message}: ${JSON.stringify(mutant)}`);
      if (theirs !== undefined && log.length === 0) compareBody(`mutant ${n} of ${file}`, body, theirs, differences);
    }
    expect(rejectedHere).toEqual([]);
    expect(differences).toEqual([]);
    expect(judged).toBeGreaterThan(mutants * 0.9);
    expect(alike / judged, acceptedHere.join('\n')).toBeGreaterThanOrEqual(0.998);
  });
});
