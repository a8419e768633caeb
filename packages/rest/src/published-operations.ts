/** The operations of a published API, written as lists of paths by their methods: tells "not served", "wrong method" and "unknown" apart. */

export interface Operations {
  /** All of them, as `GET /task/{id}`. */
  readonly all: readonly string[];
  /** The methods of a path without the prefix of its face, the one with more literal segments where several fit; undefined: no such path. */
  methodsOf(path: string): readonly string[] | undefined;
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
        const segments = path.slice(1).split('/');
        const literals = segments.filter((segment) => !isVariable(segment)).length;
        return { path, segments, methods: methods.split(' '), literals };
      }),
  );
  return {
    all: patterns.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`)),
    methodsOf(path) {
      const segments = path.split('/').filter((segment) => segment !== '');
      let best: Pattern | undefined;
      for (const pattern of patterns) {
        if (matches(pattern, segments) && (best === undefined || pattern.literals > best.literals)) best = pattern;
      }
      return best?.methods;
    },
  };
}

function matches(pattern: Pattern, segments: readonly string[]): boolean {
  if (pattern.segments.length !== segments.length) return false;
  return pattern.segments.every((segment, at) => isVariable(segment) || segment === segments[at]);
}

function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}
