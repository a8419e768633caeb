/** Rows of one order process at work, for the fake kernel. */
import type { Tables } from '@procos/kernel';
import { type FakeKernel, NOW } from './fake-kernel.test.ts';

const EXTERNAL_TASK: Tables['externalTasks'] = {
  id: 7,
  topic: 'invoice',
  processInstanceId: 5,
  elementInstanceId: 6,
  elementId: 'Charge',
  definitionId: 3,
  bpmnProcessId: 'order',
  businessKey: 'A-1',
  tenantId: null,
  createdAt: NOW,
  priority: 0,
  retries: null,
  workerId: null,
  availableAt: 0,
  lockCount: 0,
  errorMessage: null,
  errorDetails: null,
  suspended: false,
  errand: null,
};
const DEFINITION: Tables['definitions'] = {
  id: 3,
  bpmnProcessId: 'order',
  version: 2,
  versionTag: 'v2',
  name: 'Order',
  deploymentId: 2,
  resourceName: 'order.bpmn',
  tenantId: null,
  deployedAt: NOW,
  checksum: 'c',
  latest: true,
  suspended: false,
};
const INSTANCE: Tables['processInstances'] = {
  id: 5,
  definitionId: 3,
  bpmnProcessId: 'order',
  version: 2,
  businessKey: 'A-1',
  tenantId: null,
  state: 'active',
  startedAt: NOW,
  endedAt: null,
  startElementId: 'Start',
  rootId: 5,
  parentId: null,
  parentElementInstanceId: null,
  reason: null,
  startedBy: 'anonymous:anonymous',
  incidents: 0,
  suspended: false,
};
const ELEMENT: Tables['elementInstances'] = {
  id: 6,
  processInstanceId: 5,
  definitionId: 3,
  bpmnProcessId: 'order',
  elementId: 'Charge',
  elementName: 'Charge the card',
  elementType: 'serviceTask',
  scopeId: 5,
  startedAt: NOW,
  endedAt: null,
  outcome: 'active',
  calledInstanceId: null,
  externalTaskId: 7,
  userTaskId: null,
  assignee: null,
  loopIndex: null,
  sequence: 1,
};
const USER_TASK: Tables['userTasks'] = {
  id: 9,
  processInstanceId: 5,
  elementInstanceId: 8,
  elementId: 'Approve',
  definitionId: 3,
  bpmnProcessId: 'order',
  tenantId: null,
  name: 'Approve the order',
  createdAt: NOW,
  assignee: null,
  candidateUsers: ['ada'],
  candidateGroups: ['sales'],
  dueAt: null,
  followUpAt: null,
  priority: 50,
  formKey: null,
  formId: null,
};

/** One definition, one deployment, one instance at an external task and a user task. */
export function withOrder(kernel: FakeKernel): FakeKernel {
  const { tables } = kernel.engine;
  tables.definitions.push({ ...DEFINITION });
  tables.deployments.push({
    id: 2,
    name: 'orders',
    source: null,
    tenantId: null,
    deployedAt: NOW,
    resources: [{ name: 'order.bpmn', content: '<definitions/>' }],
  });
  tables.processInstances.push({ ...INSTANCE });
  tables.elementInstances.push(
    { ...ELEMENT },
    {
      ...ELEMENT,
      id: 8,
      elementId: 'Approve',
      elementName: 'Approve the order',
      elementType: 'userTask',
      externalTaskId: null,
      userTaskId: 9,
    },
  );
  tables.externalTasks.push({ ...EXTERNAL_TASK });
  tables.userTasks.push({ ...USER_TASK });
  return kernel;
}

export function variable(id: number, name: string, fields: Partial<Tables['variables']>): Tables['variables'] {
  return {
    id,
    processInstanceId: 5,
    scopeId: 5,
    name,
    type: 'String',
    value: 'x',
    info: null,
    createdAt: NOW,
    updatedAt: NOW,
    updatedBy: 'user:ada',
    live: true,
    ...fields,
  };
}
