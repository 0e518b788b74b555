/**
 * `matrix`: what each solution protects, how far and how it is restored, from rules/solutions.
 * Takes a format, a language and perhaps one solution; gives text. The data is loaded on demand.
 */
import type { Language } from './config.ts';
import { columnsOf } from './report/columns.ts';
import { harmlessJson, printable } from './report/printable.ts';
import { UsageError, unknownSolution } from './usage.ts';

/** The same in both languages. */
interface Text {
  readonly en: string;
  readonly ja: string;
}

interface Sourced {
  readonly sources: readonly string[];
}

interface Fact extends Text, Sourced {
  readonly value: string;
}

interface Named extends Sourced {
  readonly value: string | readonly string[];
}

interface Status extends Sourced, Partial<Text> {
  readonly value: string;
  readonly part?: Text;
  readonly date?: string;
}

interface Tier extends Fact {
  /** The longest that any tag allows; a bound that no source prints is left out. */
  readonly retention?: { readonly minimum?: string; readonly maximum?: string; readonly points?: number };
}

interface Restore extends Fact {
  readonly needs?: readonly string[];
}

type Cell = 'original' | 'alternate' | 'items' | 'other' | 'limits';

interface Workload extends Sourced, Partial<Readonly<Record<Cell, Text>>> {
  readonly title: Text;
}

interface Disagreement {
  readonly topic: Text;
  readonly sides: readonly (Text & Sourced & { readonly date?: string })[];
  readonly taken: Text;
}

export interface Solution {
  readonly id: string;
  readonly title: Text;
  readonly vaultKind: Sourced & { readonly value: 'recovery-services' | 'backup' | 'none' };
  readonly status: readonly Status[];
  readonly names: Readonly<Record<string, Named>>;
  readonly languages: Readonly<Record<string, Readonly<Record<string, Named>>>>;
  readonly policyKinds: readonly Fact[];
  readonly backupTypes: readonly Fact[];
  readonly consistency: readonly Fact[];
  readonly rpo: readonly Fact[];
  readonly tiers: readonly Tier[];
  readonly restores: readonly Restore[];
  readonly workloads?: readonly Workload[];
  readonly exclusions: readonly (Text & Sourced)[];
  readonly remarks?: readonly (Text & Sourced)[];
  readonly disagreements: readonly Disagreement[];
  readonly limits: unknown;
}

export async function loadSolutions(): Promise<readonly Solution[]> {
  const { matrixData } = await import('./check/matrix.generated.ts');
  return JSON.parse(matrixData) as Solution[];
}

export async function showMatrix(format: string, language: Language, id?: string): Promise<string> {
  const all = await loadSolutions();
  if (id === undefined) return listings[format]!(all, language);
  const solution = all.find((candidate) => candidate.id === id.toLowerCase());
  if (!solution) {
    const ids = all.map((candidate) => candidate.id);
    throw new UsageError(unknownSolution(id, ids));
  }
  if (format === 'pretty') return prettyPage(solution, language);
  if (format === 'markdown') return markdownPage(solution, language);
  return listings[format]!([solution], language);
}

const listings: Readonly<Record<string, (solutions: readonly Solution[], language: Language) => string>> = {
  pretty: prettyTable,
  markdown: markdownTable,
  json: jsonOf,
  csv: csvOf,
};

const columns = [
  'solution',
  'vault',
  'datasource',
  'backupTypes',
  'consistency',
  'rpo',
  'longestRetention',
  'restores',
] as const;

type Column = (typeof columns)[number];

function rowOf(solution: Solution, language: Language): Record<Column, readonly string[]> {
  const says = words[language];
  const values = (facts: readonly Fact[]): string[] => [
    ...new Set(facts.map(({ value }) => says.values[value] ?? value)),
  ];
  return {
    solution: [solution.title[language]],
    vault: [says.values[solution.vaultKind.value]!],
    datasource: datasourceOf(solution),
    backupTypes: values(solution.backupTypes),
    consistency: values(solution.consistency),
    rpo: [solution.rpo[0] ? spoken(solution.rpo[0].value, language) : says.noneOfItsOwn],
    longestRetention: [longestRetention(solution, language)],
    restores: values(solution.restores),
  };
}

