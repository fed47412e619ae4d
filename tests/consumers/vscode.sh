#!/usr/bin/env bash
# Does the extension for Visual Studio Code build? Its own pinned compiler checks and compiles it.
#
#   vscode.sh
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

compiler=$(need vscode/node_modules/.bin/tsc)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# the sources of this checkout beside the installed packages
cp "$here/../../editors/vscode/tsconfig.json" "$out/"
cp -r "$here/../../editors/vscode/src" "$out/src"
ln -s "$consumers/vscode/node_modules" "$out/node_modules"
timeout 120 "$compiler" -p "$out" </dev/null >&2 || exit 1
[[ -s $out/out/extension.js ]] || exit 1
