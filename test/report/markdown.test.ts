import { expect, test } from 'vitest';
import { printMarkdown } from '../../src/report/markdown.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Finding, Run } from '../../src/source/run.ts';
import { cleanRun, fullRun, HOSTILE, hostileRun, manyRun, vaultOff } from './sample.ts';

const print = (run: Run, limit?: number): string => printMarkdown(run, wordsOf('en'), limit);

/** How a message is written in the table. */
function written(message: string): string {
  const text = print({ ...cleanRun, findings: [{ ...vaultOff, message }] });
  const row = text.split('\n').find((line) => line.startsWith('| `estate'))!;
  return row.slice(row.lastIndexOf('off) | ') + 'off) | '.length, -' |'.length).split('<br>')[0]!;
}

test('a clean run is one sentence', () => {
  expect(print(cleanRun)).toBe('### azure-backup-lint\n\nNo problems found in 14 files (63 resources)\n');
});

test('tables by severity, the most severe first', () => {
  expect(print(fullRun).match(/^#+ .*/gm)).toEqual([
    '### azure-backup-lint',
    '#### Could not be read',
    '#### 1 error',
    '#### 3 warnings',
    '#### 1 note',
  ]);
});

test('what to do is folded away and told once for each rule', () => {
  const text = print({ ...cleanRun, findings: [vaultOff, vaultOff, { ...vaultOff, help: 'Other.' }] });
  const folded = text.slice(text.indexOf('<details>'));
  expect(folded).toMatch(/^<details><summary>What to do<\/summary>\n\n- /);
  expect(folded.match(/Set `soft_delete`/g)).toHaveLength(1);
  expect(folded).toContain('  - Other.\n\n</details>\n');
});

test.each([
  ['Soft delete is off, so backups are gone (at once).', 'Soft delete is off, so backups are gone (at once).'],
  ['kept for 3 days, 99.9 of 100%', 'kept for 3 days, 99.9 of 100%'],
  ['the vault "rsv-main" and azurerm_x.y, too', 'the vault "rsv-main" and `azurerm_x.y`, too'],
  ['論理的な削除が off のため、@octocat は', '論理的な削除が off のため、`@octocat` は'],
  ['(--show-undetermined lists them)', '(`--show-undetermined` lists them)'],
  ['resourceGroup().location and uniqueString(x)', '`resourceGroup().location` and `uniqueString(x)`'],
  ['@octocat #12 GH-3 o/r#4 !5', '`@octocat` `#12` `GH-3` `o/r#4` `!5`'],
  ['https://evil.example www.evil.example a@b.example', '`https://evil.example` `www.evil.example` `a@b.example`'],
  ['deadbeefcafe deadbee 1234567', '`deadbeefcafe` `deadbee` `1234567`'],
  ['[a](javascript:x) ![b](c)', '`[a`\\]`(javascript:x`) `![b`\\]`(c`)'],
  ['<img src=x>', '&lt;`img` `src=x`&gt;'],
  ['a|b `c|d`', '`a`\\|`b` `c`\\|`d`'],
  ['`code` and a lone ` sign', '`code` and a lone &grave; sign'],
  ['*a* _b_ ~c~ $d$ :boom: \\e', '`*a*` `_b_` `~c~` `$d$` `:boom`: `\\e`'],
  ['vms[2].name', '`vms[2].name`'],
  ['`constructor` and __proto__', '`constructor` and `__proto__`'],
])('%j is written %s', (message, expected) => {
  expect(written(message)).toBe(expected);
});

test('nothing of HTML but its own, no link but to the rules', () => {
  for (const run of [fullRun, hostileRun]) {
    const text = print(run);
    expect(text.replace(/<\/?details>|<\/?summary>|<br>/g, '')).not.toMatch(/[<>]/);
    const links = text.match(/\]\([^)]*\)/g)!;
    for (const link of links) expect(link).toMatch(/^\]\(https:\/\/example\.org\/rules\/[\w-]+\)$/);
  }
});

test('outside of code no word of the input could be a mention, a reference or an address', () => {
  const text = print(hostileRun)
    .replace(/`[^`\n]*`/g, '')
    .replace(/\]\(https:[^)]*\)/g, '');
  expect(HOSTILE).toMatch(/@\w|#\d|www\./);
  expect(text).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\.|!\[|:\w+:|\$/);
});

test('a rule may link to the web only', () => {
  const text = print({ ...cleanRun, findings: [{ ...vaultOff, docs: 'javascript:alert(1)' }] });
  expect(text).not.toContain('javascript');
});

test('a long name is cut between characters', () => {
  const finding: Finding = { ...vaultOff, message: `${'x'.repeat(599)}💾${'y'.repeat(1_000_000)}` };
  const text = print({ ...cleanRun, findings: [finding] });
  expect(text.length).toBeLessThan(5_000);
  expect(text).toContain('x…<br>in ');
  expect(text).not.toContain('\\ud83d');
});

test('a size is kept: what does not fit is left out, the least severe first, and counted', () => {
  const size = 8_000;
  const text = print(manyRun, size);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(size);
  for (let i = 0; i < 12; i++) expect(text).toContain(`error ${i}<br>`);
  const told = text.match(/^\| `/gm)!.length;
  expect(text).toContain(`${53 - told} more entries did not fit into this report`);
  expect(print(manyRun)).not.toContain('did not fit');
});

test('a job summary of GitHub takes it, however much there is', () => {
  const findings = Array.from({ length: 20_000 }, () => vaultOff);
  const text = print({ ...cleanRun, findings });
  expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  expect(text).toMatch(/\d+ more entries did not fit/);
});
