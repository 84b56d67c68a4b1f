/** The options of `nn-init completion`. */
import { Argument, type Command } from "commander";
import { completion, SHELLS, type Shell } from "../completion.js";
import type { Io } from "../io.js";
import { examples } from "./help.js";

export function addCompletion(program: Command, io: Io): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and their values in a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      examples([
        "source <(nn-init completion bash)    # in ~/.bashrc",
        "source <(nn-init completion zsh)     # in ~/.zshrc, after compinit",
        "nn-init completion fish > ~/.config/fish/completions/nn-init.fish",
      ]),
    )
    .action((shell: Shell) => io.print(completion(program, shell)));
}