/** In ARM; what lives in a guest has no type of its own there, so the workload's name stands for it. */
function datasourceOf({ names }: Solution): readonly string[] {
  const named = (names['datasource'] ?? names['workloadType'])!.value;
  return typeof named === 'string' ? [named] : named;
}

function longestRetention(solution: Solution, language: Language): string {
  const says = words[language];
  if (solution.vaultKind.value === 'none') return says.noneOfItsOwn;
  const longest = solution.tiers
    .filter(({ retention }) => retention?.maximum)
    .sort((a, b) => daysOf(b.retention!.maximum!) - daysOf(a.retention!.maximum!))[0];
  if (longest) return spoken(longest.retention!.maximum!, language);
  const points = solution.tiers.find(({ retention }) => retention?.points)?.retention?.points;
  return points === undefined ? says.notPrinted : says.points(points);
}

const unitDays: Readonly<Record<string, number>> = { D: 1, W: 7, M: 31, Y: 366 };

function daysOf(duration: string): number {
  const [, count, unit] = /^P(\d+)([DWMY])$/.exec(duration)!;
  return Number(count) * unitDays[unit!]!;
}

/** `PT15M` as people say it. */
function spoken(duration: string, language: Language): string {
  const match = /^P(T?)(\d+)([DWMYH])$/.exec(duration);
  if (!match) return words[language].values[duration] ?? duration;
  const [, time, count, unit] = match;
  const name = words[language].units[`${time}${unit}`]!;
  return language === 'ja' ? `${count} ${name}` : `${count} ${name}${count === '1' ? '' : 's'}`;
}

function jsonOf(solutions: readonly Solution[], language: Language): string {
  return harmlessJson({ version: 1, solutions: solutions.map((solution) => inOneLanguage(solution, language)) });
}

/** Texts of both languages become one `text`; a title or topic, which has nothing beside it, becomes the text itself. */
function inOneLanguage(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item) => inOneLanguage(item, language));
  if (typeof value !== 'object' || value === null) return value;
  const { en, ja, ...rest } = value as Record<string, unknown>;
  const kept = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, inOneLanguage(item, language)]));
  if (en === undefined) return kept;
  const text = language === 'ja' ? ja : en;
  if (Object.keys(kept).length === 0) return text;
  const { sources, ...before } = kept;
  return { ...before, text, sources };
}

