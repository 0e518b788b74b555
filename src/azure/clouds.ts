/** Where Azure answers, by cloud. */
import type { CloudName } from './inventory.ts';

export interface Cloud {
  readonly name: CloudName;
  /** Origin of Azure Resource Manager. */
  readonly arm: string;
  /** Origin where one signs in. */
  readonly authority: string;
}

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: {
    name: 'AzureCloud',
    arm: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
  },
  AzureUSGovernment: {
    name: 'AzureUSGovernment',
    arm: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
  },
  AzureChinaCloud: {
    name: 'AzureChinaCloud',
    arm: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
  },
};

/**
 * The same cloud behind another origin. Tokens are asked for that origin, so that Azure gives none of its own for a stranger's;
 * undefined where it is no https origin.
 */
export function withEndpoint(cloud: Cloud, endpoint: string): Cloud | undefined {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return undefined;
  }
  const isPlain =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return url.protocol === 'https:' && isPlain ? { ...cloud, arm: url.origin } : undefined;
}
