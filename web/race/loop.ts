/** A race: what the worker has made so far, and asking it for one piece after the other. */
import type { MonitoredStep, StrategyName, TrainingFinding, Verdict } from "nn-init/train";
import type { Runner } from "../runner.js";
import type { Finish, RacePiece } from "../task/race.js";
import type { RaceSetup } from "./setup.js";

/** A start that takes part, as far as it has come. */
export interface Contestant {
  readonly name: StrategyName;
  readonly verdict: Verdict | null;
  readonly losses: readonly number[];
  readonly monitored: readonly MonitoredStep[];
  readonly findings: readonly TrainingFinding[];
  readonly finish: Finish | null;
}

const AT_ONCE = 24; // milliseconds of each piece: so that the page has something new for each frame or two

const startingLine = ({ starts }: RaceSetup): readonly Contestant[] =>
  starts.map((name) => ({ name, verdict: null, losses: [], monitored: [], findings: [], finish: null }));

const addTo = (one: Contestant, piece: RacePiece): Contestant => ({
  ...{ name: one.name, verdict: piece.verdict ?? one.verdict, finish: piece.finish },
  losses: piece.losses.length === 0 ? one.losses : [...one.losses, ...piece.losses],
  monitored: piece.monitored.length === 0 ? one.monitored : [...one.monitored, ...piece.monitored],
  findings: piece.findings.length === 0 ? one.findings : [...one.findings, ...piece.findings],
});

export class RaceLoop {
  contestants: readonly Contestant[];
  /** Milliseconds that the library needed for all of it. */
  milliseconds = 0;
  /** What the library refused, in its words. */
  fault: string | undefined;
  /** Whether the next piece is asked for. */
  running = false;
  #one = false; // one step is asked for
  #turn = { busy: false }; // another one after `end`: what was asked before is not heard any more

  /** @param onChange is called whenever there is something new. */
  constructor(
    readonly setup: RaceSetup,
    readonly worker: Pick<Runner, "run" | "cancel">,
    readonly onChange: () => void,
  ) {
    this.contestants = startingLine(setup);
  }

  go(): void {
    this.running = true;
    this.onChange();
    void this.#pull();
  }

  pause(): void {
    this.running = false;
    this.onChange();
  }

  /** One step of each. */
  step(): void {
    this.#one = true;
    this.pause();
    void this.#pull();
  }

  restart(): void {
    this.end();
    this.contestants = startingLine(this.setup);
    this.milliseconds = 0;
    this.fault = undefined;
    this.go();
  }

  /** Nothing is asked for, and nothing is heard, any more. */
  end(): void {
    this.#turn = { busy: false };
    this.running = false;
    this.#one = false;
    this.worker.cancel();
  }

  async #pull(): Promise<void> {
    const turn = this.#turn;
    if (turn.busy) return;
    turn.busy = true;
    try {
      while (this.#turn === turn && (this.running || this.#one)) {
        const steps = this.#one ? 1 : (this.setup.training.steps ?? 1);
        this.#one = false;
        const known = this.contestants.map(({ losses }) => losses.length);
        const answer = await this.worker.run("race", { setup: this.setup, known, steps, milliseconds: AT_ONCE });
        if (answer === undefined || this.#turn !== turn) break;
        this.#add(answer);
      }
    } catch (error) {
      if (this.#turn === turn) {
        this.running = false;
        this.fault = (error as Error).message;
        this.onChange();
      }
    }
    turn.busy = false;
  }

  #add({ output, milliseconds }: { readonly output: readonly RacePiece[]; readonly milliseconds: number }): void {
    this.contestants = this.contestants.map((one, i) => addTo(one, output[i] as RacePiece));
    this.milliseconds += milliseconds;
    if (this.contestants.every(({ finish }) => finish !== null)) this.running = false;
    this.onChange();
  }
}
