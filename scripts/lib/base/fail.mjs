// @ts-check
import { describeFailure } from './failure.mjs';

/**
 * Ends the script with exit code 1.
 * @param {unknown} reason a sentence with what to do, or an error
 * @returns {never}
 */
export function fail(reason) {
  process.stderr.write(`${typeof reason === 'string' ? `✗ ${reason}` : describeFailure(reason)}\n`);
  process.exit(1);
}

/**
 * Modules that need the packages, or what the build makes. Where these are missing the script ends, with what to run.
 * @template {object} First
 * @template {object} Second
 * @param {() => [Promise<First>, Promise<Second>]} load imports them
 * @returns {Promise<First & Second>} what they export, together
 */
export async function loaded(load) {
  try {
    const [first, second] = await Promise.all(load());
    return { ...first, ...second };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return fail('Signalbox is not installed and built yet: run `npm start`, or `npm ci && npm run build`.');
  }
}

/** @param {unknown} error */
const isMissing = (error) => error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
