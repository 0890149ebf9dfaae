"""People as silhouettes, for film posters."""

from __future__ import annotations

from seed_data.artwork.canvas import Canvas
from seed_data.artwork.shapes import number

# Drawn in a box 100 wide and 200 high with the feet at y 200; the head is apart.
_BODIES: dict[str, str] = {
    "stand": "M50 40q22 0 26 12l8 62-9 2-9-44-2 44 4 84H54l-4-72-4 72H32l4-84-2-44-9 44-9-2 8-62q4-12 26-12z",
    "coat": (
        "M50 38q24 0 30 14l10 66-10 3-8-38 2 92-12 4 2 21H52l-2-20-2 20H36l2-21-12-4 2-92-8 38-10-3 10-66q6-14 30-14z"
    ),
    "hat": (
        "M50 42q28 0 36 18l8 60-11 3-9-34 4 92-14 4 1 15H53l-3-16-3 16H35l1-15-14-4 4-92-9 34-11-3"
        " 8-60q8-18 36-18zM24 22q6-4 12-5l2-15q12-5 24 0l2 15q6 1 12 5-26 8-52 0z"
    ),
    "dress": (
        "M50 40q16 0 20 10l8 50-8 3-10-34 2 20 18 66q-30 8-60 0l18-66 2-20-10 34-8-3 8-50q4-10 20-10"
        "zM40 160h8l-1 40h-8zM54 160h8l0 40h-8z"
    ),
    "staff": (
        "M50 42q20 0 26 12l10 40-8 4-8-26v52l8 76H58l-8-62-8 62H28l8-76V72l-8 34-9-2 8-50q5-12 23-12"
        "zM84 30h5v170h-5zM28 52l-14 10 6 46 12-2z"
    ),
    "arms": "M50 42q24 0 30 14l6 38-38 18-4-9 22-14 0 35 6 76H54l-4-66-4 66H30l6-76-2-35-12-8 4-10 14 4q-8-33 10-33z",
    "dance": "M50 42q14 0 18 8l26-34 8 6-28 48-6 34 34 40-8 8-40-32-14 80-10-2 6-86 2-40-30-22 5-9 28 10q4-9 9-9z",
    "fall": "M46 46l30-20 6 8-24 28 10 40 40 10-2 12-54-8-6 44-38 26-8-10 30-26-4-54-34-10 4-10 40 4z",
    "rifle": (
        "M50 40q20 0 24 10l28-22 4 5-30 26 4 40-12 8 4 93H56l-6-74-8 74H28l6-93-6-40-8 28-8-3 12-46"
        "q6-6 26-6zM30 24q0-20 20-20t20 20l4 3q-24 6-48 0z"
    ),
    "gunman": (
        "M50 42q26 0 34 16l14 44-10 22-9-4 4-20-10-22-2 34 10 88H64l-14-74-14 74H19l10-88-2-34-10"
        " 22 4 20-9 4L2 102l14-44q8-16 34-16zM12 24q10 2 20-4l4-18q14-6 28 0l4 18q10 6 20 4-14 14-38"
        " 14T12 24z"
    ),
}
_HEADS = {"dance": (54, 28, 13), "fall": (36, 36, 13), "staff": (50, 26, 14)}


def person(canvas: Canvas, x: float, feet: float, height: float, colour: str, pose: str) -> None:
    """A silhouette `height` high that stands at (x, feet); poses are the keys of the table above."""
    scale = height / 200
    head_x, head_y, radius = _HEADS.get(pose, (50, 24, 14))
    place = f"translate({number(x - 50 * scale)} {number(feet - height)}) scale({round(scale, 3)})"
    canvas.raw(
        f'<g transform="{place}" fill="{colour}"><circle cx="{head_x}" cy="{head_y}" r="{radius}"/>'
        f'<path d="M44 32h12v14H44z{_BODIES[pose]}"/></g>'
    )
