from __future__ import annotations

import pytest

from sources.text import html_text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Hello <b>wor</b>ld</p><p>x<br>y<BR/>z</p>", "Hello world\n\nx\ny\nz"),
        ("one<div>two</div>three", "one\ntwo\nthree"),
        ("<ul><li>a</li>\n<li>b</li></ul>c", "a\nb\n\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("  spaced \n\n out   ", "spaced out"),
        ("<pre>  a\n    b</pre>", "a\n    b"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("entities &amp;lt; once &amp;amp;", "entities &lt; once &amp;"),
        ("&#x41;&#66;&nbsp;C&hellip;", "AB C…"),
        ("&#99999999999999999999;&#xfffffffffff;", "\ufffd\ufffd"),
        ("a<script>alert('<p>b</p>')</script>c<style>d</style>e", "ace"),
        ("a<SCRIPT>never closed <p>b", "a"),
        ("a<svg><title>b</title></svg>c<svg/>d<iframe src=x>e</iframe>f", "acdf"),
        ("a<svg>never closed", "anever closed"),
        ("a<!-- b <p> -->c<!-->d<!--->e", "acde"),
        ("a<!-- never closed", "a"),
        ("a<?php b ?>c<!doctype html>d", "acd"),
        ("<a title=\"a > b\" href='x>y'>link</a>", "link"),
        ('<a href="never closed>link</a> and more', "link and more"),
        ("I <3 you, 1 < 2 and a<b", "I <3 you, 1 < 2 and a<b"),
        ("wow <!!! great", "wow <!!! great"),
        ('so<img alt="\U0001f621" src=x>angry<img alt="our shop">', "so\U0001f621angry"),
        (
            'hi<a href="https://m.example/@bob">@<span>bob</span></a>now',
            "hi @bob now",
        ),
        ('see<a href="x">https://a.example/b</a>today', "see https://a.example/b today"),
        ('(<a href="x">@bob</a>), <a href="x">complain</a>ing', "(@bob), complaining"),
        (
            '<span class="invisible">https://</span><span>a.example/b</span>',
            "https://a.example/b",
        ),
        ("", ""),
    ],
)
def test_words_of_html(html: str, words: str) -> None:
    assert html_text(html) == words
