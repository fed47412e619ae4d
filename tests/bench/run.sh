#!/usr/bin/env bash
# Builds the release binary as it is shipped (static, position-dependent) and measures it: one table, one run.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(rustc -vV | sed -n 's/^host: //p')
flags=(-C target-feature=+crt-static -C relocation-model=static)
RUSTFLAGS="${flags[*]}" cargo build --release --quiet --target "$target"
mkdir -p target/bench
rustc --edition 2024 -C opt-level=3 -C panic=abort -C strip=symbols "${flags[@]}" --target "$target" \
  -o target/bench/empty tests/bench/empty.rs
exec python3 tests/bench/bars.py "target/$target/release/scalegen" target/bench/empty "$@"
