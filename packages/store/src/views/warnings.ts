/** View of warnings: nothing failed, but somebody should know. */
import type { Projection } from './views.ts';

export const projectWarnings: Projection = {
  warningIssued({ type: _type, ...row }, { at }, { warnings, nextRowId }) {
    warnings.put({ ...row, id: nextRowId(), at });
  },
};
