/** Every fixture under its rule alone: findings at the hand-marked lines, silence where the value is unknown. */
import { describe, expect, test } from 'vitest';
import { expectedIn, fixtures, linesOf, lintWith, markersIn, placesOf, render } from './fixture.ts';
import { golden } from './golden.ts';

const all = fixtures();

/** Of what one check of a rule cannot decide, while the others pass. */
const undecided: Readonly<Record<string, string>> = {
  'change-weakens-vault-security/pass.plan.json': 'azurerm cannot bind a guard to a Backup vault',
  'objective-restore-option-not-offered/pass.vault.tf': 'azurerm does not set whether other subscriptions may restore',
  'objective-snapshot-missing-or-old/pass.inventory.jsonl': 'it is not known which disks are selected',
  'resource-guard-misplaced/pass.inventory.jsonl': 'an audit does not read everything that stands around backup',
};

describe.each([...new Set(all.map((fixture) => fixture.code))])('%s', (code) => {
  const own = all.filter((fixture) => fixture.code === code);

  test.each(own)('$name', async (fixture) => {
    const run = await lintWith({ only: [code], showUndetermined: true }, fixture);
    expect(run.diagnostics.filter((diagnostic) => diagnostic.severity !== 'note')).toEqual([]);
    if (fixture.language === 'live') expect(placesOf(run.findings)).toEqual(expectedIn(fixture));
    else if (fixture.language !== 'arm' && fixture.language !== 'plan')
      expect(linesOf(run.findings)).toEqual(markersIn(fixture.text));
    if (fixture.kind === 'fail') {
      expect(run.findings.length).toBeGreaterThan(0);
      golden(`${fixture.path}.out`, render(run.findings));
    } else expect(render(run.findings)).toBe('');
    // Silence must come from the rule not knowing, not from its not looking.
    const open = run.undetermined.filter((entry) => entry.code === code);
    if (fixture.kind === 'unknown') expect(open).not.toEqual([]);
    // And in a `pass` from its knowing.
    if (fixture.kind === 'pass') {
      const told = undecided[`${code}/${fixture.name}`];
      expect(open.map(({ because }) => because).filter((because) => because !== told)).toEqual([]);
    }
  });

  // Other variants may show what only one language can say.
  test.each(['fail', 'fail.more'])('%s says the same in every language', async (stem) => {
    const messages: string[][] = [];
    for (const name of [`${stem}.tf`, `${stem}.bicep`, `${stem}.json`]) {
      const fixture = own.find((candidate) => candidate.name === name);
      if (fixture)
        messages.push((await lintWith({ only: [code] }, fixture)).findings.map((finding) => finding.message).sort());
    }
    for (const other of messages.slice(1)) expect(other).toEqual(messages[0]);
  });
});
