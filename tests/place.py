"""Where things are that several tests read: the project, its data, its golden files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
ROSTER = DATA / "workbooks" / "新人花名册-2026年6月.xlsx"
GOLDEN = ROOT / "tests" / "golden"
FIGURES = GOLDEN / "figures.json"
