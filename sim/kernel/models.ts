/** The models that simulated users deploy: the engine's fixtures, the examples, and two probes; each file is read once. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Json, readDecisions, readProcesses } from '@procos/bpmn';
import type { CommandOf, NewDecision, NewDefinition } from '@procos/engine';
import type { SystemModel } from '../../packages/kernel/src/system-deployment.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Endless recursion and endless loops have a story of their own. */
const SLOW: ReadonlySet<string> = new Set(['recursion.bpmn', 'endless-loop.bpmn']);

export const PROBE = 'probe';
export const PROBE_TIMER = 'probe_timer';
export const PROBE_TIMER_MS = 60_000;

const PROBES = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/simulation">
  <bpmn:process id="${PROBE}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${PROBE}" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="in" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="out" sourceRef="work" targetRef="end" />
  </bpmn:process>
  <bpmn:process id="${PROBE_TIMER}" isExecutable="true">
    <bpmn:startEvent id="first" />
    <bpmn:intermediateCatchEvent id="later"><bpmn:timerEventDefinition><bpmn:timeDuration>PT${PROBE_TIMER_MS / 1_000}S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="last" />
    <bpmn:sequenceFlow id="before" sourceRef="first" targetRef="later" />
    <bpmn:sequenceFlow id="behind" sourceRef="later" targetRef="last" />
  </bpmn:process>
</bpmn:definitions>
`;

export type Deploy = CommandOf<'deploy'>;

export const systemModels: readonly SystemModel[] = globSync(join(PROJECT, 'system/*.bpmn'))
  .toSorted()
  .map((path) => ({ name: basename(path), content: readFileSync(path, 'utf8') }));

/** Every model as the command that deploys it; the probes first. */
export async function catalog(): Promise<readonly Deploy[]> {
  const files = ['packages/engine/fixtures/*.bpmn', 'packages/engine/fixtures/*.dmn', 'examples/**/*.bpmn']
    .flatMap((pattern) => globSync(join(PROJECT, pattern)).toSorted())
    .filter((path) => !SLOW.has(basename(path)))
    .map((path) => ({ name: basename(path), content: readFileSync(path, 'utf8') }));
  const deploys: Deploy[] = [];
  for (const { name, content } of [{ name: 'probe.bpmn', content: PROBES }, ...files]) {
    const deploy = await deployOf(name, content);
    if (deploy.definitions.length + (deploy.decisions?.length ?? 0) > 0) deploys.push(deploy);
  }
  return deploys;
}

async function deployOf(name: string, content: string): Promise<Deploy> {
  const definitions: NewDefinition[] = [];
  const decisions: NewDecision[] = [];
  if (name.endsWith('.dmn')) {
    const { model } = readDecisions(content);
    for (const { id: decisionId, name: title, versionTag = null } of model?.decisions ?? [])
      decisions.push({
        resourceName: name,
        checksum: name,
        decisionId,
        name: title,
        versionTag,
        model: model as unknown as Json,
      });
  } else {
    const { processes } = await readProcesses(content);
    for (const model of processes) definitions.push({ resourceName: name, checksum: name, model });
  }
  const about = { name, source: null, tenantId: null, skipUnchanged: true };
  return { type: 'deploy', ...about, resources: [{ name, content }], definitions, decisions };
}
