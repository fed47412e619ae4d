#!/usr/bin/env bash
# The simulator's figures with the profile release: time of ticks, jobs and a day, ratios, and means that theory knows.
# Then the manual's worked examples, each against what the page shows.
# --bars: exit 1 also where a time is above its bar.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo run --quiet --release --locked --example bench-simulate -- "$@"
# the whole page of worked examples, with the program that users have
cargo build --quiet --release --locked
SCALEGEN_PROGRAM=$PWD/target/release/scalegen cargo test --quiet --locked --test it -- \
  --ignored the_worked_examples_print_what_the_page_shows
