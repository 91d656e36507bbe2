"""How the embedded models are made: prepare → train → export → score. One YAML file a recipe."""
