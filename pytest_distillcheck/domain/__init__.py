"""Frozen types that every part shares; standard library only, no input or output."""
