#!/usr/bin/env bash
# Every check there is: the real consumers installed at their pins, lints, and all tests. A line on standard error says what could not be tried.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/consumers/install.sh
cargo clippy --locked --all-targets -- -D warnings
cargo clippy --locked --manifest-path tests/fuzz/Cargo.toml --target-dir target -- -D warnings
# the same random cases in every run of this script; `cargo test` alone tries others
PROPTEST_RNG_SEED=20261122 cargo test --locked
bash tests/bench/instructions.sh
bash tests/fuzz/run.sh
