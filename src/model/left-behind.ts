/**
 * Backups that no code declares any more, since their root module or template is gone whole. Nothing happens to them by that: Terraform
 * destroys what a root no longer says, not what no root says, and a deployment that is not run deletes nothing. So it is no deletion, and
 * a note tells that they stay. Takes the models of such roots as they were and those of everything that there is now.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import { assigningIn } from './elsewhere.ts';
import { pick, textOf } from './facts.ts';
import { sameId } from './id.ts';
import type { Entity, Model } from './model.ts';
import { listed } from './workspace.ts';

/** A note for each root, at the first of what it declared. What may be declared elsewhere now is left out. `ref`: when they were. */
export function leftBehind(gone: readonly Model[], now: readonly Model[], ref: string): Diagnostic[] {
  const there = now.flatMap(({ entities }) => entities.filter(isManaged));
  const mayAssign = now.some((model) => assigningIn(model) !== undefined);
  const isLost = (entity: Entity): boolean =>
    isManaged(entity) &&
    entity.resource.presence === 'present' &&
    !entity.resource.isPatch &&
    !(mayAssign && entity.subject === 'protected-item') &&
    !there.some((other) => mayBeSame(entity, other));
  // A template had one for each of its parameter files.
  const roots = [...new Set(gone.map(({ configuration }) => configuration.name))];
  return roots.flatMap((root): Diagnostic[] => {
    const own = gone.filter(({ configuration }) => configuration.name === root);
    const lost = own.flatMap(({ entities }) => entities.filter(isLost)).map(({ resource }) => resource);
    const [first] = lost;
    if (!first) return [];
    const names = listed([...new Set(lost.map(({ address }) => address))]);
    return [
      {
        code: 'backups-left-behind',
        severity: 'note',
        message: `${root} declared backups in ${ref} (${names}), and nothing that was read declares them now. That deletes nothing: what was deployed of it stays in Azure, unmanaged.`,
        help: 'Where they are to go, destroy them while there are code and state for it. Where they are to stay, declare them where they are managed now.',
        at: first.head,
      },
    ];
  });
}

function isManaged({ subject, resource }: Entity): boolean {
  return (subject === 'vault' || subject === 'protected-item') && !resource.existing;
}

function mayBeSame(a: Entity, b: Entity): boolean {
  if (a.subject !== b.subject) return false;
  if (a.subject === 'vault') return sameId(a.id, b.id) !== false;
  return ['solution', 'sourceNames.name', 'share', 'database.name'].every((path) => {
    const [own, other] = [a, b].map(({ view }) => textOf(pick(view, path, false)?.value)?.toLowerCase());
    return own === undefined || other === undefined || own === other;
  });
}
