#!/usr/bin/env bash
# Writes DIR/SHA256SUMS over every file in DIR, by name.
#
#   checksums.sh DIR
set -euo pipefail

cd "${1:?a folder is wanted}"
rm -f SHA256SUMS
find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' -printf '%f\n' | LC_ALL=C sort | xargs -d '\n' sha256sum -- >SHA256SUMS.part
mv SHA256SUMS.part SHA256SUMS
