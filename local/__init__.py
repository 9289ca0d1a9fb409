"""Running OC Pizza on one's own machine: a PostgreSQL of its own, and everything that `make run` starts."""
