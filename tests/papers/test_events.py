"""What happened to a paper, by what it was before and what it is after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rows import rows

from digestbot.model import Link, LinkRel, PartialDate
from digestbot.papers.facts.acceptance import accepted_at
from digestbot.papers.facts.assemble import Mention, assemble_paper
from digestbot.papers.facts.events import events_between, in_journal
from digestbot.papers.facts.freshness import archived_on_arrival
from digestbot.testing.builders import ABSTRACT, NOW, entry, paper

CODE = Link(LinkRel.CODE, "https://github.com/o/p")


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    """(key, note) of what follows; both are a paper of version 1 but for what is said."""
    made = events_between(paper(**{"version": 1} | before), paper(**{"version": 1} | after))
    return [(h.key, h.note) for h in made]


# the left side: remarks of real papers (arXiv API, May to August 2025)
@rows(("remark", "place"), [
    ("Accepted at ICML 2025", "ICML 2025"),
    ("10 pages, 1 figure, 6 tables, Paper accepted in RANLP 2025", "RANLP 2025"),
    ("11 pages, 2 figures. Accepted by IJCAI 2025. Code:\n  https://github.com/wangbing1416/MD-PCC", "IJCAI 2025"),
    ("Accepted to NAACL 2025 Main (oral)", "NAACL 2025 Main"),
    ("Accepted by the 48th IEEE/ACM International Conference on Software\n  Engineering (ICSE 2026)", "ICSE 2026"),
    ("Accepted to the ACM SIGSOFT International Symposium on Software Testing and Analysis (ISSTA), 2020", "ISSTA 2020"),
    ("Published as a conference paper at ICLR 2025", "ICLR 2025"),
    ("Published online in International Journal of Human Computer\n  Interaction",
     "International Journal of Human Computer Interaction"),
    ("To be published in WOAH, July 2025. arXiv admin note: text overlap with arXiv:2409.14464", "WOAH, July 2025"),
    ("This paper has been accepted for presentation at IEEE/RSJ\n  International Conference on Intelligent Robots and "
     "Systems 2025 (IROS 2025)", "IROS 2025"),
    ("This is the author's original submitted version of the paper accepted\n  to the 2025 IEEE International Conference "
     "on Robot and Human Interactive Communication (RO-MAN). Personal use", "RO-MAN 2025"),
    ("31 pages, 1 figure, 5 tables, accepted to Public Performance and\n  Management Review",
     "Public Performance and Management Review"),
    ("MNRAS accepted, 24 pages, 12 figures", "MNRAS"),
    ("Accepted for publication", ""),
    ("Submitted to NeurIPS2025", None),
    ("8 pages, 10 figures, submitted to RA-L", None),
    ("Under review at The 34th ACM International Conference on Information and Knowledge Management (CIKM'25)", None),
    ("Extended version of the paper presented as an Oral at the ICML 2025 Workshop", None),
    ("53 pages. Added result on monotonicity testing. Abridged version to appear in Symposium on Discrete Algorithms "
     "(SODA), 2021", None),
    ("Author's conditionally accepted version of a paper to be published at ACM SIGACCESS", None),
    ("83 pages, 14 sections, 92 formal results, no prior conference\n  publication", None),
    ("6 pages, 4 figures, conference paper", None),
    ("A short version of this paper was accepted at the ICLR 2025 workshop", None),
    ("Will be submitted to PRL if accepted by the collaboration", None),
    ("Published on 3 May 2025", None),
    ("", None),
])  # fmt: skip
def test_an_acceptance_is_read_from_the_remark_and_only_where_it_is_one(remark: str, place: str | None) -> None:
    assert accepted_at(remark) == place


def test_a_remark_in_another_wording_is_no_second_acceptance() -> None:
    assert told({"comment": "9 pages"}, {"comment": "Accepted at ICML 2026"}) == [("accepted", "accepted at ICML 2026")]
    assert told({"comment": "Accepted at ICML 2026"}, {"comment": "Accepted to ICML 2026 (oral)"}) == []


def test_a_conference_after_a_workshop_is_an_acceptance_of_its_own() -> None:
    workshop = {"comment": "Accepted at the ICLR 2026 Workshop on Agents"}
    assert told({}, workshop) == [("workshop", "accepted at ICLR 2026 Workshop on Agents")]
    assert told(workshop, {"comment": "Accepted at ICML 2026"}) == [("accepted", "accepted at ICML 2026")]


def test_a_journal_doi_is_news_and_the_preprints_own_is_not() -> None:
    own, journal = ("doi:10.48550/arxiv.2611.00001",), ("doi:10.1103/physrevlett.130.1",)
    assert told({}, {"same_as": own}) == []
    assert told({}, {"same_as": journal}) == [("journal", "published in a journal (doi:10.1103/physrevlett.130.1)")]
    named = {"same_as": journal, "venue": "Phys. Rev. Lett. 130"}
    assert told({}, named) == [("journal", "published in Phys. Rev. Lett. 130")]
    assert told(named, {"same_as": (*journal, "doi:10.1103/other"), "venue": "PRL"}) == []


def test_a_biorxiv_preprint_and_its_journal_copy() -> None:
    preprint = {"identifiers": {"doi": "10.1101/2026.01.02.123456"}}
    assert told(preprint, preprint | {"same_as": ("doi:10.1038/s41586-1",)})[0][0] == "journal"


def test_a_journals_article_that_was_never_a_preprint_is_not_published_anew() -> None:
    article = {"identifiers": {}, "venue": "Nature"}
    assert told(article, article | {"identifiers": {"doi": "10.1038/s41586-1"}}) == []
    assert not in_journal(paper(identifiers={"doi": "10.1038/s41586-1"}))


def test_a_feeds_name_is_no_publication() -> None:
    assert told({}, {"venue": "Lab Notes"}) == []
    assert told({}, {"venue": "arXiv (Cornell University) 2026"}) == []


def test_the_first_code_link_is_news_and_a_second_is_not() -> None:
    assert told({}, {"links": (CODE,)}) == [("code", "code at github.com/o/p")]
    assert told({"links": (CODE,)}, {"links": (CODE, Link(LinkRel.CODE, "https://gitlab.com/x/y"))}) == []


def test_a_version_says_what_it_changes() -> None:
    two = {"version": 2}
    assert told({}, two) == [("v2", "v2")]
    assert told({"title": "On A"}, two | {"title": "On B"}) == [("v2", "v2 changes the title (it was “On A”)")]
    longer = "We read. We write. We sing. We also dance."
    assert told({"summary": "We read. We write. We sing."}, two | {"summary": longer}) == [
        ("v2", "v2 changes one sentence of the abstract")
    ]
    assert told({"title": "On A"}, two | {"title": "On B", "summary": "All is new."}) == [
        ("v2", "v2 changes the title (it was “On A”) and the abstract")
    ]


def test_another_spelling_of_the_same_title_is_no_change() -> None:
    assert told({"title": "State-Space Models"}, {"version": 2, "title": "State space models"}) == [("v2", "v2")]


def test_a_version_we_know_nothing_before_is_no_event() -> None:
    assert told({"version": None}, {"version": 2}) == []
    assert told({"version": 3}, {"version": 2}) == []


def test_a_fallen_paper_falls_once_and_a_withdrawn_one_may_be_retracted() -> None:
    assert told({"version": None}, {"version": None, "standing": "withdrawn"}) == [("withdrawn", "withdrawn")]
    assert told({"standing": "withdrawn"}, {"standing": "withdrawn"}) == []
    assert told({"standing": "withdrawn"}, {"standing": "retracted"}) == [("retracted", "retracted")]


def test_an_article_without_versions_falls_once_and_stands_again_where_it_was_a_mistake() -> None:
    article: dict[str, Any] = {"version": None, "identifiers": {"doi": "10.5555/x"}}
    removed, retracted = article | {"standing": "withdrawn"}, article | {"standing": "retracted"}
    assert told(removed, retracted) == told(retracted, removed) == []
    assert told(retracted, article) == [("restored", "stands again")]
    assert told(removed, article) == []


def test_a_retraction_stays_until_who_said_it_says_otherwise() -> None:
    def of(*said: tuple[str, str, str]) -> str:
        mentions = [
            Mention(entry=entry(identifiers={"doi": "10.5555/x"}, native_key=key, standing=standing), source=source,
                    seen=NOW + timedelta(days=day)) for day, (source, key, standing) in enumerate(said)
        ]  # fmt: skip
        return assemble_paper(mentions).standing

    assert of(("openalex", "W1", "retracted"), ("openalex", "W1", "")) == ""
    assert of(("openalex", "W1", "retracted"), ("journal", "j", "")) == "retracted"
    assert of(("journal", "notice", "retracted"), ("journal", "j", "")) == "retracted"
    assert of(("journal", "n", "retracted"), ("openalex", "W1", "retracted"), ("openalex", "W1", "")) == "retracted"


@pytest.mark.parametrize(("text", "shown"), [
    ("1970-01-01T00:00:00Z", None), ("1969-12-31T23:00:00Z", None), ("0001-01-01T00:00:00Z", None), ("0001", None),
    ("1970", "1970"), ("1970-01-01", "1970-01-01"), ("1905-06-30", "1905-06-30"),
])  # fmt: skip
def test_the_zero_of_a_calendar_is_no_date_of_a_paper(text: str, shown: str | None) -> None:
    made = assemble_paper([Mention(entry=entry(published=PartialDate(text)), source="lab", seen=NOW)])
    assert (made.published.text if made.published else None) == shown
    old = archived_on_arrival([entry(announced=None, published=PartialDate(text))], now=NOW, previous_poll=NOW)
    assert bool(old) == bool(shown)


def test_a_withdrawn_paper_stands_again_with_its_next_version_and_may_fall_again() -> None:
    fell, stands = {"version": 2, "standing": "withdrawn"}, {"version": 3}
    assert told(fell, stands) == [("restored-v3", "stands again"), ("v3", "v3")]
    assert told(stands, {"version": 4, "standing": "withdrawn"}) == [("withdrawn-v4", "withdrawn"), ("v4", "v4")]
    assert told(fell, {"version": 2}) == []


def test_several_things_at_once_come_the_weightiest_first() -> None:
    after = {"version": 2, "comment": "Accepted at ISCA", "links": (CODE,), "standing": "withdrawn"}
    assert [key for key, _ in told({}, after)] == ["withdrawn-v2", "accepted", "code", "v2"]


def test_a_withdrawal_holds_until_a_later_version_stands_again() -> None:

    def standing(*said: tuple[str, str]) -> str:
        mentions = [
            Mention(entry=entry(identifiers={"arxiv": "2611.00001"} | ({"arxiv_version": v} if v else {}), standing=s),
                    source="arxiv", seen=NOW) for v, s in said
        ]  # fmt: skip
        return assemble_paper(mentions).standing

    assert standing(("1", ""), ("2", "withdrawn")) == "withdrawn"
    assert standing(("1", ""), ("2", "withdrawn"), ("2", "")) == "withdrawn"
    assert standing(("1", ""), ("2", "withdrawn"), ("3", "")) == ""
    assert standing(("1", ""), ("2", "retracted"), ("3", "")) == "retracted"
    assert standing(("", "withdrawn"), ("3", "")) == "withdrawn"


def test_the_newest_remark_of_the_highest_version_counts() -> None:

    first = Mention(entry=entry(comment="9 pages", summary=ABSTRACT), source="arxiv", seen=NOW)
    later = Mention(entry=entry(comment="Accepted at ICML", summary=ABSTRACT), source="x", seen=NOW + timedelta(days=7))
    assert assemble_paper([first, later]).comment == "Accepted at ICML"


def test_a_later_version_on_biorxiv_is_a_version_too() -> None:
    def version(n: int) -> Mention:
        address = f"https://www.biorxiv.org/content/10.64898/2026.11.20.700001v{n}"
        posted = entry(1, identifiers={"doi": "10.64898/2026.11.20.700001"}, link=address, native_key=f"v{n}")
        return Mention(entry=posted, source="biorxiv", seen=NOW + timedelta(days=n))

    before, after = assemble_paper([version(1)]), assemble_paper([version(1), version(2)])
    assert (before.version, after.version) == (1, 2)
    assert [h.key for h in events_between(before, after)] == ["v2"]
    assert "arxiv_version" not in after.identifiers
