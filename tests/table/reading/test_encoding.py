"""Files that are no UTF-8 are read in the encoding in which they make sense."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from automl_core.table.checks.file_encoding import encoding_findings
from automl_core.table.reading.read import ReadSettings, read_file, read_table
from automl_core.table.source_format import SourceFormat
from tests.table.files import read, settings

TEXTS = {
    "Russian": ("Москва,Иванов Пётр\nКазань,Сидорова Анна\nСамара,Хорошее качество\n", "cp1251"),
    "Czech": ("Plzeň,Jiří Dvořák\nPříbor,Žofie Nováková\nBudějovice,třída Míru\n", "cp1250"),
    "Czech, ISO": ("Plzeň,Jiří Dvořák\nPříbor,Žofie Nováková\nLibeň,třída\n", "iso-8859-2"),
    "Polish": ("Łódź,Wałęsa\nGdańsk,Święty\nKraków,Żółć\n", "cp1250"),
    "Polish, ISO": ("Łódź,Wałęsa\nGdańsk,Święty\nKraków,Żółć\n", "iso-8859-2"),
    "Hungarian": ("Győr,Kovács Ágnes\nPécs,Tűzoltó Örs\nSzeged,szőlő\n", "cp1250"),
    "German": ("München,Jörg Müller\nKöln,Straße\nDüsseldorf,Größe\n", "cp1252"),
    "French": ("Orléans,Hélène Lefèvre\nNîmes,François\nBesançon,déjà vu\n", "cp1252"),
    "Spanish": ("Málaga,Muñoz\nCórdoba,niño\n", "cp1252"),
    "Danish": ("Århus,Søren\nKøbenhavn,Sæby\n", "cp1252"),
    "one word": ("café,1\nx,2\n", "cp1252"),
    "signs": ("price,1 €\n5 €,x\n“quoted” – dash,y\n", "cp1252"),
    "Japanese": ("東京,山田太郎\n大阪,すずき\n商品名,とても良い\n", "shift_jis"),
    "Korean": ("서울,김철수\n부산,이영희\n대구,좋은 제품\n", "euc_kr"),
    "Chinese": ("北京,张伟\n上海,王芳\n广州,质量很好\n", "gb18030"),
    "Chinese of Taiwan": ("臺北,陳先生\n高雄,林小姐\n臺中,品質很好\n", "big5"),
}


WORDS = {
    "Russian": (
        "Москва Казань Самара Иванов Пётр Сидорова Анна Хорошее качество товар доставка вовремя "
        "Смирнов улица Ленина дом красный синий да нет Ярославль Щербинка",
        ("cp1251", "koi8-r", "cp866", "iso-8859-5"),
    ),
    "Greek": (
        "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Γιώργος Παπαδόπουλος Μαρία Άννα πολύ καλή ποιότητα ναι",
        ("cp1253", "iso-8859-7"),
    ),
    "Turkish": (
        "İstanbul Ankara İzmir Şanlıurfa Muğla Ayşe Yılmaz Öztürk çok güzel hızlı kargo değil",
        ("cp1254",),
    ),
    "Hebrew": ("ירושלים חיפה באר שבע דוד כהן שרה לוי איכות טובה משלוח מהיר כן לא", ("cp1255",)),
    "Arabic": ("القاهرة الرياض جدة دمشق محمد أحمد فاطمة علي جودة ممتازة نعم لا شارع", ("cp1256",)),
    "Japanese": (
        "東京 山田太郎 大阪 すずき 商品名 とても良い 佐藤花子 札幌 はい",
        ("euc_jp", "shift_jis"),
    ),
    "German": (
        "München Köln Straße Größe Jörg Müller Österreich Übung ja nein Schäfer Hof Berlin",
        ("cp1252", "cp850", "mac_roman"),
    ),
    "French": (
        "Orléans Hélène Lefèvre Nîmes François Besançon déjà très bien Noël Paris Lyon",
        ("cp1252", "cp850", "mac_roman"),
    ),
    "Spanish": ("Málaga Muñoz Córdoba niño España sí corazón Madrid año", ("cp1252", "mac_roman")),
    "Icelandic": ("Reykjavík Þór Guðmundur Sigurður Ísafjörður já nei", ("cp1252",)),
    "Hungarian": ("Győr Kovács Ágnes Pécs Tűzoltó Örs szőlő Budapest igen nem", ("cp1250",)),
    "Polish": ("Łódź Wałęsa Gdańsk Święty Kraków Żółć tak nie źródło", ("cp1250", "iso-8859-2")),
}


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("times", [1, 40])
def test_the_encoding_is_found(tmp_path: Path, language: str, times: int) -> None:
    text, encoding = TEXTS[language]
    data = ("a,b\n" + text * times).encode(encoding)
    assert settings(tmp_path, data).encoding == encoding
    table = read(tmp_path, data)
    assert (
        ",".join(str(cell) for cell in table.slice(0, 1).to_pylist()[0].values())
        == (text.split("\n")[0])
    )


def test_what_is_no_text_in_that_encoding_further_down_is_read_in_another(tmp_path: Path) -> None:
    text, encoding = TEXTS["Japanese"]
    data = b"a,b\n" + (text * 2_000).encode(encoding) + b"\x81\xff,1\n"
    assert settings(tmp_path, data).encoding == "latin-1"
    assert read(tmp_path, data).num_rows == 6_001


@pytest.mark.parametrize(
    ("language", "encoding"), [(n, e) for n, (_, encodings) in WORDS.items() for e in encodings]
)
def test_a_short_file_is_read_in_its_encoding(tmp_path: Path, language: str, encoding: str) -> None:
    words = WORDS[language][0].split()
    rng = random.Random(0)
    cells = [(" ".join(rng.choices(words, k=2)), rng.choice(words)) for _ in range(400)]
    text = "a,b,c\n" + "".join(f"{a},{b},{i}\n" for i, (a, b) in enumerate(cells))
    table = read(tmp_path, text.encode(encoding))
    assert list(zip(table["a"].to_pylist(), table["b"].to_pylist(), strict=True)) == cells
    assert not settings(tmp_path, text.encode(encoding)).unsure


def test_a_few_lines_in_another_encoding_leave_the_others_as_they_are(tmp_path: Path) -> None:
    lines = [f"Köln,Größe {i}\n".encode() for i in range(500)]
    lines[7], lines[300] = "Köln,naïve\n".encode("cp1252"), "Orléans,“déjà”\n".encode("cp1252")
    data = b"a,b\n" + b"".join(lines)
    found = settings(tmp_path, data)
    assert (found.encoding, found.strays, found.stray_lines) == ("utf-8", "cp1252", (9, 302))
    table = read(tmp_path, data)
    assert set(table["a"].to_pylist()) == {"Köln", "Orléans"}
    assert (table["b"][7].as_py(), table["b"][300].as_py()) == ("naïve", "“déjà”")
    (finding,) = encoding_findings(table, found.for_people())
    assert (finding.state, finding.rows) == ("fixed", (7, 300))
    assert "2 lines (9, 302) are not: read as cp1252" in finding.message


def test_a_guess_is_said_and_a_stated_encoding_is_none(tmp_path: Path) -> None:
    data = "a,b\n1,Łódź\n2,x\n".encode("cp852")
    found = settings(tmp_path, data)
    (finding,) = encoding_findings(read(tmp_path, data), found.for_people())
    assert (finding.state, finding.rows) == ("to_review", (0,))
    assert f"read as {found.encoding}, which is a guess" in finding.message
    table = read_table(tmp_path / "upload", ReadSettings("csv", "cp852"))
    assert table["b"][0].as_py() == "Łódź"
    assert not encoding_findings(table, ReadSettings("csv", "cp852").for_people())


def test_the_encoding_of_the_training_file_is_taken_where_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes("a,b\n1,Łódź\n2,x\n".encode("cp852"))
    assert read_file(path, "new.csv", source_format=SourceFormat(encoding="cp852"))[0]["b"][
        0
    ].as_py() == ("Łódź")
    path.write_bytes("a,b\n1,Łódź\n2,x\n".encode())
    assert read_file(path, "new.csv", source_format=SourceFormat(encoding="cp852"))[0]["b"][
        0
    ].as_py() == ("Łódź")


def test_long_lines_are_judged_too(tmp_path: Path) -> None:
    line = WORDS["Japanese"][0] * 120
    for encoding in WORDS["Japanese"][1]:
        data = f"a,b\n1,{line}\n2,x{line}\n".encode(encoding)
        assert read(tmp_path, data)["b"].to_pylist() == [line, f"x{line}"]


def test_text_that_fits_no_language_is_read_as_usual_and_said(tmp_path: Path) -> None:
    lines = b"win \xe5\xa3100,1\n" * 6 + b"can\xe5\xd5t,1\n" * 3 + b"th\xcc send,1\n"
    data = b"a,b\n" + (lines + b"well\x89\xdb\xf7 y,2\n") * 20
    found = settings(tmp_path, data)
    assert (found.encoding, found.unsure) == ("cp1252", True)
