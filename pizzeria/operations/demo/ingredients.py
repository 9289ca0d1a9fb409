"""What goes on the demo group's pizzas, with allergens, the origin of meat, and how it looks.

Quantities in the unit; `extra` is what a supplement costs and weighs on a medium pizza.
"""

from pizzeria.operations.demo.rows import Food, Look


def seen(shape: str, colour: str, edge: str, size: int, count: int) -> Look:
    """The fields of `catalogue.pictures.Topping`."""
    return {"shape": shape, "colour": colour, "edge": edge, "size": size, "count": count}


UNSEEN: Look = {}

DOUGH = Food("pate", "pâte levée 48 h", "48-hour dough", "g", 1000, UNSEEN, ("gluten",), comment="Farine de blé T65, eau, levain, sel, huile d’olive.")  # fmt: skip

BASES = (
    Food("sauce-tomate", "sauce tomate", "tomato sauce", "g", 2500, seen("sauce", "#c23a1e", "#8f1f10", 10, 1), comment="Tomates San Marzano, sel, basilic."),
    Food("creme-fraiche", "crème fraîche", "crème fraîche", "g", 1000, seen("sauce", "#f6e6c2", "#d9b27a", 10, 1), ("milk",), comment="30 % de matière grasse, Normandie."),
    Food("sauce-barbecue", "sauce barbecue", "barbecue sauce", "g", 1000, seen("sauce", "#7c2d14", "#4e1a0b", 10, 1), ("mustard", "celery")),
    Food("creme-truffe", "crème de truffe d’été", "summer truffle cream", "g", 500, seen("sauce", "#cbb48c", "#7d6640", 10, 1), ("milk",), extra=("3.50", 25)),
)  # fmt: skip

CHEESES = (
    Food("mozzarella", "mozzarella fior di latte", "fior di latte mozzarella", "g", 1000, seen("cheese", "#f8dc94", "#e0a24a", 8, 1), ("milk",), extra=("1.50", 50)),
    Food("mozzarella-bufala", "mozzarella di bufala AOP", "buffalo mozzarella PDO", "g", 500, seen("cheese", "#fffaf0", "#e6d3ae", 4, 8), ("milk",), extra=("2.80", 60)),
    Food("burrata", "burrata des Pouilles", "burrata from Apulia", "piece", 1, seen("blob", "#fffdf5", "#e3d4b6", 10, 1), ("milk",), extra=("4.50", 1), comment="125 g la pièce, posée après cuisson."),
    Food("gorgonzola", "gorgonzola AOP", "gorgonzola PDO", "g", 500, seen("cheese", "#e9e4cf", "#7d97a0", 3, 8), ("milk",), extra=("1.80", 40)),
    Food("chevre", "bûche de chèvre", "goat’s cheese", "g", 500, seen("round", "#fdf6e3", "#dcb77c", 6, 9), ("milk",), extra=("1.80", 40)),
    Food("emmental", "emmental français", "French emmental", "g", 1000, seen("cheese", "#f7cf6c", "#d6923a", 4, 7), ("milk",), extra=("1.20", 40)),
    Food("reblochon", "reblochon AOP", "reblochon PDO", "g", 500, seen("half_moon", "#f7e3a8", "#d08a3c", 8, 6), ("milk",), extra=("2.20", 50)),
    Food("raclette", "raclette de Savoie", "raclette cheese", "g", 1000, seen("cheese", "#f6cf78", "#cf8b37", 6, 1), ("milk",), extra=("2.00", 50)),
    Food("parmesan", "copeaux de parmesan AOP", "parmesan shavings PDO", "g", 500, seen("strip", "#f5dfa0", "#d0a653", 4, 8), ("milk", "eggs"), extra=("1.80", 20), comment="Contient du lysozyme (œuf)."),
    Food("ricotta", "ricotta", "ricotta", "g", 500, seen("blob", "#fffaf0", "#e0cda6", 5, 9), ("milk",), extra=("1.60", 40)),
)  # fmt: skip

