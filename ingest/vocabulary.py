"""Dutch words that descriptions are made of, so that they are not taken for somebody's name or purpose.

General usage of payers and banks, not that of one of them; wording.py folds them before it compares.
"""

from __future__ import annotations

from typing import Final

# Before or inside a surname; they tell nobody apart.
PREFIXES: Final = """
    van vd vde de den der ter ten te het t el al la le du di da dos das von zu in op v d vant vanden
    vander vande bin ben ait ould"""

# Before a name, whosever it is.
TITLES: Final = "dhr hr mw mevr mevrouw mej heer familie fam mr mrs erven"

# Short words before a surname that are no initials.
ABBREVIATIONS: Final = """
    nr tnv tav tbv inz per btl ref knr opg uit no mnd wk jan feb mrt apr mei jun jul aug sep okt nov dec
    geb eur en aan bij met tm ivm mbt ovv dd bv nv uwv svb aow ww wia wao iva zw anw iow pgb pw sal ln
    ib iban bic bsn id ord fct fac dos pol pens uitk om pm iz cl tot na aov zzp inc mrt kv wd vof uw
    mijn"""

# Words of descriptions. Before a surname they say nothing of whose it is.
COMMON: Final = """
    loon salaris nettoloon nettosalaris maandloon weekloon verloning bezoldiging wage salary payroll
    netto bruto maand maandelijks periode week weken jaar jaarlijks kwartaal dag dagen datum termijn
    termijnen pensioen pension uitkering uitkeringen toeslag toeslagen voorschot bijstand bijzondere
    participatiewet nabestaandenuitkering kinderbijslag huurtoeslag zorgtoeslag kindgebonden budget huur
    huurpenningen energie water gas stroom premie polis polisnummer abonnement verzekering zorg bouw
    alimentatie kinderalimentatie partneralimentatie bijdrage kinderen kind vader moeder ouders geschenk
    betaling betalingen betreft betalingskenmerk kenmerk referentie nummer klant klantnr klantnummer
    client clientnr clientnummer regnr registratienummer relatienr relatienummer debiteurnr
    debiteurnummer dossier dossiernr dossiernummer factuur factuurnr factuurnummer nota notanr persnr
    personeelsnr personeelsnummer werknemer medewerker contract contractnr contractnummer order
    bestelling aanslag aanslagnr beschikking volgens specificatie conform afspraak omschrijving inzake
    namens naam gunste voor door over overboeking overschrijving storting uitbetaling uitbetaald terug
    retour restant rest dank bedankt onze deze geboren geboortedatum adres straat laan weg plein januari
    februari maart april juni juli augustus september oktober november december january february march
    june july august october vakantiegeld vakantietoeslag vakantiebijslag reiskosten onkosten declaratie
    bonus eindejaarsuitkering leefgeld weekgeld zakgeld eigen geld incasso machtiging mandaat stichting
    gemeente spoed incl inclusief overwerk loonbeslag nabetaling"""

# Of the words above and the abbreviations: those that are surnames too.
NAMES_TOO: Final = "loon water bouw huur zorg pol kind vader weg laan"

# Common first names in the Netherlands, of several generations and origins.
FIRST_NAMES: Final = """
    Jan Piet Pieter Kees Cornelis Henk Hendrik Wim Willem Koos Jos Johan Johannes Hans Peter Paul Gerard
    Gerrit Bert Albert Rob Robert Ron Ronald René Marcel Mark Marco Erik Frank Richard Dennis Jeroen Bas
    Bart Bram Tom Thomas Tim Lucas Lukas Daan Dan Sem Levi Finn Liam Noah Jesse Stijn Ruben Max Lars
    Sven Niels Martijn Martin Steven Stefan David Daniel Alex Sander Maarten Ruud Theo Ton Anton Arie
    Karin Maria Anna Johanna Elisabeth Catharina Wilhelmina Anneke Ingrid Monique Saskia Esther Sandra
    Linda Petra Yvonne Marijke Marleen Sanne Lisa Laura Emma Sophie Julia Eva Sara Lotte Fleur Femke Kim
    Anouk Naomi Manon Iris Inge Els Mieke Truus Ria Corrie Joke Annie Greet Tineke Mohamed Mohammed
    Ahmed Ali Hassan Hussein Omar Youssef Ibrahim Mustafa Mehmet Murat Emine Fatma Fatima Ayşe Zeynep
    Khadija Amina Samira Naima Leyla Elif Piotr Paweł Katarzyna Agnieszka Krzysztof Andrzej Mohamad
    Abdul Leila"""

# Words that mean the same to a payer: an agreement that is looked for by one is found by another.
SYNONYMS: Final = (
    "loon nettoloon salaris nettosalaris sal ln maandloon weekloon verloning bezoldiging wage salary",
    "huur huurpenningen huurprijs",
    "alimentatie kinderalimentatie partneralimentatie",
    "pensioen pension pens",
    "uitkering uitk",
)

# How the words begin (short ones: the words) that tell of other money than the ordinary instalment, and in
# which categories of agreement that is what was agreed.
OTHER_MATTERS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("vakantie, vak geld", frozenset({"holiday_allowance"})),
    ("eindejaars, dertiende, 13e maand, bonus, gratificatie, tantieme, winstuitkering", frozenset({"bonus"})),
    ("reiskosten, onkosten, declaratie, kilometerverg, thuiswerkverg", frozenset({"expenses"})),
    ("jaarafrekening, eindafrekening, jaarnota, eindnota, eindafr", frozenset({"settlement"})),
    ("nabetaling, correctie, storno, retour", frozenset()),
    ("teruggaaf, terugbetaling, restitutie, creditnota", frozenset({"refund"})),
    ("waarborgsom, borgsom, borg", frozenset({"deposit"})),
    ("transitievergoeding, ontslagvergoeding", frozenset({"severance"})),
    ("cadeau, verjaardag, lening", frozenset({"gift", "loan"})),
)
