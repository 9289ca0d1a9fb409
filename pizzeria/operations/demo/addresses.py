"""Streets of the postal codes that the demo group delivers to: (town, streets)."""

STREETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "75002": ("Paris", ("rue Montorgueil", "rue Réaumur", "rue Saint-Denis")),
    "75003": ("Paris", ("rue de Turenne", "rue de Bretagne", "rue du Temple")),
    "75004": ("Paris", ("rue Saint-Antoine", "rue des Rosiers", "quai des Célestins")),
    "75005": ("Paris", ("rue Mouffetard", "rue Monge", "rue Claude-Bernard")),
    "75008": ("Paris", ("rue de Constantinople", "rue du Rocher", "rue de Lisbonne")),
    "75009": ("Paris", ("rue des Martyrs", "rue de Clichy", "rue La Fayette")),
    "75010": ("Paris", ("rue de Lancry", "quai de Jemmapes", "rue du Faubourg-Saint-Denis")),
    "75011": ("Paris", ("rue Oberkampf", "boulevard Voltaire", "rue de Charonne", "rue Keller")),
    "75012": ("Paris", ("avenue Daumesnil", "rue de Charenton", "boulevard Diderot")),
    "75013": ("Paris", ("rue de Tolbiac", "avenue d’Italie", "rue Bobillot")),
    "75014": ("Paris", ("rue d’Alésia", "avenue du Général-Leclerc", "rue Daguerre")),
    "75017": ("Paris", ("avenue de Clichy", "rue Legendre", "rue Cardinet", "rue des Dames")),
    "75018": ("Paris", ("rue Ordener", "rue Damrémont", "rue Marcadet")),
    "75019": ("Paris", ("avenue Jean-Jaurès", "rue de Crimée", "rue Manin")),
    "75020": ("Paris", ("rue de Ménilmontant", "rue des Pyrénées", "rue de Bagnolet")),
    "92110": ("Clichy", ("boulevard Jean-Jaurès", "rue Martre")),
    "92300": ("Levallois-Perret", ("rue Voltaire", "rue Aristide-Briand")),
    "94200": ("Ivry-sur-Seine", ("avenue Georges-Gosnat", "rue Molière")),
    "94250": ("Gentilly", ("rue Charles-Frérot", "avenue Raspail")),
    "94270": ("Le Kremlin-Bicêtre", ("avenue de Fontainebleau", "rue de la Convention")),
    "69001": ("Lyon", ("rue Romarin", "rue de l’Annonciade", "quai Saint-Vincent")),
    "69002": ("Lyon", ("rue Mercière", "rue de la Charité", "cours Charlemagne")),
    "69003": ("Lyon", ("rue Paul-Bert", "rue Moncey", "avenue Félix-Faure", "rue de Créqui")),
    "69004": ("Lyon", ("boulevard de la Croix-Rousse", "rue d’Austerlitz", "rue Hénon")),
    "69006": ("Lyon", ("cours Vitton", "rue Duquesne", "rue Tronchet")),
    "69007": ("Lyon", ("avenue Jean-Jaurès", "rue de Marseille", "rue de la Guillotière")),
    "69009": ("Lyon", ("rue Marietton", "grande rue de Vaise")),
    "69100": ("Villeurbanne", ("cours Émile-Zola", "rue Anatole-France", "avenue Henri-Barbusse")),
    "69300": ("Caluire-et-Cuire", ("rue Jean-Moulin", "avenue Général-de-Gaulle")),
    "13001": ("Marseille", ("rue Paradis", "boulevard d’Athènes", "rue de Rome")),
    "13002": ("Marseille", ("rue de la République", "rue de l’Évêché", "rue du Panier")),
    "13003": ("Marseille", ("rue de Crimée", "boulevard National")),
    "13004": ("Marseille", ("boulevard Chave", "avenue des Chartreux")),
    "13005": ("Marseille", ("rue Saint-Pierre", "boulevard Baille", "rue de Lodi")),
    "13006": ("Marseille", ("rue d’Aubagne", "rue Breteuil", "boulevard Notre-Dame")),
    "13007": ("Marseille", ("rue d’Endoume", "avenue de la Corse", "corniche Kennedy")),
    "13008": ("Marseille", ("avenue du Prado", "rue Jean-Mermoz")),
}

FIRST_NAMES = (
    "Camille", "Inès", "Hugo", "Léa", "Nathan", "Sofia", "Théo", "Manon", "Yanis", "Jeanne", "Adam", "Louise", "Rayan", "Zoé",
    "Antoine", "Fatou", "Mathis", "Aïcha", "Paul", "Elif", "Gabriel", "Mai", "Bruno", "Colette", "Gérard", "Nadia", "Samir", "Odile",
)  # fmt: skip

LAST_NAMES = (
    "Moreau", "Benali", "Garnier", "Rossi", "Lefèvre", "Diallo", "Nguyen", "Fontaine", "Perez", "Chevalier", "Haddad", "Roux",
    "Da Silva", "Blanc", "Traoré", "Marchand", "Kaya", "Girard", "Masson", "Cohen", "Lambert", "Bonnet", "Mercier", "Faure",
)  # fmt: skip

COMPLEMENTS = (
    "", "", "", "Bâtiment B, 3e étage", "Digicode 24B06", "Interphone au nom", "5e étage sans ascenseur", "Fond de cour, porte gauche",
)  # fmt: skip

COMMENTS = (
    "", "", "", "", "", "", "", "Sonner deux fois, bébé qui dort.", "Merci d’appeler en bas.", "Pas trop cuite, s’il vous plaît.",
    "Laisser au gardien si absent.", "Couper en huit.", "C’est pour un anniversaire !",
)  # fmt: skip

EXCUSES = (
    "Changement de programme.",
    "Mauvaise adresse, je recommande.",
    "Commande passée en double.",
    "Attente trop longue.",
)
