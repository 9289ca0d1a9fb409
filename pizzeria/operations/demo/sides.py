"""Sizes, VAT, drinks and desserts."""

from datetime import date

from pizzeria.operations.demo.rows import Food, Look, Side, SizeRow

SIZES = (
    SizeRow("s", "Petite", "Small", 26, 180, "0.62"),
    SizeRow("m", "Moyenne", "Medium", 33, 260, "1.00"),
    SizeRow("l", "Grande", "Large", 40, 380, "1.47"),
)
"""A recipe grows with the surface of the disc: 0.62 = (26 / 33)²."""

VAT_RATES = (
    ("immediate", "7.00", date(2012, 1, 1), "CGI, art. 279 m et n (loi n° 2011-1978, art. 13)"),
    ("immediate", "10.00", date(2014, 1, 1), "CGI, art. 279 m (sur place) et n (à emporter ou à livrer)"),
    ("sealed", "5.50", date(2012, 1, 1), "CGI, art. 278-0 bis, A, 1° (boisson fermée, sans alcool)"),
    ("alcohol", "19.60", date(2000, 4, 1), "CGI, art. 278 (taux normal)"),
    ("alcohol", "20.00", date(2014, 1, 1), "CGI, art. 278 (taux normal)"),
)


def _drink(kind: str, colour: str) -> Look:
    return {"drawing": "drink", "kind": kind, "colour": colour}


def _dessert(kind: str, colour: str) -> Look:
    return {"drawing": "dessert", "kind": kind, "colour": colour}


SIDES = (
    Side(
        "drink", "eau-plate", "Eau plate 50 cl", "Still water 50 cl", "2.20", "sealed", (),
        "Eau minérale naturelle des Alpes.", "Natural mineral water from the Alps.",
        Food("bouteille-eau-plate", "bouteille d’eau plate 50 cl", "bottle of still water 50 cl", "piece", 24, _drink("bottle", "#8ec7dc")),
    ),
    Side(
        "drink", "eau-gazeuse", "Eau gazeuse 50 cl", "Sparkling water 50 cl", "2.40", "sealed", (),
        "Eau minérale à bulles fines.", "Finely sparkling mineral water.",
        Food("bouteille-eau-gazeuse", "bouteille d’eau gazeuse 50 cl", "bottle of sparkling water 50 cl", "piece", 24, _drink("bottle", "#4f9a7d")),
    ),
    Side(
        "drink", "cola", "Cola 33 cl", "Cola 33 cl", "2.80", "sealed", (),
        "Cola français, sucre de canne.", "French cola, cane sugar.",
        Food("canette-cola", "canette de cola 33 cl", "can of cola 33 cl", "piece", 24, _drink("can", "#b3261a")),
    ),
    Side(
        "drink", "cola-zero", "Cola zéro 33 cl", "Cola zero 33 cl", "2.80", "sealed", (),
        "Cola français sans sucres.", "French cola without sugar.",
        Food("canette-cola-zero", "canette de cola zéro 33 cl", "can of cola zero 33 cl", "piece", 24, _drink("can", "#33292b")),
    ),
    Side(
        "drink", "limonade", "Limonade artisanale 33 cl", "Craft lemonade 33 cl", "3.20", "sealed", (),
        "Citrons de Menton, bulles vives.", "Menton lemons, lively bubbles.",
        Food("bouteille-limonade", "bouteille de limonade 33 cl", "bottle of lemonade 33 cl", "piece", 12, _drink("glass", "#f2d873")),
    ),
    Side(
        "drink", "the-peche", "Thé glacé pêche 33 cl", "Peach iced tea 33 cl", "2.80", "sealed", (),
        "Infusé à froid, pêche de vigne.", "Cold-brewed, vine peach.",
        Food("canette-the-peche", "canette de thé pêche 33 cl", "can of peach iced tea 33 cl", "piece", 24, _drink("can", "#e08a3c")),
    ),
    Side(
        "drink", "biere-blonde", "Bière blonde 33 cl", "Lager 33 cl", "4.20", "alcohol", (),
        "Brassée à Pantin, 5 % vol.", "Brewed in Pantin, 5% vol.",
        Food("bouteille-biere", "bouteille de bière blonde 33 cl", "bottle of lager 33 cl", "piece", 12, _drink("bottle", "#8a4b16"), ("gluten",)),
    ),
    Side(
        "drink", "chianti", "Chianti 37,5 cl", "Chianti 37.5 cl", "11.50", "alcohol", (),
        "Chianti DOCG, demi-bouteille, 13 % vol.", "Chianti DOCG, half bottle, 13% vol.",
        Food("bouteille-chianti", "demi-bouteille de chianti 37,5 cl", "half bottle of Chianti 37.5 cl", "piece", 6, _drink("bottle", "#4a1422"), ("sulphites",)),
    ),
    Side(
        "dessert", "tiramisu", "Tiramisu maison", "Homemade tiramisu", "5.50", "immediate", ("vegetarienne",),
        "Mascarpone, café, cacao, biscuits à la cuillère.", "Mascarpone, coffee, cocoa, ladyfingers.",
        Food("part-tiramisu", "part de tiramisu", "serving of tiramisu", "piece", 12, _dessert("cup", "#8a5a35"), ("gluten", "eggs", "milk")),
    ),
    Side(
        "dessert", "panna-cotta", "Panna cotta aux fruits rouges", "Red berry panna cotta", "4.90", "immediate", (),
        "Crème vanillée, coulis de fruits rouges. Gélatine bovine.", "Vanilla cream, red berry coulis. Beef gelatine.",
        Food("part-panna-cotta", "part de panna cotta", "serving of panna cotta", "piece", 12, _dessert("cup", "#c2334a"), ("milk",), "Gélatine de bœuf, UE"),
    ),
    Side(
        "dessert", "fondant-chocolat", "Fondant au chocolat", "Chocolate fondant", "5.20", "immediate", ("vegetarienne",),
        "Chocolat noir 70 %, cœur coulant.", "70% dark chocolate, melting heart.",
        Food("part-fondant", "part de fondant au chocolat", "serving of chocolate fondant", "piece", 12, _dessert("slice", "#5b2d18"), ("gluten", "eggs", "milk", "soybeans")),
    ),
    Side(
        "dessert", "glace-pistache", "Glace pistache de Bronte", "Bronte pistachio ice cream", "4.80", "immediate", ("vegetarienne",),
        "Pot de 120 ml, turbinée à Lyon.", "120 ml tub, churned in Lyon.",
        Food("pot-glace-pistache", "pot de glace pistache 120 ml", "tub of pistachio ice cream 120 ml", "piece", 24, _dessert("ball", "#a9bf6a"), ("milk", "eggs", "nuts")),
    ),
)  # fmt: skip
