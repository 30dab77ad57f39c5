"""What `understanding.py` measures: one file for each kind of set, and the peers beside us."""
