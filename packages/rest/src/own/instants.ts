/** Instants on `/api`: ISO-8601 in UTC. */

export function instant(at: number): string {
  return new Date(at).toISOString();
}

export function optionalInstant(at: number | null): string | null {
  return at === null ? null : instant(at);
}
