"""Lines that the tests reached, by room: reads lcov on standard input, fails below the bound. Run by coverage.sh.

A room is a file or a folder of src/, without the unit tests at the end of a file. Core is all but the command line: src/cli and src/main.rs.
"""

import sys
from collections import defaultdict
from pathlib import Path

BOUND = 95.0
RIM = {"cli", "main"}


def read(lines):
    """For each file: line number to the number of times it ran."""
    files, current = defaultdict(dict), None
    for line in lines:
        if line.startswith("SF:"):
            current = files[Path(line[3:].strip())]
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            current[int(number)] = max(current.get(int(number), 0), int(count))
    return files


def without_tests(path, counts):
    """The lines above the file's unit tests."""
    text = path.read_text().splitlines()
    end = next((number for number, line in enumerate(text, 1) if line == "#[cfg(test)]"), len(text) + 1)
    return {number: count for number, count in counts.items() if number < end}


def share(covered, lines):
    return 100 * covered / lines if lines else 100.0


def main():
    root = Path(__file__).resolve().parent.parent
    rooms = defaultdict(lambda: [0, 0])
    missing = []
    for path, counts in sorted(read(sys.stdin).items()):
        name = path.relative_to(root)
        counts = without_tests(path, counts)
        room = rooms[name.parts[1].removesuffix(".rs")]
        room[0] += sum(count > 0 for count in counts.values())
        room[1] += len(counts)
        missing += [f"{name}:{number}" for number, count in sorted(counts.items()) if count == 0]
    core = {name: room for name, room in rooms.items() if name not in RIM}
    if not core:
        sys.exit("coverage: the report names no file of src/")
    covered, lines = (sum(room[part] for room in core.values()) for part in (0, 1))
    below = []
    for name, room in sorted(rooms.items(), key=lambda item: (item[0] in RIM, share(*item[1]))):
        low = name not in RIM and share(*room) < BOUND
        below += [name] if low else []
        note = "  not core" if name in RIM else f"  below {BOUND:g} %" if low else ""
        print(f"{name:12} {room[0]:6} of {room[1]:6} lines  {share(*room):6.2f} %{note}")
    print(f"{'core rooms':12} {covered:6} of {lines:6} lines  {share(covered, lines):6.2f} %")
    if "--missing" in sys.argv:
        print("\n".join(missing))
    if share(covered, lines) < BOUND:
        sys.exit(f"coverage: below {BOUND:g} % of the lines of the core rooms; rooms below: {', '.join(below)}")


if __name__ == "__main__":
    main()
