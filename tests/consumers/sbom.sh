#!/usr/bin/env bash
# Whether a file is a CycloneDX 1.5 document, by the schema its project publishes.
#
#   sbom.sh FILE
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) && [[ -f $1 ]] || give_up "a file is wanted"
check=$(need py/bin/check-jsonschema)
schemas=("$consumers"/py-delivery/lib/python3*/site-packages/cyclonedx/schema/_res)
[[ -d ${schemas[0]} ]] || give_up "the schemas of cyclonedx-python-lib are not installed: run tests/consumers/install.sh"
"$check" --schemafile "${schemas[0]}/bom-1.5.SNAPSHOT.schema.json" "$1" >&2 || exit 1
