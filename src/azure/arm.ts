/** Azure Resource Manager: single objects, lists page by page, and Microsoft's client for Azure Backup, all through one gate. */
import type { RecoveryServicesBackupClient } from '@azure/arm-recoveryservicesbackup';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type Pipeline,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import { Failure, failureOf } from './failure.ts';
import { Gate } from './gate.ts';
import type { Row } from './inventory.ts';
import type { Stop } from './stop.ts';

export interface ArmOptions {
  readonly cloud: Cloud;
  readonly credential: TokenCredential;
  readonly stop: Stop;
  /** Of this program, for the user agent. */
  readonly version: string;
  /** What carries requests; tests hand in their own. */
  readonly httpClient?: HttpClient | undefined;
  /** Milliseconds before the first repetition; it doubles from there on. */
  readonly retryDelay?: number | undefined;
}

export interface Answer {
  readonly body: Row;
  readonly header: (name: string) => string | undefined;
}

/** What Microsoft's client takes with each call. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly requestOptions: { readonly timeout: number };
  readonly onResponse: (raw: { readonly bodyAsText?: string | null }) => void;
}

/** An answer that takes longer does not come any more. */
const requestSeconds = 100;

/** Pages that Azure makes of a list of one vault or subscription are tens at most. */
const mostPages = 10_000;

export class Arm {
  readonly #options: ArmOptions;
  readonly #gate: Gate;
  readonly #pipeline: Pipeline;
  readonly #clients = new Map<string, Promise<RecoveryServicesBackupClient>>();

