"""Words that say nothing about a problem: grammar, greetings, thanks, and replies to a helpdesk."""

from __future__ import annotations

_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below
between both but by could did do does doing down during each even every few for from further get
gets getting give go goes going gone gonna got had has have having he her here hers herself him
himself his i if im in into is it its itself ive just know let lets like made make many may me might
mine more most much must my myself need of off on once one only or other our ours out over own
quite really same say see she should so some something still such sure than that thats the their
theirs them then there these they thing things think this those though through till time to too
try trying tried under until up upon us use used using very want wanted was way we well went were
which while who whom will with would yet you your youre yours yourself yourselves id ill hes shes
theyre weve youve youll amp gt lt don doesn didn isn wasn couldn wouldn shouldn won hasn haven aren
re ve ll s t d m u ur im i'm i've i'd i'll it's that's there's you're you've we're we've they're
let's today yesterday tomorrow now day days week weeks ago always ever since already around back
anything anyone someone everything everyone nothing else another come came keep keeps said says
tell told seems seem look looks able soon guess mean means meant really rather able bit lot lots
"""
_COURTESY = """
hi hey hello dear yo good morning afternoon evening night thanks thank thankyou thx tks ty cheers
please pls plz kindly sorry apologies appreciate appreciated welcome ok okay okey k kk yes yeah yep
yup nope no sure done alright right oh ah haha hahaha lol lmao omg wow hmm great awesome nice cool
perfect amazing lovely wonderful brilliant fantastic excellent love loved best better happy glad
help helped helping helpful assist assistance support team guys guy folks man mate bro dude sir
madam someone anybody advise respond response reply replied replying answer dm dms dmed pm message
messaged messages messaging msg email emailed mail sent send sending follow followed following
check checked checking info information details question questions issue issues problem problems
fix fixed fixing sort sorted resolve resolved contact wait waiting hope hopefully god
bless quick quickly asap dm'd dm'ed dmd dmed letting fingers crossed replies responding forward solved rt looking
"""
_OTHERS = """
der die das den dem des ein eine einen einem einer und oder aber ich du er sie es wir ihr ist sind
war hat haben habe mit von zu im in auf für fur an bei nach aus wie was wer wo auch nicht nur noch
so wenn dass da mir mich dir dich euch bitte danke hallo guten tag schon mal doch hier kann können
el la los las un una unos unas y o pero yo tú tu él ella nosotros es son era fue ha han he con de
del en por para que qué como cómo cuando no sí si me te se le lo mi su gracias hola favor muy más
mas ya al este esta esto eso
le les des du et ou mais je tu il elle nous vous ils est sont était a ont ai avec de à en pour par
que qui quoi comment quand ne pas plus me te se mon ma mes votre vos merci bonjour svp c'est j'ai
au aux ce cette ça ca
o os as um uma uns umas e mas eu ele ela nós é são foi tem têm tenho com do da dos das em no na nos
nas por para que como quando não nao sim meu minha seu sua obrigado obrigada olá ola favor muito já
il lo gli uno ma io lui lei noi è sono ho hanno con di del della in per che come quando non sì mi ti
si mio mia grazie ciao prego molto già
"""
NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "can't",
        "cant",
        "cannot",
        "won't",
        "wont",
        "don't",
        "dont",
        "doesn't",
        "doesnt",
        "didn't",
        "didnt",
        "isn't",
        "isnt",
        "wasn't",
        "wasnt",
        "couldn't",
        "wouldn't",
        "without",
        "nobody",
        "none",
        "unable",
        "haven't",
        "hasn't",
        "aren't",
    ]
)
QUESTIONS = frozenset(["how", "why", "when", "what", "where", "who", "which", "can"])
THANKS = frozenset(
    [
        "thank",
        "thanks",
        "thankyou",
        "thx",
        "tks",
        "ty",
        "cheers",
        "appreciate",
        "appreciated",
        "appriciate",
        "danke",
        "gracias",
        "grazie",
        "merci",
        "obrigado",
        "obrigada",
    ]
)
COURTESY = frozenset(_COURTESY.split())
STOPWORDS = frozenset(_ENGLISH.split()) | frozenset(_OTHERS.split()) | QUESTIONS
