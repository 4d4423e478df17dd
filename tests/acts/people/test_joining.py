"""Subscribing by a form: what is asked for, what is mailed, what the button does, and that nobody learns of an address."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sizes import size

from digestbot.acts.people.asking import Asked, Asking, Wishes, ask, consent_version, queue_asked
from digestbot.acts.people.form_mails import form_mail_of
from digestbot.acts.people.joining import Outcome, confirm, look
from digestbot.acts.people.sync import leave, pause
from digestbot.acts.site.links import Linker
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.model import Delivery, State, Subscriber, Topic
from digestbot.store import Confirmation
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TestSite

KEY = b"k" * 32
SETTINGS = SignupSettings(
    site="Papers", domain="example.org", zone="Europe/Berlin", rules={"diffusion": "diffusion", "agents": "agents"},
    linker=Linker("https://p.example", lambda: KEY), key=lambda: KEY,
)  # fmt: skip
ADA = "ada@example.org"


@pytest.fixture
def site(store: SqlStore) -> TestSite:
    return TestSite(store, [subscriber()])


def asked(site: TestSite, address: str = ADA, settings: SignupSettings = SETTINGS, **change: Any) -> Asked:
    return ask(site.store, settings, Asking(address=address, **change), now=site.now)


def queued(site: TestSite) -> list[Delivery]:
    queue_asked(site.store, SETTINGS, now=site.now)
    return site.deliveries(State.PENDING)


def tokens(site: TestSite) -> list[str]:
    """Of the links in the mails that wait, oldest first."""
    mails = sorted(queued(site), key=lambda mail: mail.id)
    return [form_mail_of(site.store, SETTINGS, mail).link.rpartition("/")[2] for mail in mails]


def subscribed(site: TestSite, address: str = ADA, **change: Any) -> Subscriber:
    """By the form, the mail and the button."""
    assert asked(site, address, **change) is Asked.TAKEN
    assert confirm(site.store, SETTINGS, tokens(site)[-1], now=site.now) is not None
    return site.person(address)


def all_asked(site: TestSite) -> list[Confirmation]:
    with site.store.reading() as tx:
        return tx.confirmations.asked_confirmations(10_000)


def test_nobody_is_subscribed_before_the_button(site: TestSite) -> None:
    asked(site)
    [token] = tokens(site)
    found = look(site.store, SETTINGS, token, now=site.now)
    assert found is not None
    assert (found.outcome, found.address) == (Outcome.SUBSCRIBE, ADA)
    with site.store.reading() as tx:
        assert tx.people.find_person(ADA) is None


def test_the_button_subscribes_once_with_what_was_chosen_and_what_was_agreed_to(site: TestSite) -> None:
    wishes = Wishes(rhythm="weekly", topics=("diffusion", "unknown"), rule="ti:survey", language="de")
    ada = subscribed(site, wishes=wishes, consent="I agree.")
    assert (ada.origin, ada.schedule, ada.time_zone, ada.language) == ("web", "mon 07:30", "Europe/Berlin", "de")
    assert [(t.name, t.query) for t in ada.topics] == [("diffusion", "@diffusion"), ("ti:survey", "ti:survey")]
    with site.store.reading() as tx:
        [consent] = tx.confirmations.consents_of(ada.stored_id)
    assert (consent.text, consent.version, consent.at) == ("I agree.", consent_version("I agree."), site.now)


def test_the_same_button_again_changes_nothing_and_says_so(site: TestSite) -> None:
    asked(site)
    [token] = tokens(site)
    first = confirm(site.store, SETTINGS, token, now=site.now)
    again = confirm(site.store, SETTINGS, token, now=site.now)
    assert first is not None
    assert again == first
    assert first.outcome is Outcome.SUBSCRIBED


def test_the_first_digest_is_due_at_once_and_comes_even_when_it_is_empty(site: TestSite) -> None:
    site.now = NOW
    ada = subscribed(site)
    report = site.dispatch()
    assert [c.state for c in report.slots if c.subscriber == ada.ref] == ["composed"]


def test_the_first_digest_holds_the_papers_of_the_last_two_days(site: TestSite) -> None:
    site.now = NOW - timedelta(days=4)
    site.papers(1, title="Attention of long ago")
    site.now = NOW - timedelta(days=1)
    site.papers(2, title="Attention of yesterday")
    site.now = NOW
    ada = subscribed(site, wishes=Wishes(rule="attention"))
    [composed] = [c for c in site.dispatch().slots if c.subscriber == ada.ref]
    assert composed.papers == ("2611.00002",)


def test_a_link_holds_two_days(site: TestSite) -> None:
    asked(site)
    [token] = tokens(site)
    late = site.now + timedelta(hours=48)
    assert look(site.store, SETTINGS, token, now=late) is None
    assert confirm(site.store, SETTINGS, token, now=late) is None


def test_a_forged_link_opens_nothing(site: TestSite) -> None:
    asked(site)
    [token] = tokens(site)
    assert confirm(site.store, SETTINGS, token[:-1] + ("a" if token[-1] != "a" else "b"), now=site.now) is None


def test_an_old_link_brings_nobody_back_who_has_left_since(site: TestSite) -> None:
    asked(site)
    [token] = tokens(site)
    confirm(site.store, SETTINGS, token, now=site.now)
    leave(site.store, site.person(ADA), now=site.now)
    assert confirm(site.store, SETTINGS, token, now=site.now) is None
    assert site.person(ADA).status == "left"


def test_who_left_comes_back_by_the_form_with_topics_and_history(site: TestSite) -> None:
    before = subscribed(site, wishes=Wishes(rule="attention"))
    leave(site.store, before, now=site.now)
    site.now += timedelta(days=40)
    again = subscribed(site)
    assert (again.id, again.status, again.suppressed, again.topics) == (before.id, "active", "", before.topics)
    assert again.joined == site.now


def test_who_is_subscribed_already_gets_the_way_to_their_preferences(site: TestSite) -> None:
    subscribed(site)
    asked(site)
    mail = form_mail_of(site.store, SETTINGS, queued(site)[0])
    assert (mail.kind, mail.link.startswith("https://p.example/p/")) == ("known", True)


def test_a_listed_person_who_left_comes_back_by_the_form(site: TestSite) -> None:
    leave(site.store, site.person(), now=site.now)
    back = subscribed(site, "reader@example.org")
    assert (back.ref, back.origin, back.status, back.suppressed) == ("reader", "file", "active", "")


@pytest.mark.parametrize("reason", ["hard bounce: no such user", "complained", "erased", "by hand"])
def test_an_address_that_must_not_be_mailed_is_not_asked(site: TestSite, reason: str) -> None:
    with site.store.transaction() as tx:
        tx.people.suppress_address(ADA, reason=reason, now=site.now)
    assert asked(site) is Asked.TAKEN
    assert queued(site) == []


def statements(site: TestSite, address: str) -> list[str]:
    """What the database is asked while the form is answered."""
    import sqlalchemy as sa

    said: list[str] = []

    def hear(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    sa.event.listen(site.store.engine, "before_cursor_execute", hear)
    try:
        assert asked(site, address) is Asked.TAKEN
    finally:
        sa.event.remove(site.store.engine, "before_cursor_execute", hear)
    return said


def test_the_form_runs_the_same_statements_whoever_the_address_belongs_to(site: TestSite) -> None:
    subscribed(site, "known@example.org")
    leave(site.store, subscribed(site, "left@example.org"), now=site.now)
    with site.store.transaction() as tx:
        tx.people.suppress_address("erased@example.org", reason="erased", now=site.now)
    for _ in range(4):
        asked(site, "often@example.org")
    each = [statements(site, f"{who}@example.org") for who in ("new", "known", "left", "erased", "often")]
    assert each[0]
    assert all(one == each[0] for one in each)


def test_an_address_gets_three_mails_a_day_however_often_it_is_typed(site: TestSite) -> None:
    for _ in range(10):
        assert asked(site) is Asked.TAKEN
    assert len(queued(site)) == 3
    site.now += timedelta(days=1, minutes=1)
    asked(site)
    assert len(queued(site)) == 4


def test_thousands_of_sign_ups_from_one_network_are_twenty(site: TestSite) -> None:
    many = size(200, full=2_500)
    answers = [asked(site, f"a{n}@example.org", client=f"192.0.2.{n % 250}") for n in range(many)]
    assert answers.count(Asked.TAKEN) == 20
    assert answers.count(Asked.TOO_MANY) == many - 20
    assert len(all_asked(site)) == 20
    assert asked(site, "other@example.org", client="198.51.100.7") is Asked.TAKEN


def test_a_network_is_a_24_or_a_48_and_is_kept_as_a_hash(site: TestSite) -> None:
    of = SETTINGS.network_of
    assert of("192.0.2.1") == of("192.0.2.200") == of("::ffff:192.0.2.9") != of("192.0.3.1")
    assert of("2001:db8:1:2::1") == of("2001:db8:1:9::7") != of("2001:db8:2::1")
    assert "192" not in of("192.0.2.1") or len(of("192.0.2.1")) == 32


def test_all_of_them_together_are_limited_too(site: TestSite) -> None:
    few = replace(SETTINGS, overall=5)
    answers = [asked(site, f"a{n}@example.org", few, client=f"10.{n}.0.1") for n in range(9)]
    assert answers.count(Asked.TAKEN) == 5


@pytest.mark.parametrize(
    ("change", "address", "answer"),
    [
        ({"mode": "closed"}, ADA, Asked.CLOSED),
        ({"mode": "invitation"}, ADA, Asked.UNINVITED),
        ({"domains": ("uni.example",)}, ADA, Asked.NOT_HERE),
        ({"domains": ("uni.example",)}, "ada@cs.Uni.example", Asked.TAKEN),
        ({"domains": ("uni.example",)}, "ada@notuni.example", Asked.NOT_HERE),
        ({}, "ada@", Asked.NO_ADDRESS),
        ({}, "ada@example.org\r\nBcc: all@example.org", Asked.NO_ADDRESS),
        ({}, "a b@example.org", Asked.NO_ADDRESS),
    ],
)
def test_who_may_subscribe_is_the_operators_to_say(
    site: TestSite, change: dict[str, Any], address: str, answer: Asked
) -> None:
    assert asked(site, address, replace(SETTINGS, **change)) is answer


def test_an_invitation_holds_to_the_end_of_its_day(site: TestSite) -> None:
    closed, today = replace(SETTINGS, mode="invitation"), int(site.now.timestamp()) // 86_400
    assert asked(site, ADA, closed, invitation=closed.invitation(today)) is Asked.TAKEN
    assert asked(site, ADA, closed, invitation=closed.invitation(today - 1)) is Asked.UNINVITED
    forged = replace(closed, key=lambda: b"x" * 32).invitation(today)
    assert asked(site, ADA, closed, invitation=forged) is Asked.UNINVITED


def test_a_rule_that_cannot_be_read_is_told_at_once(site: TestSite) -> None:
    assert asked(site, wishes=Wishes(rule="(open")) is Asked.NO_RULE


def test_leaving_by_the_site_goes_by_mail_and_answers_everybody_alike(site: TestSite) -> None:
    subscribed(site)
    assert asked(site, purpose="leave") is Asked.TAKEN
    assert asked(site, "nobody@example.org", purpose="leave") is Asked.TAKEN
    mails = queued(site)
    assert [mail.address for mail in mails if form_mail_of(site.store, SETTINGS, mail).kind == "leave"] == [ADA]
    assert len(mails) == 2  # the other one asked ada to subscribe
    found = confirm(site.store, SETTINGS, tokens(site)[-1], now=site.now)
    assert found is not None
    assert found.outcome is Outcome.LEFT
    assert (site.person(ADA).status, site.person(ADA).suppressed) == ("left", "unsubscribed")


def moved(site: TestSite, to: str) -> str:
    """The token of the mail that asks the new address."""
    asked(site, to, purpose="move", subscriber=site.person(ADA).id)
    return tokens(site)[-1]


def test_an_address_changes_when_the_new_one_says_so(site: TestSite) -> None:
    ada = subscribed(site)
    token = moved(site, "new@example.org")
    assert site.person(ADA).id == ada.id
    found = confirm(site.store, SETTINGS, token, now=site.now)
    assert found is not None
    assert found.outcome is Outcome.MOVED
    assert site.person("new@example.org").id == ada.id


def test_nobody_takes_the_address_of_another_subscriber(site: TestSite) -> None:
    ada = subscribed(site)
    asked(site, "reader@example.org", purpose="move", subscriber=ada.id)
    assert [mail.address for mail in queued(site)] == [ADA]
    token = moved(site, "new@example.org")
    asked(site, "new@example.org", client="198.51.100.7")
    other = [t for t in tokens(site) if t != token]
    assert confirm(site.store, SETTINGS, other[-1], now=site.now) is not None
    confirm(site.store, SETTINGS, token, now=site.now)
    assert site.person(ADA).id == ada.id
    assert site.person("new@example.org").id != ada.id


def test_a_pause_stays_when_somebody_fills_the_form_again(site: TestSite) -> None:
    ada = subscribed(site)
    pause(site.store, ada, until=None, now=site.now)
    asked(site)
    assert site.person(ADA).status == "paused"


def test_files_are_read_again_and_again_and_leave_people_of_the_page_alone(site: TestSite) -> None:
    subscribed(site)
    site.people(subscriber())
    site.people()
    assert site.person(ADA).status == "active"


def test_who_is_listed_later_belongs_to_the_file(site: TestSite) -> None:
    ada = subscribed(site)
    site.people(subscriber(), replace(subscriber(), ref="ada", email=ADA, topics=(Topic(name="A", query="a"),)))
    assert (site.person("ada").id, site.person("ada").origin) == (ada.id, "file")
    assert isinstance(site.now, datetime)
