"""Speed, memory and clustering measurements, and the builders of shipped data files. Run them as scripts."""
