"""Which entries are one paper, and how texts are read."""

from __future__ import annotations

import random
import string
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import rows

from digestbot.model import Entry
from digestbot.papers import clean, cluster
from digestbot.papers.identity.blocking import LARGEST_BLOCK, MOST_PAPERS, worth_comparing
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.cluster import cluster_records
from digestbot.papers.identity.decisions import REISSUE, Record, decide, record, reissues
from digestbot.papers.identity.identifiers import arxiv_id, doi, normal, public_id
from digestbot.papers.identity.page_urls import normalize_page_url
from digestbot.papers.identity.similarity import no_person_in_common, surely_distant
from digestbot.papers.identity.title_features import TitleFeatures, features_of, trigrams
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import urls_in
from digestbot.papers.text.name_keys import Name, named
from digestbot.testing.builders import entry

TITLE = "A Table for Every Bit: Lookup Arithmetic for Two-Bit Language Models"


def same(*entries: Entry) -> bool:
    return len(cluster(entries)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2611.09001v3", ("2611.09001", "3")),
        ("arXiv:2611.09001", ("2611.09001", "")),
        ("hep-th/9901001v2", ("hep-th/9901001", "2")),
        ("math.GT/0309136", ("math/0309136", "")),
        ("oai:arXiv.org:2611.09001v1", ("2611.09001", "1")),
    ],
)
def test_an_arxiv_id_is_read_without_its_version(text: str, expected: tuple[str, str]) -> None:
    found = arxiv_id(text)
    assert found is not None
    assert (found[0], str(found[1] or "")) == expected


def test_arxivs_own_doi_is_the_arxiv_id() -> None:
    assert normal({"doi": "10.48550/arXiv.2611.09001"})["arxiv"] == "2611.09001"


def test_a_doi_is_read_from_an_address_in_lower_case() -> None:
    assert doi("https://doi.org/10.5555/ABC.1") == "10.5555/abc.1"
    assert identifiers_in_url("https://doi.org/10.5555/ABC.1")["doi"] == "10.5555/abc.1"


def test_versions_of_one_paper_are_one_paper() -> None:
    second = entry(1, title="Renamed", identifiers={"arxiv": "2611.00001", "arxiv_version": "2"})
    assert same(entry(1), second)


def test_text_never_overrides_identifiers() -> None:
    assert not same(entry(1, title=TITLE), entry(2, title=TITLE))


def test_a_page_without_ids_is_joined_by_its_title() -> None:
    page = Entry(title=TITLE.upper(), summary="other words")
    assert same(entry(1, title=TITLE), page)


def test_the_same_title_by_other_people_is_another_paper() -> None:
    mine, theirs = (Entry(title=TITLE, authors=names) for names in (("Ada Author",), ("Ben Beispiel",)))
    assert not same(mine, theirs)


def test_a_short_title_joins_nothing() -> None:
    assert not same(Entry(title="Editorial"), Entry(title="Editorial"))


def test_an_entry_with_both_ids_ties_the_two_together() -> None:
    only_doi = Entry(title="X", identifiers={"doi": "10.5555/x"})
    both = Entry(title="X", identifiers={"doi": "10.5555/x", "arxiv": "2611.00001"})
    assert same(entry(1), only_doi, both)


KINDS: tuple[dict[str, str], ...] = (
    {"arxiv": "2611.0000{}"},
    {"doi": "10.5555/{}"},
    {"arxiv": "2611.0000{}", "doi": "10.5555/{}"},
    {},
)


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.permutations(range(10)), st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS)), min_size=10, max_size=10)
)
@pytest.mark.slow
def test_the_order_of_entries_changes_no_cluster(order: list[int], made: list[tuple[int, dict[str, str]]]) -> None:
    entries = [
        entry(n, title=f"{TITLE}, part {n}", identifiers={k: v.format(n) for k, v in ids.items()}) for n, ids in made
    ]
    plain = {frozenset(group) for group in cluster(entries)}
    moved = {frozenset(order[at] for at in group) for group in cluster([entries[at] for at in order])}
    assert plain == moved


