/**
 * What has to be known of azurerm's schemas to read its plans and states: the JSON does not say which values the provider fills in,
 * which zeros stand for "not set", and in raw states which values are secret.
 * Source: the schemas of hashicorp/terraform-provider-azurerm (internal/services) at v2.99.0 57b41ea, v3.117.1 42a6774,
 * v4.81.0 5782a75 and v5.2.0 8d8282e.
 */

/**
 * What the provider computes where nobody writes it, in any of the versions, of the types that the model reads; of attributes that
 * nobody can write only those that it reads. Blocks are not here: a dynamic one may write them.
 */
const computed: Readonly<Record<string, readonly string[]>> = {
  azurerm_recovery_services_vault: ['immutability'],
  azurerm_backup_policy_vm: ['instant_restore_retention_days'],
  azurerm_backup_protected_vm: ['source_vm_id', 'protection_state'],
  azurerm_data_protection_backup_instance_blob_storage: ['protection_state'],
  azurerm_data_protection_backup_instance_cosmosdb_database_account: ['protection_state'],
  azurerm_data_protection_backup_instance_data_lake_storage: ['protection_state'],
  azurerm_data_protection_backup_instance_disk: ['protection_state'],
  azurerm_data_protection_backup_instance_elastic_san_volume_group: ['protection_state'],
  azurerm_data_protection_backup_instance_kubernetes_cluster: ['protection_state'],
  azurerm_data_protection_backup_instance_mysql_flexible_server: ['protection_state'],
  azurerm_data_protection_backup_instance_postgresql: ['protection_state'],
  azurerm_data_protection_backup_instance_postgresql_flexible_server: ['protection_state'],
  // Two names of one setting in 3.x.
  azurerm_data_protection_backup_policy_blob_storage: ['operational_default_retention_duration', 'retention_duration'],
  azurerm_managed_disk: [
    'disk_size_gb',
    'max_shares',
    'disk_iops_read_write',
    'disk_mbps_read_write',
    'disk_iops_read_only',
    'disk_mbps_read_only',
    'logical_sector_size',
    'source_uri',
    'tier',
  ],
  azurerm_snapshot: ['disk_size_gb'],
  azurerm_linux_virtual_machine: machine(),
  azurerm_windows_virtual_machine: machine(),
  azurerm_virtual_machine: [
    'availability_set_id',
    'license_type',
    'os_profile.custom_data',
    'storage_image_reference.version',
    'storage_os_disk.caching',
    'storage_os_disk.disk_size_gb',
    'storage_os_disk.managed_disk_id',
    'storage_os_disk.managed_disk_type',
    'storage_os_disk.os_type',
    'storage_data_disk.caching',
    'storage_data_disk.disk_size_gb',
    'storage_data_disk.managed_disk_id',
    'storage_data_disk.managed_disk_type',
  ],
  azurerm_storage_account: [
    'access_tier',
    'blob_properties.default_service_version',
    'large_file_share_enabled',
    'network_rules.bypass',
    'network_rules.ip_rules',
    'network_rules.virtual_network_subnet_ids',
  ],
  azurerm_storage_share: ['access_tier'],
  azurerm_key_vault: ['access_policy'],
  azurerm_postgresql_flexible_server: [
    'administrator_login',
    'backup_retention_days',
    'private_dns_zone_id',
    // Before 3.105 nobody could write it.
    'public_network_access_enabled',
    'sku_name',
    'storage_mb',
    'storage_tier',
    'version',
  ],
  azurerm_postgresql_server: ['administrator_login', 'backup_retention_days', 'storage_mb'],
  azurerm_mysql_flexible_server: [
    'administrator_login',
    'public_network_access',
    'public_network_access_enabled',
    'replication_role',
    'sku_name',
    'storage.iops',
    'storage.size_gb',
    'version',
    'zone',
  ],
  azurerm_cosmosdb_account: [
    'backup.interval_in_minutes',
    'backup.retention_in_hours',
    'backup.storage_redundancy',
    'backup.tier',
    'create_mode',
    'mongo_server_version',
  ],
  azurerm_kubernetes_cluster: [
    'default_node_pool.vm_size',
    'kubernetes_version',
    'node_resource_group',
    'private_cluster_enabled',
    'private_dns_zone_id',
  ],
  azurerm_kubernetes_cluster_node_pool: ['vm_size'],
  azurerm_role_assignment: [
    'condition_version',
    'name',
    'principal_type',
    'role_definition_id',
    'role_definition_name',
    'skip_service_principal_aad_check',
  ],
  // Of one of the two ways to say what it changes, azapi works out the other.
  azapi_resource: ['location', 'name', 'parent_id'],
  azapi_update_resource: ['name', 'parent_id', 'resource_id'],
};

function machine(): readonly string[] {
  return [
    'allow_extension_operations',
    'automatic_updates_enabled',
    'computer_name',
    'disable_password_authentication',
    'disk_controller_type',
    'enable_automatic_updates',
    'hotpatching_enabled',
    'os_disk.disk_size_gb',
    'os_disk.name',
    'os_disk.storage_account_type',
    'os_managed_disk_id',
    'patch_assessment_mode',
    'patch_mode',
    'provision_vm_agent',
    'vm_agent_platform_updates_enabled',
  ];
}

/** Whether the provider chooses an attribute at a path where the configuration leaves it out. */
export function isComputed(type: string, path: readonly (string | number)[]): boolean {
  const names = Object.hasOwn(computed, type) ? computed[type]! : [];
  return names.includes(path.filter((step) => typeof step === 'string').join('.'));
}

