#!/usr/bin/env bash
# The action's check: annotations in the log, a table in the summary, a SARIF file for the next step. The last step fails, not this one.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"
hide

folder=$(mktemp -d "$RUNNER_TEMP/scalegen-XXXXXX")
arguments=(lint --format=github "--format=sarif=$folder/report.sarif" "--format=markdown=$folder/report.md")
each --profile "$PROFILE"
each --target "$TARGET"
each --ignore "$IGNORE"
each --fail-level "$FAIL_LEVEL"
arguments+=(--)
each "" "$SPECS"
code=0
bare "$SCALEGEN" "${arguments[@]}" || code=$?
if [[ -s $folder/report.md ]]; then cat "$folder/report.md" >>"$GITHUB_STEP_SUMMARY"; fi
# a report of half the specs would close the alerts of the other half
if ((code <= 1)); then echo "sarif=$folder/report.sarif" >>"$GITHUB_OUTPUT"; fi
echo "code=$code" >>"$GITHUB_OUTPUT"
