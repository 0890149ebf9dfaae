"""A menu: the name of the house, and dishes with dotted lines to their prices."""

from __future__ import annotations

from seed_data.artwork.canvas import Box, Grounds
from seed_data.artwork.colour import pick
from seed_data.artwork.lettering import measure
from seed_data.artwork.shapes import trace
from seed_data.artwork.sheet import Sheet
from seed_data.artwork.styles.base import Style

_DISHES = {
    "coffee": (
        "Espresso",
        "Flat White",
        "Cappuccino",
        "Pour Over",
        "Cold Brew",
        "Chai Latte",
        "Mocha",
        "Matcha",
        "Cortado",
        "Iced Tea",
    ),
    "bakery": (
        "Croissant",
        "Sourdough Toast",
        "Cinnamon Roll",
        "Lemon Tart",
        "Carrot Cake",
        "Brioche",
        "Macarons",
        "Cheesecake",
        "Eclair",
        "Scones",
    ),
    "travel": (
        "Coconut Prawns",
        "Mango Salad",
        "Fish Tacos",
        "Grilled Pineapple",
        "Rum Punch",
        "Ceviche",
        "Papaya Bowl",
        "Mojito",
        "Plantains",
        "Sorbet",
    ),
    "food": (
        "Burrata & Peach",
        "Roast Carrots",
        "Mushroom Risotto",
        "Sea Bass",
        "Ribeye",
        "Braised Leeks",
        "Gnocchi",
        "Tiramisu",
        "Olive Bread",
        "House Salad",
    ),
    "kids": (
        "Mini Pizza",
        "Mac & Cheese",
        "Fruit Kebab",
        "Chicken Bites",
        "Rainbow Salad",
        "Lemonade",
        "Pancakes",
        "Ice Cream",
        "Popcorn",
        "Cupcake",
    ),
}
_COURSES = ("Starters", "Mains", "Desserts", "Drinks")
_COFFEE_COURSES = ("Coffee", "Tea", "Bakery", "Specials")


def draw_menu(sheet: Sheet, style: Style, layout: str) -> None:
    """Draw one menu in the named layout; an unknown layout is drawn as ``framed``."""
    style.background(sheet)
    {"columns": _columns, "header": _header}.get(layout, _framed)(sheet, style)


def _dishes(sheet: Sheet) -> tuple[str, ...]:
    return next(
        (_DISHES[tag] for tag in sheet.tags if tag in _DISHES), _DISHES["kids" if "birthday" in sheet.tags else "food"]
    )


def _course(sheet: Sheet, style: Style, box: Box, course: int, count: int, on: Grounds, step: float) -> None:
    """One heading with `count` dishes, `step` apart."""
    canvas, rng = sheet.canvas, sheet.rng
    names = _COFFEE_COURSES if "coffee" in sheet.tags else _COURSES
    style.tag(sheet, box.centre[0], box.y, names[course % 4], on, "middle", 15, room=box.width)
    dishes = _dishes(sheet)
    ink = pick(on, sheet.scheme.ink)
    size = min(12.5, step * 0.5)
    lines, dots = [], ""
    for row in range(count):
        y = box.y + 8 + (row + 1) * step
        dish = dishes[(course * 3 + row + sheet.seed) % len(dishes)]
        price = f"{rng.randint(3, 24)}.{rng.choice(('00', '50', '80'))}"
        lines += [(box.x, y, dish, "start"), (box.right, y, price, "end")]
        start = box.x + measure(dish, style.body, size) + 6
        end = box.right - measure(price, style.body, size) - 6
        if end - start > 6:
            dots += trace("M", start, y - 1, "H", end)
    canvas.rows(lines, size, style.body, ink, on)
    canvas.line(dots, ink, 1, 'stroke-dasharray="1 4" opacity=".7"')


def _columns(sheet: Sheet, style: Style) -> None:
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    on = sheet.scheme.ground
    m = 40.0
    style.emblem(sheet, w / 2, 92, 92)
    used = style.headline(sheet, Box(m, 158, w - 2 * m, 74), on, "middle", "top", largest=44)
    style.rule(sheet, w / 2, used.bottom + 22, w * 0.4, "middle")
    top = used.bottom + 62
    width = (w - 2 * m - 34) / 2
    step = min(30.0, (h - top - 70) / 11.4)
    for course in range(4):
        y = top + (course // 2) * step * 6.1
        _course(sheet, style, Box(m + (course % 2) * (width + 34), y, width, 0), course, 4, on, step)
    style.small(sheet, w / 2, h - 26, sheet.words.place, on, "middle", 11, room=w - 2 * m)


def _framed(sheet: Sheet, style: Style) -> None:
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.edges(sheet)
    card = Box(w * 0.11, h * 0.085, w * 0.78, h * 0.83)
    on = style.panel(sheet, card)
    x = w / 2
    style.tag(sheet, x, card.y + 54, "The menu", on, "middle", 12)
    used = style.headline(sheet, Box(card.x + 40, card.y + 70, card.width - 80, 76), on, "middle", "top", largest=38)
    style.rule(sheet, x, used.bottom + 20, w * 0.3, "middle")
    top = used.bottom + 54
    step = min(29.0, (card.bottom - top - 50) / 13)
    for course in range(3):
        _course(sheet, style, Box(card.x + 46, top + course * step * 4.6, card.width - 92, 0), course, 3, on, step)


def _header(sheet: Sheet, style: Style) -> None:
    """A picture across the top with the name on a card that hangs over its edge."""
    canvas = sheet.canvas
    w, h = canvas.width, canvas.height
    style.picture(sheet, Box(0, 0, w, h * 0.36))
    card = Box(w * 0.12, h * 0.29, w * 0.76, h * 0.165)
    on = style.panel(sheet, card)
    style.headline(sheet, card.inset(38, 28), on, "middle", "middle", largest=38)
    ground = sheet.scheme.ground
    m = 44.0
    top = h * 0.52
    step = min(28.0, (h - top - 66) / 11.2)
    width = (w - 2 * m - 34) / 2
    for course in range(4):
        y = top + (course // 2) * step * 6.1
        _course(sheet, style, Box(m + (course % 2) * (width + 34), y, width, 0), course, 4, ground, step)
    style.small(sheet, w / 2, h - 24, f"{sheet.words.site}  ·  open daily", ground, "middle", 11, room=w - 2 * m)
