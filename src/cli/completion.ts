/**
 * Completion scripts for shells, made from the commands' own options. They stand alone: pressing Tab starts no program.
 * (The package @bomb.sh/tab 0.0.22 starts Node at each Tab, never completes files, and in bash evaluates the typed words.)
 */
import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command, or the program itself, as the scripts see it. */
interface CommandNode {
  readonly name: string;
  readonly text: string;
  readonly flags: readonly FlagNode[];
  /** Words that its first argument can be. */
  readonly words: readonly string[];
  /** Whether its first argument is a file. */
  readonly files: boolean;
}

interface FlagNode {
  readonly names: readonly string[];
  readonly text: string;
  /** Whether it takes a value. */
  readonly value: boolean;
  /** Words that its value can be. */
  readonly words: readonly string[];
  /** Whether its value is a file. */
  readonly files: boolean;
}

export function completion(program: Command, shell: Shell): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).map(nodeOf);
  const names = commands.map(({ name }) => name);
  const nodes = commands.map((node) => (node.name === "help" ? { ...node, words: names, files: false } : node));
  return { bash, zsh, fish }[shell]({ ...nodeOf(program), words: names }, nodes);
}

function nodeOf(command: Command): CommandNode {
  const help = command.createHelp();
  const [first] = command.registeredArguments;
  const flags = help.visibleOptions(command).map((option) => ({
    names: [option.short, option.long].filter((name) => name !== undefined),
    text: option.description,
    value: option.required || option.optional,
    words: option.argChoices ?? [],
    files: /<file>/.test(option.flags),
  }));
  const words = first?.argChoices ?? [];
  return {
    name: command.name(),
    text: command.description(),
    flags,
    words,
    files: first !== undefined && words.length === 0,
  };
}

const namesOf = ({ flags }: CommandNode): string => flags.flatMap(({ names }) => names).join(" ");

/** Works in bash 3.2, which macOS has. Where it offers no words, bash completes files. */
function bash(program: CommandNode, commands: readonly CommandNode[]): string {
  const places = commands.map((node) => {
    const place = node.words.length > 0 ? `"2 ${node.name}"` : `*" ${node.name}"`;
    return `    ${place}) words="${node.words.join(" ")}" flags="${namesOf(node)}" ;;`;
  });
  const values = commands.flatMap(({ name, flags }) =>
    flags
      .filter(({ words }) => words.length > 0)
      .map(({ names, words }) => {
        const places = names.map((flag) => `"${name} ${flag}"`).join(" | ");
        return `    ${places}) words="${words.join(" ")}" ;;`;
      }),
  );
  return `# Completion of nn-init in bash. Load it with: source <(nn-init completion bash)
_nn_init() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words= flags=
  # --flag=value is three words.
  [[ $word == = ]] && word=
  [[ $before == = ]] && before=\${COMP_WORDS[COMP_CWORD-2]}
  case "$COMP_CWORD \${COMP_WORDS[1]}" in
    "1 "*) words="${program.words.join(" ")}" flags="${namesOf(program)}" ;;
${places.join("\n")}
  esac
  [[ $word == -* ]] && words=$flags
  case "\${COMP_WORDS[1]} $before" in
${values.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _nn_init nn-init
`;
}

function zsh(program: CommandNode, commands: readonly CommandNode[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const plain = (text: string): string => text.replaceAll(/[\\[\]:]/g, "\\$&");
  const action = (words: readonly string[], files: boolean): string =>
    words.length > 0 ? `(${words.join(" ")})` : files ? "_files" : " ";
  const specs = ({ flags, words, files }: CommandNode): string[] => [
    ...flags.flatMap(({ names, text, value, words, files }) =>
      names.map((name) => {
        const others = `(${names.join(" ")})`;
        const rest = value ? `:value:${action(words, files)}` : "";
        return quoted(`${others}${name}${value && name.startsWith("--") ? "=" : ""}[${plain(text)}]${rest}`);
      }),
    ),
    ...(words.length > 0 || files ? [quoted(`1:argument:${action(words, files)}`)] : []),
  ];
  const described = commands.map(({ name, text }) => `      ${quoted(`${plain(name)}:${text}`)}`);
  const cases = commands.map((node) => `    ${node.name}) _arguments ${specs(node).join(" \\\n      ")} ;;`);
  return `#compdef nn-init
# Completion of nn-init in zsh. Load it with: source <(nn-init completion zsh), after compinit
_nn-init() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${described.join("\n")}
    )
    if [[ $words[CURRENT] == -* ]]; then _arguments ${specs({ ...program, words: [], files: false }).join(" ")}
    else _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
# In a folder of fpath this file is the function's body.
if [[ $funcstack[1] == _nn-init ]]; then _nn-init "$@"; else compdef _nn-init nn-init; fi
`;
}

function fish(program: CommandNode, commands: readonly CommandNode[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
  const line = (condition: string, rest: string): string => `complete -c nn-init -n ${quoted(condition)} ${rest}`;
  const flagLines = (condition: string, { flags }: CommandNode): string[] =>
    flags.map(({ names, text, value, words, files }) => {
      const named = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
      const takes = !value ? [] : words.length > 0 ? [`-x -a ${quoted(words.join(" "))}`] : [files ? "-r -F" : "-x"];
      return line(condition, [...named, ...takes, `-d ${quoted(text)}`].join(" "));
    });
  const none = "__fish_use_subcommand";
  return `${[
    "# Completion of nn-init in fish. Save it as ~/.config/fish/completions/nn-init.fish",
    "complete -c nn-init -f",
    ...commands.map(({ name, text }) => line(none, `-a ${name} -d ${quoted(text)}`)),
    ...flagLines(none, program),
    ...commands.flatMap((node) => {
      const seen = `__fish_seen_subcommand_from ${node.name}`;
      const argument =
        node.words.length > 0
          ? [line(seen, `-a ${quoted(node.words.join(" "))}`)]
          : node.files
            ? [line(seen, "-F")]
            : [];
      return [...flagLines(seen, node), ...argument];
    }),
  ].join("\n")}\n`;
}
