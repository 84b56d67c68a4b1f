/**
 * The wire format of protocol buffers, read by ranges: fields of messages with the places of their values. Files are
 * untrusted: every length is checked against its message before it is used.
 */
import { PbfReader } from "pbf";
import { show } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import { readExactly } from "./source.js";

/** Bytes of a message, and the message that it is in. */
export interface Message {
  /** Where its field begins: the offset of the tag. */
  readonly start: number;
  /** The offset of its length, which stands between the tag and the message. */
  readonly lengthAt: number;
  readonly begin: number;
  readonly end: number;
  /** Absent in the outermost message, which has neither tag nor length. */
  readonly parent?: Message;
}

/** A field of a message. */
export interface WireField extends Message {
  readonly number: number;
  readonly wire: number;
  /** The value of a varint, as a signed number of 64 bits. */
  readonly int: number;
}

const MOST_FIELDS = 20_000_000; // of a file
const MOST_HEAD = 20; // bytes of a tag and of a length or a varint
const WINDOW_BYTES = 0x10000;
const MOST_TEXT = 0x10000; // bytes of a name
const MOST_INTS = 0x100000; // of one field

/** Wire types. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** @param cause what a reader threw, if anything. */
export const notOnnx = (why: string, cause?: unknown): RangeError =>
  new RangeError(`expected an ONNX model, got other bytes: ${why}`, cause === undefined ? {} : { cause });

/** Goes through the messages of a file. */
export class WireCursor {
  #reader = new PbfReader(new Uint8Array(0));
  #at = 0; // offset of the window in the file
  #fieldsLeft = MOST_FIELDS;

  constructor(readonly source: ByteSource) {}

  /**
   * Calls `visit` for each field of a message, in order.
   *
   * @throws RangeError for a field that does not fit into its message.
   */
  async fields(message: Message, visit: (field: WireField) => void | Promise<void>): Promise<void> {
    for (let at = message.begin; at < message.end; ) {
      this.#fieldsLeft -= 1;
      if (this.#fieldsLeft < 0) throw notOnnx(`it has more than ${MOST_FIELDS} fields`);
      await this.#load(at, Math.min(at + MOST_HEAD, message.end));
      const field = this.#fieldAt(at, message);
      at = field.end;
      const visited = visit(field);
      if (visited !== undefined) await visited;
    }
  }

  /** Bytes of a value. */
  async bytes(begin: number, end: number): Promise<Uint8Array> {
    if (end - begin > WINDOW_BYTES) return readExactly(this.source, begin, end);
    await this.#load(begin, end);
    return this.#reader.buf.subarray(begin - this.#at, end - this.#at);
  }

  /** A string, which must be UTF-8. */
  async text({ begin, end, wire }: WireField): Promise<string> {
    if (wire !== BYTES) throw notOnnx(`the field at byte ${begin} is no string`);
    if (end - begin > MOST_TEXT) throw notOnnx(`a name of ${end - begin} bytes; the most is ${MOST_TEXT}`);
    try {
      return utf8.decode(await this.bytes(begin, end));
    } catch (error) {
      throw notOnnx(`the name at byte ${begin} is not UTF-8`, error);
    }
  }

  /** The whole numbers of a field, packed or single. */
  async ints(field: WireField): Promise<readonly number[]> {
    const { begin, end, wire, int } = field;
    if (wire === VARINT) return [int];
    if (wire !== BYTES) throw notOnnx(`the field at byte ${begin} has no whole numbers`);
    if (end - begin > MOST_INTS) throw notOnnx(`a list of ${end - begin} bytes; the most is ${MOST_INTS}`);
    const reader = new PbfReader(await this.bytes(begin, end));
    const ints: number[] = [];
    while (reader.pos < reader.length) ints.push(varint(reader, true));
    if (reader.pos > reader.length) throw notOnnx(`the list at byte ${begin} is cut off`);
    return ints;
  }

  #load(begin: number, end: number): Promise<void> | undefined {
    if (begin >= this.#at && end <= this.#at + this.#reader.length) return undefined;
    const { source } = this;
    return readExactly(source, begin, Math.min(source.byteLength, Math.max(end, begin + WINDOW_BYTES))).then(
      (bytes) => {
        this.#reader = new PbfReader(bytes);
        this.#at = begin;
      },
    );
  }

  #fieldAt(start: number, parent: Message): WireField {
    const reader = this.#reader;
    reader.pos = start - this.#at;
    const tag = varint(reader);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || tag > 0xffffffff) throw notOnnx(`there is no field ${number} (byte ${start})`);
    const lengthAt = this.#at + reader.pos;
    const [int, size] = measured(reader, wire, start);
    const begin = this.#at + reader.pos;
    const end = wire === VARINT ? begin : begin + size;
    if (!(end <= parent.end)) {
      throw new RangeError(
        `the file is cut off, or is no ONNX model: the field at byte ${start} ends at ${end}, its message at ${parent.end}`,
      );
    }
    return { number, wire, int, start, lengthAt, begin: wire === VARINT ? lengthAt : begin, end, parent };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A varint, and how many bytes the value after it has. */
function measured(reader: PbfReader, wire: number, start: number): readonly [int: number, size: number] {
  switch (wire) {
    case VARINT:
      return [varint(reader, true), 0];
    case BYTES:
      return [0, varint(reader)];
    case FIXED64:
      return [0, 8];
    case FIXED32:
      return [0, 4];
    default:
      throw notOnnx(`wire type ${show(wire)} at byte ${start}`);
  }
}

function varint(reader: PbfReader, signed = false): number {
  try {
    return reader.readVarint(signed);
  } catch (error) {
    throw notOnnx("a varint of more than 10 bytes", error);
  }
}

/** A varint as bytes: of a tag or a length that is written. */
export function varintBytes(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** The tag of a field whose value has a length. */
export const tagOf = (number: number): readonly number[] => varintBytes(number * 8 + BYTES);
