"""The demo group's cities and points of sale.

Streets and postal codes are real; numbers, telephones (ARCEP's ranges for fiction) and SIRET (all zeros) are not.
`share` is a store's part of the group's orders. A day that opens and closes at the same time never closes.
"""

from pizzeria.operations.demo.rows import StoreRow

CITIES = {"city_001": "Paris", "city_002": "Lyon", "city_003": "Marseille"}

ROUND_THE_CLOCK = (("0123456", "00:00", "00:00"),)
LUNCH_AND_DINNER = (
    ("01234", "11:30", "14:30"),
    ("56", "11:45", "15:00"),
    ("0123", "18:30", "22:45"),
    ("45", "18:30", "00:30"),
    ("6", "18:30", "22:30"),
)
EVENING_QUARTER = (
    ("1234", "12:00", "14:30"),
    ("56", "12:00", "15:30"),
    ("0123", "18:00", "23:30"),
    ("45", "18:00", "02:00"),
    ("6", "18:00", "23:00"),
)
CLOSED_ON_MONDAY = (
    ("12345", "11:30", "14:15"),
    ("123", "18:30", "22:30"),
    ("45", "18:30", "23:30"),
    ("6", "18:00", "22:00"),
)

STORES = (
    StoreRow(
        "city_001", "bastille", "OC Pizza Bastille", "18 rue de la Roquette", "75011", "Paris", "01 99 00 11 01", "00018", 18, 0.22,
        ROUND_THE_CLOCK,
        (("75011", "1.50", "12.00", 10), ("75012", "2.50", "15.00", 15), ("75004", "2.50", "15.00", 14), ("75003", "2.50", "15.00", 15),
         ("75010", "2.90", "18.00", 18), ("75020", "2.90", "18.00", 18)),
    ),
    StoreRow(
        "city_001", "canal", "OC Pizza Canal Saint-Martin", "41 quai de Valmy", "75010", "Paris", "01 99 00 10 02", "00026", 20, 0.14,
        EVENING_QUARTER,
        (("75010", "1.50", "12.00", 10), ("75011", "2.50", "15.00", 15), ("75019", "2.50", "15.00", 14), ("75009", "2.90", "18.00", 16),
         ("75002", "2.90", "18.00", 16), ("75003", "2.50", "15.00", 14), ("75018", "3.50", "20.00", 22)),
    ),
    StoreRow(
        "city_001", "batignolles", "OC Pizza Batignolles", "7 rue des Moines", "75017", "Paris", "01 99 00 17 03", "00034", 20, 0.12,
        LUNCH_AND_DINNER,
        (("75017", "1.50", "12.00", 10), ("75008", "2.90", "18.00", 16), ("75009", "2.90", "18.00", 17), ("75018", "2.50", "15.00", 15),
         ("92110", "2.90", "18.00", 16), ("92300", "3.50", "20.00", 20)),
    ),
    StoreRow(
        "city_001", "butte-aux-cailles", "OC Pizza Butte-aux-Cailles", "23 rue de la Butte-aux-Cailles", "75013", "Paris", "01 99 00 13 04", "00042", 20, 0.10,
        LUNCH_AND_DINNER,
        (("75013", "1.50", "12.00", 11), ("75005", "2.90", "18.00", 17), ("75014", "2.50", "15.00", 15), ("94250", "2.90", "18.00", 15),
         ("94270", "2.50", "15.00", 14), ("94200", "3.50", "20.00", 20)),
    ),
    StoreRow(
        "city_002", "part-dieu", "OC Pizza Part-Dieu", "56 cours Lafayette", "69003", "Lyon", "04 65 71 03 05", "00059", 18, 0.14,
        ROUND_THE_CLOCK,
        (("69003", "1.50", "12.00", 10), ("69006", "1.90", "12.00", 12), ("69002", "2.50", "15.00", 15), ("69007", "2.50", "15.00", 16),
         ("69001", "2.90", "18.00", 17), ("69100", "2.50", "15.00", 15)),
    ),
    StoreRow(
        "city_002", "croix-rousse", "OC Pizza Croix-Rousse", "12 grande rue de la Croix-Rousse", "69004", "Lyon", "04 65 71 04 06", "00067", 20, 0.09,
        CLOSED_ON_MONDAY,
        (("69004", "1.50", "12.00", 9), ("69001", "1.90", "15.00", 12), ("69009", "3.50", "20.00", 20), ("69300", "2.90", "18.00", 15)),
    ),
    StoreRow(
        "city_003", "vieux-port", "OC Pizza Vieux-Port", "14 rue Sainte", "13001", "Marseille", "04 65 71 01 07", "00075", 18, 0.11,
        ROUND_THE_CLOCK,
        (("13001", "1.50", "12.00", 10), ("13002", "1.90", "12.00", 13), ("13007", "1.90", "15.00", 13), ("13006", "2.50", "15.00", 15),
         ("13003", "2.90", "18.00", 18), ("13005", "2.90", "18.00", 18)),
    ),
    StoreRow(
        "city_003", "cours-julien", "OC Pizza Cours Julien", "31 cours Julien", "13006", "Marseille", "04 65 71 06 08", "00083", 20, 0.08,
        EVENING_QUARTER,
        (("13006", "1.50", "12.00", 10), ("13005", "1.90", "12.00", 12), ("13001", "1.90", "15.00", 12), ("13004", "2.90", "18.00", 16),
         ("13008", "3.50", "20.00", 20)),
    ),
)  # fmt: skip

SCARCE: dict[str, dict[str, int]] = {
    "bastille": {"burrata": 0, "creme-truffe": 199, "part-tiramisu": 2},
    "vieux-port": {"moules": 0, "andouille": 170},
}
"""What a store has left of an ingredient when the demo opens: the menu then says « plus que 3 » and « épuisé »."""
