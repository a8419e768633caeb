/** Opens the store in argv[2] and closes it again: what a start does before anything runs. A planted fault in argv[3]. */
import { openSqliteStore } from '@procos/store';
import { type Plant, plantFault } from './plants.ts';

const [, , directory = '', plant = 'none'] = process.argv;
plantFault(plant as Plant);
openSqliteStore({ directory }).close();
