/** A JSON value as it is; lists and objects over several lines. */
export function Value({ value }: { readonly value: unknown }) {
  const structured = typeof value === 'object' && value !== null;
  const kind = value === null ? 'null' : typeof value;
  return (
    <pre className={`value value-${kind}`}>{structured ? JSON.stringify(value, null, 2) : JSON.stringify(value)}</pre>
  );
}
