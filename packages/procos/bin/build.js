// Builds ProcOS as npm install does, whichever Node from 20 on runs this file. An installation where it does not work is complete all the same.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isTooOld, pinnedNode } from './node.js';

if (isTooOld()) {
  // Without one nothing starts: that is said, and who installs goes on.
  const node = await pinnedNode();
  if (node !== undefined) spawnSync(node, [fileURLToPath(import.meta.url)], { stdio: 'inherit' });
} else {
  try {
    // Loaded here: an older Node cannot read it.
    const { make } = await import('./build-all.js');
    await make();
  } catch (error) {
    console.warn(`ProcOS was not built (${error.message}); it runs from its sources, and starts take longer.`);
  }
}
