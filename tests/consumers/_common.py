"""What the judges written in Python share: where they run, how they read, how they answer.

A judge exits 0 when the consumer accepts, 1 when it refuses, 2 when it could not judge
(not installed, no such file, wrong arguments). It prints one JSON object on stdout.
"""

import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = HERE.parent.parent / ".consumers"


def give_up(reason):
    """The judge cannot judge."""
    name = pathlib.Path(sys.argv[0]).name.removeprefix("_")
    print(f"{name}: {reason}", file=sys.stderr)
    sys.exit(2)


def enter(venv):
    """Go on under the Python of that virtual environment, with this folder off the path.

    The folder has a polyaxon.py of its own, which would hide the package of that name.
    """
    home = INSTALLED / venv
    python = home / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() != home.resolve():
        if not os.access(python, os.X_OK):
            give_up(f".consumers/{venv} is not installed: run tests/consumers/install.sh")
        os.execv(python, [str(python), *sys.argv])
    sys.path[:] = [p for p in sys.path if p and pathlib.Path(p).resolve() != HERE]


def as_data(value):
    """Objects of the Kubernetes client as the maps they came from."""
    names = getattr(type(value), "attribute_map", None)
    if names is None:
        return str(value)
    fields = ((key, getattr(value, attribute)) for attribute, key in names.items())
    return {key: field for key, field in fields if field is not None}


def answer(reasons, warnings=(), **more):
    """Print the verdict and end."""
    reasons, warnings = list(reasons), list(warnings)
    verdict = {"accepted": not reasons, "reasons": reasons, "warnings": warnings, **more}
    print(json.dumps(verdict, indent=1, default=as_data))
    for reason in reasons:
        print(reason, file=sys.stderr)
    sys.exit(1 if reasons else 0)


def documents(path):
    """Every document of a YAML file (`-` is stdin), read as kubectl and helm read it.

    YAML 1.1, as theirs is: a bare `no` is a boolean. A date stays text, as with them. A key
    that appears twice is an error, which PyYAML alone would not say. Raises ValueError.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            seen = set()
            for key_node, _ in node.value:
                if key_node.tag == "tag:yaml.org,2002:merge":
                    continue
                key = self.construct_object(key_node, deep=True)
                try:
                    again = key in seen
                    seen.add(key)
                except TypeError:
                    again = False
                if again:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} appears twice", key_node.start_mark
                    )
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if not tag.endswith(":timestamp")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    # A scalar that is only `=` has a tag PyYAML has no constructor for.
    Loader.add_constructor("tag:yaml.org,2002:value", Loader.construct_yaml_str)
    try:
        text = sys.stdin.read() if path == "-" else pathlib.Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"cannot read {path}: {error}")
    try:
        return [doc for doc in yaml.load_all(text, Loader) if doc is not None]
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML: {' '.join(str(error).split())}") from error


def one_document(path):
    """The only document of a file, which must be a map. Raises ValueError."""
    docs = documents(path)
    if len(docs) != 1 or not isinstance(docs[0], dict):
        raise ValueError(f"{path}: one document that is a map is wanted, {len(docs)} found")
    return docs[0]
