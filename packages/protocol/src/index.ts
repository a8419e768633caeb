/** The words on the wire. The one public face of this floor. */
export type * from './own.ts';
