import { Body, Controller, Get, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  account,
  accountList,
  changeAccountBody,
  createAccountBody,
  type Account,
  type ChangeAccountBody,
  type CreateAccountBody,
} from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import { documented, documentedErrors, openApiSchema } from '../http/docs/documented.js';
import { accountNotFound } from './account-not-found.js';
import { ChangeAccountCommand } from './change-account.command.js';
import { CreateAccountCommand } from './create-account.command.js';
import { toAccount } from './persistence/account.mapper.js';
import { AccountRepository } from './persistence/account.repository.js';

@ApiTags('accounts')
@Controller('v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly createAccount: CreateAccountCommand,
    private readonly changeAccount: ChangeAccountCommand,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'createAccount',
    summary: 'Create an account',
    description: 'Role: admin. Its tier says how many requests each of its keys may send.',
  })
  @ApiBody({ schema: openApiSchema(createAccountBody) })
  @ApiCreatedResponse(documented(account, 'The account.'))
  @documentedErrors(400, 401, 403, 409, 413, 415, 429, 503)
  create(
    @Body({ schema: createAccountBody }) body: CreateAccountBody,
    @Req() request: FastifyRequest,
  ): Promise<Account> {
    return this.createAccount.execute(body, askedBy(request));
  }

  @Get()
  @ApiOperation({
    operationId: 'listAccounts',
    summary: 'List accounts',
    description: 'Role: admin. At most 1,000, the newest first.',
  })
  @ApiOkResponse(documented(accountList, 'The accounts.'))
  @documentedErrors(401, 403, 429, 503)
  async list(): Promise<{ data: Account[] }> {
    return { data: (await this.accounts.list()).map(toAccount) };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getAccount', summary: 'Show an account', description: 'Role: admin.' })
  @ApiOkResponse(documented(account, 'The account.'))
  @documentedErrors(401, 403, 404, 429, 503)
  async show(@Param('id') id: string): Promise<Account> {
    const row = await this.accounts.find(id);
    if (row === null) throw accountNotFound(id);
    return toAccount(row);
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'changeAccount',
    summary: 'Change the name or the tier of an account',
    description: 'Role: admin. The limits of the new tier apply at once, also in the hour that has begun.',
  })
  @ApiBody({ schema: openApiSchema(changeAccountBody) })
  @ApiOkResponse(documented(account, 'The account as it is now.'))
  @documentedErrors(400, 401, 403, 404, 413, 415, 429, 503)
  change(
    @Param('id') id: string,
    @Body({ schema: changeAccountBody }) body: ChangeAccountBody,
    @Req() request: FastifyRequest,
  ): Promise<Account> {
    return this.changeAccount.execute(id, body, askedBy(request));
  }
}
