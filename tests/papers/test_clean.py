"""`papers.clean`: LaTeX, HTML and MathML as a person would read them aloud, and no letter lost on the way."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unicodedata import normalize

import pytest
from cost import Cost
from hypothesis import example, given
from hypothesis import strategies as st
from rows import rows

from digestbot.papers import clean
from digestbot.papers.text.clean import RUN_IN, fold, parted_headings
from digestbot.papers.text.latex_symbols import ARGUED, SILENT, STYLES, SYMBOLS

READ = [
    # what other libraries get wrong
    ("a 50% gain & $x^2$", "a 50% gain & x²"),
    ("price $5 and $10", "price $5 and $10"),
    ("$5-$10, US$5 and US$6, ($7)", "$5-$10, US$5 and US$6, ($7)"),
    ("VRAM and $1.61/hour versus 5GB and $0.16/hour", "VRAM and $1.61/hour versus 5GB and $0.16/hour"),
    (r"$O(n\log n)$ and $\log\log n$", "O(n log n) and log log n"),
    # styles, unknown commands, arguments that are no text
    (r"\textbf{Bold \emph{and} $\alpha$} claims", "Bold and α claims"),
    (r"\textcolor{red}{Caution: harmful, a lot}", "Caution: harmful, a lot"),
    (r"\href{https://x.org/a_b}{GitHub}. \url{https://x.org/c\_d}", "GitHub (https://x.org/a_b). https://x.org/c_d"),
    (r"we build \proj, a \textsc{Tool}", "we build proj, a Tool"),
    (r"shown in \cite{four}", "shown in [four]"),
    (r"{\bf Methods: a, b} and {\it in vivo}", "Methods: a, b and in vivo"),
    (r"\begin{itemize}\item one \item two\end{itemize}", "• one • two"),
    # mathematics
    (r"$\Theta_\text{post}$, $\theta_{\max}$, $L_{int}$", "Θ_post, θ_max, L_int"),
    (r"$e^{i\sum_j A_j}$", "e^(i∑ⱼ Aⱼ)"),
    (r"$\tilde{O}(\varepsilon^{-2})$", "Õ(ε⁻²)"),
    (r"$\frac{n+1}{2}$, $\sqrt{n}$, $\sqrt{n+1}$", "(n+1)/2, √n, √(n+1)"),
    (r"$U^\dagger$, $K^{\pm}$, $90^\circ$", "U†, K±, 90°"),
    (r"$1.2^{+0.1}_{-0.2}\times10^{-5}$", "1.2^+0.1_-0.2×10⁻⁵"),
    (r"$\mathbb{F}^n$, $\mathcal{S}$-path", "𝔽ⁿ, S-path"),
    (r"$\left(1+\epsilon\right)$-approximate", "(1+ε)-approximate"),
    (r"a $\sigma $-ideal", "a σ-ideal"),
    (r"$a \not= b$, $x \notin S$", "a ≠ b, x ∉ S"),
    (r"5$^{\text{th}}$/20", "5ᵗʰ/20"),
    (r"\(x \leq y\) and \[z\]", "x ≤ y and z"),
    ("R^2 of 0.9, 10^-5 and 10^43 cm^-3, K^2RAG", "R² of 0.9, 10⁻⁵ and 10⁴³ cm⁻³, K²RAG"),
    ("10^8.5 and 1^+1.4_-0.6 stay", "10^8.5 and 1^+1.4_-0.6 stay"),
    # ties, and tildes that say "about"
    ("Section~3, Fig.~2, Completion~(KGC), of~$X$", "Section 3, Fig. 2, Completion (KGC), of X"),
    ("at z~5 of ~30%, T_eff~3200 K", "at z~5 of ~30%, T_eff~3200 K"),
    ("https://www.edu/~gould/a_b^2 works", "https://www.edu/~gould/a_b^2 works"),
    # accents, quotes, dashes
    (r"L\'eon, Gen{\`e}ve, Nystr\"omformer, \c{c}a, Erd\H{o}s, \v{S}, na\"{\i}ve, \o re, \ss", "Léon, Genève, Nyströmformer, ça, Erdős, Š, naïve, øre, ß"),
    (r"\c{opyright} 2026", "copyright 2026"),
    ("``quoted'' and ''quoted'' and `single'", "“quoted” and “quoted” and ‘single’"),
    ("3--5 days -- and---so", "3–5 days – and—so"),
    ("the flag --lint stays", "the flag --lint stays"),
    ("**Med-R$^3$** and **Med**ical", "Med-R³ and Medical"),
    ("32{,}768 {BERT} {P}sych, {a, b}", "32,768 BERT Psych, {a, b}"),
    # HTML, JATS, MathML
    ("10<sup>-5</sup> H<sub>2</sub>O 5<sup>th</sup>", "10⁻⁵ H₂O 5th"),
    ("M<sub>&odot;</sub> &percnt; &amp;amp; &lt;z", "M⊙ % & <z"),
    ("H & alpha; lines, AT&T; R&D", "H α lines, AT&T; R&D"),
    ("see ?a=1&copy=2&reg=3", "see ?a=1&copy=2&reg=3"),
    ("p<0.05, List<T>, <kernel> + <swi>", "p<0.05, List<T>, <kernel> + <swi>"),
    ("<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title><jats:p>We ask.</jats:p></jats:sec>", "Aims: We ask."),
    ("<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>", "x²"),
    ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac></math>", "(a+b)/c"),
    ("<math><mmultiscripts><mi>Xe</mi><mprescripts/><none/><mn>129</mn></mmultiscripts></math> MRI", "¹²⁹Xe MRI"),
    (r"<tex-math>\documentclass{x}\begin{document}$$\alpha$$\end{document}</tex-math><math><mi>α</mi></math>", "α"),
    (r"\documentclass[12pt]{minimal}\usepackage{amsmath}\begin{document}$$\alpha _2$$\end{document}", "α₂"),
    # preprint servers' own marks
    ("vip1{Delta} ~7.97{+/-}0.6% [&le;]20%", "vip1Δ ~7.97±0.6% ≤20%"),
    ("O_LIFirst.nC_LIO_LISecond.nC_LI", "First. Second."),
    (r"turned by $90^\circ$, at $20^{\circ}$C", "turned by 90°, at 20°C"),
    (r"${\cal N}=4$ and $\Bbb R$", "N=4 and ℝ"),
    (r"$\underset{x}{\min} f(x)$, $\stackrel{d}{=}$", "minₓ f(x), =ᵈ"),
    (r"$a\pmod n$", "a (mod n)"),
    (r"\SI{30}{\kelvin}, \qty{5}{mm}, \num{1e5}, \ce{H2O}", "30 kelvin, 5 mm, 1e5, H2O"),
    (r"$A\to B$, $n\times d$, $p \leq 0.05$, $D^{(*)}$", "A→B, n×d, p ≤ 0.05, D^(*)"),
    (r"$\{x_i\}_{i=1}^n$ and $\{x \mid x>0\}$", "{xᵢ}ᵢ₌₁ⁿ and {x | x>0}"),
    (r"H{\sc i}, C\textsc{iv}, \ion{C}{iv}, A\textsc{lpha}", "H i, C iv, C iv, Alpha"),
    (r"\gls{llm} \cref{sec} \cite[p.~3]{x} \foo{bar} i.e.\@ x", "llm [sec] [x] foo bar i.e. x"),
    ("z$>$6, ($<$1 ms), $-$5 dB", "z>6, (<1 ms), -5 dB"),
    # what only looks like a tag
    ("for all a<b and c>d, 0<a and b>0", "for all a<b and c>d, 0<a and b>0"),
    ("tokens <s> and </s>, the <img> token, List<T>", "tokens <s> and </s>, the <img> token, List<T>"),
    ("On the <style> of writing <!-- code", "On the <style> of writing <!-- code"),
    ("<style>p{}</style>a <!-- b --> c <script>d</script>", "a c"),
    ("<italic>A. thaliana</italic>, <jats:named-content content-type='x'>abc</jats:named-content>.", "A. thaliana, abc."),
    ("<![CDATA[Some <b>bold</b> text]]> after", "Some bold text after"),
    ("<div class='a b' hidden>cut <a href=x.org>link", "cut link"),
    # bioRxiv's
    ("O_ST_ABSBackgroundC_ST_ABSText O_LIaC_LI", "Background Text a"),
    ('x O_FIG O_LINKSMALLFIG WIDTH=200 SRC="a.gif"> View larger C_FIG y', "x y"),
    # what nobody sees
    ("a\u200bb\u202ec\u00add\ufeff \x07e\x00", "abcd e"),
    ("zero\u200dwidth \u200d and 👩\u200d🔬", "zerowidth and 👩\u200d🔬"),
]  # fmt: skip


@rows(("text", "expected"), READ)
def test_text_is_read_as_a_person_would_read_it(text: str, expected: str) -> None:
    assert clean(text) == expected
    assert clean(expected) == expected


def letters(text: str) -> str:
    """Letters and digits, compatibility forms (², 𝔽) as their plain ones."""
    return "".join(c for c in normalize("NFKD", text) if c.isalnum())


def lost(text: str, made: str) -> str:
    """The first letters of the text that do not come, in their order, in what was made of it."""
    rest = iter(letters(made))
    wanted = letters(text)
    at = next((at for at, c in enumerate(wanted) if c not in rest), None)
    return "" if at is None else wanted[at : at + 20]


PLAIN = st.text(alphabet=st.characters(exclude_characters="\\&<", exclude_categories=["C"]), max_size=200)
SIGNS = st.text(alphabet="abx019 \\\\{}{}$$^^__~%#'`\"-*().,;:=/+[]", max_size=60)


@given(PLAIN)
@example("a 50% gain {and} $5^x$ __init__ ~~ ^^ **a**")
def test_text_without_commands_loses_no_letter(text: str) -> None:
    assert not lost(text, clean(text))


@given(SIGNS)
@example("\\a\\b{c}\\^2 $\\x_1$")
def test_a_letter_that_is_no_commands_name_is_never_lost(text: str) -> None:
    assert not lost(re.sub(r"\\[a-zA-Z]+", "", text), clean(text))


@given(st.lists(st.one_of(SIGNS, st.sampled_from(sorted({*SYMBOLS, *STYLES, *SILENT})).map(lambda n: f"\\{n} "))))
def test_known_commands_take_no_letter_of_their_neighbours(parts: list[str]) -> None:
    text = "".join(parts)
    assert not lost(re.sub(r"\\[a-zA-Z]+", "", text), clean(text))


@given(st.one_of(PLAIN, SIGNS, st.text(alphabet="ab1 <>/&;#lt;amp;supmath\\{}$^_", max_size=60)))
@example("\\{\\alpha\\}")
@example("&amp;amp;lt;b&#38;gt;")
@example("\\\\\\\\alpha")
@example("{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{x}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


HOSTILE = (
    "$", "{", "}", "{}", "\\", "\\a", "\\textbf{", "\\(", "<", "<a ", "&", "&amp;", "a^", "$x_", "\\frac", "`", "''", "**a",
    "https://a", "a~", "<math>", "<math></math>", "<sup>2</sup>", "\\'", "\\documentclass", "--", "<tex-math>", "\\cite{",
    "<math><mrow>", "$\\text{$", "<script", "<script>", "<style a=b>", "<![CDATA[", "<b>", "</b>", "<a b=c ", "<a b='c ", "<!--", "O_LI", "[≤",
)  # fmt: skip


@rows("piece", HOSTILE)
def test_hostile_text_takes_no_more_than_its_length(piece: str) -> None:
    with Cost() as cost:
        clean(piece * (40_000 // len(piece)))
    assert cost.seconds < 4  # quadratic would be minutes


def real_texts(folder: Path) -> list[str]:
    """Titles and abstracts of whole days of arXiv, and of the founding page."""
    texts = []
    for path in sorted(folder.glob("arxiv/*/data/*.jsonl")):
        for line in path.read_text().splitlines():
            one = json.loads(line)
            texts += [one["title"], one["summary"], one.get("comment") or ""]
    texts += (folder / "seed" / "daily-papers.txt").read_text().splitlines()
    return [t for t in texts if t.strip()]


def test_of_real_titles_and_abstracts_nothing_is_lost_and_no_markup_stays(shared_data: Path) -> None:
    texts = real_texts(shared_data)
    assert len(texts) > 1000
    for text in texts:
        made = clean(text)
        ordered = re.sub(r"\\href\{([^}]*)\}\{([^}]*)\}", r"\2 \1", text)  # the words first, then where they lead
        silent = re.sub(rf"\\(?:{'|'.join(ARGUED)})\b(?:\{{[^}}]*\}})?|\\[A-Za-z]+", "", ordered)
        assert not lost(re.sub(r"<[^>]*>|&#?\w+;", "", silent), made), text
        assert not re.search(r"\\|&\w+;|</?(?:p|b|i|sub|sup|jats:\w+)\b|\$[^$\d]", made), made
        assert clean(made) == made


FORMULA = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>N</mml:mi></mml:math>'


@pytest.mark.parametrize(
    ("written", "read"),
    [(f"Optical waves in{FORMULA}-layer stacks", "Optical waves in N-layer stacks"), (f"for{FORMULA}and more", "for N and more"),
     (f"({FORMULA}) of SU{FORMULA}", "(N) of SUN"), ("Capture of CO\n   <sub>2</sub>\n   by willow", "Capture of CO₂ by willow"),
     ("Ca <sup>2+</sup> channels", "Ca²⁺ channels"), ("at 10 <sup>−5</sup> M", "at 10⁻⁵ M"), ("N <sub>max</sub>", "N max"),
     ("<i>Rana</i> , a frog", "Rana, a frog"), ("Differently''", "Differently”"), ("the ``same'' way", "the “same” way"), ("f''", "f''")],
)  # fmt: skip
def test_white_space_around_markup_and_formulas_is_as_a_person_would_set_it(written: str, read: str) -> None:
    assert (clean(written), clean(read)) == (read, read)


@pytest.mark.parametrize(
    ("written", "read"),
    [("Key messagesO_ST_ABSWhat is known", "Key messages What is known"), ("KEY POINTSO_LIAutomatic", "KEY POINTS Automatic"),
     ("AO_SCPLOWBSTRACTC_SCPLOWO_ST_ABSBackground", "Background"), ("PO_SCPLOWEAFOWLC_SCPLOW", "PEAFOWL"),
     ("BackgroundPercutaneous coronary", "Background: Percutaneous coronary"), ("ObjectiveThis study", "Objective: This study"),
     ("It is so. MethodsWe did. ResultsA new one. ConclusionsFine.", "It is so. Methods: We did. Results: A new one. Conclusions: Fine."),
     ("BackgroundDNA methylation", "Background: DNA methylation"), ("The Background", "The Background"), ("MethodsX", "MethodsX"),
     ("In MethodsPaper and ResultsTracker", "In MethodsPaper and ResultsTracker")],
)  # fmt: skip
def test_headings_and_marks_of_preprint_servers_do_not_run_into_words(written: str, read: str) -> None:
    assert (clean(written), clean(read)) == (read, read)


_PIECES = st.sampled_from([
    "Background", "Methods", "Key messages", "Conclusions and Relevance", "ResultsA new one", "DNA", "A", "a", ".", " ",
    "! ", ") ", "X", "x", "ResultsBackgroundIn", "Objective", "\n", "Ω",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=8).map("".join))
def test_headings_are_parted_as_the_one_pattern_of_both_places_parts_them(text: str) -> None:
    whole = re.compile(rf"(\A|(?<=[.!?)]) ?){RUN_IN}")
    assert parted_headings(text) == whole.sub(lambda found: f"{' ' * (found.start() > 0)}{found[2]}: ", text)


def test_ascii_is_folded_as_every_other_text_is() -> None:
    every = "".join(map(chr, range(128)))
    for text in (every, "State-space_models, 2nd Ed. (draft)\t\x00\x1f", " ".join(every)):
        assert fold(text) == fold(f"{text} ə").removesuffix("ə").rstrip()
