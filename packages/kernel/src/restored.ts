/** The first thing that happens to a store that came back from a backup: nothing of the life that was lost may reach into it. */
import { type CommandOf, type CommandType, execute, type Subject } from '@procos/engine';
import { type Store, StoreRefusal } from '@procos/store';

/** Identities that a store gives out in one life at most; the next life begins beyond them. */
const IDENTITIES_PER_LIFE = 2 ** 36;
/** The life after it would give out identities by which a large instance could not be kept in parts. */
const LAST_LIFE = 255;
const TASKS_PER_COMMAND = 500;

export interface RestoredOptions {
  readonly store: Store;
  /** Ms since the epoch. */
  readonly now: number;
  /** Who restored it, for the audit. */
  readonly by: Subject;
  /** How far the identities of the lost life had come, where that is known: it may have begun with the same backup. */
  readonly lastId?: number;
}

/**
 * Workers of the lost life may still hold tasks and report on them: their locks end, and new identities begin where no
 * old one reaches, so that a late report cannot meet another task of the same number.
 */
export function beginNewLife({ store, now, by, lastId = 0 }: RestoredOptions): void {
  const records = store.lastSequence;
  const life = Math.floor(Math.max(store.ids.last, lastId) / IDENTITIES_PER_LIFE);
  if (life >= LAST_LIFE) {
    const text = `One store in the place of the other, this one was restored ${life} times: it has no identities for another life. Bring its instances into a new store (procos snapshot), or use a backup from before a restore.`;
    throw new StoreRefusal('UNWRITABLE', text);
  }
  store.ids.skipTo((life + 1) * IDENTITIES_PER_LIFE);
  const at = Math.max(now, store.lastAt);
  run(store, { type: 'recordRestore', records }, at, by);
  let last = 0;
  for (;;) {
    const externalTaskIds = store
      .find('externalTasks', {
        where: [{ column: 'id', op: '>', value: last }],
        orderBy: [{ column: 'id' }],
        limit: TASKS_PER_COMMAND,
      })
      .map(({ id }) => id);
    if (externalTaskIds.length === 0) return;
    run(store, { type: 'fenceExternalTasks', externalTaskIds }, at, by);
    last = externalTaskIds.at(-1) ?? last;
  }
}

function run<T extends CommandType>(store: Store, command: CommandOf<T>, at: number, by: Subject): void {
  const { events } = execute<T>(command, { state: store.state, now: at, ids: store.ids, zone: 'UTC' });
  const { kind, id } = by;
  const sequence = store.lastSequence + 1;
  store.commit([{ sequence, at, by: { kind, id }, command: command.type, lastId: store.ids.last, events }]);
}
