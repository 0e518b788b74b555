/** Where in Azure a resource lies, by its attributes; and what the service chooses where nobody does. */

/** `{attribute}` is what the resource has there; `{group}` is its resource group and `{subscription}` that of its provider. */
const ids: Readonly<Record<string, string>> = {
  azurerm_backup_container_storage_account:
    '{group}/providers/Microsoft.RecoveryServices/vaults/{recovery_vault_name}/backupFabrics/Azure/protectionContainers/' +
    'StorageContainer;storage;{storage_account_id.group};{storage_account_id.last}',
  azurerm_backup_protected_file_share:
    '{group}/providers/Microsoft.RecoveryServices/vaults/{recovery_vault_name}/backupFabrics/Azure/protectionContainers/' +
    'StorageContainer;storage;{source_storage_account_id.group};{source_storage_account_id.last}/protectedItems/' +
    'AzureFileShare;{source_file_share_name}',
  azurerm_backup_protected_vm:
    '{group}/providers/Microsoft.RecoveryServices/vaults/{recovery_vault_name}/backupFabrics/Azure/protectionContainers/' +
    'iaasvmcontainer;iaasvmcontainerv2;{source_vm_id.group};{source_vm_id.last}/protectedItems/' +
    'VM;iaasvmcontainerv2;{source_vm_id.group};{source_vm_id.last}',
  azurerm_backup_policy_file_share: recoveryPolicy(),
  azurerm_backup_policy_vm: recoveryPolicy(),
  azurerm_backup_policy_vm_workload: recoveryPolicy(),
  azurerm_data_protection_backup_policy_kubernetes_cluster: namedBackupPolicy(),
  azurerm_data_protection_backup_policy_postgresql: namedBackupPolicy(),
  azurerm_data_protection_backup_vault_customer_managed_key: '{data_protection_backup_vault_id}',
  azurerm_data_protection_backup_instance_data_lake_storage: '{data_protection_backup_vault_id}/backupInstances/{name}',
  azurerm_data_protection_backup_policy_data_lake_storage: '{data_protection_backup_vault_id}/backupPolicies/{name}',
  azurerm_elastic_san_volume: '{volume_group_id}/volumes/{name}',
  azurerm_elastic_san_volume_group: '{elastic_san_id}/volumeGroups/{name}',
  azurerm_key_vault_key: 'https://{key_vault_id.last}.vault.azure.net/keys/{name}/0123456789abcdef0123456789abcdef',
  azurerm_kubernetes_cluster_extension: '{cluster_id}/providers/Microsoft.KubernetesConfiguration/extensions/{name}',
  azurerm_kubernetes_cluster_node_pool: '{kubernetes_cluster_id}/agentPools/{name}',
  azurerm_kubernetes_cluster_trusted_access_role_binding: '{kubernetes_cluster_id}/trustedAccessRoleBindings/{name}',
  azurerm_management_group_policy_assignment:
    '{management_group_id}/providers/Microsoft.Authorization/policyAssignments/{name}',
  azurerm_management_lock: '{scope}/providers/Microsoft.Authorization/locks/{name}',
  azurerm_monitor_diagnostic_setting: '{target_resource_id}|{name}',
  azurerm_mssql_virtual_machine:
    '{virtual_machine_id.above}/Microsoft.SqlVirtualMachine/sqlVirtualMachines/{virtual_machine_id.last}',
  azurerm_recovery_services_vault_resource_guard_association: '{vault_id}/backupResourceGuardProxies/VaultProxy',
  azurerm_network_security_rule:
    '{group}/providers/Microsoft.Network/networkSecurityGroups/{network_security_group_name}/securityRules/{name}',
  azurerm_resource_group: '{subscription}/resourceGroups/{name}',
  azurerm_resource_group_policy_assignment:
    '{resource_group_id}/providers/Microsoft.Authorization/policyAssignments/{name}',
  azurerm_role_assignment: '{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}',
  azurerm_site_recovery_fabric:
    '{group}/providers/Microsoft.RecoveryServices/vaults/{recovery_vault_name}/replicationFabrics/{name}',
  azurerm_storage_account_network_rules: '{storage_account_id}',
  azurerm_storage_container: '{storage_account}/blobServices/default/containers/{name}',
  azurerm_storage_management_policy: '{storage_account_id}/managementPolicies/default',
  azurerm_storage_object_replication:
    '{source_storage_account_id}/objectReplicationPolicies/{guid};{destination_storage_account_id}/objectReplicationPolicies/{guid}',
  azurerm_storage_share: '{storage_account}/fileServices/default/shares/{name}',
  azurerm_subnet: '{group}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/subnets/{name}',
  azurerm_subnet_network_security_group_association: '{subnet_id}',
  azurerm_subnet_route_table_association: '{subnet_id}',
  azurerm_subscription: '{subscription}',
  azurerm_subscription_policy_assignment:
    '{subscription_id}/providers/Microsoft.Authorization/policyAssignments/{name}',
  azurerm_virtual_machine_data_disk_attachment: '{virtual_machine_id}/dataDisks/{managed_disk_id.last}',
  azurerm_virtual_machine_extension: '{virtual_machine_id}/extensions/{name}',
  azapi_resource: '{arm}',
  azapi_resource_action: '{resource_id}',
  azapi_update_resource: '{arm}',
  random_string: 'a1b2',
  terraform_data: '{guid}',
  time_sleep: '2000-01-01T00:00:00Z',
};

