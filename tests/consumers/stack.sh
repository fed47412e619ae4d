#!/usr/bin/env bash
# Would docker stack deploy take these files, merged in this order?
#
#   stack.sh FILE...
#
# Prints the merged stack as docker itself understands it, in YAML; its warnings and errors go to stderr. No engine is
# needed, but a docker command that knows `stack config`, which came with release 25.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($#)) || give_up "at least one FILE is wanted"
files=()
for file in "$@"; do
  [[ -r $file ]] || give_up "cannot read $file"
  files+=(-c "$file")
done
config=$(mktemp -d)
trap 'rm -rf "$config"' EXIT
# several may be installed: Debian's own is older in some releases
while read -r program; do
  if DOCKER_CONFIG=$config timeout 10 "$program" stack config --help 2>/dev/null | grep -q -- '--compose-file'; then
    DOCKER_CONFIG=$config timeout 60 "$program" stack config "${files[@]}" </dev/null || exit 1
    exit 0
  fi
done < <(type -aP docker)
give_up "a docker command of release 25 or later, with 'stack config', is not installed"
