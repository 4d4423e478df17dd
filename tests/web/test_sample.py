"""A sample of the mail before one gives an address: what would be sent, and nothing stored of who looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_of_forms import Visited, html_of, rows, visited

from digestbot.acts.digests.editions import update_editions

ADA = "ada@example.org"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Visited]:
    with visited(tmp_path, "sqlite") as made:
        made.papers(1, 2)
        update_editions(made.app.store, made.app.feed_settings, now=made.app.clock())
        yield made


@pytest.mark.parametrize("chosen", [{}, {"topic": "attention"}, {"topic-attention": "on"}, {"topic": "zzz"}])
def test_the_sample_holds_the_papers_of_the_welcome_mail(site: Visited, chosen: dict[str, str]) -> None:
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    status, headers, sample = site.ask(f"/sample/mail?{query}")
    assert (status, "frame-ancestors 'self'" in headers["content-security-policy"]) == (200, True)
    assert headers["x-robots-tag"] == "noindex"
    welcome = html_of(site.subscribed(**chosen))
    assert sample.count("<h3") == welcome.count("<h3")
    assert ("Sparse Attention" in sample) is (chosen != {"topic": "zzz"})


def test_the_form_shows_it_with_what_was_typed_and_stores_nothing(site: Visited) -> None:
    before = rows(site)
    status, headers, page = site.post("/sample", email=ADA, topic="attention OR zzz", rhythm="weekly")
    assert (status, "frame-src 'self'" in headers["content-security-policy"]) == (200, True)
    assert f'value="{ADA}"' in page
    assert 'src="/sample/mail?topic=attention+OR+zzz&amp;rhythm=weekly"' in page
    assert "Once a week, on Monday." in page
    assert site.ask("/sample/mail?topic=attention+OR+zzz&rhythm=weekly")[0] == 200
    assert rows(site) == before
    assert site.mails() == []


def test_a_topic_that_is_no_rule_is_told_in_the_form(site: Visited) -> None:
    status, _, page = site.post("/sample", topic="(open")
    assert (status, "<iframe" in page, "cannot be read as a rule" in page) == (422, False, True)
    assert site.ask("/sample/mail?topic=%28open")[0] == 400


def test_every_page_with_the_form_leads_to_the_sample(site: Visited) -> None:
    assert 'href="/sample#sample"' in site.ask("/")[2]
    assert 'formaction="/sample#sample"' in site.ask("/subscribe")[2]
    assert '<iframe class="mail" src="/sample/mail"' in site.ask("/sample")[2]
