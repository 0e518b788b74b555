/**
 * Provisioners of a resource -> whether what they run may reach Azure, and so protect anything.
 * Takes blocks and the names in force. Only commands that are known, word by word, to do nothing of the kind count as
 * harmless: installing packages, making folders, waiting. Whatever is not known, names a tool or runs a file may do anything.
 */
import type { Block } from '../../parse/hcl-tree.ts';
import { type Environment, evaluate } from '../evaluate.ts';
import { force, isScalar, isSecret, type Value } from '../value.ts';
import { attributeOf } from './module.ts';

export function mayReachAzure(provisioners: readonly Block[], env: Environment): boolean {
  return provisioners.some((block) => !isHarmless(block, env));
}

function isHarmless(block: Block, env: Environment): boolean {
  const given = (name: string): Value | undefined => {
    const attribute = attributeOf(block, name);
    return attribute && force(evaluate(attribute.value, env));
  };
  switch (block.labels[0]?.text) {
    case 'file':
      return true;
    case 'local-exec':
      return isShell(given('interpreter')) && isHarmlessText(given('command'));
    case 'remote-exec': {
      const inline = given('inline');
      const isFile = attributeOf(block, 'script') || attributeOf(block, 'scripts');
      return !isFile && inline?.kind === 'list' && !inline.open && inline.items.every(isHarmlessText);
    }
    default:
      return false;
  }
}

function isShell(interpreter: Value | undefined): boolean {
  if (!interpreter) return true;
  if (interpreter.kind !== 'list' || interpreter.open) return false;
  const words = interpreter.items.map((item) => {
    const word = force(item);
    return word.kind === 'string' ? word.value : undefined;
  });
  return /^(?:\/bin\/|\/usr\/bin\/)?(?:ba)?sh$/.test(words[0] ?? '') && words.slice(1).join(' ') === '-c';
}

function isHarmlessText(value: Value | undefined): boolean {
  const commands = value && textOf(force(value));
  if (commands === undefined || suspicious.test(commands)) return false;
  // A line that goes on is one; a separator inside of quotes only makes more parts, each of which has to be harmless.
  const parts = commands.replace(/\\\r?\n/g, ' ').split(/[\n\r;|&]+/);
  return parts.every((part) => isHarmlessCommand(part.trim()));
}

/** What a resource computes is an address or a name; any other hole may be a command of its own. */
const computed = 'computed-value';

function textOf(value: Value): string | undefined {
  if (isSecret(value)) return undefined;
  if (isScalar(value)) return String(value.value);
  if (value.kind !== 'template') return undefined;
  const parts = value.parts.map((part) => {
    if (typeof part === 'string') return part;
    return part.kind === 'symbol' && part.of && part.of.path !== '' ? computed : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** Tools that reach Azure, files that are run, commands inside of commands, and what runs them later. */
const suspicious =
  /\baz\b|azcopy|azure|backup|recovery|management|terraform|tofu|ansible|cron|systemd|script|\.(?:sh|ps1|py|deb|rpm)\b|[`{}()]|<[<(]|\$\(/i;

const harmless = new Set(
  [
    'apt apt-get yum dnf zypper apk',
    'echo printf true false exit test [ : set export cd sleep date hostname hostnamectl whoami id uname',
    'mkdir rmdir touch cp mv rm ln ls cat chmod chown grep sed tar gzip gunzip unzip tee',
    'mount umount mkfs mkfs.ext4 mkfs.xfs parted swapon',
    'useradd usermod groupadd systemctl service reboot shutdown ufw firewall-cmd iptables sysctl',
    'ping nc ssh-keygen ssh-keyscan nslookup dig',
    'fi done for',
  ].flatMap((names) => names.split(' ')),
);
const installers = /^(?:apt|apt-get|yum|dnf|zypper|apk)$/;

function isHarmlessCommand(command: string): boolean {
  const words = command.split(/\s+/).filter((word) => word !== '');
  while (words.length > 0 && isBefore(words[0]!)) words.shift();
  const [first, ...rest] = words;
  if (first === undefined || first.startsWith('#')) return true;
  const program = first.replace(/^\/(?:usr\/)?s?bin\//, '');
  if (/^(?:curl|wget)$/.test(program)) return !rest.some((word) => isSending(word));
  // A package that is a file or an address may do anything while it is installed.
  if (installers.test(program)) return rest.every((word) => /^[\w.+:=~-]+$/.test(word));
  return harmless.has(program);
}

/** Words that only say how the command after them is run. */
function isBefore(word: string): boolean {
  return (
    /^(?:sudo|nohup|time|if|then|else|elif|while|until|do|!|-[a-zA-Z]+)$/.test(word) ||
    (/^[A-Z_]+=[\w./-]*$/.test(word) && !/^(?:PATH|LD_|BASH_|ENV=)/.test(word))
  );
}

/** Options of curl and wget by which they do more than fetch. */
function isSending(word: string): boolean {
  return /^-[a-zA-Z]*[XdTFK]|^--(?:request|data|json|form|upload|config|post|body|method|execute|use-askpass)/.test(
    word,
  );
}
