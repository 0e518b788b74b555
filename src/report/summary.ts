/** How a run ended, in the sentences that every report for people ends or begins with; it never sounds cleaner than the run was. */
import type { Run } from '../source/run.ts';
import { isSpan } from '../source/source.ts';
import { inputOf } from './location.ts';
import { type Paint, paints } from './paint.ts';
import type { Words } from './words.ts';

const plain = paints(false);

/** What was found, and beside it what could not be decided and what is suppressed; before it, that the run is incomplete. */
export function closingLines(run: Run, words: Words, isListed: boolean, paint: Paint = plain): string[] {
  const { undetermined, suppressed } = run.summary;
  const extras = [];
  if (undetermined > 0) extras.push(words.undetermined(undetermined, isListed));
  if (suppressed > 0) extras.push(words.suppressed(suppressed));
  return [...incompleteLines(run, words, paint), [verdictText(run, words, paint), ...extras].join(words.joint)];
}

export function verdictText(run: Run, words: Words, paint: Paint = plain): string {
  const { errors, warnings, notes, files, resources, complete } = run.summary;
  const seen = words.seen(files, resources);
  if (run.findings.some((finding) => !finding.suppressed)) {
    const counts = [
      errors > 0 ? paint.error(words.counted('error', errors)) : '',
      warnings > 0 ? paint.warning(words.counted('warning', warnings)) : '',
      notes > 0 ? paint.note(words.counted('note', notes)) : '',
    ];
    return words.found(counts.filter(Boolean), seen);
  }
  if (!complete) return files === 0 && resources === 0 ? words.nothingRead : words.cleanButIncomplete(seen);
  if (files === 0 && resources === 0) return words.noFiles;
  if (resources === 0) return words.noResources(files);
  return words.cleanIn(paint.good(words.clean), seen);
}

/** Also told when quiet: an incomplete run never looks clean. */
export function incompleteLines(run: Run, words: Words, paint: Paint = plain): string[] {
  if (run.summary.complete) return [];
  const unread = run.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  // In Azure one entry may stand for much, in many subscriptions.
  const isLive = unread.some(({ at }) => !isSpan(at));
  const inputs = isLive ? 0 : new Set(unread.map(({ at }) => inputOf(at))).size;
  return [paint.error(words.incomplete(inputs))];
}
