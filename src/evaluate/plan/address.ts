/** Addresses of Terraform, cut into modules, keys and names. */

/** What names an instance: its module path with keys, and its own key. */
export interface Instance {
  readonly address: string;
  readonly moduleAddress: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index: string | number | undefined;
  /** azapi: the type of ARM that it is. */
  readonly armType?: string | undefined;
}

export interface ModuleStep {
  readonly name: string;
  /** As written, brackets included: `["a"]`, `[0]`, or nothing. */
  readonly key: string;
}

const moduleStep = /module\.([^.[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.|$)/y;

/** The steps of a module's address, outermost first. */
export function moduleSteps(address: string): ModuleStep[] {
  const steps: ModuleStep[] = [];
  moduleStep.lastIndex = 0;
  for (let match = moduleStep.exec(address); match; match = moduleStep.exec(address))
    steps.push({ name: match[1]!, key: match[2] ?? '' });
  return steps;
}

export function moduleAddressOf(steps: readonly ModuleStep[]): string {
  return steps.map(({ name, key }) => `module.${name}${key}`).join('.');
}

/** The key between brackets. */
export function indexOf(key: string): string | number | undefined {
  if (key === '') return undefined;
  try {
    return JSON.parse(key.slice(1, -1)) as string | number;
  } catch {
    return undefined;
  }
}

export function qualified(moduleAddress: string, address: string): string {
  return moduleAddress === '' ? address : `${moduleAddress}.${address}`;
}

export function keyOfIndex(index: unknown): string {
  return typeof index === 'string' || typeof index === 'number' ? `[${JSON.stringify(index)}]` : '';
}

/** The module in whose address a resource's own address begins. */
export function moduleAddressIn(address: string): string {
  return moduleAddressOf(moduleSteps(address));
}
