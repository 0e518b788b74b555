/**
 * Azure as it may answer on a bad day: for each fault, what is told, what is read all the same, and that no token shows up. A fault never
 * makes rows vanish without a gap.
 */
import { setLogLevel } from '@azure/logger';
import { describe, expect, test, vi } from 'vitest';
import { Stop } from '../../src/azure/stop.ts';
import {
  type Answer,
  graphBody,
  healthy,
  itemRow,
  queryIn,
  type Respond,
  type Rows,
  subscription,
  surveyed,
  token,
  vaultId,
  vaultRow,
} from './answers.ts';

const tenant = { graph: { vaults: [vaultRow], items: [itemRow('a'), itemRow('b')] }, counts: { AzureIaasVM: 2 } };
const scope = `/subscriptions/${subscription}`;

const dpm = { value: [], nextLink: null };
const withServers = {
  ...tenant,
  counts: { AzureIaasVM: 2, DPM: 1 },
  rest: { backupengines: dpm, backupprotecteditems: dpm },
};

/** The tenant, but for the requests that a test names. */
function except(
  matches: (path: string, body: string) => boolean,
  respond: (count: number) => ReturnType<Respond>,
  rows: Rows = tenant,
): Respond {
  const usual = healthy(rows);
  let count = 0;
  return (asked, n) => (matches(new URL(asked.url).pathname, asked.body) ? respond(++count) : usual(asked, n));
}

const counts = (path: string): boolean => path.endsWith('/backupUsageSummaries');
const engines = (path: string): boolean => path.endsWith('/backupEngines');
const items = (_: string, body: string): boolean => body !== '' && queryIn(body) === 'items';
const anything = (): boolean => true;
const error = (status: number, code: string, message = '', headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: { error: { code, message } },
});

test('on a good day nothing is missing', async () => {
  const { gaps, counts: rows, azure } = await surveyed(healthy(tenant));
  expect(gaps).toEqual([]);
  expect(rows).toEqual({
    'graph:subscriptions': 1,
    'graph:vaults': 1,
    'graph:items': 2,
    'rest:backupUsageSummaries': 1,
  });
  // The probe, the subscriptions, seven queries of the sweep, and one call for the vault.
  expect(azure.asked.length).toBe(1 + 1 + 7 + 1);
});

