#!/usr/bin/env bash
# Does this language server keep to the protocol, and does it do what an editor asks of it? pytest-lsp is the editor.
#
#   lsp.sh PROGRAM
#
# PROGRAM is scalegen; `PROGRAM lsp` is the server. The sessions stand in lsp_session.py.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) && [[ -x $1 ]] || give_up "PROGRAM is wanted"
python=$(need py-lsp/bin/python)
SCALEGEN=$(realpath "$1")
export SCALEGEN
# -c: no settings of a folder above; what the server breaks of the protocol is a warning, and a warning an error
timeout 120 "$python" -I -B -m pytest -q -c /dev/null --rootdir "$here" -p no:cacheprovider -o asyncio_mode=strict \
  -o asyncio_default_fixture_loop_scope=function -W error::pytest_lsp.LspSpecificationWarning "$here/lsp_session.py" \
  </dev/null >&2 || exit 1
