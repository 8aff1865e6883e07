import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import encoder
from triage.embedding import ModelDamagedError
from triage.encoder import EncoderMissingError, EncoderModel, PostEncoder, load
from triage.heads import TrainedHeads, packaged
from triage.judge import Judge, version_of
from triage.protocols import BrandContext
from triage.quality import encoded, with_encoder

pytest.importorskip("onnxruntime", reason="the quality tier needs onnxruntime: the extra [minilm]")

FOLDER = Path(__file__).parents[2] / "models" / "encoder" / encoder.PACKAGE
BAD = "@acme third time my order is lost and nobody answers, I want my money back 😡"
GOOD = "@acme thank you so much, wonderful service!"
TEXTS = [BAD, GOOD, "How do I reset my password?", "", "ok", "word " * 3_000]


@pytest.fixture(scope="module")
def model() -> EncoderModel:
    return load(FOLDER, encoder.SHA256)


@pytest.fixture
def here(model: EncoderModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "packaged", lambda: model)


def test_a_post_never_depends_on_the_posts_beside_it(model: EncoderModel) -> None:
    together = PostEncoder(model).embed(TEXTS)
    assert together == list(reversed(PostEncoder(model).embed(TEXTS[::-1])))
    assert together == [PostEncoder(model).embed([text])[0] for text in TEXTS]
    alone = PostEncoder(model)
    assert [alone.read(text) for text in TEXTS] == [PostEncoder(model).read(one) for one in TEXTS]


def test_vectors_are_bytes_and_like_posts_lie_near(model: EncoderModel) -> None:
    texts = ["my card was declined", "card declined again", "the lounge was lovely"]
    vectors = [
        [one - 256 if one > 127 else one for one in vector]
        for vector in PostEncoder(model).embed(texts)
    ]
    first, near, far = vectors
    assert max(map(abs, first)) == 127
    assert len(first) == PostEncoder.dimensions
    assert _cosine(first, near) > _cosine(first, far) + 0.2


def test_a_text_that_says_nothing_has_no_direction(model: EncoderModel) -> None:
    assert PostEncoder(model).embed(["", "\ud800"]) == [bytes(384), bytes(384)]


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_read(model: EncoderModel, text: str) -> None:
    found = PostEncoder(model).read(text)
    assert len(found.margins) == 16
    assert all(-100 < margin < 100 for margin in found.margins)


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "copy")
    with (tmp_path / "copy" / "vocabulary.txt").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelDamagedError, match="pip install"):
        load(tmp_path / "copy", encoder.SHA256)
    with pytest.raises(ModelDamagedError, match=r"encoder\.onnx"):
        load(tmp_path)


def test_without_its_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "PACKAGE", "no_such_package_anywhere")
    encoder.packaged.cache_clear()
    assert not encoder.installed()
    with pytest.raises(EncoderMissingError, match=r"pip install .*minilm"):
        PostEncoder()


def test_without_onnxruntime_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderMissingError, match="onnxruntime: pip install"):
        load(FOLDER)


def test_what_the_encoder_adds_is_a_part_of_the_explanation(model: EncoderModel) -> None:
    reader = PostEncoder(model)
    both = TrainedHeads(with_encoder(packaged(), reader))
    features = encoded(BAD, reader)
    explained = both.explain(BAD.split(), features, "complaint")
    assert [part.name for part in explained.features] == ["encoder:complaint"]
    column = both.names.index("complaint")
    assert explained.margin == both.margins([BAD.split()], [features])[0, column]
    alone = TrainedHeads().margins([BAD.split()], [{}])[0, column]
    said = dict(zip(reader.names, reader.read(BAD).margins, strict=True))["complaint"]
    assert explained.margin == pytest.approx((alone + said) / 2, abs=0.05)


def test_heads_the_encoder_lacks_say_what_they_said(model: EncoderModel) -> None:
    reader = PostEncoder(model)
    both, small = TrainedHeads(with_encoder(packaged(), reader)), TrainedHeads()
    for text in TEXTS:
        told = both.read([text.split()], [encoded(text, reader)])[0]
        own = small.read([text.split()], [{}])[0]
        rest = [name for name in own if name not in reader.names]
        assert "spam" in rest
        assert {name: told[name] for name in rest} == {name: own[name] for name in rest}


@pytest.mark.usefixtures("here")
def test_the_judge_asks_it_for_english_posts_and_says_so(model: EncoderModel) -> None:
    small, judge = Judge(BrandContext("Acme")), Judge(BrandContext("Acme", quality=True))
    german = "Das Paket ist schon wieder nicht angekommen, seit zwei Wochen warte ich darauf"
    bad, good, foreign = judge.judge([BAD, GOOD, german])
    assert bad.complaint_p > 0.8 > 0.2 > good.complaint_p
    assert bad.sentiment.label == "negative"
    assert good.sentiment.label == "positive"
    assert (
        bad.version
        == judge.version
        == f"{small.version} {model.version}"
        == version_of(BrandContext(quality=True))
    )
    assert foreign.complaint_p == small.judge([german])[0].complaint_p
    assert bad.complaint_p != small.judge([BAD])[0].complaint_p


@pytest.mark.usefixtures("here")
def test_what_it_explains_is_what_it_judged() -> None:
    judge = Judge(BrandContext("Acme", quality=True))
    for text in (BAD, GOOD):
        assert judge.explain(text).opinion().complaint == judge.judge([text])[0].complaint_p


def _cosine(one: list[int], other: list[int]) -> float:
    def dot(a: list[int], b: list[int]) -> int:
        return sum(x * y for x, y in zip(a, b, strict=True))

    return dot(one, other) / (dot(one, one) * dot(other, other)) ** 0.5
