"""What the Kubernetes API server refuses beyond its schemas, for the kinds scalegen writes.

Each rule is a function from one document to (place, reason) pairs. They are here because a
JSON schema cannot say them: it calls `cpu: banana` a string and stops there.
"""

import re
from decimal import Decimal

# Suffixes of a Kubernetes quantity, and what each multiplies by.
SUFFIX = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "T": Decimal(10**12), "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip
QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def quantity(value):
    """The number a quantity stands for, or None when it is not one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    match = QUANTITY.fullmatch(str(value))
    if not match:
        return None
    number, exponent, suffix = match.groups()
    return Decimal(number + (exponent or "")) * SUFFIX[suffix or ""]


def at(value, *keys):
    """The value under those keys, or None where there is none."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def pairs(value):
    """The entries of a map; nothing for anything else (the schema speaks of that)."""
    return list(value.items()) if isinstance(value, dict) else []


def items(value):
    """The items of a list that are maps."""
    return [i for i in value if isinstance(i, dict)] if isinstance(value, list) else []


def pod_template(doc):
    """The pod template of a workload with the place it stands at, or (None, None)."""
    kind = doc.get("kind")
    if kind in WORKLOADS:
        return at(doc, "spec", "template"), "spec.template"
    if kind == "CronJob":
        return (
            at(doc, "spec", "jobTemplate", "spec", "template"),
            "spec.jobTemplate.spec.template",
        )
    if kind == "Pod":
        return doc, ""
    return None, None


def metadata(doc):
    """Names and labels."""
    name = at(doc, "metadata", "name")
    if not isinstance(name, str) or not DNS_NAME.fullmatch(name) or len(name) > 253:
        yield "metadata.name", f"{name!r} is not a DNS name"
    elif doc.get("kind") == "Service" and (not DNS_LABEL.fullmatch(name) or len(name) > 63):
        yield "metadata.name", f"{name!r} is not a DNS label, which a Service's name must be"
    places = [("metadata", at(doc, "metadata"))]
    template, place = pod_template(doc)
    if template is not None and template is not doc:
        places.append((f"{place}.metadata", at(template, "metadata")))
    for place, meta in places:
        for key, value in pairs(at(meta, "labels")):
            if isinstance(value, str) and (not LABEL_VALUE.fullmatch(value) or len(value) > 63):
                yield f"{place}.labels.{key}", f"{value!r} is not a label value"


def resources(place, block):
    """Quantities, and requests within limits."""
    numbers = {}
    for side in ("requests", "limits"):
        for name, value in pairs(at(block, side)):
            number = quantity(value)
            if number is None:
                yield f"{place}.{side}.{name}", f"{value!r} is not a quantity"
            elif number < 0:
                yield f"{place}.{side}.{name}", f"{value} is below 0"
            elif name == "memory" and number != number.to_integral_value():
                yield f"{place}.{side}.{name}", f"{value} is a part of a byte"
            else:
                numbers[side, name] = number
    for (side, name), number in numbers.items():
        limit = numbers.get(("limits", name))
        if side == "requests" and limit is not None and number > limit:
            yield f"{place}.requests.{name}", "is above the limit"


def containers(doc):
    """Containers: names, resources, ports, variables."""
    template, place = pod_template(doc)
    if template is None:
        return
    prefix = f"{place}.spec" if place else "spec"
    names = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(items(at(template, "spec", group))):
            where = f"{prefix}.{group}[{index}]"
            name = container.get("name")
            if not isinstance(name, str) or not DNS_LABEL.fullmatch(name) or len(name) > 63:
                yield f"{where}.name", f"{name!r} is not a DNS label"
            elif name in names:
                yield f"{where}.name", f"{name} appears twice"
            names.add(name)
            if not container.get("image"):
                yield f"{where}.image", "an image is required"
            yield from resources(f"{where}.resources", container.get("resources"))
            ports = set()
            for number, port in enumerate(items(container.get("ports"))):
                spot = f"{where}.ports[{number}]"
                if not in_range(port.get("containerPort"), 1, 65535):
                    yield f"{spot}.containerPort", "must be 1 to 65535"
                called = port.get("name")
                if called is not None:
                    if len(str(called)) > 15 or not DNS_LABEL.fullmatch(str(called)):
                        yield f"{spot}.name", f"{called!r} is not a port name (15 characters)"
                    if called in ports:
                        yield f"{spot}.name", f"{called} appears twice"
                    ports.add(called)
            for number, variable in enumerate(items(container.get("env"))):
                called = variable.get("name")
                if not isinstance(called, str) or not ENV_NAME.fullmatch(called):
                    yield f"{where}.env[{number}].name", f"{called!r} is not a variable name"


