"""Would the Gateway API take this HTTPRoute? Its custom resource definition, as far as an HTTPRoute of ours goes.

After config/crd/standard/gateway.networking.k8s.io_httproutes.yaml of kubernetes-sigs/gateway-api, version v1. A field
that stands neither there nor here is refused, as a strict API server does.
"""

import re

API = "gateway.networking.k8s.io/v1"

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME = rf"{_LABEL}(\.{_LABEL})*"
_HOST = rf"(\*\.)?{_NAME}"


def _fields(value, place, known, needed=()):
    if not isinstance(value, dict):
        yield place, "not a map"
        return
    for key in value:
        if key not in known:
            yield f"{place}.{key}", "no such field"
    for key in needed:
        if key not in value:
            yield f"{place}.{key}", "required"


def _text(value, pattern, place, most):
    if not isinstance(value, str) or not 0 < len(value) <= most or not re.fullmatch(pattern, value):
        yield place, f"{value!r} is not taken"


def refused(doc):
    """(place, reason) for what the definition refuses."""
    spec = doc.get("spec")
    yield from _fields(doc, "", {"apiVersion", "kind", "metadata", "spec"}, ["spec"])
    yield from _fields(spec, "spec", {"parentRefs", "hostnames", "rules"})
    if not isinstance(spec, dict):
        return
    for index, ref in enumerate(spec.get("parentRefs") or []):
        place = f"spec.parentRefs.{index}"
        yield from _fields(ref, place, {"group", "kind", "name", "namespace", "port", "sectionName"}, ["name"])
        yield from _text(ref.get("name"), ".*", f"{place}.name", 253)
        if "namespace" in ref:
            yield from _text(ref["namespace"], _LABEL, f"{place}.namespace", 63)
        if "sectionName" in ref:
            yield from _text(ref["sectionName"], _NAME, f"{place}.sectionName", 253)
    for index, host in enumerate(spec.get("hostnames") or []):
        yield from _text(host, _HOST, f"spec.hostnames.{index}", 253)
        if re.fullmatch(r"[0-9.]+", str(host)):
            yield f"spec.hostnames.{index}", "IPs are not allowed"
    for index, rule in enumerate(spec.get("rules") or []):
        place = f"spec.rules.{index}"
        yield from _fields(rule, place, {"matches", "backendRefs"})
        for number, match in enumerate(rule.get("matches") or []):
            at = f"{place}.matches.{number}"
            yield from _fields(match, at, {"path"})
            path = match.get("path", {})
            yield from _fields(path, f"{at}.path", {"type", "value"})
            if path.get("type") not in ("Exact", "PathPrefix", "RegularExpression"):
                yield f"{at}.path.type", "unsupported"
            value = path.get("value", "/")
            if not value.startswith("/") or any(bad in value for bad in ("//", "/./", "/../", "%2f", "%2F", "#")):
                yield f"{at}.path.value", f"{value!r} is not taken"
        for number, backend in enumerate(rule.get("backendRefs") or []):
            at = f"{place}.backendRefs.{number}"
            yield from _fields(backend, at, {"name", "port"}, ["name", "port"])
