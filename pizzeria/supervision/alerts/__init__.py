"""What somebody must look at: found by rules every minute, kept from its beginning to its end, and told twice.

A rule only looks (`traffic`, `disk`, …). `services` opens and ends the rows, and `telling` sends the messages. An alert
that begins at a threshold and ended just below it would come and go all evening: where a figure moves up and down, it
ends at another, which stands beside the first in the settings.
"""
