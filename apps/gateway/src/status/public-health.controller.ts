import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { publicHealth, type PublicHealth } from '@signalbox/contracts/http';
import { documented, documentedErrors } from '../http/docs/documented.js';

@ApiTags('status')
@Controller('health')
export class PublicHealthController {
  @Get()
  @ApiOperation({
    operationId: 'getHealth',
    summary: 'Whether the API answers',
    description: 'Public. Says nothing else on purpose.',
  })
  @ApiOkResponse(documented(publicHealth, 'It answers.'))
  @documentedErrors(400)
  health(): PublicHealth {
    return { status: 'healthy' };
  }
}
