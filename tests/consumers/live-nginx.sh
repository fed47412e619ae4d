#!/usr/bin/env bash
# What does a real nginx do with this file? Starts it, asks it, stops it.
#
#   live-nginx.sh [--name HOST]... CONF URL COUNT
#
# CONF is what nginx.sh takes; URL is where it listens, on loopback. Sends COUNT requests
# (2000 at most), one after another, and prints how many answers of each kind came back:
#   {"requests": 30, "status": {"200": 30}, "answers": {"host-a": 15, "host-b": 15}, …}
exec python3 "$(dirname "${BASH_SOURCE[0]}")/_nginx.py" live "$@"
