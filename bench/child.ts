/** Runs one exported function of a scenario in a process of its own: argv[2] the module, argv[3] its name, argv[4] its argument as JSON. */
const [, , module = '', name = '', argument = 'null'] = process.argv;
const exported = (await import(module)) as Record<string, (argument: unknown) => Promise<unknown>>;
const run = exported[name];
if (run === undefined) throw new Error(`${module} exports no ${name}`);
const result = await run(JSON.parse(argument));
process.send?.({ result }, () => process.exit(0));
