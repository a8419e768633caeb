/** The calls of the service, by name, each with its question for the gate. */
import type { Entry } from './call.ts';
import { migrate, modify, resolve, setVariablesIn } from './changes.ts';
import { evaluate } from './decisions.ts';
import { deployProcess, deployResource, remove } from './deployments.ts';
import { cancel, create, createWithResult } from './instances.ts';
import { activate, streamActivated } from './jobs.ts';
import { broadcast, evaluateConditional, publish } from './messages.ts';
import { complete, fail, throwError, updateRetries, updateTimeout } from './outcomes.ts';
import { gatewayTopology } from './topology.ts';

export const CALLS: Readonly<Record<string, Entry>> = {
  Topology: { action: 'engine.read', unary: gatewayTopology },
  DeployProcess: { action: 'deployment.create', unary: deployProcess },
  DeployResource: { action: 'deployment.create', unary: deployResource },
  DeleteResource: { action: 'deployment.delete', unary: remove },
  CreateProcessInstance: { action: 'processInstance.create', unary: create },
  CreateProcessInstanceWithResult: { action: 'processInstance.create', unary: createWithResult },
  CancelProcessInstance: { action: 'processInstance.cancel', unary: cancel },
  ModifyProcessInstance: { action: 'processInstance.update', unary: modify },
  MigrateProcessInstance: { action: 'processInstance.update', unary: migrate },
  SetVariables: { action: 'processInstance.setVariables', unary: setVariablesIn },
  ResolveIncident: { action: 'incident.resolve', unary: resolve },
  ActivateJobs: { action: 'externalTask.fetch', stream: activate },
  StreamActivatedJobs: { action: 'externalTask.fetch', stream: streamActivated },
  CompleteJob: { action: 'externalTask.complete', unary: complete },
  FailJob: { action: 'externalTask.fail', unary: fail },
  ThrowError: { action: 'externalTask.throwError', unary: throwError },
  UpdateJobRetries: { action: 'externalTask.update', unary: updateRetries },
  UpdateJobTimeout: { action: 'externalTask.extendLock', unary: updateTimeout },
  PublishMessage: { action: 'message.correlate', unary: publish },
  BroadcastSignal: { action: 'signal.broadcast', unary: broadcast },
  EvaluateConditional: { action: 'processInstance.create', unary: evaluateConditional },
  EvaluateDecision: { action: 'decision.evaluate', unary: evaluate },
};
