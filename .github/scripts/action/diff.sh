#!/usr/bin/env bash
# The action's look at a pull request: what it scales against the commit it is based on, in the log and in one comment.
# Findings are the check's business: nothing here fails the job.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "$(dirname "${BASH_SOURCE[0]}")/_arguments.sh"

warn() {
  printf '::warning title=scalegen diff::no comment: %s\n' "$*"
  exit 0
}

# The base that the event names may be behind, or ahead of the branch: what is compared is what the change started from.
from=$BASE
if [[ $(git rev-parse HEAD) == "$GITHUB_SHA" && $GITHUB_REF == refs/pull/*/merge ]]; then
  # checked out is the merge into the base: its first parent is that base, also where history ends at the merge
  from=$(git cat-file -p HEAD | awk '/^parent / && !found++ { print $2 }')
fi
if ! git cat-file -e "$from^{commit}" 2>/dev/null; then
  # a checkout without history: this one commit is enough. The empty value takes back what actions/checkout may have set,
  # as GitHub refuses two such headers; the environment keeps the token out of the list of processes
  key=http.$GITHUB_SERVER_URL/.extraheader
  header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GH_TOKEN" | base64 | tr -d '\n')"
  GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=$key GIT_CONFIG_VALUE_0='' GIT_CONFIG_KEY_1=$key GIT_CONFIG_VALUE_1=$header \
    git fetch --quiet --depth=1 --no-tags origin "$from" ||
    warn "the commit this is based on, $from, is not here and could not be fetched; check out with fetch-depth: 0"
fi
if [[ $from == "$BASE" ]]; then from=$(git merge-base "$from" HEAD || printf '%s' "$from"); fi
# as the comment shows it
from=$(git rev-parse --short=9 "$from")

comment=$(mktemp "$RUNNER_TEMP/scalegen-XXXXXX")
arguments=(diff --base "$from" --format=text "--format=markdown=$comment")
each --profile "$PROFILE"
each --target "$TARGET"
arguments+=(--)
each "" "$SPECS"
# what a pull request writes into a spec gives the runner no commands
echo "::stop-commands::${comment##*/}"
code=0
"$SCALEGEN" "${arguments[@]}" || code=$?
echo "::${comment##*/}::"
if ((code > 1)); then warn "scalegen diff could not compare with $from"; fi
scaled=false
if ((code == 1)); then scaled=true; fi
echo "scaled=$scaled" >>"$GITHUB_OUTPUT"
# nothing scaled makes no comment, but an earlier one is kept up to date
python3 "$(dirname "${BASH_SOURCE[0]}")/comment.py" "$comment" "$NUMBER" "$scaled"
