/**
 * Which objects in the JSON syntax are nested blocks. Only a provider's schema tells a block from an argument that is an
 * object; these are the blocks of azurerm (v5.2.0 and the names before it) and azapi that the model reads. An array of
 * objects is a block in any azurerm resource: the provider has no argument that is a list of objects.
 */
import type { IsNestedBlock } from '../../parse/hcl-json.ts';

const azurermBlocks = new Set([
  // Vaults
  'identity',
  'encryption',
  'monitoring',
  // Policies
  'backup',
  'hourly',
  'retention_daily',
  'retention_weekly',
  'retention_monthly',
  'retention_yearly',
  'instant_restore_resource_group',
  'tiering_policy',
  'archived_restore_point',
  'protection_policy',
  'simple_retention',
  'default_retention_rule',
  'retention_rule',
  'life_cycle',
  'criteria',
  // Items
  'backup_datasource_parameters',
  // Datasources
  'os_disk',
  'diff_disk_settings',
  'source_image_reference',
  'additional_capabilities',
  'boot_diagnostics',
  'admin_ssh_key',
  'secret',
  'certificate',
  'plan',
  'storage_os_disk',
  'storage_data_disk',
  'storage_image_reference',
  'os_profile',
  'encryption_settings',
  'disk_encryption_key',
  'key_encryption_key',
  'network_rules',
  'blob_properties',
  'share_properties',
  'delete_retention_policy',
  'container_delete_retention_policy',
  'restore_policy',
  'retention_policy',
  'immutability_policy',
  'auto_backup',
  'manual_schedule',
  'high_availability',
  'storage',
  'customer_managed_key',
  'capabilities',
  'geo_location',
  'cluster',
  'default_node_pool',
  'service_principal',
  'network_profile',
  'private_cluster',
  'routing',
  // Around them
  'private_service_connection',
  'private_dns_zone_group',
  'ip_configuration',
  'network_acls',
  'timeouts',
]);

export const isNestedBlock: IsNestedBlock = (owner, name, isList) => {
  // `settings` is an argument elsewhere.
  if (owner === 'azurerm_backup_policy_vm_workload' && name === 'settings') return true;
  // A provider's own arguments are no objects; `features` is a block, and so is all that lies in it.
  if (owner.startsWith('provider.')) return true;
  if (owner.startsWith('azurerm_')) return isList || azurermBlocks.has(name);
  return owner.startsWith('azapi_') && name === 'identity';
};
