/** Reads values of rows, whatever they are: what is not there, or of another kind, is empty. */
import type { Row } from './inventory.ts';

/** Resource Graph may give an object as its text. */
export function spelt(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Its name, however it is written. */
export function regionOf(row: Row): string {
  return textOf(row['location']).toLowerCase().replaceAll(' ', '');
}

/** The size of a machine, in lower case. */
export function sizeOf(row: Row): string {
  return textOf(objectOf(objectOf(row['properties'])['hardwareProfile'])['vmSize']).toLowerCase();
}

export function objectOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The key vault that holds the key of a vault, by its name in lower case, which no other key vault has. */
export function keyVaultOf(row: Row): string | undefined {
  const { encryption, securitySettings } = objectOf(spelt(row['properties']));
  for (const settings of [encryption, objectOf(securitySettings)['encryptionSettings']]) {
    const uri = textOf(objectOf(objectOf(settings)['keyVaultProperties'])['keyUri']);
    const name = /^https:\/\/([a-z0-9-]+)\.vault\./i.exec(uri)?.[1];
    if (name !== undefined) return name.toLowerCase();
  }
  return undefined;
}

/** In lower case; undefined for an id in no subscription. */
export function subscriptionOf(id: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase();
}
