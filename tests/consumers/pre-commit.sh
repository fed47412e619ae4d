#!/usr/bin/env bash
# Runs a command in a git repository with the real pre-commit and prek on PATH, and git apart from the caller's settings.
#
#   pre-commit.sh DIR COMMAND...        for example: pre-commit.sh DIR git commit -m x
#
# Where BUILD is set, the hooks that are built are built in target/shipped of this checkout.
# Exits 1 when the command fails, as when a hook refuses the commit.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# > 1)) || give_up "DIR COMMAND... are wanted"
[[ -d $1 ]] || give_up "$1 is not a folder"
pre_commit=$(need py/bin/pre-commit)
prek=$(need py-delivery/bin/prek)
command -v git >/dev/null || give_up "git is not here"
cd "$1"
shift
# a hook's own variables would lead to the repository this runs in
for name in $(git rev-parse --local-env-vars); do unset "$name"; done
export PATH=${pre_commit%/*}:${prek%/*}:$PATH
export PRE_COMMIT_HOME=$PWD/.git/pre-commit-home PRE_COMMIT_COLOR=never PREK_HOME=$PWD/.git/prek-home PREK_COLOR=never
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x.invalid GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x.invalid
[[ -z ${BUILD:-} ]] || shipped
timeout 1500 "$@" </dev/null || exit 1
