"""The shipped terms, by kind: sentences that each theme is about, and false friends."""

from __future__ import annotations

import pandas as pd
import pytest

from topiclib.themes import match_themes, read_themes, score_themes

THEMES = read_themes()

CASES = [
    # sport
    ("caucasus", "ar", "أوقعت القرعة المنتخب مع أذربيجان وأرمينيا في تصفيات كأس العالم", False),
    ("caucasus", "ar", "فاز سائق رالي بلقب بطولة أذربيجان أمام عشرين لاعبا", False),
    ("caucasus", "fa", "تیم ملی فوتبال در مسابقات مقدماتی جام جهانی به گرجستان باخت", False),
    ("caucasus", "ar", "تبادلت أرمينيا وأذربيجان إطلاق النار على الحدود", True),
    ("caucasus", "fa", "ارمنستان و جمهوری آذربایجان بر سر مرز قره‌باغ گفت‌وگو کردند", True),
    ("sanctions", "ar", "فرض فيفا عقوبات على الاتحاد الروسي بعد المباراة بسبب شغب اللاعبين في الملعب", False),
    # courts
    ("sanctions", "ar", "المحكمة تنزل بالمتهم أشد العقوبات وتحكم بالسجن وغرامة", False),
    ("sanctions", "ar", "فرضت واشنطن أشد العقوبات على قطاع النفط الإيراني", True),
    # religion
    ("sanctions", "fa", "در قرآن و روایات از تحریم ربا و گناه غیبت سخن رفته و فقه آن را حرام می‌داند", False),
    ("sanctions", "fa", "آمریکا بانک مرکزی ایران را تحریم کرد", True),
    # provinces and surnames
    ("caucasus", "fa", "استاندار آذربایجان شرقی در تبریز گفت راه روستا باز شد", False),
    ("caucasus", "ar", "ضرب زلزال محافظة أذربيجان الشرقية شمال غربي إيران", False),
    ("caucasus", "fa", "امیرسعید ایروانی در نامه‌ای به شورای امنیت نوشت", False),
    ("caucasus", "fa", "استاد نخجوانی کتابخانه‌اش را به شهر بخشید", False),
    ("caucasus", "fa", "نخست‌وزیر در ایروان با همتای گرجی دیدار کرد", True),
    # Georgia, the state
    ("caucasus", "ar", "صوت الناخبون في ولاية جورجيا وفي أتلانتا", False),
    ("caucasus", "ar", "سيطرت روسيا على أبخازيا بعد حربها مع جورجيا", True),
    # uranium, and the deals of others
    ("jcpoa", "fa", "پژوهشگران چینی اورانیوم را از آب دریا گرفتند", False),
    ("jcpoa", "ar", "باحثون يستخرجون يورانيوم من مياه البحر", False),
    ("jcpoa", "ar", "أجرت كوريا الشمالية تجربة نووية وهددت بترسانتها", False),
    ("jcpoa", "fa", "ایران ذخایر اورانیوم خود را در نطنز افزایش داد", True),
    # boycotts
    ("sanctions", "fa", "احزاب از تحریم گسترده انتخابات گفتند", False),
    ("sanctions", "fa", "کاربران خواستار تحریم همه کالاهای این شرکت شدند", False),
    # drones in Arabic: attack, swarm, air defense, front
    ("drones", "ar", "هاجم الحزب الموقع بأسراب من المسيرات", True),
    ("drones", "ar", "أطلق حزب الله مسيّرات على قاعدة في الشمال", True),
    ("drones", "ar", "الدفاعات الروسية تعلن إسقاط تسعين مسيرة أوكرانية", True),
    ("drones", "ar", "استهداف سيارة بمسيّرة في جنوب لبنان", True),
    ("drones", "ar", "محلّقة انقضاضية تصيب دبابة للجيش", True),
    ("drones", "ar", "طائرتان مسيرتان وطائراتهم المسيرة فوق البلدة", True),
    ("drones", "ar", "خرجت مسيرات حاشدة تنديدا بقصف غزة ورفع المشاركون شعارات", False),
    ("drones", "ar", "شارك آلاف المتظاهرين في مسيرات الحوثيين الجماهيرية في شوارع صنعاء", False),
    ("drones", "ar", "ختم اللاعب مسيرته في الملاعب", False),
    ("drones", "ar", "نقلت قناة المسيرة عن الجيش خبر الهجوم", False),
    # a gap, possessives, plurals
    ("sanctions", "ar", "تطالب طهران بالأصول الإيرانية المجمدة", True),
    ("sanctions", "ar", "لن نتنازل عن أصولنا المجمدة في الخارج", True),
    ("sanctions", "fa", "دارایی‌های ایران که مسدود شده آزاد می‌شود", True),
    ("sanctions", "fa", "تحریم‌هایشان بر ما اثری ندارد", True),
    ("drones", "fa", "پهپادهایشان از مرز گذشت", True),
]


@pytest.mark.parametrize(("theme", "lang", "text", "about"), CASES)
def test_theme_of_a_sentence(theme, lang, text, about):
    frame = pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [text]})
    table = score_themes(match_themes(frame, THEMES), frame, THEMES).query("about")
    assert (theme in set(table["theme"])) == about
