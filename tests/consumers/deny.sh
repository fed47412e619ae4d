#!/usr/bin/env bash
# What cargo-deny says of the crates in this checkout's Cargo.lock: their licences, versions and sources. Not their
# advisories: those stand in a database that needs a network, and CI asks it.
#
#   deny.sh CONFIG
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) && [[ -f $1 ]] || give_up "a file is wanted"
deny=$(need py-delivery/bin/cargo-deny)
config=$(realpath "$1")
cd "$here/../.."
"$deny" --log-level error --color never --locked --config "$config" check --hide-inclusion-graph licenses bans sources >&2 || exit 1
