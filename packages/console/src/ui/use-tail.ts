/** The newest part of a list that may have grown long, with a way to see all of it. */
import { useState } from 'react';

const atFirst = 200;

/** `rows` are oldest first. */
export function useTail<T>(rows: readonly T[]): {
  readonly shown: readonly T[];
  readonly hidden: number;
  readonly showAll: () => void;
} {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(-atFirst);
  return { shown, hidden: rows.length - shown.length, showAll: () => setAll(true) };
}
