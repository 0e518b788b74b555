/**
 * References that are read as they are written, for Terraform does not evaluate them either: what `moved` and `removed` blocks,
 * providers, lifecycles and triggers name.
 */
import type { Expression } from '../../parse/expression.ts';
import type { Block } from '../../parse/hcl-tree.ts';
import { forgotten } from '../forgotten.ts';
import type { Lifecycle, OpaqueModule } from '../resource.ts';
import { attributeOf, literalOf } from './module.ts';

/**
 * What a `removed` block takes out of the state and leaves in Azure. Only `destroy = true` destroys for certain: where
 * nothing is written, Terraform destroys and OpenTofu forgets.
 */
export function forgottenBy(block: Block, module: string): OpaqueModule[] {
  if (destroysIn(block)) return [];
  const from = stepsOf(attributeOf(block, 'from')?.value) ?? [];
  const below = from.findIndex((step, i) => i % 2 === 0 && step !== 'module');
  // A whole module otherwise, or an address of a form that is not known: it may be anything.
  const type = below !== -1 && from.length === below + 2 ? from[below] : undefined;
  const address = [module, ...from].filter(Boolean).join('.');
  return forgotten(
    address || 'what a removed block names',
    type,
    'it is removed from the state and stays in Azure',
    block.head,
  );
}

/** Whether a `removed` block destroys what it names. */
export function destroysIn(block: Block): boolean | undefined {
  const lifecycle = block.body.blocks.find(({ type }) => type === 'lifecycle');
  const destroy = lifecycle && attributeOf(lifecycle, 'destroy')?.value;
  return destroy?.kind === 'literal' && typeof destroy.value === 'boolean' ? destroy.value : undefined;
}

/** The whole address that an argument of a `moved` or `removed` block names, as it is written; those of JSON are texts. */
export function addressIn(block: Block, name: string, module: string): string | undefined {
  const value = attributeOf(block, name)?.value;
  if (!value) return undefined;
  const { source, start, end } = value;
  const slice = source.text.slice(start, end);
  const written = literalOf(value) ?? (source.file.endsWith('.json') ? slice.replaceAll('\\"', '"') : slice);
  const address = written.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
  return module === '' ? address : `${module}.${address}`;
}

/** Only what decides how a change is carried out. */
export function lifecycleOf(block: Block): Lifecycle | undefined {
  const lifecycle = block.body.blocks.find(({ type }) => type === 'lifecycle');
  if (!lifecycle) return undefined;
  const first = attributeOf(lifecycle, 'create_before_destroy')?.value;
  const ignored = attributeOf(lifecycle, 'ignore_changes')?.value;
  return {
    createsFirst: first?.kind === 'literal' && (first.value === true || first.value === 'true'),
    ignores:
      ignored?.kind === 'list'
        ? ignored.items.flatMap(({ value }) => literalOf(value)?.split(/[.[]/)[0] ?? stepsOf(value)?.[0] ?? [])
        : ignored
          ? 'all'
          : [],
    isTriggered: attributeOf(lifecycle, 'replace_triggered_by') !== undefined,
  };
}

/** The steps of a plain reference. */
function stepsOf(expression: Expression | undefined): string[] | undefined {
  if (expression?.kind === 'name') return [expression.name];
  if (expression?.kind !== 'access' || expression.key.kind !== 'literal') return undefined;
  const before = stepsOf(expression.of);
  return before && [...before, String(expression.key.value)];
}

/** Whether an expression names an action, or an instance of it. */
export function namesAction(expression: Expression, name: string): boolean {
  if (expression.kind !== 'access') return false;
  const { of, key } = expression;
  if (of.kind === 'access' && of.of.kind === 'name' && of.of.name === 'action')
    return key.kind === 'literal' && of.key.kind === 'literal' && `${of.key.value}.${key.value}` === name;
  return namesAction(of, name);
}

/** A provider as "name" or "name.alias", where it is written; it is a reference, or in old code a text. */
export function writtenProvider(expression: Expression | undefined): string | undefined {
  if (expression?.kind === 'name') return expression.name;
  if (expression?.kind === 'access' && expression.of.kind === 'name' && expression.key.kind === 'literal')
    return `${expression.of.name}.${expression.key.value}`;
  return literalOf(expression);
}

/** What the call of a module passes as that provider; without `providers`, the default ones pass by themselves. */
export function passedProvider(call: Block | undefined, provider: string): string | undefined {
  const map = call && attributeOf(call, 'providers')?.value;
  if (map?.kind !== 'object') return provider.includes('.') ? undefined : provider;
  return writtenProvider(map.entries.find((entry) => writtenProvider(entry.key) === provider)?.value);
}
