"""A rule that cannot be read is told of in a way that leads to the mend; no rule and no text makes it slow."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress

import pytest
from cost import quickest
from rows import rows
from sizes import size

from digestbot.errors import RuleError
from digestbot.rules import PaperIndex, parse
from digestbot.rules.evaluation.explain import wording
from digestbot.rules.language.fields import ALIASES, FIELDS, HAS
from digestbot.testing.builders import paper

TOPICS = {"diffusion": "diffusion OR score"}

#: the rule · the part that is marked · what is said · what leads to the mend
BROKEN = [
    # brackets and quotation marks
    ("(a OR b", "(", "never closed", "Put )"),
    ("a OR b)", ")", "never opened", "put ("),
    ("a ()", "()", "nothing stands in these brackets", "Take them away"),
    ("ti:()", "()", "nothing stands in these brackets", "Take them away"),
    ("((a) b", "(", "never closed", "Put )"),
    ('"open phrase', '"open phrase', "never closed", 'another "'),
    ('robots "a', '"a', "never closed", 'another "'),
    ("'flow matching'", "'flow", "double quotation marks", '"two words"'),
    ("{robots}", "{robots}", "means nothing here", "( )"),
    # fields that stand apart from their comparison, and names of other searches
    ("author = LeCun", "author = LeCun", "stands apart", "author:LeCun"),
    ("year > 2024", "year > 2024", "stands apart", "published:>2024"),
    ("graphs upvotes >= 10", "upvotes >= 10", "stands apart", "upvotes:>=10"),
    ("authors=LeCun", "authors=LeCun", "a colon stands between", "au:LeCun"),
    ("journal=Nature", "journal=Nature", "not written so", "venue:Nature"),
    ("climate w/5 change", "w/5", "not an operator", '"two words"~5'),
    ("inst:MIT", "inst:MIT", "no field", "aff:MIT"),
    ("topic:protein", "topic:protein", "no field", "protein"),
    ("in:title graphs", "in:title", "no field", "ti:"),
    # operators
    ("AND robots", "AND", "nothing stands before AND", "take it away"),
    ("robots OR", "OR", "nothing stands behind OR", "take it away"),
    ("robots OR AND grasp", "OR AND", "nothing stands between OR and AND", "take one away"),
    ("(OR grasp)", "OR", "nothing stands before OR", "take it away"),
    ("robots NOT", "NOT", "nothing stands behind NOT", "what to exclude"),
    ("robots - survey", "-", "excludes what stands directly behind it", "-word"),
    ("--survey", "--survey", "excludes what stands directly behind it", "-survey"),
    ("ti:-survey", "ti:-survey", "before the field", "-ti:survey"),
    ("robots –survey", "–survey", "a dash", "NOT"),
    ("robots and grasp", "and", "not an operator", "AND is written in capitals"),
    ("robots or grasp", "or", "not an operator", "OR is written in capitals"),
    ("robots not grasp", "not", "not an operator", "NOT is written in capitals"),
    ("robots && grasp", "&&", "not an operator", "AND"),
    ("robots || grasp", "||", "not an operator", "OR is written OR"),
    ("!survey", "!survey", "not an operator", "- before a word"),
    ("diffusion, flow", "diffusion,", "a comma or semicolon says neither", "OR between alternatives"),
    ("=OR", "=OR", "before a term, not in it", 'the word itself is "or"'),
    ("ti:@diffusion", "ti:@diffusion", "a site topic has no field", "@name alone"),
    ("=@diffusion", "=@diffusion", "no sign before it", "@name alone"),
    ("a*b", "a*b", "only at the end", "a beginning"),
    ("μ*/λ", "μ*/λ", "only at the end", "a beginning"),
    ("μ~", "μ~", "not for similar spelling", '"two words"~5'),
    ('"a b"~٣', '"a b"~٣', "not understood", '"two words"~5'),
    # comparisons beside =
    ("=upvotes:<=7", "=upvotes:<=7", "= and <= are two comparisons", "Write upvotes:<=7"),
    ("=upvotes:>4", "=upvotes:>4", "= and > are two comparisons", "Write upvotes:>4"),
    ("upvotes:===5", "upvotes:===5", "= and == are two comparisons", "Write upvotes:"),
    ("upvotes:=>=4", "upvotes:=>=4", "wants a number", "upvotes:>=10"),
    ("=upvotes:(>=5 <9)", ">=5", "= and >= are two comparisons", "Write upvotes:>=5"),
    ("=published:<=2026", "=published:<=2026", "= and <= are two comparisons", "published:<=2026"),
    ("published:٢٠٢٦", "published:٢٠٢٦", "wants a date", "published:2026"),
    ("upvotes:٢٠", "upvotes:٢٠", "wants a number", "upvotes:>=10"),
    # - inside a value
    ("src:-daily", "src:-daily", "before the field", "-src:daily"),
    ("src:(a OR - daily)", "-", "before the field", "-src:word"),
    ("doi:(--10.5/w)", "--10.5/w", "before the field", "-doi:10.5/w"),
    # names that are no fields before a bracket or a phrase
    ('NOT-abs:"death"', "NOT-abs:", "no field", "abs:"),
    ("foo-bar:(x)", "foo-bar:", "no field", "Fields: abs"),
    ('a.b:"x"', "a.b:", "no field", "abs:"),
    ('μ:"x"', "μ:", "no field", "Fields: abs"),
    ("title-:x", "title-:x", "is no field", "ti:"),
    ("TITLE“sparse”", "TITLE", "not written so", "ti:( )"),
    ("(x text:)", "text:", "no field", 'the word itself write "text"'),
    ("since:2024", "since:2024", "no field", "published:>=2026"),
    ("citations:>10", "citations:>10", "no field", "Citations are not known"),
    ('title:"x" AND:abstract', "AND:abstract", "no field", "stands alone"),
    ("upvotes>20", "upvotes>20", "a colon stands between upvotes and >", "Write upvotes:>20"),
    ("year>=2024", "year>=2024", "a colon stands between", "Write published:>=2024"),
    # fields
    ("tit:edge", "tit:edge", 'no field "tit:"', "Did you mean ti:"),
    ("autor:hinton", "autor:hinton", "no field", "Did you mean author:"),
    ("upvote:>5", "upvote:>5", "no field", "Did you mean upvotes:"),
    ("quux:x", "quux:x", "no field", "Fields: abs, abstract"),
    ("ti: survey", "ti:", "right behind the colon", "Write ti:survey"),
    ("author :hinton", ":hinton", "directly behind the field's name", "author:name"),
    ("ti:(a OR abs:b)", "abs:b", "stands inside ti:( )", "Take one of the two"),
    ("has:cde", "has:cde", "not known", "Did you mean has:code?"),
    ("has:pictures", "has:pictures", "not known", "has:pdf"),
    ("cat:*", "cat:*", "needs a value", "leave cat:* out"),
    ("cat:cs.CV,cs.LG", "cat:cs.CV,cs.LG", "takes one value", "cat:(cs.CV OR cs.LG)"),
    # values
    ("upvotes:many", "upvotes:many", "wants a number", "upvotes:>=10"),
    ("upvotes:5-10", "upvotes:5-10", "wants a number", "upvotes:>=5 upvotes:<=10"),
    ("upvotes:5..10", "upvotes:5..10", "two comparisons", "upvotes:>=5 upvotes:<=10"),
    ("upvotes:10+", "upvotes:10+", "wants a number", "upvotes:>=10"),
    ("upvotes:!=5", "upvotes:!=5", "not an operator", "-upvotes:5"),
    ("published:>soon", "published:>soon", "wants a date", "published:>=2026-01-31"),
    ("published:>2026-1-5", "published:>2026-1-5", "wants a date", "published:>2026-01-05"),
    ("published:2026-02-31", "published:2026-02-31", "wants a date", "no such day"),
    # words
    ("*former", "*former", "only at the end of a word", "OR"),
    ("be*ior", "be*ior", "only at the end of a word", "OR"),
    ('"ab* b"', '"ab* b"', "only at the end of a phrase", '"two word*"'),
    ("wom?n", "wom?n", "does not stand for a letter", "OR"),
    ("a*", "a*", "at least two letters", "Write more"),
    ("/trans.*/", "/trans.*/", "regular expressions", "OR"),
    ("robot~2", "robot~2", "similar spelling", "word*"),
    ("robot^3", "robot^3", "weight", "Take it away"),
    ('"a b"~1000', '"a b"~1000', "at most 100 words", "~100"),
    ('"ab cd*"~3', '"ab cd*"~3', "takes whole words", "Leave the * out"),
    ("robots ...", "...", "no letter or digit", "Take it away"),
    ("= word", "=", "stands alone", "=word"),
    ("cat:= cs.LG", "cat:=", "needs a value right behind", "Write cat:=cs.LG"),
    ("upvotes:>= 5", "upvotes:>=", "needs a value right behind", "Write upvotes:>=5"),
    ("=https://x.org/y", "=https://x.org/y", "an address", "code:word"),
    ('=ti"sparse"', "=ti", "not written so", "ti:( )"),
    ("benzo[a]pyrene", "benzo[a]pyrene", "square brackets", '"benzo[a]pyrene"'),
    # from elsewhere
    ("ti:electron ANDNOT abs:proton", "ANDNOT", "not an operator", "AND NOT"),
    ("all:electron", "all:electron", "no field", "Leave it out"),
    ("ti:electron+AND+au:smith", "ti:electron+AND+au:smith", "part of an address", "Write spaces for +"),
    ("submittedDate:[2023 TO 2024]", "submittedDate:[2023", "no field", "published:>=2026-01-01"),
    ("cancer[ti]", "cancer[ti]", "PubMed's way", "ti:cancer"),
    ("smith[au]", "smith[au]", "PubMed's way", "au:smith"),
    ("asthma[tiab]", "asthma[tiab]", "PubMed's way", "Leave [tiab] out"),
    ("2020:2024[dp]", "2020:2024[dp]", "PubMed's way", "published:>=2020 published:<=2024"),
    ("neoplasms[mesh]", "neoplasms[mesh]", "PubMed's way", "Leave [mesh] out"),
    ("subject:robots", "subject:robots", "no field", "is ti:"),
    ("from:hinton", "from:hinton", "no field", "is au:"),
    ("newer_than:2d", "newer_than:2d", "no field", "published:>2026-01-31"),
    ("intitle:robots", "intitle:robots", "no field", "ti:"),
    ("robots NEAR/5 grasp", "NEAR/5", "not an operator", '"two words"~5'),
    ("https://arxiv.org/abs/2602.00001v2", "https://arxiv.org/abs/2602.00001v2", "an address", "id:2602.00001v2"),
    ("https://doi.org/10.5555/abc", "https://doi.org/10.5555/abc", "an identifier", "doi:10.5555/abc"),
    ("cat:cs.AI+OR+cat:cs.CL", "cat:cs.AI+OR+cat:cs.CL", "part of an address", "Write spaces for +"),
    ("search_query=all:electron", "search_query=all:electron", "not written so", "the rule alone"),
    ("arxiv.org/abs/2602.00001", "arxiv.org/abs/2602.00001", "an address", "id:2602.00001"),
    ("10.5555/abc", "10.5555/abc", "an identifier", "doi:10.5555/abc"),
    ("smith j[au]", "smith j[au]", "PubMed's way", 'au:"smith j"'),
    ("subject:LLM x", "subject:LLM", "no field", "Write ti:LLM"),
    ('all:"flow matching"', 'all:"flow matching"', "no field", 'Write "flow matching"'),
    ("after:2026/01/31 LLM", "after:2026/01/31", "no field", "Write published:>2026-01-31"),
    ("year:2025 x", "year:2025", "no field", "Write published:2025"),
    ("RAG / retrieval", "/", "not an operator", "OR is written OR"),
    ("robots + grasp", "+", "not an operator", "just a space"),
    ("asthma[MeSH Terms]", "asthma[MeSH Terms]", "PubMed's way", "Leave [MeSH Terms] out"),
    ('"breast cancer"[MeSH Terms] x', '"breast cancer"[MeSH Terms]', "PubMed's way", "Leave [MeSH Terms] out"),
    ('"breast cancer"[ti]', '"breast cancer"[ti]', "PubMed's way", 'ti:"breast cancer"'),
    ("LLM|agent", "LLM|agent", "not an operator", "(LLM OR agent)"),
    ("(diffusion|flow)", "diffusion|flow", "not an operator", "(diffusion OR flow)"),
    ("robots AND/OR grasp", "AND/OR", "not an operator", "write OR"),
    ("robots oR grasp", "oR", "not an operator", "OR is written in capitals"),
    ("stars=5", "stars=5", "a colon stands between stars and =", "Write stars:5"),
    ("date=2026", "date=2026", "a colon stands between", "Write date:2026"),
    ("ti:au:x", "ti:au:x", "stands inside ti:", "Take one of the two"),
    ("ti:mesh:x", "ti:mesh:x", "stands inside ti:", "Take one of the two"),
    ("cat:AND", "cat:AND", "before a term", "AND cat:cs.CV"),
    ("cat:src:x", "cat:src:x", "stands inside cat:", "two terms"),
    ("orcid:0000-0001", "orcid:0000-0001", "no field", "who:0000-0002"),
    ("MSC:14H", "MSC:14H", "no field", "cat:math.AG"),
    ("comment:accepted", "comment:accepted", "no field", "not searched"),
    ('upvotes:>="5"', "upvotes:>=", "a quotation mark stands behind >=", "Write upvotes:>=5"),
    ('date:<="2026-02"', "date:<=", "a quotation mark stands behind <=", "Write date:<=2026-02"),
    ('upvotes:>=" "', "upvotes:>=", "a quotation mark stands behind >=", "upvotes:>=10"),
    ('venue:=Nature-au:"Wei Zhang"', "venue:=Nature-au:", "a colon stands before", "a space before the field"),
    ('cat:cs.LG-ti:(robot)', "cat:cs.LG-ti:", "a colon stands before", "a space before the field"),
    ('authors:"Yann LeCun"', 'authors:"Yann LeCun"', "wants a number", 'au:"Yann LeCun"'),
    ("Sgr A*", "A*", "at least two letters", '"A*"'),
    ('"a b"~2 ' * 17, '"a b"~2', "more than 16 terms with ~", "two topics"),
    ("allintitle: robots", "allintitle:", "no field", "ti:( )"),
    ("robots AROUND(3) grasp", "AROUND", "not written so", '"two words"~5'),
    ("robots WITHOUT survey", "WITHOUT", "not an operator", "write NOT"),
    ("TITLE-ABS-KEY(robots)", "TITLE-ABS-KEY", "not written so", "without a field"),
    ("TS=(robots AND grasp)", "TS=", "not written so", "without a field"),
    ("TI=robots", "TI=robots", "not written so", "ti:robots"),
    ("ti=robots", "ti=robots", "not written so", "ti:robots"),
    ("robots PUBYEAR > 2020", "PUBYEAR", "not an operator", "published:>=2026"),
    ("doc.title:robots", "doc.title:robots", "no field", "ti: abs:"),
    ("_exists_:doi", "_exists_:doi", "no field", "has:code"),
    ("field\\:value", "field\\:value", "a backslash", "quotation marks"),
    ("creator:smith", "creator:smith", "no field", "au:"),
    ("conference:NeurIPS", "conference:NeurIPS", "no field", "venue:"),
    ("sort:date", "sort:date", "no field", "not the rule's"),
    # what looks alike
    ('"a b" ~5', "~5", "directly behind a phrase", '"two words"~5'),
    ("ti:NOT survey", "ti:NOT", "before a term", "NOT ti:word"),
    ("cat: cs.AI", "cat:", "right behind the colon", "Write cat:cs.AI"),
    ("has: code", "has:", "right behind the colon", "Write has:code"),
    ("upvotes:", "upvotes:", "right behind the colon", "upvotes:>=10"),
    ("has:github", "has:github", "not known", "has:code"),
    ("has:code,pdf", "has:code,pdf", "not known", "has:(code OR pdf)"),
    ("cat:*.CV", "cat:*.CV", "or its beginning", "cat:cs.*"),
    ("upvotes:≥20", "upvotes:≥20", "is written >=", "upvotes:>=20"),
    ("upvotes:>1,000", "upvotes:>1,000", "wants a number", "upvotes:>1000"),
    ("stars:>1k", "stars:>1k", "wants a number", "stars:>1000"),
    ("version:v2", "version:v2", "wants a number", "version:2"),
    ("authors:smith", "authors:smith", "wants a number", "au:smith"),
    ("upvotes:[10 TO 20]", "upvotes:[10", "wants a number", "upvotes:>=5 upvotes:<=20"),
    ("published:20260131", "published:20260131", "wants a date", "published:2026-01-31"),
    ("published:>31.1.2026", "published:>31.1.2026", "wants a date", "published:>2026-01-31"),
    ("published:2020-2023", "published:2020-2023", "wants a date", "published:>=2020 published:<=2023"),
    ("published:>7d", "published:>7d", "wants a date", "A date is fixed"),
    ("published:>=2020 <2023", "<2023", "only counts and dates", "With their field each time"),
    ("au:Smith, J.", "au:Smith,", "a comma", 'au:"Smith, J"'),
    ("（robots OR grasp）", "（robots", "full-width sign", "( )"),
    ("ti：robots", "ti：robots", "full-width sign", "Latin keyboard"),
    ("ＡＮＤ robots", "ＡＮＤ", "not an operator", "AND, OR, NOT"),
    ("「robots」", "「robots」", "double quotation marks", '"two words"'),
    ("robots ∧ grasp", "∧", "not an operator", "AND, OR, NOT"),
    ("[robots OR grasp]", "[robots", "means nothing here", "( )"),
    ("*", "*", "no letter or digit", "has:abstract"),
    # site topics and limits
    ("@diffusio", "@diffusio", "no site topic", "Did you mean @diffusion?"),
    ("@nothing", "@nothing", "no site topic", "Site topics: @diffusion"),
    ("ti:(@diffusion)", "@diffusion", "stands inside ti:( )", "put it outside"),
]  # fmt: skip


@rows(("rule", "marked", "says", "mend"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_rule_is_marked_at_its_place_and_says_the_mend(rule: str, marked: str, says: str, mend: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(rule, topics=TOPICS)
    error = caught.value
    assert error.text[error.position : error.position + error.length] == marked
    assert says in error.what
    assert mend in error.fix


#: the rule · the line that works
MENDED = [
    ("sleep and memory", "sleep AND memory"), ("protein\tor\tenzyme", "protein\tOR\tenzyme"), ("not cancer", "NOT cancer"),
    ("sleep & memory", "sleep memory"), ("LLM|agent", "(LLM OR agent)"), ("蛋白质\u3000ＡＮＤ\u3000酵素", "蛋白质\u3000AND\u3000酵素"),
    ("cancer AND", "cancer"), ("cancer AND NOT", "cancer"), ("OR cancer", "cancer"), ("cancer AND OR lung", "cancer AND lung"),
    ("(a OR b", "(a OR b)"), ("(((((x", "(((((x)))))"), (")a(", "a"), ("graph network\"", "graph network"), ("«graph network", '«graph network"'),
    ("‘flow matching’", '"flow matching"'), ("「蛋白質 折叠」", '"蛋白質 折叠"'), ("（蛋白质 OR 酵素）", "(蛋白质 OR 酵素)"),
    ("[protein OR enzyme] folding", "(protein OR enzyme) folding"), ("covid-19 −mice", "covid-19 -mice"), ("--survey", "-survey"),
    ("TS=(graph network) AND PY=(2020-2024)", "(graph network) AND published:>=2020 published:<=2024"),
    ('TI="deep learning"', 'ti:"deep learning"'), ("TITLE-ABS-KEY(cancer) AND PUBYEAR > 2020", "(cancer) AND published:>2020"),
    ('cancer[tiab] AND "breast neoplasms"[MeSH Terms]', 'cancer AND "breast neoplasms"'), ("smith[au]", "au:smith"),
    ("ti:a ANDNOT all:b submittedDate:[20230101 TO 20240101]", "ti:a AND NOT b published:>=2023-01-01 published:<=2024-01-01"),
    ("cat:cs.AI+OR+cat:cs.CL", "cat:cs.AI OR cat:cs.CL"), ("allintitle: protein folding", "ti:(protein folding)"),
    ("protein folding (2024..2026)", "protein folding published:>=2024 published:<=2026"), ("protein <2024", "protein published:<2024"),
    ("neural NEAR/3 network", '"neural network"~3'), ("robots AROUND(3) grasp", '"robots grasp"~3'), ('"a b" ~5', '"a b"~5'),
    ('"a b"~300', '"a b"~100'), ('"neural net* model"', '"neural net*" model'), ("wom?n", "wom*"), ("neuro*tic", "neuro*"), ("c?ncer", ""),
    ("au:Müller, A.", 'au:"Müller, A."'), ("au:LeCun;Bengio", "au:(LeCun OR Bengio)"), ("author: Yann LeCun", 'author:"Yann LeCun"'),
    ("title : protein", "title:protein"), ("jounral:Nature", "journal:Nature"), ("cat:cs.LG,stat.ML", "cat:(cs.LG OR stat.ML)"),
    ("10.1038/s41586-020-2649-2", "doi:10.1038/s41586-020-2649-2"), ("https://github.com/x/y", "code:https://github.com/x/y"),
    ("deep learning, radiology", '"deep learning" OR radiology'), ("stars:1k", "stars:1000"), ("upvotes:10-20", "upvotes:>=10 upvotes:<=20"),
    ("benzo[a]pyrene", '"benzo[a]pyrene"'), ("p<0.05", '"p<0.05"'), ("foo:bar", '"foo:bar"'), ("ti:@diffusion", "@diffusion"),
    ("keywords: sleep", "sleep"), ('sources:>="2"', "sources:>=2"), ("cat:cs.LG-ti:(x)", "cat:cs.LG -ti:(x)"), ("be\u00adfore and after", "before AND after"),
    # dates and counts
    ("published:20260131", "published:2026-01-31"), ("x published:>31.1.2026", "x published:>2026-01-31"), ("x date:1/31/26", "x date:2026-01-31"),
    ("x published:2026-02-31", "x published:2026-02-28"), ("x published:>2025-13", "x published:>2025"), ("published:Jan 2025 x", "published:2025-01 x"),
    ("x published:March 3, 2025", "x published:2025-03-03"), ("published:2025-Q4", "published:>=2025-10 published:<=2025-12"),
    ("x published:>7d", "x"), ("published:>7d", "has:abstract"), ("x published:last week", "x"), ("published:٢٠٢٦", "published:2026"),
    ("x published:past 7 days y", "x y"), ("x upvotes:>=1,000", "x upvotes:>=1000"), ("upvotes:>=ten", "upvotes:>=10"), ("upvotes:٢٠", "upvotes:20"),
    ("upvotes:=>=4", "upvotes:>=4"), ("x upvotes:many", "x"), ("upvotes:many", "upvotes:>=1"), ("upvotes:>10 AND <50", "upvotes:>10 AND upvotes:<50"),
    ("=upvotes:(>=5 <9)", "upvotes:(>=5 <9)"), ("version:v2", "version:2"), ("authors:smith", "au:smith"), ("authors:\"Yann LeCun\"", "au:\"Yann LeCun\""),
    ("sources:arxiv", "src:arxiv"), ("published:2025-06..2025-12", "published:>=2025-06 published:<=2025-12"), ("published:06/2025", "published:2025-06"),
    ("x published:since 2025", "x published:>=2025"), ("upvotes:>20%", "upvotes:>20"), ("authors:(Hinton OR Bengio)", "au:(Hinton OR Bengio)"),
    ("venue:Nature|Science", "venue:(Nature OR Science)"),
    ("x from:2025 to:2026", "x published:>=2025 published:<=2026"), ("to:2026 x", "published:<=2026 x"), ("date:2025-2026", "date:>=2025 date:<=2026"),
    ("x published between 2024 and 2026", "x published:>=2024 published:<=2026"), ("stars:more than 10 x", "stars:>10 x"),
    ("citations:>10", ""), ("from:Nature", ""), ("subject:physics", ""), ("NOT", ""),
    # several values of one field, and values of several words
    ("au:Hinton G; Bengio Y", 'au:("Hinton G" OR "Bengio Y")'), ("x au:Hinton, G; Bengio, Y", 'x au:("Hinton, G" OR "Bengio, Y")'),
    ("authors: Geoffrey Hinton, Yoshua Bengio", 'au:("Geoffrey Hinton" OR "Yoshua Bengio")'), ("au:Li, F., Wu, J.", 'au:("Li, F." OR "Wu, J.")'),
    ("author: Hinton G. and Bengio Y.", 'author:("Hinton G." AND "Bengio Y.")'), ("cat: cs.LG, cs.AI", "cat:(cs.LG OR cs.AI)"),
    ("(cat:cs.LG; cs.AI) x", "(cat:(cs.LG OR cs.AI)) x"), ("cat: cs.LG or cs.AI", "cat:(cs.LG OR cs.AI)"), ("categories:cs.LG,cs.AI", "cat:(cs.LG OR cs.AI)"),
    ("src:arxiv, biorxiv x", "src:(arxiv OR biorxiv) x"), ("has:code, pdf", "has:(code OR pdf)"), ("venue: Nature or Science", "venue:(Nature OR Science)"),
    ("journal: Physical Review Letters", 'journal:"Physical Review Letters"'), ("ti: cancer lung -mice", "ti:(cancer lung) -mice"),
    ("org:MIT; Stanford University", 'aff:(MIT OR "Stanford University")'), ("any of: lung, liver", "lung OR liver"), ("all of: lung, liver", "lung liver"),
    ("x exclude:survey, review", "x -survey -review"), ("x without:\"old news\"", 'x -"old news"'), ("x NOT:survey", "x -survey"), ("include:survey", "survey"),
    ("first-author:Hinton", "au:Hinton"), ("by:Hinton", "au:Hinton"), ('journal = "Nature"', 'journal:"Nature"'), ("abs= graph", "abs:graph"),
    ("in:title lung cancer", "ti:(lung cancer)"), ("(cancer OR tumor)[tiab] x", "(cancer OR tumor) x"), ("(cancer OR tumor)[ti]", "ti:(cancer OR tumor)"),
    ("lung and or liver", "lung OR liver"), ("lung XOR liver", "((lung OR liver) AND NOT (lung liver))"), ("cat:[cs.LG, cs.AI]", "cat:(cs.LG OR cs.AI)"),
    # names of fields and of topics
    ("orcid:0000-0002-1825-0097", "who:0000-0002-1825-0097"), ("lang=en", "lang:en"), ("id=2602.00001", "id:2602.00001"), ("has=code", "has:code"),
    ("journal[Nature]", 'journal:"Nature"'), ("url:github.com", "code:github.com"), ("comment:accepted", '"accepted"'), ("msc:14A", '"14A"'),
    ("filetype:pdf", "has:pdf"), ("has:full-text", "has:pdf"), ("has:pictures", '"pictures"'), ("cat:*", "has:abstract"), ("id:* x", "x"),
    ("ti:(@diffusion)", "@diffusion"), ("@ diffusion", "@diffusion"), ("@nothing", '"nothing"'), ("topic:LLM limit:8", "LLM"),
    ("x sort:date", "x"), ("newer_than:2d", "has:abstract"), ('foo:"bar baz"', '"bar baz"'),
    # lists, signs, and lines that end while they are typed
    ("ti:cancer,lung", "ti:(cancer OR lung)"), ("aff:MIT,Stanford", "aff:(MIT OR Stanford)"), ('au:"LeCun", "Hinton"', 'au:("LeCun" OR "Hinton")'),
    ("LLM，agent", "LLM OR agent"), ("机器学习、深度学习", "机器学习 OR 深度学习"), ("deep＊", "deep*"), ("C\\+\\+", "C++"), ("LLM \\AND agent", "LLM AND agent"),
    ('"a b"~~5', '"a b"~5'), ('"a b"~5.5', '"a b"~5'), ('"a b"~x c', '"a b" c'), ('"a b"@5', '"a b"~5'), ('"LLM"**', '"LLM"*'), ("LLM**x", "LLM*"),
    ("deep AND (vision OR", "deep AND (vision)"), ("au:Hinton and", "au:Hinton"), ("ti:robots AND (cat:", "ti:robots"), ("a AND (b OR (", "a AND (b)"),
]  # fmt: skip


@rows(("rule", "works"), MENDED, ids=[row[0] for row in MENDED])
def test_a_broken_rule_is_answered_with_the_line_that_works(rule: str, works: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(rule, topics=TOPICS)
    assert caught.value.works == works
    assert ("Can be read: " in str(caught.value)) is bool(works)
    if works:
        assert str(caught.value).endswith(f"Can be read: {works}")
        parse(works, topics=TOPICS)


@rows("rule", [row[0] for row in BROKEN] + list("()=@*") + ["upvotes:many", "@nothing", '""', "is:unread"])
def test_a_line_that_is_said_to_work_can_be_read(rule: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(rule, topics=TOPICS)
    if works := caught.value.works:
        parse(works, topics=TOPICS)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("注意力 and 图", "注意力 and 图\n       ^^^"), ("e\u0301te\u0301 and x", "e\u0301te\u0301 and x\n    ^^^"),
        ("a 注or力: or", None), ("ｗide\x1b[2Jx\tor y", None), ("a\u200bb or c", "ab or c\n   ^^"), ("x AND 研究:(y", None),
    ],
)  # fmt: skip
def test_the_mark_stands_under_the_place_in_columns_of_a_terminal(rule: str, shown: str | None) -> None:
    with pytest.raises(RuleError) as caught:
        parse(rule)
    caret = caught.value.caret()
    assert shown in (None, caret)
    assert "\x1b" not in caret
    assert caret.count("\n") == 1


def test_of_a_long_rule_the_part_around_the_mistake_is_shown() -> None:
    with pytest.raises(RuleError) as caught:
        parse("robots " * 300 + "and " + "grasp " * 200)
    line, mark = caught.value.caret().split("\n")
    assert (line[0], line[-1]) == ("…", "…")
    assert line[mark.index("^") : len(mark)] == "and"
    assert len(line) < 250


def test_what_stands_in_a_mend_as_a_rule_can_be_read() -> None:
    for text in ("ti:cancer", "au:smith", "published:>=2020 published:<=2024", "upvotes:>=5 upvotes:<=10", "-ti:survey",
                 "published:>2026-01-05", "id:2602.00001v2", "doi:10.5555/abc", '"two words"~5', '"two wor*"', 'ti:"two words"',
                 "cat:(a OR b)", "-upvotes:5", "(woman OR women)", '("a b"~5 OR "a c"~5)', '"or"', '"and"', '"not"'):  # fmt: skip
        parse(text)


def test_several_mistakes_are_told_at_once_with_their_places() -> None:
    with pytest.raises(RuleError) as caught:
        parse("tit:a autor:b has:cde upvotes:x published:y")
    error = caught.value
    assert (error.what, error.position) == ('there is no field "tit:"', 0)
    assert 'Also, at character 7: there is no field "autor:". Did you mean author:' in error.fix
    assert "Also, at character 15: has:cde" in error.fix
    assert error.fix.endswith("And 1 more")


@rows(
    "rule",
    ["ti:(a OR b)", "-ti:(a b)", 'au:("Ada Lovelace" OR Hinton)', "cat:(cs.CV OR cs.*)", "upvotes:(>5 <20)", "has:(code OR doi)",
     "=ti:models", 'ti:="flow matching"', '=ti:(models OR "flow nets")', "“flow matching”", "„flow matching“", "«flow matching»", '@"diffusion"',
     "DreamFusion: text to 3D", "C++ C# F#", "upvotes:=5", "upvotes:==5", "upvotes:=>5", "doi:https://doi.org/10.5/x",
     "id:https://arxiv.org/abs/2602.00001", "code:https://github.com/a/b", 'src:"Some Journal"', '"or"', "AT&T", "a/b", "+robot",
     'has:" pdf "', 'upvotes:" >=5 "', 'upvotes:">= 5"', '"flow match* "', "=Report: x"],
)  # fmt: skip
def test_what_people_paste_and_mean_alike_just_works(rule: str) -> None:
    parse(rule, topics=TOPICS)


def test_a_field_before_brackets_is_the_field_of_all_terms_in_them() -> None:
    assert parse('ti:(a OR "b c" -d)').tree == parse('(ti:a OR ti:"b c" -ti:d)').tree
    assert parse("=au:(a b) c").tree == parse("(au:=a au:=b) c").tree


@rows(
    ("rule", "says"),
    [
        ("a -a", "can never match"), ("(a b) OR c AND (d NOT d)", ""), ("(a OR b) -a -b", "can never match"),
        ("upvotes:>5 upvotes:<3", "can never match"), ("upvotes:>5 OR upvotes:<=5", "matches every paper"),
        ("a OR -a", "matches every paper"), ("-survey", "only says what not to take"), ("robots -survey", ""),
        ("2602.00001", "id:2602.00001"), ("robots cs.CV", "cat:cs.CV"), ("lang:english x", "lang:en"),
        ("NOT has:code", ""), ("robots upvotes:>5", ""), ("#machinelearning", "no hashtags"), ("C# F#", ""),
        ("graphs since 2025", "published:>=2025"), ("papers about diffusion", "leave it out"),
        ("papers diffusion", ""), ("research on sleep", "leave it out"), ('"papers about" lists', ""), ("by Yoshua Bengio", 'au:"Yoshua Bengio"'),
        ("learning by doing", ""), ("MRI/CT", "(MRI OR CT)"), ('"TCP/IP"', ""), ("A/B testing", ""), ("Na+/K+-ATPase", ""), ("24/7", ""), ("since graphs", ""),
        ('title contains "graph networks"', 'ti:"graph networks"'), ("abstract mentions robots", "abs:robots"), ("abstract algebra", ""),
        ("last 7 days", "last 7 days is looked for"), ("past week diffusion", "leave it out"), ("last layer", ""), ("this 7 layers", ""),
        ("has code", "has:code"), ("learning with graphs", ""), ("interested in graphs", "leave out"), ("id:cs.cl", "cat:cs.CL"),
        ("LLM AND agents OR tools", "(LLM AND agents) OR tools"), ("tools OR LLM AND agents", "tools OR (LLM AND agents)"),
        ("LLM OR large language models", ""), ("machine learning OR deep learning", ""), ("a AND b OR c AND d", ""),
        ('"flow matching" OR diffusion', ""), ("(a OR b) c OR d", ""), ("a OR b OR c", ""), ('a "b OR c" OR d', ""),
    ],
)  # fmt: skip
def test_a_rule_that_can_be_read_but_is_likely_not_meant_is_doubted(rule: str, says: str) -> None:
    warnings = " ".join(parse(rule).warnings())
    assert says in warnings
    assert bool(says) == bool(warnings)


# --- hostile -------------------------------------------------------------------------------------------------------

LONG = "a " * 20_000
HOSTILE_RULES = {
    "too long": "a" * 1_000_000, "many brackets": "(" * 3999, "many closing": ")" * 3999, "many quotes": '"' * 3999,
    "many minus": "-" * 3999, "many NOT": "NOT " * 900 + "a", "many stars": "a" + "*" * 3000 + "b", "all stars": "*" * 3999,
    "many terms": "a " * 1999, "many ORs": "a OR " * 700 + "a", "many fields": "ti:" * 1300, "many unknown fields": "zz:a " * 790,
    "many colons": ":" * 3999, "many equals": "=" * 3999, "many at": "@" * 3999, "a phrase of very many words": '"' + "a " * 1990 + '"',
    "ideographs": "注" * 3999, "one long word": "x" * 3999, "many tildes": '"a"' + "~" * 3900, "many topics": "@x " * 1300,
    "marks": "a" + "\u0301" * 3900, "plus": "a" + "+" * 3900, "carets": "a^" * 1900, "brackets": "[a" * 1900, "dots": "a.." * 1300,
    "apostrophes": "a'" * 1999, "commas": "a," * 1999, "slashes": "/" * 3999, "spaces": " " * 3999, "percent": "%2" * 1999,
    "nested groups": "ti:(" * 900, "exact": '="' * 1900, "nul": "\0" * 3999, "unknown has": "has:cde " * 490, "a long field": "x" * 3900 + ":y",
    "hanging brackets": "foo:" + "(" * 300 + "x", "brackets behind a mistake": "has:cde " + "(" * 300 + "x", "in a field": "[" + "(" * 300 + "x]",
    "many @names": "@nobody " * 490, "bad dates": "published:x " * 330,
}  # fmt: skip


@rows("name", HOSTILE_RULES)
def test_no_rule_takes_long_to_be_read_or_refused(name: str) -> None:
    def act() -> None:
        with suppress(RuleError):
            rule = parse(HOSTILE_RULES[name])
            rule.warnings()
            rule.match(paper())

    assert quickest(act) < 0.1


def chain(names: int, each: int) -> Mapping[str, str]:
    """Topics that name the next one several times: without a limit, `each` to the power of `names` terms."""
    topics = {f"t{n}": " ".join([f"@t{n + 1}"] * each) for n in range(names)}
    return {**topics, f"t{names}": "word"}


@pytest.mark.parametrize("topics", [chain(40, 2), chain(3, 400), {"t0": " OR ".join(f"w{n}" for n in range(499))}])
def test_site_topics_inside_each_other_do_not_explode(topics: Mapping[str, str]) -> None:
    def act() -> None:
        with pytest.raises(RuleError, match="more than"):
            parse("@t0 @t0", topics=topics)

    assert quickest(act) < 0.1


HOSTILE_MATCHES = {
    "near of one word repeated": ('"a a a a a a a a"~100', LONG),
    "near that just fails": ('"a a a a b"~100', LONG),
    "near of many words": ('"' + "a b c d e f g h " * 4 + '"~100', "a b c d e f g " * 3000),
    "a phrase that just fails": ('"' + "a " * 31 + 'b"', LONG),
    "a phrase of one word repeated": ('"' + "a " * 32 + '"', LONG),
    "a beginning of all": ("aa*", " ".join(f"aa{n}" for n in range(20_000))),
    "a phrase with a beginning": ('"a a aa*"', LONG),
    "marks": ("a", "a\u0301" * 20_000), "apostrophes": ("a", "a'" * 20_000), "plus": ("c++", "c+" * 20_000), "letters": ("c++", "c" * 40_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_MATCHES)
def test_no_text_takes_long_to_be_matched(name: str) -> None:
    query, text = HOSTILE_MATCHES[name]
    rule, one = parse(query), paper(summary=text)
    cutting = quickest(lambda: PaperIndex([one]).bits(parse("zebra")))
    plain = quickest(lambda: rule.match(one)) - cutting
    indexed = quickest(lambda: PaperIndex([one]).bits(rule)) - cutting
    assert (cutting < 0.2, plain < 0.1, indexed < 0.1) == (True, True, True), (cutting, plain, indexed)


def test_near_of_common_words_reads_no_paper_that_lacks_one_and_each_paper_once() -> None:
    papers = [paper(n, summary="the of and " * 60 + ("rare" if n % 100 == 0 else "")) for n in range(1000)]
    index = PaperIndex(papers)
    index.bits(parse("the"))
    missing = (f'"the of zzzzq{n}"~100' for n in range(99))
    assert quickest(lambda: index.bits(parse(next(missing)))) < 0.01
    assert quickest(lambda: PaperIndex(papers).bits(parse('"the of and rare"~100'))) < 1
    assert [p.id for p in index.select(parse('"the of and rare"~100'))] == list(range(0, 1000, 100))


def test_a_name_with_very_many_initials_costs_little() -> None:
    one = paper(authors=("a " * 5000 + "b", "b a " * 2000))
    rule = parse('au:"ab ac ad ae af"')
    assert quickest(lambda: rule.match(one)) < 0.1
    assert quickest(lambda: PaperIndex([one]).bits(rule)) < 0.1


@rows(
    ("rule", "same"),
    [
        ("upvotes:=>4", "upvotes:>=4"),
        ("upvotes:(=>4 =<9)", "upvotes:>=4 upvotes:<=9"),
        ("upvotes:==5", "upvotes:5"),
        ("=upvotes:5", "upvotes:5"),
        ("=upvotes:=5", "upvotes:5"),
        ("=upvotes:(5 OR 7)", "upvotes:5 OR upvotes:7"),
        ('upvotes:">=5"', "upvotes:>=5"),
        ('HAS:"Code"', "has:code"),
        ('src:" daily "', "src:daily"),
        ("(x DreamFusion:)", "x DreamFusion"),
        ("DreamFusion:", "DreamFusion"),
        ("robot***", "robot*"),
        ("src:(not OR but)", "src:not OR src:but"),
    ],
)
def test_two_ways_to_write_one_rule(rule: str, same: str) -> None:
    assert parse(rule).tree == parse(same).tree


@pytest.mark.slow
def test_random_pieces_of_rules_are_read_or_refused_and_read_again_alike() -> None:
    draw = random.Random(4)
    pieces = [*'()"-=*~:@', "“", " ", " ", "AND", "OR", "NOT", "~3", ">=", "2026-01", "5", "robot", "naïve", "注意", "C++", "<", "[ti]", "..",
              *(f"{name}:" for name in (*FIELDS, *ALIASES, "has")), *HAS, "@t", "\n", "'", ","]  # fmt: skip
    readable, places = 0, []
    tries = size(500, full=2000)
    for _ in range(tries):
        text = "".join(draw.choice(pieces) + draw.choice(("", " ")) for _ in range(draw.randrange(1, 9)))
        try:
            tree = parse(text, topics={"t": "robot OR x"}).tree
        except RuleError as error:
            places.append((error.position, text))
        else:
            readable += 1
            assert parse(wording(tree)).tree == tree, (text, wording(tree))
    assert readable > tries * 0.06
    assert all(0 <= position <= len(text) for position, text in places)
