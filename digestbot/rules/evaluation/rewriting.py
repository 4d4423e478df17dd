"""What may have been meant by a rule with a mistake: whole lines, the most likely first. `mending` tries them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import normalize

from digestbot.errors import RuleError
from digestbot.rules.evaluation.listed_values import EXCLUDING, listed
from digestbot.rules.evaluation.mended_values import EVERYTHING, compared_again, values
from digestbot.rules.language.fields import ALIASES, FIELDS, DateField, NumberField
from digestbot.rules.language.foreign_syntax import CALLS
from digestbot.rules.language.foreign_syntax import FIELDS as ELSEWHERE
from digestbot.rules.language.terms import NAMES

_MEANT = "Did you mean "
_OPERATORS = {
    "&&": "",
    "&": "",
    "+": "",
    "||": "OR",
    "|": "OR",
    "/": "OR",
    "!": "NOT",
    "ANDNOT": "AND NOT",
    "AND/OR": "OR",
}
_OPERATORS |= dict.fromkeys(("WITHOUT", "EXCEPT", "EXCLUDE", "EXCLUDING", "BUT", "NOR", "¬"), "NOT")
_OPERATORS |= {"∧": "", "∩": "", "∨": "OR", "∪": "OR"}

_WRITE = re.compile(r"(?:\b[Ww]rite|before the word:) (.+)")
_ENDS = re.compile(r"; |, or |, for |\. | for | without ")
_WORDS = re.compile(r"[^\W_]+")

_FULL_WIDTH = str.maketrans("（）：～＂！＆｜＝＜＞－＊", '():~"!&|=<>-*')
_ROUND = str.maketrans("[]{}", "()()")
_ESCAPED = {"+": " ", "%20": " ", "%22": '"', "%28": "(", "%29": ")", "%2B": "+", "%3A": ":"}
_IN_ADDRESS = re.compile(r"\+|%2[0289B]|%3A")

_ITEM = r'("[^"]*"|[^\s()"]+)'
#: shapes that are replaced where the mistake stands: what people paste from other searches
_HERE: Final = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"(?:''?|[‘’`‚‹「『《〈])([^'‘’`\"「」『』《》〈〉‹›]{1,300})(?:''?|[‘’`›」』》〉])(?!\w)", r'"\1"'),
        (r"[A-Za-z_]{1,20}:(@\S)", r"\1"),
        (r"@ +(\w+)", r"@\1"),
        (r'@(\d{1,3})(?!\S)', r"~\1"),
        (r'([A-Za-z_]{0,20}:?"[^"]*")~\D{0,3}(\d{1,2})(?!\d)[^\s()]*', r"\1~\2"),
        (r'([A-Za-z_]{0,20}:?"[^"]*")~[^\d\s()]+', r"\1"),
        (r'([A-Za-z_]{0,20}:?"[^"]*")\*\*+', r"\1*"),
        (r"(\w{2,})\*\*+\w*", r"\1*"),
        (r"\\(AND|OR|NOT)\b", r"\1"),
        (r"(\w*)\\(\W)\\?(\W?)", r"\1\2\3"),
        (r"au(?:thor)?:([^\s,;()\"]+); *([^\s,;()\"]+)(?!\S)", r"au:(\1 OR \2)"),
        (r"([A-Za-z_]{1,20}:[^\s*()\"]+)\*[^\s()\"]+", r"\1*"),
        (r"([A-Za-z_]{0,20}:?\"[^\"*]*)\*+\"(~\d+)", r'\1"\2'),
        (r"([A-Za-z_]{0,20}:?\"[^\"*]*\w\w\*)\s*([^\"]*)\"", r'\1" \2'),
        (r'([A-Za-z_]{0,20}:?"[^"]*")~(?!\d)', r"\1~5"),
        (r'([A-Za-z_]{0,20}:?"[^"]*")~\d{3,}', r"\1~100"),
        (r"(au(?:thor)?):([^\s,;()\"]+);([^\s,;()\"]+)", r"\1:(\2 OR \3)"),
        (r"[–—−‐‑-] ?(?=\S)|!(?=\S)", "-"),
        (r"-+(?=\S)", "-"),
        (r"(au(?:thor)?):([^\s,;]+)[,;] ?([^\s()]{1,40})", r'\1:"\2, \3"'),
        (r"\*+(\w+)", r"\1"),
        (r"([^\s*?()\"]*\w\w)[*?]\w[^\s()\"]*", r"\1*"),
        (r"(\w)\*(\w*)", r"\1\2"),
        (r"(\w{2,})~\d*(?:\.\d+)?|(\w{2,})\^\d+(?:\.\d+)?", r"\1\2"),
        (r"/(\w{2,})[^/\s]*/", r"\1*"),
        (r'("[^"]*"|\w+)\[[^\]]{1,60}(?:\](?!\w)|$)', r"\1"),
        (r"(?:has:|@)(\w[\w-]*)", r'"\1"'),
        (r"\[(\w[^\[\]]*)\]", r"(\1)"),
        (r"\{(\w[^{}]*)\}", r"(\1)"),
    )
)  # fmt: skip
_DATE = r"((?:19|20)\d\d(?:-\d\d){0,2})(?![\w-])"
#: shapes that are replaced anywhere in the line
_ANYWHERE: Final = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (rf"(?<!\S)from: ?{_DATE}", r"published:>=\1"),
        (rf"(?<!\S)to: ?{_DATE}", r"published:<=\1"),
        (rf"(?:\bpublished )?(?<!\S)(?:between|from) {_DATE} (?:and|to|until|till|-) {_DATE}", r"published:>=\1 published:<=\2"),
        (r"\b([a-z]{1,10}): ?(?:more than|over|above) (\d{1,9})\b", r"\1:>\2"),
        (r"\b([a-z]{1,10}): ?(?:at least|min|minimum) (\d{1,9})\b", r"\1:>=\2"),
        (r"\b([a-z]{1,10}): ?(?:less than|fewer than|under|below) (\d{1,9})\b", r"\1:<\2"),
        (r"\b([a-z]{1,10}): ?(?:at most|up to|max|maximum) (\d{1,9})\b", r"\1:<=\2"),
        (r"\b(ti|title|abs|abstract|au|author|venue|journal|cat|category|src|source|lang|language|aff|affiliation)"
         r" {0,3}= {0,3}(?=[\w\"(])", r"\1:"),
        (rf"(?<!\S)(?i:{'|'.join(sorted(EXCLUDING))}):(?=[\w\"(])", "-"),
        (r"(?<!\S)(?:include|includes|including|with|must|require):(?=[\w\"(])", ""),
        (r"(?<!\S)(?:by|(?:first|last|lead|senior|corresponding)[ _-]?author|firstauth|lastauth):(?=[^\W\d_]|\")", "au:"),
        (r"\Ain:(?:title|ti) +([\w -]{1,200})\Z", r"ti:(\1)"),
        (r"\Ain:(?:abstract|abs) +([\w -]{1,200})\Z", r"abs:(\1)"),
        (r"(\([^()]{1,300}\)) ?\[(?:ti|title)\]", r"ti:\1"),
        (r"(\([^()]{1,300}\)) ?\[(?:au|author)\]", r"au:\1"),
        (r"(\([^()]{1,300}\)) ?\[(?i:tiab|title/abstract|tw|text word|all|all fields|mesh|mesh terms|mh|majr)\]", r"\1"),
        (r"(?<!\S)(?:and or|or and)(?!\S)", "OR"),
        (r"(?<!\S)(\"[^\"]*\"|\w+) XOR (\"[^\"]*\"|\w+)(?!\S)", r"((\1 OR \2) AND NOT (\1 \2))"),
        (r'("[^"]*") +~', r"\1~"),
        (r"[A-Za-z_]{1,20}:\((@[^\s()\"]+)\)", r"\1"),
        (r"(?<!\S)=([A-Za-z_]{1,20}:\([<>])", r"\1"),
        (r"\bauthors:(?=\([\"A-Za-z])", "au:"),
        (r'\b(au|author):("[^"]+")[,;] *("[^"]+")', r"\1:(\2 OR \3)"),
        (r"\ballintitle: *([^()\":]+)$", r"ti:(\1)"),
        (r"\b([A-Za-z]{2,20}) +: ?(?=[^\s:])", r"\1:"),
        (r"(?<![\w.:-])(?:(?:PY|PUBYEAR|year) *[:=] *)?\(?((?:19|20)\d\d) ?(?:\.\.\.?|-|–) ?((?:19|20)\d\d)\)?(?![\w.-])",
         r"published:>=\1 published:<=\2"),
        (r"(?<!\S)(?:PUBYEAR|PY|year) *[:=]? *([<>]=?|AFT|BEF)? *((?:19|20)\d\d)(?!\S)", r"published:\1\2"),
        (r"(?<!\S)([<>]=?)((?:19|20)\d\d(?:-\d\d){0,2})(?!\S)", r"published:\1\2"),
        (r"\b([A-Za-z_]+):([<>]=?[^\s()]+) +([<>]=?[^\s()]+)", r"\1:\2 \1:\3"),
    )
)  # fmt: skip
_NEAR = re.compile(rf"{_ITEM} +(?:NEAR|ADJ|NEXT|WITHIN|ONEAR|AROUND|N|[Ww]|PRE|P) ?[/(]?(\d{{0,3}})\)? +{_ITEM}")
_RANGE = re.compile(r"([A-Za-z_]{1,40}):[\[{(]?\"?([\d*/-]+)\"?,? +(?:TO|to|-) +\"?([\d*/-]+)\"?[\]})]?")
_PERSON = re.compile(r"\s+((?:[^\W\d_a-z][\w.'’-]{0,40} ){1,3}[^\W\d_a-z][\w.'’-]{0,40})(?![\w(])")
_LIST = re.compile(r"[\w\s.,;，；、&'’-]+")
#: what has another field here, or stands in texts only
_HELD_BY: Final = {
    **dict.fromkeys(("orcid", "researcherid"), "who:{}"),
    **dict.fromkeys(("filetype", "filename"), "has:{}"),
    **dict.fromkeys(
        "msc pacs acm jel ccs ipc issn isbn rn volume issue pages publisher co comment note".split(), '"{}"'
    ),
    "url": "code:{}",
}
#: what speaks of mails, orders and lengths, and of no paper
_ORDERS = frozenset("sort limit is size larger cc to older_than itemtype type doctype".split())
_NO_PART = _ORDERS | {"newer_than"}
#: citations are no votes, and a subject is a title in mails and a category elsewhere
_NOTHING: Final = frozenset("citations cites cited citedby citing subject".split())
_DANGLING = re.compile(r"(?:(?<!\S)(?:AND|OR|NOT) )+\Z")
_HANGING = re.compile(r"(?<![\s(])(?:[\s(]++(?:AND|OR|NOT|and|or|not|-))*+[\s(]*+\Z")
_SPACED = re.compile(r" {2,}")


def rewritings(error: RuleError) -> Iterator[str]:
    """Whole lines that may have been meant; the first of them change the least."""
    line, begin, end = error.text, error.position, error.position + max(1, error.length)
    before, at, after = line[:begin], line[begin:end], line[end:]
    if error.what.startswith("more than ") or _is_nothing_here(at, line):  # a limit: nothing is written wrong
        return
    yield from listed(error)
    yield from _unfinished(before, at, after)
    yield from _pasted(line)
    yield from (f"{before}{piece}" for piece in values(error, at, after))
    yield from (f"{before}{piece}" for piece in compared_again(before, at, after))
    yield from (f"{before}{piece}" for become in (_several, _instead) for piece in become(at, after))
    for become in (_operator, _as_call, _joined, _named):
        yield from (f"{before}{piece}" for piece in become(error, at, after))
    yield from (
        f"{before}{pattern.sub(becomes, at + after, count=1)}"
        for pattern, becomes in _HERE
        if pattern.match(at + after)
    )
    yield from _whole_lines(line, begin)
    yield from _closed(error, before, at, after)
    yield from (f"{before}{piece}" for piece in _quoted_or_left_out(error, at, after))


def _is_nothing_here(at: str, line: str) -> bool:
    """What has no like here, or several: which one was meant only the person knows."""
    name, colon, value = at.partition(":")
    if name.strip("= ").lower() in ("from", "to") and colon:
        return re.match(rf"\s*{_DATE}", value or line.partition(at)[2]) is None
    return (bool(colon) and name.strip("= ").lower() in _NOTHING) or line.strip() == "NOT"


def _unfinished(before: str, at: str, after: str) -> Iterator[str]:
    """A line that ends while it is typed: what hangs at its end is left out, and brackets that were open are closed."""
    both = f"{before}{at}{after}"
    kept = _HANGING.sub("", both)
    if (
        both[len(kept) :].strip()
        and kept
        and (at.strip() in ("AND", "OR", "NOT", "and", "or", "not", "(") or not after.strip())
    ):
        yield kept + ")" * max(0, kept.count("(") - kept.count(")"))


def _pasted(line: str) -> Iterator[str]:
    """Ranges, near and years as other searches write them."""
    yield _RANGE.sub(_two_comparisons, line)
    yield _NEAR.sub(_near, line)
    yield from (pattern.sub(becomes, line) for pattern, becomes in _ANYWHERE)


def _named(error: RuleError, at: str, after: str) -> Iterator[str]:
    """What the error proposes: a name, or a term out of the words that stand there."""
    said = error.fix.partition(" Also, at character ")[0]
    if meant := _meant(said):
        _name, colon, rest = at.partition(":")
        yield f"{meant}{rest if colon and meant.endswith(':') else ''}{after}"
        if meant.endswith(":") and after.startswith(":"):
            yield f"{meant}{after[1:]}"
    own = _words_of(error.text) | NAMES | {"and", "or", "not"}
    for written in _proposals(said):
        words = _words_of(written)
        if words <= own or (re.search(r"\dk\b", at) and {w for w in words if not w.isdigit()} <= own):
            value, rest = written.removeprefix(at), after.lstrip()
            if value != written and value and rest.startswith(value):
                yield f"{written}{rest[len(value) :]}"
            yield f"{written}{after}"


def _joined(error: RuleError, at: str, after: str) -> Iterator[str]:
    """A sign that stands apart from what it belongs to, or between a name and a bracket."""
    if "a quotation mark stands behind" in error.what:
        yield re.sub(r'["“”„«»]([^"“”„«»]*)["“”„«»]', r"\1", at + after, count=1)
    if "right behind" in error.what:
        yield from _value_apart(at, after)
    if error.what.startswith("there is no field"):
        name, _, value = at.strip("=").partition(":")
        if value[:1] == '"' and name.lower() not in ELSEWHERE:
            yield f"{value}{after}"
        if "eave it out" in ELSEWHERE.get(name.lower(), ""):
            yield f"{value}{after}" if value else after.lstrip()
    if "a space before the field" in error.fix:
        yield re.sub(r"(-?[A-Za-z_]+:)$", r" \1", at) + after


def _as_call(_error: RuleError, at: str, after: str) -> Iterator[str]:
    """`TI="deep learning"`, `lang=en` and `TITLE-ABS-KEY(cancer)`."""
    name, sign, value = at.partition("=")
    if (call := CALLS.get(name.strip("= ").lower())) is not None:
        field = call.partition(":")[0]
        if value and field in NAMES:
            yield f"{field}:{value}{after}"
        yield f"{field + ':' if call.endswith('( )') else ''}{value}{after}"
        yield f"{value}{after}" if sign else after


def _value_apart(at: str, after: str) -> Iterator[str]:
    """`author: Yann LeCun` and `title: protein`."""
    field = ALIASES.get(at.strip("=:").lower(), at.strip("=:").lower())
    if field == "au" and (name := _PERSON.match(after)):
        yield f'{at}"{name[1]}"{after[name.end() :]}'
    yield f"{at}{after.lstrip()}"


def _operator(error: RuleError, at: str, after: str) -> Iterator[str]:
    if (plain := normalize("NFKC", at).upper()) in ("AND", "OR", "NOT"):
        if plain != "NOT" and error.position == 0:
            yield after.lstrip()
        yield f"{plain}{after}"
    if plain.startswith(("HTTP://", "HTTPS://")):
        yield f"code:{at}{after}"
    if at in _OPERATORS:
        yield f"{_OPERATORS[at]}{after}" if _OPERATORS[at] else after.lstrip()
    both = at.split()
    if len(both) > 1 and {*both} <= {"AND", "OR"}:
        yield f"{both[0]}{after}"
    if "|" in at:
        name, colon, value = at.partition(":") if at.partition(":")[0].lower() in NAMES else ("", "", at)
        yield f"{name}{colon}({' OR '.join(filter(None, value.split('|')))}){after}"


def _whole_lines(line: str, begin: int) -> Iterator[str]:
    """Lines that are written so throughout: full-width signs, addresses, lists with commas."""
    yield line.translate(_FULL_WIDTH)
    yield _IN_ADDRESS.sub(lambda found: _ESCAPED[found[0]], line)
    yield line.translate(_ROUND)
    if re.search("[,;，；、]", line) and _LIST.fullmatch(line):
        yield " OR ".join(
            f'"{part}"' if " " in part else part for part in map(str.strip, re.split("[,;，；、]", line)) if part
        )
    yield line[:begin] + re.sub(r"[,;，；、]+ *(?=\S)", " OR ", line[begin:], count=1)
    yield line[:begin] + re.sub(r"[,;]+", "", line[begin:], count=1)


def _two_comparisons(found: re.Match[str]) -> str:
    name, low, high = found.groups()
    field = FIELDS.get(ALIASES.get(name.lower(), name.lower()))
    name = name if isinstance(field, NumberField | DateField) else "published"
    bounds = [
        (sign, re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", value.replace("/", "-")))
        for sign, value in ((">=", low), ("<=", high))
    ]
    return " ".join(f"{name}:{sign}{value}" for sign, value in bounds if "*" not in value)


def _near(found: re.Match[str]) -> str:
    one, far, other = found.groups()
    return f'"{one.strip(chr(34))} {other.strip(chr(34))}"~{min(int(far or 5), 100)}'


def _closed(error: RuleError, before: str, at: str, after: str) -> Iterator[str]:
    """Brackets and quotation marks that lack their other half, and operators that lack a word."""
    line = error.text
    if "quotation mark is never closed" in error.what:
        yield f'{line}"'
    if "bracket is never closed" in error.what:
        yield f"{line}{')' * max(1, line.count('(') - line.count(')'))}"
    if at in ("(", ")", '"', "()") or at.rstrip("=") == "" or at in ("AND", "OR", "NOT", "-"):
        yield _SPACED.sub(" ", f"{_DANGLING.sub('', before)}{after}").strip()


def _quoted_or_left_out(error: RuleError, at: str, after: str) -> Iterator[str]:
    """In quotation marks everything is plain words; what says nothing here is left out."""
    name, colon, value = at.strip("=").partition(":")
    if "stands inside" in error.what and colon:
        yield f"{value.partition(':')[2] or value}{after}"
    if not any(map(str.isalnum, at)) or (colon and (name.lower() in ELSEWHERE or not value.strip("*"))):
        yield after.lstrip()
    elif at[:1] == "@":
        return
    elif colon and name.lower() in NAMES:
        plain = value.replace('"', " ").replace("*", " ").strip()
        yield f'{name}:"{plain}"{after}'
    else:
        yield '"' + at.replace('"', " ").replace("*", " ").strip() + '"' + after


def _instead(at: str, after: str) -> Iterator[str]:
    """What has another field here, or none, and says something still."""
    name, _, value = at.strip("=").partition(":")
    name, word = name.lower(), value.strip('"*')
    if name in _NO_PART or (name in NAMES and at.endswith("*")):
        yield after.lstrip()
        yield EVERYTHING * (name not in _ORDERS)
    elif name in _HELD_BY and word:
        yield f"{_HELD_BY[name].format(word)}{after}"


def _several(at: str, after: str) -> Iterator[str]:
    """`ti:cancer,lung` and `journal[Nature]`."""
    name, colon, value = at.partition(":")
    parts = [part for part in re.split("[,;]", value) if part]
    if colon and name.lower() in NAMES - {"au", "author"} and len(parts) > 1:
        yield f"{name}:({' OR '.join(parts)}){after}"
    if (tagged := re.match(r"([A-Za-z]+)\[(\w[^\]]{0,60})\]", at + after)) and tagged[1].lower() in NAMES:
        yield f'{tagged[1]}:"{tagged[2]}"{(at + after)[tagged.end() :]}'


def _meant(fix: str) -> str:
    """The name that the error proposes: `ti:`, `@diffusion`, `has:code`; "" where it proposes none."""
    if fix.startswith(_MEANT):
        return fix[len(_MEANT) :].split(" ", maxsplit=1)[0].rstrip("?")
    words = (word.strip("(),;") for word in fix.split())
    return next((word for word in words if word.endswith(":") and word[:-1] in NAMES), "")


def _proposals(fix: str) -> Iterator[str]:
    """What stands behind *write* in an error, as far as it may be a term."""
    for found in _WRITE.finditer(fix):
        said = found[1]
        if "…" not in said:
            yield said.rstrip(".?")
            yield from (said[: end.start()] for end in _ENDS.finditer(said))


def _words_of(text: str) -> set[str]:
    return {word.casefold().lstrip("0") for word in _WORDS.findall(text)} - {""}
