import { Module } from '@nestjs/common';
import { SealedBody } from './sealed-body.js';

/** What every request needs before a command reads it. */
@Module({ providers: [SealedBody], exports: [SealedBody] })
export class RequestsModule {}
