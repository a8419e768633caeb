/** Addresses of the web console's pages. The server answers these with the console and everything else that it does not know with 404; the console has one page for each. */
export const CONSOLE_PAGES = [
  '/',
  '/processes',
  '/processes/:pid',
  '/definitions',
  '/definitions/:definitionId',
  '/decisions',
  '/decisions/:decisionDefinitionId',
  '/tasks/:taskId?',
  '/incidents',
  '/batches',
  '/workers',
  '/limits',
  '/events',
] as const;
export type ConsolePage = (typeof CONSOLE_PAGES)[number];

/** Whether a path, without its query, is that of a page; `:name` stands for one segment, `:name?` for one or none. */
export function isConsolePage(path: string): boolean {
  const given = segmentsOf(path);
  return CONSOLE_PAGES.some((page) => {
    const names = segmentsOf(page);
    return given.length <= names.length && names.every((name, at) => fits(name, given[at]));
  });
}

function fits(name: string, segment: string | undefined): boolean {
  if (segment === undefined) return name.endsWith('?');
  return name.startsWith(':') || name === segment;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
