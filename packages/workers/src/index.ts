/** The one public face of this floor: the worker host, its topics and its settings. */
export { runWorkerHost } from './host.ts';
export type { HostChannel, HostToKernel, KernelToHost } from './host-channel.ts';
export { processChannel } from './host-channel.ts';
export { type PureHandlers, pureHandlers } from './pure.ts';
export type { SettingRow } from './settings.ts';
export { expectedOf, WORKER_SETTINGS } from './settings.ts';
export { BUILTIN_TOPICS } from './topics.ts';
