"""News-style sentence pairs written from templates, because no openly licensed Arabic-English news bitext exists.

They teach what the open corpora lack: both month systems, news numbers ("ألفين و500"), titles before names,
verbs of reporting and denying, troops and casualties, datelines. Names come from the CC0 lists, and in a share of
the pairs they stand in Latin letters in the Arabic, so that the model learns to copy a given English form.
Every pair is tagged synthetic by the caller.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from recipes.news_words import (
    AGENCIES,
    BODIES,
    CITIES,
    COUNTED,
    COUNTRIES,
    HUNDREDS,
    MAGHREB_MONTHS,
    MONTHS,
    OFFICES,
    ORGANISATIONS,
    ROUND_EN,
    TENS,
    TROOPS,
    UNITS_EN,
    UNITS_FEMININE,
    UNITS_MASCULINE,
    WEEKDAYS,
    Counted,
    Country,
    Pair,
)


class Writer:
    """Draws the parts of a sentence from one random stream, so that a seed gives the same pairs everywhere."""

    def __init__(self, rng: random.Random, people: Sequence[Pair], copy_share: float) -> None:
        self.rng = rng
        self.people = people
        self.copy_share = copy_share

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # --- people, places, bodies ---

    def person(self) -> Pair:
        ar, en = self.rng.choice(self.people)
        return (en, en) if self.chance(self.copy_share) else (ar, en)

    def place(self) -> Pair:
        ar, en = self.rng.choice(CITIES) if self.chance(0.6) else self.rng.choice(COUNTRIES).capital
        return (en, en) if self.chance(self.copy_share / 3) else (ar, en)

    def two_countries(self) -> tuple[Country, Country]:
        while True:
            first, second = self.rng.sample(COUNTRIES, 2)
            if first.en != second.en:
                return first, second

    def official(self) -> Pair:
        """«وزير الخارجية العراقي فلان» → "Iraqi Foreign Minister So-and-so"; as often, no name is given.

        When every title had a name after it, the model invented one for «وزير الخارجية» alone.
        """
        office, country, (name_ar, name_en) = (
            self.rng.choice(OFFICES),
            self.rng.choice(COUNTRIES),
            self.person(),
        )
        adjective = "ال" + country.adjective + ("ة" if office.feminine else "")
        kind = self.rng.random()
        if kind < 0.5:
            return f"{office.ar} {adjective} {name_ar}", f"{country.demonym} {office.en} {name_en}"
        if kind < 0.8:
            return f"{office.ar} {adjective}", f"the {country.demonym} {office.en.lower()}"
        return office.ar, f"the {office.en.lower()}"

    def counterpart(self) -> Pair:
        country = self.rng.choice(COUNTRIES)
        return f"نظيره ال{country.adjective}", f"his {country.demonym} counterpart"

    def region(self) -> Pair:
        """A place, often with its part: «شمال بغداد»."""
        (ar, en) = self.place()
        if self.chance(0.6):
            return ar, en
        part_ar, part_en = self.rng.choice(
            (
                ("شمال", "northern"),
                ("جنوب", "southern"),
                ("شرق", "eastern"),
                ("غرب", "western"),
                ("وسط", "central"),
            )
        )
        return f"{part_ar} {ar}", f"{part_en} {en}"

    def spokesman(self) -> Pair:
        ar, en, feminine = self.rng.choice(BODIES)
        country, (name_ar, name_en) = self.rng.choice(COUNTRIES), self.person()
        adjective = "ال" + country.adjective + ("ة" if feminine else "")
        body = en.format(d=country.demonym)
        of = "باسم" if self.chance(0.7) else "بإسم"
        if self.chance(0.3):
            return f"المتحدث {of} {ar} {adjective}", f"the spokesman for {body}"
        if self.chance(0.25):
            return f"متحدث {of} {ar} {adjective}", f"a spokesman for {body}"
        return f"المتحدث {of} {ar} {adjective} {name_ar}", f"{name_en}, the spokesman for {body},"

    def body(self) -> Pair:
        if self.chance(0.35):
            return self.rng.choice(ORGANISATIONS)
        ar, en, feminine = self.rng.choice(BODIES)
        country = self.rng.choice(COUNTRIES)
        return f"{ar} ال{country.adjective}{'ة' if feminine else ''}", en.format(d=country.demonym)

    def speaker(self) -> Pair:
        return self.rng.choice((self.official, self.official, self.spokesman, self.person))()

    # --- numbers ---

    def quantity(self, low: int = 3, high: int = 150_000) -> tuple[str, str, int]:
        """A news number: digits, words, or the mixed form; and its value, for the noun's agreement."""
        scale = self.rng.choice((10, 100, 1000, 10_000, 100_000))
        value = min(max(int(scale * self.rng.uniform(0.3, 1.0)), low), high)
        if value > 1000 and self.chance(0.75):
            value = value // 100 * 100
        return (*self._spell(value), value)

    def _spell(self, value: int) -> Pair:
        thousands, rest = divmod(value, 1000)
        plain = f"{value:,}"
        if value < 1000:
            hundreds, below = divmod(value, 100)
            if below == 0 and hundreds and self.chance(0.4):
                return HUNDREDS[hundreds], plain
            if value in TENS and self.chance(0.5):
                return TENS[value], self.rng.choice((plain, ROUND_EN[value]))
            return str(value), plain
        if self.chance(0.45):
            return self.rng.choice((str(value), plain, plain.replace(",", "."))), plain
        if thousands == 1:
            head = "ألف"
        elif thousands == 2:
            head = "ألفين" if rest else "ألفي"
        elif thousands <= 10:
            digit = UNITS_MASCULINE[thousands - 3] if self.chance(0.6) else str(thousands)
            head = f"{digit} آلاف"
        elif thousands in TENS and self.chance(0.5):
            head = f"{TENS[thousands]} ألف"
        else:
            head = f"{thousands} ألف"
        if not rest:
            return head, plain
        if head.endswith("ألف") and thousands > 10:
            head += "ا" if self.chance(0.5) else ""
        hundreds, below = divmod(rest, 100)
        tail = HUNDREDS[hundreds] if below == 0 and hundreds > 2 and self.chance(0.5) else str(rest)
        return f"{head} و{tail}", plain

    def counted(self, noun: Counted | None = None, *, high: int = 150_000) -> Pair:
        noun = noun or self.rng.choice(COUNTED)
        if self.chance(0.06):
            return noun.dual, f"two {noun.en_many}"
        ar, en, value = self.quantity(high=high)
        last = value % 100
        if value <= 10:
            if self.chance(0.6):
                units = UNITS_FEMININE if noun.feminine else UNITS_MASCULINE
                ar, en = units[value - 3], UNITS_EN[value - 3]
            return f"{ar} {noun.few}", f"{en} {noun.en_many}"
        form = noun.accusative if 11 <= last <= 99 else noun.few if 3 <= last <= 10 else noun.one
        return f"{ar} {form}", f"{en} {noun.en_many}"

    def about(self) -> Pair:
        return self.rng.choice(
            (
                ("نحو ", "about "),
                ("حوالي ", "around "),
                ("قرابة ", "nearly "),
                ("أكثر من ", "more than "),
                ("ما لا يقل عن ", "at least "),
                ("أقل من ", "fewer than "),
                ("", ""),
                ("", ""),
                ("", ""),
            )
        )

    def percent(self) -> Pair:
        value = f"{self.rng.uniform(0.2, 95):.1f}" if self.chance(0.5) else str(self.rng.randint(2, 99))
        shown = value.replace(".", self.rng.choice(".,"))
        sign = self.rng.choice((" في المئة", " في المائة", " بالمئة", "%", "٪"))
        return shown + sign, value + self.rng.choice((" percent", "%", " percent"))

    def money(self) -> Pair:
        value = str(self.rng.randint(2, 900)) if self.chance(0.6) else f"{self.rng.uniform(1, 90):.1f}"
        unit_ar, unit_en = self.rng.choice((("مليون", "million"), ("مليار", "billion")))
        if value.isdigit() and 3 <= int(value) <= 10:
            unit_ar = "ملايين" if unit_ar == "مليون" else "مليارات"
        coin_ar, coin_en = self.rng.choice(
            (("دولار", "dollars"), ("دولار", "dollars"), ("يورو", "euros"), ("دينار", "dinars"))
        )
        if coin_en == "dollars" and self.chance(0.6):
            return f"{value} {unit_ar} {coin_ar}", f"${value} {unit_en}"
        return f"{value} {unit_ar} {coin_ar}", f"{value} {unit_en} {coin_en}"

    # --- time ---

    def month(self) -> Pair:
        east, west, en = self.rng.choice(MONTHS)
        if self.chance(0.04):
            return self.rng.choice(MAGHREB_MONTHS)
        both = (f"{east}/{west}", f"{east} / {west}", f"{east} {west}", f"{east} ({west})", f"{west}/{east}")
        return self.rng.choice((east, east, west, *both)), en

    def date(self) -> Pair:
        """With its preposition on both sides."""
        month_ar, month_en = self.month()
        day, year = self.rng.randint(1, 28), self.rng.randint(1990, 2025)
        of = self.rng.choice(("", "", "من "))
        kind = self.rng.random()
        if kind < 0.4:
            join = self.rng.choice((" ", " ", " عام ", " من عام "))
            return f"في {day} {of}{month_ar}{join}{year}", f"on {month_en} {day}, {year}"
        if kind < 0.7:
            lead = self.rng.choice(("في", "يوم", "بتاريخ"))
            return f"{lead} {day} {of}{month_ar}", f"on {month_en} {day}"
        if kind < 0.9:
            return f"في {month_ar} {self.rng.choice(('', 'عام '))}{year}", f"in {month_en} {year}"
        return f"في {self.rng.choice(('شهر ', ''))}{month_ar} الماضي", f"last {month_en}"

    def day(self) -> Pair:
        ar, en = self.rng.choice(WEEKDAYS)
        return self.rng.choice(
            (
                (ar, f"on {en}"),
                (f"يوم {ar}", f"on {en}"),
                (f"اليوم {ar}", f"on {en}"),
                (f"مساء {ar}", f"on {en} evening"),
                (f"صباح {ar}", f"on {en} morning"),
                (f"{ar} الماضي", f"last {en}"),
                (f"فجر {ar}", f"at dawn on {en}"),
                (f"أمس {ar}", f"yesterday, {en}"),
                (f"ليل {ar}", f"on {en} night"),
            )
        )

    def when(self) -> Pair:
        return self.day() if self.chance(0.5) else self.date()

    # --- clauses: what is reported, without a final stop ---

    def clause(self) -> Pair:
        return self.rng.choice(CLAUSES)(self)

    def sentence(self) -> Pair:
        ar, en = self.rng.choice(SENTENCES)(self)
        en = en.replace(",,", ",").replace(", ,", ",")
        return ar + ".", en[0].upper() + en[1:].rstrip(",") + "."

    def pair(self) -> Pair:
        """A sentence, a dated report or a headline."""
        kind = self.rng.random()
        if kind < 0.12:
            ar, en = self.clause_headline()
            return ar, en
        ar, en = self.sentence()
        if kind < 0.2:
            return self.dateline(ar, en)
        return ar, en

    def dateline(self, ar: str, en: str) -> Pair:
        (city_ar, city_en), (agency_ar, agency_en) = self.place(), self.rng.choice(AGENCIES)
        dash = self.rng.choice(("-", "–", "—"))
        form = self.rng.randrange(3)
        if form == 0:
            return f"{city_ar} ({agency_ar}) {dash} {ar}", f"{city_en.upper()} ({agency_en}) {dash} {en}"
        if form == 1:
            return f"{city_ar} {dash} {agency_ar}: {ar}", f"{city_en} {dash} {agency_en}: {en}"
        return f"{city_ar} {dash} {ar}", f"{city_en} {dash} {en}"

    def clause_headline(self) -> Pair:
        return self.rng.choice(HEADLINES)(self)


