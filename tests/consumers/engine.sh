#!/usr/bin/env bash
# A real Docker engine for the live tests, with the one image they need.
#
#   engine.sh start      exit 0: `engine: up (VERSION, …)`; exit 1: `engine: not here: WHY`
#   engine.sh status     the same, starting nothing
#   engine.sh stop       leaves nothing behind
#
# An engine that already answers on this machine is used; SCALEGEN_ENGINE=own passes it by.
# Otherwise, as root, one is started for the tests alone: everything it writes is in a
# temporary folder, it touches no firewall rule, and it ends by itself after
# SCALEGEN_ENGINE_TTL seconds (3600). It pulls nothing: the image scalegen-test:1 is
# busybox, whose web page is the container's host name (ports 80, 8080 and 9000, or those
# in the variable LISTEN).
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

image=scalegen-test:1
state=$consumers/engine     # where it is: KEY=VALUE lines
ttl=${SCALEGEN_ENGINE_TTL:-3600}
DIR='' MODE='' HOST=''
[[ $ttl =~ ^[0-9]+$ ]] || give_up "SCALEGEN_ENGINE_TTL=$ttl is not a number of seconds"

up() { printf 'engine: up (%s, %s)\n' "$1" "$([[ $MODE == own ]] && echo 'started for the tests' || echo 'found running')"; }
not_here() {
  printf 'engine: not here: %s\n' "$*"
  exit 1
}

# The docker command, never longer than it may take, with nobody's configuration.
d() {
  local limit=$1
  shift
  timeout -k 5 "$limit" env -u DOCKER_CONTEXT DOCKER_CONFIG="$consumers/docker-config" \
    ${HOST:+DOCKER_HOST="$HOST"} docker "$@" </dev/null
}
answers() { d 10 version --format '{{.Server.Version}}' 2>/dev/null; }
has_image() { d 10 image inspect "$image" >/dev/null 2>&1; }

load() {
  DIR='' MODE='' HOST=''
  [[ -f $state ]] || return 1
  local key value
  while IFS='=' read -r key value; do
    case $key in DIR | MODE | HOST) printf -v "$key" '%s' "$value" ;; esac
  done <"$state"
  [[ $MODE == own || $MODE == found ]]
}

