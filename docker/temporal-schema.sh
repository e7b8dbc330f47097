#!/bin/sh
# Creates Temporal's two databases and brings their schemas up to date. Safe to run again, and to run after an upgrade.
# Where the database is, temporal-sql-tool reads from SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN.
set -eu

set_up() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

set_up "$DBNAME" temporal
set_up "$VISIBILITY_DBNAME" visibility
