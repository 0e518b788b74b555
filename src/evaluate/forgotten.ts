/**
 * What leaves the state without being destroyed: it stays in Azure, where it may go on protecting what is declared here.
 * Takes the address that is forgotten; gives something that cannot be looked into, where protection may be lost from view.
 */
import type { Origin } from '../source/source.ts';
import type { OpaqueModule } from './resource.ts';
import { object } from './value.ts';

/** Policies and vaults protect nothing by themselves; what azapi or a template made may be anything. */
const mayProtect = new RegExp(
  `^(?:${[
    'azapi_.*',
    'azurerm_backup_(?:protected|container)_.*',
    'azurerm_data_protection_backup_instance_.*',
    'azurerm_(?:.*_)?template_deployment',
    'azurerm_(?:.*_)?policy_assignment',
    'azurerm_.*automanage.*',
  ].join('|')})$`,
);

/** `type`: of the resource; undefined for a whole module, which may hold anything. */
export function forgotten(address: string, type: string | undefined, because: string, at: Origin): OpaqueModule[] {
  if (type !== undefined && !mayProtect.test(type)) return [];
  return [{ source: '', at, address, because, arguments: object(new Map(), at), told: true }];
}
