/** The calls of the service, by name, each with its question for the gate. */
import type { Entry } from './call.ts';
import { cancel, create, createWithResult } from './instances.ts';
import { activate, streamActivated } from './jobs.ts';
import { complete, fail, throwError, updateRetries, updateTimeout } from './outcomes.ts';
import { gatewayTopology } from './topology.ts';

export const CALLS: Readonly<Record<string, Entry>> = {
  Topology: { action: 'engine.read', unary: gatewayTopology },
  CreateProcessInstance: { action: 'processInstance.create', unary: create },
  CreateProcessInstanceWithResult: { action: 'processInstance.create', unary: createWithResult },
  CancelProcessInstance: { action: 'processInstance.cancel', unary: cancel },
  ActivateJobs: { action: 'externalTask.fetch', stream: activate },
  StreamActivatedJobs: { action: 'externalTask.fetch', stream: streamActivated },
  CompleteJob: { action: 'externalTask.complete', unary: complete },
  FailJob: { action: 'externalTask.fail', unary: fail },
  ThrowError: { action: 'externalTask.throwError', unary: throwError },
  UpdateJobRetries: { action: 'externalTask.update', unary: updateRetries },
  UpdateJobTimeout: { action: 'externalTask.extendLock', unary: updateTimeout },
};
