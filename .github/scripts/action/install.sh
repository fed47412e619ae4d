#!/usr/bin/env bash
# The action's first step: puts scalegen on PATH, the binary of the release where there is one for this commit, else built here.
#
# A release is used where the action is named by its tag, or by the commit it was built from. What is downloaded must have
# the checksum that the release says, and where `gh` is here, GitHub's attestation that the release workflow built it.
# What fails either is an error, never a reason to build instead.
set -euo pipefail

# gh asks GitHub with it; what is downloaded or built does not get it
token=${GH_TOKEN-}
unset GH_TOKEN
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"
root=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd)
bin=$RUNNER_TEMP/scalegen/bin
mkdir -p "$bin"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)

fail() {
  printf '::error title=scalegen::%s\n' "$*"
  exit 1
}

# Whether the release has a binary for this machine and this commit; it is in $bin then.
released() {
  local machine file url
  [[ -n $ACTION_REPOSITORY && $(uname -s) == Linux ]] || return 1
  [[ $ACTION_REF == "v$version" || $ACTION_REF =~ ^[0-9a-f]{40}$ ]] || return 1
  machine=$(uname -m)
  file=scalegen-$version-${machine/arm64/aarch64}-unknown-linux-musl
  url=$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$version
  cd "$RUNNER_TEMP/scalegen"
  curl -fsSL --retry 2 -o SHA256SUMS "$url/SHA256SUMS" && curl -fsSL --retry 2 -o "$file.tar.gz" "$url/$file.tar.gz" || return 1
  grep -qxF "$(sha256sum "$file.tar.gz")" SHA256SUMS || fail "$file.tar.gz has not the checksum of the release v$version"
  if gh attestation verify --help >/dev/null 2>&1; then
    GH_TOKEN=$token gh attestation verify "$file.tar.gz" --repo "$ACTION_REPOSITORY" \
      --signer-workflow "$ACTION_REPOSITORY/.github/workflows/release.yml" ||
      fail "gh does not attest that $file.tar.gz was built by $ACTION_REPOSITORY"
  else
    echo "gh is not here: the checksum of the release was compared, its attestation was not"
  fi
  tar -xzf "$file.tar.gz" || fail "$file.tar.gz cannot be unpacked"
  if [[ $ACTION_REF != "v$version" && $("$file/scalegen" --version) != *"(${ACTION_REF:0:9})" ]]; then
    echo "the release v$version was built from another commit than $ACTION_REF"
    return 1
  fi
  mv "$file/scalegen" "$bin/scalegen"
}

if ! released; then
  command -v cargo >/dev/null || fail "no release for this commit and machine, and no cargo to build it with"
  echo "building scalegen $version"
  # the runner's copy of an action has no .git
  if [[ $ACTION_REF =~ ^[0-9a-f]{40}$ ]]; then export SCALEGEN_COMMIT=$ACTION_REF; fi
  cargo install --quiet --locked --path "$root" --root "$RUNNER_TEMP/scalegen"
fi
"$bin/scalegen" --version
echo "$bin" >>"$GITHUB_PATH"
echo "scalegen=$bin/scalegen" >>"$GITHUB_OUTPUT"
