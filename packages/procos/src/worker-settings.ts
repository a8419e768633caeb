/** Settings that the kernel does not use but hands on to the worker host; the workers' own table says what they mean. */
import { expectedOf, WORKER_SETTINGS as ROWS } from '@procos/workers';
import type { Setting } from './setting.ts';

/** Given by the kernel itself, so that host and kernel cannot disagree. */
const BY_KERNEL = ['PROCOS_URL', 'PROCOS_TOKEN', 'PROCOS_DATA', 'PROCOS_WORKER_ID', 'PROCOS_WORKER_SETTINGS'];

export const WORKER_SETTINGS: readonly Setting[] = ROWS.filter(({ name }) => !BY_KERNEL.includes(name)).map((row) => ({
  name: row.name
    .replace(/^PROCOS_/, '')
    .toLowerCase()
    .replaceAll('_', '-'),
  variable: row.name,
  about: row.meaning,
  refuse: (text) => expectedOf(row.name, text),
  ...(row.fallback === '' ? {} : { fallback: row.fallback }),
  ...(row.secret === true ? { secret: true } : {}),
}));
