/** What a route of the Camunda 7 face says of itself beside its path, for `GET /engine-rest/openapi.json`. */

export interface RouteAbout {
  /** Default: one object, or nothing. `bytes`: the content of a file or a value. */
  readonly answers?: 'list' | 'count' | 'bytes' | 'text';
  /** Names of its parameters: in the query string, or members of the body. */
  readonly query?: readonly string[];
  /** A list: what it can be sorted by. */
  readonly sortBy?: readonly string[];
}
