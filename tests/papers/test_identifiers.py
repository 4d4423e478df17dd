"""Which identifiers a field, a text or an address names, and which it does not."""

from __future__ import annotations

import pytest
from rows import rows

from digestbot.papers.identity.identifiers import doi, is_no_paper_doi, is_preprint_doi, normal
from digestbot.papers.identity.page_urls import normalize_page_url
from digestbot.papers.identity.urls import identifiers_in_url

SICI = "10.1002/(sici)1097-0258(19980815)17:15<{}>3.0.co;2-{}"
FIRST, SECOND = SICI.format("1661::aid-sim968", "2"), SICI.format("1703::aid-sim871", "i")


@pytest.mark.parametrize("name", [FIRST, SECOND])
@pytest.mark.parametrize("written", ["{}", "doi:{}", "https://doi.org/{}", "(see {}, and more)", "<p>{}</p>"])
def test_a_doi_with_a_sici_is_read_whole(name: str, written: str) -> None:
    assert doi(written.format(name)) == name


def test_a_sici_in_an_address_is_percent_encoded() -> None:
    address = "https://doi.org/" + FIRST.replace("<", "%3C").replace(">", "%3E")
    assert identifiers_in_url(address) == {"doi": FIRST}


def test_a_sici_that_was_cut_names_no_paper() -> None:
    assert doi("https://doi.org/10.1002/(SICI)1097-0258(19980815)17:15") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5555/x</a>", "10.5555/x"),
        ("<p>10.5555/x</p>", "10.5555/x"),
        ("10.5555/a<b", "10.5555/a<b"),
        ("in 10.5555/a<b", "10.5555/a"),
        ("10.1016/S0140-6736(05)12345-6", "10.1016/s0140-6736(05)12345-6"),
    ],
)
def test_a_sign_that_begins_a_tag_ends_a_doi_in_text_but_not_in_a_field(text: str, expected: str) -> None:
    assert doi(text) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("10.21203/rs.3.rs-555555/v1", "10.21203/rs.3.rs-555555"),
        ("10.26434/chemrxiv-2026-abcde-v2", "10.26434/chemrxiv-2026-abcde"),
        ("10.26434/chemrxiv.12345.v1", "10.26434/chemrxiv.12345"),
        ("10.20944/preprints202401.0001.v1", "10.20944/preprints202401.0001"),
        ("10.31234/osf.io/abcde_v2", "10.31234/osf.io/abcde"),
        ("10.12688/f1000research.1234.2", "10.12688/f1000research.1234"),
        ("10.12688/f1000research.1234", "10.12688/f1000research.1234"),
        ("10.5555/model.v2", "10.5555/model.v2"),
        ("10.1038/s41586-1.2", "10.1038/s41586-1.2"),
    ],
)
def test_all_versions_of_a_preprint_have_one_doi(given: str, expected: str) -> None:
    assert normal({"doi": given})["doi"] == expected


@rows(
    ("url", "expected"),
    [
        ("https://www.biorxiv.org/content/early/2017/03/01/112870", {"doi": "10.1101/112870"}),
        ("https://www.biorxiv.org/content/early/2014/12/16/012870", {"doi": "10.1101/012870"}),
        ("https://openreview.net/forum?id=aB_c-1", {"openreview": "aB_c-1"}),
        ("https://openreview.net/pdf?id=aB_c-1", {"openreview": "aB_c-1"}),
        ("https://openreview.net/group?id=NeurIPS.cc/2026/Conference", {}),
        ("https://openreview.net/profile?id=~Ada_Author1", {}),
        ("https://aclanthology.org/2024.acl-long.12/", {"acl": "2024.acl-long.12"}),
        ("https://aclanthology.org/P18-1001.pdf", {"acl": "P18-1001"}),
        ("https://www.aclweb.org/anthology/P18-1001", {"acl": "P18-1001"}),
        ("https://aclanthology.org/events/acl-2024/", {}),
        ("https://aclanthology.org/volumes/2024.acl-long/", {}),
        ("https://huggingface.co/papers/2401.12345", {"arxiv": "2401.12345"}),
        ("https://huggingface.co/acme/llama-2401.12345", {}),
        ("https://huggingface.co/datasets/acme/2401.12345", {}),
    ],
)
def test_an_address_names_a_paper_only_where_papers_stand(url: str, expected: dict[str, str]) -> None:
    assert identifiers_in_url(url) == expected


