/** What the run has to tell, in one shape for parse problems and rule findings. */
import type { Origin } from './source.ts';

export type Severity = 'error' | 'warning' | 'note';

export interface Related {
  readonly at: Origin;
  readonly message: string;
}

/** One thing to tell the user. */
export interface Diagnostic {
  /** Stable, never reused: "hcl-unclosed-block", "file-unreadable". */
  readonly code: string;
  /** An error means that something could not be read, so the run is incomplete. */
  readonly severity: Severity;
  /** What is wrong, with the value that was seen. */
  readonly message: string;
  /** What to do about it. */
  readonly help?: string;
  readonly at: Origin;
  readonly related?: readonly Related[];
}

/** Stages add to it; none throws for bad input. */
export type Log = Diagnostic[];
