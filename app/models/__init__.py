"""Everything on disk about model versions: registry, artifacts, pointer, locks."""