@rows(
    ("url", "expected"),
    [
        ("https://www.frontiersin.org/articles/10.3389/fnins.2026.00123/full", {"doi": "10.3389/fnins.2026.00123"}),
        ("https://link.springer.com/article/10.1007/s00521-026-1", {"doi": "10.1007/s00521-026-1"}),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1002/x.1?af=R", {"doi": "10.1002/x.1"}),
        (
            "https://projecteuclid.org/journals/a/volume-5/issue-1/Lakes/10.1214/26-AOS99.full",
            {"doi": "10.1214/26-aos99"},
        ),
        (
            "https://projecteuclid.org/journals/a/volume-5/issue-1/Lakes/10.1214/26-AOS99.short",
            {"doi": "10.1214/26-aos99"},
        ),
        (
            "https://www.spiedigitallibrary.org/journals/l/volume-1/5/L/10.1117/1.L.1.5.full?SSO=1",
            {"doi": "10.1117/1.l.1.5"},
        ),
        ("https://bioone.org/journals/l/volume-8/10.1655/L-99/Lakes/10.1655/L-99.full", {"doi": "10.1655/l-99"}),
        ("https://j.example.org/content/10.1126/lakes.99.full.pdf+html", {"doi": "10.1126/lakes.99"}),
        ("https://link.springer.com/article/10.1007/s00521-026-fullness", {"doi": "10.1007/s00521-026-fullness"}),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.1", {"doi": "10.1371/journal.pone.1"}),
        ("https://www.nature.com/articles/s41586-026-01234-5", {"doi": "10.1038/s41586-026-01234-5"}),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7095418/", {"pmcid": "PMC7095418"}),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7095418", {"pmcid": "PMC7095418"}),
        ("https://europepmc.org/article/MED/32123456", {"pmid": "32123456"}),
        ("https://es.arxiv.org/abs/2611.00001v2", {"arxiv": "2611.00001", "arxiv_version": "2"}),
        ("https://arxiv.org/html/2611.00001/index.html", {"arxiv": "2611.00001"}),
        ("http://xxx.lanl.gov/abs/hep-th/9901001", {"arxiv": "hep-th/9901001"}),
        ("https://openreview.net/attachment?id=aBc_1&name=pdf", {"openreview": "aBc_1"}),
        ("https://arxiv.org/list/cs.CL/new", {}),
        ("https://blog.example.org/2026/11", {}),
        ("/abs/2611.00001", {}),
    ],
)
def test_a_publishers_address_names_its_paper(url: str, expected: dict[str, str]) -> None:
    assert identifiers_in_url(url) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"pmid": "PMID:0123"}, {"pmid": "123"}),
        ({"pmcid": "pmc123"}, {"pmcid": "PMC123"}),
        ({"pmcid": "123"}, {"pmcid": "PMC123"}),
        ({"arxiv": "https://arxiv.org/abs/2611.00001v2"}, {"arxiv": "2611.00001", "arxiv_version": "2"}),
        ({"doi": "https://doi.org/10.1000/A/?utm_source=rss"}, {"doi": "10.1000/a"}),
        ({"acl": "p19-1001"}, {"acl": "P19-1001"}),
        ({"doi": "10.18653/v1/P19-1001"}, {"doi": "10.18653/v1/p19-1001", "acl": "P19-1001"}),
        ({"doi": "10.7554/eLife.98765.2"}, {"doi": "10.7554/elife.98765"}),
        ({"doi": "10.7554/eLife.98765.001"}, {"doi": "10.7554/elife.98765.001"}),
        ({"doi": FIRST.replace("<", "&lt;").replace(">", "&gt;")}, {"doi": FIRST}),
    ],
)
def test_an_identifier_has_one_form(given: dict[str, str], expected: dict[str, str]) -> None:
    assert dict(normal(given)) == expected


