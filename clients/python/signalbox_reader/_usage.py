"""The text of --help, the same as that of the command of @signalbox/reader-client."""

USAGE = """\
Usage: signalbox-reader --id <id> --model <name> --health <url> [options] [-- <command> [<argument>...]]

Shows a model server as a reader in Signalbox: loading until its health URL answers 2xx, then ready, and loading again
after failed probes. A command is started as a child: signals are forwarded, its exit code is returned. It can be
stopped by DELETE /reader/<id>. Without a command the server is one that runs already.

  --id <id>                 the reader; unique                            SIGNALBOX_READER_ID
  --model <name>            the model that it serves                      SIGNALBOX_READER_MODEL
  --health <url>            http:// or https://                           SIGNALBOX_READER_HEALTH
  --type <type>             chat, embedding, ... (chat)                   SIGNALBOX_READER_TYPE
  --device <device>         cpu, cuda, ... (cpu)                          SIGNALBOX_READER_DEVICE
  --groups <a,b>            its consumer groups (primary)                 SIGNALBOX_READER_GROUPS
  --name <name>             its name as a consumer (the id)               SIGNALBOX_READER_NAME
  --backend <name>          what runs the model, for example vllm         SIGNALBOX_READER_BACKEND
  --config-file <path>      JSON object to show, without credentials      SIGNALBOX_READER_CONFIG_FILE
  --interval <s>            seconds between heartbeats (10)               SIGNALBOX_READER_INTERVAL
  --pids <1,2>              its processes (those of the command)          SIGNALBOX_READER_PIDS
  --probe-interval <s>      seconds between probes (2)                    SIGNALBOX_READER_PROBE_INTERVAL
  --probe-timeout <s>       seconds that a probe may take (5)             SIGNALBOX_READER_PROBE_TIMEOUT
  --probe-failures <n>      failed probes until it is loading (3)         SIGNALBOX_READER_PROBE_FAILURES
  --stop-timeout <s>        seconds until the command is killed (30)      SIGNALBOX_READER_STOP_TIMEOUT
  -h, --help                this text

An option takes precedence over its variable. The URL of the broker holds a key, so it is no option: it is read from
READER_RABBITMQ_URL, or from the file that READER_RABBITMQ_URL_FILE names. The command does not get these variables.
The exit code is that of the command, 128 and the number of the signal that ended it, 127 where it could not be
started, 2 for a wrong option, or 0."""
