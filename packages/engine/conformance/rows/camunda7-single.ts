/** Drafts of one element with extensions of Camunda 7. */
import type { Lab } from '../lab.ts';
import { camunda7Cell, type Row, refused, type Story } from '../row.ts';

/** `start`, the element `t` as written, `end`. */
export async function single(lab: Lab, written: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + written + draft.end() + draft.flows('start > t > end'));
}

export function service(lab: Lab, attributes: string, extensions = ''): string {
  return lab.draft.element('serviceTask', 't', { attributes, extensions });
}

/** The task `t` of a worker with these attributes and extension elements. */
export function withWork(attributes: string, extensions: string, story: (lab: Lab) => void): Story {
  return async (lab) => {
    await single(lab, lab.draft.work('t', { attributes, extensions }));
    story(lab);
  };
}

export function isRefused(note: string, message: RegExp, written: (lab: Lab) => string): Row['cells'] {
  return camunda7Cell(
    refused(note, (lab) =>
      lab.refuses(
        'not-executable-here',
        message,
        lab.draft.start() + written(lab) + lab.draft.end() + lab.draft.flows('start > t > end'),
      ),
    ),
  );
}
