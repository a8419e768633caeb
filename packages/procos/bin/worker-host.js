// Starts a worker host process, which the kernel's environment configures.
import { entry } from './entry.js';

await import(entry('worker-host'));
