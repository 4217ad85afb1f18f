"""The tutorial does what it says."""

from __future__ import annotations

import json
import re
import shlex

from tests.e2e.conftest import ROOT, Shell


def test_every_block_of_the_tutorial_runs(shell: Shell) -> None:
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)
    assert [kind for kind, _ in blocks] == ["yaml", "sh", "sh"]
    (shell.folder / "ferry.yaml").write_text(blocks[0][1], encoding="utf-8")
    said = []
    for kind, body in blocks:
        for line in body.splitlines() if kind == "sh" else ():
            code, out, err = shell.run(*shlex.split(line)[1:])
            assert code == 0, (line, err)
            said.append(out)
    assert said[0].strip() == "ferry.yaml: sound"
    row = json.loads((shell.folder / "runs" / "ferry" / "ledger.json").read_text(encoding="utf-8"))["rows"][0]
    assert 0 < row["probability"] < 1
    wrong = blocks[0][1].replace("duration", "duraton", 1)
    (shell.folder / "ferry.yaml").write_text(wrong, encoding="utf-8")
    code, out, _ = shell.run("check", "ferry.yaml")
    assert code == 2
    assert "did you mean 'duration'" in out
