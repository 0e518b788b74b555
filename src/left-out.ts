/** What a run leaves out, as notes: what was not judged, and what would settle it. */
import { join } from 'node:path';
import { knownModules } from './catalogue.ts';
import type { Configuration, OpaqueModule } from './evaluate/resource.ts';
import { knownModule } from './model/known-modules.ts';
import type { Diagnostic, Log } from './source/diagnostic.ts';
import type { Reader } from './source/reader.ts';
import { isSpan } from './source/source.ts';

/** One for each reference that could not be looked into. */
export function notesOnOpaque({ opaque }: Configuration): Diagnostic[] {
  return opaque
    .filter(({ told }) => !told)
    .map((module) => ({
      code: 'module-not-read',
      severity: 'note',
      message: `${module.address} is not looked into (${module.because}), ${consequenceOf(module)}.`,
      at: module.at,
    }));
}

function consequenceOf(module: OpaqueModule): string {
  const known = knownModule(module, knownModules());
  if (!known) return 'so what it declares is not judged';
  return known.makes.length === 0
    ? 'but it is known to protect nothing'
    : 'so only what its call says of backup is judged';
}

/** One for a place, and none where it was told already that something is missing. */
export function addNotes(notes: readonly Diagnostic[], log: Log): void {
  const placeIn = ({ at, message }: Diagnostic): string => (isSpan(at) ? `${at.source.file}:${at.start}` : message);
  const told = new Set(log.map(placeIn));
  for (const note of notes) {
    const key = placeIn(note);
    if (told.has(key)) continue;
    told.add(key);
    log.push(note);
  }
}

/** Templates, as they are shown, that were left out for the Bicep files beside them. */
export function noteCompiled(compiled: readonly string[], reader: Reader): void {
  for (const file of compiled) {
    const source = reader.read(join(reader.root, file));
    if (source)
      reader.log.push({
        code: 'template-compiled',
        severity: 'note',
        message: 'This template was compiled from the Bicep file beside it, which is judged instead.',
        at: { source, start: 0, end: 0 },
      });
  }
}
