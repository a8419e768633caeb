/** `procos:servesTopic` on a process: topics whose tasks an instance of it does, in the place of a worker. */
import type { ServedTopic } from '../model.ts';
import { extensions, type Node, text } from './moddle.ts';

export function servedTopics(process: Node): readonly ServedTopic[] {
  return declarations(process).map((node) => ({
    topic: text(node, 'topic') ?? '',
    results: (text(node, 'results') ?? '').split(/[\s,]+/).filter((name) => name !== ''),
  }));
}

export function declarations(process: Node): readonly Node[] {
  return extensions(process).filter(({ $type }) => $type === 'procos:ServesTopic');
}
