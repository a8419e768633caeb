/** Who asks, as Camunda names a user. */

/** null: nobody has said who he is, or no person asks. */
export function userOf({ by }: { readonly by: { readonly kind: string; readonly id: string } }): string | null {
  const person = by.kind === 'user' || (by.kind === 'anonymous' && by.id !== 'anonymous');
  return person ? by.id : null;
}
