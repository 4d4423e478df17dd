"""What LaTeX's commands stand for: the table of `papers.text.latex`. Pairs of a name and its sign, read once at import."""

from __future__ import annotations

from typing import Final

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ "
    "mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω digamma ϝ"
)
_LETTERS = (
    "ss ß ae æ AE Æ oe œ OE Œ o ø O Ø aa å AA Å l ł L Ł i ı j ȷ dh ð DH Ð dj đ DJ Đ th þ TH Þ ng ŋ NG Ŋ "
    "ell ℓ hbar ℏ hslash ℏ Re ℜ Im ℑ aleph ℵ beth ℶ wp ℘ imath ı jmath ȷ eth ð"
)
#: signs that stand between two things: TeX spaces them by itself, so the space that was typed behind them stays
_BETWEEN = (
    "times × cdot · div ÷ pm ± mp ∓ leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ "
    "propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ wedge ∧ land ∧ vee ∨ "
    "lor ∨ to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⇒ Leftarrow ⇐ iff ⇔ "
    "Leftrightarrow ⇔ mapsto ↦ hookrightarrow ↪ rightsquigarrow ⇝ uparrow ↑ downarrow ↓ nearrow ↗ searrow ↘ ll ≪ gg ≫ lesssim ≲ "
    "gtrsim ≳ prec ≺ preceq ⪯ succ ≻ succeq ⪰ perp ⊥ parallel ∥ mid | star ⋆ ast ∗ bullet • circ ∘ oplus ⊕ ominus ⊖ otimes ⊗ "
    "odot ⊙ bowtie ⋈ rtimes ⋊ ltimes ⋉ vdash ⊢ models ⊨ Vdash ⊩ doteq ≐ triangleq ≜ coloneqq ≔ asymp ≍ amalg ⨿ uplus ⊎ sqcup ⊔ "
    "sqsubseteq ⊑ textless < textgreater > lt < gt >"
)
_SIGNS = (
    "infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ "
    "bigwedge ⋀ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ angle ∠ top ⊤ bot ⊥ dagger † dag † ddagger ‡ "
    "prime ′ degree ° ldots … dots … dotsc … dotsb … textellipsis … cdots ⋯ vdots ⋮ ddots ⋱ langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ "
    "lfloor ⌊ rfloor ⌋ vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖ S § P ¶ copyright © textcopyright © pounds £ euro € "
    "texteuro € textyen ¥ textendash – textemdash — textquoteright ’ textquoteleft ‘ textquotedblleft “ textquotedblright ” "
    "lq ‘ rq ’ guillemotleft « guillemotright » textdegree ° texttrademark ™ textregistered ® textmu µ textmicro µ checkmark ✓ "
    "cmark ✓ xmark ✗ surd √ square □ Box □ blacksquare ■ diamond ⋄ triangle △ blacktriangle ▲ clubsuit ♣ heartsuit ♥ spadesuit ♠ "
    "diamondsuit ♦ flat ♭ sharp ♯ natural ♮ mho ℧ textohm Ω permil ‰ textperthousand ‰ textbullet • textperiodcentered · "
    "textbackslash ∖ textquotesingle ' textasciitilde ~ "
    "textunderscore _ textasciicircum ^ colon : lbrace { rbrace } lbrack [ rbrack ] backslash ∖ sun ☉ Sun ☉ earth ⊕ "
    "arcsec ″ arcmin ′ textbar | item •"
)


def _table(listed: str) -> dict[str, str]:
    parts = listed.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


LETTERS: Final = _table(_LETTERS)  #: `\O stergaard`: the space only ends the name
BETWEEN: Final = _table(_BETWEEN)
SYMBOLS: Final = _table(f"{_GREEK} {_SIGNS}") | LETTERS | BETWEEN
#: bioRxiv and medRxiv write names in braces, `{Delta}` and `{+/-}`
BRACED: Final = _table(_GREEK) | _table(
    "+/- ± micro µ degrees ° degree ° approx ≈ sim ∼ times × middot · bullet • rightarrow → leftarrow ← ge ≥ le ≤ geq ≥ leq ≤ "
    "infty ∞ plusmn ± perp ⊥ prime ′"
)
#: functions: their own name is what is read, with a space to each side
FUNCTIONS: Final = frozenset(
    "log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh max min sup inf lim limsup liminf arg argmax argmin "
    "det dim ker hom deg gcd Pr mod bmod sgn rank tr Tr diag var Var cov".split()
)
#: commands whose argument is what is meant; the command itself says only how it looks
STYLES: Final = frozenset(
    "textbf textit texttt textsc textsf textrm textnormal textup textmd emph underline text mathrm mathbf mathit mathsf mathtt "
    "mathcal mathscr mathfrak mathbb mathds boldsymbol bm operatorname mbox hbox fbox ensuremath uline textsl overline underbrace "
    "overbrace overrightarrow pmb smash boxed enquote vec mathnormal mathop mathbin mathrel url path num si unit ce "
    "substack Bbb frak gls Gls glspl Glspl ac acs acl acp acrshort acrlong title section subsection paragraph caption".split()
)
#: commands that only switch, space or number
SILENT: Final = frozenset(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle it bf em rm tt sc sf sl "
    "cal mit small large Large normalsize protect noindent limits nolimits centering par newline linebreak hfill smallskip medskip bigskip "
    "relax ignorespaces maketitle tiny footnotesize scriptsize bfseries itshape ttfamily scshape rmfamily sffamily nonumber notag "
    "qedhere unskip xspace".split()
)
SPACES: Final = frozenset("quad qquad space enspace thinspace medspace thickspace nobreakspace newpage".split())
#: commands whose first argument is a colour, a length or the name of an environment, and not text
ARGUED: Final = frozenset("textcolor colorbox color begin end hspace vspace".split())

#: combining marks by the command that sets them, in text …
ACCENTS: Final = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307", "u": "\u0306",
    "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
#: … and in mathematics
HATS: Final = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304", "overline": "\u0304",
    "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300",
}  # fmt: skip
BLACKBOARD: Final = dict(zip("ACDEFGHKNPQRSTZ1", "𝔸ℂ𝔻𝔼𝔽𝔾ℍ𝕂ℕℙℚℝ𝕊𝕋ℤ𝟙", strict=True))
RAISED: Final = str.maketrans("0123456789+-−=()niTabcdeghjklmoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵀᵃᵇᶜᵈᵉᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
LOWERED: Final = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
#: signs that stand high or low by themselves
AT_HOME: Final = frozenset("*∗⋆′″‴°†‡±∓⊤⊥∘⊙☉∞⊕✶")
