import type { AppConfig } from '@signalbox/contracts/http';
import type { ReadersSettings } from '@signalbox/contracts/streams';
import type { Config } from '../config.js';
import type { ListeningPorts } from '../http/listening.js';

/**
 * `config` of `GET /status`: what is in force. The settings of the readers come from reader-heartbeat; until it has
 * spoken, what this process was configured with stands in, since both get the same variables.
 */
export function appConfig(config: Config, ports: ListeningPorts, settings: ReadersSettings | undefined): AppConfig {
  return {
    allow_remote_images: config.SIGNALBOX_ALLOW_REMOTE_IMAGES,
    body_size_limit_bytes: config.SIGNALBOX_BODY_SIZE_LIMIT_BYTES,
    echo: config.SIGNALBOX_ECHO,
    enable_metrics: config.SIGNALBOX_ENABLE_METRICS,
    heartbeat_check_interval: settings?.heartbeat_check_interval ?? config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
    internal_port: config.SIGNALBOX_INTERNAL_PORT,
    management_port: ports.managementPort,
    openai_port: config.SIGNALBOX_OPENAI_PORT,
    port: ports.port,
    reader_message_timeout_ms: settings?.reader_message_timeout_ms ?? config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
    repository_path: config.SIGNALBOX_REPOSITORY_PATH,
    reserved_consumers: config.SIGNALBOX_RESERVED_CONSUMERS,
    snowflake_port: config.SIGNALBOX_SNOWFLAKE_PORT,
    vertex_port: config.SIGNALBOX_VERTEX_PORT,
  };
}
