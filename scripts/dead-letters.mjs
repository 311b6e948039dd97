// @ts-check
import { brokerUrl } from './lib/base/broker-url.mjs';
import { fail, loaded } from './lib/base/fail.mjs';
import { harmless } from './lib/base/harmless.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';

const help = `npm run dead-letters: shows dead-lettered messages: those that could not be handled, each with the reason.

  npm run dead-letters                      lists them: refused heartbeats last, the oldest of each first
  npm run dead-letters -- show 3            one of them whole; by its number or the beginning of its id
  npm run dead-letters -- replay 3 [4 …]    sends them back to the queues they are known to come from; replay all
  npm run dead-letters -- discard 3 [4 …]   removes them for good; discard all

The broker is RABBITMQ_URL, else the one that npm start left in .signalbox/connection.env (SIGNALBOX_HOME).
docs/operations.md explains each reason.
`;

function urlOfBroker() {
  try {
    return brokerUrl(process.env);
  } catch (error) {
    return fail(error);
  }
}

const { positionals } = readOptions(help, { positionals: Infinity });
const [command = 'list', ...wanted] = positionals;
const takes = new Map([
  ['list', 0],
  ['show', 1],
  ['replay', Infinity],
  ['discard', Infinity],
]).get(command);
if (takes === undefined) refuseUsage(`There is no command ${JSON.stringify(command)}.`, help);
if (wanted.length > takes) refuseUsage(`${command} takes ${takes} argument${takes === 1 ? '' : 's'}.`, help);
if (takes > 0 && wanted.length === 0) refuseUsage(`${command} needs the number of a dead letter.`, help);

const { Letters, MOST, listOf, pageOf } = await loaded(() => [
  import('./lib/dead-letters/letters.mjs'),
  import('./lib/dead-letters/print.mjs'),
]);
const letters = await Letters.open(urlOfBroker()).catch((error) =>
  fail(`The broker cannot be asked: ${error.message}`),
);
const chosen =
  wanted[0] === 'all'
    ? letters.all
    : wanted.map((each) => letters.find(each) ?? fail(`There is no dead letter ${each}.`));

let kept = 0;
if (letters.all.length === 0) process.stdout.write('There are no dead letters.\n');
else if (command === 'list') {
  process.stdout.write(listOf(letters.all));
  if (letters.all.length >= MOST) process.stdout.write(`At most ${MOST} of a queue are listed; there may be more.\n`);
}
for (const letter of chosen) {
  if (command === 'show') process.stdout.write(pageOf(letter));
  if (command === 'replay') {
    const outcome = await letters.replay(letter);
    if ('refused' in outcome) kept += 1;
    process.stdout.write(
      'queue' in outcome
        ? `${letter.id}: sent to ${outcome.queue} again\n`
        : harmless(`${letter.id}: not sent, and it stays dead-lettered: ${outcome.refused}\n`),
    );
  }
  if (command === 'discard') {
    letters.discard(letter);
    process.stdout.write(`${letter.id}: discarded\n`);
  }
}
await letters.close();
process.exitCode = kept > 0 ? 1 : 0;
