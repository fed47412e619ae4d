#!/usr/bin/env bash
# What zizmor, actionlint, shellcheck and the schemas of GitHub's files say of a folder's workflows, its action and their scripts.
#
#   workflows.sh DIR
#   workflows.sh --written DIR     actionlint and the schema only: for what a newcomer copies, which pins nothing
#
# Nothing is asked of GitHub: whether a pinned commit exists there is not checked. Exits 1 when one of them has a finding.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

written=0
if [[ ${1:-} == --written ]]; then written=1 && shift; fi
(($# == 1)) && [[ -d $1 ]] || give_up "a folder is wanted"
zizmor=$(need py-delivery/bin/zizmor)
actionlint=$(need py-delivery/bin/actionlint)
shellcheck=$(need py-delivery/bin/shellcheck)
schema=$(need py/bin/check-jsonschema)
cd "$1"
shopt -s nullglob globstar
workflows=(.github/workflows/*.yml)
actions=(action.ym[l])
scripts=(.github/**/*.sh .ci/run)
((${#workflows[@]})) || give_up "$1 has no workflows"
refused=0
{
  "$actionlint" -no-color -shellcheck "$shellcheck" "${workflows[@]}" || refused=1
  "$schema" --builtin-schema vendor.github-workflows "${workflows[@]}" || refused=1
  ((${#actions[@]} == 0)) || "$schema" --builtin-schema vendor.github-actions "${actions[@]}" || refused=1
  if ((!written)); then
    "$zizmor" --quiet --no-progress --offline --pedantic --color never --format plain .github "${actions[@]}" || refused=1
    ((${#scripts[@]} == 0)) || "$shellcheck" -x "${scripts[@]}" || refused=1
  fi
} >&2
exit $refused
