/** The words on the wire. The one public face of this floor. */
export { encodingOf } from './encoding.ts';
export type * from './own.ts';
export type * from './registry.ts';
