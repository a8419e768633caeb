/** Values that are made when somebody asks for them. */

/** Prepared when first needed: boot asks for few. */
export function lazy<T>(create: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= create();
    return value;
  };
}
