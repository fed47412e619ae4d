#!/usr/bin/env python3
"""What does `kubectl apply` of new manifests send to a cluster that has the old ones?

    apply.py CASES      (`-` is stdin)

CASES is JSON: a list of `{"old": [object, ...], "new": [object, ...]}`. For each a small API
server is started on this machine; kubectl applies the old objects to it and then the new ones.
So the three-way merge is kubectl's own. What it asks for in the second run is in `cases`, one
list a case of `{"method", "kind", "name", "namespace", "patch", "refused"}`.

The server keeps what kubectl creates as it is, gives a Service an address, and refuses as the API
does only what changes an immutable field (`Validate...Update` in pkg/apis/apps, core and rbac
of kubernetes/kubernetes).
"""

import concurrent.futures
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

import _common

KUBECTL = _common.INSTALLED / "kube" / "kubectl"
# Fields of a StatefulSet's spec that may change.
STATEFUL = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}
SHORT = {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}


def immutable(kind, patch):
    """The field of a patch that the API does not let change, if one is in it."""
    spec = patch.get("spec") or {}
    if kind in ("Deployment", "DaemonSet", "ReplicaSet") and "selector" in spec:
        return "spec.selector"
    if kind == "StatefulSet":
        return next((f"spec.{field}" for field in sorted(set(spec) - STATEFUL) if not field.startswith("$")), None)
    if kind == "Service" and "clusterIP" in spec:
        return "spec.clusterIP"
    if kind == "PersistentVolumeClaim":
        return next((f"spec.{field}" for field in sorted(set(spec) - {"resources"})), None)
    if kind in ("RoleBinding", "ClusterRoleBinding") and "roleRef" in patch:
        return "roleRef"
    if kind == "Job" and {"template", "selector", "completions"} & set(spec):
        return "spec.template"
    return None


def plural(kind):
    return SHORT.get(kind, f"{kind.lower()}s")


class Cluster:
    """The objects of one API server, and what was asked of it."""

    def __init__(self, objects):
        self.kinds = {(doc["apiVersion"], doc["kind"]) for doc in objects}
        self.stored, self.requests = {}, []

    def discovery(self, path):
        """An answer to a client that asks what there is; None where it asks for something else."""
        groups = sorted({version.split("/")[0] for version, _ in self.kinds if "/" in version})
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [self.group(name) for name in groups]}
        version = path.removeprefix("/apis/") if path.startswith("/apis/") else path.removeprefix("/api/")
        known = [kind for one, kind in sorted(self.kinds) if one == version]
        if not (known or path == "/api/v1"):
            return None
        resources = [
            {
                "name": plural(kind),
                "singularName": kind.lower(),
                "namespaced": True,
                "kind": kind,
                "verbs": ["get", "create", "patch"],
            }
            for kind in known
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}

    def group(self, name):
        versions = [version for version, _ in sorted(self.kinds) if version.startswith(f"{name}/")]
        all_of_it = [{"groupVersion": one, "version": one.split("/")[1]} for one in dict.fromkeys(versions)]
        return {"name": name, "versions": all_of_it, "preferredVersion": all_of_it[0]}

    def answer(self, method, path, body):
        """Status and object."""
        found = self.discovery(path) if method == "GET" else None
        if found:
            return 200, found
        if method == "POST":
            path = f"{path}/{body['metadata']['name']}"
            body["metadata"].setdefault("namespace", path.split("/namespaces/")[1].split("/")[0])
            body["metadata"]["resourceVersion"] = "1"
            if body["kind"] == "Service":
                body["spec"].setdefault("clusterIP", "10.96.0.1")
            self.stored[path] = body
            self.note(method, body, None, None)
            return 201, body
        own = self.stored.get(path)
        if own is None:
            return 404, status(404, "NotFound", f"{path} not found")
        if method == "PATCH":
            field = immutable(own["kind"], body)
            self.note(method, own, body, field)
            if field:
                message = f'{own["kind"]} "{own["metadata"]["name"]}" is invalid: {field}: field is immutable'
                return 422, status(422, "Invalid", message)
        else:
            self.note(method, own, None, None)
        return 200, own

    def note(self, method, own, patch, refused):
        if patch:
            # what kubectl keeps for itself is not a change of the object
            notes = (patch.get("metadata") or {}).get("annotations") or {}
            notes.pop("kubectl.kubernetes.io/last-applied-configuration", None)
        meta = own["metadata"]
        self.requests.append(
            {
                "method": method,
                "kind": own["kind"],
                "name": meta["name"],
                "namespace": meta["namespace"],
                "patch": patch,
                "refused": refused,
            }
        )


def status(code, reason, message):
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
    }


def serve(cluster):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            code, answer = cluster.answer(self.command, self.path.split("?")[0], body)
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = handle_one  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def apply(objects, address, folder):
    """What kubectl prints on stderr; it goes on after an object that is refused."""
    wanted = {"apiVersion": "v1", "kind": "List", "items": objects}
    command = [str(KUBECTL), "apply", "--server", address, "--cache-dir", folder, "--validate=false", "-f", "-"]
    env = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "KUBECONFIG": os.devnull}
    run = subprocess.run(command, input=json.dumps(wanted), capture_output=True, text=True, env=env, timeout=60)
    return run.stderr


def played(case):
    cluster = Cluster(case["old"] + case["new"])
    server = serve(cluster)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    with tempfile.TemporaryDirectory(prefix="scalegen-apply-") as folder:
        error = apply(case["old"], address, folder)
        if len([one for one in cluster.requests if one["method"] == "POST"]) != len(case["old"]):
            _common.give_up(f"kubectl did not create what there was: {error}")
        cluster.requests.clear()
        error = apply(case["new"], address, folder)
    server.shutdown()
    server.server_close()
    refused = [one for one in cluster.requests if one["refused"]]
    if bool(error.strip()) != bool(refused):
        _common.give_up(f"kubectl said: {error}")
    return cluster.requests


def main():
    if len(sys.argv) != 2:
        _common.give_up("one file of CASES is wanted")
    if not os.access(KUBECTL, os.X_OK):
        _common.give_up(".consumers/kube/kubectl is not here: run tests/consumers/install.sh")
    text = sys.stdin.read() if sys.argv[1] == "-" else pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        cases = list(pool.map(played, json.loads(text)))
    refused = [one for case in cases for one in case if one["refused"]]
    reasons = [f'{one["kind"]} {one["name"]}: {one["refused"]} is immutable' for one in refused]
    _common.answer(reasons, cases=cases)


if __name__ == "__main__":
    main()
