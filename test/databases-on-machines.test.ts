/**
 * A machine with databases, backed up as a machine, as databases, or by a tool of its own: which rules speak about each combination.
 * The tables are those of the catalogue ("FAQ: database backup and VM backup on one machine").
 */
import { describe, expect, test } from 'vitest';
import { lintWith } from './fixture.ts';
import { template } from './model/views.ts';

const config = 'profile: strict\nbackup:\n  declaredHere: true\n';
const spoken = [
  'vm-unprotected',
  'sql-vm-without-sql-backup',
  'sql-vm-without-vm-backup',
  'sql-vm-only-automated-backup',
  'sql-vm-automated-backup-with-azure-backup',
  'sql-vm-native-backup-needs-vss-copy',
  'hana-vm-without-hana-backup',
  'hana-vm-without-vm-backup',
  'hana-vm-backup-includes-database-disks',
  'database-vm-backup-not-visible',
];

const machineId = "[resourceId('Microsoft.Compute/virtualMachines', 'vm-db')]";
const vault = { type: 'Microsoft.RecoveryServices/vaults', name: 'rsv', location: 'westeurope', properties: {} };
const item = (name: string, protectedItemType: string, policy: string): object => ({
  type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems',
  name,
  properties: {
    protectedItemType,
    sourceResourceId: machineId,
    policyId: `[resourceId('Microsoft.RecoveryServices/vaults/backupPolicies', 'rsv', '${policy}')]`,
  },
});
const machineItem = item(
  'rsv/Azure/iaasvmcontainer;iaasvmcontainerv2;rg;vm-db/vm;iaasvmcontainerv2;rg;vm-db',
  'Microsoft.Compute/virtualMachines',
  'DefaultPolicy',
);
const databaseItem = (kind: string): object =>
  item(
    `rsv/Azure/VMAppContainer;Compute;rg;vm-db/${kind}Database;instance;orders`,
    `AzureVmWorkload${kind}Database`,
    'databases',
  );

const windows = {
  imageReference: { publisher: 'MicrosoftSQLServer', offer: 'sql2022-ws2022', sku: 'web', version: 'latest' },
  osDisk: { createOption: 'FromImage' },
};
const linux = {
  imageReference: { publisher: 'SUSE', offer: 'sles-sap-15-sp5', sku: 'gen2', version: 'latest' },
  osDisk: { createOption: 'FromImage' },
};
const machine = (storageProfile: object): object => ({
  type: 'Microsoft.Compute/virtualMachines',
  name: 'vm-db',
  location: 'westeurope',
  properties: { hardwareProfile: { vmSize: 'Standard_E8s_v5' }, storageProfile },
});

async function said(resources: readonly object[]): Promise<string[]> {
  const text = template([vault, ...resources]);
  const run = await lintWith({ only: spoken }, { name: 'main.json', text, config });
  expect(run.diagnostics).toEqual([]);
  return [...new Set(run.findings.map(({ code }) => code))].sort();
}

describe('SQL Server', () => {
  const registration = (enable: boolean): object => ({
    type: 'Microsoft.SqlVirtualMachine/sqlVirtualMachines',
    name: 'vm-db',
    location: 'westeurope',
    properties: {
      virtualMachineResourceId: machineId,
      sqlServerLicenseType: 'PAYG',
      autoBackupSettings: enable ? { enable, retentionPeriod: 30 } : { enable },
    },
  });

  test.each([
    { asMachine: true, asDatabases: true, automated: false, expected: [] },
    { asMachine: true, asDatabases: false, automated: false, expected: ['sql-vm-without-sql-backup'] },
    { asMachine: false, asDatabases: true, automated: false, expected: ['sql-vm-without-vm-backup'] },
    {
      asMachine: false,
      asDatabases: false,
      automated: false,
      expected: ['sql-vm-without-sql-backup', 'vm-unprotected'],
    },
    { asMachine: true, asDatabases: true, automated: true, expected: ['sql-vm-automated-backup-with-azure-backup'] },
    {
      asMachine: false,
      asDatabases: true,
      automated: true,
      expected: ['sql-vm-automated-backup-with-azure-backup', 'sql-vm-without-vm-backup'],
    },
    {
      asMachine: true,
      asDatabases: false,
      automated: true,
      expected: ['sql-vm-native-backup-needs-vss-copy', 'sql-vm-only-automated-backup'],
    },
    {
      asMachine: false,
      asDatabases: false,
      automated: true,
      expected: ['sql-vm-only-automated-backup', 'vm-unprotected'],
    },
  ])('VM backup $asMachine, database backup $asDatabases, Automated Backup $automated', async (row) => {
    const resources = [machine(windows), registration(row.automated)];
    if (row.asMachine) resources.push(machineItem);
    if (row.asDatabases) resources.push(databaseItem('SQL'));
    expect(await said(resources)).toEqual(row.expected);
  });
});

describe('SAP', () => {
  const registered = {
    type: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers',
    name: 'rsv/Azure/VMAppContainer;Compute;rg;vm-db',
    properties: {
      backupManagementType: 'AzureWorkload',
      containerType: 'VMAppContainer',
      workloadType: 'SAPHanaDatabase',
      sourceResourceId: machineId,
    },
  };

  test.each([
    { asMachine: true, asDatabases: 'SAPHana', expected: [] },
    { asMachine: true, asDatabases: undefined, expected: ['hana-vm-without-hana-backup'] },
    { asMachine: false, asDatabases: 'SAPHana', expected: ['hana-vm-without-vm-backup'] },
    { asMachine: false, asDatabases: undefined, expected: ['hana-vm-without-hana-backup', 'vm-unprotected'] },
  ])('HANA: VM backup $asMachine, database backup $asDatabases', async ({ asMachine, asDatabases, expected }) => {
    const resources = [machine(linux), registered];
    if (asMachine) resources.push(machineItem);
    if (asDatabases) resources.push(databaseItem(asDatabases));
    expect(await said(resources)).toEqual(expected);
  });

  test('ASE without VM backup', async () => {
    expect(await said([machine(linux), databaseItem('SAPAse')])).toEqual(['hana-vm-without-vm-backup']);
  });
});
