/** How long a comparison still takes, by the steps that it has made. */
const KNOWN_AFTER = 5; // seconds: threads have started, and steps take as long as they do
const LONG = 120; // seconds that nobody waits without having been told

const secondsLeft = (seconds: number, done: number, total: number): number => Math.ceil(seconds * (total / done - 1));

/** Such as "90 s", "25 min" or "3.5 h". */
export function remainingText(seconds: number, done: number, total: number): string {
  const left = secondsLeft(seconds, done, total);
  if (left < 120) return `${left} s`;
  return left < 7200 ? `${Math.round(left / 60)} min` : `${(left / 3600).toFixed(1)} h`;
}

/** What to say, once, of a comparison that takes long; undefined as long as it is too early to know, or if it does not. */
export function longText(seconds: number, done: number, total: number): string | undefined {
  if (seconds < KNOWN_AFTER || secondsLeft(seconds, done, total) < LONG) return undefined;
  return (
    `about ${remainingText(seconds, done, total)} left, for ${total} steps: lower --steps, --seeds, --depth, --width or --batch, ` +
    "give fewer --schemes or one --lr; Ctrl-C prints what is done\n"
  );
}
