#!/bin/sh
# Starts RabbitMQ with its management API at the address in the network `management`, in which only the gateway is besides. Without
# such an address it listens on loopback: then the connections of revoked keys stay open.
set -eu
address=$(getent hosts rabbitmq-management | awk '{ print $1; exit }')
echo "management.tcp.ip = ${address:-127.0.0.1}" > "${RABBITMQ_CONF_FOLDER:-/etc/rabbitmq/conf.d}/30-management.conf"
exec docker-entrypoint.sh rabbitmq-server
