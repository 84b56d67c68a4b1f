/**
 * A placeholder where llama.cpp needs a tokenizer: byte pairs without a single merge, so each byte is a token. Its metadata say
 * that it is one.
 */
import { wrongValue } from "../../check.js";
import type { TypedList, TypedValue } from "./writer.js";

/** Types of tokens, as llama.cpp numbers them. */
const NORMAL = 1;
const CONTROL = 3;
const UNUSED = 5;

/** Ids of special tokens, where a config has them. */
interface SpecialTokens {
  readonly bos?: number | undefined;
  readonly eos?: number | undefined;
  readonly pad?: number | undefined;
}

/** The most tokens: each takes some 30 bytes of the header, which is in memory. */
const MOST_TOKENS = 0x400000;

/**
 * Metadata of the placeholder for a vocabulary. Tokens that no byte and no special token has are unused ones.
 *
 * @throws RangeError for more than 4,194,304 tokens.
 */
export function placeholderTokenizer(size: number, special: SpecialTokens): readonly (readonly [string, TypedValue])[] {
  if (size > MOST_TOKENS) throw wrongValue("vocab_size", `at most ${MOST_TOKENS} tokens for the format gguf`, size);
  const isToken = (id: number | undefined): id is number => id !== undefined && id >= 0 && id < size;
  const eos = isToken(special.eos) ? special.eos : size - 1;
  const bos = isToken(special.bos) ? special.bos : eos;
  const names = new Map([
    ...(isToken(special.pad) ? [[special.pad, "<|placeholder pad|>"] as const] : []),
    [eos, "<|placeholder end|>"],
    ...(bos === eos ? [] : [[bos, "<|placeholder begin|>"] as const]),
  ]);
  const bytes = byteTokens();
  /** A value for each token, by its name if it is a special one, else by how many bytes have a token before it. */
  const listed = <T extends number | string>(
    of: (id: number, name: string | undefined, byte: number) => T,
  ): TypedList => ({
    length: size,
    *[Symbol.iterator]() {
      for (let id = 0, byte = 0; id < size; ++id) {
        const name = names.get(id);
        yield of(id, name, byte);
        if (name === undefined) byte += 1;
      }
    },
  });
  const tokens = listed((id, name, byte) => name ?? bytes[byte] ?? `<|unused ${id}|>`);
  const types = listed((_, name, byte) => (name !== undefined ? CONTROL : byte < bytes.length ? NORMAL : UNUSED));
  return [
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    ["tokenizer.ggml.tokens", { type: "array", of: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", of: "i32", value: types }],
    ["tokenizer.ggml.merges", { type: "array", of: "string", value: [] }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: bos }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: eos }],
    ...(isToken(special.pad)
      ? [["tokenizer.ggml.padding_token_id", { type: "u32", value: special.pad }] as const]
      : []),
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ["nn-init.tokenizer", { type: "string", value: "placeholder: one token for each byte, not the model's tokenizer" }],
  ];
}

const PRINTED = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
] as const;

/** The character that stands for each byte in GPT-2's vocabulary: its own if it is printed, else one from U+0100 on. */
function byteTokens(): readonly string[] {
  let others = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrinted = PRINTED.some(([first, last]) => byte >= first && byte <= last);
    return String.fromCharCode(isPrinted ? byte : others++);
  });
}