gone() { # PID, SECONDS: whether it is gone by then
  local i
  for ((i = 0; i < $2 * 10; i++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

# Ends the processes whose command line names our folder: dockerd, its containerd and the
# shims of its containers. Nothing else on the machine has that folder's random name.
end_processes() { # SIGNAL, SECONDS
  local proc line pids=()
  for proc in /proc/[0-9]*; do
    { line=$(tr '\0' ' ' <"$proc/cmdline"); } 2>/dev/null || continue
    [[ $line != *"$DIR/"* ]] || pids+=("${proc#/proc/}")
  done
  ((${#pids[@]})) || return 0
  kill -"$1" "${pids[@]}" 2>/dev/null || true
  local pid
  for pid in "${pids[@]}"; do gone "$pid" "$2" || true; done
}

remove_own() {
  [[ -n $DIR && $DIR == */scalegen-engine.* ]] || return 0
  local crashed=yes ids
  if answers >/dev/null; then
    crashed=no
    ids=$(d 20 ps -aq) || ids=
    # shellcheck disable=SC2086  # a list of ids
    [[ -z $ids ]] || d 60 rm -f $ids >/dev/null 2>&1 || true
    d 30 network prune -f >/dev/null 2>&1 || true
  fi
  local pid
  pid=$(cat "$DIR/pid" 2>/dev/null || true)
  if [[ -n $pid ]] && kill -TERM "$pid" 2>/dev/null; then gone "$pid" 20 || true; fi
  end_processes TERM 5
  end_processes KILL 5
  # What a dockerd that was killed could not tidy away: its containers, found by their
  # control groups, and below, once nothing is plugged into them, the bridges they were on.
  local list bridge i
  if [[ $crashed == yes ]]; then
    while read -r list; do
      # shellcheck disable=SC2046  # a list of process ids
      kill -KILL $(cat "$list" 2>/dev/null) 2>/dev/null || true
    done < <(find /sys/fs/cgroup -path "*/${DIR##*/}/*" -name cgroup.procs 2>/dev/null)
  fi
  local mounted
  while read -r mounted; do umount -l "$mounted" 2>/dev/null || true; done \
    < <(awk -v d="$DIR/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
  if [[ $crashed == yes ]]; then
    while read -r bridge; do
      for ((i = 0; i < 30; i++)); do
        [[ -n $(ls -A "/sys/class/net/$bridge/brif" 2>/dev/null) ]] || break
        sleep 0.1
      done
      ((i == 30)) || ip link delete "$bridge" || true
    done < <(ip -o -4 address show 2>/dev/null | awk '$2 ~ /^br-/ && $4 ~ /^198[.]1[89][.]/ { print $2 }')
  fi
  # Its control groups: one per controller under cgroup v1, one in all under v2.
  find /sys/fs/cgroup -depth -type d -path "*/${DIR##*/}*" -exec rmdir {} + 2>/dev/null || true
  rm -rf --one-file-system "$DIR"
  # What dockerd makes outside its folders, where it was not there before and is empty.
  rmdir /run/docker/plugins /run/docker /run/containerd/s /run/containerd 2>/dev/null || true
}

# A file system with busybox under every name it answers to, as an image.
build_image() {
  local fs rc=0 applet
  fs=$(mktemp -d)
  mkdir -p "$fs/bin" "$fs/www" "$fs/tmp"
  chmod 1777 "$fs/tmp"
  cp "$consumers/bin/busybox" "$fs/bin/busybox"
  for applet in $("$fs/bin/busybox" --list); do
    [[ $applet == busybox ]] || ln -s busybox "$fs/bin/$applet"
  done
  cat >"$fs/serve" <<'SERVE'
#!/bin/sh
trap 'exit 0' TERM INT
hostname >/www/index.html
for port in ${LISTEN:-80 8080 9000}; do httpd -p "$port" -h /www; done
sleep 86400 &
wait
SERVE
  chmod 755 "$fs" "$fs/serve"
  tar -C "$fs" --owner=0 --group=0 --numeric-owner -cf "$fs.tar" . &&
    d 60 import -c 'CMD ["/serve"]' -c 'ENV PATH=/bin' "$fs.tar" "$image" >/dev/null || rc=1
  rm -rf "$fs" "$fs.tar"
  return $rc
}

# The image, and proof that a container with limits runs from it. Prints why not.
ready() {
  local out
  if ! has_image; then
    out=$(build_image 2>&1) || { tail -n 1 <<<"$out" && return 1; }
  fi
  out=$(d 60 run --rm --network none --cpus 0.5 --memory 16m --pids-limit 20 \
    "$image" echo it runs 2>&1) && [[ $out == *"it runs"* ]] && return 0
  printf 'a container does not start: %s\n' "$(grep -v '^$' <<<"$out" | head -n 1)"
  return 1
}

start_own() { # prints why not
  ((EUID == 0)) || { echo "no engine answers, and only root can start one" && return 1; }
  command -v dockerd >/dev/null || { echo "dockerd is not installed (Debian: docker.io)" && return 1; }
  [[ -d /sys/fs/cgroup && -n $(ls -A /sys/fs/cgroup) ]] || { echo "no control groups on this machine" && return 1; }
  MODE=own
  DIR=$(mktemp -d "${TMPDIR:-/tmp}/scalegen-engine.XXXXXX")
  HOST=unix://$DIR/docker.sock
  echo '{}' >"$DIR/daemon.json" # not the machine's own settings
  printf 'MODE=own\nDIR=%s\nHOST=%s\n' "$DIR" "$HOST" >"$state"
  # No firewall rules and no forwarding: published ports go through docker's own proxy.
  # vfs needs nothing of the file system below. The addresses are those set aside for
  # tests of network devices, so that no network the machine is on is hidden.
  # 9>&-: the lock and the caller's pipes are not for a process that stays.
  setsid timeout -k 30 "$ttl" dockerd \
    --data-root "$DIR/data" --exec-root "$DIR/exec" --pidfile "$DIR/pid" \
    --host "$HOST" --config-file "$DIR/daemon.json" \
    --storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs \
    --cgroup-parent "/${DIR##*/}" --bridge none \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    --default-address-pool base=198.18.0.0/15,size=24 \
    >"$DIR/log" 2>&1 </dev/null 9>&- &
  local pid=$! i
  disown
  for ((i = 0; i < 120; i++)); do
    answers >/dev/null && return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.25
  done
  cp "$DIR/log" "$consumers/engine.log"
  echo "dockerd did not come up: $(tail -n 1 "$DIR/log" | cut -c1-300) (more in .consumers/engine.log)"
  return 1
}

clear_all() {
  if [[ $MODE == own ]]; then
    remove_own
  elif [[ $MODE == found ]]; then
    d 30 image rm -f "$image" >/dev/null 2>&1 || true
  fi
  rm -rf "$state" "$consumers/docker-config"
  DIR='' MODE='' HOST=''
}

start() {
  command -v docker >/dev/null || not_here "the docker command is not installed (Debian: docker.io)"
  [[ -x $consumers/bin/busybox ]] || not_here "no static busybox: run tests/consumers/install.sh"
  local version why
  if load && version=$(answers) && has_image; then
    up "$version"
    return
  fi
  clear_all
  # Only an engine on this machine publishes its ports on this machine's loopback.
  if [[ ${SCALEGEN_ENGINE:-} != own && ${DOCKER_HOST:-unix://} == unix://* ]] && version=$(answers); then
    MODE=found HOST=${DOCKER_HOST:-}
    printf 'MODE=found\nHOST=%s\n' "$HOST" >"$state"
  else
    if ! start_own >"$consumers/engine.why" 2>&1; then
      why=$(tail -n 1 "$consumers/engine.why")
      load && clear_all
      not_here "$why"
    fi
    load
    version=$(answers)
  fi
  if ! why=$(ready); then
    clear_all
    not_here "$why"
  fi
  up "$version"
}

mkdir -p "$consumers"
exec 9>"$consumers/engine.lock"
case ${1:-} in
  start | stop)
    flock -w 180 9 || not_here "another engine.sh holds its lock"
    ;;&
  start) start ;;
  stop)
    load || true
    clear_all
    echo "engine: stopped"
    ;;
  status)
    if load && version=$(answers) && has_image; then up "$version"; else not_here "not started"; fi
    ;;
  *) give_up "start, stop or status is wanted" ;;
esac
