import { connect, type ChannelModel } from 'amqplib';
import { brokerUrlsOf } from '@signalbox/platform';

/** A host that does not answer at all is given up. */
const TIMEOUT_MS = 10_000;

/**
 * One connection, for programs that do their work and end, to the first host of the broker that takes it.
 * @param url as `RABBITMQ_URL`
 * @throws the error of the last host
 */
export async function connectToBroker(url: string): Promise<ChannelModel> {
  let failure: unknown = new Error('the URL of the broker is not valid');
  for (const each of brokerUrlsOf(url) ?? []) {
    try {
      return await connect(each, { timeout: TIMEOUT_MS });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
