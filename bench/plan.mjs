/**
 * A large plan against an empty folder: CPU beyond start-up, peak memory above it as a multiple of the file's size, and whether ten
 * times the plan costs ten times as much. Ratios within one run, so that a slow or noisy machine does not matter.
 * Bounds: memory 6 times the size; ten times the plan at most 13 times the time.
 *
 *   node bench/plan.mjs [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = process.env.PROGRAM ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const lines = 85_000;
const folder = mkdtempSync(join(tmpdir(), 'bench-plan-'));
const script = join(folder, 'measure.mjs');
// Wall time lies on a busy machine; the process itself knows best what it took.
writeFileSync(
  script,
  `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 }) + '\\n');
});
await import(${JSON.stringify(program)});
`,
);

const cases = [
  ['nothing', 0, () => ({})],
  ['plan', lines, plan],
  ['ten times the plan', 10 * lines, plan],
  ['state', lines, state],
  ['ten times the state', 10 * lines, state],
].map(([name, wanted, make], i) => {
  const place = join(folder, String(i));
  mkdirSync(place);
  if (wanted > 0) writeFileSync(join(place, make === plan ? 'plan.json' : 'state.json'), sized(make, wanted));
  return {
    name,
    place,
    size: wanted > 0 ? statSync(join(place, make === plan ? 'plan.json' : 'state.json')).size : 0,
  };
});

const measured = cases.map(() => []);
for (let round = 0; round < rounds; round++)
  for (const [i, { place }] of cases.entries()) measured[i].push(measure(place));
rmSync(folder, { recursive: true });

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const results = measured.map((all) => ({
  cpu: median(all.map((one) => one.cpu)),
  memory: median(all.map((one) => one.memory)),
}));
const [base] = results;
let failed = false;
const beyond = results.map(({ cpu, memory }) => ({ cpu: cpu - base.cpu, memory: memory - base.memory }));
for (const [i, { name, size }] of cases.entries()) {
  if (i === 0) {
    console.log(`an empty folder        ${base.cpu.toFixed(2)} s CPU, ${megabytes(base.memory)} MB`);
    continue;
  }
  const times = beyond[i].memory / size;
  failed ||= times > 6;
  console.log(
    `${name.padEnd(22)} ${beyond[i].cpu.toFixed(2)} s CPU beyond that, ${megabytes(size)} MB of text, peak ${megabytes(beyond[i].memory)} MB above: ${times.toFixed(1)} times (bound 6)`,
  );
}
for (const [small, large] of [
  [1, 2],
  [3, 4],
]) {
  const growth = beyond[large].cpu / beyond[small].cpu;
  const ratio = cases[large].size / cases[small].size;
  failed ||= growth > 1.3 * ratio;
  console.log(
    `${ratio.toFixed(1)} times the ${cases[small].name} takes ${growth.toFixed(1)} times the CPU (bound ${(1.3 * ratio).toFixed(1)})`,
  );
}
process.exitCode = failed ? 1 : 0;

function megabytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}

function measure(place) {
  const { stderr, status } = spawnSync(process.execPath, [script, 'lint', '.', '--fail-on', 'never'], {
    cwd: place,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${place} ended with ${status}: ${stderr.slice(0, 2000)}`);
  return JSON.parse(stderr.trim().split('\n').at(-1));
}

/** As many machines as give that many lines. */
function sized(make, wanted) {
  const count = (text) => text.split('\n').length;
  const text = (machines) => JSON.stringify(make(machines), null, 2);
  const each = (count(text(40)) - count(text(20))) / 20;
  return text(Math.round(wanted / each));
}

function resource(type, name, index, module = '') {
  return {
    address: `${module}${type}.${name}${index === undefined ? '' : `[${JSON.stringify(index)}]`}`,
    mode: 'managed',
    type,
    name,
    ...(index !== undefined && { index }),
    provider_name: 'registry.terraform.io/hashicorp/azurerm',
  };
}

