/** The operations of a published API, written as lists of paths by their methods: tells "not served", "wrong method" and "unknown" apart. */

export interface Operations {
  /** All of them, as `GET /task/{id}`. */
  readonly all: readonly string[];
  /** The methods of a path without the prefix of its face, the one with more literal segments where several fit; undefined: no such path. */
  methodsOf(path: string): readonly string[] | undefined;
}

/**
 * Where else to look for what is not served: finds the text of the longest beginning of a path. `texts`: by beginnings, as
 * `/groups/{groupId}`, sentences without a full stop; undefined: nothing is said of that path.
 */
export function adviceBy(texts: Readonly<Record<string, string>>): (path: string) => string | undefined {
  const beginnings = Object.entries(texts)
    .map(([beginning, text]) => ({ segments: segmentsOf(beginning), text }))
    .toSorted((one, other) => other.segments.length - one.segments.length);
  return (path) => {
    const segments = segmentsOf(path);
    return beginnings.find((one) => fits(one.segments, segments.slice(0, one.segments.length)))?.text;
  };
}

interface Pattern {
  readonly path: string;
  readonly segments: readonly string[];
  readonly methods: readonly string[];
  readonly literals: number;
}

/** `paths`: by methods separated by blanks, the paths that have just these, separated by white space. */
export function operationsOf(paths: Readonly<Record<string, string>>): Operations {
  const patterns: readonly Pattern[] = Object.entries(paths).flatMap(([methods, list]) =>
    list
      .trim()
      .split(/\s+/)
      .map((path) => {
        const segments = segmentsOf(path);
        const literals = segments.filter((segment) => !isVariable(segment)).length;
        return { path, segments, methods: methods.split(' '), literals };
      }),
  );
  return {
    all: patterns.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`)),
    methodsOf(path) {
      const segments = segmentsOf(path);
      let best: Pattern | undefined;
      for (const pattern of patterns) {
        if (fits(pattern.segments, segments) && (best === undefined || pattern.literals > best.literals))
          best = pattern;
      }
      return best?.methods;
    },
  };
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((segment, at) => isVariable(segment) || segment === segments[at]);
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}
