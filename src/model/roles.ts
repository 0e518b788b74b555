/**
 * Built-in roles by name. Takes a role as an assignment writes it, by name or by the GUID of its definition; gives its name.
 * Of any other role, a custom one perhaps, it is not known what it allows.
 */

/** Roles that backup needs, and those that are given in their place (arm.md 8.1; Azure's list of built-in roles). */
const guids: Readonly<Record<string, string>> = {
  '3e5e47e6-65f7-47ef-90b5-e5dd4d455f24': 'Disk Backup Reader',
  '7efff54f-a5b4-42b5-a1c5-5411624893ce': 'Disk Snapshot Contributor',
  'b50d9833-a0cb-478e-945f-707fcc997c13': 'Disk Restore Operator',
  'e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1': 'Storage Account Backup Contributor',
  'c088a766-074b-43ba-90d4-1fb21feae531': 'PostgreSQL Flexible Server Long Term Retention Backup Role',
  'd18ad5f3-1baf-4119-b49b-d944edb1f9d0': 'MySQL Backup And Export Operator',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
  '230815da-be43-4aae-9cb4-875f7bd000aa': 'Cosmos DB Operator',
  'db7b14f2-5adf-42da-9f96-f2ee17bab5cb': 'CosmosBackupOperator',
  '1c4770c0-34f7-4110-a1ea-a5855cc7a939': 'Elastic SAN Snapshot Exporter',
  '90e8b822-3e73-47b5-868a-787dc80c008f': 'Elastic SAN Volume Importer',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '959f8984-c045-4866-89c7-12bf9737be2e': 'Data Operator for Managed Disks',
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
  '69566ab7-960f-475b-8e7c-b3118f30c6bd': 'Storage File Data Privileged Contributor',
  '17d1049b-9a84-46fb-8f53-869881c3d3ab': 'Storage Account Contributor',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'afc680e2-a938-412d-b213-9a49efa7fb83': 'Azure Backup Snapshot Contributor',
  '5e467623-bb1f-42f4-a55d-6e525e11384b': 'Backup Contributor',
  '00c29273-979b-4161-815c-10b084fb9324': 'Backup Operator',
  'a795c7a0-d4a2-40c1-ae25-d81f01202912': 'Backup Reader',
  'c2a970b4-16a7-4a51-8c84-8a8ea6ee0bb8': 'Backup MUA Admin',
  'f54b6d04-23c6-443e-b462-9c16ab7b4a52': 'Backup MUA Operator',
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  '9980e02c-c2be-4d73-94e8-173b1dc7cf3c': 'Virtual Machine Contributor',
  'dfce8971-25e3-42e3-ba33-6055438e3080': 'VM Restore Operator',
};

/** What snapshots of database instances need on a resource group: of SQL's machine, of HANA's disks and of its snapshots. */
export const instanceSnapshotRoles = {
  machine: 'Azure Backup Snapshot Contributor',
  disks: 'Disk Backup Reader',
  snapshots: 'Disk Snapshot Contributor',
} as const;

const names: ReadonlyMap<string, string> = new Map([
  ...Object.values(guids).map((name) => [name.toLowerCase(), name] as const),
  // As the manifest of the CLI spells it.
  [
    'postgresql flexible server long term retention backup',
    'PostgreSQL Flexible Server Long Term Retention Backup Role',
  ],
]);

/** The name of a built-in role; undefined for any other. */
export function builtInRole(written: string): string | undefined {
  const folded = written.toLowerCase();
  return guids[folded] ?? names.get(folded);
}
