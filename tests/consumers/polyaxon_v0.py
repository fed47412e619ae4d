#!/usr/bin/env python3
"""Would Polyaxon's deployment reader of generation 0.6.1 (2020) take this file?

    polyaxon_v0.py FILE

`config` in the answer is what it kept; `ignored` lists what stood in the file and was
dropped without a word, which it does with every unknown key of a service.
"""

import collections
import collections.abc
import sys

import _common

_common.enter("py-polyaxon-v0")

if len(sys.argv) != 2:
    _common.give_up("one FILE is wanted")
try:
    values = _common.one_document(sys.argv[1])
except ValueError as error:
    _common.answer([str(error)])

# Written for Pythons before 3.10, which still had these names here.
collections.Mapping = collections.abc.Mapping

from marshmallow import ValidationError  # noqa: E402
from polyaxon_deploy.schemas.deployment import DeploymentConfig  # noqa: E402

# The chart's names for two keys that Python could not spell.
SPELT = {"rabbitmq": "rabbitmq-ha", "dockerRegistry": "docker-registry"}


def plain(value):
    """The reader's objects as data, without what is unset (its own dump fails on `api`)."""
    if hasattr(type(value), "SCHEMA"):
        value = vars(value)
    if isinstance(value, dict):
        return {SPELT.get(k, k): plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def dropped(given, kept, place=""):
    """The places of what was given and is not among what was kept."""
    if not isinstance(given, dict) or not isinstance(kept, dict):
        return
    for key, value in given.items():
        if value is None:
            continue
        if key not in kept:
            yield f"{place}{key}"
        else:
            yield from dropped(value, kept[key], f"{place}{key}.")


def flat(messages, place=""):
    """Its nested error messages, one line each."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from flat(inner, f"{place}.{key}" if place else str(key))
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield f"{place or '(whole file)'}: {message}"


try:
    config = plain(DeploymentConfig.from_dict(values))
except ValidationError as error:
    _common.answer(flat(error.messages))
except (TypeError, ValueError, KeyError, AttributeError) as error:
    _common.answer([f"(no place given): {type(error).__name__}: {error}"])
ignored = list(dropped(values, config))
_common.answer(
    [], [f"{place}: dropped without a word" for place in ignored], ignored=ignored, config=config
)
