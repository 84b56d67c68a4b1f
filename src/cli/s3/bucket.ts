/** A bucket, and how everything is asked of it: again where that may help, and with errors in plain words. */
import { printable } from "../../check.js";
import { again, type RawError, type Trying } from "./again.js";
import { type Client, openClient } from "./client.js";
import { loadSdk, type Sdk } from "./sdk.js";
import { inWords, StoreError } from "./words.js";

const FIRST_TRIES = 3; // of requests before the first answer: what is wrong from the start rarely passes

export async function openBucket(name: string): Promise<Bucket> {
  const sdk = await loadSdk();
  return new Bucket(name, sdk, await openClient(sdk));
}

export class Bucket {
  #hasAnswered = false;

  constructor(
    readonly name: string,
    readonly sdk: Sdk,
    readonly client: Client,
    private readonly trying: Trying = {},
  ) {}

  /**
   * @param action with the key, what messages say that cannot be done.
   * @param attempt is given the number of failures before.
   * @throws StoreError
   */
  async ask<T>(
    action: "read" | "write" | "list" | "remove",
    key: string,
    attempt: (client: Client["s3"], failures: number) => Promise<T>,
  ): Promise<T> {
    try {
      const tries = this.#hasAnswered ? {} : { tries: FIRST_TRIES };
      const answer = await again((failures) => attempt(this.client.s3, failures), { ...tries, ...this.trying });
      this.#hasAnswered = true;
      return answer;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw inWords(error as RawError, `cannot ${action} ${this.urlOf(key)}`, this.client.endpoint);
    }
  }

  /** As messages show it. */
  urlOf(key: string): string {
    return `s3://${this.name}/${printable(key)}`;
  }
}
