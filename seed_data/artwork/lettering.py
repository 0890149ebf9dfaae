"""Type faces with their measures, and the fitting of words into a box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from seed_data.artwork.strokes import advance

# Few names: for each one that is not there a browser asks the system anew, at each weight and size, before it can draw.
_SANS = "Arial,sans-serif"
_SERIF = "'Times New Roman',serif"

# Advance widths of the characters from space to tilde in hundredths of the size, measured in a browser.
_WIDTHS = {
    "light": """
29 28 39 64 63 80 63 22 35 35 50 66 28 46 27 35 62 45 62 63 63 60 61 57 62 61 27 28 66 66 66 50 94 66 65 73 72
60 59 75 74 26 54 65 57 89 76 76 63 76 64 63 64 75 66 94 63 65 62 35 35 35 45 45 50 56 62 56 62 59 36 61 59 24
24 53 24 86 58 60 60 60 36 52 36 58 55 81 53 55 54 35 31 35 66
""",
    "plain": """
29 28 41 64 64 82 64 23 37 37 50 66 28 47 28 36 63 47 61 64 65 61 63 58 62 63 28 28 66 66 66 51 94 68 66 73 72
60 59 75 75 27 55 66 57 89 76 77 64 77 64 64 65 75 68 95 65 67 63 37 36 37 47 46 50 57 63 56 63 59 37 61 60 24
24 55 24 87 59 60 61 61 38 53 37 59 56 82 54 56 55 37 33 37 66
""",
    "bold": """
24 33 40 65 66 86 68 21 41 41 57 68 31 47 30 39 69 49 63 66 68 65 67 60 67 67 30 31 68 68 68 57 104 75 67 76 73
62 59 77 75 29 57 69 57 92 74 79 65 79 66 66 67 73 75 104 72 73 67 41 39 41 49 48 50 59 64 59 64 60 39 64 63 28
28 59 28 92 63 62 64 64 41 57 39 63 59 86 58 59 58 41 38 41 68
""",
    "black": """
20 27 37 66 65 82 68 18 40 38 54 63 27 43 27 41 68 41 62 64 67 63 65 58 66 65 29 28 63 63 63 57 105 75 66 73 71
59 57 74 72 27 59 73 54 89 71 75 63 77 65 64 66 68 78 108 71 75 65 40 41 37 48 49 40 57 59 55 59 56 41 60 61 26
26 59 26 90 61 58 59 59 41 55 41 61 60 86 59 60 55 43 33 42 64
""",
    "narrow": """
23 28 39 46 46 73 60 20 28 28 32 48 23 28 23 23 46 46 46 46 46 46 46 46 46 46 28 28 48 48 48 51 80 60 60 60 60
55 51 64 60 23 46 60 51 69 60 64 55 64 60 55 51 60 55 78 55 55 51 28 23 28 48 46 28 46 51 46 51 46 28 51 51 23
23 46 23 73 51 51 51 51 32 46 28 51 46 64 46 46 42 32 23 32 48
""",
    "serif": """
25 34 41 50 50 84 78 19 34 34 50 57 25 34 25 28 50 50 50 50 50 50 50 50 50 50 28 28 57 57 57 45 93 73 67 67 73
62 56 73 73 34 39 73 62 89 73 73 56 73 67 56 62 73 73 95 73 73 62 34 28 34 47 50 34 45 50 45 50 45 34 50 50 28
28 50 28 78 50 50 50 50 34 39 28 50 50 73 50 50 45 48 21 48 55
""",
    "italic": """
25 34 42 50 50 84 78 22 34 34 50 68 25 34 25 28 50 50 50 50 50 50 50 50 50 50 34 34 68 68 68 50 92 62 62 67 73
62 62 73 73 34 45 67 56 84 67 73 62 73 62 50 56 73 62 84 62 56 56 39 28 39 43 50 34 50 50 45 50 45 28 50 50 28
28 45 28 73 50 50 50 50 39 39 28 50 45 67 45 45 39 40 28 40 55
""",
    "roman": """
25 34 56 50 50 100 84 28 34 34 50 57 25 34 25 28 50 50 50 50 50 50 50 50 50 50 34 34 57 57 57 50 94 73 67 73 73
67 62 78 78 39 50 78 67 95 73 78 62 78 73 56 67 73 73 100 73 73 67 34 28 34 59 50 34 50 56 45 56 45 34 50 56 28
34 56 28 84 56 50 56 56 45 39 34 56 50 73 50 50 45 40 23 40 53
""",
    "slab": """
