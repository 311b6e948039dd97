/** The variable by which tests find their RabbitMQ and Postgres. */
export const TEST_INFRA_VARIABLE = 'SIGNALBOX_TEST_INFRA';

/** Where tests find their servers, with users that have all permissions. */
export interface TestInfraAddresses {
  rabbitmq: { amqpPort: number; managementPort: number; user: string; password: string };
  postgres: { superuserUrl: string };
}

/** The servers that were given to this process; `undefined` when none were. */
export function givenTestInfra(): TestInfraAddresses | undefined {
  const text = process.env[TEST_INFRA_VARIABLE];
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as TestInfraAddresses);
}

/** Gives the servers to this process and to those it starts from now on; `undefined` withdraws them. */
export function giveTestInfra(addresses: TestInfraAddresses | undefined): void {
  if (addresses === undefined) delete process.env[TEST_INFRA_VARIABLE];
  else process.env[TEST_INFRA_VARIABLE] = JSON.stringify(addresses);
}

/** The servers of this test run. Throws when there are none. */
export function requireTestInfra(): TestInfraAddresses {
  const given = givenTestInfra();
  if (given) return given;
  throw new Error(
    `No RabbitMQ and Postgres for tests: such a test stands in the test/ folder of a package, or ${TEST_INFRA_VARIABLE} is set.`,
  );
}

/** The file that appears when the packages for tests are installed; `undefined` when the run installs none. */
export function testPackagesFile(): string | undefined {
  return process.env['SIGNALBOX_TEST_PACKAGES'] || undefined;
}
