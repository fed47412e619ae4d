#!/usr/bin/env bash
# Builds the binary as a release ships it (profile dist, static, position-dependent) and measures it: one table, one run.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/bench/build.sh dist
exec python3 tests/bench/bars.py "$scalegen" "$empty" "$@"
