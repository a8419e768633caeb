// Which Node runs ProcOS. Plain JavaScript that every Node from 20 on reads.
export const NEEDED = 24;

export function isTooOld() {
  return Number.parseInt(process.versions.node, 10) < NEEDED;
}

/** The Node binary that came with the installation, looked for upwards, as modules are; undefined after saying what to do. */
export async function pinnedNode() {
  // Loaded here: whoever needs none starts sooner.
  const { existsSync } = await import('node:fs');
  const { dirname, join } = await import('node:path');
  const { fileURLToPath } = await import('node:url');
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    for (const name of pinnedNames()) {
      const file = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(file)) return file;
    }
    if (folder === dirname(folder)) break;
  }
  console.error(
    `ProcOS needs Node ${NEEDED}; this is Node ${process.versions.node} and ${pinnedNames().join(' or ')} is not installed. ` +
      `Run npm install (without --omit=optional), or start it with Node ${NEEDED} or newer.`,
  );
  return undefined;
}

function pinnedNames() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  return [`node-${system}-${process.arch}`, `node-bin-${system}-${process.arch}`];
}
