import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { asyncApiDocument } from '@signalbox/contracts/asyncapi';
import {
  AUDIT_COMMAND,
  DATAPLANE_EVENT,
  dataplaneCommandTypes,
  dataplaneRequestTypes,
  DATASOURCE_CHANGE,
  datasourceRequestTypes,
  exchanges,
  journalRequestTypes,
  messageTypes,
  readerCommandTypes,
  readerRequestTypes,
  registryRequestTypes,
} from '@signalbox/contracts/messages';
import { senderRules } from '@signalbox/contracts/rights';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/script-run.js';

interface Message {
  readonly name?: string;
  readonly payload: object;
  readonly examples: readonly { readonly payload: unknown }[];
}

interface Document {
  readonly channels: Record<
    string,
    { readonly address: string | null; readonly bindings?: { readonly amqp: { readonly exchange: { name: string } } } }
  >;
  readonly operations: Record<string, { action: string; channel: { $ref: string }; tags: { name: string }[] }>;
  readonly components: { readonly messages: Record<string, Message> };
}

const document = asyncApiDocument('1.2.3');
const { channels, components, operations } = document as unknown as Document;
const messages = Object.entries(components.messages);

const ajv = addFormats.default(new Ajv({ strict: false }));

/** What is wrong with a body, by the schema of a message in the document; undefined: nothing. */
function objection(id: string, body: unknown): unknown {
  const message = components.messages[id];
  if (message === undefined) return `there is no message ${id}`;
  return ajv.validate(message.payload, body) ? undefined : ajv.errors;
}

describe('the AsyncAPI document', () => {
  it('is valid under the parser of AsyncAPI', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
    // 0 is an error, 1 a warning; what is below says that there are later versions of AsyncAPI.
    expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(parsed?.version()).toBe('3.0.0');
    expect(parsed?.operations().filterBySend().length).toBeGreaterThan(10);
  });

  it('has every type of message, and every exchange that a message is published to', () => {
    const types = [
      messageTypes,
      registryRequestTypes,
      dataplaneRequestTypes,
      dataplaneCommandTypes,
      datasourceRequestTypes,
      readerRequestTypes,
      readerCommandTypes,
      journalRequestTypes,
    ].flatMap((each) => Object.values<string>(each));
    const named = messages.flatMap(([, { name }]) => name ?? []);
    expect(new Set(named)).toEqual(
      new Set([...types, DATAPLANE_EVENT, DATASOURCE_CHANGE, AUDIT_COMMAND, 'reply', 'error']),
    );
    // What waits in the retry exchange, and what passes the ring, was published to another one before.
    const others = Object.values(exchanges).filter(
      (exchange) => exchange !== exchanges.retry && exchange !== exchanges.heartbeatRing,
    );
    const used = Object.values(channels).flatMap(({ bindings }) => bindings?.amqp.exchange.name ?? []);
    expect(new Set(used)).toEqual(new Set(others.map(({ name }) => name)));
  });

  it.each(messages)('has an example that its own schema accepts: %s', (id, { examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const { payload } of examples) expect(objection(id, payload)).toBeUndefined();
  });

  it('names as senders only those that the broker lets publish', () => {
    const rules = senderRules();
    const userOf: Record<string, string> = { reader: 'readers', 'dataplane-agent': 'dataplanes' };
    const sending = Object.entries(operations).filter(([, { action }]) => action === 'send');
    expect(sending.length).toBeGreaterThan(10);
    for (const [id, { channel, tags }] of sending) {
      const { address, bindings } = channels[channel.$ref.split('/').at(-1)!]!;
      const exchange = bindings?.amqp.exchange.name ?? '';
      for (const { name } of tags) {
        const user = userOf[name] ?? name;
        const routingKey = (address ?? '')
          .replace('{partition}', '0')
          .replace('{stream}', user === 'reader-heartbeat' ? 'gateway' : 'registry')
          .replace('{queue}', user === 'dataplanes' ? 'dataplane.main.control' : `${user}.x`)
          .replaceAll(/\{\w+\}/g, 'x');
        expect([id, rules.publishersOf({ exchange, routingKey })]).toEqual([id, expect.arrayContaining([user])]);
      }
    }
  });

  it('refuses a body that the schema in the code refuses', () => {
    const { payload } = components.messages['reader.heartbeat']!.examples[0]!;
    expect(objection('reader.heartbeat', [payload, { ...(payload as object), pids: ['one'] }])).toBeDefined();
    expect(objection('dataplane.shutdown', { restart_id: 'restart-1' })).toBeDefined();
  });
});

describe('docs/messages.md', () => {
  const page = readFileSync(join(checkout, 'docs/messages.md'), 'utf8');
  const blocks = [...page.matchAll(/^```json(?: (\S+))?\n([\s\S]*?)^```/gm)].map(([, id, text]) => ({
    id,
    text: text!,
  }));

  it('names the message of each example', () => {
    expect(blocks.map(({ id }) => id)).toEqual([
      'reader.heartbeat',
      'reader.stop',
      'dataplane.report',
      'dataplane.shutdown',
      'dataplane.event',
      'dataplane.event',
      'datasource.change',
      'datasource.change',
    ]);
  });

  it.each(blocks)('has an example that the AsyncAPI document accepts: $id', ({ id, text }) => {
    expect(objection(id!, JSON.parse(text))).toBeUndefined();
  });
});
