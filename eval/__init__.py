"""The benchmark harness: datasets x systems -> scored, signed, comparable results.

A top-level package called ``eval`` hides the builtin when imported as a bare name: write
``from eval.metrics import load_metric``.
"""
