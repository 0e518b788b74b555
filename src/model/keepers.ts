/**
 * Who keeps backups of its own in a storage account: the backup extension of a cluster writes into one, as does the Automated Backup of
 * SQL Server. Takes datasources, and tells of an account which of them may use it.
 */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, joined, type List, memberOf, text, type Value } from '../evaluate/value.ts';
import type { Family } from './datasource.ts';
import { append, listOf, textOf } from './facts.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { accompanies } from './presence.ts';

interface Keeper {
  readonly resource: Resource;
  /** The name of the account, where it is known. */
  readonly account: Value | undefined;
}

/** By kind of datasource: what keeps backups, and its fact that names the account. */
const keeping: Readonly<Record<string, readonly [part: string, fact: string]>> = {
  aks: ['backupExtension', 'account'],
  'sql-in-vm': ['automatedBackup', 'storage'],
};

export class Keepers {
  readonly #around: Surroundings;
  readonly #all: Keeper[] = [];
  /** By the name of their account in lower case. */
  readonly #named = new Map<string, Keeper[]>();
  readonly #unclear: Keeper[] = [];

  constructor(sources: readonly { readonly entity: Entity; readonly family: Family }[], around: Surroundings) {
    this.#around = around;
    for (const { entity, family } of sources) {
      const [part, fact] = keeping[family.kind] ?? [];
      const written = part === undefined ? undefined : memberOf(entity.view, part);
      if (!written || fact === undefined || entity.resource.existing) continue;
      const value = force(written.value);
      const on = value.kind === 'object' ? memberOf(value, 'enabled')?.value : undefined;
      if (on?.kind === 'bool' && !on.value) continue;
      const account = value.kind === 'object' ? memberOf(value, fact) : undefined;
      const one: Keeper = { resource: entity.resource, account: account && accountName(force(account.value)) };
      this.#all.push(one);
      const name = textOf(one.account)?.toLowerCase();
      if (name === undefined) this.#unclear.push(one);
      else append(this.#named, name, one);
    }
  }

  /** Addresses of those that certainly keep backups in the account. */
  of(holder: Resource): List {
    const name = force(holder.name);
    const known = textOf(name)?.toLowerCase();
    const found: Value[] = [];
    let open: string | undefined;
    const perhaps = known === undefined ? this.#all : [...(this.#named.get(known) ?? []), ...this.#unclear];
    for (const { resource, account } of perhaps) {
      const declared = account?.kind === 'symbol' && account.of ? this.#around.at(account.of.address) : undefined;
      const same = declared && !declared.existing ? declared === holder : account && equal(account, name, true);
      if (same === false) continue;
      if (same && accompanies(resource, holder)) found.push(text(resource.address, resource.head));
      else open ??= `${resource.address} may keep its backups there`;
    }
    return listOf(holder.head, found, open);
  }
}

/** The name of a storage account in itself or in an address of its blobs. */
export function accountName(value: Value): Value | undefined {
  if (value.kind === 'symbol') return value;
  const parts = value.kind === 'string' ? [value.value] : value.kind === 'template' ? [...value.parts] : undefined;
  if (!parts) return undefined;
  const scheme = /^https?:\/\//i.exec(String(parts[0]))?.[0];
  if (scheme === undefined) return value;
  parts[0] = String(parts[0]).slice(scheme.length);
  const last = parts.findIndex((part) => typeof part === 'string' && /\.blob\./i.test(part));
  if (last === -1) return undefined;
  const host = String(parts[last]).replace(/\.blob\..*$/is, '');
  const [name, ...more] = [...parts.slice(0, last), host].filter((part) => part !== '');
  // A name that stands alone is itself, not a text with a hole.
  return more.length === 0 && typeof name === 'object'
    ? force(name)
    : joined([...(name ? [name] : []), ...more], value.at);
}
