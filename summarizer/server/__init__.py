"""The HTTP API: what a caller asks (``requests``), the queue (``jobs``), the routes (``api``) and their guard (``security``)."""
