"""Headings: what a mail says around its papers: subject, headline, reason for silence, footer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digestbot.digest.rendering.cards import short
from digestbot.digest.rendering.catalog import Catalog
from digestbot.digest.rendering.fragments import escaped
from digestbot.digest.rendering.page_layout import Layout, Part
from digestbot.digest.rendering.text_layout import right, wrap
from digestbot.digest.selection.quiet_reasons import MOST_NAMED, silence_of
from digestbot.digest.selection.schedule import Schedule
from digestbot.memo import remembered
from digestbot.model import BestOf, Digest, Grade, PolledSource, Section, SectionKind, Silence

TITLE_ROOM = 200  #: characters of a topic's name, and of the site's
RULE_ROOM = 400  #: characters of a rule under its heading
SUBJECT_ROOM = 44  #: characters for the topics' names: what a phone shows of a subject, less count and date
BEST_ROOM = 60  #: characters for the topics' names and the title of the best paper; a longer title is left out
MOST_POLLED = 12  #: lines of the footer's account: two hundred would leave no room for papers


LONGEST_UNBROKEN = 23  #: characters of a hyphenated word that stays on one line


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over the cards of a section."""

    kind: str  #: a section's, or `best`
    title: str
    note: str  #: a rule, or a sentence of ours
    count: str  #: `3 papers`
    edit_label: str

    @classmethod
    def of(cls, part: Part, words: Catalog) -> Heading:
        """The heading of a part of a mail."""
        title, note = titled(part.section, words)
        kind = "best" if part.section.best else part.section.kind
        return cls(kind, title, note, words.count("papers", len(part.cards)), words.say("edit_label", topic=title))

    def html(self, unbroken: str) -> dict[str, str]:
        """Its texts, escaped. `unbroken` is the style of a hyphenated word of a rule."""
        rule = escaped(self.note)
        if self.kind == SectionKind.TOPIC and "-" in rule:
            rule = " ".join([_unbroken(word, unbroken) for word in self.note.split(" ")])
        return {"title": escaped(self.title), "rule": rule, "edit_label": escaped(self.edit_label)}

    def text(self) -> dict[str, str]:
        """Its texts as lines of plain text."""
        return {"heading": right(self.title.upper(), self.count), "rule": wrap(self.note) if self.note else ""}


def _unbroken(word: str, style: str) -> str:
    if "-" in word and len(word) <= LONGEST_UNBROKEN:
        return f'<span style="{style}">{escaped(word)}</span>'
    return escaped(word)


def subject(digest: Digest, layout: Layout, words: Catalog) -> str:
    """`Diffusion: Sparse Attention · 9 papers · Mon 23 Nov`, the best paper's title where there is room for it; of an
    edition the title alone. One line; `mail.header_guard` makes it safe for a header."""
    sections = [part.section for part in layout.parts] or digest.sections
    names, best = _in_short(_with_papers(sections, words), words), _best_title(layout)
    if best and all(section.kind is SectionKind.EDITION for section in sections):
        names, best = short(best, BEST_ROOM), ""
    return _subject(names, best, layout.cards or layout.more, words.day("short", digest.slot.local), words)


@remembered(1024)
def _subject(names: str, best: str, count: int, day: str, words: Catalog) -> str:
    if not count:
        return words.say("subject_quiet", day=day)
    if best and len(names) + len(best) + 2 <= BEST_ROOM:
        names = words.say("subject_best", names=names, title=best)
    made = words.say("subject", names=names, papers=words.count("papers", count), day=day)
    return " ".join(made.split())


def _best_title(layout: Layout) -> str:
    """The title of the paper that stands first, but for news of old ones; "" without one that still stands."""
    named = (SectionKind.TOPIC, SectionKind.EDITION, SectionKind.BEST)
    firsts = (item.paper for part in layout.parts if part.section.kind in named for item in part.cards)
    return next((" ".join(paper.title.split()) for paper in firsts if not paper.standing), "")


def _with_papers(sections: Sequence[Section], words: Catalog) -> list[str]:
    """Titles of the topics that have papers; of the other sections where no topic has any."""
    filled = [s for s in sections if s.items]
    topics = [s for s in filled if s.kind in (SectionKind.TOPIC, SectionKind.EDITION, SectionKind.BEST)]
    return list(dict.fromkeys(_named(s, words) for s in topics or filled))


def _named(section: Section, words: Catalog) -> str:
    """The name of a section without its grade."""
    return titled(replace(section, best=replace(section.best, grade=None)) if section.best else section, words)[0]


