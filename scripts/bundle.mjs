// @ts-check
import { bundleServices } from './lib/prepare/bundle.mjs';

await bundleServices();
