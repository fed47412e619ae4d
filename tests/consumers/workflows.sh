#!/usr/bin/env bash
# What zizmor, actionlint, shellcheck and the schema of GitHub's workflows say of a folder's workflows and scripts.
#
#   workflows.sh DIR
#
# Nothing is asked of GitHub: whether a pinned commit exists there is not checked. Exits 1 when one of them has a finding.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) && [[ -d $1 ]] || give_up "a folder is wanted"
zizmor=$(need py-delivery/bin/zizmor)
actionlint=$(need py-delivery/bin/actionlint)
shellcheck=$(need py-delivery/bin/shellcheck)
schema=$(need py/bin/check-jsonschema)
cd "$1"
shopt -s nullglob globstar
workflows=(.github/workflows/*.yml)
scripts=(.github/**/*.sh .ci/run)
((${#workflows[@]})) || give_up "$1 has no workflows"
refused=0
{
  "$zizmor" --quiet --no-progress --offline --pedantic --color never --format plain .github || refused=1
  "$actionlint" -no-color -shellcheck "$shellcheck" "${workflows[@]}" || refused=1
  "$schema" --builtin-schema vendor.github-workflows "${workflows[@]}" || refused=1
  ((${#scripts[@]} == 0)) || "$shellcheck" -x "${scripts[@]}" || refused=1
} >&2
exit $refused
