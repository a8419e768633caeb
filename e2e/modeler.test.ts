/** What is published for modelers: the descriptor reads what the kernel reads, and the templates are those that Camunda Modeler takes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import schema from '@camunda/element-templates-json-schema/resources/schema.json' with { type: 'json' };
import { BUILTIN_TOPICS } from '@procos/workers';
import { Ajv } from 'ajv';
import * as library from 'bpmn-moddle';
import { templatesOf } from '../modeler/templates.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** The library as modelers have it, with what is used of it here. */
type Moddle = new (
  packages: Record<string, unknown>,
) => {
  fromXML(xml: string): Promise<{ rootElement: object; warnings: readonly { message: string }[] }>;
  toXML(element: object, options: { format: boolean }): Promise<{ xml: string }>;
};
const { default: Moddle } = library as unknown as { default: Moddle };
const FOLDER = '../modeler/element-templates/';

describe('modeler/procos-moddle.json', () => {
  it('reads a block with the library that modelers use, and writes it back as it was', async () => {
    const procos = JSON.parse(read('../modeler/procos-moddle.json')) as object;
    const moddle = new Moddle({ procos });
    const { rootElement, warnings } = await moddle.fromXML(read('../examples/secure_data/secure_data.bpmn'));
    assert.deepEqual(
      warnings.map(({ message }) => message).filter((message) => /procos/.test(message)),
      [],
    );
    const { xml } = await moddle.toXML(rootElement, { format: true });
    const block = (text: string) => /<procos:security[\s\S]*<\/procos:security>/.exec(text)?.[0].replace(/\s+/g, ' ');
    assert.ok(block(xml)?.includes('<procos:path name="secure_data" />'));
    assert.equal(block(xml), block(read('../examples/secure_data/secure_data.bpmn')));
  });
});

describe('modeler/element-templates', () => {
  const names = readdirSync(new URL(FOLDER, import.meta.url)).sort();

  it('has one for every topic of the built-in workers but scripts, which are script tasks, and no other', () => {
    const topics = BUILTIN_TOPICS.filter((topic) => topic !== 'procos.script');
    assert.deepEqual(names, topics.map((topic) => `${topic}.json`).sort());
  });

  it('is what docs/workers.md says now (npm run docs:templates writes it)', () => {
    const now = templatesOf(read('../docs/workers.md'));
    assert.deepEqual(names, [...now.keys()].map((topic) => `${topic}.json`).sort());
    for (const [topic, template] of now) assert.deepEqual(JSON.parse(read(`${FOLDER}${topic}.json`)), template, topic);
  });

  it('passes the schema of Camunda', () => {
    const validate = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true }).compile(schema);
    for (const name of names) {
      const template = JSON.parse(read(FOLDER + name)) as { properties: { binding: { type: string } }[] };
      assert.ok(validate(template), `${name}: ${JSON.stringify(validate.errors, null, 1)}`);
      assert.ok(
        template.properties.some(({ binding }) => binding.type === 'camunda:inputParameter'),
        name,
      );
      assert.ok(
        template.properties.some(({ binding }) => binding.type === 'camunda:outputParameter'),
        name,
      );
    }
    assert.equal(
      validate({ name: 'x', id: 'x', appliesTo: ['bpmn:ServiceTask'], properties: [{ type: 'Nonsense' }] }),
      false,
    );
  });
});
