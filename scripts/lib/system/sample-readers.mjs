// @ts-check
import { gatewayShows } from './gateway-shows.mjs';
import { describeExit } from '../processes/supervised.mjs';
import { superviseNode } from './supervise-node.mjs';

/** What they serve stands beside the example, so that each is the same when it is started again by its id alone. */
const samples = ['sample-llama-0', 'sample-embed-0'];

/** Two readers that beat as real ones do, so that there is something to see. They are left dead when they die: that is what is to be seen. */
export class SampleReaders {
  /**
   * @param {{
   *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder,
   *   progress: import('../base/progress.mjs').Progress, readerUrl: string,
   * }} options `readerUrl`: the broker as readers see it
   */
  constructor({ home, run, progress, readerUrl }) {
    this.home = home;
    /** @param {string} id */
    const supervise = (id) =>
      superviseNode(
        { home, run, progress },
        {
          name: `reader-${id}`,
          script: 'examples/reader.mjs',
          args: [id],
          env: () => ({ READER_RABBITMQ_URL: readerUrl, SIGNALBOX_HOME: home.path }),
          onDeath: (exit) =>
            progress.line(
              `! reader ${id} ended (${describeExit(exit)}); it stays dead until you start it: npm run reader -- ${id}`,
            ),
        },
      );
    this.readers = new Map(samples.map((id) => [id, supervise(id)]));
  }

  async start() {
    await Promise.all([...this.readers.values()].map((reader) => reader.start()));
  }

  /**
   * @param {{ gatewayUrl: string, signal: AbortSignal }} options
   * @returns {Promise<boolean>} whether the gateway shows all of them live, within 30 s. The processes of this run count: after a
   *   run that was killed, the gateway still shows those of that run.
   */
  async areLive({ gatewayUrl, signal }) {
    const { adminKeyFile: keyFile } = this.home;
    return gatewayShows({
      gatewayUrl,
      keyFile,
      path: '/status',
      isThere: (body) => [...this.readers].every(([id, { pid }]) => body.status.live_readers[id]?.pids.includes(pid)),
      signal,
    });
  }

  async stop() {
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
  }

  kill() {
    for (const reader of this.readers.values()) reader.kill();
  }
}
