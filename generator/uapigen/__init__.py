"""uapigen: specification as code for Linux device interfaces."""

__version__ = "0.1.0"
