"""Which entries are one paper. Three answers: same, different, perhaps the same; only SAME joins.

A shared identifier decides, and text never overrides it: a wrong merge hides a paper and is worse than a repeat.
A post that has none has its page (`papers.identity.page_urls`).
Where no identifier speaks, words do (`papers.identity.similarity`), among the few candidates that blocking finds.
`cluster` and the incremental path of `acts.papers.resolve`, share
`compare_records` and `decide`.

A group is what identifiers tie together; a paper is one group, or several that words have joined. Identifiers that two
groups must not share (two arXiv ids) keep them apart whatever their words say.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from digestbot.memo import once
from digestbot.model import Entry, Paper
from digestbot.papers.identity.hard_limits import Answer
from digestbot.papers.identity.identifiers import is_no_paper_doi, is_preprint_doi, known_ids, normal, scheme_value
from digestbot.papers.identity.page_urls import feed_guid, host_of, normalize_page_url
from digestbot.papers.identity.reissues import named_reissue_keys, reissue_keys
from digestbot.papers.identity.similarity import compare_titles, no_person_in_common, say_other_things, titled_alike
from digestbot.papers.identity.title_features import TitleFeatures, features_of
from digestbot.papers.text.clean import clean

T = TypeVar("T", bound=Hashable)
Identifier = tuple[str, str]  #: (scheme, value)

#: schemes whose value names one paper, in the order in which we name them to people
SCHEMES: Final[Mapping[str, str]] = {
    "arxiv": "arXiv id", "doi": "DOI", "pmid": "PMID", "pmcid": "PMC id", "acl": "ACL id", "openreview": "OpenReview id",
    "iacr": "ePrint number", "hal": "HAL id", "dblp": "DBLP key", "zbmath": "zbMATH number", "epmc": "Europe PMC id", "osf": "OSF id",
    "zotero": "Zotero item",
}  # fmt: skip
#: of these a work may have several (one for each version, library or way of numbering): they join, and never part
SEVERAL: Final = frozenset({"hal", "dblp", "zbmath", "epmc", "zotero", "osf"})
#: of an entry that none of them names: its own page, that with the name its feed gives it, and what a source brings again
#: under another name (`papers.identity.reissues`). They name no work for sure: a page may list many, and a feed give all
#: the same name; and that it is one of a series (`papers.identity.series`), whose words say nothing
PAGE, POST, REISSUE, SERIES = "page", "post", "reissue", "series"
PLACES: Final = (POST, PAGE, REISSUE, SERIES)


@dataclass(frozen=True)
class Record:
    """The facts of an entry, a group or a paper that identity depends on."""

    identifiers: tuple[Identifier, ...]  #: of SCHEMES, or a page and a post; a work may have two of one scheme
    texts: tuple[TitleFeatures, ...] = ()  #: different words for it: a preprint's and a journal's title

    @once
    def by_scheme(self) -> Mapping[str, frozenset[str]]:
        """Its identifiers by scheme; DOIs of preprints and of journals are separate schemes."""
        found: dict[str, set[str]] = {}
        for scheme, value in self.identifiers:
            kind = "preprint" if scheme == "doi" and is_preprint_doi(value) else scheme
            found.setdefault(kind, set()).add(value)
        return {kind: frozenset(values) for kind, values in found.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one comparison, with its reason for people."""

    answer: Answer
    reason: str
    by_identifier: bool = False
    contested: bool = False  #: one text of the paper says so, and another one's abstract denies it


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """The known papers that a new record joins, and those that are perhaps the same."""

    join: tuple[T, ...] = ()  #: several: it ties together what was thought to be different papers
    reason: str = ""
    by_identifier: bool = False
    perhaps: tuple[tuple[T, str], ...] = ()  #: with the reason of each
    #: a paper that words had made of several works, one of which is the new record's: to be looked at again
    contested: tuple[T, ...] = ()


