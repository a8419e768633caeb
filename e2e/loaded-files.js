// Given to Node by --import: writes the path of every module that the process loads into a file of its own in PROCOS_TEST_LOADED.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

const list = join(process.env.LOADED_FILES, String(process.pid));
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('node:')) appendFileSync(list, `${url}\n`);
    return nextLoad(url, context);
  },
});
