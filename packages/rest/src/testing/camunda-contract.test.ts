/** Camunda's own description of its REST API (OpenAPI, beside the project), for the tests that hold the face against it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAPERS = fileURLToPath(new URL('../../../../../shared/camunda7/', import.meta.url));

/** Why these tests cannot run; false: they can. */
export const skip: string | false = existsSync(PAPERS)
  ? false
  : "Camunda's description of its API is not beside the project (../shared/camunda7)";

export interface Operation {
  readonly priority: 'P0' | 'P1' | 'P2';
  readonly method: string;
  /** As Camunda writes it: `/task/{id}`. */
  readonly path: string;
}

export function operations(): readonly Operation[] {
  const lines = readFileSync(`${PAPERS}operations-by-priority.txt`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [priority, method, path] = line.split(' ') as [Operation['priority'], string, string];
    return { priority, method, path };
  });
}

/** Method and path with the names of its variables left out: two faces may name them differently. */
export function shapeOf(method: string, path: string): string {
  return `${method} ${path.replace(/\{[^}]+\}|:\w+/g, '{}')}`;
}
