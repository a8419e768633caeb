/** The state of an instance as a dot and a word. */

export function StateBadge({ state, suspended = false }: { readonly state: string; readonly suspended?: boolean }) {
  // An incident of a suspended process is what to look at first.
  const shown = suspended && state === 'active' ? 'suspended' : state;
  return (
    <span className="state" data-state={shown} data-testid="state">
      {shown}
    </span>
  );
}
