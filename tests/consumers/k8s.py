#!/usr/bin/env python3
"""Would the Kubernetes API server take these manifests?

    k8s.py [--kubernetes VERSION]... FILE...        (`-` is stdin)

Every document is held against the strict schema of each version named (the newest known
where none is): a field the version does not know is refused, and so is a kind. Then come
the API server's own rules (_kube_rules.py), KEDA's for a ScaledObject (keda.py) and
the Gateway API's for an HTTPRoute (gateway.py).
All files together are one set: a name that appears twice in it is refused.
"""

import argparse
import functools
import re
import sys

import _common

_common.enter("py")
sys.path.insert(0, str(_common.HERE))
import _kube_rules  # noqa: E402
import gateway  # noqa: E402
import keda  # noqa: E402

sys.path.remove(str(_common.HERE))

import jsonschema  # noqa: E402
import referencing  # noqa: E402
from kubernetes_validate import utils  # noqa: E402


def folder(version):
    """The name of that version's strict schemas, as the package stores them."""
    known = [v for v in utils.all_versions() if v.startswith(version.removeprefix("v") + ".")]
    if not known:
        newest = utils.major_minor(utils.latest_version())
        _common.give_up(f"no schemas of Kubernetes {version}; the newest is {newest}")
    return f"v{known[-1]}-local-strict"


@functools.lru_cache
def definitions(where):
    return utils.schema_contents(f"kubernetes-json-schema/{where}/_definitions.json", where)


@functools.lru_cache
def validator(where, kind, api):
    """The validator of one kind, or None where that version has no such kind."""
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api)
    try:
        schema = utils.schema_contents(
            f"kubernetes-json-schema/{where}/{kind.lower()}-{group}.json", where
        )
    except (FileNotFoundError, utils.VersionNotSupportedError):
        return None
    registry = referencing.Registry()
    for part in (schema, definitions(where)):
        registry = referencing.Resource.from_contents(part) @ registry
    return jsonschema.Draft202012Validator(schema, registry=registry)


def against(version, doc):
    """(place, reason) for what that version's schema refuses."""
    kind, api = doc.get("kind"), doc.get("apiVersion")
    if not isinstance(kind, str) or not isinstance(api, str):
        yield "(document)", "apiVersion and kind are required, as text"
        return
    check = validator(folder(version), kind, api)
    if check is None:
        yield "(document)", f"Kubernetes {version} has no {kind} in {api}"
        return
    for error in check.iter_errors(doc):
        # Where a schema has alternatives, the one that came nearest says what is wrong.
        error = jsonschema.exceptions.best_match([error])
        yield ".".join(map(str, error.absolute_path)) or "(document)", error.message


def main():
    parser = argparse.ArgumentParser(prog="k8s.py")
    parser.add_argument("--kubernetes", action="append", metavar="VERSION")
    parser.add_argument("files", nargs="+", metavar="FILE")
    given = parser.parse_args()
    versions = given.kubernetes or [utils.major_minor(utils.latest_version())]
    reasons, warnings, docs, names = [], [], [], []
    for path in given.files:
        try:
            found = _common.documents(path)
        except ValueError as error:
            reasons.append(str(error))
            continue
        # A List is its items.
        for doc in found:
            inner = doc.get("items") if isinstance(doc, dict) and doc.get("kind") == "List" else [doc]
            for one in inner or []:
                if not isinstance(one, dict):
                    reasons.append(f"{path}: a document that is not a map")
                    continue
                docs.append(one)
                names.append(f"{path}: {one.get('kind')}/{_kube_rules.at(one, 'metadata', 'name')}")
    for doc, who in zip(docs, names, strict=True):
        if doc.get("apiVersion") == keda.API and doc.get("kind") == "ScaledObject":
            reasons += [f"{who}: {place}: {why}" for place, why in keda.refused(doc)]
            warnings += [f"{who}: {place}: {what}" for place, what in keda.odd(doc)]
            continue
        if doc.get("apiVersion") == gateway.API and doc.get("kind") == "HTTPRoute":
            reasons += [f"{who}: {place}: {why}" for place, why in gateway.refused(doc)]
            continue
        for version in versions:
            for place, why in against(version, doc):
                reasons.append(f"{who}: {place}: {why} (Kubernetes {version})")
        reasons += [f"{who}: {place}: {why}" for place, why in _kube_rules.refused(doc)]
    reasons += [f"{names[i]}: {place}: {why}" for i, place, why in _kube_rules.together(docs)]
    warnings += [f"{names[i]}: {place}: {what}" for i, place, what in _kube_rules.odd(docs)]
    if not docs and not reasons:
        reasons.append("no document in the files")
    _common.answer(reasons, warnings, kubernetes=versions, judged=names)


if __name__ == "__main__":
    main()
