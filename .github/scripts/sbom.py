#!/usr/bin/env python3
"""Takes the SBOM out of a wheel and leaves out what differs from build to build.

    sbom.py WHEEL > scalegen.cyclonedx.json

maturin writes it (CycloneDX, the crates of Cargo.lock that the program is made of). Left out: the folder it was built in,
the time and the serial number, so that one commit gives the same bytes anywhere.
"""

import json
import re
import sys
import zipfile


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/sboms/scalegen.cyclonedx.json")]
        if len(names) != 1:
            sys.exit(f"sbom.py: {wheel} holds {len(names)} SBOMs, not one")
        bom = json.loads(archive.read(names[0]))
    bom.pop("serialNumber", None)
    bom["metadata"].pop("timestamp", None)
    text = json.dumps(bom, indent=2, ensure_ascii=False)
    print(re.sub(r"path\+file://[^#\"]*#", "path+file:///scalegen#", text))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
