/**
 * Built-in definitions of Azure Policy by what they certainly do not do: set up a backup, or change a setting that backup reads.
 * Only those that people assign often; of any other one it is not known.
 */

/** From Azure/azure-policy, built-in-policies/policyDefinitions. */
const harmless: ReadonlyMap<string, string> = new Map([
  ['726aca4c-86e9-4b04-b0c5-073027359532', 'Add a tag to resource groups'],
  ['4f9dc7db-30c1-420c-b61a-e1d640128d26', 'Add a tag to resources'],
  ['96d9a89c-0d67-41fc-899d-2b9599f76a24', 'Add a tag to subscriptions'],
  ['d157c373-a6c4-483d-aaad-570756956268', 'Add or replace a tag on resource groups'],
  ['5ffd78d9-436d-4b41-a421-5baa819e3008', 'Add or replace a tag on resources'],
  ['61a4d60b-7326-440e-8051-9f94394d4dd1', 'Add or replace a tag on subscriptions'],
  ['e56962a6-4747-49cd-b67b-bf8b01975c4c', 'Allowed locations'],
  ['e765b5de-1225-4ba3-bd56-1ac6695af988', 'Allowed locations for resource groups'],
  ['a08ec900-254a-4555-9bf5-e42af04b5c5c', 'Allowed resource types'],
  ['cccc23c7-8427-4f53-ad12-b6a63eb452b3', 'Allowed virtual machine size SKUs'],
  ['9ea02ca2-71db-412d-8b00-7c7ca9fcd32d', 'Append a tag and its value from the resource group'],
  ['49c88fc8-6fd1-46fd-a676-f12d1d3a4c71', 'Append a tag and its value to resource groups'],
  ['2a0e14a6-b0a6-4fab-991a-187a4f81c498', 'Append a tag and its value to resources'],
  ['06a78e20-9358-41c9-923c-fb736d382a4d', 'Audit VMs that do not use managed disks'],
  ['0a914e76-4921-4c19-b460-a2d36003525a', 'Audit resource location matches resource group location'],
  ['a451c1ef-c6ca-483d-87ed-f49761e3ffb5', 'Audit usage of custom RBAC roles'],
  ['013e242c-8828-4970-87b3-ab247555486d', 'Azure Backup should be enabled for Virtual Machines'],
  [
    '2465583e-4e78-4c15-b6be-a36cbc7c8b0f',
    'Configure Azure Activity logs to stream to specified Log Analytics workspace',
  ],
  ['b99b73e7-074b-4089-9395-b7236f094491', 'Configure Azure Defender for Azure SQL database to be enabled'],
  ['8e86a5b6-b9bd-49d1-8e21-4bb8a0862222', 'Configure Azure Defender for servers to be enabled'],
  ['36d49e87-48c4-4f2e-beed-ba4ed02b71f5', 'Configure Azure Defender to be enabled on SQL servers'],
  [
    'a4034bc6-ae50-406d-bf76-50f4ee5a7811',
    'Configure Linux virtual machines to run Azure Monitor Agent with system-assigned managed identity-based authentication',
  ],
  ['c9ddb292-b203-4738-aead-18e2716e858f', 'Configure Microsoft Defender for Containers to be enabled'],
  ['1f725891-01c0-420a-9059-4fa46cb770b7', 'Configure Microsoft Defender for Key Vault plan'],
  ['cfdc5972-75b3-4418-8ae1-7f5c36839390', 'Configure Microsoft Defender for Storage to be enabled'],
  [
    'ca817e41-e85a-4783-bc7f-dc532d36235e',
    'Configure Windows virtual machines to run Azure Monitor Agent using system-assigned managed identity',
  ],
  [
    '59efceea-0c96-497e-a4a1-4eb2290dac15',
    'Configure periodic checking for missing system updates on azure virtual machines',
  ],
  ['a8eff44f-8c92-45c3-a3fb-9880802d67a7', 'Deploy Azure Policy Add-on to Azure Kubernetes Service clusters'],
  ['86a912f6-9a06-4e26-b447-11b16ba8659f', 'Deploy SQL DB transparent data encryption'],
  [
    'ffb6f416-7bd2-4488-8828-56585fef2be9',
    'Deploy export to Log Analytics workspace for Microsoft Defender for Cloud data',
  ],
  ['b03bb370-5249-4ea4-9fce-2552e87e45fa', 'Disks and OS image should support TrustedLaunch'],
  ['176b7c36-ac64-4f15-a296-50bd7fafab12', 'Do Not Allow M365 resources'],
  ['335d919a-dc24-4a94-b7cb-9f81b1a8156f', 'Do Not Allow MCPP resources'],
  ['78460a36-508a-49a4-b2b2-2f5ec564f4bb', 'Do not allow deletion of resource types'],
  ['16fabb5c-7379-4433-8009-042066fa3a16', 'Exclude Usage Costs Resources'],
  ['cd3aa116-8754-49c9-a813-ad46512ece54', 'Inherit a tag from the resource group'],
  ['ea3f2387-9b95-492a-a190-fcdc54f7b070', 'Inherit a tag from the resource group if missing'],
  ['b27a0cbd-a167-4dfa-ae64-4337be671140', 'Inherit a tag from the subscription'],
  ['40df99da-1232-49b1-a39a-6da8d878f469', 'Inherit a tag from the subscription if missing'],
  ['0b60c0b2-2dc2-4e1c-b5c9-abbed971de53', 'Key vaults should have deletion protection enabled'],
  ['1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d', 'Key vaults should have soft delete enabled'],
  ['95edb821-ddaf-4404-9732-666045e056b4', 'Kubernetes cluster should not allow privileged containers'],
  ['1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d', 'Kubernetes clusters should be accessible only over HTTPS'],
  ['1c6e92c9-99f0-4e55-9cf2-0c234dc48f99', 'Kubernetes clusters should not allow container privilege escalation'],
  ['88c0b9da-ce96-4b03-9635-f29a937e2900', 'Network interfaces should disable IP forwarding'],
  ['83a86a26-fd1f-447c-b59d-e51f44264114', 'Network interfaces should not have public IPs'],
  ['6c112d4e-5bc7-47ae-a041-ea2d9dccd749', 'Not allowed resource types'],
  ['c0e996f8-39cf-4af9-9f45-83fbde810432', 'Only approved VM extensions should be installed'],
  ['8ce3da23-7156-49e4-b145-24f95f9dcb46', 'Require a tag and its value on resource groups'],
  ['1e30110a-5ceb-460c-a204-c1c3969c6d62', 'Require a tag and its value on resources'],
  ['96670d01-0a4d-4649-9c89-2d3abc0a5025', 'Require a tag on resource groups'],
  ['871b6d14-10aa-478d-b590-94f262ecfa99', 'Require a tag on resources'],
  ['404c3081-a854-4457-ae30-26a93ef643f9', 'Secure transfer to storage accounts should be enabled'],
  ['4fa4b6c0-31ca-4c0d-b10d-24b96f62a751', 'Storage account public access should be disallowed'],
  ['7433c107-6db4-4ad1-b57a-a76dce0154a1', 'Storage accounts should be limited by allowed SKUs'],
  ['b2982f36-99f2-4db5-8eff-283140c09693', 'Storage accounts should disable public network access'],
  ['fe83a0eb-a853-422d-aac2-1bffd182c5d0', 'Storage accounts should have the specified minimum TLS version'],
  ['34c877ad-507e-4c82-993e-3452a6e0ad3c', 'Storage accounts should restrict network access'],
  ['6fac406b-40ca-413b-bf8e-0bf964659c25', 'Storage accounts should use customer-managed key for encryption'],
  ['e71308d3-144b-4262-b144-efdc3cc90517', 'Subnets should be associated with a Network Security Group'],
  [
    '4e6c27d5-a6ee-49cf-b2b4-d8fe90fa2b8b',
    'Users must authenticate with multi-factor authentication to create or update resources',
  ],
  [
    'db4a9d17-db75-4f46-9fcb-9f9526604417',
    'Users must authenticate with multi-factor authentication to delete resources',
  ],
  ['c95b54ad-0614-4633-ab29-104b01235cbf', 'Virtual Machine should have TrustedLaunch enabled'],
  ['94de2ad3-e0c1-4caf-ad78-5d47bbc83d3d', 'Virtual networks should be protected by Azure DDoS Protection'],
]);

/** By the last part of its id. */
export function isHarmless(name: string): boolean {
  return harmless.has(name.toLowerCase());
}
