#!/usr/bin/env bash
# Runs scalegen and the tools that do part of the same work on the same deployment, in one run, and prints two tables:
# what each found of the faults planted in tests/bench/peers/faults.yaml, and what a run takes.
#
#   tests/bench/peers.sh            print, and say where the committed tables differ
#   tests/bench/peers.sh --update   write tests/bench/peers/found.md and the short table of tests/README.md
#
# The peers are installed at their pins into .consumers/. SCALEGEN=FILE measures that binary instead of building one.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/bench/peers
out=.consumers
bash tests/consumers/install.sh >/dev/null
mkdir -p "$out"
(
  flock -w 600 9
  stamp=$(cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json" | sha256sum | cut -d' ' -f1)
  if [[ ! -f $out/peers.stamp || $(<"$out/peers.stamp") != "$stamp" ]]; then
    rm -rf "$out/peers" "$out/peers.stamp"
    python3 -m venv "$out/peers"
    "$out/peers/bin/python" -I -m pip install -q --disable-pip-version-check --no-input -r "$here/requirements.txt"
    cp "$here/package.json" "$here/package-lock.json" "$out/peers/"
    (cd "$out/peers" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    echo "$stamp" >"$out/peers.stamp"
  fi
) 9>"$out/.peers.lock"
if [[ -z ${SCALEGEN:-} ]]; then
  source tests/bench/build.sh dist
  SCALEGEN=$scalegen
fi
exec "$out/peers/bin/python" "$here/peers.py" "$SCALEGEN" "$@"
