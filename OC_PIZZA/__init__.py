"""The site of OC Pizza: its settings, its addresses and their doors, what every process of it begins with."""

import gc

# What a process imports stays. To look for rubbish among it after every 700 objects takes a sixth of each start.
gc.set_threshold(10_000)
