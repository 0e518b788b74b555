/**
 * What a module reference in a Bicep file names -> a file on this disk.
 * Takes the text that stands after `module`, `using`, `extends` or `from`, and the folder of the file it stands in; gives the
 * file, or why there is none. Modules of a registry and template specs are looked for where `bicep restore` puts them, as the
 * nearest bicepconfig.json says; nothing is fetched.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Reader } from '../../source/reader.ts';
import { type BicepConfiguration, BicepConfigurations } from './bicepconfig.ts';

export interface ModuleReferences {
  /** `directory` is absolute. */
  resolve(text: string, directory: string): ModuleReference;
}

export type ModuleReference =
  | {
      readonly kind: 'file';
      /** Absolute; a regular file that may be read. Links are not resolved. */
      readonly path: string;
      /** A compiled template from Bicep's module cache, which is not the user's to change. */
      readonly restored?: boolean;
      readonly registry?: RegistryName;
    }
  | {
      readonly kind: 'opaque';
      /** A clause without a full stop. */
      readonly because: string;
      /** A local file that is not there. */
      readonly missing?: boolean;
      /** The compiler takes no such reference, whatever is on disk. */
      readonly invalid?: boolean;
      readonly registry?: RegistryName;
    };

/** A module in a registry, aliases resolved: `mcr.microsoft.com`, `bicep/avm/res/recovery-services/vault`, `0.9.1`. */
export interface RegistryName {
  /** Lower case, with the port where one is written. */
  readonly host: string;
  readonly repository: string;
  /** Or a digest: `sha256:` and 64 hexadecimal digits. */
  readonly tag: string;
}

export function moduleReferences(reader: Reader): ModuleReferences {
  const configurations = new BicepConfigurations(reader);
  return {
    resolve(text, directory) {
      const colon = text.indexOf(':');
      if (colon === -1 || /^[A-Za-z]:/.test(text)) return localFile(text, directory, reader);
      const [scheme, alias] = splitAt(text.slice(0, colon), '/');
      const rest = text.slice(colon + 1);
      if (scheme !== 'br' && scheme !== 'ts')
        return invalid(`"${shortened(scheme)}:" is no kind of module; write a relative path, "br:" or "ts:"`);
      if (alias !== undefined && !/^[A-Za-z0-9_-]+$/.test(alias))
        return invalid(`"${shortened(alias)}" is no name of an alias; it has letters, digits, "-" and "_"`);
      const configuration = configurations.of(directory);
      return scheme === 'br'
        ? registryModule(rest, alias, configuration, reader)
        : templateSpec(rest, alias, configuration, reader);
    },
  };
}

function localFile(text: string, directory: string, reader: Reader): ModuleReference {
  const wrong = faultIn(text);
  if (wrong) return invalid(wrong);
  const place = reader.resolve(directory, text);
  if (place && 'refused' in place) return { kind: 'opaque', because: place.refused };
  const path = place?.path ?? join(directory, text);
  const kind = place && reader.files.info(path)?.kind;
  if (kind === 'file') return { kind: 'file', path };
  const because =
    kind === 'directory'
      ? `${reader.display(path)} is a folder`
      : kind === 'other'
        ? `${reader.display(path)} is no regular file`
        : absence(path, reader);
  return { kind: 'opaque', because, missing: true };
}

