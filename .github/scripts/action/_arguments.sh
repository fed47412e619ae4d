# What the steps share: inputs that hold one value a line, as arguments, and how they start programs. Sourced, not run.
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

# PATH without folders that are named relative to this one, or that are in it: those a pull request can write. No program runs
# before this one.
trusted_path() {
  local folder real tree kept=
  tree=$(pwd -P)
  while IFS= read -r -d : folder; do
    [[ $folder == /* ]] || continue
    real=$(cd -P -- "$folder" 2>/dev/null && pwd) || continue
    [[ $real/ == "${tree%/}"/* || $folder/ == "${tree%/}"/* ]] || kept+=:$folder
  done <<<"$PATH:"
  printf '%s' "${kept#:}"
}
PATH=$(trusted_path)

# From here on the programs of a script get a few variables of the job and nothing else, as a job may hold secrets: where
# programs and the user's own settings are. The script itself still has all of them.
hide() {
  local name
  while IFS= read -r name; do
    case $name in
    PATH | HOME | XDG_CONFIG_HOME | GIT_CONFIG_GLOBAL | GIT_CONFIG_SYSTEM | GIT_CONFIG_NOSYSTEM) ;;
    *) export -n "${name?}" ;;
    esac
  done < <(compgen -e)
}

# Says why there is no comment and ends the step well: findings are the check's business.
warn() {
  printf '::warning title=scalegen diff::no comment: %s\n' "$*"
  exit 0
}

# Runs a program with a few variables of the job and nothing else, as a job may hold secrets: where programs and the user's
# own settings are, what `also` names, and of GIT_CONFIG_COUNT the folders that git is to trust, as jobs in containers need.
also=()
bare() { # PROGRAM ARGUMENT...
  local name index key value count=0 kept=()
  for name in PATH HOME XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM "${also[@]}"; do
    [[ ! -v $name ]] || kept+=("$name=${!name}")
  done
  if [[ ${GIT_CONFIG_COUNT-} =~ ^[0-9]{1,3}$ ]]; then
    for ((index = 0; index < 10#$GIT_CONFIG_COUNT; index++)); do
      key=GIT_CONFIG_KEY_$index value=GIT_CONFIG_VALUE_$index
      [[ ${!key-} == safe.directory ]] || continue
      kept+=("GIT_CONFIG_KEY_$count=safe.directory" "GIT_CONFIG_VALUE_$count=${!value-}")
      count=$((count + 1))
    done
    kept+=("GIT_CONFIG_COUNT=$count")
  fi
  env -i "${kept[@]}" "$@"
}

# Runs git so that no setting of a repository starts a program, and nothing is fetched but by the protocol that `allowed` names.
allowed=
plain_git() { # ARGUMENT...
  bare GIT_NO_LAZY_FETCH=1 GIT_TERMINAL_PROMPT=0 "GIT_ALLOW_PROTOCOL=$allowed" git --no-pager \
    -c safe.bareRepository=explicit -c core.fsmonitor= -c core.hooksPath=/dev/null -c core.alternateRefsCommand= \
    -c core.sshCommand= -c core.askPass= -c credential.helper= -c gc.auto=0 -c maintenance.auto=false "$@"
}

# The same on the repository whose top this folder is, and on no folder that looks like one.
here_git() { # ARGUMENT...
  plain_git "--git-dir=$PWD/.git" "--work-tree=$PWD" "$@"
}
