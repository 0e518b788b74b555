/** The command `audit`: what it takes, what it makes of a recording, and what it says where nothing could be read. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AuditFlags, audit, type Connect } from '../src/audit.ts';
import { Recording, readInventory } from '../src/azure/inventory.ts';
import { main } from '../src/main.ts';
import { writeReports } from '../src/output.ts';
import { inEnglish } from '../src/report/translation.ts';
import type { Log } from '../src/source/diagnostic.ts';
import {
  type Answer,
  Azure,
  group,
  healthy,
  queryIn,
  type Respond,
  subscription,
  token,
  vaultRow,
} from './azure/answers.ts';
import { optionsIn } from './fixture.ts';
import { type MemoryIo, memoryIo } from './memory.ts';

afterEach(() => vi.unstubAllEnvs());

async function ran(args: readonly string[], files: Record<string, string> = {}) {
  const io = memoryIo(files);
  const code = await main(['audit', ...args], '1.2.3', io);
  return { code, out: io.out.text, err: io.err.text, io };
}

describe('wrong usage', () => {
  test.each([
    [[], 'Say what to audit: --subscription ID, --management-group ID, or --inventory FILE'],
    [['--subscription', ''], 'Say what to audit'],
    [['--subscription', 'production'], 'takes the id of a subscription'],
    [['--subscription', `${subscription},x`], 'not "x"'],
    [['--management-group', 'a/b'], 'takes the id of a management group'],
    [['--subscription', subscription, '--management-group', 'mg'], 'leave --subscription or --management-group out'],
    [['--subscription', subscription, '--timeout', 'soon'], '--timeout takes seconds'],
    [['--subscription', subscription, '--timeout', '0'], '--timeout takes seconds'],
    [['--subscription', subscription, '--endpoint', 'http://127.0.0.1'], '--endpoint takes an origin'],
    [['--subscription', subscription, '--cloud', 'AzureGermanCloud'], 'AzureGermanCloud'],
    [['--subscription', subscription, '--skip', 'vm-unprotcted'], 'Did you mean "vm-unprotected"?'],
    [['--inventory', 'none.jsonl'], 'the file none.jsonl cannot be read'],
    [['--inventory', 'x', '--subscription', subscription], '--subscription has no place beside it'],
    [['--inventory', 'x', '--save-inventory', 'y'], '--save-inventory has no place beside it'],
    [['main.tf'], "error: too many arguments for 'audit'"],
  ])('%j', async (args, message) => {
    const { code, out, err } = await ran(args);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

function recording(fill: (one: Recording) => void = () => {}): string {
  let text = '';
  const one = new Recording(
    {
      version: 1,
      cloud: 'AzureCloud',
      scope: { subscriptions: [subscription] },
      readAt: '2026-11-26T20:00:00.000Z',
      deep: false,
    },
    (line) => {
      text += `${line}\n`;
    },
  );
  fill(one);
  one.end();
  return text;
}

const replayed = (text: string) => ran(['--inventory', 'a.jsonl'], { '/repo/a.jsonl': text });

describe('a recording', () => {
  test('that is whole is complete', async () => {
    const { code, err } = await replayed(recording());
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('with gaps is incomplete, and what misses the same for the same reason is told once', async () => {
    const gap = { because: 'the right is missing', code: 'forbidden', remedy: 'az role' } as const;
    const { code, out, err } = await replayed(
      recording((one) => {
        for (const scope of ['/subscriptions/b', '/subscriptions/a'])
          for (const unread of ['disks', 'items']) one.miss({ ...gap, unread, scope });
        one.miss({ unread: 'counts', scope: '/v', because: 'it was late', code: 'timeout' });
      }),
    );
    expect(code).toBe(3);
    const told = `${out}${err}`;
    expect(told).toContain(
      'Disks and snapshots, protected items could not be read, here and in 1 more: the right is missing.',
    );
    expect(told).toContain('Numbers of protected items could not be read: it was late.');
    expect(told.match(/the right is missing/g)?.length).toBe(1);
    expect(told).toContain('az role');
  });

  test('that was cut is incomplete', async () => {
    const { code, out, err } = await replayed(recording().split('\n')[0]!);
    expect(code).toBe(3);
    expect(`${out}${err}`).toContain('was cut off');
  });

  test('that is damaged says where', async () => {
    const { code, out, err } = await replayed(`${recording()}{"from"\n`);
    expect(code).toBe(3);
    expect(`${out}${err}`).toContain('a.jsonl:3:1');
  });

  test('that is none is incomplete', async () => {
    const { code, out, err } = await replayed('{}');
    expect(code).toBe(3);
    expect(`${out}${err}`).toContain('This is no recording of an audit');
  });
});

describe('what is to be done is said of what exists', () => {
  const machine = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web`;
  const text = recording((one) =>
    one.add('graph:virtualMachines', [
      { id: machine, name: 'web', type: 'microsoft.compute/virtualmachines', location: 'westeurope', properties: {} },
    ]),
  );
  const saidIn = async (...args: string[]) => {
    const files = { '/repo/a.jsonl': text };
    const { out } = await ran(['--inventory', 'a.jsonl', '--only', 'vm-unprotected', ...args], files);
    return out;
  };

  test.each([
    ['en', 'Azure Backup does not protect this virtual machine.'],
    ['ja', 'この仮想マシンは Azure Backup で保護されていません。'],
  ])('in %s', async (language, message) => {
    const out = await saidIn('--lang', language);
    expect(out).toContain(message);
    expect(out).toContain('az backup protection enable-for-vm');
  });

  test('and how much of it was seen', async () => expect(await saidIn()).toContain('1 warning in 1 resource\n'));

  test('also in what SARIF tells of the rule', async () => {
    const [run] = (JSON.parse(await saidIn('-f', 'sarif')) as { runs: { tool: { driver: { rules: SarifRule[] } } }[] })
      .runs;
    const { help } = run!.tool.driver.rules.find(({ id }) => id === 'vm-unprotected')!;
    expect(help.text).toContain('az backup protection enable-for-vm');
  });
});

interface SarifRule {
  readonly id: string;
  readonly help: { readonly text: string };
}

describe('without a way to sign in', () => {
  const live = (...args: string[]) => {
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'Wishes');
    return ran(['--subscription', subscription, ...args]);
  };

  test('it says so', async () => {
    const { code, out, err } = await live();
    expect(code).toBe(3);
    expect(`${out}${err}`).toContain('AZURE_TOKEN_CREDENTIALS names no way to sign in');
  });

  test('the recording says so too', async () => {
    const { io } = await live('--save-inventory', 'out/a.jsonl');
    const log: Log = [];
    const inventory = readInventory('a.jsonl', [new TextEncoder().encode(io.written.get('/repo/out/a.jsonl'))], log);
    expect(log).toEqual([]);
    expect(inventory?.gaps).toEqual([
      expect.objectContaining({ unread: 'everything', scope: `/subscriptions/${subscription}`, code: 'refused' }),
    ]);
  });

  test('a recording that cannot be written is told, and the audit goes on', async () => {
    const io: MemoryIo = {
      ...memoryIo({}),
      openFile: () => ({
        write: () => {
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        },
        close: () => {},
      }),
    };
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'Wishes');
    const code = await main(['audit', '--subscription', subscription, '--save-inventory', 'a.jsonl'], '1.2.3', io);
    expect(code).toBe(3);
    const told = `${io.out.text}${io.err.text}`;
    expect(told).toContain('The recording cannot be written');
    expect(told).toContain('names no way to sign in');
  });

  test('a recording that cannot be begun is wrong usage', async () => {
    const io: MemoryIo = {
      ...memoryIo({}),
      openFile: () => {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      },
    };
    const code = await main(['audit', '--subscription', subscription, '--save-inventory', 'a.jsonl'], '1.2.3', io);
    expect(code).toBe(2);
    expect(io.err.text).toContain('--save-inventory: a.jsonl cannot be written');
  });
});

describe('a tenant', () => {
  const machine = {
    id: `${group}/providers/Microsoft.Compute/virtualMachines/vm-bare`,
    name: 'vm-bare',
    type: 'microsoft.compute/virtualmachines',
    location: 'westeurope',
    resourceGroup: 'rg',
    subscriptionId: subscription,
    properties: { hardwareProfile: { vmSize: 'Standard_D2s_v5' }, storageProfile: { osDisk: { osType: 'Linux' } } },
  };
  const tenant = { graph: { vaults: [vaultRow], virtualMachines: [machine] } };

  async function audited(respond: Respond, flags: AuditFlags = {}, io: MemoryIo = memoryIo({})) {
    const azure = new Azure(respond);
    const options = await optionsIn(io, { format: ['json'], ...flags });
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const connect: Connect = async () => ({ credential, httpClient: azure, retryDelay: 1 });
    const given = flags.inventory === undefined ? { subscription: [subscription], ...flags } : flags;
    const run = await audit(given, options, io, '1.2.3', inEnglish, undefined, connect);
    await writeReports(run, options, io);
    return { run, io, azure, codes: run.findings.map(({ code }) => code) };
  }

  test('is judged by the rules for code', async () => {
    const { run, codes } = await audited(healthy(tenant));
    expect(run.summary.complete).toBe(true);
    expect(codes).toContain('vm-unprotected');
  });

  test('is accounted for with --verbose', async () => {
    const { run } = await audited(healthy(tenant), { verbose: true });
    const notes = run.diagnostics.map(({ severity, message }) => `${severity} ${message}`);
    expect(notes).toContain('note graph:virtualMachines: 1 rows were read.');
  });

  test('a recording of it gives the same report, byte for byte, without a request', async () => {
    const live = await audited(healthy(tenant), { saveInventory: 'a.jsonl' });
    const again = await audited(
      () => 'deaf',
      { inventory: 'a.jsonl' },
      memoryIo({ '/repo/a.jsonl': live.io.written.get('/repo/a.jsonl')! }),
    );
    expect(again.io.out.text).toBe(live.io.out.text);
    expect(again.azure.asked).toEqual([]);
  });

  test('nothing of it is called unprotected where it is not known what is protected', async () => {
    const usual = healthy(tenant);
    const broken: Respond = (asked, n) =>
      asked.body !== '' && queryIn(asked.body) === 'items' ? { status: 500, body: {} } : usual(asked, n);
    const { run, codes } = await audited(broken);
    expect(codes).not.toContain('vm-unprotected');
    expect(run.summary.complete).toBe(false);
    expect(run.diagnostics).toEqual([expect.objectContaining({ code: 'azure-unavailable', severity: 'error' })]);
  });

  test('an interruption leaves a recording that says so', async () => {
    let interrupt: (() => void) | undefined;
    const io: MemoryIo = {
      ...memoryIo({}),
      onInterrupt: (stop) => {
        interrupt = stop;
        return () => {};
      },
    };
    const usual = healthy(tenant);
    const { run } = await audited(
      (asked, n) => {
        if (asked.body !== '' && queryIn(asked.body) === 'disks') interrupt?.();
        return usual(asked, n);
      },
      { saveInventory: 'a.jsonl' },
      io,
    );
    expect(run.summary.complete).toBe(false);
    expect(run.diagnostics.map(({ code }) => code)).toContain('azure-interrupted');
    const again = await audited(
      () => 'deaf',
      { inventory: 'a.jsonl' },
      memoryIo({ '/repo/a.jsonl': io.written.get('/repo/a.jsonl')! }),
    );
    expect(again.run).toEqual(run);
  });

  test('progress is told on a terminal alone, and wiped', async () => {
    const told = async (isTerminal: boolean): Promise<string> => {
      const io = memoryIo({});
      const err = Object.assign(io.err, { isTerminal });
      await audited(healthy(tenant), {}, { ...io, err });
      return err.text;
    };
    expect(await told(false)).toBe('');
    const text = await told(true);
    expect(text).toContain('reading access rights: 1 of 1');
    expect(text.endsWith('\r\u001b[K')).toBe(true);
  });

  test('the token shows up nowhere', async () => {
    for (const respond of [healthy(tenant), (): Answer => ({ status: 500, body: { error: { message: token } } })]) {
      const { io, run } = await audited(respond, { saveInventory: 'a.jsonl', verbose: true });
      expect(JSON.stringify([io.out.text, io.err.text, [...io.written], run])).not.toContain(token);
    }
  });
});

test('the origin for tests is no option that people are shown', async () => {
  for (const args of [['audit', '--help'], ['completion', 'bash'], ['completion', 'zsh'], ['man']]) {
    const io = memoryIo({});
    await main(args, '1.2.3', io);
    expect(io.out.text).toContain('inventory');
    expect(io.out.text).not.toContain('--endpoint');
  }
});
