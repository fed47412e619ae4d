#!/usr/bin/env bash
# The action comments: the one program of this step has the token, and it reads a file and no checkout.
set -euo pipefail
# shellcheck source=.github/scripts/action/_arguments.sh
. "${BASH_SOURCE[0]%/*}/_arguments.sh"

python3 -I "${BASH_SOURCE[0]%/*}/comment.py" "$COMMENT" "$NUMBER" "$SCALED"