def _in_short(names: Sequence[str], words: Catalog) -> str:
    """A list of names in short: as many as fit, then `and more`."""
    kept: list[str] = []
    for name in names:
        if kept and len(", ".join([*kept, name])) > SUBJECT_ROOM:
            break
        kept.append(name if len(name) <= SUBJECT_ROOM else name[: SUBJECT_ROOM - 1].rstrip() + "…")
    told = ", ".join(kept)
    return words.say("subject_and_more", names=told) if len(kept) < len(names) else told


def titled(section: Section, words: Catalog) -> tuple[str, str]:
    """Title and note of a section: those of a topic are its owner's, the others ours."""
    match section.kind:
        case SectionKind.UPDATES:
            return words.text["updates"], words.text["updates_note"]
        case SectionKind.DISCOVER:
            return words.text["discover"], words.text["discover_note"]
        case SectionKind.TRENDING:
            return words.text["trends"], words.text["trends_note"]
        case SectionKind.TOPIC | SectionKind.BEST if section.best:
            return _best_titled(section.title, section.best, words)
        case _:
            if section.kind is SectionKind.EDITION:
                return words.say("edition_of", day=words.note(section.title)), ""
            return short(section.title, TITLE_ROOM), short(section.note, RULE_ROOM)


def _best_titled(topic: str, best: BestOf, words: Catalog) -> tuple[str, str]:
    """`Diffusion: must read`, and of which papers it is the best: the first part of a list says so."""
    title = short(topic, TITLE_ROOM) or words.text[f"best_{best.span}"]
    note = words.say(f"best_of_{best.span}", places=words.number(best.places), papers=words.count("papers", best.of))
    if best.grade is None:
        return title, note
    graded = words.say(f"grade_{best.grade}", title=title)
    return graded, note if best.grade is Grade.MUST else ""


def headline(digest: Digest, layout: Layout, words: Catalog) -> str:
    """`9 papers for you, out of 412 new`: the papers that have a card; titles alone count where there is no card."""
    count = layout.cards or layout.more
    if not count:
        return words.text["headline_quiet"]
    papers = words.count("papers", count)
    if digest.considered < count:
        return words.say("headline", papers=papers)
    return words.say("headline_of", papers=papers, new=words.number(digest.considered))


def split(layout: Layout, words: Catalog) -> str:
    """`5 in your topics, 1 update, 2 trending, 3 more by title`; "" where the headline says it all."""
    kinds = (
        (SectionKind.TOPIC, "in_topics"),
        (SectionKind.EDITION, "of_the_day"),
        (SectionKind.BEST, "among_the_best"),
        (SectionKind.UPDATES, "updates"),
        (SectionKind.DISCOVER, "discovered"),
        (SectionKind.TRENDING, "trending"),
    )
    counts = (*((key, layout.count(kind)) for kind, key in kinds), ("by_title", len(layout.titles)))
    told = [words.count(key, count) for key, count in counts if count]
    return ", ".join(told) if len(told) > 1 else ""


def preheader(layout: Layout, words: Catalog) -> str:
    """What a mailbox shows beside the subject: the first titles; "" without any."""
    titles = [item.paper.title for part in layout.parts for item in part.cards]
    rest = [words.count("and_more", len(titles) - 3)] if len(titles) > 3 else []
    return " · ".join([*titles[:3], *rest])


def quiet(digest: Digest, words: Catalog) -> str:
    """Why the mail holds no paper: `412 new papers came, none matched.` The same as `quiet_reasons.sentence`,
    translated."""
    failing = [source.name for source in digest.polled if source.state == "failing"]
    unread = [words.say("quiet_unread", sources=_names(failing, words))] if failing else []
    match silence_of(digest):
        case Silence.NO_MATCH:
            came = words.say("quiet_no_match", papers=words.count("new_papers", digest.considered))
            return " ".join([came, *unread])
        case Silence.SOURCE_FAILING:
            return " ".join([words.text["quiet_no_paper"], *unread])
        case Silence.SOURCE_QUIET:
            usual = next(s for s in digest.polled if s.state == "quiet" and s.note)
            return f"{words.text['quiet_no_paper']} {words.say('quiet_source', source=usual.name, note=words.note(usual.note))}"
        case Silence.WAITS:
            return words.text["quiet_waits"]
        case Silence.NOT_POLLED:
            return words.text["quiet_not_polled"]
        case _:
            return words.text["quiet_nothing_new"]


def _names(names: list[str], words: Catalog) -> str:
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], words.count("other_names", len(names) - MOST_NAMED + 1)]
    return f" {words.text['and']} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def polled_sum(digest: Digest, words: Catalog, *, complete: bool) -> str:
    """`6 sources, 412 new papers since your last digest. Everything that matched is in this mail.`"""
    sources, papers = words.count("sources", len(digest.polled)), words.count("new_papers", digest.considered)
    told = words.say("polled_sum", sources=sources, papers=papers)
    return f"{told} {words.text['polled_all']}" if complete and digest.sections else told