35 44 53 84 70 96 91 31 48 48 53 84 35 42 35 37 70 70 70 70 70 70 70 70 70 70 37 37 84 84 84 59 100 78 85 80 87
77 71 86 95 47 48 87 71 111 92 88 76 88 84 73 75 88 78 113 78 72 73 48 37 48 84 50 50 65 70 61 70 64 44 70 73 38
37 70 38 106 73 67 70 70 53 57 47 73 59 87 60 59 57 65 37 65 84
""",
    "mono": " ".join(["61"] * 95),
}
_TABLES = {name: tuple(int(width) / 100 for width in widths.split()) for name, widths in _WIDTHS.items()}
PEN_UNIT = 0.072
"""One glyph unit of pen lettering in sizes, so that its capitals are as high as those of a face."""
_TABLES["pen"] = tuple(advance(chr(code)) * PEN_UNIT for code in range(32, 127))


@dataclass(frozen=True, slots=True)
class Face:
    """A face as lettering uses it. `tracking` is extra space between letters, in sizes; `leading` between baselines."""

    name: str
    table: str
    css: str
    tracking: float = 0.0
    leading: float = 1.12
    capitals: bool = False

    def spaced(self, tracking: float) -> Face:
        """The same face, in capitals set apart."""
        return replace(self, tracking=tracking, capitals=True)


LIGHT = Face("l", "light", f"font-family:{_SANS};font-weight:300", -0.01)
PLAIN = Face("p", "plain", f"font-family:{_SANS};font-weight:400")
BOLD = Face("b", "bold", f"font-family:{_SANS};font-weight:700", -0.01)
BLACK = Face("h", "black", f"font-family:{_SANS};font-weight:900", -0.01, 0.98)
NARROW = Face("n", "narrow", "font-family:'Arial Narrow',Arial,sans-serif;font-weight:700")
SERIF = Face("s", "serif", f"font-family:{_SERIF}")
ITALIC = Face("i", "italic", f"font-family:{_SERIF};font-style:italic")
ROMAN = Face("r", "roman", f"font-family:{_SERIF};font-weight:700")
SLAB = Face("g", "slab", "font-family:'DejaVu Serif',Rockwell,'Roboto Slab',Georgia,serif;font-weight:700", -0.02, 1.1)
PEN = Face("x", "pen", f"font-family:{_SANS};font-weight:700", 0.0, 1.16, True)
MONO = Face("m", "mono", "font-family:'Courier New',monospace;font-weight:700", -0.02)


@lru_cache(maxsize=16384)
def measure(words: str, face: Face, size: float = 1.0) -> float:
    """The length of `words` set in `face`, in viewBox units; characters outside ASCII count as a capital."""
    table = _TABLES[face.table]
    shown = words.upper() if face.capitals else words
    total = sum(table[ord(letter) - 32] if " " <= letter <= "~" else 0.7 for letter in shown)
    return (total + face.tracking * len(shown)) * size


@dataclass(frozen=True, slots=True)
class Fitted:
    """Words broken into lines at one size; `leading` is the distance between baselines."""

    lines: tuple[str, ...]
    size: float
    leading: float

    @property
    def height(self) -> float:
        """From the top of the capitals to the last baseline."""
        return self.size * 0.72 + self.leading * (len(self.lines) - 1)


@lru_cache(maxsize=8192)
def fit(words: str, face: Face, width: float, height: float, largest: float, most_lines: int = 4) -> Fitted:
    """Break `words` into the lines that let them be set largest in the given space, and no larger than `largest`."""
    best: Fitted | None = None
    parts = words.split() or [" "]
    for count in range(1, min(most_lines, len(parts)) + 1):
        lines = _balanced(parts, count, face)
        longest = max(measure(line, face) for line in lines)
        size = min(largest, width / longest, height / (0.72 + face.leading * (count - 1)))
        if best is None or size > best.size * 1.04:
            best = Fitted(tuple(lines), size, size * face.leading)
    assert best is not None
    return best


def _balanced(parts: list[str], count: int, face: Face) -> list[str]:
    """`parts` in `count` lines whose longest is as short as can be."""
    lengths = [measure(part, face) for part in parts]
    gap = measure(" ", face)

    def breaks(limit: float) -> list[list[str]]:
        lines: list[list[str]] = [[]]
        filled = -gap
        for part, length in zip(parts, lengths, strict=True):
            if lines[-1] and filled + gap + length > limit:
                lines.append([])
                filled = -gap
            lines[-1].append(part)
            filled += gap + length
        return lines

    low, high = max(lengths), sum(lengths) + gap * len(parts)
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (low, middle) if len(breaks(middle)) <= count else (middle, high)
    return [" ".join(line) for line in breaks(high)]
