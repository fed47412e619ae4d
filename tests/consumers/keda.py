#!/usr/bin/env python3
"""Would KEDA 2.20 take these ScaledObjects?

    keda.py FILE...          (`-` is stdin; documents of other kinds are passed over)

Own rules, after the resource definition, the admission webhook and the cron scaler: KEDA
has no program that judges a file without a cluster. `k8s.py` calls this for ScaledObjects.
"""

import re
import sys

import _common
import _kube_rules as kube

API = "keda.sh/v1alpha1"
STRING, BOOL = {"type": "string"}, {"type": "boolean"}


def whole(low):
    return {"type": "integer", "minimum": low, "maximum": 2**31 - 1}


def closed(required=(), **fields):
    """A map that has those fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


DIRECTION = closed(
    stabilizationWindowSeconds={"type": "integer"},
    selectPolicy=STRING,
    tolerance={"type": ["integer", "string"]},
    policies={
        "type": "array",
        "items": closed(
            ("type", "value", "periodSeconds"),
            type=STRING,
            value={"type": "integer"},
            periodSeconds={"type": "integer"},
        ),
    },
)
TRIGGER = closed(
    ("type", "metadata"),
    type={"type": "string", "minLength": 1},
    name=STRING,
    # Numbers and booleans are refused here: the API knows only strings.
    metadata={"type": "object", "additionalProperties": STRING},
    metricType={"enum": ["AverageValue", "Value", "Utilization"]},
    useCachedMetrics=BOOL,
    authenticationRef=closed(
        ("name",), name=STRING, kind={"enum": ["TriggerAuthentication", "ClusterTriggerAuthentication"]}
    ),
)
SCHEMA = closed(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": API},
    kind={"const": "ScaledObject"},
    metadata={
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": STRING,
            "namespace": STRING,
            "labels": {"type": "object", "additionalProperties": STRING},
            "annotations": {"type": "object", "additionalProperties": STRING},
        },
    },
    spec=closed(
        ("scaleTargetRef", "triggers"),
        scaleTargetRef=closed(
            ("name",),
            name={"type": "string", "minLength": 1},
            apiVersion=STRING,
            kind=STRING,
            envSourceContainerName=STRING,
        ),
        pollingInterval=whole(1),
        cooldownPeriod=whole(0),
        initialCooldownPeriod=whole(0),
        idleReplicaCount=whole(0),
        minReplicaCount=whole(0),
        maxReplicaCount=whole(1),
        fallback=closed(
            ("failureThreshold", "replicas"),
            failureThreshold=whole(0),
            replicas=whole(0),
            behavior={
                "enum": ["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"]
            },
        ),
        advanced=closed(
            restoreToOriginalReplicaCount=BOOL,
            horizontalPodAutoscalerConfig=closed(
                name=STRING, behavior=closed(scaleUp=DIRECTION, scaleDown=DIRECTION)
            ),
            scalingModifiers=closed(
                formula=STRING,
                target=STRING,
                activationTarget=STRING,
                metricType={"enum": ["AverageValue", "Value"]},
            ),
        ),
        triggers={"type": "array", "minItems": 1, "items": TRIGGER},
    ),
)

RESOURCE_TRIGGERS = ("cpu", "memory")
# What a trigger needs, and what else it reads: a key that is in neither is ignored.
TRIGGER_KEYS = {
    "prometheus": (
        {"serverAddress", "query", "threshold"},
        {"activationThreshold", "namespace", "customHeaders", "ignoreNullValues",
         "queryParameters", "unsafeSsl", "timeout", "authModes", "cortexOrgID"},
    ),
    "cron": ({"timezone", "start", "end", "desiredReplicas"}, set()),
    "cpu": ({"value"}, {"containerName", "activationValue", "type"}),
    "memory": ({"value"}, {"containerName", "activationValue", "type"}),
    "kubernetes-workload": ({"podSelector", "value"}, {"activationValue"}),
}  # fmt: skip
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# Words of the formula's language that are no trigger's name.
FORMULA_WORDS = set(
    "and or not in contains matches startsWith endsWith true false nil let if else "
    "abs ceil floor round min max sum mean median len count int float string".split()
)
CRON = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))
CRON_NAMES = {
    "month": "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "weekday": "sun mon tue wed thu fri sat".split(),
}


def cron_wrong(text):
    """Why a five-field cron expression is refused, or None."""
    fields = text.split()
    if len(fields) != 5:
        return f"{text!r} has {len(fields)} fields, not 5"
    for field, (name, low, high) in zip(fields, CRON, strict=True):
        names = CRON_NAMES.get(name, [])
        for part in field.split(","):
            match = re.fullmatch(r"(\*|\?|(\w+)(?:-(\w+))?)(?:/(\d+))?", part)
            if not match:
                return f"{name} {part!r} cannot be read"
            bounds = []
            for word in match.group(2, 3):
                if word is None:
                    continue
                if word.lower() in names:
                    word = names.index(word.lower()) + low
                if not str(word).isdigit() or not low <= int(word) <= high:
                    return f"{name} {word!r} is not {low} to {high}"
                bounds.append(int(word))
            if len(bounds) == 2 and bounds[0] > bounds[1]:
                return f"{name} {part!r} runs backwards"
            if match.group(4) is not None and int(match.group(4)) == 0:
                return f"{name} {part!r} has a step of 0"
    return None


def number(text):
    """The finite number a string stands for, or None."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if value == value and abs(value) != float("inf") else None


