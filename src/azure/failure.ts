/** What went wrong with a request to Azure, in words for people. Names of who asked, and tokens, are never repeated. */
import { refusal } from './gate.ts';
import type { InventoryGap } from './inventory.ts';
import type { Stop } from './stop.ts';

export class Failure extends Error {
  readonly code: InventoryGap['code'];
  readonly remedy: string | undefined;
  /** The HTTP status, where Azure answered. */
  readonly status: number | undefined;
  /** What Azure calls the error, such as `ResourceNotFound`, where it says. */
  readonly error: string | undefined;
  /** Every other request would fail alike. */
  readonly isFinal: boolean;

  constructor(
    code: InventoryGap['code'],
    message: string,
    more: {
      remedy?: string | undefined;
      status?: number | undefined;
      error?: string | undefined;
      isFinal?: boolean;
    } = {},
  ) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.remedy = more.remedy;
    this.status = more.status;
    this.error = more.error;
    this.isFinal = more.isFinal ?? false;
  }

  /** What was asked for does not exist. */
  get isAbsence(): boolean {
    return this.status === 404 && absent.has(this.error?.toLowerCase() ?? '');
  }
}

/** An answer 404 may also speak of the request: of a version or a provider that is not known. */
const absent: ReadonlySet<string> = new Set([
  'resourcenotfound',
  'resourcegroupnotfound',
  'parentresourcenotfound',
  'notfound',
]);

/** As @azure/core-rest-pipeline and @azure/identity throw them. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly response?: {
    readonly bodyAsText?: string | null;
    readonly headers?: { get(name: string): string | undefined };
  };
  readonly errors?: readonly Thrown[];
  readonly cause?: Thrown;
}

export function failureOf(error: unknown, stop: Stop): Failure {
  if (error instanceof Failure) return error;
  if (stop.why === 'timeout')
    return new Failure('timeout', `the ${stop.seconds} seconds of --timeout were over`, {
      remedy: 'Give it more time with --timeout SECONDS, or audit fewer subscriptions at once.',
      isFinal: true,
    });
  if (stop.why === 'interrupted') return new Failure('interrupted', 'the audit was interrupted', { isFinal: true });
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {};
  const signIn = signInFailure(thrown);
  if (signIn) return signIn;
  const status = thrown.statusCode;
  switch (thrown.code) {
    case refusal.foreign:
      return new Failure('refused', `Azure pointed to another host (${thrown.message}), which is not asked`);
    case refusal.write:
      return new Failure('refused', `${thrown.message}, and an audit only reads`);
    case refusal.notJson:
      return new Failure('refused', 'the answer is a web page or a file and no data of Azure', {
        remedy: 'See whether a proxy or a sign-in page of the network answers in place of Azure.',
        status,
      });
    case refusal.tooLong:
      return new Failure('throttled', `Azure asks to wait ${thrown.message} seconds`, {
        remedy: 'Try again later, or audit fewer subscriptions at once.',
        status,
      });
    case refusal.spent:
      return new Failure('throttled', 'the requests that Azure allows for this in an hour are nearly used up', {
        remedy: 'Try again in an hour; what is there is left for others.',
      });
  }
  if (thrown.name === 'AbortError') return new Failure('timeout', 'Azure did not answer in time');
  if (thrown.code === 'PARSE_ERROR' || error instanceof SyntaxError)
    return new Failure('unavailable', 'the answer of Azure is cut off or damaged', { status });
  if (status !== undefined) return answered(status, thrown);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(thrown.code ?? ''))
    return new Failure('refused', `the certificate of the server is not trusted (${thrown.code})`, {
      remedy: 'Where a proxy of the company reads along, name its certificate in NODE_EXTRA_CA_CERTS.',
      isFinal: true,
    });
  if (thrown.name !== 'RestError')
    return new Failure('unavailable', `this program failed at it (${withoutTokens(String(thrown.message ?? error))})`);
  const detail = [thrown.code, thrown.cause?.code].find((one) => one !== undefined && one !== 'REQUEST_SEND_ERROR');
  return new Failure('unavailable', `there is no connection to Azure${detail === undefined ? '' : ` (${detail})`}`);
}

function answered(status: number, thrown: Thrown): Failure {
  const { code, message } = errorIn(thrown.response?.bodyAsText ?? '');
  if (status === 401 && code === 'InvalidAuthenticationTokenTenant')
    return new Failure('refused', 'it belongs to another tenant than the sign-in', {
      remedy: 'Audit the subscriptions of one tenant at a time, each after az login --tenant TENANT.',
      status,
    });
  if (status === 401)
    return new Failure('refused', 'Azure does not accept the sign-in, which may have expired', {
      remedy: 'Sign in again, such as with az login, into the tenant of the subscriptions.',
      status,
      isFinal: true,
    });
  if (status === 403) {
    const action = /perform action '([^']+)'/.exec(message)?.[1];
    return new Failure(
      'forbidden',
      action === undefined ? 'Azure does not allow it' : `the right ${action} is missing`,
      {
        status,
      },
    );
  }
  if (status === 404) return new Failure('unavailable', 'Azure does not find it (any more)', { status, error: code });
  if (status === 429)
    return new Failure('throttled', 'Azure answered that there were too many requests', {
      remedy: 'Try again later, or audit fewer subscriptions at once.',
      status,
    });
  const id = status >= 500 ? thrown.response?.headers?.get('x-ms-correlation-request-id') : undefined;
  const told = [code, id === undefined ? undefined : `correlation id ${id}`].filter((one) => one !== undefined);
  return new Failure(
    'unavailable',
    `Azure answered with status ${status}${told.length === 0 ? '' : ` (${told.join(', ')})`}`,
    { status },
  );
}

/** Messages are not repeated: they name who asked. */
function errorIn(body: string): { code: string | undefined; message: string } {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } };
    const code = typeof error?.code === 'string' && /^[\w.-]{1,80}$/.test(error.code) ? error.code : undefined;
    return { code, message: typeof error?.message === 'string' ? error.message : '' };
  } catch {
    return { code: undefined, message: '' };
  }
}