function contents(machines, known) {
  const group = 'rg-backup';
  const subscription = '11111111-1111-1111-1111-111111111111';
  const base = `/subscriptions/${subscription}/resourceGroups/${group}/providers`;
  const list = [];
  const add = (type, name, index, id, values, unknown) =>
    list.push({
      entry: resource(type, name, index),
      values: known ? { ...values, ...unknown, id } : values,
      unknown: Object.fromEntries(Object.keys({ id, ...unknown }).map((key) => [key, true])),
    });
  const vaults = Math.ceil(machines / 100);
  for (let i = 0; i < vaults; i++) {
    const vault = `${base}/Microsoft.RecoveryServices/vaults/rsv-${i}`;
    add(
      'azurerm_recovery_services_vault',
      'vault',
      i,
      vault,
      {
        classic_vmware_replication_enabled: null,
        cross_region_restore_enabled: false,
        encryption: [],
        identity: [],
        location: 'westeurope',
        monitoring: [],
        name: `rsv-${i}`,
        public_network_access_enabled: true,
        resource_group_name: group,
        sku: 'Standard',
        soft_delete_enabled: true,
        storage_mode_type: 'GeoRedundant',
        tags: { team: 'platform' },
        timeouts: null,
      },
      { immutability: 'Unlocked' },
    );
    for (let j = 0; j < 5; j++)
      add(
        'azurerm_backup_policy_vm',
        'policy',
        `${i}-${j}`,
        `${vault}/backupPolicies/policy-${j}`,
        {
          backup: [{ frequency: 'Daily', hour_duration: null, hour_interval: null, time: '23:00', weekdays: null }],
          instant_restore_resource_group: [],
          name: `policy-${j}`,
          policy_type: 'V2',
          recovery_vault_name: `rsv-${i}`,
          resource_group_name: group,
          retention_daily: [{ count: j === 4 ? 3 : 30 }],
          retention_monthly: [
            { count: 12, days: null, include_last_days: false, weekdays: ['Sunday'], weeks: ['First'] },
          ],
          retention_weekly: [{ count: 12, weekdays: ['Sunday'] }],
          retention_yearly: [],
          tiering_policy: [],
          timeouts: null,
          timezone: 'UTC',
        },
        { instant_restore_retention_days: 2 },
      );
  }
  for (let i = 0; i < machines; i++) {
    const key = `app-${String(i).padStart(5, '0')}`;
    const vault = i % vaults;
    const machine = `${base}/Microsoft.Compute/virtualMachines/vm-${key}`;
    const disk = `${base}/Microsoft.Compute/disks/disk-${key}`;
    add(
      'azurerm_linux_virtual_machine',
      'vm',
      key,
      machine,
      {
        additional_capabilities: [],
        admin_password: null,
        admin_ssh_key: [{ public_key: `ssh-rsa ${'A'.repeat(120)}`, username: 'azureuser' }],
        admin_username: 'azureuser',
        availability_set_id: null,
        boot_diagnostics: [],
        custom_data: null,
        disable_password_authentication: true,
        encryption_at_host_enabled: true,
        eviction_policy: null,
        extensions_time_budget: 'PT1H30M',
        gallery_application: [],
        identity: [],
        license_type: null,
        location: 'westeurope',
        max_bid_price: -1,
        name: `vm-${key}`,
        network_interface_ids: [`${base}/Microsoft.Network/networkInterfaces/nic-${key}`],
        os_disk: [
          {
            caching: 'ReadWrite',
            diff_disk_settings: [],
            disk_encryption_set_id: null,
            disk_size_gb: 64,
            name: `os-${key}`,
            secure_vm_disk_encryption_set_id: null,
            security_encryption_type: null,
            storage_account_type: 'Premium_LRS',
            write_accelerator_enabled: false,
          },
        ],
        patch_assessment_mode: 'ImageDefault',
        patch_mode: 'ImageDefault',
        plan: [],
        priority: 'Regular',
        proximity_placement_group_id: null,
        resource_group_name: group,
        secret: [],
        secure_boot_enabled: true,
        size: 'Standard_D4s_v5',
        source_image_id: null,
        source_image_reference: [
          { offer: 'ubuntu-24_04-lts', publisher: 'Canonical', sku: 'server', version: 'latest' },
        ],
        tags: { app: key, environment: 'production' },
        termination_notification: [],
        timeouts: null,
        user_data: null,
        virtual_machine_scale_set_id: null,
        vtpm_enabled: true,
        zone: '1',
      },
      { computer_name: `vm-${key}`, private_ip_address: '10.0.0.4', virtual_machine_id: `guid-${i}` },
    );
    add(
      'azurerm_managed_disk',
      'data',
      key,
      disk,
      {
        create_option: 'Empty',
        disk_size_gb: 128,
        edge_zone: null,
        encryption_settings: [],
        location: 'westeurope',
        name: `disk-${key}`,
        public_network_access_enabled: true,
        resource_group_name: group,
        storage_account_type: 'Premium_LRS',
        tags: null,
        timeouts: null,
        zone: '1',
      },
      { disk_iops_read_write: 500, tier: 'P10' },
    );
    add(
      'azurerm_virtual_machine_data_disk_attachment',
      'data',
      key,
      `${machine}/dataDisks/disk-${key}`,
      { caching: 'None', create_option: 'Attach', lun: 0, timeouts: null, write_accelerator_enabled: false },
      { managed_disk_id: disk, virtual_machine_id: machine },
    );
    add(
      'azurerm_backup_protected_vm',
      'vm',
      key,
      `${base}/Microsoft.RecoveryServices/vaults/rsv-${vault}/backupFabrics/Azure/protectionContainers/iaasvmcontainer;iaasvmcontainerv2;${group};vm-${key}/protectedItems/VM;iaasvmcontainerv2;${group};vm-${key}`,
      {
        exclude_disk_luns: null,
        include_disk_luns: null,
        recovery_vault_name: `rsv-${vault}`,
        resource_group_name: group,
        timeouts: null,
      },
      {
        backup_policy_id: `${base}/Microsoft.RecoveryServices/vaults/rsv-${vault}/backupPolicies/policy-${i % 5}`,
        protection_state: 'Protected',
        source_vm_id: machine,
      },
    );
  }
  return list;
}

