/**
 * On SIGTERM: stop, then let the signal end the process, unless something else listens for it.
 * @returns removes the listener
 */
export function onSigterm(stop: () => Promise<unknown>): () => void {
  const listener = async (): Promise<void> => {
    await stop();
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM');
  };
  const listen = (): void => void listener();
  process.once('SIGTERM', listen);
  return () => void process.off('SIGTERM', listen);
}
