#!/usr/bin/env bash
# Holds the instruction counts of a few commands below committed bounds (see instructions.py).
#
#   tests/bench/instructions.sh [debug|release]            count and compare; debug, if not said, is what the tests run;
#                                                          release is what releases ship, the profile dist
#   tests/bench/instructions.sh [debug|release] --update   take the present counts as the bounds: instructions.json
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v valgrind >/dev/null; then
  echo "instructions: NOT COUNTED: no valgrind here (apt-get install valgrind)" >&2
  [[ -z ${CI:-} ]]
  exit
fi
kind=debug
if [[ ${1:-} == debug || ${1:-} == release ]]; then kind=$1 && shift; fi
if [[ $kind == release ]]; then
  source tests/bench/build.sh dist
else
  cargo build --quiet --locked
  scalegen=target/debug/scalegen
fi
exec python3 tests/bench/instructions.py "$kind" "$scalegen" "$@"
