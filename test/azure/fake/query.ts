/**
 * The part of Kusto that this fake understands: `table | where type =~ '…' | where type in~ ('…', …) |
 * where todatetime(path) >= ago(7d) | where path =~ '…' | where tostring(path) in~ ('…', …) | extend name = path | project id, name = path, … | order by id asc`.
 * Anything else is refused, as Resource Graph refuses what it does not know.
 */

export interface Query {
  readonly table: string;
  /** Lower case; empty: every type of the table. */
  readonly types: readonly string[];
  readonly since: readonly { readonly path: readonly string[]; readonly milliseconds: number }[];
  readonly equals: readonly { readonly path: readonly string[]; readonly values: readonly string[] }[];
  readonly columns: readonly { readonly name: string; readonly path: readonly string[] }[] | undefined;
  readonly extended: readonly { readonly name: string; readonly path: readonly string[] }[];
  readonly ordered: boolean;
}

const tables = new Set([
  'resources',
  'recoveryservicesresources',
  'resourcecontainers',
  'authorizationresources',
  'elasticsanresources',
  'kubernetesconfigurationresources',
  'networkresources',
  'policyresources',
]);

const path = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\['[^']+'\])*`;
const text = String.raw`'[^'\\]*'`;
const list = String.raw`\( ?('[^'\\]*'(?: ?, ?'[^'\\]*')*) ?\)`;
const forms = {
  equal: new RegExp(`^where (${path}) =~ (${text})$`),
  among: new RegExp(`^where (${path}) in~ ?${list}$`),
  amongTexts: new RegExp(`^where tostring\\((${path})\\) in~ ?${list}$`),
  since: new RegExp(`^where todatetime\\((${path})\\) >= ago\\((\\d+)([dh])\\)$`),
  project: /^project (.+)$/,
  extend: /^extend (.+)$/,
  column: new RegExp(`^(?:([A-Za-z_]\\w*) ?= ?)?(${path})$`),
};

/** A text instead of a query says what is wrong with it. */
export function parseQuery(source: string): Query | string {
  // No literal that we accept holds a bar or a line end.
  const steps = source
    .replace(/\s+/g, ' ')
    .split('|')
    .map((step) => step.trim());
  const table = steps[0]!.toLowerCase();
  if (!tables.has(table)) return `table '${steps[0]}' is not known`;
  let types: readonly string[] | undefined;
  const since: Query['since'][number][] = [];
  const equals: Query['equals'][number][] = [];
  const extended: Query['extended'][number][] = [];
  let columns: Query['columns'];
  let ordered = false;
  for (const step of steps.slice(1)) {
    const equal = forms.equal.exec(step) ?? forms.among.exec(step) ?? forms.amongTexts.exec(step);
    const recent = forms.since.exec(step);
    const project = forms.project.exec(step);
    const extend = forms.extend.exec(step);
    if (ordered) return `'${step}' after the order`;
    if (equal) {
      const values = [...equal[2]!.matchAll(/'([^']*)'/g)].map((match) => match[1]!.toLowerCase());
      if (equal[1] === 'type') types = types ? types.filter((type) => values.includes(type)) : values;
      else equals.push({ path: segments(equal[1]!), values });
    } else if (recent) {
      const hours = Number(recent[2]) * (recent[3] === 'd' ? 24 : 1);
      since.push({ path: segments(recent[1]!), milliseconds: hours * 3_600_000 });
    } else if (project) {
      const parsed = parseColumns(project[1]!);
      if (typeof parsed === 'string') return parsed;
      columns = parsed;
    } else if (extend) {
      const parsed = parseColumns(extend[1]!);
      if (typeof parsed === 'string') return parsed;
      extended.push(...parsed);
    } else if (/^order by id( asc)?$/.test(step)) ordered = true;
    else return `'${step}' is not understood`;
  }
  return { table, types: types ?? [], since, equals, columns, extended, ordered };
}

function parseColumns(list: string): NonNullable<Query['columns']> | string {
  const columns = [];
  for (const part of list.split(',')) {
    const match = forms.column.exec(part.trim());
    if (!match) return `'${part.trim()}' is not a column`;
    const route = segments(match[2]!);
    columns.push({ name: match[1] ?? route.join('_'), path: route });
  }
  return columns;
}

function segments(route: string): string[] {
  return [...route.matchAll(/[A-Za-z_]\w*|\['([^']+)'\]/g)].map((match) => match[1] ?? match[0]);
}

export function valueAt(row: unknown, route: readonly string[]): unknown {
  let value: unknown = row;
  for (const segment of route) {
    if (typeof value === 'string' && /^\{/.test(value)) value = JSON.parse(value);
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[segment];
  }
  return value ?? null;
}
