/** Colours of a terminal; without colour every paint gives back its text. */
import type { Severity } from '../source/diagnostic.ts';

export type Paint = Readonly<Record<Severity | 'bold' | 'dim' | 'good', (text: string) => string>>;

export function paints(color: boolean): Paint {
  const sgr = (codes: string) => (text: string) => (color ? `\u001b[${codes}m${text}\u001b[0m` : text);
  return {
    error: sgr('1;31'),
    warning: sgr('1;33'),
    note: sgr('1;36'),
    bold: sgr('1'),
    dim: sgr('2'),
    good: sgr('1;32'),
  };
}
