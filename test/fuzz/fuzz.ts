import fc from 'fast-check';
import { callsOf, type Call } from './call.js';
import { operationsOf, type OpenApiDocument } from './document.js';
import type { FuzzedSystem } from './fuzzed-system.js';
import { KnownObjects } from './known-objects.js';
import { acceptedBodies, makeObjects } from './objects.js';
import { Tally } from './tally.js';
import { Values } from './values.js';
import { Verdict } from './verdict.js';
import { Wire, type Answer, type Sent } from './wire.js';

const AT_ONCE = 8;
/** Longer than the gateway itself waits for the service that it asks, 60 s. */
const ANSWER_WITHIN_MS = 75_000;
/** A call that asks for it may wait; whether it does is of other tests. */
const WAIT_WITHIN_MS = 1_000;

export interface FuzzOptions {
  readonly calls: number;
  readonly seed: number;
  readonly onFault: (text: string) => void;
}

/** Sends at least `calls` calls to a system, every operation equally often, and compares each answer with the document. */
export async function fuzz(fuzzed: FuzzedSystem, { calls, seed, onFault }: FuzzOptions): Promise<Tally> {
  const { system } = fuzzed.registry;
  const document = (await (await system.get('/openapi.json')).json()) as OpenApiDocument;
  const operations = operationsOf(document);
  const known = new KnownObjects(operations, fuzzed.spared);
  const verdict = new Verdict(document);
  const tally = new Tally(operations, onFault);
  const wire = new Wire(system.baseUrl);

  const make = async (call: Call): Promise<void> => {
    const { operation } = call;
    const sent = sentAs(call, known, fuzzed);
    const mayWait = call.query.includes('wait=');
    try {
      const answer = await wire.send(sent, mayWait ? WAIT_WITHIN_MS : ANSWER_WITHIN_MS);
      tally.answered(operation, answer);
      const problem = verdict.on(operation, answer);
      if (problem !== undefined) tally.fault(operation, problem, sent, answer);
      known.add(...restartIn(call, answer));
    } catch (error) {
      if (!mayWait) tally.fault(operation, `no answer: ${String(error)}`, sent);
    }
  };

  const material = { values: new Values(document), bodies: acceptedBodies(fuzzed.registry) };
  // One call of each operation, in any order.
  const round = fc
    .tuple(...operations.map((operation) => callsOf(operation, material)))
    .chain((each) => fc.shuffledSubarray(each, { minLength: each.length }));
  const waiting = fc.sample(round, { numRuns: Math.ceil(calls / operations.length), seed }).flat();
  let taken = 0;
  // Slow answers of one round do not hold up the next one.
  const work = async (): Promise<void> => {
    for (let at = taken++; at < waiting.length; at = taken++) {
      if (at % operations.length === 0) {
        await makeObjects(fuzzed.registry, at / operations.length);
        await known.refresh((path) => system.get(path));
      }
      await make(waiting[at]!);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  wire.close();
  return tally;
}

/** The restart that a call began, which is in no list of its own. */
function restartIn({ operation }: Call, { status, body }: Answer): [path: string, ...ids: string[]] {
  const began = status === 202 && operation.path.endsWith('/restarts');
  return ['/v1/restarts', ...(began ? [(JSON.parse(body) as { id: string }).id] : [])];
}

function sentAs(
  { operation, segments, query, headers, body, sender }: Call,
  known: KnownObjects,
  { keys }: FuzzedSystem,
): Sent {
  return {
    method: operation.method,
    target: `${known.pathOf(segments)}${query}`,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(sender !== 'none' && { 'x-api-key': keys[sender] }),
      ...headers,
    },
    body,
  };
}
