"""Gate releases of language models: identity consistency and response similarity as pytest cases."""
