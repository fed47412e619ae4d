#!/usr/bin/env bash
# Builds the release binary as it is shipped (static, position-dependent) and measures it: one table, one run.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/bench/build.sh release
exec python3 tests/bench/bars.py "$scalegen" "$empty" "$@"
