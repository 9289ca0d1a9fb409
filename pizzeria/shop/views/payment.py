"""The page where an order is paid by card (B31): the card itself is typed into Stripe's fields, and never reaches us."""