def record(thing: Entry | Paper, source: str = "") -> Record:
    """The facts of an entry or a paper. `source` is who brought it: what one source brings twice is known by it."""
    words = _features(thing, thing.summary)
    ids = [(scheme, value) for scheme, value in known_ids(thing) if scheme in SCHEMES]
    again = named_reissue_keys(thing, words, source) if ids else reissue_keys(thing, words, source)
    ids = [*(ids or _own_page(thing, source)), *((REISSUE, key) for key in again)]
    return Record(tuple(sorted(ids, key=_by_rank)), (words,) if words.title else ())


def reissues(entry: Entry, source: str) -> list[Identifier]:
    """Those of its `record` that tell when the source brings it once more; [] where an identifier names it."""
    if any(scheme in SCHEMES for scheme, _ in known_ids(entry)):
        return []
    return [(REISSUE, key) for key in sorted(reissue_keys(entry, _features(entry, ""), source))]


def _features(thing: Entry | Paper, summary: str) -> TitleFeatures:
    date = thing.published or thing.announced
    return features_of(thing.title, thing.authors, int(date.text[:4]) if date else None, thing.venue, summary)


def _own_page(thing: Entry | Paper, source: str) -> list[Identifier]:
    own = normalize_page_url(thing.link)
    if isinstance(thing, Entry) and thing.serial:
        return [(SERIES, f"{source} {thing.native_key}")]
    given = feed_guid(own, thing.native_key) if own and isinstance(thing, Entry) else ""
    return [*([(POST, f"{own} {given}")] if given else []), *([(PAGE, own)] if own else [])]


_LONG = 1000  #: letters of a text that says something of its own
_FEW_WORKS = 3


def mentioned_works(entry: Entry) -> tuple[Identifier, ...]:
    """Returns the works that an entry without an own identifier mentions; the entry counts as a source of each."""
    if known_ids(entry):
        return ()
    named = (normal(dict([pair])) for pair in map(scheme_value, entry.mentions) if pair)
    found = (
        (scheme, value)
        for some in named
        for scheme, value in some.items()
        if scheme in SCHEMES and not (scheme == "doi" and is_no_paper_doi(value))
    )
    return tuple(dict.fromkeys(found))


def is_a_work(entry: Entry) -> bool:
    """Is it a paper itself? A post about one to three papers is not; a long one about more is an overview of its own."""
    works = mentioned_works(entry)
    return not works or (len(works) > _FEW_WORKS and len(clean(entry.summary)) >= _LONG)


def _by_rank(identifier: Identifier) -> tuple[int, str]:
    return _RANKS[identifier[0]], identifier[1]


_RANKS: Final = {scheme: rank for rank, scheme in enumerate((*SCHEMES, *PLACES))}


def merge_records(first: Record, second: Record) -> Record:
    """Returns the union of two records of one paper."""
    ids = dict.fromkeys((*first.identifiers, *second.identifiers))
    return Record(tuple(sorted(ids, key=_by_rank)), tuple(dict.fromkeys((*first.texts, *second.texts))))


def merge_all(records: Iterable[Record]) -> Record:
    """Returns the union of at least one record of one paper."""
    first, *rest = records
    for other in rest:
        first = merge_records(first, other)
    return first


def conflicting_scheme(mine: Record, theirs: Record) -> str:
    """The scheme by which the two are different works; "" when none says so."""
    a, b = mine.by_scheme, theirs.by_scheme
    kinds = (kind for kind in (*SCHEMES, "preprint") if kind not in SEVERAL)
    return next((kind for kind in kinds if kind in a and kind in b and not a[kind] & b[kind]), "")


def compare_records(new: Record, old: Record) -> Verdict:
    """Compare two records: identifiers first, then reissues, pages and words."""
    shared = frozenset(new.identifiers) & frozenset(old.identifiers)
    if sure := [identifier for identifier in shared if identifier[0] not in PLACES]:
        return Verdict(Answer.SAME, f"same {SCHEMES[min(sure, key=_by_rank)[0]]}", by_identifier=True)
    verdict = (
        _compare_reissues(new, old) or _compare_series(new, old) or _compare_pages(new, old) or _compare_words(new, old)
    )
    if verdict.answer is Answer.DIFFERENT:
        return verdict
    apart = obstacle_to_joining(new, old)
    if apart in _MAY_DIFFER:
        return Verdict(Answer.PERHAPS, f"{verdict.reason}, different DOI")
    return Verdict(Answer.DIFFERENT, f"different {SCHEMES[apart]}") if apart else verdict