/** RFC 4180, with a header. No cell begins with a sign that a spreadsheet takes for a formula. */
function csvOf(solutions: readonly Solution[], language: Language): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = ['id', ...columns.map((column) => words[language].columns[column])];
  const rows = solutions.map((solution) => {
    const row = rowOf(solution, language);
    return [solution.id, ...columns.map((column) => row[column].join(words[language].comma))];
  });
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function markdownTable(solutions: readonly Solution[], language: Language): string {
  const lines = [
    `| ${columns.map((column) => words[language].columns[column]).join(' | ')} |`,
    `|${'---|'.repeat(columns.length)}`,
  ];
  for (const solution of solutions) {
    const row = rowOf(solution, language);
    lines.push(`| ${columns.map((column) => markdown(row[column].join(words[language].comma))).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** What stands between backticks is code and stays; the rest means nothing but itself. */
function markdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, at) => (at % 2 === 1 ? part.replaceAll('|', '\\|') : part.replaceAll(/[\\`*_[\]<>|#$~]/g, '\\$&')))
    .join('');
}

/** Of a line; the columns of the table fill it with a blank between two of them. */
const width = 100;

const widths: Readonly<Record<Language, Readonly<Record<Column, number>>>> = {
  en: {
    solution: 12,
    vault: 8,
    datasource: 17,
    backupTypes: 12,
    consistency: 11,
    rpo: 10,
    longestRetention: 9,
    restores: 14,
  },
  ja: {
    solution: 12,
    vault: 8,
    datasource: 17,
    backupTypes: 16,
    consistency: 12,
    rpo: 8,
    longestRetention: 8,
    restores: 12,
  },
};

/** Each value of a cell begins a line. */
function prettyTable(solutions: readonly Solution[], language: Language): string {
  const head = Object.fromEntries(columns.map((column) => [column, [words[language].columns[column]]]));
  const rows = [head as Record<Column, string[]>, ...solutions.map((solution) => rowOf(solution, language))];
  const blocks = rows.map((row) => {
    const cells = columns.map((column) =>
      row[column].flatMap((value) => wrapped(printable(value), widths[language][column])),
    );
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      columns
        .map((column, at) => padded(cells[at]![line] ?? '', widths[language][column]))
        .join(' ')
        .trimEnd(),
    ).join('\n');
  });
  const rule = '─'.repeat(width);
  return `${blocks.join(`\n${rule}\n`)}\n\n${wrapped(words[language].more, width).join('\n')}\n`;
}

function padded(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - columnsOf(text)));
}

/** Where a line may end: at a blank, after a slash, after a dot or hyphen outside of numbers, around Katakana and beside other characters of two columns. */
const pieces =
  /(?:[\u30a0-\u30ff]+|[\u2e80-\u309f\u3100-\uffef]|(?:[^\s./\-\u2e80-\uffef]|[.-](?=\d))+[./-]*|[./-]+|[ \t]+)[、。」）),;:]*[ \t]*/g;

/** What never begins a line: long marks, small Kana, closing punctuation. */
const notFirst = /^[ーァィゥェォッャュョ、。」）]/;

