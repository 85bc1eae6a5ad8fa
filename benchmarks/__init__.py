"""Speed, measured as ratios and never asserted: `make bench`."""
