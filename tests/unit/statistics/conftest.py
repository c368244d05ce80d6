from hypothesis import settings

# Any machine, however busy, must come to the same result as any other.
settings.register_profile("reproducible", deadline=None, derandomize=True, database=None)
settings.load_profile("reproducible")