/** Lines of at most so many columns; a word that is longer still is cut. */
export function wrapped(text: string, columnsOfLine: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [piece] of text.matchAll(pieces)) {
    if (line !== '' && columnsOf((line + piece).trimEnd()) > columnsOfLine) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
    while (columnsOf(line.trimEnd()) > columnsOfLine) {
      let end = line.length;
      while (columnsOf(line.slice(0, end)) > columnsOfLine || (end > 1 && notFirst.test(line.slice(end)))) end--;
      lines.push(line.slice(0, end));
      line = line.slice(end);
    }
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/** A solution in full, as headings with points; how they look is the format's. */
interface Section {
  readonly heading: string;
  readonly points: readonly Point[];
}

/** `name` is code where it is a name of the service or of a language. */
interface Point {
  readonly name?: string;
  readonly code?: readonly string[];
  readonly text?: string;
  readonly sources: readonly string[];
  readonly points?: readonly Point[];
}

function sectionsOf(solution: Solution, language: Language): Section[] {
  const says = words[language];
  const heading = says.headings;
  const text = (from: Text): string => from[language];
  const named = (value: string): string => says.values[value] ?? value;
  const namesOf = (names: Readonly<Record<string, Named>>): Point[] =>
    Object.entries(names).map(([key, { value, sources }]) => {
      const code = typeof value === 'string' ? [value] : value;
      const name = says.names[key] ?? key;
      return code.length > 0 ? { name, code, sources } : { name, text: says.nothing, sources };
    });
  const factsOf = (facts: readonly Fact[]): Point[] =>
    facts.map((fact) => ({ name: named(fact.value), text: text(fact), sources: fact.sources }));
  const sections: Section[] = [
    {
      heading: heading.overview,
      points: [
        {
          name: says.columns.vault,
          text: says.vaults[solution.vaultKind.value],
          sources: solution.vaultKind.sources,
        },
        ...solution.status.map((status) => ({
          name: status.part ? `${heading.status} (${text(status.part)})` : heading.status,
          text: [named(status.value) + (status.date ? ` (${status.date})` : ''), status[language]]
            .filter((part) => part !== undefined)
            .join(says.colon),
          sources: status.sources,
        })),
      ],
    },
    { heading: heading.names, points: namesOf(solution.names) },
    ...Object.entries(solution.languages).map(([key, names]) => ({
      heading: heading[key as 'azurerm' | 'arm'],
      points: namesOf(names),
    })),
    {
      heading: heading.policyKinds,
      points: solution.policyKinds.map((kind) => ({
        ...(kind.value === 'none' ? {} : { code: [kind.value] }),
        text: text(kind),
        sources: kind.sources,
      })),
    },
    { heading: heading.backupTypes, points: factsOf(solution.backupTypes) },
    { heading: heading.consistency, points: factsOf(solution.consistency) },
    {
      heading: heading.rpo,
      points: solution.rpo.map((rpo) => ({
        name: spoken(rpo.value, language),
        text: text(rpo),
        sources: rpo.sources,
      })),
    },
    {
      heading: heading.tiers,
      points: solution.tiers.map((tier) => ({
        name: tierName(tier, language),
        text: text(tier),
        sources: tier.sources,
      })),
    },
    {
      heading: heading.restores,
      points: solution.restores.map((restore) => ({
        name: named(restore.value),
        text: restore.needs
          ? `${text(restore)}${says.gap}${says.needs(restore.needs.map((need) => says.needNames[need]!))}`
          : text(restore),
        sources: restore.sources,
      })),
    },
    {
      heading: heading.workloads,
      points: (solution.workloads ?? []).map((workload) => ({
        name: text(workload.title),
        sources: workload.sources,
        points: (['original', 'alternate', 'items', 'other', 'limits'] as const).flatMap((cell) => {
          const says = workload[cell];
          return says ? [{ name: words[language].cells[cell], text: text(says), sources: [] }] : [];
        }),
      })),
    },
    {
      heading: heading.exclusions,
      points: solution.exclusions.map((exclusion) => ({ text: text(exclusion), sources: exclusion.sources })),
    },
    {
      heading: heading.remarks,
      points: (solution.remarks ?? []).map((remark) => ({ text: text(remark), sources: remark.sources })),
    },
    {
      heading: heading.disagreements,
      points: solution.disagreements.map(({ topic, sides, taken }) => ({
        name: text(topic),
        sources: [],
        points: [
          ...sides.map((side) => ({
            text: text(side) + (side.date ? ` (${side.date})` : ''),
            sources: side.sources,
          })),
          { name: says.taken, text: text(taken), sources: [] },
        ],
      })),
    },
  ];
  return sections.filter(({ points }) => points.length > 0);
}

function tierName({ value, retention }: Tier, language: Language): string {
  const says = words[language];
  const { minimum, maximum, points } = retention ?? {};
  const range = [minimum, maximum].filter((end) => end !== undefined).map((end) => spoken(end, language));
  const bounds =
    range.length === 2 ? [says.range(range[0]!, range[1]!)] : range.map(minimum ? says.atLeast : says.atMost);
  if (points !== undefined) bounds.push(says.points(points));
  const name = says.values[`${value}-tier`]!;
  return bounds.length > 0 ? `${name} (${bounds.join(says.comma)})` : name;
}

/** Sources are told once, at the end, and referred to by number. */
function numbered(sections: readonly Section[]): { sources: string[]; numbersOf: (point: Point) => number[] } {
  const sources: string[] = [];
  const collectFrom = (points: readonly Point[]): void => {
    for (const point of points) {
      for (const source of point.sources) if (!sources.includes(source)) sources.push(source);
      collectFrom(point.points ?? []);
    }
  };
  for (const { points } of sections) collectFrom(points);
  return { sources, numbersOf: (point) => point.sources.map((source) => sources.indexOf(source) + 1) };
}

function prettyPage(solution: Solution, language: Language): string {
  const says = words[language];
  const sections = sectionsOf(solution, language);
  const { sources, numbersOf } = numbered(sections);
  const lines = [`${solution.title[language]}  (${solution.id})`];
  const write = (point: Point, indent: number): void => {
    const text = [point.code?.join(says.comma), point.text].filter((part) => part !== undefined).join(says.colon);
    const numbers = numbersOf(point).map((number) => `[${number}]`);
    const whole = [point.name, text].filter((part) => part).join(says.colon) + numbers.map((n) => ` ${n}`).join('');
    const [first, ...rest] = wrapped(printable(whole), width - indent - 2);
    lines.push(`${' '.repeat(indent)}- ${first}`, ...rest.map((line) => `${' '.repeat(indent + 2)}${line}`));
    for (const inner of point.points ?? []) write(inner, indent + 2);
  };
  for (const { heading, points } of sections) {
    lines.push('', heading);
    for (const point of points) write(point, 2);
  }
  lines.push('', says.headings.sources, ...sources.map((source, at) => `  [${at + 1}] ${printable(source)}`));
  return `${lines.join('\n')}\n`;
}

function markdownPage(solution: Solution, language: Language): string {
  const says = words[language];
  const sections = sectionsOf(solution, language);
  const { sources, numbersOf } = numbered(sections);
  const lines = [`# ${markdown(solution.title[language])}`];
  const write = (point: Point, indent: number): void => {
    const code = point.code?.map((name) => `\`${name}\``).join(says.comma);
    const text = [code, point.text && markdown(point.text)].filter((part) => part !== undefined).join(says.colon);
    const name = point.name && `**${markdown(point.name)}**`;
    const numbers = numbersOf(point).map((number) => ` [[${number}]](#${anchor(number)})`);
    lines.push(`${' '.repeat(indent)}- ${[name, text].filter((part) => part).join(says.colon)}${numbers.join('')}`);
    for (const inner of point.points ?? []) write(inner, indent + 2);
  };
  for (const { heading, points } of sections) {
    lines.push('', `## ${heading}`, '');
    for (const point of points) write(point, 0);
  }
  lines.push('', `## ${says.headings.sources}`, '');
  for (const [at, source] of sources.entries())
    lines.push(
      `${at + 1}. <a id="${anchor(at + 1)}"></a>${source.startsWith('https://') ? `<${source}>` : markdown(source)}`,
    );
  return `${lines.join('\n')}\n`;
}

function anchor(number: number): string {
  return `source-${number}`;
}

interface Words {
  readonly columns: Readonly<Record<Column, string>>;
  readonly headings: Readonly<
    Record<
      | 'overview'
      | 'status'
      | 'names'
      | 'azurerm'
      | 'arm'
      | 'policyKinds'
      | 'backupTypes'
      | 'consistency'
      | 'rpo'
      | 'tiers'
      | 'restores'
      | 'workloads'
      | 'exclusions'
      | 'remarks'
      | 'disagreements'
      | 'sources',
      string
    >
  >;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  readonly vaults: Readonly<Record<Solution['vaultKind']['value'], string>>;
  readonly needNames: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<Cell, string>>;
  readonly units: Readonly<Record<string, string>>;
  readonly comma: string;
  readonly colon: string;
  /** Between two sentences. */
  readonly gap: string;
  readonly nothing: string;
  readonly noneOfItsOwn: string;
  readonly notPrinted: string;
  readonly taken: string;
  readonly more: string;
  readonly points: (count: number) => string;
  readonly needs: (names: readonly string[]) => string;
  readonly range: (from: string, to: string) => string;
  readonly atLeast: (bound: string) => string;
  readonly atMost: (bound: string) => string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    columns: {
      solution: 'solution',
      vault: 'vault',
      datasource: 'datasource',
      backupTypes: 'backup types',
      consistency: 'consistency',
      rpo: 'best RPO',
      longestRetention: 'longest retention',
      restores: 'restore options',
    },
    headings: {
      overview: 'Overview',
      status: 'status',
      names: 'Names in the service',
      azurerm: 'Terraform (azurerm)',
      arm: 'Bicep, ARM templates, azapi',
      policyKinds: 'Policy kinds',
      backupTypes: 'Backup types',
      consistency: 'Consistency',
      rpo: 'Best RPO',
      tiers: 'Tiers and retention',
      restores: 'Restore options',
      workloads: 'Restore by workload',
      exclusions: 'Not covered',
      remarks: 'Good to know',
      disagreements: 'Where sources disagree',
      sources: 'Sources',
    },
    names: {
      datasource: 'datasource',
      backupManagementType: 'backupManagementType',
      workloadType: 'workloadType',
      protectedItemType: 'protectedItemType',
      container: 'container',
      item: 'protected item',
      policy: 'policy',
    },
    values: {
      'recovery-services': 'Recovery Services',
      backup: 'Backup',
      none: 'none',
      ga: 'generally available',
      preview: 'preview',
      retired: 'retired',
      snapshot: 'snapshot',
      vault: 'vault',
      incremental: 'incremental',
      continuous: 'continuous',
      discrete: 'discrete',
      full: 'full',
      differential: 'differential',
      log: 'log',
      'copy-only-full': 'copy-only full',
      disk: 'disk',
      application: 'application',
      database: 'database',
      'file-system': 'file system',
      crash: 'crash',
      'snapshot-tier': 'Snapshot tier',
      'operational-tier': 'Operational tier',
      'disk-tier': 'Local disk',
      'vault-tier': 'Vault tier',
      'archive-tier': 'Archive tier',
      'new-vm': 'new VM',
      'replace-vm': 'replace VM',
      disks: 'disks',
      files: 'files',
      databases: 'databases',
      'point-in-time': 'point in time',
      'in-place': 'in place',
      'alternate-location': 'alternate location',
      'system-state': 'system state',
      'other-server': 'from another server',
      'cross-region': 'cross region',
      'cross-zone': 'cross zone',
      'cross-subscription': 'cross subscription',
    },
    vaults: { 'recovery-services': 'Recovery Services vault', backup: 'Backup vault', none: 'none' },
    needNames: {
      'geo-redundant': 'geo-redundant storage',
      'cross-region-restore': 'cross-region restore enabled',
      'zone-redundant-or-cross-region-restore': 'zone-redundant storage, or geo-redundant with cross-region restore',
      'cross-subscription-restore': 'cross-subscription restore enabled',
      'no-private-endpoint': 'no private endpoint',
      'same-vault': 'both servers registered with it',
    },
    cells: {
      original: 'original location',
      alternate: 'alternate location',
      items: 'single items',
      other: 'other ways',
      limits: 'limits',
    },
    units: { TM: 'minute', TH: 'hour', D: 'day', W: 'week', M: 'month', Y: 'year' },
    comma: ', ',
    colon: ': ',
    gap: ' ',
    nothing: 'none',
    noneOfItsOwn: 'none of its own',
    notPrinted: 'not printed',
    taken: 'taken here',
    more: 'azure-backup-lint matrix SOLUTION shows one in full, with its sources: matrix azure-vm, for example.',
    points: (count) => `${count} points`,
    needs: (names) => `The vault needs: ${names.join(', ')}.`,
    range: (from, to) => `${from} to ${to}`,
    atLeast: (bound) => `from ${bound}`,
    atMost: (bound) => `up to ${bound}`,
  },
  ja: {
    columns: {
      solution: 'ソリューション',
      vault: 'コンテナー',
      datasource: 'データソース',
      backupTypes: 'バックアップの種類',
      consistency: '整合性',
      rpo: '最短 RPO',
      longestRetention: '最長保有期間',
      restores: '復元オプション',
    },
    headings: {
      overview: '概要',
      status: '提供状況',
      names: 'サービスでの名前',
      azurerm: 'Terraform (azurerm)',
      arm: 'Bicep、ARM テンプレート、azapi',
      policyKinds: 'ポリシーの種類',
      backupTypes: 'バックアップの種類',
      consistency: '整合性',
      rpo: '最短 RPO',
      tiers: '層と保有期間',
      restores: '復元オプション',
      workloads: 'ワークロードごとの復元',
      exclusions: '対象外',
      remarks: '補足',
      disagreements: '資料間の相違',
      sources: '出典',
    },
    names: {
      datasource: 'データソース',
      backupManagementType: 'backupManagementType',
      workloadType: 'workloadType',
      protectedItemType: 'protectedItemType',
      container: '保護コンテナー',
      item: '保護された項目',
      policy: 'ポリシー',
    },
    values: {
      'recovery-services': 'Recovery Services',
      backup: 'バックアップ',
      none: 'なし',
      ga: '一般提供',
      preview: 'プレビュー',
      retired: '提供終了',
      snapshot: 'スナップショット',
      vault: 'コンテナー',
      incremental: '増分',
      continuous: '継続的',
      discrete: '個別',
      full: '完全',
      differential: '差分',
      log: 'ログ',
      'copy-only-full': 'コピーのみの完全',
      disk: 'ディスク',
      application: 'アプリケーション',
      database: 'データベース',
      'file-system': 'ファイル システム',
      crash: 'クラッシュ',
      'snapshot-tier': 'スナップショット層',
      'operational-tier': '運用層',
      'disk-tier': 'ローカル ディスク',
      'vault-tier': 'コンテナー層',
      'archive-tier': 'アーカイブ層',
      'new-vm': '新しい VM',
      'replace-vm': 'VM の置き換え',
      disks: 'ディスク',
      files: 'ファイル',
      databases: 'データベース',
      'point-in-time': '任意の時点',
      'in-place': '元の場所',
      'alternate-location': '別の場所',
      'system-state': 'システム状態',
      'other-server': '別のサーバーから',
      'cross-region': 'リージョン間',
      'cross-zone': 'ゾーン間',
      'cross-subscription': 'サブスクリプション間',
    },
    vaults: { 'recovery-services': 'Recovery Services コンテナー', backup: 'バックアップ コンテナー', none: 'なし' },
    needNames: {
      'geo-redundant': 'geo 冗長ストレージ',
      'cross-region-restore': 'リージョン間復元の有効化',
      'zone-redundant-or-cross-region-restore': 'ゾーン冗長ストレージ、または geo 冗長とリージョン間復元',
      'cross-subscription-restore': 'サブスクリプション間復元の有効化',
      'no-private-endpoint': 'プライベート エンドポイントを使わないこと',
      'same-vault': '両方のサーバーが登録されていること',
    },
    cells: {
      original: '元の場所',
      alternate: '別の場所',
      items: '項目単位',
      other: 'その他の方法',
      limits: '制限',
    },
    units: { TM: '分', TH: '時間', D: '日', W: '週', M: 'か月', Y: '年' },
    comma: '、',
    colon: ': ',
    gap: '',
    nothing: 'なし',
    noneOfItsOwn: '機能なし',
    notPrinted: '記載なし',
    taken: '本ツールの扱い',
    more: '1 つのソリューションの詳細と出典は azure-backup-lint matrix SOLUTION で表示します (例: matrix azure-vm)。',
    points: (count) => `${count} 個の復旧ポイント`,
    needs: (names) => `コンテナーの要件: ${names.join('、')}。`,
    range: (from, to) => `${from} ～ ${to}`,
    atLeast: (bound) => `${bound}以上`,
    atMost: (bound) => `最長 ${bound}`,
  },
};
