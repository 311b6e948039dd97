import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { asyncApiDocument } from '@signalbox/contracts/asyncapi';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fixedBody } from './caching/cached-body.js';
import { cachedAnswer, sendAnswer } from './plain-answer.js';

/** Serves the AsyncAPI document of all messages at `/asyncapi.json`. */
export function serveAsyncApi(app: NestFastifyApplication, version: string): void {
  const body = fixedBody(() => JSON.stringify(asyncApiDocument(version)));
  app
    .getHttpAdapter()
    .get('/asyncapi.json', (request: FastifyRequest, reply: FastifyReply) =>
      sendAnswer(reply, cachedAnswer(body(), request.headers['if-none-match'])),
    );
}