def schema_errors(doc):
    import jsonschema

    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(doc):
        yield ".".join(map(str, error.absolute_path)) or "(document)", error.message


def refused(doc):
    """(place, reason) for everything refused of one ScaledObject."""
    wrong = list(schema_errors(doc))
    yield from wrong
    if wrong:
        return
    yield from kube.metadata(doc)
    spec = doc["spec"]
    low, high = spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100)
    idle = spec.get("idleReplicaCount")
    if low > high:
        yield "spec.minReplicaCount", f"{low} is above maxReplicaCount {high}"
    if idle is not None and idle >= low:
        yield "spec.idleReplicaCount", f"{idle} is not below minReplicaCount {low}"
    hpa = kube.at(spec, "advanced", "horizontalPodAutoscalerConfig") or {}
    yield from kube.scaling_rules(
        "spec.advanced.horizontalPodAutoscalerConfig.behavior", hpa.get("behavior")
    )
    name = hpa.get("name") or f"keda-hpa-{doc['metadata']['name']}"
    if len(name) > 63:
        yield "metadata.name", f"the autoscaler's name {name} has more than 63 characters"
    kinds = {trigger["type"] for trigger in spec["triggers"]}
    if kinds <= set(RESOURCE_TRIGGERS):
        if low == 0:
            yield "spec.minReplicaCount", "cpu and memory alone cannot scale to 0"
        if spec.get("fallback"):
            yield "spec.fallback", "needs a trigger that is neither cpu nor memory"
    yield from trigger_errors(spec["triggers"])
    yield from modifier_errors(spec)


def trigger_errors(triggers):
    names = [t["name"] for t in triggers if t.get("name")]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield "spec.triggers", f"the name {name} appears twice"
    for index, trigger in enumerate(triggers):
        where = f"spec.triggers.{index}"
        metadata, kind = trigger["metadata"], trigger["type"]
        if trigger.get("metricType") == "Utilization" and kind not in RESOURCE_TRIGGERS:
            yield f"{where}.metricType", "Utilization is for cpu and memory"
        if trigger.get("useCachedMetrics") and kind in (*RESOURCE_TRIGGERS, "cron"):
            yield f"{where}.useCachedMetrics", f"is refused for {kind}"
        needed, _ = TRIGGER_KEYS.get(kind, (set(), set()))
        for key in sorted(needed - set(metadata)):
            yield f"{where}.metadata", f"a {kind} trigger needs `{key}`"
        if needed - set(metadata):
            continue
        for key in ("threshold", "activationThreshold", "value", "activationValue"):
            if key in metadata and kind in TRIGGER_KEYS:
                number_ = number(metadata[key])
                if number_ is None and kube.quantity(metadata[key]) is None:
                    yield f"{where}.metadata.{key}", f"{metadata[key]!r} is not a number"
                elif key in ("threshold", "value") and number_ is not None and number_ <= 0:
                    yield f"{where}.metadata.{key}", f"{metadata[key]!r} is not above 0"
        for key in ("ignoreNullValues", "unsafeSsl"):
            if metadata.get(key, "true") not in ("true", "false", "1", "0", "t", "f", "True", "False"):
                yield f"{where}.metadata.{key}", f"{metadata[key]!r} is not a boolean"
        if kind == "cron":
            yield from cron_errors(where, metadata)


