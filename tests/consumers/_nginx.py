"""nginx.sh and live-nginx.sh: one http-context file in a real nginx, in a temporary folder."""

import argparse
import collections
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import _common

# What nginx would otherwise write below its compiled-in folders, which need root.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST = 2000


def wrapped(conf, folder):
    """The least nginx.conf around the file, every path of it inside the folder."""
    lines = [
        "daemon off;",
        "worker_processes 1;",
        f"pid {folder}/nginx.pid;",
        "error_log stderr warn;",
        "events { worker_connections 256; }",
        "http {",
        "    access_log off;",
        *(f"    {name}_temp_path {folder}/{name};" for name in TEMPORARY),
        f"    include {folder}/judged.conf;",
        "}",
    ]
    if os.geteuid() == 0:
        # The default worker user cannot enter a folder that is only root's.
        lines.insert(0, "user root;")
    shutil.copyfile(conf, folder / "judged.conf")
    main = folder / "nginx.conf"
    main.write_text("\n".join(lines) + "\n")
    return main


def command(main, folder, names, *more):
    """The command that runs nginx, where those host names are this machine if any are given."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not nginx:
        _common.give_up("nginx is not installed: run tests/consumers/install.sh as root")
    run = [nginx, "-p", f"{folder}/", "-c", str(main), "-e", "stderr", *more]
    if not names:
        return run
    if os.geteuid() != 0 or not shutil.which("unshare"):
        _common.give_up("--name needs root and unshare")
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {n}\n" for n in names))
    script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "--",
            "sh", "-c", script, "sh", str(hosts), *run]  # fmt: skip


def said(text, folder):
    """nginx's messages: what stops it and what it only remarks, without clock and folder."""
    refused, remarked = [], []
    for level, message in re.findall(r"\[(emerg|alert|crit|error|warn)\] (?:\d+#\d+: )?(.*)", text):
        message = message.replace(f"{folder}/judged.conf", "CONF")
        (remarked if level == "warn" else refused).append(message)
    return refused, remarked


def judge(given, folder):
    main = wrapped(given.conf, folder)
    try:
        done = subprocess.run(
            command(main, folder, given.name, "-t"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ["nginx -t did not end within 60 s"], []
    reasons, warnings = said(done.stderr, folder)
    if done.returncode == 0:
        return [], warnings
    return reasons or [done.stderr.strip() or f"nginx -t ended with {done.returncode}"], warnings


def ask(url, timeout=5):
    """(status, first line of the body) of one request; status is an error's name at failure."""
    link = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=timeout)
    try:
        target = url.path or "/"
        link.request("GET", f"{target}?{url.query}" if url.query else target, headers={"Connection": "close"})
        reply = link.getresponse()
        body = reply.read(65536).decode("utf-8", "replace").strip()
        return str(reply.status), (body.splitlines() or [""])[0]
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, ""
    finally:
        link.close()


def listens(url):
    """Whether anything takes connections there; asks nothing of it."""
    try:
        socket.create_connection((url.hostname, url.port or 80), timeout=1).close()
    except OSError:
        return False
    return True


def end(process):
    """Stop nginx, its workers with it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue


def live(given, folder):
    url = urllib.parse.urlsplit(given.url)
    if url.scheme != "http" or url.hostname not in LOOPBACK:
        _common.give_up(f"{given.url}: only http on loopback is asked")
    if not 1 <= given.count <= MOST:
        _common.give_up(f"COUNT must be 1 to {MOST}")
    # nginx would fail to bind, and whoever holds the port would be asked in its place.
    if listens(url):
        _common.give_up(f"something else listens at {given.url} already")
    reasons, warnings = judge(given, folder)
    if reasons:
        _common.answer(reasons, warnings)
    log = (folder / "log").open("w+")
    nginx = subprocess.Popen(
        command(folder / "nginx.conf", folder, given.name),
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    status, answers = collections.Counter(), collections.Counter()
    try:
        for _ in range(100):
            if nginx.poll() is not None or listens(url):
                break
            time.sleep(0.1)
        if nginx.poll() is None:
            until = time.monotonic() + 120
            for _ in range(given.count):
                code, line = ask(url)
                status[code] += 1
                if code == "200":
                    answers[line] += 1
                if time.monotonic() > until:
                    reasons.append("stopped asking after 120 s")
                    break
    finally:
        end(nginx)
    log.seek(0)
    errors, remarks = said(log.read(), folder)
    if not status:
        reasons += errors or ["nginx did not come up"]
    _common.answer(
        reasons, warnings, requests=sum(status.values()), status=status, answers=answers,
        log=(errors + remarks)[:20],
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="live-nginx.sh" if sys.argv[1] == "live" else "nginx.sh")
    parser.add_argument("--name", action="append", default=[], metavar="HOST")
    parser.add_argument("conf", type=pathlib.Path, metavar="CONF")
    if sys.argv[1] == "live":
        parser.add_argument("url", metavar="URL")
        parser.add_argument("count", type=int, metavar="COUNT")
    given = parser.parse_args(sys.argv[2:])
    if not given.conf.is_file():
        _common.give_up(f"cannot read {given.conf}")
    with tempfile.TemporaryDirectory(prefix="scalegen-nginx-") as name:
        folder = pathlib.Path(name)
        if sys.argv[1] == "live":
            live(given, folder)
        reasons, warnings = judge(given, folder)
        _common.answer(reasons, warnings)


if __name__ == "__main__":
    # An end from outside must still stop nginx and remove the folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    main()
