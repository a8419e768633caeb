/** What the documents of other engines say about each row, and where that was read. */
import elsewhere from './elsewhere.json' with { type: 'json' };

export const ENGINES = ['camunda7', 'camunda8', 'bpmnEngine'] as const;
export type Engine = (typeof ENGINES)[number];

/** `?`: the pages that were read do not say. `–`: not a question for this engine. */
const ANSWERS = ['yes', 'partly', 'no', '?', '–'] as const;
export type Answer = (typeof ANSWERS)[number];

export interface Claim {
  readonly answer: Answer;
  /** Name of the page; there is one for yes, partly and no. */
  readonly page?: string;
  readonly note?: string;
}

/** Day on which the pages were read. */
export const READ: string = elsewhere.read;
/** Addresses by name. */
export const PAGES: Readonly<Record<string, string>> = elsewhere.pages;

const CLAIMS: Readonly<Record<string, Readonly<Record<Engine, string>>>> = elsewhere.rows;

export const CLAIMED_ROWS: readonly string[] = Object.keys(CLAIMS);

/** Written as `answer page note`; throws where it is not. */
export function claimOf(rowId: string, engine: Engine): Claim | undefined {
  const written = CLAIMS[rowId]?.[engine];
  if (written === undefined) return undefined;
  const [first = '', page, ...note] = written.split(' ');
  const answer = ANSWERS.find((one) => one === first);
  const needsPage = answer !== '?' && answer !== '–';
  if (answer === undefined || needsPage !== (page !== undefined) || (page !== undefined && PAGES[page] === undefined))
    throw new Error(`elsewhere.json, ${rowId}, ${engine}: '${written}' is no answer with a page that is listed`);
  return { answer, ...(page === undefined ? {} : { page }), ...(note.length === 0 ? {} : { note: note.join(' ') }) };
}
