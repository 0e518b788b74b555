/** The fixtures of rules: one folder per rule, each file an input of its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { liveConfigurations } from '../src/azure/configuration.ts';
import { readInventory } from '../src/azure/inventory.ts';
import { catalogue } from '../src/catalogue.ts';
import { type Flags, type Options, settleOptions } from '../src/config.ts';
import { readConfiguration } from '../src/config-file.ts';
import type { Configuration } from '../src/evaluate/resource.ts';
import { judgeLive, lint, liveModels, readModels } from '../src/lint.ts';
import { Declared } from '../src/model/declared.ts';
import type { Model } from '../src/model/model.ts';
import type { Diagnostic } from '../src/source/diagnostic.ts';
import type { Finding, Run } from '../src/source/run.ts';
import { isSpan, type Origin } from '../src/source/source.ts';
import { type MemoryIo, memoryIo } from './memory.ts';

export const fixturesFolder = fileURLToPath(new URL('../fixtures', import.meta.url));

export interface Fixture {
  readonly code: string;
  /** `fail.tf`, `pass.shared-disk.json`, `fail.plan.json`, ... */
  readonly name: string;
  readonly path: string;
  readonly kind: 'fail' | 'pass' | 'unknown';
  readonly language: 'terraform' | 'bicep' | 'arm' | 'plan' | 'live';
  readonly text: string;
  /** The configuration that it is judged under: `STEM.azure-backup-lint.yaml` of the folder, else `azure-backup-lint.yaml`. */
  readonly config?: string | undefined;
  /** Of a recording: the file that it is compared with, `declared.STEM.tf` of the folder. */
  readonly declared?: string | undefined;
}

const languages = { tf: 'terraform', bicep: 'bicep', json: 'arm', jsonl: 'live' } as const;

export function fixtures(): Fixture[] {
  const codes = new Set(catalogue().map((rule) => rule.code));
  return readdirSync(fixturesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && codes.has(entry.name))
    .flatMap(({ name: code }) => {
      const names = readdirSync(join(fixturesFolder, code));
      const textOf = (name: string): string | undefined =>
        names.includes(name) ? readFileSync(join(fixturesFolder, code, name), 'utf8') : undefined;
      const shared = textOf(configName);
      return names
        .filter((name) => /^(fail|pass|unknown)(\.[a-z0-9-]+)*\.(tf|bicep|json|inventory\.jsonl)$/.test(name))
        .map((name): Fixture => {
          const path = join(fixturesFolder, code, name);
          const extension = name.slice(name.lastIndexOf('.') + 1) as keyof typeof languages;
          const text = readFileSync(path, 'utf8');
          return {
            code,
            name,
            path,
            kind: name.split('.')[0] as Fixture['kind'],
            // Of the JSON files a plan tells itself.
            language: extension === 'json' && /"format_version"/.test(text) ? 'plan' : languages[extension],
            text,
            declared: extension === 'jsonl' ? textOf(`declared.${name.replace('.inventory.jsonl', '.tf')}`) : undefined,
            config: textOf(`${name.slice(0, name.lastIndexOf('.'))}.${configName}`) ?? shared,
          };
        });
    });
}

const configName = 'azure-backup-lint.yaml';

type Judged = Pick<Fixture, 'name' | 'text' | 'config' | 'declared'>;

/** A disk with the fixture alone: a Terraform file is a root module of its own. */
export function fixtureIo({ name, text, config }: Judged): MemoryIo {
  return memoryIo({ [`/repo/${name}`]: text, ...(config !== undefined && { [`/repo/${configName}`]: config }) });
}

/** The options of a run in the folder of the fixture, with the configuration that lies there. */
export async function optionsIn(io: MemoryIo, flags: Flags = {}): Promise<Options> {
  return settleOptions([], flags, catalogue(), io, await readConfiguration(undefined, io));
}

export async function lintWith(flags: Flags, fixture: Judged): Promise<Run> {
  const io = fixtureIo(fixture);
  const options = await optionsIn(io, flags);
  if (!isLive(fixture)) return lint(options, io, '0.0.0');
  const log: Diagnostic[] = [];
  const declared = await declaredBeside(fixture);
  return judgeLive(inventoryOf(fixture, log), options, io, '0.0.0', log, { declared });
}

export async function modelsOf(fixture: Judged): Promise<Model[]> {
  const io = fixtureIo(fixture);
  const options = await optionsIn(io);
  if (!isLive(fixture)) return (await readModels(options, io)).models;
  return [...liveModels(inventoryOf(fixture, []), options, await declaredBeside(fixture))];
}

/** `declared.fail.tf`: what `--compare` sets the recording against. */
async function declaredBeside({ declared }: Judged): Promise<Declared | undefined> {
  if (declared === undefined) return undefined;
  const io = memoryIo({ '/repo/main.tf': declared });
  return new Declared((await readModels(await optionsIn(io), io)).models, true);
}

function isLive({ name }: Judged): boolean {
  return name.endsWith('.inventory.jsonl');
}

/** A recording of an audit. */
function inventoryOf({ name, text }: Judged, log: Diagnostic[]): Iterable<Configuration> {
  const inventory = readInventory(name, [new TextEncoder().encode(text)], log);
  return inventory ? liveConfigurations(inventory) : [];
}

/** JSON lines have no comments: `expected.txt` of the folder has the places, typed by a person, below the name of their fixture. */
export function expectedIn({ path, name }: Pick<Fixture, 'path' | 'name'>): string[] {
  const file = join(dirname(path), 'expected.txt');
  const places: string[] = [];
  let isOwn = false;
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [])
    if (/^\S/.test(line)) isOwn = line === name;
    else if (isOwn && line.trim() !== '') places.push(line.trim());
  return places.sort();
}

/** As `expected.txt` has them: the last two names of the id, and the place in the row. */
export function placesOf(findings: readonly Finding[]): string[] {
  return findings
    .map(({ at }) => (isSpan(at) ? '' : `${at.resourceId.split('/').slice(-2).join('/')} ${at.path}`.trim()))
    .sort();
}

/** Lines with `# expect: CODE[, CODE]` typed by a person, a line once per code. */
export function markersIn(text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const match = /(?:#|\/\/) expect: ([a-z0-9-]+(?:, [a-z0-9-]+)*)/.exec(line);
    return match ? match[1]!.split(', ').map((code) => `${i + 1} ${code}`) : [];
  });
}

export function linesOf(findings: readonly Finding[]): string[] {
  return findings.map(
    (finding) => `${isSpan(finding.at) ? finding.at.source.position(finding.at.start).line : 0} ${finding.code}`,
  );
}

function place(at: Origin): string {
  if (!isSpan(at)) return at.path === '' ? at.resourceId : `${at.resourceId} ${at.path}`;
  const start = at.source.position(at.start);
  const end = at.source.position(at.end);
  return `${at.source.file}:${start.line}:${start.column}-${end.line}:${end.column}`;
}

/** What a golden holds: everything about the findings that a user sees. */
export function render(findings: readonly Finding[]): string {
  return findings
    .map((finding) =>
      [
        `${place(finding.at)} ${finding.severity} ${finding.code}: ${finding.message}`,
        `  in ${finding.resource.address}`,
        ...finding.related.map((related) => `  ${place(related.at)} ${related.message}`),
        `  help: ${finding.help}`,
      ].join('\n'),
    )
    .map((text) => `${text}\n`)
    .join('');
}
