/** Learns by looking on which members of a body, and which query parameters, the handlers of a server look at. */
import type {} from '@fastify/multipart';
import type { FastifyRequest, RouteOptions } from 'fastify';

export interface Route {
  readonly method: string;
  readonly url: string;
}

export class Learner {
  readonly routes: Route[] = [];
  #members = new Set<string>();
  #parameters = new Set<string>();

  /** For `onRoute` of a server. */
  readonly watch = (route: RouteOptions): void => {
    for (const method of [route.method].flat()) this.routes.push({ method, url: route.url });
    const look = async (request: FastifyRequest): Promise<void> => {
      request.query = this.#watched(request.query as object, (name) => this.#parameters.add(name));
      const { body } = request;
      if (typeof body !== 'object' || body === null || request.isMultipart()) return;
      request.body = this.#watched(body, (path) => this.#members.add(path));
    };
    route.preHandler = [look, ...[route.preHandler ?? []].flat()];
  };

  /** What was looked at since the last time: members as paths, `a.b` for the member b of the object, or of the objects in the list, a. */
  taken(): { readonly members: readonly string[]; readonly parameters: readonly string[] } {
    const taken = { members: [...this.#members], parameters: [...this.#parameters] };
    this.#members = new Set();
    this.#parameters = new Set();
    return taken;
  }

  #watched<T extends object>(value: T, note: (path: string) => void, path = ''): T {
    return new Proxy(value, {
      get: (target, name) => {
        const inside = Reflect.get(target, name);
        if (typeof name !== 'string') return inside;
        const isMember = !Array.isArray(target);
        const at = isMember ? (path === '' ? name : `${path}.${name}`) : path;
        if (isMember && !(name in Object.prototype)) note(at);
        return typeof inside === 'object' && inside !== null ? this.#watched(inside, note, at) : inside;
      },
    });
  }
}
