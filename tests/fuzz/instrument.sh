#!/usr/bin/env bash
# What cargo calls in place of rustc: the crates whose ways through their code guide the fuzzer are compiled with a counter
# on every edge, the rest as always. Counters in all of them would make a build three times as long. Comparisons are not
# traced: that takes two thirds of a run, and the words they would find stand in the dictionary.
set -euo pipefail
rustc=$1
shift
crate=
previous=
for argument in "$@"; do
  [[ $previous != --crate-name ]] || crate=$argument
  previous=$argument
done
case $crate in
  scalegen | scalegen_fuzz | granit_parser)
    # flags that `cargo fuzz` uses too; stable Rust has them
    exec "$rustc" "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    ;;
esac
exec "$rustc" "$@"
