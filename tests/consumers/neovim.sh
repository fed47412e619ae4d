#!/usr/bin/env bash
# What does Neovim, without a screen, make of a file with a language server? Debian's nvim is asked.
#
#   neovim.sh PROGRAM LINE COLUMN FILE
#
# PROGRAM is scalegen; `PROGRAM lsp` is started for FILE. LINE and COLUMN, 1-based, are where the cursor stands. Prints JSON:
# `diagnostics` as Neovim shows them, `hover` under the cursor, `actions` offered there, and `text` after the first of them.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 4)) && [[ -x $1 && -f $4 ]] || give_up "PROGRAM LINE COLUMN FILE are wanted"
command -v nvim >/dev/null 2>&1 || give_up "nvim is not here: run tests/consumers/install.sh"
SCALEGEN=$(realpath "$1")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export SCALEGEN LINE=$2 COLUMN=$3 HOME=$home XDG_CONFIG_HOME=$home XDG_DATA_HOME=$home XDG_STATE_HOME=$home XDG_CACHE_HOME=$home
timeout 60 nvim --headless --noplugin -u NONE -i NONE -n "$(realpath "$4")" -c "luafile $here/neovim.lua" -c 'qa!' \
  </dev/null 2>"$home/said" || { cat "$home/said" >&2; exit 1; }
# nvim prints to standard error where it has no screen
grep '^{' "$home/said" || { cat "$home/said" >&2; exit 1; }
