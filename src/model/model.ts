/** The shapes of the canonical model: what rules look at, whatever language it was written in. Described in docs/model.md. */
import type { Configuration, Resource } from '../evaluate/resource.ts';
import type { Obj } from '../evaluate/value.ts';
import type { ResourceId } from './id.ts';

export type Subject =
  | 'vault'
  | 'policy'
  | 'protected-item'
  | 'datasource'
  | 'lock'
  | 'private-endpoint'
  | 'snapshot'
  | 'container'
  | 'resource-guard'
  | 'policy-assignment'
  | 'provider-config'
  | 'change'
  | 'workspace';

/** One thing that rules may judge. */
export interface Entity {
  readonly subject: Subject;
  /** What declares it; for a workspace a stand-in for the whole configuration. */
  readonly resource: Resource;
  /** Its facts, joined with those of what it refers to; every value keeps its place. */
  readonly view: Obj;
  readonly id?: ResourceId | undefined;
  /** Of a datasource: solutions whose items protect it, and the id that they name as their source where that is not its own. */
  readonly protectedBy?: readonly string[] | undefined;
  readonly protectedAs?: ResourceId | undefined;
  /** Of an item: the id of what it protects. */
  readonly sourceId?: ResourceId | undefined;
  /** Of an item: what it protects and the vault that it lies in, where they are certainly those of this configuration. */
  readonly protects?: Resource | undefined;
  readonly heldBy?: Resource | undefined;
  /**
   * Of what names its vault by name alone, where only a vault of the other kind carries the name here: the id of one of its own kind,
   * which another configuration may declare.
   */
  readonly otherVault?: ResourceId | undefined;
}

/** An item whose datasource is not declared beside it: it may protect something of another configuration. */
export interface DistantItem {
  readonly address: string;
  readonly solution: string | undefined;
  readonly sourceId: ResourceId | undefined;
}

/** What lies in a vault that is not declared beside it. */
export interface Held {
  readonly address: string;
  readonly vaultId: ResourceId | undefined;
}

/** What uses a disk that is not declared beside it. */
export interface Attached {
  readonly address: string;
  readonly diskId: ResourceId | undefined;
}

export interface Model {
  /** The rest of it is not held, for a run may have thousands. */
  readonly configuration: Pick<Configuration, 'name' | 'language' | 'at'>;
  readonly entities: readonly Entity[];
  /** Why more may be declared than was seen. */
  readonly unseen?: string | undefined;
  readonly distant: readonly DistantItem[];
  readonly held: readonly Held[];
  /** Read only where another configuration has disks. */
  readonly attached: () => readonly Attached[];
}

/** Facts about provider versions that the model needs; they come from rules/azurerm. */
export interface RemovedName {
  readonly resource: string;
  /** An attribute or block of it; absent: the resource itself. */
  readonly attribute?: string;
  /** Version that no longer has it: "5.0.0". */
  readonly removedIn: string;
  /** What does its work now; absent where nothing does. */
  readonly instead?: string;
}
