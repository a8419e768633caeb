import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { child, children, type Node, parse } from './moddle.ts';

describe('the parsed tree', () => {
  it('has the types of its elements as values: with getters of their own V8 would keep each element as a hash table', async () => {
    const [process] = children(await rootOf('<task id="a" /><x:thing id="b" />'), 'rootElements');
    for (const node of [process, ...children(process, 'flowElements')])
      assert.equal(typeof Object.getOwnPropertyDescriptor(node, '$type')?.value, 'string');
  });

  it('reads each child by what it says, whatever stood in the same place before', async () => {
    const condition = async (type: string) => {
      const flow = `<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpression${type}>x</conditionExpression></sequenceFlow>`;
      const [process] = children(await rootOf(`<task id="a" /><task id="b" />${flow}`), 'rootElements');
      return child(children(process, 'flowElements')[2], 'conditionExpression')?.$type;
    };
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await condition(''), 'bpmn:Expression');
      assert.equal(await condition(' xsi:type="tFormalExpression"'), 'bpmn:FormalExpression');
    }
  });

  it('complains of an element that is not known each time', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { warnings } = await parse(xml('<taks id="a" /><task id="b" />'), 'camunda7');
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]?.message ?? '', /unknown type <bpmn:Taks>/);
    }
  });
});

async function rootOf(inside: string): Promise<Node> {
  return (await parse(xml(inside), 'camunda7')).root;
}

function xml(inside: string): string {
  return `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="http://example.com/x"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><process id="p">${inside}</process></definitions>`;
}
