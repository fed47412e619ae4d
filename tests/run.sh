#!/usr/bin/env bash
# Every check there is: real consumers installed at their pins, lints, and all tests. Ends with what no test could try here.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/consumers/install.sh
cargo clippy --locked --all-targets -- -D warnings
log=target/not-tested.log
mkdir -p target
: > "$log"
SCALEGEN_NOT_TESTED="$PWD/$log" cargo test --locked
if [ -s "$log" ]; then
  echo "what the consumers' tests said:"
  sort -u "$log"
fi