  constructor(options: ArmOptions) {
    this.#options = options;
    const { cloud, credential, stop } = options;
    this.#gate = new Gate(cloud.arm, options.httpClient ?? createDefaultHttpClient(), () => stop.secondsLeft());
    this.#pipeline = createPipelineFromOptions(this.#pipelineOptions());
    this.#pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: `${cloud.arm}/.default` }), {
      phase: 'Sign',
    });
  }

  #pipelineOptions() {
    const { version, retryDelay } = this.#options;
    return {
      userAgentOptions: { userAgentPrefix: `azure-backup-lint/${version}` },
      ...(retryDelay === undefined ? {} : { retryOptions: { retryDelayInMs: retryDelay } }),
    };
  }

  get stop(): Stop {
    return this.#options.stop;
  }

  /** Requests that were sent, repetitions included. */
  get requests(): number {
    return this.#gate.requests;
  }

  /** By the clock of Azure. */
  now(): Date {
    return this.#gate.now();
  }

  /** `path`: from the root of Azure Resource Manager on, such as a resource id. Throws a Failure. */
  async get(path: string, apiVersion: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send('GET', this.#url(path, apiVersion, query));
  }

  async post(path: string, apiVersion: string, body: unknown): Promise<Answer> {
    return this.#send('POST', this.#url(path, apiVersion, {}), JSON.stringify(body));
  }

  /** The pages of a list. */
  async *pages(
    path: string,
    apiVersion: string,
    query: Readonly<Record<string, string>> = {},
  ): AsyncIterable<readonly Row[]> {
    const seen = new Set<string>();
    let url: string | undefined = this.#url(path, apiVersion, query);
    while (url !== undefined) {
      visit(seen, url);
      const { body } = await this.#send('GET', url);
      yield rowsOf(body);
      url = nextOf(body);
    }
  }

  /** The pages of a list that Microsoft's client reads, as Azure answered: the client drops fields that it does not know. */
  async *pagesOf(
    subscription: string,
    list: (client: RecoveryServicesBackupClient, options: CallOptions) => { byPage(): AsyncIterator<unknown> },
  ): AsyncIterable<readonly Row[]> {
    const { stop } = this.#options;
    const seen = new Set<string>();
    let text: string | null | undefined;
    try {
      const client = await this.#client(subscription);
      const pages = list(
        client,
        this.#callOptions((body) => {
          text = body;
        }),
      ).byPage();
      let next: string | undefined;
      while (!(await stop.race(pages.next())).done) {
        const body = objectIn(text);
        yield rowsOf(body);
        next = nextOf(body);
        if (next === undefined) return;
        visit(seen, next);
      }
      // Some lists have no pages in the client.
      if (next !== undefined) throw new Failure('incomplete', 'Azure has more of the list than was expected');
    } catch (error) {
      throw failureOf(error, stop);
    }
  }

  /** One object that Microsoft's client reads, as Azure answered. */
  async objectOf(
    subscription: string,
    read: (client: RecoveryServicesBackupClient, options: CallOptions) => Promise<unknown>,
  ): Promise<Row> {
    const { stop } = this.#options;
    let text: string | null | undefined;
    try {
      const client = await this.#client(subscription);
      const options = this.#callOptions((body) => {
        text = body;
      });
      await stop.race(read(client, options));
      return objectIn(text);
    } catch (error) {
      throw failureOf(error, stop);
    }
  }

  #callOptions(take: (text: string | null | undefined) => void): CallOptions {
    return {
      abortSignal: this.#options.stop.signal,
      requestOptions: { timeout: requestSeconds * 1000 },
      onResponse: ({ bodyAsText }) => take(bodyAsText),
    };
  }

  #client(subscription: string): Promise<RecoveryServicesBackupClient> {
    let client = this.#clients.get(subscription);
    if (!client) {
      client = this.#newClient(subscription);
      this.#clients.set(subscription, client);
    }
    return client;
  }

  async #newClient(subscription: string): Promise<RecoveryServicesBackupClient> {
    const { RecoveryServicesBackupClient } = await import('./backup-client.ts');
    const { cloud, credential } = this.#options;
    return new RecoveryServicesBackupClient(credential, subscription, {
      ...this.#pipelineOptions(),
      endpoint: cloud.arm,
      credentialScopes: `${cloud.arm}/.default`,
      httpClient: this.#gate,
    });
  }

  #url(path: string, apiVersion: string, query: Readonly<Record<string, string>>): string {
    const url = new URL(this.#options.cloud.arm);
    url.pathname = path;
    url.searchParams.set('api-version', apiVersion);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  async #send(method: 'GET' | 'POST', url: string, body?: string): Promise<Answer> {
    const { stop } = this.#options;
    try {
      const headers = createHttpHeaders({ accept: 'application/json' });
      if (body !== undefined) headers.set('content-type', 'application/json; charset=utf-8');
      const request = createPipelineRequest({
        url,
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        abortSignal: stop.signal,
        timeout: requestSeconds * 1000,
      });
      const response = await stop.race(this.#pipeline.sendRequest(this.#gate, request));
      if (response.status < 200 || response.status > 299) throw errorOf(response);
      return { body: objectIn(response.bodyAsText), header: (name) => response.headers.get(name) };
    } catch (error) {
      throw failureOf(error, stop);
    }
  }
}

function errorOf(response: PipelineResponse): RestError {
  return new RestError('', { statusCode: response.status, response, request: response.request });
}

function objectIn(text: string | null | undefined): Row {
  const value: unknown = JSON.parse(text ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object');
  return value as Row;
}

function rowsOf(body: Row): readonly Row[] {
  const { value } = body;
  if (!Array.isArray(value)) throw new Failure('unavailable', 'the answer of Azure is no list');
  return value.filter((one): one is Row => typeof one === 'object' && one !== null && !Array.isArray(one));
}

function nextOf({ nextLink }: Row): string | undefined {
  return typeof nextLink === 'string' && nextLink !== '' ? nextLink : undefined;
}

/** Each page is asked for once. */
function visit(seen: Set<string>, link: string): void {
  if (seen.has(link) || seen.size >= mostPages)
    throw new Failure('incomplete', 'Azure leads from page to page in a circle, so the list has no end');
  seen.add(link);
}
