/** Models for the tests of the Camunda 7 face: one process with nearly everything that its resources show, and what it calls. */

const definitions = (content: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://example.org">
  <bpmn:message id="M_go" name="go" /><bpmn:message id="M_start" name="begin" /><bpmn:signal id="S_alert" name="alert" />
  <bpmn:error id="E_no" errorCode="NO" /><bpmn:escalation id="U_up" escalationCode="UP" />
  ${content}
</bpmn:definitions>`;

/** `from->to` */
const flows = (...all: readonly string[]): string =>
  all
    .map((flow) => {
      const [from, to] = flow.split('->');
      return `<bpmn:sequenceFlow id="f_${from}_${to}" sourceRef="${from}" targetRef="${to}" />`;
    })
    .join('');

/** Waits everywhere at once: at a user task, an external task, a timer, a message, a condition, a called process, a retry. */
export const EVERYTHING: string = definitions(`
  <bpmn:process id="everything" name="Everything" isExecutable="true" camunda:versionTag="v-one" camunda:historyTimeToLive="P30D"
    camunda:jobPriority="7">
    <bpmn:startEvent id="Start" name="Begun" camunda:formKey="embedded:app:start.html"><bpmn:extensionElements><camunda:formData>
      <camunda:formField id="amount" label="Amount" type="long" defaultValue="5" /></camunda:formData></bpmn:extensionElements></bpmn:startEvent>
    <bpmn:parallelGateway id="Fork" />
    <bpmn:userTask id="Check" name="Check it" camunda:assignee="ada" camunda:candidateGroups="office" camunda:candidateUsers="bob"
      camunda:formRef="check" camunda:formRefBinding="latest" camunda:dueDate="2027-01-01T00:00:00" camunda:followUpDate="2026-12-01T00:00:00"
      camunda:priority="20"><bpmn:extensionElements><camunda:formData>
      <camunda:formField id="amount" label="Amount" type="long" /></camunda:formData><camunda:inputOutput>
      <camunda:inputParameter name="own">mine</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:userTask>
    <bpmn:serviceTask id="Ship" name="Ship it" camunda:type="external" camunda:topic="ship" camunda:taskPriority="3"><bpmn:extensionElements>
      <camunda:properties><camunda:property name="colour" value="red" /></camunda:properties></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:intermediateCatchEvent id="Later"><bpmn:timerEventDefinition>
      <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="Go"><bpmn:messageEventDefinition messageRef="M_go" /></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="Alert"><bpmn:signalEventDefinition signalRef="S_alert" /></bpmn:intermediateCatchEvent>
    <bpmn:callActivity id="Call" name="Call it" calledElement="called" />
    <bpmn:scriptTask id="Broken" name="Cannot work" scriptFormat="juel" camunda:asyncBefore="true" camunda:resultVariable="x"><bpmn:script>\${nowhere.atAll}</bpmn:script></bpmn:scriptTask>
    <bpmn:receiveTask id="Receive" messageRef="M_go" />
    ${flows('Start->Fork', ...['Check', 'Ship', 'Later', 'Go', 'Alert', 'Call', 'Broken', 'Receive'].map((to) => `Fork->${to}`))}
  </bpmn:process>`);

export const CALLED: string = definitions(`
  <bpmn:process id="called" name="Called" isExecutable="true" camunda:historyTimeToLive="P1D"><bpmn:startEvent id="Start" /><bpmn:userTask id="Inner" name="Inner work" />
    <bpmn:boundaryEvent id="No" attachedToRef="Inner"><bpmn:errorEventDefinition errorRef="E_no" /></bpmn:boundaryEvent>
    <bpmn:boundaryEvent id="Up" attachedToRef="Inner" cancelActivity="false"><bpmn:escalationEventDefinition escalationRef="U_up" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="End" />${flows('Start->Inner', 'Inner->End', 'No->End', 'Up->End')}</bpmn:process>`);

export const SHORT: string = definitions(`
  <bpmn:process id="short" name="Short" isExecutable="true"><bpmn:startEvent id="Start" />
    <bpmn:businessRuleTask id="Decide" camunda:decisionRef="final" camunda:resultVariable="decided" camunda:mapDecisionResult="singleEntry" />
    <bpmn:endEvent id="End" />${flows('Start->Decide', 'Decide->End')}</bpmn:process>`);

export const STARTED: string = definitions(`
  <bpmn:process id="conditional" isExecutable="true"><bpmn:startEvent id="Start"><bpmn:conditionalEventDefinition>
    <bpmn:condition xsi:type="bpmn:tFormalExpression">\${level &gt; 10}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>
    <bpmn:userTask id="Look" />${flows('Start->Look')}</bpmn:process>
  <bpmn:process id="byMessage" isExecutable="true"><bpmn:startEvent id="Start2"><bpmn:messageEventDefinition messageRef="M_start" /></bpmn:startEvent>
    <bpmn:userTask id="Look2" />${flows('Start2->Look2')}</bpmn:process>`);

/** Two decisions of one graph, the first of which is required by the second. */
export const GRAPH: string = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="graph" name="Graph" namespace="n">
  <decision id="base" name="Base"><decisionTable id="t1" hitPolicy="FIRST">
    <input id="i1" label="Amount"><inputExpression id="e1" typeRef="integer"><text>amount</text></inputExpression></input>
    <output id="o1" label="Rate" name="rate" typeRef="integer" />
    <rule id="r1"><inputEntry id="n1"><text>&gt; 100</text></inputEntry><outputEntry id="x1"><text>2</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="n2"><text></text></inputEntry><outputEntry id="x2"><text>1</text></outputEntry></rule></decisionTable></decision>
  <decision id="final" name="Final" camunda:versionTag="d-one"><informationRequirement id="q"><requiredDecision href="#base" /></informationRequirement>
    <decisionTable id="t2" hitPolicy="FIRST"><input id="i2" label="Rate"><inputExpression id="e2" typeRef="integer"><text>rate</text></inputExpression></input>
    <output id="o2" label="Verdict" name="verdict" typeRef="string" />
    <rule id="r3"><inputEntry id="n3"><text>1</text></inputEntry><outputEntry id="x3"><text>"low"</text></outputEntry></rule>
    <rule id="r4"><inputEntry id="n4"><text></text></inputEntry><outputEntry id="x4"><text>"high"</text></outputEntry></rule></decisionTable></decision>
</definitions>`;
