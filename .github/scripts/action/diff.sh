#!/usr/bin/env bash
# The action's look at a pull request: what it scales against the commit it is based on, in the log and in a file for one
# comment. Has no token. Findings are the check's business: nothing here fails the job.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"
hide

if [[ -n $STORE ]]; then
  # the step before fetched it there: this one commit is enough, and no submodule is looked at: those are folders of the tree
  allowed='file'
  here_git fetch --quiet --depth=1 --no-tags --no-recurse-submodules "$STORE" refs/heads/base ||
    warn "$COMMIT could not be taken over from $STORE"
  allowed=
fi
from=$COMMIT
if [[ $from == "$BASE" ]]; then from=$(here_git merge-base "$from" HEAD || printf '%s' "$from"); fi
# as the comment shows it
from=$(here_git rev-parse --short=9 "$from")

comment=$(mktemp "$RUNNER_TEMP/scalegen-XXXXXX")
arguments=(diff --base "$from" --format=text "--format=markdown=$comment")
each --profile "$PROFILE"
each --target "$TARGET"
each --load "$SIMULATE"
arguments+=(--)
each "" "$SPECS"
# what a pull request writes into a spec gives the runner no commands
echo "::stop-commands::${comment##*/}"
code=0
bare "$SCALEGEN" "${arguments[@]}" || code=$?
echo "::${comment##*/}::"
if ((code > 1)); then warn "scalegen diff could not compare with $from"; fi
scaled=false
if ((code == 1)); then scaled=true; fi
printf 'scaled=%s\ncomment=%s\n' "$scaled" "$comment" >>"$GITHUB_OUTPUT"