_MAY_DIFFER: Final = ("doi", "preprint", "copy")  #: one work may have two DOIs, though nobody has said so


def obstacle_to_joining(mine: Record, theirs: Record) -> str:
    """Why words may not join the two: the scheme by which they are different works, or "copy". "" when they may."""
    return conflicting_scheme(mine, theirs) or ("copy" if _two_dois(mine, theirs) else "")


def _two_dois(new: Record, old: Record) -> bool:
    """A preprint's DOI and a journal's: most often one work, but nobody has said so."""
    kinds = {kind for record in (new, old) for kind in record.by_scheme if kind in ("doi", "preprint")}
    return len(kinds) > 1 and all({"doi", "preprint"} & record.by_scheme.keys() for record in (new, old))


def _compare_reissues(new: Record, old: Record) -> Verdict | None:
    """One source brings the same entry with another address, guid, date or title; None where nothing says so."""
    mine, theirs = (record.by_scheme.get(REISSUE, frozenset[str]()) for record in (new, old))
    if mine.isdisjoint(theirs) or (_is_named(new) and _is_named(old)):
        return None
    pairs = [(a, b) for a in new.texts for b in old.texts]  # none where the titles are too unlike to be looked at
    if pairs and all(no_person_in_common(a, b) for a, b in pairs):
        return None
    return Verdict(Answer.SAME, "brought before by the same source")


def _compare_series(new: Record, old: Record) -> Verdict | None:
    """One of a series is what names it, whatever its words say; None where neither is."""
    if SERIES not in new.by_scheme and SERIES not in old.by_scheme:
        return None
    return Verdict(Answer.DIFFERENT, "one of several of its title")


def _is_named(some: Record) -> bool:
    return any(scheme in SCHEMES for scheme, _ in some.identifiers)


_SAYS_LITTLE = 6  #: words of a title


def _compare_pages(new: Record, old: Record) -> Verdict | None:
    """Compare the pages of entries without identifiers; None where words have to decide.

    On one page there is one work of a title; but where a feed gives two entries other names, or they stand on two pages of
    one place, a title that says little comes again: `Weekly links`.
    """
    here, there = (record.by_scheme.get(PAGE, frozenset[str]()) for record in (new, old))
    if not all((here, there, new.texts, old.texts)):
        return None
    if _other_posts(new, old) and not _hosts(here).isdisjoint(_hosts(there)) and _says_little(new, old):
        return Verdict(Answer.DIFFERENT, "another post of the same place")
    if here.isdisjoint(there):
        return None
    if any(titled_alike(a, b) for a in new.texts for b in old.texts):
        return Verdict(Answer.SAME, "same page")
    one_post = not new.by_scheme.get(POST, frozenset[str]()).isdisjoint(old.by_scheme.get(POST, frozenset[str]()))
    return Verdict(Answer.PERHAPS, "same page, another title") if one_post else None


def _other_posts(new: Record, old: Record) -> bool:
    """No name that a feed gives is common to both, and they stand on two pages or both have such a name."""
    mine, theirs = (record.by_scheme.get(POST, frozenset[str]()) for record in (new, old))
    if not set(map(_given, mine)).isdisjoint(map(_given, theirs)):
        return False
    return new.by_scheme[PAGE].isdisjoint(old.by_scheme[PAGE]) or bool(mine and theirs)


def _hosts(pages: Iterable[str]) -> set[str]:
    return set(map(host_of, pages))


def _given(post: str) -> str:
    return post.partition(" ")[2]


def _says_little(new: Record, old: Record) -> bool:
    """Is a title too short, or without authors, to prove that two posts of one site are the same work?"""
    texts = (*new.texts, *old.texts)
    return any(len(text.words) <= _SAYS_LITTLE or text.recurring or not text.surnames for text in texts)


