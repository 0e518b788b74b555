/**
 * The configuration as a whole: what in it is worth a backup, and what in it protects anything.
 * The one subject that is judged where nothing at all is said about backup.
 */
import type { Configuration, Resource } from '../evaluate/resource.ts';
import { describe, force, isSecret, text, unknown } from '../evaluate/value.ts';
import { atLeast, computed, listOf, pick, textOf, view } from './facts.ts';
import { armTypeOf } from './id.ts';
import { protects } from './item.ts';
import { isNode } from './machine.ts';
import type { Entity } from './model.ts';

/** `hidden`: why more may protect something than is seen. */
export function workspaceOf(
  configuration: Configuration,
  resources: readonly Resource[],
  machines: readonly Entity[],
  hidden: string | undefined,
): Entity {
  const stand: Resource = {
    address: configuration.name,
    language: configuration.language,
    type: 'workspace',
    name: text(configuration.name, configuration.at),
    presence: 'present',
    existing: false,
    body: view(configuration.at, {}),
    head: configuration.at,
    calls: [],
    scope: { subscription: unknown('a workspace has none', configuration.at) },
  };
  const nodes = new Map(machines.map((machine) => [machine.resource, isNode(machine.view)]));
  const candidates = resources.filter(
    (resource) => !resource.existing && backable(resource) && nodes.get(resource) !== true,
  );
  const certain = candidates.filter(
    (resource) => resource.presence === 'present' && !resource.many && nodes.get(resource) !== 'perhaps',
  );
  const items = resources.filter((resource) => !resource.existing && protects(resource));
  const present = items.filter((resource) => resource.presence === 'present' && !resource.many);
  const perhaps = items.find((resource) => resource.presence !== 'present' || resource.many);
  const { at } = configuration;
  return {
    subject: 'workspace',
    resource: stand,
    view: view(at, {
      datasources: listOf(
        at,
        certain.map((resource) => text(nameOrAddress(resource), resource.head)),
        candidates.length > certain.length,
      ),
      listed: computed(listed(certain.map(nameOrAddress)), at),
      protections: atLeast(
        at,
        present.map((resource) => text(resource.address, resource.head)),
        hidden ?? configuration.perhapsPart ?? (perhaps && `it is not known whether ${perhaps.address} exists`),
      ),
    }),
  };
}

function nameOrAddress(resource: Resource): string {
  const name = force(resource.name);
  const told = (name.kind === 'string' || name.kind === 'template') && !isSecret(name) ? describe(name) : undefined;
  // What a function makes is longer than what stands in the file, and nobody's name.
  return told === undefined || told.includes('(') ? resource.address : told;
}

/** The first names of a list that may be long: messages cut what is longer than a line. */
export function listed(names: readonly string[]): string {
  let text = '';
  for (const [i, name] of names.entries()) {
    const longer = i === 0 ? name : `${text}, ${name}`;
    if (i > 0 && longer.length > 60) return `${text} and ${names.length - i} more`;
    text = longer;
  }
  return text;
}

/** What makes a configuration worth asking about backup; storage accounts alone are no reason. */
function backable(resource: Resource): boolean {
  const type = armTypeOf(resource) ?? resource.type;
  const arm = resource.type.includes('/');
  const protocol = pick(resource.body, arm ? 'properties.enabledProtocols' : 'enabled_protocol', arm);
  // Shares with NFS cannot be protected.
  if (textOf(protocol?.value)?.toLowerCase() === 'nfs') return false;
  return [
    'microsoft.compute/virtualmachines',
    'azurerm_storage_share',
    'microsoft.storage/storageaccounts/fileservices/shares',
    'azurerm_postgresql_flexible_server',
    'microsoft.dbforpostgresql/flexibleservers',
    'azurerm_mysql_flexible_server',
    'microsoft.dbformysql/flexibleservers',
  ].includes(type.toLowerCase());
}
