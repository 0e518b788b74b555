/**
 * Azure Resource Graph: rows of a query over subscriptions or a management group, page by page. One request at a time, at the pace
 * that Azure allows. Fails where rows are missing, and gives those that came until then.
 */
import type { Answer, Arm } from './arm.ts';
import { Failure } from './failure.ts';
import { resourceGraphPath } from './gate.ts';
import type { Row, Scope } from './inventory.ts';
import type { Query } from './queries.ts';

const apiVersion = '2021-03-01';
const pageSize = 1000;

/** Above this Resource Graph gets slow and refuses more than a thousand. */
export const mostSubscriptions = 300;

/** Pages of one query: a hundred million rows. */
const mostPages = 100_000;

export interface Asked {
  /** Only the first ten thousand subscriptions of the management group were looked into. */
  readonly isPart: boolean;
}

export class ResourceGraph {
  readonly #arm: Arm;
  readonly #random: () => number;
  /** Milliseconds of the program's clock before which no request may be sent. */
  #notBefore = 0;

  constructor(arm: Arm, random: () => number = Math.random) {
    this.#arm = arm;
    this.#random = random;
  }

  /** `take` gets the rows, each once. Throws a Failure. */
  async ask(query: Query, scope: Scope, take: (rows: readonly Row[]) => void): Promise<Asked> {
    const ids = new Set<string>();
    const first = await this.#pages(query, scope, ids, take);
    if (first.missing === undefined) return first;
    // What changes while pages are read shifts them, so it is read once more before that is told.
    const again = await this.#pages(query, scope, ids, take);
    if (again.missing === undefined) return again;
    throw new Failure('incomplete', again.missing);
  }

  async #pages(
    query: Query,
    scope: Scope,
    ids: Set<string>,
    take: (rows: readonly Row[]) => void,
  ): Promise<Asked & { missing: string | undefined }> {
    const tokens = new Set<string>();
    let token: string | undefined;
    let seen = 0;
    let isPart = false;
    for (;;) {
      const { body, header } = await this.#post(query, scope, token);
      const rows = rowsOf(body);
      seen += rows.length;
      take(
        rows.filter((row) => {
          const id = typeof row['id'] === 'string' ? row['id'].toLowerCase() : '';
          if (ids.has(id)) return false;
          if (id !== '') ids.add(id);
          return true;
        }),
      );
      isPart ||= header('x-ms-tenant-subscription-limit-hit')?.toLowerCase() === 'true';
      const next = body['$skipToken'];
      if (typeof next === 'string' && next !== '') {
        if (tokens.has(next) || tokens.size > mostPages)
          throw new Failure('incomplete', 'Resource Graph leads from page to page in a circle');
        tokens.add(next);
        token = next;
        continue;
      }
      const total = body['totalRecords'];
      const missing =
        String(body['resultTruncated']).toLowerCase() === 'true'
          ? 'Resource Graph left out rows and gives no way to the rest'
          : typeof total === 'number' && total !== seen
            ? `Resource Graph gave ${seen} of ${total} rows`
            : undefined;
      return { isPart, missing };
    }
  }

  async #post(query: Query, scope: Scope, token: string | undefined): Promise<Answer> {
    const wait = this.#notBefore - performance.now();
    if (wait > 0) await this.#arm.stop.sleep(wait);
    const answer = await this.#arm.post(resourceGraphPath, apiVersion, {
      ...('managementGroup' in scope
        ? { managementGroups: [scope.managementGroup] }
        : { subscriptions: scope.subscriptions }),
      query: query.text,
      options: {
        $top: pageSize,
        ...(token === undefined ? {} : { $skipToken: token }),
        resultFormat: 'objectArray',
        ...('managementGroup' in scope ? { allowPartialScopes: true } : {}),
      },
    });
    this.#pace(answer);
    return answer;
  }

  /** So many requests are free in a window of some seconds; then it is waited for the next, not all callers at the same moment. */
  #pace({ header }: Answer): void {
    const left = Number(header('x-ms-user-quota-remaining') ?? Number.NaN);
    const window = /^(\d+):(\d+):(\d+)/.exec(header('x-ms-user-quota-resets-after') ?? '');
    if (!(left <= 0) || !window) return;
    const seconds = Number(window[1]) * 3600 + Number(window[2]) * 60 + Number(window[3]);
    this.#notBefore = performance.now() + seconds * 1000 + this.#random() * 500;
  }
}

/** Properties come as an object, and now and then as the text of one. */
function rowsOf(body: Row): readonly Row[] {
  const { data } = body;
  if (!Array.isArray(data)) throw new Failure('unavailable', 'the answer of Azure is no list');
  return data.filter((one) => typeof one === 'object' && one !== null).map(withProperties);
}

function withProperties(row: Row): Row {
  const { properties } = row;
  if (typeof properties !== 'string') return row;
  try {
    return { ...row, properties: JSON.parse(properties) as unknown };
  } catch {
    return row;
  }
}
