/** Models that the judges of the Camunda 8 face share. */
import { zeebe } from '../../packages/rest/src/testing/camunda8.test.ts';

/** Waits for a message, then for a signal. */
export const CATCH: string = zeebe(
  'catch',
  `<bpmn:startEvent id="s" />
   <bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
   <bpmn:intermediateCatchEvent id="g"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:intermediateCatchEvent>
   <bpmn:endEvent id="e" />`,
  ['s->m', 'm->g', 'g->e'],
);

/** Fails at a condition. */
export const STUCK: string = zeebe(
  'stuck',
  `<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" default="no" /><bpmn:endEvent id="e" />
   <bpmn:sequenceFlow id="yes" sourceRef="x" targetRef="e">
     <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=missing &gt; 1</bpmn:conditionExpression>
   </bpmn:sequenceFlow>
   <bpmn:sequenceFlow id="no" sourceRef="x" targetRef="e" />`,
  ['s->x'],
);

export const MENU: string = `<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="menu" name="Menu" namespace="http://example.org">
  <decision id="dish" name="Dish"><variable name="dish" />
    <decisionTable hitPolicy="UNIQUE">
      <input id="i1" label="Season"><inputExpression typeRef="string"><text>season</text></inputExpression></input>
      <output id="o1" name="dish" typeRef="string" />
      <rule id="salad"><inputEntry><text>"summer"</text></inputEntry><outputEntry><text>"Salad"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`;
