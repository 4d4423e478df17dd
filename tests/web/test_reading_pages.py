"""The pages that anybody reads: what stands on them, that reference managers read it, and that strangers' text stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest
from asgi import Asked, asked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.acts.answers.search import search
from digestbot.model import Link, LinkRel, Notice, NoticeKind, PartialDate, Standing
from digestbot.papers.exchange.bibtex import read_bibtex
from digestbot.papers.exchange.ris import read_ris
from digestbot.rules import parse
from digestbot.testing.builders import NOW, entry
from digestbot.web.frame.kept import MOST

DAY = timedelta(days=1)
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PAGES = ("/", "/2026-11-23", "/week/2026-W48", "/month/2026-11", "/topics", "/topics/attention", "/archive", "/about",
         "/search?q=attention", "/search?q=ti%3A%22", "/paper/2611.00001")  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Asked]:
    with asked(tmp_path) as made:
        made.bring("arxiv-cs", *(entry(n) for n in (1, 2, 3)))
        made.bring("daily", entry(2, native_key="2", signals={"upvotes": 41}, submitter="AK", links=(
            Link(LinkRel.CODE, "https://github.com/a/b"), Link(LinkRel.PDF, "javascript:alert(1)"))))  # fmt: skip
        yield made


def test_the_edition_shows_each_paper_once_with_all_that_is_known_of_it(site: Asked) -> None:
    page = site.get("/").text
    assert [page.count(f"Sparse Attention, Part {n}</a>") for n in (1, 2, 3)] == [1, 1, 1]
    assert page.index("Part 2</a>") < page.index("Part 1</a>"), "what rises stands first"
    for said in ("Monday 23 November 2026", "by AK and the community", "Seen in arXiv cs.LG, Daily papers",
                 "<b>41</b>", "Ines Okafor, Tomasz Lindqvist", "https://github.com/a/b", "3 papers", "3.4× faster"):  # fmt: skip
        assert said in page, said
    assert site.get("/2026-11-23").text == page


def test_days_lead_to_each_other_and_the_archive_to_all(site: Asked) -> None:
    site.bring("arxiv-cs", entry(9), at=NOW + DAY)
    assert 'href="/2026-11-24" rel="next">Tue 24 Nov →' in site.get("/2026-11-23").text
    assert 'href="/2026-11-23" rel="prev">← Mon 23 Nov' in site.get("/").text
    archive = site.get("/archive").text
    assert archive.index("/2026-11-24") < archive.index("/2026-11-23")


def test_a_week_and_a_month_show_the_best_of_their_days(site: Asked) -> None:
    for path in ("/week/2026-W48", "/month/2026-11"):
        page = site.get(path).text
        assert "Part 2</a>" in page
        assert "Part 1</a>" not in page, "nobody voted, one source: not among the best"
    assert site.get("/week").headers["location"].endswith("/week/2026-W48")
    assert not site.get("/week").headers["location"].startswith("http")


@pytest.mark.parametrize(
    "path", [*(one for one in PAGES if "?" not in one and one != "/"), "/feed.xml", "/topics/attention/feed.atom"]
)
def test_a_slash_behind_an_address_shows_the_same_page(site: Asked, path: str) -> None:
    assert site.get(f"{path}/").body == site.get(path).body
    assert site.get(f"{path}/").status == 200


def test_the_address_of_today_shows_the_open_edition_although_that_is_tomorrows(tmp_path: Path) -> None:
    evening = NOW + timedelta(hours=12)
    with asked(tmp_path, now=[evening]) as made:
        made.bring("arxiv-cs", entry(1), at=evening)
        assert "Tuesday 24 November 2026" in made.get("/2026-11-23").text
        assert made.get("/2026-11-22").status == 404


def test_a_tab_has_an_icon_of_our_own(site: Asked) -> None:
    assert 'href="/favicon.svg"' in site.get("/").text
    for path in ("/favicon.svg", "/favicon.ico"):
        icon = site.get(path)
        assert (icon.status, icon.headers["content-type"].partition(";")[0]) == (200, "image/svg+xml")
        assert icon.text.startswith("<svg")


@pytest.mark.parametrize(
    "path", ["/2026-11-22", "/2026-13-45", "/2026-11-23-p2", "/week/2026-W99", "/week/2026-11", "/month/2026-13",
             "/month/9999-12", "/paper/none", "/topics/none", "/paper/none.bib", "/etc/passwd", "/%00", "/week/0000-W01"],
)  # fmt: skip
def test_what_is_not_there_is_404(site: Asked, path: str) -> None:
    assert site.get(path).status == 404


def test_thirty_papers_stay_below_60_kb_and_load_nothing_from_elsewhere(site: Asked) -> None:
    long = "We show that attention is all there is to say about it, once more. " * 28
    papers = [entry(n, title=f"{'A rather long title of a paper about attention '}{n}", summary=long,
                    authors=tuple(f"Author Number{k}" for k in range(12))) for n in range(100, 127)]  # fmt: skip
    site.bring("arxiv-cs", *papers)
    page = site.get("/").text
    assert page.count("<article") == page.count('class="gist"') == 30
    assert 50_000 < len(page.encode()) < 60_000, "and the room is used"
    assert page.count("<details>") >= 2
    loads = re.findall(r"""<(?:link rel="stylesheet" href|script src|img src|iframe src)="([^"]*)""", page)
    assert loads == [f"/style.css?v={site.app.templates.style_mark}"]
    assert site.get("/style.css").headers["content-type"].startswith("text/css")


def test_a_reference_manager_takes_the_whole_day(site: Asked) -> None:
    spans = [parse_qs(unescape(one)) for one in re.findall(r'class="Z3988" title="([^"]*)"', site.get("/").text)]
    assert {one["rft.atitle"][0][-6:] for one in spans} == {"Part 1", "Part 2", "Part 3"}
    assert all(one["ctx_ver"] == ["Z39.88-2004"] and len(one["rft.au"]) == 2 for one in spans)
    page = site.get("/paper/2611.00001").text
    tags = re.findall(r'<meta name="(citation_\w+)" content="([^"]*)"', page)
    assert ("citation_title", "A Study of Sparse Attention, Part 1") in tags
    assert [name for name, _ in tags].count("citation_author") == 2
    assert ("citation_arxiv_id", "2611.00001") in tags


def test_a_paper_can_be_cited_in_three_formats_that_others_read(site: Asked) -> None:
    works, _ = read_bibtex(site.get("/paper/2611.00001.bib").text)
    others, _ = read_ris(site.get("/paper/2611.00001.ris").text)
    csl = json.loads(site.get("/paper/2611.00001.json").text)
    title = "A Study of Sparse Attention, Part 1"
    assert [w.first("title").replace("{", "").replace("}", "") for w in (*works, *others)] == [title, title]
    assert others[0].authors == ("Ines Okafor", "Tomasz Lindqvist")
    assert (csl[0]["title"], csl[0]["author"][0]) == (title, {"family": "Okafor", "given": "Ines"})


def test_a_papers_page_tells_who_said_what_of_it_and_how_it_was_liked(site: Asked) -> None:
    page = site.get("/paper/2611.00002").text
    assert "<svg" in page
    assert "Daily papers" in page
    assert page.count("<tr>") == 3


def test_a_search_finds_and_a_wrong_rule_shows_its_place(site: Asked) -> None:
    found = site.get("/search?q=ti%3A%22Part+2%22").text
    assert found.count("<article") == 1
    assert "<mark>Part 2</mark>" in found
    wrong = site.get("/search?q=titel%3Aattention")
    assert wrong.status == 200
    assert "^^^^^" in wrong.text
    assert "title" in wrong.text
    assert site.get("/search?q=" + "a" * 2000).text.count("longer than any")


def test_strangers_text_stays_text_on_every_page(site: Asked) -> None:
    site.bring("arxiv-cs", entry(1, title=EVIL, summary=EVIL, authors=(EVIL,), categories=(EVIL,), comment=EVIL,
                                 native_key="other", link='javascript:alert("x")'))  # fmt: skip
    site.bring("daily", entry(50, title=f"attention {EVIL}", native_key="50", submitter=EVIL, signals={"upvotes": 3}))
    for path in (*PAGES, "/paper/2611.00050", f"/search?q={EVIL.replace(' ', '+')}"):
        page = site.get(path).text
        assert "<script" not in page, path
        assert "<img" not in page, path
        assert "javascript:" not in page, path
        assert " style=" not in page, path


def test_no_more_of_an_abstract_is_public_than_its_source_allows(tmp_path: Path) -> None:
    secret = "Nobody may print this sentence in public, says the licence. " * 20
    for allowed in ("none", "excerpt", "full"):
        with asked(tmp_path / allowed, f'abstracts = "{allowed}"\n') as made:
            made.bring("journal", entry(1, summary=secret, identifiers={"doi": "10.1/x"}, native_key="j"))
            name = re.findall(r"/paper/([\w-]+)\"", made.get("/").text)[0]
            paths = ("/", f"/paper/{name}", f"/paper/{name}.bib", f"/paper/{name}.ris", f"/paper/{name}.json",
                     "/feed.xml", "/feed.json", "/search?q=attention")  # fmt: skip
            most = [made.get(path).text.count("Nobody may print") for path in paths]
        assert max(most) <= {"none": 0, "excerpt": 12, "full": 60}[allowed], (allowed, most)
        assert (max(most) > 0) is (allowed != "none")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_a_language_and_names_for_what_can_be_used(site: Asked, path: str) -> None:
    """What axe-core asks most often, without a browser."""
    page = site.get(path).text
    assert page.count("<h1") == 1
    assert '<html lang="en"' in page
    assert re.search(r"<title>[^<]+</title>", page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labels = set(re.findall(r'<label for="([^"]+)"', page))
    assert set(re.findall(r'<input id="([^"]+)"', page)) <= labels
    assert not re.findall(r"<a [^>]*>\s*</a>", page)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_asked_no_page_breaks(site: Asked, path: str, query: str) -> None:
    for begin in ("/", "/paper/", "/week/", "/month/", "/topics/", "/search?q=", "/feed.atom?q="):
        asked_for = f"{begin}{quote(query if '?' in begin else path, safe='/')}"
        assert site.get(asked_for).status < 500, asked_for


def test_only_so_many_answers_are_kept(site: Asked) -> None:
    for number in range(MOST + 40):
        site.get(f"/search?q={'x' * 1001}{number}")
        site.get(f"/archive?{number}")
    answers = site.served.inner  # type: ignore[attr-defined]  # the edge has it
    kept = next(r.endpoint.__self__._answers for r in answers.routes if r.path == "/archive")
    assert len(kept._kept) == MOST
    assert [key for key in kept._kept if "/archive" in key] == ["text/html /archive?"], "what it does not depend on"
    assert kept._size == sum(one.size for one in kept._kept.values())
    assert not kept._making


def test_a_rule_that_hardly_anything_matches_reads_so_many_papers_and_no_more(site: Asked) -> None:
    site.bring("arxiv-cs", *(entry(n) for n in range(100, 180)))
    rule = parse('-attention OR "part 1"')
    whole, bounded = (search(site.app.store, rule, most=3, within=most) for most in (None, 40))
    assert len(whole.papers) == 1
    assert bounded.papers == ()
    assert site.get("/robots.txt").text.startswith("User-agent")


def _fallen(site: Asked, kind: str, standing: str = "", **more: str) -> str:
    said = Notice(kind=NoticeKind(kind), id="doi:10.5555/n", day=PartialDate("2026-11-20"), **more)
    site.bring("journal", entry(70, title="A Doubtful Work", identifiers={"doi": "10.5555/a"}, native_key="j70",
                                standing=standing, notices=(said,)))  # fmt: skip
    name = re.findall(r"/paper/([\w-]+)\">A Doubtful Work", site.get("/").text)[0]
    return site.get(f"/paper/{name}").text


def test_a_papers_page_says_that_it_was_retracted_when_by_whom_and_why_with_the_notice(site: Asked) -> None:
    page = _fallen(site, "retraction", "retracted", by="Retraction Watch", reason="Plagiarism of Data")
    for said in ("This paper has been retracted.", "Retraction notice of 2026-11-20: doi:10.5555/n.",
                 "Reasons according to Retraction Watch: Plagiarism of Data.",
                 '<a href="https://doi.org/10.5555/n">Notice</a>'):  # fmt: skip
        assert said in page, said
    assert page.index("This paper has been retracted") < page.index('class="gist"'), "before what it claims"


@pytest.mark.parametrize(
    ("kind", "lead"),
    [("concern", "Its publisher has expressed a concern about it."), ("correction", "It has been corrected.")],
)
def test_a_papers_page_says_what_was_noticed_of_a_paper_that_stands(site: Asked, kind: str, lead: str) -> None:
    page = _fallen(site, kind, by="the publisher")
    assert f"<strong>{lead}</strong>" in page
    assert "of 2026-11-20: doi:10.5555/n (the publisher)." in page
    assert ('class="bad"' in page) is (kind == "concern")


def test_a_papers_page_tells_a_withdrawal_in_its_authors_words_and_that_it_stands_again(site: Asked) -> None:
    site.bring("arxiv-cs", entry(1, native_key="v2", identifiers={"arxiv": "2611.00001", "arxiv_version": "2"},
                                 standing=Standing.WITHDRAWN, comment="Withdrawn: Lemma 2 is wrong"), at=NOW + DAY)  # fmt: skip
    page = site.get("/paper/2611.00001").text
    for said in ("This paper has been withdrawn.", "Its authors write: “Withdrawn: Lemma 2 is wrong”",
                 "Seen here on 24 Nov 2026."):  # fmt: skip
        assert said in page, said
    site.bring("arxiv-cs", entry(1, native_key="v3", identifiers={"arxiv": "2611.00001", "arxiv_version": "3"},
                                 comment="Lemma 2 mended"), at=NOW + 2 * DAY)  # fmt: skip
    page = site.get("/paper/2611.00001").text
    assert "<strong>It stands again.</strong>" in page
    assert "Seen here on 25 Nov 2026." in page
    assert 'class="bad"' not in page
    assert 'class="fate"' not in site.get("/paper/2611.00003").text


def test_the_form_asks_how_often_and_shows_a_sample_before_an_address_is_given(site: Asked) -> None:
    for path in ("/", "/archive", "/paper/2611.00001", "/search?q=attention"):
        page = site.get(path).text
        form = page[page.index('<form class="sub"') :].partition("</form>")[0]
        assert 'name="rhythm"' in form, path
        assert '<option value="weekly">' in form, path
        assert '<a href="/sample#sample">See a sample of the mail first' in page, path
    page = site.get("/paper/2611.00001").text
    assert page.index("</article>") < page.index('<form class="sub"'), "below the paper, not above"
