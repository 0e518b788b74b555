/** What may protect things without naming them: assignments, Automanage, scripts. One answer per resource, as a reason. */
import { spelt } from '../evaluate/encoded.ts';
import type { Resource } from '../evaluate/resource.ts';
import { type Obj, unknown, type Value } from '../evaluate/value.ts';
import { pick, textOf } from './facts.ts';
import { parseId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
import { isHarmless } from './policy-definitions.ts';

/**
 * What may protect what it does not name: policy assignments, Automanage, intents, templates that are not looked into. What assignments
 * have set up in Azure shows there.
 */
export function mayProtect(resource: Resource, around: Definitions): string | undefined {
  const type = resource.type.toLowerCase();
  const { address } = resource;
  if (
    (resource.language !== 'live' && isAssignment(type) && mayAct(resource, around)) ||
    (type.endsWith('/backupprotectionintent') && !isDatabaseIntent(resource))
  )
    return `${address} may protect it`;
  if (type.includes('automanage')) return `Automanage (${address}) may protect it`;
  if (runsCommands(resource)) return `${address} runs commands and may protect it`;
  return isScript(type) ? `${address} is not looked into and may protect it` : undefined;
}

function isAssignment(type: string): boolean {
  return /^azurerm_(.*_)?policy_assignment$/.test(type) || type === 'microsoft.authorization/policyassignments';
}

/** What is asked about the rest of the configuration: definitions of Azure Policy that stand in it. */
export type Definitions = Pick<Surroundings, 'ofType' | 'at' | 'idOf' | 'find'>;

/**
 * Whether an assignment may set anything up: one that is not enforced does not, nor does a definition that only audits or denies.
 * A change of a resource (modify, append) counts as setting up, since it may switch on what protects.
 */
export function mayAct({ type, body }: Pick<Resource, 'type' | 'body'>, around: Definitions): boolean {
  const arm = type.includes('/');
  const enforcement = pick(body, arm ? 'properties.enforcementMode' : 'enforce', arm)?.value;
  if (enforcement?.kind === 'bool' ? !enforcement.value : textOf(enforcement)?.toLowerCase() === 'donotenforce')
    return false;
  const id = pick(body, arm ? 'properties.policyDefinitionId' : 'policy_definition_id', arm)?.value;
  const builtIn = /^\/providers\/microsoft\.authorization\/policydefinitions\/([^/]+)$/i.exec(textOf(id) ?? '')?.[1];
  if (builtIn !== undefined) {
    const effect = givenTo(body, arm, 'effect');
    return !isHarmless(builtIn) && !(effect && onlyJudges(effect));
  }
  const declared = id ? definitionsBehind(id, around) : [];
  return declared.length === 0 || declared.some((definition) => mayCreate(definition, body, arm));
}

const definitionTypes = [
  'azurerm_policy_definition',
  'azurerm_management_group_policy_definition',
  'microsoft.authorization/policydefinitions',
];

/** The definitions of this configuration that an id may mean; those that are only looked up say nothing. */
function definitionsBehind(id: Value, around: Definitions): Resource[] {
  const declared = around.ofType(...definitionTypes);
  if (declared.length === 0) return [];
  const named = id.kind === 'symbol' && id.of?.path === 'id' ? around.at(id.of.address) : undefined;
  const target = parseId(id, around.find);
  const name = target && textOf(target.names.at(-1));
  const alike = declared.filter((definition) => {
    if (named) return definition === named;
    const own = around.idOf(definition);
    const same = sameId(own, target);
    return same ?? (name !== undefined && textOf(own?.names.at(-1))?.toLowerCase() === name.toLowerCase());
  });
  return alike.some(({ existing, many }) => existing || many) ? [] : alike;
}

/** Whether what a definition does, as this assignment sets it, may be more than to judge. */
function mayCreate(definition: Resource, assignment: Obj, arm: boolean): boolean {
  const own = definition.type.includes('/');
  const rule = own
    ? pick(definition.body, 'properties.policyRule', true)?.value
    : spelled(pick(definition.body, 'policy_rule', false)?.value);
  const effect = rule && pick(rule, 'then.effect', true)?.value;
  const parameter = /^\[parameters\('(\w+)'\)\]$/.exec(textOf(effect) ?? '')?.[1];
  if (parameter === undefined) return !(effect && onlyJudges(effect));
  const parameters = own
    ? pick(definition.body, 'properties.parameters', true)?.value
    : spelled(pick(definition.body, 'parameters', false)?.value);
  const stated = (name: string): Value | undefined =>
    parameters && pick(parameters, `${parameter}.${name}`, true)?.value;
  const allowed = stated('allowedValues');
  if (allowed?.kind === 'list' && !allowed.open && allowed.items.length > 0 && allowed.items.every(onlyJudges))
    return false;
  const given = givenTo(assignment, arm, parameter) ?? stated('defaultValue');
  return !(given && onlyJudges(given));
}

function onlyJudges(effect: Value): boolean {
  return /^(?:audit|auditaction|auditifnotexists|deny|denyaction|disabled|manual)$/i.test(textOf(effect) ?? '');
}

/** What an assignment gives for a parameter; azurerm takes the parameters as a JSON text. */
function givenTo(body: Obj, arm: boolean, name: string): Value | undefined {
  const written = arm
    ? pick(body, 'properties.parameters', true)?.value
    : spelled(pick(body, 'parameters', false)?.value);
  if (written === undefined) return undefined;
  // Where parameters are not known, the one that is asked for may be among them.
  if (written.kind !== 'object' || written.open) return pick(written, `${name}.value`, true)?.value ?? written;
  return pick(written, `${name}.value`, true)?.value;
}

function spelled(json: Value | undefined): Value | undefined {
  // Longer ones are not written by hand.
  if (json?.kind === 'string' && json.value.length > 100_000)
    return unknown('the text is too long to be read', json.at);
  return json && spelt(json);
}

/** Auto-protection of databases protects no machine; for databases it counts as an item. */
function isDatabaseIntent({ body }: Resource): boolean {
  const kind = textOf(pick(body, 'properties.protectionIntentItemType', true)?.value)?.toLowerCase();
  return kind?.startsWith('azureworkload') ?? false;
}

/** Whether it runs commands or scripts, which may do anything in Azure: give a role, register an account. */
export function runsAnything(resource: Resource): boolean {
  return runsCommands(resource) || isScript(resource.type.toLowerCase());
}

function isScript(type: string): boolean {
  return (
    type === 'microsoft.resources/deploymentscripts' ||
    type.startsWith('azurerm_resource_deployment_script_') ||
    scriptRunners.has(type)
  );
}

/** What sends requests to any interface or runs scripts (`az backup protection enable-for-vm`) by itself. */
const scriptRunners = new Set(['shell_script', 'restapi_object', 'ansible_playbook']);

/** By a provisioner; plans and states do not show whether what people hang them on has one. */
function runsCommands({ type, runsCommands }: Resource): boolean {
  return runsCommands ?? (type === 'null_resource' || type === 'terraform_data');
}
