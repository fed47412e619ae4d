#!/usr/bin/env bash
# A long run: every fuzz target in turns, from what earlier runs found, and a table of executions over all runs.
#
#   tests/fuzz/long.sh [SECONDS] [TARGET...]     so many seconds, an hour unless said; all targets unless named
#   tests/fuzz/long.sh 0                         the table alone
#
# A turn ends after FUZZ_TURN seconds (120) or a hundred thousand executions, so that no cheap target makes up the sum;
# FUZZ_JOBS turns go on at once (as many as there are cores). Corpora stay in target/fuzz/corpus, faulty inputs in
# target/fuzz/found, one line for each turn in target/fuzz/turns.tsv; they outlive a run.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_common.sh"
seconds=${1:-3600}
shift || true
[[ $# -eq 0 ]] || targets=("$@")
turns=$out/turns.tsv

turn() { # TARGET
  local target=$1 began=$SECONDS verdict=clean code=0
  local left=$((seconds - began)) longest=${FUZZ_TURN:-120}
  ((left < longest)) && longest=$left
  ((longest > 0)) || return 0
  # its own seed each time: what a fixed one reaches is reached already
  one "$target" "$out/corpus/$target" -max_total_time="$longest" -runs=100000 -reload=0 || code=$?
  # 72: interrupted
  ((code == 0 || code == 72)) || verdict=failed
  printf '%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$target" "$(executions "$target")" "$((SECONDS - began))" \
    "$verdict" >>"$turns"
  if [[ $verdict != clean ]]; then
    failed "$target"
    cp "$out/$target.log" "$out/found/$target/$(date -u +%FT%H%M%SZ).log"
  fi
}

before=0
[[ ! -e $turns ]] || before=$(wc -l <"$turns")
if ((seconds > 0)); then
  build release
  SECONDS=0
  while ((SECONDS < seconds)); do
    for target in "${targets[@]}"; do
      room
      turn "$target" &
    done
    wait
  done
fi
[[ -e $turns ]] || exit 0
awk -F'\t' '
  { runs[$2] += $3; time[$2] += $4; turns[$2] += 1; bad[$2] += $5 != "clean"; all += $3; failed += $5 != "clean" }
  END {
    printf "%-12s %14s %9s %6s %7s\n", "target", "executions", "seconds", "turns", "failed"
    for (name in runs) printf "%-12s %14d %9d %6d %7d\n", name, runs[name], time[name], turns[name], bad[name] | "sort"
    close("sort")
    printf "%-12s %14d %9s %6s %7d\n", "all", all, "", "", failed
  }' "$turns"
# of this run
! tail -n "+$((before + 1))" "$turns" | grep -q 'failed$'
