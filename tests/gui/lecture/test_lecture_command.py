"""The command line of lectures: every fault is one line, and the exit status says whether there are any."""

import json

import main
from engine.lecture.shipped import files


def test_the_shipped_lecture_has_no_fault(capsys):
    assert main.main(["lecture", "check", str(files()[0])]) == 0
    assert capsys.readouterr().out.startswith("46 steps, 0 with faults")


def test_faults_are_named_and_the_status_is_one(tmp_path, capsys):
    path = tmp_path / "mine.bayescape-lecture.json"
    steps = [{"id": "a", "title": "A", "show": [["Elephant"]]}, {"id": "b", "title": "B", "from": "c"}]
    path.write_text(json.dumps({"bayescape": 1, "title": "Mine", "steps": steps}), encoding="utf-8")
    assert main.main(["lecture", "check", str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "Step “a”, field “show”: the tab regression has no panel Elephant.",
        "Step “b”, field “from”: there is no step c.",
        "2 steps, 2 with faults, 0 greyed because this version lacks something.",
    ]


def test_a_file_that_cannot_be_read_gives_one_sentence(tmp_path, capsys):
    assert main.main(["lecture", "check", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().out == "none.json cannot be read: it does not exist.\n"
