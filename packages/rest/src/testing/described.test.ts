/** Holds what tests ask anyway against Camunda's description of its API, where that is beside the project. */
import assert from 'node:assert/strict';
import { Contract, type Operation, operations, shapeOf, skip } from './camunda-contract.test.ts';

export class Described {
  readonly #contract = skip === false ? new Contract() : undefined;
  readonly #operations = skip === false ? operations() : [];
  readonly #asked = new Set<string>();

  /** `path` without the prefix of the face. Fails where the answer is not as described. */
  check(method: string, path: string, status: number, text: string): void {
    const operation = this.#operationOf(method, path.split('?')[0] ?? '');
    // Who may not is told so everywhere, and it is described only here and there.
    if (this.#contract === undefined || status === 401 || status === 403) return;
    assert.ok(operation !== undefined, `${method} ${path} is no operation of Camunda`);
    assert.deepEqual(this.#contract.problems(method, operation.path, status, text), [], `${method} ${path}: ${text}`);
    if (status < 300) this.#asked.add(shapeOf(method, operation.path));
  }

  /** Of these routes those that nobody has asked with success. */
  left(served: Iterable<string>): readonly string[] {
    return skip === false ? [...served].filter((shape) => !this.#asked.has(shape)) : [];
  }

  #operationOf(method: string, path: string): Operation | undefined {
    const segments = path.split('/');
    const fits = this.#operations.filter((one) => {
      const own = one.path.split('/');
      return (
        one.method === method &&
        own.length === segments.length &&
        own.every((segment, index) => segment.startsWith('{') || segment === segments[index])
      );
    });
    const variables = (one: Operation) => one.path.split('{').length;
    return fits.sort((left, right) => variables(left) - variables(right))[0];
  }
}