def cron_errors(where, metadata):
    import zoneinfo

    for key in ("start", "end"):
        wrong = cron_wrong(metadata[key])
        if wrong:
            yield f"{where}.metadata.{key}", wrong
    if metadata["start"].split() == metadata["end"].split():
        yield f"{where}.metadata.end", "is the same as start"
    desired = metadata["desiredReplicas"]
    if not desired.isdigit() or int(desired) < 1:
        yield f"{where}.metadata.desiredReplicas", f"{desired!r} is not a whole number from 1 on"
    try:
        zoneinfo.ZoneInfo(metadata["timezone"])
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield f"{where}.metadata.timezone", f"{metadata['timezone']!r} is no time zone"


def modifier_errors(spec):
    modifiers = kube.at(spec, "advanced", "scalingModifiers")
    if not modifiers:
        return
    where = "spec.advanced.scalingModifiers"
    formula = modifiers.get("formula", "")
    if not formula.strip():
        yield where, "a formula is required"
        return
    target = number(modifiers.get("target", ""))
    if target is None or target <= 0:
        yield f"{where}.target", f"{modifiers.get('target')!r} is not a number above 0"
    if "activationTarget" in modifiers and number(modifiers["activationTarget"]) is None:
        yield f"{where}.activationTarget", f"{modifiers['activationTarget']!r} is not a number"
    names = set()
    for index, trigger in enumerate(spec["triggers"]):
        if trigger["type"] in RESOURCE_TRIGGERS:
            continue
        name = trigger.get("name", "")
        if not name:
            yield f"spec.triggers.{index}.name", "required where there is a formula"
        elif not NAME.fullmatch(name):
            yield f"spec.triggers.{index}.name", f"{name!r} cannot be a name in a formula"
        names.add(name)
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", " ", formula)
    for word in sorted(set(re.findall(r"(?<![\w.])[a-zA-Z_]\w*", bare)) - FORMULA_WORDS - names):
        yield f"{where}.formula", f"{word} is not a trigger's name"
    depth = 0
    for sign in bare:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            break
    if depth != 0:
        yield f"{where}.formula", "its parentheses do not match"


def odd(doc):
    """(place, remark) for what KEDA takes and then ignores or does otherwise."""
    spec = doc.get("spec") or {}
    formula = kube.at(spec, "advanced", "scalingModifiers", "formula") or ""
    if spec.get("minReplicaCount") is None:
        yield "spec.minReplicaCount", "is not set, which means 0: scaled away when idle"
    if spec.get("idleReplicaCount"):
        yield "spec.idleReplicaCount", "only 0 works"
    for index, trigger in enumerate(kube.items(spec.get("triggers"))):
        kind, metadata = trigger.get("type"), trigger.get("metadata") or {}
        where = f"spec.triggers.{index}"
        if kind in TRIGGER_KEYS:
            needed, other = TRIGGER_KEYS[kind]
            for key in sorted(set(metadata) - needed - other):
                yield f"{where}.metadata.{key}", f"a {kind} trigger ignores it"
        # Where the formula asks whether anything is measured, no data may count as 0.
        asked = "known ==" in ((spec.get("advanced") or {}).get("scalingModifiers") or {}).get("formula", "")
        if kind == "prometheus" and not asked and metadata.get("ignoreNullValues") != "false":
            yield f"{where}.metadata.ignoreNullValues", "is not \"false\": no data counts as 0"
        name = trigger.get("name")
        if formula and kind not in RESOURCE_TRIGGERS and name:
            if not re.search(rf"(?<![\w.]){re.escape(name)}\b", formula):
                yield where, f"{name} is not in the formula, so the trigger does nothing"


def main():
    _common.enter("py")
    if len(sys.argv) < 2:
        _common.give_up("at least one FILE is wanted")
    reasons, warnings, judged = [], [], []
    for path in sys.argv[1:]:
        try:
            docs = _common.documents(path)
        except ValueError as error:
            reasons.append(str(error))
            continue
        for doc in docs:
            if not isinstance(doc, dict) or doc.get("kind") != "ScaledObject":
                continue
            who = f"{path}: ScaledObject/{kube.at(doc, 'metadata', 'name')}"
            judged.append(who)
            reasons += [f"{who}: {place}: {why}" for place, why in refused(doc)]
            warnings += [f"{who}: {place}: {what}" for place, what in odd(doc)]
    if not judged and not reasons:
        reasons.append("no ScaledObject in the files")
    _common.answer(reasons, warnings, judged=judged)


if __name__ == "__main__":
    main()
