"""The code knows no country, partner or site; those live in programme files."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "accord"
TEXTS = [
    p for p in sorted(SOURCE.rglob("*")) if p.suffix in {".py", ".txt", ".yaml", ".j2", ".md", ".css", ".csv"}
]
# Words of the flagship and of other likely programmes. Validation data and source lists may cite what was published.
NAMES = re.compile(
    r"\b(India|Russia|Indian|Russian|Moscow|Delhi|Hyderabad|Gujarat|Kazakh\w*|Uzbek\w*|Kenya|Mozambique|Skolkovo|"
    r"Skoltech|ISRO|Roscosmos|Putin|Modi|Germany|France|China|Brazil)\b"
)
CITES = {"validation.yaml", "SOURCES.md", "theory.md"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_no_country_partner_or_site(path: Path) -> None:
    if path.name in CITES or path.parent.name == "data":
        return
    found = NAMES.findall(path.read_text(encoding="utf-8"))
    assert found == []


def test_data_files_have_their_hash_on_record() -> None:
    for listing in SOURCE.rglob("SOURCES.md"):
        text = listing.read_text(encoding="utf-8")
        for path in listing.parent.iterdir():
            if path.name == "SOURCES.md" or path.is_dir():
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            assert path.name in text, f"{path} is not listed in {listing}"
            assert digest in text, f"{path}: sha256 {digest} is not on record in {listing}"
            assert path.stat().st_size <= 1_000_000, f"{path} is too large to ship"


def test_every_data_folder_lists_its_sources() -> None:
    for folder in SOURCE.rglob("data"):
        if any(folder.iterdir()):
            assert (folder / "SOURCES.md").is_file(), f"{folder} has no SOURCES.md"
