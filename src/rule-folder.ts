/** A folder of the user's own rules: known to the configuration before any of them is read. */
export interface RuleFolder {
  /** Absolute. */
  readonly path: string;
  /** Who names it: an option, or the configuration. */
  readonly named: string;
}

/** Below it: what the rules are tried on, which is nothing that is linted. */
export const fixturesName = 'fixtures';
