// @ts-check
import { readOptions } from './lib/base/options.mjs';
import { bundleAll } from './lib/prepare/bundle.mjs';

readOptions(
  'npm run build: compiles all packages and bundles the services and the client of readers. It takes no options.\n',
);
await bundleAll();
