#!/bin/sh
# Every Python that is here (on the PATH, or kept by pyenv) must make the bytes that are committed in out/.
set -eu
cd "$(dirname "$0")/.."
kept=$(pyenv root 2>/dev/null || true)/versions
found=0
for minor in 10 11 12 13 14 15 16; do
	for python in "python3.$minor" "$kept/3.$minor."*/bin/python3; do
		"$python" -c pass 2>/dev/null || continue
		venv=.cache/python/3.$minor
		test -x "$venv/bin/uapigen" || {
			"$python" -m venv "$venv"
			"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e .
		}
		printf '%s: ' "$("$venv/bin/python" -V)"
		"$venv/bin/uapigen" gen --check --cc none
		echo "the same bytes"
		found=$((found + 1))
		break
	done
done
test "$found" -gt 0 || { echo "no Python 3.10 or newer was found" >&2; exit 1; }
