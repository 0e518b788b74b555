/** Views of what one or two files declare, as plain JSON. */
import { expect } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import type { Entity } from '../../src/model/model.ts';
import { modelsOf } from '../fixture.ts';

/* biome-ignore lint/suspicious/noExplicitAny: views are open-ended JSON */
export type View = any;

export async function entitiesIn(name: string, text: string): Promise<Entity[]> {
  return (await modelsOf({ name, text })).flatMap((model) => [...model.entities]);
}

/** The only entity of a subject, or of one kind of it. */
export async function viewIn(name: string, text: string, subject: string, kind?: string): Promise<View> {
  const views = (await entitiesIn(name, text))
    .filter((entity) => entity.subject === subject)
    .map((entity) => encode(entity.view) as View)
    .filter((view) => kind === undefined || view.kind === kind);
  if (views.length !== 1) throw new Error(`${views.length} entities of ${subject} ${kind ?? ''}`);
  return views[0];
}

export function template(resources: readonly object[], parameters: object = {}): string {
  return JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters,
    resources: resources.map((resource) => ({ apiVersion: '2024-04-01', ...resource })),
  });
}

export const unknown = { $unknown: expect.any(String) };
export const named = { $symbol: expect.any(String) };