def test_a_public_id_is_the_same_in_a_new_database() -> None:
    assert public_id(entry(1)) == "2611.00001"
    assert public_id(Entry(title=TITLE)) == public_id(Entry(title=TITLE, summary="later"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$\\alpha$-GAN &amp; co", "α-GAN & co"),
        ("<p>Hello <b>there</b></p>", "Hello there"),
        ("\\textbf{Bold} claims", "Bold claims"),
        ("p < 0.05 and a<b", "p < 0.05 and a<b"),
        ('Erd\\H{o}s and Gr\\"obner', "Erdős and Gröbner"),
        ("costs $5 and $10", "costs $5 and $10"),
        ("a\u200bb\x07c", "abc"),
        ("$O(n^2)$", "O(n²)"),
    ],
)
def test_text_is_read_as_a_person_would(text: str, expected: str) -> None:
    assert clean(text) == expected


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(alphabet=string.ascii_letters + " .,;:()!?", max_size=100))
def test_plain_words_lose_no_letter(text: str) -> None:
    assert [c for c in clean(text) if c.isalpha()] == [c for c in text if c.isalpha()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://x.org/a.", ("https://x.org/a",)),
        ("(https://x.org/a)", ("https://x.org/a",)),
        ("https://x.org/a_(b), and https://y.org/?q=1]", ("https://x.org/a_(b)", "https://y.org/?q=1")),
    ],
)
def test_an_address_ends_before_the_sentence_does(text: str, expected: tuple[str, ...]) -> None:
    assert urls_in(text) == expected


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/x/y", "code"),
        ("https://arxiv.org/abs/2611.00001", "abstract"),
        ("https://x.org/paper.pdf", "pdf"),
        ("https://my-project.github.io/", "project"),
    ],
)
def test_what_stands_behind_an_address(url: str, kind: str) -> None:
    assert link_kind(url) == kind


WORDS = st.lists(
    st.sampled_from("sparse dense attention tables bits of for lookup models".split()), min_size=1, max_size=7
)
NAMES = st.lists(st.sampled_from(["Ada Author", "A. Author", "Ben Beispiel", "Wu, X.", "Xu Wu"]), max_size=3)
TEXTS = st.builds(lambda title, names: features_of(" ".join(title), names), WORDS, NAMES)


@settings(deadline=None)  # a busy machine is no fault
@given(TEXTS, TEXTS)
def test_a_look_at_bits_rules_out_no_pair_that_the_words_would_keep(mine: TitleFeatures, theirs: TitleFeatures) -> None:
    here, there = trigrams(mine.squeezed), trigrams(theirs.squeezed)
    unlike = len(here & there) < min(len(here), len(there)) / 2
    assert not surely_distant(mine, theirs) or unlike or no_person_in_common(mine, theirs)
    assert surely_distant(mine, theirs) == surely_distant(theirs, mine)


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(TEXTS, max_size=12), st.randoms())
def test_the_order_of_texts_changes_no_cluster(texts: list[TitleFeatures], draw: random.Random) -> None:
    records = [Record((), (one,)) for one in dict.fromkeys(texts)]
    moved = draw.sample(records, len(records))
    plain, again = (
        {frozenset(given[at] for at in group) for group in cluster_records(given)} for given in (records, moved)
    )
    assert plain == again


ARXIV, PROCEEDINGS, JOURNAL, PREPRINT = (
    entry(1, title=TITLE, identifiers={scheme: value})
    for scheme, value in (("arxiv", "2611.00001"), ("doi", "10.1145/1"), ("doi", "10.1109/2"), ("doi", "10.1101/3"))
)


@pytest.mark.parametrize("copies", [(ARXIV, PROCEEDINGS, JOURNAL), (ARXIV, PREPRINT, JOURNAL)])
def test_which_of_two_copies_a_preprint_is_joined_to_hangs_on_no_order(copies: tuple[Entry, ...]) -> None:
    found = {
        frozenset(frozenset(copies.index(given[at]) for at in group) for group in cluster(given))
        for given in permutations(copies)
    }
    [parts] = found
    assert sorted(map(len, parts)) == [1, 2]
    assert frozenset((1, 2)) not in parts


def test_a_record_joins_the_nearest_of_those_that_exclude_each_other_and_is_perhaps_the_others() -> None:
    new, *copies = (
        Record((("arxiv" if n == 0 else "doi", f"10.5555/{n}"),), (features_of(TITLE, ("Ada Author",), year),))
        for n, year in enumerate((2026, 2027, 2026))
    )
    for known in (list(enumerate(copies)), list(enumerate(copies))[::-1]):
        decision = decide(new, known)
        assert (decision.join, [name for name, _ in decision.perhaps]) == ((1,), [0])


def test_a_title_that_a_crowd_has_is_perhaps_the_same_as_a_handful_only() -> None:
    index = CandidateIndex()
    crowd = [Record((("doi", f"10.5555/{n}"),), (features_of(TITLE, ("Ada Author",), 2026),)) for n in range(100)]
    for n, one in enumerate(crowd):
        assert len(index.candidates_for(one)) <= MOST_PAPERS
        assert len(decide(one, index.candidates_for(one)).perhaps) <= 5
        index.add_record(n, one)


