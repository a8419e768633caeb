/** Declares the routes of a list: by a query string, where Camunda has that by a body too, and the counts of both. */
import type { Declare, Handler } from '../call.ts';
import type { RouteAbout } from './openapi/about.ts';

export interface ListRoutes {
  readonly list: Handler;
  readonly count: Handler;
  /** What the list takes. */
  readonly spec: {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly sortBy: Readonly<Record<string, unknown>>;
  };
  /** By a body too. Default: neither. */
  readonly posts?: 'list' | 'list and count';
}

export function listRoutes(
  route: Declare,
  path: string,
  action: string,
  { list, count, spec, posts }: ListRoutes,
): void {
  const parameters = Object.keys(spec.parameters);
  const about: RouteAbout = { answers: 'list', query: parameters, sortBy: Object.keys(spec.sortBy) };
  const counted: RouteAbout = { answers: 'count', query: parameters };
  route('GET', path, action, list, about);
  route('GET', `${path}/count`, action, count, counted);
  if (posts !== undefined) route('POST', path, action, list, about);
  if (posts === 'list and count') route('POST', `${path}/count`, action, count, counted);
}