const signInErrors: ReadonlySet<string> = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);

function signInFailure(thrown: Thrown): Failure | undefined {
  if (!signInErrors.has(thrown.name ?? '')) return undefined;
  const tried = thrown.errors && thrown.errors.length > 0 ? thrown.errors : [thrown];
  const text = [thrown, ...tried].map((one) => one.message ?? '').join('\n');
  const final = (message: string, remedy: string): Failure =>
    new Failure('refused', message, { remedy, isFinal: true });
  if (/AADSTS700024/.test(text))
    return final(
      'the proof with which the job signed in has expired (AADSTS700024); that of GitHub Actions lives for five minutes',
      'Put the audit right behind the step that signs in, or sign in again before it.',
    );
  if (/AADSTS(?:50076|50079|50158|53003|70043|700082)/.test(text))
    return final(
      `the sign-in needs a person (${/AADSTS\d+/.exec(text)![0]}): it has expired, or a second factor is asked for`,
      'Run az login, and try again.',
    );
  const code = /AADSTS\d+/.exec(text)?.[0];
  return final(
    `nobody is signed in to Azure${code === undefined ? '' : ` (${code})`}. Tried: ${tried.map(attempt).join('; ')}`,
    'Run az login, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET or a federated token; AZURE_TOKEN_CREDENTIALS names the one way to use.',
  );
}

/** The first sentence of what one way to sign in said. */
function attempt({ message = '' }: Thrown): string {
  const line = message.split(/\r?\n|(?<=[.!?]) /)[0] ?? '';
  return withoutTokens(line.trim()).slice(0, 160).replace(/[.!]$/, '');
}

/** Tokens, user names and ids of directories. */
export function withoutTokens(text: string): string {
  return text
    .replaceAll(/\beyJ[\w.-]+/g, '[token]')
    .replaceAll(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[user]')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '[id]');
}
