/** Remembers the routes as they are declared, for `GET /engine-rest/openapi.json`. */
import type { Declare, Method } from '../../call.ts';
import type { RouteAbout } from './about.ts';

export interface DescribedRoute {
  readonly method: Method;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly action: string;
  readonly about: RouteAbout;
}

export class FaceDescription {
  readonly #routes: DescribedRoute[] = [];
  #document: unknown;

  /** Declares routes as they come. */
  declareOn(route: Declare): Declare {
    return (method, path, action, handler, about) => {
      this.#routes.push({ method, path, action, about: (about ?? {}) as RouteAbout });
      route(method, path, action, handler);
    };
  }

  /** What writes it is loaded when somebody asks; to write it takes as long as some hundred answers. */
  async document(version: string): Promise<unknown> {
    if (this.#document === undefined) {
      const { documentOf } = await import('./document.ts');
      this.#document = documentOf(this.#routes, version);
    }
    return this.#document;
  }
}