function recoveryPolicy(): string {
  return '{group}/providers/Microsoft.RecoveryServices/vaults/{recovery_vault_name}/backupPolicies/{name}';
}

/** In the subscription of the provider, whatever that of the vault is. */
function backupVault(): string {
  return '{subscription}/resourceGroups/{vault.group}/providers/Microsoft.DataProtection/backupVaults/{vault.last}';
}

function namedBackupPolicy(): string {
  return '{group}/providers/Microsoft.DataProtection/backupVaults/{vault_name}/backupPolicies/{name}';
}

/** Of what lies in a resource group by its own name. */
const types: Readonly<Record<string, string>> = {
  azurerm_cosmosdb_account: 'Microsoft.DocumentDB/databaseAccounts',
  azurerm_data_protection_backup_vault: 'Microsoft.DataProtection/backupVaults',
  azurerm_data_protection_resource_guard: 'Microsoft.DataProtection/resourceGuards',
  azurerm_elastic_san: 'Microsoft.ElasticSan/elasticSans',
  azurerm_key_vault: 'Microsoft.KeyVault/vaults',
  azurerm_kubernetes_cluster: 'Microsoft.ContainerService/managedClusters',
  azurerm_linux_virtual_machine: 'Microsoft.Compute/virtualMachines',
  azurerm_managed_disk: 'Microsoft.Compute/disks',
  azurerm_mysql_flexible_server: 'Microsoft.DBforMySQL/flexibleServers',
  azurerm_network_interface: 'Microsoft.Network/networkInterfaces',
  azurerm_network_security_group: 'Microsoft.Network/networkSecurityGroups',
  azurerm_postgresql_flexible_server: 'Microsoft.DBforPostgreSQL/flexibleServers',
  azurerm_private_endpoint: 'Microsoft.Network/privateEndpoints',
  azurerm_recovery_services_vault: 'Microsoft.RecoveryServices/vaults',
  azurerm_resource_deployment_script_azure_cli: 'Microsoft.Resources/deploymentScripts',
  azurerm_resource_group_template_deployment: 'Microsoft.Resources/deployments',
  azurerm_route_table: 'Microsoft.Network/routeTables',
  azurerm_snapshot: 'Microsoft.Compute/snapshots',
  azurerm_storage_account: 'Microsoft.Storage/storageAccounts',
  azurerm_user_assigned_identity: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  azurerm_virtual_machine: 'Microsoft.Compute/virtualMachines',
  azurerm_virtual_network: 'Microsoft.Network/virtualNetworks',
  azurerm_windows_virtual_machine: 'Microsoft.Compute/virtualMachines',
};

export function idPatternOf(type: string): string {
  if (ids[type] !== undefined) return ids[type];
  if (types[type] !== undefined) return `{group}/providers/${types[type]}/{name}`;
  if (type.startsWith('azurerm_data_protection_backup_policy_')) return `${backupVault()}/backupPolicies/{name}`;
  if (type.startsWith('azurerm_data_protection_backup_instance_')) return `${backupVault()}/backupInstances/{name}`;
  throw new Error(`no id of ${type}: add it here`);
}

