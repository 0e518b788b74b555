/** What is known of azurerm's schemas, where it stands in no file: values that the provider chooses, zeros, secrets. */
import { describe, expect, test } from 'vitest';
import { isComputed, isUnset, mayHoldSecret } from '../../src/evaluate/plan/attributes.ts';

describe('what the provider computes', () => {
  test.each([
    ['azurerm_role_assignment', ['role_definition_id']],
    ['azurerm_mysql_flexible_server', ['replication_role']],
    ['azurerm_mysql_flexible_server', ['storage', 0, 'size_gb']],
    ['azurerm_data_protection_backup_policy_blob_storage', ['operational_default_retention_duration']],
    ['azurerm_kubernetes_cluster', ['default_node_pool', 0, 'vm_size']],
    ['azurerm_cosmosdb_account', ['backup', 0, 'tier']],
  ])('%s %j', (type, path) => {
    expect(isComputed(type, path)).toBe(true);
  });

  test.each([
    // Has no default and is not computed: unknown means that something unknown is written.
    ['azurerm_linux_virtual_machine', ['vtpm_enabled']],
    ['azurerm_linux_virtual_machine', ['platform_fault_domain']],
    ['azurerm_postgresql_flexible_server', ['replication_role']],
    // The service decides by the version of Kubernetes, so absence would say too much.
    ['azurerm_kubernetes_cluster', ['oidc_issuer_enabled']],
    ['azurerm_cosmosdb_account', ['backup']],
    ['constructor', ['name']],
  ])('but not %s %j', (type, path) => {
    expect(isComputed(type, path)).toBe(false);
  });
});

test('a zero is no number of days for a change feed, but a LUN and a number of instances', () => {
  expect(isUnset('azurerm_storage_account', 'change_feed_retention_in_days', 0)).toBe(true);
  expect(isUnset('azurerm_virtual_machine_data_disk_attachment', 'lun', 0)).toBe(false);
  expect(isUnset('azurerm_x', 'capacity', 0)).toBe(false);
});

describe('secrets', () => {
  // Marked as sensitive by azurerm.
  test.each([
    ['azurerm_app_configuration', 'primary_read_key'],
    ['azurerm_bot_channel_directline', 'key2'],
    ['azurerm_bot_channel_directline', 'extension_key_1'],
    ['azurerm_container_group', 'workspace_key'],
    ['azurerm_container_registry_token_password', 'password1'],
    ['azurerm_eventhub_authorization_rule', 'primary_connection_string_alias'],
    ['azurerm_express_route_circuit', 'service_key'],
    ['azurerm_linux_web_app', 'sas_url'],
    ['azurerm_machine_learning_datastore_blobstorage', 'shared_access_signature'],
    ['azurerm_mssql_database', 'storage_key'],
    ['azurerm_mssql_server_vulnerability_assessment', 'storage_container_sas_key'],
    ['azurerm_mssql_virtual_machine', 'sql_connectivity_update_username'],
    ['azurerm_orchestrated_virtual_machine_scale_set', 'user_data_base64'],
    ['azurerm_redis_cache', 'aof_storage_connection_string_0'],
    ['azurerm_relay_hybrid_connection_authorization_rule', 'send_key_value'],
    ['azurerm_resource_deployment_script_azure_cli', 'key'],
    ['azurerm_resource_deployment_script_azure_cli', 'secure_value'],
    ['azurerm_stream_analytics_output_eventhub', 'shared_access_policy_key'],
    ['azurerm_virtual_machine', 'content'],
    ['azurerm_virtual_machine_run_command', 'protected_parameter'],
    ['azurerm_windows_virtual_machine', 'content'],
    ['azurerm_linux_virtual_machine', 'custom_data'],
    ['azurerm_postgresql_flexible_server', 'administrator_password_wo'],
    ['azurerm_key_vault_secret', 'value'],
    ['Microsoft.Compute/virtualMachines', 'adminPassword'],
    ['Microsoft.Compute/virtualMachines/runCommands', 'protectedParameter'],
  ])('%s %s', (type, attribute) => {
    expect(mayHoldSecret(type, attribute)).toBe(true);
  });

  // Read by the model, and plain in the schema.
  test.each([
    ['azurerm_recovery_services_vault', 'key_id'],
    ['azurerm_recovery_services_vault', 'encryption'],
    ['azurerm_data_protection_backup_vault_customer_managed_key', 'key_vault_key_id'],
    ['azurerm_data_protection_backup_instance_postgresql', 'database_credential_key_vault_secret_id'],
    ['azurerm_key_vault_key', 'key_type'],
    ['azurerm_managed_disk', 'disk_encryption_key'],
    ['azurerm_managed_disk', 'key_encryption_key'],
    ['azurerm_linux_virtual_machine', 'public_key'],
    ['azurerm_storage_account', 'shared_access_key_enabled'],
    ['azurerm_storage_account', 'customer_managed_key'],
    ['azurerm_mssql_virtual_machine', 'storage_blob_endpoint'],
    ['azurerm_role_assignment', 'principal_id'],
    ['azurerm_kubernetes_cluster', 'service_principal'],
    ['Microsoft.SqlVirtualMachine/sqlVirtualMachines', 'storageAccountUrl'],
    ['Microsoft.KeyVault/vaults/keys', 'kty'],
  ])('but not %s %s', (type, attribute) => {
    expect(mayHoldSecret(type, attribute)).toBe(false);
  });
});
