#!/usr/bin/env bash
# Runs the tests on an instrumented build and holds the core rooms to 95 % of their lines (see coverage.py).
#
#   tests/coverage.sh             run the tests, print each room, fail below the bound
#   tests/coverage.sh --missing   the same, and name every line that no test reached
#   tests/coverage.sh --report    count the last run again, without running a test
#
# llvm-profdata and llvm-cov must be of rustc's own LLVM: `rustup component add llvm-tools`, or Debian's llvm-<version>.
set -euo pipefail
cd "$(dirname "$0")/.."
major=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
host=$(rustc -vV | sed -n 's/^host: //p')

# The first of the places where a tool usually is whose version fits.
tool() {
  local path
  for path in "$(rustc --print sysroot)/lib/rustlib/$host/bin/$1" "/usr/lib/llvm-$major/bin/$1" "$1-$major" "$1"; do
    if [[ "$("$path" --version 2>/dev/null)" == *"LLVM version $major."* ]]; then
      echo "$path"
      return
    fi
  done
}
profdata=$(tool llvm-profdata) cov=$(tool llvm-cov)
if [[ -z $profdata || -z $cov ]]; then
  echo "coverage: NOT COUNTED: no llvm-profdata and llvm-cov of LLVM $major here" \
    "(rustup component add llvm-tools, or apt-get install llvm-$major)" >&2
  [[ -z ${CI:-} ]]
  exit
fi

target=$PWD/target/coverage profiles=$PWD/target/coverage/profiles
if [[ ${1:-} == --report ]]; then
  shift
else
  rm -rf "$profiles" && mkdir -p "$profiles"
  # only the packages of this repository are counted, so only they pay for it
  printf '#!/bin/sh\nexec "$@" -Cinstrument-coverage\n' >"$target/rustc" && chmod +x "$target/rustc"
  # children count too: each adds to the file of its binary, so that thousands of them leave a few files
  LLVM_PROFILE_FILE=$profiles/build-%p RUSTC_WORKSPACE_WRAPPER=$target/rustc CARGO_TARGET_DIR=$target \
    cargo test --locked --no-run --message-format json-render-diagnostics |
    python3 -c 'import json, sys
for message in map(json.loads, sys.stdin):
    if message.get("executable"): print(message["executable"])' >"$target/binaries"
  rm -f "$profiles"/build-*
  # what asks other programs, builds packages, weighs memory or dies on purpose is slow and reaches no other line
  skipped=(action:: bombs:: consumers:: delivery:: editor:: engine:: faults:: hooks:: killed:: release:: tidy::)
  while read -r binary; do
    [[ $binary == */deps/* ]] || continue
    env -u CI LLVM_PROFILE_FILE="$profiles/%8m.profraw" PROPTEST_RNG_SEED=20261122 "$binary" --quiet "${skipped[@]/#/--skip=}"
  done <"$target/binaries"
  "$profdata" merge --sparse --output "$target/all.profdata" "$profiles"/*.profraw
fi
mapfile -t objects < <(sed 's/^/--object=/' "$target/binaries")
"$cov" export --format lcov --instr-profile "$target/all.profdata" "${objects[@]}" --sources src |
  python3 tests/coverage.py "$@"
