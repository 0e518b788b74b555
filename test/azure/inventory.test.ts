/** A recording gives back what was read, also where it was cut or damaged, and holds no secrets. */
import { describe, expect, test } from 'vitest';
import {
  type Inventory,
  type InventoryHeader,
  listedWhole,
  Recording,
  type Row,
  readInventory,
} from '../../src/azure/inventory.ts';
import type { Log } from '../../src/source/diagnostic.ts';
import { isSpan } from '../../src/source/source.ts';
import { itemRow, vaultId, vaultRow } from './answers.ts';

const header: InventoryHeader = {
  version: 1,
  cloud: 'AzureCloud',
  scope: { subscriptions: ['a', 'b'] },
  readAt: '2026-11-26T20:00:00.000Z',
  deep: false,
};

const gap = { unread: 'items', scope: '/subscriptions/a', because: 'x', code: 'forbidden', remedy: 'y' } as const;

function recorded(fill: (recording: Recording) => void): { recording: Recording; lines: string[] } {
  const lines: string[] = [];
  const recording = new Recording(header, (line) => lines.push(line));
  fill(recording);
  recording.end();
  return { recording, lines };
}

function read(text: string, pieces = 1): { inventory: Inventory | undefined; log: Log; told: string[] } {
  const bytes = new TextEncoder().encode(text);
  const size = Math.ceil(bytes.length / pieces) || 1;
  const chunks = Array.from({ length: pieces }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const log: Log = [];
  const inventory = readInventory('audit.jsonl', chunks, log);
  const told = log.map(({ at, message }) => {
    if (!isSpan(at)) throw new Error('a place in the recording was expected');
    return `${at.source.file}:${at.source.position(at.start).line}: ${message}`;
  });
  return { inventory, log, told };
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('what is written is read back, wherever the pieces end', () => {
  const rows: Row[] = [vaultRow, itemRow('a'), { id: '/日本語/é', properties: { a: [1, null, { b: true }] } }];
  const { recording, lines } = recorded((one) => {
    one.add('graph:vaults', rows);
    one.miss(gap);
  });
  for (const pieces of [1, 2, 7, 100, 1500]) {
    const { inventory, log } = read(text(lines), pieces);
    expect(log).toEqual([]);
    expect(inventory!.header).toEqual(header);
    expect([...inventory!.rows]).toEqual(rows.map((row) => ({ from: 'graph:vaults', row })));
    expect([...inventory!.rows]).toEqual([...recording.inventory().rows]);
    expect(inventory!.gaps).toEqual([gap]);
  }
});

test('rows beyond one page of memory come back in order, as often as they are asked for', () => {
  const { recording } = recorded((one) => {
    for (let i = 0; i < 5000; i++) one.add('graph:disks', [{ id: `/disks/${i}`, text: 'x'.repeat(1000) }]);
  });
  const { rows } = recording.inventory();
  for (let time = 0; time < 2; time++) {
    let next = 0;
    for (const { row } of rows) expect(row['id']).toBe(`/disks/${next++}`);
    expect(next).toBe(5000);
  }
});

test('the same gap is told once', () => {
  const { recording, lines } = recorded((one) => {
    one.miss(gap);
    one.miss({ ...gap, scope: '/Subscriptions/A' });
    one.miss({ ...gap, because: 'z' });
  });
  expect(recording.inventory().gaps.length).toBe(2);
  expect(lines.length).toBe(1 + 2 + 1);
});

describe('a recording that is not whole', () => {
  const { lines } = recorded((one) => one.add('graph:items', [itemRow('a'), itemRow('b')]));

  test.each([
    ['was cut between lines', lines.slice(0, 2), 'no end', []],
    ['was cut within a line', [...lines.slice(0, 2), lines[2]!.slice(0, 30)], 'no end', ['audit.jsonl:3']],
    ['lost a row', [lines[0]!, lines[2]!, lines[3]!], 'rows of the recording are missing', []],
    ['has a damaged line', [lines[0]!, lines[1]!, '{"from":3}', lines[2]!, lines[3]!], 'damaged', ['audit.jsonl:3']],
    ['goes on after its end', [...lines, lines[1]!], 'damaged', ['audit.jsonl:5']],
  ])('%s: what it has counts, the rest is a gap', (_, given, because, places) => {
    const { inventory, told } = read(text(given));
    expect([...inventory!.rows].length).toBeGreaterThan(0);
    expect(inventory!.gaps).toEqual([
      {
        unread: 'everything',
        scope: '/subscriptions/a, /subscriptions/b',
        code: 'interrupted',
        because: expect.stringContaining(because),
      },
    ]);
    expect(told.map((one) => one.split(': ')[0])).toEqual(places);
  });

  test('is told once for many damaged lines', () => {
    const { told } = read(text([lines[0]!, ...Array.from({ length: 1000 }, () => 'x')]));
    expect(told.length).toBe(20);
  });

  test.each([
    ['', 'audit.jsonl:1: This recording is empty.'],
    ['{"resources":[]}', 'audit.jsonl:1: This is no recording of an audit'],
    ['\nnot JSON', 'audit.jsonl:2: This is no recording of an audit'],
    ['{"version":2}', 'audit.jsonl:1: A newer version of azure-backup-lint wrote this recording.'],
    [JSON.stringify({ ...header, scope: {} }), 'audit.jsonl:1: This is no recording of an audit'],
    [JSON.stringify({ ...header, readAt: 'now' }), 'audit.jsonl:1: This is no recording of an audit'],
  ])('%j is none', (given, message) => {
    const { inventory, told } = read(given);
    expect(inventory).toBeUndefined();
    expect(told).toEqual([expect.stringContaining(message)]);
  });
});

describe('a later answer replaces what Resource Graph said', () => {
  test('a vault that was asked itself', () => {
    const { recording } = recorded((one) => {
      one.add('graph:vaults', [vaultRow]);
      one.add('rest:vault', [{ ...vaultRow, id: vaultId.toUpperCase() }]);
    });
    expect([...recording.inventory().rows].map(({ from }) => from)).toEqual(['rest:vault']);
  });

  test('items of a kind that was listed whole, and of no other kind or vault', () => {
    const other = { ...itemRow('x'), id: itemRow('x')['id']?.toString().replace('/rsv/', '/other/') };
    const { recording, lines } = recorded((one) => {
      one.add('graph:items', [itemRow('gone'), itemRow('sql', { backupManagementType: 'AzureWorkload' }), other]);
      one.add('rest:backupProtectedItems', [itemRow('new')]);
      one.add(listedWhole, [{ id: vaultId.toUpperCase(), backupManagementType: 'AzureIaasVM' }]);
    });
    const ids = (inventory: Inventory): string[] =>
      [...inventory.rows].map(({ from, row }) => `${from} ${String(row['name']).split(';').at(-1)}`);
    const expected = ['graph:items sql', 'graph:items x', 'rest:backupProtectedItems new'];
    expect(ids(recording.inventory())).toEqual(expected);
    expect(ids(read(text(lines)).inventory!)).toEqual(expected);
  });
});

test('secrets and names of people are left out, and nothing else', () => {
  const row = {
    id: '/x',
    systemData: { createdBy: 'ann@contoso.example', createdAt: '2026-01-01' },
    properties: {
      osProfile: {
        computerName: 'vm',
        adminUsername: 'ann',
        adminPassword: 'pass',
        customData: 'aGk=',
        linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys: [{ keyData: 'ssh-rsa' }] } },
      },
      settings: [{ connectionString: 'Server=x', name: 'kept' }],
      address: 'https://st.blob.core.windows.net/c?sv=2024&sig=eA%3D%3D',
      datasourceAuthCredentials: {
        secretStoreResource: { uri: 'https://kv/secrets/s', secretStoreType: 'AzureKeyVault' },
      },
    },
  };
  const { recording } = recorded((one) => one.add('graph:virtualMachines', [row]));
  expect([...recording.inventory().rows][0]!.row).toEqual({
    id: '/x',
    systemData: { createdAt: '2026-01-01' },
    properties: {
      osProfile: { computerName: 'vm', linuxConfiguration: { disablePasswordAuthentication: true } },
      settings: [{ name: 'kept' }],
      address: 'https://st.blob.core.windows.net/c',
      datasourceAuthCredentials: row.properties.datasourceAuthCredentials,
    },
  });
  // What was handed in is not changed.
  expect(row.properties.osProfile.adminPassword).toBe('pass');
});
