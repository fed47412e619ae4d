# What the steps share: inputs that hold one value a line, as arguments. Sourced, not run.
# shellcheck shell=bash

arguments=()

# Adds to `arguments` each value of TEXT, with OPTION= before it where one is given.
each() { # OPTION TEXT
  local value
  while IFS= read -r value; do
    value=${value#"${value%%[![:space:]]*}"} value=${value%"${value##*[![:space:]]}"}
    [[ -z $value ]] || arguments+=("${1:+$1=}$value")
  done <<<"$2"
}
