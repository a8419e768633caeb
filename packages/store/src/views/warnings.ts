/** View of warnings: nothing failed, but somebody should know. */
import type { Projection } from './views.ts';

export const projectWarnings: Projection = (event, { at }, { warnings, nextRowId }) => {
  if (event.type !== 'warningIssued') return;
  const { type: _type, ...row } = event;
  warnings.put({ ...row, id: nextRowId(), at });
};
