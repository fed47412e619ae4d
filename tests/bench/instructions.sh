#!/usr/bin/env bash
# Builds scalegen as it is measured and holds its instruction counts below committed bounds (see instructions.py).
#
#   tests/bench/instructions.sh            count and compare
#   tests/bench/instructions.sh --update   count and commit to the counts: writes tests/bench/instructions.json
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v valgrind >/dev/null; then
  echo "instructions: NOT COUNTED: no valgrind here (apt-get install valgrind)" >&2
  [[ -z ${CI:-} ]]
  exit
fi
source tests/bench/build.sh release
exec python3 tests/bench/instructions.py "$scalegen" "$empty" "$@"
