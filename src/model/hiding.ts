/** What may protect things without naming them: assignments, Automanage, scripts. One answer per resource, as a reason. */
import type { Resource } from '../evaluate/resource.ts';
import type { Obj } from '../evaluate/value.ts';
import { pick, textOf } from './facts.ts';

/** What may protect what it does not name: policy assignments, Automanage, intents, templates that are not looked into. */
export function mayProtect(resource: Resource): string | undefined {
  const type = resource.type.toLowerCase();
  const { address } = resource;
  if (
    (isAssignment(type) && mayAct(resource)) ||
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

/** Whether an assignment may set anything up: one that is not enforced does not, nor a built-in definition that only audits or denies. */
export function mayAct({ type, body }: Pick<Resource, 'type' | 'body'>): boolean {
  const arm = type.includes('/');
  const enforcement = pick(body, arm ? 'properties.enforcementMode' : 'enforce', arm)?.value;
  if (enforcement?.kind === 'bool' ? !enforcement.value : textOf(enforcement)?.toLowerCase() === 'donotenforce')
    return false;
  const definition = textOf(pick(body, arm ? 'properties.policyDefinitionId' : 'policy_definition_id', arm)?.value);
  if (!/^\/providers\/microsoft\.authorization\/policydefinitions\/[^/]+$/i.test(definition ?? '')) return true;
  const effect = effectOf(body, arm);
  return effect === undefined || !/^(?:audit|auditifnotexists|deny|denyaction|disabled|manual)$/i.test(effect);
}

/** What the assignment gives for the parameter `effect`; azurerm takes the parameters as a JSON text. */
function effectOf(body: Obj, arm: boolean): string | undefined {
  if (arm) return textOf(pick(body, 'properties.parameters.effect.value', true)?.value);
  const written = textOf(pick(body, 'parameters', false)?.value);
  // Longer ones are not written by hand.
  if (written === undefined || written.length > 100_000) return undefined;
  try {
    const effect: unknown = JSON.parse(written)?.effect?.value;
    return typeof effect === 'string' ? effect : undefined;
  } catch {
    return undefined;
  }
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
