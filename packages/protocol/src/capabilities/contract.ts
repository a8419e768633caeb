/** What a process may use: the words of its `procos:security` block, of an owner's policy, and of the set that goes with a task. */

/** What is named by a grant. Kinds are never told by their names: a host and a topic may be called alike. */
export type Kind =
  /** Topics of external tasks; those that begin with `procos.` are system calls. */
  | 'tasks'
  /** Languages of scripts. */
  | 'scripts'
  /** Process ids that are called. */
  | 'processes'
  /** `name` or `name:port`. */
  | 'hosts'
  /** Folders and files below the files folder: everything below one is meant, too. */
  | 'paths'
  /** `provider/model`. */
  | 'models'
  /** Credentials of the worker host, by name. */
  | 'secrets'
  | 'databases'
  | 'brokers'
  /** Programs of the operating system, by their name in the owner's list. */
  | 'programs';

export const KINDS: readonly Kind[] = [
  'tasks',
  'scripts',
  'processes',
  'hosts',
  'paths',
  'models',
  'secrets',
  'databases',
  'brokers',
  'programs',
];

/**
 * Walls between code and the machine. `wasm`: an interpreter in WebAssembly; `box`: a box of the operating system without
 * network, with a read-only root, as nobody; `wasm-in-box`: both.
 */
export type SandboxLevel = 'none' | 'wasm' | 'box' | 'wasm-in-box';
export const SANDBOX_LEVELS: readonly SandboxLevel[] = ['none', 'wasm', 'box', 'wasm-in-box'];

export interface Grant {
  /** The name itself, or its beginning with `*` after it. Hosts: `name`, `*.name` or `*`, each also with `:port`. Paths: no `*`, and `.` for all. */
  readonly name: string;
  /** `tasks` and `scripts`: walls that are demanded; absent: none. What several grants demand of one name adds up. */
  readonly sandbox?: SandboxLevel;
  /** `paths`; absent: both. */
  readonly access?: Access;
}
export type Access = 'read' | 'write';

/** How harmful it is when the data of a process gets out, the least first. */
export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

/** Absent: nothing of that kind. */
export type Grants = { readonly [kind in Kind]?: readonly Grant[] };

/** Who has one of the roles may do what is listed. */
export interface AccessRule {
  readonly role: string;
  readonly may: readonly string[];
}
/** What a role may be given: to start the process, to see it, to complete its user tasks, to change it from outside. */
export const ACTIONS = ['start', 'read', 'complete', 'change'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Capabilities extends Grants {
  /** Refused, whatever is granted. */
  readonly denied?: Grants;
  /** Absent: the process does not say. */
  readonly classification?: Classification;
  /** Each of these lists must let the asker in; absent: everybody is. */
  readonly access?: readonly (readonly AccessRule[])[];
  /** Upper limits by name. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** null: no block. Everything is granted but system calls. */
export type CapabilitySet = Capabilities | null;

/** What is asked for. */
export type CapabilityRequest =
  | {
      readonly kind: Kind;
      readonly name: string;
      /** `paths`. */
      readonly access?: Access;
      /** `tasks` and `scripts`: the walls that there are; absent: not to be judged yet. */
      readonly offered?: SandboxLevel;
      /** `processes`: that of the called process. */
      readonly classification?: Classification;
    }
  | { readonly kind: 'access'; readonly action: Action; readonly roles: readonly string[] };

export type Verdict =
  | {
      readonly allowed: true;
      /** `tasks` and `scripts`: the walls that are demanded. */
      readonly sandbox: SandboxLevel;
    }
  | {
      readonly allowed: false;
      /** What is not allowed and what would have to be declared: the middle of a sentence. */
      readonly reason: string;
    };
