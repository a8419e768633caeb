/** Writes modeler/element-templates out of docs/workers.md: `npm run docs:templates`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { templatesOf } from './templates.ts';

const document = readFileSync(new URL('../docs/workers.md', import.meta.url), 'utf8');
for (const [topic, template] of templatesOf(document))
  writeFileSync(
    new URL(`./element-templates/${topic}.json`, import.meta.url),
    `${JSON.stringify(template, null, 2)}\n`,
  );
