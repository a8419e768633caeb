/** Opens a store that lives as long as the host: for tests and the test kit. */
import type { VerifiableStore } from '../contract.ts';
import { CoreStore } from '../core.ts';
import { FORMAT } from '../format.ts';
import { Health } from '../health.ts';
import { createMemoryBackend } from './backend.ts';

export function createMemoryStore(): VerifiableStore {
  return new CoreStore(createMemoryBackend(), new Health(), { kind: 'memory', path: null, format: FORMAT });
}
