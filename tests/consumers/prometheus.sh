#!/usr/bin/env bash
# Runs a command in DIR while a real Prometheus serves METRICS on loopback: Debian's server, with blocks that promtool made.
#
#   prometheus.sh METRICS DIR COMMAND...
#
# METRICS is OpenMetrics text with timestamps. PROMETHEUS, in the command's environment, is the server's address. Exits 1 when
# promtool refuses METRICS or the command fails; prints what the command prints.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# > 2)) && [[ -f $1 && -d $2 ]] || give_up "METRICS DIR COMMAND... are wanted"
for program in prometheus promtool curl; do
  command -v "$program" >/dev/null || give_up "$program is not here: run tests/consumers/install.sh"
done
home=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; wait; rm -rf "$home"' EXIT
promtool tsdb create-blocks-from openmetrics "$1" "$home/data" >"$home/said" 2>&1 || { cat "$home/said" >&2; exit 1; }
printf 'global: { scrape_interval: 1h }\n' >"$home/prometheus.yml"
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  prometheus --config.file="$home/prometheus.yml" --storage.tsdb.path="$home/data" --storage.tsdb.retention.time=100y \
    --web.listen-address="127.0.0.1:$port" >"$home/log" 2>&1 &
  server=$!
  for ((try = 0; try < 300; try++)); do
    kill -0 "$server" 2>/dev/null || break
    if curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null; then
      cd "$2"
      shift 2
      PROMETHEUS=http://127.0.0.1:$port timeout 300 "$@" </dev/null || exit 1
      exit 0
    fi
    sleep 0.2
  done
  # the port was taken, or it hangs: another one
  kill "$server" 2>/dev/null || true
done
tail -n 5 "$home/log" >&2
give_up "prometheus does not start"
