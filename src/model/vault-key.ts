/** Customer-managed keys of vaults: the key, the key vault and the identity that must be able to use it. */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, type Obj, reasonOf, type Value } from '../evaluate/value.ts';
import { endpointOf } from './access.ts';
import { computed, type Fact, fallback, mapped, pick, region, textOf, undecided, view } from './facts.ts';
import { armTypeOf, idOfResource, parentId, parseId, sameId } from './id.ts';
import { resourceOf, type Surroundings } from './machine.ts';
import type { VaultKind } from './vault.ts';

type Facts = Record<string, Fact | Value | undefined>;

/** Facts that need a look beyond the vault: absent where the vault uses platform keys. */
export function keyFacts(vault: Resource, kind: VaultKind, facts: Facts, around: Surroundings): Facts {
  const encryption = facts['encryption'] as Fact | undefined;
  const written = encryption?.value.kind === 'object' ? encryption.value : undefined;
  const identity = facts['identity'] as Fact | undefined;
  const separate = kind === 'backup' ? separateKey(vault, around) : undefined;
  const keyReference = written?.members.get('key') ?? separate?.key;
  if (!encryption && !separate) return {};
  return {
    userIdentityAttached: written && identity ? userIdentityAttached(written, identity, around) : undefined,
    separateKey: separate?.fact,
    privateEndpoint: privateEndpoint(vault, around),
    ...(keyReference && keyMaterial(keyReference, vault, around)),
  };
}

/** Whether the identity that is to use the key is one of the vault's own. */
function userIdentityAttached(encryption: Obj, identity: Fact, around: Surroundings): Fact | undefined {
  const user = encryption.members.get('userIdentity');
  if (!user) return undefined;
  const wanted = force(user.value);
  const no: Fact = { at: user.at, value: { kind: 'bool', value: false, at: wanted.at, via: wanted.via } };
  const ids = pick(identity.value, 'userIds', false);
  if (!ids) return no;
  const list = force(ids.value);
  if (list.kind !== 'list') return undecided('the identities of the vault are not known', user.at);
  const wantedId = parseId(wanted, around.find);
  let open = list.open ?? false;
  for (const item of list.items) {
    const value = force(item);
    const same = equal(value, wanted, true) === true ? true : sameId(parseId(value, around.find), wantedId);
    if (same === true) return computed(true, user.at);
    if (same === undefined) open = true;
  }
  return open ? undecided('the identities of the vault are not known', user.at) : no;
}

/** azurerm sets the key of a Backup vault in a resource of its own, and always with the system identity. */
function separateKey(
  vault: Resource,
  around: Surroundings,
): { readonly fact: Fact; readonly key: Fact | undefined } | undefined {
  const id = around.idOf(vault);
  let doubt: Fact | undefined;
  for (const candidate of around.resources) {
    if (candidate.type !== 'azurerm_data_protection_backup_vault_customer_managed_key') continue;
    const { head } = candidate;
    const reference = pick(candidate.body, 'data_protection_backup_vault_id', false);
    const same = reference && sameId(parseId(reference.value, around.find), id);
    if (same === false || candidate.existing) continue;
    const key = pick(candidate.body, 'key_vault_key_id', false);
    if (same === true && candidate.presence === 'present') return { fact: computed(true, head), key };
    doubt ??= undecided(`${candidate.address} may set the key of the vault`, head);
  }
  return doubt && { fact: doubt, key: undefined };
}

function privateEndpoint(vault: Resource, around: Surroundings): Fact | undefined {
  const { found, doubt } = endpointOf(around.idOf(vault), around);
  if (found) return computed(true, found.head);
  return doubt === undefined ? undefined : undecided(doubt, vault.head);
}

/** Type of the key and settings of its key vault; unknown where they do not stand beside the vault. */
function keyMaterial(reference: Fact, vault: Resource, around: Surroundings): Facts {
  const key = keyOf(reference, around);
  const keyVault = key ? keyVaultOf(key, around) : keyVaultAt(reference, around);
  const unknown = (because: string): Fact => undecided(reasonOf(force(reference.value)) ?? because, reference.at);
  const isLive = vault.language === 'live';
  return {
    // Azure lets no vault have a key that is no RSA key, so one that exists has none.
    keyType: key ? keyTypeOf(key) : isLive ? undefined : unknown('the key is declared elsewhere'),
    keyVault: keyVault
      ? { at: keyVault.head, value: keyVaultView(keyVault) }
      : unknown(
          isLive
            ? (around.unread('keyVaults', vault) ?? 'the key vault is not among those that were read')
            : 'the key vault is declared elsewhere',
        ),
  };
}

