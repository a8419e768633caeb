/** `npm run fuzz -- --seed 1 --count 10000`: spoils that many models; `--show N` prints the file of a seed. */
import { readArguments } from '../arguments.ts';
import { corpus, fuzz, spoiled } from './fuzz.ts';

const { values } = readArguments('fuzz', { seed: 1, count: 1_000, show: null });
const models = corpus();
if (values.show !== null) {
  console.log(spoiled(models, values.show));
} else {
  const { files, accepted, slowest, failures } = await fuzz(models, values.seed, values.count);
  console.log(
    `${models.length} models, ${files} spoiled files, ${accepted} accepted and run, slowest read ${slowest.ms} ms of processor time (seed ${slowest.seed}), ${failures.length} failures`,
  );
  for (const { seed, why } of failures) console.log(`seed ${seed}: ${why}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