describe('throttled', () => {
  const inDate = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();
  const text = "Number of requests for action 'x' exceeded the limit of '150'. Please try again after '1' seconds.";

  test.each([
    ['seconds', { 'retry-after': '0' }, ''],
    ['a date', { 'retry-after': inDate(-5) }, ''],
    ['milliseconds', { 'x-ms-retry-after-ms': '3' }, ''],
    ['words alone', {}, text.replace("'1'", "'0'")],
    ['the window of Resource Graph', { 'x-ms-user-quota-resets-after': '00:00:00' }, ''],
  ])('once, told in %s: it is asked again', async (_, headers, message) => {
    const { gaps, counts: rows } = await surveyed(
      except(counts, (count) =>
        count === 1
          ? error(429, 'TooManyRequests', message, headers)
          : { body: { value: [{ name: { value: 'AzureIaasVM' }, currentValue: 2 }] } },
      ),
    );
    expect(gaps).toEqual([]);
    expect(rows['rest:backupUsageSummaries']).toBe(1);
  });

  test.each([
    ['in seconds', { 'retry-after': '3600' }, '', '3600'],
    [
      'as a date by a clock that is an hour ahead',
      { date: inDate(3600), 'retry-after': inDate(3600 + 1800) },
      '',
      '1800',
    ],
    ['in words', {}, text.replace("'1'", "'324'"), '324'],
  ])('for long, told %s: it is not waited', async (_, headers, message, seconds) => {
    const { gaps, azure } = await surveyed(except(counts, () => error(429, 'TooManyRequests', message, headers)));
    expect(gaps[0]).toMatchObject({ unread: 'counts', scope: vaultId, code: 'throttled' });
    // A date has whole seconds.
    expect(Math.abs(Number(/wait (\d+) seconds/.exec(gaps[0]!.because)![1]) - Number(seconds))).toBeLessThan(3);
    expect(azure.asked.filter(({ url }) => url.includes('backupUsageSummaries')).length).toBe(1);
  });

  test('a date counts by the clock of Azure, whatever ours says', async () => {
    const hourAhead = { date: inDate(3600), 'retry-after': inDate(3600) };
    const { gaps, inventory } = await surveyed(
      except(counts, (count) =>
        count === 1
          ? error(429, 'TooManyRequests', '', hourAhead)
          : { headers: { date: inDate(3600) }, body: { value: [{ name: { value: 'AzureIaasVM' }, currentValue: 2 }] } },
      ),
    );
    expect(gaps).toEqual([]);
    expect(inventory.header.readAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('without a word on how long: it is told', async () => {
    const { gaps } = await surveyed(except(counts, () => error(429, 'TooManyRequests')));
    expect(gaps[0]).toMatchObject({ unread: 'counts', code: 'throttled', remedy: expect.stringContaining('later') });
  });

  test('the budget of an hour is not used up', async () => {
    const vaults = Array.from({ length: 30 }, (_, i) => ({ ...vaultRow, id: `${vaultId}${i}`, name: `rsv${i}` }));
    let left = 25;
    const usual = healthy({ graph: { vaults } });
    const { gaps, azure } = await surveyed((asked, n) => {
      const answer = usual(asked, n);
      return counts(new URL(asked.url).pathname) && typeof answer === 'object'
        ? { ...answer, headers: { 'x-ms-ratelimit-remaining-subscription-resource-requests': String(--left) } }
        : answer;
    });
    const sent = azure.asked.filter(({ url }) => url.includes('backupUsageSummaries')).length;
    // Those under way are not called back.
    expect(sent).toBeGreaterThanOrEqual(16);
    expect(sent).toBeLessThan(16 + 8);
    expect(gaps.filter(({ unread }) => unread === 'counts').length).toBe(30 - sent);
    expect(gaps.every(({ code }) => code === 'throttled' || code === 'incomplete')).toBe(true);
  });

  test('Resource Graph is not asked again before its window ends', async () => {
    const sleep = vi.spyOn(Stop.prototype, 'sleep').mockResolvedValue();
    const usual = healthy(tenant);
    let queries = 0;
    await surveyed((asked, n) => {
      const answer = usual(asked, n);
      return asked.method === 'POST' && queries++ === 1 && typeof answer === 'object'
        ? { ...answer, headers: { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:01:10' } }
        : answer;
    });
    // Others stay clear of the moment at which all would begin.
    const [first, ...others] = sleep.mock.calls.map(([milliseconds]) => milliseconds);
    sleep.mockRestore();
    expect(first).toBeGreaterThan(69_000);
    expect(first).toBeLessThanOrEqual(70_500);
    expect(others.every((one) => one <= first!)).toBe(true);
  });
});

describe('what fails and comes right is read', () => {
  test.each([
    ['500', error(500, 'InternalServerError')],
    ['503', error(503, 'ServiceUnavailable', '', { 'retry-after': '0' })],
    ['a reset connection', 'reset' as const],
  ])('%s', async (_, fault) => {
    for (const matches of [items, counts, (path: string) => path.endsWith('/permissions')]) {
      const usual = healthy(tenant);
      let failed = 0;
      const { gaps } = await surveyed((asked, n) =>
        matches(new URL(asked.url).pathname, asked.body) && failed++ < 2 ? fault : usual(asked, n),
      );
      expect(failed).toBeGreaterThan(2);
      expect(gaps).toEqual([]);
    }
  });
});

describe('what fails for good is told, and the rest is read', () => {
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' };
  const faults: readonly [string, ReturnType<Respond>, object][] = [
    [
      '500',
      error(500, 'InternalServerError'),
      { code: 'unavailable', because: expect.stringContaining('status 500 (InternalServerError)') },
    ],
    ['503', error(503, 'ServiceUnavailable'), { code: 'unavailable' }],
    ['a reset connection', 'reset', { code: 'unavailable', because: expect.stringContaining('ECONNRESET') }],
    [
      'a web page',
      html,
      { code: 'refused', because: expect.stringContaining('web page'), remedy: expect.stringContaining('proxy') },
    ],
    [
      'an answer that is cut off',
      { body: '{"value":[{"na' },
      { code: 'unavailable', because: expect.stringContaining('cut off') },
    ],
    ['404', error(404, 'ResourceNotFound'), { code: 'unavailable', because: expect.stringContaining('does not find') }],
    ['an answer without a list', { body: { value: null } }, { code: 'unavailable' }],
  ];

  test.each(faults)('%s for one query', async (_, fault, gap) => {
    const { gaps, counts: rows } = await surveyed(except(items, () => fault));
    expect(gaps).toContainEqual(expect.objectContaining({ unread: 'items', scope, ...gap }));
    expect(rows['graph:vaults']).toBe(1);
  });

  test.each(faults)('%s for one vault', async (_, fault, gap) => {
    const { gaps, counts: rows } = await surveyed(except(counts, () => fault));
    // That there are no servers on premises is not known either.
    expect(gaps.map(({ unread }) => unread)).toEqual(['counts', 'on-premises']);
    expect(gaps[0]).toMatchObject({ scope: vaultId, ...gap });
    expect(rows['graph:items']).toBe(2);
  });

  test.each(faults)('%s for everything', async (_, fault) => {
    const { gaps } = await surveyed(() => fault);
    expect(gaps[0]).toMatchObject({ unread: 'everything', scope });
  });

  test('403 for one action: which right is missing, not who asked, and what grants it', async () => {
    const { gaps } = await surveyed(
      except(counts, () =>
        error(
          403,
          'AuthorizationFailed',
          "The client 'user@contoso.example' with object id '11111111-1111-1111-1111-111111111111' does not have authorization to perform action 'Microsoft.RecoveryServices/vaults/backupUsageSummaries/read' over scope '/subscriptions/x'.",
        ),
      ),
    );
    expect(gaps[0]).toEqual({
      unread: 'counts',
      scope: vaultId,
      code: 'forbidden',
      because: 'the right Microsoft.RecoveryServices/vaults/backupUsageSummaries/read is missing',
      remedy: `az role assignment create --assignee OBJECT-ID --role Reader --scope ${vaultId}`,
    });
    expect(JSON.stringify(gaps)).not.toMatch(/contoso|11111111/);
  });

  test('401: nothing else is asked', async () => {
    const { gaps, azure } = await surveyed(() => error(401, 'ExpiredAuthenticationToken'));
    expect(gaps).toEqual([
      {
        unread: 'everything',
        scope,
        code: 'refused',
        because: expect.stringContaining('expired'),
        remedy: expect.stringContaining('az login'),
      },
    ]);
    expect(azure.asked.length).toBe(1);
  });

  test('401 halfway: what was read stays, what was not is told', async () => {
    const { gaps, counts: rows } = await surveyed(except(items, () => error(401, 'ExpiredAuthenticationToken')));
    expect(rows).toEqual({ 'graph:subscriptions': 1, 'graph:vaults': 1 });
    expect(gaps.map(({ unread }) => unread)).toEqual([
      'items',
      'virtualMachines',
      'machineExtensions',
      'disks',
      'datasources',
      'counts',
      'on-premises',
    ]);
  });
});

describe('pages', () => {
  test('a next page on another host is not asked for', async () => {
    const foreign = { value: [], nextLink: 'https://evil.example/next' };
    for (const matches of [engines, (path: string) => path.endsWith('/permissions')]) {
      const { gaps, azure } = await surveyed(except(matches, () => ({ body: foreign }), withServers));
      expect(gaps[0]).toMatchObject({ code: 'refused', because: expect.stringContaining('evil.example') });
      expect(azure.asked.filter(({ url }) => !url.startsWith('https://management.azure.com/'))).toEqual([]);
    }
  });

  test('a redirection to another host is not followed', async () => {
    const { gaps, azure } = await surveyed(
      except(counts, () => ({ status: 307, headers: { location: 'https://evil.example/' }, body: {} })),
    );
    expect(gaps[0]).toMatchObject({ unread: 'counts' });
    expect(azure.asked.filter(({ url }) => url.includes('evil'))).toEqual([]);
  });

  test('a list that leads in a circle ends', async () => {
    const nextLink = `https://management.azure.com${vaultId}/backupEngines?page=2`;
    const { gaps } = await surveyed(except(engines, () => ({ body: { value: [], nextLink } }), withServers));
    expect(gaps).toEqual([
      { unread: 'on-premises', scope: vaultId, code: 'incomplete', because: expect.stringContaining('circle') },
    ]);
  });

  test('a list that has more than the client reads is told', async () => {
    const nextLink = `https://management.azure.com${vaultId}/backupUsageSummaries?page=2`;
    const { gaps } = await surveyed(except(counts, () => ({ body: { value: [], nextLink } })));
    expect(gaps[0]).toMatchObject({ unread: 'counts', scope: vaultId, code: 'incomplete' });
  });

  test('a query that leads in a circle ends', async () => {
    const { gaps } = await surveyed(
      except(items, () => ({ body: graphBody([itemRow('a')], { $skipToken: 'again' }) })),
    );
    expect(gaps[0]).toMatchObject({ unread: 'items', code: 'incomplete', because: expect.stringContaining('circle') });
  });

  test('every page of a query is read', async () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((name) => itemRow(name));
    const usual = healthy({ ...tenant, counts: { AzureIaasVM: 5 } });
    const { gaps, counts: found } = await surveyed((asked, n) => {
      if (asked.body === '' || queryIn(asked.body) !== 'items') return usual(asked, n);
      const at = Number(JSON.parse(asked.body).options.$skipToken ?? 0);
      const page = rows.slice(at, at + 2);
      return { body: graphBody(page, { totalRecords: 5, ...(at + 2 < 5 ? { $skipToken: String(at + 2) } : {}) }) };
    });
    expect(gaps).toEqual([]);
    expect(found['graph:items']).toBe(5);
  });

  test('rows that are missing at the end are told', async () => {
    const { gaps } = await surveyed(
      except(items, () => ({ body: graphBody([itemRow('a'), itemRow('b')], { totalRecords: 3 }) })),
    );
    expect(gaps).toEqual([{ unread: 'items', scope, code: 'incomplete', because: 'Resource Graph gave 2 of 3 rows' }]);
  });

  test('a list that is cut without a way to its rest is told', async () => {
    const { gaps } = await surveyed(
      except(items, () => ({ body: graphBody([itemRow('a'), itemRow('b')], { resultTruncated: 'true' }) })),
    );
    expect(gaps[0]).toMatchObject({ unread: 'items', code: 'incomplete' });
  });

  test('what changes while it is read is read again, and no row counts twice', async () => {
    const { gaps, counts: rows } = await surveyed(
      except(items, (count) => ({
        body: graphBody(count === 1 ? [itemRow('a')] : [itemRow('a'), itemRow('b')], { totalRecords: 2 }),
      })),
    );
    expect(gaps).toEqual([]);
    expect(rows['graph:items']).toBe(2);
  });
});

describe('the end', () => {
  test.each(['hang', 'deaf'] as const)('an answer that never comes (%s) ends with the time', async (how) => {
    const { gaps, counts: rows } = await surveyed(
      except(items, () => how),
      { seconds: 1 },
    );
    expect(rows['graph:vaults']).toBe(1);
    expect(gaps[0]).toMatchObject({
      unread: 'items',
      code: 'timeout',
      because: 'the 1 seconds of --timeout were over',
    });
    expect(gaps.map(({ unread }) => unread)).toContain('counts');
  });

  test('a wait that is longer than the time is not begun', async () => {
    const { gaps } = await surveyed(
      except(counts, () => error(429, 'TooManyRequests', '', { 'retry-after': '60' })),
      { seconds: 20 },
    );
    expect(gaps[0]).toMatchObject({ unread: 'counts', code: 'throttled' });
  });

  test('an interruption leaves what was read, and says what was not', async () => {
    const {
      gaps,
      counts: rows,
      lines,
    } = await surveyed(healthy(tenant), {
      progress: (stop, reading) => {
        if (reading === 'protected items') stop.now('interrupted');
      },
    });
    expect(rows).toMatchObject({ 'graph:vaults': 1, 'graph:items': 2 });
    expect(gaps.every(({ code }) => code === 'interrupted')).toBe(true);
    expect(gaps.map(({ unread }) => unread)).toContain('virtualMachines');
    expect(lines.at(-1)).toBe('{"end":true,"rows":4}');
  });
});

test('no token shows up in what is kept, whatever goes wrong', async () => {
  const echo = { status: 400, body: { error: { code: 'Bad', message: `Bearer ${token}` } } };
  for (const respond of [healthy(tenant), () => echo, except(anything, () => 'reset'), except(items, () => echo)]) {
    const { lines } = await surveyed(respond);
    expect(lines.join('\n')).not.toContain(token);
    expect(lines.join('\n')).not.toContain('Bearer');
  }
});

test('nor in the log that AZURE_LOG_LEVEL asks for', async () => {
  const said: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  setLogLevel('verbose');
  try {
    await surveyed(except(counts, () => error(503, 'ServiceUnavailable')));
  } finally {
    setLogLevel(undefined);
    write.mockRestore();
  }
  expect(said.join('')).toContain('"authorization": "REDACTED"');
  expect(said.join('')).not.toContain(token);
});
