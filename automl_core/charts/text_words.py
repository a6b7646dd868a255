"""Effects of single words of a text on a prediction, as bars with their intervals."""

from __future__ import annotations

from automl_core.charts.drawing import Drawing, escape, number, rounded
from automl_core.charts.effects import predicted_title
from automl_core.charts.theme import GREY, VALID, layout
from automl_core.explain import WordEffects
from automl_core.words import percent

ROW, EDGE, LEAST = 26, 70, 160  # pixels of a bar, of the axis, and of the whole


def words_sentence(words: WordEffects, output: int, target: str) -> str:
    """The word that moves the prediction most, and by how much."""
    what = words.outputs[output]
    name = f"the probability of {what!r}" if what else f"the predicted {target}"
    strongest = max(range(len(words.words)), key=lambda i: abs(words.mean[output][i]))
    moved = words.mean[output][strongest]
    if abs(moved) < 1e-12:
        return f"No frequent word of {words.column} moves {name}."
    return (
        f"In {words.column} the word {words.words[strongest]!r} moves most: where it stands, "
        f"{name} is {number(abs(moved))} {'higher' if moved > 0 else 'lower'} than without it."
    )


def draw_words(words: WordEffects, output: int, target: str) -> Drawing:
    """A bar a word, strongest first; grey where its interval has 0 in it."""
    mean, low, high = (lines[output] for lines in (words.mean, words.low, words.high))
    places = sorted(range(len(words.words)), key=lambda i: -abs(mean[i]))
    names = [words.words[i] for i in places]
    sure = [low[i] > 0 or high[i] < 0 for i in places]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [rounded(mean[i]) for i in places],
        "y": list(range(len(places))),
        "text": [escape(name, 60) for name in names],
        "textposition": "none",
        "marker": {"color": [VALID if is_sure else GREY for is_sure in sure]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(high[i] - mean[i]) for i in places],
            "arrayminus": [rounded(mean[i] - low[i]) for i in places],
            "color": GREY,
            "thickness": 2,
            "width": 5,
        },
        "customdata": [
            [f"{number(low[i])} to {number(high[i])}", percent(words.shares[i])] for i in places
        ],
        "hovertemplate": "<b>%{text}</b>, in %{customdata[1]} of the rows<br>%{x:.4g}, "
        "95 % interval %{customdata[0]}<extra></extra>",
    }
    title = f"{predicted_title(words.outputs[output], target)}, with the word minus without"
    shape = layout(title, height=max(LEAST, EDGE + ROW * len(places)))
    shape |= {"showlegend": False, "bargap": 0.35}
    shape["margin"]["t"] = 8
    shape["xaxis"] |= {"showgrid": True, "zeroline": True}
    shape["yaxis"] |= {
        "tickvals": list(range(len(places))),
        "ticktext": [escape(name, 26) + " " for name in names],
        "range": [len(places) - 0.5, -0.5],
        "showgrid": False,
    }
    return Drawing((trace,), shape, f"Words. {words_sentence(words, output, target)}")
