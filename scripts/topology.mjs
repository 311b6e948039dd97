// @ts-check
import { brokerUrl } from './lib/base/broker-url.mjs';
import { fail, loaded } from './lib/base/fail.mjs';
import { homeFrom } from './lib/base/home.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';

const help = `npm run topology: prints every exchange, queue and binding that the services declare, and the state streams.

  npm run topology -- --live               what the broker has, compared with that; exit code 1 where something is missing or different
  npm run topology -- --live --management http://user:password@host:15672
                                           of a broker that npm start did not make, by its management API

The broker is RABBITMQ_URL, else the one that npm start left in .signalbox/connection.env (SIGNALBOX_HOME).
`;

const { values } = readOptions(help, { options: { live: { type: 'boolean' }, management: { type: 'string' } } });
if (values.management !== undefined && !values.live) refuseUsage('--management needs --live.', help);

const { compareWithBroker, declaredTopology } = await loaded(() => [
  import('./lib/topology/live.mjs'),
  import('./lib/topology/declared.mjs'),
]);
if (!values.live) {
  process.stdout.write(declaredTopology());
  process.exit(0);
}
try {
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
