/** What inspect prints comes in pieces, which together are the JSON that one text would be. */
import { expect, it } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { settleOptions } from '../src/config.ts';
import { inspect } from '../src/inspect.ts';
import { harmlessJson, harmlessJsonPieces } from '../src/report/printable.ts';
import { memoryIo } from './memory.ts';

async function pieces(code: string): Promise<string[]> {
  const io = memoryIo({ '/repo/main.tf': code });
  const { pieces } = await inspect(settleOptions(['/repo'], {}, catalogue(), io), io);
  return [...pieces];
}

it('is the text of the whole', async () => {
  const name = 'x'.repeat(100);
  const code = `resource "azurerm_managed_disk" "d" {\n  count = 900\n  name = "##vso[${name}-\${count.index}"\n  zones = []\n}\n`;
  const found = await pieces(code);
  expect(found.length).toBeGreaterThan(4);
  // Nothing is kept until the end.
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(80_000);
  const text = found.join('');
  expect(text).not.toContain('##vso[');
  const whole = JSON.parse(text);
  expect(whole.resources).toHaveLength(900);
  expect(Object.keys(whole)).toEqual(['version', 'resources', 'model', 'modules', 'diagnostics']);
  expect(text).toBe(harmlessJson(whole));
});

it('is so of nothing, too', async () => {
  const text = (await pieces('')).join('');
  expect(text).toBe(harmlessJson(JSON.parse(text)));
});

it('is so whatever the members are', () => {
  const inner = { a: [], b: {}, c: ['\u202e', { d: 'x\ny' }] };
  const whole = new Map<string, unknown>([
    ['list', [inner, null, 1].values()],
    ['empty', [].values()],
    ['map', new Map<string, unknown>([['k"', new Map()]])],
    ['plain', inner],
  ]);
  const plain = { list: [inner, null, 1], empty: [], map: { 'k"': {} }, plain: inner };
  expect([...harmlessJsonPieces(whole)].join('')).toBe(harmlessJson(plain));
});
