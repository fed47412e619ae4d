#!/usr/bin/env bash
# Would nginx take this file among its http settings (`upstream`, `server`, `map`)?
#
#   nginx.sh [--name HOST]... CONF
#
# Runs the real `nginx -t` on it, wrapped in the least that nginx needs, in a temporary
# folder. nginx resolves every server name when it starts: --name makes HOST resolve to
# 127.0.0.1 for this run only, which takes root (a mount of its own over /etc/hosts).
exec python3 "$(dirname "${BASH_SOURCE[0]}")/_nginx.py" test "$@"
