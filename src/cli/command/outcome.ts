/** What a run of the program leaves. */
export interface Outcome {
  /** Whether an audit found nothing. */
  passed: boolean;
  /** What to exit with after a signal that a command ended by itself. */
  stopped?: number | undefined;
  /** What commander wants on standard output. */
  help: string;
}
