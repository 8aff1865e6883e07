import io
import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listener import lines
from listener.lines import answer, batches, read_lines


def read(raw: bytes) -> list[lines.Line]:
    return list(read_lines(io.BytesIO(raw)))


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "an empty line"),
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object but a list"),
        (b"7", "not a JSON object but a number"),
        (b"null", "not a JSON object but null"),
        (b"{}", 'no "text"'),
        (b'{"text": null}', '"text" is null, not a string'),
        (b'{"text": 7}', '"text" is a number, not a string'),
        (b'{"text": "caf\xe9"}', "not JSON"),
        (b'{"text": "a\x00b"}', "not JSON"),
        (b'{"text": "\\u00e9", "n": NaN}', "not JSON"),
        (b"[" * 5_000, "not JSON"),
        (b'{"text": "\\u00e9", "n": ' + b"[" * 100_000, "not JSON"),
    ],
)
def test_a_line_that_cannot_be_used_says_why_in_its_place(raw: bytes, error: str) -> None:
    first, bad, last = read(b'{"text": "one"}\n' + raw + b'\n{"text": "three"}')
    assert (first.text, last.text) == ("one", "three")
    assert not first.error
    assert not last.error
    assert bad.error.startswith(error)
    told = orjson.loads(answer(bad, {"lane": "praise"}))
    assert told["line"] == 2
    assert told["error"] == bad.error
    assert "lane" not in told


def test_a_line_without_text_keeps_its_other_fields() -> None:
    (line,) = read(b'{"id": "a7"}')
    assert orjson.loads(answer(line, {})) == {"id": "a7", "error": 'no "text"', "line": 1}


def test_fields_come_out_again_byte_for_byte() -> None:
    raw = b'{ "id":123456789012345678901234567890, "x" : 1.10 ,"n":{"z":[1e5]}, "text":"\\u0041"  }'
    (line,) = read(raw + b"\r\n")
    assert answer(line, {"lane": "idea"}) == raw[:-1].rstrip() + b',"lane":"idea"}\n'


def test_a_field_of_ours_replaces_one_of_theirs() -> None:
    (line,) = read(b'{"lang": "xx", "text": "hello", "big": 123456789012345678901234567890}')
    assert json.loads(answer(line, {"lang": "en"})) == {
        "text": "hello",
        "big": 123456789012345678901234567890,
        "lang": "en",
    }


def test_half_an_emoji_is_read_and_written_again() -> None:
    (line,) = read(b'{"text": "oh \\ud83d no"}')
    assert line.text == "oh \ud83d no"
    written = answer(line, {"words": ["\ud83d"]})
    assert json.loads(written)["words"] == ["\ud83d"]


def test_a_byte_order_mark_is_no_mistake() -> None:
    (line,) = read(b'\xef\xbb\xbf{"text": "hello"}')
    assert line.text == "hello"


def test_a_line_too_long_is_skipped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 100)
    long = b'{"text": "' + b"a" * 1_000 + b'"}'
    bad, good = read(long + b'\n{"text": "b"}\n')
    assert bad.error.startswith("longer than")
    assert (good.number, good.text) == (2, "b")


def test_batches_are_bounded_in_lines_and_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    many = read(b'{"text": "a"}\n' * 1_201)
    assert [len(batch) for batch in batches(many)] == [500, 500, 201]
    monkeypatch.setattr(lines, "BATCH_BYTES", 13 * 100)
    assert {len(batch) for batch in batches(many)} <= {100, 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON), st.text(st.characters(codec=None)))
@example({"lane": 1, "text": "x"}, "x")
def test_any_object_comes_out_with_what_was_added(fields: dict[str, object], text: str) -> None:
    fields["text"] = text
    (line,) = read(json.dumps(fields).encode())
    assert not line.error
    assert line.text == text
    assert json.loads(answer(line, {"lane": "idea"})) == {**fields, "lane": "idea"}
