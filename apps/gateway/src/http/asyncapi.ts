import { createHash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { asyncApiDocument } from '@signalbox/contracts/asyncapi';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cachedAnswer, sendAnswer, type CachedBody } from './plain-answer.js';

/** Serves the AsyncAPI document of all messages at `/asyncapi.json`. It is put together once. */
export function serveAsyncApi(app: NestFastifyApplication, version: string): void {
  const bytes = Buffer.from(JSON.stringify(asyncApiDocument(version)));
  const body: CachedBody = { etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`, bytes };
  app
    .getHttpAdapter()
    .get('/asyncapi.json', (request: FastifyRequest, reply: FastifyReply) =>
      sendAnswer(reply, cachedAnswer(body, request.headers['if-none-match'])),
    );
}
