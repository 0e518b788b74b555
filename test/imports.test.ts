/**
 * Imports go one way: source < parse < evaluate < model < check; report uses source alone, azure source and evaluate. No circles, and
 * nothing of Azure is loaded where nobody asked for an audit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

const allowed: Readonly<Record<string, readonly string[]>> = {
  source: ['source'],
  parse: ['source', 'parse'],
  evaluate: ['source', 'parse', 'evaluate'],
  model: ['source', 'evaluate', 'model'],
  check: ['source', 'parse', 'evaluate', 'model', 'check'],
  report: ['source', 'report'],
  azure: ['source', 'evaluate', 'azure'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(src, join(src, dirname(file), match[1]!)).replace(/\.js$/, '.ts'),
  );
}

const roomOf = (file: string): string | undefined => (file.includes('/') ? file.split('/')[0] : undefined);

test('every import goes down the house', () => {
  const wrong: string[] = [];
  for (const file of files)
    for (const target of importsOf(file)) {
      const from = roomOf(file);
      // Files beside the rooms join them; nothing in a room may know those.
      if (from === undefined) continue;
      const to = roomOf(target);
      if (to === undefined || !allowed[from]!.includes(to)) wrong.push(`${file} -> ${target}`);
    }
  expect(wrong).toEqual([]);
});

test('every room is known', () => {
  const rooms = new Set(files.map(roomOf).filter((room) => room !== undefined));
  expect([...rooms].filter((room) => !(room in allowed))).toEqual([]);
});

test('no file imports itself, directly or through others', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('what reads Azure is loaded by the audit and for its recordings alone', () => {
  const doors = ['audit.ts', 'replay.ts'];
  const isAzure = (name: string): boolean => name.startsWith('@azure/') || /(?:^|\/)azure\//.test(name);
  const loading: string[] = [];
  for (const file of files.filter((one) => !one.startsWith('azure/') && !doors.includes(one))) {
    const text = readFileSync(join(src, file), 'utf8');
    // Types cost nothing.
    for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)'/gms))
      if (isAzure(name) || doors.includes(name.slice(2))) loading.push(`${file} -> ${name}`);
  }
  expect(loading).toEqual([]);
});
