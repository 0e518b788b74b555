/**
 * Rows of networks, as Resource Graph gives them in columns: of a subnet also the hundreds of addresses in it, of a rule what somebody
 * wrote about it. Takes a row, and gives one with what decides where traffic may go, or its properties as they stand in a template.
 */
import type { Row } from './inventory.ts';
import { objectOf, spelt } from './row.ts';

type Small = (properties: Row) => Row;

const id = (value: unknown): Row | undefined => {
  const { id: own } = objectOf(value);
  return own === undefined ? undefined : { id: own };
};

/** Of each member of a list, by its column. */
const small: Readonly<Record<string, Small>> = {
  ipConfigurations: ({ subnet }) => ({ subnet: id(subnet) }),
  subnets: ({ addressPrefix, addressPrefixes, networkSecurityGroup, routeTable }) => ({
    addressPrefix,
    addressPrefixes,
    networkSecurityGroup: id(networkSecurityGroup),
    routeTable: id(routeTable),
  }),
  peerings: ({ useRemoteGateways }) => ({ useRemoteGateways }),
  securityRules: ({ description: _, provisioningState: __, ...rule }) => rule,
};

export function smallNetwork(row: Row): Row {
  const result: Record<string, unknown> = { ...row };
  for (const [column, ofMember] of Object.entries(small)) {
    const list = spelt(row[column]);
    if (Array.isArray(list))
      result[column] = list.map(objectOf).map(({ name, properties }) => ({
        name,
        properties: ofMember(objectOf(properties)),
      }));
    else delete result[column];
  }
  return result;
}

/** undefined: not told. */
export function networkIn({ ipConfigurations, subnets, peerings, securityRules }: Row): Row | undefined {
  if (ipConfigurations) return { ipConfigurations };
  if (subnets) return { subnets, virtualNetworkPeerings: peerings };
  return securityRules ? { securityRules } : undefined;
}