Maker = Callable[[Writer], Pair]


def _withdrawal(w: Writer) -> Pair:
    a, b = w.two_countries()
    (number_ar, number_en), (about_ar, about_en), (when_ar, when_en) = (
        w.counted(w.rng.choice(TROOPS)),
        w.about(),
        w.when(),
    )
    verb_ar, verb_en = w.rng.choice(
        (("ستسحب", "will withdraw"), ("سحبت", "withdrew"), ("تعتزم سحب", "plans to withdraw"))
    )
    return (
        f"{a.ar} {verb_ar} {about_ar}{number_ar} من {b.ar} {when_ar}",
        f"{a.en} {verb_en} {about_en}{number_en} from {b.en} {when_en}",
    )


def _remaining(w: Writer) -> Pair:
    a, b = w.two_countries()
    number_ar, number_en = w.counted(w.rng.choice(TROOPS))
    about_ar, about_en = w.about()
    tail_ar, tail_en = w.rng.choice(
        (
            ("لتقديم المشورة والتدريب", "to provide advice and training"),
            ("في إطار التحالف الدولي", "as part of the international coalition"),
            ("لمحاربة تنظيم الدولة الإسلامية", "to fight the Islamic State group"),
            ("بعد انتهاء المهمة القتالية", "after the end of the combat mission"),
        )
    )
    verb_ar, verb_en = w.rng.choice(
        (("سيبقى", "will remain"), ("لا يزال", "still remain"), ("بقي", "remained"), ("سيظل", "will stay"))
    )
    return (
        f"{about_ar}{number_ar} {a.adjective} {verb_ar} في {b.ar} {tail_ar}",
        f"{about_en}{_with_adjective(number_en, a.demonym)} {verb_en} in {b.en} {tail_en}",
    )


