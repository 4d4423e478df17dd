"""Light stemming: plurals are folded (`models` → `model`, `biases` → `bias`). `docs/rules.md` has the table.

Rule and text are stemmed alike, so a stem need not be a word (`physics` → `physic`). It must be the same for singular and
plural of a noun, and differ between nouns.
"""

from __future__ import annotations

from functools import lru_cache

#: plurals no ending tells, and words that only look like plurals
IRREGULAR = {
    # -is
    "analyses": "analysis", "axes": "axis", "crises": "crisis", "diagnoses": "diagnosis", "hypotheses": "hypothesis",
    "metastases": "metastasis", "parentheses": "parenthesis", "prognoses": "prognosis", "syntheses": "synthesis",
    "theses": "thesis",
    # -s, -us
    "alias": "alias", "aliases": "alias", "atlas": "atlas", "atlases": "atlas", "bias": "bias", "biases": "bias",
    "buses": "bus", "campuses": "campus", "canvas": "canvas", "canvases": "canvas", "foci": "focus", "gases": "gas",
    "lens": "lens", "lenses": "lens", "loci": "locus", "menus": "menu", "nuclei": "nucleus", "radii": "radius",
    "statuses": "status", "stimuli": "stimulus", "tori": "torus", "viruses": "virus",
    # -ix, -ex
    "appendices": "appendix", "cortices": "cortex", "helices": "helix", "indices": "index", "matrices": "matrix",
    "simplices": "simplex", "vertices": "vertex",
    # -um, -on, -us
    "automata": "automaton", "bacteria": "bacterium", "corpora": "corpus", "criteria": "criterion",
    "equilibria": "equilibrium", "genera": "genus", "maxima": "maximum", "minima": "minimum", "optima": "optimum",
    "phenomena": "phenomenon", "polyhedra": "polyhedron", "quanta": "quantum", "spectra": "spectrum",
    # -che, -ie
    "avalanches": "avalanche", "caches": "cache", "calories": "calorie", "cookies": "cookie", "headaches": "headache",
    "movies": "movie", "niches": "niche", "zombies": "zombie",
    # others
    "children": "child", "feet": "foot", "halves": "half", "leaves": "leaf", "men": "man", "mice": "mouse",
    "teeth": "tooth", "women": "woman",
    # no plurals
    "chaos": "chaos", "does": "does", "news": "news", "series": "series", "species": "species",
}  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Returns a folded word without its plural ending: `models` → `model`, `studies` → `study`, `boxes` → `box`.

    In this order: the table of irregular ones; words of up to three letters, and those ending in ss, is, or us with
    more than four letters, stay; -ies (over four letters) → y; -xes, -sses, -shes, -ches lose es; -s is lost.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) <= 3 or word[-1] != "s" or word.endswith(("ss", "is")) or (word.endswith("us") and len(word) > 4):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "sses", "shes", "ches")) else word[:-1]
