/** What the console does through the Camunda 7 face: start, deploy, claim, complete, set a variable, retry, cancel. */
import { request, upload } from './http.ts';
import type { TypedValue } from './typed-values.ts';

const rest = '/engine-rest';
const part = encodeURIComponent;

export function startProcess(
  camundaId: string,
  start: { readonly businessKey: string; readonly variables: Readonly<Record<string, TypedValue>> },
): Promise<{ readonly id: string }> {
  const businessKey = start.businessKey.trim();
  return request('POST', `${rest}/process-definition/${part(camundaId)}/start`, {
    variables: start.variables,
    ...(businessKey !== '' && { businessKey }),
  });
}

export interface Deployed {
  readonly id: string;
  readonly deployedProcessDefinitions: Readonly<Record<string, { readonly id: string; readonly key: string }>> | null;
  readonly deployedDecisionDefinitions: Readonly<Record<string, { readonly id: string; readonly key: string }>> | null;
}

/** Deploys the files together; what is unchanged is not deployed again (then no definitions come back). */
export function deploy(
  name: string,
  files: readonly { readonly name: string; readonly content: string }[],
): Promise<Deployed> {
  const form = new FormData();
  form.set('deployment-name', name);
  form.set('deployment-source', 'ProcOS console');
  form.set('enable-duplicate-filtering', 'true');
  for (const file of files) form.set(file.name, new File([file.content], file.name));
  return upload(`${rest}/deployment/create`, form);
}

export const claimTask = (taskId: string, userId: string): Promise<void> =>
  request('POST', `${rest}/task/${part(taskId)}/claim`, { userId });

export const unclaimTask = (taskId: string): Promise<void> =>
  request('POST', `${rest}/task/${part(taskId)}/unclaim`, {});

export const completeTask = (taskId: string, variables: Readonly<Record<string, TypedValue>>): Promise<void> =>
  request('POST', `${rest}/task/${part(taskId)}/submit-form`, { variables });

/** `scopeId`: the instance, or the element instance that owns a local variable. */
export const setVariable = (scopeId: string, name: string, value: TypedValue): Promise<void> =>
  request('PUT', `${rest}/process-instance/${part(scopeId)}/variables/${part(name)}`, value);

export const cancelProcess = (processInstanceId: string): Promise<void> =>
  request('DELETE', `${rest}/process-instance/${part(processInstanceId)}`);

/** An open incident as the Camunda 7 face tells it. */
interface OpenIncident {
  readonly incidentType: string;
  /** Of a failed external task: its id. */
  readonly configuration: string | null;
}

/** Gives a failed external task one more try; any other incident is resolved, which runs its step again. */
export async function retryIncident(incidentId: string): Promise<void> {
  const path = `${rest}/incident/${part(incidentId)}`;
  const incident = await request<OpenIncident>('GET', path);
  if (incident.incidentType !== 'failedExternalTask' || incident.configuration === null) return request('DELETE', path);
  return request('PUT', `${rest}/external-task/${part(incident.configuration)}/retries`, { retries: 1 });
}