def _with_adjective(counted: str, adjective: str) -> str:
    """ "2,500 soldiers" → "2,500 US soldiers"."""
    number, noun = counted.split(" ", 1)
    return f"{number} {adjective} {noun}"


def _casualties(w: Writer) -> Pair:
    dead_ar, dead_en = w.counted(high=900)
    hurt_ar, hurt_en, _ = w.quantity(high=900)
    place_ar, place_en = w.region()
    day_ar, day_en = w.day()
    cause_ar, cause_en = w.rng.choice(
        (
            ("في انفجار", "in an explosion"),
            ("في قصف", "in shelling"),
            ("في غارة جوية", "in an air strike"),
            ("في هجوم مسلح", "in an armed attack"),
            ("في تفجير انتحاري", "in a suicide bombing"),
            ("في زلزال", "in an earthquake"),
            ("في فيضانات", "in floods"),
            ("في حادث سير", "in a road accident"),
            ("في اشتباكات", "in clashes"),
        )
    )
    return (
        f"{dead_ar} قتلوا وأصيب {hurt_ar} آخرون {cause_ar} في {place_ar} {day_ar}",
        f"{dead_en} were killed and {hurt_en} others injured {cause_en} in {place_en} {day_en}",
    )


def _agreement(w: Writer) -> Pair:
    a, b = w.two_countries()
    when_ar, when_en = w.when()
    about_ar, about_en = w.rng.choice(
        (
            ("وقف إطلاق النار", "a ceasefire"),
            ("تبادل الأسرى", "a prisoner exchange"),
            ("التعاون الأمني", "security cooperation"),
            ("تصدير الغاز", "gas exports"),
            ("البرنامج النووي", "the nuclear program"),
            ("إعادة فتح السفارات", "reopening embassies"),
        )
    )
    verb_ar, verb_en = w.rng.choice(
        (
            ("اتفقتا على", "agreed on"),
            ("وقعتا اتفاقا بشأن", "signed an agreement on"),
            ("استأنفتا المحادثات حول", "resumed talks on"),
        )
    )
    return (
        f"{a.ar} و{b.ar} {verb_ar} {about_ar} {when_ar}",
        f"{a.en} and {b.en} {verb_en} {about_en} {when_en}",
    )


