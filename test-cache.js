// Loaded before the tests: what one test file compiles, sources without their types among it, the next one finds compiled.
import { join } from 'node:path';

process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/procos-tests');
