"""The commands, one module each: arguments in, exit status out.

The room of the terminal.  A command calls stages and prints; what it prints about an input goes through
:mod:`uapigen.report`.  A module is imported when its command runs.
"""