def _not_involved(w: Writer) -> Pair:
    a, b = w.two_countries()
    return w.rng.choice(
        (
            (
                f"{a.ar} لن تشارك في أي عمليات قتالية في {b.ar}",
                f"{a.en} will not take part in any combat operations in {b.en}",
            ),
            (f"{a.ar} لا تسعى إلى مواجهة مع {b.ar}", f"{a.en} does not seek a confrontation with {b.en}"),
            (
                f"{a.ar} لم تتوصل بعد إلى اتفاق مع {b.ar}",
                f"{a.en} has not yet reached an agreement with {b.en}",
            ),
            (
                f"أي قرار لم يتخذ بعد بشأن العقوبات على {b.ar}",
                f"no decision has yet been made on sanctions against {b.en}",
            ),
            (f"القوات القتالية لم تعد موجودة في {b.ar}", f"combat forces are no longer present in {b.en}"),
            (
                f"لا نية لدى {a.ar} لإرسال قوات إلى {b.ar}",
                f"{a.en} has no intention of sending troops to {b.en}",
            ),
            (
                f"بلاده ليست طرفا في النزاع مع {b.ar}",
                f"his country is not a party to the conflict with {b.en}",
            ),
        )
    )


def _economy(w: Writer) -> Pair:
    (percent_ar, percent_en), (when_ar, when_en), country = w.percent(), w.date(), w.rng.choice(COUNTRIES)
    thing_ar, thing_en = w.rng.choice(
        (
            ("معدل التضخم", "the inflation rate"),
            ("الناتج المحلي الإجمالي", "gross domestic product"),
            ("إنتاج النفط", "oil production"),
            ("عدد السكان", "the population"),
            ("حجم الصادرات", "the volume of exports"),
            ("سعر القمح", "the price of wheat"),
        )
    )
    verb_ar, verb_en = w.rng.choice(
        (("ارتفع", "rose"), ("انخفض", "fell"), ("تراجع", "declined"), ("زاد", "increased"))
    )
    of_ar, of_en = w.rng.choice(
        ((f"في {country.ar}", f"in {country.en}"), (f"في {country.ar}", f"in {country.en}"))
    )
    return (
        f"{thing_ar} {of_ar} {verb_ar} بنسبة {percent_ar} {when_ar}",
        f"{thing_en} {of_en} {verb_en} by {percent_en} {when_en}",
    )


