#!/usr/bin/env bash
# Does check-jsonschema, an independent reader of JSON Schema and YAML 1.2, take these files by that schema?
#
#   check-jsonschema.sh SCHEMA FILE...
#
# Prints its report, JSON: `errors` and `parse_errors`, each with its `filename`.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# > 1)) || give_up "SCHEMA FILE... are wanted"
for file in "$@"; do [[ -f $file ]] || give_up "$file is not a file"; done
program=$(need py/bin/check-jsonschema)
schema=$1
shift
# no file goes to the network: the schema is local and refers to nothing
timeout 300 "$program" --output-format JSON --schemafile "$schema" "$@" </dev/null || exit 1
