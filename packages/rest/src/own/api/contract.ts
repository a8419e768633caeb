/** What each route of `/api` and `/proc` says of itself: for `GET /api/openapi.json`, and for the check of what comes in. */
import type { Handler, Method } from '../../call.ts';

/** Of a query parameter: any text, `true` or `false`, a whole number from 0, or one of these words. */
export type ParameterKind = 'text' | 'flag' | 'whole' | readonly string[];

export interface ParameterAbout {
  readonly about: string;
  readonly kind?: ParameterKind;
  readonly required?: boolean;
}

/** A type of `@procos/protocol` (schemas.json), or a list of it. */
export type TypeName = string;

export interface RouteAbout {
  /** One sentence. */
  readonly about: string;
  /** By name; absent: none. Others are refused. */
  readonly query?: Readonly<Record<string, ParameterAbout>>;
  /** A JSON object of this type, bytes, or the files of a form (`multipart/form-data`); absent: none is read. */
  readonly body?: TypeName | { readonly bytes: string } | { readonly form: string };
  /** The handler judges the members itself, each by itself: what is wrong with one does not refuse the others. */
  readonly judgesBody?: true;
  /** Of a JSON answer; with `media` of another one; absent: 204, nothing. */
  readonly answer?: TypeName;
  /** Media types of an answer that is not JSON, or not always. */
  readonly media?: readonly string[];
  /** Default 200, or 204 without an answer. */
  readonly status?: number | readonly number[];
}

/** Declares a route of our own face: it says what it takes and gives. */
export type OwnDeclare = (method: Method, path: string, action: string, handler: Handler, about: RouteAbout) => void;
