import { access, constants, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { cleanEnvironment, searchPath } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import { freePort } from '../processes/ports.js';
import { refuseSecondServer } from '../processes/server-home.js';
import { launch, type ServerProcess } from '../processes/server-process.js';
import { waitForStart } from '../processes/wait-for-start.js';

const LABEL = 'epmd';

/** Erlang's port mapper for the nodes of one cluster, on 127.0.0.1 and a port of its own. */
export async function startEpmd(home: string): Promise<ServerProcess & { port: number }> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  refuseSecondServer(LABEL, home);
  const logFile = path.join(home, 'epmd.log');
  const port = await freePort();
  const epmd = await launch({
    label: LABEL,
    home,
    logFile,
    command: await findEpmd(),
    args: ['-port', String(port), '-address', '127.0.0.1'],
    env: cleanEnvironment({}),
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
  });
  await waitForStart(epmd, { label: LABEL, logFile, deadlineMs: 30_000, isReady: () => accepts(port) });
  return Object.assign(epmd, { port });
}

async function findEpmd(): Promise<string> {
  for (const folder of searchPath()) {
    const file = path.join(folder, 'epmd');
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  throw new LocalInfraError('not-installed', 'No epmd found on this machine: it is part of Erlang.');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
