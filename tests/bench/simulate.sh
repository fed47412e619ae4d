#!/usr/bin/env bash
# The simulator's figures with the profile release: time of ticks, jobs and a day, ratios, and means that theory knows.
# --bars: exit 1 also where a time is above its bar.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo run --quiet --release --locked --example bench-simulate -- "$@"
