#!/usr/bin/env python3
"""Writes one comment on a pull request, or writes its own earlier one anew.

    comment.py FILE NUMBER true|false

FILE begins with a hidden line that says what the comment is: the comment of a bot that begins with the same line is
replaced. `false` replaces, but makes no new comment. GITHUB_API_URL, GITHUB_REPOSITORY and GH_TOKEN say where and who.
What GitHub refuses, as on a pull request from a fork, is a warning and exit code 0.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request


def call(method: str, url: str, body: "dict | None" = None) -> "tuple[list | dict, str | None]":
    """The answer, and the address of the next page."""
    request = urllib.request.Request(url, method=method, data=json.dumps(body).encode() if body else None)
    request.add_header("Accept", "application/vnd.github+json")
    request.add_header("Authorization", f"Bearer {os.environ['GH_TOKEN']}")
    request.add_header("Content-Type", "application/json")
    request.add_header("X-GitHub-Api-Version", "2022-11-28")
    with urllib.request.urlopen(request, timeout=30) as answer:
        link = re.search(r'<([^>]+)>;\s*rel="next"', answer.headers.get("Link", ""))
        return json.load(answer), link and link.group(1)


def earlier(url: str, marker: str) -> "str | None":
    page = f"{url}?per_page=100"
    while page:
        comments, page = call("GET", page)
        for comment in comments:
            # a person's comment is left alone, also one that quotes ours; an account that is gone is null
            bot = (comment["user"] or {}).get("type") == "Bot"
            if bot and (comment["body"] or "").splitlines()[:1] == [marker]:
                return comment["url"]
    return None


def reason(error: urllib.error.HTTPError) -> str:
    try:
        return json.load(error)["message"]
    except (ValueError, KeyError, TypeError):
        return error.reason


def warn(why: str) -> None:
    print("::warning title=scalegen diff::no comment: " + " ".join(why.split()).replace("%", "%25"))


def main(file: str, number: str, new: str) -> None:
    with open(file, encoding="utf-8") as opened:
        body = opened.read()
    marker = body.splitlines()[0]
    if not (marker.startswith("<!--") and marker.endswith("-->")):
        sys.exit(f"comment.py: {file} does not begin with a hidden line")
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues/{int(number)}/comments"
    try:
        known = earlier(url, marker)
        if known:
            call("PATCH", known, {"body": body})
        elif new == "true":
            call("POST", url, {"body": body})
    except urllib.error.HTTPError as error:
        need = ""
        if error.code in (401, 403, 404):
            need = "; the job needs `pull-requests: write`, and a pull request from a fork does not get it"
        warn(f"GitHub answered {error.code}: {reason(error)}{need}")
    except (OSError, ValueError) as error:
        warn(f"GitHub cannot be asked: {error}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