@pytest.mark.parametrize(
    ("name", "preprint"),
    [
        ("10.1101/2026.01.02.123456", True),
        ("10.1101/123456v2", True),
        ("10.1101/gr.280000.126", False),
        ("10.31223/x5000", True),
        ("10.5194/egusphere-2026-1", True),
        ("10.5194/acp-26-1-2026", False),
        ("10.2196/preprints.5000", True),
        ("10.2196/5000", False),
    ],
)
def test_a_preprint_is_told_by_the_form_of_its_doi_and_not_by_its_house_alone(name: str, preprint: bool) -> None:
    assert is_preprint_doi(name) is preprint


@pytest.mark.parametrize(
    ("written", "name"),
    [("https://dx.doi.org/10.4039/abc.2021.38?rft_dat=source%3Ddrss", "10.4039/abc.2021.38"), ("10.4039/abc?x=1", "10.4039/abc"),
     ("doi:10.1000%2Fabc?af=R", "10.1000/abc"), ("https://doi.org/10.1000/x#sec-1", "10.1000/x"), ("10.1000/x?rss=1&y=2#z", "10.1000/x"),
     ("https://doi.org/10.1000/ab%23c", "10.1000/ab#c"), ("https://x.example/?doi=10.1000/abc", "10.1000/abc"),
     ("10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-#", "10.1002/(sici)1096-8644(199601)99:1<1::aid-ajpa1>3.0.co;2-#")],
)  # fmt: skip
def test_a_doi_ends_where_an_address_begins_to_ask(written: str, name: str) -> None:
    assert doi(written) == name


@rows(
    ("address", "identifiers"),
    [("https://www.microbiologyresearch.org/content/journal/ij/10.1099/ij.0.005100?TRACK=RSS", {"doi": "10.1099/ij.0.005100"}),
     ("https://onlinelibrary.wiley.com/journal/10.1111/14678276", {}), ("https://www.tandfonline.com/toc/10.1080/xyz20/1/2", {}),
     ("https://elifesciences.org/articles/91234", {"doi": "10.7554/elife.91234"}),
     ("https://elifesciences.org/reviewed-preprints/91234v2", {"doi": "10.7554/elife.91234"}), ("https://elifesciences.org/articles/912345678", {}),
     ("https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1234567", {"doi": "10.2139/ssrn.1234567"}),
     ("https://ssrn.com/abstract=1234567", {"doi": "10.2139/ssrn.1234567"}), ("https://www.nber.org/papers/w34567", {"doi": "10.3386/w34567"}),
     ("https://pubs.rsc.org/en/content/articlelanding/2026/cp/d6cp01234a", {"doi": "10.1039/d6cp01234a"}),
     ("https://pubs.rsc.org/cp/d6cp01234a", {"doi": "10.1039/d6cp01234a"}), ("https://papers.cool/arxiv/2611.00001", {"arxiv": "2611.00001"}),
     ("https://scirate.com/arxiv/2611.00001v2", {"arxiv": "2611.00001", "arxiv_version": "2"}),
     ("https://eprint.iacr.org/2026/1234", {"iacr": "2026/1234"}), ("https://eprint.iacr.org/2026/34.pdf", {"iacr": "2026/034"}),
     ("https://hal.science/hal-04012345v2/document", {"hal": "hal-04012345"}), ("https://theses.hal.science/tel-01234567", {"hal": "tel-01234567"}),
     ("https://hal.archives-ouvertes.fr/inria-00123456", {"hal": "inria-00123456"}), ("https://hal.science/search/index?q=x", {}),
     ("https://dblp.org/rec/conf/icml/DoeR26", {"dblp": "conf/icml/DoeR26"}), ("https://dblp.uni-trier.de/rec/journals/corr/abs-2611-00001.html", {"dblp": "journals/corr/abs-2611-00001"}),
     ("https://dblp.org/db/conf/icml/icml2026.html", {}), ("https://dblp.org/pid/55/1490.html", {}),
     ("https://zbmath.org/7654321", {"zbmath": "7654321"}), ("https://zbmath.org/?q=an%3A1536.11001", {"zbmath": "1536.11001"}), ("https://zbmath.org/authors/doe.ada", {}),
     ("https://www.zotero.org/groups/2493/samplers/items/ABCD2345/library", {"zotero": "groups/2493/ABCD2345"}), ("https://www.zotero.org/groups/2493/samplers", {}),
     ("https://europepmc.org/article/PPR/PPR179288", {"epmc": "PPR179288"}), ("https://europepmc.org/article/MED/42900001", {"pmid": "42900001"}),
     ("https://osf.io/preprints/psyarxiv/abc2e_v2", {"doi": "10.31234/osf.io/abc2e", "osf": "abc2e"}), ("https://osf.io/abc2e/", {"osf": "abc2e"}),
     ("https://osf.io/preprints/socarxiv/x9k3p/download?format=pdf", {"doi": "10.31235/osf.io/x9k3p", "osf": "x9k3p"}),
     ("https://psyarxiv.com/abc2e", {"doi": "10.31234/osf.io/abc2e", "osf": "abc2e"}), ("https://osf.io/preprints/abc2e_v3", {"osf": "abc2e"}),
     ("https://doi.org/10.31234/osf.io/abc2e_v2", {"doi": "10.31234/osf.io/abc2e", "osf": "abc2e"}), ("https://osf.io/preprints/psyarxiv", {}),
     ("https://doi.org/10.17605/OSF.IO/ABC2E", {"doi": "10.17605/osf.io/abc2e"}), ("https://osf.io/login", {}), ("https://osf.io/abc2e_v1/download", {"osf": "abc2e"}),
     ("https://eprint.iacr.org/2026", {}), ("https://peerj.com/articles/12345/", {"doi": "10.7717/peerj.12345"}),
     ("https://www.researchsquare.com/article/rs-1234567/v2", {"doi": "10.21203/rs.3.rs-1234567"}),
     ("https://www.preprints.org/manuscript/202601.0123/v1", {"doi": "10.20944/preprints202601.0123"})],
)  # fmt: skip
def test_an_address_names_its_paper_where_only_a_part_of_the_identifier_stands(
    address: str, identifiers: dict[str, str]
) -> None:
    assert identifiers_in_url(address) == identifiers


