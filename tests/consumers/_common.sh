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

# Lets cargo build a program to ship, without optimisation, in target/shipped: apart from target/debug, where the tests' own
# program stands, but with the crates that are built there. They are copied once, what cargo is about to write left out.
shipped() {
  local root debug
  root=$(cd "$here/../.." && pwd)
  debug=$root/target/debug
  export CARGO_TARGET_DIR=$root/target/shipped CARGO_INCREMENTAL=0
  export MATURIN_PEP517_ARGS="--profile dev --compression-method stored"
  [[ -d $debug ]] || return 0
  exec 8>"$root/target/shipped.lock"
  flock 8
  if [[ ! -d $CARGO_TARGET_DIR ]]; then
    rm -rf "$CARGO_TARGET_DIR.part"
    mkdir -p "$CARGO_TARGET_DIR.part/debug"
    # a file that changes meanwhile (exit code 1) is one that cargo builds again
    { tar -C "$debug" --exclude='*scalegen*' --exclude='it-*' --exclude='*.rcgu.o' --warning=no-file-changed \
      --warning=no-file-removed -c .fingerprint build deps || (($? == 1)); } | tar -C "$CARGO_TARGET_DIR.part/debug" -x
    mv "$CARGO_TARGET_DIR.part" "$CARGO_TARGET_DIR"
  fi
  exec 8>&-
}
