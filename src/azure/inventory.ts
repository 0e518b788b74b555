/**
 * What an audit has read of Azure: rows as Azure answered, and what could not be read. Takes them as they come, keeps them small, and
 * writes and reads them as JSON lines: the header, a row or a gap each, and a last line without which the recording was cut.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { Log } from '../source/diagnostic.ts';
import { Source } from '../source/source.ts';
import { withoutSecrets } from './secrets.ts';

export type CloudName = 'AzureCloud' | 'AzureUSGovernment' | 'AzureChinaCloud';

export interface InventoryHeader {
  readonly version: 1;
  readonly cloud: CloudName;
  readonly scope: Scope;
  /** ISO 8601 in UTC, by the clock of Azure where it tells it. */
  readonly readAt: string;
  readonly deep: boolean;
}

export type Scope = { readonly subscriptions: readonly string[] } | { readonly managementGroup: string };

/** One object as Azure answered. docs/audit.md lists where rows come from. */
export interface InventoryRow {
  readonly from: string;
  readonly row: Row;
}

export type Row = Readonly<Record<string, unknown>>;

/** What could not be read, so that nothing may be concluded from its absence. */
export interface InventoryGap {
  /** Which facts: one of `facts`. */
  readonly unread: string;
  /** Id of a subscription, a vault or a management group. */
  readonly scope: string;
  readonly because: string;
  /** Rights that are missing, where that is the reason. */
  readonly rights?: readonly string[];
  readonly code: 'forbidden' | 'throttled' | 'timeout' | 'interrupted' | 'incomplete' | 'unavailable' | 'refused';
  /** What to do about it, where that is known. */
  readonly remedy?: string;
}

export interface Inventory {
  readonly header: InventoryHeader;
  /** Without those that a later and better answer replaces; may be gone through several times. */
  readonly rows: Iterable<InventoryRow>;
  readonly gaps: readonly InventoryGap[];
}

/**
 * What gaps call the facts that are missing, in words for people: nouns in the plural that may begin a sentence or stand after "to read",
 * and more than one word, so that they are not taken for a name where sentences are translated.
 */
export const facts = {
  everything: 'resources of any kind',
  subscriptions: 'lists of subscriptions',
  vaults: 'vaults',
  'vault-security': 'settings of soft delete, immutability and Resource Guards',
  'vault-redundancy': 'redundancy settings of vaults',
  'resource-guards': 'Resource Guards',
  'private-endpoints': 'private endpoints',
  policies: 'backup policies',
  items: 'protected items',
  counts: 'numbers of protected items',
  'on-premises': 'servers on premises (MARS, DPM, Azure Backup Server)',
  intents: 'auto-protection settings of SQL Server instances',
  virtualMachines: 'virtual machines',
  restorePoints: 'restore points of virtual machines',
  machineExtensions: 'extensions of virtual machines',
  sizes: 'capabilities of virtual machine sizes',
  disks: 'disks and snapshots',
  datasources: 'storage accounts, databases and clusters',
  elasticSan: 'volume groups of Elastic SAN',
  absences: 'protected datasources that are not listed',
  extensions: 'extensions of clusters',
  keyVaults: 'key vaults',
  networks: 'networks of machines with databases',
  policyAssignments: 'assignments of Azure Policy for backup',
  access: 'role assignments',
  identities: 'managed identities of snapshot policies',
  'trusted-access': 'trusted access role bindings of AKS clusters',
  jobs: 'backup jobs',
  protectable: 'discovered databases without protection',
  'recovery-points': 'recovery points',
  'file-shares': 'file shares',
  'file-settings': 'file share settings of storage accounts',
  'blob-settings': 'blob settings of storage accounts',
  'blob-containers': 'blob containers',
  lifecycle: 'lifecycle rules of blobs',
  replication: 'object replication rules of blobs',
  'automated-backup': 'settings of Automated Backup of SQL Server',
  registrations: 'machines and storage accounts registered with vaults',
  'site-recovery': 'Site Recovery fabrics of vaults',
  locks: 'locks',
  diagnostics: 'diagnostic settings of vaults',
} as const;

export type Fact = keyof typeof facts;

/** Rows in pages, each compressed: those of a tenant would take gigabytes as objects. */
export class Rows implements Iterable<InventoryRow> {
  readonly #pages: Uint8Array[] = [];
  #open: string[] = [];
  #openLength = 0;
  count = 0;

