#!/usr/bin/env bash
# Whether a tag is the version of Cargo.toml and CHANGELOG.md has a section for it; prints that section.
#
#   version.sh v0.1.0
set -euo pipefail

tag=${1:?a tag is wanted}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() {
  echo "version.sh: $*" >&2
  exit 1
}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
[[ $tag == "v$version" ]] || fail "the tag is $tag, and Cargo.toml says $version"
# from the heading to the next one
notes=$(awk -v heading="## [$version]" '/^## / { found = index($0, heading) == 1; next } found' CHANGELOG.md)
[[ -n ${notes//[[:space:]]/} ]] || fail "CHANGELOG.md says nothing under [$version]"
printf '%s\n' "$notes" | sed '1{/^$/d}'
