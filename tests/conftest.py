"""Properties are tested with the same examples each time, however busy the machine is."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
