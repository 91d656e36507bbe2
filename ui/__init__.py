"""The workbench: a page where people paste Arabic news and get a bilingual brief they can trust. A face on ``summarizer``."""