MEATS = (
    Food("jambon-blanc", "jambon blanc supérieur", "cooked ham", "g", 500, seen("strip", "#f2a7a0", "#c9716b", 7, 10), origin="Porc, France", extra=("2.00", 50)),
    Food("jambon-parme", "jambon de Parme AOP", "Parma ham PDO", "g", 300, seen("strip", "#c9473f", "#8d231f", 9, 7), origin="Porc, Italie", extra=("3.00", 40)),
    Food("lardons", "lardons fumés", "smoked bacon", "g", 500, seen("cube", "#d9776a", "#9c3f34", 3, 18), origin="Porc, France", extra=("2.00", 50)),
    Food("pepperoni", "pepperoni", "pepperoni", "g", 500, seen("round", "#c7402a", "#8e2014", 6, 14), ("milk",), "Porc et bœuf, Italie", ("2.20", 40)),
    Food("chorizo", "chorizo doux", "mild chorizo", "g", 500, seen("round", "#b92f1d", "#7a170d", 5, 12), ("milk",), "Porc, Espagne", ("2.20", 40)),
    Food("spianata", "spianata piquante", "spicy spianata", "g", 500, seen("round", "#a92a1c", "#6c140c", 7, 9), (), "Porc, Italie", ("2.40", 40)),
    Food("nduja", "’nduja de Calabre", "’nduja from Calabria", "g", 300, seen("blob", "#c2331b", "#7d170b", 3, 9), (), "Porc, Italie", ("2.40", 25)),
    Food("merguez", "merguez", "merguez sausage", "g", 500, seen("round", "#8e3423", "#5a1a10", 4, 12), ("sulphites",), "Bœuf et mouton, France", ("2.20", 50)),
    Food("boeuf-hache", "bœuf haché", "minced beef", "g", 1000, seen("blob", "#7c3b22", "#4d2010", 3, 18), (), "Bœuf, France", ("2.40", 60)),
    Food("poulet", "poulet rôti effiloché", "roast chicken", "g", 1000, seen("strip", "#e7bd86", "#b07c41", 5, 12), (), "Poulet, France", ("2.20", 50)),
    Food("kebab", "kebab de veau et de dinde", "veal and turkey kebab", "g", 1000, seen("strip", "#9d5c31", "#64361a", 5, 14), ("gluten", "soybeans"), "Veau et dinde, France", ("2.40", 60)),
    Food("andouille", "andouille de Guémené", "Guémené andouille", "g", 300, seen("round", "#8c6a5c", "#4d342b", 6, 9), (), "Porc, France", ("2.40", 40)),
)  # fmt: skip

SEA = (
    Food("saumon-fume", "saumon fumé d’Écosse", "smoked Scottish salmon", "g", 300, seen("strip", "#f59a6b", "#d0693c", 9, 7), ("fish",), extra=("3.20", 40)),
    Food("thon", "thon listao à l’huile d’olive", "skipjack tuna", "g", 800, seen("blob", "#d8b59a", "#9e7357", 4, 11), ("fish",), extra=("2.20", 50)),
    Food("anchois", "filets d’anchois de Collioure", "Collioure anchovies", "g", 200, seen("strip", "#96705a", "#5c3e30", 5, 8), ("fish",), extra=("2.00", 15)),
    Food("crevettes", "crevettes décortiquées", "peeled shrimps", "g", 500, seen("shrimp", "#f5a07c", "#d9683f", 6, 8), ("crustaceans", "sulphites"), extra=("3.00", 50)),
    Food("moules", "moules de bouchot", "bouchot mussels", "g", 500, seen("half_moon", "#e9953f", "#3a2b33", 4, 9), ("molluscs",), extra=("2.40", 40)),
    Food("calamars", "anneaux de calamar", "squid rings", "g", 500, seen("ring", "#f8e9d6", "#d5ac86", 5, 8), ("molluscs",), extra=("2.60", 50)),
)  # fmt: skip

VEGETABLES = (
    Food("champignons", "champignons de Paris", "button mushrooms", "g", 500, seen("half_moon", "#efe0c6", "#a98560", 6, 10), extra=("1.20", 40)),
    Food("poivrons", "poivrons grillés", "grilled peppers", "g", 500, seen("strip", "#d8402a", "#9c2114", 6, 9), extra=("1.20", 40)),
    Food("oignons-rouges", "oignons rouges", "red onions", "g", 500, seen("ring", "#b4557f", "#7d2c52", 5, 9), extra=("1.00", 25)),
    Food("oignons-confits", "oignons confits", "caramelised onions", "g", 500, seen("strip", "#b9772e", "#7c4a16", 4, 12), ("sulphites",), extra=("1.20", 30)),
    Food("tomates-cerises", "tomates cerises", "cherry tomatoes", "g", 500, seen("round", "#dd3a27", "#a01d10", 5, 9), extra=("1.20", 50)),
    Food("tomates-sechees", "tomates séchées", "sun-dried tomatoes", "g", 500, seen("blob", "#a82a1c", "#6b150c", 4, 9), ("sulphites",), extra=("1.50", 30)),
    Food("aubergines", "aubergines grillées", "grilled aubergines", "g", 500, seen("round", "#a98a5e", "#4a2b4d", 7, 7), extra=("1.40", 50)),
    Food("courgettes", "courgettes grillées", "grilled courgettes", "g", 500, seen("round", "#c6d68e", "#44722e", 6, 8), extra=("1.20", 50)),
    Food("artichauts", "cœurs d’artichaut", "artichoke hearts", "g", 500, seen("half_moon", "#c9c98a", "#7e8443", 6, 8), extra=("1.60", 40)),
    Food("epinards", "pousses d’épinard", "baby spinach", "g", 300, seen("leaf", "#2f6b31", "#1b451d", 6, 12), extra=("1.20", 30)),
    Food("pommes-de-terre", "pommes de terre", "potatoes", "g", 2500, seen("round", "#f2d888", "#c39a44", 6, 10), extra=("1.20", 60)),
    Food("ananas", "ananas Victoria", "Victoria pineapple", "g", 500, seen("cube", "#f7cf4a", "#d19a1d", 5, 11), extra=("1.20", 50)),
    Food("olives-noires", "olives noires de Nyons AOP", "Nyons black olives PDO", "g", 500, seen("ring", "#3a2a33", "#1c1218", 3, 8), extra=("1.00", 20), comment="Peuvent contenir un noyau."),
    Food("olives-vertes", "olives vertes", "green olives", "g", 500, seen("ring", "#8a9a3c", "#56641e", 3, 9), extra=("1.00", 20)),
    Food("capres", "câpres de Pantelleria", "Pantelleria capers", "g", 200, seen("round", "#6f7f3a", "#414d1d", 1, 12), extra=("1.00", 10)),
    Food("jalapenos", "piments jalapeño", "jalapeño peppers", "g", 300, seen("ring", "#5f9e3a", "#356320", 3, 9), ("sulphites",), extra=("1.00", 15)),
    Food("figues", "figues de Solliès AOP", "Solliès figs PDO", "g", 500, seen("half_moon", "#b8476a", "#4c2348", 6, 7), extra=("1.80", 40)),
)  # fmt: skip

