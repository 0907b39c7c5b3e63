#!/bin/sh
# Prints the Python that makes the virtual environment: the one given, else the first that fits.
# 3.11 and 3.12 first: every package of requirements.lock has a wheel for them.
fits() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c "import sys; sys.exit(not ($2 <= sys.version_info[:2] <= $3))" 2>/dev/null
}

if [ -n "$1" ]; then
    fits "$1" "(3, 11)" "(3, 99)" && echo "$1" && exit 0
    echo "make: $1 is not Python 3.11 or newer" >&2
    exit 1
fi
for python in python3 python3.12 python3.11; do
    fits "$python" "(3, 11)" "(3, 12)" && echo "$python" && exit 0
done
for python in python3 python3.13 python3.14; do
    fits "$python" "(3, 13)" "(3, 99)" && echo "$python" && exit 0
done
echo "make: no Python 3.11 or newer found; name one: make PYTHON=/path/to/python3" >&2
exit 1
