"""What holds the texts against the spec: the claims of the spec, and one module for each witness."""
