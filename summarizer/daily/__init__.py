"""The daily briefing: sources -> archive -> what is new and matters -> brief -> publishers.

``briefing.run`` is the spine; read it first. ``config`` says what can be set, ``sources`` where reports come from,
``polite`` how pages are asked for, ``importance`` and ``novelty`` what is chosen, ``editions`` and ``publishers`` where
it goes, ``watch`` when. The memory of all of it is ``summarizer.archive``.
"""
