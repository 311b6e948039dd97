// @ts-check
// Prints every exchange, queue and binding that the services declare. Exclusive queues, which come and go with the process
// that declares them, are in docs/messages.md.
const load = async () => {
  try {
    return { ...(await import('@signalbox/contracts/messages')), ...(await import('@signalbox/messaging')) };
  } catch {
    process.stderr.write('Signalbox is not built yet: run `npm start`, or `npm ci && npm run build`.\n');
    return process.exit(1);
  }
};

const { formatTopology, readerHeartbeatTopology } = await load();

// It contains what every owner of a state stream declares as well.
process.stdout.write(`${formatTopology(readerHeartbeatTopology([0]))}\n`);
