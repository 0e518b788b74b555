/** One request to the fake, without anything that a client would do: no repetition, no paging. */
import { Agent, request } from 'node:https';
import type { FakeAzure } from './server.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

export function ask(
  fake: FakeAzure,
  path: string,
  options: { readonly method?: string; readonly body?: unknown; readonly token?: string } = {},
): Promise<Answered> {
  const { method = options.body === undefined ? 'GET' : 'POST', body, token = fake.token } = options;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, fake.origin),
      {
        method,
        agent,
        ca: fake.certificate.cert,
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const received = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            text: received,
            body: parsed(received),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

export function askGraph(
  fake: FakeAzure,
  query: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answered> {
  const { options, ...rest } = more;
  return ask(fake, '/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01', {
    body: {
      ...('managementGroups' in rest || 'subscriptions' in rest ? {} : { managementGroups: ['contoso'] }),
      ...rest,
      query,
      options: { $top: 1000, resultFormat: 'objectArray', ...(options as object | undefined) },
    },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
