/** Peers that are not on npm: engines with Camunda 7's REST face behind a URL, driven by the very clients that drive ours. */

const VARIABLE = 'PROCOS_BENCH_CAMUNDA7_URL';

/** Root of the peer's face, e.g. `http://localhost:8080/engine-rest`; undefined when none is given. */
export function camunda7Url(): string | undefined {
  return process.env[VARIABLE]?.replace(/\/$/, '');
}

/** Said in the place of a peer's figure. */
export const NO_CAMUNDA7: string = `Camunda 7 skipped: ${VARIABLE} is not set`;

/** Requests that a peer answers before it is measured: of how much processor it takes nothing is known here, and Java compiles as it goes. */
export const PEER_WARM = 10_000;

/** What is wrong with the peer that was named, before anything is measured; undefined: nothing, or none was named. */
export async function peerProblem(): Promise<string | undefined> {
  const url = camunda7Url();
  if (url === undefined) return undefined;
  const asked = `${VARIABLE}: GET ${url}/version`;
  try {
    const reply = await fetch(`${url}/version`);
    return reply.ok ? undefined : `${asked} is answered with ${reply.status}.`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${asked} failed: ${cause instanceof Error ? cause.message : message}.`;
  }
}

/** The figure of a peer beside which version it is. */
export async function besidePeer(url: string, figure: string): Promise<string> {
  const reply = await fetch(`${url}/version`);
  const { version } = (await reply.json()) as { readonly version: string };
  return `Camunda 7's face of version ${version}: ${figure}`;
}

/** Deploys one model over REST; `url` ends with `/engine-rest`. Peers refuse one without a time to live. */
export async function deployOverRest(url: string, name: string, content: string): Promise<void> {
  const form = new FormData();
  form.set('deployment-name', name);
  const kept = content.replace('isExecutable="true"', '$& camunda:historyTimeToLive="P180D"');
  form.append(`${name}.bpmn`, new Blob([kept]), `${name}.bpmn`);
  const reply = await fetch(`${url}/deployment/create`, { method: 'POST', body: form });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
}

/** How many instances of a process have come to their end, by the history of the server. */
export async function endedOverRest(url: string, bpmnProcessId: string): Promise<number> {
  const query = `processDefinitionKey=${bpmnProcessId}&finished=true`;
  const reply = await fetch(`${url}/history/process-instance/count?${query}`);
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return ((await reply.json()) as { readonly count: number }).count;
}