def _aid(w: Writer) -> Pair:
    (money_ar, money_en), (body_ar, body_en), country = w.money(), w.body(), w.rng.choice(COUNTRIES)
    return (
        f"مساعدات من {body_ar} بقيمة {money_ar} ستصل إلى {country.ar}",
        f"aid from {body_en} worth {money_en} will arrive in {country.en}",
    )


def _mission_ends(w: Writer) -> Pair:
    (date_ar, date_en), country = w.date(), w.rng.choice(COUNTRIES)
    return w.rng.choice(
        (
            (
                f"المهمة القتالية للقوات ال{country.adjective}ة ستنتهي {date_ar}",
                f"the combat mission of {country.demonym} forces will end {date_en}",
            ),
            (
                f"المهمة انتقلت من القتال إلى التدريب وتقديم المشورة {date_ar}",
                f"the mission shifted from combat to training and advising {date_en}",
            ),
            (
                f"آخر دفعة من القوات ال{country.adjective}ة غادرت البلاد {date_ar}",
                f"the last batch of {country.demonym} forces left the country {date_en}",
            ),
            (
                f"الانسحاب سيكتمل {date_ar} كحد أقصى",
                f"the withdrawal will be completed {date_en} at the latest",
            ),
            (
                f"الانتخابات ال{country.adjective}ة ستجرى {date_ar}",
                f"the {country.demonym} elections will be held {date_en}",
            ),
        )
    )


def _visit(w: Writer) -> Pair:
    (official_ar, official_en), country, (day_ar, day_en) = w.official(), w.rng.choice(COUNTRIES), w.day()
    return f"{official_ar} سيزور {country.ar} {day_ar}", f"{official_en} will visit {country.en} {day_en}"


