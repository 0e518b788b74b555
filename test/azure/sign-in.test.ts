/** Why nobody is signed in, in words; a token is asked for once and shown nowhere. */
import { AggregateAuthenticationError, CredentialUnavailableError } from '@azure/identity';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clouds } from '../../src/azure/clouds.ts';
import { failureOf, withoutTokens } from '../../src/azure/failure.ts';
import { OneToken, signIn } from '../../src/azure/sign-in.ts';
import { Stop } from '../../src/azure/stop.ts';

const stop = new Stop(60);
stop.over();

afterEach(() => vi.unstubAllEnvs());

describe('in words', () => {
  test('nobody is signed in: what was tried, and az login', () => {
    const error = new AggregateAuthenticationError([
      new CredentialUnavailableError('EnvironmentCredential is unavailable. No underlying credential could be used.'),
      new CredentialUnavailableError(
        "Please run 'az login' from a command prompt to authenticate before using this credential.",
      ),
    ]);
    const { code, message, remedy, isFinal } = failureOf(error, stop);
    expect({ code, isFinal }).toEqual({ code: 'refused', isFinal: true });
    expect(message).toBe(
      "nobody is signed in to Azure. Tried: EnvironmentCredential is unavailable; Please run 'az login' from a command prompt to authenticate before using this credential",
    );
    expect(remedy).toMatch(/^Run az login/);
  });

  test('the proof of a pipeline has expired', () => {
    const error = new CredentialUnavailableError(
      'AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-11-26, assertion valid from ... Trace ID: 11111111-1111-1111-1111-111111111111',
    );
    const { message, remedy } = failureOf(error, stop);
    expect(message).toBe(
      'the proof with which the job signed in has expired (AADSTS700024); that of GitHub Actions lives for five minutes',
    );
    expect(remedy).toContain('right behind the step that signs in');
  });

  test('a second factor is asked for', () => {
    const error = new CredentialUnavailableError('AADSTS50076: Due to a configuration change, you must use MFA');
    expect(failureOf(error, stop).message).toContain('AADSTS50076');
  });

  test('tokens, people and directories are not repeated', () => {
    const error = new CredentialUnavailableError(
      'User ann@contoso.example of 11111111-1111-1111-1111-111111111111 sent eyJhbGci.eyJzdWIi.c2ln',
    );
    expect(failureOf(error, stop).message).toContain('User [user] of [id] sent [token]');
    expect(withoutTokens('nothing to hide')).toBe('nothing to hide');
  });

  test('a variable that names no way to sign in', async () => {
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'Wishes');
    await expect(signIn(clouds.AzureCloud, stop)).rejects.toMatchObject({
      code: 'refused',
      message: 'AZURE_TOKEN_CREDENTIALS names no way to sign in',
    });
  });
});

describe('a token', () => {
  const inner = (minutes: number) => {
    let asked = 0;
    return {
      get asked() {
        return asked;
      },
      getToken: async () => ({ token: `t${++asked}`, expiresOnTimestamp: Date.now() + minutes * 60_000 }),
    };
  };

  test('is asked for once, by however many', async () => {
    const source = inner(60);
    const credential = new OneToken(source, stop);
    const tokens = await Promise.all([1, 2, 3].map(() => credential.getToken('scope')));
    expect(tokens.map((one) => one?.token)).toEqual(['t1', 't1', 't1']);
    expect((await credential.getToken('scope'))?.token).toBe('t1');
    expect(source.asked).toBe(1);
  });

  test('that nears its end is asked for again', async () => {
    const source = inner(4);
    const credential = new OneToken(source, stop);
    await credential.getToken('scope');
    expect((await credential.getToken('scope'))?.token).toBe('t2');
  });

  test('that was not given is asked for again', async () => {
    let asked = 0;
    const credential = new OneToken(
      {
        getToken: async () => {
          if (++asked === 1) throw new Error('no');
          return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
        },
      },
      stop,
    );
    await expect(credential.getToken('scope')).rejects.toThrow('no');
    expect((await credential.getToken('scope'))?.token).toBe('t');
  });

  test('that never comes ends with the audit', async () => {
    const short = new Stop(0.01);
    const credential = new OneToken({ getToken: () => new Promise(() => {}) }, short);
    await expect(credential.getToken('scope')).rejects.toThrow('stopped');
  });
});
