/** What could not be read is told once, whatever number of gaps it makes. */
import { expect, test } from 'vitest';
import type { InventoryGap } from '../../src/azure/inventory.ts';
import { told } from '../../src/azure/unread.ts';

const subscription = '/subscriptions/a';
const cluster = `${subscription}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/aks`;

function gap(unread: string, scope: string, because: string, more: Partial<InventoryGap> = {}): InventoryGap {
  return { unread, scope, because, code: 'forbidden', ...more };
}

function messages(...gaps: readonly InventoryGap[]): string[] {
  return told(gaps).map(({ message }) => message);
}

test('rights that one role gives are told together, and of all scopes that lack the same', () => {
  const lacking = (scope: string, remedy: string) =>
    ['disks', 'locks'].map((unread) =>
      gap(unread, scope, `rights (${unread})`, { rights: [`${unread}/read`], remedy }),
    );
  const gaps = [...lacking(subscription, 'one role'), ...lacking('/subscriptions/b', 'one role')];
  expect(told(gaps)).toEqual([
    {
      code: 'azure-forbidden',
      severity: 'error',
      message:
        'Disks and snapshots, locks could not be read, here and in 1 more: rights are missing (disks/read, locks/read), and Azure leaves out without a word what may not be read.',
      help: 'one role',
      at: { resourceId: subscription, path: '' },
    },
  ]);
});

test('a right that a subscription lacks is not told again of what lies in it', () => {
  const all = gap('trusted-access', subscription, 'rights are missing', { rights: ['x/read'] });
  const one = gap('trusted-access', cluster, 'the right x/read is missing');
  expect(messages(all, one).length).toBe(1);
  expect(messages(one, all)).toEqual(messages(all, one));
  expect(messages(all, gap('access', cluster, 'the right y/read is missing')).length).toBe(2);
  expect(messages(all, gap('trusted-access', `${subscription}b/x`, 'the right x/read is missing')).length).toBe(2);
  expect(messages(all, gap('trusted-access', cluster, 'it was late', { code: 'timeout' })).length).toBe(2);
});

test('where nothing could be read, the same reason is not told of each fact', () => {
  const all = gap('everything', subscription, 'it is not known what may be read there: a web page', {
    code: 'refused',
  });
  expect(messages(all, gap('vaults', subscription, 'a web page', { code: 'refused' })).length).toBe(1);
  expect(messages(all, gap('vaults', subscription, 'another host', { code: 'refused' })).length).toBe(2);
});

test('one fact that two answers of a scope refuse is told', () => {
  expect(messages(gap('vaults', subscription, 'one reason'), gap('vaults', subscription, 'another')).length).toBe(2);
});