CLAUSES: tuple[Maker, ...] = (
    _withdrawal,
    _remaining,
    _remaining,
    _casualties,
    _agreement,
    _not_involved,
    _not_involved,
    _economy,
    _aid,
    _mission_ends,
    _visit,
)

# Verbs of reporting for a masculine speaker, with the conjunction each takes.
REPORTING: tuple[Pair, ...] = (
    ("قال {} إن {}", "{} said that {}"),
    ("أعلن {} أن {}", "{} announced that {}"),
    ("أكد {} أن {}", "{} confirmed that {}"),
    ("صرح {} بأن {}", "{} stated that {}"),
    ("أوضح {} أن {}", "{} explained that {}"),
    ("أضاف {} أن {}", "{} added that {}"),
    ("وذكر {} أن {}", "{} mentioned that {}"),
    ("وأشار {} إلى أن {}", "{} pointed out that {}"),
    ("وتابع {} أن {}", "{} continued that {}"),
    ("شدد {} على أن {}", "{} stressed that {}"),
    ("نفى {} أن تكون تقارير تحدثت عن أن {} صحيحة", "{} denied reports that {}"),
    ("كشف {} أن {}", "{} revealed that {}"),
    ("اعتبر {} أن {}", "{} considered that {}"),
    ("حذر {} من أن {}", "{} warned that {}"),
    ("رجح {} أن {}", "{} said it was likely that {}"),
    ("لم يستبعد {} أن {}", "{} did not rule out that {}"),
    ("قال {}، في بيان، إن {}", "{} said in a statement that {}"),
    ("وقال {} في مؤتمر صحفي إن {}", "{} said at a press conference that {}"),
    ("قال {} لوكالة فرانس برس إن {}", "{} told AFP that {}"),
    ("قال {} للصحفيين إن {}", "{} told reporters that {}"),
    ("لم يؤكد {} ما إذا كان صحيحا أن {}", "{} did not confirm whether it was true that {}"),
)


def _reported(w: Writer) -> Pair:
    (who_ar, who_en), (what_ar, what_en) = w.speaker(), w.clause()
    form_ar, form_en = w.rng.choice(REPORTING)
    return form_ar.format(who_ar, what_ar), form_en.format(who_en, what_en)


def _reported_on(w: Writer) -> Pair:
    (who_ar, who_en), (what_ar, what_en), (day_ar, day_en) = w.speaker(), w.clause(), w.day()
    verb_ar, verb_en = w.rng.choice(
        (("أعلن", "announced"), ("قال", "said"), ("أكد", "confirmed"), ("صرح", "stated"))
    )
    that = {"أعلن": "أن", "قال": "إن", "أكد": "أن", "صرح": "بأن"}[verb_ar]
    return f"{verb_ar} {who_ar} {day_ar} {that} {what_ar}", f"{who_en} {verb_en} {day_en} that {what_en}"


def _body_reported(w: Writer) -> Pair:
    (body_ar, body_en), (what_ar, what_en) = w.rng.choice(ORGANISATIONS), w.clause()
    form_ar, form_en = w.rng.choice(
        (
            ("قالت مصادر في {} إن {}", "sources in {} said that {}"),
            ("ذكر تقرير صادر عن {} أن {}", "a report by {} said that {}"),
            ("نقلت وسائل إعلام عن {} أن {}", "media outlets quoted {} as saying that {}"),
            ("جاء في بيان {} أن {}", "a statement by {} said that {}"),
            ("وفق {} فإن {}", "according to {}, {}"),
            ("وبحسب {}، فإن {}", "according to {}, {}"),
        )
    )
    return form_ar.format(body_ar, what_ar), form_en.format(body_en, what_en)


def _quoted(w: Writer) -> Pair:
    (who_ar, who_en), (what_ar, what_en) = w.speaker(), w.clause()
    opening, closing = w.rng.choice((("«", "»"), ("“", "”"), ('"', '"'), ("”", "“")))
    start = what_en[0].upper() + what_en[1:]
    return w.rng.choice(
        (
            (f"وقال {who_ar}: {opening}{what_ar}{closing}", f'{who_en} said: "{start}"'),
            (f"وأضاف {who_ar} أن {opening}{what_ar}{closing}", f'{who_en} added that "{what_en}"'),
            (f"{opening}{what_ar}{closing}، بحسب {who_ar}", f'"{start}," according to {who_en}'),
        )
    )


