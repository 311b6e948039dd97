import { parseArgs } from 'node:util';

export const usage = `Usage: npm run reader -- <id> [options]
   or: node examples/reader.mjs <id> [options]

  --model <name>        the model it serves         (sample-model)
  --type <type>         chat, embedding, …          (chat)
  --device <device>     cpu, cuda, …                (cpu)
  --groups <a,b>        its consumer groups         (primary)
  --interval <s>        seconds between heartbeats (10)
  --load-seconds <s>    seconds in state loading    (1)

It connects to READER_RABBITMQ_URL. Without that variable it reads the URL from connection.env, which \`npm start\`
writes into the folder SIGNALBOX_HOME (default: .signalbox in this checkout).`;

/** The readers that `npm start` starts: their id is enough to start one of them again. */
const samples = {
  'sample-llama-0': { model: 'llama-3-70b', type: 'chat', device: 'cuda', groups: 'primary', interval: '2' },
  'sample-embed-0': { model: 'bge-large-en', type: 'embedding', device: 'cpu', groups: 'embed', interval: '2' },
};

const defaults = {
  model: 'sample-model',
  type: 'chat',
  device: 'cpu',
  groups: 'primary',
  interval: '10',
  'load-seconds': '1',
};

const text = { type: 'string' };
const options = {
  model: text,
  type: text,
  device: text,
  groups: text,
  interval: text,
  'load-seconds': text,
  help: { type: 'boolean', short: 'h' },
};

/**
 * @param {string[]} argv without node and the script
 * @returns {{help: true} | {problem: string} | {id: string, model: string, type: string, device: string,
 *   groups: string[], interval: number, loadSeconds: number}}
 */
export function readArguments(argv) {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    return { problem: error.message };
  }
  const { values, positionals } = parsed;
  if (values.help) return { help: true };
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) return { problem: 'Give the reader exactly one id.' };
  const given = { ...defaults, ...samples[id], ...values };
  const loadSeconds = Number(given['load-seconds']);
  if (!(loadSeconds >= 0 && loadSeconds <= 86_400)) return { problem: '--load-seconds must be 0 to 86400.' };
  return {
    id,
    model: given.model,
    type: given.type,
    device: given.device,
    groups: given.groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== ''),
    interval: Number(given.interval),
    loadSeconds,
  };
}
