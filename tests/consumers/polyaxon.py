#!/usr/bin/env python3
"""Would Polyaxon's CLI take this file as Helm values (generation 1.22 and later)?

    polyaxon.py FILE

The reader is the one `polyaxon admin deploy -f FILE` runs before it hands the same file to
Helm. `config` in the answer is what it understood. It checks neither quantities nor what
the chart does with a key: a key it takes may still be ignored by the chart.
"""

import sys

import _common

_common.enter("py")

if len(sys.argv) != 2:
    _common.give_up("one FILE is wanted")
try:
    values = _common.one_document(sys.argv[1])
except ValueError as error:
    _common.answer([str(error)])

# A private path of the package: requirements.txt pins the version it is known to be in.
from polyaxon._deploy.schemas.deployment import DeploymentConfig  # noqa: E402
from pydantic import ValidationError  # noqa: E402

try:
    config = DeploymentConfig.from_dict(values)
except ValidationError as error:
    _common.answer(
        f"{'.'.join(map(str, e['loc'])) or '(whole file)'}: {e['msg']}" for e in error.errors()
    )
except (TypeError, ValueError, KeyError, AttributeError) as error:
    # Wrong keys under `resources` come out of its Kubernetes model as a TypeError.
    _common.answer([f"(no place given): {type(error).__name__}: {error}"])
_common.answer([], config=config.to_dict())
