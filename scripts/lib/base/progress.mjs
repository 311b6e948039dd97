// @ts-check

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Says what goes on: a moving line on a terminal, plain lines elsewhere. Steps may run side by side. */
export class Progress {
  #frame = 0;
  /** @type {Set<{ doing: string, detail: string, startedAt: number }>} */
  #steps = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  #ticker;

  /** @param {NodeJS.WriteStream} [output] */
  constructor(output = process.stdout) {
    this.output = output;
  }

  /** @param {string} text */
  line(text) {
    this.#clear();
    this.output.write(`${text}\n`);
    this.#draw();
  }

  /**
   * Runs one step. Its end is said with its time; that it goes on is said once it has taken a second, and then every 30.
   * @template T
   * @param {{ doing: string, done: string | ((result: T) => string | undefined) }} texts `done` returning undefined says nothing
   * @param {(detail: (text: string) => void) => Promise<T>} work `detail` names what the step is at
   * @returns {Promise<T>}
   */
  async step({ doing, done }, work) {
    const step = { doing, detail: '', startedAt: performance.now() };
    const reminders = this.output.isTTY ? [] : this.#remind(step);
    this.#steps.add(step);
    this.#ticker ??= this.output.isTTY ? setInterval(() => this.#tick(), 100) : undefined;
    try {
      const result = await work((text) => {
        step.detail = text;
      });
      this.#end(step);
      const text = typeof done === 'function' ? done(result) : done;
      if (text !== undefined) this.line(`✓ ${text}${elapsed(step.startedAt)}`);
      return result;
    } finally {
      this.#end(step);
      reminders.forEach((timer) => clearInterval(timer));
    }
  }

  /** @param {{ doing: string, detail: string, startedAt: number }} step */
  #remind(step) {
    const say = () => this.line(`… ${describe(step)}`);
    return [setTimeout(say, 1_000), setInterval(say, 30_000)];
  }

  /** @param {{ doing: string, detail: string, startedAt: number }} step */
  #end(step) {
    this.#clear();
    this.#steps.delete(step);
    if (this.#steps.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    this.#draw();
  }

  #tick() {
    this.#frame = (this.#frame + 1) % frames.length;
    this.#clear();
    this.#draw();
  }

  #draw() {
    if (!this.output.isTTY || this.#steps.size === 0) return;
    const text = `${frames[this.#frame]} ${[...this.#steps].map(describe).join(' · ')}`;
    this.output.write(text.slice(0, Math.max(20, (this.output.columns || 80) - 1)));
  }

  #clear() {
    if (this.output.isTTY && this.#steps.size > 0) this.output.write('\r\u001b[K');
  }
}

/** @param {{ doing: string, detail: string, startedAt: number }} step */
function describe({ doing, detail, startedAt }) {
  return `${doing}${detail && `: ${detail}`}${elapsed(startedAt)}`;
}

/** @param {number} since by `performance.now()` @returns {string} ` (31 s)`, empty below one second */
export function elapsed(since) {
  const seconds = Math.floor((performance.now() - since) / 1_000);
  return seconds < 1 ? '' : ` (${seconds} s)`;
}
