# What the judges written in bash share. Sourced, not run.
# A judge exits 0 when the consumer accepts, 1 when it refuses, 2 when it could not judge.
# shellcheck shell=bash disable=SC2034

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
consumers=$(cd "$here/../.." && pwd)/.consumers
# nginx and dockerd live in /usr/sbin, which is not on every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

give_up() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# The program that runs, or the end: `need .consumers/py/bin/docker-compose`.
need() {
  [[ -x $consumers/$1 ]] || give_up ".consumers/$1 is not here: run tests/consumers/install.sh"
  printf '%s' "$consumers/$1"
}
