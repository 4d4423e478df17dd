"""Alert mails written for these tests after the shapes of real ones; nobody's words and nobody's address stand in them.

Each sample is (service, what the mail says of why it came, mail, papers), a paper being (title, first author, venue, year,
identifier or link).
"""

from __future__ import annotations

from email.message import EmailMessage
from html import escape
from typing import NamedTuple
from urllib.parse import quote

Paper = tuple[str, str, str, str, str]


class Sample(NamedTuple):
    """A mail, and what stands in it."""

    name: str
    reason: str
    mail: bytes
    papers: tuple[Paper, ...]


def mail(sender: str, subject: str, html: str = "", text: str = "", encoding: str = "quoted-printable") -> bytes:
    """As it lies in a mailbox."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Alerts <{sender}>", "reader@example.org", subject
    made["Date"], made["Message-ID"] = "Mon, 23 Nov 2026 06:10:00 +0000", "<1@example.org>"
    if text:
        made.set_content(text)
    if html and text:
        made.add_alternative(html, subtype="html", cte=encoding)
    elif html:
        made.set_content(html, subtype="html", cte=encoding)
    return bytes(made)


def scholar_url(address: str) -> str:
    """Scholar's own way to write an address into its own: not encoded."""
    return (
        f"http://scholar.google.com/scholar_url?url={address}&hl=en&sa=X&d=9350464746563952918&scisig=AAGBfm0Ri0PD&nossl=1"
        "&oi=scholaralrt&hist=KBiQzPUAAAAJ:14254687125141938744:AAGBfm10na1"
    )


def scholar_item(title: str, address: str, about: str, words: str, pdf: bool = False) -> str:
    """As of 2019 and later."""
    mark = '<span style="font-size:11px;font-weight:bold;color:#1a0dab;vertical-align:2px">[PDF]</span> ' if pdf else ""
    share = f"http://scholar.google.com/scholar_share?hl=en&oi=scholaralrt&ss=tw&url={address}&rt={quote(title)}"
    return (
        f'<h3 style="font-weight:normal;margin:0;font-size:17px;line-height:20px;">{mark}<a href="{escape(scholar_url(address))}" '
        f'class="gse_alrt_title" style="font-size:17px;color:#1a0dab">{title}</a></h3><div style="color:#006621">{about}</div>'
        f'<div class="gse_alrt_sni">{words}</div><div style="width:auto"><table cellpadding="0"><tbody><tr><td><a href="{escape(share)}">'
        '<img alt="Twitter" src="http://scholar.google.com/intl/en/scholar/images/1x/tw-32.png" width="16"></a></td></tr></tbody></table></div><br>'
    )


SCHOLAR_END = (
    '<div style="border-top:1px solid #bdbdbd">&nbsp;</div><a href="http://scholar.google.com/scholar_alerts?view_op=list_alerts&amp;'
    'hl=en"><span>List my alerts</span></a><p>This alert is sent by Google Scholar. Google Scholar is a service by Google.<img '
    'src="http://scholar.google.com/scholar_url?url=http://scholar.google.com/scholar/images/cleardot.gif&amp;hl=en" width="1"></p>'
)
SCHOLAR_HEAD = "<!doctype html><html><head><style>.gse_alrt_title{text-decoration:none} @media screen {.gse_alrt_sni br{display:none;}}</style></head><body><div>"
SCHOLAR = "scholaralerts-noreply@google.com"

