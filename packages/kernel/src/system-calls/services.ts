/** `procos.service.…`: what processes of the system ask of the registry of services. */
import type { Json } from '@procos/bpmn';
import { type ServiceRegistry, STRATEGIES, type Strategy } from '../services/registry.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';

/** Health URLs that one round looks at. */
const MOST_CHECKS = 200;

export function serviceCalls(services: ServiceRegistry): readonly SystemCall[] {
  return [
    {
      topic: 'procos.service.choose',
      async run(task) {
        const strategy = textOf(task, 'strategy') ?? 'round_robin';
        if (!isStrategy(strategy))
          throw new Hopeless(`strategy is "${strategy}": give one of ${STRATEGIES.join(', ')}.`);
        const choice = services.choose({
          name: requiredText(task, 'service'),
          version: textOf(task, 'service_version'),
          tags: textsOf(task, 'service_tags'),
          strategy,
        });
        if (!choice.ok) throw new Error(choice.message);
        const { id, name, version, endpoint, tags } = choice.service;
        return {
          variables: { service_id: id, endpoint, call: choice.call, found: { id, name, version, endpoint, tags } },
        };
      },
    },
    {
      topic: 'procos.service.report',
      async run(task) {
        const call = task.input('call');
        const known = services.note(
          requiredText(task, 'service_id'),
          typeof call === 'number' ? call : null,
          task.input('ok') === true,
        );
        return { variables: { known } };
      },
    },
    {
      topic: 'procos.service.due',
      async run() {
        const checks = services
          .list()
          .flatMap(({ id, healthUrl }) => (healthUrl === null ? [] : [{ id, url: healthUrl }]))
          .slice(0, MOST_CHECKS);
        return { variables: { checks } };
      },
    },
    {
      topic: 'procos.service.note_health',
      async run(task) {
        const results = task.input('results');
        const unhealthy: string[] = [];
        for (const result of Array.isArray(results) ? results : []) {
          const { id, ok, reason } = (result ?? {}) as { readonly [name: string]: Json };
          if (typeof id !== 'string') continue;
          services.noteHealth(id, ok === true, typeof reason === 'string' ? reason : null);
          if (ok !== true) unhealthy.push(id);
        }
        return { variables: { unhealthy } };
      },
    },
  ];
}

function isStrategy(text: string): text is Strategy {
  return (STRATEGIES as readonly string[]).includes(text);
}

function textOf(task: SystemTask, name: string): string | null {
  const value = task.input(name);
  if (value === null || value === '') return null;
  if (typeof value !== 'string') throw new Hopeless(`${name} must be a text.`);
  return value;
}

function requiredText(task: SystemTask, name: string): string {
  const value = textOf(task, name);
  if (value === null) throw new Hopeless(`${name} is missing: map it to the task.`);
  return value;
}

/** A list of texts, or one text with commas. */
function textsOf(task: SystemTask, name: string): readonly string[] {
  const value = task.input(name);
  const list = typeof value === 'string' ? value.split(',') : value === null ? [] : value;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    throw new Hopeless(`${name} must be a list of texts.`);
  return list.map((item) => String(item).trim()).filter((item) => item !== '');
}
