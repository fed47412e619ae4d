#!/usr/bin/env bash
# Every check there is: the real consumers installed at their pins, lints, and all tests. A line on standard error says what could not be tried.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/consumers/install.sh
cargo clippy --locked --all-targets -- -D warnings
cargo clippy --locked --manifest-path tests/fuzz/Cargo.toml --target-dir target -- -D warnings
# the same random cases in every run of this script; `cargo test` alone tries others
PROPTEST_RNG_SEED=20261122 cargo test --locked
# the manual's worked examples choose among policies, which takes minutes without optimisation; the other packages are those of the tests
cargo build --locked --config profile.dev.package.scalegen.opt-level=1 --bin scalegen
install -D target/debug/scalegen target/optimised/scalegen
SCALEGEN_PROGRAM=$PWD/target/optimised/scalegen cargo test --locked --test it -- --ignored the_worked_examples
bash tests/bench/instructions.sh
bash tests/fuzz/run.sh
