#!/usr/bin/env bash
# The bounded run of the test command: every fuzz target, from fixed seeds, so many executions, the same ones every time.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_common.sh"
declare -A runs=([numbers]=200000 [yaml]=20000 [common]=40000 [comments]=4000 [base]=2000 [fix_spec]=1000 [spec]=1000)
build dev
verdicts=$out/bounded
rm -rf "$verdicts"
mkdir -p "$verdicts"
for target in "${targets[@]}"; do
  room
  {
    one "$target" "$verdicts/$target" -seed=20261122 -runs="${runs[$target]:-1500}" || : >"$verdicts/$target.failed"
  } &
done
wait
bad=0
for target in "${targets[@]}"; do
  if [[ -e $verdicts/$target.failed ]]; then
    failed "$target"
    bad=1
  else
    printf 'fuzz: %-12s %8s executions\n' "$target" "$(executions "$target")"
  fi
done
exit $bad
