"""A Friday evening, played through the real services in simulated time: see `evening`."""
