// quick: only beats and GETs, with a profile
import { startTestInfra } from '@signalbox/testing';
const infra = await startTestInfra(); Object.assign(process.env, infra.env);
try { const { manyReaders } = await import('/tmp/wt-status-body/test/bench/many-readers.mjs');
 for await (const l of manyReaders()) { process.stdout.write(l+'\n'); if (process.env.STOP_AT && l.includes(process.env.STOP_AT)) break; } } finally { await infra.stop(); }
process.exit(0);
