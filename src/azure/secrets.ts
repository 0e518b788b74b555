/** Rows without what no finding needs and nobody should keep: passwords, keys and the names of who signs in. */

/** Azure gives none of the secrets back on a read; a resource provider that once did must not put them into a recording. */
const secret =
  /(?:password|secret|accesskey|accountkey|privatekey|connectionstring|sastoken|customdata|userdata|protectedsettings)$/i;

/** Of an address, what lets anyone in who has it. */
const signature = /\?[^#]*\bsig=.*$/s;

/** No secrets, yet of no use here. */
const personal =
  /^(?:adminusername|administratorlogin|ssh|createdby|updatedby|lastmodifiedby|createdbytype|lastmodifiedbytype)$/i;

export function withoutSecrets<T extends object>(row: T): T {
  return cleaned(row, 0) as T;
}

/** Deeper than any answer of Azure. */
const deepest = 100;

/** The value itself where there is nothing to take out. */
function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.includes('sig=') ? value.replace(signature, '') : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return undefined;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item = cleaned(value[i], depth + 1);
      if (item === value[i]) continue;
      copy ??= [...value];
      copy[i] = item;
    }
    return copy ?? value;
  }
  const object = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const [name, inner] of Object.entries(object)) {
    if (personal.test(name) || (secret.test(name) && inner !== null && typeof inner !== 'boolean')) {
      copy ??= { ...object };
      delete copy[name];
      continue;
    }
    const item = cleaned(inner, depth + 1);
    if (item === inner) continue;
    copy ??= { ...object };
    copy[name] = item;
  }
  return copy ?? value;
}
