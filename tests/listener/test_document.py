"""Reading YAML: every broken or hostile file is one clear mistake with its place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.config.document import MAX_BYTES, read_document
from listener.config.mistakes import Mistaken, Place


def mistakes(raw: bytes) -> list[str]:
    with pytest.raises(Mistaken) as caught:
        read_document(raw)
    return [mistake.line("c.yaml") for mistake in caught.value.mistakes]


def test_plain_scalars_stay_text_and_remember_their_places() -> None:
    document = read_document(b"web:\n  port: 8080\nlanguages: [no, 'en']\nempty:\nquoted: ''\n")
    assert document.data == {
        "web": {"port": "8080"},
        "languages": ["no", "en"],
        "empty": None,
        "quoted": "",
    }
    assert document.place(("web", "port")) == Place(2, 9)
    assert document.key_place(("web", "port")) == Place(2, 3)
    assert document.place(("languages", 1)) == Place(3, 17)
    assert document.place(("web", "no", "such")) == Place(2, 3)


def test_a_variable_may_stand_bare_in_a_flow_map() -> None:
    document = read_document(b"s: {id: ${A_B}, key: ${C:-x y}, to: 3}")
    assert document.data == {"s": {"id": "${A_B}", "key": "${C:-x y}", "to": "3"}}
    assert document.place(("s", "to")) == Place(1, 37)


def test_merged_maps_lose_against_own_settings() -> None:
    document = read_document(
        b"base: &a {x: 1, y: 1}\none: {<<: *a, y: 2}\ntwo: {y: 3, <<: [*a, {z: 4, x: 5}]}\n"
    )
    assert document.data["one"] == {"x": "1", "y": "2"}
    assert document.data["two"] == {"x": "1", "y": "3", "z": "4"}
    assert document.place(("one", "y")) == Place(2, 18)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "c.yaml:1:1: the file is empty"),
        (b"# only a remark\n", "c.yaml:1:1: the file is empty"),
        (b"null", "c.yaml:1:1: the file is empty"),
        (b"- a\n", "c.yaml:1:1: this is a list"),
        (b"just words", "c.yaml:1:1: this is a single value"),
        (b"a:\n\t- b\n", "c.yaml:2:1: a tab; indent with spaces"),
        (b"a: 1\nb: 2\na: 3\n", "c.yaml:3:1: a: 'a' is set twice; the first is in line 1"),
        (b"a: b: c", "c.yaml:1:5: not valid YAML: a ':' where none can stand"),
        (b"a: [1,\n", "c.yaml:2:1: not valid YAML: "),
        (b"a: 'x", "c.yaml:1:6: not valid YAML: "),
        (b"a: *b", "c.yaml:1:4: not valid YAML: found undefined alias 'b'"),
        (b"a: 1\n---\nb: 1\n", "c.yaml:2:1: not valid YAML: a second document"),
        (b"a: !!python/object:os.system x", "c.yaml:1:4: a: the tag 'python/object:os.system'"),
        (b"a: !!binary aGk=", "c.yaml:1:4: a: the tag 'binary' has no meaning here"),
        (b"? [a]\n: 1\n", "c.yaml:1:3: a setting's name must be plain text"),
        (b"a: 1\n<<: 2\n", "c.yaml:2:5: '<<' takes a map or a list of maps"),
        (b"a: 1\nb\x00c: 2\n", "c.yaml:2:2: the character U+0000 cannot stand"),
        ("a: 1\nü: \xe9".encode("latin-1"), "c.yaml:2:1: byte 0xfc is not UTF-8"),
        ("a: ü\nb: ".encode() + b"\xff", "c.yaml:2:4: byte 0xff is not UTF-8"),
        ("a: 1".encode("utf-16"), "c.yaml:1:1: this is UTF-16; save the file as UTF-8"),
        (b"a: &a [*a]", "anchors unfold into too much"),
        (b"a: &a {<<: *a}", "anchors unfold into too much"),
        (b"a: " + b"[" * 40 + b"]" * 40, "c.yaml:1:35: nested more than 32 levels deep"),
        (b"a: " + b"[" * 100_000, "nested more than 32 levels deep"),
        (b"#" * (MAX_BYTES + 1), "are too many for a configuration"),
    ],
)
def test_a_broken_file_names_the_place_and_the_cure(raw: bytes, said: str) -> None:
    assert said in mistakes(raw)[0]


def test_a_billion_laughs_end_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "anchors unfold into too much" in mistakes("\n".join(lines).encode())[0]


def test_all_doubled_keys_are_told_at_once() -> None:
    assert len(mistakes(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")) == 2


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    document = read_document("\ufeffa: 1\r\nb: 2\r\n".encode())
    assert document.data == {"a": "1", "b": "2"}
    assert document.place(("b",)) == Place(2, 4)


def test_a_place_inside_a_text() -> None:
    document = read_document(b"q: 'one AND two'\nw: |\n  folded\n")
    assert document.inside(("q",), 4) == Place(1, 9)
    assert document.inside(("w",), 2) == Place(2, 4)


@settings(max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=60), st.text("ab:-[]{}&*!<'\"|>#%@\n\t ${}", max_size=60).map(str.encode)
    )
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        data = read_document(raw).data
    except Mistaken:
        return
    assert isinstance(data, dict)
