"""A small disk of its own, for the tests of what happens when it is full."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class Disk:
    """folder: where it is. is_small: whether it can be filled, which takes an account that may
    mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            _system("mount", "-t", "tmpfs", "-o", "size=2g,mode=711", "none", str(folder))
        except (OSError, subprocess.CalledProcessError):
            self.is_small = False
        else:
            self.is_small = True

    def fill(self) -> None:
        """Leaves no room."""
        used = shutil.disk_usage(self.folder).used
        _system("mount", "-o", f"remount,size={used}", str(self.folder))

    def empty(self) -> None:
        """Makes room."""
        _system("mount", "-o", "remount,size=2g", str(self.folder))

    def close(self) -> None:
        if self.is_small:
            _system("umount", "--lazy", str(self.folder))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path)
    yield made
    made.close()


def _system(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
