"""Letters and common characters of languages: evidence that text was decoded rightly.

Knows nothing of encodings; encoding.py compares what each of them would make of a file.
"""

from __future__ import annotations

LATIN: dict[str, frozenset[str]] = {
    name: frozenset(letters + letters.upper())
    for name, letters in {
        "German": "äöüßé",
        "French": "àâæçéèêëîïôœùûüÿ",
        "Spanish": "áéíñóúüçºª",
        "Portuguese": "áâãàçéêíóôõúüºª",
        "Italian": "àèéìíòóùú",
        "Nordic": "åäöæøéü",
        "Icelandic": "áðéíóúýþæö",
        "Dutch": "ëïéèüöäáç",
        "Polish": "ąćęłńóśźż",
        "Czech": "áčďéěíňóřšťúůýžľĺŕäô",
        "Hungarian": "áéíóöőúüű",
        "Romanian": "ăâîșțşţ",
        "Croatian": "čćđšž",
        "Turkish": "çğıİöşüâî",
        "Baltic": "āčēģīķļņšūžąęėįųäõöüó",
    }.items()
}
"""Letters beyond ASCII of languages in Latin letters, small and capital."""

WESTERN = ("German", "French", "Spanish", "Portuguese", "Italian", "Nordic", "Dutch")

OFTEN: dict[str, tuple[str, ...]] = {
    "Cyrillic": ("оеаинтсрвл", "оанівитрел"),  # Russian and its kin, Ukrainian
    "Greek": ("αοιετσνηυρς",),
    "Hebrew": ("יוהלארתבמש",),
    "Arabic": ("اليمنروتبه",),
    "Thai": ("านรกอเงยลมวทสดหตบคปพ",),
}
"""The ten letters or so that make up two thirds of all text in a script of its own."""

HANZI = frozenset(
    "的一是不了人在有我他这大来上个国中年到说们为子和你地出道也时要就可以对生会自发学家市北京海广州深圳"
    "张王李刘陈杨黄赵周吴质量很好公司电话商品价格东西南路区县省"
)
TRADITIONAL = frozenset(
    "的一是不了人在有我他這大來上個國中年到說們為子和你地出道也時要就可以對生會自發學家市臺北高雄"
    "張王李劉陳楊黃趙周吳質量很好公司電話商品價格東西南路區縣"
)
KANJI = frozenset(
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百"
    "書先名川千水半男西電校語土木車南万白天田村市県区町佐藤鈴橋伊渡辺京都阪府品商会社株式口店"
)
"""Common characters of Chinese, simplified and traditional, and of Japanese."""
