#!/usr/bin/env bash
# Does taplo, another reader of TOML than the one `editor.py` asks, take these files by a JSON Schema?
#
#   taplo.sh SCHEMA FILE...
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# > 1)) || give_up "SCHEMA FILE... are wanted"
for file in "$@"; do [[ -f $file ]] || give_up "$file is not a file"; done
program=$(need py-editor/bin/taplo)
schema=$(realpath "$1")
shift
# no file goes to the network: no catalog is asked where a schema is given
timeout 300 "$program" lint --no-auto-config --schema "file://$schema" "$@" </dev/null || exit 1
