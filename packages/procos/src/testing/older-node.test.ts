/** A Node before 24, for the tests of what every Node from 20 on starts. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** An older Node on the PATH, as a stranger's machine may have it. */
function olderNode(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (/^v(20|22|23)\./.test(stdout ?? '')) return node;
  }
  return undefined;
}

export const older: string | undefined = olderNode();
const required = process.env['PROCOS_REQUIRE_ALL'] === '1';
export const skip: string | false =
  older === undefined && !required ? 'no Node 20 or 22 on the PATH (apt-get install nodejs)' : false;