  /** `text`: both as JSON. */
  add(from: string, row: Row, text = JSON.stringify({ from, row })): string {
    this.#open.push(text);
    this.#openLength += text.length;
    this.count++;
    if (this.#openLength > pageLength) this.close();
    return text;
  }

  /** Compresses what is open yet. */
  close(): void {
    this.#pages.push(deflateSync(`[${this.#open.join(',')}]`, { level: 1 }));
    this.#open = [];
    this.#openLength = 0;
  }

  *[Symbol.iterator](): Iterator<InventoryRow> {
    for (const page of this.#pages) yield* JSON.parse(inflateSync(page).toString('utf8')) as InventoryRow[];
    for (const text of this.#open) yield JSON.parse(text) as InventoryRow;
  }
}

const pageLength = 1 << 20;

/** Takes what is read; `write` is given each line of the recording as it comes, so that what was read outlives the program. */
export class Recording {
  readonly #rows = new Rows();
  readonly #replaced = new Replaced();
  readonly #gaps: InventoryGap[] = [];
  readonly #known = new Set<string>();
  readonly #write: (line: string) => void;
  readonly header: InventoryHeader;

  constructor(header: InventoryHeader, write: (line: string) => void = () => {}) {
    this.header = header;
    this.#write = write;
    write(JSON.stringify(header));
  }

  add(from: string, rows: readonly Row[]): void {
    for (const one of rows) {
      const row = withoutSecrets(one);
      this.#replaced.take(from, row);
      this.#write(this.#rows.add(from, row));
    }
  }

  /** The same is told once. */
  miss(gap: InventoryGap): void {
    const key = `${gap.unread}\n${gap.scope.toLowerCase()}\n${gap.code}\n${gap.because}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#gaps.push(gap);
    this.#write(JSON.stringify(gap));
  }

  end(): void {
    this.#write(JSON.stringify({ end: true, rows: this.#rows.count }));
  }

  inventory(): Inventory {
    return { header: this.header, rows: new Settled(this.#rows, this.#replaced), gaps: this.#gaps };
  }
}

/** Says that what a vault protects of one kind was listed whole: it replaces what Resource Graph, which may lag, said of it. */
export const listedWhole = 'survey:listed';

/** Says that what Resource Graph still has is not there any more. */
export const notThere = 'survey:not-there';

/** Which rows a later answer replaces. */
class Replaced {
  readonly vaults = new Set<string>();
  readonly lists = new Set<string>();
  readonly items = new Set<string>();

  take(from: string, row: Row): void {
    if (from === 'rest:vault') this.vaults.add(lower(row['id']));
    if (from === listedWhole) this.lists.add(listKey(lower(row['id']), lower(row['backupManagementType'])));
    if (from === notThere) this.items.add(lower(row['id']));
  }
}

/** Rows without those that are replaced. */
class Settled implements Iterable<InventoryRow> {
  readonly #rows: Iterable<InventoryRow>;
  readonly #replaced: Replaced;

  constructor(rows: Iterable<InventoryRow>, replaced: Replaced) {
    this.#rows = rows;
    this.#replaced = replaced;
  }

  *[Symbol.iterator](): Iterator<InventoryRow> {
    const { vaults, lists, items } = this.#replaced;
    for (const entry of this.#rows) {
      const { from, row } = entry;
      if (from === listedWhole || from === notThere) continue;
      if (from === 'graph:vaults' && vaults.has(lower(row['id']))) continue;
      if (from === 'graph:items' && lists.size > 0 && lists.has(listKey(vaultOf(lower(row['id'])), managementOf(row))))
        continue;
      if (from === 'graph:items' && items.has(lower(row['id']))) continue;
      yield entry;
    }
  }
}

function listKey(vault: string, management: string): string {
  return `${vault}\n${management}`;
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** The vault of an item, both in lower case. */
export function vaultOf(id: string): string {
  return /^.*?\/(?:vaults|backupvaults)\/[^/]+/.exec(id)?.[0] ?? '';
}

/** `azureiaasvm`, `azureworkload`, ... */
export function managementOf(row: Row): string {
  const properties = row['properties'];
  return typeof properties === 'object' && properties !== null
    ? lower((properties as Record<string, unknown>)['backupManagementType'])
    : '';
}

/** A line that is longer is no row of Azure, whose answers have at most some 16 MB. */
const longestLine = 64 * 1024 * 1024;

/**
 * Reads a recording from its bytes, piece by piece. What is wrong with it goes to the log; undefined where it is no recording that
 * this version can read. One that was cut counts with what it has, and a gap says so.
 */
export function readInventory(file: string, chunks: Iterable<Uint8Array>, log: Log): Inventory | undefined {
  const rows = new Rows();
  const replaced = new Replaced();
  const gaps: InventoryGap[] = [];
  let header: InventoryHeader | undefined;
  let end: number | undefined;
  let bad = 0;
  const wrong = (number: number, text: string, message: string): void => {
    bad++;
    // A recording may have any number of them.
    if (bad > 20) return;
    // Lines before it are not kept, and only counted.
    const source = new Source(file, `${'\n'.repeat(number - 1)}${text.slice(0, 200)}`);
    const start = number - 1;
    log.push({
      code: 'inventory-line-unreadable',
      severity: 'error',
      message,
      at: { source, start, end: source.text.length },
    });
  };
  let number = 0;
  for (const text of linesOf(chunks)) {
    number++;
    if (text.trim() === '') continue;
    if (text.length > longestLine) {
      wrong(number, text, 'This line is too long for a row of Azure, so the recording is damaged.');
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    if (!header) {
      if (isHeader(value)) header = value;
      else {
        const version = isObject(value) ? value['version'] : undefined;
        wrong(
          number,
          text,
          typeof version === 'number' && version > 1
            ? 'A newer version of azure-backup-lint wrote this recording.'
            : 'This is no recording of an audit: its first line is not the header that --save-inventory writes.',
        );
        return undefined;
      }
    } else if (end !== undefined) wrong(number, text, 'Nothing is expected after the line that ends a recording.');
    else if (isRow(value)) {
      replaced.take(value.from, value.row);
      rows.add(value.from, value.row, text);
    } else if (isGap(value)) gaps.push(value);
    else if (isObject(value) && value['end'] === true) end = typeof value['rows'] === 'number' ? value['rows'] : 0;
    else wrong(number, text, 'This line of the recording is damaged, and what it said is not known.');
  }
  if (!header) {
    wrong(1, '', 'This recording is empty.');
    return undefined;
  }
  const cut =
    end === undefined
      ? 'the recording has no end: the audit that wrote it was cut off'
      : bad > 0
        ? 'lines of the recording are damaged'
        : end !== rows.count
          ? 'rows of the recording are missing'
          : undefined;
  if (cut !== undefined)
    gaps.push({ unread: 'everything', scope: scopeId(header.scope), because: cut, code: 'interrupted' });
  return { header, rows: new Settled(rows, replaced), gaps };
}

export function scopeId(scope: Scope): string {
  if ('managementGroup' in scope) return `/providers/Microsoft.Management/managementGroups/${scope.managementGroup}`;
  return scope.subscriptions.map((id) => `/subscriptions/${id}`).join(', ');
}

function* linesOf(chunks: Iterable<Uint8Array>): Iterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop()!;
    // What cannot be a line is not collected further.
    if (rest.length > longestLine) rest = rest.slice(0, longestLine + 1);
    yield* pieces;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHeader(value: unknown): value is InventoryHeader {
  if (!isObject(value) || value['version'] !== 1 || typeof value['readAt'] !== 'string') return false;
  const scope = value['scope'];
  const isCloud = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'].includes(String(value['cloud']));
  if (!isCloud || !isObject(scope) || Number.isNaN(Date.parse(value['readAt']))) return false;
  const { subscriptions, managementGroup } = scope;
  return (
    typeof managementGroup === 'string' ||
    (Array.isArray(subscriptions) && subscriptions.every((one) => typeof one === 'string'))
  );
}

function isRow(value: unknown): value is InventoryRow {
  return isObject(value) && typeof value['from'] === 'string' && isObject(value['row']);
}

function isGap(value: unknown): value is InventoryGap {
  if (!isObject(value) || !['unread', 'scope', 'because', 'code'].every((name) => typeof value[name] === 'string'))
    return false;
  const { rights } = value;
  return rights === undefined || (Array.isArray(rights) && rights.every((one) => typeof one === 'string'));
}
