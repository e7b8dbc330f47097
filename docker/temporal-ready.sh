#!/bin/sh
# Waits until the Temporal server is healthy. Where it is, the temporal command reads from TEMPORAL_ADDRESS.
set -eu

attempt=1
until temporal operator cluster health >/dev/null 2>&1; do
  if [ "$attempt" -ge 60 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not healthy after $attempt attempts; see: docker compose logs temporal" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 2
done