/** Numbers that are refused as 0 where somebody writes them, or say nothing then. */
const neverZero = new Set([
  'change_feed_retention_in_days',
  'count',
  'disk_size_gb',
  'duration',
  'frequency_in_minutes',
  'hour_duration',
  'hour_interval',
  'instant_restore_retention_days',
  'max_shares',
  'retention_duration_in_days',
  'snapshot_retention_in_days',
]);

/** azurerm keeps what is not set as the zero of its type. */
export function isUnset(type: string, attribute: string, value: unknown): boolean {
  if (value !== '' && value !== 0) return false;
  return type.startsWith('azurerm_') && (value === '' || neverZero.has(attribute));
}

const secretKeys =
  'access|account|admin|api|application|authentication|authorization|client|config|extension|function|host|ingestion|insights|' +
  'instrumentation|license|luis|master|policy|primary|principal|private|read|readonly|sas|secondary|secret|send|service|shared|' +
  'storage|token|validation|workspace|write';

const secretName = new RegExp(
  `(?:^|_)(?:password\\d?|passphrase|secret|secret_(?:arguments|text|values)|secure_value|token|sas|sas_ur[il]|access_signature|` +
    `connection_strings?(?:_alias|_\\d)?|(?:${secretKeys})_key(?:_\\d|_value)?|key_base64|operator_key_code|` +
    '(?:private_key_)?(?:pem|openssh)|private_key_pem_pkcs8|private_key_content_base64|token_key_(?:raw|modulus|exponent)|' +
    'pfx(?:_blob|_certificate)?|certificate_(?:base64|content|data|data_base64)|encoded_certificate|credentials_base64|' +
    'custom_data|user_data(?:_base64)?|protected_parameter|protected_settings|(?:secure|sensitive)_environment_variables|' +
    'plain_text_value|encrypted_data|auth_code|kube_config(?:_raw)?|kube_admin_config(?:_raw)?)(?:_wo)?$',
);

/** Not told by their names. What the provider hides without need (ids of identities, public keys of authorities) is not here. */
const secretAttributes: Readonly<Record<string, readonly string[]>> = {
  azurerm_key_vault_secret: ['value', 'value_wo'],
  azurerm_virtual_machine_extension: ['settings'],
  // Answers to the setup of Windows, a password among them.
  azurerm_virtual_machine: ['content'],
  azurerm_windows_virtual_machine: ['content'],
  azurerm_virtual_machine_scale_set: ['content'],
  azurerm_windows_virtual_machine_scale_set: ['content'],
  azurerm_orchestrated_virtual_machine_scale_set: ['content'],
  azurerm_mssql_virtual_machine: ['key_vault_url', 'service_principal_name', 'sql_connectivity_update_username'],
  // Where a web app backs itself up to: an address with a signature.
  azurerm_app_service: ['storage_account_url'],
  azurerm_linux_function_app: ['storage_account_url'],
  azurerm_linux_web_app: ['storage_account_url'],
  azurerm_windows_function_app: ['storage_account_url'],
  azurerm_windows_web_app: ['storage_account_url'],
  azurerm_resource_deployment_script_azure_cli: ['key'],
  azurerm_resource_deployment_script_azure_power_shell: ['key'],
  azurerm_analysis_services_server: ['backup_blob_container_uri'],
  azurerm_api_management_certificate: ['data'],
  azurerm_api_management_named_value: ['value'],
  azurerm_api_management_workspace_named_value: ['value'],
  azurerm_application_gateway: ['data'],
  azurerm_automation_certificate: ['base64'],
  azurerm_automation_webhook: ['uri'],
  azurerm_batch_certificate: ['certificate'],
  azurerm_bot_channel_directline: ['key', 'key2'],
  azurerm_bot_channel_email: ['magic_code'],
  azurerm_cognitive_account_connection_custom_keys: ['custom_keys'],
  azurerm_data_factory_linked_service_azure_blob_storage: ['service_endpoint'],
  azurerm_data_factory_linked_service_azure_function: ['key'],
  azurerm_eventgrid_event_subscription: ['value'],
  azurerm_eventgrid_system_topic_event_subscription: ['value'],
  azurerm_iot_time_series_insights_gen2_environment: ['key'],
  azurerm_key_vault_certificate: ['contents'],
  azurerm_key_vault_certificate_data: ['key'],
  azurerm_kusto_database_script: ['script_content'],
  azurerm_kusto_script: ['script_content'],
  azurerm_media_content_key_policy: ['ask'],
  azurerm_nginx_configuration: ['content'],
  azurerm_search_service: ['key'],
  azurerm_security_center_automation: ['trigger_url'],
  azapi_resource: ['sensitive_body'],
  azapi_update_resource: ['sensitive_body'],
  // What the service answers, to list keys for instance.
  azapi_resource_action: ['sensitive_body', 'output', 'sensitive_output'],
  azuread_application_password: ['value'],
  azuread_service_principal_password: ['value'],
  local_sensitive_file: ['content', 'content_base64'],
  random_password: ['result', 'bcrypt_hash'],
};

/** Raw states mark few secrets, and plans only those of the provider's schema; names tell the others. */
export function mayHoldSecret(type: string, attribute: string): boolean {
  if (Object.hasOwn(secretAttributes, type) && secretAttributes[type]!.includes(attribute)) return true;
  // ARM writes `adminPassword`.
  const words = attribute.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
  return secretName.test(words) && !/^(?:public|key_vault)/.test(words);
}
