/** `npm run fuzz -- --seed 1 --count 10000`: spoils that many models; `--show N` prints the file of a seed. */
import { parseArgs } from 'node:util';
import { corpus, fuzz, spoiled } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    show: { type: 'string' },
  },
});
const models = corpus();
if (values.show !== undefined) {
  console.log(spoiled(models, Number(values.show)));
} else {
  const { files, accepted, slowest, failures } = await fuzz(models, Number(values.seed), Number(values.count));
  console.log(
    `${models.length} models, ${files} spoiled files, ${accepted} accepted and run, slowest read ${slowest.ms} ms of processor time (seed ${slowest.seed}), ${failures.length} failures`,
  );
  for (const { seed, why } of failures) console.log(`seed ${seed}: ${why}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