_SAMPLES = [
    Sample(
        "scholar, articles of a person", "Google Scholar: new articles by “Jane Doe”",
        mail(SCHOLAR, "Jane Doe - new articles", SCHOLAR_HEAD + scholar_item(
            "Establishing <b>Benchmarks</b> For Learning Program Representations", "http://ceur-ws.org/Vol-2510/paper_14.pdf",
            "A Karmakar - 2019", "Recent advances in the field of machine learning have shown great promise in <br>solving tasks\u00a0…", pdf=True,
        ) + scholar_item(
            "Code Generation from Supervised Code Embeddings", "https://link.springer.com/chapter/10.1007/978-3-030-36808-1_42",
            "H Hu, Q Chen, Z Liu\u00a0- International Conference on Neural Information\u00a0…, 2019", "Code generation, which generates code.",
        ) + SCHOLAR_END),
        (("Establishing Benchmarks For Learning Program Representations", "A Karmakar", "", "2019", "http://ceur-ws.org/Vol-2510/paper_14.pdf"),
         ("Code Generation from Supervised Code Embeddings", "H Hu", "", "2019", "doi:10.1007/978-3-030-36808-1_42")),
    ),
    Sample(
        "scholar, citations", "Google Scholar: citing “Attention on Trial”",
        mail(SCHOLAR, "Attention on Trial - new citations", SCHOLAR_HEAD + scholar_item(
            "Sparse Heads Suffice", "https://arxiv.org/pdf/2611.00007", "M Roe, P Poe - arXiv preprint arXiv:2611.00007, 2026", "We prune heads.",
        ) + '<div style="color:#777">Cites: \u202aAttention on Trial\u202c\u00a0</div>' + SCHOLAR_END, encoding="base64"),
        (("Sparse Heads Suffice", "M Roe", "", "2026", "arxiv:2611.00007"),),
    ),
    Sample(
        "scholar, a search, in German", "Google Scholar: new results for “graph kernels”",
        mail(SCHOLAR, '"graph kernels" - neue Ergebnisse', SCHOLAR_HEAD + scholar_item(
            "Kernels for Graphs of Graphs", "https://dl.acm.org/doi/abs/10.1145/3690624.3709263", "X Li, Y Wu - Proceedings of KDD, 2025", "A kernel.",
        ) + SCHOLAR_END),
        (("Kernels for Graphs of Graphs", "X Li", "Proceedings of KDD", "2025", "doi:10.1145/3690624.3709263"),),
    ),
    Sample(
        "scholar, before 2018", "Google Scholar: new results for “ambient noise”",
        mail(SCHOLAR, "Scholar Alert - [ ambient noise ] - new results", '<html><body><p>Scholar Alert: <b>[ ambient noise ]</b></p>'
             '<h3 style="font-weight:normal"><a href="http://scholar.google.com/scholar_url?q=https%3A%2F%2Fexample.org%2Fpaper1&amp;sa=X">'
             'Ambient noise tomography of a plateau</a></h3><font color="#006621">A Researcher, B Scientist - Journal of Demo, 2016</font><br>'
             '<font size="-1">We image the crust.</font></body></html>'),
        (("Ambient noise tomography of a plateau", "A Researcher", "Journal of Demo", "2016", "https://example.org/paper1"),),
    ),
    Sample(
        "scholar behind safelinks", "Google Scholar: related to “Ann Lee”",
        mail(SCHOLAR, "Ann Lee - new related research", SCHOLAR_HEAD + '<h3><a class="gse_alrt_title" href="https://nam12.safelinks.protection.outlook.com/?url='
             + quote(scholar_url("https://www.nature.com/articles/s41586-026-01234-5"), safe="") + '&amp;data=05%7C02">A map of maps</a></h3>'
             '<div style="color:#006621">O Kim, P Lim - Nature, 2026</div><div class="gse_alrt_sni">Maps.</div>' + SCHOLAR_END),
        (("A map of maps", "O Kim", "Nature", "2026", "doi:10.1038/s41586-026-01234-5"),),
    ),
    Sample(
        "semantic scholar, a feed", "Semantic Scholar: New papers for your Research Feed",
        mail("do-not-reply@semanticscholar.org", "New papers for your Research Feed", '<table><tr><td><a class="paper-link" href="https://www.semanticscholar.org/'
             'paper/A-Study-of-Things/0123456789abcdef0123456789abcdef01234567?utm_source=alert_email&amp;utm_content=LibraryFolder"><h2>A Study of Things</h2></a>'
             '<div>Ines Okafor, Tomasz Lindqvist, +3 authors</div><div>arXiv.org · 2026</div><div>TLDR: Things are studied, and one of them is found to be another, which '
             'changes what we think of all the others that were studied before it.</div><a href="https://www.semanticscholar.org/paper/A-Study-of-Things/'
             '0123456789abcdef0123456789abcdef01234567/save">Save to Library</a></td></tr></table>'),
        (("A Study of Things", "Ines Okafor", "", "2026", "https://www.semanticscholar.org/paper/A-Study-of-Things/0123456789abcdef0123456789abcdef01234567"),),
    ),
    Sample(
        "semantic scholar, citations", "Semantic Scholar: citing “Things Reconsidered”",
        mail("do-not-reply@semanticscholar.org", "1 new citation for Things Reconsidered", '<p>Your paper was cited.</p><p><a href="https://www.semanticscholar.org/'
             'paper/fedcba9876543210fedcba9876543210fedcba98?utm_source=citation_alert">More Things Considered</a></p><p>Bo Li, Jo Roe</p><p>2025 · Journal of Things</p>'),
        (("More Things Considered", "Bo Li", "", "2025", "https://www.semanticscholar.org/paper/fedcba9876543210fedcba9876543210fedcba98"),),
    ),
    Sample(
        "myads", "myADS: new papers for “exoplanets”",
        mail("no-reply@adsabs.harvard.edu", "myADS Notification: exoplanets", '<h3><a href="https://ui.adsabs.harvard.edu/search/q=x">exoplanets</a></h3><ol><li>'
             '<a href="https://ui.adsabs.harvard.edu/abs/2026arXiv261100009D/abstract">2026arXiv261100009D</a>: Doe, J. and Roe, M.:<br>'
             '<a href="https://ui.adsabs.harvard.edu/abs/2026arXiv261100009D/abstract">A Hot Jupiter in the Cold</a><br>Doe, Jane; Roe, Max<br>arXiv:2611.00009</li></ol>'),
        (("A Hot Jupiter in the Cold", "Doe, Jane", "", "", "arxiv:2611.00009"),),
    ),
    Sample(
        "web of science, to 2018", "Web of Science: new results for “galaxy”",
        mail("noreply@isiknowledge.com", "Web of Science Search Alert - galaxy", "<html><table><tr><td>Record 1 of 1.</td></tr><tr><td><b>Title:</b> <value>A galaxy of "
             "tools for biology</value></td></tr><tr><td><b>Authors:</b> Galia, W; Leriche, F; Cruveiller, S</td></tr><tr><td><b>Source:</b> GENES, 9 (3): 2018 "
             '<a href="http://dx.doi.org/10.3390/genes9030113">10.3390/genes9030113</a></td></tr></table></html>'),
        (("A galaxy of tools for biology", "Galia, W", "GENES", "2018", "doi:10.3390/genes9030113"),),
    ),
    Sample(
        "web of science, 2019", "Web of Science: citing “Novak, P”",
        mail("noreply@clarivate.com", "Web of Science Alert - Novak, P", '<!DOCTYPE html><html><body><td>Your article "<span>Repeats</span>" <span>cited 1 times</span></td>'
             '<table><tr><td>Record 1 of 1</td></tr><tr><td><a class="smallV110" href="http://gateway.webofknowledge.com/gateway/Gateway.cgi?GWVersion=2&amp;SrcAuth='
             'Alerting&amp;DestLinkType=FullRecord&amp;UT=WOS:000460742800042">Pipeline for Cytogenetic Markers</a></td></tr><tr><td>Authors: <span>Agapito-Tenfen, S; '
             'Wickson, F</span></td></tr><tr><td><value>GENES</value></td></tr><tr><td>Volume: <value>10</value> Issue: <value>2</value> Published: <value>FEB 2019</value>'
             '</td></tr><tr><td>DOI: <a href="http://dx.doi.org/10.3390/genes10020113">10.3390/genes10020113</a></td></tr></table></body></html>'),
        (("Pipeline for Cytogenetic Markers", "Agapito-Tenfen, S", "GENES", "2019", "doi:10.3390/genes10020113"),),
    ),
    Sample(
        "web of science, of today", "Web of Science: new results for “S GenOuest”",
        mail("alerts-noreply@clarivate.com", "Web of Science Alert - S GenOuest - 1 results", '<html lang="en"><p>Greetings! You have a saved search alert</p><div><a href="'
             'https://www.webofscience.com/wos/woscc/full-record/WOS:000512345600001?utm_source=x">Butterflies of the high desert</a></div><div>Halbritter, Dale A.; Storer, '
             'Caroline G.; Kawahara, Akito Y.</div><div>INSECT SYSTEMATICS, 2019</div><div><a href="https://www.webofscience.com/wos/woscc/alert-execution-summary/'
             '12345678-1234">View all 1 records</a></div></html>'),
        (("Butterflies of the high desert", "Halbritter, Dale A.", "INSECT SYSTEMATICS", "2019", "https://www.webofscience.com/wos/woscc/full-record/WOS:000512345600001"),),
    ),
    Sample(
        "sciencedirect, a search", "ScienceDirect: new results for “GalaxyProject.org”",
        mail("sciencedirect@notification.elsevier.com", "New search results: GalaxyProject.org", '<h1>Showing top results for search alert:<br/>GalaxyProject.org</h1><table>'
             '<tr><td align="left"><h2 style="color:#505050"><a href="https://cwhib9vv.r.us-east-1.awstrack.me/L0/https:%2F%2Fwww.sciencedirect.com%2Fscience%2Farticle'
             '%2Fpii%2FS0025619618304026%3Fdgcid=raven_sd_search_email/1/01000164f4ef81a4-8297928b-681a-463a-86c6-30f8eaf2bd7e-000000/_ewE29=68">C3 Glomerulopathy: Ten '
             "Years' Experience</a></h2><p><span></span>Research article</p><p><span>Mayo Clinic Proceedings, Volume 93, Issue 8, 2018, Pages 991-1008, </span></p>"
             "<p>Aishwarya Ravindran, Fernando C. Fervenza, Richard J. H. Smith, ... Sanjeev Sethi</p></td></tr></table>"),
        (("C3 Glomerulopathy: Ten Years' Experience", "Aishwarya Ravindran", "Mayo Clinic Proceedings", "2018", "https://www.sciencedirect.com/science/article/pii/S0025619618304026"),),
    ),
    Sample(
        "sciencedirect, before 2018", "ScienceDirect: new results for “galaxy workflows”",
        mail("salert@prod.sciencedirect.com", "ScienceDirect Search Alert: 1 new result", '<td>Access the new result: galaxy workflows</td><table><tr><td class="txtcontent"><a href='
             '"http://rps.sciencedirect.com/science?_ob=GatewayURL&amp;_piikey=S1877050917305434"><span class="artTitle">Workflows for <i>everybody</i></span></a></td></tr>'
             '<tr><td><i>Procedia Computer Science</i>, Volume 108, 2017</td></tr><tr><td><span class="authorTxt">Eugene M. Almazan, Sydney L. Lesko</span></td></tr></table>', encoding="base64"),
        (("Workflows for everybody", "Eugene M. Almazan", "Procedia Computer Science", "2017", "http://rps.sciencedirect.com/science?_ob=GatewayURL&_piikey=S1877050917305434"),),
    ),
    Sample(
        "scopus", "Scopus: citing “A Seminal Work”",
        mail("scopus@notification.elsevier.com", "Scopus Citation Alert: A Seminal Work", '<table><tr><td><a href="https://click.notification.elsevier.com/CL0/https:%2F%2Fwww.scopus.com'
             '%2Finward%2Frecord.uri%3Feid=2-s2.0-85012345678%26partnerID=alert/1/0100019a-abcdef0123456789abcd-000000/xyz=400">Derived Work on Seminal Things</a></td></tr>'
             "<tr><td>Okafor, I., Lindqvist, T.</td></tr><tr><td>(2026) Journal of Derivation, 12 (3)</td></tr></table>"),
        (("Derived Work on Seminal Things", "Okafor", "", "2026", "https://www.scopus.com/inward/record.uri?eid=2-s2.0-85012345678&partnerID=alert"),),
    ),
    Sample(
        "ssrn, html", "SSRN: Law & Economics eJournal, Vol. 3",
        mail("ejournals@ssrn.com", "Law & Economics eJournal, Vol. 3", '<p><a href="https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4512345&amp;dgcid=ejournal_htmlemail">Who Owns '
             "the Alert?</a></p><p>Jane Doe, Max Roe</p><p>University of X, Y School of Law</p>"),
        (("Who Owns the Alert?", "Jane Doe", "", "", "doi:10.2139/ssrn.4512345"),),
    ),
    Sample(
        "ssrn, text", "SSRN: Finance eJournal",
        mail("ejournals@publish.ssrn.com", "Finance eJournal", text='Table of Contents\n\n"Money and Mail"\nhttp://ssrn.com/abstract=4598765\n\nJO POE, University of Z\n'),
        (("Money and Mail", "", "", "", "doi:10.2139/ssrn.4598765"),),
    ),
    Sample(
        "pubmed, of today", "PubMed: new results for “crispr”",
        mail("efback@ncbi.nlm.nih.gov", "What's new for 'crispr' in PubMed", '<p>Search: <b>crispr</b></p><table><tr><td><a class="docsum-title" ref="article_id=33456789" href="https://pubmed.'
             'ncbi.nlm.nih.gov/33456789/?utm_source=gquery">Base editing in <i>vivo</i>.</a></td></tr><tr><td>Wreczycka K, Gosdschan A, Yusuf D.</td></tr><tr><td>Genome Biol. 2026 Mar 2;27(1):5. '
             'doi: 10.1186/s13059-026-0001-2. PMID: 33456789</td></tr><tr><td><a href="https://pubmed.ncbi.nlm.nih.gov/?linkname=pubmed_pubmed&amp;from_uid=33456789">Similar articles</a></td></tr></table>'),
        (("Base editing in vivo", "Wreczycka K", "Genome Biol", "2026", "pmid:33456789"),),
    ),
    Sample(
        "pubmed, before 2020", "PubMed: new results for “galaxy”",
        mail("efback@ncbi.nlm.nih.gov", "What's new for 'galaxy' in PubMed", '<b>PubMed Results</b><table><tr><td>1.</td><td><a href="https://www.ncbi.nlm.nih.gov/pubmed/29790989/" ref="PMCID=1">Galaxy '
             'for everyone.</a></td></tr><tr><td/><td>Afgan E, Baker D.</td></tr><tr><td><span class="jrnl" title="Nucleic acids research">Nucleic Acids Res</span>. 2018 Jul 2. doi: 10.1093/nar/gky379.'
             '</td></tr></table>'),
        (("Galaxy for everyone", "Afgan E", "Nucleic Acids Res", "2018", "pmid:29790989"),),
    ),
    Sample(
        "pubmed, text", "PubMed: new results for “galaxy”",
        mail("efback@ncbi.nlm.nih.gov", "What's new for 'galaxy' in PubMed", text="PubMed Results\n\n1. Galaxy as text.\nAfgan E, Baker D.\nNucleic Acids Res. 2018 Jul 2. doi: 10.1093/nar/gky379.\nPMID: 29790989\n"),
        (("Galaxy as text", "Afgan E", "Nucleic Acids Res", "2018", "pmid:29790989"),),
    ),
    Sample(
        "jstor", "JSTOR: new results for “printing press”",
        mail("no-reply@jstor.org", "New results for your saved search: printing press", '<p><a href="https://www.jstor.org/stable/26543210?origin=alert">Printers and Their Errors</a></p><p>Jane Doe</p>'
             "<p>Isis, Vol. 117, No. 3 (September 2026)</p>"),
        (("Printers and Their Errors", "Jane Doe", "Isis", "2026", "https://www.jstor.org/stable/26543210?origin=alert"),),
    ),
    Sample(
        "contents, nature", "Nature Portfolio: Nature Table of Contents",
        mail("ealert@nature.com", "Nature Table of Contents", '<p><a href="https://links.ealert.nature.com/u/?_L54AD1F204_=dGFyZ2V0PWh0dHBzOi8vd3d3Lm5hdHVyZS5jb20vYXJ0aWNsZXMvczQxNTg2LTAyNi0wOTk5OS0x">'
             '<span style="font-size:18px">A quantum of mail</span></a></p><p>Jane Doe, Max Roe &amp; Jo Poe</p><p><a href="https://www.nature.com/nature/volumes/600">View issue online</a></p>'),
        (("A quantum of mail", "Jane Doe", "", "", "doi:10.1038/s41586-026-09999-1"),),
    ),
    Sample(
        "contents, wiley", "Wiley: Articles Alert: Journal of Learning",
        mail("alerts@wiley.com", "Articles Alert: Journal of Learning", "<p>Volume 42, Issue 5</p><p>ORIGINAL ARTICLE</p><a href=\"https://el.wiley.com/wf/click?upn=-2F4d0Y8aR13lVHu481a\">Teacher Readiness for "
             'Interactive Learning</a><p>Ayşe Eminoğlu Güven,</p><p>İbrahim Savran</p><p>e70316</p><p>| First Published: 01 September 2026</p><a href="https://el.wiley.com/wf/click?upn=9">Manage your '
             'alerts here today</a>'),
        (("Teacher Readiness for Interactive Learning", "Ayşe Eminoğlu Güven", "", "2026-09-01", ""),),
    ),
    Sample(
        "contents, taylor & francis", "Taylor & Francis: New articles for Feedback Journal are now available online",
        mail("alerts@tandfonline.com", "New articles for Feedback Journal are now available online", '<a href="https://url.tandfonline.com/journal">Feedback Journal</a><p>Research Article</p>'
             '<a href="https://url.tandfonline.com/title">Calibrating GenAI and human feedback</a><p>Siliang Yu, Chao Wang &amp; Qianxiao Zhang</p><p>Generative models are reshaping feedback and assessment '
             'design in higher education, and nobody knows how that will end for anybody involved.</p><a href="https://url.tandfonline.com/button">Read article</a>'),
        (("Calibrating GenAI and human feedback", "Siliang Yu", "", "", ""),),
    ),
    Sample(
        "contents, a doi", "ACS: Just Accepted in ACS Omega",
        mail("journalalerts@acs.org", "Just Accepted in ACS Omega", '<p><a href="https://pubs.acs.org/doi/10.1021/acsomega.6c00001?ref=pdf">Solvents of Tomorrow</a></p><p>Jane Doe* and Max Roe</p><p>DOI: '
             '10.1021/acsomega.6c00001</p><p><a href="https://pubs.acs.org/toc/acsodf/current">View the journal</a></p>'),
        (("Solvents of Tomorrow", "Jane Doe*", "", "", "doi:10.1021/acsomega.6c00001"),),
    ),
]  # fmt: skip
SAMPLES = {sample.name: sample for sample in _SAMPLES}
