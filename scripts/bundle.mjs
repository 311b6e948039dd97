// @ts-check
import { readOptions } from './lib/base/options.mjs';
import { bundleServices } from './lib/prepare/bundle.mjs';

readOptions('npm run build: compiles all packages and bundles the services. It takes no options.\n');
await bundleServices();
