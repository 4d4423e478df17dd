"""What meets strangers' text costs in proportion to its length: twice the length, at most 2.6 times the time.

Inputs are built from the patterns themselves. Only ratios on one machine are compared, and a suspicion counts only when
it repeats at growing lengths: a quadratic function shows a factor of four at every length, noise does not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator

import pytest
from hostile_attacks import LIMIT, Attack, Found, attacks, cost, explodes, growth, module_names, patterns
from hostile_calls import MEETING, Work, tolerant

#: Modules with patterns that no stranger's text reaches, or that are tested through another module.
ELSEWHERE = {
    "digestbot.acts.digests.candidates": "reads kinds of items that this program wrote",
    "digestbot.acts.papers.record_events": "its pattern is tested; identifiers are short",
    "digestbot.channels.smtp_wire": "its pattern is tested; a reply has 64 kB at most",
    "digestbot.rules.evaluation.listed_values": "its patterns meet a rule of 400 characters",
    "digestbot.rules.evaluation.mending": "its pattern is tested; a rule of 400 characters",
    "digestbot.rules.evaluation.rewriting": "its patterns meet a rule of 400 characters",
    "digestbot.rules.evaluation.mended_values": "its patterns meet a rule of 400 characters",
    "digestbot.acts.answers.dry_parts": "its pattern is tested; a rule of 2,000 characters",
    "digestbot.acts.people.preferences": "its pattern is tested; the name of a topic, cut before",
    "digestbot.acts.pages.read_editions": "its patterns are tested; a part of a path of some kB, matched as a whole",
    "digestbot.acts.digests.reader_history": "reads kinds of items that this program wrote",
    "digestbot.acts.people.suppressions": "its patterns are tested; a line of the operator's list at a time",
    "digestbot.app.reading": "its patterns are tested; reads the operator's own file",
    "digestbot.mail.policies.spf_macros": "its patterns are tested; a record of DNS has some kB",
    "digestbot.mail.policies.dmarc": "its patterns are tested; a record of DNS has some kB",
    "digestbot.settings.following": "its patterns are tested; reads the operator's own file",
    "digestbot.settings.after_sending": "its patterns are tested; reads the operator's own file",
    "digestbot.transport.imap": "its patterns are tested; lines of the mail server",
    "digestbot.sources.formats.guarded_feedparser": "its patterns are tested; called through the kind `feed`",
    "digestbot.cli.answers.preview": "rewrites a page that this program made",
    "digestbot.cli.setup.exchange": "reads an argument of the command line",
    "digestbot.digest.rendering.addresses": "its pattern is tested; names of topics, from the configuration",
    "digestbot.digest.rendering.page_cards": "its pattern is tested; addresses of papers, which are 2,000 characters at most",
    "digestbot.digest.selection.rhythm": "its pattern is tested; reads the operator's own file",
    "digestbot.digest.rendering.fragments": "reads blanks of templates; private-use characters of strangers are cleaned away",
    "digestbot.digest.rendering.renderer": "its pattern is tested; reads addresses that this program made",
    "digestbot.digest.rendering.template_loader": "reads templates of the operator",
    "digestbot.mail.lint.contrast": "lints style sheets of templates, for `preview --lint`",
    "digestbot.mail.lint.features": "lints style sheets of templates, for `preview --lint`",
    "digestbot.mail.lint.html": "lints pages that this program made, for `preview --lint`",
    "digestbot.mail.lint.message": "lints mails that this program made, for `preview --lint`",
    "digestbot.mail.lint.page": "lints pages that this program made, for `preview --lint`",
    "digestbot.model.paper": "its pattern is tested; it is called through every date",
    "digestbot.papers.facts.assemble": "its pattern is tested",
    "digestbot.papers.identity.pair_features": "its pattern is tested; called for words of titles",
    "digestbot.papers.identity.title_differences": "its patterns are tested; titles are folded words",
    "digestbot.rules.evaluation.suggest": "its pattern is tested",
    "digestbot.rules.language.rule_lint": "its patterns are tested; values of rules",
    "digestbot.rules.words.compounds": "its patterns are tested; values of rules",
    "digestbot.settings.reading": "its patterns are tested",
    "digestbot.settings.writing": "reads the operator's own file",
    "digestbot.sources.formats.items": "its pattern is tested; called for what broke a reader",
    "digestbot.sources.formats.xml_feed": "called through the kind `feed`",
    "digestbot.sources.formats.json_feed": "its pattern is tested; called through the kind `feed`",
    "digestbot.sources.records.oai_record": "called through the kind `oai`",
    "digestbot.sources.records.retraction_watch": "its pattern is tested; cells of a list, each cut before",
    "digestbot.sources.records.pubmed_article": "called through the kind `pubmed`",
    "digestbot.web.frame.edge": "its pattern is tested; a header of some kB",
    "digestbot.web.reading.pages": "its pattern is tested; a part of a path",
    "digestbot.web.people.preference_form": "its patterns are tested; fields of a form of 16 kB",
    "digestbot.sources.values.date_spellings": "called through `dates`",
    "digestbot.sources.values.eastern_dates": "called through `dates`",
    "digestbot.sources.values.poll_windows": "reads this program's own marks",
}
#: Patterns that may cost more than in proportion, each with the bound that stands before it.
BOUNDED = {
    "digestbot.digest.selection.schedule:_AT": "blanks are collapsed before",
    "digestbot.papers.facts.acceptance:": "1,000 characters of a remark, blanks collapsed",
    "digestbot.papers.identity.urls:_DOI_IN_PATH": "a path of 300 characters",
    "digestbot.rules.evaluation.rewriting:": "a rule of 400 characters",
    "digestbot.rules.evaluation.mended_values:": "a rule of 400 characters",
    "digestbot.rules.evaluation.listed_values:": "a rule of 400 characters",
    "digestbot.sources.formats.furniture:_BARS": "the attributes of a tag are cut before",
    "digestbot.sources.formats.detect:_JSON": "matched at the beginning of 4,096 bytes",
    "digestbot.sources.formats.publisher_feeds:_PLACES": "a line of 400 characters",
    "digestbot.sources.formats.publisher_feeds:_TAILS": "a line of some hundred characters",
    "digestbot.sources.records.arxiv_paper:_WITHDRAWN": "4,000 characters, blanks collapsed",
    "digestbot.sources.values.date_spellings:": "200 characters, blanks collapsed",
    "digestbot.sources.values.eastern_dates:": "200 characters, blanks collapsed",
    "digestbot.sources.values.dates:": "200 characters, blanks collapsed",
}
#: Held in a table, and only ever matched from the beginning.
MATCHED = (
    "urls:_DOI_BY_HOST",
    "foreign_syntax:SHAPES",
    "title_features:_KIND",
    "publisher_feeds:_HEADING",
    "publisher_feeds:_BEFORE_TITLE",
    "publisher_feeds:_EASTERN_ABSTRACT",
)
#: feedparser itself is not linear; replies are read in a process that is limited (test_parse_pool.py).
CONTAINED = "digestbot.sources.kinds.feed"
TOKENS = (
    *'aA1 \n<>&"\'$\\{}^_`-*()[].,;:/\x00~|@#%+?é中', "</", "<a ", "<p>", "</p>", "<!--", "<![CDATA[", "]]>", "<math>", "<sub>",
    "&amp;", "&#", "&#1;", "&lt;", '="', "\\frac{", "``", "--", "**", "http://a", "10.1234/", "a@a", "\u200c", " and ", "et al",
)  # fmt: skip

MODULES = module_names()


def _tested(name: str) -> Iterator[Found]:
    for found in patterns(name):
        if not any(found.where.startswith(known) for known in BOUNDED):
            yield Found(found.where, found.pattern, found.anchored or found.where.endswith(MATCHED))


def _suspicious(work: Work, attack: Attack) -> bool:
    """What is cheap is no suspicion; of long repetitions, which are few in a text, more is needed to tell."""
    if cost(work, attack.text(4000), 1) > 0.002:
        return True
    return len(attack.repeated) > 3 and cost(work, attack.text(16_000), 1) > 0.006


def _superlinear(work: Work, given: Iterable[Attack]) -> list[str]:
    return [f"{tuple(attack)!r}: {said}" for attack in given if (said := _verdict(work, attack))]


def _verdict(work: Work, attack: Attack) -> str:
    if explodes(work, attack):
        return "exponential"
    if not _suspicious(work, attack):
        return ""
    ratios: list[float] = []
    while len(ratios) < 3:  # beside much other work a measurement may be wrong as a whole, seldom three of them
        ratios.append(growth(work, attack))
        if ratios[-1] < LIMIT:
            return ""
    return f"{min(ratios):.1f}"


def _some(given: list[Attack], most: int, name: str) -> list[Attack]:
    return given if len(given) <= most else random.Random(name).sample(given, most)


def _by_hand() -> list[Attack]:
    return [Attack(begin, token, end) for begin in ("", *TOKENS) for token in TOKENS for end in ("", "<")]


def _on_functions(name: str, most: int) -> list[str]:
    own = list(dict.fromkeys(a for found in patterns(name) for a in attacks(found.pattern)))
    given = [*_some(own, most, name), *_some(_by_hand(), most, name)]
    return [
        f"{name} #{n}: {said}" for n, work in enumerate(MEETING[name]) for said in _superlinear(tolerant(work), given)
    ]


def test_every_module_that_holds_a_pattern_is_called_or_says_why_it_is_not() -> None:
    holding = {name for name in MODULES if patterns(name)}
    assert sorted(holding - MEETING.keys() - ELSEWHERE.keys()) == [], "add it to hostile_calls.MEETING"
    assert sorted((MEETING.keys() | ELSEWHERE.keys()) - set(MODULES)) == [], "these modules are gone"
    assert not MEETING.keys() & ELSEWHERE.keys()


def test_each_bound_names_a_pattern_that_is_there() -> None:
    places = [found.where for name in MODULES for found in patterns(name)]
    assert not [known for known in BOUNDED if not any(place.startswith(known) for place in places)]


def test_the_measure_tells_a_quadratic_pattern_from_a_linear_one() -> None:
    quadratic = Found("", re.compile(r"\s+x"), False)
    linear = Found("", re.compile(r"(?<!\s)\s++x"), False)
    found = (_superlinear(quadratic.run, [Attack("", " ", "a")]) for _ in range(5))
    assert any(found), "one measurement beside much other work may miss it"
    assert not _superlinear(linear.run, [Attack("", " ", "a")])


@pytest.mark.parametrize(
    "pattern",
    [
        r"[^\W\d_](?:\[?\d{1,3}(?:\s?[,;]\s?\d{1,3})*\]?|[*†‡]|\s)+\Z",  # labels behind a name, once
        r"PMID:\s*\d+(?:\s*\|\s*(?:PMC|DOI):\s*\S+)*",  # the end of an item of PubMed, once
        r"(?:a|ab?)+\Z",
        pytest.param(r".*x(?:\w+\s?)*y", marks=pytest.mark.full),  # takes five seconds: .ci/run tries it
    ],
)
def test_the_attacks_find_what_is_exponential(pattern: str) -> None:
    found = Found("", re.compile(pattern), True)
    assert any(explodes(found.run, attack) for attack in attacks(found.pattern))


@pytest.mark.full
@pytest.mark.parametrize("name", MODULES)
def test_no_pattern_of_a_module_is_exponential(name: str) -> None:
    given = [(f, a) for f in patterns(name) for a in _some(attacks(f.pattern), 60, f.where)]
    assert not [(f.where, tuple(a)) for f, a in given if explodes(f.run, a)]


@pytest.mark.parametrize("name", MODULES)
def test_the_patterns_of_a_module_are_linear(name: str) -> None:
    tested = list(_tested(name))
    assert not [
        f"{f.where} {said}" for f in tested for said in _superlinear(f.run, _some(attacks(f.pattern), 3, f.where))
    ]


@pytest.mark.growth
@pytest.mark.parametrize("name", MODULES)
def test_the_patterns_of_a_module_are_linear_on_all_inputs(name: str) -> None:
    assert not [f"{f.where} {said}" for f in _tested(name) for said in _superlinear(f.run, attacks(f.pattern))]


@pytest.mark.parametrize("name", sorted(MEETING.keys() - {CONTAINED}))
def test_a_function_that_meets_strangers_is_linear(name: str) -> None:
    assert not _on_functions(name, 2)


@pytest.mark.growth
@pytest.mark.parametrize("name", sorted(MEETING.keys() - {CONTAINED}))
def test_a_function_that_meets_strangers_is_linear_on_many_inputs(name: str) -> None:
    assert not _on_functions(name, 80)