function keyTypeOf({ body, type }: Resource): Fact | undefined {
  const written = type.includes('/') ? pick(body, 'properties.kty', true) : pick(body, 'key_type', false);
  return mapped(written, { rsa: 'RSA', 'rsa-hsm': 'RSA', ec: 'EC', 'ec-hsm': 'EC' });
}

function keyOf(reference: Fact, around: Surroundings): Resource | undefined {
  const isKey = (type: string): boolean => type === 'microsoft.keyvault/vaults/keys';
  const found = resourceOf(asKeyReference(reference), around, isKey);
  if (found) return found;
  const [vault, name] = addressIn(reference);
  if (vault === undefined) return undefined;
  return around.resources.find((candidate) => {
    if (candidate.existing || !isKey(armTypeOf(candidate) ?? '')) return false;
    const [ownVault, ownName] = namesOf(candidate, around);
    return ownVault === vault && ownName === name;
  });
}

/**
 * Key vault and key of a data-plane address, in lower case: names of key vaults are unique in the cloud. Other clouds have other
 * domains; an HSM, which is no key vault, is none of them.
 */
function addressIn(reference: Fact): readonly string[] {
  const address = /^https:\/\/([a-z0-9-]+)\.vault\.[^/]+\/keys\/([^/]+)/i.exec(textOf(force(reference.value)) ?? '');
  return address ? address.slice(1).map((part) => part.toLowerCase()) : [];
}

function namesOf(resource: Resource, around: Surroundings): readonly (string | undefined)[] {
  const names = (around.idOf(resource) ?? idOfResource(resource, around.find))?.names ?? [];
  return names.map((part) => textOf(force(part))?.toLowerCase());
}

const isKeyVault = (type: string): boolean => type === 'microsoft.keyvault/vaults';

/** The one that the address of a key names. */
function keyVaultAt(reference: Fact, around: Surroundings): Resource | undefined {
  const [name] = addressIn(reference);
  if (name === undefined) return undefined;
  const found = around
    .ofType('azurerm_key_vault', 'microsoft.keyvault/vaults')
    .filter((candidate) => !candidate.existing && namesOf(candidate, around)[0] === name);
  return found.length === 1 ? found[0] : undefined;
}

function keyVaultOf(key: Resource, around: Surroundings): Resource | undefined {
  if (!key.type.includes('/')) {
    const reference = pick(key.body, 'key_vault_id', false);
    return reference && resourceOf(reference, around, isKeyVault);
  }
  const id = around.idOf(key);
  const vaultId = id && parentId(id);
  return around.resources.find(
    (candidate) =>
      !candidate.existing && isKeyVault(armTypeOf(candidate) ?? '') && sameId(around.idOf(candidate), vaultId) === true,
  );
}

function keyVaultView(keyVault: Resource): Value {
  const { body, head } = keyVault;
  const arm = keyVault.type.includes('/');
  const at = (azurerm: string, path: string): Fact | undefined => pick(body, arm ? path : azurerm, arm);
  const open = { enabled: true, disabled: false, true: true, false: false, allow: true, deny: false };
  return view(head, {
    location: region(at('location', 'location')),
    purgeProtection: fallback(at('purge_protection_enabled', 'properties.enablePurgeProtection'), false, head),
    // Both ways of closing it to public networks.
    publicNetworkAccess: fallback(
      mapped(at('public_network_access_enabled', 'properties.publicNetworkAccess'), open),
      true,
      head,
    ),
    firewallOpen: fallback(
      mapped(at('network_acls[0].default_action', 'properties.networkAcls.defaultAction'), open),
      true,
      head,
    ),
  });
}

/** A key is named by its data-plane address (`.id`, `.versionless_id`, `.keyUri`), so the reference itself is followed. */
function asKeyReference(reference: Fact): Fact {
  const value = force(reference.value);
  if (value.kind !== 'symbol' || !value.of) return reference;
  const { path } = value.of;
  return /^(?:(?:resource_)?(?:versionless_)?id|\.properties\.keyUri(?:WithVersion)?)$/i.test(path)
    ? { ...reference, value: { ...value, of: { ...value.of, path: 'id' } } }
    : reference;
}
