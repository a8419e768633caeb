/** Node's HTTP server. An `import` of it would read every name that it has, and one of them loads a whole HTTP client. */
import type * as Http from 'node:http';

const http: typeof Http = process.getBuiltinModule('node:http');

export const createServer: typeof Http.createServer = http.createServer;
export const maxHeaderSize: number = http.maxHeaderSize;
export const STATUS_CODES: typeof Http.STATUS_CODES = http.STATUS_CODES;
