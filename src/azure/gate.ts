/**
 * The last point that every request to Azure passes, whoever makes it: our own client or Microsoft's. Lets out reads alone, and to
 * Azure Resource Manager alone; lets in JSON alone; bounds how long a throttled request waits, and stops before the budget that a
 * subscription has for a kind of read is spent.
 */
import { type HttpClient, type PipelineRequest, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';

export const resourceGraphPath = '/providers/Microsoft.ResourceGraph/resources';

/** Reads that Azure takes as a POST. */
const postPaths: ReadonlySet<string> = new Set([resourceGraphPath.toLowerCase()]);

/** A wait that is longer is not worth it: what is not read is told, and the rest is done. */
const longestWait = 120;

/** Others use the same budget, so some of it is left. */
const reserve = 10;

export class Gate implements HttpClient {
  readonly #origin: string;
  readonly #inner: HttpClient;
  readonly #secondsLeft: () => number;
  /** What is left per subscription and kind of read, as Azure told last. */
  readonly #budgets = new Map<string, number>();
  /** How far the clock of Azure is ahead, in milliseconds; undefined until it answered. */
  #ahead: number | undefined;
  #requests = 0;

  /** `origin`: of Azure Resource Manager. `secondsLeft`: until the audit has to end. */
  constructor(origin: string, inner: HttpClient, secondsLeft: () => number) {
    this.#origin = origin;
    this.#inner = inner;
    this.#secondsLeft = secondsLeft;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The time by the clock of Azure. */
  now(): Date {
    return new Date(Date.now() + (this.#ahead ?? 0));
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const url = new URL(request.url);
    if (url.origin !== this.#origin)
      throw new RestError(`${url.origin} is not ${this.#origin}`, { code: refusal.foreign, request });
    const path = url.pathname.replace(/\/$/, '');
    if (request.method !== 'GET' && !(request.method === 'POST' && postPaths.has(path.toLowerCase())))
      throw new RestError(`${request.method} ${path} is no read`, { code: refusal.write, request });
    const budget = budgetOf(path);
    if (budget !== undefined && (this.#budgets.get(budget) ?? Number.POSITIVE_INFINITY) < reserve)
      throw new RestError(budget.replace('\n', ' '), { code: refusal.spent, request });
    this.#requests++;
    const response = await this.#inner.sendRequest(request);
    this.#listen(response, budget);
    const { status, headers } = response;
    if (status >= 200 && status < 300 && status !== 204 && !/\bjson\b/i.test(headers.get('content-type') ?? ''))
      throw new RestError('not JSON', { code: refusal.notJson, statusCode: status, request });
    if (status === 429 || status === 503) this.#boundWait(response);
    return response;
  }

  #listen({ headers }: PipelineResponse, budget: string | undefined): void {
    const date = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(date)) this.#ahead = date - Date.now();
    const left = Number(headers.get('x-ms-ratelimit-remaining-subscription-resource-requests') ?? Number.NaN);
    if (budget !== undefined && !Number.isNaN(left)) this.#budgets.set(budget, left);
  }

  /** Makes seconds of every form in which Azure says how long to wait, by its own clock, and refuses to wait for long. */
  #boundWait(response: PipelineResponse): void {
    const { headers, status } = response;
    const seconds = secondsToWait(response, this.now());
    if (seconds === undefined) return;
    for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) headers.delete(name);
    if (seconds > longestWait || seconds > this.#secondsLeft())
      throw new RestError(String(seconds), { code: refusal.tooLong, statusCode: status, request: response.request });
    headers.set('retry-after', String(seconds));
  }
}

/** Codes of errors that the gate throws. */
export const refusal = {
  foreign: 'FOREIGN_ORIGIN',
  write: 'NOT_A_READ',
  notJson: 'NOT_JSON',
  tooLong: 'THROTTLED_TOO_LONG',
  spent: 'BUDGET_SPENT',
} as const;

function secondsToWait({ headers, bodyAsText }: PipelineResponse, now: Date): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const milliseconds = Number(headers.get(name) ?? Number.NaN);
    if (milliseconds >= 0) return Math.ceil(milliseconds / 1000);
  }
  const given = headers.get('retry-after')?.trim();
  if (given !== undefined && given !== '') {
    const seconds = Number(given);
    if (seconds >= 0) return Math.ceil(seconds);
    const date = Date.parse(given);
    if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now.getTime()) / 1000));
  }
  // Resource Graph tells when its window ends, as hours, minutes and seconds.
  const window = /^(\d+):(\d+):(\d+)/.exec(headers.get('x-ms-user-quota-resets-after') ?? '');
  if (window) return Number(window[1]) * 3600 + Number(window[2]) * 60 + Number(window[3]);
  // Seen where no header came along.
  const inText = /try again after '?(\d+)'? seconds/i.exec(bodyAsText ?? '');
  return inText ? Number(inText[1]) : undefined;
}

/** Azure counts per subscription and action, such as `.../vaults/backupUsageSummaries/read`. */
function budgetOf(path: string): string | undefined {
  const match = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/[^/]+)?\/providers\/([^/]+\/.+)$/i.exec(path);
  if (!match) return undefined;
  // Namespace, then type and name in turn.
  const [namespace = '', ...rest] = match[2]!.split('/');
  const types = rest.filter((_, i) => i % 2 === 0);
  return `${match[1]}\n${[namespace, ...types].join('/')}`.toLowerCase();
}