@pytest.mark.parametrize(
    ("name", "no_paper"),
    [("10.1601/nm.10415", True), ("10.5061/dryad.x1", True), ("10.1371/journal.pone.0123456.g001", True), ("10.7717/peerj.1/fig-2", True),
     ("10.7554/elife.91234.003", True), ("10.1371/journal.pone.0123456", False), ("10.1099/ij.0.005100", False), ("10.7554/elife.91234", False)],
)  # fmt: skip
def test_dois_of_taxa_data_and_parts_of_articles_name_no_paper(name: str, no_paper: bool) -> None:
    assert is_no_paper_doi(name) is no_paper


@pytest.mark.parametrize(
    "tail",
    ["?rss=1", "?dgcid=rss_sd_all", "?af=R", "?TRACK=RSS", "?via=rss", "?utm_source=x&utm_medium=rss", "?wt.mc=x"],
)
def test_what_tells_how_a_reader_came_is_no_part_of_a_page(tail: str) -> None:
    assert normalize_page_url(f"https://x.example/x/1{tail}") == "x.example/x/1"
    assert normalize_page_url(f"https://x.example/x?id=7{tail.replace('?', '&')}") == "x.example/x?id=7"


@pytest.mark.parametrize(
    ("scheme", "said", "plain"),
    [("hal", "HAL:hal-04012345v3", "hal-04012345"), ("hal", "oai:HAL:tel-01234567v1", "tel-01234567"), ("dblp", "DBLP:conf/icml/DoeR26", "conf/icml/DoeR26"),
     ("zbmath", "oai:zbmath.org:7654321", "7654321"), ("zbmath", "Zbl 1536.11001", "1536.11001")],
)  # fmt: skip
def test_names_of_catalogues_have_one_form(scheme: str, said: str, plain: str) -> None:
    assert normal({scheme: said}) == {scheme: plain}
