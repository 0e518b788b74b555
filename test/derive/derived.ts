/** The plans and states of the Terraform fixtures, and the recordings of ARM fixtures, made in memory when a test asks for them: on disk they would be 40 MB. */
import { readFileSync } from 'node:fs';
import { catalogue } from '../../src/catalogue.ts';
import { type Fixture, fixtureIo, fixtures } from '../fixture.ts';
import { documentsOf } from './documents.ts';

export interface Derived {
  readonly fixture: Fixture;
  readonly input: 'plan' | 'state';
  /** The same fixture in this form. */
  readonly text: string;
  readonly document: unknown;
}

/** Where a plan or state says something else than its source, and why that is right; `CODE/NAME INPUT`. */
export interface Difference {
  readonly because: string;
  /** `less`: some findings are missing, as what they need is not known; `other`: more, or other ones. */
  readonly tells: 'less' | 'other';
  readonly where: readonly string[];
}

export const differences = JSON.parse(
  readFileSync(new URL('../derived.differences.json', import.meta.url), 'utf8'),
) as readonly Difference[];

/** The same of the recordings of what ARM fixtures deploy; `CODE/NAME`. */
export const inventoryDifferences = JSON.parse(
  readFileSync(new URL('../derived.inventory.json', import.meta.url), 'utf8'),
) as readonly InventoryDifference[];

export interface InventoryDifference extends Omit<Difference, 'tells'> {
  /** As above; `nothing`: what is not known shows nowhere, not even as what cannot be told. */
  readonly tells: Difference['tells'] | 'nothing';
}

const rules = new Map(catalogue().map((rule) => [rule.code, rule]));

/** Of a Terraform fixture, for each of these that is an input of its rule; states know everything, so nothing in them is unknown. */
export function derivedFrom(fixture: Fixture): Derived[] {
  const { inputs } = rules.get(fixture.code)!;
  const wanted = (['plan', 'state'] as const).filter((input) => inputs.includes(input) && hasForm(fixture, input));
  if (fixture.language !== 'terraform' || wanted.length === 0) return [];
  const documents = documentsOf(fixtureIo(fixture).files, '/repo');
  return wanted.map((input) => {
    const document =
      input === 'plan'
        ? documents.plan({ areDataRead: fixture.kind !== 'unknown' })
        : isRaw(fixture.code)
          ? documents.rawState({ hasZeros: false })
          : documents.state({ hasZeros: true });
    return { fixture, input, document, text: JSON.stringify(document) };
  });
}

/** The ARM fixtures of rules that an audit asks as well. */
export function templatesOfLiveRules(): Fixture[] {
  return fixtures().filter(({ code, language }) => language === 'arm' && rules.get(code)!.inputs.includes('live'));
}

export function hasForm({ kind }: Fixture, input: Derived['input']): boolean {
  return input === 'plan' || kind !== 'unknown';
}

/** About every third rule has the file that Terraform itself keeps, the others what `terraform show -json` prints; by its name alone. */
function isRaw(code: string): boolean {
  return [...code].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 3 === 0;
}
