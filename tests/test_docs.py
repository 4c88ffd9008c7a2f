"""The site builds without a warning, and says what its sources say."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tools
from documents import ALL, SPEC, loaded, written
from sample import ROOT
from uapigen import load
from uapigen.catalogue import catalogue
from uapigen.reportjson import SCHEMA
from uapigen.rules import all_rules


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the pages."""
    for module in ("sphinx", "furo"):
        if importlib.util.find_spec(module) is None:
            raise tools.missing(module)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-b", "html", "-d", str(folder / "trees")]
    command += [str(ROOT / "docs"), str(folder / "html")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    return folder / "html"


def test_sphinx_takes_every_document_without_a_warning(tmp_path: Path) -> None:
    """As a tree of documents like the kernel's does, with nothing of ours configured."""
    if importlib.util.find_spec("sphinx") is None:
        raise tools.missing("sphinx")
    (tmp_path / "conf.py").write_text("")
    pages = "".join(f"   {spec.stem}\n" for spec in ALL)
    (tmp_path / "index.rst").write_text(f"Documents\n=========\n\n.. toctree::\n\n{pages}")
    for spec in ALL:
        (tmp_path / f"{spec.stem}.rst").write_text(written(loaded(spec)))
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-n",
        "-q",
        "-b",
        "text",
        str(tmp_path),
        str(tmp_path / "to"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    for spec in ALL:
        assert loaded(spec).title.text in (tmp_path / "to" / f"{spec.stem}.txt").read_text()


def text_of(page: Path) -> str:
    """What a reader sees of a page, with single blanks."""
    article = re.search(r"<article.*?</article>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert article
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", article.group())).split())


def test_the_reference_describes_every_key(site: Path) -> None:
    schema = json.loads((ROOT / "generator/uapigen/schema.json").read_text(encoding="utf-8"))
    page = text_of(site / "reference.html").replace(" ", "")
    keys = {key for node in objects(schema) for key in node["properties"]}
    assert [key for key in keys if key not in page] == []
    told = (
        value["markdownDescription"]
        for node in objects(schema)
        for value in node["properties"].values()
        if "markdownDescription" in value
    )
    assert [text for text in told if re.sub(r"[` ]", "", text) not in page] == []
    said = set(re.findall(r'"markdownEnumDescriptions": (\[.*?\])', json.dumps(schema)))
    meanings = {text for texts in said for text in json.loads(texts)}
    assert len(meanings) > 40
    assert [text for text in meanings if re.sub(r"[` ]", "", text) not in page] == []


def objects(node: Any) -> list[dict[str, Any]]:
    """Every schema of a mapping."""
    if isinstance(node, list):
        return [found for item in node for found in objects(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if isinstance(node.get("properties"), dict) else []
    return own + [found for item in node.values() for found in objects(item)]


def test_every_rule_is_explained_with_its_examples(site: Path) -> None:
    page = text_of(site / "rules.html").replace(" ", "")
    for rule in all_rules():
        assert rule.id in page
        for text in (rule.doc, rule.why, rule.bad, rule.good):
            assert re.sub(r"[`\s]", "", text) in page


def test_everything_else_that_is_found_is_explained_and_so_is_its_json(site: Path) -> None:
    page = text_of(site / "diagnostics.html").replace(" ", "")
    for entry in catalogue().values():
        if not entry.is_rule:
            for text in (entry.id, entry.doc, entry.why, entry.bad, entry.good):
                assert re.sub(r"[`\s]", "", text) in page
    for node in objects(json.loads(SCHEMA.read_text(encoding="utf-8"))):
        for key, value in node["properties"].items():
            assert key + re.sub(r"[` ]", "", value.get("description", "")) in page


def test_every_interface_has_its_document_and_its_files(site: Path) -> None:
    for spec in ROOT.glob("spec/*.yaml"):
        folder = site / "generated" / spec.stem
        index = (folder / "index.html").read_text(encoding="utf-8")
        assert text_of(folder / "index.html").startswith(load(spec).title.text)
        for file in (spec, *(ROOT / "out" / spec.stem).iterdir()):
            if file.is_file():
                assert f">{file.name}<" in re.sub(r"</?span[^>]*>", "", index)
    page = text_of(site / "generated/vfio-device-state/index.html")
    assert all(f": {operation['operation']}" in page for operation in SPEC["operations"])
    spec_page = (site / "generated/vfio-device-state/file-vfio-device-state-yaml.html").read_text(
        encoding="utf-8"
    )
    assert 'class="highlight-yaml' in spec_page


def test_code_that_is_shown_is_highlighted(site: Path) -> None:
    for page in ROOT.glob("docs/*.rst"):
        shown = re.findall(r"^\.\. literalinclude:: (\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        text = (site / f"{page.stem}.html").read_text(encoding="utf-8")
        for language, ending in (("python", "py"), ("make", "mk"), ("yaml", "yaml")):
            boxes = text.count(f'class="highlight-{language} ')
            assert boxes >= sum(file.endswith(f".{ending}") for file in shown), (page.name, language)


def test_the_guide_shows_what_the_commands_print(site: Path) -> None:
    page = text_of(site / "guide.html")
    assert "wrote spec/my-device.yaml" in page
    assert "'size' needs 4 bytes of padding before it (offset 12, alignment 8)" in page
    assert "did you mean `access`?" in page
    assert "/* size: 24, align: 8 */" in page
    assert "7 PRE_COPY_P2P x 5.. 5.. 3 5.. 5 6 =" in page
    assert "RUNNING -> STOP_COPY: accepted, in 2 steps" in page
    assert "STOP_COPY -> PRE_COPY: refused with EINVAL" in page
    assert "[stream-restarted]" in page
    assert "Traceback" not in page


def test_a_run_of_the_tests_is_shown_and_a_failure(site: Path) -> None:
    page = text_of(site / "testing.html")
    assert re.search(r"operations +12 of 12", page)
    assert "after a reset in RUNNING+LOGGING: DATA_DIRTYBITMAP shows what changed: yes" in page
    assert "1 failed" in page
    assert "rootdir" not in page


def test_the_driver_that_is_shown_is_a_transport(tmp_path: Path) -> None:
    (tmp_path / "mydriver.py").write_text((ROOT / "docs/examples/mydriver.py").read_text(encoding="utf-8"))
    (tmp_path / "use.py").write_text(
        "import mydriver, vfio_device_state\nit: vfio_device_state.Transport = mydriver.MyDevice(())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/.cache", "use.py"],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "out/vfio-device-state")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_site_asks_nothing_of_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]+"', text), page


def test_what_a_command_says_is_as_wide_as_the_boxes(site: Path) -> None:
    """Reasons are broken by the command, for a terminal of 80 columns, and in no color."""
    pages = (site / name for name in ("guide.html", "diagnostics.html"))
    boxes = [box for page in pages for box in re.findall(r"<pre>(.*?)</pre>", page.read_text(), re.DOTALL)]
    lines = html.unescape(re.sub(r"<[^>]+>", "", "\n".join(boxes))).splitlines()
    reasons = [line for line in lines if re.match(r" +(= why: | {8})\S", line) and "|" not in line]
    assert 70 < max(map(len, reasons)) <= 80
    assert not any("\x1b" in line for line in lines)


def test_the_migration_that_is_shown_moves_everything(site: Path, tmp_path: Path) -> None:
    page = text_of(site / "client.html")
    assert "It writes to system memory." in page
    assert re.search(r"pre-copy 2 dirty_bitmap 8192 bytes", page)
    assert "defget_device_memory_buffer(self,pos:int,chunk:int)->bytes:" in page.replace(" ", "")
    assert "Traceback" not in page
    (tmp_path / "move.py").write_text((ROOT / "docs/examples/move.py").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/.cache", "move.py"],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "out/vfio-device-state")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