function plan(machines) {
  const list = contents(machines, false);
  const written = (type, name, expressions) => ({
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_config_key: 'azurerm',
    expressions,
    for_each_expression: { references: ['local.all'] },
  });
  const same = (type, name) => ({ references: [`${type}.${name}`, 'each.key'] });
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: {
      root_module: {
        resources: list.map(({ entry, values }) => ({ ...entry, schema_version: 0, values, sensitive_values: {} })),
      },
    },
    resource_changes: list.map(({ entry, values, unknown }) => ({
      ...entry,
      change: {
        actions: ['create'],
        before: null,
        after: values,
        after_unknown: unknown,
        before_sensitive: false,
        after_sensitive: {},
      },
    })),
    configuration: {
      provider_config: {
        azurerm: {
          name: 'azurerm',
          full_name: 'registry.terraform.io/hashicorp/azurerm',
          version_constraint: '~> 4.80',
        },
      },
      root_module: {
        resources: [
          written('azurerm_recovery_services_vault', 'vault', {}),
          written('azurerm_backup_policy_vm', 'policy', {}),
          written('azurerm_linux_virtual_machine', 'vm', {}),
          written('azurerm_managed_disk', 'data', {}),
          written('azurerm_virtual_machine_data_disk_attachment', 'data', {
            managed_disk_id: same('azurerm_managed_disk', 'data'),
            virtual_machine_id: same('azurerm_linux_virtual_machine', 'vm'),
          }),
          written('azurerm_backup_protected_vm', 'vm', {
            source_vm_id: same('azurerm_linux_virtual_machine', 'vm'),
            backup_policy_id: { references: ['local.policy'] },
          }),
        ],
      },
    },
  };
}

function state(machines) {
  return {
    format_version: '1.0',
    terraform_version: '1.11.4',
    values: {
      root_module: {
        resources: contents(machines, true).map(({ entry, values }) => ({
          ...entry,
          schema_version: 0,
          values,
          sensitive_values: {},
        })),
      },
    },
  };
}
