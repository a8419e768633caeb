/** Disks of one's own: a file system in a file, whose power can be cut. Needs Linux, root, and a machine that lets it mount. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Absence } from './scenario.ts';

/** Sparse. The system does not begin work with less than 64 MB free. */
const BYTES = 256 * 1024 * 1024;
/** `_IOR('X', 125, __u32)` with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk, not even its journal. */
const CUT_POWER = 'open my $f, "<", $ARGV[0] or die $!; my $how = pack("I", 2); ioctl($f, 0x8004587d, $how) or die $!';

export class Disk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'procos-torture-disk-'));
  readonly #image = join(this.#folder, 'image');
  readonly #root = join(this.#folder, 'root');
  readonly #filler = join(this.#root, 'filler');
  #mounted = false;
  /** For a store. */
  readonly directory = join(this.#root, 'data');

  constructor() {
    writeFileSync(this.#image, '');
    truncateSync(this.#image, BYTES);
    mkdirSync(this.#root);
    try {
      // No room that is kept for root, who we are.
      run('mkfs.ext4', '-qF', '-m', '0', this.#image);
      this.mount();
      mkdirSync(this.directory);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#mounted) spawnSync('umount', ['--lazy', this.#root]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  mount(): void {
    run('mount', '-o', 'loop', this.#image, this.#root);
    this.#mounted = true;
  }

  /** Nobody may have a file open there. */
  unmount(): void {
    run('umount', this.#root);
    this.#mounted = false;
  }

  /** Takes all of the room but so many bytes. */
  fill(leaving: number): void {
    const { bavail, bsize } = statfsSync(this.#root);
    // Somebody may be writing meanwhile: then it gets what is left.
    spawnSync('fallocate', ['-l', String(Math.max(bsize, bavail * bsize - leaving)), this.#filler]);
    try {
      // The file system takes some for itself as it goes.
      while (statfsSync(this.#root).bavail * bsize > leaving) appendFileSync(this.#filler, Buffer.alloc(bsize));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  makeRoom(): void {
    rmSync(this.#filler, { force: true });
  }

  /** What was not synced is gone once it is mounted again; until then every write fails. */
  cutPower(): void {
    run('perl', '-e', CUT_POWER, this.#root);
  }
}

/** Null when such a disk can be made here. */
export function diskMissing(): Absence | null {
  if (process.platform !== 'linux') return { why: 'only Linux can cut the power of a file system', component: false };
  for (const [tool, name] of [
    ['mkfs.ext4', 'e2fsprogs'],
    ['mount', 'mount'],
    ['fallocate', 'util-linux'],
    ['perl', 'perl-base'],
  ] as const) {
    if (spawnSync(tool, ['--version']).error !== undefined)
      return { why: `${tool} is not installed: apt-get install ${name}`, component: true };
  }
  try {
    using disk = new Disk();
    disk.cutPower();
    return null;
  } catch (error) {
    const why = `a file system in a file cannot be mounted here; it needs root and loop devices (${(error as Error).message})`;
    return { why, component: false };
  }
}

function run(command: string, ...args: string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command}: ${stderr.trim()}`);
}
