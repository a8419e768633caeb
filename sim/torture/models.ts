/** The fixed models that every scenario runs: work for workers and people, timers, a message, and joins that wait for all of it. */

export const ORDER = 'order';
export const REMINDER = 'reminder';
export const TOPICS: readonly string[] = ['pick', 'pack', 'ship'];
export const PAID = 'paid';

/** Every token of an order passes a worker, a person, a timer and a message: none can be lost without standing still. */
export const MODELS = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/torture">
  <bpmn:message id="message" name="${PAID}" />
  <bpmn:process id="${ORDER}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:parallelGateway id="fork" />
    <bpmn:serviceTask id="pick" camunda:type="external" camunda:topic="pick" />
    <bpmn:serviceTask id="pack" camunda:type="external" camunda:topic="pack" />
    <bpmn:userTask id="approve" />
    <bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition id="pauseTimer"><bpmn:timeDuration>PT0.1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="paid"><bpmn:messageEventDefinition id="paidMessage" messageRef="message" /></bpmn:intermediateCatchEvent>
    <bpmn:parallelGateway id="join" />
    <bpmn:serviceTask id="ship" camunda:type="external" camunda:topic="ship" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="fork" />
    <bpmn:sequenceFlow id="f2" sourceRef="fork" targetRef="pick" />
    <bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="pack" />
    <bpmn:sequenceFlow id="f4" sourceRef="fork" targetRef="approve" />
    <bpmn:sequenceFlow id="f5" sourceRef="fork" targetRef="pause" />
    <bpmn:sequenceFlow id="f6" sourceRef="fork" targetRef="paid" />
    <bpmn:sequenceFlow id="f7" sourceRef="pick" targetRef="join" />
    <bpmn:sequenceFlow id="f8" sourceRef="pack" targetRef="join" />
    <bpmn:sequenceFlow id="f9" sourceRef="approve" targetRef="join" />
    <bpmn:sequenceFlow id="f10" sourceRef="pause" targetRef="join" />
    <bpmn:sequenceFlow id="f11" sourceRef="paid" targetRef="join" />
    <bpmn:sequenceFlow id="f12" sourceRef="join" targetRef="ship" />
    <bpmn:sequenceFlow id="f13" sourceRef="ship" targetRef="end" />
  </bpmn:process>
  <bpmn:process id="${REMINDER}" isExecutable="true">
    <bpmn:startEvent id="begin" />
    <bpmn:userTask id="answer" />
    <bpmn:boundaryEvent id="again" attachedToRef="answer" cancelActivity="false"><bpmn:timerEventDefinition id="everySoOften"><bpmn:timeCycle>R3/PT0.05S</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:endEvent id="reminded" />
    <bpmn:endEvent id="answered" />
    <bpmn:sequenceFlow id="g1" sourceRef="begin" targetRef="answer" />
    <bpmn:sequenceFlow id="g2" sourceRef="again" targetRef="reminded" />
    <bpmn:sequenceFlow id="g3" sourceRef="answer" targetRef="answered" />
  </bpmn:process>
</bpmn:definitions>
`;
