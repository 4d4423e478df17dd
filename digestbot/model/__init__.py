"""The words: frozen values, one type for each stage a thing is in. No I/O, no behaviour beyond invariants."""

from digestbot.model.digest import (
    BestOf,
    Digest,
    EditionState,
    Fate,
    Grade,
    Item,
    ItemPlace,
    Links,
    Match,
    PolledSource,
    Reason,
    ScorePart,
    Section,
    SectionKind,
    Silence,
    Slot,
    SlotState,
    Span,
    Tally,
)
from digestbot.model.listing import Listing, ListingDay, ListingState
from digestbot.model.mail import (
    Breaker,
    Delivery,
    DeliveryResult,
    Fault,
    Lane,
    Message,
    Outcome,
    Receipt,
    Security,
    State,
)
from digestbot.model.paper import Entry, FrozenMap, Link, Notice, Paper, PaperId, PartialDate
from digestbot.model.people import Subscriber, SubscriberId, Topic, Vote
from digestbot.model.wire import (
    Broken,
    Budget,
    Fetched,
    ParseResult,
    Problem,
    ReadStatus,
    Request,
    Response,
    Secret,
    ServiceLogin,
)

__all__ = [
    "BestOf", "Breaker", "Broken", "Budget", "Delivery", "DeliveryResult", "Digest", "EditionState",
    "Entry", "Fate", "Fault", "Fetched", "FrozenMap",
    "Grade", "Item", "ItemPlace", "Lane", "Link", "Links", "Listing",
    "ListingDay", "ListingState", "Match", "Message", "Notice", "Outcome",
    "Paper", "PaperId", "ParseResult", "PartialDate", "PolledSource", "Problem", "ReadStatus", "Reason", "Receipt",
    "Request", "Response", "ScorePart", "Secret", "Section", "SectionKind", "Security", "ServiceLogin",
    "Silence", "Slot", "SlotState", "Span", "State", "Subscriber", "SubscriberId", "Tally",
    "Topic", "Vote",
]  # fmt: skip
