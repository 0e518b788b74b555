/** Who reads: the ways to sign in of @azure/identity, which is loaded only here. No token is kept anywhere but in memory. */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import { Failure } from './failure.ts';
import type { Stop } from './stop.ts';

export async function signIn(cloud: Cloud, stop: Stop): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  try {
    return new OneToken(
      new DefaultAzureCredential({
        // Of the public cloud the package's own way to find it stays, which a variable can change.
        ...(cloud.name === 'AzureCloud' ? {} : { authorityHost: cloud.authority }),
        processTimeoutInMs: Math.max(1000, Math.ceil(stop.secondsLeft() * 1000)),
      }),
      stop,
    );
  } catch {
    // Of all that it reads, only this variable can be wrong before anything is asked.
    throw new Failure('refused', 'AZURE_TOKEN_CREDENTIALS names no way to sign in', {
      remedy: 'Set it to dev, prod or one credential such as AzureCliCredential, or leave it out.',
      isFinal: true,
    });
  }
}

/**
 * Asks once for all clients: each would ask on its own, and the Azure CLI takes a second or two. Proofs of a pipeline live for
 * minutes only, so that the token is taken early and used until it nears its end.
 */
export class OneToken implements TokenCredential {
  readonly #inner: TokenCredential;
  readonly #stop: Stop;
  #asked: Promise<AccessToken | null> | undefined;
  #expires = 0;

  constructor(inner: TokenCredential, stop: Stop) {
    this.#inner = inner;
    this.#stop = stop;
  }

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
    // Azure asks for a better one: it is not that which is there.
    if (options?.claims) return this.#stop.race(this.#inner.getToken(scopes, options));
    if (!this.#asked || this.#expires - Date.now() < fiveMinutes) {
      this.#expires = Number.POSITIVE_INFINITY;
      const asked = this.#inner.getToken(scopes, { abortSignal: this.#stop.signal }).then(
        (token) => {
          this.#expires = token?.expiresOnTimestamp ?? 0;
          return token;
        },
        (error) => {
          this.#asked = undefined;
          throw error;
        },
      );
      this.#asked = asked;
    }
    return this.#stop.race(this.#asked);
  }
}

const fiveMinutes = 5 * 60 * 1000;
