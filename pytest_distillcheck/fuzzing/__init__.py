"""The GPTFuzz campaign over ports: templates, mutators, selection policies, the search."""