def polled(sources: tuple[PolledSource, ...], words: Catalog) -> tuple[PolledSource, ...]:
    """The footer's account in few lines: failing sources first, those with news, the rest together in one line."""
    silent = [s for s in sources if s.state == "ok" and not s.new and not s.sent and not s.note]
    if len(silent) > 1:
        together = PolledSource(ref="", name=words.count("other_sources", len(silent)), state="quiet")
        sources = (*(s for s in sources if s not in silent), together)
    sources = tuple(sorted(sources, key=lambda s: s.state != "failing"))
    if len(sources) <= MOST_POLLED:
        return sources
    ranked = sorted(sources, key=lambda s: (s.state != "failing", -s.sent, -s.new))
    chosen, rest = ranked[: MOST_POLLED - 1], ranked[MOST_POLLED - 1 :]
    failing = sum(s.state == "failing" for s in rest)
    other = PolledSource(
        ref="",
        name=words.count("other_sources", len(rest)),
        new=sum(s.new for s in rest),
        sent=sum(s.sent for s in rest),
        note=words.count("failing_sources", failing) if failing else "",
    )
    order = {source.ref: at for at, source in enumerate(sources)}
    return (*sorted(chosen, key=lambda s: order[s.ref]), other)


def told(source: PolledSource, words: Catalog) -> str:
    """What the footer says of a source beside its counts; "" when there is nothing to say."""
    if source.state == "failing":
        return words.say("failing", note=words.note(source.note)).rstrip()
    return words.note(source.note) or (words.text["nothing_new"] if source.state == "quiet" else "")


def about(digest: Digest, words: Catalog) -> str:
    """`Weekdays at 07:30 (Europe/Berlin), at most 15 papers, for reader@example.org.`"""
    person = digest.subscriber
    when = schedule_words(person.schedule, person.time_zone, words)
    return words.say("about", schedule=when, papers=words.count("papers", person.max_papers), email=person.email)


def coming(digest: Digest, words: Catalog) -> str:
    """`The next digest comes on Tuesday 24 November.`, or today at an hour; "" where none is planned."""
    if digest.next_slot is None:
        return ""
    following = digest.next_slot.local
    if following.date() == digest.composed.astimezone(ZoneInfo(digest.subscriber.time_zone)).date():
        return words.say("next_today", time=f"{following:%H:%M}")
    return words.say("next", day=words.day("long", following))


@remembered(1024)
def schedule_words(schedule: str, zone: str, words: Catalog) -> str:
    """`Weekdays at 07:30 (Europe/Berlin)`; a cron line is shown as it was written."""
    parsed = Schedule.parse(schedule, zone)
    if (wall := parsed.wall()) is None:
        return _capital(words.note(parsed.words()))
    days, time = wall
    named = ", ".join(_day_word(day, words) for day in days)
    return _capital(words.say("schedule", days=named, time=time, zone=zone))


def _day_word(day: str, words: Catalog) -> str:
    """`weekdays`, `mon` in the reader's language; as written when it is neither a group nor the short English name of
    a day."""
    if (group := f"days_{day.lower()}") in words.text:
        return words.text[group]
    short = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return str(words.dates["weekdays_short"][short.index(day.lower())]) if day.lower() in short else day


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def leave_by_mail(digest: Digest) -> str:
    """A mailto that unsubscribes; "" where a page does, or nobody can be written to."""
    if digest.links.leave or not digest.contact:
        return ""
    return f"mailto:{quote(digest.contact, safe='@+.-_')}?subject={quote(leave_words(digest))}"


def leave_words(digest: Digest) -> str:
    """What somebody has to write who leaves by mail."""
    return f"unsubscribe {digest.links.leave_word or digest.subscriber.ref}"


def tongue(words: Catalog) -> dict[str, Any]:
    """What every template knows of the language; `start` and `end` are the sides where lines begin and end."""
    start, end = ("right", "left") if words.direction == "rtl" else ("left", "right")
    return {"t": words.text, "lang": words.language, "dir": words.direction, "start": start, "end": end}


def frame(digest: Digest, words: Catalog) -> dict[str, Any]:
    """What the template of a whole mail knows."""
    moment, site = digest.slot.local, short(digest.site, TITLE_ROOM)
    day = words.day("long", moment)
    return tongue(words) | {
        "site": site, "contact": digest.contact, "day": day, "day_and_year": words.day("long_year", moment),
        "label": words.say("article", site=site, day=day),
        "quiet": words.text["quiet_chosen" if digest.subscriber.when_empty == "send" else "quiet_skipped"],
    }  # fmt: skip