def _met(w: Writer) -> Pair:
    (a_ar, a_en), (b_ar, b_en), (day_ar, day_en), (place_ar, place_en) = (
        w.official(),
        w.counterpart() if w.chance(0.4) else w.official(),
        w.day(),
        w.place(),
    )
    about_ar, about_en = w.rng.choice(
        (
            ("العلاقات الثنائية", "bilateral relations"),
            ("الأوضاع في المنطقة", "the situation in the region"),
            ("مكافحة الإرهاب", "counterterrorism"),
            ("الأزمة في اليمن", "the crisis in Yemen"),
            ("أمن الحدود", "border security"),
            ("جهود السلام", "peace efforts"),
        )
    )
    verb_ar, verb_en = w.rng.choice((("بحث", "discussed"), ("ناقش", "discussed"), ("التقى", "met")))
    if verb_ar == "التقى":
        return f"التقى {a_ar} {day_ar} {b_ar} في {place_ar}", f"{a_en} met {b_en} in {place_en} {day_en}"
    return (
        f"{verb_ar} {a_ar} مع {b_ar} {about_ar} {day_ar}",
        f"{a_en} {verb_en} {about_en} with {b_en} {day_en}",
    )


def _killed(w: Writer) -> Pair:
    (dead_ar, dead_en), (place_ar, place_en), (day_ar, day_en), (about_ar, about_en) = (
        w.counted(high=900),
        w.region(),
        w.day(),
        w.about(),
    )
    cause_ar, cause_en = w.rng.choice(
        (
            ("انفجار سيارة مفخخة", "a car bomb explosion"),
            ("غارة جوية", "an air strike"),
            ("قصف صاروخي", "a rocket attack"),
            ("هجوم بطائرة مسيرة", "a drone attack"),
            ("اشتباكات مسلحة", "armed clashes"),
            ("انهيار مبنى", "a building collapse"),
        )
    )
    verb_ar, verb_en = w.rng.choice((("قتل", "were killed"), ("أصيب", "were injured"), ("لقي", "died")))
    if verb_ar == "لقي":
        return (
            f"لقي {about_ar}{dead_ar} مصرعهم في {cause_ar} في {place_ar} {day_ar}",
            f"{about_en}{dead_en} died in {cause_en} in {place_en} {day_en}",
        )
    return (
        f"{verb_ar} {about_ar}{dead_ar} في {cause_ar} في {place_ar} {day_ar}",
        f"{about_en}{dead_en} {verb_en} in {cause_en} in {place_en} {day_en}",
    )


def _appointed(w: Writer) -> Pair:
    (name_ar, name_en), office, country, (when_ar, when_en) = (
        w.person(),
        w.rng.choice(OFFICES[1:15]),
        w.rng.choice(COUNTRIES),
        w.when(),
    )
    job = office.en.lower() if office.en != "Ambassador" else "ambassador"
    verb_ar, verb_en = w.rng.choice((("عين", "was appointed"), ("انتخب", "was elected")))
    if "السفير" in office.ar:
        return (
            f"عين {name_ar} سفيرا لدى {country.ar} {when_ar}",
            f"{name_en} was appointed ambassador to {country.en} {when_en}",
        )
    place_ar = office.ar.removeprefix("ال")
    return (
        f"{verb_ar} {name_ar} في منصب {place_ar} {when_ar}",
        f"{name_en} {verb_en} to the post of {job} {when_en}",
    )