FINISHES = (
    Food("roquette", "roquette", "rocket", "g", 200, seen("leaf", "#4f8f37", "#2c5a1e", 5, 13), extra=("1.00", 15)),
    Food("basilic", "basilic frais", "fresh basil", "g", 50, seen("leaf", "#3f7f35", "#24551f", 5, 9), extra=("0.80", 4)),
    Food("aneth", "aneth", "dill", "g", 50, seen("seed", "#5a8f3c", "#35611f", 3, 12)),
    Food("origan", "origan de Sicile", "Sicilian oregano", "g", 100, seen("seed", "#6b7d3c", "#45521f", 2, 12)),
    Food("ail", "ail confit", "garlic confit", "g", 200, UNSEEN, extra=("0.80", 8)),
    Food("noix", "cerneaux de noix de Grenoble AOP", "Grenoble walnuts PDO", "g", 250, seen("blob", "#b98147", "#754a20", 3, 9), ("nuts",), extra=("1.40", 15)),
    Food("pistaches", "éclats de pistache", "pistachio pieces", "g", 250, seen("seed", "#8fae4a", "#556f22", 3, 12), ("nuts",), extra=("1.60", 10)),
    Food("pesto", "pesto de basilic", "basil pesto", "g", 500, seen("drop", "#4d7d2c", "#2c4f15", 4, 9), ("milk", "nuts"), extra=("1.40", 20), comment="Noix de cajou et pignons."),
    Food("miel", "miel de lavande", "lavender honey", "g", 500, seen("drop", "#f0b02e", "#c27e12", 3, 12), extra=("1.00", 15)),
    Food("oeuf", "œuf plein air", "free-range egg", "piece", 30, seen("egg", "#fffdf4", "#f4a91f", 9, 1), ("eggs",), extra=("1.50", 1)),
    Food("huile-olive", "huile d’olive vierge extra", "extra virgin olive oil", "ml", 1000, seen("drop", "#c9b53c", "#94841f", 1, 8)),
    Food("huile-pimentee", "huile pimentée", "chilli oil", "ml", 500, seen("drop", "#d4501f", "#96300e", 2, 9), extra=("0.50", 8)),
    Food("creme-balsamique", "crème de balsamique", "balsamic glaze", "ml", 500, seen("drop", "#3b1d1a", "#1f0d0b", 2, 11), ("sulphites",), extra=("0.80", 10)),
    Food("sauce-blanche", "sauce blanche au yaourt", "yoghurt sauce", "g", 1000, seen("drop", "#fffdf2", "#d9ccab", 3, 11), ("milk", "eggs", "mustard"), extra=("0.80", 25)),
    Food("citron", "zestes de citron", "lemon zest", "g", 100, seen("seed", "#f3d13c", "#cda31a", 3, 8)),
)  # fmt: skip

FOODS = (DOUGH, *BASES, *CHEESES, *MEATS, *SEA, *VEGETABLES, *FINISHES)

ORIGINS = {
    "": "",
    "Porc, France": "Pork, France",
    "Porc, Italie": "Pork, Italy",
    "Porc, Espagne": "Pork, Spain",
    "Porc et bœuf, Italie": "Pork and beef, Italy",
    "Bœuf, France": "Beef, France",
    "Bœuf et mouton, France": "Beef and mutton, France",
    "Poulet, France": "Chicken, France",
    "Veau et dinde, France": "Veal and turkey, France",
    "Gélatine de bœuf, UE": "Beef gelatine, EU",
}
"""Where the meat comes from, in French and in English."""
