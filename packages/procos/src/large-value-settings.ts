/** Settings of values that are kept beside the records. */
import { LARGE_VALUES, type LargeValueSettings } from '@procos/kernel';
import type { Setting } from './setting.ts';

const MOST = 'PROCOS_LIMIT_LARGE_VALUE';
const KEPT = 'PROCOS_UPLOAD_KEPT_MS';

export const LARGE_VALUE_SETTINGS: readonly Setting[] = [
  {
    name: 'limit-large-value',
    variable: MOST,
    fallback: String(LARGE_VALUES.mostBytes),
    about: 'One value that is kept out of line because it is larger than `limit-variable-size`, in bytes.',
    refuse: wholeNumber,
  },
  {
    name: 'upload-kept-ms',
    variable: KEPT,
    fallback: String(LARGE_VALUES.keptMs),
    about: 'How long the content of a large value is kept that no variable names (yet), ms.',
    refuse: wholeNumber,
  },
];

function wholeNumber(text: string): string | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? undefined : 'a whole number from 1 to 999999999';
}

/** `text`: the value of a setting, by its variable. */
export function readLargeValues(text: (variable: string) => string): LargeValueSettings {
  return { mostBytes: Number(text(MOST)), keptMs: Number(text(KEPT)) };
}
