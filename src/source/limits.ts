/** Bounds that keep hostile or broken input from taking the machine. Reasons: docs/limits.md. */
export const limits = {
  /** Bytes of a source file; 4 MB is what Azure accepts, the rest is slack for JSON. */
  sourceBytes: 4 * 1024 * 1024 + 64 * 1024,
  jsonBytes: 16 * 1024 * 1024,
  /** Open brackets, quotes and blocks at one point; the deepest real code is far below. */
  nesting: 200,
  moduleDepth: 16,
  moduleCalls: 2_000,
  /** Instances of one HCL resource, and of one configuration. */
  instances: 5_000,
  instancesPerConfiguration: 20_000,
  /** Azure allows 800 copies. */
  armCopies: 800,
  rangeItems: 10_000,
  stringLength: 1024 * 1024,
  /** Evaluation steps of one configuration. */
  steps: 2_000_000,
  /** Expressions that wait for each other, a reference counting as three: half of what the stack holds. */
  evaluationLevels: 600,
  /** Nodes and levels of one value that is walked as a whole. */
  valueNodes: 100_000,
  valueLevels: 400,
  /** Candidates of a value that is one of several. */
  candidates: 8,
  /** Characters that Bicep's compiler loads from a file, as text and as JSON. */
  loadedText: 131_072,
  loadedData: 1_048_576,
  regexInput: 10 * 1024,
  /** Letters of a YAML text: its parser takes some four microseconds for each. */
  yamlLength: 128 * 1024,
  filesPerRun: 20_000,
  /** Plans, states and inventories. */
  documentBytes: 256 * 1024 * 1024,
  bytesPerRun: 512 * 1024 * 1024,
} as const;
