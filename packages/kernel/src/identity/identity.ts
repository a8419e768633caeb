/** Everything about who asks, put together. */
import type { State, Subject } from '@procos/engine';
import { createGate } from '../gate.ts';
import type { Gate } from '../kernel-port.ts';
import { rolesHeld } from '../policy/access.ts';
import { Readers } from '../policy/readers.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { Access, type AccessOptions, type Authentication } from './access.ts';
import type { Caller } from './caller.ts';
import { Directory } from './directory.ts';
import { FourEyes } from './four-eyes.ts';
import { IdentityRequests, type RequestsOptions } from './requests.ts';

export interface Identity {
  /** Proves who asks. */
  readonly access: Access;
  readonly directory: Directory;
  readonly fourEyes: FourEyes;
  /** The roles that models may hold against who asks; undefined: none. */
  readonly rolesOf: (by: Subject) => readonly string[] | undefined;
  /** The engine as somebody sees it, whose models may hide what is in their instances. */
  readonly engineFor: (by: Subject) => ProcessEngine;
  /** Takes changes in. */
  readonly requests: IdentityRequests;
}

export interface IdentityOptions extends Pick<RequestsOptions, 'engine' | 'submit'>, Pick<AccessOptions, 'onWrong'> {
  readonly authentication: Authentication;
  /** Reads the identities as they are now. */
  readonly read: <R>(ask: (identities: State['identities']) => R) => R;
  /** Ms since the epoch. */
  readonly now: () => number;
}

export function createIdentity(options: IdentityOptions): Identity & { readonly gate: Gate } {
  const { authentication, read, now, engine, submit } = options;
  const directory = new Directory(read);
  const gate = createGate({ authentication }, directory);
  const access = new Access({ authentication, directory, now, ...(options.onWrong && { onWrong: options.onWrong }) });
  const fourEyes = new FourEyes({ directory, authentication, gate });
  const requests = new IdentityRequests({ access, directory, identities: () => read((rows) => rows), engine, submit });
  const resolve = (by: Subject): Caller => directory.resolve(by);
  const rolesOf = (by: Subject) => (authentication === 'required' ? rolesHeld(by, resolve) : undefined);
  const readers = new Readers(engine);
  const engineFor = (by: Subject) => readers.engineFor(by);
  return { access, directory, fourEyes, rolesOf, engineFor, requests, gate };
}
