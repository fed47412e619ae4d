#!/usr/bin/env bash
# The action fetches one commit into a repository of its own, far from the checkout: only this process has the token, no
# program it starts has it in its environment, and nothing that a pull request wrote takes part.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"
hide

token=$GH_TOKEN
unset GH_TOKEN
umask 077
store=$(mktemp -d "$RUNNER_TEMP/scalegen-XXXXXX")
cd "$store"
# a file that only this user reads, and only as long as git needs it
trap 'rm -f "$store/token"' EXIT
printf '[http "%s"]\n\textraheader =\n\textraheader = AUTHORIZATION: basic %s\n' "$GITHUB_SERVER_URL/" \
  "$(printf 'x-access-token:%s' "$token" | base64 | tr -d '\n')" >token
allowed=${GITHUB_SERVER_URL%%:*}
also=(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY SSL_CERT_FILE SSL_CERT_DIR GIT_SSL_CAINFO)
plain_git init --quiet --bare --template= base
plain_git "--git-dir=$store/base" -c "include.path=$store/token" fetch --quiet --depth=1 --no-tags --no-recurse-submodules \
  "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" "$COMMIT:refs/heads/base" ||
  warn "the commit this is based on, $COMMIT, is not here and could not be fetched; check out with fetch-depth: 0"
echo "store=$store/base" >>"$GITHUB_OUTPUT"
