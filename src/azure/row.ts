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