def selector(doc):
    """A workload's selector, which must find the workload's own pods."""
    if doc.get("kind") not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        return
    wanted = at(doc, "spec", "selector", "matchLabels")
    expressions = at(doc, "spec", "selector", "matchExpressions")
    if not wanted and not expressions:
        yield "spec.selector", "an empty selector is refused"
    labels = at(doc, "spec", "template", "metadata", "labels") or {}
    for key, value in pairs(wanted):
        if labels.get(key) != value:
            yield f"spec.selector.matchLabels.{key}", "the template's labels do not match it"


def in_range(value, low, high=None):
    """Whether it is a whole number within the bounds."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and low <= value and (high is None or value <= high)


def replicas(doc):
    """Replica counts."""
    count = at(doc, "spec", "replicas")
    if count is not None and not in_range(count, 0):
        yield "spec.replicas", f"{count!r} is not a whole number from 0 on"


def scaling_rules(place, behavior):
    """An HPA's `behavior`, which a KEDA ScaledObject passes on as it is."""
    for direction in ("scaleUp", "scaleDown"):
        rules = at(behavior, direction)
        if rules is None:
            continue
        where = f"{place}.{direction}"
        window = at(rules, "stabilizationWindowSeconds")
        if window is not None and not in_range(window, 0, 3600):
            yield f"{where}.stabilizationWindowSeconds", "must be 0 to 3600"
        select = at(rules, "selectPolicy")
        if select is not None and select not in ("Max", "Min", "Disabled"):
            yield f"{where}.selectPolicy", f"{select!r} is none of Max, Min, Disabled"
        policies = at(rules, "policies")
        if policies is not None and not policies:
            yield f"{where}.policies", "at least one policy is required"
        for index, policy in enumerate(items(policies)):
            spot = f"{where}.policies[{index}]"
            if policy.get("type") not in ("Pods", "Percent"):
                yield f"{spot}.type", f"{policy.get('type')!r} is neither Pods nor Percent"
            if not in_range(policy.get("value"), 1):
                yield f"{spot}.value", "must be above 0"
            if not in_range(policy.get("periodSeconds"), 1, 1800):
                yield f"{spot}.periodSeconds", "must be 1 to 1800"
        tolerance = at(rules, "tolerance")
        if tolerance is not None and (quantity(tolerance) is None or quantity(tolerance) < 0):
            yield f"{where}.tolerance", f"{tolerance!r} is not a quantity from 0 on"


def autoscaler(doc):
    """HorizontalPodAutoscaler."""
    if doc.get("kind") != "HorizontalPodAutoscaler":
        return
    spec = doc.get("spec") or {}
    low, high = spec.get("minReplicas", 1), spec.get("maxReplicas")
    metrics = items(spec.get("metrics"))
    # 0 is behind a feature gate, and even then only with such a metric.
    away = any(metric.get("type") in ("Object", "External") for metric in metrics)
    if not in_range(low, 0 if away else 1):
        yield "spec.minReplicas", f"{low!r}: at least {0 if away else 1} is required"
    if not in_range(high, 1):
        yield "spec.maxReplicas", f"{high!r}: at least 1 is required"
    elif in_range(low, 0) and low > high:
        yield "spec.maxReplicas", f"{high} is below minReplicas {low}"
    yield from scaling_rules("spec.behavior", spec.get("behavior"))
    if doc.get("apiVersion") != "autoscaling/v2":
        return
    field = {
        "Resource": "resource", "ContainerResource": "containerResource",
        "Pods": "pods", "Object": "object", "External": "external",
    }  # fmt: skip
    for index, metric in enumerate(metrics):
        where = f"spec.metrics[{index}]"
        kind = metric.get("type")
        if kind not in field:
            yield f"{where}.type", f"{kind!r} is not a type of metric"
            continue
        set_fields = [f for f in field.values() if metric.get(f) is not None]
        if set_fields != [field[kind]]:
            yield where, f"type {kind} wants `{field[kind]}` and nothing else, not {set_fields}"
            continue
        target = at(metric, field[kind], "target") or {}
        wanted = {"Utilization": "averageUtilization", "AverageValue": "averageValue"}
        if kind in ("Object", "External", "Pods"):
            wanted = {"Value": "value", "AverageValue": "averageValue"}
        if target.get("type") not in wanted:
            yield f"{where}.{field[kind]}.target.type", f"{target.get('type')!r} does not fit"
            continue
        value = target.get(wanted[target["type"]])
        number = quantity(value)
        if number is None or number <= 0:
            yield f"{where}.{field[kind]}.target", f"a target above 0 is required, not {value!r}"


