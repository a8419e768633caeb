/** What stands in the interpreter before a script begins, in JavaScript of the script's own world. */

/**
 * Evaluates to a function of the variables (JSON text) and four seeds, which gives back the function that puts result and set
 * variables into one JSON text. It keeps the built-ins it needs, so that the script cannot exchange them.
 *
 * `Math.random` is replaced because every script begins in the same memory, with the same state of QuickJS's own generator.
 * Shared memory is taken away: with nobody to share it, all it can do is wait.
 */
export const PRELUDE = `(function () {
  'use strict';
  const { parse, stringify } = JSON;
  const { defineProperty, hasOwn, create, keys } = Object;
  const define = (target, name, value) => defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  class BpmnError extends Error {
    constructor(code, message) { super(message); this.name = 'BpmnError'; this.code = String(code); }
  }
  let a, b, c, d;
  // sfc32, by Chris Doty-Humphrey (public domain): 32 bits a call.
  const next = () => {
    const t = (a + b | 0) + d | 0;
    d = d + 1 | 0;
    a = b ^ b >>> 9;
    b = c + (c << 3) | 0;
    c = (c << 21 | c >>> 11) + t | 0;
    return t >>> 0;
  };
  define(Math, 'random', { random() { return ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992; } }.random);
  delete globalThis.SharedArrayBuffer;
  return (text, s1, s2, s3, s4) => {
    [a, b, c, d] = [s1 | 0, s2 | 0, s3 | 0, s4 | 0];
    const given = parse(text);
    const changed = create(null);
    const execution = {
      getVariable(name) { return hasOwn(changed, name) ? changed[name] : hasOwn(given, name) ? given[name] : null; },
      hasVariable(name) { return hasOwn(changed, name) || hasOwn(given, name); },
      getVariables() { const all = create(null); for (const n of keys(given)) all[n] = given[n]; for (const n of keys(changed)) all[n] = changed[n]; return all; },
      setVariable(name, value) { defineProperty(changed, String(name), { value, enumerable: true, configurable: true, writable: true }); },
    };
    for (const name of keys(given)) if (!(name in globalThis)) define(globalThis, name, given[name]);
    define(globalThis, 'variables', given);
    define(globalThis, 'execution', execution);
    define(globalThis, 'BpmnError', BpmnError);
    // Member by member: 'toJSON' is the name of a variable here, nothing else.
    return (result) => {
      const names = keys(changed);
      let members = '';
      for (let n = 0; n < names.length; n++) {
        const value = stringify(changed[names[n]]);
        if (value !== undefined) members += (members === '' ? '' : ',') + stringify(names[n]) + ':' + value;
      }
      return '{"result":' + (stringify(result) ?? 'null') + ',"variables":{' + members + '}}';
    };
  };
})()`;
