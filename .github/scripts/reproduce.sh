#!/usr/bin/env bash
# Builds a commit once more, in another folder and from nothing, and compares with what package.sh made of it.
#
#   reproduce.sh TARGET DIR
#
# The archive must have the same bytes. So must every file of the wheel but its SBOM, which names the folder it was made in
# and a time; of that, what sbom.py takes out must be the same.
set -euo pipefail

(($# == 2)) || { sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 2; }
target=$1
dist=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet --no-local . "$folder/an other place"
# nothing of the first build is to be found
env -u CARGO_TARGET_DIR "$folder/an other place/.github/scripts/package.sh" "$target" "$folder/dist" >/dev/null
for archive in "$folder"/dist/*.tar.gz; do
  cmp "$archive" "$dist/${archive##*/}"
  echo "${archive##*/}: the same bytes from another folder"
done
for wheel in "$folder"/dist/*.whl; do
  python3 -m zipfile -e "$wheel" "$folder/there"
  python3 -m zipfile -e "$dist/${wheel##*/}" "$folder/here"
  # RECORD holds the checksum of the SBOM
  diff -r --exclude='*.cyclonedx.json' --exclude=RECORD "$folder/here" "$folder/there"
  diff <(.github/scripts/sbom.py "$dist/${wheel##*/}") <(.github/scripts/sbom.py "$wheel")
  echo "${wheel##*/}: the same files from another folder"
done