/** What applying settles of what the provider computes, `TYPE.PATH` or only the last step of it. */
const chosen: Readonly<Record<string, unknown>> = {
  client_id: '{guid}',
  object_id: '{guid}',
  principal_id: '{guid}',
  tenant_id: '00000000-0000-0000-0000-00000000aaaa',
  'azurerm_backup_policy_vm.instant_restore_retention_days': '{snapshot_days}',
  'azurerm_cosmosdb_account.backup': [
    { interval_in_minutes: 240, retention_in_hours: 8, storage_redundancy: 'Geo', tier: '', type: 'Periodic' },
  ],
  'azurerm_cosmosdb_account.create_mode': 'Default',
  // It is read back though it is not computed.
  'azurerm_data_protection_backup_instance_disk.snapshot_subscription_id': '{subscription.last}',
  'azurerm_key_vault_key.resource_id': '{key_vault_id}/keys/{name}/versions/0123456789abcdef0123456789abcdef',
  'azurerm_key_vault_key.resource_versionless_id': '{key_vault_id}/keys/{name}',
  'azurerm_key_vault_key.version': '0123456789abcdef0123456789abcdef',
  'azurerm_key_vault_key.versionless_id': 'https://{key_vault_id.last}.vault.azure.net/keys/{name}',
  'azurerm_kubernetes_cluster.kubelet_identity': [
    {
      client_id: '{kubelet}',
      object_id: '{kubelet}',
      user_assigned_identity_id: '{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}-agentpool',
    },
  ],
  'azurerm_kubernetes_cluster.kubernetes_version': '1.33',
  'azurerm_kubernetes_cluster.node_resource_group': 'MC_{resource_group_name}_{name}_{location}',
  'azurerm_kubernetes_cluster_extension.aks_assigned_identity': [
    { principal_id: '{guid}', tenant_id: '00000000-0000-0000-0000-00000000aaaa', type: 'SystemAssigned' },
  ],
  'azurerm_linux_virtual_machine.os_disk.disk_size_gb': 30,
  'azurerm_linux_virtual_machine.os_disk.name': '{name}_disk1',
  'azurerm_linux_virtual_machine.os_managed_disk_id': '{group}/providers/Microsoft.Compute/disks/{name}_disk1',
  'azurerm_managed_disk.disk_iops_read_write': 500,
  'azurerm_managed_disk.disk_mbps_read_write': 60,
  'azurerm_managed_disk.tier': 'P10',
  'azurerm_mysql_flexible_server.replication_role': '{replication}',
  'azurerm_mysql_flexible_server.version': '8.0.21',
  'azurerm_mysql_flexible_server.storage': [
    { auto_grow_enabled: true, io_scaling_enabled: false, iops: 360, log_on_disk_enabled: false, size_gb: 20 },
  ],
  'azurerm_postgresql_flexible_server.backup_retention_days': 7,
  'azurerm_postgresql_flexible_server.storage_mb': 32768,
  'azurerm_postgresql_flexible_server.storage_tier': 'P4',
  'azurerm_postgresql_flexible_server.version': '16',
  'azurerm_recovery_services_vault.immutability': 'Disabled',
  'azurerm_role_assignment.principal_type': 'ServicePrincipal',
  'azurerm_storage_account.access_tier': 'Hot',
  'azurerm_storage_account.primary_blob_endpoint': 'https://{name}.blob.core.windows.net/',
  'azurerm_storage_share.access_tier': 'TransactionOptimized',
  'azurerm_storage_share.resource_manager_id': '{storage_account}/fileServices/default/shares/{name}',
  'azurerm_storage_container.resource_manager_id': '{storage_account}/blobServices/default/containers/{name}',
  'azurerm_subscription.subscription_id': '{subscription.last}',
  'azurerm_windows_virtual_machine.os_disk.disk_size_gb': 127,
  'azurerm_windows_virtual_machine.os_disk.name': '{name}_disk1',
  'azurerm_windows_virtual_machine.os_managed_disk_id': '{group}/providers/Microsoft.Compute/disks/{name}_disk1',
  'azapi_resource.output': {},
  'azapi_resource_action.output': {},
  'azapi_update_resource.name': '{resource_id.last}',
  'azapi_update_resource.output': {},
  'azapi_update_resource.resource_id': '{arm}',
  'azapi_update_resource.parent_id': '{resource_id.owner}',
  'azurerm_backup_protected_vm.protection_state': 'Protected',
  protection_state: 'ProtectionConfigured',
  computer_name: '{name}',
  result: 'a1b2',
  virtual_machine_id: '{guid}',
};

/** Also of a few that are not computed, by their type; by the last step alone of what is. */
export function chosenOf(type: string, path: readonly string[], isComputed: boolean): unknown {
  return chosen[[type, ...path].join('.')] ?? (isComputed ? chosen[path.at(-1)!] : undefined);
}
