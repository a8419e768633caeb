/** Scripts as work for the sandbox; code never runs inside the kernel. */
import type { ExternalWork, Script } from '@procos/bpmn';

/** Served by the script worker; it gets the script as headers `script_format` and `script_source`, and returns local variable `result`. */
const SCRIPT_TOPIC = 'procos.script';

export function scriptWork(script: Script): ExternalWork {
  return {
    topic: { language: 'literal', text: SCRIPT_TOPIC },
    headers: { script_format: script.format, script_source: script.source },
  };
}
