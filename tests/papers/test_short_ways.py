"""Most texts need nothing of what cleaning could do, and take a short way. The long way is the oracle."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.papers.identity.identifiers import doi
from digestbot.papers.text.clean import clean, cleaned_with_care
from digestbot.papers.text.person_names import read_name, reading_order, reading_orders
from digestbot.sources.values.fields import web_address

NAME_WORDS = (
    "Ada Meier Bo Wei LI Li B. B JW Mc McKay Jr Iii Sir Dame Professor Prof Dr Phd PhD Msc Med Rev And and Others Et Al By The "
    "Via via for Group Institute University Team No Authors Listed Editor Chair van de Guest Post Nobody Unknown Coworkers Ed"
).split()
TEXT_PARTS = (*"Background Methods We Conclusions A study of lakes Results 10 , . : ; ! ? ( ) - -- ' '' \" & &amp; < > <b> </b>".split(),
              " ", "  ", "\n", "\t", "é", "_", "$x$", "[", "]", "/", "+/-", "\u200b",
              "%", "~", "^2", "{", "}", "\\alpha", "`", "**", "\xa0", "\u3000", "’", "—", "*", "+", "=", "O_LI")  # fmt: skip


@given(st.lists(st.sampled_from(NAME_WORDS), min_size=1, max_size=5).map(" ".join), st.booleans())
def test_a_name_in_reading_order_stays_as_it_is_read(name: str, initials_last: bool) -> None:
    assert reading_order(name, initials_last=initials_last) == read_name(name, initials_last=initials_last)


@given(
    st.lists(
        st.lists(st.sampled_from(("Ada", "Bo", "Meier", "Sir", "B.")), min_size=2, max_size=3).map(" ".join), max_size=4
    )
)
def test_a_list_of_names_in_reading_order_stays_as_it_is_read(names: list[str]) -> None:
    assert reading_orders(names) == tuple(made for name in names if (made := read_name(name)))


@given(st.lists(st.sampled_from(TEXT_PARTS), max_size=12).map("".join))
def test_a_text_without_marks_is_cleaned_like_any_other(text: str) -> None:
    assert clean(text) == cleaned_with_care(text)


@given(st.lists(st.sampled_from(TEXT_PARTS), max_size=12).map(" ".join))
def test_words_without_marks_are_cleaned_like_any_others(text: str) -> None:
    assert clean(text) == cleaned_with_care(text)


@given(
    st.sampled_from(("", "https://lakes.example/feed/", "http://lakes.example/a/b")),
    st.sampled_from(("http", "https")),
    st.lists(st.sampled_from(("a", "..", ".", "", "x.html", "~ada", "a-b_c")), max_size=5).map("/".join),
)
def test_a_whole_address_is_left_as_resolving_leaves_it(base: str, scheme: str, path: str) -> None:
    given_one = f"{scheme}://journal.example/{path}"
    assert web_address(given_one, base) == urljoin(base, given_one)


@pytest.mark.parametrize("said", ["%31%30%2E1038/abc.1", "1&#48;.1038/abc.1", "&#x31;0.1038/abc.1"])
def test_a_doi_is_found_behind_escapes(said: str) -> None:
    assert doi(said) == "10.1038/abc.1"
