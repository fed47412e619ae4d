#!/usr/bin/env bash
# The action finds the commit that a pull request is based on, and whether it is here. Has no token.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"
hide

[[ -e .git ]] || warn "$PWD is not the top of a git checkout; check out with actions/checkout, and without \`path\`"
# The base that the event names may be behind, or ahead of the branch: what is compared is what the change started from.
commit=$BASE
if [[ $(here_git rev-parse HEAD) == "$GITHUB_SHA" && $GITHUB_REF == refs/pull/*/merge ]]; then
  # checked out is the merge into the base: its first parent is that base, also where history ends at the merge
  commit=$(here_git cat-file -p HEAD | awk '/^parent / && !found++ { print $2 }')
fi
[[ $commit =~ ^[0-9a-f]{40,64}$ ]] || warn "\`$commit\` is no commit to compare with"
missing=false
here_git cat-file -e "$commit^{commit}" 2>/dev/null || missing=true
printf 'commit=%s\nmissing=%s\n' "$commit" "$missing" >>"$GITHUB_OUTPUT"
