/** docs/workers.md says what the built-in workers do: topics, names, settings and examples are compared with the code. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AI_COMMON_INPUTS } from './ai/inputs.ts';
import { dataTransform } from './data/transform.ts';
import type { Inputs } from './handler.ts';
import { WORKER_SETTINGS } from './settings.ts';
import { BUILTIN_HANDLERS, BUILTIN_TOPICS, type BuiltinTopic } from './topics.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const PAGE = readFileSync(join(HERE, '../../../docs/workers.md'), 'utf8');
const SHARED_BY_AI = 'AI topics: what they share';

/** The text under a heading of the second level. */
function section(heading: string): string {
  const found = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(found, `docs/workers.md has the section '${heading}'`);
  return found;
}

/** First column of the tables whose head begins with this word. */
function names(text: string, head: 'input' | 'output'): string[] {
  const tables = text.split(/\n\n+/).filter((block) => block.startsWith(`| ${head} |`));
  return tables.flatMap((table) => [...table.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? ''));
}

function isAi({ inputs }: BuiltinTopic): boolean {
  return inputs !== 'all' && AI_COMMON_INPUTS.every((name) => inputs.includes(name));
}

/** The sections that speak of a topic, as one text. */
function about(builtin: BuiltinTopic): string {
  return section(`\`${builtin.topic}\``) + (isAi(builtin) ? section(SHARED_BY_AI) : '');
}

/** The code of a topic: all files of the folder that its handler is loaded from. */
function sourceOf({ topic, load }: BuiltinTopic): string {
  const folder = /import\('\.\/(\w+)\//.exec(String(load))?.[1];
  assert.ok(folder, `the handler of ${topic} is loaded from a folder`);
  return globSync('*.ts', { cwd: join(HERE, folder) })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(HERE, folder, file), 'utf8'))
    .join('\n');
}

describe('docs/workers.md', () => {
  it('has a section for every built-in topic, and for no other', () => {
    const headings = [...PAGE.matchAll(/^## `([^`]+)`$/gm)].map((match) => match[1] ?? '');
    assert.deepEqual(headings.toSorted(), BUILTIN_TOPICS.toSorted());
  });

  for (const builtin of BUILTIN_HANDLERS) {
    it(`names every input of ${builtin.topic}, and no other`, () => {
      const known = builtin.inputs === 'all' ? (builtin.fromModel ?? []) : builtin.inputs;
      const documented = new Set(names(about(builtin), 'input'));
      assert.deepEqual([...documented].sort(), [...new Set(known)].sort());
    });

    it(`names for ${builtin.topic} only what occurs in its code`, () => {
      const source = sourceOf(builtin);
      const outputs = names(about(builtin), 'output');
      assert.ok(outputs.length > 0, 'there are outputs');
      for (const name of [...names(about(builtin), 'input'), ...outputs]) {
        assert.match(source, new RegExp(`\\b${name}\\b`), name);
      }
    });

    it(`says of ${builtin.topic} what is retried and what is not, and shows a model`, () => {
      const text = about(builtin);
      assert.match(text, /^\*\*Retried:\*\*/m);
      assert.match(text, /^\*\*Not retried:\*\*/m);
      const drawn = builtin.topic === 'procos.script' ? '<bpmn:scriptTask ' : `camunda:topic="${builtin.topic}"`;
      assert.ok(text.includes(drawn), drawn);
    });
  }

  it('names only settings that there are', () => {
    const known = new Set(WORKER_SETTINGS.map(({ name }) => name));
    for (const [name] of PAGE.matchAll(/\b(PROCOS|OPENAI|OLLAMA)_[A-Z_]+\b/g)) assert.ok(known.has(name), name);
  });

  it('has a heading for every transformation, and no other', () => {
    const source = readFileSync(join(HERE, 'data/transform.ts'), 'utf8');
    const union = source.slice(source.indexOf('type TransformationType'), source.indexOf('/** Each with'));
    const types = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
    const headings = [...section('`data_transform`').matchAll(/^### `(\w+)`$/gm)].map((match) => match[1] ?? '');
    assert.deepEqual(headings.sort(), types.sort());
  });

  for (const [, json = ''] of PAGE.matchAll(/^```json data_transform\n([\s\S]*?)^```$/gm)) {
    const { type, data, config, result } = JSON.parse(json) as Inputs;
    it(`shows a result of ${String(type)} that the worker gives`, async () => {
      const inputs = { data, transformation_type: type, transformation_config: config };
      assert.deepEqual((await dataTransform(inputs)).local['transformed_data'], result);
    });
  }
});
