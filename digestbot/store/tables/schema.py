"""The tables, declared once for SQLite and PostgreSQL. Migrations build exactly these (tested).

Times are BIGINT microseconds since 1970 in UTC; JSON is text that is never queried inside, of entries and papers packed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from digestbot.model.mail import State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime as microseconds; naive values are refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time has no place in the store: {value!r}")
        return (value - EPOCH) // TICK

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """From the database."""
        return None if value is None else EPOCH + value * TICK


#: BIGINT on PostgreSQL; on SQLite only INTEGER PRIMARY KEY counts by itself
Id = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()
#: each database's own full-text index (`store.sql.full_text`): made from the papers, so neither compared nor copied
DERIVED = "fulltext"


class Indexed(IntEnum):
    """How the full text stands to a paper. What FTS5 once knew of a paper it goes on finding it by: it has no copy to take out."""

    WAITS_AGAIN = -1  #: as below, once it is indexed
    WAITS = 0
    ONCE = 1  #: the full text holds the words of its title, abstract and categories, and no others
    AGAIN = 2  #: it holds these, and perhaps some that it had before


WAITING = (Indexed.WAITS, Indexed.WAITS_AGAIN)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _text(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))


sources = Table(
    "sources", metadata,
    Column("name", Text, primary_key=True), _text("kind"), _number("position"), _number("listed"),
    _text("state", "{}"), _text("validators", "{}"), _text("moved", "{}"), Column("status", Text), _number("failures"),
    Column("failing_since", Moment), Column("next_poll", Moment), Column("last_poll", Moment), Column("last_ok", Moment),
    Column("newest", Moment), _text("error"),
)  # fmt: skip
leases = Table(
    "leases", metadata,
    Column("name", Text, primary_key=True), _text("owner"), Column("until", Moment), Column("next_at", Moment),
)  # fmt: skip
responses = Table(
    "responses", metadata,
    Column("source", Text, primary_key=True), Column("sha", Text, primary_key=True), _text("url"), _number("status"),
    _text("headers", "{}"), Column("body", LargeBinary, nullable=False), Column("fetched", Moment, nullable=False),
)  # fmt: skip
polls = Table(
    "polls", metadata,
    _id(), _text("source"), _text("run"), Column("at", Moment, nullable=False), _text("status"), Column("expected", Integer),
    _number("got"), _number("new"), _number("problems"), _text("error"), Index("polls_source_at", "source", "at"),
)  # fmt: skip
entries = Table(
    "entries", metadata,
    _id(), _text("source"), _text("native_key"), _text("content_hash"), _text("sha"), _number("position"),
    Column("first_seen", Moment, nullable=False), Column("data", LargeBinary, nullable=False),
    Column("waiting", Integer, nullable=False, server_default="1"),  # 0: has a paper, or is in quarantine
    _number("old"), Column("home", Id),  # its paper before the last rebuild
    UniqueConstraint("source", "native_key", "content_hash", name="entries_once"),
    Index("entries_waiting", "waiting", "first_seen", "id"), sqlite_autoincrement=True,
)  # fmt: skip
papers = Table(
    "papers", metadata,
    _id(), Column("public_id", Text, nullable=False, unique=True), Column("merged_into", Id), _text("title"),
    Column("version", Integer), Column("first_seen", Moment, nullable=False), Column("data", LargeBinary, nullable=False), _number("old"),
    _number("indexed"), Index("papers_indexed", "indexed", "id"),  # one of `Indexed`
    Index("papers_first_seen", "first_seen"), Index("papers_merged_into", "merged_into"), sqlite_autoincrement=True,
)  # fmt: skip
identifiers = Table(
    "identifiers", metadata,
    Column("scheme", Text, primary_key=True), Column("value", Text, primary_key=True),
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Index("identifiers_paper", "paper"),
)  # fmt: skip
mentions = Table(
    "mentions", metadata,
    Column("entry", Id, ForeignKey("entries.id"), primary_key=True), Column("paper", Id, ForeignKey("papers.id"), primary_key=True),
    _text("reason"), _text("kind", "is"), _text("named"), Index("mentions_paper", "paper"),
)  # fmt: skip
signals = Table(
    "signals", metadata,
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Column("source", Text, primary_key=True),
    Column("kind", Text, primary_key=True), Column("at", Moment, primary_key=True), _number("value"),
)  # fmt: skip
paper_events = Table(
    "paper_events", metadata,
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True), Column("at", Moment, nullable=False), _text("note"),
    Index("paper_events_at", "at"),
)  # fmt: skip
subscribers = Table(
    "subscribers", metadata,
    _id(), Column("ref", Text, nullable=False, unique=True), _text("email"), _text("email_key"), _text("status", "active"),
    Column("paused_until", Moment), _text("schedule"), _text("time_zone"), _text("preferences", "{}"),
    Column("joined", Moment, nullable=False), Column("next_slot", Moment), _number("token_epoch"), _text("origin", "file"),
    _number("feed_epoch"),
    Index("subscribers_next_slot", "next_slot"), Index("subscribers_email_key", "email_key"), sqlite_autoincrement=True,
)  # fmt: skip
topics = Table(
    "topics", metadata,
    _id(), Column("subscriber", Id, ForeignKey("subscribers.id"), nullable=False), _text("name"), _text("query"),
    Column("limit", Integer), _number("position"), Column("valid_from", Moment, nullable=False),
    Column("valid_to", Moment), _number("mute"), Index("topics_subscriber", "subscriber"),
    Column("weight", Float, nullable=False, server_default="1"), _text("best"),
    _text("likes", "[]"), _text("follows", "[]"), Column("threshold", Float, nullable=False, server_default="0.8"),
)  # fmt: skip
suppressions = Table(
    "suppressions", metadata,
    Column("email_hash", Text, primary_key=True), _text("reason"), Column("since", Moment, nullable=False),
    Column("lifted", Moment), Column("until", Moment),  # until: lifted by itself then
)  # fmt: skip
slots = Table(
    "slots", metadata,
    Column("subscriber", Id, ForeignKey("subscribers.id"), primary_key=True), Column("key", Text, primary_key=True),
    Column("due", Moment, nullable=False), _text("state"), _text("covered_by"), _text("reason"), _number("seen"),
    _number("matched"), _number("chosen"), _text("run"), Column("decided", Moment), _text("fates", "{}"),
    Index("slots_subscriber_due", "subscriber", "due"),
)  # fmt: skip
digests = Table(
    "digests", metadata,
    _id(), Column("subscriber", Id, ForeignKey("subscribers.id"), nullable=False), _text("key"),
    Column("composed", Moment, nullable=False), _number("released"), Column("form", LargeBinary, nullable=False),
    UniqueConstraint("subscriber", "key", name="digests_once"), sqlite_autoincrement=True,
)  # fmt: skip
digest_items = Table(
    "digest_items", metadata,
    Column("subscriber", Id, ForeignKey("subscribers.id"), primary_key=True),
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Column("kind", Text, primary_key=True),
    Column("digest", Id, ForeignKey("digests.id"), nullable=False), _number("position"), _text("place", "mail"),
    Column("version", Integer), _text("topic"), Column("at", Moment, nullable=False), Index("digest_items_digest", "digest"),
    Index("digest_items_paper", "paper"),
)  # fmt: skip
editions = Table(
    "editions", metadata,
    Column("day", Text, primary_key=True), _text("state", "open"), Column("closes", Moment, nullable=False),
    Column("updated", Moment, nullable=False), _text("items", "[]"), Index("editions_closes", "closes"),
)  # fmt: skip
deliveries = Table(
    "deliveries", metadata,
    _id(), _text("kind", "digest"), Column("digest", Id, ForeignKey("digests.id")),
    Column("subscriber", Id, ForeignKey("subscribers.id")), _text("address"), _text("address_hash"), _text("state", "pending"),
    _number("attempts"), _number("resends"), _number("falls"), _number("lane", 1),
    Column("next_at", Moment, nullable=False), Column("expires", Moment, nullable=False),
    _text("owner"), Column("lease_until", Moment), Column("message_id", Text, nullable=False, unique=True),
    Column("changed", Moment, nullable=False),
    CheckConstraint(f"state IN ({', '.join(repr(str(s.value)) for s in State)})", name="deliveries_state"),
    Index("deliveries_state_next", "state", "lane", "next_at", "id"), Index("deliveries_digest", "digest"),
    Index("deliveries_subscriber", "subscriber"), sqlite_autoincrement=True,
)  # fmt: skip
receipts = Table(
    "receipts", metadata,
    _id(), Column("delivery", Id, ForeignKey("deliveries.id"), nullable=False), Column("at", Moment, nullable=False),
    _text("outcome"), _text("stage"), Column("code", Integer), _text("enhanced"), _text("text"), _text("fault"),
    Index("receipts_delivery", "delivery"), Index("receipts_at", "at"),
)  # fmt: skip
site_topics = Table(
    "site_topics", metadata,
    _id(), _text("name"), _text("query"), Column("valid_from", Moment, nullable=False), Column("valid_to", Moment),
    sqlite_autoincrement=True,
)  # fmt: skip
#: moments of the whole store with a text: "restored", the last good configuration
marks = Table(
    "marks", metadata, Column("name", Text, primary_key=True), Column("at", Moment, nullable=False), _text("note")
)
tokens = Table(
    "tokens", metadata,
    Column("hash", Text, primary_key=True), _text("purpose"),
    Column("subscriber", Id, ForeignKey("subscribers.id"), nullable=False), Column("digest", Id, ForeignKey("digests.id")),
    Column("made", Moment, nullable=False), Column("revoked", Moment), Index("tokens_subscriber", "subscriber"),
    Index("tokens_digest", "digest"),
)  # fmt: skip
servers = Table(
    "servers",
    metadata,
    Column("name", Text, primary_key=True),
    _number("failures"),
    Column("open_until", Moment),
    _text("fault"),
    _text("text"),
    Column("since", Moment),
    Column("suspect", Id),
)
quarantine = Table(
    "quarantine", metadata,
    _id(), _text("stage"), _text("subject"), _text("source"), Column("entry", Id, ForeignKey("entries.id")),
    Column("paper", Id, ForeignKey("papers.id")), _text("sha"), _number("position"), _text("title"),
    Column("data", LargeBinary), _text("error"), Column("at", Moment, nullable=False),
    Column("last", Moment, nullable=False), Column("tries", Integer, nullable=False, server_default="1"),
    UniqueConstraint("stage", "subject", name="quarantine_once"), sqlite_autoincrement=True,
)  # fmt: skip
enrichments = Table(
    "enrichments", metadata,
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Column("provider", Text, primary_key=True),
    _text("state"), _number("tries"), Column("next_at", Moment, nullable=False), Column("asked", Moment),
    Index("enrichments_due", "provider", "state", "next_at"),
)  # fmt: skip
votes = Table(
    "votes", metadata,
    Column("subscriber", Id, ForeignKey("subscribers.id"), primary_key=True),
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), Column("value", Integer, nullable=False),
    Column("at", Moment, nullable=False), _text("via"), Index("votes_paper", "paper"),
)  # fmt: skip
namesakes = Table(
    "namesakes", metadata,
    Column("subscriber", Id, ForeignKey("subscribers.id"), primary_key=True), Column("person", Text, primary_key=True),
    Column("paper", Id, ForeignKey("papers.id"), primary_key=True), _number("same"), Column("at", Moment, nullable=False),
    Index("namesakes_paper", "paper"),
)  # fmt: skip
listings = Table(
    "listings", metadata,
    Column("source", Text, primary_key=True), Column("part", Text, primary_key=True), Column("day", Text, primary_key=True),
    _text("state", "filling"), Column("expected", Integer), _text("got", "[]"), _number("equal_polls"),
    Column("changed", Moment), Column("updated", Moment, nullable=False), Column("checked", Moment), _number("tries"),
)  # fmt: skip
returned = Table(
    "returned", metadata,
    Column("key", Text, primary_key=True), Column("at", Moment, nullable=False), _text("kind"), _text("effect"),
    _text("address_hash"), Column("delivery", Id, ForeignKey("deliveries.id")), _text("text"),
    _number("used"),  # 1: a suppression came of it
    Index("returned_address", "address_hash", "at"), Index("returned_at", "at"),
)  # fmt: skip
texts = Table(
    "texts", metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False), Column("paper", Id, ForeignKey("papers.id"), primary_key=True),
    _text("data", "[]"), Index("texts_paper", "paper"),
)  # fmt: skip
blocks = Table(
    "blocks", metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False), Column("text", BigInteger, primary_key=True, autoincrement=False),
    Column("signers", BigInteger, nullable=False, server_default="-1"),  # of the text; -1: anybody
    Index("blocks_text", "text"), sqlite_with_rowid=False,
)  # fmt: skip
decisions = Table(
    "decisions", metadata,
    _id(), _text("kind"), Column("entry_a", Id, ForeignKey("entries.id"), nullable=False),
    Column("entry_b", Id, ForeignKey("entries.id"), nullable=False), _text("reason"), _text("by"),
    Column("at", Moment, nullable=False), Column("undone", Moment), Index("decisions_a", "entry_a"), Index("decisions_b", "entry_b"),
    UniqueConstraint("kind", "entry_a", "entry_b", name="decisions_once"), sqlite_autoincrement=True,
)  # fmt: skip
confirmations = Table(
    "confirmations", metadata,
    _id(), _text("purpose"), Column("nonce", Text, nullable=False, unique=True), Column("token", Text, nullable=False, unique=True),
    _text("address"), _text("address_hash"), _text("network"), Column("subscriber", Id, ForeignKey("subscribers.id")),
    _text("wishes", "{}"), _text("consent"), _text("state", "asked"), Column("at", Moment, nullable=False),
    Column("expires", Moment, nullable=False), Column("delivery", Id, ForeignKey("deliveries.id")),
    Index("confirmations_address", "address_hash", "at"), Index("confirmations_network", "network", "at"),
    Index("confirmations_at", "at"), Index("confirmations_state", "state", "id"), Index("confirmations_delivery", "delivery"),
    sqlite_autoincrement=True,
)  # fmt: skip
consents = Table(
    "consents", metadata,
    _id(), Column("subscriber", Id, ForeignKey("subscribers.id"), nullable=False), Column("at", Moment, nullable=False),
    _text("version"), _text("text"), Index("consents_subscriber", "subscriber"), sqlite_autoincrement=True,
)  # fmt: skip
picks = Table(
    "picks", metadata,
    Column("day", Text, primary_key=True), Column("paper", Id, ForeignKey("papers.id"), primary_key=True),
    _text("by"), _text("why"), Column("at", Moment, nullable=False), Index("picks_paper", "paper"),
)  # fmt: skip
#: what the sentence encoder made of a paper: `ranking.meaning`
vectors = Table(
    "vectors", metadata,
    Column("paper", Id, ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True), _text("encoder"),
    Column("code", LargeBinary, nullable=False),
)  # fmt: skip
