#!/usr/bin/env bash
# Would docker compose take these files, merged in this order?
#
#   compose.sh FILE...
#
# Prints the merged project as docker compose itself understands it, in JSON; its warnings
# and errors go to stderr. Services behind a profile are included. No engine is needed.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($#)) || give_up "at least one FILE is wanted"
program=$(need py/bin/docker-compose)
files=()
for file in "$@"; do
  [[ -r $file ]] || give_up "cannot read $file"
  files+=(-f "$file")
done
# Nothing of the caller's own surroundings may change the verdict.
unset COMPOSE_FILE COMPOSE_PROFILES COMPOSE_PROJECT_NAME COMPOSE_ENV_FILES
timeout 60 "$program" --ansi never --profile '*' "${files[@]}" config --format json </dev/null || exit 1
