"""Light stemming: plurals are folded (`models` → `model`, `biases` → `bias`), Greek letters are named (`α` → `alpha`).

Rule and text are stemmed alike, so a stem need not be a word (`physics` → `physic`). It must be the same for singular and
plural of a noun, and differ between nouns. `docs/rules.md` has the tables and the order.
"""

from __future__ import annotations

import re
from typing import Final

from digestbot.memo import remembered
from digestbot.papers.text.clean import GREEK

_GREEK: Final = "\u0370-\u03ff"
#: a Greek letter that has no Greek letter beside it: TGFβ1, but not the letters of a Greek word, nor μm
_LONE_GREEK: Final = re.compile(rf"(?<![{_GREEK}])(?!μ[a-z])[{_GREEK}](?![{_GREEK}])")


def _pairs(text: str) -> dict[str, str]:
    """Reads `plural singular` pairs."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


#: plurals that no ending tells, and words that only look like plurals
IRREGULAR: Final = _pairs(
    """
    axes axis basis base crises crisis diagnoses diagnosis metastases metastasis prognoses prognosis stenoses stenosis
    thromboses thrombosis neuroses neurosis psychoses psychosis fibroses fibrosis necroses necrosis symbioses symbiosis
    mitoses mitosis meioses meiosis cirrhoses cirrhosis scleroses sclerosis anastomoses anastomosis zoonoses zoonosis
    mycoses mycosis metamorphoses metamorphosis geneses genesis prostheses prosthesis oases oasis emphases emphasis
    ellipses ellipse nemeses nemesis pelvises pelvis irises iris parentheses parenthesis syntheses synthesis
    hypotheses hypothesis theses thesis analyses analysis dialyses dialysis paralyses paralysis catalyses catalysis
    sepses sepsis synopses synopsis testes testis penises penis metropolises metropolis

    alias alias aliases alias atlas atlas atlases atlas bias bias biases bias canvas canvas canvases canvas gases gas
    lens lens lenses lens pancreas pancreas pancreases pancreas
    buses bus campuses campus statuses status fetuses fetus foetuses foetus sinuses sinus uteruses uterus
    octopuses octopus apparatuses apparatus corpuses corpus focuses focus bonuses bonus censuses census
    consensuses consensus geniuses genius nexuses nexus surpluses surplus thesauruses thesaurus thesauri thesaurus cactuses cactus
    funguses fungus walruses walrus hippocampuses hippocampus nucleuses nucleus prospectuses prospectus
    plexuses plexus syllabuses syllabus radiuses radius hiatuses hiatus opuses opus opus opus platypuses platypus
    menus menu gurus guru haikus haiku caribous caribou

    fungi fungus cacti cactus nuclei nucleus stimuli stimulus foci focus loci locus radii radius tori torus
    bacilli bacillus lactobacilli lactobacillus alumni alumnus syllabi syllabus hippocampi hippocampus thalami thalamus
    hypothalami hypothalamus gyri gyrus sulci sulcus thrombi thrombus emboli embolus villi villus bronchi bronchus
    calculi calculus moduli modulus annuli annulus glomeruli glomerulus nucleoli nucleolus menisci meniscus nevi nevus
    rhombi rhombus termini terminus tumuli tumulus cumuli cumulus octopi octopus papyri papyrus abaci abacus uteri uterus
    homunculi homunculus genii genius nodi nodus tubuli tubulus nimbi nimbus

    appendices appendix cortices cortex helices helix indices index matrices matrix simplices simplex vertices vertex
    vortices vortex apices apex codices codex cervices cervix calyces calyx varices varix radices radix
    thoraces thorax larynges larynx pharynges pharynx phalanges phalanx meninges meninx directrices directrix

    automata automaton bacteria bacterium corpora corpus criteria criterion data datum equilibria equilibrium
    genera genus maxima maximum minima minimum optima optimum phenomena phenomenon quanta quantum spectra spectrum
    mitochondria mitochondrion taxa taxon phyla phylum ova ovum strata stratum sera serum crania cranium
    symposia symposium addenda addendum errata erratum corrigenda corrigendum memoranda memorandum ganglia ganglion
    spermatozoa spermatozoon protozoa protozoon cilia cilium flagella flagellum septa septum atria atrium
    epithelia epithelium endothelia endothelium millennia millennium aquaria aquarium curricula curriculum
    referenda referendum extrema extremum suprema supremum infima infimum continua continuum momenta momentum
    archaea archaeon consortia consortium colloquia colloquium compendia compendium desiderata desideratum
    gymnasia gymnasium moratoria moratorium sanatoria sanatorium sensilla sensillum ostia ostium ilia ilium
    labia labium cerebella cerebellum capitula capitulum sterna sternum foramina foramen lumina lumen femora femur
    vacua vacuum media medium mycelia mycelium sporangia sporangium stadia stadium podia podium

    avalanches avalanche caches cache headaches headache toothaches toothache aches ache niches niche tranches tranche
    cliches cliche moustaches moustache psyches psyche
    calories calorie cookies cookie movies movie zombies zombie prairies prairie selfies selfie magpies magpie
    genies genie rookies rookie sorties sortie
    shoes shoe canoes canoe aloes aloe

    children child feet foot geese goose halves half leaves leaf lice louse men man mice mouse oxen ox teeth tooth
    women woman workmen workman fishermen fisherman policemen policeman dormice dormouse
    wives wife knives knife wolves wolf calves calf shelves shelf loaves loaf thieves thief hooves hoof scarves scarf
    dwarves dwarf elves elf selves self quizzes quiz

    chaos chaos does does news news series series species species
    """
)
#: endings of plurals, longest first, with what stands in their place
ENDINGS: Final = (
    ("viruses", "virus"), ("theses", "thesis"), ("lyses", "lysis"), ("hedra", "hedron"), ("cocci", "coccus"),
    ("mata", "ma"), ("eaux", "eau"), ("xes", "x"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("oes", "o"),
    ("ies", "y"), ("ae", "a"),
)  # fmt: skip
_ENDS: Final = tuple(ending for ending, _ in ENDINGS)


@remembered(16384)
def stem(word: str) -> str:
    """Returns the stem of a folded word: `models` → `model`, `studies` → `study`, `boxes` → `box`, `tgfβ` → `tgfbeta`."""
    if not word.isascii():
        word = _LONE_GREEK.sub(lambda found: GREEK.get(found.group(), found.group()), word)
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) > 4 and word.endswith(_ENDS):
        return next(word[: -len(ending)] + instead for ending, instead in ENDINGS if word.endswith(ending))
    if len(word) <= 3 or word[-1] != "s" or word.endswith(("ss", "is")) or (word.endswith("us") and len(word) > 4):
        return word
    return word[:-1]
