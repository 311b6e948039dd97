import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** A service as an app defines it, with the built package. */
const SERVICE = `
     import { Inject, Injectable, Module } from '@nestjs/common';
     import { nestService } from '@signalbox/nest-service';
     import { CLOCK, CONFIG, HEALTH, LOGGER, METRICS, SHUTDOWN, loadConfig, runService, serviceEnv } from '@signalbox/platform';
     import { z } from 'zod';
     class Worker {
       constructor(config, logger, clock, health, metrics, shutdown) { Object.assign(this, { config, logger, clock, health, metrics, shutdown }); }
       async onModuleInit() {
         this.health.add('worker', () => ({ status: 'up', since: this.clock.now() }));
         this.metrics.counter({ name: 'signalbox_sample_total', help: 'Sample.' });
         await new Promise((resolve) => process.once('message', resolve));
         this.logger.info({ level_is: this.config.LOG_LEVEL, aborted: this.shutdown.aborted }, 'worker started');
       }
       onModuleDestroy() { console.log('worker closed'); }
     }
     Injectable()(Worker);
     [CONFIG, LOGGER, CLOCK, HEALTH, METRICS, SHUTDOWN].forEach((token, index) => Inject(token)(Worker, undefined, index));
     class Feature {}
     Module({ providers: [Worker] })(Feature);
     class AppModule {}
     Module({ imports: [Feature] })(AppModule);
     runService(nestService({ name: 'sample', module: AppModule, config: () => loadConfig(z.object(serviceEnv), process.env) }));`;

test('runs a Nest service: injects the platform, serves the management port during the start, and closes in order', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVICE], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, DATABASE_URL: 'postgres://h/d', RABBITMQ_URL: 'amqp://h', LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  const drained = once(child.stdout!, 'end');
  const exited = once(child, 'exit');
  await expect.poll(() => output, { timeout: 30_000 }).toContain('Starting Nest application');
  child.send({});
  const [{ managementPort }] = (await once(child, 'message')) as [{ managementPort: number }];
  const ready = await fetch(`http://127.0.0.1:${managementPort}/readyz?verbose`);
  expect(await ready.json()).toMatchObject({
    status: 'ready',
    checks: { process: { status: 'up' }, worker: { status: 'up' } },
  });
  expect(await (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text()).toContain(
    'signalbox_sample_total{service="sample"} 0',
  );
  child.kill('SIGTERM');
  const [code] = (await exited) as [number | null];
  await drained;
  expect(code).toBe(0);
  expect(output).toContain('"level_is":"debug","aborted":false,"msg":"worker started"');
  expect(output).toContain('worker closed');
});
