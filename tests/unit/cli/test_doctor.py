"""What the doctor says is what is there."""

import yaml

from accord.cli.doctor import examined
from accord.programme.document import _loader_class


def test_the_parser_it_names_is_the_one_that_reads() -> None:
    assert examined()["libyaml"] == (_loader_class() is not yaml.SafeLoader)


def test_python_and_folders_are_told() -> None:
    body = examined()
    assert body["python_ok"]
    assert body["cache_folder"]
