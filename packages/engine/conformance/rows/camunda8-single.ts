/** Drafts of one element with extensions of Camunda 8. */
import type { Lab } from '../lab.ts';
import { camunda8Cell, type Row, refused, type Story } from '../row.ts';

/** `start`, the element `t` with these extensions, `end`. */
export async function single(lab: Lab, tag: string, extensions: string, inner = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() + draft.element(tag, 't', { extensions, inner }) + draft.end() + draft.flows('start > t > end'),
  );
}

export function job(extensions: string, story: (lab: Lab) => void): Story {
  return async (lab) => {
    await single(lab, 'serviceTask', extensions);
    story(lab);
  };
}

export function isRefused(note: string, message: RegExp, tag: string, extensions: string, inner = ''): Row['cells'] {
  return camunda8Cell(
    refused(note, (lab) =>
      lab.refuses(
        'not-executable-here',
        message,
        lab.draft.start() +
          lab.draft.element(tag, 't', { extensions, inner }) +
          lab.draft.end() +
          lab.draft.flows('start > t > end'),
      ),
    ),
  );
}
