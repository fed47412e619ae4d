#!/usr/bin/env bash
# Builds what a release ships for one target: a static program in a tar.gz, and a wheel around the same program.
#
#   package.sh TARGET DIR       for example: package.sh x86_64-unknown-linux-musl dist
#
# The target's standard library must be installed (rustup target add TARGET) and maturin be on PATH. PROFILE is a profile of
# Cargo.toml, `dist` unless it is set. One commit, one toolchain and one profile give the same tar.gz in any folder.
set -euo pipefail

(($# == 2)) || { sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 2; }
target=$1
mkdir -p "$2"
dist=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
profile=${PROFILE:-dist}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=scalegen-$version-$target
# the time of the commit stands for every time
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
# static: it runs on every Linux, with glibc or musl. No path of this machine is left in the program
flags=(-C target-feature=+crt-static
  "--remap-path-prefix=$root=/scalegen" "--remap-path-prefix=$CARGO_TARGET_DIR=/target" "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo")
# a program for glibc that is position-independent too would still ask for a loader
[[ $target != *-gnu ]] || flags+=(-C relocation-model=static)
# as cargo wants them: a path may hold blanks
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}")
export CARGO_ENCODED_RUSTFLAGS CARGO_INCREMENTAL=0

# maturin lets only a program built for musl say that it runs with either libc
tags=(manylinux2014 musllinux_1_1)
[[ $target != *-gnu ]] || tags=(manylinux2014)
maturin build --locked --profile "$profile" --target "$target" --auditwheel skip --compatibility "${tags[@]}" --out "$dist"
built=$CARGO_TARGET_DIR/$target/${profile/#dev/debug}/scalegen
# a dynamic program has an interpreter
if [[ $(readelf --program-headers "$built") == *INTERP* ]]; then
  echo "package.sh: $built is not static" >&2
  exit 1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/$name/completions"
cp "$built" README.md CHANGELOG.md LICENSE "$folder/$name/"
.github/scripts/notices.py "$target" >"$folder/$name/NOTICES.txt"
for shell in bash:scalegen.bash zsh:_scalegen fish:scalegen.fish; do
  "$built" completions "${shell%%:*}" >"$folder/$name/completions/${shell#*:}"
done
"$built" man --out "$folder/$name/man" >/dev/null
chmod -R u=rwX,go=rX "$folder/$name"
tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$folder" -c "$name" |
  gzip -9 -n >"$dist/$name.tar.gz"
echo "$dist/$name.tar.gz"
