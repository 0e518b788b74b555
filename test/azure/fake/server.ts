/**
 * The fake Azure Resource Manager: HTTPS on the loopback address over a row store, with a certificate made at start. Keeps what
 * was asked and answered (without the token), so that others can judge both. It knows no write: a request that would be one is
 * answered with 405 and remembered in `writes`.
 */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Certificate, loopbackCertificate } from './certificate.ts';
import { type Reply, ResourceGraph } from './graph.ts';
import { failure, forbidden, ResourceManager } from './rest.ts';
import { guid } from './rows.ts';
import type { Store } from './store.ts';
import type { Answer, Fault, Switches } from './switches.ts';

export interface Exchange {
  readonly method: string;
  /** As it would read at Azure: the origin is the public cloud's. */
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: unknown;
}

export interface FakeOptions {
  readonly switches?: Switches;
  /** Keep requests and answers; not for a tenant of a million rows. */
  readonly record?: boolean;
  readonly now?: () => number;
}

export interface FakeAzure {
  readonly origin: string;
  readonly certificate: Certificate;
  /** What `az` hands out; in the shape of a real one, so that a program which prints tokens is caught. */
  readonly token: string;
  readonly exchanges: readonly Exchange[];
  readonly writes: readonly string[];
  /** Requests by what they ask for: `graph`, `rest`, and each REST segment such as `backupUsageSummaries`. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const publicOrigin = 'https://management.azure.com';
const graphPath = '/providers/microsoft.resourcegraph/resources';

export async function startFakeAzure(store: Store, options: FakeOptions = {}): Promise<FakeAzure> {
  const { switches = {}, record = false, now = Date.now } = options;
  const certificate = loopbackCertificate();
  const graph = new ResourceGraph(store, switches, now);
  const manager = new ResourceManager(store, switches);
  const token = fakeToken(store.tenantId);
  const exchanges: Exchange[] = [];
  const writes: string[] = [];
  const counts = new Map<string, number>();
  const seen = new Map<Fault, number>();
  const waiting = new Set<NodeJS.Timeout>();
  let number = 0;

  const server = createServer({ key: certificate.key, cert: certificate.cert });
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const url = new URL(request.url ?? '/', origin);
      const method = request.method ?? 'GET';
      const isGraph = url.pathname.toLowerCase() === graphPath;
      count(isGraph ? 'graph' : 'rest');
      if (!isGraph) count(segmentOf(url));
      let body: unknown;
      try {
        body = text === '' ? undefined : JSON.parse(text);
      } catch {
        body = undefined;
      }
      const fault = faultFor(`${method} ${decodeURIComponent(url.pathname + url.search)} ${isGraph ? text : ''}`);
      if (fault === 'reset') {
        request.socket.destroy();
        return;
      }
      if (fault === 'hang') return;
      const reply = replyTo(method, url, isGraph, body, request.headers.authorization, fault);
      const headers: Record<string, string> = {
        'content-type': 'application/json; charset=utf-8',
        date: new Date(now() + (switches.clockSkewSeconds ?? 0) * 1000).toUTCString(),
        'x-ms-request-id': guid(`request ${++number}`),
        'x-ms-correlation-request-id': guid(`correlation ${number}`),
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        ...(isGraph ? graph.quotaHeaders() : restHeaders()),
        ...reply.headers,
      };
      const answer = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
      if (record)
        exchanges.push({
          method,
          url: publicOrigin + url.pathname + url.search,
          requestHeaders: without(request.headers, 'authorization'),
          requestBody: body,
          status: reply.status,
          responseHeaders: headers,
          responseBody: reply.body,
        });
      const send = (): void => write(response, reply.status, headers, fault === 'truncated' ? half(answer) : answer);
      if (fault !== 'slow') return send();
      const timer = setTimeout(() => {
        waiting.delete(timer);
        send();
      }, switches.slowMs ?? 1000);
      waiting.add(timer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function count(what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  function faultFor(about: string): Answer | undefined {
    for (const fault of switches.faults ?? []) {
      if (fault.on && !fault.on.test(about)) continue;
      const before = seen.get(fault) ?? 0;
      seen.set(fault, before + 1);
      const first = fault.after ?? 0;
      if (before >= first && before < first + (fault.times ?? Number.POSITIVE_INFINITY)) return fault.answer;
    }
    return undefined;
  }

  function replyTo(
    method: string,
    url: URL,
    isGraph: boolean,
    body: unknown,
    authorization: string | undefined,
    fault: Answer | undefined,
  ): Reply {
    if (method !== 'GET' && !(method === 'POST' && isGraph)) {
      writes.push(`${method} ${url.pathname}`);
      return failure(405, 'MethodNotAllowed', 'The fake only reads.');
    }
    if (fault === 'unauthorized' || authorization !== `Bearer ${token}`)
      return {
        ...failure(401, 'InvalidAuthenticationToken', 'The access token is invalid.'),
        headers: {
          'www-authenticate': `Bearer authorization_uri="https://login.microsoftonline.com/${store.tenantId}", error="invalid_token", error_description="The access token is invalid."`,
        },
      };
    if (fault) {
      const instead = insteadOf(fault, url);
      if (instead) return instead;
    }
    const reply = isGraph
      ? method === 'POST'
        ? graph.answer(
            (fault === 'looping' ? withoutToken(body) : (body ?? {})) as Parameters<ResourceGraph['answer']>[0],
          )
        : failure(405, 'MethodNotAllowed', 'Resource Graph is asked with POST.')
      : manager.answer(url);
    return fault === 'foreign-next-link' || fault === 'looping' ? leadAstray(reply, fault, url, isGraph) : reply;
  }

  function insteadOf(fault: Answer, url: URL): Reply | undefined {
    const path = decodeURIComponent(url.pathname);
    switch (fault) {
      case 'forbidden':
        return forbidden(`${path.split('/providers/').at(-1)!.split('/').slice(0, 2).join('/')}/read`, path);
      case 'not-found':
        return failure(404, 'ResourceNotFound', `The Resource '${path}' was not found.`);
      case 'throttled-seconds':
        return throttled({ 'retry-after': '1' });
      case 'throttled-date':
        return throttled({
          'retry-after': new Date(now() + (switches.clockSkewSeconds ?? 0) * 1000 + 2000).toUTCString(),
        });
      case 'throttled-text':
        return throttled({}, "Please try again after '1' seconds.");
      case 'throttled-hour':
        return throttled({ 'retry-after': '3600' });
      case 'throttled-bare':
        return throttled({});
      case 'error-500':
        return failure(500, 'InternalServerError', 'Encountered internal server error.');
      case 'error-503':
        return {
          ...failure(503, 'ServiceUnavailable', 'The service is unavailable.'),
          headers: { 'retry-after': '1' },
        };
      case 'html':
        return {
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<html><body>Please sign in to the guest network.</body></html>',
        };
      default:
        return undefined;
    }
  }

  function restHeaders(): Record<string, string> {
    const left = manager.takeRemaining();
    return {
      'x-ms-ratelimit-remaining-subscription-reads': '11999',
      ...(left === undefined ? {} : { 'x-ms-ratelimit-remaining-subscription-resource-requests': String(left) }),
    };
  }

  return {
    origin,
    certificate,
    token,
    exchanges,
    writes,
    counts,
    async close() {
      for (const timer of waiting) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function throttled(headers: Record<string, string>, text = ''): Reply {
  const message = `Number of requests for action 'Microsoft.RecoveryServices/vaults/read' exceeded the limit of '150' for time interval '01:00:00'. ${text}`;
  return { ...failure(429, 'ResourceRequestsThrottled', message.trim()), headers };
}

/** A link to another machine, or to this same page again and again. */
function leadAstray(reply: Reply, fault: Answer, url: URL, isGraph: boolean): Reply {
  if (reply.status !== 200) return reply;
  const body = { ...(reply.body as Record<string, unknown>) };
  if (isGraph) {
    // Resource Graph has no links; its token can only go in circles.
    body['$skipToken'] = 'bG9vcA==';
    body['totalRecords'] = Number(body['totalRecords']) + 1;
  } else body['nextLink'] = fault === 'looping' ? url.href : `https://elsewhere.example${url.pathname}${url.search}`;
  return { ...reply, body };
}

/** The first page again. */
function withoutToken(body: unknown): unknown {
  const { options, ...rest } = (body ?? {}) as Record<string, Record<string, unknown>>;
  const { $skipToken: _, ...others } = options ?? {};
  return { ...rest, options: others };
}

function write(response: ServerResponse, status: number, headers: Record<string, string>, text: string): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Whole as HTTP, broken as JSON: what a proxy makes of an answer. */
function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

function without(headers: Readonly<Record<string, unknown>>, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) => (key === name ? [] : [[key, String(value)]])),
  );
}

/** The last type of the path: what is asked of a vault. */
function segmentOf(url: URL): string {
  const segments = decodeURIComponent(url.pathname).split('/providers/').at(-1)!.split('/').filter(Boolean);
  // Namespace, type, name, type, name, ...
  return segments.at(segments.length % 2 === 0 ? -1 : -2) ?? '';
}

function fakeToken(tenant: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: publicOrigin, tid: tenant, name: 'fake auditor' };
  return `${part({ typ: 'JWT', alg: 'none' })}.${part(claims)}.${randomBytes(24).toString('base64url')}`;
}
