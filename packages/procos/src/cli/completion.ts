/** Completion scripts for bash, zsh and fish, written from the commands as they are declared. */
import type { Command } from 'commander';

/** One place on the command line: what may come next there. */
interface Place {
  /** Commands up to here, e.g. `batch start`; empty at the beginning. */
  readonly path: string;
  readonly words: readonly Word[];
  /** Ids of running processes may come. */
  readonly pids: boolean;
}

interface Word {
  readonly name: string;
  readonly about: string;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function completionScript(program: Command, shell: (typeof SHELLS)[number]): string {
  const places = placesOf(program, '');
  if (shell === 'bash') return bash(places);
  return shell === 'zsh' ? zsh(places) : fish(places);
}

function placesOf(command: Command, path: string): Place[] {
  const inner = command.commands.map((one) => ({ name: one.name(), about: one.description() }));
  const choices = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((name) => ({ name, about: description })),
  );
  const options = command.options
    .filter(({ hidden }) => !hidden)
    .flatMap(({ long, short, description }) =>
      [long, short].flatMap((name) => (name === undefined || name === null ? [] : [{ name, about: description }])),
    );
  const help = { name: '--help', about: 'show how it is used' };
  const pids = command.registeredArguments.some((argument) => /^pids?$/.test(argument.name()));
  return [
    { path, words: [...inner, ...choices, ...options, help], pids },
    ...command.commands.flatMap((one) => placesOf(one, path === '' ? one.name() : `${path} ${one.name()}`)),
  ];
}

/** What asks for the pids: the table without its header. */
const PIDS = 'procos ps -o pid 2>/dev/null | tail -n +2';

/** Pairs of a place and a word of it that lead to another place, as `case` patterns: `batch start` from `batch`. */
function steps(places: readonly Place[]): readonly { readonly pattern: string; readonly to: string }[] {
  return places
    .filter(({ path }) => path !== '')
    .map(({ path }) => ({ pattern: path.includes(' ') ? path : ` ${path}`, to: path }));
}

function bash(places: readonly Place[]): string {
  return `# procos: completion for bash. In ~/.bashrc: eval "$(procos completion bash)"
_procos() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
${steps(places)
  .map(({ pattern, to }) => `      ${quoted(pattern)}) at=${quoted(to)} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${places.map(({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ name }) => name).join(' '))} ;;`).join('\n')}
  esac
  case "$at" in
    ${pidPlaces(places)}) [[ $current == -* ]] || words="$words $(${PIDS})" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _procos procos`;
}

function zsh(places: readonly Place[]): string {
  const entry = ({ name, about }: Word): string => quoted(`${name.replaceAll(':', '\\:')}:${about}`);
  return `#compdef procos
# procos: completion for zsh. In ~/.zshrc, after compinit: eval "$(procos completion zsh)"
_procos() {
  local at="" word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
${steps(places)
  .map(({ pattern, to }) => `      ${quoted(pattern)}) at=${quoted(to)} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${places.map(({ path, words }) => `    ${quoted(path)}) entries=(${words.map(entry).join(' ')}) ;;`).join('\n')}
  esac
  case "$at" in
    ${pidPlaces(places)}) entries+=(\${(f)"$(${PIDS})"}) ;;
  esac
  _describe 'procos' entries || _files
}
compdef _procos procos`;
}

function fish(places: readonly Place[]): string {
  const line = ({ name, about }: Word): string =>
    `            printf '%s\\t%s\\n' ${fishQuoted(name)} ${fishQuoted(about)}`;
  const withPids = places.filter(({ pids }) => pids).map(({ path }) => fishQuoted(path));
  return `# procos: completion for fish. In ~/.config/fish/config.fish: procos completion fish | source
function __procos_words
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
${steps(places)
  .map(({ pattern, to }) => `            case ${fishQuoted(pattern)}\n                set at ${fishQuoted(to)}`)
  .join('\n')}
        end
    end
    switch "$at"
${places.map(({ path, words }) => `        case ${fishQuoted(path)}\n${words.map(line).join('\n')}`).join('\n')}
    end
    switch "$at"
        case ${withPids.join(' ')}
            ${PIDS}
    end
end
complete -c procos -a '(__procos_words)'`;
}

function pidPlaces(places: readonly Place[]): string {
  return places
    .filter(({ pids }) => pids)
    .map(({ path }) => quoted(path))
    .join('|');
}

/** One word of bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
