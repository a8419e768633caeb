/** The models that simulated users deploy: the engine's fixtures, the examples, random ones, and two probes. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonOf, readDecisions, readProcesses } from '@procos/bpmn';
import type { CommandOf, NewDecision, NewDefinition } from '@procos/engine';
import type { SystemModel } from '../../packages/kernel/src/system-deployment.ts';
import { generateModel } from '../models/generate.ts';
import type { Chance } from '../random.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Endless recursion and endless loops have a story of their own. */
const SLOW: ReadonlySet<string> = new Set(['recursion.bpmn', 'endless-loop.bpmn']);

export const PROBE = 'probe';
/** Nobody but the prober works on it. */
export const PROBE_LOCK = 'probe_lock';
export const PROBE_TIMER = 'probe_timer';
export const PROBE_TIMER_MS = 5_000;

const PROBES = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/simulation">
  <bpmn:process id="${PROBE}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${PROBE}" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="in" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="out" sourceRef="work" targetRef="end" />
  </bpmn:process>
  <bpmn:process id="${PROBE_LOCK}" isExecutable="true">
    <bpmn:startEvent id="begin" />
    <bpmn:serviceTask id="held" camunda:type="external" camunda:topic="${PROBE_LOCK}" />
    <bpmn:endEvent id="over" />
    <bpmn:sequenceFlow id="into" sourceRef="begin" targetRef="held" />
    <bpmn:sequenceFlow id="outof" sourceRef="held" targetRef="over" />
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

/** What it may not use it asks for by an expression, as no check of a model can see. */
export const UNDECLARED = 'undeclared';

const GUARDED = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0" id="definitions" targetNamespace="http://procos.dev/simulation">
  <bpmn:process id="guarded" isExecutable="true">
    <bpmn:extensionElements><procos:security><procos:allowedTasks><procos:task topic="declared" /><procos:task topic="served" /></procos:allowedTasks></procos:security></bpmn:extensionElements>
    <bpmn:startEvent id="g_start" />
    <bpmn:serviceTask id="g_served" camunda:type="external" camunda:topic="served" />
    <bpmn:parallelGateway id="g_fork" />
    <bpmn:serviceTask id="g_declared" camunda:type="external" camunda:topic="declared" />
    <bpmn:serviceTask id="g_undeclared" camunda:type="external" camunda:topic="\${'${UNDECLARED}'}" />
    <bpmn:sequenceFlow id="g_1" sourceRef="g_start" targetRef="g_fork" />
    <bpmn:sequenceFlow id="g_2" sourceRef="g_fork" targetRef="g_served" />
    <bpmn:sequenceFlow id="g_3" sourceRef="g_fork" targetRef="g_declared" />
    <bpmn:sequenceFlow id="g_4" sourceRef="g_declared" targetRef="g_undeclared" />
  </bpmn:process>
  <bpmn:process id="serving" isExecutable="true">
    <bpmn:extensionElements><procos:servesTopic topic="served" results="result" /></bpmn:extensionElements>
    <bpmn:startEvent id="s_start" />
    <bpmn:serviceTask id="s_work" camunda:type="external" camunda:topic="declared" />
    <bpmn:sequenceFlow id="s_1" sourceRef="s_start" targetRef="s_work" />
  </bpmn:process>
</bpmn:definitions>
`;

export type Deploy = CommandOf<'deploy'>;

export interface ModelFile {
  readonly name: string;
  readonly content: string;
}

const PROBE_FILE: ModelFile = { name: 'probe.bpmn', content: PROBES };
const GUARDED_FILE: ModelFile = { name: 'guarded.bpmn', content: GUARDED };

export const systemModels: readonly SystemModel[] = globSync(join(PROJECT, 'system/*.{bpmn,dmn}'))
  .toSorted()
  .map((path) => ({ name: basename(path), content: readFileSync(path, 'utf8') }));

/** The files of the project. */
export function catalog(): readonly ModelFile[] {
  return ['packages/engine/fixtures/*.bpmn', 'packages/engine/fixtures/*.dmn', 'examples/**/*.bpmn']
    .flatMap((pattern) => globSync(join(PROJECT, pattern)).toSorted())
    .filter((path) => !SLOW.has(basename(path)))
    .map((path) => ({ name: basename(path), content: readFileSync(path, 'utf8') }));
}

const read = new Map<ModelFile, Promise<Deploy>>();

/** Each file is read when it is first needed, and only once. */
function deployOfFile(file: ModelFile): Promise<Deploy> {
  let deploy = read.get(file);
  if (deploy === undefined) {
    deploy = deployOf(file.name, file.content);
    read.set(file, deploy);
  }
  return deploy;
}

/** The probes, what is guarded and served, some models of the project, and for every other seed one that was never seen before. */
export async function chooseModels(files: readonly ModelFile[], chance: Chance): Promise<readonly Deploy[]> {
  const chosen = new Set([await deployOfFile(PROBE_FILE), await deployOfFile(GUARDED_FILE)]);
  for (let count = 2 + chance.below(5); count > 0; count -= 1) {
    const deploy = await deployOfFile(chance.pick(files) ?? PROBE_FILE);
    // Some hold nothing that is executable.
    if (deploy.definitions.length + (deploy.decisions?.length ?? 0) > 0) chosen.add(deploy);
  }
  if (chance.below(2) === 0) {
    const { name, xml, decision } = generateModel(chance);
    chosen.add(await deployOf(decision.name, decision.xml));
    chosen.add(await deployOf(name, xml));
  }
  return [...chosen];
}

async function deployOf(name: string, content: string): Promise<Deploy> {
  const definitions: NewDefinition[] = [];
  const decisions: NewDecision[] = [];
  if (name.endsWith('.dmn')) {
    const { model } = readDecisions(content);
    if (model === undefined) throw new Error(`${name} cannot be read`);
    for (const { id: decisionId, name: title, versionTag = null } of model.decisions)
      decisions.push({
        resourceName: name,
        checksum: name,
        decisionId,
        name: title,
        versionTag,
        model: jsonOf(model),
      });
  } else {
    const { processes } = await readProcesses(content);
    if (name === GUARDED_FILE.name && processes.length === 0) throw new Error(`${name} cannot be read`);
    for (const model of processes) definitions.push({ resourceName: name, checksum: name, model });
  }
  const about = { name, source: null, tenantId: null, skipUnchanged: true };
  return { type: 'deploy', ...about, resources: [{ name, content }], definitions, decisions };
}
