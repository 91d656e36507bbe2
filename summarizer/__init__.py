"""Arabic news reports in; a cited, checked, bilingual brief out. `pipeline.py` is where to start reading."""
