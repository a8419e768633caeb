/** The built-in topics that reach nothing outside: the test kit runs these too, and takes nothing else of the workers along. */
import type { BuiltinTopic } from './topics.ts';

export const PURE_HANDLERS: readonly BuiltinTopic[] = [
  {
    topic: 'data_validation',
    inputs: ['data', 'validation_rules', 'schema'],
    load: async () => (await import('./data/validate.ts')).dataValidation,
  },
  {
    topic: 'data_transform',
    inputs: ['data', 'transformation_type', 'transformation_config'],
    load: async () => (await import('./data/transform.ts')).dataTransform,
  },
  {
    topic: 'procos.script',
    inputs: 'all',
    fromModel: ['script_source', 'script_format'],
    load: async () => (await import('./script/script.ts')).runScript,
  },
];
