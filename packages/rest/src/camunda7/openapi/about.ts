/** What a route of the Camunda 7 face says of itself beside its path, for `GET /engine-rest/openapi.json`. */

export interface RouteAbout {
  /** Rows that can be sorted and paged, or how many there are; default: neither. */
  readonly answers?: 'list' | 'count';
  /** Names of its parameters: in the query string, or members of the body. */
  readonly query?: readonly string[];
  /** A list: what it can be sorted by. */
  readonly sortBy?: readonly string[];
}
