import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  datasourceRequest,
  datasourceRequestTypes as types,
  orOfEarlierGateway,
  type AttemptsReply,
  type DatasourceReply,
  type DatasourceRequest,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { AttemptsQuery } from './attempts.query.js';
import { CreateDatasourceCommand } from './create-datasource.command.js';
import { DeleteDatasourceCommand } from './delete-datasource.command.js';
import { PatchDatasourceCommand } from './patch-datasource.command.js';
import { ResyncDatasourceCommand } from './resync-datasource.command.js';
import { RotateKeyCommand } from './rotate-key.command.js';
import { VerifyDatasourceCommand } from './verify-datasource.command.js';

const BODY = { schema: orOfEarlierGateway(datasourceRequest) };

/** Requests that change or read a datasource. */
@Controller()
export class DatasourcesController {
  constructor(
    private readonly createDatasource: CreateDatasourceCommand,
    private readonly patchDatasource: PatchDatasourceCommand,
    private readonly deleteDatasource: DeleteDatasourceCommand,
    private readonly verifyDatasource: VerifyDatasourceCommand,
    private readonly resyncDatasource: ResyncDatasourceCommand,
    private readonly rotateKey: RotateKeyCommand,
    private readonly attempts: AttemptsQuery,
  ) {}

  @MessagePattern(types.create)
  onCreate(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.createDatasource.execute({ request, context, action: 'create-datasource' });
  }

  @MessagePattern(types.patch)
  onPatch(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.patchDatasource.execute({ request, context, action: 'patch-datasource' });
  }

  @MessagePattern(types.delete)
  onDelete(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.deleteDatasource.execute({ request, context, action: 'delete-datasource' });
  }

  @MessagePattern(types.verify)
  onVerify(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.verifyDatasource.execute({ request, context, action: 'verify-datasource' });
  }

  @MessagePattern(types.resync)
  onResync(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.resyncDatasource.execute({ request, context, action: 'resync-datasource' });
  }

  @MessagePattern(types.rotateKey)
  onRotateKey(@Payload(BODY) request: DatasourceRequest, @Ctx() context: AmqpContext): Promise<DatasourceReply> {
    return this.rotateKey.execute({ request, context, action: 'rotate-datasource-key' });
  }

  @MessagePattern(types.attempts)
  onAttempts(@Payload(BODY) request: DatasourceRequest): Promise<AttemptsReply> {
    return this.attempts.execute(request);
  }
}
