"""`make bench`: what the site does, side by side with what this machine does at its limit."""
