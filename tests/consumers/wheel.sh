#!/usr/bin/env bash
# Builds the wheel of this checkout with maturin, without optimisation, and installs it into a new environment.
#
#   wheel.sh DIR        DIR/dist gets the wheel and the source distribution, DIR/venv the command
#
# Prints the wheel's path. Exits 1 when maturin or pip refuses.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) && [[ -d $1 ]] || give_up "a folder is wanted"
maturin=$(need py-delivery/bin/maturin)
python=$(need py-delivery/bin/python)
dir=$(cd "$1" && pwd)
cd "$here/../.."
shipped
"$maturin" build --quiet --profile dev --compression-method stored --out "$dir/dist" >&2 </dev/null || exit 1
"$maturin" sdist --out "$dir/dist" >&2 </dev/null || exit 1
wheels=("$dir"/dist/*.whl)
"$python" -m venv "$dir/venv"
"$dir/venv/bin/python" -I -m pip install -q --disable-pip-version-check --no-index "${wheels[0]}" >&2 || exit 1
printf '%s\n' "${wheels[0]}"
