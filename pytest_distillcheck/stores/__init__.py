"""Where exchanges are kept: recordings, which are committed and replayed."""

from pytest_distillcheck.stores.recordings import Exchange, Recording, read_recording, write_recording

__all__ = ["Exchange", "Recording", "read_recording", "write_recording"]
