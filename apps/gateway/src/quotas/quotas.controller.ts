import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { QUOTA_NAMES, quotaList, QUOTAS, type QuotaList, type QuotaName } from '@signalbox/contracts/http';
import { CONFIG } from '@signalbox/platform';
import { KeyRing } from '../access/key-ring.js';
import type { Config } from '../config.js';
import { DatasourcesView } from '../datasources/datasources.view.js';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { RegistryView } from '../registry/registry.view.js';

@ApiTags('accounts')
@Controller('v1/quotas')
export class QuotasController {
  constructor(
    private readonly keys: KeyRing,
    private readonly registry: RegistryView,
    private readonly datasources: DatasourcesView,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listQuotas',
    summary: 'List quotas',
    description:
      'Role: admin. How much there may be of what is bounded in the whole deployment, and what is used. What would be more is refused with 409 `quota_exceeded`. ' +
      'An operator changes a quota with `SIGNALBOX_QUOTAS`. What the configuration file has is loaded whatever the quotas are.',
  })
  @ApiOkResponse(documented(quotaList, 'The quotas.'))
  @documentedErrors(401, 403, 429, 503)
  list(): QuotaList {
    const { SIGNALBOX_QUOTAS: limits } = this.config;
    const used = this.used();
    const data = QUOTA_NAMES.map((name) => {
      const { what } = QUOTAS[name];
      return { name, description: what, limit: limits[name], used: used[name] ?? null };
    });
    return { data };
  }

  /** From memory. What is not known yet is undefined. */
  private used(): Readonly<Partial<Record<QuotaName, number | undefined>>> {
    return { ...this.registry.used(), keys: this.keys.countValid(), datasources: this.datasources.count };
  }
}