/** The compiler takes only what means the same on every system. */
function faultIn(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (/^(\/|[A-Za-z]:)/.test(path)) return 'the path is absolute; write it relative to this file';
  if (path.includes('\\')) return 'the path has a backslash; write "/" instead';
  const character = /["*:<>?|]/.exec(path)?.[0];
  if (character) return `the path has the character ${character}, which is not allowed in one`;
  if (/[\0-\x1f]/.test(path)) return 'the path has a control character';
  return /[ .]$/.test(path) ? 'the path ends in a space or a dot' : undefined;
}

/** A path that was written where case does not count fails in a pipeline where it does. */
function absence(path: string, reader: Reader): string {
  const name = basename(path);
  const folder = dirname(path);
  let other: string | undefined;
  try {
    const entries = reader.files.info(folder)?.kind === 'directory' ? reader.files.list(folder) : [];
    [other] = entries.flatMap((entry) => (entry.name.toLowerCase() === name.toLowerCase() ? [entry.name] : [])).sort();
  } catch {
    // A folder that cannot be listed has no better name to offer.
  }
  const shown = reader.display(path);
  return other === undefined
    ? `there is no file ${shown}`
    : `there is no file ${shown}, but there is "${other}": case counts`;
}

function registryModule(
  rest: string,
  alias: string | undefined,
  configuration: BicepConfiguration,
  reader: Reader,
): ModuleReference {
  let full = rest;
  if (alias !== undefined) {
    const registry = configuration.text('moduleAliases', 'br', alias, 'registry');
    if (registry === undefined)
      return invalid(`no bicepconfig.json says which registry the alias "${shortened(alias)}" is`);
    const modulePath = configuration.text('moduleAliases', 'br', alias, 'modulePath');
    full = [registry, ...(modulePath === undefined ? [] : [modulePath]), rest].join('/');
  }
  const registry = registryName(full);
  if (typeof registry === 'string') return invalid(registry);
  const folder = join(
    'br',
    registry.host.replaceAll(':', '$'),
    registry.repository.replaceAll('/', '$'),
    tagFolder(registry.tag),
  );
  return { ...restored(folder, configuration, reader), registry };
}

/** `host/path/name:tag` or `host/path/name@digest`; a text says what is wrong with it. The patterns are those of OCI. */
function registryName(text: string): RegistryName | string {
  const [host, path] = splitAt(text, '/');
  if (path === undefined) return 'a module of a registry is written "br:registry/path:tag"';
  if (host.length > 255 || !/^([a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host))
    return `"${shortened(host)}" is no name of a registry`;
  const end = path.search(/[:@]/);
  const repository = end === -1 ? path : path.slice(0, end);
  if (repository.length > 255) return 'the path in the registry is longer than 255 characters';
  const segment = repository.split('/').find((part) => !/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(part));
  if (segment !== undefined)
    return `"${shortened(segment)}" is no part of a path in a registry; it has lower case letters and digits, with single ".", "_" or "-" between`;
  const tag = end === -1 ? '' : path.slice(end + 1);
  if (tag === '') return 'the reference ends without a tag or digest; write ":" and the version';
  if (path[end] === '@') {
    if (!/^sha256:[a-f0-9]{64}$/.test(tag))
      return `"${shortened(tag)}" is no digest; it is "sha256:" and 64 hexadecimal digits`;
  } else if (!/^\w[\w.-]{0,127}$/.test(tag)) return `"${shortened(tag)}" is no tag`;
  return { host: host.toLowerCase(), repository, tag };
}

/**
 * The folder of a tag. Where case does not count `V1` and `v1` would be one: a mask in hexadecimal says which characters, the
 * first being the lowest bit, are upper case. A digest, which alone has a colon, needs none.
 */
function tagFolder(tag: string): string {
  if (tag.includes(':')) return tag.replace(':', '#');
  let mask = 0n;
  for (let i = 0; i < tag.length; i++) if (/[A-Z]/.test(tag[i]!)) mask |= 1n << BigInt(i);
  return `${tag}$${mask === 0n ? '' : mask.toString(16)}`;
}

function templateSpec(
  rest: string,
  alias: string | undefined,
  configuration: BicepConfiguration,
  reader: Reader,
): ModuleReference {
  let full = rest;
  if (alias !== undefined) {
    const subscription = configuration.text('moduleAliases', 'ts', alias, 'subscription');
    const group = configuration.text('moduleAliases', 'ts', alias, 'resourceGroup');
    if (subscription === undefined || group === undefined)
      return invalid(
        `no bicepconfig.json says which subscription and resource group the alias "${shortened(alias)}" is`,
      );
    full = `${subscription}/${group}/${rest}`;
  }
  const [, subscription = '', group = '', name = '', version = ''] =
    /^([^/]*)\/([^/]*)\/([^/:]*):([^/:]*)$/.exec(full) ?? [];
  if (subscription === '') return invalid('a template spec is written "ts:subscription/resourceGroup/name:version"');
  if (!/^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(subscription))
    return invalid(`"${shortened(subscription)}" is no id of a subscription`);
  // None of the three can end in a dot, so none is "..".
  if (!/^[\p{L}\p{Nd}_.()-]{0,89}[\p{L}\p{Nd}_()-]$/u.test(group))
    return invalid(`"${shortened(group)}" is no name of a resource group`);
  for (const part of [name, version])
    if (!/^[\p{L}\p{Mn}\p{Nd}\p{Pc}.()-]{0,89}[\p{L}\p{Mn}\p{Nd}\p{Pc}()-]$/u.test(part))
      return invalid(`"${shortened(part)}" is no ${part === name ? 'name' : 'version'} of a template spec`);
  return restored(join('ts', subscription, group, name, version).toLowerCase(), configuration, reader);
}

function restored(folder: string, configuration: BicepConfiguration, reader: Reader): ModuleReference {
  const root = cacheRoot(configuration, reader.files.home);
  if ('because' in root) return { kind: 'opaque', because: root.because };
  const place = reader.restored(root.path, folder);
  if (!place) return { kind: 'opaque', because: 'it is not on disk; `bicep restore` would fetch it' };
  return 'refused' in place
    ? { kind: 'opaque', because: place.refused }
    : { kind: 'file', path: place.path, restored: true };
}

function cacheRoot(
  configuration: BicepConfiguration,
  home: string | undefined,
): { path: string } | { because: string } {
  const written = configuration.text('cacheRootDirectory')?.trim() || '~/.bicep';
  if (/^~([\\/]|$)/.test(written)) {
    if (home !== undefined && isAbsolute(home)) return { path: join(home, written.slice(1)) };
    return { because: 'the home folder is not known, so neither is where `bicep restore` would put it' };
  }
  // A share is reached over the network, and a repository must not choose to whom this machine introduces itself.
  if (/^[\\/]{2}/.test(written)) return { because: 'the "cacheRootDirectory" in bicepconfig.json is a network share' };
  if (isAbsolute(written)) return { path: written };
  return { because: 'the "cacheRootDirectory" in bicepconfig.json is not absolute on this system' };
}

function invalid(because: string): ModuleReference {
  return { kind: 'opaque', because, invalid: true };
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** What is quoted in a message is as long as its author made it. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
