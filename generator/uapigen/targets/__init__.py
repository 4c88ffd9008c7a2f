"""The targets, one module each, found by :func:`uapigen.render.target_names`."""
