"""The tabs of the workbench, one a file: ``build(context, texts)`` puts a tab's components where it is called."""
