/**
 * What stands around a vault and is not part of it: diagnostic settings and private endpoints for backup. Takes a vault with what it
 * holds; gives facts as lists of addresses, open where more may exist: out of sight, or where nothing shows that the vault is used
 * here, so that another configuration may declare them.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, type List, text, type Value } from '../evaluate/value.ts';
import { endpointGroups, endpointTarget } from './access.ts';
import type { Link } from './belonging.ts';
import { type Fact, listOf, pick, textOf } from './facts.ts';
import { mayProtect, runsAnything } from './hiding.ts';
import { parseId, rootId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { accompanies } from './presence.ts';

const byTarget = ({ body }: Resource): Link => ({ id: pick(body, 'target_resource_id', false) });
const byScope = (resource: Resource): Link =>
  resource.extends ? { id: { value: resource.extends, at: resource.head } } : { id: undefined, levels: 99 };
/** `Microsoft.RecoveryServices/vaults/providers/diagnosticSettings`. */
const bySlashName = (): Link => ({ levels: 2 });

const settings = [
  ['azurerm_monitor_diagnostic_setting', byTarget],
  ['microsoft.insights/diagnosticsettings', byScope],
  ['microsoft.recoveryservices/vaults/providers/diagnosticsettings', bySlashName],
  ['microsoft.dataprotection/backupvaults/providers/diagnosticsettings', bySlashName],
] as const;

/** `isUsed`: something here is certainly protected in it. */
export function vaultSurroundings(vault: Entity, isUsed: boolean, around: Surroundings): Record<string, Fact> {
  const { head } = vault.resource;
  return {
    diagnostics: { at: head, value: diagnostics(vault.resource, isUsed, around) },
    privateEndpoints: { at: head, value: backupEndpoints(vault, isUsed, around) },
  };
}

/** Settings that send backup events somewhere; others, for Site Recovery or metrics alone, are none of them. */
function diagnostics(vault: Resource, isUsed: boolean, around: Surroundings): List {
  const found: Value[] = [];
  const isLive = vault.language === 'live';
  let open: boolean | string =
    around.unread('diagnostics', vault) ??
    (!isLive && (!isUsed || around.resources.some((one) => mayProtect(one, around) !== undefined)));
  for (const [type, link] of settings) {
    const { sure, perhaps } = around.belonging(vault, type, link);
    open ||= perhaps.some((one) => sendsBackupEvents(one) !== false);
    for (const one of sure) {
      const sends = sendsBackupEvents(one);
      if (sends === false) continue;
      if (sends && accompanies(one, vault)) found.push(text(one.address, one.head));
      else open ||= true;
    }
  }
  return listOf(vault.head, found, open);
}

/** By the categories of its logs, or a group of them, which has them all. */
function sendsBackupEvents({ body, type }: Resource): boolean | undefined {
  const arm = type.includes('/');
  let doubt = false;
  for (const path of arm ? ['properties.logs'] : ['enabled_log', 'log']) {
    const logs = pick(body, path, arm);
    if (!logs) continue;
    if (logs.value.kind !== 'list') return undefined;
    doubt ||= logs.value.open === true;
    for (const log of logs.value.items) {
      const at = (name: string): Value | undefined => pick(log, name, arm)?.value;
      const enabled = at('enabled');
      if (enabled?.kind === 'bool' && !enabled.value) continue;
      const written = [at(arm ? 'categoryGroup' : 'category_group'), at('category')];
      const [group, category] = written.map((value) => value && textOf(value));
      const sends = group !== undefined || (category !== undefined && /azurebackup/i.test(category));
      if (sends && (!enabled || enabled.kind === 'bool')) return true;
      doubt ||= sends || written.some((value) => value !== undefined && textOf(value) === undefined);
    }
  }
  return doubt ? undefined : false;
}

/** Endpoints for backup, not those for Site Recovery. */
export function backupEndpoints({ resource: vault, id: vaultId }: Entity, isUsed: boolean, around: Surroundings): List {
  const found: Value[] = [];
  let open: boolean | string =
    vault.language === 'live'
      ? (around.unread('private-endpoints', vault) ?? false)
      : (around.hidden ?? (!isUsed || around.resources.some(runsAnything)));
  for (const resource of around.ofType('azurerm_private_endpoint', 'microsoft.network/privateendpoints')) {
    if (resource.existing) continue;
    const { fact } = endpointTarget(resource);
    const id = fact && parseId(fact.value, around.find);
    const same = id ? sameId(rootId(id), vaultId) : undefined;
    if (same === false) continue;
    const groups = endpointGroups(resource);
    const names = groups?.value.kind === 'list' && !groups.value.open ? groups.value.items.map(force) : undefined;
    const words = names?.map((name) => textOf(name)?.toLowerCase());
    if (words && !words.includes(undefined) && !words.includes('azurebackup')) continue;
    if (same && words?.includes('azurebackup') && accompanies(resource, vault))
      found.push(text(resource.address, resource.head));
    else open ||= true;
  }
  return listOf(vault.head, found, open);
}
