"""Quiet reasons: why a slot brings no paper, as a value of `Silence` and as a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.model import Digest, PolledSource, Silence, State

MOST_NAMED = 4  #: sources in a sentence


def silence(considered: int, polled: Sequence[PolledSource]) -> Silence:
    """The reason of an empty slot. `considered` is the number of papers that were new for it."""
    if considered:
        return Silence.NO_MATCH
    if all(source.state == "never" for source in polled):
        return Silence.NOT_POLLED
    if any(source.state == "failing" for source in polled):
        return Silence.SOURCE_FAILING
    if any(source.state == "quiet" and source.note for source in polled):
        return Silence.SOURCE_QUIET
    return Silence.NOTHING_NEW


def silence_of(digest: Digest) -> Silence:
    """The reason of a digest without papers."""
    return Silence.WAITS if digest.waits else silence(digest.considered, digest.polled)


def sentence(why: Silence, considered: int, polled: Sequence[PolledSource]) -> str:
    """The reason in words: `412 new papers came, none matched.`"""
    failing = [source for source in polled if source.state == "failing"]
    unread = f" {_names(failing)} could not be read." if failing else ""
    match why:
        case Silence.NO_MATCH:
            came = "1 new paper" if considered == 1 else f"{considered:,} new papers"
            return f"{came} came, none matched.{unread}"
        case Silence.SOURCE_FAILING:
            return f"No new paper came.{unread}"
        case Silence.SOURCE_QUIET:
            quiet = next(s for s in polled if s.state == "quiet" and s.note)
            return f"No new paper came. {quiet.name}: {quiet.note}."
        case _:
            return WORDS[why]


def _names(sources: Sequence[PolledSource]) -> str:
    names = [source.name for source in sources]
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} others"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


WORDS = {
    Silence.NO_MATCH: "New papers came, none matched.",
    Silence.NOTHING_NEW: "No new paper came; every source answered.",
    Silence.SOURCE_QUIET: "No new paper came, as is usual on this day.",
    Silence.SOURCE_FAILING: "No new paper came; a source could not be read.",
    Silence.NOT_POLLED: "No source has been polled yet.",
    Silence.WAITS: "What they follow comes weekly or monthly, and not in this digest.",
    Silence.PAUSED: "Paused.",
    Silence.LEFT: "They unsubscribed.",
    Silence.FEED: "They chose to get no mails; it is in their feed.",
    Silence.SUPPRESSED: "The address must not be mailed.",
    Silence.COVERED: "Covered by a later digest.",
    Silence.QUEUED: "Composed, and waits to be sent.",
    Silence.DEFERRED: "Composed; the mail server did not take it yet and is asked again.",
    Silence.REFUSED: "Composed; the mail server refused it. Its papers come with the next digest.",
    Silence.HELD: "Handed over, but no answer came; a person has to decide.",
    Silence.UNKNOWN: "Handed over, but no answer came; it is sent once more.",
    Silence.EXPIRED: "Could not be sent in time; its papers come with the next digest.",
    Silence.CANCELLED: "Taken out of the outbox; its papers come with the next digest.",
    Silence.NOT_YET: "The first digest is still to come.",
    Silence.FAILED: "It could not be composed.",
}  #: each reason in plain words

#: what a delivery's state makes of a slot; None: the mail arrived
AFTER = {
    State.SENT: None,
    State.PENDING: Silence.QUEUED,
    State.CLAIMED: Silence.QUEUED,
    State.COMMITTING: Silence.QUEUED,
    State.DEFERRED: Silence.DEFERRED,
    State.REFUSED: Silence.REFUSED,
    State.UNKNOWN: Silence.UNKNOWN,
    State.EXPIRED: Silence.EXPIRED,
    State.CANCELLED: Silence.CANCELLED,
    State.SUPPRESSED: Silence.SUPPRESSED,
}
