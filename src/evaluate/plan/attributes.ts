/**
 * What has to be known of azurerm's schemas to read its plans and states: the JSON does not say which values the provider fills in,
 * which zeros stand for "not set", and in raw states which values are secret.
 * Source: hashicorp/terraform-provider-azurerm v5.2.0 (internal/services/{recoveryservices,compute,keyvault}).
 */

/** Optional attributes that the provider computes where nobody writes them. Blocks are not here: a dynamic one may write them. */
const computed: Readonly<Record<string, readonly string[]>> = {
  azurerm_recovery_services_vault: ['immutability'],
  azurerm_backup_policy_vm: ['instant_restore_retention_days'],
  azurerm_backup_protected_vm: ['source_vm_id', 'protection_state'],
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
  azurerm_linux_virtual_machine: machine(),
  azurerm_windows_virtual_machine: machine(),
  azurerm_virtual_machine: [
    'availability_set_id',
    'license_type',
    'storage_os_disk.disk_size_gb',
    'storage_os_disk.managed_disk_id',
    'storage_os_disk.managed_disk_type',
    'storage_os_disk.os_type',
    'storage_data_disk.disk_size_gb',
    'storage_data_disk.managed_disk_id',
    'storage_data_disk.managed_disk_type',
    'storage_data_disk.caching',
  ],
  azurerm_key_vault: ['access_policy'],
  azurerm_postgresql_flexible_server: ['backup_retention_days', 'zone', 'version', 'sku_name', 'storage_mb'],
};

function machine(): readonly string[] {
  return [
    'allow_extension_operations',
    'computer_name',
    'disk_controller_type',
    'os_disk.disk_size_gb',
    'os_disk.name',
    'os_managed_disk_id',
    'platform_fault_domain',
    'provision_vm_agent',
    'vm_agent_platform_updates_enabled',
  ];
}

/** Whether the provider chooses an attribute at a path where the configuration leaves it out. */
export function isComputed(type: string, path: readonly (string | number)[]): boolean {
  const names = Object.hasOwn(computed, type) ? computed[type]! : [];
  return names.includes(path.filter((step) => typeof step === 'string').join('.'));
}

/** Numbers that are refused as 0 where somebody writes them. */
const neverZero = new Set([
  'count',
  'disk_size_gb',
  'duration',
  'frequency_in_minutes',
  'hour_duration',
  'hour_interval',
  'instant_restore_retention_days',
  'max_shares',
  'retention_duration_in_days',
]);

/** azurerm keeps what is not set as the zero of its type. */
export function isUnset(type: string, attribute: string, value: unknown): boolean {
  if (value !== '' && value !== 0) return false;
  return type.startsWith('azurerm_') && (value === '' || neverZero.has(attribute));
}

const secretName =
  /(?:^|_)(?:password|passphrase|secret|token|sas|connection_strings?|(?:access|primary|secondary|shared|account|private|client|api|admin|master|readonly|function|authorization|instrumentation)_key|key_base64|(?:private_key_)?(?:pem|openssh)|private_key_pem_pkcs8|pfx_blob|custom_data|user_data|protected_settings|secure_environment_variables|kube_config(?:_raw)?|kube_admin_config(?:_raw)?|certificate_data)(?:_wo)?$/;

/** Not told by their names. */
const secretAttributes: Readonly<Record<string, readonly string[]>> = {
  azurerm_key_vault_secret: ['value', 'value_wo'],
  azurerm_virtual_machine_extension: ['settings'],
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
