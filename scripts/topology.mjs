// @ts-check
import { brokerUrl } from './lib/base/broker-url.mjs';
import { fail, loaded } from './lib/base/fail.mjs';
import { homeFrom } from './lib/base/home.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';

const help = `npm run topology: prints every exchange, queue and binding that the services declare, and the state streams.

  npm run topology -- --live               what the broker has, compared with that; exit code 1 where something is missing or different
  npm run topology -- --live --management http://user:password@host:15672
                                           of a broker that npm start did not make, by its management API

  npm run topology -- --remove-earlier     removes what an earlier release has left; dead letters in it stay until they are
                                           replayed or discarded. npm start does it by itself

The broker is RABBITMQ_URL, else the one that npm start left in .signalbox/connection.env (SIGNALBOX_HOME).
`;

const { values } = readOptions(help, {
  options: { live: { type: 'boolean' }, management: { type: 'string' }, 'remove-earlier': { type: 'boolean' } },
});
if (values.management !== undefined && !values.live) refuseUsage('--management needs --live.', help);

if (values['remove-earlier'] && values.live) refuseUsage('--remove-earlier and --live are two commands.', help);

const { compareWithBroker, declaredTopology } = await loaded(() => [
  import('./lib/topology/live.mjs'),
  import('./lib/topology/declared.mjs'),
]);
if (!values.live && !values['remove-earlier']) {
  process.stdout.write(declaredTopology());
  process.exit(0);
}
try {
  if (values['remove-earlier']) {
    const { removeEarlier } = await import('./lib/topology/remove-earlier.mjs');
    const lines = await removeEarlier(brokerUrl(process.env));
    process.stdout.write(lines.length === 0 ? 'No queue of an earlier release is left.\n' : `${lines.join('\n')}\n`);
    process.exit(0);
  }
  const { text, isAsDeclared } = await compareWithBroker({
    home: homeFrom(process.env),
    // The management API is asked for the virtual host of this URL.
    url: brokerUrl(process.env),
    management: values.management,
  });
  process.stdout.write(text);
  process.exitCode = isAsDeclared ? 0 : 1;
} catch (error) {
  fail(error);
}