def disruption(doc):
    """PodDisruptionBudget: one of its two bounds."""
    if doc.get("kind") != "PodDisruptionBudget":
        return
    spec = doc.get("spec") or {}
    given = [k for k in ("minAvailable", "maxUnavailable") if spec.get(k) is not None]
    if len(given) > 1:
        yield "spec", "minAvailable and maxUnavailable exclude each other"
    for key in given:
        value = spec[key]
        percent = isinstance(value, str) and re.fullmatch(r"(100|[1-9]?\d)%", value)
        if not percent and not in_range(value, 0):
            yield f"spec.{key}", f"{value!r} is neither a whole number nor a percentage"


def service(doc):
    """Service ports."""
    if doc.get("kind") != "Service":
        return
    ports = items(at(doc, "spec", "ports"))
    for index, port in enumerate(ports):
        if not in_range(port.get("port"), 1, 65535):
            yield f"spec.ports[{index}].port", "must be 1 to 65535"
        if len(ports) > 1 and not port.get("name"):
            yield f"spec.ports[{index}].name", "required where there are several ports"
    names = [port.get("name") for port in ports]
    if len(ports) > 1 and len(set(names)) != len(names):
        yield "spec.ports", "port names must differ"


RULES = (metadata, containers, selector, replicas, autoscaler, disruption, service)


def refused(doc):
    """Everything the API server would refuse of one document."""
    for rule in RULES:
        yield from rule(doc)


def together(docs):
    """What is refused, or fights, between documents: (index, place, reason)."""
    seen = {}
    scaled = {}
    for index, doc in enumerate(docs):
        key = (
            str(doc.get("apiVersion", "")).rpartition("/")[0],
            doc.get("kind"),
            at(doc, "metadata", "namespace"),
            at(doc, "metadata", "name"),
        )
        if key in seen:
            yield index, "metadata.name", f"the {key[1]} {key[3]} appears twice"
        seen[key] = index
        if doc.get("kind") in ("HorizontalPodAutoscaler", "ScaledObject"):
            target = at(doc, "spec", "scaleTargetRef") or {}
            who = (key[2], target.get("kind", "Deployment"), target.get("name"))
            if who in scaled:
                yield index, "spec.scaleTargetRef", f"{who[1]} {who[2]} has two autoscalers"
            scaled[who] = index


def odd(docs):
    """What is taken and then does not do what it says: (index, place, remark)."""
    workloads = {
        (at(d, "metadata", "namespace"), d.get("kind"), at(d, "metadata", "name")): (i, d)
        for i, d in enumerate(docs)
        if d.get("kind") in WORKLOADS
    }
    for index, doc in enumerate(docs):
        if doc.get("kind") not in ("HorizontalPodAutoscaler", "ScaledObject"):
            continue
        target = at(doc, "spec", "scaleTargetRef") or {}
        who = (at(doc, "metadata", "namespace"), target.get("kind", "Deployment"), target.get("name"))
        if who not in workloads:
            yield index, "spec.scaleTargetRef", f"{who[1]} {who[2]} is not among the documents"
            continue
        place, workload = workloads[who]
        if at(workload, "spec", "replicas") is not None:
            yield place, "spec.replicas", "is set although an autoscaler owns the count"
        template, _ = pod_template(workload)
        wanted = set()
        for metric in items(at(doc, "spec", "metrics")):
            if at(metric, "resource", "target", "type") == "Utilization":
                wanted.add(at(metric, "resource", "name"))
        for container in items(at(template, "spec", "containers")):
            for name in wanted:
                limits = at(container, "resources", "limits", name)
                if at(container, "resources", "requests", name) is None and limits is None:
                    yield (
                        place,
                        f"containers.{container.get('name')}",
                        f"requests no {name}, which the utilization target is a share of",
                    )