def test_of_a_crowd_only_those_are_met_that_share_a_signer_or_stand_under_a_second_key() -> None:
    crowd, other, few = range(100), range(50, 150), range(200, 210)
    strangers = dict.fromkeys(range(300), 0b10)
    assert worth_comparing([crowd, few], strangers, 0b01) == set(few)
    assert worth_comparing([crowd, other], strangers, 0b01) == set(crowd[:LARGEST_BLOCK]) & set(other[:LARGEST_BLOCK])
    assert worth_comparing([crowd, few], strangers | {3: 0b11, 70: 0b11}, 0b01) == {3, *few}, (
        "beyond the first there is no end"
    )


@pytest.mark.parametrize("theirs", [("Ada Author", "Bo Other"), ("Author, A.",), ("AUTHOR A",), ()])
def test_copies_of_a_work_have_signers_in_common(theirs: tuple[str, ...]) -> None:
    mine = features_of(TITLE, ("Ada Author", "Carl Third"))
    assert mine.signers & features_of(TITLE, theirs).signers
    assert not mine.signers & features_of(TITLE, ("Zoe Quite-Else",)).signers


def test_a_paper_that_became_a_part_of_another_is_found_as_that_one() -> None:
    index = CandidateIndex()
    one, other = (record(entry(n, title=title, identifiers={}))
                  for n, title in ((1, "Sparse Attention for Long Streams of Tokens"), (2, "Whale Songs under Arctic Ice")))  # fmt: skip
    index.add_record(0, one)
    index.add_record(1, other)
    index.merge(1, 0)
    assert [home for home, _ in index.candidates_for(other)] == [0]


@pytest.mark.parametrize(
    ("link", "own"),
    [
        ("https://www.Lab.example/posts/foo/?utm_source=rss&id=7#comments", "lab.example/posts/foo?id=7"),
        ("http://lab.example/news#2026-11", "lab.example/news#2026-11"),
        ("https://lab.example:443/posts/foo/amp", "lab.example/posts/foo"),
        ("https://lab.example/posts/foo/index.html?source=rss-1---2&ref=feed", "lab.example/posts/foo"),
        ("https://lab.example/news#2026?utm_source=rss", "lab.example/news#2026"),
        ("https://lab.example/", ""),
        ("mailto:ada@lab.example", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_the_page_of_a_post_in_one_form(link: str, own: str) -> None:
    assert normalize_page_url(link) == own


@rows(
    ("author", "read"),
    [
        ("van der Meer JW", Name(person="meer van der j w")),
        ("Kaur, M.", Name(person="kaur m")),
        ("Wei LI", Name(person="li wei")),
        ("King Jr., Martin Luther", Name(person="king martin luther")),
        ("ada@lab.example (Ada Author)", Name(person="author ada")),
        ("Ada Author, PhD", Name(person="author ada")),
        ("Smith MD", Name(person="smith m d")),
        ("Smith, M.D.", Name(person="smith m d")),
        ("Ada Author, University of the North", Name(person="author ada")),
        ("Author et al.", Name(person="author")),
        ("The NORTH Collaboration", Name(body="north")),
        ("OpenAI", Name(body="openai")),
        ("Springer Nature", Name()),
        ("Tonya Springer", Name(person="springer tonya")),
        ("", Name()),
        ("a" * 100_000, Name(person="a" * 300)),
    ],
)
def test_an_author_is_a_person_a_body_or_nobody(author: str, read: Name) -> None:
    assert named(author) == read


@pytest.mark.parametrize("identifiers", [{}, {"doi": "10.5/a"}, {"openalex": "W1"}])
def test_the_reissues_of_an_entry_are_those_of_its_record(identifiers: dict[str, str]) -> None:
    one = entry(1, identifiers=identifiers, link="https://lab.example/blog/1", title=TITLE)
    assert reissues(one, "lab") == sorted(pair for pair in record(one, "lab").identifiers if pair[0] == REISSUE)


@pytest.mark.parametrize("scheme", ["hal", "dblp", "zbmath", "epmc", "zotero"])
def test_names_of_which_a_work_may_have_several_join_and_never_part(scheme: str) -> None:
    authors = ("Ada Author", "Ben Writer")
    first, second = (
        entry(n, identifiers={scheme: f"x-{n}"}, link=f"https://a.example/{n}", title=TITLE, authors=authors)
        for n in (1, 2)
    )
    assert len(cluster([first, second])) == 1
    other = entry(
        3, identifiers={scheme: "x-1"}, link="https://b.example/3", title="A title in another tongue, of another length"
    )
    assert len(cluster([first, other])) == 1
