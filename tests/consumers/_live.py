"""live.sh: compose files on the engine that engine.sh keeps."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse

import _common
import _nginx

IMAGE = "scalegen-test:1"
LABEL = "com.docker.compose."


def environment():
    """The caller's, less what would steer docker or compose elsewhere, plus our engine."""
    status = subprocess.run(
        [str(_common.HERE / "engine.sh"), "status"], capture_output=True, text=True, timeout=60
    )
    if status.returncode:
        _common.give_up(status.stdout.strip() or "no engine")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPOSE_", "DOCKER_"))}
    lines = (_common.INSTALLED / "engine").read_text().splitlines()
    state = dict(line.split("=", 1) for line in lines)
    if state.get("HOST"):
        kept["DOCKER_HOST"] = state["HOST"]
    kept["DOCKER_CONFIG"] = str(_common.INSTALLED / "docker-config")
    kept["SCALEGEN_ENGINE_MODE"] = state.get("MODE", "")
    return kept


def run(command, env, limit):
    """(exit code, stdout, stderr); a command that takes too long has failed."""
    try:
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return 124, "", f"{pathlib.Path(command[0]).name} did not end within {limit} s"
    return done.returncode, done.stdout, done.stderr


class Project:
    """The compose project those files are."""

    def __init__(self, files):
        paths = [pathlib.Path(f).resolve() for f in files]
        for path in paths:
            if not path.is_file():
                _common.give_up(f"cannot read {path}")
        self.name = "scalegen-live-" + hashlib.sha256("\n".join(map(str, paths)).encode()).hexdigest()[:10]
        self.env = environment()
        program = _common.INSTALLED / "py" / "bin" / "docker-compose"
        if not os.access(program, os.X_OK):
            _common.give_up("docker compose is not installed: run tests/consumers/install.sh")
        self.command = [str(program), "--ansi", "never", "--progress", "plain", "-p", self.name]
        for path in paths:
            self.command += ["-f", str(path)]

    def compose(self, *words, limit=120):
        return run([*self.command, *words], self.env, limit)

    def docker(self, *words):
        code, out, err = run(["docker", *words], self.env, 30)
        if code:
            _common.give_up(f"docker {words[0]}: {err.strip()}")
        return out

    def stand_in(self):
        """Let the test image answer to every image name the engine does not have."""
        if self.env["SCALEGEN_ENGINE_MODE"] != "own":
            _common.give_up("--stand-in is for an engine of the tests' own (SCALEGEN_ENGINE=own)")
        code, names, err = self.compose("--profile", "*", "config", "--images", limit=60)
        if code:
            _common.answer([err.strip()], project=self.name)
        for name in sorted(set(names.split())):
            if run(["docker", "image", "inspect", name], self.env, 30)[0]:
                self.docker("tag", IMAGE, name)

    def down(self):
        # By name alone: it works however broken the files are by now.
        return run(
            [self.command[0], "--ansi", "never", "--progress", "quiet", "-p", self.name,
             "down", "--timeout", "2", "--volumes", "--remove-orphans"],
            self.env, 120,
        )  # fmt: skip

    def containers(self):
        """The containers, ordered by service and number, with the engine's own numbers."""
        ids = self.docker("ps", "-aq", "--filter", f"label={LABEL}project={self.name}").split()
        found = []
        for one in json.loads(self.docker("inspect", *ids)) if ids else []:
            host, config, labels = one["HostConfig"], one["Config"], one["Config"]["Labels"]
            published = [
                {"container": int(port.split("/")[0]), "ip": at["HostIp"], "host": int(at["HostPort"])}
                for port, places in (one["NetworkSettings"]["Ports"] or {}).items()
                for at in places or []
                if port.endswith("/tcp")
            ]
            found.append(
                {
                    "name": one["Name"].lstrip("/"),
                    "service": labels.get(LABEL + "service"),
                    "number": int(labels.get(LABEL + "container-number", 0)),
                    "hostname": config["Hostname"],
                    "running": one["State"]["Running"],
                    "NanoCpus": host["NanoCpus"],
                    "Memory": host["Memory"],
                    "MemoryReservation": host["MemoryReservation"],
                    "PidsLimit": host["PidsLimit"],
                    "CpuShares": host["CpuShares"],
                    "RestartPolicy": host["RestartPolicy"],
                    "ports": sorted(published, key=lambda p: (p["container"], p["host"], p["ip"])),
                    "env": dict(v.partition("=")[::2] for v in config["Env"] or []),
                }
            )
        return sorted(found, key=lambda c: (c["service"] or "", c["number"]))


def up(project):
    code, _, err = project.compose(
        "up", "--detach", "--no-build", "--pull", "never", "--wait", "--wait-timeout", "60",
        "--timeout", "2", "--quiet-pull",
    )  # fmt: skip
    if code:
        # Compose prints a line for every step; what went wrong is said last.
        lines = [line.strip() for line in err.splitlines() if line.strip()]
        telling = [line for line in lines if "rror" in line or "invalid" in line or "fail" in line]
        project.down()
        _common.answer((telling or lines or ["docker compose up failed"])[-3:], project=project.name)
    _common.answer([], project=project.name, containers=project.containers())


def inspect(project):
    _common.answer([], project=project.name, containers=project.containers())


def ask(project):
    """Each published port once; a container that has just started gets 10 s to listen."""
    answers, reasons = {}, []
    for container in project.containers():
        for port in container["ports"]:
            if port["ip"] not in ("", "0.0.0.0", "127.0.0.1") or port["host"] in answers:
                continue
            url = urllib.parse.urlsplit(f"http://127.0.0.1:{port['host']}/")
            for _ in range(50):
                status, line = _nginx.ask(url, 2)
                if status.isdigit():
                    break
                time.sleep(0.2)
            answers[port["host"]] = {"status": status, "line": line, "container": container["name"]}
            if status != "200" or line != container["hostname"]:
                reasons.append(f"port {port['host']} of {container['name']}: {status} {line}")
    _common.answer(reasons, project=project.name, answers=answers)


def down(project):
    code, _, err = project.down()
    _common.answer([err.strip() or "docker compose down failed"] if code else [], project=project.name)


def main():
    verbs = {"up": up, "inspect": inspect, "ask": ask, "down": down}
    if len(sys.argv) < 3 or sys.argv[1] not in verbs:
        _common.give_up("up, inspect, ask or down is wanted, then the FILEs")
    verb, files = sys.argv[1], sys.argv[2:]
    stand_in = verb == "up" and files[0] == "--stand-in"
    project = Project(files[1:] if stand_in else files)
    if stand_in:
        project.stand_in()
    verbs[verb](project)


if __name__ == "__main__":
    main()
