import type { Span } from '../source/source.ts';

/** A comment that contains "azure-backup-lint:" (any case); the span covers the whole comment with its markers. */
export interface Comment extends Span {
  /** The comment's text without its markers. */
  readonly text: string;
}

export const mention = 'azure-backup-lint:';
