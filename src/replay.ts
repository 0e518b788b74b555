/** A recording of an audit: read from the disk, and what it holds. */
import { resolve } from 'node:path';
import { type Inventory, readInventory } from './azure/inventory.ts';
import type { Log } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { messageOf } from './source/reader.ts';
import { Source } from './source/source.ts';
import { UsageError } from './usage.ts';

/** Undefined where it is none; then the log says so. */
export function replay(name: string, io: Io, log: Log): Inventory | undefined {
  const path = resolve(io.cwd, name);
  if (io.files.info(path)?.kind !== 'file') throw new UsageError(`--inventory: the file ${name} cannot be read.`);
  try {
    return readInventory(name, io.files.chunks?.(path) ?? [io.files.read(path)], log);
  } catch (error) {
    const at = { source: new Source(name, ''), start: 0, end: 0 };
    log.push({
      code: 'file-unreadable',
      severity: 'error',
      message: `The recording cannot be read: ${messageOf(error)}.`,
      at,
    });
    return undefined;
  }
}