def _names_listed(w: Writer) -> Pair:
    people = [w.person() for _ in range(w.rng.randint(2, 4))]
    ar = " و".join(p[0] for p in people)
    en = ", ".join(p[1] for p in people[:-1]) + " and " + people[-1][1]
    lead_ar, lead_en = w.rng.choice(
        (
            ("شارك في الاجتماع {}", "{} took part in the meeting"),
            ("ومن بين الموقوفين {}", "among those arrested are {}"),
            ("وكتب التقرير {}", "the report was written by {}"),
            ("وفاز بالجائزة {}", "the prize was won by {}"),
            ("وسجل الأهداف {}", "the goals were scored by {}"),
            ("وتحدث في الجلسة {}", "{} spoke at the session"),
        )
    )
    return lead_ar.format(ar), lead_en.format(en)


def _no_casualties(w: Writer) -> Pair:
    (place_ar, place_en), (day_ar, day_en) = w.place(), w.day()
    return w.rng.choice(
        (
            (
                f"لم تقع إصابات في الهجوم الذي استهدف {place_ar} {day_ar}",
                f"there were no casualties in the attack that targeted {place_en} {day_en}",
            ),
            (
                f"لم تعلن أي جهة مسؤوليتها عن الهجوم في {place_ar}",
                f"no group has claimed responsibility for the attack in {place_en}",
            ),
            (
                f"لم يتضح على الفور عدد الضحايا في {place_ar}",
                f"the number of victims in {place_en} was not immediately clear",
            ),
            (
                f"ولم يصدر أي تعليق من السلطات في {place_ar} {day_ar}",
                f"there was no comment from the authorities in {place_en} {day_en}",
            ),
            (
                f"لا يمكن التحقق من هذه الأنباء من مصادر مستقلة في {place_ar}",
                f"these reports could not be verified by independent sources in {place_en}",
            ),
            (
                f"ولن تجرى الانتخابات في {place_ar} في موعدها",
                f"the elections in {place_en} will not be held on time",
            ),
        )
    )


SENTENCES: tuple[Maker, ...] = (
    _reported,
    _reported,
    _reported,
    _reported_on,
    _reported_on,
    _body_reported,
    _quoted,
    _met,
    _killed,
    _appointed,
    _names_listed,
    _no_casualties,
)


def _headline_said(w: Writer) -> Pair:
    (name_ar, name_en), (what_ar, what_en) = w.speaker(), w.clause()
    return f"{name_ar}: {what_ar}", f"{name_en.rstrip(',')}: {what_en[0].upper()}{what_en[1:]}"


def _headline_killed(w: Writer) -> Pair:
    (dead_ar, dead_en), (place_ar, place_en) = w.counted(high=900), w.place()
    cause_ar, cause_en = w.rng.choice(
        (
            ("بانفجار", "in explosion"),
            ("في قصف", "in shelling"),
            ("في غارة", "in raid"),
            ("بهجوم", "in attack"),
        )
    )
    return f"مقتل {dead_ar} {cause_ar} في {place_ar}", f"{dead_en} killed {cause_en} in {place_en}"


def _headline_talks(w: Writer) -> Pair:
    a, b = w.two_countries()
    return w.rng.choice(
        (
            (
                f"محادثات {a.adjective}ة {b.adjective}ة في {a.capital[0]}",
                f"{a.demonym}-{b.demonym} talks in {a.capital[1]}",
            ),
            (
                f"{a.capital[0]} تنفي التوصل إلى اتفاق مع {b.capital[0]}",
                f"{a.capital[1]} denies reaching an agreement with {b.capital[1]}",
            ),
            (f"{a.ar} تفرض عقوبات جديدة على {b.ar}", f"{a.en} imposes new sanctions on {b.en}"),
            (f"انسحاب القوات ال{a.adjective}ة من {b.ar}", f"Withdrawal of {a.demonym} forces from {b.en}"),
        )
    )


HEADLINES: tuple[Maker, ...] = (_headline_said, _headline_said, _headline_killed, _headline_talks)


def write_pairs(count: int, people: Sequence[Pair], *, seed: int, copy_share: float) -> list[Pair]:
    """`count` different pairs."""
    writer = Writer(random.Random(seed), people, copy_share)
    pairs: dict[Pair, None] = {}
    while len(pairs) < count:
        pairs[writer.pair()] = None
    return list(pairs)
