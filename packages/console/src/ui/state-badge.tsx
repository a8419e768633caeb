/** The state of an instance as a dot and a word. */

export function StateBadge({ state }: { readonly state: string }) {
  return (
    <span className="state" data-state={state} data-testid="state">
      {state}
    </span>
  );
}
