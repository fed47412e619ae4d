#!/usr/bin/env bash
# What does a real engine make of these compose files? `engine.sh start` comes first.
#
#   live.sh up [--stand-in] FILE...
#                             start them; exit 0 and what `inspect` prints, or exit 1
#   live.sh inspect FILE...   each container's limits, ports and variables, as the engine
#                             holds them (the numbers of `docker inspect`)
#   live.sh ask FILE...       one request to every published port: which container answered
#   live.sh down FILE...      stop and remove them
#
# The same FILEs name the same project, so several may be up side by side as long as their
# ports differ. Nothing is pulled: every service must use the image scalegen-test:1, or
# --stand-in lets that image go by the names the files use.
exec python3 "$(dirname "${BASH_SOURCE[0]}")/_live.py" "$@"
