/** The guest of a virtual machine as its declaration tells: whether the agent may run, and which release the image holds. */
import type { Resource } from '../evaluate/resource.ts';
import { reasonOf } from '../evaluate/value.ts';
import { computed, type Fact, fallback, mapped, pick, textOf, undecided } from './facts.ts';

const flags = { true: true, false: false };

export function guestFacts(machine: Resource): Record<string, Fact | undefined> {
  const arm = machine.type.includes('/');
  const at = (...paths: readonly string[]): Fact | undefined =>
    mapped(
      paths.map((path) => pick(machine.body, path, arm)).find((fact) => fact !== undefined),
      flags,
    );
  // The provider fills these in (azurerm 2.99 to 5.2, `virtual_machine` resources of one system).
  const isFilled = /^azurerm_(?:linux|windows)_virtual_machine$/.test(machine.type) && !machine.existing;
  const filled = (fact: Fact | undefined, value: boolean): Fact | undefined =>
    isFilled ? fallback(fact, value, machine.head) : fact;
  return {
    agent: arm
      ? at(
          'properties.osProfile.windowsConfiguration.provisionVMAgent',
          'properties.osProfile.linuxConfiguration.provisionVMAgent',
        )
      : filled(at('provision_vm_agent', 'os_profile_windows_config[0].provision_vm_agent'), true),
    extensionsAllowed: arm
      ? at('properties.osProfile.allowExtensionOperations')
      : filled(at('allow_extension_operations'), true),
    osWriteAccelerator: arm
      ? at('properties.storageProfile.osDisk.writeAcceleratorEnabled')
      : filled(at('os_disk[0].write_accelerator_enabled', 'storage_os_disk[0].write_accelerator_enabled'), false),
    release: release(machine, arm),
  };
}

/** `Windows Server 2012 R2`, `SLES 15 SP5`, `RHEL 8.6`; unknown where the image does not tell. */
function release({ body, head }: Resource, arm: boolean): Fact {
  const images = arm
    ? ['properties.storageProfile.imageReference']
    : ['source_image_reference[0]', 'storage_image_reference[0]'];
  const image = images.find((path) => pick(body, path, arm) !== undefined);
  if (image === undefined) return undecided('no image says which release the machine runs', head);
  const of = (name: string): Fact | undefined => pick(body, `${image}.${name}`, arm);
  const [publisher, offer, sku] = [of('publisher'), of('offer'), of('sku')];
  const because = [publisher, offer, sku].map((fact) => fact && reasonOf(fact.value)).find((reason) => reason);
  const by = textOf(publisher?.value)?.toLowerCase();
  const product = textOf(offer?.value)?.toLowerCase();
  const edition = textOf(sku?.value)?.toLowerCase();
  const answer = (text: string | undefined, from: Fact | undefined): Fact => {
    const place = from ?? publisher;
    if (text === undefined || !place)
      return undecided(because ?? 'the image does not say which release it holds', place?.at ?? head);
    return { at: place.at, value: { ...computed(text, place.value.at).value, via: place.value.via } };
  };
  if (by === 'microsoftwindowsserver' && product === 'windowsserver') return answer(windows(edition), sku);
  // Images of SQL Server say it in the offer: `sql2014sp3-ws2012r2`.
  if (by === 'microsoftsqlserver') return answer(windows(product?.split('-ws')[1]), offer);
  if (by === 'suse') return suse(product, edition, (text, inOffer) => answer(text, inOffer ? offer : sku));
  if (by === 'redhat' && product?.startsWith('rhel')) return answer(redHat(edition), sku);
  return answer(undefined, undefined);
}

function windows(text: string | undefined): string | undefined {
  const match = text === undefined ? null : /^(20(?:08|12|16|19|22|25))(?:-?(r2))?/.exec(text);
  return match ? `Windows Server ${match[1]}${match[2] ? ' R2' : ''}` : undefined;
}

/** In the offer (`sles-sap-15-sp5`); older images have it in the SKU (`12-sp4`). */
function suse(
  offer: string | undefined,
  sku: string | undefined,
  answer: (text: string | undefined, inOffer: boolean) => Fact,
): Fact {
  const named = (match: RegExpExecArray | null): string | undefined =>
    match ? `SLES ${match[1]}${match[2] === undefined ? ' SP0' : ` SP${match[2]}`}` : undefined;
  const own = offer === undefined ? null : /^sles(?:-[a-z]+)*-(\d\d)(?:-sp(\d))?(?:-|$)/.exec(offer);
  if (own) return answer(named(own), true);
  if (offer === undefined || !/^sles(?:-[a-z]+)*$/.test(offer)) return answer(undefined, true);
  return answer(named(sku === undefined ? null : /^(\d\d)(?:-sp(\d))?$/.exec(sku)), false);
}

/** `8.6`, `8_6`, `86sapha-gen2`, `810-gen2`; a SKU without minor version moves on. */
function redHat(sku: string | undefined): string | undefined {
  const match = sku === undefined ? null : /^([6-9])(?:[._](\d{1,2})|(\d{1,2}))(?![\d.])/.exec(sku);
  return match ? `RHEL ${match[1]}.${match[2] ?? match[3]}` : undefined;
}