def _compare_words(new: Record, old: Record) -> Verdict:
    """Returns the most favourable comparison of any two of their texts."""
    best = Verdict(Answer.DIFFERENT, "no identifier in common, and other titles")
    for mine in new.texts:
        for theirs in old.texts:
            answer, reason = compare_titles(mine, theirs)
            if answer is Answer.SAME and len(new.texts) + len(old.texts) > 2 and say_other_things(new.texts, old.texts):
                return Verdict(Answer.PERHAPS, f"{reason}, and another abstract", contested=True)
            if answer is Answer.SAME:
                return Verdict(answer, reason)
            if answer is Answer.PERHAPS:
                best = Verdict(answer, reason)
    return best


_HANDFUL = 5  #: of the papers that are perhaps the same as one: who has more has a title that many works have


def decide(new: Record, known: Sequence[tuple[T, Record]]) -> Decision[T]:
    """Where a new record belongs among the candidates its keys found, in whatever order they come.

    What words join is joined only as far as identifiers allow: of several that exclude each other the nearest is taken,
    and of equally near ones a fixed one.
    """
    if not known:  # most are new
        return Decision()
    verdicts = [(name, old, compare_records(new, old)) for name, old in known]
    sure = [one for one in verdicts if one[2].by_identifier]
    whole = merge_all((new, *(old for _, old, _ in sure)))
    home = [(name, verdict) for name, _, verdict in sure]
    perhaps: list[tuple[T, str]] = []
    for name, old, verdict in sorted(filter(_by_words, verdicts), key=lambda one: _distance(new, one[1])):
        objection = _objection(verdict, whole, old, joined=bool(home))
        if objection == "":
            home.append((name, verdict))
            whole = merge_records(whole, old)
        elif objection is not None:
            perhaps.append((name, objection))
    first = home[0][1] if home else Verdict(Answer.DIFFERENT, "")
    contested = () if home else _contested(verdicts)
    joined = tuple(name for name, _ in home)
    return Decision(joined, first.reason, first.by_identifier, tuple(perhaps[:_HANDFUL]), contested)


def _contested(verdicts: Iterable[tuple[T, Record, Verdict]]) -> tuple[T, ...]:
    return tuple(name for name, _, verdict in verdicts if verdict.contested)[:1]


def _objection(verdict: Verdict, whole: Record, old: Record, *, joined: bool) -> str | None:
    """Why a paper that words find is perhaps the same only; "" where it is the same, None where it cannot be.

    `whole` is the new record with what it was `joined` to.
    """
    if verdict.answer is Answer.PERHAPS:
        return verdict.reason
    if joined and say_other_things(whole.texts, old.texts):
        return f"{verdict.reason}, and another abstract"
    apart = obstacle_to_joining(whole, old)
    if apart in _MAY_DIFFER:
        return f"{verdict.reason}, different DOI"
    return None if apart else ""


def _by_words(compared: tuple[T, Record, Verdict]) -> bool:
    return not compared[2].by_identifier and compared[2].answer is not Answer.DIFFERENT


def _distance(new: Record, old: Record) -> tuple[object, ...]:
    """Sort key, nearest first: equal words, an equal title, then the years between them. By content, never by order of arrival."""
    gaps = (abs(a - b) for mine in new.texts for theirs in old.texts for a in mine.years for b in theirs.years)
    other = not set(new.texts) & set(old.texts)
    retitled = {text.squeezed for text in new.texts}.isdisjoint(text.squeezed for text in old.texts)
    return other, retitled, min(gaps, default=0), old.identifiers, sorted(text.number for text in old.texts)


def group_by_identifier(records: Sequence[Record]) -> list[list[int]]:
    """Returns the connected components (union-find) of shared identifiers as lists of positions, whatever the order of
    the records.
    """
    parent = list(range(len(records)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[Identifier, int] = {}
    for at, one in enumerate(records):
        for identifier in one.identifiers:
            if identifier[0] in PLACES:
                continue
            other = root(first.setdefault(identifier, at))
            mine = root(at)
            parent[max(mine, other)] = min(mine, other)
    groups: dict[int, list[int]] = {}
    for at in range(len(records)):
        groups.setdefault(root(at), []).append(at)
    return list(groups.values())
