/** What people see as one character (a grapheme cluster): Terraform's unit of length. */

let segmenter: Intl.Segmenter | undefined;

export function characters(of: string): string[] {
  if (/^[\x20-\x7e]*$/.test(of)) return of.split('');
  // Made on demand: it costs more than the rest of the program's start.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(of), (part) => part.segment);
}
