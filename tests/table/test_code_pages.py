"""Files that are no UTF-8 are read in the encoding in which they make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    data = b"a,b\n" + (text * 2_000).encode(encoding) + b"\x80\xff,1\n"
    assert settings(tmp_path, data).encoding == "latin-1"
    assert read(tmp_path, data).num_rows == 6_001
