/** Terraform's functions over network addresses in CIDR notation. */
import type { BuiltIn } from '../evaluate.ts';
import { failure, list, type Num, type Str, text, type Value } from '../value.ts';
import { integerOf } from './number.ts';
import { define } from './signature.ts';
import { numberType, stringType } from './types.ts';

type At = Value['at'];

interface Network {
  /** The address with the host's bits cleared. */
  readonly base: bigint;
  readonly prefix: number;
  /** 32 or 128. */
  readonly size: number;
}

export const networkFunctions: readonly (readonly [string, BuiltIn])[] = [
  [
    'cidrhost',
    define({
      takes: [stringType, numberType],
      apply: ([prefix, host], call) => {
        const network = parseNetwork((prefix as Str).value);
        const index = integerOf(host as Num);
        if (!network) return notNetwork(call);
        if (index === undefined) return failure('cidrhost() needs a whole number', call);
        const hosts = 1n << BigInt(network.size - network.prefix);
        // Counted from the end where negative.
        if (index >= hosts || -index > hosts) return failure(`the prefix has no host number ${index}`, call);
        return text(addressText(network.base + (index < 0n ? hosts + index : index), network.size), call);
      },
    }),
  ],
  [
    'cidrnetmask',
    define({
      takes: [stringType],
      apply: ([prefix], call) => {
        const network = parseNetwork((prefix as Str).value);
        if (!network) return notNetwork(call);
        if (network.size === 128) return failure('cidrnetmask() is for IPv4', call);
        return text(addressText(mask(network.prefix, network.size), network.size), call);
      },
    }),
  ],
  [
    'cidrsubnet',
    define({
      takes: [stringType, numberType, numberType],
      apply: ([prefix, bits, index], call) => {
        const network = parseNetwork((prefix as Str).value);
        const more = integerOf(bits as Num);
        const wanted = integerOf(index as Num);
        if (!network) return notNetwork(call);
        if (more === undefined || wanted === undefined) return failure('cidrsubnet() needs whole numbers', call);
        const length = BigInt(network.prefix) + more;
        if (length > BigInt(network.size) || length < 0n)
          return failure(`a prefix of ${network.prefix} cannot be extended by ${more}`, call);
        if (more >= 0n && wanted >= 1n << more) return failure(`there is no subnet number ${wanted}`, call);
        const placed = network.base | (wanted << (BigInt(network.size) - length));
        // Terraform takes a negative result as its absolute value.
        const base = BigInt.asUintN(network.size, placed < 0n ? -placed : placed);
        return text(`${addressText(base, network.size)}/${length}`, call);
      },
    }),
  ],
  ['cidrsubnets', define({ takes: [stringType], rest: numberType, apply: subnets })],
];

function notNetwork(at: At): Value {
  return failure('the text is no address prefix like "10.0.0.0/16"', at);
}

function mask(prefix: number, size: number): bigint {
  return ((1n << BigInt(prefix)) - 1n) << BigInt(size - prefix);
}

function parseNetwork(of: string): Network | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(of);
  if (!match) return undefined;
  const prefix = Number(match[2]);
  const four = parseFour(match[1]!);
  const address = four ?? parseSix(match[1]!);
  const size = four === undefined ? 128 : 32;
  if (address === undefined || prefix > size) return undefined;
  return { base: address & mask(prefix, size), prefix, size };
}

/** Terraform still takes leading zeros, as decimal. */
function parseFour(of: string): bigint | undefined {
  const parts = of.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && part.length < 10 && Number(part) < 256))
    return undefined;
  return parts.reduce((all, part) => (all << 8n) | BigInt(Number(part)), 0n);
}

function parseSix(of: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(of);
  if (tail) {
    const four = parseFour(tail[2]!);
    if (four === undefined) return undefined;
    return parseSix(`${tail[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`);
  }
  const halves = of.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  const all = [...groups[0]!, ...Array<string>(8 - count).fill('0'), ...(groups[1] ?? [])];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function addressText(address: bigint, size: number): string {
  if (size === 32) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((address >> BigInt(112 - 16 * i)) & 0xffffn));
  let longest = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > longest.length) longest = { start: i, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (longest.start === -1) return hex.join(':');
  return `${hex.slice(0, longest.start).join(':')}::${hex.slice(longest.start + longest.length).join(':')}`;
}

/** One subnet after the other, each aligned to its own size. */
function subnets(args: readonly Value[], call: At): Value {
  const network = parseNetwork((args[0] as Str).value);
  if (!network) return notNetwork(call);
  const end = network.base + (1n << BigInt(network.size - network.prefix));
  let next = network.base;
  const items: Value[] = [];
  for (const bits of args.slice(1) as Num[]) {
    const more = integerOf(bits);
    if (more === undefined || more < 1n) return failure('cidrsubnets() extends a prefix by one bit or more', call);
    if (more > 32n) return failure('cidrsubnets() extends a prefix by at most 32 bits', call);
    const length = network.prefix + Number(more);
    if (length > network.size) return failure(`a prefix of ${length} bits is too long`, call);
    const step = 1n << BigInt(network.size - length);
    const start = ((next + step - 1n) / step) * step;
    if (start + step > end) return failure('there is no space left for so many subnets', call);
    items.push(text(`${addressText(start, network.size)}/${length}`, call));
    next = start + step;
  }
  return list(items, call, 'list');
}
