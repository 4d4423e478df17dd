"""From the form to the welcome digest, the preferences, a vote, leaving and coming back, over real HTTP and SMTP."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from page_of_forms import Visited, html_of, link, rows, text_of, visited
from sizes import size

from digestbot.acts.delivery.operator import pause_outbox, resume_outbox
from digestbot.acts.digests.editions import update_editions
from digestbot.model import PaperId, Topic
from digestbot.model.mail import WAITING

LISTED = """
[[subscribers]]
id = "reader"
email = "reader@example.org"
  [[subscribers.topics]]
  name = "Attention"
  query = "attention"
"""
ADA = "ada@example.org"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visited]:
    with visited(tmp_path, request.param) as found:
        yield found


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Visited]:
    with visited(tmp_path, "sqlite", people=LISTED) as found:
        yield found


def test_form_mail_button_welcome(place: Visited) -> None:
    place.papers(1, 2)
    status, headers, page = place.post("/subscribe", email=ADA, topic="attention", rhythm="weekly")
    assert (status, "Look into your mailbox" in page, "set-cookie" in headers) == (200, True, False)
    assert place.person(ADA) is None
    [asked] = place.mails()
    assert (asked["To"], asked["Subject"]) == (ADA, "Confirm your subscription to Papers & Co")
    assert asked["List-Unsubscribe"] is None
    confirm = link(asked, "c")
    for method in ("GET", "HEAD"):
        assert place.ask(confirm, method)[0] == 200
    assert place.person(ADA) is None
    status, _, page = place.post(confirm, do="yes")
    assert (status, "You are subscribed" in page) == (200, True)
    [welcome] = place.mails()
    assert welcome["To"] == ADA
    assert text_of(welcome).count("Sparse Attention") == 2
    assert place.mails() == []
    ada = place.person(ADA)
    assert ada is not None
    assert (ada.schedule, ada.origin, [t.query for t in ada.topics]) == ("mon 07:30", "web", ["attention"])


def test_the_page_says_the_same_whoever_is_asked(quick: Visited) -> None:
    pages = [quick.post("/subscribe", email=who)[2].replace(who, "X") for who in (ADA, "reader@example.org")]
    assert pages[0] == pages[1]
    [new, known] = quick.mails()
    assert known["Subject"] == "You are subscribed to Papers & Co"
    assert quick.ask(link(known, "p"))[0] == 200
    pages = [
        quick.post("/leave", email=who)[2].replace(who, "X") for who in ("nobody@example.org", "reader@example.org")
    ]
    assert pages[0] == pages[1]
    assert new["To"] == ADA


def test_a_filled_trap_is_thanked_and_forgotten(quick: Visited) -> None:
    assert quick.post("/subscribe", email=ADA, website="http://spam.example")[0] == 200
    assert quick.mails() == []


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"email": "nobody"}, 422, "That is no mail address"),
        ({"email": ADA, "topic": "(open"}, 422, "cannot be read as a rule"),
        ({}, 422, "That is no mail address"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    quick: Visited, fields: dict[str, str], status: int, says: str
) -> None:
    answer = quick.post("/subscribe", **fields)
    assert (answer[0], says in answer[2]) == (status, True)
    assert all(value in answer[2] for value in fields.values())


def test_leaving_beats_a_queued_mail_and_coming_back_brings_topics_along(place: Visited) -> None:
    place.papers(1)
    welcome = place.subscribed(topic="attention", rhythm="weekly")
    assert place.post(link(welcome, "u"), **{"List-Unsubscribe": "One-Click"})[0] == 200
    gone = place.person(ADA)
    assert gone is not None
    assert (gone.status, gone.suppressed) == ("left", "unsubscribed")
    place.clock.ahead += timedelta(days=3)
    place.papers(2)
    place.post("/subscribe", email=ADA)
    [asked] = place.mails()
    assert "topics: attention" in text_of(asked), "what comes back is what is promised"
    assert "Topics: attention." in place.ask(link(asked, "c"))[2]
    place.post(link(asked, "c"), do="yes")
    [again] = place.mails()
    back = place.person(ADA)
    assert back is not None
    assert (back.id, back.status, [t.query for t in back.topics]) == (gone.id, "active", ["attention"])
    assert back.schedule == "mon 07:30", "a form that says nothing of the rhythm changes none"
    assert "Sparse Attention" in text_of(again)


def test_one_leaves_by_the_site_with_the_link_of_a_mail(quick: Visited) -> None:
    quick.subscribed()
    assert quick.post("/leave", email=ADA)[0] == 200
    [asked] = quick.mails()
    assert "Unsubscribe" in quick.ask(link(asked, "c"))[2]
    assert quick.person(ADA).status == "active"  # type: ignore[union-attr]  # they are there
    quick.post(link(asked, "c"), do="yes")
    assert quick.person(ADA).status == "left"  # type: ignore[union-attr]


def settings(**change: str) -> dict[str, str]:
    """The fields of the form as a browser sends them."""
    fields = {
        "do": "save", "name1": "Attention", "was1": "Attention", "rule1": "attention", "days": "weekdays", "time": "07:30",
        "zone": "Europe/Berlin", "max": "10", "empty": "send", "language": "de", "length": "titles", "updates": "all",
    }  # fmt: skip
    return fields | change


def test_preferences_are_saved_and_shown(quick: Visited) -> None:
    page = link(quick.subscribed(topic="attention"), "p")
    status, headers, _ = quick.post(
        page, **settings(name2="Not", rule2="ti:survey", mute2="on", best1="weekly", days="mon")
    )
    assert (status, headers["location"].endswith("?said=saved")) == (303, True)
    ada = quick.person(ADA)
    assert ada is not None
    assert (ada.schedule, ada.time_zone, ada.max_papers, ada.when_empty) == ("mon 07:30", "Europe/Berlin", 10, "send")
    assert (ada.language, ada.length, ada.updates, ada.trending, ada.mail) == ("de", "titles", "all", 0, True)
    assert [(t.name, t.query, t.mute, t.best) for t in ada.topics] == [
        ("Attention", "attention", False, "weekly"), ("Not", "ti:survey", True, ""),
    ]  # fmt: skip
    shown = quick.ask(headers["location"])[2]
    assert "Gespeichert." in shown
    assert "um 07:30" in shown, "when the next mail comes is said before the round that plans it"
    assert 'value="Europe/Berlin"' in shown


def test_a_rule_that_cannot_be_read_is_shown_with_its_place_and_nothing_is_saved(quick: Visited) -> None:
    page = link(quick.subscribed(topic="attention"), "p")
    before = quick.person(ADA)
    status, _, shown = quick.post(page, **settings(rule1="LLM tit:edge", zone="Mars/Base", language="en"))
    assert status == 422
    assert "LLM <i>tit:edge</i>" in shown
    assert 'value="Mars/Base"' in shown
    assert shown.count('role="alert"') == 3
    assert quick.person(ADA) == before


def test_a_rule_is_tried_on_the_last_month_and_nothing_is_saved(quick: Visited) -> None:
    quick.papers(1, 2, 3)
    page = link(quick.subscribed(topic="nothing"), "p")
    before = quick.person(ADA)
    shown = quick.post(page, **settings(do="try-1", rule1="sparse attention", language="en"))[2]
    assert "3 papers a day: 3 in the last 30 days, at most 3 in one" in shown
    assert shown.count("<rect") == 1
    assert "Not saved yet." in shown
    assert quick.person(ADA) == before


def test_a_rule_that_is_likely_not_meant_is_saved_and_doubted_on_the_page(quick: Visited) -> None:
    page = link(quick.subscribed(topic="attention"), "p")
    assert "Is this meant?" not in quick.ask(page)[2]
    assert quick.post(page, **settings(rule1="by Yoshua Bengio", language="en"))[0] == 303
    shown = quick.ask(page)[2]
    assert "Is this meant?</b> By Yoshua Bengio is looked for as words; write au:&#34;Yoshua Bengio&#34;." in shown


def test_a_mistake_in_a_rule_is_mended_by_one_button(quick: Visited) -> None:
    page = link(quick.subscribed(topic="attention"), "p")
    shown = quick.post(page, **settings(rule1="sparse tit:edge or (CPU", language="en"))[2]
    assert "<pre>sparse ti:edge OR (CPU)</pre>" in shown
    assert 'value="mend-1"' in shown
    shown = quick.post(page, **settings(do="mend-1", rule1="sparse tit:edge or (CPU", language="en"))[2]
    assert ">sparse ti:edge OR (CPU)</textarea>" in shown
    assert "Not saved yet." in shown
    assert "This rule would have brought" in shown


def test_a_topic_is_made_of_the_papers_voted_up_and_tells_what_it_would_bring(quick: Visited) -> None:
    quick.papers(1, 2, 3, 4)
    welcome = quick.subscribed(topic="attention")
    page = link(welcome, "p")
    assert 'value="like"' not in quick.ask(page)[2], "there is nothing to make it of"
    for vote in re.findall(r'href="(http://[^"]+/more)"', html_of(welcome))[:2]:
        quick.post(vote, say="more")
    shown = quick.post(page, **settings(do="like", language="en"))[2]
    assert 'name="like2" value="voted"' in shown
    assert shown.count('<li dir="auto">A Study of Sparse Attention') == 2
    assert "This rule would have brought" in shown
    assert quick.post(page, **settings(name2="Likes", rule2="like", like2="voted", language="en"))[0] == 303
    ada = quick.person(ADA)
    assert ada is not None
    assert [len(topic.like) for topic in ada.topics] == [0, 2]
    shown = quick.ask(page)[2]
    assert "the 2 papers it was made of" in shown
    quick.post(page, **settings(name2="Renamed", was2="Likes", rule2="x", like2="voted", language="en"))
    assert quick.person(ADA).topics[1].like == ada.topics[1].like  # type: ignore[union-attr]  # they are there


def test_topics_are_added_from_ready_made_rules_and_removed(quick: Visited) -> None:
    page = link(quick.subscribed(topic="attention"), "p")
    shown = quick.post(page, **settings(do="add", start="attention", language="en"))[2]
    assert 'name="rule2"' in shown
    assert ">@attention</textarea>" in shown
    shown = quick.post(page, **settings(do="remove-1", name2="Two", rule2="two", language="en"))[2]
    assert 'name="rule2"' not in shown
    assert 'value="Two"' in shown


def test_the_feed_goes_on_while_mails_are_paused(quick: Visited) -> None:
    welcome = quick.subscribed(topic="attention")
    quick.post(link(welcome, "p"), **settings(days="feed", language="en", length="full"))
    ada = quick.person(ADA)
    assert ada is not None
    assert (ada.mail, ada.schedule) == (False, "weekdays 07:30")
    quick.papers(7)
    with quick.app.store.transaction() as tx:
        tx.people.plan_slot(ada.stored_id, quick.app.clock(), was=ada.next_slot)
    assert quick.mails() == []
    assert "Sparse Attention" in quick.ask(link(welcome, "f"))[2]


def test_who_chooses_the_feed_alone_gets_no_mail_that_waits_either(quick: Visited) -> None:
    welcome = quick.subscribed(topic="attention")
    ada = quick.person(ADA)
    assert ada is not None
    quick.clock.ahead += timedelta(days=1)
    quick.papers(7)
    with quick.app.store.transaction() as tx:
        tx.people.plan_slot(ada.stored_id, quick.app.clock(), was=ada.next_slot)
    pause_outbox(quick.app.store, now=quick.app.clock())
    assert quick.mails() == []
    with quick.app.store.reading() as tx:
        assert len(tx.outbox.list_deliveries(WAITING, subscriber=ada.stored_id)) == 1
    quick.post(link(welcome, "u"), fewer="feed")
    resume_outbox(quick.app.store, now=quick.app.clock())
    assert not [mail["To"] for mail in quick.mails() if ADA in mail["To"]]


def test_a_pause_until_a_day_and_back(quick: Visited) -> None:
    page = link(quick.subscribed(), "p")
    day = f"{quick.app.clock().replace(year=quick.app.clock().year + 1, month=1, day=2):%Y-%m-%d}"
    assert quick.post(f"{page}/pause", until=day)[0] in (303, 422)
    assert quick.post(f"{page}/pause", weeks="4")[0] == 303
    assert quick.person(ADA).status == "paused"  # type: ignore[union-attr]
    assert quick.post(f"{page}/pause", until="1999-01-01")[0] == 422
    for zone, edge in (("Asia/Tokyo", "0001-01-01"), ("Pacific/Honolulu", "9999-12-31")):
        assert quick.post(page, **settings(zone=zone))[0] == 303
        assert quick.post(f"{page}/pause", until=edge)[0] == 422, "a day that the zone leads out of the calendar"
    assert quick.post(f"{page}/pause", do="resume")[0] == 303
    assert quick.person(ADA).status == "active"  # type: ignore[union-attr]


def test_who_is_about_to_leave_is_offered_what_is_less_than_they_get(quick: Visited) -> None:
    leave = link(quick.subscribed(topic="attention"), "u")

    def offered() -> list[str]:
        return re.findall(r'name="fewer" value="(\w+)"', quick.ask(leave)[2])

    assert offered() == ["weekly", "shorter", "feed"]
    page = quick.post(leave, fewer="weekly")[2]
    assert "one mail a week: Mon at 07:30 (UTC), the best 15 of the week" in page
    assert quick.person(ADA).schedule == "mon 07:30"  # type: ignore[union-attr]
    assert offered() == ["shorter", "feed"]
    assert "at most 5 papers in a mail" in quick.post(leave, fewer="shorter")[2]
    assert quick.person(ADA).max_papers == 5  # type: ignore[union-attr]
    assert quick.post(leave, fewer="weekly")[0] == 400, "it is weekly already"
    assert "the feed goes on" in quick.post(leave, fewer="feed")[2]
    ada = quick.person(ADA)
    assert ada is not None
    assert (ada.mail, ada.status, [t.name for t in ada.topics]) == (False, "active", ["attention"])
    assert offered() == []
    assert "no mails; the feed goes on" in quick.ask(leave)[2]


def test_the_first_mail_of_who_named_no_topic_brings_the_edition_that_the_page_shows(quick: Visited) -> None:
    quick.papers(1)
    update_editions(quick.app.store, quick.app.feed_settings, now=quick.app.clock())
    assert "Sparse Attention" in quick.ask("/")[2]
    assert "Sparse Attention" in text_of(quick.subscribed())


def test_preferences_of_who_has_left_lead_back_and_offer_no_pause(quick: Visited) -> None:
    welcome = quick.subscribed()
    quick.post(link(welcome, "u"), **{"List-Unsubscribe": "One-Click"})
    page = quick.ask(link(welcome, "p"))[2]
    assert "Subscribe again</a>" in page
    assert "/pause" not in page
    assert "Unsubscribe</a>" not in page


def test_a_listed_person_reads_their_settings_and_changes_what_is_theirs(quick: Visited) -> None:
    quick.post("/subscribe", email="reader@example.org")
    [known] = quick.mails()
    page = link(known, "p")
    assert "A file of the people who run this" in quick.ask(page)[2]
    quick.post(page, **settings(rule1="other"))
    reader = quick.person("reader")
    assert reader is not None
    assert reader.topics == (Topic(name="Attention", query="attention", since=reader.topics[0].since),)
    assert quick.post(f"{page}/address", email="new@example.org")[0] == 403
    assert quick.post(f"{page}/pause", weeks="1")[0] == 303
    leave = quick.app.linker.links(reader).leave
    quick.post(leave, resume="1")
    assert "Or a pause" in quick.ask(leave)[2]
    assert quick.post(leave, fewer="feed")[0] == 400, "the file says what they get"


def test_a_vote_of_the_mail_is_made_by_the_button_alone(place: Visited) -> None:
    place.papers(1, 2)
    welcome = place.subscribed(topic="attention")
    more = re.findall(r'href="(http://[^"]+/more)"', html_of(welcome))
    fewer = re.findall(r'href="(http://[^"]+/fewer)"', html_of(welcome))
    assert len(more) == len(fewer) == 2
    page = place.ask(more[0])[2]
    assert "More like this?" in page
    with place.app.store.reading() as tx:
        assert tx.votes.votes_of(place.person(ADA).stored_id) == []  # type: ignore[union-attr]
    assert "You want more like this." in place.post(more[0], say="more")[2]
    place.post(fewer[0], say="fewer")
    with place.app.store.reading() as tx:
        [vote] = tx.votes.votes_of(place.person(ADA).stored_id)  # type: ignore[union-attr]
    assert (vote.value, vote.via) == (-1, "web")
    assert place.post(fewer[0], say="loudly")[0] == 400
    assert place.post(more[0].replace("/more", "/loudly"), say="more")[0] == 404


def test_whose_a_paper_is_is_said_by_the_button_alone(quick: Visited) -> None:
    quick.papers(1)
    welcome = quick.subscribed(topic="attention")
    ada = quick.person(ADA)
    assert ada is not None
    with quick.app.store.transaction() as tx:
        [paper] = tx.papers.papers_by_id(map(PaperId, range(1, 9))).values()
        name = paper.authors[0]
        tx.people.change_person(
            ada.stored_id,
            replace(ada, topics=(Topic(name="People", query=f'au:"{name}"', follow=(name,)),)),
            now=quick.app.clock(),
        )
    page = re.findall(r'href="(http://[^"]+)/more"', html_of(welcome))[0] + "/who"
    shown = quick.ask(page)[2]
    assert f"Perhaps “{name}”, whom you follow" in shown
    key = re.findall(r'name="person" value="([^"]+)"', shown)[0]
    with quick.app.store.reading() as tx:
        assert tx.votes.namesakes_of([ada.stored_id]) == {}
    assert "You said that it is another of that name." in quick.post(page, say="no", person=key)[2]
    assert "You said that it is them." in quick.post(page, say="yes", person=key)[2]
    with quick.app.store.reading() as tx:
        [said] = tx.votes.namesakes_of([ada.stored_id])[ada.stored_id]
    assert said.same
    assert quick.post(page, say="loudly", person=key)[0] == 400
    form = {"do": "save", "name1": "People", "was1": "People", "days": "weekdays", "time": "07:30"}
    assert quick.post(link(welcome, "p"), **form, rule1=f'moths OR au:"{name}"')[0] in (200, 303)
    assert quick.person(ADA).topics[0].follow == (name,)  # type: ignore[union-attr]  # she is there
    assert quick.post(link(welcome, "p"), **form, rule1="moths")[0] in (200, 303)
    assert quick.person(ADA).topics[0].follow == ()  # type: ignore[union-attr]
    assert quick.post(page, say="yes", person="nobody else")[0] in (404, 410)


def test_feeds_move_to_new_addresses_and_the_old_ones_open_nothing(quick: Visited) -> None:
    welcome = quick.subscribed()
    old, page = link(welcome, "f"), link(welcome, "p")
    assert quick.post(f"{page}/feeds", do="renew")[0] == 303
    new = re.findall(r'href="(http://[^"]+feed\.atom)"', quick.ask(page)[2])
    assert len(new) == 1
    assert quick.ask(old)[0] in (404, 410)
    assert quick.ask(new[0])[0] == 200
    assert quick.ask(link(welcome, "u"))[0] == 200


def test_the_feed_of_who_joined_by_the_page_is_called_like_the_site_and_not_by_a_made_up_id(quick: Visited) -> None:
    feed = quick.ask(link(quick.subscribed(), "f"))[2]
    assert "<title>Papers &amp; Co</title>" in feed
    assert "web-" not in feed


def test_an_address_changes_at_the_new_one(quick: Visited) -> None:
    page = link(quick.subscribed(), "p")
    assert quick.post(f"{page}/address", email="new@example.org")[0] == 303
    [asked] = quick.mails()
    assert asked["To"] == "new@example.org"
    quick.post(link(asked, "c"), do="yes")
    assert quick.person("new@example.org") is not None
    assert quick.person(ADA) is None
    [told] = quick.mails()
    assert (told["To"], told["Subject"]) == (ADA, "Papers & Co goes to another address")
    assert "new@example.org" not in text_of(told), "whoever reads the old mailbox need not know the new one"
    assert quick.ask(link(told, "p"))[0] == 200
    assert quick.mails() == []


def test_all_data_can_be_taken_away_and_deleted_for_good(place: Visited, tmp_path: Path) -> None:
    place.papers(1)
    welcome = place.subscribed(topic="attention")
    page = link(welcome, "p")
    data = json.loads(place.ask(f"{page}/data.json")[2])
    assert (data["subscriber"]["email"], data["topics"][0]["query"], len(data["papers"])) == (ADA, "attention", 1)
    assert data["consents"][0]["text"].startswith("You agree that Papers & Co keeps")
    assert "Delete everything" in place.ask(f"{page}/delete")[2]
    assert place.post(f"{page}/delete")[0] == 200
    assert place.person(ADA) is not None
    assert "All of it is deleted" in place.post(f"{page}/delete", do="delete")[2]
    store = place.app.store
    assert "ada@" not in " ".join(rows(place)).lower()  # an id made by chance may have the letters
    assert [place.ask(url)[0] for url in (page, link(welcome, "u"), link(welcome, "f"), link(welcome, "d"))] == [
        404
    ] * 4
    place.post("/subscribe", email=ADA)
    assert place.mails() == []
    (tmp_path / "config" / "subscribers" / "back.toml").write_text(
        LISTED.replace("reader@", "ADA@").replace("reader", "ada")
    )
    from digestbot.app.config_files import load

    place.app.having(load(tmp_path / "config" / "digestbot.toml")).apply_to(store)
    assert place.person("ada") is None
    assert place.mails() == []


def test_a_token_of_one_purpose_opens_no_other_door(quick: Visited) -> None:
    welcome = quick.subscribed()
    tokens = {door: link(welcome, door).split("/")[4] for door in "udp"}
    for door in ("u", "p", "c"):
        for other, token in tokens.items():
            assert quick.ask(f"/{door}/{token}")[0] == (200 if door == other else 404), (door, other)
    forged = tokens["p"][:-1] + ("a" if tokens["p"][-1] != "a" else "b")
    assert quick.post(f"/p/{forged}", **settings())[0] == 404
    assert quick.post(f"/p/{forged}/delete", do="delete")[0] == 404


def test_no_token_and_no_address_stands_in_a_log(quick: Visited, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "digestbot")
    welcome = quick.subscribed()
    page = link(welcome, "p")
    quick.post(page, **settings())
    quick.post(f"{page}/address", email="new@example.org")
    quick.post(f"{page}/delete", do="delete")
    said = caplog.text
    assert "subscribed by the page" in said
    for secret in (ADA, "new@example.org", page.split("/")[4], link(welcome, "u").split("/")[4]):
        assert secret not in said


@pytest.mark.parametrize(("mode", "status"), [("closed", 403), ("invitation", 403)])
def test_a_closed_site_takes_nobody_and_one_by_invitation_who_has_it(tmp_path: Path, mode: str, status: int) -> None:
    with visited(tmp_path, "sqlite", more=f'[signup]\nmode = "{mode}"\n') as place:
        assert place.post("/subscribe", email=ADA)[0] == status
        word = place.app.signup_settings.invitation(int(place.app.clock().timestamp()) // 86_400)
        assert word in place.ask(f"/subscribe?invitation={word}")[2] or mode == "closed"
        assert place.post("/subscribe", email=ADA, invitation=word)[0] == (200 if mode == "invitation" else 403)


SPELLINGS = [
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click", ""),
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click\r\n", ""),
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click\n", ""),
    ("application/x-www-form-urlencoded; charset=utf-8", b"List-Unsubscribe=One-Click", "/"),
    ("application/x-www-form-urlencoded", b"list-unsubscribe=one-click", ""),
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One%2DClick", ""),
    ("text/plain", b"List-Unsubscribe=One-Click", ""),
    ("", b"List-Unsubscribe=One-Click", "/"),
    ("", b"", ""),
    ("application/x-www-form-urlencoded", b"", "/"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n', ""),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--', "/"),
]  # fmt: skip


def test_one_click_is_heard_in_twelve_spellings_at_once_without_cookie_or_redirect(quick: Visited) -> None:
    leave = link(quick.subscribed(), "u")
    for kind, body, slash in SPELLINGS:
        for _ in range(2):
            status, headers, _page = quick.ask(leave + slash, "POST", body, **({"Content-Type": kind} if kind else {}))
            assert (status, "location" in headers, "set-cookie" in headers) == (200, False, False), (kind, body)
            assert quick.person(ADA).status == "left", (kind, body)  # type: ignore[union-attr]  # they are there
        quick.post(leave, resume="1")


def test_a_scanner_that_follows_every_address_of_many_mails_changes_nothing(tmp_path: Path) -> None:
    many = size(3, full=200)
    with visited(tmp_path, "sqlite", more="[signup]\nper_network = 100000\noverall = 100000\n") as place:
        place.papers(1, 2, 3)
        for n in range(many):
            place.post("/subscribe", email=f"a{n}@example.org", topic="attention")
        for asked in all_mails(place):
            place.post(link(asked, "c"), do="yes")
        mails = all_mails(place)
        assert len(mails) == many
        urls = {
            url
            for mail in mails
            for url in re.findall(
                r'http://127\.0\.0\.1:8080[^\s"<>]+', html_of(mail) + text_of(mail) + mail["List-Unsubscribe"]
            )
        }
        assert len(urls) >= many * 9
        before = rows(place)
        for url in urls:
            for method in ("GET", "HEAD"):
                assert place.ask(url, method)[0] == 200, url
        assert rows(place) == before


def all_mails(place: Visited) -> list[EmailMessage]:
    """Of as many rounds as it takes."""
    found: list[EmailMessage] = []
    while some := place.mails():
        found += some
    return found
