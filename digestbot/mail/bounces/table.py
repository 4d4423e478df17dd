"""The table of what servers say: words first, then the enhanced status, then the reply code.

Rows are tried in their order; the first that matches decides. The order is the point: "mailbox full" beats 5.1.1, what is
said of our server or sender beats "recipient rejected", and a policy's text often carries a status that belongs to
addresses. Sources: RFC 3463, RFC 5248 and the IANA registry of enhanced status codes, RFC 7505, the public pages of
Gmail, Outlook.com, Yahoo, Apple, T-Online, GMX, QQ, NetEase and Mail.ru about their replies, and the messages in the source
texts of Postfix, Exim, sendmail, qmail, Courier and OpenSMTPD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from digestbot.model.returned import ReturnKind

_WHO = (
    r"(?:users?|recipients?|mail ?box(?:es)?|accounts?|address(?:ee|es)?|e-?mail(?: address)?|alias(?:es)?"
    r"|local[ -]?part|person|subscriber|usu[aá]rio|member|mailboxes)"
)
_GAP = r"[:;,.)\]>\"']{0,3}(?: [^ ]{1,60}){0,4}? "  #: at most four words between, in a text of single spaces


@dataclass(frozen=True, slots=True)
class Row:
    """What words mean. Patterns meet lower case text in one line, without addresses."""

    kind: ReturnKind
    patterns: tuple[str, ...]
    certain: bool = False  #: of HARD: the words alone settle it, whatever the status and the stage
    compiled: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile("|".join(self.patterns)))


WORDS: Final[tuple[Row, ...]] = (
    Row(ReturnKind.HARD, (  # what a provider says of nothing else
        r"the email account that you tried to reach does not exist",
        r"\bdd (?:sorry.{0,60})?this user doesn't have a \S{1,80} account",
        r"resolver\.adr\.(?:recip\w*|ex\w*)?not ?found", r"the e-?mail address you entered couldn't be found",
        r"not listed in (?:the )?(?:public name|domino|.{0,20}directory)", r"recipient name is not recogni[sz]ed",
        r"^unknown user: ", r"^invalid final delivery userid", r"account does not exist at the organi[sz]ation",
        r"\b000c05a6\b",
        r"destination addresses were unknown", r"no valid recipients for this mm",
        r"as the remote domain doesnt exist",
        r"not found in (?:the )?domino",
        r"no figura en el directorio", r"nicht im domino-?verzeichnis", r"n'est pas répertori",
        r"dans l'annuaire domino",
        r"受信者.{0,40}(?:見つかり|存在し|登録されて)",
        r"ディレクトリ.{0,30}(?:見つかり|ありません|リストされて|登録されて)",
        r"não (?:está|consta) (?:listado|no diretório)", r"\bbad-mailbox\b", r"\bbad-domain\b",
        r"550 5\.4\.1 (?:\S{1,80} )?recipient address rejected: access denied",
        r"recipient address rejected: access denied\. as\(", r"null ?mx\b", r"nullmx", r"indicated no smtp service",
    ), certain=True),
    Row(ReturnKind.SOFT, (  # a program of the far side failed; "no such user" is then the program's
        r"procmail", r"\b(?:no-answer-from-host|bad-connection|routing-errors|message-expired)\b",
        r"could ?n[o']t create", r"can'?t create", r"cannot create",
        r"command (?:died|failed|time|output|exited)", r"exit(?:ed)? (?:status|code|with)",
        r"mailer (?:exited|returned|error)", r"vdelivermail: .{0,40}fail", r"maildrop: ", r"lost connection",
        r"conversation with",
        r"(?:connect(?:ion)?|session|delivery|operation|command|request)[a-z ]{0,12} timed? ?-?out",
        r"too many hops", r"hop count", r"mail loop", r"loop(?:ing|s)? (?:detected|back)",
        r"(?:routing|forwarding) loop",
    )),
    Row(ReturnKind.POLICY, (
        r"message (?:too|size|is larger|length|exceeds|larger)[a-z ]{0,20}(?:exceed|large|big|long|limit|than"
        r"|maximum|fixed|max)",
        r"(?:message|mail|size)\b[a-z ]{0,20} exceed(?:s|ed)?[a-z ]{0,12} (?:fixed |the )?(?:maximum|max"
        r"|limit|allowed|administrative|size)[a-z ]{0,20} (?:message |size|length)",
        r"exceeded maximum inbound message size", r"max(?:imum)? message size exceeded",
        r"message (?:file )?too (?:big|large)", r"size limit(?: for)? (?:this|messages?)",
        r"mensaje demasiado grande", r"too large for this recipient", r"message size (?:limit )?exceed",
        r"mail (?:is |size )?too (?:big|large)", r"mail size limit", r"taille limite du message",
        r"line(?:s)? (?:in (?:the )?message )?(?:is |are )?too long", r"size of (?:the |this )?message",
    )),
    Row(ReturnKind.FULL, (
        r"(?:over|exceed(?:s|ed|ing)?|out of|beyond|above|hit"
        r"|reached)(?: [a-z'-]{1,15}){0,4} (?:disk )?(?:quota|storage|allocation|space|disk)",
        r"quota[a-z ]{0,20} (?:exceeded|violation|reached|full|limit|used up)", r"quota[- ]?exceeded", r"overquota",
        r"over_?quota", r"quotaexceeded", r"over ?quota",
        r"(?:mail ?box|inbox|mail ?folder|maildir|mail store|mail account|user's mail)[^.;]{0,40} (?:is "
        r"|are )?(?:(?:almost|too|currently) )?full",
        r"full mail ?box", r"mailboxfull", r"quota-issues", r"disk(?:space)? (?:is )?full", r"diskspace quota",
        r"disc quota",
        r"(?:insufficient|not enough|no|does not have enough|lack of) (?:\S+ ){0,2}(?:storage|space|disk)",
        r"no space left", r"space (?:is )?exhausted", r"insufficient system (?:storage|resources)",
        r"space has been used up",
        r"too much mail data", r"too many messages (?:on|in)", r"mailbox size limit",
        r"(?:account|mailbox) storage limit", r"mailbox (?:limit|quota) ",
        r"mail ?box [^.;]{0,30}exceed", r"would exceed (?:\S+ ){0,3}(?:storage|quota|limit)",
        r"exceeding receiving limits", r"mail ?box exceeds", r"exceeds? the maximum size allowed for mail delivery",
        r"filesystem full", r"容量",
        r"メールボックスが?(?:一杯|いっぱい|フル)", r"邮箱.{0,6}满", r"容量已满", r"空间不足", r"信箱.{0,4}[满滿]",
        r"boite .{0,30}pleine", r"boîte .{0,30}pleine", r"postfach .{0,30}voll", r"speicherplatz", r"kontingent",
        r"caixa .{0,20}cheia", r"casilla .{0,20}llena", r"buz[oó]n .{0,20}llen", r"casella .{0,20}piena",
        r"переполнен", r"квот", r"mailbox vol", r"postbus vol", r"편지함.{0,10}(?:가득|초과)",
    )),
    Row(ReturnKind.SOFT, (  # suspended: the mailbox is there, and may come back
        r"(?:account|user|mail ?box|recipient|address|domain)[^.;]{0,60} (?:is |has been |was "
        r"|been )?(?:currently |temporarily |temporary )?(?:suspended|disabled|deactivated|inactive|frozen"
        r"|locked|not active|terminated|archived|expired|blocked|closed|on hold|dormant|discontinued)",
        r"(?:inactive|disabled|suspended|deactivated|expired|frozen|locked) (?:user|account|mail ?box|recipient)",
        r"invalid/inactive", r"recipient suspend the service", r"is a deactivated",
        r"boite du destinataire archivee", r"compte du destinataire est bloqu", r"archived recipient",
        r"extended inactivity", r"user suspended", r"inactive-mailbox",
        r"not currently (?:being )?accept(?:ed|ing)", r"this address no longer accepts mail",
        r"no longer accept(?:s|ing) (?:e?-?mail|messages)", r"account .{0,40}deactivated",
    )),
    Row(ReturnKind.HARD, (  # moved away
        r"has been replaced by", r"has moved", r"address has changed", r"new address is",
        r"no longer (?:on (?:this )?server|at this|with|employed|works?|valid|in use|exists?|available)",
        r"left (?:the )?(?:company|organi[sz]ation)",
    ), certain=True),
    Row(ReturnKind.HARD, (  # status and words agree: what a link or a product name beside them says does not count
        r"mailbox unavailable or access denied", r"\brcpt .{0,80}not exist",
        r"5\.1\.1 (?:[^ ]{1,60} ){0,7}(?:user ?unknown|recipient unknown|unknown (?:user|recipient"
        r"|or illegal alias)|(?:user|recipient|mailbox|account|address) (?:does not exist|not found|unknown)"
        r"|no such (?:user|recipient|mailbox))",
    )),
    Row(ReturnKind.POLICY, (  # relaying
        r"relay(?:ing|ed)?[a-z :'-]{0,30} (?:denied|not permitted|not allowed|prohibited|refused|disallowed"
        r"|restrict)",
        r"(?:not|unable|cannot|won't|refus\w+|denied|deny|can't) (?:\w+ ){0,3}(?:to |for )?relay", r"relay access",
        r"relaying mail", r"relaying is prohibited", r"rcpthosts", r"we do not relay",
        r"does not (?:allow|permit) relay", r"insecure mail relay", r"mail server requires auth",
        r"authentication (?:is )?required", r"must (?:first )?authenticate", r"pop before",
        r"is not permitted to (?:send|relay)", r"not a gateway", r"only relay", r"unable to relay", r"no relaying",
        r"not local; please try", r"user not local", r"this system is not configured to relay",
    )),
    Row(ReturnKind.POLICY, (  # our server, our domain, our sender
        r"\b(?:spf|dkim|dmarc|dkim2|arc|sender ?id|s/mime|fcrdns|rdns)\b",
        r"\b(?:spamhaus|spamcop|barracuda(?:central)?|sorbs|njabl|uceprotect|surbl|uribl|dnsbl|rbl|rbls|dsbl"
        r"|abuseat|senderbase|proofpoint|senderscore|trendmicro|cloudmark|invaluement|mxrate"
        r"|junkemailfilter)\b",
        r"reverse (?:dns|lookup|mapping|hostname)", r"\bptr\b", r"(?:in-addr|ip6)\.arpa",
        r"(?:cannot|could ?n[o']t|can't|unable to) (?:find|resolve) your (?:reverse )?(?:hostname|host|dns|ip"
        r"|domain)",
        r"(?:no|without|missing|valid|invalid) (?:a )?(?:reverse|ptr|rdns|dns record)", r"black ?-?list",
        r"block ?-?list", r"blocklist", r"bl?ock list", r"deny ?list",
        r"\b(?:ip|ips|host|network|server|sender|client|domain)(?: address)?(?:es)?[^.;]{0,50} (?:is |are "
        r"|has been |have been |was |been )?(?:temporarily )?(?:blocked|banned|listed|denied|not allowed"
        r"|not permitted|refused|rejected)",
        r"connection[^.;]{0,20} (?:rejected|blocked|denied|not allowed|will not be accepted|dropped by)",
        r"connections? (?:will )?not (?:be )?accepted", r"blocked (?:using|by|for|due|because|- see|see)",
        r"(?:bad|poor|low) (?:reputation|sender|ip)", r"reputation", r"unauthenticated", r"not authenticated",
        r"fails? to pass authentication", r"authentication (?:check|fail|results)",
        r"sender's address", r"suspected",
        r"sender (?:verif|policy|address|domain|rejected|denied|not|is|host|identity|email|unknown|was)",
        r"(?:invalid|unknown|bad|bogus|unroutable|forged|fake|unresolvable|null|empty"
        r"|blocked) (?:envelope )?(?:sender|return|mail from|from)",
        r"return(?:-| )path", r"mail from", r"from address", r"from domain", r"from: domain", r"valid from\b",
        r"envelope (?:sender|from|blocked)",
        r"originator", r"helo", r"ehlo", r"client host", r"dynamic ip", r"dynamic (?:and|or) ", r"dial-?up",
        r"residential", r"home ip", r"zombie", r"open (?:proxy|relay)",
        r"your (?:ip|host|server|domain|network|mail server|smtp|mta|isp)\b", r"access denied",
        r"access (?:from|to)[^.;]{0,60}(?:denied|blocked|forbidden)", r"batv", r"backscatter", r"bounce ?deny",
        r"third-party dsn", r"unsigned dsn", r"returned mail not accepted", r"prvs",
        r"not (?:allowed|authori[sz]ed|permitted|a member|accepted)[^.;]{0,30}(?:to )?(?:post|send|submit"
        r"|connect|mail|deliver|from|access)",
        r"delivery not authori[sz]ed", r"administrative(?:ly)? (?:prohibit|den)", r"do(?:es)? not accept mail from",
        r"not accept(?:ing)? (?:e-?mail|mail|messages?|connections?) from", r"senders? (?:who|that|must|to accept)",
        r"accept(?:s|ing)? (?:only )?mail from", r"only accepts?", r"list of senders", r"moderat(?:ed|or)",
        r"emetteur", r"expéditeur", r"absender", r"remitente", r"mittente", r"groups\.google", r"google groups",
        r"permission to post", r"グループ", r"群組", r"群组",
    )),
    Row(ReturnKind.POLICY, (  # our mail
        r"\bspam(?:my|ming|mer|s|assassin|bouncer|profiler|trap|-like)?\b", r"junk ?mail", r"unsolicited",
        r"bulk e?-?mail", r"mass mail", r"\bube\b", r"\buce\b", r"virus", r"malware", r"infected", r"worm\b",
        r"trojan", r"phish", r"suspicious", r"dangerous", r"harmful",
        r"(?:content|message|mail|attachment|header|subject|body|url|link)s?[^.;]{0,40} (?:was |is |has been "
        r"|have been |been )?(?:filtered|rejected|blocked|refused|denied|prohibited|banned|not allowed"
        r"|not accepted|forbidden|unacceptable|violat\w+|illegal|stripped)",
        r"(?:rejected|refused|blocked|denied|prohibited|banned|illegal|unsafe|forbidden"
        r"|unacceptable) (?:\w+ ){0,2}(?:content|attachment|file|extension|url|link|header|message)",
        r"polic(?:y|ies)", r"complaint", r"bounced? address", r"previously bounced", r"suppression list",
        r"prohibited", r"forbidden", r":blocked\)", r"duplicate",
        r"(?:invalid|malformed|missing|bad|too many|non-?compliant|improper|unencoded|8-?bit|bare (?:lf"
        r"|cr))[^.;]{0,30} (?:headers?|mime|received|hops|message-id|date|characters?|linefeed|data|lf"
        r"|encoding|format)",
        r"rfc ?-?(?:5321|5322|2822|822|2821|1035|1123|2047|6532)", r'too many \"?received\"?',
        r"(?:starttls|tls|encryption|certificate|ssl)[^.;]{0,40} (?:required|fail|first|need|error|must|command)",
        r"must issue a starttls", r"syntax error", r"command (?:not |un)(?:recogni[sz]ed|implemented|known)",
        r"unrecogni[sz]ed command", r"bad sequence", r"unknown command", r"protocol error", r"improper command",
        r"invalid command", r"parameter", r"conversion", r"not supported", r"8bitmime", r"smtputf8",
        r"refuse to receive mail", r"user reject", r"recipient preferences", r"user rules",
        r"blocked by (?:the )?recipient", r"you have been blocked", r"迷惑", r"垃圾", r"拒否", r"拒收", r"拒绝",
        r"拒絕",
        r"security", r"insufficient (?:permission|rights)", r"signature", r"\baup#",
        r"\b(?:pol|con|dns|msg)-[pt]\d", r"\bint-p2\b", r"smtp relay error",
        r"gr[ae]y-?list", r"postgrey", r"internal resources are temporarily unavailable", r"connection denied",
        r"adresse ip source",
    )),
    Row(ReturnKind.HARD, (
        r"unknown[ -]?(?:user|recipient|mailbox|address|account|to|rcpt)", r"user[ -]?unknown", r"userunknown",
        r"recipient ?not ?found", r"recipientnotfound", r"usernotfound", r"notfound",
        r"no (?:such )?(?:user|person|mailbox|recipient|account|one)[^.;]{0,30} (?:here|by that name|at this"
        r"|with that|of that|for this|found|in (?:the |our |name )?)",
        r"(?:user|recipient|account|mailbox|address)[^;]{0,80} (?:does|do|did) ?n[o'’]?t? exist",
        r"does(?:n[o'’]?t| not) (?:exist|have an? \S{1,60} account)",
        r"not (?:listed|found) in (?:the |our |public |domino |name |directory|address)",
        r"not (?:in|present in) (?:our |the )?(?:director|name)", r"\b(?:rcp-p1|int-p[134])\b",
        r"could ?n[o'’]t be (?:found|delivered to because the address)", r"could not be found", r"wasn't found at",
        r"couldn't be found", r"bad address", r"address (?:unknown|invalid)",
        r"5\.1\.0 (?:\S{1,80} )?address rejected",
        r"mailbox (?:unavailable|not available|invalid|unknown|does)", r"requested action not taken: mailbox",
        r"mailbox name not allowed",
        r"recipient (?:address )?(?:not ok|unknown|invalid|not exist|does|is invalid)",
        r"recipient (?:address )?rejected: (?:access denied|user|unknown|invalid)", r"address rejected\.? \(in reply",
        r"recipient ?notfound", r"resolver\.adr\.",
        r"not a (?:known|valid|local) (?:user|mailbox|recipient|address)", r"is not (?:a )?(?:known|valid|local)",
        r"not our customer", r"badrcptto", r"validrcptto", r"badrecipientto", r"badrcpt",
        r"no valid (?:recipients?|hosts|destination)", r"envelope recipient has been denied", r"vdeliver",
        r"no such (?:domain|host|address|alias|person|local|name|subscriber|member|mailbox|recipient|user)",
        r"there is no (?:such|one|user)", r"宛先.{0,12}(?:不明|存在しません|見つかり)",
        r"ユーザー?.{0,10}(?:存在しません|見つかり|不明)", r"アドレス.{0,12}(?:存在しません|見つかり|不明|間違)",
        r"存在しない",
        r"(?:用户|收件人|地址|邮箱|使用者|帐号|信箱).{0,8}(?:不存在|未找到|不正确|無此|无效)", r"不存在",
        r"查無此", r"無此", r"존재하지 않",
        r"utilisateur inconnu", r"destinataire inconnu", r"adresse .{0,30}(?:invalide|inconnue)", r"n'existe pas",
        r"destinataire .{0,20}invalide",
        r"(?:empfänger|benutzer|nutzer|adressat|empfaenger|postfach|adresse).{0,30}(?:unbekannt"
        r"|existiert nicht|nicht gefunden|ungültig|nicht bekannt|ist nicht)",
        r"unbekannter (?:empfänger|benutzer)", r"no existe", r"usuario desconocido", r"destinatario desconocido",
        r"usuario no", r"nessun utente", r"utente sconosciuto", r"destinatario sconosciuto", r"non esiste",
        r"não existe", r"nao existe", r"desconhecido", r"inexistente", r"onbekend", r"bestaat niet", r"okänd",
        r"ukendt", r"ukjent", r"tuntematon", r"nieznany", r"nie istnieje", r"neexistuje", r"nem létezik",
        r"не найден", r"не существует", r"неизвестн\w+ (?:пользовател|получател)", r"недействител", r"нет такого",
        rf"(?:unknown|invalid|no such|non-?existent|nonexistent|no|unrecogni[sz]ed|incorrect|illegal|undefined"
        rf"|wrong|unavailable|bad destination|bad)(?: (?:local|virtual|e-?mail|smtp|mail|destination|such"
        rf"|valid|active|known|internet|envelope|rcpt|or|to))*[ -]{_WHO}\b",
        rf"{_WHO}{_GAP}(?:is |was |are |were |could |can |does |do |has |have |cannot |been |be "
        rf"|currently )*(?:unknown|not be found|not known|not found|not exist|n't exist|don't exist"
        rf"|doesn ?t exist|did not exist|not found|notfound|invalid|not valid|not a valid|isn't valid"
        rf"|not recogni[sz]ed|not listed|not unique|nonexistent|non-existent|not local|not present|not defined"
        rf"|undeliverable|not our customer|not a (?:known|valid|local)|not an active|unrouteable)",
    )),
    Row(ReturnKind.HARD, (  # the domain
        r"(?:host|domain)(?: or domain)?(?: name)?[^.;]{0,40} (?:is )?(?:unknown|not found|does not exist"
        r"|doesn't exist|not exist|must exist|no longer exists|nonexistent|invalid|not valid)",
        r"host \S{1,100} not found", r"domain does ?n?o?t exist", r"all host address lookups failed permanently",
        r"unknown (?:host|domain|mail host)", r"no such (?:domain|host)",
        r"unroute?able (?:mail )?(?:domain|address)", r"name or service not known",
        r"domain (?:could not|couldn't|can't|cannot) be (?:found|resolved)",
        r"domain (?:isn't|is not) (?:found|reachable)", r"couldn't find any host named", r"could not find any host",
        r"null ?mx", r"nullmx", r"indicated no smtp service", r"no smtp service",
        r"(?:host|domain)(?:/domain)? does not accept (?:any )?(?:e-?mail|mail)",
        r"no mx record found", r"no route for current request", r"nxdomain", r"non-?existent (?:domain|host)",
        r"domain mentioned in email address is unknown", r"all relevant mx records", r"no valid mx",
        r"bad destination (?:host|system|domain)", r"domain name (?:not found|does not)",
    ), certain=True),
    Row(ReturnKind.SOFT, (r"too many (?:connections?|sessions|concurrent)",)),
    Row(ReturnKind.POLICY, (
        r"\bofr_?\d{3}", r"\blpn\d{3}", r"service refuse", r"(?:spam|policy|virus|content|relaying)-related",
        r"relaying-issues", r"\bcx(?:bl|dns|sndr|smtp|mxrt|mj)\b", r"\bib\d{3}\b",
        r"not (?:allowed|permitted|authori[sz]ed)\b", r"we do not accept", r"no thank you", r"go away",
    )),
    Row(ReturnKind.SOFT, (
        r"temporar(?:y|ily)", r"transient", r"try (?:again|later)", r"r[ée]essayer",
        r"come back later", r"time(?:d)?[ -]?out", r"expired", r"too long",
        r"retry time(?:out)? (?:not reached|exceeded)", r"has been in (?:the )?queue", r"queued too long",
        r"could not be delivered (?:for|within)", r"delivery failed \d+ attempts", r"not delivered within",
        r"delivery (?:time|is delayed|has been delayed)", r"delayed",
        r"still undelivered", r"failing for a long time", r"not (?:yet )?been delivered", r"gave? up",
        r"will (?:keep|continue) (?:trying|to try|attempt)", r"retry",
        r"connection (?:refused|reset|dropped|lost|closed|was|failed|timed|to|died|broken)", r"lost connection",
        r"unable to connect", r"(?:could|can)(?: ?not|'t|n't) (?:connect|establish|contact|reach|open)",
        r"no route to host", r"network (?:is )?unreachable", r"host (?:is )?(?:unreachable|down|not responding)",
        r"unreachable", r"(?:not|no) respon", r"conversation with", r"broken pipe", r"operation not permitted",
        r"no answer", r"failed to connect", r"remote host closed", r"smtp(?:-| )connect", r"refused to talk",
        r"dns (?:lookup|error|failure|server)", r"name server", r"server failure", r"lookup failure",
        r"temporarily unable", r"sorry, i couldn't find", r"cname lookup failed", r"loss of connection",
        r"too many (?:connections?|recipients?|sessions?|concurrent|errors|messages|simultaneous|mails|invalid)",
        r"(?:rate|connection|concurrency|recipient|message|send(?:ing)?|daily|hourly"
        r"|receiving) (?:rate )?(?:limit|limits|limitation|quota)",
        r"throttl", r"exceeded the (?:maximum )?(?:rate|number|limit)", r"too (?:fast|frequent|quickly|busy)",
        r"slow down", r"overload", r"server (?:is )?busy", r"load (?:average|too high)", r"congest", r"resources",
        r"at a rate that", r"frequency",
        r"system (?:error|failure|config|not accepting|resources|shut|incorrectly)",
        r"(?:local|internal|server|unexpected|undefined|configuration|processing|service|software|read|write"
        r"|delivery|io|i/o) (?:\w+ )?(?:error|failure|fault|problem)",
        r"service (?:is )?(?:currently |temporarily )?(?:unavailable|not available|refused)", r"not available",
        r"unavailable", r"maintenance", r"can(?:no|')t (?:create|open|write|lock|get|deliver)",
        r"cannot (?:create|open|write|lock|get|append)", r"could not (?:create|open|write|lock|get|complete)",
        r"out of memory", r"permission denied", r"mail(?:er|box|bot|drop|dir)?[^.;]{0,20}(?:exit|error|fail)",
        r"command (?:died|failed|time|output|exited)", r"child (?:process|crashed)", r"pipe to",
        r"exit(?:ed)? (?:status|code|with)", r"ldap", r"database", r"deferred", r"backend",
        r"unable to (?:deliver|process|lookup|accept|verify|open|create)", r"cyrus", r"lmtp", r"procmail",
        r"maildrop", r"x-unix",
    )),
)  # fmt: skip

#: rows that stand before those of unknown users
MILDER: Final = tuple(row for row in WORDS[:6] if row.kind in (ReturnKind.FULL, ReturnKind.SOFT))
#: RFC 3463 status without its class; a class of 4 makes HARD SOFT
STATUS: Final[dict[str, ReturnKind]] = {
    "1.1": ReturnKind.HARD,
    "1.2": ReturnKind.HARD,
    "1.3": ReturnKind.HARD,
    "1.6": ReturnKind.HARD,
    "1.7": ReturnKind.POLICY,
    "1.8": ReturnKind.POLICY,
    "1.9": ReturnKind.POLICY,
    "1.10": ReturnKind.HARD,  # RFC 7505 null MX; Exchange says it of unknown recipients
    "2.2": ReturnKind.FULL,
    "2.3": ReturnKind.FULL,
    "3.1": ReturnKind.FULL,
    "3.3": ReturnKind.POLICY,
    "3.4": ReturnKind.POLICY,
    "4.8": ReturnKind.POLICY,
}
#: the subject, where the detail says nothing
SUBJECT: Final[dict[str, ReturnKind]] = {
    "1": ReturnKind.SOFT,
    "2": ReturnKind.SOFT,
    "3": ReturnKind.SOFT,
    "4": ReturnKind.SOFT,
    "5": ReturnKind.POLICY,
    "6": ReturnKind.POLICY,
    "7": ReturnKind.POLICY,
}
#: RFC 5321 4.2.3, RFC 7504
CODE: Final[dict[int, ReturnKind]] = {
    421: ReturnKind.SOFT,
    450: ReturnKind.SOFT,
    451: ReturnKind.SOFT,
    452: ReturnKind.FULL,
    521: ReturnKind.HARD,
    552: ReturnKind.FULL,
    553: ReturnKind.POLICY,
    554: ReturnKind.POLICY,
    556: ReturnKind.HARD,
}
