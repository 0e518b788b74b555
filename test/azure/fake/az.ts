/**
 * A stand-in for the Azure CLI, so that the real @azure/identity signs in without a network: a folder with `az` for PATH. It
 * knows `account get-access-token` and nothing else. Used with AZURE_TOKEN_CREDENTIALS=AzureCliCredential, so that no other
 * credential is tried (the whole chain would look for a metadata service).
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export type SignedIn = 'yes' | 'no' | 'assertion-expired';

export interface StandInCli {
  readonly folder: string;
  /** Environment of a child process that uses it and this certificate, and no proxy. */
  environment(certificate: string): Record<string, string>;
  remove(): void;
}

const refusals: Readonly<Record<Exclude<SignedIn, 'yes'>, string>> = {
  no: "ERROR: Please run 'az login' to setup account.",
  'assertion-expired':
    'ERROR: AADSTS700024: Client assertion is not within its valid time range. Current time: 2024-01-01T00:10:00Z, assertion valid from 2024-01-01T00:00:00Z, expiry time of assertion 2024-01-01T00:05:00Z.',
};

export function standInCli(token: string, tenant: string, signedIn: SignedIn = 'yes'): StandInCli {
  const folder = mkdtempSync(join(tmpdir(), 'azure-backup-lint-az-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const expires = new Date(Date.now() + 3_600_000);
  writeFileSync(
    join(bin, 'answer.txt'),
    signedIn === 'yes'
      ? JSON.stringify({
          accessToken: token,
          expiresOn: expires.toISOString().replace('T', ' ').replace('Z', '000'),
          expires_on: Math.floor(expires.getTime() / 1000),
          subscription: '00000000-0000-0000-0000-000000000000',
          tenant,
          tokenType: 'Bearer',
        })
      : refusals[signedIn],
  );
  const fails = signedIn !== 'yes';
  writeFileSync(
    join(bin, 'az'),
    `#!/bin/sh
case "$*" in
  "account get-access-token "*) cat "\${0%/*}/answer.txt"${fails ? ' >&2; exit 1' : ''} ;;
  *) echo "ERROR: the stand-in az does not know: $*" >&2; exit 2 ;;
esac
`,
  );
  chmodSync(join(bin, 'az'), 0o755);
  writeFileSync(join(bin, 'az.cmd'), `@type "%~dp0answer.txt"${fails ? ' 1>&2 & exit /b 1' : ''}\r\n`);
  return {
    folder,
    environment(certificate) {
      const file = join(folder, 'loopback.pem');
      writeFileSync(file, certificate);
      const inherited = Object.entries(process.env).filter(
        ([name]) => !/^(AZURE_|IDENTITY_|MSI_|ACTIONS_|.*_proxy$)/i.test(name),
      ) as [string, string][];
      return {
        ...Object.fromEntries(inherited),
        PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
        AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential',
        NODE_EXTRA_CA_CERTS: file,
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
