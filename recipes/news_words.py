"""The words that news-style sentences are built from: months, countries, offices, bodies, counted nouns, agencies."""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]

# Gregorian months: the Levantine and Iraqi name, the name used in Egypt, the Gulf and most agencies, English.
MONTHS: tuple[tuple[str, str, str], ...] = (
    ("كانون الثاني", "يناير", "January"),
    ("شباط", "فبراير", "February"),
    ("آذار", "مارس", "March"),
    ("نيسان", "أبريل", "April"),
    ("أيار", "مايو", "May"),
    ("حزيران", "يونيو", "June"),
    ("تموز", "يوليو", "July"),
    ("آب", "أغسطس", "August"),
    ("أيلول", "سبتمبر", "September"),
    ("تشرين الأول", "أكتوبر", "October"),
    ("تشرين الثاني", "نوفمبر", "November"),
    ("كانون الأول", "ديسمبر", "December"),
)
MAGHREB_MONTHS: tuple[tuple[str, str], ...] = (
    ("جانفي", "January"), ("فيفري", "February"), ("أفريل", "April"), ("ماي", "May"), ("جوان", "June"),
    ("جويلية", "July"), ("يوليوز", "July"), ("أوت", "August"), ("غشت", "August"), ("شتنبر", "September"),
)  # fmt: skip
WEEKDAYS: tuple[Pair, ...] = (
    ("الأحد", "Sunday"), ("الاثنين", "Monday"), ("الثلاثاء", "Tuesday"), ("الأربعاء", "Wednesday"),
    ("الخميس", "Thursday"), ("الجمعة", "Friday"), ("السبت", "Saturday"),
)  # fmt: skip


@dataclass(frozen=True)
class Country:
    ar: str
    en: str
    adjective: str  # masculine, without the article; the feminine adds ة
    demonym: str
    capital: Pair


def _country(ar: str, en: str, adjective: str, demonym: str, capital_ar: str, capital_en: str) -> Country:
    return Country(ar, en, adjective, demonym, (capital_ar, capital_en))


COUNTRIES: tuple[Country, ...] = (
    _country("العراق", "Iraq", "عراقي", "Iraqi", "بغداد", "Baghdad"),
    _country("الولايات المتحدة", "the United States", "أمريكي", "US", "واشنطن", "Washington"),
    _country("الولايات المتحدة", "the United States", "أميركي", "US", "واشنطن", "Washington"),
    _country("إيران", "Iran", "إيراني", "Iranian", "طهران", "Tehran"),
    _country("سوريا", "Syria", "سوري", "Syrian", "دمشق", "Damascus"),
    _country("لبنان", "Lebanon", "لبناني", "Lebanese", "بيروت", "Beirut"),
    _country("السعودية", "Saudi Arabia", "سعودي", "Saudi", "الرياض", "Riyadh"),
    _country("مصر", "Egypt", "مصري", "Egyptian", "القاهرة", "Cairo"),
    _country("الأردن", "Jordan", "أردني", "Jordanian", "عمان", "Amman"),
    _country("قطر", "Qatar", "قطري", "Qatari", "الدوحة", "Doha"),
    _country("الكويت", "Kuwait", "كويتي", "Kuwaiti", "الكويت", "Kuwait City"),
    _country("الإمارات", "the United Arab Emirates", "إماراتي", "Emirati", "أبوظبي", "Abu Dhabi"),
    _country("اليمن", "Yemen", "يمني", "Yemeni", "صنعاء", "Sanaa"),
    _country("ليبيا", "Libya", "ليبي", "Libyan", "طرابلس", "Tripoli"),
    _country("تونس", "Tunisia", "تونسي", "Tunisian", "تونس", "Tunis"),
    _country("الجزائر", "Algeria", "جزائري", "Algerian", "الجزائر", "Algiers"),
    _country("المغرب", "Morocco", "مغربي", "Moroccan", "الرباط", "Rabat"),
    _country("السودان", "Sudan", "سوداني", "Sudanese", "الخرطوم", "Khartoum"),
    _country("فلسطين", "Palestine", "فلسطيني", "Palestinian", "رام الله", "Ramallah"),
    _country("إسرائيل", "Israel", "إسرائيلي", "Israeli", "تل أبيب", "Tel Aviv"),
    _country("تركيا", "Turkey", "تركي", "Turkish", "أنقرة", "Ankara"),
    _country("روسيا", "Russia", "روسي", "Russian", "موسكو", "Moscow"),
    _country("أوكرانيا", "Ukraine", "أوكراني", "Ukrainian", "كييف", "Kyiv"),
    _country("الصين", "China", "صيني", "Chinese", "بكين", "Beijing"),
    _country("فرنسا", "France", "فرنسي", "French", "باريس", "Paris"),
    _country("بريطانيا", "Britain", "بريطاني", "British", "لندن", "London"),
    _country("ألمانيا", "Germany", "ألماني", "German", "برلين", "Berlin"),
    _country("أفغانستان", "Afghanistan", "أفغاني", "Afghan", "كابول", "Kabul"),
    _country("باكستان", "Pakistan", "باكستاني", "Pakistani", "إسلام آباد", "Islamabad"),
    _country("الهند", "India", "هندي", "Indian", "نيودلهي", "New Delhi"),
    _country("اليابان", "Japan", "ياباني", "Japanese", "طوكيو", "Tokyo"),
)
CITIES: tuple[Pair, ...] = (
    ("الموصل", "Mosul"), ("البصرة", "Basra"), ("أربيل", "Erbil"), ("كركوك", "Kirkuk"),
    ("النجف", "Najaf"), ("الرمادي", "Ramadi"), ("الفلوجة", "Fallujah"), ("السليمانية", "Sulaymaniyah"),
    ("حلب", "Aleppo"), ("حمص", "Homs"), ("إدلب", "Idlib"), ("درعا", "Daraa"),
    ("دير الزور", "Deir ez-Zor"), ("عدن", "Aden"), ("الحديدة", "Hodeidah"), ("مأرب", "Marib"),
    ("بنغازي", "Benghazi"), ("مصراتة", "Misrata"), ("غزة", "Gaza"), ("رفح", "Rafah"),
    ("خان يونس", "Khan Younis"), ("نابلس", "Nablus"), ("جنين", "Jenin"), ("القدس", "Jerusalem"),
    ("الخليل", "Hebron"), ("صيدا", "Sidon"), ("صور", "Tyre"), ("الإسكندرية", "Alexandria"),
    ("السويس", "Suez"), ("جدة", "Jeddah"), ("مكة", "Mecca"), ("الفاشر", "El Fasher"),
    ("أم درمان", "Omdurman"), ("خاركيف", "Kharkiv"), ("خيرسون", "Kherson"), ("جنيف", "Geneva"),
    ("فيينا", "Vienna"), ("نيويورك", "New York"), ("بروكسل", "Brussels"), ("إسطنبول", "Istanbul"),
    ("ديالى", "Diyala"), ("الأنبار", "Anbar"), ("صلاح الدين", "Salahuddin"), ("تكريت", "Tikrit"),
)  # fmt: skip


