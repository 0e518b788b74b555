/** Which resources exist together. */
import type { Resource } from '../evaluate/resource.ts';

/** Whether a resource exists wherever another one does: always, or under no condition that the other lacks. */
export function accompanies(resource: Resource, other: Resource): boolean {
  if (resource.many) return false;
  if (resource.presence === 'present') return true;
  const given = new Set(other.guard?.split('&&'));
  return resource.guard?.split('&&').every((part) => given.has(part)) ?? false;
}
