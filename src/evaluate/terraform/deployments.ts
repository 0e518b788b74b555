/** Which resources of Terraform deploy ARM templates: what tells whether templates need to be looked into at all. */

import type { ScopeKind } from '../arm/scope.ts';
import type { Configuration, Resource } from '../resource.ts';
import { force, memberOf } from '../value.ts';

export const deploymentScopes: Readonly<Record<string, ScopeKind>> = {
  azurerm_resource_group_template_deployment: 'resourceGroup',
  azurerm_template_deployment: 'resourceGroup',
  azurerm_subscription_template_deployment: 'subscription',
  azurerm_management_group_template_deployment: 'managementGroup',
  azurerm_tenant_template_deployment: 'tenant',
};

export function deploysTemplates({ resources }: Configuration): boolean {
  return resources.some((resource) => resource.type in deploymentScopes || isAzapiDeployment(resource));
}

/** Of a type that is not known it is not taken for one. */
export function isAzapiDeployment({ type, body, existing }: Resource): boolean {
  if (type !== 'azapi_resource' || existing) return false;
  const value = memberOf(body, 'type')?.value;
  const written = value && force(value);
  return written?.kind === 'string' && /^microsoft\.resources\/deployments@/i.test(written.value);
}
