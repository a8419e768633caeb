/** What owners have set, found by whom it is for without asking the medium: it is asked for at every start. */
import type { Control, ControlRows } from '@procos/engine';

export function controlRows(
  rows: Pick<ControlRows, 'get' | 'put' | 'delete'>,
  all: () => Iterable<Control>,
): ControlRows {
  /** More than there are, after a rollback: what it names is looked at. */
  let known: Map<string, number> | undefined;
  const ids = (): Map<string, number> => {
    known ??= new Map([...all()].map(({ id, target }) => [keyOf(target), id]));
    return known;
  };
  return {
    ...rows,
    put(control) {
      ids().set(keyOf(control.target), control.id);
      rows.put(control);
    },
    get none() {
      return ids().size === 0;
    },
    of(target) {
      if (ids().size === 0) return undefined;
      const key = keyOf(target);
      const id = ids().get(key);
      const control = id === undefined ? undefined : rows.get(id);
      return control !== undefined && keyOf(control.target) === key ? control : undefined;
    },
  };
}

function keyOf(target: Control['target']): string {
  return target.kind === 'tenant'
    ? JSON.stringify([target.tenantId])
    : JSON.stringify([target.tenantId, target.bpmnProcessId, target.version]);
}
