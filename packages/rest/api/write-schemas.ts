/** `npm run docs:api`: writes the schemas of `/api` beside its routes. */
import { writeFileSync } from 'node:fs';
import { protocolSchemas } from './schemas.ts';

const target = new URL('../src/own/api/schemas.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(protocolSchemas(), null, 2)}\n`);
