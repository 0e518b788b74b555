/**
 * What Azure Backup can protect, beside virtual machines: which resources are datasources, by which solutions, and their facts.
 * One family per kind; what a family's own module cannot know (who protects it) is added by normalise.
 */
import type { Resource } from '../evaluate/resource.ts';
import { clusterFacts } from './cluster.ts';
import { cosmosFacts, serverFacts, sqlMachineFacts } from './database.ts';
import { diskFacts, volumeFacts } from './disk.ts';
import { armTypeOf } from './id.ts';
import type { Surroundings } from './machine.ts';
import type { Facts } from './retention.ts';
import { accountFacts, shareFacts } from './storage.ts';

export interface Family {
  /** Value of the fact `kind`. */
  readonly kind: string;
  /** Solutions whose items protect it. */
  readonly solutions: readonly string[];
  readonly facts: (resource: Resource, around: Surroundings) => Facts;
}

const disk: Family = { kind: 'azure-disk', solutions: ['azure-disk'], facts: diskFacts };
const account: Family = { kind: 'storage-account', solutions: ['azure-blob', 'adls'], facts: accountFacts };
const share: Family = { kind: 'azure-files', solutions: ['azure-files'], facts: shareFacts };
const postgresql: Family = { kind: 'postgresql', solutions: ['postgresql'], facts: serverFacts };
const mysql: Family = { kind: 'mysql', solutions: ['mysql'], facts: serverFacts };
const cluster: Family = { kind: 'aks', solutions: ['aks'], facts: clusterFacts };
const cosmos: Family = { kind: 'cosmos-db', solutions: ['cosmos-db'], facts: cosmosFacts };
const volume: Family = { kind: 'elastic-san', solutions: ['elastic-san'], facts: volumeFacts };
const sqlMachine: Family = { kind: 'sql-in-vm', solutions: ['sql-in-vm'], facts: sqlMachineFacts };

const families: Readonly<Record<string, Family>> = {
  'microsoft.compute/disks': disk,
  'microsoft.storage/storageaccounts': account,
  azurerm_storage_share: share,
  'microsoft.storage/storageaccounts/fileservices/shares': share,
  'microsoft.dbforpostgresql/flexibleservers': postgresql,
  azurerm_postgresql_server: postgresql,
  'microsoft.dbforpostgresql/servers': postgresql,
  'microsoft.dbformysql/flexibleservers': mysql,
  'microsoft.containerservice/managedclusters': cluster,
  'microsoft.documentdb/databaseaccounts': cosmos,
  'microsoft.elasticsan/elasticsans/volumegroups/volumes': volume,
  'microsoft.sqlvirtualmachine/sqlvirtualmachines': sqlMachine,
};

export function familyOf(resource: Resource): Family | undefined {
  return families[armTypeOf(resource) ?? resource.type];
}
