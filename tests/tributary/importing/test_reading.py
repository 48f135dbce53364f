"""Files are read piece by piece, and what cannot be read is told with its line."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tributary.importing import reading
from tributary.importing.reading import Malformed, csv_header, csv_rows, json_values


def written(folder: Path, text: str, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"object": "list", "data": [{"id": "a"},\n {"id": "b"}], "has_more": false}', [(1, "a"), (2, "b")]),
        ('{"has_more": false,\n"data": [\n{"id": "a"}\n]}\n{"object": "list", "data": []}', [(3, "a")]),
        ('[{"id": "a"},\n\n{"id": "b"}]', [(1, "a"), (3, "b")]),
        ("[]", []),
        ("", []),
        ('{"id": "a"}\n{"id": "b"}\n', [(1, "a"), (2, "b")]),
        ('{"id": "a", "data": {"object": {}}}', [(1, "a")]),  # no list
    ],
)
def test_lists_arrays_and_single_objects_are_read(tmp_path: Path, text: str, found: list[tuple[int, str]]) -> None:
    read = list(json_values(written(tmp_path, text)))
    assert [(line, value["id"]) for line, value in read if isinstance(value, dict)] == found
    assert len(read) == len(found)


def test_jsonl_goes_on_after_a_line_that_is_none(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": "a"}\n\n{"id": \n[1]\n{"id": "b"}\n', "export.jsonl")
    read = list(json_values(path))
    assert [line for line, _ in read] == [1, 3, 4, 5]
    assert [isinstance(value, Malformed) for _, value in read] == [False, True, True, False]


def test_pages_on_lines_and_objects_over_lines_are_read_as_jsonl_too(tmp_path: Path) -> None:
    pages = written(
        tmp_path, '{"object": "list", "data": [{"id": "a"}, 1]}\n{"object": "list", "data": [{"id": "b"}]}\n', "a.jsonl"
    )
    assert [(line, value["id"]) for line, value in json_values(pages) if isinstance(value, dict)] == [(1, "a"), (2, "b")]
    assert len(list(json_values(pages))) == 3
    printed = written(tmp_path, json.dumps({"object": "list", "data": [{"id": "a"}]}, indent=2), "b.jsonl")
    assert [value for _, value in json_values(printed)] == [{"id": "a"}]


@pytest.mark.parametrize(
    ("text", "line"), [('[{"id": "a"},\n{"id" "b"}]', 2), ('[{"id": "a"}', 1), ("hello", 1), ('[{"id": "a"}] ,', 1)]
)
def test_a_broken_file_is_read_up_to_there(tmp_path: Path, text: str, line: int) -> None:
    *read, (at, last) = json_values(written(tmp_path, text))
    assert isinstance(last, Malformed)
    assert (last.final, at) == (True, line)
    assert len(read) == (0 if text == "hello" else 1)


def test_what_is_no_object_is_told_and_passed_over(tmp_path: Path) -> None:
    read = list(json_values(written(tmp_path, '[1, {"id": "a"}]')))
    assert [isinstance(value, Malformed) for _, value in read] == [True, False]


def test_fractions_are_exact(tmp_path: Path) -> None:
    [(_, value)] = json_values(written(tmp_path, '{"amount": 0.1}'))
    assert value == {"amount": Decimal("0.1")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3).filter(lambda name: name != "data"), JSON, max_size=3), max_size=5)


@given(OBJECTS, st.integers(1, 7), st.sampled_from([None, 2]), st.booleans())
def test_pieces_of_any_size_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, objects: list[object], chunk: int, indent: int | None, as_list: bool
) -> None:
    text = json.dumps({"object": "list", "data": objects} if as_list else objects, indent=indent)
    path = written(tmp_path_factory.mktemp("json"), text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "CHUNK", chunk)
        assert [value for _, value in json_values(path)] == objects


def test_no_more_is_held_than_one_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 64)
    with written(tmp_path, json.dumps([{"id": "x" * 50}] * 1_000)).open() as file:
        scanned = reading._Scanner(file)
        longest = max(len(scanned._text) for _ in scanned.values())
    assert longest <= 4 * 64


def test_an_endless_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 8)
    monkeypatch.setattr(reading, "LONGEST_VALUE", 64)
    [(_, found)] = json_values(written(tmp_path, json.dumps([{"id": "x" * 1_000}])))
    assert isinstance(found, Malformed)
    assert "longer than 64" in found.message


def test_csv_rows_have_their_line_and_no_empty_cells(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeffid, name ,city\nc1, Hooli ,\n\n"c2","Pied\nPiper",Berlin\nc3,Raviga,Paris\n', "customers.csv")
    assert csv_header(path) == ["id", "name", "city"]
    assert list(csv_rows(path)) == [
        (2, {"id": "c1", "name": "Hooli"}),
        (4, {"id": "c2", "name": "Pied\nPiper", "city": "Berlin"}),
        (6, {"id": "c3", "name": "Raviga", "city": "Paris"}),
    ]


def test_a_row_with_another_number_of_cells_is_told(tmp_path: Path) -> None:
    [(line, found), (_, good)] = csv_rows(written(tmp_path, "id,name\nc1,Hooli, Inc.\nc2,Raviga\n", "customers.csv"))
    assert (line, good) == (2, {"id": "c2", "name": "Raviga"})
    assert isinstance(found, Malformed)
    assert "3 cells, the header 2" in found.message


def test_another_encoding_ends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes("id,name\nc1,Größe\n".encode("latin-1"))
    *_, (_, found) = csv_rows(path)
    assert isinstance(found, Malformed)
    assert found.final
