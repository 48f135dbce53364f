"""What was done is known after any end, and belongs to one import."""

from pathlib import Path

import pytest

from tributary.failure import Failure
from tributary.importing.records import Kind
from tributary.importing.state import open_state, read_state


def test_what_was_noted_is_known_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1") as state:
        state.note(Kind.CUSTOMER, "c\n1", "create", "cus_1")
        state.note(Kind.CUSTOMER, "c\n1", "create", "cus_1")
        # no close, no flush: it is on the disk when note returns
        assert read_state(path, "csv", "ten_1").result(Kind.CUSTOMER, "c\n1", "create") == "cus_1"
    with open_state(path, "csv", "ten_1") as state:
        assert state.result(Kind.CUSTOMER, "c\n1", "create") == "cus_1"
        assert state.result(Kind.PRICE, "c\n1", "create") is None
    assert path.read_text().count("\n") == 2


def test_a_line_that_was_cut_off_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1") as state:
        state.note(Kind.CUSTOMER, "c1", "create", "cus_1")
        state.note(Kind.CUSTOMER, "c2", "create", "cus_2")
    whole = path.read_bytes()
    first_two = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for end in range(first_two, len(whole)):
        path.write_bytes(whole[:end])
        assert read_state(path, "csv", "ten_1").result(Kind.CUSTOMER, "c2", "create") is None
        with open_state(path, "csv", "ten_1") as state:
            assert state.result(Kind.CUSTOMER, "c1", "create") == "cus_1"
            state.note(Kind.CUSTOMER, "c2", "create", "cus_2")
        assert path.read_bytes() == whole


@pytest.mark.parametrize("end", range(5))
def test_a_header_that_was_cut_off_is_written_again(tmp_path: Path, end: int) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1"):
        pass
    whole = path.read_bytes()
    path.write_bytes(whole[:end])
    with open_state(path, "csv", "ten_1"):
        pass
    assert path.read_bytes() == whole


def test_a_later_result_replaces_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1") as state:
        state.note(Kind.CUSTOMER, "c1", "begun", "yes")
        state.note(Kind.CUSTOMER, "c1", "begun", "")
        assert state.result(Kind.CUSTOMER, "c1", "begun") == ""
    assert read_state(path, "csv", "ten_1").result(Kind.CUSTOMER, "c1", "begun") == ""


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    state = read_state(path, "csv", "ten_1")
    state.note(Kind.CUSTOMER, "c1", "create", "cus_1")
    assert not path.exists()


@pytest.mark.parametrize(("source", "tenant"), [("stripe", "ten_1"), ("csv", "ten_2")])
def test_another_imports_state_is_refused(tmp_path: Path, source: str, tenant: str) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1"):
        pass
    for opening in (lambda: read_state(path, source, tenant), lambda: open_state(path, source, tenant).__enter__()):
        with pytest.raises(Failure, match="is of an import from csv for tenant ten_1"):
            opening()


@pytest.mark.parametrize("text", ["hello\n", "{}\n", '{"import": 9, "source": "csv", "tenant": "ten_1"}\n', "[1]\n"])
def test_what_is_no_state_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.jsonl"
    path.write_text(text)
    with pytest.raises(Failure), open_state(path, "csv", "ten_1"):
        pass
    assert path.read_text() == text


def test_two_imports_do_not_share_a_state(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    with open_state(path, "csv", "ten_1"), pytest.raises(Failure, match="another import works with"):
        open_state(path, "csv", "ten_1").__enter__()


def test_a_folder_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be written"), open_state(tmp_path, "csv", "ten_1"):
        pass
