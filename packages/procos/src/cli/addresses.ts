/** Where the server says in a refusal "see /api/…", the shell says how it is seen there. */
const COMMANDS: Readonly<Record<string, string>> = {
  '/api/processes?state=all': 'procos ps --all',
  '/api/incidents?state=all': 'procos incidents --all',
  '/api/batches': 'procos batch list --all',
  '/api/tasks': 'procos tasks',
  '/api/services': 'procos services',
  '/api/definitions': 'the definitions in the console',
  '/api/definitions?all=true': 'the definitions in the console',
  '/api/decisions': 'the decisions in the console',
  '/api/decisions?all=true': 'the decisions in the console',
};

export function inShellWords(message: string): string {
  return message.replace(/\/api\/[a-z]+(\?[a-z]+=[a-z]+)?/g, (address) => COMMANDS[address] ?? address);
}