@dataclass(frozen=True)
class Office:
    """A title that stands before a name; `feminine` when its adjective agrees with a feminine noun."""

    ar: str
    en: str
    feminine: bool = False


OFFICES: tuple[Office, ...] = (
    Office("الرئيس", "President"), Office("رئيس الوزراء", "Prime Minister"),
    Office("رئيس الحكومة", "Prime Minister"), Office("وزير الخارجية", "Foreign Minister"),
    Office("وزير الدفاع", "Defense Minister"), Office("وزير الداخلية", "Interior Minister"),
    Office("وزير المالية", "Finance Minister"), Office("وزير الصحة", "Health Minister"),
    Office("وزير النفط", "Oil Minister"), Office("وزير الطاقة", "Energy Minister"),
    Office("وزير العدل", "Justice Minister"), Office("السفير", "Ambassador"),
    Office("رئيس البرلمان", "Parliament Speaker"), Office("رئيس مجلس النواب", "Parliament Speaker"),
    Office("نائب الرئيس", "Vice President"), Office("رئيس الأركان", "Chief of Staff"),
    Office("وزيرة الخارجية", "Foreign Minister", feminine=True),
    Office("وزيرة الصحة", "Health Minister", feminine=True),
)  # fmt: skip
BODIES: tuple[tuple[str, str, bool], ...] = (  # Arabic, English, grammatically feminine
    ("وزارة الدفاع", "the {d} Defense Ministry", True),
    ("وزارة الخارجية", "the {d} Foreign Ministry", True),
    ("وزارة الداخلية", "the {d} Interior Ministry", True),
    ("وزارة الصحة", "the {d} Health Ministry", True),
    ("الحكومة", "the {d} government", True),
    ("الرئاسة", "the {d} presidency", True),
    ("القوات", "{d} forces", True),
    ("الشرطة", "{d} police", True),
    ("السلطات", "{d} authorities", True),
    ("الجيش", "the {d} army", False),
    ("البرلمان", "the {d} parliament", False),
    ("البنك المركزي", "the {d} central bank", False),
    ("المحكمة العليا", "the {d} Supreme Court", True),
)
ORGANISATIONS: tuple[Pair, ...] = (
    ("الأمم المتحدة", "the United Nations"), ("الاتحاد الأوروبي", "the European Union"),
    ("مجلس الأمن الدولي", "the UN Security Council"), ("الجامعة العربية", "the Arab League"),
    ("منظمة الصحة العالمية", "the World Health Organization"), ("حلف شمال الأطلسي", "NATO"),
    ("صندوق النقد الدولي", "the International Monetary Fund"), ("البنك الدولي", "the World Bank"),
    ("الوكالة الدولية للطاقة الذرية", "the International Atomic Energy Agency"),
    ("البيت الأبيض", "the White House"),
    ("وزارة الدفاع الأمريكية (البنتاغون)", "the US Department of Defense (Pentagon)"),
    ("البنتاغون", "the Pentagon"), ("الكونغرس", "Congress"), ("الكرملين", "the Kremlin"),
    ("تنظيم الدولة الإسلامية", "the Islamic State group"), ("حزب الله", "Hezbollah"),
    ("الحشد الشعبي", "the Popular Mobilization Forces"),
    ("قوات سوريا الديمقراطية", "the Syrian Democratic Forces"),
    ("التحالف الدولي", "the international coalition"),
    ("مجلس التعاون الخليجي", "the Gulf Cooperation Council"), ("منظمة أوبك", "OPEC"),
    ("اليونيسف", "UNICEF"), ("منظمة العفو الدولية", "Amnesty International"),
    ("هيومن رايتس ووتش", "Human Rights Watch"),
)  # fmt: skip
AGENCIES: tuple[Pair, ...] = (
    ("رويترز", "Reuters"), ("أ ف ب", "AFP"), ("فرانس برس", "AFP"), ("أسوشيتد برس", "AP"),
    ("د ب أ", "dpa"), ("وكالة الأنباء العراقية", "INA"), ("سانا", "SANA"), ("وام", "WAM"),
    ("واس", "SPA"), ("الأناضول", "Anadolu"),
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """A noun in the four forms that Arabic counting asks for, and its English plural and singular."""

    one: str
    accusative: str  # after 11-99
    few: str  # after 3-10
    dual: str
    en_one: str
    en_many: str
    feminine: bool = False


COUNTED: tuple[Counted, ...] = (
    Counted("جندي", "جنديا", "جنود", "جنديين", "soldier", "soldiers"),
    Counted("عسكري", "عسكريا", "عسكريين", "عسكريين", "soldier", "soldiers"),
    Counted("شخص", "شخصا", "أشخاص", "شخصين", "person", "people"),
    Counted("مدني", "مدنيا", "مدنيين", "مدنيين", "civilian", "civilians"),
    Counted("مقاتل", "مقاتلا", "مقاتلين", "مقاتلين", "fighter", "fighters"),
    Counted("مسلح", "مسلحا", "مسلحين", "مسلحين", "gunman", "gunmen"),
    Counted("طفل", "طفلا", "أطفال", "طفلين", "child", "children"),
    Counted("لاجئ", "لاجئا", "لاجئين", "لاجئين", "refugee", "refugees"),
    Counted("شرطي", "شرطيا", "شرطيين", "شرطيين", "police officer", "police officers"),
    Counted("متظاهر", "متظاهرا", "متظاهرين", "متظاهرين", "protester", "protesters"),
    Counted("صحفي", "صحفيا", "صحفيين", "صحفيين", "journalist", "journalists"),
    Counted("موظف", "موظفا", "موظفين", "موظفين", "employee", "employees"),
    Counted("امرأة", "امرأة", "نساء", "امرأتين", "woman", "women", feminine=True),
    Counted("عائلة", "عائلة", "عائلات", "عائلتين", "family", "families", feminine=True),
)
TROOPS = COUNTED[:2]
UNITS_MASCULINE = "ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة".split()  # before a masculine noun
UNITS_FEMININE = "ثلاث أربع خمس ست سبع ثماني تسع عشر".split()
UNITS_EN = "three four five six seven eight nine ten".split()
TENS = {
    20: "عشرين",
    30: "ثلاثين",
    40: "أربعين",
    50: "خمسين",
    60: "ستين",
    70: "سبعين",
    80: "ثمانين",
    90: "تسعين",
}
HUNDREDS = {
    1: "مئة",
    2: "مئتي",
    3: "ثلاثمئة",
    4: "أربعمئة",
    5: "خمسمئة",
    6: "ستمئة",
    7: "سبعمئة",
    8: "ثمانمئة",
    9: "تسعمئة",
}
ROUND_EN = {
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    60: "sixty",
    70: "seventy",
    80: "eighty",
    90: "ninety",
}
