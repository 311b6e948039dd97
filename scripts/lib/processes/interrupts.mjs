// @ts-check

/** A terminal's Ctrl-C comes twice when npm runs us: from the terminal and passed on by npm. What comes this soon after is the same one. */
const sameRequestMs = 1_000;

/** Why a step was abandoned: a person or process asked us to stop. */
export class Interrupted extends Error {
  /** @param {string} by */
  constructor(by) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}

/**
 * Turns every request to stop into one signal: Ctrl-C, SIGTERM, SIGHUP, and the end of the npm that started us.
 * @param {{ again: () => void }} options `again` is called when we are asked once more: end everything at once
 * @returns {AbortSignal} its reason is an {@link Interrupted}
 */
export function watchInterrupts({ again }) {
  const controller = new AbortController();
  let firstAt = 0;
  /** @param {string} by */
  const request = (by) => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort(new Interrupted(by));
    } else if (performance.now() - firstAt > sameRequestMs) {
      again();
    }
  };
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(name, () => request(name === 'SIGINT' ? 'Ctrl-C' : name));
  if (process.env.npm_lifecycle_event) watchParent(() => request('the end of npm'));
  return controller.signal;
}

/** An npm that is killed sends no signal; its child then has another parent. @param {() => void} gone */
function watchParent(gone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 1_000);
  timer.unref();
}
