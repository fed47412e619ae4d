# Builds the fuzz targets and runs one of them. Sourced by run.sh and long.sh; not run on its own.
# shellcheck shell=bash
fuzz=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$fuzz/../.." && pwd)
out=${FUZZ_OUT:-$root/target/fuzz}
jobs=${FUZZ_JOBS:-$(nproc)}
targets=()
for file in "$fuzz"/fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done

build() { # dev or release: quick to build, or quick to run
  if ! command -v "${CXX:-c++}" >/dev/null; then
    echo "fuzz: NOT RUN: libFuzzer needs a C++ compiler, and there is none here (apt-get install g++)" >&2
    [[ -z ${CI:-} ]]
    exit
  fi
  bin=$root/target/${1/dev/debug}
  # the version's commit is not part of what is tried, and would build everything anew at each
  SCALEGEN_COMMIT=fuzz RUSTC_WRAPPER="$fuzz/instrument.sh" \
    cargo build --quiet --profile "$1" --locked --manifest-path "$fuzz/Cargo.toml" --target-dir "$root/target"
  rm -rf "$out/seeds"
  python3 "$fuzz/prepare.py" "$out"
}

# One target once; libFuzzer's own arguments follow. What it says goes to $out/<target>.log.
# An input that takes over two minutes (a busy machine is not a fault), 1 GB in all or 512 MB at once is a fault as a crash is.
one() { # TARGET CORPUS ARGUMENTS...
  local target=$1 corpus=$2
  shift 2
  mkdir -p "$corpus" "$out/seeds/$target" "$out/found/$target"
  "$bin/$target" -timeout=120 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=8192 \
    -dict="$out/words.dict" -artifact_prefix="$out/found/$target/" -print_final_stats=1 \
    "$@" "$corpus" "$out/seeds/$target" >"$out/$target.log" 2>&1
}

executions() { # TARGET: of its last run
  local count
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$1.log" | tail -n 1)
  echo "${count:-0}"
}

# What a run that failed has to say, and how to see it again.
failed() { # TARGET
  grep -avE '^#|^INFO|^stat::|NEW_FUNC' "$out/$1.log" | head -c 6000 >&2 || true
  echo "fuzz: $1 failed; the inputs are in $out/found/$1, see one again with" >&2
  echo "  $bin/$1 $out/found/$1/<file>" >&2
}

# Waits until another may begin.
room() {
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n || true; done
}
