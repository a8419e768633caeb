/** What an interrupted restore leaves, and how a start tells. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreRefusal } from '../contract.ts';
import { STORE } from './file-check.ts';

/** Folder of the backup on its way in. */
export const INCOMING = 'procos.db.restoring';

/** A restore that was interrupted between the two renames: starting now would begin an empty store. */
export function assertNotHalfRestored(folder: string): void {
  if (existsSync(join(folder, STORE)) || !existsSync(join(folder, INCOMING))) return;
  const text = `A restore into ${folder} was interrupted. Run procos restore with the same backup again.`;
  throw new StoreRefusal('UNWRITABLE', text);
}

/** A restore that was interrupted earlier has changed nothing, but its copy takes room. Only for who holds the lock, and has a store. */
export function removeLeftOver(folder: string): void {
  rmSync(join(folder, INCOMING), { recursive: true, force: true });
}
